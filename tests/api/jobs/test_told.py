"""What those who run the server are told of its jobs."""

from __future__ import annotations

from pathlib import Path

import pytest
from starlette.testclient import TestClient

from drainage_api.main import create_app
from drainage_api.settings import Settings
from drainage_api.store.database import StoreError
from drainage_api.store.opened import Store
from tests.support.api_reports import hand_made
from tests.support.asking import asking


@pytest.fixture
def place(tmp_path: Path) -> Path:
    with Store.opened(tmp_path / "store") as store, store.database.writing() as connection:
        store.queue.put(connection, "test", "S-1", "a")
        store.queue.put(connection, "test", "S-2", "a")
    return tmp_path / "store"


@pytest.fixture
def api(place: Path) -> TestClient:
    return asking(create_app(Settings(store=place), report=hand_made()))


def test_readiness_and_metrics_tell_of_jobs(api: TestClient, place: Path) -> None:
    with Store.opened(place) as store:
        assert store.queue.claim("here") is not None
    told = api.get("/ready").json()["jobs"]
    assert (told["waiting"], told["running"]) == (1, 1)
    assert told["oldest_s"] >= 0
    lines = api.get("/metrics").text.splitlines()
    assert 'drainage_jobs{state="waiting"} 1.0' in lines
    assert 'drainage_jobs{state="running"} 1.0' in lines
    assert any(line.startswith("drainage_jobs_oldest_seconds ") for line in lines)


def test_a_server_whose_store_does_not_answer_is_not_ready(api: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(_: object) -> None:
        raise StoreError("gone")

    monkeypatch.setattr("drainage_api.store.queue.Queue.counts", gone)
    answer = api.get("/ready")
    assert (answer.status_code, answer.json()["store"]) == (503, "unreachable")
    assert "drainage_jobs{" not in api.get("/metrics").text


def test_a_server_without_a_store_has_no_jobs() -> None:
    api = asking(create_app(Settings(), report=hand_made()))
    assert api.get("/ready").json()["jobs"] is None
    assert "drainage_jobs" not in api.get("/metrics").text
