"""A storm carried through a small network, one node after the other: one short loop, so that the first answer is soon.

It is what the screening does, written down; all else in this room gives the same to the last bit, and is quicker from
some thousand nodes on, but takes four times as long to compile.
"""

from __future__ import annotations

import numpy as np

from drainage.arrays import Floats, Ints32, ranges
from drainage.compiling import compiled_in_place
from drainage.simulation.screening.routing.free_flow import Out, Rain
from drainage.simulation.screening.routing.grade_lines import (
    CONSTANT,
    DRY,
    HEIGHT,
    OWN_HA,
    PER_CONVEYANCE,
    PER_CRITICAL_FLOW,
    PER_FULL_FLOW,
    PER_HEIGHT,
    Z_DOWN,
    Z_UP,
    grade_line,
)
from drainage.simulation.screening.routing.one_node import level_at, send_on
from drainage.simulation.screening.routing.storm_state import (
    ABOVE,
    ARRIVED,
    BEGUN,
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
    dry_state,
    end_storm,
)


def route_one_by_one(ptr: Ints32, head: Ints32, pipes: Floats, nodes: Floats, rain: Rain, out: Out) -> None:
    """Fill what comes out of a storm; ``pipes`` and ``nodes`` are (13, n_edges) and (6, n_nodes)."""
    state = dry_state(len(ptr) - 1, len(head))
    begins, ends = (np.diff(rain.turn_step, **beyond) != 0 for beyond in ({"prepend": -1}, {"append": -1}))
    for begun, ended, k in zip(begins, ends, rain.turn_step, strict=True):
        if begun:
            state.of_node[OWN] = _own_inflow(nodes, rain, k)
        state.of_node[INFLOW] = state.of_node[OWN]
        _sweep(ptr, head, pipes, nodes, *state, rain.step_s[k], bool(ended))
        level, damped = state.of_node[STANDS_AT], state.of_node[DAMPED]
        damped[:] = np.where(damped <= DRY, level, 0.5 * (damped + level))
        if ended:
            _end_step(state, ptr, rain.begun_s[k], rain.step_s[k])
            if len(out.record):
                out.record[:, k] = state.of_edge[LEAVES]
    end_storm(state)
    out.nodes[:], out.edges[:] = state.of_node[: len(out.nodes)], state.of_edge[: len(out.edges)]


def _own_inflow(nodes: Floats, rain: Rain, k: int) -> Floats:
    """Return what comes to each node in a step beside what its pipes bring, m³/s, as `free_flow.own_inflow` to one."""
    own: Floats = nodes[OWN_HA] * rain.runoff_m3s_per_ha[k]
    told = rain.series >= 0
    own[told] = rain.series_m3s[rain.series[told], k]
    own += nodes[CONSTANT]
    if len(rain.beside):
        own += rain.beside[:, k]
    return own


@compiled_in_place
def _sweep(
    ptr: Ints32, head: Ints32, pipes: Floats, nodes: Floats, of_node: Floats, of_edge: Floats,
    step: float, ends: bool,  # noqa: FBT001
) -> None:  # fmt: skip
    """Carry the water down, and the grade line up again."""
    count = len(ptr) - 1
    for i in range(count):
        send_on(ptr, head, pipes, nodes, of_node, of_edge, i, step, ends)
        for e in range(ptr[i], ptr[i + 1]):
            of_node[INFLOW, head[e]] += of_edge[LEAVES, e]
    for i in range(count - 1, -1, -1):
        for e in range(ptr[i], ptr[i + 1]):
            of_edge[ABOVE, e] = grade_line(
                of_node[STANDS_AT, head[e]], of_edge[SENT, e] if pipes[PER_CONVEYANCE, e] > 0.0 else 0.0,
                pipes[Z_UP, e], pipes[Z_DOWN, e], pipes[HEIGHT, e], pipes[PER_CONVEYANCE, e], pipes[PER_FULL_FLOW, e],
                pipes[PER_CRITICAL_FLOW, e], pipes[PER_HEIGHT, e],
            )  # fmt: skip
        of_node[STANDS_AT, i] = level_at(ptr, head, pipes, nodes, of_node, of_edge, i)


def _end_step(state: State, ptr: Ints32, begun_s: float, step_s: float) -> None:
    """Add what the last sweep of a step says of the nodes and of their pipes to what comes out (in place)."""
    node, edge = state
    edge[STORED] = edge[LEAVES]
    np.maximum(edge[MOST], edge[SENT], out=edge[MOST])
    edge[PASSED] += edge[LEAVES] * step_s
    node[ARRIVED] += node[INFLOW] * step_s
    np.maximum(node[LEVEL], node[STANDS_AT], out=node[LEVEL])
    wet = np.flatnonzero((node[EXCESS] > 0.0) | (node[STANDING] > 0.0))
    pipes = ptr[wet + 1] - ptr[wet]
    here = ranges(ptr[wet], pipes)
    left = np.maximum(edge[LIMIT, here] - edge[SENT, here], 0.0)
    node[SPARE, wet] = np.bincount(np.repeat(np.arange(len(wet)), pipes), weights=left, minlength=len(wet))
    node[:, wet] = stand(node[:, wet], begun_s, step_s)


def stand(node: Floats, begun_s: float, step_s: float) -> Floats:
    """Store water that left nodes, or drain it by the spare capacity of their pipes, and tell how long that took.

    What drains so is not routed: the pipes below may have no room for it, so that it takes longer, never shorter.
    """
    excess, standing, room = node[EXCESS], node[STANDING], node[SPARE] * step_s
    over, stays = excess > 0.0, standing > room
    with np.errstate(divide="ignore", invalid="ignore"):
        took = np.where(over | stays, step_s, standing / node[SPARE])
    node[STANDING] = np.where(over, standing + excess * step_s, np.where(stays, standing - room, 0.0))
    node[OVERFLOW] = np.maximum(node[OVERFLOW], excess)
    node[VOLUME] += np.where(over, excess * step_s, 0.0)
    node[BEGUN] = np.where(over, np.minimum(node[BEGUN], begun_s), node[BEGUN])
    node[FLOODED] += np.where(over, step_s, 0.0)
    node[STANDS] += took
    node[GONE] = begun_s + took
    return node
