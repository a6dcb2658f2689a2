"""From overflowing nodes to points: connected along a road, with the depth to which the water stands."""

from __future__ import annotations

from typing import Final, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from drainage.arrays import Bools, Floats, Ints, spread, texts_at
from drainage.graph import connect
from drainage.hydraulics.ponding import lane_depth_m, ponding_depth_m, ponding_width_m
from drainage.network import DrainageNetwork
from drainage.schema.coded import Coded
from drainage.simulation.pipes import STORM_SYSTEMS
from drainage.simulation.state import FlowState

#: Grades by depth, m: the project's own choice; 0.15 m is the limit of GB 50014-2021, 4.1.5 for
#: one lane of a road, and no national grades of single points are known.
GRADES: Final = ((0.05, "minor"), (0.15, "moderate"), (0.30, "major"), (0.50, "severe"))
#: Shortest stretch of road that one node floods, m.
LEAST_STRETCH_M: Final = 20.0
#: What stands between the codes of a node's doubts.
DOUBT_MARK: Final = ","


class Groups(NamedTuple):
    """Groups of overflowing nodes: the rows of the nodes and the number of each one's group."""

    row: Ints
    group: Ints
    total: int


def node_roads(net: DrainageNetwork) -> Coded:
    """Road of each node: that of its leaving storm pipe, else of an arriving one, else empty, which is number 0."""
    pipes, graph = net.pipes, net.graph
    number = np.zeros(graph.n_nodes, dtype=np.int64)
    if "road" not in pipes:
        return Coded(number, pd.Index([""]))
    code, found = pd.factorize(pipes["road"])
    names = np.array(["", *found], dtype=object)
    of_pipe = np.where(names == "", 0, np.arange(len(names)))[code + 1]
    named = net.systems.among(*STORM_SYSTEMS) & (code >= 0)
    number[graph.head[named]] = of_pipe[named]
    number[graph.tail[named]] = of_pipe[named]
    return Coded(number, pd.Index(names))


def group_nodes(net: DrainageNetwork, roads: Coded, overflows: Bools, pond: Ints | None = None) -> Groups:
    """Connect overflowing nodes of one road by storm pipes both of whose ends overflow, and those of one pond.

    ``pond`` is (n_nodes,) the pond on the ground that takes the water of each node, 0 for none.
    """
    graph = net.graph
    row = np.flatnonzero(overflows)
    number = spread(len(overflows), row, np.arange(len(row)), -1)
    carries = net.systems.among(*STORM_SYSTEMS)
    tail, head = graph.tail[carries], graph.head[carries]
    joined = overflows[tail] & overflows[head]
    tail, head = tail[joined], head[joined]
    joined = roads.number[tail] == roads.number[head]
    ends = (number[tail[joined]], number[head[joined]])
    if pond is not None:
        wet = row[pond[row] > 0]
        wet = wet[np.argsort(pond[wet], kind="stable")]
        same = pond[wet[1:]] == pond[wet[:-1]]
        low = (number[wet[:-1][same]], number[wet[1:][same]])
        ends = (np.concatenate([ends[0], low[0]]), np.concatenate([ends[1], low[1]]))
    group = connect(ends, len(row)).astype(np.int64)
    return Groups(row, group, int(group.max(initial=-1)) + 1)


def node_table(
    state: FlowState, roads: Coded, groups: Groups, water: pd.DataFrame, road_width_m: float
) -> gpd.GeoDataFrame:
    """Tabulate the overflowing nodes, each with its stretch of road and how deep its ``water`` stands there."""
    net, row = state.network, groups.row
    stretch_m, width_m = (of_node[row] for of_node in road_stretches(net, roads, road_width_m))
    frame = gpd.GeoDataFrame(
        state.nodes.iloc[row].copy(),
        geometry=net.nodes.geometry.iloc[row].array,
        crs=net.crs,
    )
    frame.insert(0, "road", roads.take(row).texts)
    frame["road_width_m"], frame["stretch_m"] = width_m, stretch_m
    frame["most_m3"] = water["most_m3"].to_numpy()[row]
    frame["depth_m"] = ponding_depth_m(frame["most_m3"], stretch_m, width_m)
    frame["begins_at_return_period_a"] = water["begins_at_return_period_a"].to_numpy()[row]
    return frame


def road_stretches(net: DrainageNetwork, roads: Coded, road_width_m: float) -> tuple[Floats, Floats]:
    """Return length and width of the stretch of road that each node floods, (n_nodes,) m: half the way to the next."""
    pipes, graph = net.pipes, net.graph
    carries = net.systems.among(*STORM_SYSTEMS)
    half = np.where(carries, 0.5 * np.nan_to_num(pipes["length_m"].to_numpy(dtype=np.float64)), 0.0)
    same = roads.number[graph.tail] == roads.number[graph.head]
    half = np.where(same, half, 0.0)
    stretch = np.bincount(graph.tail, weights=half, minlength=graph.n_nodes)
    stretch += np.bincount(graph.head, weights=half, minlength=graph.n_nodes)
    width = _road_widths(net, pd.Series(roads.words), road_width_m)
    return np.maximum(stretch, LEAST_STRETCH_M), width[roads.number]


def _road_widths(net: DrainageNetwork, road: pd.Series, road_width_m: float) -> Floats:
    roads = net.layers.get("roads")
    if roads is None or "width_m" not in roads or "road" not in roads:
        return np.full(len(road), road_width_m)
    width = roads.groupby("road")["width_m"].mean()
    return np.asarray(road.map(width).astype(np.float64).fillna(road_width_m).clip(lower=3.0))


def point_table(
    nodes: gpd.GeoDataFrame, groups: Groups, least_depth_m: float, ponds: pd.DataFrame | None = None
) -> tuple[Groups, gpd.GeoDataFrame]:
    """Make a point of each group that is deep enough, worst first; renumber the groups by rank.

    Of equal volumes, as they are printed, that of the first name comes first: no rank hangs on the last bit.

    A point is as deep as the deepest of its stretches: what joins it later, a trace perhaps, makes it no shallower.
    ``ponds`` measures the ponds on the ground (index ``pond_id``) that ``nodes`` name: where there is one, its depth
    and area count, else those of the gutters.
    """
    group, count = groups.group, groups.total
    volume_by_node = nodes["overflow_m3"].to_numpy()
    volume = np.bincount(group, weights=volume_by_node, minlength=count)
    depth_by_node, width = nodes["depth_m"].to_numpy(), nodes["road_width_m"].to_numpy()
    depth, lane_depth = (
        _largest(of_node, group, count) for of_node in (depth_by_node, lane_depth_m(depth_by_node, width))
    )
    wet_m2 = nodes["stretch_m"].to_numpy() * ponding_width_m(depth_by_node, width)
    area = np.bincount(group, weights=wet_m2, minlength=count)
    on_dem = np.zeros(count, dtype=np.bool_)
    if ponds is not None:
        seen = _by_ponds(nodes["pond_id"], group, ponds).reindex(range(count))
        on_dem = seen["depth_m"].notna().to_numpy()
        depth = np.where(on_dem, seen["depth_m"], depth)
        lane_depth, area = np.where(on_dem, depth, lane_depth), np.where(on_dem, seen["area_m2"], area)
    names = nodes.index.to_numpy(dtype=object)
    by_volume = np.lexsort((names, -volume_by_node.round(1), group))
    firsts = by_volume[np.unique(group[by_volume], return_index=True)[1]]
    order = np.lexsort((names[firsts], -volume.round(1)))
    order = order[depth[order] >= least_depth_m]
    rank = spread(count, order, np.arange(len(order)), -1)
    worst = firsts[order]
    begins = nodes["begins_at_return_period_a"].groupby(group).min().reindex(range(count)).to_numpy(dtype=np.float64)
    points = gpd.GeoDataFrame(
        {
            "rank": np.arange(1, len(order) + 1),
            "road": nodes["road"].to_numpy()[worst],
            "grade": grade(depth[order]),
            "depth_m": depth[order].round(3),
            "volume_m3": volume[order].round(1),
            "lane_depth_m": lane_depth[order].round(3),
            "depth_source": np.where(on_dem, "dem", "gutter").astype(object)[order],
            "ponding_area_m2": area[order].round(0),
            "node_count": np.bincount(group, minlength=count)[order],
            "doubt": _doubts(nodes, group, count)[order],
            "begins_at_return_period_a": begins[order],
            "worst_node": names[worst],
            "nodes": np.array(texts_at(nodes.index, group, order), dtype=object),
        },
        index=pd.Index([f"L{k + 1}" for k in range(len(order))], name="point_id", dtype="str"),
        geometry=nodes.geometry.array[worst],
        crs=nodes.crs,
    )
    return Groups(groups.row, rank[group], len(order)), points


def _largest(of_node: Floats, group: Ints, count: int) -> Floats:
    """Return the largest value of each group's nodes, (count,)."""
    largest = np.full(count, -np.inf)
    np.maximum.at(largest, group, of_node)
    return largest


def _doubts(nodes: gpd.GeoDataFrame, group: Ints, count: int) -> NDArray[np.object_]:
    """Return all doubts of each group's nodes, in order of appearance; None where there are none."""
    doubts = np.full(count, None, dtype=object)
    if "doubt" in nodes:
        said = nodes["doubt"].astype(object).str.split(DOUBT_MARK).reset_index(drop=True).explode()
        said = said[said.notna() & (said != "")].str.strip()
        each = pd.DataFrame({"group": group[said.index.to_numpy()], "doubt": said.to_numpy()}).drop_duplicates()
        told = each["group"].unique()
        doubts[told] = texts_at(each["doubt"], each["group"].to_numpy(), told)
    return doubts


def _by_ponds(pond_id: pd.Series, group: Ints, ponds: pd.DataFrame) -> pd.DataFrame:
    """Return the depth of the deepest pond of each group, and the area of all of them, each counted once."""
    pairs = pd.DataFrame({"group": group, "pond_id": pond_id.to_numpy(dtype=object)}).dropna().drop_duplicates()
    measured = ponds.reindex(pairs["pond_id"])
    by_group = measured[["depth_m", "area_m2"]].set_index(pairs["group"].to_numpy()).groupby(level=0)
    return by_group.agg({"depth_m": "max", "area_m2": "sum"})


def grade(depth_m: Floats) -> NDArray[np.object_]:
    """Grade depths by `GRADES`; a depth equal to a limit has the higher grade."""
    limits = [limit for limit, _ in GRADES[1:]]
    return np.array([name for _, name in GRADES], dtype=object)[np.searchsorted(limits, depth_m, "right")]


def names_of(points: gpd.GeoDataFrame, groups: Groups, count: int) -> NDArray[np.object_]:
    """Return the name of the point that each overflowing node belongs to, None where it belongs to none, (count,)."""
    names = np.full(count, None, dtype=object)
    in_point = groups.group >= 0
    names[in_point] = points.index.to_numpy(dtype=object)[groups.group[in_point]]
    return names
