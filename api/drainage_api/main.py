"""The application put together: one report, its map, its collections.

Started with ``uvicorn --factory drainage_api.main:create_app``; `Settings` says what its environment names.
"""

from __future__ import annotations

from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

import drainage as dr
from drainage.report import TITLE
from drainage_api import errors
from drainage_api.access import guarding
from drainage_api.access.headers import Secured
from drainage_api.faces.problems_html import problem_page
from drainage_api.routes import (
    decisions,
    desk,
    evidence,
    history,
    items,
    job_routes,
    landing,
    network,
    operate,
    pages,
    pay_sheets,
    schemas,
    sightings,
    sign_in,
    submissions,
    submitted_papers,
    tiles,
)
from drainage_api.served.bodies import HEAD, Kept
from drainage_api.served.loading import load
from drainage_api.served.public_face import imprint_of
from drainage_api.served.served import Served
from drainage_api.served.shelf import Shelf
from drainage_api.settings import Settings, from_environment
from drainage_api.work import pool
from drainage_api.work.meter import Meter
from drainage_api.work.observed import Observed
from drainage_api.work.photographs import Darkroom
from drainage_api.work.reloading import Board

ROOMS = (
    landing,
    desk,
    history,
    items,
    schemas,
    network,
    tiles,
    pages,
    operate,
    sign_in,
    submissions,
    submitted_papers,
    decisions,
    job_routes,
    pay_sheets,
    sightings,
    evidence,
)


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
    if report is None:
        return assemble(settings, load(settings))
    return assemble(settings, Served({"": report}, settings))


def assemble(
    settings: Settings, here: Served | None, *, meter: Meter | None = None, board: Board | None = None
) -> FastAPI:
    """Make the application of what was loaded; of nothing, where it is still being read.

    Parameters
    ----------
    meter, board
        Those that it shares with other workers.
    """
    imprint_of(settings)  # refuses what cannot stand on the public page
    said = str(here.notice.get("notice", "")) if here is not None else ""
    app = FastAPI(
        title=TITLE,
        version=dr.__version__,
        description=said,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    app.openapi_version = "3.0.3"  # which the standard names
    app.state.served, app.state.settings = here, settings
    app.state.kept = Kept(settings.kept_mb * 1_000_000)
    app.state.meter, app.state.board = meter or Meter(), board or Board()
    app.state.darkroom = Darkroom()
    pool.install(app, settings)
    for room in ROOMS:
        app.include_router(room.router, responses=errors.REFUSED)
    errors.install(app, show=problem_page)
    app.state.paths = {route.path for room in ROOMS for route in room.router.routes if isinstance(route, APIRoute)}
    app.state.meter.know(app.state.paths)
    if settings.cors_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=list(settings.cors_origins),
            allow_methods=["GET"],
            allow_headers=["Authorization"],
            expose_headers=["ETag"],
        )
    app.add_middleware(HeadAsGet)
    keeper = guarding.install(app, settings)
    if keeper.vault is not None:
        app.state.shelf = Shelf(keeper.vault, settings)
    app.add_middleware(Observed)
    app.add_middleware(Secured)  # around the answers to what failed too
    return app


class HeadAsGet:
    """Answer HEAD as GET; the server keeps the body to itself (RFC 9110, 9.3.2)."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap an application."""
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on with the other method."""
        head = scope["type"] == "http" and scope["method"] == "HEAD"
        await self.app({**scope, "method": "GET", HEAD: True} if head else scope, receive, send)


def _from_environment(report: dr.report.Report | None) -> FastAPI:
    try:
        return create_app(from_environment(), report=report)
    except dr.DrainageError as error:
        raise SystemExit(str(error)) from error
