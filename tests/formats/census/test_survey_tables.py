"""The national survey's tables: every cell of a small network by hand, out and in again, and what is wrong in them.

Y1 inlet > J1 manhole > K out (storm)          W1 > P pump > F works (sewage), in a box 1.2 m high, 2 m wide
"""

import shutil
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

import drainage as dr
from drainage.formats.census.definitions import TABLES
from drainage.formats.census.survey_files import read_survey, write_survey
from drainage.formats.census.survey_rows import survey_tables
from drainage.report import take_census, write_census
from tests.support import demo
from tests.support.examples import examples

PLACE = {"Y1": (0, 0), "J1": (50, 0), "out": (100, 0), "W1": (0, 50), "P": (50, 50), "F": (100, 50)}
KIND = {"Y1": "inlet", "J1": "manhole", "out": "outfall", "W1": "manhole", "P": "pump", "F": "works"}


def town() -> dr.DrainageNetwork:
    pipes = gpd.GeoDataFrame(
        {
            "pipe_id": ["007", "YS2", "WS1", "WS2"],
            "system": ["storm", "storm", "sewage", "sewage"],
            "from_node": ["Y1", "J1", "W1", "P"],
            "to_node": ["J1", "out", "P", "F"],
            "shape": ["circular", "circular", "rectangular", "circular"],
            "diameter_mm": [300.0, 600.0, None, 400.0],
            "width_mm": [None, None, 2000.0, None],
            "height_mm": [None, None, 1200.0, None],
            "invert_from_m": [10.0, 9.5, 8.25, 7.0],
            "invert_to_m": [9.6, 9.0, 8.0, 9.0],
            "material": ["HDPE", "钢筋混凝土", "砖", "钢"],
            "road": ["磬山路", "磬山路", None, "=2+2"],
            "commissioned": ["2001-05-31", None, "1998-01-01", None],
            "silt_share": [0.1, None, 0.25, 0.0],
        },
        geometry=[
            shapely.LineString([PLACE["Y1"], PLACE["J1"]]),
            shapely.LineString([PLACE["J1"], (75.123456789, 3.3), PLACE["out"]]),
            shapely.LineString([PLACE["W1"], PLACE["P"]]),
            shapely.LineString([PLACE["P"], PLACE["F"]]),
        ],
        crs="EPSG:4548",
    )
    nodes = gpd.GeoDataFrame(
        {
            "node_id": list(PLACE), "kind": list(KIND.values()), "ground_m": [12.0, 12.1, 11.0, 12.2, 12.3, 12.4],
            "system": ["storm"] * 3 + ["sewage"] * 3, "water_level_m": [None, None, 9.4, None, None, None],
        },
        geometry=[shapely.Point(xy) for xy in PLACE.values()],
        crs="EPSG:4548",
    )  # fmt: skip
    return dr.as_network(pipes, nodes=nodes)


def assert_same(one: dr.DrainageNetwork, other: dr.DrainageNetwork) -> None:
    """Every value of pipes and nodes, and every place, is as it was."""
    for ours, theirs in ((one.pipes, other.pipes), (one.nodes, other.nodes)):
        again = theirs.loc[ours.index]
        assert len(theirs) == len(ours)
        assert set(ours.columns) <= set(again.columns)
        assert shapely.equals_exact(np.asarray(ours.geometry.array), np.asarray(again.geometry.array), 1e-9).all()
        for name in ours.columns.drop("geometry"):
            a, b = (frame[name].astype(object).where(frame[name].notna(), None).tolist() for frame in (ours, again))
            assert a == pytest.approx(b) if all(isinstance(x, (int, float)) for x in a + b) else a == b, name


def test_every_cell_of_the_survey_is_that_worked_by_hand() -> None:
    tables = survey_tables(town())

    def cells(name: str) -> list[list[object]]:
        table = tables[name][list(TABLES[name].columns)].astype(object)
        return table.where(table.notna(), None).to_numpy().tolist()

    assert cells("pipe") == [
        ["007", "Y1", "J1", 1, 1, 0.3, None, 10.0, 10.3, 9.6, 9.9, 50.0, 5, None, "磬山路", "2001-05-31"],
        [
            "YS2",
            "J1",
            "out",
            1,
            1,
            0.6,
            None,
            9.5,
            10.1,
            9.0,
            9.6,
            pytest.approx(50.43, abs=0.01),
            2,
            None,
            "磬山路",
            None,
        ],
        ["WS2", "P", "F", 2, 1, 0.4, None, 7.0, 7.4, 9.0, 9.4, 50.0, 9, None, "=2+2", None],
    ]
    assert cells("channel") == [
        ["WS1", "W1", "P", 2, 5, 1.2, 2.0, 8.25, 9.45, 8.0, 9.2, 50.0, 11, None, None, "1998-01-01"],
    ]  # fmt: skip
    assert cells("inlet")[0][:4] == ["Y1", 0.0, 0.0, 12.0]
    manholes = {row[0]: row for row in cells("manhole")}
    assert manholes["J1"][1:4] == [0.0, 50.0, 12.1]  # X is north
    assert manholes["J1"][5:8] == [1, 1, 2]
    assert {row[0]: row[6] for row in cells("pump")} == {"P": 2, "F": 9}
    assert cells("outfall")[0][0] == "out"
    assert cells("system") == [
        ["XT001", "1", 1, 2, pytest.approx(0.1004, abs=1e-4)],
        ["XT002", "2", 0, 2, pytest.approx(0.1)],
    ]
    assert all(len(tables[name]) == 0 for name in ("storage", "weir", "gate", "valve", "waterlogging", "chainage"))


@pytest.mark.parametrize("name", ["survey.xlsx", "survey"])
def test_out_and_in_again_loses_nothing(tmp_path: Path, name: str) -> None:
    net = town()
    write_census(net, tmp_path / name)
    again = dr.read_network(tmp_path / name)
    assert_same(net, again)
    assert again.crs == net.crs
    assert "edited" not in set(again.issues["code"])
    assert again.nodes["water_level_m"].dropna().to_dict() == {"out": 9.4}


def test_sizes_that_are_recorded_twice_or_by_a_diameter_alone_come_back(tmp_path: Path) -> None:
    """A box with a diameter besides, which does not count, and an egg of which the diameter alone is known."""
    net = town()
    pipes = net.pipes.copy()
    pipes["diameter_mm"] = [300.0, 600.0, 1500.0, 400.0]
    pipes["shape"] = ["circular", "egg", "rectangular", "circular"]
    net = dr.as_network(pipes, nodes=net.nodes)
    assert survey_tables(net)["channel"]["shape_data1"].tolist() == [1.2]
    again = dr.read_network(write_census(net, tmp_path / "survey.xlsx"))
    assert_same(net, again)
    assert "edited" not in set(again.issues["code"])


def test_all_seventeen_tables_stand_there_and_say_what_is_verified(tmp_path: Path) -> None:
    book = openpyxl.load_workbook(write_census(town(), tmp_path / "survey.xlsx"))
    numbers = [name.split()[0] for name in book.sheetnames if name.startswith("A.")]
    assert numbers == [f"A.{k}" for k in range(1, 18)]
    assert all("not verified" in str(book[name]["A1"].value) for name in book.sheetnames)
    pipes = book[TABLES["pipe"].title]
    assert [pipes["A2"].value, pipes["A3"].value, pipes["A4"].value] == ["管段编号", "pipe_id", "007"]
    assert not any(cell.data_type == "f" for row in pipes.iter_rows() for cell in row)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_census(town(), tmp_path_factory.mktemp("survey") / "survey.xlsx")


@pytest.fixture
def survey(written: Path, tmp_path: Path) -> Path:
    """Give the survey of the town, which a test may edit."""
    return Path(shutil.copy(written, tmp_path))


def edit_cell(path: Path, sheet: str, key: str, row: int, value: Any) -> None:  # noqa: ANN401 - a cell
    book = openpyxl.load_workbook(path)
    page = book[TABLES[sheet].title]
    column = next(cell.column for cell in page[3] if cell.value == key)
    page.cell(row, column).value = value
    book.save(path)


@pytest.mark.parametrize(
    ("sheet", "key", "value", "read", "column"),
    [
        ("pipe", "in_bottom_ele", 9.9, 9.9, "invert_from_m"),
        ("pipe", "pipe_category", 3, "combined", "system"),
        ("pipe", "shape_data1", 0.5, 500.0, "diameter_mm"),
        ("pipe", "road", "人民路", "人民路", "road"),
    ],
)
def test_what_an_office_edits_in_the_survey_counts(
    survey: Path, sheet: str, key: str, value: object, read: object, column: str
) -> None:
    edit_cell(survey, sheet, key, 4, value)
    again = dr.read_network(survey)
    assert again.pipes.loc["007", column] == read


def test_a_row_that_an_office_adds_is_a_pipe_between_its_nodes(survey: Path) -> None:
    book = openpyxl.load_workbook(survey)
    book[TABLES["pipe"].title].append(["NEW", "W1", "J1", 1, 1, 0.5, None, 9.9, None, 9.8])
    book.save(survey)
    again = dr.read_network(survey)
    assert len(again) == 5
    values = {name: again.pipes[name]["NEW"] for name in ("system", "diameter_mm", "invert_to_m")}
    assert values == {"system": "storm", "diameter_mm": 500.0, "invert_to_m": 9.8}
    assert shapely.get_coordinates(np.asarray(again.pipes.geometry.array)[again.pipes.index == "NEW"]).tolist() == [
        [0, 50],
        [50, 0],
    ]


def test_a_manhole_that_an_office_moves_takes_its_pipes_along(survey: Path) -> None:
    edit_cell(survey, "manhole", "x_north", 4, 7.0)
    again = dr.read_network(survey)
    assert again.nodes.geometry.y["J1"] == 7.0
    ends = {name: shapely.get_coordinates(line).tolist() for name, line in again.pipes.geometry.items()}
    assert ends["007"] == [[0, 0], [50, 7]]
    assert ends["YS2"][0] == [50, 7]
    assert ends["YS2"][1] == pytest.approx([75.123456789, 3.3])
    assert "1 cells" in " ".join(again.issues["reason"])


def test_a_word_in_the_place_of_a_number_is_refused(survey: Path) -> None:
    edit_cell(survey, "pipe", "shape_data1", 5, "abc")
    with pytest.raises(dr.errors.FormatError, match="row 5: 断面数据1：直径或高（m） is 'abc', which is no number"):
        dr.read_network(survey)


def test_a_table_of_others_without_our_columns_is_read(tmp_path: Path) -> None:
    """Only the survey's columns, by their Chinese headings, sheets called by their names alone."""
    tables = read_survey(write_census(town(), tmp_path / "survey.xlsx"))
    with pd.ExcelWriter(tmp_path / "plain.xlsx") as book:
        for name, table in tables.items():
            if name in TABLES and len(table):
                survey = TABLES[name].columns
                plain = table[[key for key in survey if key in table]]
                plain.rename(columns={key: one.zh for key, one in survey.items()}).to_excel(
                    book, sheet_name=TABLES[name].zh, index=False
                )
    net, again = town(), dr.read_network(tmp_path / "plain.xlsx")
    for name in (
        "system",
        "from_node",
        "to_node",
        "shape",
        "invert_from_m",
        "invert_to_m",
        "diameter_mm",
        "width_mm",
        "height_mm",
    ):
        a, b = net.pipes[name], again.pipes.loc[net.pipes.index, name]
        assert a.astype(object).where(a.notna(), None).tolist() == b.astype(object).where(b.notna(), None).tolist(), (
            name
        )
    assert again.nodes["kind"].to_dict() == net.nodes["kind"].to_dict()
    assert (again.nodes.geometry.x["J1"], again.nodes.geometry.y["J1"]) == (50.0, 0.0)


def test_a_code_that_is_in_no_list_is_named(survey: Path) -> None:
    edit_cell(survey, "pipe", "pipe_category", 5, 7)
    with pytest.raises(dr.errors.FormatError, match=r"A.4 排水管, row 5: 管道类别代码 is '7'.*1 storm"):
        dr.read_network(survey)


def test_a_missing_column_is_named_with_its_sheet(survey: Path) -> None:
    edit_cell(survey, "pipe", "in_jun_id", 3, "x")
    with pytest.raises(dr.errors.FormatError, match=r"A.4 排水管 lacks the column 起点编号 \(in_jun_id\)"):
        dr.read_network(survey)


def test_two_rows_of_one_id_and_ends_that_are_not_there_are_said(survey: Path) -> None:
    edit_cell(survey, "pipe", "pipe_id", 5, "007")
    edit_cell(survey, "pipe", "out_jun_id", 6, "nowhere")
    net = dr.read_network(survey)
    assert len(net) == 4
    said = " ".join(net.issues["reason"].astype(str))
    assert "007" in said or "007" in " ".join(net.issues["feature_id"])
    assert "nowhere" in said or "nowhere" in " ".join(net.issues["feature_id"].astype(str))


def test_nothing_is_written_over(tmp_path: Path) -> None:
    write_census(town(), tmp_path / "survey.xlsx")
    with pytest.raises(dr.errors.FormatError, match=r"survey\.xlsx"):
        write_census(town(), tmp_path / "survey.xlsx")
    with pytest.raises(dr.errors.FormatError, match="folder"):
        write_census(town(), tmp_path / "survey.gpkg")


def test_levels_of_another_datum_are_named() -> None:
    net = demo.city("2018-12-31")
    shifted = net.replace(nodes=net.nodes.assign(water_level_m=net.nodes["water_level_m"] + 20.0))
    assert not len(take_census(net).tables["issues"])
    issues = take_census(shifted).tables["issues"]
    assert "datum" in issues["reason"].iloc[0]
    assert "1985" in issues["action"].iloc[0]


def test_the_points_of_a_storm_fill_a_13() -> None:
    net, wet = demo.city("2018-12-31"), demo.waterlogging("2018-12-31")
    areas = survey_tables(net, wet.places("points"))["waterlogging"]
    assert areas["point_id"].tolist() == wet.points.index.tolist()
    assert areas["depth_m"].tolist() == wet.points["depth_m"].tolist()
    assert take_census(net, waterlogging=wet).tables["sheets"].loc["A.13", "rows"] == len(wet.points)
    assert "--storm-formula" in str(take_census(net).tables["sheets"].loc["A.13", "why_blank"])


def test_the_checks_stand_in_the_order_of_the_survey_and_hold_all_findings() -> None:
    net = demo.city("2018-12-31")
    checks = take_census(net).tables["survey_checks"]
    assert checks["clause"].is_monotonic_increasing
    assert set(checks["clause"]) == {"7.2", "7.3", "7.4"}
    assert checks["findings"].sum() == len(dr.check_quality(net).findings)


def test_the_workbook_prints_the_columns_of_the_survey_as_wide_as_a_page(tmp_path: Path) -> None:
    write_survey(survey_tables(town()), tmp_path / "survey.xlsx")
    for sheet in openpyxl.load_workbook(tmp_path / "survey.xlsx"):
        fits, head, foot = sheet.sheet_properties.pageSetUpPr, sheet.oddHeader, sheet.oddFooter
        assert fits is not None
        assert fits.fitToPage
        assert head is not None
        assert foot is not None
        assert sheet.page_setup.fitToHeight == 0
        assert sheet.print_title_rows == "$1:$3"
        assert "&P" in str(foot.right.text)
        assert sheet.title in str(head.left.text)
    manholes = openpyxl.load_workbook(tmp_path / "survey.xlsx")["A.3 检查井"]
    last = manholes[manholes.print_area.rpartition("$")[0].rpartition(":")[2].strip("$") + "2"]
    assert not str(last.value).startswith("[")
    assert str(last.offset(column=1).value).startswith("[")


@pytest.mark.long
@pytest.mark.parametrize("day", ["2018-12-31", "2021-05-07"])
def test_the_demo_city_comes_back(tmp_path: Path, day: str) -> None:
    net = dr.load_demo(day)
    write_survey(survey_tables(net), tmp_path / "survey.xlsx")
    again = dr.read_network(tmp_path / "survey.xlsx")
    assert_same(net, again)
    assert set(again.layers) == set(net.layers)
    assert again.catchments is not None
    assert net.catchments is not None
    assert again.catchments["people"].sum() == net.catchments["people"].sum()
    assert again.synthetic


TEXT = st.text("abc磬山路=@' 0123456789-", min_size=1, max_size=6).filter(lambda text: text.strip() == text)


@pytest.mark.long
@examples(40)
@given(
    roads=st.lists(st.none() | TEXT, min_size=4, max_size=4),
    materials=st.lists(st.none() | st.sampled_from(["PE", "HDPE", "混凝土", "石头", "砖"]), min_size=4, max_size=4),
    sizes=st.lists(st.none() | st.integers(20, 4000).map(float), min_size=4, max_size=4),
    levels=st.lists(st.none() | st.floats(-10, 50).map(lambda x: round(x, 3)), min_size=4, max_size=4),
)
def test_any_values_come_back(
    tmp_path_factory: pytest.TempPathFactory,
    roads: list[str | None],
    materials: list[str | None],
    sizes: list[float | None],
    levels: list[float | None],
) -> None:
    net = town()
    pipes = net.pipes.drop(columns=["invert_from_source", "invert_to_source", "length_source"], errors="ignore")
    net = dr.as_network(
        pipes.assign(
            road=pd.Series(roads, pipes.index, dtype=object),
            material=pd.Series(materials, pipes.index, dtype=object),
            diameter_mm=pd.Series(sizes, pipes.index, dtype=float),
            shape="circular",
            invert_from_m=pd.Series(levels, pipes.index, dtype=float),
        ),
        nodes=net.nodes,
    )
    path = tmp_path_factory.mktemp("survey") / "survey.xlsx"
    write_survey(survey_tables(net), path)
    assert_same(net, dr.read_network(path))
