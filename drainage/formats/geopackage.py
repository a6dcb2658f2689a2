"""A network to one GeoPackage and back, nothing lost: a file of ours is taken at its word, not understood anew.

Beside the layers stands a table `drainage_network` that says which column is which and of what type. Where the layers
do not fit it any more, because somebody added a column or a pipe between nodes that are not there, or where they lack
a column that we know by now, they are read like any other delivery.
"""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypedDict, cast

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pyproj

from drainage.errors import CrsError, FormatError, TopologyError
from drainage.formats.files import ENDINGS, write_files
from drainage.formats.gdal import list_layers, read_file
from drainage.formats.postgis import is_database, write_tables
from drainage.network import DrainageNetwork
from drainage.schema import ISSUE_COLUMNS, NODE_COLUMNS, PIPE_COLUMNS, SYSTEMS, Issues
from drainage.schema.issues import RowNames
from drainage.schema.ranges import NUMBERS, keep_in_range
from drainage.writing import plain_value, replacing_file, write_layer

if TYPE_CHECKING:
    from collections.abc import Callable

_MARK: Final = "drainage_network"
_VERSION: Final = 1
_RESERVED: Final = ("fid", "ogc_fid", "geom")  # names that a GeoPackage keeps for itself
_MISSING: Final[dict[str, object]] = {"None": None, "nan": np.nan, "NaT": pd.NaT, "<NA>": pd.NA}

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
    layers: dict[str, _Layer]
    synthetic: bool
    inputs: dict[str, object]
    issues: list[list[str]]


def write_network(net: DrainageNetwork, target: str | Path, *, force: bool = False) -> None:
    """Write a network: ``.gpkg`` keeps all of it; ``.geojson``, ``.fgb``, ``.parquet``, ``.shp`` a file a layer.

    The URL of a PostGIS database takes its tables.

    Raises
    ------
    FormatError
        What would be replaced exists and ``force`` is False; the ending is another; no database answers.
    CrsError
        The network is a schematic plan, whose coordinates lie nowhere.
    """
    if isinstance(target, str) and is_database(target):
        write_tables(net, target, force=force)
    elif Path(target).suffix.lower() in ENDINGS:
        write_files(net, Path(target), force=force)
    else:
        write_geopackage(net, target, force=force)


def write_geopackage(net: DrainageNetwork, path: str | Path, *, force: bool = False) -> Path:
    """Write pipes, nodes and what lies beside them as layers of a GeoPackage; `read_network` gives the same network.

    Values keep their ``*_source`` marks: what was filled before is not taken for recorded afterwards.

    Raises
    ------
    FormatError
        The file exists and ``force`` is False, or its ending is not ``.gpkg``.
    CrsError
        The network is a schematic plan, whose coordinates lie nowhere.
    """
    if net.crs is None:
        msg = f"{net.source or 'the network'}: a schematic plan without a coordinate system cannot be read back"
        raise CrsError(f"{msg} from a GeoPackage; keep the .inp, or give the nodes coordinates")
    layers = {"pipes": net.pipes, "nodes": net.nodes, **net.layers}
    if net.catchments is not None:
        layers["catchments"] = net.catchments
    said: _Said = {
        "version": _VERSION,
        "layers": {name: _describe(table) for name, table in layers.items()},
        "synthetic": net.synthetic,
        "inputs": {name: plain_value(net.inputs[name]) for name in ("crs", "filled", "as_of") if name in net.inputs},
        "issues": net.issues.astype(str).to_numpy().tolist(),
    }
    with replacing_file(path, ending=".gpkg", force=force) as part:
        for name, table in layers.items():
            write_layer(_storable(table), part, layer=name, append=part.exists())
        mark = pd.DataFrame({"said": [json.dumps(said, ensure_ascii=False)]})
        pyogrio.write_dataframe(mark, part, layer=_MARK, driver="GPKG", append=True)
    return Path(path)


def read_back(path: Path) -> DrainageNetwork | None:
    """Read a network that `write_network` wrote; None where the file is another, or was changed in its structure."""
    if path.suffix.lower() != ".gpkg" or not path.is_file():
        return None
    try:
        said = _said(path)
        if said is None:
            return None
        tables = {str(name): _restore(path, name, how) for name, how in said["layers"].items()}
        issues = pd.DataFrame(said["issues"], columns=list(ISSUE_COLUMNS), dtype="str")
        return _as_it_was(tables, issues, said, path) if _is_ours(tables) else None
    except (FormatError, TopologyError, pyproj.exceptions.ProjError, RuntimeError):
        return None
    except (LookupError, ValueError, TypeError, AttributeError, ArithmeticError):  # a description edited by hand
        return None


def _is_ours(tables: dict[str, gpd.GeoDataFrame]) -> bool:
    """Tell whether the layers are still what a network is made of: columns, types of numbers, lines and points."""
    pipes, nodes = tables["pipes"], tables["nodes"]
    numbers = [table[name] for layer, table in tables.items() for name in NUMBERS.get(layer, ()) if name in table]
    return (
        set(PIPE_COLUMNS) <= set(pipes)
        and set(NODE_COLUMNS) <= set(nodes)
        and pipes.crs is not None
        and pipes.crs.is_projected
        and all(pd.api.types.is_float_dtype(number) for number in numbers)
        and bool(pipes["system"].isin(SYSTEMS).all())
        and not (set(pipes.geom_type.dropna()) - {"LineString"} or set(nodes.geom_type.dropna()) - {"Point"})
    )


def _as_it_was(tables: dict[str, gpd.GeoDataFrame], issues: pd.DataFrame, said: _Said, path: Path) -> DrainageNetwork:
    """Make the network of its layers; their values may have been edited, so each must again be one that can be."""
    found = Issues()
    for layer, table in tables.items():
        before = {name: table[name].isna() for name in NUMBERS.get(layer, ()) if name in table}
        keep_in_range(table, layer, RowNames(pd.Series(table.index.astype("str")), len(table)), found)
        for name, missing in before.items():
            lost = table[name].isna() & ~missing
            mark = f"{name.removesuffix('_mm').removesuffix('_m')}_source"
            if mark in table and lost.any():
                table[mark] = table[mark].astype(object).mask(lost, None)
    pipes = tables.pop("pipes")
    drawn = pipes["length_m"].isna()
    if drawn.any():
        pipes["length_m"] = pipes["length_m"].where(~drawn, pipes.geometry.length)
        pipes["length_source"] = pipes["length_source"].astype(object).mask(drawn, "geometry")
    return DrainageNetwork(
        pipes,
        tables.pop("nodes"),
        catchments=tables.pop("catchments", None),
        issues=pd.concat([found.frame(), issues], ignore_index=True) if len(found.frame()) else issues,
        source=str(path),
        synthetic=bool(said["synthetic"]),
        layers=tables,
        inputs=dict(said["inputs"]),
    )


def _describe(table: gpd.GeoDataFrame) -> _Layer:
    return {
        "index": None if table.index.name is None else str(table.index.name),
        "index_type": str(table.index.dtype),
        "columns": [_describe_column(table[name]) for name in table.columns],
        "geometry": str(table.geometry.name),
    }


def _describe_column(column: pd.Series) -> _Column:
    """Say of what type a column is and, where it holds objects, of what type each cell."""
    types = [_type_word(cell) for cell in column] if column.dtype == object else []
    alike = len(set(types)) <= 1
    return {"name": str(column.name), "type": str(column.dtype), "cells": types[:1] if alike else types}


def _type_word(cell: object) -> str:
    if not isinstance(cell, (list, dict)) and pd.isna(cell):  # type: ignore[call-overload]  # a cell, not an array
        return str(cell)
    return type(cell).__name__


def _storable(table: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return a table with names that a GeoPackage takes, and objects of any type as text."""
    texts = {
        str(name): pd.Series([_text(cell) for cell in table[name]], index=table.index, dtype="str")
        for name in table.columns
        if table[name].dtype == object
    }
    names = {column: f"{column}_recorded" for column in table.columns if str(column).lower() in _RESERVED}
    return table.assign(**texts).rename(columns=names)


def _text(cell: object) -> str | None:
    if isinstance(cell, (list, dict)):
        return json.dumps(cell, ensure_ascii=False, default=str)
    if pd.isna(cell):  # type: ignore[call-overload]  # a cell, not an array
        return None
    return cell.isoformat() if isinstance(cell, dt.date) else str(cell)


def _said(path: Path) -> _Said | None:
    if _MARK not in list_layers(path):
        return None
    said = json.loads(read_file(path, _MARK, geometry=False)["said"].iloc[0])
    return cast("_Said", said) if said["version"] == _VERSION else None


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
