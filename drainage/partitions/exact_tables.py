"""Tables as GeoParquet and back, to the last bit: index, kinds of columns, and what stands where nothing is known."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely
from geopandas.array import GeometryArray

from drainage.arrays import Rows
from drainage.errors import FormatError
from drainage.positions.wkb import shapes_in, wkb_of
from drainage.words import in_both

if TYPE_CHECKING:
    import pyarrow as pa

_KINDS: Final = b"drainage"
_GEO: Final = b"geo"
#: Rows of a large table that are written at once (own choice).
_AT_ONCE: Final = 1 << 18


def write_exactly(table: pd.DataFrame, path: Path, row: Rows | None = None) -> None:
    """Write a table, or some of its rows block by block, with places as GeoParquet 1.1 (WKB).

    Cells of columns of objects that are no texts are written as texts.
    """
    import pyarrow.parquet as pq

    chosen = slice(None) if row is None else row
    objects = {str(column): _blank_of(table[column].iloc[chosen]) for column in table if table[column].dtype == object}
    told: dict[str, Any] = {"objects": objects}
    beside = {}
    if isinstance(table, gpd.GeoDataFrame):
        name = str(table.geometry.name)
        places = table.geometry.values[chosen]  # noqa: PD011 - shapes that need not be drawn
        told |= {"geometry": name, "at": list(table.columns).index(name), "crs": table.crs and table.crs.to_wkt()}
        beside[_GEO] = json.dumps(_geo(name, places, table.crs)).encode()
    beside[_KINDS] = json.dumps(told).encode()
    blocks = iter([table] if row is None else (table.iloc[row[at : at + _AT_ONCE]] for at in _begins(len(row))))
    first = _arrow(next(blocks), objects)
    schema = first.schema.with_metadata({**first.schema.metadata, **beside})
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        writer.write_table(first)
        del first
        for block in blocks:
            writer.write_table(_arrow(block, objects))


def _begins(count: int) -> range:
    return range(0, max(count, 1), _AT_ONCE)


def _arrow(table: pd.DataFrame, objects: Iterable[str]) -> pa.Table:
    import pyarrow as pa

    placed = isinstance(table, gpd.GeoDataFrame)
    plain = pd.DataFrame(table.drop(columns=table.geometry.name) if placed else table)
    arrow = pa.Table.from_pandas(plain.assign(**{name: _texts(plain[name]) for name in objects}))
    if isinstance(table, gpd.GeoDataFrame):
        arrow = arrow.append_column(str(table.geometry.name), wkb_of(table.geometry.values))
    return arrow


def read_exactly(path: Path, columns: list[str] | None = None) -> pd.DataFrame:
    """Read what `write_exactly` wrote, or some of its columns.

    Raises
    ------
    FormatError
        The file is missing, cut or changed.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        schema = pq.read_schema(path)
        told = json.loads(schema.metadata[_KINDS])
        placed = told.get("geometry")
        plain = [name for name in columns or schema.names if name != placed]
        # each column of Arrow is let go as soon as it is one of the table
        table = pd.DataFrame(
            pq.read_table(path, columns=plain, use_pandas_metadata=True).to_pandas(
                split_blocks=True, self_destruct=True
            )
        )
        table = _with_blanks(table, told["objects"])
        if placed in (columns or schema.names):
            table = _placed(table, pq.read_table(path, columns=[placed])[placed], told)
    except (OSError, pa.ArrowException, LookupError, TypeError, ValueError, shapely.errors.GEOSException) as error:
        raise FormatError(in_both("piece_damaged", file=path, why=error)) from error
    return table


def _with_blanks(table: pd.DataFrame, objects: dict[str, str]) -> pd.DataFrame:
    """Return a table whose columns of objects hold each text once, and say as before where nothing is known."""
    for column, blank in objects.items():
        if column in table:
            number, words = pd.factorize(table[column])
            cells = np.array([*words, np.nan if blank == "nan" else None], dtype=object)
            table[column] = pd.Series(cells[number], index=table.index, dtype=object)
    return table


def _placed(table: pd.DataFrame, wkb: pa.ChunkedArray, told: dict[str, Any]) -> gpd.GeoDataFrame:
    crs = None if told["crs"] is None else pyproj.CRS.from_wkt(told["crs"])
    name = told["geometry"]
    table.insert(min(told["at"], table.shape[1]), name, gpd.GeoSeries(shapes_in(wkb, crs), index=table.index))
    return gpd.GeoDataFrame(table, geometry=name, crs=crs)


def _blank_of(column: pd.Series) -> str:
    """Return what stands in the first cell of a column of which nothing is known."""
    missing = column[column.isna()]
    return "nan" if len(missing) and isinstance(missing.iloc[0], float) else "none"


def _texts(column: pd.Series) -> pd.Series:
    return column.where(column.notna(), None).map(str, na_action="ignore").astype("str")


def _geo(name: str, places: GeometryArray, crs: pyproj.CRS | None) -> dict[str, Any]:
    """Return what GeoParquet says of the places of a table."""
    kinds = sorted(pd.Series(places.geom_type, dtype=object).dropna().unique())
    known = None if crs is None else json.loads(crs.to_json())
    column = {"encoding": "WKB", "geometry_types": kinds, "crs": known}
    return {"version": "1.1.0", "primary_column": name, "columns": {name: column}}
