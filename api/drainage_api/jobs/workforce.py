"""The workers of a server: started with it, again where one dies, and ended with it."""

from __future__ import annotations

import logging
import os
import secrets
import subprocess
import time
from dataclasses import dataclass, field
from typing import Final

from drainage_api.served.apart import command, message
from drainage_api.settings import Settings

log = logging.getLogger(__name__)

SEAT: Final = "drainage_api.jobs.seat"
KINDS: Final = "drainage_api.jobs.all_kinds:KINDS"
#: Own choices: seconds between two starts of one that dies at once, which double up to the longest; until one that is
#: told to end is killed.
_AGAIN_S: Final = 1.0
_LONGEST_S: Final = 30.0
_END_S: Final = 5.0
#: Between two looks; own choice.
LOOK_S: Final = 0.5


@dataclass
class _Seat:
    """A place for a worker."""

    name: str
    process: subprocess.Popen[bytes] | None = None
    begun: float = 0.0
    wait_s: float = 0.0


@dataclass
class Workforce:
    """The workers of a server, seen from the process that started it.

    Parameters
    ----------
    kinds
        Where what they can do is told, as ``module:name``.
    """

    settings: Settings
    kinds: str = KINDS
    restarts: int = 0
    _seats: list[_Seat] = field(default_factory=list, init=False)

    def __post_init__(self) -> None:
        """Start none yet; without a store there are none."""
        many = self.settings.job_workers if self.settings.has_store and not self.settings.public_only else 0
        server = secrets.token_hex(4)
        self._seats = [_Seat(f"{server}-{place}") for place in range(many)]

    def told(self) -> dict[str, int]:
        """Return how many there should be, how many there are, and how often one was started again."""
        alive = sum(one.process is not None and one.process.poll() is None for one in self._seats)
        return {"job_workers": len(self._seats), "job_workers_alive": alive, "job_restarts": self.restarts}

    def look(self) -> None:
        """Start those who are missing; to be called again and again."""
        now = time.monotonic()
        for one in self._seats:
            if one.process is not None and (code := one.process.poll()) is not None:
                log.error("a worker for jobs ended (%s)", code)
                lasted = now - one.begun > _LONGEST_S
                one.wait_s = _AGAIN_S if lasted else min(_LONGEST_S, 2 * one.wait_s or _AGAIN_S)
                one.process, self.restarts = None, self.restarts + 1
            if one.process is None and now - one.begun >= one.wait_s:
                one.begun = now
                self._start(one)

    def _start(self, one: _Seat) -> None:
        try:
            process = subprocess.Popen(command(SEAT), stdin=subprocess.PIPE, bufsize=0)  # noqa: S603 - our own words
        except OSError:
            log.exception("no worker for jobs can be started")
            return
        if process.stdin is not None:
            try:
                with process.stdin as sent:
                    sent.write(message((os.getpid(), one.name, self.kinds, self.settings)))
            except BrokenPipeError:
                pass  # it has ended, which the next look tells
        one.process = process

    def end(self) -> None:
        """Tell all to end, and wait for it; what is under way is begun again by the next."""
        processes = [one.process for one in self._seats if one.process is not None]
        self._seats = []
        for process in processes:
            process.terminate()
        until = time.monotonic() + _END_S
        for process in processes:
            try:
                process.wait(max(0.0, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
