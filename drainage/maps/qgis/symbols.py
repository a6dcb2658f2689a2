"""One look of the map as a symbol of QGIS: a line, a mark or an area, with the width of pipes by their size.

Elements and options are those that QGIS 3.22 writes itself; later versions read them. Options that are not said are its
defaults. Sizes of the looks are pixels of 1/96 inch, those of QGIS mm.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, Literal
from xml.etree.ElementTree import Element, SubElement

from drainage.maps.looks import WIDTHS, Style

#: What the features of a layer are drawn as.
Shape = Literal["point", "line", "polygon"]
#: What QGIS calls their symbols.
KINDS: Final[dict[Shape, str]] = {"point": "marker", "line": "line", "polygon": "fill"}
#: Arrows of flow are drawn from this scale on: smaller ones would cover their pipes (our choice).
ARROWS_FROM: Final = 4000
#: Beyond this scale lines of pipes are thinner by this factor, or narrow streets would be filled by them (our choice).
_FINE_BEYOND: Final = 10_000
_FINER: Final = 0.6
_MM_PER_PX: Final = 25.4 / 96.0
_ARROW_MM: Final = 1.8
_MARKS: Final = {"up": "triangle", "down": "triangle", "ring": "circle", "cross": "cross2"}


def symbol(
    look: Style, shape: Shape, name: str, *, size: str = "", arrows: bool = False, from_scale: int | None = None
) -> Element:
    """Return the symbol of a look.

    Parameters
    ----------
    name
        By which a renderer names it.
    size
        Expression of the size of a pipe in mm, by which the line is wide (`WIDTHS`); empty: as the look says.
    arrows
        Whether a line has an arrow at its middle, in its own direction.
    from_scale
        The scale from which a mark is drawn; None: at all.
    """
    made = Element("symbol", {"type": KINDS[shape], "name": name, "alpha": "1", "clip_to_extent": "1"})
    if shape == "point":
        _layer(made, "SimpleMarker", _mark(look), {} if from_scale is None else {"enabled": _shown_from(from_scale)})
    elif shape == "polygon":
        edge = {"outline_color": rgb(look.printed_color), "outline_width": _mm(1.0), "outline_width_unit": "MM"}
        _layer(
            made, "SimpleFill", {"color": rgb(look.printed_color), "style": "solid", "outline_style": "solid", **edge}
        )
    else:
        varying = {"outlineWidth": _width(size)} if size else {}
        _layer(made, "SimpleLine", _line(look), varying)
        if arrows:
            _arrow(made, look, name)
    return made


def rgb(color: str, alpha: int = 255) -> str:
    """Return a colour as QGIS writes it.

    Examples
    --------
    >>> rgb("#0072B2")
    '0,114,178,255'
    """
    return ",".join(str(int(color[at : at + 2], 16)) for at in (1, 3, 5)) + f",{alpha}"


def options(values: Mapping[str, object], name: str | None = None) -> Element:
    """Return values as the options in which QGIS keeps what it knows by name."""
    made = Element("Option", {"type": "Map", **({} if name is None else {"name": name})})
    for key, value in values.items():
        if isinstance(value, Mapping):
            made.append(options(value, key))
        elif isinstance(value, bool):
            SubElement(made, "Option", {"type": "bool", "name": key, "value": str(value).lower()})
        elif isinstance(value, int):
            SubElement(made, "Option", {"type": "int", "name": key, "value": str(value)})
        else:
            SubElement(made, "Option", {"type": "QString", "name": key, "value": str(value)})
    return made


def expressions(told: Mapping[str, str]) -> Element:
    """Return properties that differ from feature to feature, each by its expression."""
    each = {name: {"active": True, "expression": text, "type": 3} for name, text in told.items()}
    return options({"name": "", "properties": each, "type": "collection"})


def quoted(column: str) -> str:
    """Return a column as an expression names it; a quotation mark in its name is doubled."""
    return '"' + column.replace('"', '""') + '"'


def _layer(parent: Element, kind: str, told: Mapping[str, str], varying: Mapping[str, str] | None = None) -> Element:
    made = SubElement(parent, "layer", {"class": kind, "enabled": "1", "pass": "0", "locked": "0"})
    made.append(options(told))
    for key, value in told.items():  # what versions before 3.26 read
        SubElement(made, "prop", {"k": key, "v": value})
    if varying:
        SubElement(made, "data_defined_properties").append(expressions(varying))
    return made


def _mark(look: Style) -> dict[str, str]:
    hollow = look.shape in {"ring", "cross"}
    told = {
        "name": _MARKS.get(look.shape, look.shape),
        "size": _mm(2.0 * look.size),
        "color": rgb(look.printed_color, 0 if look.shape == "ring" else 255),
        "outline_color": rgb(look.printed_color if hollow else "#FFFFFF"),
        "outline_width": _mm(2.5 if hollow else 0.7),
    }
    whole = {"size_unit": "MM", "outline_width_unit": "MM", "outline_style": "solid", "scale_method": "diameter"}
    return told | whole | {"angle": "180" if look.shape == "down" else "0"}


def _line(look: Style) -> dict[str, str]:
    told = {
        "line_color": rgb(look.printed_color),
        "line_width": _mm(look.size),
        "line_width_unit": "MM",
        "line_style": "solid",
    }
    if not look.dash:
        return told | {"capstyle": "round", "joinstyle": "round"}
    parts = ";".join(_mm(float(part)) for part in look.dash.split())
    return told | {"use_custom_dash": "1", "customdash": parts, "customdash_unit": "MM", "capstyle": "flat"}


def _arrow(parent: Element, look: Style, name: str) -> None:
    """Put an arrow at the middle of a line, at large scales."""
    told = {"placement": "centralpoint", "rotate": "1", "average_angle_length": "0"}
    on = _layer(parent, "MarkerLine", told, {"enabled": _shown_from(ARROWS_FROM)})
    inner = SubElement(on, "symbol", {"type": "marker", "name": f"@{name}@1", "alpha": "1", "clip_to_extent": "1"})
    head = {"name": "filled_arrowhead", "size": f"{_ARROW_MM:g}", "size_unit": "MM", "color": rgb(look.printed_color)}
    _layer(inner, "SimpleMarker", head | {"outline_color": rgb(look.printed_color), "outline_style": "no"})


def _shown_from(scale: int) -> str:
    return f"@map_scale <= {scale}"


def _width(size: str) -> str:
    """Return the expression of the width of a line, mm: by the class of the size."""
    return f"({_cases(size, WIDTHS)}) * if(@map_scale > {_FINE_BEYOND}, {_FINER}, 1)"


def _cases(size: str, classes: Iterable[tuple[float, float]]) -> str:
    *lower, (_, widest) = classes
    return f"CASE {' '.join(f'WHEN {size} <= {most:g} THEN {wide:g}' for most, wide in lower)} ELSE {widest:g} END"


def _mm(pixels: float) -> str:
    return f"{pixels * _MM_PER_PX:.3g}"
