"""The answers as collections (OGC API – Features, Part 1: Core 1.0.1), and the pipes that drain to a node."""

from __future__ import annotations

import datetime as dt
import math
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse
from pydantic.json_schema import SkipJsonSchema

from drainage.report import COLLECTIONS, FilterError
from drainage_api.answers import Link, Served, answer, link, served
from drainage_api.problems import UNKNOWN, bad_request, check_parameters, not_found, shortened
from drainage_api.wire import GEOJSON, Feature, FeatureCollection, GeoJson

MAX_LIMIT = 10_000
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
# A digit can be read in one way only, so that a long text that is no number is told in one pass.
NUMBER = r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?"
BBOX = rf"^{NUMBER}(,{NUMBER}){{3}}((,{NUMBER}){{2}})?$"
_INSTANT = r"\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2}))?"
DATETIME = rf"^({_INSTANT}|{_INSTANT}/({_INSTANT}|\.\.)?|(\.\.)?/{_INSTANT})$"
PAGING = ("bbox", "datetime", "limit", "offset")
_TYPES = {"i": "integer", "u": "integer", "f": "number", "b": "boolean"}  # kind of a column → type in the description

Limit = Annotated[
    int,
    Query(
        ge=1,
        description=f"Features on a page; more than {MAX_LIMIT} are given as {MAX_LIMIT}.",
        json_schema_extra={"maximum": MAX_LIMIT},
    ),
]
Offset = Annotated[int, Query(ge=0, le=2**31 - 1, description="Number of features to skip.")]
Bbox = Annotated[
    str | SkipJsonSchema[None],
    Query(
        pattern=BBOX,
        description="West, south, east, north in degrees; with 6 numbers the heights are ignored.",
        json_schema_extra={"pattern": BBOX},
    ),
]
Datetime = Annotated[
    str | SkipJsonSchema[None],
    Query(
        pattern=DATETIME,
        description="All features belong to the day that was analysed, so this filters nothing.",
        json_schema_extra={"pattern": DATETIME},
    ),
]

router = APIRouter(tags=["Features"], responses=UNKNOWN, default_response_class=GeoJson)


@router.get("/collections/{collection_id}", operation_id="describeCollection", response_class=JSONResponse)
def describe_collection(request: Request, collection_id: str) -> Response:
    """Describe a collection, with the summary of the question that it answers."""
    check_parameters(request, ())
    here = _holding(request, collection_id)
    document = metadata(request, here, collection_id)
    return answer(request, document | {"summary": here.summary_of(*COLLECTIONS[collection_id].answer)})


@router.get("/collections/{collection_id}/items", operation_id="getFeatures", response_model=FeatureCollection)
def list_features(
    request: Request,
    collection_id: str,
    bbox: Bbox = None,
    datetime: Datetime = None,
    limit: Limit = 100,
    offset: Offset = 0,
) -> Response:
    """List features, a page at a time; any property is a filter of its own name."""
    here = _holding(request, collection_id)
    check_parameters(request, {*PAGING, *here.kinds(collection_id)})
    where = {name: value for name, value in request.query_params.items() if name not in PAGING}
    box = _box(bbox) if bbox is not None else None
    limit = min(limit, MAX_LIMIT)
    try:
        page = here.report.features(collection_id, bbox=box, limit=limit, offset=offset, where=where)
    except FilterError as error:
        raise bad_request(str(error)) from error
    page |= _not_known(here, collection_id)
    del datetime  # checked above, and documented to choose none out
    return _send_page(request, page, ["collections", collection_id, "items"], limit, offset)


@router.get("/collections/{collection_id}/items/{feature_id:path}", operation_id="getFeature", response_model=Feature)
def get_feature(request: Request, collection_id: str, feature_id: str) -> Response:
    """Return one feature."""
    check_parameters(request, ())
    here = _holding(request, collection_id)
    index = str(here.report.collections[collection_id].index.name)
    try:
        found = here.report.features(collection_id, where={index: feature_id}, limit=1)["features"]
    except (FilterError, KeyError):  # ids that are numbers, or none
        found = []
    if not found:
        raise not_found(f"no feature {shortened(feature_id)!r} in {collection_id}")
    links = [
        link(here.address(request, "collections", collection_id, "items", feature_id), "self", GEOJSON),
        link(here.address(request, "collections", collection_id), "collection"),
    ]
    return answer(request, {**found[0], "links": links}, GEOJSON)


@router.get("/trace/{node_id:path}", operation_id="trace", response_model=FeatureCollection)
def trace(
    request: Request,
    node_id: str,
    direction: Literal["upstream", "downstream"] = "upstream",
    limit: Limit = MAX_LIMIT,
    offset: Offset = 0,
) -> Response:
    """List the pipes that drain through a node, or through which it drains."""
    check_parameters(request, {"direction", "limit", "offset"})
    limit = min(limit, MAX_LIMIT)
    report = served(request).report
    nodes = report.network.nodes.index
    if node_id not in nodes:
        raise not_found(f"no node {shortened(node_id)!r}; node ids look like {', '.join(map(str, nodes[:5]))}")
    page = report.trace(node_id, direction, limit=limit, offset=offset)
    return _send_page(request, page | {"node_id": node_id, "direction": direction}, ["trace", node_id], limit, offset)


def names_of(here: Served) -> list[str]:
    """Return the collections that are served; ponds only where there is a raster of the ground."""
    return [name for name in COLLECTIONS if name in here.report.collections]


def _not_known(here: Served, name: str) -> dict[str, object]:
    """Return why a collection is empty because nothing is known of its question; empty where it was answered."""
    why = here.report.why_not(COLLECTIONS[name].answer[0])
    return {} if why is None else {"not_known": why}


def _holding(request: Request, collection_id: str) -> Served:
    here = served(request)
    if collection_id not in names_of(here):
        raise not_found(f"no collection {shortened(collection_id)!r}; there are {', '.join(names_of(here))}")
    return here


def metadata(request: Request, here: Served, name: str) -> dict[str, object]:
    """Return the description of a collection."""
    about = COLLECTIONS[name]
    extent = here.extents[name]
    on_earth = here.report.network.crs is not None
    document: dict[str, object] = {
        "id": name,
        "title": about.title,
        "description": about.about,
        "itemType": "feature",
        "itemCount": len(here.report.collections[name]),
        "crs": [CRS84] if on_earth else [],
        "links": [
            link(here.address(request, "collections", name), "self", title=about.title),
            link(here.address(request, "collections", name, "items"), "items", GEOJSON, title=about.title),
        ],
    }
    if extent is not None and on_earth:
        document["extent"] = {"spatial": {"bbox": [extent], "crs": CRS84}}
    return document | _not_known(here, name)


def _send_page(request: Request, page: dict[str, Any], path: list[str], limit: int, offset: int) -> Response:
    here = served(request)
    matched: int = page["numberMatched"]
    asked = {name: value for name, value in request.query_params.items() if name not in {"limit", "offset"}}

    def at(start: int, rel: str) -> Link:
        paging = {"limit": limit, "offset": start} if "limit" in request.query_params or start else {}
        return link(here.address(request, *path, **asked, **paging), rel, GEOJSON)

    links = [at(offset, "self")]
    if offset + limit < matched:
        links.append(at(offset + limit, "next"))
    if offset > 0:
        links.append(at(max(0, offset - limit), "prev"))
    if path[0] == "collections":
        links.append(link(here.address(request, *path[:2]), "collection"))
    now = dt.datetime.now(dt.UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    return answer(request, page | {"links": links}, GEOJSON, stamp=now)


def with_filters(paths: dict[str, Any], here: Served) -> dict[str, Any]:
    """Describe the items of each collection by themselves: as those of any, and each property a filter."""
    any_items = paths["/collections/{collection_id}/items"]["get"]
    paging = [given for given in any_items["parameters"] if given["in"] == "query"]
    own = {}
    for name in names_of(here):
        filters = [
            {"name": column, "in": "query", "required": False, "schema": {"type": _TYPES.get(kind, "string")}}
            for column, kind in here.kinds(name).items()
            if column not in PAGING
        ]
        described = {**any_items, "operationId": f"getFeatures_{name}", "parameters": [*paging, *filters]}
        own[f"/collections/{name}/items"] = {"get": described}
    return paths | own


def _box(text: str) -> tuple[float, float, float, float]:
    numbers = [float(part) for part in text.split(",")]
    if not all(map(math.isfinite, numbers)):
        raise bad_request("bbox: a number is too large")
    west, south, east, north = (*numbers[:2], *numbers[len(numbers) // 2 :][:2])
    if west > east:
        raise bad_request("bbox: west is greater than east; request a box across the antimeridian in two halves")
    if south > north:
        raise bad_request("bbox: south is greater than north; expected west,south,east,north")
    return west, south, east, north
