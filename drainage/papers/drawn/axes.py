"""Axes of a chart on paper: nice steps, faint lines across, and values to places in mm."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from drainage.arrays import Floats
from drainage.papers.drawn.sheets import FAINT, INK, THIN_MM, Box, Point, Sheet

_PT: Final = 7.0
#: Steps of time, min.
_TIMES: Final = (1, 2, 5, 10, 15, 20, 30, 60, 120, 180, 360, 720, 1440, 2880, 7200, 14400)
_NICE: Final = (1.0, 2.0, 2.5, 5.0, 10.0)


@dataclass(frozen=True, eq=False)
class Chart:
    """A panel: its place on paper, and the values at its edges; ``hanging`` grows downwards from its top."""

    room: Box
    x_max: float
    low: float
    high: float
    hanging: bool = False

    def x(self, value: Floats | float) -> Floats:
        """Return the place of a value along the panel, mm."""
        return self.room.left + np.asarray(value) / self.x_max * (self.room.right - self.room.left)

    def y(self, value: Floats | float) -> Floats:
        """Return the height of a value, mm."""
        share = (np.asarray(value) - self.low) / (self.high - self.low)
        share = 1.0 - share if self.hanging else share
        return self.room.low + share * (self.room.high - self.room.low)

    def points(self, x: Floats, y: Floats) -> list[list[Point]]:
        """Return the line of a series, in the parts in which it is known."""
        known = np.isfinite(y)
        edges = np.flatnonzero(np.diff(known.astype(int))) + 1
        parts = [part for part in np.split(np.arange(len(y)), edges) if len(part) > 1 and known[part[0]]]
        return [list(zip(self.x(x[part]).tolist(), self.y(y[part]).tolist(), strict=True)) for part in parts]


def nice_step(span: float, parts: int = 4) -> float:
    """Return a round step by which a span is parted into about so many.

    Examples
    --------
    >>> nice_step(173.0), nice_step(0.83)
    (50.0, 0.25)
    """
    if not span > 0.0:
        return 1.0
    size = 10.0 ** np.floor(np.log10(span / parts))
    return float(size * next(nice for nice in _NICE if nice * size >= span / parts * 0.999))


def draw_axes(sheet: Sheet, chart: Chart, label: str, *, times: bool) -> None:
    """Draw lines across and their values, the label of the axis above it, and times below where they are asked for."""
    room, step = chart.room, nice_step(chart.high - chart.low)
    digits = max(0, -int(np.floor(np.log10(step) + 1e-9)) + (1 if f"{step:.1e}".startswith("2.5") else 0))
    for count in range(int(np.ceil(chart.low / step - 1e-6)), int(np.floor(chart.high / step + 1e-6)) + 1):
        value = count * step
        y = float(chart.y(value))
        sheet.line([(room.left, y), (room.right, y)], 0.1, FAINT, z=1, layer="AXES")
        sheet.text((room.left - 1.2, y), f"{value:.{digits}f}", _PT, align="right", layer="AXES")
    sheet.line([(room.left, room.low), (room.left, room.high)], THIN_MM, INK, z=5, layer="AXES")
    foot = room.high if chart.hanging else room.low
    sheet.line([(room.left, foot), (room.right, foot)], THIN_MM, INK, z=5, layer="AXES")
    sheet.text(
        (room.left - 14.0, (room.low + room.high) / 2.0), label, _PT, align="center", angle_deg=90.0, layer="AXES"
    )
    for minute in range(
        0, int(chart.x_max + 1.0), next((one for one in _TIMES if one >= chart.x_max / 8.5), _TIMES[-1])
    ):
        x = float(chart.x(minute))
        sheet.line([(x, room.low), (x, room.low - 0.9)], THIN_MM, z=5, layer="AXES")
        if times:
            sheet.text((x, room.low - 3.0), str(minute), _PT, align="center", layer="AXES")
