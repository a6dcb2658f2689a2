"""The legend of a long section: a sign and its words for everything that is drawn on a sheet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drainage.maps.looks import SYSTEMS
from drainage.papers.drawn.sheets import (
    FLOOD,
    GROUND,
    INK,
    MAIN_MM,
    MUTED,
    WALL,
    WATER,
    WHITE,
    Box,
    Point,
    Sheet,
)
from drainage.papers.sayings import saying
from drainage.papers.sections.band import LEAST_SPILL_M3
from drainage.papers.sections.crossing_marks import CONFLICT
from drainage.papers.sections.elevation import looks_of
from drainage.papers.sections.long_section import bare_inverts

if TYPE_CHECKING:
    from drainage.papers.drawn.foot import Draw, Key
    from drainage.papers.sections.long_section import LongSection
    from drainage.papers.sections.scales import Piece
    from drainage.said import Language


def keys_of(section: LongSection, piece: Piece, lang: Language) -> list[Key]:
    """Return the entries of the legend for what stands on a sheet."""
    system = section.pipes["system"].iloc[piece.first]
    color = SYSTEMS.get(system, SYSTEMS["unknown"])
    stations = section.stations.iloc[piece.first : piece.last + 1]
    ground = stations["ground_m"].notna().to_numpy()
    keys: list[Key] = []
    if (ground[1:] & ground[:-1]).any():
        keys.append((saying("ground_line", lang), _stroke(GROUND, MAIN_MM, None)))
    for line, look, dash in looks_of(section):
        keys.append((saying("grade_line", lang, storm=line.name), _stroke(look, 0.45, dash)))
    pipes = section.pipes.iloc[piece.first : piece.last]
    if pipes["levels_known"].any():
        keys.append((saying("wall", lang, wall_pct=100.0 * section.wall_share), _pipe(color)))
    if bare_inverts(pipes).any():
        keys.append((saying("bare_invert", lang), _stroke(color, MAIN_MM, None)))
    if (ground & stations["invert_m"].notna().to_numpy()).any():
        keys.append((saying("nominal_manhole", lang), _manhole))
    reached = section.stations["chainage_m"].to_numpy()
    across = section.crossings
    across = across[across["chainage_m"].between(reached[piece.first], reached[piece.last])]
    if len(across):
        keys.append((saying("crossing_pipe", lang), _crossing(WHITE)))
    if (across["clearance"] == "conflict").any():
        keys.append((saying("crossing_conflict", lang), _crossing(CONFLICT)))
    if section.grade_lines:
        rarest = section.grade_lines[-1]
        keys.append((saying("water", lang, storm=rarest.name), _filled(WATER)))
        if (rarest.overflow_m3[piece.first : piece.last + 1] >= LEAST_SPILL_M3).any():
            keys.append((saying("overflow_sign", lang), _arrow))
    return keys


def _stroke(color: str, width: float, dash: tuple[float, float] | None) -> Draw:
    def draw(sheet: Sheet, at: Point) -> None:
        sheet.line([at, (at[0] + 11.0, at[1])], width, color, dash=dash, z=7, layer="LEGEND")

    return draw


def _filled(color: str) -> Draw:
    def draw(sheet: Sheet, at: Point) -> None:
        sheet.box(Box(at[0], at[1] - 1.5, at[0] + 11.0, at[1] + 1.5), color, layer="LEGEND")

    return draw


def _pipe(color: str) -> Draw:
    def draw(sheet: Sheet, at: Point) -> None:
        x, y = at
        for low, high in ((-1.9, -1.2), (1.2, 1.9)):
            sheet.box(Box(x, y + low, x + 11.0, y + high), WALL, INK, layer="LEGEND")
        sheet.line([(x, y - 1.2), (x + 11.0, y - 1.2)], MAIN_MM, color, z=7, layer="LEGEND")
        sheet.line([(x, y + 1.2), (x + 11.0, y + 1.2)], 0.35, color, z=7, layer="LEGEND")

    return draw


def _crossing(fill: str) -> Draw:
    def draw(sheet: Sheet, at: Point) -> None:
        x, y = at[0] + 5.5, at[1]
        sheet.circle((x, y), 1.9, fill, MUTED, MAIN_MM, layer="LEGEND")
        sheet.line([(x - 0.9, y), (x + 0.9, y)], 0.13, MUTED, z=7, layer="LEGEND")
        sheet.line([(x, y - 0.9), (x, y + 0.9)], 0.13, MUTED, z=7, layer="LEGEND")

    return draw


def _manhole(sheet: Sheet, at: Point) -> None:
    x, y = at[0] + 5.5, at[1]
    sheet.box(Box(x - 0.8, y - 2.0, x + 0.8, y + 1.6), WHITE, INK, 0.3, layer="LEGEND")
    sheet.box(Box(x - 1.1, y + 1.5, x + 1.1, y + 2.2), INK, INK, layer="LEGEND")


def _arrow(sheet: Sheet, at: Point) -> None:
    x, y = at[0] + 5.5, at[1]
    sheet.line([(x, y - 2.0), (x, y + 0.6)], 0.3, FLOOD, z=7, layer="LEGEND")
    sheet.area([(x, y + 2.2), (x - 0.7, y + 0.2), (x + 0.7, y + 0.2)], FLOOD, z=7, layer="LEGEND")
