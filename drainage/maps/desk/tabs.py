"""The questions of a page: which are there, what each draws and lists in a period, what is said of its answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from drainage import words
from drainage.maps.desk.lists import list_of
from drainage.maps.desk.question_looks import ASKED, Asked, Sentences
from drainage.maps.desk.sentences import verdict_of
from drainage.maps.provenance import parts_of
from drainage.provenance import Provenance
from drainage.said import Language, in_language

#: The question under whose name the summary of a report tells what has changed.
CHANGES: Final = "comparison"
#: The question of a report that is about no answer.
_NETWORK: Final = "network"
#: What is drawn thin and grey under an answer, having colours of its own in the question of the network.
_QUIET: Final = ("pipes",)
#: Answers that are roads.
_ROADS: Final = ("roads", "outcome_roads", "separation")


def tabs_of(
    packed: Mapping[str, Any],
    answers: Sequence[Mapping[str, Mapping[str, object]]],
    title: str,
    provenance: Provenance | None,
    lang: Language,
) -> list[dict[str, object]]:
    """Return the questions of a page, the first answered one first.

    Parameters
    ----------
    packed
        What `drainage.maps.payload.pack` returns.
    answers
        For each period question → its summary.
    title
        Name of the question of a page that has one.
    """
    asked = _names(answers, title)
    tabs = []
    for name in asked:
        rest = name == asked[-1]  # draws all that belongs to no other
        periods = [
            _period(name, asked, layers["layers"], summaries, packed["columns"], lang, rest=rest)
            for layers, summaries in zip(packed["periods"], answers, strict=True)
        ]
        if any(period is not None for period in periods):
            tabs.append(_tab(name, periods, provenance, lang))
    return sorted(tabs, key=lambda tab: all(one is None or one["unknown"] for one in tab["periods"]))


def _names(answers: Sequence[Mapping[str, Mapping[str, object]]], title: str) -> list[str]:
    """Return the questions of a page in the order of the tabs, at last the one that draws what belongs to no other."""
    told = {name for summaries in answers for name in summaries if name in ASKED}
    if told - {title} - {CHANGES}:
        return [*(name for name in ASKED if name in told - {_NETWORK, CHANGES}), _NETWORK]
    return [title if title in ASKED or not told else next(iter(told))]


def _tab(name: str, periods: list[Any], provenance: Provenance | None, lang: Language) -> dict[str, Any]:
    rain = name in ASKED and ASKED[name].rain
    parts, verified = ([], True) if provenance is None else parts_of(provenance, lang, rain=rain)
    return {
        "key": name,
        "title": words.title(name, lang),
        "ask": _ask(name, lang),
        "subtitle": parts,
        "unverified": not verified,
        "periods": periods,
    }


def _ask(name: str, lang: Language) -> str:
    asked = words.all_of("asks").get(name)
    return "" if asked is None else str(in_language(asked, lang))


def _period(
    name: str,
    asked: Sequence[str],
    layers: Sequence[Mapping[str, Any]],
    summaries: Mapping[str, Mapping[str, object]],
    columns: Sequence[Mapping[str, Any]],
    lang: Language,
    *,
    rest: bool,
) -> dict[str, object] | None:
    """Return what a question draws, lists and says in one period; None where there is nothing of it."""
    look = ASKED.get(name, Asked())
    own = {*look.layers, *look.more}
    others = {theme for other in asked if other != name for theme in (*ASKED[other].layers, *ASKED[other].more)}
    answers = [layer for layer in layers if not layer["context"]]
    mine = [layer for layer in answers if layer["theme"] in own or (rest and layer["theme"] not in others)]
    told, said = _summary_of(name, look, summaries)
    if told is None and not mine:
        return None
    drawn = [layer for layer in mine if _is_drawn(layer, look)]
    listed = _listed(look, mine)
    keys = [columns[k]["key"] for k in listed["columns"]] if listed else []
    quiet = [layer["key"] for layer in answers if layer["theme"] in _QUIET and layer not in mine]
    return {
        "ask": _ask(name if said is look.said else CHANGES, lang),
        **verdict_of(said, told or {}, lang),
        "layers": [layer["key"] for layer in drawn],
        "more": [layer["key"] for layer in mine if layer not in drawn],
        "quiet": quiet,
        "hides": _hidden(layers, drawn),
        "list": listed["key"] if listed else "",
        **list_of(listed["theme"] if listed else "", keys, _lead(listed, keys), lang),
    }


def _summary_of(
    name: str, look: Asked, summaries: Mapping[str, Mapping[str, object]]
) -> tuple[Mapping[str, object] | None, Sentences]:
    """Return the figures of an answer and what is said of them; of a period of changes those of the comparison."""
    if name in summaries:
        return summaries[name], look.said
    if CHANGES in summaries and look.changes.verdict:
        return summaries[CHANGES], look.changes
    return None, look.said


def _is_drawn(layer: Mapping[str, Any], look: Asked) -> bool:
    if layer["theme"] in look.layers:
        return True
    return bool(layer["shown"]) and layer["theme"] not in look.more


def _hidden(layers: Sequence[Mapping[str, Any]], drawn: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the roads of the context where roads are the answer themselves, and have their names beside them."""
    if not any(layer["theme"] in _ROADS for layer in drawn):
        return []
    return [layer["key"] for layer in layers if layer["theme"] == "context_roads"]


def _listed(look: Asked, layers: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """Return the layer of the list: the first theme that is there and has rows, else the uppermost that is listed."""
    for theme in look.list:
        for layer in layers:
            if layer["theme"] == theme and layer["shapes"]:
                return layer
    found = [layer for layer in layers if layer["listed"]]
    return found[-1] if found else None


def _lead(listed: Mapping[str, Any] | None, keys: Sequence[str]) -> list[str]:
    return [keys[k] for k in listed["lead"]] if listed else []
