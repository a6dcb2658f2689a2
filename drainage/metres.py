"""CRS that measure in metres, and areas brought into one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import geopandas as gpd
import pyproj
from shapely import Polygon
from shapely.geometry.base import BaseGeometry

from drainage.arrays import Floats
from drainage.errors import CrsError
from drainage.words import in_both

#: Polygons, of any CRS; those without one lie in that of what they are for, as the four edges of a rectangle do.
Area: TypeAlias = BaseGeometry | gpd.GeoSeries | gpd.GeoDataFrame | Sequence[float] | Floats


def is_metric(crs: pyproj.CRS) -> bool:
    """Return whether lengths are true metres; those of web maps grow away from the equator."""
    if not crs.is_projected or abs(crs.axis_info[0].unit_conversion_factor - 1.0) >= 1e-9:
        return False
    method = crs.coordinate_operation.method_name if crs.coordinate_operation is not None else ""
    return "Mercator" not in method or "Transverse" in method or "Oblique" in method


def metric(crs: pyproj.CRS | str | int | None) -> pyproj.CRS:
    """Return the CRS that is named, in which a network can lie.

    Raises
    ------
    CrsError
        It is unknown, or its unit is not the metre.
    """
    try:
        found = pyproj.CRS.from_user_input(crs)
    except pyproj.exceptions.CRSError as error:
        raise CrsError(in_both("to_crs_unknown", crs=crs)) from error
    if not is_metric(found):
        raise CrsError(in_both("to_crs_no_metres", name=found.to_string()))
    return found


def area_in(crs: pyproj.CRS | None, area: Area) -> BaseGeometry:
    """Return an area as one shape in a CRS; one that carries none lies in it already.

    Raises
    ------
    CrsError
        It carries a CRS, but what it is for has none.
    TypeError
        It is no area.
    """
    if isinstance(area, BaseGeometry):
        return area
    if not isinstance(area, (gpd.GeoSeries, gpd.GeoDataFrame)):
        return _rectangle(area)
    if area.crs is None or area.crs == crs:
        return area.union_all()
    if crs is None:
        raise CrsError(in_both("clip_nowhere"))
    return area.to_crs(crs).union_all()


def _rectangle(edges: object) -> BaseGeometry:
    """Return the rectangle of west, south, east and north, as ``total_bounds`` has them."""
    try:
        west, south, east, north = map(float, edges)  # type: ignore[call-overload]  # what is none is told below
    except (TypeError, ValueError) as error:
        raise TypeError(in_both("no_area", kind=type(edges).__name__)) from error
    return Polygon([(west, south), (east, south), (east, north), (west, north)])
