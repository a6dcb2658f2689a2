"""Which pipes are near enough to which straight pieces of road to run along them, found on a grid.

The cells that a strip beside a road touches are listed once; a pipe asks the cell of its middle. Both roads and pipes
are walked along part by part, so that a long slanting one touches the cells beside it and not those of its box.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Final, NamedTuple

import numpy as np

from drainage.arrays import Bools, Floats, Ints, ranges

_MOST_PARTS: Final = 10_000  # of one line, so that an absurdly long one does not fill the memory: a choice of ours
_AT_ONCE: Final = 1 << 16  # segments looked at together, so that what is made of them stays in the cache


class _Net(NamedTuple):
    """Cells: corner of the first, how many columns and rows, and the side of a cell.

    The number of a cell is its column times the rows there are, and its row.
    """

    origin: Floats
    extent: Ints
    cell_m: float


class _Grid(NamedTuple):
    """Cells beside pieces of road, in order, each with the pieces that it is beside.

    Parameters
    ----------
    key
        (n_cells,) number of each cell.
    first
        (n_cells + 1,) where the pieces of each cell begin in ``piece``.
    piece
        Numbers of pieces, those of a cell after each other and sorted.
    net
        The cells.
    """

    key: Ints
    first: Ints
    piece: Ints
    net: _Net


def near_segments(a: Floats, b: Floats, starts: Floats, ends: Floats, within_m: float) -> Iterator[tuple[Ints, Ints]]:
    """Yield pairs of segments and pieces of road that may be within reach: all that are, and some that are not.

    Parameters
    ----------
    a, b
        (n_segments, 2) ends of the straight segments of pipes, m.
    starts, ends
        (n_pieces, 2) ends of the straight pieces of road, m.
    within_m
        Reach to either side of a piece, m.

    Yields
    ------
    Rows of ``a`` and of ``starts``, each pair once, sorted by both: the order hangs on no other segment. There are as
    many in a block as the processor has at hand; there is one block at least.
    """
    if not len(a) or not len(starts):
        yield np.empty(0, np.int64), np.empty(0, np.int64)
        return
    length = np.hypot(*(b - a).T)
    longest = max(float(length.max()), float(np.abs(ends - starts).max()))
    cell = max(2.0 * within_m, float(length.mean()), longest / _MOST_PARTS, 1e-3)
    reach = within_m + cell / 2.0 + 1e-3  # of the middle of a part no longer than a cell, and what rounding may take
    origin = np.minimum(starts.min(axis=0), ends.min(axis=0)) - reach - cell
    count = np.ceil((np.maximum(starts.max(axis=0), ends.max(axis=0)) + reach - origin) / cell).astype(np.int64) + 1
    net = _Net(origin, count, cell)
    blocks = [slice(begin, begin + _AT_ONCE) for begin in range(0, len(a), _AT_ONCE)]
    asked = None
    if len(starts) > _AT_ONCE:  # then cells are many, most of which no pipe asks
        asked = np.unique(np.concatenate([np.unique(_asked(a[one], b[one], length[one], net)[1]) for one in blocks]))
    grid = _grid(starts, ends, reach, net, asked)
    for some in blocks:
        segment, piece = _met(a[some], b[some], length[some], grid)
        yield segment + some.start, piece


def _grid(starts: Floats, ends: Floats, reach_m: float, net: _Net, asked: Ints | None) -> _Grid:
    """List the cells beside pieces of road, a few pieces at a time; of some only those that are asked."""
    columns = np.cumsum(np.abs(ends - starts).max(axis=1) / net.cell_m + 1.0)
    begins = np.flatnonzero(np.diff((columns / _AT_ONCE).astype(np.int64), prepend=-1))
    found = []
    for begin, end in pairwise([*begins.tolist(), len(starts)]):
        key, piece = _cells_beside(starts[begin:end], ends[begin:end], reach_m, net)
        wanted = slice(None) if asked is None else np.isin(key, asked)
        found.append((key[wanted], piece[wanted] + begin))
    key, piece = (np.concatenate(column) for column in zip(*found, strict=True))
    order = np.argsort(key, kind="stable")
    key, piece = key[order], piece[order]
    first = np.flatnonzero(np.diff(key, prepend=-1))
    return _Grid(key[first], np.append(first, len(key)), piece, net)


def _asked(a: Floats, b: Floats, length: Floats, net: _Net) -> tuple[Ints, Ints]:
    """Return the segments that lie on the net, once for each part, and the cell of the middle of the part."""
    middle, segment = _parts(a, b, length, length > net.cell_m, net.cell_m)
    column, row = (np.floor((middle[:, axis] - net.origin[axis]) / net.cell_m) for axis in (0, 1))
    inside = (column >= 0) & (column < net.extent[0]) & (row >= 0) & (row < net.extent[1])
    return segment[inside], (column[inside] * net.extent[1] + row[inside]).astype(np.int64)


def _met(a: Floats, b: Floats, length: Floats, grid: _Grid) -> tuple[Ints, Ints]:
    """Return pairs of some segments and the pieces beside whose cells they lie."""
    long = length > grid.net.cell_m
    segment, key = _asked(a, b, length, grid.net)
    if not len(grid.key):
        return segment[:0], segment[:0]
    listed = np.minimum(np.searchsorted(grid.key, key), len(grid.key) - 1)
    met = grid.key[listed] == key
    listed, segment = listed[met], segment[met]
    found, at = _ranges(grid.first[listed], grid.first[listed + 1] - 1)
    return _once(segment[found], grid.piece[at], long)


def _parts(a: Floats, b: Floats, length: Floats, long: Bools, most_m: float) -> tuple[Floats, Ints]:
    """Cut long segments into equal parts no longer than that; return the middle of each part, and its segment."""
    middle = (a + b) / 2.0
    if not long.any():
        return middle, np.arange(len(a))
    number = np.ones(len(a), np.int64)
    number[long] = np.ceil(length[long] / most_m).astype(np.int64)
    segment, part = _ranges(np.zeros(len(a), np.int64), number - 1)
    middle, cut = middle[segment], np.flatnonzero(long[segment])
    whole = segment[cut]
    share = (part[cut] + 0.5) / number[whole]
    middle[cut] = a[whole] + share[:, None] * (b - a)[whole]
    return middle, segment


def _once(segment: Ints, piece: Ints, long: Bools) -> tuple[Ints, Ints]:
    """Return each pair once, sorted by both: parts of a long segment may have met the same piece."""
    several = np.flatnonzero(long[segment])
    if not len(several):
        return segment, piece
    n_pieces = int(piece.max()) + 1
    pair = np.sort(segment[several] * n_pieces + piece[several])
    piece[several] = pair % n_pieces
    new = np.ones(len(segment), np.bool_)
    new[several] = np.diff(pair, prepend=-1) > 0
    return segment[new], piece[new]


def _cells_beside(starts: Floats, ends: Floats, reach_m: float, net: _Net) -> tuple[Ints, Ints]:
    """Return the numbers of the cells within reach of each piece, piece by piece, and the piece.

    A piece is walked column by column along its longer extent: how far it goes sideways between the edges of a column,
    a reach farther each way, says which cells of the column it takes.
    """
    cell, rows = net.cell_m, int(net.extent[1])
    from_u, to_u = (place - net.origin for place in (starts, ends))
    steep = np.abs(to_u - from_u)[:, 1] > np.abs(to_u - from_u)[:, 0]
    from_u[steep], to_u[steep] = from_u[steep, ::-1], to_u[steep, ::-1]
    low, high = np.minimum(from_u[:, 0], to_u[:, 0]), np.maximum(from_u[:, 0], to_u[:, 0])
    extent = high - low
    slope = np.divide((to_u - from_u)[:, 1], (to_u - from_u)[:, 0], out=np.zeros(len(extent)), where=extent > 0)
    first = np.floor((low - reach_m) / cell).astype(np.int64)
    piece, column = _ranges(first, np.floor((high + reach_m) / cell).astype(np.int64))
    aside = [
        from_u[piece, 1] + slope[piece] * (np.clip(edge * cell + by, low[piece], high[piece]) - from_u[piece, 0])
        for edge, by in ((column, -reach_m), (column + 1, reach_m))
    ]
    lowest = np.floor((np.minimum(*aside) - reach_m) / cell).astype(np.int64)
    part, row = _ranges(lowest, np.floor((np.maximum(*aside) + reach_m) / cell).astype(np.int64))
    piece, column = piece[part], column[part]
    return np.where(steep[piece], row * rows + column, column * rows + row), piece


def _ranges(first: Ints, last: Ints) -> tuple[Ints, Ints]:
    """Count from the first to the last, both included, for each row; return the rows, and the numbers."""
    size = last - first + 1
    return np.repeat(np.arange(len(size)), size), ranges(first, size)
