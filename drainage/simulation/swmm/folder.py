"""The folder in which the engine runs: temporary, held while its maker lives, swept after one that was killed."""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from drainage.errors import SimulationError
from drainage.said import Said
from drainage.words import in_both

try:
    import fcntl
except ImportError:  # Windows, which lets nobody remove what is open
    fcntl = None  # type: ignore[assignment]


PREFIX: Final = "drainage-swmm-"
_LOCK: Final = "drainage.lock"
#: Seconds after which a folder is taken for dead where no lock tells: no run lasts a week (own choice).
_DEAD_S: Final = 7 * 86400.0


@contextmanager
def engine_folder() -> Iterator[Path]:
    """Yield a new folder, removed afterwards; leftovers of this user's killed runs in the same place are removed first.

    Raises
    ------
    SimulationError
        The disk is full, or the system provides no temporary folder.
    """
    try:
        place = Path(tempfile.gettempdir()).resolve()
        _sweep(place)
        folder, lock = _open(place)
    except OSError as error:
        raise SimulationError(no_room_words(Path(tempfile.gettempdir()), error.strerror)) from error
    try:
        yield folder
    finally:
        os.close(lock)
        shutil.rmtree(folder, ignore_errors=True)


def no_room_words(place: Path, reason: str | None) -> Said:
    """Return the message that the engine has no disk space to run in."""
    return in_both("no_room", place=place, why=in_both("in_brackets", text=reason) if reason else "")


def _open(place: Path) -> tuple[Path, int]:
    """Make a folder and lock it; once more where somebody swept it before it was locked."""
    while True:
        folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=place))
        try:
            lock = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        except FileNotFoundError:
            continue
        if fcntl is not None:
            fcntl.flock(lock, fcntl.LOCK_EX)
        if fcntl is None or os.fstat(lock).st_nlink:
            return folder, lock
        os.close(lock)


def _sweep(place: Path) -> None:
    for folder in place.glob(f"{PREFIX}*"):
        with suppress(OSError):
            about = folder.lstat()
            mine = not hasattr(os, "getuid") or about.st_uid == os.getuid()
            if stat.S_ISDIR(about.st_mode) and mine:
                _remove_if_dead(folder, about.st_mtime)


def _remove_if_dead(folder: Path, changed: float) -> None:
    """Remove a folder whose lock nobody holds, for its maker is dead; hold it meanwhile."""
    if fcntl is None or not (folder / _LOCK).exists():
        if time.time() - changed > _DEAD_S:
            shutil.rmtree(folder)
        return
    lock = os.open(folder / _LOCK, os.O_RDWR | os.O_NOFOLLOW)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(folder)
    finally:
        os.close(lock)
