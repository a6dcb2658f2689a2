"""Which lines of a pay sheet delivered works move, and by how much."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import pandas as pd

from drainage.errors import DrainageError
from drainage.report.directory import Report
from drainage.report.pay import PayTerms, pay_sheet
from drainage.report.submitted.plain_told import in_two, sentence
from drainage.result import Result
from drainage.said import Said
from drainage.words import in_both

_FIGURES: Final = ("score", "k", "payment_yuan", "deducted_yuan", "withheld_yuan")
_AMOUNTS: Final = ("before", "after", "of", "unit", "measured")


def pay_moved(base: Report, after: Report, terms: PayTerms | None, first: Report | None) -> dict[str, object]:
    """Return the lines of the pay sheet with the works, beside those without, as plain JSON.

    Parameters
    ----------
    base, after
        The network without the works and with them.
    terms
        None: nothing is paid, and the answer says so.
    first
        The town before all works that the terms pay for; None: the base.
    """
    if terms is None:
        return {"why_not": sentence(in_both("delivery_no_terms")), "lines": []}
    start = base if first is None else first
    try:
        then, now = (pay_sheet(start, one, terms) for one in (replace(base), after))  # one report twice is refused
    except DrainageError as error:
        return {"why_not": sentence(error.said), "lines": []}
    lines = _lines(now, then)
    return {
        "why_not": sentence(now.not_known),
        "contract": terms.name,
        "example": sentence(now.summary["advice"]),
        "moved": sum(1 for one in lines if one["moved"]),
        "before": _figures(then),
        "after": _figures(now),
        "lines": lines,
    }


def _lines(now: Result, then: Result) -> list[dict[str, object]]:
    """Return every line of the sheet."""
    sheet = now.tables["sheet"]
    earlier = then.tables["sheet"]["got_points"].reindex(sheet.index)
    rows = []
    for was, (line, row) in zip(earlier, sheet.iterrows(), strict=True):
        got = row["got_points"]
        moved = None if pd.isna(got) or pd.isna(was) else round(float(got) - float(was), 4)
        rows.append(
            {
                "line": in_two(line),
                "road": row["object"] if row["object_kind"] == "road" else None,
                "object": row["object"],
                "object_kind": row["object_kind"],
                "item": sentence(row["item"]) if not isinstance(row["item"], Said) else in_two(row["item"]),
                **{name: in_two(row[name]) for name in _AMOUNTS},
                "most_points": in_two(row["most_points"]),
                "got_points_before": in_two(was),
                "got_points_after": in_two(got),
                "moved": moved or None,
                "scored_by": row["scored_by"],
            }
        )
    return rows


def _figures(sheet: Result) -> dict[str, object]:
    return {name: in_two(sheet.summary[name]) for name in _FIGURES}
