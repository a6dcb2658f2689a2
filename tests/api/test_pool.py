"""Few threads before a bounded queue. Truth: what was started, in what order, counted by the works themselves."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from threading import Event

import httpx2
import pytest
from fastapi import FastAPI, Request, Response
from starlette.testclient import TestClient
from starlette.types import Message, Receive, Scope

from drainage_api.served.bodies import HEAD
from drainage_api.settings import Settings
from drainage_api.work import pool as work_pool
from drainage_api.work.pool import Busy, Left, Pool, _Blocks, install, stream


async def stays() -> Message:
    """Hear of a client who waits for as long as it takes."""
    await asyncio.Event().wait()
    raise AssertionError


def leaves_at(moment: asyncio.Event) -> Receive:
    async def receive() -> Message:
        await moment.wait()
        return {"type": "http.disconnect"}

    return receive


async def settled() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


class Work:
    """A work that ends when it is told to; counts how often it was started."""

    def __init__(self) -> None:
        self.started, self.go_on = 0, Event()

    def __call__(self) -> int:
        self.started += 1
        assert self.go_on.wait(10)
        return self.started


async def ended(pool: Pool, *tasks: asyncio.Task[int]) -> list[int]:
    done = await asyncio.gather(*tasks)
    pool.close()
    return done


def test_the_answer_and_the_error_of_a_work_come_back() -> None:
    async def asked() -> None:
        pool = Pool(1, 0)
        assert await pool.run(stays, divmod, 7, 2) == (3, 1)
        with pytest.raises(ZeroDivisionError):
            await pool.run(stays, divmod, 7, 0)
        assert (pool.running, pool.waiting) == (0, 0)
        pool.close()

    asyncio.run(asked())


def test_no_more_run_at_a_time_than_there_are_threads_and_those_who_come_first_go_first() -> None:
    order: list[int] = []

    def noted(k: int) -> int:
        order.append(k)
        return k

    async def asked() -> None:
        pool, first = Pool(1, 9), Work()
        tasks = [asyncio.create_task(pool.run(stays, first))]
        await settled()
        tasks += [asyncio.create_task(pool.run(stays, noted, k)) for k in range(5)]
        await settled()
        assert (pool.running, pool.waiting, order) == (1, 5, [])
        first.go_on.set()
        assert await ended(pool, *tasks) == [1, 0, 1, 2, 3, 4]
        assert (pool.running, pool.waiting, order) == (0, 0, [0, 1, 2, 3, 4])

    asyncio.run(asked())


def test_who_comes_when_too_many_wait_is_told_to_come_again() -> None:
    async def asked() -> None:
        pool, work = Pool(1, 1), Work()
        tasks = [asyncio.create_task(pool.run(stays, work)) for _ in range(2)]
        await settled()
        with pytest.raises(Busy) as refused:
            await pool.run(stays, work)
        assert refused.value.status_code == 503
        assert int((refused.value.headers or {})["Retry-After"]) > 0
        work.go_on.set()
        assert await ended(pool, *tasks) == [1, 2]

    asyncio.run(asked())


def test_the_work_of_a_client_who_left_is_never_started_and_leaves_its_place_in_the_queue_at_once() -> None:
    async def asked() -> None:
        pool, first, dropped, moment = Pool(1, 1), Work(), Work(), asyncio.Event()
        running = asyncio.create_task(pool.run(stays, first))
        await settled()
        leaving = asyncio.create_task(pool.run(leaves_at(moment), dropped))
        await settled()
        assert pool.waiting == 1
        moment.set()
        with pytest.raises(Left):
            await leaving
        assert pool.waiting == 0
        follower = asyncio.create_task(pool.run(stays, lambda: 7))
        await settled()
        first.go_on.set()
        assert await ended(pool, running, follower) == [1, 7]
        assert dropped.started == 0

    asyncio.run(asked())


def test_a_request_that_is_cancelled_as_its_turn_comes_hands_the_thread_on() -> None:
    async def asked() -> None:
        pool, first = Pool(1, 5), Work()
        running = asyncio.create_task(pool.run(stays, first))
        await settled()
        cancelled = asyncio.create_task(pool.run(stays, lambda: 1))
        last = asyncio.create_task(pool.run(stays, lambda: 2))
        await settled()
        cancelled.cancel()
        first.go_on.set()
        assert await ended(pool, running, last) == [1, 2]
        assert (pool.running, pool.waiting) == (0, 0)

    asyncio.run(asked())


class Client:
    """What a client hears of a stream."""

    def __init__(self, leaves_after: int | None = None) -> None:
        self.heard: list[bytes] = []
        self.whole = False
        self.gone = asyncio.Event()
        self.leaves_after = leaves_after

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.body":
            self.heard += [message["body"]] if message["body"] else []
            self.whole = not message["more_body"]
            if len(self.heard) == self.leaves_after:
                self.gone.set()
        await settled()

    async def listen(self, made: Iterator[bytes], **scope: object) -> None:
        pool = Pool(1, 1)
        asked: Scope = {"type": "http", **scope}
        await _Blocks(pool, made, "text/plain", None)(asked, leaves_at(self.gone), self.send)
        assert (pool.running, pool.waiting) == (0, 0)
        pool.close()


def counting(made: list[int], many: int) -> Iterator[bytes]:
    for k in range(many):
        made.append(k)
        yield b"" if k == 1 else b"%d" % k


def test_a_stream_is_whole_and_passes_over_empty_blocks() -> None:
    async def asked() -> None:
        client = Client()
        await client.listen(counting([], 4))
        assert (client.heard, client.whole) == ([b"0", b"2", b"3"], True)

    asyncio.run(asked())


def test_a_stream_stops_with_its_client() -> None:
    async def asked() -> None:
        client, made = Client(leaves_after=2), list[int]()
        await client.listen(counting(made, 100))
        assert len(made) < 6
        assert not client.whole

    asyncio.run(asked())


def test_of_a_stream_whose_head_alone_is_asked_one_block_is_made() -> None:
    async def asked() -> None:
        client, made = Client(), list[int]()
        await client.listen(counting(made, 100), **{HEAD: True})
        assert (client.heard, client.whole, made) == ([], True, [0])

    asyncio.run(asked())


def test_a_stream_that_fails_breaks_off() -> None:
    def failing() -> Iterator[bytes]:
        yield b"half"
        raise OSError("disk")

    async def asked() -> None:
        client = Client()
        with pytest.raises(OSError, match="disk"):
            await client.listen(failing())
        assert (client.heard, client.whole) == ([b"half"], False)

    asyncio.run(asked())


def test_a_stream_is_compressed_for_who_takes_it_so() -> None:
    app = FastAPI()
    install(app, Settings())

    @app.get("/")
    async def text(request: Request) -> Response:
        return stream(request, (b"%05d" % k * 100 for k in range(50)), "text/plain")

    with TestClient(app) as client:
        plain = client.get("/", headers={"Accept-Encoding": "gzip;q=0"})
        packed = client.get("/", headers={"Accept-Encoding": "gzip"})
    assert (packed.headers["content-encoding"], packed.headers["vary"]) == ("gzip", "Accept-Encoding")
    assert "content-encoding" not in plain.headers
    assert plain.content == packed.content == b"".join(b"%05d" % k * 100 for k in range(50))


def test_clients_have_their_turns_one_after_the_other() -> None:
    """Of one who asks five times and one who asks once, the second waits for one work only."""

    async def ask() -> list[str]:
        pool, done = Pool(1, 99), list[str]()

        async def one(client: str) -> None:
            await pool.run(stays, done.append, client, client=client)

        first = asyncio.ensure_future(one("much"))
        await asyncio.sleep(0)
        await asyncio.gather(first, *(one("much") for _ in range(4)), one("once"))
        pool.close()
        return done

    assert asyncio.run(ask()).index("once") <= 2


def test_who_waits_with_a_body_that_was_not_read_finds_it_whole_afterwards() -> None:
    app = FastAPI()
    app.state.pool = pool = Pool(1, 9)

    @app.post("/")
    async def counted(request: Request) -> Response:
        await work_pool.run(request, time.sleep, 0.01)
        return Response(str(len(await request.body())))

    async def asked() -> list[str]:
        line = httpx2.ASGITransport(app)
        async with httpx2.AsyncClient(transport=line, base_url="http://localhost") as client:
            posts = [client.post("/", content=b"x" * k) for k in range(6)]
            return [answer.text for answer in await asyncio.wait_for(asyncio.gather(*posts), 20)]

    assert asyncio.run(asked()) == [str(k) for k in range(6)]
    pool.close()
