"""`drainage analyze --partitions`: a network too large for one run, asked piece by piece."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, NoReturn

from drainage.cli.printing import finish_asked, print_summaries, say
from drainage.cli.progress import shown
from drainage.days import on_day
from drainage.errors import FormatError
from drainage.words import in_both

if TYPE_CHECKING:
    from pathlib import Path

    from drainage.cli.inputs import AreaType, Dated, Rainfall
    from drainage.cli.simulating import EngineName
    from drainage.maps.base_maps import BaseMap
    from drainage.simulation.setup import Setup

#: Share of the time that it takes to cut the network, of that which is shown (own choice).
_LAID_OUT = 0.1


class Parted(NamedTuple):
    """Into how many partitions a network is cut (None: it is asked as one), and who works on them."""

    partitions: int | None
    workers: int | None
    scheduler: str | None

    def check(self, *, also: str | None, dem: Path | None, basemap: BaseMap, engine: EngineName, keep: bool) -> None:
        """Refuse what does not go together.

        Raises
        ------
        FormatError
            There are no partitions for workers, fewer than one, or an option asks about the whole network at once.
        """
        if self.partitions is None:
            for option, value in (("workers", self.workers), ("scheduler", self.scheduler)):
                if value is not None:
                    raise FormatError(in_both("partitions_needed", option=option))
            return
        if self.partitions < 1:
            raise FormatError(in_both("partitions_least", count=self.partitions))
        whole = {"--also": also, "--dem": dem, "--basemap": basemap != "none", "--engine": engine != "screening",
                 "--keep": keep}  # fmt: skip
        for option, chosen in whole.items():
            if chosen:
                raise FormatError(in_both("partitions_not_with", option=option))


def analyze_parted(
    source: list[str], output: Path, parted: Parted, roads: str | None, reports: str | None, area_type: AreaType,
    reader: Dated, rainfall: Rainfall, setup: Setup, json_: bool, force: bool,
) -> NoReturn:  # fmt: skip
    """Answer the three questions about the town in partitions, and write their tables into a directory."""
    from drainage.analyses.waterlogging.standard import drain_down_limit_h
    from drainage.partitions.answering import QUESTIONS, Workers, answer, workplace
    from drainage.partitions.laying_out import lay_out
    from drainage.provenance import Provenance
    from drainage.writing import check_free_directory

    check_free_directory(output, force=force)
    drain_down_limit_h(area_type)
    with workplace(output) as place, shown("analyze") as progress:
        whole = reader.whole(source, (output,), roads=roads, reports=reports)
        net = on_day(whole, reader.as_of)
        storm = rainfall.storm(net)
        reader.say_other_day(whole, storm, setup)
        count = parted.partitions or 1
        plan = lay_out(net, storm, setup, count, place, lambda done: progress(_LAID_OUT * done))
        del whole, net  # what is left of it in the plan is small
        workers = Workers(parted.workers, parted.scheduler)
        summary = answer(
            plan, output, area_type=area_type, workers=workers, force=force,
            progress=lambda done: progress(_LAID_OUT + (1.0 - _LAID_OUT) * done),
        )  # fmt: skip
    said = summary["provenance"]
    print_summaries(
        {"": summary}, Provenance.from_dict(said) if isinstance(said, dict) else Provenance(), as_json=json_
    )
    say(f"\n{output / 'summary.json'}")
    finish_asked(plan.thin, {question: _why_not(summary[question]) for question in QUESTIONS})


def _why_not(said: object) -> str | None:
    """Return why a question has no answer; None where it has one."""
    reasons = [said.get(name) for name in ("not_answered", "not_known")] if isinstance(said, dict) else []
    return next((str(reason) for reason in reasons if reason is not None), None)
