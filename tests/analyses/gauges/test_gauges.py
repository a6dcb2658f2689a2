"""A model against its gauges: what the engine made itself is met, and what was changed in it is named."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

import drainage as dr
from drainage.analyses import compare_with_gauges
from drainage.analyses.gauges import GaugeLimits
from drainage.analyses.gauges.gauge_remedies import verdict_of
from drainage.analyses.gauges.mending import Trial, concerned_by, knobs_of, mend
from drainage.analyses.gauges.placed import Watched, place_gauges
from drainage.formats.rain.gauge_series import GaugeReadings
from drainage.hydraulics.rainfall import ObservedStorm
from drainage.simulation.swmm.watched_series import build_model, run_series, with_runoff
from tests.support import demo
from tests.support.drains import drain
from tests.support.gauges import MINUTES, STORM, measured, readings, street

if TYPE_CHECKING:
    from pathlib import Path

    from drainage.result import Result


def compared(observed: GaugeReadings, **said: Any) -> Result:  # noqa: ANN401 - as the function takes them
    """Compare the street as it is recorded, without a search unless it is asked for."""
    return compare_with_gauges(street(), observed, STORM, **{"most_runs": 0, **said})


def test_the_truth_needs_no_mending() -> None:
    result = compared(measured(street(), "c level", "p1 flow", "c depth"), most_runs=8)
    gauges = result.tables["gauges"]
    assert gauges["nse"].to_numpy() == pytest.approx(1.0, abs=1e-6)
    assert gauges["kge"].to_numpy() == pytest.approx(1.0, abs=1e-4)
    assert gauges.index.tolist() == ["c level", "p1", "c depth"]
    assert result.summary["mending"] == "none_needed"
    assert not len(result.tables["remedies"])
    assert result.not_known is None


@pytest.mark.long
def test_one_wrong_roughness_is_named_as_roughness() -> None:
    """The pipe below the gauge has n = 0.020 in truth and 0.013 in the network: it backs up to the gauge."""
    result = compared(measured(street(manning_n=0.020), "c level", "p1 flow"), most_runs=9)
    best = result.tables["remedies"].iloc[0]
    assert (best["parameter"], best["changed_where"]) == ("roughness", "downstream")
    assert best["value_needed"] > best["value_now"] == pytest.approx(0.013)
    assert best["score_after"] > 0.99 > best["score_before"]
    assert result.summary["likely_parameter"] == "roughness"


@pytest.mark.long
def test_a_wrong_runoff_coefficient_is_named_and_found() -> None:
    result = compared(measured(street(psi=0.4), "c level", "p1 flow"), most_runs=12)
    best = result.tables["remedies"].iloc[0]
    assert best["parameter"] == "runoff"
    assert best["value_now"] == pytest.approx(0.6)
    assert best["value_needed"] == pytest.approx(0.4, abs=0.01)
    assert best["plausible"]
    assert result.summary["likely_parameter"] == "runoff"


@pytest.mark.long
def test_silt_is_named_as_silt() -> None:
    result = compared(measured(street(silt_share=0.35), "c level", "p1 flow"), most_runs=12)
    best = result.tables["remedies"].iloc[0]
    assert best["parameter"] == "silt"
    assert best["value_now"] == 0.0
    assert 0.1 < best["value_needed"] < 0.5
    assert result.summary["likely_parameter"] == "silt"


@pytest.mark.long
def test_water_that_enters_is_named_as_infiltration() -> None:
    """0.04 m³/s on 200 m of pipe are 17,280 m³/(d·km): found within a fifth, and beyond what is plausible."""
    result = compared(measured(street(inflow_m3s=0.04), "c level", "p1 flow"), most_runs=12)
    best = result.tables["remedies"].iloc[0]
    assert best["parameter"] == "infiltration"
    assert best["value_needed"] == pytest.approx(17_280.0, rel=0.2)
    assert not best["plausible"]
    assert result.summary["likely_parameter"] == "infiltration"


def test_nothing_of_the_network_is_changed_by_the_search() -> None:
    net = street()
    before = net.pipes.copy()
    compare_with_gauges(net, measured(street(psi=0.4), "c level"), STORM, most_runs=1)
    pd.testing.assert_frame_equal(net.pipes, before)


def test_errors_of_peak_volume_and_time_by_hand() -> None:
    """Twice the computed flow, ten minutes later: the peak is half as high, 10 min early, the volume half."""
    truth = measured(street(), "p1 flow").table
    late = readings("p1", "flow", truth["minute"].to_numpy() + 10.0, 2.0 * truth["value"].to_numpy())
    row = compared(late).tables["gauges"].iloc[0]
    assert row["measured_peak"] == pytest.approx(2.0 * row["computed_peak"], rel=1e-6)
    assert row["peak_off_pct"] == pytest.approx(-50.0, abs=1e-3)
    assert row["peak_late_min"] == -10.0
    assert row["volume_off_pct"] == pytest.approx(-50.0, abs=5.0)
    assert row["bias"] < 0.0
    assert row["feature_kind"] == "pipe"


def test_gaps_do_not_count_as_volume_and_are_told() -> None:
    whole = measured(street(), "p1 flow").table
    holed = whole[(whole["minute"] < 40) | (whole["minute"] > 80)]
    blank = whole.assign(value=whole["value"].where((whole["minute"] < 40) | (whole["minute"] > 80)))
    row = (
        compared(readings("p1", "flow", holed["minute"].to_numpy(), holed["value"].to_numpy())).tables["gauges"].iloc[0]
    )
    assert row["gaps"] == 1
    told = compared(GaugeReadings(blank, None, "levels.csv")).tables["gauges"].iloc[0]
    assert (told["gaps"], told["readings_missing"]) == (1, 9)
    assert row["nse"] == pytest.approx(1.0, abs=1e-6)
    assert row["computed_m3"] == pytest.approx(row["measured_m3"], rel=1e-4)


def test_a_constant_series_has_no_efficiency() -> None:
    row = compared(readings("c", "level", MINUTES.astype(float), np.full(len(MINUTES), 10.3))).tables["gauges"].iloc[0]
    assert np.isnan(row["nse"])
    assert row["fit"] == "unknown"


class TestGaugesThatCannotBeTakenAsTheyStand:
    def test_another_datum_is_named_and_never_shifted(self) -> None:
        truth = measured(street(), "c level").table
        moved = readings("c", "level", truth["minute"].to_numpy(), truth["value"].to_numpy() + 1.35)
        result = compared(moved, most_runs=8)
        row = result.tables["gauges"].iloc[0]
        assert row["gauge_doubt"] == "datum"
        assert row["measured_peak"] == pytest.approx(truth["value"].max() + 1.35)
        assert "offsets_m={'c': -1.35}" in str(row["note"])
        assert not len(result.tables["remedies"])
        assert result.not_known is not None
        cured = compared(moved, offsets_m={"c": -1.35})
        assert cured.tables["gauges"]["nse"].iloc[0] == pytest.approx(1.0, abs=1e-5)

    def test_levels_below_the_invert_or_above_the_ground(self) -> None:
        minute = MINUTES.astype(float)
        wave = 0.2 * np.sin(minute / 20.0)
        below = compared(readings("c", "level", minute, 2.0 + wave)).tables["gauges"].iloc[0]
        above = compared(readings("c", "level", minute, 1050.0 + wave)).tables["gauges"].iloc[0]
        assert (below["gauge_doubt"], above["gauge_doubt"]) == ("datum", "datum")
        assert "below the invert at 10.20" in str(below["note"])
        assert "far above the ground at 13.50" in str(above["note"])

    def test_litres_taken_for_cubic_metres(self) -> None:
        truth = measured(street(), "p1 flow").table
        wrong = readings("p1", "flow", truth["minute"].to_numpy(), 1000.0 * truth["value"].to_numpy())
        row = compared(wrong).tables["gauges"].iloc[0]
        assert row["gauge_doubt"] == "unit"
        assert "flow_l_s" in str(row["note"])

    def test_a_clock_that_is_an_hour_off(self) -> None:
        truth = measured(street(), "c level", minutes=np.arange(1, 120, 2)).table
        early = readings("c", "level", truth["minute"].to_numpy() + 60.0, truth["value"].to_numpy())
        row = compared(early).tables["gauges"].iloc[0]
        assert row["gauge_doubt"] == "clock"
        assert "-1 h" in str(row["note"])

    def test_too_few_readings(self) -> None:
        few = readings("c", "level", np.array([10.0, 20.0]), np.array([10.3, 10.4]))
        assert compared(few).tables["gauges"]["gauge_doubt"].tolist() == ["few_readings"]
        enough = compared(few, limits=GaugeLimits(least_readings=2))
        assert enough.tables["gauges"]["gauge_doubt"].isna().all()


class TestRefusals:
    def test_an_unknown_node_is_told_with_near_names_and_the_others_are_compared(self) -> None:
        known = measured(street(), "c level")
        lost = replace(known, table=pd.concat([known.table, known.table.assign(gauge="p11")], ignore_index=True))
        result = compared(lost)
        assert len(result.tables["gauges"]) == 1
        assert result.summary["gauges_nowhere"] == 1
        assert "p11" in result.summary["advice"]
        assert "did you mean" in result.summary["advice"]

    def test_no_gauge_in_the_network(self) -> None:
        with pytest.raises(dr.errors.SchemaError, match=r"none of its gauges.*nowhere"):
            compared(readings("nowhere", "level", MINUTES.astype(float), MINUTES.astype(float)))

    def test_an_event_at_another_time(self) -> None:
        with pytest.raises(dr.errors.SimulationError, match="are simulated; check dates and time zones"):
            compared(readings("c", "level", MINUTES + 10_000.0, MINUTES.astype(float)))
        with pytest.raises(dr.errors.SimulationError, match=r"moved by \+8 h they would be: a time zone"):
            compared(readings("c", "level", MINUTES - 480.0, MINUTES.astype(float)))

    def test_dates_without_a_date_of_the_rain(self) -> None:
        dated = replace(measured(street(), "c level"), begins=np.datetime64("2024-07-01T14:00"))
        with pytest.raises(dr.errors.SimulationError, match="the rain has no date"):
            compared(dated)
        told = compared(dated, begins="2024-07-01T14:00")
        assert told.tables["gauges"]["nse"].iloc[0] == pytest.approx(1.0, abs=1e-6)
        assert told.tables["series"]["moment"].iloc[0] == "2024-07-01 14:05:00"
        with pytest.raises(dr.errors.SimulationError, match="is no moment"):
            compared(dated, begins="noon")

    @pytest.mark.parametrize(
        "said", [{"score": "r2"}, {"most_runs": -1}, {"offsets_m": {"q": 1.0}}], ids=["score", "runs", "offset"]
    )
    def test_what_cannot_be_meant(self, said: dict[str, object]) -> None:
        with pytest.raises(dr.errors.SchemaError):
            compared(measured(street(), "c level"), **said)

    def test_limits_that_cannot_be(self) -> None:
        with pytest.raises(dr.errors.SchemaError, match="least_gain_share"):
            GaugeLimits(least_gain_share=-1.0)
        with pytest.raises(dr.errors.SchemaError, match="most_silt_share"):
            GaugeLimits(most_silt_share=1.5)


def test_rain_of_a_gauge_ties_its_clock_to_the_readings() -> None:
    """The rain began at 13:50, the readings are from 14:00 on: minute 0 of these is minute 10 of the rain."""
    edges, depth = np.array([0.0, 10.0, 20.0, 60.0]), np.array([2.0, 8.0, 5.0])
    storm = ObservedStorm(edges, depth, "gauge", np.datetime64("2024-07-01T13:50"))
    dated = replace(measured(street(), "c level"), begins=np.datetime64("2024-07-01T14:00"))
    result = compare_with_gauges(street(), dated, storm, most_runs=0)
    assert result.tables["series"]["minute"].iloc[0] == MINUTES[0] + 10.0


def test_kge_can_be_searched_by() -> None:
    result = compared(measured(street(psi=0.4), "c level"), score="kge", most_runs=2)
    assert result.summary["search_score"] == "kge"
    assert result.summary["score_before"] == pytest.approx(result.tables["gauges"]["kge"].mean())


@pytest.mark.long
def test_what_cannot_be_told_apart_is_said_so() -> None:
    """With a large enough difference allowed, all that help are named, and none is the likeliest."""
    truth = measured(street(psi=0.4), "c level")
    result = compared(truth, most_runs=6, limits=GaugeLimits(tell_apart=0.05, least_gain_share=0.01))
    assert result.summary["mending"] == "several"
    assert result.summary["likely_parameter"] is None


class TestAModelFromAnInp:
    """The street written as an .inp, in its own rain, whose clock is that of the file."""

    @pytest.fixture
    def model(self, tmp_path: Path) -> dr.DrainageNetwork:
        return dr.read_network(dr.write_inp(street(), STORM, tmp_path / "street.inp").path)

    def test_is_met_by_what_it_made_itself_in_its_own_rain(self, model: dr.DrainageNetwork) -> None:
        """A run of a composed model begins on 2000-01-01."""
        dated = replace(measured(street(), "c level", "p1 flow"), begins=np.datetime64("2000-01-01T00:00"))
        result = compare_with_gauges(model, dated, None, most_runs=0)
        assert result.tables["gauges"]["nse"].to_numpy() == pytest.approx(1.0, abs=1e-3)

    @pytest.mark.parametrize(
        ("truth", "named"),
        [({"psi": 0.4}, "runoff"), ({"inflow_m3s": 0.04}, "infiltration"), ({"silt_share": 0.35}, "silt")],
    )
    @pytest.mark.long
    def test_what_is_wrong_in_it_is_named(self, model: dr.DrainageNetwork, truth: dict[str, float], named: str) -> None:
        result = compare_with_gauges(model, measured(street(**truth), "c level", "p1 flow"), None, most_runs=12)
        assert result.summary["likely_parameter"] == named


@pytest.mark.long
def test_in_the_demo_city_a_wrong_runoff_coefficient_is_named() -> None:
    """Level and flow at HS0007, below 29 manholes, with 0.7 times the Ψ of all that drains there."""
    net, storm = demo.city("2021-05-07"), dr.DesignStorm(dr.read_storm_formula("demo"), 1, 60)
    node = "HS0007"
    pipe = str(net.pipes.index[net.pipes["to_node"] == node][0])
    model = build_model(net, storm, dr.Setup(), nodes=[node])
    less = with_runoff(model, list(map(str, net.upstream_of(node).nodes.index)), 0.7)
    truth = run_series(less, net, nodes=[node], pipes=[pipe], time_limit_s=120.0)
    at = np.arange(4, 165, 5)
    minute = np.round(truth.minute[at])
    parts = [
        readings(node, "level", minute, truth.level_m[at, 0]),
        readings(pipe, "flow", minute, truth.flow_m3s[at, 0]),
    ]
    observed = replace(parts[0], table=pd.concat([one.table for one in parts], ignore_index=True))
    best = compare_with_gauges(net, observed, storm).tables["remedies"].iloc[0]
    assert best["parameter"] == "runoff"
    assert best["value_needed"] / best["value_now"] == pytest.approx(0.7, abs=0.03)


def test_the_part_around_a_gauge_is_computed_as_in_the_whole() -> None:
    """Two streets that share no water: the one without a gauge is left out, and nothing changes at the gauge."""
    pipes = ["a>b storm 600", "b>c storm 600", "x>y storm 300", "y>z storm 300"]
    levels = dict(zip("abcxyz", (11.0, 10.6, 10.2, 11.0, 10.6, 10.2), strict=True))
    net = drain(pipes, levels, ground=13.5, nodes={"area_ha": dict.fromkeys("abxy", 0.5)})
    part = build_model(net, STORM, dr.Setup(), nodes=["b"])
    whole = build_model(net, STORM, dr.Setup(), nodes=["b", "y"])
    assert "y" not in part.text.split("[CONDUITS]")[1].split("[")[0].split()
    series = [run_series(one, net, nodes=["b", "y"], pipes=["p0"], time_limit_s=60.0) for one in (part, whole)]
    assert series[0].level_m[:, 0] == pytest.approx(series[1].level_m[:, 0], abs=2e-3)
    assert np.isnan(series[0].level_m[:, 1]).all()
    assert np.isfinite(series[1].level_m[:, 1]).all()


def test_the_flow_at_an_outfall_is_that_of_all_pipes_that_end_there() -> None:
    net = drain(
        ["a>out storm 600", "b>out storm 600"], {"a": 11.0, "b": 11.0, "out": 10.5}, ground=13.5,
        nodes={"area_ha": {"a": 0.5, "b": 0.5}},
    )  # fmt: skip
    series = run_series(
        build_model(net, STORM, dr.Setup(), nodes=["out"]), net, nodes=["out"], pipes=["p0", "p1"], time_limit_s=60.0
    )
    assert series.inflow_m3s[:, 0].max() > 0.05
    assert series.inflow_m3s[:, 0] == pytest.approx(series.flow_m3s.sum(axis=1), abs=1e-3)


def test_two_that_are_as_near_are_not_told_apart_even_where_one_helps_a_little_less() -> None:
    remedies = pd.DataFrame(
        {"parameter": ["roughness", "runoff"], "value_now": [0.012, 0.6], "value_needed": [0.015, 0.7],
         "unit_of_value": ["n", "Ψ"], "score_after": [0.938, 0.934], "gain_pct": [25.3, 20.5], "helps": [True, False],
         "plausible": [True, True]}
    )  # fmt: skip
    verdict = verdict_of(remedies, 0.917, 0.01, asked=True)
    assert (verdict.code, verdict.likely) == ("several", None)
    assert verdict_of(remedies, 0.917, 0.001, asked=True).likely == "roughness"
    assert verdict_of(remedies.assign(helps=False), 0.917, 0.001, asked=True).code == "none_helps"


def test_runs_that_fail_are_counted_and_help_nothing() -> None:
    """A limit of a millisecond stops every run of the search; the first, by which the gauges are met, had its time."""
    result = compared(measured(street(psi=0.4), "c level"), most_runs=1)
    assert result.summary["engine_runs_failed"] == 0
    net, gauges = street(), measured(street(psi=0.4), "c level")
    placed, _ = place_gauges(net, gauges, offsets_m={}, written=np.ones(4, dtype=np.bool_))
    watched = Watched.of(net, placed)
    model = build_model(net, STORM, dr.Setup(), nodes=["c"])
    concerned = concerned_by(net, np.ones(4, dtype=np.bool_), placed)
    trial = Trial(net, STORM, dr.Setup(), None, ("storm",), model, placed, watched, concerned, "nse", 0.001)
    mended = mend(trial, knobs_of(trial, GaugeLimits())[:1], 0.5, 3, processes=1)
    assert (mended[0].runs, mended[0].failed, mended[0].score, mended[0].place) == (3, 3, 0.5, 0.0)
