"""Rain of a gauge from a file: times in either way, and what each fault is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from drainage.errors import FormatError
from drainage.formats.gauge import read_observed_rain


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
        ("minute,depth_mm\n5,1\n5,1\n", "row 3: times must rise"),
        ("minute,depth_mm\n5,1\n", "row 2"),
        ("time,depth_mm\n2024-07-15 14:05,1\nsoon,1\n", "row 3: 'soon'"),
        ("minute,depth_mm\n5,1\n10,much\n", "row 3: 'much'"),
        ("minute,depth_mm\n5,1\n10,-1\n", "none negative"),
    ],
)
def test_what_is_wrong_is_said_with_its_row(text: str, told: str, tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=told):
        read_observed_rain(write(tmp_path, text))
