"""One large connected part on all cores: its branches side by side, then the trunk that they lead to, sweep by sweep.

What comes to a node is summed in the order of its pipes, wherever they are computed: the answer is that of one core.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import numpy as np

from drainage.arrays import Ints32
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
from drainage.simulation.screening.routing.swept_nodes import before, end_storm, give_back, lay_out
from drainage.simulation.screening.routing.turns import sweep_at_once, take_turns

#: Nodes of a part, and of those that are swept, that are worth all cores (own choice).
LARGE: Final = 20_000
#: Branches are put together to so many pieces for each core; none drains more than this share of the part.
PIECES_A_CORE: Final = 4
BRANCH_SHARE: Final = 1 / 32


def large_parts(group_ptr: Ints32) -> list[int]:
    """Return the parts that are worth all cores."""
    return [g for g in np.flatnonzero(np.diff(group_ptr) >= LARGE).tolist() if cores_for(LARGE) > 1]


def route_large(pipes: Pipes, rain: Rain, order: Ints32, bounds: Bounds, levels: bool, out: Out) -> None:  # noqa: FBT001
    """Fill what comes out of a connected part, ``order`` from upstream to downstream."""
    first, last = int(order[0]), int(order[-1]) + 1
    first_edge = pipes.ptr[first]
    pieces = branches_and_trunk(pipes, order, PIECES_A_CORE * cores_for(len(order)))
    rows, heights = room_for(max(len(order), pipes.ptr[last] - first_edge), rain, levels=levels)
    room = np.zeros((len(pieces), 18, rows.shape[1]))
    trunk = len(pieces) - 1
    with ThreadPoolExecutor(cores_for(len(order))) as pool:

        def down(work: Callable[[int], object]) -> None:
            list(pool.map(work, range(trunk)))
            work(trunk)

        def up(work: Callable[[int], object]) -> None:
            work(trunk)
            list(pool.map(work, range(trunk)))

        found = np.ones(len(pieces), np.int64)

        def bind(p: int) -> None:
            found[p] = bound_levels(pipes, pieces[p], bounds, out)

        for _ in range(ROUNDS if len(rows) else 0):
            down(lambda p: flow_free(pipes, rain, pieces[p], first_edge, rows, room[p], bounds, out))
            up(bind)
            if not found.any():
                break
        if not len(rows):
            up(bind)
        down(lambda p: mark_swept(pipes, pieces[p], bool(found.any()) or not len(rows), bounds))
        keep_rows(pipes, first, last, rows, out)
        if np.count_nonzero(bounds.swept[first:last]) < LARGE:
            sweep_at_once(pipes, rain, order, first, rows, heights, bounds, out)
        else:
            swept = lay_out(pipes, pieces, first_edge, rows[:, : len(rain.step_s)], bounds)
            state = before(swept)

            def turn(p: int, begin: int, end: int) -> None:
                take_turns(pipes, rain, swept, state, p, begin, end, first, heights, out)

            last_turn = 2 * len(rain.turn_step)
            for begin in range(0, last_turn, 2):
                list(pool.map(lambda p, begin=begin: turn(p, max(begin - 1, 0), begin + 1), range(trunk)))
                turn(trunk, begin, begin + 2)
            list(pool.map(lambda p: turn(p, last_turn - 1, last_turn), range(trunk)))
            end_storm(state)
            give_back(swept, state, out)
        if levels:
            up(lambda p: stand_free(pipes, rain, pieces[p], first_edge, rows, first, heights, room[p], bounds, out))


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
