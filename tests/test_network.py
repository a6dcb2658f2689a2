"""The network as a value: it does not change, its parts are networks, time is data, networkx gets everything."""

from __future__ import annotations

import pickle
import sys
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from geopandas.testing import assert_geodataframe_equal

import drainage as dr
from drainage.errors import CrsError, FormatError, TopologyError
from drainage.network import DrainageNetwork
from tests.support.networks import build, days


def test_what_it_hands_out_may_be_edited_without_changing_it() -> None:
    net = build(["a>b storm"])
    pipes = net.pipes
    pipes.loc["p0", "system"] = "sewage"
    pipes.geometry = pipes.geometry.translate(5)
    assert net.pipes.loc["p0", "system"] == "storm"
    assert net.pipes.geometry.iloc[0].coords[0] == (0, 0)


def test_systems_and_kinds_are_told_by_number_whatever_words_there_are() -> None:
    net = build(["a>b storm", "b>c sewage", "c>d combined", "d>e storm"])
    net = net.replace(pipes=net.pipes.assign(system=pd.Series(["storm", None, "combined", "storm"], net.pipes.index)))
    assert net.systems.among("storm").tolist() == [True, False, False, True]
    assert net.systems.among("sewage", "combined", "reclaimed").tolist() == [False, False, True, False]
    assert [net.systems.words[number] for number in net.systems.take(np.array([2, 0])).number] == ["combined", "storm"]
    for kind in ("manhole", "outfall", "works"):
        assert net.kinds.among(kind).tolist() == (net.nodes["kind"] == kind).tolist()
    with pytest.raises(ValueError, match="read-only"):
        net.systems.number[0] = 1


@pytest.mark.parametrize("name", ["pipes", "nodes", "catchments", "roads"])
def test_places_and_columns_that_it_hands_out_are_not_its_own(name: str) -> None:
    """Not even by their arrays: pandas hands out the array of a geometry as it is."""
    net = beside(build(["a>b storm"]))

    def handed_out() -> gpd.GeoDataFrame:
        return net.layers[name] if name == "roads" else getattr(net, name)

    before, frame = handed_out(), handed_out()
    frame.geometry.array[0] = shapely.Point(9, 9)
    frame.geometry.to_numpy()[0] = shapely.Point(9, 9)
    frame.insert(0, "mine", "new")
    assert_geodataframe_equal(handed_out(), before)


def test_layers_and_origin_cannot_be_changed_but_in_a_new_network() -> None:
    net = beside(build(["a>b storm"]))
    roads = net.layers["roads"]
    with pytest.raises(TypeError):
        net.layers["roads"] = roads.iloc[:0]  # type: ignore[index]
    with pytest.raises(AttributeError):
        net.origin.as_of = "2020-01-01"  # type: ignore[misc]
    changed = net.replace(layers={"blocks": roads}, origin=replace(net.origin, as_of="2020-01-01"))
    assert (list(changed.layers), changed.origin.as_of) == (["roads", "blocks"], "2020-01-01")
    assert (list(net.layers), net.origin.as_of) == (["roads"], None)
    with pytest.warns(DeprecationWarning, match="origin"):
        assert changed.inputs["as_of"] == "2020-01-01"


def test_what_it_was_made_of_may_be_changed_afterwards() -> None:
    made_of = build(["a>b storm"]).pipes
    net = build(["a>b storm"]).replace(pipes=made_of)
    made_of["system"] = "sewage"
    assert net.pipes["system"].tolist() == ["storm"]


def test_it_can_be_sent_to_another_process() -> None:
    net = pickle.loads(pickle.dumps(beside(build(["a>b storm"]))))  # noqa: S301 - its own
    assert list(net.layers) == ["roads"]


def beside(net: DrainageNetwork) -> DrainageNetwork:
    frame = gpd.GeoDataFrame({"name": ["here"]}, geometry=[shapely.box(0, 0, 10, 10)], crs=net.crs)
    return net.replace(catchments=frame, layers={"roads": frame})


def test_a_day_shows_what_lay_in_the_ground() -> None:
    """p0 until 2019-06-01, p1 from then on: on the day of the change only the new pipe is there."""
    net = build(["a>b combined", "a>c storm"], commissioned=days("", "2019-06-01"), abandoned=days("2019-06-01", ""))
    assert net.as_of("2018-12-31").pipes.index.tolist() == ["p0"]
    assert net.as_of("2019-06-01").pipes.index.tolist() == ["p1"]
    assert net.as_of("2018-12-31").nodes.index.tolist() == ["a", "b"]
    assert net.as_of("2018-12-31").origin.as_of == "2018-12-31"


def test_a_day_on_which_all_is_there_copies_nothing() -> None:
    net = build(["a>b combined", "a>c storm"], commissioned=days("", "2019-06-01"))
    part = net.as_of("2020-01-01")
    assert np.shares_memory(part.pipes["length_m"].to_numpy(), net.pipes["length_m"].to_numpy())
    assert (part.origin.as_of, net.origin.as_of) == ("2020-01-01", None)


def test_columns_of_nothing_share_what_they_hold_until_one_is_edited() -> None:
    net = dr.as_network(build(["a>b combined", "a>c storm"]).pipes[["system", "from_node", "to_node", "geometry"]])
    pipes = net.pipes
    assert np.shares_memory(pipes["manning_n"].to_numpy(), pipes["silt_share"].to_numpy())
    pipes.loc["p0", "manning_n"] = 0.013
    pipes.loc["p0", "status"] = "planned"
    assert (pipes["manning_n"].iloc[0], pipes["status"].iloc[0]) == (0.013, "planned")
    untouched = [pipes["silt_share"], pipes["ownership"], net.pipes["manning_n"], net.pipes["status"]]
    assert all(column.isna().all() for column in untouched)


def test_the_kind_of_a_node_is_inferred_anew_for_every_part() -> None:
    net = build(["a>b storm", "b>c storm"])
    assert net.nodes["kind"].tolist() == ["manhole", "manhole", "outfall"]
    assert net.upstream_of("b").nodes["kind"].tolist() == ["manhole", "outfall"]


def test_a_part_along_the_flow_leaves_the_catchments_of_other_nodes_behind() -> None:
    """c1 drains to a, c2 to c, and c3 says nothing but lies at a: the part above b keeps c1 and c3, that below c2."""
    ground = gpd.GeoDataFrame(
        {"node_id": ["a", "c", None]},
        geometry=[shapely.box(0, 0, 10, 10)] * 3,
        index=pd.Index(["c1", "c2", "c3"], name="catchment_id"),
        crs=build(["a>b storm"]).crs,
    )
    net = build(["a>b storm", "b>c storm"]).replace(catchments=ground)
    above, below = net.upstream_of("b").catchments, net.downstream_of("b").catchments
    assert above is not None
    assert below is not None
    assert (above.index.tolist(), below.index.tolist()) == (["c1", "c3"], ["c2"])


def test_a_recorded_kind_stays() -> None:
    net = build(["a>b storm"], kinds={"b": "pump"})
    assert net.nodes["kind"].tolist() == ["manhole", "pump"]
    assert net.nodes["kind_source"].tolist() == ["inferred", "recorded"]


def test_parts_by_place_and_system() -> None:
    net = build(["a>b storm", "b>c storm", "x>c sewage"])
    assert net.upstream_of("b").pipes.index.tolist() == ["p0"]
    assert net.downstream_of("b").pipes.index.tolist() == ["p1"]
    assert net.of_system("sewage").pipes.index.tolist() == ["p2"]


def test_unknown_names_are_refused_by_name() -> None:
    net = build(["a>b storm"])
    with pytest.raises(TopologyError, match="no node zz"):
        net.upstream_of("zz")
    with pytest.raises(TopologyError, match="no such system: rain"):
        net.of_system("rain")
    with pytest.raises(TopologyError, match="not in the node table: b"):
        net.replace(nodes=net.nodes.drop(index="b"))
    with pytest.raises(TopologyError, match="pipe_id is not unique: p0"):
        DrainageNetwork(pd.concat([net.pipes, net.pipes]), net.nodes)


def test_networkx_keeps_parallel_pipes_and_attributes() -> None:
    graph = build(["a>b storm 800", "a>b storm 300"]).to_networkx()
    assert {key: data["diameter_mm"] for _, _, key, data in graph.edges(keys=True, data=True)} == {"p0": 800, "p1": 300}
    assert graph.nodes["b"]["kind"] == "outfall"


def test_without_networkx_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "networkx", None)
    with pytest.raises(FormatError, match=r"pip install 'drainage\[networkx\]'"):
        build(["a>b storm"]).to_networkx()


def test_one_honest_line() -> None:
    net = build(["a>b storm", "b>c sewage"])
    assert repr(net) == "<DrainageNetwork: 2 pipes, 3 nodes, 0.2 km, EPSG:4548, 0 issues>"
    assert "sewage" in net._repr_html_()


class TestAsNetwork:
    def test_frames_of_a_network_make_it_again(self) -> None:
        net = dr.as_network(surveyed())
        again = dr.as_network(net.pipes, nodes=net.nodes)
        for frame, other in ((net.pipes, again.pipes), (net.nodes, again.nodes)):
            assert frame.index.equals(other.index)
            assert frame[["system", "geometry"]].equals(other[["system", "geometry"]])
        assert net.pipes[["from_node", "to_node"]].equals(again.pipes[["from_node", "to_node"]])

    def test_a_survey_in_degrees_with_names_of_its_own_is_understood_as_from_a_file(self, tmp_path: Path) -> None:
        frame = surveyed().to_crs(4490)
        frame.to_file(tmp_path / "s.gpkg")
        given, read = dr.as_network(frame), dr.read_network(tmp_path / "s.gpkg")
        assert given.pipes["diameter_mm"].tolist() == [800.0, 800.0]
        assert given.crs == read.crs
        assert given.pipes["system"].tolist() == read.pipes["system"].tolist() == ["storm", "storm"]
        assert given.pipes["to_node"].iloc[0] == given.pipes["from_node"].iloc[1]

    def test_the_frame_itself_stays_as_it_is(self) -> None:
        frame = surveyed()
        before = frame.copy(deep=True)
        dr.as_network(frame)
        assert frame.equals(before)

    def test_a_frame_without_crs_is_refused_with_the_remedy(self) -> None:
        drawn = surveyed()
        frame = gpd.GeoDataFrame(drawn.drop(columns="geometry"), geometry=drawn.geometry.to_numpy())
        with pytest.raises(dr.errors.CrsError, match="declare it"):
            dr.as_network(frame)
        assert dr.as_network(frame, crs="EPSG:4548").crs == 4548


def surveyed() -> gpd.GeoDataFrame:
    """Two storm pipes of 800 mm end to end, under Chinese names."""
    lines = [shapely.LineString([(x, 3710000), (x + 50, 3710000)]) for x in (500000, 500050)]
    return gpd.GeoDataFrame(
        {"管线编号": ["A1", "A2"], "管径": [800, 800], "管线类型": ["YS", "YS"]}, geometry=lines, crs=4548
    )


class TestWhatIsReached:
    """a0 → a1 → a2 → a3, an outfall; beside it b0 → b1, and an outfall and a manhole that no pipe touches."""

    @pytest.fixture
    def net(self) -> DrainageNetwork:
        joined = build(
            ["a0>a1 storm", "a1>a2 storm", "a2>a3 storm", "b0>b1 storm"],
            kinds={"a3": "outfall"},
            places={"a0": (0, 0), "a1": (100, 0), "a2": (200, 0), "a3": (300, 0), "b0": (0, 900), "b1": (100, 900)},
        )
        alone = joined.nodes.iloc[:2].set_axis(["far_outfall", "far_manhole"]).assign(kind=["outfall", "manhole"])
        nodes = gpd.GeoDataFrame(pd.concat([joined.nodes, alone.rename_axis("node_id")]), crs=joined.crs)
        return joined.replace(nodes=nodes)

    def test_a_part_has_no_node_that_is_not_reached(self, net: DrainageNetwork) -> None:
        assert net.downstream_of("a1").nodes.index.tolist() == ["a1", "a2", "a3"]
        assert net.upstream_of("a1").nodes.index.tolist() == ["a0", "a1"]

    def test_a_node_reaches_itself(self, net: DrainageNetwork) -> None:
        assert net.downstream_of("a3").nodes.index.tolist() == ["a3"]
        assert net.upstream_of("far_outfall").nodes.index.tolist() == ["far_outfall"]

    def test_what_lies_in_the_ground_on_a_day_keeps_its_manholes(self, net: DrainageNetwork) -> None:
        assert "far_manhole" in net.as_of("2020-01-01").nodes.index

    def test_ground_goes_where_it_drains(self, net: DrainageNetwork) -> None:
        """Of three catchments that name no node, two lie at the a, one at the b."""
        shapes = [shapely.box(x, y, x + 10, y + 10) for x, y in ((0, 0), (100, 0), (0, 900))]
        ground = gpd.GeoDataFrame({"node_id": [None] * 3}, geometry=shapes, index=["c0", "c1", "d0"], crs=net.crs)
        part = net.replace(catchments=ground).upstream_of("a3")
        assert part.catchments is not None
        assert part.catchments.index.tolist() == ["c0", "c1"]

    def test_a_node_may_be_written_otherwise(self, net: DrainageNetwork) -> None:
        assert net.node_positions(["Ａ-1", "a 02"]).tolist() == [1, 2]


def test_it_is_as_long_as_it_has_pipes() -> None:
    assert len(build(["a>b storm", "b>c storm"])) == 2


def test_a_pipe_or_a_node_is_had_by_its_id() -> None:
    net = build(["a>b storm 600", "b>c sewage"])
    assert (net["p0"]["diameter_mm"], net["p0"].name) == (600, "p0")
    assert net["c"]["kind"] == "outfall"
    row = net["p0"]
    row["system"] = "sewage"
    assert net["p0"]["system"] == "storm"


def test_an_id_that_is_not_there_is_told_with_those_like_it() -> None:
    net = build(["MH101>MH102 storm"])
    with pytest.raises(KeyError, match=r"no pipe or node 'MH103'; most similar: MH10[12], MH10[12]"):
        net["MH103"]
    with pytest.raises(KeyError, match="no pipe or node 0; most similar: p0"):
        net[0]  # type: ignore[index]


def test_to_crs_gives_a_network_in_other_metres() -> None:
    """Nodes of EPSG:4548 lie as geopandas puts them into UTM zone 50; lengths are those that were recorded."""
    net = beside(build(["a>b storm", "b>c storm"]))
    other = net.to_crs("EPSG:32650")
    assert [str(frame.crs) for frame in (other.pipes, other.catchments, other.layers["roads"])] == ["EPSG:32650"] * 3  # type: ignore[union-attr]
    assert_geodataframe_equal(other.nodes, net.nodes.to_crs(32650))
    assert other.pipes["length_m"].equals(net.pipes["length_m"])
    assert net.crs == 4548
    assert_geodataframe_equal(net.to_crs(epsg=32650).pipes, other.pipes)


@pytest.mark.parametrize("crs", [4326, 3857, 2263])
def test_to_crs_refuses_what_does_not_measure_in_metres(crs: int) -> None:
    """Degrees, the map of the web, feet."""
    with pytest.raises(CrsError, match=rf"net\.pipes\.to_crs\('EPSG:{crs}'\)"):
        build(["a>b storm"]).to_crs(crs)


def test_to_crs_refuses_a_plan_and_a_crs_that_nobody_knows() -> None:
    net = build(["a>b storm"])
    plan = net.replace(pipes=net.pipes.set_crs(None, allow_override=True))  # type: ignore[call-overload]  # stubs want one
    with pytest.raises(CrsError, match="schematic plan"):
        plan.to_crs(4548)
    with pytest.raises(CrsError, match="PROJ"):
        net.to_crs("EPSG:1")
    with pytest.raises(CrsError, match="PROJ"):
        net.to_crs()


STREET = {"a": (0.0, 0.0), "b": (100.0, 0.0), "c": (200.0, 0.0), "d": (300.0, 0.0), "e": (400.0, 0.0)}


def test_clip_keeps_what_lies_within_or_crosses_whole() -> None:
    """A ─ b ─[─ c ─]─ d ─ e: p1 and p2 cross the edges, p0 and p3 lie outside; water leaves at d."""
    net = build(["a>b storm", "b>c storm", "c>d storm", "d>e storm"], places=STREET)
    part = net.clip(shapely.box(150, -10, 250, 10))
    assert (list(part.pipes.index), list(part.nodes.index)) == (["p1", "p2"], ["b", "c", "d"])
    assert part.nodes["kind"].to_dict() == {"b": "manhole", "c": "manhole", "d": "outfall"}
    assert part.pipes.geometry.iloc[0].length == 100


def test_what_is_in_it_is_told_by_its_id_and_it_is_not_walked_through() -> None:
    net = build(["a>b storm 600"])
    assert "p0" in net
    assert "a" in net
    assert "nope" not in net
    assert 0 not in net
    with pytest.raises(TypeError, match="not iterable"):
        list(net)  # type: ignore[call-overload]  # what the test is about


@pytest.mark.parametrize(("asked", "remedy"), [
    ("diameter_mm", r"net.pipes\['diameter_mm'\]"), ("kind", r"net.nodes\['kind'\]"), (["p0"], r"net.pipes.loc"),
    ("p00", "most similar: p0"), ("xyz", "no pipe or node 'xyz'\"?$"),
])  # fmt: skip
def test_what_is_no_id_is_told_with_what_was_meant(asked: str, remedy: str) -> None:
    with pytest.raises(KeyError, match=remedy):
        build(["a>b storm 600"])[asked]


def test_clip_takes_the_edges_of_a_rectangle() -> None:
    net = build(["a>b storm 600"])
    assert len(net.clip(tuple(net.pipes.total_bounds))) == len(net.clip(net.pipes.total_bounds)) == 1
    for wrong in ("x", None, (1, 2, 3), net):
        with pytest.raises(TypeError, match="four numbers"):
            net.clip(wrong)  # type: ignore[arg-type]  # what the test is about


def test_a_file_that_is_no_network_is_told_all_endings_that_are(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=r"\.gpkg, \.geojson"):
        build(["a>b storm 600"]).to_file(tmp_path / "net.xlsx")


def test_plots_say_what_they_do_not_take() -> None:
    pytest.importorskip("matplotlib")
    net = build(["a>b storm 600"])
    with pytest.raises(TypeError, match=r"plt\.subplots\(figsize"):
        net.plot(figsize=(4, 4))
    with pytest.raises(TypeError, match="axes"):
        net.plot(ax="diameter_mm")  # type: ignore[arg-type]  # what the test is about


def test_clip_takes_areas_in_any_crs() -> None:
    net = build(["a>b storm", "b>c storm"], places={name: (500_000.0 + x, 3.7e6) for name, (x, _) in STREET.items()})
    area = gpd.GeoSeries([shapely.box(500_000, 3.7e6 - 10, 500_050, 3.7e6 + 10)], crs=net.crs)
    bare = gpd.GeoSeries(area.array.to_numpy())
    for one in (area, area.to_crs(4326), gpd.GeoDataFrame(geometry=area).to_crs(3857), bare):
        assert list(net.clip(one).pipes.index) == ["p0"]


def test_clip_leaves_out_ground_and_roads_of_elsewhere() -> None:
    """The ground of a and that of d, and a road at each; clipped to a─b."""
    net = build(["a>b storm", "c>d storm"], places=STREET)
    places = [shapely.box(-9, -9, 9, 9), shapely.box(209, -9, 291, 9)]
    boxes = gpd.GeoDataFrame({"name": ["here", "there"]}, geometry=places, crs=net.crs)
    part = net.replace(catchments=boxes, layers={"roads": boxes}).clip(shapely.box(-10, -10, 110, 10))
    assert part.catchments is not None
    assert (part.catchments["name"].tolist(), part.layers["roads"]["name"].tolist()) == (["here"], ["here"])


def test_clip_refuses_an_area_without_pipes() -> None:
    with pytest.raises(TopologyError, match="no pipe of test touches the area"):
        build(["a>b storm"], places=STREET).clip(shapely.box(5000, 0, 6000, 10))


def test_to_file_writes_by_the_ending_and_overwrites_nothing(tmp_path: Path) -> None:
    net = build(["a>b storm", "b>c storm"])
    net.to_file(tmp_path / "net.gpkg")
    assert dr.read_network(tmp_path / "net.gpkg").pipes.index.tolist() == ["p0", "p1"]
    with pytest.raises(FormatError, match="exists"):
        net.to_file(tmp_path / "net.gpkg")
    net.to_file(tmp_path / "net.gpkg", force=True)
    with pytest.raises(FormatError, match="xlsx"):
        net.to_file(tmp_path / "net.xlsx")
    net.to_file(tmp_path / "named.gpkg", driver="GPKG")
    with pytest.raises(FormatError, match="written as GeoJSON, but driver is GPKG"):
        net.to_file(tmp_path / "net.geojson", driver="GPKG")
    assert sorted(path.name for path in tmp_path.glob("*.*js*")) == []
