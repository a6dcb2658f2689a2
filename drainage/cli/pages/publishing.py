"""`drainage publish`: the page for the public, of results that were kept or of a network asked in the page's rains."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import drainage as dr
from drainage import telling, writing
from drainage.cli.inputs import Dated, read_formula
from drainage.cli.printing import print_either, say
from drainage.cli.progress import shown
from drainage.cli.simulating import Granted
from drainage.days import day_in, on_day
from drainage.errors import FormatError
from drainage.words import in_both


@dataclass(frozen=True, kw_only=True)
class Notice:
    """What the page says of itself, in the words of a command."""

    title: ClassVar = "notice"
    city: str = ""
    phone: str = ""
    url: str = ""
    post: str = ""
    passing: Path | None = None
    contacts: Path | None = None

    def imprint(self) -> dr.publication.Imprint:
        """Return the same in the words of the page."""
        return dr.publication.Imprint(**vars(self))


def publish(
    source: list[str], /, *, output: Path, storm_formula: str | None = None, before: str | None = None,
    roads: str | None = None, reports: str | None = None, notice: Notice, reader: Dated, granted: Granted,
    json_: bool = False, force: bool = False,
) -> None:  # fmt: skip
    """Write the page for the public: one file, with streets and depths, and nothing of the drains."""
    from drainage.publication.of_results import holds_results, page_of_results
    from drainage.publication.published import free_place

    imprint = notice.imprint()
    place = free_place(output, force=force)
    writing.spare([output], source)
    kept = Path(source[0])
    if len(source) == 1 and holds_results(kept):
        asked = {"--storm-formula": storm_formula, "--before": before, "--as-of": reader.as_of, "--reports": reports}
        _refuse(kept, [option for option, said in asked.items() if said])
        _refuse(kept, [*_changed(granted), *(option for option in _changed(reader) if option != "--crs")])
        page, name = page_of_results(kept, roads=roads, crs=reader.crs, imprint=imprint), str(kept)
    else:
        page, name = _of_network(
            source, output, storm_formula, before, imprint, reader, granted, roads=roads, reports=reports
        )
    page.write(output, force=force)
    facts = {"page": str(place), "bytes": len(page.html.encode()), **page.counts.as_dict()}
    print_either(facts, telling.page_told(page), dr.provenance.Provenance(source=name), as_json=json_)
    say(place)


def _of_network(
    source: list[str], output: Path, storm_formula: str | None, before: str | None, imprint: dr.publication.Imprint,
    reader: Dated, granted: Granted, **layers: str | None,
) -> tuple[dr.publication.PublicPage, str]:  # fmt: skip
    """Return the page of a network in the rains of the page, and what the network is called.

    Raises
    ------
    FormatError
        No formula is named for a real network, or no pipe lay there on a day.
    """
    net = reader.whole(source, (output,), **layers)
    formula = read_formula(storm_formula, net)
    if formula is None:
        raise FormatError(in_both("public_no_formula", source=net.source))
    days = {"--as-of": reader.as_of, "--before": before}
    with shown("publish") as progress:
        for option, day in days.items():
            if day is not None:
                on_day(net, day, option=option)  # refuses a day without pipes
        as_of, first = (None if day is None else day_in(day) for day in days.values())
        page = dr.publication.page_of_network(
            net, formula, as_of=as_of, before=first, setup=granted.setup(), imprint=imprint, progress=progress
        )
    reader.say_other_day(net)
    return page, net.source


def _changed(group: Granted | Dated) -> list[str]:
    """Return the options of a group that say something else than by default."""
    usual = type(group)()
    return [f"--{name.replace('_', '-')}" for name, said in vars(group).items() if said != getattr(usual, name)]


def _refuse(place: Path, named: list[str]) -> None:
    """Refuse what can change nothing in results that were computed already."""
    if named:
        raise FormatError(in_both("public_asked_already", place=place, options=", ".join(named)))
