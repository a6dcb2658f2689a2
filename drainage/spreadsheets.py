"""Cells for people: CSV and Excel in which no text from outside is run, and none keeps the file from opening.

In a CSV a text that a spreadsheet would take for a formula gets a ``'`` before it, and loses it again where we read it
(`unguarded`); a workbook knows text from formulas. Control characters, which it may not hold, become U+FFFD.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd

from drainage.cells import as_text, plain_value

#: Property of a workbook of ours in which every text is as it stands; in older ones it may be `guarded`.
PLAIN_MARK: Final = "drainage_plain_text"
# OWASP, CSV injection: = + - @, tab, carriage return, line feed, and the wide forms of Chinese keyboards.
_FORMULA: Final = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")
_GUARDED: Final = re.compile(r"''*[=+\-@\t\r\n＝＋－＠]")
_CONTROL: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_MOST_CHARACTERS: Final = 32_767  # of a cell of Excel
_FIRST_DAY: Final = dt.date(1900, 3, 1)  # Excel knows none earlier, or by another number
_EXACT: Final = 10**15  # Excel keeps fifteen digits


def guarded(text: str) -> str:
    """Put a sign before a text that a spreadsheet would take for a formula.

    Examples
    --------
    >>> guarded("=1+1"), guarded("'=1+1"), guarded("1=1")
    ("'=1+1", "''=1+1", '1=1')
    """
    return f"'{text}" if _FORMULA.match(text) else text


def unguarded(text: str) -> str:
    """Take the sign of `guarded` away."""
    return text[1:] if _GUARDED.match(text) else text


def unguarded_column(cells: pd.Series) -> pd.Series:
    """Take the signs of a column of text away."""
    signed = cells.str.startswith("'").fillna(value=False)
    return cells.where(~signed, cells[signed].map(unguarded).reindex(cells.index)) if signed.any() else cells


def printable(text: str) -> str:
    """Replace what a workbook may not hold; a line ends as everywhere."""
    return _CONTROL.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n"))


def plain_table(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table for a spreadsheet: no geometry, plain cells, no text that would be taken for a formula."""
    shapes = table.active_geometry_name if isinstance(table, gpd.GeoDataFrame) else None
    plain = pd.DataFrame(table.drop(columns=shapes or "geometry", errors="ignore"))
    columns = [_plain_column(plain.iloc[:, number]) for number in range(plain.shape[1])]
    filled = pd.concat(columns, axis=1) if columns else plain
    index = pd.Index(_plain_column(plain.index.to_series()), name=_heading(plain.index.name))
    return filled.set_axis([_heading(name) for name in plain.columns], axis=1).set_axis(index, axis=0)


def write_csv(table: pd.DataFrame, path: Path, *, index: bool = True, float_format: str | None = None) -> None:
    """Write a table as CSV; the byte order mark lets a spreadsheet see that the Chinese is UTF-8."""
    plain_table(table).to_csv(path, index=index, float_format=float_format, encoding="utf-8-sig")


def workbook_cell(value: object) -> object:
    """Make a cell as a workbook takes it: text as it is, which is never run there, numbers, days and None.

    Days before 1900-03-01, which Excel counts otherwise, and whole numbers of more than fifteen digits are text.
    """
    if isinstance(value, dt.date) and not pd.isna(value) and not getattr(value, "tzinfo", None):
        day = value.date() if isinstance(value, dt.datetime) else value
        return value if day >= _FIRST_DAY else plain_value(value)
    plain = _plain_text(value)
    if isinstance(plain, str):
        text = printable(plain)
        return text if len(text) <= _MOST_CHARACTERS else f"{text[: _MOST_CHARACTERS - 1]}…"
    if isinstance(plain, int) and not isinstance(plain, bool) and abs(plain) >= _EXACT:
        return str(plain)
    return plain


def unprintable_cells(tables: Mapping[str, pd.DataFrame]) -> int:
    """Count the texts in which a spreadsheet loses something: control characters, and what is too long for a cell."""
    texts = (
        value
        for table in tables.values()
        for column in [table.index.to_series(), *(table[name] for name in table.columns.unique())]
        if column.ndim == 1 and pd.api.types.infer_dtype(column, skipna=True) in {"string", "mixed"}
        for value in column
        if isinstance(value, str)
    )
    return sum(len(text) > _MOST_CHARACTERS or _CONTROL.search(text) is not None for text in texts)


def _plain_column(column: pd.Series) -> pd.Series:
    if isinstance(column.dtype, np.dtype) and column.dtype.kind in "biufM":
        return column
    return pd.Series([_plain_cell(value) for value in column], index=column.index, dtype=object, name=column.name)


def _plain_cell(value: object) -> object:
    """Make a cell plain: lists as text, days as days, no text that would be run."""
    if isinstance(value, dt.date) and not pd.isna(value) and not getattr(value, "tzinfo", None):
        return value
    plain = _plain_text(value)
    return guarded(printable(plain)) if isinstance(plain, str) else plain


def _plain_text(value: object) -> object:
    """Make a value plain, and lists and nested values text."""
    plain = plain_value(value)
    if isinstance(plain, list):
        return ", ".join(str(item) if isinstance(item, (str, int, float)) else str(as_text(item)) for item in plain)
    return as_text(plain) if isinstance(plain, dict) else plain


def _heading(name: object) -> object:
    return guarded(printable(name)) if isinstance(name, str) else name
