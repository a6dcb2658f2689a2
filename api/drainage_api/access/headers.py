"""Headers of every answer that tell a browser what it may do with it: as little as will do."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_POLICY: Final = b"content-security-policy"
HEADERS: Final = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),  # without one a browser says of our own forms that they come from nowhere
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
#: Of every answer that brings no policy of its own, as a page with scripts or styles does, by their hashes.
CLOSED: Final = b"default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"


class Secured:
    """Add the headers, and keep what is given to a key out of caches that are shared.

    Parameters
    ----------
    app
        What answers.
    """

    def __init__(self, app: ASGIApp) -> None:
        """Stand around an application."""
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        state = scope.setdefault("state", {})

        async def secured(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = message["headers"] = list(message["headers"])
                names = dict(headers)
                if (
                    _POLICY not in names and message["status"] != HTTPStatus.NOT_MODIFIED
                ):  # the page that is kept has its own
                    headers.append((_POLICY, CLOSED))
                headers.extend(one for one in HEADERS if one[0] not in names)
                if getattr(state.get("who"), "role", "public") != "public":
                    _keep_private(MutableHeaders(scope=message))
            await send(message)

        await self.app(scope, receive, secured)


def _keep_private(headers: MutableHeaders) -> None:
    """Let no cache between give one client's answer to another (RFC 9111, 5.2.2.7)."""
    said = [part.strip() for part in headers.get("cache-control", "no-cache").split(",")]
    headers["Cache-Control"] = ", ".join(["private", *(part for part in said if part not in {"public", "private"})])
    headers.add_vary_header("Authorization, Cookie")
