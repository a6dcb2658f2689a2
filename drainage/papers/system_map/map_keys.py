"""The legend of a system map: systems with their lengths, classes of sizes, and the signs that stand on the map."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import numpy as np

from drainage.fonts.letters import MM_PER_PT
from drainage.maps.looks import GRADES, WIDTHS
from drainage.papers.drawn.foot import Draw, Key
from drainage.papers.drawn.lettering import LEAST_PT, fitted
from drainage.papers.drawn.sheets import INK, WATER, Box, Point, Sheet
from drainage.papers.sayings import saying
from drainage.papers.system_map.map_content import DRAWN_SYSTEMS, SIGNED, SystemMap
from drainage.papers.system_map.map_ground import ROAD, ROAD_EDGE, WATER_EDGE
from drainage.papers.system_map.node_signs import draw_point, draw_sign
from drainage.papers.system_map.pipe_lines import draw_arrow, draw_line, line_width
from drainage.said import Language
from drainage.words import code

_SAMPLE_MM: Final = 13.0  # length of the sample of a line at A1
#: The class whose line stands for a system.
_SAMPLE_CLASS: Final = 3


def keys_of_map(content: SystemMap, scale: int, lang: Language) -> list[Key]:
    """Return the entries of the legend of a map at a scale: only of what it holds."""
    lines, pipes = content.cutting.layout.lines, content.pipes
    sample = _SAMPLE_MM * content.cutting.layout.letters
    length = pipes.groupby("system")["length_m"].sum()
    keys: list[Key] = []
    for system in reversed(DRAWN_SYSTEMS):
        if system in length.index:
            key = "map_pipe_key_unknown" if system == "unknown" else "map_pipe_key"
            said = saying(key, lang, system=code("system", system, lang) or system,
                          length=length_text(float(length[system])))  # fmt: skip
            keys.append((said, _pipe(system, lines, sample)))
    keys += [
        (class_text(size_class, lang), _width(size_class, lines, sample))
        for size_class in range(len(WIDTHS))
        if (pipes["size_class"] == size_class).any()
    ]
    known = content.nodes["kind"].isin(SIGNED) | content.detailed(scale)
    for (name, inferred), systems in content.nodes[known].groupby(["kind", "inferred"])["system"]:
        kind, drawn = str(name), [system for system in reversed(DRAWN_SYSTEMS) if (systems == system).any()]
        said = code("kind", kind, lang) or kind
        said = saying("map_outfall_inferred", lang, count=len(systems)) if inferred else said
        keys.append((said, _signs(kind, drawn, math.sqrt(lines), sample, inferred=bool(inferred))))
    if len(content.waters):
        flat = any(shape.geom_type.endswith("LineString") for shape in content.waters["shape"])
        keys.append((saying("map_water_line" if flat else "map_water", lang), _patch(WATER, WATER_EDGE, sample)))
    if len(content.roads) and not content.from_pipes:
        keys.append((saying("map_road", lang), _patch(ROAD, ROAD_EDGE, sample)))
    grades = [grade for grade in GRADES if (content.points["grade"] == grade).any()]
    keys += [
        (saying("map_point_key", lang, grade=code("grade", grade, lang) or grade), _disc(grade, math.sqrt(lines)))
        for grade in grades
    ]
    return keys


def length_text(length_m: float) -> str:
    """Return a length as it is read: in km, a short one in m.

    Examples
    --------
    >>> length_text(121_432.0), length_text(57.3)
    ('121.4 km', '57 m')
    """
    return f"{length_m / 1000.0:,.1f} km" if length_m >= 1000.0 else f"{length_m:.0f} m"


def draw_keys(sheet: Sheet, room: Box, keys: Sequence[Key], columns: int, letters: float) -> float:
    """Draw entries in columns from the top of a room, down each; return how much height they take, mm."""
    size = max(LEAST_PT, 10.5 * letters)
    step, sample = 1.75 * size * MM_PER_PT, _SAMPLE_MM * letters
    rows = -(-len(keys) // columns)
    step = min(step, (room.high - room.low) / max(rows, 1))
    wide = (room.right - room.left) / columns
    for number, (words, draw) in enumerate(keys):
        x, y = room.left + (number // rows) * wide, room.high - (number % rows + 0.5) * step
        draw(sheet, (x, y))
        said, fitting = fitted(words, size, wide - sample - 3.5 * letters)
        sheet.text((x + sample + 2.0 * letters, y), said, fitting, layer="LEGEND")
    return rows * step


def class_text(size_class: int, lang: Language) -> str:
    """Return a class of sizes in words."""
    below, above = [0.0, *(limit for limit, _ in WIDTHS)][size_class : size_class + 2]
    key = "map_class_first" if not below else "map_class_last" if np.isinf(above) else "map_class"
    return saying(key, lang, low=below, high=above)


def _pipe(system: str, lines: float, sample: float) -> Draw:
    def draw(sheet: Sheet, at: Point) -> None:
        draw_line(sheet, [at, (at[0] + sample, at[1])], system, _SAMPLE_CLASS, lines, 3.0)
        arrow = 2.0 * math.sqrt(lines) + 0.8 * line_width(system, _SAMPLE_CLASS, lines)
        draw_arrow(sheet, (at[0] + 0.6 * sample, at[1]), 0.0, arrow, system)

    return draw


def _width(size_class: int, lines: float, sample: float) -> Draw:
    def draw(sheet: Sheet, at: Point) -> None:
        sheet.line([at, (at[0] + sample, at[1])], WIDTHS[size_class][1] * lines, INK, layer="LEGEND")

    return draw


def _signs(kind: str, systems: Sequence[str], signs: float, sample: float, *, inferred: bool) -> Draw:
    """Draw the sign of a kind of node in the colour of each system in which it stands on the map."""
    step = min(5.0 * signs, sample / len(systems))
    radius = min(1.9 * signs, 0.45 * step)

    def draw(sheet: Sheet, at: Point) -> None:
        for number, system in enumerate(systems):
            x = at[0] + (5.0 * signs if len(systems) == 1 else (number + 0.5) * step)
            draw_sign(sheet, (x, at[1]), kind, system, radius, inferred=inferred)

    return draw


def _patch(fill: str, edge: str, sample: float) -> Draw:
    def draw(sheet: Sheet, at: Point) -> None:
        box = Box(at[0], at[1] - 0.12 * sample, at[0] + 0.7 * sample, at[1] + 0.12 * sample)
        sheet.box(box, fill, edge, 0.15, layer="LEGEND")

    return draw


def _disc(grade: str, signs: float) -> Draw:
    def draw(sheet: Sheet, at: Point) -> None:
        draw_point(sheet, (at[0] + 5.0 * signs, at[1]), grade, float(np.clip(2.0 * signs, 1.2, 2.2)))

    return draw
