"""A receipt as a page that is printed: what was received, when and from whom, what was decided, how it is checked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import Request, Response

from drainage.said import Language
from drainage_api.access.who import Who
from drainage_api.faces.desk.rows import known_word, listed, moment, state_said
from drainage_api.faces.pages_html import DESK, html, text
from drainage_api.served.answers import language_of


def receipt_page(request: Request, who: Who, document: Mapping[str, Any], fingerprint: str) -> Response:
    """Return the page.

    Parameters
    ----------
    document
        What programs get of it.
    fingerprint
        Of the key by which it is signed.
    """
    lang, facts = language_of(request), document["receipt"]
    when = {"received": moment(facts["received"]), "received_utc": facts["received"]}
    signed = {name: document[name] for name in ("algorithm", "signature", "public_key")}
    return html(
        request,
        "receipt.html",
        who=who,
        kept=False,
        one={**facts, **when, "words": facts.get("words") or ""},
        facts=_facts(facts, lang),
        decisions=[_decision(one, lang) for one in document["decisions"]],
        signed={**signed, "fingerprint": fingerprint},
    )


def _facts(facts: Mapping[str, Any], lang: Language) -> list[tuple[str, str]]:
    kind = f"kind_{facts['kind']}"
    told = {
        "receipt_id": str(facts["id"]),
        "receipt_state_then": state_said("received", lang),
        "receipt_sender": str(facts["by"]),
        "receipt_key_prefix": str(facts["key"]),
        "road": listed([str(road) for road in facts["roads"]], lang),
        "file": str(facts["filename"]),
        "kind": text(kind, lang, of=DESK) if known_word(kind) else str(facts["kind"]),
        "size": f"{int(facts['size']):,} B",
        "receipt_base": str(facts["base"]),
        "receipt_replaces": str(facts.get("previous") or ""),
    }
    return [(text(name, lang, of=DESK), value) for name, value in told.items() if value]


def _decision(signed: Mapping[str, Any], lang: Language) -> dict[str, Any]:
    facts = signed["receipt"]
    return {
        "said": state_said(str(facts["decision"]), lang),
        "at": moment(facts["at"]),
        "at_utc": facts["at"],
        "by": str(facts["by"]),
        "comment": str(facts["comment"]),
        "comparison": str(facts["comparison"]),
        "version": facts.get("version"),
        "signature": signed["signature"],
    }
