"""Pages for people: one language at a time, one style sheet in the page under its hash, a script at the desk alone."""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache, partial
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

from fastapi import Request, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from drainage import words
from drainage.report import TITLE
from drainage.said import OTHER, Language, Said
from drainage_api.access.keeper import keeper
from drainage_api.access.unseen import unseen_of
from drainage_api.access.who import Who
from drainage_api.faces.clock import by_the_clock
from drainage_api.models import HTML
from drainage_api.served.answers import FRESH, address_of, language_of, told
from drainage_api.served.served import served_or_none

_UNSEEN: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_TEMPLATES: Final = Path(__file__).with_name("templates")
#: Table of `words.toml` with the words of these pages.
WORDS: Final = "server_pages"
#: The same of the desk.
DESK: Final = "desk_pages"


def html(
    request: Request,
    template: str,
    *,
    who: Who | None = None,
    status: int = 200,
    scripted: bool = False,
    kept: bool = True,
    **values: object,
) -> Response:
    """Return a page as a response with its own policy.

    Parameters
    ----------
    template
        File in ``templates/``; the languages and addresses of `render` are known to it.
    who
        Who asks; None where that is not known, as on a page of an error.
    scripted
        Whether it brings the script of the desk, which asks this server alone.
    kept
        Whether a browser may keep it; none keeps a page of the desk.
    """
    content = render(request, template, who=who, scripted=scripted, **values)
    fresh = {} if kept and not scripted else FRESH
    return Response(content, status, headers(request, scripted=scripted) | fresh, HTML)


def render(request: Request, template: str, *, who: Who | None = None, **values: object) -> bytes:
    """Return a page as bytes.

    A template knows ``lang``, ``t(key, …)`` (a word of `server_pages`), ``at(*path, **query)`` (an address here),
    ``other`` (this address in the other language), ``said(text)`` (of a text in both languages the reader's),
    ``clock(time)`` (a moment by the clock of the settings),
    ``word``, ``heading`` and ``shown`` (of columns), ``title``, ``notice`` and ``plan``; ``side(version)`` is this
    address of that side of a comparison, and ``version`` and ``versions`` are nothing where a page has no sides.
    ``number`` is that of the version in the store, and ``older`` tells that there is a newer one,
    ``damaged`` the number of the newest where it cannot be read.
    """
    lang = language_of(request)
    here = served_or_none(request)
    known: dict[str, Any] = {
        "lang": lang,
        "t": partial(text, lang=lang),
        "d": partial(text, lang=lang, of=DESK),
        "at": partial(at, request),
        "other": _other(request, lang),
        "back": request.url.path + (f"?{request.url.query}" if request.url.query else ""),
        "other_lang": OTHER[lang],
        "json_address": changed(request, f="json", lang=None),
        "version": "",
        "versions": (),
        "side": lambda version: changed(request, version=version, offset=None),
        "said": partial(words.one_language, lang=lang),
        "clock": partial(by_the_clock, zone=keeper(request).settings.zone),
        "word": partial(words.word, lang=lang),
        "heading": partial(heading, lang=lang),
        "title": words.one_language(TITLE, lang),
        "notice": None if here is None else words.one_language(str(here.notice.get("notice", "")), lang),
        "plan": None if here is None else words.one_language(str(here.of_a_plan.get("coordinates", "")), lang),
        "older": here is not None and here.number != getattr(request.app.state.served, "number", None),
        "damaged": None if here is None or not here.damaged else here.damaged[0],
        "number": None if here is None else here.number,
        "who": who,
        "style": Markup(style(at_the_desk=bool(values.get("scripted")))),  # noqa: S704 - our own files
        "script": Markup(script()),  # noqa: S704 - our own file
        "scripted": False,
        "unseen": unseen_of(request, who),
    }
    return _environment().get_template(template).render(known | values).encode()


def heading(column: str, lang: Language) -> str:
    """Return the heading of a column; of a text that stands there in both languages, without its language."""
    plain = column.removesuffix("_zh").removesuffix("_en")
    return words.heading(plain if words.has_word(plain) else column, lang)


def headers(request: Request, *, scripted: bool = False) -> dict[str, str]:
    """Return the headers of a page: its style is the one that we wrote; nothing runs and nothing is fetched.

    At the desk the script that we wrote runs, and photographs and what it asks for come from here.
    """
    style_digest = _digest(style(at_the_desk=scripted))
    own = f"script-src '{_digest(script())}'; connect-src 'self'; img-src 'self' data:" if scripted else "img-src data:"
    policy = (
        f"default-src 'none'; style-src '{style_digest}'; {own}; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    )
    return {**told(request), "Content-Security-Policy": policy, "Cache-Control": "private, no-cache"}


def text(key: str, lang: Language, *, of: str = WORDS, **values: object) -> str:
    """Return a word of these pages in one language."""
    return words.one_language(_words(of)[key], lang).format(**values)


def has_text(key: str, *, of: str = WORDS) -> bool:
    """Tell whether these pages have a word."""
    return key in _words(of)


@cache
def _words(table: str) -> dict[str, Said]:
    return words.all_of(table)


@cache
def style(*, at_the_desk: bool = False) -> str:
    """Return the style sheet, at the desk with what only its pages have."""
    names = ("style.css", "desk.css") if at_the_desk else ("style.css",)
    return "".join((_TEMPLATES / name).read_text(encoding="utf-8") for name in names)


@cache
def script() -> str:
    """Return the script of the desk, as ``web/`` bundles it."""
    return (_TEMPLATES / "desk.js").read_text(encoding="utf-8").strip()


@cache
def _digest(content: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}"


def _seen(value: object) -> object:
    """Return a text without signs that nobody sees and that turn round how what stands beside them is read.

    These are control characters but tabs and ends of lines, and the marks, embeddings, overrides and isolates of the
    bidirectional algorithm of Unicode (UAX 9).
    """
    return _UNSEEN.sub("", value) if isinstance(value, str) and not isinstance(value, Markup) else value


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=select_autoescape(default=True),
        undefined=StrictUndefined,
        finalize=_seen,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def at(request: Request, *parts: str, **query: object) -> str:
    """Return an address here; the language and, of collections, the side that this address names go on with it."""
    chosen = request.query_params.get("lang")
    of = request.query_params.get("version") if parts[:1] == ("collections",) else None
    asked = {**query, "version": query.get("version") or of, "lang": chosen if chosen in {"zh", "en"} else None}
    return address_of(request, *parts, **asked)


def _other(request: Request, lang: Language) -> str:
    return changed(request, lang=OTHER[lang])


def changed(request: Request, **changed: str | None) -> str:
    """Return the query of this address with some of it changed, as a relative address."""
    asked = {**request.query_params, **changed}
    query = urlencode({name: value for name, value in asked.items() if value is not None})
    return f"?{query}"
