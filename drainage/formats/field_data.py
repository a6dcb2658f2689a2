"""Field data to evidence: inspections, samples, flow meters, cameras and dye tests from CSV, Excel and GeoJSON.

What cannot be read or cannot be is left out and said, with file and row; the rest of the row is used.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from drainage.errors import FormatError, SchemaError
from drainage.evidence import Evidence, empty_evidence
from drainage.formats.guard.before_opening import check_path
from drainage.formats.rain.gauge_times import DATES, MOMENTS, with_clock
from drainage.formats.tables.survey import read_table
from drainage.formats.tables.workbook import WORKBOOK_ENDINGS, sheet_names
from drainage.said import joined
from drainage.schema import Issues
from drainage.schema.codes import fold
from drainage.schema.columns import as_text
from drainage.schema.evidence import TRACERS, plain_unit, split_unit
from drainage.schema.layers import EVIDENCE, UNITS, Column
from drainage.schema.text import values
from drainage.schema.text.dates import check_order, day_of, read_dates
from drainage.wants import wants
from drainage.words import in_both, nearest

Paths = str | Path | Sequence[str | Path]

_WORDS = {
    "dye": ("dye", "染色", "示踪"),
    "cctv": ("cctv", "内窥", "管道检测", "缺陷"),
    "flows": ("flow", "meter", "流量"),
    "samples": ("sample", "lab", "水质", "采样", "化验"),
    "inspections": ("inspection", "outfall", "manhole", "visit", "巡查", "排查", "开井", "检查"),
}
_SAYS = {"dye": ("seen",), "cctv": ("code",), "samples": TRACERS, "inspections": ("flowing", "entry", "closed")}
_YES = {"1", "yes", "y", "true", "t", "有", "是", "wet", "flowing", "1_0"}
_NO = {"0", "no", "n", "false", "f", "无", "否", "dry", "none", "没有", "0_0"}
_EARLIEST = pd.Timestamp("1980-01-01")  # no field record of ours is older: a slip of the year
_VALUE_UNIT = r"(?s)^([<>＜＞]?)\s*([-+]?\d(?:[\d.,]*\d)?(?:[eE][-+]?\d+)?)\s*(.*)$"  # of stripped text, in one pass
_NAMES = tuple(name for kind in EVIDENCE.values() for name in kind.columns)


class _Dates(NamedTuple):
    """How the user reads dates: the last day that can be, and the order of day and month."""

    last: pd.Timestamp
    order: str | None


@wants
def read_evidence(
    source: Paths | Mapping[str, Paths], *, today: str | dt.date | None = None, date_order: str | None = None
) -> Evidence:
    r"""Read field evidence: inspections, samples, flow readings, CCTV findings and dye tests.

    The kind of a table is recognised by the name of its file or sheet (``samples.csv``, ``水质``), else by its columns.

    Parameters
    ----------
    source
        A file (.csv, .xlsx with a sheet per kind, .geojson), several, or ``{"samples": path, …}``.
    today
        Dates after this day are rejected; a date or YYYY-MM-DD, by default today.
    date_order
        ``dmy``, ``mdy`` or ``ymd``: the meaning of 03/04/2010, if the cells of a column do not decide it.

    Returns
    -------
    Evidence
        Tables by kind. Its ``issues`` name every cell that was not used, by file and row.

    Raises
    ------
    FormatError
        A file is not a table, or its kind cannot be recognised.
    SchemaError
        An unknown kind of evidence.

    Examples
    --------
    >>> import drainage as dr
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> text = "node_id,date,flowing\nYS0042,2021-05-01,yes\nYS0043,2021-05-01,no\n"
    >>> with TemporaryDirectory() as folder:
    ...     _ = Path(folder, "inspections.csv").write_text(text)
    ...     evidence = dr.read_evidence(f"{folder}/inspections.csv")
    >>> evidence.inspections[["node_id", "flowing"]]
                      node_id  flowing
    row
    inspections.csv:2  YS0042     True
    inspections.csv:3  YS0043    False
    """
    last = dt.date.today() if today is None else day_of(today, "today")  # noqa: DTZ011 - the user's own day
    as_said = _Dates(pd.Timestamp(last), check_order(date_order))
    issues = Issues()
    parts: dict[str, list[pd.DataFrame]] = {kind: [] for kind in EVIDENCE}
    files = []
    for told, path in _listed(source):
        files.append(path.name)
        for name, table in _tables(path, issues):
            kind = told or _kind(name, table, path)
            parts[kind].append(_conform(kind, table, name, issues, as_said))
    frames = {kind: pd.concat(found) if found else empty_evidence(kind) for kind, found in parts.items()}
    return Evidence(**frames, issues=issues.frame(), source=", ".join(files))


def _listed(source: Paths | Mapping[str, Paths]) -> Iterator[tuple[str | None, Path]]:
    pairs = source.items() if isinstance(source, Mapping) else [(None, source)]
    for kind, paths in pairs:
        if kind is not None and kind not in EVIDENCE:
            near = nearest(kind, EVIDENCE)
            raise SchemaError(in_both("no_such_evidence", kind=kind, near=near, known=joined(EVIDENCE, ", ")))
        for path in [paths] if isinstance(paths, (str, Path)) else paths:
            yield kind, check_path(path)


def _tables(path: Path, issues: Issues) -> Iterator[tuple[str, pd.DataFrame]]:
    """Yield each table of a file with a name for its rows; rows are numbered as a spreadsheet shows them."""
    ending = path.suffix.lower()
    if ending in WORKBOOK_ENDINGS:
        sheets = sheet_names(path)
        for sheet in sheets:
            yield (
                path.name if len(sheets) == 1 else f"{path.name} {sheet}",
                read_table(path, sheet, names=_NAMES, issues=issues),
            )
    elif ending in {".geojson", ".json", ".gpkg"}:
        from drainage.formats.crs import settle_layer
        from drainage.formats.geofile import open_layer

        frame = open_layer(path, None, None, issues)
        frame = settle_layer(frame, path, crs=None, target=None, issues=issues).frame
        point = frame.geometry.to_crs(4326).representative_point()
        table = pd.DataFrame(frame.drop(columns=frame.geometry.name)).assign(lon=point.x, lat=point.y)
        yield path.name, table.set_axis(np.arange(1, len(table) + 1))
    elif ending in {".csv", ".tsv", ".txt"}:
        yield path.name, read_table(path, names=_NAMES, issues=issues)
    else:
        raise FormatError(in_both("evidence_endings", file=path.name))


def _kind(name: str, table: pd.DataFrame, path: Path) -> str:
    folded = name.lower()
    for kind, words in _WORDS.items():
        if any(word in folded for word in words):
            return kind
    for kind, says in _SAYS.items():
        if set(says) & set(_understood(kind, table)):
            return kind
    if "flow_m3_per_day" in _understood("flows", table):
        return "flows"
    raise FormatError(in_both("evidence_of_what", file=path.name, has=joined(table.columns, ", ")))


def _understood(kind: str, table: pd.DataFrame) -> dict[str, str]:
    """Our columns → columns of the table."""
    bare = {split_unit(str(name))[0]: str(name) for name in reversed(table.columns)}
    whole = {fold(str(name)): str(name) for name in table.columns}
    found: dict[str, str] = {}
    for ours, column in EVIDENCE[kind].columns.items():
        names = (ours, *map(fold, column.aliases))
        theirs = next((where[name] for name in names for where in (whole, bare) if name in where), None)
        if theirs is not None and theirs not in found.values():
            found[ours] = theirs
    return found


def _conform(kind: str, table: pd.DataFrame, name: str, issues: Issues, as_said: _Dates) -> pd.DataFrame:
    rows = pd.Index([f"{name}:{row}" for row in table.index], name="row", dtype="str")
    understood = _understood(kind, table)
    columns: dict[str, object] = {}
    for ours, what in EVIDENCE[kind].columns.items():
        theirs = understood.get(ours)
        raw = table[theirs] if theirs is not None else pd.Series(pd.NA, table.index, dtype="str")
        raw = raw.set_axis(rows)
        if what.kind == "number":
            columns[ours] = _numbers(raw, what, theirs, issues)
        elif what.kind == "date":
            clock = _clock(table, theirs) if ours == "date" else None
            if clock is not None and (joined := with_clock(raw, clock.set_axis(rows))) is not None:
                raw = joined
            columns[ours] = _times(raw, ours, issues, as_said)
        else:
            columns[ours] = _yes_no(raw, ours, issues) if what.kind == "flag" else as_text(raw)
    for axis in ("lon", "lat"):
        columns[axis] = table[axis].to_numpy(dtype=np.float64) if axis in table else np.nan
    frame = pd.DataFrame(columns, index=rows)
    if "last_rain" in frame:
        later = (frame["last_rain"] > frame["date"]).to_numpy()
        reason, action = in_both("rain_after_reading"), in_both("value_not_used", column="last_rain")
        issues.add("impossible_date", "error", "row", rows[later], reason, action)
        frame.loc[later, "last_rain"] = pd.NaT
    return frame


def _clock(table: pd.DataFrame, date: str | None) -> pd.Series | None:
    """Return the column that has the hours of a column of dates, where both stand apart."""
    if date is None or fold(date) not in DATES:
        return None
    return next((table[name] for name in table if fold(str(name)) in MOMENTS and name != date), None)


def _times(raw: pd.Series, ours: str, issues: Issues, as_said: _Dates) -> pd.Series:
    read = read_dates(raw, order=as_said.order)
    out = ((read.date < _EARLIEST) | (read.date >= as_said.last + pd.Timedelta(days=1))).to_numpy()
    unused = in_both("value_not_used", column=ours)
    reasons = [in_both("date_of_two_days", column=ours, text=text) for text in raw[read.ambiguous]]
    remedy = joined([unused, in_both("date_order_remedy")])
    issues.add("ambiguous_date", "error", "row", raw.index[read.ambiguous], reasons, remedy)
    for mask, why in ((read.unreadable | read.never, "no_date"), (out, "date_outside")):
        reasons = [in_both(why, column=ours, text=text) for text in raw[mask]]
        issues.add("impossible_date", "error", "row", raw.index[mask], reasons, unused)
    place = str(raw.index[0]).rsplit(":", 1)[0]
    if read.order:
        reason = in_both("date_written_as", column=ours, order=read.order)
        issues.add("date_order", "info", "column", [f"{place} {raw.name}"], reason, in_both("cells_read_so"))
    notes = [joined([ours, note], ": ") for note in read.notes]
    issues.add("date_form", "info", "column", [f"{place} {raw.name}"] * len(notes), notes, in_both("read_so"))
    return read.date.mask(out)


def _yes_no(raw: pd.Series, ours: str, issues: Issues) -> pd.Series:
    text = raw.astype("str").map(fold, na_action="ignore")
    said = text.map(dict.fromkeys(_YES, True) | dict.fromkeys(_NO, False), na_action="ignore").astype("boolean")
    bad = (said.isna() & ~values.is_empty(raw)).to_numpy()
    reasons = [in_both("not_yes_or_no", column=ours, word=word) for word in raw[bad]]
    issues.add("not_yes_or_no", "error", "row", raw.index[bad], reasons, in_both("value_not_used", column=ours))
    return said


def _numbers(raw: pd.Series, what: Column, theirs: str | None, issues: Issues) -> np.ndarray:
    """Numbers in our unit: the unit of a cell wins over that of its column; '< 0.5' counts as half of it."""
    ours, factors = what.name, UNITS[what.unit]
    unit = split_unit(theirs)[1] if theirs is not None else None
    if unit is not None and unit not in factors:
        place = f"{raw.index[0].rsplit(':', 1)[0]} {theirs}"
        reason = in_both("unknown_unit", unit=unit, column=theirs, known=", ".join(factors))
        issues.add("unknown_unit", "error", "column", [place], reason, in_both("not_used"))
        return np.full(len(raw), np.nan)
    if pd.api.types.is_numeric_dtype(raw):
        number, known = raw.to_numpy(dtype=np.float64, na_value=np.nan), np.ones(len(raw), np.bool_)
        number = number * factors.get(unit or "", 1.0)
    else:
        cells = raw.astype("str").str.strip().str.extract(_VALUE_UNIT)
        own = cells[2].map(plain_unit, na_action="ignore").replace("", None)
        factor = own.map(factors).where(own.notna(), factors.get(unit or "", 1.0)).to_numpy(dtype=np.float64)
        below = np.where(cells[0].isin(["<", "＜"]), 0.5, 1.0)
        number = values.read_numbers(cells[1], possible=(what.least, what.most)).number * factor * below
        known = np.isfinite(number) | values.is_empty(raw)
    unused, units = in_both("value_not_used", column=ours), ", ".join(factors)
    reasons = [in_both("no_known_number", column=ours, text=text, known=units) for text in raw[~known]]
    issues.add("unknown_unit", "error", "row", raw.index[~known], reasons, unused)
    low, high = what.least, what.most
    out = (number < low) | (number > high)
    reasons = [in_both("cannot_be", column=ours, value=value, low=low, high=high) for value in number[out]]
    issues.add("impossible_value", "error", "row", raw.index[out], reasons, unused)
    return np.where(out, np.nan, number)
