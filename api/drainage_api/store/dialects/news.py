"""Whether others have written to a server's database, asked by a thread of its own: who wants to know waits briefly."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from threading import Condition, Thread
from typing import Final

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import SQLAlchemyError

#: Own choices: how long what was heard counts as news, how long who asks is kept waiting, and how soon a database
#: is asked again that did not answer, or that refused, all in s.
FRESH_S: Final = 0.05
PATIENCE_S: Final = 3.0
AGAIN_S: Final = 5.0
SOON_S: Final = 1.0
#: Which transactions are seen as ended: it differs with each that has written.
_STATE: Final = text("SELECT pg_current_snapshot()::text")
_LONG_AGO: Final = float("-inf")


class News:
    """A number that differs as soon as what is heard does.

    Parameters
    ----------
    engine
        Gives the engine of the database.
    number
        The first.
    """

    def __init__(self, engine: Callable[[], Engine], number: int = 0) -> None:
        """Ask nothing yet."""
        self._engine, self._condition = engine, Condition()
        self._thread: Thread | None = None
        self._heard, self._number = "", number
        self._at = self._failed = self._gone_until = self._wrote = _LONG_AGO  # the first: when what was heard was asked
        self._wanted = self._closed = False

    def number(self, patience_s: float | None = None) -> int:
        """Return the number.

        Parameters
        ----------
        patience_s
            How long to wait for it, in s; default: `PATIENCE_S`.

        Raises
        ------
        ConnectionError
            Nothing was heard in time.
        """
        with self._condition:
            now = time.monotonic()
            if self._at > max(now - FRESH_S, self._wrote):
                return self._number
            if now < self._gone_until:
                raise ConnectionError
            self._want()
            patience_s = PATIENCE_S if patience_s is None else patience_s
            self._condition.wait_for(lambda: max(self._at, self._failed) >= now or self._closed, patience_s)
            if self._at >= now:
                return self._number
            waited = time.monotonic() - now
            self._gone_until = time.monotonic() + (AGAIN_S if waited >= patience_s else SOON_S)
            raise ConnectionError

    def forget(self) -> None:
        """Take nothing that was heard for news any more: this process has written."""
        with self._condition:
            self._wrote = time.monotonic()

    def close(self) -> None:
        """Ask no more."""
        with self._condition:
            self._closed = True
            self._condition.notify_all()
        if self._thread is not None:
            self._thread.join(PATIENCE_S)

    def anew(self) -> News:
        """Return one that has heard nothing, and whose numbers are others."""
        return News(self._engine, self._number + 1)

    def _want(self) -> None:
        self._wanted = True
        if self._thread is None:
            self._thread = Thread(target=self._run, name="news", daemon=True)
            self._thread.start()
        self._condition.notify_all()

    def _run(self) -> None:
        connection: Connection | None = None
        while self._is_wanted():
            asked = time.monotonic()
            try:
                if connection is None:
                    connection = self._engine().connect().execution_options(isolation_level="AUTOCOMMIT")
                    connection.detach()  # it is given back to nobody
                heard = str(connection.scalar(_STATE))
            except (SQLAlchemyError, OSError):
                _close(connection)
                heard, connection = "", None
            with self._condition:
                self._note(heard, asked)
                self._condition.notify_all()
        _close(connection)

    def _is_wanted(self) -> bool:
        """Wait until somebody wants to know; False once nobody will."""
        with self._condition:
            self._condition.wait_for(lambda: self._wanted or self._closed)
            self._wanted = False
            return not self._closed

    def _note(self, heard: str, asked: float) -> None:
        if not heard:
            self._failed = asked
            return
        self._at, self._gone_until = asked, _LONG_AGO
        if heard != self._heard:
            self._heard, self._number = heard, self._number + 1


def _close(connection: Connection | None) -> None:
    if connection is not None:
        with suppress(SQLAlchemyError):
            connection.close()
