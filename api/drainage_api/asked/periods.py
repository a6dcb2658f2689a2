"""How two times lie to each other (CQL2, OGC 21-065r2, 7.8), as arrays; a moment is an interval of no length."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

Bools: TypeAlias = NDArray[np.bool_]

#: Open ends.
FIRST: Final = np.datetime64(-(2**62), "s")
LAST: Final = np.datetime64(2**62, "s")


@dataclass(frozen=True, slots=True, eq=False)
class Period:
    """Begin and end of a time, and where one of them is missing."""

    begin: NDArray[Any]
    end: NDArray[Any]
    null: Bools
    lasts: bool  # an interval, not a moment


Relation = Callable[[Period, Period], Any]

#: Name → where it holds of the first and the second.
RELATIONS: Final[dict[str, Relation]] = {
    "t_after": lambda a, b: a.begin > b.end,
    "t_before": lambda a, b: a.end < b.begin,
    "t_contains": lambda a, b: (a.begin < b.begin) & (a.end > b.end),
    "t_disjoint": lambda a, b: (a.end < b.begin) | (a.begin > b.end),
    "t_during": lambda a, b: (a.begin > b.begin) & (a.end < b.end),
    "t_equals": lambda a, b: (a.begin == b.begin) & (a.end == b.end),
    "t_finishedby": lambda a, b: (a.begin < b.begin) & (a.end == b.end),
    "t_finishes": lambda a, b: (a.begin > b.begin) & (a.end == b.end),
    "t_intersects": lambda a, b: (a.begin <= b.end) & (a.end >= b.begin),
    "t_meets": lambda a, b: a.end == b.begin,
    "t_metby": lambda a, b: a.begin == b.end,
    "t_overlappedby": lambda a, b: (a.begin > b.begin) & (a.begin < b.end) & (a.end > b.end),
    "t_overlaps": lambda a, b: (a.begin < b.begin) & (a.end > b.begin) & (a.end < b.end),
    "t_startedby": lambda a, b: (a.begin == b.begin) & (a.end > b.end),
    "t_starts": lambda a, b: (a.begin == b.begin) & (a.end < b.end),
}
#: Those that the standard has of moments too; the others are of intervals.
OF_MOMENTS: Final = frozenset(
    {"t_after", "t_before", "t_disjoint", "t_equals", "t_intersects", "t_during", "t_contains"}
)
