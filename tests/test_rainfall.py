"""Rain: the table of GB 50014 by Shanghai's formula, Keifer and Chu's equations, and a search for the worst window."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from drainage.errors import SimulationError
from drainage.hydraulics.rainfall import DesignStorm, StormFormula, storm_formula
from tests.drains import rain

SHANGHAI = storm_formula("shanghai")
STORMS = st.builds(
    DesignStorm,
    st.just(SHANGHAI),
    st.floats(0.5, 100.0),
    st.floats(10.0, 360.0),
    st.floats(0.1, 0.9),
)


@pytest.mark.parametrize(("return_period_a", "mm_per_h"), [(3, 51.3), (5, 58.1), (30, 82.2)])
def test_shanghai_reproduces_the_hourly_rain_of_gb_50014(return_period_a: float, mm_per_h: float) -> None:
    """GB 50014-2021, 4.1.4, explanation, table 2: rain of one hour in Shanghai."""
    assert SHANGHAI.intensity_mm_per_h(60, return_period_a) == pytest.approx(mm_per_h, abs=0.05)


def test_intensity_is_in_litres_a_second_and_hectare() -> None:
    """P = 1: q = 1600 / (60 + 7)^0.656 = 1600 / 15.776 = 101.4."""
    assert float(SHANGHAI.intensity(60, 1)) == pytest.approx(101.4, abs=0.05)


def test_the_storm_of_two_hours_has_the_depth_of_the_formula() -> None:
    """a·T/(T + b)^n with a = 1600 (1 + 0.846 lg 3) / 167: 67.258 mm; with 1 mm/min = 166.67 L/(s·hm²) 67.393 mm."""
    assert rain(3).depth_mm == pytest.approx(67.2584 * 167.0 * 6.0 / 1000.0, abs=5e-4)


@given(STORMS, st.floats(0.5, 30.0))
def test_no_rain_is_lost_between_the_steps_of_a_hyetograph(storm: DesignStorm, step_min: float) -> None:
    begins, depth = storm.hyetograph_mm(step_min)
    assert depth.sum() == pytest.approx(storm.depth_mm)
    assert (depth >= 0.0).all()
    assert len(begins) == math.ceil(round(storm.duration_min / step_min, 6))
    assert begins[0] == 0.0
    assert begins[-1] < storm.duration_min


@given(STORMS, st.floats(0.02, 0.98))
def test_rain_falls_as_keifer_and_chu_say(storm: DesignStorm, at: float) -> None:
    """Intensity i = a [(1 - n) x + b] / (x + b)^(1 + n), x the time from the peak by r before and by 1 - r after it."""
    a = 1600.0 * (1.0 + 0.846 * math.log10(storm.return_period_a)) * 6.0 / 1000.0
    t, step = at * storm.duration_min, 1e-3
    away = abs(t - storm.peak_min)
    if away < 0.05:
        return
    x = away / (storm.peak_position if t < storm.peak_min else 1.0 - storm.peak_position)
    wanted = a * ((1.0 - 0.656) * x + 7.0) / (x + 7.0) ** 1.656
    fallen = storm.cumulative_mm([t - step, t + step])
    assert float(fallen[1] - fallen[0]) / (2.0 * step) == pytest.approx(wanted, rel=1e-3)


@given(STORMS, st.floats(0.05, 1.0))
def test_the_worst_window_of_the_storm_holds_the_rain_of_the_formula(storm: DesignStorm, share: float) -> None:
    """Searched: no window of that length holds more, and one holds as much."""
    window = share * storm.duration_min
    start = np.linspace(0.0, storm.duration_min - window, 2001)
    start = np.append(start, storm.peak_position * (storm.duration_min - window))
    held = storm.cumulative_mm(start + window) - storm.cumulative_mm(start)
    formula = float(SHANGHAI.intensity(window, storm.return_period_a)) * window * 6.0 / 1000.0
    assert held.max() == pytest.approx(formula)
    assert float(storm.mean_intensity(window)) * window * 6.0 / 1000.0 == pytest.approx(formula)


def test_a_window_longer_than_the_storm_holds_the_storm() -> None:
    storm = rain(3, 60)
    assert float(storm.mean_intensity(180)) * 180 * 6.0 / 1000.0 == pytest.approx(storm.depth_mm)


def test_rain_begins_and_ends_with_the_storm() -> None:
    storm = rain(3, 60)
    assert storm.cumulative_mm([-5.0, 0.0, 60.0, 100.0]).tolist() == pytest.approx(
        [0, 0, storm.depth_mm, storm.depth_mm]
    )


def test_the_peak_moves_with_its_position_and_the_depth_does_not() -> None:
    early, late = (DesignStorm(SHANGHAI, 3, 120, r) for r in (0.3, 0.7))
    assert (early.peak_min, late.peak_min) == (36.0, 84.0)
    assert early.depth_mm == late.depth_mm
    assert early.cumulative_mm(60) > late.cumulative_mm(60)


def test_another_return_period_changes_nothing_else() -> None:
    storm = DesignStorm(SHANGHAI, 3, 90, 0.3)
    rarer = storm.with_return_period(10)
    assert rarer == DesignStorm(SHANGHAI, 10, 90, 0.3)
    assert rarer.depth_mm > storm.depth_mm


def test_use_beyond_the_fitted_rain_is_remarked() -> None:
    """B.0.2: 5-180 min and 2-100 a."""
    assert rain(3, 120).remarks == ()
    told = rain(1, 240).remarks
    assert len(told) == 2
    assert "240 min is outside 5-180 min" in told[0]
    assert "1 a is outside 2-100 a" in told[1]


def test_an_unverified_formula_is_remarked_by_its_source_or_its_note() -> None:
    formula = StormFormula(A=1600, C=0.846, b=7, n=0.656, source="a colleague")
    assert formula.remarks(60, 3) == ("storm formula not verified against an official text (a colleague)",)
    assert "not for design" in storm_formula("demo").remarks(60, 3)[0]


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"A": 0.0}, "A = 0"),
        ({"A": math.nan}, "A = nan"),
        ({"C": -0.1}, "C = -0.1"),
        ({"b": 0.0}, "b > 0"),
        ({"n": 1.5}, "n of about"),
    ],
)
def test_a_formula_that_cannot_be_meant_is_refused(changed: dict[str, float], told: str) -> None:
    number = {"A": 1600.0, "C": 0.846, "b": 7.0, "n": 0.656, **changed}
    with pytest.raises(SimulationError, match=told):
        StormFormula(A=number["A"], C=number["C"], b=number["b"], n=number["n"], source="test")


@pytest.mark.parametrize(
    ("period", "duration", "peak", "told"),
    [
        (0.0, 60, 0.4, "return period"),
        (math.nan, 60, 0.4, "return period"),
        (0.05, 60, 0.4, "no rain there"),
        (3, 0.0, 0.4, "duration"),
        (3, 20_000, 0.4, "duration"),
        (3, 60, 1.0, "peak position"),
    ],
)
def test_a_storm_that_cannot_be_meant_is_refused(period: float, duration: float, peak: float, told: str) -> None:
    with pytest.raises(SimulationError, match=told):
        DesignStorm(SHANGHAI, period, duration, peak)


@pytest.mark.parametrize("name", ["宿州", "灵璧", "苏州", "341300", ""])
def test_no_formula_is_invented_for_a_city_without_one(name: str) -> None:
    with pytest.raises(SimulationError, match="not registered"):
        storm_formula(name)


def test_a_name_is_found_in_any_case_and_by_its_code() -> None:
    assert storm_formula(" Shanghai ") is storm_formula("310000") is storm_formula("上海")


def test_storms_and_formulas_say_in_one_line_what_they_are() -> None:
    assert repr(rain(3)) == "<DesignStorm shanghai: P = 3 a, 120 min, 67.4 mm>"
    assert repr(storm_formula("demo")).endswith("(t + 7)^0.656, not verified>")
