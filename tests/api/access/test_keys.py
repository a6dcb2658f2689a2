"""Keys: shown once, kept as a digest, found by a prefix; who may what with each."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import sqlite3
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI

import drainage as dr
from drainage_api.access.keeper import Keeper, Vault
from drainage_api.access.who import Who
from drainage_api.store.keys import Key
from tests.support.asking import asking
from tests.support.door import behind_the_door

ITEMS = "/collections/pipes/items"
STREETS = "/collections/public_streets/items"


def today() -> dt.date:
    """Give the day on which a test runs: the tests together may take past midnight."""
    return dt.datetime.now().astimezone().date()


@pytest.fixture
def vault(tmp_path: Path) -> Iterator[Vault]:
    opened = Vault.with_limits(tmp_path / "store", failures_per_minute=10)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[FastAPI, dict[str, str]]]:
    """A server, and a key of each role."""
    with behind_the_door(tmp_path_factory.mktemp("town") / "store") as (app, keeper):
        keys = keys_of(keeper).keys
        yield (
            app,
            {
                "contractor": keys.add("Li", "contractor", roads=["Renmin Road"])[1],
                "engineer": keys.add("Wang", "engineer")[1],
                "operator": keys.add("Zhao", "operator", until=today())[1],
                "": "",
            },
        )


def keys_of(keeper: Keeper) -> Vault:
    assert keeper.vault is not None
    return keeper.vault


class TestWhatIsKept:
    def test_a_key_has_256_random_bits_and_only_its_digest_is_kept(self, vault: Vault) -> None:
        made = [vault.keys.add(f"key {number}", "engineer") for number in range(20)]
        texts = [text for _, text in made]
        assert len({text[13:] for text in texts}) == len({key.prefix for key, _ in made}) == 20
        for key, text in made:
            assert re.fullmatch(rf"drn_{key.prefix}_[A-Za-z0-9_-]{{43}}", text)
            assert key.digest == hashlib.sha256(text.encode()).digest()
        vault.close()
        for path in vault.database.place.iterdir():
            assert not any(text[13:].encode() in path.read_bytes() for text in texts)

    def test_the_store_is_for_its_owner_alone(self, vault: Vault) -> None:
        vault.keys.add("Wang", "engineer")
        place = vault.database.place
        assert stat.S_IMODE(place.stat().st_mode) == 0o700
        assert {stat.S_IMODE(path.stat().st_mode) for path in place.iterdir()} == {0o600}

    def test_a_directory_that_others_may_read_is_closed(self, tmp_path: Path) -> None:
        tmp_path.chmod(0o755)
        Vault.with_limits(tmp_path, failures_per_minute=1).close()
        assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o700

    def test_a_directory_of_other_things_is_no_store(self, tmp_path: Path) -> None:
        (tmp_path / "notes.txt").write_text("…", encoding="utf-8")
        with pytest.raises(dr.errors.FormatError, match="empty directory or a new one"):
            Vault.with_limits(tmp_path, failures_per_minute=1)
        with pytest.raises(dr.errors.FormatError, match="not a directory"):
            Vault.with_limits(tmp_path / "notes.txt", failures_per_minute=1)

    @pytest.mark.parametrize("damage", ["not a database", "another layout"])
    def test_a_damaged_store_is_refused_at_the_start(self, vault: Vault, damage: str) -> None:
        place = vault.database.place
        vault.close()
        if damage == "not a database":
            (place / "store.db").write_bytes(b"damaged" * 1000)
        else:
            with sqlite3.connect(place / "store.db") as connection:
                connection.execute("UPDATE about SET value = '99' WHERE name = 'layout'")
            connection.close()
        with pytest.raises(dr.errors.FormatError, match=r"cannot be read|is damaged"):
            Vault.with_limits(place, failures_per_minute=1)

    @pytest.mark.parametrize(
        ("given", "told"),
        [
            ({"name": " ", "role": "engineer"}, "printable characters"),
            ({"name": "a\nb", "role": "engineer"}, "printable characters"),
            ({"name": "x" * 61, "role": "engineer"}, "printable characters"),
            ({"name": "Li", "role": "contractor"}, "--road NAME"),
            ({"name": "Li", "role": "contractor", "roads": [" "]}, "empty"),
            ({"name": "Wang", "role": "engineer", "roads": ["Renmin Road"]}, "contractors alone"),
            ({"name": "Wang", "role": "operator", "until": today() - dt.timedelta(days=1)}, "that day is over"),
            ({"name": "held", "role": "engineer"}, "a valid key is called 'held' already"),
        ],
    )
    def test_what_makes_no_key_is_refused(self, vault: Vault, given: dict[str, object], told: str) -> None:
        vault.keys.add("held", "operator")
        with pytest.raises(dr.errors.FormatError, match=told):
            vault.keys.add(**given)  # type: ignore[arg-type]  # as the case says
        assert len(vault.keys.all()) == 1

    def test_the_name_of_a_key_that_ended_can_be_given_again(self, vault: Vault) -> None:
        vault.keys.add("Wang", "engineer")
        assert vault.keys.revoke("Wang").state == "revoked"
        vault.keys.add("Wang", "engineer")
        assert [key.state for key in vault.keys.all()] == ["revoked", "valid"]
        with pytest.raises(dr.errors.FormatError, match="no key has the name"):
            vault.keys.revoke("nobody")


class TestWhoMayWhat:
    @pytest.mark.parametrize(
        ("method", "path", "allowed"),
        [
            ("GET", ITEMS, {"contractor", "engineer", "operator"}),
            ("GET", "/map", {"engineer", "operator"}),
            ("GET", "/public", {"", "contractor", "engineer", "operator"}),
            ("GET", STREETS, {"", "contractor", "engineer", "operator"}),
            ("POST", "/submissions", {"contractor", "engineer"}),
            ("POST", "/decision", {"engineer"}),
            ("GET", "/metrics", {"operator"}),
        ],
    )
    @pytest.mark.parametrize("role", ["", "contractor", "engineer", "operator"])
    def test_is_what_the_table_says(
        self, town: tuple[FastAPI, dict[str, str]], method: str, path: str, allowed: set[str], role: str
    ) -> None:
        app, keys = town
        answer = asking(app, keys[role]).request(method, path)
        assert answer.status_code == (200 if role in allowed else 403 if role else 401)
        if not role and role not in allowed:
            assert answer.headers["www-authenticate"].startswith("Bearer")

    def test_a_contractor_is_told_of_no_collection_that_is_not_theirs(
        self, town: tuple[FastAPI, dict[str, str]]
    ) -> None:
        app, keys = town
        there, not_there = (
            asking(app, keys["contractor"]).get(f"/collections/{name}/items") for name in ("ensemble", "nothing")
        )
        assert there.status_code == not_there.status_code == 404
        assert there.json()["detail"].replace("ensemble", "nothing") == not_there.json()["detail"]
        assert asking(app, keys["contractor"]).get(ITEMS).json()["roads"] == ["Renmin Road"]

    @pytest.mark.parametrize(
        "said",
        ["Bearer", "Bearer ", "Bearer x", "Basic {key}", "{key}", "Bearer {key}x", "Bearer  {key} x", "bearer {other}",
         "Bearer {key}, Bearer {key}", "Bearer {prefix}", "Bearer \x00", "Bearer " + "x" * 5000],
    )  # fmt: skip
    def test_what_is_no_key_opens_nothing(self, said: str, tmp_path: Path) -> None:
        with behind_the_door(tmp_path / "store", failures_per_minute=100) as (app, keeper):
            key, text = keys_of(keeper).keys.add("Wang", "engineer")
            given = said.format(key=text, prefix=key.prefix, other=text[:-1] + ("A" if text[-1] != "A" else "B"))
            answer = asking(app).get(ITEMS, headers={"Authorization": given})
            assert answer.status_code == 401
            assert 'error="invalid_token"' in answer.headers["www-authenticate"]
            assert asking(app).get("/public", headers={"Authorization": given}).status_code == 401

    def test_two_headers_are_none(self, town: tuple[FastAPI, dict[str, str]]) -> None:
        app, keys = town
        two = [("Authorization", f"Bearer {keys['engineer']}"), ("Authorization", f"Bearer {keys['operator']}")]
        assert asking(app).get(ITEMS, headers=two).status_code == 401

    def test_a_key_ends_at_once_and_says_why(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        with behind_the_door(tmp_path / "store") as (app, keeper):
            keys = keys_of(keeper).keys
            _, ended = keys.add("Wang", "engineer")
            last = today()
            _, short = keys.add("Li", "contractor", roads=["a"], until=last)
            assert asking(app, ended).get(ITEMS).status_code == asking(app, short).get(ITEMS).status_code == 200
            other = Vault.with_limits(tmp_path / "store", failures_per_minute=10)  # as another process would
            other.keys.revoke("Wang")
            other.close()
            assert "was revoked" in asking(app, ended).get(ITEMS).json()["detail"]
            monkeypatch.setattr(Key, "ends", property(lambda _: 0.0))
            assert f"ran out on {last}" in asking(app, short).get(ITEMS).json()["detail"]


class TestColumns:
    def test_a_contractor_sees_the_columns_that_are_named_and_an_engineer_all(self) -> None:
        held = ["pipe_id", "diameter_mm", "owner_phone", "road"]
        assert Who("contractor", roads=("a",)).columns("pipes", held) == ["pipe_id", "diameter_mm", "road"]
        assert Who("engineer").columns("pipes", held) == Who("local").columns("pipes", held) == held
        assert list(Who("public").columns("pipes", held)) == []
        assert Who("public").columns("public_streets", held) == held

    def test_another_table_of_roles_can_be_named(self, tmp_path: Path) -> None:
        roles = tmp_path / "roles.toml"
        roles.write_text('[contractor]\nverbs = ["read"]\n[contractor.sees]\nroads = ["road"]\n', encoding="utf-8")
        with behind_the_door(tmp_path / "store", roles=roles) as (app, keeper):
            _, text = keys_of(keeper).keys.add("Li", "contractor", roads=["a"])
            assert asking(app, text).get("/collections/roads/items").status_code == 200
            assert asking(app, text).get(ITEMS).status_code == 404
            assert asking(app, text).post("/submissions").status_code == 403
            assert asking(app).get(STREETS).status_code == 200

    @pytest.mark.parametrize(
        "text", ["nonsense", "[contractor]\nverbs = ['erase']\nsees = 'all'", "[boss]\nverbs = []\nsees = 'all'",
                 "[public]\nverbs = ['read']\nsees = 'all'", "[engineer]\nverbs = []\nsees = 3",
                 "[engineer]\nverbs = 1", "[engineer]\nverbs = []\nsees.pipes = 'road'"],
    )  # fmt: skip
    def test_a_table_that_is_none_is_refused_at_the_start(self, tmp_path: Path, text: str) -> None:
        roles = tmp_path / "roles.toml"
        roles.write_text(text, encoding="utf-8")
        with pytest.raises(dr.errors.FormatError, match=r"roles\.toml"), behind_the_door(None, roles=roles):
            pass
