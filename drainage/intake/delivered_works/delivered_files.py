"""Files of a delivery: which of their tables hold pipes and which nodes, each looked at before it is opened."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Final, NamedTuple

import geopandas as gpd
import pandas as pd
import pyproj
import shapely

from drainage.errors import CrsError, EmptyLayerError, FormatError
from drainage.formats.containers import Part, parts_of
from drainage.formats.geofile import open_layer
from drainage.formats.guard.drawing_guard import check_drawing
from drainage.formats.guard.geopackage_guard import check_plain, to_read
from drainage.formats.guard.kind_by_content import Kind
from drainage.formats.guard.packed_shapes import unpack_shapes
from drainage.formats.guard.workbook_guard import check_workbook
from drainage.intake.delivered_works.delivered_tables import Delivered, read_tables
from drainage.schema import Issues
from drainage.words import in_both

#: What a delivery may hold at most; own choices: a town of 200,000 people has 20,000 pipes of five vertices.
MOST_FEATURES: Final = 50_000
MOST_VERTICES: Final = 500_000
#: Types of the records of a Shapefile, with and without heights and measures.
_SHP_LINES: Final = {3, 13, 23}
_SHP_POINTS: Final = {1, 11, 21}
#: What a whole network must have and a delivery need not: what it leaves open the network holds, or it is asked for.
_OF_THE_NETWORK: Final = ("no_geometry", "no_system")


class _Tables(NamedTuple):
    lines: list[Part]
    points: list[Part]
    states_crs: bool


def read_delivered(file: Path, kind: Kind, folder: Path, *, target: pyproj.CRS) -> tuple[Delivered, bool]:
    """Read the pipes and nodes of a delivery into the CRS of the network that it is made for.

    Parameters
    ----------
    file
        Under the ending of its kind, with nothing beside it.
    folder
        That is empty, for what is unpacked.
    target
        CRS of the network, which files have that state none.

    Returns
    -------
    The tables, and whether the file states where they lie.

    Raises
    ------
    FormatError, CrsError, SchemaError
        The file cannot be read, holds no pipes, more than a delivery does, or would have other files read.
    """
    issues = Issues()
    found = _OPENED[kind](file, folder, issues)
    if not found.lines and not found.points:
        raise EmptyLayerError(in_both("delivery_no_pipes", file=file.name))
    code = target.to_authority(min_confidence=100)
    said = None if found.states_crs else ":".join(code) if code else target.to_wkt()
    read = read_tables(found.lines, found.points, target=target, crs=said)
    if kind == "dxf":  # the handles of a drawing are numbers of its own, and no ids
        read = replace(read, pipes=read.pipes.assign(pipe_id=pd.Series(None, read.pipes.index, dtype="str")))
    read = replace(read, issues=read.issues[~read.issues["code"].isin(_OF_THE_NETWORK)])
    _refuse_large(file, read)
    told = pd.concat([issues.frame(), read.issues], ignore_index=True)
    return replace(read, issues=told), found.states_crs


def _geojson(file: Path, _folder: Path, issues: Issues) -> _Tables:
    """Part the lines of a collection from its points, which are nodes."""
    from drainage.formats.guard.before_opening import check_path

    frame = open_layer(check_path(file), None, None, issues)
    points = frame.geom_type.isin(["Point", "MultiPoint"]).to_numpy()
    parts = [Part(file, rows=_told(frame[rows])) if rows.any() else None for rows in (~points, points)]
    lines, nodes = ([] if part is None else [part] for part in parts)
    return _Tables(lines, nodes, states_crs=True)


def _told(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Leave out columns that say nothing of some rows: they are of the others."""
    empty = [name for name in frame.columns.drop([frame.geometry.name]) if frame[name].isna().all()]
    return frame.drop(columns=empty).reset_index(drop=True)


def _geopackage(file: Path, _folder: Path, _issues: Issues) -> _Tables:
    check_plain(file)
    return _Tables(*_tables_of(file), _geopackage_states_crs(file))


def _tables_of(file: Path) -> tuple[list[Part], list[Part]]:
    """Return the tables of pipes and of nodes; the former may be missing where there is one of the latter."""
    points = _optional(parts_of(file, "nodes")["nodes"])
    try:
        return _optional(parts_of(file, "pipes")["pipes"]), points
    except FormatError:
        if not points:
            raise
        return [], points


def _geopackage_states_crs(file: Path) -> bool:
    """Return whether a GeoPackage says of all its layers where they lie: 0 and -1 say that nobody knows."""
    with to_read(file) as database:
        found = database.execute("SELECT srs_id FROM gpkg_geometry_columns").fetchall()
    return all(row[0] not in (0, -1) for row in found)


def _workbook(file: Path, _folder: Path, _issues: Issues) -> _Tables:
    check_workbook(file)
    return _Tables(*_tables_of(file), states_crs=False)


def _drawing(file: Path, _folder: Path, _issues: Issues) -> _Tables:
    check_drawing(file)
    return _Tables([Part(file)], [], states_crs=False)


def _shapes(file: Path, folder: Path, _issues: Issues) -> _Tables:
    shapes = unpack_shapes(file, folder)
    kinds = {shape: _kind_of_shapes(shape) for shape in shapes}
    lines = [shape for shape, kind in kinds.items() if kind in _SHP_LINES]
    points = [shape for shape, kind in kinds.items() if kind in _SHP_POINTS]
    stated = [shape.with_suffix(".prj").is_file() for shape in (*lines, *points)]
    if any(stated) and not all(stated):
        raise CrsError(in_both("delivery_crs_of_some", file=file.name))
    parts = [_optional([Part(one) for one in some]) for some in (lines, points)]
    return _Tables(parts[0], parts[1], all(stated))


def _kind_of_shapes(shape: Path) -> int:
    with shape.open("rb") as stream:
        return int.from_bytes(stream.read(36)[32:], "little")


def _optional(parts: list[Part]) -> list[Part]:
    return [part._replace(optional=True) for part in parts]


def _refuse_large(file: Path, read: Delivered) -> None:
    """Refuse more than anybody builds, which all that follows would have to go through."""
    frames = [frame for frame in (read.pipes, read.nodes) if frame is not None]
    features = sum(map(len, frames))
    vertices = sum(int(shapely.get_num_coordinates(frame.geometry.to_numpy()).sum()) for frame in frames)
    if features > MOST_FEATURES or vertices > MOST_VERTICES:
        told = in_both("delivery_too_much", file=file.name, features=features, vertices=vertices)
        raise FormatError(told)


_OPENED: Final = {
    "geojson": _geojson, "gpkg": _geopackage, "xlsx": _workbook, "dxf": _drawing, "shp": _shapes,
}  # fmt: skip
