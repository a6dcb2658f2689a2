"""The desk of whoever is signed in: a contractor's roads and submissions, what waits for an engineer, what runs."""

from __future__ import annotations

import math
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

from fastapi import Request, Response

from drainage.report import EVIDENCE_KINDS
from drainage.said import Language
from drainage_api.access.keeper import keeper
from drainage_api.access.sessions import form_token
from drainage_api.access.unseen import unseen_of
from drainage_api.access.who import Who
from drainage_api.faces.desk.first_works import first_works, roads_of
from drainage_api.faces.desk.rows import (
    evidence_kind,
    evidence_row,
    in_one,
    known_word,
    moment,
    notice_row,
    progress_of,
    state_said,
    submission_row,
)
from drainage_api.faces.pages_html import DESK, at, html, text
from drainage_api.served.answers import language_of
from drainage_api.served.served import served_or_none

#: Endings of the files that can be handed in; the server looks at what they are.
ACCEPTED: Final = ".geojson,.json,.gpkg,.xlsx,.dxf,.zip"
_MEGA: Final = 1_000_000
_ID: Final = re.compile(r"S-\d{8}-[0-9A-Z]{5}", re.ASCII)
_NO_DOCUMENTS: Final[Sequence[Mapping[str, Any]]] = ()


@dataclass(frozen=True, slots=True)
class OnTheDesk:
    """What lies on somebody's desk, each as the document that programs get of it.

    Parameters
    ----------
    submissions, matched
        Those of whoever asks, the newest first, and how many there are.
    waiting
        Those that wait for a decision, the oldest first.
    sightings, seen, streets
        The newest that wait to be looked at, how many wait, and their streets by id, in Chinese and English.
    facts
        Of the store: name and value.
    """

    notices: Sequence[Mapping[str, Any]] = _NO_DOCUMENTS
    submissions: Sequence[Mapping[str, Any]] = _NO_DOCUMENTS
    matched: int = 0
    waiting: Sequence[Mapping[str, Any]] = _NO_DOCUMENTS
    sightings: Sequence[Mapping[str, Any]] = _NO_DOCUMENTS
    seen: int = 0
    streets: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    evidence: Sequence[Mapping[str, Any]] = _NO_DOCUMENTS
    versions: Sequence[Mapping[str, Any]] = _NO_DOCUMENTS
    jobs: Sequence[Mapping[str, Any]] = _NO_DOCUMENTS
    facts: Mapping[str, object] = field(default_factory=dict)


def desk_page(
    request: Request,
    who: Who,
    lies: OnTheDesk,
    *,
    refused: str = "",
    status: int = 200,
    fields: Mapping[str, str] = MappingProxyType({}),
) -> Response:
    """Return the page, with those parts that are for the verbs of whoever asks.

    Parameters
    ----------
    refused
        Why a file was not taken; told at its field, and nothing but its form is shown.
    fields
        What stands in the form: ``words``, and ``previous`` for the submission that the next one replaces; in that of
        evidence ``kind``.
    """
    lang = language_of(request)
    shown = _rows(request, who, lies, lang)
    decidable = sum(one["state"] == "computed" for one in shown["waiting"])
    parts = ["evidence" if "kind" in fields else "submit"] if refused else _parts(who, shown)
    of_roads = _of_roads(request, who, lang) if "fix" in parts else {}
    return html(
        request,
        "desk.html",
        who=who,
        status=status,
        scripted=True,
        parts=parts,
        counts={"waiting": decidable, "sightings": lies.seen, "notices": unseen_of(request, who)},
        **shown,
        **of_roads,
        matched=lies.matched,
        since=max((str(one["received"]) for one in lies.waiting), default=""),
        more=lies.matched > len(lies.submissions),
        facts=[(text(f"fact_{name}", lang, of=DESK), _fact(value)) for name, value in lies.facts.items()],
        token=form_token(request),
        refused="" if "kind" in fields else refused,
        evidence_refused=refused if "kind" in fields else "",
        evidence_kinds=_evidence_kinds(lang) if who.may("submit") else [],
        paid=keeper(request).settings.terms is not None,
        fields=fields,
        previous=previous if _ID.fullmatch(previous := fields.get("previous", "")) else "",
        idempotency=secrets.token_urlsafe(16),
        accepted=ACCEPTED,
        most_bytes=(most := keeper(request).settings.upload_bytes),
        most_mb=math.floor(most / _MEGA),
    )


def _parts(who: Who, shown: Mapping[str, Sequence[object]]) -> list[str]:
    """Return the parts of the page in their order; what needs somebody comes before what only tells."""
    submits, decides, operates = (who.may(verb) for verb in ("submit", "decide", "operate"))
    works = submits and not decides
    asked = {
        "notices": bool(shown["notices"]),
        "waiting": decides,
        "sightings": decides,
        "all": decides,
        "roads": works,
        "fix": works,
        "submit": works,
        "mine": works,
        "evidence": submits or bool(shown["evidence"]),
        "versions": decides and bool(shown["versions"]),
        "jobs": operates,
    }
    last = ["submit"] if submits and decides else []  # engineers submit too, but rarely
    return [name for name, wanted in asked.items() if wanted] + last


def _rows(request: Request, who: Who, lies: OnTheDesk, lang: Language) -> dict[str, Any]:
    return {
        "notices": [notice_row(request, one) for one in lies.notices],
        "submissions": [submission_row(request, who, one) for one in lies.submissions],
        "waiting": [submission_row(request, who, one) for one in lies.waiting],
        "sightings": [_sighting(request, one, lies.streets, lang) for one in lies.sightings],
        "evidence": [evidence_row(request, one) for one in lies.evidence],
        "versions": [
            {**one, "made": moment(one.get("made")), "note": _note(one.get("note"), lang)} for one in lies.versions
        ],
        "jobs": _jobs(lies.jobs, lang),
    }


def _of_roads(request: Request, who: Who, lang: Language) -> dict[str, Any]:
    """Return what is known of the roads of a contractor; nothing while the report is being read."""
    here = served_or_none(request)
    if here is None:
        return {"roads": [], "works": []}
    return {"roads": roads_of(here, who), "works": first_works(here, who, lang)}


def _evidence_kinds(lang: Language) -> list[dict[str, str]]:
    return [{"value": kind, "said": evidence_kind(kind, lang)} for kind in EVIDENCE_KINDS]


def _note(note: object, lang: Language) -> str:
    return text(f"note_{note}", lang, of=DESK) if known_word(f"note_{note}") else in_one(note, lang)


def _sighting(
    request: Request, told: Mapping[str, Any], streets: Mapping[str, tuple[str, str]], lang: Language
) -> dict[str, Any]:
    identity = str(told["id"])
    chinese, english = streets.get(identity, ("", ""))
    depth = told.get("depth_m")
    return {
        "id": identity,
        "at": moment(told.get("at") or told.get("time")),
        "street": (english or chinese) if lang == "en" else (chinese or english),
        "place": f"{told['lon']:.5f}, {told['lat']:.5f}",
        "depth": text("not_recorded", lang) if depth is None else f"{depth:.2f} m",
        "words": str(told.get("words") or ""),
        "photo": at(request, "sightings", identity, "photo") if told.get("photo") else "",
        "action": at(request, "sightings", identity, "decision"),
    }


def _jobs(told: Sequence[Mapping[str, Any]], lang: Language) -> list[dict[str, Any]]:
    """Return jobs, the newest first; of each subject the newest can be begun anew, where it came to nothing."""
    rows, subjects = [], set[str]()
    for one in told:
        row = _job(one, lang)
        again = row["state"] in {"failed", "cancelled"} and row["subject"] not in subjects
        subjects.add(row["subject"])
        rows.append({**row, "again": again})
    return rows


def _job(told: Mapping[str, Any], lang: Language) -> dict[str, Any]:
    state, kind = str(told["state"]), str(told.get("kind") or "")
    return {
        "id": str(told["id"]),
        "state": state,
        "said": state_said(state, lang),
        "open": state in {"waiting", "running"},
        "kind": text(f"job_{kind}", lang, of=DESK) if known_word(f"job_{kind}") else kind,
        "subject": str(told.get("subject") or ""),
        "made": moment(told.get("made")),
        "attempts": told.get("attempts") or 0,
        "error": in_one(told.get("error"), lang),
        **progress_of(told.get("progress"), state, lang),
    }


def _fact(value: object) -> str:
    return f"{value:,}" if isinstance(value, int) else str(value)
