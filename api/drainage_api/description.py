"""The description of the addresses (OpenAPI 3.0), as clients of OGC API – Features expect it."""

from __future__ import annotations

from typing import cast

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from drainage_api.answers import GEOJSON, HTML, JSON, OPENAPI, Served
from drainage_api.features import names_of
from drainage_api.problems import PROBLEM

Tree = dict[str, object]

_TEXT: Tree = {"type": "string"}
_LINKS: Tree = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["href", "rel"],
        "properties": {"href": _TEXT, "rel": _TEXT, "type": _TEXT, "title": _TEXT},
    },
}
_FEATURE: Tree = {
    "type": "object",
    "required": ["type", "id", "geometry", "properties"],
    "properties": {
        "type": {"type": "string", "enum": ["Feature"]},
        "id": _TEXT,
        "geometry": {"type": "object", "nullable": True},
        "properties": {"type": "object", "nullable": True},
        "links": _LINKS,
    },
}
_COUNT: Tree = {"type": "integer", "minimum": 0}
_PAGE: Tree = {
    "type": "object",
    "required": ["type", "features", "links", "numberMatched", "numberReturned", "timeStamp"],
    "properties": {
        "type": {"type": "string", "enum": ["FeatureCollection"]},
        "features": {"type": "array", "items": {"$ref": "#/components/schemas/Feature"}},
        "links": _LINKS,
        "numberMatched": _COUNT,
        "numberReturned": _COUNT,
        "timeStamp": {"type": "string", "format": "date-time"},
    },
}
_PROBLEM: Tree = {
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {"type": _TEXT, "title": _TEXT, "status": {"type": "integer"}, "detail": _TEXT, "instance": _TEXT},
}
_OBJECT: Tree = {"type": "object"}
_SCHEMAS: Tree = {"Feature": _FEATURE, "FeatureCollection": _PAGE, "Problem": _PROBLEM, "Document": _OBJECT}
_FACES = {  # operation → media types and schema of its answer
    "getLandingPage": ((JSON, "Document"), (HTML, "")),
    "getMap": ((HTML, ""),),
    "getApi": ((OPENAPI, "Document"),),
    "getFeatures": ((GEOJSON, "FeatureCollection"),),
    "getFeature": ((GEOJSON, "Feature"),),
    "trace": ((GEOJSON, "FeatureCollection"),),
}
_ITEMS = "/collections/{collection_id}/items"
_TYPES = {"i": "integer", "u": "integer", "f": "number", "b": "boolean"}  # kind of a column → type in the description
_PROBLEMS = {
    "400": "A parameter that is unknown or cannot be meant",
    "404": "No such thing",
    "500": "A fault of the server",
}


def describe(app: FastAPI, here: Served, address: str) -> Tree:
    """Return the OpenAPI document; the notice about made-up data is its description."""
    tree = get_openapi(
        title=app.title,
        version=app.version,
        description=str(here.notice.get("notice", "")) or None,
        routes=app.routes,
        openapi_version="3.0.3",
    )
    paths = cast("dict[str, dict[str, dict[str, object]]]", tree["paths"])
    names = names_of(here)
    for path, methods in paths.items():
        for operation in methods.values():
            _complete(operation, names, has_parameter="{" in path)
    for name in names:
        paths[f"/collections/{name}/items"] = {"get": _with_filters(paths[_ITEMS]["get"], name, here.kinds(name))}
    document: Tree = {**tree, "servers": [{"url": address.rstrip("/")}], "components": {"schemas": _SCHEMAS}}
    return cast("Tree", _to_version_3_0(document))


def _complete(operation: Tree, names: list[str], *, has_parameter: bool) -> None:
    faces = _FACES.get(str(operation["operationId"]), ((JSON, "Document"),))
    content = {
        media: {"schema": {"$ref": f"#/components/schemas/{schema}"} if schema else _TEXT} for media, schema in faces
    }
    responses: Tree = {"200": {"description": "Done", "content": content}, "304": {"description": "Not modified"}}
    problem: Tree = {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    for status, text in _PROBLEMS.items():
        if status != "404" or has_parameter:
            responses[status] = {"description": text, "content": problem}
    operation["responses"] = responses
    for parameter in cast("list[Tree]", operation.get("parameters", [])):
        if parameter["name"] == "collection_id":
            cast("Tree", parameter["schema"])["enum"] = names


def _with_filters(operation: Tree, name: str, kinds: dict[str, str]) -> Tree:
    """Describe the items of one collection: as those of any, and each property a filter."""
    given = [item for item in cast("list[Tree]", operation["parameters"]) if item["in"] == "query"]
    taken = {item["name"] for item in given}
    filters: list[Tree] = [
        {"name": column, "in": "query", "required": False, "schema": {"type": _TYPES.get(kind, "string")}}
        for column, kind in kinds.items()
        if column not in taken
    ]
    return {**operation, "operationId": f"getFeatures_{name}", "parameters": [*given, *filters]}


def _to_version_3_0(tree: object) -> object:
    """Say "may be left out" in the words of 3.0: a parameter that is not required, without the type null."""
    if isinstance(tree, list):
        return [_to_version_3_0(item) for item in tree]
    if not isinstance(tree, dict):
        return tree
    choices = tree.get("anyOf")
    if isinstance(choices, list):
        kept = [choice for choice in choices if choice != {"type": "null"}]
        if len(kept) == 1:
            tree = {**{name: item for name, item in tree.items() if name != "anyOf"}, **kept[0]}
    return {name: _to_version_3_0(item) for name, item in tree.items()}
