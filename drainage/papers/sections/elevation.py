"""The drawing of a long section: staff of levels, ground, pipes with their walls, manholes, water and floods."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

import numpy as np

from drainage.fonts.letters import width_mm
from drainage.maps.looks import SYSTEMS
from drainage.papers.drawn.labels import Labels
from drainage.papers.drawn.sheets import (
    FAINT,
    FLOOD,
    GROUND,
    INK,
    MAIN_MM,
    MUTED,
    THIN_MM,
    WALL,
    WATER,
    WHITE,
    Box,
    Point,
    Sheet,
    Text,
)
from drainage.papers.sayings import saying
from drainage.papers.sections.band import HEAD_MM, LEAST_SPILL_M3
from drainage.papers.sections.long_section import GradeLine, LongSection
from drainage.papers.sections.scales import FRAME, TITLE_MM, Piece
from drainage.words import code

if TYPE_CHECKING:
    from drainage.arrays import Floats
    from drainage.said import Language

#: Looks of grade lines, the last of the rarest storm: colour and dash, mm.
RAREST: Final = (FLOOD, None)
OTHERS: Final = (("#4a90c4", (3.2, 1.2)), ("#7b3f98", (1.4, 1.0)), ("#3f8f5b", (5.0, 1.2)), ("#9a6b00", (2.4, 0.8)))
#: Nominal manhole: its width is that of the widest pipe and this, at least the least, m.
MANHOLE_BESIDE_M: Final = 0.3
MANHOLE_LEAST_M: Final = 1.2
_SHAFT_MM: Final = 1.0
_OUT: Final = ("outfall", "works", "storage")  # drawn as an end, not as a manhole


def looks_of(section: LongSection) -> list[tuple[GradeLine, str, tuple[float, float] | None]]:
    """Return each grade line with its colour and dash."""
    count = len(section.grade_lines)
    looks = [*OTHERS[: count - 1], RAREST] if count else []
    return [(line, color, dash) for line, (color, dash) in zip(section.grade_lines, looks, strict=True)]


def draw_elevation(sheet: Sheet, section: LongSection, piece: Piece, lang: Language) -> Labels:
    """Draw what one sheet shows of a section, and return the places that are taken."""
    left, right = FRAME.left + HEAD_MM, FRAME.right
    labels = Labels(Box(left + 1.0, piece.foot_mm - 1.0, right - 1.5, FRAME.high - TITLE_MM))
    _draw_staff(sheet, piece, left, right)
    _draw_ground(sheet, section, piece, labels)
    for k in range(piece.first, piece.last):
        _draw_pipe(sheet, section, piece, k, labels, lang)
    for k in range(piece.first, piece.last + 1):
        _draw_station(sheet, section, piece, k, labels, lang)
    for line, color, dash in looks_of(section):
        _draw_grade_line(sheet, section, piece, line, color, dash, labels)
    draw_floods(sheet, section, piece, labels)
    return labels


def half_manhole_mm(section: LongSection, piece: Piece, k: int) -> float:
    """Return half the width on paper of the manhole at a station."""
    tall = section.pipes["height_m"].to_numpy()
    touching = [tall[j] for j in (k - 1, k) if 0 <= j < len(tall) and np.isfinite(tall[j])]
    wide = max(MANHOLE_LEAST_M, max(touching, default=0.0) + MANHOLE_BESIDE_M)
    return max(wide * 500.0 / piece.along, 0.5)


def _draw_staff(sheet: Sheet, piece: Piece, left: float, right: float) -> None:
    """Draw levels as a black and white staff, and faintly through the drawing."""
    top = min(piece.top_m, piece.datum_m + (FRAME.high - TITLE_MM - piece.foot_mm) * piece.up / 1000.0)
    steps = int((top - piece.datum_m) / piece.step_m + 1e-9)
    for step in range(steps + 1):
        level = piece.datum_m + step * piece.step_m
        y = float(piece.y(level))
        whole = step % 2 == round(piece.datum_m / piece.step_m) % 2
        sheet.line([(left, y), (right - 2.0, y)], 0.1, FAINT, z=1, layer="LEVELS")
        color = INK if whole else MUTED
        sheet.text((left - 4.5, y), f"{level:.2f}", 7.5 if whole else 7.0, align="right", color=color, layer="LEVELS")
        if step < steps:
            box = Box(left - 2.5, y, left, y + 10.0)
            sheet.box(box, WHITE if whole else INK, INK, 0.18, z=5, layer="LEVELS")


def _draw_ground(sheet: Sheet, section: LongSection, piece: Piece, labels: Labels) -> None:
    """Draw the ground between neighbours whose level is known, straight, with hatching below it."""
    s, z = (section.stations[name].to_numpy()[piece.first : piece.last + 1] for name in ("chainage_m", "ground_m"))
    for k in np.flatnonzero(np.isfinite(z[:-1]) & np.isfinite(z[1:])):
        x, y = piece.x(s[k : k + 2]), piece.y(z[k : k + 2])
        ends = list(zip(x.tolist(), y.tolist(), strict=True))
        sheet.line(ends, MAIN_MM, GROUND, z=6, layer="GROUND")
        labels.avoid_line(ends, 2)
        for at in np.arange(x[0] + 4.0, x[1] - 4.0, 9.0):
            high = float(np.interp(at, x, y))
            for shift in (0.0, 1.1, 2.2):
                sheet.line([(at + shift, high), (at + shift - 1.4, high - 1.6)], 0.15, GROUND, z=5, layer="GROUND")


def _draw_pipe(sheet: Sheet, section: LongSection, piece: Piece, k: int, labels: Labels, lang: Language) -> None:
    """Draw a pipe from manhole to manhole: walls, bore, the water in it at the rarest storm, and its size."""
    pipe = section.pipes.iloc[k]
    a, b = float(piece.x(pipe["chainage_from_m"])), float(piece.x(pipe["chainage_to_m"]))
    x, invert = np.array([a, b]), np.array([pipe["invert_up_m"], pipe["invert_down_m"]], dtype=np.float64)
    color = SYSTEMS.get(pipe["system"], SYSTEMS["unknown"])
    if not pipe["levels_known"]:
        if np.isfinite(invert).all():
            ends = list(zip(x.tolist(), piece.y(invert).tolist(), strict=True))
            sheet.line(ends, MAIN_MM, color, z=4, layer="INVERT")
            labels.avoid_line(ends, 3)
        _say_gap(sheet, section, piece, k, labels, lang)
        return
    tall = float(pipe["height_m"])
    a, b = a + half_manhole_mm(section, piece, k), b - half_manhole_mm(section, piece, k + 1)
    if b <= a:
        a, b = float(piece.x(pipe["chainage_from_m"])), float(piece.x(pipe["chainage_to_m"]))
    x, wall = np.array([a, b]), section.wall_share * tall
    for below, above in ((-wall, 0.0), (tall, tall + wall)):
        edge = [
            *zip(x, piece.y(invert + below), strict=True),
            *zip(x[::-1], piece.y(invert + above)[::-1], strict=True),
        ]
        sheet.area(edge, WALL, INK, THIN_MM, z=3, layer="WALL")
    _draw_water(sheet, section, piece, k, x, invert, tall)
    sheet.line(zip(x, piece.y(invert), strict=True), MAIN_MM, color, z=4, layer="INVERT")
    sheet.line(zip(x, piece.y(invert + tall), strict=True), 0.35, color, z=4, layer="CROWN")
    for lower, upper in zip(np.linspace(0, 0.75, 4), np.linspace(0.25, 1, 4), strict=True):
        z0, z1 = (invert[0] + share * (invert[1] - invert[0]) for share in (lower, upper))
        low, high = float(piece.y(min(z0, z1) - wall)), float(piece.y(max(z0, z1) + tall + wall))
        labels.avoid(Box(a + lower * (b - a), low, a + upper * (b - a), high))


def _draw_water(
    sheet: Sheet, section: LongSection, piece: Piece, k: int, x: Floats, invert: Floats, tall: float
) -> None:
    if not section.grade_lines:
        return
    level = section.grade_lines[-1].level_m[k : k + 2]
    if not np.isfinite(level).all():
        return
    share = np.linspace(0.0, 1.0, 21)
    bottom = invert[0] + share * (invert[1] - invert[0])
    surface = np.clip(level[0] + share * (level[1] - level[0]), bottom, bottom + tall)
    across = x[0] + share * (x[1] - x[0])
    low, high = zip(across, piece.y(bottom), strict=True), zip(across[::-1], piece.y(surface)[::-1], strict=True)
    sheet.area([*low, *high], WATER, z=2, layer="WATER")


def name_pipes(sheet: Sheet, section: LongSection, piece: Piece, labels: Labels) -> None:
    """Write sizes into the bores, off grade lines and crossing pipes, or below pipes that are too small for them."""
    for k in range(piece.first, piece.last):
        pipe = section.pipes.iloc[k]
        text = ("← " if pipe["against_flow"] else "") + pipe["size"]
        wide = width_mm(text, 9.0, bold=True)
        a, b = float(piece.x(pipe["chainage_from_m"])), float(piece.x(pipe["chainage_to_m"]))
        if not pipe["levels_known"] or wide > b - a - 3.0:
            continue  # the band says it
        color = SYSTEMS.get(pipe["system"], SYSTEMS["unknown"])
        told = [
            Text(x, y, text, 9.0, "center", color, bold=True, angle_deg=0.0, halo_mm=0.5, z=8, layer="SIZE")
            for x, y in _places_of_name(section, piece, k, (a, b), wide)
        ]
        free = [one for one in told if not any(one.box.overlap(box) for box in labels.labels)]
        if free:
            best = min(free, key=lambda one: labels.covered(one.box))
            sheet.drawn.append(best)
            labels.take(best.box)


def _places_of_name(
    section: LongSection, piece: Piece, k: int, ends: tuple[float, float], wide: float
) -> Iterator[Point]:
    """Give the places at which the size of a pipe can stand, the best first."""
    pipe = section.pipes.iloc[k]
    tall, invert = float(pipe["height_m"]), (float(pipe["invert_up_m"]), float(pipe["invert_down_m"]))
    heads = [line.level_m[k : k + 2] for line in section.grade_lines]
    roomy = tall * 1000.0 / piece.up > 6.0
    side = (ends[1] - ends[0] - wide) / 2.0 - 2.0
    for part in (0.0, -0.5, 0.5, -1.0, 1.0):
        share = 0.5 + part * side / (ends[1] - ends[0])
        low, x = invert[0] + share * (invert[1] - invert[0]), ends[0] + share * (ends[1] - ends[0])
        if not roomy:
            yield x, float(piece.y(low - section.wall_share * tall)) - 3.0
            continue
        levels = [float(head[0] + share * (head[1] - head[0])) for head in heads]
        free = {up: min([0.3, *(abs(low + up * tall - level) for level in levels)]) for up in (0.5, 0.28, 0.72)}
        for up in sorted(free, key=lambda up: -free[up]):
            yield x, float(piece.y(low + up * tall))


def _say_gap(sheet: Sheet, section: LongSection, piece: Piece, k: int, labels: Labels, lang: Language) -> None:
    """Say beside the place of a pipe that its levels are not known or, where these are, its size."""
    pipe = section.pipes.iloc[k]
    inverts = pipe[["invert_up_m", "invert_down_m"]].to_numpy(np.float64)
    sized = np.isfinite(inverts).all()
    known = inverts if sized else section.stations[["ground_m", "invert_m"]].iloc[k : k + 2].to_numpy(np.float64)
    level = float(np.nanmean(known)) if np.isfinite(known).any() else (piece.datum_m + piece.top_m) / 2.0
    at = (float(piece.x((pipe["chainage_from_m"] + pipe["chainage_to_m"]) / 2.0)), float(piece.y(level)))
    text = saying("gap_size" if sized else "gap", lang, pipe=pipe.name, size=pipe["size"])
    wide = width_mm(text, 8.0)
    place = labels.place(at if sized else (at[0] - wide / 2.0 - 1.5, at[1]), wide, 3.6)
    if place is not None:
        sheet.text((place.left, (place.low + place.high) / 2.0), text, 8.0, color=MUTED, halo=0.5, layer="GAP")


def _draw_station(sheet: Sheet, section: LongSection, piece: Piece, k: int, labels: Labels, lang: Language) -> None:
    """Draw a manhole, nominal in width, and the line down to its column of the band."""
    station = section.stations.iloc[k]
    x, column = float(piece.x(station["chainage_m"])), float(piece.band.x[k - piece.first])
    invert, ground = float(station["invert_m"]), float(station["ground_m"])
    known = np.isfinite(invert) and np.isfinite(ground)
    low = float(piece.y(invert if np.isfinite(invert) else ground if np.isfinite(ground) else piece.datum_m))
    sheet.line([(x, low), (x, piece.foot_mm), (column, piece.band_top_mm)], 0.1, MUTED, z=1, layer="STATIONS")
    if not known:
        if np.isfinite(station["crown_m"]):
            sheet.line([(x, low), (x, float(piece.y(station["crown_m"])))], 0.3, INK, z=5, layer="MANHOLE")
        return
    top, half = float(piece.y(ground)), half_manhole_mm(section, piece, k)
    if station["kind"] in _OUT:
        sheet.line([(x, low), (x, top)], 0.7, INK, z=5, layer="MANHOLE")
        said = code("kind", str(station["kind"]), lang) or str(station["kind"])
        at = min(max(x, labels.room.left + 6.0), labels.room.right - width_mm(said, 8.0) / 2.0)
        labels.take(sheet.text((at, top + 3.2), said, 8.0, align="center", halo=0.5, layer="MANHOLE").box)
        return
    shoulder = max(min(float(piece.y(float(station["crown_m"]) + 0.5)), top - 4.0), low)
    neck, shaft = min(shoulder + 2.5, top), min(_SHAFT_MM / 2.0, half)
    outline: list[Point] = [
        (x - half, low), (x + half, low), (x + half, shoulder), (x + shaft, neck), (x + shaft, top), (x - shaft, top),
        (x - shaft, neck), (x - half, shoulder),
    ]  # fmt: skip
    sheet.area(outline, WHITE, INK, 0.3, z=5, layer="MANHOLE")
    if section.grade_lines and np.isfinite(level := section.grade_lines[-1].level_m[k]):
        water = min(float(piece.y(level)), shoulder)
        if water > low:
            sheet.box(Box(x - half + 0.15, low, x + half - 0.15, water), WATER, z=5.5, layer="WATER")
    sheet.box(Box(x - 1.1, top - 0.5, x + 1.1, top + 0.3), INK, INK, z=6, layer="MANHOLE")
    labels.avoid(Box(x - half - 0.5, low, x + half + 0.5, top + 0.5), 3)


def _draw_grade_line(
    sheet: Sheet, section: LongSection, piece: Piece, line: GradeLine, color: str,
    dash: tuple[float, float] | None, labels: Labels,
) -> None:  # fmt: skip
    """Draw the level of water between neighbours that both have one."""
    s = section.stations["chainage_m"].to_numpy()[piece.first : piece.last + 1]
    level = line.level_m[piece.first : piece.last + 1]
    there = np.isfinite(level)
    for run in np.split(np.arange(len(s)), np.flatnonzero(np.diff(there.astype(int))) + 1):
        if len(run) > 1 and there[run[0]]:
            points = list(zip(piece.x(s[run]).tolist(), piece.y(level[run]).tolist(), strict=True))
            sheet.line(points, 0.45, color, dash=dash, z=7, layer=layer_of(section, line))
            labels.avoid_line(points, 2)


def layer_of(section: LongSection, line: GradeLine) -> str:
    """Return the layer of a grade line: of the first the name is HGL_1."""
    return f"HGL_{section.grade_lines.index(line) + 1}"


def draw_floods(sheet: Sheet, section: LongSection, piece: Piece, labels: Labels) -> None:
    """Draw arrows out of the manholes that overflow at the rarest storm."""
    if not section.grade_lines:
        return
    spilt = section.grade_lines[-1].overflow_m3
    for k in range(piece.first, piece.last + 1):
        ground = section.stations["ground_m"].iloc[k]
        if not (spilt[k] >= LEAST_SPILL_M3 and np.isfinite(ground)):
            continue
        x, top, much = float(piece.x(section.stations["chainage_m"].iloc[k])), float(piece.y(ground)), spilt[k] > 100.0
        for shift in (-2.2, 0.0, 2.2) if much else (0.0,):
            tip = top + (8.6 if much else 5.4)
            sheet.line([(x + shift, top + 1.0), (x + shift, tip - 1.6)], 0.3, FLOOD, z=7, layer="FLOOD")
            head = [(x + shift, tip), (x + shift - 0.7, tip - 2.0), (x + shift + 0.7, tip - 2.0)]
            sheet.area(head, FLOOD, z=7, layer="FLOOD")
        labels.avoid(Box(x - 3.0, top, x + 3.0, top + 9.0), 3)
