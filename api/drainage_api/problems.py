"""What goes wrong, as problem details (RFC 9457): which status each error has, and nothing of the inside."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Collection
from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

import drainage as dr
from drainage_api.wire import PROBLEM, Problem

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
_SHOWN = 100  # characters of a text of the client that an answer repeats

log = logging.getLogger(__name__)


def _described(text: str) -> dict[str, object]:
    return {"description": text, "content": {PROBLEM: {"schema": Problem.model_json_schema()}}}


#: What an address can answer beside what it is for, and those of them that name a thing.
REFUSED: dict[int | str, dict[str, object]] = {
    304: {"description": "Not modified"},
    400: _described("An unknown or invalid parameter"),
    "default": _described("A server error"),
}
UNKNOWN: dict[int | str, dict[str, object]] = {404: _described("No such thing")}


def bad_request(detail: str) -> HTTPException:
    """Make the error of an invalid question."""
    return HTTPException(400, detail)


def not_found(detail: str) -> HTTPException:
    """Make the error of a thing that is not there."""
    return HTTPException(404, detail)


def check_parameters(request: Request, known: Collection[str]) -> None:
    """Refuse query parameters that nobody reads, those given twice (OGC API – Features 1.0, 7.5), and endless ones."""
    if len(request.scope["query_string"]) > MAX_QUERY:
        raise bad_request(f"the query is longer than {MAX_QUERY} bytes")
    parameters = request.query_params.multi_items()
    if len(parameters) > MAX_PARAMETERS:
        raise bad_request(f"more than {MAX_PARAMETERS} query parameters")
    if long := [name for name, value in parameters if len(value) > MAX_VALUE]:
        raise bad_request(f"the value of {listed(long)} is longer than {MAX_VALUE} characters")
    counts = Counter(name for name, _ in parameters)
    if unknown := sorted(counts.keys() - set(known)):
        expected = f"expected {', '.join(sorted(known))}" if known else "this path takes none"
        raise bad_request(f"no such query parameter: {listed(unknown)}; {expected}")
    if twice := sorted(name for name, count in counts.items() if count > 1):
        raise bad_request(f"query parameter given more than once: {listed(twice)}")


def shortened(text: str) -> str:
    """Repeat what a client sent, but not all of it where it is long."""
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def listed(names: Collection[str]) -> str:
    """Name the first few."""
    return ", ".join(shortened(name) for name in list(names)[:5]) + (", …" if len(names) > 5 else "")


def install(app: FastAPI) -> None:
    """Make every error leave the application as a problem document."""
    for error in STATUS:
        app.add_exception_handler(error, _domain)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(Exception, _unforeseen)


def problem(request: Request, status: int, detail: str, headers: dict[str, str] | None = None) -> JSONResponse:
    """Make the response of an error."""
    body = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "instance": shortened(request.url.path),
    }
    return JSONResponse(body, status, headers, media_type=PROBLEM)


async def _domain(request: Request, error: Exception) -> JSONResponse:
    status = STATUS[type(error)]
    if status >= 500:
        log.error("%s: %s", request.url.path, error)
        return problem(request, status, "the network that is served cannot answer this; see the server's log")
    return problem(request, status, str(error))


async def _http(request: Request, error: Exception) -> JSONResponse:
    status, detail = getattr(error, "status_code", 500), getattr(error, "detail", "")
    if detail == HTTPStatus(status).phrase:
        nothing = f"nothing is served at {shortened(request.url.path)}"
        detail = {404: nothing, 405: "read only: use GET"}.get(status, detail)
    return problem(request, status, detail, getattr(error, "headers", None))


async def _invalid(request: Request, error: Exception) -> JSONResponse:
    faults = error.errors() if isinstance(error, RequestValidationError) else []
    texts = [f"{fault['loc'][-1]}: {fault['msg']}, got {str(fault.get('input'))[:100]!r}" for fault in faults]
    return problem(request, 400, "; ".join(texts))


async def _unforeseen(request: Request, _: Exception) -> JSONResponse:
    return problem(request, 500, "a server error; see the log of the server")
