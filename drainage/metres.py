"""CRS that measure in metres, and areas brought into one."""

from __future__ import annotations

from typing import TypeAlias

import geopandas as gpd
import pyproj
from shapely.geometry.base import BaseGeometry

from drainage.errors import CrsError
from drainage.words import in_both

#: Polygons, of any CRS; those without one lie in that of what they are for.
Area: TypeAlias = BaseGeometry | gpd.GeoSeries | gpd.GeoDataFrame


def is_metric(crs: pyproj.CRS) -> bool:
    """Return whether lengths are true metres; those of web maps grow away from the equator."""
    if not crs.is_projected or abs(crs.axis_info[0].unit_conversion_factor - 1.0) >= 1e-9:
        return False
    method = crs.coordinate_operation.method_name if crs.coordinate_operation is not None else ""
    return "Mercator" not in method or "Transverse" in method or "Oblique" in method


def metric(crs: pyproj.CRS | str | int) -> pyproj.CRS:
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
    """
    if isinstance(area, BaseGeometry):
        return area
    if area.crs is None or area.crs == crs:
        return area.union_all()
    if crs is None:
        raise CrsError(in_both("clip_nowhere"))
    return area.to_crs(crs).union_all()
