"""A server that runs: in a thread of this process, for what is quick, or in a process of its own."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from fastapi import FastAPI

from drainage_api.server.serving import Server
from drainage_api.settings import Settings

ROOT = Path(__file__).parents[2]


@contextlib.contextmanager
def in_thread(app: FastAPI, **settings: Any) -> Iterator[tuple[int, Server]]:  # noqa: ANN401 - those of the server
    """Run a server of an application on a free port, until the block ends."""
    begun = threading.Event()
    server = Server(app, Settings(**settings), lambda _: begun.set())
    with socket.create_server(("127.0.0.1", 0)) as sock:
        port = sock.getsockname()[1]
        thread = threading.Thread(target=server.run, args=([sock],), daemon=True)
        thread.start()
        assert begun.wait(20)
        try:
            yield port, server
        finally:
            server.should_exit = True
            thread.join(20)
            assert not thread.is_alive()


class Running:
    """A server in a process of its own."""

    def __init__(self, process: subprocess.Popen[bytes], port: int, log: Path) -> None:
        self.process, self.port, self.log_file = process, port, log

    def log(self) -> list[dict[str, Any]]:
        """What it has logged so far."""
        return [json.loads(line) for line in self.log_file.read_text(encoding="utf-8").splitlines() if line[:1] == "{"]

    def told(self, path: str) -> str:
        """Return the body of an answer."""
        return answer_of(self.port, path)[2].decode()

    def workers(self) -> list[int]:
        """The processes that it has forked."""
        told = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text(encoding="ascii")
        return sorted(map(int, told.split()))

    def resident_bytes(self) -> int:
        """Memory of the process itself."""
        told = Path(f"/proc/{self.process.pid}/statm").read_text(encoding="ascii")
        return int(told.split()[1]) * os.sysconf("SC_PAGE_SIZE")

    def cpu_s(self) -> float:
        """Seconds of all cores that the process itself has used."""
        told = Path(f"/proc/{self.process.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        return (int(told[11]) + int(told[12])) / os.sysconf("SC_CLK_TCK")

    def ready(self, seconds: float = 60.0) -> Running:
        """Wait until it has something to serve."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            assert self.process.poll() is None, self.log_file.read_text(encoding="utf-8")
            with contextlib.suppress(OSError):
                if answer_of(self.port, "/ready")[0] == 200:
                    return self
            time.sleep(0.1)
        raise AssertionError(self.log_file.read_text(encoding="utf-8"))

    def end(self, number: int = signal.SIGTERM, seconds: float = 40.0) -> int:
        """End it and return its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(seconds)


@contextlib.contextmanager
def in_process(log: Path, *before: str, module: str = "drainage_api.server", **environment: str) -> Iterator[Running]:
    """Run a server on a free port with settings by environment, until the block ends.

    Parameters
    ----------
    log
        Where its log goes.
    before
        Words before those that start it, as ``("prlimit", "--nofile=1024")``.
    module
        The program.
    environment
        Settings without their prefix.
    """
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    settings = {f"DRAINAGE_{name.upper()}": value for name, value in environment.items()}
    paths = os.pathsep.join([str(ROOT), str(ROOT / "api")])
    with log.open("wb") as told:
        process = subprocess.Popen(
            [*before, sys.executable, "-m", module],
            env={"PATH": os.environ["PATH"], "PYTHONPATH": paths, "DRAINAGE_PORT": str(port), **settings},
            stdout=told,
            stderr=subprocess.STDOUT,
            cwd=log.parent,
        )
        running = Running(process, port, log)
        try:
            yield running
        finally:
            with contextlib.suppress(subprocess.TimeoutExpired):
                running.end()
            process.kill()
            process.wait()


def answer_of(port: int, path: str, *fields: str, timeout_s: float = 10.0) -> tuple[int, dict[str, str], bytes]:
    """Ask once, by a socket; return status, header and body."""
    text = "\r\n".join([f"GET {path} HTTP/1.1", "Host: 127.0.0.1", "Connection: close", *fields, "", ""])
    return exchange(port, text.encode(), timeout_s=timeout_s)


def exchange(port: int, sent: bytes, *, timeout_s: float = 10.0) -> tuple[int, dict[str, str], bytes]:
    """Send bytes and read until the server closes; the last answer but for those before it."""
    with socket.create_connection(("127.0.0.1", port), timeout_s) as client:
        with contextlib.suppress(ConnectionError):
            client.sendall(sent)
        return parsed(heard(client))


def heard(client: socket.socket) -> bytes:
    """Read until the server closes, or breaks off."""
    parts = []
    with contextlib.suppress(ConnectionError):
        while part := client.recv(1 << 16):
            parts.append(part)
    return b"".join(parts)


def parsed(raw: bytes) -> tuple[int, dict[str, str], bytes]:
    """Take an answer apart; status 0 where there is none."""
    head, _, body = raw.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    fields = dict(line.lower().split(": ", 1) for line in lines if ": " in line)
    if fields.get("transfer-encoding") == "chunked":
        body = _joined(body)
    return int(first.split()[1]) if first else 0, fields, body


def _joined(chunks: bytes) -> bytes:
    """Join the chunks of a body; ValueError where it broke off."""
    parts: list[bytes] = []
    while True:
        size, _, chunks = chunks.partition(b"\r\n")
        if (length := int(size, 16)) == 0:
            return b"".join(parts)
        parts.append(chunks[:length])
        chunks = chunks[length + 2 :]
