"""What words name: files of a network, field data."""

from __future__ import annotations

from pathlib import Path

import pytest

from drainage.errors import FormatError
from drainage.spelt.named_sources import evidence_named, sources_named


def test_a_file_alone_is_the_source() -> None:
    assert sources_named(["town.gpkg"]) == ("town.gpkg", ["town.gpkg"])


def test_files_are_named_by_what_they_hold() -> None:
    assert sources_named(["storm=a.shp,sewage=b.shp"]) == ({"storm": "a.shp", "sewage": "b.shp"}, ["a.shp", "b.shp"])
    assert sources_named(["YSLINE.shp", "YSPOINT.shp"])[0] == {"storm": "YSLINE.shp", "nodes": ["YSPOINT.shp"]}
    with pytest.raises(FormatError, match=r"town\.shp"):
        sources_named(["town.shp", "YSLINE.shp"])
    with pytest.raises(FormatError, match="mixed"):
        sources_named(["town.shp", "storm=a.shp"])


def test_a_file_that_is_there_is_no_pair(tmp_path: Path) -> None:
    file = tmp_path / "flows=a.csv"
    file.touch()
    assert evidence_named([str(file)]) == [str(file)]
    assert evidence_named(["flows=a.csv"]) == {"flows": "a.csv"}
    with pytest.raises(FormatError, match="mixed"):
        evidence_named([str(file), "flows=a.csv"])


def test_a_name_without_a_file_is_refused() -> None:
    with pytest.raises(FormatError, match="storm=: no file is named"):
        sources_named(["storm=", "sewage=a.shp"])
    with pytest.raises(FormatError, match="cctv=: no file is named"):
        evidence_named(["cctv="])
