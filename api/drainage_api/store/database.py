"""The database of a store: reading, writing all or nothing, and seeing cheaply that another process has written.

On both engines one writes at a time: what is decided within `Database.writing` is decided on what stands.
"""

from __future__ import annotations

import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Callable, Hashable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from threading import Lock
from typing import Final, Generic, Literal, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")

Dialect = Literal["sqlite", "postgresql"]
DATABASE: Final = "store.db"
LOG: Final = "audit.jsonl"
BUSY_S: Final = 5.0  # how long one writer waits for another; own choice
#: The head of a log without entries: what the first entry names as the one before it.
NOTHING: Final = "0" * 64


class StoreError(Exception):
    """The store cannot be read or written now."""


class Database(ABC):
    """The database of a store.

    Parameters
    ----------
    place
        The directory beside it: of a database in a file its own; of a server one for what was read, which may go.
    shown
        How it is named to people: without a password.
    """

    dialect: Dialect

    def __init__(self, place: Path, shown: str) -> None:
        """Take the place."""
        self.place, self.shown = place.resolve(), shown

    @abstractmethod
    def reading(self) -> AbstractContextManager[Connection]:
        """Give a connection for one question, or for several to the same state."""

    @abstractmethod
    def writing(self) -> AbstractContextManager[Connection]:
        """Give a connection whose changes are all kept, or none; they are on the disk when it returns.

        Nobody else writes meanwhile.
        """

    @abstractmethod
    def adding(self) -> AbstractContextManager[Connection]:
        """Give a connection for rows that depend on no others, beside which others may write."""

    @abstractmethod
    def version(self) -> int:
        """Return a number that differs as soon as another connection has written.

        Raises
        ------
        StoreError
            The database is gone or cannot be read.
        """

    @abstractmethod
    def close(self) -> None:
        """Let the files and connections go; the next question opens them again."""


class Held(dict[Key, Value], Generic[Key, Value]):
    """What was read of a store, held in memory until anything is written to it: to find it again is no query.

    Parameters
    ----------
    database
        Which is asked whether it was written to.
    most
        So many things are held; beyond them all are forgotten.
    """

    def __init__(self, database: Database, most: int) -> None:
        """Hold nothing yet."""
        super().__init__()
        self._database, self._most, self._version = database, most, -1
        self._lock = Lock()

    def find(self, key: Key, read: Callable[[], Value | None]) -> Value | None:
        """Return what is held under a key, or read it; None where there is none.

        Raises
        ------
        StoreError
            The store cannot be read.
        """
        version = self._database.version()
        with self._lock:
            if version != self._version:
                self.clear()
                self._version = version
            found = self.get(key)
        if found is None and (found := read()) is not None:
            self._keep(key, found, version)
        return found

    def _keep(self, key: Key, found: Value, version: int) -> None:
        with self._lock:
            if version != self._version:  # another thread has seen a newer one meanwhile
                return
            if len(self) >= self._most:
                self.clear()
            self[key] = found


@contextmanager
def as_store_error() -> Iterator[None]:
    """Say of what fails only its kind: its text may hold an address or a value."""
    try:
        yield
    except (OSError, SQLAlchemyError, sqlite3.Error) as error:
        raise StoreError(error.__class__.__name__) from error
