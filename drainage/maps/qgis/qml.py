"""A layer of the map as a style of QGIS (QML): how it is drawn, what is written beside it, what fields are called."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from xml.etree.ElementTree import Element, SubElement, tostring

from drainage.maps.layer import Layer
from drainage.maps.looks import THEMES, Theme
from drainage.maps.qgis.label_style import labelling, size_of
from drainage.maps.qgis.symbols import Shape, options, quoted, symbol
from drainage.said import Language, in_language
from drainage.words import codes, has_word, heading

#: The version whose style this is.
VERSION: Final = "3.22.0"
DOCTYPE: Final = "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"
#: Numbers of QGIS for what the features of a layer are.
GEOMETRY: Final[dict[Shape, str]] = {"point": "0", "line": "1", "polygon": "2"}
#: Themes whose lines are as wide as their pipes are large, with an arrow of flow.
_BY_SIZE: Final = frozenset({"pipes"})
#: Nodes of which there are so many that they are drawn from this scale on (our choice); others at all scales.
_MANY: Final = frozenset({"manhole", "inlet", "junction", ""})
_MANY_FROM: Final = 10_000
_TYPES: Final = {"BOOLEAN": "bool", "INTEGER": "long", "MEDIUMINT": "integer", "REAL": "double"}


def style_text(layer: Layer, shape: Shape, columns: Mapping[str, str], index: str, lang: Language) -> str:
    """Return the style of a layer as text; see `style_parts`."""
    parts, told = style_parts(layer, shape, columns, index, lang)
    made = Element("qgis", {"version": VERSION, "styleCategories": "AllStyleCategories", **told})
    made.extend(parts)
    SubElement(made, "layerGeometryType").text = GEOMETRY[shape]
    return DOCTYPE + tostring(made, encoding="unicode")


def style_parts(
    layer: Layer, shape: Shape, columns: Mapping[str, str], index: str, lang: Language
) -> tuple[list[Element], dict[str, str]]:
    """Return the elements of a style, which stand in a layer of a project as in a style by itself, and its attributes.

    Parameters
    ----------
    columns
        Columns of the stored table → their types there.
    index
        The column of the ids, empty where there is none.
    """
    written = labelling(layer, shape, columns, index)
    parts = [_renderer(layer, shape, columns, lang), *([] if written is None else [written])]
    opacity = Element("layerOpacity")
    opacity.text = f"{THEMES[layer.theme].opacity:g}"
    shown = Element("previewExpression")
    shown.text = quoted(index) if index in columns else ""
    told = {"labelsEnabled": str(int(written is not None)), "hasScaleBasedVisibilityFlag": "0"}
    return [*parts, opacity, _fields(columns, lang), _aliases(columns, lang), shown], told


def _renderer(layer: Layer, shape: Shape, columns: Mapping[str, str], lang: Language) -> Element:
    theme, column = THEMES[layer.theme], layer.category
    made = Element(
        "renderer-v2", {"type": "singleSymbol", "enableorderby": "0", "forceraster": "0", "symbollevels": "0"}
    )
    looks = [*theme.styles.items(), ("", theme.other)]
    if column is None or column not in columns or not theme.styles:
        looks = looks[-1:]
    else:
        made.set("type", "categorizedSymbol")
        made.set("attr", _bins(theme, column) if theme.bins else column)
        kind = "string" if theme.bins else _TYPES.get(columns[column].split("(")[0], "string")
        listed = SubElement(made, "categories")
        for number, (category, look) in enumerate(looks):
            value = category.lower() if kind == "bool" else category
            told = {"value": value, "symbol": str(number), "label": str(in_language(look.label, lang)), "type": kind}
            SubElement(listed, "category", told | {"render": "true"})
    drawn = SubElement(made, "symbols")
    by_size = layer.theme in _BY_SIZE
    for number, (category, look) in enumerate(looks):
        many = _MANY_FROM if layer.theme == "nodes" and category in _MANY else None
        size = size_of(columns) if by_size else ""
        drawn.append(symbol(look, shape, str(number), size=size, arrows=by_size, from_scale=many))
    return made


def _bins(theme: Theme, column: str) -> str:
    """Return the expression of the number of the bin of a value; null where there is none."""
    name = quoted(column)
    below = " ".join(f"WHEN {name} < {edge:g} THEN '{number}'" for number, edge in enumerate(theme.bins))
    return f"CASE WHEN {name} IS NULL THEN NULL {below} ELSE '{len(theme.bins)}' END"


def _fields(columns: Mapping[str, str], lang: Language) -> Element:
    """Return how fields are shown: codes in words."""
    made = Element("fieldConfiguration")
    for name, kind in columns.items():
        said = codes(name) if kind.startswith("TEXT") else {}
        if not said:
            continue
        widget = SubElement(SubElement(made, "field", {"name": name}), "editWidget", {"type": "ValueMap"})
        listed = Element("Option", {"type": "List", "name": "map"})
        listed.extend(options({in_words[lang == "en"]: code}) for code, in_words in said.items())
        map_ = SubElement(SubElement(widget, "config"), "Option", {"type": "Map"})
        map_.append(listed)
    return made


def _aliases(columns: Mapping[str, str], lang: Language) -> Element:
    made = Element("aliases")
    for number, name in enumerate(columns):
        if has_word(name):
            SubElement(made, "alias", {"index": str(number), "field": name, "name": heading(name, lang)})
    return made
