"""Points, the vertices of lines, and their ends, as arrays."""

from __future__ import annotations

from itertools import chain
from typing import Final

import geopandas as gpd
import numpy as np
import shapely
from geopandas.array import GeometryArray

from drainage.arrays import Floats, Ints, Objects, Rows
from drainage.positions.drawn_later import DrawnLater, Lines, Points

#: Ends of one node farther apart than this cannot be one manhole, nor a feature that far from its place be itself, m; a
#: choice of ours, no standard.
FAR_M: Final = 20.0

_LINE: Final = int(shapely.GeometryType.LINESTRING)
Drawn = Objects | GeometryArray


def coordinates(points: Objects | gpd.GeoSeries) -> Floats:
    """Return x and y of points, (n, 2); NaN for one that is missing, where `shapely.get_coordinates` leaves it out."""
    flat = _flat(points.array) if isinstance(points, gpd.GeoSeries) else None
    if isinstance(flat, Points):
        return flat.xy.copy()
    array = np.asarray(points, dtype=object)
    return np.column_stack([shapely.get_x(array), shapely.get_y(array)])


def coordinates_at(points: Objects | gpd.GeoSeries, rows: Rows) -> Floats:
    """Return x and y of the points in some rows, (n_rows, 2); NaN for row -1."""
    xy, there = np.full((len(rows), 2), np.nan), rows >= 0
    xy[there] = coordinates(points)[rows[there]]
    return xy


def line_ends(lines: Drawn) -> tuple[Floats, Floats]:
    """Return the first and the last coordinates of lines of one or more parts, (n, 2); NaN where there is no line."""
    flat = _flat(lines)
    if isinstance(flat, Lines):
        return flat.ends
    coords, index = shapely.get_coordinates(np.asarray(lines), return_index=True)
    start, end = np.full((2, len(lines), 2), np.nan)
    end[index] = coords  # the last one written stays
    start[index[::-1]] = coords[::-1]
    return start, end


def south_west(shapes: Drawn) -> Floats:
    """Return the least x and y of each shape, (n, 2); NaN where there is none."""
    flat = _flat(shapes)
    if isinstance(flat, Lines) and flat.pairs is not None:
        return np.minimum(flat.pairs[:, 0], flat.pairs[:, 1])
    return (shapes.bounds if isinstance(shapes, GeometryArray) else shapely.bounds(shapes))[:, :2]


def vertices(shapes: Drawn) -> Floats:
    """Return x and y of all vertices of all shapes, (n_vertices, 2)."""
    flat = _flat(shapes)
    if flat is not None:
        return flat.xy if isinstance(flat, Lines) else flat.xy[~flat.missing]
    return np.asarray(shapely.get_coordinates(np.asarray(shapes)))


def segments(lines: Drawn) -> tuple[Floats, Floats, Ints]:
    """Return both ends of each straight segment of lines, (n_segments, 2), and the row of its line, in their order.

    Between the parts of a line of several, what joins them is a segment too.
    """
    flat = _flat(lines)
    if isinstance(flat, Lines) and flat.pairs is not None:
        return flat.pairs[:, 0], flat.pairs[:, 1], np.arange(len(flat))
    if isinstance(flat, Lines):
        xy, line = flat.xy, np.repeat(np.arange(len(flat)), flat.counts)
    else:
        xy, line = shapely.get_coordinates(np.asarray(lines), return_index=True)
    inside = line[1:] == line[:-1]
    return xy[:-1][inside], xy[1:][inside], line[:-1][inside]


def pairs_within(here: Floats, there: Floats, within_m: float) -> tuple[Rows, Rows, Floats]:
    """Return which places have which others within a distance, and how far apart they are, m, (n_pairs,) each.

    Parameters
    ----------
    here, there
        (n, 2) and (m, 2) x and y, m, finite: some places, and those, more by far, that are sought around them.
    within_m
        The distance, which may be reached.
    """
    from scipy.spatial import cKDTree

    # Sought a little further, so that no rounding parts what is near; built as it is quickest for few questions.
    tree = cKDTree(there, balanced_tree=False, compact_nodes=False)
    found: Objects = np.asarray(tree.query_ball_point(here, 1.001 * within_m), dtype=object)
    one = np.repeat(np.arange(len(here)), np.fromiter(map(len, found), np.intp, len(found)))
    other = np.fromiter(chain.from_iterable(found), np.intp, len(one))
    across = there[other] - here[one]
    apart = np.sqrt(across[:, 0] ** 2 + across[:, 1] ** 2)
    near = apart <= within_m
    return one[near], other[near], apart[near]


def count_vertices(shapes: Drawn) -> Ints:
    """Return how many vertices each shape has, (n,)."""
    flat = _flat(shapes)
    return flat.counts if isinstance(flat, Lines) else np.asarray(shapely.get_num_coordinates(np.asarray(shapes)))


def are_lines(shapes: Drawn) -> bool:
    """Return whether all shapes are lines of one part that hold something."""
    flat = _flat(shapes)
    if isinstance(flat, Lines):
        return not flat.missing.any()
    array = np.asarray(shapes)
    return bool((shapely.get_type_id(array) == _LINE).all() and not shapely.is_empty(array).any())


def _flat(shapes: object) -> Lines | Points | None:
    return shapes.flat if isinstance(shapes, DrawnLater) else None
