"""Moments as people read them: by the clock of the town, which is named."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo


def moment_of(time: str | float) -> dt.datetime | None:
    """Return a moment that is told as a text of ISO 8601, without an offset in UTC, or in seconds since 1970."""
    if isinstance(time, int | float):
        return dt.datetime.fromtimestamp(time, dt.UTC)
    try:
        found = dt.datetime.fromisoformat(time)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=dt.UTC)


def by_the_clock(time: str | float, zone: ZoneInfo | None = None) -> str:
    """Return a moment with the offset of its clock; a text that is none as it is.

    Parameters
    ----------
    zone
        None: that of the machine.

    Examples
    --------
    >>> by_the_clock("2026-11-29T14:07:31+00:00", ZoneInfo("Asia/Shanghai"))
    '2026-11-29 22:07 (UTC+08:00)'
    """
    found = moment_of(time)
    if found is None:
        return str(time)
    told = found.astimezone(zone).isoformat(timespec="minutes")
    return f"{told[:10]} {told[11:16]} (UTC{told[16:]})"
