"""Which points lie at one place: those of one group that are nearer to each other than a gap."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from drainage.arrays import Bools, Floats, Ints32, Rows
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
        point, place = _places(name, xy)
        rows = np.flatnonzero(_may_be_crowded(name[point], xy[point], within_m)[place])
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
def _places(name: Rows, xy: Floats) -> tuple[Ints32, Ints32]:
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
def _may_be_crowded(name: Rows, xy: Floats, within_m: float) -> Bools:
    """Return all points that share a cell with another name, and few more: a cell is known by 31 bits of its hash.

    A row of the table that is searched for too long is taken for crowded.
    """
    size, shift = 2, 63
    while size < 4 * len(name):
        size, shift = 2 * size, shift - 1
    seen, mixed = np.full((3, size), -1, np.int64), np.zeros((3, size), np.bool_)
    slot = np.empty((len(name), 3), np.int32)
    for k in range(len(name)):
        for third in range(3):
            column = np.uint64(np.int64(np.floor(xy[k, 0] / (3 * within_m) + third / 3)))
            row = np.uint64(np.int64(np.floor(xy[k, 1] / (3 * within_m) + third / 3)))
            mixture = (column * _MIX_COLUMN) ^ (row * _MIX_ROW)
            mixture = (mixture ^ (mixture >> np.uint64(29))) * _MIX_COLUMN
            at, mark = np.int64(mixture >> np.uint64(shift)), np.int64(mixture & np.uint64(0x7FFFFFFF))
            tried = 0
            while seen[third, at] >= 0 and seen[third, at] >> 32 != mark and tried < _TRIED:
                at, tried = (at + 1) & (size - 1), tried + 1
            there = seen[third, at]
            if there < 0:
                seen[third, at] = mark << 32 | name[k]
            elif there >> 32 != mark or there & 0xFFFFFFFF != name[k]:
                mixed[third, at] = True
            slot[k, third] = at
    may = np.empty(len(name), np.bool_)
    for k in range(len(name)):
        may[k] = mixed[0, slot[k, 0]] or mixed[1, slot[k, 1]] or mixed[2, slot[k, 2]]
    return may
