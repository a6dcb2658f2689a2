"""The server as a process: workers, reloading, its end, what clients may do to it. Truth: from outside, by sockets."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Self

import pytest

import drainage as dr
from tests.support.running import Running, answer_of, heard, in_process, parsed

pytestmark = pytest.mark.long

ITEMS = "/collections/pipes/items"


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of the demo city, of 5,317 pipes."""
    folder = tmp_path_factory.mktemp("served") / "report"
    dr.analyze(dr.load_demo().as_of("2018-12-31"), storm=None).write(folder)
    return folder


def until(true: Callable[[], bool], seconds: float = 120.0) -> None:
    """Wait until it is."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.1)


class Asking:
    """Somebody who asks for health all the time, and remembers the longest answer and every failure."""

    def __init__(self, port: int, path: str = "/health") -> None:
        self.port, self.path, self.longest, self.failed, self.answered = port, path, 0.0, list[str](), 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._ask)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _ask(self) -> None:
        while not self._stop.wait(0.02):
            begun = time.monotonic()
            try:
                status = answer_of(self.port, self.path)[0]
            except OSError as error:
                self.failed.append(repr(error))
                continue
            self.longest = max(self.longest, time.monotonic() - begun)
            self.answered += 1
            if status != 200:
                self.failed.append(str(status))


class TestAlone:
    def test_it_answers_health_before_it_is_ready_and_ends_with_0(self, report: Path, tmp_path: Path) -> None:
        with in_process(tmp_path / "log", results=str(report)) as running:
            until(lambda: running.process.poll() is None and _answers(running.port, "/health"))
            running.ready()
            assert json.loads(answer_of(running.port, ITEMS)[2])["numberMatched"] == 5317
            assert running.end() == 0
        assert all({"time", "level", "message"} <= line.keys() for line in running.log())

    def test_what_cannot_be_served_is_said_in_one_line(self, tmp_path: Path) -> None:
        with in_process(tmp_path / "log", results=str(tmp_path / "nothing")) as running:
            assert running.process.wait(60) == 1
        told = (tmp_path / "log").read_text()
        assert "nothing" in told
        assert "Traceback" not in told

    def test_a_report_that_is_replaced_is_served_without_a_gap_and_a_bad_one_is_not(
        self, report: Path, tmp_path: Path
    ) -> None:
        served = tmp_path / "report"
        shutil.copytree(report, served)
        with in_process(tmp_path / "log", results=str(served), watch_s="0.2") as running:
            running.ready()
            before = _digest(running.port)
            with Asking(running.port, f"{ITEMS}?limit=1") as asking:
                dr.analyze(dr.load_demo().as_of("2021-05-07"), storm=None).write(served, force=True)
                until(lambda: _digest(running.port) != before)
                after = _digest(running.port)
                (served / "pipes.gpkg").write_bytes(b"broken")
                os.utime(served / "drainage-files.json")
                until(lambda: b"failed" in answer_of(running.port, "/ready")[2])
                time.sleep(0.5)
            assert _digest(running.port) == after
            assert answer_of(running.port, "/ready")[0] == 200
            assert (asking.failed, asking.answered > 20) == ([], True)
            assert any("served on" in line["message"] for line in running.log())
            assert str(tmp_path).encode() not in answer_of(running.port, "/ready")[2]

    def test_the_answers_under_way_are_finished_and_new_ones_refused(self, report: Path, tmp_path: Path) -> None:
        with in_process(tmp_path / "log", results=str(report)) as running:
            running.ready()
            with socket.socket() as client:
                client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)  # so that most of it is still to be sent
                client.connect(("127.0.0.1", running.port))
                client.sendall(f"GET {ITEMS}?limit=5000 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
                begun = client.recv(1)
                running.process.send_signal(signal.SIGTERM)
                until(lambda: _refuses(running.port))
                status, _, body = parsed(begun + heard(client))
            assert (status, len(json.loads(body)["features"])) == (200, 5000)
            assert running.process.wait(20) == 0


class TestWorkers:
    @pytest.fixture
    def running(self, report: Path, tmp_path: Path) -> Iterator[Running]:
        served = tmp_path / "report"
        shutil.copytree(report, served)
        with in_process(tmp_path / "log", results=str(served), workers="2", watch_s="0.2") as running:
            yield running.ready()

    def test_it_is_ready_only_when_nobody_is_left_who_has_nothing_to_serve(self, report: Path, tmp_path: Path) -> None:
        """Those who answered `/health` while it was read are held back as long as a busy machine may hold them."""
        with in_process(tmp_path / "log", results=str(report), workers="2") as running:
            until(lambda: len(running.workers()) == 2 and all(map(_hears, running.workers())))
            time.sleep(0.2)  # their leader is told at once
            empty = running.workers()
            for pid in empty:
                os.kill(pid, signal.SIGSTOP)
            until(lambda: len(running.workers()) == 4)
            assert answer_of(running.port, "/ready", timeout_s=60)[0] == 503
            for pid in empty:
                os.kill(pid, signal.SIGCONT)
            running.ready()
            assert not set(empty) & set(running.workers())
            assert answer_of(running.port, f"{ITEMS}?limit=1")[0] == 200

    def test_one_that_dies_is_started_again_and_the_others_answer_meanwhile(self, running: Running) -> None:
        until(lambda: len(running.workers()) == 2)
        first = running.workers()
        os.kill(first[0], signal.SIGKILL)
        until(lambda: len(running.workers()) == 2 and running.workers() != first)
        assert first[1] in running.workers()
        for _ in range(20):
            assert answer_of(running.port, f"{ITEMS}?limit=1")[0] == 200

    def test_a_new_report_is_taken_without_a_gap_by_all(self, running: Running, tmp_path: Path) -> None:
        before, first = _digest(running.port), running.workers()
        with Asking(running.port, f"{ITEMS}?limit=1") as asking:
            dr.analyze(dr.load_demo().as_of("2021-05-07"), storm=None).write(tmp_path / "report", force=True)
            until(lambda: _digest(running.port) != before)
            until(lambda: len(running.workers()) == 2 and not set(first) & set(running.workers()))
        assert asking.failed == []
        assert len({_digest(running.port) for _ in range(20)}) == 1
        assert before != _digest(running.port)

    def test_a_hangup_reads_it_anew(self, running: Running) -> None:
        first = running.workers()
        running.process.send_signal(signal.SIGHUP)
        until(lambda: len(running.workers()) == 2 and not set(first) & set(running.workers()))
        assert answer_of(running.port, "/ready")[0] == 200

    def test_they_count_into_one(self, running: Running) -> None:
        for _ in range(50):
            answer_of(running.port, f"{ITEMS}?limit=1")
        line = b'drainage_requests_total{route="/collections/{collection_id}/items",status="200"} 50.0'
        until(lambda: line in answer_of(running.port, "/metrics")[2])

    def test_they_end_with_their_leader_however_it_ends(self, running: Running) -> None:
        workers = running.workers()
        running.process.kill()
        running.process.wait()
        until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in workers))

    def test_all_end_when_told_to(self, running: Running) -> None:
        workers = running.workers()
        assert running.end() == 0
        assert not any(Path(f"/proc/{pid}").exists() for pid in workers)
        with pytest.raises(ConnectionRefusedError):
            answer_of(running.port, "/health")


class TestAttacks:
    """Bounded: whatever one client does, `/health` answers, memory and the log do not run away.

    How soon it answers is measured by `benchmarks/soak.py`; here it must not stop, as it once did for 14 s.
    """

    @pytest.fixture
    def running(self, report: Path, tmp_path: Path) -> Iterator[Running]:
        with in_process(tmp_path / "log", "prlimit", "--nofile=1024", results=str(report)) as running:
            yield running.ready()

    @contextmanager
    def bounded(self, running: Running, *, longest_s: float = 6.0, most_mb: float = 400.0) -> Iterator[None]:
        answer_of(running.port, f"{ITEMS}?limit=10000", timeout_s=60)
        memory, log = running.resident_bytes(), running.log_file.stat().st_size
        with Asking(running.port) as asking:
            yield
            time.sleep(0.5)
        assert asking.failed == []
        assert asking.answered > 5
        assert asking.longest <= longest_s
        assert running.resident_bytes() - memory < most_mb * 1e6
        lines = running.log_file.stat().st_size - log - 400 * asking.answered
        assert lines < 500_000

    def test_half_open_requests(self, running: Running) -> None:
        with self.bounded(running), ExitStack() as clients:
            for _ in range(1200):
                client = clients.enter_context(socket.create_connection(("127.0.0.1", running.port), 10))
                client.sendall(b"GET /collections HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ")
            time.sleep(12)
        used = running.cpu_s()
        time.sleep(1)
        assert running.cpu_s() - used < 0.5

    def test_clients_who_ask_for_much_and_leave(self, running: Running) -> None:
        asked = f"GET {ITEMS}?limit=10000 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()
        with self.bounded(running), ExitStack() as clients:
            for _ in range(100):
                clients.enter_context(socket.create_connection(("127.0.0.1", running.port), 10)).sendall(asked)
            time.sleep(1)
        assert answer_of(running.port, f"{ITEMS}?limit=1", timeout_s=10)[0] == 200

    def test_clients_who_ask_for_much_and_do_not_read(self, running: Running) -> None:
        asked = f"GET {ITEMS}?limit=10000 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()
        with self.bounded(running), ExitStack() as clients:
            for _ in range(100):
                clients.enter_context(socket.create_connection(("127.0.0.1", running.port), 10)).sendall(asked)
            time.sleep(10)

    def test_malformed_requests(self, running: Running) -> None:
        with self.bounded(running):
            for k in range(3000):
                with socket.create_connection(("127.0.0.1", running.port), 10) as client:
                    client.sendall(os.urandom(200) if k % 2 else b"GET / HTTP/1.1\r\nHost: a\r\n: \r\n\r\n")

    @pytest.mark.parametrize(
        "begun", [b"GET /", b"GET / HTTP/1.1\r\nX: ", b"POST / HTTP/1.1\r\nContent-Length: 9999999\r\n\r\n"]
    )
    def test_huge_requests(self, running: Running, begun: bytes) -> None:
        with (
            self.bounded(running),
            socket.create_connection(("127.0.0.1", running.port), 10) as client,
            pytest.raises(ConnectionError),
        ):
            client.sendall(begun + b"a" * 200_000_000)

    def test_repeated_and_endless_parameters(self, running: Running) -> None:
        with self.bounded(running):
            for query in ("area=&" * 4000, f"diameter_mm={'1' * 20_000}x", "&".join(f"n{k}=" for k in range(4000))):
                for _ in range(20):
                    assert answer_of(running.port, f"{ITEMS}?{query}")[0] in {400, 414, 431}


def _digest(port: int) -> str:
    return str(json.loads(answer_of(port, "/health")[2])["digest"])


def _hears(pid: int) -> bool:
    """Whether a worker hears that it is to end, as it does once it answers."""
    told = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return not int(told.partition("SigBlk:")[2].split()[0], 16) & 1 << (signal.SIGTERM - 1)


def _refuses(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port)).close()
    except ConnectionRefusedError:
        return True
    return False


def _answers(port: int, path: str) -> bool:
    try:
        return answer_of(port, path)[0] == 200
    except OSError:
        return False
