"""Submissions over HTTP: taken in once, seen by whom they are for, decided, appealed, and told.

Truth: a hand-made town with two contractors, an engineer and an operator; jobs are done by hand.
"""

from __future__ import annotations

import base64
import errno
import hashlib
import json
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from drainage_api.main import create_app
from drainage_api.settings import Settings
from drainage_api.store.submitting.moves import STATES
from drainage_api.store.submitting.receipts import holds
from drainage_api.store.tables import events, jobs, submissions
from tests.support.api_reports import hand_made
from tests.support.asking import asking
from tests.support.sending import OURS, SURVEY, THEIRS, Desk, a_desk, begin, compute, fail
from tests.support.stores import Where


class TestTakenIn:
    def test_it_is_kept_before_it_is_answered(self, desk: Desk) -> None:
        head = desk.vault.versions.head()
        answer = desk.send(words="完工")
        told = answer.json()
        assert answer.status_code == 202
        assert head is not None
        assert answer.headers["Location"] == f"http://localhost/submissions/{told['id']}"
        assert told["digest"] == hashlib.sha256(SURVEY).hexdigest()
        assert (told["state"], told["base"], told["by"], told["roads"]) == ("received", head.number, "li", [OURS])
        assert [(one["act"], one["who"], one["words"]) for one in told["history"]] == [("receive", "li", "完工")]
        assert desk.vault.objects.read(told["digest"]) == SURVEY
        job = desk.vault.queue.of(told["id"])
        assert job is not None
        assert (job.state, job.kind) == ("waiting", "submission")
        assert desk["li"].get(f"/jobs/{job.id}").json()["subject"] == told["id"]

    def test_the_same_request_again_is_the_same_submission(self, desk: Desk) -> None:
        first = desk.send(key="monday", words="a")
        desk.computed(first.json()["id"])
        again = desk.send(key="monday", words="a")
        assert (again.status_code, again.json()) == (202, first.json())
        assert desk.send("sun", key="monday").json()["id"] != first.json()["id"]
        assert desk.send(idempotency="monday", words="a").json()["id"] == first.json()["id"]

    @pytest.mark.parametrize(("content", "words"), [(SURVEY + b" ", "a"), (SURVEY, "b")])
    def test_other_content_under_the_same_name_is_refused(self, desk: Desk, content: bytes, words: str) -> None:
        first = desk.send(key="tuesday", words="a").json()["id"]
        answer = desk.send("li", content, key="tuesday", words=words)
        assert answer.status_code == 422
        assert first in answer.text

    @pytest.mark.parametrize("key", ["", "x" * 201, "ä"])
    def test_a_name_that_is_none_is_refused(self, desk: Desk, key: str) -> None:
        headers = [(b"Idempotency-Key", key.encode("latin-1"))]
        answer = desk["li"].post("/submissions", files={"file": ("a.geojson", SURVEY)}, headers=headers)
        assert answer.status_code == 400

    def test_without_a_name_each_is_another(self, desk: Desk) -> None:
        one = desk.sent()
        assert desk.sent() != one
        assert desk.send(key=one).json()["id"] != one

    def test_what_came_back_is_sent_anew(self, desk: Desk) -> None:
        first = desk.sent()
        assert desk.send(previous=first).status_code == 422  # it is not decided yet
        desk["li"].delete(f"/submissions/{first}")
        assert desk.send("sun", previous=first).status_code == 422
        second = desk.sent(previous=first)
        told = desk["li"].get(f"/submissions/{second}").json()
        assert told["previous"] == first
        assert first in [link["href"].rpartition("/")[2] for link in told["links"] if link["rel"] == "previous"]

    def test_only_so_many_of_one_key_wait(self, tmp_path: Path) -> None:
        with a_desk(tmp_path / "store", waiting_per_key=2) as desk:
            first = desk.sent()
            desk.sent()
            answer = desk.send()
            assert answer.status_code == 429
            assert int(answer.headers["Retry-After"]) > 0
            assert desk.send("sun").status_code == 202
            desk.computed(first)
            assert desk.send().status_code == 202

    @pytest.mark.parametrize("broken", ["queue.Queue.put", "submitting.submitted.Submissions._note"])
    def test_what_breaks_in_between_leaves_all_or_nothing(
        self, desk: Desk, broken: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The bytes may be there, which nobody names; row, event, job and receipt are not."""

        def breaks(*_: object, **__: object) -> None:
            raise RuntimeError("the process ends here")

        def counted() -> list[int]:
            with desk.vault.database.reading() as connection:
                asked = [select(func.count()).select_from(one) for one in (submissions, events, jobs)]
                return [connection.scalar(one) or 0 for one in asked]

        before = counted()
        monkeypatch.setattr(f"drainage_api.store.{broken}", breaks)
        assert desk.send(key=broken).status_code == 500
        monkeypatch.undo()
        assert counted() == before
        assert desk.send(key=broken).status_code == 202
        assert counted() == [count + 1 for count in before]

    def test_without_a_store_it_is_told_what_to_do(self) -> None:
        client = asking(create_app(Settings(), report=hand_made()))
        for method, path in (("POST", "/submissions"), ("GET", "/submissions"), ("GET", "/notices")):
            answer = client.request(method, path)
            assert answer.status_code == 404
            assert "--store DIR" in answer.text

    def test_on_the_machine_itself_without_keys_everything_may_be_done(self, tmp_path: Path) -> None:
        app = create_app(Settings(store=tmp_path / "store"), report=hand_made())
        store = app.state.keeper.vault
        begin(store)
        client = asking(app)
        one = client.post("/submissions", files={"file": ("a.geojson", SURVEY)}).json()["id"]
        compute(store, one)
        assert client.post(f"/submissions/{one}/decision", json={"accept": True}).json()["version"] == 2
        foreign = {"Origin": "http://elsewhere.example", "Sec-Fetch-Site": "cross-site"}
        files = {"file": ("a.geojson", SURVEY)}
        assert client.post("/submissions", files=files, headers=foreign).status_code == 403
        app.state.keeper.close()


class TestWhoSeesWhat:
    def test_a_contractor_sees_the_own_ones_alone(self, desk: Desk) -> None:
        mine, others = desk.sent("li"), desk.sent("sun")
        listed = desk["li"].get("/submissions", params={"limit": 1000}).json()
        ids = [one["id"] for one in listed["submissions"]]
        assert mine in ids
        assert others not in ids
        assert listed["numberMatched"] == len(ids)
        for name in ("wang", "zhao"):
            everything = desk[name].get("/submissions", params={"limit": 1000}).json()
            assert {mine, others} <= {one["id"] for one in everything["submissions"]}

    @pytest.mark.parametrize(
        ("method", "path", "body"),
        [
            ("GET", "", None),
            ("DELETE", "", None),
            ("POST", "/withdrawal", {}),
            ("GET", "/comparison", None),
            ("GET", "/receipt", None),
            ("GET", "/map", None),
            ("POST", "/appeal", {"words": "why"}),
        ],
    )
    def test_another_contractors_is_not_there(self, desk: Desk, method: str, path: str, body: Any) -> None:  # noqa: ANN401 - JSON
        one = desk.computed(desk.sent("sun"))
        desk.decide(one, accept=False, comment="no")
        given = {} if body is None else {"json": body}
        known = desk["li"].request(method, f"/submissions/{one}{path}", **given)
        unknown = desk["li"].request(method, f"/submissions/S-20000101-00000{path}", **given)
        assert known.status_code == unknown.status_code == 404
        assert known.text.replace(one, "") == unknown.text.replace("S-20000101-00000", "")
        assert desk.state(one) == "returned"

    def test_an_engineer_does_not_act_for_a_contractor(self, desk: Desk) -> None:
        one = desk.computed(desk.sent("li"))
        assert desk["wang"].delete(f"/submissions/{one}").status_code == 403
        desk.decide(one, accept=False, comment="no")
        assert desk["wang"].post(f"/submissions/{one}/appeal", json={"words": "x"}).status_code == 403
        assert desk.state(one) == "returned"

    def test_the_operator_neither_submits_nor_decides(self, desk: Desk) -> None:
        one = desk.computed(desk.sent("li"))
        assert desk.send("zhao").status_code == 403
        assert desk["zhao"].post(f"/submissions/{one}/decision", json={"accept": True}).status_code == 403
        assert desk["zhao"].delete(f"/submissions/{one}").status_code == 403
        assert desk["zhao"].get(f"/submissions/{one}/file").status_code == 403

    def test_the_list_is_by_state_and_page_by_page(self, desk: Desk) -> None:
        one = [desk.computed(desk.sent()) for _ in range(3)][-1]
        found = desk["li"].get("/submissions", params={"state": "computed", "limit": 1}).json()
        assert [each["id"] for each in found["submissions"]] == [one]
        either = desk["li"].get("/submissions?state=computed,received").json()["submissions"]
        assert {each["state"] for each in either} <= {"computed", "received"}
        assert desk["li"].get("/submissions?state=lost").status_code == 400
        assert desk["li"].get("/submissions?limit=0").status_code == 400
        assert desk["li"].get("/submissions?no=1").status_code == 400
        every = desk["li"].get("/submissions", params={"state": ",".join(STATES), "limit": 1000}).json()
        pages = [desk["li"].get("/submissions", params={"limit": 1, "offset": k}).json() for k in range(3)]
        assert [page["submissions"][0]["id"] for page in pages] == [each["id"] for each in every["submissions"][:3]]

    def test_the_comparison_is_narrowed_to_the_roads_of_the_key(self, desk: Desk) -> None:
        one = desk.sent("li")
        early = desk["li"].get(f"/submissions/{one}/comparison")
        assert early.status_code == 409
        assert "已接收" in early.text
        desk.computed(one)
        mine = desk["li"].get(f"/submissions/{one}/comparison").json()
        assert [row["point_id"] for row in mine["points"]] == ["W1"]
        assert mine["elsewhere"] == {"points": 2}
        whole = desk["wang"].get(f"/submissions/{one}/comparison").json()
        assert [row["point_id"] for row in whole["points"]] == ["W1", "W2", "W3"]

    def test_the_file_is_given_to_who_decides_as_bytes_to_save(self, desk: Desk) -> None:
        content = b'{"type": "FeatureCollection", "features": [], "x": "<script>"}'
        one = desk.send("li", content).json()["id"]
        answer = desk["wang"].get(f"/submissions/{one}/file")
        assert answer.content == content
        assert answer.headers["content-type"] == "application/octet-stream"
        assert answer.headers["content-disposition"] == f'attachment; filename="{one}.geojson"'
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert desk["li"].get(f"/submissions/{one}/file").status_code == 403

    def test_conflicts_are_told_to_who_decides(self, desk: Desk) -> None:
        mine, others, apart = desk.sent("li"), desk.sent("sun"), desk.sent("sun")
        compute(desk.vault, mine, touched={"pipes": ["p1", "p2"], "nodes": []})
        compute(desk.vault, others, touched={"pipes": ["p2"], "nodes": ["n1"]})
        compute(desk.vault, apart, touched={"pipes": ["p9"], "nodes": ["p1"]})
        told = {one["id"]: one for one in desk["wang"].get(f"/submissions/{mine}").json()["conflicts"]}
        assert told[others] == {"id": others, "by": "sun", "roads": [THEIRS]}
        assert apart not in told
        assert desk["li"].get(f"/submissions/{mine}").json()["conflicts"] == []


def test_a_full_disk_is_told_as_that_though_the_audit_log_has_no_room_either(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_room(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    before = desk["li"].get("/submissions").json()["submissions"]
    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", no_room)
        answer = desk["li"].post("/submissions", files={"file": ("a.geojson", SURVEY)})
        assert answer.status_code == 507
        assert "no room" in answer.json()["said"]["en"]
    assert desk["li"].get("/submissions").json()["submissions"] == before


class TestDecided:
    def test_nothing_is_accepted_that_is_damaged(self, desk: Desk) -> None:
        one = desk.computed(desk.sent())
        kept = desk.vault.submissions.get(one)
        assert kept is not None
        assert kept.comparison is not None
        lost = desk.vault.objects.path(desk.vault.objects.listed(kept.comparison["tree"])["summary.json"])
        content = lost.read_bytes()
        lost.unlink()
        answer = desk.decide(one, accept=True)
        assert answer.status_code == 503
        assert "the operator has to restore it" in answer.json()["said"]["en"]
        assert desk["li"].get(f"/submissions/{one}").json()["state"] == "computed"
        lost.write_bytes(content)
        assert desk.decide(one, accept=True).status_code == 200

    def test_an_acceptance_makes_a_version_and_puts_the_others_on_it(self, desk: Desk) -> None:
        head = desk.vault.versions.head()
        assert head is not None
        one, computed, waiting = desk.sent("li"), desk.sent("sun"), desk.sent("sun")
        desk.computed(one)
        desk.computed(computed)
        told = desk.decide(one, accept=True).json()
        assert (told["state"], told["version"]) == ("accepted", head.number + 1)
        version = desk.vault.versions.get(told["version"])
        assert version is not None
        assert (version.submission, version.parent) == (one, head.number)
        for other in (computed, waiting):
            found = desk["sun"].get(f"/submissions/{other}").json()
            assert (found["state"], found["base"], found["history"][-1]["act"]) == (
                "received",
                version.number,
                "rebase",
            )
            assert found["progress"]["state"] == "waiting"
            assert desk["sun"].get(f"/submissions/{other}/comparison").status_code == 409
        assert {one["submission"] for one in desk["sun"].get("/notices").json()["notices"]} >= {computed, waiting}
        assert desk.decide(one, accept=False, comment="too late").status_code == 409

    def test_what_was_computed_on_an_older_version_is_computed_anew_instead(self, desk: Desk) -> None:
        one = desk.computed(desk.sent())
        head = desk.vault.versions.begin(desk.vault.objects.put(b"{} "), day="2021-01-01")
        answer = desk.decide(one, accept=True)
        assert answer.status_code == 409
        assert "重新计算" in answer.text
        told = desk["wang"].get(f"/submissions/{one}").json()
        assert (told["state"], told["base"]) == ("received", head.number)
        assert desk.decide(desk.computed(one), accept=True).status_code == 200

    def test_a_return_wants_a_comment_and_can_be_appealed_once(self, desk: Desk) -> None:
        one = desk.sent()
        assert desk.decide(one, accept=True).status_code == 409  # not computed yet
        desk.computed(one)
        assert desk.decide(one, accept=False).status_code == 422
        assert desk.decide(one, accept=False, comment="  ").status_code == 422
        told = desk.decide(one, accept=False, comment="缺标高").json()
        assert (told["state"], told["history"][-1]["words"]) == ("returned", "缺标高")
        assert desk["li"].delete(f"/submissions/{one}").status_code == 409
        assert desk["li"].post(f"/submissions/{one}/appeal", json={"words": ""}).status_code == 422
        appealed = desk["li"].post(f"/submissions/{one}/appeal", json={"words": "有标高"}).json()
        assert (appealed["state"], appealed["history"][-1]["act"]) == ("computed", "appeal")
        assert desk.decide(one, accept=False, comment="还是缺").status_code == 200
        again = desk["li"].post(f"/submissions/{one}/appeal", json={"words": "有"})
        assert (again.status_code, "previous" in again.text) == (409, True)

    def test_notices_are_told_until_they_are_seen(self, desk: Desk) -> None:
        desk["li"].post("/notices/seen")
        one, two = desk.computed(desk.sent()), desk.computed(desk.sent())
        desk.decide(one, accept=False, comment="first")
        desk.decide(two, accept=False, comment="second")
        told = desk["li"].get("/notices").json()
        assert told["unseen"] == 2
        assert [(each["submission"], each["words"]) for each in told["notices"][:2]] == [
            (two, "second"),
            (one, "first"),
        ]
        first = str(told["notices"][1]["number"])
        assert desk["li"].post("/notices/seen", json={"until": first}).json() == {"seen": 1}
        assert desk["li"].get("/notices").json()["unseen"] == 1
        assert desk["sun"].post("/notices/seen", json={}).status_code == 200
        assert desk["li"].get("/notices").json()["unseen"] == 1
        assert desk["li"].post("/notices/seen", json={"until": "x"}).status_code == 422
        assert desk["li"].post("/notices/seen", json={"until": "9" * 18}).json() == {"seen": 1}
        assert desk["li"].post("/notices/seen", json={"until": "9" * 20}).status_code == 400

    def test_who_did_what_to_which_is_in_the_audit_log(self, desk: Desk) -> None:
        one = desk.computed(desk.sent())
        desk.decide(one, accept=False, comment="no")
        desk["li"].post(f"/submissions/{one}/appeal", json={"words": "why"})
        desk["sun"].post(f"/submissions/{one}/decision", json={"accept": True})
        desk["li"].delete(f"/submissions/{one}")
        told = [(entry["event"], entry["who"]) for entry in desk.log() if entry.get("subject") == one]
        assert told == [("submitted", "li"), ("returned", "wang"), ("appealed", "li"), ("withdrawn", "li")]
        refused = [entry for entry in desk.log() if one in entry["asked"] and entry["event"] == "refused"]
        assert [(entry["who"], entry["status"]) for entry in refused] == [("sun", 403)]


class TestJobs:
    def test_what_failed_says_why_and_is_begun_anew_by_the_operator(self, desk: Desk) -> None:
        one = desk.sent()
        fail(desk.vault, one)
        told = desk["li"].get(f"/submissions/{one}").json()
        assert (told["state"], told["problem"]) == ("failed", {"zh": "不是本城", "en": "another town"})
        job = desk.vault.queue.of(one)
        assert job is not None
        assert desk["li"].post(f"/jobs/{job.id}/retry", json={}).status_code == 403
        assert desk["zhao"].post(f"/jobs/{job.id}/retry", json={}).json()["state"] == "waiting"
        assert desk.state(one) == "received"
        assert desk["zhao"].post(f"/jobs/{job.id}/retry", json={}).status_code == 409

    def test_a_job_is_stopped_by_its_owner_or_the_operator(self, desk: Desk) -> None:
        for name, status, state in (("sun", 404, "received"), ("wang", 403, "received"), ("zhao", 200, "failed")):
            one = desk.sent()
            job = desk.vault.queue.of(one)
            assert job is not None
            assert desk[name].delete(f"/jobs/{job.id}").status_code == status
            assert desk.state(one) == state
        one = desk.sent()
        job = desk.vault.queue.of(one)
        assert job is not None
        assert desk["li"].post(f"/jobs/{job.id}/cancellation", json={}).json()["state"] == "cancelled"
        assert desk["li"].delete(f"/jobs/{job.id}").status_code == 409
        assert "li" in desk["li"].get(f"/submissions/{one}").json()["problem"]["zh"]


class TestReceipts:
    def test_a_receipt_is_signed_and_stays_as_it_was(self, desk: Desk) -> None:
        one = desk.sent(words="完工")
        before = desk["li"].get(f"/submissions/{one}/receipt").json()
        key = desk[""].get("/receipts/key").json()
        assert key["algorithm"] == "Ed25519"
        assert key["fingerprint"] == hashlib.sha256(base64.b64decode(key["public_key"])).hexdigest()
        assert before["receipt"]["digest"] == hashlib.sha256(SURVEY).hexdigest()
        assert holds(before["receipt"], before["signature"], key["public_key"])
        assert not holds({**before["receipt"], "size": 1}, before["signature"], key["public_key"])
        desk.computed(one)
        desk.vault.versions.begin(desk.vault.objects.put(b"{} "), day="2022-01-01")
        desk.decide(one, accept=True)
        desk.computed(one)
        desk.decide(one, accept=True, comment="好")
        after = desk["li"].get(f"/submissions/{one}/receipt").json()
        assert {**after, "decisions": []} == before
        [decision] = after["decisions"]
        assert holds(decision["receipt"], decision["signature"], key["public_key"])
        facts = decision["receipt"]
        assert (facts["decision"], facts["comment"], facts["submission"]) == ("accepted", "好", one)

    def test_the_key_of_a_store_is_made_once(self, where: Where) -> None:
        stores = [where.opened() for _ in range(3)]
        gate = threading.Barrier(3)

        def key_of(number: int) -> str:
            gate.wait()
            return stores[number].submissions.signer.public_key

        with ThreadPoolExecutor(3) as threads:
            found = set(threads.map(key_of, range(3)))
        assert len(found) == 1
        for store in stores:
            store.close()


class TestPages:
    """What a browser sends: forms with a token, answered by the page."""

    def test_a_write_of_a_session_needs_the_token_of_our_page(self, desk: Desk) -> None:
        key = desk["li"].headers["Authorization"].removeprefix("Bearer ")
        client = asking(desk.app)
        form = client.get("/login").text.split('name="token" value="')[1].split('"')[0]
        client.post("/login", data={"key": key, "token": form}, follow_redirects=False)
        page = {"Accept": "text/html"}
        files = {"file": ("a.geojson", SURVEY)}
        refused = client.post("/submissions", files=files, data={"token": form}, headers=page, follow_redirects=False)
        assert refused.status_code == 403
        token = client.get("/desk", headers=page).text.split('name="token" value="')[1].split('"')[0]
        answer = client.post("/submissions", files=files, data={"token": token}, headers=page, follow_redirects=False)
        assert answer.status_code == 303
        one = answer.headers["Location"].rpartition("/")[2]
        path = f"/submissions/{one}/withdrawal"
        assert client.post(path, data={}, headers=page, follow_redirects=False).status_code == 403
        assert client.delete(f"/submissions/{one}").status_code == 403
        assert client.delete(f"/submissions/{one}", headers={"X-Form-Token": token}).status_code == 200
        elsewhere = {"Sec-Fetch-Site": "cross-site", "X-Form-Token": token}
        assert client.post("/submissions", files=files, headers=elsewhere).status_code == 403


def test_two_clients_at_once_with_one_name_make_one_submission(where: Where) -> None:
    """On both engines, with a connection of its own for each."""
    with_keys = [where.opened(), where.opened()]
    begin(with_keys[0])
    gate = threading.Barrier(2)

    def send(number: int) -> list[str]:
        from drainage_api.store.submitting.records import Person, Sent

        found, store = [], with_keys[number]
        for k in range(5):
            sent = Sent("a.geojson", "geojson", "0" * 64, 4, idempotency=f"k{k}")
            gate.wait()
            found.append(store.submissions.receive(sent, Person("Li", "contractor", "li"), most_waiting=100).id)
        return found

    with ThreadPoolExecutor(2) as threads:
        first, second = threads.map(send, range(2))
    assert first == second
    assert len(set(first)) == 5
    assert with_keys[0].submissions.listed()[1] == 5
    assert len(with_keys[0].queue.listed(limit=100)) == 5
    for store in with_keys:
        store.close()


def test_the_document_describes_what_may_be_sent(desk: Desk) -> None:
    paths = desk["wang"].get("/api", headers={"Accept": "application/json"}).json()["paths"]
    sent = paths["/submissions"]["post"]
    assert "file" in json.dumps(sent["requestBody"])
    assert {"202", "409", "413", "415", "422", "429", "507"} <= sent["responses"].keys()
    assert {"200", "409", "422"} <= paths["/submissions/{submission_id}/decision"]["post"]["responses"].keys()
