"""How much one key or one address may ask, and how often one address is written down as refused."""

from __future__ import annotations

import time
from collections import OrderedDict
from typing import Final

#: Names that are counted at once; the one that was longest not seen is forgotten (own choice).
MOST_NAMES: Final = 20_000
#: Refusals of one address that are written one by one within a minute; the others are counted (own choice).
MOST_WRITTEN: Final = 60
_MINUTE_S: Final = 60.0


class Buckets:
    """So many requests a minute, of each name: as many at once, and then as they come back evenly.

    Parameters
    ----------
    per_minute
        Of one name, in this process.
    """

    def __init__(self, per_minute: int) -> None:
        """Begin with nobody."""
        self._most, self._per_s = float(per_minute), per_minute / _MINUTE_S
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait_s(self, name: str) -> float:
        """Count a request; return how long the next must wait, in seconds, 0 where this one may pass."""
        now = time.monotonic()
        left, then = self._left.get(name, (self._most, now))
        left = min(self._most, left + (now - then) * self._per_s)
        passes = left >= 1.0
        self._left[name] = (left - passes, now)
        self._left.move_to_end(name)
        if len(self._left) > MOST_NAMES:
            self._left.popitem(last=False)
        return 0.0 if passes else (1.0 - left) / self._per_s


class Refusals:
    """Which refusals are written one by one, so that nobody fills the disk with them."""

    def __init__(self) -> None:
        """Begin with nobody."""
        self._seen: OrderedDict[tuple[str, int], list[float]] = OrderedDict()

    def unwritten(self, address: str, status: int) -> int | None:
        """Return how many like it went unwritten before; None where this one is to be counted only."""
        now = time.monotonic()
        seen = self._seen.setdefault((address, status), [now, 0, 0])
        self._seen.move_to_end((address, status))
        if len(self._seen) > MOST_NAMES:
            self._seen.popitem(last=False)
        if now - seen[0] >= _MINUTE_S:
            seen[0], seen[1] = now, 0
        seen[1] += 1
        if seen[1] > MOST_WRITTEN:
            seen[2] += 1
            return None
        unwritten, seen[2] = int(seen[2]), 0
        return unwritten
