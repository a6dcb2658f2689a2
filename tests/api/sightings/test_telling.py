"""Telling of water in a street over HTTP. Truth: the small town of `served_town`, whose drain overflows in 人民路."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from drainage_api.settings import Settings
from tests.support.asking import asking
from tests.support.photographs import SECRET, gif, opened, photograph
from tests.support.served_town import serving
from tests.support.stores import Where
from tests.support.witnesses import AT, Desk, desk_at, now


@pytest.fixture
def desk(where: Where) -> Iterator[Desk]:
    """A server with a key of each role."""
    made = desk_at(where)
    yield made
    made.vault.close()


def test_it_is_kept_listed_decided_and_shown_without_its_sender(desk: Desk) -> None:
    told = desk.tells(photo=photograph(size=(2000, 1000)), address="203.0.113.77")
    assert told.status_code == 201, told.text
    identity = told.json()["id"]
    assert (told.json()["state"], set(told.json()["words"])) == ("waiting", {"zh", "en"})
    [one] = desk.as_("engineer").get("/sightings?state=waiting").json()["sightings"]
    assert (one["id"], one["lon"], one["depth_m"], one["words"], one["photo"]) == (
        identity,
        117.0067,
        0.3,
        "水到膝盖",
        True,
    )
    photo = f"/sightings/{identity}/photo"
    assert [asking(desk.app, desk.keys[role]).get(photo).status_code for role in ("", "contractor", "engineer")] == [
        404,
        404,
        200,
    ]
    desk.shows(identity)
    sent = asking(desk.app).get(photo)
    assert (sent.headers["content-type"], sent.headers["x-content-type-options"]) == ("image/jpeg", "nosniff")
    assert SECRET not in sent.content
    assert opened(sent.content).size == (1280, 640)
    desk.vault.journal.close()
    log = "".join(path.read_text() for path in desk.vault.database.place.glob("audit.jsonl"))
    assert "203.0.113.77" not in log
    if log:
        events = {json.loads(line)["event"]: json.loads(line) for line in log.splitlines()}
        assert events["sighting received"]["subject"] == events["sighting shown"]["subject"] == identity
        assert "address" not in events["sighting received"]
        assert events["sighting shown"]["who"] == "Wang"


@pytest.mark.long
def test_the_same_again_is_the_same(desk: Desk) -> None:
    at = now()
    first = desk.tells(time=at, address="203.0.113.5")
    again = desk.tells(time=at, address="203.0.113.5")
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["id"] == again.json()["id"]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"lon": "118.5"}, "outside of this town"),
        ({"lat": "-33.42607"}, "outside of this town"),
        ({"lon": "117.0067", "lat": "33.4460"}, "outside of this town"),
        ({"lon": "nan"}, "must be a number"),
        ({"lon": "1e2"}, "must be a number"),
        ({"lon": "９９"}, "must be a number"),
        ({"lon": ""}, "Missing: lon"),
        ({"depth_m": "3.01"}, "between 0 and 3 m"),
        ({"depth_m": "-0.1"}, "between 0 and 3 m"),
        ({"time": "yesterday"}, "cannot be read"),
        ({"time": "0001-01-01"}, "cannot be read"),
        ({"time": "2025-01-01"}, "last 30 days"),
        ({"time": "2999-01-01T00:00:00+08:00"}, "in the future"),
    ],
)
def test_what_cannot_be_is_refused_in_words(hand: Desk, fields: dict[str, str], words: str) -> None:
    answer = hand.tells(at={**AT, **fields})
    assert answer.status_code == 422
    assert words in answer.json()["said"]["en"]
    assert answer.json()["said"]["zh"]


@pytest.fixture(scope="module")
def hand(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """One server for many questions that change nothing."""
    made = desk_at(Where(tmp_path_factory.mktemp("hand") / "store"), sightings_per_hour=1000)
    made.app.state.keeper.tries._most = made.app.state.keeper.tries._per_s = 1e9
    yield made
    made.vault.close()


@pytest.mark.parametrize("ago", [{"days": 0}, {"days": 29, "hours": 23}, {"seconds": -300}])
def test_times_within_reach_are_taken(hand: Desk, ago: dict[str, float]) -> None:
    assert hand.tells(time=now(**ago)).status_code == 201


@pytest.mark.parametrize("field", ["words", "photo", "name", "more"])
def test_what_is_too_long_or_strange_is_refused(hand: Desk, field: str) -> None:
    if field == "words":
        answer = hand.tells(words="字" * 501)
    elif field == "photo":
        answer = hand.tells(photo=b"\xff\xd8\xff" + bytes(8_000_001))
    elif field == "name":
        answer = hand.tells(state="shown")
    else:
        answer = asking(hand.app).post("/sightings", json=AT)
    assert answer.status_code == {"words": 400, "photo": 413, "name": 400, "more": 415}[field], answer.text


def test_a_photograph_that_is_none_takes_the_whole_with_it(hand: Desk) -> None:
    before = hand.as_("engineer").get("/sightings").json()["numberMatched"]
    answer = hand.tells(photo=gif())
    assert answer.status_code == 415
    assert "of no kind" in answer.json()["said"]["en"]
    assert hand.as_("engineer").get("/sightings").json()["numberMatched"] == before


def test_a_photograph_of_no_bytes_is_said_and_a_field_without_one_is_none(hand: Desk) -> None:
    answer = hand.tells(photo=b"")
    assert (answer.status_code, "empty" in answer.json()["said"]["en"]) == (422, True)
    fields = {**AT, "time": now(), "depth_m": "0.3"}
    body = "".join(f'--cut\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n' for k, v in fields.items())
    body += '--cut\r\nContent-Disposition: form-data; name="photo"; filename=""\r\n\r\n\r\n--cut--\r\n'
    headers = {"Content-Type": "multipart/form-data; boundary=cut"}
    client = asking(hand.app, address="198.51.100.252")
    assert client.post("/sightings", content=body.encode(), headers=headers).status_code == 201


@pytest.mark.long
def test_words_that_turn_what_is_read_around_are_made_plain(hand: Desk) -> None:
    identity = hand.tells(words="=cmd|' /C calc'!A0\u202e txt.\n<script>alert(1)</script>").json()["id"]
    engineer = hand.as_("engineer")
    assert engineer.get(f"/sightings/{identity}").json()["words"] == "=cmd|' /C calc'!A0 txt. <script>alert(1)</script>"
    page = engineer.get(f"/collections/sightings/items/{identity}?f=html").text
    assert "<script>alert" not in page
    table = engineer.get("/collections/sightings/items?f=csv").text
    assert ",=cmd" not in table


def test_who_tells_too_often_is_told_to_wait(where: Where) -> None:
    desk = desk_at(where, sightings_per_hour=2)
    codes = [desk.tells(time=now(minutes=k), address="203.0.113.9") for k in range(3)]
    assert [one.status_code for one in codes] == [201, 201, 429]
    assert 0 < int(codes[-1].headers["retry-after"]) <= 3600
    assert desk.tells(address="203.0.113.10").status_code == 201
    flood = [desk.tells(lon="0", address="203.0.113.11").status_code for _ in range(12)]
    assert flood == [422] * 10 + [429] * 2
    desk.vault.close()


def test_a_page_of_another_site_tells_nothing_in_the_name_of_its_readers(hand: Desk) -> None:
    client = asking(hand.app, address="198.51.100.251")
    told = {**AT, "time": now(), "depth_m": "0.3"}
    answer = client.post(
        "/sightings",
        data=told,
        files={"photo": ("none.jpg", b"", "image/jpeg")},
        headers={"Sec-Fetch-Site": "cross-site"},
    )
    assert answer.status_code == 403


def test_states_limits_and_decisions_that_are_none_are_refused(hand: Desk) -> None:
    engineer, identity = hand.as_("engineer"), hand.tells().json()["id"]
    assert engineer.get("/sightings?state=lost").status_code == 400
    assert len(engineer.get("/sightings?limit=1").json()["sightings"]) == 1
    for body in (
        {},
        {"show": "perhaps"},
        {"state": "lost"},
        {"show": True, "note": "x" * 501},
        {"show": True, "more": 1},
    ):
        assert engineer.post(f"/sightings/{identity}/decision", json=body).status_code in {400, 422}, body
    assert engineer.post("/sightings/R-20260101-00000/decision", json={"show": True}).status_code == 404
    assert engineer.get(f"/sightings/{identity}").json()["state"] == "waiting"


@pytest.mark.parametrize(("state", "show"), [("shown", True), ("hidden", False)])
def test_a_form_decides_as_a_document_does(hand: Desk, state: str, *, show: bool) -> None:
    engineer, identity = hand.as_("engineer"), hand.tells().json()["id"]
    said = engineer.post(f"/sightings/{identity}/decision", data={"state": state, "note": "看过"})
    assert (said.json()["state"], said.json()["note"]) == (state, "看过")
    said = engineer.post(f"/sightings/{identity}/decision", json={"show": show})
    assert said.json()["state"] == state


@pytest.mark.long
def test_a_store_must_be_there() -> None:
    app = serving()
    answer = asking(app).post("/sightings", data=AT)
    assert answer.status_code == 404
    assert '"post":""' in asking(app).get("/public").text


class TestPublicOnly:
    def test_telling_is_let_through_and_nothing_else(self, where: Where) -> None:
        desk = desk_at(where, public_only=True)
        identity = desk.tells()
        assert identity.status_code == 201, identity.text
        client = asking(desk.app, desk.keys["engineer"])
        one = f"/sightings/{identity.json()['id']}"
        for method, path in (
            ("GET", "/sightings"), ("PUT", "/sightings"), ("DELETE", "/sightings"), ("POST", "/sightings/"),
            ("POST", "/sightings/summary"), ("POST", f"{one}/decision"), ("GET", f"{one}/photo"), ("GET", one),
            ("POST", "/evidence"), ("GET", "/collections/sightings/items"), ("POST", "/public"),
        ):  # fmt: skip
            assert client.request(method, path).status_code == 404, (method, path)
        desk.vault.close()

    def test_without_a_store_it_is_not_there(self) -> None:
        assert asking(serving(public_only=True)).post("/sightings", data=AT).status_code == 404


def test_the_setting_has_a_default() -> None:
    assert Settings().sightings_per_hour == 12


def test_more_at_once_than_there_are_threads_are_all_answered(tmp_path: Path) -> None:
    """Truth: none waits for a body that somebody else has heard while it waited for its turn."""
    made = desk_at(Where(tmp_path / "store"), threads=1)

    async def one(k: int) -> int:
        line = httpx2.ASGITransport(made.app, client=(f"203.0.113.{k + 1}", 50_000))
        async with httpx2.AsyncClient(transport=line, base_url="http://localhost") as client:
            told = {"time": now(), "depth_m": "0.3", **AT}
            answer = await client.post("/sightings", files={name: (None, value) for name, value in told.items()})
            return answer.status_code

    async def flood() -> list[int]:
        return await asyncio.wait_for(asyncio.gather(*(one(k) for k in range(12))), 20)

    assert asyncio.run(flood()) == [201] * 12
    made.vault.close()
