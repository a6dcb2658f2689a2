"""What the jobs of `tests.support.job_kinds` do in their limited process, which loads nothing else."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from drainage.said import Said
from drainage_api.jobs.child import Told

STEP = Said("half", "一半")


def double(given: dict[str, Any], told: Told) -> dict[str, Any]:
    """Give the double."""
    told.step(0.5, STEP)
    told.part("found", {"found": given["argument"]})
    return {"answer": 2 * int(given["argument"])}


def slow(given: dict[str, Any], told: Told) -> dict[str, Any]:
    """Take some seconds, and load the disk and the processor a little."""
    until = time.monotonic() + float(given["argument"])
    told.step(0.1, STEP)
    told.part("found", {"found": "early"})
    while time.monotonic() < until:
        Path("some").write_bytes(os.urandom(100_000))
        told.step(0.5, STEP)
        time.sleep(0.01)
    return {"answer": "slow"}


def refuse(given: dict[str, Any], told: Told) -> dict[str, Any]:
    """Refuse what was given, with the place where it lies."""
    del told
    import drainage as dr

    raise dr.errors.FormatError(Said(f"{Path.cwd()}/delivered.gpkg: {given['argument']}", f"{Path.cwd()}: 不可读"))


def memory(given: dict[str, Any], told: Told) -> dict[str, Any]:
    """Take more memory than there is."""
    del given, told
    return {"answer": len(bytes(100_000_000_000))}


def processor(given: dict[str, Any], told: Told) -> dict[str, Any]:
    """Compute for ever."""
    del given, told
    while True:
        pass


def file(given: dict[str, Any], told: Told) -> dict[str, Any]:
    """Write a large file."""
    del told
    with Path("large").open("wb") as large:
        large.writelines(bytes(1_000_000) for _ in range(int(given["argument"])))
    return {"answer": "written"}


def crash(given: dict[str, Any], told: Told) -> dict[str, Any]:
    """End as the argument says, without a word."""
    del told
    os.kill(os.getpid(), getattr(signal, given["argument"]))
    time.sleep(5)
    return {"answer": "alive"}


def wrong(given: dict[str, Any], told: Told) -> dict[str, Any]:
    """Break down as a fault of a program does."""
    del told
    return {"answer": 1 // (len(given) - 1)}


def outside(given: dict[str, Any], told: Told) -> dict[str, Any]:
    """Tell what can be reached: an address, the secrets of the environment, other programs."""
    del told
    try:
        with socket.create_connection(("127.0.0.1", int(given["argument"])), 1):
            reached = True
    except OSError:
        reached = False
    secret = sorted(name for name in os.environ if name.startswith("DRAINAGE_"))
    nice = os.nice(0)
    return {
        "answer": {
            "reached": reached,
            "secret": secret,
            "nice": nice,
            "here": sorted(path.name for path in Path().iterdir()),
        }
    }


def forks(given: dict[str, Any], told: Told) -> dict[str, Any]:
    """Start a program that would outlive it, and tell which."""
    del given
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    told.part("found", {"found": str(child.pid)})
    time.sleep(60)
    return {"answer": child.pid}
