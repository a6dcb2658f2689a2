"""What can be measured of an object before and after, each with the pipes, nodes and points behind it.

Three shapes. ``removed``: of what there was before, the share that is gone, (before − after) / before, what is new
counting against it. ``reached``: the share of a whole that is there after, after / of. ``left``: what is there after.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Final, NamedTuple, TypeAlias

import geopandas as gpd
import numpy as np
import pandas as pd

from drainage.analyses.changes.find_changes import find_changes
from drainage.analyses.changes.pairs import pair_networks
from drainage.arrays import Bools, Ints
from drainage.formats.tables.toml_keys import INFINITE
from drainage.network import DrainageNetwork
from drainage.report.directory import Report
from drainage.report.pay.object_places import Place
from drainage.report.pay.terms import Indicator
from drainage.result import Result
from drainage.said import Said, joined
from drainage.schema.columns import as_text
from drainage.words import coded, in_both

#: Amounts of the evidence are rounded to this many decimals, so that the sheet adds up what it shows.
DECIMALS: Final = 3
_MISCONNECTIONS: Final = ("sewage_into_storm", "storm_into_sewage")


#: What finds the rows of evidence on one side, and what chooses among features.
_Rows: TypeAlias = Callable[[Report, Result], pd.DataFrame]
_Chosen: TypeAlias = Callable[[gpd.GeoDataFrame], Bools]


class Found(NamedTuple):
    """What was found of an object: rows of evidence on each side and of the whole, else why nothing could be.

    Rows have ``feature_kind``, ``feature_id`` and ``amount``; ``how`` says what it depends on.
    """

    before: pd.DataFrame
    after: pd.DataFrame
    of: pd.DataFrame | None = None
    why_not: str | None = None
    how: str | None = None


class Measure(NamedTuple):
    """A way of measuring: its shape, its largest value, the unit of its amounts, and what finds them."""

    shape: str
    most: float
    unit: str
    find: Callable[[Sides, Place, Indicator], Found]


@dataclass(frozen=True, eq=False)
class Sides:
    """Both reports, and what is asked of the two together once for all objects."""

    before: Report
    after: Report

    @property
    def reports(self) -> tuple[Report, Report]:
        """Before and after."""
        return self.before, self.after

    def answers(self, question: str) -> tuple[Result, Result] | str:
        """Return the answers to a question on both sides, else why there are not both."""
        for side, report in zip(("before", "after"), self.reports, strict=True):
            found = report.results.get(question)
            if found is None or found.not_known is not None:
                why = report.why_not(question) if found is None else found.not_known
                return in_both("pay_unanswered", side=coded("when", side), why=why or in_both("pay_not_asked"))
        return self.before.results[question], self.after.results[question]

    @cached_property
    def grades(self) -> tuple[np.ndarray, np.ndarray]:
        """Recorded condition grades on both sides, see `_grades`."""
        return _grades(self.before.network), _grades(self.after.network)

    @cached_property
    def changes(self) -> Result:
        """What became of which pipe.

        Raises
        ------
        CrsError, SchemaError
            The networks are not of one town (`find_changes`).
        """
        return find_changes(self.before.network, self.after.network)

    @cached_property
    def same(self) -> tuple[Ints, Ints]:
        """Rows of the pipes that are one and the same before and after, whatever their numbering."""
        old, new = pair_networks(self.before.network, self.after.network).same
        return np.asarray(old, np.int64), np.asarray(new, np.int64)

    @cached_property
    def relaid(self) -> Bools:
        """(n_after,) which pipes were laid anew on the course of an old one, or beside a combined one that they serve.

        One that is only recorded otherwise now, such as of another system or size, was not.
        """
        found = self.changes.tables["changes"]
        found = found[(found["feature_kind"] == "pipe") & found["change"].isin(["relaid", "separated"])]
        net = self.after.network
        relaid = net.pipes.index.isin(found.loc[found["change"] == "relaid", "id_after"])
        return np.asarray(relaid | (net.pipes.index.isin(found["id_after"]) & self.unpaired), np.bool_)

    @cached_property
    def unpaired(self) -> Bools:
        """(n_after,) which pipes were not there before."""
        there = np.ones(len(self.after.network.pipes), np.bool_)
        there[self.same[1]] = False
        return there


def rows_of(kind: str, ids: pd.Index | pd.Series | list[str], amount: object = 1.0) -> pd.DataFrame:
    """Return rows of evidence; amounts rounded as they are shown."""
    table = pd.DataFrame({"feature_kind": kind, "feature_id": pd.Series(list(ids), dtype=object)})
    return table.assign(amount=np.round(np.asarray(amount, dtype=np.float64), DECIMALS))


def _nothing(why: str) -> Found:
    empty = rows_of("pipe", [])
    return Found(empty, empty, why_not=why)


def _separated(sides: Sides, place: Place, column: str) -> Found:
    """Stretches of road with pipes of both systems, of the whole length of the road."""
    answers = sides.answers("separation")
    if isinstance(answers, str):
        return _nothing(answers)
    parts, whole_m = [], 0.0
    for answer in answers:
        frame = answer.places("stretches")
        length_m = place.stretches(frame)
        if length_m is None:
            return _nothing(in_both("pay_no_outline"))
        whole_m = float(length_m.sum())
        held = (frame["class"] == "separated").to_numpy() if column == "class" else frame["effective"].to_numpy()
        held = held.astype(np.bool_) & (length_m > 0)
        chosen = frame[held]
        names = [f"{road} {low:.0f}–{high:.0f} m" for road, low, high in
                 zip(chosen["road"], chosen["from_m"], chosen["to_m"], strict=True)]  # fmt: skip
        parts.append(rows_of("stretch", names, length_m[held]))
    if whole_m <= 0:
        return _nothing(in_both("pay_no_road"))
    return Found(parts[0], parts[1], of=rows_of("road", [place.name], [whole_m]))


def _coverage(sides: Sides, place: Place, _: Indicator) -> Found:
    return _separated(sides, place, "class")


def _effective(sides: Sides, place: Place, _: Indicator) -> Found:
    return _separated(sides, place, "effective")


def _on_both(sides: Sides, question: str, find: _Rows) -> Found:
    answers = sides.answers(question)
    if isinstance(answers, str):
        return _nothing(answers)
    rows = [find(report, answer) for report, answer in zip(sides.reports, answers, strict=True)]
    said = [joined([coded("when", side), one.summary["advice"]], ": ")
            for side, one in zip(("before", "after"), answers, strict=True) if one.summary.get("advice")]  # fmt: skip
    told = joined(said, "; ") or None
    if any(map(_mostly_unjudged, answers)):
        return _nothing(told or in_both("pay_unjudged"))
    return Found(rows[0], rows[1], how=told)


def _mostly_unjudged(answer: Result) -> bool:
    """Return whether storm pipes and sewers meet, and at most of the places no level tells which way they flow.

    Then mixed flow has no grade either (own choice), and no money hangs on it.
    """
    meeting, judged = (answer.summary.get(name) for name in ("meeting_nodes", "judged_nodes"))
    return answer.question == "mixed_flow" and bool(meeting) and 2 * int(judged or 0) < int(meeting or 0)


def _points_of(table: str, place: Place, only: _Chosen, nodes: str | None) -> _Rows:
    """Return what finds the points of a table that belong to a place; ``nodes`` names their column, None: the index."""

    def find(report: Report, answer: Result) -> pd.DataFrame:
        frame = answer.places(table)
        frame = frame[only(frame)]
        at = frame.index if nodes is None else frame[nodes]
        own = frame[place.points(frame, at, report.network)]
        return rows_of("node" if nodes is None else "point", own.index)

    return find


def _misconnections(sides: Sides, place: Place, _: Indicator) -> Found:
    return _on_both(
        sides, "mixed_flow",
        _points_of("points", place, lambda one: one["kind"].isin(_MISCONNECTIONS).to_numpy(), "node_id"),
    )  # fmt: skip


def _misconnections_per_km(sides: Sides, place: Place, indicator: Indicator) -> Found:
    found = _misconnections(sides, place, indicator)
    pipes = sides.after.network.pipes
    own = place.pipes(sides.after.network) & pipes["system"].isin(["storm", "sewage"]).to_numpy()
    km = float(pipes["length_m"].to_numpy()[own].sum()) / 1000
    if found.why_not is None and km <= 0:
        return _nothing(in_both("pay_no_pipes"))
    return found._replace(of=rows_of("pipe", [in_both("pay_pipes", count=int(own.sum()))], [km]))


def _fouled(sides: Sides, place: Place, _: Indicator) -> Found:
    def fouled(frame: gpd.GeoDataFrame) -> Bools:
        return frame["fouled"].eq(True).to_numpy(dtype=np.bool_)  # noqa: FBT003

    return _on_both(sides, "mixed_flow", _points_of("outfalls", place, fouled, None))


def _mixed(sides: Sides, place: Place, _: Indicator) -> Found:
    def find(report: Report, answer: Result) -> pd.DataFrame:
        pipes = answer.tables["pipes"]
        own = pipes[pipes["mixed"].to_numpy(dtype=np.bool_) & place.pipes(report.network)]
        return rows_of("pipe", own.index, own["length_m"].fillna(0.0))

    return _on_both(sides, "mixed_flow", find)


def _in_storm(sides: Sides, place: Place, find: _Rows) -> Found:
    """Ask both sides in one storm by one engine, and say which."""
    answers = sides.answers("waterlogging")
    if isinstance(answers, str):
        return _nothing(answers)
    asked = [(answer.provenance.storm, answer.provenance.engine) for answer in answers]
    if asked[0] != asked[1]:
        return _nothing(in_both("pay_other_storm"))
    storm, engine = asked[0]
    facts = {name: (storm or {}).get(name) for name in ("return_period_a", "duration_min", "depth_mm")}
    known = [f"P = {facts['return_period_a']:g} a"] if isinstance(facts["return_period_a"], float | int) else []
    known += [f"{facts[name]:g} {unit}" for name, unit in (("duration_min", "min"), ("depth_mm", "mm"))
              if isinstance(facts[name], float | int)]  # fmt: skip
    judged = [_judged_m(report, answer, place) for report, answer in zip(sides.reports, answers, strict=True)]
    told = {"before": judged[0][0], "of_before": judged[0][1], "after": judged[1][0], "of_after": judged[1][1]}
    if any(2 * known_m < whole_m or not whole_m for known_m, whole_m in judged):
        return _nothing(in_both("pay_pipes_not_judged", **told))
    found = _on_both(sides, "waterlogging", find)
    said = in_both("pay_in_storm", storm=", ".join(known), engine=engine)
    return found._replace(how=joined(filter(None, (said, in_both("pay_judged", **told), found.how)), "; "))


def _judged_m(report: Report, answer: Result, place: Place) -> tuple[float, float]:
    """Return the length of the storm pipes of an object whose flow and capacity are known, and of all, m."""
    pipes = report.network.pipes
    storm = place.pipes(report.network) & pipes["system"].isin(["storm", "combined"]).to_numpy()
    length_m = pipes["length_m"].fillna(0.0).to_numpy()
    known = answer.tables["pipes"]["utilisation"].reindex(pipes.index).notna().to_numpy()
    return float(length_m[storm & known].sum()), float(length_m[storm].sum())


def _points(sides: Sides, place: Place, _: Indicator) -> Found:
    return _in_storm(sides, place, _points_of("points", place, lambda one: np.ones(len(one), np.bool_), "worst_node"))


def _overflow(sides: Sides, place: Place, _: Indicator) -> Found:
    def find(report: Report, answer: Result) -> pd.DataFrame:
        nodes = answer.places("overflow_nodes")
        nodes = nodes[nodes["overflow_m3"].to_numpy() > 0]
        own = nodes[place.points(nodes, nodes.index, report.network)]
        return rows_of("node", own.index, own["overflow_m3"])

    return _in_storm(sides, place, find)


def _defective(sides: Sides, place: Place, indicator: Indicator) -> Found:
    """Pipes of a defective grade; one without a grade after the works is what it was before, unless it was re-laid."""
    nets = [report.network for report in sides.reports]
    grades = sides.grades
    own = [place.pipes(net) for net in nets]
    known = pd.notna(grades[0]) & own[0]
    if not known.any():
        return _nothing(in_both("pay_no_grades"))
    borne = sorted({str(grade) for side in grades for grade in side[pd.notna(side)]})
    if not set(borne) & set(indicator.defective):
        told = {"grades": ", ".join(indicator.defective), "found": ", ".join(borne)}
        return _nothing(in_both("pay_grades_nowhere", **told))
    old, new = sides.same
    after = grades[1].copy()
    unknown = pd.isna(after[new]) & ~sides.relaid[new]
    after[new[unknown]] = grades[0][old[unknown]]
    bad = [np.isin(found, indicator.defective) & mine for found, mine in zip((grades[0], after), own, strict=True)]
    rows = []
    for net, chosen in zip(nets, bad, strict=True):
        pipes = net.pipes[chosen]
        rows.append(rows_of("pipe", pipes.index, pipes["length_m"].fillna(0.0)))
    bare = int((own[0] & ~known).sum())
    listed = ", ".join(indicator.defective)
    how = in_both("pay_defective", grades=listed)
    return Found(rows[0], rows[1], how=joined([how, in_both("pay_grades_missing", count=bare)], "; ") if bare else how)


def _relaid(sides: Sides, place: Place, _: Indicator) -> Found:
    """Length re-laid, of the length before."""
    before, after = (report.network for report in sides.reports)
    own = place.pipes(before)
    whole_m = float(before.pipes["length_m"].to_numpy()[own].sum())
    if whole_m <= 0:
        return _nothing(in_both("pay_no_pipes_before"))
    laid = after.pipes[sides.relaid & place.pipes(after)]
    rows = rows_of("pipe", laid.index, laid["length_m"].fillna(0.0))
    whole = rows_of("pipe", [in_both("pay_all_pipes", count=int(own.sum()))], [whole_m])
    return Found(rows_of("pipe", []), rows, of=whole)


def _grades(net: DrainageNetwork) -> np.ndarray:
    """(n_pipes,) recorded condition grade as text, None where there is none; a column with gaps holds 3.0 for 3."""
    if "condition_grade" not in net.pipes:
        return np.full(len(net.pipes), None, dtype=object)
    grades = as_text(net.pipes["condition_grade"])
    return grades.astype(object).where(grades.notna(), None).to_numpy(dtype=object)


#: Key in the terms → how it is measured.
MEASURES: Final[dict[str, Measure]] = {
    "coverage_share": Measure("reached", 1.0, "m", _coverage),
    "effective_share": Measure("reached", 1.0, "m", _effective),
    "misconnections_closed_share": Measure("removed", 1.0, "", _misconnections),
    "misconnections_per_km": Measure("reached", INFINITE, "", _misconnections_per_km),
    "repaired_share": Measure("removed", 1.0, "m", _defective),
    "outfalls_freed_share": Measure("removed", 1.0, "", _fouled),
    "mixed_removed_share": Measure("removed", 1.0, "m", _mixed),
    "points_solved_share": Measure("removed", 1.0, "", _points),
    "points_left": Measure("left", INFINITE, "", _points),
    "relaid_share": Measure("reached", 1.0, "m", _relaid),
    "overflow_removed_share": Measure("removed", 1.0, "m³", _overflow),
}


def fold_ids(rows: pd.DataFrame, most: int = 3) -> str:
    """Return the first ids of rows of evidence, and how many more there are."""
    ids = [str(one) for one in rows["feature_id"].head(most)]
    more = len(rows) - len(ids)
    text = ", ".join(ids) or "–"
    return joined([text, in_both("pay_more", count=more)], "") if more else Said(text, text)
