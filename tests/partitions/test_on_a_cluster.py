"""The same answers by processes and by a Dask cluster, whoever of them is killed in the middle."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pandas as pd
import pytest

import drainage as dr
from drainage.errors import SimulationError
from drainage.partitions.answering import read_answers
from drainage.partitions.kept_folders import is_whole
from drainage.simulation.ensemble import workers
from drainage.words import in_both
from tests.support.partitioned import assert_alike, whole

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = [pytest.mark.long, pytest.mark.skipif(not Path("/proc").is_dir(), reason="processes are found in /proc")]

ROOT: Final = Path(__file__).parents[2]
DAY: Final = "2018-12-31"
#: Longest that anything here may take, s.
PATIENCE_S: Final = 300.0
#: A LocalCluster of the library in a process of its own, which writes its address and ends when its input does.
CLUSTER: Final = """
import sys
if __name__ == "__main__":
    from distributed import LocalCluster
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster:
        print(cluster.scheduler_address, flush=True)
        sys.stdin.read()
"""


@contextmanager
def running(*words: str, **settings: str) -> Iterator[subprocess.Popen[str]]:
    """Run a program of ours, and end it by its own number whatever happens."""
    environment = os.environ | {"PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'api'}"} | settings
    with subprocess.Popen(
        [sys.executable, *words], text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env=environment, cwd=ROOT,
    ) as program:  # fmt: skip
        try:
            yield program
        finally:
            if program.poll() is None:
                program.kill()


def analyze(out: Path, *more: str) -> tuple[str, ...]:
    words = ("-m", "drainage", "analyze", str(ROOT / "data" / "pipes.geojson"), "--as-of", DAY, "--storm-formula")
    return (*words, "demo", "--partitions", "8", "--workers", "2", "-o", str(out), "--lang", "en", *more)


def children(number: int) -> list[int]:
    """Return the processes that a process has begun, and those that they began."""
    own = [int(one) for file in Path(f"/proc/{number}/task").glob("*/children") for one in file.read_text().split()]
    return [*own, *(grandchild for child in own for grandchild in children(child))]


def workers_of(number: int) -> list[int]:
    """Return those of them that do tasks."""
    return [child for child in children(number) if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes()]


def wait_until(holds: Callable[[], bool], program: subprocess.Popen[str]) -> None:
    until = time.monotonic() + PATIENCE_S
    while not holds() and time.monotonic() < until and program.poll() is None:
        time.sleep(0.05)
    assert holds(), program.poll()


def some_answer(out: Path) -> bool:
    return any(is_whole(folder) for folder in out.with_name(f"{out.name}.pieces").glob("answers/[0-9]*"))


def assert_as_at_once(out: Path) -> None:
    net = dr.load_demo(DAY)
    storm = dr.DesignStorm(dr.read_storm_formula("demo"), return_period_a=3, duration_min=120)
    tables, summaries = whole(net, storm)
    got = read_answers(out)
    assert_alike((got, summaries), (tables, summaries))


def test_a_worker_that_is_killed_in_the_middle_loses_nothing(tmp_path: Path) -> None:
    out = tmp_path / "out"
    with running(*analyze(out)) as program:
        wait_until(lambda: some_answer(out), program)
        os.kill(workers_of(program.pid)[0], signal.SIGKILL)
        said, error = program.communicate(timeout=PATIENCE_S)
    assert program.returncode in {0, 2}, error
    assert "waterlogging" in said
    assert_as_at_once(out)
    assert not out.with_name("out.pieces").exists()


def test_a_cluster_one_of_whose_workers_is_killed_answers_the_same(tmp_path: Path) -> None:
    pytest.importorskip("distributed")
    out = tmp_path / "out"
    with running("-c", CLUSTER) as cluster:
        assert cluster.stdout is not None
        address = cluster.stdout.readline().strip()
        with running(*analyze(out, "--scheduler", address)) as program:
            wait_until(lambda: some_answer(out), program)
            os.kill(workers_of(cluster.pid)[0], signal.SIGKILL)
            _, error = program.communicate(timeout=PATIENCE_S)
        assert program.returncode in {0, 2}, error
    assert_as_at_once(out)


def test_where_the_scheduler_goes_away_the_same_command_goes_on_without_it(tmp_path: Path) -> None:
    pytest.importorskip("distributed")
    out = tmp_path / "out"
    with running("-c", CLUSTER) as cluster:
        assert cluster.stdout is not None
        address = cluster.stdout.readline().strip()
        with running(*analyze(out, "--scheduler", address)) as program:
            wait_until(lambda: some_answer(out), program)
            began = workers_of(cluster.pid)
            cluster.kill()
            _, error = program.communicate(timeout=PATIENCE_S)
        for worker in began:
            if Path(f"/proc/{worker}").is_dir():
                os.kill(worker, signal.SIGKILL)
    assert program.returncode == 1
    assert re.search(rf"{re.escape(address)}: the scheduler .* went away .* run the same command again", error), error
    assert "Traceback" not in error
    assert not out.exists()
    answers = {folder: folder.stat().st_mtime_ns for folder in out.with_name("out.pieces").glob("answers/[0-9]*")}
    assert answers
    with running(*analyze(out)) as program:
        _, error = program.communicate(timeout=PATIENCE_S)
    assert program.returncode in {0, 2}, error
    assert_as_at_once(out)


def test_an_address_at_which_nobody_listens_is_said(tmp_path: Path) -> None:
    pytest.importorskip("distributed")
    soon = {"DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT": "2s"}
    with running(*analyze(tmp_path / "out", "--scheduler", "tcp://127.0.0.1:9"), **soon) as program:
        _, error = program.communicate(timeout=PATIENCE_S)
    assert program.returncode == 1
    assert "tcp://127.0.0.1:9: the scheduler cannot be reached" in error


def test_a_scheduler_that_no_worker_joins_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    distributed = pytest.importorskip("distributed")
    monkeypatch.setattr(workers, "JOIN_S", 0.5)
    with distributed.LocalCluster(n_workers=0, dashboard_address=None) as cluster:
        address = cluster.scheduler_address
        with (
            pytest.raises(SimulationError, match=rf"{address}: no worker has joined .* dask worker {address}"),
            workers.on_cluster(address, in_both("needs_dask")),
        ):
            pass


def test_where_all_workers_leave_a_scheduler_and_none_comes_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    distributed = pytest.importorskip("distributed")
    monkeypatch.setattr(workers, "JOIN_S", 0.5)
    with distributed.LocalCluster(
        n_workers=1, threads_per_worker=1, processes=False, dashboard_address=None
    ) as cluster:
        address = cluster.scheduler_address
        with workers.on_cluster(address, in_both("needs_dask")) as (executor, gone):
            assert not gone()
            cluster.scale(0)
            with pytest.raises(SimulationError, match=rf"{address}: no worker has joined"):
                workers.collect(executor, pd.DataFrame, {"a": None}, lambda _, __: None, gone)
