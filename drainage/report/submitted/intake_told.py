"""How a delivery was understood, as plain JSON: columns, what was not understood, rules broken, its score."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj

from drainage.analyses.quality import RULES, check_quality, score_delivery
from drainage.change_sets import ChangeSet
from drainage.change_sets.where_roads_lie import pipes_and_ends
from drainage.intake.matching.report import columns_as_plain
from drainage.network import DrainageNetwork
from drainage.origin import Origin
from drainage.report.submitted.days_ahead import days_ahead
from drainage.report.submitted.exchanged import doubts_of, warning_of
from drainage.report.submitted.plain_told import in_two, rows_of, sentence
from drainage.said import Said
from drainage.schema.ids import names_among
from drainage.schema.issues import Issues
from drainage.words import in_both

#: Rows of a list that is told; how many there are is told beside it.
_MOST_ROWS: Final = 500
_SCORED: Final = ("score", "features", "errors_share", "warnings_share", "guessed_share", "missing_share")


@dataclass(frozen=True, slots=True, eq=False)
class Understanding:
    """What was found on reading a delivery.

    Parameters
    ----------
    sort
        What the file is.
    crs
        In which its places are, once read.
    origin
        How its columns were understood; empty for a change set, which has none but ours.
    issues
        What was found.
    decided
        What was decided where the file leaves it open.
    unchanged
        Features that are in the network as they are.
    states_crs
        Whether the file says where it lies.
    """

    sort: str
    crs: pyproj.CRS | None
    origin: Origin = field(default_factory=Origin)
    issues: pd.DataFrame = field(default_factory=lambda: Issues().frame())
    decided: Sequence[Said] = ()
    unchanged: int = 0
    states_crs: bool = True

    def with_decided(self, more: Sequence[Said], to_come: int) -> Understanding:
        """Return it with more decisions: where it lies, and on days of the network that have not come."""
        said = [*self.decided, *more]
        if not self.states_crs and self.crs is not None:
            said.insert(0, in_both("delivery_crs_taken", crs=self.crs.to_string()))
        if to_come:
            said.append(in_both("days_to_come", count=to_come))
        return replace(self, decided=said)


def intake_of(
    name: str, told: Understanding, changes: ChangeSet, features: gpd.GeoDataFrame, after: DrainageNetwork,
    roads: Sequence[str] = (),
) -> dict[str, object]:  # fmt: skip
    """Return what is told of a delivery once it was read and applied, and first what is doubted of it.

    Of roads that are not ``roads`` no id or name.
    """
    warnings = [*warning_of(doubts_of(after, changes)), *days_ahead(changes)]
    counts = Counter((one.layer, one.action) for one in changes.changes)
    by_action = Counter(one.action for one in changes.changes)
    return {
        "file": name,
        "format": told.sort,
        "crs": None if told.crs is None else told.crs.to_string(),
        "counts": {action: by_action[action] for action in ("add", "change", "abandon", "remove")}
        | {"unchanged": told.unchanged},
        "layers": [{"layer": layer, "action": action, "features": n} for (layer, action), n in sorted(counts.items())],
        "columns": in_two(_read(told.origin)),
        "not_understood": in_two({place: dict(left) for place, left in told.origin.left_over.items() if left}),
        "warnings": [sentence(one) for one in warnings],
        "decided": [sentence(one) for one in (*warnings, *told.decided)],
        "not_expressed": [sentence(one) for one in changes.not_expressed],
        "issues": _issues(told.issues),
        "broken": _broken(features, after, roads),
        "score": _score(features, after, told.issues),
    }


def _read(origin: Origin) -> dict[str, dict[str, object]]:
    """Return by table which of our columns was read from which of the file, without those that nothing was read as."""
    told = columns_as_plain(origin)
    return {
        place: {ours: one for ours, one in columns.items() if one["read_from"] is not None}
        for place, columns in told.items()
    }


def _issues(issues: pd.DataFrame) -> dict[str, object]:
    names = ("feature_kind", "feature_id", "severity", "code", "reason", "action")
    rows = rows_of(issues.head(_MOST_ROWS), names, ("reason", "action"))
    return {"count": len(issues), "rows": rows}


def _broken(features: gpd.GeoDataFrame, after: DrainageNetwork, roads: Sequence[str]) -> dict[str, object]:
    """Return the rules that delivered features break in the network with them."""
    findings = check_quality(after).tables["findings"]
    ids = features.index[features["action"] != "abandon"]
    ours = findings[findings["feature_id"].isin(ids) | findings["other_id"].isin(ids)]
    names = ("rule", "severity", "feature_kind", "feature_id", "other_id", "road", "reason", "remedy", "clause")
    shown = ours.head(_MOST_ROWS)
    shown = shown.assign(clause=pd.Series([RULES[rule].clause for rule in shown["rule"]], shown.index, dtype=object))
    rows = rows_of(_without_others(shown, features, after, roads) if roads else shown, (*names, "other"),
                   ("reason", "remedy", "clause", "other"))  # fmt: skip
    return {"count": len(ours), "rows": rows}


def _without_others(
    rows: pd.DataFrame, features: gpd.GeoDataFrame, after: DrainageNetwork, roads: Sequence[str]
) -> pd.DataFrame:
    """Tell rows by features that are delivered or of some roads; all others are another pipe."""
    his, ends = pipes_and_ends(after, roads)
    known = features.index.union(his.index).union(ends)
    first, second = rows["feature_id"].isin(known), rows["other_id"].isin(known)
    here = names_among(rows["road"], roads)
    return rows.assign(
        feature_id=rows["feature_id"].where(first, rows["other_id"].where(second)),
        other_id=rows["other_id"].where(first & second),
        road=rows["road"].where(here),
        other=pd.Series(str(in_both("another_pipe").both), rows.index).where(
            rows["other_id"].notna() & ~(first & second)
        ),
    )


def _score(features: gpd.GeoDataFrame, after: DrainageNetwork, issues: pd.DataFrame) -> dict[str, object] | None:
    """Return the score of delivered pipes with their nodes, and of nodes; None where nothing but pipes is abandoned."""
    here = features[features["action"].isin(["add", "change"])]
    pipes, nodes = after.pipes, after.nodes
    pipes = pipes[pipes.index.isin(here.index[here["layer"] == "pipes"])]
    own = np.asarray(nodes.index.isin(here.index[here["layer"] == "nodes"]))
    ends = nodes.index.isin(pd.concat([pipes["from_node"], pipes["to_node"]]))
    part = after.replace(pipes=pipes, nodes=nodes[own | ends], issues=issues)
    if not len(part.pipes) and not own.any():
        return None
    summary = score_delivery(part).summary
    return {name: in_two(summary[name]) for name in _SCORED}
