"""Why a run should be cleaned."""

from __future__ import annotations

import math
from collections.abc import Iterator

import pandas as pd

from drainage.said import Said, joined
from drainage.simulation.screening.model import LEAST_OVERFLOW_M3
from drainage.words import in_both


def evidence_texts(runs: pd.DataFrame, overflow_m3: float) -> list[Said]:
    """Say of each run what cleaning avoids and what lies in it."""
    return [joined([_of_overflow(run, overflow_m3), *_of_state(run)]) for run in runs.itertuples()]


def _of_overflow(run: object, overflow_m3: float) -> Said:
    avoided, left_out, freed, priority = (
        getattr(run, name) for name in ("avoided_m3", "left_out_m3", "nodes_freed", "priority")
    )
    percent = 100.0 * avoided / max(overflow_m3, 0.1)
    if priority == "not_tried":
        return in_both("cleaning_not_tried")
    if priority == "overflow":
        return in_both("cleaning_avoids", avoided_m3=avoided, overflow_m3=overflow_m3, percent=percent, freed=freed)
    if priority == "with_others":
        return in_both("cleaning_with_others", left_out_m3=left_out)
    if avoided <= -LEAST_OVERFLOW_M3:
        return in_both("cleaning_passes_on", more_m3=-avoided)
    return in_both("cleaning_by_condition")


def _of_state(run: object) -> Iterator[Said]:
    share, volume, source, mi, mi_class, risk = (
        getattr(run, name) for name in ("silt_share", "silt_volume_m3", "silt_source", "mi", "mi_class", "at_risk_pct")
    )
    if share > 0.0:
        sources = joined((in_both(f"silt_was_{name}") for name in source.split(", ")), ", ")
        yield in_both("silt_of_run", volume_m3=volume, share=share, sources=sources)
    if not math.isnan(mi):
        yield in_both("mi_of_run", mi=mi, mi_class=mi_class)
    if risk > 0.0:
        yield in_both("slow_of_run", percent=risk)
