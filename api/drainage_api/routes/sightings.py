"""Sightings of water in the streets: told by anybody, shown once an engineer has looked at them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Annotated, Any, Final, TypeVar, cast

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse

import drainage as dr
from drainage import words
from drainage.report import compare_sightings
from drainage.said import joined
from drainage_api.access.check import Anyone, Decider, Refused, WholeReader, desk_of, later
from drainage_api.access.forms import Form, read_fields, read_form
from drainage_api.access.keeper import Vault, asker_of, keeper
from drainage_api.access.sessions import same_site
from drainage_api.access.storing import answered
from drainage_api.asked.parameters import MAX_LIMIT, Limit, Offset
from drainage_api.asked.witness import FIELDS, read_seen
from drainage_api.errors import SENT, UNKNOWN, check_parameters, not_found, shortened
from drainage_api.faces.bodies_told import FLAG, fields_body, form_body, text
from drainage_api.faces.sightings_json import sighting_document, sightings_document, summary_document
from drainage_api.routes.submissions import SEEN, incoming, see
from drainage_api.served.answers import FRESH, face_of
from drainage_api.served.marked import town_extent
from drainage_api.served.served import served
from drainage_api.store.sentences import both
from drainage_api.store.spotted import STATES, Seen, Sighting, TooManyError
from drainage_api.work.photographs import Darkroom, PhotoError, PhotosWait
from drainage_api.work.pool import run

T = TypeVar("T")

#: Characters of a note on a decision; own choice.
NOTE: Final = 500
JPEG: Final = "image/jpeg"

router = APIRouter(tags=["Sightings"])

OfState = Annotated[str | None, Query(description=f"One of {', '.join(STATES)}.")]


@router.post(
    "/sightings",
    operation_id="tellSighting",
    status_code=201,
    response_class=JSONResponse,
    responses={**SENT, 200: {"description": "It is kept already"}, 404: UNKNOWN[404]},
    openapi_extra=form_body({name: text(most) for name, most in FIELDS.items()}, files={"photo": False}),
)
async def tell_sighting(request: Request, who: Anyone) -> Response:
    """Tell of water in a street: `lon`, `lat`, `time`, `depth_m`, `words` and a `photo`; open to everybody.

    The same again (address, place and time) is answered with the sighting that is kept already.
    """
    del who
    check_parameters(request, ("lang",))
    request.state.nameless = True  # whoever tells of water is not written down
    request.state.by_cookie = False  # nothing is done in the name of who is signed in
    desk, address, most = desk_of(request), asker_of(request), keeper(request).settings.sightings_per_hour
    if not same_site(request):
        raise Refused(403, words.in_both("other_site"))
    if wait := keeper(request).tries.wait_s(address):
        raise later("too_many_requests", wait, status=429)
    if wait := await asyncio.to_thread(_wait_s, desk, address, most):  # not in the pool: it comes before the body
        raise _too_many(wait)
    with await _form(request, desk) as form:
        seen = read_seen(form.fields, town_extent(served(request), keeper(request).local))
        one, new = await _taken(request, desk, seen, form, address)
    request.state.event, request.state.subject = "sighting received", one.id
    told = {"id": one.id, "state": one.state, "words": both(words.in_both("sighting_received", id=one.id))}
    return JSONResponse(told, 201 if new else 200, FRESH)


@router.get("/sightings", operation_id="listSightings", response_class=JSONResponse, responses=UNKNOWN)
async def list_sightings(
    request: Request, who: WholeReader, state: OfState = None, limit: Limit = 100, offset: Offset = 0
) -> Response:
    """List sightings, the newest first, with how many there are in each state."""
    del who
    check_parameters(request, ("state", "limit", "offset"))
    if state is not None and state not in STATES:
        raise Refused(400, words.in_both("sighting_states", states=", ".join(STATES)))
    desk = desk_of(request)
    found = await in_store(request, lambda: sightings_document(request, desk, state, min(limit, MAX_LIMIT), offset))
    request.state.count = len(found["sightings"])
    return JSONResponse(found, headers=FRESH)


@router.get("/sightings/summary", operation_id="summariseSightings", response_class=JSONResponse, responses=UNKNOWN)
async def summarise_sightings(request: Request, who: WholeReader) -> Response:
    """Tell hits and misses: the shown sightings beside the computed points."""
    del who
    check_parameters(request, ())
    desk, here = desk_of(request), served(request)

    def compared() -> dict[str, Any]:
        return summary_document(compare_sightings(here.report(), desk.sightings.frame("shown")))

    try:
        return JSONResponse(await in_store(request, compared), headers=FRESH)
    except (dr.errors.NotKnownError, dr.errors.CrsError) as error:
        raise not_found(joined([error.said])) from error


@router.get("/sightings/{sighting_id}", operation_id="getSighting", response_class=JSONResponse, responses=UNKNOWN)
async def get_sighting(request: Request, sighting_id: str, who: WholeReader) -> Response:
    """Return a sighting with what was decided about it."""
    del who
    check_parameters(request, ())
    one = await _one(request, sighting_id)
    return JSONResponse(sighting_document(request, one), headers=FRESH)


@router.get(
    "/sightings/{sighting_id}/photo",
    operation_id="getSightingPhoto",
    response_class=Response,
    responses={200: {"content": {JPEG: {}}}, **UNKNOWN},
)
async def get_photo(request: Request, sighting_id: str, who: Anyone) -> Response:
    """Return the photograph of a sighting: to everybody once it is shown, before that to engineers."""
    check_parameters(request, {"lang"})
    one = await _one(request, sighting_id)
    if one.photo is None or not (one.state == "shown" or (who.whole and who.may("read"))):
        raise not_found(words.in_both("no_such_photo", id=one.id))
    digest, desk = one.photo, desk_of(request)
    content = await in_store(request, lambda: desk.objects.read(digest))
    headers = FRESH | {"Content-Disposition": f'inline; filename="{one.id}.jpg"', "X-Content-Type-Options": "nosniff"}
    return Response(content, media_type=JPEG, headers=headers)


@router.post(
    "/sightings/{sighting_id}/decision",
    operation_id="decideSighting",
    response_class=JSONResponse,
    responses={**SENT, **UNKNOWN, **SEEN},
    openapi_extra=fields_body({"show": FLAG, "state": text(10), "note": text(NOTE)}),
)
async def decide_sighting(request: Request, sighting_id: str, who: Decider) -> Response:
    """Show a sighting to everybody, or hide it: `{"show": true, "note": "…"}`; it can be decided about again."""
    check_parameters(request, {"lang", "f"})
    said = await read_fields(request, {"show": bool, "state": 10, "note": NOTE})
    show = said.get("show", {"shown": True, "hidden": False}.get(said.get("state", "")))
    if show is None:
        raise Refused(422, words.in_both("sighting_decision"))
    before, desk = await _one(request, sighting_id), desk_of(request)
    note = said.get("note", "")
    one = await in_store(request, lambda: desk.sightings.decide(before.id, show=show, by=who.name, note=note))
    request.state.event, request.state.subject = f"sighting {'shown' if show else 'hidden'}", before.id
    if face_of(request, "json", "html") == "html":
        return see(request, "desk")
    return JSONResponse(sighting_document(request, one or before), headers=FRESH)


async def in_store(request: Request, ask: Callable[[], T]) -> T:
    """Ask the store in the pool; what fails in it is said as an answer."""

    def asked() -> T:
        with answered():
            return ask()

    return await run(request, asked)


def _wait_s(desk: Vault, address: str, most: int) -> float:
    with answered():
        return desk.sightings.wait_s(address, most=most)


async def _form(request: Request, desk: Vault) -> Form:
    most = keeper(request).settings.photo_bytes
    return await read_form(request, files=("photo",), fields=FIELDS, most_bytes=most, folder=incoming(desk))


async def _taken(request: Request, desk: Vault, seen: Seen, form: Form, address: str) -> tuple[Sighting, bool]:
    """Keep what was seen; its photograph is drawn anew only where it is not kept already."""
    known = await in_store(request, lambda: desk.sightings.known(seen, address))
    if known is not None:
        return known, False
    photo = await _photo(request, form)
    most = keeper(request).settings.sightings_per_hour

    def keep() -> tuple[Sighting, bool]:
        digest = desk.objects.put(photo) if photo else None
        return desk.sightings.add(seen, digest, address, most=most)

    try:
        return await in_store(request, keep)
    except TooManyError as error:
        raise _too_many(error.seconds) from None


async def _photo(request: Request, form: Form) -> bytes:
    """Return the photograph drawn anew; nothing where none came."""
    upload = form.files.get("photo")
    if upload is None:
        return b""
    if not upload.size:
        raise Refused(422, words.in_both("photo_empty"))
    upload.file.seek(0)
    darkroom = cast("Darkroom", request.app.state.darkroom)
    try:
        return await darkroom.redraw(upload.file.read())
    except PhotoError as error:
        raise Refused(415, error.said) from None
    except PhotosWait:
        raise later("photos_wait", 5.0) from None


async def _one(request: Request, identity: str) -> Sighting:
    desk = desk_of(request)
    one = await in_store(request, lambda: desk.sightings.get(identity))
    if one is None:
        raise not_found(words.in_both("no_such_sighting", id=shortened(identity)))
    return one


def _too_many(seconds: float) -> Refused:
    minutes = max(1, round(seconds / 60))
    return Refused(429, words.in_both("sightings_too_many", minutes=minutes), {"Retry-After": str(round(seconds))})
