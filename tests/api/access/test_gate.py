"""The gate: without keys this machine alone, and under no strange name; with ``--public-only`` one page and no more."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI

import drainage as dr
from drainage_api.access.gate import check_host, comes_from_here
from drainage_api.access.keeper import Keeper
from drainage_api.settings import Settings
from tests.support.asking import asking
from tests.support.door import behind_the_door

ITEMS = "/collections/pipes/items"


@pytest.fixture(scope="module")
def app() -> Iterator[FastAPI]:
    """Without a store."""
    with behind_the_door() as (app, _):
        yield app


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[tuple[FastAPI, Keeper]]:
    with behind_the_door(tmp_path / "store") as made:
        yield made


class TestWithoutKeys:
    @pytest.mark.parametrize(
        "host", ["localhost", "LocalHost:8000", "127.0.0.1", "127.8.9.1:99", "[::1]", "[::1]:8000"]
    )
    def test_this_machine_may_read_everything(self, app: FastAPI, host: str) -> None:
        answer = asking(app).get(ITEMS, headers={"Host": host})
        assert (answer.status_code, answer.json()["role"]) == (200, "local")

    @pytest.mark.parametrize(
        "host",
        ["", "example.org", "localhost.example.org", "127.0.0.1.nip.io", "localhost.", "127.1", "2130706433",
         "0", "10.0.0.1", "::1", "[::2]", "[127.0.0.1]", "localhost:x", "localhost, example.org", "user@localhost",
         "localhost/", "testserver"],
    )  # fmt: skip
    def test_a_strange_host_is_refused(self, app: FastAPI, host: str) -> None:
        answer = asking(app).get("/health", headers={"Host": host})
        assert answer.status_code == 403
        assert "drainage keys add" in answer.json()["detail"]

    @pytest.mark.parametrize(
        "name", ["Forwarded", "Via", "X-Real-IP", "X-Forwarded-For", "x-forwarded-host", "X-Forwarded-Proto",
                 "X-Forwarded-Anything"],
    )  # fmt: skip
    @pytest.mark.parametrize("path", [ITEMS, "/public", "/health", "/nothing"])
    def test_what_was_passed_on_is_refused(self, app: FastAPI, name: str, path: str) -> None:
        assert asking(app).get(path, headers={name: "127.0.0.1"}).status_code == 403
        assert asking(app).get(path, headers={name: ""}).status_code == 403

    @pytest.mark.parametrize("address", ["10.0.0.7", "192.168.1.2", "2001:db8::1", "testclient"])
    def test_another_machine_is_refused_whatever_it_calls_the_server(self, app: FastAPI, address: str) -> None:
        assert asking(app, address=address).get(ITEMS).status_code == 403

    def test_two_hosts_none_or_an_absolute_target_are_refused(self, app: FastAPI) -> None:
        two = [("Host", "localhost"), ("Host", "example.org")]
        assert asking(app).get(ITEMS, headers=two).status_code == 403
        scope = {"type": "http", "path": ITEMS, "headers": [(b"host", b"localhost")], "client": ("127.0.0.1", 5)}
        assert comes_from_here(scope)
        odds: list[dict[str, object]] = [{"headers": []}, {"path": "http://localhost/"}, {"client": None}]
        for odd in odds:
            assert not comes_from_here({**scope, **odd})

    @pytest.mark.parametrize("host", ["::", "192.168.1.2", "example.org"])
    def test_the_server_does_not_start_at_another_address(self, host: str, tmp_path: Path) -> None:
        for settings in (Settings(host=host), Settings(host=host, store=tmp_path / "store")):
            keeper = Keeper(settings)
            with pytest.raises(dr.errors.FormatError, match=r"drainage keys add"):
                check_host(settings, keeper)
            keeper.close()

    @pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2", "localhost", "::1"])
    def test_the_server_starts_on_loopback(self, host: str) -> None:
        settings = Settings(host=host)
        check_host(settings, Keeper(settings))


class TestWithAKey:
    def test_a_key_closes_the_server_at_once(self, kept: tuple[FastAPI, Keeper]) -> None:
        app, keeper = kept
        client = asking(app)
        assert client.get(ITEMS).status_code == 200
        assert keeper.vault is not None
        _, text = keeper.vault.keys.add("Wang", "engineer")
        assert client.get(ITEMS).status_code == 401
        assert asking(app, text).get(ITEMS).json()["who"] == "Wang"
        check_host(Settings(host="::"), keeper)

    def test_it_never_opens_again(self, kept: tuple[FastAPI, Keeper]) -> None:
        app, keeper = kept
        assert keeper.vault is not None
        _, text = keeper.vault.keys.add("Wang", "engineer")
        keeper.vault.keys.revoke("Wang")
        assert asking(app).get(ITEMS).status_code == 401
        assert asking(app, text).get(ITEMS).status_code == 401
        with behind_the_door(keeper.vault.database.place) as (again, _):
            assert asking(again).get(ITEMS).status_code == 401

    def test_a_store_that_is_gone_closes_it(self, kept: tuple[FastAPI, Keeper]) -> None:
        app, keeper = kept
        assert keeper.vault is not None
        place = keeper.vault.database.place
        for path in place.iterdir():
            path.unlink()
        for answer in (asking(app).get(ITEMS), asking(app, "drn_aaaaaaaa_" + 43 * "x").get(ITEMS)):
            assert answer.status_code == 503
            assert str(place) not in answer.text
        assert asking(app).get("/public").json() == "public"

    def test_it_may_be_behind_a_proxy_under_the_names_that_it_has(self, tmp_path: Path) -> None:
        settings = {"host": "::", "hosts": ("drain.lan",), "public_url": "https://city.example/drain"}
        with behind_the_door(tmp_path / "store", **settings) as (app, keeper):
            assert keeper.vault is not None
            _, text = keeper.vault.keys.add("Wang", "engineer")
            for host in ("drain.lan:8000", "city.example", "localhost"):
                passed_on = {"Host": host, "X-Forwarded-For": "10.0.0.7"}
                assert asking(app, text).get(ITEMS, headers=passed_on).status_code == 200
            for host in ("evil.example", "drain.lan.evil.example", "10.0.0.7", "[::]"):
                answer = asking(app, text).get(ITEMS, headers={"Host": host})
                assert answer.status_code == 421
                assert host not in answer.text
                assert asking(app).get("/health", headers={"Host": host}).status_code == 200


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[FastAPI, str]]:
    """A server of the public page alone, and a key that is in its store."""
    with behind_the_door(tmp_path_factory.mktemp("kept") / "store", public_only=True) as (app, keeper):
        assert keeper.vault is not None
        yield app, keeper.vault.keys.add("Wang", "engineer")[1]


class TestPublicOnly:
    @pytest.mark.parametrize("path", ["/public", "/health", "/collections/public_streets/items?limit=3"])
    def test_the_public_page_is_there_for_everybody(self, key: tuple[FastAPI, str], path: str) -> None:
        far = asking(key[0], address="10.0.0.7")
        assert far.get(path, headers={"X-Forwarded-For": "8.8.8.8"}).status_code == 200

    @pytest.mark.parametrize(
        "path",
        ["/", "/map", "/login", "/metrics", "/collections", "/conformance", "/api", ITEMS, "/collections/pipes",
         "/public/", "//public", "/PUBLIC", "/public%2f..%2fmap", "/collections/public_streets/../pipes/items",
         "/collections/public_streets%2f..%2fpipes/items", "/collections/pipes/items?f=html", "/health/x",
         "/collections/pipes%00public_streets/items", "/collections/public_streets/queryables", "/map?f=/public"],
    )  # fmt: skip
    def test_nothing_else_is_there_for_nobody(self, key: tuple[FastAPI, str], path: str) -> None:
        for client in (asking(key[0]), asking(key[0], key[1])):
            assert client.get(path).status_code == 404

    @pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND"])
    def test_nothing_can_be_sent_to_it(self, key: tuple[FastAPI, str], method: str) -> None:
        for path in ("/public", "/login", "/submissions"):
            assert asking(key[0], key[1]).request(method, path).status_code == 404

    def test_it_may_listen_anywhere(self) -> None:
        settings = Settings(host="::", public_only=True)
        check_host(settings, Keeper(settings))
