"""Where the numbers of a file lie: its coordinate system settled or refused, and the one in metres to compute in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyproj

from drainage.errors import CrsError

if TYPE_CHECKING:
    from pathlib import Path

    import geopandas as gpd

CHINA = (73.5, 3.0, 136.5, 54.0)


def crs_of(frame: gpd.GeoDataFrame) -> pyproj.CRS:
    """Return the CRS of a layer that has been settled.

    Raises
    ------
    CrsError
        It has none.
    """
    if frame.crs is None:
        msg = "a layer without a coordinate reference system; declare it with crs= (--crs)"
        raise CrsError(msg)
    return frame.crs


def metric_crs(frame: gpd.GeoDataFrame) -> pyproj.CRS:
    """Choose the CRS to compute in: the layer's own where it is in metres, CGCS2000 3° by longitude in China, else UTM.

    References
    ----------
    EPSG database: CGCS2000 / 3-degree Gauss-Kruger CM 75E … 135E are EPSG:4534 … 4554.
    """
    crs = crs_of(frame)
    if crs.is_projected and abs(metres_per_unit_of(crs) - 1.0) < 1e-9:
        return crs
    west, south, east, north = frame.to_crs(4326).total_bounds if not crs.is_geographic else frame.total_bounds
    lon, lat = (west + east) / 2, (south + north) / 2
    if CHINA[0] <= lon <= CHINA[2] and CHINA[1] <= lat <= CHINA[3]:
        return pyproj.CRS.from_epsg(4534 + round((lon - 75) / 3))
    zone = int((lon + 180) // 6) % 60 + 1
    return pyproj.CRS.from_epsg((32600 if lat >= 0 else 32700) + zone)


def settle_crs(frame: gpd.GeoDataFrame, file: Path, declared: str | None) -> gpd.GeoDataFrame:
    """Return the layer with a two-dimensional CRS: its own, or the declared one where it has none.

    Raises
    ------
    CrsError
        There is none, the declared one is unknown, or the file carries another.
    """
    if declared is not None:
        try:
            crs = pyproj.CRS.from_user_input(declared)
        except pyproj.exceptions.CRSError as error:
            msg = f"crs={declared!r} is not a coordinate system that PROJ knows; write e.g. EPSG:4548"
            raise CrsError(msg) from error
        implied = (
            file.suffix.lower() in {".geojson", ".json", ".ndjson", ".geojsonl"}
            and frame.crs is not None
            and frame.crs.to_epsg() in {4326, 4979}
        )
        if frame.crs is not None and not implied and pyproj.CRS(frame.crs) != crs:
            found = f"carries {frame.crs.to_string()}, but crs={declared} was declared"
            msg = f"{file.name}: {found}; leave crs out or correct the file"
            raise CrsError(msg)
        return frame.set_crs(crs, allow_override=True)
    if frame.crs is None:
        remedy = f"declare it with crs= (--crs). By its numbers it may be {_candidates(frame)}"
        msg = f"{file.name}: has no coordinate reference system; {remedy}"
        raise CrsError(msg)
    if len(frame.crs.axis_info) > 2 or frame.crs.to_epsg() == 4979:
        return frame.set_crs(frame.crs.to_2d(), allow_override=True)
    return frame


def _candidates(frame: gpd.GeoDataFrame) -> str:
    west, south, east, north = frame.total_bounds
    if west >= -180 and east <= 180 and south >= -90 and north <= 90:
        return "EPSG:4490 (CGCS2000) or EPSG:4326 (WGS 84)"
    if west >= 25e6 and east <= 46e6:
        zone = int(west // 1e6)
        return f"EPSG:{4488 + zone} (CGCS2000 3° zone {zone})"
    if west >= 1e5 and east <= 1e6 and south >= 1.5e6 and north <= 6e6:
        return "one of EPSG:4534 … EPSG:4554 (CGCS2000 3°, e.g. EPSG:4548 for 117°E)"
    if west >= 1.5e6 and east <= 6e6 and south >= 1e5 and north <= 1e6:
        return "Gauss-Krüger with X and Y exchanged (X = north): exchange the columns"
    return "a local grid: ask the surveyor"


def check_range(frame: gpd.GeoDataFrame, file: Path) -> None:
    """Raise where degrees cannot be degrees.

    Raises
    ------
    CrsError
        Longitude and latitude are exchanged, or the numbers are metres.
    """
    if not crs_of(frame).is_geographic:
        return
    bounds = frame.geometry.bounds.to_numpy()
    bounds = bounds[np.isfinite(bounds).all(axis=1)]
    if not len(bounds):
        return
    west, south, east, north = (
        np.quantile(bounds[:, 0], 0.5),
        np.quantile(bounds[:, 1], 0.5),
        np.quantile(bounds[:, 2], 0.5),
        np.quantile(bounds[:, 3], 0.5),
    )
    if abs(south) > 90 and abs(north) <= 180 and abs(west) <= 90:
        found = f"its second coordinate reaches {north:g}, so longitude and latitude seem to be exchanged"
        msg = f"{file.name}: {found}; GeoJSON wants [longitude, latitude]"
        raise CrsError(msg)
    if abs(west) > 180 or abs(east) > 180 or abs(south) > 90 or abs(north) > 90:
        remedy = f"the file is probably in metres: declare crs= (--crs), maybe {_candidates(frame)}"
        msg = f"{file.name}: coordinates such as ({west:g}, {south:g}) are no degrees; {remedy}"
        raise CrsError(msg)


def metres_per_unit_of(crs: pyproj.CRS) -> float:
    """Return the length of the unit of a projected CRS; 1 where coordinates are degrees."""
    if crs.is_geographic:
        return 1.0
    return float(crs.axis_info[0].unit_conversion_factor)
