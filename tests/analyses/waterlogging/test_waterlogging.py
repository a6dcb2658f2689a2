"""Waterlogging points on small streets: depth, grade, groups, reports and causes, worked by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from drainage.analyses.waterlogging import LAID_SINCE, NOT_EXPLAINED, find_waterlogging
from drainage.analyses.waterlogging.causes import name_causes
from drainage.analyses.waterlogging.points import grade as grade_of
from drainage.errors import CrsError
from drainage.formats.rain.storm_formula import storm_formula
from drainage.hydraulics.ponding import ponding_depth_m, ponding_width_m
from drainage.hydraulics.rainfall import DesignStorm, ObservedStorm
from drainage.network import DrainageNetwork
from drainage.simulation.screening.answer import Screening
from drainage.simulation.screening.screen import screen
from drainage.simulation.screening.without import CAUSES
from drainage.simulation.state import FlowState
from tests.support.drains import drain, of_engine, rain, with_layer

if TYPE_CHECKING:
    from collections.abc import Sequence


X0, Y0 = 500_000.0, 3_700_000.0


def street(
    roads: Sequence[str | None] = ("磬山路",) * 3,
    *,
    period_a: float = 5.0,
    area_ha: float = 0.6,
    ground: float = 11.6,
    synthetic: bool = False,
) -> Screening:
    """Screen ``a─300─b─300─c─300─d``, 100 m and 0.2 m of fall each, ground everywhere at one level.

    At P = 5 a all three manholes overflow; d is the outfall.
    """
    net = drain(
        ["a>b storm 300", "b>c storm 300", "c>d storm 300"],
        {"a": 10.6, "b": 10.4, "c": 10.2, "d": 10.0},
        ground=ground,
        nodes={"area_ha": dict.fromkeys("abc", area_ha)},
        places={name: (X0 + 100.0 * k, Y0) for k, name in enumerate("abcd")},
        road=list(roads),
    )
    if synthetic:
        net = DrainageNetwork(net.pipes, net.nodes, synthetic=True)
    return screen(net, rain(period_a))


def flooding(state: FlowState, **overflow_m3: float) -> FlowState:
    """Let so much overflow as another engine might say, without a screening beside it."""
    nodes = state.nodes.assign(overflow_m3=pd.Series(overflow_m3).reindex(state.nodes.index).fillna(0.0))
    return of_engine(replace(state, nodes=nodes.assign(overflows=nodes["overflow_m3"] > 0.0)))


def seen(*spots: tuple[float, float], crs: int | None = 4548) -> gpd.GeoDataFrame:
    """Reports at metres from a."""
    frame = gpd.GeoDataFrame(geometry=[shapely.Point(X0 + x, Y0 + y) for x, y in spots], crs=crs)
    frame.index = frame.index.map("R{}".format)
    return frame


def test_a_report_older_than_the_pipes_there_speaks_of_another_network() -> None:
    """Both reports are missed; the pipes were laid on 2019-06-01, between them."""
    dry = street(area_ha=0.01)
    laid = dry.network.pipes.assign(commissioned=pd.Timestamp("2019-06-01"))
    state = screen(dry.network.replace(pipes=laid), dry.storm)
    reports = seen((0.0, 0.0), (0.0, 0.0)).assign(date=pd.to_datetime(["2018-07-01", "2020-07-01"]))
    found = find_waterlogging(state, sightings=reports)
    assert found.reports["explanation"].tolist() == [LAID_SINCE, NOT_EXPLAINED]
    assert found.reports["match"].tolist() == ["superseded", "missed"]
    assert found.summary[["reported", "misses", "superseded"]].tolist() == [2, 1, 1]


def test_neighbours_on_one_road_are_one_point_as_deep_as_the_deepest_of_them() -> None:
    """a, b, c have half of each pipe at them: 50, 100 and 100 m of road, 12 m wide."""
    state = street()
    found = find_waterlogging(state)
    assert state.nodes.loc[["a", "b", "c"], "overflows"].all()
    volume, stretch_m = state.nodes.loc[["a", "b", "c"], "overflow_m3"], np.array([50.0, 100.0, 100.0])
    depth = ponding_depth_m(volume, stretch_m, np.full(3, 12.0))
    point = found.points.loc["L1"]
    assert len(found.points) == 1
    assert point["volume_m3"] == pytest.approx(volume.sum(), abs=0.05)
    assert point["depth_m"] == pytest.approx(depth.max(), abs=5e-4)
    assert found.overflow_nodes["depth_m"].tolist() == pytest.approx(depth.tolist())
    assert point["ponding_area_m2"] == pytest.approx((stretch_m * ponding_width_m(depth, 12.0)).sum(), abs=0.5)
    assert point["nodes"] == "a, b, c"
    assert (point["road"], point["node_count"]) == ("磬山路", 3)
    assert point["worst_node"] == state.nodes["overflow_m3"].idxmax()
    assert point.geometry == state.network.nodes.geometry[point["worst_node"]]


def test_a_trace_beside_a_point_makes_it_no_shallower() -> None:
    """1 m³ at b, 100 m of road, joins 60 m³ at a, 50 m."""
    state = street()
    alone, beside = (
        find_waterlogging(flooding(state, a=60.0, b=trace_m3, c=0.0)).points["depth_m"] for trace_m3 in (0.0, 1.0)
    )
    assert alone.tolist() == beside.tolist() == pytest.approx([float(ponding_depth_m(60.0, 50.0, 12.0))], abs=5e-4)


@pytest.mark.parametrize(
    ("depth_m", "grade"),
    [
        (0.05, "minor"),
        (0.149, "minor"),
        (0.15, "moderate"),
        (0.30, "major"),
        (0.499, "major"),
        (0.50, "severe"),
        (2.0, "severe"),
    ],
)
def test_grades_begin_at_their_depths(depth_m: float, grade: str) -> None:
    """0.15 m is the limit of GB 50014-2021, 4.1.5 for one lane."""
    assert grade_of(np.array([depth_m])).tolist() == [grade]


def test_another_road_is_another_point() -> None:
    """The road of a node is that of the pipe that leaves it."""
    found = find_waterlogging(street(["磬山路", "杨河路", "杨河路"]))
    assert found.points["road"].sort_values().tolist() == ["杨河路", "磬山路"]
    assert found.overflow_nodes["road"].to_dict() == {"a": "磬山路", "b": "杨河路", "c": "杨河路"}


def test_points_are_ranked_by_their_volume() -> None:
    points = find_waterlogging(street(["磬山路", "杨河路", "凤山路"])).points
    assert points.index.tolist() == ["L1", "L2", "L3"]
    assert points["rank"].tolist() == [1, 2, 3]
    assert points["volume_m3"].is_monotonic_decreasing


def test_a_dry_city_has_no_points_and_still_all_tables() -> None:
    found = find_waterlogging(street(area_ha=0.01), sightings=seen((0.0, 0.0)))
    assert (len(found.points), len(found.overflow_nodes), len(found.pipes)) == (0, 0, 3)
    assert found.nodes["overflow_m3"].tolist() == [0.0] * 4
    assert found.reports["match"].tolist() == ["missed"]
    assert found.summary["points"] == found.summary["hits"] == found.summary["false_alarms"] == 0
    assert found.summary["volume_m3"] == 0.0


def test_a_point_begins_at_the_smallest_return_period_that_floods_it() -> None:
    """Searched by screening at each period: the first at which any of its manholes overflows."""
    periods = (0.5, 1.0, 2.0, 3.0)
    points = find_waterlogging(street(area_ha=0.15), least_depth_m=0.0).points
    first = next(p for p in periods if street(area_ha=0.15, period_a=p).nodes["overflows"].any())
    assert first == 1.0
    assert points["begins_at_return_period_a"].tolist() == [first]


def test_a_report_near_a_point_is_a_hit_and_any_other_is_not_explained() -> None:
    """R0 is 30 m beside b, R1 150 m: b's point explains the first."""
    found = find_waterlogging(street(), sightings=seen((100.0, 30.0), (100.0, 150.0)))
    assert found.reports["match"].to_dict() == {"R0": "hit", "R1": "missed"}
    assert found.reports["computed_depth_m"].iloc[0] == found.points["depth_m"].iloc[0]
    assert np.isnan(found.reports["computed_depth_m"].iloc[1])
    assert found.reports["distance_m"].tolist() == [30.0, 150.0]
    assert found.reports["point_id"].tolist()[0] == "L1"
    assert found.reports["point_id"].isna().tolist() == [False, True]
    assert found.reports.loc["R1", "explanation"] == NOT_EXPLAINED
    assert found.points["reported"].tolist() == ["hit"]
    assert found.summary[["reported", "hits", "misses", "false_alarms"]].tolist() == [2, 1, 1, 0]


def test_a_point_that_nobody_reported_is_a_false_alarm() -> None:
    found = find_waterlogging(street(["磬山路", "杨河路", "杨河路"]), sightings=seen((-60.0, 0.0)))
    assert found.points.set_index("road")["reported"].to_dict() == {"磬山路": "hit", "杨河路": "false_alarm"}
    assert found.summary["false_alarms"] == 1


def test_without_reports_nothing_is_said_of_hits() -> None:
    found = find_waterlogging(street())
    assert found.summary["false_alarms"] is None
    assert found.points["reported"].isna().all()
    assert len(found.reports) == 0


def test_reports_in_degrees_are_placed_in_metres() -> None:
    found = find_waterlogging(street(), sightings=seen((100.0, 30.0)).to_crs(4326))
    assert found.reports["distance_m"].tolist() == [30.0]


def test_reports_that_cannot_be_placed_are_refused() -> None:
    with pytest.raises(CrsError, match="no CRS"):
        find_waterlogging(street(), sightings=seen((0.0, 0.0), crs=None))


@pytest.mark.parametrize(
    ("changed", "table", "column"),
    [
        ({"match_distance_m": 20.0}, "reports", "match"),
        ({"sightings": None}, "reports", "match"),
        ({"least_depth_m": 1.0}, "overflow_nodes", "grade"),
        ({"road_width_m": 40.0}, "points", "depth_m"),
        ({"return_periods_a": (3.0,)}, "points", "begins_at_return_period_a"),
    ],
)
def test_each_keyword_changes_the_answer(changed: dict[str, object], table: str, column: str) -> None:
    usual: dict[str, object] = {"sightings": seen((100.0, 30.0))}
    state = street()
    before = find_waterlogging(state, **usual).tables[table][column].tolist()  # type: ignore[arg-type] # one each
    after = find_waterlogging(state, **(usual | changed)).tables[table][column].tolist()  # type: ignore[arg-type] # alike
    assert before != after


def test_shallow_groups_stay_in_the_nodes() -> None:
    found = find_waterlogging(street(), least_depth_m=1.0)
    assert len(found.points) == 0
    assert found.overflow_nodes["grade"].tolist() == ["shallow"] * 3
    assert found.overflow_nodes["point_id"].isna().all()
    assert found.summary["overflow_nodes"] == found.summary["overflow_nodes_outside_points"] == 3
    assert found.summary["overflow_outside_points_m3"] == found.summary["volume_m3"] > 0.0


def test_the_width_of_a_road_is_that_of_its_layer() -> None:
    roads = gpd.GeoDataFrame(
        {"road": ["磬山路", "磬山路"], "width_m": [20.0, 30.0]},
        geometry=[shapely.LineString([(0, 0), (1, 0)])] * 2,
        crs=4548,
    )
    state = street()
    wide = replace(state, network=with_layer(state.network, roads=roads))
    assert find_waterlogging(wide).overflow_nodes["road_width_m"].tolist() == [25.0] * 3
    assert find_waterlogging(state).overflow_nodes["road_width_m"].tolist() == [12.0] * 3
    assert (find_waterlogging(wide).points["depth_m"] < find_waterlogging(state).points["depth_m"]).all()


def test_the_cause_is_named_with_its_evidence_in_both_languages() -> None:
    """Three pipes of 300 mm where 600 mm are needed."""
    point = find_waterlogging(street()).points.loc["L1"]
    assert point["cause"] == "own_capacity"
    assert point["evidence"].startswith("with its own pipes enlarged: ")
    assert point["evidence_zh"].startswith("消除本段管径不足可减少")
    assert 0.0 < point["avoided_own_capacity_m3"] <= point["volume_m3"]


@pytest.mark.parametrize(
    ("share", "cause"),
    [
        ({"silt": 0.97, "own_capacity": 1.0}, "silt"),
        ({"silt": 0.4, "own_capacity": 0.6}, "own_capacity"),
        ({"tailwater": 0.6, "adverse_slope": 0.56}, "adverse_slope"),
        ({"low_ground": 0.6, "downstream_bottleneck": 0.9}, "downstream_bottleneck"),
        ({"tailwater": 0.4}, "tailwater"),
        ({"own_capacity": 0.049}, "unexplained"),
        ({}, "unexplained"),
    ],
)
def test_the_cause_avoids_most_and_what_is_broken_comes_first_of_those_that_avoid_as_much(
    share: dict[str, float], cause: str
) -> None:
    """As much: within 5 % of the point's water; less than 5 % is no cause."""
    row = dict.fromkeys(CAUSES, 0.0) | share
    assert name_causes(pd.DataFrame([row])).tolist() == [cause]


def test_the_causes_are_a_table_in_both_languages_and_the_evidence_is_its_words() -> None:
    found = find_waterlogging(street(["磬山路", "杨河路", "杨河路"]))
    causes = found.causes
    first = causes[causes["rank"] == 1].set_index("point_id")
    assert first["cause"].to_dict() == found.points["cause"].to_dict()
    for language, column, mark in (("en", "evidence", "; "), ("zh", "evidence_zh", "；")):
        texts = causes.groupby("point_id")[f"text_{language}"].agg(mark.join)
        assert texts.to_dict() == found.points[column].to_dict()
    assert (causes["share_pct"] >= 5.0).all()
    by_column = [
        found.points[f"avoided_{cause}_m3"][point_id]
        for cause, point_id in zip(causes["cause"], causes["point_id"], strict=True)
    ]
    assert causes["avoided_m3"].tolist() == pytest.approx(by_column, abs=0.051)


def test_a_point_that_no_remedy_helps_is_unexplained_in_words() -> None:
    """No pipe at all leaves the ground of a manhole whose pipe is a trickle: three of it are a trickle too."""
    net = drain(["a>b storm 100"], {"a": 10.4, "b": 10.2}, ground=11.0, nodes={"area_ha": {"a": 3.0}})
    found = find_waterlogging(screen(net, rain(5)))
    assert found.points["cause"].tolist() == ["unexplained"]
    assert found.points["evidence"].str.contains("no remedy tried avoids 5 %").all()
    assert found.summary["by_cause"]["unexplained"] == 1
    assert found.causes["avoided_m3"].isna().all()


def test_points_beyond_the_budget_say_that_causes_were_not_looked_for() -> None:
    found = find_waterlogging(street(), most_reruns=0.0)
    assert found.points["cause"].tolist() == ["unexplained"]
    assert found.points["evidence"].str.startswith("not looked for").all()
    assert found.summary["causes_not_looked_for"] == 1


def test_the_summary_adds_up_and_says_what_was_assumed() -> None:
    found = find_waterlogging(street(["磬山路", "杨河路", "杨河路"]))
    assert found.summary["points"] == sum(found.summary["by_grade"].values()) == sum(found.summary["by_cause"].values())
    assert found.summary["volume_m3"] == pytest.approx(found.overflow_nodes["overflow_m3"].sum(), abs=0.05)
    assert found.summary["return_period_a"] == 5.0
    assert "12 m wide where the width is unknown" in found.summary["assumptions"]["ponding"]
    assert "inlet_time_min" in found.summary["assumptions"]


def test_what_lies_in_no_point_is_said() -> None:
    """The deepest street is a point; what the others hold stands beside it, so that the sums meet."""
    state = street(["磬山路", "杨河路", "凤山路"])
    depth = find_waterlogging(state).points["depth_m"]
    found = find_waterlogging(state, least_depth_m=float(depth.max()) - 0.001)
    assert 1 <= len(found.points) < 3
    outside = found.overflow_nodes[found.overflow_nodes["point_id"].isna()]
    assert found.summary["overflow_nodes_outside_points"] == len(outside) > 0
    assert found.summary["overflow_outside_points_m3"] == pytest.approx(outside["overflow_m3"].sum(), abs=0.05)
    total = found.points["volume_m3"].sum() + found.summary["overflow_outside_points_m3"]
    assert found.summary["volume_m3"] == pytest.approx(total, abs=0.05 * (len(found.points) + 2))


def test_synthetic_data_are_marked() -> None:
    assert find_waterlogging(street()).notice is None
    assert "Synthetic" in str(find_waterlogging(street(synthetic=True)).notice)


def test_a_state_of_another_engine_without_a_screening_has_points_but_no_causes() -> None:
    found = find_waterlogging(of_engine(street()))
    assert found.points["volume_m3"].tolist() == find_waterlogging(street()).points["volume_m3"].tolist()
    assert set(found.points["cause"]) == {"unexplained"}
    assert found.points["evidence"].str.contains("so it shows no cause").all()


def test_every_pipe_tells_the_return_period_that_it_carries() -> None:
    """DN300 at 2 ‰ holds 0.0432 m³/s; 0.1 hm² of Ψ = 1 at a, b and c; full at 0.61 m/s, 2.7 min a pipe.

    a─b: q(10) is 397 at 5 a and 524 at 20 a, times 0.1; b─c: q(12.7) is 169 at 0.5 a and 284 at 2 a, times 0.2;
    c─d: q(15.4) is 155 at 0.5 a, times 0.3, in L/s.
    """
    found = find_waterlogging(street(area_ha=0.1), return_periods_a=(0.5, 2.0, 20.0))
    carries = found.pipes["carries_return_period_a"]
    assert carries.to_dict() == {"p0": 5.0, "p1": 0.5, "p2": 0.0}
    assert found.summary["pipes_km_by_carried_return_period_a"] == {"0": 0.1, "0.5": 0.1, "5": 0.1}
    drawn = next(layer for layer in found.layers if layer.theme == "capacity")
    assert drawn.frame["carries_return_period_a"].tolist() == carries.tolist()
    assert found.cells("pipes")["carries_return_period_a"].tolist() == carries.tolist()


def test_rain_of_a_gauge_carries_no_return_period() -> None:
    gauge = ObservedStorm(np.array([0.0, 60.0]), np.array([30.0]), "gauge")
    found = find_waterlogging(screen(street().network, gauge))
    assert found.pipes["carries_return_period_a"].isna().all()
    assert found.summary["pipes_km_by_carried_return_period_a"] == {}


def test_return_periods_for_which_the_formula_is_not_given_are_not_tried() -> None:
    """Shenzhen's intervals begin at 1 a."""
    storm = DesignStorm(storm_formula("shenzhen-central"), 5.0, 120.0)
    found = find_waterlogging(screen(street().network, storm), return_periods_a=(0.5, 1.0, 5.0))
    assert found.points["begins_at_return_period_a"].tolist() == [1.0]
    assert found.pipes["carries_return_period_a"].max() <= 5.0


def test_a_point_tells_when_it_begins_and_ends() -> None:
    """From the first water of its nodes to the last, from the start of the rain; the end is a lower bound."""
    state = street()
    point = find_waterlogging(state).points.loc["L1"]
    times = state.standing.loc[["a", "b", "c"]] * 60.0
    assert point["begins_min"] == pytest.approx(times["begins_h"].min(), abs=0.05)
    assert point["ends_min"] == pytest.approx(times["ends_h"].max(), abs=0.05)
    assert 0.0 < point["begins_min"] < state.storm.peak_min < point["ends_min"]
    assert point["ends_min"] - point["begins_min"] >= point["duration_min"] - 1.0
    assert bool(point["ends_at_least"])


def test_the_doubt_of_a_point_is_that_of_all_its_nodes() -> None:
    state = flooding(street(), a=60.0, b=10.0, c=5.0)
    doubt = pd.Series({"a": "fork", "b": "pump, fork", "c": None}).reindex(state.nodes.index)
    point = find_waterlogging(replace(state, nodes=state.nodes.assign(doubt=doubt))).points.loc["L1"]
    assert point["doubt"] == "fork, pump"
    assert find_waterlogging(state).points["doubt"].tolist() == [None]


PERIODS_A = (1.0, 3.0, 5.0, 10.0, 20.0, 50.0)


def test_water_never_falls_as_the_rain_grows() -> None:
    """Every stretch of road at 1 to 50 a: no shallower at the larger return period, nor all water less."""
    deepest, whole = pd.Series(0.0, ["a", "b", "c"]), 0.0
    for period in PERIODS_A:
        found = find_waterlogging(street(period_a=period, area_ha=0.3), return_periods_a=PERIODS_A)
        nodes = found.overflow_nodes
        depth = nodes["point_id"].map(found.points["depth_m"]).astype(float).reindex(deepest.index).fillna(0.0)
        assert (depth >= deepest).all()
        assert found.summary["volume_m3"] >= whole
        assert (nodes["begins_at_return_period_a"] <= period).all()
        deepest, whole = depth, found.summary["volume_m3"]
    assert (deepest > 0.05).all()
