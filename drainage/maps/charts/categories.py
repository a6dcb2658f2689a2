"""Categories and numbers as a reader sees them on a chart: words for codes, units, colours of parts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from drainage.arrays import Floats
from drainage.maps.charts.canvas import HATCHES, SERIES
from drainage.maps.charts.chart_list import Chart, known_looks
from drainage.said import Language, Said
from drainage.words import code, codes, heading, one_language, phrase, shown, unit, with_unit, word


@dataclass(frozen=True, eq=False)
class Part:
    """Numbers that are drawn in one look.

    Parameters
    ----------
    name
        What the legend calls it; empty: it is alone.
    numbers
        One for each category, nan where it is not known.
    color, hatch
        Its look.
    """

    name: str
    numbers: Floats
    color: str
    hatch: str


def said(column: str, value: object, lang: Language) -> str:
    """Return a value of a column in words.

    Examples
    --------
    >>> said("cause", "silt", "en"), said("return_period_a", 5.0, "en"), said("road", "Fenghe Road", "en")
    ('silt', 'P = 5 a', 'Fenghe Road')
    """
    if column == "return_period_a":
        return f"P = {value:g} a"
    if isinstance(value, (float, np.floating)):
        return phrase("chart_unknown", lang) if pd.isna(value) else f"{value:g}"
    if value is None or value is pd.NA:
        return phrase("chart_unknown", lang)
    if column == "column":
        layer, _, name = str(value).partition(".")
        return f"{code('layer', layer, lang) or layer} · {word(name, lang)}"
    told = str(shown(column, value, lang))
    return told if isinstance(value, Said) else one_language(told, lang)


def axis_of(chart: Chart, columns: Sequence[str], lang: Language) -> str:
    """Return what stands beside an axis: what is measured, with its unit; of several columns their unit alone."""
    if chart.axis:
        return heading(chart.axis, lang)
    if not columns:
        return phrase("chart_number", lang)
    measure = "km" if chart.km else unit(columns[0])
    if len(columns) > 1:
        return measure or phrase("chart_number", lang)
    return with_unit(word(columns[0], lang), measure, lang)


def tick(value: float, _: float = 0.0) -> str:
    """Return what stands at a tick of an axis.

    Examples
    --------
    >>> tick(1_600_000.0), tick(0.25), tick(50.0)
    ('1,600,000', '0.25', '50')
    """
    return f"{value:,.0f}" if abs(value) >= 1000.0 else f"{value:.6g}"


def looks(column: str, found: Iterable[object]) -> dict[object, tuple[str, str]]:
    """Return a colour and a hatch for each value of a column, in the order in which its codes are told."""
    own, order = known_looks(column), [*known_looks(column), *codes(column)]
    values = sorted(dict.fromkeys(found), key=lambda one: order.index(str(one)) if str(one) in order else len(order))
    return {
        value: own.get(str(value), (SERIES[number % len(SERIES)], HATCHES[number % len(HATCHES)]))
        for number, value in enumerate(values)
    }


def written(values: Iterable[float]) -> list[str]:
    """Return numbers of one kind with as many decimals as their size asks for, all the same.

    Examples
    --------
    >>> written([1234.5, 7.25]), written([12.345, 1.0]), written([12.0, 3.0]), written([0.0123])
    (['1,234', '7'], ['12.3', '1.0'], ['12', '3'], ['0.012'])
    """
    numbers = [float(value) for value in values]
    known = [value for value in numbers if np.isfinite(value)]
    most = max((abs(value) for value in known), default=0.0)
    whole = all(value == round(value) for value in known)
    decimals = 0 if whole or most >= 1000.0 else 1 if most >= 10.0 else 2 if most >= 1.0 else 3
    return [f"{value:,.{decimals}f}" for value in numbers]
