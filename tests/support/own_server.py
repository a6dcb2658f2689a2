"""A server in a process of its own, as its visitors have it."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]


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
