"""Points as arrays."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely

from drainage.arrays import Floats, Objects, Rows


def coordinates(points: Objects | gpd.GeoSeries) -> Floats:
    """Return x and y of points, (n, 2); NaN for one that is missing, where `shapely.get_coordinates` leaves it out."""
    array = np.asarray(points, dtype=object)
    return np.column_stack([shapely.get_x(array), shapely.get_y(array)])


def coordinates_at(points: Objects | gpd.GeoSeries, rows: Rows) -> Floats:
    """Return x and y of the points in some rows, (n_rows, 2); NaN for row -1."""
    return np.vstack([coordinates(points), [[np.nan, np.nan]]])[rows]
