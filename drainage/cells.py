"""Cells of any type made plain: for JSON, and for the layers of GIS files, with names that those take.

A source holds more types than a file: dates, times, durations, bytes, identifiers, ranges, nested values, a second
geometry. Dates and times become ISO 8601 text, bytes hexadecimal digits, geometries WKT, what is left its own text.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Collection, Iterable, Mapping
from decimal import Decimal
from functools import singledispatch
from typing import Any, Final, TypeVar

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from drainage.said import in_language
from drainage.words import language

#: A table, with or without geometry.
Frame = TypeVar("Frame", bound=pd.DataFrame)
_EXACT: Final = 2**53  # every whole number up to this is a float64
_LONG: Final = 2**63
_DIGITS: Final = 40  # a decimal of more is text, whatever its size


@singledispatch
def plain_value(value: object) -> object:
    r"""Turn a cell of a frame into a value that JSON knows.

    Examples
    --------
    >>> plain_value([dt.date(2018, 5, 1), b"\xde\xad", float("nan"), shapely.Point(1, 2)])
    ['2018-05-01', 'dead', None, 'POINT (1 2)']
    """
    return str(value)


@plain_value.register(str)
@plain_value.register(bool)
@plain_value.register(int)
def _(value: str | bool | int) -> object:  # noqa: FBT001 - a cell
    return value


@plain_value.register(type(None))
@plain_value.register(type(pd.NaT))
@plain_value.register(type(pd.NA))
def _(_missing: object) -> None:
    return None


@plain_value.register(float)
@plain_value.register(np.floating)
def _(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


@plain_value.register(Decimal)
def _(value: Decimal) -> object:
    """Return the number where it loses no digit, else the text."""
    if not value.is_finite():
        return None
    if value == value.to_integral_value() and value.adjusted() < _DIGITS:
        return int(value)
    return float(value) if Decimal(repr(float(value))) == value else str(value)


@plain_value.register(Mapping)
def _(value: Mapping[object, object]) -> dict[str, object]:
    return {str(key): plain_value(item) for key, item in value.items()}


@plain_value.register(list)
@plain_value.register(tuple)
def _(value: Iterable[object]) -> list[object]:
    return [plain_value(item) for item in value]


@plain_value.register(np.ndarray)
def _(value: NDArray[Any]) -> object:
    return [plain_value(item) for item in value] if value.ndim else plain_value(value[()])


@plain_value.register(set)
@plain_value.register(frozenset)
def _(value: Iterable[object]) -> list[object]:
    return [plain_value(item) for item in sorted(value, key=str)]


@plain_value.register(bytes)
@plain_value.register(bytearray)
@plain_value.register(memoryview)
def _(value: bytes) -> str:
    return bytes(value).hex()


@plain_value.register(shapely.Geometry)
def _(value: shapely.Geometry) -> str:
    return str(shapely.to_wkt(value, rounding_precision=-1))


@plain_value.register(dt.datetime)
def _(value: dt.datetime) -> str:
    return value.isoformat().removesuffix("T00:00:00")


@plain_value.register(dt.date)
@plain_value.register(dt.time)
def _(value: dt.date | dt.time) -> str:
    return value.isoformat()


@plain_value.register(dt.timedelta)
def _(value: dt.timedelta) -> str:
    try:
        return pd.Timedelta(value).isoformat()
    except pd.errors.OutOfBoundsTimedelta:
        return f"P{value.days}DT{value.seconds}S"


@plain_value.register(np.datetime64)
def _(value: np.datetime64) -> object:
    return plain_value(pd.Timestamp(value))


@plain_value.register(np.timedelta64)
def _(value: np.timedelta64) -> object:
    return plain_value(pd.Timedelta(value))


@plain_value.register(np.generic)
def _(value: np.generic) -> object:
    item = value.item()
    return str(item) if isinstance(item, np.generic) else plain_value(item)


def plain_cells(column: pd.Series) -> list[object]:
    """Return the cells of a column as values that JSON knows."""
    kind = column.dtype.kind if isinstance(column.dtype, np.dtype) else ""
    if kind and kind in "iub":
        return list(column.tolist())
    if kind == "f":
        numbers = column.to_numpy(dtype=np.float64)
        cells = numbers.astype(object)
        cells[~np.isfinite(numbers)] = None
        return list(cells.tolist())
    if isinstance(column.dtype, pd.StringDtype) or pd.api.types.infer_dtype(column, skipna=True) == "string":
        texts = column.to_numpy(dtype=object)
        return list(np.where(column.isna().to_numpy(), None, texts).tolist())  # type: ignore[call-overload]  # None is an object
    if column.dtype.kind == "M":
        codes, days = pd.factorize(column)  # few days stand in many rows
        return list(np.array([*map(plain_value, days), None], dtype=object)[codes])
    return [plain_value(value) for value in column]


def plain_columns(frame: Frame, *, but: tuple[type, ...] = ()) -> Frame:
    """Return a frame whose columns a GIS file takes: of one type each; what is mixed, nested or of a rare type as text.

    Whole days, times of day with a date, numbers, booleans and texts keep their types, and columns whose type is one of
    ``but``.
    """
    shapes = getattr(frame, "active_geometry_name", None)
    others = [name for name in frame.columns if name != shapes]
    rare = [name for name in others if not (_is_native(frame[name].dtype) or isinstance(frame[name].dtype, but))]
    return frame.assign(**{str(name): _one_type(frame[name]) for name in rare})


def _is_native(dtype: object) -> bool:
    if isinstance(dtype, np.dtype):
        return dtype.kind in "biM" or dtype in {np.dtype("f4"), np.dtype("f8"), *map(np.dtype, ("u1", "u2", "u4"))}
    return isinstance(dtype, (pd.StringDtype, pd.DatetimeTZDtype))


def _one_type(column: pd.Series) -> pd.Series:
    if column.dtype == object and pd.api.types.infer_dtype(column, skipna=True) == "date":
        return column
    cells = plain_cells(column)
    kinds = {type(cell) for cell in cells if cell is not None}
    numbers = [abs(cell) for cell in cells if isinstance(cell, (int, float))] if kinds <= {int, float} else []
    if kinds == {bool} or (kinds == {int} and max(numbers) < _LONG):
        return pd.Series(cells, index=column.index, dtype=object)
    if kinds and kinds <= {int, float} and max(numbers) <= _EXACT:
        return pd.Series(cells, index=column.index, dtype=np.float64)
    return pd.Series([as_text(cell) for cell in cells], index=column.index, dtype="str")


def as_text(cell: object) -> str | None:
    """Return a plain value as text, nested ones as JSON; None stays None."""
    return cell if cell is None or isinstance(cell, str) else json.dumps(cell, ensure_ascii=False, allow_nan=False)


def short_numbers(value: object) -> object:
    """Round the floats of a plain value for readers: six digits, and three decimals of what is 1000 or more.

    Examples
    --------
    >>> short_numbers({"share": 1 / 3, "volume_m3": 1234567.891234, "whole": 3.0})
    {'share': 0.333333, 'volume_m3': 1234567.891, 'whole': 3.0}
    """
    if isinstance(value, dict):
        return {key: short_numbers(item) for key, item in value.items()}
    if isinstance(value, list):
        return [short_numbers(item) for item in value]
    if isinstance(value, float):
        return round(value, 3) if abs(value) >= 1000.0 else float(f"{value:.6g}")
    return value


def column_names(
    names: Iterable[object], *, reserved: Collection[str] = (), most_bytes: int | None = None, refused: str = ""
) -> list[str]:
    r"""Return names for the columns of a file, as near to their own as its format allows, and all different.

    Parameters
    ----------
    reserved
        Names, in small letters, that the format keeps for itself; such a column gets the suffix ``_recorded``.
    most_bytes
        Longest name in UTF-8; a longer one is cut between two characters.
    refused
        Characters that the format does not take; they become ``_``, as do control characters.

    Examples
    --------
    >>> column_names(["fid", "note", "NOTE", "", "管径\n(mm)"], reserved={"fid"})
    ['fid_recorded', 'note', 'NOTE_2', 'column_4', '管径_(mm)']
    """
    chosen: list[str] = []
    own = [_clean(str(name), refused) or f"column_{number}" for number, name in enumerate(names, 1)]
    own = [f"{name}_recorded" if name.lower() in reserved else name for name in own]
    free = {_cut(name, most_bytes).lower() for name in own}
    taken: set[str] = set()
    for name in own:
        candidate, number = _cut(name, most_bytes), 1
        while candidate.lower() in taken or (number > 1 and candidate.lower() in free):
            number += 1
            ending = f"_{number}"
            candidate = _cut(name, None if most_bytes is None else most_bytes - len(ending)) + ending
        taken.add(candidate.lower())
        chosen.append(candidate)
    return chosen


def to_plain(value: object) -> object:
    """Turn a summary into values that JSON knows, in the reader's language, floats rounded; NaN becomes None."""
    plain = plain_value(value.to_dict() if isinstance(value, pd.Series) else value)
    return in_language(short_numbers(plain), language())


def plain_rows(table: pd.DataFrame) -> list[object]:
    """Return the rows of a table likewise, each with the names of its columns; the index is left out."""
    return [to_plain(row) for _, row in table.iterrows()]


def _clean(name: str, refused: str) -> str:
    return "".join("_" if sign in refused or not sign.isprintable() else sign for sign in name).strip()


def _cut(name: str, most_bytes: int | None) -> str:
    return name if most_bytes is None else name.encode()[:most_bytes].decode(errors="ignore")
