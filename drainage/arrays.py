"""Columns and points as arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import numpy as np
import shapely

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Rows = NDArray[np.integer]
    Bools = NDArray[np.bool_]

T = TypeVar("T", bound=np.generic)


def column_of(frame: pd.DataFrame, name: str, default: float = np.nan) -> Floats:
    """Return a column as floats, with a default where nothing is recorded or there is no such column."""
    if name not in frame:
        return np.full(len(frame), default)
    values = frame[name].to_numpy(dtype=np.float64, na_value=np.nan)
    return values if np.isnan(default) else np.nan_to_num(values, nan=default)


def marked(n: int, *rows: Rows | Bools) -> Bools:
    """Return a mask of n rows that is set in the given ones."""
    mask = np.zeros(n, np.bool_)
    for some in rows:
        mask[some] = True
    return mask


def spread(n: int, rows: Rows | Bools, values: NDArray[T], blank: object = np.nan) -> NDArray[T]:
    """Return an array of n rows with values in the given ones and a blank in the others, of the type of the values."""
    whole = np.full(n, blank, dtype=values.dtype)
    whole[rows] = values
    return whole


def coordinates(points: NDArray[np.object_] | gpd.GeoSeries) -> Floats:
    """Return x and y of points, (n, 2); NaN for one that is missing, where `shapely.get_coordinates` leaves it out."""
    array = np.asarray(points, dtype=object)
    return np.column_stack([shapely.get_x(array), shapely.get_y(array)])


def coordinates_at(points: NDArray[np.object_] | gpd.GeoSeries, rows: Rows) -> Floats:
    """Return x and y of the points in some rows, (n_rows, 2); NaN for row -1."""
    return np.vstack([coordinates(points), [[np.nan, np.nan]]])[rows]
