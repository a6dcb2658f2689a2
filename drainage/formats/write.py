"""Frames to files: GeoJSON in WGS 84 for everybody, GeoPackage in the metres of the network."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyogrio
import shapely

if TYPE_CHECKING:
    from pathlib import Path

    import geopandas as gpd


def write_layer(
    frame: gpd.GeoDataFrame, path: Path, *, layer: str | None = None, append: bool = False, synthetic: bool = False
) -> None:
    """Write one layer; GeoJSON goes out in WGS 84 with 7 decimals (about 1 cm), a GeoPackage in the frame's own CRS."""
    plain = (
        frame.reset_index()
        if frame.index.name and frame.index.name not in frame.columns
        else frame.reset_index(drop=True)
    )
    if path.suffix == ".geojson":
        path.write_text(to_geojson(plain, synthetic=synthetic), encoding="utf-8")
        return
    for column in plain.columns:
        if column != plain.geometry.name and plain[column].dtype == object:
            plain[column] = plain[column].map(_plain_cell)
    pyogrio.write_dataframe(
        plain,
        path,
        layer=layer or "pipes",
        driver="GPKG",
        append=append,
        use_arrow=True,
        geometry_type=_geometry_type(plain),
    )


def to_geojson(frame: gpd.GeoDataFrame, *, synthetic: bool = False) -> str:
    """Return a FeatureCollection (RFC 7946) as text; dates as ISO text, missing numbers as null."""
    if frame.crs is not None:
        frame = frame.to_crs(4326)
    geometry = (
        shapely.set_precision(frame.geometry.to_numpy(), 1e-7, mode="pointwise")
        if frame.crs is not None
        else frame.geometry.to_numpy()
    )
    shapes = [None if text is None else json.loads(text) for text in shapely.to_geojson(np.asarray(geometry))]
    table = pd.DataFrame(frame.drop(columns=frame.geometry.name))
    columns = {name: [plain_value(value) for value in table[name]] for name in table.columns}
    rows = (
        [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
        if columns
        else [{} for _ in shapes]
    )
    features = [
        {"type": "Feature", "properties": row, "geometry": shape} for row, shape in zip(rows, shapes, strict=True)
    ]
    notice = {"synthetic": True, "notice": "合成演示数据 Synthetic demo data, not a real network"} if synthetic else {}
    return json.dumps(
        {"type": "FeatureCollection", **notice, "features": features}, ensure_ascii=False, allow_nan=False
    )


def plain_value(value: object) -> object:
    """Turn a cell of a frame into a value that JSON knows."""
    if value is None or value is pd.NaT or value is pd.NA:
        return None
    if isinstance(value, (float, np.floating)):
        return float(value) if np.isfinite(value) else None
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, pd.Timestamp):
        return value.date().isoformat() if value == value.normalize() else value.isoformat()
    if isinstance(value, (list, tuple, np.ndarray)):
        return [plain_value(item) for item in value]
    return value


def _plain_cell(value: object) -> object:
    cell = plain_value(value)
    return json.dumps(cell, ensure_ascii=False) if isinstance(cell, (list, dict)) else cell


def _geometry_type(frame: gpd.GeoDataFrame) -> str:
    kinds = set(frame.geom_type.dropna())
    return kinds.pop() if len(kinds) == 1 else "Unknown"
