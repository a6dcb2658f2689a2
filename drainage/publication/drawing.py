"""The town as numbers that a page draws: lines in steps of `UNIT_M`, with none of the corners that they were drawn by.

A road is often surveyed from manhole to manhole, so its corners are those of the drains. Lines are therefore drawn
anew, by points at even steps, and every point is moved to a grid.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
import pyproj
import shapely
from shapely.geometry.base import BaseGeometry

from drainage.arrays import Floats, Ints, Objects, ranges
from drainage.publication.spelling import water_in_english
from drainage.publication.town import Town

#: Grid of the drawing, m.
UNIT_M: Final = 5.0
#: Distance of the points by which a line is drawn, and how far they may leave a straight line out, m.
STEP_M: Final = 90.0
_STRAIGHT_M: Final = 7.0
#: The drawing ends so far outside the streets, m.
_MARGIN_M: Final = 260.0
#: What roads enclose is built upon if it is no larger, m² (own choice: 1.5 km by 1.5 km).
_LARGEST_BLOCK_M2: Final = 2.25e6
#: Waters and areas smaller than this are not drawn, m and m² (own choice).
_LEAST_RIVER_M: Final = 200.0
_LEAST_AREA_M2: Final = 10_000.0
#: Distance over which degrees are compared with metres, m.
_BASE_M: Final = 6000.0


class Frame(NamedTuple):
    """Where the drawing begins, its upper left corner, m, and how large it is, units."""

    left_m: float
    top_m: float
    width: int
    height: int

    def units(self, coords: Floats) -> Ints:
        """Return places on the grid, (n, 2): to the right and down."""
        away = np.column_stack([coords[:, 0] - self.left_m, self.top_m - coords[:, 1]])
        return np.rint(away / UNIT_M).astype(np.int64)


def drawn(town: Town) -> dict[str, object]:
    """Return what a page needs to draw a town and to place a phone on it (keys: see `contents`)."""
    frame = _frame(town)
    lines = _stretches(town, frame)
    rivers, areas = _waters(town, frame)
    return {
        "size": [frame.width, frame.height],
        "geo": _degrees(town.crs, frame),
        "l": ",".join(lines),
        "town": _outlines(_built(town), frame),
        "river": [text for text, _ in rivers],
        "rname": [[name, water_in_english(name)] for _, name in rivers],
        "water": [text for text, _ in areas],
        "wname": [[name, water_in_english(name)] for _, name in areas],
    }


def evenly(lines: Objects) -> Objects:
    """Return lines by points at even steps, the first and the last included."""
    length = shapely.length(lines)
    parts = np.maximum(np.rint(length / STEP_M), 1).astype(np.int64)
    owner = np.repeat(np.arange(len(lines)), parts + 1)
    step = ranges(0, parts + 1)
    points = shapely.line_interpolate_point(lines[owner], step / parts[owner], normalized=True)
    return np.asarray(shapely.linestrings(shapely.get_coordinates(points), indices=owner), dtype=object)


def _frame(town: Town) -> Frame:
    left, low, right, top = town.bounds
    width, height = (round((high - least + 2 * _MARGIN_M) / UNIT_M) for least, high in ((left, right), (low, top)))
    # the corner on the grid too, so that it tells no more than this of the road that lies outermost
    corner = (np.floor((left - _MARGIN_M) / UNIT_M) * UNIT_M, np.ceil((top + _MARGIN_M) / UNIT_M) * UNIT_M)
    return Frame(float(corner[0]), float(corner[1]), width, height)


def _degrees(crs: pyproj.CRS, frame: Frame) -> list[float]:
    """Return degrees of the corner and of a unit, good to some 20 m over a town."""
    x, y = np.array([0.0, _BASE_M]) + frame.left_m, frame.top_m - np.array([0.0, _BASE_M])
    to_degrees = pyproj.Transformer.from_crs(crs, 4326, always_xy=True)
    (west, east), (north, south) = (degrees.tolist() for degrees in to_degrees.transform(x, y))
    unit = UNIT_M / _BASE_M
    return [round(west, 5), round(north, 5), round((east - west) * unit, 9), round((north - south) * unit, 9)]


def _stretches(town: Town, frame: Frame) -> list[str]:
    """Return the stretches, each from crossing to crossing."""
    simple = shapely.simplify(evenly(town.lines), _STRAIGHT_M)
    coords, line = shapely.get_coordinates(simple, return_index=True)
    first = np.searchsorted(line, np.arange(town.count))
    last = np.searchsorted(line, np.arange(town.count), side="right") - 1
    coords[first], coords[last] = town.crossings[town.ends[:, 0]], town.crossings[town.ends[:, 1]]
    units = frame.units(coords)
    return [_steps(units[begin : end + 1]) for begin, end in zip(first, last, strict=True)]


def _steps(units: Ints, *, closed: bool = False) -> str:
    """Return places as a start and steps; those where the line stands still are left out."""
    moves = np.diff(units, axis=0)
    moves = moves[(moves != 0).any(axis=1)]
    if closed:
        moves = moves[:-1]
    return " ".join(map(str, [*units[0].tolist(), *moves.ravel().tolist()]))


def _waters(town: Town, frame: Frame) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Return rivers and areas of water within the frame, each with its name."""
    rivers, areas = list[tuple[str, str]](), list[tuple[str, str]]()
    box = shapely.box(
        frame.left_m, frame.top_m - frame.height * UNIT_M, frame.left_m + frame.width * UNIT_M, frame.top_m
    )
    for name, shape in zip(town.waters["name"], town.waters["shape"], strict=True):
        seen = shapely.intersection(shape, box)
        parts = shapely.get_parts(shapely.line_merge(seen) if shapely.get_dimensions(seen) == 1 else seen)
        for part in parts:
            if part.geom_type == "LineString" and part.length >= _LEAST_RIVER_M:
                soft = shapely.simplify(evenly(np.array([part]))[0], _STRAIGHT_M)
                rivers.append((_steps(frame.units(shapely.get_coordinates(soft))), name))
            elif part.geom_type == "Polygon" and part.area >= _LEAST_AREA_M2:
                areas += [(text, name) for text in _outlines(part, frame)]
    return rivers, areas


def _built(town: Town) -> BaseGeometry:
    """Return what the blocks cover, else what the roads enclose, with a soft edge; of a lone road its sides."""
    lines = evenly(town.lines)
    faces = town.blocks
    if not len(faces):
        faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(shapely.node(shapely.multilinestrings(lines)))))
        faces = faces[shapely.area(faces) <= _LARGEST_BLOCK_M2]
    if not len(faces):
        return shapely.union_all(shapely.buffer(lines, 120.0))
    whole = shapely.union_all(shapely.buffer(faces, 90.0, quad_segs=2))
    return shapely.simplify(shapely.buffer(shapely.buffer(whole, 120.0), -130.0), 25.0)


def _outlines(shape: BaseGeometry, frame: Frame) -> list[str]:
    """Return the outer bounds of areas, drawn anew by points at even steps."""
    parts = shapely.get_parts(shape)
    rings = shapely.get_exterior_ring(parts[shapely.area(parts) >= _LEAST_AREA_M2])
    soft = shapely.simplify(evenly(np.asarray(rings, dtype=object)), _STRAIGHT_M) if len(rings) else rings
    return [_steps(frame.units(shapely.get_coordinates(ring)), closed=True) for ring in soft]
