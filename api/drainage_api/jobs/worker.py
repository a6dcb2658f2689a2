"""A worker: takes one job after another, has each done in a limited process, and writes what became of it."""

from __future__ import annotations

import errno
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from threading import Event
from typing import Final

from sqlalchemy import Connection

from drainage import words
from drainage.said import Said
from drainage_api.jobs.beating import Beating
from drainage_api.jobs.bounds import Limits
from drainage_api.jobs.kinds import Change, Kind, Order
from drainage_api.jobs.room import room
from drainage_api.jobs.running import JobError, KilledError, Process, StoppedError
from drainage_api.settings import Settings
from drainage_api.store.database import StoreError
from drainage_api.store.objects import DamagedError
from drainage_api.store.opened import Store
from drainage_api.store.queue import BEAT_S, LEASE_S, MOST_ATTEMPTS, Claim, Lease, LostError

log = logging.getLogger(__name__)

#: Own choices: seconds between two looks for a job; that one has waited if all who do whole jobs are busy; until a job
#: is begun again whose process was killed, or which the disk or the store did not let be done; the longest wait for the
#: store.
_LOOK_S: Final = 0.5
_BUSY_S: Final = 2.0
_KILLED_S: Final = 2.0
_LATER_S: Final = 15.0
_LONGEST_S: Final = 5.0
#: What a disk says that is full or cannot be written, which is no fault of a job.
_NO_FAULT: Final = {
    errno.ENOSPC,
    errno.EDQUOT,
    errno.EROFS,
    errno.EIO,
    errno.ENFILE,
    errno.EMFILE,
    errno.ENOMEM,
    errno.EAGAIN,
}


@dataclass
class Worker:
    """Does jobs until it is told to end.

    Parameters
    ----------
    seat
        Its place in a server; whoever sat there before is dead.
    kinds
        What it can do, by name.
    ended
        Set when it is to end.
    beforehand
        Whether it does only what can be done of jobs beforehand, where whole ones have kept all others busy for a
        while: so a file is checked soon, however long the works of another take.
    lease_s, beat_s
        See `drainage_api.store.queue`.
    """

    store: Store
    settings: Settings
    seat: str
    kinds: Mapping[str, Kind]
    ended: Event = field(default_factory=Event)
    beforehand: bool = False
    lease_s: float = LEASE_S
    beat_s: float = BEAT_S
    monotonic: Callable[[], float] = time.monotonic
    _seen: dict[tuple[str, str, int], float] = field(default_factory=dict, init=False)

    def run(self) -> None:
        """Work until told to end."""
        failing = False
        while not self.ended.is_set():
            try:
                self.bury()
                claim = self._claim()
                failing = False
            except StoreError as error:
                if not failing:
                    log.warning("no job can be taken, the store does not answer: %s", error)
                failing, claim = True, None
                self._seen.clear()  # that nobody beat meanwhile says nothing
            if claim is None:
                self.ended.wait(_LOOK_S)
            else:
                self.do(claim)

    def _claim(self) -> Claim | None:
        if not self.beforehand:
            return self.store.queue.claim(self.seat)
        among = {name: kind.beforehand.subjects for name, kind in self.kinds.items() if kind.beforehand is not None}
        return self.store.queue.claim(self.seat, among=among, waited_s=_BUSY_S) if among else None

    def bury(self) -> None:
        """Take up the jobs of workers that are dead: who sat here before, and whose beats stand still.

        Raises
        ------
        StoreError
            The store does not answer.
        """
        leases, now = self.store.queue.leases(), self.monotonic()
        seen = {(one.id, one.lease, one.beats): one for one in leases}
        self._seen = {key: self._seen.get(key, now) for key in seen}
        for key, one in seen.items():
            if one.lease.startswith(f"{self.seat}.") or now - self._seen[key] >= self.lease_s:
                try:
                    self._take_up(one)
                except LostError:
                    log.info("a worker that was slow lives", extra={"told": {"job": one.id}})
                except StoreError:
                    raise
                except Exception:
                    log.exception("the job of a dead worker cannot be taken up", extra={"told": {"job": one.id}})

    def _take_up(self, dead: Lease) -> None:
        """Let a job of a dead worker wait again, or fail where that has happened too often."""
        queue = self.store.queue
        log.warning("a worker died over a job", extra={"told": {"job": dead.id, "attempts": dead.attempts}})
        with self.store.database.writing() as connection:
            claim = queue.take_from(connection, dead)
            if dead.attempts < MOST_ATTEMPTS:
                queue.give_back(connection, claim)
            else:
                self._failing(claim, words.in_both("job_died", times=dead.attempts))(connection)

    def do(self, claim: Claim) -> None:
        """Do a job, and write what became of it; what the store does not take is written when it answers again."""
        begun = self.monotonic()
        with Beating(self.store.queue, claim, self.beat_s) as beating:
            outcome, end = self._outcome(claim, beating)
            try:
                outcome = outcome if self._settled(end) else "lost"
            except Exception:
                log.exception("the end of a job cannot be written", extra={"told": {"job": claim.id}})
                outcome = "broken"
                self._settled(lambda connection: self.store.queue.fail(connection, claim, words.in_both("job_broken")))
        told = {"job": claim.id, "kind": claim.kind, "subject": claim.subject, "attempt": claim.attempts}
        log.info("a job ended", extra={"told": {**told, "outcome": outcome, "s": round(self.monotonic() - begun, 2)}})

    def _outcome(self, claim: Claim, beating: Beating) -> tuple[str, Change]:
        """Return how a job ended, and what is to be written of it."""
        queue = self.store.queue
        try:
            with room() as place:
                return self._done(claim, self._order(claim, place, beating))
        except JobError as error:
            if error.why:
                log.error("a job broke down: %s", error.why, extra={"told": {"job": claim.id}})  # noqa: TRY400 - its own
            return "failed", self._failing(claim, error.said)
        except KilledError:
            return "killed", self._again(claim, words.in_both("job_killed"), after_s=_KILLED_S)
        except (StoppedError, LostError):
            return "stopped", lambda connection: queue.give_back(connection, claim, counts=False)
        except (StoreError, OSError) as error:
            return "put back", self._later(claim, error)
        except Exception:
            log.exception("a job broke down", extra={"told": {"job": claim.id}})
            return "failed", self._failing(claim, words.in_both("job_broken"))

    def _done(self, claim: Claim, order: Order) -> tuple[str, Change]:
        """Do a job, or what can be done of it beforehand; return what is to be written of its end."""
        kind, queue = self._kind(claim), self.store.queue
        if self.beforehand and kind.beforehand is not None:
            waits = partial(queue.give_back, claim=claim, counts=False)
            return "done beforehand", _in_turn(waits, kind.beforehand.do(order))
        return "done", _in_turn(partial(queue.finish, claim=claim), kind.do(order))

    def _order(self, claim: Claim, place: Path, beating: Beating) -> Order:
        def stopped() -> bool:
            return self.ended.is_set() or beating.lost.is_set()

        def keep(change: Change) -> None:
            if not self._settled(_in_turn(lambda connection: self.store.queue.keep(connection, claim), change)):
                raise StoppedError

        process = Process(place, Limits.of(self.settings), stopped, beating.step)
        return Order(claim, self.store, self.settings, place, process.run, keep)

    def _kind(self, claim: Claim) -> Kind:
        if claim.kind not in self.kinds:
            raise JobError(words.in_both("job_broken"), f"no kind {claim.kind!r}")
        return self.kinds[claim.kind]

    def _later(self, claim: Claim, error: StoreError | OSError) -> Change:
        """Return what is written where the store or the disk did not let a job be done."""
        if isinstance(error, DamagedError):
            log.error("a job cannot be done, the store is damaged: %s", error, extra={"told": {"job": claim.id}})
            return self._failing(claim, words.in_both("job_damaged"))
        log.warning("a job must wait: %s", error, extra={"told": {"job": claim.id}})
        no_fault = isinstance(error, StoreError) or error.errno in _NO_FAULT
        return self._again(claim, words.in_both("job_waits"), after_s=_LATER_S, counts=not no_fault)

    def _again(self, claim: Claim, said: Said, *, after_s: float, counts: bool = True) -> Change:
        if counts and claim.attempts >= MOST_ATTEMPTS:
            return self._failing(claim, said)
        return lambda connection: self.store.queue.give_back(
            connection, claim, after_s=after_s, counts=counts, said=said
        )

    def _failing(self, claim: Claim, said: Said) -> Change:
        def change(connection: Connection) -> None:
            self.store.queue.fail(connection, claim, said)
            if claim.kind in self.kinds:
                self.kinds[claim.kind].fail(self.store, connection, claim.subject, said)

        return change

    def _settled(self, change: Change) -> bool:
        """Make a change of the store as soon as it answers; tell whether that was possible while the job was held."""
        wait_s = _LOOK_S
        while True:
            try:
                self.store.database.version()  # which sees that the file is another one, or gone
                with self.store.database.writing() as connection:
                    change(connection)
            except LostError:
                return False
            except StoreError as error:
                log.warning("what became of a job waits for the store: %s", error)
                if self.ended.wait(wait_s):
                    return False
                wait_s = min(2 * wait_s, _LONGEST_S)
            else:
                return True


def _in_turn(first: Change, then: Change) -> Change:
    """Return both changes as one; the job comes first wherever a job and its subject change, so that no two wait."""

    def change(connection: Connection) -> None:
        first(connection)
        then(connection)

    return change
