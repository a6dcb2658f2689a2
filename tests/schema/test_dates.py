"""Columns of dates: one order for all cells, all customary forms, and what is open asked for."""

from __future__ import annotations

import datetime as dt

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

import drainage as dr
from drainage.errors import DrainageError, SchemaError
from drainage.schema.text.dates import order_in_name, read_dates


def days(*cells: object, **said: object) -> list[str]:
    """Read cells; NaT where nothing certain is said."""
    read = read_dates(pd.Series(list(cells), dtype=object), **said)  # type: ignore[arg-type]
    return [str(moment)[:10] for moment in read.date]


def network(dates: list[object], **said: object) -> dr.DrainageNetwork:
    n = len(dates)
    lines = [shapely.LineString([(50 * i, 0), (50 * i + 50, 0)]) for i in range(n)]
    table = {"pipe_id": [f"P{i}" for i in range(n)], "system": "storm", "commissioned": dates}
    return dr.as_network(gpd.GeoDataFrame(table, geometry=lines, crs=4548), **said)  # type: ignore[arg-type]


def test_one_cell_settles_day_and_month_for_the_whole_column() -> None:
    """25/12 can only be day first; so 03/04 beside it is the third of April."""
    assert days("03/04/2010", "25/12/2010", "04/05/2011") == ["2010-04-03", "2010-12-25", "2011-05-04"]
    assert days("03/04/2010", "12/25/2010") == ["2010-03-04", "2010-12-25"]


def test_a_column_that_does_not_tell_is_asked_for() -> None:
    net = network(["03/04/2010", "04/05/2011"])
    assert net.pipes["commissioned"].isna().all()
    issues = net.issues[net.issues["code"] == "ambiguous_date"]
    assert issues["feature_id"].tolist() == ["P0", "P1"]
    assert issues["action"].str.contains("date_order='dmy'").all()


@pytest.mark.parametrize(("order", "first"), [("dmy", "2010-04-03"), ("mdy", "2010-03-04")])
def test_the_user_can_say_the_order(order: str, first: str) -> None:
    net = network(["03/04/2010", "04/05/2011"], columns={"date_order": order})
    assert str(net.pipes["commissioned"].iloc[0].date()) == first
    assert net.origin.date_order == order


def test_the_heading_of_a_layer_may_say_the_order() -> None:
    line = shapely.LineString([(0, 0), (50, 0)])
    table = {"pipe_id": ["A"], "system": "storm", "建设年代(月/日/年)": ["03/04/2010"]}
    pipes = dr.as_network(gpd.GeoDataFrame(table, geometry=[line], crs=4548)).pipes
    assert str(pipes["commissioned"].iloc[0].date()) == "2010-03-04"


def test_the_order_that_there_is_not_is_refused() -> None:
    with pytest.raises(SchemaError, match="no such date_order: day"):
        network(["03/04/2010"], columns={"date_order": "day"})


@pytest.mark.parametrize(
    ("name", "order"),
    [
        ("date (dd/mm/yyyy)", "dmy"),
        ("Date MM-DD-YYYY", "mdy"),
        ("日期(月/日/年)", "mdy"),
        ("diameter_mm", None),
        ("date", None),
    ],
)
def test_a_heading_may_name_the_order(name: str, order: str | None) -> None:
    assert order_in_name(name) == order


def test_cells_that_contradict_one_another_leave_the_open_ones_open() -> None:
    assert days("13/02/2010", "02/13/2010", "03/04/2010", "05/05/2010") == [
        "2010-02-13",
        "2010-02-13",
        "NaT",
        "2010-05-05",
    ]


def test_a_slip_among_hundreds_does_not_unsettle_the_others() -> None:
    cells = [f"{day:02d}/{month:02d}/2010" for month in range(1, 13) for day in range(1, 29)]
    read = read_dates(pd.Series([*cells, "12/31/2010"]))
    assert read.order == "dmy"
    assert read.unreadable.tolist() == [False] * len(cells) + [True]


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        ("2010/5/1", "2010-05-01"), ("2010.05.01", "2010-05-01"), ("20100501", "2010-05-01"), (20100501, "2010-05-01"),
        (20100501.0, "2010-05-01"), ("2010年5月1日", "2010-05-01"),
        ("2010年5月", "2010-05-01"), ("2010年", "2010-01-01"),
        ("2010-05", "2010-05-01"), ("2010.5", "2010-05-01"), ("201005", "2010-05-01"), ("1998", "1998-01-01"),
        (1998.0, "1998-01-01"), ("98年", "1998-01-01"), ("36000", "1998-07-24"), (36000, "1998-07-24"),
        ("2010/5/1 0:00:00", "2010-05-01"), ("２０１０年５月１日", "2010-05-01"), ("民国99年5月", "2010-05-01"),
        ("2010-05-01T00:00:00+08:00", "2010-05-01"), ("May 2010", "2010-05-01"), ("1-May-2010", "2010-05-01"),
        ("25/12/98", "1998-12-25"), (1272672000000, "2010-05-01"), (1272672000, "2010-05-01"),
        (dt.date(2010, 5, 1), "2010-05-01"), (pd.Timestamp("2010-05-01 08:00"), "2010-05-01"),
    ],
    ids=repr,
)  # fmt: skip
def test_every_customary_form_is_read(cell: object, day: str) -> None:
    assert days(cell) == [day]


@pytest.mark.parametrize("cell", ["90年代", "1990s", "1995-2000", "98", "2020-13-45", "2010-02-30", "soon", "3:04"])
def test_what_is_no_day_is_said(cell: str) -> None:
    read = read_dates(pd.Series([cell, "2010-05-01"]))
    assert read.unreadable.tolist() == [True, False]


@pytest.mark.parametrize("cell", ["0000-00-00", "9999-12-31", "99991231", 0, "9999", 253370782800000], ids=repr)
def test_a_day_that_stands_for_none_is_no_date(cell: object) -> None:
    net = network([cell, "2010-05-01"])
    assert net.pipes["commissioned"].isna().tolist() == [True, False]
    assert "placeholder" in set(net.issues["code"])


def test_a_pipe_abandoned_on_day_zero_is_there() -> None:
    lines = [shapely.LineString([(0, 0), (50, 0)]), shapely.LineString([(50, 0), (100, 0)])]
    table = {"pipe_id": ["A", "B"], "system": "storm", "abandoned": ["1899-12-30", None]}
    net = dr.as_network(gpd.GeoDataFrame(table, geometry=lines, crs=4548)).as_of("2024-01-01")
    assert net.pipes.index.tolist() == ["A", "B"]


def test_how_a_column_was_read_is_said() -> None:
    issues = network(["36000", "25/12/2010", "2010年5月"]).issues.set_index("code")["reason"]
    assert "dmy" in issues["date_order"]
    assert issues["date_form"].str.contains("serial days|only the month").all()


def test_a_day_that_the_user_names_is_iso_or_refused() -> None:
    net = network(["2010-05-01", "2013-05-01"])
    assert len(net.as_of("2012-03-05").pipes) == len(net.as_of(dt.date(2012, 3, 5)).pipes) == 1
    for day in ("05/03/2012", "5.3.2012", "March 2012"):
        with pytest.raises(DrainageError, match="YYYY-MM-DD"):
            net.as_of(day)


def test_a_million_rows_of_few_days_are_read_at_once() -> None:
    """As text of ten thousand different days, in a second; the time itself is measured in the benchmarks."""
    column = pd.Series(np.datetime_as_string(np.arange("1990", "2017", dtype="datetime64[D]"))).sample(
        1_000_000, replace=True
    )
    assert read_dates(column).date.notna().all()
