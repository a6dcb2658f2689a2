"""How a number is spread: how many lie in each of its classes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from drainage.arrays import Floats
from drainage.maps.charts.canvas import FAINT, HATCHES, INK, SERIES, Canvas
from drainage.maps.charts.categories import Part, axis_of, looks, said, tick
from drainage.maps.charts.chart_list import Answer, Chart
from drainage.said import Language
from drainage.words import heading, phrase


@dataclass(frozen=True, eq=False)
class Spread:
    """Numbers by class.

    Parameters
    ----------
    edges
        Bounds of the classes, one more than there are classes; a number on a bound lies in the class above it.
    parts
        How many lie in each class, the parts one above the other.
    axis
        What was measured.
    log
        Whether counts stand by powers of ten.
    notes
        What is not drawn.
    """

    edges: Floats
    parts: Sequence[Part]
    axis: str
    log: bool
    notes: Sequence[str] = ()

    def height_mm(self, _: float) -> float:
        """Height of a figure of any width, mm."""
        return 84.0

    def draw(self, canvas: Canvas) -> None:
        """Draw the classes as bars that touch."""
        ax, start = canvas.ax, np.zeros(len(self.edges) - 1)
        for part in self.parts:
            look: dict[str, Any] = {"color": part.color, "hatch": part.hatch, "edgecolor": "white", "linewidth": 0.4}
            wide, at = np.diff(self.edges), self.edges[:-1]
            ax.bar(at, part.numbers, width=wide, bottom=start, align="edge", label=part.name, **look)
            start = start + part.numbers
        if self.log:
            ax.set_yscale("log")
        ax.set_ylim((0.7, start.max() * 1.8) if self.log else (0.0, start.max() * 1.08))
        ax.set(xlabel=self.axis, ylabel=phrase("chart_number", canvas.lang), xlim=(self.edges[0], self.edges[-1]))
        ax.yaxis.set_major_formatter(tick)
        ax.grid(visible=True, axis="y", color=FAINT, linewidth=0.35)
        if self.edges[0] < 0.0 < self.edges[-1]:
            ax.axvline(0.0, color=INK, linewidth=0.8)
        if len(self.parts) > 1:
            canvas.legend()


def spread_of(answer: Answer, chart: Chart, lang: Language) -> Spread | None:
    """Return how the numbers of an answer are spread; None where it has none."""
    rows, value = chart.rows(answer), chart.value[0]
    if value not in rows:
        return None
    numbers = pd.to_numeric(rows[value], errors="coerce").to_numpy(np.float64, na_value=np.nan)
    known = np.isfinite(numbers)
    if known.sum() < chart.least:
        return None
    edges = np.array(chart.edges) if chart.edges else _edges(numbers[known])
    if chart.stack in rows:
        kinds = rows[chart.stack].astype(object)
        parts = [
            Part(
                said(chart.stack, kind, lang),
                np.histogram(numbers[known & (kinds == kind)], edges)[0].astype(np.float64),
                *look,
            )
            for kind, look in looks(chart.stack, kinds[known].unique()).items()
        ]
    else:
        parts = [Part("", _counts(numbers[known], edges), SERIES[0], HATCHES[0])]
    lost = int((~known).sum())
    notes = [phrase("chart_without", lang, count=lost)] if lost else []
    return Spread(edges, parts, heading(value, lang) or axis_of(chart, chart.value, lang), chart.log, notes)


def _counts(numbers: Floats, edges: Floats) -> Floats:
    return np.histogram(numbers, edges)[0].astype(np.float64)


def _edges(numbers: Floats) -> Floats:
    """Return bounds of classes that are round numbers, zero among them where it lies between."""
    found = np.histogram_bin_edges(numbers, bins="auto")
    wide = max(float(found[1] - found[0]), 1e-9)
    power = 10.0 ** np.floor(np.log10(wide))
    step = next(one * power for one in (1.0, 2.0, 5.0, 10.0) if one * power >= 0.7 * wide)
    low, high = np.floor(numbers.min() / step), np.floor(numbers.max() / step) + 1.0
    edges: Floats = np.arange(low, high + 1.0) * step
    return edges
