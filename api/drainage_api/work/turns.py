"""Who waits, and whose turn is next: clients take turns, so that others wait one work for one who asks much."""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque


class Turns:
    """Those who wait, by client."""

    def __init__(self) -> None:
        """Begin with nobody."""
        self._waiting: OrderedDict[str, deque[asyncio.Future[None]]] = OrderedDict()
        self._count = 0

    def __len__(self) -> int:
        """Return how many wait."""
        return self._count

    def add(self, client: str, turn: asyncio.Future[None]) -> None:
        """Let one more wait."""
        self._waiting.setdefault(client, deque()).append(turn)
        self._count += 1

    def remove(self, client: str, turn: asyncio.Future[None]) -> None:
        """Forget one who left."""
        self._waiting[client].remove(turn)
        self._gone(client)

    def next(self) -> asyncio.Future[None]:
        """Return the first of the client whose turn it is; that client comes last again."""
        client, waiting = next(iter(self._waiting.items()))
        turn = waiting.popleft()
        self._waiting.move_to_end(client)
        self._gone(client)
        return turn

    def _gone(self, client: str) -> None:
        self._count -= 1
        if not self._waiting[client]:
            del self._waiting[client]
