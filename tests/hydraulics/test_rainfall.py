"""Rain: the table of GB 50014 by Shanghai's formula, Keifer and Chu's equations, and a search for the worst window."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from drainage.errors import SimulationError
from drainage.formats.rain.storm_formula import storm_formula
from drainage.hydraulics.formulas import StormFormula
from drainage.hydraulics.rainfall import DesignStorm, ObservedStorm
from drainage.simulation.screening.screen import screen
from tests.support.drains import drain, rain

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


@pytest.mark.parametrize("name", ["宿州", "灵璧", "suzhou", "341300", "341323", ""])
def test_no_formula_is_invented_for_a_city_without_one(name: str) -> None:
    with pytest.raises(SimulationError, match="not registered"):
        storm_formula(name)


def test_the_other_suzhou_is_found_by_its_own_name_and_says_that_it_is_not_verified() -> None:
    assert storm_formula("苏州") is storm_formula("320500")
    assert "not verified" in storm_formula("苏州").remarks(60, 3)[0]


def test_a_name_is_found_in_any_case_and_by_its_code() -> None:
    assert storm_formula(" Shanghai ") is storm_formula("310000") is storm_formula("上海")


def test_storms_and_formulas_say_in_one_line_what_they_are() -> None:
    assert repr(rain(3)) == "<DesignStorm shanghai: P = 3 a, 120 min, 67.4 mm>"
    assert repr(storm_formula("demo")).endswith("(t + 7)^0.656, not verified>")


@given(st.sampled_from(["blocks", "uniform", "chicago"]), st.floats(1.0, 100.0), st.floats(5.0, 360.0))
def test_every_shape_has_the_depth_of_the_formula(shape: str, period_a: float, duration_min: float) -> None:
    storm = DesignStorm(SHANGHAI, period_a, duration_min, shape=shape)  # type: ignore[arg-type]  # one of the shapes
    q = float(SHANGHAI.intensity(duration_min, period_a))
    assert storm.depth_mm == pytest.approx(q * 6.0 / 1000.0 * duration_min)
    times = np.linspace(0.0, duration_min, 50)
    assert (np.diff(storm.cumulative_mm(times)) >= -1e-9).all()


def test_blocks_stand_around_the_peak_in_turn() -> None:
    """20 min in blocks of 5, peak at 8 min, in the second block: third heaviest, heaviest, second, fourth."""
    storm = DesignStorm(SHANGHAI, 3, 20, shape="blocks")
    worst = [float(SHANGHAI.intensity(t, 3)) * 6.0 / 1000.0 * t for t in (0, 5, 10, 15, 20)]
    one, two, three, four = np.diff(worst)
    assert storm.hyetograph_mm(5.0)[1].tolist() == pytest.approx([three, one, two, four])


@given(st.sampled_from(["blocks", "uniform"]), st.floats(5.0, 115.0))
def test_the_worst_window_of_any_shape_is_found(shape: str, window: float) -> None:
    """Held against a search over all beginnings at a tenth of a minute."""
    storm = DesignStorm(SHANGHAI, 3, 120, shape=shape)  # type: ignore[arg-type]  # one of the shapes
    begins = np.arange(0.0, 120.0 - window, 0.1)
    worst = float((storm.cumulative_mm(begins + window) - storm.cumulative_mm(begins)).max())
    assert float(storm.mean_intensity(window)) * window * 6.0 / 1000.0 == pytest.approx(worst, rel=0.02)


def test_a_climate_factor_multiplies_all_rain_and_is_said() -> None:
    plain, more = (DesignStorm(SHANGHAI, 3, 120, climate_factor=f) for f in (1.0, 1.2))
    assert more.depth_mm == pytest.approx(1.2 * plain.depth_mm)
    assert float(more.mean_intensity(10)) == pytest.approx(1.2 * float(plain.mean_intensity(10)))
    assert "multiplied by 1.2" in more.remarks[-1]
    assert more.with_return_period(5).climate_factor == 1.2


@pytest.mark.parametrize(("options", "told"), [({"shape": "triangle"}, "shape"), ({"climate_factor": 0.0}, "climate")])
def test_a_shape_or_factor_that_cannot_be_meant_is_refused(options: dict[str, object], told: str) -> None:
    with pytest.raises(SimulationError, match=told):
        DesignStorm(SHANGHAI, 3, 120, **options)  # type: ignore[arg-type]  # that is the point


class TestObserved:
    STORM = ObservedStorm(np.array([0.0, 10.0, 20.0, 40.0]), np.array([2.0, 12.0, 6.0]), "gauge 58125")

    def test_it_knows_depth_length_and_peak(self) -> None:
        assert (self.STORM.depth_mm, self.STORM.duration_min, self.STORM.peak_min) == (20.0, 40.0, 15.0)
        assert self.STORM.cumulative_mm([5.0, 15.0, 30.0]).tolist() == [1.0, 8.0, 17.0]
        assert self.STORM.hyetograph_mm(10.0)[1].tolist() == pytest.approx([2.0, 12.0, 3.0, 3.0])
        assert math.isnan(self.STORM.return_period_a)

    def test_its_facts_say_where_it_fell_and_no_return_period(self) -> None:
        facts = ObservedStorm(np.array([0.0, 5.0, 10.0]), np.array([1.0, 3.0]), "gauge 7").facts
        assert (facts["kind"], facts["source"], facts["depth_mm"], facts["peak_min"]) == (
            "observed",
            "gauge 7",
            4.0,
            7.5,
        )
        assert math.isnan(float(str(facts["return_period_a"])))
        assert facts["remarks"] == ["observed rain: gauge 7"]

    def test_its_worst_ten_minutes_are_those_of_the_heaviest_interval(self) -> None:
        """12 mm in 10 min: 12/10 · 1000/6 = 200 L/(s·hm²)."""
        assert float(self.STORM.mean_intensity(10.0)) == pytest.approx(200.0, rel=0.01)

    def test_it_has_no_other_return_period(self) -> None:
        with pytest.raises(SimulationError, match="no return period"):
            self.STORM.with_return_period(5)

    @pytest.mark.parametrize(
        ("edges", "steps"), [([0, 10], [1, 2]), ([0, 10, 5], [1, 2]), ([0, 10], [-1]), ([0, 9], [0])]
    )
    def test_a_record_that_cannot_be_meant_is_refused(self, edges: list[float], steps: list[float]) -> None:
        with pytest.raises(SimulationError, match="gauge"):
            ObservedStorm(np.array(edges, dtype=float), np.array(steps, dtype=float), "gauge")


def test_the_screening_takes_any_storm_and_conserves_its_water() -> None:
    """Three pipes under an observed storm: what falls overflows, runs out or stays."""
    bed = {"a": 20.3, "b": 20.2, "c": 20.1, "out": 20.0}
    areas = {"area_ha": dict.fromkeys("abc", 0.5)}
    street = drain(["a>b storm 300", "b>c storm 300", "c>out storm 300"], bed, ground=22.0, nodes=areas)
    state = screen(street, TestObserved.STORM)
    assert state.balance["runoff_m3"] == pytest.approx(
        state.balance["overflow_m3"] + state.balance["outflow_m3"] + state.balance["stored_m3"]
    )
    assert state.balance["runoff_m3"] > 0.0
