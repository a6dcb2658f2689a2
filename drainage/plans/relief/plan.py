"""What to build so that points are within the standard: the smallest works, and a second run to prove them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from drainage.analyses.waterlogging.points import node_roads, road_stretches
from drainage.analyses.waterlogging.standard import MOST_ON_LANE_M, drain_down_limit_h
from drainage.arrays import Ints, spread
from drainage.errors import SimulationError
from drainage.hydraulics.ponding import gutter_depth_m, ponding_volume_m3
from drainage.maps.context import context_of
from drainage.maps.layer import Layer
from drainage.network import DrainageNetwork
from drainage.plans.relief.built import with_works
from drainage.plans.relief.decide import Choice, by_works, decide
from drainage.plans.relief.judge import Points, SecondRun, Target, size_pumps
from drainage.plans.relief.links import Offer, choose_links
from drainage.plans.relief.relief_tables import DUG, alarm_words, point_table, reports_of, summarise
from drainage.plans.relief.remedies import LEAST_COVER_M, PIPE_SIZES_MM
from drainage.plans.relief.search import Limits
from drainage.plans.relief.works import Decided, add_texts, works_table
from drainage.provenance import Provenance
from drainage.result import Result
from drainage.said import joined
from drainage.schema.coded import Coded
from drainage.simulation.screening.answer import Screening, screening_of
from drainage.simulation.state import FlowState
from drainage.wants import wants
from drainage.words import in_both

#: Storms from this return period on are floods, in which a street may carry water; in smaller ones no sewer may
#: overflow. GB 50014-2021, table 4.1.4 begins here.
FLOOD_FROM_A: Final = 20.0
STANDARDS: Final = ("sewer", "flood")
#: A relief link is no longer than this, m; own choice.
LINK_REACH_M: Final = 300.0
#: Points that the second run does not find within the standard are planned again with so much more runoff, as often
#: as this; own choice.
MARGIN_STEP: Final = 0.05
MOST_SECOND_RUNS: Final = 5
#: Share of the work that is done when the network as it is has run, and when all is planned, for the progress.
_SHARE: Final = {"before": 0.1, "planned": 0.5}


@wants
def plan_relief(  # noqa: PLR0913 - what may be built, and by whom it is judged
    state: FlowState,
    waterlogging: Result,
    *,
    screening: Screening | None = None,
    simulate: Callable[[DrainageNetwork], FlowState] | None = None,
    sizes_mm: Sequence[float] = PIPE_SIZES_MM,
    least_cover_m: float = LEAST_COVER_M,
    standard: str | None = None,
    area_type: str = "central",
    road_width_m: float = 12.0,
    link_reach_m: float = LINK_REACH_M,
    progress: Callable[[float], None] | None = None,
) -> Result:
    """Find for each point beyond the standard the smallest set of works that brings it within, worst point first.

    In a storm for which the sewers are designed (``sewer``) nothing may overflow; in a flood (``flood``) at most 15 cm
    may stand on a lane, and the water must be gone in time. No other node may get worse. The works are tried in this
    order (our choice): clean silted pipes, lay rising pipes again with a fall, enlarge pipes up to the minimum cover or
    lay several in parallel (none may run into a smaller one), protect the outfall from high water by gate and pump.
    From works that suffice, everything unnecessary is removed again, piece by piece: no part of the plan can be left
    out, though another plan may be cheaper. A link to another manhole replaces them if it suffices alone and its pipe
    is smaller than all that would be laid. Where nothing suffices, water is held back; ``storage_instead_m3`` says how
    much that would be at every point. Works for earlier points are in place for later ones.

    Parameters
    ----------
    state
        Flows and levels in a storm, from either engine.
    waterlogging
        Result of `find_waterlogging`, whose points are planned for.
    screening
        Screening of the same storm on which works are tried; None: the state, if it is a screening.
    simulate
        Function for the second run: takes the network with the works and returns its state, such as ``lambda net:
        drainage.simulate_swmm(net, storm)``. The present network is run too unless ``state`` is that of an engine:
        points that meet the standard there get no works (``not_confirmed``). The run includes all works, tanks too.
        Points that still miss the standard are planned again with 5 % more runoff or a tank larger by the remainder, up
        to five runs (own choice). Tanks hold the larger of the two volumes, pumps lift the larger flow.
    sizes_mm
        Inner diameters of pipes to choose from, mm.
    least_cover_m
        Minimum cover over the crown of an enlarged pipe, m (GB 50014-2021, 5.3.7: 0.7 under carriageways, 0.6 under
        footways).
    standard
        ``sewer`` (GB 50014-2021, 4.1.3) or ``flood`` (4.1.4, 4.1.5). None: ``flood`` from 20 a on, where table 4.1.4
        begins, and in observed rain; else ``sewer``.
    area_type, road_width_m
        As passed to `find_waterlogging`.
    link_reach_m
        Longest relief link, m; 0: none. Not tried on a schematic plan, and beyond 100,000 pipes.
    progress
        Called repeatedly with the share that is done, 0-1; an exception that it raises stops the search.

    Returns
    -------
    Result
        Tables ``works`` (index ``work_id``: ``point_id``, ``kind`` clean | relay | enlarge | parallel | link |
        free_outfall | storage, pipe or nodes, sizes and inverts to build, ``length_m`` along the pipe, ``new_pipe_m``
        of all that are laid there, ``volume_m3`` of silt taken out, of the new pipe, or to hold back, ``pump_m3s``) and
        ``points`` (index ``point_id``: overflow before and after, ``laid_m3`` of new pipes and, for comparison,
        ``storage_instead_m3``, ``solved``: works | other_works | storage | unexplained (an engine floods it, the
        screening does not: nothing is planned) | not_confirmed, ``smallest``: False where the search was cut short,
        lengths and counts of works, ``margin_pct`` of runoff that was added, and with a second run its overflow before
        and after and whether it finds the point within the standard: yes, no, or unknown where it could not judge the
        point or ran other pipes than the works). Both tables have the ``rank``, ``report_id`` and ``doubt`` of the
        point. If most points are solved by storage only, the summary begins with an ``alarm`` that says why the
        screening or the data may be wrong. `with_works` returns the network as built.

    Raises
    ------
    SimulationError
        There is no screening, the cover is negative, or the standard or kind of area is unknown.

    References
    ----------
    GB 50014-2021, 4.1.3-4.1.5 (limits), 5.3.7 (cover).

    Examples
    --------
    >>> import drainage as dr
    >>> city = dr.load_demo("2018-12-31")
    >>> net = city.clip(city.layers["neighbourhoods"].loc[["XQ03"]])
    >>> storm = dr.DesignStorm(dr.read_storm_formula("demo"), return_period_a=3, duration_min=120)
    >>> state = dr.screen(net, storm)
    >>> plan = dr.plan_relief(state, dr.find_waterlogging(state))
    >>> plan.works[["point_id", "kind", "length_m", "volume_m3"]].head(3)
            point_id     kind  length_m  volume_m3
    work_id
    W1            L1  enlarge      58.7       7.38
    W2            L1  enlarge      42.6       8.36
    W3            L1  enlarge      51.8      14.64
    """
    told = progress or (lambda _: None)
    screening = screening_of(state, screening)
    if screening is None:
        raise SimulationError(in_both("relief_by_screening"))
    if not least_cover_m >= 0.0:
        raise SimulationError(in_both("cover_out", value=least_cover_m))
    net = state.network
    roads = node_roads(net)
    road = roads.texts
    target = _target(net, roads, standard or _standard_of(state), area_type, road_width_m)
    table = waterlogging.places("points")
    if target.limits.volume_m3.any():
        table = table[table["within_standard"] != "yes"]
    points = Points(_point_of_node(net, waterlogging, table), len(table))
    judge = state if screening is not state else simulate(net) if simulate is not None else None
    told(_SHARE["before"])
    confirmed = np.ones(points.number, np.bool_)
    choice = Choice(tuple(sizes_mm), least_cover_m, np.zeros(points.number), *np.zeros((2, len(net.nodes))))
    if judge is not None:
        found_m3 = target.excess_m3(judge)
        if judge is not state:
            confirmed = (points.total(found_m3) > 0.0) | ~points.judged(judge)
        choice = choice._replace(tank_m3=found_m3)
    explained = points.total(screening.nodes["overflow_m3"].to_numpy(dtype=np.float64)) > 0.0
    planned = points.only(confirmed & explained)
    plan = _plan(screening, table, planned, target, choice, road, link_reach_m, _within(told, "before", "planned"))
    second = None
    if simulate is not None and judge is not None:
        second, plan = _check(net, simulate, judge, plan, planned, target, choice, table, road, told)
    works = plan.works
    reports = reports_of(waterlogging)
    works["report_id"] = works["point_id"].map(reports).astype(object)
    excess_m3 = points.total(np.maximum(target.excess_m3(screening), choice.tank_m3))
    places = point_table(
        table, points, screening, plan.linked, plan.decided, works, choice.margin, excess_m3, confirmed
    )
    places["report_id"] = places.index.to_series().map(reports).astype(object)
    alarm = alarm_words(net, screening, places, least_cover_m, min(sizes_mm), judged=judge is not None)
    if second is not None:
        second.write(places, works, points, target)
    told(1.0)
    shown = (
        "work_id", "rank", "point_id", "report_id", "kind", "text", "text_zh", "road", "pipe_id", "node_id", "to_node",
        "held_at", "length_m", "diameter_mm", "new_diameter_mm", "volume_m3", "doubt",
    )  # fmt: skip
    of_point = (
        "point_id", "rank", "report_id", "road", "cause", "solved", "depth_m", "before_m3", "after_m3", "works",
        "worst_node", "doubt",
    )  # fmt: skip
    return Result(
        "relief",
        {"works": works, "points": places},
        summarise(works, places, state, second, points, target, least_cover_m, alarm),
        (
            *context_of(net, state.nodes),
            Layer("relief", works, "kind", shown),
            Layer("waterlogging", places, "grade", of_point),
        ),
        provenance=Provenance.of_state(state),
    )


class _Plan(NamedTuple):
    """What is decided on a screening with its links, and the works of it."""

    linked: Screening
    links: pd.DataFrame
    decided: list[Decided]
    works: gpd.GeoDataFrame


def _plan(
    screening: Screening, table: gpd.GeoDataFrame, points: Points, target: Target, choice: Choice,
    road: NDArray[np.object_], link_reach_m: float, told: Callable[[float], None],
) -> _Plan:  # fmt: skip
    """Search works for each point, then links in place of the dearest, then works again beside the links."""
    net, limits = screening.network, target.limits
    decided = decide(screening, points.of_node, limits, choice, lambda done: told(0.4 * done))
    works = works_table(net, road, decided, table, pd.DataFrame())
    linked, links = choose_links(
        screening,
        _offers(net, table, works),
        points.of_node,
        target.excess_m3,
        choice.sizes_mm,
        choice.least_cover_m,
        link_reach_m,
        lambda done: told(0.4 + 0.4 * done),
    )
    if len(links):
        decided = decide(linked, points.of_node, limits, choice, lambda done: told(0.8 + 0.2 * done))
        works = works_table(linked.network, road, decided, table, links)
    return _Plan(linked, links, decided, works)


def _check(
    net: DrainageNetwork, simulate: Callable[[DrainageNetwork], FlowState], before: FlowState, plan: _Plan,
    points: Points, target: Target, choice: Choice, table: gpd.GeoDataFrame, road: NDArray[np.object_],
    told: Callable[[float], None],
) -> tuple[SecondRun, _Plan]:  # fmt: skip
    """Run the network as built; plan what fails with more runoff and larger tanks, and run again (choice in place).

    Until their size is known pumps lift all that comes; the last run has those that are to be built.
    """
    told(_SHARE["planned"])
    second = SecondRun(before, simulate(_with_any_pumps(net, plan.works)))
    for number in range(1, MOST_SECOND_RUNS):
        told(_SHARE["planned"] + (1.0 - _SHARE["planned"]) * number / MOST_SECOND_RUNS)
        failed = second.failed(points, target)
        if not failed.any():
            break
        piped = by_works(plan.decided, points.number)
        choice.margin[failed & piped] += MARGIN_STEP
        held = points.only(failed & ~piped).of_node >= 0
        choice.more_m3[held] += (1.0 + MARGIN_STEP) * target.excess_m3(second.after)[held]
        decided = decide(plan.linked, points.of_node, target.limits, choice, lambda _: None)
        works = works_table(plan.linked.network, road, decided, table, plan.links)
        plan = plan._replace(decided=decided, works=works)
        second = SecondRun(before, simulate(_with_any_pumps(net, works)))
    if size_pumps(plan.works, second.after):
        second = SecondRun(before, simulate(with_works(net, plan.works)))
    add_texts(plan.works)
    return second, plan


def _with_any_pumps(net: DrainageNetwork, works: gpd.GeoDataFrame) -> DrainageNetwork:
    return with_works(net, works.assign(pump_m3s=np.nan))


def _within(told: Callable[[float], None], begin: str, end: str) -> Callable[[float], None]:
    """Return a function that reports progress within a stretch of the whole."""
    low, high = _SHARE[begin], _SHARE[end]
    return lambda done: told(low + (high - low) * done)


def _offers(net: DrainageNetwork, points: gpd.GeoDataFrame, works: gpd.GeoDataFrame) -> list[Offer]:
    """Return what each point costs without a link: the volume of its new pipes, infinite where it needs storage."""
    dug = works[works["kind"].isin(DUG)].groupby("point_id")["volume_m3"].sum()
    stored = set(works.loc[works["kind"] == "storage", "point_id"])
    rows = net.node_positions(points["worst_node"])
    costs = [np.inf if name in stored else float(dug.get(name, 0.0)) for name in points.index]
    return [Offer(k, int(row), cost) for k, (row, cost) in enumerate(zip(rows, costs, strict=True)) if cost > 0.0]


def _standard_of(state: FlowState) -> str:
    return "sewer" if state.storm.return_period_a < FLOOD_FROM_A else "flood"


def _target(net: DrainageNetwork, roads: Coded, standard: str, area_type: str, road_width_m: float) -> Target:
    limit_h = drain_down_limit_h(area_type)
    if standard not in STANDARDS:
        raise SimulationError(in_both("standard_out", value=standard, known=joined(STANDARDS, " or ")))
    if standard == "sewer":
        return Target(Limits(np.zeros(len(net.nodes)), np.inf), in_both("target_sewer"))
    stretch_m, width_m = road_stretches(net, roads, road_width_m)
    return Target(
        Limits(ponding_volume_m3(gutter_depth_m(MOST_ON_LANE_M, width_m), stretch_m, width_m), limit_h),
        in_both("target_flood", depth_cm=MOST_ON_LANE_M * 100, limit_h=limit_h),
    )


def _point_of_node(net: DrainageNetwork, waterlogging: Result, points: gpd.GeoDataFrame) -> Ints:
    """(n_nodes,) row of the point that each node belongs to, -1 for none."""
    names = waterlogging.tables["overflow_nodes"]["point_id"].dropna()
    number = points.index.get_indexer(pd.Index(names))
    return spread(len(net.nodes), net.node_positions(names.index), number, -1)
