"""What a written network says of itself, beside its layers: which column is which, of what type, and what was found.

With it the layers come back as they were. Where somebody edited a value since, or added a column or a pipe, they are
read like any delivery: a status that was changed in a GIS counts, and a number that cannot be is found.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, TypedDict, cast

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely
from geopandas.array import GeometryDtype

from drainage.cells import as_text, plain_columns, plain_value
from drainage.errors import FormatError, TopologyError
from drainage.formats.guard.gdal import list_layers, read_file
from drainage.network import DrainageNetwork
from drainage.origin import Origin
from drainage.said import Said
from drainage.schema import ISSUE_COLUMNS

MARK: Final = "drainage_network"
_VERSION: Final = 2
_MISSING: Final[dict[str, object]] = {"None": None, "nan": np.nan, "NaT": pd.NaT, "<NA>": pd.NA}

#: What is kept of the origin.
_TOLD: Final = ("crs", "filled", "as_of")
#: Types of columns that come back as they were, whatever they are stored as; others come back as they are stored.
_RESTORED: Final = (
    type(np.dtype("O")), pd.CategoricalDtype, pd.BooleanDtype, pd.Int64Dtype, pd.Float64Dtype,
)  # fmt: skip

_READERS: Final[dict[str, Callable[[str], object]]] = {
    "str": str,
    "int": int,
    "float": float,
    "bool": {"True": True, "False": False}.__getitem__,
    "date": dt.date.fromisoformat,
    "Timestamp": pd.Timestamp,
    "list": json.loads,
    "dict": json.loads,
}


class _Column(TypedDict):
    """How a column was; ``cells`` has the type of each object, once where they are of one type."""

    name: str
    type: str
    cells: list[str]


class _Layer(TypedDict):
    """How a table was before it became a layer."""

    index: str | None
    index_type: str
    columns: list[_Column]
    geometry: str


class _Said(TypedDict):
    """What stands in the table beside the layers."""

    version: int
    digest: str
    layers: dict[str, _Layer]
    synthetic: bool
    inputs: dict[str, Any]
    issues: list[list[str | list[str]]]  # a text in both languages is English and Chinese


def layers_of(net: DrainageNetwork) -> dict[str, gpd.GeoDataFrame]:
    """Return all tables of a network with geometry, by name; pipes first."""
    areas = {} if net.catchments is None else {"catchments": net.catchments}
    return {"pipes": net.pipes, "nodes": net.nodes, **net.layers, **areas}


def described(net: DrainageNetwork) -> tuple[dict[str, gpd.GeoDataFrame], pd.DataFrame]:
    """Return the layers of a network as they are stored, and the table `MARK` that stands beside them."""
    layers = {name: plain_columns(table, but=_RESTORED) for name, table in layers_of(net).items()}
    said: _Said = {
        "version": _VERSION,
        "digest": _digest(layers),
        "layers": {name: _describe(table) for name, table in layers.items()},
        "synthetic": net.synthetic,
        "inputs": {name: plain_value(told) for name in _TOLD if (told := getattr(net.origin, name)) is not None},
        "issues": [
            [[cell, cell.chinese] if isinstance(cell, Said) else str(cell) for cell in row]
            for row in net.issues.to_numpy()
        ],
    }
    stored = {name: _storable(table) for name, table in layers.items()}
    return stored, pd.DataFrame({"said": [json.dumps(said, ensure_ascii=False)]})


def read_back(path: Path) -> DrainageNetwork | None:
    """Read a network that `write_network` wrote; None where the file is another, or was edited since."""
    if not is_marked(path):
        return None
    try:
        said = _said(path)
        tables = {str(name): _restore(path, name, how) for name, how in said["layers"].items()}
        if said["version"] != _VERSION or said["digest"] != _digest(tables):
            return None
        told: dict[str, Any] = {name: said["inputs"].get(name) for name in _TOLD}
        return DrainageNetwork(
            tables.pop("pipes"),
            tables.pop("nodes"),
            catchments=tables.pop("catchments", None),
            issues=_issues(said["issues"]),
            synthetic=bool(said["synthetic"]),
            layers=tables,
            origin=Origin(name=str(path), **told),
        )
    except (FormatError, TopologyError, pyproj.exceptions.ProjError, RuntimeError):
        return None
    except (LookupError, ValueError, TypeError, AttributeError, ArithmeticError):  # a description edited by hand
        return None


def is_marked(path: Path) -> bool:
    """Return whether a file is marked as written by `write_network`."""
    if path.suffix.lower() != ".gpkg" or not path.is_file():
        return False
    try:
        return MARK in list_layers(path)
    except FormatError:
        return False


def _issues(rows: list[list[str | list[str]]]) -> pd.DataFrame:
    """Return the table of issues; its other columns are texts."""
    cells = [[Said(*cell) if isinstance(cell, list) else cell for cell in row] for row in rows]
    issues = pd.DataFrame(cells, columns=list(ISSUE_COLUMNS), dtype=object)
    return issues.astype(dict.fromkeys(issues.columns.drop(["reason", "action"]), "str"))


def _digest(tables: Mapping[str, gpd.GeoDataFrame]) -> str:
    """Return what no edited value leaves as it is: the SHA-256 of all cells, by layer and column."""
    digest = hashlib.sha256()
    for name, table in sorted((name, _storable(table)) for name, table in tables.items()):
        digest.update(f"{name} {len(table)} {table.index.name!r}".encode())
        for column, cells in [("index", table.index.to_series()), *table.items()]:
            digest.update(str(column).encode())
            digest.update(_bytes_of(cells))
    return digest.hexdigest()


def _bytes_of(cells: pd.Series) -> bytes:
    if isinstance(cells.dtype, GeometryDtype):
        shapes = shapely.to_wkb(np.asarray(cells.array), output_dimension=3, byte_order=1)
        return b"\x00".join(shape or b"" for shape in shapes)
    if cells.dtype.kind in "fiub":
        return cells.to_numpy(dtype=np.float64, na_value=np.nan).tobytes()
    codes, words = pd.factorize(cells.astype("str"))
    return codes.astype(np.int64).tobytes() + "\x00".join(map(str, words)).encode()


def _describe(table: gpd.GeoDataFrame) -> _Layer:
    return {
        "index": None if table.index.name is None else str(table.index.name),
        "index_type": str(table.index.dtype),
        "columns": [_describe_column(table[name]) for name in table.columns],
        "geometry": str(table.geometry.name),
    }


def _describe_column(column: pd.Series) -> _Column:
    """Describe the type of a column and, where it holds objects, of each cell."""
    types = [_type_word(cell) for cell in column] if column.dtype == object else []
    alike = len(set(types)) <= 1
    return {"name": str(column.name), "type": str(column.dtype), "cells": types[:1] if alike else types}


def _type_word(cell: object) -> str:
    if not isinstance(cell, (list, dict)) and pd.isna(cell):  # type: ignore[call-overload]  # a cell, not an array
        return str(cell)
    return type(cell).__name__


def _storable(table: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return a table with objects of any type as text; an index without a name is not stored, so rows are counted."""
    if table.index.name is None:
        table = table.reset_index(drop=True)
    texts = {
        str(name): pd.Series([_text(cell) for cell in table[name]], index=table.index, dtype="str")
        for name in table.columns
        if table[name].dtype == object
    }
    return table.assign(**texts)


def _text(cell: object) -> str | None:
    if isinstance(cell, (list, dict)):
        return as_text(plain_value(cell))
    if pd.isna(cell):  # type: ignore[call-overload]  # a cell, not an array
        return None
    if isinstance(cell, dt.date):
        return cell.isoformat()
    return str(cell) if type(cell).__name__ in _READERS else as_text(plain_value(cell))


def _said(path: Path) -> _Said:
    return cast("_Said", json.loads(read_file(path, MARK, geometry=False)["said"].iloc[0]))


def _restore(path: Path, layer: str, how: _Layer) -> gpd.GeoDataFrame:
    """Read a layer into the columns and types that it had."""
    read = cast("gpd.GeoDataFrame", read_file(path, layer))
    index, geometry = how["index"], how["geometry"]
    plain = [column["name"] for column in how["columns"] if column["name"] != geometry]
    found = list(read.columns.drop([read.geometry.name]))
    names = plain if index is None or index in plain else [index, *plain]
    if len(found) != len(names):
        raise ValueError(layer)
    data = {name: read[stored] for name, stored in zip(names, found, strict=True)} | {geometry: read.geometry}
    frame = gpd.GeoDataFrame(
        {column["name"]: _retype(data[column["name"]], column) for column in how["columns"]},
        geometry=geometry,
        crs=read.crs,
    )
    labels = pd.RangeIndex(len(read)) if index is None else pd.Index(data[index], dtype=how["index_type"])
    return frame.set_axis(labels.rename(index), axis=0)


def _retype(column: pd.Series, how: _Column) -> pd.Series:
    if how["type"] == "geometry":
        return column
    if how["type"] != "object":
        return column if str(column.dtype) == how["type"] else pd.Series(column, dtype=how["type"])
    types = how["cells"] * len(column) if len(how["cells"]) == 1 else how["cells"]
    cells = [_cell(text, word) for text, word in zip(column.astype(object), types, strict=True)]
    return pd.Series(cells, index=column.index, dtype=object)


def _cell(text: object, word: str) -> object:
    """Read a cell as what it was; a text that somebody wrote over it stays a text."""
    if pd.isna(text):  # type: ignore[call-overload]  # a cell, not an array
        return _MISSING.get(word)
    try:
        return _READERS.get(word, str)(str(text))
    except (ValueError, KeyError):
        return text
