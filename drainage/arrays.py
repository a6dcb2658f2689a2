"""Columns and points as arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Rows = NDArray[np.intp]


def column_of(frame: pd.DataFrame, name: str, default: float = np.nan) -> Floats:
    """Return a column as floats, with a default where nothing is recorded or there is no such column."""
    if name not in frame:
        return np.full(len(frame), default)
    values = frame[name].to_numpy(dtype=np.float64, na_value=np.nan)
    return values if np.isnan(default) else np.nan_to_num(values, nan=default)


def coordinates(points: NDArray[np.object_] | gpd.GeoSeries) -> Floats:
    """Return x and y of points, (n, 2); NaN for one that is missing, where `shapely.get_coordinates` leaves it out."""
    array = np.asarray(points, dtype=object)
    return np.column_stack([shapely.get_x(array), shapely.get_y(array)])


def coordinates_at(points: NDArray[np.object_] | gpd.GeoSeries, rows: Rows) -> Floats:
    """Return x and y of the points in some rows, (n_rows, 2); NaN for row -1."""
    return np.vstack([coordinates(points), [[np.nan, np.nan]]])[rows]
