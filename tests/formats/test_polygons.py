"""Ground that counts once, and none for nodes without a place: areas worked by hand.

a ---> b ---> c          100 m a pipe; squares of 1 ha beside it
"""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely

import drainage as dr
from drainage.formats.polygons import share_once
from drainage.simulation.ground.catchments import ground_of
from drainage.simulation.setup import Setup
from tests.support.networks import build
from tests.support.said import said_codes

E, N = 551000.0, 3712000.0
SQUARE = shapely.box(E, N, E + 100, N + 100)
BOW = shapely.Polygon([(E, N), (E + 100, N + 100), (E + 100, N), (E, N + 100)])


def pipes() -> gpd.GeoDataFrame:
    places = [(E + 100 * i, N) for i in range(3)]
    table = {"from_node": ["a", "b"], "to_node": ["b", "c"], "system": "storm"}
    return gpd.GeoDataFrame(table, geometry=[shapely.LineString(places[i : i + 2]) for i in range(2)], crs=4548)


def polygons(*shapes: shapely.Geometry | None, **columns: object) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {"id": [f"k{i}" for i in range(len(shapes))], **columns}, geometry=np.array(shapes, dtype=object), crs=4548
    )


def total_ha(net: dr.DrainageNetwork, catchments: gpd.GeoDataFrame | None = None) -> float:
    carries = np.ones(len(net.pipes), np.bool_)
    ground = ground_of(net, Setup(catchments=catchments), carries)
    return float(ground.area_ha.sum())


class TestShareOnce:
    def test_the_smaller_of_two_keeps_what_both_cover(self) -> None:
        inner = shapely.box(E, N, E + 50, N + 100)
        once = share_once(np.array([SQUARE, inner]))
        assert shapely.area(once.shapes).tolist() == pytest.approx([5000.0, 5000.0])
        assert once.given_to.tolist() == [1, -1]

    def test_of_equal_ones_the_first_keeps_it(self) -> None:
        once = share_once(np.array([SQUARE, SQUARE, SQUARE]))
        assert once.shapes[0] == SQUARE
        assert once.shapes[1:].tolist() == [None, None]
        assert once.given_m2.tolist() == [0.0, 10000.0, 10000.0]

    def test_neighbours_keep_their_border(self) -> None:
        beside = shapely.box(E + 99.999, N, E + 200, N + 100)
        once = share_once(np.array([SQUARE, beside, None]))
        assert once.given_to.tolist() == [-1, -1, -1]

    def test_three_that_overlap_in_turn_cover_what_they_cover_together(self) -> None:
        row = [shapely.box(E + 40 * i, N, E + 40 * i + 100 - i, N + 100) for i in range(3)]
        once = share_once(np.array(row))
        assert shapely.area(once.shapes).sum() == pytest.approx(shapely.union_all(row).area)

    def test_a_bow_is_its_two_wings(self) -> None:
        once = share_once(np.array([BOW]))
        assert once.crossed.tolist() == [True]
        assert once.shapes[0].area == pytest.approx(5000.0)

    def test_parts_of_one_that_overlap_count_once(self) -> None:
        both = shapely.MultiPolygon([SQUARE, shapely.box(E + 50, N, E + 150, N + 100)])
        assert share_once(np.array([both])).shapes[0].area == pytest.approx(15000.0)


class TestCatchments:
    def test_two_upon_each_other_are_counted_once_and_said(self) -> None:
        net = dr.as_network(pipes(), catchments=polygons(SQUARE, SQUARE))
        assert total_ha(net) == pytest.approx(1.0)
        said = net.issues[net.issues["code"] == "overlaps"]
        assert "overlaps" in said_codes(net.issues)
        assert said["feature_id"].tolist() == ["k1"]
        assert said["reason"].tolist() == ["1 ha of it also lie in k0"]

    def test_one_that_crosses_itself_has_its_ground(self) -> None:
        net = dr.as_network(pipes(), catchments=polygons(BOW))
        assert total_ha(net) == pytest.approx(0.5)
        assert "crosses_itself" in said_codes(net.issues)

    def test_those_that_python_hands_over_are_counted_once_too(self) -> None:
        net = dr.as_network(pipes())
        assert total_ha(net, polygons(SQUARE, SQUARE)) == pytest.approx(1.0)
        assert total_ha(net, polygons(SQUARE, SQUARE, area_ha=[2.0, 2.0])) == pytest.approx(2.0)

    def test_a_recorded_area_that_contradicts_the_polygon_is_said(self) -> None:
        net = dr.as_network(pipes(), catchments=polygons(SQUARE, None, area_ha=[3.0, 0.7], node_id=["a", "b"]))
        assert net.catchments is not None
        assert net.catchments["area_ha"].tolist() == pytest.approx([1.0, 0.7])
        assert net.issues.loc[net.issues["code"] == "area_differs", "feature_id"].tolist() == ["k0"]
        assert "area_differs" in said_codes(net.issues)

    def test_a_line_is_no_ground(self) -> None:
        net = dr.as_network(pipes(), catchments=polygons(SQUARE, SQUARE.exterior))
        assert total_ha(net) == pytest.approx(1.0)
        assert "not_a_polygon" in said_codes(net.issues)

    def test_one_far_from_every_storm_node_is_left_out_and_said(self) -> None:
        far = shapely.box(E + 5000, N, E + 5100, N + 100)
        net = dr.as_network(pipes(), catchments=polygons(SQUARE, far))
        carries = np.ones(len(net.pipes), np.bool_)
        ground = ground_of(net, Setup(), carries)
        assert ground.area_ha.sum() == pytest.approx(1.0)
        assert "1 left out" in ground.origin

    def test_a_node_may_be_written_otherwise(self) -> None:
        net = dr.as_network(pipes(), catchments=polygons(SQUARE, node_id=["Ｂ"]))
        carries = np.ones(len(net.pipes), np.bool_)
        ground = ground_of(net, Setup(), carries)
        assert ground.area_ha.tolist() == pytest.approx([0.0, 1.0, 0.0])


def test_blocks_upon_each_other_are_counted_once() -> None:
    net = dr.as_network(pipes(), blocks=polygons(SQUARE, SQUARE))
    assert total_ha(net) == pytest.approx(1.0)
    assert "overlaps" in set(net.issues["code"])


class TestNodesWithoutAPlace:
    """a → b is drawn, x → y → z only recorded: the ground is that of a → b alone."""

    @pytest.fixture(params=[1, 2])
    def net(self, request: pytest.FixtureRequest) -> dr.DrainageNetwork:
        drawn = pipes().head(request.param)
        lost = gpd.GeoDataFrame(
            {"from_node": ["x", "y"], "to_node": ["y", "z"], "system": "storm"},
            geometry=np.array([None, None]),
            crs=4548,
        )
        both = gpd.pd.concat([drawn, lost], ignore_index=True)
        return dr.as_network(both.assign(diameter_mm=600, invert_from_m=19.8, invert_to_m=19.6, ground_from_m=23.0))

    def test_they_get_no_ground_and_it_is_said(self, net: dr.DrainageNetwork) -> None:
        carries = np.ones(len(net.pipes), np.bool_)
        found = ground_of(net, Setup(), carries)
        alone = net.of_system("storm").upstream_of("b" if "c" not in net.nodes.index else "c")
        assert found.area_ha.sum() == pytest.approx(total_ha(alone))
        assert found.area_ha[net.node_positions(["x", "y", "z"])].tolist() == [0.0, 0.0, 0.0]
        assert "none to 2 storm nodes without a location" in found.origin

    def test_blocks_pass_them_over(self, net: dr.DrainageNetwork) -> None:
        net = net.replace(layers={"blocks": polygons(SQUARE)})
        assert total_ha(net) == pytest.approx(1.0)

    def test_every_question_is_answered(self, net: dr.DrainageNetwork, tmp_path: Path) -> None:
        storm = dr.DesignStorm(dr.read_storm_formula("demo"), 3, 60)
        report = dr.analyze(net, storm=storm)
        report.write(tmp_path / "out")
        assert len(report.results["waterlogging"].tables["points"]) == 0
        dr.write_network(net, tmp_path / "net.gpkg")
        assert dr.read_network(tmp_path / "net.gpkg").nodes.geometry.isna().sum() == 3
        dr.check_quality(net)
        dr.plan_inspection(net, budget=3)


def test_a_network_of_the_tests_has_its_places() -> None:
    assert total_ha(build(["a>b storm"], places={"a": (0, 0), "b": (100, 0)})) > 1.0
