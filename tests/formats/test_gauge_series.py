"""Readings of gauges in the drains, in the forms in which they are handed over."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from drainage.errors import FormatError
from drainage.formats.rain.gauge_series import GaugeReadings, read_gauges


def read(tmp_path: Path, text: str, **said: str) -> GaugeReadings:
    path = tmp_path / "levels.csv"
    path.write_text(text, encoding="utf-8")
    return read_gauges(path, **said)


def test_gauges_by_rows(tmp_path: Path) -> None:
    readings = read(
        tmp_path,
        "time,node_id,level_m,flow_l_s\n"
        "2024-07-01 14:00,Y1,20.5,\n"
        "2024-07-01 14:05,Y1,20.7,\n"
        "2024-07-01 14:05,Y2,,250\n"
        "2024-07-01 14:10,Y2,,300\n",
    )
    table = readings.table
    assert readings.begins == np.datetime64("2024-07-01T14:00")
    assert table[["gauge", "quantity"]].drop_duplicates().to_numpy().tolist() == [["Y1", "level"], ["Y2", "flow"]]
    assert table["at"].unique().tolist() == ["node"]
    assert table["minute"].tolist() == [0.0, 5.0, 5.0, 10.0]
    assert table["value"].tolist() == pytest.approx([20.5, 20.7, 0.25, 0.3])


def test_gauges_by_columns_with_units_in_chinese(tmp_path: Path) -> None:
    readings = read(tmp_path, "分钟,Y-1 水位(m),Y-1 水深(cm),P7 流量(m3/h)\n0,20.5,30,360\n5,20.6,40,720\n")
    table = readings.table
    assert readings.begins is None
    firsts = table.groupby(["gauge", "quantity"], sort=False)["value"].first()
    assert firsts.to_dict() == pytest.approx({("Y-1", "level"): 20.5, ("Y-1", "depth"): 0.3, ("P7", "flow"): 0.1})


def test_a_gap_is_a_missing_reading_and_a_repeated_row_is_left_out(tmp_path: Path) -> None:
    readings = read(tmp_path, "time_min,gauge,level_m\n0,Y1,20\n5,Y1,\n10,Y1,-9999\n15,Y1,21\n15,Y1,21\n")
    assert np.isnan(readings.table["value"]).tolist() == [False, True, True, False]
    assert any("repeated" in note for note in readings.notes)
    assert any("codes for missing" in note for note in readings.notes)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("time_min,gauge,level_m\n0,Y1,20\n0,Y1,21\n", "row 3: times must increase"),
        ("time_min,gauge,flow\n0,P1,20\n5,P1,21\n", "column flow states no unit"),
        ("time_min,gauge,salt\n0,P1,20\n5,P1,21\n", "no column of readings"),
        ("time_min,level_m\n0,20\n5,21\n", "no column of readings"),
        ("time_min,gauge,level_m\n0,Y1,20\n5,Y1,wet\n", "row 3: 'wet' is not a number of level_m"),
        ("time_min,gauge,level_m\n0,Y1,20\n5,,21\n", "row 3: gauge is empty"),
        ("gauge,level_m\nY1,20\nY1,21\n", "no column of time"),
        ("time,gauge,level_m\n03/04/2024 10:00,Y1,20\n03/04/2024 10:05,Y1,21\n", "date_order"),
    ],
)
def test_what_cannot_be_read_is_named_with_the_remedy(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(FormatError, match=message):
        read(tmp_path, text)


def test_the_order_of_dates_can_be_said(tmp_path: Path) -> None:
    text = "time,gauge,level_m\n03/04/2024 10:00,Y1,20\n03/04/2024 10:05,Y1,21\n"
    assert read(tmp_path, text, date_order="dmy").begins == np.datetime64("2024-04-03T10:00")


def test_gauges_that_begin_at_different_times_share_one_clock(tmp_path: Path) -> None:
    text = "time,gauge,level_m\n2024-07-01 15:00,Y2,20\n2024-07-01 15:05,Y2,21\n2024-07-01 14:00,Y1,20\n"
    readings = read(tmp_path, text + "2024-07-01 14:05,Y1,21\n")
    assert readings.begins == np.datetime64("2024-07-01T14:00")
    assert readings.table["minute"].tolist() == [60.0, 65.0, 0.0, 5.0]


def test_one_line_says_what_it_is(tmp_path: Path) -> None:
    readings = read(tmp_path, "time_min,Y1 level_m\n0,20\n5,21\n")
    assert repr(readings) == "<GaugeReadings levels.csv: 1 gauges, 2 readings>"
