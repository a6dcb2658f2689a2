"""Which points lie at one place: those of one group that are nearer to each other than a gap."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from drainage.arrays import Floats, Rows
from drainage.compiling import MANY_ROWS


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
        from drainage.positions import crowded_cells

        point, place = crowded_cells.places(name, xy)
        rows = np.flatnonzero(crowded_cells.may_be_crowded(name[point], xy[point], within_m)[place])
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
