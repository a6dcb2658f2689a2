"""Columns of dates: one order of day and month for all cells, and what is known only to the month or the year."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from drainage.arrays import Bools
from drainage.errors import SchemaError
from drainage.said import Said
from drainage.schema.text import date_text, values
from drainage.schema.text.date_text import Day
from drainage.words import in_both

#: What stands between day, month and year in a heading that names their order: ``date (dd/mm/yyyy)``.
_LETTERS: Final = {"d": "d", "m": "m", "y": "y", "日": "d", "月": "m", "年": "y"}
_ISO_MOMENT: Final = r"(?:19[1-9]|20\d)\d-\d{2}-\d{2}[ T]\d{2}:\d{2}(?::\d{2})?"  # and no year that stands for none
_ORDER_IN_NAME: Final = re.compile(r"(?<![a-z])(d{1,2}|m{1,2}|y{1,4}|[日月年])[-/. _]?(d{1,2}|m{1,2}|[日月])"
                                   r"[-/. _]?(d{1,2}|m{1,2}|y{1,4}|[日月年])(?![a-z])")  # fmt: skip
_FAR_SHORTER: Final = 5  # times as long must a record be in the other order; a choice of ours
_SLIPS: Final = 0.01  # of different dates may be none in the order of all others: slips of the pen; a choice of ours


class Dates(NamedTuple):
    """A column of dates.

    Parameters
    ----------
    date
        Moments; NaT where nothing is said or nothing certain.
    unreadable
        Rows whose text is not a date.
    ambiguous
        Rows such as 03/04/2010 in a column that does not tell the day from the month.
    never
        Rows that hold a placeholder, such as 0 or 9999-12-31.
    order
        ``dmy``, ``mdy`` or ``ymd`` where the cells needed one and showed it.
    notes
        What else a reader should know of how the cells were read.
    offset_min
        Minutes that the clock of a cell is ahead of UTC; nan where it says none.
    """

    date: pd.Series
    unreadable: Bools
    ambiguous: Bools
    never: Bools
    order: str | None
    notes: tuple[Said, ...]
    offset_min: NDArray[np.float64]


def day_of(day: str | dt.date | pd.Timestamp, what: str) -> dt.date:
    """Return a day that the user names: a date, or ISO text; ``05/03/2012`` could be two days.

    Raises
    ------
    SchemaError
        The text is not YYYY-MM-DD.
    """
    if not isinstance(day, str):
        return pd.Timestamp(day).date()
    try:
        return dt.datetime.fromisoformat(day.strip()).date()
    except ValueError as error:
        raise SchemaError(in_both("no_day", what=what, day=day)) from error


def check_order(order: str | None) -> str | None:
    """Return an order of day, month and year that there is.

    Raises
    ------
    SchemaError
        It is another word.
    """
    if order is not None and order not in date_text.DATE_ORDERS:
        raise SchemaError(in_both("no_such_date_order", order=order))
    return order


def order_in_name(name: str) -> str | None:
    """Return the order that the name of a column tells, such as ``Date (DD/MM/YYYY)`` or ``日期(月/日/年)``."""
    for found in _ORDER_IN_NAME.finditer(name.lower()):
        order = "".join(_LETTERS[part[0]] for part in found.groups())
        if order in date_text.DATE_ORDERS:
            return order
    return None


def read_dates(column: pd.Series, *, order: str | None = None, rising: bool = False) -> Dates:
    """Read a column of dates.

    Understood are ISO dates and the customary variants (``2010/5/1``, ``2010.05.01``, ``2010年5月1日``, ``20100501``,
    ``1 May 2010``), months (``2010-05``, ``2010年5月``: the first day), years (``1985``: the first of January), serial
    days of a spreadsheet, seconds and milliseconds since 1970, and ``03/04/2010`` in one order for the whole column:
    that which all cells allow. The clock is taken as written; zones are not applied.

    Parameters
    ----------
    column
        Text, numbers or timestamps.
    order
        ``dmy``, ``mdy`` or ``ymd`` where the user says it; else the name of the column may.
    rising
        The rows are in time order, which may tell the order of day and month too.
    """
    nothing = np.zeros(len(column), np.bool_)
    if pd.api.types.is_datetime64_any_dtype(column):
        stamps = column.dt.tz_localize(None) if column.dt.tz is not None else column
        stamps = stamps.astype("datetime64[ms]")
        far = (stamps.dt.year.isin([1, 9999])).to_numpy()
        return Dates(stamps.mask(far), nothing, nothing, far, None, (), np.full(len(column), np.nan))
    if (plain := _of_iso(column)) is not None:
        return Dates(plain, nothing, nothing, nothing, None, (), np.full(len(column), np.nan))
    empty = values.is_empty(column)
    codes, index = pd.factorize(column.mask(empty))
    unique = list(index)
    days = [date_text.read_day(value) for value in unique]
    days, notes = _settle_counts(unique, days)
    said = order or order_in_name(str(column.name))
    found = said or _order_of(days, codes if rising else None)
    read = [_moment(day, found) for day in days]
    moments = np.array([*read, None], dtype="datetime64[ms]")[codes]
    how = np.array([*(day.how for day in days), ""], dtype=object)[codes]
    offset = np.array([*(np.nan if day.offset_min is None else day.offset_min for day in days), np.nan])[codes]
    either = np.array(
        [*(day.how == "open" and read[i] is None and _fits_any(day) for i, day in enumerate(days)), False]
    )
    ambiguous = either[codes] if found is None else nothing
    return Dates(
        pd.Series(moments, index=column.index),
        np.isnat(moments) & ~empty & ~ambiguous & (how != "never"),
        ambiguous,
        how == "never",
        found if (how == "open").any() else None,
        (*notes, *_notes(unique, days, read)),
        offset,
    )


def _of_iso(column: pd.Series) -> pd.Series | None:
    """Return quickly the moments of a column in which every cell is one: 2024-07-15 14:05, with seconds or without."""
    if not isinstance(column.dtype, pd.StringDtype) or not column.str.fullmatch(_ISO_MOMENT).fillna(value=False).all():
        return None
    moments = pd.to_datetime(column, format="ISO8601", errors="coerce").astype("datetime64[ms]")
    return None if moments.isna().any() else moments


def _settle_counts(unique: Sequence[object], days: list[Day]) -> tuple[list[Day], list[Said]]:
    """Decide from all numbers of a column: seconds since 1970, milliseconds, or dates of twelve digits."""
    hows = {day.how for day in days}
    if "twelve" in hows and "millis" not in hows:
        written = [date_text.of_twelve(value) for value, day in zip(unique, days, strict=True) if day.how == "twelve"]
        if None not in written:
            new = iter(written)
            days = [day._replace(how="day", moment=next(new)) if day.how == "twelve" else day for day in days]
            hows -= {"twelve"}
    if "seconds" not in hows or hows & {"millis", "twelve"}:
        return days, []
    zero = dt.datetime(1970, 1, 1)  # noqa: DTZ001 - as written
    days = [
        day._replace(moment=zero + (day.moment - zero) * 1000) if day.how == "seconds" and day.moment else day
        for day in days
    ]
    return days, [in_both("since_1970")]


def _order_of(days: list[Day], codes: NDArray[np.intp] | None) -> str | None:
    """Return the only order in which the open dates of a column are dates; None where several or none is."""
    is_open = [day for day in days if day.how == "open" and _fits_any(day)]
    if not is_open:
        return None
    misfits = {order: sum(not date_text.of_order(day, order) for day in is_open) for order in date_text.DATE_ORDERS}
    slips = _SLIPS * len(is_open)
    fitting = [order for order, count in misfits.items() if not count] or [
        order for order, count in misfits.items() if count <= slips
    ]
    if len(fitting) > 1 and len({tuple(date_text.of_order(day, order) for day in is_open) for order in fitting}) == 1:
        return fitting[0]
    if len(fitting) > 1 and codes is not None:
        return _order_of_times(days, fitting, codes)
    return fitting[0] if len(fitting) == 1 else None


def _order_of_times(days: list[Day], fitting: list[str], codes: NDArray[np.intp]) -> str | None:
    """Return the order in which times rise; of several, that in which a record by the hour is far the shortest."""
    spans = {}
    for order in fitting:
        times = np.array([*(_moment(day, order) for day in days), None], dtype="datetime64[ms]")[codes]
        steps = np.diff(times[~np.isnat(times)])
        if len(steps) and (steps > np.timedelta64(0)).all():
            spans[order] = steps.sum() if steps.min() < np.timedelta64(1, "D") else np.timedelta64(0)
    if len(spans) < 2:
        return next(iter(spans), None)
    (order, shortest), (_, second), *_ = sorted(spans.items(), key=lambda one: one[1])
    return order if shortest * _FAR_SHORTER <= second and shortest > np.timedelta64(0) else None


def _moment(day: Day, order: str | None) -> dt.datetime | None:
    if day.how != "open":
        return day.moment
    if order is not None:
        return date_text.of_order(day, order)
    possible = {date_text.of_order(day, one) for one in date_text.DATE_ORDERS} - {None}
    return possible.pop() if len(possible) == 1 else None


def _fits_any(day: Day) -> bool:
    return any(date_text.of_order(day, order) for order in date_text.DATE_ORDERS)


def _notes(unique: Sequence[object], days: list[Day], read: list[dt.datetime | None]) -> list[Said]:
    """Return notes on cells that are known only roughly, or were counted from an epoch."""
    notes = []
    for how, said in (("serial", "serial_days"), ("short_year", "short_years"), ("month", "months_only")):
        rows = [i for i, day in enumerate(days) if _how(day) == how and read[i] is not None]
        if rows:
            notes.append(in_both(said, value=unique[rows[0]], day=read[rows[0]]))
    return notes


def _how(day: Day) -> str:
    return "short_year" if day.how == "open" and max(day.numbers) < 100 else day.how
