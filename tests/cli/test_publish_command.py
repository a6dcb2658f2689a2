"""`drainage publish` on the small town: a directory of results, a network, and everything that is refused."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest

import drainage as dr
from drainage.network import DrainageNetwork
from tests.support.command import Run
from tests.support.drains import rain
from tests.support.networks import save
from tests.support.streets import flooded_town, roads


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with the town (管网.geojson, 道路.geojson), its results, a comparison, and results without rain."""
    place, net = tmp_path_factory.mktemp("town"), flooded_town()
    save(net, place / "管网.geojson")
    dr.write_network(DrainageNetwork(net.pipes, net.nodes), place / "管网.gpkg")
    net.layers["roads"].to_crs(4326).to_file(place / "道路.geojson")
    report = dr.analyze(net, storm=rain(5.0))
    report.write(place / "结果")
    dr.report.compare_reports(report, report).write(place / "对比")
    dr.analyze(net).write(place / "无雨")
    return place


@pytest.fixture
def publish(run: Run) -> Run:
    return run.of("publish")


def page_in(place: Path) -> str:
    assert [one.name for one in place.iterdir()] == ["index.html"]
    return (place / "index.html").read_text(encoding="utf-8")


def test_results_become_a_page_with_their_rain(publish: Run, folder: Path, tmp_path: Path) -> None:
    code, out, err = publish(folder / "结果", "-o", tmp_path / "页", "--phone", "0557-1234567", "--city", "灵璧")
    assert code == 0, err
    assert "5 roads in 11 stretches" in out
    assert "p5" in out
    assert "0557-1234567" in page_in(tmp_path / "页")


def test_so_does_a_comparison_with_what_was_before(publish: Run, folder: Path, tmp_path: Path) -> None:
    code, out, _ = publish(folder / "对比", "-o", tmp_path / "p", "--json")
    counts = json.loads(out)
    assert code == 0
    assert counts["rains"][0]["wet"] > 0
    assert counts["rains"][0]["solved"] == 0  # both sides are the same
    assert counts["bytes"] == len(page_in(tmp_path / "p").encode())


def test_a_network_is_asked_in_twelve_rains(publish: Run, folder: Path, tmp_path: Path) -> None:
    words = (folder / "管网.gpkg", "--roads", folder / "道路.geojson", "--storm-formula", "shanghai")
    code, out, err = publish(*words, "-o", tmp_path / "p", "--json")
    assert code == 0, err
    assert len(json.loads(out)["rains"]) == 12
    assert json.loads(out)["stretches"] == 11


def test_the_roads_of_results_can_be_given(publish: Run, folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "one.geojson"
    roads(("人民路", None, [(0, 0), (1200, 0)])).to_crs(4326).to_file(other)
    code, out, _ = publish(folder / "结果", "--roads", other, "-o", tmp_path / "p", "--json")
    assert (code, json.loads(out)["stretches"]) == (0, 1)


def test_the_answer_is_in_the_language_of_the_reader(publish: Run, folder: Path, tmp_path: Path) -> None:
    code, out, _ = publish(folder / "结果", "-o", tmp_path / "p", "--lang", "zh")
    assert code == 0
    assert "5 条道路，11 个路段" in out
    assert "大暴雨" in out


def test_a_page_that_is_there_is_replaced_with_force_only(publish: Run, folder: Path, tmp_path: Path) -> None:
    words = (folder / "结果", "-o", tmp_path)
    assert publish(*words)[0] == 0
    code, _, err = publish(*words)
    assert code == 1
    assert "--force" in err
    assert publish(*words, "--force")[0] == 0


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["无雨"], "run drainage publish on the network itself"),
        (["结果", "--storm-formula", "shanghai"], "have their rain and day already, --storm-formula"),
        (["结果", "--as-of", "2020-01-01", "--before", "2019-01-01"], "--before, --as-of"),
        (["结果", "--tailwater", "30", "--nodes", "井.geojson"], "--tailwater, --nodes"),
        (["结果", "--phone", "call <b>me</b>"], "no telephone number"),
        (["结果", "--url", "javascript:alert(1)"], "no address of a page"),
        (["结果", "--post", "https://elsewhere.example/"], "no path on the same server"),
        (["管网.geojson"], "no rain is named"),
        (["管网.geojson", "--storm-formula", "shanghai"], "--roads"),
        (["管网.geojson", "--storm-formula", "nowhere"], "nowhere"),
        (["管网.gpkg", "--storm-formula", "shanghai", "--roads", "道路.geojson", "--as-of", "soon"], "soon"),
        (
            [
                "管网.gpkg",
                "--storm-formula",
                "shanghai",
                "--roads",
                "道路.geojson",
                "--as-of",
                "2020-01-01",
                "--before",
                "2020-01-01",
            ],
            "name an earlier one",
        ),
        (["."], "is a directory"),
        (["没有.geojson", "--storm-formula", "shanghai"], "没有.geojson"),
        (["结果", "--passing", "管网.geojson"], "passability.toml"),
    ],
)
def test_what_cannot_be_published_is_told_with_a_remedy_and_writes_nothing(
    publish: Run, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], told: str
) -> None:
    monkeypatch.chdir(folder)
    code, _, err = publish(*words, "-o", tmp_path / "p")
    assert code in {1, 2}
    assert told in err
    assert not (tmp_path / "p").exists()


def test_a_day_without_pipes_is_refused_by_the_option_that_names_it(publish: Run, tmp_path: Path) -> None:
    net = flooded_town()
    pipes = net.pipes
    pipes["commissioned"] = pd.Timestamp("2010-01-01")
    dr.write_network(DrainageNetwork(pipes, net.nodes, layers={"roads": net.layers["roads"]}), tmp_path / "late.gpkg")
    words = (tmp_path / "late.gpkg", "--storm-formula", "shanghai", "-o", tmp_path / "p")
    code, _, err = publish(*words, "--before", "2001-01-01")
    assert code == 1
    assert "no pipe was in the ground on 2001-01-01; choose another --before" in err


def test_a_file_in_place_of_the_directory_is_refused_before_any_work(
    publish: Run, folder: Path, tmp_path: Path
) -> None:
    goal = tmp_path / "page.html"
    goal.write_text("x", encoding="utf-8")
    code, _, err = publish(folder / "结果", "-o", goal)
    assert code == 1
    assert "names a directory" in err


def test_no_page_is_put_beside_results_or_the_network(publish: Run, folder: Path) -> None:
    """Whoever puts the directory online would put the pipes online too."""
    code, _, err = publish(folder / "结果", "-o", folder / "结果")
    assert code == 1
    assert "not for the public" in err
    code, _, err = publish(folder / "管网.gpkg", "--storm-formula", "shanghai", "-o", folder)
    assert code == 1
    assert "管网.geojson, which is not for the public" in err
    assert not (folder / "index.html").exists()


def test_results_that_were_changed_by_hand_are_refused(publish: Run, folder: Path, tmp_path: Path) -> None:
    import shutil

    copy = tmp_path / "结果"
    shutil.copytree(folder / "结果", copy)
    (copy / "answers" / "waterlogging.points.parquet").write_bytes(b"PAR1 nonsense")
    code, _, err = publish(copy, "-o", tmp_path / "p")
    assert code == 1
    assert "waterlogging.points.parquet" in err


def test_points_on_no_road_are_told(publish: Run, folder: Path, tmp_path: Path) -> None:
    far = tmp_path / "far.geojson"
    gpd.GeoDataFrame(roads(("北环路", None, [(0, 450), (1200, 450)]))).to_crs(4326).to_file(far)
    code, out, _ = publish(folder / "结果", "--roads", far, "-o", tmp_path / "p", "--json")
    (rain_told,) = json.loads(out)["rains"]
    assert code == 0
    assert (rain_told["wet"], rain_told["unplaced"] > 0) == (0, True)
