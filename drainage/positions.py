"""Points, and the ends of lines, as arrays."""

from __future__ import annotations

from typing import Final

import geopandas as gpd
import numpy as np
import shapely

from drainage.arrays import Floats, Objects, Rows

#: Ends of one node farther apart than this cannot be one manhole, nor a feature that far from its place be itself, m; a
#: choice of ours, no standard.
FAR_M: Final = 20.0


def coordinates(points: Objects | gpd.GeoSeries) -> Floats:
    """Return x and y of points, (n, 2); NaN for one that is missing, where `shapely.get_coordinates` leaves it out."""
    array = np.asarray(points, dtype=object)
    return np.column_stack([shapely.get_x(array), shapely.get_y(array)])


def coordinates_at(points: Objects | gpd.GeoSeries, rows: Rows) -> Floats:
    """Return x and y of the points in some rows, (n_rows, 2); NaN for row -1."""
    return np.vstack([coordinates(points), [[np.nan, np.nan]]])[rows]


def line_ends(lines: Objects) -> tuple[Floats, Floats]:
    """Return the first and the last coordinates of lines of one or more parts, (n, 2); NaN where there is no line."""
    coords, index = shapely.get_coordinates(lines, return_index=True)
    start, end = np.full((2, len(lines), 2), np.nan)
    end[index] = coords  # the last one written stays
    start[index[::-1]] = coords[::-1]
    return start, end
