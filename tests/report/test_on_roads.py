"""What lies on a contractor's roads.

a ──p0── b ──p1── c ──p2── d        p0, p1 on 人民路, p2 on 解放路; a belongs to 人民路 alone, c to both, d to 解放路
"""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from drainage.network import DrainageNetwork
from drainage.report import rows_on_roads
from tests.support.networks import build


@pytest.fixture
def net() -> DrainageNetwork:
    places = {name: (500_000.0 + 100 * k, 3_700_000.0) for k, name in enumerate("abcd")}
    return build(
        ["a>b storm 300", "b>c storm 300", "c>d storm 300"], places=places, road=["人民路", "人民 路", "解放路"]
    )


def on(net: DrainageNetwork, *roads: str, index: str = "id", **columns: Sequence[object]) -> list[bool]:
    table = pd.DataFrame(columns)
    table.index = pd.Index([f"x{k}" for k in range(len(table))], name=index)
    return list(rows_on_roads(table, roads, net))


def test_pipes_by_their_road_whatever_its_width_and_blanks(net: DrainageNetwork) -> None:
    assert list(rows_on_roads(net.pipes, ["人民路"], net)) == [True, True, False]
    assert list(rows_on_roads(net.pipes, ["人 民路", "解放路"], net)) == [True, True, True]


def test_the_road_that_is_named_goes_before_the_pipe(net: DrainageNetwork) -> None:
    first, _, last = net.pipes.index
    roads = ["解放路", None, "", "人民路", None]
    assert on(net, "人民路", road=roads, pipe_id=[first, first, first, last, last]) == [False, True, True, True, False]


def test_a_road_of_no_pipe_has_nothing(net: DrainageNetwork) -> None:
    for road in ("无此路", ""):
        assert list(rows_on_roads(net.pipes, [road], net)) == [False] * 3
        assert on(net, road, road=["", None]) == [False, False]


def test_nodes_at_the_ends_of_their_pipes(net: DrainageNetwork) -> None:
    for nodes in (net.nodes, net.nodes.assign(road=None), net.nodes.drop(columns="road", errors="ignore")):
        assert list(nodes.index[rows_on_roads(nodes, ["人民路"], net)]) == ["a", "b", "c"]


def test_findings_by_the_pipe_or_node_that_they_name(net: DrainageNetwork) -> None:
    pipes = list(net.pipes.index)
    assert on(net, "解放路", pipe_id=[pipes[0], pipes[2], None]) == [False, True, False]
    assert on(net, "解放路", node_id=["a", "c", "d"]) == [False, True, True]


def test_issues_by_what_they_are_about(net: DrainageNetwork) -> None:
    pipes = list(net.pipes.index)
    kinds, about = ["pipe", "pipe", "node", "node", "file"], [pipes[0], pipes[2], "a", "d", "人民路.geojson"]
    assert on(net, "人民路", feature_kind=kinds, feature_id=about) == [True, False, True, False, False]


def test_what_names_nothing_lies_nowhere(net: DrainageNetwork) -> None:
    assert on(net, "人民路", volume_m3=[1.0, 2.0]) == [False, False]
    assert list(rows_on_roads(gpd.GeoDataFrame(geometry=[shapely.Point(500_000, 3_700_000)]), ["人民路"], net)) == [
        False
    ]
