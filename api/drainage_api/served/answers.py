"""How an answer goes out: with its links, its provenance and a tag, in the language and the face that are asked for."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final, cast
from urllib.parse import quote, urlencode

from fastapi import Request, Response

from drainage.said import Language
from drainage_api.models import CSV, FLATGEOBUF, GEOJSON, HTML, JSON, SCHEMA
from drainage_api.served.bodies import QUICK, Body, send_body, wishes
from drainage_api.served.served import served

Link = dict[str, str]

#: Media type → the face that has it; what asks for no particular one gets JSON.
_FACES: Final = {
    HTML: "html", "application/xhtml+xml": "html", JSON: "json", GEOJSON: "json", SCHEMA: "json", CSV: "csv",
    FLATGEOBUF: "fgb", "application/flatgeobuf": "fgb", "*/*": "json", "application/*": "json",
}  # fmt: skip
#: Of what is never the same twice, or is for one reader alone: no cache keeps it.
FRESH: Final = {"Cache-Control": "private, no-store"}
_VARY: Final = "Accept, Accept-Encoding, Accept-Language, Authorization, Cookie"


def address_of(request: Request, *parts: str, **query: object) -> str:
    """Return the absolute address of a path, each part quoted, with what of the query is not None."""
    known = request.app.state.settings.public_url
    base = str(request.base_url if known is None else known).rstrip("/")
    path = "/".join(quote(part, safe="") for part in parts)
    asked = {name: value for name, value in query.items() if value is not None}
    return f"{base}/{path}" + (f"?{urlencode(asked)}" if asked else "")


def link(href: str, rel: str, media_type: str = JSON, title: str = "") -> Link:
    """Make a link."""
    return {"href": href, "rel": rel, "type": media_type} | ({"title": title} if title else {})


def face_of(request: Request, *offered: str) -> str:
    """Return which of the faces that are offered is wanted: by ``f``, else by ``Accept``; the first where neither says.

    A browser, which asks for HTML before all else, gets HTML.
    """
    named = request.query_params.get("f")
    if named in offered:
        return named
    best, most = offered[0], 0.0
    for wish, weight in wishes(request.headers.get("accept")):
        kind = wish.partition(";")[0]
        if _FACES.get(kind) in offered and weight > most:
            best, most = _FACES[kind], weight
    return best


def language_of(request: Request) -> Language:
    """Return the language of a reader: by ``lang``, else by ``Accept-Language``; Chinese where neither says."""
    named = request.query_params.get("lang")
    if named in {"zh", "en"}:
        return cast("Language", named)
    best, most = "zh", 0.0
    for tag, weight in wishes(request.headers.get("accept-language")):
        if tag[:2] in {"zh", "en"} and weight > most:
            best, most = tag[:2], weight
    return cast("Language", best)


def papers(request: Request, version: str = "") -> dict[str, Any]:
    """Return what every answer says: its version, its origin (to who sees the whole city), whether it is made up."""
    here, who = served(request), getattr(request.state, "who", None)
    said = here.notice | here.of_a_plan | ({} if here.number is None else {"version": here.number})
    if who is None or who.role == "public" or who.roads:
        return said
    return said | {"provenance": here.report(version).provenance.as_dict()}


def answer(request: Request, document: Mapping[str, object], media_type: str = JSON) -> Response:
    """Send a document with its provenance and the synthetic notice; 304 where the client has it already."""
    content = json.dumps({**papers(request), **document}, ensure_ascii=False, allow_nan=False).encode()
    return send_body(request, Body(content, media_type, level=QUICK, weak=True), headers=told(request))


def told(request: Request) -> dict[str, str]:
    """Return the headers that say on what an answer depends and in which language it is."""
    return {"Vary": _VARY, "Content-Language": language_of(request)}
