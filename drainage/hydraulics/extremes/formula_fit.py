"""The storm intensity formula that goes through intensities of many durations and return periods: least squares.

i = A₁ (1 + C lg P) / (t + b)^n in mm/min, GB 50014-2021, 4.1.9 (there × 167 in L/(s·hm²)). B.0.4 recommends the
Gauss–Newton method for its four parameters; it is damped here (Levenberg–Marquardt), and done for many samples at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

import numpy as np

from drainage.arrays import Bools, Floats

#: What least squares make small: differences in mm/min, or their share of the intensity (B.0.5 has limits for both).
Errors = Literal["absolute", "relative"]

#: What b and n may become: ln b, ln n; an open door would let a bad sample run to infinity.
_BOUNDS: Final = (np.log([1e-3, 0.05]), np.log([300.0, 1.45]))
_ROUNDS: Final = 200
_STUCK: Final = 1e3  # damping at which a step no longer leads anywhere
#: Where the search for b, min, and n begins: formulas of Chinese cities lie between the last two.
STARTS: Final = ((10.0, 0.7), (30.0, 0.95), (2.0, 0.5))


def formula_intensity(coefficients: Floats, duration_min: Floats, return_period_a: Floats) -> Floats:
    """Return i in mm/min of formulas (…, 4) of A₁, C, b, n: (…, n_durations, n_periods)."""
    a, c, b, n = (coefficients[..., i, None, None] for i in range(4))
    return np.asarray(a * (1.0 + c * np.log10(return_period_a)) / (duration_min[:, None] + b) ** n)


def fit_formula(
    intensity_mm_per_min: Floats,
    duration_min: Floats,
    return_period_a: Floats,
    errors: Errors = "absolute",
    *,
    starts: Sequence[tuple[float, float]] = STARTS,
    still: float = 1e-12,
) -> Floats:
    """Fit A₁, C, b, n to intensities (…, n_durations, n_periods) by least squares.

    Strength A₁ and A₁C are linear and solved exactly at each b and n (variable projection), of which the logarithms are
    sought. The best of the starts is taken.

    Parameters
    ----------
    starts
        Of b in min and n.
    still
        The search ends when no sum of squares falls by more than this share.

    Returns
    -------
    (…, 4): A₁ in mm/min, C, b in min, n.
    """
    shape = intensity_mm_per_min.shape
    rows = intensity_mm_per_min.reshape(-1, *shape[-2:])
    weight = np.ones_like(rows) if errors == "absolute" else 1.0 / np.maximum(rows, 1e-9)
    ends = [_descend(rows, weight, duration_min, return_period_a, np.log(start), still) for start in starts]
    best = np.argmin([cost for _, cost in ends], axis=0)
    where = np.stack([place for place, _ in ends])[best, np.arange(len(rows))]
    strength, slope = _strengths(rows, weight, duration_min, return_period_a, where)
    found = np.column_stack([strength, slope / strength, np.exp(where)])
    return np.asarray(found.reshape(*shape[:-2], 4))


def mean_square_errors(fitted: Floats, given: Floats) -> tuple[float, float]:
    """Return the mean-square errors of intensities: absolute in mm/min, and relative in per cent of those given.

    √(Σ(i′ − i)²/m) and √(Σ((i′ − i)/i)²/m) over all m durations and periods. GB 50014-2021, B.0.5, has the limits but
    not the definitions; these are those of the technical guide of 2014 on storm formulas, as remembered.
    """
    off = fitted - given
    return float(np.sqrt((off**2).mean())), float(100.0 * np.sqrt(((off / given) ** 2).mean()))


def _descend(
    rows: Floats, weight: Floats, duration_min: Floats, return_period_a: Floats, start: Floats, still: float
) -> tuple[Floats, Floats]:
    """Return ln b and ln n of each row, (n, 2), and the sum of squares there, by damped Gauss–Newton steps."""
    place = np.tile(start, (len(rows), 1))
    damping = np.full(len(rows), 1e-3)
    cost = (_residuals(rows, weight, duration_min, return_period_a, place) ** 2).sum(axis=1)
    moving = np.arange(len(rows))
    for _ in range(_ROUNDS):
        tried = _step(rows[moving], weight[moving], duration_min, return_period_a, place[moving], damping[moving])
        there = (_residuals(rows[moving], weight[moving], duration_min, return_period_a, tried) ** 2).sum(axis=1)
        before = cost[moving]
        better: Bools = there < before
        done = np.where(better, before - there <= still * before, damping[moving] > _STUCK)
        place[moving] = np.where(better[:, None], tried, place[moving])
        cost[moving] = np.where(better, there, before)
        damping[moving] = np.clip(np.where(better, damping[moving] / 5.0, damping[moving] * 4.0), 1e-9, 1e9)
        moving = moving[~done]
        if not len(moving):
            break
    return place, cost


def _step(
    rows: Floats, weight: Floats, duration_min: Floats, return_period_a: Floats, place: Floats, damping: Floats
) -> Floats:
    """Return where a damped Gauss-Newton step leads from each place, within the bounds, (n, 2)."""
    left = _residuals(rows, weight, duration_min, return_period_a, place)
    slopes = np.stack([_slope(rows, weight, duration_min, return_period_a, place, axis) for axis in range(2)], axis=-1)
    turned = slopes.swapaxes(1, 2)
    square, pull = turned @ slopes, turned @ left[..., None]
    square[:, [0, 1], [0, 1]] *= 1.0 + damping[:, None]
    square[:, [0, 1], [0, 1]] += 1e-14
    return np.asarray(np.clip(place - np.linalg.solve(square, pull)[..., 0], *_BOUNDS))


def _shapes(duration_min: Floats, place: Floats) -> Floats:
    """Return 1/(t + b)^n of each row, (n, n_durations)."""
    b, n = np.exp(place[:, 0, None]), np.exp(place[:, 1, None])
    return np.asarray((duration_min + b) ** -n)


def _strengths(
    rows: Floats, weight: Floats, duration_min: Floats, return_period_a: Floats, place: Floats
) -> tuple[Floats, Floats]:
    """Return A₁ and A₁C that fit best at each b and n, by the normal equations."""
    level = (weight * _shapes(duration_min, place)[..., None]).reshape(len(rows), -1)
    rise = level * np.tile(np.log10(return_period_a), len(duration_min))
    seen = (weight * rows).reshape(len(rows), -1)
    aa, ar, rr = (level**2).sum(1), (level * rise).sum(1), (rise**2).sum(1)
    at, rt = (level * seen).sum(1), (rise * seen).sum(1)
    whole = aa * rr - ar**2
    return np.asarray((rr * at - ar * rt) / whole), np.asarray((aa * rt - ar * at) / whole)


def _residuals(rows: Floats, weight: Floats, duration_min: Floats, return_period_a: Floats, place: Floats) -> Floats:
    strength, slope = _strengths(rows, weight, duration_min, return_period_a, place)
    risen = strength[:, None] + slope[:, None] * np.log10(return_period_a)
    fitted = _shapes(duration_min, place)[..., None] * risen[:, None, :]
    return np.asarray((weight * (fitted - rows)).reshape(len(rows), -1))


def _slope(
    rows: Floats, weight: Floats, duration_min: Floats, return_period_a: Floats, place: Floats, axis: int
) -> Floats:
    """Return how the residuals change with ln b or ln n, by central differences."""
    step = np.zeros(2)
    step[axis] = 1e-5
    ahead, behind = (
        _residuals(rows, weight, duration_min, return_period_a, place + sign * step) for sign in (1.0, -1.0)
    )
    return np.asarray((ahead - behind) / 2e-5)
