"""Outfalls and inlets of the layer of nodes that no pipe reaches are counted, with their distance."""

from __future__ import annotations

import geopandas as gpd
import pytest
import shapely

import drainage as dr


@pytest.mark.parametrize(("count", "away_m", "told"), [(6, 0.5, True), (5, 0.5, False), (6, 0.05, False)])
def test_outfalls_that_no_pipe_reaches_are_counted(count: int, away_m: float, told: bool) -> None:  # noqa: FBT001
    """So many pipes side by side, each with an outfall beyond its end; pipes meet nodes within 0.1 m."""
    lines = [shapely.LineString([(500000, 3710000 + 50 * k), (500040, 3710000 + 50 * k)]) for k in range(count)]
    pipes = gpd.GeoDataFrame({"system": ["storm"] * count}, geometry=lines, crs=4548)
    ends = [shapely.Point(500040 + away_m, 3710000 + 50 * k) for k in range(count)]
    nodes = gpd.GeoDataFrame({"node_id": [f"o{k}" for k in range(count)], "kind": "outfall"}, geometry=ends, crs=4548)
    issues = dr.as_network(pipes, nodes=nodes).issues
    found = issues[issues["code"] == "loose_nodes"]
    assert len(found) == told
    if told:
        assert "6 of 6 nodes of kind outfall" in found["reason"].iloc[0]
        assert "0.50 m in the median" in found["reason"].iloc[0]
        assert "tolerance_m=" in found["action"].iloc[0]
