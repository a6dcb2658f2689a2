"""Intervals of chainage: united, cut, and asked for what covers a place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from drainage.arrays import Floats, Ints, ranges

JOIN_M = 1e-6  # intervals this close touch: rounding of coordinates, not a gap


class Intervals(NamedTuple):
    """Stretches by road: number of the road, from and to in metres of its chainage."""

    road: Ints
    from_m: Floats
    to_m: Floats

    def only(self, chosen: NDArray[np.bool_] | Ints) -> Intervals:
        """Return some of them."""
        return Intervals(self.road[chosen], self.from_m[chosen], self.to_m[chosen])


def merge_intervals(parts: Intervals) -> Intervals:
    """Unite intervals of one road that overlap or touch; sorted by road and chainage."""
    if not len(parts.road):
        return parts
    order = np.lexsort((parts.from_m, parts.road))
    road, start, end = parts.road[order], parts.from_m[order], parts.to_m[order]
    offset = float(end.max()) + 1.0  # roads laid end to end, so that one running maximum serves all
    reach = np.maximum.accumulate(end + road * offset)
    new = np.concatenate([[True], start[1:] + road[1:] * offset > reach[:-1] + JOIN_M])
    first = np.flatnonzero(new)
    last = np.concatenate([first[1:] - 1, [len(road) - 1]])
    return Intervals(road[first], start[first], reach[last] - road[first] * offset)


def covers(parts: Intervals, road: Ints, place_m: Floats) -> NDArray[np.bool_]:
    """Return whether places on roads lie in one of the merged intervals, (n_places,)."""
    if not len(parts.road):
        return np.zeros(len(road), np.bool_)
    offset = float(max(parts.to_m.max(), place_m.max())) + 1.0
    at = np.searchsorted(parts.from_m + parts.road * offset, place_m + road * offset, side="right") - 1
    found = at >= 0
    at = np.maximum(at, 0)
    covered: NDArray[np.bool_] = found & (parts.road[at] == road) & (place_m <= parts.to_m[at])
    return covered


def cut_by(parts: Mapping[str, Intervals], whole: Intervals) -> tuple[Intervals, dict[str, NDArray[np.bool_]]]:
    """Cut intervals wherever a part begins or ends; return the pieces, and which of them each part covers.

    Parameters
    ----------
    parts
        Merged intervals by name; what lies beyond the whole is left out.
    whole
        Merged intervals, all of them.
    """
    every = (*parts.values(), whole)
    road = np.concatenate([part.road for part in every for _ in range(2)])
    cut = np.concatenate([side for part in every for side in (part.from_m, part.to_m)])
    order = np.lexsort((cut, road))
    road, cut = road[order], cut[order]
    new = np.concatenate([[True], (np.diff(road) != 0) | (np.diff(cut) > JOIN_M)]) if len(road) else np.zeros(0, bool)
    road, cut = road[new], cut[new]
    inside = road[1:] == road[:-1]
    road, low, high = road[:-1][inside], cut[:-1][inside], cut[1:][inside]
    middle = (low + high) / 2
    mine = covers(whole, road, middle)
    road, low, high, middle = road[mine], low[mine], high[mine], middle[mine]
    return Intervals(road, low, high), {name: covers(part, road, middle) for name, part in parts.items()}


def shared_m(groups: Intervals, pieces: Intervals) -> tuple[Ints, Ints, Floats]:
    """Return where intervals overlap: row of the first, row of the second, and for how long, m.

    Parameters
    ----------
    groups
        Any intervals.
    pieces
        Intervals of the same roads, sorted by road and chainage, that do not overlap each other.
    """
    if not len(groups.road) or not len(pieces.road):
        return np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0)
    offset = float(max(groups.to_m.max(), pieces.to_m.max())) + 1.0
    begin, end = (pieces.road * offset + side for side in (pieces.from_m, pieces.to_m))
    first = np.searchsorted(end, groups.road * offset + groups.from_m, side="right")
    last = np.searchsorted(begin, groups.road * offset + groups.to_m, side="left")
    count = np.maximum(last - first, 0)
    one = np.repeat(np.arange(len(groups.road)), count)
    two = ranges(first, count)
    low = np.maximum(groups.from_m[one], pieces.from_m[two])
    high = np.minimum(groups.to_m[one], pieces.to_m[two])
    long = high > low
    return one[long], two[long], (high - low)[long]
