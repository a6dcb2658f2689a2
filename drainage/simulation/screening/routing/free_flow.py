"""Which nodes of a storm's sweeps can come to overflow, and what all others carry, which no level ever limits.

A pipe takes what comes as long as its limit is more.  The most that comes to a node in a storm is what would come if
nothing was held back above it; the highest that water can stand below is bound by the friction of that.  Where even so
the limit is not reached, what a pipe carries hangs on no level and needs no second sweep.  Only nodes that may be held
back, and all below them, are *swept*.

Rows hold a value for each step of the storm; the arrays of pipes and nodes are those of `storm_sweeps.route_storm`.
"""

from __future__ import annotations

import math
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from drainage.arrays import Bools, Floats, Ints, Ints32
from drainage.compiling import compiled_in_place, compiled_within
from drainage.measures import LIFT
from drainage.simulation.screening.routing.grade_lines import (
    BASIN,
    CONSTANT,
    CONVEYANCE,
    DELAY,
    DRY,
    GROUND,
    HEIGHT,
    OWN_HA,
    PASSES,
    PER_CONVEYANCE,
    SHARE,
    TAILWATER,
    WEIR,
    Z_DOWN,
    Z_UP,
    levels_above,
    lowest_below,
    open_share,
)
from drainage.simulation.screening.routing.storm_state import ARRIVED, LEVEL, MOST, PASSED

#: How many values a processor computes at once.
AT_ONCE: Final = 8
#: A part whose rows hold more values than this, 128 MiB, is swept whole.
MOST_VALUES: Final = 1 << 24
#: Bounds are wider by this than what is computed of them, m and as a share of flows: more than its last digits.
_SLACK_M: Final = 1e-7
_SLACK: Final = 1e-9
#: Forks found to be held back are bound anew so often; then all of their part is swept.
ROUNDS: Final = 4


class Pipes(NamedTuple):
    """A network as `storm_sweeps.route_storm` takes it, and ``edge`` at ``arriving[i]:arriving[i + 1]`` lead to i."""

    ptr: Ints32
    head: Ints32
    table: Floats
    nodes: Floats
    arriving: Ints32
    edge: Ints32


class Rain(NamedTuple):
    """A storm as `route_storm` takes it; when each step begins, and the step of each sweep, (n_sweeps,)."""

    step_s: Floats
    begun_s: Floats
    runoff_m3s_per_ha: Floats
    turn_step: Ints
    series: Ints32
    series_m3s: Floats
    beside: NDArray[np.float32]


class Out(NamedTuple):
    """What comes out of a storm: (8, n_nodes), (2, n_edges), and what leaves pipes in each step, which may be empty."""

    nodes: Floats
    edges: Floats
    record: NDArray[np.float32]


class Bounds(NamedTuple):
    """What is found of each node, and room for the slots of `swept_nodes`.

    The most that comes, m³/s, how high water can stand, m, whether it may all go into one pipe, whether it may be held
    back, whether it is swept, and the pipes on the longest way to an end; of each pipe what it carries by a head of 1 m
    while the water above stands at the ground, m³/s.
    """

    most: Floats
    upper: Floats
    diverts: Bools
    held: Bools
    swept: Bools
    to_end: Ints32
    open_m3s: Floats
    slot: Ints32
    edge_slot: Ints32


def room_for(size: int, rain: Rain, *, levels: bool) -> tuple[Floats, Floats]:
    """Return rows for so many pipes and, if they are asked, for the levels at nodes; none where they are too many.

    A row is as wide as a processor does at once or a multiple of that.
    """
    width = -(-max(len(rain.step_s), 1) // AT_ONCE) * AT_ONCE
    fits = size * width <= MOST_VALUES
    return np.zeros((size if fits else 0, width)), np.zeros((size if fits and levels else 0, width))


def keep_rows(pipes: Pipes, first: int, last: int, rows: Floats, out: Out) -> None:
    """Record what leaves the pipes of some nodes, where that is asked."""
    edges = slice(pipes.ptr[first], pipes.ptr[last])
    if len(rows) and len(out.record):
        out.record[edges] = rows[: edges.stop - edges.start, : out.record.shape[1]]


@compiled_within
def own_inflow(pipes: Pipes, rain: Rain, i: int, k: int) -> float:
    """Return what comes to a node in a step beside what its pipes bring, m³/s."""
    series = rain.series[i]
    own = rain.series_m3s[series, k] if series >= 0 else pipes.nodes[OWN_HA, i] * rain.runoff_m3s_per_ha[k]
    own += pipes.nodes[CONSTANT, i]
    return float(own + rain.beside[i, k] if rain.beside.shape[0] > 0 else own)


@compiled_within
def leaving(enters: float, left_before: float, delay_s: float, step_s: float) -> float:
    """Return what leaves a pipe in a step, m³/s, by what enters then and what left in the step before."""
    per_s = 1.0 / (step_s + delay_s)
    return enters * (step_s * per_s) + left_before * (delay_s * per_s)


@compiled_in_place
def _comes(pipes: Pipes, rain: Rain, i: int, first_edge: int, rows: Floats, come: Floats) -> None:
    """Fill the row of what comes to a node by those of the pipes that arrive there, in their order."""
    for k in range(len(rain.step_s)):
        come[k] = own_inflow(pipes, rain, i, k)
    for j in range(pipes.arriving[i], pipes.arriving[i + 1]):
        leaves = rows[pipes.edge[j] - first_edge]
        for k in range(len(rain.step_s)):
            come[k] += leaves[k]


@compiled_in_place
def flow_free(
    pipes: Pipes, rain: Rain, order: Ints32, first_edge: int, rows: Floats, room: Floats, bounds: Bounds, out: Out
) -> None:
    """Fill what leaves the pipes of some nodes if nothing was held back, from upstream to downstream.

    What a fork diverts may all go into any one of its pipes; but none carries more than the least level allows.
    """
    table, step_s = pipes.table, rain.step_s
    come, enters, keeps = room[0], room[1], room[2]
    for i in order:
        _comes(pipes, rain, i, first_edge, rows, come)
        most, arrived, basin, ground = -math.inf, 0.0, pipes.nodes[BASIN, i], pipes.nodes[GROUND, i]
        for k in range(len(step_s)):
            most = max(most, come[k])
            arrived += come[k] * step_s[k]
        bounds.most[i], out.nodes[ARRIVED, i] = most, arrived
        for e in range(pipes.ptr[i], pipes.ptr[i + 1]):
            limit, share, delay, leaves = math.inf, table[SHARE, e], table[DELAY, e], rows[e - first_edge]
            if table[CONVEYANCE, e] > 0.0 and ground < math.inf:
                bounds.open_m3s[e] = table[CONVEYANCE, e] * open_share(table, e, ground)
                limit = _limit(pipes, bounds, e, ground, DRY) * (1.0 + _SLACK)
            for k in range(len(step_s)):
                part = max(come[k], 0.0) + basin / step_s[k] if bounds.diverts[i] else share * come[k]
                enters[k] = min(part, limit)
                leaves[k], keeps[k] = leaving(enters[k], 0.0, delay, step_s[k]), leaving(0.0, 1.0, delay, step_s[k])
            left, passed, largest = 0.0, 0.0, 0.0
            for k in range(len(step_s)):
                left = leaves[k] + left * keeps[k]
                leaves[k] = left
                passed += left * step_s[k]
                largest = max(largest, enters[k])
            out.edges[MOST, e], out.edges[PASSED, e] = largest, passed


@compiled_within
def _limit(pipes: Pipes, bounds: Bounds, e: int, ground: float, below: float) -> float:
    """Return `flow_limit` but for its last digits, of a pipe for which there is one."""
    head = ground - max(below, lowest_below(pipes.table, e, ground))
    return float(bounds.open_m3s[e] * math.sqrt(max(head, 0.0)))


@compiled_in_place
def bound_levels(pipes: Pipes, order: Ints32, bounds: Bounds, out: Out) -> int:
    """Mark the nodes that may be held back, from downstream to upstream; return how many forks are newly among them.

    The grade line at the upper end of a pipe lies no higher than its crown, or than the level below or the crown there
    and the friction of the full pipe above that.
    """
    table, nodes, found = pipes.table, pipes.nodes, 0
    for j in range(len(order) - 1, -1, -1):
        i = order[j]
        begin, end, ground = pipes.ptr[i], pipes.ptr[i + 1], nodes[GROUND, i]
        odd = nodes[BASIN, i] > 0.0
        upper = nodes[TAILWATER, i] if begin == end else DRY
        to_end, held = 0, odd
        for e in range(begin, end):
            below, crown = bounds.upper[pipes.head[e]], table[Z_UP, e]
            to_end = max(to_end, bounds.to_end[pipes.head[e]] + 1)
            odd = odd or table[WEIR, e] > 0.0
            if table[CONVEYANCE, e] > 0.0:
                head = out.edges[MOST, e] * table[PER_CONVEYANCE, e]
                crown += table[HEIGHT, e]
                if ground < math.inf and not (
                    table[SHARE, e] * bounds.most[i] * (1.0 + _SLACK) <= _limit(pipes, bounds, e, ground, below)
                ):
                    held = True
                below = max(below, table[Z_DOWN, e] + table[HEIGHT, e]) + head * head
            if table[PASSES, e] != LIFT:
                upper = max(upper, below, crown)
        held = held or odd
        if begin < end:
            upper = min(upper, ground)
        if nodes[BASIN, i] > 0.0:
            upper = max(upper, ground)
        bounds.to_end[i], bounds.held[i], bounds.upper[i] = to_end, held, upper + _SLACK_M
        if held and (odd or end - begin > 1) and not bounds.diverts[i]:
            bounds.diverts[i] = True
            found += 1
    return found


@compiled_in_place
def mark_swept(pipes: Pipes, order: Ints32, every: bool, bounds: Bounds) -> None:  # noqa: FBT001
    """Mark the nodes that may be held back, or every one, and all below them, from upstream to downstream."""
    for i in order:
        bounds.swept[i] = bounds.swept[i] or bounds.held[i] or every
        if bounds.swept[i]:
            for e in range(pipes.ptr[i], pipes.ptr[i + 1]):
                bounds.swept[pipes.head[e]] = True


@compiled_in_place
def find_swept(
    pipes: Pipes, rain: Rain, part_ptr: Ints32, order: Ints32, rows: Floats, room: Floats, bounds: Bounds, out: Out
) -> None:
    """Mark the nodes of connected parts that are swept, and fill what all others carry.

    ``rows`` take what leaves the pipes of all these parts, (n, n_steps); where they have no room, all nodes are swept.
    ``room`` is (3, n_steps).
    """
    first_edge = pipes.ptr[part_ptr[0]]
    rounds = ROUNDS if pipes.ptr[part_ptr[-1]] - first_edge <= len(rows) else 0
    for g in range(len(part_ptr) - 1):
        part, found = order[part_ptr[g] : part_ptr[g + 1]], 1
        for _ in range(rounds):
            flow_free(pipes, rain, part, first_edge, rows, room, bounds, out)
            found = bound_levels(pipes, part, bounds, out)
            if found == 0:
                break
        if rounds == 0:
            bound_levels(pipes, part, bounds, out)
        mark_swept(pipes, part, found > 0, bounds)


@compiled_in_place
def stand_free(  # noqa: C901 - a node, each of its pipes, and their rows
    pipes: Pipes, rain: Rain, order: Ints32, first_edge: int, rows: Floats, first_node: int, levels: Floats,
    room: Floats, bounds: Bounds, out: Out,
) -> None:  # fmt: skip
    """Fill the levels at the nodes that are not swept, from downstream to upstream, by those of all nodes below.

    ``levels``, (n, n_steps) from ``first_node`` on, hold those of the swept nodes; ``room`` is (16, n_steps).
    """
    table, width = pipes.table, levels.shape[1]
    come, flow, above, same = room[0], room[1], room[2], room[3:]
    for j in range(len(order) - 1, -1, -1):
        i = order[j]
        if bounds.swept[i]:
            continue
        ground, weight, begin, end = pipes.nodes[GROUND, i], 0.0, pipes.ptr[i], pipes.ptr[i + 1]
        here = levels[i - first_node]
        if begin < end:
            _comes(pipes, rain, i, first_edge, rows, come)
        for k in range(width):
            here[k] = 0.0
        for e in range(begin, end):
            if table[PASSES, e] == LIFT:  # nothing is passed back through a pump
                continue
            for row in range(len(table)):
                for k in range(width):
                    same[row, k] = table[row, e]
            share = table[SHARE, e]
            for k in range(width):
                flow[k] = share * come[k]
            levels_above(same, int(np.int64(0)), flow, levels[pipes.head[e] - first_node], above)
            weight += share
            for k in range(width):
                here[k] += share * above[k]
        highest = DRY
        for k in range(width):
            mean = here[k] / weight if weight > 0.0 else DRY
            here[k] = min(mean, ground) if begin < end else pipes.nodes[TAILWATER, i]
        for k in range(len(rain.step_s)):
            highest = max(highest, here[k])
        out.nodes[LEVEL, i] = highest
