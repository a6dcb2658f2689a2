"""Signs of nodes on a map: outfalls, plants and stations, manholes with ids and levels, points of waterlogging."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd

from drainage.fonts.letters import MM_PER_PT, width_mm
from drainage.maps.looks import GRADES, SYSTEMS
from drainage.papers.drawn.lettering import LEAST_PT
from drainage.papers.drawn.sheets import INK, WHITE, Point, Sheet
from drainage.papers.system_map.label_field import covered_points
from drainage.papers.system_map.map_content import SIGNED
from drainage.papers.system_map.map_window import Window
from drainage.said import Language
from drainage.words import code

#: Kinds that are named beside their sign.
_NAMED: Final = ("works",)
_RADIUS_MM: Final = 1.9
_ID_PT: Final = 6.5
_ID_MOST: Final = 12.0
_PER_MM: Final = 3.0  # cost of a mm of distance from the point
_FARTHER_MM: Final = (0.0, 1.0, 2.0, 3.5, 5.0)
_AROUND: Final = (
    (1.0, 0.0), (-1.0, 0.0), (0.8, 0.8), (-0.8, 0.8), (0.8, -0.8), (-0.8, -0.8), (0.0, 1.0), (0.0, -1.0),
)  # fmt: skip


def draw_sign(sheet: Sheet, at: Point, kind: str, system: str, radius: float, *, inferred: bool = False) -> None:
    """Draw the sign of a kind of node; that of an outfall is hollow where nothing records it as one."""
    x, y = at
    colour = SYSTEMS.get(system, INK)
    edge, layer = 0.2 * radius, "SIGNS"
    if kind == "outfall":
        shape = [(x, y - radius), (x - radius, y + 0.8 * radius), (x + radius, y + 0.8 * radius)]
        if inferred:
            sheet.area(shape, WHITE, colour, edge, z=6, layer=layer)
        else:
            sheet.area(shape, colour, WHITE, 0.15 * radius, z=6, layer=layer)
    elif kind == "works":
        corners = [(x + u * radius, y + v * radius) for u, v in ((-2, -1.4), (2, -1.4), (2, 1.4), (-2, 1.4))]
        sheet.area(corners, WHITE, colour, 0.3 * radius, z=6, layer=layer)
        for side in (-0.9, 0.9):
            sheet.circle((x + side * radius, y), 0.75 * radius, None, colour, edge, z=6.1, layer=layer)
    elif kind == "pump":
        sheet.circle(at, 0.85 * radius, WHITE, colour, edge, z=6, layer=layer)
        shape = [(x - 0.45 * radius, y + 0.5 * radius), (x - 0.45 * radius, y - 0.5 * radius), (x + 0.6 * radius, y)]
        sheet.area(shape, colour, z=6.1, layer=layer)
    elif kind == "interceptor":
        shape = [(x - radius, y), (x, y + radius), (x + radius, y), (x, y - radius)]
        sheet.area(shape, WHITE, colour, edge, z=6, layer=layer)
    elif kind == "storage":
        corners = [(x + u * radius, y + v * radius) for u, v in ((-1, -0.8), (1, -0.8), (1, 0.8), (-1, 0.8))]
        sheet.area(corners, WHITE, colour, edge, z=6, layer=layer)
        sheet.line([(x - radius, y), (x + radius, y)], edge, colour, z=6.1, layer=layer)
    elif kind == "user":
        shape = [(x - 0.8 * radius, y - 0.7 * radius), (x + 0.8 * radius, y - 0.7 * radius), (x, y + 0.9 * radius)]
        sheet.area(shape, WHITE, colour, edge, z=6, layer=layer)
    elif kind == "inlet":
        corners = [(x + u, y + v) for u, v in ((-0.7, -0.45), (0.7, -0.45), (0.7, 0.45), (-0.7, 0.45))]
        sheet.area(corners, WHITE, colour, 0.2, z=4, layer="MANHOLE")
    else:
        sheet.circle(at, 0.7, WHITE, colour, 0.22, z=4, layer="MANHOLE")


def draw_nodes(window: Window, nodes: pd.DataFrame, *, detailed: bool) -> None:
    """Draw what has a sign at every scale, and manholes where they are asked for."""
    shown = nodes[window.sees(nodes["x"].to_numpy(), nodes["y"].to_numpy())]
    if not detailed:
        shown = shown[shown["kind"].isin(SIGNED)]
    places = window.place(shown["x"].to_numpy(), shown["y"].to_numpy()).tolist()
    radius = _RADIUS_MM * window.signs
    for at, kind, system, inferred in zip(places, *(shown[name] for name in ("kind", "system", "inferred")),
                                          strict=True):  # fmt: skip
        draw_sign(window.sheet, at, kind, system, radius, inferred=inferred)
        if kind in SIGNED:
            window.field.take(at, (4.4 if kind == "works" else 2.2) * radius, 2.8 * radius)
        else:
            window.field.mark(at, 1.8, 1.8, 30.0)


def name_nodes(window: Window, nodes: pd.DataFrame, lang: Language) -> None:
    """Name the kinds of nodes that a reader looks for."""
    shown = nodes[nodes["kind"].isin(_NAMED) & window.sees(nodes["x"].to_numpy(), nodes["y"].to_numpy())]
    for kind, system, x, y in shown[["kind", "system", "x", "y"]].itertuples(index=False):
        (at,) = window.place(np.array([x]), np.array([y])).tolist()
        said = code("kind", kind, lang) or kind
        colour = SYSTEMS.get(system, INK)
        write_beside(window, at, [said], 11.0, colour, gap=2.2 * _RADIUS_MM * window.signs, bold=True, most=60.0,
                     layer="NAMES")  # fmt: skip


def write_ids(window: Window, nodes: pd.DataFrame, *, levels: bool) -> int:
    """Write ids, with levels of ground and invert if asked for; return how many have no place."""
    shown = nodes[window.sees(nodes["x"].to_numpy(), nodes["y"].to_numpy(), 2.0) & (nodes["kind"] != "junction")]
    places = window.place(shown["x"].to_numpy(), shown["y"].to_numpy()).tolist()
    columns = [shown.index.astype(str).tolist(), *(shown[name].tolist() for name in ("kind", "system"))]
    heights = shown[["ground_m", "invert_m"]].to_numpy(np.float64).tolist()
    written = 0
    for at, name, kind, system, known in zip(places, *columns, heights, strict=True):
        lines = [name]
        if levels and np.isfinite(known).any():
            lines.append("/".join(f"{level:.2f}" if np.isfinite(level) else "–" for level in known))
        gap = 1.2 * _RADIUS_MM * window.signs if kind in SIGNED else 0.9
        colour = SYSTEMS.get(system, INK)
        written += write_beside(window, at, lines, _ID_PT, colour, gap=gap, most=_ID_MOST, layer="IDS")
    return len(shown) - written


def write_beside(
    window: Window, at: Sequence[float], lines: Sequence[str], size: float, color: str, *, gap: float, most: float,
    layer: str, bold: bool = False, farther: Sequence[float] = (0.0,),
) -> bool:  # fmt: skip
    """Write a label beside a point at the cheapest of eight places, and eight more so much farther, mm, each.

    Returns whether it has one.
    """
    size_pt = max(LEAST_PT, size * window.letters)
    tall = size_pt * MM_PER_PT
    wide = max(width_mm(line, size_pt, bold=bold) for line in lines) + 0.4
    high = tall * (0.92 + 1.05 * (len(lines) - 1))
    centers = np.array(
        [
            (at[0] + u * (gap + wide / 2.0 + 0.9 + more), at[1] + v * (gap + high / 2.0 + 0.9 + more))
            for more in farther
            for u, v in _AROUND
        ]
    )
    cost = window.field.judge(covered_points(centers, wide, high)) + np.repeat(
        _PER_MM * np.array(farther), len(_AROUND)
    )
    best = int(cost.argmin())
    if not cost[best] <= most:
        return False
    x, y = centers[best].tolist()
    for number, line in enumerate(lines):
        down = (number - (len(lines) - 1) / 2.0) * 1.05 * tall
        window.sheet.text((x, y - down), line, size_pt, align="center", color=color, bold=bold,
                          halo=0.5 * window.letters, z=9, layer=layer)  # fmt: skip
    window.field.take((x, y), wide, high)
    return True


def draw_points(window: Window, points: pd.DataFrame) -> list[str]:
    """Draw points of waterlogging as discs by their grade, and their numbers; return those that have no place."""
    shown = points[window.sees(points["x"].to_numpy(np.float64), points["y"].to_numpy(np.float64))]
    radius = 2.3 * window.signs
    places = window.place(shown["x"].to_numpy(np.float64), shown["y"].to_numpy(np.float64)).tolist()
    for at, grade in zip(places, shown["grade"], strict=True):
        draw_point(window.sheet, at, grade, radius)
        window.field.take(at, 2 * radius, 2 * radius)
    return [
        str(name)
        for at, name in zip(places, shown["point_id"], strict=True)
        if not write_beside(window, at, [str(name)], 11.0, INK, gap=radius, bold=True, most=80.0, layer="POINTS",
                            farther=_FARTHER_MM)
    ]  # fmt: skip


def draw_point(sheet: Sheet, at: Point, grade: object, radius: float) -> None:
    """Draw the disc of a point of waterlogging."""
    sheet.circle(at, radius * 1.2, WHITE, WHITE, 0.1, z=6.9, layer="POINTS")
    sheet.circle(at, radius, GRADES.get(str(grade), INK), INK, 0.1 * radius, z=7, layer="POINTS")
