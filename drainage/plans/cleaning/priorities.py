"""The question put together: silt, condition, self-cleansing, runs, what each avoids, summary."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd

from drainage.errors import SimulationError
from drainage.evidence import Evidence
from drainage.maps.context import context_of
from drainage.maps.layer import Layer
from drainage.measures import pipe_sections
from drainage.network import DrainageNetwork
from drainage.plans.cleaning.cctv import observed_silt, read_defects
from drainage.plans.cleaning.condition import CLASSES, ConditionRules, rate_pipes
from drainage.plans.cleaning.one_at_a_time import MOST_PIPES_SWEPT, Cleaned, clean_one_at_a_time
from drainage.plans.cleaning.self_cleansing import self_cleansing
from drainage.plans.cleaning.silted_runs import PRIORITIES, group_runs, run_table
from drainage.plans.cleaning.texts import evidence_texts
from drainage.provenance import Provenance
from drainage.result import Result
from drainage.schema import Issues
from drainage.schema.columns import column_of
from drainage.simulation.dry_weather import size_mm
from drainage.simulation.screening.answer import Screening, screening_of
from drainage.simulation.state import FlowState
from drainage.wants import wants
from drainage.words import in_both

#: Silt from this share of the height on is cleaned. A fifth, as CJJ 68 is remembered; not verified.
LEAST_SILT_SHARE: Final = 0.2
#: Years between flows that should still clean a pipe: own choice, no standard's.
FREQUENT_RETURN_PERIOD_A: Final = 1.0


@wants
def plan_cleaning(
    state: FlowState,
    evidence: Evidence | None = None,
    *,
    screening: Screening | None = None,
    least_silt_share: float = LEAST_SILT_SHARE,
    frequent_return_period_a: float = FREQUENT_RETURN_PERIOD_A,
    area: str = "road",
    soil: str = "ordinary",
    rules: ConditionRules | None = None,
    most_pipes_swept: int = MOST_PIPES_SWEPT,
    progress: Callable[[float], None] | None = None,
) -> Result:
    """List the runs of pipes to clean, ranked by the overflow that each avoids.

    The silt of a pipe is that of its last CCTV survey (defect CJ with the depth of the deposit, or the share of the
    section that it fills), else the recorded one; both are also returned. Other defects do not reduce the section here.
    Surveyed silt is used in the screening, its greatest depth along the whole pipe: the overflow is that with this
    silt.

    Parameters
    ----------
    state
        Flows and levels in a storm, from either engine.
    evidence
        Evidence of which the ``cctv`` table is used (`drainage.read_evidence`); None: recorded silt only.
    screening
        Screening of the same storm on which runs are tried; None: the state, if it is a screening.
    least_silt_share
        Silt is cleaned from this share of the height on. The default is a fifth, from memory of CJJ 68: not verified.
    frequent_return_period_a
        Storm whose flow should still keep a storm pipe clean, a. The default is our choice.
    area, soil
        Area and soil that give K and T of CJJ 181 for the whole network: words of `ConditionRules`. The defaults, other
        roads and ordinary soil, are our choice.
    rules
        Numbers of CJJ 181, none verified in it (`ConditionRules` says how each is known).
    most_pipes_swept
        Limit on computation: beyond it the runs with least overflow are not tried, and are marked so.
    progress
        Called with the share of the reruns that is done, 0-1; an exception that it raises stops the plan.

    Returns
    -------
    Result
        Tables:

        ``runs`` (index ``run_id``, most urgent first)
            ``rank``, ``road``, ``system``, ``priority`` (overflow: cleaned alone it avoids some; with_others: only
            together with others; not_tried; condition: none avoided, ranked by MI, self-cleansing and silt),
            ``avoided_m3`` when it alone is cleaned (negative: it passes more on), ``avoided_per_m3_silt``,
            ``left_out_m3`` what comes back when all but it are cleaned, ``nodes_freed``, ``length_m``,
            ``silt_volume_m3``, ``silt_share`` (deepest), ``mi`` and ``mi_class`` (worst), ``at_risk_pct`` of its
            length, ``pipes``, ``evidence`` and ``evidence_zh``.
        ``pipes`` (index ``pipe_id``, all)
            ``silt_share_recorded``, ``silt_share_observed``, ``silt_share`` that counts and its ``silt_source``,
            ``silt_volume_m3`` (section filled × length silted), F, RI, G, MI with classes, velocities, ``at_risk``,
            ``slow_at`` and ``run_id``.
        ``defects``
            The findings that were used; index ``row``, file and row of the evidence.
        ``issues``
            What could not be used, by file and row.

    Raises
    ------
    SimulationError
        There is no screening, or a parameter is impossible.
    SchemaError
        Unknown area or soil.

    References
    ----------
    GB 50014-2021, 5.2.4, 5.2.7; CJJ 181-2012 as seen in programs and remembered (`ConditionRules`).

    Examples
    --------
    >>> import drainage as dr
    >>> net = dr.load_demo("2018-12-31")
    >>> storm = dr.DesignStorm(dr.read_storm_formula("demo"), return_period_a=3, duration_min=120)
    >>> dr.plan_cleaning(dr.screen(net, storm)).runs["road"].tolist()
    ['磬山路', '育才路', '创业路']
    """
    screening = screening_of(state, screening)
    if screening is None:
        raise SimulationError(in_both("cleaning_by_screening", method=state.method))
    _check(least_silt_share, frequent_return_period_a)
    rules, evidence = rules or ConditionRules(), evidence or Evidence()
    area_points, soil_points = rules.points_of("area", area), rules.points_of("soil", soil)
    net = screening.network
    issues = Issues()
    issues.extend(evidence.issues)
    defects = read_defects(net, evidence.cctv, rules, issues)
    pipes = _silt_table(net, defects)
    scored = defects[defects["points"].notna()]
    rated = rate_pipes(scored, size_mm(net.pipes), area_points, soil_points, rules)
    pipes = pipes.join(rated.set_axis(pipes.index)).join(self_cleansing(screening, frequent_return_period_a))
    silted = (pipes["silt_share"] >= least_silt_share).to_numpy()
    run, count = group_runs(net, silted | (pipes["mi"] > rules.class_bounds[0]).to_numpy())
    cleaned = clean_one_at_a_time(
        screening, pipes["silt_share"].to_numpy(), run, count, most_pipes_swept=most_pipes_swept, progress=progress
    )
    runs, rank = run_table(net, pipes, run, count, cleaned)
    said = evidence_texts(runs, cleaned.overflow_m3.sum())
    runs["evidence"], runs["evidence_zh"] = list(map(str, said)), [text.chinese for text in said]
    named = np.array([*(f"Q{k + 1}" for k in rank), None], dtype=object)[run]
    pipes["run_id"] = pd.array(named, dtype="str")
    table = gpd.GeoDataFrame(pipes, geometry=net.pipes.geometry.array, crs=net.crs)
    assumed = _assumed(screening, least_silt_share, frequent_return_period_a, area, soil)
    return Result(
        "cleaning",
        {"runs": runs, "pipes": table, "defects": defects.drop(columns="pipe_row"), "issues": issues.frame()},
        _summary(screening, runs, table, defects, cleaned, assumed),
        (*context_of(net, screening.nodes), *_layers(runs, table)),
        provenance=Provenance.of_state(screening, beside=evidence),
        not_known=_not_known(pipes, defects),
    )


def _not_known(pipes: pd.DataFrame, defects: pd.DataFrame) -> str | None:
    if len(defects) or pipes["silt_share_recorded"].notna().any():
        return None
    return in_both("silt_not_known")


def _check(least_silt_share: float, frequent_return_period_a: float) -> None:
    if not 0.0 < least_silt_share <= 1.0:
        raise SimulationError(in_both("silt_share_out", value=least_silt_share))
    if not 0.1 <= frequent_return_period_a <= 100.0:
        raise SimulationError(in_both("frequent_out", value=frequent_return_period_a))


def _silt_table(net: DrainageNetwork, defects: pd.DataFrame) -> pd.DataFrame:
    """Put recorded and observed silt side by side, with the one that counts and its volume."""
    pipes = net.pipes
    length = column_of(pipes, "length_m")
    recorded = column_of(pipes, "silt_share")
    observed, silted_m = observed_silt(defects, length)
    seen = np.isfinite(observed)
    share = np.nan_to_num(np.where(seen, observed, recorded))
    filled_m2 = pipe_sections(pipes, 0.0).area_m2 - pipe_sections(pipes, share).area_m2
    table = pd.DataFrame(
        {
            "silt_share_recorded": recorded,
            "silt_share_observed": observed,
            "silt_share": share,
            "silt_source": np.select([seen, share > 0.0], ["observed", "recorded"], "none").astype(object),
            "silt_volume_m3": (filled_m2 * silted_m).round(3),
        },
        index=pipes.index,
    )
    return pipes[["system", "road", "diameter_mm", "length_m"]].join(table)


def _assumed(
    state: FlowState, least_silt_share: float, frequent_return_period_a: float, area: str, soil: str
) -> dict[str, str]:
    """Return what was assumed where neither the network nor an available standard states it."""
    return {
        **state.assumptions,
        "least_silt_share": in_both("silt_least", share=least_silt_share),
        "frequent_flow": (
            in_both("frequent_flow", period_a=frequent_return_period_a)
            if np.isfinite(state.storm.return_period_a)
            else in_both("frequent_unjudged")
        ),
        "condition": in_both("condition", area=area, soil=soil),
        "silt": in_both("silt_taken"),
        "avoided": in_both("silt_avoided"),
    }


def _summary(
    state: FlowState,
    runs: gpd.GeoDataFrame,
    pipes: gpd.GeoDataFrame,
    defects: pd.DataFrame,
    cleaned: Cleaned,
    assumptions: dict[str, str],
) -> pd.Series:
    now = float(cleaned.overflow_m3.sum())
    return pd.Series(
        {
            "runs": len(runs),
            "by_priority": {name: int((runs["priority"] == name).sum()) for name in PRIORITIES},
            "pipes_to_clean": int(pipes["run_id"].notna().sum()),
            "length_m": round(float(runs["length_m"].sum()), 1),
            "silt_volume_m3": round(float(runs["silt_volume_m3"].sum()), 1),
            "overflow_m3": round(now, 1),
            "avoided_together_m3": round(now - cleaned.together_m3, 1),
            "avoided_singly_m3": round(float(runs["avoided_m3"].clip(lower=0.0).sum()), 1),
            "nodes_freed": len(np.unique(cleaned.freed[:, 1])),
            "by_mi_class": {name: int((pipes["mi_class"] == name).sum()) for name in CLASSES},
            "by_ri_class": {name: int((pipes["ri_class"] == name).sum()) for name in CLASSES},
            "at_risk": {name: int((pipes["at_risk"] == name).sum()) for name in ("yes", "no", "unknown")},
            "defects": len(defects),
            "return_period_a": float(state.storm.return_period_a),
            "assumptions": assumptions,
        },
        dtype=object,
        name="cleaning",
    )


def _layers(runs: gpd.GeoDataFrame, pipes: gpd.GeoDataFrame) -> tuple[Layer, ...]:
    shown = (
        "run_id", "rank", "road", "priority", "avoided_m3", "left_out_m3", "nodes_freed", "length_m", "silt_volume_m3",
        "silt_share", "mi", "mi_class", "evidence", "evidence_zh", "pipes", "freed_nodes",
    )  # fmt: skip
    slow_shown = (
        "pipe_id", "road", "system", "diameter_mm", "slow_at", "least_velocity_m_s", "design_velocity_m_s",
        "frequent_velocity_m_s", "dry_velocity_m_s",
    )  # fmt: skip
    slow = pipes[pipes["at_risk"] == "yes"]
    return (
        Layer("self_cleansing", slow, "at_risk", slow_shown, shown=False),
        Layer("cleaning", runs, "priority", shown),
    )
