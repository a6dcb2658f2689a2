"""What belongs to a submission: its comparison, its receipts, the file as it came, the map of what it changes."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import FileResponse, HTMLResponse, JSONResponse

from drainage import words
from drainage_api.access.check import Anyone, Decider, Reader, Refused, desk_of
from drainage_api.access.keeper import Vault
from drainage_api.access.who import Who
from drainage_api.errors import IN_PARTS, NOT_NOW, UNKNOWN, check_parameters
from drainage_api.faces.desk.receipt_page import receipt_page
from drainage_api.faces.submissions_json import comparison_of, submission_for
from drainage_api.jobs.limited import MAPS_IN
from drainage_api.models import HTML, JSON, OCTETS, PublicKeyTold, ReceiptsTold
from drainage_api.routes.pages import policy_of
from drainage_api.routes.submissions import Face, Id, kept
from drainage_api.served.answers import FRESH, face_of, language_of, told
from drainage_api.served.bodies import Body, send_body
from drainage_api.store.submitting.receipts import ALGORITHM
from drainage_api.store.submitting.records import Submission
from drainage_api.work.answering import Page, answer_kept
from drainage_api.work.pool import run

router = APIRouter(tags=["Submissions"], responses=UNKNOWN)


@router.get(
    "/submissions/{submission_id}/comparison",
    operation_id="getComparison",
    response_class=JSONResponse,
    responses=NOT_NOW,
)
async def show_comparison(request: Request, who: Reader, submission_id: Id, f: Face = None) -> Response:
    """Tell what the works change against the version on which they were computed; rows of the roads of the key."""
    del f
    check_parameters(request, {"f", "lang"})
    one = await run(request, kept, submission_for, request, who, submission_id)
    content = (one.comparison or {}).get("document")
    make = partial(_compared, request, who, one)
    return await answer_kept(request, ("comparison", one.id, one.state, content, who.roads), make)


@router.get(
    "/submissions/{submission_id}/receipt",
    operation_id="getReceipt",
    response_model=ReceiptsTold,
    responses={200: {"content": {HTML: {}}}},
)
async def show_receipt(request: Request, who: Reader, submission_id: Id, f: Face = None) -> Response:
    """Return what was received, when, and its digest, signed by the key of this server; and the decisions, signed."""
    del f
    check_parameters(request, {"f", "lang"})
    one = await run(request, kept, submission_for, request, who, submission_id)
    history = await run(request, kept, desk_of(request).submissions.history, [one.id])
    decisions = [event.receipt for event in history[one.id] if event.receipt is not None]
    document = {**one.receipt, "decisions": decisions}
    if face_of(request, "json", "html") == "html":
        signer = desk_of(request).submissions.signer
        return await run(request, kept, lambda: receipt_page(request, who, document, signer.fingerprint))
    return JSONResponse(document, headers=FRESH)


@router.get("/receipts/key", operation_id="getReceiptKey", response_model=PublicKeyTold)
async def show_receipt_key(request: Request, who: Anyone) -> Response:
    """Return the public key that signs receipts: what to hold one against."""
    del who
    check_parameters(request, ())
    signer = desk_of(request).submissions.signer
    told = await run(request, kept, lambda: {"public_key": signer.public_key, "fingerprint": signer.fingerprint})
    return JSONResponse({"algorithm": ALGORITHM, **told}, headers=FRESH)


@router.get(
    "/submissions/{submission_id}/file",
    operation_id="getSubmittedFile",
    response_class=Response,
    responses={200: {"content": {OCTETS: {}}}, **IN_PARTS},
)
async def give_file(request: Request, who: Decider, submission_id: Id) -> Response:
    """Give out the file as it came, its digest checked: bytes to save, which no browser opens."""
    check_parameters(request, {"lang"})
    one = await run(request, kept, submission_for, request, who, submission_id)
    path: Path = await run(request, kept, desk_of(request).objects.path, one.digest)
    return FileResponse(path, media_type=OCTETS, filename=f"{one.id}.{_ENDINGS.get(one.kind, one.kind)}", headers=FRESH)


@router.get(
    "/submissions/{submission_id}/map",
    operation_id="getSubmissionMap",
    response_class=HTMLResponse,
    responses={**NOT_NOW, **IN_PARTS},
)
async def show_submission_map(request: Request, who: Reader, submission_id: Id) -> Response:
    """Show the map of both sides in the language of the reader: to a contractor that of the roads of the key."""
    check_parameters(request, {"lang"})
    content = await run(request, kept, _map, request, who, submission_id)
    body = Body(content, HTML)
    if not body.is_ready(request.headers.get("accept-encoding")):
        await run(request, lambda: body.gzipped)
    return send_body(request, body, headers=policy_of(body) | told(request))


_ENDINGS = {"shp": "zip"}


def _compared(request: Request, who: Who, one: Submission) -> Page:
    document = kept(comparison_of, request, who, one)
    return Page(json.dumps(document, ensure_ascii=False, allow_nan=False).encode(), JSON)


def _map(request: Request, who: Who, identity: str) -> bytes:
    desk, one = desk_of(request), submission_for(request, who, identity)
    if one.comparison is None:
        state = words.all_of("submission_states")[one.state]
        raise Refused(409, words.in_both("submission_not_computed", state=state))
    held: dict[str, Any] = one.comparison
    pages, name = (_pages(desk, held.get("page")), "map") if who.whole else (held, "own_map")
    written = (pages.get(f"{name}{mark}") for mark in (MAPS_IN[language_of(request)], ""))
    digest = next((one for one in written if one), None)
    if digest is None:
        raise Refused(404, words.in_both("submission_without_map"))
    return desk.objects.read(digest)


def _pages(desk: Vault, tree: str | None) -> dict[str, str]:
    if tree is None:
        return {}
    return {name.removesuffix(".html"): digest for name, digest in desk.objects.listed(tree).items()}
