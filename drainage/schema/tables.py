"""Tables as the analyses expect them: every column there, of one type, in one unit, each value inside its range."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from drainage.cells import as_text as as_json
from drainage.cells import plain_value
from drainage.errors import SchemaError
from drainage.said import Said, joined
from drainage.schema.codes import blank_texts
from drainage.schema.columns import (
    METRES_PER_UNIT,
    Named,
    Understood,
    as_ids,
    take_columns,
    understand_columns,
    unique_names,
)
from drainage.schema.depths import settle_depths
from drainage.schema.issues import Issues, RowNames
from drainage.schema.layers import LAYERS, Column, LayerModel
from drainage.schema.ranges import keep_in_range
from drainage.schema.sizes import settle_sizes
from drainage.schema.text import values
from drainage.schema.text.dates import order_in_name, read_dates
from drainage.schema.text.decoding import decode_columns, say_columns, words_of_layer
from drainage.schema.text.default_days import forget_default_days
from drainage.schema.text.number_text import Style
from drainage.schema.text.placeholders import forget_placeholders
from drainage.words import in_both

PIPE_COLUMNS = LAYERS["pipes"].attributes
NODE_COLUMNS = LAYERS["nodes"].attributes
#: Days that programs write for no day: what abandoned a pipe then would have been abandoned before it was laid.
ZERO_DAYS = tuple(pd.Timestamp(day) for day in ("1899-12-30", "1899-12-31", "1900-01-01", "1970-01-01"))
_MM = {"diameter_mm", "width_mm", "height_mm"}
_SURVEY_FOOT = 1e-5  # the US survey foot is 0.6 µm longer than the foot


def conform_layer(
    frame: gpd.GeoDataFrame,
    layer: str,
    *,
    place: str,
    issues: Issues,
    columns: Mapping[str, Named] | None = None,
    understood: Sequence[Understood] | None = None,
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
    understood
        Which column is which, where that is known of this `plain_table`; otherwise names and words tell it.
    units
        Our name → unit of its numbers, where the user says it; it wins over what a name says.
    meanings
        Code list → value in the file → our word, where the user says it.
    metres_per_unit
        Length of the unit of levels and lengths where the file names none: that of the CRS
        (0.3048006 for US survey feet).
    date_order
        ``dmy``, ``mdy`` or ``ymd`` where the user says what 03/04/2010 means (`drainage.schema.text.dates`).

    Returns
    -------
    The table with a plain row number as index, and how each column was understood.
    """
    model = LAYERS[layer]
    frame = plain_table(frame, issues) if understood is None else frame
    attributes = pd.DataFrame(frame.drop(columns=frame.geometry.name))
    words = words_of_layer(layer, meanings or {})
    if understood is None:
        understood = understand_columns(layer, attributes, columns, place=place, words=words)
    say_columns(layer, attributes, understood, words, issues)
    table = take_columns(frame, understood, layer).reset_index(drop=True)
    if table.geometry.name != "geometry":
        table = table.rename_geometry("geometry")
    understood = [replace(u, unit=(units or {}).get(u.column, u.unit)) for u in understood]
    unit = {u.column: u.unit for u in understood}
    source = {u.column: u.source for u in understood}
    table = _set_namesakes_aside(table, model, issues)
    ids = RowNames(table.get(model.id), len(table))
    decode_columns(table, source, attributes.columns, words, model.feature, ids, issues)
    no_day = pd.Series(pd.NaT, table.index, dtype="datetime64[ms]")  # which columns without days share
    for column in model.of_kind("date"):
        if column not in table:
            table[column] = no_day
            continue
        order = date_order or order_in_name(source.get(column, column))
        _read_date(table, column, order, model.feature, ids, issues)
    for column in model.of_kind("id"):
        _report_rounded(table, column, model.feature, ids, issues)
        table[column] = as_ids(table[column]) if column in table else pd.Series(blank_texts(len(table)), table.index)
    if "diameter_mm" in model.columns:
        found = settle_sizes(table, unit, metres_per_unit, ids, issues, place)
        understood = [replace(u, unit=u.unit or found.get(u.column)) for u in understood]
    for column, what in model.numbers().items():
        if column in table and what.unit != "mm":
            _read_number(table, what, unit.get(column), metres_per_unit, model.feature, ids, issues)
    _add_missing(table, model)
    if "invert_m" in model.columns:
        settle_depths(table, ids, issues)
    return keep_in_range(table, model, ids, issues), _with_unit_of_crs(understood, model, metres_per_unit, issues)


def _add_missing(table: gpd.GeoDataFrame, model: LayerModel) -> None:
    """Add the columns that a table lacks (in place); those of numbers share what they hold until one is edited."""
    no_number = pd.Series(np.full(len(table), np.nan), table.index)
    for column in [name for name in model.columns if name not in table]:
        number = model.columns[column].kind == "number"
        table[column] = no_number if number else pd.Series(blank_texts(len(table)), table.index)


def plain_table(frame: gpd.GeoDataFrame, issues: Issues) -> gpd.GeoDataFrame:
    """Return a table as it is understood: columns of one name told apart, lists and objects as text."""
    return _flat(_named_apart(frame, issues))


def _with_unit_of_crs(
    understood: list[Understood], layer: LayerModel, metres_per_unit: float, issues: Issues
) -> list[Understood]:
    """Say, where the CRS does not count in metres, which columns without a unit of their own were read in its unit."""
    if metres_per_unit == 1.0:
        return understood
    name = "ft" if abs(metres_per_unit - METRES_PER_UNIT["ft"]) < _SURVEY_FOOT else f"{metres_per_unit:g} m"
    bare = [u for u in understood if layer.columns[u.column].unit == "m" and not u.unit]
    if not bare:
        return understood
    reason = in_both("unit_not_said", layer=Said(layer.name, layer.zh), unit_m=metres_per_unit)
    remedy = in_both("say_unit", column=bare[0].column)
    issues.add("unit_of_crs", "info", "column", [u.source for u in bare], reason, remedy)
    return [replace(u, unit=f"{name} (CRS)") if u in bare else u for u in understood]


def _named_apart(frame: gpd.GeoDataFrame, issues: Issues) -> gpd.GeoDataFrame:
    """Number columns of the same name ``.1``, ``.2`` and so on, and report it."""
    if frame.columns.is_unique:
        return frame
    again = sorted({str(name) for name in frame.columns[frame.columns.duplicated()]})
    issues.add("repeated_column", "warning", "column", again, in_both("name_repeated"), in_both("first_read"))
    apart = pd.DataFrame(frame).set_axis(unique_names([str(name) for name in frame.columns]), axis=1)
    return gpd.GeoDataFrame(apart, geometry=frame.active_geometry_name, crs=frame.crs)


def _flat(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Turn lists and objects of a GeoJSON into text: JSON again; what cannot be counted or compared is text."""
    texts = {}
    for column in [c for c in frame.columns if frame[c].dtype == object or isinstance(frame[c].dtype, pd.ArrowDtype)]:
        cells = frame[column].astype(object)
        nested = cells.map(lambda cell: isinstance(cell, tuple) or not isinstance(cell, Hashable))
        if nested.any():
            texts[column] = cells.mask(nested, cells[nested].map(lambda cell: as_json(plain_value(cell))))
    return frame.assign(**texts) if texts else frame


def _set_namesakes_aside(table: gpd.GeoDataFrame, layer: LayerModel, issues: Issues) -> gpd.GeoDataFrame:
    """Rename the columns that are called as ours are and mean another thing."""
    coded = {name: column.codes for name, column in layer.also.items() if column.codes and name in table}
    others = [name for name, said in coded.items() if not table[name].dropna().isin(said).all()]
    issues.add("namesake", "info", "column", others, in_both("name_of_ours"), in_both("kept_aside"))
    return table.rename(columns={c: f"{c}_recorded" for c in others})


def _report_rounded(table: gpd.GeoDataFrame, column: str, kind: str, ids: RowNames, issues: Issues) -> None:
    """Report ids that are numbers so large that they have lost their last digits."""
    if column in table and pd.api.types.is_float_dtype(table[column]):
        rounded = (table[column].abs() >= 2**53).fillna(value=False).to_numpy()
        reasons = [in_both("id_too_large", column=column, value=value) for value in table[column][rounded]]
        issues.add("id_precision", "error", kind, ids[rounded], reasons, in_both("id_as_text"))


def _read_date(
    table: gpd.GeoDataFrame, column: str, order: str | None, kind: str, ids: RowNames, issues: Issues
) -> None:
    recorded = table[column]
    read = read_dates(recorded, order=order)
    unknown = in_both("column_unknown", column=column)
    reasons = [
        in_both("not_of_order", column=column, value=value, order=read.order)
        if read.order
        else in_both("not_a_date", column=column, value=value)
        for value in recorded[read.unreadable]
    ]
    issues.add("unreadable_date", "warning", kind, ids[read.unreadable], reasons, unknown)
    reasons = [in_both("date_of_two_days", column=column, text=value) for value in recorded[read.ambiguous]]
    remedy = joined([unknown, in_both("date_order_remedy")])
    issues.add("ambiguous_date", "error", kind, ids[read.ambiguous], reasons, remedy)
    forgotten = read.never
    if column == "abandoned":  # a day of zero, by which the pipe would be gone
        forgotten = forgotten | read.date.isin(ZERO_DAYS).to_numpy()
    if forgotten.any():
        marks = joined(sorted({str(value) for value in recorded[forgotten]})[:4], ", ")
        reason = in_both("placeholders", count=int(forgotten.sum()), column=column, marks=marks)
        issues.add("placeholder", "info", "column", [column], reason, in_both("taken_unknown"))
    if read.order:
        reason = in_both("date_written_as", column=column, order=read.order)
        issues.add("date_order", "info", "column", [column], reason, in_both("cells_read_so"))
    issues.add("date_form", "info", "column", [column] * len(read.notes), read.notes, in_both("read_so"))
    table[column] = forget_default_days(recorded, read.date.mask(forgotten), column, issues)


def _read_number(
    table: gpd.GeoDataFrame,
    what: Column,
    unit: str | None,
    metres_per_unit: float,
    kind: str,
    ids: RowNames,
    issues: Issues,
) -> None:
    column = what.name
    recorded = table[column]
    numbers = values.read_numbers(recorded, possible=(what.least, what.most))
    if numbers.unreadable.any():
        reasons = [in_both("not_a_number", column=column, value=value) for value in recorded[numbers.unreadable]]
        remedy = in_both("column_to_correct", column=column)
        issues.add("not_a_number", "error", kind, ids[numbers.unreadable], reasons, remedy)
    if numbers.style is not None and numbers.style.marked:
        _report_style(numbers.style, column, issues)
    metres = METRES_PER_UNIT.get(unit or "", metres_per_unit) if column.endswith("_m") else 1.0
    groups = _by_kind(table) if column == "depth_m" else ()
    read = forget_placeholders(numbers.number, column, kind, ids, issues, metres=metres, groups=groups)
    if numbers.unit is not None and column.endswith("_m"):
        own = pd.Series(numbers.unit).map(METRES_PER_UNIT | dict.fromkeys(("''", '"', "″"), 0.0254))
        table[column] = read * own.fillna(metres).to_numpy(dtype=np.float64)
    else:
        table[column] = metres * read


def _by_kind(table: gpd.GeoDataFrame) -> list[NDArray[np.bool_]]:
    """Return masks of the rows of each kind of node, none where the layer has no kinds."""
    kind = table["kind"].astype("str").fillna("") if "kind" in table else pd.Series("", table.index)
    return [(kind == word).to_numpy() for word in kind.unique()]


def _report_style(style: Style, column: str, issues: Issues) -> None:
    """Report how commas in the numbers of a column were understood."""
    if style.mixed:
        issues.add("mixed_decimals", "warning", "column", [column], in_both("decimals_mixed"), in_both("own_sign_read"))
    elif style.decimal == ",":
        issues.add("decimal_comma", "info", "column", [column], in_both("decimal_comma"), in_both("read_so"))
    elif style.decimal == ".":
        issues.add("parted_thousands", "info", "column", [column], in_both("parted_thousands"), in_both("read_as_one"))


def require(table: pd.DataFrame, columns: tuple[str, ...], *, place: str, layer: str) -> None:
    """Raise where a layer lacks a column without which it means nothing.

    Raises
    ------
    SchemaError
        Names the column, the names that were tried and what the file has.
    """
    for column in columns:
        if column not in table or table[column].isna().all():
            tried = joined((column, *LAYERS[layer].columns[column].aliases[:8]), ", ")
            option = in_both("column_is", ours=column, theirs="YOUR_COLUMN")
            raise SchemaError(in_both("no_column_for", place=place, column=column, tried=tried, option=option))
