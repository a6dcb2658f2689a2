"""Text to numbers, sizes and dates: what surveyors write, what it means, and which rows could not be read."""

from __future__ import annotations

import re
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

SENTINELS = (-9999.0, -999.0, -99.0, 999.0, 9999.0, 99999.0)
_EMPTY = {"", "nan", "none", "null", "na", "n/a", "-", "--", "unknown", "未知", "不详", "无", "<null>"}
_NUMBER = re.compile(r"[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?")
_PLAIN = re.compile(
    r"^(?:dn|d|φ|Φ|ø|de)?\s*([-+]?\d+(?:\.\d+)?(?:e[-+]?\d+)?)\s*(mm|cm|m|in|inch|inches|ft|feet|''|\"|″|米|毫米)?$",
    re.IGNORECASE,
)
_SECTION = re.compile(r"^(\d+(?:\.\d+)?)\s*(?:mm|m)?\s*[x×*X✕]\s*(\d+(?:\.\d+)?)\s*(mm|m)?$")
_RANGE = re.compile(r"^(\d+(?:\.\d+)?)\s*-\s*(\d+(?:\.\d+)?)\s*(mm)?$")
_HALF_RANGE = re.compile(r"^(?:-\s*(\d+(?:\.\d+)?)?|(\d+(?:\.\d+)?)\s*-)\s*mm$")
_MM_PER_UNIT = {
    **dict.fromkeys(("in", "inch", "inches", "''", '"', "″"), 25.4),
    **dict.fromkeys(("ft", "feet"), 304.8),
    **dict.fromkeys(("m", "米"), 1000.0),
    "cm": 10.0,
}


class Numbers(NamedTuple):
    """Numbers read from a column, and the rows whose text is no number."""

    number: NDArray[np.float64]
    unreadable: NDArray[np.bool_]


class Sizes(NamedTuple):
    """Sizes of pipes: a diameter, or width and height; ``in_text`` marks rows whose text names the unit."""

    diameter: NDArray[np.float64]
    width: NDArray[np.float64]
    height: NDArray[np.float64]
    in_mm: NDArray[np.bool_]
    unreadable: NDArray[np.bool_]


def is_empty(values: pd.Series) -> NDArray[np.bool_]:
    """Tell which values say nothing: null, blank, ``None``, ``-`` and the like."""
    if pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values):
        return values.isna().to_numpy()
    if isinstance(values.dtype, pd.StringDtype):  # ids are all different: let Arrow look through them
        return (values.isna() | values.str.strip().str.lower().isin(_EMPTY)).to_numpy(dtype=np.bool_)
    codes, unique = pd.factorize(values)
    blank = np.array([str(value).strip().lower() in _EMPTY for value in unique] + [True], dtype=np.bool_)
    return blank[codes]


def read_numbers(values: pd.Series) -> Numbers:
    """Read a column of numbers; full-width digits and units in the text are understood, units are not applied."""
    if pd.api.types.is_bool_dtype(values):
        return Numbers(np.full(len(values), np.nan), np.ones(len(values), np.bool_))
    if pd.api.types.is_numeric_dtype(values):
        numbers = values.to_numpy(dtype=np.float64, na_value=np.nan)
        unreadable = np.isinf(numbers)
        return Numbers(np.where(unreadable, np.nan, numbers), unreadable)
    codes, unique = pd.factorize(values)
    parsed = np.full(len(unique) + 1, np.nan)
    bad = np.zeros(len(unique) + 1, np.bool_)
    for i, value in enumerate(unique):
        text = _clean(value)
        if text.lower() in _EMPTY:
            continue
        match = None if isinstance(value, bool) else _PLAIN.match(text)
        if match is None:
            bad[i] = True
        else:
            parsed[i] = float(match.group(1))
    return Numbers(parsed[codes], bad[codes])


def read_sizes(values: pd.Series) -> Sizes:
    """Read a column of pipe sizes: ``800``, ``DN300``, ``300 mm``, ``15''``, ``1000×800``, ``450-300 mm``.

    A range such as ``450-300`` (two materials or a taper) is read as the smaller: the one that limits the flow; of
    ``-150 mm``, whose other end is not known, the 150 is read.
    Values whose text names a unit come back in mm and are marked in ``in_mm``.
    """
    if pd.api.types.is_numeric_dtype(values) or pd.api.types.is_bool_dtype(values):
        numbers = read_numbers(values)
        none = np.full(len(values), np.nan)
        return Sizes(numbers.number, none, none.copy(), np.zeros(len(values), np.bool_), numbers.unreadable)
    codes, unique = pd.factorize(values)
    rows = [_read_size(value) for value in unique] + [(np.nan, np.nan, np.nan, False, False)]
    table = np.array(rows, dtype=np.float64)[codes]
    return Sizes(table[:, 0], table[:, 1], table[:, 2], table[:, 3] > 0, table[:, 4] > 0)


def read_dates(values: pd.Series) -> tuple[pd.Series, NDArray[np.bool_]]:
    """Read dates: ISO text, timestamps, years (``1985``) and milliseconds since 1970 as ArcGIS writes them.

    Returns
    -------
    The dates (NaT where unknown) and a mask of rows whose text is no date.
    """
    empty = is_empty(values)
    if pd.api.types.is_datetime64_any_dtype(values):
        stamps = values.dt.tz_localize(None) if values.dt.tz is not None else values
        return stamps.astype("datetime64[ms]"), np.zeros(len(values), np.bool_)
    numbers = pd.to_numeric(values, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    year = (numbers >= 1800) & (numbers <= 2200)
    millis = np.abs(numbers) > 1e8
    dates = pd.Series(np.full(len(values), np.datetime64("NaT"), "datetime64[ms]"), index=values.index)
    if year.any():
        dates[year] = pd.to_datetime(pd.Series(numbers[year].astype(int).astype(str)), format="%Y").to_numpy(
            "datetime64[ms]"
        )
    if millis.any():
        dates[millis] = numbers[millis].astype("int64").astype("datetime64[ms]")
    text = ~empty & np.isnan(numbers)
    if text.any():
        parsed = pd.to_datetime(values[text].astype(str).str.strip().str.slice(0, 19), errors="coerce", format="mixed")
        if parsed.dt.tz is not None:
            parsed = parsed.dt.tz_localize(None)
        dates[text] = parsed.to_numpy("datetime64[ms]")
    return dates, dates.isna().to_numpy() & ~empty & ~(numbers <= 1)


def _clean(value: object) -> str:
    import unicodedata

    return unicodedata.normalize("NFKC", str(value)).strip()


def _read_size(value: object) -> tuple[float, float, float, bool, bool]:
    text = _clean(value)
    if text.lower() in _EMPTY:
        return np.nan, np.nan, np.nan, False, False
    if half := _HALF_RANGE.match(text):
        return float(half.group(1) or half.group(2) or np.nan), np.nan, np.nan, True, False
    if plain := _PLAIN.match(text):
        number, unit = float(plain.group(1)), (plain.group(2) or "").lower()
        prefixed = not text[:1].isdigit() and text[:1] not in "+-"
        return number * _MM_PER_UNIT.get(unit, 1.0), np.nan, np.nan, bool(unit) or prefixed, False
    if section := _SECTION.match(text):
        width, height = float(section.group(1)), float(section.group(2))
        factor = 1000.0 if section.group(3) == "m" or max(width, height) < 20 else 1.0
        return np.nan, width * factor, height * factor, True, False
    if span := _RANGE.match(text):
        return min(float(span.group(1)), float(span.group(2))), np.nan, np.nan, bool(span.group(3)), False
    return np.nan, np.nan, np.nan, False, True
