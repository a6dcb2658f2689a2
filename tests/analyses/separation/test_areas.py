"""Separation added up for neighbourhoods, towns, catchments of outfalls and classes of road: a small town by hand.

One road of 1,000 m from west to east. Storm runs along all of it, the sewer along the first 600 m, and a combined pipe
crosses it. West (0 to 500 m), middle (400 to 800 m) and east (800 to 1,000 m) are areas; west and middle
share 100 m x 100 m = 1 ha.
"""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

import drainage as dr
from drainage.analyses.separation import measure_separation
from tests.support import demo
from tests.support.networks import build


def town(*, built: bool = True) -> dr.DrainageNetwork:
    net = build(
        ["a>b storm", "b>c storm", "c>out1 storm", "d>out2 storm", "s>t sewage", "x>y combined", "t>b sewage"],
        kinds={"out1": "outfall", "out2": "outfall"},
        places={
            "a": (0, 3), "b": (500, 3), "c": (700, 3), "out1": (800, 3), "d": (1000, 3), "out2": (800, 6),
            "s": (0, -3), "t": (600, -3), "x": (850, 40), "y": (850, -40),
        },
    )  # fmt: skip
    areas = gpd.GeoDataFrame(
        {"name": ["西区", "中区", "东区", "空区"], "built": ["1988", "1999", "2015", "2015"]},
        index=["N1", "N2", "N3", "N4"],
        geometry=[shapely.box(x0, -50, x1, 50) for x0, x1 in ((0, 500), (400, 800), (800, 1000), (2000, 2100))],
        crs=net.crs,
    )
    roads = gpd.GeoDataFrame(
        {"road": ["甲路", "甲路"], "road_class": ["主干路", None]},
        geometry=[shapely.LineString([(0, 0), (800, 0)]), shapely.LineString([(800, 0), (1000, 0)])],
        crs=net.crs,
    )
    return net.replace(layers={"roads": roads, **({"neighbourhoods": areas} if built else {})})


def test_each_neighbourhood_counts_the_roads_and_pipes_within_it() -> None:
    found = measure_separation(town(), by="neighbourhood")
    table = found.tables["neighbourhoods"]
    assert table.index.tolist() == ["西区", "中区", "东区", "空区"]
    assert table["length_m"].tolist() == pytest.approx([500, 400, 200, 0])
    assert table["coverage_share"].tolist() == pytest.approx([1.0, 0.5, 0.0, np.nan], nan_ok=True)
    assert table["sewage_km"].tolist() == pytest.approx(
        [0.5, 0.2 + shapely.LineString([(600, -3), (500, 3)]).length / 1000, 0, 0]
    )
    assert table["combined_km"].tolist() == pytest.approx([0, 0, 0.08, 0])
    assert next(iter(found.tables)) == "neighbourhoods"


def test_roads_outside_all_areas_are_told() -> None:
    """West, middle and east hold the whole road; east alone its last 200 m."""
    net = town()
    assert measure_separation(net, by="neighbourhood").summary["roads_outside_km"] == pytest.approx(0.0)
    east = net.layers["neighbourhoods"].iloc[[2]]
    assert measure_separation(net, by="neighbourhood", areas=east).summary["roads_outside_km"] == pytest.approx(0.8)


def test_effective_coverage_and_misconnections_of_each() -> None:
    """The sewer ends in the storm drain at b, 500 m: all storm pipe below it is mixed, from 500 m on."""
    net = town()
    table = measure_separation(net, by="neighbourhood", mixed=dr.find_mixed_flow(net)).tables["neighbourhoods"]
    assert table["effective_share"].tolist() == pytest.approx([1.0, 0.25, 0.0, np.nan], nan_ok=True)
    assert table["misconnections"].tolist() == [1, 1, 0, 0]  # b lies in west and middle
    assert table["mixed_km"].tolist()[:2] == pytest.approx([0, 0.3])


def test_areas_that_overlap_are_named_in_pairs() -> None:
    issues = measure_separation(town(), by="neighbourhood").tables["issues"]
    issues = issues[issues["code"] == "areas_overlap"]
    assert len(issues) == 1
    assert "西区 and 中区 overlap by 1.00 ha" in issues["reason"].iloc[0]


def test_what_was_cut_as_it_was_read_is_told_again(tmp_path: Path) -> None:
    """Read from a file, the hectare that west and middle share counts for one of them, and the answer says so."""
    net = town()
    net.pipes[["system", "from_node", "to_node", "geometry"]].to_file(tmp_path / "pipes.gpkg")
    net.layers["roads"].to_file(tmp_path / "roads.gpkg", layer="roads")
    areas = net.layers["neighbourhoods"][["name", "geometry"]]
    areas.to_file(tmp_path / "neighbourhoods.gpkg", layer="neighbourhoods")
    read = dr.read_network(tmp_path / "pipes.gpkg", neighbourhoods=tmp_path / "neighbourhoods.gpkg")
    found = measure_separation(read, by="neighbourhood")
    told = found.tables["issues"].query("code == 'overlaps'")
    assert told["feature_id"].tolist() == ["N1"]
    assert "1 ha" in told["reason"].iloc[0]
    assert found.tables["neighbourhoods"]["neighbourhood_id"].tolist() == ["N1", "N2", "N3", "N4"]
    assert found.tables["neighbourhoods"]["length_m"].sum() == pytest.approx(1000)
    assert "overlaps" not in measure_separation(read, by="town", areas=areas).tables["issues"]["code"].tolist()


def test_of_an_area_without_pipes_no_share_is_given() -> None:
    """A street of 90 m in the empty area, without any pipe: not 0 %, which would say that somebody had looked."""
    net = town()
    street = gpd.GeoDataFrame({"road": ["新街"]}, geometry=[shapely.LineString([(2005, 0), (2095, 0)])], crs=net.crs)
    roads = pd.concat([net.layers["roads"], street], ignore_index=True)
    found = measure_separation(net, roads, by="neighbourhood")
    table = found.tables["neighbourhoods"]
    shares = ["effective_share", "coverage_share", "effective_pct", "coverage_pct", "separate_pipe_share"]
    assert list(table.loc["空区", ["length_m", "none_m"]]) == pytest.approx([90, 90])
    assert table.loc["空区", shares].isna().all()
    assert table.loc["东区", "coverage_share"] == 0.0
    told = found.tables["issues"].query("code == 'area_without_pipes'")
    assert told["feature_id"].tolist() == ["空区"]
    assert "0.09 km of road" in told["reason"].iloc[0]


def test_a_road_in_two_spellings_is_one_and_named() -> None:
    net = town()
    two = net.layers["roads"].assign(road=["甲路", "甲 路"])
    found = measure_separation(net, two)
    assert found.roads.index.tolist() == ["甲路"]
    told = found.tables["issues"].query("code == 'spelling'")
    assert "'甲 路' 甲路" in told["reason"].iloc[0]
    assert measure_separation(net).tables["issues"].empty


def test_every_outfall_has_the_roads_along_its_storm_pipes() -> None:
    table = measure_separation(town(), by="catchment").tables["catchments"]
    assert table.index.tolist() == ["out1", "out2", "y"]  # the combined pipe ends in the open at y
    assert table["length_m"].tolist() == pytest.approx([800, 200, 0], rel=1e-3)
    assert table["coverage_share"].tolist() == pytest.approx([0.75, 0.0, np.nan], rel=1e-3, nan_ok=True)
    assert "sewage_km" not in table


def test_classes_of_road_and_what_has_none() -> None:
    table = measure_separation(town(), by="class").tables["classes"]
    assert table["length_m"].to_dict() == pytest.approx({"主干路": 800, "unknown": 200})
    assert table["coverage_share"].to_dict() == pytest.approx({"主干路": 0.75, "unknown": 0})


def test_a_layer_that_is_not_there_is_asked_for() -> None:
    with pytest.raises(dr.errors.NotKnownError, match="--neighbourhoods FILE"):
        measure_separation(town(built=False), by="neighbourhood")
    with pytest.raises(dr.errors.NotKnownError, match="--towns FILE"):
        measure_separation(town(), by="town")
    with pytest.raises(dr.errors.SchemaError, match="catchment"):
        measure_separation(town(), by="catchments")  # type: ignore[arg-type]


def test_areas_of_the_caller_take_the_place_of_the_layer() -> None:
    net = town()
    one = net.layers["neighbourhoods"].iloc[[2]]
    assert measure_separation(net, by="neighbourhood", areas=one).tables["neighbourhoods"].index.tolist() == ["东区"]
    with pytest.raises(dr.errors.CrsError, match="4326"):
        measure_separation(net, by="neighbourhood", areas=one.to_crs(4326))


def test_plots_beside_the_road_without_a_sewer_in_reach() -> None:
    """Plots at 100 m (sewer 3 m away), 700 m (97 m) and far from the road."""
    net = town()
    blocks = gpd.GeoDataFrame(
        {"people": [10, 20, 30]},
        index=["B1", "B2", "B3"],
        geometry=[shapely.box(90, -20, 110, -6), shapely.box(697, -20, 720, -6), shapely.box(100, 900, 120, 920)],
        crs=net.crs,
    )
    found = measure_separation(net.replace(layers={**net.layers, "blocks": blocks}), by="neighbourhood")
    plots = found.tables["plots"]
    assert (plots.index.tolist(), plots["people"].tolist(), plots["road"].tolist()) == (["B2"], [20], ["甲路"])
    assert plots["to_sewer_m"].tolist() == pytest.approx([np.hypot(97, 3)])
    assert found.summary["plots_judged"] == 2
    assert found.tables["neighbourhoods"]["plots_without_sewer"].tolist() == [0, 1, 0, 0]
    net = net.replace(layers={**net.layers, "blocks": blocks})
    reached = {reach: len(measure_separation(net, plot_reach_m=reach).tables["plots"]) for reach in (2.0, 97.0, 98.0)}
    assert reached == {2.0: 2, 97.0: 1, 98.0: 0}


def test_plots_and_misconnections_of_roads_and_of_their_classes() -> None:
    """The sewer that ends at b fouls 甲路, whose west is 主干路; the plot without a sewer stands at 700 m, in the west.

    Within 2 m of the centre line there is no misconnection: b lies 3 m beside it. A plot at 850 m stands in the east,
    which has no class.
    """
    net = town()
    blocks = gpd.GeoDataFrame(
        index=["B1", "B2"],
        geometry=[shapely.box(697, -20, 720, -6), shapely.box(840, -20, 860, -6)],
        crs=net.crs,
    )
    net = net.replace(layers={**net.layers, "blocks": blocks})
    mixed = dr.find_mixed_flow(net)
    columns = ["misconnections", "plots", "plots_without_sewer"]
    found = measure_separation(net, by="class", mixed=mixed)
    assert list(found.roads.loc["甲路", columns]) == [1, 2, 1]
    assert list(found.tables["classes"].loc["主干路", columns]) == [1, 1, 1]
    assert list(found.tables["classes"].loc["unknown", columns]) == [0, 1, 0]
    assert measure_separation(net, mixed=mixed, within_m=2.0).roads["misconnections"].tolist() == [0]
    assert measure_separation(net).roads["misconnections"].isna().all()


def test_the_parts_of_a_town_without_gaps_add_up_to_its_roads() -> None:
    """The neighbourhoods of the demo city fill its towns: both hold the same roads, pipes and plots."""
    net = demo.city("2021-05-07")
    mixed = dr.find_mixed_flow(net)
    found = {
        "neighbourhoods": measure_separation(net, by="neighbourhood", mixed=mixed),
        "towns": measure_separation(net, by="town", mixed=mixed),
    }
    sums = [result.tables[name].select_dtypes("number").sum() for name, result in found.items()]
    names = ["length_m", "separated_m", "combined_m", "storm_km", "sewage_km", "plots", "plots_without_sewer"]
    assert sums[0][names].tolist() == pytest.approx(sums[1][names].tolist(), rel=1e-6)
