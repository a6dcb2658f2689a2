"""What takes long and is the same for all: made once, by a thread of its own, and kept as long as what is served.

The public page, the tiles of a city and the report of an office take seconds. Who asks first begins the work; who
asks meanwhile waits for the same, and nobody's leaving ends it. The threads of the pool stay free for what is quick.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from queue import SimpleQueue
from threading import Lock, Thread
from typing import Any, Generic, TypeVar, cast

from starlette.exceptions import HTTPException

from drainage_api.served.served import Served

T = TypeVar("T")

#: How long an answer is held back for what is being made, s, and how soon to ask again after that (own choice).
PATIENCE_S = 25.0
RETRY_AFTER_S = 5

_lock = Lock()


class _Maker:
    """A thread that makes one thing at a time: two would take each other's core, and the memory of both.

    It does not keep the process from ending. A process that was forked from one with a maker has one of its own.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._thread: Thread | None = None
        self._asked = SimpleQueue[tuple[Future[Any], Callable[[], Any]]]()
        self.unfinished = 0
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._begin_anew)

    def submit(self, make: Callable[[], T]) -> Future[T]:
        future = Future[T]()
        with self._lock:
            if self._thread is None:
                self._thread = Thread(target=self._work, args=(self._asked,), name="making", daemon=True)
                self._thread.start()
            self.unfinished += 1
        self._asked.put((future, make))
        return future

    def _begin_anew(self) -> None:
        self._lock, self._thread, self._asked, self.unfinished = Lock(), None, SimpleQueue(), 0

    def _work(self, asked: SimpleQueue[tuple[Future[Any], Callable[[], Any]]]) -> None:
        while True:
            future, make = asked.get()
            try:
                future.set_result(make())
            except BaseException as error:  # noqa: BLE001 - raised where it is waited for
                future.set_exception(error)
            with self._lock:
                self.unfinished -= 1
            del future, make


_maker = _Maker()


def unfinished() -> int:
    """Tell how much is being made, or waits to be."""
    return _maker.unfinished


class Making(HTTPException):
    """It is still being made: 503, with the time after which to ask again."""

    def __init__(self) -> None:
        """Say when to come again."""
        headers = {"Retry-After": str(RETRY_AFTER_S)}
        super().__init__(503, f"this is being made for the first time; ask again in {RETRY_AFTER_S} s", headers)


class Made(Generic[T]):
    """A thing that is made at its first use.

    Parameters
    ----------
    make
        How.
    """

    def __init__(self, make: Callable[[], T]) -> None:
        """Begin nothing yet."""
        self._make = make
        self._future: Future[T] | None = None
        self._lock = Lock()

    def begin(self) -> Future[T]:
        """Begin to make it, if nobody has."""
        with self._lock:
            if self._future is None:
                self._future = _maker.submit(self._make)
            return self._future

    @property
    def failed(self) -> bool:
        """Whether something went wrong as it was made."""
        future = self._future
        return future is not None and future.done() and future.exception() is not None

    def now(self) -> T | None:
        """Return it if it is there and nothing went wrong; begin nothing."""
        future = self._future
        return future.result() if future is not None and future.done() and future.exception() is None else None

    def result(self) -> T:
        """Return it; wait as long as it takes.

        Raises
        ------
        Exception
            What went wrong as it was made, each time anew.
        """
        return self.begin().result()

    async def wait(self, patience_s: float = PATIENCE_S) -> T:
        """Return it; wait for a while.

        Raises
        ------
        Making
            It takes longer.
        Exception
            What went wrong as it was made.
        """
        future = asyncio.wrap_future(self.begin())
        try:
            return await asyncio.wait_for(asyncio.shield(future), patience_s)
        except TimeoutError:
            if future.done():
                raise
            raise Making from None


def made(here: Served, key: Hashable, make: Callable[[], T]) -> Made[T]:
    """Return what is made of a load under a key; it goes when the load goes."""
    with _lock:
        things: dict[Hashable, Made[object]] = vars(here).setdefault("_made", {})
        if key not in things:
            things[key] = cast("Made[object]", Made(make))
        return cast("Made[T]", things[key])


def forget(here: Served, key: Hashable) -> None:
    """Let what was made under a key be made anew by who asks next."""
    with _lock:
        vars(here).get("_made", {}).pop(key, None)
