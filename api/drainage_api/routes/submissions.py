"""Submissions: sent in, listed, shown, taken back. What is sent is kept whole before it is answered."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from functools import partial
from http import HTTPStatus
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Final, Literal, TypeVar

from fastapi import APIRouter, Header, Query, Request, Response
from fastapi import Path as InPath
from fastapi.responses import JSONResponse, RedirectResponse
from starlette.exceptions import HTTPException

import drainage as dr
from drainage import words
from drainage.report import write_template
from drainage_api.access.check import Reader, Refused, Submitter, desk_of
from drainage_api.access.file_kinds import kind_of
from drainage_api.access.forms import Form, Upload, read_fields, read_form
from drainage_api.access.keeper import Vault, keeper
from drainage_api.access.storing import answered
from drainage_api.access.who import Who
from drainage_api.errors import NOT_NOW, SENT, UNKNOWN, check_parameters
from drainage_api.faces.bodies_told import fields_body, form_body, text, then
from drainage_api.faces.desk.list_page import list_page
from drainage_api.faces.desk.whole_submission import whole_submission
from drainage_api.faces.submissions_json import (
    document_of,
    received_document,
    submission_document,
    submission_for,
    submissions_document,
    written_document,
)
from drainage_api.models import HTML, JSON, XLSX, SubmissionPage, SubmissionTold
from drainage_api.served.answers import FRESH, address_of, face_of, language_of
from drainage_api.served.bodies import Body, send_body
from drainage_api.served.served import served
from drainage_api.store.database import StoreError
from drainage_api.store.submitting.moves import STATES, State
from drainage_api.store.submitting.records import Event, Person, Sent, Submission
from drainage_api.work.pool import run

T = TypeVar("T")

#: Own choices: characters of what is said, of an id, of the name of a request.
WORDS: Final = 4_000
_ID: Final = 40
_IDEMPOTENCY: Final = 200
#: It never begins with a blank, as what the store keeps in the place of none does.
_PRINTABLE: Final = re.compile(rf"(?! )[\x20-\x7e]{{1,{_IDEMPOTENCY}}}", re.ASCII)
#: What a form of a page is answered with.
SEEN: Final[dict[int | str, dict[str, object]]] = {303: {"description": "To the page, for a browser"}}

router = APIRouter(tags=["Submissions"])

#: What is shown as a document or as a page.
PAGE: Final[dict[int | str, dict[str, object]]] = {200: {"content": {HTML: {}}}, **UNKNOWN}

IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        description="A name for this request: sent again, it is the same submission.",
        json_schema_extra={"pattern": f"^[!-~][ -~]{{0,{_IDEMPOTENCY - 1}}}$"},
    ),
]
OfState = Annotated[str | None, Query(description=f"One or more of {', '.join(STATES)}, with commas between.")]
Id = Annotated[str, InPath(max_length=_ID, description="Id of a submission.")]
Few = Annotated[int, Query(ge=1, le=1_000, description="How many.")]
Skipped = Annotated[int, Query(ge=0, le=2**31 - 1, description="How many to skip.")]
Face = Annotated[Literal["json", "html"] | None, Query(description="A document, or a page.")]


@router.post(
    "/submissions",
    operation_id="submit",
    status_code=202,
    response_model=SubmissionTold,
    responses={202: {"links": then("$response.body#/id")}, **SENT, **NOT_NOW, **SEEN, **UNKNOWN},
    openapi_extra=form_body(
        {"words": text(WORDS), "previous": text(_ID), "idempotency": text(_IDEMPOTENCY)}, files={"file": True}
    ),
)
async def submit(request: Request, who: Submitter, idempotency_key: IdempotencyKey = None) -> Response:
    """Take in what was built: it is kept, gets a receipt, and is checked and computed by a job."""
    check_parameters(request, {"lang", "f"})
    desk, settings = desk_of(request), keeper(request).settings
    form = await read_form(
        request, files=("file",), fields={"words": WORDS, "previous": _ID, "idempotency": _IDEMPOTENCY},
        most_bytes=settings.upload_bytes, folder=incoming(desk),
    )  # fmt: skip
    with form:
        named = idempotency_key if idempotency_key is not None else form.fields.get("idempotency") or None
        _check_name(named)
        one = await run(request, partial(_taken_in, desk, form, who, named, settings.waiting_per_key))
    request.state.event, request.state.subject = "submitted", one.id
    if face_of(request, "json", "html") == "html":
        return see(request, "submissions", one.id)
    begun: dict[str, list[Event]] = {one.id: []}
    history = await as_it_stands(request, partial(desk.submissions.history, [one.id]), begun)
    headers = {"Location": address_of(request, "submissions", one.id), **FRESH}
    return JSONResponse(received_document(request, one, history[one.id]), 202, headers)


@router.get("/submissions", operation_id="getSubmissions", response_model=SubmissionPage, responses=PAGE)
async def list_submissions(
    request: Request, who: Reader, state: OfState = None, limit: Few = 50, offset: Skipped = 0, f: Face = None
) -> Response:
    """List submissions, the newest first: of a contractor the own ones."""
    del f
    check_parameters(request, {"state", "limit", "offset", "f", "lang"})
    states = _states(state)
    document = await run(
        request, partial(kept, submissions_document, request, who, states=states, limit=limit, offset=offset)
    )
    request.state.count = document["numberReturned"]
    if face_of(request, "json", "html") == "html":
        return await run(request, list_page, request, who, document)
    content = json.dumps(document, ensure_ascii=False, allow_nan=False).encode()
    return send_body(request, Body(content, JSON, weak=True, compress=False), headers=FRESH)


@router.get(
    "/submissions/template", operation_id="getTemplate", response_class=Response,
    responses={200: {"content": {XLSX: {}}}, **UNKNOWN},
)  # fmt: skip
async def get_template(request: Request, who: Submitter) -> Response:
    """Give out the workbook to fill, with the present pipes of the roads of the key."""
    check_parameters(request, {"lang"})
    desk_of(request)
    content = await run(request, _template, served(request).report(), who.roads, language_of(request))
    name = {"Content-Disposition": 'attachment; filename="drainage-template.xlsx"'}
    return Response(content, headers=FRESH | name, media_type=XLSX)


@router.get(
    "/submissions/{submission_id}", operation_id="getSubmission", response_model=SubmissionTold, responses=PAGE
)  # fmt: skip
async def show_submission(request: Request, who: Reader, submission_id: Id, f: Face = None) -> Response:
    """Show a submission: its state, its history, what was understood of it, why it failed."""
    del f
    check_parameters(request, {"f", "lang"})
    if face_of(request, "json", "html") == "html":
        return await run(request, kept, whole_submission, request, who, submission_id)
    document = await run(request, kept, submission_document, request, who, submission_id)
    return JSONResponse(document, headers=FRESH)


@router.delete(
    "/submissions/{submission_id}",
    operation_id="withdraw",
    response_model=SubmissionTold,
    responses={**UNKNOWN, **NOT_NOW, **SENT},
)
async def withdraw(request: Request, who: Submitter, submission_id: Id) -> Response:
    """Take a submission back before it is decided; it stays in the list."""
    check_parameters(request, {"lang", "f"})
    return await _withdrawn(request, who, submission_id)


@router.post(
    "/submissions/{submission_id}/withdrawal",
    operation_id="withdrawByForm",
    response_model=SubmissionTold,
    responses={**UNKNOWN, **NOT_NOW, **SENT, **SEEN},
    openapi_extra=fields_body({}),
)
async def withdraw_by_form(request: Request, who: Submitter, submission_id: Id) -> Response:
    """Take a submission back, as a form of a page does."""
    check_parameters(request, {"lang", "f"})
    return await _withdrawn(request, who, submission_id)


async def _withdrawn(request: Request, who: Who, identity: str) -> Response:
    desk = desk_of(request)
    await read_fields(request, {})
    await run(request, own, request, who, identity)
    one = await run(request, kept, desk.submissions.withdraw, identity, person(who))
    request.state.event, request.state.subject = "withdrawn", one.id
    return await told(request, who, one)


async def told(request: Request, who: Who, one: Submission) -> Response:
    """Answer with a submission as it was written; a browser is sent to its page."""
    if face_of(request, "json", "html") == "html":
        return see(request, "submissions", one.id)
    read = partial(document_of, request, who, one)
    return JSONResponse(await as_it_stands(request, read, written_document(request, one)), headers=FRESH)


async def as_it_stands(request: Request, read: Callable[[], T | None], written: T) -> T:
    """Return what is read after something was written; what was written, where nothing is found or can be read now.

    Who is told 503 takes what was done for not done.
    """
    try:
        found = await run(request, kept, read)
    except HTTPException as error:
        if error.status_code != HTTPStatus.SERVICE_UNAVAILABLE:
            raise
        return written
    return written if found is None else found


def own(request: Request, who: Who, identity: str) -> Submission:
    """Return a submission of somebody's own.

    Raises
    ------
    Refused
        404: there is none for them. 403: it is another's, which they may see.
    """
    with answered():
        one = submission_for(request, who, identity)
    if one.key != who.key:
        raise Refused(403, words.in_both("submission_of_another", id=one.id))
    return one


def person(who: Who) -> Person:
    """Return who asks, as the store knows people."""
    return Person(who.name, who.role, who.key)


def see(request: Request, *path: str) -> Response:
    """Send a browser to a page of ours, in its language."""
    lang = request.query_params.get("lang")
    return RedirectResponse(address_of(request, *path, lang=lang if lang in {"zh", "en"} else None), 303, FRESH)


def kept(function: Callable[..., T], *given: object, **named: object) -> T:
    """Do what writes, or say why it was not done."""
    with answered():
        return function(*given, **named)


def incoming(desk: Vault) -> Path:
    """Return where files lie while they come in."""
    place = desk.database.place / "incoming"
    with answered():
        try:
            place.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(error.__class__.__name__) from error
    return place


def upload_of(form: Form) -> Upload:
    """Return the file of a form.

    Raises
    ------
    Refused
        400: there is none. 422: it is empty.
    """
    upload = form.files.get("file")
    if upload is None:
        raise Refused(400, words.in_both("upload_missing"))
    if not upload.size:
        raise Refused(422, words.in_both("upload_empty", name=upload.filename))
    return upload


def _taken_in(desk: Vault, form: Form, who: Who, named: str | None, most_waiting: int) -> Submission:
    upload = upload_of(form)
    kind = kind_of(upload.file)
    if kind is None:
        raise Refused(415, words.in_both("upload_unknown_kind", name=upload.filename))
    with answered():
        digest = desk.objects.put(upload.file)
        sent = Sent(
            upload.filename, kind, digest, upload.size, form.fields.get("words", ""),
            form.fields.get("previous") or None, named,
        )  # fmt: skip
        return desk.submissions.receive(sent, person(who), who.roads, most_waiting=most_waiting)


def _check_name(named: str | None) -> None:
    if named is not None and not _PRINTABLE.fullmatch(named):
        raise Refused(400, words.in_both("idempotency_bad", most=_IDEMPOTENCY))


def _states(said: str | None) -> list[State]:
    names = [name.strip() for name in said.split(",")] if said else []
    if odd := [name for name in names if name not in STATES]:
        known = ", ".join(STATES)
        raise Refused(400, words.in_both("submission_state_unknown", known=known, odd=odd[0][:40]))
    return [state for state in STATES if state in names]


def _template(report: dr.report.Report, roads: Sequence[str], lang: str) -> bytes:
    with TemporaryDirectory() as folder:
        return write_template(Path(folder) / "template.xlsx", report, roads, lang=lang).read_bytes()
