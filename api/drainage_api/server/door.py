"""How many connections there may be, in all and of one address, and which is closed for a new one.

A connection that waits (for the rest of a request, or for the next one) costs its client nothing and the server a
descriptor. So where there are too many, the one that has waited longest makes room; only where all are being answered
is a new one refused.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from drainage_api.access.address import Networks, is_within

log = logging.getLogger(__name__)

#: Seconds between two lines of the log about refused connections (own choice: such a client must not fill the disk).
_TELL_S = 10.0


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What a client may take up.

    Parameters
    ----------
    connections
        At a time, in all.
    per_address
        At a time, of one address that is no proxy of ours.
    header_s
        Until a request's header is complete, from its first byte or from the beginning of the connection.
    idle_s
        Between two requests.
    request_s
        From the header to the end of the answer.
    header_bytes
        Request line and header.
    body_bytes
        What is sent with a request.
    larger
        Path → what may be posted there instead.
    proxies
        Through these many clients come.
    """

    connections: int
    per_address: int
    header_s: float
    idle_s: float
    request_s: float
    header_bytes: int
    body_bytes: int
    proxies: Networks = ()
    larger: Mapping[bytes, int] = field(default_factory=dict)

    def body_of(self, method: bytes, url: bytes) -> int:
        """Return the most bytes of a body, by where it goes."""
        return self.larger.get(url.partition(b"?")[0], self.body_bytes) if method == b"POST" else self.body_bytes


class Connection(Protocol):
    """What the door knows of a connection."""

    address: str
    until: float

    def shut(self) -> None:
        """Close it."""


@dataclass
class Door:
    """The connections of a process by address.

    Parameters
    ----------
    limits
        How many there may be, and how long.
    now
        The clock, in seconds.
    """

    limits: Limits
    now: Callable[[], float] = time.monotonic
    refused: int = 0
    evicted: int = 0
    late: int = 0
    malformed: int = 0
    _of: dict[str, set[Connection]] = field(default_factory=dict)
    _waiting: dict[str, dict[Connection, None]] = field(default_factory=dict)
    _count: int = 0
    _told: tuple[int, ...] = (0, 0, 0, 0)
    _tell_at: float = 0.0

    def __len__(self) -> int:
        """Return how many connections there are."""
        return self._count

    def enter(self, one: Connection) -> bool:
        """Take a new connection, for which another may be closed; False where there is no room."""
        theirs = self._of.setdefault(one.address, set())
        many = len(theirs) >= self.limits.per_address and not is_within(one.address, self.limits.proxies)
        if (many and not self._evict(one.address)) or (
            self._count >= self.limits.connections and not self._evict(self._most_waiting())
        ):
            self.refused += 1
            if not self._of.get(one.address):
                self._of.pop(one.address, None)
            return False
        self._of.setdefault(one.address, set()).add(one)
        self._count += 1
        self.wait(one, self.limits.header_s)
        return True

    def leave(self, one: Connection) -> None:
        """Forget a connection that was closed."""
        theirs = self._of.get(one.address, set())
        if one in theirs:
            theirs.discard(one)
            self._count -= 1
        if not theirs:
            self._of.pop(one.address, None)
        self._no_longer_waiting(one)

    def wait(self, one: Connection, seconds: float) -> None:
        """Note that a connection waits for its client, from now on and for so long at most."""
        one.until = self.now() + seconds
        waiting = self._waiting.setdefault(one.address, {})
        waiting.pop(one, None)
        waiting[one] = None

    def work(self, one: Connection) -> None:
        """Note that a request is complete and is being answered."""
        one.until = self.now() + self.limits.request_s
        self._no_longer_waiting(one)

    def sweep(self) -> None:
        """Close what has taken too long, and tell the log what was refused since it was told last."""
        now = self.now()
        for one in [one for theirs in self._of.values() for one in theirs if one.until < now]:
            self.late += 1
            one.shut()
        counts = (self.refused, self.evicted, self.late, self.malformed)
        if counts != self._told and now >= self._tell_at:
            told = [count - before for count, before in zip(counts, self._told, strict=True)]
            log.warning("connections: %d refused, %d closed for others, %d too slow; %d requests malformed", *told)
            self._told, self._tell_at = counts, now + _TELL_S

    def _most_waiting(self) -> str:
        return max(self._waiting, key=lambda address: len(self._waiting[address]), default="")

    def _evict(self, address: str) -> bool:
        """Close the connection of an address that has waited longest, where there is one."""
        one = next(iter(self._waiting.get(address, ())), None)
        if one is None:
            return False
        self.evicted += 1
        self.leave(one)
        one.shut()
        return True

    def _no_longer_waiting(self, one: Connection) -> None:
        waiting = self._waiting.get(one.address, {})
        waiting.pop(one, None)
        if not waiting:
            self._waiting.pop(one.address, None)
