"""Evidence as documents: of a contractor the rows on the own roads alone, and no figure of the whole city."""

from __future__ import annotations

import json
from typing import Any

from fastapi import Request

from drainage import words
from drainage_api.access.check import Refused, desk_of
from drainage_api.access.keeper import Vault
from drainage_api.access.who import Who
from drainage_api.errors import shortened
from drainage_api.faces.own_part import own_evidence
from drainage_api.served.answers import address_of, link
from drainage_api.store.findings import Evidence


def evidence_page(request: Request, who: Who, *, limit: int = 50, offset: int = 0) -> dict[str, Any]:
    """Return the evidence that is for somebody, the newest first."""
    found, matched = desk_of(request).evidence.found(whose(who), limit=limit, offset=offset)
    return {
        "evidence": [posted_document(request, who, one) for one in found],
        "numberMatched": matched,
        "numberReturned": len(found),
        "links": [link(address_of(request, "evidence"), "self")],
    }


def evidence_document(request: Request, who: Who, identity: str) -> dict[str, Any]:
    """Return a piece of evidence with what was read of it, the answers with it, and what it changed in them.

    Raises
    ------
    Refused
        404: there is none of this id for them.
    """
    desk = desk_of(request)
    one = desk.evidence.get(identity)
    if one is None or (whose(who) or one.key) != one.key:
        raise Refused(404, words.in_both("no_such_piece", id=shortened(identity)))
    told, answers = posted_document(request, who, one), _answers(desk, one)
    return told | (own_evidence(answers, who.roads) if answers and who.roads else answers)


def posted_document(request: Request, who: Who, one: Evidence) -> dict[str, Any]:
    """Return what is told of a piece; how many rows it changed in the whole city to those alone whose that is."""
    changes = one.document()["changes"] if who.whole else None
    return {**one.document(), "changes": changes, "links": [link(address_of(request, "evidence", one.id), "self")]}


def whose(who: Who) -> str | None:
    """Return the key whose evidence somebody sees; None: that of all."""
    return None if who.whole else who.key


def _answers(desk: Vault, one: Evidence) -> dict[str, Any]:
    if one.answers is None:
        return {}
    found: dict[str, Any] = json.loads(desk.objects.read(one.answers["document"]))
    return found | {"version": one.answers.get("version")}
