"""Write files and directories completely or not at all; only results of earlier runs are replaced, with ``force``.

A directory of ours is known by its mark, a file that lists what was written with the digest of each. What is not in
the list, or was changed since, is somebody's own work: such a directory is not replaced, not even by force.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

from pyogrio.errors import DataLayerError, DataSourceError, FeatureError

from drainage.errors import FormatError
from drainage.provenance import Provenance
from drainage.said import Said, joined
from drainage.words import in_both
from drainage.writing.full_disk import is_full, means_full
from drainage.writing.moving import NEW, move_in, put_back, replaced
from drainage.writing.workshop import is_workshop, turn, workshop

MARK: Final = "drainage-files.json"
_FORMAT: Final = "files written by drainage"
#: What an open database keeps beside its file: written over that of another, it would be taken for a part of the new.
_OPEN_DATABASE: Final = ("-wal", "-journal")
#: Indexes that other programs make of a Shapefile; kept, they would lead into a file that is no more.
_SHAPEFILE_INDEXES: Final = (".qix", ".sbn", ".sbx", ".fix")
#: What is written beside a file whose format has no place for its provenance: name of the file, and this.
SIDECAR: Final = ".provenance.json"
_WITHOUT_PLACE: Final = frozenset({".csv", ".shp", ".fgb", ".png", ".svg", ".pdf", ".gpx", ".dat", ".inp"})


def check_free(path: Path, *, ending: str, force: bool) -> None:
    """Raise where a file may not be written.

    Raises
    ------
    FormatError
        The file exists and ``force`` is False, its extension is not supported, it is a directory, a symbolic link, or a
        database that another program has open.
    """
    if path.suffix.lower() != ending:
        raise FormatError(in_both("other_ending", place=path.name, endings=ending))
    _refuse_link(path)
    if path.is_dir():
        raise FormatError(in_both("is_a_directory", path=path))
    if path.exists() and not force:
        raise FormatError(in_both("exists_already", path=path))
    for beside in (path.with_name(path.name + kind) for kind in _OPEN_DATABASE):
        if ending == ".gpkg" and beside.exists():
            raise FormatError(in_both("open_elsewhere", path=path, beside=beside.name))


def sidecar_of(path: Path) -> Path | None:
    """Return the file beside another that holds its provenance; None if the file itself can hold it."""
    return path.with_name(path.name + SIDECAR) if path.suffix.lower() in _WITHOUT_PLACE else None


def check_free_answer(path: Path, *, ending: str, force: bool) -> None:
    """Raise where a file, or that of its provenance, may not be written.

    Raises
    ------
    FormatError
        See `check_free`.
    """
    check_free(path, ending=ending, force=force)
    if (beside := sidecar_of(path)) is not None:
        check_free(beside, ending=beside.suffix, force=force)


def check_free_directory(path: Path, *, force: bool) -> None:
    """Raise where a directory may not be written: nothing but what an earlier run wrote is ever replaced.

    Raises
    ------
    FormatError
        It is a file or a symbolic link, it exists and ``force`` is False, or it holds anything that no earlier run
        wrote, or that was changed since.
    """
    if path.parent.is_dir():
        with turn(path.parent):
            _check_directory(path, force=force)


def _check_directory(path: Path, *, force: bool) -> None:
    """Check in one's turn: others move directories meanwhile."""
    _refuse_link(path)
    if not path.exists():
        return
    if not path.is_dir():
        raise FormatError(in_both("is_a_file", path=path))
    if path.is_mount():
        raise FormatError(in_both("is_a_mount", path=path, inside=path / "report"))
    if not any(path.iterdir()):
        return
    if not force:
        raise FormatError(in_both("directory_exists", path=path))
    if reason := _not_ours(path):
        raise FormatError(joined([path, reason], ": "))


def spare(outputs: Iterable[Path | None], inputs: Iterable[str | Path]) -> None:
    """Refuse to write over what is read.

    Raises
    ------
    FormatError
        An output is an input, or a directory in which one lies.
    """
    read = [Path(path).resolve() for path in inputs]
    for output in filter(None, outputs):
        for path in read:
            if output.resolve() == path:
                raise FormatError(in_both("is_read", output=output))
            if output.resolve() in path.parents:
                raise FormatError(in_both("holds_what_is_read", output=output, name=path.name))


@contextmanager
def replacing_file(
    path: str | Path, *, ending: str, force: bool = False, provenance: Provenance | None = None
) -> Iterator[Path]:
    """Yield a name beside the target to write to, and move it there when all went well.

    Parameters
    ----------
    provenance
        Moved in with it, beside a file that has no place for it (`sidecar_of`).

    Raises
    ------
    FormatError
        See `check_free`; also where another writer was faster.
    OSError
        It cannot be written, such as where the disk is full; what was there is as it was.
    """
    goal = Path(path)
    with replacing_files([goal], ending=ending, force=force, provenance=provenance) as folder:
        yield folder / goal.name


@contextmanager
def replacing_files(
    goals: Sequence[Path],
    *,
    ending: str | None = None,
    force: bool = False,
    provenance: Provenance | None = None,
    outlived: Sequence[Path] = (),
) -> Iterator[Path]:
    """Yield a folder to write files of these names to, and move all of them into place when all went well, or none.

    A file may come in several, such as a Shapefile: all that lie in the folder are moved.

    Parameters
    ----------
    goals
        Files of one directory.
    ending
        Of all of them; None: each may end as it does.
    provenance
        Of all of them, as in `replacing_file`.
    outlived
        Files of the same directory that go away when all went well: results of ours whom nothing replaces.

    Raises
    ------
    FormatError, OSError
        As `replacing_file`.
    """
    check = check_free if provenance is None else check_free_answer
    for goal in goals:
        check(goal, ending=goal.suffix.lower() if ending is None else ending, force=force)
    place = goals[0].parent
    with _beside(goals[0], place) as folder:
        parts = folder / NEW
        parts.mkdir()
        yield parts
        if provenance is not None:
            write_sidecars(parts, [part.name for part in parts.iterdir()], provenance)
        with turn(place):
            names = [part.name for part in parts.iterdir()]
            for part in (place / name for name in names):
                check_free(part, ending=part.suffix.lower(), force=force)
            move_in(folder, leave=[*_stale(names), *(path.name for path in outlived)])


def write_sidecars(folder: Path, names: Iterable[str | Path], provenance: Provenance) -> None:
    """Write the provenance beside each file of a folder that has no place for it."""
    for beside in filter(None, (sidecar_of(folder / Path(name).name) for name in names)):
        beside.write_text(provenance.as_json(), encoding="utf-8")


@contextmanager
def replacing_directory(path: str | Path, *, force: bool = False) -> Iterator[Path]:
    """Yield a directory beside the target to write into, and move it there with its mark when all went well.

    Raises
    ------
    FormatError
        See `check_free_directory`; also where another writer was faster, or somebody has put something of his own
        there meanwhile.
    OSError
        It cannot be written, such as where the disk is full; what was there is as it was.
    """
    goal = Path(path)
    check_free_directory(goal, force=force)
    name = goal.resolve().name
    place = goal.resolve().parent
    with _beside(goal, place) as folder:
        part = folder / NEW / name
        part.mkdir(parents=True)
        yield part
        _write_mark(part)
        with turn(place):
            if not force:
                _check_directory(goal, force=False)
            move_in(folder)
            # looked at where nobody else reaches it any more
            if (was := replaced(folder, name)) is not None and any(was.iterdir()) and (reason := _not_ours(was)):
                put_back(folder, name)
                raise FormatError(joined([goal, reason], ": "))


def _refuse_link(path: Path) -> None:
    if path.is_symlink():
        raise FormatError(in_both("is_a_link", path=path, goal=path.readlink()))


def _write_mark(directory: Path) -> None:
    files = {str(path.relative_to(directory).as_posix()): _digest(path) for path in _files(directory)}
    mark = {"format": _FORMAT, "version": 1, "files": files}
    (directory / MARK).write_text(json.dumps(mark, ensure_ascii=False, indent=2), encoding="utf-8")


def changed_files(directory: Path) -> list[str]:
    """Return the files that a directory of ours listed when it was written and that were changed or taken away since.

    Raises
    ------
    FormatError
        It has no list.
    """
    if (files := _listed(directory)) is None:
        raise FormatError(joined([directory, in_both("holds_no_mark", mark=MARK)], ": "))
    return sorted(n for n, said in files.items() if not (directory / n).is_file() or _digest(directory / n) != said)


def is_unchanged(file: Path) -> bool:
    """Return whether a file in a directory of ours is still as it was written."""
    said = (_listed(file.parent) or {}).get(file.name)
    return said is not None and file.is_file() and _digest(file) == said


def _listed(directory: Path) -> dict[str, str] | None:
    """Return file → digest as the mark of a directory lists them; None where it has no mark of ours."""
    try:
        mark = json.loads((directory / MARK).read_text(encoding="utf-8"))
        return dict(mark["files"]) if mark["format"] == _FORMAT else None
    except (OSError, ValueError, TypeError, LookupError):
        return None


def _not_ours(directory: Path) -> Said | None:
    """Return why a directory may not be replaced; None if it holds exactly what its mark lists."""
    if (files := _listed(directory)) is None:
        return in_both("holds_no_mark", mark=MARK)
    found = {path.relative_to(directory).as_posix(): path for path in directory.rglob("*") if path != directory / MARK}
    folders = {str(parent) for name in files for parent in Path(name).parents}
    strange = sorted(n for n, path in found.items() if n not in (folders if _is_folder(path) else files))
    if strange:
        return in_both("holds_strange", names=_first(strange))
    changed = sorted(n for n, path in found.items() if n in files and _digest(path) != files[n])
    if changed:
        return in_both("changed_since", names=_first(changed))
    return None


def _is_folder(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink()


def _first(names: Sequence[str], most: int = 3) -> Said:
    more = [in_both("and_more", count=len(names) - most)] if len(names) > most else []
    return joined([", ".join(names[:most]), *more], "")


def _files(directory: Path) -> list[Path]:
    return sorted(path for path in directory.rglob("*") if path.is_file())


def _digest(path: Path) -> str:
    if path.is_symlink() or not path.is_file():
        return "not a file"
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _stale(names: Iterable[str]) -> list[str]:
    """Name what must not outlive the Shapefiles that are replaced."""
    stems = [Path(name).stem for name in names if name.lower().endswith(".shp")]
    return [f"{stem}{ending}" for stem in stems for ending in _SHAPEFILE_INDEXES]


@contextmanager
def _beside(goal: Path, place: Path) -> Iterator[Path]:
    """Yield a folder to make the target in; errors name the target, and are raised while the disk is still as full."""
    with ExitStack() as stack:
        with _explained(goal):
            place.mkdir(parents=True, exist_ok=True)
            folder = stack.enter_context(workshop(place))
        with _explained(goal):
            yield folder


@contextmanager
def _explained(goal: Path) -> Iterator[None]:
    """Name the goal in the errors of a write, not the hidden folder in which it is made."""
    kept = "nothing was written, and existing files are unchanged"
    try:
        yield
    except (DataLayerError, DataSourceError, FeatureError, sqlite3.OperationalError) as error:
        full = is_full(goal.parent)
        reason = os.strerror(errno.ENOSPC) if full else " ".join(str(error).split())
        raise OSError(errno.ENOSPC if full else errno.EIO, f"{reason}; {kept}", str(goal)) from error
    except OSError as error:
        if error.errno is None or not _is_of_the_write(error, goal):
            raise
        raise OSError(error.errno, f"{os.strerror(error.errno)}; {kept}", str(goal)) from error


def _is_of_the_write(error: OSError, goal: Path) -> bool:
    """Return whether an error is one of writing, not of a file that is read meanwhile."""
    if error.filename is None or error.filename2 is not None or means_full(error):
        return True
    named = Path(os.fsdecode(error.filename))
    return named in {goal, goal.parent, goal.resolve().parent} or any(is_workshop(part) for part in named.parents)


@contextmanager
def replacing_both(file: Path, log: Path, *, force: bool = False) -> Iterator[tuple[Path, Path]]:
    """Yield names to write a file and its log to: they move in together or, in separate directories, the file first.

    Raises
    ------
    FormatError, OSError
        As `replacing_file`.
    """
    if file.resolve().parent == log.resolve().parent:
        with replacing_files([file, log], force=force) as folder:
            yield folder / file.name, folder / log.name
    else:
        with (
            replacing_file(log, ending=log.suffix.lower(), force=force) as log_part,
            replacing_file(file, ending=file.suffix.lower(), force=force) as part,
        ):
            yield part, log_part


def check_goals(goals: Mapping[str, Path | None], *, force: bool, beside: Iterable[Path | None] = ()) -> None:
    """Raise where outputs cannot be written, before any work is done for them.

    Parameters
    ----------
    goals
        Ending that it must have → the file; None: it is not asked for.
    force
        Whether existing files may be replaced.
    beside
        Other outputs, which are checked elsewhere.

    Raises
    ------
    FormatError
        One has another extension, or exists and ``force`` is False; two are one file.
    """
    for ending, path in goals.items():
        if path is not None:
            check_free(path, ending=ending, force=force)
    named = [path.resolve() for path in (*goals.values(), *beside) if path is not None]
    if twice := [path for k, path in enumerate(named) if path in named[:k]]:
        raise FormatError(in_both("output_twice", name=twice[0].name))
