"""Where things lie: segments and nodes in a grid, asked once and shared by the rules of geometry and topology."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from drainage.analyses.quality.view import View
from drainage.arrays import Bools, Floats, Ints

NEAR_M = 0.1  # what lies this close lies in one place: the accuracy of a total-station survey, our choice


class Meetings(NamedTuple):
    """Pairs of pipes that cross (chainage in each) and pairs that lie on each other (for how long)."""

    crossing: Ints
    chainage: Floats
    overlap: Ints
    overlap_m: Floats


class _Grid(NamedTuple):
    """Buckets of a hashed grid: items of bucket *b* are ``item[ptr[b]:ptr[b + 1]]``."""

    ptr: Ints
    item: Ints
    cell: float
    mask: int


class _Segments(NamedTuple):
    """Straight pieces of all pipes: both ends, the pipe, and the chainage at which each begins."""

    ends: Floats
    pipe: Ints
    chainage: Floats


@dataclass(frozen=True, eq=False)
class Places:
    """Answers about places; empty where the coordinates are a schematic plan."""

    view: View
    reach_m: float
    along_m: float

    @cached_property
    def segments(self) -> _Segments:
        """Straight pieces of the lines of all pipes."""
        xy, ptr = self.view.lines
        pipe = np.repeat(np.arange(len(ptr) - 1), np.diff(ptr))
        inner = np.flatnonzero(pipe[1:] == pipe[:-1]) if len(xy) else np.empty(0, np.int64)
        ends = np.column_stack([xy[inner], xy[inner + 1]]) if len(inner) else np.empty((0, 4))
        step = np.hypot(ends[:, 2] - ends[:, 0], ends[:, 3] - ends[:, 1])
        total = np.concatenate([[0.0], np.cumsum(step)])
        first = np.searchsorted(pipe[inner], pipe[inner])
        return _Segments(ends, pipe[inner], total[:-1] - total[first])

    @cached_property
    def _grid(self) -> _Grid:
        ends = self.segments.ends
        step = np.hypot(ends[:, 2] - ends[:, 0], ends[:, 3] - ends[:, 1])
        # a cell is as wide as a usual segment, yet so wide that long ones do not fill the grid
        cell = max(float(np.median(step)), float(step.mean()) / 4, 4 * self.reach_m) if len(step) else 1.0
        return _fill(ends, cell, max(self.reach_m, NEAR_M))

    @cached_property
    def meetings(self) -> Meetings:
        """Pairs of pipes that cross or lie on each other, the lower row first, each pair once."""
        from drainage.analyses.quality import kernels

        view, grid = self.view, self._grid
        none = np.empty((0, 2), np.int64)
        if not view.metric or not len(self.segments.ends):
            return Meetings(none, np.empty((0, 2)), none, np.empty(0))
        rows = kernels.meet(
            *self.segments, np.nan_to_num(view.drawn_length), view.tail, view.head, grid.ptr, grid.item, NEAR_M,
            self.along_m,
        )  # fmt: skip
        rows = _once(rows)
        one, two = (self.segments.pipe[rows[:, k].astype(np.int64)] for k in (0, 1))
        lives = view.together(one, two)
        rows, one, two = rows[lives], one[lives], two[lives]
        turned = one > two
        pair = np.where(turned[:, None], np.column_stack([two, one]), np.column_stack([one, two]))
        at = np.where(turned[:, None], rows[:, [3, 2]], rows[:, [2, 3]])
        beside = rows[:, 4] > 0
        crossing, first = np.unique(pair[~beside], axis=0, return_index=True)
        overlap, which = np.unique(pair[beside], axis=0, return_inverse=True)
        length = np.bincount(which.ravel(), weights=rows[beside, 4], minlength=len(overlap)).astype(np.float64)
        long = length >= self.along_m
        return Meetings(crossing, at[~beside][first], overlap[long], length[long])

    @cached_property
    def near_nodes(self) -> tuple[Ints, Floats]:
        """Pairs of nodes within reach (lower row first), and their distance."""
        from drainage.analyses.quality import kernels

        xy = self.view.node_xy
        known = np.flatnonzero(np.isfinite(xy).all(axis=1))
        if not self.view.metric or not len(known):
            return np.empty((0, 2), np.int64), np.empty(0)
        grid = _fill(np.column_stack([xy[known], xy[known]]), 10 * self.reach_m, self.reach_m)
        pairs = kernels.near_points(xy[known], grid.ptr, grid.item, grid.cell, grid.mask, self.reach_m)
        pairs = known[np.unique(pairs, axis=0)]
        return pairs, np.hypot(*(xy[pairs[:, 0]] - xy[pairs[:, 1]]).T)

    def body_near(self, wanted: Bools, node_system: Ints) -> tuple[Ints, Floats]:
        """Return for each node the pipe on whose body it lies, −1 where none, and the distance."""
        from drainage.analyses.quality import kernels

        view, grid = self.view, self._grid
        if not view.metric or not len(self.segments.ends):
            return np.full(len(wanted), -1, np.int64), np.full(len(wanted), np.nan)
        rows = kernels.body_near(
            view.node_xy, wanted, node_system, *self.segments, np.nan_to_num(view.drawn_length), view.system,
            view.tail, view.head, grid.ptr, grid.item, grid.cell, grid.mask, self.reach_m, NEAR_M,
        )  # fmt: skip
        node, passing = rows[:, 0].astype(np.int64), rows[:, 1].astype(np.int64)
        # the nearest of each node, of equally near ones the first by id
        names = view.pipes.index[passing].to_numpy(dtype=object)
        order = np.lexsort((names, np.round(rows[:, 2], 6), node))[::-1]
        pipe, distance = np.full(len(wanted), -1, np.int64), np.full(len(wanted), np.nan)
        pipe[node[order]], distance[node[order]] = passing[order], rows[order, 2]
        return pipe, distance


def _fill(ends: Floats, cell: float, pad: float) -> _Grid:
    from drainage.analyses.quality import kernels

    mask = (1 << max(int(np.ceil(np.log2(2 * len(ends) + 2))), 4)) - 1
    ptr = np.zeros(mask + 2, np.int64)
    kernels.enter(ends, cell, pad, mask, ptr, np.empty(0, np.int64))
    ptr = np.cumsum(ptr)
    item = np.empty(ptr[-1], np.int64)
    if len(item):
        place = ptr.copy()
        kernels.enter(ends, cell, pad, mask, place, item)
    return _Grid(ptr, item, cell, mask)


def _once(rows: Floats) -> Floats:
    """Keep one row for each pair of segments and kind of meeting, the lower segment first, as the kernel found them."""
    low, high = np.minimum(rows[:, 0], rows[:, 1]), np.maximum(rows[:, 0], rows[:, 1])
    key = np.column_stack([low, high, rows[:, 4] > 0])
    _, first = np.unique(key, axis=0, return_index=True)
    return rows[first]
