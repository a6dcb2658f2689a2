"""What the sender of a submission is told at the next sign-in."""

from __future__ import annotations

import time

from sqlalchemy import Connection, func, insert, select, update

from drainage_api.store.database import Database, Held
from drainage_api.store.submitting.moves import State
from drainage_api.store.submitting.records import Notice, Submission
from drainage_api.store.tables import notices

_MOST_KEPT = 4096  # counts held in memory; own choice


class Notices:
    """The notices of a store."""

    def __init__(self, database: Database) -> None:
        """Take the database."""
        self._database = database
        self._counts = Held[str, int](database, _MOST_KEPT)

    def put(self, connection: Connection, one: Submission, at: float, state: State, said: str) -> None:
        """Tell the sender of a submission, in the transaction of what is told."""
        row = {"key": one.key, "submission": one.id, "at": at, "state": state, "words": said}
        connection.execute(insert(notices), row)

    def unseen(self, key: str) -> int:
        """Return how many a key has not seen; no query where nothing was written meanwhile."""
        return self._counts.find(key, lambda: self._count(key)) or 0

    def listed(self, key: str, *, limit: int = 100, offset: int = 0) -> tuple[list[Notice], int]:
        """Return the newest notices of a key, and how many there are."""
        mine = select(notices).where(notices.c.key == key)
        asked = mine.order_by(notices.c.number.desc()).limit(limit).offset(offset)
        with self._database.reading() as connection:
            matched = connection.scalar(select(func.count()).select_from(mine.subquery())) or 0
            found = [
                Notice(row.number, row.submission, row.at, row.state, row.words, row.seen)
                for row in connection.execute(asked)
            ]
        return found, matched

    def see(self, key: str, *, until: int | None = None) -> int:
        """Note that a key has seen its notices, up to a number; return how many that were."""
        mine = update(notices).where(notices.c.key == key, notices.c.seen.is_(None))
        mine = mine if until is None else mine.where(notices.c.number <= until)
        with self._database.writing() as connection:
            return connection.execute(mine.values(seen=time.time())).rowcount

    def _count(self, key: str) -> int:
        asked = select(func.count()).select_from(notices).where(notices.c.key == key, notices.c.seen.is_(None))
        with self._database.reading() as connection:
            return connection.scalar(asked) or 0
