"""Submissions: each step is one transaction with its event, its notice and its job, and none is ever taken back.

Writers take turns (`Database.writing`), so what is decided here is decided on what stands.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import shapely
from sqlalchemy import Connection, Select, func, insert, select, update

from drainage import words
from drainage.said import Said
from drainage_api.store.database import Database
from drainage_api.store.ids import new_id
from drainage_api.store.queue import Queue
from drainage_api.store.sentences import in_lines, kept
from drainage_api.store.submitting.listed import Listed, history_of
from drainage_api.store.submitting.moves import OPEN, SENT_BACK, TOLD, WAITING, Act, NotNow, State, after
from drainage_api.store.submitting.notices import Notices
from drainage_api.store.submitting.receipts import Facts, Receipt, Signer, canonical
from drainage_api.store.submitting.records import SERVER, Person, Sent, Submission
from drainage_api.store.tables import events, submissions
from drainage_api.store.versions import Versions

#: The kind of the job that checks and computes one.
KIND: Final = "submission"


class Refusal(Exception):  # noqa: N818 - of what was sent, not of the store
    """A submission is not taken, in words for its sender.

    Parameters
    ----------
    status
        Of HTTP.
    said
        Why, and what to do.
    """

    def __init__(self, status: int, said: Said) -> None:
        """Keep both."""
        super().__init__(said)
        self.status, self.said = status, said


@dataclass(frozen=True, slots=True)
class Decided:
    """What became of a decision: it stands, or it came too late and is computed again on another version."""

    submission: Submission
    stands: bool


class Submissions(Listed):
    """The submissions of a store: what is done to them.

    Parameters
    ----------
    database, versions, queue
        Of the store.
    """

    def __init__(self, database: Database, versions: Versions, queue: Queue) -> None:
        """Take them."""
        super().__init__(database)
        self._versions, self._queue = versions, queue
        self.signer, self.notices = Signer(database), Notices(database)

    # ------------------------------------------------------------ by its sender

    def receive(self, sent: Sent, by: Person, roads: Sequence[str] = (), *, most_waiting: int) -> Submission:
        """Take a submission in: row, event, receipt and job together, or nothing.

        What came under the same idempotency key before is returned as it stands.

        Raises
        ------
        Refusal
            409 where no version is served yet; 422 for other bytes under the same idempotency key, or for a previous
            submission that is none of the sender's or not sent back; 429 where too many of the sender's wait.
        StoreError
            The store cannot be written; then nothing was taken in.
        """
        self.signer.public_key  # noqa: B018 - is made outside of the transaction
        asked = hashlib.sha256(canonical([sent.digest, sent.words, sent.previous])).hexdigest()
        with self._database.writing() as connection:
            before = self._under(connection, by.key, sent.idempotency)
            if before is not None:
                if before.asked_digest != asked:
                    raise Refusal(422, words.in_both("submission_other_bytes", id=before.id))
                return before
            self._check(connection, sent, by, most_waiting)
            made = self._row(sent, by, roads, self._head(connection), asked)
            connection.execute(insert(submissions), made)
            self._note(connection, made["id"], "receive", "received", by, sent.words, made["made"])
            self._queue.put(connection, KIND, made["id"], by.key)
            return _read(connection, made["id"])

    def withdraw(self, identity: str, by: Person) -> Submission:
        """Take one back before it is decided; NotNow afterwards."""
        with self._database.writing() as connection:
            self._queue.cancel(connection, identity)
            return self._move(connection, _read(connection, identity), "withdraw", by)

    def appeal(self, identity: str, by: Person, said: str) -> Submission:
        """Ask for another decision after a return, once; NotNow where none was returned.

        Raises
        ------
        Refusal
            409: it was appealed before.
        """
        with self._database.writing() as connection:
            one = _read(connection, identity)
            if any(event.act == "appeal" for event in history_of(connection, [identity])):
                raise Refusal(409, words.in_both("submission_appealed_before"))
            one = self._move(connection, one, "appeal", by, said)
            return one if one.base == self._head(connection) else self._rebase(connection, one)

    # ------------------------------------------------------------ by an engineer

    def decide(self, identity: str, by: Person, *, accept: bool, comment: str) -> Decided:
        """Accept or return what was computed; acceptance makes the next version and puts the others on it.

        What was computed on a version that is no longer the head is computed again instead, and nothing is decided.
        NotNow unless it is computed.

        Raises
        ------
        Refusal
            403: it is of who decides, by key or by name; where there are no keys it is nobody's.
        """
        self.signer.public_key  # noqa: B018 - as above
        with self._database.writing() as connection:
            one = _read(connection, identity)
            if by.key and (by.key == one.key or by.name == one.name):
                raise Refusal(403, words.in_both("submission_own", id=one.id))
            act: Act = "accept" if accept else "return"
            state = after(act, one.state)
            if one.base != self._head(connection):
                return Decided(self._rebase(connection, one), stands=False)
            at = time.time()
            version = self._next(connection, one) if accept else None
            receipt = self.signer.sign(_decision(one, state, by, comment, version, at))
            one = self._move(connection, one, act, by, comment, at=at, receipt=receipt, version=version)
            if accept:
                for other in _open_elsewhere(connection, version):
                    self._rebase(connection, other)
            return Decided(one, stands=True)

    # ------------------------------------------------------------ by its job, in the job's transaction

    def checked(self, connection: Connection, identity: str, intake: dict[str, Any]) -> None:
        """Keep what was understood of it; NotNow where it is no longer received."""
        self._move(connection, _read(connection, identity), "check", SERVER, intake=_json(intake))

    def computed(self, connection: Connection, identity: str, comparison: dict[str, Any]) -> None:
        """Keep what it changes: digests of ``document``, ``tree`` (of what it makes) and ``page``, and counts.

        ``bbox`` in it (west, south, east, north in degrees) is where the change lies. NotNow unless it is checked.
        """
        place = shapely.to_wkb(shapely.box(*comparison["bbox"])) if comparison.get("bbox") else None
        one = _read(connection, identity)
        self._move(connection, one, "compute", SERVER, comparison=_json(comparison), extent=place)

    def failed(self, connection: Connection, identity: str, problem: Said, by: Person = SERVER) -> None:
        """Say why it cannot be computed; NotNow where it is computed already."""
        one = _read(connection, identity)
        self._move(connection, one, "fail", by, in_lines(problem), problem=kept(problem))

    def retry(self, connection: Connection, identity: str, by: Person) -> None:
        """Put one that failed back to where it began, with a new job; NotNow for any other."""
        one = self._move(connection, _read(connection, identity), "retry", by, problem=None)
        if one.base != self._head(connection):
            self._rebase(connection, one)
        else:
            self._queue.put(connection, KIND, one.id, one.key)

    # ------------------------------------------------------------ within a transaction

    def _check(self, connection: Connection, sent: Sent, by: Person, most_waiting: int) -> None:
        mine = select(submissions).where(submissions.c.key == by.key)
        if sent.previous is not None:
            row = connection.execute(mine.where(submissions.c.id == sent.previous)).one_or_none()
            if row is None:
                raise Refusal(422, words.in_both("submission_previous_unknown", id=sent.previous))
            if row.state not in SENT_BACK:
                state = words.all_of("submission_states")[row.state]
                raise Refusal(422, words.in_both("submission_previous_open", id=sent.previous, state=state))
        waiting = _count(connection, mine.where(submissions.c.state.in_(WAITING)))
        if waiting >= most_waiting:
            raise Refusal(429, words.in_both("submission_too_many", count=waiting))

    def _row(self, sent: Sent, by: Person, roads: Sequence[str], head: int | None, asked: str) -> dict[str, Any]:
        if head is None:
            raise Refusal(409, words.in_both("submission_no_version"))
        identity, at = new_id("S"), time.time()
        told = {one: getattr(sent, one) for one in ("filename", "kind", "digest", "size", "words", "previous")}
        facts = {
            "id": identity, "received": moment(at), "base": head, "by": by.name, "key": by.key, "roads": list(roads),
            **{name: value for name, value in told.items() if value is not None},
        }  # fmt: skip
        return {
            **told, "id": identity, "made": at, "changed": at, "key": by.key, "name": by.name,
            "roads": _json(list(roads)), "base": head, "state": "received", "asked_digest": asked,
            # a header never begins with a blank, so that nobody can name what came without one
            "idempotency": sent.idempotency or f" {identity}",
            "receipt": self.signer.sign(facts).text,
        }  # fmt: skip

    def _head(self, connection: Connection) -> int | None:
        head = self._versions.head(connection)
        return None if head is None else head.number

    def _next(self, connection: Connection, one: Submission) -> int:
        held, base = one.comparison or {}, self._versions.head(connection)
        day = held.get("day") or (base.day if base is not None else None)
        return self._versions.add(connection, parent=one.base, submission=one.id, tree=held["tree"], day=day)

    def _rebase(self, connection: Connection, one: Submission) -> Submission:
        """Put one on the head, to be computed anew."""
        head = self._head(connection)
        self._queue.cancel(connection, one.id)
        said = in_lines(words.in_both("submission_rebased", before=one.base, after=head))
        one = self._move(
            connection, one, "rebase", SERVER, said, intake=None, comparison=None, base=head, extent=None
        )  # fmt: skip
        self._queue.put(connection, KIND, one.id, one.key)
        return one

    def _move(
        self, connection: Connection, one: Submission, act: Act, by: Person, said: str = "", *,
        at: float | None = None, receipt: Receipt | None = None, **changed: object,
    ) -> Submission:  # fmt: skip
        state, at = after(act, one.state), at or time.time()
        row = {"state": state, "changed": at, **changed}
        connection.execute(update(submissions).where(submissions.c.id == one.id).values(row))
        self._note(connection, one.id, act, state, by, said, at, receipt)
        if act in TOLD:
            self.notices.put(connection, one, at, state, said)
        return _read(connection, one.id)

    @staticmethod
    def _note(
        connection: Connection, identity: str, act: Act, state: State, by: Person, said: str, at: float,
        receipt: Receipt | None = None,
    ) -> None:  # fmt: skip
        row = {
            "submission": identity, "at": at, "act": act, "state": state, "who": by.name, "role": by.role,
            "key": by.key, "words": said, "receipt": None if receipt is None else receipt.text,
        }  # fmt: skip
        connection.execute(insert(events), row)

    @staticmethod
    def _under(connection: Connection, key: str, idempotency: str | None) -> Submission | None:
        if idempotency is None:
            return None
        same = (submissions.c.key == key, submissions.c.idempotency == idempotency)
        row = connection.execute(select(submissions).where(*same)).one_or_none()
        return None if row is None else Submission.of(row)


def moment(at: float) -> str:
    """Return a time as receipts and answers say it: UTC, to the millisecond."""
    return dt.datetime.fromtimestamp(at, dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _decision(one: Submission, state: State, by: Person, comment: str, version: int | None, at: float) -> Facts:
    facts: dict[str, object] = {
        "submission": one.id, "digest": one.digest, "decision": state, "at": moment(at), "by": by.name, "key": by.key,
        "comment": comment, "base": one.base, "comparison": (one.comparison or {})["document"],
    }  # fmt: skip
    return facts if version is None else facts | {"version": version}


def _read(connection: Connection, identity: str) -> Submission:
    return Submission.of(connection.execute(select(submissions).where(submissions.c.id == identity)).one())


def _open_elsewhere(connection: Connection, head: int | None) -> list[Submission]:
    asked = select(submissions).where(submissions.c.state.in_(OPEN), submissions.c.base != head)
    return [Submission.of(row) for row in connection.execute(asked.order_by(submissions.c.made))]


def _count(connection: Connection, asked: Select[Any]) -> int:
    return connection.scalar(select(func.count()).select_from(asked.subquery())) or 0


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


__all__ = ["Decided", "NotNow", "Refusal", "Submissions", "moment"]
