"""Bytes under their SHA-256, and directories as lists of such: written once, never changed, checked whenever read.

In a directory they are files; on a server they lie in its database, and the files are copies that may go.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import secrets
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Final

from sqlalchemy import Connection, insert, select
from sqlalchemy.dialects.postgresql import insert as insert_once

from drainage_api.store.database import Database, StoreError, as_store_error
from drainage_api.store.tables import object_parts, objects

_DIGEST: Final = re.compile(r"[0-9a-f]{64}", re.ASCII)
_CHUNK: Final = 1 << 20  # bytes that are read, and kept in a row, at once; own choice
_LEFT_S: Final = 24 * 3600.0  # nobody writes at one file for a day; own choice


class DamagedError(StoreError):
    """An object is missing, or is not what its digest says."""


class Objects:
    """The objects beside a database in a file.

    `put` is no part of a transaction: objects are put first, and an object that no row names does no harm.
    """

    def __init__(self, database: Database) -> None:
        """Take the database beside which they lie."""
        self._database = database
        self._place, self._trees = database.place / "objects", database.place / "trees"

    def put(self, source: BinaryIO | bytes | Path) -> str:
        """Keep bytes; they are on the disk when it returns. What is there already is not written again.

        Returns
        -------
        SHA-256, hexadecimal.

        Raises
        ------
        StoreError
            The disk is full, or the store cannot be written: nothing is left of it then.
        """
        with as_store_error(), _reader(source) as file, self._part() as part:
            digest = _copied(file, part)
            self._settle(part, digest)
        return digest

    def path(self, digest: str) -> Path:
        """Return a file with the bytes, for reading only.

        Raises
        ------
        DamagedError
            It is missing, or is not what its digest says.
        StoreError
            The store cannot be read.
        """
        found = self._file(digest)
        with as_store_error():
            if not found.is_file():
                raise DamagedError(f"object {digest} is missing")
            if _digest_of(found) != digest:
                raise DamagedError(f"object {digest} is damaged")
        return found

    def read(self, digest: str) -> bytes:
        """Return the bytes; the errors are those of `path`."""
        found = self._file(digest)
        with as_store_error():
            if not found.is_file():
                raise DamagedError(f"object {digest} is missing")
            content = found.read_bytes()
        if hashlib.sha256(content).hexdigest() != digest:
            raise DamagedError(f"object {digest} is damaged")
        return content

    def copy(self, digest: str, target: BinaryIO) -> int:
        """Write the bytes to a file, and return their number; the errors are those of `path`, after the last byte."""
        seen, size = hashlib.sha256(), 0
        with as_store_error():
            for chunk in self._chunks(digest):
                seen.update(chunk)
                size += target.write(chunk)
        if seen.hexdigest() != digest:
            raise DamagedError(f"object {digest} is damaged")
        return size

    def digests(self, connection: Connection) -> list[str]:
        """Return what was put, as far as a connection sees it; of files beside a database all that are there now."""
        del connection
        return sorted(path.name for path in self._place.glob("??/*") if _DIGEST.fullmatch(path.name))

    def put_tree(self, directory: Path) -> str:
        """Keep every file of a directory; return the digest of the list of them."""
        return self.put(_manifest({name: self.put(path) for name, path in _files(directory).items()}))

    def tree(self, digest: str) -> Path:
        """Return a directory as it was kept, every file checked; for reading only.

        Raises
        ------
        DamagedError
            One of its objects is missing or damaged.
        StoreError
            The store cannot be read, or the directory not be made.
        """
        listed = self.listed(digest)
        paths = {name: self.path(one) for name, one in listed.items()}
        made = self._trees / digest
        with as_store_error(), self._alone():
            if not _is_whole(made, paths):
                self._lay_out(made, paths)
        return made

    def listed(self, digest: str) -> Mapping[str, str]:
        """Return the files of a directory and their digests; the errors are those of `path`."""
        try:
            found = json.loads(self.read(digest))
            listed = {str(name): str(one) for name, one in found.items()}
        except (ValueError, AttributeError) as error:
            raise DamagedError(f"object {digest} is no directory") from error
        if not all(_is_inside(name) and _DIGEST.fullmatch(one) for name, one in listed.items()):
            raise DamagedError(f"object {digest} is no directory")
        return listed

    def sweep(self) -> None:
        """Remove what killed processes left half written."""
        with suppress(OSError):
            for part in (*self._place.glob(".part-*"), *self._trees.glob(".part-*")):
                if time.time() - part.stat().st_mtime > _LEFT_S:
                    shutil.rmtree(part) if part.is_dir() else part.unlink()

    def _chunks(self, digest: str) -> Iterator[bytes]:
        path = self._file(digest)
        if not path.is_file():
            raise DamagedError(f"object {digest} is missing")
        with path.open("rb") as file:
            yield from iter(lambda: file.read(_CHUNK), b"")

    def _file(self, digest: str) -> Path:
        if not _DIGEST.fullmatch(digest):
            raise DamagedError("no digest of an object")
        return self._place / digest[:2] / digest

    @contextmanager
    def _part(self) -> Iterator[Path]:
        self._place.mkdir(mode=0o700, parents=True, exist_ok=True)
        part = self._place / f".part-{secrets.token_hex(8)}"
        try:
            yield part
        finally:
            part.unlink(missing_ok=True)

    def _settle(self, part: Path, digest: str) -> None:
        """Give a whole file its name, at once, and make sure of it."""
        kept = self._file(digest)
        if kept.is_file() and _digest_of(kept) == digest:
            return
        if not kept.parent.exists():
            kept.parent.mkdir(mode=0o700, exist_ok=True)
            _sync(self._place)
        part.rename(kept)  # over one that is damaged, and over the same by another
        _sync(kept.parent)

    def _lay_out(self, made: Path, paths: Mapping[str, Path]) -> None:
        part = self._trees / f".part-{secrets.token_hex(8)}"
        try:
            part.mkdir(mode=0o700)
            for name, path in paths.items():
                target = part / name
                target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                os.link(path, target)
            shutil.rmtree(made, ignore_errors=True)
            part.rename(made)
        finally:
            shutil.rmtree(part, ignore_errors=True)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Let one at a time, of all processes, look at the directories and lay one out."""
        import fcntl  # a store is refused where there is none (`open_in_file`)

        self._trees.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(self._trees, os.O_RDONLY)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)


class SharedObjects(Objects):
    """The objects in a database on a server; the files beside it are copies."""

    def path(self, digest: str) -> Path:
        """Return a copy, read of the database where there is none or a damaged one."""
        found = self._file(digest)
        with as_store_error():
            if found.is_file() and _digest_of(found) == digest:
                return found
            with self._part() as part:
                self._bring(digest, part)
                super()._settle(part, digest)
        return found

    def read(self, digest: str) -> bytes:
        """Return the bytes of a copy, which is made where there is none or a damaged one."""
        with suppress(DamagedError):
            return super().read(digest)
        self.path(digest)
        return super().read(digest)

    def _settle(self, part: Path, digest: str) -> None:
        row = {"digest": digest, "size": part.stat().st_size, "made": time.time()}
        with self._database.adding() as connection, part.open("rb") as file:
            put = insert_once(objects).values(row).on_conflict_do_nothing().returning(objects.c.digest)
            if connection.execute(put).one_or_none() is not None:
                for number, chunk in enumerate(iter(lambda: file.read(_CHUNK), b"")):
                    connection.execute(insert(object_parts), {"digest": digest, "number": number, "bytes": chunk})
        with suppress(OSError):  # a copy is not needed
            super()._settle(part, digest)

    def digests(self, connection: Connection) -> list[str]:
        """Return what was put."""
        return list(connection.scalars(select(objects.c.digest).order_by(objects.c.digest)))

    def _bring(self, digest: str, part: Path) -> None:
        with part.open("xb") as file:
            self.copy(digest, file)
        part.chmod(0o400)

    def _chunks(self, digest: str) -> Iterator[bytes]:
        parts = select(object_parts.c.bytes).where(object_parts.c.digest == digest).order_by(object_parts.c.number)
        with self._database.reading() as connection:
            if connection.scalar(select(objects.c.size).where(objects.c.digest == digest)) is None:
                raise DamagedError(f"object {digest} is missing")
            with connection.execution_options(yield_per=4).execute(parts) as found:
                for (chunk,) in found:
                    yield bytes(chunk)


def is_digest(text: str) -> bool:
    """Tell whether a text can be the digest of an object."""
    return _DIGEST.fullmatch(text) is not None


def objects_of(database: Database) -> Objects:
    """Return the objects of a store."""
    return Objects(database) if database.dialect == "sqlite" else SharedObjects(database)


def digest_of_tree(directory: Path) -> str:
    """Return the digest under which a directory would be kept."""
    with as_store_error():
        listed = {name: _digest_of(path) for name, path in _files(directory).items()}
    return hashlib.sha256(_manifest(listed)).hexdigest()


def _files(directory: Path) -> dict[str, Path]:
    found = (path for path in directory.rglob("*") if path.is_file() and not path.is_symlink())
    return {path.relative_to(directory).as_posix(): path for path in found}


def _manifest(listed: Mapping[str, str]) -> bytes:
    return json.dumps(listed, ensure_ascii=False, sort_keys=True).encode()


@contextmanager
def _reader(source: BinaryIO | bytes | Path) -> Iterator[BinaryIO]:
    if isinstance(source, bytes):
        yield io.BytesIO(source)
    elif isinstance(source, Path):
        with source.open("rb") as file:
            yield file
    else:
        yield source


def _copied(file: BinaryIO, part: Path) -> str:
    seen = hashlib.sha256()
    descriptor = os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o400)
    with os.fdopen(descriptor, "wb") as copy:
        for chunk in iter(lambda: file.read(_CHUNK), b""):
            seen.update(chunk)
            copy.write(chunk)
        copy.flush()
        os.fsync(copy.fileno())
    return seen.hexdigest()


def _digest_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sync(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _is_inside(name: str) -> bool:
    parts = PurePosixPath(name).parts
    return bool(parts) and ".." not in parts and not name.startswith("/") and "\0" not in name


def _is_whole(made: Path, paths: Mapping[str, Path]) -> bool:
    """Tell whether a directory holds the very files that were checked, and nothing else."""
    if not made.is_dir():
        return False
    there = {one.relative_to(made).as_posix(): one for one in made.rglob("*") if not one.is_dir()}
    return there.keys() == paths.keys() and all(one.samefile(paths[name]) for name, one in there.items())
