"""Who is let in and who makes room. Truth: worked by hand with a clock of our own."""

from __future__ import annotations

import logging
from ipaddress import ip_network

import pytest

from drainage_api.server.door import Door, Limits


class Caller:
    """A connection that remembers whether it was closed."""

    def __init__(self, door: Door, address: str) -> None:
        self.address, self.until, self.closed, self.door = address, 0.0, False, door

    def shut(self) -> None:
        self.closed = True
        self.door.leave(self)


class Clock:
    def __init__(self) -> None:
        self.time = 100.0

    def __call__(self) -> float:
        return self.time


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def door(clock: Clock) -> Door:
    """Three in all, two of an address; a network of proxies."""
    limits = Limits(
        connections=3,
        per_address=2,
        header_s=10.0,
        idle_s=30.0,
        request_s=60.0,
        header_bytes=1000,
        body_bytes=1000,
        proxies=(ip_network("10.0.0.0/8"),),
    )
    return Door(limits, clock)


def enter(door: Door, *addresses: str) -> list[Caller]:
    callers = [Caller(door, address) for address in addresses]
    assert all(door.enter(caller) for caller in callers)
    return callers


def test_the_one_of_an_address_that_waits_longest_makes_room_for_its_next(door: Door) -> None:
    first, second = enter(door, "a", "a")
    door.wait(first, 30.0)  # it has sent a request since, was answered, and waits anew
    third = enter(door, "a")[0]
    assert (first.closed, second.closed, third.closed) == (False, True, False)
    assert (len(door), door.evicted, door.refused) == (2, 1, 0)


def test_who_is_being_answered_makes_no_room(door: Door) -> None:
    callers = enter(door, "a", "a")
    for caller in callers:
        door.work(caller)
    assert not door.enter(Caller(door, "a"))
    assert (len(door), door.refused) == (2, 1)
    enter(door, "b")


def test_where_all_is_full_the_address_with_the_most_that_wait_makes_room(door: Door) -> None:
    patient, *crowd = enter(door, "b", "a", "a")
    enter(door, "c")
    assert (patient.closed, crowd[0].closed, crowd[1].closed) == (False, True, False)
    assert len(door) == 3


def test_where_all_are_being_answered_nobody_is_let_in(door: Door) -> None:
    for caller in enter(door, "a", "b", "c"):
        door.work(caller)
    assert not door.enter(Caller(door, "d"))
    assert len(door) == 3


def test_through_a_proxy_of_ours_come_as_many_as_there_is_room_for(door: Door) -> None:
    callers = enter(door, "10.1.2.3", "10.1.2.3", "10.1.2.3")
    assert not any(caller.closed for caller in callers)


def test_who_leaves_twice_leaves_once(door: Door) -> None:
    caller, _ = enter(door, "a", "b")
    door.leave(caller)
    door.leave(caller)
    assert len(door) == 1


@pytest.mark.parametrize(("state", "seconds"), [("header", 10.0), ("idle", 30.0), ("request", 60.0)])
def test_who_takes_too_long_is_closed(door: Door, clock: Clock, state: str, seconds: float) -> None:
    caller = enter(door, "a")[0]
    if state == "idle":
        door.wait(caller, door.limits.idle_s)
    if state == "request":
        door.work(caller)
    clock.time += seconds - 0.1
    door.sweep()
    assert not caller.closed
    clock.time += 0.2
    door.sweep()
    assert (caller.closed, len(door), door.late) == (True, 0, 1)


def test_the_log_has_one_line_for_many_who_are_refused(
    door: Door, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        for _ in range(1000):
            door.enter(Caller(door, "a"))
            door.sweep()
        assert len(caplog.records) == 1
        clock.time += 11
        door.sweep()
        assert len(caplog.records) == 2
        clock.time += 11
        door.sweep()
    assert len(caplog.records) == 2
    assert "closed for others" in caplog.text
