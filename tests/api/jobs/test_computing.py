"""The job of a submission, on the demo city. Truth: what was really built there (`tests.support.deliveries`)."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from drainage.report import read_report
from drainage_api.jobs.all_kinds import KINDS
from drainage_api.jobs.worker import Worker
from drainage_api.settings import Settings
from drainage_api.store.opened import Store
from drainage_api.store.submitting.records import Person, Sent, Submission
from tests.support.deliveries import LANE, STREET, base, write_delivery

CONTRACTOR = Person("contractor", "contractor", "abcdefgh")


def submitted(store: Store, content: bytes, kind: str, *roads: str, name: str = "delivered") -> Submission:
    sent = Sent(f"{name}.{kind}", kind, store.objects.put(content), len(content))
    return store.submissions.receive(sent, CONTRACTOR, roads, most_waiting=9)


def computed(store: Store, one: Submission) -> Submission:
    worker = Worker(store, Settings(), "here", KINDS)
    claim = store.queue.claim("here")
    assert claim is not None
    worker.do(claim)
    found = store.submissions.get(one.id)
    assert found is not None
    return found


def begun(store: Store, folder: Path) -> None:
    base().write(folder / "report")
    store.versions.begin(store.objects.put_tree(folder / "report"), day="2018-12-31")


@pytest.mark.long
def test_what_was_built_is_checked_computed_and_kept_as_the_next_version_would_be(store: Store, tmp_path: Path) -> None:
    begun(store, tmp_path)
    one = computed(store, submitted(store, write_delivery(tmp_path, "geojson", STREET).read_bytes(), "geojson", STREET))
    assert one.state == "computed"
    assert one.comparison is not None
    [history] = store.submissions.history([one.id]).values()
    assert [event.act for event in history] == ["receive", "check", "compute"]
    assert one.comparison["counts"]["add"] == 16
    document = json.loads(store.objects.read(one.comparison["document"]))
    assert sum(row["fate"] == "closed" for row in document["misconnections"]) == 3
    after = read_report(store.objects.tree(one.comparison["tree"]), whole=True)
    assert len(after.network.pipes) == len(base().network.pipes)
    assert {path.name for path in store.objects.tree(one.comparison["page"]).iterdir()} >= {"map.html", "summary.json"}
    drawn = [(store.objects.tree(one.comparison["page"]) / f"map{mark}.html").read_bytes() for mark in ("", "_en")]
    drawn += [store.objects.read(one.comparison[f"own_map{mark}"]) for mark in ("", "_en")]
    assert [re.findall(rb'<html[^>]* lang="([^"]+)"', page)[0] for page in drawn] == [b"zh-CN", b"en"] * 2
    job = store.queue.of(one.id)
    assert job is not None
    assert (job.state, job.attempts) == ("done", 1)


@pytest.mark.long
def test_what_does_not_fit_fails_in_both_languages_under_the_name_that_it_had(store: Store, tmp_path: Path) -> None:
    begun(store, tmp_path)
    file = write_delivery(tmp_path, "geojson", STREET)
    one = computed(store, submitted(store, file.read_bytes(), "geojson", LANE, name="../../etc/竣工 1"))
    assert one.state == "failed"
    assert one.problem is not None
    assert one.problem["zh"] != one.problem["en"]
    said = json.dumps(one.problem, ensure_ascii=False)
    assert "竣工_1" in said or STREET in said
    assert str(tmp_path) not in said
    assert "/tmp" not in said  # noqa: S108 - of no file


def test_one_that_is_withdrawn_meanwhile_is_left_alone(store: Store) -> None:
    store.versions.begin(store.objects.put(b"{}"), day=None)
    one = submitted(store, b"{}", "geojson", STREET)
    claim = store.queue.claim("here")
    assert claim is not None
    store.submissions.withdraw(one.id, CONTRACTOR)
    Worker(store, Settings(), "here", KINDS).do(claim)
    found = store.submissions.get(one.id)
    assert found is not None
    assert (found.state, found.problem) == ("withdrawn", None)
    job = store.queue.of(one.id)
    assert job is not None
    assert job.state == "cancelled"


def test_a_damaged_base_is_no_fault_of_the_sender_and_is_said(store: Store) -> None:
    store.versions.begin("0" * 64, day=None)
    one = computed(store, submitted(store, b"{}", "geojson", STREET))
    assert one.state == "failed"
    assert one.problem is not None
    assert "backup" in one.problem["en"]
