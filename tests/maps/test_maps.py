"""Truth: what a real Chromium without network shows, asks for and complains about, and the page's own text."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from html import unescape
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from drainage.errors import CrsError, SchemaError
from drainage.maps import payload
from drainage.maps.layer import Layer
from drainage.maps.page_of import page_of
from tests.support.tight import loose

DATA = Path(__file__).parents[2] / "data"
HOSTILE = (
    '<img src=x onerror="window.xss=1">',
    "</script><script>window.xss=1</script>",
    "<!--<script>",
    "{{7*7}}",
    "{% endraw %}{{7*7}}{% raw %}",
    "\"'`${window.xss=1}\\",
    "two\nlines \u2028 and \u2029 end",
    "=cmd|' /C calc'!A0",
)
POPUP = ("pipe_id", "system", "road", "material", "diameter_mm")


def pipes(count: int = 3, **columns: object) -> gpd.GeoDataFrame:
    """Make parallel pipes from west to east, 300 m long and 60 m apart; storm, sewage, combined and again."""
    y = 3_700_000 + 60.0 * np.arange(count)
    ends = np.stack([np.column_stack([np.full(count, x), y]) for x in (39_500_000.0, 39_500_300.0)], axis=1)
    index = pd.Index([f"P{k}" for k in range(count)], name="pipe_id")
    given = {
        "system": np.resize(["storm", "sewage", "combined"], count),
        "road": "磬山路",
        "material": "PE",
        "diameter_mm": 300.0,
    }
    return gpd.GeoDataFrame({**given, **columns}, index=index, geometry=shapely.linestrings(ends), crs=4527)


def plan() -> gpd.GeoDataFrame:
    """Make the pipes without a place on earth."""
    return gpd.GeoDataFrame(pipes().drop(columns="geometry"), geometry=pipes().geometry.to_numpy())


def points(count: int = 2) -> gpd.GeoDataFrame:
    """Make waterlogging points on the first pipes."""
    frame = pipes(count).set_geometry(pipes(count).geometry.centroid).rename_axis("point_id")
    return frame.assign(
        grade=np.resize(["major", "minor"], count),
        rank=np.arange(1, count + 1),
        cause="silt",
        evidence_zh="清淤可减少 25 m³",
        evidence="without silt: 25 m³ avoided",
    )


def pipe_layer(frame: gpd.GeoDataFrame | None = None) -> Layer:
    return Layer("pipes", pipes() if frame is None else frame, "system", POPUP)


def point_layer(frame: gpd.GeoDataFrame | None = None) -> Layer:
    shown = ("point_id", "rank", "road", "grade", "cause", "evidence_zh", "evidence")
    return Layer("waterlogging", points() if frame is None else frame, "grade", shown)


def render(*layers: Layer, title: str = "图 Map", **kwargs: Any) -> str:  # noqa: ANN401 - as page_of takes
    return page_of(layers, title=title, **kwargs).html


def data_of(page: str) -> dict[str, Any]:
    """Read what the program draws."""
    found = re.search(r'<script type="application/json" id="drainage-data">(.*?)</script>', page, re.DOTALL)
    assert found
    return loose(json.loads(found.group(1)))


class TestPage:
    def test_nothing_is_loaded_from_elsewhere(self) -> None:
        page = render(pipe_layer(), point_layer())
        assert not re.search(
            r"<[^>]+\b(?:src|href|action|data)\s*=", re.sub(r"<script.*?</script>", "", page, flags=re.DOTALL)
        )
        assert set(re.findall(r"url\((\w+:)", page)) == {"data:"}
        assert "@import" not in page
        bare = re.sub(r"<(script|style).*?</\1>", "", page, flags=re.DOTALL)
        assert "http" not in bare.replace("http-equiv", "")

    def test_policy_allows_our_two_scripts_by_hash_and_nothing_else(self) -> None:
        page = render(pipe_layer())
        scripts = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
        hashes = {f"'sha256-{base64.b64encode(hashlib.sha256(s.encode()).digest()).decode()}'" for s in scripts}
        policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page)
        assert policy
        rules = dict(rule.strip().split(" ", 1) for rule in policy.group(1).split(";"))
        assert len(scripts) == 2
        assert set(rules["script-src"].split()) == hashes
        assert rules["default-src"] == "'none'"

    def test_same_layers_give_the_same_bytes(self) -> None:
        assert render(pipe_layer(), point_layer()) == render(pipe_layer(), point_layer())

    def test_it_is_saved_whole_in_place_of_the_one_before_and_shown_by_notebooks(self, tmp_path: Path) -> None:
        page = page_of([pipe_layer()], title="图")
        for _ in range(2):
            assert page.save(tmp_path / "map.html").read_text(encoding="utf-8") == page.html
        assert [path.name for path in tmp_path.iterdir()] == ["map.html"]
        frame = re.fullmatch(r'<iframe srcdoc="([^"]*)".*></iframe>', page._repr_html_(), re.DOTALL)
        assert frame
        assert unescape(frame.group(1)) == page.html
        assert repr(page) == "<Page 图: 0.3 MB>"

    def test_shapes_and_columns_shared_by_layers_are_stored_once(self) -> None:
        once, twice = data_of(render(pipe_layer())), data_of(render(pipe_layer(), pipe_layer()))
        assert twice["shapes"] == once["shapes"]
        assert twice["columns"] == once["columns"]
        assert len(twice["periods"][0]["layers"]) == 2

    def test_shapes_come_back_within_a_decimetre(self) -> None:
        shapes = data_of(render(pipe_layer()))["shapes"]
        lng, lat = (np.cumsum(shapes[axis]) * shapes["step"] for axis in "xy")
        wanted = shapely.get_coordinates(pipes().to_crs(4326).geometry.to_numpy())
        assert np.abs(np.column_stack([lng, lat]) - wanted).max() < 1e-6

    def test_kinds_lie_in_the_order_of_the_themes_whatever_the_order_given(self) -> None:
        layers = data_of(render(point_layer(), pipe_layer()))["periods"][0]["layers"]
        assert [layer["theme"] for layer in layers] == ["pipes", "waterlogging"]

    def test_numbers_fall_into_bins_and_a_missing_one_into_none(self) -> None:
        frame = pipes(5, coverage_pct=[0.0, 25.0, 74.9, 100.0, np.nan])
        layer = data_of(render(Layer("roads", frame, "coverage_pct", ("road", "coverage_pct"))))["periods"][0]["layers"]
        labels = [layer[0]["styles"][k]["label"] for k in layer[0]["category"]]
        assert labels == ["< 25 %", "25–50 %", "50–75 %", "≥ 75 %", "not measured"]

    @pytest.mark.parametrize(("lang", "cause", "grade", "system"), [
        ("zh", "管道淤积", "重", "雨水管"), ("en", "silt", "major", "storm"),
    ])  # fmt: skip
    def test_a_page_is_in_one_language(
        self, lang: str, cause: str, grade: str, system: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("DRAINAGE_LANG", lang)
        page = render(pipe_layer(), point_layer(), title="waterlogging")
        columns = {c["key"]: c for c in data_of(page)["columns"]}
        assert set(columns["cause"]["values"]) == {cause}
        assert grade in columns["grade"]["values"]
        assert system in columns["system"]["values"]
        assert ("evidence" in columns, "evidence_zh" in columns) == (lang == "en", lang == "zh")
        assert f'<html lang="{"zh-CN" if lang == "zh" else "en"}">' in page
        ours = [
            *(c["label"] for c in columns.values()),
            *data_of(page)["words"].values(),
            *re.findall("<title>(.*?)<", page),
        ]
        assert all(bool(re.search("[一-鿿]", said)) == (lang == "zh") for said in ours)

    def test_very_many_features_keep_their_ids_only_and_the_map_says_so(self, monkeypatch: pytest.MonkeyPatch) -> None:
        assert not data_of(render(pipe_layer()))["periods"][0]["layers"][0]["note"]
        monkeypatch.setattr(payload, "MANY_ROWS", 2)
        data = data_of(render(pipe_layer()))
        assert [column["key"] for column in data["columns"]] == ["pipe_id"]
        assert "ids only" in data["periods"][0]["layers"][0]["note"]

    def test_mixed_coordinate_systems_are_refused(self) -> None:
        with pytest.raises(CrsError, match="with and without"):
            render(pipe_layer(), pipe_layer(plan()))

    def test_layer_names_its_fault(self) -> None:
        with pytest.raises(SchemaError, match="unknown theme"):
            Layer("sky", pipes(), "system")
        with pytest.raises(SchemaError, match="no column 'colour'"):
            Layer("pipes", pipes(), "colour")


@pytest.mark.long
class TestBrowser:
    @pytest.mark.parametrize(("width", "height"), [(1280, 800), (390, 844)])
    def test_every_layer_is_drawn(self, show: Any, width: int, height: int) -> None:  # noqa: ANN401
        page = show(render(pipe_layer(), point_layer()), width=width, height=height)
        assert page.run("document.body.dataset.layers") == "pipes:3 waterlogging:2"
        for color in ("#175C99", "#C05A1A", "#7B3F98", "#B3152A", "#F7C948"):
            assert page.pixels(color) > 10, color
        assert page.run("document.querySelector('.leaflet-control-scale').textContent").endswith("m")
        assert page.run("document.body.scrollWidth <= window.innerWidth")

    def test_fourteen_thousand_pipes_in_two_layers_stay_small_and_say_what_is_left_out(self, show: Any) -> None:  # noqa: ANN401
        frame = pipes(14_000, road=[f"路{k // 100}" for k in range(14_000)], mixed_class="clean")
        page = render(pipe_layer(frame), Layer("mixed_flow", frame, "mixed_class", POPUP))
        assert len(page.encode()) < 3_000_000
        opened = show(page)
        assert opened.run("document.body.dataset.drawn") == "28000"
        assert opened.run("document.querySelector('.dr-map-note').checkVisibility()")


class TestHostileText:
    def test_templates_in_the_data_are_not_evaluated(self) -> None:
        page = render(pipe_layer(pipes(1, road="{% endraw %}{{7*7}}{{ cycler.__init__ }}{% raw %}")))
        column = next(c for c in data_of(page)["columns"] if c["key"] == "road")
        assert column["values"] == ["{% endraw %}{{7*7}}{{ cycler.__init__ }}{% raw %}"]


class TestOddLayers:
    @pytest.mark.long
    def test_no_layer_at_all_gives_a_page(self, show: Any) -> None:  # noqa: ANN401
        assert show(render()).run("document.body.dataset.drawn") == "0"

    @pytest.mark.long
    def test_plan_without_coordinate_system_is_drawn_and_called_schematic(self, show: Any) -> None:  # noqa: ANN401
        page = show(render(pipe_layer(plan())))
        assert "schematic plan" in page.run("document.querySelector('h1').textContent")
        assert min(page.pixels(color) for color in ("#175C99", "#C05A1A", "#7B3F98")) > 10
        assert page.run("document.querySelector('.leaflet-control-scale') === null")  # no metres on a plan

    @pytest.mark.long
    def test_areas_collections_and_holes_are_drawn(self, show: Any) -> None:  # noqa: ANN401
        ring = shapely.Point(39_500_000, 3_700_000).buffer(200)
        away = shapely.affinity.translate(ring, 600)
        shapes = [
            shapely.unary_union([ring.difference(ring.centroid.buffer(100)), away]),
            shapely.GeometryCollection([shapely.LineString([(39_500_000, 3_700_300), (39_500_600, 3_700_300)]), away]),
            shapely.MultiPoint([(39_500_100, 3_700_400), (39_500_200, 3_700_400)]),
        ]
        index = pd.Index(list("abc"), name="feature_id")
        frame = gpd.GeoDataFrame({"severity": ["error", "warning", "info"]}, index=index, geometry=shapes, crs=4527)
        page = show(render(Layer("issues", frame, "severity", ("feature_id",))))
        assert page.run("document.body.dataset.drawn") == "3"
        assert page.pixels("#D55E00") > 1000  # the hole leaves more than an outline

    def test_lists_dates_and_missing_values_become_plain_text(self) -> None:
        frame = pipes(
            3,
            date=pd.to_datetime(pd.Series(["2018-12-31", None, "2021-05-07"]).to_numpy()),
            reports=[["a", "b"], None, []],
        )
        frame["fouled"] = pd.array([True, None, False], dtype="boolean")
        layer = Layer("pipes", frame, "system", ("date", "reports", "fouled", "diameter_mm"))
        columns = {c["key"]: c for c in data_of(render(layer))["columns"]}
        assert columns["date"]["values"] == ["2018-12-31", None, "2021-05-07"]
        assert columns["reports"]["values"] == ["a, b", None, ""]
        assert columns["fouled"]["values"] == ["yes", None, "no"]
        assert columns["diameter_mm"] == {
            "key": "diameter_mm", "label": "diameter", "unit": "mm", "group": "size", "values": [300],
            "codes": [0, 0, 0],
        }  # fmt: skip
