"""A thread that tells the store that a worker lives, and the worker that a job is no longer its own."""

from __future__ import annotations

import logging
import threading
import time
from typing import Final, Self

from drainage.said import Said
from drainage_api.store.database import StoreError
from drainage_api.store.queue import BEAT_S, Claim, LostError, Queue

log = logging.getLogger(__name__)

#: Own choices: seconds between two looks whether the job was cancelled, and between two that tell how far it is, so
#: that readers need not look at the store anew more often.
_LOOK_S: Final = 1.0
_TELL_S: Final = 2.0


class Beating:
    """Beats while a job is done.

    Parameters
    ----------
    queue, claim
        The job.
    beat_s
        How often, at least.
    """

    def __init__(self, queue: Queue, claim: Claim, beat_s: float = BEAT_S) -> None:
        """Begin with `__enter__`."""
        self._queue, self._claim, self._beat_s = queue, claim, beat_s
        self._look_s = min(_LOOK_S, beat_s)
        self._over, self.lost = threading.Event(), threading.Event()
        self._progress: tuple[float | None, Said | None] = (None, None)
        self._told: tuple[float | None, Said | None] = (None, None)
        self._thread = threading.Thread(target=self._beat, daemon=True)

    def __enter__(self) -> Self:
        """Begin."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """End; what is under way is waited for."""
        self._over.set()
        self._thread.join()

    def step(self, share: float, said: Said) -> None:
        """Remember how far the job is; it is told with the next beat."""
        self._progress = (share, said)

    def _beat(self) -> None:
        last = time.monotonic()
        while not self._over.wait(self._look_s):
            since = time.monotonic() - last
            try:
                if since >= self._beat_s or (since >= _TELL_S and self._progress != self._told):
                    progress = self._progress
                    self._queue.beat(self._claim, *progress)
                    last, self._told = time.monotonic(), progress
                held = self._queue.holds(self._claim)
            except LostError:
                held = False
            except StoreError as error:
                log.warning("the store does not answer: %s", error)
                continue
            if not held:
                self.lost.set()
                return
