"""A large city on the map: what stands in the page, what comes later, and tiles that a browser draws.

Truth: the packed data before they are parted; GDAL reading the tiles that it wrote; a real Chromium.
"""

from __future__ import annotations

import gzip
import json
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely

from benchmarks.city import build_city
from drainage.errors import FormatError
from drainage.maps import page_of as pages
from drainage.maps.desk.tight import tight
from drainage.maps.layer import Layer
from drainage.maps.page_file import is_folder
from drainage.maps.page_of import Page, page_of
from drainage.maps.payload import pack
from drainage.maps.tiles import city_parts
from drainage.maps.tiles.city_parts import degrees, home_box, is_city, part_city
from drainage.maps.tiles.pyramid import mercator_m, write_tiles
from tests.support.file_server import served
from tests.support.tight import loose

if TYPE_CHECKING:
    from tests.support.browser import Browser

ROOT = Path(__file__).parents[2]
DRAWN = "document.body.dataset.layers !== undefined"
SETTLED = f"{DRAWN} && document.getElementById('dr-map').drawn.isSettled()"
NOTE = "document.querySelector('.dr-map-note').textContent"


def streets(count: int = 400) -> gpd.GeoDataFrame:
    """Make pipes end to end along streets 400 m apart, 20 in each; every third street has sewage."""
    k = np.arange(count)
    x, y = 39_500_000.0 + 400.0 * (k % 20), 3_700_000.0 + 400.0 * (k // 20)
    ends = np.stack([np.column_stack([x, y]), np.column_stack([x + 400.0, y])], axis=1)
    index = pd.Index([f"P{n}" for n in k], name="pipe_id")
    system = np.where(k // 20 % 3 == 0, "sewage", "storm")
    given = {"system": system, "road": [f"路{n}" for n in k // 20], "diameter_mm": 300.0}
    return gpd.GeoDataFrame(given, index=index, geometry=shapely.linestrings(ends), crs=4527)


def spots(count: int = 3) -> gpd.GeoDataFrame:
    index = pd.Index([f"L{k}" for k in range(count)], name="point_id")
    places = shapely.points(39_501_000.0 + 1500.0 * np.arange(count), np.full(count, 3_703_000.0))
    return gpd.GeoDataFrame({"grade": "major", "rank": range(1, count + 1)}, index=index, geometry=places, crs=4527)


def layers(count: int = 400) -> list[Layer]:
    about = ("pipe_id", "system", "road", "diameter_mm")
    return [
        Layer("pipes", streets(count), "system", about),
        Layer("waterlogging", spots(), "grade", ("point_id", "rank")),
    ]


def packed(count: int = 400) -> dict[str, Any]:
    return {**pack({"": layers(count)}, schematic=False, lang="en"), "schematic": False}


@pytest.fixture
def city(monkeypatch: pytest.MonkeyPatch) -> Page:
    """Make the page of a city that is large for this test."""
    monkeypatch.setattr(pages, "is_city", lambda data: is_city(data, most=300))
    monkeypatch.setattr(pages, "part_city", lambda data: part_city(data, kept=100))
    return page_of(layers(), title="network")


class TestParts:
    def test_only_the_large_layers_leave_the_page_and_keep_their_counts(self) -> None:
        parts = part_city(packed(), kept=100)
        pipes, points = parts.first["periods"][0]["layers"]
        assert [layer["key"] for layer in parts.tiled] == ["pipes"]
        assert (pipes["tiled"], pipes["shapes"], pipes["columns"]) == (1, [], [])
        assert pipes["lines"]
        assert dict(zip([look["label"] for look in pipes["styles"]], pipes["counts"], strict=True)) == {
            "storm": 260, "sewage": 140,
        }  # fmt: skip
        assert "tiled" not in points

    def test_what_stays_is_the_same_under_new_numbers(self) -> None:
        data = packed()
        parts = part_city(data, kept=100)
        was, now = data["periods"][0]["layers"][1], parts.first["periods"][0]["layers"][1]
        for name, before, after in (("x", data, parts.first), ("y", data, parts.first)):
            all_before = np.cumsum(before["shapes"][name])[-3:]
            assert np.cumsum(after["shapes"][name]).tolist() == all_before.tolist()
        assert now["shapes"] == [0, 1, 2]
        assert [parts.first["columns"][k] for k in now["columns"]] == [data["columns"][k] for k in was["columns"]]
        assert data == packed()  # nothing was changed

    def test_the_whole_is_all_there_was(self) -> None:
        data = packed()
        whole = part_city(data, kept=100).whole
        assert whole["shapes"] == data["shapes"]
        assert whole["columns"] == data["columns"]
        assert whole["periods"][0]["network"] == data["periods"][0]["network"]

    def test_layers_of_all_periods_are_numbered_one_after_another(self) -> None:
        groups = {"before": layers(400), "after": layers(300)}
        data = {**pack(groups, schematic=False, lang="en"), "schematic": False}
        parts = part_city(data, kept=100)
        assert [layer["tiled"] for layer in parts.tiled] == [1, 2]
        assert [sum(period["layers"][0]["counts"]) for period in parts.first["periods"]] == [400, 300]
        assert [len(period["layers"][0]["shapes"]) for period in parts.whole["periods"]] == [400, 300]

    def test_hydrographs_come_with_the_whole(self) -> None:
        parts = part_city({**packed(), "hydrographs": {"": {"of": {"L1": {}}}}}, kept=100)
        assert parts.first["hydrographs"] == {}
        assert parts.whole["hydrographs"] == {"": {"of": {"L1": {}}}}

    def test_a_city_begins_with_its_features_and_a_plan_is_none(self) -> None:
        assert is_city(packed(), most=402)
        assert not is_city(packed(), most=403)
        assert not is_city({**packed(), "schematic": True}, most=1)
        assert city_parts.MANY == 30_000

    def test_home_is_where_nearly_all_lies(self) -> None:
        frame = streets()
        lost = frame.geometry.to_numpy().copy()
        lost[7] = shapely.LineString([(0, 0), (1, 1)])
        data = pack({"": [Layer("pipes", frame.set_geometry(lost, crs=4527), "system")]}, schematic=False, lang="en")
        west, south, east, north = home_box(data["shapes"])
        assert 116 < west < east < 118
        assert 33 < south < north < 34
        empty = {"step": 1e-6, "x": [], "y": [], "sizes": [], "parts": [], "areas": []}
        assert home_box(empty) == [0.0] * 4


class TestTiles:
    def test_metres_of_the_projection_are_those_of_proj(self) -> None:
        lonlat = np.array([[117.55, 33.54], [0.0, 0.0], [-70.1, -45.2]])
        wanted = gpd.GeoSeries(gpd.points_from_xy(*lonlat.T), crs=4326).to_crs(3857)
        assert np.abs(mercator_m(lonlat) - np.column_stack([wanted.x, wanted.y])).max() < 0.01

    def test_every_pipe_is_in_the_tiles_of_the_city_with_its_look(self, tmp_path: Path) -> None:
        data = packed()
        parts = part_city(data, kept=100)
        done: list[float] = []
        found = write_tiles(parts.whole["shapes"], parts.tiled, progress=done.append)
        assert done[-1] == 1.0
        assert done == sorted(done)
        (tmp_path / "city.pmtiles").write_bytes(found["city.pmtiles"])
        read = pyogrio.read_dataframe(tmp_path / "city.pmtiles", ZOOM_LEVEL="15")
        looks = parts.tiled[0]["category"]
        assert set(read["a1"].unique()) == {0, 1}
        share = read.length.groupby(read["a1"]).sum()
        assert share[1] / share[0] == pytest.approx(looks.count(1) / looks.count(0), rel=0.02)
        lonlat = degrees(data["shapes"])
        box = np.concatenate([mercator_m(lonlat).min(axis=0)[:1], mercator_m(lonlat).max(axis=0)[:1]])
        assert read.total_bounds[[0, 2]] == pytest.approx(box, abs=1.0)

    def test_the_overview_joins_pipes_of_one_look_end_to_end(self, tmp_path: Path) -> None:
        parts = part_city(packed(), kept=100)
        (tmp_path / "overview.pmtiles").write_bytes(write_tiles(parts.whole["shapes"], parts.tiled)["overview.pmtiles"])
        read = pyogrio.read_dataframe(tmp_path / "overview.pmtiles", ZOOM_LEVEL="13")
        assert len(read) <= 80  # 400 pipes in 20 streets, each cut where a tile ends
        assert set(read["l"]) == {1}

    def test_areas_with_holes_and_points_become_tiles_too(self, tmp_path: Path) -> None:
        ring = shapely.Point(39_500_000, 3_700_000).buffer(400)
        areas = gpd.GeoDataFrame(
            {"severity": ["error"]}, index=pd.Index(["a"], name="feature_id"),
            geometry=[ring.difference(ring.centroid.buffer(200))], crs=4527,
        )  # fmt: skip
        group = [Layer("issues", areas, "severity", ("feature_id",)), Layer("waterlogging", spots(), "grade")]
        data = {**pack({"": group}, schematic=False, lang="en"), "schematic": False}
        parts = part_city(data, kept=0)
        assert len(parts.tiled) == 2
        (tmp_path / "city.pmtiles").write_bytes(write_tiles(data["shapes"], parts.tiled)["city.pmtiles"])
        read = pyogrio.read_dataframe(tmp_path / "city.pmtiles", ZOOM_LEVEL="14")
        assert {"MultiPoint", "Polygon"} <= set(read.geom_type)
        area = read[read.geom_type.str.contains("Polygon")].area.sum()
        assert area == pytest.approx(ring.area * 0.75 / np.cos(np.radians(33.4)) ** 2, rel=0.02)


class TestFiles:
    def test_one_file_holds_all_and_a_folder_the_same_in_parts(self, city: Page, tmp_path: Path) -> None:
        assert set(city.folder) == {"index.html", "overview.pmtiles", "city.pmtiles", "whole.json.gz"}
        assert 'id="drainage-city"' in city.html
        index = city.folder["index.html"].decode()
        assert 'id="drainage-city"' not in index
        assert "connect-src 'self'" in index
        assert "connect-src" not in city.html
        whole = json.loads(gzip.decompress(city.folder["whole.json.gz"]))
        assert len(loose({**whole, "columns": whole["columns"]})["periods"][0]["layers"][0]["shapes"]) == 400
        city.save(tmp_path / "map.html")
        city.save(tmp_path / "map/")
        assert sorted(path.name for path in (tmp_path / "map").iterdir()) == sorted(
            [*city.folder, "drainage-files.json"]
        )
        city.save(tmp_path / "map/")  # in place of that of an earlier run
        (tmp_path / "map" / "own.txt").write_text("somebody's own", encoding="utf-8")
        with pytest.raises(FormatError, match=r"own\.txt"):
            city.save(tmp_path / "map/")

    def test_a_small_town_is_one_file_in_a_folder(self, tmp_path: Path) -> None:
        page = page_of(layers(20), title="network")
        assert page.folder == {}
        page.save(tmp_path / "small/")
        assert (tmp_path / "small" / "index.html").read_text(encoding="utf-8") == page.html

    @pytest.mark.parametrize(("name", "folder"), [("map.html", False), ("map/", True), ("map", True), ("a.b/", True)])
    def test_a_name_without_an_ending_is_that_of_a_folder(self, name: str, folder: bool) -> None:  # noqa: FBT001
        assert is_folder(name) is folder

    def test_the_same_city_gives_the_same_page(self, city: Page) -> None:
        assert page_of(layers(), title="network").html == city.html

    def test_tight_and_whole_are_read_back(self) -> None:
        parts = part_city(packed(), kept=100)
        assert loose(tight(parts.whole))["shapes"] == parts.whole["shapes"]


@pytest.mark.long
class TestBrowser:
    def test_a_folder_opens_from_a_server_and_asks_for_the_whole_only_when_it_is_needed(
        self, city: Page, chromium: Browser, tmp_path: Path
    ) -> None:
        city.save(tmp_path / "map/")
        with served(tmp_path / "map") as address, chromium.open(address) as page:
            page.wait(SETTLED)
            assert page.run("document.body.dataset.layers").split()[0] == "pipes:400"
            asked = [url.rpartition("/")[2] for url in page.requests]
            assert "overview.pmtiles" in asked
            assert "whole.json.gz" not in asked
            assert page.pixels("#C05A1A") > 100
            found = page.run(
                "document.getElementById('dr-map').drawn.whole().then(() => {"
                " const drawn = document.getElementById('dr-map').drawn, { data } = drawn;"
                " return [data.periods[0].layers[0].shapes.length, drawn.inView('pipes').length,"
                " drawn.shapeOf('pipes', 3).type]; })"
            )
            assert found == [400, 400, "LineString"]
            assert "whole.json.gz" in [url.rpartition("/")[2] for url in page.requests]
            assert {url.partition("//")[2].partition("/")[0] for url in page.requests} == {address.split("/")[2]}
            assert page.complaints == []
            assert page.run(NOTE) == ""

    def test_a_server_without_parts_gives_the_whole_file_and_the_map_says_so(
        self, city: Page, chromium: Browser, tmp_path: Path
    ) -> None:
        city.save(tmp_path / "map/")
        with served(tmp_path / "map", parts=False) as address, chromium.open(address) as page:
            page.wait(SETTLED)
            assert page.pixels("#C05A1A") > 100
            assert "Range" in page.run(NOTE)
            assert [url.rpartition("/")[2] for url in page.requests].count("overview.pmtiles") == 1

    def test_one_file_opens_from_a_disk(self, city: Page, chromium: Browser, tmp_path: Path) -> None:
        with chromium.open(city.save(tmp_path / "map.html")) as page:
            page.wait(SETTLED)
            assert page.pixels("#C05A1A") > 100
            assert page.run("document.getElementById('dr-map').drawn.whole().then(() => 1)") == 1
            assert page.complaints == []
            assert all(url.startswith(("file:", "data:")) for url in page.requests)

    def test_a_folder_from_a_disk_says_what_it_wants(self, city: Page, chromium: Browser, tmp_path: Path) -> None:
        city.save(tmp_path / "map/")
        with chromium.open(tmp_path / "map" / "index.html") as page:
            page.wait(f"{NOTE}.includes('web server')")
            assert page.run("document.body.dataset.layers").endswith("waterlogging:3")

    @pytest.mark.parametrize("broken", [b"", b"no tiles at all", None])
    def test_half_written_tiles_are_said_and_the_rest_is_whole(
        self, city: Page, chromium: Browser, tmp_path: Path, broken: bytes | None
    ) -> None:
        city.save(tmp_path / "map/")
        tiles = tmp_path / "map" / "overview.pmtiles"
        tiles.write_bytes(tiles.read_bytes()[: tiles.stat().st_size // 3] if broken is None else broken)
        with served(tmp_path / "map") as address, chromium.open(address) as page:
            page.wait(f"{SETTLED} && {NOTE}.includes('broken')")
            assert page.pixels("#B3152A") > 50  # the points
            assert page.run("document.getElementById('dr-map').drawn.whole().then(() => 1)") == 1

    def test_a_hundred_thousand_pipes_open_with_less_than_a_megabyte(self, tmp_path: Path) -> None:
        """By the script that measures; how long it takes is told by it, and depends on the machine."""
        pipes, roads = build_city(100_000)
        pipes["system"] = pipes["system"].map({"YS": "storm", "WS": "sewage"})
        about = ("pipe_id", "system", "road", "diameter_mm", "material")
        group = [
            Layer("context_roads", roads.set_index(roads["road"].rename("road_id")), None, ("road",)),
            Layer("pipes", pipes.set_index("pipe_id"), "system", about),
        ]
        page_of(group, title="network").save(tmp_path / "city/")
        script = ["node", "checks/city.js", str(tmp_path / "city"), "--json"]
        run = subprocess.run(script, cwd=ROOT / "web", capture_output=True, text=True, check=True)
        for screen in json.loads(run.stdout):
            assert screen["bytes"] < 1_000_000, screen
            assert screen["trouble"] == []
            assert screen["note"] == ""
