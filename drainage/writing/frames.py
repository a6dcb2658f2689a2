"""Frames as they stand in files: GeoJSON in WGS 84 for everybody, GeoPackage in the metres of the network."""

from __future__ import annotations

import json
import warnings
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyogrio
import shapely

from drainage.cells import column_names, plain_cells, plain_columns

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    import geopandas as gpd


#: Names of columns, in small letters, that a GeoPackage or its readers keep for the row and its place.
_RESERVED = frozenset({"fid", "ogc_fid", "geom", "geometry"})


def write_layer(frame: gpd.GeoDataFrame, path: Path, *, layer: str, append: bool = False) -> None:
    """Write one layer of a GeoPackage in the frame's own CRS; an index with a name becomes a column.

    Any column is taken: names that a GeoPackage cannot have are changed (`column_names`), values that it cannot hold
    become text (`plain_columns`).
    """
    named = frame.index.name is not None and frame.index.name not in frame.columns
    own = frame.reset_index() if named else frame.reset_index(drop=True)
    plain = plain_columns(with_names(own, reserved=_RESERVED))
    with warnings.catch_warnings():
        # a schematic plan has no CRS, and nobody needs to be told again
        warnings.filterwarnings("ignore", message="'crs' was not provided")
        pyogrio.write_dataframe(
            plain, path, layer=layer, driver="GPKG", append=append, use_arrow=True, geometry_type=_geometry_type(plain)
        )


def with_names(
    frame: gpd.GeoDataFrame, *, reserved: Collection[str] = (), most_bytes: int | None = None, refused: str = ""
) -> gpd.GeoDataFrame:
    """Return a frame whose columns are named as a format takes them; its geometry keeps its name."""
    shapes = frame.geometry.name
    others = [number for number, name in enumerate(frame.columns) if name != shapes]
    names = [str(name) for name in frame.columns]
    chosen = column_names([names[k] for k in others], reserved=reserved, most_bytes=most_bytes, refused=refused)
    for number, name in zip(others, chosen, strict=True):
        names[number] = name
    return frame.set_axis(names, axis=1)


def to_geojson(frame: gpd.GeoDataFrame, *, notice: str | None = None) -> str:
    """Return a FeatureCollection (RFC 7946) as text: WGS 84 with 7 decimals (about 1 cm), dates as ISO text.

    Parameters
    ----------
    notice
        Stands in the collection, beside ``"synthetic": true``.
    """
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
    said = {"synthetic": True, "notice": notice} if notice else {}
    return json.dumps({"type": "FeatureCollection", **said, "features": features}, ensure_ascii=False, allow_nan=False)


def _geometry_type(frame: gpd.GeoDataFrame) -> str:
    kinds = set(frame.geom_type.dropna())
    return str(kinds.pop()) if len(kinds) == 1 else "Unknown"
