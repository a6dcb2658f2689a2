"""What the properties of a collection are, and which of them a filter can ask for (Parts 3 and 5)."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from typing import Any, Final

from fastapi import APIRouter, Request, Response

from drainage_api.access.check import Reader
from drainage_api.asked import parameters
from drainage_api.asked.holding import Holding, hold, key_of, read_common
from drainage_api.errors import UNKNOWN, check_parameters
from drainage_api.faces import features_html, json_schema
from drainage_api.faces.pages_html import headers, render, text
from drainage_api.models import HTML, SCHEMA, JsonSchema
from drainage_api.served.answers import address_of, face_of, language_of
from drainage_api.work.answering import Page, answer_kept

_TAKEN: Final = ("f", "lang", "version")
_REFERRED: Final = {"parameters": parameters.refer(*_TAKEN)}
_REFERRED_OF: Final = {"parameters": parameters.refer(*_TAKEN, "of")}

router = APIRouter(
    tags=["Schemas"], responses={**UNKNOWN, 200: {"content": {HTML: {}}}}, default_response_class=JsonSchema
)


@router.get("/collections/{collection_id}/schema", operation_id="getSchema", openapi_extra=_REFERRED_OF)
async def show_schema(request: Request, collection_id: str, who: Reader) -> Response:
    """Describe the properties of a collection: types, titles, units."""
    check_parameters(request, (*_TAKEN, "of"))
    whole = parameters.read_choice("of", request.query_params.get("of"), ("feature",)) is not None
    make = json_schema.feature_schema if whole and face_of(request, "json", "html") == "json" else json_schema.schema
    return await _answer(request, hold(request, collection_id, who), "schema", make)


@router.get("/collections/{collection_id}/queryables", operation_id="getQueryables", openapi_extra=_REFERRED)
async def show_queryables(request: Request, collection_id: str, who: Reader) -> Response:
    """Describe the properties that a filter can ask for."""
    check_parameters(request, _TAKEN)
    return await _answer(request, hold(request, collection_id, who), "queryables", json_schema.queryables)


async def _answer(request: Request, holding: Holding, name: str, make: Callable[..., dict[str, Any]]) -> Response:
    read_common(request, "json", "html")
    face = face_of(request, "json", "html")
    key = key_of(request, holding.who, face)
    return await answer_kept(request, key, partial(_page, request, holding, name, make, face))


def _page(request: Request, holding: Holding, name: str, make: Callable[..., dict[str, Any]], face: str) -> Page:
    lang = language_of(request)
    address = address_of(request, "collections", holding.name, name)
    document = make(holding.name, holding.features, address, lang)
    if face == "json":
        return Page(json.dumps(document, ensure_ascii=False).encode(), SCHEMA)
    content = render(
        request,
        "schema.html",
        who=holding.who,
        version=holding.version,
        versions=features_html.versions_of(holding),
        id=holding.name,
        name=json_schema.title(holding.name, lang),
        heading_of_page=text(name, lang),
        about_page=text(f"{name}_about", lang),
        columns=features_html.columns_of(document, holding, lang),
    )
    return Page(content, HTML, headers=headers(request))
