"""`--map` and `--basemap` as their users give them: one file, a folder for a web server, a map of others beneath."""

from __future__ import annotations

from pathlib import Path

import pytest

import drainage as dr
from drainage.maps import page_of as pages
from drainage.maps.tiles.city_parts import is_city, part_city
from tests.support.command import Run
from tests.support.networks import build, save


@pytest.fixture
def town(tmp_path: Path) -> Path:
    """A storm street of three pipes into which sewage enters."""
    return save(
        build(["a>b storm 200", "b>c storm 200", "c>out storm 200", "w>b sewage 300"]), tmp_path / "town.geojson"
    )


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take four pipes for a large city."""
    monkeypatch.setattr(pages, "is_city", lambda data: is_city(data, most=3))
    monkeypatch.setattr(pages, "part_city", lambda data: part_city(data, kept=2))


def test_a_map_is_one_file_or_a_folder_by_its_name(run: Run, town: Path, tmp_path: Path) -> None:
    assert run("mixed-flow", town, "--map", tmp_path / "map.html")[0] == 0
    assert run("mixed-flow", town, "--map", tmp_path / "served")[0] == 0
    assert "drainage-data" in (tmp_path / "map.html").read_text(encoding="utf-8")
    assert (tmp_path / "served" / "index.html").is_file()
    code, _, err = run("mixed-flow", town, "--map", tmp_path / "served")
    assert code == 1
    assert "--force" in err
    assert run("mixed-flow", town, "--map", tmp_path / "served", "--force")[0] == 0
    (tmp_path / "served" / "own.txt").write_text("of somebody", encoding="utf-8")
    code, _, err = run("mixed-flow", town, "--map", tmp_path / "served", "--force")
    assert code == 1
    assert "own.txt" in err


@pytest.mark.usefixtures("large")
def test_a_large_city_says_how_its_map_opens(run: Run, town: Path, tmp_path: Path) -> None:
    code, _, err = run("mixed-flow", town, "--map", tmp_path / "city.html")
    assert code == 0
    assert "write a folder" in err
    code, _, err = run("mixed-flow", town, "--map", tmp_path / "city")
    assert code == 0
    assert "http.server" in err
    names = {path.name for path in (tmp_path / "city").iterdir()}
    assert names == {"index.html", "overview.pmtiles", "city.pmtiles", "whole.json.gz", "drainage-files.json"}


@pytest.mark.usefixtures("large")
def test_a_report_on_a_large_city_has_both_and_is_read_back_with_both(town: Path, tmp_path: Path) -> None:
    report = dr.analyze(dr.read_network(town))
    report.write(tmp_path / "report")
    assert (tmp_path / "report" / "map" / "city.pmtiles").is_file()
    assert "drainage-city" in (tmp_path / "report" / "map.html").read_text(encoding="utf-8")
    assert dr.report.read_report(tmp_path / "report").map_folder == report.map_folder
    report.write(tmp_path / "report", force=True)


def test_a_report_on_a_town_has_one_file(town: Path, tmp_path: Path) -> None:
    dr.analyze(dr.read_network(town)).write(tmp_path / "report")
    assert not (tmp_path / "report" / "map").exists()


def test_a_base_map_reaches_the_page(run: Run, town: Path, tmp_path: Path) -> None:
    for name, host in (("none", None), ("osm", "https://tile.openstreetmap.org"), ("gaode", "autonavi.com")):
        file = tmp_path / f"{name}.html"
        assert run("mixed-flow", town, "--map", file, "--basemap", name)[0] == 0
        policy = file.read_text(encoding="utf-8").partition("img-src")[2].partition(";")[0]
        assert host in policy if host else policy.strip() == "data:"
    code, _, err = run("mixed-flow", town, "--map", tmp_path / "x.html", "--basemap", "google")
    assert code == 1
    assert "osm" in err
    assert not (tmp_path / "x.html").exists()


def test_a_base_map_reaches_reports_comparisons_and_drawings(town: Path) -> None:
    net = dr.read_network(town)
    host = "https://tile.openstreetmap.org"
    assert host in dr.draw(net, basemap="osm").html
    assert host not in dr.draw(net).html
    report = dr.analyze(net, basemap="osm")
    assert host in report.page
    assert host not in dr.analyze(net).page
    assert host in dr.report.compare_reports(report, report, basemap="osm").page
