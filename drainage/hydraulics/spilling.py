"""Compiled loops behind `drainage.hydraulics.depressions`: pools found from the lowest cell up, water poured in."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from drainage.arrays import Bools, Floats, Ints32
from drainage.compiling import compiled

#: The eight neighbours of a cell.
DOWN: Final = np.array([-1, 0, 0, 1, -1, -1, 1, 1])
RIGHT: Final = np.array([0, -1, 1, 0, -1, 1, -1, 1])
_WALL: Final = -1


@compiled
def _top(up: Ints32, pool: int) -> int:
    """Return the pool that a pool has become part of, and shorten the path to it."""
    top = pool
    while up[top] != top:
        top = up[top]
    while up[pool] != top:
        up[pool], pool = top, up[pool]
    return top


@compiled
def _look_around(
    ground: Floats, outside: Bools, pool: Ints32, distance_m: Floats, i: int, j: int, slope: Floats, around: Ints32
) -> int:
    """Return the steepest of the neighbours that are done (-1: none), with the slope to and the pool of each."""
    n_rows, n_columns = ground.shape
    best = -1
    for k in range(8):
        row, column = i + DOWN[k], j + RIGHT[k]
        around[k], slope[k] = _WALL, -math.inf
        if not (0 <= row < n_rows and 0 <= column < n_columns) or outside[row, column]:
            around[k], slope[k] = 0, math.inf
        elif pool[row, column] >= 0:
            around[k], slope[k] = pool[row, column], (ground[i, j] - ground[row, column]) / distance_m[k]
        if around[k] != _WALL and (best < 0 or slope[k] > slope[best]):
            best = k
    return best


@compiled
def _steepest_beyond(up: Ints32, here: int, slope: Floats, around: Ints32) -> int:
    """Return the steepest of the neighbours that belong to another pool, -1 where none does."""
    other = -1
    for k in range(8):
        if around[k] != _WALL and (other < 0 or slope[k] > slope[other]) and _top(up, around[k]) != here:
            other = k
    return other


@compiled
def nest_pools(
    ground: Floats, outside: Bools, order: NDArray[np.int64], distance_m: Floats
) -> tuple[Ints32, Ints32, Floats, Floats, Ints32, Ints32, Ints32, Ints32, Floats]:
    """Sweep the cells from the lowest up and close a pool at its saddle; see `Depressions` for what comes out."""
    n_columns = ground.shape[1]
    most = 2 * len(order) + 1
    pool = np.full(ground.shape, _WALL, np.int32)
    lowest_cell = np.full(most, -1, np.int32)
    lowest, spill, capacity = np.zeros(most), np.full(most, math.inf), np.full(most, math.inf)
    spills_to, parent, sibling = np.zeros(most, np.int32), np.full(most, -1, np.int32), np.full(most, -1, np.int32)
    cells, levels = np.zeros(most, np.int32), np.zeros(most)
    up = np.arange(most).astype(np.int32)
    slope, around = np.empty(8), np.empty(8, np.int32)
    count = 1
    for cell in order:
        i, j = cell // n_columns, cell % n_columns
        level = ground[i, j]
        best = _look_around(ground, outside, pool, distance_m, i, j, slope, around)
        if best < 0:
            pool[i, j] = count
            lowest_cell[count], lowest[count], cells[count], levels[count] = cell, level, 1, level
            count += 1
            continue
        pool[i, j] = around[best]
        here = _top(up, around[best])
        cells[here] += 1
        levels[here] += level
        while True:
            other = _steepest_beyond(up, here, slope, around)
            if other < 0:
                break
            there = _top(up, around[other])
            for closed, beyond in ((np.int64(here), np.int64(around[other])), (np.int64(there), np.int64(pool[i, j]))):
                if closed != 0:
                    spill[closed], spills_to[closed] = level, beyond
                    capacity[closed] = max(cells[closed] * level - levels[closed], 0.0)
            if here == 0 or there == 0:
                up[here] = up[there] = 0
                here = 0
                continue
            up[here] = up[there] = parent[here] = parent[there] = count
            sibling[here], sibling[there] = there, here
            lower = here if lowest[here] <= lowest[there] else there
            lowest_cell[count], lowest[count] = lowest_cell[lower], lowest[lower]
            cells[count], levels[count] = cells[here] + cells[there], levels[here] + levels[there]
            here = count
            count += 1
    return (
        pool,
        lowest_cell[:count],
        lowest[:count],
        spill[:count],
        spills_to[:count],
        parent[:count],
        sibling[:count],
        cells[:count],
        capacity[:count],
    )


@compiled
def pour(
    water: Floats, capacity: Floats, spills_to: Ints32, parent: Ints32, sibling: Ints32
) -> tuple[Floats, Ints32, float]:
    """Pour water into pools, one after another; the order does not matter.

    Returns
    -------
    Water in each pool as they stand (0 in those that are parts of another), the pool that each is part of, and what
    ran outside.
    """
    n = len(capacity)
    held = np.zeros(n)
    for p in range(n):
        if parent[p] >= 0:
            held[parent[p]] = -1.0  # stands only when both its parts are full
    up = np.arange(n).astype(np.int32)
    lost = water[0]
    for source in range(1, n):
        rest, p = water[source], source
        while rest > 0.0:
            p = _top(up, p)
            if p == 0:
                lost += rest
                break
            room = max(capacity[p] - held[p], 0.0)
            if rest <= room:
                held[p] += rest
                break
            held[p] = max(capacity[p], held[p])
            rest -= room
            other = sibling[p]
            if other >= 0 and up[other] == other and held[other] >= capacity[other]:
                whole = parent[p]
                held[whole] = held[p] + held[other]
                held[p] = held[other] = 0.0
                up[p] = up[other] = whole
                p = whole
            else:
                p = spills_to[p]
    for p in range(n):
        up[p] = _top(up, p)
        held[p] = max(held[p], 0.0)
    return held, up, lost


@compiled
def level_ponds(ground: Floats, pond: Ints32, held: Floats) -> Floats:
    """Find the level of each pond: what it holds is the sum of level less ground, over cells sorted by pond and level.

    Returns
    -------
    (n_pools,) level in the measure of ``ground``, nan for a pond without water or cells.
    """
    level = np.full(len(held), np.nan)
    first = 0
    while first < len(pond):
        p = pond[first]
        lowest = ground[first]
        depths, k = 0.0, first
        while k + 1 < len(pond) and pond[k + 1] == p:
            rise = (ground[k + 1] - ground[k]) * (k + 1 - first)
            if depths + rise >= held[p]:
                break
            depths += rise
            k += 1
        level[p] = ground[k] + (held[p] - depths) / (k + 1 - first) if held[p] > 0.0 else lowest
        while first < len(pond) and pond[first] == p:
            first += 1
    return level
