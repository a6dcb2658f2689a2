"""Parts from a hidden folder into their places beside it: all of them or none, whatever fails, whenever it is killed.

The folder has the parts in ``new`` and takes what they replace into ``old``. Where one rename is not enough, a list of
the moves is written first; by it a move that was broken off is finished. It can do no more than whoever put it there:
its names are of one directory, and what is there is moved away only where it is still the very file of that time.
"""

from __future__ import annotations

import ctypes
import errno
import json
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final, NamedTuple

NEW: Final = "new"
OLD: Final = "old"
_LIST: Final = "moves.json"
_AT_FDCWD: Final = -100  # linux/fcntl.h
_RENAME_EXCHANGE: Final = 2  # linux/fs.h


class _Move(NamedTuple):
    """What becomes of a name: whether a part comes, and what was there (`_identity`)."""

    name: str
    comes: bool
    was: list[int] | None


def is_moving(folder: Path) -> bool:
    """Return whether a move from this folder was begun and not finished."""
    return (folder / _LIST).is_file()


def move_in(folder: Path, *, leave: Sequence[str] = ()) -> None:
    """Put all parts in ``new`` into place beside the folder; those named ``leave`` go away with what is replaced.

    Raises
    ------
    OSError
        A part cannot be put into place; all is as it was before.
    """
    place = folder.parent
    names = sorted(part.name for part in (folder / NEW).iterdir())
    for name in names:
        _sync_tree(folder / NEW / name)
    if len(names) == 1 and not leave and _swap(folder / NEW / names[0], place / names[0]):
        _sync_folder(place)
        return
    _sync_folder(folder / NEW)
    moves = [_Move(name, comes=True, was=_identity(place / name)) for name in names]
    moves += [_Move(name, comes=False, was=_identity(place / name)) for name in leave if name not in names]
    (folder / OLD).mkdir()
    _begin(folder, moves)
    try:
        _carry_out(folder, moves)
    except OSError:
        _take_back(folder, moves)
        _end(folder)
        raise
    _sync_folder(place)
    _end(folder)


def replaced(folder: Path, name: str) -> Path | None:
    """Return where the last `move_in` put what it replaced; None where there was nothing."""
    return next((path for kind in (NEW, OLD) if (path := folder / kind / name).exists()), None)


def put_back(folder: Path, name: str) -> None:
    """Put what the last `move_in` replaced back into its place."""
    if (folder / OLD).exists():
        (folder / OLD / name).rename(folder / NEW / name)
        (folder / OLD).rmdir()
    move_in(folder)


def finish(folder: Path) -> list[str] | None:
    """Finish a move that was broken off; give the names, or None where something else has come there since."""
    try:
        moves = [_Move(*one) for one in json.loads((folder / _LIST).read_text(encoding="utf-8"))]
    except (ValueError, TypeError):
        return None
    if any((folder / name).is_symlink() for name in (NEW, OLD)):  # not of our making: it would move files from afar
        return None
    for move in moves:
        there = _identity(folder.parent / move.name)
        waits = move.comes and (folder / NEW / move.name).exists()
        stands_in_the_way = there is not None and (there != move.was or (folder / OLD / move.name).exists())
        if Path(move.name).name != move.name or (waits and stands_in_the_way):
            return None
    (folder / OLD).mkdir(exist_ok=True)
    _carry_out(folder, moves)
    _sync_folder(folder.parent)
    _end(folder)
    return [move.name for move in moves if move.comes]


def _carry_out(folder: Path, moves: Sequence[_Move]) -> None:
    place = folder.parent
    for move in moves:
        if move.was is not None and _identity(place / move.name) == move.was:
            (place / move.name).rename(folder / OLD / move.name)
    for move in moves:
        if move.comes and (folder / NEW / move.name).exists():
            (folder / NEW / move.name).rename(place / move.name)


def _take_back(folder: Path, moves: Sequence[_Move]) -> None:
    place = folder.parent
    for move in moves:
        if move.comes and not (folder / NEW / move.name).exists():
            (place / move.name).rename(folder / NEW / move.name)
    for move in moves:
        if (folder / OLD / move.name).exists():
            (folder / OLD / move.name).rename(place / move.name)


def _swap(part: Path, goal: Path) -> bool:
    """Put a part into place by a single rename, what was there in its stead; False where that takes more than one."""
    if not part.is_dir():
        part.replace(goal)
        return True
    if goal.is_dir() and any(goal.iterdir()):
        return _exchange(part, goal)
    with suppress(FileNotFoundError):
        goal.rmdir()
    part.rename(goal)
    return True


def _exchange(one: Path, other: Path) -> bool:
    """Exchange two names at once; False where the system or the file system cannot."""
    if not sys.platform.startswith("linux"):
        return False
    rename = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if rename is None:
        return False
    if rename(_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), _RENAME_EXCHANGE) == 0:
        return True
    number = ctypes.get_errno()
    if number in {errno.ENOSYS, errno.EINVAL, errno.ENOTSUP}:
        return False
    raise OSError(number, os.strerror(number), str(other))


def _identity(path: Path) -> list[int] | None:
    """Return what identifies a file, as opposed to another in its place; None where there is none."""
    try:
        found = path.lstat()
    except FileNotFoundError:
        return None
    return [found.st_ino, found.st_mtime_ns, found.st_size]


def _begin(folder: Path, moves: Sequence[_Move]) -> None:
    draft = folder / f"{_LIST}.part"
    draft.write_text(json.dumps(moves), encoding="utf-8")
    _sync_file(draft)
    draft.replace(folder / _LIST)
    _sync_folder(folder)


def _end(folder: Path) -> None:
    (folder / _LIST).unlink()


def _sync_tree(path: Path) -> None:
    """Have the system write a file, or all that a folder holds, to the disk: a power cut then loses none of it."""
    if not path.is_dir():
        _sync_file(path)
        return
    for inside in path.iterdir():
        _sync_tree(inside)
    _sync_folder(path)


def _sync_file(path: Path) -> None:
    with path.open("r+b") as file:
        os.fsync(file.fileno())


def _sync_folder(path: Path) -> None:
    with suppress(OSError):  # not every system opens a folder, and not every file system writes one on demand
        number = os.open(path, os.O_RDONLY)
        try:
            os.fsync(number)
        finally:
            os.close(number)
