"""Signing in and out: the same key as a program sends, changed for a cookie."""

from __future__ import annotations

import re
import time
from typing import Annotated, Final
from urllib.parse import parse_qs, urlencode

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from drainage import words
from drainage.said import in_language
from drainage_api.access.check import Anyone, Refused, later, wrong_key
from drainage_api.access.keeper import Vault, asker_of, keeper
from drainage_api.access.sessions import forget_session, form_token, is_our_form, keep_session, session_of
from drainage_api.access.unseen import unseen_of
from drainage_api.access.who import Who
from drainage_api.errors import check_parameters
from drainage_api.faces.pages_html import html
from drainage_api.served.answers import language_of
from drainage_api.store.database import StoreError
from drainage_api.store.keys import Key

MOST_BYTES: Final = 4_096  # of a form; own choice
_MOST_FIELDS: Final = 10
#: A path of this server: anything else could be a page of others that looks like ours.
_OURS: Final = re.compile(r"/(?![/\\])[\x21-\x5b\x5d-\x7e]{0,500}", re.ASCII)

router = APIRouter(include_in_schema=False)  # pages for people

Next = Annotated[str, Query(alias="next", description="The path of this server to go to afterwards.")]


@router.get("/login", operation_id="getLogin", response_class=HTMLResponse)
async def show_login(request: Request, who: Anyone, to: Next = "") -> Response:
    """Show the form in which people give their key."""
    check_parameters(request, ("next", "lang"))
    return _page(request, who, to=to)


@router.post("/login", operation_id="signIn", response_class=HTMLResponse)
async def sign_in(request: Request, who: Anyone) -> Response:
    """Begin a session with a key."""
    form = await _form(request)
    to = form.get("next", "")
    try:
        vault = _vault(request)
        key = _key(request, vault, form)
        begun, ends = vault.visits.begin(key, seconds=keeper(request).settings.session_hours * 3600)
    except StoreError:
        return _page(request, who, to=to, refused=later("store_down", 1.0))
    except Refused as refused:
        return _page(request, who, to=to, refused=refused)
    request.state.who, request.state.event = keeper(request).who(key), "signed in"
    desk = unseen_of(request, request.state.who) is not None  # where notices are told
    response = _go(request, to or ("/desk" if desk else "/"))
    keep_session(request, response, begun, seconds=ends - time.time())
    return response


@router.post("/logout", operation_id="signOut", response_class=HTMLResponse)
async def sign_out(request: Request, who: Anyone) -> Response:
    """End a session."""
    form = await _form(request)
    try:
        _check_form(request, form)
        _vault(request).visits.end(session_of(request))
    except StoreError:
        return _page(request, who, to="/", refused=later("store_down", 1.0))
    except Refused as refused:
        return _page(request, who, to="/", refused=refused)
    request.state.event = "signed out"
    response = _go(request, "/login")
    forget_session(request, response)
    return response


def _key(request: Request, vault: Vault, form: dict[str, str]) -> Key:
    _check_form(request, form)
    if wait := vault.failures.wait_s(asker_of(request)):
        raise later("too_many_failures", wait, status=429)
    key = vault.keys.find(form.get("key", "").strip())
    if key is None or key.state != "valid":
        raise wrong_key(request, vault, key)
    return key


def _check_form(request: Request, form: dict[str, str]) -> None:
    if not is_our_form(request, form.get("token", "")):
        raise Refused(403, words.in_both("form_not_ours"))


def _vault(request: Request) -> Vault:
    vault = keeper(request).vault
    if vault is None or not vault.keys.exist():
        raise Refused(400, words.in_both("sign_in_without_keys"))
    return vault


async def _form(request: Request) -> dict[str, str]:
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > MOST_BYTES:
            raise Refused(413, words.in_both("form_bytes", most=MOST_BYTES))
    try:
        fields = parse_qs(body.decode("ascii", "replace"), keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError as error:
        raise Refused(400, words.in_both("form_fields", most=_MOST_FIELDS)) from error
    return {name: values[0] for name, values in fields.items()}


def _go(request: Request, to: str) -> Response:
    """Send a browser to a path of this server, under whatever path the server itself is known."""
    known = keeper(request).settings.public_url
    base = (known.path or "").rstrip("/") if known is not None else ""
    return RedirectResponse(f"{base}{to if _OURS.fullmatch(to) else '/'}", 303)


def _page(request: Request, who: Who, *, to: str, refused: Refused | None = None) -> Response:
    lang = request.query_params.get("lang")
    asked = f"?{urlencode({'lang': lang})}" if lang else ""
    cookies = Response()
    response = html(
        request, "login.html", who=who, kept=False, status=200 if refused is None else refused.status_code,
        refused=None if refused is None else in_language(refused.said, language_of(request)),
        signed_in=who.name, token=form_token(request, cookies), next=to, action=f"login{asked}",
        logout=f"logout{asked}",
    )  # fmt: skip
    for name, value in [*(refused.headers or {}).items()] if refused is not None else []:
        response.headers[name] = value
    for cookie in cookies.headers.getlist("set-cookie"):
        response.headers.append("set-cookie", cookie)
    return response
