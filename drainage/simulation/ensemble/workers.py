"""Jobs on processes of our own, which begin none when Ctrl-C comes and leave none behind when they die."""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
import time
from _thread import interrupt_main
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, CancelledError, Executor, ProcessPoolExecutor
from concurrent.futures import wait as wait_for
from contextlib import contextmanager
from functools import partial
from multiprocessing import get_context, parent_process
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias, TypeVar

import pandas as pd

from drainage.errors import SimulationError
from drainage.said import Said
from drainage.words import in_both

if TYPE_CHECKING:
    from distributed import Client

R = TypeVar("R")
#: What does a job, and what takes its table by the key of the job.
Work: TypeAlias = Callable[[R], pd.DataFrame]
Finish: TypeAlias = Callable[[str, pd.DataFrame], None]
Lost: TypeAlias = dict[str, BaseException]
Gone: TypeAlias = Callable[[], bool]

#: So often in a row a pool of workers may break without finishing any job; then jobs are tried one by one.
MOST_BREAKS: Final = 2
#: A worker whose parent is gone has so long to undo what it began.
_LAST_S: Final = 1.0
#: So often it is looked whether an executor on a network is still there, s.
_LOOK_S: Final = 1.0
#: For so long a scheduler may be without any worker, s (own choice).
JOIN_S: Final = 60.0
# of a worker of our own: whether it was told to end, and whether a job is on
_TOLD, _AT_WORK = threading.Event(), threading.Event()


def work_on_processes(work: Work[R], jobs: Mapping[str, R], workers: int, finish: Finish) -> Lost:
    """Run all jobs on processes; repeat those lost with a dead one on new ones, in the end one by one, to name it.

    Returns
    -------
    The jobs that no worker finished, and why.
    """
    left, breaks = dict(jobs), 0
    while left and breaks < MOST_BREAKS:
        lost = _collect_on_processes(work, min(workers, len(left)), left, finish)
        breaks = breaks + 1 if len(lost) == len(left) else 0
        left = {key: left[key] for key in lost}
    deadly: Lost = {}
    for key, job in left.items():
        deadly |= _collect_on_processes(work, 1, {key: job}, finish)
    return deadly


def _collect_on_processes(work: Work[R], workers: int, jobs: Mapping[str, R], finish: Finish) -> Lost:
    """Run jobs on our own processes; if this is interrupted, so are they."""
    context = get_context("spawn")
    told, tell = context.Pipe(duplex=False)
    with (
        told,
        tell,
        ProcessPoolExecutor(workers, mp_context=context, initializer=_begin, initargs=(told, workers)) as pool,
    ):
        try:
            return collect(pool, partial(_unless_told, work), jobs, finish)
        except BaseException:
            tell.close()
            raise


def _begin(told: Connection, workers: int) -> None:
    """Have each worker compute on its share of the cores, and end with what began it."""
    os.environ["NUMBA_NUM_THREADS"] = str(max((os.cpu_count() or 1) // workers, 1))
    threading.Thread(target=_listen, args=(told,), daemon=True).start()


def _listen(told: Connection) -> None:
    """Interrupt the job when the process that began this one says so or is gone, even killed; then end with it."""
    parent = parent_process()
    if parent is None:
        return
    gone = parent.sentinel in wait([parent.sentinel, told])
    _TOLD.set()
    if _AT_WORK.is_set():
        sys.stderr = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - the process ends
        interrupt_main()  # an engine that runs here is ended, its folder removed
    if not gone:
        parent.join()
    else:
        time.sleep(_LAST_S)
    os._exit(1)


def _unless_told(work: Work[R], job: R) -> pd.DataFrame:
    """Run a job on our own worker, if it was not told to end in the meantime."""
    _AT_WORK.set()
    try:
        if _TOLD.is_set():
            raise SimulationError(in_both("interrupted"))
        return work(job)
    finally:
        _AT_WORK.clear()


@contextmanager
def _deaf_to_ctrl_c() -> Iterator[None]:
    """Begin processes that do not hear Ctrl-C of the terminal, and so print nothing: this one ends them."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def on_cluster(scheduler: str, lacking: Said) -> Iterator[tuple[Executor, Gone]]:
    """Give the executor of a Dask cluster, and what tells whether its scheduler is out of reach.

    Raises
    ------
    SimulationError
        Dask is not installed: ``lacking`` says so. Or no worker joins the scheduler, also where all have left it, which
        what tells of the scheduler finds out.
    """
    try:
        from distributed import Client
    except ImportError as error:
        raise SimulationError(lacking) from error
    with _said_once("distributed.client"), Client(scheduler) as client:
        _wait_for_a_worker(client, scheduler)

        def gone() -> bool:
            if client.status == "running" and not client.scheduler_info()["workers"]:
                _wait_for_a_worker(client, scheduler)
            return bool(client.status != "running")

        yield client.get_executor(pure=False), gone


def _wait_for_a_worker(client: Client, scheduler: str) -> None:
    try:
        client.wait_for_workers(1, timeout=JOIN_S)
    except TimeoutError as error:
        raise SimulationError(in_both("scheduler_idle", scheduler=scheduler, wait_s=JOIN_S)) from error
    except OSError:  # it went away: its client tells
        return


@contextmanager
def _said_once(logger: str) -> Iterator[None]:
    """Keep a library from logging, with tracebacks, what is raised here and told to the user."""
    log = logging.getLogger(logger)
    before = log.level
    log.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        log.setLevel(before)


def collect(place: Executor, work: Work[R], jobs: Mapping[str, R], finish: Finish, gone: Gone | None = None) -> Lost:
    """Run all jobs that can be run on an executor; return those that no worker finished, and why.

    ``gone`` tells whether the executor is out of reach: one on a network may then forget a job that was just finished.
    """
    lost: Lost = {}
    futures = {}
    with _deaf_to_ctrl_c():
        for key, job in jobs.items():
            try:
                futures[place.submit(work, job)] = key
            except BrokenExecutor as error:
                lost[key] = error
    try:
        waiting = set(futures)
        while waiting:
            done, waiting = wait_for(waiting, None if gone is None else _LOOK_S, return_when=FIRST_COMPLETED)
            for future in done:
                try:
                    table = future.result()
                except Exception as error:  # noqa: BLE001 - whatever an executor raises where its worker is gone
                    lost[futures[future]] = error
                else:
                    finish(futures[future], table)
            if not done and gone is not None and gone():
                lost |= {futures[future]: CancelledError() for future in waiting}
                break
    finally:
        for future in futures:
            future.cancel()
    return lost
