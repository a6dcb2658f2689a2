"""Pages for people as the library makes them: the engineer's map, the public page, the report of an office."""

from __future__ import annotations

import html
import re
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

import drainage as dr
from drainage import words
from drainage.said import Said
from drainage_api.access.check import Anyone, WholeReader
from drainage_api.access.keeper import keeper
from drainage_api.asked.holding import version_of
from drainage_api.errors import IN_PARTS, LACKING, UNKNOWN, check_parameters, not_found, refusal
from drainage_api.models import HTML
from drainage_api.routes.network import Lang, Version
from drainage_api.served.answers import language_of
from drainage_api.served.bodies import Body, send_body
from drainage_api.served.made import made
from drainage_api.served.marked import marked
from drainage_api.served.office import PDF, office_report
from drainage_api.served.public_face import PublicFace, public_face
from drainage_api.served.served import served
from drainage_api.store.database import StoreError
from drainage_api.work.pool import run

#: What the files of the folder of a large city are; others are not in it.
_TYPES = {".html": HTML, ".pmtiles": "application/vnd.pmtiles", ".gz": "application/gzip", ".json": "application/json"}
_INDEX = "index.html"
_POLICY = re.compile(r'<meta http-equiv="Content-Security-Policy" content="([^"]*)"')

router = APIRouter(tags=["Pages"], responses={**UNKNOWN, **IN_PARTS})


@router.get(
    "/map",
    operation_id="getMap",
    response_class=HTMLResponse,
    responses={307: {"description": "The map of a large city: in its folder"}},
)
async def show_map(request: Request, who: WholeReader, version: Version = None) -> Response:
    """Show the map of the report, or of both sides of a comparison; it needs no other file.

    That of a large city fetches its parts from the folder ``map/``.
    """
    del who
    check_parameters(request, {"version", "lang"})
    page = served(request).map_page(version_of(request))
    if page.folder:
        query = f"?{request.url.query}" if request.url.query else ""
        return RedirectResponse(f"map/{query}", 307)
    return await _send_page(request, version, "", page.html.encode())


@router.get("/map/{name:path}", operation_id="getMapFile", response_class=Response)
async def show_map_file(request: Request, name: str, who: WholeReader, version: Version = None) -> Response:
    """Give out a file of the map of a large city, whole or in parts."""
    del who
    check_parameters(request, {"version", "lang"})
    folder = served(request).map_page(version_of(request)).folder
    file = name or _INDEX
    if file not in folder:
        raise not_found(words.in_both("map_no_file" if folder else "map_one_page"))
    return await _send_page(request, version, file, folder[file])


@router.get("/public", operation_id="getPublicPage", response_class=HTMLResponse)
async def show_public_page(request: Request, who: Anyone) -> Response:
    """Show the page for the public: how deep water stands on which stretch of road, and nothing of the drains."""
    del who
    check_parameters(request, {"lang"}, for_people=True)
    try:
        face = await public_face(served(request)).wait()
    except (dr.errors.NotKnownError, dr.errors.CrsError, dr.errors.SchemaError, dr.errors.FormatError) as error:
        raise not_found(words.in_both("no_public_page", why=_said(error))) from error
    body = await _with_marks(request, face)
    return send_body(request, body, public=True, headers=policy_of(body))


@router.get(
    "/report", operation_id="getReport", response_class=Response, responses={200: {"content": {PDF: {}}}, **LACKING}
)
async def show_report(
    request: Request,
    who: WholeReader,
    version: Version = None,
    lang: Lang = None,
    f: Annotated[Literal["pdf"], Query(description="Its only form.")] = "pdf",
) -> Response:
    """Return the report of an office as PDF; the first to ask waits while it is composed."""
    del who, version
    check_parameters(request, {"version", "lang", "f"})
    here, spoken, settings = served(request), lang or language_of(request), request.app.state.settings
    try:
        body = await office_report(here, version_of(request), spoken, settings.office).wait()
    except dr.errors.FormatError as error:
        raise refusal(501, _remedy(error)) from error
    except dr.errors.SchemaError as error:
        raise not_found(words.in_both("report_answers_nothing")) from error
    except OSError as error:
        raise refusal(501, words.in_both("report_no_room")) from error
    return send_body(request, body, filename=f"drainage-report-{spoken}.{f}")


async def _with_marks(request: Request, face: PublicFace) -> Body:
    """Return the page with what was seen; without it where the store cannot be read now."""
    vault, here = keeper(request).vault, served(request)
    if vault is None:
        return face.body
    try:
        return await run(request, lambda: marked(here, face, vault.sightings))
    except StoreError:
        return face.body


async def _send_page(request: Request, version: str | None, file: str, content: bytes) -> Response:
    """Send a file of a map, which is compressed once: in the pool, by who asks first."""
    kind = _TYPES.get(f".{file.rpartition('.')[2]}", HTML if not file else "application/octet-stream")

    def body() -> Body:
        return Body(content, kind, compress=kind == HTML).packed()

    page = made(served(request), ("map", version, file), body)
    found = page.now() or await page.wait()
    return send_body(request, found, headers=policy_of(found) if kind == HTML else {})


def policy_of(body: Body) -> dict[str, str]:
    """Return the policy of a page as a header, and that nobody may frame it, which only a header can say."""
    found = _POLICY.search(body.content[:20_000].decode("utf-8", "replace"))
    said = html.unescape(found[1]) if found else "default-src 'none'"
    return {"Content-Security-Policy": f"{said.rstrip('; ')}; frame-ancestors 'none'"}


def _remedy(error: Exception) -> Said:
    """Return what is missing for a report, without the place of the results."""
    missing = words.in_both("needs_extra_papers")
    return missing if str(error) == str(missing) else words.in_both("report_answers_nothing")


def _said(error: Exception) -> object:
    return error.args[0] if error.args else ""
