"""Days, instants and intervals as RFC 3339 and ISO 8601 write them (OGC API – Features 1.0, 7.15.4)."""

from __future__ import annotations

import datetime as dt
import re

import numpy as np

#: In UTC; None: open.
When = tuple[dt.datetime | None, dt.datetime | None]

_INSTANT = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})"
    r"(?:[Tt](?:([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.[0-9]{1,9})?([Zz]|[+-][0-9]{2}:[0-9]{2})?)?)?"  # GDAL: 2010-01-01T
)


class NotATimeError(ValueError):
    """A text that is no time."""


def read_instant(text: str) -> np.datetime64:
    """Return the second of an instant, of a day its first, in UTC.

    Raises
    ------
    NotATimeError
        It is none: also of a month 13 or an hour 25.
    """
    return np.datetime64(_read(text).replace(tzinfo=None), "s")


def read_when(text: str) -> When:
    """Return what ``datetime`` asks for: an instant, a day (all of it), or an interval with open ends.

    GDAL ends an interval with ``/..`` or with nothing, and both are taken.

    Raises
    ------
    NotATimeError
        It is none of them, or ends before it begins.
    """
    first, slash, last = text.partition("/")
    if not slash:
        return _read(first), _until(first)
    begin = None if first in {"", ".."} else _read(first)
    end = None if last in {"", ".."} else _until(last)
    if begin is None and end is None and text != "../..":
        raise NotATimeError(text)
    if begin is not None and end is not None and begin > end:
        raise NotATimeError(text)
    return begin, end


def _read(text: str) -> dt.datetime:
    found = _INSTANT.fullmatch(text)
    if found is None:
        raise NotATimeError(text)
    numbers = [int(part) for part in found.groups()[:6] if part is not None]
    zone = (found[7] or "Z").upper()
    try:
        if len(numbers) == 6 and numbers[5] == 60:  # a leap second
            numbers[5] = 59
        local = dt.datetime(*numbers, tzinfo=dt.UTC)  # type: ignore[arg-type,misc]  # three numbers or six
        if zone == "Z":
            return local
        sign = 1 if zone[0] == "+" else -1
        hours, minutes = int(zone[1:3]), int(zone[4:6])
        return local - sign * dt.timedelta(hours=_below(hours, 24), minutes=_below(minutes, 60))
    except (ValueError, OverflowError) as error:
        raise NotATimeError(text) from error


def _until(text: str) -> dt.datetime:
    """Return the end of a day, or the instant itself."""
    end = _read(text)
    return end.replace(hour=23, minute=59, second=59) if len(text) <= len("2020-01-31T") else end


def _below(number: int, limit: int) -> int:
    if number >= limit:
        raise ValueError(number)
    return number
