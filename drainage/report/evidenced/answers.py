"""What evidence changes: the questions that it can change, asked without what was posted last and with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd

from drainage.analyses.infiltration import measure_infiltration
from drainage.analyses.sources import find_sources
from drainage.cells import plain_value, short_numbers
from drainage.errors import DrainageError, FormatError
from drainage.network import DrainageNetwork
from drainage.plans.cleaning import plan_cleaning
from drainage.plans.inspection import plan_inspection
from drainage.report.directory import Report
from drainage.report.evidenced.posted import EvidenceFile, Posted, read_posted, together
from drainage.report.on_roads import among_roads
from drainage.result import Result
from drainage.said import Said
from drainage.simulation.screening.screen import screen_beside
from drainage.wants import wants
from drainage.words import in_both

#: Rows of a table that a document holds at most, and as many again on the roads of who posted last, who is shown no
#: others (own choice: nobody reads more, and the tables have them all).
MOST_ROWS: Final = 200
#: A probability that moves by less is told only where it doubles or halves and is called otherwise (own choice).
LEAST_MOVE: Final = 0.05
#: The questions, in the order in which they are asked.
QUESTIONS: Final = ("sources", "inspection", "infiltration", "cleaning")
_TABLES: Final = {
    "sources": ("reaches", ("road", "probability", "inferred", "observed", "length_m")),
    "inspection": ("openings", ("road", "visit", "choice", "gain_bits", "probability", "walk_m", "lon", "lat")),
    "infiltration": (
        "meters",
        ("road", "rank", "adf_m3_per_day", "infiltration_by_night_m3_per_day", "rdii_m3", "times_mean"),
    ),
    "cleaning": ("runs", ("road", "rank", "priority", "avoided_m3", "length_m", "silt_volume_m3", "pipes")),
}
_METERED: Final = ("rank", "infiltration_by_night_m3_per_day", "rdii_m3")


class _Asked(NamedTuple):
    """Answers by question, and why there is none."""

    results: Mapping[str, Result]
    unanswered: Mapping[str, str]


@dataclass(frozen=True, eq=False)
class Answered:
    r"""Answers with all evidence.

    Parameters
    ----------
    results
        Question of `QUESTIONS` → its answer, where it has one.
    document
        What was read and set aside of the file that was posted last (``read``), the answers (``answers``) and what that
        file changed in them (``changes``), as plain values; texts are in both languages, rows have a ``road`` where
        they lie on one.

    Examples
    --------
    >>> import drainage as dr
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> report = dr.analyze(dr.load_demo("2018-12-31").upstream_of("YS1043"))
    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder, "looks.csv")
    ...     _ = file.write_text("node_id,date,flowing\nYS1041,2018-05-01,yes\n")
    ...     posted = dr.report.EvidenceFile(kind="inspections", file=file)
    ...     answered = dr.report.answer_with_evidence(report, [posted])
    >>> list(answered.results), {name: len(rows) for name, rows in answered.collections.items()}
    (['sources', 'inspection'], {'sources': 4, 'inspection': 5})
    """

    results: Mapping[str, Result]
    document: Mapping[str, Any]

    @property
    def collections(self) -> dict[str, gpd.GeoDataFrame]:
        """The answers that lie somewhere: reaches with a source, openings, runs to clean."""
        found = {name: one.places(_TABLES[name][0]) for name, one in self.results.items() if name != "infiltration"}
        return {name: gpd.GeoDataFrame(table) for name, table in found.items()}


@wants
def answer_with_evidence(
    report: Report, files: Sequence[EvidenceFile], *, step: Callable[[float, Said], None] | None = None
) -> Answered:
    r"""Answer sources, inspection, infiltration and cleaning anew, and tell what the last file changed.

    Parameters
    ----------
    report
        A report with its answers: ``read_report(directory, whole=True)``. Its network and its storm are asked.
    files
        All evidence so far, in the order in which it was posted.
    step
        Called with the share that is done, 0-1, and what comes next.

    Raises
    ------
    FormatError, SchemaError
        There is no file, or the last one cannot be read; earlier ones that cannot are passed over.

    Examples
    --------
    >>> import drainage as dr
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> report = dr.analyze(dr.load_demo("2018-12-31").upstream_of("YS1043"))
    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder, "looks.csv")
    ...     _ = file.write_text("node_id,date,flowing\nYS1041,2018-05-01,yes\n")
    ...     posted = dr.report.EvidenceFile(kind="inspections", file=file)
    ...     answered = dr.report.answer_with_evidence(report, [posted])
    >>> answered.results["sources"].reaches["probability"].round(2).to_dict()
    {'YSL2983': 0.16, 'YSL2984': 0.16, 'YSL2985': 0.15, 'YSL2986': 0.01}
    >>> answered.document["read"]
    {'rows': 1, 'set_aside': 0, 'issues': [], 'remarks': []}
    """
    if not files:
        raise FormatError(in_both("evidence_none"))
    tell = step or (lambda _share, _said: None)
    net = report.network
    tell(0.0, in_both("evidence_read", files=len(files)))
    last = read_posted(net, files[-1])
    earlier = [one for one in (_read(report, file) for file in files[:-1]) if one is not None]
    tell(0.2, in_both("evidence_before"))
    before = _ask(report, together(earlier))
    tell(0.6, in_both("evidence_after"))
    after, roads = _ask(report, together([*earlier, last])), files[-1].roads
    document = {
        "read": _told_of(last, after.results),
        "answers": {name: _answer(name, after, net, roads) for name in QUESTIONS},
        "changes": {name: _change(name, before, after, net, roads) for name in QUESTIONS},
    }
    return Answered(after.results, document)


def _read(report: Report, file: EvidenceFile) -> Posted | None:
    try:
        return read_posted(report.network, file)
    except DrainageError:
        return None


def _ask(report: Report, posted: Posted) -> _Asked:
    net, state, evidence = report.network, report.state, posted.evidence

    def infiltration() -> Result:
        if posted.rain is None or not len(evidence.flows):
            raise FormatError(in_both("evidence_no_flows"))
        return measure_infiltration(net, evidence, posted.rain)

    def cleaning() -> Result:
        if state is None:
            raise FormatError(in_both("public_dry"))
        return plan_cleaning(state, evidence, screening=screen_beside(state))

    asked: Mapping[str, Callable[[], Result]] = {
        "sources": lambda: find_sources(net, evidence),
        "inspection": lambda: plan_inspection(net, evidence),
        "infiltration": infiltration,
        "cleaning": cleaning,
    }
    results: dict[str, Result] = {}
    unanswered: dict[str, str] = {}
    for name, ask in asked.items():
        try:
            results[name] = ask()
        except DrainageError as error:
            unanswered[name] = error.said
    return _Asked(results, unanswered)


def _told_of(posted: Posted, results: Mapping[str, Result]) -> dict[str, Any]:
    """Return what was read of a file, and what of it was set aside: as it was read, or by a question."""
    by_question = [one.tables["issues"] for one in results.values() if "issues" in one.tables]
    issues = pd.concat([posted.evidence.issues, *by_question], ignore_index=True)
    issues = issues[issues["feature_id"].astype("str").str.startswith(posted.evidence.source)]
    issues = issues.drop_duplicates(["feature_id", "code", "reason"], ignore_index=True)
    columns = ["feature_id", "severity", "code", "reason", "action"]
    return {
        "rows": posted.rows,
        "set_aside": int((issues["severity"] == "error").sum()),
        "issues": _rows(issues[columns].rename(columns={"feature_id": "row"})),
        "remarks": [] if posted.rain is None else list(posted.rain.notes),
    }


def _answer(name: str, asked: _Asked, net: DrainageNetwork, roads: Sequence[str]) -> dict[str, Any]:
    if name not in asked.results:
        return {"not_answered": asked.unanswered[name]}
    result, (table, columns) = asked.results[name], _TABLES[name]
    rows = _with_road(result.tables[table], net)
    if name == "sources":
        rows = rows.sort_values("probability", ascending=False, kind="stable")
    held = [column for column in columns if column in rows]
    summary = {key: value for key, value in result.summary.items() if key != "assumptions"}
    return {"summary": _plain(summary), "rows": _rows(rows[held].reset_index(), roads), "count": len(rows)}


def _change(
    name: str, before: _Asked, after: _Asked, net: DrainageNetwork, roads: Sequence[str]
) -> list[dict[str, Any]]:
    """Return the rows of an answer that are others with the evidence; all of them where there was no answer before."""
    if name not in after.results:
        return []
    return _rows(_with_road(_CHANGES[name](before.results.get(name), after.results[name]), net), roads)


def _with_road(table: pd.DataFrame, net: DrainageNetwork) -> pd.DataFrame:
    """Add to rows of meters on which road their manhole stands: that of a pipe that ends or begins there."""
    if "road" in table:
        return table
    meters = table["meter_id"] if "meter_id" in table else table.index.to_series()
    pipes = net.pipes[net.pipes["road"].notna()]
    ends = pd.concat([pipes.set_index(end)["road"] for end in ("to_node", "from_node")])
    roads = meters.astype("str").str.split("/").str[0].map(ends[~ends.index.duplicated()])
    return table.assign(road=roads.to_numpy(dtype=object))


def _sources_moved(before: Result | None, after: Result) -> pd.DataFrame:
    now = after.tables["reaches"]
    was = None if before is None else before.tables["reaches"].reindex(now.index)
    table = _beside(was, now, ("probability", "inferred"), ("road",))
    first, then = table["probability_before"], table["probability_after"]
    moved = (then - first).abs()
    twice = np.maximum(first, then) >= 2.0 * np.minimum(first, then)
    other = ((table["inferred_after"] != table["inferred_before"]) & twice) | ~(moved < LEAST_MOVE)
    return (
        table[other]
        .assign(moved=moved[other])
        .sort_values("moved", ascending=False)
        .drop(columns="moved")
        .reset_index()
    )


def _openings_moved(before: Result | None, after: Result) -> pd.DataFrame:
    now = after.tables["openings"]
    was = now.iloc[:0] if before is None else before.tables["openings"]
    columns = ["road", "visit", "gain_bits"]
    new, gone = now[~now.index.isin(was.index)], was[~was.index.isin(now.index)]
    told = [new[columns].assign(fate="to_open"), gone[columns].assign(fate="no_longer")]
    return pd.concat(told).reset_index()


def _meters_moved(before: Result | None, after: Result) -> pd.DataFrame:
    now = after.tables["meters"]
    was = None if before is None else before.tables["meters"].reindex(now.index)
    table = _beside(was, now, _METERED, ())
    moved = [~_alike(table[f"{name}_before"], table[f"{name}_after"]) for name in _METERED]
    return pd.DataFrame(table[np.any(moved, axis=0)]).reset_index()


def _runs_moved(before: Result | None, after: Result) -> pd.DataFrame:
    """Return the pipes that come into a run to clean or leave one, and those whose silt is another."""
    now = after.tables["pipes"]
    was = None if before is None else before.tables["pipes"].reindex(now.index)
    table = _beside(was, now, ("silt_share", "run_id"), ("road", "silt_source"))
    cleaned, stood = table["run_id_after"].notna(), table["run_id_before"].notna()
    same = _alike(table["silt_share_before"], table["silt_share_after"])
    fate = np.select([cleaned & ~stood, stood & ~cleaned], ["to_clean", "no_longer"], "silt_changed")
    other = (cleaned != stood) | (~same & table["silt_share_after"].notna())
    told = table.assign(fate=fate).drop(columns=["run_id_before"])
    return told[other].reset_index()


_CHANGES: Final[Mapping[str, Callable[[Result | None, Result], pd.DataFrame]]] = {
    "sources": _sources_moved, "inspection": _openings_moved, "infiltration": _meters_moved, "cleaning": _runs_moved
}  # fmt: skip


def _beside(was: pd.DataFrame | None, now: pd.DataFrame, moving: Sequence[str], still: Sequence[str]) -> pd.DataFrame:
    """Return some columns as they were and as they are, beside those that stay."""
    columns: dict[str, Any] = {name: now[name] for name in still if name in now}
    for name in moving:
        columns[f"{name}_before"] = pd.Series(None, now.index, dtype=now[name].dtype) if was is None else was[name]
        columns[f"{name}_after"] = now[name]
    return pd.DataFrame(columns, index=now.index)


def _alike(one: pd.Series, other: pd.Series) -> np.ndarray:
    same = (one == other).astype("boolean").fillna(value=False)
    return np.asarray(same | (one.isna() & other.isna()), dtype=np.bool_)


def _rows(table: pd.DataFrame, roads: Sequence[str] = ()) -> list[dict[str, Any]]:
    """Return the first rows of all, and the first of those on some roads."""
    kept = np.arange(len(table)) < MOST_ROWS
    if roads:
        own = among_roads(table["road"], roads)
        kept |= own & (np.cumsum(own) <= MOST_ROWS)
    return [{str(name): _plain(value) for name, value in row.items()} for row in table[kept].to_dict("records")]


def _plain(value: object) -> Any:  # noqa: ANN401 - of any cell
    return short_numbers(plain_value(value))
