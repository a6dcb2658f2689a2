"""One process that answers: uvicorn within our limits, which ends when it is told to and within a bounded time."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import socket
import sys
from collections.abc import Awaitable, Callable
from types import FrameType

import uvicorn
from fastapi import FastAPI

from drainage_api.access.forms import BESIDE
from drainage_api.access.keeper import Keeper, Vault
from drainage_api.served.made import unfinished
from drainage_api.server.door import Door, Limits
from drainage_api.server.protocol import protocol_of
from drainage_api.settings import Settings
from drainage_api.store.database import StoreError
from drainage_api.work.meter import Meter
from drainage_api.work.pool import Pool
from drainage_api.work.reloading import Board

log = logging.getLogger(__name__)

#: After how many seconds a thread that computes lets the event loop go on (own choice: a fifth of Python's own, so that
#: `/health` is answered in some milliseconds while all threads compute).
SWITCH_S = 0.001
#: Connections that may wait to be accepted, and descriptors that are left for them and for files (own choice).
BACKLOG, SPARE = 256, 128


class Server(uvicorn.Server):
    """A server of one application.

    Parameters
    ----------
    app
        What it answers with.
    settings
        Within which limits.
    began
        Called when connections are accepted, in the event loop.
    """

    def __init__(self, app: FastAPI, settings: Settings, began: Callable[[Server], None] | None = None) -> None:
        """Prepare everything; nothing is accepted yet."""
        self.app, self.began = app, began
        self._look: asyncio.Task[None] | None = None
        self.door = Door(limits_of(settings))
        proxies = [str(network) for network in settings.trusted_proxies]
        super().__init__(
            uvicorn.Config(
                app,
                http=protocol_of(self.door),
                ws="none",
                lifespan="on",
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=bool(proxies),
                forwarded_allow_ips=proxies,
                backlog=BACKLOG,
                timeout_keep_alive=max(1, int(settings.idle_timeout_s)),
                timeout_graceful_shutdown=max(1, int(settings.stop_timeout_s)),
            )
        )

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Accept connections."""
        await super().startup(sockets)
        if self.began is not None:
            self.began(self)

    async def on_tick(self, counter: int) -> bool:
        """Each second, close what takes too long and tell how things are; look for a newer version more often."""
        if counter % 10 == 0:
            self.door.sweep()
            self._tell()
        keeper: Keeper | None = getattr(self.app.state, "keeper", None)
        if keeper is not None and keeper.vault is not None and (self._look is None or self._look.done()):
            self._look = asyncio.create_task(asyncio.to_thread(_look_for_head, keeper.vault, self.app.state.board))
        return await super().on_tick(counter)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """End in good order; at once when interrupted twice."""
        del frame
        self.force_exit = self.should_exit and sig == signal.SIGINT
        self.should_exit = True

    def _tell(self) -> None:
        pool: Pool = self.app.state.pool
        meter: Meter = self.app.state.meter
        meter.tell(
            resident_bytes=_resident_bytes(),
            connections=len(self.door),
            running=pool.running,
            waiting=pool.waiting,
            kept_bytes=self.app.state.kept.bytes,
            refused=self.door.refused,
            evicted=self.door.evicted,
            late=self.door.late,
            malformed=self.door.malformed,
        )


def serve(server: Server, sock: socket.socket, beside: Callable[[], Awaitable[None]] | None = None) -> None:
    """Answer until told to end, with a task beside; return when the last answer is out, or the time for it is over."""

    async def answering() -> None:
        task = asyncio.ensure_future(beside()) if beside is not None else None
        try:
            await server.serve([sock])
        finally:
            if task is not None:
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task

    sys.setswitchinterval(SWITCH_S)
    factory = server.config.get_loop_factory()
    with asyncio.Runner(loop_factory=factory) as runner:
        runner.run(answering())
    state = server.app.state
    pool: Pool = state.pool
    pool.close()
    if hasattr(state, "keeper"):  # what it has still to write
        state.keeper.close()
    if broken_off := pool.running + unfinished():
        # Works that nobody waits for any longer; the interpreter would, or a library in which one of them is.
        log.warning("%d works were broken off", broken_off)
        sys.stderr.flush()
        os._exit(0)


def limits_of(settings: Settings) -> Limits:
    """Return what clients may take up, within what the system lets this process."""
    return Limits(
        connections=max(1, min(settings.connections, _descriptors() - BACKLOG - SPARE)),
        per_address=settings.connections_per_address,
        header_s=settings.header_timeout_s,
        idle_s=settings.idle_timeout_s,
        request_s=settings.request_timeout_s,
        header_bytes=settings.header_bytes,
        body_bytes=settings.body_bytes,
        proxies=settings.trusted_proxies,
        larger={path: most + BESIDE for path, most in _uploads(settings).items()},
    )


def _uploads(settings: Settings) -> dict[bytes, int]:
    """Return where files are taken in, and how large they may be."""
    most = settings.upload_bytes
    return {b"/submissions": most, b"/evidence": most, b"/sightings": settings.photo_bytes}


def _look_for_head(vault: Vault, board: Board) -> None:
    """Note the newest version of the store on the board, where it is read by who loads it."""
    with contextlib.suppress(StoreError):
        head = vault.versions.head()
        if head is not None and head.number > board.head:
            board.head = head.number


def _descriptors() -> int:
    try:
        import resource
    except ImportError:  # not on Windows, where sockets are not counted among files
        return 1 << 16
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = min(hard, 1 << 16) if hard != resource.RLIM_INFINITY else 1 << 16
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]


def _resident_bytes() -> float:
    try:
        with open("/proc/self/statm", encoding="ascii") as told:  # noqa: PTH123 - each second
            return float(told.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0.0
