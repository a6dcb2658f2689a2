"""Levels, depths and flows that gauges measured in the drains, from a file: which gauge, what it measures, when."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import pandas as pd

from drainage.arrays import Floats
from drainage.errors import FormatError
from drainage.formats.guard.before_opening import check_path
from drainage.formats.rain.gauge_times import DATES, HOURS, MINUTES, MOMENTS, read_times, time_column
from drainage.formats.tables.survey import read_table
from drainage.said import joined
from drainage.schema.codes import fold
from drainage.schema.text.dates import check_order
from drainage.schema.text.values import SENTINELS, is_empty, read_numbers
from drainage.wants import wants
from drainage.words import in_both

#: What is measured → its names, without a unit.
_NAMES: Final = {
    "level": ("level", "water_level", "stage", "head", "水位", "水面高程", "水位高程"),
    "depth": ("depth", "water_depth", "水深"),
    "flow": ("flow", "discharge", "q", "流量"),
}
_LENGTHS: Final = {"m": 1.0, "米": 1.0, "cm": 0.01, "厘米": 0.01, "mm": 0.001, "毫米": 0.001}
_RATES: Final = {
    **dict.fromkeys(("m3s", "m3_s", "m3_per_s", "立方米_秒", "cms"), 1.0),
    **dict.fromkeys(("l_s", "ls", "l_per_s", "lps", "升_秒"), 1e-3),
    **dict.fromkeys(("m3h", "m3_h", "m3_per_h", "立方米_小时", "立方米_时"), 1.0 / 3600.0),
    **dict.fromkeys(("m3d", "m3_d", "m3_per_day", "立方米_日", "立方米_天"), 1.0 / 86400.0),
}
#: Quantity → the units that it may have, in those that are used here: m, m³/s.
_UNITS: Final = {"level": _LENGTHS, "depth": _LENGTHS, "flow": _RATES}
_IDS: Final = {
    "node": ("node_id", "node", "manhole", "manhole_id", "井号", "井编号", "节点", "节点编号", "检查井编号"),
    "pipe": ("pipe_id", "pipe", "管段", "管段编号", "管线编号"),
    "": ("gauge", "gauge_id", "id", "station", "station_id", "site", "meter", "meter_id", "sensor", "监测点",
         "监测点编号", "测点", "测点编号", "站点", "设备编号", "编号"),
}  # fmt: skip


def _pattern() -> re.Pattern[str]:
    told: list[str] = []
    for what, names in _NAMES.items():
        units = "|".join(sorted(_UNITS[what], key=len, reverse=True))
        for name in sorted(names, key=len, reverse=True):
            before = r"(?:(?P<id{0}>.+?)_)?" if name.isascii() else r"(?:(?P<id{0}>.+?)_?)?"
            told.append(f"{before.format(len(told))}{name}(?:_(?P<unit{len(told)}>{units}))?(?P<{what}{len(told)}>)")
    return re.compile("|".join(told))


_HEADING: Final = _pattern()
_SHOWN: Final = "level_m, depth_m, flow_m3s, 水位(m), 水深(m), 流量(m3/s)"


@dataclass(frozen=True, slots=True, eq=False)
class GaugeReadings:
    """What gauges in the drains measured.

    Parameters
    ----------
    table
        ``gauge`` (id as written), ``at`` (``node`` or ``pipe`` where the file says which, else empty), ``quantity``
        (``level``, m above the datum of the gauge, ``depth``, m, or ``flow``, m³/s), ``minute`` (from ``begins``),
        ``value`` (nan: nothing was measured), ``row`` of the file. The rows of a gauge rise in time.
    begins
        Local time of minute 0; None if the file has only minutes.
    source
        Name of the file.
    notes
        How it was understood.

    Examples
    --------
    >>> import drainage as dr
    >>> import pandas as pd
    >>> rows = [("YS12", "node", "level", 0.0, 18.2, 2), ("YS12", "node", "level", 5.0, 18.6, 3)]
    >>> table = pd.DataFrame(rows, columns=["gauge", "at", "quantity", "minute", "value", "row"])
    >>> dr.formats.GaugeReadings(table, begins=None, source="levels.csv")
    <GaugeReadings levels.csv: 1 gauges, 2 readings>
    """

    table: pd.DataFrame
    begins: np.datetime64 | None
    source: str
    notes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        """Return the numbers of gauges and readings in one line."""
        gauges = self.table.groupby(["gauge", "quantity"]).ngroups
        return f"<GaugeReadings {self.source}: {gauges} gauges, {len(self.table):,} readings>"


class _Column(NamedTuple):
    """A column of values: its name, what it measures, by which factor it is in m or m³/s, and whose it is."""

    name: str
    quantity: str
    factor: float
    gauge: str
    unit: str


@wants
def read_gauges(path: str | Path, *, date_order: str | None = None) -> GaugeReadings:
    r"""Read levels, depths and flows of gauges in the drains: many gauges in one file, by rows or by columns.

    By rows: ``time``, ``node_id`` or ``pipe_id`` (or ``gauge``: either), and ``level_m``, ``depth_m`` or ``flow_m3s``,
    or several of them. By columns: ``time``, and a column for each gauge that is called by its id and what it
    measures: ``YS12 level_m``, ``G7 流量(L/s)``. Units in the names are converted; a level or depth without one is in
    metres. Empty cells and codes such as -9999 are readings that are missing.

    Parameters
    ----------
    path
        A table: .csv, .xlsx and the like.
    date_order
        ``dmy``, ``mdy`` or ``ymd``: the meaning of 03/04/2010, if the rows do not decide it.

    Raises
    ------
    FormatError
        Columns are missing, the times of a gauge do not increase, or a value is not a number; the message names the
        row and the remedy.

    Examples
    --------
    >>> import drainage as dr
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     _ = Path(folder, "levels.csv").write_text("time_min,YS12 level_m,G7 flow(L/s)\n0,18.2,40\n5,18.6,95\n")
    ...     readings = dr.formats.read_gauges(f"{folder}/levels.csv")
    >>> readings.table[["gauge", "quantity", "minute", "value"]]
      gauge quantity  minute   value
    0  YS12    level     0.0  18.200
    1  YS12    level     5.0  18.600
    2    G7     flow     0.0   0.040
    3    G7     flow     5.0   0.095
    """
    file = check_path(path)
    check_order(date_order)
    table = read_table(file, names=_known_names())
    time = time_column(table, file.name)
    rest = table.drop(columns=[name for name in table if name == time.name])
    ids, at = _ids(rest)
    columns = _columns(rest.drop(columns=[] if ids is None else [str(ids.name)]), file, by_rows=ids is not None)
    notes: list[str] = [in_both("gauge_no_unit", name=one.name) for one in columns if not one.unit]
    parts, firsts = [], []
    for gauge, column, rows in _series(rest, ids, columns, file):
        number, lost = _values(rest[column.name][rows], file)
        kept = _once(time[rows], number)
        if not kept.all():
            notes.append(in_both("gauge_repeated", gauge=gauge, count=int((~kept).sum())))
        times = read_times(time[rows][kept], file.name, date_order=date_order)
        notes += times.notes
        if lost:
            notes.append(in_both("gauge_codes", gauge=gauge, count=lost))
        values = {"gauge": gauge, "at": at, "quantity": column.quantity, "minute": times.minutes,
                  "value": number[kept] * column.factor, "row": np.asarray(rest.index[rows])[kept]}  # fmt: skip
        parts.append(pd.DataFrame(values))
        firsts.append(times.first)
    begins = min((first for first in firsts if first is not None), default=None)
    for part, first in zip(parts, firsts, strict=True):
        if first is not None and begins is not None:
            part["minute"] += (first - begins).total_seconds() / 60.0
    return GaugeReadings(
        pd.concat(parts, ignore_index=True),
        None if begins is None else begins.to_datetime64(),
        file.name,
        tuple(dict.fromkeys(notes)),
    )


def _known_names() -> tuple[str, ...]:
    ids = (name for names in _IDS.values() for name in names)
    values = (name for names in _NAMES.values() for name in names)
    return ("time", "时间", *MOMENTS, *MINUTES, *HOURS, *DATES, *ids, *values, "level_m", "depth_m", "flow_m3s")


def _ids(table: pd.DataFrame) -> tuple[pd.Series | None, str]:
    """Find the column that names the gauge of each row, and of what its ids are."""
    folded = {fold(str(name)): name for name in reversed(table.columns)}
    for at, names in _IDS.items():
        for name in names:
            if name in folded:
                return table[folded[name]], at
    return None, ""


def _columns(table: pd.DataFrame, file: Path, *, by_rows: bool) -> list[_Column]:
    found = []
    for name in table.columns:
        match = _HEADING.fullmatch(fold(str(name)))
        if match is None:
            continue
        told = {key.rstrip("0123456789"): text for key, text in match.groupdict().items() if text is not None}
        what = next(one for one in _NAMES if one in told)
        gauge, unit = told.get("id", ""), told.get("unit", "")
        if by_rows == bool(gauge):
            continue
        if what == "flow" and not unit:
            raise FormatError(in_both("gauge_flow_unit", file=file.name, name=name))
        found.append(_Column(str(name), what, _UNITS[what].get(unit, 1.0), _as_written(str(name), gauge), unit))
    if not found:
        has = joined(table.columns, ", ")
        raise FormatError(in_both("gauge_columns", file=file.name, tried=_SHOWN, has=has))
    return found


def _as_written(name: str, folded: str) -> str:
    """Return the part of a heading that is the id, as it is written there."""
    for end in range(len(name), 0, -1):
        if fold(name[:end]) == folded:
            return name[:end].strip(" _-:：")
    return folded


def _series(
    table: pd.DataFrame, ids: pd.Series | None, columns: list[_Column], file: Path
) -> Iterator[tuple[str, _Column, np.ndarray]]:
    """Give each gauge with a column of its values and the rows in which they stand."""
    if ids is None:
        for column in columns:
            yield column.gauge, column, np.ones(len(table), dtype=np.bool_)
        return
    blank = is_empty(ids)
    if blank.any():
        raise FormatError(in_both("gauge_unnamed", file=file.name, row=table.index[blank][0], column=ids.name))
    names = ids.astype("str").str.strip()
    for gauge in names.drop_duplicates():
        here = (names == gauge).to_numpy(dtype=np.bool_)
        for column in columns:
            if not is_empty(table[column.name][here]).all():
                yield str(gauge), column, here


def _values(column: pd.Series, file: Path) -> tuple[Floats, int]:
    """Read numbers; return them, nan where nothing was measured, and how many codes say so."""
    read = read_numbers(column)
    bad = np.isnan(read.number) & ~is_empty(column)
    if bad.any():
        row = int(np.flatnonzero(bad)[0])
        raise FormatError(
            in_both("row_no_such_number", file=file.name, row=column.index[row], text=column.iloc[row],
                    expected=in_both("gauge_number", column=column.name))
        )  # fmt: skip
    code = np.isin(read.number, SENTINELS)
    return np.where(code, np.nan, read.number), int(code.sum())


def _once(time: pd.Series, number: Floats) -> np.ndarray:
    """Mark the rows that are no repetition, time and value, of one before."""
    both = pd.DataFrame({"time": time.astype("str").to_numpy(), "value": number})
    return ~both.duplicated().to_numpy()
