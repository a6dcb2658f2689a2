"""Values of a change set as cells: what a column may hold by `LAYERS`, and the type in which its table can hold it."""

from __future__ import annotations

import datetime as dt
import re
import sys
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd

from drainage.change_sets.change_set import ADDED_BY
from drainage.said import Said
from drainage.schema.ids import ids_like
from drainage.schema.layers import LAYERS, Column
from drainage.words import in_both, nearest

#: Columns of nodes that planned works bring (`drainage.plans.with_works`): what is held back and lifted there.
_OF_WORKS: Final = {"nodes": ("tank_m3", "pump_m3s", "pumped_to_m")}
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d([T ][\d:.]+)?")
#: Types of new columns by what they hold; all others are texts.
_TYPES: Final = {"number": "float64", "date": "datetime64[ms]", "flag": "boolean"}
_LARGEST: Final = sys.float_info.max  # larger whole numbers exist in Python alone
_EXACT: Final = 2**53  # whole numbers below are exact as floats


def known_columns(layer: str, table: gpd.GeoDataFrame) -> list[str]:
    """Return the columns that a change set may set in a table, whether it has them yet or not."""
    model = LAYERS[layer]
    own = [name for name in (*model.columns, *model.also, *_OF_WORKS.get(layer, ())) if name != model.id]
    return [*dict.fromkeys([*own, *map(str, table.columns.drop([str(table.geometry.name)])), ADDED_BY]), "geometry"]


def column_problem(layer: str, table: gpd.GeoDataFrame, column: str) -> Said | None:
    """Return why a column cannot be set; None where it can."""
    known = known_columns(layer, table)
    if column in known:
        return None
    if column == LAYERS[layer].id:
        return in_both("id_not_changed", column=column)
    return in_both("no_such_column_here", column=column, layer=layer, near=nearest(column, known))


def id_problem(layer: str, table: gpd.GeoDataFrame, name: str, *, liken: bool) -> Said:
    """Return that an id does not exist, with the most similar ones where they are asked for."""
    like = ids_like(name, table.index.tolist()) if liken else []
    return in_both("id_nowhere", layer=layer, id=name, like=", ".join(like) or in_both("none_like"))


def type_of_new(layer: str, column: str, values: list[object]) -> str:
    """Return the type of a column that a table lacks: by what it holds, else by its values."""
    model = LAYERS[layer]
    facts = {**model.columns, **model.also}.get(column)
    if facts is not None:
        return _TYPES.get(facts.kind, "str")
    told = [value for value in values if value is not None]
    return "float64" if (told and all(_is_number(value) for value in told)) or column.endswith("_m3") else "str"


def value_problem(layer: str, column: str, value: object) -> Said | None:
    """Return why no cell of a column can hold a value, by what the layer says of it; None where one can."""
    model = LAYERS[layer]
    facts = {**model.columns, **model.also}.get(column)
    if value is None or facts is None:
        return None
    said = _problem(facts, value)
    return None if said is None else in_both("value_not_held", column=column, value=str(value)[:40], expected=said)


def _problem(facts: Column, value: object) -> Said | None:
    """Return what was expected instead of a value."""
    if facts.kind == "number":
        fits = _is_number(value) and facts.least <= float(value) <= facts.most  # type: ignore[arg-type]  # a number
        return None if fits else facts.expected
    if facts.kind == "code":
        near = nearest(str(value), facts.codes)
        return None if value in facts.codes else in_both("one_of_codes", codes=", ".join(facts.codes), near=near)
    if facts.kind == "date":
        return None if _day(value) is not None else in_both("a_day")
    if facts.kind == "flag":
        return None if isinstance(value, bool) else in_both("yes_or_no")
    if facts.kind == "id" and isinstance(value, (list, dict, bool, float)):
        return in_both("an_id")
    return in_both("a_text") if isinstance(value, (list, dict)) else None


def as_cell(value: object, dtype: object) -> object:
    """Return a value as a cell of a type.

    Raises
    ------
    ValueError
        No cell of the type can hold it.
    """
    kind = str(dtype)
    if value is None:
        return None if kind == "object" else pd.NA if kind in {"boolean", "Int64", "Float64"} else np.nan
    if kind.startswith("datetime64"):
        day = _day(value)
        if day is None:
            raise ValueError(kind)
        return day
    if kind in {"str", "string"}:
        if isinstance(value, (list, dict, bool)):
            raise ValueError(kind)
        return value if isinstance(value, str) else str(value)
    if kind in {"bool", "boolean"}:
        if not isinstance(value, bool):
            raise ValueError(kind)
        return value
    if kind == "object":
        return value
    if not _is_number(value):
        raise ValueError(kind)
    return value


def wider_type(column: pd.Series, values: list[object]) -> str:
    """Return the type of a column that holds some values too: its own wherever that can."""
    kind = str(column.dtype)
    if column.dtype.kind in "iu" and not kind.startswith("UI"):
        if pd.api.types.is_extension_array_dtype(column.dtype):
            whole = all(value is None or float(value).is_integer() for value in values)  # type: ignore[arg-type]  # numbers
            return kind if whole else "Float64"
        limit = np.iinfo(np.dtype(kind))
        if all(value is not None and float(value).is_integer() and limit.min <= value <= limit.max for value in values):  # type: ignore[arg-type,operator]
            return kind
        exact = not len(column) or float(np.abs(column.to_numpy(dtype=np.float64)).max()) < _EXACT
        return "float64" if exact else "Int64"
    if kind == "bool" and any(value is None for value in values):
        return "boolean"
    return kind


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) <= _LARGEST


def _day(value: object) -> pd.Timestamp | None:
    """Read a day, with its time where it has one."""
    if isinstance(value, (dt.date, pd.Timestamp)):
        return pd.Timestamp(value)
    if not isinstance(value, str) or not _DAY.fullmatch(value):
        return None
    try:
        return pd.Timestamp(value)
    except ValueError:
        return None
