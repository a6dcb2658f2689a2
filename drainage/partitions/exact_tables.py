"""Tables as GeoParquet and back, to the last bit: index, kinds of columns, and what stands where nothing is known."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely
from geopandas.array import GeometryArray

from drainage.errors import FormatError
from drainage.positions.wkb import shapes_in, wkb_of
from drainage.words import in_both

if TYPE_CHECKING:
    import pyarrow as pa

_KINDS: Final = b"drainage"
_GEO: Final = b"geo"


def write_exactly(table: pd.DataFrame, path: Path) -> None:
    """Write a table, with places as GeoParquet 1.1 (WKB).

    Cells of columns of objects that are no texts are written as texts.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    placed = isinstance(table, gpd.GeoDataFrame)
    plain = pd.DataFrame(table.drop(columns=table.geometry.name) if placed else table)
    objects = {str(name): _blank_of(plain[name]) for name in plain if plain[name].dtype == object}
    plain = plain.assign(**{name: _texts(plain[name]) for name in objects})
    arrow = pa.Table.from_pandas(plain)
    told: dict[str, Any] = {"objects": objects}
    metadata = dict(arrow.schema.metadata)
    if isinstance(table, gpd.GeoDataFrame):
        name, places = str(table.geometry.name), table.geometry.values  # noqa: PD011 - shapes that need not be drawn
        arrow = arrow.append_column(name, wkb_of(places))
        told |= {"geometry": name, "at": list(table.columns).index(name), "crs": table.crs and table.crs.to_wkt()}
        metadata[_GEO] = json.dumps(_geo(name, places, table.crs)).encode()
    metadata[_KINDS] = json.dumps(told).encode()
    pq.write_table(arrow.replace_schema_metadata(metadata), path, compression="zstd")


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
    pa.default_memory_pool().release_unused()
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
