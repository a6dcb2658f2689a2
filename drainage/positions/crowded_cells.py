"""Compiled loops that sort out, among many points, the few that may lie near one of another name."""

from __future__ import annotations

from typing import Final

import numpy as np

from drainage.arrays import Bools, Floats, Ints32, Rows
from drainage.compiling import compiled, compiled_within

_COLUMN: Final = 40_503
_LOOKED_AT: Final = 64


@compiled
def places(name: Rows, xy: Floats) -> tuple[Ints32, Ints32]:
    """Return a point for each place of each name, and the number of its place for each point, (n,).

    What lies where the first of its name does shares that place; of any other its place is its own.
    """
    first = np.full(name.max() + 1, -1, np.int32)
    point, of_point = np.empty(len(name), np.int32), np.empty(len(name), np.int32)
    n_places = 0
    for k in range(len(name)):
        same = first[name[k]]
        if same >= 0 and xy[same, 0] == xy[k, 0] and xy[same, 1] == xy[k, 1]:
            of_point[k] = of_point[same]
            continue
        if same < 0:
            first[name[k]] = k
        point[n_places] = k
        of_point[k] = n_places
        n_places += 1
    return point[:n_places].copy(), of_point


def may_be_crowded(name: Rows, xy: Floats, within_m: float) -> Bools:
    """Return all points nearer than three times that, east and north, to one of another name, and few more.

    Points are listed by large cells, and each looks at its own and at those beside it that it is near to. Cells side by
    side have lists side by side, and streets are surveyed from end to end, so that what is looked at was just seen.
    """
    from drainage.graph import kernels

    side, size = 24.0 * within_m, 1 << (2 * len(name)).bit_length()
    first, listed = kernels.group(_slots(xy, side, size), size)
    may: Bools = _near_another(name, xy, first, listed, 3.001 * within_m, side)
    return may


@compiled
def _slots(xy: Floats, side: float, size: int) -> Ints32:
    """Return the number of the list in which each point is."""
    slot = np.empty(len(xy), np.int32)
    for k in range(len(xy)):
        slot[k] = _slot(np.floor(xy[k, 0] / side), np.floor(xy[k, 1] / side), size)
    return slot


@compiled
def _near_another(name: Rows, xy: Floats, first: Ints32, listed: Ints32, near: float, side: float) -> Bools:
    """Return the points near to one of another name; a list that is too long to be looked at is taken for crowded."""
    may = np.zeros(len(name), np.bool_)
    for k in range(len(name)):
        x, y = xy[k]
        for column in range(int(np.floor((x - near) / side)), int(np.floor((x + near) / side)) + 1):
            for row in range(int(np.floor((y - near) / side)), int(np.floor((y + near) / side)) + 1):
                at = _slot(column, row, len(first) - 1)
                here = listed[first[at] : first[at + 1]]
                may[k] |= len(here) > _LOOKED_AT
                for other in here[:_LOOKED_AT]:
                    beside = abs(xy[other, 0] - x) < near and abs(xy[other, 1] - y) < near
                    may[k] |= beside and name[other] != name[k]
    return may


@compiled_within
def _slot(column: float, row: float, size: int) -> np.int64:
    """Return the number of the list of a cell; ``size`` is a power of 2."""
    return (np.int64(column) * _COLUMN + np.int64(row)) & (size - 1)
