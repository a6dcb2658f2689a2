"""`drainage publish`: the page for the public, of results that were kept or of a network asked in the page's rains."""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Final

from drainage.cli.history import day_in, on_day, say_day
from drainage.cli.inputs import Dated
from drainage.cli.printing import print_json, print_line, print_table, say, told
from drainage.cli.progress import shown
from drainage.cli.simulating import Granted
from drainage.errors import FormatError
from drainage.words import in_both

if TYPE_CHECKING:
    from collections.abc import Callable

    import geopandas as gpd

    from drainage.hydraulics.formulas import IntensityFormula
    from drainage.network import DrainageNetwork
    from drainage.publication import Imprint, PublicPage
    from drainage.report.directory import Report

#: What a directory of results is known by.
_RESULTS: Final = "summary.json"
#: Bytes of a page that a web server sends compressed, from which on a slow line takes more than 3 s (measured: docs).
_MOST_BYTES: Final = 60_000
_GRADES: Final = ("light", "moderate", "heavy", "rainstorm", "heavy_rainstorm", "extreme_rainstorm")


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

    def imprint(self) -> Imprint:
        """Return the same in the words of the page."""
        from drainage.publication import Imprint

        return Imprint(city=self.city, phone=self.phone, url=self.url, post=self.post, passing=self.passing,
                       contacts=self.contacts)  # fmt: skip


def publish(
    source: list[str], /, *, output: Path, storm_formula: str | None = None, before: str | None = None,
    roads: str | None = None, reports: str | None = None, notice: Notice, reader: Dated, granted: Granted,
    json_: bool = False, force: bool = False,
) -> None:  # fmt: skip
    """Write the page for the public: one file, with streets and depths, and nothing of the drains."""
    from drainage.provenance import Provenance
    from drainage.publication.published import free_place
    from drainage.writing import spare

    imprint = notice.imprint()
    place = free_place(output, force=force)
    spare([output], source)
    kept = Path(source[0]) if len(source) == 1 and _holds_results(Path(source[0])) else None
    if kept is not None:
        if named := [word for word, said in (("--storm-formula", storm_formula), ("--before", before),
                                             ("--as-of", reader.as_of), ("--reports", reports)) if said]:  # fmt: skip
            raise FormatError(in_both("public_asked_already", place=kept, options=", ".join(named)))
        _refuse_assumptions(kept, reader, granted)
        page, name = _of_results(kept, roads, imprint, reader.crs), str(kept)
    else:
        net = reader.whole(source, (output,), roads=roads, reports=reports)
        formula = _formula(net, storm_formula)
        with shown("publish") as progress:
            page = _of_network(net, formula, reader.as_of, before, granted, imprint, progress)
        name = net.source
        if reader.as_of is None:
            say_day(net)
    page.write(output, force=force)
    if json_:
        print_json(
            {"page": str(place), "bytes": len(page.html.encode()), **page.counts.as_dict()}, Provenance(source=name)
        )
    else:
        _print(page)
    say(place)


def _refuse_assumptions(place: Path, reader: Dated, granted: Granted) -> None:
    """Refuse what can change nothing in results that were computed already."""
    given = [(name, getattr(granted, name), getattr(Granted(), name)) for name in vars(Granted())]
    given += [(name, getattr(reader, name), getattr(Dated(), name)) for name in vars(Dated()) if name != "crs"]
    named = [f"--{name.replace('_', '-')}" for name, said, usual in given if said != usual]
    if named:
        raise FormatError(in_both("public_asked_already", place=place, options=", ".join(named)))


def _holds_results(place: Path) -> bool:
    return place.is_dir() and any((place / side / _RESULTS).is_file() for side in ("", "before", "after"))


def _of_results(place: Path, roads: str | None, imprint: Imprint, crs: str | None) -> PublicPage:
    """Return the page of a directory of `analyze`, or of `compare`, which holds one before and one after the works."""
    from drainage.publication import page_of_report
    from drainage.report.directory import read_report

    sides = [place / side for side in ("after", "before")]
    found = sides if any((side / _RESULTS).is_file() for side in sides) else [place]
    reports = [read_report(side, whole=True) for side in found]
    layer = _roads(roads, reports[0], crs)
    return page_of_report(reports[0], *reports[1:], roads=layer, imprint=imprint)


def _roads(path: str | None, report: Report, crs: str | None) -> gpd.GeoDataFrame | None:
    from drainage.intake import read_roads

    return None if path is None else read_roads(path, crs=crs, target=report.network.crs)


def _of_network(
    net: DrainageNetwork, formula: IntensityFormula, as_of: str | None, before: str | None, granted: Granted,
    imprint: Imprint, progress: Callable[[float], None],
) -> PublicPage:  # fmt: skip
    from drainage.publication import page_of_network

    for day, option in ((as_of, "--as-of"), (before, "--before")):
        if day is not None:
            on_day(net, day, option=option)  # refuses a day without pipes
    days = [None if day is None else day_in(day) for day in (as_of, before)]
    return page_of_network(
        net, formula, as_of=days[0], before=days[1], setup=granted.setup(), imprint=imprint, progress=progress
    )


def _formula(net: DrainageNetwork, said: str | None) -> IntensityFormula:
    """Return the formula that is named; that of the demo city where the network is made up.

    Raises
    ------
    FormatError
        None is named, and the network is real.
    """
    from drainage.formats.rain.storm_formula import read_storm_formula

    if said is None and not net.synthetic:
        raise FormatError(in_both("public_no_formula", source=net.source))
    if said is None:
        say(in_both("demo_formula"))
    formula = read_storm_formula(said or "demo")
    if (doubt := formula.doubt()) is not None:
        say(doubt)
    return formula


def _print(page: PublicPage) -> None:
    """Print what the page shows, and what it could not."""
    counts = page.counts
    heads = ["rain", "grade", "depth_mm", "stretches_wet", "stretches_solved", "places_unplaced"]
    rows = [(one.key, told(_GRADES[one.grade], "rain_grade"), *one[2:]) for one in counts.rains]
    print_table("publish", heads, rows)
    print_line(in_both("public_streets", roads=counts.roads, stretches=counts.stretches))
    if counts.judged < 1.0:
        print_line(in_both("public_judged", share=f"{100 * counts.judged:.0f}"))
    worst = max(counts.rains, key=lambda one: one.unplaced)
    if worst.unplaced:
        print_line(in_both("public_unplaced", count=worst.unplaced, rain=worst.key))
    if (size := len(gzip.compress(page.html.encode(), 9))) > _MOST_BYTES:
        print_line(in_both("public_large", size=f"{size / 1000:.0f}", most=f"{_MOST_BYTES / 1000:.0f}"))
    for reason, count in counts.roads_left_out.items():
        if count:
            print_line(in_both(f"public_left_out_{reason}", count=count))
    if counts.sightings or counts.sightings_unplaced:
        print_line(in_both("public_sightings", shown=counts.sightings, lost=counts.sightings_unplaced))
