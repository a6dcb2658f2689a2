"""Times of a gauge: dates in one order, minutes, hours, the clock alone, serial days of a spreadsheet."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
import pandas as pd

from drainage.arrays import Floats
from drainage.errors import FormatError
from drainage.said import joined
from drainage.schema.codes import fold
from drainage.schema.text.cell_text import plain
from drainage.schema.text.dates import read_dates
from drainage.schema.text.values import read_numbers
from drainage.words import in_both

MINUTES: Final = ("minute", "minutes", "time_min", "t_min", "min", "分钟", "时间_min", "时间_分钟", "历时_min")
HOURS: Final = ("hour", "hours", "time_h", "time_hour", "time_hours", "t_h", "小时", "时间_h", "时间_小时", "历时_h")
DATES: Final = ("date", "day", "日期", "年月日", "观测日期")
MOMENTS: Final = (
    "time",
    "datetime",
    "date_time",
    "timestamp",
    "时间",
    "日期时间",
    "观测时间",
    "时刻",
    "监测时间",
    "采集时间",
)
_CLOCK: Final = re.compile(r"\d{1,3}[:：]\d{2}(?:[:：]\d{2}(?:\.\d+)?)?$")
_HOUR: Final = re.compile(r"\d{1,2}(?:\.0+)?\s*[时点]?$")
_LAST_HOUR: Final = 24
_SERIAL_FROM: Final = 20_000.0  # 1954 as a serial day; no record by the minute begins so late
_SHORTEST_MIN: Final = 0.5  # a gauge does not report more often; a choice of ours


class Times(NamedTuple):
    """Minutes that rise, the first moment where the file says dates, and what a reader should know of them."""

    minutes: Floats
    first: pd.Timestamp | None
    notes: tuple[str, ...]


def time_column(table: pd.DataFrame, file: str) -> pd.Series:
    """Return the column of times; a column of dates and one of the clock become one.

    Raises
    ------
    FormatError
        There is none.
    """
    bare = {fold(re.sub(r"[\(（\[].*?[\)）\]]", "", str(name))): name for name in reversed(table.columns)}
    by_name = bare | {fold(str(name)): name for name in reversed(table.columns)}
    date, moment, count = (
        next((by_name[name] for name in names if name in by_name), None)
        for names in (DATES, (*MOMENTS, *HOURS), (*MINUTES, *HOURS))
    )
    if date is not None and moment is not None and (whole := with_clock(table[date], table[moment])) is not None:
        return whole
    found = next((name for name in (moment, count, date) if name is not None), None)
    if found is None:
        tried = joined((*MOMENTS[:4], *MINUTES[:2], *HOURS[:1]), ", ")
        raise FormatError(
            in_both("no_column_of", place=file, column="time", tried=tried, has=joined(table.columns, ", "))
        )
    return table[found]


def with_clock(date: pd.Series, clock: pd.Series) -> pd.Series | None:
    """Join a column of dates with one of the clock (``8:30``, or the hour alone); None if it is not a clock time."""
    text = clock.astype("str").map(plain, na_action="ignore")
    if not len(text.dropna()) or not text.dropna().map(lambda one: bool(_CLOCK.match(one) or _HOUR.match(one))).all():
        return None
    hour = text.str.extract(r"^(\d{1,2})(?:\.0+)?\s*[时点]?$")[0]
    if (hour.dropna().astype("int64") > _LAST_HOUR).any():
        return None
    text = text.where(hour.isna(), hour + ":00")
    day = date.astype("str").str.replace(r"[ T]0?0:00(?::00)?$", "", regex=True)
    joined = (day + " " + text).where(text.notna(), day)
    return pd.Series(joined, name=date.name)


def read_times(time: pd.Series, file: str, *, date_order: str | None = None) -> Times:
    """Read the times of the rows; the index of ``time`` is the number of the row in the file.

    Raises
    ------
    FormatError
        They do not rise, one cannot be read, or day and month cannot be distinguished; the message names the row.
    """
    minutes, first, notes = _of_any(time, file, date_order)
    steps = np.diff(minutes)
    if len(minutes) < 2:
        raise FormatError(in_both("one_time_only", file=file, row=time.index[0]))
    if not (steps > 0).all():
        row = int(np.flatnonzero(steps <= 0)[0]) + 1
        raise FormatError(
            in_both("times_fall", file=file, row=time.index[row], time=time.iloc[row], before=time.iloc[row - 1])
        )
    return Times(minutes, first, tuple(notes))


def _of_any(time: pd.Series, file: str, date_order: str | None) -> tuple[Floats, pd.Timestamp | None, Sequence[str]]:
    name = fold(str(time.name))
    read = read_numbers(time)
    if np.isfinite(read.number).all() and not (name not in (*MINUTES, *HOURS) and read.number.min() >= _SERIAL_FROM):
        return _of_numbers(read.number, name, file)
    text = time.astype("str").map(plain, na_action="ignore")
    if time.notna().all() and text.map(lambda one: bool(_CLOCK.match(one))).all():
        return _of_clock(text)
    dates = read_dates(time, order=date_order, rising=True)
    if dates.ambiguous.any():
        row = int(np.flatnonzero(dates.ambiguous)[0])
        found = in_both("time_of_two_days", file=file, row=time.index[row], text=time.iloc[row])
        raise FormatError(joined([found, in_both("date_order_remedy")]))
    if dates.date.isna().any():
        row = int(np.flatnonzero(dates.date.isna())[0])
        odd = "" if pd.isna(time.iloc[row]) else time.iloc[row]
        raise FormatError(in_both("no_such_time", file=file, row=time.index[row], text=odd))
    moments, notes = dates.date, [in_both("times_say", note=note) for note in dates.notes]
    if dates.order:
        notes.append(in_both("times_order", order=dates.order))
    if np.isfinite(dates.offset_min).all() and len(set(dates.offset_min)) > 1:
        ahead = dates.offset_min - dates.offset_min[0]
        moments = moments - pd.to_timedelta(ahead, unit="min")
        notes.append(in_both("times_zone"))
    first = moments.iloc[0]
    return np.asarray((moments - first).dt.total_seconds() / 60.0, dtype=np.float64), first, notes


def _of_numbers(number: Floats, name: str, file: str) -> tuple[Floats, None, Sequence[str]]:
    if name in HOURS:
        return number * 60.0, None, []
    if name in MINUTES:
        return number, None, []
    steps = np.diff(number)
    if len(steps) and (steps > 0).all() and np.median(steps) < _SHORTEST_MIN:
        raise FormatError(in_both("times_too_near", file=file, step=steps.min()))
    return number, None, [in_both("times_minutes")]


def _of_clock(text: pd.Series) -> tuple[Floats, None, Sequence[str]]:
    """Read the clock without a day; where it falls, midnight has passed."""
    parts = text.str.replace("：", ":").str.split(":", expand=True).astype("float64").fillna(0.0).to_numpy()
    units = np.array([60.0, 1.0, 1 / 60.0])[: parts.shape[1]]
    minutes = parts @ units
    midnights = np.cumsum(np.diff(minutes, prepend=minutes[0]) < -12 * 60.0)
    notes = [in_both("times_no_day")] if midnights.any() else []
    return minutes + 1440.0 * midnights, None, notes
