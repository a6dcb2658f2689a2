"""A screening in the water that an .inp carries: gages, hydrographs, patterns, RDII; held against EPA SWMM."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import drainage as dr
from drainage.errors import SimulationError
from drainage.hydraulics.storm_of_depth import StormOfDepth
from drainage.simulation.screening.unmodelled import input_doubts
from tests.support import demo
from tests.support.small_inp import BODY, inp, storm

DRY = BODY[BODY.index("[JUNCTIONS]") :]


def runoff_m3(path: Path, *, by_engine: bool = False) -> float:
    net = dr.read_network(path)
    state = dr.simulate_swmm(net, None) if by_engine else dr.screen(net)
    return state.balance["runoff_m3"]


@pytest.mark.parametrize(
    ("impervious", "method", "soil"),
    [("60", "HORTON", "75 5 4 7 0"), ("0", "HORTON", "20 2 4 7 0"), ("0", "MODIFIED_HORTON", "20 2 4 7 0"),
     ("10", "GREEN_AMPT", "60 4 0.2"), ("0", "CURVE_NUMBER", "85 0 7")],
)  # fmt: skip
def test_what_runs_off_is_what_the_engine_lets_run_off(tmp_path: Path, impervious: str, method: str, soil: str) -> None:
    body = BODY.replace("2.0 60 200", f"2.0 {impervious} 200").replace("75 5 4 7 0", soil)
    path = inp(tmp_path / "soil.inp", body=body, INFILTRATION=method)
    assert runoff_m3(path) == pytest.approx(runoff_m3(path, by_engine=True), rel=0.05)


@pytest.mark.parametrize("last", ["1:00", "240:00"])
def test_a_hydrograph_brings_what_it_holds(tmp_path: Path, last: str) -> None:
    """A triangle of an hour with its peak of 800 L/s: 0.8 m³/s · 3600 s / 2 = 1440 m³, however long the zeros go on."""
    series = f"Q 0:00 0\nQ 0:30 800\nQ 1:00 0\nQ {last} 0" if last != "1:00" else "Q 0:00 0\nQ 0:30 800\nQ 1:00 0"
    path = inp(tmp_path / "flow.inp", f"[INFLOWS]\nJ1 FLOW Q FLOW 1.0 1.0\n[TIMESERIES]\n{series}\n", body=DRY)
    assert runoff_m3(path) == pytest.approx(1440.0, rel=1e-3)
    assert dr.screen(dr.read_network(path)).nodes["overflow_m3"]["J1"] > 100.0


def test_dry_flow_follows_its_patterns(tmp_path: Path) -> None:
    """100 L/s · 3 at all hours, for the four hours of the simulation: 4320 m³."""
    hours = "[PATTERNS]\nHH HOURLY " + " ".join(["3"] * 24)
    path = inp(tmp_path / "dry.inp", f'[DWF]\nJ1 FLOW 100 "HH"\n{hours}\n', body=DRY)
    assert runoff_m3(path) == pytest.approx(4320.0, rel=1e-3)
    assert runoff_m3(path, by_engine=True) == pytest.approx(4320.0, rel=0.01)


def test_rain_that_seeps_in_comes_by_unit_hydrographs(tmp_path: Path) -> None:
    more = "[HYDROGRAPHS]\nUH RG1\nUH ALL SHORT 0.4 0.5 1 0 0 0\n[RDII]\nJ1 UH 4.0\n"
    path = inp(tmp_path / "rdii.inp", more)
    dry = inp(tmp_path / "dry.inp")
    assert runoff_m3(path) - runoff_m3(dry) == pytest.approx(
        runoff_m3(path, by_engine=True) - runoff_m3(dry, by_engine=True), rel=0.03
    )


def test_each_catchment_has_the_rain_of_its_own_gage_and_several_are_said(tmp_path: Path) -> None:
    body = BODY.replace("S2 RG1", "S2 RG2").replace("[SUBCATCH", "RG2 INTENSITY 0:05 1.0 TIMESERIES TS2\n[SUBCATCH")
    path = inp(tmp_path / "two.inp", "[TIMESERIES]\nTS2 0:00 0\nTS2 1:00 0\n", body=body)
    net = dr.read_network(path)
    state = dr.screen(net)
    assert runoff_m3(path) == pytest.approx(runoff_m3(path, by_engine=True), rel=0.05)
    marked = input_doubts(net, state.storm)
    assert net.nodes.index[marked["several_gages"]].tolist() == ["J1", "J2"]
    assert "2 gages" in state.assumptions["storm"]


def test_an_outfall_whose_level_changes_is_marked(tmp_path: Path) -> None:
    path = inp(tmp_path / "tide.inp", "[TIMESERIES]\nT 0:00 8\nT 3:00 9\n",
               body=BODY.replace("O1 8.5 FREE", "O1 8.5 TIMESERIES T"))  # fmt: skip
    net = dr.read_network(path)
    assert net.nodes.index[input_doubts(net, dr.screen(net).storm)["tide"]].tolist() == ["O1"]


@pytest.mark.parametrize(
    ("code", "more", "old", "new", "nodes"),
    [("culvert", "", "C2 CIRCULAR 0.4 0 0 0 1", "C2 CIRCULAR 0.4 0 0 0 1 4", ["J2"]),
     ("force_main", "", "C2 CIRCULAR 0.4 0 0 0 1", "C2 Force_Main 0.4 120 0 0 1", ["J2", "J3"]),
     ("seepage", "[LOSSES]\nC2 0 0 0 NO 12\nC1 0.5 0 0 NO 0\n", "", "", ["J3"])],
)  # fmt: skip
def test_conduits_that_a_screening_takes_for_plain_ones_are_marked_where_they_act(
    tmp_path: Path, code: str, more: str, old: str, new: str, nodes: list[str]
) -> None:
    net = dr.read_network(inp(tmp_path / "special.inp", more, body=BODY.replace(old, new) if old else BODY))
    marked = input_doubts(net, dr.screen(net).storm)
    assert {name: net.nodes.index[mask].tolist() for name, mask in marked.items()} == {code: nodes}


def test_a_plain_model_has_nothing_that_a_screening_takes_otherwise(tmp_path: Path) -> None:
    net = dr.read_network(inp(tmp_path / "plain.inp", "[LOSSES]\nC1 0.5 0 0 NO 0\n"))
    assert input_doubts(net, dr.screen(net).storm) == {}


def test_a_design_storm_falls_on_the_soils_too(tmp_path: Path) -> None:
    path = inp(tmp_path / "bare.inp", body=BODY.replace("2.0 60 200", "2.0 0 200"))
    ours, engine = dr.screen(dr.read_network(path), storm()), dr.simulate_swmm(dr.read_network(path), storm())
    assert ours.balance["runoff_m3"] == pytest.approx(engine.balance["runoff_m3"], rel=0.05)


def test_rain_whose_file_is_not_there_is_refused_by_its_name(tmp_path: Path) -> None:
    path = inp(tmp_path / "lost.inp", body=BODY.replace("TS1 0:00 10\nTS1 0:30 60\nTS1 1:00 0", 'TS1 FILE "gone.dat"'))
    with pytest.raises(SimulationError, match=r"rain of RG1 cannot be read \(gone\.dat\)"):
        dr.screen(dr.read_network(path))


def test_a_network_of_a_survey_has_no_rain_of_its_own() -> None:
    with pytest.raises(SimulationError, match="has no rain of its own"):
        dr.screen(demo.whole_city())


@pytest.mark.parametrize("shape", ["chicago", "blocks", "uniform"])
def test_a_storm_of_a_depth_has_that_depth(shape: str) -> None:
    asked = StormOfDepth(50.0, 60.0, shape)  # type: ignore[arg-type]  # one of the shapes
    assert asked.depth_mm == pytest.approx(50.0)
    assert np.isnan(asked.return_period_a)
    assert asked.facts["formula"] is None


def test_a_small_factor_is_no_error() -> None:
    plain = storm()
    assert dr.DesignStorm(plain.formula, 3, 60, climate_factor=0.05).depth_mm == pytest.approx(0.05 * plain.depth_mm)
    with pytest.raises(SimulationError, match="more than 0"):
        dr.DesignStorm(plain.formula, 3, 60, climate_factor=0.0)
