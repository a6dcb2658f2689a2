"""What those who run the server see: health, readiness, metrics, ids of requests, the log, a new report."""

from __future__ import annotations

import asyncio
import json
import logging
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from fastapi import FastAPI
from prometheus_client.parser import text_string_to_metric_families
from starlette.testclient import TestClient

import drainage as dr
from drainage_api.main import assemble, create_app
from drainage_api.served.served import Served
from drainage_api.settings import Settings
from drainage_api.store.database import StoreError
from drainage_api.work.logs import JsonLines
from drainage_api.work.meter import Meter
from drainage_api.work.reloading import Board, Reloader, Source, read_anew
from tests.support.api_reports import hand_made
from tests.support.asking import asking


def client_of(app: FastAPI) -> TestClient:
    return asking(app)


@pytest.fixture
def app() -> FastAPI:
    return create_app(Settings(), report=hand_made())


@pytest.fixture
def api(app: FastAPI) -> TestClient:
    return client_of(app)


class TestHealth:
    def test_tells_version_day_and_digest_and_nothing_of_the_network(self, api: TestClient, app: FastAPI) -> None:
        answer = api.get("/health")
        assert set(answer.json()) == {"status", "version", "day", "digest"}
        assert answer.json()["digest"] == app.state.served.digest
        assert answer.json()["version"] == dr.__version__
        assert answer.headers["cache-control"] == "private, no-store"

    def test_is_told_while_the_report_is_read_when_readiness_is_not(self) -> None:
        api = client_of(assemble(Settings(), None))
        assert api.get("/health").status_code == 200
        ready, items = api.get("/ready"), api.get("/collections/pipes/items")
        assert (ready.status_code, ready.json()["status"]) == (503, "loading")
        assert items.status_code == 503
        assert int(ready.headers["retry-after"]) > 0
        assert int(items.headers["retry-after"]) > 0

    def test_readiness_says_that_a_new_report_could_not_be_read(self, api: TestClient, app: FastAPI) -> None:
        board: Board = app.state.board
        board.note(well=True)
        assert "failed" not in api.get("/ready").json()
        board.note(well=False)
        answer = api.get("/ready")
        assert (answer.status_code, answer.json()["status"]) == (200, "ready")
        assert "served on" in answer.json()["detail"]
        board.note(well=True)
        assert "failed" not in api.get("/ready").json()

    def test_it_is_not_ready_while_the_store_cannot_be_read(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        app = assemble(Settings(store=tmp_path / "store"), None)
        vault = app.state.keeper.vault

        def gone() -> None:
            raise StoreError("gone")

        monkeypatch.setattr(vault.queue, "counts", gone)
        answer = client_of(app).get("/ready")
        assert (answer.status_code, answer.json()["status"], answer.json()["store"]) == (
            503,
            "not ready",
            "unreachable",
        )
        assert "jobs" not in answer.json()


class TestRequestIds:
    def test_one_that_came_is_given_back(self, api: TestClient) -> None:
        assert api.get("/health", headers={"X-Request-ID": "a-1.B_2"}).headers["x-request-id"] == "a-1.B_2"

    @pytest.mark.parametrize("strange", ["", "a b", "x" * 65, 'q"', "<b>", "é"])
    def test_a_strange_one_is_replaced(self, api: TestClient, strange: str) -> None:
        given = api.get("/health", headers={b"X-Request-ID": strange.encode()})
        assert re.fullmatch(r"[0-9a-f]{16}", given.headers["x-request-id"])

    def test_each_request_has_its_own_and_errors_have_theirs(self, app: FastAPI) -> None:
        @app.get("/broken")
        async def broken() -> None:
            raise ZeroDivisionError

        api = client_of(app)
        answers = [api.get(path) for path in ("/health", "/health", "/nowhere", "/broken")]
        assert [answer.status_code for answer in answers] == [200, 200, 404, 500]
        assert len({answer.headers["x-request-id"] for answer in answers}) == 4
        assert answers[-1].headers["content-type"] == "application/problem+json"
        assert "ZeroDivisionError" not in answers[-1].text


class Noting(logging.Handler):
    """Keeps the lines of the log."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(JsonLines().format(record))


@pytest.fixture
def noted() -> Iterator[list[str]]:
    """What the server logs."""
    handler, log = Noting(), logging.getLogger("drainage_api")
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    yield handler.lines
    log.removeHandler(handler)
    log.setLevel(logging.NOTSET)


class TestLog:
    def test_each_request_leaves_one_line_without_key_or_values(self, api: TestClient, noted: list[str]) -> None:
        api.get("/collections/pipes/items?limit=2&road=secret", headers={"Authorization": "Bearer hidden"})
        (text,) = noted
        assert "secret" not in text
        assert "hidden" not in text
        line = json.loads(text)
        assert (line["path"], line["status"], line["asked"]) == ("/collections/pipes/items", 200, ["limit", "road"])
        assert {"method", "bytes", "ms", "client", "time", "level", "request_id"} <= line.keys()

    def test_that_all_is_well_is_no_line(self, api: TestClient, noted: list[str]) -> None:
        assert [api.get(path).status_code for path in ("/health", "/ready")] == [200, 200]
        assert noted == []

    def test_a_client_cannot_make_it_long_or_two(self, api: TestClient, noted: list[str]) -> None:
        api.get(f"/{'a' * 5000}%0a%22?{'&'.join(f'n{k}=1' for k in range(900))}")
        (text,) = noted
        assert len(text) < 800
        assert "\n" not in text

    def test_an_error_is_logged_with_its_trace_and_the_id_of_the_request(self, app: FastAPI, noted: list[str]) -> None:
        @app.get("/broken")
        async def broken() -> None:
            raise ZeroDivisionError

        client_of(app).get("/broken", headers={"X-Request-ID": "one"})
        line, answered = map(json.loads, noted)
        assert (line["request_id"], line["level"]) == ("one", "error")
        assert "ZeroDivisionError" in line["error"]
        assert answered["status"] == 500


class TestMetrics:
    def samples(self, text: str) -> dict[tuple[str, str], float]:
        return {
            (sample.name, ",".join(f"{name}={value}" for name, value in sorted(sample.labels.items()))): sample.value
            for family in text_string_to_metric_families(text)
            for sample in family.samples
        }

    def test_requests_are_counted_by_route_and_status(self, api: TestClient) -> None:
        for path in ("/health", "/collections/pipes/items", "/collections/nothing/items", "/nowhere", "/nowhere/else"):
            api.get(path)
        answer = api.get("/metrics")
        assert answer.headers["content-type"].startswith("text/plain; version=")
        found = self.samples(answer.text)
        route = "route=/collections/{collection_id}/items"
        assert found["drainage_requests_total", "route=/health,status=200"] == 1
        assert found["drainage_requests_total", f"{route},status=200"] == 1
        assert found["drainage_requests_total", f"{route},status=404"] == 1
        assert found["drainage_requests_total", "route=other,status=404"] == 2
        assert found["drainage_request_seconds_count", route] == 2
        assert found["drainage_request_seconds_bucket", f"le=+Inf,{route}"] == 2
        assert found["drainage_request_seconds_sum", route] > 0

    def test_workers_count_into_one(self) -> None:
        meter = Meter(rows=3)
        meter.know(["/a", "/b"])
        for row, seconds in enumerate([0.0005, 0.03, 100.0]):
            meter.row = row
            meter.count("/a", 200, seconds)
            meter.tell(connections=row + 1.0, refused=2.0)
        meter.count("/c", 418, 0.1)
        found = self.samples(meter.text().decode())
        assert found["drainage_requests_total", "route=/a,status=200"] == 3
        assert found["drainage_requests_total", "route=other,status=other"] == 1
        assert found["drainage_request_seconds_bucket", "le=0.001,route=/a"] == 1
        assert found["drainage_request_seconds_bucket", "le=0.05,route=/a"] == 2
        assert found["drainage_request_seconds_bucket", "le=60.0,route=/a"] == 2
        assert found["drainage_request_seconds_bucket", "le=+Inf,route=/a"] == 3
        assert found["drainage_request_seconds_sum", "route=/a"] == pytest.approx(100.0305)
        assert [found["drainage_connections", f"worker={row}"] for row in range(3)] == [1, 2, 3]
        assert found["drainage_refused_total", ""] == 6

    def test_more_routes_than_there_is_room_for_count_as_others(self) -> None:
        meter = Meter()
        meter.know(f"/{k:03}" for k in range(100))
        meter.count("/099", 200, 0.1)
        assert self.samples(meter.text().decode())["drainage_requests_total", "route=other,status=200"] == 1


class Shelf:
    """A report on a disk, of which only what matters here is read: whether it can be, and which it is."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.put("first")

    def put(self, text: str) -> None:
        (self.folder / "drainage-files.json").write_text(text, encoding="utf-8")

    def load(self, settings: Settings) -> Served:
        assert settings.results == self.folder
        text = (self.folder / "drainage-files.json").read_text(encoding="utf-8")
        if text == "bad":
            raise dr.errors.FormatError(f"{self.folder}: no report")
        return Served({"": replace(hand_made(), page=text)})

    def source(self) -> Source:
        return Source(Settings(results=self.folder, watch_s=0.01), self.load)


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path)


class TestReloading:
    def test_a_source_is_new_when_it_has_changed_and_stands_still(self, shelf: Shelf) -> None:
        source = shelf.source()
        source.read()
        assert [source.is_new() for _ in range(3)] == [False] * 3
        shelf.put("second one")
        assert [source.is_new(), source.is_new()] == [False, True]
        source.read()
        assert [source.is_new(), source.is_new()] == [False, False]

    def test_one_that_is_being_replaced_is_waited_for(self, shelf: Shelf) -> None:
        source = shelf.source()
        source.read()
        (shelf.folder / "drainage-files.json").unlink()
        assert [source.is_new() for _ in range(3)] == [False] * 3
        shelf.put("second one")
        assert [source.is_new(), source.is_new()] == [False, True]

    def test_a_network_is_watched_with_the_files_beside_it(self, tmp_path: Path) -> None:
        (tmp_path / "net.shp").write_bytes(b"1")
        (tmp_path / "net.dbf").write_bytes(b"1")
        source = Source(Settings(source=str(tmp_path / "net.shp")), lambda _: Served({"": hand_made()}))
        source.read()
        (tmp_path / "other.dbf").write_bytes(b"1")
        assert [source.is_new(), source.is_new()] == [False, False]
        (tmp_path / "net.dbf").write_bytes(b"23")
        assert [source.is_new(), source.is_new()] == [False, True]

    def test_a_database_is_read_anew_only_when_asked(self) -> None:
        assert Source(Settings(source="postgresql://here/city"), lambda _: Served({})).signature() is None

    def test_what_cannot_be_read_leaves_the_old_and_a_line_in_the_log(
        self, shelf: Shelf, caplog: pytest.LogCaptureFixture
    ) -> None:
        board = Board()
        shelf.put("bad")
        assert read_anew(shelf.source(), board) is None
        assert "served on" in caplog.text
        assert board.read()["failed"]
        with pytest.raises(dr.errors.FormatError):
            read_anew(shelf.source(), board, first=True)

    def test_a_running_server_changes_over_and_stays_with_the_old_where_the_new_is_bad(self, shelf: Shelf) -> None:
        pages: list[str] = []
        board = Board()

        async def until(times: str, count: int) -> None:
            while board.read().get(times, 0) < count:  # noqa: ASYNC110 - it lies in memory shared by processes
                await asyncio.sleep(0.005)

        async def watching() -> None:
            reloader = Reloader(shelf.source(), board, lambda here: pages.append(here.report().page))
            task = asyncio.create_task(reloader.watch(lambda: None))
            await until("times_loaded", 1)
            shelf.put("second one")
            await until("times_loaded", 2)
            shelf.put("bad")
            await until("times_failed", 1)
            shelf.put("third one of them")
            await until("times_loaded", 3)
            reloader.asked.set()
            await until("times_loaded", 4)
            await asyncio.sleep(0.02)
            task.cancel()

        asyncio.run(asyncio.wait_for(watching(), 10))
        assert pages == ["first", "second one", "third one of them", "third one of them"]

    def test_what_is_asked_for_while_it_is_read_is_read_once_more_though_the_store_went_on_too(self) -> None:
        read: list[str] = []
        board, over = Board(), asyncio.Event()

        def load(_: Settings) -> Served:
            read.append("source")
            board.head = 2
            return Served({"": hand_made()}, number=1)

        def load_newest(_: Settings) -> Served:
            read.append("newest")
            return Served({"": hand_made()}, number=2)

        async def watching() -> None:
            reloader = Reloader(Source(Settings(watch_s=0.01), load, load_newest), board, lambda _: None)

            def swap(_: Served) -> None:
                if len(read) == 1:
                    reloader.asked.set()  # as SIGHUP does
                else:
                    over.set()

            reloader.swap = swap
            task = asyncio.create_task(reloader.watch(lambda: None))
            await asyncio.wait_for(over.wait(), 10)
            task.cancel()

        asyncio.run(watching())
        assert read[:2] == ["source", "source"]

    def test_what_fails_first_ends_the_server(self, shelf: Shelf) -> None:
        shelf.put("bad")
        told: list[str] = []

        async def watching() -> Exception | None:
            reloader = Reloader(shelf.source(), Board(), lambda _: None)
            await reloader.watch(lambda: told.append("failed"))
            return reloader.error

        assert isinstance(asyncio.run(watching()), dr.errors.FormatError)
        assert told == ["failed"]
