"""The entrance: what there is, by what rules, and how it is described."""

from __future__ import annotations

import json
from collections.abc import Hashable, Mapping
from functools import partial
from typing import Any, Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from drainage import words
from drainage.report import TITLE
from drainage_api.access.check import Anyone, Reader
from drainage_api.access.who import Who
from drainage_api.asked import parameters
from drainage_api.asked.holding import Holding, held, hold, key_of, read_common, version_of
from drainage_api.errors import UNKNOWN, check_parameters
from drainage_api.faces import entrance_html, openapi
from drainage_api.faces.describing import metadata
from drainage_api.faces.pages_html import headers, html, render
from drainage_api.models import HTML, JSON, OPENAPI, OpenApi
from drainage_api.served.answers import address_of, answer, face_of, link, papers
from drainage_api.served.served import STREETS, served
from drainage_api.work.answering import Page, answer_kept

_PART: Final = "http://www.opengis.net/spec/ogcapi-features-{}/1.0/conf/{}"
_CQL2: Final = "http://www.opengis.net/spec/cql2/1.0/conf/{}"
#: The classes that are kept.
CONFORMANCE: Final = (
    *(_PART.format(1, name) for name in ("core", "oas30", "html", "geojson")),
    _PART.format(2, "crs"),
    *(_PART.format(3, name) for name in ("queryables", "queryables-query-parameters", "filter", "features-filter")),
    *(
        _CQL2.format(name)
        for name in (
            "cql2-text", "cql2-json", "basic-cql2", "advanced-comparison-operators", "case-insensitive-comparison",
            "accent-insensitive-comparison", "basic-spatial-functions", "basic-spatial-functions-plus",
            "spatial-functions", "temporal-functions", "property-property", "arithmetic",
            "basic-spatial-operators",  # as the drafts called it, and as QGIS asks for it
        )
    ),
    *(_PART.format(5, name) for name in ("schemas", "core-roles-features")),
)  # fmt: skip
_BOTH: Final = ("f", "lang")
_REFERRED: Final = {"parameters": parameters.refer(*_BOTH)}
_REFERRED_VERSION: Final = {"parameters": parameters.refer(*_BOTH, "version")}
_AS_HTML: Final[dict[int | str, dict[str, Any]]] = {200: {"content": {HTML: {}}}}

router = APIRouter(tags=["Capabilities"])


@router.get("/", operation_id="getLandingPage", responses=_AS_HTML, openapi_extra=_REFERRED)
async def show_landing_page(request: Request, who: Anyone) -> Response:
    """List what the server offers."""
    _check(request)
    if face_of(request, "json", "html") == "html":
        return await _page(request, who, partial(entrance_html.landing_page, request, who))
    here = served(request)
    links = [
        link(address_of(request), "self"),
        link(address_of(request, f="html"), "alternate", HTML),
        link(address_of(request, "api"), "service-desc", OPENAPI, "OpenAPI 3.0"),
        link(address_of(request, "api", f="html"), "service-doc", HTML),
        link(address_of(request, "conformance"), "conformance"),
        link(address_of(request, "collections"), "data"),
        *(link(one["href"], one["rel"], one["type"], one["title"]) for one in entrance_html.pages(request, who)),
    ]
    about = {"title": TITLE, "description": words.all_of("server_pages")["about"].both, "links": links}
    summary = {"inputs": here.summary_of("inputs"), "network": here.summary_of("network")}
    return answer(request, about | ({"summary": summary} if who.whole else {}))


@router.get("/collections", operation_id="getCollections", responses=_AS_HTML, openapi_extra=_REFERRED_VERSION)
async def list_collections(request: Request, who: Anyone) -> Response:
    """List what is served."""
    _check(request, "version")
    if face_of(request, "json", "html") == "html":
        return await _page(request, who, partial(entrance_html.collections_page, request, who))
    return await answer_kept(request, _key(request, who, "json"), partial(_collections, request, who))


@router.get(
    "/collections/{collection_id}",
    operation_id="describeCollection",
    response_class=JSONResponse,
    responses={**UNKNOWN, **_AS_HTML},
    openapi_extra=_REFERRED_VERSION,
)
async def describe_collection(request: Request, collection_id: str, who: Reader) -> Response:
    """Describe a collection, with the summary of the question that it answers."""
    _check(request, "version")
    holding = hold(request, collection_id, who)
    if face_of(request, "json", "html") == "html":
        return await _page(request, who, partial(entrance_html.collection_page, request, holding))
    return await answer_kept(request, key_of(request, who, "json"), partial(_described, request, holding))


@router.get("/conformance", operation_id="getConformanceDeclaration", responses=_AS_HTML, openapi_extra=_REFERRED)
async def declare_conformance(request: Request, who: Anyone) -> Response:
    """List the classes of the standards that are kept."""
    _check(request)
    if face_of(request, "json", "html") == "html":
        return html(request, "conformance.html", who=who, classes=CONFORMANCE)
    return answer(request, {"conformsTo": list(CONFORMANCE)})


@router.get("/terms", operation_id="getTerms", responses=_AS_HTML, openapi_extra=_REFERRED)
async def explain_terms(request: Request, who: Anyone) -> Response:
    """Explain the words of the field, in Chinese and English."""
    _check(request)
    if face_of(request, "json", "html") == "html":
        return html(request, "terms.html", who=who, terms=entrance_html.terms(), between=entrance_html.between(request))
    return answer(request, {"terms": list(entrance_html.terms().values())})


@router.get("/api", operation_id="getApi", response_class=OpenApi, responses=_AS_HTML, openapi_extra=_REFERRED)
async def show_api(request: Request, who: Anyone) -> Response:
    """Describe every address (OpenAPI 3.0)."""
    _check(request)
    face = face_of(request, "json", "html")
    return await answer_kept(request, _key(request, who, face), partial(_api, request, who, face))


def _check(request: Request, *more: str) -> None:
    check_parameters(request, (*_BOTH, *more))
    read_common(request, "json", "html")


def _key(request: Request, who: Who, face: str) -> Hashable:
    """Return all that a list of collections depends on: the streets join it when the public page is made."""
    return key_of(request, who, face, STREETS in served(request).names(who))


async def _page(request: Request, who: Who, make: partial[Page]) -> Response:
    return await answer_kept(request, _key(request, who, "html"), make)


def _api(request: Request, who: Who, face: str) -> Page:
    document = openapi.describe(request, who)
    if face == "json":
        return Page(json.dumps(document, ensure_ascii=False).encode(), OPENAPI)
    content = render(request, "api.html", who=who, addresses=openapi.addresses(document))
    return Page(content, HTML, headers=headers(request))


def _document(request: Request, version: str, document: Mapping[str, object]) -> Page:
    whole = {**papers(request, version), **document}
    return Page(json.dumps(whole, ensure_ascii=False, allow_nan=False).encode(), JSON)


def _collections(request: Request, who: Who) -> Page:
    version = version_of(request)
    of = {"version": version or None}
    listed = [metadata(request, one) for one in held(request, who)]
    links = [
        link(address_of(request, "collections", **of), "self"),
        link(address_of(request, "collections", **of, f="html"), "alternate", HTML),
    ]
    return _document(request, version, {"links": links, "collections": listed})


def _described(request: Request, holding: Holding) -> Page:
    summary = {"summary": holding.summary} if holding.is_summed else {}
    return _document(request, holding.version, metadata(request, holding) | summary)
