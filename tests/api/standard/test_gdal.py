"""GDAL's driver of OGC API – Features reads the demo city from a real server. Truth: the layers of the report."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely

from drainage.report import read_report
from tests.support import demo
from tests.support.own_server import served

pytestmark = pytest.mark.long
ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("report") / "written"
    demo.report("2018-12-31").write(path)
    return path


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[str]:
    """A server in a process of its own: GDAL holds this one while it waits."""
    with served("drainage_api.main:create_app", DRAINAGE_RESULTS=str(folder)) as address:
        yield f"OAPIF:{address}"


def read(server: str, layer: str, **options: object) -> gpd.GeoDataFrame:
    frame: gpd.GeoDataFrame = pyogrio.read_dataframe(server, layer=layer, **options)
    return frame


@pytest.fixture(scope="module")
def pipes(folder: Path) -> gpd.GeoDataFrame:
    return gpd.read_file(folder / "pipes.gpkg", layer="pipes")


class TestLayers:
    def test_all_collections_have_the_counts_and_places_of_the_report(self, server: str, folder: Path) -> None:
        frames = read_report(folder).collections
        found = {str(name): str(kind) for name, kind in pyogrio.list_layers(server)}
        assert {"pipes", "nodes", "mixed_flow", "misconnections", "waterlogging", "issue_points", "issue_lines"} <= set(
            found
        )
        assert found["issue_points"] == "Point"
        assert found["issue_lines"] == "LineString"
        for name in set(found) & set(frames):
            ours, theirs = frames[name], read(server, name)
            assert len(theirs) == len(ours)
            placed = ours.geometry.notna().to_numpy()
            assert theirs.crs is not None
            moved = ours.geometry.to_crs(theirs.crs)
            step = 1e-7 if theirs.crs.is_geographic else 1e-3
            near = shapely.distance(np.asarray(theirs.geometry)[placed], np.asarray(moved)[placed])
            assert near.max(initial=0) <= step

    def test_pipes_have_the_columns_and_values_of_the_geopackage(self, server: str, pipes: gpd.GeoDataFrame) -> None:
        theirs = read(server, "pipes").set_index("pipe_id").loc[pipes["pipe_id"]]
        assert set(pipes.columns) - {"geometry", "pipe_id"} <= set(theirs.columns)
        for column in ("diameter_mm", "invert_from_m", "length_m"):
            assert np.allclose(theirs[column], pipes[column].to_numpy(float), equal_nan=True)
        assert list(theirs["system"]) == list(pipes["system"])
        assert (
            pd.to_datetime(theirs["commissioned"]).to_numpy() == pd.to_datetime(pipes["commissioned"]).to_numpy()
        ).all()

    def test_a_column_without_values_has_the_type_of_the_schema(self, server: str, pipes: gpd.GeoDataFrame) -> None:
        info = pyogrio.read_info(server, layer="pipes")
        kinds = dict(zip(info["fields"], info["dtypes"], strict=True))
        assert pipes["width_mm"][:100].isna().all()
        assert kinds["width_mm"] == kinds["diameter_mm"] == "float64"
        assert kinds["commissioned"] == "datetime64[D]"
        assert kinds["judged"] == "bool"

    @pytest.mark.parametrize("crs", ["OGC:CRS84", "EPSG:4326", "EPSG:4490", "EPSG:4548"])
    def test_axes_are_read_right_in_every_system(self, server: str, pipes: gpd.GeoDataFrame, crs: str) -> None:
        theirs = read(server, "pipes", CRS=crs).set_index("pipe_id").loc[pipes["pipe_id"]]
        wanted = pipes.geometry.to_crs(4326 if crs == "OGC:CRS84" else crs)
        near = shapely.hausdorff_distance(np.asarray(theirs.geometry), np.asarray(wanted))
        assert near.max() <= (1e-3 if crs == "EPSG:4548" else 2e-7)


class TestPushed:
    @pytest.mark.parametrize(
        ("where", "holds"),
        [
            ("commissioned > '2010/01/01'", lambda f: pd.to_datetime(f["commissioned"]) > pd.Timestamp("2010-01-01")),
            ("diameter_mm > 800", lambda f: f["diameter_mm"] > 800),
            (
                "system = 'sewage' AND diameter_mm <= 400",
                lambda f: f["system"].eq("sewage") & (f["diameter_mm"] <= 400),
            ),
            ("system = 'sewage' OR diameter_mm > 800", lambda f: f["system"].eq("sewage") | (f["diameter_mm"] > 800)),
            ("NOT (diameter_mm > 800)", lambda f: f["diameter_mm"] <= 800),
            ("abandoned IS NULL", lambda f: f["abandoned"].isna()),
            ("system ILIKE 'SEW%'", lambda f: f["system"] == "sewage"),
            ("diameter_mm IN (300, 400)", lambda f: f["diameter_mm"].isin([300, 400])),
        ],
    )
    def test_conditions_choose_what_they_choose_in_the_geopackage(
        self, server: str, pipes: gpd.GeoDataFrame, where: str, holds: object
    ) -> None:
        assert callable(holds)
        assert set(read(server, "pipes", where=where)["pipe_id"]) == set(pipes["pipe_id"][holds(pipes)])

    def test_a_box_chooses_what_it_meets(self, server: str, pipes: gpd.GeoDataFrame) -> None:
        west, south, east, north = pipes.total_bounds
        box = (west, south, (west + east) / 2, (south + north) / 2)
        ours = pipes[pipes.geometry.intersects(shapely.box(*box))]
        assert set(read(server, "pipes", bbox=box)["pipe_id"]) == set(ours["pipe_id"])

    def test_a_time_chooses_by_the_life_of_pipes(self, server: str, pipes: gpd.GeoDataFrame) -> None:
        built = pd.to_datetime(pipes["commissioned"])
        wanted = built.isna() | (built <= pd.Timestamp("2005-12-31"))
        assert len(read(server, "pipes", DATETIME="../2005-12-31")) == wanted.sum()
