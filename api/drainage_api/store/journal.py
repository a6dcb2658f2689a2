"""Writing the audit log beside the answers: a thread takes what has come together and writes it in one go."""

from __future__ import annotations

import logging
from concurrent.futures import Future
from threading import Condition, Thread
from typing import Final

from drainage_api.store.audit import AuditLog, Entry, moment
from drainage_api.store.database import StoreError

#: Own choices: how long a read may wait to be written, and how soon a full disk is tried again.
PAUSE_S: Final = 0.5
RETRY_S: Final = 1.0
#: Entries that wait in memory, some 20 MB; what comes after them is counted.
MOST_WAITING: Final = 20_000

log = logging.getLogger(__name__)


class Journal:
    """Entries on their way into the log of a store.

    What cannot be written waits in memory until it can; `failing` says so meanwhile.
    """

    def __init__(self, audit: AuditLog) -> None:
        """Take the log; the thread begins with the first entry."""
        self._audit = audit
        self._waiting: list[tuple[Entry, Future[bool] | None]] = []
        self._condition, self._thread = Condition(), Thread(target=self._run, name="audit", daemon=True)
        self._hurry = self._closed = self._failed = False
        self._dropped = 0

    @property
    def failing(self) -> bool:
        """Whether what happens now would not be written."""
        died = self._thread.ident is not None and not self._thread.is_alive()
        return self._failed or died or len(self._waiting) >= MOST_WAITING

    def note(self, entry: Entry) -> None:
        """Write an entry within a second."""
        self._put(entry, None)

    def now(self, entry: Entry) -> Future[bool]:
        """Write an entry at once; the future tells whether it was written."""
        done: Future[bool] = Future()
        self._put(entry, done)
        return done

    def close(self) -> None:
        """Write what waits, and end."""
        with self._condition:
            self._closed = True
            self._condition.notify()
        if self._thread.is_alive():
            self._thread.join(timeout=10.0)

    def _put(self, entry: Entry, done: Future[bool] | None) -> None:
        with self._condition:
            if len(self._waiting) >= MOST_WAITING or self._closed:
                self._dropped += 1
                if done is not None:
                    done.set_result(False)
                return
            self._waiting.append((entry, done))
            self._hurry = self._hurry or done is not None
            if done is not None or len(self._waiting) == 1:
                self._condition.notify()
            if self._thread.ident is None:
                self._thread.start()

    def _run(self) -> None:
        while not self._closed or self._waiting:
            with self._condition:
                self._condition.wait_for(lambda: self._waiting or self._closed)
                if self._failed:
                    self._condition.wait_for(lambda: self._closed, timeout=RETRY_S)
                else:
                    self._condition.wait_for(lambda: self._hurry or self._closed, timeout=PAUSE_S)
                batch, self._waiting, self._hurry = self._waiting, [], False
            if not self._written(batch) and self._closed:
                return

    def _written(self, batch: list[tuple[Entry, Future[bool] | None]]) -> bool:
        entries = [entry for entry, _ in batch]
        if self._dropped:
            entries.append({"time": moment(), "event": "not recorded", "count": self._dropped})
        try:
            self._audit.append(entries)
        except StoreError as error:
            if not self._failed:
                log.error("the audit log cannot be written, restricted answers are refused: %s", error)  # noqa: TRY400 - no trace
            kept: list[tuple[Entry, Future[bool] | None]] = [(entry, None) for entry, _ in batch]
            with self._condition:
                self._waiting, self._failed = kept + self._waiting, True
        else:
            self._dropped, self._failed = 0, False
        for _, done in batch:
            if done is not None and done.set_running_or_notify_cancel():  # unless its client has left
                done.set_result(not self._failed)
        return not self._failed
