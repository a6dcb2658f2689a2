"""Features of a collection and one of them (OGC API – Features, Parts 1 to 3), in four faces."""

from __future__ import annotations

from functools import partial

from fastapi import APIRouter, Request, Response

from drainage.report import csv_pieces, flatgeobuf
from drainage.words import in_both
from drainage_api.access.check import Reader
from drainage_api.asked import parameters
from drainage_api.asked.holding import Holding, hold, key_of, read_common
from drainage_api.asked.question import Question, choose, no_system, read_question
from drainage_api.asked.systems import DEGREES, named, offered
from drainage_api.errors import UNKNOWN, bad_request, check_parameters, not_found, shortened
from drainage_api.faces import features_html
from drainage_api.faces.features_json import Rows, feature_of, page_of
from drainage_api.models import CSV, FLATGEOBUF, GEOJSON, HTML, Feature, FeatureCollection, GeoJson
from drainage_api.served.answers import address_of, face_of, link, papers
from drainage_api.work.answering import Blocks, Page, answer_kept

#: More features than this are had as a GeoPackage of the report, or in parts: a FlatGeobuf is made as a whole.
MOST_IN_A_FILE = 200_000
FILES = {"csv": ".csv", "fgb": ".fgb"}

router = APIRouter(tags=["Features"], responses=UNKNOWN, default_response_class=GeoJson)


@router.get(
    "/collections/{collection_id}/items",
    operation_id="getFeatures",
    response_model=FeatureCollection,
    responses={200: {"content": {HTML: {}, CSV: {}, FLATGEOBUF: {}}}},
    openapi_extra={"parameters": parameters.refer(*parameters.PAGING)},
)
async def list_features(request: Request, collection_id: str, who: Reader) -> Response:
    """List features, a page at a time; any property is a filter of its own name."""
    read_common(request, *parameters.FACES)
    holding = hold(request, collection_id, who)
    face = face_of(request, *parameters.FACES)
    filename = f"{collection_id}{FILES[face]}" if face in FILES else None
    make = partial(_page, request, holding, face)
    return await answer_kept(request, key_of(request, who, face), make, filename=filename)


@router.get(
    "/collections/{collection_id}/items/{feature_id:path}",
    operation_id="getFeature",
    response_model=Feature,
    responses={200: {"content": {HTML: {}}}},
    openapi_extra={"parameters": parameters.refer("crs", "f", "version", "lang")},
)
async def get_feature(request: Request, collection_id: str, feature_id: str, who: Reader) -> Response:
    """Return one feature."""
    check_parameters(request, ("crs", "f", "version", "lang"))
    read_common(request, "json", "html")
    holding = hold(request, collection_id, who)
    face = face_of(request, "json", "html")
    return await answer_kept(request, key_of(request, who, face), partial(_feature, request, holding, feature_id, face))


def _page(request: Request, holding: Holding, face: str) -> Page | Blocks:
    features = holding.features
    check_parameters(request, {*parameters.PAGING, *features.kinds})
    given = dict(request.query_params)
    if face == "html":  # a form sends its empty fields too
        given = {name: text for name, text in given.items() if text or name not in parameters.PAGING}
        given.setdefault("limit", str(features_html.FEW))
        given["limit"] = str(features_html.most(parameters.read_limit(given["limit"])))
    question = read_question(given, features)
    rows = features.rows(choose(question, features), question.sortby)
    if face == "html":
        return features_html.items_page(request, holding, rows, question)
    if face in FILES:
        return _file(holding, rows if not question.paged else rows[question.offset :][: question.limit], question, face)
    path = ["collections", holding.name, "items"]
    return page_of(request, features, rows, question, path=path, version=holding.version, more=holding.why_not)


def _file(holding: Holding, rows: Rows, question: Question, face: str) -> Page | Blocks:
    features = holding.features
    if face == "csv":
        if question.system != DEGREES:
            raise bad_request(in_both("query_csv_system"))
        return Blocks(csv_pieces(features, rows, question.columns), f"{CSV}; charset=utf-8", len(rows), {})
    if len(rows) > MOST_IN_A_FILE:
        raise bad_request(in_both("query_fgb_too_many", most=MOST_IN_A_FILE))
    system = question.system
    crs = system.crs if features.crs is not None else None
    headers = {"Content-Crs": f"<{system.uri}>"} if crs is not None else {}
    content = flatgeobuf(features, rows, question.columns, crs)
    return Page(content, FLATGEOBUF, count=len(rows), headers=headers, compress=False)


def _feature(request: Request, holding: Holding, identity: str, face: str) -> Page:
    features = holding.features
    systems = offered(features.crs)
    system = named(request.query_params.get("crs", DEGREES.uri), systems)
    if system is None and "crs" in request.query_params:
        raise bad_request(no_system("crs", request.query_params["crs"], systems))
    row = features.row_of(identity)
    if row is None:
        raise not_found(in_both("not_in_collection", name=shortened(identity), collection=holding.name))
    if face == "html":
        return features_html.item_page(request, holding, row)
    path = ("collections", holding.name, "items", identity)
    of = {"version": holding.version or None}
    links = [
        link(address_of(request, *path, **of), "self", GEOJSON),
        link(address_of(request, *path, **of, f="html"), "alternate", HTML),
        link(address_of(request, *path[:2], **of), "collection"),
    ]
    return feature_of(features, row, system or DEGREES, {**papers(request, holding.version), "links": links})
