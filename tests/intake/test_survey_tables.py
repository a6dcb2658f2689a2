"""Survey tables as they come: titles, two levels of heading, merged cells, sums, commas, formulas."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

import drainage as dr
from drainage.errors import FormatError
from drainage.formats.tables.survey import read_table
from drainage.schema import Issues
from tests.support.said import said_codes

HEAD = "管段编号,起点点号,终点点号,管道类型,管径,起点管底高程,终点管底高程"
LINES = [HEAD, "1,A,B,YS,600,19.80,19.60", "2,B,C,YS,600,19.60,19.40"]
POINTS = ["点号,X,Y,地面高程", "A,3712700,551000,23.00", "B,3712700,551050,23.00", "C,3712700,551100,23.00"]
TWO_LEVELS = [
    "管线编号,管线类型,起点,,,终点,,,管径(mm),材质",
    ",,点号,埋深(m),管底高程(m),点号,埋深(m),管底高程(m),,",
    "L1,雨水,A,3.2,19.8,B,3.4,19.6,600,混凝土",
    "L2,雨水,B,3.4,19.6,C,3.6,19.4,600,混凝土",
]


def write(folder: Path, name: str, lines: list[str], encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes(("\r\n".join(lines) + "\r\n").encode(encoding))
    return path


def read(folder: Path, lines: list[str], points: list[str] | None = None, **said: object) -> dr.DrainageNetwork:
    source, nodes = write(folder, "l.csv", lines), write(folder, "p.csv", points or POINTS)
    return dr.read_network(source, nodes=nodes, crs="EPSG:4548", **said)  # type: ignore[arg-type]


def is_read(net: dr.DrainageNetwork) -> bool:
    """Two pipes of 50 m with their levels."""
    pipes = net.pipes
    return (
        pipes["invert_from_m"].tolist() == pytest.approx([19.8, 19.6])
        and pipes["invert_to_m"].tolist() == pytest.approx([19.6, 19.4])
        and pipes["diameter_mm"].tolist() == [600.0, 600.0]
        and pipes.geometry.length.round(3).tolist() == [50.0, 50.0]
    )


def workbook(path: Path, sheets: dict[str, list[str]], merged: dict[str, list[str]] | None = None) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, lines in sheets.items():
        page = book.create_sheet(name)
        for row in lines:
            page.append([_typed(cell) for cell in row.split(",")])
        for cells in (merged or {}).get(name, []):
            page.merge_cells(cells)
    book.save(path)
    return path


def _typed(cell: str) -> object:
    try:
        return float(cell) if "." in cell else int(cell)
    except ValueError:
        return cell or None


@pytest.mark.parametrize(
    "above",
    [
        ["某市排水管网普查表,,,,,,"],
        ["某市排水管网普查表", "", "坐标系：CGCS2000,,,日期：2020-05-01,,,"],
        ["Survey of drains;2020"],
    ],
    ids=["padded", "of one cell, and a blank", "of another sign"],
)
def test_the_heading_is_found_below_titles(above: list[str], tmp_path: Path) -> None:
    net = read(tmp_path, above + LINES, ["管点成果表", *POINTS])
    assert is_read(net)
    assert (net.issues["code"] == "heading_found").sum() == 2
    assert "heading_found" in said_codes(net.issues)


def test_units_numbers_of_columns_sums_and_signatures_are_no_pipes(tmp_path: Path) -> None:
    lines = [HEAD, ",,,,mm,m,m", "1,2,3,4,5,6,7", *LINES[1:], HEAD, "合计,,,,,,39.2", "制表：,,审核：,,,,"]
    net = read(tmp_path, lines)
    assert is_read(net)
    assert {"units_row", "heading_repeated", "total_row"} <= said_codes(net.issues)


def test_a_row_of_units_below_the_names_counts(tmp_path: Path) -> None:
    lines = [HEAD, "-,-,-,-,cm,cm,cm", "1,A,B,YS,60,1980,1960", "2,B,C,YS,60,1960,1940"]
    assert is_read(read(tmp_path, lines))


def test_two_levels_of_heading_are_joined(tmp_path: Path) -> None:
    for lines in (TWO_LEVELS, ["管线成果表", *TWO_LEVELS, "制表：,,审核：,,,,,,,"]):
        net = read(tmp_path, lines)
        assert is_read(net)
        assert net.pipes["depth_from_m"].tolist() == [3.2, 3.4]


def test_levels_of_a_heading_may_stand_the_other_way_round(tmp_path: Path) -> None:
    """管底高程 over 起点 and 终点 is 起点管底高程 and 终点管底高程."""
    lines = [
        "管段编号,起点点号,终点点号,管道类型,管径,管底高程,,埋深,",
        ",,,,,起点,终点,起点,终点",
        "1,A,B,YS,600,19.80,19.60,3.2,3.4",
        "2,B,C,YS,600,19.60,19.40,3.4,3.6",
    ]
    net = read(tmp_path, lines)
    assert is_read(net)
    assert net.pipes["depth_to_m"].tolist() == [3.4, 3.6]


def test_groups_of_columns_over_a_heading_change_nothing(tmp_path: Path) -> None:
    assert is_read(read(tmp_path, ["编号,连接,,属性,,高程,", *LINES]))


@pytest.mark.parametrize("title", [[], ["某市排水管线成果表"]], ids=["without a title", "below a title"])
def test_merged_cells_of_a_workbook_are_understood(title: list[str], tmp_path: Path) -> None:
    n = len(title)
    merged = [f"C{n + 1}:E{n + 1}", f"F{n + 1}:H{n + 1}", *(f"{c}{n + 1}:{c}{n + 2}" for c in "ABIJ"), *["A1:J1"] * n]
    path = workbook(tmp_path / "s.xlsx", {"管线": title + TWO_LEVELS, "管点": POINTS}, {"管线": merged})
    assert is_read(dr.read_network(path, crs="EPSG:4548"))


def test_the_user_can_name_the_heading(tmp_path: Path) -> None:
    """Names that no catalogue knows, below a title as wide as they."""
    strange = ["a1,a2,a3,a4,a5,a6,a7", "P,Q,R,S,T,U,V", *LINES[1:]]
    names = dict(
        zip(
            ("pipe_id", "from_node", "to_node", "system", "diameter_mm", "invert_from_m", "invert_to_m"),
            "PQRSTUV",
            strict=True,
        )
    )
    mapping = write(
        tmp_path,
        "m.toml",
        ["[pipes]", *(f'{a} = "{b}"' for a, b in names.items()), "[reading]", "heading_row = {pipes = 2}"],
    )
    assert is_read(read(tmp_path, strange, mapping=mapping))
    assert is_read(read(tmp_path, LINES, columns={"heading_row": 1}))
    with pytest.raises(FormatError, match="heading_row = 9"):
        read(tmp_path, LINES, columns={"heading_row": "9"})


def test_decimal_commas_of_a_survey_are_read(tmp_path: Path) -> None:
    lines = [line.replace(",", ";").replace(".", ",") for line in LINES]
    points = [line.replace(",", ";").replace(".00", ",00").replace("551000", "551.000,0") for line in POINTS]
    net = read(tmp_path, lines, points)
    assert is_read(net)
    assert "decimal_comma" in set(net.issues["code"])


def test_thousands_of_a_survey_are_read(tmp_path: Path) -> None:
    points = [
        "点号,X,Y,地面高程",
        *(f'{name},"3,712,700.0","551,{y}.0",23.0' for name, y in zip("ABC", ("000", "050", "100"), strict=True)),
    ]
    assert is_read(read(tmp_path, LINES, points))


def test_a_survey_without_a_single_place_is_refused(tmp_path: Path) -> None:
    points = [POINTS[0], *(line.replace("3712700", "north") for line in POINTS[1:])]
    with pytest.raises(FormatError, match="no row has coordinates in Y and X, which hold 'north'"):
        read(tmp_path, LINES, points)


def test_one_point_without_a_place_is_named(tmp_path: Path) -> None:
    points = [*POINTS, "D,3712700,there,23.00"]
    issues = read(tmp_path, LINES, points).issues
    assert issues.set_index("code").loc["not_a_number", "feature_id"] == "p.csv row 5"
    assert "not_a_number" in said_codes(issues)


def test_formulas_without_a_value_are_said(tmp_path: Path) -> None:
    path = workbook(tmp_path / "s.xlsx", {"管线": [*LINES[:2], "2,B,C,YS,600,=G2,19.40"], "管点": POINTS})
    net = dr.read_network(path, crs="EPSG:4548")
    lost = net.issues.query("code == 'formula_without_value'")
    assert lost["feature_id"].tolist() == ["起点管底高程"]
    assert lost["severity"].tolist() == ["error"]
    assert "formula_without_value" in said_codes(net.issues)


@pytest.mark.parametrize(
    ("sign", "encoding"),
    [(",", "utf-16"), ("\t", "gb18030"), (";", "utf-8-sig"), ("|", "utf-8")],
    ids=["comma", "tab", "semicolon", "bar"],
)
def test_any_sign_between_columns_and_any_encoding_is_read(sign: str, encoding: str, tmp_path: Path) -> None:
    lines = ["普查表", *(line.replace(",", sign) for line in LINES)]
    table = read_table(write(tmp_path, "l.csv", lines, encoding))
    assert table.columns.tolist() == HEAD.split(",")
    assert table.index.tolist() == [3, 4]


def test_ids_are_read_as_they_are_written(tmp_path: Path) -> None:
    ids = ["007", "1E5", "12.10", "20240715000000000001", "NA"]
    table = read_table(write(tmp_path, "l.csv", ["井号,地面高程", *(f"{one},1" for one in ids)]))
    assert table["井号"].tolist() == ids


def test_repeated_and_blank_names_lose_no_column(tmp_path: Path) -> None:
    issues = Issues()
    table = read_table(write(tmp_path, "l.csv", [",点号,备注,备注,", ",A,x,y,z"]), issues=issues)
    assert table.columns.tolist() == ["点号", "备注", "备注.1", "column 5"]
    assert issues.frame()["code"].tolist() == ["repeated_column"]


def test_a_comma_inside_a_number_that_shifts_the_columns_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="row 2 does not have 7 columns"):
        read(tmp_path, [HEAD, "1,A,B,YS,600,19,80,19,60"])
