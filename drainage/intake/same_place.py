"""Which points lie at one place: those of one group that are nearer to each other than a gap."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from drainage.arrays import Bools, Floats, Rows
from drainage.compiling import MANY_ROWS, compiled

_MIX_COLUMN: Final = np.uint64(0x9E3779B97F4A7C15)
_MIX_ROW: Final = np.uint64(0xC2B2AE3D27D4EB4F)
_TRIED: Final = 64


def same_place(group: Rows, xy: Floats, gap_m: float) -> Rows:
    """Number the places of each group, (n,): points within ``gap_m`` of the next, east and north, share one.

    Parameters
    ----------
    group
        Which points may be one place, (n,).
    xy
        Coordinates, (n, 2), in metres; a point without them is a place of its own.
    gap_m
        Greatest distance to the next point of the same place.
    """
    label = group
    for axis in (0, 1):
        order = np.lexsort((xy[:, axis], label))
        along, of = xy[order, axis], label[order]
        near = (of[1:] == of[:-1]) & (np.diff(along) <= gap_m)
        number = np.concatenate([[0], np.cumsum(~near)]) if len(order) else np.zeros(0, np.intp)
        label = np.empty(len(order), np.intp)
        label[order] = number
    return label


def crowded(name: Rows, xy: Floats, within_m: float) -> NDArray[np.bool_]:
    """Return the points within ``within_m`` of one with another name, (n,), and a few slightly farther away.

    Three grids, each shifted by a third of a cell: a pair closer than a third shares a cell in one of them at least.
    """
    found = np.zeros(len(name), np.bool_)
    if len(name) > MANY_ROWS:
        rows = np.flatnonzero(_may_be_crowded(name, xy, within_m))
        found[rows] = _crowded(name[rows], xy[rows], within_m)
        return found
    return _crowded(name, xy, within_m)


def _crowded(name: Rows, xy: Floats, within_m: float) -> NDArray[np.bool_]:
    found = np.zeros(len(name), np.bool_)
    if not len(name):
        return found
    for shift in (0.0, 1 / 3, 2 / 3):
        column, row = np.floor(xy / (3 * within_m) + shift).astype(np.int64).T
        cell = column * (1 << 31) + row
        order = np.argsort(cell, kind="stable")
        first = np.flatnonzero(np.diff(cell[order], prepend=cell[order[0]] - 1))
        names = name[order]
        mixed = np.minimum.reduceat(names, first) != np.maximum.reduceat(names, first)
        found[order] |= np.repeat(mixed, np.diff(np.append(first, len(order))))
    return found


@compiled
def _may_be_crowded(name: Rows, xy: Floats, within_m: float) -> Bools:
    """Return all points that share a cell with another name, and few more: a cell is known by 32 bits of its hash.

    Each place of a name counts once; a row of the table that is searched for too long is taken for crowded.
    """
    n_names = name.max() + 1
    size, shift = 2, 63
    while size < 4 * n_names:
        size, shift = 2 * size, shift - 1
    first = np.full(n_names, -1, np.int32)
    slot = np.empty(len(name), np.int32)
    may = np.zeros(len(name), np.bool_)
    for third in range(3):
        seen, mixed = np.full(size, -1, np.int64), np.zeros(size, np.bool_)
        for k in range(len(name)):
            if third == 0 and first[name[k]] < 0:
                first[name[k]] = k
            same = first[name[k]]
            if same != k and xy[same, 0] == xy[k, 0] and xy[same, 1] == xy[k, 1]:
                slot[k] = slot[same]
                continue
            column = np.uint64(np.int64(np.floor(xy[k, 0] / (3 * within_m) + third / 3)))
            row = np.uint64(np.int64(np.floor(xy[k, 1] / (3 * within_m) + third / 3)))
            mixture = (column * _MIX_COLUMN) ^ (row * _MIX_ROW)
            mixture = (mixture ^ (mixture >> np.uint64(29))) * _MIX_COLUMN
            at, mark = np.int64(mixture >> np.uint64(shift)), np.int64(mixture & np.uint64(0x7FFFFFFF))
            tried = 0
            while seen[at] >= 0 and seen[at] >> 32 != mark and tried < _TRIED:
                at, tried = (at + 1) & (size - 1), tried + 1
            if seen[at] < 0:
                seen[at] = mark << 32 | name[k]
            elif seen[at] >> 32 != mark or seen[at] & 0xFFFFFFFF != name[k]:
                mixed[at] = True
            slot[k] = at
        for k in range(len(name)):
            may[k] = may[k] or mixed[slot[k]]
    return may
