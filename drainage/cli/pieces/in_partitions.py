"""`drainage analyze --partitions`: a network too large for one run, asked piece by piece."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, NoReturn

import drainage as dr
from drainage import writing
from drainage.cli.ending import EndedError
from drainage.cli.printing import finish_asked, print_summaries, say
from drainage.cli.progress import shown
from drainage.errors import FormatError
from drainage.words import in_both

if TYPE_CHECKING:
    from drainage.cli.inputs import AreaType
    from drainage.hydraulics.rainfall import Storm


class Parted(NamedTuple):
    """Into how many partitions a network is cut (None: it is asked as one), and who works on them."""

    partitions: int | None
    workers: int | None
    scheduler: str | None

    def check(self, whole: Mapping[str, object]) -> None:
        """Refuse what does not go together; ``whole`` are options that ask about the whole network at once.

        Raises
        ------
        FormatError
            There are no partitions for workers, a scheduler lacks its extra, or an option asks about the whole network.
        """
        given = [name for name in ("workers", "scheduler") if getattr(self, name) is not None]
        if self.partitions is None and given:
            raise FormatError(in_both("partitions_needed", option=given[0]))
        if self.scheduler is not None and find_spec("distributed") is None:
            raise FormatError(in_both("partitions_need_dask"))  # before anything is read and laid down in pieces
        chosen = [option for option, said in whole.items() if said]
        if self.partitions is not None and chosen:
            raise FormatError(in_both("partitions_not_with", option=chosen[0]))


def analyze_parted(
    read: Callable[[], tuple[dr.DrainageNetwork, Storm | None]], output: Path, count: int, parted: Parted,
    setup: dr.Setup, area_type: AreaType, *, as_json: bool, force: bool,
) -> NoReturn:  # fmt: skip
    """Answer the three questions about the town in partitions, and write their tables into a directory."""
    from drainage.partitions.answering import Workers, place_of, why_not
    from drainage.partitions.from_network import answer_in_partitions

    writing.check_free_directory(output, force=force)
    try:
        with shown("analyze") as progress:
            summary, net = answer_in_partitions(
                read, output, count, setup, area_type=area_type,
                workers=Workers(parted.workers, parted.scheduler), force=force, progress=progress,
            )  # fmt: skip
    except EndedError:
        if (place := place_of(output)).is_dir():
            say(in_both("pieces_kept", place=place))
        raise
    said = summary["provenance"]
    provenance = dr.provenance.Provenance.from_dict(said) if isinstance(said, dict) else dr.provenance.Provenance()
    print_summaries({"": summary}, provenance, as_json=as_json)
    say(f"\n{output / 'summary.json'}")
    finish_asked(net, why_not(summary))
