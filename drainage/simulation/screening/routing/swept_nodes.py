"""The nodes that a storm sweeps again and again, side by side in memory: those of one distance to an end together.

They stand in *slots*, piece by piece: a piece leads to nothing but itself and, if it is not the last one, to the last.
Within a piece come those with the longest way to an end first.  Neighbours with one pipe each and as many pipes to go
are a *block*, whose pipes are computed at once; none of them leads to another.  Between the pieces are slots of nothing,
each with a pipe of nothing, so that a block may be computed beyond its ends.
"""

from __future__ import annotations

import math
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from drainage.arrays import Floats, Ints, Ints32
from drainage.compiling import compiled_in_lanes, compiled_within
from drainage.simulation.screening.routing.free_flow import (
    BEGUN,
    LEVEL,
    Bounds,
    Out,
    Pipes,
)
from drainage.simulation.screening.routing.grade_lines import DRY, FORKED, kind_of, settle

#: Nodes of a block at most, and how many a processor does at once: to fill these up takes less time than three alone.
LANES: Final = 64
AT_ONCE: Final = 8
#: What is known of each piece: its slots, their pipes, its blocks and what arrives there from pipes that are not swept.
FIRST, LAST, FIRST_EDGE, LAST_EDGE, FIRST_BLOCK, LAST_BLOCK, FIRST_COMING, LAST_COMING = range(8)


class Swept(NamedTuple):
    """Pipes and nodes by their slots.

    Parameters
    ----------
    piece
        (n_pieces, 8).
    node, edge
        Number of each in the network, -1 for nothing.
    ptr, head, pipes, nodes, kind
        As of the network; (15, n) and (6, n) tables, kinds of `grade_lines`.
    arriving, arrives
        Slots of pipes at ``arriving[i]:arriving[i + 1]`` lead to i; from the number of slots on those that come from
        nodes that are not swept.
    coming_m3s
        (n_steps, n_coming) what leaves these.
    block_ptr, block_end
        First slot of each block, and the one after its last.
    """

    piece: Ints
    node: Ints32
    edge: Ints32
    ptr: Ints32
    head: Ints32
    arriving: Ints32
    arrives: Ints32
    pipes: Floats
    nodes: Floats
    kind: NDArray[np.uint8]
    coming_m3s: Floats
    block_ptr: Ints32
    block_end: Ints32


class State(NamedTuple):
    """What a storm changes from sweep to sweep: of nodes and pipes by their slots; and room for a block of each piece."""

    own: Floats
    inflow: Floats
    excess: Floats
    standing: Floats
    spare: Floats
    pool: Floats
    surface: Floats
    level: Floats
    damped: Floats
    stored: Floats
    sent: Floats
    leaves: Floats
    limit: Floats
    below: Floats
    nodes: Floats
    edges: Floats


@compiled_in_lanes
def lay_out(
    pipes: Pipes, order: Ints32, piece_ptr: Ints, first_edge: int, rows: Floats, n_steps: int, bounds: Bounds,
    slot: Ints32, edge_slot: Ints32,
) -> Swept:  # fmt: skip
    """Lay out the swept nodes of some pieces, ``order[piece_ptr[p]:piece_ptr[p + 1]]``.

    ``slot`` and ``edge_slot`` are room for where each node and pipe of the network stands; the latter is -1 before and
    after.  ``rows`` hold what leaves each pipe from ``first_edge`` on that is not swept.
    """
    n_pieces = len(piece_ptr) - 1
    n_nodes, n_edges, n_arriving = AT_ONCE * (n_pieces + 1), AT_ONCE * (n_pieces + 1), 0
    for i in order[piece_ptr[0] : piece_ptr[-1]]:
        if bounds.swept[i]:
            n_nodes += 1
            n_edges += pipes.ptr[i + 1] - pipes.ptr[i]
            n_arriving += pipes.arriving[i + 1] - pipes.arriving[i]
    piece = np.zeros((n_pieces, 8), np.int64)
    node, edge, ptr = np.full(n_nodes, -1, np.int32), np.full(n_edges, -1, np.int32), np.zeros(n_nodes + 1, np.int32)
    at, at_edge = _leave_gap(ptr, 0, 0)
    for p in range(n_pieces):
        piece[p, FIRST], piece[p, FIRST_EDGE] = at, at_edge
        piece[p, LAST] = _sort(pipes, order[piece_ptr[p] : piece_ptr[p + 1]], bounds, at, node)
        for s in range(at, piece[p, LAST]):
            i = node[s]
            slot[i], ptr[s] = s, at_edge
            for e in range(pipes.ptr[i], pipes.ptr[i + 1]):
                edge[at_edge], edge_slot[e] = e, at_edge
                at_edge += 1
        piece[p, LAST_EDGE] = at_edge
        at, at_edge = _leave_gap(ptr, piece[p, LAST], at_edge)
    arriving, arrives = np.zeros(n_nodes + 1, np.int32), np.zeros(n_arriving, np.int32)
    coming = _find_arriving(pipes, piece, node, edge_slot, n_edges, arriving, arrives)
    coming_m3s = np.empty((n_steps, len(coming)))
    for j in range(len(coming)):
        for k in range(n_steps):
            coming_m3s[k, j] = rows[coming[j] - first_edge, k]
    head, table, nodes = np.zeros(n_edges, np.int32), np.zeros((15, n_edges)), np.zeros((6, n_nodes))
    kind = np.zeros(n_nodes, np.uint8)
    for f in range(n_edges):
        if edge[f] >= 0:
            head[f], edge_slot[edge[f]] = slot[pipes.head[edge[f]]], -1
            for row in range(len(pipes.table)):
                table[row, f] = pipes.table[row, edge[f]]
    for s in range(n_nodes):
        if node[s] >= 0:
            kind[s] = kind_of(pipes.ptr, pipes.nodes, pipes.table, node[s])
            for row in range(len(pipes.nodes)):
                nodes[row, s] = pipes.nodes[row, node[s]]
    settle(ptr, nodes, table)
    block_ptr, block_end = _cut_blocks(piece, node, kind, bounds)
    return Swept(
        piece, node, edge, ptr, head, arriving, arrives, table, nodes, kind, coming_m3s, block_ptr, block_end
    )


@compiled_within
def _leave_gap(ptr: Ints32, at: int, at_edge: int) -> tuple[int, int]:
    for t in range(AT_ONCE):
        ptr[at + t] = at_edge + t
    ptr[at + AT_ONCE] = at_edge + AT_ONCE
    return at + AT_ONCE, at_edge + AT_ONCE


@compiled_in_lanes
def _sort(pipes: Pipes, order: Ints32, bounds: Bounds, first: int, node: Ints32) -> int:
    """Put the swept nodes of a piece into slots from the first one on, and return the one after the last."""
    longest = 0
    for i in order:
        if bounds.swept[i]:
            longest = max(longest, bounds.to_end[i])
    count = np.zeros(2 * longest + 3, np.int64)
    for counts in (True, False):
        for i in order:
            if bounds.swept[i]:
                forked = kind_of(pipes.ptr, pipes.nodes, pipes.table, i) == FORKED
                key = 2 * (longest - bounds.to_end[i]) + (1 if forked else 0)
                if counts:
                    count[key + 1] += 1
                else:
                    node[first + count[key]] = i
                    count[key] += 1
        if counts:
            count = np.cumsum(count)
    return first + int(count[-2])


@compiled_in_lanes
def _find_arriving(
    pipes: Pipes, piece: Ints, node: Ints32, edge_slot: Ints32, n_edges: int, arriving: Ints32, arrives: Ints32
) -> Ints32:
    """Fill which pipes arrive at each slot, and return those that are not swept."""
    coming = np.empty(len(arrives), np.int32)
    n_coming, at, done = 0, 0, 0
    for p in range(len(piece)):
        arriving[done : piece[p, FIRST]] = at
        piece[p, FIRST_COMING] = n_coming
        for s in range(piece[p, FIRST], piece[p, LAST]):
            arriving[s] = at
            for j in range(pipes.arriving[node[s]], pipes.arriving[node[s] + 1]):
                arrives[at] = edge_slot[pipes.edge[j]]
                if arrives[at] < 0:
                    arrives[at], coming[n_coming] = n_edges + n_coming, pipes.edge[j]
                    n_coming += 1
                at += 1
        piece[p, LAST_COMING] = n_coming
        done = piece[p, LAST]
    arriving[done:] = at
    return coming[:n_coming]


@compiled_in_lanes
def _cut_blocks(piece: Ints, node: Ints32, kind: NDArray[np.uint8], bounds: Bounds) -> tuple[Ints32, Ints32]:
    block_ptr, block_end = np.empty(len(node), np.int32), np.empty(len(node), np.int32)
    count = 0
    for p in range(len(piece)):
        piece[p, FIRST_BLOCK] = count
        s, last = piece[p, FIRST], piece[p, LAST]
        while s < last:
            begin = s
            s += 1
            while (
                s < min(begin + LANES, last)
                and kind[s - 1] != FORKED
                and kind[s] != FORKED
                and bounds.to_end[node[s]] == bounds.to_end[node[begin]]
            ):
                s += 1
            block_ptr[count], block_end[count] = begin, s
            count += 1
        piece[p, LAST_BLOCK] = count
    return block_ptr[:count], block_end[:count]


@compiled_in_lanes
def before(swept: Swept) -> State:
    """Return the state before a storm."""
    n_nodes, n_edges, n_coming = len(swept.node), len(swept.edge), swept.coming_m3s.shape[1]
    of_nodes, of_edges = np.zeros((8, n_nodes)), np.zeros((2, n_edges))
    of_nodes[LEVEL], of_nodes[BEGUN] = DRY, math.inf
    of_node, of_edge = np.zeros((7, n_nodes)), np.zeros((3, n_edges + n_coming))
    return State(
        of_node[0], of_node[1], of_node[2], of_node[3], of_node[4], of_node[5], np.full(n_nodes, DRY),
        np.full(n_nodes, DRY), np.full(n_nodes, DRY), of_edge[0], of_edge[1], of_edge[2],
        np.full(n_edges, math.inf), np.zeros((len(swept.piece), 2, LANES + AT_ONCE)), of_nodes, of_edges,
    )  # fmt: skip


@compiled_in_lanes
def give_back(swept: Swept, state: State, out: Out) -> None:
    """Write what came out into the tables of the whole network."""
    for s in range(len(swept.node)):
        if swept.node[s] >= 0:
            for row in range(len(out.nodes)):
                out.nodes[row, swept.node[s]] = state.nodes[row, s]
    for f in range(len(swept.edge)):
        if swept.edge[f] >= 0:
            for row in range(len(out.edges)):
                out.edges[row, swept.edge[f]] = state.edges[row, f]
