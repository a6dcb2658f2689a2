"""The compiled loops over the cells of a grid that shares the ground among nodes."""

from __future__ import annotations

import math

import numpy as np

from drainage.arrays import Bools, Floats, Ints, Ints32
from drainage.compiling import compiled, compiled_within


@compiled
def dry_cells(start: Floats, way: Floats, pieces: Ints, low: Floats, cell_m: float, shape: tuple[int, int]) -> Bools:
    """Mark the cells of a raster in which no segment's pieces have their middle; start and way are (n, 2), m."""
    dry = np.ones(shape, np.bool_)
    for k in range(len(pieces)):
        for piece in range(pieces[k]):
            along = (piece + 0.5) / pieces[k]
            i = int((start[k, 0] + along * way[k, 0] - low[0]) / cell_m)
            j = int((start[k, 1] + along * way[k, 1] - low[1]) / cell_m)
            dry[min(max(i, 0), shape[0] - 1), min(max(j, 0), shape[1] - 1)] = False
    return dry


@compiled
def near_cells(dry: Bools, within: float) -> Bools:
    """Mark the cells of a raster no farther than so many cells from one that is not dry: down columns, then rows."""
    n_rows, n_columns = dry.shape
    reach = math.floor(within)
    least = np.full(dry.shape, reach + 1, np.int32)
    for i in range(n_rows):
        for other in range(max(i - reach, 0), min(i + reach + 1, n_rows)):
            for j in range(n_columns):
                if not dry[other, j]:
                    least[i, j] = min(least[i, j], abs(i - other))
    near = np.zeros(dry.shape, np.bool_)
    for i in range(n_rows):
        for j in range(n_columns):
            if least[i, j] > reach:
                continue
            half = math.floor(math.sqrt(within * within - least[i, j] * least[i, j]))
            for other in range(max(j - half, 0), min(j + half + 1, n_columns)):
                near[i, other] = True
    return near


@compiled
def count_nearest(takers: Ints32, served: Bools) -> Ints32:
    """Count for each cell that holds takers the served cells to which no other such cell is nearer.

    A cell that is as far from several goes to the first column of them, and there to the first row: as
    `scipy.ndimage.distance_transform_edt` has it, whose two arrays of indices are spared.

    References
    ----------
    Maurer, Qi, Raghavan 2003, doi:10.1109/TPAMI.2003.1177156: down columns the nearest, then along rows their envelope.
    """
    n_rows, n_columns = takers.shape
    above = _last_above(takers)
    below = np.full(n_columns, -1, np.int32)
    count = np.zeros(takers.shape, np.int32)
    row, away, kept = np.empty(n_columns, np.int64), np.empty(n_columns, np.int64), np.empty(n_columns, np.int64)
    for i in range(n_rows - 1, -1, -1):
        top = -1
        for j in range(n_columns):
            if takers[i, j] > 0:
                below[j] = i
            up, down = above[i, j], below[j]
            if up < 0 and down < 0:
                continue
            row[j] = up if down < 0 or (up >= 0 and i - up <= down - i) else down
            away[j] = (row[j] - i) ** 2
            top = _without_hidden(kept, top, away, j) + 1
            kept[top] = j
        at = 0
        for j in range(n_columns if top >= 0 else 0):
            if not served[i, j]:
                continue
            near = away[kept[at]] + (kept[at] - j) ** 2
            while at < top:
                further = away[kept[at + 1]] + (kept[at + 1] - j) ** 2
                if near <= further:
                    break
                near = further
                at += 1
            count[row[kept[at]], kept[at]] += 1
    return count


@compiled
def _last_above(takers: Ints32) -> Ints32:
    """Return the row of the last cell with takers at or above each cell, -1 for none."""
    n_rows, n_columns = takers.shape
    above = np.empty(takers.shape, np.int32)
    last = np.full(n_columns, -1, np.int32)
    for i in range(n_rows):
        for j in range(n_columns):
            if takers[i, j] > 0:
                last[j] = i
            above[i, j] = last[j]
    return above


@compiled_within
def _without_hidden(kept: Ints, top: int, away: Ints, j: int) -> int:
    """Return how far the kept columns go once those are dropped that column j and the one before leave no cell."""
    while top >= 1:
        here, before = kept[top], kept[top - 1]
        a, b = here - before, j - here
        if (a + b) * away[here] - b * away[before] - a * away[j] <= a * b * (a + b):
            break
        top -= 1
    return top
