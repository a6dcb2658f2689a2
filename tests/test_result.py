"""A result has three faces and never overwrites a file."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape
from typing import TYPE_CHECKING

import geopandas as gpd
import openpyxl
import pandas as pd
import pytest

from drainage.analyses.mixed_flow import find_mixed_flow
from drainage.errors import FormatError
from drainage.result import Result
from tests.support.networks import build

if TYPE_CHECKING:
    from pathlib import Path


def result_of(*pipes: str) -> Result:
    return find_mixed_flow(build(list(pipes) or ["w>a sewage", "a>b storm"]))


def test_tables_are_attributes_and_copies() -> None:
    result = result_of()
    table = result.pipes
    table.loc["p0", "class"] = "changed"
    assert result.pipes.loc["p0", "class"] == "clean"
    assert "points" in dir(result)
    with pytest.raises(AttributeError, match="it has points, pipes, outfalls"):
        _ = result.nothing


def test_files_hold_every_table(tmp_path: Path) -> None:
    result = result_of()
    result.to_file(tmp_path / "r.gpkg")
    assert gpd.read_file(tmp_path / "r.gpkg", layer="pipes")["pipe_id"].tolist() == ["p0", "p1"]
    result.to_excel(tmp_path / "r.xlsx")
    with pd.ExcelFile(tmp_path / "r.xlsx", engine="openpyxl") as book:
        assert book.sheet_names == ["provenance", "summary", "points", "pipes", "outfalls", "reach", "dictionary"]


@pytest.mark.parametrize("name", ["r.gpkg", "r.xlsx"])
def test_a_file_is_not_overwritten_without_force(tmp_path: Path, name: str) -> None:
    result, path = result_of(), tmp_path / name
    path.write_text("mine")
    write = result.to_file if name.endswith("gpkg") else result.to_excel
    with pytest.raises(FormatError, match="already exists"):
        write(path)
    assert path.read_text() == "mine"
    write(path, force=True)
    assert path.stat().st_size > 1000
    assert [p.name for p in tmp_path.iterdir()] == [name]


def test_a_wrong_ending_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=r"\.xlsx, \.gpkg, \.geojson, \.csv, \.parquet, \.shp, \.fgb"):
        result_of().to_file(tmp_path / "r.pdf")


def test_text_that_looks_like_a_formula_is_text_in_a_sheet(tmp_path: Path) -> None:
    net = build(["w>a sewage", "a>b storm"], road=["=HYPERLINK(1)", "+1"])
    find_mixed_flow(net).to_excel(tmp_path / "r.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "r.xlsx")["pipes"]
    cells = [str(cell.value) for row in sheet.iter_rows() for cell in row]
    assert {"=HYPERLINK(1)", "+1"} <= set(cells)
    assert not [cell for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]


def test_a_notebook_shows_the_page_of_the_map_in_a_cell() -> None:
    result = find_mixed_flow(build(["w>a sewage", "a>b storm"]))
    frame = re.search(r'<iframe srcdoc="([^"]*)"', result._repr_html_())
    assert frame
    assert unescape(frame[1]) == result.page().html
    assert "<iframe" not in replace(result, layers=())._repr_html_()


def test_html_is_escaped() -> None:
    result = Result("q", {}, pd.Series({"a": "<script>"}), (), notice="<b>")
    assert "<script>" not in result._repr_html_()
    assert "<b>" not in result._repr_html_()
