"""A directory for each job, among the temporary files: it goes with the job, or with the next where that was killed."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

_PREFIX: Final = "drainage-job-"
_LOCK: Final = "held"
_WORK: Final = "work"


@contextmanager
def room(place: Path | None = None) -> Iterator[Path]:
    """Yield an empty directory of a job; those of workers that were killed are removed before.

    Parameters
    ----------
    place
        Where; default: the temporary directory of the system.

    Raises
    ------
    OSError
        The disk is full, or cannot be written.
    """
    beside = Path(tempfile.gettempdir()) if place is None else place
    sweep(beside)
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=beside))
    try:
        with _held(folder / _LOCK):
            (folder / _WORK).mkdir()
            yield folder / _WORK
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def sweep(place: Path) -> None:
    """Remove what workers that were killed have left."""
    for folder in place.glob(f"{_PREFIX}*"):
        with suppress(OSError):
            if folder.stat().st_uid == os.geteuid() and _is_left(folder):
                shutil.rmtree(folder)


def _is_left(folder: Path) -> bool:
    """Tell whether nobody holds a directory; one that is just being made has no lock yet."""
    if not (folder / _LOCK).exists():
        return False
    with suppress(BlockingIOError), _held(folder / _LOCK):
        return True
    return False


@contextmanager
def _held(lock: Path) -> Iterator[None]:
    file = os.open(lock, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(file)
