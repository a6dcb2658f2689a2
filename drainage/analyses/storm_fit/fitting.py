"""The storm formula of a gauge: annual maxima, their frequency curves, the formula through these, how sure it is."""

from __future__ import annotations

from dataclasses import replace
from typing import Final, get_args

import numpy as np
import pandas as pd

from drainage.analyses.storm_fit.fit_tables import (
    distribution_table,
    frequency_table,
    intensity_table,
    maxima_table,
    period_table,
    storm_table,
)
from drainage.arrays import Bools, Floats
from drainage.errors import SchemaError
from drainage.hydraulics.extremes.confidence import Fit, confidence_bounds, fit_maxima
from drainage.hydraulics.extremes.distributions import DISTRIBUTIONS, Distribution
from drainage.hydraulics.extremes.formula_fit import Errors, formula_intensity, mean_square_errors
from drainage.hydraulics.extremes.maxima import RETURN_PERIODS_A, AnnualMaxima, interval_factor, outlying
from drainage.hydraulics.formulas import Q_OF_MM_PER_MIN, StormFormula
from drainage.provenance import Provenance
from drainage.result import Result
from drainage.said import Said, joined
from drainage.schema import Issues
from drainage.wants import wants
from drainage.words import code, in_both

#: Years of record that GB 50014-2021, 4.1.9 and B.0.1, ask for.
LEAST_YEARS: Final = 20
#: Limits of error at 2 to 20 a (B.0.5): where rain is of general strength, and where it is stronger.
LIMIT_MM_PER_MIN: Final = 0.05
LIMIT_PCT: Final = 5.0
JUDGED_A: Final = (2.0, 20.0)
_FEWEST_YEARS: Final = 3  # of which a skewness can be computed
_FEWEST_DURATIONS: Final = 4  # for the two coefficients of the duration, with something left to judge them by; ours
_PERIODS: Final = np.array(RETURN_PERIODS_A)


@wants
def fit_storm_formula(
    maxima: AnnualMaxima,
    *,
    name: str = "",
    distribution: Distribution | None = None,
    fit_by: Errors = "absolute",
    least_years: int = LEAST_YEARS,
    fixed_interval_min: float | None = None,
    confidence: float = 0.95,
    replicas: int = 500,
    seed: int = 0,
) -> Result:
    """Fit the storm formula of a gauge to its annual maxima.

    Pearson III, Gumbel and exponential distributions are fitted to the maxima of each duration by least squares on the
    frequency curve at m/(n + 1); that one is used for all durations that comes nearest; and the coefficients of
    i = A₁ (1 + C lg P) / (t + b)^n are found by least squares on its quantiles at 2 to 100 a.

    Parameters
    ----------
    maxima
        Annual maxima from `read_annual_maxima`.
    name
        Name of the formula, such as that of the city; default: that of the file.
    distribution
        ``pearson3``, ``gumbel`` or ``exponential``; None: the one with the least standard error, Pearson III only if
        its error is below 0.7 of those of both others (our criterion: `drainage.hydraulics.extremes.confidence`).
    fit_by
        Least squares of the differences in mm/min (``absolute``, as B.0.5 first has its limit) or of their shares
        (``relative``).
    least_years
        Fewer years are refused: 20 in GB 50014-2021, 4.1.9 and B.0.1. Fewer than 20 are said in the result.
    fixed_interval_min
        Multiply the maxima of a gauge that reports every so many minutes by k/(k − 1/8), k being the intervals in the
        duration (Weiss 1964, as remembered), for its steps cut the worst minutes in two; None: as recorded, since
        GB 50014-2021 has no such correction.
    confidence
        Share of records whose bounds hold the true intensity.
    replicas, seed
        Of the bootstrap from which the bounds come.

    Returns
    -------
    Result
        Tables, intensities in mm/min:

        ``intensities``
            Each duration and return period: ``frequency_mm_per_min`` of the frequency curve, ``fitted_mm_per_min`` of
            the formula, its bounds ``low_mm_per_min`` and ``high_mm_per_min``, ``error_mm_per_min`` and ``error_pct``
            of the formula against the curve, ``intensity_l_s_ha`` and ``depth_mm`` of the formula.
        ``periods``
            Mean-square errors of each return period over all durations.
        ``distributions``
            How well each distribution fits, its formula, and which was chosen.
        ``frequencies``
            The frequency curve of each duration, and the depths beyond which a year stands out.
        ``maxima``
            Each year and duration, its empirical return period, and whether it stands out (Grubbs' test).
        ``storms``
            The storms of a series whose peaks give r.
        ``issues``
            Years that are missing or left out, values that stand out and were kept.

        Summary: coefficients, errors against the limits of B.0.5, record, r.

    Raises
    ------
    SchemaError
        Too few years or durations, or an argument that cannot be.
    SimulationError
        The formula cannot be: rain of an hour beyond anything known, as with depths in another unit.

    References
    ----------
    GB 50014-2021: 4.1.7, 4.1.9, B.0.1-B.0.5 (read in a full text of the standard). Grubbs and Beck (1972). Weiss
    (1964), as remembered.

    Examples
    --------
    >>> import numpy as np
    >>> import drainage as dr
    >>> law = dr.read_storm_formula("上海")
    >>> minutes = np.array([5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 180.0])
    >>> periods = 1.0 / (1.0 - np.arange(1, 31) / 31.0)
    >>> depths = np.array([law.intensity(minutes, p) for p in periods]) * 0.006 * minutes
    >>> maxima = dr.hydraulics.AnnualMaxima(
    ...     years=np.arange(1991, 2021), durations_min=minutes, depth_mm=depths, source="made up")
    >>> fit = dr.analyses.fit_storm_formula(maxima, distribution="exponential", replicas=50)
    >>> int(fit.summary["years"])
    30
    """
    _check(maxima, distribution, fit_by, least_years, fixed_interval_min, confidence, replicas)
    whole = ~maxima.falling()
    if (years := int(whole.sum())) < least_years:
        why = [joined([f"{year}: ", reason], "") for year, reason in list(maxima.left_out.items())[:5]]
        few = in_both("fit_years_few", source=maxima.source, years=years, least=least_years, fewest=_FEWEST_YEARS)
        raise SchemaError(joined([few, *why], "; "))
    used = replace(maxima, years=maxima.years[whole], depth_mm=_depths(maxima, fixed_interval_min)[whole])
    sample, durations = used.intensity_mm_per_min.T, used.durations_min
    made = fit_maxima(sample, durations, _PERIODS, distribution=distribution, errors=fit_by)
    formula = _formula(used, made, name or maxima.source.rpartition(".")[0] or maxima.source)
    rounded = np.array([formula.A / Q_OF_MM_PER_MIN, formula.C, formula.b, formula.n])
    made = made._replace(coefficients=rounded, fitted=formula_intensity(rounded, durations, _PERIODS))
    bounds = confidence_bounds(
        sample, durations, _PERIODS, made, distribution=distribution, errors=fit_by, confidence=confidence,
        replicas=replicas, seed=seed,
    )  # fmt: skip
    odd, low, high = outlying(used.depth_mm)
    tables = {
        "intensities": intensity_table(durations, _PERIODS, made, bounds),
        "periods": period_table(_PERIODS, made),
        "distributions": distribution_table(sample, durations, _PERIODS, made, fit_by),
        "frequencies": frequency_table(used, made, low, high),
        "maxima": maxima_table(used, odd),
        "storms": storm_table(used),
        "issues": _issues(maxima, whole, used, odd, formula).frame(),
    }
    summary = _summary(maxima, used, made, formula, odd)
    summary |= {
        "confidence_pct": 100.0 * confidence,
        "replicas": replicas,
        "advice": _advice(years),
        "assumptions": _assumptions(distribution, fit_by, fixed_interval_min, maxima),
    }
    return Result(
        "storm_formula", tables, pd.Series(summary, dtype=object), provenance=Provenance(source=(maxima.source,))
    )


@wants
def fitted_formula(fit: Result) -> StormFormula:
    """Return the formula that `fit_storm_formula` found, for `DesignStorm` and `maps.plot_intensities`.

    It is not verified: no authority has seen it.

    Parameters
    ----------
    fit
        Result of `fit_storm_formula`.

    Examples
    --------
    >>> import drainage as dr
    >>> import numpy as np
    >>> law, minutes = dr.read_storm_formula("demo"), np.array([5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 180.0])
    >>> depths = np.array([law.intensity(minutes, 31.0 / rank) for rank in range(30, 0, -1)]) * 0.006 * minutes
    >>> maxima = dr.hydraulics.AnnualMaxima(
    ...     years=np.arange(1991, 2021), durations_min=minutes, depth_mm=depths, source="made up")
    >>> formula = dr.analyses.fitted_formula(dr.analyses.fit_storm_formula(maxima, replicas=20))
    >>> round(float(formula.intensity(60.0, 3.0))), round(float(law.intensity(60.0, 3.0)))
    (142, 142)
    """
    told, curves = fit.summary, fit.tables["intensities"]
    minutes = curves["duration_min"]
    record = in_both(
        "fit_source", source=told["source"], years=told["years"], first=told["first_year"], last=told["last_year"],
        distribution=_name_of(told["distribution"]),
    )  # fmt: skip
    few = [in_both("fit_few_years", years=told["years"], least=LEAST_YEARS)] if told["years"] < LEAST_YEARS else []
    return StormFormula(
        A=told["A"], C=told["C"], b=told["b_min"], n=told["n"], name=told["formula"], source=record,
        year=int(told["last_year"]), verified=False, valid_min=(float(minutes.min()), float(minutes.max())),
        valid_a=(RETURN_PERIODS_A[0], RETURN_PERIODS_A[-1]), peak_position=told["peak_position"],
        note=joined([in_both("fit_not_official", record=record), *few]),
    )  # fmt: skip


def _check(
    maxima: AnnualMaxima,
    distribution: str | None,
    fit_by: str,
    least_years: int,
    fixed_interval_min: float | None,
    confidence: float,
    replicas: int,
) -> None:
    """Refuse what cannot be asked."""
    for name, value, known in (
        ("distribution", distribution, (None, *DISTRIBUTIONS)),
        ("fit_by", fit_by, get_args(Errors)),
    ):
        if value not in known:
            words = ", ".join(filter(None, known))
            raise SchemaError(in_both("fit_word_unknown", name=name, value=value, known=words))
    for name, given, low, high in (
        ("least_years", float(least_years), float(_FEWEST_YEARS), np.inf),
        ("fixed_interval_min", 1.0 if fixed_interval_min is None else fixed_interval_min, 1e-9, 1440.0),
        ("confidence", confidence, 0.5, 0.999),
        ("replicas", float(replicas), 20.0, 1e5),
    ):
        if not low <= given <= high:
            raise SchemaError(in_both("fit_number_out", name=name, value=given, low=low, high=high))
    if len(maxima.durations_min) < _FEWEST_DURATIONS:
        found = joined((f"{one:g}" for one in maxima.durations_min), ", ")
        raise SchemaError(in_both("fit_durations_few", source=maxima.source, found=found, least=_FEWEST_DURATIONS))


def _name_of(distribution: str) -> Said:
    return Said(*(code("distribution", distribution, lang) or distribution for lang in ("en", "zh")))


def _depths(maxima: AnnualMaxima, fixed_interval_min: float | None) -> Floats:
    if fixed_interval_min is None:
        return maxima.depth_mm
    return np.asarray(maxima.depth_mm * interval_factor(maxima.durations_min, fixed_interval_min))


def _formula(maxima: AnnualMaxima, made: Fit, name: str) -> StormFormula:
    """Return the formula with as many digits as are printed of one; refuse one that cannot be."""
    strength, rise, b, n = made.coefficients
    if not (strength > 0.0 and rise >= 0.0):
        odd, _, _ = outlying(maxima.depth_mm)
        years = joined(maxima.years[odd.any(axis=1)], ", ")
        distribution = _name_of(made.chosen)
        raise SchemaError(in_both("fit_no_formula", source=maxima.source, distribution=distribution, years=years))
    return StormFormula(
        A=float(f"{strength * Q_OF_MM_PER_MIN:.6g}"), C=round(float(rise), 4), b=round(float(b), 3),
        n=round(float(n), 4), name=name, source=maxima.source,
    )  # fmt: skip


def _summary(
    maxima: AnnualMaxima, used: AnnualMaxima, made: Fit, formula: StormFormula, odd: Bools
) -> dict[str, object]:
    judged = (JUDGED_A[0] <= _PERIODS) & (JUDGED_A[1] >= _PERIODS)
    absolute, relative = mean_square_errors(made.fitted[:, judged], made.quantiles[:, judged])
    missing = [str(year) for year in maxima.missing_years]
    left_out = sorted({*maxima.left_out, *maxima.years[maxima.falling()].tolist()})
    return {
        "formula": formula.name,
        "A": formula.A,
        "A1": float(f"{made.coefficients[0]:.6g}"),
        "C": formula.C,
        "b_min": formula.b,
        "n": formula.n,
        "verified": False,
        "distribution": made.chosen,
        "absolute_error_mm_per_min": absolute,
        "relative_error_pct": relative,
        "limits_kept": _limits(absolute, relative),
        "source": maxima.source,
        "years": len(used.years),
        "first_year": int(used.years[0]),
        "last_year": int(used.years[-1]),
        "years_missing": ", ".join(missing) or None,
        "years_left_out": ", ".join(map(str, left_out)) or None,
        "values_standing_out": int(odd.sum()),
        "durations": len(used.durations_min),
        "interval_min": maxima.interval_min,
        "peak_position": round(float(used.event_peaks.mean()), 3) if len(used.event_peaks) else None,
        "storms_of_peak": len(used.event_peaks),
    }


def _limits(absolute: float, relative: float) -> str:
    """Return which limits of GB 50014-2021, B.0.5, are kept; which one counts depends on the strength of the rain."""
    kept = [
        name for name, good in (("absolute", absolute <= LIMIT_MM_PER_MIN), ("relative", relative <= LIMIT_PCT)) if good
    ]
    return {0: "neither", 2: "both"}.get(len(kept), f"{kept[0]}_only" if kept else "neither")


def _advice(years: int) -> Said | None:
    return in_both("fit_few_years", years=years, least=LEAST_YEARS) if years < LEAST_YEARS else None


def _assumptions(
    distribution: str | None, fit_by: str, fixed_interval_min: float | None, maxima: AnnualMaxima
) -> dict[str, object]:
    """Say what was assumed, and what of it is in no standard."""
    said: dict[str, object] = {
        "estimated_by": in_both("fit_curve_fitting"),
        "chosen_by": in_both("fit_chosen" if distribution is None else "fit_told"),
        "fit_by": in_both("fit_by_absolute" if fit_by == "absolute" else "fit_by_relative"),
        "limits_of_error": in_both("fit_limits"),
        "standing_out_by": in_both("fit_grubbs"),
        "bounds_by": in_both("fit_bounds"),
    }
    if fixed_interval_min is not None:
        said["fixed_interval"] = in_both("fit_interval_used", interval=fixed_interval_min)
    elif maxima.interval_min is not None:
        first = maxima.durations_min[:1]
        more = 100.0 * (float(interval_factor(first, maxima.interval_min)[0]) - 1.0)
        said["fixed_interval"] = in_both(
            "fit_interval_not", interval=maxima.interval_min, minutes=float(first[0]), more=more
        )
    if len(maxima.event_peaks):
        said["peak_position"] = in_both("fit_peaks", storms=len(maxima.event_peaks))
    return said


def _issues(maxima: AnnualMaxima, whole: Bools, used: AnnualMaxima, odd: Bools, formula: StormFormula) -> Issues:
    """Name every year that is missing or left out, every value that stands out and was kept, and a doubtful formula."""
    issues = Issues()
    if (doubt := formula.doubt()) is not None:
        issues.add("formula_doubtful", "warning", "file", [maxima.source], joined([doubt]), in_both("fit_check_unit"))
    falls = [_fall(maxima, int(row)) for row in np.flatnonzero(~whole)]
    issues.add("depth_falls", "error", "year", maxima.years[~whole], falls, in_both("fit_year_left_out"))
    issues.add(
        "year_incomplete", "warning", "year", maxima.left_out, [joined([why]) for why in maxima.left_out.values()],
        in_both("fit_year_left_out"),
    )  # fmt: skip
    issues.add(
        "year_missing", "warning", "year", maxima.missing_years, in_both("fit_year_missing"), in_both("fit_without_it")
    )
    rows, columns = np.nonzero(odd)
    reasons = [
        in_both("fit_stands_out", depth_mm=float(used.depth_mm[row, column]), minutes=float(used.durations_min[column]))
        for row, column in zip(rows, columns, strict=True)
    ]
    issues.add("stands_out", "warning", "year", used.years[rows], reasons, in_both("fit_kept_review"))
    notes = [joined([note]) for note in maxima.notes]
    issues.add("read_so", "info", "file", [maxima.source] * len(notes), notes, in_both("fit_as_read"))
    return issues


def _fall(maxima: AnnualMaxima, row: int) -> Said:
    depth = maxima.depth_mm[row]
    at = int(np.argmin(np.diff(depth)))
    return in_both(
        "fit_depth_falls", shorter=float(maxima.durations_min[at]), longer=float(maxima.durations_min[at + 1]),
        before=float(depth[at]), after=float(depth[at + 1]),
    )  # fmt: skip
