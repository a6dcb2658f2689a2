"""Whether a storm formula can be what it says: its rain, its coefficients, its ranges, and how it joins its parts."""

from __future__ import annotations

from itertools import pairwise
from typing import Final, NamedTuple

import numpy as np
import pandas as pd

from drainage.arrays import Floats
from drainage.errors import SimulationError
from drainage.formats.rain.storm_formula import registered_formulas
from drainage.hydraulics.extremes.maxima import DURATIONS_MIN, RETURN_PERIODS_A
from drainage.hydraulics.formulas import (
    Q_OF_MM_PER_MIN,
    USUAL_HOUR_MM,
    IntensityFormula,
    IntervalFormula,
    SingleFormulas,
    StormFormula,
)
from drainage.provenance import Provenance
from drainage.result import Result
from drainage.wants import wants
from drainage.words import in_both

_JUMP_PCT: Final = 5.0  # where two intervals of a formula meet; a choice of ours
_JUST: Final = 1e-9


class _Found(NamedTuple):
    """One row of the checks: what was looked at, what was found, what is expected and whether it is so."""

    check: str
    found: str
    expected: str
    verdict: str
    clause: str


@wants
def check_storm_formula(formula: IntensityFormula) -> Result:
    """Check a storm formula for plausibility, and tabulate its intensities.

    Parameters
    ----------
    formula
        From `read_storm_formula`, or `fitted_formula` of a fit.

    Returns
    -------
    Result
        ``checks``: what was looked at, found and expected, with ``verdict`` ``good``, ``doubtful`` or ``wrong``: the
        rain of an hour; that longer rain is deeper and weaker, and rarer rain harder, over the ranges for which the
        formula is given; that these ranges hold 5-180 min and 2-100 a; the coefficients beside those of the registered
        formulas; the joints of a formula by intervals; source and verification. ``intensities``: mm/min and
        L/(s·hm²) at the durations and return periods of GB 50014-2021, B.0.2, that the formula gives.
        Summary: the number of checks by verdict.

    References
    ----------
    GB 50014-2021: 4.1.9, B.0.2. What is usual of an hour's rain and of coefficients is our own choice
    (`drainage.hydraulics.formulas.USUAL_HOUR_MM`; the registered formulas).

    Examples
    --------
    >>> import drainage as dr
    >>> checked = dr.analyses.check_storm_formula(dr.read_storm_formula("上海"))
    >>> int(checked.summary["checks_by_verdict"]["wrong"])
    0
    """
    table = intensity_rows(formula)
    found = [
        *_hour(formula),
        *_course(formula, table),
        *_ranges(formula),
        *_coefficients(formula),
        *_joints(formula),
        *_origin(formula),
    ]
    checks = pd.DataFrame(found, columns=list(_Found._fields), dtype=object).set_index("check")
    count = checks["verdict"].value_counts()
    verdicts = {name: int(count.get(name, 0)) for name in ("good", "doubtful", "wrong")}
    summary: dict[str, object] = {
        "formula": formula.name or formula.source,
        "source": formula.source,
        "verified": formula.verified,
        "checks_by_verdict": verdicts,
        "advice": in_both("formula_is_wrong") if verdicts["wrong"] else None,
    }
    if isinstance(formula, StormFormula):
        summary |= {"A": formula.A, "C": formula.C, "b_min": formula.b, "n": formula.n}
    return Result(
        "formula_check", {"checks": checks, "intensities": table}, pd.Series(summary, dtype=object),
        provenance=Provenance(source=(formula.name or formula.source,)),
    )  # fmt: skip


def intensity_rows(formula: IntensityFormula) -> pd.DataFrame:
    """Return the intensities of a formula at the durations and return periods of B.0.2 for which it is given."""
    low, high = formula.valid_min
    durations = np.array([one for one in DURATIONS_MIN if low - _JUST <= one <= high + _JUST] or [low, high])
    rows = []
    for period in _periods(formula):
        try:
            fitted = formula.intensity(durations, period) / Q_OF_MM_PER_MIN
        except SimulationError:
            continue  # the formula says that it has nothing for this return period
        rows += [(minutes, period, one) for minutes, one in zip(durations, fitted, strict=True)]
    table = pd.DataFrame(rows, columns=["duration_min", "return_period_a", "fitted_mm_per_min"], dtype=np.float64)
    table = table.sort_values(["duration_min", "return_period_a"], ignore_index=True)
    table["intensity_l_s_ha"] = table["fitted_mm_per_min"] * Q_OF_MM_PER_MIN
    table["depth_mm"] = table["fitted_mm_per_min"] * table["duration_min"]
    table.index = pd.Index(
        [f"{t:g}/{p:g}" for t, p in zip(table["duration_min"], table["return_period_a"], strict=True)], name="case"
    )
    return table


def _periods(formula: IntensityFormula) -> list[float]:
    if isinstance(formula, SingleFormulas):
        return sorted(formula.periods)
    low, high = formula.valid_a
    if isinstance(formula, IntervalFormula):
        low, high = min(one for one, _ in formula.intervals), max(one for _, one in formula.intervals)
    return [one for one in RETURN_PERIODS_A if low - _JUST <= one <= high + _JUST] or [low, high]


def _hour(formula: IntensityFormula) -> list[_Found]:
    period = formula.usual_period_a()
    depth_mm = formula.intensity_mm_per_h(60.0, period)
    low, high = USUAL_HOUR_MM
    good = low <= depth_mm <= high
    value = in_both("check_hour", depth_mm=depth_mm, period_a=period)
    return [
        _Found("rain_of_an_hour", value, f"{low:g}-{high:g} mm", "good" if good else "doubtful", in_both("our_own"))
    ]


def _course(formula: IntensityFormula, table: pd.DataFrame) -> list[_Found]:
    """Check that rain is deeper the longer, weaker the longer, and harder the rarer."""
    fine = np.geomspace(max(formula.valid_min[0], 0.1), formula.valid_min[1], 200)
    falls, rises = [], []
    for period in sorted(table["return_period_a"].unique()):
        intensity = formula.intensity(fine, period)
        falls += _places(fine[1:], np.diff(intensity * fine) < 0.0, period)
        rises += _places(fine[1:], np.diff(intensity) > 0.0, period)
    weaker = []
    for minutes, rows in table.groupby("duration_min"):
        drop = np.diff(rows["fitted_mm_per_min"].to_numpy()) < 0.0
        weaker += [
            f"{float(str(minutes)):g} min {period:g} a" for period in rows["return_period_a"].to_numpy()[1:][drop]
        ]
    return [
        _Found(name, ", ".join(bad[:3]) or in_both("check_everywhere"), in_both(wanted), "wrong" if bad else "good", "")
        for name, bad, wanted in (
            ("deeper_the_longer", falls, "check_deeper"),
            ("weaker_the_longer", rises, "check_weaker"),
            ("harder_the_rarer", weaker, "check_harder"),
        )
    ]


def _places(minutes: Floats, bad: np.ndarray, period: float) -> list[str]:
    return [f"{minutes[bad][0]:.0f} min {period:g} a"] if bad.any() else []


def _ranges(formula: IntensityFormula) -> list[_Found]:
    rows = []
    for name, (low, high), (least, most), unit in (
        ("range_of_durations", formula.valid_min, (DURATIONS_MIN[0], DURATIONS_MIN[-1]), "min"),
        ("range_of_periods", formula.valid_a, (RETURN_PERIODS_A[0], RETURN_PERIODS_A[-1]), "a"),
    ):
        verdict = "wrong" if not 0.0 < low < high else "good" if low <= least and high >= most else "doubtful"
        rows.append(
            _Found(name, f"{low:g}-{high:g} {unit}", f"{least:g}-{most:g} {unit}", verdict, "GB 50014-2021, B.0.2")
        )
    return rows


def _coefficients(formula: IntensityFormula) -> list[_Found]:
    """Compare C, b and n with those of the registered formulas, which is no more than a hint."""
    if not isinstance(formula, StormFormula):
        return []
    known = registered_formulas().dropna(subset=["C"])
    rows = []
    for name, value in (("C", formula.C), ("b_min", formula.b), ("n", formula.n)):
        low, high = float(known[name].min()), float(known[name].max())
        verdict = "good" if low <= value <= high else "doubtful"
        rows.append(
            _Found(f"coefficient_{name}", f"{value:g}", f"{low:g}-{high:g}", verdict, in_both("check_registered"))
        )
    return rows


def _joints(formula: IntensityFormula) -> list[_Found]:
    """Compare both sides where two intervals of return periods meet."""
    if not isinstance(formula, IntervalFormula):
        return []
    bounds = sorted(formula.intervals)
    rows = []
    for (_, end), (begin, _) in pairwise(bounds):
        if begin > end + _JUST:
            rows.append(_Found("joint", f"{end:g}-{begin:g} a", in_both("check_no_gap"), "wrong", ""))
            continue
        below = formula.intensity(np.array(DURATIONS_MIN), begin * (1.0 - 1e-9))
        above = formula.intensity(np.array(DURATIONS_MIN), begin * (1.0 + 1e-9))
        jump = float(100.0 * np.abs(above / below - 1.0).max())
        verdict = "good" if jump <= _JUMP_PCT else "doubtful"
        rows.append(_Found("joint", f"{begin:g} a: {jump:.1f} %", f"≤ {_JUMP_PCT:g} %", verdict, in_both("our_own")))
    return rows


def _origin(formula: IntensityFormula) -> list[_Found]:
    return [
        _Found(
            "verification", in_both("check_verified" if formula.verified else "check_not_verified"),
            in_both("check_official"), "good" if formula.verified else "doubtful", "",
        ),
    ]  # fmt: skip
