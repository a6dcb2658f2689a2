"""A job's process, seen from its worker: what it says, how it ends, and that it ends."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import selectors
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any, Final

from drainage import words
from drainage.said import Said
from drainage_api.jobs import child
from drainage_api.jobs.bounds import Limits, environment
from drainage_api.served.apart import command, message

_LOOK_S: Final = 0.25  # between two looks whether it may go on; own choice
_LONGEST_LINE: Final = 1 << 16
_LONGEST_PART: Final = 64_000_000  # bytes of what is read back; own choice
_ERRORS: Final = "errors.txt"
_SIGNS: Final = 4000  # of its last words, for the log


class JobError(Exception):
    """A job that cannot be done, however often it is begun.

    Parameters
    ----------
    said
        Why, and what to do, in both languages.
    why
        For the log.
    """

    def __init__(self, said: Said, why: str = "") -> None:
        """Keep both."""
        super().__init__(str(said))
        self.said, self.why = said, why


class KilledError(Exception):
    """Somebody killed the process of a job: the system, which may have had no memory left, or an operator."""


class StoppedError(Exception):
    """The job must not go on: it is no longer held, or the worker ends."""


@dataclass
class Process:
    """The process of a job.

    Parameters
    ----------
    room
        Its directory.
    limits
        What it may take up.
    stopped
        Asked again and again whether it must not go on.
    step
        Called with the share that is done and what comes now.
    """

    room: Path
    limits: Limits
    stopped: Callable[[], bool]
    step: Callable[[float, Said], None]
    _rest: bytes = field(default=b"", init=False)

    def run(
        self, function: str, given: Mapping[str, object], parts: Mapping[str, Callable[[dict[str, Any]], None]]
    ) -> dict[str, Any]:
        """Run a function, and return what it gives.

        Parameters
        ----------
        function
            As ``module:name``; it takes ``given`` and a `child.Told`, and its working directory is the room.
        parts
            Called with each part that it tells before its end.

        Raises
        ------
        JobError
            It refuses what was given, has reached a limit, or broke down.
        KilledError, StoppedError
            See there.
        OSError
            The disk is full, or no process can be started.
        """
        asked = message((os.getpid(), asdict(self.limits), function, dict(given)))
        with (self.room / _ERRORS).open("wb") as errors:
            process = subprocess.Popen(  # noqa: S603 - our own words
                command(child.__name__), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors,
                cwd=self.room, env=environment(str(self.room)), start_new_session=True, bufsize=0,
            )  # fmt: skip
        try:
            with contextlib.suppress(BrokenPipeError), process.stdin or contextlib.nullcontext() as sent:
                if sent is not None:
                    sent.write(asked)
            last = self._listen(process, parts)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            if process.stdout is not None:
                process.stdout.close()
        return self._ended(process.returncode, last)

    def _listen(
        self, process: subprocess.Popen[bytes], parts: Mapping[str, Callable[[dict[str, Any]], None]]
    ) -> dict[str, Any]:
        """Hear the process until its last line; nothing where it ended without one."""
        last: dict[str, Any] = {}
        for line in self._said(process.stdout):
            if "ended" in line:
                last = line
            elif "share" in line:
                self.step(float(line["share"]), Said(line["step"]["en"], line["step"]["zh"]))
            elif line.get("part") in parts:
                parts[line["part"]](self.read(line["part"]))
        process.wait()
        return last

    def _said(self, stdout: IO[bytes] | None) -> Iterator[dict[str, Any]]:
        """Yield what a process says, until it closes its output."""
        until = time.monotonic() + self.limits.wall_s
        with selectors.DefaultSelector() as selector:
            selector.register(stdout or -1, selectors.EVENT_READ)
            while True:
                if self.stopped():
                    raise StoppedError
                if time.monotonic() > until:
                    raise JobError(words.in_both("job_wall", minutes=round(self.limits.wall_s / 60, 1)))
                if not (ready := selector.select(_LOOK_S)):
                    continue
                heard = os.read(ready[0][0].fd, _LONGEST_LINE)
                if not heard:
                    return
                yield from self._lines(heard)

    def _lines(self, heard: bytes) -> list[dict[str, Any]]:
        *whole, self._rest = (self._rest + heard).split(b"\n")
        if len(self._rest) > _LONGEST_LINE:
            raise JobError(words.in_both("job_broken"), "a line without end")
        return [json.loads(line) for line in whole]

    def read(self, name: str) -> dict[str, Any]:
        """Return a document that the process has left.

        Raises
        ------
        JobError
            It is too large to be one.
        """
        file = self.room / f"{name}.json"
        if file.stat().st_size > _LONGEST_PART:
            raise JobError(words.in_both("job_file", megabytes=_LONGEST_PART // 1_000_000))
        found: dict[str, Any] = json.loads(file.read_bytes())
        return found

    def _ended(self, code: int, last: dict[str, Any]) -> dict[str, Any]:
        how = last.get("ended", "")
        if how == "well":
            return self.read(child.ANSWER)
        if how == "refused":
            raise JobError(Said(self._named(last["said"]["en"]), self._named(last["said"]["zh"])))
        if how == "disk":
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        limits = {"memory": "job_memory", "file": "job_file"}
        if how in limits:
            raise JobError(self._limit(limits[how]))
        if code == -signal.SIGXCPU:
            raise JobError(self._limit("job_cpu"))
        if code == -signal.SIGKILL:
            raise KilledError
        raise JobError(words.in_both("job_broken"), str(last.get("why") or f"exit code {code}: {self._last_words()}"))

    def _limit(self, key: str) -> Said:
        return words.in_both(key, megabytes=self.limits.memory_mb if key == "job_memory" else self.limits.file_mb,
                             seconds=self.limits.cpu_s)  # fmt: skip

    def _named(self, text: str) -> str:
        """Return a text without the place of the room, which is nobody's business."""
        return text.replace(f"{self.room}/", "").replace(str(self.room), "")

    def _last_words(self) -> str:
        with contextlib.suppress(OSError):
            return (self.room / _ERRORS).read_bytes()[-_SIGNS:].decode("utf-8", "replace")
        return ""
