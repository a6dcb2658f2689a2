"""Pipes that cross a long section: a circle at their level, and what they are, on labels that keep off each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import pandas as pd

from drainage.fonts.letters import width_mm
from drainage.maps.looks import SYSTEMS
from drainage.papers.drawn.labels import Labels
from drainage.papers.drawn.sheets import FLOOD, MAIN_MM, THIN_MM, WHITE, Box, Sheet
from drainage.papers.sayings import saying
from drainage.papers.sections.long_section import LongSection
from drainage.papers.sections.scales import Piece
from drainage.words import code

if TYPE_CHECKING:
    from drainage.said import Language

#: What two pipes in one place are filled with.
CONFLICT: Final = "#fff2a8"
_PT: Final = 7.5
_LINE_MM: Final = 3.6


class Marks(NamedTuple):
    """Crossings of a sheet that are drawn, where and how large on paper, and the ids of those without a level."""

    crossings: pd.DataFrame
    spots: tuple[tuple[float, float, float], ...]
    unknown: tuple[str, ...]


def draw_crossings(sheet: Sheet, section: LongSection, piece: Piece, labels: Labels) -> Marks:
    """Draw the pipes that cross on a sheet, and keep labels off them."""
    reached = section.stations["chainage_m"].to_numpy()
    begin, end = reached[piece.first], reached[piece.last]
    here = section.crossings
    here = here[(here["chainage_m"] >= begin) & ((here["chainage_m"] < end) | (piece.last == len(reached) - 1))]
    known = np.isfinite(here["invert_m"].to_numpy(np.float64))
    spots = tuple(_circle(sheet, piece, row) for _, row in here[known].iterrows())
    for x, y, radius in spots:
        labels.take(Box(x - radius, y - radius, x + radius, y + radius))
    return Marks(here[known], spots, tuple(map(str, here.index[~known])))


def name_crossings(sheet: Sheet, marks: Marks, labels: Labels, lang: Language) -> list[str]:
    """Say of each what it is; return the ids of those for whose label there is no room."""
    # the closest first: they need their words most
    order = np.argsort(marks.crossings["clear_m"].to_numpy(np.float64), kind="stable")
    told = [(k, _label(sheet, marks.crossings.iloc[k], marks.spots[k], labels, lang)) for k in order]
    return [str(marks.crossings.index[k]) for k, said in told if not said]


def _circle(sheet: Sheet, piece: Piece, row: pd.Series) -> tuple[float, float, float]:
    """Draw a crossing pipe by the vertical scale, with a cross in its middle; return its place and radius."""
    tall = float(row["height_m"]) if np.isfinite(row["height_m"]) else 0.0
    x, y = float(piece.x(row["chainage_m"])), float(piece.y(row["invert_m"] + tall / 2.0))
    radius, color = max(tall * 500.0 / piece.up, 0.8), SYSTEMS.get(row["system"], SYSTEMS["unknown"])
    fill = CONFLICT if row["clearance"] == "conflict" else WHITE
    sheet.circle((x, y), radius, fill, color, MAIN_MM, z=6, layer="CROSSING")
    sheet.line([(x - 1.0, y), (x + 1.0, y)], THIN_MM, color, z=7, layer="CROSSING")
    sheet.line([(x, y - 1.0), (x, y + 1.0)], THIN_MM, color, z=7, layer="CROSSING")
    return x, y, radius


def _label(sheet: Sheet, row: pd.Series, spot: tuple[float, float, float], labels: Labels, lang: Language) -> bool:
    """Say what crosses, at which level and how far away; False where there is no room."""
    system = code("system", str(row["system"]), lang) or str(row["system"])
    conflict = row["clearance"] == "conflict"
    lines = [
        saying("crossing", lang, system=system, size=row["size"]),
        saying("crossing_invert", lang, level_m=row["invert_m"]),
        saying("conflict" if conflict else "clear", lang, clear_m=row["clear_m"])
        if np.isfinite(row["clear_m"])
        else saying("clear_unknown", lang),
    ]
    x, y, radius = spot
    wide, tall = max(width_mm(text, _PT, bold=conflict) for text in lines), _LINE_MM * len(lines)
    place = labels.place((x, y), wide, tall, away=radius + 1.3)
    if place is None:
        return False
    color = SYSTEMS.get(row["system"], SYSTEMS["unknown"])
    to_right = place.left > x
    middle, near = (place.low + place.high) / 2.0, place.left - 0.6 if to_right else place.right + 0.6
    away = float(np.hypot(near - x, middle - y))
    if away > radius + 2.5:
        start = (x + (near - x) * radius / away, y + (middle - y) * radius / away)
        sheet.line([start, (near, middle)], THIN_MM, color, z=6, layer="CROSSING")
    for number, text in enumerate(lines):
        last = conflict and number == len(lines) - 1
        at = (place.left if to_right else place.right, place.high - _LINE_MM * (number + 0.5))
        sheet.text(at, text, _PT, align="left" if to_right else "right", color=FLOOD if last else color, bold=last,
                   halo=0.5, layer="CROSSING")  # fmt: skip
    return True
