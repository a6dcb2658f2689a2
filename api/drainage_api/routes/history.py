"""The versions of the city's network: each can be read again with ``?version=``, and none is ever changed."""

from __future__ import annotations

import datetime as dt
from typing import Any

from fastapi import APIRouter, Request, Response

from drainage_api.access.check import Reader, desk_of
from drainage_api.access.who import Who
from drainage_api.asked.holding import read_common
from drainage_api.asked.parameters import refer
from drainage_api.errors import UNKNOWN, check_parameters
from drainage_api.faces.pages_html import html
from drainage_api.models import HTML
from drainage_api.routes.submissions import kept
from drainage_api.served.answers import address_of, answer, face_of, link
from drainage_api.store.versions import Version
from drainage_api.work.pool import run

router = APIRouter(tags=["Capabilities"], responses=UNKNOWN)


@router.get(
    "/versions",
    operation_id="listVersions",
    responses={200: {"content": {HTML: {}}}},
    openapi_extra={"parameters": refer("f", "lang")},
)
async def list_versions(request: Request, who: Reader) -> Response:
    """List the versions, the newest first: since when each was it, its day, and the digest of all its files."""
    check_parameters(request, ("f", "lang"))
    read_common(request, "json", "html")
    listed = [_told(one, who) for one in await run(request, kept, desk_of(request).versions.history)]
    if face_of(request, "json", "html") == "html":
        return html(request, "history.html", who=who, listed=listed)
    links = [link(address_of(request, "versions"), "self"),
             link(address_of(request, "versions", f="html"), "alternate", HTML)]  # fmt: skip
    for one in listed:
        one["links"] = [link(address_of(request, "collections", version=one["number"]), "data")]
    return answer(request, {"versions": listed, "links": links})


def _told(version: Version, who: Who) -> dict[str, Any]:
    """Return what is told of a version; who made it only to those who have the whole city."""
    made = dt.datetime.fromtimestamp(version.made, dt.UTC).isoformat(timespec="seconds")
    told = {"number": version.number, "made": made, "day": version.day, "digest": version.tree}
    return told | ({"submission": version.submission, "note": version.note} if who.whole else {})
