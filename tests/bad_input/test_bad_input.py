"""Every fault of `cases` is said: as an error where nothing can be meant, as an issue where one feature is at fault."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest

import drainage as dr
from drainage.errors import FormatError
from tests.bad_input.cases import CASES, GOOD, Case, Read, Refused, Told
from tests.support.said import said_codes

#: What is said of a file and its geometry before its columns are looked at.
OF_FILES = {"absurd_coordinates", "crs_null", "duplicate_key", "far_away", "heights", "legacy_crs", "too_many_vertices"}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_each_fault_is_said_with_file_feature_and_remedy(case: Case, tmp_path: Path) -> None:
    path = tmp_path / case.file
    path.write_bytes(case.content)
    if isinstance(case.said, Refused):
        with pytest.raises(case.said.error) as caught:
            dr.read_network(path)
        said = str(caught.value)
    elif isinstance(case.said, Read):
        _assert_meant(dr.read_network(path), case.said)
        return
    else:
        said = _said_by_issue(dr.read_network(path), case.said)
    assert all(word in said for word in case.said.words), said


def _assert_meant(net: dr.DrainageNetwork, meant: Read) -> None:
    value = net.pipes[meant.column].to_dict()["P2"]
    assert value != value if meant.value is None else value == meant.value  # noqa: PLR0124 - NaN
    assert len(net.pipes) == meant.pipes
    assert not len(net.issues[net.issues["severity"] != "info"])


def _said_by_issue(net: dr.DrainageNetwork, told: Told) -> str:
    issues = net.issues
    found = issues[(issues["code"] == told.code) & (issues["feature_id"] == told.feature)]
    assert len(found) == 1, issues.to_string()
    assert found.iloc[0]["action"], "an issue says what was done"
    assert len(net.pipes) == told.pipes
    assert told.code not in OF_FILES or told.code in said_codes(issues)
    return f"{found.iloc[0]['reason']} {found.iloc[0]['action']}"


def test_the_good_row_has_no_fault(tmp_path: Path) -> None:
    (tmp_path / "pipes.geojson").write_bytes(GOOD)
    net = dr.read_network(tmp_path / "pipes.geojson")
    assert len(net.pipes) == 3
    assert not len(net.issues[net.issues["severity"] != "info"])


@pytest.mark.parametrize(
    "path",
    ["/vsicurl/http://127.0.0.1/x.geojson", "http://127.0.0.1/x.geojson", '{"type":"Feature"}', "/vsizip/a.zip"],
)
def test_what_gdal_would_open_from_elsewhere_is_refused(path: str) -> None:
    with pytest.raises(FormatError, match="local file"):
        dr.read_network(path)


def test_a_missing_file_and_a_directory_are_named(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=r"nowhere\.geojson: no such file"):
        dr.read_network(tmp_path / "nowhere.geojson")
    with pytest.raises(FormatError, match="is a directory"):
        dr.read_network(tmp_path)


@pytest.mark.parametrize("missing", [".dbf", ".shx"])
def test_a_shapefile_without_a_part_is_refused(missing: str, tmp_path: Path) -> None:
    path = _shapefile(tmp_path)
    path.with_suffix(missing).unlink()
    with pytest.raises(FormatError, match=r"pipes\.shp"):
        dr.read_network(path)


def test_a_shapefile_without_prj_asks_for_the_crs(tmp_path: Path) -> None:
    path = _shapefile(tmp_path)
    path.with_suffix(".prj").unlink()
    with pytest.raises(dr.errors.CrsError, match=r"crs=.*EPSG:4490"):
        dr.read_network(path)
    assert len(dr.read_network(path, crs="EPSG:4490").pipes) == 3


def test_a_truncated_shapefile_is_refused(tmp_path: Path) -> None:
    path = _shapefile(tmp_path)
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(FormatError, match="export it again"):
        dr.read_network(path)


def test_names_cut_by_a_shapefile_are_understood(tmp_path: Path) -> None:
    """A table of a Shapefile holds ten characters of a name: invert_fro, invert_to_, commission."""
    path = tmp_path / "pipes.shp"
    (tmp_path / "good.geojson").write_bytes(GOOD)
    frame = gpd.read_file(tmp_path / "good.geojson").assign(commissioned="2020-05-01")
    frame.rename(columns=lambda name: name[:10] if name != "geometry" else name).to_file(path)
    pipes = dr.read_network(path).pipes
    assert pipes["invert_from_m"].tolist() == [19.0, 18.0, 17.0]
    assert pipes["invert_to_m"].tolist() == pytest.approx([18.9, 17.9, 16.9])
    assert set(pipes["commissioned"]) == {pd.Timestamp("2020-05-01")}


def test_chinese_in_a_gbk_table_is_read_as_chinese(tmp_path: Path) -> None:
    path = _shapefile(tmp_path, encoding="GBK")
    path.with_suffix(".cpg").unlink()
    assert set(dr.read_network(path).pipes["road"]) == {"磬山路"}


def _shapefile(folder: Path, encoding: str = "UTF-8") -> Path:
    (folder / "good.geojson").write_bytes(GOOD)
    frame = gpd.read_file(folder / "good.geojson")[["pipe_id", "system", "geometry"]].assign(road="磬山路")
    frame.to_file(folder / "pipes.shp", encoding=encoding)
    return folder / "pipes.shp"


@pytest.mark.long
@pytest.mark.parametrize("name", ["truncated_json", "metres_without_crs", "columns_that_differ_by_case"])
def test_the_terminal_shows_one_line_and_no_traceback(name: str, tmp_path: Path) -> None:
    case = next(case for case in CASES if case.name == name)
    (tmp_path / case.file).write_bytes(case.content)
    command = [str(Path(sys.executable).with_name("drainage")), "analyze", case.file, "-o", "out"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("drainage: pipes.geojson")
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out").exists()
