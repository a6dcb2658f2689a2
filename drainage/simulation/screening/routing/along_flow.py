"""Compiled loops along the flow, once down or up: what gathers at pipes, how far water stands back, pipes laid anew.

Edges are sorted from upstream to downstream and nodes numbered likewise, as in `storm_sweeps`.
"""

from __future__ import annotations

import math

import numpy as np

from drainage.arrays import Bools, Floats, Ints, Ints32
from drainage.compiling import compiled_for_many


@compiled_for_many()
def pipes_to_end(upwards: Ints, ptr: Ints32, edge: Ints32, head: Ints32, onward: Bools) -> Ints32:
    """Count the pipes on the longest way down from each node; ``upwards`` names a node after all to which it leads."""
    count = np.zeros(len(upwards), np.int32)
    for i in upwards:
        for k in range(ptr[i], ptr[i + 1]):
            if onward[edge[k]]:
                count[i] = max(count[i], count[head[edge[k]]] + 1)
    return count


@compiled_for_many()
def gather_ground(
    ptr: Ints32, head: Ints32, share: Floats, travel_min: Floats, own_ha: Floats, constant: Floats, t1: float
) -> tuple[Floats, Floats, Floats]:
    """Sum ground, constant inflow and longest time along the flow, for the upper end of each edge."""
    n_nodes, n_edges = len(ptr) - 1, len(head)
    area, steady = own_ha.copy(), constant.copy()
    time = np.full(n_nodes, t1)
    edge_area, edge_steady, edge_time = np.zeros(n_edges), np.zeros(n_edges), np.zeros(n_edges)
    for i in range(n_nodes):
        for e in range(ptr[i], ptr[i + 1]):
            edge_area[e] = share[e] * area[i]
            edge_steady[e] = share[e] * steady[i]
            edge_time[e] = time[i]
            area[head[e]] += edge_area[e]
            steady[head[e]] += edge_steady[e]
            time[head[e]] = max(time[head[e]], time[i] + travel_min[e])
    return edge_area, edge_steady, edge_time


@compiled_for_many()
def partial_maximum(ptr: Ints32, head: Ints32, share: Floats, flow: Floats) -> Floats:
    """Keep flows from falling below the largest that arrives, except for what a fork diverts."""
    n_nodes = len(ptr) - 1
    largest = np.zeros(n_nodes)
    raised = flow.copy()
    for i in range(n_nodes):
        for e in range(ptr[i], ptr[i + 1]):
            raised[e] = max(flow[e], share[e] * largest[i])
            largest[head[e]] = max(largest[head[e]], raised[e])
    return raised


@compiled_for_many()
def stand_back(ptr: Ints32, head: Ints32, z_up: Floats, level: Floats) -> Floats:
    """Extend water standing at some nodes upstream, as far as their pipes lie lower."""
    stands = level.copy()
    for i in range(len(ptr) - 2, -1, -1):
        for e in range(ptr[i], ptr[i + 1]):
            if stands[head[e]] > z_up[e]:
                stands[i] = max(stands[i], stands[head[e]])
    return stands


@compiled_for_many()
def lay_downhill(ptr: Ints32, head: Ints32, z_up: Floats, z_down: Floats, least_fall: Floats) -> tuple[Floats, Floats]:
    """Lay edges that rise with the flow by their least fall, m, and those below as deep as they must be."""
    n_nodes = len(ptr) - 1
    level = np.full(n_nodes, math.inf)
    up, down = z_up.copy(), z_down.copy()
    for i in range(n_nodes):
        for e in range(ptr[i], ptr[i + 1]):
            rises = z_up[e] < z_down[e]
            if not (rises or level[i] < z_up[e]):
                continue
            up[e] = min(z_up[e], level[i])
            if rises or down[e] > up[e]:
                down[e] = up[e] - least_fall[e]
            level[head[e]] = min(level[head[e]], down[e])
    return up, down
