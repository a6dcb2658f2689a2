"""A window on the ground: metres to millimetres on paper, shapes cut at its edges."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import shapely

from drainage.arrays import Bools, Floats, Objects, Rows
from drainage.papers.drawn.sheets import Box, Sheet
from drainage.papers.system_map.label_field import Field
from drainage.papers.system_map.map_scales import Bounds


@dataclass(frozen=True, eq=False)
class Window:
    """A map on a sheet: where it lies on paper, which ground it shows, and where its labels may stand.

    Parameters
    ----------
    scale
        Denominator.
    letters, lines
        Factors of letters and of lines: those of A1 are 1.
    """

    sheet: Sheet
    room: Box
    bounds: Bounds
    scale: int
    letters: float
    lines: float
    field: Field

    @property
    def signs(self) -> float:
        """Factor of signs: they shrink less than lines."""
        return math.sqrt(self.lines)

    def place(self, x: Floats, y: Floats) -> Floats:
        """Return points on paper, (n, 2)."""
        per_m = 1000.0 / self.scale
        left, low = self.bounds[:2]
        return np.stack([self.room.left + (x - left) * per_m, self.room.low + (y - low) * per_m], axis=-1)

    def sees(self, x: Floats, y: Floats, margin_mm: float = 0.0) -> Bools:
        """Return which points lie in it, by more than a margin from its edges."""
        margin = margin_mm * self.scale / 1000.0
        left, low, right, high = self.bounds
        return np.asarray((x >= left + margin) & (x <= right - margin) & (y >= low + margin) & (y <= high - margin))

    def cut(self, shapes: Objects) -> tuple[Objects, Rows]:
        """Return the parts of shapes that lie in it, in metres, and the row of the shape that each is of."""
        frame = shapely.box(*self.bounds)
        shapely.prepare(frame)
        near = np.flatnonzero(shapely.intersects(frame, shapes))
        whole = shapely.contains_properly(frame, shapes[near])
        cut = np.where(whole, shapes[near], shapely.intersection(shapes[near], frame))
        parts, row = shapely.get_parts(cut, return_index=True)
        there = ~shapely.is_empty(parts)
        return np.asarray(parts[there], dtype=object), near[row[there]]

    def on_paper(self, shapes: Objects) -> Objects:
        """Return shapes with their coordinates in mm on paper."""
        return np.asarray(
            shapely.transform(shapes, lambda at: self.place(at[:, 0], at[:, 1])), dtype=object
        )  # fmt: skip

    def lines_of(self, shapes: Objects) -> tuple[list[Floats], Rows]:
        """Return the lines in it as (n, 2) points on paper, and the row of the shape that each is of."""
        parts, row = self.cut(shapes)
        flat = shapely.get_type_id(parts) == 1
        made = [self.place(*shapely.get_coordinates(part).T) for part in parts[flat]]
        return made, row[flat]

    def areas_of(self, shapes: Objects) -> list[tuple[Floats, list[Floats]]]:
        """Return the areas in it as outlines and holes on paper."""
        parts, _ = self.cut(shapes)
        return [
            (np.asarray(part.exterior.coords)[:, :2], [np.asarray(ring.coords)[:, :2] for ring in part.interiors])
            for part in self.on_paper(parts[shapely.get_type_id(parts) == 3])
        ]
