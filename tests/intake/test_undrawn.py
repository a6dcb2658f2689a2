"""Layers whose lines are not drawn while they are read make the network of those that are drawn first: every bit.

Clean layers, dirty ones (heights, parts, other shapes, nothing, ids that are blank, twice or spelt otherwise, levels
that cannot be), those of real cities and the demo, from a GeoPackage, a FlatGeobuf and GeoParquet.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

import drainage as dr
from drainage.errors import DrainageError
from drainage.formats.guard import gdal, undrawn
from drainage.intake import same_place
from drainage.network import DrainageNetwork
from drainage.positions import middles
from drainage.positions.drawn_later import DrawnLater
from drainage.schema import codes
from tests.cities.deliveries import SOURCES, folder_of
from tests.support.same import assert_same

ENDINGS = (".gpkg", ".fgb", ".parquet")


@contextmanager
def drawn_first() -> Iterator[None]:
    """Have every line drawn as it is read."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gdal, "read_layer_undrawn", lambda *_: None)
        patch.setattr(gdal, "read_parquet_undrawn", lambda *_: None)
        yield


@contextmanager
def as_of_many() -> Iterator[None]:
    """Have few rows read as a million are."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(same_place, "MANY_ROWS", 0)
        patch.setattr(middles, "MANY_ROWS", 0)
        patch.setattr(undrawn, "_ROWS_AT_ONCE", 2)
        patch.setattr(codes, "_AGAIN", 2)
        yield


def write(frame: gpd.GeoDataFrame, path: Path) -> Path:
    if path.suffix == ".parquet":
        frame.to_parquet(path)
    else:
        pyogrio.write_dataframe(frame, path)
    return path


def read(source: Any) -> DrainageNetwork | str:  # noqa: ANN401 - what read_network takes
    try:
        return dr.read_network(source)
    except DrainageError as error:
        return f"{type(error).__name__}: {error}"


def assert_read_alike(source: Any) -> DrainageNetwork | str:  # noqa: ANN401 - what read_network takes
    with drawn_first():
        slow = read(source)
    with as_of_many():
        quick = read(source)
    if isinstance(slow, str) or isinstance(quick, str):
        assert quick == slow
        return quick
    assert_same(quick, slow)
    assert_frame_equal(quick.issues, slow.issues)
    for end in ("tail", "head"):
        np.testing.assert_array_equal(getattr(quick.graph, end), getattr(slow.graph, end))
    told, by_hand = vars(quick.origin), vars(slow.origin)
    assert {name: repr(one) for name, one in told.items()} == {name: repr(one) for name, one in by_hand.items()}
    return quick


def street(n: int = 6) -> gpd.GeoDataFrame:
    r"""Give pipes in a row, every second of them bent: 0 --- 1 -^- 2 --- 3."""
    x = 500_000.0 + 30.0 * np.arange(n + 1)
    lines = [[(x[k], 0), *[(x[k] + 10, 5.0)] * (k % 2), (x[k + 1], 0)] for k in range(n)]
    return gpd.GeoDataFrame(
        {
            "pipe_id": [f"P{k}" for k in range(n)],
            "from_node": [f"N{k}" for k in range(n)],
            "to_node": [f"N{k + 1}" for k in range(n)],
            "system": ["YS", "WS"] * (n // 2) + ["YS"] * (n % 2),
            "diameter_mm": 300 + 100 * np.arange(n),
            "invert_from_m": 20.0 - 0.1 * np.arange(n),
            "invert_to_m": 19.9 - 0.1 * np.arange(n),
            "road": ["经一路"] * n,
        },
        geometry=[shapely.LineString(line) for line in lines],
        crs=4548,
    )


@pytest.mark.parametrize("ending", ENDINGS)
def test_plain_lines_are_not_drawn_to_be_read(ending: str, tmp_path: Path) -> None:
    net = assert_read_alike(write(street(), tmp_path / f"pipes{ending}"))
    assert isinstance(net, DrainageNetwork)
    assert len(net.nodes) == 7
    for column in (net.pipes.geometry.array, net.nodes.geometry.array):
        assert isinstance(column, DrawnLater)
        assert column.flat is not None


def test_mixed_flow_and_separation_draw_no_pipe_that_they_do_not_tell_of(tmp_path: Path) -> None:
    net = dr.read_network(write(street(), tmp_path / "pipes.gpkg"))
    road = shapely.LineString([(500_000.0, 5.0), (500_180.0, 5.0)])
    roads = gpd.GeoDataFrame({"road": ["经一路"]}, geometry=[road], crs=4548)
    mixed = dr.find_mixed_flow(net)
    separation = dr.measure_separation(net, roads, mixed=mixed)
    assert len(mixed.tables["points"])
    assert separation.summary["coverage_share"] == 0.0
    for table in (net.pipes, net.nodes, mixed.tables["pipes"]):
        assert isinstance(table.geometry.array, DrawnLater)
        assert "drawn" not in vars(table.geometry.array.flat)


def heights(line: shapely.LineString) -> shapely.Geometry:
    return shapely.force_3d(line, 4.0)


def with_shape(pipes: gpd.GeoDataFrame, row: int, shape: shapely.Geometry | None) -> gpd.GeoDataFrame:
    shapes = np.array(pipes.geometry.array)
    shapes[row] = shape
    return pipes.set_geometry(gpd.GeoSeries(shapes, index=pipes.index, crs=pipes.crs))


OTHERWISE: dict[str, Callable[[Any], Any]] = {
    "heights": heights,
    "parts": lambda line: shapely.MultiLineString([line]),
    "apart": lambda line: shapely.MultiLineString([line, shapely.transform(line, lambda xy: xy + 1000.0)]),
    "point": lambda line: shapely.Point(line.coords[0]),
    "empty": lambda _: shapely.LineString(),
    "nothing": lambda _: None,
    "turned": shapely.reverse,
    "far": lambda line: shapely.transform(line, lambda xy: xy + 1e7),
    "short": lambda line: shapely.LineString([line.coords[0]] * 2),
}
IDS = ["P1", "p1", " P2", "", "nan", "0", "-1", "12.0", "P 3", "Ｐ4", "N1", "n1", "N 2", "N02", "unknown", None, "P�"]


@pytest.mark.parametrize("how", OTHERWISE)
def test_what_is_no_plain_line_is_read_as_before(how: str, tmp_path: Path) -> None:
    pipes = street()
    pipes = with_shape(pipes, 2, OTHERWISE[how](pipes.geometry.iloc[2]))
    assert_read_alike(write(pipes, tmp_path / "pipes.gpkg"))


@st.composite
def layers(draw: st.DrawFn) -> gpd.GeoDataFrame:
    pipes = street(draw(st.integers(1, 9)))
    n = len(pipes)
    rows = st.lists(st.integers(0, n - 1), max_size=3)
    for how in draw(st.lists(st.sampled_from([*OTHERWISE]), max_size=2)):
        for row in draw(rows):
            pipes = with_shape(pipes, row, OTHERWISE[how](shapely.LineString([(5e5 + row, 0), (5e5 + row, 20)])))
    for column in ("pipe_id", "from_node", "to_node", "system", "road"):
        for row in draw(rows):
            pipes.loc[row, column] = draw(st.sampled_from(IDS))
    for column in ("invert_from_m", "invert_to_m", "diameter_mm"):
        pipes[column] = pipes[column].astype(float)
        for row in draw(rows):
            pipes.loc[row, column] = draw(st.sampled_from([np.nan, 0.0, -1.0, 9999.0, 1e6, 9.99]))
    kept = draw(st.permutations([*pipes.columns.drop("geometry")]))
    pipes = pipes[[*kept[: draw(st.integers(3, len(kept)))], "geometry"]]
    if draw(st.booleans()):
        pipes["surveyed"] = pd.to_datetime("2020-05-01")
    return pipes.to_crs(4490) if draw(st.booleans()) else pipes


@pytest.mark.long
@settings(max_examples=60)
@given(pipes=layers(), ending=st.sampled_from([".gpkg", ".parquet"]))
def test_whatever_is_wrong_both_ways_say_the_same(
    pipes: gpd.GeoDataFrame, ending: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    assert_read_alike(write(pipes, tmp_path_factory.mktemp("made") / f"pipes{ending}"))


@pytest.mark.long
@pytest.mark.parametrize("ending", ENDINGS)
def test_the_demo_city_is_the_same(ending: str, demo_data: Path, tmp_path: Path) -> None:
    for name in ("pipes", "nodes", "roads"):
        write(gpd.read_file(demo_data / f"{name}.geojson"), tmp_path / f"{name}{ending}")
    net = assert_read_alike(tmp_path / f"pipes{ending}")
    assert isinstance(net, DrainageNetwork)
    assert len(net) == 6479


@pytest.mark.long
@pytest.mark.parametrize("city", [name for name, said in SOURCES.items() if "folder" not in said])
def test_cities_are_the_same(city: str, shared_networks: Path, tmp_path: Path) -> None:
    folder = folder_of(shared_networks, city)
    sources = {}
    for key, names in SOURCES[city].items():
        if key in ("storm", "sewage", "combined", "pipes"):
            (path,) = [folder / name for name in ([names] if isinstance(names, str) else names)]
            sources[key] = write(gpd.GeoDataFrame(gdal.read_file(path)), tmp_path / f"{path.stem}.gpkg")
    assert sources
    assert_read_alike(sources.get("pipes", sources))
