"""What a client may send, and how long it may take. Truth: a real server that is sent bytes by hand."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from fastapi import FastAPI, Request

from drainage_api.served.bodies import Kept
from drainage_api.server.serving import Server
from drainage_api.settings import Settings
from drainage_api.work import pool
from drainage_api.work.meter import Meter
from tests.support.running import answer_of, exchange, heard, in_thread, parsed

GET = b"GET /text HTTP/1.1\r\nHost: here\r\n"
LIMITS = {
    "header_timeout_s": 1.0,
    "idle_timeout_s": 1.0,
    "request_timeout_s": 2.0,
    "header_bytes": 4096,
    "body_bytes": 1000,
    "connections_per_address": 20,
    "stop_timeout_s": 1.0,
}


def answering() -> FastAPI:
    app = FastAPI()
    app.state.kept, app.state.meter = Kept(0), Meter()
    pool.install(app, Settings())

    @app.get("/text")
    async def text() -> str:
        return "here"

    @app.get("/slow")
    async def slow() -> str:
        await asyncio.sleep(60)
        return "late"

    @app.post("/length")
    async def length(request: Request) -> int:
        return len(await request.body())

    return app


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with in_thread(answering(), **LIMITS) as (found, _):
        yield found


def test_a_request_is_answered_without_a_word_about_the_server(port: int) -> None:
    status, fields, body = answer_of(port, "/text")
    assert (status, body) == (200, b'"here"')
    assert "server" not in fields
    assert "date" in fields


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400),
        (b"GET /text HTTP/9.9\r\n\r\n", 400),
        (b"GET /text\x00 HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        (b"GET http://here/text HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        (b"CONNECT here:80 HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        (b"GET nowhere HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        (GET + b"Content-Length: x\r\n\r\n", 400),
        (GET + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
        (GET + b"X: " + b"a" * 5000 + b"\r\n\r\n", 431),
        (GET + b"X: " + b"a" * 500_000, 431),
        (b"GET /" + b"a" * 5000 + b" HTTP/1.1\r\n\r\n", 431),
        (GET + b"A: b\r\n" * 150 + b"\r\n", 431),
        (b"POST /length HTTP/1.1\r\nHost: a\r\nContent-Length: 1001\r\n\r\n", 413),
        (b"POST /length HTTP/1.1\r\nHost: a\r\nContent-Length: 1" + b"0" * 30 + b"\r\n\r\n", 400),
        (b"POST /length HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3e9\r\n" + b"b" * 1001, 413),
        (b"POST /length HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nT: " + b"t" * 500_000, 413),
        (GET + b"Connection: upgrade\r\nUpgrade: websocket\r\n\r\n", 200),
        (GET + b"Connection: upgrade\r\nUpgrade: h2c\r\n\r\n", 200),
    ],
)  # fmt: skip
def test_what_is_malformed_or_too_large_is_refused_once_and_closed(port: int, sent: bytes, status: int) -> None:
    assert exchange(port, sent)[0] == status
    assert answer_of(port, "/text")[0] == 200


def test_who_sends_too_much_is_told_in_both_languages_how_much_is_taken(port: int) -> None:
    told = json.loads(exchange(port, b"POST /length HTTP/1.1\r\nHost: a\r\nContent-Length: 1001\r\n\r\n")[2])
    assert "最多接收 0.001 MB" in told["said"]["zh"]
    assert "at most 0.001 MB" in told["said"]["en"]
    assert told["said"]["zh"] in told["detail"]


def test_a_body_of_the_largest_size_is_taken(port: int) -> None:
    sent = b"POST /length HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 1000\r\n\r\n" + b"b" * 1000
    assert exchange(port, sent)[2] == b"1000"


def test_a_few_requests_are_sent_ahead_but_not_thousands(port: int) -> None:
    last = GET + b"Connection: close\r\n\r\n"
    with socket.create_connection(("127.0.0.1", port), 10) as client:
        client.sendall((GET + b"\r\n") * 10 + last)
        assert heard(client).count(b"HTTP/1.1 200") == 11
    with socket.create_connection(("127.0.0.1", port), 10) as client:
        client.sendall((GET + b"\r\n") * 3000)
        assert heard(client).count(b"HTTP/1.1") < 50
    assert answer_of(port, "/text")[0] == 200


def test_who_does_not_finish_a_request_is_closed(port: int) -> None:
    since = time.monotonic()
    with ExitStack() as open_ones:
        clients = [open_ones.enter_context(socket.create_connection(("127.0.0.1", port), 10)) for _ in range(4)]
        for client, begun in zip(clients, [b"", GET, b"GET /text HTT", b"\r\n"], strict=True):
            client.sendall(begun)
        assert [heard(client) for client in clients] == [b""] * 4
    assert 0.5 < time.monotonic() - since < 15


@pytest.mark.long
def test_a_byte_now_and_then_does_not_buy_time(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), 10) as client:
        since = time.monotonic()
        with contextlib.suppress(ConnectionError):
            for byte in GET * 3:
                client.sendall(bytes([byte]))
                time.sleep(0.1)
        assert time.monotonic() - since < 15


@pytest.mark.long
def test_who_asks_no_more_is_closed_and_who_goes_on_is_not(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), 10) as client:
        for _ in range(4):
            client.sendall(GET + b"\r\n")
            assert parsed(client.recv(1 << 16))[0] == 200
            time.sleep(0.4)
        assert heard(client) == b""


@pytest.mark.long
def test_an_answer_that_takes_too_long_is_broken_off(port: int) -> None:
    since = time.monotonic()
    assert answer_of(port, "/slow")[0] == 0
    assert 1 < time.monotonic() - since < 15


def test_half_requests_of_one_address_make_room_for_its_next(port: int) -> None:
    with ExitStack() as open_ones:
        for _ in range(60):
            client = open_ones.enter_context(socket.create_connection(("127.0.0.1", port), 10))
            client.sendall(GET)
        assert answer_of(port, "/text")[0] == 200


@pytest.mark.long
def test_the_server_ends_in_bounded_time_though_a_client_waits() -> None:
    patient = LIMITS | {"request_timeout_s": 60.0}
    with (
        in_thread(answering(), **patient) as (port, server),
        socket.create_connection(("127.0.0.1", port), 10) as client,
    ):
        client.sendall(b"GET /slow HTTP/1.1\r\nHost: a\r\n\r\n")
        time.sleep(0.2)
        since = time.monotonic()
        server.should_exit = True
        heard(client)
        assert time.monotonic() - since < 15


def test_who_sends_too_large_a_file_is_told_a_plain_number() -> None:
    """What a form takes beside its file is not told."""
    with in_thread(answering(), upload_bytes=50_000_000, **LIMITS) as (port, _):
        sent = b"POST /submissions HTTP/1.1\r\nHost: a\r\nContent-Length: 60000000\r\n\r\n"
        assert "at most 50 MB" in json.loads(exchange(port, sent)[2])["said"]["en"]


@pytest.fixture(scope="module")
def larger() -> Iterator[int]:
    app = answering()

    @app.post("/submissions")
    @app.post("/sightings")
    async def taken(request: Request) -> int:
        return len(await request.body())

    with in_thread(app, upload_bytes=200_000, photo_bytes=100_000, **LIMITS) as (found, _):
        yield found


class TestLargerBodies:
    """Where files are taken in more may be sent, and nowhere else."""

    @pytest.mark.parametrize(
        ("line", "size", "status"),
        [
            (b"POST /submissions", 200_000, 200),
            (b"POST /submissions?lang=en", 200_000, 200),
            (b"POST /submissions", 300_000, 413),
            (b"POST /sightings", 100_000, 200),
            (b"POST /sightings", 200_000, 413),
            (b"POST /length", 1_001, 413),
            (b"POST /submissions/x", 1_001, 413),
            (b"PUT /submissions", 1_001, 413),
            (b"POST /length?/submissions", 1_001, 413),
        ],
    )
    @pytest.mark.parametrize("chunked", [False, True])
    def test_a_body_is_as_large_as_its_path_allows(
        self, larger: int, line: bytes, size: int, status: int, *, chunked: bool
    ) -> None:
        head = line + b" HTTP/1.1\r\nHost: here\r\nConnection: close\r\n"
        body = b"x" * size
        if chunked:
            sent = head + b"Transfer-Encoding: chunked\r\n\r\n" + b"%x\r\n" % size + body + b"\r\n0\r\n\r\n"
        else:
            sent = head + b"Content-Length: %d\r\n\r\n" % size + body
        assert exchange(larger, sent)[0] == status

    def test_what_follows_on_a_connection_has_its_own_limit(self, larger: int) -> None:
        first = b"POST /submissions HTTP/1.1\r\nHost: here\r\nContent-Length: 5000\r\n\r\n" + b"x" * 5000
        second = b"POST /length HTTP/1.1\r\nHost: here\r\nContent-Length: 5000\r\n\r\n" + b"x" * 5000
        with socket.create_connection(("127.0.0.1", larger), 10) as client:
            client.sendall(first)
            assert client.recv(1 << 16).startswith(b"HTTP/1.1 200")
            with contextlib.suppress(ConnectionError):
                client.sendall(second)
            assert heard(client).startswith(b"HTTP/1.1 413")


def test_the_descriptors_of_the_system_bound_the_connections(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("drainage_api.server.serving._descriptors", lambda: 1024)
    assert Server(answering(), Settings(connections=5000)).door.limits.connections == 1024 - 256 - 128
