"""A hardened container: the package on a read-only mount, no home, nothing writable, another user.

As for the library (`tests/test_read_only.py`): items, the map and a trace, which compiles a loop, are answered.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

import drainage as dr
from tests.support.running import ROOT, answer_of

MOUNTS = """
mount --bind '{site}' '{site}' && mount -o remount,ro,bind '{site}' || exit 8
mount --bind '{report}' '{report}' && mount -o remount,ro,bind '{report}' || exit 8
touch '{site}/x' 2>/dev/null && exit 9
cd / && exec "$0" "$@"
"""


def may_mount() -> bool:
    return (
        shutil.which("unshare") is not None
        and not subprocess.run(["unshare", "-r", "-m", "true"], check=False).returncode
    )


@pytest.mark.long
def test_it_serves_where_nothing_can_be_written(tmp_path: Path) -> None:
    if not may_mount():
        pytest.skip("nothing can be mounted here")
    site, report = tmp_path / "site", tmp_path / "report"
    for name, place in (("drainage", "drainage"), ("drainage_api", "api/drainage_api")):
        shutil.copytree(ROOT / place, site / name, ignore=shutil.ignore_patterns("__pycache__"))
    net = dr.load_demo().as_of("2018-12-31")
    dr.analyze(net, storm=None).write(report)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    log = tmp_path / "log"
    with log.open("wb") as told:
        server = subprocess.Popen(
            ["unshare", "-r", "-m", "sh", "-c", MOUNTS.format(site=site, report=report), sys.executable, "-B",
             "-m", "drainage_api.server"],
            env={"PATH": os.environ["PATH"], "PYTHONPATH": str(site), "HOME": "/proc/nonexistent",
                 "TMPDIR": "/proc/nonexistent", "DRAINAGE_RESULTS": str(report), "DRAINAGE_PORT": str(port)},
            stdout=told, stderr=told,
        )  # fmt: skip
    try:
        _wait_until_ready(server, port, log)
        status, _, body = answer_of(port, "/collections/pipes/items?limit=2")
        assert (status, len(json.loads(body)["features"])) == (200, 2)
        assert answer_of(port, "/map", timeout_s=60)[0] == 200
        node = str(net.nodes.index[0])
        assert answer_of(port, f"/trace/{node}", timeout_s=60)[0] == 200
        assert answer_of(port, "/metrics")[0] == 200
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(30)


def _wait_until_ready(server: subprocess.Popen[bytes], port: int, log: Path) -> None:
    until = time.monotonic() + 60
    while True:
        assert server.poll() is None, log.read_text(encoding="utf-8")
        assert time.monotonic() < until, log.read_text(encoding="utf-8")
        try:
            if answer_of(port, "/ready")[0] == 200:
                return
        except OSError:
            time.sleep(0.2)
