"""The lines of a pay sheet: one for each indicator of each object, with its evidence, its points and their formulas."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import pandas as pd

from drainage.report.pay.bands import band_of
from drainage.report.pay.measured import MEASURES, Found, Measure, Sides, fold_ids
from drainage.report.pay.object_places import Place
from drainage.report.pay.terms import Asked, Indicator, PayTerms
from drainage.said import joined
from drainage.words import coded, in_both

#: Shape of a measure → how its value is made of the cells of its line.
MEASURED: Final = {
    "removed": "=IF({of}=0,0,MAX(0,({before}-{after})/{of}))",
    "reached": "={after}/{of}",
    "left": "={after}",
}
#: Points between two thresholds; by bands (rows of the table of bands).
LINEAR: Final = "={most_points}*MAX(0,MIN(1,({measured}-{none_at})/({full_at}-{none_at})))"
BY_BANDS: Final = "=LOOKUP({{measured}},{{bands.from_value:{first}:{end}}},{{bands.band_points:{first}:{end}}})"
_SUM: Final = "=SUMIFS({{evidence.{side}}},{{evidence.line}},{{line}})"
_COUNTED: Final = "=IF(ISNUMBER({got_points}),{most_points},0)"
_EVIDENCE: Final = ("line", "when", "feature_kind", "feature_id", "before", "after", "of")


@dataclass
class Sheet:
    """Lines as they are gathered: cells, formulas by column, evidence."""

    rows: list[dict[str, object]] = field(default_factory=list)
    formulas: dict[str, list[str | None]] = field(default_factory=dict)
    evidence: list[pd.DataFrame] = field(default_factory=list)

    def add(self, row: Mapping[str, object], formulas: Mapping[str, str], evidence: pd.DataFrame | None = None) -> None:
        """Add a line; its number is the next."""
        self.rows.append({"line": len(self.rows) + 1, **row})
        for column in {*self.formulas, *formulas}:
            texts = self.formulas.setdefault(column, [])
            texts += [None] * (len(self.rows) - 1 - len(texts)) + [formulas.get(column)]
        if evidence is not None:
            self.evidence.append(evidence.assign(line=len(self.rows)))

    def evidence_table(self) -> pd.DataFrame:
        """Return all rows of evidence, by line."""
        columns = list(_EVIDENCE)
        whole = pd.concat(self.evidence, ignore_index=True)[columns] if self.evidence else pd.DataFrame(columns=columns)
        return whole.rename_axis("row")


def band_rows(terms: PayTerms) -> tuple[pd.DataFrame, dict[tuple[str, str], tuple[int, int]]]:
    """Return all bands of the terms as a table, and for each scale (kind, indicator) where its rows begin and end.

    That of the grades is ("", "").
    """
    scales = {("", ""): terms.grades} | {
        (kind.name, one.name): one.bands for kind in terms.kinds.values() for one in kind.indicators if one.bands
    }
    rows: list[tuple[object, ...]] = []
    places = {}
    for (kind, name), bands in scales.items():
        places[kind, name] = (len(rows), len(rows) + len(bands))
        scale = in_both("pay_grades") if not name else f"{kind}.{name}"
        rows += [(scale, one.from_value, one.to_value, one.band_points, one.grade) for one in bands]
    table = pd.DataFrame(rows, columns=["scale", "from_value", "to_value", "band_points", "grade"])
    table["to_value"] = table["to_value"].replace(np.inf, np.nan)
    return table.rename_axis("band"), places


def fill(
    sheet: Sheet, terms: PayTerms, asked: Asked, place: Place, sides: Sides,
    bands: Mapping[tuple[str, str], tuple[int, int]], number: int,
) -> None:  # fmt: skip
    """Add the lines of one object, the ``number``-th."""
    for indicator in terms.kinds[asked.kind].indicators:
        row: dict[str, object] = {
            "object": asked.name, "item": indicator.title, "measure": indicator.measure,
            "most_points": indicator.points, "bonus": int(indicator.bonus), "better": indicator.better,
            "none_at": indicator.none_at, "full_at": indicator.full_at, "source_of_figures": indicator.source,
            "object_no": number, "object_kind": asked.kind, "indicator": indicator.name,
        }  # fmt: skip
        if indicator.measure is None:
            _add_given(sheet, row, asked, indicator)
        else:
            measure = MEASURES[indicator.measure]
            found = measure.find(sides, place, indicator)
            if found.why_not is not None:
                _add_unscored(sheet, row, found.why_not)
            else:
                _add_measured(sheet, row, terms, indicator, measure, found, bands.get((asked.kind, indicator.name)))


def _add_given(sheet: Sheet, row: Mapping[str, object], asked: Asked, indicator: Indicator) -> None:
    given = asked.given.get(indicator.name)
    if given is None:
        _add_unscored(sheet, row, in_both("pay_not_given"))
        return
    said = in_both("pay_given", by=given.by, on=given.on)
    sheet.add(
        {**row, "scored_by": "given", "got_points": given.points, "counted_points": indicator.points, "evidence": said},
        {"counted_points": _COUNTED},
    )


def _add_unscored(sheet: Sheet, row: Mapping[str, object], why: str) -> None:
    sheet.add({**row, "scored_by": "not_scored", "counted_points": 0.0, "evidence": why}, {"counted_points": _COUNTED})


def _add_measured(
    sheet: Sheet, row: Mapping[str, object], terms: PayTerms, indicator: Indicator, measure: Measure, found: Found,
    bands: tuple[int, int] | None,
) -> None:  # fmt: skip
    before, after = (float(rows["amount"].sum()) for rows in (found.before, found.after))
    whole = before if found.of is None else float(found.of["amount"].sum())
    row = {**row, "before": before, "after": after, "of": None if measure.shape == "left" else whole,
           "unit": measure.unit, "evidence": _said(found)}  # fmt: skip
    evidence = _evidence(found)
    formulas = {side: _SUM.format(side=side) for side in ("before", "after")} if len(evidence) else {}
    if found.of is not None:
        formulas["of"] = _SUM.format(side="of")
    elif measure.shape == "removed":
        formulas["of"] = "={before}"
    if measure.shape == "removed" and before == after == 0 and terms.nothing_to_do == "not_scored":
        _add_unscored(sheet, row, in_both("pay_nothing_to_do"))
        return
    if measure.shape == "removed" and before == after == 0:
        measured, row["evidence"] = 1.0, joined([in_both("pay_nothing_full"), row["evidence"]], "; ")
    else:
        measured, formulas["measured"] = _value(measure.shape, before, after, whole), MEASURED[measure.shape]
    formulas["counted_points"] = _COUNTED
    if bands is None:
        formulas["got_points"] = LINEAR
    else:
        formulas["got_points"] = BY_BANDS.format(first=bands[0], end=bands[1])
    got = points_of(indicator, measured)
    sheet.add(
        {**row, "measured": measured, "scored_by": "measured", "got_points": got, "counted_points": indicator.points},
        formulas, evidence if len(evidence) else None,
    )  # fmt: skip


def _value(shape: str, before: float, after: float, whole: float) -> float:
    if shape == "left":
        return after
    if shape == "reached":
        return after / whole
    return 0.0 if whole == 0 else max(0.0, (before - after) / whole)


def points_of(indicator: Indicator, measured: float) -> float:
    """Return the points of a measured value: its share of the way between the thresholds, or those of its band."""
    if indicator.none_at is None or indicator.full_at is None:
        return band_of(indicator.bands, measured).band_points or 0.0
    share = (measured - indicator.none_at) / (indicator.full_at - indicator.none_at)
    return indicator.points * max(0.0, min(1.0, share))


def _evidence(found: Found) -> pd.DataFrame:
    sides = {"before": found.before, "after": found.after, "of": found.of}
    parts = [
        rows.drop(columns="amount").assign(when=side, **dict.fromkeys(sides, np.nan) | {side: rows["amount"]})
        for side, rows in sides.items()
        if rows is not None and len(rows)
    ]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=list(_EVIDENCE[1:]))


def _said(found: Found) -> str:
    """Return the first ids on each side, and what they depend on, as one text."""
    sides = (("before", found.before), ("after", found.after))
    parts = [joined([coded("when", side), fold_ids(rows)], ": ") for side, rows in sides]
    return joined(filter(None, (*parts, found.how)), "; ")


def table_of(rows: Sequence[Mapping[str, object]]) -> pd.DataFrame:
    """Return the lines as a table, index ``line``."""
    columns = (
        "line", "object", "item", "measure", "before", "after", "of", "unit", "measured", "none_at", "full_at",
        "most_points", "got_points", "scored_by", "evidence", "source_of_figures", "better", "bonus", "counted_points",
        "object_no", "object_kind", "indicator",
    )  # fmt: skip
    # texts in both languages are kept as such by columns of objects alone
    table = pd.DataFrame({name: pd.Series([row.get(name) for row in rows], dtype=object) for name in columns})
    numbers = ("before", "after", "of", "measured", "none_at", "full_at", "most_points", "got_points", "counted_points")
    whole = ("line", "bonus", "object_no")
    return table.astype(dict.fromkeys(numbers, np.float64) | dict.fromkeys(whole, np.int64)).set_index("line")
