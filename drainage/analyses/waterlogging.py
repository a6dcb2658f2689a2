"""Where a city waterlogs in a storm, how deep, from which return period on, and why.

Definition.  A node whose grade line would rise above the ground overflows.  A *point* is a group
of overflowing nodes of one road that are connected by pipes both of whose ends overflow, if the
water stands at least 5 cm deep there.  Its *cause* is what would remove most of its overflow if it
were removed: found by screening the network again without it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from drainage.errors import CrsError
from drainage.hydraulics.ponding import CROSSFALL, SIDE_SLOPE, ponding_depth_m, ponding_width_m
from drainage.maps.layer import Layer
from drainage.result import Result
from drainage.simulation.counterfactual import CAUSES, avoided_overflow
from drainage.simulation.measure import STORM_SYSTEMS
from drainage.simulation.screening import overflow_return_period

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from drainage.network import DrainageNetwork
    from drainage.simulation.state import FlowState

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Bools = NDArray[np.bool_]

#: Grades by depth, m: the project's own choice; 0.15 m is the limit of GB 50014-2021, 4.1.5 for
#: one lane of a road, and no national grades of single points are known.
GRADES: Final = ((0.05, "minor"), (0.15, "moderate"), (0.30, "major"), (0.50, "severe"))
#: Width of a road that no layer gives, m (a street of two lanes and kerbs; own choice).
DEFAULT_ROAD_WIDTH_M: Final = 12.0
#: Shortest stretch of road that one node floods, m.
LEAST_STRETCH_M: Final = 20.0
#: Share of the overflow that a defect must explain to be the cause before any enlarging is tried.
DECISIVE_SHARE: Final = 0.5
NOT_EXPLAINED: Final = "not explained by hydraulics (inlet, blockage or unmapped?)"
NOT_EXPLAINED_ZH: Final = "水力计算不能解释（雨水口、堵塞或未测绘？）"

_CAUSE_TEXT: Final = {
    "silt": ("silt in the pipes", "管道淤积"),
    "adverse_slope": ("adverse slopes", "逆坡"),
    "tailwater": ("high water at the outfall", "下游顶托"),
    "low_ground": ("ground lower than its surroundings", "地势低洼"),
    "own_capacity": ("its own pipes are too small", "本段管径不足"),
    "downstream_bottleneck": ("pipes downstream are too small", "下游瓶颈"),
}


class _Groups(NamedTuple):
    """Groups of overflowing nodes: the rows of the nodes and the number of each one's group."""

    row: Ints
    group: Ints
    total: int


def find_waterlogging(
    state: FlowState,
    *,
    reports: gpd.GeoDataFrame | None = None,
    match_distance_m: float = 100.0,
    least_depth_m: float = 0.05,
    road_width_m: float = DEFAULT_ROAD_WIDTH_M,
    return_periods_a: Sequence[float] = (0.5, 1.0, 2.0, 3.0, 5.0, 10.0, 20.0, 30.0, 50.0),
) -> Result:
    """Find waterlogging points, rank and grade them, say why, and hold them against reports.

    Depth: the overflow of a point stands in the gutters of its stretch of road (half the way to
    the next manholes), which falls from its crown to both sides and has rising ground beside it.
    No water runs off, along the street or back into the pipes.

    Parameters
    ----------
    state
        Flows and levels in a storm.
    reports
        Observed waterlogging, points with index ``report_id``; None: nothing to compare with.
    match_distance_m
        A report within this distance of a node of a point is explained by it, m.
    least_depth_m
        Shallower groups are no points; their nodes stay in ``nodes``.
    road_width_m
        Width of roads that the network's ``roads`` layer does not give, m.
    return_periods_a
        Tried, up to that of the storm, for the return period at which a point begins, a.

    Returns
    -------
    Result
        Tables ``points`` (index ``point_id``, worst first), ``nodes`` (overflowing nodes, index
        ``node_id``), ``reports`` (index ``report_id``) and ``pipes`` (index ``pipe_id``: flow,
        capacity, utilisation).

    Raises
    ------
    CrsError
        The reports have no CRS, or the network is a schematic plan.
    SimulationError
        The state is no screening.

    References
    ----------
    GB 50014-2021, 4.1.4 and 4.1.5 (15 cm on one lane); grades: own choice.
    """
    net = state.network
    road = _node_roads(net)
    groups = _group(state, road)
    nodes, stretch_m = _node_table(state, road, groups, road_width_m)
    groups, points = _point_table(state, nodes, groups, stretch_m, least_depth_m)
    nodes["point_id"] = _names_of(points, groups, len(nodes))
    nodes["grade"] = nodes["point_id"].map(points["grade"]).astype(object).fillna("shallow")
    _add_beginning(state, points, nodes, return_periods_a)
    _add_causes(state, points, groups)
    observed = _match(net, points, nodes, reports, match_distance_m)
    summary = _summary(state, points, nodes, observed, road_width_m)
    return Result(
        "waterlogging",
        {"points": points, "nodes": nodes, "reports": observed, "pipes": state.pipes},
        summary,
        _layers(points, nodes, observed),
        "合成演示数据 Synthetic demo data" if net.synthetic else None,
    )


def _node_roads(net: DrainageNetwork) -> NDArray[np.object_]:
    """Road of each node: that of its leaving storm pipe, else of an arriving one, else empty."""
    pipes, graph = net.pipes, net.graph
    road = np.full(graph.n_nodes, "", dtype=object)
    names = pipes["road"].to_numpy(dtype=object) if "road" in pipes else np.full(len(pipes), None)
    named = pipes["system"].isin(STORM_SYSTEMS).to_numpy() & pd.notna(names)
    road[graph.head[named]] = names[named]
    road[graph.tail[named]] = names[named]
    return road


def _group(state: FlowState, road: NDArray[np.object_]) -> _Groups:
    """Connect overflowing nodes of one road by storm pipes both of whose ends overflow."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    graph = state.network.graph
    overflows = state.nodes["overflows"].to_numpy()
    row = np.flatnonzero(overflows)
    number = np.full(len(overflows), -1, dtype=np.int64)
    number[row] = np.arange(len(row))
    carries = state.network.pipes["system"].isin(STORM_SYSTEMS).to_numpy()
    tail, head = graph.tail[carries], graph.head[carries]
    joined = overflows[tail] & overflows[head]
    tail, head = tail[joined], head[joined]
    joined = road[tail] == road[head]
    ends = (number[tail[joined]], number[head[joined]])
    matrix = coo_array((np.ones(len(ends[0]), np.int8), ends), shape=(len(row), len(row)))
    count, group = connected_components(matrix, directed=False)
    return _Groups(row, group.astype(np.int64), int(count))


def _node_table(
    state: FlowState, road: NDArray[np.object_], groups: _Groups, road_width_m: float
) -> tuple[gpd.GeoDataFrame, Floats]:
    """Dress the overflowing nodes, each with its stretch of road, m."""
    net, row = state.network, groups.row
    frame = gpd.GeoDataFrame(
        state.nodes.iloc[row].copy(),
        geometry=net.nodes.geometry.iloc[row].array,
        crs=net.crs,
    )
    frame.insert(0, "road", road[row])
    frame["road_width_m"] = _road_widths(net, frame["road"], road_width_m)
    pipes, graph = net.pipes, net.graph
    carries = pipes["system"].isin(STORM_SYSTEMS).to_numpy()
    half = np.where(carries, 0.5 * np.nan_to_num(pipes["length_m"].to_numpy(dtype=np.float64)), 0.0)
    same = road[graph.tail] == road[graph.head]
    half = np.where(same, half, 0.0)
    stretch = np.bincount(graph.tail, weights=half, minlength=graph.n_nodes)
    stretch += np.bincount(graph.head, weights=half, minlength=graph.n_nodes)
    return frame, np.maximum(stretch[row], LEAST_STRETCH_M)


def _road_widths(net: DrainageNetwork, road: pd.Series, road_width_m: float) -> Floats:
    roads = net.layers.get("roads")
    if roads is None or "width_m" not in roads or "road" not in roads:
        return np.full(len(road), road_width_m)
    width = roads.groupby("road")["width_m"].mean()
    return np.asarray(road.map(width).astype(np.float64).fillna(road_width_m).clip(lower=3.0))


def _point_table(
    state: FlowState,
    nodes: gpd.GeoDataFrame,
    groups: _Groups,
    stretch_m: Floats,
    least_depth_m: float,
) -> tuple[_Groups, gpd.GeoDataFrame]:
    """Make a point of each group that is deep enough, worst first; renumber the groups by rank."""
    group, count = groups.group, groups.total
    volume_by_node = nodes["overflow_m3"].to_numpy()
    volume = np.bincount(group, weights=volume_by_node, minlength=count)
    stretch = np.bincount(group, weights=stretch_m, minlength=count)
    width = np.bincount(group, weights=stretch_m * nodes["road_width_m"], minlength=count) / stretch
    depth = ponding_depth_m(volume, stretch, width)
    order = np.lexsort((np.arange(count), -volume))
    order = order[depth[order] >= least_depth_m]
    rank = np.full(count, -1)
    rank[order] = np.arange(len(order))
    by_volume = np.lexsort((np.arange(len(group)), -volume_by_node, group))
    firsts = by_volume[np.unique(group[by_volume], return_index=True)[1]]
    worst = firsts[order]
    members = pd.Series(nodes.index, dtype=object).groupby(group).agg(", ".join)
    pond_width = ponding_width_m(depth, width)
    points = gpd.GeoDataFrame(
        {
            "rank": np.arange(1, len(order) + 1),
            "road": nodes["road"].to_numpy()[worst],
            "grade": _grade(depth[order]),
            "depth_m": depth[order].round(3),
            "volume_m3": volume[order].round(1),
            "ponding_area_m2": (stretch * pond_width)[order].round(0),
            "node_count": np.bincount(group, minlength=count)[order],
            "worst_node": nodes.index.to_numpy(dtype=object)[worst],
            "nodes": members.to_numpy(dtype=object)[order],
        },
        index=pd.Index([f"L{k + 1}" for k in range(len(order))], name="point_id", dtype="str"),
        geometry=nodes.geometry.array[worst],
        crs=state.network.crs,
    )
    return _Groups(groups.row, rank[group], len(order)), points


def _grade(depth_m: Floats) -> NDArray[np.object_]:
    limits = [limit for limit, _ in GRADES[1:]]
    return np.array([name for _, name in GRADES], dtype=object)[np.searchsorted(limits, depth_m, "right")]


def _names_of(points: gpd.GeoDataFrame, groups: _Groups, count: int) -> NDArray[np.object_]:
    names = np.full(count, None, dtype=object)
    in_point = groups.group >= 0
    names[in_point] = points.index.to_numpy(dtype=object)[groups.group[in_point]]
    return names


def _add_beginning(
    state: FlowState, points: gpd.GeoDataFrame, nodes: gpd.GeoDataFrame, periods_a: Sequence[float]
) -> None:
    own = float(state.storm.return_period_a)
    tried = sorted({*(float(p) for p in periods_a if p < own), own})
    begins = overflow_return_period(state, return_periods_a=tried).reindex(nodes.index).fillna(own)
    nodes["begins_at_return_period_a"] = begins
    first = begins.groupby(nodes["point_id"].to_numpy(dtype=object)).min()
    points["begins_at_return_period_a"] = first.reindex(points.index).to_numpy(dtype=np.float64)


def _add_causes(state: FlowState, points: gpd.GeoDataFrame, groups: _Groups) -> None:
    """Name as cause what avoids most, and say what each would avoid."""
    point_of_node = np.full(len(state.nodes), -1)
    point_of_node[groups.row] = groups.group
    found = avoided_overflow(state, point_of_node, len(points))
    avoided = pd.DataFrame(found, index=points.index, columns=list(CAUSES))
    avoided = avoided.clip(lower=0.0).clip(upper=points["volume_m3"], axis=0).round(1)
    share = avoided.div(points["volume_m3"].clip(lower=0.1), axis=0)
    points["cause"] = _causes(share)
    points["evidence"] = _evidence(points, avoided, 0)
    points["evidence_zh"] = _evidence(points, avoided, 1)
    for name in CAUSES:
        points[f"avoided_{name}_m3"] = avoided[name]


def _causes(share: pd.DataFrame) -> NDArray[np.object_]:
    """Name what explains half of the overflow, what is broken before what was built so.

    Enlarging helps nearly everywhere, so it is named last: when neither a defect of the pipes
    (silt, slope) nor the place (tailwater, low ground) is decisive.
    """
    if not len(share):
        return np.empty(0, dtype=object)
    cause = share.idxmax(axis=1)
    for kinds, least in ((CAUSES[4:], 0.0), (CAUSES[2:4], DECISIVE_SHARE), (CAUSES[:2], DECISIVE_SHARE)):
        these = share[list(kinds)]
        decisive = (these.max(axis=1) >= least) & (these.max(axis=1) > 0.0)
        cause = cause.where(~decisive, these.idxmax(axis=1))
    return cause.where(share.max(axis=1) > 0.0, "own_capacity").to_numpy(dtype=object)


def _evidence(points: gpd.GeoDataFrame, avoided: pd.DataFrame, language: int) -> list[str]:
    """Say of each point what each remedy would avoid, the cause first."""
    texts = []
    for name, cause, volume in zip(points.index, points["cause"], points["volume_m3"], strict=True):
        row = avoided.loc[name]
        others = [c for c in row.sort_values(ascending=False).index if c != cause and row[c] > 0.0]
        parts = []
        for c in (cause, *others):
            words = _CAUSE_TEXT[c][language]
            percent = 100.0 * row[c] / max(volume, 0.1)
            parts.append(
                f"without {words}: {row[c]:.0f} of {volume:.0f} m³ avoided ({percent:.0f} %)"
                if language == 0
                else f"消除{words}可减少{row[c]:.0f}/{volume:.0f} m³（{percent:.0f} %）"
            )
        texts.append(("; " if language == 0 else "；").join(parts))
    return texts


def _match(
    net: DrainageNetwork,
    points: gpd.GeoDataFrame,
    nodes: gpd.GeoDataFrame,
    reports: gpd.GeoDataFrame | None,
    match_distance_m: float,
) -> gpd.GeoDataFrame:
    """Give each report the nearest point within reach, and mark points that nobody reported."""
    points["reported"] = None
    if reports is None:
        return gpd.GeoDataFrame(
            {"match": [], "point_id": [], "distance_m": [], "explanation": []},
            index=pd.Index([], name="report_id", dtype="str"),
            geometry=[],
            crs=net.crs,
        )
    if net.crs is None or reports.crs is None:
        msg = "reports cannot be placed: the network or the reports have no CRS; give crs= on reading"
        raise CrsError(msg)
    from scipy.spatial import KDTree

    observed = reports.to_crs(net.crs)
    observed.index = observed.index.rename("report_id")
    members = nodes[nodes["point_id"].notna()]
    distance = np.full(len(observed), np.inf)
    name = np.full(len(observed), None, dtype=object)
    if len(members) and len(observed):
        tree = KDTree(shapely.get_coordinates(np.asarray(members.geometry.array)))
        at = shapely.get_coordinates(shapely.centroid(np.asarray(observed.geometry.array)))
        found, near = tree.query(at)
        distance, name = np.asarray(found), members["point_id"].to_numpy(dtype=object)[near]
    hit = distance <= match_distance_m
    observed["match"] = np.where(hit, "hit", "missed").astype(object)
    name[~hit] = None
    observed["point_id"] = name
    observed["distance_m"] = np.where(np.isfinite(distance), distance, np.nan).round(1)
    observed["explanation"] = np.where(
        hit, "explained by the point 已解释", f"{NOT_EXPLAINED} {NOT_EXPLAINED_ZH}"
    ).astype(object)
    reach = _points_near(observed, members, match_distance_m)
    points["reported"] = np.where(points.index.isin(reach), "hit", "false_alarm").astype(object)
    return observed


def _points_near(observed: gpd.GeoDataFrame, members: gpd.GeoDataFrame, match_distance_m: float) -> NDArray[np.object_]:
    """Give the points that have a report within reach of one of their nodes."""
    if not len(observed) or not len(members):
        return np.empty(0, dtype=object)
    from scipy.spatial import KDTree

    tree = KDTree(shapely.get_coordinates(shapely.centroid(np.asarray(observed.geometry.array))))
    distance, _ = tree.query(shapely.get_coordinates(np.asarray(members.geometry.array)))
    return members["point_id"].to_numpy(dtype=object)[distance <= match_distance_m]


def _summary(
    state: FlowState,
    points: gpd.GeoDataFrame,
    nodes: gpd.GeoDataFrame,
    observed: gpd.GeoDataFrame,
    road_width_m: float,
) -> pd.Series:
    matched = observed["match"]
    asked = points["reported"].notna().any() or len(observed) > 0
    assumptions = {
        **state.assumptions,
        "ponding": (
            f"overflow stands on its stretch of road, {road_width_m:g} m wide where no width is known, which falls "
            f"{CROSSFALL:.1%} to both gutters, with ground beside it that rises {SIDE_SLOPE:.1%}; grades by depth: "
            "own choice"
        ),
    }
    return pd.Series(
        {
            "points": len(points),
            "by_grade": {name: int((points["grade"] == name).sum()) for _, name in GRADES},
            "by_cause": {name: int((points["cause"] == name).sum()) for name in CAUSES},
            "overflow_nodes": len(nodes),
            "volume_m3": round(float(nodes["overflow_m3"].sum()), 1),
            "return_period_a": float(state.storm.return_period_a),
            "reported": len(observed),
            "hits": int((matched == "hit").sum()),
            "misses": int((matched == "missed").sum()),
            "false_alarms": int((points["reported"] == "false_alarm").sum()) if asked else None,
            "assumptions": assumptions,
        },
        dtype=object,
        name="waterlogging",
    )


def _layers(points: gpd.GeoDataFrame, nodes: gpd.GeoDataFrame, observed: gpd.GeoDataFrame) -> tuple[Layer, ...]:
    shown = (
        "point_id", "rank", "road", "grade", "depth_m", "volume_m3", "begins_at_return_period_a",
        "cause", "evidence", "evidence_zh", "reported",
    )  # fmt: skip
    node_shown = (
        "node_id", "road", "level_m", "ground_m", "overflow_m3", "begins_at_return_period_a",
        "point_id",
    )  # fmt: skip
    report_shown = ("report_id", "date", "depth_m", "road", "note", "match", "point_id", "explanation")
    return (
        Layer("overflow_nodes", nodes, "grade", node_shown, shown=False),
        Layer("waterlogging", points, "grade", shown),
        Layer("reports", observed, "match", report_shown),
    )
