"""Tasks done on processes of our own or on a Dask cluster; those whose answer lies there already are not done again."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final, TypeAlias

import pandas as pd

from drainage.errors import DrainageError, SimulationError
from drainage.partitions.kept_folders import is_whole
from drainage.partitions.memory import give_back
from drainage.partitions.tasks import CauseTask, Task, work
from drainage.simulation.ensemble.workers import Lost, collect, on_cluster, work_on_processes
from drainage.words import in_both
from drainage.writing.full_disk import means_full

#: A task is done alone that has so many times the pipes of the mean of all (own choice).
MUCH_LARGER: Final = 2.0
#: By the names of their folders.
Tasks: TypeAlias = Mapping[str, Task | CauseTask]


def do(
    tasks: Sequence[Task | CauseTask], place: Path, *, workers: int | None, scheduler: str | None,
    progress: Callable[[float], None],
) -> None:  # fmt: skip
    """Do all tasks that are not done yet.

    Parameters
    ----------
    tasks
        What is to be done, in any order.
    place
        The folder of the work, which errors name: what is done there stays done.
    workers
        Processes on this machine; None: one a core. With one, it is this process.
    scheduler
        Address of a Dask scheduler whose workers see the same folder; then ``workers`` are those that it has.
    progress
        Takes the share that is done, 0-1.

    Raises
    ------
    SimulationError
        A worker dies at a task again and again, as where its memory is not enough, or the scheduler is gone or cannot
        be reached.
    DrainageError
        What a task raised.
    OSError
        The disk is full.
    """
    missing = {task.folder.name: task for task in tasks if not is_whole(task.folder)}
    done = [len(tasks) - len(missing)]

    def finish(_key: str, _table: pd.DataFrame) -> None:
        done[0] += 1
        progress(done[0] / len(tasks))

    progress(done[0] / max(len(tasks), 1))
    if not missing:
        return
    give_back()
    number = workers or os.cpu_count() or 1
    if scheduler is not None:
        _raise_for(_on_cluster(scheduler, missing, finish, place), place)
    elif min(number, len(missing)) == 1:
        for key, task in missing.items():
            try:
                finish(key, work(task))
            except MemoryError as error:
                _raise_for({key: error}, place)
    else:
        lost: Lost = {}
        for together, processes in _in_turn(missing, number):
            lost |= work_on_processes(work, together, processes, finish)
        _raise_for(lost, place)


def _in_turn(tasks: Tasks, workers: int) -> Iterator[tuple[Tasks, int]]:
    """Yield tasks to be done together, the large ones first, and by how many processes.

    Each that is much larger than others is done alone, on all cores: two at once might be more than the memory holds.
    """
    size = {key: task.n_pipes for key, task in tasks.items()}
    most = MUCH_LARGER * sum(size.values()) / len(size)
    ordered = sorted(tasks, key=lambda key: -size[key])
    alone = [key for key in ordered if size[key] > most]
    for key in alone:
        yield {key: tasks[key]}, 1
    if others := ordered[len(alone) :]:
        yield {key: tasks[key] for key in others}, workers


def _on_cluster(scheduler: str, missing: Tasks, finish: Callable[[str, pd.DataFrame], None], place: Path) -> Lost:
    try:
        with on_cluster(scheduler, in_both("partitions_need_dask")) as (executor, gone):
            lost = collect(executor, work, missing, finish, gone)
            if lost and gone() and not any(isinstance(error, DrainageError) for error in lost.values()):
                raise ConnectionResetError(os.strerror(errno.ECONNRESET))
            return lost
    except (OSError, ValueError) as error:
        raise SimulationError(in_both("scheduler_gone", scheduler=scheduler, error=error, place=place)) from error


def _raise_for(lost: Lost, place: Path) -> None:
    """Raise what a task raised, which the user can mend, before what befell the workers."""
    if not lost:
        return
    errors: list[BaseException] = [error for error in lost.values() if isinstance(error, DrainageError)]
    errors += [error for error in lost.values() if isinstance(error, OSError) and means_full(error)]
    if errors:
        raise errors[0]
    name, error = next(iter(lost.items()))
    said = in_both("pieces_lost", count=len(lost), first=name, error=str(error) or type(error).__name__, place=place)
    raise SimulationError(said) from error
