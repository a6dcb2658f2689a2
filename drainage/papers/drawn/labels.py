"""Where labels stand: each takes the cheapest of many places, none touches another, and what has no place is left out.

A place costs what it covers of lines and areas, and its distance from what it names; one that touches another label or
leaves the field is none.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

import numpy as np

from drainage.arrays import Floats
from drainage.papers.drawn.sheets import Box

_GAP_MM: Final = 0.6  # between two labels
_PER_MM: Final = 0.12  # cost of a mm of distance, in mm² that are covered
_STEPS_MM: Final = np.arange(-54.0, 54.1, 3.0)
_ASIDE_MM: Final = (0.0, 5.0, 12.0, 20.0, 30.0)


@dataclass(eq=False)
class Labels:
    """The places that are taken within a field: of labels, which are sacred, and of what labels should not cover."""

    room: Box
    labels: list[Box] = field(default_factory=list)
    others: list[Box] = field(default_factory=list)

    def take(self, box: Box) -> None:
        """Mark a place of a text that stands where it must."""
        self.labels.append(box)

    def avoid(self, box: Box, weight: int = 1) -> None:
        """Mark a place that labels should rather not cover, the more so the larger its weight."""
        self.others.extend([box] * weight)

    def avoid_line(self, points: list[tuple[float, float]], weight: int = 1) -> None:
        """Mark the places along a line, in pieces of a few mm."""
        for (x0, y0), (x1, y1) in pairwise(points):
            parts = max(int(np.hypot(x1 - x0, y1 - y0) // 4), 1)
            at = np.linspace(0.0, 1.0, parts + 1)
            x, y = x0 + at * (x1 - x0), y0 + at * (y1 - y0)
            for a, b, c, d in zip(x[:-1], y[:-1], x[1:], y[1:], strict=True):
                self.avoid(Box(min(a, c), min(b, d) - 0.4, max(a, c), max(b, d) + 0.4), weight)

    def covered(self, box: Box) -> int:
        """Return how much a label would cover, in steps of 2 mm²."""
        return round(float(_covered(np.array([[box.left, box.low, box.right, box.high]]), self.others)[0]) / 2.0)

    def place(self, at: tuple[float, float], wide: float, tall: float, *, away: float = 1.5) -> Box | None:
        """Return the best place for a label near a point and take it; None where there is none.

        Parameters
        ----------
        at
            What is named, mm.
        wide, tall
            Of the label, mm.
        away
            Distance that it keeps from the point, mm.
        """
        x, y = at
        shift = np.array(
            [side * (away + aside) - (wide if side < 0 else 0.0) for aside in _ASIDE_MM for side in (1, -1)]
        )
        left, low = (grid.ravel() for grid in np.meshgrid(x + shift, y + _STEPS_MM - tall / 2.0))
        boxes = np.column_stack([left, low, left + wide, low + tall])
        area = self.room
        fits = (boxes[:, 0] >= area.left) & (boxes[:, 1] >= area.low)
        fits &= (boxes[:, 2] <= area.right) & (boxes[:, 3] <= area.high)
        fits &= _covered(boxes, [box.grown(_GAP_MM) for box in self.labels]) <= 0.0
        if not fits.any():
            return None
        away_mm = np.hypot(left + wide / 2.0 - x, low + tall / 2.0 - y)
        cost = np.where(fits, _covered(boxes, self.others) + _PER_MM * away_mm, np.inf)
        best = Box(*(float(edge) for edge in boxes[int(cost.argmin())]))
        self.labels.append(best)
        return best


def _covered(boxes: Floats, taken: list[Box]) -> Floats:
    """Return how much of each box others cover, mm²."""
    if not taken:
        return np.zeros(len(boxes))
    left, low, right, high = np.array([(box.left, box.low, box.right, box.high) for box in taken]).T
    wide = np.minimum(boxes[:, 2:3], right) - np.maximum(boxes[:, 0:1], left)
    tall = np.minimum(boxes[:, 3:4], high) - np.maximum(boxes[:, 1:2], low)
    return np.asarray((np.maximum(wide, 0.0) * np.maximum(tall, 0.0)).sum(axis=1))


def move_apart(x: Floats, needed: Floats, limits: tuple[float, float]) -> tuple[Floats, bool]:
    """Move things in a row apart by as little as possible, in the sense of least squares; False where there is no room.

    ``needed`` is what each needs on either side, ``limits`` are the ends of the row.
    """
    from scipy.optimize import isotonic_regression

    steps = np.concatenate([[0.0], np.cumsum(needed[:-1] + needed[1:])])
    low, high = limits[0] + needed[0], limits[1] - needed[-1] - steps[-1]
    if low > high:
        return x, False
    return np.clip(isotonic_regression(x - steps).x, low, high) + steps, True
