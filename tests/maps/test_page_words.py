"""No key of a column, and no code, stands on a page where a reader expects words."""

from __future__ import annotations

import re
from typing import Any

import geopandas as gpd
import shapely

import drainage as dr
from drainage.maps.desk.page_data import page_data
from drainage.maps.layer import Layer
from drainage.words import all_names, code, codes
from tests.maps.test_page_questions import column_of, layer_of, of_result

#: Names that a test or a user gave to things of a network.
GIVEN = {"drain", "new"}


def test_no_key_and_no_code_stands_among_the_values_of_a_page(every_answer: dict[str, dr.Result]) -> None:
    keys = {name for name in all_names() if "_" in name} | {*codes("kind"), *codes("system"), *codes("class")}
    for name, result in every_answer.items():
        for column in of_result(result)["columns"]:
            if column["key"] == "clause":  # cited as it is written
                continue
            texts = [value for value in column["values"] if isinstance(value, str)]
            told = {part for text in texts for part in re.split(r"[,;:] ?|、|；|：| ", text)}
            assert not told & keys - GIVEN, (name, column["key"])


def test_ids_that_begin_with_a_kind_are_in_words_on_both_ends_of_a_link(every_answer: dict[str, dr.Result]) -> None:
    data = of_result(every_answer["mixed_flow"])
    points, outfalls = (layer_of(data, key) for key in ("misconnections", "outfalls"))
    ids = set(column_of(data, points, "finding_id"))
    fouled = {name for cell in column_of(data, outfalls, "fouled_by") if cell for name in cell.split(", ")}
    assert fouled
    assert fouled <= ids
    assert all(one.startswith(str(code("kind", kind, "zh"))) for one, kind in _kinds(ids))


def _kinds(ids: set[str]) -> list[tuple[str, str]]:
    words = {str(code("kind", kind, "zh")): kind for kind in codes("kind")}
    return [(one, words[one.partition(":")[0]]) for one in ids]


def test_a_length_in_a_chinese_text_keeps_its_unit() -> None:
    text = "DN300 \u6539\u4e3a DN600\uff0c100 m"
    frame = gpd.GeoDataFrame({"kind": ["enlarge"], "text_zh": [text], "text": ["DN600"]}, geometry=[shapely.Point()])
    layer = Layer("relief", frame.rename_axis("work_id"), "kind", ("work_id", "text_zh", "text"))
    data: dict[str, Any] = page_data({"": [layer]}, {}, "relief", None, schematic=True, lang="zh")
    assert column_of(data, data["periods"][0]["layers"][0], "text_zh") == [text]


def test_grades_are_words_and_findings_have_their_unit_in_one_cell(every_answer: dict[str, dr.Result]) -> None:
    mixing = of_result(every_answer["mixing"], "en")
    areas = layer_of(mixing, "mixing/node_id")
    assert set(column_of(mixing, areas, "grade")) <= {"none", "light", "moderate", "heavy"}
    assert any("misconnections by length: T/CECS" in cell for cell in column_of(mixing, areas, "decided_by") if cell)
    quality = of_result(every_answer["quality"])
    cells = column_of(quality, layer_of(quality, "quality"), "magnitude_measured")
    assert any(re.fullmatch(r"[0-9.]+ m", cell) for cell in cells if cell)
    table = every_answer["quality"].tables["findings"]
    assert sum(cell is None for cell in cells) == int(table["magnitude"].isna().sum())
