"""The log of a repair as a file: exact, readable, and broken ones are told."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
import shapely

import drainage as dr
from drainage.repairs import LOG_COLUMNS
from drainage.repairs.draft import log_part

if TYPE_CHECKING:
    from pathlib import Path

VALUES: list[object] = [
    None, np.nan, pd.NaT, pd.NA, np.inf, 0.1 + 0.2, -0.0, 7, True, "雨水", "", pd.Timestamp("2020-01-02 03:04:05.678"),
    dt.date(2020, 1, 2), shapely.LineString([(1 / 3, 2 / 3), (1e7, 1e-9)]), shapely.Point(), ["a", 1],
    {"length_m": np.nan, "geometry": shapely.Point(1, 2), "material": None},
]  # fmt: skip


def log_of(values: list[object]) -> pd.DataFrame:
    n = len(values)
    texts: dict[str, list[object]] = {name: ["t"] * n for name in LOG_COLUMNS}
    return log_part(texts | {"step": list(range(n)), "row": [-1] * n, "before": values, "after": values[::-1]})


def test_every_value_comes_back_as_it_was(tmp_path: Path) -> None:
    log = log_of(VALUES)
    again = dr.formats.read_repair_log(dr.formats.write_repair_log(log, tmp_path / "log.jsonl"))
    assert again.dtypes.tolist() == log.dtypes.tolist()
    for now, was in zip(again["before"], VALUES, strict=True):
        assert type(now) is type(was)
        assert repr(now) == repr(was)
    lines = again["before"].iloc[13], VALUES[13]
    assert len({shapely.to_wkb(line) for line in lines if isinstance(line, shapely.Geometry)}) == 1


def test_a_log_without_rows_is_one(tmp_path: Path) -> None:
    log = log_of([])
    pd.testing.assert_frame_equal(
        dr.formats.read_repair_log(dr.formats.write_repair_log(log, tmp_path / "log.jsonl")), log
    )


def test_each_line_is_json(tmp_path: Path) -> None:
    path = dr.formats.write_repair_log(log_of(VALUES), tmp_path / "log.jsonl")
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert lines[0]["columns"] == list(LOG_COLUMNS)
    assert lines[10]["before"] == "雨水"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is not a repair log"),
        ("[1, 2]\n", "is not a repair log"),
        ('{"format": "drainage repair log", "version": 1, "columns": ["step"]}\n[1]', "line 2: expected an object"),
        ('{"a": 1}\n', "is not a repair log"),
        ('{"format": "drainage repair log", "version": 1, "columns": ["step"]}\n{"step": 1', "line 2: is not JSON"),
        ('{"format": "drainage repair log", "version": 1, "columns": ["step"]}\n{"x": 1}', "line 2: expected the keys"),
    ],
)
def test_what_is_no_log_is_said_with_its_line(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "log.jsonl"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(dr.errors.FormatError, match=message):
        dr.formats.read_repair_log(path)


def test_a_missing_file_and_a_value_without_text_are_said(tmp_path: Path) -> None:
    with pytest.raises(dr.errors.FormatError, match="no such file"):
        dr.formats.read_repair_log(tmp_path / "none.jsonl")
    with pytest.raises(dr.errors.FormatError, match="complex"):
        dr.formats.write_repair_log(log_of([1j]), tmp_path / "log.jsonl")
    assert list(tmp_path.iterdir()) == []
