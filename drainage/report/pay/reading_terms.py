"""From the tables of a TOML file to terms; whatever a contract must say and does not is asked for by its path."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

import pandas as pd

from drainage.formats.tables.toml_keys import INFINITE, Keys
from drainage.report.pay.bands import read_bands
from drainage.report.pay.measured import MEASURES
from drainage.report.pay.terms import Asked, Given, Indicator, Kind, PayFormula
from drainage.said import Said
from drainage.schema.ids import fold_names
from drainage.words import in_both

#: Kinds of objects: 市政道路, 排水分区, 地块, and the whole town.
KINDS: Final = ("road", "area", "plot", "town")
_INDICATOR: Final = (
    "name", "name_en", "measure", "points", "bonus", "better", "none_at", "full_at", "bands", "defective", "source",
)  # fmt: skip
#: Sums of weights and points may differ by so much from what they should be: rounding of decimals.
_ROUNDING: Final = 1e-6


def read_terms(document: Mapping[str, object], place: str) -> dict[str, Any]:
    """Return what `PayTerms` holds, by its names.

    Raises
    ------
    SchemaError
        See `PayTerms.from_file`.
    """
    whole = Keys(place, "", document)
    whole.only(("contract", "kinds", "objects", "grades", "pay"))
    contract = whole.table("contract")
    contract.only(("name", "example", "not_scored", "nothing_to_do", "weights"))
    kinds = {}
    for name, keys in whole.named("kinds").items():
        if name not in KINDS:
            whole.table("kinds").only(KINDS)
        kinds[name] = _kind(name, keys)
    objects = [_asked(keys, kinds) for keys in whole.rows("objects")]
    weights = contract.number("weights")
    found = math.fsum(one.weight for one in objects)
    if abs(found - weights) > _ROUNDING:
        whole.refuse(in_both("terms_sum", key="objects.weight", found=found, wanted="contract.weights", total=weights))
    folds = fold_names(pd.Index([one.name for one in objects]))
    twice = pd.MultiIndex.from_arrays([[one.kind for one in objects], folds]).duplicated()
    if twice.any():
        again = objects[int(twice.argmax())]
        whole.refuse(in_both("terms_twice", kind=again.kind, name=again.name))
    return {
        "name": contract.text("name"),
        "example": contract.truth("example", default=False),
        "not_scored": contract.one_of("not_scored", ("rescale", "withhold")),
        "nothing_to_do": contract.one_of("nothing_to_do", ("full", "not_scored")),
        "weights": weights,
        "kinds": kinds,
        "objects": objects,
        "grades": read_bands(whole.rows("grades"), whole, "grades", graded=True, most=100.0),
        "pay": _pay(whole.table("pay")),
    }


def _kind(name: str, keys: Keys) -> Kind:
    keys.only(("points", "bonus_from", "indicators"))
    total = keys.number("points", least=_ROUNDING)
    indicators = [_indicator(key, table) for key, table in keys.named("indicators").items()]
    found = math.fsum(one.points for one in indicators if not one.bonus)
    if abs(found - total) > _ROUNDING:
        inside = keys.at("indicators.*.points")
        keys.refuse(in_both("terms_sum", key=inside, found=found, wanted=keys.at("points"), total=total))
    has_bonus = any(one.bonus for one in indicators)
    return Kind(
        name=name, points=total, indicators=indicators, bonus_from=keys.number("bonus_from") if has_bonus else None
    )


def _indicator(name: str, keys: Keys) -> Indicator:
    keys.only(_INDICATOR)
    title = keys.text("name")
    said = {
        "name": name,
        "title": Said(keys.text_or("name_en") or title, title),
        "points": keys.number("points"),
        "bonus": keys.truth("bonus", default=False),
        "source": keys.text_or("source"),
    }
    if not keys.has("measure"):
        keys.only([key for key in _INDICATOR if key not in {"better", "none_at", "full_at", "bands", "defective"}])
        return Indicator(measure=None, **said)  # type: ignore[arg-type]  # as they were read
    measure = keys.one_of("measure", tuple(MEASURES))
    defective = keys.texts("defective") if measure == "repaired_share" else ()
    if measure != "repaired_share" and keys.has("defective"):
        keys.only([key for key in _INDICATOR if key != "defective"])
    better = keys.one_of("better", ("more", "less"))
    return Indicator(
        measure=measure, better=better, defective=defective, **_scale(keys, measure, better), **said  # type: ignore[arg-type]
    )  # fmt: skip


def _scale(keys: Keys, measure: str, better: str) -> dict[str, Any]:
    """Return how a measured value makes points: in a straight line between two thresholds, or by bands."""
    most, points = MEASURES[measure].most, keys.number("points")
    if not keys.has("bands"):
        none_at, full_at = (keys.number(key, most=most) for key in ("none_at", "full_at"))
        if none_at == full_at or (none_at < full_at) != (better == "more"):
            keys.refuse(in_both("terms_turned", key=keys.path, none_at=none_at, full_at=full_at, better=better))
        return {"none_at": none_at, "full_at": full_at}
    if keys.has("none_at") or keys.has("full_at"):
        keys.refuse(in_both("terms_two_scales", key=keys.path))
    bands = read_bands(keys.rows("bands"), keys, "bands", graded=False, most=most)
    given = [band.band_points or 0.0 for band in bands]
    if max(given) > points + _ROUNDING:
        keys.refuse(in_both("terms_band_points", key=keys.at("bands"), found=max(given), most=points))
    if given != sorted(given, reverse=better == "less"):
        keys.refuse(in_both("terms_bands_turned", key=keys.at("bands"), better=better))
    return {"bands": bands}


def _asked(keys: Keys, kinds: Mapping[str, Kind]) -> Asked:
    keys.only(("kind", "name", "weight", "given"))
    kind = kinds[keys.one_of("kind", tuple(kinds))]
    by_name = {one.name: one for one in kind.indicators}
    given: dict[str, Given] = {}
    for row in keys.rows_or_none("given"):
        row.only(("indicator", "points", "by", "on"))
        indicator = by_name[row.one_of("indicator", tuple(by_name))]
        if indicator.measure is not None:
            row.refuse(in_both("terms_given_measured", key=row.path, indicator=indicator.name))
        if indicator.name in given:
            row.refuse(in_both("terms_twice", kind="given", name=indicator.name))
        given[indicator.name] = Given(row.number("points", most=indicator.points), row.text("by"), row.day("on"))
    return Asked(kind.name, keys.text("name"), keys.number("weight", least=_ROUNDING), given)


def _pay(keys: Keys) -> PayFormula:
    keys.only(("availability_yuan", "om_yuan", "linked_share", "k"))
    k = keys.table("k")
    k.only(("floor", "ceiling", "floor_below", "ceiling_from", "at_floor"))
    floor = k.number("floor", most=INFINITE)
    ceiling = k.number("ceiling", least=floor)
    low = k.number("floor_below", most=100.0)
    high = k.number("ceiling_from")
    if not low < high:
        k.refuse(in_both("terms_band_turned", key=k.path, low=low, high=high))
    return PayFormula(
        availability_yuan=keys.number("availability_yuan"),
        om_yuan=keys.number("om_yuan"),
        linked_share=keys.number("linked_share", most=1.0),
        k_floor=floor, k_ceiling=ceiling, floor_below=low, ceiling_from=high,
        k_at_floor=k.number("at_floor", least=floor, most=ceiling),
    )  # fmt: skip
