"""The town of a layer of roads: what is a street, what is left out, and what is refused with a remedy."""

from __future__ import annotations

from typing import cast

import geopandas as gpd
import numpy as np
import pyproj
import pytest
import shapely

from drainage.errors import CrsError, DrainageError, NotKnownError
from drainage.network import DrainageNetwork
from drainage.publication.drawing import UNIT_M, drawn, evenly
from drainage.publication.town import Town, town_of
from tests.support.networks import as_plan
from tests.support.streets import CRS, X0, Y0, flooded_town, roads, with_layers


def town(layer: gpd.GeoDataFrame) -> Town:
    return town_of(with_layers(flooded_town(), roads=layer))


def test_streets_are_cut_at_their_crossings_and_sorted_by_pinyin() -> None:
    """beihuan, erxiang, renmin, sanxiang, yixiang; both long streets are cut by three lanes."""
    found = town_of(flooded_town())
    assert found.names == ("北环路", "二巷", "人民路", "三巷", "一巷")
    assert np.bincount(found.road).tolist() == [4, 1, 4, 1, 1]
    assert found.ranks.tolist() == [2, 1, 3, 1, 1]
    assert len(found.crossings) == 10


def test_pipes_are_never_drawn_in_place_of_roads() -> None:
    net = flooded_town()
    bare = DrainageNetwork(net.pipes, net.nodes)
    with pytest.raises(NotKnownError, match=r"no layer of roads.*roads="):
        town_of(bare)
    with pytest.raises(NotKnownError, match="no layer of roads"):
        town_of(with_layers(net, roads=roads()))


def test_pipes_that_are_given_as_roads_are_refused() -> None:
    """Resampled or not, the lines would be the pipes."""
    net = flooded_town()
    layer = gpd.GeoDataFrame(
        {"road": [f"r{k}" for k in range(len(net.pipes))]}, geometry=list(net.pipes.geometry), crs=CRS
    )
    with pytest.raises(NotKnownError, match="100 % of the lines of the layer of roads are pipes"):
        town_of(net, layer)


def test_roads_of_another_place_are_refused() -> None:
    """A page of dry streets, for no point lies on one of them, would be an all-clear."""
    far = flooded_town().layers["roads"]
    far = far.set_geometry(far.geometry.translate(xoff=30_000.0))
    with pytest.raises(NotKnownError, match="not of one place"):
        town_of(flooded_town(), far)


def test_a_network_without_crs_is_refused_with_the_remedy() -> None:
    net = flooded_town()
    nowhere = as_plan(net)
    with pytest.raises(CrsError, match="crs="):
        town_of(nowhere, roads(("路", None, [(0, 0), (500, 0)]), crs=None))


def test_degrees_and_feet_are_refused_with_the_remedy() -> None:
    net = flooded_town()
    for crs in (4326, 2263):
        turned = DrainageNetwork(
            net.pipes.set_crs(crs, allow_override=True), net.nodes.set_crs(crs, allow_override=True)
        )
        with pytest.raises(CrsError, match="metres"):
            town_of(turned, roads(("路", None, [(0, 0), (500, 0)]), crs=crs))


def test_roads_in_another_crs_are_refused() -> None:
    with pytest.raises(CrsError):
        town_of(flooded_town(), roads(("路", None, [(0, 0), (500, 0)]), crs=4547))


def test_roads_without_names_are_left_out_and_counted() -> None:
    found = town(
        roads(
            ("人民路", None, [(0, 0), (900, 0)]),
            (None, None, [(0, 300), (900, 300)]),
            ("", None, [(0, 600), (900, 600)]),
        )
    )
    assert found.names == ("人民路",)
    assert found.left_out == {"no_street": 0, "unnamed": 2, "far": 0, "short": 0}


def test_a_town_all_of_whose_roads_lack_names_is_refused() -> None:
    with pytest.raises(NotKnownError, match="with a name"):
        town(roads((None, None, [(0, 0), (900, 0)])))


def test_a_layer_without_the_columns_of_name_and_class_is_refused_with_the_remedy() -> None:
    bare = gpd.GeoDataFrame(geometry=[shapely.LineString([(X0, Y0), (X0 + 500, Y0)])], crs=CRS)
    with pytest.raises(NotKnownError, match="columns"):
        town(bare)
    assert town(bare.assign(road="人民路")).ranks.tolist() == [1]


def test_paths_and_planned_roads_are_no_streets() -> None:
    found = town(
        roads(("人民路", "主干路", [(0, 0), (900, 0)]), ("规划一路", "支路", [(0, 300), (900, 300)]),
              ("河边步道", "footway", [(0, 600), (900, 600)]), ("新路", "在建", [(0, 500), (900, 500)]))
    )  # fmt: skip
    assert found.names == ("人民路",)
    assert found.left_out["no_street"] == 3


def test_classes_of_openstreetmap_and_of_surveys_have_their_ranks() -> None:
    kinds = ("primary", "secondary", "residential", "主干路", "次干路", "支路", None, "strange")
    layer = roads(*[(f"R{k}", kind, [(0.0, 200.0 * k), (900.0, 200.0 * k)]) for k, kind in enumerate(kinds)])
    assert town(layer).ranks.tolist() == [3, 2, 1, 3, 2, 1, 1, 1]


def test_a_layer_that_holds_no_line_is_refused_and_its_pipes_are_not_taken_for_roads() -> None:
    """Areas and points with names, where other questions would fall back on the road names of pipes."""
    for shape in (shapely.box(X0, Y0, X0 + 900, Y0 + 20), shapely.Point(X0, Y0), None):
        layer = gpd.GeoDataFrame({"road": ["人民路"]}, geometry=np.array([shape], dtype=object), crs=CRS)
        with pytest.raises(NotKnownError, match="with a name"):
            town(layer)


def test_lines_of_several_parts_and_with_heights_are_lines() -> None:
    parts = shapely.MultiLineString([[(X0, Y0, 5), (X0 + 300, Y0, 6)], [(X0 + 300, Y0, 6), (X0 + 600, Y0, 7)]])
    found = town(gpd.GeoDataFrame({"road": ["人民路"]}, geometry=[parts], crs=CRS))
    assert shapely.length(found.lines).tolist() == [600.0]


def test_one_road_far_away_does_not_make_the_town_a_dot() -> None:
    layer = roads(
        ("人民路", None, [(0, 0), (900, 0)]),
        ("中山路", None, [(0, 300), (900, 300)]),
        ("远", None, [(4e5, 0), (4e5, 900)]),
    )
    found = town(layer)
    assert (found.names, found.left_out["far"]) == (("人民路", "中山路"), 1)


def test_a_name_without_end_is_cut() -> None:
    (name,) = town(roads(("路" * 5000, None, [(0, 0), (900, 0)]))).names
    assert len(name) == 60


def test_carriageways_beside_each_other_count_once() -> None:
    """Two carriageways 20 m apart, drawn against each other, and a service lane: 900 m of road, not 2,700."""
    found = town(
        roads(
            ("人民路", None, [(0, 0), (900, 0)]),
            ("人民路", None, [(900, 20), (0, 20)]),
            ("人民路（辅路）", None, [(0, 35), (900, 35)]),
        )
    )
    assert found.names == ("人民路",)
    assert shapely.length(found.lines).sum() == pytest.approx(900.0, abs=1.0)


def test_pieces_of_one_road_drawn_end_to_end_are_one_line() -> None:
    pieces = [("人民路", None, [(100.0 * k, 0.0), (100.0 * k + 100.0, 0.0)]) for k in range(9)]
    assert shapely.length(town(roads(*pieces)).lines).tolist() == [900.0]


def test_a_town_of_lanes_shorter_than_a_stretch_is_refused() -> None:
    with pytest.raises(NotKnownError, match="100 m"):
        town(roads(("一巷", None, [(0, 0), (60, 0)]), ("二巷", None, [(0, 300), (80, 300)])))


def test_a_lane_shorter_than_a_stretch_is_named_as_left_out() -> None:
    found = town(roads(("人民路", None, [(0, 0), (900, 0)]), ("一巷", None, [(300, 0), (300, 80)])))
    assert (found.names, set(found.short), found.left_out["short"]) == (("人民路",), {"一巷"}, 1)


def test_a_road_of_two_parts_one_of_them_short_has_the_long_one() -> None:
    found = town(roads(("人民路", None, [(0, 0), (900, 0)]), ("人民路", None, [(2000, 0), (2050, 0)])))
    assert (found.count, found.left_out["short"]) == (1, 0)


@pytest.mark.parametrize("streets", [2, 20, pytest.param(90, marks=pytest.mark.long)])
def test_a_town_of_any_size_has_a_stretch_from_crossing_to_crossing(streets: int) -> None:
    """Streets each way 180 m apart, drawn block by block as in OpenStreetMap: 2 n (n - 1) stretches, n² crossings."""
    steps = [180.0 * k for k in range(streets)]
    pairs = [(k, at, along) for k, at in enumerate(steps) for along in steps[:-1]]
    east = [(f"E{k}", "residential", [(along, at), (along + 180.0, at)]) for k, at, along in pairs]
    north = [(f"N{k}", "residential", [(at, along), (at, along + 180.0)]) for k, at, along in pairs]
    found = town(roads(*east, *north))
    assert (len(found.names), found.count, len(found.crossings)) == (
        2 * streets,
        2 * streets * (streets - 1),
        streets**2,
    )
    assert np.allclose(shapely.length(found.lines), 180.0)
    assert np.bincount(found.ends.ravel()).max() <= 4


class TestDrawing:
    def test_one_road_alone_is_drawn_with_its_sides_as_built_up(self) -> None:
        told = drawn(
            town_of(
                DrainageNetwork(flooded_town().pipes, flooded_town().nodes), roads(("路", None, [(0, 0), (500, 0)]))
            )
        )
        assert len(told["town"]) == 1  # type: ignore[arg-type]  # a list
        assert told["river"] == told["water"] == []

    def test_the_river_is_drawn_and_named(self) -> None:
        told = drawn(town_of(flooded_town()))
        assert told["rname"] == [["凤河", "Feng River"]]

    def test_a_lake_is_an_area(self) -> None:
        lake = gpd.GeoDataFrame({"name": ["东湖"]}, geometry=[shapely.box(X0, Y0 + 200, X0 + 250, Y0 + 500)], crs=CRS)
        told = drawn(town_of(with_layers(flooded_town(), waterways=lake)))
        assert told["wname"] == [["东湖", "Dong Lake"]]
        assert told["river"] == []

    def test_water_far_outside_is_not_drawn(self) -> None:
        far = gpd.GeoDataFrame(
            {"name": ["远河"]}, geometry=[shapely.LineString([(X0, Y0 + 9e4), (X0 + 900, Y0 + 9e4)])], crs=CRS
        )
        assert drawn(town_of(with_layers(flooded_town(), waterways=far)))["river"] == []

    def test_lines_are_drawn_from_crossing_to_crossing_on_the_grid(self) -> None:
        """All that meet at one crossing end at the same sign of the drawing."""
        found = town_of(flooded_town())
        told = [
            np.fromstring(text, sep=" ", dtype=int).reshape(-1, 2).cumsum(axis=0)
            for text in str(drawn(found)["l"]).split(",")
        ]
        places: dict[int, set[tuple[int, ...]]] = {}
        for line, ends in zip(told, found.ends, strict=True):
            for end, at in zip(ends, (line[0], line[-1]), strict=True):
                places.setdefault(int(end), set()).add(tuple(at.tolist()))
        assert all(len(found_at) == 1 for found_at in places.values())

    def test_lines_keep_no_corner_of_the_survey(self) -> None:
        """A road surveyed by a corner every 37 m is drawn by points every 90 m or so: few are corners, by chance."""
        corners = [(37.0 * k, 6.0 * (-1) ** k) for k in range(40)]
        line = shapely.LineString(corners)
        steps = shapely.get_coordinates(evenly(np.array([line])))[1:-1]
        away = shapely.distance(shapely.points(steps), shapely.multipoints(corners))
        assert (away > 1.0).mean() > 0.8

    def test_the_corner_in_degrees_leads_back_to_the_streets(self) -> None:
        found = town_of(flooded_town())
        told = drawn(found)
        west, north, east_step, south_step = cast("list[float]", told["geo"])
        x, y = map(int, str(told["l"]).split(" ", 2)[:2])
        crs = pyproj.Transformer.from_crs(4326, CRS, always_xy=True)
        at = crs.transform(west + x * east_step, north - y * south_step)
        nearest = np.hypot(*(found.crossings - at).T).min()
        assert nearest < 2 * UNIT_M


def test_every_refusal_names_a_remedy_in_both_languages() -> None:
    net = flooded_town()
    cases = [(DrainageNetwork(net.pipes, net.nodes), None), (net, roads((None, None, [(0, 0), (900, 0)])))]
    for case, layer in cases:
        with pytest.raises(DrainageError) as refused:
            town_of(case, layer)
        assert any(word in refused.value.args[0].chinese for word in ("请", "--"))
