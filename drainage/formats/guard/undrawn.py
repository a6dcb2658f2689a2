"""Tables of plain columns and lines, taken over as Arrow hands them out; lines are not drawn before they are needed.

What is anything else (moments, JSON, heights, several parts, damage) is None here, and read with more care elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio

from drainage.positions.drawn_later import DrawnLater, Lines, joined_lines, lines_of

_TEXTS: Final = dict.fromkeys((pa.string(), pa.large_string()), pd.StringDtype(na_value=np.nan))
#: Rows that GDAL hands out together, and that are copied from there together; own choices.
_BATCH_ROWS: Final = 65_536
_ROWS_AT_ONCE: Final = 500_000
_TAKEN_OVER: Final = (
    pa.types.is_integer, pa.types.is_floating, pa.types.is_boolean, pa.types.is_date, pa.types.is_binary,
    pa.types.is_large_binary,
)  # fmt: skip


def read_layer_undrawn(file: Path, layer: str | None) -> gpd.GeoDataFrame | None:
    """Read lines by GDAL, as `pyogrio.read_dataframe` does."""
    options = {"layer": layer} if layer else {}
    size = min(_BATCH_ROWS, _ROWS_AT_ONCE)
    with pyogrio.open_arrow(file.resolve(), use_pyarrow=True, batch_size=size, **options) as (meta, reader):
        geometry = meta["geometry_name"] or "wkb_geometry"
        if geometry not in reader.schema.names or not all(map(_is_taken_over, reader.schema)):
            return None
        read = _read_apart(reader, geometry)
    if read is None:
        return None
    table, lines = read
    frame = table.to_pandas(self_destruct=True, split_blocks=True, types_mapper=_TEXTS.get)
    del table, read  # they must not be touched again
    frame["geometry"] = DrawnLater(lines)
    return gpd.GeoDataFrame(frame, geometry="geometry", crs=meta["crs"])


def _read_apart(reader: pa.RecordBatchReader, geometry: str) -> tuple[pa.Table, Lines] | None:
    """Read the columns and the lines; None where a line is for GEOS to read.

    GDAL's batches are copied, some at a time: one of whose columns is kept is kept with all of them, WKB included.
    """
    names = [name for name in reader.schema.names if name != geometry]
    kept = reader.schema.empty_table().select(names)
    lines: list[Lines] = []
    for batches in _some(reader):
        some = pa.Table.from_batches(batches)
        if (part := lines_of(some[geometry])) is None:
            return None
        lines.append(part)
        kept = pa.concat_tables([kept, some.select(names).combine_chunks()])
    return (kept, joined_lines(lines)) if lines else None


def _some(reader: pa.RecordBatchReader) -> Iterator[list[pa.RecordBatch]]:
    """Yield the batches of a layer, about `_ROWS_AT_ONCE` rows together."""
    batches: list[pa.RecordBatch] = []
    for batch in reader:
        batches.append(batch)
        if sum(map(len, batches)) >= _ROWS_AT_ONCE:
            yield batches
            batches = []
    if batches:
        yield batches


def read_parquet_undrawn(file: Path) -> gpd.GeoDataFrame | None:
    """Read lines from GeoParquet, as `geopandas.read_parquet` does, which is shown the table without its rows."""
    schema = pq.read_schema(file)
    said = (schema.metadata or {}).get(b"geo", b"")
    if not said or b"covering" in said:
        return None
    empty = BytesIO()
    pq.write_table(schema.empty_table(), empty)
    empty.seek(0)
    frame = gpd.read_parquet(empty)  # type: ignore[arg-type] # the stubs know paths alone
    geometry = str(frame.geometry.name)
    if (frame.dtypes == "geometry").sum() != 1 or not pa.types.is_binary(schema.field(geometry).type):
        return None
    table = pq.read_table(file)
    lines = lines_of(table[geometry])
    if lines is None:
        return None
    table = table.drop_columns(geometry)
    whole = table.to_pandas(self_destruct=True, split_blocks=True)
    del table  # it must not be touched again
    whole.insert(list(frame.columns).index(geometry), geometry, DrawnLater(lines, frame.crs))
    whole.attrs = frame.attrs
    return gpd.GeoDataFrame(whole, geometry=geometry)


def _is_taken_over(field: pa.Field) -> bool:
    """Return whether a column needs no more than to be taken over: no moments, no JSON."""
    if field.type in _TEXTS:
        return not any(b"json" in said for said in (field.metadata or {}).values())
    return any(fits(field.type) for fits in _TAKEN_OVER)
