"""Every request has an id, is counted and leaves one line in the log: what was asked, by whom, and how it ended.

Neither keys nor values of the query are in that line, and a client cannot make it long.
"""

from __future__ import annotations

import logging
import re
import secrets
from time import perf_counter
from typing import cast

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from drainage_api.errors import problem, shortened
from drainage_api.served.bodies import HEAD
from drainage_api.work.logs import REQUEST_ID, requests
from drainage_api.work.meter import Meter

log = logging.getLogger(__name__)

#: An id that a client or proxy may give (own choice: a UUID, a ULID or a trace id is one).
_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")
#: Asked every few seconds by whoever watches: nobody reads that all is well.
_PROBES = frozenset({"/health", "/ready"})
_NAME = re.compile(rb"(?:^|&)([a-z][a-z0-9_-]{0,40})=")


class Observed:
    """Name, count and log each request."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap an application."""
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, and note how."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        begun = perf_counter()
        identity = _identity(scope)
        scope.setdefault("state", {})["request_id"] = identity
        token = REQUEST_ID.set(identity)
        status, sent = 499, 0  # as long as nothing is heard of an answer

        async def told(message: Message) -> None:
            nonlocal status, sent
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", ()), (b"x-request-id", identity.encode())]
            else:
                sent += len(message.get("body", b""))
            await send(message)

        try:
            await self.app(scope, receive, told)
        except Exception:
            log.exception("a request failed")
            if status != 499:  # a part is under way: the connection breaks off, so that nobody takes it for the whole
                status = 500
                raise
            await problem(Request(scope), 500, "a server error; see the log of the server")(scope, receive, told)
        finally:
            seconds = perf_counter() - begun
            route = getattr(scope.get("route"), "path", "")
            meter: Meter | None = getattr(scope["app"].state, "meter", None)
            if meter is not None:
                meter.count(route, status, seconds)
            level = logging.DEBUG if status == 200 and scope["path"] in _PROBES else logging.INFO
            if requests.isEnabledFor(level):
                requests.log(level, "answered", extra={"told": _line(scope, status, sent, seconds)})
            REQUEST_ID.reset(token)


def _identity(scope: Scope) -> str:
    """Return the id that came with a request, or a new one where none came or a strange one."""
    given = next((value for name, value in scope["headers"] if name == b"x-request-id"), b"")
    return cast("str", given.decode()) if _ID.fullmatch(given) else secrets.token_hex(8)


def _line(scope: Scope, status: int, sent: int, seconds: float) -> dict[str, object]:
    line: dict[str, object] = {
        "method": "HEAD" if scope.get(HEAD) else scope["method"],
        "path": shortened(scope["path"]),
        "status": status,
        "bytes": sent,
        "ms": round(seconds * 1000, 1),
        "client": "" if scope["state"].get("nameless") else (scope.get("client") or ("",))[0],
    }
    if names := _NAME.findall(scope["query_string"][:1000]):
        line["asked"] = [name.decode() for name in names[:10]]
    if who := scope["state"].get("who"):  # whom the check of keys found
        line["who"] = str(getattr(who, "name", "") or getattr(who, "role", ""))
    return line
