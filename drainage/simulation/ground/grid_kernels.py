"""The compiled loops over the cells of a grid that shares the ground among nodes."""

from __future__ import annotations

import math

import numpy as np

from drainage.arrays import Bools, Floats, Ints
from drainage.compiling import compiled


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
