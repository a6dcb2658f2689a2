"""What was measured, by task and size, and what it comes to: medians, peaks, spreads and ratios."""

from __future__ import annotations

import itertools
import statistics
from typing import Any, Literal

Measured = dict[str, Any] | None
Found = dict[tuple[str, int], list[Measured]]
Clock = Literal["seconds", "cpu_seconds"]

FLOOR = "bare GeoPackage"
#: Repeats shorter than this are left out of the spread: there the clock itself is rough, s.
SHORT_S = 0.05


def times(found: Found, task: str, size: int, clock: Clock) -> list[float]:
    """Return what each repeat took, of all rounds; nothing where it was not measured."""
    return [second for one in found.get((task, size), []) if one is not None for second in one[clock]]


def median(found: Found, task: str, size: int, clock: Clock = "seconds") -> float | None:
    """Return the median of all repeats; None where it was not measured."""
    several = times(found, task, size, clock)
    return statistics.median(several) if several else None


def peak(found: Found, task: str, size: int) -> float | None:
    """Return the largest memory of a process, or of all that worked on it together, MiB."""
    several = [one for one in found.get((task, size), []) if one is not None]
    return max((one["answer"].get("processes_peak_mib", one["peak_mib"]) for one in several), default=None)


def spread(found: Found, task: str, size: int, clock: Clock) -> float | None:
    """Return by what share of the median the slowest repeat is above the quickest; None of a single or short one."""
    several = times(found, task, size, clock)
    middle = median(found, task, size, clock)
    if middle is None or len(several) < 2 or middle < SHORT_S:
        return None
    return (max(several) - min(several)) / middle


def ratio(found: Found, slow: str, fast: str, size: int, clock: Clock = "seconds") -> float | None:
    """Return how many times as long one task takes as another; None where one of them was not measured."""
    above, below = median(found, slow, size, clock), median(found, fast, size, clock)
    return None if above is None or below is None else above / below


def compare(found: Found, theirs: str, ours: str, size: int) -> None:
    """Stop where an answer is another than ours: its time would mean nothing."""
    answers = [one["answer"] for task in (ours, theirs) for one in found.get((task, size), []) if one is not None]
    for first, other in itertools.pairwise(answers):
        for name in first.keys() & other.keys() - {"processes_peak_mib"}:
            if abs(other[name] - first[name]) > 1e-9 * max(abs(first[name]), 1.0):
                raise SystemExit(f"{theirs} at {size}: {name} is {other[name]}, ours {first[name]}")
