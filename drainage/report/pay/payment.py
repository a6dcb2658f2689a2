"""From the lines of a pay sheet to the score of each object, the score of all, k, and what is to be paid."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd

from drainage.network import DrainageNetwork
from drainage.report.pay.bands import band_of
from drainage.report.pay.terms import Asked, PayTerms
from drainage.said import Said
from drainage.words import in_both, unit, word

_OF_OBJECT: Final = "=SUMIFS({{sheet.{what}}},{{sheet.object_no}},{{object_no}},{{sheet.bonus}},{bonus})"
_OBJECTS: Final = {
    "counted_points": _OF_OBJECT.format(what="counted_points", bonus=0),
    "got_points": _OF_OBJECT.format(what="got_points", bonus=0),
    "bonus_points": _OF_OBJECT.format(what="got_points", bonus=1),
    "base_score": '=IF({counted_points}>0,100*{got_points}/{counted_points},"")',
    "score": (
        "=IF(ISNUMBER({base_score}),"
        '{base_score}+IF({base_score}>={bonus_from},100*{bonus_points}/{most_points},0),"")'
    ),
    "counted_share": "={counted_points}/{most_points}",
    "weighted_score": "=IF(ISNUMBER({score}),{weight}*{score},0)",
    "counted_weight": "=IF(ISNUMBER({score}),{weight},0)",
}  # fmt: skip
_GRADE: Final = '=IF(ISNUMBER({{score}}),LOOKUP({{score}},{{bands.from_value:0:{end}}},{{bands.grade:0:{end}}}),"")'
_K: Final = (
    "=IF({payment.value@score}>={payment.value@k_ceiling_from},{payment.value@k_ceiling},"
    "IF({payment.value@score}<{payment.value@k_floor_below},{payment.value@k_floor},"
    "{payment.value@k_at_floor}+({payment.value@k_ceiling}-{payment.value@k_at_floor})"
    "*({payment.value@score}-{payment.value@k_floor_below})"
    "/({payment.value@k_ceiling_from}-{payment.value@k_floor_below})))"
)
_AMOUNTS: Final = {
    "fixed_yuan": "={payment.value@availability_yuan}*(1-{payment.value@linked_share})",
    "linked_yuan": "={payment.value@availability_yuan}*{payment.value@linked_share}+{payment.value@om_yuan}",
    "performance_yuan": "={payment.value@linked_yuan}*{payment.value@paid_share}*{payment.value@k}",
    "deducted_yuan": "={payment.value@linked_yuan}*{payment.value@paid_share}*(1-{payment.value@k})",
    "withheld_yuan": "={payment.value@linked_yuan}*(1-{payment.value@paid_share})",
    "payment_yuan": "={payment.value@fixed_yuan}+{payment.value@performance_yuan}",
}


def score_objects(
    lines: pd.DataFrame, terms: PayTerms, shapes: Sequence[object], net: DrainageNetwork
) -> tuple[gpd.GeoDataFrame, dict[str, list[str | None]]]:
    """Return the objects with their scores and grades, index ``object_no``, and the formulas of their columns."""
    rows = [_scored(number, one, lines, terms) for number, one in enumerate(terms.objects, 1)]
    table = pd.DataFrame(rows).set_index("object_no")
    count = len(table)
    formulas: dict[str, list[str | None]] = {name: [text] * count for name, text in _OBJECTS.items()}
    formulas["grade"] = [_GRADE.format(end=len(terms.grades))] * count
    geometry = np.full(count, None, dtype=object)
    geometry[:] = list(shapes)
    return gpd.GeoDataFrame(table, geometry=gpd.GeoSeries(geometry, index=table.index, crs=net.crs)), formulas


def _scored(number: int, asked: Asked, lines: pd.DataFrame, terms: PayTerms) -> dict[str, object]:
    kind = terms.kinds[asked.kind]
    own = lines[lines["object_no"] == number]
    base, bonus = own[own["bonus"] == 0], own[own["bonus"] == 1]
    counted, got = (float(base[name].sum()) for name in ("counted_points", "got_points"))
    bonus_points = float(bonus["got_points"].sum())
    base_score = 100 * got / counted if counted > 0 else np.nan
    score = base_score
    if kind.bonus_from is not None and base_score >= kind.bonus_from:
        score = base_score + 100 * bonus_points / kind.points
    known = not np.isnan(score)
    return {
        "object_no": number, "object": asked.name, "object_kind": asked.kind, "weight": asked.weight,
        "most_points": kind.points, "counted_points": counted, "got_points": got,
        "base_score": base_score, "bonus_points": bonus_points, "bonus_from": kind.bonus_from, "score": score,
        "grade": band_of(terms.grades, score).grade if known else None, "counted_share": counted / kind.points,
        "weighted_score": asked.weight * score if known else 0.0, "counted_weight": asked.weight if known else 0.0,
    }  # fmt: skip


def pay(objects: pd.DataFrame, terms: PayTerms) -> tuple[dict[str, float | None], dict[str, str]]:
    """Return every figure from the terms to the payment, by key, and the formulas of those that are computed.

    What depends on a score is None where nothing at all was scored.
    """
    one = terms.pay
    scored = float(objects["counted_weight"].sum())
    score = float(objects["weighted_score"].sum()) / scored if scored > 0 else None
    counted = float((objects["weight"] * objects["counted_share"]).sum()) / float(objects["weight"].sum())
    paid = counted if terms.not_scored == "withhold" else 1.0
    k = None if score is None else one.k(score)
    fixed = one.availability_yuan * (1 - one.linked_share)
    linked = one.availability_yuan * one.linked_share + one.om_yuan
    performance, deducted = (None, None) if k is None else (linked * paid * k, linked * paid * (1 - k))
    figures = {
        "availability_yuan": one.availability_yuan, "om_yuan": one.om_yuan, "linked_share": one.linked_share,
        "k_floor": one.k_floor, "k_ceiling": one.k_ceiling, "k_floor_below": one.floor_below,
        "k_ceiling_from": one.ceiling_from, "k_at_floor": one.k_at_floor,
        "score": score, "counted_share": counted, "paid_share": paid, "k": k,
        "fixed_yuan": fixed, "linked_yuan": linked, "performance_yuan": performance, "deducted_yuan": deducted,
        "withheld_yuan": linked * (1 - paid),
        "payment_yuan": None if performance is None else fixed + performance,
    }  # fmt: skip
    formulas = {
        "score": "=SUM({objects.weighted_score})/SUM({objects.counted_weight})",
        "counted_share": "=SUMPRODUCT({objects.weight},{objects.counted_share})/SUM({objects.weight})",
        "k": _K, **_AMOUNTS,
    }  # fmt: skip
    if terms.not_scored == "withhold":
        formulas["paid_share"] = "={payment.value@counted_share}"
    return figures, {name: text for name, text in formulas.items() if figures[name] is not None}


def payment_table(figures: Mapping[str, float | None]) -> pd.DataFrame:
    """Return the figures as a table for readers: what each is, how much, its unit, and how it is found."""
    how = {
        "score": in_both("pay_how_score"), "counted_share": in_both("pay_how_counted"),
        "paid_share": in_both("pay_how_paid"), "k": in_both("pay_how_k"), "fixed_yuan": in_both("pay_how_fixed"),
        "linked_yuan": in_both("pay_how_linked"), "performance_yuan": in_both("pay_how_performance"),
        "deducted_yuan": in_both("pay_how_deducted"), "withheld_yuan": in_both("pay_how_withheld"),
        "payment_yuan": in_both("pay_how_payment"),
    }  # fmt: skip
    rows = {
        "word": [Said(word(name, "en"), word(name, "zh")) for name in figures],
        "value": list(figures.values()),
        "unit": [unit(name) for name in figures],
        "basis": [how.get(name, in_both("pay_how_terms")) for name in figures],
    }
    return pd.DataFrame(rows, index=pd.Index(list(figures), name="key", dtype=object), dtype=object)
