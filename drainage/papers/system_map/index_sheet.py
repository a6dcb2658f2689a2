"""The index of a map on several sheets, and what names the neighbours at the edges of each."""

from __future__ import annotations

from typing import Final

import numpy as np

from drainage.fonts.letters import MM_PER_PT, width_mm
from drainage.papers.drawn.foot import draw_frame
from drainage.papers.drawn.sheets import FRAME_MM, INK, MAIN_MM, MUTED, WHITE, Box, Sheet
from drainage.papers.sayings import saying
from drainage.papers.system_map.label_field import Field
from drainage.papers.system_map.map_content import SIGNED, LeftOut, SystemMap
from drainage.papers.system_map.map_ground import draw_roads, draw_waters, name_roads
from drainage.papers.system_map.map_notes import title_of_map
from drainage.papers.system_map.map_panel import draw_panel
from drainage.papers.system_map.map_scales import SCALES, Bounds, Tile
from drainage.papers.system_map.map_window import Window
from drainage.papers.system_map.node_signs import draw_nodes
from drainage.papers.system_map.pipe_lines import draw_pipes
from drainage.said import Language

#: Side of a sheet → step to the row and column of the neighbour.
_SIDES: Final = {"north": (-1, 0), "south": (1, 0), "west": (0, -1), "east": (0, 1)}
_THIN: Final = 0.35  # of lines of the index, as a share of those of its sheets


def draw_index(content: SystemMap, project: str, lang: Language) -> Sheet:
    """Draw the whole network with the frames and numbers of the sheets."""
    layout, tiles = content.cutting.layout, content.cutting.tiles
    edges = np.array([tile.bounds for tile in tiles])
    (left, low), (right, high) = edges[:, :2].min(axis=0).tolist(), edges[:, 2:].max(axis=0).tolist()
    scale = next((one for one in SCALES if (right - left) * 1000.0 / one <= layout.holds_mm[0]
                  and (high - low) * 1000.0 / one <= layout.holds_mm[1]), SCALES[-1])  # fmt: skip
    bounds = _round((left + right) / 2.0, (low + high) / 2.0, layout.map, scale)
    title = saying("map_index", lang)
    sheet = Sheet(layout.wide_mm, layout.tall_mm, f"{title_of_map(content, lang)} {title}")
    window = Window(sheet, layout.map, bounds, scale, layout.letters, _THIN * layout.lines, Field(layout.map))
    draw_waters(window, content.waters)
    if not content.from_pipes:
        draw_roads(window, content.roads)
    draw_pipes(window, content.pipes)
    draw_nodes(window, content.nodes[content.nodes["kind"].isin(SIGNED)], detailed=False)
    for tile in tiles:
        _draw_tile(window, tile)
    name_roads(window, content.roads)
    sheet.box(layout.map, None, INK, FRAME_MM, z=9.5, layer="FRAME")
    draw_frame(sheet, layout.frame)
    draw_panel(sheet, content, (0, len(tiles)), LeftOut(), np.nan, project, lang, index=scale)
    return sheet


def name_neighbours(window: Window, content: SystemMap, tile: Tile, lang: Language) -> None:
    """Name the sheets beside this one in the middle of its edges."""
    numbers = {(one.row, one.column): one.number for one in content.cutting.tiles}
    room, size = window.room, max(7.0, 10.0 * window.letters)
    away = 0.9 * size * MM_PER_PT + 4.0 * window.letters
    middle = ((room.left + room.right) / 2.0, (room.low + room.high) / 2.0)
    places = {"north": (middle[0], room.high - away), "south": (middle[0], room.low + away),
              "west": (room.left + away, middle[1]), "east": (room.right - away, middle[1])}  # fmt: skip
    for side, (down, along) in _SIDES.items():
        number = numbers.get((tile.row + down, tile.column + along))
        if number is None:
            continue
        said, angle = saying("map_neighbour", lang, number=number), 90.0 if along else 0.0
        window.sheet.text(places[side], said, size, align="center", angle_deg=angle, bold=True, color=MUTED, halo=0.6,
                          z=9.2, layer="NEIGHBOURS")  # fmt: skip
        window.field.take(places[side], width_mm(said, size, bold=True), size * MM_PER_PT, angle)


def _draw_tile(window: Window, tile: Tile) -> None:
    """Draw the frame of a sheet and its number in it."""
    left, low, right, high = tile.bounds
    corners = window.place(np.array([left, right, right, left]), np.array([low, low, high, high]))
    window.sheet.area(corners, None, INK, MAIN_MM * window.letters, z=7, layer="SHEETS")
    middle = corners.mean(axis=0).tolist()
    tall = float(corners[2, 1] - corners[0, 1])
    size = float(np.clip(0.35 * tall / MM_PER_PT, 8.0, 30.0 * window.letters))
    wide = width_mm(str(tile.number), size, bold=True)
    window.sheet.circle(middle, 0.55 * max(wide, size * MM_PER_PT), WHITE, INK, 0.25, z=7.1, layer="SHEETS")
    window.sheet.text(middle, str(tile.number), size, align="center", bold=True, z=9, layer="SHEETS")
    window.field.take(middle, 1.1 * max(wide, size * MM_PER_PT), 1.1 * max(wide, size * MM_PER_PT))


def _round(x: float, y: float, room: Box, scale: int) -> Bounds:
    half = (room.right - room.left) * scale / 2000.0, (room.high - room.low) * scale / 2000.0
    return x - half[0], y - half[1], x + half[0], y + half[1]
