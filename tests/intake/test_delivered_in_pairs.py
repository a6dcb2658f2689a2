"""Four Shapefiles of a survey firm: lines and points, of storm drains and of sewers.

    Y1 --50 m--> Y2 --50 m--> Y3        storm drains: levels of the pipe bottom, ground at 198 m
    W1 --50 m--> W2 --50 m--> W3        sewers, 5 m beside them: depths of the pipe bottom alone

Truth: by hand. A sewer 2 m below ground at 198 m lies at 196 m.
"""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pytest
import shapely

import drainage as dr
from drainage.errors import CrsError

E, N = 551000.0, 3714000.0
RUNS = 12


def lines(letter: str, offset: float, levels: dict[str, list[float]]) -> gpd.GeoDataFrame:
    ends = [(E + 50.0 * k, E + 50.0 * (k + 1)) for k in range(RUNS)]
    drawn = [shapely.LineString([(a, N + offset), (b, N + offset)]) for a, b in ends]
    names = {"QDDH": [f"{letter}{k}" for k in range(RUNS)], "ZDDH": [f"{letter}{k + 1}" for k in range(RUNS)]}
    return gpd.GeoDataFrame({**names, "GJ": 300, **levels}, geometry=drawn, crs=4548)


def points(letter: str, offset: float) -> gpd.GeoDataFrame:
    drawn = [shapely.Point(E + 50.0 * k, N + offset) for k in range(RUNS + 1)]
    named = {"WTDH": [f"{letter}{k}" for k in range(RUNS + 1)], "FSW": "检查井"}
    return gpd.GeoDataFrame({**named, "DMGC": [198.0 + 0.01 * k for k in range(RUNS + 1)]}, geometry=drawn, crs=4548)


@pytest.fixture
def town(tmp_path: Path) -> Path:
    falling = [round(196.5 - 0.1 * k, 2) for k in range(RUNS + 1)]
    deep = [round(2.0 + 0.11 * k, 2) for k in range(RUNS + 1)]
    storm, sewage = {"QDGC": falling[:-1], "ZDGC": falling[1:]}, {"QDMS": deep[:-1], "ZDMS": deep[1:]}
    for letter, offset, levels in (("Y", 0.0, storm), ("W", 5.0, sewage)):
        lines(letter, offset, levels).to_file(tmp_path / f"{letter}S管线.shp", encoding="GBK")
        points(letter, offset).to_file(tmp_path / f"{letter}S管点.shp", encoding="GBK")
    return tmp_path


def read(town: Path, **said: object) -> dr.DrainageNetwork:
    return dr.read_network({"storm": town / "YS管线.shp", "sewage": town / "WS管线.shp"}, **said)  # type: ignore[arg-type]


class TestDepthsOfSewers:
    def test_ground_high_above_the_sea_is_read_although_only_depths_are_known(self, town: Path) -> None:
        """Depths of 2 m are no levels, so that ground at 198 m lies not too far above them."""
        net = dr.read_network(town / "WS管线.shp", nodes=town / "WS管点.shp")
        assert net.nodes["ground_m"].notna().all()
        assert net.pipes["invert_from_m"].tolist()[0] == pytest.approx(196.0)

    def test_depths_without_any_ground_are_told(self, town: Path) -> None:
        gpd.read_file(town / "WS管点.shp").drop(columns="DMGC").to_file(town / "WS管点.shp", encoding="GBK")
        net = read(town)
        told = net.issues[net.issues["code"] == "depths_unused"]
        assert told["severity"].tolist() == ["warning"]
        assert "12" in told["reason"].iloc[0]

    def test_depths_whose_ground_is_known_are_not(self, town: Path) -> None:
        assert "depths_unused" not in set(read(town).issues["code"])


class TestPointsBesideLines:
    def test_points_beside_each_file_of_lines_are_used(self, town: Path) -> None:
        net = read(town)
        assert net.nodes["ground_m"].notna().sum() == 2 * (RUNS + 1)
        beside = net.issues[net.issues["code"] == "layer_beside"]
        assert beside["feature_id"].tolist() == ["YS管点.shp", "WS管点.shp"]

    def test_one_table_beside_both_is_used_once(self, town: Path) -> None:
        for name in ("YS管线", "WS管线"):
            gpd.read_file(town / f"{name}.shp").to_file(town / "town.gpkg", layer=f"{name[:2]}LINE")
        points("Y", 0.0).to_file(town / "town.gpkg", layer="YSPOINT")
        net = dr.read_network(town / "town.gpkg")
        assert len(net.issues[net.issues["code"] == "layer_beside"]) == 1


class TestSystemOfCrs:
    def test_the_file_that_states_none_is_told_what_the_others_state(self, town: Path) -> None:
        (town / "WS管线.prj").unlink()
        with pytest.raises(CrsError) as refused:
            read(town)
        assert "WS管线.shp" in str(refused.value)
        assert "crs=EPSG:4548" in str(refused.value).replace("'", "").replace('"', "")
