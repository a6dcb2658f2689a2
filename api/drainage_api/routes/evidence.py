"""Evidence of the field: posted by those who work there, read by a job, which answers anew what it can change."""

from __future__ import annotations

from functools import partial
from typing import IO, Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from drainage import words
from drainage.report import EVIDENCE_KINDS
from drainage_api.access.check import Reader, Refused, Submitter, desk_of
from drainage_api.access.file_kinds import kind_of
from drainage_api.access.forms import Form, read_form
from drainage_api.access.keeper import Vault, keeper
from drainage_api.access.who import Who
from drainage_api.errors import SENT, UNKNOWN, check_parameters
from drainage_api.faces.bodies_told import form_body
from drainage_api.faces.desk.evidence_page import evidence_page as evidence_html
from drainage_api.faces.evidence_json import evidence_document, evidence_page, posted_document
from drainage_api.routes.submissions import (
    SEEN,
    Face,
    Few,
    Id,
    Skipped,
    as_it_stands,
    incoming,
    kept,
    see,
    upload_of,
)
from drainage_api.served.answers import FRESH, address_of, face_of
from drainage_api.store.findings import Evidence, Posted
from drainage_api.work.pool import run

#: Bytes in which a table of text must show that it is one; own choice.
_LOOKED_AT: Final = 65_536

router = APIRouter(tags=["Evidence"])


@router.post(
    "/evidence",
    operation_id="postEvidence",
    status_code=202,
    response_class=JSONResponse,
    responses={**SENT, **SEEN, 404: UNKNOWN[404]},
    openapi_extra=form_body({"kind": {"type": "string", "enum": list(EVIDENCE_KINDS)}}, files={"file": True}),
)
async def post_evidence(request: Request, who: Submitter) -> Response:
    """Take in readings of the field, a table (.xlsx, .csv) of one `kind`: kept, and answered anew by a job."""
    check_parameters(request, {"lang", "f"})
    desk, settings = desk_of(request), keeper(request).settings
    form = await read_form(
        request, files=("file",), fields={"kind": 40}, most_bytes=settings.upload_bytes, folder=incoming(desk)
    )  # fmt: skip
    with form:
        one = await run(request, partial(kept, _taken_in, desk, form, who, settings.waiting_per_key))
    request.state.event, request.state.subject = "evidence posted", one.id
    if face_of(request, "json", "html") == "html":
        return see(request, "desk")
    headers = {"Location": address_of(request, "evidence", one.id), **FRESH}
    read = partial(evidence_document, request, who, one.id)
    return JSONResponse(await as_it_stands(request, read, posted_document(request, who, one)), 202, headers)


@router.get("/evidence", operation_id="listEvidence", response_class=JSONResponse, responses=UNKNOWN)
async def list_evidence(request: Request, who: Reader, limit: Few = 50, offset: Skipped = 0) -> Response:
    """List evidence, the newest first: of a contractor the own one."""
    check_parameters(request, {"limit", "offset"})
    document = await run(request, partial(kept, evidence_page, request, who, limit=limit, offset=offset))
    request.state.count = document["numberReturned"]
    return JSONResponse(document, headers=FRESH)


@router.get("/evidence/{evidence_id}", operation_id="getEvidence", response_class=JSONResponse, responses=UNKNOWN)
async def get_evidence(request: Request, who: Reader, evidence_id: Id, f: Face = None) -> Response:
    """Return a piece of evidence: what was read and set aside, the answers with it, and what it changed in them."""
    del f
    check_parameters(request, {"f", "lang"})
    if face_of(request, "json", "html") == "html":
        return await run(request, kept, evidence_html, request, who, evidence_id)
    return JSONResponse(await run(request, kept, evidence_document, request, who, evidence_id), headers=FRESH)


def _taken_in(desk: Vault, form: Form, who: Who, most_waiting: int) -> Evidence:
    kind, upload = form.fields.get("kind", ""), upload_of(form)
    if kind not in EVIDENCE_KINDS:
        near = words.nearest(kind, EVIDENCE_KINDS)
        raise Refused(422, words.in_both("no_such_evidence", kind=kind, near=near, known=", ".join(EVIDENCE_KINDS)))
    ending = _ending(upload.file)
    if ending is None:
        raise Refused(415, words.in_both("evidence_unread"))
    name = upload.filename if upload.filename.lower().endswith(ending) else f"{upload.filename or kind}{ending}"
    posted = Posted(
        key=who.key, name=who.name, roads=who.roads, kind=kind, filename=name,
        digest=desk.objects.put(upload.file), size=upload.size,
    )  # fmt: skip
    return desk.evidence.post(posted, most_waiting=most_waiting)


def _ending(file: IO[bytes]) -> str | None:
    """Return the ending of a file by what is in it, whatever its name says; None for what is no table."""
    kind = kind_of(file)
    head = file.read(_LOOKED_AT)
    file.seek(0)
    if kind is not None:
        return ".xlsx" if kind == "xlsx" else None
    return None if b"\x00" in head or not head.strip() else ".csv"
