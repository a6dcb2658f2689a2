"""What a contractor sees of his roads: how far each is separated, what is wrong on it, and what to put right first."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from drainage import words
from drainage.report import Features
from drainage.said import Language
from drainage_api.access.who import Who
from drainage_api.faces.pages_html import text
from drainage_api.served.served import Served

#: So many works are told on the page; the collections hold all of them (own choice).
FEW: Final = 8
#: Collections of which the works are chosen, the most telling first where two have the same rank: a closure cleans
#: what lies below it, works relieve a point; what no plan names comes after all that one names (own choice).
_KINDS: Final = ("closures", "relief_points", "misconnections", "waterlogging")
_DESK: Final = "desk_pages"


@dataclass(frozen=True, slots=True)
class RoadState:
    """A road as it stands: shares in percent, None where they are not known."""

    name: str
    effective_pct: float | None
    coverage_pct: float | None
    misconnections: int
    points: int


@dataclass(frozen=True, slots=True)
class Work:
    """Something to put right: what, why, where, and the collection and the feature that tell more."""

    what: str
    why: str
    road: str
    collection: str
    identity: str


def roads_of(here: Served, who: Who) -> list[RoadState]:
    """Return the roads of somebody, the one that is separated least before all others."""
    names = set(here.names(who))
    if "roads" not in names:
        return [RoadState(road, None, None, 0, 0) for road in who.roads]
    roads = here.features("roads", who)
    wrong, wet = (_counted(here, who, name, names) for name in ("misconnections", "waterlogging"))
    known = {str(row["road"]): row for row in _records(roads)}
    told = [_road(road, known.get(road, {}), wrong, wet) for road in (who.roads or tuple(known))]
    return sorted(told, key=lambda one: (one.effective_pct is None, one.effective_pct or 0.0, one.name))


def first_works(here: Served, who: Who, lang: Language, *, most: int = FEW) -> list[Work]:
    """Return what to put right first on the roads of somebody.

    Closures and works of relief keep the rank that they have in the whole city, one list beside the other; after them
    come misconnections and waterlogging points that no plan names, the longest and the largest first.
    """
    rows = _rows(here, who)
    planned = {str(row["finding_id"]) for row in rows["closures"]} | {
        str(row["point_id"]) for row in rows["relief_points"]
    }
    rows["misconnections"] = [one for one in rows["misconnections"] if str(one["finding_id"]) not in planned]
    rows["waterlogging"] = [one for one in rows["waterlogging"] if str(one["point_id"]) not in planned]
    order = sorted(
        ((name, row) for name in _KINDS for row in rows[name]),
        key=lambda one: (*_urgency(*one), _KINDS.index(one[0])),
    )
    return [_work(name, row, lang) for name, row in order[:most]]


def _rows(here: Served, who: Who) -> dict[str, list[dict[str, Any]]]:
    names = set(here.names(who))
    found: dict[str, list[dict[str, Any]]] = {}
    for name in _KINDS:
        features = here.features(name, who) if name in names else None
        if features is None or not len(features):
            found[name] = []
            continue
        found[name] = _records(features)
    return found


def _records(features: Features) -> list[dict[str, Any]]:
    """Return features with their ids as a column, and without their places."""
    frame = features.frame
    rows = pd.DataFrame(frame.drop(columns=frame.geometry.name)).reset_index().to_dict("records")
    return [{str(name): value for name, value in row.items()} for row in rows]


def _urgency(collection: str, row: Mapping[str, Any]) -> tuple[int, float]:
    if collection in {"closures", "relief_points"}:
        return 0, _number(row, "rank") or math.inf
    size = _number(row, "fouled_length_m" if collection == "misconnections" else "volume_m3") or 0.0
    return 1, -size


def _work(collection: str, row: Mapping[str, Any], lang: Language) -> Work:
    of = "point_id" if collection in {"relief_points", "waterlogging"} else "finding_id"
    given = {name: _shown(name, value, lang) for name, value in row.items()}
    known = f"why_{collection}"
    if collection == "closures" and _number(row, "freed_m") is None:
        known = "why_misconnections"
    if collection == "misconnections" and _number(row, "fouled_length_m") is None:
        known = "why_unknown"
    return Work(
        text(f"fix_{collection}", lang, of=_DESK, **given),
        text(known, lang, of=_DESK, **given),
        str(row.get("road") or ""),
        collection,
        str(row[of]),
    )


def _road(name: str, row: Mapping[str, Any], wrong: Counter[str], wet: Counter[str]) -> RoadState:
    effective, coverage = (_number(row, key) for key in ("effective_pct", "coverage_pct"))
    return RoadState(name, effective, coverage, wrong[name], wet[name])


def _counted(here: Served, who: Who, collection: str, names: set[str]) -> Counter[str]:
    if collection not in names:
        return Counter()
    frame = here.features(collection, who).frame
    return Counter(frame["road"].dropna().astype(str)) if "road" in frame else Counter()


def _number(row: Mapping[str, Any], key: str) -> float | None:
    value = row.get(key)
    return None if value is None or pd.isna(value) else float(value)


def _shown(column: str, value: object, lang: Language) -> str:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return text("not_recorded", lang)
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 10 else f"{value:.2g}"
    if isinstance(value, str):
        return str(words.shown(column, value, lang))
    return str(value)
