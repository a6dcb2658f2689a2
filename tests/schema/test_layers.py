"""Every layer of the table of layers goes through every writer and back, and every column says what it is.

A layer that is added to `drainage/schema/layers.toml` is tested here by that alone.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

import drainage as dr
from drainage import words
from drainage.schema import Issues
from drainage.schema.issues import RowNames
from drainage.schema.layers import EVIDENCE, LAYERS, UNITS, Column, LayerModel
from drainage.schema.ranges import keep_in_range
from drainage.writing import VECTOR_ENDINGS
from tests.conftest import DATABASE, ROOT, own_schema

EAST, NORTH = 551000.0, 3712000.0
#: One place for all: a pipe is as long as its column says.
DRAWN = {
    "line": shapely.LineString([(EAST, NORTH), (EAST + 12.5, NORTH)]),
    "point": shapely.Point(EAST, NORTH),
    "polygon": shapely.box(EAST, NORTH, EAST + 40, NORTH + 40),
}
WRITERS = (".gpkg", *VECTOR_ENDINGS, "postgis")
#: Those that say beside the layers what each column was.
MARKED = (".gpkg", "postgis")


def value(column: Column, layer: LayerModel) -> object:
    """Give what a column may hold."""
    ids = {"from_node": "a", "to_node": "b", "node_id": "a"}
    if column.kind == "id":
        return ids.get(column.name, f"{layer.prefix}1") if column.name != layer.id else f"{layer.name} 1"
    if column.kind == "number":
        if column.name == "barrels":
            return 2.0
        return min(max(300.0 if column.unit == "mm" else 12.5, column.least), column.most)
    told = {"code": column.codes[:1] or ("?",), "date": (pd.Timestamp("2015-06-01"),)}
    return told.get(column.kind, (f"{column.name} 磬山",))[0]


def table_of(layer: LayerModel) -> gpd.GeoDataFrame:
    """Make a table of one row that holds something in every column, in those that need not be there too."""
    columns = {**layer.columns, **layer.also}
    row = {name: [value(column, layer)] for name, column in columns.items()} | {"巡查员": ["王"]}
    frame = gpd.GeoDataFrame(row, geometry=[DRAWN[layer.geometry[0]]], crs="EPSG:4548")
    return frame.set_index(layer.id) if layer.id else frame


def whole() -> dr.DrainageNetwork:
    """Make a network that has every layer."""
    tables = {name: table_of(layer) for name, layer in LAYERS.items()}
    ends = table_of(LAYERS["nodes"]).rename(index={"nodes 1": "a"})
    other = ends.rename(index={"a": "b"}).set_geometry([shapely.Point(EAST + 12.5, NORTH)], crs=ends.crs)
    del tables["nodes"]
    return dr.DrainageNetwork(
        tables.pop("pipes"), pd.concat([ends, other]), catchments=tables.pop("catchments"), layers=tables
    )


def tables_of(net: dr.DrainageNetwork) -> dict[str, gpd.GeoDataFrame]:
    assert net.catchments is not None
    return {"pipes": net.pipes, "nodes": net.nodes, "catchments": net.catchments, **net.layers}


@pytest.fixture(scope="module", params=WRITERS)
def written(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, dr.DrainageNetwork]]:
    """Write a network that has every layer, and read it again."""
    writer: str = request.param
    if writer == "postgis" and not DATABASE:
        pytest.skip("no PostGIS server: DRAINAGE_TEST_PG is not set")
    with ExitStack() as stack:
        place = tmp_path_factory.mktemp("layers")
        target = stack.enter_context(own_schema()) if writer == "postgis" else str(place / f"pipes{writer}")
        dr.write_network(whole(), target)
        yield writer, dr.read_network(target)


@pytest.mark.long
@pytest.mark.parametrize("name", LAYERS)
def test_every_layer_goes_through_every_writer_and_back(written: tuple[str, dr.DrainageNetwork], name: str) -> None:
    writer, again = written
    layer, truth, read = LAYERS[name], tables_of(whole())[name], tables_of(again)[name]
    # others compute the marks anew, and a Shapefile cuts the names of columns that files need not have
    also = layer.also if writer in MARKED else () if writer == ".shp" else {*layer.also} - {*layer.marks}
    assert list(read.index.astype(str)) == list(truth.index.astype(str))
    for column in (*layer.attributes, *also, "巡查员"):
        ours, theirs = truth[column], read[column].set_axis(truth.index)
        if pd.api.types.is_datetime64_any_dtype(ours):
            theirs = pd.to_datetime(theirs)
        pd.testing.assert_series_equal(theirs, ours, check_dtype=False, obj=f"{name}.{column} from {writer}")
    drawn = read.to_crs(4548).geometry.set_axis(truth.index)
    assert (drawn.hausdorff_distance(truth.geometry) < 0.02).all()  # GeoJSON rounds to a centimetre


def test_every_column_says_what_it_is() -> None:
    for layer in (*LAYERS.values(), *EVIDENCE.values()):
        for column in (*layer.columns.values(), *layer.also.values()):
            place = f"{layer.name}.{column.name}"
            assert column.zh, place
            assert column.en, place
            assert (column.kind == "number") == bool(column.least < column.most), place
            assert (column.kind == "code") == bool(column.codes), place
            assert words.unit(column.name) in {"", column.unit} or column.kind != "number", place
            assert not column.name.endswith("_source") or column.name in layer.marks
    assert all(one.unit in UNITS for kind in EVIDENCE.values() for one in kind.numbers().values())


@pytest.mark.parametrize("layer", LAYERS.values(), ids=LAYERS)
def test_a_value_outside_its_range_is_missing_and_said_and_one_on_the_bound_is_kept(layer: LayerModel) -> None:
    """Rows: the least, the most, below, above, none."""
    numbers = layer.numbers().values()
    rows = {one.name: [one.least, one.most, one.least - 0.01, one.most * 1.01, np.nan] for one in numbers}
    issues = Issues()
    kept = keep_in_range(
        gpd.GeoDataFrame(rows, geometry=np.full(5, None, dtype=object)), layer, RowNames(None, 5), issues
    )
    for one in numbers:
        np.testing.assert_array_equal(kept[one.name], [one.least, one.most, np.nan, np.nan, np.nan])
    said = issues.frame()
    assert said["feature_id"].tolist() == ["row 3", "row 4"] * len(numbers)
    if numbers:
        assert set(said["code"]) == {"value_out_of_range"}
        assert set(said["feature_kind"]) == {layer.feature}


def test_importing_the_package_reads_no_table() -> None:
    code = "import sys, drainage; print(any(name.startswith('drainage.schema') for name in sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_the_data_dictionary_is_up_to_date() -> None:
    """``python scripts/describe_layers.py`` writes it."""
    from scripts.describe_layers import PAGE, page

    assert PAGE.read_text(encoding="utf-8") == page()
