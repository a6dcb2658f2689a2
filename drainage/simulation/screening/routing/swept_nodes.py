"""The nodes that a storm sweeps again and again, side by side in memory: those of one distance to an end together.

They stand in *slots*, piece by piece: a piece leads to nothing but itself and, if it is not the last one, to the last.
Within a piece come those with the longest way to an end first.  Neighbours with one pipe each and as many pipes to go
are a *block*, whose pipes are computed at once; none of them leads to another.  Between the pieces are slots of
nothing, each with a pipe of nothing, so that a block may be computed beyond its ends.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from drainage.arrays import Bools, Floats, Ints, Ints32, pointer, ranges
from drainage.simulation.screening.routing.free_flow import (
    AT_ONCE,
    Bounds,
    Out,
    Pipes,
)
from drainage.simulation.screening.routing.grade_lines import FORKED, kinds_of, settle
from drainage.simulation.screening.routing.storm_state import State, dry_state

#: Nodes of a block at most.
LANES: Final = 64
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


def lay_out(pipes: Pipes, pieces: Sequence[Ints32], first_edge: int, rows: Floats, bounds: Bounds) -> Swept:
    """Lay out the swept nodes of some pieces.

    ``rows``, (n, n_steps), hold what leaves each pipe from ``first_edge`` on that is not swept.
    """
    chosen = [_longest_way_first(pipes, piece[bounds.swept[piece]], bounds) for piece in pieces]
    gap = np.full(AT_ONCE, -1, np.int32)
    node = np.concatenate([gap, *(part for piece in chosen for part in (piece, gap))])
    real = node >= 0
    own = node[real]
    leaving, coming_in = (one[node + 1] - one[node] for one in (pipes.ptr, pipes.arriving))
    ptr = pointer(np.where(real, leaving, 1))
    edge = np.full(ptr[-1], -1, np.int32)
    of_node = np.repeat(np.arange(len(node)), np.diff(ptr))
    real_edge = real[of_node]
    edge[real_edge] = ranges(pipes.ptr[own], leaving[real])
    slot, edge_slot = bounds.slot, bounds.edge_slot
    slot[own], edge_slot[edge[real_edge]] = np.flatnonzero(real), np.flatnonzero(real_edge)
    head = np.zeros(len(edge), np.int32)
    head[real_edge] = slot[pipes.head[edge[real_edge]]]
    arriving = pointer(np.where(real, coming_in, 0))
    comes_by = pipes.edge[ranges(pipes.arriving[own], coming_in[real])]
    arrives = edge_slot[comes_by]
    coming = np.flatnonzero(arrives < 0)
    arrives[coming] = len(edge) + np.arange(len(coming))
    edge_slot[edge[real_edge]] = -1
    table, nodes = np.zeros((15, len(edge))), np.zeros((6, len(node)))
    table[: len(pipes.table), real_edge] = pipes.table[:, edge[real_edge]]
    nodes[:, real] = pipes.nodes[:, own]
    settle(ptr, nodes, table)
    kind = kinds_of(ptr, nodes, table)
    ends = AT_ONCE + np.cumsum([0, *(len(one) + AT_ONCE for one in chosen)])
    first, last = ends[:-1], ends[1:] - AT_ONCE
    block_ptr, block_end = _cut_blocks(kind, np.where(real, bounds.to_end[node], -1), real)
    piece = np.stack(
        [
            first, last, ptr[first], ptr[last], np.searchsorted(block_ptr, first), np.searchsorted(block_ptr, last),
            np.searchsorted(coming, arriving[first]), np.searchsorted(coming, arriving[last]),
        ],
        axis=1,
    )  # fmt: skip
    coming_m3s = np.ascontiguousarray(rows[comes_by[coming] - first_edge].T)
    return Swept(
        piece.astype(np.int64), node, edge, ptr, head, arriving, arrives, table, nodes, kind, coming_m3s,
        block_ptr, block_end,
    )  # fmt: skip


def _longest_way_first(pipes: Pipes, node: Ints32, bounds: Bounds) -> Ints32:
    """Sort nodes by the pipes to their end, the most first, and those with one pipe before all others."""
    many = pipes.ptr[node + 1] - pipes.ptr[node] != 1
    return node[np.lexsort((many, -bounds.to_end[node]))]


def _cut_blocks(kind: NDArray[np.uint8], to_end: NDArray[np.int32], real: Bools) -> tuple[Ints32, Ints32]:
    """Return the first slot of each block, and the one after its last."""
    begins = np.append(True, (np.diff(to_end) != 0) | (kind[1:] == FORKED) | (kind[:-1] == FORKED))
    run = np.flatnonzero(begins)
    begins |= (np.arange(len(kind)) - run[np.cumsum(begins) - 1]) % LANES == 0
    first = np.flatnonzero(begins)
    end = np.append(first[1:], len(kind))
    own = real[first]
    return first[own].astype(np.int32), end[own].astype(np.int32)


def before(swept: Swept) -> State:
    """Return the state before a storm; what comes from nodes that are not swept stands behind the pipes."""
    return dry_state(len(swept.node), len(swept.edge) + swept.coming_m3s.shape[1])


def give_back(swept: Swept, state: State, out: Out) -> None:
    """Write what came out into the tables of the whole network (in place)."""
    for table, number, of_state in ((out.nodes, swept.node, state.of_node), (out.edges, swept.edge, state.of_edge)):
        own = np.flatnonzero(number >= 0)
        for row, of_swept in zip(
            table, of_state, strict=False
        ):  # what comes out stands first; row by row takes less room
            row[number[own]] = of_swept[own]
