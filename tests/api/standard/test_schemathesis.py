"""Every address with thousands of questions made from the description itself, also one after the other along its links.

No answer is a 5xx, and none is one that the description does not know. The seed is fixed: a finding comes again.
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

pytestmark = pytest.mark.long
ROOT = Path(__file__).parents[3]
SEED = 19
CHECKS = (
    "not_a_server_error", "status_code_conformance", "content_type_conformance", "response_schema_conformance",
    "response_headers_conformance",
)  # fmt: skip


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """The hand-made report on a server in a process of its own."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    factory = "tests.api.standard.sites:hand_app"
    command = [sys.executable, "-m", "uvicorn", "--factory", factory, "--port", str(port), "--log-level", "error"]
    process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'api'}"})
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


def test_no_question_is_answered_by_a_fault_or_in_a_way_that_is_not_described(address: str, tmp_path: Path) -> None:
    program = Path(sys.executable).with_name("schemathesis")
    command = [str(program), "run", f"{address}/api", "--seed", str(SEED), "--phases", "coverage,fuzzing,stateful"]
    command += ["--max-examples", "70", "--generation-deterministic", "--checks", ",".join(CHECKS)]
    command += ["--continue-on-failure", "--no-color"]
    told = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=900, check=False)
    assert told.returncode == 0, told.stdout[-5_000:]
    made = re.search(r"([\d,]+) generated", told.stdout)
    assert made is not None, told.stdout[-2_000:]
    assert int(made[1].replace(",", "")) >= 5_000
