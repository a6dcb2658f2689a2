"""Any order of steps leads where the table says, or nowhere, and all that belongs to a step happens with it.

Truth: the states written out below, by hand, beside those of the store, on both engines.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import delete, func, select

from drainage.said import Said
from drainage_api.store.opened import Store
from drainage_api.store.submitting.moves import MOVES, STATES, NotNow
from drainage_api.store.submitting.records import Person, Sent
from drainage_api.store.submitting.submitted import Refusal
from drainage_api.store.tables import events, jobs, notices, submissions, versions
from tests.support.stores import Where

LI, SUN = Person("Li", "contractor", "li234567"), Person("Sun", "contractor", "sun23456")
WANG = Person("Wang", "engineer", "wang2345")
#: In which states each step may be taken.
MAY: Final = {
    "check": {"received"},
    "compute": {"checked"},
    "fail": {"received", "checked"},
    "withdraw": {"received", "checked", "computed"},
    "accept": {"computed"},
    "return": {"computed"},
    "appeal": {"returned"},
    "retry": {"failed"},
}
UNFINISHED = ("waiting", "running")
DIGEST = "0" * 64


def test_the_table_is_that_of_the_contract() -> None:
    assert {act: set(MOVES[act]) for act in MAY} == MAY  # type: ignore[index]  # names of acts
    assert {state for states in MOVES.values() for state in (*states, *states.values())} == set(STATES)
    assert not any(state in moves for moves in MOVES.values() for state in ("accepted", "withdrawn"))


class Steps(RuleBasedStateMachine):
    """Two contractors and an engineer at one store."""

    store: Store
    known = Bundle("known")

    def __init__(self) -> None:
        """Empty the store."""
        super().__init__()
        with self.store.database.writing() as connection:
            for table in (events, notices, jobs, submissions, versions):
                connection.execute(delete(table))
        self.states: dict[str, str] = {}
        self.bases: dict[str, int] = {}
        self.counts: dict[str, int] = {}  # of events
        self.told: dict[str, int] = {}  # of notices, by key
        self.appealed: set[str] = set()
        self.owners: dict[str, Person] = {}
        self.receipts: dict[str, dict[str, Any]] = {}
        self.named: dict[tuple[str, str], str] = {}

    @initialize()
    def begin(self) -> None:
        """Make the first version."""
        self.head = self.store.versions.begin(DIGEST, day="2020-01-01").number

    @rule(target=known, by=st.sampled_from([LI, SUN]), name=st.sampled_from([None, "a", "b"]))
    def receive(self, by: Person, name: str | None) -> object:
        """Send something in, with an idempotency key or without."""
        sent = Sent("works.geojson", "geojson", DIGEST, 4, idempotency=name)
        found = self.store.submissions.receive(sent, by, ("人民路",), most_waiting=1000)
        if name is not None and (by.key, name) in self.named:
            assert found.id == self.named[by.key, name]
            return multiple()
        if name is not None:
            self.named[by.key, name] = found.id
        assert found.id not in self.states
        self.states[found.id], self.bases[found.id], self.counts[found.id] = "received", self.head, 1
        self.owners[found.id], self.receipts[found.id] = by, found.receipt
        return found.id

    @rule(target=known, one=consumes(known), by=st.sampled_from([LI, SUN]))
    def send_anew(self, one: str, by: Person) -> object:
        """Send in what replaces another one: which must be an own one that came back."""
        sent = Sent("works.geojson", "geojson", DIGEST, 4, previous=one)
        if by is not self.owners[one] or self.states[one] not in {"returned", "failed", "withdrawn"}:
            with pytest.raises(Refusal):
                self.store.submissions.receive(sent, by, most_waiting=1000)
            return one
        found = self.store.submissions.receive(sent, by, most_waiting=1000)
        self.states[found.id], self.bases[found.id], self.counts[found.id] = "received", self.head, 1
        self.owners[found.id], self.receipts[found.id] = by, found.receipt
        return multiple(one, found.id)

    @rule(one=known)
    def check(self, one: str) -> None:
        """Tell what was understood."""
        self._step(one, "check", "checked", lambda: self._in_job(lambda c: self.store.submissions.checked(c, one, {})))

    @rule(one=known)
    def compute(self, one: str) -> None:
        """Tell what was computed, and end the job."""
        told = {"document": DIGEST, "tree": DIGEST, "bbox": [117.0, 33.0, 117.1, 33.1]}

        def computed() -> None:
            with self.store.database.writing() as connection:
                self.store.submissions.computed(connection, one, told)
                self.store.queue.cancel(connection, one)

        self._step(one, "compute", "computed", computed)

    @rule(one=known)
    def do_its_job(self, one: str) -> None:
        """Check and compute it, as its job does."""
        self.check(one)
        self.compute(one)

    @rule(one=known)
    def fail(self, one: str) -> None:
        """Tell what is wrong with it, and end the job."""

        def failed() -> None:
            with self.store.database.writing() as connection:
                self.store.submissions.failed(connection, one, Said("no", "不"))
                self.store.queue.cancel(connection, one)

        if self._step(one, "fail", "failed", failed):
            self._tell(one)

    @rule(one=known)
    def retry(self, one: str) -> None:
        """Begin a failed one anew, on the head."""
        moved = self.bases[one] != self.head
        if self._step(
            one, "retry", "received", lambda: self._in_job(lambda c: self.store.submissions.retry(c, one, WANG))
        ):
            self._rebased(one, moved=moved)

    @rule(one=known)
    def withdraw(self, one: str) -> None:
        """Take it back."""
        self._step(one, "withdraw", "withdrawn", lambda: self.store.submissions.withdraw(one, self.owners[one]))

    @rule(one=known)
    def appeal(self, one: str) -> None:
        """Appeal: once."""
        moved = self.bases[one] != self.head
        if one in self.appealed:
            with pytest.raises((Refusal, NotNow)):
                self.store.submissions.appeal(one, self.owners[one], "why")
            return
        if self._step(one, "appeal", "computed", lambda: self.store.submissions.appeal(one, self.owners[one], "why")):
            self.appealed.add(one)
            self._rebased(one, moved=moved)

    @rule(one=known, accept=st.booleans())
    def decide(self, one: str, accept: bool) -> None:  # noqa: FBT001 - a strategy gives it
        """Accept or return it."""
        if self.states[one] == "computed" and self.bases[one] != self.head:
            assert not self.store.submissions.decide(one, WANG, accept=accept, comment="so").stands
            self._rebased(one, moved=True)
            return
        act, state = ("accept", "accepted") if accept else ("return", "returned")
        if not self._step(
            one, act, state, lambda: self.store.submissions.decide(one, WANG, accept=accept, comment="so")
        ):
            return
        self._tell(one)
        if accept:
            self.head += 1
            for other, found in self.states.items():
                if found in {"received", "checked", "computed"}:
                    self._rebased(other, moved=True)

    @rule()
    def import_one(self) -> None:
        """Make a version of a new survey, whatever is under way."""
        self.head = self.store.versions.begin(DIGEST, day="2021-01-01").number

    @invariant()
    def is_as_written_out(self) -> None:
        """Compare all that is in the store."""
        if not self.states:
            return
        with self.store.database.reading() as connection:
            rows = {row.id: row for row in connection.execute(select(submissions))}
            unfinished = list(connection.scalars(select(jobs.c.subject).where(jobs.c.state.in_(UNFINISHED))))
            counted = select(notices.c.key, func.count()).group_by(notices.c.key)
            told = {row[0]: row[1] for row in connection.execute(counted)}
        assert {one: row.state for one, row in rows.items()} == self.states
        assert {one: row.base for one, row in rows.items()} == self.bases
        history = self.store.submissions.history(self.states)
        assert {one: len(found) for one, found in history.items()} == self.counts
        assert {one: found[-1].state for one, found in history.items()} == self.states
        waits = sorted(one for one, state in self.states.items() if state in {"received", "checked"})
        assert sorted(unfinished) == waits
        assert told == self.told
        accepted = {row.version for row in rows.values() if row.state == "accepted"}
        made = {one.number for one in self.store.versions.history() if one.submission is not None}
        assert accepted == made
        assert all(self.store.submissions.get(one).receipt == kept for one, kept in self.receipts.items())  # type: ignore[union-attr]  # it is there

    def _step(self, one: str, act: str, state: str, take: Callable[[], object]) -> bool:
        """Take a step, which changes nothing where it may not be taken."""
        if self.states[one] not in MAY[act]:
            with pytest.raises(NotNow):
                take()
            return False
        take()
        self.states[one] = state
        self.counts[one] += 1
        return True

    def _rebased(self, one: str, *, moved: bool) -> None:
        if moved:
            self.states[one], self.bases[one] = "received", self.head
            self.counts[one] += 1
            self._tell(one)

    def _tell(self, one: str) -> None:
        key = self.owners[one].key
        self.told[key] = self.told.get(key, 0) + 1

    def _in_job(self, do: Callable[[Any], None]) -> None:
        with self.store.database.writing() as connection:
            do(connection)


def taken(where: Where, examples: int, steps: int) -> None:
    store = where.opened()
    machine = type("Here", (Steps,), {"store": store})
    checks = list(HealthCheck)
    chosen = settings(max_examples=examples, stateful_step_count=steps, deadline=None, suppress_health_check=checks)
    try:
        run_state_machine_as_test(machine, settings=chosen)
    finally:
        store.close()


def test_any_order_of_steps_leads_where_it_may(where: Where) -> None:
    taken(where, 8, 40)


@pytest.mark.long
def test_any_long_order_of_steps_leads_where_it_may(where: Where) -> None:
    taken(where, 60, 50)
