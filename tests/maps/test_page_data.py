"""What a page holds beside its questions: ways through the network, hydrographs, names in pinyin, all written short."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

import drainage as dr
from drainage.maps.context import context_of
from drainage.maps.desk.filters import facets_of
from drainage.maps.desk.hydrographs import hydrographs_of
from drainage.maps.desk.lists import most_important_first
from drainage.maps.desk.page_data import page_data
from drainage.maps.desk.pinyin import names_of, spelt
from drainage.maps.desk.tight import tight, whole_numbers
from drainage.maps.layer import Layer, OverTime
from drainage.simulation.screening.flows_at import flows_at
from tests.support import demo
from tests.support import tight as reader
from tests.support.networks import build

NODE = shutil.which("node")
UNPACK = Path(__file__).parents[2] / "web" / "engineers_map" / "data" / "unpack.js"
INTEGERS = st.integers(-(2**45), 2**45)


NOWHERE = shapely.Point()


def of_network(net: dr.DrainageNetwork) -> dict[str, Any]:
    return page_data({"": context_of(net)}, {}, "network", None, schematic=False, lang="en")


class TestShortForm:
    @given(st.lists(INTEGERS | st.integers(-20, 20), max_size=60))
    def test_whole_numbers_come_back(self, numbers: list[int]) -> None:
        assert reader.whole_numbers(whole_numbers(numbers)) == numbers

    @given(
        st.lists(
            st.one_of(st.none(), st.integers(-99, 99), st.floats(-1e5, 1e5).map(lambda x: round(x, 3))), max_size=40
        )
        | st.lists(st.from_regex(r"\A[A-Z]{0,2}[0-9]{0,12}\Z"), min_size=24, max_size=40)
        | st.lists(st.sampled_from(["YS0001", "YS0002", "YS10", "W7", None, "é"]), min_size=24, max_size=40)
    )
    def test_columns_of_any_values_come_back(self, values: list[Any]) -> None:
        assert _back({"values": values})["values"] == values

    def test_a_demo_of_three_periods_comes_back_whole(self) -> None:
        before, after = (demo.city(day) for day in ("2018-12-31", "2024-12-31"))
        data: dict[str, Any] = page_data(
            {"a": context_of(before), "b": context_of(after), "c": context_of(after)}, {}, "network", None,
            schematic=False, lang="en",
        )  # fmt: skip
        short = tight(data)
        back = reader.loose(json.loads(json.dumps(short)))
        assert any("like" in column for column in short["columns"])
        assert [reader.expanded(one) for one in back["columns"]] == [reader.expanded(one) for one in data["columns"]]
        assert {name: back[name] for name in back if name != "columns"} == json.loads(
            json.dumps({name: data[name] for name in data if name != "columns"})
        )
        assert 5 * len(json.dumps(short)) < len(json.dumps(data))

    @pytest.mark.skipif(NODE is None, reason="no node on this machine")
    def test_the_program_of_the_page_reads_what_python_writes(self, tmp_path: Path) -> None:
        before, after = (demo.around("YS0301", reach_m=700.0), demo.city("2024-12-31"))
        groups = {"a": context_of(before), "b": context_of(after)}
        data = page_data(groups, {}, "network", None, schematic=False, lang="zh")
        (tmp_path / "short.json").write_text(json.dumps(tight(data)), encoding="utf-8")
        program = (
            f"import {{ unpack }} from {json.dumps(UNPACK.as_uri())};import fs from 'node:fs';"
            f"const data = JSON.parse(fs.readFileSync({json.dumps(str(tmp_path / 'short.json'))}, 'utf8'));"
            "process.stdout.write(JSON.stringify(unpack(data)));"
        )
        done = subprocess.run(
            [str(NODE), "--input-type=module", "-e", program], capture_output=True, check=True, encoding="utf-8"
        )
        assert json.loads(done.stdout) == json.loads(json.dumps(data))


def _back(column: dict[str, Any]) -> dict[str, Any]:
    shapes: dict[str, list[int]] = {"x": [], "y": [], "sizes": [], "parts": [], "areas": []}
    short = tight({"shapes": shapes, "columns": [column], "periods": []})
    found: dict[str, Any] = reader.loose(json.loads(json.dumps(short)))["columns"][0]
    return found


class TestWays:
    def test_what_lies_upstream_on_the_page_is_what_python_finds(self) -> None:
        net = demo.city("2018-12-31")
        data = of_network(net)
        ways = data["periods"][0]["network"]
        names = [*net.nodes.index]
        start = names.index("YS0301")
        found = _followed(ways["to"], ways["from"], start)
        assert {names[row] for row in found} == set(net.upstream_of("YS0301").nodes.index)
        found = _followed(ways["from"], ways["to"], start)
        assert {names[row] for row in found} == set(net.downstream_of("YS0301").nodes.index)

    def test_water_leaves_where_no_pipe_goes_on(self) -> None:
        ways = of_network(build(["a>b storm", "b>c storm", "d>b storm"]))["periods"][0]["network"]
        nodes = ["abcd".index(name) for name in "abcd"]
        assert (ways["from"], ways["to"]) == ([nodes[0], nodes[1], nodes[3]], [nodes[1], nodes[2], nodes[1]])
        assert ways["outfall"] == [nodes[2]]

    def test_maps_of_places_alone_have_none(self) -> None:
        point = gpd.GeoDataFrame(geometry=[shapely.Point(0, 0)], index=["a"])
        layers = [Layer("losses", point, None)]
        assert page_data({"": layers}, {}, "x", None, schematic=True, lang="en")["periods"][0]["network"] is None  # type: ignore[index]


def _followed(ends: list[int], others: list[int], start: int) -> set[int]:
    """Go along pipes from one node, in the plainest way."""
    found, left = {start}, [start]
    while left:
        here = left.pop()
        new = {other for end, other in zip(ends, others, strict=True) if end == here} - found
        found |= new
        left += [*new]
    return found


class TestHydrographs:
    def test_what_is_between_inflow_and_flow_passed_on_is_the_overflow_of_the_screening(self) -> None:
        state = demo.screened("2018-12-31")
        worst = state.nodes["overflow_m3"].nlargest(40)
        flows = flows_at(state, [*worst.index])
        spilt_m3 = ((flows.inflow_m3s - flows.passed_m3s) * np.diff(flows.edges_min) * 60.0).sum(axis=1)
        assert spilt_m3 == pytest.approx(worst.to_numpy(), rel=1e-4)
        assert (flows.inflow_m3s - flows.passed_m3s > -1e-6).all()

    def test_a_node_that_is_not_simulated_has_no_figures(self) -> None:
        state = demo.screened("2018-12-31")
        assert np.isnan(flows_at(state, ["nowhere"]).inflow_m3s).all()

    def test_the_most_important_points_are_told_and_the_others_counted(self, monkeypatch: pytest.MonkeyPatch) -> None:
        from drainage.maps.desk import hydrographs

        monkeypatch.setattr(hydrographs, "MOST", 1)
        series = OverTime(np.array([0.5, 1.5]), {"inflow_m3s": np.array([0.1, np.nan])}, {"capacity_m3s": np.nan})
        points = gpd.GeoDataFrame(geometry=[NOWHERE] * 2, index=["L1", "L2"])
        layer = Layer("losses", points, None, over_time=lambda ids: dict.fromkeys(ids, series))
        told: Any = hydrographs_of({"": [layer]}, [""], "en")
        assert [*told["hydrographs"][""]["of"]] == ["L1"]
        assert told["hydrographs"][""]["of"]["L1"]["series"][0]["values"] == [0.1, None]
        assert told["hydrographs"][""]["of"]["L1"]["marks"] == []
        assert told["notes"] == ["hydrographs of the 1 most important of 2 points only"]

    def test_nothing_is_simulated_for_them_before_a_page_is_made(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def asked(*_: object) -> None:
            raise LookupError("asked")

        monkeypatch.setattr("drainage.analyses.waterlogging.find.flows_at", asked)
        found = dr.find_waterlogging(dr.screen(demo.quarters("2018-12-31"), demo.screened("2018-12-31").storm))
        with pytest.raises(LookupError, match="asked"):
            found.page()

    def test_an_answer_on_a_screening_has_one_for_each_point(self) -> None:
        points = demo.report("2018-12-31").results["waterlogging"].layers[-2]
        assert points.over_time is not None
        assert [*points.over_time([*points.frame.index])] == [*points.frame.index]


class TestSearchAndFilters:
    def test_a_long_text_is_spelt_as_its_beginning(self) -> None:
        assert spelt("\u957f" * 1_400_000) == spelt("\u957f" * 60) == ["chang" * 60, "c" * 60]

    def test_names_in_chinese_letters_have_pinyin_and_initials(self) -> None:
        columns: list[dict[str, Any]] = [
            {"key": "road", "values": ["\u89e3\u653e\u897f\u8def", "Main St", None]},
            {"key": "note", "values": ["\u8def"]},
        ]
        assert names_of(columns) == {"\u89e3\u653e\u897f\u8def": ["jiefangxilu", "jfxl"]}

    def test_what_has_one_value_is_no_filter(self) -> None:
        columns: list[dict[str, Any]] = [
            {"key": "system", "values": ["storm", None]},
            {"key": "grade", "values": ["minor", "major"]},
            {"key": "diameter_mm", "values": [300, 800]},
        ]
        assert facets_of(columns, "en") == [
            {"key": "grade", "label": "grade"},
            {"key": "diameter_mm", "label": "diameter", "unit": "mm", "bins": [300, 600, 1000, 1500]},
        ]


class TestImportance:
    def test_rows_come_by_codes_then_by_figures_and_what_is_not_known_last(self) -> None:
        frame = gpd.GeoDataFrame(
            {"within_standard": ["yes", "no", "unknown", "no", "no"], "volume_m3": [9.0, 1.0, 5.0, np.nan, 3.0]},
            geometry=[NOWHERE] * 5, index=[*"abcde"],
        )  # fmt: skip
        layer = Layer("waterlogging", frame, "within_standard")
        assert [*most_important_first(layer).frame.index] == ["e", "b", "d", "c", "a"]
        assert [*layer.frame.index] == [*"abcde"]

    def test_a_layer_that_has_none_of_the_columns_stays_as_it_is(self) -> None:
        layer = Layer("waterlogging", gpd.GeoDataFrame({"x": [2, 1]}, geometry=[NOWHERE] * 2), None)
        assert most_important_first(layer) is layer
