"""Tiles over HTTP. Truth: the frames that are served; GDAL and a decoder of others read the tiles."""

from __future__ import annotations

import gzip
import subprocess
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import geopandas as gpd
import mapbox_vector_tile
import numpy as np
import pytest
import shapely
from starlette.testclient import TestClient

import drainage as dr
from tests.support.api_reports import hand_made, without_place
from tests.support.asking import asking
from tests.support.running import in_thread
from tests.support.served_town import flooded, serving

MVT = "application/vnd.mapbox-vector-tile"
DEEPEST = 15


@pytest.fixture(scope="module")
def api() -> TestClient:
    return asking(serving())


@cache
def place(zoom: int) -> tuple[int, int]:
    """Column and row of the tile in which the first manhole lies."""
    lon, lat = shapely.get_coordinates(flooded().network.nodes.to_crs(4326).geometry.to_numpy())[0]
    return column_and_row(lon, lat, zoom)


def column_and_row(lon: float, lat: float, zoom: int) -> tuple[int, int]:
    """Return in which tile a place lies, by the formula of the projection."""
    down = 0.5 - np.arcsinh(np.tan(np.radians(lat))) / (2.0 * np.pi)
    return int((lon + 180.0) / 360.0 * 2**zoom), int(down * 2**zoom)


def tile(api: TestClient, zoom: int, ending: str = "") -> dict[str, Any]:
    column, row = place(zoom)
    answer = api.get(f"/tiles/{zoom}/{column}/{row}{ending}")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == MVT
    found: dict[str, Any] = mapbox_vector_tile.decode(answer.content)
    return found


def test_a_tilejson_says_where_they_are_and_what_they_hold(api: TestClient) -> None:
    told = api.get("/tiles").json()
    assert told["tilejson"] == "3.0.0"
    assert told["tiles"] == ["http://localhost/tiles/{z}/{x}/{y}"]
    assert (told["minzoom"], told["maxzoom"]) == (6, DEEPEST)
    layers = {layer["id"]: layer for layer in told["vector_layers"]}
    assert {"pipes", "waterlogging"} <= set(layers)
    assert "public_streets" not in layers
    assert layers["pipes"]["fields"]["diameter_mm"] == "Number"
    assert layers["nodes"]["description"].endswith("Nodes")
    west, south, east, north = told["bounds"]
    assert west < told["center"][0] < east
    assert south < told["center"][1] < north
    assert "synthetic" in told["attribution"].lower()


def test_every_pipe_is_in_the_tiles_of_the_deepest_zoom_with_its_attributes(api: TestClient) -> None:
    west, south, east, north = api.get("/tiles").json()["bounds"]
    columns, rows = zip(*(column_and_row(*at, DEEPEST) for at in ((west, north), (east, south))), strict=True)
    seen = dict[str, Any]()
    for column in range(columns[0], columns[1] + 1):
        for row in range(rows[0], rows[1] + 1):
            answer = api.get(f"/tiles/{DEEPEST}/{column}/{row}")
            if answer.status_code == 200:
                layer = mapbox_vector_tile.decode(answer.content).get("pipes", {"features": []})
                seen |= {one["properties"]["pipe_id"]: one["properties"] for one in layer["features"]}
    pipes = flooded().collections["pipes"]
    assert set(seen) == set(pipes.index)
    for name, told_of in seen.items():
        assert (told_of["system"], told_of["road"]) == (pipes.loc[name, "system"], pipes.loc[name, "road"])


def test_a_row_may_end_as_others_write_it(api: TestClient) -> None:
    assert tile(api, 14) == tile(api, 14, ".pbf") == tile(api, 14, ".mvt")


def test_it_goes_out_as_it_is_stored_under_a_tag(api: TestClient) -> None:
    column, row = place(14)
    with api.stream("GET", f"/tiles/14/{column}/{row}") as answer:
        raw = b"".join(answer.iter_raw())
    assert answer.headers["content-encoding"] == "gzip"
    assert "pipes" in mapbox_vector_tile.decode(gzip.decompress(raw))
    tag = answer.headers["etag"]
    assert api.get(f"/tiles/14/{column}/{row}", headers={"If-None-Match": tag}).status_code == 304


@pytest.mark.parametrize("accepted", ["identity", "gzip;q=0", "br"])
def test_who_cannot_unpack_gets_it_plain(api: TestClient, accepted: str) -> None:
    column, row = place(14)
    answer = api.get(f"/tiles/14/{column}/{row}", headers={"Accept-Encoding": accepted})
    assert "content-encoding" not in answer.headers
    assert "pipes" in mapbox_vector_tile.decode(answer.content)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("14/0/0", 204), ("5/0/0", 404), ("16/0/0", 404), ("14/16384/0", 404), ("14/0/16384", 404), ("14/0/x", 404),
        ("14/0/0.png", 404), ("23/0/0", 400), ("-1/0/0", 400), ("14/0", 404), ("14/0/0?version=after", 400),
        ("14/0/0?x=1", 400), ("14/0/00000000000000000000000000", 400),
    ],
)  # fmt: skip
def test_outside_there_is_nothing(api: TestClient, path: str, status: int) -> None:
    assert api.get(f"/tiles/{path}").status_code == status


def test_a_plan_that_lies_nowhere_has_none() -> None:
    answer = asking(serving(without_place(hand_made()))).get("/tiles")
    assert answer.status_code == 404
    assert "no layer lies anywhere" in answer.json()["detail"]


def test_tiles_are_made_once(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = list[int]()
    make = dr.maps.vector_tiles

    def counted(layers: Mapping[str, gpd.GeoDataFrame]) -> bytes:
        calls.append(1)
        return make(layers)

    monkeypatch.setattr(dr.maps, "vector_tiles", counted)
    api = asking(serving())
    assert [api.get("/tiles").status_code for _ in range(3)] == [200] * 3
    assert len(calls) == 1


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with in_thread(serving()) as (port, _):
        yield port


READ = """
import sys, pyogrio
options = dict(word.split("=", 1) for word in sys.argv[3:])
pyogrio.read_dataframe(sys.argv[1], layer="pipes", **options).to_parquet(sys.argv[2])
"""


def read_by_gdal(url: str, folder: Path, **options: str) -> gpd.GeoDataFrame:
    """Read in a process of its own: GDAL holds the lock of this one while it waits for an answer of this one."""
    place = folder / "found.parquet"
    words = [f"{name}={value}" for name, value in options.items()]
    subprocess.run([sys.executable, "-c", READ, url, place, *words], check=True, timeout=60)
    return gpd.read_parquet(place)


@pytest.mark.long
def test_gdal_finds_the_whole_city_by_the_tilejson(port: int, tmp_path: Path) -> None:
    server = f"http://127.0.0.1:{port}/tiles"
    found = read_by_gdal(f"MVT:{server}/{DEEPEST}", tmp_path, METADATA_FILE=server)
    assert set(found["pipe_id"]) == set(flooded().collections["pipes"].index)


@pytest.mark.long
def test_gdal_reads_a_tile_at_its_place(port: int, tmp_path: Path) -> None:
    column, row = place(DEEPEST)
    url = f"MVT:http://127.0.0.1:{port}/tiles/{DEEPEST}/{column}/{row}.pbf"
    found = read_by_gdal(url, tmp_path, X=str(column), Y=str(row), Z=str(DEEPEST))
    pipes = flooded().collections["pipes"].to_crs(3857)
    assert set(found["pipe_id"]) <= set(pipes.index)
    assert len(found)
    assert found.geometry.distance(shapely.union_all(pipes.geometry.to_numpy())).max() < 0.5
