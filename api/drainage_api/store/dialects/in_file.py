"""A store in a directory of its owner alone: SQLite in WAL, with the audit log and the objects beside it."""

from __future__ import annotations

import os
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Any

from sqlalchemy import Connection, Engine, QueuePool, create_engine, event

import drainage as dr
from drainage import words
from drainage_api.store.database import BUSY_S, DATABASE, Database, as_store_error
from drainage_api.store.migrations import brought_up, made_anew


class InFile(Database):
    """The database in a directory.

    Parameters
    ----------
    place
        The directory.

    Raises
    ------
    StoreError
        It is not there, cannot be read, or is of a newer program.
    """

    dialect = "sqlite"

    def __init__(self, place: Path) -> None:
        """Open it, and bring what an older program left up to this one."""
        super().__init__(place, str(place))
        self.path = self.place / DATABASE
        self._engine: Engine | None = None
        self._watch: sqlite3.Connection | None = None
        self._inode, self._lock = 0, Lock()
        self.version()
        try:
            brought_up(self)
        except Exception:
            self.close()
            raise

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection for questions to one state."""
        with as_store_error(), self._opened().connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Give the connection that writes."""
        with as_store_error(), self._opened().execution_options(writing=True).begin() as connection:
            yield connection

    adding = writing  # a file has one writer

    def version(self) -> int:
        """Return what differs once another connection has written: two system calls and no query."""
        with as_store_error(), self._lock:
            inode = self.path.stat().st_ino
            if self._watch is None or inode != self._inode:
                self._shut()
                self._watch = _connected(self.path)
                self._inode = inode
            found: int = self._watch.execute("PRAGMA data_version").fetchone()[0]
            return found

    def close(self) -> None:
        """Let the files go."""
        with self._lock:
            self._shut()

    def _shut(self) -> None:
        if self._watch is not None:
            self._watch.close()
        if self._engine is not None:
            self._engine.dispose()
        self._watch = self._engine = None

    def _opened(self) -> Engine:
        with self._lock:
            if self._engine is None:
                self._engine = _engine(self.path)
            return self._engine


def open_in_file(place: Path) -> InFile:
    """Open a store, and make it where the directory is empty or not there.

    Raises
    ------
    FormatError
        The directory holds other things, or others may read it and it is not ours to close; or the system has no
        locks and rights of files as a store needs them.
    StoreError
        It cannot be read.
    """
    if os.name != "posix":
        raise dr.errors.FormatError(words.in_both("store_wants_posix", place=place))
    if place.exists() and not place.is_dir():
        raise dr.errors.FormatError(words.in_both("store_no_directory", place=place))
    if not (place / DATABASE).exists():
        _make(place)
    close_to_others(place)
    return InFile(place)


def close_to_others(place: Path) -> None:
    """Take from others the right to read a directory.

    Raises
    ------
    FormatError
        It is somebody else's.
    """
    said = place.stat()
    if not said.st_mode & 0o077:
        return
    if said.st_uid != os.geteuid():
        raise dr.errors.FormatError(words.in_both("store_open_to_others", place=place))
    place.chmod(0o700)


def _make(place: Path) -> None:
    if place.exists() and _others(place):
        raise dr.errors.FormatError(words.in_both("store_holds_others", place=place))
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    close_to_others(place)
    part = place / f".{DATABASE}.{secrets.token_hex(4)}"
    os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    engine = _engine(part)
    with as_store_error(), engine.begin() as connection:
        made_anew(connection)
    engine.dispose()  # which writes what is in the WAL into the file
    try:
        os.link(part, place / DATABASE)  # the first of two makers at once wins
    except FileExistsError:
        pass
    finally:
        part.unlink()


def _others(place: Path) -> bool:
    """Tell whether a directory holds more than a store that somebody makes just now, or was killed over."""
    found = [path.name for path in place.iterdir() if not path.name.startswith(f".{DATABASE}.")]
    return bool(found) and not (place / DATABASE).exists()


def _connected(path: Path) -> sqlite3.Connection:
    """Open what is there: an empty one in the place of one that is gone would have SQLite drop the log beside it."""
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", BUSY_S, uri=True, check_same_thread=False)


def _engine(path: Path) -> Engine:
    engine = create_engine("sqlite://", creator=lambda: _connected(path), poolclass=QueuePool, pool_size=2)

    @event.listens_for(engine, "connect")
    def _as_we_want(connection: Any, _: object) -> None:  # noqa: ANN401 - as SQLAlchemy gives it
        connection.isolation_level = None  # transactions begin below, not where the driver guesses
        for setting in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
            connection.execute(f"PRAGMA {setting}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("writing")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine
