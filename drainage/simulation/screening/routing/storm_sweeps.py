"""Compiled loops of the screening: edges sorted from upstream to downstream, nodes numbered likewise.

Node *i* has the leaving edges ``ptr[i]:ptr[i + 1]``, and every edge leads to a node of higher
number, so that one sweep up the numbers carries the water down and one sweep back carries the
grade line up.  Levels are metres above the datum of the network, flows m³/s, times seconds.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from drainage.arrays import Floats, Ints, Ints32
from drainage.compiling import compiled, compiled_within, on_all_cores
from drainage.measures import LIFT
from drainage.simulation.screening.routing.grade_lines import (
    BASIN,
    BED,
    CONSTANT,
    CONVEYANCE,
    DELAY,
    DRY,
    FORKED,
    GROUND,
    LOWEST,
    OPEN,
    OWN_HA,
    PASSES,
    PLAIN,
    SHARE,
    TAILWATER,
    WEIR,
    Z_UP,
    flow_limit,
    level_above,
    limit_of_head,
    settle,
)

#: Columns of what comes out for nodes and for edges.
LEVEL, OVERFLOW, VOLUME, ARRIVED, FLOODED, STANDS, GONE, BEGUN = range(8)


@compiled
def _held(i: int, ptr: Ints32, head: Ints32, edges: Floats, ground: float, level: Floats) -> float:
    """Return the level that a node can rise to: the ground, the weir beside its pipes, or what drowns that weir."""
    held = ground
    for e in range(ptr[i], ptr[i + 1]):
        if edges[e, WEIR] > 0.0:
            held = min(held, max(edges[e, Z_UP], level[head[e]]))
    return held


@compiled
def _level_at(i: int, ptr: Ints32, head: Ints32, edges: Floats, node: Floats, sent: Floats, level: Floats) -> float:
    """Return the level at a node from those of its pipes, each by its share; at an end that of the tailwater."""
    if ptr[i] == ptr[i + 1]:
        return float(node[TAILWATER])
    held = _held(i, ptr, head, edges, node[GROUND], level)
    here, weight = 0.0, 0.0
    for e in range(ptr[i], ptr[i + 1]):  # nothing is passed back through a pump
        if edges[e, PASSES] != LIFT:
            part = edges[e, SHARE]
            here += part * level_above(edges[e], sent[e], level[head[e]])
            weight += part
    return float(min(here / weight if weight > 0.0 else DRY, held))


@compiled_within
def _pool_level(node: Floats, held: float) -> float:
    """Return the level of a basin that holds so much water, m³, as if its walls were vertical."""
    return float(node[BED] + (node[GROUND] - node[BED]) * min(held / node[BASIN], 1.0))


@compiled_within
def _stand(node: Floats, standing: float, excess: float, spare: float, time: float, step: float) -> float:
    """Store water that left a node, drain it by its pipes' spare capacity, and return what is left.

    What drains so is not routed: the pipes below may have no room for it, so that it takes longer, never shorter.
    """
    if excess > 0.0:
        node[FLOODED] += step
        took = step
        standing += excess * step
    elif standing > spare * step:
        took = step
        standing -= spare * step
    else:
        took = standing / spare
        standing = 0.0
    node[STANDS] += took
    node[GONE] = time + took
    return standing


def route_storm(  # noqa: PLR0913 - the tables of a model and of a storm
    group_ptr: Ints32,
    ptr: Ints32,
    head: Ints32,
    edges: Floats,
    nodes: Floats,
    step_s: Floats,
    runoff_m3s_per_ha: Floats,
    step_sweeps: Ints32,
    series: Ints32,
    series_m3s: Floats,
    beside: NDArray[np.float32],
    record: NDArray[np.float32],
) -> tuple[Floats, Floats]:
    """Carry a storm through groups of nodes that exchange no water, one group after another.

    A node with a series, (n_nodes,) -1 for none, takes in what that says of each step instead of its ground's runoff.
    ``beside`` is (n_nodes, n_steps) what comes to each node beside that, m³/s, and ``record`` (n_edges, n_steps) takes
    what leaves each edge; either may be empty, (0, 0).

    Returns
    -------
    nodes
        (n_nodes, 8): highest level, largest overflow m³/s, overflow m³, water that arrived m³; time of overflow, time
        that water stands, moment at which it is gone (inf: it never is), and at which it begins (inf: never), s.
    edges
        (n_edges, 2): largest flow that entered m³/s, water that passed m³.
    """
    n_nodes, n_edges = len(ptr) - 1, len(head)
    edges, kind = settle(ptr, edges, nodes)
    bounds = group_ptr.astype(np.int64)
    node_out, edge_out = np.zeros((n_nodes, 8)), np.zeros((n_edges, 2))
    node_out[:, LEVEL], node_out[:, BEGUN] = DRY, math.inf
    passing = (*np.zeros((5, n_nodes)), *np.full((2, n_nodes), DRY), *np.zeros((2, n_edges)), np.full(n_edges, np.inf))

    def route(groups: slice) -> None:
        _route_groups(
            bounds[groups.start : groups.stop + 1], ptr, head, edges, kind, nodes, step_s, runoff_m3s_per_ha,
            step_sweeps, series, series_m3s, beside, record, node_out, edge_out, *passing,
        )  # fmt: skip

    on_all_cores(route, len(group_ptr) - 1, rows=n_nodes)
    return node_out, edge_out


@compiled
def _route_groups(  # noqa: C901, PLR0912, PLR0913, PLR0915 - one step reads as one: down with the water, up again
    group_ptr: Ints, ptr: Ints32, head: Ints32, edges: Floats, kind: NDArray[np.uint8], nodes: Floats, step_s: Floats,
    runoff_m3s_per_ha: Floats, step_sweeps: Ints32, series: Ints32, series_m3s: Floats, beside: NDArray[np.float32],
    record: NDArray[np.float32], node_out: Floats, edge_out: Floats, inflow: Floats, standing: Floats, spare: Floats,
    pool: Floats, surface: Floats, level: Floats, damped: Floats, stored: Floats, sent: Floats, limit: Floats,
) -> None:  # fmt: skip
    """Fill what comes out of some groups; from ``inflow`` on as it is before the storm, and changed with each step."""
    for g in range(len(group_ptr) - 1):
        first, last = group_ptr[g], group_ptr[g + 1]
        time = 0.0
        for k in range(len(step_s)):
            step = step_s[k]
            for sweep in range(step_sweeps[k]):
                final = sweep == step_sweeps[k] - 1
                for i in range(first, last):
                    own = series_m3s[series[i], k] if series[i] >= 0 else nodes[i, OWN_HA] * runoff_m3s_per_ha[k]
                    inflow[i] = own + nodes[i, CONSTANT]
                    if beside.shape[0] > 0:
                        inflow[i] += beside[i, k]
                for i in range(first, last):
                    begin, end, total = ptr[i], ptr[i + 1], inflow[i]
                    if final:
                        node_out[i, ARRIVED] += total * step
                    excess = 0.0
                    if kind[i] == FORKED:
                        basin = nodes[i, BASIN]
                        if begin == end and not basin > 0.0:
                            continue
                        ground = nodes[i, GROUND]
                        if basin > 0.0:  # by the level in the middle of the step, of all that is there or comes
                            ground = _pool_level(nodes[i], pool[i] + 0.5 * total * step)
                            total += pool[i] / step
                        held = _held(i, ptr, head, edges, ground, damped)
                        for e in range(begin, end):
                            limit[e] = flow_limit(edges[e], held, damped[head[e]])
                            share = edges[e, SHARE] * total
                            sent[e] = min(share, limit[e])
                            excess += share - sent[e]
                        if excess > 0.0 and end - begin > 1:  # what one cannot take goes where room is left
                            for e in range(begin, end):
                                more = min(excess, max(limit[e] - sent[e], 0.0))
                                if edges[e, SHARE] > 0.0 or edges[e, WEIR] > 0.0:
                                    sent[e] += more
                                    excess -= more
                        if basin > 0.0:
                            kept = min(excess * step, basin)
                            excess -= kept / step
                            surface[i] = _pool_level(nodes[i], kept)
                            if final:
                                pool[i] = kept
                    else:
                        limit[begin] = math.inf
                        if kind[i] == PLAIN:
                            fall = nodes[i, GROUND] - max(damped[head[begin]], edges[begin, LOWEST])
                            limit[begin] = limit_of_head(edges[begin, CONVEYANCE], fall, edges[begin, OPEN])
                        sent[begin] = min(total, limit[begin])
                        excess = total - sent[begin]
                    for e in range(begin, end):
                        delay = edges[e, DELAY]
                        leaves = (sent[e] * step + delay * stored[e]) / (step + delay)
                        inflow[head[e]] += leaves
                        if final:
                            stored[e] = leaves
                            if record.shape[0] > 0:
                                record[e, k] = leaves
                            edge_out[e, 0] = max(edge_out[e, 0], sent[e])
                            edge_out[e, 1] += leaves * step
                    if final and excess > 0.0:
                        node_out[i, OVERFLOW] = max(node_out[i, OVERFLOW], excess)
                        node_out[i, VOLUME] += excess * step
                        node_out[i, BEGUN] = min(node_out[i, BEGUN], time)
                    if final and (excess > 0.0 or standing[i] > 0.0):
                        spare[i] = 0.0
                        for e in range(begin, end):
                            spare[i] += max(limit[e] - sent[e], 0.0)
                        standing[i] = _stand(node_out[i], standing[i], excess, spare[i], time, step)
                for i in range(last - 1, first - 1, -1):
                    if kind[i] == FORKED:
                        here = _level_at(i, ptr, head, edges, nodes[i], sent, level)
                        if nodes[i, BASIN] > 0.0:
                            here = max(here, surface[i])
                    else:
                        e = ptr[i]
                        here = min(level_above(edges[e], sent[e], level[head[e]]), nodes[i, GROUND])
                    level[i] = here
                    damped[i] = here if damped[i] <= DRY else 0.5 * (damped[i] + here)
                    if final:
                        node_out[i, LEVEL] = max(node_out[i, LEVEL], here)
            time += step
        for i in range(first, last):
            if standing[i] > 0.0:
                rest = standing[i] / spare[i] if spare[i] > 0.0 else math.inf
                node_out[i, STANDS] += rest
                node_out[i, GONE] += rest
