"""Numbers and sizes as people write them: commas, thousands, units, boxes and barrels."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

import drainage as dr
from drainage.measures import pipe_sections
from drainage.schema.text.size_text import read_sizes
from drainage.schema.text.values import is_empty, read_numbers


def numbers(*cells: object, possible: tuple[float, float] | None = None) -> list[float]:
    return [float(number) for number in read_numbers(pd.Series(list(cells)), possible=possible).number]


def network(**columns: object) -> dr.DrainageNetwork:
    n = max(len(cells) for cells in columns.values() if isinstance(cells, list))
    lines = [shapely.LineString([(50 * i, 0), (50 * i + 50, 0)]) for i in range(n)]
    table = {"pipe_id": [f"P{i}" for i in range(n)], "system": "storm", **columns}
    return dr.as_network(gpd.GeoDataFrame(table, geometry=lines, crs=4548))


@pytest.mark.parametrize(
    ("cells", "read"),
    [
        (["19,80", "19,6"], [19.8, 19.6]),
        (["1.234,5", "12,5", "1.234"], [1234.5, 12.5, 1234.0]),
        (["1,234.5", "12.5", "1,234"], [1234.5, 12.5, 1234.0]),
        (["3 712 700,25", "551 000"], [3712700.25, 551000.0]),
        (["3'712'700.25"], [3712700.25]),
        (["3,712,700"], [3712700.0]),
        (["１９，８０", "１９．６"], [19.8, 19.6]),
        (["19.80", "19.60", "19.70", "19,50"], [19.8, 19.6, 19.7, 19.5]),
        (["−1.5", "+2", "1e2"], [-1.5, 2.0, 100.0]),
    ],
)
def test_one_sign_parts_the_decimals_of_a_column(cells: list[str], read: list[float]) -> None:
    assert numbers(*cells) == read


def test_a_lone_1_234_is_what_the_column_may_hold_or_nothing() -> None:
    """As levels, 19,800 is 19.8 m: no city lies at 19,800 m. As lengths, 1,234 may be either."""
    assert numbers("19,800", "20,100", possible=(-500, 9000)) == [19.8, 20.1]
    read = read_numbers(pd.Series(["1,234", "85"]), possible=(0, 50000))
    assert read.unreadable.tolist() == [True, False]


@pytest.mark.parametrize("cell", ["-", "/", "无", "N/A", "null", "#N/A", "—", "", "  ", "未知"])
def test_what_stands_for_no_value_is_missing(cell: str) -> None:
    read = read_numbers(pd.Series([cell, "1"]))
    assert np.isnan(read.number[0])
    assert not read.unreadable.any()
    assert is_empty(pd.Series([cell, "a"], dtype="str")).tolist() == [True, False]


@pytest.mark.parametrize("cell", ["#REF!", "1,2,3", "1.2.3", "①", "5²", "12 or 13"])
def test_what_is_no_number_is_said(cell: str) -> None:
    assert read_numbers(pd.Series([cell, "1"])).unreadable.tolist() == [True, False]


def test_a_unit_in_the_cell_counts() -> None:
    net = network(invert_from_m=["19.8m", "1950cm", "19.2"], diameter_mm=["DN600"] * 3)
    assert net.pipes["invert_from_m"].tolist() == pytest.approx([19.8, 19.5, 19.2])


def test_decimal_commas_of_a_layer_are_read_and_said() -> None:
    net = network(invert_from_m=["19,80", "19,60"])
    assert net.pipes["invert_from_m"].tolist() == [19.8, 19.6]
    assert "decimal_comma" in set(net.issues["code"])


@pytest.mark.parametrize(
    ("cell", "diameter", "box", "barrels"),
    [
        ("800", 800, None, 1), ("DN800", 800, None, 1), ("Φ600", 600, None, 1), ("Ф600", 600, None, 1),
        ("∅600", 600, None, 1), ("d600", 600, None, 1), ("dn 600", 600, None, 1), ("600 MM", 600, None, 1),
        ("圆管600", 600, None, 1), ("管径600", 600, None, 1),
        ("1000（内径）", 1000, None, 1), ("DN1000(PE)", 1000, None, 1),
        ("DN300(SN8)", 300, None, 1), ("０.８米", 800, None, 1), ("φ1.2m", 1200, None, 1), ("60cm", 600, None, 1),
        ('24"', 609.6, None, 1), ("10.5in", 266.7, None, 1), ("1,200", 1200, None, 1), ("600,0", 600, None, 1),
        ("2-DN800", 800, None, 2), ("2×DN800", 800, None, 2), ("2Φ1000", 1000, None, 2), ("D1200×2", 1200, None, 2),
        ("2x800", 800, None, 2), ("双管DN800", 800, None, 2), ("DN800×2根", 800, None, 2),
        ("2000×1500", None, (2000, 1500), 1), ("600*800", None, (600, 800), 1), ("600×600", None, (600, 600), 1),
        ("B×H=2000×1500", None, (2000, 1500), 1), ("H×B=1500×2000", None, (2000, 1500), 1),
        ("宽×高=2.0×1.5", None, (2000, 1500), 1), ("1.2x1.0", None, (1200, 1000), 1),
        ("2.0m×1.5m", None, (2000, 1500), 1),
        ("14''X20''", None, (355.6, 508.0), 1), ("1200X1000mm", None, (1200, 1000), 1),
        ("2×1.5m", None, (2000, 1500), 1),
        ("2孔2000×1500", None, (2000, 1500), 2), ("二孔2000×2000", None, (2000, 2000), 2),
        ("2-3000×2000", None, (3000, 2000), 2), ("1000×800×2", None, (1000, 800), 2),
        ("2×2000×1500", None, (2000, 1500), 2),
        ("2000×1500(双孔)", None, (2000, 1500), 2), ("3×2.0×1.5", None, (2000, 1500), 3),
    ],
)  # fmt: skip
def test_a_size_is_read_as_it_is_meant(
    cell: str, diameter: float | None, box: tuple[float, float] | None, barrels: int
) -> None:
    read = read_sizes(pd.Series([cell]))
    assert not read.unreadable.any()
    assert read.diameter[0] == pytest.approx(diameter if diameter is not None else np.nan, nan_ok=True)
    assert (read.width[0], read.height[0]) == pytest.approx(box or (np.nan, np.nan), nan_ok=True)
    assert read.barrels[0] == barrels


@pytest.mark.parametrize(
    "cell", ["600-800", "DN600/DN800", "300/450", "600(800)", "≥600", "A=600", "600×", "DN", "①", "2×2×2", "big"]
)
def test_what_may_be_several_sizes_or_none_is_unknown_and_said(cell: str) -> None:
    net = network(diameter_mm=[cell, "DN600"])
    assert net.pipes["diameter_mm"].isna().tolist() == [True, False]
    assert net.issues.query("code == 'not_a_size'")["feature_id"].tolist() == ["P0"]


def test_a_range_in_mm_is_the_smaller_and_said() -> None:
    net = network(diameter_mm=["450-300 mm", "DN600"])
    assert net.pipes["diameter_mm"].tolist() == [300.0, 600.0]
    assert net.issues.query("code == 'size_range'")["feature_id"].tolist() == ["P0"]


def test_barrels_reach_the_network_and_a_box_of_equal_sides_is_a_box() -> None:
    pipes = network(diameter_mm=["2-DN800", "600×600", "2孔2000×1500"]).pipes
    assert pipes["barrels"].tolist() == [2, 1, 2]
    assert pipes["shape"].tolist() == ["circular", "rectangular", "rectangular"]
    assert pipes["diameter_mm"].tolist()[0] == 800.0
    assert pipes[["width_mm", "height_mm"]].to_numpy().tolist()[1:] == [[600.0, 600.0], [2000.0, 1500.0]]


def test_two_pipes_side_by_side_have_twice_the_area() -> None:
    one, two = pipe_sections(network(diameter_mm=["DN800", "2-DN800"]).pipes).area_m2
    assert two == pytest.approx(2 * one)


def test_a_column_of_barrels_that_is_no_number_is_said() -> None:
    net = network(diameter_mm=["DN800", "DN800", "2-DN800"], barrels=["two", "3", "3"])
    assert net.pipes["barrels"].tolist() == [1, 3, 3]
    assert set(net.issues["code"]) >= {"not_a_number", "barrels_differ"}


def test_a_column_without_barrels_has_none() -> None:
    assert "barrels" not in network(diameter_mm=["DN800", "600"]).pipes
