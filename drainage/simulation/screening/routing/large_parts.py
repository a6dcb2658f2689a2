"""One large connected part on all cores: its branches side by side, then the trunk that they lead to, sweep by sweep.

What comes to a node is summed in the order of its pipes, wherever they are computed: the answer is that of one core.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Final, NamedTuple

import numpy as np

from drainage.arrays import Floats, Ints32
from drainage.compiling import cores_for
from drainage.simulation.screening.routing.free_flow import (
    ROUNDS,
    Bounds,
    Out,
    Pipes,
    Rain,
    bound_levels,
    flow_free,
    keep_rows,
    mark_swept,
    room_for,
    stand_free,
)
from drainage.simulation.screening.routing.storm_state import end_storm
from drainage.simulation.screening.routing.swept_nodes import before, give_back, lay_out
from drainage.simulation.screening.routing.turns import sweep_at_once, take_turns

#: Nodes of a part, and of those that are swept, that are worth all cores (own choice).
LARGE: Final = 20_000
#: Branches are put together to so many pieces for each core; none drains more than this share of the part.
PIECES_A_CORE: Final = 4
BRANCH_SHARE: Final = 1 / 32


def large_parts(group_ptr: Ints32) -> list[int]:
    """Return the parts that are worth all cores."""
    return [g for g in np.flatnonzero(np.diff(group_ptr) >= LARGE).tolist() if cores_for(LARGE) > 1]


class _Pieces(NamedTuple):
    """The pieces of a part, and who works on them: all branches side by side, the trunk after them or before."""

    pool: ThreadPoolExecutor
    nodes: list[Ints32]

    @property
    def trunk(self) -> int:
        return len(self.nodes) - 1

    def branches(self, work: Callable[[int], object]) -> None:
        list(self.pool.map(work, range(self.trunk)))

    def down(self, work: Callable[[int], object]) -> None:
        self.branches(work)
        work(self.trunk)

    def up(self, work: Callable[[int], object]) -> None:
        work(self.trunk)
        self.branches(work)


def route_large(pipes: Pipes, rain: Rain, order: Ints32, bounds: Bounds, out: Out, *, levels: bool) -> None:
    """Fill what comes out of a connected part, ``order`` from upstream to downstream."""
    first, last = int(order[0]), int(order[-1]) + 1
    first_edge, cores = pipes.ptr[first], cores_for(len(order))
    rows, heights = room_for(max(len(order), pipes.ptr[last] - first_edge), rain, levels=levels)
    with ThreadPoolExecutor(cores) as pool:
        pieces = _Pieces(pool, branches_and_trunk(pipes, order, PIECES_A_CORE * cores))
        room = np.zeros((len(pieces.nodes), 16, rows.shape[1]))
        _find_swept(pieces, pipes, rain, first_edge, rows, room, bounds, out)
        keep_rows(pipes, first, last, rows, out)
        if np.count_nonzero(bounds.swept[first:last]) < LARGE:
            sweep_at_once(pipes, rain, order, first, rows, heights, bounds, out)
        else:
            _sweep(pieces, pipes, rain, first, rows, heights, bounds, out)
        if levels:
            pieces.up(
                lambda p: stand_free(
                    pipes, rain, pieces.nodes[p], first_edge, rows, first, heights, room[p], bounds, out
                )
            )


def _find_swept(
    pieces: _Pieces, pipes: Pipes, rain: Rain, first_edge: int, rows: Floats, room: Floats, bounds: Bounds, out: Out
) -> None:
    """Mark what is swept, piece by piece, as `free_flow.find_swept` does part by part."""
    found = np.ones(len(pieces.nodes), np.int64)

    def bind(p: int) -> None:
        found[p] = bound_levels(pipes, pieces.nodes[p], bounds, out)

    for _ in range(ROUNDS if len(rows) else 0):
        pieces.down(lambda p: flow_free(pipes, rain, pieces.nodes[p], first_edge, rows, room[p], bounds, out))
        pieces.up(bind)
        if not found.any():
            break
    if not len(rows):
        pieces.up(bind)
    every = bool(found.any()) or not len(rows)
    pieces.down(lambda p: mark_swept(pipes, pieces.nodes[p], every, bounds))


def _sweep(
    pieces: _Pieces, pipes: Pipes, rain: Rain, first: int, rows: Floats, heights: Floats, bounds: Bounds, out: Out
) -> None:
    """Carry a storm through what is swept; between two turns of the trunk a branch goes up and down again."""
    swept = lay_out(pipes, pieces.nodes, pipes.ptr[first], rows[:, : len(rain.step_s)], bounds)
    state = before(swept)
    last = 2 * len(rain.turn_step)

    def turn(p: int, begin: int, end: int) -> None:
        take_turns(pipes, rain, swept, state, p, begin, end, first, heights, out)

    for begin in range(0, last, 2):
        pieces.branches(partial(turn, begin=max(begin - 1, 0), end=begin + 1))
        turn(pieces.trunk, begin, begin + 2)
    pieces.branches(partial(turn, begin=last - 1, end=last))
    end_storm(state)
    give_back(swept, state, out)


def branches_and_trunk(pipes: Pipes, order: Ints32, count: int) -> list[Ints32]:
    """Cut a connected part into no more than so many pieces of about equal size that lead to the last one alone.

    Returns
    -------
    Nodes of each piece from upstream to downstream; the last is the trunk, the nodes that drain a large share of the
    part, and those below.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    from drainage.simulation.screening.routing import along_flow

    first, n_nodes = order[0], len(order)
    ptr = pipes.ptr[first : first + n_nodes + 1] - pipes.ptr[first]
    head = pipes.head[pipes.ptr[first] : pipes.ptr[first + n_nodes]] - first
    tail = np.repeat(np.arange(n_nodes, dtype=np.int32), np.diff(ptr))
    each, none = np.ones(n_nodes), np.zeros(n_nodes)
    drained, _, _ = along_flow.gather_ground(ptr, head, np.ones(len(head)), np.zeros(len(head)), each, none, 0.0)
    above = 1.0 + np.bincount(head, weights=drained, minlength=n_nodes)
    in_trunk = (above > BRANCH_SHARE * n_nodes) | (np.diff(ptr) == 0)
    inside = ~in_trunk[head]
    branch = connected_components(
        coo_array((np.ones(np.count_nonzero(inside)), (tail[inside], head[inside])), shape=(n_nodes, n_nodes)),
        directed=False,
    )[1]
    size = np.bincount(branch[~in_trunk], minlength=branch.max() + 1)
    piece_of_branch = (np.cumsum(size) - 1) * count // max(int(size.sum()), 1)
    piece = np.where(in_trunk, count, piece_of_branch[branch])
    pieces = [order[piece == p] for p in range(count + 1)]
    return [one for one in pieces[:-1] if len(one)] + pieces[-1:]
