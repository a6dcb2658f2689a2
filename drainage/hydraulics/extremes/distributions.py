"""Three distributions of annual maxima, fitted to many samples at once by least squares on the frequency curve.

GB 50014-2021, B.0.3, names Pearson III, Gumbel and the exponential distribution; how their parameters are to be
estimated it leaves open. As is the practice in China, the curve is drawn through the ordered maxima at their empirical
probabilities m/(n + 1): each distribution is a line x = location + scale · y, y being its reduced variate.
Arrays are ``(…, n_years)``; parameters are ``(…, 3)``: location, scale and, of Pearson III, skewness.

References
----------
GB 50014-2021, B.0.3.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from drainage.arrays import Bools, Floats

Distribution = Literal["pearson3", "gumbel", "exponential"]
DISTRIBUTIONS: Final[tuple[Distribution, ...]] = get_args(Distribution)
#: Parameters of each, which a fit to few years must pay for.
PARAMETERS: Final[dict[Distribution, int]] = {"pearson3": 3, "gumbel": 2, "exponential": 2}
_EULER: Final = 0.5772156649015329
_GUMBEL_SKEW: Final = 1.1395470994046486
_NO_SKEW: Final = 1e-4  # below it Pearson III is computed as the normal distribution
#: Skewness that is tried for Pearson III; 2 is the exponential distribution. A range of ours.
SKEWS: Final = np.linspace(0.0, 6.0, 121)


def fit(sample: Floats, distribution: Distribution) -> Floats:
    """Fit a distribution to samples (…, n_years) by least squares on the frequency curve.

    Returns
    -------
    (…, 3): location, scale, skewness; of Pearson III mean and standard deviation, of Gumbel and the exponential the
    location ξ and the scale α, and skewness 0.
    """
    return _fit(sample, distribution)[0]


def quantile(parameters: Floats, non_exceedance: ArrayLike, distribution: Distribution) -> Floats:
    """Return quantiles of distributions (…, 3) at probabilities (k,) of not being exceeded in a year: (…, k)."""
    chance = np.asarray(non_exceedance, dtype=np.float64)
    location, scale, skew = (parameters[..., i, None] for i in range(3))
    if distribution == "gumbel":
        return np.asarray(location - scale * np.log(-np.log(chance)))
    if distribution == "exponential":
        return np.asarray(location - scale * np.log1p(-chance))
    return np.asarray(location + scale * pearson_factor(skew, chance))


def moments(parameters: Floats, distribution: Distribution) -> tuple[Floats, Floats, Floats]:
    """Return mean, standard deviation and skewness of distributions (…, 3), each (…, 1)."""
    location, scale, skew = (parameters[..., i, None] for i in range(3))
    if distribution == "gumbel":
        return location + _EULER * scale, scale * np.pi / np.sqrt(6.0), np.full_like(scale, _GUMBEL_SKEW)
    if distribution == "exponential":
        return location + scale, scale, np.full_like(scale, 2.0)
    return location, scale, skew


def chance_of(values: Floats, parameters: Floats, distribution: Distribution) -> Floats:
    """Return the probabilities that values (…, k) are not exceeded in a year, by distributions (…, 3)."""
    location, scale, skew = (parameters[..., i, None] for i in range(3))
    with np.errstate(divide="ignore", invalid="ignore"):
        reduced = (values - location) / scale
    if distribution == "gumbel":
        return np.asarray(np.exp(-np.exp(-reduced)))
    if distribution == "exponential":
        return np.asarray(-np.expm1(-np.maximum(reduced, 0.0)))
    shape, even = _shape_of(skew)
    up = special.gammainc(shape, np.maximum(shape + np.sign(skew) * reduced * np.sqrt(shape), 0.0))
    return np.asarray(np.where(even, special.ndtr(reduced), np.where(skew > 0.0, up, 1.0 - up)))


def of_period(return_period_a: ArrayLike) -> Floats:
    """Return the probability that the maximum of a year stays below the value of a return period: 1 − 1/P."""
    return np.asarray(1.0 - 1.0 / np.asarray(return_period_a, dtype=np.float64))


def plotting_positions(n_years: int) -> Floats:
    """Return the empirical probabilities of the ordered maxima, (n_years,): m/(n + 1), as hydrology in China has it."""
    return np.arange(1, n_years + 1) / (n_years + 1.0)


def standard_error(sample: Floats, distribution: Distribution) -> Floats:
    """Return how far ordered samples (…, n_years) stand off the distribution fitted to them, in their unit: (…,).

    The root of Σ(x − x̂)² / (n − k), x̂ being the quantiles at m/(n + 1) and k the number of parameters; infinite where
    there are not more years than parameters.
    """
    n = sample.shape[-1]
    if n <= PARAMETERS[distribution]:
        return np.full(sample.shape[:-1], np.inf)
    return np.asarray(np.sqrt(_fit(sample, distribution)[1] / (n - PARAMETERS[distribution])))


def kolmogorov_distance(sample: Floats, distribution: Distribution) -> Floats:
    """Return the greatest distance between empirical and fitted distribution functions of samples, (…,)."""
    n = sample.shape[-1]
    fitted = chance_of(np.sort(sample, axis=-1), fit(sample, distribution), distribution)
    steps = np.arange(n + 1) / n
    return np.asarray(np.maximum(np.abs(fitted - steps[:-1]), np.abs(fitted - steps[1:])).max(axis=-1))


def _fit(sample: Floats, distribution: Distribution) -> tuple[Floats, Floats]:
    """Return the parameters, (…, 3), and the sum of squares that is left, (…,)."""
    n = sample.shape[-1]
    tried = _variates(distribution, n)
    centred = tried - tried.mean(axis=1, keepdims=True)
    power = (centred**2).sum(axis=1)
    ordered = np.sort(sample, axis=-1)
    mean = ordered.mean(axis=-1, keepdims=True)
    scale = (ordered - mean) @ centred.T / power
    left = ((ordered - mean) ** 2).sum(axis=-1, keepdims=True) - scale**2 * power
    best = left.argmin(axis=-1, keepdims=True)
    scale = np.take_along_axis(scale, best, axis=-1)[..., 0]
    location = mean[..., 0] - tried.mean(axis=1)[best[..., 0]] * scale
    skew = SKEWS[best[..., 0]] if distribution == "pearson3" else np.zeros_like(scale)
    return np.stack([location, scale, skew], axis=-1), np.maximum(np.take_along_axis(left, best, -1)[..., 0], 0.0)


@lru_cache(maxsize=64)
def _variates(distribution: Distribution, n_years: int) -> Floats:
    """Return the reduced variates of n ordered maxima, a row for each skewness that is tried."""
    skews = SKEWS if distribution == "pearson3" else np.zeros(1)
    unit = np.column_stack([np.zeros_like(skews), np.ones_like(skews), skews])
    return quantile(unit, plotting_positions(n_years), distribution)


def _shape_of(skew: Floats) -> tuple[Floats, Bools]:
    even = np.abs(skew) < _NO_SKEW
    return 4.0 / np.where(even, 1.0, skew) ** 2, even


def pearson_factor(skew: Floats, chance: Floats) -> Floats:
    """Return the frequency factor Φ of Pearson III (离均系数): deviations from the mean in standard deviations."""
    shape, even = _shape_of(skew)
    from_above = np.where(skew > 0.0, chance, 1.0 - chance)
    reduced = np.sign(skew) * (special.gammaincinv(shape, from_above) - shape) / np.sqrt(shape)
    return np.asarray(np.where(even, special.ndtri(chance), reduced))
