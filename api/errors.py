"""What goes wrong, as problem details (RFC 9457): which status each error has, and nothing of the inside."""

from __future__ import annotations

import logging
from collections.abc import Collection
from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

import drainage as dr

PROBLEM = "application/problem+json"
STATUS: dict[type[Exception], int] = {
    dr.TopologyError: 404,  # the node that was named is not in the network
    dr.FormatError: 500,  # the rest are faults of the data that is served, not of the question
    dr.SchemaError: 500,
    dr.CrsError: 500,
    dr.SimulationError: 500,
}

log = logging.getLogger(__name__)


def bad_request(detail: str) -> HTTPException:
    """Make the error of a question that cannot be meant."""
    return HTTPException(400, detail)


def not_found(detail: str) -> HTTPException:
    """Make the error of a thing that is not there."""
    return HTTPException(404, detail)


def check_parameters(request: Request, known: Collection[str]) -> None:
    """Refuse query parameters that nobody reads, and those given twice (OGC API – Features 1.0, 7.5)."""
    given = [name for name, _ in request.query_params.multi_items()]
    if unknown := sorted(set(given) - set(known)):
        expected = f"expected {', '.join(sorted(known))}" if known else "this address takes none"
        raise bad_request(f"no such query parameter: {', '.join(unknown)}; {expected}")
    if twice := sorted({name for name in given if given.count(name) > 1}):
        raise bad_request(f"query parameter given more than once: {', '.join(twice)}")


def install(app: FastAPI) -> None:
    """Let every error leave the application as a problem."""
    for error in STATUS:
        app.add_exception_handler(error, _domain)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(Exception, _unforeseen)


def problem(request: Request, status: int, detail: str, headers: dict[str, str] | None = None) -> JSONResponse:
    """Dress an error."""
    body = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "instance": request.url.path,
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
        detail = {404: f"nothing is served at {request.url.path}", 405: "read only: ask with GET"}.get(status, detail)
    return problem(request, status, detail, getattr(error, "headers", None))


async def _invalid(request: Request, error: Exception) -> JSONResponse:
    faults = error.errors() if isinstance(error, RequestValidationError) else []
    texts = [f"{fault['loc'][-1]}: {fault['msg']}, got {str(fault.get('input'))[:100]!r}" for fault in faults]
    return problem(request, 400, "; ".join(texts))


async def _unforeseen(request: Request, _: Exception) -> JSONResponse:
    return problem(request, 500, "an error of the server; see its log")
