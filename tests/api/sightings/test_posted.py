"""Evidence over HTTP. Truth: who sent it sees it, on the own roads; what cannot be read is said; all of it stays."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from drainage.said import Said
from drainage_api.jobs.all_kinds import KINDS
from drainage_api.jobs.worker import Worker
from drainage_api.settings import Settings
from drainage_api.store.queue import Job
from tests.support.served_town import OURS, THEIRS, flooded
from tests.support.stores import Where
from tests.support.witnesses import Desk, desk_at

SEEN = b"node_id,date,dry_hours,flowing,entry\nn2,2024-05-01,96,yes,yes\n"
DOCUMENT = {
    "read": {"rows": 1, "set_aside": 0, "issues": [], "remarks": []},
    "answers": {
        "sources": {
            "summary": {"reaches": 11},
            "count": 2,
            "rows": [{"pipe_id": "a", "road": OURS}, {"pipe_id": "b", "road": THEIRS}],
        },
        "infiltration": {"not_answered": {"zh": "缺", "en": "wanting"}},
    },
    "changes": {"sources": [{"pipe_id": "b", "road": THEIRS}], "infiltration": []},
}


@pytest.fixture
def desk(where: Where) -> Iterator[Desk]:
    """A server with a key of each role; no worker."""
    made = desk_at(where, waiting_per_key=3)
    yield made
    made.vault.close()


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """One server for all that is refused."""
    made = desk_at(Where(tmp_path_factory.mktemp("door") / "store"))
    yield made
    made.vault.close()


def post(desk: Desk, role: str, content: bytes = SEEN, *, kind: str = "inspections", name: str = "开井.csv") -> Any:  # noqa: ANN401 - of the test client
    return desk.as_(role).post("/evidence", data={"kind": kind}, files={"file": (name, content, "text/csv")})


def settle(desk: Desk, identity: str) -> None:
    """Do what the job does at its end."""
    digest = desk.vault.objects.put(json.dumps(DOCUMENT).encode())
    with desk.vault.database.writing() as connection:
        desk.vault.evidence.computed(
            connection, identity, {"document": digest, "version": 1, "changes": {"sources": 1}}
        )


def test_it_is_kept_with_its_job_and_told_to_its_sender_on_the_own_roads(desk: Desk) -> None:
    answer = post(desk, "contractor", name="../../etc/开井.csv")
    assert answer.status_code == 202, answer.text
    one = answer.json()
    assert (one["state"], one["kind"], one["filename"], one["by"], one["roads"]) == (
        "received", "inspections", "开井.csv", "Li", [OURS]
    )  # fmt: skip
    assert answer.headers["location"].endswith(f"/evidence/{one['id']}")
    job = desk.vault.queue.of(one["id"])
    assert job is not None
    assert (job.kind, job.state) == ("evidence", "waiting")
    settle(desk, one["id"])
    whole = desk.as_("engineer").get(f"/evidence/{one['id']}").json()
    assert [row["pipe_id"] for row in whole["answers"]["sources"]["rows"]] == ["a", "b"]
    own = desk.as_("contractor").get(f"/evidence/{one['id']}").json()
    assert own["answers"]["sources"] == {"rows": [{"pipe_id": "a", "road": OURS}]}
    assert own["changes"]["sources"] == []
    assert own["answers"]["infiltration"]["not_answered"]["zh"] == "缺"
    assert desk.as_("other").get(f"/evidence/{one['id']}").status_code == 404
    lists = [desk.as_(role).get("/evidence").json()["numberMatched"] for role in ("contractor", "other", "engineer")]
    assert lists == [1, 0, 1]


def test_the_same_bytes_are_the_same_evidence_and_one_job(desk: Desk) -> None:
    ids = {post(desk, "contractor").json()["id"] for _ in range(3)}
    assert len(ids) == 1
    assert len(desk.vault.queue.listed(limit=10)) == 1
    assert post(desk, "engineer").json()["id"] not in ids


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b"\x00\x01\x02", "inspections", 415),
        (b"SQLite format 3\x00", "inspections", 415),
        (b'{"type": "FeatureCollection"}', "inspections", 415),
        (b"PK\x03\x04" + bytes(100), "inspections", 415),
        (b"  \n", "inspections", 415),
        (b"", "inspections", 422),
        (SEEN, "photos", 422),
        (SEEN, "", 422),
    ],
)
def test_what_is_no_table_or_of_no_kind_is_refused(door: Desk, content: bytes, kind: str, status: int) -> None:
    answer = post(door, "contractor", content, kind=kind)
    assert answer.status_code == status, answer.text
    assert door.vault.evidence.found()[1] == 0


def test_a_key_has_so_many_waiting(desk: Desk) -> None:
    codes = [post(desk, "contractor", SEEN + b"\n" * k).status_code for k in range(4)]
    assert codes == [202, 202, 202, 429]
    assert post(desk, "other").status_code == 202


def test_roles_that_do_not_submit_post_nothing(desk: Desk) -> None:
    assert [post(desk, role).status_code for role in ("", "operator")] == [401, 403]


def test_what_is_settled_stays_so(desk: Desk) -> None:
    identity = post(desk, "contractor").json()["id"]
    settle(desk, identity)
    with desk.vault.database.writing() as connection:
        desk.vault.evidence.failed(connection, identity, Said("late", "迟"))
    one = desk.vault.evidence.get(identity)
    assert one is not None
    assert (one.state, one.problem) == ("computed", None)


def job_of(desk: Desk, identity: str) -> Job:
    job = desk.vault.queue.of(identity)
    assert job is not None
    return job


def test_what_is_cancelled_fails_and_is_begun_anew_once(desk: Desk) -> None:
    identity = post(desk, "contractor").json()["id"]
    first = job_of(desk, identity)
    operator, sender = desk.as_("operator"), desk.as_("contractor")
    assert sender.delete(f"/jobs/{first.id}").json()["state"] == "cancelled"
    told = sender.get(f"/evidence/{identity}").json()
    assert (told["state"], "Li" in told["problem"]["en"]) == ("failed", True)
    assert operator.post(f"/jobs/{first.id}/retry", json={}).json()["state"] == "waiting"
    told = sender.get(f"/evidence/{identity}").json()
    assert (told["state"], told["problem"]) == ("received", None)
    assert job_of(desk, identity).id != first.id
    again = operator.post(f"/jobs/{first.id}/retry", json={})
    assert (again.status_code, "is waiting" in again.json()["said"]["en"]) == (409, True)
    settle(desk, identity)
    assert sender.get(f"/evidence/{identity}").json()["state"] == "computed"


def test_what_failed_and_was_posted_again_since_does_not_count_twice(desk: Desk) -> None:
    identity = post(desk, "contractor").json()["id"]
    operator, first = desk.as_("operator"), job_of(desk, identity)
    assert operator.delete(f"/jobs/{first.id}").status_code == 200
    since = post(desk, "contractor").json()["id"]
    assert since != identity
    refused = operator.post(f"/jobs/{first.id}/retry", json={})
    assert (refused.status_code, since in refused.json()["said"]["en"]) == (409, True)


def test_only_what_counts_comes_before(desk: Desk) -> None:
    """Evidence that failed, or that still waits, is no evidence of those that come after it."""
    ids = [post(desk, "engineer", SEEN + b"\n" * k).json()["id"] for k in range(3)]
    settle(desk, ids[0])
    with desk.vault.database.writing() as connection:
        desk.vault.evidence.failed(connection, ids[1], Said("unread", "读不了"))
    last = desk.vault.evidence.get(ids[2])
    assert last is not None
    assert [one.id for one in desk.vault.evidence.until(last)] == [ids[0], ids[2]]
    assert desk.as_("engineer").get(f"/evidence/{ids[1]}").json()["problem"] == {"zh": "读不了", "en": "unread"}


@pytest.mark.long
def test_a_worker_answers_anew(where: Where, tmp_path: Path) -> None:
    flooded().write(tmp_path / "report")
    desk = desk_at(where)
    vault = desk.vault
    if vault.versions.head() is None:
        vault.versions.begin(vault.objects.put_tree(tmp_path / "report"), day=None)
    good, bad = (post(desk, "contractor", content).json()["id"] for content in (SEEN, b"node_id,date\n"))
    worker = Worker(vault, Settings(), "seat-0", KINDS)
    thread = threading.Thread(target=worker.run)
    thread.start()
    end = time.monotonic() + 120
    while time.monotonic() < end and any(one.state == "received" for one in vault.evidence.found()[0]):
        time.sleep(0.1)
    worker.ended.set()
    thread.join()
    told = desk.as_("contractor").get(f"/evidence/{good}").json()
    assert told["state"] == "computed", told
    assert told["changes"]["sources"]
    assert {row["road"] for row in told["changes"]["sources"]} == {OURS}
    failed = desk.as_("contractor").get(f"/evidence/{bad}").json()
    assert (failed["state"], failed["changes"]) == ("failed", None)
    assert "no rows" in failed["problem"]["en"]
    assert str(tmp_path) not in json.dumps(failed)
    desk.vault.close()
