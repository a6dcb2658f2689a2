"""What stands around a drawing: frame, title, legend, notes and the title block."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np

from drainage.fonts.letters import MM_PER_PT, broken, width_mm
from drainage.papers.drawn.lettering import LEAST_PT, fitted
from drainage.papers.drawn.sheets import (
    FAINT,
    FLOOD,
    FRAME_MM,
    INK,
    MAIN_MM,
    MEDIUM_MM,
    MUTED,
    THIN_MM,
    WHITE,
    Box,
    Point,
    Sheet,
)

#: What draws a sign of a legend at a point.
Draw = Callable[[Sheet, Point], None]
#: One entry of a legend: its words and its sign.
Key = tuple[str, Draw]
_BETWEEN: Final = 1.55  # lines of notes, as a share of the size of their letters


def draw_frame(sheet: Sheet, frame: Box) -> None:
    """Draw the frame of a sheet."""
    sheet.box(frame, None, INK, FRAME_MM, z=9, layer="FRAME")


def draw_title(sheet: Sheet, frame: Box, title: str, below: Sequence[str]) -> None:
    """Write the title of a drawing, and what stands below it, as large as the frame allows."""
    middle, room = (frame.left + frame.right) / 2.0, frame.right - frame.left - 10.0
    sheet.text((middle, frame.high - 8.0), title, 17.0, align="center", bold=True, layer="TITLE")
    for number, (text, size) in enumerate(zip(below, (10.0, 8.5), strict=True)):
        said, fitting = fitted(text, size, room)
        color = MUTED if number else INK
        sheet.text(
            (middle, frame.high - 15.0 - 5.5 * number), said, fitting, align="center", color=color, layer="TITLE"
        )


def draw_legend(sheet: Sheet, room: Box, title: str, keys: Sequence[Key]) -> None:
    """Draw a legend in two columns."""
    sheet.text((room.left, room.high - 5.0), title, 9.0, bold=True, layer="LEGEND")
    rows = -(-len(keys) // 2)
    step = min(6.0, (room.high - 8.5 - room.low) / rows)
    for number, (words, draw) in enumerate(keys):
        x, y = room.left + (number // rows) * (room.right - room.left) / 2.0, room.high - 11.0 - (number % rows) * step
        draw(sheet, (x, y))
        wide = (room.right - room.left) / 2.0 - 15.0
        said, size = fitted(words, 7.5, wide)
        sheet.text((x + 13.0, y), said, size, layer="LEGEND")


def draw_notes(
    sheet: Sheet, room: Box, title: str, notes: Sequence[str], more: Callable[[int], str], *, largest: float = 7.5
) -> None:
    """Write notes, numbered and broken into lines, in the largest letters that fit, points.

    Of notes that do not fit even in the smallest letters the last line says how many there are, by ``more``.
    """
    sheet.text((room.left, room.high - 5.0), title, 1.2 * largest, bold=True, layer="NOTES")
    top, wide = room.high - 7.5, room.right - room.left
    size, lines, most = LEAST_PT, list[tuple[int, str]](), 0
    for size in np.arange(largest, LEAST_PT - 0.1, -0.5).tolist():
        told = [broken(f"{number + 1}. {note}", size, wide) for number, note in enumerate(notes)]
        lines = [(number, part) for number, parts in enumerate(told) for part in parts]
        most = int((top - room.low) // (size * MM_PER_PT * _BETWEEN))
        if len(lines) <= most:
            break
    if len(lines) > most:
        lost = {number for number, _ in lines[most - 1 :]}
        lines = [*(line for line in lines[: most - 1] if line[0] not in lost), (0, more(len(lost)))]
    for k, (_, text) in enumerate(lines):
        at = (room.left, top - size * MM_PER_PT * _BETWEEN * (k + 0.6))
        sheet.text(at, text, size, layer="NOTES")


def notes_height(notes: Sequence[str], wide_mm: float, size_pt: float) -> float:
    """Return how high notes stand in letters of a size, their heading included, mm."""
    lines = sum(len(broken(f"{number + 1}. {note}", size_pt, wide_mm)) for number, note in enumerate(notes))
    return 8.5 + lines * size_pt * MM_PER_PT * _BETWEEN


def draw_title_block(
    sheet: Sheet, room: Box, *, project: str, title: str, cells: Sequence[tuple[str, str]], notice: str,
    letters: float = 1.0,
) -> None:  # fmt: skip
    """Draw a title block: project, title, three columns of label and value, and what must be known of the data.

    ``letters`` is the factor of its letters, which are those of A3.
    """
    rows = -(-len(cells) // 3)
    unit = (room.high - room.low) / (rows + 3.2)
    middle = (room.left + room.right) / 2.0
    sheet.box(room, WHITE, INK, MAIN_MM, z=6, layer="BLOCK")
    top = room.high - 2.3 * unit
    _fitted(
        sheet,
        (room.left + 3.0, room.high - 0.55 * unit),
        project,
        8.0 * letters,
        room.right - room.left - 6.0,
        color=MUTED,
    )
    said, fitting = fitted(title, 13.5 * letters, room.right - room.left - 4.0, bold=True)
    sheet.text((middle, room.high - 1.65 * unit), said, fitting, align="center", bold=True, layer="BLOCK")
    sheet.line(
        [(room.left, room.high - 1.05 * unit), (room.right, room.high - 1.05 * unit)], THIN_MM, z=7, layer="BLOCK"
    )
    sheet.line([(room.left, top), (room.right, top)], MEDIUM_MM, z=7, layer="BLOCK")
    third = (room.right - room.left) / 3.0
    for number, (label, value) in enumerate(cells):
        row, column = divmod(number, 3)
        x, y = room.left + column * third, top - unit * (row + 0.5)
        part = 0.4 * third
        _fitted(sheet, (x + part / 2.0, y), label, 6.5 * letters, part - 1.5, color=MUTED, centred=True)
        _fitted(sheet, (x + (part + third) / 2.0, y), value, 7.5 * letters, third - part - 1.5, centred=True)
        sheet.line([(x + part, y - unit / 2.0), (x + part, y + unit / 2.0)], THIN_MM, FAINT, z=7, layer="BLOCK")
    for row in range(1, rows + 1):
        sheet.line([(room.left, top - unit * row), (room.right, top - unit * row)], THIN_MM, z=7, layer="BLOCK")
    for column in (1, 2):
        x = room.left + column * third
        sheet.line([(x, top), (x, top - unit * rows)], THIN_MM, z=7, layer="BLOCK")
    low = (top - unit * rows + room.low) / 2.0
    wide = room.right - room.left - 3.0
    size = max(
        LEAST_PT, min(7.0 * letters, 7.0 * letters * wide / max(width_mm(notice, 7.0 * letters, bold=True), 1.0))
    )
    lines = broken(notice, size, wide, bold=True)
    for number, line in enumerate(lines):
        y = low + ((len(lines) - 1) / 2.0 - number) * 1.15 * size * MM_PER_PT
        sheet.text((middle, y), line, size, align="center", color=FLOOD, bold=True, layer="BLOCK")


def _fitted(
    sheet: Sheet, at: Point, text: str, size: float, wide: float, *, color: str = INK, centred: bool = False
) -> None:
    """Write a text as large as its room allows, cut where even the smallest letters are too large."""
    text, fitting = fitted(text, size, wide)
    sheet.text(at, text, fitting, align="center" if centred else "left", color=color, layer="BLOCK")
