"""Vector files to frames: one guarded door to GDAL, the coordinate system settled, bad geometry set aside and named."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import geopandas as gpd
import numpy as np
import shapely

from drainage.errors import CrsError, EmptyLayerError, FormatError
from drainage.formats.containers import system_in_name
from drainage.formats.crs import check_range, crs_of, metres_per_unit_of, metric_crs, settle_crs
from drainage.formats.guard.before_opening import JSON_ENDINGS, check_path
from drainage.formats.guard.gdal import read_file
from drainage.formats.guard.geojson_guard import (
    report_crs_member,
    report_cut_answer,
    report_links,
    report_repeated_keys,
)
from drainage.words import in_both, joined

if TYPE_CHECKING:
    from pathlib import Path

    import pyproj
    from numpy.typing import NDArray

    from drainage.schema import Issues

MAX_VERTICES = 10_000
CITY_DEG = 5.0  # no city reaches so far, about 500 km: own choice
_PIPE_LAYERS = ("YS", "WS", "HS", "雨水", "污水", "storm", "sewage")


class LayerRead(NamedTuple):
    """A layer in metres, and the length of the unit that its levels were probably written in."""

    frame: gpd.GeoDataFrame
    metres_per_unit: float


def read_layer(
    path: str | Path,
    *,
    layer: str | None = None,
    crs: str | None = None,
    target: pyproj.CRS | None = None,
    issues: Issues,
) -> LayerRead:
    """Read one layer into projected metres.

    Parameters
    ----------
    layer
        Layer of a file that holds several (`drainage.formats.containers.parts_of`).
    crs
        Declares the CRS of a file that carries none. It is an error where the file carries another.
    target
        CRS to deliver; by default `metric_crs` of the layer.
    issues
        Takes what was found about the file.

    Raises
    ------
    FormatError
        The file is not what its ending says, or cannot be parsed; the driver's own words and place are passed on.
    CrsError
        The CRS is missing, unknown, or contradicted by the numbers; candidates are proposed.
    """
    file = check_path(path)
    frame = read_file(file, layer)
    for code, severity, reason, action in frame.attrs.pop("remarks", ()):
        issues.add(code, severity, "file", [file.name], reason, action)
    if not len(frame):
        msg = f"{file.name}: holds no features; expected at least one"
        raise EmptyLayerError(msg)
    if not isinstance(frame, gpd.GeoDataFrame):
        msg = f"{file.name}: has no geometry column; a table without geometry cannot be a layer of its own"
        raise FormatError(msg)
    if file.suffix.lower() == ".dxf":
        frame = _pipes_of_drawing(frame, file, issues)
    if file.suffix.lower() in JSON_ENDINGS:
        report_repeated_keys(file, issues)
        report_cut_answer(file, issues)
        report_links(file, crs, issues)
        if crs is None:
            report_crs_member(file, issues)
    return settle_layer(frame, file, crs=crs, target=target, issues=issues)


def settle_layer(
    frame: gpd.GeoDataFrame, file: Path, *, crs: str | None, target: pyproj.CRS | None, issues: Issues
) -> LayerRead:
    """Bring a layer into the target CRS, flat, without coordinates that cannot be meant; see `read_layer`."""
    frame = settle_crs(frame, file, crs, issues)
    frame = _keep_heights(frame, file, issues)
    if shapely.has_z(frame.geometry.to_numpy()).any():
        frame = frame.set_geometry(shapely.force_2d(frame.geometry.to_numpy()))
    unit = metres_per_unit_of(crs_of(frame))
    check_range(frame, file)
    _drop_absurd(frame, file, issues)
    if not np.isfinite(frame.total_bounds).all():
        remedy = "draw them, or give a table of pipes (.csv) beside one of their points"
        msg = f"{file.name}: none of its {len(frame)} features has a geometry that can be used; {remedy}"
        raise FormatError(msg)
    goal = target or metric_crs(frame)
    if goal is not None and frame.crs != goal:
        frame = frame.to_crs(goal)
    return LayerRead(frame, unit)


def _pipes_of_drawing(frame: gpd.GeoDataFrame, file: Path, issues: Issues) -> gpd.GeoDataFrame:
    """Keep the lines of a drawing that stand on a layer whose name tells a system; say what is left out."""
    system = frame["Layer"].map(lambda name: system_in_name(str(name)), na_action="ignore")
    pipes = system.notna() & frame.geom_type.isin(["LineString", "MultiLineString"])
    for name, rows in frame[~pipes].groupby("Layer"):
        issues.add(
            "drawing_layer",
            "info",
            "layer",
            [f"{file.name}: {name}"],
            in_both("not_on_pipe_layer", count=len(rows)),
            in_both("pipe_layers_named", names=joined(_PIPE_LAYERS, ", ")),
        )
    if not pipes.any():
        found = ", ".join(sorted(frame["Layer"].dropna().astype(str).unique())[:8])
        msg = f"{file.name}: no layer of the drawing tells a system; expected names as YS, WS, 雨水; it has {found}"
        raise FormatError(msg)
    return frame[pipes].rename(columns={"EntityHandle": "pipe_id"}).assign(system=system[pipes])


def _keep_heights(frame: gpd.GeoDataFrame, file: Path, issues: Issues) -> gpd.GeoDataFrame:
    """Keep the Z of the ends of lines as columns, for the user to say what they are."""
    geometry = frame.geometry.to_numpy()
    if not shapely.has_z(geometry).any():
        return frame
    start, end = (shapely.get_z(shapely.get_point(geometry, at)) for at in (0, -1))
    if not np.isfinite(start).any():
        return frame
    issues.add("heights", "info", "file", [file.name], in_both("has_heights"), in_both("heights_kept"))
    return frame.assign(z_from_m=start, z_to_m=end)


def _drop_absurd(frame: gpd.GeoDataFrame, file: Path, issues: Issues) -> None:
    """Blank geometries that cannot be meant (in place on our own copy): the row stays, its line does not."""
    geometry = frame.geometry.to_numpy()
    coords = shapely.get_coordinates(geometry)
    if not len(coords):
        return
    limit = 181.0 if crs_of(frame).is_geographic else 1e8
    low, high = (np.array([step(axis) for axis in coords.T]) for step in (np.min, np.max))
    long = np.flatnonzero(shapely.get_num_coordinates(geometry) > MAX_VERTICES)
    bad = far = np.empty(0, np.intp)
    if not ((low >= -limit) & (high <= limit)).all():  # so are NaN
        coords, index = shapely.get_coordinates(geometry, return_index=True)
        bad = np.unique(index[~(np.abs(coords) <= limit).all(axis=1)])
    if not (high - low <= _reach(frame)).all():
        far = np.setdiff1d(_far_away(frame, file), bad)
    for rows, code, reason in (
        (bad, "absurd_coordinates", in_both("geometry_impossible")),
        (long, "too_many_vertices", in_both("geometry_too_long", most=MAX_VERTICES)),
        (far, "far_away", in_both("geometry_far_away")),
    ):
        if len(rows):
            issues.add(
                code,
                "error",
                "row",
                [f"{file.name} row {row + 1}" for row in rows],
                reason,
                in_both("read_without_geometry"),
            )
            frame.loc[frame.index[rows], frame.geometry.name] = None


def _reach(frame: gpd.GeoDataFrame) -> float:
    return CITY_DEG if crs_of(frame).is_geographic else CITY_DEG * 1e5 / metres_per_unit_of(crs_of(frame))


def _far_away(frame: gpd.GeoDataFrame, file: Path) -> NDArray[np.intp]:
    """Tell the rows that cannot belong to the same city as the others: at (0, 0), say, or across the antimeridian."""
    west, south, east, north = shapely.bounds(frame.geometry.to_numpy()).T
    reach = _reach(frame)
    x, y = (west + east) / 2, (south + north) / 2
    known = np.isfinite(x) & np.isfinite(y)
    if not known.any():
        return np.empty(0, np.intp)
    with np.errstate(invalid="ignore", over="ignore"):
        off = np.fmax(np.abs(x - np.median(x[known])), np.abs(y - np.median(y[known])))
        far = known & (np.fmax(off, np.fmax(east - west, north - south)) > reach)
    if 2 * far.sum() > known.sum():
        msg = f"{file.name}: most features lie, or reach, hundreds of kilometres apart; a city does not: check the CRS"
        raise CrsError(msg)
    return np.flatnonzero(far)
