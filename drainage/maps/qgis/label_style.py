"""What QGIS writes beside features: sizes and ids at large scales, names of roads and waters, ranks of answers."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final
from xml.etree.ElementTree import Element, SubElement

from drainage.fonts.letters import STAND_INS
from drainage.maps.layer import Layer
from drainage.maps.looks import COLOURS, THEMES
from drainage.maps.qgis.symbols import Shape, quoted, rgb

#: Themes whose features all bear a text of their own → the scale from which it is written (our choice): at smaller ones
#: the texts would cover what they name.
_FROM: Final = {"pipes": 2500, "nodes": 1500, "catchments": 2000, "context_roads": 15_000, "waterways": 25_000}
#: Other labels, such as the rank of a point, are few.
_OTHERS_FROM: Final = 25_000
_PT: Final = 7.5
#: How a label lies to its feature, by numbers of QGIS: around a point, along a line, within an area.
_PLACES: Final[dict[Shape, str]] = {"point": "6", "line": "2", "polygon": "1"}
_ABOVE_OR_BELOW: Final = "10"


def size_of(columns: Collection[str]) -> str:
    """Return the expression of the size of a pipe by which its line is wide, mm; empty where none is recorded."""
    known = [f"coalesce({quoted(name)}, 0)" for name in ("diameter_mm", "width_mm") if name in columns]
    return f"max({', '.join(known)})" if len(known) > 1 else "".join(known)


def labelling(layer: Layer, shape: Shape, columns: Collection[str], index: str) -> Element | None:
    """Return the labels of a layer; None where nothing is written beside its features.

    Parameters
    ----------
    columns
        Those of the stored table.
    index
        The column of the ids, empty where there is none.
    """
    text = _text(layer, columns, index)
    if not text:
        return None
    color = layer_color(layer)
    made = Element("labeling", {"type": "simple"})
    settings = SubElement(made, "settings", {"calloutType": "simple"})
    style = SubElement(
        settings, "text-style",
        {
            "fieldName": text, "isExpression": "1", "fontFamily": STAND_INS[0], "fontSize": f"{_PT:g}",
            "fontSizeUnit": "Point", "textColor": rgb(color), "textOpacity": "1", "namedStyle": "Regular",
        },
    )  # fmt: skip
    families = SubElement(style, "families")
    for name in STAND_INS:
        SubElement(families, "family", {"name": name})
    halo = {"bufferDraw": "1", "bufferSize": "0.6", "bufferSizeUnits": "MM", "bufferColor": rgb("#FFFFFF")}
    SubElement(style, "text-buffer", halo | {"bufferOpacity": "0.85", "bufferNoFill": "1"})
    SubElement(settings, "text-format", {"multilineAlign": "3"})
    place = {"placement": _PLACES[shape], "placementFlags": _ABOVE_OR_BELOW, "dist": "0.5", "distUnits": "MM"}
    SubElement(settings, "placement", place | {"priority": "5", "offsetType": "1"})
    merged = layer.theme in {"context_roads", "waterways"}
    scales = {"scaleVisibility": "1", "scaleMax": str(_FROM.get(layer.theme, _OTHERS_FROM)), "scaleMin": "0"}
    SubElement(settings, "rendering", scales | {"mergeLines": str(int(merged)), "obstacle": "1", "drawLabels": "1"})
    return made


def layer_color(layer: Layer) -> str:
    """Return the colour in which texts of a layer are readable: of water for water, else dark."""
    return COLOURS["river" if layer.theme == "waterways" else "ink"]


def _text(layer: Layer, columns: Collection[str], index: str) -> str:
    """Return the expression of the text beside a feature; empty where there is none."""
    if layer.theme == "pipes":
        return _size_text(columns)
    if layer.theme in {"nodes", "catchments"}:
        return quoted(index) if index in columns else ""
    named = {"waterways": ("name",), "areas": ("name", "town", "neighbourhood")}.get(layer.theme)
    told = [quoted(name) for name in named or THEMES[layer.theme].label if name in columns]
    return f"concat_ws(' ', {', '.join(told)})" if len(told) > 1 else "".join(told)


def _size_text(columns: Collection[str]) -> str:
    """Return how the size of a pipe is written: what `drainage.measures.nominal_sizes` says, and how many lie together.

    QGIS computes it, so that it follows what is edited there.
    """
    wide, tall, bore, shape, barrels = (
        quoted(name) if name in columns else "NULL"
        for name in ("width_mm", "height_mm", "diameter_mm", "shape", "barrels")
    )
    circle = f"coalesce({shape}, '') = 'circular'"
    sides = f"{wide} > 0 AND {tall} > 0"
    box, alone, across = f"{_mm(wide)} || '×' || {_mm(tall)}", f"'DN' || {_mm(bore)}", f"'DN' || {_mm(wide)}"
    size = (
        f"CASE WHEN {sides} AND NOT {circle} THEN {box} WHEN {bore} > 0 THEN {alone}"
        f" WHEN {sides} AND {wide} = {tall} THEN {across} WHEN {sides} THEN {box} END"
    )
    return f"CASE WHEN {barrels} > 1 THEN to_string({barrels}) || '×' ELSE '' END || {size}"


def _mm(column: str) -> str:
    return f"to_string(round({column}, 1))"
