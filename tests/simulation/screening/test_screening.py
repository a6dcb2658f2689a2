"""Quick screening: flows and grade lines worked by hand, and what must hold of any storm."""

from __future__ import annotations

import math

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from drainage.errors import SimulationError
from drainage.hydraulics import manning
from drainage.network import DrainageNetwork
from drainage.simulation.screening.answer import screening_of
from drainage.simulation.screening.return_periods import carried_return_period
from drainage.simulation.screening.routing import grade_lines
from drainage.simulation.screening.screen import screen
from drainage.simulation.setup import Setup
from tests.support.drains import as_plan, drain, of_engine, rain, with_layer
from tests.support.networks import build

#: Conveyance of DN600, n = 0.013: K = A R^(2/3) / n = 0.28274 x 0.28231 / 0.013, m³/s.
K600 = 6.140
FLAT = {"a": 10.0, "b": 10.0, "c": 10.0}


def steady(flow_m3s: float, **settings_: object) -> DrainageNetwork:
    """Two flat pipes DN600 of 100 m, ``a──b──c``, with a constant inflow at a and no rain."""
    ground = settings_.get("ground", 20.0)
    assert isinstance(ground, float | dict)
    nodes = {"inflow_m3s": {"a": flow_m3s, "b": 0.0, "c": 0.0}, "area_ha": {"a": 1e-9, "b": 0.0, "c": 0.0}}
    if "water" in settings_:
        nodes["water_level_m"] = {"c": float(str(settings_["water"]))}
    return drain(["a>b storm 600", "b>c storm 600"], FLAT, ground=ground, nodes=nodes)


# ---------------------------------------------------------------- rational method


def test_three_pipes_in_a_row_carry_what_the_rational_method_says() -> None:
    """``a──b──c──d``, flat (0.4 m/s), 120 m each: 5 min a pipe; 1 hm² with Ψ = 1 at a, b and c; t1 = 10 min.

    q = 1600 (1 + 0.846 lg 3) / (t + 7)^0.656 = 2245.83 / (t + 7)^0.656 at 10, 15, 20 min: 350.1, 295.6, 258.5;
    times ΣΨF = 1, 2, 3: 350.1, 591.3, 775.4 L/s.
    """
    net = drain(
        ["a>b storm 600", "b>c storm 600", "c>d storm 600"],
        dict.fromkeys("abcd", 10.0),
        ground=20.0,
        nodes={"area_ha": dict.fromkeys("abc", 1.0)},
        length_m=[120.0] * 3,
    )
    flow = screen(net, rain(3)).pipes["flow_m3s"]
    assert (1000.0 * flow).tolist() == pytest.approx([350.1, 591.3, 775.4], abs=0.05)


def test_a_small_slow_area_does_not_reduce_the_flow_of_a_large_quick_one() -> None:
    """``a──c──d`` and ``b──c``: 10 hm² at a, quick; 0.1 hm² at b behind 1440 m at 0.4 m/s, 60 min.

    All of it: q(70) x 10.1 = 2245.83 / 77^0.656 x 10.1 = 1313 L/s; a alone: q(10) x 10 = 3502 L/s, which counts.
    """
    net = drain(
        ["a>c storm 1500", "b>c storm 300", "c>d storm 1500"],
        dict.fromkeys("abcd", 10.0),
        ground=20.0,
        nodes={"area_ha": {"a": 10.0, "b": 0.1}},
        length_m=[0.001, 1440.0, 100.0],
    )
    flow = screen(net, rain(3)).pipes["flow_m3s"]
    assert flow["p2"] == pytest.approx(3.502, abs=0.001)


def test_constant_inflows_add_to_the_flow() -> None:
    assert screen(steady(0.3), rain()).pipes["flow_m3s"].tolist() == pytest.approx([0.3, 0.3], abs=1e-6)


def test_capacity_is_that_of_the_full_pipe_by_its_slope() -> None:
    """DN600, i = 0.001, n = 0.013: 0.19417 m³/s; with 1 hm², 0.3502 / 0.19417 = 1.804 times full."""
    net = drain(["a>b storm 600"], {"a": 10.1, "b": 10.0}, ground=20.0, nodes={"area_ha": {"a": 1.0}})
    pipe = screen(net, rain(3)).pipes.loc["p0"]
    assert pipe["capacity_m3s"] == pytest.approx(0.19417, abs=1e-5)
    assert pipe["utilisation"] == pytest.approx(1.804, abs=0.001)
    assert bool(pipe["surcharged"])


def test_an_adverse_pipe_has_no_capacity_and_no_utilisation() -> None:
    net = drain(["a>b storm 600"], {"a": 10.0, "b": 10.1}, ground=20.0, nodes={"area_ha": {"a": 0.1}})
    pipes = screen(net, rain()).pipes
    assert pipes["capacity_m3s"].tolist() == [0.0]
    assert pipes["surcharged"].tolist() == [True]
    assert pipes["utilisation"].isna().all()


# ---------------------------------------------------------------- grade line


def test_the_grade_line_rises_from_the_outfall_by_friction() -> None:
    """Q = 0.3 m³/s, drowned outfall at 12 m: each pipe costs (0.3 / 6.140)² x 100 = 0.2387 m: 12.239, 12.477 m."""
    level = screen(steady(0.3, water=12.0), rain()).nodes["level_m"]
    loss = (0.3 / K600) ** 2 * 100.0
    assert level.tolist() == pytest.approx([12.0 + 2 * loss, 12.0 + loss, 12.0], abs=0.002)


def test_a_free_outfall_starts_half_way_from_critical_depth_to_crown() -> None:
    """Width A/D = 0.4712 m, q = 0.6366 m²/s, d_c = (q²/g)^(1/3) = 0.3457 m; (d_c + D)/2 = 0.4729 m.

    At b 10.4729 + 0.2387 = 10.712 m, above the crown of 10.6 m; at a 10.950 m.
    """
    level = screen(steady(0.3), rain()).nodes["level_m"]
    assert level[["b", "a"]].tolist() == pytest.approx([10.712, 10.950], abs=0.002)


def test_a_part_full_steep_pipe_runs_at_normal_depth() -> None:
    """DN600 at 1 %: full 0.614 m³/s; 0.307 m³/s is half of it, h/D = 0.5: 0.3 m above 11 m; the curve says 0.33 m."""
    nodes = {"inflow_m3s": {"a": 0.307}, "area_ha": {"a": 1e-9}}
    net = drain(["a>b storm 600"], {"a": 11.0, "b": 10.0}, ground=20.0, nodes=nodes)
    assert screen(net, rain()).nodes.loc["a", "level_m"] == pytest.approx(11.3, abs=0.04)


def test_where_the_line_would_rise_above_ground_the_rest_overflows() -> None:
    """Tailwater 12 m, ground at a 12.2 m: b takes Q = K √(0.1 / 100), half of 0.2 m: 0.1942; 0.3 - 0.1942 spills.

    For 190 min (the storm and seven times t1 of its tail): 0.1058 x 11 400 = 1207 m³.
    """
    node = screen(steady(0.3, water=12.0, ground={"a": 12.2, "b": 20.0, "c": 20.0}), rain()).nodes.loc["a"]
    assert bool(node["overflows"])
    assert node["level_m"] == 12.2
    assert node["freeboard_m"] == 0.0
    assert node["overflow_m3"] == pytest.approx(1207.0, rel=0.02)


def test_ground_just_above_the_line_stays_dry() -> None:
    """The line at a is 12.477 m."""
    ground = {"a": 12.5, "b": 20.0, "c": 20.0}
    nodes = screen(steady(0.3, water=12.0, ground=ground), rain()).nodes
    assert not nodes["overflows"].any()
    assert nodes.loc["a", "freeboard_m"] == pytest.approx(12.5 - 12.477, abs=0.002)


@given(st.floats(0.0, 1.0))
def test_the_part_full_curve_of_the_sweeps_is_close_to_the_circle(depth_share: float) -> None:
    """0.46 - 0.5 cos(πx) + 0.04 cos(2πx) rises to 1 and lies below the circle by at most a tenth of the full flow."""
    exact = min(float(manning.circular_part_flow(depth_share)[1]), 1.0)
    quick = grade_lines.flow_share(depth_share)
    assert exact - 0.11 < quick < exact + 0.01
    assert grade_lines.depth_share(quick) == pytest.approx(depth_share, abs=0.03)


# ---------------------------------------------------------------- where water may not get lost


def test_a_fork_and_parallel_pipes_lose_no_water() -> None:
    """``a═b``, b to c and to d, both to e: all of the rain on a arrives at e."""
    net = drain(
        ["a>b storm 600", "a>b storm 400", "b>c storm 600", "b>d storm 300", "c>e storm 800", "d>e storm 800"],
        {"a": 13.0, "b": 12.0, "c": 11.0, "d": 11.0, "e": 10.0},
        ground=20.0,
        nodes={"area_ha": {"a": 1.0}},
    )
    state = screen(net, rain(3))
    assert state.balance["overflow_m3"] == 0.0
    assert state.balance["outflow_m3"] == pytest.approx(10.0 * rain(3).depth_mm, rel=0.02)
    flow = state.pipes["flow_m3s"]
    assert flow["p0"] + flow["p1"] == pytest.approx(0.3502, abs=1e-4)
    assert flow["p0"] / flow["p1"] == pytest.approx(1.5 ** (8 / 3))
    assert flow["p2"] + flow["p3"] == pytest.approx(flow["p0"] + flow["p1"], rel=0.05)


def test_a_pipe_that_is_full_sends_the_rest_through_its_neighbour() -> None:
    """Both pipes from a lead to outfalls; one is drowned to 0.1 m below ground: the other takes the rest."""
    net = drain(
        ["a>b storm 600", "a>c storm 600"],
        {"a": 10.0, "b": 10.0, "c": 10.0},
        ground={"a": 12.0, "b": 20.0, "c": 20.0},
        nodes={"inflow_m3s": {"a": 0.5}, "water_level_m": {"b": 11.9}, "area_ha": {"a": 1e-9}},
    )
    state = screen(net, rain())
    assert state.balance["overflow_m3"] == pytest.approx(0.0, abs=1.0)
    assert state.pipes.loc["p1", "passed_m3s"] == pytest.approx(0.5 - K600 * math.sqrt(0.1 / 100.0), abs=0.002)


def test_water_on_a_cycle_is_not_lost() -> None:
    """``a──b──c──b`` with the way out ``c──d``: the nodes of the cycle are not judged, the water arrives."""
    net = drain(
        ["a>b storm 600", "b>c storm 600", "c>b storm 600", "c>d storm 600"],
        {"a": 13.0, "b": 12.0, "c": 11.0, "d": 10.0},
        ground=20.0,
        nodes={"area_ha": {"a": 1.0}},
    )
    state = screen(net, rain(3))
    assert state.balance["outflow_m3"] == pytest.approx(10.0 * rain(3).depth_mm, rel=0.02)
    assert state.nodes["judged"].to_dict() == {"a": True, "b": False, "c": False, "d": True}


def test_answers_do_not_depend_on_where_the_town_lies() -> None:
    """Shifted by 1000 km; the ground is shared out by the raster."""
    row = {"a": (0.0, 0.0), "b": (100.0, 0.0), "c": (200.0, 0.0)}
    far = {name: (x + 1e6, y + 1e6) for name, (x, y) in row.items()}
    states = [
        screen(drain(["a>b storm", "b>c storm"], {"a": 10.4, "b": 10.2, "c": 10.0}, ground=11.0, places=p), rain())
        for p in (row, far)
    ]
    assert states[0].nodes["overflow_m3"].tolist() == pytest.approx(states[1].nodes["overflow_m3"].tolist())
    assert states[0].pipes["flow_m3s"].tolist() == pytest.approx(states[1].pipes["flow_m3s"].tolist())


# ---------------------------------------------------------------- keyword arguments, inputs that are missing, errors


BED = {"a": 10.4, "b": 10.2, "c": 10.0}
PLACES = {"a": (0.0, 0.0), "b": (100.0, 0.0), "c": (200.0, 0.0)}
CATCHMENTS = gpd.GeoDataFrame({"node_id": ["a"]}, geometry=[shapely.box(0, 0, 100, 300)], crs=4548)


@pytest.mark.parametrize(
    "changed",
    [
        {"catchments": CATCHMENTS},
        {"tailwater_m": 11.5},
        {"runoff_coefficient": 0.9},
        {"inlet_time_min": 5.0},
        {"served_distance_m": 80.0},
    ],
)
def test_each_keyword_changes_the_answer(changed: dict[str, float | gpd.GeoDataFrame]) -> None:
    net = drain(["a>b storm 400", "b>c storm 400"], BED, ground=12.0, places=PLACES)
    usual, other = screen(net, rain()), screen(net, rain(), Setup(**changed))  # type: ignore[arg-type]  # one each
    assert other.nodes["level_m"].tolist() != pytest.approx(usual.nodes["level_m"].tolist(), abs=1e-3)


def test_a_recorded_water_level_comes_before_the_given_one_and_that_before_the_river() -> None:
    """The river's flood level is 10.9 m, 100 m from the outfall c."""
    river = gpd.GeoDataFrame({"flood_level_m": [10.9]}, geometry=[shapely.LineString([(300, -9), (300, 9)])], crs=4548)
    net = with_layer(
        drain(["a>b storm 400", "b>c storm 400"], BED, ground=12.0, places=PLACES, nodes={"area_ha": {"a": 0.1}}),
        waterways=river,
    )
    recorded = net.replace(nodes=net.nodes.assign(water_level_m=[np.nan, np.nan, 11.3]))
    assert screen(net, rain()).nodes.loc["c", "level_m"] == 10.9
    assert screen(net, rain(), Setup(tailwater_m=11.1)).nodes.loc["c", "level_m"] == 11.1
    assert screen(recorded, rain(), Setup(tailwater_m=11.1)).nodes.loc["c", "level_m"] == 11.3


def test_nodes_without_ground_and_pipes_without_levels_are_not_judged() -> None:
    """``a──b──c──d``: the pipe from a has no size, b has no ground; sewage is not simulated at all."""
    net = drain(
        ["a>b storm", "b>c storm", "c>d storm", "x>y sewage"],
        {"a": 10.6, "b": 10.4, "c": 10.2, "d": 10.0, "x": 10.0, "y": 10.0},
        ground={"a": 11.0, "c": 11.0, "d": 11.0, "x": 11.0, "y": 11.0},
        nodes={"area_ha": {"a": 5.0}},
        diameter_mm=[np.nan, 300.0, 300.0, 300.0],
    )
    state = screen(net, rain())
    assert state.nodes["judged"].tolist() == [False, False, True, True, False, False]
    assert state.pipes["judged"].tolist() == [False, True, True, False]
    assert state.nodes["overflows"].tolist() == [False, False, True, False, False, False]
    assert state.pipes.loc["p3", ["flow_m3s", "passed_m3s"]].isna().all()
    assert "1 storm pipes without size or levels, 2 storm nodes" in state.assumptions["not_judged"]


def test_a_pipe_full_of_silt_floods_rather_than_counts_as_unknown() -> None:
    net = drain(["a>b storm 600"], {"a": 10.2, "b": 10.0}, ground=12.0, nodes={"area_ha": {"a": 1.0}}, silt_share=[1.0])
    state = screen(net, rain())
    assert state.nodes["judged"].all()
    assert state.balance["overflow_m3"] > 0.95 * state.balance["runoff_m3"]


def test_what_was_assumed_is_said() -> None:
    told = screen(drain(["a>b storm"], {"a": 10.2, "b": 10.0}, ground=12.0, places=PLACES), rain(1)).assumptions
    assert told["manning_n"].startswith("recorded 1, by material 0, assumed 0.014 0 pipes")
    assert "free outfall" in told["tailwater"]
    assert "outside 2-100 a" in told["storm"]
    assert "ground within 50 m of storm pipes" in told["catchments"]


def test_a_network_without_storm_pipes_is_refused() -> None:
    with pytest.raises(SimulationError, match="no storm, combined or unknown pipe"):
        screen(build(["a>b sewage"]), rain())


def test_a_network_without_ground_is_refused() -> None:
    with pytest.raises(SimulationError, match="pass catchments"):
        screen(as_plan(build(["a>b storm"])), rain())


@pytest.mark.parametrize(
    "wrong", [{"runoff_coefficient": 1.1}, {"inlet_time_min": 0.0}, {"served_distance_m": math.nan}]
)
def test_a_parameter_that_cannot_be_meant_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(SimulationError, match=next(iter(wrong))):
        screen(build(["a>b storm"]), rain(), Setup(**wrong))  # type: ignore[arg-type]  # numbers only


# ---------------------------------------------------------------- from which return period on, and up to which one


def test_a_pipe_carries_the_return_periods_whose_design_flow_it_holds() -> None:
    """DN600, i = 0.001: 0.1942 m³/s; 0.55 hm²: q(10) = 350.1 at 3 a and 396.8 at 5 a: 0.1926 and 0.2182 m³/s."""
    net = drain(["a>b storm 600"], {"a": 10.1, "b": 10.0}, ground=20.0, nodes={"area_ha": {"a": 0.55}})
    state = screen(net, rain(50))
    assert carried_return_period(state)["p0"] == 3.0
    assert carried_return_period(state, return_periods_a=(5, 10))["p0"] == 0.0
    assert carried_return_period(state, return_periods_a=(1, 2))["p0"] == 2.0


def test_a_pipe_without_a_size_carries_nobody_knows_what_and_an_adverse_one_nothing() -> None:
    """``a─b`` rises, ``b─c`` has no size, ``c─d`` is a pump, ``d─e`` falls."""
    net = drain(
        ["a>b storm 600", "b>c storm 600", "c>d storm 600", "d>e storm 1500"],
        {"a": 9.0, "b": 9.1, "c": 9.0, "d": 8.9, "e": 8.0},
        ground=20.0,
        nodes={"area_ha": {"a": 0.1}},
        diameter_mm=[600.0, math.nan, 600.0, 1500.0],
        link_type=["conduit", "conduit", "pump", "conduit"],
    )
    carries = carried_return_period(screen(net, rain(3)))
    assert carries.tolist() == pytest.approx([0.0, math.nan, math.nan, 50.0], nan_ok=True)


def test_a_state_of_another_engine_cannot_be_asked_again() -> None:
    """Unless a screening of the same network stands beside it."""
    screening = screen(steady(0.1), rain())
    state = of_engine(screening)
    other = screen(drain(["x>y storm 600"], {"x": 10.0, "y": 10.0}, ground=20.0, nodes={"area_ha": {"x": 1.0}}), rain())
    assert screening_of(state) is None
    assert screening_of(screening) is screening_of(state, screening) is screening
    with pytest.raises(SimulationError, match="another network"):
        screening_of(state, other)


def test_a_state_says_in_one_line_what_it_found() -> None:
    text = repr(screen(steady(0.3, water=12.0, ground={"a": 12.2, "b": 20.0, "c": 20.0}), rain()))
    assert text.startswith("<FlowState screening: 2 pipes surcharged, 1 of 3 judged nodes overflow 1,")
