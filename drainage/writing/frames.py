"""Frames as they stand in files: GeoJSON in WGS 84 for everybody, GeoPackage in the metres of the network."""

from __future__ import annotations

import json
import warnings
from collections.abc import Collection
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely

from drainage.cells import Frame, column_names, plain_cells, plain_columns
from drainage.provenance import Provenance
from drainage.writing.unread import unread_database

#: Names of columns, in small letters, that a GeoPackage or its readers keep for the row and its place.
_RESERVED = frozenset({"fid", "ogc_fid", "geom", "geometry"})


def write_layer(frame: pd.DataFrame, path: Path, *, layer: str, append: bool = False) -> None:
    """Write one layer of a GeoPackage that nobody reads yet, in the frame's own CRS; an index with a name is a column.

    Any column is taken: names that a GeoPackage cannot have are changed (`column_names`), values that it cannot hold
    become text (`plain_columns`). A table without geometry becomes a table of attributes.
    """
    plain = plain_columns(with_names(index_as_column(frame), reserved=_RESERVED))
    kind = {"geometry_type": _geometry_type(plain)} if isinstance(plain, gpd.GeoDataFrame) else {}
    with unread_database():
        write_frame(plain, path, layer=layer, driver="GPKG", append=append, use_arrow=True, **kind)


def write_frame(frame: pd.DataFrame, path: Path, **options: Any) -> None:  # noqa: ANN401 - those of pyogrio
    """Write a frame that a format takes as it is."""
    with warnings.catch_warnings():
        # a schematic plan has no CRS, and nobody needs to be told again
        warnings.filterwarnings("ignore", message="'crs' was not provided")
        pyogrio.write_dataframe(frame, path, **options)


def write_provenance(provenance: Provenance, path: Path) -> None:
    """Write the table ``provenance`` (``key``, ``value``) of a GeoPackage; what is nested is JSON."""
    cells = provenance.as_cells()
    table = pd.DataFrame({"key": list(cells), "value": pd.array(list(cells.values()), dtype="str")})
    write_layer(table, path, layer="provenance", append=path.exists())


def index_as_column(frame: Frame) -> Frame:
    """Return a frame whose index, where it has a name, is its first column."""
    named = frame.index.name is not None and frame.index.name not in frame.columns
    return frame.reset_index() if named else frame.reset_index(drop=True)


def with_names(
    frame: Frame, *, reserved: Collection[str] = (), most_bytes: int | None = None, refused: str = ""
) -> Frame:
    """Return a frame whose columns are named as a format takes them; its geometry keeps its name."""
    shapes = getattr(frame, "active_geometry_name", None)
    others = [number for number, name in enumerate(frame.columns) if name != shapes]
    names = [str(name) for name in frame.columns]
    chosen = column_names([names[k] for k in others], reserved=reserved, most_bytes=most_bytes, refused=refused)
    for number, name in zip(others, chosen, strict=True):
        names[number] = name
    return frame.set_axis(names, axis=1)


def with_places(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a table for readers that know no geometry: ``lon``, ``lat`` in WGS 84 in its stead, and ``wkt`` of lines.

    Of a line or an area they are a point that lies on it. Without a CRS they are ``x``, ``y`` of the plan.
    """
    if not isinstance(frame, gpd.GeoDataFrame):
        return frame
    shapes = frame.geometry if frame.crs is None else frame.geometry.to_crs(4326)
    points = shapes.representative_point()
    names = ("x", "y") if frame.crs is None else ("lon", "lat")
    places = {name: axis.round(7) for name, axis in zip(names, (points.x, points.y), strict=True)}
    if not shapes.geom_type.dropna().eq("Point").all():
        places["wkt"] = pd.Series(shapely.to_wkt(np.asarray(shapes), rounding_precision=7), frame.index, dtype="str")
    table = pd.DataFrame(frame.drop(columns=frame.geometry.name))
    return table.assign(**{name: values for name, values in places.items() if name not in table})


def to_geojson(frame: gpd.GeoDataFrame, *, provenance: Provenance | None = None) -> str:
    """Return a FeatureCollection (RFC 7946) as text: WGS 84 with 7 decimals (about 1 cm), dates as ISO text.

    Parameters
    ----------
    provenance
        A member of the collection; its notice stands beside ``"synthetic": true`` too.
    """
    return json.dumps(geojson_document(frame, provenance=provenance), ensure_ascii=False, allow_nan=False)


def geojson_document(frame: gpd.GeoDataFrame, *, provenance: Provenance | None = None) -> dict[str, Any]:
    """Return the FeatureCollection of `to_geojson` as a dictionary."""
    if frame.crs is not None:
        frame = frame.to_crs(4326)
    geometry = frame.geometry.to_numpy()
    if frame.crs is not None:
        geometry = shapely.set_precision(geometry, 1e-7, mode="pointwise")
    shapes = [None if text is None else json.loads(text) for text in shapely.to_geojson(np.asarray(geometry))]
    table = pd.DataFrame(frame.drop(columns=frame.geometry.name))
    columns = {str(name): plain_cells(table.iloc[:, k]) for k, name in enumerate(table.columns)}
    rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    rows = rows or [{} for _ in shapes]
    features = [
        {"type": "Feature", "properties": row, "geometry": shape} for row, shape in zip(rows, shapes, strict=True)
    ]
    said: dict[str, object] = {}
    if provenance is not None:
        said = {"synthetic": True, "notice": provenance.notice} if provenance.notice else {}
        said["provenance"] = provenance.as_dict()
    return {"type": "FeatureCollection", **said, "features": features}


def _geometry_type(frame: gpd.GeoDataFrame) -> str:
    kinds = set(frame.geom_type.dropna())
    return str(kinds.pop()) if len(kinds) == 1 else "Unknown"
