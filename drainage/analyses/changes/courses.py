"""Which lines of two layers lie on one course: by their ends first, then by how far apart they are between them."""

from __future__ import annotations

from typing import NamedTuple

import geopandas as gpd
import numpy as np
import shapely
from scipy.spatial import KDTree

from drainage.arrays import Bools, Floats, Objects, Rows
from drainage.positions import line_ends

#: Candidates that are looked at for each line; more lie on one course nowhere but in errors.
_MOST_ALIKE = 6


class Candidates(NamedTuple):
    """Rows before and after that may be one thing, (n,) each, and how far apart they are, m."""

    before: Rows
    after: Rows
    apart_m: Floats

    def only(self, chosen: Bools) -> Candidates:
        """Return some of them."""
        return Candidates(self.before[chosen], self.after[chosen], self.apart_m[chosen])


def ends_of(lines: gpd.GeoDataFrame) -> Floats:
    """Return x and y of both ends, (n, 4); NaN where there is no line."""
    return np.column_stack(line_ends(lines.geometry.to_numpy()))


def ends_apart_m(one: Floats, other: Floats) -> tuple[Floats, Bools]:
    """Return how far apart the ends of lines are at most, (n,), and which of them run the other way."""
    distance = np.minimum(_furthest(one, other), _furthest(one, other[:, [2, 3, 0, 1]]))
    turned = ((one[:, 2:] - one[:, :2]) * (other[:, 2:] - other[:, :2])).sum(axis=1) < 0.0
    return distance, turned


def _furthest(one: Floats, other: Floats) -> Floats:
    apart = (one - other).reshape(len(one), 2, 2)
    return np.asarray(np.hypot(apart[..., 0], apart[..., 1]).max(axis=1))


def apart_m(one: Objects, other: Objects) -> Floats:
    """Return the Hausdorff distance of lines, (n,): how far apart they are at most, 0 where they are the same."""
    distance = np.zeros(len(one))
    differs = ~shapely.equals_exact(one, other, tolerance=0.0)
    distance[differs] = shapely.hausdorff_distance(one[differs], other[differs])
    return distance


def near_ends(one: Floats, other: Floats, within_m: float) -> Candidates:
    """Return the lines of which both ends lie within a distance of both ends of another, either way round."""
    first, second = (np.flatnonzero(np.isfinite(ends).all(axis=1)) for ends in (one, other))
    if not len(first) or not len(second):
        return Candidates(first[:0], second[:0], np.zeros(0))
    # of a line and its like that runs the other way the sum and the absolute difference of the ends are the same, but
    # the latter jumps where a difference is near nought; so one tree is asked twice
    tree = KDTree(other[second], balanced_tree=False)
    parts = []
    for way in ([0, 1, 2, 3], [2, 3, 0, 1]):
        _, found = tree.query(one[first][:, way], k=_MOST_ALIKE, distance_upper_bound=within_m * np.sqrt(2.0) + 1e-9)
        found = np.asarray(found)
        known = found < len(second)
        parts.append(np.column_stack([np.repeat(first, known.sum(axis=1)), second[found[known]]]))
    rows = np.unique(np.concatenate(parts), axis=0)
    distance, _ = ends_apart_m(one[rows[:, 0]], other[rows[:, 1]])
    near = distance <= within_m
    return Candidates(rows[near, 0], rows[near, 1], distance[near])


def on_one_course(found: Candidates, before: Objects, after: Objects, within_m: float) -> Candidates:
    """Return the candidates that nowhere are further apart than a distance, which is then that of the whole lines."""
    one, other = before[found.before], after[found.after]
    distance = found.apart_m.copy()
    bent = (shapely.get_num_coordinates(one) > 2) | (shapely.get_num_coordinates(other) > 2)
    distance[bent] = apart_m(one[bent], other[bent])
    return found._replace(apart_m=distance).only(distance <= within_m)


def best_of(found: Candidates, likeness: Floats) -> tuple[Rows, Rows]:
    """Return one to one the pairs of which neither has a better one left: the most alike, then the nearest."""
    order = np.lexsort((found.after, found.before, found.apart_m, -likeness))
    one, other = found.before[order], found.after[order]
    chosen: list[tuple[Rows, Rows]] = []
    while len(one):
        at = np.arange(len(one))
        first_of = np.full(one.max() + 1, len(one)), np.full(other.max() + 1, len(one))
        for best, rows in zip(first_of, (one, other), strict=True):
            np.minimum.at(best, rows, at)
        mutual = (first_of[0][one] == at) & (first_of[1][other] == at)
        chosen.append((one[mutual], other[mutual]))
        left = ~np.isin(one, one[mutual]) & ~np.isin(other, other[mutual])
        one, other = one[left], other[left]
    if not chosen:
        return one, other
    return np.concatenate([part[0] for part in chosen]), np.concatenate([part[1] for part in chosen])
