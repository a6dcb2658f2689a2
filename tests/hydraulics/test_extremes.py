"""Distributions of annual maxima, the formula through their quantiles, and the bounds of its intensities."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from drainage.errors import SimulationError
from drainage.formats.rain.storm_formula import registered_formulas
from drainage.hydraulics.extremes import distributions as d
from drainage.hydraulics.extremes.confidence import choice, confidence_bounds, fit_maxima
from drainage.hydraulics.extremes.formula_fit import Errors, fit_formula, formula_intensity, mean_square_errors
from drainage.hydraulics.extremes.maxima import AnnualMaxima, interval_factor, outlying
from tests.support.years_of_rain import MINUTES, drawn_years, exact_years, law, parameters

PERIODS = np.array([2.0, 3.0, 5.0, 10.0, 20.0, 30.0, 50.0, 100.0])
CITIES = registered_formulas().dropna(subset=["C"]).index.drop("demo")


@pytest.mark.parametrize("skew", [-0.7, 0.0, 0.3, 1.2, 2.0, 5.0])
def test_quantiles_of_pearson_iii_are_those_of_scipy(skew: float) -> None:
    chance = d.of_period(PERIODS)
    ours = d.quantile(np.array([[50.0, 15.0, skew]]), chance, "pearson3")[0]
    assert ours == pytest.approx(stats.pearson3.ppf(chance, skew, 50.0, 15.0), rel=1e-9)
    assert d.chance_of(ours[None], np.array([[50.0, 15.0, skew]]), "pearson3")[0] == pytest.approx(chance)


def test_quantiles_of_gumbel_and_the_exponential_distribution_are_those_of_scipy() -> None:
    chance, own = d.of_period(PERIODS), np.array([[50.0, 15.0, 0.0]])
    assert d.quantile(own, chance, "gumbel")[0] == pytest.approx(stats.gumbel_r.ppf(chance, 50.0, 15.0))
    assert d.quantile(own, chance, "exponential")[0] == pytest.approx(stats.expon.ppf(chance, 50.0, 15.0))


@pytest.mark.parametrize("distribution", d.DISTRIBUTIONS)
@pytest.mark.parametrize("city", ["上海", "guangzhou"])
def test_maxima_on_a_frequency_curve_give_it_back(city: str, distribution: d.Distribution) -> None:
    """Least squares at m/(n + 1) go through points that lie there; 1.2 is among the skewnesses that are tried."""
    sample = exact_years(law(city), 25, distribution).intensity_mm_per_min.T
    assert d.fit(sample, distribution) == pytest.approx(parameters(law(city), distribution), rel=1e-6, abs=1e-9)
    assert d.standard_error(sample, distribution).max() == pytest.approx(0.0, abs=1e-6)
    assert d.DISTRIBUTIONS[int(choice(sample))] == distribution


def test_three_years_by_hand() -> None:
    """Gumbel at 1/4, 2/4, 3/4: y = -0.3266, 0.3665, 1.2459, mean 0.4286; x = 10, 20, 30.

    Scale = Σ(y − ȳ)(x − 20)/Σ(y − ȳ)² = 15.725/1.2420 = 12.661; location = 20 − 0.4286 · 12.661 = 14.573.
    """
    location, scale, _ = d.fit(np.array([20.0, 30.0, 10.0]), "gumbel")
    assert (location, scale) == pytest.approx((14.573, 12.661), abs=2e-3)


@pytest.mark.parametrize("city", CITIES)
@pytest.mark.parametrize("errors", ["absolute", "relative"])
def test_a_formula_comes_back_from_its_intensities(city: str, errors: Errors) -> None:
    formula = law(city)
    exact = np.stack([formula.intensity(MINUTES, period) * 0.006 for period in PERIODS], axis=1)
    found = fit_formula(exact, MINUTES, PERIODS, errors)
    assert found == pytest.approx([formula.A * 0.006, formula.C, formula.b, formula.n], rel=1e-6)


@given(
    a1=st.floats(3.0, 80.0), c=st.floats(0.3, 1.5), b=st.floats(1.0, 45.0), n=st.floats(0.4, 1.1)
)  # fmt: skip
def test_any_formula_comes_back_within_a_thousandth(a1: float, c: float, b: float, n: float) -> None:
    exact = formula_intensity(np.array([a1, c, b, n]), MINUTES, PERIODS)
    again = formula_intensity(fit_formula(exact, MINUTES, PERIODS), MINUTES, PERIODS)
    assert again == pytest.approx(exact, rel=1e-3)


def test_mean_square_errors_by_hand() -> None:
    """Off by 0.1 of 1 and 0.1 of 2 mm/min: √(0.01) = 0.1 mm/min and √((0.1² + 0.05²)/2) = 7.906 %."""
    assert mean_square_errors(np.array([1.1, 2.1]), np.array([1.0, 2.0])) == pytest.approx((0.1, 7.906), rel=1e-4)


def test_absolute_and_relative_least_squares_differ_where_the_formula_does_not_fit() -> None:
    sample = drawn_years(law(), 30, np.random.default_rng(3), "gumbel")
    absolute, relative = (fit_maxima(sample, MINUTES, PERIODS, errors=one) for one in ("absolute", "relative"))
    off = [mean_square_errors(one.fitted, one.quantiles) for one in (absolute, relative)]
    assert off[0][0] <= off[1][0]
    assert off[1][1] <= off[0][1]


def test_bounds_hold_the_formula_and_are_wider_for_fewer_years_and_more_confidence() -> None:
    def width(years: int, confidence: float) -> float:
        sample = drawn_years(law(), years, np.random.default_rng(1))
        made = fit_maxima(sample, MINUTES, PERIODS)
        low, high = confidence_bounds(
            sample, MINUTES, PERIODS, made, confidence=confidence, distribution="exponential", replicas=100
        )
        assert (low < made.fitted * 1.2).all()
        assert (low < high).all()
        return float(np.log(high / low).mean())

    assert width(60, 0.95) < width(20, 0.95)
    assert width(20, 0.8) < width(20, 0.95)


def test_the_seed_decides_the_bounds() -> None:
    sample = drawn_years(law(), 20, np.random.default_rng(2))
    made = fit_maxima(sample, MINUTES, PERIODS)
    first, again, other = (
        confidence_bounds(sample, MINUTES, PERIODS, made, replicas=50, seed=seed)[0] for seed in (1, 1, 2)
    )
    assert (first == again).all()
    assert (first != other).any()


@pytest.mark.long
@pytest.mark.parametrize(
    ("city", "years", "distribution"),
    [("上海", 30, "pearson3"), ("guangzhou", 20, "gumbel")],
)
def test_bounds_hold_the_truth_as_often_as_they_say(city: str, years: int, distribution: d.Distribution) -> None:
    """100 records drawn from a known law, whose distribution the fit is not told; the truth is that of the law."""
    truth = d.quantile(parameters(law(city), distribution), d.of_period(PERIODS), distribution)
    random = np.random.default_rng(7)
    held = np.zeros(len(PERIODS))
    for _ in range(100):
        sample = drawn_years(law(city), years, random, distribution)
        made = fit_maxima(sample, MINUTES, PERIODS)
        low, high = confidence_bounds(sample, MINUTES, PERIODS, made, replicas=300)
        held += ((low <= truth) & (truth <= high)).mean(axis=0) / 100.0
    assert held.min() >= 0.90
    assert held.max() <= 0.995
    assert 0.90 <= held.mean() <= 0.99


def test_a_year_that_stands_out_is_found_by_grubbs() -> None:
    """29 years of about 10 mm and one of 100: far beyond; the others are not."""
    depth = np.append(10.0 + np.sin(np.arange(29)), 100.0)[:, None]
    odd, low, high = outlying(depth)
    assert np.flatnonzero(odd[:, 0]).tolist() == [29]
    assert low[0] < 10.0 < high[0] < 100.0


def test_fixed_intervals_miss_an_eighth_of_an_interval() -> None:
    """5 min of a gauge of 5 min: 1/(1 − 1/8) = 8/7; 60 min: 12/(12 − 1/8) = 1.0105."""
    assert interval_factor(np.array([5.0, 60.0]), 5.0) == pytest.approx([8 / 7, 1.010526], rel=1e-5)


@pytest.mark.parametrize(
    ("depth", "said"), [([[1.0, -2.0]], "-2 mm in 60 min of 2001"), ([[1.0]], "years × durations")]
)
def test_maxima_that_cannot_be_are_refused(depth: list[list[float]], said: str) -> None:
    with pytest.raises(SimulationError, match=said):
        AnnualMaxima(years=np.array([2001]), durations_min=np.array([5.0, 60.0]), depth_mm=np.array(depth), source="x")
