"""One sweep of a storm through the swept nodes: down with the water, up again with the grade line."""

from __future__ import annotations

import math

import numpy as np

from drainage.arrays import Floats, Ints32
from drainage.compiling import compiled_in_place, compiled_within
from drainage.measures import LIFT
from drainage.simulation.screening.routing.free_flow import (
    ARRIVED,
    AT_ONCE,
    BEGUN,
    FLOODED,
    GONE,
    LEVEL,
    MOST,
    OVERFLOW,
    PASSED,
    STANDS,
    VOLUME,
    Bounds,
    Out,
    Pipes,
    Rain,
    leaving,
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
    LOWEST,
    OPEN,
    PASSES,
    SHARE,
    TAILWATER,
    WEIR,
    Z_UP,
    flow_limit,
    levels_above,
    limit_of_head,
)
from drainage.simulation.screening.routing.swept_nodes import (
    DAMPED,
    EXCESS,
    FIRST,
    FIRST_BLOCK,
    FIRST_COMING,
    FIRST_EDGE,
    INFLOW,
    LAST,
    LAST_BLOCK,
    LAST_COMING,
    LAST_EDGE,
    LEAVES,
    LIMIT,
    OWN,
    POOL,
    SENT,
    SPARE,
    STANDING,
    STANDS_AT,
    STORED,
    SURFACE,
    State,
    Swept,
    before,
    end_storm,
    give_back,
    lay_out,
)

#: So few nodes of a block are computed one after the other; to fill them up takes less time than three alone.
_ALONE = 2


def sweep_at_once(
    pipes: Pipes, rain: Rain, order: Ints32, first_node: int, rows: Floats, levels: Floats, bounds: Bounds, out: Out
) -> None:  # fmt: skip
    """Carry a storm through those of some nodes that are swept, whole parts' from upstream to downstream."""
    first_edge, n_steps = pipes.ptr[first_node], len(rain.step_s)
    swept = lay_out(pipes, [order], first_edge, rows[:, :n_steps], bounds)
    if not len(swept.block_ptr):
        return
    state = before(swept)
    take_turns(pipes, rain, swept, state, 0, 0, 2 * len(rain.turn_step), first_node, levels, out)
    end_storm(state)
    give_back(swept, state, out)


@compiled_in_place
def take_turns(
    pipes: Pipes, rain: Rain, swept: Swept, state: State, p: int, first: int, last: int, first_node: int,
    levels: Floats, out: Out,
) -> None:  # fmt: skip
    """Let a piece take some of its turns; turns 2t and 2t + 1 are the way down and up of sweep t.

    ``levels``, (n, n_steps) from ``first_node`` on, take the level at the end of each step; they may be empty.
    """
    step_of, step_s = rain.turn_step, rain.step_s
    for turn in range(first, last):
        sweep = turn // 2
        k = step_of[sweep]
        begins = sweep == 0 or step_of[sweep - 1] != k
        ends = sweep + 1 == len(step_of) or step_of[sweep + 1] != k
        if turn % 2 == 0:
            if begins:
                _begin_step(pipes, rain, swept, state, k, p)
            _sweep_down(swept, state, step_s[k], ends, p)
        else:
            _sweep_up(swept, state, p)
            if ends:
                _end_step(swept, state, rain.begun_s[k], step_s[k], p)
                _keep(swept, state, k, p, first_node, levels, out)


@compiled_within
def _begin_step(pipes: Pipes, rain: Rain, swept: Swept, state: State, k: int, p: int) -> None:
    """Let come to the nodes of a piece what does in a step."""
    for s in range(swept.piece[p, FIRST], swept.piece[p, LAST]):
        state.of_node[OWN, s] = own_inflow(pipes, rain, swept.node[s], k)
    for c in range(swept.piece[p, FIRST_COMING], swept.piece[p, LAST_COMING]):
        state.of_edge[LEAVES, len(swept.edge) + c] = swept.coming_m3s[k, c]


@compiled_within
def _sweep_down(swept: Swept, state: State, step: float, final: bool, p: int) -> None:  # noqa: FBT001
    """Send on what comes to the nodes of a piece, as far as their pipes take it.

    What is computed beyond the end of a block is computed again with the block that it belongs to.
    """
    leaves = state.of_edge[LEAVES]
    for b in range(swept.piece[p, FIRST_BLOCK], swept.piece[p, LAST_BLOCK]):
        begin, end = int(np.int64(swept.block_ptr[b])), int(np.int64(swept.block_end[b]))
        for s in range(begin, end):
            comes = state.of_node[OWN, s]
            for j in range(swept.arriving[s], swept.arriving[s + 1]):
                comes += leaves[swept.arrives[j]]
            state.of_node[INFLOW, s] = comes
        if swept.kind[begin] == FORKED:
            _send_by_forks(swept, state, begin, step, final)
        else:
            _send_in_lanes(swept, state, state.room[p, 0], begin, end - begin, int(np.int64(swept.ptr[begin])), step)


@compiled_within
def _filled_up(count: int) -> int:
    """Return how many lanes are computed for so many nodes."""
    return count if count <= _ALONE else (count + AT_ONCE - 1) // AT_ONCE * AT_ONCE


@compiled_in_place
def _send_in_lanes(swept: Swept, state: State, below: Floats, begin: int, count: int, first: int, step: float) -> None:
    pipes, ground, kind = swept.pipes, swept.nodes[GROUND], swept.kind
    inflow, excess, damped = state.of_node[INFLOW], state.of_node[EXCESS], state.of_node[DAMPED]
    stored, sent, leaves, limit = (
        state.of_edge[STORED],
        state.of_edge[SENT],
        state.of_edge[LEAVES],
        state.of_edge[LIMIT],
    )
    for t in range(count):
        below[t] = damped[swept.head[first + t]]
    for t in range(_filled_up(count)):
        s, e = begin + t, first + t
        head_m = ground[s] - max(below[t], pipes[LOWEST, e])
        most = limit_of_head(pipes[CONVEYANCE, e], head_m, pipes[OPEN, e])
        most = math.inf if kind[s] == FREE else most
        enters = min(inflow[s], most)
        limit[e], sent[e], excess[s] = most, enters, inflow[s] - enters
        leaves[e] = leaving(enters, stored[e], pipes[DELAY, e], step)


@compiled_within
def _sweep_up(swept: Swept, state: State, p: int) -> None:
    """Find the levels at the nodes of a piece from those below, and how they change from sweep to sweep.

    What is computed before the beginning of a block is computed again with the block that it belongs to.
    """
    level, damped, sent = state.of_node[STANDS_AT], state.of_node[DAMPED], state.of_edge[SENT]
    for b in range(swept.piece[p, LAST_BLOCK] - 1, swept.piece[p, FIRST_BLOCK] - 1, -1):
        begin, end = int(np.int64(swept.block_ptr[b])), int(np.int64(swept.block_end[b]))
        first, last = int(np.int64(swept.ptr[begin])), int(np.int64(swept.ptr[end]))
        filled = _filled_up(last - first)
        before, below, above = last - filled, state.room[p, 0, :filled], state.room[p, 1, :filled]
        for e in range(first, last):
            below[e - before] = level[swept.head[e]]
        levels_above(swept.pipes, before, sent[before:last], below, above)
        if swept.kind[begin] == FORKED:
            level[begin] = _level_at_fork(swept, state, above[first - before :], begin)
        else:
            for t in range(filled):
                level[end - filled + t] = min(above[t], swept.nodes[GROUND, end - filled + t])
    for s in range(swept.piece[p, FIRST], swept.piece[p, LAST]):
        damped[s] = level[s] if damped[s] <= DRY else 0.5 * (damped[s] + level[s])


@compiled_in_place
def _send_by_forks(swept: Swept, state: State, i: int, step: float, final: bool) -> None:  # noqa: FBT001
    """Share what comes to a node among its pipes and its basin; what none of them takes is its excess."""
    pipes, nodes, of_node = swept.pipes, swept.nodes, state.of_node
    sent, limit = state.of_edge[SENT], state.of_edge[LIMIT]
    begin, end = swept.ptr[i], swept.ptr[i + 1]
    basin, ground, total = nodes[BASIN, i], nodes[GROUND, i], of_node[INFLOW, i]
    of_node[EXCESS, i] = 0.0
    if begin == end and not basin > 0.0:
        return
    if basin > 0.0:  # by the level in the middle of the step, of all that is there or comes
        ground = _pool_level(nodes, i, of_node[POOL, i] + 0.5 * total * step)
        total += of_node[POOL, i] / step
    held = _held(swept.ptr, swept.head, pipes, i, ground, of_node[DAMPED])
    excess = 0.0
    for e in range(begin, end):
        limit[e] = flow_limit(pipes, e, held, of_node[DAMPED, swept.head[e]])
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
        of_node[SURFACE, i] = _pool_level(nodes, i, kept)
        if final:
            of_node[POOL, i] = kept
    of_node[EXCESS, i] = excess
    for e in range(begin, end):
        state.of_edge[LEAVES, e] = leaving(sent[e], state.of_edge[STORED, e], pipes[DELAY, e], step)


@compiled_in_place
def _level_at_fork(swept: Swept, state: State, above: Floats, i: int) -> float:
    """Return the level at a node from those above its pipes, each by its share; at an end that of the tailwater."""
    pipes, nodes, level = swept.pipes, swept.nodes, state.of_node[STANDS_AT]
    here = nodes[TAILWATER, i]
    if swept.ptr[i] < swept.ptr[i + 1]:
        held = _held(swept.ptr, swept.head, pipes, i, nodes[GROUND, i], level)
        here, weight = 0.0, 0.0
        for e in range(swept.ptr[i], swept.ptr[i + 1]):
            if pipes[PASSES, e] != LIFT:  # nothing is passed back through a pump
                here += pipes[SHARE, e] * above[e - swept.ptr[i]]
                weight += pipes[SHARE, e]
        here = min(here / weight if weight > 0.0 else DRY, held)
    return float(max(here, state.of_node[SURFACE, i]) if nodes[BASIN, i] > 0.0 else here)


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


@compiled_within
def _end_step(swept: Swept, state: State, time: float, step: float, p: int) -> None:
    """Add what the last sweep of a step says of the nodes of a piece and of their pipes to what comes out."""
    first, last = swept.piece[p, FIRST], swept.piece[p, LAST]
    nodes, edges, of_node, of_edge = state.nodes, state.edges, state.of_node, state.of_edge
    for e in range(swept.piece[p, FIRST_EDGE], swept.piece[p, LAST_EDGE]):
        of_edge[STORED, e] = of_edge[LEAVES, e]
        edges[MOST, e] = max(edges[MOST, e], of_edge[SENT, e])
        edges[PASSED, e] += of_edge[LEAVES, e] * step
    for s in range(first, last):
        nodes[ARRIVED, s] += of_node[INFLOW, s] * step
        nodes[LEVEL, s] = max(nodes[LEVEL, s], of_node[STANDS_AT, s])
        excess = of_node[EXCESS, s]
        if not (excess > 0.0 or of_node[STANDING, s] > 0.0):
            continue
        if excess > 0.0:
            nodes[OVERFLOW, s] = max(nodes[OVERFLOW, s], excess)
            nodes[VOLUME, s] += excess * step
            nodes[BEGUN, s] = min(nodes[BEGUN, s], time)
        spare = 0.0
        for e in range(swept.ptr[s], swept.ptr[s + 1]):
            spare += max(of_edge[LIMIT, e] - of_edge[SENT, e], 0.0)
        of_node[SPARE, s] = spare
        of_node[STANDING, s] = stand(nodes, s, of_node[STANDING, s], excess, spare, time, step)


@compiled_within
def _keep(swept: Swept, state: State, k: int, p: int, first_node: int, levels: Floats, out: Out) -> None:
    """Keep the levels at the nodes of a piece, and what leaves its pipes, of a step."""
    if levels.shape[0] > 0:
        for s in range(swept.piece[p, FIRST], swept.piece[p, LAST]):
            levels[swept.node[s] - first_node, k] = state.of_node[STANDS_AT, s]
    if out.record.shape[0] > 0:
        for e in range(swept.piece[p, FIRST_EDGE], swept.piece[p, LAST_EDGE]):
            out.record[swept.edge[e], k] = state.of_edge[LEAVES, e]


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
