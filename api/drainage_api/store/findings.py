"""Evidence that was posted: each piece stays as it came, with what it changed in the answers, for ever."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from sqlalchemy import Connection, Row, Select, func, insert, select, update

from drainage import words
from drainage.said import Said
from drainage_api.store.database import Database
from drainage_api.store.ids import new_id
from drainage_api.store.queue import Queue
from drainage_api.store.sentences import document_of, kept, said_of
from drainage_api.store.spotted import told_time
from drainage_api.store.submitting.submitted import Refusal
from drainage_api.store.tables import evidence

State = Literal["received", "computed", "failed"]
#: The kind of the job that answers anew.
KIND: Final = "evidence"


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """A file as it came.

    Parameters
    ----------
    key, name, roads
        Of whose key it is; without roads it may be of all.
    digest
        Of its bytes, an object of the store.
    """

    key: str
    name: str
    roads: Sequence[str]
    kind: str
    filename: str
    digest: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence(Posted):
    """A file with what became of it.

    Parameters
    ----------
    made
        When it came, s since 1970.
    answers
        ``document``: digest of the answers, an object of the store; ``changes``: how many rows of each answer it moved.
    """

    id: str
    made: float
    state: State
    answers: dict[str, Any] | None
    problem: Said | None

    def document(self) -> dict[str, Any]:
        """Return it as its sender and engineers are told of it."""
        told = ("id", "kind", "filename", "digest", "size", "state")
        found: dict[str, Any] = {name: getattr(self, name) for name in told}
        found |= {"received": told_time(self.made), "by": self.name, "roads": list(self.roads)}
        answers = self.answers or {}
        return found | {"changes": answers.get("changes"), "problem": document_of(self.problem)}


class Findings:
    """The evidence of a store.

    Parameters
    ----------
    database, queue
        Of the store.
    """

    def __init__(self, database: Database, queue: Queue) -> None:
        """Take them."""
        self._database, self._queue = database, queue

    def post(self, posted: Posted, *, most_waiting: int) -> Evidence:
        """Keep a file and put its job, both or neither.

        The same bytes of the same kind from the same key are what is kept already.

        Raises
        ------
        Refusal
            429: so many of the key wait already.
        """
        with self._database.writing() as connection:
            again = _first(connection, _same(posted))
            if again is not None:
                return again
            waiting = (evidence.c.key == posted.key) & (evidence.c.state == "received")
            if (connection.scalar(select(func.count()).select_from(evidence).where(waiting)) or 0) >= most_waiting:
                raise Refusal(429, words.in_both("evidence_waits", most=most_waiting))
            identity = new_id("E")
            self._queue.put(connection, KIND, identity, posted.key)
            row = {name: getattr(posted, name) for name in ("key", "name", "kind", "filename", "digest", "size")}
            row |= {"id": identity, "made": time.time(), "state": "received"}
            connection.execute(insert(evidence), row | {"roads": json.dumps(list(posted.roads), ensure_ascii=False)})
            made = _first(connection, select(evidence).where(evidence.c.id == identity))
        if made is None:
            raise LookupError(identity)
        return made

    def get(self, identity: str) -> Evidence | None:
        """Return a piece; None where there is none of that id."""
        with self._database.reading() as connection:
            return _first(connection, select(evidence).where(evidence.c.id == identity))

    def found(self, key: str | None = None, *, limit: int = 50, offset: int = 0) -> tuple[list[Evidence], int]:
        """Return pieces, the newest first, those of one key alone where it is named; and how many there are."""
        asked = _of(select(evidence), key).order_by(evidence.c.made.desc(), evidence.c.id)
        with self._database.reading() as connection:
            rows = connection.execute(asked.limit(limit).offset(offset)).all()
            many = connection.scalar(_of(select(func.count()).select_from(evidence), key))
        return [_evidence(row) for row in rows], int(many or 0)

    def listed(self, key: str | None = None, limit: int = 50) -> list[dict[str, Any]]:
        """Return pieces as documents, the newest first."""
        return [one.document() for one in self.found(key, limit=limit)[0]]

    def until(self, one: Evidence) -> list[Evidence]:
        """Return all evidence that counts, in the order in which it came, up to a piece, which is the last."""
        before = (evidence.c.made < one.made) & (evidence.c.state == "computed")
        with self._database.reading() as connection:
            rows = connection.execute(select(evidence).where(before).order_by(evidence.c.made, evidence.c.id)).all()
        return [*map(_evidence, rows), one]

    def computed(self, connection: Connection, identity: str, answers: dict[str, Any]) -> None:
        """Write what came of a piece."""
        _settle(connection, identity, state="computed", answers=json.dumps(answers, ensure_ascii=False))

    def failed(self, connection: Connection, identity: str, problem: Said) -> None:
        """Write that nothing can come of a piece, and why."""
        _settle(connection, identity, state="failed", problem=kept(problem))

    def retry(self, connection: Connection, identity: str) -> str | None:
        """Let a piece that failed wait again, with a new job; return its id, or that of the same sent since.

        None where it has not failed.
        """
        one = _first(connection, select(evidence).where(evidence.c.id == identity, evidence.c.state == "failed"))
        if one is None:
            return None
        if (again := _first(connection, _same(one))) is not None:
            return again.id
        waits = {"state": "received", "problem": None}
        connection.execute(update(evidence).where(evidence.c.id == identity).values(waits))
        self._queue.put(connection, KIND, identity, one.key)
        return identity


def _settle(connection: Connection, identity: str, **values: object) -> None:
    waits = (evidence.c.id == identity) & (evidence.c.state == "received")
    connection.execute(update(evidence).where(waits).values(values))


def _same(posted: Posted) -> Select[Any]:
    """Return what finds the same bytes of the same kind from the same key, unless they failed."""
    same = (evidence.c.key == posted.key) & (evidence.c.kind == posted.kind) & (evidence.c.digest == posted.digest)
    return select(evidence).where(same, evidence.c.state != "failed")


def _of(asked: Select[Any], key: str | None) -> Select[Any]:
    return asked if key is None else asked.where(evidence.c.key == key)


def _first(connection: Connection, asked: Select[Any]) -> Evidence | None:
    row = connection.execute(asked).first()
    return None if row is None else _evidence(row)


def _evidence(row: Row[Any]) -> Evidence:
    return Evidence(
        id=row.id, made=row.made, key=row.key, name=row.name, roads=tuple(json.loads(row.roads)), kind=row.kind,
        filename=row.filename, digest=row.digest, size=row.size, state=row.state,
        answers=None if row.answers is None else json.loads(row.answers), problem=said_of(row.problem),
    )  # fmt: skip
