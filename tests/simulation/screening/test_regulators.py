"""Screening at weirs and pumps, and of pipes higher than the ground: worked by hand, constant inflow and no rain."""

from __future__ import annotations

import numpy as np
import pytest

import drainage as dr
from tests.support.drains import drain, rain


def side_weir(flow_m3s: float, *, crest_m: float, link_type: str = "weir", below_m: float = 5.0) -> dr.DrainageNetwork:
    """Draw ``a ─DN600, flat, 100 m─> b`` and a weir ``a ─> c``; the ground stands at 20 m, water at c as given."""
    net = drain(
        ["a>b storm 600", "a>c storm 600"],
        {"a": 10.0, "b": 10.0, "c": 5.0},
        ground=20.0,
        nodes={"inflow_m3s": {"a": flow_m3s}, "area_ha": {"a": 1e-9}, "water_level_m": {"b": 10.0, "c": below_m}},
        link_type=["conduit", link_type],
    )
    pipes = net.pipes
    pipes.loc["p1", ["invert_from_m", "diameter_mm", "length_m"]] = [crest_m, np.nan, 0.0]
    return net.replace(pipes=pipes)


def test_a_weir_takes_what_the_pipe_beside_it_cannot() -> None:
    """Held at the crest, 12 m, the pipe passes K √((12 - 10.54) / 100) = 6.140 x 0.12083 = 0.742 m³/s of 2 m³/s."""
    state = dr.screen(side_weir(2.0, crest_m=12.0), rain())
    assert state.pipes["passed_m3s"].tolist() == pytest.approx([0.742, 1.258], abs=0.002)
    assert state.nodes["level_m"]["a"] == pytest.approx(12.0, abs=0.1)
    assert state.nodes["overflow_m3"].sum() == 0.0


def test_a_weir_below_whose_crest_the_water_stays_takes_nothing() -> None:
    state = dr.screen(side_weir(0.5, crest_m=12.0), rain())
    assert state.pipes["passed_m3s"].tolist() == pytest.approx([0.5, 0.0], abs=1e-6)


def test_a_drowned_weir_holds_the_water_at_the_level_below_it() -> None:
    """Water at c stands at 14 m: the pipe passes K √((14 - 10.54) / 100) = 1.142 m³/s."""
    state = dr.screen(side_weir(2.0, crest_m=12.0, below_m=14.0), rain())
    assert state.pipes["passed_m3s"]["p0"] == pytest.approx(1.142, abs=0.002)


def test_a_pipe_as_high_as_a_weir_shares_the_water() -> None:
    """Without the mark of a weir the same link of no size is one more way: half of the water goes it."""
    state = dr.screen(side_weir(0.5, crest_m=12.0, link_type="conduit"), rain())
    assert state.pipes["passed_m3s"].tolist() == pytest.approx([0.25, 0.25], abs=1e-6)


def pumped(*, link_type: str = "pump", kind: str = "manhole") -> dr.DrainageNetwork:
    """Draw ``a ─DN600─> u ─pump─> w ─DN600─> o``: the river stands at 13 m, above the ground of a, 12 m; dams at w."""
    net = drain(
        ["a>u storm 600", "u>w storm 600", "w>o storm 600"],
        {"a": 10.0, "u": 9.5, "w": 12.0, "o": 11.5},
        ground={"a": 12.0, "u": 14.0, "w": 20.0, "o": 20.0},
        nodes={"inflow_m3s": {"a": 0.1}, "area_ha": {"a": 1e-9}, "water_level_m": {"o": 13.0}},
        link_type=["conduit", link_type, "conduit"],
    )
    nodes, pipes = net.nodes, net.pipes
    nodes.loc["u", ["kind", "kind_source"]] = [kind, "recorded"]
    if link_type == "pump":
        pipes.loc["p1", ["diameter_mm", "invert_from_m", "invert_to_m", "length_m"]] = [np.nan, np.nan, np.nan, 0.0]
    return net.replace(pipes=pipes, nodes=nodes)


def test_no_grade_line_is_passed_back_through_a_pump() -> None:
    """Without a pump the river stands 1 m above a, which then takes no water."""
    assert dr.screen(pumped(link_type="conduit"), rain()).nodes["overflows"]["a"]
    state = dr.screen(pumped(), rain())
    assert not state.nodes["overflows"].any()
    assert 10.0 < state.nodes["level_m"]["a"] < 10.6
    assert state.nodes["level_m"]["w"] > 13.0


def test_a_node_that_pumps_does_so_too() -> None:
    state = dr.screen(pumped(link_type="conduit", kind="pump"), rain())
    assert state.nodes["level_m"]["a"] < 10.6


def test_a_pipe_higher_than_the_ground_is_a_channel() -> None:
    """3 m of water in a section of 15 m drive its part-full flow, though the crown stands above the ground."""
    net = drain(
        ["a>b storm 15000"],
        {"a": 10.0, "b": 9.0},
        ground={"a": 13.0, "b": 25.0},
        nodes={"inflow_m3s": {"a": 5.0}, "area_ha": {"a": 1e-9}},
    )
    state = dr.screen(net, rain())
    assert not state.nodes["overflows"].any()
    assert state.pipes["passed_m3s"].tolist() == pytest.approx([5.0])
