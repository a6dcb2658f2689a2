"""What the properties of a collection are, as JSON Schema (OGC API – Features, Parts 3 and 5)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from drainage import words
from drainage.report import Features
from drainage.said import Language
from drainage_api.faces.own_codes import own_codes

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
GEOMETRY: Final = "geometry"
#: Kind of a property → its type.
TYPES: Final[Mapping[str, Mapping[str, Any]]] = {
    "text": {"type": "string"},
    "integer": {"type": "integer"},
    "number": {"type": "number"},
    "boolean": {"type": "boolean"},
    "date": {"type": "string", "format": "date"},
    "instant": {"type": "string", "format": "date-time"},
    "other": {"type": "array", "items": {}},
}
#: Part that a property has in its feature.
_ROLES: Final = {"commissioned": "primary-interval-start", "abandoned": "primary-interval-end"}
#: Units that UCUM writes otherwise.
_UCUM: Final = {"ha": "har", "µS/cm": "uS/cm", "m/m": "1", "m³/m³": "1", "¥": "", "bit": "bit", "°": "deg"}


def schema(name: str, features: Features, address: str, lang: Language) -> dict[str, Any]:
    """Return what the features of a collection hold, in the order in which it is served."""
    return _document(name, features, address, lang, list(features.kinds))


def feature_schema(name: str, features: Features, address: str, lang: Language) -> dict[str, Any]:
    """Return what a GeoJSON feature is, its properties within: GDAL takes the types of columns from here."""
    flat = schema(name, features, address, lang)
    places = flat["properties"].pop(GEOMETRY, {})
    told = {column: one for column, one in flat["properties"].items() if one["type"] != "array"}
    whole = {"id": {"type": "string"}, GEOMETRY: places, "properties": {"type": "object", "properties": told}}
    return flat | {"$id": f"{address}?of=feature", "properties": whole}


def queryables(name: str, features: Features, address: str, lang: Language) -> dict[str, Any]:
    """Return what a filter can ask for."""
    asked = [name for name, kind in features.kinds.items() if kind != "other"]
    return _document(name, features, address, lang, asked) | {"additionalProperties": False}


def title(name: str, lang: Language | None = None) -> str:
    """Return what a collection is called; in both languages where none is named."""
    said = words.all_of("collections").get(name)
    if said is None:
        return name
    return said.both if lang is None else words.one_language(said, lang)


def about(name: str, lang: Language | None = None) -> str:
    """Return what a collection holds; in both languages where none is named."""
    said = words.all_of("collections_hold").get(name)
    if said is None:
        return ""
    return said.both if lang is None else words.one_language(said, lang)


def unit(column: str) -> str:
    """Return the unit of a column that is known here."""
    return words.unit(column) if words.has_word(column) else ""


def _document(name: str, features: Features, address: str, lang: Language, asked: list[str]) -> dict[str, Any]:
    properties: dict[str, Any] = {column: _property(name, column, features, lang) for column in asked}
    if features.geometry_kind is not None or features.crs is not None:
        properties[GEOMETRY] = _geometry(features, lang)
    for number, one in enumerate(properties.values(), 1):
        one["x-ogc-propertySeq"] = number
    return {
        "$schema": DIALECT,
        "$id": address,
        "title": title(name, lang),
        "description": about(name, lang),
        "type": "object",
        "properties": properties,
    }


def _property(name: str, column: str, features: Features, lang: Language) -> dict[str, Any]:
    told: dict[str, Any] = {"title": words.word(column, lang), **TYPES[features.kinds[column]], "readOnly": True}
    if column == features.id_name:
        told["x-ogc-role"] = "id"
    elif column in _ROLES and features.kinds[column] in {"date", "instant"}:
        told["x-ogc-role"] = _ROLES[column]
    if measure := unit(column):
        told["x-ogc-unit"] = ucum(measure)
    if known := own_codes(name, column, features, lang):
        separator = "；" if lang == "zh" else "; "
        told["description"] = separator.join(f"{value}: {text}" for value, text in known.items())
    return told


def _geometry(features: Features, lang: Language) -> dict[str, Any]:
    kind = features.geometry_kind or "Geometry"
    form = "any" if kind == "Geometry" else kind.lower()
    return {
        "title": words.one_language(words.all_of("server_pages")["place"], lang),
        "x-ogc-role": "primary-geometry",
        "format": f"geometry-{form}",
        "$ref": f"https://geojson.org/schema/{kind}.json",  # by which QGIS knows that it is one
        "readOnly": True,
    }


def ucum(measure: str) -> str:
    """Return a unit as UCUM writes it.

    Examples
    --------
    >>> ucum("m³/s"), ucum("ha"), ucum("mm")
    ('m3/s', 'har', 'mm')
    """
    return _UCUM.get(measure, measure.replace("³", "3").replace("²", "2"))
