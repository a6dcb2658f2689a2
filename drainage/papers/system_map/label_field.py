"""Where labels may stand on a map: a raster of what lies below, and the places that are taken.

A cell of half a millimetre holds a weight: of lines by their width, of arrows and signs. The mean weight below a label
is its cost; a label never lies on another label, nor on a sign. All places that a label may take are judged at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from drainage.arrays import Bools, Floats, ranges
from drainage.papers.drawn.sheets import Box

_CELL_MM: Final = 0.5
_APART_MM: Final = 0.75  # a label's box is taken with so much around it: no two can touch between two cells
_EDGE_MM: Final = 1.2  # from labels to the edge of the map


@dataclass(eq=False)
class Field:
    """The raster of a map on paper; ``room`` is in mm."""

    room: Box
    weight: Floats = field(init=False)
    taken: Bools = field(init=False)

    def __post_init__(self) -> None:
        """Begin with an empty map."""
        room = self.room
        shape = (int((room.high - room.low) / _CELL_MM) + 2, int((room.right - room.left) / _CELL_MM) + 2)
        self.weight = np.zeros(shape)
        self.taken = np.zeros(shape, np.bool_)

    def mark_lines(self, lines: Iterable[Floats], width_mm: float, weight: float) -> None:
        """Mark what lines of (n, 2) points cover."""
        begins, ends = [], []
        for line in lines:
            begins.append(line[:-1])
            ends.append(line[1:])
        if not begins:
            return
        begin, end = np.concatenate(begins), np.concatenate(ends)
        count = np.maximum((np.hypot(*(end - begin).T) / (0.8 * _CELL_MM)).astype(int), 1) + 1
        which = np.repeat(np.arange(len(count)), count)
        share = ranges(0, count) / np.repeat(count - 1, count)
        row, column, inside = self._cells(begin[which] + share[:, None] * (end - begin)[which])
        covered = np.zeros(self.taken.shape, np.bool_)
        covered[row[inside], column[inside]] = True
        np.maximum(self.weight, np.where(_widened(covered, width_mm / 2.0 / _CELL_MM), weight, 0.0), out=self.weight)

    def mark(self, center: Sequence[float], wide: float, tall: float, weight: float) -> None:
        """Mark an upright rectangle that labels should rather not cover."""
        rows, columns, inside = self._inside(center, wide, tall, 0.0)
        window = self.weight[rows, columns]
        window[inside] = np.maximum(window[inside], weight)

    def take(self, center: Sequence[float], wide: float, tall: float, angle_deg: float = 0.0) -> None:
        """Take the turned rectangle of a label or a sign, with the distance that others keep."""
        rows, columns, inside = self._inside(center, wide + 2 * _APART_MM, tall + 2 * _APART_MM, angle_deg)
        self.taken[rows, columns] |= inside

    def judge(self, places: Floats) -> Floats:
        """Return the cost of each label, (n,), by the (n, m, 2) points that it covers; inf where it may not stand."""
        row, column, inside = self._cells(places)
        room = self.room
        edge = (places > (room.left + _EDGE_MM, room.low + _EDGE_MM)).all(axis=-1)
        edge &= (places < (room.right - _EDGE_MM, room.high - _EDGE_MM)).all(axis=-1)
        row, column = np.where(inside, row, 0), np.where(inside, column, 0)
        free = (edge & ~self.taken[row, column]).all(axis=1)
        return np.asarray(np.where(free, self.weight[row, column].mean(axis=1), np.inf))

    def _cells(self, places: Floats) -> tuple[np.ndarray, np.ndarray, Bools]:
        column = np.floor((places[..., 0] - self.room.left) / _CELL_MM).astype(int)
        row = np.floor((places[..., 1] - self.room.low) / _CELL_MM).astype(int)
        tall, wide = self.taken.shape
        return row, column, (row >= 0) & (column >= 0) & (row < tall) & (column < wide)

    def _inside(
        self, center: Sequence[float], wide: float, tall: float, angle_deg: float
    ) -> tuple[slice, slice, Bools]:
        """Return the rows and columns round a turned rectangle, and which of their cells lie in it."""
        reach = np.hypot(wide, tall) / 2.0
        low = ((np.asarray(center) - reach - (self.room.left, self.room.low)) / _CELL_MM).astype(int)
        high = ((np.asarray(center) + reach - (self.room.left, self.room.low)) / _CELL_MM).astype(int) + 2
        first, last = np.maximum(low, 0), np.maximum(np.minimum(high, self.taken.shape[::-1]), 0)
        x = self.room.left + (np.arange(first[0], last[0]) + 0.5) * _CELL_MM - center[0]
        y = self.room.low + (np.arange(first[1], last[1]) + 0.5) * _CELL_MM - center[1]
        cos, sin = np.cos(np.radians(angle_deg)), np.sin(np.radians(angle_deg))
        along = np.abs(x[None, :] * cos + y[:, None] * sin)
        up = np.abs(y[:, None] * cos - x[None, :] * sin)
        return slice(first[1], last[1]), slice(first[0], last[0]), (along <= wide / 2.0) & (up <= tall / 2.0)


def covered_points(centers: Floats, wide: float, tall: float, angles_deg: Floats | float = 0.0) -> Floats:
    """Return points in rectangles round centers (n, 2), each turned by its angle: (n, m, 2), at most a cell apart."""
    along = np.linspace(-wide / 2.0, wide / 2.0, max(2, int(np.ceil(wide / _CELL_MM)) + 1))
    up = np.linspace(-tall / 2.0, tall / 2.0, max(2, int(np.ceil(tall / _CELL_MM)) + 1))
    u, v = (grid.ravel() for grid in np.meshgrid(along, up))
    turn = np.broadcast_to(np.radians(angles_deg), (len(centers),))[:, None]
    x = centers[:, :1] + u * np.cos(turn) - v * np.sin(turn)
    y = centers[:, 1:] + u * np.sin(turn) + v * np.cos(turn)
    return np.stack([x, y], axis=-1)


@dataclass(frozen=True, eq=False)
class Track:
    """A line on paper that can be walked along; ``points`` is (n, 2), mm."""

    points: Floats
    reached: Floats

    @classmethod
    def along(cls, points: Floats) -> Track:
        """Measure a line."""
        steps = np.hypot(*np.diff(points, axis=0).T)
        return cls(points, np.concatenate([[0.0], np.cumsum(steps)]))

    @property
    def length_mm(self) -> float:
        """Its length, mm."""
        return float(self.reached[-1])

    def at(self, distance_mm: Floats) -> Floats:
        """Return the points at distances from the beginning: (…, 2)."""
        x, y = (np.interp(distance_mm, self.reached, self.points[:, k]) for k in (0, 1))
        return np.stack([x, y], axis=-1)

    def chords(self, middle_mm: Floats, length_mm: float) -> tuple[Floats, Floats]:
        """Return the angle of pieces round their middles, degrees, and how straight they are, 0-1."""
        ends = self.at(middle_mm + length_mm / 2.0) - self.at(middle_mm - length_mm / 2.0)
        straight = np.hypot(ends[..., 0], ends[..., 1]) / max(length_mm, 1e-9)
        return np.degrees(np.arctan2(ends[..., 1], ends[..., 0])), straight


def _widened(covered: Bools, radius: float) -> Bools:
    """Return the cells within a radius, in cells, of those that are covered."""
    reach = int(np.ceil(radius))
    tall, wide = covered.shape
    found = covered.copy()
    for up in range(-reach, reach + 1):
        for along in range(-reach, reach + 1):
            if (up or along) and np.hypot(up, along) <= radius + 0.2:
                to = found[max(up, 0) : tall + min(up, 0), max(along, 0) : wide + min(along, 0)]
                to |= covered[max(-up, 0) : tall + min(-up, 0), max(-along, 0) : wide + min(-along, 0)]
    return found
