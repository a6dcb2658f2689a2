"""People who signed in: a cookie that no script reads and no other site sends, and tokens for their forms."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from typing import Final

from fastapi import Request, Response

from drainage_api.access.address import over_tls
from drainage_api.access.keeper import keeper

_NAME: Final = "drainage_session"
_FORM: Final = "drainage_form"


def session_of(request: Request) -> str:
    """Return what the cookie of a session holds; empty where there is none."""
    return request.cookies.get(_cookie(request, _NAME), "")


def keep_session(request: Request, response: Response, text: str, *, seconds: float) -> None:
    """Give the browser a session."""
    _set(request, response, _NAME, text, seconds)


def forget_session(request: Request, response: Response) -> None:
    """Take the session from the browser."""
    _set(request, response, _NAME, "", 0)


def form_token(request: Request, response: Response | None = None) -> str:
    """Return the token that a form of this page must send back.

    Parameters
    ----------
    response
        Which carries the form to somebody who has no session yet; it gets a cookie of its own.
    """
    session = session_of(request)
    if session or response is None:
        return _token(request, session)
    nonce = request.cookies.get(_cookie(request, _FORM)) or secrets.token_urlsafe(16)
    _set(request, response, _FORM, nonce, 3600)
    return _token(request, nonce)


def is_our_form(request: Request, token: str) -> bool:
    """Tell whether a form came from a page of ours in this very browser."""
    held = session_of(request) or request.cookies.get(_cookie(request, _FORM), "")
    return bool(held) and same_site(request) and hmac.compare_digest(_token(request, held).encode(), token.encode())


def same_site(request: Request) -> bool:
    """Tell whether a browser says that a page of ours asks; programs that are no browsers say nothing."""
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if site is not None or origin is None:
        return site in {"same-origin", "none", None}
    known = keeper(request).settings.public_url
    ours = {request.headers.get("host"), None if known is None else (known.host or "")}
    return origin.partition("://")[2] in ours


def _token(request: Request, held: str) -> str:
    vault = keeper(request).vault
    secret = b"" if vault is None else vault.visits.secret
    return hmac.new(secret, held.encode(), hashlib.sha256).hexdigest()


def _cookie(request: Request, name: str) -> str:
    """Return the name of a cookie; behind TLS one that a browser takes from this host alone (RFC 6265bis, 4.1.3)."""
    return f"__Host-{name}" if _secure(request) else name


def _secure(request: Request) -> bool:
    settings = keeper(request).settings
    known = settings.public_url is not None and settings.public_url.scheme == "https"
    return known or over_tls(request.scope, settings.trusted_proxies)


def _set(request: Request, response: Response, name: str, value: str, seconds: float) -> None:
    response.set_cookie(
        _cookie(request, name), value, max_age=int(seconds), path="/", httponly=True, samesite="strict",
        secure=_secure(request),
    )  # fmt: skip
