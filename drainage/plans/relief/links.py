"""Relief links: a new pipe from a point to another manhole that lies deeper and has room, where it digs less."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from drainage.arrays import Floats, Ints, spread
from drainage.hydraulics.manning import circular_section
from drainage.network import DrainageNetwork
from drainage.positions import coordinates
from drainage.simulation.pipes import STORM_SYSTEMS
from drainage.simulation.screening.answer import Screening
from drainage.simulation.screening.model import LEAST_OVERFLOW_M3
from drainage.simulation.screening.without import MENDED_SLOPE
from drainage.simulation.state import FlowState

#: So many of the nearest manholes are tried for each point, and no links at all in larger networks: every trial screens
#: the whole network again. Own choices.
MOST_ENDS: Final = 3
MOST_PIPES: Final = 100_000
#: Manning's n of a new concrete pipe. GB 50014-2021, table 5.2.3: 0.013-0.014.
LINK_ROUGHNESS: Final = 0.013


class Offer(NamedTuple):
    """What a point would cost without a link: the volume of the pipes to be laid, m³, and where its worst node is."""

    point: int
    node_row: int
    dug_m3: float


def choose_links(
    state: Screening,
    offers: list[Offer],
    point_of_node: Ints,
    excess_m3: Callable[[FlowState], Floats],
    sizes_mm: tuple[float, ...],
    least_cover_m: float,
    reach_m: float,
    progress: Callable[[float], None],
) -> tuple[Screening, pd.DataFrame]:
    """Try a link for each point, the dearest first; keep those that suffice alone and are smaller than other works.

    Parameters
    ----------
    state
        A screening.
    offers
        What each point would cost otherwise.
    point_of_node
        (n_nodes,) point of each node, -1 for none.
    excess_m3
        What overflows beyond the target at each node in a state, (n_nodes,).
    sizes_mm, least_cover_m
        Diameters to choose from, and the earth that stays above them.
    reach_m
        Longest link.
    progress
        Takes the share of the points that were tried, 0-1.

    Returns
    -------
    The state with the links, and the links as pipes (index ``pipe_id``, and ``point``).
    """
    chosen: list[gpd.GeoDataFrame] = []
    if state.network.crs is None or len(state.pipes) > MOST_PIPES or reach_m <= 0.0:
        return state, pd.DataFrame()
    for number, offer in enumerate(sorted(offers, key=lambda one: -one.dug_m3)):
        progress(number / len(offers))
        before = excess_m3(state)
        mine = point_of_node == offer.point
        if not before[mine].any():
            continue
        ceiling = np.where(mine | (before == 0.0), 0.0, before + LEAST_OVERFLOW_M3)
        best: tuple[float, Screening, gpd.GeoDataFrame] | None = None
        for ways in _ways(state, offer.node_row, sizes_mm, least_cover_m, reach_m):
            found = _smallest(state, ways, excess_m3, ceiling)
            if found is not None and _volume_m3(found[1]) < (offer.dug_m3 if best is None else best[0]):
                best = (_volume_m3(found[1]), *found)
        if best is not None:
            state = best[1]
            chosen.append(best[2].assign(point=offer.point))
    return state, pd.concat(chosen) if chosen else pd.DataFrame()


def with_pipes(net: DrainageNetwork, more: gpd.GeoDataFrame) -> DrainageNetwork:
    """Return the network with more pipes between its nodes."""
    pipes = net.pipes
    if "synthetic" in pipes:
        more = more.assign(synthetic=net.synthetic)
    rows = more.reindex(columns=pipes.columns.intersection(more.columns))
    return net.replace(pipes=gpd.GeoDataFrame(pd.concat([pipes, rows]), crs=net.crs).rename_axis("pipe_id"))


def _ways(
    state: Screening, row: int, sizes_mm: tuple[float, ...], least_cover_m: float, reach_m: float
) -> Iterator[list[gpd.GeoDataFrame]]:
    """Yield the links from a node to each of the nearest that can take its water, in all sizes with enough cover."""
    net, graph = state.network, state.network.graph
    bed, ground = lowest_inverts(net), state.nodes["ground_m"].to_numpy(dtype=np.float64)
    place = coordinates(net.nodes.geometry)
    away = np.hypot(*(place - place[row]).T)
    free = state.nodes["judged"].to_numpy() & ~state.nodes["overflows"].to_numpy()
    free &= ~graph.upstream(np.array([row], np.int32)).nodes
    free[graph.head[graph.tail == row]] = False  # a pipe beside the one that is there is no link
    can = free & (away > 1.0) & (away <= reach_m) & (bed <= bed[row] - MENDED_SLOPE * away)
    for end in np.flatnonzero(can)[np.argsort(away[can], kind="stable")][:MOST_ENDS]:
        room_mm = 1000.0 * (min(ground[row] - bed[row], ground[end] - bed[end]) - least_cover_m)
        fits = [size for size in sorted(sizes_mm) if size <= room_mm]
        if fits:
            yield [_link(net, row, int(end), size, bed) for size in fits]


def _smallest(
    state: Screening, ways: list[gpd.GeoDataFrame], excess_m3: Callable[[FlowState], Floats], ceiling: Floats
) -> tuple[Screening, gpd.GeoDataFrame] | None:
    """Find the smallest size that suffices by halving; None where the largest does not."""

    def linked(way: gpd.GeoDataFrame) -> Screening:
        net = with_pipes(state.network, way)
        return state.with_pipes(net, only=_parts_of(state, net))

    def suffices(way: gpd.GeoDataFrame) -> bool:
        return bool((excess_m3(linked(way)) <= ceiling).all())

    if not suffices(ways[-1]):
        return None
    low, high = 0, len(ways) - 1
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if suffices(ways[middle]) else (middle + 1, high)
    return state.with_pipes(with_pipes(state.network, ways[high])), ways[high]


def _parts_of(state: Screening, net: DrainageNetwork) -> NDArray[np.bool_]:
    """(n_pipes,) the pipes that hang together with the last one, the link."""
    model, graph = state.arrays, net.graph
    part = spread(graph.n_nodes, model.node_row, model.part, -1)
    return np.isin(part[graph.tail], part[[graph.tail[-1], graph.head[-1]]])


def _link(net: DrainageNetwork, row: int, end: int, size_mm: float, bed: Floats) -> gpd.GeoDataFrame:
    names, places = net.nodes.index, net.nodes.geometry.to_numpy()
    line = shapely.LineString([places[row], places[end]])
    return gpd.GeoDataFrame(
        {
            "from_node": [str(names[row])],
            "to_node": [str(names[end])],
            "system": ["storm"],
            "shape": ["circular"],
            "diameter_mm": [float(size_mm)],
            "invert_from_m": [bed[row]],
            "invert_to_m": [bed[end]],
            "length_m": [line.length],
            "manning_n": [LINK_ROUGHNESS],
            "barrels": [1.0],
            "silt_share": [0.0],
        },
        index=pd.Index([f"relief-{names[row]}-{names[end]}"], name="pipe_id"),
        geometry=[line],
        crs=net.crs,
    )


def lowest_inverts(net: DrainageNetwork) -> Floats:
    """(n_nodes,) lowest invert of the storm pipes at each node, nan where there is none, m."""
    pipes, graph = net.pipes, net.graph
    storm = pipes["system"].isin(STORM_SYSTEMS).to_numpy()
    bed = np.full(graph.n_nodes, np.inf)
    for end, name in ((graph.tail, "invert_from_m"), (graph.head, "invert_to_m")):
        np.fmin.at(bed, end[storm], pipes[name].to_numpy(dtype=np.float64)[storm])
    return np.where(np.isfinite(bed), bed, np.nan)


def _volume_m3(link: gpd.GeoDataFrame) -> float:
    return float((circular_section(link["diameter_mm"]).area_m2 * link["length_m"]).sum())
