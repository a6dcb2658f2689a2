"""Before any route: who may reach the server at all, and under which name.

Without keys it is open to this machine alone, so a request must come from it and ask for it by name: what came through
a proxy looks like loopback, and so does what a page of a stranger sends to a name that it lets point here.
"""

from __future__ import annotations

import re
from typing import Final

from fastapi import Request
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

import drainage as dr
from drainage import words
from drainage_api.access.address import as_address
from drainage_api.access.check import SAFE
from drainage_api.access.keeper import Keeper
from drainage_api.errors import problem
from drainage_api.settings import Settings
from drainage_api.store.database import StoreError

#: All that is there with ``--public-only``.
PUBLIC: Final = re.compile(r"/(public|health|collections/public_streets(/items(/.+)?)?)", re.DOTALL)
#: Where everybody may tell of water in a street, with ``--public-only`` too.
SIGHTINGS: Final = "/sightings"
#: What has no links in it, and may be asked for under any name once there are keys.
_NAMELESS: Final = ("/health", "/ready", "/public")
_EVERYWHERE: Final = ("0.0.0.0", "::")  # noqa: S104 - a server listens there, and is nowhere called so
_PASSED_ON: Final = (
    "forwarded", "via", "x-real-ip", "x-client-ip", "x-cluster-client-ip", "x-proxyuser-ip", "cf-connecting-ip",
    "true-client-ip", "x-original-host", "x-envoy-external-address",
)  # fmt: skip
_HOST: Final = re.compile(r"(?P<name>[A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(:\d{1,5})?", re.ASCII)


class Gate:
    """Refuse what may not come in; everything else goes on.

    Parameters
    ----------
    app
        What lies behind it.
    keeper
        Who knows whether there are keys.
    """

    def __init__(self, app: ASGIApp, keeper: Keeper) -> None:
        """Stand before an application."""
        self.app, self._keeper = app, keeper
        settings = keeper.settings
        known = [*settings.hosts, settings.host, settings.public_url.host if settings.public_url is not None else None]
        self._hosts = {one.lower() for one in known if one and one not in _EVERYWHERE}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request in, or answer it."""
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
            return
        refused = self._refused(scope) if scope["type"] == "http" else None
        if refused is None:
            await self.app(scope, receive, send)
            return
        status, detail = refused
        bare = {**scope, "headers": []}  # so that no name that it came under is given back, and no page with links
        await problem(Request(bare), status, detail)(scope, receive, send)

    def _refused(self, scope: Scope) -> tuple[int, str] | None:
        """Return the status and the reason of a refusal."""
        path = scope["path"]
        if self._keeper.settings.public_only and not self._is_public(scope["method"], path):
            return 404, words.in_both("public_only_nothing").both
        if self._is_open():
            return None if comes_from_here(scope) else (403, words.in_both("only_from_here").both)
        if path in _NAMELESS or self._is_ours(scope):
            return None
        return 421, words.in_both("host_unknown").both

    def _is_public(self, method: str, path: str) -> bool:
        if method == "POST":
            return path == SIGHTINGS and self._keeper.vault is not None
        return method in SAFE[:2] and PUBLIC.fullmatch(path) is not None

    def _is_open(self) -> bool:
        try:
            return self._keeper.open
        except StoreError:
            return False

    def _is_ours(self, scope: Scope) -> bool:
        name = _host(scope)
        if name is None:
            return False
        server = as_address((scope.get("server") or ("",))[0])
        address = as_address(name.strip("[]"))
        return name in self._hosts or _is_loopback(name) or (address is not None and address == server)


def comes_from_here(scope: Scope) -> bool:
    """Tell whether a program on this machine asks for this machine, and nobody passed its request on."""
    headers = Headers(scope=scope)
    if any(name in _PASSED_ON or name.startswith("x-forwarded") for name in headers):
        return False
    peer = as_address((scope.get("client") or ("",))[0])
    name = _host(scope)
    return peer is not None and peer.is_loopback and name is not None and _is_loopback(name)


def check_host(settings: Settings, keeper: Keeper) -> None:
    """Refuse to listen to other machines while there is no key.

    Raises
    ------
    FormatError
        With the remedy: a key.
    """
    if settings.public_only or _is_loopback(settings.host.lower()) or settings.host == "::1":
        return
    if keeper.open:
        store = settings.store or ("URL" if settings.has_store else "DIR")
        raise dr.errors.FormatError(words.in_both("host_wants_key", host=settings.host, store=store))


def _host(scope: Scope) -> str | None:
    """Return the host that was asked for, without its port; None where none was named, or several, or a strange one."""
    said = Headers(scope=scope).getlist("host")
    found = _HOST.fullmatch(said[0]) if len(said) == 1 and scope["path"].startswith("/") else None
    return None if found is None else found["name"].lower()


def _is_loopback(name: str) -> bool:
    if name == "localhost":
        return True
    bare = name.strip("[]")
    address = as_address(bare) if (":" in bare) == name.startswith("[") else None
    return address is not None and address.is_loopback
