"""Jobs: how far one is; to stop one, and to try a failed one again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from fastapi.responses import JSONResponse

from drainage import words
from drainage_api.access.check import Operator, Reader, Refused, desk_of
from drainage_api.access.forms import read_fields
from drainage_api.access.keeper import Vault
from drainage_api.access.who import Who
from drainage_api.errors import NOT_NOW, SENT, UNKNOWN, check_parameters, shortened
from drainage_api.faces.bodies_told import fields_body
from drainage_api.models import JobTold
from drainage_api.routes.submissions import SEEN, as_it_stands, kept, person, see
from drainage_api.served.answers import FRESH, face_of
from drainage_api.store.queue import Job
from drainage_api.store.submitting.submitted import KIND
from drainage_api.work.pool import run

Id = Annotated[str, Path(max_length=40, description="Id of a job.")]

router = APIRouter(tags=["Jobs"], responses=UNKNOWN)


@router.get("/jobs/{job_id}", operation_id="getJob", response_model=JobTold)
async def show_job(request: Request, who: Reader, job_id: Id) -> Response:
    """Tell how far a job is."""
    check_parameters(request, ())
    job = await run(request, kept, _job_for, desk_of(request), who, job_id)
    return JSONResponse(job.document(), headers=FRESH)


@router.delete(
    "/jobs/{job_id}", operation_id="cancelJob", response_model=JobTold, responses={**NOT_NOW, **SENT}
)  # fmt: skip
async def cancel_job(request: Request, who: Reader, job_id: Id) -> Response:
    """Stop a job: what it was for fails, and can be tried again. For its owner, and for the operator."""
    return await _cancelled(request, who, job_id)


@router.post(
    "/jobs/{job_id}/cancellation",
    operation_id="cancelJobByForm",
    response_model=JobTold,
    responses={**NOT_NOW, **SENT, **SEEN},
    openapi_extra=fields_body({}),
)
async def cancel_job_by_form(request: Request, who: Reader, job_id: Id) -> Response:
    """Stop a job, as a form of a page does."""
    return await _cancelled(request, who, job_id)


@router.post(
    "/jobs/{job_id}/retry",
    operation_id="retryJob",
    response_model=JobTold,
    responses={**NOT_NOW, **SENT, **SEEN},
    openapi_extra=fields_body({}),
)
async def retry_job(request: Request, who: Operator, job_id: Id) -> Response:
    """Begin a failed job anew."""
    check_parameters(request, {"lang", "f"})
    desk = desk_of(request)
    await read_fields(request, {})
    job = await run(request, kept, _job_for, desk, who, job_id)
    await run(request, kept, _retried, desk, job, who)
    request.state.subject = job.subject
    again = replace(job, state="waiting", attempts=0, progress=None, error=None)
    return await _told(request, partial(desk.queue.of, job.subject), again)


async def _cancelled(request: Request, who: Who, job_id: str) -> Response:
    check_parameters(request, {"lang", "f"})
    desk = desk_of(request)
    await read_fields(request, {})
    job = await run(request, kept, _job_for, desk, who, job_id)
    if not who.may("operate") and not (who.may("submit") and job.owner == who.key):
        raise Refused(403, words.in_both("may_not", name=who.name, role=who.role))
    await run(request, kept, _stopped, desk, job, who)
    request.state.event, request.state.subject = "cancelled", job.subject
    return await _told(request, partial(desk.queue.get, job_id), replace(job, state="cancelled"))


async def _told(request: Request, read: Callable[[], Job | None], written: Job) -> Response:
    if face_of(request, "json", "html") == "html":
        return see(request, "desk")
    job = await as_it_stands(request, read, written)
    return JSONResponse(job.document(), headers=FRESH)


def _job_for(desk: Vault, who: Who, job_id: str) -> Job:
    job = desk.queue.get(job_id)
    if job is None or (not who.whole and job.owner != who.key):
        raise Refused(404, words.in_both("job_unknown", id=shortened(job_id)))
    return job


def _stopped(desk: Vault, job: Job, who: Who) -> None:
    with desk.database.writing() as connection:
        if not desk.queue.cancel_job(connection, job.id):
            raise _over(job, "job_over")
        said = words.in_both("job_cancelled", name=who.name)
        if job.kind == KIND:
            desk.submissions.failed(connection, job.subject, said, person(who))
        else:
            desk.evidence.failed(connection, job.subject, said)


def _retried(desk: Vault, job: Job, who: Who) -> None:
    with desk.database.writing() as connection:
        if job.kind == KIND:
            desk.submissions.retry(connection, job.subject, person(who))
        elif (again := desk.evidence.retry(connection, job.subject)) is None:
            raise _over(desk.queue.of(job.subject) or job, "job_not_failed")
        elif again != job.subject:
            raise Refused(409, words.in_both("evidence_sent_since", id=again))


def _over(job: Job, sentence: str) -> Refused:
    return Refused(409, words.in_both(sentence, state=words.all_of("job_states")[job.state]))
