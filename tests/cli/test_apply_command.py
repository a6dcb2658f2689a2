"""`drainage apply`: from files to files, with the way back."""

from __future__ import annotations

import datetime as dt
import json
import re
from pathlib import Path

import geopandas as gpd
import openpyxl
import pytest
from click.testing import CliRunner

import drainage as dr
from drainage.cli import app
from tests.support.demo import PIPES
from tests.support.networks import build
from tests.support.same import assert_same

PLACES = {"a": (500000.0, 3700000.0), "b": (500100.0, 3700000.0), "out": (500200.0, 3700000.0)}


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """A network of two pipes, and a change set that widens one and abandons the other."""
    dr.write_network(build(["a>b storm 600", "b>out storm 600"], places=PLACES), tmp_path / "old.gpkg")
    edits = [
        {"action": "change", "layer": "pipes", "pipe_id": "p0", "diameter_mm": 800},
        {"action": "abandon", "layer": "pipes", "pipe_id": "p1"},
    ]
    features = [{"type": "Feature", "properties": one, "geometry": None} for one in edits]
    whole = {"type": "FeatureCollection", "features": features}
    (tmp_path / "edits.geojson").write_text(json.dumps(whole), encoding="utf-8")
    return tmp_path


def run(*words: object) -> tuple[int, str]:
    done = CliRunner().invoke(app, [str(word) for word in ("apply", *words)], env={"DRAINAGE_LANG": "en"})
    return done.exit_code, done.output


def test_the_inverse_brings_the_network_back(files: Path) -> None:
    outputs = ("-o", files / "new.gpkg", "--inverse", files / "back.geojson", "--log", files / "log.jsonl")
    pages = ("--answer", files / "answer.xlsx", "--map", files / "map.html")
    code, told = run(files / "old.gpkg", "--with", files / "edits.geojson", "--on", "2027-05-01", *outputs, *pages)
    assert code == 0, told
    new = dr.read_network(files / "new.gpkg")
    assert new.pipes["diameter_mm"].tolist() == [800.0, 600.0]
    assert str(new.pipes["abandoned"].iloc[1].date()) == "2027-05-01"
    code, told = run(files / "new.gpkg", "--with", files / "back.geojson", "-o", files / "again.gpkg")
    assert code == 0, told
    old = dr.read_network(files / "old.gpkg")
    assert_same(dr.read_network(files / "again.gpkg"), old)
    assert_same(dr.repairs.undo_repair(new, dr.formats.read_repair_log(files / "log.jsonl")), old)
    book = openpyxl.load_workbook(files / "answer.xlsx")
    assert {"edits", "changes", "effects"} <= {name.lower() for name in book.sheetnames}
    assert "edits.geojson" in (files / "map.html").read_text(encoding="utf-8")


def test_what_is_abandoned_without_a_day_is_so_from_today_on_and_said(files: Path) -> None:
    code, told = run(files / "old.gpkg", "--with", files / "edits.geojson", "-o", files / "new.gpkg")
    today = dt.date.today().isoformat()  # noqa: DTZ011 - as the command takes it
    assert code == 0, told
    assert f"1 features without a day (p1) are abandoned today, {today}; --on names another day" in " ".join(
        told.split()
    )
    assert str(dr.read_network(files / "new.gpkg").pipes["abandoned"].iloc[1].date()) == today


@pytest.mark.long  # relief applied in memory: tests/plans/test_plans_as_edits.py
def test_a_plan_of_relief_that_is_applied_solves_its_points(tmp_path: Path) -> None:
    """Truth: the plan itself, which by the same screening leaves no point (docs/flooding/relief.md)."""
    plan, day = tmp_path / "relief.geojson", "2018-12-31"
    words = ["relief", str(PIPES), "--as-of", day, "--storm-formula", "demo", "--changes", str(plan)]
    assert CliRunner().invoke(app, words).exit_code == 0
    outputs = ("-o", tmp_path / "new.gpkg", "--answer", tmp_path / "answer.gpkg")
    code, told = run(PIPES, "--with", plan, "--compare-on", day, "--storm-formula", "demo", *outputs)
    assert code == 0, told
    assert "19 before, 0 after: 19 solved, 0 eased" in " ".join(told.split())
    points = gpd.read_file(tmp_path / "answer.gpkg", layer="points")
    assert (points["fate"] == "solved").all()
    assert points["settled_by"].ne("").all()


def test_without_an_output_it_is_a_dry_run(files: Path) -> None:
    code, told = run(files / "old.gpkg", "--with", files / "edits.geojson", "--on", "2027-05-01", "--json")
    assert code == 0
    assert "dry run: no network was written" in told
    assert sorted(path.name for path in files.iterdir()) == ["edits.geojson", "old.gpkg"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "name a change set"),
        (["--with", "edits.geojson", "--on", "2027-05-01", "-o", "edits.geojson", "--force"], "edits.geojson"),
        (["--with", "edits.geojson", "--on", "2027-05-01", "-o", "old.gpkg", "--force"], "old.gpkg"),
        (["--with", "edits.geojson", "--inverse", "x.geojson", "-o", "x.geojson"], "two outputs cannot be one file"),
        (["--with", "edits.geojson", "-o", "new.txt"], r"new\.txt"),
        (["--with", "gone.geojson"], "no such file"),
        (["--with", "edits.geojson", "--inverse", "back.txt"], r"back\.txt"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_written(
    files: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], said: str
) -> None:
    monkeypatch.chdir(files)
    before = {path.name: path.read_bytes() for path in files.iterdir()}
    code, told = run("old.gpkg", *words)
    assert code == 1
    assert re.search(said, told), told
    assert {path.name: path.read_bytes() for path in files.iterdir()} == before


def test_results_on_no_pipes_are_results(files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    net = build(["a>b storm 600"], places=PLACES)
    none = net.replace(pipes=net.pipes.iloc[:0])
    monkeypatch.setattr("drainage.report.submitted.delivered_sets.network_of_results", lambda _: none)
    code, told = run(files / "nothing", "--with", files / "edits.geojson", "--on", "2027-05-01")
    assert code == 1
    assert "there is no p0 in pipes" in told
