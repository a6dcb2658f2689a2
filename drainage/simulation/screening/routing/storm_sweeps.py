"""A storm carried through the arrays of a screening: pipes sorted from upstream to downstream, nodes numbered likewise.

Node *i* has the leaving pipes ``ptr[i]:ptr[i + 1]``, and every pipe leads to a node of higher
number, so that one sweep up the numbers carries the water down and one sweep back carries the
grade line up.  What comes to a node is summed in the order of the pipes that arrive there, so that it hangs neither on
what is computed at once nor on the number of cores.  Levels are metres above the datum of the network, flows
m³/s, times seconds.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from drainage.arrays import AnyRows, Floats, Ints32
from drainage.compiling import SlowWay, on_all_cores
from drainage.graph import kernels
from drainage.simulation.screening.routing.free_flow import (
    Bounds,
    Out,
    Pipes,
    Rain,
    find_swept,
    keep_rows,
    room_for,
    stand_free,
)
from drainage.simulation.screening.routing.grade_lines import DRY, with_inverses
from drainage.simulation.screening.routing.large_parts import large_parts, route_large
from drainage.simulation.screening.routing.one_by_one import route_one_by_one
from drainage.simulation.screening.routing.storm_state import BEGUN, LEVEL
from drainage.simulation.screening.routing.turns import sweep_at_once

#: Nodes of a network, and seconds in all, for which one node after the other takes less time than to compile, or to
#: load, what is quicker (measured; own choice).
ONE_BY_ONE: Final = SlowWay(most_rows=10_000, worth_s=2.0)
#: Values of the rows that parts swept side by side hold, or one part: they stay in a core's memory (own choice).
ROWS_AT_ONCE: Final = 1 << 19
#: Nodes of some parts that are swept side by side, or one part's: so the blocks are long (own choice).
SWEPT_AT_ONCE: Final = 4096


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
    n_nodes = len(ptr) - 1
    table = with_inverses(table)
    begun_s, turn_step = np.append(0.0, np.cumsum(step_s)[:-1]), np.repeat(np.arange(len(step_s)), step_sweeps)
    rain = Rain(step_s, begun_s, runoff_m3s_per_ha, turn_step, series, series_m3s, beside)
    out = Out(np.zeros((8, n_nodes)), np.zeros((2, len(head))), record)
    out.nodes[LEVEL], out.nodes[BEGUN] = DRY, math.inf
    if ONE_BY_ONE.serves(n_nodes):
        with ONE_BY_ONE.counted():
            route_one_by_one(ptr, head, table, nodes, rain, out)
    else:
        pipes = Pipes(ptr, head, table, nodes, *kernels.group(head, n_nodes))
        _route_at_once(group_ptr, pipes, rain, out, levels=levels)
    return out.nodes.T, out.edges.T


def _route_at_once(group_ptr: Ints32, pipes: Pipes, rain: Rain, out: Out, *, levels: bool) -> None:
    """Fill what comes out, several pipes at once: the same to the last bit as one by one."""
    n_nodes, n_edges = len(pipes.ptr) - 1, len(pipes.head)
    (most, upper), (diverts, held, swept) = np.zeros((2, n_nodes)), np.zeros((3, n_nodes), np.bool_)
    to_end, slot = np.zeros((2, n_nodes), np.int32)
    bounds = Bounds(most, upper, diverts, held, swept, to_end, np.zeros(n_edges), slot, np.full(n_edges, -1, np.int32))
    order, large = np.arange(n_nodes, dtype=np.int32), large_parts(group_ptr)
    for g in large:
        route_large(pipes, rain, order[group_ptr[g] : group_ptr[g + 1]], bounds, out, levels=levels)

    def route(groups: slice) -> None:
        own = [groups.start - 1, *(g for g in large if groups.start <= g < groups.stop), groups.stop]
        for before, after in pairwise(own):
            _route_parts(group_ptr[before + 1 : after + 1], pipes, rain, order, bounds, out, levels=levels)

    on_all_cores(route, len(group_ptr) - 1, rows=n_nodes)


def _route_parts(
    part_ptr: Ints32, pipes: Pipes, rain: Rain, order: Ints32, bounds: Bounds, out: Out, *, levels: bool
) -> None:
    """Fill what comes out of some parts, some of them at once."""
    rows, heights = room_for(0, rain, levels=levels)
    room = np.zeros((16, rows.shape[1]))
    for parts in _together(part_ptr, part_ptr + pipes.ptr[part_ptr], 2 * ROWS_AT_ONCE // rows.shape[1]):
        first, last = parts[0], parts[-1]
        size = max(last - first, pipes.ptr[last] - pipes.ptr[first])
        if size > len(rows):
            rows, heights = room_for(size, rain, levels=levels)
        find_swept(pipes, rain, parts, order, rows, room, bounds, out)
        keep_rows(pipes, first, last, rows, out)
        n_swept = np.append(0, np.cumsum(bounds.swept[first:last]))[parts - first]
        for some in _together(parts, n_swept, SWEPT_AT_ONCE):
            sweep_at_once(pipes, rain, order[some[0] : some[-1]], first, rows, heights, bounds, out)
        if levels:
            stand_free(pipes, rain, order[first:last], pipes.ptr[first], rows, first, heights, room, bounds, out)


def _together(part_ptr: Ints32, before: AnyRows, most: int) -> Iterator[Ints32]:
    """Cut parts into runs of neighbours that hold no more than so much together, or one part alone.

    ``before`` says how much all parts before each hold, (n_parts + 1,).
    """
    begin, last = 0, len(part_ptr) - 1
    while begin < last:
        end = int(np.searchsorted(before, before[begin] + most, side="right")) - 1
        end = min(max(end, begin + 1), last)
        yield part_ptr[begin : end + 1]
        begin = end
