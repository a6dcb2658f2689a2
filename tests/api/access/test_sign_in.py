"""Signing in: the key once, then a cookie that no script reads, no other site sends, and that ends with the key."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from http.cookies import Morsel, SimpleCookie
from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from drainage_api.access.keeper import Vault
from drainage_api.store import visits
from tests.support.asking import asking
from tests.support.door import behind_the_door

ITEMS = "/collections/pipes/items"


class Town:
    """A server and a key of an engineer."""

    def __init__(self, app: FastAPI, vault: Vault) -> None:
        self.app, self.vault = app, vault
        self.text = vault.keys.add("Wang", "engineer")[1]

    def signed_in(self) -> TestClient:
        client = asking(self.app)
        assert sign_in(client, self.text).status_code == 303
        return client


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    with behind_the_door(tmp_path / "store") as (app, keeper):
        assert keeper.vault is not None
        yield Town(app, keeper.vault)


def token_of(client: TestClient, path: str = "/login") -> str:
    found = re.search(r'name="token" value="([0-9a-f]{64})"', client.get(path).text)
    assert found is not None
    return found[1]


def sign_in(client: TestClient, key: str, *, headers: dict[str, str] | None = None, **fields: str):  # type: ignore[no-untyped-def]  # noqa: ANN201 - a response of either httpx
    data = {"key": key, "token": token_of(client), **fields}
    return client.post("/login", data=data, headers=headers, follow_redirects=False)


def morsel(said: str) -> Morsel[str]:
    return next(iter(SimpleCookie(said).values()))


class TestCookie:
    def test_is_for_this_host_alone_and_no_script(self, town: Town) -> None:
        cookie = morsel(sign_in(asking(town.app), town.text).headers["set-cookie"])
        assert (cookie.key, cookie["path"], cookie["domain"]) == ("drainage_session", "/", "")
        assert (cookie["httponly"], cookie["samesite"], cookie["secure"]) == (True, "strict", "")
        assert int(cookie["max-age"]) == pytest.approx(12 * 3600, abs=5)
        assert len(cookie.value) >= 43
        assert cookie.value not in town.text

    def test_is_secure_behind_tls(self, tmp_path: Path) -> None:
        with behind_the_door(tmp_path / "store", public_url="https://city.example/drain") as (app, keeper):
            assert keeper.vault is not None
            _, text = keeper.vault.keys.add("Wang", "engineer")
            client = asking(app, host="city.example")
            page = client.get("/login", headers={"Cookie": ""})
            form = morsel(page.headers["set-cookie"])
            sent = {"Cookie": f"{form.key}={form.value}"}
            (token,) = re.findall(r'name="token" value="([0-9a-f]{64})"', page.text)
            answer = client.post("/login", data={"key": text, "token": token}, headers=sent, follow_redirects=False)
            cookie = morsel(answer.headers["set-cookie"])
            assert (cookie.key, cookie["secure"], cookie["domain"]) == ("__Host-drainage_session", True, "")
            assert answer.headers["location"] == "/drain/desk"

    def test_opens_what_the_key_opens(self, town: Town) -> None:
        client = town.signed_in()
        assert client.get(ITEMS).json()["who"] == "Wang"
        assert client.get("/metrics").status_code == 403

    def test_only_its_digest_is_kept(self, town: Town) -> None:
        value = town.signed_in().cookies["drainage_session"]
        town.vault.close()
        for path in town.vault.database.place.iterdir():
            assert value.encode() not in path.read_bytes()


class TestEnd:
    def test_comes_with_the_end_of_the_key(self, town: Town) -> None:
        client = town.signed_in()
        town.vault.keys.revoke("Wang")
        assert client.get(ITEMS).status_code == 401

    def test_comes_after_a_bounded_time(self, town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
        client, now = town.signed_in(), time.time()
        monkeypatch.setattr("time.time", lambda: now + 12 * 3600 + 1)
        assert client.get(ITEMS).status_code == 401

    def test_comes_with_signing_out(self, town: Town) -> None:
        client = town.signed_in()
        value, token = client.cookies["drainage_session"], token_of(client)
        assert client.post("/logout", data={"token": "0" * 64}).status_code == 403
        answer = client.post("/logout", data={"token": token}, follow_redirects=False)
        assert (answer.status_code, answer.headers["location"]) == (303, "/login")
        assert morsel(answer.headers["set-cookie"])["max-age"] == "0"
        assert asking(town.app).get(ITEMS, headers={"Cookie": f"drainage_session={value}"}).status_code == 401

    def test_of_the_oldest_comes_where_there_are_too_many(self, town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(visits, "MOST_SESSIONS", 2)
        clients = [town.signed_in() for _ in range(3)]
        assert [client.get(ITEMS).status_code for client in clients] == [401, 200, 200]

    def test_a_session_goes_on_in_another_process(self, town: Town) -> None:
        client = town.signed_in()
        with behind_the_door(town.vault.database.place) as (app, _):
            cookie = {"Cookie": f"drainage_session={client.cookies['drainage_session']}"}
            assert asking(app).get(ITEMS, headers=cookie).status_code == 200


class TestForm:
    @pytest.mark.parametrize("token", ["", "0" * 64, "x", "\u00e9"])
    def test_without_our_token_is_refused(self, town: Town, token: str) -> None:
        client = asking(town.app)
        answer = sign_in(client, town.text, token=token)
        assert answer.status_code == 403
        assert "drainage_session" not in client.cookies

    def test_of_another_browser_is_refused(self, town: Town) -> None:
        token = token_of(asking(town.app))
        assert sign_in(asking(town.app), town.text, token=token).status_code == 403
        bare = asking(town.app).post("/login", data={"key": town.text, "token": token}, follow_redirects=False)
        assert bare.status_code == 403

    @pytest.mark.parametrize(
        "headers", [{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "http://evil.example"},
                    {"Origin": "null"}],
    )  # fmt: skip
    def test_of_a_page_of_others_is_refused(self, town: Town, headers: dict[str, str]) -> None:
        assert sign_in(asking(town.app), town.text, headers=headers).status_code == 403
        client = town.signed_in()
        assert client.post("/submissions", headers=headers).status_code == 403
        for ours in ({"Origin": "http://localhost"}, {"Origin": "null", "Sec-Fetch-Site": "same-origin"}, {}):
            assert client.post("/submissions", headers=ours).status_code == 200

    def test_with_a_wrong_key_says_so_and_after_ten_waits(self, town: Town) -> None:
        client = asking(town.app)
        answers = [sign_in(client, f"{town.text[:-5]}abcde") for _ in range(12)]
        assert [one.status_code for one in answers] == 10 * [401] + 2 * [429]
        assert answers[0].headers["content-type"].startswith("text/html")
        assert town.text[:-5] not in answers[0].text
        assert sign_in(client, town.text).status_code == 429

    def test_too_long_is_refused(self, town: Town) -> None:
        assert asking(town.app).post("/login", data={"key": "x" * 10_000}).status_code == 413

    @pytest.mark.parametrize(
        ("to", "goes"),
        [("/map", "/map"), ("/collections/pipes/items?f=html", "/collections/pipes/items?f=html"), ("", "/desk"),
         ("//evil.example/", "/"), ("/\\evil.example", "/"), ("https://evil.example/", "/"),
         ("/a\r\nSet-Cookie: x=1", "/"),
         ("javascript:alert(1)", "/"), ("map", "/"), ("/\tevil", "/")],
    )  # fmt: skip
    def test_leads_only_to_paths_of_this_server(self, town: Town, to: str, goes: str) -> None:
        answer = sign_in(asking(town.app), town.text, next=to)
        assert (answer.status_code, answer.headers["location"]) == (303, goes)

    def test_where_there_are_no_keys_nobody_need_sign_in(self, tmp_path: Path) -> None:
        with behind_the_door(tmp_path / "store") as (app, _):
            assert sign_in(asking(app), "x").status_code == 400


def test_a_text_of_the_address_is_no_mark_up(town: Town) -> None:
    page = asking(town.app).get("/login", params={"next": '/"><script>alert(1)</script>'}).text
    assert "<script>alert" not in page
