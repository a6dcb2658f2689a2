"""Headers of every answer: refused, failed or given."""

from __future__ import annotations

from pathlib import Path

import pytest
from fastapi import FastAPI, Response

from drainage_api.main import create_app
from drainage_api.settings import Settings
from tests.support.api_reports import hand_made
from tests.support.asking import asking
from tests.support.door import behind_the_door

CLOSED = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"


@pytest.fixture(scope="module")
def app() -> FastAPI:
    made = create_app(Settings(), report=hand_made())

    @made.get("/broken")
    async def broken() -> None:
        raise RuntimeError("/srv/secret/place")

    @made.get("/own")
    async def own() -> Response:
        return Response("<p>", headers={"Content-Security-Policy": "default-src 'self'"}, media_type="text/html")

    return made


@pytest.mark.parametrize(
    ("path", "status", "policy"),
    [("/conformance", 200, CLOSED), ("/nothing", 404, CLOSED), ("/conformance?x=1", 400, CLOSED),
     ("/broken", 500, CLOSED), ("/own", 200, "default-src 'self'")],
)  # fmt: skip
def test_are_there_whatever_the_answer(app: FastAPI, path: str, status: int, policy: str) -> None:
    answer = asking(app).get(path)
    assert answer.status_code == status
    assert answer.headers.get_list("content-security-policy") == [policy]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["x-frame-options"] == "DENY"
    assert answer.headers["referrer-policy"] == "same-origin"
    assert "secret" not in answer.text
    assert "RuntimeError" not in answer.text


def test_are_there_where_the_gate_answers(app: FastAPI) -> None:
    answer = asking(app, host="evil.example").get("/conformance")
    assert (answer.status_code, answer.headers["content-security-policy"]) == (403, CLOSED)
    assert "evil" not in answer.text + str(answer.headers)


def test_what_is_given_to_a_key_stays_out_of_caches_that_are_shared(tmp_path: Path) -> None:
    with behind_the_door(tmp_path / "store") as (small, keeper):
        assert keeper.vault is not None
        _, text = keeper.vault.keys.add("Wang", "engineer")
        for path in ("/collections/pipes/items", "/public", "/collections/public_streets/items"):
            answer = asking(small, text).get(path)
            assert answer.headers["cache-control"].startswith("private")
            assert {"Authorization", "Cookie"} <= {name.strip() for name in answer.headers["vary"].split(",")}
        assert "private" not in asking(small).get("/public").headers.get("cache-control", "")


def test_no_redirect_names_a_host(app: FastAPI) -> None:
    for path in ("/collections/", "/conformance/", "/login/", "/collections/pipes/"):
        answer = asking(app).get(path, follow_redirects=False)
        assert answer.status_code == 404
        assert "location" not in answer.headers


@pytest.mark.parametrize(("origin", "allowed"), [("https://gis.example", True), ("https://evil.example", False)])
def test_a_page_of_another_host_may_ask_only_where_it_is_named(origin: str, allowed: bool) -> None:  # noqa: FBT001 - a case
    app = create_app(Settings(cors_origins="https://gis.example"), report=hand_made())  # type: ignore[arg-type]  # as in the environment
    wanted = {
        "Origin": origin,
        "Access-Control-Request-Method": "GET",
        "Access-Control-Request-Headers": "authorization",
    }
    answer = asking(app).options("/conformance", headers=wanted)
    assert ("access-control-allow-origin" in answer.headers) is allowed
    assert (answer.status_code == 200) is allowed
    bare = create_app(Settings(), report=hand_made())
    assert "access-control-allow-origin" not in asking(bare).get("/conformance", headers={"Origin": origin}).headers
