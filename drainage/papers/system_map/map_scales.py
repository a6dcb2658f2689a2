"""Sizes, scales and the cutting of a system map: what stands on which sheet, before anything is drawn.

Sizes are those of ISO 216; the frame with its binding edge is that of GB/T 14689, from memory, not verified. Scales are
1, 1.5, 2, 2.5, 4 and 5 times a power of ten, our choice of those that offices use.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

import numpy as np
import shapely

from drainage.arrays import Objects
from drainage.errors import SchemaError
from drainage.papers.drawn.sheets import Box
from drainage.words import in_both, nearest

Orientation = Literal["landscape", "portrait"]
Bounds = tuple[float, float, float, float]

#: Long and short side, mm.
SIZES: Final = {"A0": (1189.0, 841.0), "A1": (841.0, 594.0), "A2": (594.0, 420.0), "A3": (420.0, 297.0),
                "A4": (297.0, 210.0)}  # fmt: skip
#: Denominators of scales, from the largest scale.
SCALES: Final = tuple(int(part * ten) for ten in (100, 1000, 10000, 100000, 1000000) for part in (1, 1.5, 2, 2.5, 4, 5))
#: A network that would take more sheets is not drawn: nobody would turn them over.
MOST_SHEETS: Final = 120
_LETTERS: Final = {"A0": 1.1, "A1": 1.0, "A2": 0.85, "A3": 0.72, "A4": 0.66}
_LINES: Final = {"A0": 1.1, "A1": 1.0, "A2": 0.8, "A3": 0.6, "A4": 0.45}
_PANEL_MM: Final = {"A0": 185.0, "A1": 160.0, "A2": 122.0, "A3": 94.0, "A4": 84.0}
_STRIP_MM: Final = {"A0": 190.0, "A1": 160.0, "A2": 120.0, "A3": 96.0, "A4": 100.0}
_BINDING_MM: Final = 25.0
_MARGIN_MM: Final = 4.0  # from the network to the edge of the map
_PAGE_EDGE_MM: Final = 20.0  # of a page of a report round a map without a frame
_CAPTION_MM: Final = 27.0  # what a page leaves for the caption below such a map
_KEYS_MM: Final = 34.0  # legend below such a map
#: Scales that one looks for first, from the smallest sheet to the largest; if none reaches them, that of this size.
_WANTED: Final = (5000, 10000)
_USUAL: Final = "A1"
_LEAST_MM: Final = 5.0  # a network that is smaller than this on paper is a dot


@dataclass(frozen=True, slots=True)
class Layout:
    """Rooms on a sheet, mm: its frame, the map, and the columns beside or below it.

    Parameters
    ----------
    letters, lines
        Factors of letters and of lines: those of A1 are 1.
    framed
        With frame and title block; otherwise a figure for a report.
    """

    size: str
    wide_mm: float
    tall_mm: float
    frame: Box
    map: Box
    columns: tuple[Box, ...]
    letters: float
    lines: float
    framed: bool

    @property
    def holds_mm(self) -> tuple[float, float]:
        """How wide and high a network may be on paper."""
        return self.map.right - self.map.left - 2 * _MARGIN_MM, self.map.high - self.map.low - 2 * _MARGIN_MM


@dataclass(frozen=True, slots=True)
class Tile:
    """The ground of one sheet: its number, from 1, its row from the north and its column, and its bounds, m."""

    number: int
    row: int
    column: int
    bounds: Bounds


@dataclass(frozen=True, slots=True)
class Cutting:
    """How a map is laid on sheets: the layout of each, the denominator of the scale, and the ground of each."""

    layout: Layout
    scale: int
    tiles: tuple[Tile, ...]


def cut_into_tiles(
    bounds: Bounds, lines: Objects, *, size: str | None, scale: int | None, orientation: Orientation | None,
    framed: bool, schematic: bool = False,
) -> Cutting:  # fmt: skip
    """Choose what is not given of size, scale and orientation, and cut the ground into sheets.

    Parameters
    ----------
    bounds
        Of the network, m.
    lines
        (n,) lines of pipes; sheets without any are left out.
    schematic
        The bounds are in no known unit: A3 is as good as any size.

    Raises
    ------
    SchemaError
        An unknown size, a scale that is not positive, at which the network is a dot, or that would take more than
        `MOST_SHEETS`; a figure for a report that does not fit its page.
    """
    if size is not None and size not in SIZES:
        near = nearest(str(size), SIZES)
        raise SchemaError(in_both("map_size_unknown", size=size, known=", ".join(SIZES), near=near))
    if scale is not None and not 0 < scale < math.inf:
        raise SchemaError(in_both("section_scale_sign", name="scale", value=scale))
    wide_m, tall_m = max(bounds[2] - bounds[0], 1.0), max(bounds[3] - bounds[1], 1.0)
    sizes = [size] if size else ["A4"] if not framed else ["A3"] if schematic else ["A3", "A2", "A1", "A0"]
    layouts = [one for name in sizes for one in _layouts(name, orientation, framed=framed)]
    if scale is None:
        layout, chosen = _best(layouts, wide_m, tall_m)
        chosen = _exact(layout, wide_m, tall_m) if schematic else chosen
        return _one_sheet(layout, chosen, bounds, schematic=schematic)
    longest = max(wide_m, tall_m) * 1000.0 / scale
    if longest < _LEAST_MM:
        fitting = _best(layouts, wide_m, tall_m)[1]
        raise SchemaError(in_both("map_scale_dot", scale=scale, long_mm=longest, fitting=fitting))
    whole = [one for one in layouts if _holds(one, scale, wide_m, tall_m)]
    if whole:
        return _one_sheet(whole[0], scale, bounds, schematic=schematic)
    several = layouts if size else [one for one in layouts if one.size == "A1"] or layouts
    return _several(several, scale, bounds, lines)


def _several(layouts: Sequence[Layout], scale: int, bounds: Bounds, lines: Objects) -> Cutting:
    """Cut the ground into as few sheets as possible."""
    wide_m, tall_m = bounds[2] - bounds[0], bounds[3] - bounds[1]
    layout = min(layouts, key=lambda one: math.prod(_counts(one, scale, wide_m, tall_m)))
    if not layout.framed:
        fitting = _best(layouts, wide_m, tall_m)[1]
        raise SchemaError(in_both("map_bare_too_large", size=layout.size, scale=scale, fitting=fitting))
    columns, rows = _counts(layout, scale, wide_m, tall_m)
    # sheets without pipes are left out, so that more places than sheets are looked at, but not without end
    tiles = _tiles(layout, scale, bounds, lines) if columns * rows <= 4 * MOST_SHEETS else ()
    if len(tiles) > MOST_SHEETS or not tiles:
        raise SchemaError(_too_many(layout, scale, columns * rows, wide_m, tall_m))
    return Cutting(_bolder(layout, scale), scale, tiles)


def _too_many(layout: Layout, scale: int, count: int, wide_m: float, tall_m: float) -> str:
    """Say which scale or size would serve."""
    one = _best([layout], wide_m, tall_m)[1]
    fewer = next((each for each in SCALES if each >= scale and math.prod(_counts(layout, each, wide_m, tall_m))
                  <= MOST_SHEETS), one)  # fmt: skip
    larger = [
        name for name in ("A3", "A2", "A1", "A0")
        for each in _layouts(name, None, framed=layout.framed)
        if math.prod(_counts(each, scale, wide_m, tall_m)) <= MOST_SHEETS
    ]  # fmt: skip
    told = {"size": layout.size, "scale": scale, "count": count, "most": MOST_SHEETS, "one": one, "fewer": fewer}
    return in_both("map_sheets_many_size", **told, larger=larger[0]) if larger else in_both("map_sheets_many", **told)


def _layouts(size: str, orientation: Orientation | None, *, framed: bool) -> Iterator[Layout]:
    preferred: tuple[Orientation, ...] = ("landscape", "portrait") if framed else ("portrait",)
    for one in preferred if orientation is None else (orientation,):
        yield _framed(size, one) if framed else _figure(size, one)


def _framed(size: str, orientation: Orientation) -> Layout:
    """Lay out a sheet with a frame: a column at the right of one that lies, a strip below on one that stands."""
    long, short = SIZES[size]
    wide, tall = (long, short) if orientation == "landscape" else (short, long)
    edge = 5.0 if size in ("A3", "A4") else 10.0
    frame = Box(_BINDING_MM, edge, wide - edge, tall - edge)
    if orientation == "landscape":
        split = frame.right - _PANEL_MM[size]
        room = replace(frame, right=split)
        columns: tuple[Box, ...] = (replace(frame, left=split),)
    else:
        split, count = frame.low + _STRIP_MM[size], 2 if size == "A4" else 3
        step = (frame.right - frame.left) / count
        room = replace(frame, low=split)
        columns = tuple(Box(frame.left + k * step, frame.low, frame.left + (k + 1) * step, split) for k in range(count))
    return Layout(size, wide, tall, frame, room, columns, _LETTERS[size], _LINES[size], framed=True)


def _figure(size: str, orientation: Orientation) -> Layout:
    """Lay out a map for a page of a report, as wide as its text."""
    long, short = SIZES[size]
    wide, tall = (long, short) if orientation == "landscape" else (short, long)
    wide, tall = wide - 2 * _PAGE_EDGE_MM, tall - 2 * _PAGE_EDGE_MM - _CAPTION_MM
    frame = Box(0.3, 0.3, wide - 0.3, tall - 0.3)
    room = replace(frame, low=frame.low + _KEYS_MM)
    keys = replace(frame, high=room.low)
    return Layout(size, wide, tall, frame, room, (keys,), _LETTERS[size], _LINES[size], framed=False)


def _best(layouts: Sequence[Layout], wide_m: float, tall_m: float) -> tuple[Layout, int]:
    """Return the smallest sheet on which the map is at 1:5000 or larger, else at 1:10000, else A1, and its scale."""
    fitting = _by_size([(one, _scale_of(one, wide_m, tall_m)) for one in layouts])
    for limit in _WANTED:
        if reached := [pair for pair in fitting if pair[1] <= limit]:
            return reached[0]
    return next((pair for pair in fitting if pair[0].size == _USUAL), fitting[0])


def _exact(layout: Layout, wide_m: float, tall_m: float) -> int:
    """Return the scale that fills a sheet, for a plan whose unit is not known."""
    wide, tall = layout.holds_mm
    return max(math.ceil(1000.0 * max(wide_m / wide, tall_m / tall)), 1)


def _by_size(fitting: Sequence[tuple[Layout, int]]) -> list[tuple[Layout, int]]:
    """Order by size, of one size the larger scale first."""
    return sorted(fitting, key=lambda pair: (-int(pair[0].size[1:]), pair[1]))


def _scale_of(layout: Layout, wide_m: float, tall_m: float) -> int:
    """Return the first scale at which the whole fits one sheet."""
    return next((scale for scale in SCALES if _holds(layout, scale, wide_m, tall_m)), SCALES[-1])


def _holds(layout: Layout, scale: int, wide_m: float, tall_m: float) -> bool:
    wide, tall = layout.holds_mm
    return wide_m * 1000.0 / scale <= wide and tall_m * 1000.0 / scale <= tall


def _one_sheet(layout: Layout, scale: int, bounds: Bounds, *, schematic: bool) -> Cutting:
    """Return the one sheet of a map; a figure becomes as low as its network allows."""
    if not layout.framed:
        needed = (bounds[3] - bounds[1]) * 1000.0 / scale + 2 * _MARGIN_MM + 6.0
        spare = max(layout.map.high - layout.map.low - max(needed, 60.0), 0.0)
        layout = replace(
            layout,
            tall_mm=layout.tall_mm - spare,
            frame=replace(layout.frame, high=layout.frame.high - spare),
            map=replace(layout.map, high=layout.map.high - spare),
        )
    wide, tall = _ground(layout, scale)
    x, y = (bounds[0] + bounds[2]) / 2.0, (bounds[1] + bounds[3]) / 2.0
    tile = Tile(1, 0, 0, (x - wide / 2, y - tall / 2, x + wide / 2, y + tall / 2))
    return Cutting(_bolder(layout, 5000 if schematic else scale), scale, (tile,))


def _bolder(layout: Layout, scale: int) -> Layout:
    """Return a layout with bolder lines where the scale is large: pipes then lie farther apart on paper."""
    return replace(layout, lines=layout.lines * min(max((10000.0 / scale) ** 0.4, 1.0), 1.6))


def _ground(layout: Layout, scale: int) -> tuple[float, float]:
    """Return how much ground a sheet shows, m."""
    room = layout.map
    return (room.right - room.left) * scale / 1000.0, (room.high - room.low) * scale / 1000.0


def _counts(layout: Layout, scale: int, wide_m: float, tall_m: float) -> tuple[int, int]:
    """Return how many sheets lie side by side and one below another."""
    wide, tall = _ground(layout, scale)
    margin = 2 * _MARGIN_MM * scale / 1000.0
    return math.ceil((wide_m + margin) / wide), math.ceil((tall_m + margin) / tall)


def _tiles(layout: Layout, scale: int, bounds: Bounds, lines: Objects) -> tuple[Tile, ...]:
    """Return the sheets that hold a pipe, numbered from the north-west in rows."""
    wide, tall = _ground(layout, scale)
    columns, rows = _counts(layout, scale, bounds[2] - bounds[0], bounds[3] - bounds[1])
    left = (bounds[0] + bounds[2] - columns * wide) / 2.0
    top = (bounds[1] + bounds[3] + rows * tall) / 2.0
    row, column = (grid.ravel() for grid in np.indices((rows, columns)))
    edges = np.column_stack(
        [left + column * wide, top - (row + 1) * tall, left + (column + 1) * wide, top - row * tall]
    )
    tree = shapely.STRtree(lines)
    used = np.unique(tree.query(shapely.box(*edges.T), predicate="intersects")[0])
    return tuple(
        Tile(number + 1, int(row[k]), int(column[k]), tuple(edges[k].tolist())) for number, k in enumerate(used)
    )
