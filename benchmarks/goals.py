"""What the measurements are meant to reach, and whether they do; multiples are of CPU seconds where not said."""

from __future__ import annotations

from typing import Final, NamedTuple

from measured import FLOOR, Found, median, peak, ratio

#: The goals are those of a city of so many pipes.
GOAL_SIZE: Final = 1_000_000
LARGEST: Final = 10_000_000
_MULTIPLES: Final = (
    ("layer", "read layer", FLOOR, 1.2, False),
    ("read_default", "read GeoPackage", "bare by default", 1.2, False),
    ("read", "read GeoPackage", FLOOR, 1.2, False),
    ("rules", "quality", FLOOR, 5.0, False),
    ("separation", "separation", FLOOR, 1.5, False),
    ("accumulate", "networkx accumulate", "accumulate", 100.0, True),
    ("rows", "networkx mixed flow", "mixed rows", 100.0, True),
    ("result", "networkx mixed flow", "mixed flow", 100.0, True),
)


class Goal(NamedTuple):
    """One goal: its words in `page.toml`, what was measured, its limit; ``before``: the size from which it grew."""

    name: str
    measured: float
    limit: float
    at_least: bool = False
    before: int = 0

    @property
    def met(self) -> bool:
        """Whether it is reached."""
        return self.measured >= self.limit if self.at_least else self.measured <= self.limit


def reached(found: Found, sizes: list[int], size: int) -> list[Goal]:
    """Return all goals that can be judged by what was measured at a size."""
    goals = []
    for name, clock, limit in (("cpu", "cpu_seconds", 7.0), ("wall", "seconds", 5.5)):
        times = ratio(found, "total", FLOOR, size, clock)
        goals += [] if times is None else [Goal(name, times, limit)]
    peak_mib = peak(found, "total", size)
    goals += [] if peak_mib is None else [Goal("memory", peak_mib / 1024, 3.0)]
    again_s = median(found, "storm again", size, "cpu_seconds")
    goals += [] if again_s is None else [Goal("again", again_s, 0.3)]
    goals += _growth(found, sizes, size)
    for name, slow, fast, limit, at_least in _MULTIPLES:
        times = ratio(found, slow, fast, size, "cpu_seconds")
        goals += [] if times is None else [Goal(name, times, limit, at_least)]
    largest_mib = peak(found, "in partitions", LARGEST)
    return goals if largest_mib is None else [*goals, Goal("partitions_memory", largest_mib / 1024, 8.0)]


def _growth(found: Found, sizes: list[int], size: int) -> list[Goal]:
    """Return how the whole grew from a tenth of the size."""
    before = size // 10
    above, below = (median(found, "total", one, "cpu_seconds") for one in (size, before))
    if before not in sizes or above is None or below is None:
        return []
    return [Goal("growth", above / below, 12.0, before=before)]
