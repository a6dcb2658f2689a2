"""What stands beside or below a system map: title, scale, legend, tables, notes and the title block."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from drainage.fonts.letters import MM_PER_PT, broken
from drainage.papers.drawn.foot import draw_notes, draw_title_block, notes_height
from drainage.papers.drawn.lettering import LEAST_PT, fitted
from drainage.papers.drawn.sheets import FAINT, FLOOD, FRAME_MM, INK, MEDIUM_MM, MUTED, THIN_MM, Align, Box, Sheet
from drainage.papers.sayings import saying
from drainage.papers.system_map.map_content import DRAWN_SYSTEMS, LeftOut, SystemMap
from drainage.papers.system_map.map_ground import draw_north, draw_scale_bar
from drainage.papers.system_map.map_keys import class_text, draw_keys, keys_of_map
from drainage.papers.system_map.map_notes import crs_text, notes_of, notice_of, title_of_map
from drainage.papers.title_words import day_of_state, is_dated, project_of
from drainage.said import Language
from drainage.words import code

_BLOCK_MM: Final = 44.0


@dataclass(eq=False)
class Flow:
    """Columns that are filled from the top of the first; ``top`` is how far the present one is filled."""

    rooms: list[Box]
    letters: float
    number: int = 0
    top: float = field(init=False)

    def __post_init__(self) -> None:
        """Begin at the top of the first column."""
        self.top = self.rooms[0].high

    @property
    def room(self) -> Box:
        """What is left of the present column."""
        column = self.rooms[self.number]
        return Box(column.left, column.low, column.right, self.top)

    def take(self, height: float) -> Box | None:
        """Return room of a height in the first column that has it, and take it; None where none has."""
        while self.top - height < self.rooms[self.number].low:
            if self.number + 1 == len(self.rooms):
                return None
            self.number += 1
            self.top = self.rooms[self.number].high
        column = self.rooms[self.number]
        taken = Box(column.left, self.top - height, column.right, self.top)
        self.top -= height
        return taken


def draw_panel(
    sheet: Sheet, content: SystemMap, number: tuple[int, int], lost: LeftOut, step: float, project: str,
    lang: Language, *, index: int | None = None,
) -> None:  # fmt: skip
    """Draw the columns beside or below a map; ``index`` is the scale of the map where the sheet is the index."""
    layout = content.cutting.layout
    letters, edge = layout.letters, 6.0 * layout.letters
    scale = index or content.scale
    columns = layout.columns
    for column in columns:
        _draw_edges(sheet, column, layout.map)
    rooms = [Box(one.left + edge, one.low + edge, one.right - edge, one.high - edge) for one in columns]
    block_mm = max(_BLOCK_MM * letters, 30.0)
    last = columns[-1]
    _draw_block(sheet, content, Box(last.left, last.low, last.right, last.low + block_mm), number, scale, project, lang)
    rooms[-1] = Box(rooms[-1].left, last.low + block_mm + 2.0, rooms[-1].right, rooms[-1].high)
    said, size = notes_of(content, lost, scale, lang, index=index is not None), max(LEAST_PT, 10.0 * letters)
    own = rooms[-1]
    needed = notes_height(said, own.right - own.left, size)
    kept = own.low + min(needed, 0.5 * (own.high - own.low))
    rooms[-1] = Box(own.left, kept + 2.0, own.right, own.high)
    flow = Flow(rooms, letters)
    _draw_heading(sheet, content, flow, project, lang)
    _draw_scale(sheet, content, flow, scale, step, lang)
    _draw_legend(sheet, content, flow, scale, lang)
    _draw_points(sheet, content, flow, lang)
    _draw_lengths(sheet, content, flow, lang)
    free = flow.top if flow.number == len(rooms) - 1 else own.high
    draw_notes(sheet, Box(own.left, own.low, own.right, min(free, own.low + needed)), saying("notes", lang), said,
               lambda count: saying("more_notes", lang, count=count), largest=size)  # fmt: skip


def draw_figure_keys(sheet: Sheet, content: SystemMap, lang: Language) -> None:
    """Draw legend, scale and notice below a map without a frame."""
    layout = content.cutting.layout
    (room,) = layout.columns
    bar = room.right - 46.0
    keys = keys_of_map(content, content.scale, lang)
    draw_keys(sheet, Box(room.left + 1.0, room.low + 5.0, bar - 3.0, room.high - 2.0), keys, 3, layout.letters)
    size = 6.5
    if not content.schematic:
        draw_north(sheet, (room.right - 5.0, room.high - 12.5), 5.0, saying("map_north", lang), 7.0)
        draw_scale_bar(sheet, (bar, room.high - 14.0), content.scale, 32.0, size)
    told = [
        saying("map_schematic_scale", lang) if content.schematic else saying("map_scale", lang, scale=content.scale),
        saying("map_state", lang, day=day_of_state(content.network, lang)),
        *([saying("map_public", lang)] if content.public else []),
    ]
    for number, text in enumerate(told):
        said, fitting = fitted(text, size, room.right - bar)
        sheet.text((bar, room.high - 18.5 - 3.2 * number), said, fitting, color=MUTED, layer="SCALE")
    middle = (room.left + room.right) / 2.0
    said, fitting = fitted(notice_of(content, lang), size + 0.5, room.right - room.left, bold=True)
    sheet.text((middle, room.low + 2.0), said, fitting, align="center", color=FLOOD, bold=True, layer="NOTICE")


def _draw_edges(sheet: Sheet, column: Box, map_room: Box) -> None:
    """Part a column from the map and from the column before it."""
    wide = FRAME_MM if column.left >= map_room.right else THIN_MM
    sheet.line([(column.left, column.low), (column.left, column.high)], wide, z=9, layer="FRAME")


def _draw_heading(sheet: Sheet, content: SystemMap, flow: Flow, project: str, lang: Language) -> None:
    """Write the title, the day, and what must be known before all else."""
    letters = flow.letters
    room = flow.take((42.0 if project else 31.0) * letters)
    if room is None:
        return
    middle, wide = (room.left + room.right) / 2.0, room.right - room.left
    net = content.network
    known = net.origin.as_of or not is_dated(net)
    said = saying("map_state", lang, day=day_of_state(net, lang)) if known else saying("map_history", lang)
    said += f"　{saying('map_public', lang)}" if content.public else ""
    notices = broken(notice_of(content, lang), max(LEAST_PT, 10.0 * letters), wide, bold=True)
    lines = [
        *([(project, 20.0, False, INK)] if project else []),
        (title_of_map(content, lang), 28.0, True, INK),
        (said, 11.0, False, MUTED),
        *((notice, 10.0, True, FLOOD) for notice in notices),
    ]
    y = room.high
    for text, size, bold, color in lines:
        told, fitting = fitted(text, size * letters, wide, bold=bold)
        y -= 0.72 * size * letters * MM_PER_PT
        sheet.text((middle, y), told, fitting, align="center", bold=bold, color=color, layer="TITLE")
        y -= 0.72 * size * letters * MM_PER_PT


def _draw_scale(sheet: Sheet, content: SystemMap, flow: Flow, scale: int, step: float, lang: Language) -> None:
    """Draw north, scale bar and grid; a schematic plan has neither."""
    letters = flow.letters
    size = max(LEAST_PT, 9.0 * letters)
    room = flow.take((9.0 if content.schematic else 27.0) * letters)
    if room is None:
        return
    if content.schematic:
        sheet.text((room.left, room.low + 4.0 * letters), saying("map_schematic_scale", lang), size, color=MUTED,
                   layer="SCALE")  # fmt: skip
        return
    wide = room.right - room.left - 24.0 * letters
    draw_north(sheet, (room.right - 8.0 * letters, room.low + 10.0 * letters), 8.0 * letters,
               saying("map_north", lang), 12.0 * letters)  # fmt: skip
    draw_scale_bar(sheet, (room.left + 2.0, room.low + 13.0 * letters), scale, wide, size)
    told = [saying("map_scale", lang, scale=scale)]
    told += [saying("map_grid", lang, step=step)] if np.isfinite(step) and not content.public else []
    for number, text in enumerate(["　".join(told), *([] if content.public else [crs_text(content, lang)])]):
        said, fitting = fitted(text, size, wide)
        sheet.text((room.left, room.low + (8.0 - 4.6 * number) * letters), said, fitting, color=MUTED, layer="SCALE")


def _draw_legend(sheet: Sheet, content: SystemMap, flow: Flow, scale: int, lang: Language) -> None:
    keys, letters = keys_of_map(content, scale, lang), flow.letters
    size = max(LEAST_PT, 10.5 * letters)
    rows = -(-len(keys) // 2)
    high = rows * 1.75 * size * MM_PER_PT
    room = flow.take(high + 13.0 * letters) or flow.take(max(min(high, flow.room.high - flow.room.low - 14.0 * letters),
                                                           1.0) + 13.0 * letters)  # fmt: skip
    if room is None:
        return
    _rule(sheet, room)
    _head(sheet, room, saying("legend", lang), letters)
    draw_keys(sheet, Box(room.left, room.low + 2.0 * letters, room.right, room.high - 11.0 * letters), keys, 2, letters)


def _draw_lengths(sheet: Sheet, content: SystemMap, flow: Flow, lang: Language) -> None:
    """Draw lengths by size and system, where there is room; of a short network the legend says them."""
    if content.pipes["length_m"].sum() < 1000.0:
        return
    systems = [one for one in reversed(DRAWN_SYSTEMS) if (content.pipes["system"] == one).any()]
    table = content.pipes.pivot_table("length_m", "size_class", "system", aggfunc="sum", fill_value=0.0) / 1000.0
    rows = [[class_text(row, lang), *(f"{table.loc[row, one]:.1f}" if table.loc[row, one] >= 0.05 else "–"
                                       for one in systems)] for row in table.index]  # fmt: skip
    rows.append([saying("map_total", lang), *(f"{table[one].sum():.1f}" for one in systems)])
    named = {one: code("system", one, lang) or one for one in systems} | {"unknown": saying("map_system_unknown", lang)}
    heads = [saying("map_size", lang), *(named[one] for one in systems)]
    shares = [0.0, *(0.34 + 0.66 * (k + 1) / len(systems) for k in range(len(systems)))]
    _draw_table(sheet, flow, saying("map_lengths", lang), heads, rows, shares, _aligned(len(systems)))


def _aligned(count: int) -> list[Align]:
    """Return how the cells of a row stand: its name at the left, its numbers at the right."""
    right: list[Align] = ["right"] * count
    return ["left", *right]


def _draw_points(sheet: Sheet, content: SystemMap, flow: Flow, lang: Language) -> None:
    """Draw a table of points of waterlogging, as many as there is room for."""
    if content.points.empty:
        return
    size = max(LEAST_PT, 10.0 * flow.letters)
    step = 1.62 * size * MM_PER_PT
    fits = max(int((flow.room.high - flow.room.low - 15.0 * flow.letters) / step) - 1, 0)
    told = content.points if len(content.points) <= fits else content.points.head(max(fits - 1, 0))
    rows = [
        [str(row.point_id), str(row.road or "–"), code("grade", str(row.grade), lang) or "–", f"{row.depth_m:.2f}",
         f"{row.volume_m3:,.0f}", code("cause", str(row.cause), lang) or "–"]
        for row in told.itertuples()
    ]  # fmt: skip
    more = len(content.points) - len(told)
    rows += [[saying("map_more_points", lang, count=more), "", "", "", "", ""]] if more else []
    heads = [saying(f"map_point_{name}", lang) for name in ("id", "road", "grade", "depth", "volume", "cause")]
    _draw_table(sheet, flow, saying("map_points", lang), heads, rows, [0.0, 0.1, 0.29, 0.54, 0.68, 0.71],
                ["left", "left", "left", "right", "right", "left"])  # fmt: skip


def _draw_table(
    sheet: Sheet, flow: Flow, title: str, heads: Sequence[str], rows: Sequence[Sequence[str]], shares: Sequence[float],
    aligns: Sequence[Align],
) -> None:  # fmt: skip
    """Draw a table with its head, if there is room for it."""
    letters = flow.letters
    size = max(LEAST_PT, 10.0 * letters)
    step = 1.62 * size * MM_PER_PT
    room = flow.take(15.0 * letters + step * (len(rows) + 1))
    if room is None:
        return
    _rule(sheet, room)
    _head(sheet, room, title, letters)
    wide, y = room.right - room.left, room.high - 11.0 * letters - step / 2.0
    edges = [0.0, *shares, 1.0]
    for row, cells in enumerate([heads, *rows]):
        alone = not any(cells[1:])
        for number, (share, text, align) in enumerate(zip(shares, cells, aligns, strict=True)):
            own = share - edges[number] if align == "right" else edges[number + 2] - share
            said, fitting = fitted(text, size, wide if alone else own * wide - 1.0)
            sheet.text((room.left + share * wide, y), said, fitting, align=align, color=INK if row else MUTED,
                       layer="TABLE")  # fmt: skip
        if not row:
            sheet.line([(room.left, y - step / 2.0), (room.right, y - step / 2.0)], MEDIUM_MM, layer="TABLE")
        y -= step
    sheet.line([(room.left, y + step / 2.0), (room.right, y + step / 2.0)], MEDIUM_MM, layer="TABLE")


def _draw_block(
    sheet: Sheet, content: SystemMap, room: Box, number: tuple[int, int], scale: int, project: str, lang: Language
) -> None:
    net = content.network
    cells = [
        (saying("drawing_number", lang), f"{number[0]} / {number[1]}"),
        (saying("scale", lang), "–" if content.schematic else f"1:{scale}"),
        (saying("map_size_of_sheet", lang), content.cutting.layout.size),
        (saying("state_of", lang), day_of_state(net, lang)),
        (saying("map_crs", lang), crs_text(content, lang, short=True)),
        (saying("map_kind", lang), saying("map_kind_public" if content.public else "map_kind_full", lang)),
        *((saying(key, lang), "") for key in ("drawn_by", "checked_by", "approved_by")),
    ]
    named = project_of(content.provenance, project)
    draw_title_block(sheet, room, project=named, title=title_of_map(content, lang), cells=cells,
                     notice=notice_of(content, lang),
                     letters=max(1.0, 1.3 * content.cutting.layout.letters))  # fmt: skip


def _head(sheet: Sheet, room: Box, text: str, letters: float) -> None:
    sheet.text((room.left, room.high - 6.0 * letters), text, max(LEAST_PT, 13.0 * letters), bold=True, layer="HEADS")


def _rule(sheet: Sheet, room: Box) -> None:
    sheet.line([(room.left, room.high), (room.right, room.high)], MEDIUM_MM, FAINT, layer="HEADS")
