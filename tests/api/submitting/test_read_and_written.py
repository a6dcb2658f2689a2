"""How often the store is read for a page, what is answered where it cannot be read, and what is not taken back then."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from drainage_api.store import audit
from drainage_api.store.database import StoreError
from drainage_api.store.spotted import Seen
from drainage_api.store.submitting.listed import Listed
from tests.support.desk_town import CONTRACTOR, ENGINEER, DeskTown, desk_town


@pytest.fixture
def town(tmp_path: Path) -> Iterator[DeskTown]:
    with desk_town(tmp_path) as town:
        yield town


def asked_of(town: DeskTown, ask: Callable[[], Any]) -> list[str]:
    """Return what is asked of the database meanwhile."""
    found: list[str] = []

    def heard(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        found.append(statement)

    with town.vault.database.reading() as connection:
        engine = connection.engine
    event.listen(engine, "before_cursor_execute", heard)
    try:
        ask()
    finally:
        event.remove(engine, "before_cursor_execute", heard)
    return found


def broken(*_: object, **__: object) -> None:
    raise StoreError("gone")


@pytest.mark.parametrize("path", ["/desk", "/versions?f=html", "/versions?f=json", "/submissions?f=json"])
def test_a_store_that_cannot_be_read_is_told_as_that_with_when_to_ask_again(
    town: DeskTown, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    client = town.asks(ENGINEER)
    assert client.get(path).status_code == 200
    for owner, name in ((town.vault.versions, "history"), (Listed, "listed"), (town.vault.sightings, "listed")):
        monkeypatch.setattr(owner, name, broken)
    answer = client.get(path)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")


def test_a_page_reads_its_submission_once(town: DeskTown) -> None:
    one = town.computed(town.submitted())
    for path in (f"/submissions/{one.id}", f"/submissions/{one.id}?f=json"):
        asked = asked_of(town, lambda path=path: town.asks(CONTRACTOR).get(path))  # type: ignore[misc]  # of the loop
        assert sum("FROM submissions" in each for each in asked) == 1, path


def test_a_list_asks_no_more_of_the_queue_the_longer_it_is(town: DeskTown) -> None:
    def of_the_queue() -> int:
        asked = asked_of(town, lambda: town.asks(ENGINEER).get("/submissions?f=json"))
        return sum("FROM jobs" in each for each in asked)

    town.submitted()
    few = of_the_queue()
    for k in range(5):
        town.submitted(filename=f"{k}.xlsx")
    assert of_the_queue() == few
    told = town.asks(CONTRACTOR).get("/submissions?f=json").json()["submissions"]
    assert [one["progress"]["before"] for one in told] == [5, 4, 3, 2, 1, 0]


def test_all_sightings_that_wait_are_counted_at_the_desk(town: DeskTown) -> None:
    for k in range(23):
        seen = Seen(at=1.7e9 + k, lon=117.5, lat=33.5, depth_m=0.3)
        town.vault.sightings.add(seen, None, f"192.0.2.{k}", most=10)
    assert '<span class="badge">23</span>' in town.asks(ENGINEER).get("/desk").text


def test_what_was_decided_is_not_told_as_refused_where_nothing_can_be_read_then(
    town: DeskTown, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = town.computed(town.submitted())
    decide = town.vault.submissions.decide

    def then_broken(*given: Any, **named: Any) -> Any:  # noqa: ANN401 - as `decide`
        decided = decide(*given, **named)
        monkeypatch.setattr(town.vault.submissions, "history", broken)
        return decided

    monkeypatch.setattr(town.vault.submissions, "decide", then_broken)
    client = town.asks(ENGINEER, Accept="application/json")
    answer = client.post(f"/submissions/{one.id}/decision", json={"accept": True})
    assert (answer.status_code, answer.json()["state"], answer.json()["version"]) == (200, "accepted", 2)


def test_what_was_decided_is_not_told_as_refused_where_the_log_cannot_be_written_then(
    town: DeskTown, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = town.computed(town.submitted())
    write = audit._write

    def full(*_: object) -> None:
        raise OSError(28, "full")

    monkeypatch.setattr(audit, "_write", full)
    client = town.asks(ENGINEER, Accept="application/json")
    answer = client.post(f"/submissions/{one.id}/decision", json={"accept": False, "comment": "no"})
    assert (answer.status_code, answer.json()["state"]) == (200, "returned")
    assert client.get("/desk").status_code == 503  # nothing more is given meanwhile
    monkeypatch.setattr(audit, "_write", write)


def test_the_page_of_a_refused_form_is_read_beside_the_loop(town: DeskTown, monkeypatch: pytest.MonkeyPatch) -> None:
    one = town.computed(town.submitted())
    get, on_the_loop = town.vault.submissions.get, list[bool]()

    def heard(identity: str) -> Any:  # noqa: ANN401 - as `get`
        on_the_loop.append(asyncio._get_running_loop() is not None)
        return get(identity)

    monkeypatch.setattr(town.vault.submissions, "get", heard)
    answer = town.asks(ENGINEER).post(f"/submissions/{one.id}/decision", json={"accept": False})
    assert (answer.status_code, 'id="refused"' in answer.text) == (422, True)
    assert len(on_the_loop) > 1
    assert not any(on_the_loop)


def test_after_a_decision_on_a_sighting_the_desk_stays_in_its_language(town: DeskTown) -> None:
    seen = town.seen("水深")
    client = town.asks(ENGINEER)
    answer = client.post(f"/sightings/{seen}/decision?lang=en", json={"show": True}, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"].partition("/desk")[2]) == (303, "?lang=en")


class TestFourEyes:
    def test_nobody_decides_on_what_they_submitted(self, town: DeskTown) -> None:
        one = town.computed(town.submitted(ENGINEER))
        client = town.asks(ENGINEER)
        page = client.get(f"/submissions/{one.id}").text
        assert "须由另一位工程师决定" in page
        assert "/decision" not in page
        for said in ({"accept": True}, {"accept": False, "comment": "no"}):
            answer = town.asks(ENGINEER, Accept="application/json").post(f"/submissions/{one.id}/decision", json=said)
            assert answer.status_code == 403
            assert "another engineer" in answer.json()["said"]["en"]
        assert town.vault.submissions.get(one.id).state == "computed"  # type: ignore[union-attr]  # it is there

    def test_another_engineer_does(self, town: DeskTown) -> None:
        one = town.computed(town.submitted(ENGINEER))
        town.keys["Xu"] = town.vault.keys.add("Xu", "engineer")[1]
        assert "/decision" in town.asks("Xu").get(f"/submissions/{one.id}").text
        answer = town.asks("Xu", Accept="application/json").post(
            f"/submissions/{one.id}/decision", json={"accept": True}
        )
        assert answer.json()["state"] == "accepted"

    def test_a_new_key_of_the_same_name_does_not(self, town: DeskTown) -> None:
        one = town.computed(town.submitted(ENGINEER))
        town.vault.keys.revoke(ENGINEER)
        town.keys[ENGINEER] = town.vault.keys.add(ENGINEER, "engineer")[1]
        client = town.asks(ENGINEER, Accept="application/json")
        assert client.post(f"/submissions/{one.id}/decision", json={"accept": True}).status_code == 403
