"""A store on a server of PostgreSQL with PostGIS: all of it in its database, the directory beside it only a cache."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Final

import geoalchemy2  # noqa: F401 - it listens to the making of tables, from before the first
from sqlalchemy import URL, Connection, Engine, create_engine, make_url, text
from sqlalchemy.exc import ArgumentError

import drainage as dr
from drainage import words
from drainage_api.store.database import BUSY_S, Database, as_store_error
from drainage_api.store.dialects.in_file import close_to_others
from drainage_api.store.dialects.news import News
from drainage_api.store.migrations import brought_up, is_there, made_anew

#: How a connection is made, and when one whose other end does not answer any more is given up (s, ms; own choices).
#: What the URL says of it counts more.
_CONNECTION: Final = {"connect_timeout": 3, "tcp_user_timeout": 5_000, "application_name": "drainage"}
#: How long a first answer is waited for on a busy machine, in s (own choice).
_FIRST_S: Final = 30.0
#: The lock of those who write, per schema; a number of ours.
_LOCK: Final = text("SELECT pg_advisory_xact_lock(1685217909, hashtext(current_schema()))")
#: A writer that hangs, or whose machine is gone, must not stop the others.
_LIMITS: Final = {
    "lock_timeout": int(BUSY_S * 1000),
    "idle_in_transaction_session_timeout": 60_000,
    "tcp_keepalives_idle": 10,
    "tcp_keepalives_interval": 5,
    "tcp_keepalives_count": 3,
    "client_min_messages": "warning",
}


class OnServer(Database):
    """The database of a URL.

    Parameters
    ----------
    url
        ``postgresql+psycopg://…``.
    place
        Where what was read of it is kept; None: a directory for the time being.

    Raises
    ------
    StoreError
        It cannot be reached or read, or is of a newer program.
    FormatError
        The URL is none, or PostGIS is missing.
    """

    dialect = "postgresql"

    def __init__(self, url: str, place: Path | None = None) -> None:
        """Open it, make it where it is empty, and bring what an older program left up to this one."""
        self._url = address_of(url)
        super().__init__(place or _passing_place(), shown(self._url))
        self.place.mkdir(mode=0o700, parents=True, exist_ok=True)
        close_to_others(self.place)
        self._engine: Engine | None = None
        self._lock = Lock()
        self._news = News(self._opened)
        try:
            self._make()
            brought_up(self)
            with as_store_error():
                self._news.number(_FIRST_S)  # who asks later need not wait for its connection
        except Exception:
            self.close()
            raise

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection for questions to one state."""
        engine = self._opened().execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        with as_store_error(), engine.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Give the connection that writes."""
        with self.adding() as connection:
            connection.execute(_LOCK)
            yield connection

    @contextmanager
    def adding(self) -> Iterator[Connection]:
        """Give a connection beside which others may write."""
        try:
            with as_store_error(), self._opened().begin() as connection:
                yield connection
        finally:
            self._news.forget()

    def version(self) -> int:
        """Return what differs once a transaction has ended; what others wrote is seen after 0.05 s at the latest."""
        with as_store_error():
            return self._news.number()

    def close(self) -> None:
        """Let the connections go."""
        self._news.close()
        with self._lock:
            if self._engine is not None:
                self._engine.dispose()
            self._engine = None
        self._news = self._news.anew()

    def _opened(self) -> Engine:
        with self._lock:
            if self._engine is None:
                self._engine = _engine(self._url)
            return self._engine

    def _make(self) -> None:
        """Make it where it is empty; who opens one that stands waits for no writer."""
        with self.reading() as connection:
            if is_there(connection):
                return
        with self.writing() as connection:
            if is_there(connection):  # another was first
                return
            if not connection.scalar(text("SELECT to_regtype('geometry') IS NOT NULL")):
                raise dr.errors.FormatError(words.in_both("store_wants_postgis", place=self.shown))
            made_anew(connection)


def address_of(url: str) -> URL:
    """Return a URL of ours, with the driver that is installed.

    Raises
    ------
    FormatError
        It is none of PostgreSQL; what it says is not repeated, there may be a password in it.
    """
    try:
        found = make_url(url)
    except ArgumentError:
        raise dr.errors.FormatError(words.in_both("store_url")) from None
    if found.get_backend_name() != "postgresql" or not found.database:
        raise dr.errors.FormatError(words.in_both("store_url"))
    return found.set(drivername="postgresql+psycopg")


def shown(url: URL) -> str:
    """Return a URL without its user, its password and its options."""
    port = f":{url.port}" if url.port else ""
    return f"postgresql://{url.host or ''}{port}/{url.database}"


@cache
def _passing_place() -> Path:
    """Return a directory for as long as this process lives, which those that are forked from it share."""
    place = Path(tempfile.mkdtemp(prefix="drainage-"))
    atexit.register(shutil.rmtree, place, ignore_errors=True)
    return place


def _engine(url: URL) -> Engine:
    given = url.query.get("options", "")
    options = [given if isinstance(given, str) else " ".join(given)]
    options += [f"-c {name}={value}" for name, value in _LIMITS.items()]
    ours = {name: value for name, value in _CONNECTION.items() if name not in url.query}
    return create_engine(
        url.difference_update_query(["options"]),
        connect_args={**ours, "options": " ".join(options)},
        pool_size=5,
        max_overflow=10,
        pool_timeout=BUSY_S,
        pool_pre_ping=True,
        hide_parameters=True,
    )
