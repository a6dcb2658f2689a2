"""Along the pipes: what drains to a node or through which it drains, a long section, and the rain of the answers."""

from __future__ import annotations

import json
from functools import partial
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

import drainage as dr
from drainage import words
from drainage.report import csv_pieces
from drainage.said import Said, joined
from drainage_api.access.check import Reader
from drainage_api.access.who import Who
from drainage_api.asked.holding import Holding, hold, key_of, version_of
from drainage_api.asked.parameters import MAX_LIMIT, VERSION, VERSION_ABOUT, Limit, Offset
from drainage_api.asked.question import read_question
from drainage_api.errors import LACKING, UNKNOWN, check_parameters, not_found, refusal, shortened
from drainage_api.faces.features_json import page_of
from drainage_api.models import CSV, JSON, FeatureCollection, GeoJson
from drainage_api.served import along
from drainage_api.served.answers import address_of, language_of, link, papers
from drainage_api.served.served import Served, served
from drainage_api.work.answering import Blocks, Page, answer_kept

SVG = "image/svg+xml"
_UTF8_CSV = f"{CSV}; charset=utf-8"
#: Nodes that a section may lead through (own choice).
MOST_VIA = 20

router = APIRouter(tags=["Network"], responses=UNKNOWN)

Version = Annotated[str | None, Query(pattern=VERSION, description=VERSION_ABOUT)]
Lang = Annotated[Literal["zh", "en"] | None, Query(description="Language of its texts.")]


@router.get(
    "/trace/{node_id:path}",
    operation_id="trace",
    response_model=FeatureCollection,
    response_class=GeoJson,
    responses={200: {"content": {CSV: {}}}},
)
async def trace(
    request: Request,
    node_id: str,
    who: Reader,
    direction: along.Direction = "upstream",
    limit: Limit = MAX_LIMIT,
    offset: Offset = 0,
    version: Version = None,
    f: Annotated[Literal["json", "csv"], Query(description="GeoJSON, or a table.")] = "json",
) -> Response:
    """List the pipes that drain through a node, or through which it drains, a page at a time."""
    del limit, offset, version  # checked; read with all else below
    check_parameters(request, {"direction", "limit", "offset", "version", "f"})
    holding = hold(request, "pipes", who)
    make = partial(_walked, request, holding, node_id, direction, f)
    return await answer_kept(request, key_of(request, who), make, filename="trace.csv" if f == "csv" else None)


@router.get(
    "/section",
    operation_id="getSection",
    response_class=JSONResponse,
    responses={200: {"content": {SVG: {}}}, **LACKING},
)
async def show_section(
    request: Request,
    who: Reader,
    start: Annotated[str, Query(alias="from", description="Id of the first node.")],
    to: Annotated[str, Query(description="Id of the last node.")],
    via: Annotated[
        list[str] | None, Query(max_length=MOST_VIA, description="Nodes on the way, in its order; several: repeated.")
    ] = None,
    version: Version = None,
    f: Annotated[Literal["json", "svg"], Query(description="Numbers, or a drawing.")] = "json",
    lang: Lang = None,
    sheet: Annotated[int, Query(ge=1, le=1000, description="Which sheet of a long drawing.")] = 1,
) -> Response:
    """Show the long section along the shortest way with the flow, with the levels of the storm of the answers."""
    del version, lang
    check_parameters(request, {"from", "to", "via", "version", "f", "lang", "sheet"}, repeated={"via"})
    holding = hold(request, "pipes", who)
    make = partial(_sectioned, request, holding, [start, *(via or ()), to], sheet if f == "svg" else None)
    # the nodes on the way in their order, which the key of a question does not keep
    return await answer_kept(request, (key_of(request, who), tuple(via or ())), make)


@router.get("/storm", operation_id="getStorm", response_class=JSONResponse, responses={200: {"content": {CSV: {}}}})
async def show_storm(
    request: Request,
    who: Reader,
    version: Version = None,
    f: Annotated[Literal["json", "csv"], Query(description="All of it, or its hyetograph.")] = "json",
    lang: Lang = None,
    step_min: Annotated[float, Query(ge=1, le=60, description="Step of the hyetograph, min.")] = 5.0,
) -> Response:
    """Tell in which rain the answers hold: by which formula, whether it is verified, how rare it is, how it falls."""
    del version, lang
    check_parameters(request, {"version", "f", "lang", "step_min"})
    make = partial(_rained, request, served(request), version_of(request), step_min, f)
    return await answer_kept(request, key_of(request, who), make, filename="storm.csv" if f == "csv" else None)


def _walked(request: Request, holding: Holding, node_id: str, direction: along.Direction, face: str) -> Page | Blocks:
    here, who, side = holding.here, holding.who, holding.version
    rows = along.walk(here, who, node_id, direction, side)
    if rows is None:
        raise not_found(_no_node(here, who, side, node_id))
    given = {name: request.query_params[name] for name in ("limit", "offset") if name in request.query_params}
    question = read_question({"limit": str(MAX_LIMIT), **given}, holding.features)
    if face == "csv":
        chosen = rows[question.offset :][: question.limit] if given else rows
        return Blocks(csv_pieces(holding.features, chosen, None), _UTF8_CSV, len(chosen), {})
    more = {"node_id": node_id, "direction": direction}
    return page_of(
        request, holding.features, rows, question, path=("trace", node_id), version=side, more=more
    )  # fmt: skip


def _sectioned(request: Request, holding: Holding, stops: list[str], sheet: int | None) -> Page:
    here, who, side, lang = holding.here, holding.who, holding.version, language_of(request)
    found = _section(here, who, stops, side)
    if sheet is not None:
        return Page(_drawing(found, lang, sheet).encode(), SVG)
    told = along.section_document(found, lang)
    links = [
        link(f"{address_of(request, 'section')}?{request.url.query}", "self"),
        link(f"{address_of(request, 'section')}?{request.url.query}&f=svg", "alternate", SVG),
    ]
    return _json({**papers(request, side), "from": stops[0], "to": stops[-1], **told, "links": links})


def _rained(request: Request, here: Served, side: str, step_min: float, face: str) -> Page:
    told = along.storm_document(here, side, step_min, language_of(request))
    if face == "json":
        return _json({**papers(request, side), **told})
    if told["hyetograph"] is None:
        raise HTTPException(404, str(told["not_answered"]))
    return Page(_table(told["hyetograph"]), _UTF8_CSV)


def _section(here: Served, who: Who, stops: list[str], side: str) -> dr.papers.LongSection:
    try:
        return along.section(here, who, stops, side)
    except along.UnknownNode as error:
        raise not_found(_no_node(here, who, side, str(error))) from error
    except along.NotTheirs as error:
        raise refusal(403, words.in_both("section_not_theirs")) from error
    except dr.errors.TopologyError as error:
        within = [] if who.whole else [words.in_both("section_within_roads")]
        raise not_found(joined([_said(error), *within], " ")) from error


def _drawing(found: dr.papers.LongSection, lang: along.Language, sheet: int) -> str:
    try:
        sheets = along.drawn(found, lang)
    except dr.errors.NotKnownError as error:
        raise not_found(_said(error)) from error
    except dr.errors.FormatError as error:
        raise refusal(501, _said(error)) from error
    if sheet > len(sheets):
        raise not_found(words.in_both("query_sheet", most=len(sheets)))
    return sheets[sheet - 1]


def _no_node(here: Served, who: Who, side: str, name: str) -> Said:
    like = ", ".join(along.known_nodes(here, who, side))
    return words.in_both("query_no_node", name=shortened(name), like=like)


def _json(document: dict[str, Any]) -> Page:
    return Page(json.dumps(document, ensure_ascii=False, allow_nan=False).encode(), JSON)


def _table(rows: list[dict[str, float]]) -> bytes:
    lines = [",".join(rows[0]), *(",".join(f"{cell:g}" for cell in row.values()) for row in rows)]
    return "\r\n".join([*lines, ""]).encode()


def _said(error: dr.DrainageError) -> Said:
    """Return what went wrong, for who has no Python at hand."""
    told = joined([error.said])
    for keyword, instead in (("tolerance_m=", "joining_distance"), ("against_flow=True", "reverse_way")):
        plain = words.in_both(instead)
        told = Said(told.replace(keyword, plain), told.chinese.replace(keyword, plain.chinese))
    return told
