"""The day that a network is asked about: one that a text names, today if none, or the last before the latest works."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Final

from drainage.errors import FormatError
from drainage.words import in_both

if TYPE_CHECKING:
    import numpy as np

    from drainage.network import DrainageNetwork

#: Works that follow each other within so many days are of one campaign, and a campaign is no longer than that (own
#: choices).
_PAUSE_DAYS: Final = 366
_CAMPAIGN_DAYS: Final = 5 * 366


def day_in(day: str) -> dt.date:
    """Return the day that a text names.

    Raises
    ------
    FormatError
        It is not written YYYY-MM-DD.
    """
    try:
        return dt.date.fromisoformat(day)
    except ValueError as error:
        raise FormatError(in_both("not_a_day", day=day)) from error


def today() -> dt.date:
    """Return today where the user is."""
    return dt.date.today()  # noqa: DTZ011 - the user's own day


def on_day(net: DrainageNetwork, day: str | None, *, option: str = "--as-of") -> DrainageNetwork:
    """Return the network as it lay on a day, today by default.

    Parameters
    ----------
    net
        The network with the pipes of all days.
    day
        As a text, YYYY-MM-DD.
    option
        What chooses the day, for the message.

    Raises
    ------
    FormatError
        The text is no day, or no pipe lay there on it.

    Examples
    --------
    >>> import drainage as dr
    >>> len(on_day(dr.load_demo(), "2018-12-31"))
    5317
    """
    chosen = day_in(day) if day else today()
    part = net.as_of(chosen)
    if len(net.pipes) and not len(part.pipes):
        raise FormatError(in_both("no_pipe_on_day", source=net.source, day=chosen, option=option))
    return part


def day_before_works(net: DrainageNetwork, now: dt.date) -> dt.date | None:
    """Return the last day before the latest works that a network tells of; None where nothing ever changed.

    Works are days on which pipes were abandoned, or, where none ever was, laid. Where the end of a year tells the same
    it is named.  Works that are to come count as they do today: the day is then the last of them.

    Examples
    --------
    >>> import drainage as dr
    >>> str(day_before_works(dr.load_demo(), dt.date(2026, 1, 1)))
    '2018-12-31'
    """
    import numpy as np
    import pandas as pd

    days = [pd.to_datetime(net.pipes[name]).to_numpy() for name in ("commissioned", "abandoned")]
    columns = [column[~np.isnat(column)] for column in days]  # bare: pandas would keep an object for each id of a pipe
    until = np.datetime64(now)
    changes = np.unique(np.concatenate(columns).astype("datetime64[D]"))
    if (changes > until).any():
        return _date(changes[-1])
    past = [np.unique(column[column <= until].astype("datetime64[D]")) for column in columns]
    works = past[1] if len(past[1]) else past[0][1:]  # the first pipes of all are no works
    if not len(works):
        return None
    pauses = np.flatnonzero(np.diff(works) > np.timedelta64(_PAUSE_DAYS, "D"))
    campaign = works[pauses[-1] + 1 :] if len(pauses) else works
    campaign = campaign[campaign >= campaign[-1] - np.timedelta64(_CAMPAIGN_DAYS, "D")]
    before = campaign[0] - np.timedelta64(1, "D")
    new_year = campaign[0].astype("datetime64[Y]").astype("datetime64[D]") - np.timedelta64(1, "D")
    same = not ((changes > new_year) & (changes <= before)).any()
    return _date(new_year if same and (changes <= new_year).any() else before)


def _date(day: np.datetime64) -> dt.date:
    found: dt.date = day.astype("datetime64[D]").item()
    return found
