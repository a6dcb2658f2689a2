"""Tables without places that say more of pipes or nodes which other files hold: joined by the ids that match."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd

from drainage.errors import FormatError
from drainage.formats.containers import Part
from drainage.formats.guard.before_opening import check_path
from drainage.formats.guard.gdal import read_file
from drainage.formats.tables.survey import TABLE_ENDINGS, read_table
from drainage.intake.read_layers import LayerReader, Table
from drainage.said import joined
from drainage.schema.columns import as_text
from drainage.schema.ids import KnownIds
from drainage.schema.layers import LAYERS
from drainage.words import coded, in_both

_JSON = {".json", ".geojson"}
_FIRST_ROWS = 1000
_MOST = 0.5  # ids of most rows found letter by letter leave no doubt which column holds them; a choice of ours


class _Key(NamedTuple):
    """The layer that a table speaks of, the column that names its features, and the share of rows that match."""

    layer: str
    column: str
    share: float


def fill_from_tables(
    parts: Sequence[Part], pipes: gpd.GeoDataFrame, nodes: gpd.GeoDataFrame | None, reader: LayerReader
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame | None]:
    """Fill what pipes and nodes do not say from tables that say it, such as inverts kept apart from the lines.

    The column of ids is the one whose values are found among the ids of pipes or of nodes most often. A value that the
    layer itself has is kept.

    Raises
    ------
    FormatError
        The file is not a table, or no column of it holds ids of the network.
    """
    layers = {"pipes": pipes} if nodes is None else {"pipes": pipes, "nodes": nodes}
    for part in parts:
        table = read_rows(part.path, reader)
        key = _key(table, layers)
        if key is None:
            raise FormatError(in_both("no_key_column", place=part.place, columns=", ".join(map(str, table))))
        layers[key.layer] = _filled(layers[key.layer], table, key, part, reader)
    return layers["pipes"], layers.get("nodes")


def read_rows(path: Path, reader: LayerReader) -> pd.DataFrame:
    """Read the attributes of a CSV, a workbook, a GeoJSON, an ArcGIS answer or any layer; geometry is passed over.

    Raises
    ------
    FormatError
        The file is not a table.
    """
    file = check_path(path)
    suffix = file.suffix.lower()
    if suffix in TABLE_ENDINGS:
        heading_row = reader.mapping.heading_row.get("all")
        return read_table(file, heading_row=heading_row, names=reader.mapping.names, issues=reader.issues)
    if suffix not in _JSON:
        return pd.DataFrame(read_file(file, geometry=False))
    try:
        content = json.loads(file.read_text(encoding="utf-8-sig"))
        features = content["features"] if isinstance(content, dict) else content
        rows = [row.get("properties") or row.get("attributes") or {} for row in features]
    except (ValueError, KeyError, AttributeError, TypeError, RecursionError) as error:
        raise FormatError(in_both("no_rows_for", file=file.name, error=error)) from error
    if not any(rows):
        raise FormatError(in_both("rows_wanted", file=file.name))
    return pd.DataFrame(rows)


def _key(table: pd.DataFrame, layers: dict[str, gpd.GeoDataFrame]) -> _Key | None:
    first, best = table.head(_FIRST_ROWS), None
    ids = {name: as_text(first[name]).dropna() for name in first}
    for known in (dict.fromkeys(layers), {layer: KnownIds(frame.index) for layer, frame in layers.items()}):
        found = [
            _Key(layer, str(name), _share(text, frame.index, known[layer], len(first)))
            for layer, frame in layers.items()
            for name, text in ids.items()
            if len(text)
        ]
        best = max(found, key=lambda key: key.share, default=None)
        if best is not None and best.share >= _MOST:
            return best
    return best if best is not None and best.share > 0 else None


def _share(text: pd.Series, ids: pd.Index, known: KnownIds | None, n_rows: int) -> float:
    """Return the share of rows with a known id, spelt exactly or, given the known ids, in any way."""
    return float(np.count_nonzero(text.isin(ids) if known is None else known.find(text) >= 0)) / n_rows


def _filled(
    frame: gpd.GeoDataFrame, table: pd.DataFrame, key: _Key, part: Part, reader: LayerReader
) -> gpd.GeoDataFrame:
    places = gpd.GeoSeries(np.full(len(table), None), index=table.index, crs=frame.crs)
    rows = Table(part, part.place, gpd.GeoDataFrame(table, geometry=places), reader.metres_per_unit[key.layer])
    kind = key.layer[:-1]
    word = coded("feature_kind", kind)
    why = in_both("values_are_ids", kind=word, share=key.share)
    conformed = reader.conform_side(key.layer, rows, key.column, why)
    written = conformed[LAYERS[key.layer].id]
    row = KnownIds(frame.index).find(written)
    ids = written.where(row < 0, pd.Series(frame.index.astype("str").take(row), index=written.index))
    other = np.asarray((row >= 0) & (ids != written))
    reasons = [in_both("feature_written_otherwise_in", name=name, file=part.place) for name in ids[other]]
    reader.issues.add("spelling", "info", kind, written[other], reasons, in_both("joined_to_it", kind=word))
    number = ids.groupby(ids).cumcount()
    ids = (ids + "~" + (number + 1).astype("str")).where(number > 0, ids)  # as repeated ids of pipes are named
    unknown = ids[~ids.isin(frame.index) & ids.notna()]
    reason = in_both("named_in_no_layer", file=part.place)
    reader.issues.add("unknown_in_table", "warning", kind, unknown, reason, in_both("left_out"))
    conformed = conformed[ids.isin(frame.index)].set_axis(ids[ids.isin(frame.index)], axis=0)
    understood = [u.column for u in reader.understood[f"{key.layer}: {part.place}"] if u.column != LAYERS[key.layer].id]
    frame = frame.copy(deep=False)
    counts = []
    for column in understood:
        said = conformed[column].reindex(frame.index)
        new = frame[column].isna() & said.notna()
        frame[column] = frame[column].where(~new, said)
        counts.append(in_both("filled_column", column=column, count=int(np.count_nonzero(new))))
    reason = in_both("rows_name_features", count=len(conformed), of=len(table), kind=word, column=key.column)
    filled = in_both("filled_columns", counts=joined(counts, ", ")) if counts else in_both("filled_nothing")
    reader.issues.add("side_table", "info", "file", [part.place], reason, filled)
    return frame
