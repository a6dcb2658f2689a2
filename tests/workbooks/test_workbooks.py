"""Workbooks hold every figure, in one language, ready to read, to follow and to print, and run nothing.

Truth: the result itself.
"""

from __future__ import annotations

import datetime as dt
import math
import zipfile
from pathlib import Path
from typing import Any

import geopandas as gpd
import openpyxl
import pandas as pd
import pytest
import shapely
from openpyxl.worksheet.worksheet import Worksheet

import drainage as dr
from drainage import words
from drainage.formats.tables.workbook import cells_of_sheet
from drainage.workbooks import write_workbook
from drainage.workbooks.columns import lay_out
from drainage.workbooks.figures import figures
from tests.support import demo
from tests.support.on_paper import needs_libreoffice, needs_poppler, pages, printed_by_libreoffice, text


@pytest.fixture(scope="module")
def books(every_answer: dict[str, dr.Result], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Give the workbook of each answer in Chinese; long tables cut, which the figures do not know."""
    folder = tmp_path_factory.mktemp("books")
    for name, result in every_answer.items():
        short = {table: frame.head(150) for table, frame in result.tables.items()}
        short = short if name != "waterlogging" else dict(result.tables)
        dr.Result(
            result.question, short, result.summary, result.layers, result.notice, provenance=result.provenance
        ).to_excel(folder / f"{name}.xlsx", lang="zh")
    return {name: openpyxl.load_workbook(folder / f"{name}.xlsx") for name in every_answer}


def facts(sheet: Worksheet) -> dict[str, Any]:
    return {str(row[0]): row[2] for row in sheet.iter_rows(min_row=3, values_only=True)}


def test_a_workbook_opens_at_its_first_table(tmp_path: Path) -> None:
    write_workbook({"points": pd.DataFrame({"rank": [1]})}, tmp_path / "b.xlsx", summary={"points": 1})
    book = openpyxl.load_workbook(tmp_path / "b.xlsx")
    assert (book.active.title if book.active else None) == "points"
    assert [name for name in book.sheetnames if book[name].sheet_view.tabSelected] == ["points"]


def test_every_figure_of_every_summary_is_in_its_workbook(
    every_answer: dict[str, dr.Result], books: dict[str, Any]
) -> None:
    for name, result in every_answer.items():
        told = facts(books[name]["summary"])
        for key, value in figures(result.summary.to_dict()).items():
            if isinstance(value, (bool, str)):
                assert told[key] == (words.shown(key.rpartition(".")[2], value, "zh") or None), (name, key)
            elif value is None:
                assert told[key] is None, (name, key)
            else:
                assert isinstance(value, (int, float))
                assert math.isclose(told[key], value), (name, key)


def test_every_workbook_begins_with_its_provenance(every_answer: dict[str, dr.Result], books: dict[str, Any]) -> None:
    for name, book in books.items():
        assert book.sheetnames[:2] == ["provenance", "summary"]
        told = facts(book["provenance"])
        assert told["version"] == dr.__version__
        assert {key.partition(".")[0] for key in told} == set(every_answer[name].provenance.as_dict())
    storm = facts(books["waterlogging"]["provenance"])
    assert (storm["storm.return_period_a"], storm["storm.verified"], storm["as_of"]) == (3, "否", "2018-12-31")


def test_no_sheet_is_empty_and_every_column_is_named(books: dict[str, Any]) -> None:
    for book in books.values():
        for sheet in book:
            assert sheet.max_row > 2, sheet.title
            assert all(cell.value for row in sheet.iter_rows(max_row=2) for cell in row), sheet.title


def test_nothing_is_a_formula(books: dict[str, Any]) -> None:
    assert not [
        cell
        for book in books.values()
        for sheet in book
        for row in sheet.iter_rows()
        for cell in row
        if cell.data_type == "f"
    ]


class TestSheet:
    def test_has_words_and_units_above_the_names_of_python(self, books: dict[str, Any]) -> None:
        sheet = books["waterlogging"]["points"]
        heads = {cell.value: sheet.cell(1, cell.column).value for cell in sheet[2]}
        assert (heads["depth_m"], heads["cause"], heads["volume_m3"]) == ("水深（m）", "成因", "水量（m³）")
        english = lay_out(pd.DataFrame({"road": ["A"], "depth_m": [0.1], "own": [1]}), "en")
        assert [column.heading for column in english[1:]] == ["Road", "Depth (m)", "own"]
        assert sheet.freeze_panes == "B3"
        assert str(sheet.auto_filter.ref).startswith("A2:")

    def test_is_read_back_by_pandas(self, every_answer: dict[str, dr.Result], tmp_path: Path) -> None:
        result = every_answer["waterlogging"]
        result.to_excel(tmp_path / "r.xlsx", lang="en")
        again = pd.read_excel(tmp_path / "r.xlsx", sheet_name="points", header=1, index_col=0, engine="openpyxl")
        points = result.points
        assert again.index.tolist() == points.index.tolist()
        pd.testing.assert_series_equal(again["depth_m"], points["depth_m"], check_index=False, check_names=False)
        assert set(again["cause"]) <= {"own pipes too small", "downstream bottleneck", "silt"}
        assert {"lon", "lat", "x", "y"} <= set(again.columns)
        assert again["x"].tolist() == pytest.approx(points.geometry.representative_point().x.tolist(), abs=1e-3)

    def test_shows_one_language(
        self, every_answer: dict[str, dr.Result], books: dict[str, Any], tmp_path: Path
    ) -> None:
        sheet = books["waterlogging"]["points"]
        places = {cell.value: cell.column_letter for cell in sheet[2]}
        assert sheet.column_dimensions[places["evidence"]].hidden
        assert not sheet.column_dimensions[places["evidence_zh"]].hidden
        assert {cell.value for cell in sheet[places["grade"]][2:]} <= {"轻", "中", "重", "严重"}
        every_answer["quality"].to_excel(tmp_path / "q.xlsx", lang="en")
        rules = pd.read_excel(tmp_path / "q.xlsx", sheet_name="rules", header=1, engine="openpyxl")
        assert not rules["message"].str.contains("[一-鿿]").any()

    def test_has_formats_by_unit(self, books: dict[str, Any]) -> None:
        sheet = books["waterlogging"]["points"]
        looks = {cell.value: sheet.cell(3, cell.column).number_format for cell in sheet[2]}
        assert (looks["depth_m"], looks["volume_m3"]) == ("#,##0.00", "#,##0.0")
        assert (looks["lon"], looks["x"], looks["duration_min"]) == ("0.000000", "0.00", "0")
        dates = books["waterlogging"]["reports"]
        assert (
            next(dates.cell(3, cell.column).number_format for cell in dates[2] if cell.value == "date") == "yyyy-mm-dd"
        )

    def test_leads_from_row_to_row(self, books: dict[str, Any]) -> None:
        book = books["waterlogging"]
        sheet = book["reports"]
        column = next(cell.column for cell in sheet[2] if cell.value == "point_id")
        linked = [sheet.cell(row, column) for row in range(3, sheet.max_row + 1) if sheet.cell(row, column).value]
        assert linked
        for cell in linked:
            goal, place = cell.hyperlink.location.split("!")
            assert book[goal.strip("'")][place].value == cell.value

    def test_prints_on_twelve_sheets_at_most(self, books: dict[str, Any]) -> None:
        """At 60 % a sheet of A4 landscape holds about 50 lines; what is not printed is said above and on the sheet."""
        pages, papers = 0, {}
        for sheet in books["waterlogging"]:
            papers[sheet.title] = (sheet.page_setup.orientation, int(sheet.page_setup.paperSize))
            assert sheet.print_options.gridLines
            assert sheet.sheet_properties.pageSetUpPr.fitToPage
            assert (sheet.page_setup.fitToWidth or 1, sheet.page_setup.fitToHeight) == (1, 0)
            assert sheet.print_title_rows == "$1:$2"
            assert "&P" in sheet.oddFooter.right.text
            assert "合成演示数据" in sheet.oddFooter.left.text
            assert "管网日期 2018-12-31 · 计算引擎 筛查 · 制作 " in sheet.oddFooter.left.text
            assert not sheet.HeaderFooter.scaleWithDoc
            last = int(sheet.print_area.rpartition("$")[2])
            lines = sum((sheet.row_dimensions[row].height or 15.0) / 15.0 for row in range(1, last + 1))
            pages += math.ceil(lines / 40)
        assert pages <= 12
        wide, wider = papers["summary"], papers["points"]
        assert (papers["pipes"], wide, wider) == (("portrait", 9), ("landscape", 9), ("landscape", 8))
        pipes = books["waterlogging"]["pipes"]
        assert "20" in pipes.oddHeader.right.text
        assert "打印前 20 行" in pipes["A1"].comment.text

    @pytest.mark.long
    @needs_libreoffice
    @needs_poppler
    def test_is_printed_as_it_says(self, books: dict[str, Any], tmp_path: Path) -> None:
        """LibreOffice prints 12 pages at most, no figure as ####, and below each what is printed and which page."""
        books["waterlogging"].save(tmp_path / "w.xlsx")
        pdf = printed_by_libreoffice(tmp_path / "w.xlsx", tmp_path)
        count, said = pages(pdf), text(pdf)
        assert 6 <= count <= 12
        assert [number for number in range(1, count + 1) if f"第 {number} 页，共 {count} 页" not in said] == []
        assert said.count("合成演示数据，并非真实管网") >= count
        assert said.count("管网日期 2018-12-31 · 计算引擎 筛查") == count
        assert "###" not in said

    def test_codes_are_in_the_dictionary(self, books: dict[str, Any]) -> None:
        told = {row[0]: row for row in books["waterlogging"]["dictionary"].iter_rows(min_row=3, values_only=True)}
        assert "silt 管道淤积" in told["cause"][4]
        assert told["depth_m"][1:3] == ("水深", "m")


class TestText:
    @pytest.mark.parametrize(
        "text", ["=1+1", "+1", "-a", "@SUM(1)", "＝1", "'=1", "''x", "'x", "a\n=b", "{=1}", "http://x", "0012"]
    )
    def test_is_text_and_reads_back_the_same(self, text: str, tmp_path: Path) -> None:
        table = pd.DataFrame({"note": [text]}, index=pd.Index([text], name="row_id"))
        write_workbook({"t": table}, tmp_path / "t.xlsx")
        cells = openpyxl.load_workbook(tmp_path / "t.xlsx")["t"]
        assert [(cell.value, cell.data_type) for cell in cells[3]] in ([(text, "s")] * 2, [(text, "inlineStr")] * 2)
        rows, lost = cells_of_sheet(tmp_path / "t.xlsx", "t")
        assert (rows[2], lost) == ([text, text], {})

    def test_of_an_older_workbook_loses_its_sign(self, tmp_path: Path) -> None:
        pd.DataFrame({"note": ["'=1"]}).to_excel(tmp_path / "old.xlsx", index=False)
        assert cells_of_sheet(tmp_path / "old.xlsx", None)[0][1] == ["=1"]


def test_the_form_of_a_crew_is_read_back_in_both_languages(tmp_path: Path) -> None:
    net = demo.city("2018-12-31")
    plan = dr.plan_inspection(net, budget=2)
    for lang in words.LANGUAGES:
        path = tmp_path / f"{lang}.xlsx"
        plan.to_excel(path, lang=lang)
        book = openpyxl.load_workbook(path)
        form = book["form"]
        places = {cell.value: cell.column or 0 for cell in form[2]}
        for row in range(3, form.max_row + 1):
            form.cell(row, places["date"], "2024-06-01")
            form.cell(row, places["flowing"], "是" if lang == "zh" else "yes")
        for name in set(book.sheetnames) - {"form"}:
            del book[name]
        book.save(path)
        seen = dr.read_evidence({"inspections": path}, today=dt.date(2024, 7, 1))
        assert len(seen.inspections) == form.max_row - 2
        assert set(seen.inspections["flowing"]) == {True}


def test_one_answer_gives_one_file(every_answer: dict[str, dr.Result], tmp_path: Path) -> None:
    for name in ("a.xlsx", "b.xlsx"):
        every_answer["low_points"].to_excel(tmp_path / name, lang="en")
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


def test_places_of_lines_and_plans_are_told(tmp_path: Path) -> None:
    line = gpd.GeoDataFrame(
        {"a": [1]}, index=pd.Index(["p"], name="pipe_id"), geometry=[shapely.LineString([(0, 0), (10, 0), (20, 0)])]
    )
    write_workbook({"plan": line, "map": line.set_crs(4548)}, tmp_path / "p.xlsx")
    book = openpyxl.load_workbook(tmp_path / "p.xlsx")
    assert [cell.value for cell in book["plan"][2]] == ["pipe_id", "a", "x", "y"]
    assert book["plan"].cell(3, 3).value == 10
    assert [cell.value for cell in book["map"][2]][-4:] == ["x", "y", "lon", "lat"]


def test_a_workbook_is_whole(tmp_path: Path) -> None:
    with pytest.raises(dr.errors.FormatError, match="no such language"):
        write_workbook({}, tmp_path / "x.xlsx", lang="fr")
    assert not (tmp_path / "x.xlsx").exists()
    write_workbook({"t": pd.DataFrame({"a": [1]})}, tmp_path / "x.xlsx")
    assert zipfile.ZipFile(tmp_path / "x.xlsx").testzip() is None
