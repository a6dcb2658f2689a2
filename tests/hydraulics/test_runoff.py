"""Runoff coefficients by land use and their uplift: GB 50014-2021, 4.1.8, read off its tables."""

from __future__ import annotations

import math

import numpy as np
import pytest

from drainage.hydraulics.runoff import RUNOFF_COEFFICIENTS, raised, runoff_coefficient, uplift_share


@pytest.mark.parametrize(
    ("land_use", "middle"),
    [
        ("paved", 0.90),
        ("block_paved", 0.60),
        ("graded_gravel", 0.45),
        ("gravel", 0.375),
        ("unpaved", 0.30),
        ("green", 0.15),
        ("dense", 0.65),
        ("fairly_dense", 0.525),
        ("sparse", 0.325),
    ],
)
def test_a_land_use_has_the_middle_of_its_bounds(land_use: str, middle: float) -> None:
    assert runoff_coefficient(land_use) == pytest.approx(middle)


def test_an_unknown_land_use_has_no_coefficient() -> None:
    assert math.isnan(runoff_coefficient("swamp"))
    assert math.isnan(runoff_coefficient(None))
    assert len(RUNOFF_COEFFICIENTS) == 9


@pytest.mark.parametrize(
    ("period_a", "lower", "upper"),
    [(5, 0, 0), (19.9, 0, 0), (20, 0.10, 0.15), (30, 0.20, 0.25), (50, 0.30, 0.50), (100, 0.30, 0.50), (200, 0.3, 0.5)],
)
def test_rare_storms_raise_the_coefficient(period_a: float, lower: float, upper: float) -> None:
    assert uplift_share(period_a) == pytest.approx(lower)
    assert uplift_share(period_a, within=1.0) == pytest.approx(upper)
    assert uplift_share(period_a, within=0.5) == pytest.approx((lower + upper) / 2)
    assert uplift_share(period_a, within=None) == 0.0


def test_a_storm_without_a_return_period_raises_nothing() -> None:
    assert uplift_share(math.nan) == 0.0


def test_no_more_runs_off_than_falls() -> None:
    """0.6 by 30 % is 0.78; 0.9 by 30 % would be 1.17."""
    assert raised(np.array([0.6, 0.9, np.nan]), 0.3).tolist()[:2] == pytest.approx([0.78, 1.0])
