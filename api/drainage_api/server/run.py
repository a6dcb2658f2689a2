"""Start the server: `run` is what the command line calls."""

from __future__ import annotations

import asyncio
import os
import signal
import socket

import drainage as dr
from drainage_api.access import guarding
from drainage_api.jobs.workforce import LOOK_S, Workforce
from drainage_api.main import assemble
from drainage_api.served.loading import load, load_newest
from drainage_api.served.served import Served
from drainage_api.served.warm import warm
from drainage_api.server.crew import Crew
from drainage_api.server.serving import BACKLOG, Server, serve
from drainage_api.settings import Settings
from drainage_api.work import logs
from drainage_api.work.reloading import Board, Reloader, Source


def run(settings: Settings) -> None:
    """Serve what the settings name until SIGTERM or SIGINT; SIGHUP reads it anew.

    The process listens at once: `/health` is answered and `/ready` says 503 while the source is read.

    Raises
    ------
    DrainageError
        The source cannot be read, or the address cannot be taken.
    """
    guarding.check(settings)
    logs.configure()
    source = Source(settings, load, load_newest)
    with listening(settings) as sock:
        if settings.workers == 1:
            _run_alone(settings, sock, source)
        elif hasattr(os, "fork") and hasattr(signal, "sigtimedwait"):
            Crew(settings, sock, source, assemble).run()
        else:
            raise dr.errors.FormatError("workers: this system runs one only; set DRAINAGE_WORKERS=1")


async def _look_after(workforce: Workforce, board: Board) -> None:
    """Keep the workers for jobs at work, and send them home in the end."""
    try:
        while True:
            workforce.look()
            board.tell(**workforce.told())
            await asyncio.sleep(LOOK_S)
    finally:
        workforce.end()


def listening(settings: Settings) -> socket.socket:
    """Return the socket of the server.

    Raises
    ------
    FormatError
        The address is taken, or is none of this machine.
    """
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        sock = socket.create_server((settings.host, settings.port), family=family, backlog=BACKLOG)
    except OSError as error:
        raise dr.errors.FormatError(
            f"host, port: cannot listen on {settings.host}:{settings.port} ({error.strerror or error}); "
            "choose another with --host and --port"
        ) from error
    return sock


def _run_alone(settings: Settings, sock: socket.socket, source: Source) -> None:
    board = Board()
    app = assemble(settings, None, board=board)

    def swap(here: Served) -> None:
        app.state.served = here
        app.state.kept.clear()
        warm(here)

    reloader = Reloader(source, board, swap)

    def began(server: Server) -> None:
        del server
        if hasattr(signal, "SIGHUP"):
            asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, reloader.asked.set)

    server = Server(app, settings, began)

    def failed() -> None:
        server.should_exit = True

    async def beside() -> None:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(reloader.watch(failed))
            tasks.create_task(_look_after(Workforce(settings), board))

    serve(server, sock, beside)
    if reloader.error is not None:
        raise reloader.error
