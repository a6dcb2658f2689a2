"""One sweep of a storm through the swept nodes: down with the water, up again with the grade line."""

from __future__ import annotations

import math

import numpy as np

from drainage.arrays import Floats, Ints32
from drainage.compiling import compiled_in_place, compiled_within
from drainage.simulation.screening.routing.free_flow import AT_ONCE, Bounds, Out, Pipes, Rain, leaving, own_inflow
from drainage.simulation.screening.routing.grade_lines import (
    CONVEYANCE,
    DELAY,
    DRY,
    FORKED,
    FREE,
    GROUND,
    LOWEST,
    OPEN,
    levels_above,
    limit_of_head,
)
from drainage.simulation.screening.routing.one_node import level_at, send_on
from drainage.simulation.screening.routing.storm_state import (
    ABOVE,
    ARRIVED,
    BEGUN,
    BELOW,
    DAMPED,
    EXCESS,
    FLOODED,
    GONE,
    INFLOW,
    LEAVES,
    LEVEL,
    LIMIT,
    MOST,
    OVERFLOW,
    OWN,
    PASSED,
    SENT,
    SPARE,
    STANDING,
    STANDS,
    STANDS_AT,
    STORED,
    VOLUME,
    State,
    end_storm,
)
from drainage.simulation.screening.routing.swept_nodes import (
    FIRST,
    FIRST_BLOCK,
    FIRST_COMING,
    FIRST_EDGE,
    LAST,
    LAST_BLOCK,
    LAST_COMING,
    LAST_EDGE,
    Swept,
    before,
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
            send_on(
                swept.ptr, swept.head, swept.pipes, swept.nodes, state.of_node, state.of_edge, begin, step, final
            )  # fmt: skip
        else:
            _send_in_lanes(swept, state, begin, end - begin, int(np.int64(swept.ptr[begin])), step)


@compiled_within
def _filled_up(count: int) -> int:
    """Return how many lanes are computed for so many nodes."""
    return count if count <= _ALONE else (count + AT_ONCE - 1) // AT_ONCE * AT_ONCE


@compiled_in_place
def _send_in_lanes(swept: Swept, state: State, begin: int, count: int, first: int, step: float) -> None:
    pipes, ground, kind = swept.pipes, swept.nodes[GROUND], swept.kind
    of_edge = state.of_edge
    inflow, excess, damped = state.of_node[INFLOW], state.of_node[EXCESS], state.of_node[DAMPED]
    stored, sent, leaves, limit, below = of_edge[STORED], of_edge[SENT], of_edge[LEAVES], of_edge[LIMIT], of_edge[BELOW]
    for t in range(count):
        below[first + t] = damped[swept.head[first + t]]
    for t in range(_filled_up(count)):
        s, e = begin + t, first + t
        head_m = ground[s] - max(below[e], pipes[LOWEST, e])
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
    level, damped = state.of_node[STANDS_AT], state.of_node[DAMPED]
    sent, below, above = state.of_edge[SENT], state.of_edge[BELOW], state.of_edge[ABOVE]
    for b in range(swept.piece[p, LAST_BLOCK] - 1, swept.piece[p, FIRST_BLOCK] - 1, -1):
        begin, end = int(np.int64(swept.block_ptr[b])), int(np.int64(swept.block_end[b]))
        first, last = int(np.int64(swept.ptr[begin])), int(np.int64(swept.ptr[end]))
        filled = _filled_up(last - first)
        before = last - filled
        for e in range(first, last):
            below[e] = level[swept.head[e]]
        levels_above(swept.pipes, before, sent[before:last], below[before:last], above[before:last])
        if swept.kind[begin] == FORKED:
            level[begin] = level_at(
                swept.ptr, swept.head, swept.pipes, swept.nodes, state.of_node, state.of_edge, begin
            )
        else:
            for t in range(filled):
                level[end - filled + t] = min(above[before + t], swept.nodes[GROUND, end - filled + t])
    for s in range(swept.piece[p, FIRST], swept.piece[p, LAST]):
        damped[s] = level[s] if damped[s] <= DRY else 0.5 * (damped[s] + level[s])


@compiled_within
def _end_step(swept: Swept, state: State, begun_s: float, step_s: float, p: int) -> None:
    """Add what the last sweep of a step says of the nodes of a piece and of their pipes to what comes out."""
    of_node, of_edge = state.of_node, state.of_edge
    for e in range(swept.piece[p, FIRST_EDGE], swept.piece[p, LAST_EDGE]):
        of_edge[STORED, e] = of_edge[LEAVES, e]
        of_edge[MOST, e] = max(of_edge[MOST, e], of_edge[SENT, e])
        of_edge[PASSED, e] += of_edge[LEAVES, e] * step_s
    for s in range(swept.piece[p, FIRST], swept.piece[p, LAST]):
        of_node[ARRIVED, s] += of_node[INFLOW, s] * step_s
        of_node[LEVEL, s] = max(of_node[LEVEL, s], of_node[STANDS_AT, s])
        if of_node[EXCESS, s] > 0.0 or of_node[STANDING, s] > 0.0:
            spare = 0.0
            for e in range(swept.ptr[s], swept.ptr[s + 1]):
                spare += max(of_edge[LIMIT, e] - of_edge[SENT, e], 0.0)
            of_node[SPARE, s] = spare
            stand(of_node, s, begun_s, step_s)


@compiled_within
def stand(of_node: Floats, s: int, begun_s: float, step_s: float) -> None:
    """Do as `one_by_one.stand` at one node."""
    excess, standing, room, took = of_node[EXCESS, s], of_node[STANDING, s], of_node[SPARE, s] * step_s, step_s
    if excess > 0.0:
        of_node[OVERFLOW, s] = max(of_node[OVERFLOW, s], excess)
        of_node[VOLUME, s] += excess * step_s
        of_node[BEGUN, s] = min(of_node[BEGUN, s], begun_s)
        of_node[FLOODED, s] += step_s
        of_node[STANDING, s] = standing + excess * step_s
    elif standing > room:
        of_node[STANDING, s] = standing - room
    else:
        took = standing / of_node[SPARE, s]
        of_node[STANDING, s] = 0.0
    of_node[STANDS, s] += took
    of_node[GONE, s] = begun_s + took


@compiled_within
def _keep(swept: Swept, state: State, k: int, p: int, first_node: int, levels: Floats, out: Out) -> None:
    """Keep the levels at the nodes of a piece, and what leaves its pipes, of a step."""
    if levels.shape[0] > 0:
        for s in range(swept.piece[p, FIRST], swept.piece[p, LAST]):
            levels[swept.node[s] - first_node, k] = state.of_node[STANDS_AT, s]
    if out.record.shape[0] > 0:
        for e in range(swept.piece[p, FIRST_EDGE], swept.piece[p, LAST_EDGE]):
            out.record[swept.edge[e], k] = state.of_edge[LEAVES, e]
