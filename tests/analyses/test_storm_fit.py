"""A storm formula of a gauge: exact curves come back, a poor record is told as one, and a formula is checked."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import drainage as dr
from drainage.errors import FormatError, SchemaError, SimulationError
from drainage.formats.rain.storm_formula import registered_formulas
from drainage.hydraulics.extremes.maxima import AnnualMaxima
from drainage.hydraulics.formulas import IntervalFormula, StormFormula
from tests.support.years_of_rain import MINUTES, exact_years, law, years_of_rain


def told(made: dr.Result) -> dict[str, str]:
    """Return what was assumed."""
    assumed = made.summary["assumptions"]
    assert isinstance(assumed, dict)
    return assumed


CITIES = registered_formulas().dropna(subset=["C"]).index.drop("demo")


@pytest.mark.parametrize("city", CITIES)
def test_exact_quantiles_give_the_formula_back_within_a_hundredth(city: str) -> None:
    """The proof of the question: 5-180 min, 2-100 a."""
    made = dr.analyses.fit_storm_formula(exact_years(law(city), 40), replicas=20)
    found = dr.analyses.fitted_formula(made)
    assert made.summary["distribution"] == "exponential"
    for period in (2.0, 3.0, 5.0, 10.0, 20.0, 30.0, 50.0, 100.0):
        assert found.intensity(MINUTES, period) == pytest.approx(law(city).intensity(MINUTES, period), rel=0.01)
    assert made.summary["limits_kept"] == "both"


def test_curves_that_are_no_formula_of_this_form_are_met_within_their_stated_errors() -> None:
    """Quantiles of Gumbel are not linear in lg P: what the formula misses them by is what the tables say."""
    made = dr.analyses.fit_storm_formula(exact_years(law(), 40, "gumbel"), replicas=20)
    assert made.summary["distribution"] == "gumbel"
    rows = made.intensities
    off = rows["fitted_mm_per_min"] - rows["frequency_mm_per_min"]
    assert rows["error_mm_per_min"].to_numpy() == pytest.approx(off.to_numpy())
    judged = off[rows["return_period_a"] <= 20.0]
    assert made.summary["absolute_error_mm_per_min"] == pytest.approx(float(np.sqrt((judged**2).mean())))
    assert 0.0 < made.summary["relative_error_pct"] < 10.0
    assert (rows["low_mm_per_min"] < rows["high_mm_per_min"]).all()


def test_what_is_missing_left_out_or_stands_out_is_said() -> None:
    made = dr.analyses.fit_storm_formula(years_of_rain(25), replicas=20)
    odd = made.maxima.sort_values("depth_mm")["year"].iloc[-1]
    found = made.issues.groupby("code")["feature_id"].agg(lambda ids: sorted(set(ids))).to_dict()
    assert found == {"year_incomplete": ["1970"], "year_missing": ["1983"], "stands_out": [str(odd)]}
    assert made.summary["years"] == 24
    assert made.summary["values_standing_out"] == int(made.maxima["stands_out"].sum()) > 0
    assert made.summary["peak_position"] == 0.4
    assert "too small by about 14 %" in told(made)["fixed_interval"]


def test_a_year_whose_depth_falls_with_longer_duration_is_left_out_and_named() -> None:
    made = exact_years(law(), 25)
    depth = made.depth_mm.copy()
    depth[3, 5] = depth[3, 4] - 1.0
    result = dr.analyses.fit_storm_formula(replace(made, depth_mm=depth), replicas=20)
    (issue,) = result.issues.itertuples()
    assert (issue.feature_id, issue.severity) == (str(made.years[3]), "error")
    assert "in 45 min is less than" in str(issue.reason)
    assert result.summary["years"] == 24


def test_three_years_are_refused_with_the_remedy_or_fitted_with_a_loud_word() -> None:
    few = exact_years(law(), 3)
    with pytest.raises(SchemaError, match=r"only 3 usable years, 20 are asked for .*lower least_years"):
        dr.analyses.fit_storm_formula(few)
    made = dr.analyses.fit_storm_formula(few, least_years=3, replicas=20)
    assert "only 3 years of record" in str(made.summary["advice"])
    assert any("only 3 years" in text for text in made.warnings)
    assert "only 3 years" in dr.analyses.fitted_formula(made).note


def test_the_user_may_choose_the_distribution() -> None:
    maxima = exact_years(law(), 30, "gumbel")
    chosen = dr.analyses.fit_storm_formula(maxima, distribution="exponential", replicas=20)
    assert chosen.summary["distribution"] == "exponential"
    assert chosen.distributions["chosen"].to_dict() == {"pearson3": False, "gumbel": False, "exponential": True}
    assert "told by the user" in told(chosen)["chosen_by"]


def test_fixed_intervals_raise_the_short_durations() -> None:
    """5 min of a gauge of 5 min by 8/7, 180 min by 36/35.875."""
    maxima = exact_years(law(), 30)
    plain, raised = (
        dr.analyses.fit_storm_formula(maxima, fixed_interval_min=one, replicas=20).maxima["depth_mm"]
        for one in (None, 5.0)
    )
    ratio = (raised / plain).groupby(maxima.durations_min.tolist() * 30).first()
    assert ratio[5.0] == pytest.approx(8 / 7)
    assert ratio[180.0] == pytest.approx(36 / 35.875)


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"distribution": "weibull"}, "distribution 'weibull' is not known; expected one of pearson3, gumbel"),
        ({"fit_by": "both"}, "fit_by 'both' is not known"),
        ({"confidence": 95.0}, "confidence 95 is not between 0.5 and 0.999"),
        ({"replicas": 2}, "replicas 2 is not between"),
        ({"least_years": 1}, "least_years 1 is not between 3"),
        ({"fixed_interval_min": -5.0}, "fixed_interval_min -5 is not between"),
    ],
)
def test_what_cannot_be_asked_is_refused(told: dict[str, object], said: str) -> None:
    with pytest.raises(SchemaError, match=said):
        dr.analyses.fit_storm_formula(exact_years(law(), 25), **told)  # type: ignore[arg-type]  # wrong on purpose


def test_too_few_durations_are_refused() -> None:
    made = exact_years(law(), 25)
    short = replace(made, durations_min=made.durations_min[:3], depth_mm=made.depth_mm[:, :3])
    with pytest.raises(SchemaError, match="only durations of 5, 10, 15 min; at least 4"):
        dr.analyses.fit_storm_formula(short)


def test_depths_in_another_unit_give_no_formula() -> None:
    made = exact_years(law(), 25)
    with pytest.raises(SimulationError, match="made"):
        dr.analyses.fit_storm_formula(replace(made, depth_mm=made.depth_mm / 100.0))


def test_years_that_differ_too_much_for_a_formula_are_named() -> None:
    """One year of eight times the greatest: the exponential line through them gives no rain at 1 a."""
    made = exact_years(law(), 25)
    depth = made.depth_mm.copy()
    greatest = int(depth[:, 0].argmax())
    depth[greatest] *= 8.0
    with pytest.raises(SchemaError, match=rf"review those that stand out \({made.years[greatest]}\)"):
        dr.analyses.fit_storm_formula(replace(made, depth_mm=depth), distribution="exponential")


def test_a_fitted_formula_is_written_and_read_back(tmp_path: Path) -> None:
    made = dr.analyses.fit_storm_formula(years_of_rain(25), name="灵璧", replicas=20)
    formula = dr.analyses.fitted_formula(made)
    path = dr.formats.write_storm_formula(formula, tmp_path / "city.toml", fit=made)
    again = dr.read_storm_formula(path)
    assert again == formula
    assert (again.name, again.verified, again.year, again.peak_position) == ("灵璧", False, 2000, 0.4)
    assert "[fitted]" in path.read_text(encoding="utf-8")
    with pytest.raises(FormatError, match=r"city\.toml"):
        dr.formats.write_storm_formula(formula, path)
    storm = dr.DesignStorm(again, return_period_a=3, duration_min=120, peak_position=0.3)
    assert any("r = 0.4; this storm uses 0.3" in said for said in storm.remarks)


def test_a_formula_by_intervals_cannot_be_written_as_one(tmp_path: Path) -> None:
    with pytest.raises(SchemaError, match="depend on the return period"):
        dr.formats.write_storm_formula(dr.read_storm_formula("深圳中部"), tmp_path / "x.toml")


class TestCheck:
    @pytest.mark.parametrize("city", registered_formulas().index)
    def test_no_registered_formula_is_wrong(self, city: str) -> None:
        checked = dr.analyses.check_storm_formula(dr.read_storm_formula(city))
        assert checked.summary["checks_by_verdict"]["wrong"] == 0
        assert len(checked.intensities)

    def test_rain_that_grows_less_with_time_is_wrong(self) -> None:
        """With n = 1.4 and b = 10 the depth i·t is greatest at t = b/(n − 1) = 25 min and falls after it."""
        odd = StormFormula(A=20_000.0, C=0.8, b=10.0, n=1.4, source="made up")
        checked = dr.analyses.check_storm_formula(odd)
        assert checked.checks.loc["deeper_the_longer", "verdict"] == "wrong"
        assert str(checked.checks["found"]["deeper_the_longer"]).startswith("25 min 2 a")
        assert checked.checks.loc["coefficient_n", "verdict"] == "doubtful"
        assert checked.summary["advice"] is not None

    def test_intervals_that_do_not_meet_are_wrong_and_a_jump_is_doubtful(self) -> None:
        low = ((9.0, 1.0, 0.5), (9.0, 0.0, 0.0), (0.7, 0.0, 0.0))
        high = ((12.0, 1.0, 0.5), (9.0, 0.0, 0.0), (0.7, 0.0, 0.0))
        gap = IntervalFormula(intervals={(2.0, 10.0): low, (20.0, 100.0): low}, source="made up")
        jump = IntervalFormula(intervals={(2.0, 10.0): low, (10.0, 100.0): high}, source="made up")
        verdicts = [dr.analyses.check_storm_formula(one).checks.loc["joint", "verdict"] for one in (gap, jump)]
        assert verdicts == ["wrong", "doubtful"]

    def test_narrow_ranges_are_doubtful(self) -> None:
        narrow = replace(law(), valid_a=(2.0, 20.0), valid_min=(10.0, 60.0))
        checked = dr.analyses.check_storm_formula(narrow)
        assert checked.checks.loc[["range_of_periods", "range_of_durations"], "verdict"].tolist() == ["doubtful"] * 2
        assert checked.intensities["return_period_a"].max() == 20.0


def test_the_curves_are_drawn_with_their_bounds(tmp_path: Path) -> None:
    made = dr.analyses.fit_storm_formula(exact_years(law(), 25), replicas=20)
    formula = dr.analyses.fitted_formula(made)
    plain = dr.formats.write_intensities(formula, tmp_path / "plain.svg").read_text(encoding="utf-8")
    fitted = dr.formats.write_intensities(formula, tmp_path / "fitted.svg", fit=made).read_text(encoding="utf-8")
    assert len(fitted) > len(plain)
    with pytest.raises(FormatError, match=r"\.png, \.svg"):
        dr.formats.write_intensities(formula, tmp_path / "x.gif")


def test_the_answer_does_not_depend_on_the_order_of_years() -> None:
    made = years_of_rain(25)
    turned = AnnualMaxima(
        years=made.years, durations_min=made.durations_min, depth_mm=made.depth_mm[::-1], source="rain.csv"
    )
    one, other = (dr.analyses.fit_storm_formula(each, replicas=20).summary for each in (made, turned))
    assert (one["A"], one["C"], one["b_min"], one["n"]) == (other["A"], other["C"], other["b_min"], other["n"])


def test_a_formula_of_too_little_rain_is_doubted_where_it_is_fitted() -> None:
    """Depths of a tenth, as centimetres under a heading of millimetres give: an hour of some 5 mm at 2 a."""
    made = exact_years(law(), 25)
    result = dr.analyses.fit_storm_formula(replace(made, depth_mm=made.depth_mm / 10.0), replicas=20)
    assert "outside the usual" in str(result.issues.set_index("code").loc["formula_doubtful", "reason"])
    assert "formula_doubtful" not in set(dr.analyses.fit_storm_formula(made, replicas=20).issues["code"])


def test_years_that_were_left_out_are_named_where_the_others_are_too_few() -> None:
    few = replace(exact_years(law(), 3), left_out={2001: "only half of it is recorded"})
    with pytest.raises(SchemaError, match="2001: only half of it is recorded"):
        dr.analyses.fit_storm_formula(few)
