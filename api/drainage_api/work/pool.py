"""What takes time is done by few threads, the clients in turn; who comes when too many wait is told to come again.

As many threads as there are cores are enough: the loops over arrays let others run, and more threads of Python only
wait for each other. Whoever asks and leaves before it is their turn costs nothing.
"""

from __future__ import annotations

import asyncio
import os
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar, TypeVarTuple, Unpack, cast

from fastapi import FastAPI, Request, Response
from starlette.exceptions import HTTPException
from starlette.types import Receive, Scope, Send

from drainage_api.served.bodies import BODY_READ, HEAD, QUICK, accepts_gzip
from drainage_api.settings import Settings
from drainage_api.work.turns import Turns

T = TypeVar("T")
Given = TypeVarTuple("Given")

#: How soon who was turned away may ask again, in seconds (own choice: a page takes some milliseconds).
RETRY_AFTER_S = 2
#: Methods whose requests have no body that anybody reads.
BODYLESS: Final = frozenset({"GET", "HEAD"})


class Busy(HTTPException):
    """Too many wait already: 503, with the time after which to ask again."""

    def __init__(self) -> None:
        """Say when to come again."""
        headers = {"Retry-After": str(RETRY_AFTER_S)}
        super().__init__(503, f"too many requests are waiting; ask again in {RETRY_AFTER_S} s", headers)


class Left(Exception):  # noqa: N818 - nothing went wrong here
    """The client left before it was their turn; nobody reads the answer."""


class Pool:
    """Few threads and a bounded queue before them. One event loop uses it.

    Parameters
    ----------
    threads
        How much is done at a time.
    most_waiting
        How many may wait for their turn.
    """

    def __init__(self, threads: int, most_waiting: int) -> None:
        """Start nothing yet: a thread begins with the first work."""
        self.most_waiting = most_waiting
        self.running = 0
        self._threads = threads
        self._executor = ThreadPoolExecutor(threads, "work")
        self._waiting = Turns()

    @property
    def waiting(self) -> int:
        """How many wait for their turn."""
        return len(self._waiting)

    async def run(
        self,
        receive: Receive,
        function: Callable[[Unpack[Given]], T],
        *given: *Given,
        begun: bool = False,
        client: str = "",
    ) -> T:
        """Do a work when its turn comes.

        Parameters
        ----------
        receive
            Where the client's leaving is heard.
        begun
            It is a later part of an answer that has begun, which is never turned away.
        client
            Who asks; each of them has a turn before anybody has a second one.

        Raises
        ------
        Busy
            Too many wait.
        Left
            The client left before the turn came.
        """
        if self.running >= self._threads:
            if not begun and len(self._waiting) >= self.most_waiting:
                raise Busy
            await self._turn(receive, client)
        else:
            self.running += 1
        try:
            work = self._executor.submit(function, *given)
            return await asyncio.wrap_future(work)
        finally:
            self._pass_on()

    async def _turn(self, receive: Receive, client: str) -> None:
        """Wait until a thread is handed over; leave the queue at once with the client."""
        turn = asyncio.get_running_loop().create_future()
        self._waiting.add(client, turn)
        gone = asyncio.ensure_future(_left(receive))
        theirs = False
        try:
            await asyncio.wait({turn, gone}, return_when=asyncio.FIRST_COMPLETED)
            theirs = not gone.done()
        finally:
            gone.cancel()
            if not theirs and turn.done():
                self._pass_on()
            elif not theirs:
                self._waiting.remove(client, turn)
        if not theirs:
            raise Left

    def _pass_on(self) -> None:
        """Hand the thread to the next who waits."""
        if self._waiting:
            self._waiting.next().set_result(None)
        else:
            self.running -= 1

    def close(self) -> None:
        """Take nothing more; what runs ends by itself."""
        self._executor.shutdown(wait=False, cancel_futures=True)


def install(app: FastAPI, settings: Settings) -> None:
    """Give an application its pool."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    app.state.pool = Pool(settings.threads or max(2, cores // settings.workers), settings.most_waiting)
    app.add_exception_handler(Left, _unread)


async def run(request: Request, function: Callable[[Unpack[Given]], T], *given: *Given) -> T:
    """Do a work in the pool of the application.

    That a client leaves is heard once its body was read (`BODY_READ`): before that, listening would swallow the body.

    Raises
    ------
    Busy
        Too many wait: 503.
    Left
        The client left before the turn came.
    """
    read = request.method in BODYLESS or getattr(request.state, BODY_READ, False)
    receive = request.receive if read else _nothing
    return await pool_of(request).run(receive, function, *given, client=_client(request))


def stream(
    request: Request, blocks: Iterable[bytes], media_type: str, headers: Mapping[str, str] | None = None
) -> Response:
    """Send an answer block by block: each is made in the pool when the one before has gone out.

    They are compressed where the client takes them so. It stops where the client leaves. The first block is waited for
    in the queue as any work (503 where it is full); what fails later breaks the connection off, so that nobody takes
    the half for the whole.
    """
    parts, told = iter(blocks), {"Vary": "Accept-Encoding", **(headers or {})}
    if accepts_gzip(request.headers.get("accept-encoding")):
        parts, told = _gzipped(parts), {**told, "Content-Encoding": "gzip"}
    return _Blocks(pool_of(request), parts, media_type, told, _client(request))


def pool_of(request: Request) -> Pool:
    """Return the pool of the application."""
    return cast("Pool", request.app.state.pool)


def _client(request: Request) -> str:
    """Return who asks, as the check of the route knows them; all others are one."""
    return str(getattr(request.state, "client", ""))


async def _unread(_: Request, __: Exception) -> Response:
    """Answer nobody, with the status that logs know for it."""
    return Response(status_code=499)


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


class _Blocks(Response):
    """A body that is made while it goes out."""

    def __init__(
        self, pool: Pool, blocks: Iterator[bytes], media_type: str, headers: Mapping[str, str] | None, client: str = ""
    ) -> None:
        """Keep what makes the blocks."""
        super().__init__(None, 200, headers, media_type)
        del self.headers["content-length"]
        self.pool, self.blocks, self.client = pool, blocks, client

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Make and send one block after the other."""
        block = await self.pool.run(receive, _next_of, self.blocks, client=self.client)
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        gone = asyncio.ensure_future(_left(receive))
        try:
            while block and not gone.done() and not scope.get(HEAD):
                await send({"type": "http.response.body", "body": block, "more_body": True})
                block = await self.pool.run(_nothing, _next_of, self.blocks, begun=True, client=self.client)
            if not gone.done():
                await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            gone.cancel()


def _gzipped(blocks: Iterator[bytes]) -> Iterator[bytes]:
    packing = zlib.compressobj(QUICK, wbits=31)
    for block in blocks:
        yield packing.compress(block)
    yield packing.flush()


def _next_of(blocks: Iterator[bytes]) -> bytes:
    """Return the next block that is not empty; an empty one at the end."""
    return next(filter(None, blocks), b"")


async def _nothing() -> dict[str, object]:
    """Hear nothing: that a client who is answered already leaves is heard elsewhere."""
    await asyncio.Event().wait()
    return {}
