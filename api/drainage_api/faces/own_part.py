"""What of a document is told to those who have only some roads: the members that are listed here, and the own rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from drainage.report import among_roads

Row = Mapping[str, Any]

#: Members of a comparison that tell of the delivery, or of how was computed.
_OF_THE_DELIVERY: Final = (
    "day", "delivery", "counts", "not_measured", "assumptions", "advice", "storm", "engine", "synthetic",
    "notice", "summary",
)  # fmt: skip
#: Members that are rows, each with its road.
_ROWS: Final = ("points", "misconnections", "works", "roads", "breaks", "joins")
#: Of the pay sheet: neither the score nor the sum, which depend on the works of all.
_OF_PAY: Final = ("why_not", "contract", "example")
#: Of the answer to a question with evidence: its summary is of the whole city.
_OF_AN_ANSWER: Final = ("not_answered",)


def own_comparison(document: Row, roads: Sequence[str]) -> dict[str, Any]:
    """Return of a comparison what is of some roads; ``elsewhere`` counts the rows that are left out."""
    shown: dict[str, Any] = {name: document[name] for name in _OF_THE_DELIVERY if name in document}
    if "base" in document:
        shown["base"] = {"day": document["base"]["day"]}  # how many pipes the city has is not told
    elsewhere = {}
    for name in _ROWS:
        if name in document:
            shown[name] = own_rows(document[name], roads)
            elsewhere[name] = len(document[name]) - len(shown[name])
    if "pay" in document:
        shown["pay"] = _own_pay(document["pay"], roads)
    return shown | {"elsewhere": elsewhere}


def own_evidence(document: Row, roads: Sequence[str]) -> dict[str, Any]:
    """Return of the answers to a piece of evidence what is of some roads."""
    answers = {
        name: {one: answer[one] for one in _OF_AN_ANSWER if one in answer}
        | ({"rows": own_rows(answer["rows"], roads)} if "rows" in answer else {})
        for name, answer in document["answers"].items()
    }
    changes = {name: own_rows(rows, roads) for name, rows in document["changes"].items()}
    return {"read": document["read"], "answers": answers, "changes": changes, "version": document["version"]}


def own_rows(rows: Sequence[Row], roads: Sequence[str]) -> list[Row]:
    """Return the rows that lie on some roads; one that names no road lies on none of them."""
    found = among_roads([row.get("road") for row in rows], roads)
    return [row for row, own in zip(rows, found, strict=True) if own]


def _own_pay(pay: Row, roads: Sequence[str]) -> dict[str, Any]:
    shown = {name: pay[name] for name in _OF_PAY if name in pay}
    lines = own_rows(pay.get("lines") or (), roads)
    return {**shown, "moved": sum(1 for one in lines if one.get("moved")), "lines": lines}
