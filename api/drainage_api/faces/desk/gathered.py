"""What lies on somebody's desk, read from the store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from fastapi import Request

from drainage_api.access.check import desk_of
from drainage_api.access.keeper import Vault
from drainage_api.access.who import Who
from drainage_api.faces.desk.desk_page import OnTheDesk
from drainage_api.faces.submissions_json import notices_document, submissions_document
from drainage_api.served.marked import streets_of_waiting
from drainage_api.served.served import served_or_none
from drainage_api.store.submitting.moves import OPEN

#: Own choices: how many are told on the page; lists of their own have all of them.
_FEW: Final = 10
_WAITING: Final = 100


def gathered(request: Request, who: Who) -> OnTheDesk:
    """Return what lies on the desk of somebody, as far as their verbs go.

    Raises
    ------
    Refused
        404: there is no desk, because no store is named.
    StoreError
        The store cannot be read.
    """
    desk = desk_of(request)
    submits, decides, operates = (who.may(verb) for verb in ("submit", "decide", "operate"))
    here = served_or_none(request)
    mine: dict[str, Any] = {"submissions": [], "numberMatched": 0}
    if submits:
        mine = submissions_document(request, who, limit=_FEW)
    return OnTheDesk(
        notices=notices_document(request, who, limit=_FEW)["notices"] if submits else [],
        submissions=mine["submissions"],
        matched=mine["numberMatched"],
        waiting=_waiting(request, who) if decides else [],
        sightings=desk.sightings.waiting(2 * _FEW) if decides else [],
        seen=desk.sightings.counts()["waiting"] if decides else 0,
        streets=streets_of_waiting(here, desk.sightings) if decides and here is not None else {},
        evidence=desk.evidence.listed(None if who.whole else who.key, _FEW),
        versions=_versions(desk) if decides else [],
        jobs=[one.document() for one in desk.queue.listed(limit=_FEW * 2)] if operates else [],
        facts=_facts(desk) if operates else {},
    )


def _waiting(request: Request, who: Who) -> Sequence[Mapping[str, Any]]:
    """Return what waits: what can be decided before what is still computed, of both the oldest first."""
    found = submissions_document(request, who, states=OPEN, limit=_WAITING)
    if (beyond := found["numberMatched"] - _WAITING) > 0:
        found = submissions_document(request, who, states=OPEN, limit=_WAITING, offset=beyond)
    oldest = reversed(found["submissions"])
    return sorted(oldest, key=lambda one: one["state"] != "computed")


def _versions(desk: Vault) -> list[dict[str, Any]]:
    return [
        {"number": one.number, "made": one.made, "day": one.day, "submission": one.submission, "note": one.note}
        for one in desk.versions.history()[: _FEW * 2]
    ]


def _facts(desk: Vault) -> dict[str, object]:
    counts = desk.queue.counts()
    _, submitted = desk.submissions.listed(limit=1)
    return {
        "database": "PostgreSQL" if desk.database.dialect == "postgresql" else "SQLite",
        "versions": len(desk.versions.history()),
        "submissions": submitted,
        "jobs_waiting": counts.waiting,
        "jobs_running": counts.running,
        "oldest": round(counts.oldest_s),
    }
