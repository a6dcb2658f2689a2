"""Annual maxima made up from a law: exact, or drawn at random."""

from __future__ import annotations

import numpy as np
from scipy import special

import drainage as dr
from drainage.arrays import Floats
from drainage.hydraulics.extremes.distributions import Distribution, plotting_positions, quantile
from drainage.hydraulics.extremes.maxima import DURATIONS_MIN, AnnualMaxima
from drainage.hydraulics.formulas import StormFormula
from drainage.words import in_both

MINUTES = np.array(DURATIONS_MIN)


def law(name: str = "上海") -> StormFormula:
    """Return a registered formula of one set of coefficients."""
    found = dr.read_storm_formula(name)
    assert isinstance(found, StormFormula)
    return found


def parameters(formula: StormFormula, distribution: Distribution = "exponential") -> Floats:
    """Return distributions of each duration, (11, 3), in mm/min.

    The exponential one is the formula itself: A (1 + C lg P) = ξ + α ln P with ξ = A and α = A C / ln 10. The others
    have its mean and standard deviation; Pearson III has the skewness 1.2.
    """
    strength = formula.A * 0.006 * (MINUTES + formula.b) ** -formula.n
    scale = strength * formula.C / np.log(10.0)
    if distribution == "exponential":
        return np.stack([strength, scale, 0.0 * scale], axis=-1)
    if distribution == "gumbel":
        narrow = scale * np.sqrt(6.0) / np.pi
        return np.stack([strength + scale - 0.5772156649 * narrow, narrow, 0.0 * scale], axis=-1)
    return np.stack([strength + scale, scale, 0.0 * scale + 1.2], axis=-1)


def exact_years(formula: StormFormula, years: int = 30, distribution: Distribution = "exponential") -> AnnualMaxima:
    """Return maxima that lie on the frequency curves, at m/(n + 1), in an order that is not theirs."""
    intensity = quantile(parameters(formula, distribution), plotting_positions(years), distribution)
    order = np.random.default_rng(0).permutation(years)
    return AnnualMaxima(
        years=np.arange(2001 - years, 2001),
        durations_min=MINUTES,
        depth_mm=(intensity.T * MINUTES)[order],
        source="made",
    )


def drawn_years(
    formula: StormFormula, years: int, random: np.random.Generator, distribution: Distribution = "exponential",
    correlation: float = 0.95,
) -> Floats:  # fmt: skip
    """Draw annual maxima in mm/min, (11, years); of a year those of durations next to each other are correlated so."""
    away = np.abs(np.subtract.outer(np.arange(len(MINUTES)), np.arange(len(MINUTES))))
    normal = np.linalg.cholesky(correlation**away) @ random.standard_normal((len(MINUTES), years))
    own = parameters(formula, distribution)
    return np.stack([quantile(own[row], special.ndtr(normal[row]), distribution) for row in range(len(MINUTES))])


def years_of_rain(years: int) -> AnnualMaxima:
    """Return made-up maxima, one of which stands out, one year left out and one missing."""
    made = exact_years(law(), years)
    depth = made.depth_mm.copy()
    depth[depth[:, 0].argmax()] *= 2.5
    kept = np.arange(years) != 7
    return AnnualMaxima(
        years=made.years[kept],
        durations_min=MINUTES,
        depth_mm=depth[kept],
        source="rain.csv",
        left_out={1970: in_both("maxima_year_share", share=0.3, least=0.9)},
        interval_min=5.0,
        event_years=made.years[:2],
        event_peaks=np.array([0.3, 0.5]),
    )
