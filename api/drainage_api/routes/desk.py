"""The desk, as a page for people: what waits for whoever is signed in."""

from __future__ import annotations

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse

from drainage_api.access.check import Reader
from drainage_api.access.who import Who
from drainage_api.errors import UNKNOWN, check_parameters
from drainage_api.faces.desk.desk_page import desk_page
from drainage_api.faces.desk.gathered import gathered
from drainage_api.routes.submissions import kept
from drainage_api.work.pool import run

router = APIRouter(include_in_schema=False, responses=UNKNOWN)  # pages for people


@router.get("/desk", operation_id="getDesk", response_class=HTMLResponse)
async def show_desk(
    request: Request,
    who: Reader,
    previous: Annotated[str, Query(description="Submission that the next one replaces.")] = "",
) -> Response:
    """Show what waits for whoever is signed in."""
    check_parameters(request, {"previous", "lang"}, for_people=True)
    return await run(request, partial(kept, _page, request, who, previous))


def _page(request: Request, who: Who, previous: str) -> Response:
    return desk_page(request, who, gathered(request, who), fields={"previous": previous})
