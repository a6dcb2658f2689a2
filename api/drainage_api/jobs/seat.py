"""The process of a worker: it opens the store, does jobs, and ends with the server.

Beside the worker that does whole jobs sits one that does beforehand what can be done of those that wait.
"""

from __future__ import annotations

import importlib
import logging
import pickle
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from drainage_api.jobs.worker import Worker
from drainage_api.served.apart import end_with
from drainage_api.settings import Settings
from drainage_api.store.opened import Store
from drainage_api.work import logs

log = logging.getLogger(__name__)


def work() -> None:
    """Do jobs until the server ends, or tells it to."""
    parent, seat, place, said = pickle.load(sys.stdin.buffer)  # noqa: S301 - of our own server
    threading.Thread(target=end_with, args=(parent,), daemon=True).start()
    signal.pthread_sigmask(signal.SIG_SETMASK, set())  # the leader of a crew holds them back
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # of a terminal, where the server is told too
    logs.configure()
    module, _, name = place.partition(":")
    settings: Settings = said
    store = Store.of(settings.store, settings.database)
    kinds = getattr(importlib.import_module(module), name)
    worker = Worker(store, settings, seat, kinds)
    beside = Worker(store, settings, f"{seat}-beforehand", kinds, worker.ended, beforehand=True)

    def end(number: int, frame: FrameType | None) -> None:
        del number, frame
        worker.ended.set()

    signal.signal(signal.SIGTERM, end)
    log.info("a worker is ready", extra={"told": {"seat": seat}})
    try:
        with _working(beside):
            worker.run()
    finally:
        store.close()


@contextmanager
def _working(worker: Worker) -> Iterator[None]:
    """Let a worker work in a thread of its own, which all others end with."""

    def run() -> None:
        try:
            worker.run()
        finally:
            worker.ended.set()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        worker.ended.set()
        thread.join()
