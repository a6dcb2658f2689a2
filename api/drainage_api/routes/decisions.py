"""What people say of a submission to each other: decisions, appeals, and the notices of both."""

from __future__ import annotations

import logging
from functools import partial
from typing import Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from drainage import words
from drainage_api.access.check import Decider, Reader, Refused, Submitter, desk_of
from drainage_api.access.forms import read_fields
from drainage_api.access.keeper import Vault
from drainage_api.errors import NOT_NOW, SENT, UNKNOWN, check_parameters
from drainage_api.faces.bodies_told import FLAG, fields_body, text
from drainage_api.faces.submissions_json import notices_document, submission_for
from drainage_api.models import NoticePage, Seen, SubmissionTold
from drainage_api.routes.submissions import SEEN, WORDS, Face, Few, Id, Skipped, kept, own, person, see, told
from drainage_api.served.answers import FRESH, face_of
from drainage_api.store.objects import DamagedError
from drainage_api.work.pool import run

log = logging.getLogger(__name__)

_NUMBER: Final = 18  # characters of the number of a notice: no database holds longer ones

router = APIRouter(tags=["Submissions"], responses=UNKNOWN)


@router.post(
    "/submissions/{submission_id}/decision",
    operation_id="decide",
    response_model=SubmissionTold,
    responses={**NOT_NOW, **SENT, **SEEN},
    openapi_extra=fields_body({"accept": FLAG, "comment": text(WORDS)}, required=("accept",)),
)
async def decide(request: Request, who: Decider, submission_id: Id) -> Response:
    """Accept a submission, which makes the next version, or return it with a comment."""
    check_parameters(request, {"lang", "f"})
    desk = desk_of(request)
    said = await read_fields(request, {"accept": bool, "comment": WORDS})
    await run(request, kept, submission_for, request, who, submission_id)
    if "accept" not in said:
        raise Refused(422, words.in_both("decision_wants_accept"))
    accept, comment = said["accept"], said.get("comment", "")
    if not accept and not comment:
        raise Refused(422, words.in_both("return_wants_comment"))
    if accept:
        await run(request, partial(kept, _check_whole, desk, submission_id))
    decided = await run(
        request,
        partial(kept, desk.submissions.decide, submission_id, person(who), accept=accept, comment=comment),
    )
    request.state.subject = submission_id
    if not decided.stands:
        raise Refused(409, words.in_both("submission_was_rebased"))
    request.state.event = decided.submission.state
    return await told(request, who, decided.submission)


def _check_whole(desk: Vault, identity: str) -> None:
    """Refuse to build on a version that is damaged, or to make one."""
    head, one = desk.versions.head(), desk.submissions.get(identity)
    if head is None or one is None or one.state != "computed" or one.base != head.number:
        return  # which is said of it below
    try:
        for tree in (head.tree, str((one.comparison or {}).get("tree"))):
            for digest in desk.objects.listed(tree).values():
                desk.objects.path(digest)
    except DamagedError as error:
        log.error("nothing is accepted, the store is damaged: %s", error, extra={"told": {"submission": identity}})  # noqa: TRY400 - its own words
        raise Refused(503, words.in_both("nothing_accepted_damaged")) from error


@router.post(
    "/submissions/{submission_id}/appeal",
    operation_id="appeal",
    response_model=SubmissionTold,
    responses={**NOT_NOW, **SENT, **SEEN},
    openapi_extra=fields_body({"words": text(WORDS)}, required=("words",)),
)
async def appeal(request: Request, who: Submitter, submission_id: Id) -> Response:
    """Ask for another decision after a return, with the reasons; once."""
    check_parameters(request, {"lang", "f"})
    desk = desk_of(request)
    said = (await read_fields(request, {"words": WORDS})).get("words", "")
    await run(request, own, request, who, submission_id)
    if not said:
        raise Refused(422, words.in_both("appeal_wants_words"))
    one = await run(request, kept, desk.submissions.appeal, submission_id, person(who), said)
    request.state.event, request.state.subject = "appealed", submission_id
    return await told(request, who, one)


@router.get("/notices", operation_id="getNotices", response_model=NoticePage)
async def list_notices(request: Request, who: Reader, limit: Few = 50, offset: Skipped = 0, f: Face = None) -> Response:
    """List what the sender of submissions is told: accepted, returned, failed, to be computed anew."""
    del f
    check_parameters(request, {"limit", "offset", "f", "lang"})
    document = await run(request, partial(kept, notices_document, request, who, limit=limit, offset=offset))
    return JSONResponse(document, headers=FRESH)


@router.post(
    "/notices/seen",
    operation_id="seeNotices",
    response_model=Seen,
    responses={**SENT, **SEEN},
    openapi_extra=fields_body({"until": text(_NUMBER)}),
)
async def see_notices(request: Request, who: Reader) -> Response:
    """Note that the notices were seen: all, or those up to a number."""
    check_parameters(request, {"lang", "f"})
    desk = desk_of(request)
    said = (await read_fields(request, {"until": _NUMBER})).get("until", "")
    if said and not (said.isascii() and said.isdecimal()):
        raise Refused(422, words.in_both("notice_number"))
    until = int(said) if said else None
    seen = await run(request, partial(kept, desk.submissions.notices.see, who.key, until=until))
    if face_of(request, "json", "html") == "html":
        return see(request, "desk")
    return JSONResponse({"seen": seen}, headers=FRESH)
