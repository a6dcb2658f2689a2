"""Rain of a gauge from a file: times in either way, and what each fault is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from drainage.errors import FormatError
from drainage.formats.rain.gauge import read_observed_rain
from drainage.formats.rain.storm_file import write_storm
from drainage.formats.rain.storm_formula import read_storm_formula
from drainage.hydraulics.rainfall import DesignStorm, ObservedStorm


def write(folder: Path, text: str) -> Path:
    path = folder / "rain.csv"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    "text",
    [
        "minute,depth_mm\n5,1.0\n10,4.0\n20,2.0\n",
        "时间,雨量(mm)\n2024-07-15 14:05,1.0\n2024-07-15 14:10,4.0\n2024-07-15 14:20,2.0\n",
    ],
)
def test_each_row_is_the_rain_since_the_row_before(text: str, tmp_path: Path) -> None:
    """1 mm from 0 to 5, 4 mm from 5 to 10, 2 mm from 10 to 20 min."""
    storm = read_observed_rain(write(tmp_path, text))
    assert storm.edges_min.tolist() == [0.0, 5.0, 10.0, 20.0]
    assert storm.step_mm.tolist() == [1.0, 4.0, 2.0]
    assert "rain.csv" in storm.source


def test_dates_say_when_the_record_begins_and_minutes_do_not(tmp_path: Path) -> None:
    """The first row's rain fell since one interval earlier: from 14:00 on."""
    dated = read_observed_rain(write(tmp_path, "time,mm\n2024-07-15 14:05,1\n2024-07-15 14:10,4\n"))
    assert str(dated.begins)[:16] == "2024-07-15T14:00"
    assert read_observed_rain(write(tmp_path, "minute,mm\n5,1\n10,4\n")).begins is None


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("when,depth_mm\n5,1\n10,1\n", "no column of time"),
        ("minute,what\n5,1\n10,1\n", "no column of depth_mm"),
        ("minute,depth_mm\n5,1\n5,1\n", "row 3: times must increase"),
        ("minute,depth_mm\n5,1\n", "row 2"),
        ("time,depth_mm\n2024-07-15 14:05,1\nsoon,1\n", "row 3: 'soon'"),
        ("minute,depth_mm\n5,1\n10,much\n", "row 3: 'much'"),
        ("minute,depth_mm\n5,1\n10,-1\n", "none negative"),
    ],
)
def test_what_is_wrong_is_said_with_its_row(text: str, told: str, tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=told):
        read_observed_rain(write(tmp_path, text))


def read(folder: Path, text: str, name: str = "rain.csv", **said: str) -> ObservedStorm:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return read_observed_rain(path, **said)


@pytest.mark.parametrize(
    "rows",
    [
        ("12/06/2023 22:00", "12/06/2023 23:00", "13/06/2023 00:00", "13/06/2023 01:00"),
        ("06/12/2023 22:00", "06/12/2023 23:00", "06/13/2023 00:00", "06/13/2023 01:00"),
        ("1/6/2023 22:00", "1/6/2023 23:00", "2/6/2023 0:00", "2/6/2023 1:00"),
        ("2023-06-12T22:00", "2023-06-12T23:00", "2023-06-13T00:00", "2023-06-13T01:00"),
        ("2023年6月12日 22时", "2023年6月12日 23时", "2023年6月13日 0时", "2023年6月13日 1时"),
        ("202306122200", "202306122300", "202306130000", "202306130100"),
        ("45089.9167", "45089.9583", "45090", "45090.0417"),
        ("22:00", "23:00", "00:00", "01:00"),
    ],
    ids=["day first", "month first", "by rising times", "ISO", "Chinese", "digits", "serial days", "the clock"],
)
def test_the_rain_of_a_night_is_read_in_every_way_of_writing_times(rows: tuple[str, ...], tmp_path: Path) -> None:
    """5, 8, 9 and 2 mm of an hour each, over midnight."""
    table = "\n".join(["time,depth_mm", *(f"{time},{mm}" for time, mm in zip(rows, (5, 8, 9, 2), strict=True))])
    storm = read(tmp_path, table)
    assert storm.edges_min.tolist() == [0, 60, 120, 180, 240]
    assert storm.step_mm.tolist() == [5, 8, 9, 2]


def test_a_day_that_may_be_another_is_asked_for(tmp_path: Path) -> None:
    text = "time,depth_mm\n05/06/2023 22:00,5\n05/06/2023 23:00,8\n"
    with pytest.raises(FormatError, match=r"row 2: '05/06/2023 22:00' can mean two days.*date_order"):
        read(tmp_path, text)
    assert str(read(tmp_path, text, date_order="dmy").begins)[:10] == "2023-06-05"
    assert str(read(tmp_path, text.replace("time", "time (mm/dd/yyyy)")).begins)[:10] == "2023-05-06"


def test_a_date_and_a_clock_apart_are_one_time(tmp_path: Path) -> None:
    storm = read(tmp_path, "日期,时间,雨量(mm)\n2023-06-12,23:30,5\n2023-06-13,0:00,8\n")
    assert storm.edges_min.tolist() == [0, 30, 60]
    assert str(storm.begins)[:16] == "2023-06-12T23:00"


@pytest.mark.parametrize("heading", ["Time (UTC+8)", "时间（北京时间）", "Date/Time", "采集时间"])
def test_what_stands_beside_the_name_of_the_time_does_not_matter(heading: str, tmp_path: Path) -> None:
    assert read(tmp_path, f"{heading},mm\n2023-06-12 22:00,5\n2023-06-12 23:00,8\n").duration_min == 120


@pytest.mark.parametrize(("name", "apart"), [("小时", 60), ("minute", 1)])
def test_hours_of_a_day_are_a_clock_and_minutes_a_count(name: str, apart: int, tmp_path: Path) -> None:
    storm = read(tmp_path, f"日期,{name},雨量(mm)\n2023-06-12,8,5\n2023-06-12,9,8\n")
    assert storm.edges_min.tolist() == [0, apart, 2 * apart]


def test_a_title_and_a_row_of_units_above_the_rain_are_no_rain(tmp_path: Path) -> None:
    storm = read(tmp_path, "某站雨量,\n时间,雨量\n,mm\n2023-06-12 22:00,5\n2023-06-12 23:00,8\n合计,13\n")
    assert storm.step_mm.tolist() == [5, 8]


def test_where_rows_are_missing_it_was_dry(tmp_path: Path) -> None:
    """8 mm fell in the last 5 minutes, not over 25 hours; so did the 1 mm after one missing row."""
    storm = read(tmp_path, "time,mm\n2023-06-12 22:00,5\n2023-06-12 22:05,5\n2023-06-13 23:00,8\n")
    assert storm.edges_min.tolist() == [0, 5, 10, 1500, 1505]
    assert storm.step_mm.tolist() == [5, 5, 0, 8]
    assert any("1495 min, are taken as dry" in remark for remark in storm.remarks)
    assert read(tmp_path, "minute,mm\n5,1\n10,1\n15,1\n25,4\n").step_mm.tolist() == [1, 1, 1, 0, 4]
    hours = read(tmp_path, "time,mm\n2023-06-12 20:00,5\n2023-06-12 21:00,5\n2023-06-13 02:00,12\n")
    assert hours.step_mm.tolist() == [5, 5, 0, 12]


@pytest.mark.parametrize(
    ("heading", "cells", "step_mm"),
    [
        ("depth_mm", (5, 8, 4), [5, 8, 4]),
        ("雨量（mm）", (5, 8, 4), [5, 8, 4]),
        ("rain_in", (1, 2, 0.5), [25.4, 50.8, 12.7]),
        ("Precipitation (inches)", (1, 2, 0.5), [25.4, 50.8, 12.7]),
        ("intensity_mm_h", (5, 8, 4), [2.5, 4, 2]),
        ("雨强(mm/h)", (5, 8, 4), [2.5, 4, 2]),
        ("intensity (mm/min)", (0.5, 1, 0.1), [15, 30, 3]),
        ("rain_mm_per_h", (5, 8, 4), [2.5, 4, 2]),
        ("intensity (in/hr)", (1, 2, 0.5), [12.7, 25.4, 6.35]),
        ("累计雨量(mm)", (0, 8, 9), [8, 1]),
        ("cumulative_in", (0, 1, 3), [25.4, 50.8]),
        ("cumulative_mm", (40, 48, 3), [8, 3]),
    ],
)  # fmt: skip
def test_the_name_of_a_column_says_what_it_measures(
    heading: str, cells: tuple[float, ...], step_mm: list[float], tmp_path: Path
) -> None:
    rows = "".join(f"{minute},{cell}\n" for minute, cell in zip((30, 60, 90), cells, strict=True))
    assert read(tmp_path, f"minute,{heading}\n{rows}").step_mm.tolist() == pytest.approx(step_mm)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("minute,intensity\n30,5\n60,8\n", "needs its unit"),
        ("minute,depth_mm\n5,1\n10,-999\n", "row 3: -999 marks a missing reading"),
        ("minute,depth_mm\n5,1\n10,9999\n", "row 3: 9999 marks a missing reading"),
        ("minute,depth_mm\n5,1\n10,\n", "row 3: '' is not a depth"),
        ("minute,depth_mm\n5,1\n10,250\n", "more than was ever recorded"),
        ("minute,depth_mm\n30,1\n60,400\n", "more than was ever recorded"),
        ("minute,depth_mm\n60,1\n" + "".join(f"{60 * k},{190 + k % 2}\n" for k in range(2, 14)), "in 720 min"),
        ("minute,cumulative_mm\n5,10\n10,9\n", "row 3: the running total falls"),
        ("minute,rain_mm\n" + "".join(f"{5 * i},{i // 2}\n" for i in range(1, 10)), "cumulative_mm"),
        ("time,depth_mm\n0.083,1\n0.167,1\n", "name their column 'minute'"),
        ("time,depth_mm\n2023-10-29 02:30,1\n2023-10-29 02:00,1\n", "clock was put back"),
    ],
)  # fmt: skip
def test_what_could_be_misread_is_refused(text: str, told: str, tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=told):
        read(tmp_path, text)


def test_rain_that_is_very_rare_is_told(tmp_path: Path) -> None:
    assert "201.9 mm in 60 min are very rare" in read(tmp_path, "minute,depth_mm\n60,1\n120,201.9\n").notes[-1]
    assert "rare" not in " ".join(read(tmp_path, "minute,depth_mm\n60,1\n120,90\n").notes)


def test_times_with_their_zones_run_through_the_change_of_the_clock(tmp_path: Path) -> None:
    rows = ("01:00+02:00", "02:00+02:00", "02:00+01:00", "03:00+01:00")
    storm = read(tmp_path, "time,mm\n" + "".join(f"2023-10-29T{row},1\n" for row in rows))
    assert storm.edges_min.tolist() == [0, 60, 120, 180, 240]


@pytest.mark.parametrize(
    ("text", "edges", "step_mm"),
    [
        ("; STA yr mo da hr mi value\nSTA1 2023 6 12 22 0 5\nSTA1 2023 6 12 23 0 8\n", [0, 60, 120], [5, 8]),
        ("STA 2010 1 1 0 5 0.1\nSTA 2010 1 1 0 10 0.2\nSTA 2010 1 1 1 0 0.3\n", [0, 5, 10, 55, 60], [0.1, 0.2, 0, 0.3]),
        ("06/12/2023 22:00 5\n06/12/2023 23:00 8\n", [0, 60, 120], [5, 8]),
        ("; INTENSITY\n0:00 5\n0:30 8\n1:00 0\n", [0, 30, 60], [2.5, 4]),
        ("; CUMULATIVE IN\n0:00 0\n0:30 1\n1:00 1.5\n", [0, 30, 60], [25.4, 12.7]),
    ],
    ids=["station", "station with a gap", "series with dates", "intensities", "running total in inches"],
)
def test_rain_files_of_the_engine_are_read(text: str, edges: list[float], step_mm: list[float], tmp_path: Path) -> None:
    """Their rows stand at the beginning of the interval, as the engine takes them."""
    storm = read(tmp_path, text, "rain.dat")
    assert storm.edges_min.tolist() == edges
    assert storm.step_mm.tolist() == pytest.approx(step_mm)
    assert any("EPA SWMM" in remark for remark in storm.remarks)


def test_a_storm_that_we_wrote_for_the_engine_is_the_same_again(tmp_path: Path) -> None:
    storm = DesignStorm(read_storm_formula("demo"), 3.0, 60.0)
    again = read_observed_rain(write_storm(storm, tmp_path / "storm.dat"))
    assert again.duration_min == 60.0
    assert again.depth_mm == pytest.approx(storm.depth_mm, rel=1e-4)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("A 2023 6 12 22 0 5\nB 2023 6 12 22 0 8\n", "stations A, B"),
        ("0123450101000201234\n", "row 1 is not a row of an EPA SWMM rain file"),
        ("STA 2023 13 1 0 0 5\nSTA 2023 13 1 1 0 5\n", "row 1: no such day"),
        ("STA 2023 6 1 0 0 5\nSTA 2023 6 1 0 0 5\n", "row 2: times must increase"),
    ],
)
def test_a_rain_file_that_is_none_says_what_is(text: str, told: str, tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=told):
        read(tmp_path, text, "rain.dat")
