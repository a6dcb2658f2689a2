"""From what the rules found to tables: one row per finding, and one row per rule, those that found nothing included."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from geopandas.array import GeometryArray
from numpy.typing import NDArray

from drainage.analyses.quality.rules import Hits, Rule
from drainage.analyses.quality.view import View
from drainage.arrays import Bools, Ints
from drainage.words import coded, in_both

_RANK = {"error": 0, "warning": 1, "info": 2}
_ON_LEVELS = ("levels", "hydraulics")


def table_of_findings(view: View, found: Sequence[Hits], rules: Mapping[str, Rule]) -> gpd.GeoDataFrame:
    """Return one row per finding: errors first, then in the order of the catalogue and of the features."""
    found = sorted(found, key=lambda hit: _RANK[rules[hit.rule].severity])  # sorted() keeps the order of equals
    n_pipes = len(view.pipes)
    ids = view.pipes.index.append(view.nodes.index)
    size = [len(hit.rows) for hit in found]
    shift = np.array([n_pipes if rules[hit.rule].kind == "node" else 0 for hit in found], np.int64)
    row = np.concatenate([hit.rows for hit in found] or [np.empty(0, np.int64)]).astype(np.int64)
    row += np.repeat(shift, size)
    other = _others(found, n_pipes)
    mutual = np.repeat(np.array([hit.mutual for hit in found], np.bool_), size)
    row, other = _larger_id_first(row, other, ids, mutual)
    which = np.repeat(np.arange(len(found)), size)

    def said(text: Sequence[str]) -> pd.Series:
        return pd.Series(pd.array(list(text), dtype="str").take(which))

    named = [rules[hit.rule] for hit in found]
    table = pd.DataFrame(
        {
            "feature_kind": said([rule.kind for rule in named]),
            "feature_id": ids.take(row),
            "severity": said([rule.severity for rule in named]),
            "rule": said([rule.id for rule in named]),
            "reason": said([rule.reason for rule in named]),
            "remedy": said([rule.remedy for rule in named]),
            "magnitude": np.concatenate([hit.magnitude for hit in found] or [np.empty(0)]).astype(np.float64),
            "unit": said([rule.unit for rule in named]),
            "family": said([rule.family for rule in named]),
            "clause": said([str(rule.clause) for rule in named]),
            "other_id": ids.astype("str").array.take(other, allow_fill=True),
            "road": _roads(view).take(row),
            "filled": filled(view)[row] & np.isin(which, [k for k, r in enumerate(named) if r.family in _ON_LEVELS]),
        },
        index=pd.RangeIndex(len(row), name="finding"),
    )
    return gpd.GeoDataFrame(table, geometry=GeometryArray(_places(view)[row], crs=view.net.crs))


def _others(found: Sequence[Hits], n_pipes: int) -> Ints:
    parts = [
        np.full(len(hit.rows), -1, np.int64)
        if hit.other is None
        else hit.other + (n_pipes if hit.other_kind == "node" else 0)
        for hit in found
    ]
    return np.concatenate(parts or [np.empty(0, np.int64)])


def _larger_id_first(row: Ints, other: Ints, ids: pd.Index, mutual: Bools) -> tuple[Ints, Ints]:
    """Put the larger id of each mutual pair first, so that the order of rows does not matter."""
    pair = np.flatnonzero(mutual)
    turned = pair[ids[row[pair]].to_numpy(dtype=object) < ids[other[pair]].to_numpy(dtype=object)]
    row, other = row.copy(), other.copy()
    row[turned], other[turned] = other[turned], row[turned]
    return row, other


def _roads(view: View) -> pd.api.extensions.ExtensionArray:
    """Return the road of each pipe and node; a node without one takes the first by name of its pipes."""
    n_nodes = len(view.nodes)
    blank = pd.Series(pd.NA, range(n_nodes), dtype="str")
    own = view.pipes["road"] if "road" in view.pipes else pd.Series(pd.NA, view.pipes.index, dtype="str")
    given = view.nodes.get("road", blank)
    codes, words = pd.factorize(pd.concat([own.astype("str"), given.astype("str")], ignore_index=True), sort=True)
    codes = np.where(codes < 0, len(words), codes)
    by_pipes = np.full(n_nodes, len(words), np.int64)
    for node in (view.tail, view.head):
        np.minimum.at(by_pipes, node, codes[: len(own)])
    at_nodes = codes[len(own) :]
    at_nodes = np.where(at_nodes == len(words), by_pipes, at_nodes)
    code = np.concatenate([codes[: len(own)], at_nodes])
    return pd.array([*words, pd.NA], dtype="str").take(code)


def filled(view: View) -> Bools:
    """Return which features have a level that was filled in rather than recorded; a line that was drawn is measured."""
    filled = np.zeros(len(view.pipes) + len(view.nodes), np.bool_)
    for column in ("invert_from_source", "invert_to_source"):
        if column in view.pipes:
            source = view.pipes[column]
            filled[: len(view.pipes)] |= (source.notna() & (source != "recorded")).to_numpy()
    if "ground_source" in view.nodes:
        source = view.nodes["ground_source"]
        filled[len(view.pipes) :] |= (source.notna() & (source != "recorded")).to_numpy()
    return filled


def _places(view: View) -> NDArray[np.object_]:
    """Return the geometry of each pipe and node; a pipe without a line is shown where it begins."""
    lines, points = view.pipes.geometry.to_numpy(), view.nodes.geometry.to_numpy()
    blank = shapely.is_missing(lines)
    if blank.any():
        lines = np.where(blank, points[view.tail], lines)
    return np.concatenate([lines, points])


def table_of_rules(found: Sequence[Hits], rules: Mapping[str, Rule]) -> pd.DataFrame:
    """Return one row per rule in force, with the number of features that could be judged and a message."""
    rows = []
    for hit in found:
        rule = rules[hit.rule]
        limit = ", ".join(f"{name} = {value:g}" for name, value in rule.limits.items())
        rows.append(
            {
                "rule": rule.id,
                "severity": rule.severity,
                "findings": len(hit.rows),
                "checked": hit.checked,
                "reason": rule.reason,
                "remedy": rule.remedy,
                "family": rule.family,
                "clause": str(rule.clause),
                "limit": limit,
                "unit": rule.unit,
                "message": _message(rule, len(hit.rows), hit.checked),
            }
        )
    return pd.DataFrame(rows, columns=_RULE_COLUMNS).set_index("rule")


_RULE_COLUMNS = (
    "rule", "severity", "findings", "checked", "reason", "remedy", "family", "clause", "limit", "unit", "message",
)  # fmt: skip


def _message(rule: Rule, findings: int, checked: int) -> str:
    if not checked:
        return in_both("rule_unchecked", kind=coded("feature_kind", rule.kind)).both
    if not findings:
        return in_both("rule_silent", checked=checked, kind=coded("feature_kind", rule.kind)).both
    return f"{findings:,} / {checked:,} {rule.kind}s"
