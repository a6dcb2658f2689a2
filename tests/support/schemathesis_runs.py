"""Thousands of questions made from a description by schemathesis, asked of a server in a process of its own."""

from __future__ import annotations

import contextlib
import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
#: A finding comes again.
SEED: Final = 19
CHECKS: Final = (
    "not_a_server_error", "status_code_conformance", "content_type_conformance", "response_schema_conformance",
    "response_headers_conformance",
)  # fmt: skip


@contextlib.contextmanager
def served(factory: str, **environment: str) -> Iterator[str]:
    """Serve the application of a factory, ``module:function``, until the block ends; give its address."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "uvicorn", "--factory", factory, "--port", str(port), "--log-level", "error"]
    paths = {"PYTHONPATH": f"{ROOT}:{ROOT / 'api'}"}
    process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **paths, **environment})
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


def asked(address: str, folder: Path, *words: str, examples: int, **environment: str) -> int:
    """Ask what the description allows, no answer of which may be a fault; return how many questions were made."""
    program = Path(sys.executable).with_name("schemathesis")
    command = [str(program), "run", f"{address}/api", "--seed", str(SEED), "--phases", "coverage,fuzzing,stateful"]
    command += [*words, "--max-examples", str(examples), "--generation-deterministic", "--checks", ",".join(CHECKS)]
    command += ["--continue-on-failure", "--no-color"]
    told = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=900, check=False, env={**os.environ, **environment}
    )
    assert told.returncode == 0, told.stdout[-60_000:] + told.stderr[-2_000:]
    made = re.search(r"([\d,]+) generated", told.stdout)
    assert made is not None, told.stdout[-2_000:]
    return int(made[1].replace(",", ""))
