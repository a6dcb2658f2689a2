"""A sheet as DXF, one unit a millimetre on paper, with a layer for each kind of thing.

What is drawn first lies below, so that things are written from the hindmost to the foremost. The height of a text is
that of its capitals; its style names a font that readers with Chinese have.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from drainage.errors import FormatError
from drainage.fonts.letters import MM_PER_PT
from drainage.papers.drawn.lettering import CAPITALS
from drainage.papers.drawn.sheets import WHITE, Area, Circle, Line, Sheet, Text
from drainage.words import in_both

if TYPE_CHECKING:
    from pathlib import Path

    from ezdxf.document import Drawing
    from ezdxf.layouts.layout import Modelspace

#: A font with Chinese that CAD programs have.
CAD_FONT: Final = "simhei.ttf"
_STYLE: Final = "DRAINAGE"
_MILLIMETRES: Final = 4
#: Line weights that DXF knows, hundredths of a mm.
WEIGHTS: Final = (0, 5, 9, 13, 15, 18, 20, 25, 30, 35, 40, 50, 53, 60, 70, 80, 90, 100)
_ALIGN: Final = {"left": "LEFT", "center": "CENTER", "right": "RIGHT"}


def write_dxf(sheet: Sheet, path: Path, *, provenance: str = "") -> None:
    """Write a sheet as DXF R2010.

    Raises
    ------
    FormatError
        The library for it is not installed.
    """
    try:
        ezdxf = import_module("ezdxf")
    except ImportError as error:
        raise FormatError(in_both("needs_extra_papers")) from error
    document = ezdxf.new("R2010", units=_MILLIMETRES)
    document.styles.add(_STYLE, font=CAD_FONT)
    document.header.custom_vars.append("provenance", provenance.replace("\n", " "))
    for name in sorted({one.layer for one in sheet.drawn}):
        document.layers.add(name)
    space = document.modelspace()
    for one in sheet.by_depth:
        _add(document, space, one)
    document.saveas(path)


def _add(document: Drawing, space: Modelspace, one: Line | Area | Circle | Text) -> None:
    if isinstance(one, Line):
        kind = _dashes(document, one.dash)
        space.add_lwpolyline(one.points, dxfattribs=_look(one.layer, one.color, one.width_mm) | {"linetype": kind})
    elif isinstance(one, Area):
        if one.fill and one.fill != WHITE:
            hatch = space.add_hatch(dxfattribs=_look(one.layer, one.fill, 0.0))
            for ring in (one.points, *one.holes):
                hatch.paths.add_polyline_path(ring, is_closed=True)
        for ring in (one.points, *one.holes) if one.edge else ():
            space.add_lwpolyline(ring, close=True, dxfattribs=_look(one.layer, str(one.edge), one.width_mm))
    elif isinstance(one, Circle):
        if one.fill and one.fill != WHITE:
            round_ = space.add_hatch(dxfattribs=_look(one.layer, one.fill, 0.0))
            round_.paths.add_edge_path().add_arc((one.x, one.y), one.radius_mm)
        space.add_circle((one.x, one.y), one.radius_mm, dxfattribs=_look(one.layer, one.edge, one.width_mm))
    else:
        _add_text(space, one)


def _add_text(space: Modelspace, one: Text) -> None:
    from ezdxf.enums import TextEntityAlignment

    look = _look(one.layer, one.color, 0.0) | {"style": _STYLE, "rotation": one.angle_deg}
    text = space.add_text(one.text, height=one.size_pt * MM_PER_PT * CAPITALS, dxfattribs=look)
    text.set_placement(one.base, align=TextEntityAlignment[_ALIGN[one.align]])


def _dashes(document: Drawing, dash: tuple[float, float] | None) -> str:
    if dash is None:
        return "CONTINUOUS"
    name = f"DASH_{dash[0]:g}_{dash[1]:g}".replace(".", "P")
    if name not in document.linetypes:
        document.linetypes.add(name, [sum(dash), dash[0], -dash[1]])
    return name


def _look(layer: str, color: str, width_mm: float) -> dict[str, Any]:
    weight = min(WEIGHTS, key=lambda known: abs(known - 100.0 * width_mm))
    return {"layer": layer, "true_color": int(color[1:], 16), "lineweight": weight}
