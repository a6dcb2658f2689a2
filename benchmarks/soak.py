"""The server under 200 readers for ten minutes: its memory each few seconds, and how long `/health` takes meanwhile.

Then a hundred clients ask for 10,000 features each and leave after a second.

    python benchmarks/soak.py REPORT [--minutes 10] [--readers 200] [--workers 2] [--store DIR --key KEY]

Readers ask for pages, boxes, filters and single features in turn, with wrk. It ends with 1 where memory is not flat:
where the workers together hold at the end more than a tenth above what they held after the first fifth of the time.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit

import serving

import drainage as dr


def main() -> None:
    """Ask for so many minutes, print the course, and judge it."""
    options = _options()
    contender = next(one for one in serving.contenders(options) if one.name == "drainage")
    asked = _questions(options.report, options.folder)
    with serving.running(contender, options.folder) as (address, process):
        asking = ["wrk", "-t2", f"-c{options.readers}", f"-d{options.minutes * 60:.0f}s", "--timeout", "30s"]
        asking += ["-s", str(serving.HERE / "asks.lua")]
        if options.key:
            asking += ["-H", f"Authorization: Bearer {options.key}"]
        wrk = subprocess.Popen([*asking, address, "--", str(asked)], stdout=subprocess.PIPE, text=True)
        course = _watched(process.pid, address, wrk)
        told = json.loads((wrk.communicate()[0] or "{}").splitlines()[-1])
        left = _left(address, options.key)
    fifth = course[len(course) // 5 :]
    first, last, most = fifth[0][1], fifth[-1][1], max(mib for _, mib, _ in course)
    slowest = max(seconds for _, _, seconds in course)
    told_of = f"MiB after a fifth {first:.0f}, at the end {last:.0f}, most {most:.0f}"
    print(f"{told_of}; slowest /health {slowest * 1000:.0f} ms")
    print(f"100 clients who ask for 10,000 and leave: slowest /health {left * 1000:.0f} ms")
    print(json.dumps({"requests": told, "course": course[:: max(1, len(course) // 20)]}))
    sys.exit(int(last > 1.1 * first))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("report", type=Path)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--readers", type=int, default=200)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--store", type=Path)
    parser.add_argument("--key", default="")
    options = parser.parse_args()
    options.folder, options.peers, options.database = Path(tempfile.mkdtemp(prefix="soak-")), None, None
    options.only = ["drainage"]
    return options


def _questions(report: Path, folder: Path) -> Path:
    """Write what is asked: pages, boxes, filters and features by id, mixed."""
    rng = random.Random(11)
    asked = serving.write_questions(report, folder)
    ids = dr.read_report(report).collections[serving.LAYER].index
    items = f"/collections/{serving.LAYER}/items"
    lines = [items + line for name in ("items", "bbox", "filter") for line in asked[name].read_text().split("\n")]
    lines += [f"{items}/{rng.choice(ids)}" for _ in range(1000)]
    rng.shuffle(lines)
    (folder / "mixed").write_text("\n".join(lines), encoding="utf-8")
    return folder / "mixed"


def _watched(leader: int, address: str, wrk: subprocess.Popen[str]) -> list[tuple[float, float, float]]:
    """Return second, MiB that the processes hold together, and seconds of `/health`, each few seconds."""
    begun = time.monotonic()
    course = []
    while wrk.poll() is None:
        since = time.monotonic()
        with urllib.request.urlopen(f"{address}/health", timeout=30) as answer:  # noqa: S310 - this machine's
            answer.read()
        course.append((round(since - begun, 1), round(_held_mib(leader), 1), round(time.monotonic() - since, 4)))
        threading.Event().wait(2.0)
    return course


def _left(address: str, key: str) -> float:
    """Return how long `/health` takes at most while a hundred clients ask for much, leave, and have left, in s."""
    place = urlsplit(address)
    fields = f"Host: {place.netloc}\r\n" + (f"Authorization: Bearer {key}\r\n" if key else "")
    asked = f"GET /collections/{serving.LAYER}/items?limit=10000 HTTP/1.1\r\n{fields}\r\n".encode()
    clients = [socket.create_connection((str(place.hostname), place.port or 80)) for _ in range(100)]
    for client in clients:
        client.sendall(asked)
    begun, longest = time.monotonic(), 0.0
    while (passed := time.monotonic() - begun) < 5:
        if passed > 1 and clients:
            while clients:
                clients.pop().close()
        since = time.monotonic()
        with urllib.request.urlopen(f"{address}/health", timeout=30) as answer:  # noqa: S310 - this machine's
            answer.read()
        longest = max(longest, time.monotonic() - since)
    return longest


def _held_mib(leader: int) -> float:
    """Return what a process and its workers hold, what they share counted once (proportional set size)."""
    children = Path(f"/proc/{leader}/task/{leader}/children").read_text(encoding="ascii").split()
    total = 0.0
    for pid in [str(leader), *children]:
        told = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
        total += next(float(line.split()[1]) for line in told.splitlines() if line.startswith("Pss:"))
    return total / 1024


if __name__ == "__main__":
    os.environ.setdefault("PYTHONPATH", os.pathsep.join(sys.path))
    main()
