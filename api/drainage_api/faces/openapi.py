"""The description of every address (OpenAPI 3.0.3): what FastAPI knows of the routes, as the standard wants it said."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from typing import Any, Final

from fastapi import Request

from drainage_api.access.who import Who
from drainage_api.asked import parameters
from drainage_api.asked.holding import Holding, held
from drainage_api.asked.systems import DEGREES, offered
from drainage_api.faces.json_schema import TYPES
from drainage_api.models import PROBLEM
from drainage_api.served.answers import address_of
from drainage_api.served.served import served

_ITEMS: Final = "/collections/{collection_id}/items"
_METHODS: Final = ("get", "post", "put", "patch", "delete")


def describe(request: Request, who: Who) -> dict[str, Any]:
    """Return the description for somebody: the collections that they see, each with its own filters."""
    here = served(request)
    tree: dict[str, Any] = copy.deepcopy(request.app.openapi())
    _older(tree)
    for operation in _operations(tree):
        _settle(operation)
    holdings = held(request, who)
    components = tree.setdefault("components", {})
    components["parameters"] = copy.deepcopy(parameters.COMPONENTS)
    systems = [system.uri for system in offered(here.report().network.crs)]
    for key in ("crs", "bbox_crs", "filter_crs"):
        components["parameters"][key]["schema"]["enum"] = systems or [DEGREES.uri]
    if not here.versions:
        del components["parameters"]["version"]
        _drop(tree, "version")
    components["securitySchemes"] = {"key": {"type": "http", "scheme": "bearer"}}
    tree["security"] = [{"key": []}, {}]
    tree["servers"] = [{"url": address_of(request).rstrip("/")}]
    tree["paths"] = _with_collections(tree["paths"], holdings)
    return tree


def addresses(document: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the rows of a table of all addresses, those of the single collections left out."""
    known = document["components"]["parameters"]
    return [
        {
            "method": method.upper(),
            "path": path,
            "summary": (operation.get("description") or operation.get("summary", "")).split("\n")[0],
            "parameters": [
                known[given["$ref"].rpartition("/")[2]]["name"] if "$ref" in given else given["name"]
                for given in operation.get("parameters", [])
                if given.get("in") != "path"
            ],
        }
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if method in _METHODS and "x-collection" not in operation
    ]


def _operations(tree: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for item in tree["paths"].values():
        for method, operation in item.items():
            if method in _METHODS:
                yield operation


def _settle(operation: dict[str, Any]) -> None:
    """Say of every parameter how it is written, and nothing of answers that never come."""
    for given in operation.get("parameters", []):
        if given.get("in") == "query":
            given.setdefault("style", "form")
            given.setdefault("explode", given["schema"].get("type") == "array")
    unprocessable = operation.get("responses", {}).get("422", {})
    if PROBLEM not in unprocessable.get("content", {PROBLEM: None}):  # FastAPI's own, which never comes
        del operation["responses"]["422"]


def _older(part: object) -> None:
    """Say in the words of 3.0 what FastAPI says in those of 3.1: what may be missing, least values, one value alone."""
    for inner in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
        _older(inner)
    if not isinstance(part, dict):
        return
    choices = part.get("anyOf")
    if isinstance(choices, list) and {"type": "null"} in choices:
        left = [choice for choice in choices if choice != {"type": "null"}]
        del part["anyOf"]
        part.update(left[0] if len(left) == 1 else {"anyOf": left})
    if isinstance(part.get("const"), str | int | float):
        part["enum"] = [part.pop("const")]
    for bound, limit in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
        if isinstance(part.get(bound), int | float) and not isinstance(part.get(bound), bool):
            part[limit], part[bound] = part[bound], True


def _drop(tree: dict[str, Any], name: str) -> None:
    """Leave a parameter out that nothing takes here."""
    [gone] = parameters.refer(name)
    for operation in _operations(tree):
        if gone in operation.get("parameters", []):
            operation["parameters"].remove(gone)


def _with_collections(paths: dict[str, Any], holdings: Sequence[Holding]) -> dict[str, Any]:
    """Describe the items of each collection by themselves, with each of its properties as a filter."""
    own: dict[str, Any] = {}
    names = [one.name for one in holdings]
    for path, item in paths.items():
        for given in item.get("get", {}).get("parameters", []):
            if given.get("in") == "path" and given["name"] == "collection_id" and names:
                given["schema"]["enum"] = names
        if path == _ITEMS:
            item["get"]["responses"]["200"]["links"] = _links("$request.path.collection_id")
            own |= {path.format(collection_id=one.name): _items_of(item, one) for one in holdings}
    return own | paths


def _items_of(item: dict[str, Any], holding: Holding) -> dict[str, Any]:
    anybody, name = item["get"], holding.name
    shared = [given for given in anybody["parameters"] if given.get("in") != "path"]
    kinds = holding.features.kinds
    filters = [
        {
            "name": column,
            "in": "query",
            "required": False,
            "style": "form",
            "explode": False,
            "schema": dict(TYPES[kind]),
        }
        for column, kind in kinds.items()
        if column not in parameters.PAGING and kind != "other"
    ]
    described = copy.deepcopy({**anybody, "operationId": f"getFeatures_{name}", "parameters": [*shared, *filters]})
    described["responses"]["200"]["links"] = _links(name)
    return {"get": {**described, "x-collection": name}}


def _links(collection: str) -> dict[str, Any]:
    """Return where an answer leads: to one of its features."""
    given = {"collection_id": collection, "feature_id": "$response.body#/features/0/id"}
    return {"feature": {"operationId": "getFeature", "parameters": given}}
