"""Which roads are one, and that each is measured once: lengths worked by hand."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely

import drainage as dr
from drainage.analyses.separation import measure_separation
from drainage.intake.roads import draw_once, name_roads
from drainage.schema.ids import Spellings
from tests.support.networks import build

STREET = shapely.LineString([(0, 0), (100, 0)])


def roads(*lines: tuple[str | None, shapely.Geometry]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({"road": [name for name, _ in lines]}, geometry=[line for _, line in lines], crs=4548)


def measured(*lines: tuple[str | None, shapely.Geometry]) -> pd.Series:
    net = build(["a>b storm", "c>d sewage"], places={"a": (0, 2), "b": (100, 2), "c": (0, -2), "d": (100, -2)})
    return measure_separation(net, roads(*lines)).roads["length_m"]


class TestDrawnTwice:
    def test_there_and_back_is_one_street(self) -> None:
        assert measured(("A", STREET), ("A", STREET.reverse())).to_dict() == {"A": pytest.approx(100.0)}

    def test_so_it_is_two_metres_beside_and_in_pieces(self) -> None:
        pieces = [shapely.LineString([(100, 2), (60, 2)]), shapely.LineString([(60, 2), (0, 2)])]
        assert measured(("A", STREET), *(("A", piece) for piece in pieces))["A"] == pytest.approx(100.0)

    def test_what_the_second_line_adds_counts(self) -> None:
        longer = shapely.LineString([(150, 0), (0, 0)])
        assert measured(("A", STREET), ("A", longer))["A"] == pytest.approx(150.0)

    def test_carriageways_are_drawn_as_two_and_count_once_and_other_roads_stay(self) -> None:
        apart = shapely.LineString([(100, 20), (0, 20)])
        table = roads(("A", STREET), ("A", apart))
        assert draw_once(table)[0].geometry.length.sum() == pytest.approx(200.0)
        assert measured(("A", STREET), ("A", apart))["A"] == pytest.approx(100.0)
        assert measured(("A", STREET), ("B", STREET.reverse())).to_dict() == {"A": 100.0, "B": 100.0}

    def test_parts_that_meet_at_a_corner_stay_whole(self) -> None:
        corner = [shapely.LineString([(100, 0), (100, 80)]), shapely.LineString([(100, 80), (30, 10)])]
        assert measured(("A", STREET), *(("A", part) for part in corner))["A"] == pytest.approx(180 + 70 * 2**0.5)

    def test_what_was_left_out_is_said(self) -> None:
        net = build(["a>b storm"], places={"a": (0, 2), "b": (100, 2)})
        result = measure_separation(net, roads(("A", STREET), ("A", STREET.reverse())))
        assert "0.1 km drawn twice counted once" in str(result.summary["roads_from"])

    def test_nothing_changes_where_nothing_is_twice(self) -> None:
        table = roads(("A", STREET), ("A", shapely.LineString([(100, 0), (200, 0)])))
        once, twice_m = draw_once(table)
        assert once is table
        assert twice_m == 0.0


class TestNames:
    def test_width_case_and_blanks_do_not_make_a_road(self) -> None:
        written = ["人民路", "人民 路", "人民路　", "人 民 路", "１号路", "1号路", "Main St", "MAIN  ST", " ", None]
        settled = Spellings().settle(pd.Series(written))
        assert settled.tolist()[:-2] == [*["人民路"] * 4, "1号路", "1号路", "Main St", "Main St"]
        assert settled.isna().tolist() == [False] * 8 + [True] * 2

    def test_a_section_of_a_road_is_not_the_road(self) -> None:
        assert Spellings().settle(pd.Series(["人民路", "人民路（东段）", "人民路东段"])).nunique() == 3

    def test_a_road_without_a_name_is_a_road_of_its_own(self) -> None:
        beyond = shapely.LineString([(100, 0), (200, 0)])
        found = measured((None, STREET), ("A", beyond), (None, beyond.reverse()))
        assert found.to_dict() == {"unnamed 1": 100.0, "A": 100.0, "unnamed 3": 100.0}
        assert name_roads(roads((None, STREET)))["road"].tolist() == ["unnamed 1"]

    def test_pipes_and_roads_of_a_delivery_are_spelled_alike(self) -> None:
        net = build(["a>b storm", "b>c storm"], road=["人民路", "人民 路"])
        read = dr.as_network(net.pipes, roads=roads(("人民路　", STREET), (None, STREET)))
        assert read.pipes["road"].tolist() == ["人民路"] * 2
        assert read.layers["roads"]["road"].tolist() == ["人民路", "unnamed 2"]
        said = read.issues.set_index("code")["reason"]
        assert "'人民 路' 人民路" in said.loc["spelling"].iloc[0]
        assert said["no_name"] == "1 of 2 roads have no name"

    def test_roads_that_all_have_no_name_are_read(self, tmp_path: Path) -> None:
        roads((None, STREET), (None, STREET)).rename(columns={"road": "name"}).to_file(tmp_path / "roads.gpkg")
        read = dr.intake.read_roads(tmp_path / "roads.gpkg")
        assert read["road"].tolist() == ["unnamed 1", "unnamed 2"]

    def test_a_filter_finds_a_road_however_it_is_written(self) -> None:
        report = dr.analyze(build(["a>b storm", "b>c storm"], road=["人民路", "B"]))
        assert report.features("pipes", where={"road": "人民　路"})["numberMatched"] == 1
