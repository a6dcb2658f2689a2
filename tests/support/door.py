"""A small application behind the door of the server: one route for each way to be let in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fastapi import FastAPI, Request

from drainage_api import errors
from drainage_api.access import guarding
from drainage_api.access.check import Anyone, Decider, Operator, Prober, Reader, Submitter, WholeReader
from drainage_api.access.headers import Secured
from drainage_api.access.keeper import Keeper
from drainage_api.routes import sign_in
from drainage_api.settings import Settings


def small_app(settings: Settings) -> FastAPI:
    """Make the application."""
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    app.state.settings = settings

    @app.get("/collections/{collection_id}/items")
    async def items(request: Request, collection_id: str, who: Reader) -> dict[str, object]:
        request.state.count = 3
        return {"of": collection_id, "who": who.name, "role": who.role, "roads": who.roads}

    @app.get("/map")
    async def whole(who: WholeReader) -> str:
        return who.role

    @app.get("/public")
    async def public(who: Anyone) -> str:
        return who.role

    @app.get("/health")
    async def health(who: Prober) -> str:
        return who.role

    @app.post("/submissions")
    async def submit(who: Submitter) -> str:
        return who.role

    @app.post("/decision")
    async def decide(who: Decider) -> str:
        return who.role

    @app.get("/metrics")
    async def operate(who: Operator) -> str:
        return who.role

    app.include_router(sign_in.router)
    errors.install(app)
    guarding.install(app, settings)
    app.add_middleware(Secured)
    return app


@contextmanager
def behind_the_door(store: Path | None = None, **settings: object) -> Iterator[tuple[FastAPI, Keeper]]:
    """Give the application and who keeps its door, and close the store afterwards."""
    app = small_app(Settings(store=store, **settings))  # type: ignore[arg-type]  # names of settings
    keeper: Keeper = app.state.keeper
    try:
        yield app, keeper
    finally:
        keeper.close()
