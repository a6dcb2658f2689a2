"""Compiled loops over the cells of a grid that shares the ground among nodes."""

from __future__ import annotations

import math

import numpy as np
from numba import prange

from drainage.arrays import Bools, Ints32
from drainage.compiling import compiled


@compiled(parallel=True)
def near_cells(dry: Bools, within: float) -> Bools:
    """Mark the cells of a raster no farther than so many cells from one that is not dry: down columns, then rows."""
    n_rows, n_columns = dry.shape
    reach = math.floor(within)
    least = np.full(dry.shape, reach + 1, np.int32)
    for i in prange(n_rows):
        for other in range(max(i - reach, 0), min(i + reach + 1, n_rows)):
            for j in range(n_columns):
                if not dry[other, j]:
                    least[i, j] = min(least[i, j], abs(i - other))
    near = np.zeros(dry.shape, np.bool_)
    for i in prange(n_rows):
        for j in range(n_columns):
            if least[i, j] > reach:
                continue
            half = math.floor(math.sqrt(within * within - least[i, j] * least[i, j]))
            for other in range(max(j - half, 0), min(j + half + 1, n_columns)):
                near[i, other] = True
    return near


@compiled()
def count_owned(nearest: Ints32, chosen: Bools) -> Ints32:
    """Count for each cell of a raster the chosen cells whose nearest it is, by rows and columns of the nearest."""
    owned = np.zeros(chosen.shape, np.int32)
    for i in range(chosen.shape[0]):
        for j in range(chosen.shape[1]):
            if chosen[i, j]:
                owned[nearest[0, i, j], nearest[1, i, j]] += 1
    return owned
