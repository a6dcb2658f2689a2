"""What is to be done beside the answers: one table, in which a worker holds a job by a lease.

A job is put in the transaction that makes it necessary, and what it found is written in the one that finishes it, for
which its lease must still be there. So nothing is lost, and nothing is done twice, whatever the clock says: nobody
decides by it. A lease whose beats stand still for `LEASE_S` by the clock of the one who looks is over.
"""

from __future__ import annotations

import secrets
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from sqlalchemy import Connection, Select, and_, case, func, insert, not_, or_, select, true, update

from drainage.said import Said
from drainage_api.store.database import Database
from drainage_api.store.ids import new_id
from drainage_api.store.sentences import document_of, kept, said_of
from drainage_api.store.tables import jobs

Kind = str
#: Kind of a job → a question for the subjects that are meant.
Among = Mapping[Kind, Select[tuple[str]]]
State = Literal["waiting", "running", "done", "failed", "cancelled"]

#: Own choices: seconds without a beat after which a worker is taken for dead; how often one is given, at least; how
#: often a job is begun before it fails; the longest wait until it is begun again.
LEASE_S: Final = 30.0
BEAT_S: Final = 10.0
MOST_ATTEMPTS: Final = 3
LONGEST_WAIT_S: Final = 300.0
#: The longest that a job is said to have waited, in s: what is more is a clock that was set; own choice.
MOST_AGE_S: Final = 30 * 24 * 3600.0
_OPEN: Final = ("waiting", "running")


class LostError(Exception):
    """The job is no longer held: it was cancelled, or another worker has taken it up."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A job that a worker holds.

    Parameters
    ----------
    lease
        What proves it.
    attempts
        How often it was begun, this time included.
    """

    id: str
    kind: Kind
    subject: str
    owner: str
    attempts: int
    lease: str


@dataclass(frozen=True, slots=True)
class Job:
    """A job as people see it.

    Parameters
    ----------
    made
        Seconds since 1970.
    state
        One whose worker has not been heard of for `LEASE_S` waits: for somebody who takes it up.
    progress
        Share that is done, 0 to 1; None where it has not been said.
    """

    id: str
    kind: Kind
    subject: str
    owner: str
    made: float
    state: State
    attempts: int
    progress: float | None
    step: Said | None
    error: Said | None

    def document(self) -> dict[str, Any]:
        """Return it for an answer."""
        found = {name: getattr(self, name) for name in ("id", "kind", "subject", "state", "made", "attempts")}
        told = self.progress is not None and self.state in _OPEN
        progress = {"share": self.progress, "step": document_of(self.step)} if told else None
        return {**found, "progress": progress, "error": document_of(self.error)}


@dataclass(frozen=True, slots=True)
class Lease:
    """What another worker sees of a job that is being done."""

    id: str
    kind: Kind
    subject: str
    attempts: int
    lease: str
    beats: int


@dataclass(frozen=True, slots=True)
class Counts:
    """How many jobs wait and are being done, and how long the oldest of those that wait has been waiting, in s."""

    waiting: int
    running: int
    oldest_s: float


class Queue:
    """The jobs of a store.

    Parameters
    ----------
    database
        Which keeps them.
    clock
        What is written as the time, and until when a job rests.
    monotonic
        By which is told how long one has waited that was seen before, whatever becomes of the clock.
    """

    def __init__(
        self,
        database: Database,
        clock: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Take the database."""
        self._database, self._clock, self._monotonic = database, clock, monotonic
        self._oldest = ("", 0.0)  # the job that waits longest, and since when by our own clock

    def put(self, connection: Connection, kind: Kind, subject: str, owner: str) -> str:
        """Put a job, in the transaction in which it became necessary; return its id."""
        id_ = new_id("J")
        while connection.scalar(select(jobs.c.id).where(jobs.c.id == id_)) is not None:
            id_ = new_id("J")
        row = {"id": id_, "kind": kind, "subject": subject, "owner": owner, "made": self._clock(), "state": "waiting"}
        connection.execute(insert(jobs), {**row, "attempts": 0, "beats": 0, "turn": 0, "step": ""})
        return id_

    def claim(self, seat: str, *, among: Among | None = None, waited_s: float = 0.0) -> Claim | None:
        """Take the next job: owners take turns, and each of them is served in the order of asking.

        One that was begun before, whose worker died, goes before all that were not.

        Parameters
        ----------
        seat
            Whose place in a server the worker has; the lease begins with it.
        among
            Of which kinds, each with the subjects that count; None: of any.
        waited_s
            How long a job must have waited; one that was put by a clock that was ahead has.

        Raises
        ------
        StoreError
            The store cannot be read or written.
        """
        self._database.version()  # which sees that the file is another one, or gone
        ready = self._ready(among, waited_s)
        with self._database.reading() as connection:
            if connection.scalar(select(jobs.c.id).where(ready).limit(1)) is None:
                return None
        turns = select(jobs.c.owner, func.max(jobs.c.turn).label("last")).group_by(jobs.c.owner).subquery()
        chosen = (
            select(jobs)
            .join(turns, turns.c.owner == jobs.c.owner)
            .where(ready)
            .order_by(case((jobs.c.attempts > 0, 0), else_=1), turns.c.last, jobs.c.made, jobs.c.id)
            .limit(1)
        )
        lease = f"{seat}.{secrets.token_hex(16)}"
        with self._database.writing() as connection:
            row = connection.execute(chosen).one_or_none()
            if row is None:
                return None
            held = {
                "state": "running",
                "lease": lease,
                "lease_until": self._clock() + LEASE_S,
                "after": None,
                "turn": (connection.scalar(select(func.max(jobs.c.turn))) or 0) + 1,
            }
            fresh = {"attempts": jobs.c.attempts + 1, "beats": 0, "progress": None, "step": "", "error": None}
            connection.execute(update(jobs).where(jobs.c.id == row.id).values(**held, **fresh))
        return Claim(row.id, row.kind, row.subject, row.owner, row.attempts + 1, lease)

    def _ready(self, among: Among | None, waited_s: float) -> Any:  # noqa: ANN401 - a condition
        """Return what holds for a job that can be taken; one whose rest ends too far off was put before the clock."""
        now = self._clock()
        rested = or_(jobs.c.after.is_(None), jobs.c.after <= now, jobs.c.after > now + LONGEST_WAIT_S)
        waited = or_(jobs.c.made <= now - waited_s, jobs.c.made > now)
        meant = (and_(jobs.c.kind == kind, jobs.c.subject.in_(ids)) for kind, ids in (among or {}).items())
        return and_(jobs.c.state == "waiting", rested, waited, true() if among is None else or_(*meant))

    def holds(self, claim: Claim) -> bool:
        """Tell whether a job is still held."""
        with self._database.reading() as connection:
            return connection.scalar(select(jobs.c.id).where(_held(claim))) is not None

    def beat(self, claim: Claim, progress: float | None = None, step: Said | None = None) -> None:
        """Tell that the worker lives, and how far it is.

        Raises
        ------
        LostError
            It is no longer held.
        StoreError
            The store cannot be written.
        """
        with self._database.writing() as connection:
            self._change(connection, claim, beats=jobs.c.beats + 1, lease_until=self._clock() + LEASE_S,
                         progress=progress, step=kept(step) or "")  # fmt: skip

    def keep(self, connection: Connection, claim: Claim) -> None:
        """Hold a job through a transaction in which a part of what it found is written.

        Raises
        ------
        LostError
            It is no longer held; nothing of the transaction must stay.
        """
        self._change(connection, claim, beats=jobs.c.beats + 1, lease_until=self._clock() + LEASE_S)

    def finish(self, connection: Connection, claim: Claim) -> None:
        """End a job, in the transaction in which what it found is written.

        Raises
        ------
        LostError
            It is no longer held; nothing of the transaction must stay.
        """
        self._change(connection, claim, state="done", lease=None, lease_until=None, progress=1.0, step="")

    def fail(self, connection: Connection, claim: Claim, said: Said) -> None:
        """End a job that cannot be done.

        Raises
        ------
        LostError
            It is no longer held.
        """
        self._change(connection, claim, state="failed", lease=None, lease_until=None, error=kept(said))

    def give_back(
        self, connection: Connection, claim: Claim, *, after_s: float = 0.0, counts: bool = True,
        said: Said | None = None,
    ) -> None:  # fmt: skip
        """Let a job wait again.

        Parameters
        ----------
        after_s
            How long it rests before somebody takes it up, at most `LONGEST_WAIT_S`.
        counts
            Whether it counts among its attempts that it was begun.
        said
            Why it waits.

        Raises
        ------
        LostError
            It is no longer held.
        """
        rest = self._clock() + min(after_s, LONGEST_WAIT_S) if after_s > 0 else None
        self._change(connection, claim, state="waiting", lease=None, lease_until=None, after=rest, progress=None,
                     step="", error=kept(said), attempts=jobs.c.attempts - (0 if counts else 1))  # fmt: skip

    def _change(self, connection: Connection, claim: Claim, **values: object) -> None:
        if connection.execute(update(jobs).where(_held(claim)).values(**values)).rowcount != 1:
            raise LostError(claim.id)

    def leases(self) -> list[Lease]:
        """Return all that are being done."""
        columns = (jobs.c.id, jobs.c.kind, jobs.c.subject, jobs.c.attempts, jobs.c.lease, jobs.c.beats)
        with self._database.reading() as connection:
            return [Lease(*row) for row in connection.execute(select(*columns).where(jobs.c.state == "running"))]

    def take_from(self, connection: Connection, dead: Lease) -> Claim:
        """Take a job from a worker that is dead, to give it back or to let it fail.

        Raises
        ------
        LostError
            The worker is not dead, or another was quicker.
        """
        lease = f"taken.{secrets.token_hex(16)}"
        same = and_(jobs.c.id == dead.id, jobs.c.lease == dead.lease, jobs.c.beats == dead.beats)
        if connection.execute(update(jobs).where(same, jobs.c.state == "running").values(lease=lease)).rowcount != 1:
            raise LostError(dead.id)
        return Claim(dead.id, dead.kind, dead.subject, "", dead.attempts, lease)

    def cancel(self, connection: Connection, subject: str) -> bool:
        """Cancel what is to be done for a subject; tell whether there was anything."""
        return self._cancel(connection, jobs.c.subject == subject)

    def cancel_job(self, connection: Connection, id_: str) -> bool:
        """Cancel a job; tell whether it was not over yet."""
        return self._cancel(connection, jobs.c.id == id_)

    def _cancel(self, connection: Connection, which: Any) -> bool:  # noqa: ANN401 - a condition
        gone = {"state": "cancelled", "lease": None, "lease_until": None, "after": None}
        return connection.execute(update(jobs).where(which, jobs.c.state.in_(_OPEN)).values(gone)).rowcount > 0

    def get(self, id_: str) -> Job | None:
        """Return a job; None where there is none."""
        return next(iter(self._read(select(jobs).where(jobs.c.id == id_))), None)

    def of(self, subject: str) -> Job | None:
        """Return the newest job of a subject; None where there is none."""
        return self.newest([subject]).get(subject)

    def newest(self, subjects: Sequence[str]) -> dict[str, Job]:
        """Return the newest job of each subject that has one."""
        every = select(jobs).where(jobs.c.subject.in_(subjects)).order_by(jobs.c.made, jobs.c.id.desc())
        return {job.subject: job for job in self._read(every)}

    def before(self, asked: Sequence[Job]) -> dict[str, int]:
        """Return how many jobs come before each that waits, those that are being done too, if nobody asks for more.

        Owners take turns: before the third of one owner come at most three of each other.
        """
        every = select(jobs.c.owner, jobs.c.state, jobs.c.made, jobs.c.id).where(jobs.c.state.in_(_OPEN))
        turns = select(jobs.c.owner, func.max(jobs.c.turn)).group_by(jobs.c.owner)
        with self._database.reading() as connection:
            rows = connection.execute(every).all()
            last = {str(row[0]): int(row[1]) for row in connection.execute(turns)}
        return {job.id: _ahead(job, rows, last) for job in asked}

    def listed(
        self, *, states: Sequence[State] = (), owner: str | None = None, limit: int = 100, offset: int = 0
    ) -> list[Job]:
        """Return jobs, the newest first."""
        asked = select(jobs).order_by(jobs.c.made.desc(), jobs.c.id).limit(limit).offset(offset)
        asked = asked.where(or_(*(self._told_as(state) for state in states))) if states else asked
        return self._read(asked if owner is None else asked.where(jobs.c.owner == owner))

    def counts(self) -> Counts:
        """Count those that wait and are being done."""
        waits, runs = self._told_as("waiting"), self._told_as("running")
        asked = select(func.count(case((waits, 1))), func.count(case((runs, 1)))).where(jobs.c.state.in_(_OPEN))
        oldest = select(jobs.c.id, jobs.c.made).where(waits).order_by(jobs.c.made, jobs.c.id).limit(1)
        with self._database.reading() as connection:
            waiting, running = connection.execute(asked).one()
            first = connection.execute(oldest).one_or_none()
        return Counts(waiting, running, 0.0 if first is None else self._age(first.id, first.made))

    def _age(self, id_: str, made: float) -> float:
        """Return how long a job has waited, in s; by the clock only when it is seen the first time."""
        now, (known, since) = self._monotonic(), self._oldest
        if id_ != known:
            since = now - min(max(0.0, self._clock() - made), MOST_AGE_S)
            self._oldest = id_, since
        return now - since

    def _told_as(self, state: State) -> Any:  # noqa: ANN401 - a condition
        """Return what holds for a job that is told as being in a state; nothing is done by it."""
        lost = and_(jobs.c.state == "running", jobs.c.lease_until < self._clock())
        if state == "waiting":
            return or_(jobs.c.state == "waiting", lost)
        return and_(jobs.c.state == "running", not_(lost)) if state == "running" else jobs.c.state == state

    def _read(self, asked: Any) -> list[Job]:  # noqa: ANN401 - a question
        with self._database.reading() as connection:
            return [_job(row, self._clock()) for row in connection.execute(asked)]


def _held(claim: Claim) -> Any:  # noqa: ANN401 - a condition
    return and_(jobs.c.id == claim.id, jobs.c.lease == claim.lease, jobs.c.state == "running")


def _job(row: Any, now: float) -> Job:  # noqa: ANN401 - a row
    lost = row.state == "running" and row.lease_until is not None and row.lease_until < now
    state: State = "waiting" if lost else row.state
    return Job(row.id, row.kind, row.subject, row.owner, row.made, state, row.attempts, row.progress,
               said_of(row.step), said_of(row.error))  # fmt: skip


def _ahead(job: Job, rows: Sequence[Any], last: Mapping[str, int]) -> int:
    """Return how many of the open jobs come before one, by the last turn of each owner."""
    waiting = [row for row in rows if row.state == "waiting"]
    mine = sum(row.owner == job.owner and (row.made, row.id) < (job.made, job.id) for row in waiting)
    others = Counter(row.owner for row in waiting if row.owner != job.owner)
    first = {owner: min((r.made, r.id) for r in waiting if r.owner == owner) for owner in others}
    own_turn = (last.get(job.owner, 0), (job.made, job.id))
    ahead: int = sum(min(many, mine + ((last[owner], first[owner]) < own_turn)) for owner, many in others.items())
    return len(rows) - len(waiting) + int(mine) + ahead
