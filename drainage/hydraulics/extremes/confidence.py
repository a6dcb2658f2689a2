"""How sure the intensities of a fitted formula are: a parametric bootstrap of the years, carried through every step.

Each replica has as many years as the record. Its maxima are drawn from the fitted distributions, those of all durations
of a year together (a Gaussian copula with the correlations that the record shows, for a year's storms are the same in
all durations), and the whole work is done on it again: the distributions are fitted, chosen where the user did not
choose, and the formula is drawn through their quantiles. What a replica misses the fitted distribution by, as a ratio,
is what the formula may miss the true one by, in standard errors (bootstrap-t). These are widened by Student's t of
n/k − 1 degrees of freedom over the normal quantile, k being the parameters of the distribution, and, where it was
chosen by its fit, by how far the formulas of the others lie off: both our own choices, made so that the bounds hold the
truth as often as they say. How often they do is measured by `validation/storm_confidence.py`.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from scipy import special, stats

from drainage.arrays import Floats, Rows
from drainage.hydraulics.extremes.distributions import (
    DISTRIBUTIONS,
    PARAMETERS,
    Distribution,
    fit,
    moments,
    of_period,
    pearson_factor,
    plotting_positions,
    quantile,
    standard_error,
)
from drainage.hydraulics.extremes.formula_fit import Errors, fit_formula, formula_intensity

_LEAST_EIGENVALUE: Final = 1e-6  # of the correlations, which rounding or few years may leave slightly indefinite
_MOST_SKEW: Final = 3.0  # for which errors are computed
_WORTH_A_PARAMETER: Final = 0.7
_NO_ERROR: Final = 1e-6  # what rounding leaves
_LEAST_VARIANCE: Final = 0.5  # of a quantile, in variances of the mean: below it the formula is of no use
_LEAST_RATIO: Final = 1e-3  # of a replica's intensity to the fitted one: none below is believed


class Fit(NamedTuple):
    """What is drawn through annual maxima: (…) samples of n_durations each."""

    chosen: Distribution
    quantiles: Floats  # (n_durations, n_periods), mm/min, of the frequency curves
    coefficients: Floats  # (4,): A₁, C, b, n
    fitted: Floats  # (n_durations, n_periods), mm/min, of the formula


def relative_errors(intensity_mm_per_min: Floats) -> Floats:
    """Return the standard error of each distribution over the mean, averaged over durations: (…, 3).

    ``intensity_mm_per_min`` is (…, n_durations, n_years).
    """
    mean = intensity_mm_per_min.mean(axis=-1)
    each = [(standard_error(intensity_mm_per_min, one) / mean).mean(axis=-1) for one in DISTRIBUTIONS]
    return np.stack(each, axis=-1)


def choice(intensity_mm_per_min: Floats) -> Rows:
    """Return the position in `DISTRIBUTIONS` of the distribution that fits best, (…,).

    It is the one with the least `relative_errors`, but Pearson III only where its error is below 0.7 of those of both
    others: with a third parameter it comes nearer to any sample, also of an exponential distribution (0.7 is our own
    choice: of 1 000 exponential records of 30 years with correlated durations it then takes less than one in ten).
    """
    return np.asarray(np.argmin(_burdened(intensity_mm_per_min), axis=-1))


def fit_maxima(
    intensity_mm_per_min: Floats,
    duration_min: Floats,
    return_period_a: Floats,
    *,
    distribution: Distribution | None = None,
    errors: Errors = "absolute",
) -> Fit:
    """Fit distributions to annual maxima (n_durations, n_years), and the formula to their quantiles.

    One distribution is used for all durations: the given one, or `choice` among those
    through whose quantiles a formula with positive coefficients goes.
    """
    order = np.argsort(_burdened(intensity_mm_per_min), kind="stable")
    tried = [distribution] if distribution is not None else [DISTRIBUTIONS[one] for one in order]
    made = [_made(intensity_mm_per_min, duration_min, return_period_a, one, errors) for one in tried]
    return next((one for one in made if one.coefficients[0] > 0.0 and one.coefficients[1] >= 0.0), made[0])


def _made(
    intensity_mm_per_min: Floats,
    duration_min: Floats,
    return_period_a: Floats,
    distribution: Distribution,
    errors: Errors,
) -> Fit:
    quantiles = quantile(fit(intensity_mm_per_min, distribution), of_period(return_period_a), distribution)
    coefficients = fit_formula(quantiles, duration_min, return_period_a, errors)
    return Fit(distribution, quantiles, coefficients, formula_intensity(coefficients, duration_min, return_period_a))


def confidence_bounds(
    intensity_mm_per_min: Floats,
    duration_min: Floats,
    return_period_a: Floats,
    made: Fit,
    *,
    distribution: Distribution | None = None,
    errors: Errors = "absolute",
    confidence: float = 0.95,
    replicas: int = 500,
    seed: int = 0,
) -> tuple[Floats, Floats]:
    """Return lower and upper bounds of the intensities of a fitted formula, each (n_durations, n_periods), mm/min.

    Parameters
    ----------
    intensity_mm_per_min
        Annual maxima, (n_durations, n_years).
    made
        What `fit_maxima` made of them, with the same ``distribution`` and ``errors``.
    confidence
        Share of records whose bounds hold the truth.
    replicas, seed
        Of the bootstrap.
    """
    n_years = intensity_mm_per_min.shape[-1]
    chance = _years(intensity_mm_per_min, replicas, np.random.default_rng(seed))
    drawn = _values(fit(intensity_mm_per_min, made.chosen), chance, made.chosen)
    best = _best(drawn, distribution)
    quantiles, spread = _quantiles(drawn, best, return_period_a)
    start = (float(made.coefficients[2]), float(made.coefficients[3]))
    formulas = fit_formula(quantiles, duration_min, return_period_a, errors, starts=[start], still=1e-7)
    good = formulas[:, 0] > 0.0  # of the others no formula would have come out
    formulas, spread = (formulas[good], spread[good]) if good.any() else (formulas, spread)
    again = formula_intensity(formulas, duration_min, return_period_a)
    lean = np.log(made.quantiles / made.fitted).mean(axis=0)  # of the form of the formula, at each return period
    missed = np.log(np.maximum(again / (made.fitted * np.exp(lean)), _LEAST_RATIO)) / spread
    own = _quantiles(intensity_mm_per_min[None], np.array([DISTRIBUTIONS.index(made.chosen)]), return_period_a)[1][0]
    tail = (1.0 - confidence) / 2.0
    low, high = np.quantile(missed, [tail, 1.0 - tail], axis=0)
    wider = stats.t.ppf(1.0 - tail, max(n_years / PARAMETERS[made.chosen] - 1.0, 1.0)) / special.ndtri(1.0 - tail)
    less, more = (
        (0.0, 0.0) if distribution else _between(intensity_mm_per_min, duration_min, return_period_a, made, errors)
    )
    return (
        np.asarray(made.fitted * np.exp(-np.hypot(wider * high * own, less))),
        np.asarray(made.fitted * np.exp(np.hypot(wider * low * own, more))),
    )


def _between(
    intensity_mm_per_min: Floats, duration_min: Floats, return_period_a: Floats, made: Fit, errors: Errors
) -> tuple[Floats, Floats]:
    """Return how far the formulas of the other distributions go below and above the one made, in ln."""
    others = [
        fit_maxima(intensity_mm_per_min, duration_min, return_period_a, distribution=one, errors=errors).fitted
        for one in DISTRIBUTIONS
    ]
    off = np.log(np.maximum(np.stack(others), 1e-9) / made.fitted)
    return np.asarray(-off.min(axis=0)), np.asarray(off.max(axis=0))


def _years(sample: Floats, replicas: int, random: np.random.Generator) -> Floats:
    """Return probabilities (replicas, n_durations, n_years), between durations correlated as the sample's scores."""
    n_years = sample.shape[-1]
    ranks = sample.argsort(axis=-1).argsort(axis=-1)
    scores = special.ndtri(plotting_positions(n_years))[ranks]
    correlation = np.atleast_2d(np.corrcoef(scores))
    value, vector = np.linalg.eigh(correlation)
    root = vector * np.sqrt(np.maximum(value, _LEAST_EIGENVALUE))
    root = root / np.sqrt((root**2).sum(axis=1))[:, None]
    normal = random.standard_normal((replicas, len(sample), n_years))
    return np.asarray(special.ndtr(np.einsum("ij,rjk->rik", root, normal)))


def _values(parameters: Floats, chance: Floats, distribution: Distribution) -> Floats:
    """Return the values of each duration's distribution at probabilities (replicas, n_durations, n_years)."""
    each = [
        quantile(parameters[row], chance[:, row].ravel(), distribution).reshape(chance[:, row].shape)
        for row in range(len(parameters))
    ]
    return np.stack(each, axis=1)


def _burdened(intensity_mm_per_min: Floats) -> Floats:
    """Return the errors of each distribution with what its parameters cost, (…, 3)."""
    burden = np.array([1.0 / _WORTH_A_PARAMETER if one == "pearson3" else 1.0 for one in DISTRIBUTIONS])
    return np.asarray(np.maximum(relative_errors(intensity_mm_per_min), _NO_ERROR) * burden)


def _best(drawn: Floats, distribution: Distribution | None) -> Rows:
    """Return the position of each replica's distribution: the one given, or its own best."""
    if distribution is not None:
        return np.full(len(drawn), DISTRIBUTIONS.index(distribution))
    return choice(drawn)


def _quantiles(drawn: Floats, best: Rows, return_period_a: Floats) -> tuple[Floats, Floats]:
    """Return the quantiles of each replica and their standard errors in ln, means over durations.

    The error need only be right up to a factor that all replicas share.
    """
    chance = of_period(return_period_a)
    quantiles = np.empty((*drawn.shape[:2], len(chance)))
    spread = np.empty((len(drawn), 1, len(chance)))
    for position, one in enumerate(DISTRIBUTIONS):
        rows = best == position
        if not rows.any():
            continue
        parameters = fit(drawn[rows], one)
        quantiles[rows] = quantile(parameters, chance, one)
        errors = _error_factor(parameters, chance, one) / np.maximum(quantiles[rows], 1e-9)
        spread[rows, 0] = errors.mean(axis=1)
    return quantiles, spread


def _error_factor(parameters: Floats, chance: Floats, distribution: Distribution) -> Floats:
    """Return √n times the standard error of quantiles by the method of moments (…, k)."""
    mean, deviation, skew = moments(parameters, distribution)
    skew = np.clip(skew, -_MOST_SKEW, _MOST_SKEW)
    factor = (quantile(parameters, chance, distribution) - mean) / deviation
    shared = 1.0 + factor * skew + factor**2 / 2.0 * (1.0 + 0.75 * skew**2)
    if distribution != "pearson3":
        return np.asarray(deviation * np.sqrt(np.maximum(shared, _LEAST_VARIANCE)))
    turn = (pearson_factor(skew + 0.01, chance) - pearson_factor(skew - 0.01, chance)) / 0.02
    whole = (
        shared + 3.0 * factor * turn * (skew + skew**3 / 4.0) + 3.0 * turn**2 * (2.0 + 3.0 * skew**2 + 0.625 * skew**4)
    )
    return np.asarray(deviation * np.sqrt(np.maximum(whole, _LEAST_VARIANCE)))
