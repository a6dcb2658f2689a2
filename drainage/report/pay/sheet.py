"""The question put together: lines, objects, payment, what could not be scored, and the map."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Final

import pandas as pd

from drainage.errors import FormatError
from drainage.maps.context import context_of
from drainage.maps.layer import Layer
from drainage.provenance import Provenance
from drainage.report.directory import Report
from drainage.report.pay.measured import Sides
from drainage.report.pay.object_places import find_places
from drainage.report.pay.payment import pay, payment_table, score_objects
from drainage.report.pay.sheet_lines import Sheet, band_rows, fill, table_of
from drainage.report.pay.terms import PayTerms
from drainage.result import Result
from drainage.wants import wants
from drainage.words import in_both

#: What the terms say of what could not be scored, and of where there was nothing to do → the sentence for it.
_RULES: Final = {"rescale": "pay_rule_rescale", "withhold": "pay_rule_withhold"}
_NOTHING: Final = {"full": "pay_nothing_full", "not_scored": "pay_nothing_not_scored"}
_SAID: Final = ("score", "counted_share", "k", "payment_yuan", "deducted_yuan", "withheld_yuan")
_POPUP: Final = ("object", "object_kind", "score", "grade", "counted_points", "most_points", "got_points", "weight")


@wants
def pay_sheet(before: Report, after: Report, terms: PayTerms | str | Path) -> Result:
    """Score the objects of a contract by what the works changed, and compute what is to be paid.

    Points come from what was measured on both sides, or from what the terms say that somebody gave for papers. What can
    be found in neither way is not scored: it counts neither as nothing nor as full, stands in ``not_scored`` with the
    reason, and the terms say what then happens.

    Parameters
    ----------
    before, after
        Reports of one town, from `analyze` in one storm by one engine.
    terms
        The terms of the contract, or the TOML file that holds them (docs/papers/pay.md).

    Returns
    -------
    Result
        ``sheet`` (index ``line``): one line for each object and indicator: amounts ``before``, ``after`` and ``of`` in
        ``unit``, the value ``measured`` from them, thresholds, ``most_points`` and ``got_points``, ``scored_by``
        (measured | given | not_scored), and the first pieces of ``evidence`` with storm, engine and what was left out,
        or why there is none. ``objects`` (index ``object_no``): ``got_points`` of ``counted_points`` that could be
        scored, ``score`` from 0 to 100 and above by a bonus, ``grade``, geometry. ``payment``: each figure from the
        terms to ``payment_yuan``, with how it is found. ``not_scored``: lines without points and why. ``evidence``:
        every pipe, node, point and stretch behind a line. ``bands``: scales of the terms. In a workbook all that is
        computed is a formula. Summary: score, ``k``, payment, and how many lines were scored.

        Where nothing could be scored ``not_known`` says so, and there is no payment.

    Raises
    ------
    CrsError
        The networks are in different systems.
    FormatError
        One report twice; a report that was read back from its directory, without its answers; terms that cannot be
        read.
    SchemaError
        Terms that contradict themselves, an object that is in neither network, or networks of two towns.

    References
    ----------
    Objects and points of ``docs/papers/pay-terms-example.toml``:
    重庆《城市排水管网雨污分流效果评价技术导则(试行)》 2025.
    Shares by which points are measured: own choice.

    Examples
    --------
    >>> import drainage as dr
    >>> before, after = (dr.analyze(dr.load_demo(day)) for day in ("2018-12-31", "2021-05-07"))
    >>> paid = dr.pay_sheet(before, after, "docs/papers/pay-terms-example.toml")
    >>> paid.tables["objects"]["grade"].tolist()
    ['一般', '一般', '较差', '一般']
    """
    chosen = terms if isinstance(terms, PayTerms) else PayTerms.from_file(terms)
    _check(before, after)
    sides, sheet = Sides(before, after), Sheet()
    _ = sides.changes  # refuses two towns, and two systems of coordinates
    places = find_places(chosen.objects, before, after, source=chosen.source)
    bands, band_places = band_rows(chosen)
    for number, (asked, place) in enumerate(zip(chosen.objects, places, strict=True), 1):
        fill(sheet, chosen, asked, place, sides, band_places, number)
    lines = table_of(sheet.rows)
    shapes = [place.shape(after) for place in places]
    objects, of_objects = score_objects(lines, chosen, shapes, after.network)
    figures, of_payment = pay(objects, chosen)
    missing = lines.loc[lines["scored_by"] == "not_scored", ["object", "item", "most_points", "evidence"]]
    tables: dict[str, pd.DataFrame] = {
        "sheet": lines,
        "objects": objects,
        "payment": payment_table(figures),
        "not_scored": missing.rename(columns={"evidence": "why_not"}),
        "evidence": sheet.evidence_table(),
        "bands": bands,
    }
    papers = Provenance.joined((before.provenance, after.provenance))
    drawn = objects[objects.geometry.notna()]
    nothing = in_both("pay_nothing_scored", count=len(lines)) if figures["score"] is None else None
    return Result(
        "pay",
        tables,
        _summary(chosen, lines, objects, figures),
        (*context_of(after.network), Layer("pay", drawn, "score", _POPUP)),
        provenance=replace(papers, source=(*(papers.source or ()), chosen.source)),
        not_known=nothing,
        formulas={
            "sheet": sheet.formulas,
            "objects": of_objects,
            "payment": {"value": [of_payment.get(name) for name in figures]},
        },
    )


def _check(before: Report, after: Report) -> None:
    if before is after:
        raise FormatError(in_both("pay_one_report"))
    first, second = (report.network.origin.as_of for report in (before, after))
    if before.network.files == after.network.files and first is not None and second is not None and first > second:
        raise FormatError(in_both("pay_days_exchanged", before=first, after=second))
    for report in (before, after):
        if not report.results:
            raise FormatError(in_both("pay_read_back", report=report.network.source))


def _summary(
    terms: PayTerms, lines: pd.DataFrame, objects: pd.DataFrame, figures: dict[str, float | None]
) -> pd.Series:
    grades = objects["grade"].value_counts()
    return pd.Series(
        {
            "advice": in_both("pay_example") if terms.example else None,
            "contract": terms.name,
            "objects": len(objects),
            "lines": len(lines),
            "lines_not_scored": int((lines["scored_by"] == "not_scored").sum()),
            **{name: _rounded(name, figures[name]) for name in _SAID},
            "objects_by_grade": ", ".join(f"{one.grade} {grades.get(one.grade, 0)}" for one in terms.grades),
            "assumptions": {
                "not_scored": in_both(_RULES[terms.not_scored]),
                "nothing_to_do": in_both(_NOTHING[terms.nothing_to_do]),
                "removed": in_both("pay_net"),
            },
        },
        dtype=object,
        name="pay",
    )


def _rounded(name: str, value: float | None) -> float | None:
    return None if value is None else round(value, 2 if name.endswith("_yuan") else 4)
