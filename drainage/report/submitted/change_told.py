"""What delivered works change, as plain JSON: each row with its road, so that each reader gets those of his."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
import pandas as pd

from drainage.network import DrainageNetwork
from drainage.report.directory import Report
from drainage.report.submitted.plain_told import in_two, rows_of, sentence
from drainage.report.submitted.understanding import Delivery
from drainage.result import Result
from drainage.said import Said, joined
from drainage.words import in_both

#: Our name of a column → what it is called here.
_POINTS: Final = {
    "point_id": "point_id", "id_before": "id_before", "id_after": "id_after", "road": "road", "fate": "fate",
    "volume_before_m3": "before_m3", "volume_after_m3": "after_m3", "depth_before_m": "depth_before_m",
    "depth_after_m": "depth_after_m", "standard_before": "standard_before", "standard_after": "standard_after",
    "settled_by": "settled_by", "settled_how": "settled_how", "doubt": "doubt",
}  # fmt: skip
_MISCONNECTIONS: Final = {
    "finding": "finding", "kind": "kind", "node_before": "node_before", "node_after": "node_after", "road": "road",
    "fate": "fate", "fouled_before_m": "fouled_before_m", "fouled_after_m": "fouled_after_m",
    "touched_by": "touched_by",
}  # fmt: skip
_ROADS: Final = {
    "road": "road", "length_m": "length_m", "effective_before_pct": "effective_pct_before",
    "effective_after_pct": "effective_pct_after", "coverage_before_pct": "coverage_pct_before",
    "coverage_after_pct": "coverage_pct_after",
}  # fmt: skip
_WORKS: Final = {
    "works_id": "works_id", "road": "road", "kinds": "kinds", "length_m": "length_m", "laid_from": "laid_from",
    "laid_to": "laid_to", "settled": "settled", "misconnections_closed": "misconnections_closed",
}  # fmt: skip
#: Effects of edits that are good or follow from them; all others are told as what the works break.
_GOOD: Final = ("joined",)
_PLAIN: Final = ("node_alone",)
_NO_WAY: Final = ("cut_off", "no_way_out")
#: Of which table what has which fate is broken → how that is told.
_BREAKING: Final = {
    ("points", "new"): "break_points_new",
    ("points", "worse"): "break_points_worse",
    ("misconnections", "new"): "break_misconnections_new",
}
#: A share of a road that changes by less has not changed, per cent; own choice, as the terminal has it.
_LEAST_PCT: Final = 0.05


def document_of(
    delivery: Delivery, outcome: Result, before: Report, after: Report, paid: Mapping[str, object], left_out: int
) -> dict[str, object]:
    """Return what the works of a delivery change; ``left_out``: days of abandonment that came and nobody delivered."""
    tables = outcome.tables
    points = tables["points"].reset_index(drop=True)
    points = points.assign(point_id=points["id_before"].where(points["id_before"].notna(), points["id_after"]))
    roads = [_with_change(one) for one in _rows(tables["roads"].reset_index(), _ROADS)]
    misconnections, works = tables["misconnections"], tables["works"]
    found = {
        "points": _placed(points, _rows(points, _POINTS)),
        "misconnections": _placed(misconnections, _rows(misconnections.reset_index(), _MISCONNECTIONS)),
        "works": _placed(works, _rows(works.reset_index(), _WORKS)),
    }
    effects = _effects(delivery, after.network)
    breaks = _breaks(effects, {**found, "roads": roads})
    return {
        "base": {"day": before.network.origin.as_of, "pipes": len(before.network.pipes)},
        "day": after.network.origin.as_of,
        "delivery": {"file": delivery.name, "format": delivery.kind},
        "counts": delivery.intake["counts"],
        **found,
        "roads": roads,
        "breaks": breaks,
        "joins": [one for one in effects if one["kind"] in _GOOD],
        "pay": dict(paid),
        "figures": _figures(tables["figures"]),
        "not_measured": sentence(outcome.summary["not_measured"]),
        "assumptions": {name: sentence(said) for name, said in dict(outcome.summary["assumptions"]).items()},
        "advice": sentence(outcome.summary["advice"]),
        "storm": in_two(after.provenance.storm),
        "engine": in_two(after.provenance.engine),
        "synthetic": after.network.synthetic,
        "notice": sentence(after.provenance.notice),
        "summary": _summary(delivery, outcome, breaks, roads, left_out),
    }


def _rows(table: pd.DataFrame, names: Mapping[str, str]) -> list[dict[str, object]]:
    renamed = table[[name for name in names if name in table]].rename(columns=dict(names))
    return rows_of(renamed, names.values())


def _placed(table: pd.DataFrame, rows: list[dict[str, object]]) -> list[dict[str, object]]:
    """Add where each row lies, in degrees; nothing where a network lies nowhere."""
    crs = getattr(table, "crs", None)
    if crs is None or not len(rows):
        return rows
    shapes = table.geometry.centroid.to_crs(4326)
    places = zip(shapes.x.round(6), shapes.y.round(6), strict=True)
    return [{**row, "lon": float(lon), "lat": float(lat)} for row, (lon, lat) in zip(rows, places, strict=True)]


def _with_change(road: dict[str, object]) -> dict[str, object]:
    """Say of a road whether it changes."""
    shares = [(road[f"{name}_pct_before"], road[f"{name}_pct_after"]) for name in ("effective", "coverage")]
    return {**road, "changed": any(abs(_fallen(*pair)) >= _LEAST_PCT for pair in shares)}


def _fallen(was: object, now: object) -> float:
    """Return by how much a share has fallen, per cent; 0 where either is not known."""
    known = isinstance(was, (int, float)) and isinstance(now, (int, float))
    return float(was) - float(now) if known else 0.0  # type: ignore[arg-type]  # numbers


def _effects(delivery: Delivery, net: DrainageNetwork) -> list[dict[str, object]]:
    """Return what the edits did to connections, with the road of each."""
    effects = delivery.applied.effects
    treated = _reaching_works(net)
    effects = effects[~(effects["effect"].isin(_NO_WAY) & effects["feature_id"].isin(treated))]
    roads = _roads_of(net, delivery)
    return [
        {
            "kind": row["effect"],
            "feature_kind": row["feature_kind"],
            "feature_id": row["feature_id"],
            "road": roads.get((row["feature_kind"], row["feature_id"])),
            "severity": "info" if row["effect"] in (*_GOOD, *_PLAIN) else "warning",
            "said": sentence(row["reason"]),
        }
        for row in effects.drop(columns="geometry").to_dict("records")
    ]


def _reaching_works(net: DrainageNetwork) -> pd.Index:
    """Return the nodes that drain to a treatment works: sewage shall go there, and not to an outfall."""
    works = np.flatnonzero(net.kinds.among("works")).astype(np.int32)
    return net.nodes.index[net.graph.upstream(works).nodes]


def _roads_of(net: DrainageNetwork, delivery: Delivery) -> dict[tuple[str, str], str | None]:
    """Return the road of each pipe and node, a node by its own road, else by one of its pipes."""
    found: dict[tuple[str, str], str | None] = {}
    for one in (delivery.before, net):
        pipes, nodes = one.pipes, one.nodes
        for column in ("from_node", "to_node"):
            named = pipes[pipes["road"].notna()]
            found |= {("node", str(node)): str(road) for node, road in zip(named[column], named["road"], strict=True)}
        for kind, table in (("node", nodes), ("pipe", pipes)):
            if "road" in table:
                told = table["road"].dropna()
                found |= {(kind, str(name)): str(road) for name, road in told.items()}
    return found


def _breaks(effects: list[dict[str, object]], found: Mapping[str, list[dict[str, object]]]) -> list[dict[str, object]]:
    """Return what the works break: connections, and points, misconnections and roads that are new or worse."""
    told = [one for one in effects if one["kind"] not in _GOOD]
    for (name, fate), sentence_key in _BREAKING.items():
        for row in (one for one in found[name] if one["fate"] == fate):
            feature = row["point_id"] if name == "points" else row["node_after"] or row["finding"]
            said = in_both(sentence_key, id=feature, road=row["road"] or "–")
            told.append({"kind": f"{name}_{fate}", "feature_kind": "point" if name == "points" else "node",
                         "feature_id": feature, "road": row["road"], "severity": "warning",
                         "said": sentence(said)})  # fmt: skip
    for row in found["roads"]:
        was, now = row["effective_pct_before"], row["effective_pct_after"]
        if _fallen(was, now) >= _LEAST_PCT:
            said = in_both("break_road_less", road=row["road"], before=was, after=now)
            told.append({"kind": "road_less", "feature_kind": "road", "feature_id": row["road"], "road": row["road"],
                         "severity": "warning", "said": sentence(said)})  # fmt: skip
    return told


def _figures(figures: pd.DataFrame) -> list[dict[str, object]]:
    changed = figures[figures["change"].abs() > 0]
    return rows_of(changed.reset_index(), ("figure", "word", "before", "after", "change"), ("word",))


def _summary(
    delivery: Delivery, outcome: Result, breaks: list[dict[str, object]], roads: list[dict[str, object]], left_out: int
) -> dict[str, str] | None:
    counts = delivery.intake["counts"]
    told = [Said(one["en"], one["zh"]) for one in delivery.intake["warnings"]]  # type: ignore[attr-defined]
    told += [in_both("delivery_counts", **{name: counts[name] for name in ("add", "change", "abandon")})]  # type: ignore[index]
    for key, name in (("delivery_points", "by_fate"), ("delivery_misconnections", "misconnections_by_fate")):
        if outcome.summary[name] is not None:
            told.append(in_both(key, **{fate: outcome.summary[name][fate] for fate in _FATES[name]}))
    told.append(in_both("delivery_roads", count=sum(1 for one in roads if one["changed"])))
    told.append(in_both("delivery_breaks", count=sum(1 for one in breaks if one["severity"] == "warning")))
    if left_out:
        told.append(in_both("delivery_left_out", count=left_out))
    return sentence(joined(told))


_FATES: Final = {
    "by_fate": ("solved", "eased", "worse", "new"), "misconnections_by_fate": ("closed", "remaining", "new"),
}  # fmt: skip
