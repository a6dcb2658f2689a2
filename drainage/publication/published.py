"""The page and how it is made: of reports that were kept, or of a network that is asked in the twelve rains."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd

from drainage.analyses.waterlogging.points_in import is_judged, points_in
from drainage.errors import FormatError, NotKnownError, SchemaError
from drainage.hydraulics.formulas import IntensityFormula
from drainage.hydraulics.rainfall import Storm
from drainage.network import DrainageNetwork
from drainage.publication.by_stretch import Water, places_under_water, water_on
from drainage.publication.contents import Told, contents_of, seen
from drainage.publication.counts import Counts, count
from drainage.publication.imprint import Imprint
from drainage.publication.rains import Rain, rain_of, rains_of
from drainage.publication.town import Town, town_of
from drainage.report.directory import Report
from drainage.simulation.pipes import STORM_SYSTEMS
from drainage.simulation.screening.return_periods import in_storm
from drainage.simulation.screening.screen import screen
from drainage.simulation.setup import Setup
from drainage.simulation.state import FlowState
from drainage.wants import wants
from drainage.words import in_both
from drainage.writing import replacing_file
from drainage.writing.replacing import MARK as MARK_OF_RESULTS

#: Name of the page in its directory.
INDEX: Final = "index.html"
#: By this a page of ours is known; no other is replaced, not even by force.
MARK: Final = '<meta name="generator" content="drainage public page">'
#: What may not lie beside the page: files from which a network is read.
_OF_NETWORKS: Final = frozenset(
    {".geojson", ".gpkg", ".shp", ".dbf", ".fgb", ".parquet", ".inp", ".xlsx", ".xls", ".dxf", ".gdb", ".gml", ".kml"}
)
#: On so many days of works at most is looked what they solved.
MOST_DAYS: Final = 4


@dataclass(frozen=True, eq=False)
class PublicPage:
    """A page for the public.

    Parameters
    ----------
    contents
        All that it knows, as plain values (`drainage.publication.contents`).
    counts
        How much of it there is, and what could not be shown.

    Examples
    --------
    >>> import drainage as dr
    >>> storm = dr.DesignStorm(dr.read_storm_formula("demo"), return_period_a=3, duration_min=120)
    >>> page = dr.publication.page_of_report(dr.analyze(dr.load_demo("2018-12-31"), storm=storm))
    >>> page
    <PublicPage: 276 stretches, 1 rains>
    >>> len(page.html) < 1_000_000
    True
    """

    contents: Mapping[str, object]
    counts: Counts

    @cached_property
    def html(self) -> str:
        """The page, whole: it asks nobody for anything."""
        from drainage.publication.public_page import public_page_html

        return public_page_html(self.contents)

    def write(self, directory: str | Path, *, force: bool = False) -> Path:
        """Write the page as ``index.html`` into a directory, which is made if it is not there; nothing else.

        Raises
        ------
        FormatError
            It is there already and ``force`` is False, or it is no page of ours.
        """
        place = free_place(directory, force=force)
        text = self.html
        place.parent.mkdir(parents=True, exist_ok=True)
        with replacing_file(place, ending=".html", force=force) as part:
            part.write_text(text, encoding="utf-8")
        return place

    def __repr__(self) -> str:
        return f"<PublicPage: {self.counts.stretches} stretches, {len(self.counts.rains)} rains>"


def free_place(directory: str | Path, *, force: bool = False) -> Path:
    """Return where the page of a directory is written.

    The directory of a page goes online as it is: none that holds results may become one.

    Raises
    ------
    FormatError
        It is a file, holds a page that may not be replaced, or what is not for the public.
    """
    folder = Path(directory)
    if folder.exists() and not folder.is_dir():
        raise FormatError(in_both("public_goal_file", path=folder))
    own = [folder / name for name in (MARK_OF_RESULTS, "summary.json") if (folder / name).exists()]
    own += sorted(one for one in folder.glob("*") if one.suffix.lower() in _OF_NETWORKS)
    own += sorted(one for one in folder.glob("*/*") if one.suffix.lower() in _OF_NETWORKS)
    if own:
        raise FormatError(in_both("public_goal_holds", path=folder, name=own[0].name))
    place = folder / INDEX
    if place.exists() and not force:
        raise FormatError(in_both("exists_already", path=place))
    if place.is_file() and MARK not in place.read_text(encoding="utf-8", errors="replace"):
        raise FormatError(in_both("public_not_ours", path=place))
    return place


@wants
def page_of_report(
    report: Report, before: Report | None = None, *, roads: gpd.GeoDataFrame | None = None,
    imprint: Imprint | None = None,
) -> PublicPage:  # fmt: skip
    """Return the page of what a report found, with what was solved since another one.

    Parameters
    ----------
    report
        A report with its answers: from `analyze`, or from ``read_report(directory, whole=True)``.
    before
        The same of the time before the works, in the same rain.
    roads
        Centre lines of roads in the CRS of the network, in place of its own.
    imprint
        What the page says of itself; None: nothing.

    Raises
    ------
    NotKnownError
        No rain was simulated, waterlogging is not known, or there are no roads with names.
    CrsError
        The network has no CRS, or not one in metres, or the roads lie in another.
    SchemaError
        The reports are of two rains.

    Examples
    --------
    >>> import drainage as dr
    >>> storm = dr.DesignStorm(dr.read_storm_formula("demo"), return_period_a=3, duration_min=120)
    >>> page = dr.publication.page_of_report(dr.analyze(dr.load_demo("2018-12-31"), storm=storm))
    >>> page.counts.rains
    [RainCounts(key='p3', grade=3, depth_mm=67.4, wet=19, solved=0, unplaced=0)]
    """
    net = report.network
    town = town_of(net, roads)
    now, storm, method = _answer(report)
    told = Told(rain_of(storm), water_on(town, now))
    judged = judged_share(report.state)
    day, days = _day(net), list[str]()
    if before is not None:
        places, other, _ = _answer(before)
        if rain_of(other).told() != told.rain.told():
            raise SchemaError(in_both("public_two_rains", before=repr(other), after=repr(storm)))
        first = water_on(town, places)
        days = [day] if day else []
        gone = np.flatnonzero((first.depth > 0) & (told.now.depth == 0))
        told = Told(told.rain, told.now, first, {int(one): 0 for one in gone} if days else {})
    first_day = None if before is None else _day(before.network)
    return _page(town, [told], imprint, net, day, first_day, days, method, judged)


@wants
def page_of_network(
    net: DrainageNetwork, formula: IntensityFormula, *, as_of: str | dt.date | None = None,
    before: str | dt.date | None = None, setup: Setup = Setup(), roads: gpd.GeoDataFrame | None = None,
    imprint: Imprint | None = None, progress: Callable[[float], None] | None = None,
) -> PublicPage:  # fmt: skip
    """Screen a network in the rains of the page, and return the page of what was found.

    Parameters
    ----------
    net
        The network, with the pipes of all days where ``before`` is told.
    formula
        Storm formula of the town.
    as_of
        Day whose pipes count; None: that of the network, else today, of which the page says nothing where no pipe has
        a day.
    before
        Day before the works: the page then tells what they solved, on at most `MOST_DAYS` days of works; None: not.
    setup
        Assumptions of the screening.
    roads, imprint
        As in `page_of_report`.
    progress
        Called repeatedly with the share that is done, 0-1.

    Raises
    ------
    NotKnownError, CrsError
        As in `page_of_report`.
    FormatError
        ``before`` is not before ``as_of``.
    SimulationError
        The formula gives none of the rains, or nothing can be screened.

    Examples
    --------
    >>> import drainage as dr
    >>> city = dr.load_demo("2018-12-31")
    >>> net = city.clip(city.layers["neighbourhoods"].loc[["XQ03"]])
    >>> page = dr.publication.page_of_network(net, dr.read_storm_formula("demo"), as_of="2018-12-31")
    >>> {round(rain.depth_mm): rain.wet for rain in page.counts.rains}
    {5: 0, 15: 0, 30: 1, 48: 1, 60: 1, 67: 1, 76: 1, 89: 2, 101: 2, 117: 3, 129: 3, 150: 3}
    """
    as_of = as_of if as_of is not None else net.origin.as_of
    until = pd.Timestamp(as_of if as_of is not None else dt.date.today())  # noqa: DTZ011 - the user's own day
    first = None if before is None else pd.Timestamp(before)
    if first is not None and first >= until:
        raise FormatError(in_both("public_days", before=f"{first:%Y-%m-%d}", as_of=f"{until:%Y-%m-%d}"))
    town = town_of(net, roads)
    rains = rains_of(formula)
    days = [] if first is None else days_of_works(net, first, until)
    asked = [until] if first is None else [first, *days[:-1], until]
    steps = len(asked) * len(rains)
    water, judged = list[list[Water]](), list[float]()
    for number, day in enumerate(asked):
        done = number * len(rains)
        first_state, found = _in_rains(town, net.as_of(day), rains, setup, _counted(progress, done, steps))
        judged.append(judged_share(first_state))
        water.append(found)
    told = [_told(rain, [of_day[k] for of_day in water]) for k, rain in enumerate(rains)]
    written = None if first is None else f"{first:%Y-%m-%d}"
    told_days = [f"{day:%Y-%m-%d}" for day in days]
    dated = as_of is not None or bool(net.pipes[["commissioned", "abandoned"]].notna().to_numpy().any())
    date = f"{until:%Y-%m-%d}" if dated else ""
    return _page(town, told, imprint, net, date, written, told_days, "screening", judged[-1])


def judged_share(state: FlowState | None) -> float:
    """Return the share of the nodes of storm drains of which is known whether they overflow, 0-1, two decimals down."""
    if state is None:
        return 0.0
    pipes = state.network.pipes
    drains = pipes[pipes["system"].isin(STORM_SYSTEMS)]
    nodes = pd.Index(pd.unique(pd.concat([drains["from_node"], drains["to_node"]])))
    if not len(nodes):
        return 0.0
    known = state.nodes["judged"].reindex(nodes).fillna(value=False).to_numpy(bool)
    return math.floor(100.0 * float(known.mean())) / 100.0


def days_of_works(net: DrainageNetwork, before: pd.Timestamp, until: pd.Timestamp) -> list[pd.Timestamp]:
    """Return the days after one and until another on which pipes were laid or abandoned, oldest first.

    Of more than `MOST_DAYS` those are left on which most was done, and the last.
    """
    dates = pd.concat([pd.to_datetime(net.pipes[name]) for name in ("commissioned", "abandoned")]).dropna()
    count = dates[(dates > before) & (dates <= until)].value_counts().sort_index()
    if len(count) > MOST_DAYS:
        most = count.iloc[:-1].sort_values(ascending=False, kind="stable").head(MOST_DAYS - 1)
        count = pd.concat([most, count.iloc[-1:]]).sort_index()
    return [pd.Timestamp(day) for day in count.index]


def _in_rains(
    town: Town, net: DrainageNetwork, rains: Sequence[Rain], setup: Setup, progress: Callable[[int], None]
) -> tuple[FlowState, list[Water]]:
    """Return the state in the least rain, and the water of each rain, never less than that of a lesser one."""
    first = screen(net, rains[0].storm, setup)
    if not is_judged(first):
        raise NotKnownError(in_both("no_node_judged", network=net.source or in_both("network")))
    found = list[Water]()
    for number, rain in enumerate(rains):
        state = first if number == 0 else in_storm(first, rain.storm)
        standing = points_in(state, None)
        water = water_on(town, places_under_water(standing.points, standing.overflow_nodes))
        found.append(water.at_least(found[-1]) if found else water)
        progress(number + 1)
    return first, found


def _told(rain: Rain, water: Sequence[Water]) -> Told:
    """Return one rain on all days: the first day is before the works, where there are several."""
    now = water[-1]
    if len(water) == 1:
        return Told(rain, now)
    wet = np.stack([one.depth > 0 for one in water])
    gone = np.flatnonzero(wet[0] & ~wet[-1])
    last_wet = len(water) - 1 - wet[::-1].argmax(axis=0)  # it is dry from the next day on
    return Told(rain, now, water[0], {int(one): int(last_wet[one]) for one in gone})


def _answer(report: Report) -> tuple[gpd.GeoDataFrame, Storm, str]:
    """Return places under water, the storm, and what computed them."""
    found = report.results.get("waterlogging")
    if report.state is None or found is None:
        why = report.why_not("waterlogging")
        raise NotKnownError(in_both("public_no_rain", place=report.network.source, why=why or in_both("public_dry")))
    places = places_under_water(found.places("points"), found.places("overflow_nodes"))
    return places, report.state.storm, report.state.method


def _page(
    town: Town, told: Sequence[Told], imprint: Imprint | None, net: DrainageNetwork, date: str, before: str | None,
    days: Sequence[str], method: str, judged: float,
) -> PublicPage:  # fmt: skip
    sightings = net.layers.get("reports")
    spots = seen(town, sightings)
    contents = contents_of(
        town, told, (imprint or Imprint()).told(), date=date, before=before, days=days, method=method,
        synthetic=net.synthetic, sightings=spots, judged=judged,
    )  # fmt: skip
    reported = 0 if sightings is None else len(sightings)
    return PublicPage(contents, count(town, told, judged=judged, shown=len(spots), reported=reported))


def _day(net: DrainageNetwork) -> str:
    return net.origin.as_of or ""


def _counted(progress: Callable[[float], None] | None, done: int, steps: int) -> Callable[[int], None]:
    return lambda more: None if progress is None else progress((done + more) / steps)
