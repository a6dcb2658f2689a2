"""A piece of evidence as a page: what was read of it, and what it changed in the answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from fastapi import Request, Response

from drainage import words
from drainage.said import Language
from drainage_api.access.who import Who
from drainage_api.faces.desk.rows import evidence_row, in_one, known_word
from drainage_api.faces.evidence_json import evidence_document
from drainage_api.faces.pages_html import DESK, heading, html, text
from drainage_api.served.answers import language_of

#: Rows of a table on the page (own choice); the document has more of them.
MOST: Final = 30
_HIDDEN: Final = frozenset({"lon", "lat", "pipes"})


def evidence_page(request: Request, who: Who, identity: str) -> Response:
    """Return the page of a piece of evidence that is for somebody.

    Raises
    ------
    Refused
        404: there is none of this id for them.
    """
    lang, told = language_of(request), evidence_document(request, who, identity)
    return html(
        request,
        "evidence.html",
        who=who,
        scripted=True,
        one=evidence_row(request, told),
        read=_read(told["read"], lang) if told.get("read") else None,
        questions=[_question(name, told, lang) for name in told.get("changes") or ()],
    )


def _read(told: Mapping[str, Any], lang: Language) -> dict[str, Any]:
    rows = [(str(one.get("row") or ""), in_one(one.get("reason"), lang)) for one in told.get("issues") or ()]
    return {
        "said": text("evidence_rows_read", lang, of=DESK, rows=told.get("rows"), aside=told.get("set_aside") or 0),
        "remarks": [in_one(one, lang) for one in told.get("remarks") or ()],
        "issues": rows[:MOST],
    }


def _question(name: str, told: Mapping[str, Any], lang: Language) -> dict[str, Any]:
    """Return what the evidence changed in the answer to a question, or why there is no answer."""
    answer = (told.get("answers") or {}).get(name) or {}
    return {
        "name": name,
        "title": words.question(name, lang),
        "why": in_one(answer.get("not_answered"), lang),
        "table": _table(told["changes"][name], lang),
    }


def _table(rows: Sequence[Mapping[str, Any]], lang: Language) -> dict[str, Any]:
    columns = [name for name in (rows[0] if rows else ()) if name not in _HIDDEN]
    return {
        "heads": [_heading(name, lang) for name in columns],
        "rows": [[_cell(name, row.get(name), lang) for name in columns] for row in rows[:MOST]],
        "more": max(0, len(rows) - MOST),
    }


def _heading(column: str, lang: Language) -> str:
    if known_word(column):
        return text(column, lang, of=DESK)
    plain, _, side = column.rpartition("_")
    if side in {"before", "after"} and words.has_word(plain) and not words.has_word(column):
        return f"{heading(plain, lang)} · {text(f'{side}_evidence', lang, of=DESK)}"
    return heading(column, lang)


def _cell(column: str, value: object, lang: Language) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return str(words.shown(column, value, lang))
    if isinstance(value, int | float):
        return f"{value:,.4g}" if isinstance(value, float) else f"{value:,}"
    if known_word(f"fate_{value}"):
        return text(f"fate_{value}", lang, of=DESK)
    return str(words.shown(column.removesuffix("_before").removesuffix("_after"), in_one(value, lang), lang))
