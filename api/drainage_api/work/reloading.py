"""What is served is read anew when it was replaced, or when the server is told to; until then the old stays."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import json
import logging
import mmap
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import drainage as dr
from drainage.report import MARK
from drainage_api.served.served import Served
from drainage_api.settings import Settings

log = logging.getLogger(__name__)

Signature = tuple[object, ...]
_SIZE: Final = 4096
_NUMBER: Final = 8  # bytes
#: How often, in s, a process looks whether the newest version is another (own choice).
LOOK_S: Final = 0.25
#: When, in s, a version that could not be read is tried again (own choice).
AGAIN_S: Final = 60.0


class Board:
    """How the last loading ended, which version is the newest and how many do jobs, for all processes of a server."""

    def __init__(self) -> None:
        """Share the memory among the processes that are forked from this one."""
        self._memory, self._lock = mmap.mmap(-1, _SIZE), threading.Lock()  # of the threads of the one who writes

    @property
    def head(self) -> int:
        """The newest version that a worker has seen in the store; 0: none."""
        return int.from_bytes(self._memory[-_NUMBER:], "little")

    @head.setter
    def head(self, number: int) -> None:
        self._memory[-_NUMBER:] = number.to_bytes(_NUMBER, "little")

    @property
    def some_are_empty(self) -> bool:
        """Whether there are workers who answer and have nothing to serve."""
        return bool(self._memory[-_NUMBER - 1])

    @some_are_empty.setter
    def some_are_empty(self, true: bool) -> None:
        self._memory[-_NUMBER - 1] = true

    def note(self, *, well: bool) -> None:
        """Note that a loading ended now, and how; only one process does."""
        name, now = "loaded" if well else "failed", dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
        with self._lock:
            told = self.read()
            self._write(told | {f"times_{name}": told.get(f"times_{name}", 0) + 1, "failed": "", name: now})

    def tell(self, **values: int) -> None:
        """Note numbers by name; only the process that notes the loadings does."""
        with self._lock:
            told = self.read()
            if told | values != told:
                self._write(told | values)

    def _write(self, told: dict[str, Any]) -> None:
        text = json.dumps(told).encode()
        self._memory[: len(text) + 1] = text + b"\0"

    def read(self) -> dict[str, Any]:
        """Return when it was ``loaded`` last, when it ``failed`` since, and the ``times_`` of both."""
        text = bytes(self._memory).partition(b"\0")[0]
        try:
            found: dict[str, Any] = json.loads(text or b"{}")
        except ValueError:  # while it is written
            return {}
        return found


class Source:
    """What is served, as it lies on the disk, and how it is read.

    Parameters
    ----------
    settings
        Which report or network.
    load
        How it is read.
    load_newest
        How the newest version of a store is read, of which it was told that it is another.
    """

    def __init__(
        self,
        settings: Settings,
        load: Callable[[Settings], Served],
        load_newest: Callable[[Settings], Served] | None = None,
    ) -> None:
        """Read nothing yet."""
        self.settings, self.load, self._load_newest = settings, load, load_newest or load
        self._behind = False
        self._loaded: Signature | None = None
        self._seen: Signature | None = None
        self._head = self._tried = 0
        self._again_at = 0.0

    def signature(self) -> Signature | None:
        """Tell one state of the source from another; None where it is a database, or away, as between two renames."""
        path = self.settings.results or self.settings.source
        if not isinstance(path, Path):
            return None
        try:
            beside = [path / MARK] if path.is_dir() else sorted(path.parent.glob(f"{path.stem}.*"))
            return tuple((one.name, (found := one.stat()).st_mtime_ns, found.st_size, found.st_ino) for one in beside)
        except OSError:
            return None

    def is_new(self) -> bool:
        """Tell whether it was replaced since it was read, and has been the same for two looks: nobody is writing it."""
        before, self._seen = self._seen, self.signature()
        return self._seen is not None and self._seen != self._loaded and self._seen == before

    def is_behind(self, board: Board) -> bool:
        """Tell whether the store has a newer version than was read; of one that cannot be read, once a minute."""
        newest, now = board.head, time.monotonic()
        if newest <= self._head or (newest == self._tried and now < self._again_at):
            return False
        self._tried, self._again_at, self._behind = newest, now + AGAIN_S, True
        return True

    def read(self) -> Served:
        """Read it.

        Raises
        ------
        DrainageError
            It cannot be read.
        """
        if self._behind:
            self._behind = False
            here = self._load_newest(self.settings)
        else:
            self._loaded = self.signature()
            here = self.load(self.settings)
        self._head = max(self._head, here.number or 0)
        return here


def read_anew(source: Source, board: Board, *, first: bool = False) -> Served | None:
    """Read the source; None, a line in the log and on the board where that fails and an older one is served.

    Raises
    ------
    DrainageError
        It fails the first time, when there is nothing else to serve.
    """
    try:
        here = source.read()
    except (dr.DrainageError, OSError, ValueError) as error:
        if first:
            raise
        log.error("the new report cannot be read, the one before is served on: %s", error)  # noqa: TRY400
        board.note(well=False)
        return None
    log.info("loaded", extra={"told": {"digest": here.digest}})
    board.note(well=True)
    return here


class Reloader:
    """Looks after the source of a process that serves alone.

    Parameters
    ----------
    source
        What is read.
    board
        Where the outcome is noted.
    swap
        Takes what was read.
    """

    def __init__(self, source: Source, board: Board, swap: Callable[[Served], None]) -> None:
        """Begin nothing yet."""
        self.source, self.board, self.swap = source, board, swap
        self.asked = asyncio.Event()
        self.error: Exception | None = None

    async def watch(self, failed: Callable[[], None]) -> None:
        """Read the source, and again whenever it is new or `asked` for; ``failed`` is called where the first fails."""
        try:
            first = await asyncio.to_thread(read_anew, self.source, self.board, first=True)
        except Exception as error:  # noqa: BLE001 - raised where the server was started, whatever it is
            self.error = error
            failed()
            return
        if first is not None:
            self.swap(first)
        while True:
            await self._called()
            self.asked.clear()
            if (here := await asyncio.to_thread(read_anew, self.source, self.board)) is not None:
                self.swap(here)

    async def _called(self) -> None:
        """Return when there is something to read."""
        watch_s = self.source.settings.watch_s
        look_at = time.monotonic() + watch_s
        while not (self.asked.is_set() or self.source.is_behind(self.board)):
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.asked.wait(), min(LOOK_S, watch_s))
                return
            if time.monotonic() >= look_at:
                look_at = time.monotonic() + watch_s
                if await asyncio.to_thread(self.source.is_new):
                    return
