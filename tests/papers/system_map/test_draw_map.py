"""System maps: where pipes lie on paper, what is said of what is left out, what the public version holds."""

from __future__ import annotations

import re
import subprocess
import xml.etree.ElementTree as ET
from functools import cache
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from ezdxf.entities.lwpolyline import LWPolyline
from ezdxf.filemanagement import readfile

import drainage as dr
from drainage.maps.looks import SYSTEMS
from drainage.papers import Paper, SystemMap
from drainage.papers.drawn.sheets import Area, Line
from drainage.papers.system_map.map_notes import crs_text
from tests.support import demo
from tests.support.networks import build
from tests.support.sheets import is_clean

SVG = "{http://www.w3.org/2000/svg}"
SYSTEM_LAYERS = {system.upper() for system in SYSTEMS}
PLACES = {"a": (0.0, 0.0), "b": (100.0, 0.0), "c": (160.0, 80.0), "x": (0.0, 3.0), "y": (100.0, 3.0)}


def three(**columns: list[object]) -> dr.DrainageNetwork:
    """Storm a-b-c, and a sewer x-y beside it."""
    return build(
        ["a>b storm 600", "b>c storm 1000", "x>y sewage 300"], places=PLACES, kinds={"c": "outfall"}, **columns
    )


def content_of(paper: Paper) -> SystemMap:
    assert isinstance(paper.content, SystemMap)
    return paper.content


def said(paper: Paper) -> str:
    return "\n".join(one.text for sheet in paper.sheets for one in sheet.texts)


def noted(paper: Paper, sheet: int = 0) -> str:
    """The notes of a sheet, their lines put together: as they are read in Chinese."""
    return "".join(one.text for one in paper.sheets[sheet].texts if one.layer == "NOTES")


@cache
def city(lang: str, size: str | None = None, *, public: bool = False, bare: bool = False) -> Paper:
    return dr.papers.plot_map(demo.city("2018-12-31"), size=size, public=public, bare=bare, lang=lang)


@cache
def in_sheets() -> Paper:
    return dr.papers.plot_map(demo.around("YS1403", 700.0), size="A3", scale=2000, lang="zh")


def on_paper(content: SystemMap, number: int = 1) -> np.ndarray:
    """The lines of all pipes in mm on a sheet, by hand from bounds and scale."""
    tile, room = content.cutting.tiles[number - 1], content.cutting.layout.map
    left, low = tile.bounds[:2]
    return np.asarray(
        shapely.transform(
            content.pipes["line"].to_numpy(),
            lambda at: (at - (left, low)) * 1000.0 / content.scale + (room.left, room.low),
        )
    )


class TestLooks:
    @pytest.mark.long
    @pytest.mark.parametrize(("lang", "size"), [("zh", None), ("en", None), ("zh", "A3"), ("en", "A4")])
    def test_texts_can_be_read_and_lie_within_the_frame_and_none_upon_another(
        self, lang: str, size: str | None
    ) -> None:
        paper = city(lang, size)
        is_clean(paper.sheets[0], content_of(paper).cutting.layout.frame)

    def test_so_do_those_of_a_figure_and_of_an_index(self) -> None:
        for paper in (city("en", bare=True), in_sheets()):
            for sheet in paper.sheets[:3]:
                is_clean(sheet, content_of(paper).cutting.layout.frame)

    def test_a_figure_has_no_title_block_but_the_notice_and_the_scale(self) -> None:
        paper = city("en", bare=True)
        assert paper.sheets[0].width_mm == 170.0
        assert not [one for one in paper.sheets[0].drawn if one.layer == "BLOCK"]
        assert "Synthetic demo data" in said(paper)
        assert f"scale 1:{content_of(paper).scale}" in said(paper)

    def test_thin_pipes_lie_upon_wide_ones(self) -> None:
        """The sewer x-y of 300 mm and the storm drain a-b of 600 mm touch at 1:20000."""
        paper = dr.papers.plot_map(three(), scale=20000, size="A3", lang="en")
        room = content_of(paper).cutting.layout.map
        depth = {one.layer: one.z for one in paper.sheets[0].drawn
                 if isinstance(one, Line) and one.layer in SYSTEM_LAYERS and one.points[0][0] < room.right}  # fmt: skip
        assert depth["SEWAGE"] > depth["STORM"]
        assert "touch or cover pipes of another system" in said(paper)
        assert "drawn where they were surveyed." in said(dr.papers.plot_map(three(), scale=500, size="A3", lang="en"))

    def test_arrows_point_where_the_water_flows(self) -> None:
        """On a-b to the east: the tip of an arrow is its first corner."""
        paper = dr.papers.plot_map(three(), size="A3", lang="en")
        lines = on_paper(content_of(paper))
        tips = [one.points for one in paper.sheets[0].drawn if isinstance(one, Area) and one.layer == "FLOW"]
        room = content_of(paper).cutting.layout.map
        on_map = [points for points in tips if points[0][0] < room.right]
        east = [points for points in on_map if shapely.Point(points[2]).distance(lines[0]) < 0.1]
        assert east
        assert all(points[0][0] > points[1][0] for points in east)
        turned = dr.papers.plot_map(build(["b>a storm 600"], places=PLACES), size="A3", lang="en")
        west = [one.points for one in turned.sheets[0].drawn if isinstance(one, Area) and one.layer == "FLOW"]
        assert [points for points in west if points[0][0] < points[1][0]]

    def test_an_island_is_left_out_of_its_water(self) -> None:
        lake = shapely.Polygon([(20, 10), (90, 10), (90, 60), (20, 60)], [[(40, 20), (60, 20), (60, 40), (40, 40)]])
        net = three().replace(layers={"waterways": gpd.GeoDataFrame({"name": ["镜湖"]}, geometry=[lake], crs=4548)})
        paper = dr.papers.plot_map(net, lang="zh")
        (water,) = [one for one in paper.sheets[0].drawn if isinstance(one, Area) and one.layer == "WATER"]
        per_m = 1000.0 / content_of(paper).scale
        shape = shapely.Polygon(water.points, water.holes)
        assert shape.area == pytest.approx((70 * 50 - 20 * 20) * per_m**2, rel=1e-6)
        assert [one.text for one in paper.sheets[0].texts if one.layer == "WATER_NAME"] in (["镜", "湖"], ["湖", "镜"])


class TestPlaces:
    def test_pipes_read_back_from_svg_lie_where_their_coordinates_say(self, tmp_path: Path) -> None:
        paper = city("zh", "A3")
        (path,) = paper.save(tmp_path / "m.svg")
        tall, room = paper.sheets[0].height_mm, content_of(paper).cutting.layout.map
        drawn = []
        for one in ET.parse(path).iter(f"{SVG}polyline"):  # noqa: S314 - our own
            if one.get("class") in SYSTEM_LAYERS:
                points = [tuple(map(float, part.split(","))) for part in str(one.get("points")).split()]
                drawn.append(shapely.LineString([(x, tall - y) for x, y in points]))
        lines = on_paper(content_of(paper))
        near = shapely.union_all([one for one in drawn if one.bounds[0] < room.right])
        ends = shapely.points(shapely.get_coordinates(lines))
        assert shapely.distance(ends, near).max() < 0.1
        assert near.length == pytest.approx(shapely.union_all(lines).length, rel=0.01)

    def test_and_from_dxf(self, tmp_path: Path) -> None:
        paper = dr.papers.plot_map(three(), size="A3", lang="en")
        (path,) = paper.save(tmp_path / "m.dxf")
        space = readfile(path).modelspace()
        storm = [list(one.get_points("xy")) for one in space.query("LWPOLYLINE[layer=='STORM']")
                 if isinstance(one, LWPolyline)]  # fmt: skip
        drawn = shapely.union_all([shapely.LineString(points) for points in storm])
        assert shapely.hausdorff_distance(on_paper(content_of(paper))[0], drawn.intersection(
            shapely.buffer(on_paper(content_of(paper))[0], 0.1))) < 0.1  # fmt: skip

    def test_every_pipe_is_on_a_sheet_and_drawn_there(self) -> None:
        paper = in_sheets()
        content = content_of(paper)
        assert len(paper.sheets) == len(content.cutting.tiles) + 1
        middles = shapely.line_interpolate_point(content.pipes["line"].to_numpy(), 0.5, normalized=True)
        within = np.zeros(len(middles), int)
        for tile in content.cutting.tiles:
            inside = shapely.intersects(shapely.box(*tile.bounds), middles)
            within += inside
            drawn = [shapely.LineString(one.points) for one in paper.sheets[tile.number].drawn
                     if isinstance(one, Line) and one.layer in SYSTEM_LAYERS]  # fmt: skip
            lines = on_paper(content, tile.number)
            places = shapely.line_interpolate_point(lines[inside], 0.5, normalized=True)
            assert shapely.distance(places, shapely.union_all(drawn)).max() < 0.1
        assert within.min() == 1
        assert within.max() == 1
        assert content.sheets_of(content.pipes.index[0])

    def test_the_index_shows_the_sheets_and_each_names_its_neighbours(self) -> None:
        paper = in_sheets()
        numbers = {one.text for one in paper.sheets[0].texts if one.layer == "SHEETS"}
        tiles = content_of(paper).cutting.tiles
        assert numbers == {str(tile.number) for tile in tiles}
        first = tiles[0]
        east = next(one.number for one in tiles if (one.row, one.column) == (first.row, first.column + 1))
        assert f"接第 {east} 张" in [one.text for one in paper.sheets[1].texts]
        assert f"1 / {len(tiles)}" in [one.text for one in paper.sheets[1].texts]


class TestLeftOut:
    @pytest.mark.long
    @pytest.mark.parametrize(("size", "bare"), [(None, False), ("A2", False), ("A4", True)])
    def test_every_road_of_40_mm_is_named_or_said_to_be_left_out(self, size: str | None, *, bare: bool) -> None:
        paper = city("zh", size, bare=bare)
        content = content_of(paper)
        signs = [one for one in paper.sheets[0].texts if one.layer == "ROAD_NAME"]
        told = "\n".join(str(remark.chinese) for remark in paper.remarks)
        tile, per_m = content.cutting.tiles[0], 1000.0 / content.scale
        for road, line in zip(content.roads["road"], content.roads["line"], strict=True):
            inside = shapely.intersection(line, shapely.box(*tile.bounds))
            longest = max((part.length for part in shapely.get_parts(inside)), default=0.0) * per_m
            if longest < 40.0:
                continue
            assert set(road) <= {one.text for one in signs} or road in told, road

    def test_what_lies_outside_and_what_finds_no_place_is_named(self) -> None:
        paper = city("zh")
        assert content_of(paper).roads_outside == ("规划一路", "规划二路")
        assert "规划一路、规划二路" in said(paper)
        lane = gpd.GeoDataFrame({"road": ["很短的小巷", "远路"]}, crs=4548, geometry=[
            shapely.LineString([(10, 30), (11, 30)]), shapely.LineString([(9000, 0), (9100, 0)])])  # fmt: skip
        paper = dr.papers.plot_map(three().replace(layers={"roads": lane}), lang="en")
        assert [str(one) for one in paper.remarks] == [
            "roads outside of the sheets (1): 远路",
            "outfalls that are inferred, drawn hollow: 1 of 2; pipes end there, and nothing records an outfall",
            "roads whose name found no place (1): 很短的小巷",
        ]
        assert "whose name found no place (1): 很短的小巷" in said(paper).replace("\n", " ")

    def test_letters_that_the_font_lacks_are_named(self) -> None:
        lane = gpd.GeoDataFrame({"road": ["𪚥𪚥路"]}, geometry=[shapely.LineString([(0, 30), (150, 30)])], crs=4548)
        paper = dr.papers.plot_map(three().replace(layers={"roads": lane}), lang="zh")
        assert "U+2A6A5" in str(paper.remarks[-1])

    def test_pipes_without_a_line_are_counted_and_a_network_without_any_is_refused(self) -> None:
        net = three()
        pipes = net.pipes
        bare = net.replace(pipes=pipes.set_geometry([None, *pipes.geometry[1:]], crs=4548))
        assert "pipes without a line, not drawn (1): p0" in dr.papers.plot_map(bare, lang="en").remarks
        gone = gpd.GeoSeries(np.full(3, None), pipes.index, crs=4548)
        none = net.replace(pipes=pipes.set_geometry(gone))
        with pytest.raises(dr.errors.NotKnownError, match="no pipe has a line"):
            dr.papers.plot_map(none)


class TestPublic:
    def test_it_holds_no_id_no_level_no_size_and_no_coordinate(self, tmp_path: Path) -> None:
        """The full version of the same sheet holds all of them: 1:1000."""
        box = shapely.box(551000.0, 3712000.0, 551250.0, 3712200.0)
        part = demo.city("2018-12-31").clip(box)
        found = {}
        for public in (False, True):
            paper = dr.papers.plot_map(part, scale=1000, size="A2", public=public, lang="zh")
            (svg,) = paper.save(tmp_path / f"{public}.svg")
            (pdf,) = paper.save(tmp_path / f"{public}.pdf")
            read = subprocess.run(["pdftotext", pdf, "-"], capture_output=True, text=True, check=True).stdout
            texts = "\n".join("".join(one.itertext()) for one in ET.parse(svg).iter(f"{SVG}text"))  # noqa: S314
            found[public] = f"{texts}\n{read}"
        ids = [*part.nodes.index, *part.pipes.index]
        levels = [f"{level:.2f}" for level in part.nodes["ground_m"].dropna()]
        sizes = [f"DN {size:.0f}" for size in part.pipes["diameter_mm"].dropna() if size in (600.0, 1350.0)]
        edges = re.compile(r"\b(37\d{5}|55\d{4})\b")
        assert any(name in found[False] for name in ids)
        assert any(level in found[False] for level in levels)
        assert edges.search(found[False])
        assert not [name for name in ids if name in found[True]]
        assert not [level for level in levels if re.search(rf"\b{re.escape(level)}\b", found[True])]
        assert not [size for size in sizes if re.search(rf"{size}\b", found[True])]
        assert not edges.search(found[True])
        assert "公开版" in found[True]
        assert "公开版" not in found[False]
        assert "EPSG:4548" in found[False]
        for told in ("EPSG", "国家大地坐标系", "坐标以 m 计"):
            assert told not in found[True]

    def test_the_whole_city_in_public_has_no_labels_of_pipes_or_nodes(self) -> None:
        layers = {one.layer for one in city("zh", public=True).sheets[0].texts}
        assert not layers & {"IDS", "SIZE", "GRID"}
        assert {"SIZE", "GRID"} <= {one.layer for one in city("zh").sheets[0].texts}


class TestAnyCity:
    def test_every_sheet_says_what_it_is_of(self) -> None:
        zh, en = said(city("zh")), said(city("en"))
        for told in ("城区雨污分流管网水系图", "合成演示数据", "涉密", "2018-12-31", "EPSG:4548", "设计", "1:10000"):
            assert told in zh
        for told in ("Storm and sewer network", "Synthetic demo data", "restricted", "EPSG:4548", "Drawn", "outfall"):
            assert told in en
        assert "Synthetic" not in said(dr.papers.plot_map(three(), lang="en"))

    def test_without_a_layer_of_roads_names_stand_along_pipes(self) -> None:
        paper = dr.papers.plot_map(three(road=["GRANGE AVE", None, "GRANGE AVE"]), lang="en")
        assert [one.text for one in paper.sheets[0].texts if one.layer == "ROAD_NAME"] == ["GRANGE AVE"]
        assert "no layer of roads" in said(paper)

    def test_a_schematic_plan_has_neither_scale_nor_grid_nor_north_but_ids(self) -> None:
        net = three()
        pipes, nodes = (
            gpd.GeoDataFrame(pd.DataFrame(table.drop(columns="geometry")), geometry=table.geometry.to_numpy())
            for table in (net.pipes, net.nodes)
        )
        plan = net.replace(pipes=pipes, nodes=nodes)
        paper = dr.papers.plot_map(plan, lang="en")
        layers = {one.layer for one in paper.sheets[0].drawn}
        assert not layers & {"GRID", "NORTH"}
        assert "schematic, not to scale" in said(paper)
        assert {"a", "b", "c"} <= {one.text for one in paper.sheets[0].texts if one.layer == "IDS"}

    def test_a_network_in_feet_is_drawn_in_metres(self) -> None:
        """EPSG:2227 is in US feet; read as a network it is metric, so that 100 m are 100 mm at 1:1000."""
        feet = three().to_crs(32650)
        paper = dr.papers.plot_map(feet, scale=1000, size="A3", lang="en")
        assert shapely.length(on_paper(content_of(paper))[0]) == pytest.approx(100.0, rel=0.02)

    def test_nodes_take_the_system_of_their_pipes(self) -> None:
        content = content_of(dr.papers.plot_map(three(), lang="en"))
        assert content.nodes.loc["c", "system"] == "storm"
        assert content.nodes.loc["x", "system"] == "sewage"

    def test_pipes_of_no_known_system_are_not_called_storm_and_sewage(self) -> None:
        net = three()
        blank = net.replace(pipes=net.pipes.assign(system=None, length_m=1500.0))
        told = said(dr.papers.plot_map(blank, lang="zh"))
        assert "城区排水管网水系图" in told
        assert "雨污分流" not in told
        assert "系统不详的管道　4.5 km" in told
        assert "未知" not in told
        part = net.replace(pipes=net.pipes.assign(system=["storm", "unknown", "unknown"]))
        assert "城区雨污分流管网水系图" in said(dr.papers.plot_map(part, lang="zh"))

    @pytest.mark.parametrize(
        ("number", "zh", "en"),
        [
            (4548, "2000 国家大地坐标系，3° 带，中央子午线 117° (EPSG:4548)", "CM 117E (EPSG:4548)"),
            (4527, "2000 国家大地坐标系，3° 带，中央子午线 117° (EPSG:4527)", "zone 39 (EPSG:4527)"),
            (4499, "2000 国家大地坐标系，6° 带，中央子午线 123° (EPSG:4499)", "zone 21 (EPSG:4499)"),
            (32650, "WGS 84 / UTM zone 50N (EPSG:32650)", "zone 50N (EPSG:32650)"),
        ],
    )
    def test_zones_of_cgcs2000_are_named_in_chinese(self, number: int, zh: str, en: str) -> None:
        net = three()
        moved = net.replace(pipes=net.pipes.set_crs(number, allow_override=True),
                            nodes=net.nodes.set_crs(number, allow_override=True))  # fmt: skip
        content = content_of(dr.papers.plot_map(moved, lang="zh"))
        assert crs_text(content, "zh") == zh
        assert crs_text(content, "en").endswith(en)

    @pytest.mark.parametrize("day", [None, "2026-01-01"])
    def test_of_pipes_without_dates_the_day_is_not_known(self, day: str | None) -> None:
        net = three() if day is None else three().as_of(day)
        told = said(dr.papers.plot_map(net, lang="zh"))
        assert "现状日期 不详" in told
        assert "管道均无敷设和废除日期" in told.replace("\n", "")
        assert "2026-01-01" not in told
        laid = net.replace(pipes=net.pipes.assign(commissioned=pd.Timestamp("2001-05-06")))
        assert "现状日期 不详" not in said(dr.papers.plot_map(laid, lang="zh"))

    def test_outfalls_that_nothing_records_are_hollow_and_counted(self) -> None:
        """The storm drain ends at c, which is recorded as an outfall, the sewer at y, of which nothing is said."""
        paper = dr.papers.plot_map(three(), lang="en")
        assert "outfalls that are inferred, drawn hollow: 1 of 2" in str(paper.remarks)
        room = content_of(paper).cutting.layout.map
        fills = [one.fill for one in paper.sheets[0].drawn if isinstance(one, Area) and one.layer == "SIGNS"
                 and one.points[0][0] < room.right and len(one.points) == 3]  # fmt: skip
        assert len(fills) == 2
        assert set(fills) == {SYSTEMS["storm"], "#ffffff"}
        legend = [one.text for one in paper.sheets[0].texts if one.layer == "LEGEND"]
        assert {"outfall", "outfall, inferred (1)"} <= set(legend)
        nodes = three().nodes.assign(kind_source="recorded")
        recorded = dr.papers.plot_map(three().replace(nodes=nodes), lang="en")
        assert "inferred" not in str(recorded.remarks) + said(recorded)

    def test_the_legend_has_a_sign_for_every_system_of_outfalls(self) -> None:
        nodes = three().nodes.assign(kind_source="recorded")
        paper = dr.papers.plot_map(three().replace(nodes=nodes), lang="en")
        room = content_of(paper).cutting.layout.map
        signs = {one.fill for one in paper.sheets[0].drawn if isinstance(one, Area) and one.layer == "SIGNS"
                 and one.points[0][0] > room.right}  # fmt: skip
        assert signs == {SYSTEMS["storm"], SYSTEMS["sewage"]}

    def test_points_of_waterlogging_are_numbered_and_listed(self) -> None:
        points = demo.waterlogging("2018-12-31")
        paper = dr.papers.plot_map(demo.city("2018-12-31"), waterlogging=points, lang="zh")
        is_clean(paper.sheets[0], content_of(paper).cutting.layout.frame)
        names = points.tables["points"].index.tolist()
        on_map = [one.text for one in paper.sheets[0].texts if one.layer == "POINTS"]
        table = [one.text for one in paper.sheets[0].texts if one.layer == "TABLE"]
        assert sorted(on_map) == sorted(names)
        assert set(names) <= set(table)
        assert "积水点由筛查判定：重现期 3 a、历时 120 min、雨量 67.4 mm；" in noted(paper)
        assert paper.provenance.storm is not None
        for size, orientation in (("A3", "portrait"), ("A4", "portrait")):
            net = demo.city("2018-12-31")
            paper = dr.papers.plot_map(net, waterlogging=points, size=size, orientation=orientation, project="某县",
                                       lang="en")  # fmt: skip
            is_clean(paper.sheets[0], content_of(paper).cutting.layout.frame)
            legend = {one.text for one in paper.sheets[0].texts if one.layer == "LEGEND"}
            assert {"400 < DN ≤ 700", "outfall", "waterlogging, minor"} <= legend

    def test_of_a_rain_without_a_return_period_its_length_and_depth_are_said(self) -> None:
        """12 steps of 5 min of 4 mm: 60 min, 48 mm."""
        rain = dr.hydraulics.ObservedStorm(np.arange(0.0, 61.0, 5.0), np.full(12, 4.0), "a gauge")
        net = demo.quarters("2018-12-31")
        points = dr.find_waterlogging(dr.screen(net, rain))
        paper = dr.papers.plot_map(net, waterlogging=points, lang="zh")
        assert "积水点由筛查判定：历时 60 min、雨量 48 mm；" in noted(paper)
        assert "nan" not in said(paper)

    def test_progress_rises_to_one(self) -> None:
        seen: list[float] = []
        dr.papers.plot_map(three(), scale=500, size="A4", lang="en", progress=seen.append)
        assert seen == sorted(seen)
        assert seen[-1] == 1.0

    @pytest.mark.parametrize(
        ("asked", "told"), [({"orientation": "upright"}, "landscape or portrait"), ({"size": "B5"}, "A0, A1")]
    )
    def test_what_is_not_there_is_refused(self, asked: dict[str, str], told: str) -> None:
        with pytest.raises(dr.errors.SchemaError, match=told):
            dr.papers.plot_map(three(), **asked)  # type: ignore[arg-type]  # asked wrongly
