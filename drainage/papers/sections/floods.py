"""What is said on a long section of water: the names of grade lines, and of manholes that overflow how much does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from drainage.fonts.letters import width_mm
from drainage.papers.drawn.labels import Labels
from drainage.papers.drawn.sheets import FLOOD, MEDIUM_MM, WHITE, Box, Sheet
from drainage.papers.sayings import saying
from drainage.papers.sections.band import LEAST_SPILL_M3
from drainage.papers.sections.elevation import looks_of
from drainage.papers.sections.long_section import LongSection
from drainage.papers.sections.scales import ABOVE_MM, Piece
from drainage.said import in_language
from drainage.words import code

if TYPE_CHECKING:
    from drainage.said import Language

#: Half the width of the sign for water above the ground, mm, and its colour.
_POND_MM: Final = 20.0
_POND: Final = "#f7d9d9"


def name_grade_lines(sheet: Sheet, section: LongSection, piece: Piece, labels: Labels, lang: Language) -> None:
    """Name each grade line once, on a leader, where there is most room."""
    s = section.stations["chainage_m"].to_numpy()[piece.first : piece.last + 1]
    for number, (line, color, _) in enumerate(looks_of(section)):
        level = line.level_m[piece.first : piece.last + 1]
        spans = np.flatnonzero(np.isfinite(level[:-1]) & np.isfinite(level[1:]))
        if not len(spans):
            continue
        text = saying("grade_line", lang, storm=line.name)
        wide = width_mm(text, 8.0, bold=True)
        order = spans[np.argsort(-np.diff(s)[spans], kind="stable")]
        for k in [*np.roll(order, -number)][:8]:
            share = 0.35 + 0.1 * number
            at = s[k] + share * (s[k + 1] - s[k]), level[k] + share * (level[k + 1] - level[k])
            x, y = float(piece.x(at[0])), float(piece.y(at[1]))
            place = labels.place((x, y), wide, 3.6, away=3.0)
            if place is not None:
                middle = (place.low + place.high) / 2.0
                near = place.left - 0.8 if place.left > x else place.right + 0.8
                sheet.line([(x, y), (near, middle)], 0.18, color, z=7, layer="TEXT")
                sheet.text((place.left, middle), text, 8.0, color=color, bold=True, halo=0.5)
                break


def name_floods(sheet: Sheet, section: LongSection, piece: Piece, labels: Labels, lang: Language) -> None:
    """Say of the manholes that overflow most, as far as there is room, how much does in each storm."""
    if not section.grade_lines:
        return
    spilt = section.grade_lines[-1].overflow_m3
    there = [k for k in range(piece.first, piece.last + 1) if spilt[k] >= LEAST_SPILL_M3]
    for k in there:
        _draw_pond(sheet, section, piece, k, labels)
    for k in sorted(there, key=lambda k: -spilt[k]):
        station = section.stations.iloc[k]
        spilling = [line for line in section.grade_lines if line.overflow_m3[k] >= LEAST_SPILL_M3]
        told = [(in_language(line.name, lang), line.overflow_m3[k]) for line in spilling if line.at_min is None]
        volumes = [saying("overflows", lang, storm=name, volume=volume) for name, volume in told]
        lines = _about(section, str(station["node_id"]), volumes, lang)
        _write_call_out(sheet, piece, labels, station, lines)


def _about(section: LongSection, node: str, volumes: list[str], lang: Language) -> list[str]:
    """Return the lines of a call-out: of a point of waterlogging its name, cause and depth too."""
    if node not in section.points.index:
        return [node, *volumes]
    point = section.points.loc[node]
    named = saying("point", lang, point=point["point_id"], node=node)
    cause = code("cause", str(point["cause"]), lang) if pd.notna(point["cause"]) else None
    depth = [saying("ponding", lang, depth_m=point["depth_m"])] if np.isfinite(point["depth_m"]) else []
    return [named, *([saying("cause", lang, cause=cause)] if cause else []), *volumes, *depth]


def _draw_pond(sheet: Sheet, section: LongSection, piece: Piece, k: int, labels: Labels) -> None:
    """Draw the water above the ground at a point of waterlogging: its depth to scale, its width a sign."""
    node = section.stations["node_id"].iloc[k]
    depth = float(section.points["depth_m"].loc[node]) if node in section.points.index else float("nan")
    if not depth > 0.0:
        return
    s, ground = (section.stations[name].to_numpy(np.float64) for name in ("chainage_m", "ground_m"))
    x, surface = float(piece.x(s[k])), float(piece.y(ground[k] + depth))
    left, right = max(x - _POND_MM, labels.room.left), min(x + _POND_MM, labels.room.right)
    known = np.isfinite(ground)
    foot = [float(np.interp(at, piece.x(s[known]), piece.y(ground[known]))) for at in (left, right)]
    edge = [
        (left, foot[0]),
        (x, float(piece.y(ground[k]))),
        (right, foot[1]),
        (right - 6.0, surface),
        (left + 6.0, surface),
    ]
    sheet.area(edge, _POND, z=2.5, layer="FLOOD")
    sheet.line([(left + 6.0, surface), (right - 6.0, surface)], 0.3, FLOOD, z=7, layer="FLOOD")
    mark = [(x - 8.0, surface), (x - 9.3, surface + 2.2), (x - 6.7, surface + 2.2)]
    sheet.area(mark, WHITE, FLOOD, MEDIUM_MM, z=7, layer="FLOOD")
    labels.avoid(Box(left, min(foot), right, surface + 2.2), 3)


def _write_call_out(sheet: Sheet, piece: Piece, labels: Labels, station: pd.Series, lines: list[str]) -> None:
    x, top = float(piece.x(station["chainage_m"])), float(piece.y(station["ground_m"]))
    wide = max(width_mm(text, 8.0, bold=number == 0) for number, text in enumerate(lines))
    place = labels.place((x, top + ABOVE_MM / 2.0), wide, 3.9 * len(lines), away=5.5)
    if place is None:
        return
    edge = place.left - 1.0 if place.left > x else place.right + 1.0
    foot = (place.low + place.high) / 2.0
    sheet.line([(x, top + 1.0), (edge, foot)], 0.18, FLOOD, z=7, layer="FLOOD")
    sheet.line([(edge, place.low), (edge, place.high)], 0.18, FLOOD, z=7, layer="FLOOD")
    for number, text in enumerate(lines):
        at = (place.left, place.high - 1.95 - 3.9 * number)
        sheet.text(at, text, 8.0, color=FLOOD, bold=number == 0, halo=0.5, layer="FLOOD")
