"""A file is checked while a long computation keeps the worker busy. Truth: what stands in the store, step by step."""

from __future__ import annotations

import pytest

from drainage_api.jobs import worker as module
from drainage_api.jobs.computing import SUBMISSION
from drainage_api.jobs.worker import Worker
from drainage_api.settings import Settings
from drainage_api.store.opened import Store
from drainage_api.store.queue import Claim, Queue
from drainage_api.store.submitting.listed import ids_in
from drainage_api.store.submitting.records import Person, Sent, Submission
from drainage_api.store.submitting.submitted import KIND
from tests.api.jobs.test_worker import until, working
from tests.support.quick_job import BAD
from tests.support.quick_server import KINDS

AMONG = {KIND: ids_in("received")}


def sent(store: Store, content: bytes, name: str) -> Submission:
    if store.versions.head() is None:
        store.versions.begin(store.objects.put(b"{}"), day=None)
    one = Sent(f"{name}.geojson", "geojson", store.objects.put(content), len(content))
    return store.submissions.receive(one, Person(name, "contractor", name), most_waiting=9)


def stands(store: Store, one: Submission) -> tuple[str, str, int]:
    """Return the state of a submission, and of its job with how often that was begun."""
    found, job = store.submissions.get(one.id), store.queue.of(one.id)
    assert found is not None
    assert job is not None
    return found.state, job.state, job.attempts


def claimed(store: Store) -> Claim:
    claim = store.queue.claim("one")
    assert claim is not None
    return claim


def beside(store: Store) -> Worker:
    return Worker(store, Settings(), "one-beforehand", KINDS, beforehand=True)


def test_what_waits_behind_a_long_job_is_checked_and_computed_in_its_turn(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_BUSY_S", 0.0)
    first, second = sent(store, b"long", "a"), sent(store, b"quick", "b")
    held = claimed(store)
    with working(beside(store)):
        until(lambda: stands(store, second)[0] == "checked")
    assert stands(store, first) == ("received", "running", 1)
    assert stands(store, second) == ("checked", "waiting", 0)
    assert store.queue.claim("two", among=AMONG) is None
    assert store.queue.holds(held)
    Worker(store, Settings(), "one", KINDS).do(claimed(store))
    [history] = store.submissions.history([second.id]).values()
    assert [event.act for event in history] == ["receive", "check", "compute"]
    assert stands(store, second) == ("computed", "done", 1)


def test_what_cannot_be_read_fails_before_its_turn(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_BUSY_S", 0.0)
    sent(store, b"long", "a")
    claimed(store)
    bad = sent(store, BAD, "b")
    with working(beside(store)):
        until(lambda: stands(store, bad)[0] == "failed")
    assert stands(store, bad)[1] == "failed"


@pytest.mark.parametrize("later_s", [2.0, -3600.0])
def test_what_somebody_free_would_take_at_once_is_left_to_them(store: Store, later_s: float) -> None:
    """Who does whole jobs looks every half second; a clock that is put back lets nobody wait."""
    now = 1000.0
    queue = Queue(store.database, lambda: now)
    sent(store, b"quick", "a")
    with store.database.writing() as connection:
        [job] = store.queue.listed()
        queue.cancel_job(connection, job.id)
        queue.put(connection, KIND, job.subject, "a")
    assert queue.claim("one", among=AMONG, waited_s=2.0) is None
    now += later_s
    assert queue.claim("one", among=AMONG, waited_s=2.0) is not None


def test_a_submission_is_what_can_be_checked_beforehand() -> None:
    assert SUBMISSION.beforehand is not None
