"""Which sewer can take what a misconnection lets in, and whether the sewers below have room (T/CECS 758-2020, 8.2.1).

The receiver is the nearest sewer manhole to which the branch falls at the least slope. From it the shortest way along
the sewers leads to the first works, pump or end of the sewers. The way has room in dry weather where no pipe runs
deeper than GB 50014-2021, table 5.2.4, allows at the peak of its flow and the added flow; in wet weather where none
is more than full.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from drainage.arrays import Bools, Floats, Ints32, spread
from drainage.hydraulics.manning import circular_part_flow
from drainage.hydraulics.sewage import M3D_PER_LS, SewageRates, most_depth_share, peak_factor
from drainage.measures import PIPE
from drainage.network import DrainageNetwork
from drainage.positions import coordinates
from drainage.simulation.dry_weather import ORIGINS, SEWERS, sewer_sewage, size_mm
from drainage.words import in_both

_GRAVITY, _UNKNOWN, _PUMP = range(3)  # the first is preferred
#: How a branch is led to its receiver; the first three by the numbers above.
CONNECTIONS = ("gravity", "unknown", "pump", "none")
_SHORTEST_M = 1e-3  # keeps the way from turning round in pipes without length


class Sewers(NamedTuple):
    """The sewers as they are, by node and pipe.

    ``next_pipe`` (n_nodes,) is the row of the pipe by which the way leads on, −1 at its end; ``leads_on`` (n_nodes,)
    whether there is a way; ``m3d``, ``dry_m3s``, ``full_m3s`` (n_pipes,) mean daily flow and capacities.
    """

    next_pipe: Ints32
    leads_on: Bools
    m3d: Floats
    dry_m3s: Floats
    full_m3s: Floats
    said: str

    @classmethod
    def measure(cls, net: DrainageNetwork, rates: SewageRates) -> Sewers:
        """Find the ways and measure what flows and what could."""
        next_pipe, leads_on = _ways(net)
        sewage = sewer_sewage(net, rates)
        capacity = net.measures.capacity_m3s
        full = np.where((capacity > 0.0) & (net.measures.passes == PIPE), capacity, np.nan)
        round_ = net.pipes["shape"].fillna("circular").eq("circular").to_numpy()
        depth = np.where(round_, most_depth_share(size_mm(net.pipes)), np.nan)
        sewer = net.systems.among(*SEWERS)
        number = np.bincount(sewage.origin[sewer], minlength=len(ORIGINS))
        rate = rates.sewer_m3d_per_km
        at = "" if rate is None else in_both("sewer_flow_at", rate_m3d_per_km=rate)
        origins = dict(zip(ORIGINS, map(int, number), strict=True))
        said = in_both("sewer_flow", at=at, **origins)
        return cls(next_pipe, leads_on, sewage.m3d, full * circular_part_flow(depth)[1], full, said)

    def utilisation(self, pipe: Ints32, added_m3d: Floats, rates: SewageRates) -> tuple[Floats, Floats]:
        """Return peak flow relative to capacity of pipes with flow added, in dry and wet weather; nan if unknown."""
        mean_ls = (self.m3d[pipe] + added_m3d) / M3D_PER_LS
        dry_ls = mean_ls * (peak_factor(mean_ls) + rates.infiltration_share)
        wet_share = np.nan if rates.wet_inflow_share is None else rates.wet_inflow_share
        with np.errstate(divide="ignore", invalid="ignore"):
            dry = dry_ls / 1000.0 / self.dry_m3s[pipe]
            wet = (dry_ls + wet_share * mean_ls) / 1000.0 / self.full_m3s[pipe]
        return dry, wet


def find_receivers(
    net: DrainageNetwork, sewers: Sewers, node: Ints32, *, within_m: float, least_slope: float
) -> pd.DataFrame:
    """Find the sewer manhole for each misconnection.

    Parameters
    ----------
    net, sewers
        The network and its sewers.
    node
        (n_works,) row of the node of each misconnection.
    within_m
        Distance in a straight line beyond which none is looked for.
    least_slope
        Fall of the new pipe, m/m.

    Returns
    -------
    One row per misconnection: ``row`` of the receiver, −1 where none is near; ``connection`` (gravity | pump | unknown,
    where levels are missing | none), ``receiving_m`` away, ``fall_m`` from the arriving pipe to its bed.
    """
    pipes, graph = net.pipes, net.graph
    system = pipes["system"].to_numpy(dtype=object)
    invert_from, invert_to = (pipes[f"invert_{end}_m"].to_numpy(dtype=np.float64) for end in ("from", "to"))
    arrives = _lowest(graph.head, invert_to, np.isin(system, SEWERS), graph.n_nodes)
    bed = _lowest(graph.tail, invert_from, system == "sewage", graph.n_nodes)
    bed = np.where(np.isfinite(bed), bed, net.nodes["invert_m"].to_numpy(dtype=np.float64))
    leaves = np.bincount(graph.tail[system == "sewage"], minlength=graph.n_nodes) > 0
    xy = coordinates(net.nodes.geometry)
    takes = np.flatnonzero(sewers.leads_on & leaves & np.isfinite(xy[:, 0]))
    placed = np.flatnonzero(np.isfinite(xy[node, 0]))
    near = cKDTree(xy[node[placed]]).sparse_distance_matrix(cKDTree(xy[takes]), within_m, output_type="ndarray")
    work, row, away = placed[near["i"]], takes[near["j"]], near["v"]
    fall = arrives[node[work]] - bed[row]
    way = np.where(np.isnan(fall), _UNKNOWN, np.where(fall >= least_slope * away, _GRAVITY, _PUMP))
    best = np.lexsort((row, away, way, work))
    best = best[np.unique(work[best], return_index=True)[1]]
    table = pd.DataFrame(
        {
            "row": row[best],
            "connection": np.array(CONNECTIONS)[way[best]],
            "receiving_m": away[best],
            "fall_m": fall[best],
        },
        index=work[best],
    )
    return table.reindex(range(len(node))).fillna({"row": -1, "connection": "none"}).astype({"row": np.int32})


def check_ways(
    net: DrainageNetwork, sewers: Sewers, receiver: Ints32, added_m3d: Floats, rates: SewageRates
) -> pd.DataFrame:
    """Follow the way below each receiver with the flow added and name its worst pipe, each misconnection for itself.

    Parameters
    ----------
    receiver
        (n_works,) row of the receiving node, −1 where there is none.
    added_m3d
        (n_works,) mean daily flow added, m³/d.
    """
    n_works = len(receiver)
    worst, worst_pipe = np.full((2, n_works), -np.inf), np.full((2, n_works), -1)
    unjudged = np.zeros((2, n_works), np.intp)
    way_m = np.zeros(n_works)
    length_m = net.pipes["length_m"].to_numpy(dtype=np.float64)
    on = np.flatnonzero(receiver >= 0)
    at = receiver[on]
    while len(on):  # all ways one pipe further
        pipe = sewers.next_pipe[at]
        on, pipe = on[pipe >= 0], pipe[pipe >= 0]
        way_m[on] += length_m[pipe]
        for weather, used in enumerate(sewers.utilisation(pipe, added_m3d[on], rates)):
            unjudged[weather, on] += np.isnan(used)
            fuller = used > worst[weather, on]
            worst[weather, on[fuller]], worst_pipe[weather, on[fuller]] = used[fuller], pipe[fuller]
        at = net.graph.head[pipe]
    names = net.pipes.index.astype("str")
    columns: dict[str, object] = {"way_m": np.where(receiver >= 0, way_m, np.nan)}
    for weather, name in enumerate(("dry", "wet")):
        used = np.where(worst_pipe[weather] >= 0, worst[weather], np.nan)
        known = (worst_pipe[weather] >= 0) & (unjudged[weather] == 0)
        columns |= {
            f"{name}_room": np.select([used > 1.0, known & (used <= 1.0)], ["short", "enough"], "unknown"),
            f"{name}_utilisation": used,
            f"{name}_pipe": names.take(worst_pipe[weather], fill_value=np.nan),
            f"{name}_unjudged": unjudged[weather],
        }
    return pd.DataFrame(columns)


def short_together(
    net: DrainageNetwork, sewers: Sewers, receiver: Ints32, added_m3d: Floats, rates: SewageRates
) -> pd.Index:
    """Name the sewers that are short, in dry or wet weather, when all flows are added at once."""
    pipe = np.unique(sewers.next_pipe[sewers.next_pipe >= 0])
    ways = net.graph.only(pipe)
    there = receiver >= 0
    own = np.bincount(receiver[there], np.nan_to_num(added_m3d[there]), ways.n_nodes)
    added = ways.accumulate(own.astype(np.float64))[1]
    dry, wet = sewers.utilisation(pipe.astype(np.int32), added, rates)
    return net.pipes.index[pipe[(added > 0.0) & ((dry > 1.0) | (wet > 1.0))]]


def _ways(net: DrainageNetwork) -> tuple[Ints32, Bools]:
    """Return the pipe by which the shortest way to an end of the sewers leaves each node, and where such a way exists.

    Ends are works and pumps, and nodes that nothing leaves, unless storm water arrives there too.
    """
    graph, nodes = net.graph, net.nodes
    system = net.pipes["system"].to_numpy(dtype=object)
    sewer = np.flatnonzero(np.isin(system, SEWERS))
    arrives = np.bincount(graph.head[sewer], minlength=graph.n_nodes) > 0
    storm = np.bincount(graph.head[system == "storm"], minlength=graph.n_nodes) > 0
    last = (np.diff(graph.leaving.ptr) == 0) & ~storm & nodes["system"].ne("storm").to_numpy()
    ends = arrives & (nodes["kind"].isin(["works", "pump"]).to_numpy() | last)
    length = np.maximum(net.pipes["length_m"].to_numpy(dtype=np.float64)[sewer], _SHORTEST_M)
    back = graph.only(sewer).reversed()
    left_m, _ = back.distance_downstream(np.flatnonzero(ends).astype(np.int32), length)
    further = length + left_m[graph.head[sewer]]
    order = np.lexsort((further, graph.tail[sewer]))
    order = order[np.isfinite(further[order]) & ~ends[graph.tail[sewer[order]]]]
    tail, first = np.unique(graph.tail[sewer[order]], return_index=True)
    return spread(graph.n_nodes, tail, sewer[order[first]].astype(np.int32), -1), np.isfinite(left_m)


def _lowest(end: Ints32, level_m: Floats, mask: Bools, n_nodes: int) -> Floats:
    lowest = np.full(n_nodes, np.inf)
    known = mask & np.isfinite(level_m)
    np.minimum.at(lowest, end[known], level_m[known])
    return np.where(np.isfinite(lowest), lowest, np.nan)
