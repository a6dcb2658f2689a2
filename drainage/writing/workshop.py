"""Where files are made before they are moved into place: a hidden folder beside the goal, held while its maker lives.

A maker that is killed leaves its folder. The next one that works in the same directory sweeps it, or, where the maker
died while it moved several parts into place, finishes the move first, so that what lies there is whole again.
"""

from __future__ import annotations

import os
import platform
import shutil
import stat
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Final

from drainage.writing.moving import finish, is_moving

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]  # its absence is asked for


_PREFIX: Final = ".drainage-"
_LOCK: Final = "drainage.lock"
#: Seconds after which a folder is taken for dead where no lock tells: no write lasts a day.
_DEAD_S: Final = 86_400.0
#: Seconds for which a writer waits for others that move into the same directory; a move takes a moment.
_PATIENCE_S: Final = 5.0


@contextmanager
def workshop(place: Path) -> Iterator[Path]:
    """Yield a new hidden folder in a directory; it is removed afterwards, as are leftovers of killed processes."""
    sweep(place)
    folder, lock = _open(place)
    try:
        yield folder
    finally:
        os.close(lock)
        if not is_moving(folder):  # else it holds what was there before: the next writer or reader finishes the move
            shutil.rmtree(folder, ignore_errors=True)


def is_workshop(path: Path) -> bool:
    """Return whether a path has the name of such a folder."""
    return path.name.startswith(_PREFIX)


@contextmanager
def scratch() -> Iterator[Path]:
    """Yield such a folder among the temporary files of the system."""
    with workshop(Path(tempfile.gettempdir())) as folder:
        yield folder


@contextmanager
def turn(place: Path) -> Iterator[None]:
    """Lock a directory, so that nobody else checks or moves anything in it meanwhile."""
    with ExitStack() as stack:
        with suppress(OSError):  # not every system opens a folder
            directory = os.open(place, os.O_RDONLY)
            stack.callback(os.close, directory)
            until = time.monotonic() + _PATIENCE_S
            while _take(directory) is False and time.monotonic() < until:
                time.sleep(0.01)
        yield


@contextmanager
def alone(place: Path) -> Iterator[bool]:
    """Hold a directory for as long as work in it lasts; yield False where another process on this machine holds it."""
    lock = os.open(place / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        yield _take(lock) is not False
    finally:
        os.close(lock)


def sweep(place: Path) -> None:
    """Remove leftovers of dead processes from a directory, and finish their moves."""
    for folder in place.glob(f"{_PREFIX}*"):
        with suppress(OSError), _left_over(folder):
            if not is_moving(folder) or _finish(folder):
                shutil.rmtree(folder)


def settle(place: Path) -> None:
    """Finish moves of dead processes into a directory, so that a reader finds it complete."""
    for folder in place.glob(f"{_PREFIX}*"):
        if is_moving(folder):
            try:
                with _left_over(folder):
                    if _finish(folder):
                        shutil.rmtree(folder, ignore_errors=True)
            except _HeldError:
                continue
            except OSError as error:
                _warn(
                    f"{place}: a write was interrupted while its parts were moved in, and cannot be completed here "
                    f"({error.strerror}): read it once as a user with write permission in {place}"
                )


class _HeldError(OSError):
    """The maker lives, or nobody knows."""


@contextmanager
def _left_over(folder: Path) -> Iterator[None]:
    """Lock a folder whose maker no longer runs.

    Raises
    ------
    OSError
        The maker still runs, or the folder is not one of drainage.
    """
    about = folder.lstat()
    if not stat.S_ISDIR(about.st_mode) or (hasattr(os, "geteuid") and about.st_uid != os.geteuid()):
        raise _HeldError
    try:
        lock = os.open(folder / _LOCK, os.O_RDWR | getattr(os, "O_NOFOLLOW", 0))
    except FileNotFoundError:
        folder.rmdir()  # a maker died before it locked; nothing else is empty
        raise
    try:
        locked = _take(lock)
        if locked is False:
            raise _HeldError
        # A lock tells for sure within one machine; others may not see each other's.
        if not (locked and os.read(lock, 200) == _machine()) and _age_s(lock) < _DEAD_S:
            raise _HeldError
        yield
    finally:
        os.close(lock)


def _finish(folder: Path) -> bool:
    """Finish a move; False where somebody else has written there since."""
    with turn(folder.parent):
        names = finish(folder)
    if names is None:
        _warn(
            f"{folder.parent}: a write was interrupted while its parts were moved in, and something else was written "
            f"there since; its parts and the previous files are in {folder.name}: restore what you need, and delete it"
        )
        return False
    _warn(f"{folder.parent}: an interrupted write was completed: {', '.join(names)}")
    return True


def _warn(text: str) -> None:
    warnings.warn(text, stacklevel=4)


def _open(place: Path) -> tuple[Path, int]:
    """Make a folder and lock it; once more where somebody swept it before it was locked."""
    while True:
        folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=place))
        with suppress(FileNotFoundError):
            lock = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
            if fcntl is not None:
                with suppress(OSError):
                    fcntl.flock(lock, fcntl.LOCK_EX)
            if os.fstat(lock).st_nlink:
                os.write(lock, _machine())
                return folder, lock
            os.close(lock)


def _take(lock: int) -> bool | None:
    """Take a lock; False where another holds it, None where nothing can be locked."""
    if fcntl is None:
        return None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return None
    return True


def _machine() -> bytes:
    """Name the running system: containers on it share its locks, other machines may not."""
    boot = Path("/proc/sys/kernel/random/boot_id")
    return boot.read_bytes().strip() if boot.is_file() else platform.node().encode()


def _age_s(lock: int) -> float:
    return time.time() - os.fstat(lock).st_mtime
