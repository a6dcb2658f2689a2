"""What lies below the pipes on a map: waterways, roads and their names, the grid of coordinates, north and scale."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from drainage.fonts.letters import MM_PER_PT, width_mm
from drainage.maps.looks import COLOURS
from drainage.papers.drawn.lettering import LEAST_PT
from drainage.papers.drawn.sheets import INK, THIN_MM, WATER, WHITE, Box, Point, Sheet
from drainage.papers.system_map.label_field import Track
from drainage.papers.system_map.map_window import Window
from drainage.papers.system_map.road_names import NameLook, write_along

WATER_EDGE: Final = "#8fb3cf"
WATER_NAME: Final = COLOURS["river"]
ROAD: Final = "#f4f1ea"
ROAD_EDGE: Final = "#d6d1c6"
ROAD_NAME: Final = "#4b4740"
GRID: Final = "#7d8790"
_ROAD_PT: Final = (13.0, 11.0, 9.5)
#: A waterway that is a line is drawn this wide, mm, a sign; a road of unknown width as a thin line.
_WATER_MM: Final = 3.2
_LEAST_ROAD_MM: Final = 0.35
_EVERY_MM: Final = 230.0
_NAME_MOST: Final = 9.0
_RULES: Final = (10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0, 2000.0, 5000.0, 10000.0, 20000.0, 50000.0)
_GRID_MM: Final = 60.0
_TICK_MM: Final = 4.0


def draw_waters(window: Window, waters: pd.DataFrame) -> None:
    """Draw waterways: areas as they are, lines with a width of their own."""
    shapes = waters["shape"].to_numpy()
    flat = shapely.get_dimensions(shapes) == 1 if len(shapes) else np.zeros(0, np.bool_)
    half = _WATER_MM / 2.0 * window.signs * window.scale / 1000.0
    areas = np.concatenate([shapes[~flat], shapely.buffer(shapes[flat], half, cap_style="flat")])
    for outline, holes in window.areas_of(areas):
        window.sheet.area(outline, WATER, WATER_EDGE, 0.15 * window.lines, z=1, layer="WATER", holes=holes)


def draw_roads(window: Window, roads: pd.DataFrame) -> None:
    """Draw roads as wide as they are; those of unknown width as a line."""
    wide = roads["width_m"].to_numpy(np.float64)
    known = wide * 1000.0 / window.scale >= _LEAST_ROAD_MM
    shapes = roads["line"].to_numpy()
    edge_m = 0.12 * window.lines * window.scale / 1000.0
    for z, more, colour in ((1.2, edge_m, ROAD_EDGE), (1.3, 0.0, ROAD)):
        for outline, holes in window.areas_of(
            shapely.buffer(shapes[known], wide[known] / 2.0 + more, cap_style="flat")
        ):
            window.sheet.area(outline, colour, z=z, layer="ROAD", holes=holes)
    for points in window.lines_of(shapes[~known])[0]:
        window.sheet.line(points, _LEAST_ROAD_MM, ROAD_EDGE, z=1.2, layer="ROAD")


def name_roads(window: Window, roads: pd.DataFrame) -> pd.DataFrame:
    """Write the names of roads beside them, main roads first.

    Returns
    -------
    Index name of the road: ``longest_mm`` of its parts on the sheet, ``written`` how often.
    """
    named = roads[roads["road"] != ""]
    lines, row = window.lines_of(named["line"].to_numpy())
    tracks = [Track.along(points) for points in lines]
    told: dict[str, list[float]] = {}
    ranks, names, widths = (named[name].to_numpy() for name in ("rank", "road", "width_m"))
    for track, k in sorted(zip(tracks, row, strict=True), key=lambda one: (ranks[one[1]], -one[0].length_mm)):
        rank = int(ranks[k])
        look = NameLook(
            max(LEAST_PT, _ROAD_PT[rank] * window.letters), ROAD_NAME, bold=rank == 0,
            beside_mm=np.nan_to_num(widths[k]) * 500.0 / window.scale, halo_mm=0.55 * window.letters,
        )  # fmt: skip
        count = write_along(window.sheet, window.field, track, names[k], look, every_mm=_EVERY_MM * window.letters,
                            most=_NAME_MOST, layer="ROAD_NAME")  # fmt: skip
        longest, written = told.get(names[k], [0.0, 0.0])
        told[names[k]] = [max(longest, track.length_mm), written + count]
    return pd.DataFrame.from_dict(told, orient="index", columns=["longest_mm", "written"])


def name_waters(window: Window, waters: pd.DataFrame) -> None:
    """Write the names of waterways in them: along lines, and along the middle of areas."""
    for name, shape in waters[waters["name"] != ""].itertuples(index=False):
        ways, _ = window.lines_of(np.array([_middle_of(shape)], dtype=object))
        size = max(LEAST_PT, min(13.0 * window.letters, _WATER_MM * window.signs / MM_PER_PT * 0.9))
        look = NameLook(size, WATER_NAME, within=True, pitch=1.7)
        tracks = sorted(map(Track.along, ways), key=lambda track: -track.length_mm)
        flat = shapely.get_dimensions(shape) == 1
        for track in tracks if flat else tracks[:1]:
            write_along(window.sheet, window.field, track, name, look,
                        every_mm=1.2 * _EVERY_MM * window.letters, most=4.0, layer="WATER_NAME")  # fmt: skip


def _middle_of(shape: BaseGeometry) -> BaseGeometry:
    """Return the line along which a name runs: a line itself, of an area the middle of its longer extent."""
    if shapely.get_dimensions(shape) == 1:
        return shape
    ring = shapely.get_coordinates(shapely.oriented_envelope(shape))
    first, second = np.hypot(*(ring[1] - ring[0])), np.hypot(*(ring[2] - ring[1]))
    a, b = (ring[0] + ring[1], ring[2] + ring[3]) if first < second else (ring[1] + ring[2], ring[3] + ring[0])
    return shapely.LineString([a / 2.0, b / 2.0]).intersection(shape)


def draw_grid(window: Window, *, labelled: bool) -> float:
    """Draw crosses, ticks at the edges and their coordinates; return the step, m."""
    sheet, room, letters = window.sheet, window.room, window.letters
    step = next((one for one in _RULES if one * 1000.0 / window.scale >= _GRID_MM * letters), _RULES[-1])
    left, low, right, high = window.bounds
    east = np.arange(np.ceil(left / step) * step, right, step)
    north = np.arange(np.ceil(low / step) * step, high, step)
    x, y = window.place(east, np.full(len(east), low))[:, 0], window.place(np.full(len(north), left), north)[:, 1]
    arm, size = 2.5 * letters, max(LEAST_PT, 9.0 * letters)
    for at in x.tolist():
        for up in y.tolist():
            sheet.line([(at - arm, up), (at + arm, up)], 0.12, GRID, z=2.5, layer="GRID")
            sheet.line([(at, up - arm), (at, up + arm)], 0.12, GRID, z=2.5, layer="GRID")
    for at, value in zip(x.tolist(), east.tolist(), strict=True):
        for edge, way in ((room.low, 1.0), (room.high, -1.0)):
            sheet.line([(at, edge), (at, edge + way * _TICK_MM * letters)], THIN_MM, z=9, layer="GRID")
            _label(window, (at, edge + way * 0.62 * size * MM_PER_PT), f"{value:.0f}", size, 0.0, labelled=labelled)
    for up, value in zip(y.tolist(), north.tolist(), strict=True):
        for edge, way in ((room.left, 1.0), (room.right, -1.0)):
            sheet.line([(edge, up), (edge + way * _TICK_MM * letters, up)], THIN_MM, z=9, layer="GRID")
            _label(window, (edge + way * 0.62 * size * MM_PER_PT, up), f"{value:.0f}", size, 90.0, labelled=labelled)
    return step


def _label(window: Window, tick: Point, text: str, size: float, angle_deg: float, *, labelled: bool) -> None:
    """Write a coordinate behind its tick, where it does not stand out of the map or on the one round the corner."""
    wide, tall = width_mm(text, size), size * MM_PER_PT
    along = 0.8 + wide / 2.0
    at = (tick[0] + along, tick[1]) if not angle_deg else (tick[0], tick[1] + along)
    half = (wide / 2.0, tall / 2.0) if not angle_deg else (tall / 2.0, wide / 2.0)
    room, corner = window.room, 1.6 * tall
    fits = room.left + (corner if not angle_deg else 0.0) <= at[0] - half[0]
    fits &= at[0] + half[0] <= room.right - (corner if not angle_deg else 0.0)
    fits &= room.low + (corner if angle_deg else 0.0) <= at[1] - half[1]
    fits &= at[1] + half[1] <= room.high - (corner if angle_deg else 0.0)
    if labelled and fits:
        window.sheet.text(at, text, size, align="center", angle_deg=angle_deg, halo=0.6, z=9, layer="GRID")
        window.field.take(at, wide, tall, angle_deg)


def draw_north(sheet: Sheet, at: Point, radius: float, letter: str, size: float) -> None:
    """Draw an arrow to the north of the grid."""
    x, y = at
    for side, fill in ((-0.36, INK), (0.36, WHITE)):
        shape = [(x, y + radius), (x + side * radius, y - 0.62 * radius), (x, y - 0.35 * radius)]
        sheet.area(shape, fill, INK, 0.2, z=9, layer="NORTH")
    sheet.text((x, y + radius + 0.32 * size), letter, size, align="center", bold=True, z=9, layer="NORTH")


def draw_scale_bar(sheet: Sheet, at: Point, scale: int, room_mm: float, size: float) -> None:
    """Draw a scale bar of four parts, as long as its room allows."""
    per_m = 1000.0 / scale
    rules = [one for one in (*(0.1 * rule for rule in _RULES[:2]), *_RULES) if 4 * one * per_m <= room_mm]
    part = rules[-1] if rules else room_mm / per_m / 4.0
    height = 0.2 * size
    for number in range(4):
        left = at[0] + number * part * per_m
        sheet.box(Box(left, at[1], left + part * per_m, at[1] + height), INK if number % 2 == 0 else WHITE, INK, 0.2,
                  z=9, layer="SCALE")  # fmt: skip
    for number in (0, 2, 4):
        said = f"{number * part:g}" + (" m" if number == 4 else "")
        sheet.text((at[0] + number * part * per_m, at[1] + height + 0.36 * size), said, size, align="center", z=9,
                   layer="SCALE")  # fmt: skip
