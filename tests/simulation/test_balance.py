"""Where the water of a storm went: what left the pipes is lost, or stands above them and comes back."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np
import pytest

import drainage as dr
from drainage.simulation.ensemble.runs import combine_runs, run_ensemble
from drainage.simulation.swmm.run_report import find_warnings
from tests.support.drains import drain, rain
from tests.support.small_inp import BODY, inp, storm

if TYPE_CHECKING:
    from pathlib import Path

#: Ponding is allowed at J1, which has an area for it, and not at J2, which has none.
PONDING = BODY.replace("J1 10.0 2.0 0 0 0", "J1 10.0 2.0 0 0 800").replace(
    "S2 RG1 J2 1.0 80 120", "S2 RG1 J2 4.0 80 400"
)
PARTS = ("outflow_m3", "lost_m3", "ponded_m3", "dried_m3", "stored_m3", "error_m3")


def closes(balance: dict[str, float]) -> bool:
    """Tell whether what came is what the parts add up to."""
    return sum(balance[part] for part in PARTS) == pytest.approx(balance["runoff_m3"], rel=1e-6)


@pytest.mark.parametrize("units", ["LPS", "CFS"])
def test_water_that_ponds_and_comes_back_has_left_the_pipes_all_the_same(tmp_path: Path, units: str) -> None:
    net = dr.read_network(inp(tmp_path / "pond.inp", body=PONDING, ALLOW_PONDING="YES", FLOW_UNITS=units))
    state = dr.simulate_swmm(net, storm() if units == "LPS" else rain(50.0, 720.0))
    nodes, balance = state.nodes, dict(state.balance)
    assert nodes["overflow_m3"]["J1"] > 1.0
    assert nodes["lost_m3"]["J1"] == 0.0
    assert 0.0 < nodes["ponded_peak_m3"]["J1"] <= nodes["overflow_m3"]["J1"] * 1.001
    assert nodes["lost_m3"]["J2"] == nodes["overflow_m3"]["J2"]
    assert nodes["ponded_peak_m3"]["J2"] == 0.0
    assert balance["overflow_m3"] == pytest.approx(nodes["overflow_m3"].sum(), rel=0.01)
    assert balance["lost_m3"] == pytest.approx(nodes["lost_m3"].sum(), rel=0.01, abs=0.1)
    assert closes(balance)
    assert abs(balance["error_m3"]) < 0.01 * balance["runoff_m3"]


def test_what_still_stands_at_the_end_is_told(tmp_path: Path) -> None:
    """The run ends in the middle of the flood: what stands above J1 is neither lost nor in the pipes."""
    body = PONDING.replace("RG1 INTENSITY 0:05", "RG1 INTENSITY 0:30").replace("TS1 1:00 0", "TS1 1:00 90\nTS1 2:00 0")
    path = inp(tmp_path / "pond.inp", body=body, ALLOW_PONDING="YES", END_TIME="01:15:00")
    state = dr.simulate_swmm(dr.read_network(path), None)
    assert state.balance["ponded_m3"] == pytest.approx(state.nodes["ponded_peak_m3"]["J1"], rel=0.25)
    assert state.balance["ponded_m3"] > 10.0
    assert closes(dict(state.balance))
    assert abs(state.balance["error_m3"]) < 0.02 * state.balance["runoff_m3"]


def test_either_engine_has_the_same_books() -> None:
    net = drain(
        ["a>b storm 300", "b>o storm 300"], {"a": 10.4, "b": 10.2, "o": 10.0}, ground=11.5,
        nodes={"area_ha": {"a": 1.0, "b": 1.0}},
    )  # fmt: skip
    screened, engine = dr.screen(net, rain()), dr.simulate_swmm(net, rain())
    for state in (screened, engine):
        assert closes(dict(state.balance))
        assert state.balance["lost_m3"] == state.balance["overflow_m3"] > 0.0
        assert state.nodes["overflow_m3"].sum() == pytest.approx(state.balance["overflow_m3"], rel=0.01)
    assert set(PARTS) | {"overflow_m3", "runoff_m3"} <= set(screened.balance) & set(engine.balance)


def test_an_ensemble_tells_what_left_the_pipes_lost_or_ponded(tmp_path: Path) -> None:
    net = dr.read_network(inp(tmp_path / "pond.inp", body=PONDING, ALLOW_PONDING="YES"))
    with ThreadPoolExecutor(1) as pool:
        found = run_ensemble(combine_runs({"": net}, [storm()], engine="swmm"), executor=pool)
    run = found.runs.iloc[0]
    assert run["overflow_nodes"] == int((found.nodes[1] > 0.0).sum())
    assert run["overflow_m3"] == pytest.approx(found.nodes[1].sum(), rel=0.01)
    assert 0.0 <= run["lost_m3"] < run["overflow_m3"]
    assert found.summary["most_overflow_m3"] == run["overflow_m3"]


def test_warnings_of_the_engine_are_found_once_and_those_of_its_steps_are_left_out() -> None:
    report = """
  WARNING 04: minimum elevation drop used for Conduit C1
  WARNING 03: negative offset ignored for Link C 2
  WARNING 03: negative offset ignored for Link C 2
  WARNING 01: wet weather time step reduced to recording interval for Rain Gage G
"""
    assert find_warnings(report) == (
        (4, "minimum elevation drop used for Conduit C1"),
        (3, "negative offset ignored for Link C 2"),
    )


def test_every_warning_that_changes_what_was_asked_is_an_issue(tmp_path: Path) -> None:
    """A gage that is coarser than its series, a steep conduit, and a crest below the invert downstream."""
    body = BODY.replace("TS1 0:00 10\nTS1 0:30 60", "TS1 0:00 10\nTS1 0:30 60").replace("C1 J1 J2 100", "C1 J1 J2 0.3")
    more = "[WEIRS]\nW1 J1 J3 TRANSVERSE 0 1.84 NO\n[XSECTIONS]\nW1 RECT_OPEN 0.5 1 0 0"
    more = more.replace("J1 J3 TRANSVERSE 0", "J3 J1 TRANSVERSE 0")
    state = dr.simulate_swmm(dr.read_network(inp(tmp_path / "w.inp", more, body=body)), None)
    said = state.issues.set_index("code")["feature_id"]
    assert said["engine_moved_crest"] == "W1"
    assert said["engine_changed_fall"] == "C1"
    assert "engine_coarse_rain" in said.index
    assert np.isfinite(state.nodes["overflow_m3"]).all()
