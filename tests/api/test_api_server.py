"""The API on a real server, read by others: GDAL's OGC API – Features driver, and a plain HTTP client.

Truth: the frames of the hand-made report; an independent client must find the same features.
"""

from __future__ import annotations

import gzip
import http.client
import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import pyogrio
import pytest
from fastapi import FastAPI

import drainage as dr
from drainage_api.client import Client
from drainage_api.main import create_app
from drainage_api.settings import Settings
from tests.support.api_reports import hand_made

ODD = "污/水 ?#%2F&<b>"


def odd_report() -> dr.report.Report:
    """The hand-made report, with one pipe whose id needs quoting."""
    made = hand_made()
    pipes = made.collections["pipes"].rename(index={"p5": ODD})
    return replace(made, collections={**made.collections, "pipes": pipes})


def odd_app() -> FastAPI:
    """What the server process serves."""
    return create_app(Settings(), report=odd_report())


@pytest.fixture(scope="module")
def report() -> dr.report.Report:
    return odd_report()


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """A server on a free port of this machine, in a process of its own: GDAL holds this one while it waits."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        command = [
            sys.executable,
            "-m",
            "uvicorn",
            "--factory",
            "tests.api.test_api_server:odd_app",
            "--log-level",
            "error",
        ]
        server = subprocess.Popen(
            [*command, "--fd", str(listening.fileno())], pass_fds=[listening.fileno()], cwd=Path(__file__).parents[2]
        )
        yield int(listening.getsockname()[1])
        server.terminate()
        server.wait(30)


def read(port: int, layer: str, **options: object) -> gpd.GeoDataFrame:
    frame: gpd.GeoDataFrame = pyogrio.read_dataframe(
        f"OAPIF:http://127.0.0.1:{port}", layer=layer, PAGE_SIZE="5", CRS="OGC:CRS84", **options
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
    def test_finds_every_collection(self, port: int, report: dr.report.Report) -> None:
        layers = [name for name, _ in pyogrio.list_layers(f"OAPIF:http://127.0.0.1:{port}")]
        assert set(layers) == {*report.collections, "nodes", "issue_points", "issue_lines"} - {"issues"}

    @pytest.mark.parametrize("name", ["pipes", "mixed_flow", "misconnections", "waterlogging"])
    def test_counts_the_same_features_page_by_page(self, port: int, report: dr.report.Report, name: str) -> None:
        assert len(read(port, name)) == len(report.collections[name])

    def test_reads_the_same_pipes_at_the_same_places(self, port: int, report: dr.report.Report) -> None:
        ours, theirs = report.collections["pipes"].to_crs(4326), read(port, "pipes").set_index("pipe_id")
        assert theirs.crs == "OGC:CRS84"
        assert list(theirs.index) == list(ours.index)
        assert list(theirs["system"]) == list(ours["system"])
        places = gpd.GeoSeries(ours.geometry.to_numpy(), index=theirs.index, crs=theirs.crs)
        assert theirs.geometry.geom_equals_exact(places, 1e-7).all()

    def test_pushes_a_box_to_the_server(self, port: int, report: dr.report.Report) -> None:
        pipes = report.collections["pipes"].to_crs(4326)
        west, south, east, north = pipes.total_bounds
        box = (west, south, (west + east) / 2, north)
        inside = pipes.cx[box[0] : box[2], box[1] : box[3]]
        assert 0 < len(inside) < len(pipes)
        assert len(read(port, "pipes", bbox=box)) == len(inside)

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

    @pytest.mark.parametrize("digits", [20_000, 60_000])
    def test_a_number_without_end_is_refused_and_the_server_goes_on(self, port: int, digits: int) -> None:
        answer, _ = ask(port, f"/collections/pipes/items?diameter_mm={'1' * digits}x")
        assert answer.status == 400
        assert ask(port, "/health")[0].status == 200

    @pytest.mark.parametrize("path", ["/trace/%00", "/trace/%ff", "/collections/..%2f..%2fetc%2fpasswd/items", "//map"])
    def test_strange_paths_are_not_found(self, port: int, path: str) -> None:
        answer, body = ask(port, path)
        assert answer.status == 404
        assert json.loads(body)["status"] == 404


class TestOwnClient:
    def test_reads_what_is_served_page_by_page(self, port: int, report: dr.report.Report) -> None:
        client = Client(f"http://127.0.0.1:{port}/")
        assert set(client.collections()) == {*report.collections, "nodes", "issue_points", "issue_lines"} - {"issues"}
        ours, theirs = report.collections["pipes"].to_crs(4326), client.items("pipes", page=5)
        assert list(theirs.index) == list(ours.index)
        assert list(theirs["system"]) == list(ours["system"])
        assert theirs.crs == "EPSG:4326"
        assert theirs.geometry.geom_equals_exact(gpd.GeoSeries(ours.geometry, index=theirs.index), 1e-7).all()
        assert client.items("waterlogging").empty

    def test_asks_for_a_box_and_values(self, port: int, report: dr.report.Report) -> None:
        client = Client(f"http://127.0.0.1:{port}")
        assert len(client.items("pipes", where={"system": "storm", "diameter_mm": 700}, page=4)) == 6
        west, south, *_ = report.extent("misconnections") or [0.0] * 4
        around = (west - 1e-5, south - 1e-5, west + 1e-5, south + 1e-5)
        assert list(client.items("pipes", bbox=around).index) == ["p0", "p1"]

    def test_tells_summary_and_provenance(self, port: int, report: dr.report.Report) -> None:
        client = Client(f"http://127.0.0.1:{port}")
        assert client.summary()["network"] == report.summary["network"]
        assert client.summary("mixed_flow") == report.summary["mixed_flow"]
        assert client.provenance().source == list(report.provenance.source or ())

    def test_says_what_the_server_refuses(self, port: int) -> None:
        client = Client(f"http://127.0.0.1:{port}")
        with pytest.raises(dr.errors.FormatError, match=r"(?s)404: .*no collection 'nothing'; there are pipes"):
            client.items("nothing")
        with pytest.raises(dr.errors.FormatError, match="diameter_mm: a number was expected, got 'wide'"):
            client.items("pipes", where={"diameter_mm": "wide"})
        with pytest.raises(dr.errors.FormatError, match="address of a server"):
            Client("/etc/passwd")
