"""Roads cut where others meet them, into stretches no shorter than a place may be told.

A stretch is what the public page knows of a position. It runs from crossing to crossing; where crossings follow each
other more closely than `LEAST_M`, it runs on to the next. A line that is shorter as a whole is no stretch: what is
known of a place on it is told of the street that it leaves.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
import shapely

from drainage.analyses.separation.along import substrings
from drainage.arrays import Floats, Ints, Objects
from drainage.graph import connect

#: No stretch is shorter, m: 100 m of road, and some more for the grid on which it is drawn.
LEAST_M: Final = 110.0
#: The end of a line so near to another road meets it, m: as wide as half a main road (own choice).
MEETS_M: Final = 25.0
#: Places along a road so near to each other are one crossing, m (own choice).
CROSSING_M: Final = 30.0


class Cut(NamedTuple):
    """Stretches: the line that each is a part of, its shape, and the numbers of the crossings at both ends, (n, 2)."""

    line: Ints
    shape: Objects
    ends: Ints
    crossings: Floats


def cut_at_crossings(lines: Objects) -> Cut:
    """Return the stretches of lines, in order along each; lines shorter than `LEAST_M` have none."""
    lines = _opened_rings(lines)
    owner, low, high = _bounds(lines)
    shape = substrings(lines[owner], low, high) if len(owner) else np.empty(0, dtype=object)
    ends, crossings = _crossings(shape)
    return Cut(owner, shape, ends, crossings)


def simple_lines(lines: Objects) -> tuple[Objects, Ints]:
    """Part lines where they cross themselves; also return which line each part is of."""
    simple = shapely.is_simple(lines)
    if simple.all():
        return lines, np.arange(len(lines))
    noded = shapely.node(lines[~simple])
    parts, of = shapely.get_parts(noded, return_index=True)
    merged = shapely.line_merge(shapely.multilinestrings(parts, indices=of)) if len(parts) else parts
    parts, of = shapely.get_parts(merged, return_index=True)
    row = np.concatenate([np.flatnonzero(simple), np.flatnonzero(~simple)[of]])
    every = np.concatenate([lines[simple], parts])
    order = np.argsort(row, kind="stable")
    return every[order], row[order]


def _bounds(lines: Objects) -> tuple[Ints, Floats, Floats]:
    """Return for each stretch its line, and where along it the stretch begins and ends, m."""
    line, place = _meetings(lines)
    order = np.lexsort((place, line))
    begins = np.searchsorted(line[order], np.arange(len(lines) + 1))
    length, place = shapely.length(lines), place[order]
    owner, low, high = list[int](), list[float](), list[float]()
    for row in np.flatnonzero(length >= LEAST_M):
        kept = _kept(place[begins[row] : begins[row + 1]], float(length[row]))
        owner += [int(row)] * (len(kept) - 1)
        low += kept[:-1]
        high += kept[1:]
    return np.asarray(owner, dtype=np.int64), np.asarray(low, dtype=np.float64), np.asarray(high, dtype=np.float64)


def _kept(places: Floats, length: float) -> list[float]:
    """Return the bounds of the stretches of one line: its ends, and crossings far enough from each other and these."""
    kept = [0.0]
    for place in places:
        if place - kept[-1] >= LEAST_M and length - place >= LEAST_M:
            kept.append(float(place))
    return [*kept, length]


def _meetings(lines: Objects) -> tuple[Ints, Floats]:
    """Return where lines are met by others: the line, and how far along it, m."""
    tree = shapely.STRtree(lines)
    one, other = tree.query(lines, predicate="intersects")
    one, other = one[one < other], other[one < other]
    shared, pair = shapely.get_parts(shapely.intersection(lines[one], lines[other]), return_index=True)
    ends = np.stack([shapely.get_point(shared, 0), shapely.get_point(shared, -1)])
    points = np.where(shapely.get_type_id(shared) == 0, shared, ends)  # of what both run along, its ends
    met, at = np.concatenate([one[pair]] * 2 + [other[pair]] * 2), np.concatenate([*points, *points])
    tips = np.concatenate([shapely.get_point(lines, 0), shapely.get_point(lines, -1)])
    tip, near = tree.query(tips, predicate="dwithin", distance=MEETS_M)
    far = near != tip % len(lines)
    met, at = np.concatenate([met, near[far]]), np.concatenate([at, tips[tip[far]]])
    known = ~shapely.is_missing(at)
    return met[known].astype(np.int64), np.asarray(shapely.line_locate_point(lines[met[known]], at[known]))


def _opened_rings(lines: Objects) -> Objects:
    """Let rings begin where another road meets them, and not at whatever vertex they were drawn from."""
    rings = np.flatnonzero(shapely.is_closed(lines))
    if not len(rings):
        return lines
    line, place = _meetings(lines)
    opened = lines.copy()
    for row in rings:
        met = np.sort(place[line == row])
        if not len(met) or not 0.0 < met[0] < shapely.length(lines[row]):
            continue
        halves = substrings(np.asarray([lines[row]] * 2), np.array([met[0], 0.0]),
                            np.array([shapely.length(lines[row]), met[0]]))  # fmt: skip
        coords = np.concatenate([shapely.get_coordinates(halves[0]), shapely.get_coordinates(halves[1])[1:]])
        opened[row] = shapely.linestrings(coords)
    return opened


def _crossings(shape: Objects) -> tuple[Ints, Floats]:
    """Number the ends of stretches so that those near to each other are one; return places of the numbers too."""
    if not len(shape):
        return np.empty((0, 2), dtype=np.int64), np.empty((0, 2))
    from scipy.spatial import KDTree

    tips = np.concatenate([shapely.get_coordinates(shapely.get_point(shape, end)) for end in (0, -1)])
    pairs = KDTree(tips).query_pairs(CROSSING_M, output_type="ndarray")
    number = connect((pairs[:, 0], pairs[:, 1]), len(tips)).astype(np.int64)
    count = np.bincount(number)
    middle = np.column_stack([np.bincount(number, weights=tips[:, k]) / count for k in (0, 1)])
    return number.reshape(2, -1).T, middle
