"""Vector tiles of layers. Truth: the frames themselves, and GDAL and mapbox-vector-tile, which read the tiles."""

from __future__ import annotations

import gzip
import sys
from collections import defaultdict
from functools import cache
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import mapbox_vector_tile
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely
from pmtiles.reader import MemorySource, Reader, all_tiles

from drainage.errors import FormatError
from drainage.maps import vector_tiles
from drainage.maps.tiles.vector_tiles import MOST_BYTES
from tests.support import demo

DEEPEST: Final = 15
GRID_M: Final = 40_075_016.7 / 2**DEEPEST / 4096


@cache
def layers() -> dict[str, gpd.GeoDataFrame]:
    net = demo.city("2018-12-31")
    middle = shapely.buffer(net.nodes.geometry.to_numpy()[0], 400)
    few = net.pipes[net.pipes.intersects(middle)]
    line = shapely.LineString([(500_000, 3_713_000), (500_000.01, 3_713_000)])
    odd = few.iloc[:2].set_axis(["TINY", "LOST"]).set_geometry(np.array([line, None], dtype=object), crs=few.crs)
    pipes = gpd.GeoDataFrame(pd.concat([few, odd]).rename_axis("pipe_id"), crs=few.crs)
    return {"pipes": pipes, "nodes": net.nodes[net.nodes.intersects(middle)], "empty": net.nodes.iloc[:0]}


@cache
def archive() -> bytes:
    return vector_tiles(layers())


@cache
def tiles() -> dict[int, list[dict[str, Any]]]:
    """Zoom → tiles, decoded."""
    found = defaultdict(list)
    for (zoom, _, _), packed in all_tiles(MemorySource(archive())):
        found[zoom].append(mapbox_vector_tile.decode(gzip.decompress(packed)))
    return dict(found)


def features(zoom: int, layer: str) -> list[dict[str, Any]]:
    return [feature for tile in tiles()[zoom] if layer in tile for feature in tile[layer]["features"]]


def test_every_feature_with_a_place_is_in_the_deepest_zoom_and_no_other() -> None:
    """A pipe of 1 cm, which is shorter than the grid of a tile, too; one without a place not."""
    for name, frame in layers().items():
        ids = {feature["properties"][frame.index.name] for feature in features(DEEPEST, name)}
        assert ids == set(frame.index[frame.geometry.notna()]), name
    assert "TINY" in {feature["properties"]["pipe_id"] for feature in features(DEEPEST, "pipes")}


def test_attributes_are_those_of_the_frame() -> None:
    pipes = layers()["pipes"]
    for feature in features(DEEPEST, "pipes")[:200]:
        told, row = feature["properties"], pipes.loc[feature["properties"]["pipe_id"]]
        assert (told["system"], told["road"], told["synthetic"]) == (row["system"], row["road"], row["synthetic"])
        assert told.get("diameter_mm") == (None if np.isnan(row["diameter_mm"]) else row["diameter_mm"])
        assert told["commissioned"] == f"{row['commissioned']:%Y-%m-%d}"


def test_gdal_finds_the_pipes_at_their_places(tmp_path: Path) -> None:
    path = tmp_path / "city.pmtiles"
    path.write_bytes(archive())
    found = pyogrio.read_dataframe(path, layer="pipes", ZOOM_LEVEL=str(DEEPEST))
    ours = layers()["pipes"].geometry.to_crs(3857)
    theirs = found.dissolve("pipe_id").geometry
    assert set(theirs.index) == set(ours.index[ours.notna()])
    gap = theirs.hausdorff_distance(ours.reindex(theirs.index))
    assert gap.drop("TINY").max() <= 2 * GRID_M
    assert gap["TINY"] < 1.0


def test_far_away_lines_are_joined_and_have_no_ids() -> None:
    far, near = features(12, "pipes"), features(DEEPEST, "pipes")
    assert 0 < len(far) < len(near) / 2
    assert {key for feature in far for key in feature["properties"]} <= {"synthetic", "system", "diameter_mm"}
    assert {feature["properties"]["system"] for feature in far} == set(layers()["pipes"]["system"].dropna())


def test_it_describes_its_layers_as_tilejson_does() -> None:
    reader = Reader(MemorySource(archive()))
    told = {layer["id"]: layer for layer in reader.metadata()["vector_layers"]}
    assert set(told) == {"pipes", "nodes"}
    assert told["pipes"]["fields"]["pipe_id"] == "String"
    assert told["pipes"]["fields"]["diameter_mm"] == "Number"
    for name, layer in told.items():
        held = {key for feature in features(DEEPEST, name) for key in feature["properties"]}
        assert held <= set(layer["fields"])
        assert all(name not in tile for zoom in tiles() if zoom < layer["minzoom"] for tile in tiles()[zoom])
    header = reader.header()
    boxes = np.array([layers()[name].to_crs(4326).total_bounds for name in told])
    assert header["min_lon_e7"] / 1e7 == pytest.approx(boxes[:, 0].min(), abs=1e-6)
    assert header["max_lat_e7"] / 1e7 == pytest.approx(boxes[:, 3].max(), abs=1e-6)


def test_many_points_are_drawn_near_by_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("drainage.maps.tiles.vector_tiles.MOST_POINTS", 100)
    reader = Reader(MemorySource(vector_tiles({"nodes": layers()["nodes"]})))
    assert reader.header()["min_zoom"] == reader.metadata()["vector_layers"][0]["minzoom"] == 14


def test_an_id_that_is_called_as_a_column_is_has_another_name() -> None:
    frame = layers()["pipes"].assign(change="new").rename_axis("change")
    (layer,) = Reader(MemorySource(vector_tiles({"changes": frame}))).metadata()["vector_layers"]
    assert next(iter(layer["fields"])) == "id"
    assert "change" in layer["fields"]


def test_the_same_layers_give_the_same_bytes() -> None:
    assert vector_tiles(layers()) == archive()


def test_a_plan_that_lies_nowhere_has_no_tiles() -> None:
    nodes = layers()["nodes"]
    plan = gpd.GeoDataFrame(nodes.drop(columns="geometry"), geometry=np.asarray(nodes.geometry.array, dtype=object))
    with pytest.raises(FormatError, match="no layer lies anywhere"):
        vector_tiles({"nodes": plan})


def test_without_the_library_the_remedy_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pmtiles", None)
    monkeypatch.setitem(sys.modules, "pmtiles.writer", None)
    with pytest.raises(FormatError, match=r"pip install 'drainage\[api\]'"):
        vector_tiles({"nodes": layers()["nodes"]})


@pytest.mark.long
def test_a_city_of_100_000_pipes_is_whole_and_no_tile_is_large() -> None:
    from benchmarks.city import build_city

    pipes, _ = build_city(100_000)
    pipes = pipes.set_index("pipe_id")
    found, largest = set[str](), 0
    for (zoom, _, _), packed in all_tiles(MemorySource(vector_tiles({"pipes": pipes}))):
        largest = max(largest, len(packed))
        if zoom == DEEPEST:
            tile = mapbox_vector_tile.decode(gzip.decompress(packed))
            found.update(feature["properties"]["pipe_id"] for feature in tile["pipes"]["features"])
    assert found == set(pipes.index)
    assert largest < MOST_BYTES / 4
