"""Thousands of submissions, decisions and questions made from the description, one after the other along its links.

No answer is a 5xx, and none is one that the description does not know; afterwards the store is whole.
"""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from drainage_api.store.opened import Store
from tests.api.standard.test_schemathesis import CHECKS, ROOT, SEED

pytestmark = pytest.mark.long
HOOKS = "import schemathesis\nfrom tests.api.submitting.site import map_body\nschemathesis.hook(map_body)\n"
PATHS = r"^/(submissions|notices|jobs|receipts|pay-sheet)"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "store"


@pytest.fixture
def address(place: Path) -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "uvicorn", "--factory", "tests.api.submitting.site:desk_app"]
    process = subprocess.Popen(
        [*command, "--port", str(port), "--log-level", "error"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'api'}", "DESK_STORE": str(place)},
    )
    try:
        for _ in range(600):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=2).close()
                break
            except OSError:
                time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(30)


def test_no_order_of_requests_is_answered_by_a_fault(address: str, place: Path, tmp_path: Path) -> None:
    hooks = tmp_path / "hooks_of_desk.py"
    hooks.write_text(HOOKS, encoding="utf-8")
    key = place.with_suffix(".key").read_text()
    program = Path(sys.executable).with_name("schemathesis")
    command = [str(program), "run", f"{address}/api", "--seed", str(SEED), "--phases", "coverage,fuzzing,stateful"]
    command += ["--include-path-regex", PATHS, "--header", f"Authorization: Bearer {key}"]
    command += ["--max-examples", "60", "--generation-deterministic", "--checks", ",".join(CHECKS)]
    command += ["--continue-on-failure", "--no-color"]
    paths = f"{tmp_path}:{ROOT}:{ROOT / 'api'}"
    environment = {**os.environ, "PYTHONPATH": paths, "SCHEMATHESIS_HOOKS": "hooks_of_desk"}
    told = subprocess.run(
        command, cwd=tmp_path, capture_output=True, text=True, timeout=900, check=False, env=environment
    )
    assert told.returncode == 0, told.stdout[-60_000:] + told.stderr[-2_000:]
    made = re.search(r"([\d,]+) generated", told.stdout)
    assert made is not None, told.stdout[-2_000:]
    assert int(made[1].replace(",", "")) >= 1_000
    with Store.opened(place) as store:
        found, matched = store.submissions.listed(limit=100_000)
        states = {one.state for one in found}
        assert matched > 20
        assert {"received", "computed", "accepted"} <= states, states
        history = store.submissions.history([one.id for one in found])
        assert all(history[one.id][-1].state == one.state for one in found)
        accepted = [one for one in found if one.state == "accepted"]
        assert len(store.versions.history()) == len(accepted) + 1
        verdict = store.verified()
        assert (verdict.broken, verdict.lost) == (None, 0)
