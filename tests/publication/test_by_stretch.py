"""Water by stretch: classes rounded up, the worst of each stretch, what lies on no road counted and not lost."""

from __future__ import annotations

from functools import cache

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

import drainage as dr
from drainage.errors import CrsError
from drainage.publication.by_stretch import MOST, places_under_water, stretches_of, up_to, water_on
from drainage.publication.town import Town, town_of
from tests.support.drains import rain
from tests.support.streets import CRS, X0, Y0, flooded_town, roads


@pytest.fixture(scope="module")
def town() -> Town:
    return town_of(flooded_town())


def wet(
    *spots: tuple[str | None, float, float], depth_m: float = 0.2, minutes: float = 20.0, after_h: float = 0.0
) -> gpd.GeoDataFrame:
    """Give places under water: name of the road, and m from the corner of the town; a point each."""
    frame = gpd.GeoDataFrame(
        {"road": [road for road, _, _ in spots], "depth_m": depth_m, "duration_min": minutes, "drain_down_h": after_h},
        geometry=[shapely.Point(X0 + x, Y0 + y) for _, x, y in spots], crs=CRS,
    )  # fmt: skip
    return frame.assign(point=range(len(spots)))


def place(town: Town, road: str, begins_m: float) -> int:
    """Give the number of the stretch of a road whose western or southern end is there."""
    start = shapely.bounds(town.lines)[:, :2] - (X0, Y0)
    rows = np.flatnonzero(town.road == town.names.index(road))
    return int(rows[np.abs(start[rows].max(axis=1) - begins_m).argmin()])


@pytest.mark.parametrize(
    ("cm", "steps"),
    [(0.0, 0), (0.1, 1), (5.0, 1), (5.0 + 1e-9, 1), (5.04, 1), (5.06, 2), (20.0, 4), (900.0, MOST), (float("nan"), 0)],
)
def test_depth_is_told_up_to_the_next_5_cm_after_rounding_to_a_millimetre(cm: float, steps: int) -> None:
    assert up_to(np.array([cm]), 5.0).tolist() == [steps]


def test_times_are_told_up_to_the_next_quarter_and_the_next_ten_minutes(town: Town) -> None:
    water = water_on(town, wet(("人民路", 100.0, 0.0), minutes=31.0, after_h=0.35))
    at = place(town, "人民路", 0.0)
    assert (water.depth[at], water.time[at], water.after[at]) == (4, 3, 3)  # 20 cm, 45 min, 30 min


def test_the_worst_of_a_stretch_counts(town: Town) -> None:
    both = pd.concat(
        [wet(("人民路", 100.0, 0.0), depth_m=0.1, minutes=50.0), wet(("人民路", 200.0, 0.0), depth_m=0.3, minutes=5.0)]
    )
    water = water_on(town, gpd.GeoDataFrame(both, crs=CRS))
    at = place(town, "人民路", 0.0)
    assert (water.depth[at], water.time[at], int((water.depth > 0).sum())) == (6, 4, 1)


def test_a_place_at_a_corner_belongs_to_its_own_road(town: Town) -> None:
    """The manhole of 一巷 8 m north of 人民路 is nearer to 人民路, and is told of 一巷."""
    (stretch,) = stretches_of(town, wet(("一巷", 303.0, 1.0)))
    assert town.names[town.road[stretch]] == "一巷"


@pytest.mark.parametrize("name", ["人民路（辅路）", " 人民路 ", "人民路辅路"])
def test_a_service_lane_is_its_road(town: Town, name: str) -> None:
    (stretch,) = stretches_of(town, wet((name, 700.0, 20.0)))
    assert town.names[town.road[stretch]] == "人民路"


def test_a_place_without_the_name_of_a_road_belongs_to_the_street_beside_it(town: Town) -> None:
    near, unknown, far = stretches_of(town, wet((None, 100.0, 25.0), ("无此路", 100.0, 25.0), (None, 100.0, 45.0)))
    assert near == unknown == place(town, "人民路", 0.0)
    assert far == -1


def test_a_place_far_from_its_road_is_not_put_on_it(town: Town) -> None:
    assert stretches_of(town, wet(("人民路", 100.0, 3000.0))).tolist() == [-1]


def test_a_place_on_a_lane_too_short_to_be_told_belongs_to_the_street_that_it_leaves() -> None:
    net = flooded_town()
    short = town_of(net, roads(("人民路", None, [(0, 0), (900, 0)]), ("一巷", None, [(300, 0), (300, 100)])))
    assert stretches_of(short, wet(("一巷", 300.0, 95.0), ("二巷", 300.0, 95.0))).tolist() == [0, -1]


def test_places_on_no_road_are_counted_by_points_and_not_lost(town: Town) -> None:
    """Point 0 has one node on a street, point 1 none: one point is not on the page."""
    spots = wet(("人民路", 100.0, 0.0), (None, 100.0, 400.0), (None, 150.0, 400.0)).assign(point=[0, 0, 1])
    water = water_on(town, spots)
    assert (water.unplaced, int((water.depth > 0).sum())) == (1, 1)


def test_a_place_without_position_is_counted(town: Town) -> None:
    lost = wet(("人民路", 100.0, 0.0))
    lost = lost.set_geometry(gpd.GeoSeries([shapely.Point()], crs=CRS))
    assert water_on(town, lost).unplaced == 1


def test_no_place_at_all_is_a_dry_town(town: Town) -> None:
    water = water_on(town, wet())
    assert (water.unplaced, int(water.depth.sum())) == (0, 0)


def test_places_in_another_crs_are_refused(town: Town) -> None:
    with pytest.raises(CrsError):
        water_on(town, wet(("人民路", 100.0, 0.0)).to_crs(4326))


def test_a_point_over_several_stretches_wets_each_of_them(town: Town) -> None:
    """The points of the town reach along 人民路 from 60 to 800 m: three stretches, not that of the worst node only."""
    found = dr.find_waterlogging(dr.screen(flooded_town(), rain(5.0)))
    water = water_on(town, places_under_water(found.places("points"), found.places("overflow_nodes")))
    assert {town.names[road] for road in town.road[water.depth > 0]} == {"人民路"}
    assert int((water.depth > 0).sum()) > len(found.points)


def test_the_pond_of_a_raster_is_as_deep_everywhere() -> None:
    """Of a point on a raster the depth of its pond counts, not that of the gutters of its nodes."""
    found = dr.find_waterlogging(dr.screen(flooded_town(), rain(5.0)))
    points = found.places("points").assign(depth_source="dem", depth_m=0.77)
    assert set(places_under_water(points, found.places("overflow_nodes"))["depth_m"]) == {0.77}


@given(st.lists(st.sampled_from([1.0, 2.0, 3.0, 5.0, 10.0, 20.0]), min_size=2, max_size=2, unique=True))
def test_the_depth_of_a_node_never_falls_as_the_rain_grows(periods: list[float]) -> None:
    """What `find_waterlogging` promises of the return periods that it tries: the worst of all storms up to this one."""
    less, more = (_depth_by_node(period) for period in sorted(periods))
    assert (more >= less - 1e-9).all()


@cache
def _depth_by_node(period_a: float) -> pd.Series:
    state = dr.screen(flooded_town(), rain(period_a))
    found = dr.find_waterlogging(state).tables["overflow_nodes"]["depth_m"]
    return found.reindex(state.nodes.index).fillna(0.0)
