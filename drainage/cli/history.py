"""The day that a command is asked about, today if none; and which other day a source with a history tells of."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Final

from drainage.cli.printing import say
from drainage.errors import DrainageError, FormatError
from drainage.words import in_both

if TYPE_CHECKING:
    import numpy as np

    from drainage.hydraulics.rainfall import Storm
    from drainage.network import DrainageNetwork
    from drainage.simulation.setup import Setup

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


def on_day(net: DrainageNetwork, day: str | None, *, option: str = "--as-of") -> DrainageNetwork:
    """Return the network as it lay on a day, today by default; ``option`` is the one that chooses the day."""
    chosen = day_in(day) if day else dt.date.today()  # noqa: DTZ011 - the user's own day
    part = net.as_of(chosen)
    if len(net.pipes) and not len(part.pipes):
        raise FormatError(in_both("no_pipe_on_day", source=net.source, day=chosen, option=option))
    return part


def told_day(net: DrainageNetwork, today: dt.date) -> dt.date | None:
    """Return the last day before the latest works that the source tells; None where nothing ever changed.

    Works are days on which pipes were abandoned, or, where none ever was, laid. Where the end of a year tells the same
    it is named.  Works that are to come count as they do today: the day is then the last of them.
    """
    import numpy as np
    import pandas as pd

    days = [pd.to_datetime(net.pipes[name]).to_numpy() for name in ("commissioned", "abandoned")]
    columns = [column[~np.isnat(column)] for column in days]  # bare: pandas would keep an object for each id of a pipe
    now = np.datetime64(today)
    changes = np.unique(np.concatenate(columns).astype("datetime64[D]"))
    if (changes > now).any():
        return _date(changes[-1])
    past = [np.unique(column[column <= now].astype("datetime64[D]")) for column in columns]
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


def say_day(
    net: DrainageNetwork, *, storm: Storm | None = None, setup: Setup | None = None, option: str = "--as-of",
    of: str | None = None,
) -> None:  # fmt: skip
    """Print that an answer is for today and which other day the whole source describes, with its points in a storm.

    ``option`` is the one that chooses the day, ``of`` what the answer is of where there are several.
    """
    today = dt.date.today()  # noqa: DTZ011 - the user's own day
    day = told_day(net, today)
    if day is None:
        return
    points = None if storm is None or setup is None else _points(net, day, storm, setup)
    found = "" if points is None else in_both("day_points", count=points)
    asked = "" if of is None else in_both("day_of", side=of)
    say(in_both("day_told", of=asked, today=today, day=day, points=found, option=option))


def _points(net: DrainageNetwork, day: dt.date, storm: Storm, setup: Setup) -> int | None:
    from drainage.analyses.waterlogging.count import count_points
    from drainage.simulation.screening.screen import screen

    try:
        return count_points(screen(net.as_of(day), storm, setup))
    except DrainageError:
        return None
