"""Curves: what changes over time, over cost, or from one to the next, and how much of all that is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from drainage.arrays import Floats
from drainage.maps.charts.canvas import DASHES, FAINT, INK, MARKS, MUTED, SERIES, Canvas
from drainage.maps.charts.categories import axis_of, said, tick, written
from drainage.maps.charts.chart_list import Answer, Chart
from drainage.said import Language, in_language
from drainage.words import phrase, shown, unit, with_unit, word

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_APART = 0.065  # of the height of the axes: how far names at the ends of lines stand apart at least
_MOST_MARKS = 40
_MINUTES = (1, 2, 5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 360, 720, 1440)


@dataclass(frozen=True, eq=False)
class Line:
    """A line of a chart: y over x, with points beside it and the bounds between which it may lie."""

    name: str
    x: Floats
    y: Floats
    points: Floats | None = None
    low: Floats | None = None
    high: Floats | None = None


@dataclass(frozen=True, eq=False)
class Curves:
    """Lines on the same axes.

    Parameters
    ----------
    lines
        At least one.
    x_label, y_label
        What stands beside the axes.
    chart
        How they are drawn.
    whole
        A line across, with its name: all that there is.
    ticks
        Words on the axis of x, by their places.
    notes
        What is not drawn.
    """

    lines: Sequence[Line]
    x_label: str
    y_label: str
    chart: Chart
    whole: tuple[str, float] | None = None
    ticks: Sequence[str] = ()
    points_name: str = ""
    notes: Sequence[str] = field(default_factory=tuple)

    def height_mm(self, _: float) -> float:
        """Height of a figure of any width, mm."""
        return 92.0

    def draw(self, canvas: Canvas) -> None:
        """Draw the lines, each with its name at its end."""
        ax, chart = canvas.ax, self.chart
        for position in range(len(self.lines)):
            self._draw_line(canvas, position)
        if chart.log:
            ax.set(xscale="log", yscale="log")
            _ticks_by_powers(canvas, self.lines[0].x)
        else:
            ax.yaxis.set_major_formatter(tick)
            ax.margins(x=0.08 if self.ticks else 0.02)
            if not _far_from_zero(self.lines):
                ax.set_ylim(bottom=0.0)
        if self.whole is not None:
            self._draw_whole(canvas, *self.whole)
        if self.ticks:
            self._draw_ticks(canvas)
        elif chart.x in {"rank", "choice", "month"}:
            ax.locator_params(axis="x", integer=True)
        ax.grid(visible=True, axis="y", color=FAINT, linewidth=0.35)
        ax.set(xlabel=self.x_label, ylabel=self.y_label)
        if len(self.lines) > 1:
            self._name(canvas)

    def _draw_line(self, canvas: Canvas, position: int) -> None:
        ax, chart, line, color = canvas.ax, self.chart, self.lines[position], SERIES[position % len(SERIES)]
        ax.plot(
            line.x, line.y, color=color, linestyle=DASHES[position % len(DASHES)], linewidth=1.4,
            marker=MARKS[position % len(MARKS)] if chart.spots and len(line.x) <= _MOST_MARKS else "", markersize=3.2,
            drawstyle="steps-post" if chart.steps else None, label=line.name,
        )  # fmt: skip
        if line.points is not None:
            own = color if chart.each else INK
            ax.scatter(line.x, line.points, s=9, color=own, linewidths=0, zorder=3, label=self.points_name)
        if line.low is not None and line.high is not None and position in _banded(self.lines):
            ax.fill_between(line.x, line.low, line.high, color=color, alpha=0.14, linewidth=0)

    def _draw_whole(self, canvas: Canvas, name: str, value: float) -> None:
        canvas.ax.axhline(value, color=MUTED, linewidth=0.8, linestyle=(0, (4, 2)))
        said, at = f"{name} {written([value])[0]}", ("axes fraction", "data")
        canvas.label(said, (1.0, value), shift=(0.0, 5.0), xycoords=at, ha="right", color=MUTED)
        canvas.ax.set_ylim(top=1.1 * max(value, *(float(np.nanmax(line.y)) for line in self.lines)))

    def _draw_ticks(self, canvas: Canvas) -> None:
        canvas.ax.set_xticks(np.arange(len(self.ticks)), self.ticks)
        for x, y, text in zip(self.lines[0].x, self.lines[0].y, written(self.lines[0].y), strict=True):
            canvas.label(text, (float(x), float(y)), shift=(-1.0, -7.0), ha="right", fontsize=7.0)

    def _name(self, canvas: Canvas) -> None:
        known = [
            (line.name, float(line.x[np.isfinite(line.y)][-1]), float(line.y[np.isfinite(line.y)][-1]), position)
            for position, line in enumerate(self.lines)
            if np.isfinite(line.y).any()
        ]
        name_ends(canvas, [(name, x, y, SERIES[position % len(SERIES)]) for name, x, y, position in known])
        if self.points_name:
            handles, labels = canvas.ax.get_legend_handles_labels()
            at = labels.index(self.points_name)
            canvas.ax.legend(handles[at : at + 1], labels[at : at + 1], loc="upper right", frameon=False)


def name_ends(canvas: Canvas, ends: Sequence[tuple[str, float, float, str]]) -> None:
    """Write the names of lines at their ends, apart from each other: name, x, y and colour of each."""
    ax = canvas.ax
    low, high = ax.get_ylim()
    places = _apart([_share(ax.get_yscale(), y, low, high) for _, _, y, _ in ends])
    for (name, x, y, color), place in zip(ends, places, strict=True):
        ax.annotate(
            name, (x, y), xytext=(1.015, place), textcoords="axes fraction", va="center", fontsize=7.5, color=INK,
            annotation_clip=False,
            arrowprops={"arrowstyle": "-", "color": color, "linewidth": 0.6, "shrinkA": 0.0, "shrinkB": 1.0},
        )  # fmt: skip


def curves_of(answer: Answer, chart: Chart, lang: Language) -> Curves | None:
    """Return the curves of an answer; None where it has nothing to show."""
    rows, x_name = chart.rows(answer), chart.x
    rows = _long(rows, chart) if chart.wide and x_name in rows else rows
    y_names = [name for name in chart.y if name in rows and pd.to_numeric(rows[name], errors="coerce").notna().any()]
    if rows.empty or not y_names or x_name not in rows:
        return None
    notes = list[str]()
    if chart.first:
        rows, notes = _first(rows, chart, lang)
    rows = rows.assign(**{x_name: pd.to_numeric(rows[x_name], errors="coerce")})
    rows = rows[rows[x_name].notna()].sort_values(x_name, kind="stable")
    groups = list(rows.groupby(chart.each, sort=True)) if chart.each else [("", rows)]
    lines = [
        _line(group, name, said(chart.each, key, lang) if chart.each else word(name, lang), chart, x_name)
        for key, group in groups
        for name in y_names
    ]
    if not lines or max(len(line.x) for line in lines) < chart.least:
        return None
    told = answer.summary.get(chart.whole) if chart.whole else None
    scale = chart.scale if chart.whole.endswith("_m") else 1.0
    whole = None if told is None else (word(chart.whole, lang), float(told) * scale)
    x_label = with_unit(word(x_name, lang), unit(x_name), lang)
    if chart.in_unit:
        x_label = phrase("chart_in", lang, what=x_label, unit=in_language(answer.summary.get(chart.in_unit, ""), lang))
    y_label = _measured(answer, rows, chart, lang) or axis_of(chart, y_names, lang)
    return Curves(
        lines,
        x_label,
        phrase("chart_so_far", lang, what=y_label) if chart.sum else y_label,
        chart,
        whole,
        points_name=word(chart.points, lang) if chart.points else "",
        notes=notes,
    )


def periods_of(answer: Answer, chart: Chart, lang: Language) -> Curves | None:
    """Return the length of pipes that carry the storm of each return period, of all that were judged."""
    found = answer.summary.get(chart.summary)
    if not isinstance(found, dict) or not found:
        return None
    years = np.array(sorted(float(key) for key in found))
    lengths = np.array([float(found[key]) for key in sorted(found, key=float)])
    carried = lengths[::-1].cumsum()[::-1]
    asked = years > 0.0
    whole = (phrase("chart_judged_pipes", lang), float(lengths.sum()))
    line = Line("", np.arange(int(asked.sum()), dtype=np.float64), carried[asked])
    if not len(line.x):
        return None
    ticks = [f"{one:g}" for one in years[asked]]
    return Curves([line], phrase("chart_carried", lang), phrase("chart_km", lang), chart, whole, ticks)


def _line(rows: pd.DataFrame, name: str, label: str, chart: Chart, x_name: str) -> Line:
    def column(name: str) -> Floats:
        found: Floats = pd.to_numeric(rows[name], errors="coerce").to_numpy(np.float64, na_value=np.nan)
        return found * chart.scale

    y = column(name)
    beside = chart.points if chart.points in rows and name == chart.y[0] else None
    low, high = (column(one) for one in chart.band) if set(chart.band) <= set(rows) and chart.band else (None, None)
    return Line(
        label,
        rows[x_name].to_numpy(np.float64),
        np.nancumsum(y) if chart.sum else y,
        None if beside is None else column(beside),
        low,
        high,
    )


def _long(rows: pd.DataFrame, chart: Chart) -> pd.DataFrame:
    """Return a table that has a line in each column as rows of x and y, the column beside them."""
    return rows.melt(id_vars=[chart.x], var_name=chart.each, value_name=chart.y[0])


def _first(rows: pd.DataFrame, chart: Chart, lang: Language) -> tuple[pd.DataFrame, list[str]]:
    """Return the rows of the first of several that cannot share axes, and say which are left out."""
    first, *others = (str(name) for name in rows[chart.first].unique())
    note = f"{word(chart.first, lang)} {first}"
    if others:
        note = phrase("chart_first", lang, first=first, others=", ".join(others))
    return rows[rows[chart.first] == first], [note]


def _measured(answer: Answer, rows: pd.DataFrame, chart: Chart, lang: Language) -> str:
    """Return what was measured where another table tells it of what is drawn."""
    table = answer.tables.get(chart.unit_in, pd.DataFrame())
    name = rows[chart.first].iloc[0] if chart.first and len(rows) else None
    if name not in table.index:
        return ""
    row = table.loc[name]
    return with_unit(str(shown("quantity", row["quantity"], lang)), str(row["unit"]), lang)


def _banded(lines: Sequence[Line]) -> set[int]:
    """Return the lines whose bounds are drawn: the first, the middle and the last, more would hide each other."""
    return {0, len(lines) // 2, len(lines) - 1}


def _far_from_zero(lines: Sequence[Line]) -> bool:
    """Return whether an axis from zero would hide what changes, as of levels above the sea."""
    values = np.concatenate([line.y[np.isfinite(line.y)] for line in lines])
    return bool(values.min() < 0.0 or values.min() > 0.5 * values.max())


def powers_of_ten(ax: Axes) -> None:
    """Write 1, 2 and 5 of each power of ten beside the axis of y."""
    from matplotlib.ticker import LogLocator, NullFormatter

    ax.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    ax.yaxis.set_major_formatter(tick)
    ax.yaxis.set_minor_formatter(NullFormatter())


def _ticks_by_powers(canvas: Canvas, x: Floats) -> None:
    ticks = [one for one in _MINUTES if x.min() <= one <= x.max()]
    canvas.ax.set_xticks(ticks, [str(one) for one in ticks], minor=False)
    canvas.ax.set_xticks([], minor=True)
    powers_of_ten(canvas.ax)


def _share(scale: str, value: float, low: float, high: float) -> float:
    """Return how high a value stands in the axes, 0-1."""
    if scale == "log":
        value, low, high = (float(np.log10(one)) for one in (value, low, high))
    return (value - low) / (high - low)


def _apart(places: Sequence[float]) -> list[float]:
    """Move places apart, so that names do not touch each other, and keep them in their order."""
    order = np.argsort(places, kind="stable")
    moved = np.asarray(places, dtype=np.float64)[order]
    for row in range(1, len(moved)):
        moved[row] = max(moved[row], moved[row - 1] + _APART)
    moved -= max(moved[-1] - 1.02, 0.0) if len(moved) else 0.0
    for row in range(len(moved) - 2, -1, -1):
        moved[row] = min(moved[row], moved[row + 1] - _APART)
    back = np.empty(len(moved))
    back[order] = moved
    return [float(one) for one in back]
