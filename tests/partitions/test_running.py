"""Which tasks are done together, and by how many processes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from drainage.errors import SimulationError
from drainage.hydraulics.sewage import SewageRates
from drainage.partitions import running
from drainage.partitions.piece import Laid
from drainage.partitions.tasks import Asked, Task
from drainage.simulation.setup import Setup


def tasks_of(sizes: list[int], place: Path) -> list[Task]:
    asked = Asked(None, Setup(), mixed=True, rates=SewageRates(), names="")
    return [Task(place, Laid(f"{k:05}-0", (0.0, 0.0, 1.0, 1.0), size), asked) for k, size in enumerate(sizes)]


def test_on_a_machine_of_one_core_no_process_is_begun(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[int] = []
    monkeypatch.setattr("os.cpu_count", lambda: 1)
    monkeypatch.setattr(running, "work", lambda task: done.append(task.n_pipes))
    running.do(tasks_of([10, 500, 20], tmp_path), tmp_path, workers=None, scheduler=None, progress=lambda _: None)
    assert done == [10, 500, 20]


def test_a_much_larger_task_is_done_alone_on_all_cores_and_then_the_others_the_largest_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The others too where it is lost."""
    tasks = tasks_of([10, 30, 500, 20, 400, 10, 10], tmp_path)  # 140 in the mean
    done: list[tuple[list[int], int]] = []

    def work_on_processes(
        _work: object, jobs: Mapping[str, Task], workers: int, _finish: object
    ) -> dict[str, BaseException]:
        done.append(([job.n_pipes for job in jobs.values()], workers))
        return dict.fromkeys(jobs, MemoryError("full")) if workers == 1 else {}

    monkeypatch.setattr(running, "work_on_processes", work_on_processes)
    with pytest.raises(SimulationError, match=r"2 .*full"):
        running.do(tasks, tmp_path, workers=2, scheduler=None, progress=lambda _: None)
    assert done == [([500], 1), ([400], 1), ([30, 20, 10, 10, 10], 2)]
