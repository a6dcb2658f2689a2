"""Scores of one series against another, worked by hand and by properties."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from drainage.hydraulics.goodness import bias, kling_gupta, nash_sutcliffe, percent_bias, share_off, volume

SERIES = st.lists(st.floats(0.01, 100.0), min_size=3, max_size=30).map(np.array).filter(lambda one: np.ptp(one) > 0.01)


def test_nash_sutcliffe_by_hand() -> None:
    """Mean 3; Σ(c − o)² = 1 + 0 + 1 = 2; Σ(o − 3)² = 4 + 0 + 4 = 8; 1 − 2/8 = 0.75."""
    assert nash_sutcliffe(np.array([2.0, 3.0, 4.0]), np.array([1.0, 3.0, 5.0])) == 0.75


def test_kling_gupta_by_hand() -> None:
    """With c = 2 o + 1: r = 1, α = 2, mean of c 7 by mean of o 3: β = 7/3; 1 − √(1 + 16/9) = 1 − 5/3."""
    assert kling_gupta(np.array([3.0, 7.0, 11.0]), np.array([1.0, 3.0, 5.0])) == pytest.approx(-2.0 / 3.0)


def test_bias_by_hand() -> None:
    """Differences 1, 1, 4 have the mean 2; 100 · 6 / 12 = 50 %."""
    computed, observed = np.array([3.0, 5.0, 10.0]), np.array([2.0, 4.0, 6.0])
    assert bias(computed, observed) == 2.0
    assert percent_bias(computed, observed) == 50.0
    assert share_off(10.0, 8.0) == 25.0


def test_a_volume_leaves_gaps_out() -> None:
    """1 m³/s for 10 min is 600 m³; then a gap of an hour; then 1 → 3 m³/s in 10 min: 2 · 600 = 1200 m³."""
    minute, flow = np.array([0.0, 10.0, 70.0, 80.0]), np.array([1.0, 1.0, 1.0, 3.0])
    assert volume(minute, flow, np.array([False, True, False])) == 1800.0
    assert volume(minute, np.array([1.0, 1.0, np.nan, 3.0]), np.zeros(3, dtype=np.bool_)) == 600.0


def test_what_cannot_be_said_is_nan() -> None:
    still, moving, nothing = np.full(3, 2.0), np.array([1.0, 2.0, 3.0]), np.full(3, np.nan)
    assert math.isnan(nash_sutcliffe(moving, still))
    assert math.isnan(kling_gupta(moving, still))
    assert math.isnan(nash_sutcliffe(moving, nothing))
    assert math.isnan(bias(nothing, moving))
    assert math.isnan(kling_gupta(moving, np.array([-1.0, 0.0, 1.0])))
    assert math.isnan(percent_bias(moving, np.zeros(3)))
    assert math.isnan(share_off(1.0, 0.0))


def test_a_computed_series_that_is_still_has_no_correlation() -> None:
    """Then r = 0, α = 0, β = 1: 1 − √2."""
    assert kling_gupta(np.full(3, 2.0), np.array([1.0, 2.0, 3.0])) == pytest.approx(1.0 - math.sqrt(2.0))


@given(SERIES)
def test_a_series_is_perfect_against_itself(series: np.ndarray) -> None:
    assert nash_sutcliffe(series, series) == 1.0
    assert kling_gupta(series, series) == pytest.approx(1.0)


@given(SERIES)
def test_the_mean_scores_nothing(series: np.ndarray) -> None:
    assert nash_sutcliffe(np.full(len(series), series.mean()), series) == pytest.approx(0.0, abs=1e-6)


@given(SERIES, st.floats(-50.0, 50.0))
def test_nash_sutcliffe_does_not_depend_on_the_datum(series: np.ndarray, shift: float) -> None:
    computed = series[::-1]
    assert nash_sutcliffe(computed + shift, series + shift) == pytest.approx(nash_sutcliffe(computed, series), abs=1e-6)
