"""Compiled loops of the screening: pipes sorted from upstream to downstream, nodes numbered likewise.

Node *i* has the leaving pipes ``ptr[i]:ptr[i + 1]``, and every pipe leads to a node of higher
number, so that one sweep up the numbers carries the water down and one sweep back carries the
grade line up.  Neighbouring nodes with one pipe each, none of which leads to another of them, are a
block, whose pipes are computed at once.  Levels are metres above the datum of the network, flows
m³/s, times seconds.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from drainage.arrays import Floats, Ints, Ints32
from drainage.compiling import compiled_in_lanes, compiled_within, on_all_cores
from drainage.measures import LIFT
from drainage.simulation.screening.routing.grade_lines import (
    BASIN,
    BED,
    CONSTANT,
    CONVEYANCE,
    DELAY,
    DRY,
    FORKED,
    FREE,
    GROUND,
    HEIGHT,
    LOWEST,
    OPEN,
    OWN_HA,
    PASSES,
    PER_CONVEYANCE,
    PER_CRITICAL_FLOW,
    PER_FULL_FLOW,
    PER_HEIGHT,
    SHARE,
    TAILWATER,
    WEIR,
    Z_DOWN,
    Z_UP,
    flow_limit,
    grade_line,
    limit_of_head,
    settle,
)

#: Rows of what comes out for nodes and for pipes.
LEVEL, OVERFLOW, VOLUME, ARRIVED, FLOODED, STANDS, GONE, BEGUN = range(8)
MOST, PASSED = range(2)
#: Nodes of a block at most. A processor does up to eight at once: to fill these up takes less time than three alone.
LANES: Final = 32
_AT_ONCE: Final = 8
_ALONE: Final = 2


def route_storm(  # noqa: PLR0913 - the tables of a model and of a storm
    group_ptr: Ints32,
    ptr: Ints32,
    head: Ints32,
    table: Floats,
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
    ``table`` is (9, n_edges) and ``nodes`` (6, n_nodes), see `grade_lines`.
    ``beside`` is (n_nodes, n_steps) what comes to each node beside that, m³/s, and ``record`` (n_edges, n_steps) takes
    what leaves each pipe; either may be empty, (0, 0).

    Returns
    -------
    nodes
        (n_nodes, 8): highest level, largest overflow m³/s, overflow m³, water that arrived m³; time of overflow, time
        that water stands, moment at which it is gone (inf: it never is), and at which it begins (inf: never), s.
    edges
        (n_edges, 2): largest flow that entered m³/s, water that passed m³.
    """
    n_nodes, n_edges = len(ptr) - 1, len(head)
    pipes, kind = settle(ptr, table, nodes)
    block_ptr, block_of_group = blocks_of(group_ptr, ptr, head, kind)
    node_out, edge_out = np.zeros((8, n_nodes)), np.zeros((2, n_edges))
    node_out[LEVEL], node_out[BEGUN] = DRY, math.inf
    of_nodes = (*np.zeros((6, n_nodes)), *np.full((2, n_nodes), DRY))
    of_pipes = (*np.zeros((3, n_edges)), np.full(n_edges, np.inf))

    def route(groups: slice) -> None:
        _route_groups(
            block_of_group[groups.start : groups.stop + 1], block_ptr, ptr, head, pipes, kind, nodes, step_s,
            runoff_m3s_per_ha, step_sweeps, series, series_m3s, beside, record, np.ones((12, LANES)), node_out,
            edge_out, *of_nodes, *of_pipes,
        )  # fmt: skip

    on_all_cores(route, len(group_ptr) - 1, rows=n_nodes)
    return node_out.T, edge_out.T


def blocks_of(group_ptr: Ints32, ptr: Ints32, head: Ints32, kind: NDArray[np.uint8]) -> tuple[Ints, Ints]:
    """Cut the nodes of each group into blocks: one alone, or several with one pipe each, none leading to another.

    Returns
    -------
    block_ptr
        (n_blocks + 1,) first node of each block.
    block_of_group
        (n_groups + 1,) first block of each group.
    """
    block_ptr, block_of_group = np.zeros(len(ptr), np.int64), np.zeros(len(group_ptr), np.int64)
    _cut_blocks(group_ptr, ptr, head, kind, block_ptr, block_of_group)
    return block_ptr[: block_of_group[-1] + 1], block_of_group


@compiled_in_lanes
def _cut_blocks(
    group_ptr: Ints32, ptr: Ints32, head: Ints32, kind: NDArray[np.uint8], block_ptr: Ints, block_of_group: Ints
) -> None:
    count = 0
    for g in range(len(group_ptr) - 1):
        block_of_group[g] = count
        i, last = np.int64(group_ptr[g]), np.int64(group_ptr[g + 1])
        while i < last:
            block_ptr[count] = i
            count += 1
            most, i = min(i + LANES, last), i + 1
            if kind[i - 1] != FORKED:
                most = min(most, np.int64(head[ptr[i - 1]]))
                while i < most and kind[i] != FORKED:
                    most, i = min(most, np.int64(head[ptr[i]])), i + 1
    block_ptr[count] = len(ptr) - 1
    block_of_group[-1] = count


@compiled_in_lanes
def _route_groups(  # noqa: C901, PLR0912, PLR0913 - one step reads as one: down with the water, up again
    block_of_group: Ints, block_ptr: Ints, ptr: Ints32, head: Ints32, pipes: Floats, kind: NDArray[np.uint8],
    nodes: Floats, step_s: Floats, runoff_m3s_per_ha: Floats, step_sweeps: Ints32, series: Ints32, series_m3s: Floats,
    beside: NDArray[np.float32], record: NDArray[np.float32], lanes: Floats, node_out: Floats, edge_out: Floats,
    inflow: Floats, excess: Floats, standing: Floats, spare: Floats, pool: Floats, surface: Floats, level: Floats,
    damped: Floats, stored: Floats, sent: Floats, leaves: Floats, limit: Floats,
) -> None:  # fmt: skip
    """Fill what comes out of some groups; from ``inflow`` on as it is before the storm, and changed with each step."""
    for g in range(len(block_of_group) - 1):
        first_block, last_block = block_of_group[g], block_of_group[g + 1]
        first, last = block_ptr[first_block], block_ptr[last_block]
        time = 0.0
        for k in range(len(step_s)):
            step = step_s[k]
            for sweep in range(step_sweeps[k]):
                final = sweep == step_sweeps[k] - 1
                for i in range(first, last):
                    own = series_m3s[series[i], k] if series[i] >= 0 else nodes[OWN_HA, i] * runoff_m3s_per_ha[k]
                    inflow[i] = own + nodes[CONSTANT, i]
                    if beside.shape[0] > 0:
                        inflow[i] += beside[i, k]
                for b in range(first_block, last_block):
                    begin, end = block_ptr[b], block_ptr[b + 1]
                    if kind[begin] == FORKED:
                        excess[begin] = _send_by_forks(
                            begin,
                            ptr,
                            head,
                            pipes,
                            nodes,
                            inflow[begin],
                            step,
                            final,
                            damped,
                            pool,
                            surface,
                            sent,
                            limit,
                        )
                        for e in range(ptr[begin], ptr[begin + 1]):
                            delay = pipes[DELAY, e]
                            leaves[e] = (sent[e] * step + delay * stored[e]) / (step + delay)
                            inflow[head[e]] += leaves[e]
                    else:
                        _send_in_lanes(
                            lanes, begin, end - begin, int(np.int64(ptr[begin])), head, pipes, kind, nodes, step,
                            damped, stored, inflow, excess, sent, leaves, limit,
                        )  # fmt: skip
                for b in range(last_block - 1, first_block - 1, -1):
                    begin, end = block_ptr[b], block_ptr[b + 1]
                    if kind[begin] == FORKED:
                        level[begin] = _level_at_fork(lanes, begin, ptr, head, pipes, nodes, sent, level, surface)
                    else:
                        _stand_in_lanes(
                            lanes, begin, end - begin, int(np.int64(ptr[begin])), head, pipes, nodes, sent, level
                        )
                for i in range(first, last):
                    damped[i] = level[i] if damped[i] <= DRY else 0.5 * (damped[i] + level[i])
            _account(
                first, last, ptr, time, step, inflow, excess, level, sent, leaves, limit, standing, spare, stored,
                node_out, edge_out,
            )  # fmt: skip
            if record.shape[0] > 0:
                for e in range(ptr[first], ptr[last]):
                    record[e, k] = leaves[e]
            time += step
        for i in range(first, last):
            if standing[i] > 0.0:
                rest = standing[i] / spare[i] if spare[i] > 0.0 else math.inf
                node_out[STANDS, i] += rest
                node_out[GONE, i] += rest


@compiled_within
def _filled_up(count: int) -> int:
    """Return how many lanes are computed for so many nodes."""
    return count if count <= _ALONE else (count + _AT_ONCE - 1) // _AT_ONCE * _AT_ONCE


@compiled_in_lanes
def _send_in_lanes(  # noqa: PLR0913 - a block, and what its pipes take and give
    lanes: Floats, begin: int, count: int, e: int, head: Ints32, pipes: Floats, kind: NDArray[np.uint8], nodes: Floats,
    step: float, damped: Floats, stored: Floats, inflow: Floats, excess: Floats, sent: Floats, leaves: Floats,
    limit: Floats,
) -> None:  # fmt: skip
    """Send on what comes to the nodes of a block, as far as their pipes take it; the first one's is pipe e."""
    for t in range(count):
        lanes[0, t], lanes[1, t] = inflow[begin + t], damped[head[e + t]]
        lanes[2, t], lanes[3, t] = nodes[GROUND, begin + t], pipes[LOWEST, e + t]
        lanes[4, t], lanes[5, t] = pipes[CONVEYANCE, e + t], pipes[OPEN, e + t]
        lanes[6, t], lanes[7, t] = pipes[DELAY, e + t], stored[e + t]
        lanes[8, t] = 1.0 if kind[begin + t] == FREE else 0.0
    for t in range(_filled_up(count)):
        head_m = lanes[2, t] - max(lanes[1, t], lanes[3, t])
        most = math.inf if lanes[8, t] > 0.0 else limit_of_head(lanes[4, t], head_m, lanes[5, t])
        lanes[9, t] = most
        lanes[10, t] = min(lanes[0, t], most)
        lanes[11, t] = (lanes[10, t] * step + lanes[6, t] * lanes[7, t]) / (step + lanes[6, t])
    for t in range(count):
        limit[e + t], sent[e + t], leaves[e + t] = lanes[9, t], lanes[10, t], lanes[11, t]
        excess[begin + t] = lanes[0, t] - lanes[10, t]
        inflow[head[e + t]] += lanes[11, t]


@compiled_in_lanes
def _stand_in_lanes(
    lanes: Floats, begin: int, count: int, e: int, head: Ints32, pipes: Floats, nodes: Floats, sent: Floats,
    level: Floats,
) -> None:  # fmt: skip
    """Find the levels at the nodes of a block from those below; the pipe of the first one is pipe e."""
    _levels_above(lanes, e, count, head, pipes, sent, level)
    for t in range(count):
        level[begin + t] = min(lanes[9, t], nodes[GROUND, begin + t])


@compiled_in_lanes
def _levels_above(lanes: Floats, e: int, count: int, head: Ints32, pipes: Floats, sent: Floats, level: Floats) -> None:
    """Find the levels at the upper ends of pipes from e on; one that is not measured passes the level below on."""
    for t in range(count):
        lanes[0, t] = level[head[e + t]]
        lanes[1, t] = sent[e + t] if pipes[PER_CONVEYANCE, e + t] > 0.0 else 0.0
        lanes[2, t], lanes[3, t], lanes[4, t] = pipes[Z_UP, e + t], pipes[Z_DOWN, e + t], pipes[HEIGHT, e + t]
        lanes[5, t], lanes[6, t] = pipes[PER_CONVEYANCE, e + t], pipes[PER_FULL_FLOW, e + t]
        lanes[7, t], lanes[8, t] = pipes[PER_CRITICAL_FLOW, e + t], pipes[PER_HEIGHT, e + t]
    for t in range(_filled_up(count)):
        lanes[9, t] = grade_line(
            lanes[0, t], lanes[1, t], lanes[2, t], lanes[3, t], lanes[4, t], lanes[5, t], lanes[6, t], lanes[7, t],
            lanes[8, t],
        )  # fmt: skip


@compiled_in_lanes
def _send_by_forks(  # noqa: PLR0913 - a node, and what its pipes take
    i: int, ptr: Ints32, head: Ints32, pipes: Floats, nodes: Floats, total: float, step: float, final: bool,  # noqa: FBT001
    damped: Floats, pool: Floats, surface: Floats, sent: Floats, limit: Floats,
) -> float:  # fmt: skip
    """Share what comes to a node among its pipes and its basin, and return what none of them takes, m³/s."""
    begin, end = ptr[i], ptr[i + 1]
    basin, ground = nodes[BASIN, i], nodes[GROUND, i]
    if begin == end and not basin > 0.0:
        return 0.0
    if basin > 0.0:  # by the level in the middle of the step, of all that is there or comes
        ground = _pool_level(nodes, i, pool[i] + 0.5 * total * step)
        total += pool[i] / step
    held = _held(i, ptr, head, pipes, ground, damped)
    excess = 0.0
    for e in range(begin, end):
        limit[e] = flow_limit(pipes, e, held, damped[head[e]])
        share = pipes[SHARE, e] * total
        sent[e] = min(share, limit[e])
        excess += share - sent[e]
    if excess > 0.0 and end - begin > 1:  # what one cannot take goes where room is left
        for e in range(begin, end):
            more = min(excess, max(limit[e] - sent[e], 0.0))
            if pipes[SHARE, e] > 0.0 or pipes[WEIR, e] > 0.0:
                sent[e] += more
                excess -= more
    if basin > 0.0:
        kept = min(excess * step, basin)
        excess -= kept / step
        surface[i] = _pool_level(nodes, i, kept)
        if final:
            pool[i] = kept
    return excess


@compiled_in_lanes
def _level_at_fork(
    lanes: Floats, i: int, ptr: Ints32, head: Ints32, pipes: Floats, nodes: Floats, sent: Floats, level: Floats,
    surface: Floats,
) -> float:  # fmt: skip
    """Return the level at a node from those of its pipes, each by its share; at an end that of the tailwater."""
    here = nodes[TAILWATER, i]
    if ptr[i] < ptr[i + 1]:
        held = _held(i, ptr, head, pipes, nodes[GROUND, i], level)
        here, weight = 0.0, 0.0
        for e in range(ptr[i], ptr[i + 1], LANES):
            count = min(LANES, ptr[i + 1] - e)
            _levels_above(lanes, e, count, head, pipes, sent, level)
            for t in range(count):
                if pipes[PASSES, e + t] != LIFT:  # nothing is passed back through a pump
                    here += pipes[SHARE, e + t] * lanes[9, t]
                    weight += pipes[SHARE, e + t]
        here = min(here / weight if weight > 0.0 else DRY, held)
    return float(max(here, surface[i]) if nodes[BASIN, i] > 0.0 else here)


@compiled_within
def _held(i: int, ptr: Ints32, head: Ints32, pipes: Floats, ground: float, level: Floats) -> float:
    """Return the level that a node can rise to: the ground, the weir beside its pipes, or what drowns that weir."""
    held = ground
    for e in range(ptr[i], ptr[i + 1]):
        if pipes[WEIR, e] > 0.0:
            held = min(held, max(pipes[Z_UP, e], level[head[e]]))
    return held


@compiled_within
def _pool_level(nodes: Floats, i: int, held_m3: float) -> float:
    """Return the level of a basin that holds so much water as if its walls were vertical."""
    bed = nodes[BED, i]
    return float(bed + (nodes[GROUND, i] - bed) * min(held_m3 / nodes[BASIN, i], 1.0))


@compiled_in_lanes
def _account(  # noqa: PLR0913 - what a step did to nodes and pipes, and what is kept of it
    first: int, last: int, ptr: Ints32, time: float, step: float, inflow: Floats, excess: Floats, level: Floats,
    sent: Floats, leaves: Floats, limit: Floats, standing: Floats, spare: Floats, stored: Floats, node_out: Floats,
    edge_out: Floats,
) -> None:  # fmt: skip
    """Add what the last sweep of a step says of the nodes of a group and of their pipes to what comes out."""
    for e in range(ptr[first], ptr[last]):
        stored[e] = leaves[e]
        edge_out[MOST, e] = max(edge_out[MOST, e], sent[e])
        edge_out[PASSED, e] += leaves[e] * step
    for i in range(first, last):
        node_out[ARRIVED, i] += inflow[i] * step
        node_out[LEVEL, i] = max(node_out[LEVEL, i], level[i])
        if not (excess[i] > 0.0 or standing[i] > 0.0):
            continue
        if excess[i] > 0.0:
            node_out[OVERFLOW, i] = max(node_out[OVERFLOW, i], excess[i])
            node_out[VOLUME, i] += excess[i] * step
            node_out[BEGUN, i] = min(node_out[BEGUN, i], time)
        spare[i] = 0.0
        for e in range(ptr[i], ptr[i + 1]):
            spare[i] += max(limit[e] - sent[e], 0.0)
        standing[i] = stand(node_out, i, standing[i], excess[i], spare[i], time, step)


@compiled_within
def stand(node_out: Floats, i: int, standing: float, excess: float, spare: float, time: float, step: float) -> float:
    """Store water that left a node, drain it by its pipes' spare capacity, and return what is left.

    What drains so is not routed: the pipes below may have no room for it, so that it takes longer, never shorter.
    """
    took = step
    left = standing
    if excess > 0.0:
        node_out[FLOODED, i] += step
        left += excess * step
    elif standing > spare * step:
        left -= spare * step
    else:
        took = standing / spare
        left = 0.0
    node_out[STANDS, i] += took
    node_out[GONE, i] = time + took
    return left
