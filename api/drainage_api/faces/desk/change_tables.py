"""What a submission settles, breaks and is paid for, as sentences and tables for people."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from drainage import words
from drainage.said import Language, in_language, joined
from drainage_api.faces.desk.rows import counts_said, how_often, in_one, known_word
from drainage_api.faces.pages_html import DESK, heading, text

#: Rows of a table on the page; the document has all of them (own choice).
MOST: Final = 50
#: Features that are named where one effect has many; likewise.
_FEW_IDS: Final = 12
_SIGNS: Final = {
    "solved": "✓",
    "closed": "✓",
    "eased": "↓",
    "unchanged": "=",
    "remaining": "=",
    "worse": "↑",
    "new": "⚠",
}
#: Fates of what stays as it was: told row by row where few do, else by their number alone (own choice).
_STAYS: Final = frozenset({"unchanged", "remaining"})
_FEW_STAY: Final = 10
#: Fates in the order in which they are told: what got worse before all else, what stays last.
_ORDER: Final = ("new", "worse", "solved", "closed", "eased", "remaining", "unchanged")
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Told:
    """A table of the page.

    Parameters
    ----------
    columns
        Those that are told, where the document has them; the first names the row.
    fit
        Which rows are told.
    """

    columns: Sequence[str]
    fit: Callable[[Row], bool] = lambda _: True


_TABLES: Final[Mapping[str, _Told]] = {
    "points": _Told(("point", "road", "before_m3", "after_m3")),
    "misconnections": _Told(("node", "kind", "road", "fouled_before_m", "fouled_after_m")),
    "roads": _Told(
        ("road", "effective_pct_before", "effective_pct_after", "coverage_pct_before", "coverage_pct_after"),
        lambda row: bool(row.get("changed", True)),
    ),
    "pay": _Told(
        ("object", "item", "most_points", "got_points_before", "got_points_after", "moved"),
        lambda row: bool(row.get("moved")),
    ),
}


def change_view(document: Mapping[str, Any], lang: Language) -> dict[str, Any]:
    """Return a comparison as a page tells it.

    Parameters
    ----------
    document
        As ``docs/server/deliveries.md`` has it.
    """
    breaks = [one for one in document.get("breaks") or () if not _is_plain(one)]
    return {
        "summary": in_one(document.get("summary"), lang),
        "counts": counts_said(document.get("counts"), lang),
        "breaks": _each_once(breaks, lang),
        "not_measured": in_one(document.get("not_measured"), lang),
        "tables": [
            _table(name, told, document[name], lang) for name, told in _TABLES.items() if document.get(name) is not None
        ],
    }


def _is_plain(one: object) -> bool:
    """Tell whether an effect follows from what was done and breaks nothing."""
    return isinstance(one, Mapping) and one.get("severity") == "info"


def _table(name: str, told: _Told, content: object, lang: Language) -> dict[str, Any]:
    every = [row for row in _rows(content) if told.fit(row)]
    moved = [row for row in every if row.get("fate") not in _STAYS]
    rows = every if len(every) - len(moved) <= _FEW_STAY else moved
    fated = any("fate" in row for row in rows)
    columns = [column for column in told.columns if any(row.get(column) is not None for row in rows)]
    heads = [_heading(column, lang) for column in columns] + ([text("fate", lang, of=DESK)] if fated else [])
    return {
        "name": name,
        "title": text(f"table_{name}", lang, of=DESK),
        "count": len(every),
        "heads": heads,
        "rows": [_row(row, columns, lang) for row in (sorted(rows, key=_urgency) if fated else rows)[:MOST]],
        "more": max(0, len(rows) - MOST),
        "stay": len(every) - len(rows),
        "why": in_one(content.get("why_not"), lang) if isinstance(content, Mapping) else "",
    }


def _rows(content: object) -> list[Row]:
    """Return the rows of a table; those of the pay sheet are its lines."""
    listed = content.get("lines") if isinstance(content, Mapping) else content
    found = [row for row in listed if isinstance(row, Mapping)] if isinstance(listed, list) else []
    return [{"node": row.get("node_before") or row.get("node_after"), "point": _point(row), **row} for row in found]


def _point(row: Row) -> str | None:
    """Return a point as it is called in the base and with the works: they are matched by place, and numbered anew."""
    before, after = row.get("id_before"), row.get("id_after")
    if before is None and after is None:
        return row.get("point_id")
    return str(before) if before == after else f"{before or '–'} → {after or '–'}"


def _row(row: Row, columns: Sequence[str], lang: Language) -> dict[str, Any]:
    fate = str(row.get("fate") or "")
    return {
        "cells": [_cell(column, row.get(column), lang) for column in columns],
        "fate": fate,
        "sign": _SIGNS.get(fate, "·"),
        "said": text(f"fate_{fate}", lang, of=DESK) if known_word(f"fate_{fate}") else fate,
    }


def _urgency(row: Row) -> int:
    fate = str(row.get("fate") or "")
    return _ORDER.index(fate) if fate in _ORDER else len(_ORDER)


def _heading(column: str, lang: Language) -> str:
    return text(f"column_{column}", lang, of=DESK) if known_word(f"column_{column}") else heading(column, lang)


def _cell(column: str, value: object, lang: Language) -> str:
    if value is None:
        return "–"
    if isinstance(value, Mapping):
        return in_one(value, lang)
    if isinstance(value, float):
        return f"{value:,.1f}" if column.endswith(("_m3", "_m")) else f"{value:,.4g}"
    return str(words.shown(column, value, lang))


def _each_once(breaks: Sequence[object], lang: Language) -> list[str]:
    """Return each effect in words once, with how often and where it is, as far as its words do not say it."""
    found: dict[str, list[str]] = {}
    for one in breaks:
        said = _sentence(one, lang)
        name = str(one.get("feature_id") or "") if isinstance(one, Mapping) else ""
        found.setdefault(said, []).extend([name] if name and name not in said else [])
    told = [[said, *([how_often(ids, _FEW_IDS, lang)] if ids else [])] for said, ids in found.items()]
    return [str(in_language(joined(parts, ": "), lang)) for parts in told]


def _sentence(told: object, lang: Language) -> str:
    """Return an effect in words, with the road on which it is."""
    if not isinstance(told, Mapping) or "said" not in told:
        return in_one(told, lang)
    said, where = in_one(told["said"], lang), str(told.get("road") or "")
    if not where or where in said:
        return said
    return f"{said}（{where}）" if lang == "zh" else f"{said} ({where})"
