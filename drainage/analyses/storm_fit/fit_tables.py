"""The tables of a fitted storm formula: intensities, errors, distributions, frequency curves, maxima and storms."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from drainage.arrays import Bools, Floats
from drainage.hydraulics.extremes.confidence import Fit, fit_maxima, relative_errors
from drainage.hydraulics.extremes.distributions import (
    DISTRIBUTIONS,
    fit,
    kolmogorov_distance,
    moments,
    standard_error,
)
from drainage.hydraulics.extremes.formula_fit import Errors, mean_square_errors
from drainage.hydraulics.extremes.maxima import AnnualMaxima
from drainage.hydraulics.formulas import Q_OF_MM_PER_MIN

_KOLMOGOROV_5_PCT: Final = 1.358  # / √n; strictly of a distribution that was not fitted to the same data


def intensity_table(durations: Floats, periods: Floats, made: Fit, bounds: tuple[Floats, Floats]) -> pd.DataFrame:
    """Return a row for each duration and return period: frequency curve, formula, bounds and errors."""
    minutes, years = np.repeat(durations, len(periods)), np.tile(periods, len(durations))
    curve, fitted = made.quantiles.ravel(), made.fitted.ravel()
    return pd.DataFrame(
        {
            "duration_min": minutes,
            "return_period_a": years,
            "frequency_mm_per_min": curve,
            "fitted_mm_per_min": fitted,
            "low_mm_per_min": bounds[0].ravel(),
            "high_mm_per_min": bounds[1].ravel(),
            "error_mm_per_min": fitted - curve,
            "error_pct": 100.0 * (fitted / curve - 1.0),
            "intensity_l_s_ha": fitted * Q_OF_MM_PER_MIN,
            "depth_mm": fitted * minutes,
        },
        index=pd.Index([f"{t:g}/{p:g}" for t, p in zip(minutes, years, strict=True)], name="case"),
    )


def period_table(periods: Floats, made: Fit) -> pd.DataFrame:
    """Return the mean-square errors of each return period over all durations."""
    pairs = [mean_square_errors(made.fitted[:, [i]], made.quantiles[:, [i]]) for i in range(len(periods))]
    return pd.DataFrame(
        {
            "return_period_a": periods,
            "absolute_error_mm_per_min": [one for one, _ in pairs],
            "relative_error_pct": [one for _, one in pairs],
        },
        index=pd.Index([f"{period:g}" for period in periods], name="case"),
    )


def distribution_table(sample: Floats, durations: Floats, periods: Floats, made: Fit, fit_by: Errors) -> pd.DataFrame:
    """Return for each distribution how near it comes to the maxima, and the formula through its quantiles."""
    share = 100.0 * relative_errors(sample)
    rows = []
    for position, one in enumerate(DISTRIBUTIONS):
        other = fit_maxima(sample, durations, periods, distribution=one, errors=fit_by)
        a1, c, b, n = other.coefficients
        rows.append(
            {
                "chosen": one == made.chosen,
                "standard_error_pct": share[position],
                "standard_error_mm_per_min": float(standard_error(sample, one).mean()),
                "kolmogorov_distance": float(kolmogorov_distance(sample, one).max()),
                "kolmogorov_limit": _KOLMOGOROV_5_PCT / np.sqrt(sample.shape[-1]),
                "A": a1 * Q_OF_MM_PER_MIN,
                "C": c,
                "b_min": b,
                "n": n,
            }
        )
    return pd.DataFrame(rows, index=pd.Index(DISTRIBUTIONS, name="distribution"))


def frequency_table(maxima: AnnualMaxima, made: Fit, low_mm: Floats, high_mm: Floats) -> pd.DataFrame:
    """Return the frequency curve of each duration by its moments, and what depths would stand out."""
    sample = maxima.intensity_mm_per_min.T
    mean, deviation, skew = (one[:, 0] for one in moments(fit(sample, made.chosen), made.chosen))
    return pd.DataFrame(
        {
            "duration_min": maxima.durations_min,
            "distribution": made.chosen,
            "mean_mm_per_min": mean,
            "cv": deviation / mean,
            "cs": skew,
            "low_depth_mm": low_mm,
            "high_depth_mm": high_mm,
        },
        index=pd.Index([f"{minutes:g}" for minutes in maxima.durations_min], name="case"),
    )


def maxima_table(maxima: AnnualMaxima, odd: Bools) -> pd.DataFrame:
    """Return each year and duration with its empirical return period (n + 1)/rank."""
    n_years, n_durations = maxima.depth_mm.shape
    rank = (-maxima.depth_mm).argsort(axis=0, kind="stable").argsort(axis=0, kind="stable") + 1
    years, minutes = np.repeat(maxima.years, n_durations), np.tile(maxima.durations_min, n_years)
    return pd.DataFrame(
        {
            "year": years,
            "duration_min": minutes,
            "depth_mm": maxima.depth_mm.ravel(),
            "mean_mm_per_min": maxima.intensity_mm_per_min.ravel(),
            "empirical_period_a": ((n_years + 1) / rank).ravel(),
            "stands_out": odd.ravel(),
        },
        index=pd.Index([f"{year}/{one:g}" for year, one in zip(years, minutes, strict=True)], name="case"),
    )


def storm_table(maxima: AnnualMaxima) -> pd.DataFrame:
    """Return the storms whose peaks give r."""
    return pd.DataFrame(
        {"year": maxima.event_years, "peak_position": maxima.event_peaks},
        index=pd.Index([str(row + 1) for row in range(len(maxima.event_years))], name="case"),
    )
