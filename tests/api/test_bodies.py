"""Bytes as they are asked for. Truth: RFC 9110, by the clause in each name or docstring."""

from __future__ import annotations

import gzip

import pytest
from fastapi import FastAPI, Request, Response
from starlette.testclient import TestClient

from drainage_api.main import HeadAsGet
from drainage_api.served.bodies import Body, Kept, accepts_gzip, send_body
from tests.support.asking import asking

TEXT = b"0123456789" * 500
BODY = Body(TEXT, "text/plain")
PLAIN = {"Accept-Encoding": "identity"}


@pytest.fixture(scope="module")
def client() -> TestClient:
    """One address with a long text, one with a picture, one that is saved."""
    app = FastAPI()

    @app.get("/text")
    def text(request: Request) -> Response:
        return send_body(request, BODY)

    @app.get("/weak")
    def weak(request: Request) -> Response:
        return send_body(request, Body(TEXT, "text/plain", tag="one", weak=True), public=True)

    @app.get("/picture")
    def picture(request: Request) -> Response:
        return send_body(request, Body(TEXT, "image/png", compress=False), filename="图 1.png")

    app.add_middleware(HeadAsGet)
    return asking(app)


@pytest.mark.parametrize(
    ("accepted", "wanted"),
    [
        (None, False), ("", False), ("gzip", True), ("GZIP", True), ("x-gzip", True), ("deflate, br", False),
        ("gzip;q=0", False), ("gzip; q=0.000", False), ("*", True), ("*;q=0", False), ("gzip;q=0, *", False),
        ("*;q=0, gzip;q=0.5", True), ("identity;q=0.5, gzip;q=0.4", False), ("identity;q=0.5, gzip;q=0.5", True),
        ("br;q=1.0, gzip;q=0.8, *;q=0.1", True), ("gzip;q=2", False), ("gzip;level=1", False), ("gzipped", False),
    ],
)  # fmt: skip
def test_gzip_goes_to_who_wants_it(accepted: str | None, wanted: bool) -> None:  # noqa: FBT001
    """RFC 9110, 12.5.3: a weight of 0 is not acceptable; ``*`` is any coding not named; 12.4.2: weights up to 1."""
    assert accepts_gzip(accepted) is wanted


def test_the_two_representations_have_their_own_strong_tags(client: TestClient) -> None:
    """RFC 9110, 8.8.3.3."""
    plain, zipped = client.get("/text", headers=PLAIN), client.get("/text", headers={"Accept-Encoding": "gzip"})
    assert plain.content == zipped.content == TEXT
    assert "content-encoding" not in plain.headers
    assert zipped.headers["content-encoding"] == "gzip"
    assert int(zipped.headers["content-length"]) < len(TEXT) / 10
    assert plain.headers["etag"] != zipped.headers["etag"]
    assert "W/" not in plain.headers["etag"] + zipped.headers["etag"]
    assert plain.headers["vary"] == zipped.headers["vary"]
    assert "Accept-Encoding" in plain.headers["vary"]
    assert plain.headers["cache-control"].startswith("private")


def test_what_is_short_or_compressed_already_is_sent_as_it_is(client: TestClient) -> None:
    assert Body(b"short", "text/plain").gzipped is None
    assert Body(gzip.compress(bytes(range(256)) * 8), "application/zip").gzipped is None
    answer = client.get("/picture", headers={"Accept-Encoding": "gzip"})
    assert "content-encoding" not in answer.headers
    assert answer.headers["content-disposition"] == "attachment; filename*=UTF-8''%E5%9B%BE%201.png"


@pytest.mark.parametrize("known", ["{0}", '"x", {0}', "W/{0}", "*"])
@pytest.mark.parametrize("path", ["/text", "/weak"])
def test_who_has_it_gets_nothing(client: TestClient, known: str, path: str) -> None:
    """RFC 9110, 13.1.2: any of a list, compared weakly."""
    tag = client.get(path).headers["etag"]
    answer = client.get(path, headers={"If-None-Match": known.format(tag.removeprefix("W/"))})
    assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", tag)
    assert "content-encoding" not in answer.headers


def test_who_has_another_gets_it(client: TestClient) -> None:
    assert client.get("/text", headers={"If-None-Match": '"other", W/"more"'}).content == TEXT


@pytest.mark.parametrize(
    ("wanted", "part", "told"),
    [
        ("bytes=0-9", TEXT[:10], "bytes 0-9/5000"),
        ("bytes=4990-", TEXT[-10:], "bytes 4990-4999/5000"),
        ("bytes=-3", b"789", "bytes 4997-4999/5000"),
        ("bytes=-9999", TEXT, "bytes 0-4999/5000"),
        ("bytes=4995-99999", b"56789", "bytes 4995-4999/5000"),
    ],
)
def test_a_part_is_sent(client: TestClient, wanted: str, part: bytes, told: str) -> None:
    """RFC 9110, 14.1.2 and 15.3.7; plain bytes, whatever codings are accepted."""
    answer = client.get("/text", headers={"Range": wanted, "Accept-Encoding": "gzip"})
    assert (answer.status_code, answer.content, answer.headers["content-range"]) == (206, part, told)
    assert int(answer.headers["content-length"]) == len(part)


@pytest.mark.parametrize("wanted", ["bytes=5000-", "bytes=9999-10000", "bytes=-0"])
def test_a_part_that_is_not_there_is_refused(client: TestClient, wanted: str) -> None:
    """RFC 9110, 15.5.17."""
    answer = client.get("/text", headers={"Range": wanted} | PLAIN)
    assert (answer.status_code, answer.headers["content-range"]) == (416, "bytes */5000")


@pytest.mark.parametrize(
    "wanted", ["bytes=9-3", "bytes=1-2,5-6", "lines=1-2", "bytes=", "bytes=-", "bytes=x-", f"bytes=0-{'9' * 400}"]
)
def test_what_is_no_single_range_is_answered_whole(client: TestClient, wanted: str) -> None:
    """RFC 9110, 14.2: a server may ignore a range, and does where it is not understood."""
    answer = client.get("/text", headers={"Range": wanted} | PLAIN)
    assert (answer.status_code, answer.content) == (200, TEXT)


def test_a_part_of_what_has_changed_is_sent_whole(client: TestClient) -> None:
    """RFC 9110, 13.1.5: ``If-Range`` compares strongly."""
    part = {"Range": "bytes=0-9"}
    assert client.get("/text", headers={"If-Range": BODY.etag(), **part}).status_code == 206
    assert client.get("/text", headers={"If-Range": '"other"', **part}).status_code == 200
    assert client.get("/text", headers={"If-Range": f"W/{BODY.etag()}", **part}).status_code == 200
    assert client.get("/weak", headers={"If-Range": 'W/"one"', **part}).status_code == 200


def test_a_gzipped_download_is_continued(client: TestClient) -> None:
    asked = {"Range": "bytes=10-19", "If-Range": BODY.etag(gzipped=True), "Accept-Encoding": "gzip"}
    with client.stream("GET", "/text", headers=asked) as answer:
        assert (answer.status_code, answer.headers["content-encoding"]) == (206, "gzip")
        assert b"".join(answer.iter_raw()) == (BODY.gzipped or b"")[10:20]


def test_a_range_is_for_get_alone(client: TestClient) -> None:
    """RFC 9110, 14.2."""
    answer = client.head("/text", headers={"Range": "bytes=0-9"})
    assert (answer.status_code, answer.headers["content-length"]) == (200, "5000")


class TestKept:
    def test_those_asked_for_longest_ago_go_first(self) -> None:
        kept, bodies = Kept(1000), [Body(bytes([k]) * 100, "text/plain") for k in range(12)]
        for k, body in enumerate(bodies[:10]):
            kept.put(k, body)
        assert kept.get(0) is bodies[0]
        kept.put(10, bodies[10])
        assert [k for k in range(11) if kept.get(k) is None] == [1]
        assert kept.bytes == 1000

    def test_one_that_would_fill_the_room_is_not_kept(self) -> None:
        kept = Kept(1000)
        kept.put("large", Body(b"x" * 126, "text/plain"))
        assert kept.get("large") is None

    def test_one_that_is_put_twice_counts_once(self) -> None:
        kept = Kept(1000)
        for _ in range(3):
            kept.put("one", Body(b"x" * 100, "text/plain"))
        assert kept.bytes == 100
