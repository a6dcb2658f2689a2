"""A worker and its store, on both engines. Truth: what stands in the store afterwards, once and not twice."""

from __future__ import annotations

import errno
import hashlib
import importlib
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from drainage_api.jobs import worker as module
from drainage_api.jobs.room import room
from drainage_api.jobs.worker import Worker
from drainage_api.settings import Settings
from drainage_api.store.database import StoreError
from drainage_api.store.opened import Store
from drainage_api.store.queue import MOST_ATTEMPTS, Job
from drainage_api.store.tables import notices
from drainage_api.store.whole import check_objects
from tests.support.job_kinds import KINDS


def _found(name: str) -> Callable[..., Any]:
    *path, last = name.split(".")
    here: Any = importlib.import_module(path[0])
    for part in path[1:]:
        here = getattr(here, part)
    found: Callable[..., Any] = getattr(here, last)
    return found


def put(store: Store, subject: str) -> str:
    with store.database.writing() as connection:
        return store.queue.put(connection, "test", subject, "a")


def noted(store: Store, subject: str) -> list[tuple[str, str]]:
    asked = select(notices.c.state, notices.c.words).where(notices.c.submission == subject).order_by(notices.c.number)
    with store.database.reading() as connection:
        return [tuple(row) for row in connection.execute(asked)]


def job_of(store: Store, subject: str) -> Job:
    job = store.queue.of(subject)
    assert job is not None
    return job


def sitting(store: Store, seat: str = "one", **how: Any) -> Worker:  # noqa: ANN401 - fields of a worker
    return Worker(store, Settings(job_wall_s=60), seat, KINDS, **{"beat_s": 0.2, **how})


@contextmanager
def working(worker: Worker) -> Iterator[None]:
    thread = threading.Thread(target=worker.run)
    thread.start()
    try:
        yield
    finally:
        worker.ended.set()
        thread.join(30)
        assert not thread.is_alive()


def until(true: Callable[[], bool], seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.05)


def claim_and_do(worker: Worker) -> None:
    claim = worker.store.queue.claim(worker.seat)
    assert claim is not None
    worker.do(claim)


class TestOutcome:
    def test_what_was_found_is_written_with_the_end_of_the_job(self, store: Store) -> None:
        put(store, "double:21")
        claim_and_do(sitting(store))
        digest = hashlib.sha256(b"42").hexdigest()
        assert noted(store, "double:21") == [("part", "21"), ("done", digest)]
        assert store.objects.read(digest) == b"42"
        assert (job_of(store, "double:21").state, job_of(store, "double:21").progress) == ("done", 1.0)

    def test_a_refusal_fails_the_job_and_its_subject_for_good(self, store: Store) -> None:
        put(store, "refuse:of another town")
        claim_and_do(sitting(store))
        job = job_of(store, "refuse:of another town")
        assert (job.state, str(job.error)) == ("failed", "delivered.gpkg: of another town")
        assert noted(store, "refuse:of another town") == [("failed", ": 不可读")]
        assert store.queue.claim("one") is None

    @pytest.mark.long
    def test_one_whose_process_is_killed_is_begun_again_and_fails_in_the_end(
        self, store: Store, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(module, "_KILLED_S", 0.0)
        put(store, "crash:SIGKILL")
        for attempt in range(1, MOST_ATTEMPTS + 1):
            assert (job_of(store, "crash:SIGKILL").state, job_of(store, "crash:SIGKILL").attempts) == (
                "waiting",
                attempt - 1,
            )
            claim_and_do(sitting(store))
        assert job_of(store, "crash:SIGKILL").state == "failed"
        assert [state for state, _ in noted(store, "crash:SIGKILL")] == ["failed"]

    def test_a_kind_that_nobody_knows_fails(self, store: Store) -> None:
        with store.database.writing() as connection:
            store.queue.put(connection, "unheard of", "S-1", "a")
        claim_and_do(sitting(store))
        assert job_of(store, "S-1").state == "failed"


class TestNotTwice:
    @pytest.mark.long
    def test_one_that_is_cancelled_stops_and_writes_nothing_more(self, store: Store) -> None:
        put(store, "slow:60")
        with working(sitting(store)):
            until(lambda: noted(store, "slow:60") != [])
            with store.database.writing() as connection:
                assert store.queue.cancel(connection, "slow:60")
            begun = time.monotonic()
            put(store, "double:1")
            until(lambda: job_of(store, "double:1").state == "done")
        assert time.monotonic() - begun < 40
        assert (job_of(store, "slow:60").state, noted(store, "slow:60")) == ("cancelled", [("part", "early")])

    @pytest.mark.long
    def test_a_worker_that_ends_gives_its_job_back(self, store: Store) -> None:
        put(store, "slow:60")
        with working(sitting(store)):
            until(lambda: noted(store, "slow:60") != [])
        assert (job_of(store, "slow:60").state, job_of(store, "slow:60").attempts) == ("waiting", 0)

    def test_the_job_of_a_dead_worker_is_taken_up_by_its_seat_at_once_and_by_others_after_the_lease(
        self, store: Store
    ) -> None:
        """By the clock of the one who looks: what the store's clock says is nobody's business."""
        put(store, "double:1")
        now = 0.0
        other = sitting(store, "two", lease_s=30.0, monotonic=lambda: now)
        assert store.queue.claim("one") is not None
        other.bury()
        now = 29.0
        other.bury()
        assert job_of(store, "double:1").state == "running"
        now = 31.0
        other.bury()
        assert job_of(store, "double:1").state == "waiting"
        assert store.queue.claim("one") is not None
        sitting(store, "one").bury()
        assert (job_of(store, "double:1").state, job_of(store, "double:1").attempts) == ("waiting", 2)
        assert store.queue.claim("one") is not None
        sitting(store, "one").bury()
        assert job_of(store, "double:1").state == "failed"
        assert [state for state, _ in noted(store, "double:1")] == ["failed"]

    @pytest.mark.long
    def test_who_was_taken_for_dead_and_lives_writes_nothing(self, store: Store) -> None:
        put(store, "double:3")
        slow = sitting(store, "one", beat_s=60.0)
        claim = store.queue.claim("one")
        assert claim is not None
        (lease,) = store.queue.leases()
        with store.database.writing() as connection:
            store.queue.give_back(connection, store.queue.take_from(connection, lease))
        claim_and_do(sitting(store, "two"))
        before = noted(store, "double:3")
        slow.do(claim)
        assert noted(store, "double:3") == before
        assert [state for state, _ in before].count("done") == 1


class TestTrouble:
    @pytest.mark.long
    def test_what_the_store_does_not_take_is_written_when_it_answers_again(
        self, store: Store, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        put(store, "double:4")
        worker, gone = sitting(store), iter([True, True])
        claim = store.queue.claim("one")
        assert claim is not None
        writing = store.database.writing

        def sometimes() -> Any:  # noqa: ANN401 - a connection
            if next(gone, False):
                raise StoreError("gone")
            return writing()

        monkeypatch.setattr(store.database, "writing", sometimes)
        worker.do(claim)
        assert [state for state, _ in noted(store, "double:4")] == ["part", "done"]

    def test_a_full_disk_lets_the_job_wait_and_says_so(self, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
        def full(*_: object) -> str:
            raise StoreError("OSError")

        put(store, "double:5")
        with monkeypatch.context() as patch:
            patch.setattr(type(store.objects), "put", full)
            claim_and_do(sitting(store))
        job = job_of(store, "double:5")
        assert (job.state, job.attempts) == ("waiting", 0)
        assert "cannot be written" in str(job.error)
        assert store.queue.claim("one") is None, "it rests"

    @pytest.mark.parametrize("call", ["os.open", "os.fsync", "os.mkdir", "tempfile.mkdtemp", "pathlib.Path.rename"])
    def test_wherever_the_disk_is_full_nothing_half_is_left_and_it_is_done_once_there_is_room(
        self, store: Store, monkeypatch: pytest.MonkeyPatch, call: str
    ) -> None:
        """Each of its calls in turn finds no room, the first, the second …; the last job is one that met none."""
        monkeypatch.setattr(module, "_LATER_S", 0.0)
        real, calls = _found(call), 0
        for nth in range(1, 9):
            subject, calls = f"double:{nth}", 0

            def full(*given: Any, _nth: int = nth, **named: Any) -> Any:  # noqa: ANN401 - of any call
                nonlocal calls
                calls += 1
                if calls == _nth:
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
                return real(*given, **named)

            put(store, subject)
            with monkeypatch.context() as patch:
                patch.setattr(call, full)
                claim_and_do(sitting(store))
            if calls >= nth and job_of(store, subject).state == "waiting":
                job = job_of(store, subject)
                assert (job.attempts, "goes on by itself" in str(job.error)) == (0, True)
                assert "done" not in [state for state, _ in noted(store, subject)]
                claim_and_do(sitting(store))
            assert job_of(store, subject).state == "done"
            assert [state for state, _ in noted(store, subject)].count("done") == 1
            assert check_objects(store).whole
            assert not [*store.database.place.rglob(".part-*")]
            if calls < nth:
                return

    @pytest.mark.parametrize(("number", "attempts"), [(errno.EROFS, 0), (errno.ENOSPC, 0), (errno.EACCES, 1)])
    def test_so_does_one_that_has_no_room_but_not_for_ever(
        self, store: Store, monkeypatch: pytest.MonkeyPatch, number: int, attempts: int
    ) -> None:
        def none(*_: object) -> None:
            raise OSError(number, "no room", "/srv/drainage/tmp")

        monkeypatch.setattr(module, "room", none)
        put(store, "double:6")
        claim_and_do(sitting(store))
        job = job_of(store, "double:6")
        assert (job.state, job.attempts) == ("waiting", attempts)
        assert "/srv" not in str(job.document())


def test_what_killed_workers_left_is_removed(tmp_path: Path) -> None:
    left = tmp_path / "drainage-job-left"
    left.mkdir()
    (left / "held").touch()
    (left / "upload.gpkg").write_bytes(b"x")
    with room(tmp_path) as ours:
        assert not left.exists()
        (ours / "some").write_bytes(b"x")
        with room(tmp_path) as other:
            assert ours.is_dir()
            assert other != ours
    assert list(tmp_path.iterdir()) == []
