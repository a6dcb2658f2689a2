"""Pipes on a map: lines by system and size, arrows of flow, and sizes beside them."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd
import shapely

from drainage.fonts.letters import MM_PER_PT, width_mm
from drainage.maps.looks import SYSTEMS, WIDTHS
from drainage.papers.drawn.lettering import LEAST_PT
from drainage.papers.drawn.sheets import SYSTEM_DASHES, WHITE, Point, Sheet
from drainage.papers.system_map.label_field import Track, covered_points
from drainage.papers.system_map.map_content import DRAWN_SYSTEMS
from drainage.papers.system_map.map_window import Window

#: Shares of the width of lines by system: sewers are thinner than storm drains, also in grey.
THINNER: Final = {"sewage": 0.8, "reclaimed": 0.8, "unknown": 0.8}
_PIPES_Z: Final = 3.0
_ARROW_EVERY_MM: Final = 55.0
_ARROW_RUN_MM: Final = 9.0
_ARROW_APART_MM: Final = 14.0
_ARROW_MOST: Final = 25.0
_SIZE_RUN_MM: Final = 20.0
_SIZE_PT: Final = 7.0
_SIZE_MOST: Final = 0.8
_LAYERS: Final = {system: system.upper() for system in DRAWN_SYSTEMS}


def line_width(system: str, size_class: int, lines: float) -> float:
    """Return the width of the line of a pipe, mm."""
    return WIDTHS[size_class][1] * lines * THINNER.get(system, 1.0)


def draw_line(sheet: Sheet, points: object, system: str, size_class: int, lines: float, z: float) -> None:
    """Draw a line in the look of a system; that of combined pipes has a broken white core."""
    wide = line_width(system, size_class, lines)
    told = np.asarray(points)
    on, off = SYSTEM_DASHES["reclaimed"]
    dash = (on * lines**0.5, off * lines**0.5) if system == "reclaimed" else None
    sheet.line(told, wide, SYSTEMS[system], dash=dash, z=z, layer=_LAYERS[system], round_ends=dash is None)
    if system == "combined":
        gap = lines**0.5
        sheet.line(told, 0.38 * wide, WHITE, dash=(2.2 * gap, 1.6 * gap), z=z + 0.004, layer="COMBINED_CORE")


def draw_pipes(window: Window, pipes: pd.DataFrame) -> None:
    """Draw the pipes, the thin upon the wide, so that none is hidden."""
    for size_class in reversed(range(len(WIDTHS))):
        for order, system in enumerate(DRAWN_SYSTEMS):
            own = pipes[(pipes["system"] == system) & (pipes["size_class"] == size_class)]
            if own.empty:
                continue
            merged = shapely.get_parts(shapely.line_merge(shapely.union_all(own["line"].to_numpy())))
            drawn, _ = window.lines_of(merged)
            z = _PIPES_Z + 0.1 * (len(WIDTHS) - 1 - size_class) + 0.01 * order
            for points in drawn:
                draw_line(window.sheet, points, system, size_class, window.lines, z)
            wide = line_width(system, size_class, window.lines)
            window.field.mark_lines(drawn, wide + 0.5, 3.0 + 4.0 * WIDTHS[size_class][1])


def draw_arrows(window: Window, runs: pd.DataFrame) -> int:
    """Draw an arrow in the direction of flow on every long run, the wide first; return how many."""
    lines, row = window.lines_of(runs["line"].to_numpy())
    long = [(track, k) for points, k in zip(lines, row, strict=True)
            if (track := Track.along(points)).length_mm >= _ARROW_RUN_MM * window.signs]  # fmt: skip
    systems, classes = runs["system"].to_numpy(), runs["size_class"].to_numpy()
    drawn: dict[str, list[Point]] = {}
    for track, k in sorted(long, key=lambda one: (-classes[one[1]], -one[0].length_mm)):
        system, others = systems[k], drawn.setdefault(systems[k], [])
        for reached in np.linspace(0.0, track.length_mm, max(1, int(track.length_mm / _ARROW_EVERY_MM)) + 2)[1:-1]:
            (x, y), (angle,) = track.at(reached).tolist(), track.chords(np.array([reached]), 1.0)[0]
            if others and np.hypot(*(np.array(others) - (x, y)).T).min() < _ARROW_APART_MM:
                continue
            size = 2.0 * window.signs + 0.8 * line_width(system, classes[k], window.lines)
            cost = window.field.judge(covered_points(np.array([[x, y]]), size, size))[0]
            if cost > _ARROW_MOST:
                continue
            others.append((x, y))
            draw_arrow(window.sheet, (x, y), float(angle), size, system)
            window.field.mark((x, y), size, size, 60.0)
    return sum(map(len, drawn.values()))


def draw_arrow(sheet: Sheet, at: Point, angle_deg: float, size: float, system: str) -> None:
    """Draw a notched arrow with a white edge."""
    cos, sin = np.cos(np.radians(angle_deg)), np.sin(np.radians(angle_deg))
    half = 0.42 * size
    shape = [(size / 2, 0.0), (-size / 2, half), (-size / 4, 0.0), (-size / 2, -half)]
    sheet.area([(at[0] + u * cos - v * sin, at[1] + u * sin + v * cos) for u, v in shape], SYSTEMS[system],
               WHITE, 0.11 * size, z=5, layer="FLOW")  # fmt: skip


def write_sizes(window: Window, runs: pd.DataFrame) -> int:
    """Write sizes beside long runs, the wide first; return how many."""
    size_pt = max(LEAST_PT, _SIZE_PT * window.letters)
    lines, row = window.lines_of(runs["line"].to_numpy())
    tracks = [(Track.along(points), k) for points, k in zip(lines, row, strict=True)]
    systems, texts, classes = (runs[name].to_numpy() for name in ("system", "size", "size_class"))
    written = 0
    for track, k in sorted(tracks, key=lambda one: (-classes[one[1]], -one[0].length_mm)):
        text = texts[k].replace("DN", "DN ")
        wide, tall = width_mm(text, size_pt) + 0.6, size_pt * MM_PER_PT
        if text == "–" or track.length_mm < max(_SIZE_RUN_MM * window.signs, wide + 4.0):
            continue
        middles = np.arange(wide / 2.0 + 1.0, track.length_mm - wide / 2.0 - 1.0, 2.0)
        angle, straight = track.chords(middles, wide)
        turned = np.where((angle > 105.0) | (angle < -75.0), (angle + 180.0 + 180.0) % 360.0 - 180.0, angle)
        aside = tall / 2.0 + 0.4 + line_width(systems[k], classes[k], window.lines) / 2.0 + 0.25
        normal = np.stack([-np.sin(np.radians(angle)), np.cos(np.radians(angle))], axis=-1)
        places = np.concatenate([track.at(middles) + side * normal for side in (aside, -aside)])
        cost = window.field.judge(covered_points(places, wide, tall * 0.92, np.tile(turned, 2)))
        cost += np.tile(200.0 * (1.0 - straight) + 0.01 * np.abs(middles - track.length_mm / 2.0), 2)
        best = int(cost.argmin())
        if cost[best] > _SIZE_MOST:
            continue
        at, angle_deg = places[best].tolist(), float(turned[best % len(middles)])
        window.sheet.text(at, text, size_pt, align="center", color=SYSTEMS[systems[k]], angle_deg=angle_deg,
                          halo=0.4 * window.letters, z=7.5, layer="SIZE")  # fmt: skip
        window.field.take(at, wide, tall * 0.92, angle_deg)
        written += 1
    return written
