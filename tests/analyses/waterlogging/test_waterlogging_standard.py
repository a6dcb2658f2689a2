"""Points by depth, duration and area: held against GB 50014-2021, 4.1.5, and laid on the ground."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from drainage.analyses.waterlogging import find_waterlogging
from drainage.analyses.waterlogging.standard import drain_down_limit_h, judge, raise_grades
from drainage.errors import SimulationError
from drainage.hydraulics.ponding import lane_depth_m
from drainage.simulation.screening.answer import Screening
from tests.analyses.waterlogging.test_dem_ponding import PLACES, basins, middle, overflowing
from tests.support.drains import of_engine


def points(**columns: list[Any]) -> gpd.GeoDataFrame:
    """Give points, 0.1 m deep in the gutter and gone when the rain ends, but for what is said."""
    count = len(next(iter(columns.values())))
    usual = {"lane_depth_m": 0.1, "drain_down_h": 0.0, "depth_source": "gutter", "ponding_area_m2": 50.0,
             "grade": "minor"}  # fmt: skip
    frame = pd.DataFrame({name: [value] * count for name, value in usual.items()} | columns)
    return gpd.GeoDataFrame(frame, geometry=gpd.points_from_xy([0.0] * count, [0.0] * count))


def with_times(state: Screening, standing_h: float, drain_down_h: float) -> Screening:
    """Let water stand so long at each node."""
    times = {"standing_h": standing_h, "drain_down_h": drain_down_h, "begins_h": 0.5, "ends_h": 0.5 + standing_h}
    standing = state.standing.assign(**times)
    return replace(state, standing=standing)


def test_the_lane_at_the_crown_is_shallower_than_the_gutter() -> None:
    """12 m wide: the lane of 3.5 m ends 2.5 m from the gutter, 3.75 cm above it; 7 m: at the gutter; dry: 0."""
    assert lane_depth_m([0.15, 0.15, 0.03], [12.0, 7.0, 12.0]).tolist() == pytest.approx([0.1125, 0.15, 0.0])


@pytest.mark.parametrize(("kind", "limit_h"), [("central", 3.0), ("outer", 4.0), ("important", 2.0), ("hub", 0.5)])
def test_the_time_to_drain_is_that_of_the_area(kind: str, limit_h: float) -> None:
    assert drain_down_limit_h(kind) == limit_h


def test_within_the_standard_are_points_shallow_and_short() -> None:
    """Limits: 15 cm and 3 h, both included; what is too deep needs no time."""
    table = points(lane_depth_m=[0.15, 0.151, 0.15, 0.1, 0.2], drain_down_h=[3.0, 0.0, 3.01, np.nan, np.nan])
    judge(table, limit_h=3.0, large_area_m2=1000.0)
    assert table["within_standard"].tolist() == ["yes", "no", "no", "unknown", "no"]


def test_long_and_large_points_have_the_next_grade() -> None:
    """Large is what the raster says: the area of the gutters follows from the road that was assumed."""
    table = points(
        grade=["minor", "moderate", "severe", "major", "minor"],
        drain_down_h=[3.5, 0.0, 9.0, 0.0, np.nan],
        depth_source=["gutter", "gutter", "gutter", "dem", "dem"],
        ponding_area_m2=[50.0, 5000.0, 50.0, 1001.0, 1000.0],
    )
    judge(table, limit_h=3.0, large_area_m2=1000.0)
    assert table["grade"].tolist() == ["moderate", "moderate", "severe", "severe", "minor"]


def test_no_points_have_no_grades() -> None:
    assert raise_grades(np.empty(0, dtype=object), np.zeros(0, dtype=np.bool_)).tolist() == []


def test_a_point_on_the_ground_has_the_depth_and_area_of_its_pond() -> None:
    """26 m³ at a spill into two more basins, but a stands in its own: 4 m deep, 4 m²."""
    state = of_engine(overflowing({"a": 26.0}, **PLACES))
    point = find_waterlogging(state, dem=basins()).points.loc["L1"]
    assert (point["depth_m"], point["lane_depth_m"], point["ponding_area_m2"]) == (4.0, 4.0, 4.0)
    assert (point["depth_source"], point["volume_m3"]) == ("dem", 26.0)
    assert find_waterlogging(state).points["depth_source"].tolist() == ["gutter"]


def test_nodes_that_feed_one_pond_are_one_point() -> None:
    """Nodes a and c merge their basins: 24 m³ on 3 cells, 6 spill; by the pipes they are two, for b is dry."""
    state = of_engine(overflowing({"a": 6.0, "c": 24.0}, a=middle(3), b=middle(1), c=middle(5)))
    found = find_waterlogging(state, dem=basins())
    assert found.overflow_nodes["point_id"].to_dict() == {"a": "L1", "c": "L1"}
    assert found.overflow_nodes["pond_id"].to_dict() == {"a": "S1", "c": "S1"}
    assert found.points[["volume_m3", "ponding_area_m2", "worst_node"]].to_numpy().tolist() == [[30.0, 12.0, "c"]]
    assert len(found.ponds) == 2
    assert "ponding on <Dem" in found.summary["assumptions"]["ground"]
    assert len(find_waterlogging(state, least_depth_m=0.0).points) == 2


def test_water_that_leaves_the_raster_stands_in_the_gutters() -> None:
    state = of_engine(overflowing({"a": 8.0, "c": 30.0}, a=middle(1), b=middle(3), c=middle(6)))
    found = find_waterlogging(state, dem=basins(), least_depth_m=0.0)
    assert found.points.set_index("worst_node")["depth_source"].to_dict() == {"a": "dem", "c": "gutter"}


def test_duration_is_that_of_the_longest_node() -> None:
    point = find_waterlogging(with_times(overflowing({"a": 8.0}, **PLACES), 1.5, 0.25), dem=basins()).points.loc["L1"]
    assert (point["duration_min"], point["drain_down_h"]) == (90.0, 0.25)


@pytest.mark.parametrize(
    ("begins", "ends", "hours", "told"),
    [
        ({"a": 0.5, "b": 0.5}, {"a": 1.0, "b": 1.5}, {"a": 0.5, "b": 1.0}, (30.0, 90.0, 60.0)),
        ({"a": 0.5, "b": 1.5}, {"a": 1.0, "b": 2.0}, {"a": 0.5, "b": 0.5}, (30.0, 120.0, 30.0)),
        ({"a": 0.50049, "b": 0.50049}, {"a": 0.53466, "b": 0.53466}, {"a": 0.03417, "b": 0.03417}, (30.0, 32.1, 2.1)),
    ],
)
def test_the_duration_lies_between_beginning_and_end(
    begins: dict[str, float], ends: dict[str, float], hours: dict[str, float], told: tuple[float, float, float]
) -> None:
    """One pond of two nodes: together, one after the other, and with times that are rounded each."""
    state = overflowing({"a": 8.0, "b": 8.0}, a=middle(1), b=middle(1), c=middle(5))
    times = {"begins_h": begins, "ends_h": ends, "standing_h": hours}
    standing = state.standing.assign(**{name: state.standing.index.map(value) for name, value in times.items()})
    point = find_waterlogging(replace(state, standing=standing), dem=basins()).points.loc["L1"]
    assert [point[name] for name in ("begins_min", "ends_min", "duration_min")] == pytest.approx(told)


def test_another_engine_knows_how_long_nodes_overflow() -> None:
    """Nothing is known of the time after the rain: a shallow point stays unknown."""
    state = overflowing({"a": 8.0}, **PLACES)
    nodes = state.nodes.assign(overflow_h=0.5)
    other = of_engine(replace(state, nodes=nodes))
    found = find_waterlogging(other, road_width_m=40.0, least_depth_m=0.0)
    assert found.points["duration_min"].tolist() == [30.0]
    assert found.points["drain_down_h"].isna().all()
    assert found.points["within_standard"].tolist() == ["unknown"]
    assert "the engine loses what overflows" in found.summary["assumptions"]["duration"]
    blind = replace(other, nodes=nodes.drop(columns="overflow_h"))
    assert find_waterlogging(blind, least_depth_m=0.0).points["duration_min"].isna().all()


@pytest.mark.parametrize(
    ("changed", "column"),
    [
        ({"area_type": "central"}, "within_standard"),
        ({"large_area_m2": 3.0}, "grade"),
        ({"dem": None}, "depth_m"),
    ],
)
def test_each_keyword_changes_the_answer(changed: dict[str, Any], column: str) -> None:
    """0.1 m on one cell of 4 m², gone 3.5 h after the rain: too late in the centre, in time outside it."""
    state = with_times(overflowing({"a": 0.4}, **PLACES), 4.0, 3.5)
    usual: dict[str, Any] = {"dem": basins(), "least_depth_m": 0.0, "area_type": "outer"}
    before = find_waterlogging(state, **usual).points[column].tolist()
    assert before != find_waterlogging(state, **(usual | changed)).points[column].tolist()


def test_an_unknown_kind_of_area_is_refused() -> None:
    with pytest.raises(SimulationError, match="expected central, outer, important, hub"):
        find_waterlogging(overflowing({}, **PLACES), area_type="moon")


def test_the_summary_counts_verdicts() -> None:
    found = find_waterlogging(overflowing({"a": 26.0}, **PLACES), dem=basins())
    assert found.summary["within_standard"] == {"yes": 0, "no": 1, "unknown": 0}
    assert "3 h after the rain (central" in found.summary["assumptions"]["standard"]
