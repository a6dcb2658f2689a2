"""A sheet as SVG in millimetres: texts stay texts, in the letters of the reader where he lacks ours."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Final

from drainage.fonts.letters import FAMILY, MM_PER_PT, STAND_INS
from drainage.papers.drawn.sheets import WHITE, Area, Circle, Drawn, Line, Sheet, Text

if TYPE_CHECKING:
    from drainage.papers.drawn.sheets import Point

_ANCHORS: Final = {"left": "start", "center": "middle", "right": "end"}


def svg_of(sheet: Sheet, *, provenance: str = "") -> str:
    """Return a sheet as SVG, with where it comes from as JSON."""
    wide, tall = sheet.width_mm, sheet.height_mm
    family = ", ".join(f"'{name}'" if " " in name else name for name in (FAMILY, *STAND_INS, "sans-serif"))
    look = f'viewBox="0 0 {wide:g} {tall:g}" font-family="{escape(family)}" fill="none" stroke-linejoin="round"'
    parts = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{wide:g}mm" height="{tall:g}mm" {look}>',
        f"<title>{escape(sheet.title)}</title>",
        f"<metadata>{escape(provenance)}</metadata>",
        f'<rect width="{wide:g}" height="{tall:g}" fill="{WHITE}"/>',
        *(_element(one, tall) for one in sheet.by_depth),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _element(one: Drawn, tall: float) -> str:
    layer = f'class="{one.layer}"'
    if isinstance(one, Line):
        dash = f' stroke-dasharray="{one.dash[0]:g} {one.dash[1]:g}"' if one.dash else ""
        ends = ' stroke-linecap="round"' if one.round_ends else ""
        return (
            f'<polyline {layer} points="{_path(one.points, tall)}" stroke="{one.color}" '
            f'stroke-width="{one.width_mm:g}"{dash}{ends}/>'
        )
    if isinstance(one, Area) and one.holes:
        rings = " ".join(f"M {_path(ring, tall)} Z" for ring in (one.points, *one.holes))
        return f'<path {layer} fill-rule="evenodd" d="{rings}"{_look(one)}/>'
    if isinstance(one, Area):
        return f'<polygon {layer} points="{_path(one.points, tall)}"{_look(one)}/>'
    if isinstance(one, Circle):
        return f'<circle {layer} cx="{one.x:.3f}" cy="{tall - one.y:.3f}" r="{one.radius_mm:.3f}"{_look(one)}/>'
    return _text(one, tall)


def _text(one: Text, tall: float) -> str:
    x, y = one.base
    turn = f' transform="rotate({-one.angle_deg:g} {x:.3f} {tall - y:.3f})"' if one.angle_deg else ""
    weight = ' font-weight="bold"' if one.bold else ""
    halo = f' paint-order="stroke" stroke="{WHITE}" stroke-width="{2 * one.halo_mm:g}"' if one.halo_mm else ""
    return (
        f'<text class="{one.layer}" x="{x:.3f}" y="{tall - y:.3f}" font-size="{one.size_pt * MM_PER_PT:.3f}" '
        f'fill="{one.color}" text-anchor="{_ANCHORS[one.align]}"{weight}{halo}{turn}>{escape(one.text)}</text>'
    )


def _look(one: Area | Circle) -> str:
    fill = f' fill="{one.fill}"' if one.fill else ""
    return f'{fill} stroke="{one.edge}" stroke-width="{one.width_mm:g}"' if one.edge else fill


def _path(points: tuple[Point, ...], tall: float) -> str:
    return " ".join(f"{x:.3f},{tall - y:.3f}" for x, y in points)
