"""The API on a real server, read by others: GDAL's OGC API – Features driver, and a plain HTTP client.

Truth: the frames of the hand-made report; an independent client must find the same features.
"""

from __future__ import annotations

import gzip
import http.client
import json
import threading
from collections.abc import Iterator
from dataclasses import replace

import geopandas as gpd
import pyogrio
import pytest
import uvicorn

import drainage as dr
from api.main import create_app
from api.settings import Settings
from tests.api_reports import hand_made

ODD = "污/水 ?#%2F&<b>"


class Server(uvicorn.Server):
    """A server that says when it listens."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listens = threading.Event()

    async def startup(self, sockets: list[object] | None = None) -> None:  # type: ignore[override]  # sockets are passed on
        await super().startup(sockets)  # type: ignore[arg-type]  # likewise
        self.listens.set()

    @property
    def port(self) -> int:
        """The port that the system chose."""
        return int(self.servers[0].sockets[0].getsockname()[1])


@pytest.fixture(scope="module")
def report() -> dr.Report:
    """The hand-made report, with one pipe whose id needs quoting."""
    made = hand_made()
    pipes = made.collections["pipes"].rename(index={"p5": ODD})
    return replace(made, collections={**made.collections, "pipes": pipes})


@pytest.fixture(scope="module")
def port(report: dr.Report) -> Iterator[int]:
    """A server on a free port of this machine."""
    app = create_app(Settings(), report=report)
    server = Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error", lifespan="off"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    assert server.listens.wait(30)
    yield server.port
    server.should_exit = True
    thread.join(30)


def read(port: int, layer: str, **options: object) -> gpd.GeoDataFrame:
    frame: gpd.GeoDataFrame = pyogrio.read_dataframe(
        f"OAPIF:http://127.0.0.1:{port}", layer=layer, PAGE_SIZE="5", **options
    )
    return frame


def ask(port: int, path: str, method: str = "GET", **headers: str) -> tuple[http.client.HTTPResponse, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request(method, path, headers=headers)
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer, body


class TestGdal:
    def test_finds_every_collection(self, port: int, report: dr.Report) -> None:
        layers = [name for name, _ in pyogrio.list_layers(f"OAPIF:http://127.0.0.1:{port}")]
        assert layers == list(report.collections)

    @pytest.mark.parametrize("name", ["pipes", "mixed_flow", "misconnections", "waterlogging", "issues"])
    def test_counts_the_same_features_page_by_page(self, port: int, report: dr.Report, name: str) -> None:
        assert len(read(port, name)) == len(report.collections[name])

    def test_reads_the_same_pipes_at_the_same_places(self, port: int, report: dr.Report) -> None:
        ours, theirs = report.collections["pipes"].to_crs(4326), read(port, "pipes").set_index("pipe_id")
        assert theirs.crs == "EPSG:4326"
        assert list(theirs.index) == list(ours.index)
        assert list(theirs["system"]) == list(ours["system"])
        assert theirs.geometry.geom_equals_exact(gpd.GeoSeries(ours.geometry, index=theirs.index), 1e-7).all()

    def test_pushes_a_box_to_the_server(self, port: int, report: dr.Report) -> None:
        pipes = report.collections["pipes"].to_crs(4326)
        west, south, east, north = pipes.total_bounds
        box = (west, south, (west + east) / 2, north)
        assert len(read(port, "pipes", bbox=box)) == int(
            pipes.intersects(gpd.GeoSeries.from_xy([0], [0]).iloc[0]).sum()
        ) + len(pipes.cx[box[0] : box[2], box[1] : box[3]])

    @pytest.mark.parametrize(
        ("where", "count"), [("system='storm'", 12), ("diameter_mm=700", 6), ("system='storm' AND diameter_mm=700", 6)]
    )
    def test_pushes_filters_to_the_server(self, port: int, where: str, count: int) -> None:
        assert len(read(port, "pipes", where=where)) == count


class TestPlainClient:
    def test_takes_a_compressed_page(self, port: int) -> None:
        answer, body = ask(port, "/collections/pipes/items", **{"Accept-Encoding": "gzip"})
        assert answer.headers["Content-Encoding"] == "gzip"
        assert json.loads(gzip.decompress(body))["numberReturned"] == 13

    def test_head_has_the_headers_and_no_body(self, port: int) -> None:
        answer, body = ask(port, "/map", "HEAD")
        assert (answer.status, body) == (200, b"")
        assert answer.headers["ETag"]

    def test_follows_the_link_to_a_feature_whose_id_needs_quoting(self, port: int) -> None:
        path = "/collections/pipes/items/%E6%B1%A1%2F%E6%B0%B4%20%3F%23%252F%26%3Cb%3E"
        _, body = ask(port, path)
        feature = json.loads(body)
        assert feature["id"] == ODD
        assert feature["links"][0]["href"].endswith(path)

    @pytest.mark.parametrize("path", ["/trace/%00", "/trace/%ff", "/collections/..%2f..%2fetc%2fpasswd/items", "//map"])
    def test_strange_paths_are_not_found(self, port: int, path: str) -> None:
        answer, body = ask(port, path)
        assert answer.status == 404
        assert json.loads(body)["status"] == 404
