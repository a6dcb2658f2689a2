"""`drainage compare`: what the works did, told and written, and what is no pair of networks."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest

from tests.analyses.outcome.test_settled import street
from tests.support.command import Run
from tests.support.networks import build, days, save

STORM = ("--storm-formula", "demo")
FIRST = ["feature_kind", "id_before", "id_after", "change", "attribute", "before", "after"]


@pytest.fixture
def run(run: Run) -> Run:
    return run.of("compare")


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Path, Path]:
    """A street whose third pipe is too small, and the same with a larger one."""
    found = []
    for name, sizes in (("old", (600, 600, 300, 800)), ("new", (600, 600, 800, 800))):
        net = street(*sizes)
        folder = tmp_path / name
        folder.mkdir()
        found.append(save(net, folder / "pipes.geojson"))
        net.nodes.drop(columns=["water_level_m"]).reset_index().to_file(folder / "nodes.geojson", engine="pyogrio")
    return found[0], found[1]


def test_the_points_come_first_and_then_what_settled_them(run: Run, pair: tuple[Path, Path]) -> None:
    code, out, err = run(*pair, *STORM)
    assert code == 0, err
    assert "waterlogging points: 1 before, 0 after: 1 solved" in out
    order = ["what became of the points", "works and what they settled", "changes by kind", "Mixed flow (mixed_flow)"]
    places = [out.index(title) for title in order]
    assert places == sorted(places)


def test_the_directory_holds_the_changes_and_the_comparison(run: Run, pair: tuple[Path, Path], tmp_path: Path) -> None:
    goal = tmp_path / "works"
    assert run(*pair, *STORM, "-o", goal)[0] == 0
    written = {path.name for path in goal.iterdir()}
    named = {"changes.geojson", "comparison.xlsx", "comparison.gpkg", "map.html", "summary.json", "before", "after"}
    assert written == {*named, "drainage-files.json"}
    document = json.loads((goal / "changes.geojson").read_text(encoding="utf-8"))
    assert document["provenance"]["storm"]["formula"] == "demo"
    (feature,) = document["features"]
    assert list(feature["properties"])[:7] == FIRST
    assert [feature["properties"][name] for name in FIRST] == [
        "pipe",
        "p2",
        "p2",
        "enlarged",
        "diameter_mm",
        "300.0",
        "800.0",
    ]
    layers = {name for name, _ in pyogrio.list_layers(goal / "comparison.gpkg")}
    assert {"points", "works", "changes", "provenance"} <= layers
    assert gpd.read_file(goal / "comparison.gpkg", layer="points")["fate"].tolist() == ["solved"]
    assert _column(goal / "comparison.xlsx", "points", "settled_by") == ["W1"]
    summary = json.loads((goal / "summary.json").read_text(encoding="utf-8"))
    assert summary["comparison"]["by_fate"]["solved"] == 1
    page = (goal / "map.html").read_text(encoding="utf-8")
    assert "what changed" in page
    assert "outcome_points" in page


def test_one_file_is_written_as_its_ending_says(run: Run, pair: tuple[Path, Path], tmp_path: Path) -> None:
    goal = tmp_path / "works.xlsx"
    assert run(*pair, *STORM, "-o", goal)[0] == 0
    assert _column(goal, "works", "works_id") == ["W1"]
    changes = tmp_path / "changes.geojson"
    assert run(*pair, *STORM, "-o", changes)[0] == 0  # the changes, where a file holds one table
    assert gpd.read_file(changes)["change"].tolist() == ["enlarged"]
    assert run(*pair, *STORM, "-o", goal)[0] == 1


def test_json_tells_all(run: Run, pair: tuple[Path, Path]) -> None:
    code, out, _ = run(*pair, *STORM, "--json")
    assert code == 0
    told = json.loads(out)["comparison"]
    assert told["tables"]["points"][0]["settled_by"] == "W1"
    assert {"points", "works", "changes", "roads", "misconnections", "outfalls", "reports", "figures"} <= set(
        told["tables"]
    )


def test_most_runs_reaches_the_runs(run: Run, pair: tuple[Path, Path]) -> None:
    _, out, _ = run(*pair, *STORM, "--json", "--most-runs", "7")
    assert "at most 7" in json.loads(out)["comparison"]["assumptions"]["settled_how"]


def test_a_copy_under_another_name_has_not_changed(run: Run, pair: tuple[Path, Path], tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(pair[0].parent, copy)
    code, out, err = run(pair[0], copy / "pipes.geojson", *STORM)
    assert code == 0, err
    assert "the two networks are the same: nothing has changed" in out


def test_a_network_in_several_files_is_one_word(run: Run, pair: tuple[Path, Path], tmp_path: Path) -> None:
    """The street, and beside it a sewer in a file of its own, which is larger after the works."""
    sides = []
    for name, source in zip(("old", "new"), pair, strict=True):
        sewer = build(["u>v sewage {}".format({"old": 300, "new": 400}[name])], places={"u": (0, 900), "v": (90, 900)})
        sides.append(f"storm={source},sewage={save(sewer, tmp_path / f'{name}.geojson')}")
    code, out, err = run(*sides, *STORM, "--json")
    assert code == 0, err
    rows = [row for row in json.loads(out)["comparison"]["tables"]["changes"] if row["change"] == "enlarged"]
    assert {(row["before"], row["after"]) for row in rows} == {("300.0", "800.0"), ("300.0", "400.0")}
    code, _, err = run(sides[0], f"storm={pair[1]}", *STORM)
    assert (code, "the two sides name different systems or layers" in err) == (1, True)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["{town}"], "name a second network, or two days of one with --before and --after"),
        (["{town}", "{town}"], "is named twice; name the network of another time, or two days of it"),
        (["{town}", "{town}", "--before", "2019-01-01"], "is named twice"),
        (["{town}", "--before", "2021-01-01", "--after", "2019-01-01"], "exchange them"),
        (["{town}", "--before", "2019-01-01", "--after", "2019-01-01"], "are both 2019-01-01"),
        (["{town}", "--before", "2019-01-01", "--after", "2019-1-1"], "write YYYY-MM-DD"),
        (["{town}", "--before", "1950-01-01", "--after", "2019-01-01"], "choose another --before"),
        (["{town}", "{far}"], "is in another place or CRS"),
        (["{town}", "{near}"], "it is another town"),
    ],
)
def test_what_is_no_pair_is_named_with_the_remedy(run: Run, tmp_path: Path, words: list[str], message: str) -> None:
    net = build(["a>b storm", "w>b sewage", "b>out storm"], commissioned=days(*["1990-01-01"] * 3))
    files = {"town": save(net, tmp_path / "town.geojson")}
    for name, aside_m in {"far": 400_000.0, "near": 9_000.0}.items():
        pipes = net.pipes.assign(geometry=net.pipes.geometry.translate(aside_m, aside_m / 3))
        pipes = pipes.set_axis(pipes.index + name)
        moved = net.replace(pipes=pipes, ends=(net.graph.tail, net.graph.head))
        files[name] = save(moved, tmp_path / f"{name}.geojson")
    code, out, err = run(*(word.format(**files) for word in words))
    assert code == 1
    assert message in err
    assert "Traceback" not in err + out


def _column(path: Path, sheet: str, name: str) -> list[object]:
    return pd.read_excel(path, sheet_name=sheet, header=1, engine="openpyxl")[name].tolist()
