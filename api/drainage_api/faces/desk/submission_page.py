"""One submission as a page: how far it is, what was understood, what it changes, and what can be done now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from fastapi import Request, Response

from drainage.said import Language
from drainage_api.access.sessions import form_token
from drainage_api.access.who import Who
from drainage_api.faces.desk.change_drawing import ChangeDrawing
from drainage_api.faces.desk.change_tables import change_view
from drainage_api.faces.desk.intake_tables import intake_view
from drainage_api.faces.desk.rows import UNDECIDED, listed, moment, state_said, submission_row, words_of
from drainage_api.faces.pages_html import DESK, html, text
from drainage_api.served.answers import language_of

_STEPS: Final = ("received", "checked", "computed")
_ENDS: Final = ("accepted", "returned", "withdrawn", "failed")
_SIGNS: Final = {
    "done": "●",
    "here": "◉",
    "todo": "○",
    "accepted": "✓",
    "returned": "↩",
    "withdrawn": "–",
    "failed": "!",
}


def submission_page(
    request: Request,
    who: Who,
    document: Mapping[str, Any],
    comparison: Mapping[str, Any] | None = None,
    *,
    drawn: ChangeDrawing | None = None,
    refused: str = "",
    kept_words: str = "",
    status: int = 200,
) -> Response:
    """Return the page.

    Parameters
    ----------
    document
        What programs get of the submission, with ``intake`` once it was checked.
    comparison
        What programs get as its comparison; None where it is not computed.
    drawn
        The drawing of its changes.
    refused, kept_words
        Why a form was refused, and the words that were in it.
    """
    lang = language_of(request)
    one = submission_row(request, who, document)
    return html(
        request,
        "submission.html",
        who=who,
        status=status,
        scripted=True,
        one=one,
        steps=_steps(str(document["state"]), document.get("history") or (), lang),
        history=[_event(event, lang) for event in document.get("history") or ()],
        may=_may(who, document),
        conflicts=_conflicts(document.get("conflicts") or (), lang),
        comparison=None if comparison is None else change_view(comparison, lang),
        intake=intake_view(document["intake"], lang) if document.get("intake") else None,
        drawn=drawn,
        refused=refused,
        kept_words=kept_words,
        token=form_token(request),
    )


def _may(who: Who, document: Mapping[str, Any]) -> dict[str, bool]:
    """Return what this person can do with it now; it is the routes that decide."""
    state = document["state"]
    by_them = document.get("by") == who.name
    own = who.may("submit") and by_them
    return {
        "decide": who.may("decide") and state == "computed" and not (by_them and who.key),
        "decided_by_another": who.may("decide") and state == "computed" and by_them and bool(who.key),
        "withdraw": own and state in UNDECIDED,
        "appeal": own
        and state == "returned"
        and not any(one.get("act") == "appeal" for one in document.get("history") or ()),
        "resubmit": own and state in {"returned", "failed", "withdrawn"},
        "file": who.may("decide"),
    }


def _steps(state: str, history: Sequence[Mapping[str, Any]], lang: Language) -> list[dict[str, Any]]:
    """Return the way of a submission: what it has behind it, where it is, what is to come."""
    times = {str(event.get("state")): event.get("at") for event in history}
    end = state if state in _ENDS else "decided"
    reached = _STEPS.index(state) if state in _STEPS else _last(times)
    steps = []
    for place, name in enumerate(_STEPS):
        here = state == name
        how = "here" if here else "done" if place <= reached else "todo"
        if state in _ENDS and how == "todo":
            continue
        steps.append(
            {"state": name, "how": how, "here": here, "at": moment(times.get(name)) if how != "todo" else None}
        )
    ended = state in _ENDS
    last = {"state": end, "how": "here" if ended else "todo", "here": ended}
    steps.append({**last, "at": moment(times.get(end)) if ended else None})
    return [
        {
            **step,
            "said": state_said(str(step["state"]), lang),
            "sign": _SIGNS.get(str(step["state"]), _SIGNS[str(step["how"])])
            if step["how"] != "todo"
            else _SIGNS["todo"],
            "told": text(f"step_{step['how']}", lang, of=DESK),
        }
        for step in steps
    ]


def _last(times: Mapping[str, object]) -> int:
    """Return the last step that was taken before the end."""
    return max((place for place, name in enumerate(_STEPS) if name in times), default=0)


def _event(event: Mapping[str, Any], lang: Language) -> dict[str, Any]:
    role = str(event.get("role") or "")
    act = str(event.get("act") or "")
    return {
        "state": str(event.get("state")),
        "said": text(f"act_{act}", lang, of=DESK) if act in _ACTS else state_said(str(event.get("state")), lang),
        "at": moment(event.get("at")),
        "who": str(event.get("who") or ""),
        "role": text(f"role_{role}", lang, of=DESK) if role in _ROLES else "",
        **words_of(event, of_people=act not in {"fail", "rebase"}, lang=lang),
    }


_ACTS: Final = ("appeal", "rebase")
_ROLES: Final = ("contractor", "engineer", "operator", "local")


def _conflicts(told: Sequence[Mapping[str, Any]], lang: Language) -> list[dict[str, str]]:
    return [
        {
            "id": str(one["id"]),
            "by": str(one.get("by") or ""),
            "roads": listed([str(road) for road in one.get("roads") or ()], lang),
        }
        for one in told
    ]
