"""The queue, on both engines. Truth: the rules of `drainage_api.store.queue`, played through by hand."""

from __future__ import annotations

from collections import Counter

import pytest

from drainage.said import Said
from drainage_api.store.opened import Store
from drainage_api.store.queue import LEASE_S, MOST_AGE_S, Claim, LostError, Queue
from tests.support.at_once import at_once
from tests.support.stores import Where

HALF = Said("half", "一半")


def put(store: Store, *subjects: str, owner: str = "a") -> list[str]:
    with store.database.writing() as connection:
        return [store.queue.put(connection, "test", subject, owner) for subject in subjects]


def claimed(store: Store) -> Claim:
    claim = store.queue.claim("here")
    assert claim is not None
    return claim


class TestOrder:
    def test_a_job_is_there_with_the_transaction_that_put_it_or_not_at_all(self, store: Store) -> None:
        def broken() -> None:
            with store.database.writing() as connection:
                store.queue.put(connection, "test", "S-1", "a")
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            broken()
        assert store.queue.claim("here") is None
        put(store, "S-1")
        assert claimed(store).subject == "S-1"
        assert store.queue.claim("here") is None

    def test_owners_take_turns_and_each_is_served_in_order(self, store: Store) -> None:
        """Three of a come before two of b."""
        put(store, "a1", "a2", "a3")
        put(store, "b1", "b2", owner="b")
        order = []
        while claim := store.queue.claim("here"):
            order.append(claim.subject)
            with store.database.writing() as connection:
                store.queue.finish(connection, claim)
        assert order == ["a1", "b1", "a2", "b2", "a3"]

    def test_one_that_waits_knows_how_many_come_before_it(self, store: Store) -> None:
        put(store, "a1", "a2", "a3")
        put(store, "b1", "b2", owner="b")
        order = ["a1", "b1", "a2", "b2", "a3"]
        for done in range(len(order)):
            waiting = [job for subject in order[done:] if (job := store.queue.of(subject)) is not None]
            assert list(store.queue.before(waiting).values()) == list(range(len(waiting)))
            claim = claimed(store)
            with store.database.writing() as connection:
                store.queue.finish(connection, claim)

    def test_no_two_workers_get_the_same(self, where: Where, store: Store) -> None:
        put(store, *(f"S-{k}" for k in range(12)))
        got: list[str] = []

        def take() -> None:
            other = where.opened()
            while claim := other.queue.claim("there"):
                got.append(claim.subject)
            other.close()

        at_once(3, take)
        assert Counter(got) == Counter(f"S-{k}" for k in range(12))


class TestLease:
    def test_only_who_holds_it_finishes_and_writes_beside(self, store: Store) -> None:
        put(store, "S-1")
        first = claimed(store)
        (lease,) = store.queue.leases()
        with store.database.writing() as connection:
            store.queue.give_back(connection, store.queue.take_from(connection, lease))
        second = claimed(store)

        def too_late() -> None:
            with store.database.writing() as connection:
                store.queue.put(connection, "test", "beside", "a")
                store.queue.finish(connection, first)

        with pytest.raises(LostError):
            too_late()
        assert store.queue.of("beside") is None
        with pytest.raises(LostError):
            store.queue.beat(first)
        with store.database.writing() as connection:
            store.queue.finish(connection, second)
        with pytest.raises(LostError), store.database.writing() as connection:
            store.queue.finish(connection, second)
        job = store.queue.of("S-1")
        assert job is not None
        assert (job.state, job.attempts) == ("done", 2)

    def test_a_worker_that_beats_is_not_dead(self, store: Store) -> None:
        put(store, "S-1")
        claim = claimed(store)
        (lease,) = store.queue.leases()
        store.queue.beat(claim)
        with pytest.raises(LostError), store.database.writing() as connection:
            store.queue.take_from(connection, lease)
        assert store.queue.holds(claim)

    def test_progress_is_told_while_it_is_done(self, store: Store) -> None:
        (id_,) = put(store, "S-1")
        claim = claimed(store)
        store.queue.beat(claim, 0.5, HALF)
        job = store.queue.get(id_)
        assert job is not None
        assert job.document()["progress"] == {"share": 0.5, "step": {"zh": "一半", "en": "half"}}
        with store.database.writing() as connection:
            store.queue.fail(connection, claim, HALF)
        job = store.queue.get(id_)
        assert job is not None
        assert (job.document()["progress"], job.document()["error"]) == (None, {"zh": "一半", "en": "half"})


class TestClock:
    """The queue writes the time down, and nobody decides by it."""

    @pytest.mark.parametrize("jump", [3600.0, -3600.0])
    def test_a_jump_neither_gives_a_job_to_two_nor_holds_one_back(self, store: Store, jump: float) -> None:
        now = 1_000_000.0
        queue = Queue(store.database, lambda: now)
        put(store, "S-1", "S-2")
        claim = queue.claim("here")
        resting = queue.claim("here")
        assert claim is not None
        assert resting is not None
        with store.database.writing() as connection:
            queue.give_back(connection, resting, after_s=20.0)
        assert queue.claim("there") is None
        now += jump
        again = queue.claim("there")
        assert again is not None
        assert again.subject == resting.subject
        assert queue.claim("there") is None
        assert queue.holds(claim)

    def test_who_waits_has_waited_no_negative_time(self, store: Store) -> None:
        queue = Queue(store.database, lambda: 0.0)
        put(store, "S-1")
        assert queue.counts().oldest_s == 0.0

    def test_a_clock_that_is_set_tells_no_nonsense_of_who_waits(self, store: Store) -> None:
        now, ticks = [1000.0], [0.0]
        queue = Queue(store.database, lambda: now[0], lambda: ticks[0])
        with store.database.writing() as connection:
            queue.put(connection, "test", "S-1", "a")
        now[0], ticks[0] = 1010.0, 10.0
        assert queue.counts().oldest_s == 10.0
        now[0], ticks[0] = 5e9, 12.0
        assert queue.counts().oldest_s == 12.0
        assert Queue(store.database, lambda: now[0]).counts().oldest_s <= MOST_AGE_S + 1

    def test_who_was_not_heard_of_waits_and_goes_first(self, store: Store) -> None:
        now = 1000.0
        queue = Queue(store.database, lambda: now)
        first, second = put(store, "S-1", "S-2")
        claim = queue.claim("here")
        assert claim is not None
        assert (queue.counts().waiting, queue.counts().running) == (1, 1)
        now += LEASE_S + 1
        assert (queue.counts().waiting, queue.counts().running) == (2, 0)
        told = queue.get(first)
        assert told is not None
        assert (claim.id, told.state) == (first, "waiting")
        assert {one.id for one in queue.listed(states=["waiting"])} == {first, second}
        assert queue.listed(states=["running"]) == []
        assert queue.holds(claim)  # nobody decides by the clock
        (third,) = put(store, "S-3", owner="Sun")
        with store.database.writing() as connection:
            queue.give_back(connection, queue.take_from(connection, queue.leases()[0]))
        taken = [queue.claim("there"), queue.claim("there")]
        assert [one.id for one in taken if one is not None] == [first, third]


class TestPeople:
    def test_cancelling_ends_what_waits_and_what_is_done(self, store: Store) -> None:
        first, second, third = put(store, "S-1", "S-2", "S-3")
        claim = claimed(store)
        with store.database.writing() as connection:
            assert store.queue.cancel(connection, "S-1")
            assert store.queue.cancel_job(connection, second)
            assert not store.queue.cancel(connection, "S-1")
        assert not store.queue.holds(claim)
        assert [job.id for job in store.queue.listed(states=["cancelled"])] in ([first, second], [second, first])
        assert claimed(store).id == third

    def test_counts_what_waits_and_what_is_done(self, store: Store) -> None:
        put(store, "S-1", "S-2", "S-3")
        claim = claimed(store)
        assert store.queue.counts().running == 1
        with store.database.writing() as connection:
            store.queue.finish(connection, claim)
        counts = store.queue.counts()
        assert (counts.waiting, counts.running) == (2, 0)
        assert counts.oldest_s > 0
