"""Tables as the analyses expect them: every column there, of one type, in one unit, each value inside its range.

The only home of pandera. A value that cannot be meant becomes missing and an issue; a row is never dropped here.
"""

from __future__ import annotations

from collections.abc import Mapping

import geopandas as gpd
import numpy as np
import pandas as pd
import pandera.pandas as pa

from drainage.errors import SchemaError
from drainage.schema import codes, values
from drainage.schema.columns import ALIASES, METRES_PER_UNIT, Understood, understand_columns
from drainage.schema.issues import Issues

_LEVEL = pa.Check.in_range(-500.0, 9000.0, description="metres above datum between -500 and 9000")
_DEPTH = pa.Check.in_range(-0.5, 100.0, description="metres below ground between -0.5 and 100")
_SIZE = pa.Check.in_range(20.0, 20000.0, description="mm between 20 and 20000")
_SHARE = pa.Check.in_range(0.0, 1.0, description="a share between 0 and 1")


def _number(check: pa.Check) -> pa.Column:
    return pa.Column("float64", check, nullable=True, required=False)


def _words(allowed: tuple[str, ...]) -> pa.Column:
    return pa.Column(
        object, pa.Check.isin([*allowed], description="one of " + ", ".join(allowed)), nullable=True, required=False
    )


PIPE_NUMBERS = {
    "diameter_mm": _SIZE,
    "width_mm": _SIZE,
    "height_mm": _SIZE,
    "invert_from_m": _LEVEL,
    "invert_to_m": _LEVEL,
    "depth_from_m": _DEPTH,
    "depth_to_m": _DEPTH,
    "ground_from_m": _LEVEL,
    "ground_to_m": _LEVEL,
    "length_m": pa.Check.in_range(0.0, 50000.0, description="metres between 0 and 50000"),
    "manning_n": pa.Check.in_range(
        0.005, 0.2, description="Manning's n in s/m^(1/3) between 0.005 and 0.2 (not Colebrook's k_s)"
    ),
    "silt_share": _SHARE,
}
NODE_NUMBERS = {
    "ground_m": _LEVEL,
    "invert_m": _LEVEL,
    "depth_m": _DEPTH,
    "water_level_m": _LEVEL,
    "area_ha": pa.Check.in_range(0.0, 1e5, description="hectares, not negative"),
    "runoff_coefficient": _SHARE,
}
_OTHER_NUMBERS = {
    "roads": {"width_m": pa.Check.in_range(0.0, 500.0, description="metres between 0 and 500")},
    "catchments": {"runoff_coefficient": _SHARE},
    "reports": {"depth_m": pa.Check.in_range(0.0, 20.0, description="metres between 0 and 20")},
    "waterways": {"flood_level_m": _LEVEL},
}
NUMBERS: dict[str, dict[str, pa.Check]] = {"pipes": PIPE_NUMBERS, "nodes": NODE_NUMBERS, **_OTHER_NUMBERS}
_CODES = {
    "pipes": {"system": codes.SYSTEM_BY_WORD, "shape": codes.SHAPE_BY_WORD},
    "nodes": {"system": codes.SYSTEM_BY_WORD, "kind": codes.KIND_BY_WORD},
}
_DATES = {"pipes": ("commissioned", "abandoned"), "reports": ("date",)}
_IDS = {
    "pipes": ("pipe_id", "from_node", "to_node"),
    "nodes": ("node_id",),
    "catchments": ("catchment_id", "node_id"),
    "reports": ("report_id",),
}
PIPE_COLUMNS = (*(c for c in ALIASES["pipes"] if c != "pipe_id"),)
NODE_COLUMNS = (*(c for c in ALIASES["nodes"] if c != "node_id"),)
_KIND = {
    "pipes": "pipe",
    "nodes": "node",
    "roads": "road",
    "catchments": "catchment",
    "reports": "report",
    "waterways": "waterway",
}
_MM = {"diameter_mm", "width_mm", "height_mm"}


def conform_layer(
    frame: gpd.GeoDataFrame,
    layer: str,
    *,
    place: str,
    issues: Issues,
    columns: Mapping[str, str] | None = None,
    metres_per_unit: float = 1.0,
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
        The user's mapping, our name → name in the file.
    metres_per_unit
        Length of the unit of levels and lengths where the file names none: that of the CRS (0.3048006 for US survey feet).

    Returns
    -------
    The table with a plain row number as index, and how each column was understood.
    """
    understood = understand_columns(layer, [c for c in frame.columns if c != frame.geometry.name], columns, place=place)
    rename = {u.source: u.column for u in understood}
    shadowed = {c: f"{c}_recorded" for c in frame.columns if c in ALIASES[layer] and c not in rename}
    table = frame.rename(columns={**shadowed, **rename}).reset_index(drop=True)
    if table.geometry.name != "geometry":
        table = table.rename_geometry("geometry")
    unit = {u.column: u.unit for u in understood}
    ids = _feature_names(table, layer)
    for column, words in _CODES.get(layer, {}).items():
        _decode(table, column, words, _KIND[layer], ids, issues)
    for column in _DATES.get(layer, ()):
        _read_date(table, column, _KIND[layer], ids, issues)
    for column in _IDS.get(layer, ()):
        table[column] = _texts(table[column]) if column in table else pd.Series(pd.NA, table.index, dtype="str")
    if layer == "pipes":
        _read_sizes(table, unit, metres_per_unit, ids, issues, place)
    for column in NUMBERS.get(layer, {}):
        if column in table and column not in _MM:
            _read_number(table, column, unit.get(column), metres_per_unit, _KIND[layer], ids, issues)
        elif column not in table:
            table[column] = np.nan
    for column in ALIASES[layer]:
        if column not in table:
            table[column] = pd.Series(pd.NA, table.index, dtype="str")
    return _in_range(table, layer, ids, issues), understood


def check_pipes(pipes: gpd.GeoDataFrame, issues: Issues) -> gpd.GeoDataFrame:
    """Hold a pipe table that was built in memory against the same ranges; values outside become missing and issues."""
    return _in_range(pipes, "pipes", pd.Series(pipes.index.astype(str), index=pipes.index), issues)


def check_nodes(nodes: gpd.GeoDataFrame, issues: Issues) -> gpd.GeoDataFrame:
    """Hold a node table against the same ranges; values outside become missing and issues."""
    return _in_range(nodes, "nodes", pd.Series(nodes.index.astype(str), index=nodes.index), issues)


def _in_range(table: gpd.GeoDataFrame, layer: str, ids: pd.Series, issues: Issues) -> gpd.GeoDataFrame:
    checks = NUMBERS.get(layer, {})
    schema = pa.DataFrameSchema({name: _number(check) for name, check in checks.items()})
    plain = pd.DataFrame({name: table[name] for name in checks if name in table})
    try:
        schema.validate(plain, lazy=True)
    except pa.errors.SchemaErrors as error:
        for (column, check), found in error.failure_cases.groupby(["column", "check"], sort=False):
            rows = found["index"].to_numpy()
            expected = checks[column].description if column in checks else check
            reasons = [f"{column} = {value:g}; expected {expected}" for value in found["failure_case"].astype(float)]
            issues.add(
                "value_out_of_range",
                "error",
                _KIND[layer],
                ids.loc[rows],
                reasons,
                f"{column} taken as unknown; correct it in the source",
            )
            table.loc[rows, column] = np.nan
    return table


def _feature_names(table: gpd.GeoDataFrame, layer: str) -> pd.Series:
    column = _IDS.get(layer, ("",))[0]
    row = pd.Series("row " + (table.index + 1).astype(str), index=table.index)
    if column not in table:
        return row
    text = _texts(table[column])
    return text.where(text.notna(), row)


def _texts(column: pd.Series) -> pd.Series:
    """Read ids as text: 12.0 is ``12``; blank is missing; a NUL or line break is no part of an id."""
    if pd.api.types.is_float_dtype(column):
        whole = column.dropna()
        if len(whole) and (whole == np.floor(whole)).all() and (whole.abs() < 2**53).all():
            column = column.astype("Int64")
    text = column.astype("str").str.strip()
    return text.mask(values.is_empty(column) | (text == ""))


def _decode(
    table: gpd.GeoDataFrame, column: str, words: dict[str, str], kind: str, ids: pd.Series, issues: Issues
) -> None:
    if column not in table:
        return
    recorded = table[column]
    decoded = codes.decode(recorded, words)
    odd = (decoded == "?").to_numpy()
    if odd.any() and column == "system":
        reasons = [
            f"system '{value}' is not known; expected one of storm, sewage, combined, reclaimed (or YS, WS, HS, 雨水, 污水, 合流)"
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


def _read_date(table: gpd.GeoDataFrame, column: str, kind: str, ids: pd.Series, issues: Issues) -> None:
    if column not in table:
        table[column] = pd.Series(pd.NaT, table.index, dtype="datetime64[ms]")
        return
    recorded = table[column]
    dates, bad = values.read_dates(recorded)
    if bad.any():
        reasons = [f"{column} '{value}' is not a date; expected YYYY-MM-DD or a year" for value in recorded[bad]]
        issues.add("unreadable_date", "warning", kind, ids[bad], reasons, f"{column} taken as unknown")
    table[column] = dates


def _read_number(
    table: gpd.GeoDataFrame,
    column: str,
    unit: str | None,
    metres_per_unit: float,
    kind: str,
    ids: pd.Series,
    issues: Issues,
) -> None:
    recorded = table[column]
    numbers = values.read_numbers(recorded)
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
    read = numbers.values.copy()
    sentinel = np.isin(read, values.SENTINELS)
    if column.endswith("_m") and (sentinel | (read == 0)).any():
        sentinel |= _odd_zeros(read)
    if sentinel.any():
        marks = ", ".join(f"{v:g}" for v in np.unique(read[sentinel]))
        issues.add(
            "placeholder",
            "info",
            "column",
            [column],
            f"{int(sentinel.sum())} values of {column} are placeholders ({marks})",
            "taken as unknown",
        )
        read[sentinel] = np.nan
    if column.endswith("_m"):
        read *= METRES_PER_UNIT.get(unit or "", metres_per_unit)
    table[column] = read


def _odd_zeros(read: np.ndarray) -> np.ndarray:
    """Tell zeros that stand for 'unknown': where all other values of the column lie well above zero."""
    others = read[np.isfinite(read) & (read != 0) & ~np.isin(read, values.SENTINELS)]
    if len(others) < 5 or np.quantile(others, 0.02) < 3.0:
        return np.zeros(len(read), np.bool_)
    return read == 0


def _read_sizes(
    table: gpd.GeoDataFrame,
    unit: Mapping[str, str | None],
    metres_per_unit: float,
    ids: pd.Series,
    issues: Issues,
    place: str,
) -> None:
    for column in ("width_mm", "height_mm", "diameter_mm"):
        if column not in table:
            table[column] = np.nan
            continue
        recorded = table[column]
        sizes = values.read_sizes(recorded)
        if sizes.unreadable.any():
            reasons = [
                f"{column} '{value}' is not a size; expected 800, DN800, 15'' or 1000x800"
                for value in recorded[sizes.unreadable]
            ]
            issues.add(
                "not_a_size",
                "error",
                "pipe",
                ids[sizes.unreadable],
                reasons,
                f"{column} taken as unknown; correct it in the source",
            )
        factor = _mm_per_unit(sizes.diameter[~sizes.in_mm], column, unit.get(column), metres_per_unit, issues, place)
        read = np.where(sizes.in_mm, sizes.diameter, sizes.diameter * factor)
        empty = (read == 0) | np.isin(read, values.SENTINELS)
        if empty.any():
            issues.add(
                "placeholder",
                "info",
                "column",
                [column],
                f"{int(empty.sum())} values of {column} are 0 or a placeholder",
                "taken as unknown",
            )
        table[column] = np.where(empty, np.nan, read)
        if column == "diameter_mm":
            for side, size in (("width_mm", sizes.width), ("height_mm", sizes.height)):
                table[side] = np.where(np.isnan(size), table[side], size)
    _settle_shape(table)


def _mm_per_unit(
    sizes: np.ndarray, column: str, unit: str | None, metres_per_unit: float, issues: Issues, place: str
) -> float:
    """Settle the unit of a whole column: by its name, else by the foot of the CRS, else by the range of its numbers."""
    known = sizes[np.isfinite(sizes) & (sizes > 0) & ~np.isin(sizes, values.SENTINELS)]
    if unit and not (unit == "mm" and len(known) and known.max() < 15):
        return METRES_PER_UNIT[unit] * 1000
    if not len(known):
        return 1.0
    if metres_per_unit < 1 and known.max() <= 200:
        issues.add(
            "unit_inferred",
            "info",
            "column",
            [column],
            f"{place}: sizes from {known.min():g} to {known.max():g} in a CRS of feet",
            "read as inches",
        )
        return 25.4
    if known.max() < 15:
        issues.add(
            "unit_inferred",
            "warning",
            "column",
            [column],
            f"{place}: sizes from {known.min():g} to {known.max():g}",
            "read as metres",
        )
        return 1000.0
    if known.min() < 15 and np.median(known) >= 100:
        small = int((known < 15).sum())
        msg = f"{column} mixes units: {small} values below 15 among values up to {known.max():g}"
        issues.add(
            "mixed_units",
            "error",
            "column",
            [column],
            f"{place}: {msg}; expected mm throughout",
            "read as mm, so that the small ones are out of range",
        )
    return 1.0


def _settle_shape(table: gpd.GeoDataFrame) -> None:
    """A circle needs a diameter, a box width and height; what one column says completes the other."""
    if "shape" not in table:
        table["shape"] = pd.Series([None] * len(table), index=table.index, dtype="object")
    width, height = table["width_mm"].to_numpy(), table["height_mm"].to_numpy()
    boxed = np.isfinite(width) & np.isfinite(height) & (width != height)
    shape = table["shape"].to_numpy(dtype=object)
    shape = np.where(
        pd.isna(shape), np.where(boxed & table["diameter_mm"].isna().to_numpy(), "rectangular", "circular"), shape
    )
    side = np.where(np.isfinite(width), width, height)
    circle = (shape == "circular") & table["diameter_mm"].isna().to_numpy()
    table["diameter_mm"] = np.where(circle, side, table["diameter_mm"].to_numpy())
    table["shape"] = shape


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
            msg = f"{place}: no column for '{column}' (tried {tried}, …); name it with columns={{'{column}': 'YOUR_COLUMN'}}"
            raise SchemaError(msg)
