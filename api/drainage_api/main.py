"""The application put together: one report, its map, its collections.

Started with ``uvicorn --factory drainage_api.main:create_app``; `Settings` says what its environment names.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Awaitable, Callable

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.responses import HTMLResponse
from pydantic import ValidationError
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

import drainage as dr
from drainage.report import TITLE
from drainage_api import problems, routes
from drainage_api.answers import Served, answer, etag, link, send, served
from drainage_api.settings import Settings
from drainage_api.wire import HTML, OPENAPI, OpenApi

CONFORMANCE = (
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/oas30",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/geojson",
)
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
}
CLOSED = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
# The map page carries the hashes of its scripts in a policy of its own; a browser holds it to both.
PAGE = f"{CLOSED}; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:; font-src data:"

router = APIRouter(tags=["Capabilities"])


def create_app(settings: Settings | None = None, *, report: dr.report.Report | None = None) -> FastAPI:
    """Make the application.

    Parameters
    ----------
    settings
        Default: those of the environment; what is wrong with them then ends the program with a message.
    report
        What to serve; default: what the settings name.

    Raises
    ------
    DrainageError
        The report or source cannot be read.
    """
    if settings is None:
        return _from_environment(report)
    report = load(settings) if report is None else report
    here = Served(report, str(settings.public_url) if settings.public_url else None)
    said = str(here.notice.get("notice", ""))
    app = FastAPI(
        title=TITLE, version=dr.__version__, description=said, openapi_url=None, docs_url=None, redoc_url=None
    )
    app.openapi_version = "3.0.3"  # which the standard names
    app.state.served = here
    app.include_router(router, responses=problems.REFUSED)
    app.include_router(routes.router, responses=problems.REFUSED)
    problems.install(app)
    app.add_middleware(GZipMiddleware, minimum_size=1024)
    if settings.cors_origins:
        app.add_middleware(
            CORSMiddleware, allow_origins=list(settings.cors_origins), allow_methods=["GET"], expose_headers=["ETag"]
        )
    app.middleware("http")(_secure)
    app.add_middleware(HeadAsGet)
    return app


def load(settings: Settings) -> dr.report.Report:
    """Read the report, or read and analyse the source.

    Raises
    ------
    DrainageError
        Neither was named, or what was named cannot be read.
    """
    if settings.results is not None:
        return dr.read_report(settings.results)
    if settings.source is None:
        raise dr.errors.FormatError(
            "nothing to serve: set DRAINAGE_RESULTS to a directory written by `drainage analyze`, "
            "or DRAINAGE_SOURCE to a network"
        )
    today = dt.datetime.now().astimezone().date()
    net = dr.read_network(settings.source).as_of(settings.as_of or today)
    formula = settings.storm_formula or ("demo" if net.synthetic else None)
    storm = None
    if formula is not None:
        storm = dr.DesignStorm(dr.read_storm_formula(formula), settings.return_period_a, settings.duration_min)
    dem = dr.read_dem(settings.dem, near=net) if settings.dem is not None else None
    setup = dr.Setup(
        tailwater_m=settings.tailwater_m,
        runoff_coefficient=settings.runoff_coefficient,
        uplift_within=settings.uplift_within,
        inlet_time_min=settings.inlet_time_min,
        served_distance_m=settings.served_distance_m,
    )
    return dr.analyze(net, storm=storm, setup=setup, dem=dem, area_type=settings.area_type)


@router.get("/", operation_id="getLandingPage", responses={200: {"content": {HTML: {}}}})
def show_landing_page(request: Request) -> Response:
    """List what the server offers; a browser, which asks for HTML, gets the map."""
    problems.check_parameters(request, ())
    if _prefers_html(request.headers.get("accept", "")):
        return show_map(request)
    here = served(request)
    links = [
        link(here.address(request), "self"),
        link(here.address(request, "api"), "service-desc", OPENAPI, "OpenAPI 3.0"),
        link(here.address(request, "conformance"), "conformance"),
        link(here.address(request, "collections"), "data"),
        link(here.address(request, "map"), "alternate", HTML, TITLE),
        link(here.address(request, "health"), "status"),
    ]
    description = "Where the city waterlogs, where sewage and storm water mix, how far each road is separated"
    summary = {"inputs": here.summary_of("inputs"), "network": here.summary_of("network")}
    return answer(request, {"title": TITLE, "description": description, "links": links, "summary": summary})


@router.get("/collections", operation_id="getCollections")
def list_collections(request: Request) -> Response:
    """List what is served."""
    problems.check_parameters(request, ())
    here = served(request)
    listed = [routes.metadata(request, here, name) for name in routes.names_of(here)]
    return answer(request, {"links": [link(here.address(request, "collections"), "self")], "collections": listed})


@router.get("/map", operation_id="getMap", response_class=HTMLResponse)
def show_map(request: Request) -> Response:
    """Show the map of the report; it needs no other file."""
    problems.check_parameters(request, ())
    body = served(request).report.page.encode()
    return send(request, body, HTML, etag(body))


@router.get("/health", operation_id="getHealth")
def tell_health(request: Request) -> Response:
    """Report that the server is running and what it serves."""
    problems.check_parameters(request, ())
    counts = {name: len(frame) for name, frame in served(request).report.collections.items()}
    return answer(request, {"status": "ok", "version": dr.__version__, "features": counts})


@router.get("/conformance", operation_id="getConformanceDeclaration")
def declare_conformance(request: Request) -> Response:
    """List the classes of the standard that are kept."""
    problems.check_parameters(request, ())
    return answer(request, {"conformsTo": list(CONFORMANCE)})


@router.get("/api", operation_id="getApi", response_class=OpenApi)
def show_api(request: Request) -> Response:
    """Describe every address (OpenAPI 3.0)."""
    problems.check_parameters(request, ())
    here = served(request)
    tree = request.app.openapi()
    own = {"servers": [{"url": here.address(request).rstrip("/")}], "paths": routes.with_filters(tree["paths"], here)}
    body = json.dumps(tree | own, ensure_ascii=False, allow_nan=False).encode()
    return send(request, body, OPENAPI, etag(body))


class HeadAsGet:
    """Answer HEAD as GET; the server keeps the body to itself (RFC 9110, 9.3.2)."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap an application."""
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on with the other method."""
        head = scope["type"] == "http" and scope["method"] == "HEAD"
        await self.app({**scope, "method": "GET"} if head else scope, receive, send)


async def _secure(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
    response = await call_next(request)
    is_page = response.headers.get("content-type", "").startswith(HTML)
    response.headers["Content-Security-Policy"] = PAGE if is_page else CLOSED
    for name, value in HEADERS.items():
        response.headers[name] = value
    return response


def _from_environment(report: dr.report.Report | None) -> FastAPI:
    try:
        return create_app(Settings(), report=report)
    except ValidationError as error:
        faults = [f"DRAINAGE_{'_'.join(map(str, fault['loc'])).upper()}: {fault['msg']}" for fault in error.errors()]
        raise SystemExit("\n".join(faults)) from error
    except dr.DrainageError as error:
        raise SystemExit(str(error)) from error


def _prefers_html(accept: str) -> bool:
    """Whether HTML is wanted more than JSON; JSON where nothing is said."""
    quality = {"html": 0.0, "json": 0.0}
    for part in accept.lower().split(","):
        kind, *options = (piece.strip() for piece in part.split(";"))
        weights = [option[2:] for option in options if re.fullmatch(r"q=[01](\.\d{0,3})?", option)]
        name = {"text/html": "html", "application/xhtml+xml": "html", "application/json": "json"}.get(kind)
        if name is not None:
            quality[name] = max(quality[name], float(weights[0]) if weights else 1.0)
    return quality["html"] > quality["json"]
