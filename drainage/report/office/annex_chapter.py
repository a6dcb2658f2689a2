"""The annexes of a report: whole tables, what was assumed and filled in, and where all of it comes from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import pandas as pd

from drainage.report.office.pages import MOST_IN_ANNEX, Pages
from drainage.report.office.plan_chapter import CLOSURES, ITEMS, WORKS, works_told
from drainage.report.office.problems_chapter import MISCONNECTIONS, POINTS, ROADS
from drainage.result import Result
from drainage.words import heading, question, word

#: Signs of a list of ids in a cell.
_MOST_SIGNS: Final = 400


def write_annexes(pages: Pages, bill: Result | None) -> None:
    """Write whole tables, assumptions, remarks and provenance."""
    pages.chapter("annexes", number=False)
    if pages.tells("waterlogging"):
        points = pages.report.results["waterlogging"].tables["points"].sort_values("rank", kind="stable")
        _whole(pages, "points_by_rank", points, POINTS)
    if pages.tells("mixed_flow"):
        _whole(pages, "misconnections_by_length", pages.report.results["mixed_flow"].tables["points"], MISCONNECTIONS)
    if pages.tells("separation"):
        _whole(pages, "roads", pages.report.results["separation"].tables["roads"].sort_index(), ROADS)
    if pages.tells("relief"):
        _whole(pages, "works_by_point", works_told(pages), WORKS)
    if pages.tells("closures"):
        works = pages.report.results["closures"].tables["works"].sort_values("rank", kind="stable")
        _whole(pages, "closures_by_rank", works[works["chosen"]], CLOSURES)
    if bill is not None:
        _whole(pages, "bill_items", bill.tables["items"], ITEMS)
        _not_billed(pages, bill.tables["not_billed"])
    _assumptions(pages)
    _provenance(pages)


def _whole(pages: Pages, key: str, table: pd.DataFrame, columns: tuple[str, ...]) -> None:
    if table.empty:
        return
    pages.annex(key)
    pages.table(None, table, columns, most=MOST_IN_ANNEX, heads={"what": pages.saying("what")})


def _not_billed(pages: Pages, table: pd.DataFrame) -> None:
    """Write why edits are not billed, each reason once with what it is of."""
    if table.empty:
        return
    named = table["feature_id"].astype(object).where(table["feature_id"].notna(), "").astype(str)
    groups = table.assign(ids=named).groupby("why_not_billed", sort=False)
    rows = [(why, len(part), ", ".join(filter(None, part["ids"]))[:_MOST_SIGNS]) for why, part in groups]
    heads = {"why": pages.saying("reason"), "count": pages.saying("how_many"), "ids": pages.saying("features")}
    pages.annex("bill_left_out")
    pages.table(None, pd.DataFrame(rows, columns=list(heads), dtype=object), tuple(heads), most=None, heads=heads)


def _assumptions(pages: Pages) -> None:
    """Write what the data do not state and what was assumed instead, for each question."""
    rows = []
    for name in pages.asked:
        if not pages.tells(name):
            continue
        summary = pages.report.results[name].summary
        rows += [(question(name, pages.lang), word(str(key), pages.lang), text) for key, text in summary.items()
                 if str(key).endswith("_assumptions") and isinstance(text, str)]  # fmt: skip
        if isinstance(assumed := summary.get("assumptions"), Mapping):
            rows += [(question(name, pages.lang), word(str(key), pages.lang), text) for key, text in assumed.items()]
    if not rows:
        return
    first = dict[tuple[str, str], tuple[str, str, object]]()
    for title, key, text in rows:  # what several answers share is told of the first
        first.setdefault((key, str(text)), (title, key, text))
    pages.annex("assumptions")
    heads = ("asked_for", "assumed", "text")
    table = pd.DataFrame(list(first.values()), columns=list(heads), dtype=object)
    pages.table(None, table, heads, most=None, heads={name: pages.saying(name) for name in heads})


def _provenance(pages: Pages) -> None:
    """Write where all of it comes from."""
    facts = pages.report.provenance.as_dict(pages.lang)
    rows = [(word(key, pages.lang), _flat(pages, key, value)) for key, value in facts.items() if key != "assumptions"]
    pages.annex("provenance")
    heads = ("fact", "value")
    table = pd.DataFrame([row for row in rows if row[1]], columns=list(heads), dtype=object)
    pages.table(None, table, heads, most=None, heads={name: pages.saying(name) for name in heads})


def _flat(pages: Pages, name: str, value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, Mapping):
        told = [(str(key), _flat(pages, str(key), one)) for key, one in value.items()]
        return pages.listed([f"{heading(key, pages.lang)} {text}" for key, text in told if text])
    if isinstance(value, list | tuple):
        return pages.listed([_flat(pages, name, one) for one in value])
    return pages.cell(name, value)
