"""The one place that checks: a dependency for each verb, and every route takes one of them.

    @router.get("/trace/{node_id}")
    async def trace(request: Request, node_id: str, who: Reader) -> Response: ...

`Reader` of a route with a ``collection_id`` lets everybody read what is public, and knows no collection that is not
theirs. `WholeReader` is for what shows the whole city. `Anyone` is for what is public by itself, `Prober` for what
tells whether the server is well.
"""

from __future__ import annotations

import math
from typing import Annotated, Final

from fastapi import Depends, HTTPException, Request

from drainage import words
from drainage.said import Said
from drainage_api.access.keeper import Keeper, Vault, asker_of, keeper
from drainage_api.access.sessions import same_site, session_of
from drainage_api.access.who import Verb, Who
from drainage_api.errors import not_found, shortened
from drainage_api.served.shelf import choose
from drainage_api.store.database import StoreError
from drainage_api.store.keys import FORM, Key

_REALM: Final = 'Bearer realm="drainage"'
SAFE: Final = ("GET", "HEAD", "OPTIONS")


class Refused(HTTPException):
    """An answer that a person may read: in both languages, or in one on a page.

    Parameters
    ----------
    said
        The reason.
    """

    def __init__(self, status: int, said: Said, headers: dict[str, str] | None = None) -> None:
        """Keep the reason in both languages."""
        super().__init__(status, said.both, headers)
        self.said = said


def desk_of(request: Request) -> Vault:
    """Return the store of this server, with all that it takes in.

    Raises
    ------
    Refused
        It names none: 404.
    """
    vault = keeper(request).vault
    if vault is None:
        raise Refused(404, words.in_both("store_none"))
    return vault


class Check:
    """Who asks, if they may; a test walks over all routes and asks each for its check.

    Parameters
    ----------
    verb
        What they must be allowed to do; None: nothing.
    whole
        Whether the whole city must be theirs.
    free
        Whether neither keys nor limits are looked at.
    """

    def __init__(self, verb: Verb | None, *, whole: bool = False, free: bool = False) -> None:
        """Remember what is asked for."""
        self.verb, self.whole, self.free = verb, whole, free

    async def __call__(self, request: Request) -> Who:
        """Return who asks.

        Raises
        ------
        HTTPException
            401 without a key or with one that is none, 403 with one that may not, 404 for a collection that is not
            theirs, 400 for a version that there is not, 429 after too many requests, 503 where the store cannot be
            read or the audit log not be written.
        """
        here, collection, address = keeper(request), request.path_params.get("collection_id"), asker_of(request)
        if self.free:
            return here.public
        for_all = self.verb is None or (collection is not None and here.public.sees(collection))
        try:
            who = _who(request, here, address)
        except StoreError as error:
            if not for_all:
                raise later("store_down", 1.0) from error
            who = here.public
        request.state.who = who
        request.state.client = who.key or address
        if not for_all:
            self._refuse(request, who, collection)
            request.state.restricted = True
            if here.vault is not None and here.vault.journal.failing:
                raise later("audit_down", 1.0)
        await choose(request, newest=who.role == "public")
        return who

    def _refuse(self, request: Request, who: Who, collection: str | None) -> None:
        if self.verb is not None and not who.may(self.verb):
            if who.role == "public":
                raise _unknown("key_wanted")
            raise Refused(403, words.in_both("may_not", name=who.name, role=who.role))
        if self.whole and not who.whole:
            raise Refused(403, words.in_both("not_whole", name=who.name))
        if collection is not None and not who.sees(collection):
            raise not_found(words.in_both("query_no_collection", name=shortened(collection)))
        by_browser = getattr(request.state, "by_cookie", False) or who.role == "local"
        if request.method not in SAFE and by_browser and not same_site(request):
            raise Refused(403, words.in_both("other_site"))


Anyone = Annotated[Who, Depends(Check(None))]
Prober = Annotated[Who, Depends(Check(None, free=True))]
Reader = Annotated[Who, Depends(Check("read"))]
WholeReader = Annotated[Who, Depends(Check("read", whole=True))]
Submitter = Annotated[Who, Depends(Check("submit"))]
Decider = Annotated[Who, Depends(Check("decide"))]
Operator = Annotated[Who, Depends(Check("operate"))]


def known(request: Request) -> Who | None:
    """Return who asks, also where no route has checked it, for the head of a page; None where that is not known."""
    who: Who | None = getattr(request.state, "who", None)
    if who is not None:
        return who
    here, session = keeper(request), session_of(request)
    if not session or here.vault is None or here.settings.public_only or "authorization" in request.headers:
        return None
    try:
        key = here.vault.visits.find(session)
    except StoreError:
        return None
    return None if key is None else here.who(key)


def wrong_key(request: Request, vault: Vault, key: Key | None) -> Refused:
    """Count a key that is none, or none any more, against its address; return the error that says so."""
    wait = vault.failures.count(asker_of(request))
    if wait:
        return later("too_many_failures", wait, status=429)
    if key is None:
        return _unknown("key_unknown", error="invalid_token")
    return _unknown(f"key_{key.state}", error="invalid_token", name=key.name, day=key.until)


def later(sentence: str, seconds: float, *, status: int = 503) -> Refused:
    """Make the error of what may be asked again after some time."""
    wait = max(1, math.ceil(seconds))
    return Refused(status, words.in_both(sentence, seconds=wait), {"Retry-After": str(wait)})


def _who(request: Request, here: Keeper, address: str) -> Who:
    if here.open:
        return here.local
    _count(here, address)
    if here.settings.public_only or here.vault is None:
        return here.public
    key = _key(request, here.vault)
    if key is None:
        return here.public
    _count(here, f"key {key.prefix}")
    return here.who(key)


def _key(request: Request, vault: Vault) -> Key | None:
    """Return the key that came with a request or opened its session; None where none came.

    Raises
    ------
    Refused
        What came is no key, or none any more.
    """
    given = request.headers.getlist("authorization")
    if given:
        scheme, _, text = given[0].partition(" ")
        form = FORM.fullmatch(text.strip())
        request.state.key = form[1] if form else ""
        key = vault.keys.find(text.strip()) if scheme.lower() == "bearer" and len(given) == 1 else None
        if key is None or key.state != "valid":
            raise wrong_key(request, vault, key)
        return key
    vault.database.version()  # of a store that is gone nobody is told that his key is wanting
    session = session_of(request)
    key = vault.visits.find(session) if session else None
    request.state.by_cookie = key is not None
    return key


def _count(here: Keeper, name: str) -> None:
    if wait := here.reads.wait_s(name):
        raise later("too_many_requests", wait, status=429)


def _unknown(sentence: str, *, error: str = "", **values: object) -> Refused:
    challenge = f'{_REALM}, error="{error}"' if error else _REALM
    return Refused(401, words.in_both(sentence, **values), {"WWW-Authenticate": challenge})
