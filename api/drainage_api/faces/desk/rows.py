"""Submissions, notices and jobs as rows of a page: states in words, moments, texts in the language of the reader."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from fastapi import Request

from drainage import words
from drainage.said import Language
from drainage.words import LANGUAGES
from drainage_api.access.who import Who
from drainage_api.faces.clock import moment_of
from drainage_api.faces.pages_html import DESK, at, has_text, text
from drainage_api.served.answers import language_of

#: States in which a page looks again by itself whether something has come of it.
PENDING: Final = frozenset({"received", "checked"})
#: States before a decision, in which a submission can be withdrawn.
UNDECIDED: Final = frozenset({"received", "checked", "computed"})
_SHORT: Final = 120  # characters of a name of a file on a page
_FEW: Final = 3  # items that are listed beside an event (own choice)
_AGAINST: Final = ("errors", "warnings", "missing", "guessed")  # shares beside a score
_LEAST_SHARE: Final = 0.01  # that is told by its number (own choice)
_COLONS: Final = (":", "\uff1a")
_KILO: Final = 1_000


def submission_row(request: Request, who: Who, told: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a page says of a submission in one row.

    Parameters
    ----------
    told
        The document that programs get of it.
    """
    lang = language_of(request)
    state, identity = str(told["state"]), str(told["id"])
    last = _decision(told.get("history") or (), state)
    return {
        "id": identity,
        "state": state,
        "said": state_said(state, lang),
        "pending": state in PENDING,
        "href": at(request, "submissions", identity),
        "json": at(request, "submissions", identity, f="json"),
        "receipt": at(request, "submissions", identity, "receipt"),
        "filename": str(told.get("filename") or ""),
        "name": _short(str(told.get("filename") or "") or identity),
        "kind": text(f"kind_{told.get('kind')}", lang, of=DESK) if known_word(f"kind_{told.get('kind')}") else "",
        "size": size_said(int(told.get("size") or 0)),
        "digest": str(told.get("digest") or ""),
        "by": str(told.get("by") or ""),
        "show_by": who.role != "contractor",
        "roads": listed([str(road) for road in told.get("roads") or ()], lang),
        "received": moment(told.get("received")),
        "base": told.get("base"),
        "version": told.get("version"),
        "previous": str(told.get("previous") or ""),
        "problem": items_of(in_one(told.get("problem"), lang)),
        "words": str(told.get("words") or ""),
        "last_words": str(last.get("words") or ""),
        "last_by": str(last.get("who") or ""),
        "counts": counts_said(told.get("counts"), lang),
        "score": score_said(told.get("score"), lang),
        "breaks": int(told.get("breaks") or 0),
        "summary": in_one(told.get("summary"), lang),
        **progress_of(told.get("progress"), state, lang),
    }


def _decision(history: Sequence[Mapping[str, Any]], state: str) -> Mapping[str, Any]:
    """Return the event that decided; nothing where nobody has."""
    if state not in {"accepted", "returned"}:
        return {}
    return next((one for one in reversed(history) if one.get("state") == state), {})


def notice_row(request: Request, told: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a page says of a notice."""
    lang, state, identity = language_of(request), str(told["state"]), str(told["submission"])
    return {
        "state": state,
        "said": state_said(state, lang),
        "seen": bool(told.get("seen")),
        "href": at(request, "submissions", identity),
        "name": identity,
        "at": moment(told.get("at")),
        **words_of(told, of_people=state in {"accepted", "returned"}, lang=lang),
    }


def evidence_row(request: Request, told: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a page says of a piece of evidence."""
    lang, identity, state = language_of(request), str(told["id"]), str(told["state"])
    return {
        "id": identity,
        "state": "done" if state == "computed" else state,
        "said": state_said("done" if state == "computed" else state, lang),
        "pending": state == "received",
        "name": _short(str(told.get("filename") or identity)),
        "kind": evidence_kind(str(told.get("kind") or ""), lang),
        "by": str(told.get("by") or told.get("name") or ""),
        "made": moment(told.get("received") or told.get("made")),
        "problem": items_of(in_one(told.get("problem"), lang)),
        "href": at(request, "evidence", identity),
        "json": at(request, "evidence", identity, f="json"),
    }


def evidence_kind(kind: str, lang: Language) -> str:
    """Return the word of a kind of evidence."""
    return text(f"evidence_{kind}", lang, of=DESK) if known_word(f"evidence_{kind}") else kind


def progress_of(told: object, state: str, lang: Language) -> dict[str, Any]:
    """Return how far a job is: its share, or None where nobody knows, and its step in words."""
    known = told if isinstance(told, Mapping) else {}
    share = known.get("share")
    step = in_one(known.get("step"), lang) or text(f"going_{state}" if state in PENDING else "going", lang, of=DESK)
    return {"share": None if share is None else min(1.0, max(0.0, float(share))), "step": step}


def state_said(state: str, lang: Language) -> str:
    """Return the word of a state."""
    return text(f"state_{state}", lang, of=DESK) if known_word(f"state_{state}") else state


def known_word(key: str) -> bool:
    """Tell whether the pages of the desk have a word."""
    return has_text(key, of=DESK)


def in_one(said: object, lang: Language) -> str:
    """Return a text that is kept in both languages in one, whether as an object or as one text."""
    if isinstance(said, Mapping):
        return str(said.get(lang) or said.get("en") or said.get("zh") or "")
    return "" if said is None else words.one_language(said if isinstance(said, str) else str(said), lang)


def words_of(told: Mapping[str, Any], *, of_people: bool, lang: Language) -> dict[str, Any]:
    """Return the words beside an event: of people as they wrote them, of the server its items in one language."""
    words = str(told.get("words") or "")
    if of_people:
        return {"words": words, "items": []}
    lines = words.split("\n")
    each, odd = divmod(len(lines), len(LANGUAGES))
    start = LANGUAGES.index(lang) * each
    items = items_of(in_one(words, lang)) if odd else lines[start : start + each]
    few = _FEW + any(one.endswith(_COLONS) for one in items[:1])
    more = text("items_more", lang, of=DESK, count=len(items) - few) if len(items) > few else ""
    return {"words": "", "items": [*items[:few], *([more] if more else [])]}


def items_of(said: str) -> list[str]:
    """Return the lines of what lists several; the first, where it ends with a colon, says of what."""
    return [line for line in said.splitlines() if line.strip()]


def listed(texts: Sequence[str], lang: Language) -> str:
    """Return several names as a list that is read."""
    return ("、" if lang == "zh" else ", ").join(texts)


def how_often(ids: Sequence[str], most: int, lang: Language) -> str:
    """Return how many features there are, with the names of the first."""
    named = listed([*ids[:most], *(["…"] if len(ids) > most else [])], lang)
    return text("times", lang, of=DESK, count=len(ids), ids=named)


def counts_said(counts: object, lang: Language) -> str:
    """Return how many features a submission adds, changes and abandons; empty where that is not known yet."""
    if not isinstance(counts, Mapping):
        return ""
    known = {name: int(counts.get(name) or 0) for name in ("add", "change", "abandon")}
    return text("counts", lang, of=DESK, **known)


def score_said(told: object, lang: Language) -> str:
    """Return a score with the shares of features and values that tell against the file; empty where there is none."""
    if not isinstance(told, Mapping) or told.get("score") is None:
        return ""
    shares = {name: float(told.get(f"{name}_share") or 0.0) for name in _AGAINST}
    against = [text(f"score_{name}", lang, of=DESK, share=share_said(one)) for name, one in shares.items() if one > 0]
    score = f"{float(told['score']):.1f}"
    if not against:
        return text("score_clean", lang, of=DESK, score=score)
    return text("score", lang, of=DESK, score=score, against=listed(against, lang))


def share_said(share: float) -> str:
    """Return a share in per cent; one that is not nothing is not told as nothing."""
    return f"{100 * share:.0f} %" if share >= _LEAST_SHARE else "< 1 %"


def size_said(size: int) -> str:
    """Return a number of bytes for people."""
    if size < _KILO:
        return f"{size} B"
    return f"{size / _KILO:,.0f} kB" if size < _KILO**2 else f"{size / _KILO**2:,.1f} MB"


def moment(time: object) -> dict[str, str] | None:
    """Return a moment, given as a text of ISO 8601 or in seconds since 1970, for `desk_parts.html` to tell."""
    if time in (None, ""):
        return None
    found = moment_of(time if isinstance(time, int | float) else str(time))
    return {"iso": str(time) if found is None else found.isoformat(timespec="seconds")}


def _short(name: str) -> str:
    return name if len(name) <= _SHORT else f"{name[: _SHORT // 2]}…{name[-_SHORT // 2 :]}"
