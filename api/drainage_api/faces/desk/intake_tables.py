"""How a delivered file was understood, as tables and sentences for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from drainage import words
from drainage.said import Language
from drainage_api.faces.desk.rows import counts_said, how_often, in_one, known_word, listed, score_said
from drainage_api.faces.pages_html import DESK, heading, text

#: Issues that are told on the page, and ids beside a rule (own choice); the document has more of them.
MOST: Final = 30
_FEW_IDS: Final = 3
_SEVERITIES: Final = ("error", "warning", "info")


def intake_view(intake: Mapping[str, Any], lang: Language) -> dict[str, Any]:
    """Return the report of the intake as a page tells it.

    Parameters
    ----------
    intake
        As ``docs/server/deliveries.md`` has it.
    """
    issues = _rows(intake.get("issues"))
    rules = _rules(_rows(intake.get("broken")), lang)
    return {
        "facts": _facts(intake, lang),
        "decided": [in_one(one, lang) for one in intake.get("decided") or ()],
        "not_expressed": [in_one(one, lang) for one in intake.get("not_expressed") or ()],
        "layers": [_layer(str(name), told, lang) for name, told in (intake.get("columns") or {}).items()],
        "not_understood": _left_over(intake.get("not_understood") or {}, lang),
        "rules": rules,
        "grave": [one for one in rules if one["severity"] != "info"],
        "issues": [_issue(one, lang) for one in issues[:MOST]],
        "issue_count": _count(intake.get("issues")),
        "more": max(0, _count(intake.get("issues")) - MOST),
    }


def _facts(intake: Mapping[str, Any], lang: Language) -> list[tuple[str, str]]:
    kind = f"kind_{intake.get('format')}"
    unchanged = (intake.get("counts") or {}).get("unchanged")
    told = [
        ("format", text(kind, lang, of=DESK) if known_word(kind) else str(intake.get("format") or "")),
        ("crs", str(intake.get("crs") or "")),
        ("changes_found", counts_said(intake.get("counts"), lang)),
        ("unchanged", "" if not unchanged else text("unchanged_count", lang, of=DESK, count=unchanged)),
        ("score_name", score_said(intake.get("score"), lang)),
    ]
    return [(text(key, lang, of=DESK), value) for key, value in told if value]


def _layer(name: str, told: Mapping[str, Mapping[str, Any]], lang: Language) -> dict[str, Any]:
    rows = [
        {
            "theirs": _names(one.get("read_from"), lang),
            "ours": heading(str(ours), lang),
            "why": listed([in_one(why, lang) for why in one.get("why") or ()], lang),
            "sure": text(f"sure_{'yes' if one.get('sure') == 'yes' else 'no'}", lang, of=DESK),
            "unsure": one.get("sure") != "yes",
        }
        for ours, one in told.items()
    ]
    return {"name": _table_name(name, lang), "rows": rows, "unsure": sum(bool(row["unsure"]) for row in rows)}


def _table_name(name: str, lang: Language) -> str:
    """Return a table of a file, named as ``layer: file table``, with the layer as the workbook calls it."""
    layer, colon, place = name.partition(": ")
    called = words.all_of("template").get(f"sheet_{layer}")
    if called is None or not colon:
        return name
    return in_one(called, lang) + ("\uff1a" if lang == "zh" else colon) + place


def _names(told: object, lang: Language) -> str:
    if isinstance(told, Sequence) and not isinstance(told, str):
        return listed([str(one) for one in told], lang)
    return str(told or "")


def _left_over(told: Mapping[str, Mapping[str, object]], lang: Language) -> list[dict[str, Any]]:
    """Return by table which columns nothing was read of, each with what it seems to be."""
    colon = "：" if lang == "zh" else ": "
    return [
        {
            "place": _table_name(place, lang),
            "columns": [
                colon.join(part for part in (name, in_one(seems, lang)) if part) for name, seems in left.items()
            ],
        }
        for place, left in told.items()
    ]


def _rules(rows: Sequence[Mapping[str, Any]], lang: Language) -> list[dict[str, Any]]:
    """Return the rules that are broken, the gravest first, each once with how often and where."""
    found: dict[str, dict[str, Any]] = {}
    for row in rows:
        one = found.setdefault(str(row.get("rule")), {"row": row, "ids": []})
        one["ids"].append(str(row.get("feature_id") or ""))
    told = [_rule(one["row"], one["ids"], lang) for one in found.values()]
    return sorted(told, key=lambda one: _SEVERITIES.index(one["severity"]))


def _rule(row: Mapping[str, Any], ids: Sequence[str], lang: Language) -> dict[str, Any]:
    severity = str(row.get("severity"))
    return {
        "severity": severity if severity in _SEVERITIES else "info",
        "said": _severity(severity, lang),
        "text": in_one(row.get("reason"), lang),
        "count": how_often(ids, _FEW_IDS, lang),
        "remedy": in_one(row.get("remedy"), lang),
        "clause": in_one(row.get("clause"), lang),
    }


def _issue(one: Mapping[str, Any], lang: Language) -> dict[str, Any]:
    severity = str(one.get("severity"))
    return {
        "severity": severity,
        "said": _severity(severity, lang),
        "id": str(one.get("feature_id") or ""),
        "text": in_one(one.get("reason"), lang),
        "action": in_one(one.get("action"), lang),
    }


def _severity(severity: str, lang: Language) -> str:
    return text(f"severity_{severity}", lang, of=DESK) if severity in _SEVERITIES else severity


def _rows(told: object) -> list[Mapping[str, Any]]:
    rows = told.get("rows") if isinstance(told, Mapping) else None
    return [row for row in rows or () if isinstance(row, Mapping)]


def _count(told: object) -> int:
    return int(told.get("count") or 0) if isinstance(told, Mapping) else 0
