"""Values of a survey beside those of the network: which are told, and which are another value."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from drainage.arrays import Bools, Objects
from drainage.schema.ids import fold_ids, fold_name
from drainage.schema.layers import LAYERS

#: Numbers that differ by less are one value: a level is printed to the centimetre (as `find_changes` takes it), a
#: length to the decimetre; own choice.
_SAME: Final = {"length_m": 0.1}
_SAME_LEVEL_M: Final = 0.01
_EXACT: Final = 1e-9


def told_values(layer: str, cells: Mapping[str, object]) -> dict[str, object]:
    """Return the values of a row that say something, as a change set holds them."""
    return {name: plain(layer, name, cell) for name, cell in cells.items() if not _is_missing(cell)}


def changed_values(layer: str, cells: Mapping[str, object], was: Mapping[str, object]) -> dict[str, object]:
    """Return the values of a row that are others than those of the network."""
    told = told_values(layer, cells)
    return {name: value for name, value in told.items() if not is_same(layer, name, value, was[name])}


def plain(layer: str, name: str, cell: object) -> object:
    """Return a cell as a change set holds it: a day as a text, a number as one of Python."""
    model = LAYERS[layer]
    kind = {**model.columns, **model.also}[name].kind
    if kind == "date":
        return str(pd.Timestamp(str(cell)).date())
    if isinstance(cell, np.generic):
        cell = cell.item()
    if isinstance(cell, float) and cell.is_integer() and kind != "number":
        return int(cell)
    return cell


def is_same(layer: str, name: str, value: object, was: object) -> bool:
    """Return whether a value is that of the network, but for how it is printed or spelt."""
    if _is_missing(was):
        return False
    model = LAYERS[layer]
    kind = {**model.columns, **model.also}[name].kind
    if kind == "number":
        near = _SAME.get(name, _SAME_LEVEL_M if name.endswith("_m") else _EXACT)
        return math.isclose(float(value), float(was), rel_tol=_EXACT, abs_tol=near * (1 - _EXACT))  # type: ignore[arg-type]
    if kind == "date":
        return str(value) == str(pd.Timestamp(str(was)).date())
    if kind == "id":
        return str(value) == str(was) or not fold_ids(pd.Index([str(value), str(was)])).is_unique
    if isinstance(value, str):
        return value == was or fold_name(value) == fold_name(str(was))
    return bool(value == was)


def is_moved(known: gpd.GeoDataFrame, row: np.ndarray, shapes: Objects, within_m: float) -> Bools:
    """(n,) features that lie elsewhere than in the network; one that is not in it, or not drawn, has not moved.

    A line that is drawn the other way lies where it lay.
    """
    moved = np.zeros(len(shapes), np.bool_)
    there = np.flatnonzero((row >= 0) & ~shapely.is_missing(shapes))
    old = known.geometry.to_numpy()[row[there]]
    apart = shapely.hausdorff_distance(shapes[there], old)
    moved[there] = ~(apart <= within_m)
    return moved


def _is_missing(cell: object) -> bool:
    return cell is None or (not isinstance(cell, (list, dict)) and bool(pd.isna(cell)))  # type: ignore[call-overload]
