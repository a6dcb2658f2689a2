"""Submissions and notices as documents, for programs and for the pages that show them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from fastapi import Request

from drainage import words
from drainage_api.access.check import Refused, desk_of
from drainage_api.access.keeper import Vault
from drainage_api.access.who import Who
from drainage_api.errors import shortened
from drainage_api.faces.own_part import own_comparison
from drainage_api.models import XLSX
from drainage_api.served.answers import Link, address_of, link
from drainage_api.store.queue import Job
from drainage_api.store.sentences import both
from drainage_api.store.submitting.moves import MOVES, State
from drainage_api.store.submitting.records import Event, Notice, Submission
from drainage_api.store.submitting.submitted import moment

#: What a list tells of what was computed.
_SHORT: Final = ("counts", "summary", "breaks")
_FEW: Final = 50


def submissions_document(
    request: Request, who: Who, *, states: Sequence[State] = (), limit: int = _FEW, offset: int = 0
) -> dict[str, Any]:
    """Return the submissions that are for somebody, the newest first."""
    desk = desk_of(request)
    found, matched = desk.submissions.listed(key=_whose(who), states=states, limit=limit, offset=offset)
    histories = desk.submissions.history([one.id for one in found])
    going = _progress(desk, found)
    told = [_told(request, one, histories[one.id], going.get(one.id)) for one in found]
    return {"submissions": told, "numberMatched": matched, "numberReturned": len(told), "links": [
        link(address_of(request, "submissions"), "self"),
        link(address_of(request, "submissions", "template"), "template", XLSX),
    ]}  # fmt: skip


def submission_document(request: Request, who: Who, identity: str) -> dict[str, Any]:
    """Return a submission with what was understood of it, and the others that may be at odds with it.

    Raises
    ------
    Refused
        404: there is none of this id for them.
    """
    return document_of(request, who, submission_for(request, who, identity))


def document_of(request: Request, who: Who, one: Submission) -> dict[str, Any]:
    """Return the same of a submission that was read already and is for them."""
    desk = desk_of(request)
    [history] = desk.submissions.history([one.id]).values()
    return {
        **_told(request, one, history, _progress(desk, [one]).get(one.id)),
        "intake": one.intake,
        "conflicts": _conflicts(desk, one) if who.whole else [],
    }


def received_document(request: Request, one: Submission, history: Sequence[Event]) -> dict[str, Any]:
    """Return a submission as it was when it came in, which is the same whenever it is asked for."""
    then = replace(
        one, state="received", base=one.receipt["receipt"]["base"], version=None, problem=None, comparison=None
    )  # fmt: skip
    return _plain(request, then, history[:1])


def submission_for(request: Request, who: Who, identity: str) -> Submission:
    """Return a submission that is for somebody: their own, or any to those who see the whole city.

    Raises
    ------
    Refused
        404.
    """
    one = desk_of(request).submissions.get(identity)
    if one is None or (not who.whole and one.key != who.key):
        raise Refused(404, words.in_both("submission_unknown", id=shortened(identity)))
    return one


def notices_document(request: Request, who: Who, *, limit: int = _FEW, offset: int = 0) -> dict[str, Any]:
    """Return what somebody is told of their submissions, the newest first."""
    held = desk_of(request).submissions.notices
    found, matched = held.listed(who.key, limit=limit, offset=offset)
    return {
        "notices": [_notice(request, one) for one in found],
        "unseen": held.unseen(who.key),
        "numberMatched": matched,
        "numberReturned": len(found),
    }


def _whose(who: Who) -> str | None:
    return None if who.whole else who.key


def written_document(request: Request, one: Submission) -> dict[str, Any]:
    """Return a submission as it was just written, where nothing more can be read of it now."""
    return {**_told(request, one, (), None), "intake": one.intake, "conflicts": []}


def _told(
    request: Request, one: Submission, history: Sequence[Event], progress: dict[str, Any] | None
) -> dict[str, Any]:
    held = one.comparison or {}
    return {
        **_plain(request, one, history),
        "progress": progress,
        "score": (one.intake or {}).get("score"),
        **{name: held.get(name) for name in _SHORT},
    }


def _progress(desk: Vault, found: Sequence[Submission]) -> dict[str, dict[str, Any]]:
    """Return how far the jobs of those are that are under way, by their ids; of one that waits how many come before."""
    going = [one.id for one in found if one.state in MOVES["fail"]]
    jobs = desk.queue.newest(going) if going else {}
    waiting = [job for job in jobs.values() if job.state == "waiting"]
    before = desk.queue.before(waiting) if waiting else {}
    return {subject: _of_job(job, before.get(job.id)) for subject, job in jobs.items()}


def _of_job(job: Job, before: int | None) -> dict[str, Any]:
    told = {"job": job.id, "state": job.state, **(job.document()["progress"] or {})}
    if before is None:
        return told
    return told | {"before": before, "step": both(words.in_both("job_before", count=before))}


def _plain(request: Request, one: Submission, history: Sequence[Event]) -> dict[str, Any]:
    return {
        "id": one.id, "state": one.state, "received": moment(one.made), "filename": one.filename, "kind": one.kind,
        "digest": one.digest, "size": one.size, "base": one.base, "by": one.name, "roads": list(one.roads),
        "words": one.words, "previous": one.previous, "version": one.version, "progress": None,
        "problem": one.problem, "history": [_event(event) for event in history], "links": _links(request, one),
    }  # fmt: skip


def _event(one: Event) -> dict[str, Any]:
    return {
        "at": moment(one.at), "act": one.act, "state": one.state, "who": one.who, "role": one.role, "words": one.words,
    }  # fmt: skip


def _notice(request: Request, one: Notice) -> dict[str, Any]:
    return {
        "number": one.number, "submission": one.submission, "at": moment(one.at), "state": one.state,
        "words": one.words, "seen": None if one.seen is None else moment(one.seen),
        "links": [link(address_of(request, "submissions", one.submission), "submission")],
    }  # fmt: skip


def _links(request: Request, one: Submission) -> list[Link]:
    def at(*more: str) -> str:
        return address_of(request, "submissions", one.id, *more)

    links = [link(at(), "self"), link(at("receipt"), "receipt")]
    links += [link(at("comparison"), "comparison")] if one.comparison else []
    links += [link(address_of(request, "submissions", one.previous), "previous")] if one.previous else []
    return links


def _conflicts(desk: Vault, one: Submission) -> list[dict[str, Any]]:
    """Return the submissions that wait beside this one and touch what it touches."""
    if one.state not in MOVES["withdraw"]:
        return []
    beside = [other for other in desk.submissions.beside(one) if _meet(one, other)]
    return [{"id": other.id, "by": other.name, "roads": list(other.roads)} for other in beside]


def _meet(one: Submission, other: Submission) -> bool:
    """Tell whether two touch the same pipes or nodes; where that is not known of both, the same roads."""
    mine, theirs = _touched(one.intake), _touched(other.intake)
    if mine is not None and theirs is not None:
        return bool(mine & theirs)
    return not one.roads or not other.roads or bool({*one.roads} & {*other.roads})


def _touched(intake: Mapping[str, Any] | None) -> set[tuple[str, str]] | None:
    touched = (intake or {}).get("touched")
    return None if touched is None else {(layer, name) for layer, names in touched.items() for name in names}


def comparison_of(request: Request, who: Who, one: Submission) -> dict[str, Any]:
    """Return what was computed of a submission that is for somebody; to a contractor what is of the roads of the key.

    Raises
    ------
    Refused
        409: nothing was computed.
    """
    if one.comparison is None:
        state = words.all_of("submission_states")[one.state]
        raise Refused(409, words.in_both("submission_not_computed", state=state))
    found: dict[str, Any] = json.loads(desk_of(request).objects.read(one.comparison["document"]))
    return found if not who.roads else own_comparison(found, who.roads)
