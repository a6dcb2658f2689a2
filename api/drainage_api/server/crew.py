"""Several workers over one source: it is read once, here, and the workers are forked with it.

They share its memory and the socket. One that dies is forked again; when the source was replaced a new crew is forked
with the new one, and the old crew is sent home when the new answers.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import select
import signal
import socket
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from types import FrameType
from typing import Final, NoReturn, Protocol

from fastapi import FastAPI

from drainage_api.jobs.workforce import Workforce
from drainage_api.served.served import Served
from drainage_api.served.warm import warm
from drainage_api.server.serving import Server, serve
from drainage_api.settings import Settings
from drainage_api.work.meter import Meter
from drainage_api.work.reloading import Board, Source, read_anew

log = logging.getLogger(__name__)

#: Seconds until a worker must answer, and between two forks of one that dies at once (own choices).
BEGIN_S: Final = 60.0
AGAIN_S: Final = 1.0
_SIGNALS: Final = ("SIGTERM", "SIGINT", "SIGHUP", "SIGCHLD")


class Assemble(Protocol):
    """What makes the application."""

    def __call__(self, settings: Settings, here: Served | None, *, meter: Meter, board: Board) -> FastAPI:
        """Make it of what was loaded."""


class _Told(BaseException):
    """The leader is told to end."""


@dataclass
class Worker:
    """A process that answers."""

    row: int
    generation: int


class Crew:
    """The workers of a server, seen from the process that leads them.

    Parameters
    ----------
    settings
        How many they are.
    sock
        Where they listen.
    source
        What they serve.
    assemble
        Makes the application, in each worker.
    """

    def __init__(self, settings: Settings, sock: socket.socket, source: Source, assemble: Assemble) -> None:
        """Fork nothing yet."""
        self.settings, self.sock, self.source, self.assemble = settings, sock, source, assemble
        self.board, self.meter = Board(), Meter(2 * settings.workers)  # an old and a new crew side by side
        self.here: Served | None = None
        self.workers: dict[int, Worker] = {}
        self.generation = 0
        self.workforce = Workforce(settings)
        self._forked: dict[int, float] = {}  # row → when a worker was forked for it
        self._signals = {getattr(signal, name) for name in _SIGNALS}
        self._alive, self._lead = os.pipe()  # the workers hear by its closing that the leader is gone

    def run(self) -> None:
        """Serve until told to end.

        Raises
        ------
        DrainageError
            The source cannot be read the first time.
        """
        signal.pthread_sigmask(signal.SIG_BLOCK, self._signals)
        signal.signal(signal.SIGCHLD, lambda *_: None)  # an ignored signal would not be waited for
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, _end)
        with contextlib.suppress(_Told):
            try:
                self.board.some_are_empty = True
                self._relieve(None)  # they answer /health while the source is read
                empty = list(self.workers)
                self._relieve(self._read(first=True))
                self._dismiss(empty)
                self.board.some_are_empty = False
                self._lead_on()
            finally:
                self.sock.close()
                self.workforce.end()
                self._dismiss(list(self.workers))

    def _lead_on(self) -> None:
        """Fork those again who died, and read anew what was replaced."""
        look_at = time.monotonic() + self.settings.watch_s
        while True:
            told = signal.sigtimedwait(self._signals, min(0.5, self.settings.watch_s))
            number = told.si_signo if told is not None else 0
            if number in {signal.SIGTERM, signal.SIGINT}:
                return
            self._bury()
            self.workforce.look()
            self.board.tell(**self.workforce.told())
            look = time.monotonic() >= look_at
            if look:
                look_at = time.monotonic() + self.settings.watch_s
            if number == signal.SIGHUP or self.source.is_behind(self.board) or (look and self.source.is_new()):
                here = self._read()
                if here is not None:
                    self._relieve(here)
            self._fill()

    def _read(self, *, first: bool = False) -> Served | None:
        """Read the source; None where that fails."""
        with _interruptible():
            return read_anew(self.source, self.board, first=first)

    def _relieve(self, here: Served | None) -> None:
        """Fork a new crew with what was read, and send the old one home when the new answers."""
        before, old = self.here, list(self.workers)
        self.here, self.generation = here, self.generation + 1
        begun = [self._fork(place) for place in range(self.settings.workers)]
        answering = [self._answers(pipe) for pipe in begun]
        if all(answering):
            self._tell_home(old)
            return
        log.error("the workers with the new report do not answer; those before stay")
        self.here = before
        self._dismiss([pid for pid, worker in self.workers.items() if worker.generation == self.generation])

    def _fork(self, place: int) -> int:
        """Fork a worker; return the end of a pipe on which it tells that it answers."""
        row = place + self.settings.workers * (self.generation % 2)
        self._forked[row] = time.monotonic()
        hear, tell = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(hear)
            self._work(row, tell)
        os.close(tell)
        self.workers[pid] = Worker(row, self.generation)
        return hear

    def _work(self, row: int, tell: int) -> NoReturn:
        """Answer, as a worker, and never return into what the leader was doing."""
        code = 1
        try:
            os.close(self._lead)
            signal.signal(signal.SIGHUP, signal.SIG_IGN)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            self.meter.row = row
            app = self.assemble(self.settings, self.here, meter=self.meter, board=self.board)
            server = Server(app, self.settings, lambda server: self._begin(server, tell))
            serve(server, self.sock)
            code = 0
        except BaseException:
            log.exception("a worker ended")
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)

    def _begin(self, server: Server, tell: int) -> None:
        """Tell that connections are accepted, and end with the leader."""

        def end() -> None:
            asyncio.get_running_loop().remove_reader(self._alive)
            server.should_exit = True

        asyncio.get_running_loop().add_reader(self._alive, end)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, self._signals)
        if self.here is not None:
            warm(self.here)
        with contextlib.suppress(OSError):  # nobody listens to one that was forked again
            os.write(tell, b".")
        os.close(tell)

    def _answers(self, pipe: int) -> bool:
        """Wait until a worker tells that it answers; False where it ends or takes too long."""
        ready, _, _ = select.select([pipe], [], [], BEGIN_S)
        told = os.read(pipe, 1) if ready else b""
        os.close(pipe)
        return told == b"."

    def _bury(self) -> None:
        """Forget who has ended; not those who do jobs, whom their workforce waits for."""
        for pid in list(self.workers):
            ended, status = os.waitpid(pid, os.WNOHANG)
            if ended:
                del self.workers[pid]
                if status != 0:
                    log.error("worker %d ended (%s)", pid, os.waitstatus_to_exitcode(status))

    def _fill(self) -> None:
        """Fork again who is missing, but nobody twice a second."""
        now = time.monotonic()
        here = {worker.row for worker in self.workers.values() if worker.generation == self.generation}
        for place in range(self.settings.workers):
            row = place + self.settings.workers * (self.generation % 2)
            if row not in here and now - self._forked.get(row, 0.0) >= AGAIN_S:
                os.close(self._fork(place))

    def _tell_home(self, pids: list[int]) -> None:
        for pid in pids:
            if pid in self.workers:
                os.kill(pid, signal.SIGTERM)

    def _dismiss(self, pids: list[int]) -> None:
        """Send workers home and wait for them, as long as answers may take; then kill."""
        self._tell_home(pids)
        until = time.monotonic() + self.settings.stop_timeout_s + 5.0
        while set(pids) & self.workers.keys() and time.monotonic() < until:
            self._bury()
            time.sleep(0.02)
        for pid in set(pids) & self.workers.keys():
            os.kill(pid, signal.SIGKILL)
        while set(pids) & self.workers.keys():
            self._bury()
            time.sleep(0.02)


@contextlib.contextmanager
def _interruptible() -> Iterator[None]:
    """Let the leader be told to end while it reads."""
    ending = {signal.SIGTERM, signal.SIGINT}
    signal.pthread_sigmask(signal.SIG_UNBLOCK, ending)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_BLOCK, ending)


def _end(number: int, frame: FrameType | None) -> NoReturn:
    del number, frame
    raise _Told
