"""Frames as they stand in files: GeoJSON in WGS 84 for everybody, GeoPackage in the metres of the network."""

from __future__ import annotations

import json
import warnings
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyogrio
import shapely

if TYPE_CHECKING:
    from pathlib import Path

    import geopandas as gpd


def write_layer(frame: gpd.GeoDataFrame, path: Path, *, layer: str, append: bool = False) -> None:
    """Write one layer of a GeoPackage in the frame's own CRS; an index with a name becomes a column.

    A GeoPackage takes no two columns that differ only by case: the later one gets a suffix. Values of several types in
    one column are written as text.
    """
    named = frame.index.name is not None and frame.index.name not in frame.columns
    plain = frame.reset_index() if named else frame.reset_index(drop=True)
    plain = plain_columns(plain.set_axis(_apart(plain.columns), axis=1))
    with warnings.catch_warnings():
        # a schematic plan has no CRS, and nobody needs to be told again
        warnings.filterwarnings("ignore", message="'crs' was not provided")
        pyogrio.write_dataframe(
            plain, path, layer=layer, driver="GPKG", append=append, use_arrow=True, geometry_type=_geometry_type(plain)
        )


def plain_columns(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return a frame whose columns hold values of one type each; what is mixed or nested becomes text."""
    columns = [c for c in frame.columns.drop([frame.geometry.name]) if pd.api.types.is_object_dtype(frame[c])]
    return frame.assign(**{str(column): _plain_column(frame[column]) for column in columns})


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
    columns = {str(name): [plain_value(value) for value in table[name]] for name in table.columns}
    rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    rows = rows or [{} for _ in shapes]
    features = [
        {"type": "Feature", "properties": row, "geometry": shape} for row, shape in zip(rows, shapes, strict=True)
    ]
    said = {"synthetic": True, "notice": notice} if notice else {}
    return json.dumps({"type": "FeatureCollection", **said, "features": features}, ensure_ascii=False, allow_nan=False)


def plain_value(value: object) -> object:
    """Turn a cell of a frame into a value that JSON knows."""
    if isinstance(value, dict):
        return {str(key): plain_value(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, np.ndarray)):
        return [plain_value(item) for item in value]
    if value is None or value is pd.NaT or value is pd.NA:
        return None
    if isinstance(value, (float, np.floating)):
        return float(value) if np.isfinite(value) else None
    if isinstance(value, pd.Timestamp):
        return value.date().isoformat() if value == value.normalize() else value.isoformat()
    return value.item() if isinstance(value, np.generic) else value


def short_numbers(value: object) -> object:
    """Round the floats of a plain value for readers: six digits, and three decimals of what is 1000 or more.

    Examples
    --------
    >>> short_numbers({"share": 1 / 3, "volume_m3": 1234567.891234, "whole": 3.0})
    {'share': 0.333333, 'volume_m3': 1234567.891, 'whole': 3.0}
    """
    if isinstance(value, dict):
        return {key: short_numbers(item) for key, item in value.items()}
    if isinstance(value, list):
        return [short_numbers(item) for item in value]
    if isinstance(value, float):
        return round(value, 3) if abs(value) >= 1000.0 else float(f"{value:.6g}")
    return value


def _apart(names: pd.Index) -> list[str]:
    lower = pd.Series(names.astype(str).str.lower())
    number = lower.groupby(lower).cumcount().to_numpy()
    return [name if k == 0 else f"{name}_{k + 1}" for name, k in zip(names.astype(str), number, strict=True)]


def _plain_column(values: pd.Series) -> pd.Series:
    cells = values.map(plain_value)
    kinds = {type(cell) for cell in cells if cell is not None}
    if len(kinds) <= 1 and not kinds & {list, dict}:
        return cells
    return cells.map(_text, na_action="ignore")


def _text(cell: object) -> str:
    return cell if isinstance(cell, str) else json.dumps(cell, ensure_ascii=False)


def _geometry_type(frame: gpd.GeoDataFrame) -> str:
    kinds = set(frame.geom_type.dropna())
    return str(kinds.pop()) if len(kinds) == 1 else "Unknown"
