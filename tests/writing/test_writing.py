"""Files come whole or not at all, and what was there before survives every failure."""

from __future__ import annotations

import json
from contextlib import nullcontext
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from drainage.cells import plain_value
from drainage.errors import FormatError
from drainage.provenance import Provenance
from drainage.words import on_the_terminal, one_language
from drainage.writing import (
    check_free_directory,
    moving,
    replacing_directory,
    replacing_file,
    to_geojson,
    write_layer,
)

POINT = shapely.Point(551000.0, 3712000.0)


class Disk(Exception):  # noqa: N818 - what a full disk does, not an error of ours
    """The disk is full."""


def write_half(path: Path) -> None:
    path.write_text("half")
    raise Disk


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


class TestFile:
    def test_a_failure_leaves_the_old_file_and_nothing_else(self, tmp_path: Path) -> None:
        goal = tmp_path / "x.html"
        goal.write_text("old")
        with pytest.raises(Disk), replacing_file(goal, ending=".html", force=True) as part:
            write_half(part)
        assert goal.read_text() == "old"
        assert names(tmp_path) == ["x.html"]

    def test_a_failing_rename_leaves_the_old_file(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        goal = tmp_path / "x.html"
        goal.write_text("old")

        def fail(_: Path, __: Path) -> Path:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(Path, "replace", fail)
        with pytest.raises(OSError, match="space"), replacing_file(goal, ending=".html", force=True) as part:
            part.write_text("new")
        assert goal.read_text() == "old"
        assert names(tmp_path) == ["x.html"]

    @pytest.mark.parametrize(
        ("name", "message"), [("x.html", "already exists"), ("x.txt", r"\.html"), ("d.html", "dir")]
    )
    def test_what_may_not_be_written_is_refused_before_any_work(self, name: str, message: str, tmp_path: Path) -> None:
        (tmp_path / "x.html").write_text("old")
        (tmp_path / "d.html").mkdir()
        with pytest.raises(FormatError, match=message), replacing_file(tmp_path / name, ending=".html"):
            pytest.fail("the work began")


class TestDirectory:
    def test_a_failure_leaves_the_old_directory(self, tmp_path: Path) -> None:
        with replacing_directory(tmp_path / "out") as part:
            (part / "summary.json").write_text("{}")
        with pytest.raises(Disk), replacing_directory(tmp_path / "out", force=True) as part:
            write_half(part / "summary.json")
        assert (tmp_path / "out" / "summary.json").read_text() == "{}"
        assert names(tmp_path) == ["out"]

    def test_a_failing_last_rename_brings_the_old_directory_back(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with replacing_directory(tmp_path / "out") as part:
            (part / "summary.json").write_text("{}")
        rename = Path.rename

        def fail_on_the_new(self: Path, target: Path) -> Path:
            if self.parent.name == "new" and target.parent == tmp_path:
                raise OSError(28, "No space left on device")
            return rename(self, target)

        monkeypatch.setattr(moving, "_exchange", lambda *_: False)
        monkeypatch.setattr(Path, "rename", fail_on_the_new)
        with pytest.raises(OSError, match="space"), replacing_directory(tmp_path / "out", force=True) as part:
            (part / "summary.json").write_text("new")
        assert (tmp_path / "out" / "summary.json").read_text() == "{}"
        assert names(tmp_path) == ["out"]

    def test_only_an_earlier_report_is_ever_replaced(self, tmp_path: Path) -> None:
        (tmp_path / "photos").mkdir()
        (tmp_path / "photos" / "a.jpg").write_bytes(b"")
        with pytest.raises(FormatError, match="not written by an earlier run"):
            check_free_directory(tmp_path / "photos", force=True)
        (tmp_path / "file").write_text("")
        with pytest.raises(FormatError, match="is a file"):
            check_free_directory(tmp_path / "file", force=True)


class TestLayer:
    def test_columns_that_differ_only_by_case_and_mixed_values_are_written(self, tmp_path: Path) -> None:
        frame = gpd.GeoDataFrame(
            {"note": ["a", "b"], "NOTE": [1, 2], "mixed": [1.5, "two"], "parts": [["p1", "p2"], None]},
            geometry=[POINT, POINT],
            crs=4548,
        )
        write_layer(frame, tmp_path / "x.gpkg", layer="pipes")
        read = pyogrio.read_dataframe(tmp_path / "x.gpkg", layer="pipes")
        assert read["note"].tolist() == ["a", "b"]
        assert read["NOTE_2"].tolist() == [1, 2]
        assert read["mixed"].tolist() == ["1.5", "two"]
        assert json.loads(read["parts"].iloc[0]) == ["p1", "p2"]

    def test_geojson_is_in_degrees_with_a_centimetre_of_digits(self) -> None:
        frame = gpd.GeoDataFrame({"day": [pd.Timestamp("2020-05-01")], "x": [np.nan]}, geometry=[POINT], crs=4548)
        document = json.loads(to_geojson(frame, provenance=Provenance(notice="合成 synthetic")))
        assert document["synthetic"] is True
        assert document["notice"] == document["provenance"]["notice"] == "合成 synthetic"
        assert document["features"][0]["properties"] == {"day": "2020-05-01", "x": None}
        lon, lat = document["features"][0]["geometry"]["coordinates"]
        assert (lon, lat) == (round(lon, 7), round(lat, 7))
        assert 117.5 < lon < 117.6
        assert 33.5 < lat < 33.6


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
        max_leaves=8,
    )
)
def test_every_value_becomes_one_that_json_knows(value: object) -> None:
    json.dumps(plain_value(value), allow_nan=False)


def test_a_plan_without_crs_is_written_without_a_warning(tmp_path: Path) -> None:
    """Warnings are errors here; that it has none is read back."""
    frame = gpd.GeoDataFrame({"a": [1]}, geometry=[POINT])
    write_layer(frame, tmp_path / "plan.gpkg", layer="plan")
    assert pyogrio.read_info(tmp_path / "plan.gpkg", layer="plan")["features"] == 1
    again = gpd.read_file(tmp_path / "plan.gpkg", layer="plan")
    assert again.geometry.tolist() == [POINT]


def test_who_may_not_write_is_told_how_he_may_in_python_and_on_the_terminal(tmp_path: Path) -> None:
    (tmp_path / "there.csv").touch()
    told = []
    for face in (nullcontext(), on_the_terminal()):
        with face, pytest.raises(FormatError) as error, replacing_file(tmp_path / "there.csv", ending=".csv"):
            pass
        told.append((str(error.value).partition("; ")[2], one_language(error.value.said, "zh").partition("；")[2]))
    assert told == [
        ("choose another name or pass force=True", "请另取名称，或加 force=True"),
        ("choose another name or pass --force", "请另取名称，或加 --force"),
    ]
