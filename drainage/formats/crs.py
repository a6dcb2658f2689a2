"""Where the numbers of a file lie: its coordinate system settled or refused, and the one in metres to compute in."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray

from drainage.arrays import Floats
from drainage.errors import CrsError, FormatError
from drainage.formats.china_offset import bd09_to_wgs84, gcj02_to_wgs84
from drainage.formats.guard.before_opening import JSON_ENDINGS
from drainage.metres import is_metric
from drainage.positions import count_vertices, vertices
from drainage.said import Said
from drainage.schema import Issues
from drainage.schema.codes import fold
from drainage.words import in_both

_UNDEFINED = re.compile(r"\bundefined\b|^unknown engineering", re.IGNORECASE)
_NAMES_A_FILE = re.compile(r'"value": "|PROJ-based')
CHINA = (73.5, 3.0, 136.5, 54.0)
_OFFSETS = {"gcj_02": gcj02_to_wgs84, "gcj02": gcj02_to_wgs84, "bd_09": bd09_to_wgs84, "bd09": bd09_to_wgs84}
_FIRST_ZONE, _LAST_ZONE = 13, 45  # numbers of the 6° and 3° zones of China
MAX_VERTICES = 10_000
CITY_DEG = 5.0  # no city reaches so far, about 500 km: own choice


class Settled(NamedTuple):
    """A layer in metres, and the length of the unit that its levels were probably written in."""

    frame: gpd.GeoDataFrame
    metres_per_unit: float


def settle_layer(
    frame: gpd.GeoDataFrame,
    file: Path,
    *,
    crs: str | None,
    target: pyproj.CRS | None,
    issues: Issues,
    placeless: bool = False,
) -> Settled:
    """Bring a layer into the target CRS, flat, without impossible coordinates.

    Parameters
    ----------
    placeless
        Whether a layer of rows without any geometry is one; where some have one, a place must be possible.

    Raises
    ------
    CrsError, FormatError
        As in `settle_crs` and `check_range`; or no feature has a place that can be meant.
    """
    nowhere = placeless and bool((frame.geometry.isna() | frame.geometry.is_empty).all())
    frame = settle_crs(frame, file, crs, issues, others=target)
    frame = _keep_heights(frame, file, issues)
    unit = metres_per_unit_of(crs_of(frame))
    check_range(frame, file)
    _drop_absurd(frame, file, issues)
    if not nowhere and not np.isfinite(frame.geometry.values.total_bounds).all():
        raise FormatError(in_both("none_placed", file=file.name, count=len(frame)))
    goal = target or metric_crs(frame)
    return Settled(frame if frame.crs == goal else frame.to_crs(goal), unit)


def crs_of(frame: gpd.GeoDataFrame) -> pyproj.CRS:
    """Return the CRS of a layer that has been settled.

    Raises
    ------
    CrsError
        It has none.
    """
    if frame.crs is None:
        raise CrsError(in_both("layer_without_crs"))
    return frame.crs


def metric_crs(frame: gpd.GeoDataFrame) -> pyproj.CRS:
    """Choose the CRS to compute in: the layer's own where it is in metres, CGCS2000 3° by longitude in China, else UTM.

    References
    ----------
    EPSG database: CGCS2000 / 3-degree Gauss-Kruger CM 75E … 135E are EPSG:4534 … 4554.
    """
    crs = crs_of(frame)
    if is_metric(crs):
        return crs
    degrees = frame if crs.is_geographic else frame.to_crs(4326)
    west, south, east, north = degrees.geometry.values.total_bounds
    lon, lat = (west + east) / 2, (south + north) / 2
    if CHINA[0] <= lon <= CHINA[2] and CHINA[1] <= lat <= CHINA[3]:
        return pyproj.CRS.from_epsg(4534 + round((lon - 75) / 3))
    zone = int((lon + 180) // 6) % 60 + 1
    return pyproj.CRS.from_epsg((32600 if lat >= 0 else 32700) + zone)


def settle_crs(
    frame: gpd.GeoDataFrame, file: Path, declared: str | None, issues: Issues, *, others: pyproj.CRS | None = None
) -> gpd.GeoDataFrame:
    """Return the layer with a two-dimensional CRS: its own, or the declared one where it has none.

    Coordinates declared as ``GCJ-02`` or ``BD-09`` come back in WGS 84. Columns exchanged against the axes of the CRS
    (Chinese surveys call the north X) are turned where only that puts them into its area of use; an issue says so.

    Raises
    ------
    CrsError
        There is none, the declared one is unknown, the file carries another, or eastings carry a zone number that the
        CRS does not have.
    """
    offset = _OFFSETS.get(fold(declared)) if declared else None
    if offset is not None:
        return _without_offset(frame, file, str(declared), offset, issues)
    frame = _with_crs(frame, file, declared, issues, others)
    if crs_of(frame).is_projected:
        frame = _turn_axes(frame, file, issues)
    datum = crs_of(frame).geodetic_crs
    if datum is not None and any(old in datum.name for old in ("Beijing 1954", "Xian 1980")):
        reason = in_both("old_datum", datum=datum.name)
        issues.add("old_datum", "warning", "file", [file.name], reason, in_both("give_towgs84"))
    return frame


def _with_crs(
    frame: gpd.GeoDataFrame, file: Path, declared: str | None, issues: Issues, others: pyproj.CRS | None
) -> gpd.GeoDataFrame:
    frame = _own_crs(frame, file, issues)
    if declared is None:
        if frame.crs is None:
            if others is not None:
                raise CrsError(in_both("no_crs_unlike_others", file=file.name, others=others.to_string()))
            raise CrsError(in_both("no_crs_maybe", file=file.name, maybe=_candidates(frame)))
        if len(frame.crs.axis_info) > 2 or frame.crs.to_epsg() == 4979:
            return frame.set_crs(frame.crs.to_2d(), allow_override=True)
        return frame
    try:
        crs = pyproj.CRS.from_user_input(declared)
    except pyproj.exceptions.CRSError as error:
        raise CrsError(in_both("crs_unknown", declared=declared)) from error
    if frame.crs is not None and not _implied(frame, file) and pyproj.CRS(frame.crs) != crs:
        raise CrsError(in_both("carries_other_crs", file=file.name, own=frame.crs.to_string(), declared=declared))
    return frame.set_crs(crs, allow_override=True)


def _own_crs(frame: gpd.GeoDataFrame, file: Path, issues: Issues) -> gpd.GeoDataFrame:
    """Return the layer without a CRS that says nothing, and without the grid files that one names.

    A local system and the "undefined" ones of a GeoPackage (srs_id 0 and -1) have no place on earth.
    """
    if frame.crs is None:
        return frame
    crs = pyproj.CRS(frame.crs)
    if crs.is_engineering or (crs.to_authority() is None and _UNDEFINED.search(crs.name)):
        return frame.set_crs(None, allow_override=True)  # type: ignore[call-overload,no-any-return]  # stubs want one
    plain, remark = without_grids(crs, file)
    if remark is not None:
        issues.add("grid_file", "warning", "file", [file.name], remark, in_both("read_without_shift"))
    return frame.set_crs(plain, allow_override=True)


def without_grids(crs: pyproj.CRS, file: Path) -> tuple[pyproj.CRS, Said | None]:
    """Return a CRS that names no file of datum shifts, and what is to be said where it named one.

    Such a file is any path of this machine, which data from outside must not have opened.

    Raises
    ------
    CrsError
        It cannot be had without.
    """
    said = crs.to_json_dict()
    if not _NAMES_A_FILE.search(json.dumps(said)):
        return crs, None
    remark = in_both("shift_file_named")
    said = _unbound(said)
    if _NAMES_A_FILE.search(json.dumps(said)):
        raise CrsError(in_both("write_in_plain_crs", file=file.name, remark=remark))
    return pyproj.CRS.from_json_dict(said), remark


def _unbound(said: dict[str, Any]) -> dict[str, Any]:
    """Leave a CRS without the shifts that are bound to it, the parts of a compound one too."""
    if said.get("type") == "BoundCRS":
        return _unbound(said["source_crs"])
    return {key: [_unbound(part) for part in value] if key == "components" else value for key, value in said.items()}


def _implied(frame: gpd.GeoDataFrame, file: Path) -> bool:
    """Return whether the CRS is the one that GDAL assumes for every GeoJSON, not one that the file states."""
    return file.suffix.lower() in JSON_ENDINGS and frame.crs is not None and frame.crs.to_epsg() in {4326, 4979}


def _without_offset(
    frame: gpd.GeoDataFrame, file: Path, name: str, to_wgs84: Callable[[Floats], Floats], issues: Issues
) -> gpd.GeoDataFrame:
    if frame.crs is not None and not frame.crs.is_geographic:
        raise CrsError(in_both("carries_no_degrees", file=file.name, own=frame.crs.to_string(), declared=name))
    geometry = shapely.transform(frame.geometry.to_numpy(), to_wgs84)
    reason = in_both("declared_as", name=name)
    issues.add("map_offset", "info", "file", [file.name], reason, in_both("offset_taken_away"))
    return frame.set_geometry(geometry).set_crs(4326, allow_override=True)


def _turn_axes(frame: gpd.GeoDataFrame, file: Path, issues: Issues) -> gpd.GeoDataFrame:
    crs = crs_of(frame)
    coords = vertices(frame.geometry.values)
    if crs.area_of_use is None or not len(coords):
        return frame
    low, high = ([step(axis) for axis in coords.T] for step in (np.min, np.max))
    if _in_area(crs, *low) and _in_area(crs, *high):
        return frame
    bounds = frame.geometry.values.bounds
    bounds = bounds[np.isfinite(bounds).all(axis=1)]
    if not len(bounds):
        return frame
    x, y = np.median(bounds[:, [0, 1]], axis=0)
    if _in_area(crs, x, y):
        return frame
    if _in_area(crs, y, x):
        reason = in_both("axes_fit_exchanged", crs=crs.to_string())
        issues.add("axes_exchanged", "warning", "file", [file.name], reason, in_both("axes_exchanged"))
        return frame.set_geometry(shapely.transform(frame.geometry.to_numpy(), lambda xy: xy[:, ::-1])).set_crs(crs)
    zone = int(x // 1e6)
    if _FIRST_ZONE <= zone <= _LAST_ZONE and _in_area(crs, x - zone * 1e6, y):
        raise CrsError(
            in_both("eastings_with_zone", file=file.name, x=x, zone=zone, crs=crs.to_string(), code=4488 + zone)
        )
    reason = in_both("outside_area_of_crs", x=x, y=y, crs=crs.to_string())
    issues.add("outside_area", "warning", "file", [file.name], reason, in_both("check_the_crs"))
    return frame


def _in_area(crs: pyproj.CRS, x: float, y: float) -> bool:
    area = crs.area_of_use
    to_degrees = pyproj.Transformer.from_crs(crs, crs.geodetic_crs, always_xy=True)
    lon, lat = to_degrees.transform(x, y)
    return area is not None and area.west - 1 <= lon <= area.east + 1 and area.south - 1 <= lat <= area.north + 1


def _candidates(frame: gpd.GeoDataFrame) -> Said:
    west, south, east, north = frame.total_bounds
    if west >= -180 and east <= 180 and south >= -90 and north <= 90:
        return in_both("maybe_degrees")
    if west >= 25e6 and east <= 46e6:
        return in_both("maybe_zone", code=4488 + int(west // 1e6), zone=int(west // 1e6))
    if west >= 1e5 and east <= 1e6 and south >= 1.5e6 and north <= 6e6:
        return in_both("maybe_metres")
    if west >= 1.5e6 and east <= 6e6 and south >= 1e5 and north <= 1e6:
        return in_both("maybe_exchanged")
    return in_both("maybe_local")


def check_range(frame: gpd.GeoDataFrame, file: Path) -> None:
    """Raise where degrees cannot be degrees.

    Raises
    ------
    CrsError
        Longitude and latitude are exchanged, or the numbers are metres.
    """
    if not crs_of(frame).is_geographic:
        return
    bounds = frame.geometry.values.bounds
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
        raise CrsError(in_both("lonlat_exchanged", file=file.name, north=north))
    if abs(west) > 180 or abs(east) > 180 or abs(south) > 90 or abs(north) > 90:
        raise CrsError(in_both("no_degrees", file=file.name, west=west, south=south, maybe=_candidates(frame)))


def metres_per_unit_of(crs: pyproj.CRS) -> float:
    """Return the length of the unit of a projected CRS; 1 where coordinates are degrees."""
    if crs.is_geographic:
        return 1.0
    return float(crs.axis_info[0].unit_conversion_factor)


def _keep_heights(frame: gpd.GeoDataFrame, file: Path, issues: Issues) -> gpd.GeoDataFrame:
    """Flatten a layer; keep the Z of the ends of lines as columns, for the user to say what they are."""
    if not frame.geometry.values.has_z.any():
        return frame
    geometry = frame.geometry.to_numpy()
    start, end = (shapely.get_z(shapely.get_point(geometry, at)) for at in (0, -1))
    flat = frame.set_geometry(shapely.force_2d(geometry))
    if not np.isfinite(start).any():
        return flat
    issues.add("heights", "info", "file", [file.name], in_both("has_heights"), in_both("heights_kept"))
    return flat.assign(z_from_m=start, z_to_m=end)


def _drop_absurd(frame: gpd.GeoDataFrame, file: Path, issues: Issues) -> None:
    """Blank impossible geometries (in place on our own copy): the row stays, its line does not."""
    shapes = frame.geometry.values
    coords = vertices(shapes)
    if not len(coords):
        return
    limit = 181.0 if crs_of(frame).is_geographic else 1e8
    low, high = (np.array([step(axis) for axis in coords.T]) for step in (np.min, np.max))
    long = np.flatnonzero(count_vertices(shapes) > MAX_VERTICES)
    bad = far = np.empty(0, np.intp)
    if not ((low >= -limit) & (high <= limit)).all():  # so are NaN
        coords, index = shapely.get_coordinates(np.asarray(shapes), return_index=True)
        bad = np.unique(index[~(np.abs(coords) <= limit).all(axis=1)])
    if not (high - low <= _reach(frame)).all():
        far = np.setdiff1d(_far_away(frame, file), bad)
    for rows, code, reason in (
        (bad, "absurd_coordinates", in_both("geometry_impossible")),
        (long, "too_many_vertices", in_both("geometry_too_long", most=MAX_VERTICES)),
        (far, "far_away", in_both("geometry_far_away")),
    ):
        if len(rows):
            named = [f"{file.name} row {row + 1}" for row in rows]
            issues.add(code, "error", "row", named, reason, in_both("read_without_geometry"))
            frame.loc[frame.index[rows], frame.geometry.name] = None


def _reach(frame: gpd.GeoDataFrame) -> float:
    return CITY_DEG if crs_of(frame).is_geographic else CITY_DEG * 1e5 / metres_per_unit_of(crs_of(frame))


def _far_away(frame: gpd.GeoDataFrame, file: Path) -> NDArray[np.intp]:
    """Return the rows that cannot belong to the same city as the others: at (0, 0), say, or across the antimeridian."""
    west, south, east, north = frame.geometry.values.bounds.T
    reach = _reach(frame)
    x, y = (west + east) / 2, (south + north) / 2
    known = np.isfinite(x) & np.isfinite(y)
    if not known.any():
        return np.empty(0, np.intp)
    with np.errstate(invalid="ignore", over="ignore"):
        off = np.fmax(np.abs(x - np.median(x[known])), np.abs(y - np.median(y[known])))
        far = known & (np.fmax(off, np.fmax(east - west, north - south)) > reach)
    if 2 * far.sum() > known.sum():
        raise CrsError(in_both("mostly_apart", file=file.name))
    return np.flatnonzero(far)
