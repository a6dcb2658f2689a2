"""Which other day a network with a history tells of than today."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import TYPE_CHECKING

from drainage.days import day_before_works, today
from drainage.errors import DrainageError
from drainage.words import in_both

if TYPE_CHECKING:
    from drainage.hydraulics.rainfall import Storm
    from drainage.network import DrainageNetwork
    from drainage.simulation.setup import Setup


def other_day_told(
    net: DrainageNetwork, *, storm: Storm | None = None, setup: Setup | None = None, option: str = "--as-of",
    of: str | None = None,
) -> Iterator[str]:  # fmt: skip
    """Tell that an answer is for today, and which other day the network describes, with its points in a storm.

    Parameters
    ----------
    net
        The network with the pipes of all days.
    storm, setup
        In which points of waterlogging are counted on that day; None: they are not.
    option
        What chooses the day.
    of
        What the answer is of, where there are several.
    """
    now = today()
    day = day_before_works(net, now)
    if day is None:
        return
    points = None if storm is None or setup is None else _points(net, day, storm, setup)
    found = "" if points is None else in_both("day_points", count=points)
    asked = "" if of is None else in_both("day_of", side=of)
    yield in_both("day_told", of=asked, today=now, day=day, points=found, option=option)


def _points(net: DrainageNetwork, day: dt.date, storm: Storm, setup: Setup) -> int | None:
    from drainage.analyses.waterlogging.count import count_points
    from drainage.simulation.screening.screen import screen

    try:
        return count_points(screen(net.as_of(day), storm, setup))
    except DrainageError:
        return None
