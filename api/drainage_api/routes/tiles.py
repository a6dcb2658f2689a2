"""The layers of a report as vector tiles: their description, and one tile at a time."""

from __future__ import annotations

import gzip
import re
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response
from fastapi.responses import JSONResponse

import drainage as dr
from drainage import words
from drainage.report import TITLE
from drainage.said import joined
from drainage_api.access.check import WholeReader
from drainage_api.access.who import Who
from drainage_api.asked.holding import version_of
from drainage_api.errors import UNKNOWN, check_parameters, not_found
from drainage_api.routes.network import Version
from drainage_api.served.answers import address_of, answer
from drainage_api.served.bodies import accepts_gzip, has_already
from drainage_api.served.served import served
from drainage_api.served.tiling import Tiles, tiles_of
from drainage_api.work.pool import run

MVT = "application/vnd.mapbox-vector-tile"
#: Zooms of the world that an address can name; there are tiles of fewer.
MOST_ZOOM = 22
_ROW = re.compile(r"([0-9]{1,7})(?:\.(?:mvt|pbf))?", re.ASCII)

router = APIRouter(tags=["Tiles"], responses=UNKNOWN)


@router.get("/tiles", operation_id="describeTiles", response_class=JSONResponse)
async def describe_tiles(request: Request, who: WholeReader, version: Version = None) -> Response:
    """Describe the tiles (TileJSON 3.0): where they are, their zooms, their layers and attributes."""
    check_parameters(request, {"version"})
    here = served(request)
    tiles = await _tiles(request, who)
    west, south, east, north = tiles.bounds
    low, high = tiles.zooms
    query = f"?version={version}" if version else ""
    document: dict[str, Any] = {
        "tilejson": "3.0.0",
        "name": TITLE,
        "version": "1.0.0",
        "scheme": "xyz",
        "format": "pbf",
        "tiles": [f"{address_of(request, 'tiles')}/{{z}}/{{x}}/{{y}}{query}"],
        "minzoom": low,
        "maxzoom": high,
        "bounds": [west, south, east, north],
        "center": [(west + east) / 2, (south + north) / 2, low + 6],
        "vector_layers": [{**layer, "description": _title(layer["id"])} for layer in tiles.layers],
    }
    if here.notice:
        document["attribution"] = str(here.notice["notice"])
    return answer(request, document)


@router.get(
    "/tiles/{z}/{x}/{y}",
    operation_id="getTile",
    response_class=Response,
    responses={200: {"content": {MVT: {}}}, 204: {"description": "Nothing lies there"}},
)
async def show_tile(
    request: Request,
    who: WholeReader,
    z: Annotated[int, Path(ge=0, le=MOST_ZOOM)],
    x: Annotated[int, Path(ge=0, lt=2**MOST_ZOOM)],
    y: Annotated[str, Path(max_length=11, description="Row from the north; it may end in .mvt or .pbf.")],
    version: Version = None,
) -> Response:
    """Return a tile (Mapbox Vector Tile 2), gzipped; 204 where nothing lies, 404 beyond the zooms of the tiles."""
    del version  # read where the tiles are
    check_parameters(request, {"version"})
    written = _ROW.fullmatch(y)
    if written is None or max(x, int(written[1])) >= 2**z:
        raise not_found(words.in_both("tile_none", tile=f"{z}/{x}/{y[:11]}", most=2**z))
    tiles = await _tiles(request, who)
    low, high = tiles.zooms
    if not low <= z <= high:
        raise not_found(words.in_both("tile_zoom", zoom=z, low=low, high=high))
    packed = takes_packed(request.headers.get("accept-encoding"))
    tag = f'"{served(request).digest[:24]}-{z}-{x}-{written[1]}{"-gzip" if packed else ""}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache", "Vary": "Accept-Encoding, Authorization, Cookie"}
    if has_already(request.headers.get("if-none-match", ""), (tag,)):
        return Response(status_code=304, headers=headers)
    found = tiles.get(z, x, int(written[1]))
    if found is None:
        return Response(status_code=204, headers=headers)
    if packed:
        return Response(found, headers={**headers, "Content-Encoding": "gzip"}, media_type=MVT)
    return Response(await run(request, gzip.decompress, found), headers=headers, media_type=MVT)


def takes_packed(accepted: str | None) -> bool:
    """Tell whether a client takes a tile as it is stored; one that says nothing takes anything (RFC 9110, 12.5.3)."""
    return accepted is None or accepts_gzip(accepted)


async def _tiles(request: Request, who: Who) -> Tiles:
    here = served(request)
    try:
        return await tiles_of(here, who, version_of(request)).wait()
    except dr.errors.FormatError as error:
        raise not_found(joined([error.said])) from error


def _title(name: str) -> str:
    known = words.all_of("collections").get(name)
    return name if known is None else known.both
