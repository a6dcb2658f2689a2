"""The submissions of a store as they are read: one, many, and what was done to each."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, Select, func, select

from drainage_api.store.database import Database
from drainage_api.store.submitting.moves import OPEN, State
from drainage_api.store.submitting.records import Event, Submission
from drainage_api.store.tables import events, submissions


class Listed:
    """The submissions of a store, to be read."""

    def __init__(self, database: Database) -> None:
        """Take the database."""
        self._database = database

    def get(self, identity: str, connection: Connection | None = None) -> Submission | None:
        """Return a submission; within a transaction as that sees it."""
        asked = select(submissions).where(submissions.c.id == identity)
        if connection is not None:
            row = connection.execute(asked).one_or_none()
        else:
            with self._database.reading() as own:
                row = own.execute(asked).one_or_none()
        return None if row is None else Submission.of(row)

    def listed(
        self, *, key: str | None = None, states: Sequence[State] = (), limit: int = 100, offset: int = 0
    ) -> tuple[list[Submission], int]:
        """Return some submissions, the newest first, and how many there are; of one key, or of all."""
        asked = select(submissions)
        asked = asked if key is None else asked.where(submissions.c.key == key)
        asked = asked.where(submissions.c.state.in_(states)) if states else asked
        newest = asked.order_by(submissions.c.made.desc(), submissions.c.id).limit(limit).offset(offset)
        with self._database.reading() as connection:
            matched = connection.scalar(select(func.count()).select_from(asked.subquery())) or 0
            return [Submission.of(row) for row in connection.execute(newest)], matched

    def beside(self, one: Submission) -> list[Submission]:
        """Return the other submissions that wait for a decision on the same version."""
        same = select(submissions).where(
            submissions.c.base == one.base, submissions.c.state.in_(OPEN), submissions.c.id != one.id
        )
        with self._database.reading() as connection:
            return [Submission.of(row) for row in connection.execute(same.order_by(submissions.c.made))]

    def history(self, identities: Iterable[str]) -> dict[str, list[Event]]:
        """Return what was done to each, the first first."""
        found: dict[str, list[Event]] = {identity: [] for identity in identities}
        with self._database.reading() as connection:
            for event in history_of(connection, list(found)):
                found[event.submission].append(event)
        return found


def ids_in(state: State) -> Select[tuple[str]]:
    """Return the question for the ids of the submissions in a state."""
    return select(submissions.c.id).where(submissions.c.state == state)


def history_of(connection: Connection, identities: list[str]) -> list[Event]:
    """Return what was done to some submissions, the first first, within a transaction."""
    asked = select(events).where(events.c.submission.in_(identities)).order_by(events.c.number)
    return [
        Event(
            row.submission, row.at, row.act, row.state, row.who, row.role, row.words,
            None if row.receipt is None else json.loads(row.receipt),
        )
        for row in connection.execute(asked)
    ]  # fmt: skip
