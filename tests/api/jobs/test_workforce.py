"""Workers beside a server: started with it, again when they die, ended with it however it ends."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.running import Running, answer_of, in_process
from tests.support.stores import Where
from tests.support.submitting_town import Town, settled, victims, wrong_in

pytestmark = pytest.mark.long


def until(true: Callable[[], bool], seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.1)


def lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def answers(port: int) -> bool:
    with contextlib.suppress(OSError):
        return answer_of(port, "/health")[0] == 200
    return False


@contextlib.contextmanager
def submitting(town: Town, senders: int = 1) -> Iterator[None]:
    threads = [threading.Thread(target=town.submit, args=(k,)) for k in range(senders)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        town.over.set()
        for thread in threads:
            thread.join(60)
            assert not thread.is_alive()


@pytest.fixture
def town(where: Where, tmp_path: Path) -> Town:
    return Town(tmp_path / "town", where.url)


@pytest.mark.parametrize("workers", ["1", "2"])
class TestProcesses:
    @pytest.fixture
    def running(self, town: Town, workers: str) -> Iterator[Running]:
        with town.served(workers=workers, job_workers="1") as running:
            running.ready()
            until(lambda: any("a worker is ready" in line["message"] for line in running.log()))
            yield running

    def test_one_that_dies_is_started_again_and_told(self, running: Running, town: Town) -> None:
        (first,) = victims(running.process.pid)["worker"]
        os.kill(first, signal.SIGKILL)
        until(lambda: victims(running.process.pid)["worker"] not in ([], [first]))
        told = town.ask("GET /metrics", town.operator, raw=True)[1]["text"]
        assert "drainage_job_workers 1.0" in str(told)
        assert "drainage_job_worker_restarts_total 1.0" in str(told)
        assert 'drainage_jobs{state="waiting"} 0.0' in str(told)
        assert json.loads(answer_of(running.port, "/ready")[2])["jobs"] == {"waiting": 0, "running": 0, "oldest_s": 0.0}

    @pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
    def test_all_end_with_the_server_however_it_ends(self, running: Running, town: Town, how: signal.Signals) -> None:
        with submitting(town):
            until(lambda: victims(running.process.pid)["job"] != [])
            found = victims(running.process.pid)
            town.over.set()
            running.process.send_signal(how)
            running.process.wait(40)
        until(lambda: not any(lives(pid) for pids in found.values() for pid in pids), 15)
        if how == signal.SIGTERM:
            assert running.process.returncode == 0
            with town.opened() as store:
                assert store.queue.counts().running == 0, "what was under way waits for the next worker"


def test_two_servers_over_one_store_do_each_job_once(town: Town) -> None:
    with town.served(job_workers="1"), town.served(job_workers="1") as second:
        second.ready()
        with submitting(town, 2):
            time.sleep(10)
    settled(town)
    assert wrong_in(town) == []
    assert len(town.accepted) > 3


def test_there_are_none_without_a_store_for_the_public_or_where_none_is_wanted(town: Town, tmp_path: Path) -> None:
    for number, said in enumerate(({"job_workers": "0"}, {"public_only": "true"})):
        with town.served(**said) as running:
            until(lambda: answers(running.port))
            time.sleep(1)
            assert victims(running.process.pid)["worker"] == [], number
    with in_process(tmp_path / "log", results=str(town.results)) as running:
        running.ready()
        assert victims(running.process.pid)["worker"] == []
        assert json.loads(answer_of(running.port, "/ready")[2])["jobs"] is None
