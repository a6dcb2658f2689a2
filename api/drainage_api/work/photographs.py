"""Photographs from outside: never kept as they came, drawn anew by a process under limits, one at a time."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

from drainage import words
from drainage.said import Said
from drainage_api.work import redrawing

#: Own choices: how many may wait in a process, and how long one may take, s.
MOST_WAITING: Final = 16
PATIENCE_S: Final = 20.0
_WHY: Final = {redrawing.UNKNOWN: "photo_unknown", redrawing.TOO_LARGE: "photo_too_many_pixels"}
_JPEG: Final = b"\xff\xd8\xff"


class PhotoError(Exception):
    """A photograph that is not taken.

    Parameters
    ----------
    said
        Why, and what to do, in both languages.
    """

    def __init__(self, said: Said) -> None:
        """Keep why."""
        super().__init__(said)
        self.said = said


class PhotosWait(Exception):  # noqa: N818 - nothing is wrong with the photograph
    """Too many wait already."""


class Darkroom:
    """Where the photographs of a process are drawn anew: one at a time, so that a flood of them takes one core."""

    def __init__(self) -> None:
        """Start nothing yet."""
        self._executor = ThreadPoolExecutor(1, "photographs")
        self._waiting = 0

    async def redraw(self, content: bytes) -> bytes:
        """Return a photograph as a JPEG of at most `redrawing.KEPT_PX` without anything beside its pixels.

        Raises
        ------
        PhotoError
            It is no picture of a kind that is taken, has too many pixels, or is damaged.
        PhotosWait
            Come again.
        """
        if self._waiting >= MOST_WAITING:
            raise PhotosWait
        self._waiting += 1
        try:
            return await asyncio.wrap_future(self._executor.submit(redraw, content))
        finally:
            self._waiting -= 1


def redraw(content: bytes) -> bytes:
    """Return a photograph drawn anew, while the caller waits.

    Raises
    ------
    PhotoError
        As of `Darkroom.redraw`.
    """
    command = [sys.executable, "-P", "-m", redrawing.__name__]
    paths = os.pathsep.join(str(Path(path).resolve()) for path in sys.path if path)
    with tempfile.TemporaryFile() as out:
        try:
            done = subprocess.run(  # noqa: S603 - our own words
                command, input=content, stdout=out, stderr=subprocess.DEVNULL, timeout=PATIENCE_S, check=False,
                env={"PYTHONPATH": paths}, cwd="/",
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            raise _refused("photo_damaged") from None
        out.seek(0)
        drawn = out.read(redrawing.MOST_BYTES)
    if done.returncode or not drawn.startswith(_JPEG):
        raise _refused(_WHY.get(done.returncode, "photo_damaged"))
    return drawn


def _refused(why: str) -> PhotoError:
    return PhotoError(words.in_both(why, most_mp=redrawing.MOST_PX // 1_000_000, most_px=redrawing.MOST_SIDE_PX))
