"""Which way sewage takes in dry weather: down the sewers, out of them at misconnections, to where it ends."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from drainage.arrays import Bools, Floats, marked
from drainage.network import DrainageNetwork
from drainage.simulation.dry_weather import SEWERS

#: Where sewage ends: at a plant, in the river by a sewer, in the river by a storm drain, at the open end of a pipe.
ENDS: Final = ("plant", "river_by_sewer", "river_by_storm_drain", "open_end")


@dataclass(frozen=True, eq=False)
class DryWays:
    """The flow of dry weather through every node and pipe, m³/d, and where it ends.

    Parameters
    ----------
    node_m3d, pipe_m3d
        (n_nodes,), (n_pipes,); 0 in pipes of other systems. In a loop every pipe has what enters the loop.
    end_m3d
        (4, n_nodes) what ends at each node, by `ENDS`; of a loop without a way out, all of it at its first node.
    leaves
        (n_nodes,) True where sewage leaves the sewers for a storm drain.
    plant
        (n_nodes,) True at works that a drain reaches: all that arrives stays there.
    """

    node_m3d: Floats
    pipe_m3d: Floats
    end_m3d: Floats
    leaves: Bools
    plant: Bools


def dry_ways(net: DrainageNetwork, own_m3d: Floats) -> DryWays:
    """Send what enters at each node, (n_nodes,), m³/d, down the pipes of dry weather.

    Where a sewer or combined pipe leaves a node, all flow stays in these, in equal shares; only where none does, it
    runs into the storm drains. An interceptor sends all of it into its sewage pipes, none over its weir; a plant sends
    nothing on, for what leaves it is treated. Reclaimed pipes carry nothing of it. A sewer ends in a river only at an
    outfall that is recorded, a storm drain wherever it ends.
    """
    system = net.pipes["system"].to_numpy(dtype=object)
    sewer = np.isin(system, SEWERS)
    drain = sewer | (system == "storm")
    kind = net.nodes["kind"].to_numpy(dtype=object)
    tail = net.graph.tail
    keeps = marked(len(net.nodes), tail[sewer])
    plant = (kind == "works") & marked(len(net.nodes), net.graph.head[drain])
    intercepts = (kind == "interceptor") & marked(len(net.nodes), tail[system == "sewage"])
    closed = plant[tail] | (intercepts[tail] & (system != "sewage"))
    used = np.flatnonzero((sewer | (drain & ~keeps[tail])) & ~closed)
    part = net.graph.only(used)
    node_m3d, flow = part.accumulate(own_m3d)
    pipe_m3d = np.zeros(len(net.pipes))
    pipe_m3d[used] = flow
    component = part.component
    n = int(component.max(initial=-1)) + 1
    out = np.zeros(n, np.bool_)
    between = component[part.tail] != component[part.head]
    out[component[part.tail[between]]] = True
    first = np.full(n, -1, np.int64)
    first[component[::-1]] = np.arange(part.n_nodes)[::-1]
    ends = first[~out]
    storm = system[used] == "storm"
    by_storm = np.bincount(part.head[storm], flow[storm], part.n_nodes)
    ending = np.zeros(part.n_nodes)
    ending[ends] = node_m3d[ends]
    outfall = kind == "outfall"
    by_storm = np.minimum(by_storm, ending) * outfall
    by_sewer = (ending - by_storm) * (outfall & (net.nodes["kind_source"] == "recorded").to_numpy())
    at_plant = ending * plant
    end_m3d = np.vstack([at_plant, by_sewer, by_storm, ending - at_plant - by_sewer - by_storm])
    storm_leaves = marked(part.n_nodes, part.tail[storm])
    arrives = np.bincount(part.head[sewer[used]], flow[sewer[used]], part.n_nodes) > 0
    return DryWays(node_m3d, pipe_m3d, end_m3d, storm_leaves & (arrives | (own_m3d > 0)), plant)


def losses(net: DrainageNetwork, ways: DryWays, own_m3d: Floats) -> pd.DataFrame:
    """Tabulate the nodes at which sewage leaves the sewers for a storm drain: ``m3_per_day``, the largest first."""
    sewer = net.systems.among(*SEWERS)
    entering = np.bincount(net.graph.head[sewer], ways.pipe_m3d[sewer], len(net.nodes)) + own_m3d
    at = np.flatnonzero(ways.leaves)
    table = pd.DataFrame({"m3_per_day": entering[at]}, index=net.nodes.index[at].rename("node_id"))
    return table.sort_values("m3_per_day", ascending=False, kind="stable")
