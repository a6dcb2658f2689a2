"""Text to numbers: what surveyors write, what it means, and which rows could not be read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from drainage.arrays import Bools, Floats
from drainage.schema.text import number_text
from drainage.schema.text.cell_text import SAYS_NOTHING, SPREADSHEET_ERRORS, plain, says_nothing

SENTINELS = (-9999.0, -999.0, -99.0, 999.0, 9999.0, 99999.0)
_MEASURE = re.compile(
    rf"^(?:dn|d|φ|ø|de)?\s*({number_text.NUMBER})\s*(mm|cm|m|in|inch|inches|ft|feet|''|\"|″|米|毫米)?$", re.IGNORECASE
)


class Numbers(NamedTuple):
    """Numbers read from a column, the rows whose text is none, and how they are written where that was in question.

    ``unit`` is the unit that a cell names itself, else empty; None where no cell does.
    """

    number: Floats
    unreadable: Bools
    style: number_text.Style | None = None
    unit: NDArray[np.object_] | None = None


def is_empty(values: pd.Series) -> Bools:
    """Return which values are empty: null, blank, ``None``, ``-``, ``#N/A`` and the like."""
    if pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values):
        return values.isna().to_numpy()
    if isinstance(values.dtype, pd.StringDtype):  # ids are all different: let Arrow look through them
        text = values.str.strip().str.lower()
        return (values.isna() | text.isin([*SAYS_NOTHING, *SPREADSHEET_ERRORS])).to_numpy(dtype=np.bool_)
    codes, unique = pd.factorize(values)
    texts = [str(value).strip().lower() for value in unique]
    blank = np.array([text in SAYS_NOTHING or text in SPREADSHEET_ERRORS for text in texts] + [True], dtype=np.bool_)
    return blank[codes]


def read_numbers(column: pd.Series, *, possible: tuple[float, float] | None = None) -> Numbers:
    """Read a column of numbers; full-width digits and units in the text are understood, units are not applied.

    Which of comma and point parts the decimals is settled once, by all cells: ``19,80`` beside ``1.234,5``. Where all
    commas could part either (``1,234``), ``possible``, the least and the greatest that the column may hold, decides; a
    cell that still could be two numbers is unreadable.
    """
    if pd.api.types.is_bool_dtype(column):
        return Numbers(np.full(len(column), np.nan), np.ones(len(column), np.bool_))
    if pd.api.types.is_numeric_dtype(column):
        numbers = column.to_numpy(dtype=np.float64, na_value=np.nan)
        unreadable = np.isinf(numbers)
        return Numbers(np.where(unreadable, np.nan, numbers), unreadable)
    codes, index = pd.factorize(column)
    unique = list(index)
    parsed, bad = _of_plain(unique)
    rest = np.flatnonzero(bad[:-1])
    if not len(rest):
        return Numbers(parsed[codes], bad[codes])
    style, units = _read_rest(unique, rest, parsed, bad, possible)
    return Numbers(parsed[codes], bad[codes], style, units[codes] if units.any() else None)


def _of_plain(unique: Sequence[object]) -> tuple[Floats, Bools]:
    """Read what is a number as it stands, a place more for missing ones; mark the others."""
    cells = pd.Series(np.array([*unique, None], dtype=object)[:-1])
    typed = cells.map(lambda cell: isinstance(cell, (bool, complex)))
    numbers = pd.to_numeric(cells.mask(typed), errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    known = np.isfinite(numbers)
    return np.append(np.where(known, numbers, np.nan), np.nan), np.append(~known, [False])


def _read_rest(
    unique: Sequence[object], rest: NDArray[np.intp], parsed: Floats, bad: Bools, possible: tuple[float, float] | None
) -> tuple[number_text.Style, NDArray[np.object_]]:
    """Read (in place) numbers with a unit, a prefix, a comma or separated thousands; return the units."""
    texts = {i: plain(unique[i]) for i in rest.tolist()}
    found = {i: None if isinstance(unique[i], bool) else _MEASURE.match(text) for i, text in texts.items()}
    for i, text in texts.items():
        bad[i] = not says_nothing(text)
    written = {i: match.group(1) for i, match in found.items() if match}
    style = number_text.style_of(written.values())
    if style.marked:
        known = np.flatnonzero(~np.isnan(parsed[:-1])).tolist()
        written |= {i: plain(unique[i]) for i in known if isinstance(unique[i], str)}
        style = number_text.style_of(written.values())
    alone = _sign_alone(list(written.values()), possible) if style.decimal == "?" and not style.mixed else "?"
    for i, text in written.items():
        number = number_text.to_number(text, style, alone=alone)
        parsed[i], bad[i] = (np.nan, True) if number is None else (number, False)
    units = np.full(len(parsed), "", dtype=object)
    for i, match in found.items():
        units[i] = (match.group(2) or "").lower() if match else ""
    return style, units


def _sign_alone(written: Iterable[str], possible: tuple[float, float] | None) -> number_text.Sign:
    """Decide what ambiguous commas in a column mean, from the range that its numbers may have."""
    low, high = possible or (-np.inf, np.inf)
    either = number_text.Style("?", marked=True, mixed=False)
    fitting: list[number_text.Sign] = []
    signs: tuple[number_text.Sign, ...] = (".", ",")
    for sign in signs:
        numbers = [number_text.to_number(text, either, alone=sign) for text in written]
        if all(number is not None and low <= number <= high for number in numbers):
            fitting.append(sign)
    return fitting[0] if len(fitting) == 1 else "?"
