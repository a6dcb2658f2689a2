"""Compiled loops of the screening: edges sorted from upstream to downstream, nodes numbered likewise.

Node *i* has the leaving edges ``ptr[i]:ptr[i + 1]``, and every edge leads to a node of higher
number, so that one sweep up the numbers carries the water down and one sweep back carries the
grade line up.  Levels are metres above the datum of the network, flows m³/s, times seconds.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from drainage.arrays import Floats, Ints, Ints32
from drainage.compiling import compiled, compiled_for_many, compiled_within, on_all_cores
from drainage.measures import LIFT

#: Columns of the edge table. A weir takes only what the pipes beside it cannot: with a crest, and no share of its own.
SHARE, CONVEYANCE, Z_UP, Z_DOWN, HEIGHT, WIDTH, DELAY, PASSES, WEIR = range(9)
#: Columns of the node table.
OWN_HA, CONSTANT, GROUND, TAILWATER, BASIN, BED = range(6)
#: Columns of what comes out for nodes and for edges.
LEVEL, OVERFLOW, VOLUME, ARRIVED, FLOODED, STANDS, GONE, BEGUN = range(8)

GRAVITY: Final = 9.81
_DRY: Final = -1e30


@compiled
def _flow_share(depth_share: float) -> float:
    """Return Q/Q_full of a circular pipe from h/D: 0.46 - 0.5 cos(πx) + 0.04 cos(2πx), rising to 1."""
    if depth_share >= 1.0:
        return 1.0
    c = math.cos(math.pi * max(depth_share, 0.0))
    return max(0.42 - 0.5 * c + 0.08 * c * c, 1e-4)


@compiled_within
def _depth_share(flow_share: float) -> float:
    """Invert `_flow_share`: 0.08 c² - 0.5 c + 0.42 = q with c = cos(πx)."""
    if flow_share >= 1.0:
        return 1.0
    c = (0.5 - math.sqrt(max(0.25 - 0.32 * (0.42 - flow_share), 0.0))) / 0.16
    return math.acos(min(max(c, -1.0), 1.0)) / math.pi


@compiled
def level_above(edge: Floats, flow: float, level_below: float) -> float:
    """Return the hydraulic grade at the upper end of a pipe from its flow and the level at its lower end.

    Start at the lower end: the level there, or if that is lower the critical depth of a free
    fall (of the rectangle of equal height and area), half-way to the crown when the pipe runs
    full (HEC-22).  Add the friction of the full pipe; where the upper end is not drowned by
    that, take the normal depth or the backwater with the conveyance of the mean depth,
    whichever is higher.
    """
    conveyance, z_up, z_down = edge[CONVEYANCE], edge[Z_UP], edge[Z_DOWN]
    height = edge[HEIGHT]
    if not conveyance > 0.0:
        return float(max(level_below, z_up) if z_up > _DRY else level_below)
    if flow <= 0.0:
        return float(max(level_below, z_up))
    per_width = flow / edge[WIDTH]
    critical = min((per_width * per_width / GRAVITY) ** (1.0 / 3.0), height)
    head = flow / conveyance
    friction = head * head
    full = max(level_below, z_down + 0.5 * (critical + height)) + friction
    crown = z_up + height
    if full >= crown:
        return float(full)
    start = max(level_below, z_down + critical)
    fall = z_up - z_down
    normal = 0.0
    if fall > 0.0:
        normal = height * _depth_share(flow / (conveyance * math.sqrt(fall)))
    level = max(start, z_up + normal)
    for _ in range(2):
        mean = 0.5 * ((start - z_down) + (level - z_up)) / height
        open_share = _flow_share(min(max(mean, 0.1), 1.0))
        level = max(start + friction / (open_share * open_share), z_up + normal)
        level = min(level, crown)
    return float(max(level, z_up + 0.5 * critical))


@compiled
def flow_limit(edge: Floats, ground_above: float, level_below: float) -> float:
    """Return the flow that the head between the ground above and the level below can drive.

    At the lower end the water is no deeper than 0.9 of the pipe, nor, where the ground is lower than the crown, than it
    can be at the upper one; and of a head that stands little above that end, as where a pipe rises, no more than the
    critical depth, two thirds of it.

    References
    ----------
    Chow, Open-Channel Hydraulics (1959), 3-3: critical depth of a rectangle.
    """
    conveyance = edge[CONVEYANCE]
    if not conveyance > 0.0 or not ground_above < math.inf:
        return math.inf
    height, z_down = edge[HEIGHT], edge[Z_DOWN]
    deepest = 0.9 * min(height, max(ground_above - edge[Z_UP], 0.0))
    lower = max(level_below, z_down + min(deepest, max(ground_above - z_down, 0.0) / 1.5))
    head = ground_above - lower
    if head <= 0.0:
        return 0.0
    return float(conveyance * math.sqrt(head) * _flow_share((ground_above - edge[Z_UP]) / height))


@compiled
def _held(i: int, ptr: Ints32, head: Ints32, edges: Floats, ground: float, level: Floats) -> float:
    """Return the level that a node can rise to: the ground, the weir beside its pipes, or what drowns that weir."""
    held = ground
    for e in range(ptr[i], ptr[i + 1]):
        if edges[e, WEIR] > 0.0:
            held = min(held, max(edges[e, Z_UP], level[head[e]]))
    return held


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
    bounds = group_ptr.astype(np.int64)
    node_out, edge_out = np.zeros((n_nodes, 8)), np.zeros((n_edges, 2))
    node_out[:, LEVEL], node_out[:, BEGUN] = _DRY, math.inf
    passing = (*np.zeros((5, n_nodes)), *np.full((2, n_nodes), _DRY), *np.zeros((2, n_edges)), np.full(n_edges, np.inf))

    def route(groups: slice) -> None:
        _route_groups(
            bounds[groups.start : groups.stop + 1], ptr, head, edges, nodes, step_s, runoff_m3s_per_ha, step_sweeps,
            series, series_m3s, beside, record, node_out, edge_out, *passing,
        )  # fmt: skip

    on_all_cores(route, len(group_ptr) - 1, rows=n_nodes)
    return node_out, edge_out


@compiled
def _route_groups(  # noqa: C901, PLR0912, PLR0913, PLR0915 - one step reads as one: down with the water, up again
    group_ptr: Ints, ptr: Ints32, head: Ints32, edges: Floats, nodes: Floats, step_s: Floats,
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
                    basin = nodes[i, BASIN]
                    if begin == end and not basin > 0.0:
                        continue
                    ground = nodes[i, GROUND]
                    if basin > 0.0:  # by the level in the middle of the step, of all that is there or comes
                        ground = _pool_level(nodes[i], pool[i] + 0.5 * total * step)
                        total += pool[i] / step
                    held = _held(i, ptr, head, edges, ground, damped)
                    excess = 0.0
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
                    begin, end, here = ptr[i], ptr[i + 1], nodes[i, TAILWATER]
                    if begin < end:
                        held = _held(i, ptr, head, edges, nodes[i, GROUND], level)
                        here, weight = 0.0, 0.0
                        for e in range(begin, end):  # nothing is passed back through a pump
                            if edges[e, PASSES] != LIFT:
                                part = edges[e, SHARE]
                                here += part * level_above(edges[e], sent[e], level[head[e]])
                                weight += part
                        here = min(here / weight if weight > 0.0 else _DRY, held)
                    if nodes[i, BASIN] > 0.0:
                        here = max(here, surface[i])
                    level[i] = here
                    damped[i] = here if damped[i] <= _DRY else 0.5 * (damped[i] + here)
                    if final:
                        node_out[i, LEVEL] = max(node_out[i, LEVEL], here)
            time += step
        for i in range(first, last):
            if standing[i] > 0.0:
                rest = standing[i] / spare[i] if spare[i] > 0.0 else math.inf
                node_out[i, STANDS] += rest
                node_out[i, GONE] += rest


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
