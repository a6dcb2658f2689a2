"""All submissions of somebody as a page, by state and a page at a time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from fastapi import Request, Response

from drainage_api.access.who import Who
from drainage_api.faces.desk.rows import state_said, submission_row
from drainage_api.faces.pages_html import DESK, changed, html, text
from drainage_api.served.answers import language_of

STATES: Final = ("received", "checked", "computed", "accepted", "returned", "withdrawn", "failed")
_LIMIT: Final = 25


def list_page(request: Request, who: Who, document: Mapping[str, Any]) -> Response:
    """Return the page of what programs get as `document`."""
    lang = language_of(request)
    rows = [submission_row(request, who, one) for one in document["submissions"]]
    matched = int(document.get("numberMatched", len(rows)))
    offset = _whole(request.query_params.get("offset"), 0)
    limit = _whole(request.query_params.get("limit"), len(rows) or _LIMIT)
    return html(
        request,
        "desk_submissions.html",
        who=who,
        scripted=True,
        submissions=rows,
        states=_states(request),
        range=text("range", lang, first=offset + 1, last=offset + len(rows), matched=matched)
        if rows
        else text("submissions_none", lang, of=DESK),
        prev=changed(request, offset=str(max(0, offset - limit)) if offset > limit else None) if offset else "",
        next=changed(request, offset=str(offset + len(rows))) if rows and offset + len(rows) < matched else "",
    )


def _states(request: Request) -> list[dict[str, Any]]:
    lang, chosen = language_of(request), request.query_params.get("state")
    every = {
        "said": text("all", lang, of=DESK),
        "href": changed(request, state=None, offset=None),
        "chosen": not chosen,
    }
    return [every] + [
        {
            "said": state_said(state, lang),
            "href": changed(request, state=state, offset=None),
            "chosen": chosen == state,
        }
        for state in STATES
    ]


def _whole(text: str | None, otherwise: int) -> int:
    return int(text) if text and text.isascii() and text.isdigit() else otherwise
