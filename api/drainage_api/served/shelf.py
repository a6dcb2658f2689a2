"""The older versions that are asked for: read at their first use, the last few kept."""

from __future__ import annotations

import asyncio
import datetime as dt
import re
from collections import OrderedDict
from functools import partial
from threading import Lock
from typing import Final

from fastapi import Request

import drainage as dr
from drainage import words
from drainage_api.errors import bad_request, refusal
from drainage_api.served.made import Made
from drainage_api.served.of_store import version_of_store
from drainage_api.served.served import Served
from drainage_api.settings import Settings
from drainage_api.store.database import StoreError
from drainage_api.store.objects import DamagedError
from drainage_api.store.opened import Store
from drainage_api.store.versions import Version

#: Versions beside the newest that each process keeps in memory (own choice: a city is some 100 MB).
MOST_OLD: Final = 2
_NUMBER: Final = re.compile(r"[1-9][0-9]{0,8}", re.ASCII)
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


class Shelf:
    """The versions of a store as they are served.

    Parameters
    ----------
    store
        Where they are.
    settings
        Of the server.
    """

    def __init__(self, store: Store, settings: Settings) -> None:
        """Read nothing yet."""
        self._store, self._settings, self._lock = store, settings, Lock()
        self._held: OrderedDict[int, Made[Served]] = OrderedDict()

    def wanted(self, version: str | None, moment: str | None) -> Version | None:
        """Return the version that a number names, or that was the newest at an instant; None: what is served.

        Raises
        ------
        HTTPException
            400: there is no version of that number.
        StoreError
            The store cannot be read.
        """
        if version is not None:
            if not _NUMBER.fullmatch(version):
                return None  # a side of a comparison, or nothing that is known
            found = self._store.versions.get(int(version))
            if found is None:
                head = self._store.versions.head()
                raise bad_request(words.in_both("query_version_number", most=head.number if head else 0, text=version))
            return found
        instant = None if moment is None else _instant(moment)
        return None if instant is None else self._store.versions.at(instant)

    def made(self, version: Version) -> Made[Served]:
        """Return what reads a version, or has read it."""
        with self._lock:
            held = self._held.pop(version.number, None)
            if held is None or held.failed:
                held = Made(partial(version_of_store, self._store, version, self._settings))
            self._held[version.number] = held
            while len(self._held) > MOST_OLD:
                self._held.popitem(last=False)
            return held


async def choose(request: Request, *, newest: bool = False) -> None:
    """Settle with which version a request is answered, for as long as it takes.

    Parameters
    ----------
    newest
        Whether it is the newest whatever is asked for.

    Raises
    ------
    HTTPException
        400: there is no such version. 503: it cannot be read.
    DamagedError
        One of its objects is.
    """
    here: Served | None = getattr(request.app.state, "served", None)
    shelf: Shelf | None = getattr(request.app.state, "shelf", None)
    request.state.served = here
    version, moment = request.query_params.get("version"), request.query_params.get("datetime")
    if here is None or shelf is None or newest or (version is None and moment is None):
        return
    try:
        found = await asyncio.to_thread(shelf.wanted, version, moment)
        if found is not None and found.number != here.number:
            request.state.served = await shelf.made(found).wait()
    except DamagedError:
        raise
    except (StoreError, dr.DrainageError) as error:
        raise refusal(503, words.in_both("version_unreadable"), {"Retry-After": "60"}) from error


def _instant(text: str) -> float | None:
    """Return an instant, or the end of a day, in seconds since 1970; None for an interval and what is no time."""
    try:
        said = dt.datetime.fromisoformat(text.upper())
    except ValueError:
        return None
    if _DAY.fullmatch(text):
        said += dt.timedelta(days=1, microseconds=-1)
    return (said if said.tzinfo is not None else said.replace(tzinfo=dt.UTC)).timestamp()
