"""A network to a GeoPackage and back: the same rows, types and marks, and other files are none of ours."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely

import drainage as dr
from drainage.formats.geopackage import write_geopackage
from drainage.formats.marks import read_back
from drainage.said import in_language
from drainage.words import in_both
from tests.repairs.drawn import drawn
from tests.repairs.test_properties import assert_same
from tests.support.networks import build

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def net() -> dr.DrainageNetwork:
    """Two pipes with everything that a file loses: marks, zeros, objects of many types, names that GDAL keeps."""
    plain = drawn(
        {"p": ("a>b", [(0, 0), (10, 0)]), "q": ("b>c", [(10, 0), (20, 0.1)])}, {"b": {"kind": "manhole"}},
        invert_from_m=[0.0, np.nan], invert_to_m=[0.1 + 0.2, 999.0],
    )  # fmt: skip
    pipes = plain.pipes.assign(
        fid=[7, 7],
        Length_M=["x", "y"],
        mixed=pd.Series([1, "1"], plain.pipes.index, dtype=object),
        gaps=pd.Series([None, np.nan], plain.pipes.index, dtype=object),
        flags=pd.Series([True, None], plain.pipes.index, dtype=object),
        days=pd.Series([pd.Timestamp("2020-01-01").date(), None], plain.pipes.index, dtype=object),
        small=np.array([1, 2], dtype="int32"),
        commissioned=pd.Series([pd.Timestamp("2020-01-02"), pd.NaT], plain.pipes.index, dtype="datetime64[ms]"),
    )
    pipes["invert_to_source"] = pd.Series(["interpolated", "node"], pipes.index, dtype="str")
    return plain.replace(pipes=pipes)


def test_what_is_written_is_read(net: dr.DrainageNetwork, tmp_path: Path) -> None:
    assert_same(dr.read_network(write_geopackage(net, tmp_path / "net.gpkg")), net)


def test_what_lies_beside_travels_too(net: dr.DrainageNetwork, tmp_path: Path) -> None:
    area = gpd.GeoDataFrame(
        {"node_id": ["a"]}, index=pd.Index(["C"], name="catchment_id"), geometry=[shapely.box(0, 0, 9, 9)], crs=4548
    )
    roads = gpd.GeoDataFrame({"road": ["磬山路"]}, geometry=[shapely.LineString([(0, 0), (9, 9)])], crs=4548)
    rows = [["pipe", "p", "error", "no_ground", in_both("no_ground"), "of an older file"]]
    issues = pd.DataFrame(rows, columns=net.issues.columns, dtype=object)
    whole = dr.DrainageNetwork(net.pipes, net.nodes, catchments=area, layers={"roads": roads}, issues=issues)
    again = dr.read_network(write_geopackage(whole, tmp_path / "net.gpkg"))
    assert again.catchments is not None
    assert again.catchments["node_id"].to_dict() == {"C": "a"}
    assert again.layers["roads"]["road"].tolist() == ["磬山路"]
    assert again.issues.to_numpy().tolist() == rows
    assert in_language(again.issues["reason"].tolist(), "zh") == ["无地面高程"]


def test_a_part_is_read_as_it_was_written_whatever_rows_of_a_layer_are_left(
    net: dr.DrainageNetwork, tmp_path: Path
) -> None:
    roads = gpd.GeoDataFrame({"road": ["a", "b"]}, geometry=shapely.linestrings([[[0, 0], [1, 0]]] * 2), crs=net.crs)
    part = net.replace(layers={"roads": roads.iloc[[1]]})
    dr.write_network(part, tmp_path / "part.gpkg")
    kept = read_back(tmp_path / "part.gpkg")
    assert kept is not None
    assert kept.layers["roads"]["road"].tolist() == ["b"]


def test_a_value_that_somebody_wrote_into_the_file_is_read(net: dr.DrainageNetwork, tmp_path: Path) -> None:
    path = write_geopackage(net, tmp_path / "net.gpkg")
    pipes = pyogrio.read_dataframe(path, layer="pipes")
    pyogrio.write_dataframe(pipes.assign(diameter_mm=[500.0, 300.0], mixed=["DN", "1"]), path, layer="pipes")
    again = dr.read_network(path).pipes
    assert again["diameter_mm"].tolist() == [500.0, 300.0]
    assert again["mixed"].tolist() == ["DN", "1"]


def test_layers_whose_structure_was_changed_are_read_like_any_other(net: dr.DrainageNetwork, tmp_path: Path) -> None:
    path = write_geopackage(net.replace(pipes=net.pipes.drop(columns=["Length_M"])), tmp_path / "net.gpkg")
    pipes = pyogrio.read_dataframe(path, layer="pipes")
    pyogrio.write_dataframe(pipes.assign(new=1), path, layer="pipes")
    again = dr.read_network(path)
    assert again.pipes["new"].tolist() == [1, 1]
    assert again.pipes["invert_to_source"].tolist()[0] == "recorded"


def test_a_schematic_plan_is_refused(tmp_path: Path) -> None:
    net = build(["a>b storm"])
    plan = net.replace(pipes=net.pipes.set_crs(None, allow_override=True))  # type: ignore[call-overload]  # the stubs want a CRS
    with pytest.raises(dr.errors.CrsError, match="schematic"):
        write_geopackage(plan, tmp_path / "plan.gpkg")


def test_nothing_is_overwritten_without_force(net: dr.DrainageNetwork, tmp_path: Path) -> None:
    path = write_geopackage(net, tmp_path / "net.gpkg")
    with pytest.raises(dr.errors.FormatError, match="already exists"):
        write_geopackage(net, path)
    write_geopackage(net, path, force=True)
