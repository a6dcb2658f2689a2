"""Which pipes are near enough to which straight pieces of road to run along them, found on a grid.

The cells that a strip beside a road touches are listed once; a pipe asks the cell of its middle. Both roads and pipes
are walked along part by part, so that a long slanting one touches the cells beside it and not those of its box.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from drainage.arrays import Floats, Ints

_MOST_PARTS: Final = 10_000  # of one line, so that an absurdly long one does not fill the memory: a choice of ours


def near_segments(a: Floats, b: Floats, starts: Floats, ends: Floats, within_m: float) -> tuple[Ints, Ints]:
    """Return pairs of segments and pieces of road that may be within reach: all that are, and some that are not.

    Parameters
    ----------
    a, b
        (n_segments, 2) ends of the straight segments of pipes, m.
    starts, ends
        (n_pieces, 2) ends of the straight pieces of road, m.
    within_m
        Reach to either side of a piece, m.

    Returns
    -------
    Rows of ``a`` and of ``starts``, each pair once, sorted by both: the order hangs on no other segment.
    """
    if not len(a) or not len(starts):
        return np.empty(0, np.int64), np.empty(0, np.int64)
    length = np.hypot(*(b - a).T)
    longest = max(float(length.max()), float(np.abs(ends - starts).max()))
    cell = max(2.0 * within_m, float(length.mean()), longest / _MOST_PARTS, 1e-3)
    reach = within_m + cell / 2.0 + 1e-3  # of the middle of a part no longer than a cell, and what rounding may take
    origin = np.minimum(starts.min(axis=0), ends.min(axis=0)) - reach - cell
    count = np.ceil((np.maximum(starts.max(axis=0), ends.max(axis=0)) + reach - origin) / cell).astype(np.int64) + 1
    cells, piece = _cells_beside(starts, ends, reach, origin, cell, int(count[1]))
    middle, segment = _parts(a, b, length, cell)
    place = np.floor((middle - origin) / cell)
    inside = ((place >= 0) & (place < count)).all(axis=1)
    segment, at_cell = segment[inside], place[inside].astype(np.int64)
    key = at_cell[:, 0] * count[1] + at_cell[:, 1]
    first = np.flatnonzero(np.diff(cells, prepend=-1))
    row = np.minimum(np.searchsorted(cells[first], key), len(first) - 1)
    met = cells[first[row]] == key
    row, segment = row[met], segment[met]
    found, at = _ranges(first[row], np.append(first, len(cells))[row + 1] - 1)
    segment, piece = segment[found], piece[at]
    if not (length[segment] > cell).any():
        return segment, piece
    pair = np.sort(segment * len(starts) + piece)  # a long one is in several parts, which may have met the same piece
    pair = pair[np.diff(pair, prepend=-1) > 0]
    return pair // len(starts), pair % len(starts)


def _parts(a: Floats, b: Floats, length: Floats, most_m: float) -> tuple[Floats, Ints]:
    """Cut segments into equal parts no longer than that; return the middle of each part, and its segment."""
    middle = (a + b) / 2.0
    long = np.flatnonzero(length > most_m)
    if not len(long):
        return middle, np.arange(len(a))
    number = np.ceil(length[long] / most_m).astype(np.int64)
    row, part = _ranges(np.zeros(len(long), np.int64), number - 1)
    segment, share = long[row], (part + 0.5) / number[row]
    short = np.flatnonzero(length <= most_m)
    along = a[segment] + share[:, None] * (b - a)[segment]
    return np.concatenate([middle[short], along]), np.concatenate([short, segment])


def _cells_beside(
    starts: Floats, ends: Floats, reach_m: float, origin: Floats, cell: float, rows: int
) -> tuple[Ints, Ints]:
    """Return the numbers of the cells within reach of each piece, sorted, and the piece: sorted within a cell.

    A piece is walked column by column along its longer extent: how far it goes sideways between the edges of a column,
    a reach farther each way, says which cells of the column it takes.
    """
    from_u, to_u = (place - origin for place in (starts, ends))
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
    key = np.where(steep[piece], row * rows + column, column * rows + row)
    order = np.argsort(key, kind="stable")
    return key[order], piece[order]


def _ranges(first: Ints, last: Ints) -> tuple[Ints, Ints]:
    """Count from the first to the last, both included, for each row; return the rows, and the numbers."""
    size = last - first + 1
    row = np.repeat(np.arange(len(size)), size)
    return row, np.arange(len(row)) + np.repeat(first - np.cumsum(size) + size, size)
