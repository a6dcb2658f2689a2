"""The rains of the page: twelve of a formula, and the words for any other."""

from __future__ import annotations

import numpy as np
import pytest

from drainage.errors import SimulationError
from drainage.formats.rain.storm_formula import read_storm_formula, storm_formula
from drainage.hydraulics.formulas import SingleFormulas, StormFormula
from drainage.hydraulics.rainfall import DesignStorm, ObservedStorm
from drainage.hydraulics.storm_of_depth import StormOfDepth
from drainage.publication.rains import FIRST, Rain, formula_of, grade_of, rain_of, rains_of
from tests.support.drains import rain


@pytest.mark.parametrize(
    ("mm", "half_day", "day"),
    [(0.05, 0, 0), (4.9, 0, 0), (5.0, 1, 0), (14.9, 1, 1), (29.9, 2, 2), (30.0, 3, 2), (49.9, 3, 2), (50.0, 3, 3),
     (69.96, 4, 3), (139.9, 4, 4), (140.0, 5, 4), (250.0, 5, 5)],
)  # fmt: skip
def test_grades_are_those_of_gb_t_28592_by_12_and_by_24_hours(mm: float, half_day: int, day: int) -> None:
    assert (grade_of(mm, 120.0), grade_of(mm, 1440.0)) == (half_day, day)


def test_there_are_twelve_rains_from_the_least_to_the_most_of_every_grade() -> None:
    rains = rains_of(read_storm_formula("demo"))
    depths = [one.storm.depth_mm for one in rains]
    assert len(rains) == 12
    assert depths == sorted(depths)
    assert {one.grade for one in rains} == {0, 1, 2, 3, 4, 5}
    assert FIRST in {one.key for one in rains}


def test_a_rain_of_a_depth_has_that_depth_and_a_rain_of_a_period_that_of_the_formula() -> None:
    by_key = {one.key: one.storm for one in rains_of(storm_formula("shanghai"))}
    assert by_key["m30"].depth_mm == pytest.approx(29.9)
    assert by_key["p5"].depth_mm == pytest.approx(rain(5.0).depth_mm)


def test_rains_stay_in_order_where_a_formula_rains_little() -> None:
    """In a dry town a storm of one year is less than 29.9 mm."""
    dry = StormFormula(A=200.0, C=0.9, b=8.0, n=0.7, source="dry")
    keys = [one.key for one in rains_of(dry)]
    assert keys.index("p1") < keys.index("m30")


def test_a_formula_of_two_return_periods_gives_these_and_the_rains_of_a_depth() -> None:
    """What the formula does not cover is left out, and not asked of another; nothing is given for 2 a, the shape."""
    formula = SingleFormulas(periods={3.0: (2000.0, 10.0, 0.7), 10.0: (2600.0, 10.0, 0.7)}, source="two periods")
    assert {one.key for one in rains_of(formula)} == {"m4", "m15", "m30", "p3", "p10", "m150"}


@pytest.mark.parametrize(
    ("storm", "key", "period"),
    [
        (rain(3.0), "p3", 3),
        (rain(0.5), "p0.5", 0.5),
        (StormOfDepth(50.0, 120.0), "m50", 0),
        (StormOfDepth(12.34, 60.0), "m12.3", 0),
    ],
)
def test_the_storm_of_a_report_is_known_by_its_period_or_depth(storm: DesignStorm, key: str, period: float) -> None:
    said = rain_of(storm).told()
    assert (said["k"], said["P"]) == (key, period)


def test_observed_rain_tells_its_day_and_neither_its_gauge_nor_its_hour() -> None:
    storm = ObservedStorm(
        np.array([0.0, 60.0]), np.array([42.0]), "gauge 七号, secret", np.datetime64("2024-07-20T03:15")
    )
    said = rain_of(storm).told()
    assert said == {"k": "own", "g": 3, "P": 0, "mm": 42, "min": 60, "day": "2024-07-20"}
    assert formula_of([storm]) == {"name": "", "verified": False}


def test_the_formula_is_named_and_whether_it_is_verified() -> None:
    assert formula_of([rain_of(rain()).storm])["verified"] is storm_formula("shanghai").verified
    assert formula_of([StormOfDepth(20.0, 60.0)])["name"] == ""


def test_a_formula_that_gives_no_rain_is_refused() -> None:
    with pytest.raises(SimulationError):
        rains_of(_of_none())


def _of_none() -> StormFormula:
    return StormFormula(A=100.0, C=-3.0, b=8.0, n=0.7, source="falls below nothing")


def test_a_rain_is_a_key_and_a_storm() -> None:
    assert Rain("p3", rain()).grade == grade_of(rain().depth_mm, 120.0)
