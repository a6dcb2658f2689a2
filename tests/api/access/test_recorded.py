"""What the log holds of each request: reads of what is restricted, writes and refusals, and never a key or a cookie."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI

from drainage_api.access.keeper import Keeper
from drainage_api.access.limits import MOST_WRITTEN
from drainage_api.store import audit
from drainage_api.store.audit import Verdict, verify
from tests.support.asking import asking
from tests.support.door import behind_the_door

ITEMS = "/collections/pipes/items"


class Desk:
    """A server with a key, and what it wrote."""

    def __init__(self, app: FastAPI, keeper: Keeper) -> None:
        assert keeper.vault is not None
        self.app, self.keeper, self.vault = app, keeper, keeper.vault
        self.key, self.text = self.vault.keys.add("Wang", "engineer")

    def written(self) -> list[dict[str, Any]]:
        """Return the log as it is now, without waiting for what is to be written within a second."""
        path = self.vault.database.place / "audit.jsonl"
        return [json.loads(line) for line in path.read_bytes().splitlines()] if path.exists() else []

    def all(self) -> list[dict[str, Any]]:
        self.keeper.close()
        return self.written()


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with behind_the_door(tmp_path / "store") as made:
        yield Desk(*made)


def test_a_read_of_what_is_restricted_is_written(desk: Desk) -> None:
    answer = asking(desk.app, desk.text, address="10.0.0.7").get(f"{ITEMS}?road=磬山路&limit=3")
    (line,) = desk.all()
    del line["previous"], line["hash"]
    assert line.pop("time").endswith("Z")
    assert line == {
        "n": 1,
        "event": "read",
        "who": "Wang",
        "role": "engineer",
        "key": desk.key.prefix,
        "address": "10.0.0.7",
        "method": "GET",
        "asked": f"{ITEMS}?road=%E7%A3%AC%E5%B1%B1%E8%B7%AF&limit=3",
        "status": 200,
        "count": 3,
        "bytes": len(answer.content),
    }


def test_what_is_public_is_not_written(desk: Desk) -> None:
    for path in ("/public", "/health", "/collections/public_streets/items", "/login", "/nothing"):
        asking(desk.app).get(path)
    assert desk.all() == []


def test_a_refusal_and_a_write_are_written_before_they_are_answered(desk: Desk) -> None:
    asking(desk.app).get(ITEMS)
    asking(desk.app, f"drn_{desk.key.prefix}_{43 * 'x'}").get(ITEMS)
    asking(desk.app, desk.text).post("/submissions")
    asking(desk.app, desk.text).get("/metrics")
    said = [(one["event"], one["status"], one.get("who"), one.get("key")) for one in desk.written()]
    assert said == [
        ("refused", 401, None, None),
        ("refused", 401, None, desk.key.prefix),
        ("written", 200, "Wang", desk.key.prefix),
        ("refused", 403, "Wang", desk.key.prefix),
    ]


def test_nothing_is_in_it_that_opens_anything(desk: Desk) -> None:
    client = asking(desk.app)
    page = client.get("/login").text
    token = page.split('name="token" value="')[1].split('"')[0]
    client.post("/login", data={"key": desk.text, "token": token}, follow_redirects=False)
    client.get(f"{ITEMS}?key={desk.text}")
    asking(desk.app, f"{desk.text[:-4]}abcd").get(f"{ITEMS}?key={desk.text[:30]}")
    assert [one["event"] for one in desk.all()] == ["signed in", "read", "refused"]
    log = (desk.vault.database.place / "audit.jsonl").read_text(encoding="utf-8")
    for secret in (desk.text[13:20], *client.cookies.values(), token):
        assert secret not in log


def test_one_who_is_refused_again_and_again_does_not_fill_the_disk(desk: Desk) -> None:
    client = asking(desk.app)
    for _ in range(MOST_WRITTEN + 20):
        client.get(ITEMS)
    assert len(desk.all()) == MOST_WRITTEN


def test_what_was_counted_only_is_told_with_the_next(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("drainage_api.access.limits.MOST_WRITTEN", 1)
    client = asking(desk.app)
    for _ in range(3):
        client.get(ITEMS)
    monkeypatch.setattr("drainage_api.access.limits._MINUTE_S", 0.0)
    client.get(ITEMS)
    assert [one.get("unwritten") for one in desk.all()] == [None, 2]


def test_nothing_restricted_is_given_where_it_cannot_be_written(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "full")

    monkeypatch.setattr(audit, "_write", full)
    assert asking(desk.app, desk.text).post("/submissions").status_code == 503
    answer = asking(desk.app, desk.text).get(ITEMS)
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "1"
    assert str(desk.vault.database.place) not in answer.text
    assert asking(desk.app).get("/public").status_code == asking(desk.app).get("/health").status_code == 200
    assert asking(desk.app).get(ITEMS).status_code == 401


def test_an_address_behind_a_trusted_proxy_is_the_one_that_it_names(tmp_path: Path) -> None:
    with behind_the_door(tmp_path / "store", trusted_proxies="10.0.0.0/24") as made:
        desk = Desk(*made)
        for peer, named in (
            ("10.0.0.7", "6.6.6.6, 8.8.8.8, 10.0.0.9"),
            ("9.9.9.9", "8.8.8.8"),
            ("10.0.0.7", "nonsense"),
        ):
            asking(desk.app, desk.text, address=peer).get(ITEMS, headers={"X-Forwarded-For": named})
        assert [one["address"] for one in desk.all()] == ["8.8.8.8", "9.9.9.9", "10.0.0.7"]


def test_the_chain_of_all_that_holds(desk: Desk) -> None:
    for _ in range(3):
        asking(desk.app, desk.text).get(ITEMS)
        asking(desk.app).get(ITEMS)
    lines = desk.all()
    desk.vault.database.version()
    assert verify(desk.vault.database) == Verdict(6, first=lines[0]["time"], last=lines[-1]["time"])
    desk.keeper.close()
