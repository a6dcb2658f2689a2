"""Tables of a delivery: each is read by its own headings, whatever those of the others are."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pyproj
import pytest
import shapely

from drainage.intake.delivered_works.delivered_files import read_delivered
from drainage.intake.delivered_works.delivered_tables import Delivered

LINE = shapely.LineString([(500000.0, 3700000.0), (500050.0, 3700000.0)])


def write(file: Path, layer: str, **columns: object) -> None:
    table = {name: [value] for name, value in columns.items()}
    gpd.GeoDataFrame(table, geometry=[LINE], crs=4548).to_file(file, layer=layer, driver="GPKG")


@pytest.fixture
def two(tmp_path: Path) -> Delivered:
    """Give what is read of two layers of pipes with one faulty pipe each, whose headings differ."""
    file = tmp_path / "works.gpkg"
    write(file, "ys_line", 管段编号="P1", 管径mm=-300, 起点底高程=77_777.0, 材质="PE")
    write(file, "ws_line", gdbh="P2", gj=-400, qdgc=88_888.0, cz="PVC")
    (tmp_path / "inside").mkdir()
    return read_delivered(file, "gpkg", tmp_path / "inside", target=pyproj.CRS.from_epsg(4548))[0]


def test_columns_of_each_are_believed_by_their_names(two: Delivered) -> None:
    read = {
        place: {one.column: (one.source, one.how) for one in columns} for place, columns in two.origin.columns.items()
    }
    assert read["pipes: works.gpkg ys_line"] == {
        "pipe_id": ("管段编号", "name"), "diameter_mm": ("管径mm", "name"), "material": ("材质", "name"),
        "invert_from_m": ("起点底高程", "name"),
    }  # fmt: skip
    assert read["pipes: works.gpkg ws_line"] == {
        "pipe_id": ("gdbh", "name"), "diameter_mm": ("gj", "name"), "material": ("cz", "name"),
        "invert_from_m": ("qdgc", "name"),
    }  # fmt: skip


def test_faults_of_each_are_found(two: Delivered) -> None:
    told = two.issues[two.issues["severity"] == "error"]["reason"].astype(str)
    assert [sum(value in one for one in told) for value in ("-300", "-400", "77777", "88888")] == [1, 1, 1, 1]
