"""What each parameter alone would have to be, how much it would help, and whether one of them can be named."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
import pandas as pd

from drainage.analyses.gauges.mending import NEAR, PARAMETERS, WHERE, Mended
from drainage.said import Said, joined
from drainage.words import codes, in_both

#: Nothing needs mending, one parameter is likeliest, several do as well, none helps, or none was sought.
VERDICTS: Final = ("none_needed", "one", "several", "none_helps", "not_asked")


def remedy_table(mended: Sequence[Mended], before: float, *, least_gain_share: float) -> pd.DataFrame:
    """Return one row a parameter, the best of the places where it may be changed, best first."""
    rows = []
    for parameter in PARAMETERS:
        of_it = [one for one in mended if one.knob.parameter == parameter]
        if not of_it:
            continue
        best = max(of_it, key=lambda one: (one.score, -WHERE.index(one.knob.where)))
        knob, now = best.knob, best.knob.value(0.0)
        needed, (low, high) = knob.value(best.place), knob.plausible
        span = knob.bounds[1] - knob.bounds[0]
        gain = best.score - before
        rows.append(
            {
                "parameter": parameter,
                "changed_where": knob.where,
                "value_now": now,
                "value_needed": needed,
                "unit_of_value": _UNIT[parameter],
                "score_before": before,
                "score_after": best.score,
                "gain_pct": 100.0 * gain / (1.0 - before),
                "helps": bool(gain > 0.0 and gain >= least_gain_share * (1.0 - before)),
                "plausible": bool(low - 1e-9 <= needed <= high + 1e-9),
                "plausible_least": low,
                "plausible_most": high,
                "range_from": in_both(_RANGE[parameter]),
                "at_bound": bool(min(best.place - knob.bounds[0], knob.bounds[1] - best.place) <= NEAR * span
                                 and best.place != 0.0),
                "pipes_km": knob.pipes_km,
                "engine_runs": sum(one.runs for one in of_it),
                "engine_runs_failed": sum(one.failed for one in of_it),
            }
        )  # fmt: skip
    table = pd.DataFrame(rows, columns=[*_COLUMNS]).astype({"range_from": object})
    table["range_from"] = pd.Series([row["range_from"] for row in rows], dtype=object)
    table = table.sort_values("score_after", ascending=False, kind="stable", ignore_index=True)
    return table.set_axis(pd.RangeIndex(1, len(table) + 1, name="rank"))


_UNIT: Final = {"runoff": "Ψ", "roughness": "n", "silt": "–", "infiltration": "m³/(d·km)"}
#: Where the plausible range comes from.
_RANGE: Final = {
    "runoff": "range_runoff", "roughness": "range_roughness", "silt": "range_silt",
    "infiltration": "range_infiltration",
}  # fmt: skip
_COLUMNS: Final = (
    "parameter", "changed_where", "value_now", "value_needed", "unit_of_value", "score_before", "score_after",
    "gain_pct", "helps", "plausible", "plausible_least", "plausible_most", "range_from", "at_bound", "pipes_km",
    "engine_runs", "engine_runs_failed",
)  # fmt: skip


class Verdict(NamedTuple):
    """What can be said of the remedies: a code (`VERDICTS`), words, and the likeliest parameter if one can be told."""

    code: str
    said: Said
    likely: str | None = None


def verdict_of(remedies: pd.DataFrame, before: float, tell_apart: float, *, asked: bool) -> Verdict:
    """Tell whether one parameter alone mends the model, and which."""
    if not np.isfinite(before):
        return Verdict("not_asked", in_both("gauge_not_asked"))
    if before >= 1.0 - tell_apart:
        return Verdict("none_needed", in_both("gauge_none_needed", score=before))
    if not asked:
        return Verdict("not_asked", in_both("gauge_not_asked"))
    helping = remedies[remedies["helps"]]
    if not len(helping):
        return Verdict("none_helps", in_both("gauge_none_helps", score=before))
    best = helping.iloc[0]
    near = remedies[(remedies["score_after"] >= best["score_after"] - tell_apart) & (remedies["gain_pct"] > 0.0)]
    named = joined((_named(row) for _, row in near.iterrows()), ", ")
    if len(near) > 1:
        sound = near[near["plausible"]]
        one = in_both("gauge_only_plausible", parameter=_named(sound.iloc[0])) if len(sound) == 1 else ""
        return Verdict("several", joined(filter(None, [in_both("gauge_several", named=named, apart=tell_apart), one])))
    odd = "" if best["plausible"] else in_both("gauge_implausible")
    said = in_both("gauge_one", named=named, before=before, after=best["score_after"])
    return Verdict("one", joined(filter(None, [said, odd])), str(best["parameter"]))


def _named(row: pd.Series) -> Said:
    english, chinese = codes("parameter")[str(row["parameter"])][::-1]
    parameter = Said(english, chinese)
    return in_both("gauge_value", parameter=parameter, now=_short(row["value_now"]), needed=_short(row["value_needed"]),
                   unit=row["unit_of_value"])  # fmt: skip


def _short(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000.0 else f"{value:.3g}"
