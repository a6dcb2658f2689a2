"""Sightings beside a report. Truth: what `find_waterlogging` tells of the same reports as it is computed with them."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest
import shapely

import drainage as dr
from drainage.report import compare_sightings, with_sightings
from tests.support.served_town import STORM, dry, flooded, town_network
from tests.support.streets import CRS, X0, Y0, with_layers


def sightings(*places: tuple[float, float], day: str = "2024-06-01") -> gpd.GeoDataFrame:
    """Give sightings at places in m from the corner of the town, in degrees."""
    index = pd.Index([f"R{k}" for k in range(len(places))], name="report_id", dtype="str")
    points = [shapely.Point(X0 + x, Y0 + y) for x, y in places]
    table = {"date": pd.Timestamp(day), "depth_m": 0.3}
    return gpd.GeoDataFrame(table, index=index, geometry=points, crs=CRS).to_crs(4326)


def test_it_tells_what_the_computation_tells_of_the_same_reports() -> None:
    seen = sightings((200.0, 10.0), (560.0, 95.0), (560.0, 500.0), (0.0, 800.0))
    net = town_network()
    computed = dr.analyze(with_layers(net, reports=seen.to_crs(CRS)), storm=STORM).results["waterlogging"]
    told = compare_sightings(flooded(), seen)
    for name in ("hits", "misses", "superseded", "false_alarms"):
        assert told.summary[name] == computed.summary[name], name
    pd.testing.assert_series_equal(told.sightings["point_id"], computed.tables["reports"]["point_id"])
    pd.testing.assert_series_equal(told.points["reported"], computed.tables["points"]["reported"])
    assert told.summary["hits"] == told.points["sightings"].sum() == 2


def test_the_distance_within_which_one_is_explained_counts() -> None:
    seen = sightings((560.0, 95.0))
    assert [compare_sightings(flooded(), seen, match_distance_m=m).summary["hits"] for m in (100.0, 50.0)] == [1, 0]


def test_nothing_seen_is_no_false_alarm() -> None:
    told = compare_sightings(flooded(), sightings((0.0, 0.0)).iloc[:0])
    assert (told.summary["sightings"], told.summary["false_alarms"], told.summary["points"]) == (0, 0, 2)


@pytest.mark.long
def test_where_no_water_was_computed_there_is_nothing_beside_it() -> None:
    with pytest.raises(dr.errors.NotKnownError, match="no waterlogging points"):
        compare_sightings(dry(), sightings((0.0, 0.0)))


@pytest.mark.long
def test_they_come_into_the_network_once_beside_the_reports_that_it_has() -> None:
    first = with_sightings(flooded(), sightings((200.0, 10.0)))
    both = with_sightings(first, sightings((200.0, 10.0), (560.0, 95.0)))
    layer = both.network.layers["reports"]
    assert (list(layer.index), layer.crs) == (["R0", "R1"], both.network.crs)
    assert both.state is not None
    assert both.state.network is both.network
    assert "reports" not in flooded().network.layers
    again = dr.analyze(both.network, storm=STORM)
    assert again.results["waterlogging"].summary["hits"] == 2
