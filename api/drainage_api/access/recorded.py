"""Around the gate and all routes: what is written into the audit log of who read, wrote and was refused what."""

from __future__ import annotations

import asyncio
import datetime as dt
import re
from typing import Any, Final

from fastapi import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from drainage import words
from drainage_api.access.address import client_of, group_of
from drainage_api.access.check import SAFE
from drainage_api.access.keeper import Keeper
from drainage_api.errors import problem
from drainage_api.store.journal import Journal

#: Answers that are refusals.
REFUSED: Final = (401, 403, 421, 429)
_NO_ROOM: Final = 507
_MOST_SIGNS: Final = 2_000  # of a path with its query; own choice
_SECRET: Final = re.compile(r"(drn_[a-z2-7]{8})_[A-Za-z0-9_-]*", re.ASCII)


class Recorded:
    """Write what was answered: a read within a second, a write or a refusal before it is answered.

    Parameters
    ----------
    app
        What answers.
    keeper
        Whose store holds the log.
    """

    def __init__(self, app: ASGIApp, keeper: Keeper) -> None:
        """Stand around an application."""
        self.app, self._keeper = app, keeper

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on and remember its answer."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            self._keeper.close()
            return
        vault = self._keeper.vault
        if scope["type"] != "http" or vault is None:
            await self.app(scope, receive, send)
            return
        await _Answer(scope, send, self._keeper, vault.journal).given_by(self.app, receive)


class _Answer:
    """One answer on its way out."""

    def __init__(self, scope: Scope, send: Send, keeper: Keeper, journal: Journal) -> None:
        self._scope, self._send, self._keeper, self._journal = scope, send, keeper, journal
        self._state: dict[str, Any] = scope.setdefault("state", {})
        self._status = self._bytes = 0
        self._begun, self._written = dt.datetime.now(dt.UTC), False

    async def given_by(self, app: ASGIApp, receive: Receive) -> None:
        try:
            await app(self._scope, receive, self._watch)
        finally:
            if self._state.get("restricted") and not self._written:
                self._journal.note(self._entry("read"))

    async def _watch(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._status = message["status"]
            if not await self._write_at_once() and not self._is_done:
                self._written = True
                answer = problem(Request(self._scope), 503, words.in_both("audit_down", seconds=1).both)
                await answer(self._scope, _nothing, self._send)
                self._send = _into_the_void
        elif message["type"] == "http.response.body":
            self._bytes += len(message.get("body", b""))
        await self._send(message)

    @property
    def _is_done(self) -> bool:
        """Whether something was made or changed: that is not told as refused, and its entry waits for room."""
        return self._status < 400 and self._state.get("subject") is not None

    async def _write_at_once(self) -> bool:
        """Write a refusal or a write; tell whether the answer may go out."""
        if self._status in REFUSED:
            unwritten = self._keeper.refusals.unwritten(group_of(self._address), self._status)
            self._written = True
            if unwritten is not None:
                entry = self._entry("refused") | ({"unwritten": unwritten} if unwritten else {})
                await self._now(entry)
            return True
        if self._status == _NO_ROOM:  # which the log has no room for either
            self._written = True
            self._journal.note(self._entry("refused"))
            return True
        event = self._state.get("event")
        if event is None and (self._scope["method"] in SAFE or not self._state.get("restricted")):
            return True
        self._written = True
        return await self._now(self._entry(event or ("failed" if self._status >= 400 else "written")))

    async def _now(self, entry: dict[str, object]) -> bool:
        if self._journal.failing:
            self._journal.note(entry)
            return False
        return await asyncio.wrap_future(self._journal.now(entry))

    @property
    def _address(self) -> str:
        return client_of(self._scope, self._keeper.settings.trusted_proxies)

    def _entry(self, event: str) -> dict[str, object]:
        who, scope = self._state.get("who"), self._scope
        query = scope["query_string"].decode("latin-1")
        asked = _SECRET.sub(r"\1", f"{scope['path']}?{query}" if query else scope["path"])
        said = {
            "time": self._begun.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "event": event,
            "who": getattr(who, "name", ""),
            "role": getattr(who, "role", "public"),
            "key": getattr(who, "key", "") or self._state.get("key", ""),
            "address": "" if self._state.get("nameless") else self._address,
            "method": scope["method"],
            "asked": asked if len(asked) <= _MOST_SIGNS else f"{asked[:_MOST_SIGNS]}…",
            "subject": self._state.get("subject"),  # the id of what a request made or changed
            "status": self._status or 500,  # it broke off before it was begun
            "count": self._state.get("count"),
            "bytes": self._bytes or None,
            "request": self._state.get("request_id"),
        }
        return {name: value for name, value in said.items() if value not in (None, "")}


async def _nothing() -> Message:
    return {"type": "http.disconnect"}


async def _into_the_void(_: Message) -> None:
    """Take what was to be answered in place of the refusal."""
