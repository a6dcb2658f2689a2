"""Annual maxima from tables and from the series of a gauge, and what each fault is told."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from drainage.errors import FormatError
from drainage.formats.rain.annual_maxima import read_annual_maxima


def write(folder: Path, text: str) -> Path:
    path = folder / "maxima.csv"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    "text",
    [
        "year,duration_min,depth_mm\n2001,5,9\n2001,60,40\n2000,5,8\n2000,60,30\n",
        "年份,历时(min),雨量(mm)\n2000,5,8\n2000,60,30\n2001,5,9\n2001,60,40\n",
        "年份,5分钟,60分钟\n2000,8,30\n2001,9,40\n",
        "year,duration_h,depth_cm\n2000,0.0833333333333,0.8\n2000,1,3\n2001,0.0833333333333,0.9\n2001,1,4\n",
        "year,duration_min,intensity_mm_min\n2000,5,1.6\n2000,60,0.5\n2001,5,1.8\n2001,60,0.6666666667\n",
    ],
)
def test_every_kind_of_table_gives_the_same_maxima(text: str, tmp_path: Path) -> None:
    maxima = read_annual_maxima(write(tmp_path, text))
    assert maxima.years.tolist() == [2000, 2001]
    assert maxima.durations_min == pytest.approx([5.0, 60.0])
    assert maxima.depth_mm == pytest.approx(np.array([[8.0, 30.0], [9.0, 40.0]]))


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("2000,5,-1", "row 4, -1 mm in 5 min of 2000; expected more than 0"),
        ("2000,5,9", "rows 2, 4 are all 5 min of 2000, but with 8 and 9 mm"),
        ("2000,0,9", "row 4, duration 0 min"),
        ("20,5,9", "row 4, 20 is not a year"),
        ("2001,5,200", "beyond the world record of about 93 mm; check the unit"),
        ("2001,5,much", "row 4.*much"),
    ],
)
def test_a_row_that_cannot_be_meant_is_refused_by_its_number(rows: str, said: str, tmp_path: Path) -> None:
    path = write(tmp_path, f"year,duration_min,depth_mm\n2000,5,8\n2000,60,30\n{rows}\n")
    with pytest.raises(FormatError, match=said):
        read_annual_maxima(path)


def test_a_year_without_all_durations_is_left_out_and_said(tmp_path: Path) -> None:
    rows = ["2000,5,8", "2000,60,30", "2001,5,9", "2003,5,7", "2003,60,20", "2003,60,20", "2002,5,7", "2002,60,"]
    maxima = read_annual_maxima(write(tmp_path, "\n".join(["year,duration_min,depth_mm", *rows])))
    assert maxima.years.tolist() == [2000, 2003]
    assert dict(maxima.left_out) == {2001: "lacks 60 min", 2002: "lacks 60 min"}
    assert maxima.missing_years == ()
    assert any("1 rows repeat" in note for note in maxima.notes)


def series(years: dict[int, float], *, gap: tuple[str, str] | None = None) -> pd.DataFrame:
    """Return a gauge's record in steps of 5 min: of each year one storm of 1 h on 1 July, its middle 5 min hardest.

    12 steps of 1 mm, the seventh of ``peak`` mm.
    """
    parts = []
    for year, peak in years.items():
        time = pd.date_range(f"{year}-01-01 00:05", f"{year + 1}-01-01 00:00", freq="5min").strftime("%Y-%m-%d %H:%M")
        rain = pd.DataFrame({"time": time, "depth_mm": 0.0})
        rain.loc[rain["time"].between(f"{year}-07-01 12:05", f"{year}-07-01 13:00"), "depth_mm"] = 1.0
        rain.loc[rain["time"] == f"{year}-07-01 12:35", "depth_mm"] = peak
        parts.append(rain)
    whole = pd.concat(parts, ignore_index=True)
    return whole if gap is None else whole[~whole["time"].between(*gap, inclusive="left")]


@pytest.mark.long
def test_a_series_gives_the_greatest_windows_of_each_year_and_where_they_peak(tmp_path: Path) -> None:
    """One hour: 5 min holds the peak, 10 min one step more, 60 min 11 + peak, and longer windows no more.

    The seventh of 12 steps ends after 35 min and its middle lies at 32.5 of 60 min: r = 0.5417.
    """
    path = tmp_path / "series.csv"
    series({2000: 6.0, 2001: 9.0}).to_csv(path, index=False)
    maxima = read_annual_maxima(path)
    assert maxima.years.tolist() == [2000, 2001]
    assert maxima.interval_min == 5.0
    assert maxima.depth_mm[0, [0, 1, 6, 10]] == pytest.approx([6.0, 7.0, 17.0, 17.0])
    assert maxima.depth_mm[1, [0, 1, 6, 10]] == pytest.approx([9.0, 10.0, 20.0, 20.0])
    assert maxima.event_peaks == pytest.approx([32.5 / 60.0] * 2)


@pytest.mark.long
def test_a_year_with_a_gap_is_left_out_and_one_without_a_row_is_missing(tmp_path: Path) -> None:
    """Of 2001 three months are not recorded, 75 %; of 2002 nothing."""
    path = tmp_path / "series.csv"
    series({2000: 6.0, 2001: 9.0, 2003: 7.0}, gap=("2001-01-10", "2001-04-10")).to_csv(path, index=False)
    maxima = read_annual_maxima(path)
    assert maxima.years.tolist() == [2000, 2003]
    assert maxima.missing_years == (2002,)
    assert "75%" in maxima.left_out[2001]
    assert read_annual_maxima(path, least_share=0.7).years.tolist() == [2000, 2001, 2003]


def test_a_record_of_rain_alone_is_said_to_be_one(tmp_path: Path) -> None:
    whole = series({2000: 6.0, 2001: 9.0})
    path = tmp_path / "series.csv"
    whole[whole["depth_mm"] > 0].to_csv(path, index=False)
    maxima = read_annual_maxima(path)
    assert maxima.years.tolist() == [2000, 2001]
    assert any("record of rain alone" in note for note in maxima.notes)


@pytest.mark.long
def test_storms_are_parted_by_dry_time(tmp_path: Path) -> None:
    """A second hour of rain begins 3 h after the first: one storm of 5 h or two of 1 h."""
    whole = series({2000: 6.0})
    whole.loc[whole["time"].between("2000-07-01 16:05", "2000-07-01 17:00"), "depth_mm"] = 0.5
    path = tmp_path / "series.csv"
    whole.to_csv(path, index=False)
    assert read_annual_maxima(path).event_peaks == pytest.approx([32.5 / 60.0])
    assert read_annual_maxima(path, dry_between_min=240.0).event_peaks == pytest.approx([32.5 / 300.0])


def test_a_gauge_of_an_hour_has_no_short_durations(tmp_path: Path) -> None:
    path = tmp_path / "series.csv"
    hours = pd.date_range("2000-01-01 01:00", "2001-01-01 00:00", freq="60min")
    rain = np.where(hours == "2000-07-01 13:00", 30.0, 0.0)
    pd.DataFrame({"time": hours.strftime("%Y-%m-%d %H:%M"), "depth_mm": rain}).to_csv(path, index=False)
    maxima = read_annual_maxima(path)
    assert maxima.durations_min.tolist() == [60.0, 90.0, 120.0, 150.0, 180.0]
    assert any("no durations of 5, 10" in note for note in maxima.notes)


def test_minutes_without_dates_are_refused(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="minutes without dates"):
        read_annual_maxima(write(tmp_path, "minute,depth_mm\n5,1\n10,2\n"))
