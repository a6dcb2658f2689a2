"""The limited process of a job. Truth: what the system lets a process do that asks for more than it may have."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from drainage.said import Said
from drainage_api.jobs.bounds import Limits
from drainage_api.jobs.running import JobError, KilledError, Process, StoppedError
from tests.conftest import ROOT
from tests.support import job_work
from tests.support.job_work import STEP


class Job:
    """A job without a queue: what it said is remembered."""

    def __init__(self, room: Path, **limits: float) -> None:
        self.stop, self.steps, self.parts = Event(), list[tuple[float, Said]](), list[dict[str, Any]]()
        self.process = Process(
            room, Limits(**limits), self.stop.is_set, lambda share, said: self.steps.append((share, said))  # type: ignore[arg-type]  # by name
        )  # fmt: skip

    def run(self, function: str, argument: object = "") -> Any:  # noqa: ANN401 - as the function gives it
        parts = {"found": self.parts.append}
        return self.process.run(f"{job_work.__name__}:{function}", {"argument": str(argument)}, parts)["answer"]


def test_tells_steps_and_parts_and_gives_the_answer(tmp_path: Path) -> None:
    job = Job(tmp_path)
    assert job.run("double", 21) == 42
    assert job.steps == [(0.5, STEP)]
    assert job.steps[0][1].chinese == STEP.chinese
    assert job.parts == [{"found": "21"}]


def test_has_no_network_no_settings_and_no_hurry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRAINAGE_DATABASE_URL", "postgresql://somebody:secret@host/db")
    with socket.create_server(("127.0.0.1", 0)) as listening:
        seen = Job(tmp_path).run("outside", listening.getsockname()[1])
    assert seen["secret"] == []
    assert seen["nice"] >= 10
    assert seen["here"] == ["errors.txt"]
    if Path("/proc/sys/user/max_net_namespaces").exists():
        assert not seen["reached"]


def test_a_refusal_is_in_both_languages_and_names_no_place(tmp_path: Path) -> None:
    with pytest.raises(JobError) as caught:
        Job(tmp_path).run("refuse", "of another town")
    assert (str(caught.value.said), caught.value.said.chinese) == ("delivered.gpkg: of another town", ": 不可读")


@pytest.mark.parametrize(
    ("function", "argument", "limits", "said"),
    [
        ("memory", "", {}, "memory"),
        pytest.param("processor", "", {"cpu_s": 1}, "CPU", marks=pytest.mark.long),
        pytest.param("slow", 60, {"wall_s": 1.0}, "minutes", marks=pytest.mark.long),
        ("file", 3, {"file_mb": 2}, "2 MB"),
        ("wrong", "", {}, "log of the server"),
        pytest.param("crash", "SIGSEGV", {}, "log of the server", marks=pytest.mark.long),
    ],
)
def test_what_takes_too_much_or_breaks_down_is_named(
    tmp_path: Path, function: str, argument: object, limits: dict[str, float], said: str
) -> None:
    with pytest.raises(JobError, match=said) as caught:
        Job(tmp_path, **limits).run(function, argument)
    assert caught.value.said.chinese != str(caught.value.said)


def test_one_that_is_killed_from_outside_is_told_from_one_that_fails(tmp_path: Path) -> None:
    with pytest.raises(KilledError):
        Job(tmp_path).run("crash", "SIGKILL")


def test_is_stopped_at_once_with_all_that_it_started(tmp_path: Path) -> None:
    job = Job(tmp_path)
    job.parts = Stopping(job.stop)
    begun = time.monotonic()
    with pytest.raises(StoppedError):
        job.run("forks")
    assert time.monotonic() - begun < 40
    until = time.monotonic() + 20
    while _lives(int(job.parts[0]["found"])) and time.monotonic() < until:
        time.sleep(0.05)
    assert not _lives(int(job.parts[0]["found"]))


class Stopping(list[dict[str, Any]]):
    """Stops a job as soon as it has told a part."""

    def __init__(self, stop: Event) -> None:
        super().__init__()
        self.stop = stop

    def append(self, part: dict[str, Any]) -> None:
        super().append(part)
        self.stop.set()


def _lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_ends_with_its_worker(tmp_path: Path) -> None:
    """A worker is killed: the process of its job goes with it, whatever it is doing."""
    told, tell = os.pipe()
    worker = os.fork()
    if worker == 0:
        os.close(told)
        job = Job(tmp_path)
        job.parts = Telling(tell)
        job.run("forks")
        os._exit(0)
    os.close(tell)
    child = int(os.read(told, 20))
    assert _lives(child)
    os.kill(worker, 9)
    os.waitpid(worker, 0)
    until = time.monotonic() + 5
    while _lives(child) and time.monotonic() < until:
        time.sleep(0.05)
    assert not _lives(child)


class Telling(list[dict[str, Any]]):
    """Tells the parent of the process that a part names."""

    def __init__(self, tell: int) -> None:
        super().__init__()
        self.tell = tell

    def append(self, part: dict[str, Any]) -> None:
        started = Path(f"/proc/{part['found']}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[1]
        os.write(self.tell, started.encode())


def test_the_process_of_a_job_loads_nothing_of_the_store() -> None:
    """What it does not need costs each job a second on a busy machine."""
    loaded = "import sys, drainage_api.jobs.child, drainage_api.jobs.limited; print(*sys.modules)"
    told = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, check=True, cwd=ROOT).stdout
    assert not {"sqlalchemy", "pydantic", "fastapi", "drainage_api.store.opened"} & {*told.split()}
