"""Compiled loops that sort out, among many points, the few that may lie near one of another name."""

from __future__ import annotations

from typing import Final

import numpy as np

from drainage.arrays import Bools, Floats, Ints32, Rows
from drainage.compiling import compiled

_MIX_COLUMN: Final = np.uint64(0x9E3779B97F4A7C15)
_MIX_ROW: Final = np.uint64(0xC2B2AE3D27D4EB4F)
_TRIED: Final = 64


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


@compiled
def may_be_crowded(name: Rows, xy: Floats, within_m: float) -> Bools:
    """Return all points that share a cell with another name, and few more: a cell is known by 31 bits of its hash.

    A row of the table that is searched for too long is taken for crowded.
    """
    size, shift = 2, 63
    while size < 2 * len(name):
        size, shift = 2 * size, shift - 1
    may = np.zeros(len(name), np.bool_)
    seen, mixed = np.empty(size, np.int64), np.empty(size, np.bool_)
    slot = np.empty(len(name), np.int32)
    for third in range(3):
        seen[:], mixed[:] = -1, False
        for k in range(len(name)):
            column = np.uint64(np.int64(np.floor(xy[k, 0] / (3 * within_m) + third / 3)))
            row = np.uint64(np.int64(np.floor(xy[k, 1] / (3 * within_m) + third / 3)))
            mixture = (column * _MIX_COLUMN) ^ (row * _MIX_ROW)
            mixture = (mixture ^ (mixture >> np.uint64(29))) * _MIX_COLUMN
            at, mark = np.int64(mixture >> np.uint64(shift)), np.int64(mixture & np.uint64(0x7FFFFFFF))
            tried = 0
            while seen[at] >= 0 and seen[at] >> 32 != mark and tried < _TRIED:
                at, tried = (at + 1) & (size - 1), tried + 1
            there = seen[at]
            if there < 0:
                seen[at] = mark << 32 | name[k]
            elif there >> 32 != mark or there & 0xFFFFFFFF != name[k]:
                mixed[at] = True
            slot[k] = at
        for k in range(len(name)):
            may[k] = may[k] or mixed[slot[k]]
    return may
