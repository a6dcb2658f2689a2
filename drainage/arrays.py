"""Points as arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Rows = NDArray[np.intp]


def coordinates(points: NDArray[np.object_] | gpd.GeoSeries) -> Floats:
    """Return x and y of points, (n, 2); NaN for one that is missing, where `shapely.get_coordinates` leaves it out."""
    array = np.asarray(points, dtype=object)
    return np.column_stack([shapely.get_x(array), shapely.get_y(array)])


def coordinates_at(points: NDArray[np.object_] | gpd.GeoSeries, rows: Rows) -> Floats:
    """Return x and y of the points in some rows, (n_rows, 2); NaN for row -1."""
    return np.vstack([coordinates(points), [[np.nan, np.nan]]])[rows]
