"""The door of a real server of two processes, from outside: what one of them learns the other knows at once."""

from __future__ import annotations

import http.client
import json
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from drainage_api.store.opened import Store
from tests.support.api_reports import hand_made
from tests.support.running import Running, in_process

MAP = "/map"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[tuple[Running, int, Path]]:
    """A server of the hand-made report with two workers and an empty store."""
    hand_made().write(tmp_path / "out")
    place = tmp_path / "store"
    with in_process(tmp_path / "log", results=str(tmp_path / "out"), workers="2", store=str(place)) as running:
        yield running.ready(), running.port, place


def ask(port: int, path: str, method: str = "GET", body: str = "", **headers: str) -> tuple[int, str, dict[str, str]]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request(method, path, body or None, headers)
        answer = connection.getresponse()
        return answer.status, answer.read().decode(), dict(answer.getheaders())
    except OSError:
        return 0, "", {}
    finally:
        connection.close()


@pytest.mark.long
def test_a_key_a_session_and_the_log_are_of_all_processes(server: tuple[Running, int, Path]) -> None:
    running, port, place = server
    assert {ask(port, "/")[0] for _ in range(20)} == {200}
    assert ask(port, "/", **{"X-Forwarded-For": "10.0.0.7"})[0] == 403
    with Store.opened(place) as store:
        _, text = store.keys.add("Wang", "engineer")
        assert {ask(port, MAP)[0] for _ in range(40)} == {401}
        key = {"Authorization": f"Bearer {text}"}
        with ThreadPoolExecutor(8) as many:
            got = list(many.map(lambda _: ask(port, MAP, **key)[0], range(400)))
        assert set(got) == {200}
        status, page, headers = ask(port, "/login")
        assert status == 200
        form = {"Cookie": headers["set-cookie"].split(";")[0], "Content-Type": "application/x-www-form-urlencoded"}
        token = page.split('name="token" value="')[1].split('"')[0]
        status, _, headers = ask(port, "/login", "POST", f"token={token}&key={text}", **form)
        assert status == 303
        cookie = {"Cookie": headers["set-cookie"].split(";")[0]}
        assert {ask(port, MAP, **cookie)[0] for _ in range(40)} == {200}
        store.keys.revoke("Wang")
        assert {ask(port, MAP, **one)[0] for one in (key, cookie) for _ in range(9)} == {401}
    assert running.end() == 0
    with Store.opened(place) as store:
        assert store.verified().broken is None
    written = [json.loads(line) for line in (place / "audit.jsonl").read_bytes().splitlines()]
    assert [one["event"] for one in written].count("read") == 440
    asked = [one["request"] for one in written if "request" in one]
    assert len(set(asked)) == len(asked) >= 440


@pytest.mark.long
@pytest.mark.parametrize("number", range(5))
def test_a_server_that_is_killed_leaves_a_log_that_holds(server: tuple[Running, int, Path], number: int) -> None:
    running, port, place = server
    with Store.opened(place) as store:
        text = store.keys.add("Wang", "engineer")[1]
    with ThreadPoolExecutor(8) as many:
        asked = [many.submit(ask, port, MAP, Authorization=f"Bearer {text}") for _ in range(400)]
        asked += [many.submit(ask, port, MAP) for _ in range(100)]
        time.sleep(0.4 + 0.2 * number)
        running.process.kill()
        for one in asked:
            one.cancel()
    time.sleep(1.0)  # the workers hear that their leader is gone
    with Store.opened(place) as store:
        assert store.verified().broken is None
        store.note("key made")
        assert store.verified().broken is None


def test_a_disk_without_room_leaves_whole_lines(tmp_path: Path) -> None:
    """As a full disk does, a limit on the size of files stops a write in the middle."""
    code = (
        "import resource, sys; from pathlib import Path; from drainage_api.store.opened import Store\n"
        "store = Store.of(Path(sys.argv[1])); resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, 400_000))\n"
        "for _ in range(1000): store.audit.append([{'event': 'read', 'asked': 'x' * 1000}] * 30)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, tmp_path / "store"], capture_output=True, check=False)
    assert b"StoreError" in done.stderr
    with Store.opened(tmp_path / "store") as store:
        before = store.verified()
        assert (before.broken, before.lost, tuple(before.torn)) == (None, 0, ())
        assert before.entries > 100
        store.note("key made")
        assert store.verified().entries == before.entries + 1
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] == resource.RLIM_INFINITY
