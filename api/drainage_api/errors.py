"""What goes wrong, as problem details (RFC 9457): which status each error has, and nothing of the inside."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from functools import partial
from http import HTTPStatus
from typing import Any, Final

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

import drainage as dr
from drainage.said import Said, in_language, joined
from drainage.words import LANGUAGES, in_both
from drainage_api.models import HTML, PROBLEM, Problem

STATUS: dict[type[Exception], int] = {
    dr.errors.TopologyError: 404,  # the node that was named is not in the network
    dr.errors.FormatError: 500,  # the rest are faults of the data that is served, not of the question
    dr.errors.SchemaError: 500,
    dr.errors.CrsError: 500,
    dr.errors.SimulationError: 500,
}

# No question that can be meant is longer; what is longer is refused before any work is done for it (own choice).
MAX_QUERY = 8_192  # bytes
MAX_PARAMETERS = 100
MAX_VALUE = 1_000  # characters
LONGER = {"filter": 4_096}  # which may be longer
_SHOWN = 100  # characters of a text of the client that an answer repeats

#: Makes a page of a status and what is said of it; None where no page is asked for.
Show = Callable[[Request, int, str], Response | None]

log = logging.getLogger(__name__)


def _described(text: str) -> dict[str, object]:
    """Describe an error: a document for programs, a page for who asks for one."""
    return {"description": text, "content": {PROBLEM: {"schema": Problem.model_json_schema()}, HTML: {}}}


#: What an address can answer beside what it is for, and those of them that name a thing.
REFUSED: dict[int | str, dict[str, object]] = {
    304: {"description": "Not modified"},
    400: _described("An unknown or invalid parameter"),
    401: _described("A key is wanted, or this is none"),
    403: _described("Not for this key, or not from here"),
    421: _described("Not a name of this server"),
    429: _described("Too many requests; `Retry-After` tells when to come again"),
    503: _described("Too many wait, or nothing is loaded yet; `Retry-After` tells when to come again"),
    "default": _described("A server error"),
}
UNKNOWN: dict[int | str, dict[str, object]] = {404: _described("No such thing")}

#: What a drawing or a report answers where the library that makes it is not installed.
LACKING: dict[int | str, dict[str, object]] = {501: _described("An extra is not installed; the detail names it")}
#: What a resource answers that is sent in parts to who asks for a range.
IN_PARTS: dict[int | str, dict[str, object]] = {
    206: {"description": "The part that was asked for"},
    416: {"description": "No such part"},
}

#: What an address can answer to what is sent there.
SENT: dict[int | str, dict[str, object]] = {
    413: _described("More than is taken in"),
    415: _described("A body of a kind that is not read here"),
    422: _described("What was sent cannot be taken as it is; the detail tells why"),
    507: _described("The store has no room, or cannot be written"),
}
#: Where what is asked for depends on what was done before.
NOT_NOW: dict[int | str, dict[str, object]] = {409: _described("Too early or too late; the detail tells the state")}


def bad_request(said: Said) -> HTTPException:
    """Make the error of an invalid question, told in both languages."""
    return refusal(400, said)


def not_found(said: Said) -> HTTPException:
    """Make the error of a thing that is not there, told in both languages."""
    return refusal(404, said)


def refusal(status: int, said: Said, headers: dict[str, str] | None = None) -> HTTPException:
    """Make an error that is told in both languages."""
    error = HTTPException(status, said.both, headers)
    error.said = said  # type: ignore[attr-defined]  # which `_http` tells language by language
    return error


def check_parameters(
    request: Request, known: Collection[str], *, repeated: Collection[str] = (), for_people: bool = False
) -> None:
    """Refuse query parameters that nobody reads, those given twice (OGC API – Features 1.0, 7.5), and endless ones.

    Parameters
    ----------
    for_people
        Of a page whose address people pass on: what messengers add to it, as ``from=singlemessage``, is not read.
    """
    if len(request.scope["query_string"]) > MAX_QUERY:
        raise bad_request(in_both("query_too_long", most=MAX_QUERY))
    parameters = request.query_params.multi_items()
    if len(parameters) > MAX_PARAMETERS:
        raise bad_request(in_both("query_too_many", most=MAX_PARAMETERS))
    if long := [name for name, value in parameters if len(value) > LONGER.get(name, MAX_VALUE)]:
        most = ", ".join(str(LONGER.get(name, MAX_VALUE)) for name in long[:5])
        raise bad_request(in_both("query_value_too_long", names=listed(long), most=most))
    counts = Counter(name for name, _ in parameters)
    if for_people:
        counts = Counter({name: count for name, count in counts.items() if name in known})
    if unknown := sorted(counts.keys() - set(known)):
        raise bad_request(in_both("query_unknown", names=listed(unknown), known=", ".join(sorted(known)) or "–"))
    if twice := sorted(name for name, count in counts.items() if count > 1 and name not in repeated):
        raise bad_request(in_both("query_twice", names=listed(twice)))


def shortened(text: str) -> str:
    """Repeat what a client sent, but not all of it where it is long."""
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def listed(names: Collection[str]) -> str:
    """Name the first few."""
    return ", ".join(shortened(name) for name in list(names)[:5]) + (", …" if len(names) > 5 else "")


def install(app: FastAPI, show: Show | None = None) -> None:
    """Make every error leave the application as a problem document.

    Parameters
    ----------
    show
        Makes a page of it for people; None of it where the client is a program.
    """
    app.state.show_problem = show
    for error in STATUS:
        app.add_exception_handler(error, _domain)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(Exception, _unforeseen)


def problem(
    request: Request, status: int, detail: str, headers: dict[str, str] | None = None, said: Said | None = None
) -> Response:
    """Make the response of an error: a page for who asks for one.

    Parameters
    ----------
    said
        The detail in both languages, where it is; the document has it language by language too.
    """
    show: Show | None = getattr(request.app.state, "show_problem", None)
    page = None if show is None else show(request, status, said or detail)
    if page is not None:
        page.headers.update(headers or {})
        return page
    body = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "instance": shortened(request.url.path),
    } | ({} if said is None else {"said": {lang: str(in_language(said, lang)) for lang in LANGUAGES}})
    return JSONResponse(body, status, headers, media_type=PROBLEM)


async def _domain(request: Request, error: Exception) -> Response:
    status = STATUS[type(error)]
    if status >= 500:
        log.error("%s: %s", request.url.path, error)
        return _told(request, status, in_both("server_cannot"))
    return _told(request, status, joined([getattr(error, "said", str(error))]))


def _told(request: Request, status: int, said: Said) -> Response:
    return problem(request, status, said.both, said=said)


async def _http(request: Request, error: Exception) -> Response:
    status, detail = getattr(error, "status_code", 500), getattr(error, "detail", "")
    said: Said | None = getattr(error, "said", None)
    if detail == HTTPStatus(status).phrase:
        nothing = in_both("nothing_served_at", path=shortened(request.url.path))
        said = {404: nothing, 405: in_both("method_not_here")}.get(status)
    if status == 404 and (path := request.url.path.rstrip("/")) and path != request.url.path:
        said = in_both("without_stroke", what=said or detail, path=shortened(path))
    detail = detail if said is None else said.both
    made = partial(problem, request, status, detail, getattr(error, "headers", None), said)
    # the page of a form that was refused is read from the store
    return await asyncio.to_thread(made) if request.method == "POST" else made()


async def _invalid(request: Request, error: Exception) -> Response:
    faults = error.errors() if isinstance(error, RequestValidationError) else []
    if missing := [str(fault["loc"][-1]) for fault in faults if fault["type"] == "missing"]:
        return _told(request, 400, in_both("parameter_missing", name=", ".join(missing)))
    return _told(request, 400, joined([_fault(fault) for fault in faults]) if faults else in_both("request_unread"))


def _fault(fault: Mapping[str, Any]) -> Said:
    """Return in our own words what is wrong with a parameter."""
    kind, bounds = str(fault["type"]), {**(fault.get("ctx") or {})}
    key = next((_FAULTS[name] for name in _FAULTS if kind.startswith(name)), "other")
    bound = next((str(value) for name, value in bounds.items() if name in _BOUNDS), "")
    name, got = shortened(str(fault["loc"][-1])), shortened(str(fault.get("input")))
    return in_both(f"parameter_{key}", name=name, got=got, bound=bound.replace("' or '", "', '"))


#: How what a parameter was checked for begins → the sentence for it; of a bound the members that tell it.
_FAULTS: Final = {
    "int_": "wants_integer", "float_": "wants_number", "finite_number": "wants_number", "bool_": "wants_flag",
    "greater_than": "too_small", "less_than": "too_large", "literal_error": "none_of", "enum": "none_of",
    "string_too_long": "too_long", "too_long": "too_many", "string_pattern": "other_form",
}  # fmt: skip
_BOUNDS: Final = ("ge", "gt", "le", "lt", "expected", "max_length", "pattern")


async def _unforeseen(request: Request, _: Exception) -> Response:
    return _told(request, 500, in_both("server_error"))
