"""One sweep of a storm through the swept nodes: down with the water, up again with the grade line."""

from __future__ import annotations

import math

import numpy as np

from drainage.arrays import Floats, Ints32
from drainage.compiling import compiled_in_lanes, compiled_within
from drainage.measures import LIFT
from drainage.simulation.screening.routing.free_flow import (
    ARRIVED,
    BEGUN,
    FLOODED,
    GONE,
    LEVEL,
    MOST,
    OVERFLOW,
    PASSED,
    STANDS,
    VOLUME,
    Out,
    Pipes,
    Rain,
    own_inflow,
)
from drainage.simulation.screening.routing.grade_lines import (
    BASIN,
    BED,
    CONVEYANCE,
    DELAY,
    DRY,
    FORKED,
    FREE,
    GROUND,
    HEIGHT,
    LOWEST,
    OPEN,
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
)
from drainage.simulation.screening.routing.swept_nodes import (
    AT_ONCE,
    FIRST,
    FIRST_BLOCK,
    FIRST_COMING,
    FIRST_EDGE,
    LAST,
    LAST_BLOCK,
    LAST_COMING,
    LAST_EDGE,
    State,
    Swept,
)

#: So few nodes of a block are computed one after the other.
_ALONE = 2


@compiled_in_lanes
def begin_step(pipes: Pipes, rain: Rain, swept: Swept, state: State, k: int, p: int) -> None:
    """Let come to the nodes of a piece what does in a step."""
    piece, n_edges = swept.piece[p], len(swept.edge)
    for s in range(piece[FIRST], piece[LAST]):
        state.own[s] = own_inflow(pipes, rain, swept.node[s], k)
    for c in range(piece[FIRST_COMING], piece[LAST_COMING]):
        state.leaves[n_edges + c] = swept.coming_m3s[k, c]


@compiled_in_lanes
def sweep_down(swept: Swept, state: State, step: float, final: bool, p: int) -> None:  # noqa: FBT001
    """Send on what comes to the nodes of a piece, as far as their pipes take it.

    What is computed beyond the end of a block is computed again with the block that it belongs to.
    """
    inflow, leaves = state.inflow, state.leaves
    for b in range(swept.piece[p, FIRST_BLOCK], swept.piece[p, LAST_BLOCK]):
        begin, end = np.int64(swept.block_ptr[b]), np.int64(swept.block_end[b])
        for s in range(begin, end):
            comes = state.own[s]
            for j in range(swept.arriving[s], swept.arriving[s + 1]):
                comes += leaves[swept.arrives[j]]
            inflow[s] = comes
        if swept.kind[begin] == FORKED:
            state.excess[begin] = _send_by_forks(swept, state, begin, step, final)
            for e in range(swept.ptr[begin], swept.ptr[begin + 1]):
                delay = swept.pipes[DELAY, e]
                leaves[e] = (state.sent[e] * step + delay * state.stored[e]) / (step + delay)
        else:
            _send_in_lanes(swept, state, state.below[p, 0], begin, end - begin, np.int64(swept.ptr[begin]), step)


@compiled_within
def _filled_up(count: int) -> int:
    """Return how many lanes are computed for so many nodes."""
    return count if count <= _ALONE else (count + AT_ONCE - 1) // AT_ONCE * AT_ONCE


@compiled_in_lanes
def _send_in_lanes(
    swept: Swept, state: State, below: Floats, begin: int, count: int, first: int, step: float
) -> None:
    pipes, ground, kind = swept.pipes, swept.nodes[GROUND], swept.kind
    inflow, excess, stored, sent = state.inflow, state.excess, state.stored, state.sent
    for t in range(count):
        below[t] = state.damped[swept.head[first + t]]
    for t in range(_filled_up(count)):
        s, e = begin + t, first + t
        head_m = ground[s] - max(below[t], pipes[LOWEST, e])
        most = limit_of_head(pipes[CONVEYANCE, e], head_m, pipes[OPEN, e])
        most = math.inf if kind[s] == FREE else most
        enters = min(inflow[s], most)
        delay = pipes[DELAY, e]
        state.limit[e], sent[e], excess[s] = most, enters, inflow[s] - enters
        state.leaves[e] = (enters * step + delay * stored[e]) / (step + delay)


@compiled_in_lanes
def sweep_up(swept: Swept, state: State, p: int) -> None:
    """Find the levels at the nodes of a piece from those below, and how they change from sweep to sweep.

    What is computed before the beginning of a block is computed again with the block that it belongs to.
    """
    piece, level, damped = swept.piece[p], state.level, state.damped
    for b in range(piece[LAST_BLOCK] - 1, piece[FIRST_BLOCK] - 1, -1):
        begin, end = np.int64(swept.block_ptr[b]), np.int64(swept.block_end[b])
        if swept.kind[begin] == FORKED:
            level[begin] = _level_at_fork(swept, state, begin)
        else:
            filled = _filled_up(end - begin)
            _stand_in_lanes(
                swept, state, state.below[p, 1], end - filled, filled, np.int64(swept.ptr[end]) - filled, begin - end
            )
    for s in range(piece[FIRST], piece[LAST]):
        damped[s] = level[s] if damped[s] <= DRY else 0.5 * (damped[s] + level[s])


@compiled_in_lanes
def _stand_in_lanes(
    swept: Swept, state: State, below: Floats, begin: int, count: int, first: int, own: int
) -> None:
    ground, level = swept.nodes[GROUND], state.level
    for t in range(count + own, count):
        below[t] = level[swept.head[first + t]]
    for t in range(count):
        level[begin + t] = min(_level_above(swept.pipes, first + t, below[t], state.sent[first + t]), ground[begin + t])


@compiled_within
def _level_above(pipes: Floats, e: int, below: float, sent: float) -> float:
    """Return the level at the upper end of a pipe; one that is not measured passes the level below on."""
    flow = sent if pipes[PER_CONVEYANCE, e] > 0.0 else 0.0
    return float(
        grade_line(
            below, flow, pipes[Z_UP, e], pipes[Z_DOWN, e], pipes[HEIGHT, e], pipes[PER_CONVEYANCE, e],
            pipes[PER_FULL_FLOW, e], pipes[PER_CRITICAL_FLOW, e], pipes[PER_HEIGHT, e],
        )
    )  # fmt: skip


@compiled_in_lanes
def _send_by_forks(swept: Swept, state: State, i: int, step: float, final: bool) -> float:  # noqa: FBT001
    """Share what comes to a node among its pipes and its basin, and return what none of them takes, m³/s."""
    pipes, nodes, sent, limit = swept.pipes, swept.nodes, state.sent, state.limit
    begin, end = swept.ptr[i], swept.ptr[i + 1]
    basin, ground, total = nodes[BASIN, i], nodes[GROUND, i], state.inflow[i]
    if begin == end and not basin > 0.0:
        return 0.0
    if basin > 0.0:  # by the level in the middle of the step, of all that is there or comes
        ground = _pool_level(nodes, i, state.pool[i] + 0.5 * total * step)
        total += state.pool[i] / step
    held = _held(swept.ptr, swept.head, pipes, i, ground, state.damped)
    excess = 0.0
    for e in range(begin, end):
        limit[e] = flow_limit(pipes, e, held, state.damped[swept.head[e]])
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
        state.surface[i] = _pool_level(nodes, i, kept)
        if final:
            state.pool[i] = kept
    return excess


@compiled_in_lanes
def _level_at_fork(swept: Swept, state: State, i: int) -> float:
    """Return the level at a node from those of its pipes, each by its share; at an end that of the tailwater."""
    pipes, nodes, level = swept.pipes, swept.nodes, state.level
    here = nodes[TAILWATER, i]
    if swept.ptr[i] < swept.ptr[i + 1]:
        held = _held(swept.ptr, swept.head, pipes, i, nodes[GROUND, i], level)
        here, weight = 0.0, 0.0
        for e in range(swept.ptr[i], swept.ptr[i + 1]):
            if pipes[PASSES, e] != LIFT:  # nothing is passed back through a pump
                here += pipes[SHARE, e] * _level_above(pipes, e, level[swept.head[e]], state.sent[e])
                weight += pipes[SHARE, e]
        here = min(here / weight if weight > 0.0 else DRY, held)
    return float(max(here, state.surface[i]) if nodes[BASIN, i] > 0.0 else here)


@compiled_within
def _held(ptr: Ints32, head: Ints32, pipes: Floats, i: int, ground: float, level: Floats) -> float:
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
def end_step(  # noqa: PLR0913 - what a step did, and what is kept of it
    swept: Swept, state: State, time: float, step: float, k: int, p: int, first_node: int, levels: Floats, out: Out
) -> None:  # fmt: skip
    """Add what the last sweep of a step says of the nodes of a piece and of their pipes to what comes out."""
    first, last = swept.piece[p, FIRST], swept.piece[p, LAST]
    standing, spare, excess = state.standing, state.spare, state.excess
    for e in range(swept.piece[p, FIRST_EDGE], swept.piece[p, LAST_EDGE]):
        state.stored[e] = state.leaves[e]
        state.edges[MOST, e] = max(state.edges[MOST, e], state.sent[e])
        state.edges[PASSED, e] += state.leaves[e] * step
    for s in range(first, last):
        state.nodes[ARRIVED, s] += state.inflow[s] * step
        state.nodes[LEVEL, s] = max(state.nodes[LEVEL, s], state.level[s])
    for s in range(first, last):
        if not (excess[s] > 0.0 or standing[s] > 0.0):
            continue
        if excess[s] > 0.0:
            state.nodes[OVERFLOW, s] = max(state.nodes[OVERFLOW, s], excess[s])
            state.nodes[VOLUME, s] += excess[s] * step
            state.nodes[BEGUN, s] = min(state.nodes[BEGUN, s], time)
        spare[s] = 0.0
        for e in range(swept.ptr[s], swept.ptr[s + 1]):
            spare[s] += max(state.limit[e] - state.sent[e], 0.0)
        standing[s] = stand(state.nodes, s, standing[s], excess[s], spare[s], time, step)
    if levels.shape[0] > 0:
        for s in range(first, last):
            levels[swept.node[s] - first_node, k] = state.level[s]
    if out.record.shape[0] > 0:
        for e in range(swept.piece[p, FIRST_EDGE], swept.piece[p, LAST_EDGE]):
            out.record[swept.edge[e], k] = state.leaves[e]


@compiled_in_lanes
def end_storm(swept: Swept, state: State) -> None:
    """Add how long what still stands will stand."""
    for s in range(len(swept.node)):
        if state.standing[s] > 0.0:
            rest = state.standing[s] / state.spare[s] if state.spare[s] > 0.0 else math.inf
            state.nodes[STANDS, s] += rest
            state.nodes[GONE, s] += rest


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
