"""Bars of categories: one number each, parts of one bar, or several bars side by side."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from drainage.arrays import Floats
from drainage.fonts.letters import broken, width_mm
from drainage.maps.charts.canvas import FAINT, HATCHES, SERIES, Canvas
from drainage.maps.charts.categories import Part, axis_of, looks, said, tick, written
from drainage.maps.charts.chart_list import Answer, Chart
from drainage.maps.looks import COLOURS
from drainage.said import Language, in_language
from drainage.words import code, codes, figure, phrase, unit, word

_PT = 7.5
_PAGE_MM = 235.0  # what a page of A4 has room for
_BESIDE = 0.33  # of the width: room of the labels
_TWO_LINES_MM = 7.4
_MANY = 24  # bars side by side, from which on their numbers are written smaller
#: Two looks that stand before and behind, or for all and what remains.
_PAIR = (("#A9CBE3", ""), (COLOURS["blue"], "////"), (COLOURS["orange"], "...."))


@dataclass(frozen=True, eq=False)
class Bars:
    """Numbers of categories.

    Parameters
    ----------
    labels
        The categories, from the top.
    parts
        The numbers, a part or bar of each category.
    stacked
        Whether the parts lie one behind another, else side by side.
    axis
        What the numbers are.
    notes
        What is not drawn.
    """

    labels: Sequence[str]
    parts: Sequence[Part]
    stacked: bool
    axis: str
    notes: Sequence[str] = ()

    def height_mm(self, width_mm: float) -> float:
        """Height of a figure of some width, mm: such that it fits a page as long as its letters can be read."""
        beside = 1 if self.stacked else len(self.parts)
        around = 34.0 + (5.0 if self.parts[0].name else 0.0)
        room = (_PAGE_MM - around) / len(self.labels)
        broken_labels = any(width_mm_of(label) > _BESIDE * width_mm for label in self.labels)
        row = max(min(2.6 + (3.4 if beside == 1 else 2.8 * beside), room), 2.4 * beside + 0.6)
        row = max(row, _TWO_LINES_MM) if broken_labels else row
        return around + max(row * len(self.labels), 14.0)

    def beside_mm(self, width_mm: float) -> float:
        """Room of the labels, mm."""
        room = _BESIDE * width_mm
        return min(max((width_mm_of(label) for label in self.labels), default=0.0), room) + 2.5

    def draw(self, canvas: Canvas) -> None:
        """Draw the bars with their numbers at the ends."""
        ax, at = canvas.ax, np.arange(len(self.labels), dtype=np.float64)
        beside = 1 if self.stacked else len(self.parts)
        tall = 0.62 if beside == 1 else 0.8 / beside
        whole = np.array([part.numbers for part in self.parts], dtype=np.float64)
        most = float((np.nansum(whole, axis=0) if self.stacked else np.nan_to_num(whole)).max())
        start, told = np.zeros(len(at)), np.reshape(written(whole.ravel()), whole.shape)
        for position, part in enumerate(self.parts):
            shift = 0.0 if beside == 1 else (position - (beside - 1) / 2.0) * tall
            values = np.nan_to_num(part.numbers)
            look: dict[str, Any] = {"color": part.color, "hatch": part.hatch, "edgecolor": "white", "linewidth": 0.4}
            ax.barh(at + shift, values, height=tall, left=start, label=part.name, **look)
            if not self.stacked:
                self._write(canvas, at + shift, part.numbers, told[position])
            start = start + values if self.stacked else start
        if self.stacked:
            total = np.where(np.isnan(whole).all(axis=0), np.nan, start)
            self._write(canvas, at, total, written(total))
        room = _BESIDE * canvas.width_mm
        ax.set_yticks(at, ["\n".join(_two_lines(label, room)) for label in self.labels])
        edge = 0.6 if len(at) > 1 else 0.9
        ax.set_ylim(len(at) - 1.0 + edge, -edge)
        ax.set_xlim(0.0, most * 1.14 or 1.0)
        ax.set_xlabel(self.axis)
        ax.xaxis.set_major_formatter(tick)
        counted = bool(np.all(np.mod(np.nan_to_num(whole), 1.0) == 0.0))
        ax.locator_params(axis="x", nbins=6, integer=counted)
        ax.grid(visible=True, axis="x", color=FAINT, linewidth=0.35)
        ax.tick_params(axis="y", length=0)
        if len(self.parts) > 1 or self.parts[0].name:
            canvas.legend()

    @staticmethod
    def _write(canvas: Canvas, at: Floats, values: Floats, texts: Iterable[str]) -> None:
        size = 6.0 if len(at) > _MANY else 7.0
        for y, value, text in zip(at, values, texts, strict=True):
            word_of = phrase("chart_unknown", canvas.lang) if np.isnan(value) else str(text)
            canvas.label(word_of, (0.0 if np.isnan(value) else float(value), float(y)), fontsize=size)


def bars_of(answer: Answer, chart: Chart, lang: Language) -> Bars | None:
    """Return the bars of an answer; None where it has nothing to show."""
    found: Bars | None
    if chart.figures:
        found = _of_figures(answer.summary, chart, lang)
    elif chart.summary:
        found = _of_summary(answer.summary.get(chart.summary), chart, lang)
    elif chart.before_after:
        found = _of_comparison(answer, chart, lang)
    else:
        found = _of_table(answer, chart, lang)
    if found is None or not found.labels or not np.nansum([np.nansum(np.abs(part.numbers)) for part in found.parts]):
        return None
    return found


def changes_of(answer: Answer, chart: Chart, lang: Language) -> Bars | None:
    """Return for a comparison what each figure is now in percent of what it was; the largest changes first."""
    table = answer.tables.get("figures", pd.DataFrame())
    if not {"before", "after"} <= set(table.columns):
        return None
    numbers = table[["before", "after"]].apply(pd.to_numeric, errors="coerce")
    numbers = numbers[(numbers["before"] > 0.0) & numbers["after"].notna()]
    share = 100.0 * numbers["after"] / numbers["before"]
    share = share.iloc[np.argsort(-(share - 100.0).abs().to_numpy(), kind="stable")]
    if share.empty:
        return None
    first = share.iloc[: chart.most]
    notes = [phrase("chart_most", lang, shown=len(first), count=len(share))] if len(first) < len(share) else []
    labels = [figure(str(name).split("."), lang) for name in first.index]
    return replace(_alone(labels, first.to_numpy(np.float64), phrase("chart_of_before", lang)), notes=notes)


def _of_figures(summary: pd.Series, chart: Chart, lang: Language) -> Bars:
    known = [name for name in chart.figures if summary.get(name) is not None]
    values = np.array([float(summary[name]) for name in known])
    return _alone([word(name, lang) for name in known], values, phrase("chart_number", lang))


def _of_summary(found: object, chart: Chart, lang: Language) -> Bars | None:
    if not isinstance(found, Mapping):
        return None
    values = np.array([float(value) for value in found.values()])
    axis = "km" if chart.summary.startswith("km_") else unit(chart.summary) or phrase("chart_number", lang)
    labels = [code(chart.summary, str(key), lang) or said(chart.summary, key, lang) for key in found]
    return _alone(labels, values, axis)


def _of_comparison(answer: Answer, chart: Chart, lang: Language) -> Bars | None:
    table = answer.tables.get("figures", pd.DataFrame())
    labels, names = list[str](), list[str]()
    for name in map(str, table.index):
        above, _, below = name.partition(".")
        if name in chart.before_after or (below and above in chart.before_after):
            labels.append((code(above, below, lang) or below) if below else word(name, lang))
            names.append(name)
    if not labels:
        return None
    single, shares = chart.before_after[0], chart.before_after[0].endswith("_share")
    sides = table.loc[names, ["before", "after"]].apply(pd.to_numeric, errors="coerce") * (100.0 if shares else 1.0)
    parts = [
        Part(phrase(f"chart_{side}", lang), sides[side].to_numpy(np.float64), *look)
        for side, look in zip(("before", "after"), _PAIR, strict=False)
    ]
    axis = "%" if shares else axis_of(chart, [single] if unit(single) else [], lang)
    return Bars(labels, parts, stacked=False, axis=axis)


def _of_table(answer: Answer, chart: Chart, lang: Language) -> Bars | None:
    rows, by, values = chart.rows(answer), list(chart.by), list(chart.value)
    if rows.empty or not {*by, *values, *filter(None, [chart.stack])} <= set(rows.columns):
        return None
    rows = rows.assign(**{name: pd.to_numeric(rows[name], errors="coerce") * chart.scale for name in values})
    unknown = int(rows[values].isna().all(axis=1).sum()) if values else 0
    rows = rows[rows[values].notna().any(axis=1)] if values else rows.assign(_count=1.0)
    values = values or ["_count"]
    if chart.above_zero:
        rows = rows[rows[values[0]] > 0.0]
    if rows.empty:
        return None
    group = rows.groupby(by, sort=False, dropna=False, observed=True)
    whole = group[values].sum(min_count=1)
    order = _order(whole, chart)
    shown = order[: chart.most] if chart.most else order
    labels = _labels(rows.drop_duplicates(by), shown, chart, lang)
    if chart.stack:
        kinds = rows[chart.stack].astype(object).where(rows[chart.stack].notna(), None)
        parts = [
            Part(
                said(chart.stack, name, lang),
                _sums(rows[kinds.isna() if name is None else kinds == name], by, values[0], whole.index)[shown],
                *look,
            )
            for name, look in looks(chart.stack, kinds).items()
        ]
    elif len(values) > 1:
        parts = [
            Part(word(name, lang), whole[name].to_numpy(np.float64)[shown], *look)
            for name, look in zip(values, _PAIR, strict=False)
        ]
    else:
        parts = [Part("", whole[values[0]].to_numpy(np.float64)[shown], SERIES[0], HATCHES[0])]
    notes = [phrase("chart_most", lang, shown=len(shown), count=len(order))] if len(shown) < len(order) else []
    notes += [phrase("chart_without", lang, count=unknown)] if unknown else []
    axis = axis_of(chart, chart.value, lang)
    if chart.in_unit:
        axis = phrase("chart_in", lang, what=axis, unit=in_language(answer.summary.get(chart.in_unit, ""), lang))
    return Bars(labels, parts, stacked=bool(chart.stack) or chart.together, axis=axis, notes=notes)


def _sums(rows: pd.DataFrame, by: list[str], value: str, index: pd.Index) -> Floats:
    found: Floats = rows.groupby(by, dropna=False, observed=True)[value].sum().reindex(index).to_numpy(np.float64)
    return found


def _order(whole: pd.DataFrame, chart: Chart) -> list[int]:
    """Return the rows as they are drawn."""
    if chart.order == "table":
        return list(range(len(whole)))
    if chart.order == "codes":
        known = list(codes(chart.by[0]))
        keys = [str(key) for key in whole.index]
        return sorted(range(len(keys)), key=lambda row: known.index(keys[row]) if keys[row] in known else len(known))
    total = whole.iloc[:, 0].fillna(-1.0).to_numpy()
    return [int(row) for row in np.argsort(-total, kind="stable")]


def _labels(first: pd.DataFrame, shown: Sequence[int], chart: Chart, lang: Language) -> list[str]:
    """Return the names of categories by the first row of each, since an index loses texts in both languages."""
    joint, told = " → " if "to" in chart.by else " ", [chart.say] if chart.say else chart.by
    cells = [[(column, first[column].iloc[row]) for column in told] for row in shown]
    known = [[(column, cell) for column, cell in row if not pd.isna(cell)] or row for row in cells]
    return [joint.join(said(column, cell, lang) for column, cell in row) for row in known]


def _alone(labels: Sequence[str], values: Floats, axis: str) -> Bars:
    return Bars(labels, [Part("", values, SERIES[0], HATCHES[0])], stacked=True, axis=axis)


def width_mm_of(label: str) -> float:
    """Return how wide a label is, mm."""
    return width_mm(label, _PT)


def _two_lines(label: str, room_mm: float) -> list[str]:
    """Break a label into two lines at most."""
    lines = broken(label, _PT, room_mm)
    return lines if len(lines) < 3 else [lines[0], f"{lines[1][:-1]}…"]
