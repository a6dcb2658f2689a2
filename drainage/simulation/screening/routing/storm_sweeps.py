"""A storm carried through the arrays of a screening: pipes sorted from upstream to downstream, nodes numbered likewise.

Node *i* has the leaving pipes ``ptr[i]:ptr[i + 1]``, and every pipe leads to a node of higher
number, so that one sweep up the numbers carries the water down and one sweep back carries the
grade line up.  What comes to a node is summed in the order of the pipes that arrive there, so that it hangs neither on
what is computed at once nor on the number of cores.  Levels are metres above the datum of the network, flows
m³/s, times seconds.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from drainage.arrays import Floats, Ints32
from drainage.compiling import compiled_in_lanes, compiled_within, on_all_cores
from drainage.simulation.screening.routing.free_flow import (
    BEGUN,
    LEVEL,
    Bounds,
    Out,
    Pipes,
    Rain,
    find_swept,
    stand_free,
    sweep_all,
)
from drainage.simulation.screening.routing.grade_lines import DRY
from drainage.simulation.screening.routing.swept_nodes import AT_ONCE, before, give_back, lay_out
from drainage.simulation.screening.routing.turns import begin_step, end_step, end_storm, sweep_down, sweep_up

#: Values of the rows that parts swept side by side hold, or one part: they stay in a core's memory (own choice).
ROWS_AT_ONCE: Final = 1 << 19
#: Nodes that are worth to be swept, however few there are of each part.
SWEPT_AT_ONCE: Final = 1024
#: A part whose rows hold more values than this, 128 MiB, is swept whole.
MOST_VALUES: Final = 1 << 24


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
    *,
    levels: bool = True,
) -> tuple[Floats, Floats]:
    """Carry a storm through groups of nodes that exchange no water, one group after another.

    A node with a series, (n_nodes,) -1 for none, takes in what that says of each step instead of its ground's runoff.
    ``table`` is (9, n_edges) and ``nodes`` (6, n_nodes), see `grade_lines`.
    ``beside`` is (n_nodes, n_steps) what comes to each node beside that, m³/s, and ``record`` (n_edges, n_steps) takes
    what leaves each pipe; either may be empty, (0, 0).
    Without ``levels`` the highest level is told only of nodes that can come to overflow and of those below.

    Returns
    -------
    nodes
        (n_nodes, 8): highest level, largest overflow m³/s, overflow m³, water that arrived m³; time of overflow, time
        that water stands, moment at which it is gone (inf: it never is), and at which it begins (inf: never), s.
    edges
        (n_edges, 2): largest flow that entered m³/s, water that passed m³.
    """
    n_nodes, n_edges = len(ptr) - 1, len(head)
    pipes = Pipes(ptr, head, table, nodes, *_arriving(head, n_nodes))
    rain = Rain(step_s, runoff_m3s_per_ha, step_sweeps, series, series_m3s, beside)
    out = Out(np.zeros((8, n_nodes)), np.zeros((2, n_edges)), record)
    out.nodes[LEVEL], out.nodes[BEGUN] = DRY, math.inf
    bounds = Bounds(*np.zeros((2, n_nodes)), *np.zeros((3, n_nodes), np.bool_), np.zeros(n_nodes, np.int32))
    order, slot, edge_slot = np.arange(n_nodes, dtype=np.int32), np.zeros(n_nodes, np.int32), np.full(n_edges, -1, np.int32)

    def route(groups: slice) -> None:
        _route_groups(
            group_ptr[groups.start : groups.stop + 1], pipes, rain, order, bounds, slot, edge_slot, levels, out
        )

    on_all_cores(route, len(group_ptr) - 1, rows=n_nodes)
    return out.nodes.T, out.edges.T


@compiled_in_lanes
def _arriving(head: Ints32, n_nodes: int) -> tuple[Ints32, Ints32]:
    """Return the edges that lead to each node, ``edge[ptr[i]:ptr[i + 1]]`` in their order."""
    ptr, edge = np.zeros(n_nodes + 2, np.int32), np.empty(len(head), np.int32)
    for e in range(len(head)):
        ptr[head[e] + 2] += 1
    for i in range(n_nodes):
        ptr[i + 2] += ptr[i + 1]
    for e in range(len(head)):
        edge[ptr[head[e] + 1]] = e
        ptr[head[e] + 1] += 1
    return ptr[:-1], edge


@compiled_in_lanes
def _route_groups(  # noqa: PLR0913 - the tables of a model and of a storm
    group_ptr: Ints32, pipes: Pipes, rain: Rain, order: Ints32, bounds: Bounds, slot: Ints32, edge_slot: Ints32,
    levels: bool, out: Out,  # noqa: FBT001
) -> None:  # fmt: skip
    """Fill what comes out of some groups."""
    n_steps = len(rain.step_s)
    width = (n_steps + AT_ONCE - 1) // AT_ONCE * AT_ONCE
    most = _most_at_once(group_ptr, pipes.ptr, width)
    rows, heights = np.zeros((most, width)), np.zeros((most if levels else 0, width))
    begin, n_swept = 0, 0
    for g in range(len(group_ptr) - 1):
        first_node, last = group_ptr[begin], group_ptr[g + 1]
        first_edge = pipes.ptr[first_node]
        part = order[group_ptr[g] : last]
        if _size(pipes.ptr, group_ptr[g], last) * width > MOST_VALUES:
            sweep_all(pipes, part, bounds, out)
        else:
            find_swept(pipes, rain, part, first_edge, rows, bounds, out)
        for i in part:
            n_swept += bounds.swept[i]
        more = g + 2 < len(group_ptr) and n_swept < SWEPT_AT_ONCE
        if more and _size(pipes.ptr, first_node, group_ptr[g + 2]) * width <= ROWS_AT_ONCE:
            continue
        parts = order[first_node:last]
        if n_swept > 0:
            _sweep(pipes, rain, parts, first_edge, rows, bounds, slot, edge_slot, first_node, heights, out)
        if levels:
            stand_free(pipes, rain, parts, first_edge, rows, first_node, heights, bounds, out)
        begin, n_swept = g + 1, 0


@compiled_in_lanes
def _most_at_once(group_ptr: Ints32, ptr: Ints32, width: int) -> int:
    """Return how many nodes, or pipes, the largest of all that is done at once holds."""
    most, whole = 1, 1
    for g in range(len(group_ptr) - 1):
        size = _size(ptr, group_ptr[g], group_ptr[g + 1])
        whole += size
        if size * width <= MOST_VALUES:
            most = max(most, size)
    return min(max(most, ROWS_AT_ONCE // width), whole)


@compiled_within
def _size(ptr: Ints32, first: int, last: int) -> int:
    return max(last - first, ptr[last] - ptr[first])


@compiled_in_lanes
def _sweep(
    pipes: Pipes, rain: Rain, order: Ints32, first_edge: int, rows: Floats, bounds: Bounds, slot: Ints32,
    edge_slot: Ints32, first_node: int, heights: Floats, out: Out,
) -> None:  # fmt: skip
    """Carry a storm through the swept nodes among some."""
    n_steps, time = len(rain.step_s), 0.0
    swept = lay_out(pipes, order, np.array([0, len(order)]), first_edge, rows, n_steps, bounds, slot, edge_slot)
    state = before(swept)
    for k in range(n_steps):
        step, last = rain.step_s[k], rain.step_sweeps[k] - 1
        begin_step(pipes, rain, swept, state, k, 0)
        for sweep in range(last + 1):
            sweep_down(swept, state, step, sweep == last, 0)
            sweep_up(swept, state, 0)
        end_step(swept, state, time, step, k, 0, first_node, heights, out)
        time += step
    end_storm(swept, state)
    give_back(swept, state, out)
