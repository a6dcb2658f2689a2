"""What to build so that points are within the standard: the smallest works, and a second run to prove them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd

from drainage.analyses.waterlogging.causes import UNEXPLAINED
from drainage.analyses.waterlogging.decide import Choice, by_works, decide
from drainage.analyses.waterlogging.links import Offer, choose_links, with_pipes
from drainage.analyses.waterlogging.points import node_roads, road_stretches
from drainage.analyses.waterlogging.search import Limits
from drainage.analyses.waterlogging.standard import MOST_ON_LANE_M, drain_down_limit_h
from drainage.analyses.waterlogging.works import TEXTS, Decided, as_pipes, works_table
from drainage.errors import SimulationError
from drainage.hydraulics.ponding import gutter_depth_m, ponding_volume_m3
from drainage.maps.layer import Layer
from drainage.provenance import Provenance
from drainage.result import Result
from drainage.simulation.model import LEAST_OVERFLOW_M3
from drainage.simulation.remedies import LEAST_COVER_M, PIPE_SIZES_MM
from drainage.wants import wants

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from drainage.network import DrainageNetwork
    from drainage.simulation.state import FlowState

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]


#: Storms from this return period on are floods, in which a street may carry water; in smaller ones no sewer may
#: overflow. GB 50014-2021, table 4.1.4 begins here.
FLOOD_FROM_A: Final = 20.0
STANDARDS: Final = ("sewer", "flood")
SOLVED: Final = ("works", "other_works", "storage", UNEXPLAINED)


#: A relief link is no longer than this, m; own choice.
LINK_REACH_M: Final = 300.0
_DUG: Final = ("relay", "enlarge", "parallel", "link")
#: Points that the second run does not find within the standard are planned again with so much more runoff, as often
#: as this; own choice.
MARGIN_STEP: Final = 0.05
MOST_SECOND_RUNS: Final = 5


class _Target(NamedTuple):
    """The limits of the network, and the standard in words."""

    limits: Limits
    words: str

    def excess_m3(self, state: FlowState) -> Floats:
        """Give what overflows beyond the limits, (n_nodes,)."""
        volume = state.nodes["overflow_m3"].to_numpy(dtype=np.float64)
        late_h = np.zeros(len(volume)) if state.standing is None else state.standing["drain_down_h"].to_numpy()
        return self.limits.excess_m3(np.where(volume >= LEAST_OVERFLOW_M3, volume, 0.0), late_h)


@wants
def plan_relief(
    state: FlowState,
    waterlogging: Result,
    *,
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

    In a storm that the sewers are built for (``sewer``) nothing may overflow; in a flood (``flood``) at most 15 cm may
    stand on a lane, and the water must be gone in time. No other node may get worse. Tried in this order (our choice):
    clean silted pipes, lay pipes that rise again with a fall, enlarge pipes up to the least cover or lay more of them
    side by side (none may run into a smaller one), free the outfall of high water by gate and pump. Of what suffices
    all is taken away again, piece by piece, that is not needed: nothing of the plan can be left out, though another
    plan may be cheaper. A link to another manhole takes its place where it suffices alone and its pipe is smaller than
    all that would be laid. Where nothing suffices water is held back; ``storage_instead_m3`` says how much that would
    be at every point. Works for earlier points are in place for later ones.

    Parameters
    ----------
    state
        A screening, or an engine's state with the screening that came with it.
    waterlogging
        Its points (`find_waterlogging`).
    simulate
        The second run: takes the network with the works and gives its state, such as ``lambda net:
        drainage.simulate_swmm(net, storm)``. The network as it is runs too unless ``state`` is an engine's own. Points
        that it still finds beyond the standard are planned again with 5 % more runoff, up to five runs (own choice).
    sizes_mm
        Inner diameters of pipes to choose from, mm.
    least_cover_m
        Earth over the crown of an enlarged pipe, m (GB 50014-2021, 5.3.7: 0.7 under carriageways, 0.6 under footways).
    standard
        ``sewer`` (GB 50014-2021, 4.1.3) or ``flood`` (4.1.4, 4.1.5). None: ``flood`` from 20 a on, where table 4.1.4
        begins, and in observed rain; else ``sewer``.
    area_type, road_width_m
        As given to `find_waterlogging`.
    link_reach_m
        Longest relief link, m; 0: none. Not tried on a schematic plan, and beyond 100,000 pipes.

    progress
        Takes the share that is done, 0-1; what it raises stops the planning.

    Returns
    -------
    Result
        Tables ``works`` (index ``work_id``: ``point_id``, ``kind`` clean | relay | enlarge | parallel | link |
        free_outfall | storage, pipe or nodes, sizes and inverts to build, ``length_m``, ``volume_m3`` of silt taken
        out, of the new pipe, or to hold back, ``pump_m3s``) and ``points`` (index ``point_id``: overflow before and
        after, ``laid_m3`` of new pipes beside ``storage_instead_m3``, ``solved``: works | other_works | storage |
        unexplained (an engine floods it, the screening does not: nothing is planned), ``smallest``: False where the
        search was cut short, lengths and counts of works, ``margin_pct`` of runoff that was added, and with a second
        run its overflow before and after and whether it finds the point within the standard).
        `with_works` gives the network as built.

    Raises
    ------
    SimulationError
        The state has no screening, the cover is negative, or there is no such standard or kind of area.

    References
    ----------
    GB 50014-2021, 4.1.3-4.1.5 (limits), 5.3.7 (cover).
    """
    screening = state if state.model is not None else state.screening
    if screening is None:
        raise SimulationError("plan_relief needs a screening beside the state: call screen(net, storm)")
    if not least_cover_m >= 0.0:
        raise SimulationError(f"least_cover_m = {least_cover_m}; expected metres of earth, 0 or more")
    net = state.network
    road = node_roads(net)
    target = _target(net, road, standard or _standard_of(state), area_type, road_width_m)
    points = waterlogging.places("points")
    if target.limits.volume_m3.any():
        points = points[points["within_standard"] != "yes"]
    point_of_node = _point_of_node(net, waterlogging, points)
    limits = target.limits
    told = progress or (lambda _: None)
    choice = Choice(tuple(sizes_mm), least_cover_m, np.zeros(len(points)))
    decided = decide(screening, point_of_node, limits, choice)
    told(0.4)
    works = works_table(net, road, decided, points, pd.DataFrame())
    offers = _offers(net, points, works)
    linked, links = choose_links(
        screening, offers, point_of_node, target.excess_m3, choice.sizes_mm, least_cover_m, link_reach_m
    )
    if len(links):
        decided = decide(linked, point_of_node, limits, choice)
        works = works_table(linked.network, road, decided, points, links)
    told(0.7)
    second = None
    if simulate is not None:
        before = state if state.model is None else simulate(net)
        second = _SecondRun(before, simulate(with_works(net, works)))
        for _ in range(MOST_SECOND_RUNS - 1):
            failed = second.excess_m3(point_of_node, len(points), target) > 0.0
            failed &= by_works(decided, len(points))
            if not failed.any():
                break
            choice.margin[failed] += MARGIN_STEP
            decided = decide(linked, point_of_node, limits, choice)
            works = works_table(linked.network, road, decided, points, links)
            second = _SecondRun(before, simulate(with_works(net, works)))
    table = _point_table(points, point_of_node, screening, decided, works, choice, target)
    if second is not None:
        second.write(table, point_of_node, target)
    return Result(
        "relief",
        {"works": works, "points": table},
        _summary(works, table, state, least_cover_m, target),
        (
            Layer("relief", works, "kind", ("work_id", "point_id", "text", "text_zh", "road", "length_m", "volume_m3")),
            Layer("waterlogging", table, "grade", ("point_id", "road", "solved", "before_m3", "after_m3")),
        ),
        provenance=Provenance.of_state(state),
    )


@wants
def with_works(net: DrainageNetwork, works: pd.DataFrame) -> DrainageNetwork:
    """Return the network as it is when works are done; storage is not built into it.

    Parameters
    ----------
    net
        The network that was planned for.
    works
        Table ``works`` of `plan_relief`, or some of its rows.
    """
    new = works[works["kind"] == "link"]
    if len(new):
        net = with_pipes(net, as_pipes(gpd.GeoDataFrame(new, geometry="geometry", crs=net.crs)))
    pipes, nodes = net.pipes, net.nodes
    laid = works[works["pipe_id"].notna() & (works["kind"] != "link")].set_index("pipe_id")
    for name in ("silt_share", "barrels"):
        if name not in pipes:
            pipes[name] = 0.0 if name == "silt_share" else 1.0
    pipes.loc[laid.index, "silt_share"] = 0.0
    for name in ("diameter_mm", "barrels", "invert_from_m", "invert_to_m"):
        changed = laid[f"new_{name}"].dropna()
        pipes[name] = pipes[name].astype(np.float64)
        pipes.loc[changed.index, name] = changed
    freed = works.loc[works["kind"] == "free_outfall"].set_index("node_id")["new_water_level_m"]
    nodes["water_level_m"] = nodes["water_level_m"].astype(np.float64)
    nodes.loc[freed.index, "water_level_m"] = freed
    return net.replace(pipes=pipes, nodes=nodes)


def _offers(net: DrainageNetwork, points: gpd.GeoDataFrame, works: gpd.GeoDataFrame) -> list[Offer]:
    """Say what each point costs without a link: the volume of its new pipes, endless where it needs storage."""
    dug = works[works["kind"].isin(_DUG)].groupby("point_id")["volume_m3"].sum()
    stored = set(works.loc[works["kind"] == "storage", "point_id"])
    rows = net.node_positions(points["worst_node"])
    costs = [np.inf if name in stored else float(dug.get(name, 0.0)) for name in points.index]
    return [Offer(k, int(row), cost) for k, (row, cost) in enumerate(zip(rows, costs, strict=True)) if cost > 0.0]


def _standard_of(state: FlowState) -> str:
    return "sewer" if state.storm.return_period_a < FLOOD_FROM_A else "flood"


def _target(
    net: DrainageNetwork, road: NDArray[np.object_], standard: str, area_type: str, road_width_m: float
) -> _Target:
    limit_h = drain_down_limit_h(area_type)
    if standard not in STANDARDS:
        raise SimulationError(f"standard = {standard!r}; expected {' or '.join(STANDARDS)}")
    if standard == "sewer":
        return _Target(Limits(np.zeros(len(net.nodes)), np.inf), "no overflow (sewer, GB 50014-2021, 4.1.3)")
    stretch_m, width_m = road_stretches(net, road, road_width_m)
    return _Target(
        Limits(ponding_volume_m3(gutter_depth_m(MOST_ON_LANE_M, width_m), stretch_m, width_m), limit_h),
        f"at most {MOST_ON_LANE_M * 100:.0f} cm on a lane, gone {limit_h:g} h after the rain (flood, GB 50014-2021, "
        "4.1.4 and 4.1.5)",
    )


class _SecondRun(NamedTuple):
    """States of the network as it is and with the works, by the engine that checks them."""

    before: FlowState
    after: FlowState

    def excess_m3(self, point_of_node: Ints, count: int, target: _Target) -> Floats:
        """Give what still overflows beyond the target at each point, (n_points,)."""
        return _by_point(target.excess_m3(self.after), point_of_node, count)

    def write(self, table: gpd.GeoDataFrame, point_of_node: Ints, target: _Target) -> None:
        """Add what the second run finds at each point (in place)."""
        for name, state in (("before", self.before), ("after", self.after)):
            volume = np.nan_to_num(state.nodes["overflow_m3"].to_numpy(dtype=np.float64))
            table[f"second_run_{name}_m3"] = _by_point(volume, point_of_node, len(table)).round(1)
        within = self.excess_m3(point_of_node, len(table), target) <= 0.0
        table["second_run_within"] = np.where(within, "yes", "no").astype(object)
        table["second_run"] = self.after.method


def _point_of_node(net: DrainageNetwork, waterlogging: Result, points: gpd.GeoDataFrame) -> Ints:
    """(n_nodes,) row of the point that each node belongs to, -1 for none."""
    names = waterlogging.tables["nodes"]["point_id"].dropna()
    number = points.index.get_indexer(pd.Index(names))
    point = np.full(len(net.nodes), -1, np.int64)
    point[net.node_positions(names.index)] = number
    return point


def _point_table(
    points: gpd.GeoDataFrame, point_of_node: Ints, screening: FlowState, decided: Sequence[Decided],
    works: gpd.GeoDataFrame, choice: Choice, target: _Target,
) -> gpd.GeoDataFrame:  # fmt: skip
    """Give each point its overflow before and after, and what is built for it."""
    table = points[["rank", "road", "grade", "cause", "depth_m", "worst_node", points.geometry.name]].copy()
    after = np.zeros(len(point_of_node))
    for one in decided:
        after[one.remedies.model.node_row] = one.volume_m3
    table["before_m3"] = _by_point(screening.nodes["overflow_m3"].to_numpy(), point_of_node, len(points)).round(1)
    table["after_m3"] = _by_point(after, point_of_node, len(points)).round(1)
    rank = ("other_works", "works", "storage")
    said = {k: [one.solved[k] for one in decided if k in one.solved] for k in range(len(points))}
    table["solved"] = [max(said[k], key=rank.index, default=rank[0]) for k in range(len(points))]
    linked = works.loc[works["kind"] == "link", "point_id"]
    table["solved"] = table["solved"].mask(table.index.isin(linked) & (table["solved"] == rank[0]), "works")
    table["solved"] = table["solved"].mask(table["before_m3"] == 0.0, UNEXPLAINED)
    table["smallest"] = [all(one.smallest.get(k, True) for one in decided) for k in range(len(points))]
    table["storage_instead_m3"] = _by_point(target.excess_m3(screening), point_of_node, len(points)).round(1)
    table["margin_pct"] = (100.0 * choice.margin).round(1)
    for kind in ("clean", *_DUG):
        length = works[works["kind"] == kind].groupby("point_id")["length_m"].sum()
        table[f"{kind}_m"] = length.reindex(table.index).fillna(0.0).astype(np.float64).round(1)
    laid = works[works["kind"].isin(_DUG)].groupby("point_id")["volume_m3"].sum()
    table["laid_m3"] = laid.reindex(table.index).fillna(0.0).round(1)
    table["works"] = works.groupby("point_id").size().reindex(table.index).fillna(0).astype(int)
    return table


def _by_point(volume: Floats, point_of_node: Ints, count: int) -> Floats:
    inside = point_of_node >= 0
    return np.bincount(point_of_node[inside], weights=volume[inside], minlength=count).astype(np.float64)


def _summary(
    works: gpd.GeoDataFrame, table: gpd.GeoDataFrame, state: FlowState, least_cover_m: float, target: _Target
) -> pd.Series:
    kinds = {kind: int((works["kind"] == kind).sum()) for kind in TEXTS}
    dug = works["kind"].isin(_DUG)
    verified, planned = table.get("second_run_within"), ~table["solved"].isin(["storage", UNEXPLAINED])
    return pd.Series(
        {
            "points": len(table),
            "solved": {
                how: int((table["solved"] == how).sum()) for how in ("works", "other_works", "storage", UNEXPLAINED)
            },
            "works": kinds,
            "laid_m": round(float(works.loc[dug, "length_m"].sum()), 1),
            "cleaned_m": round(float(works.loc[works["kind"] == "clean", "length_m"].sum()), 1),
            "storage_m3": round(float(works.loc[works["kind"] == "storage", "volume_m3"].sum()), 1),
            "storage_smaller": int((table["laid_m3"] > table["storage_instead_m3"]).sum()),
            "before_m3": round(float(table["before_m3"].sum()), 1),
            "after_m3": round(float(table["after_m3"].sum()), 1),
            "return_period_a": float(state.storm.return_period_a),
            "second_run": None
            if verified is None
            else {"within": int((verified[planned] == "yes").sum()), "of": int(planned.sum())},
            "assumptions": {
                "standard": f"{target.words}; no node elsewhere worse",
                "order": "clean, relay, enlarge, free the outfall, store; a link where it digs less: own choice",
                "cover": f"{least_cover_m:g} m over enlarged pipes (GB 50014-2021, 5.3.7: 0.7 m carriageway)",
                "sizes": "customary concrete pipes, from memory of GB/T 11836: not verified",
            },
        },
        dtype=object,
        name="relief",
    )
