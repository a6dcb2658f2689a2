"""Tables as the analyses expect them: every column there, of one type, in one unit, each value inside its range."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd

from drainage.errors import SchemaError
from drainage.schema import codes, values
from drainage.schema.columns import (
    ALIASES,
    METRES_PER_UNIT,
    Named,
    Understood,
    as_text,
    fill_from_others,
    understand_columns,
)
from drainage.schema.dates import REMEDY, order_in_name, read_dates
from drainage.schema.depths import settle_depths
from drainage.schema.issues import Issues, RowNames
from drainage.schema.number_text import Style
from drainage.schema.placeholders import forget_placeholders
from drainage.schema.ranges import FEATURE_KIND, NUMBERS, keep_in_range, limits_of
from drainage.schema.sizes import settle_sizes

_CODES = {
    "pipes": ("system", "shape", "status"),
    "nodes": ("system", "kind", "flap_gate"),
    "catchments": ("land_use",),
    "blocks": ("land_use",),
}
_DATES = {"pipes": ("commissioned", "abandoned"), "reports": ("date",)}
_IDS = {
    "pipes": ("pipe_id", "from_node", "to_node"),
    "nodes": ("node_id",),
    "catchments": ("catchment_id", "node_id"),
    "blocks": ("block_id",),
    "reports": ("report_id",),
}
PIPE_COLUMNS = (*(c for c in ALIASES["pipes"] if c != "pipe_id"),)
NODE_COLUMNS = (*(c for c in ALIASES["nodes"] if c != "node_id"),)
#: Days that programs write for no day: what abandoned a pipe then would have been abandoned before it was laid.
ZERO_DAYS = tuple(pd.Timestamp(day) for day in ("1899-12-30", "1899-12-31", "1900-01-01", "1970-01-01"))
_MM = {"diameter_mm", "width_mm", "height_mm"}


def conform_layer(
    frame: gpd.GeoDataFrame,
    layer: str,
    *,
    place: str,
    issues: Issues,
    columns: Mapping[str, Named] | None = None,
    units: Mapping[str, str] | None = None,
    meanings: Mapping[str, Mapping[str, str]] | None = None,
    metres_per_unit: float = 1.0,
    date_order: str | None = None,
) -> tuple[gpd.GeoDataFrame, list[Understood]]:
    """Rename, decode and convert the columns of a file into ours; add those that it lacks; keep the ones unknown to us.

    Parameters
    ----------
    frame
        The layer as read, geometry in its own CRS.
    place
        Name of the file, for messages.
    issues
        Takes one issue per value that could not be understood.
    columns
        The user's mapping, our name → name in the file, or names of which the first that says something counts.
    units
        Our name → unit of its numbers, where the user says it; it wins over what a name says.
    meanings
        Code list → value in the file → our word, where the user says it.
    metres_per_unit
        Length of the unit of levels and lengths where the file names none: that of the CRS
        (0.3048006 for US survey feet).
    date_order
        ``dmy``, ``mdy`` or ``ymd`` where the user says what 03/04/2010 means (`drainage.schema.dates`).

    Returns
    -------
    The table with a plain row number as index, and how each column was understood.
    """
    frame = _flat(frame)
    attributes = pd.DataFrame(frame.drop(columns=frame.geometry.name))
    understood = understand_columns(layer, attributes, columns, place=place)
    frame = fill_from_others(frame, understood)
    rename = {u.source: u.column for u in understood}
    shadowed = {c: f"{c}_recorded" for c in frame.columns if c in ALIASES[layer] and c not in rename}
    table = frame.rename(columns={**shadowed, **rename}).reset_index(drop=True)
    if table.geometry.name != "geometry":
        table = table.rename_geometry("geometry")
    understood = [replace(u, unit=(units or {}).get(u.column, u.unit)) for u in understood]
    unit = {u.column: u.unit for u in understood}
    ids = RowNames(table.get(_IDS.get(layer, ("",))[0]), len(table))
    for column in _CODES.get(layer, ()):
        said = {codes.fold(value): word for value, word in (meanings or {}).get(column, {}).items()}
        _decode(table, column, codes.MEANINGS[column] | said, FEATURE_KIND[layer], ids, issues)
    for column in _DATES.get(layer, ()):
        source = next((u.source for u in understood if u.column == column), column)
        order = date_order or order_in_name(source)
        _read_date(table, column, order, FEATURE_KIND[layer], ids, issues)
    for column in _IDS.get(layer, ()):
        _report_rounded(table, column, FEATURE_KIND[layer], ids, issues)
        table[column] = as_text(table[column]) if column in table else pd.Series(pd.NA, table.index, dtype="str")
    if layer == "pipes":
        found = settle_sizes(table, unit, metres_per_unit, ids, issues, place)
        understood = [replace(u, unit=u.unit or found.get(u.column)) for u in understood]
    for column in [c for c in NUMBERS.get(layer, {}) if c in table and c not in _MM]:
        possible = limits_of(layer, column)
        _read_number(table, column, unit.get(column), metres_per_unit, FEATURE_KIND[layer], ids, issues, possible)
    _add_missing(table, layer)
    if layer == "nodes":
        settle_depths(table, ids, issues)
    return keep_in_range(table, layer, ids, issues), understood


def _flat(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Turn lists and objects of a GeoJSON into text."""
    texts = {}
    for column in [c for c in frame.columns if pd.api.types.is_object_dtype(frame[c])]:
        nested = frame[column].map(lambda cell: isinstance(cell, (list, tuple, dict, np.ndarray)))
        if nested.any():
            texts[column] = frame[column].where(~nested, frame[column].astype(str))
    return frame.assign(**texts) if texts else frame


def _add_missing(table: gpd.GeoDataFrame, layer: str) -> None:
    for column in [c for c in ALIASES[layer] if c not in table]:
        number = column in NUMBERS.get(layer, {})
        table[column] = np.nan if number else pd.Series(pd.NA, table.index, dtype="str")


def _report_rounded(table: gpd.GeoDataFrame, column: str, kind: str, ids: RowNames, issues: Issues) -> None:
    """Say which ids are numbers so large that they have lost their last digits."""
    if column in table and pd.api.types.is_float_dtype(table[column]):
        rounded = (table[column].abs() >= 2**53).fillna(value=False).to_numpy()
        reasons = [f"{column} {value:.0f} is too large for a number" for value in table[column][rounded]]
        issues.add("id_precision", "error", kind, ids[rounded], reasons, "kept as rounded; write ids as text")


def _decode(
    table: gpd.GeoDataFrame, column: str, words: dict[str, str], kind: str, ids: RowNames, issues: Issues
) -> None:
    if column not in table:
        return
    recorded = table[column]
    decoded = codes.decode(recorded, words)
    odd = (decoded == "?").to_numpy()
    if odd.any() and column == "system":
        reasons = [
            f"system '{value}' is not known; expected storm, sewage, combined, reclaimed (or YS, WS, HS, 雨水, 污水)"
            for value in recorded[odd]
        ]
        issues.add(
            "unknown_system",
            "error",
            kind,
            ids[odd],
            reasons,
            "taken as unknown: not used for mixed flow and separation",
        )
    elif odd.any():
        found = ", ".join(sorted(recorded[odd].astype(str).unique())[:8])
        issues.add(
            "unknown_code",
            "info",
            "column",
            [column],
            f"{int(odd.sum())} values of {column} are not in the code list: {found}",
            "left open",
        )
    if column == "kind" and odd.any():
        table["kind_recorded"] = recorded
    table[column] = decoded.mask(odd, "unknown" if column == "system" else None)


def _read_date(
    table: gpd.GeoDataFrame, column: str, order: str | None, kind: str, ids: RowNames, issues: Issues
) -> None:
    if column not in table:
        table[column] = pd.Series(pd.NaT, table.index, dtype="datetime64[ms]")
        return
    recorded = table[column]
    read = read_dates(recorded, order=order)
    expected = f"expected {read.order}" if read.order else "expected YYYY-MM-DD or a year"
    reasons = [f"{column} '{value}' is not a date; {expected}" for value in recorded[read.unreadable]]
    issues.add("unreadable_date", "warning", kind, ids[read.unreadable], reasons, f"{column} taken as unknown")
    reasons = [f"{column} '{value}' may be two days: no cell of the column tells" for value in recorded[read.ambiguous]]
    issues.add("ambiguous_date", "error", kind, ids[read.ambiguous], reasons, f"{column} taken as unknown; {REMEDY}")
    forgotten = read.never
    if column == "abandoned":  # a day of zero, by which the pipe would be gone
        forgotten = forgotten | read.date.isin(ZERO_DAYS).to_numpy()
    if forgotten.any():
        marks = ", ".join(sorted({str(value) for value in recorded[forgotten]})[:4])
        reason = f"{int(forgotten.sum())} values of {column} are placeholders ({marks})"
        issues.add("placeholder", "info", "column", [column], reason, "taken as unknown")
    if read.order:
        reason = f"{column} is written as {read.order} (d day, m month, y year)"
        issues.add("date_order", "info", "column", [column], reason, "all its cells read so")
    issues.add("date_form", "info", "column", [column] * len(read.notes), read.notes, "read so")
    table[column] = read.date.mask(forgotten)


def _read_number(
    table: gpd.GeoDataFrame,
    column: str,
    unit: str | None,
    metres_per_unit: float,
    kind: str,
    ids: RowNames,
    issues: Issues,
    possible: tuple[float, float] | None,
) -> None:
    recorded = table[column]
    numbers = values.read_numbers(recorded, possible=possible)
    if numbers.unreadable.any():
        reasons = [f"{column} '{value}' is not a number" for value in recorded[numbers.unreadable]]
        issues.add(
            "not_a_number",
            "error",
            kind,
            ids[numbers.unreadable],
            reasons,
            f"{column} taken as unknown; correct it in the source",
        )
    if numbers.style is not None and numbers.style.marked:
        _report_style(numbers.style, column, issues)
    read = forget_placeholders(numbers.number, column, kind, ids, issues)
    if column.endswith("_m"):
        factor = METRES_PER_UNIT.get(unit or "", metres_per_unit)
        if numbers.unit is None:
            read *= factor
        else:
            own = pd.Series(numbers.unit).map(METRES_PER_UNIT | dict.fromkeys(("''", '"', "″"), 0.0254))
            read *= own.fillna(factor).to_numpy(dtype=np.float64)
    table[column] = read


def _report_style(style: Style, column: str, issues: Issues) -> None:
    """Say how commas in the numbers of a column were understood."""
    if style.mixed:
        reason = "its cells write decimals in two ways, such as 19.80 and 19,80"
        issues.add(
            "mixed_decimals", "warning", "column", [column], reason, "each read by its own sign where that is certain"
        )
    elif style.decimal == ",":
        issues.add("decimal_comma", "info", "column", [column], "its decimals follow a comma", "read so")
    elif style.decimal == ".":
        issues.add("parted_thousands", "info", "column", [column], "its thousands are parted", "read as one number")


def require(table: pd.DataFrame, columns: tuple[str, ...], *, place: str, layer: str) -> None:
    """Raise where a layer lacks a column without which it means nothing.

    Raises
    ------
    SchemaError
        Names the column, the names that were tried and what the file has.
    """
    for column in columns:
        if column not in table or table[column].isna().all():
            tried = ", ".join((column, *ALIASES[layer][column].split()[:8]))
            remedy = f"name it with columns={{'{column}': 'YOUR_COLUMN'}}"
            msg = f"{place}: no column for '{column}' (tried {tried}, …); {remedy}"
            raise SchemaError(msg)
