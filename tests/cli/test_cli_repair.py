"""`drainage repair` as its users run it: a dry run, the files, the way back."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

import drainage as dr
from tests.repairs.test_properties import assert_same
from tests.repairs.test_rounds import street
from tests.support.command import Run

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def run(run: Run) -> Run:
    return run.of("repair")


@pytest.fixture
def town(tmp_path: Path) -> Path:
    """A street with every fault, as a file of a survey: pipes in GeoJSON, without our marks."""
    table = street().pipes.dropna(axis="columns", how="all").reset_index()
    marks = [column for column in table if str(column).endswith("_source")]
    table.drop(columns=marks).to_crs(4490).to_file(tmp_path / "pipes.geojson", driver="GeoJSON")
    return tmp_path / "pipes.geojson"


def test_by_default_it_is_a_dry_run(run: Run, town: Path) -> None:
    files = sorted(town.parent.iterdir())
    code, out, err = run(town, "--tolerance", 0.5)
    assert code == 0
    assert "is a duplicate of q" in out
    assert "dry run" in err
    assert sorted(town.parent.iterdir()) == files
    code, out, _ = run(town, "--tolerance", 0.5, "--dry-run", "-o", town.parent / "x.gpkg", "--json")
    assert code == 0
    answer = json.loads(out)
    assert answer["summary"]["duplicates_features"] == 1
    assert {row["rule"] for row in answer["log"]} >= {"snap", "split", "duplicates", "turn"}
    assert sorted(town.parent.iterdir()) == files


def test_repair_and_undo_by_files(run: Run, town: Path, tmp_path: Path) -> None:
    repaired, log, original = tmp_path / "repaired.gpkg", tmp_path / "log.jsonl", tmp_path / "original.gpkg"
    assert run(town, "--tolerance", 0.5, "-o", repaired, "--log", log)[0] == 0
    source = dr.read_network(town)
    assert_same(dr.read_network(repaired), dr.repair(source, tolerance_m=0.5).network)
    code, out, _ = run(repaired, "--tolerance", 0.5, "--json")
    assert (code, json.loads(out)["log"]) == (0, [])
    code, _, err = run(repaired, "--undo", log, "-o", original)
    assert code == 0
    assert "changes undone" in err
    assert_same(dr.read_network(original), source)


def test_rules_are_chosen_by_name(run: Run, town: Path) -> None:
    _, out, _ = run(town, "--tolerance", 0.5, "--rules", "duplicates, turn", "--json")
    assert {row["rule"] for row in json.loads(out)["log"]} == {"duplicates", "turn", "kind"}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "--tolerance"),
        (["--tolerance", "0.5", "--rules", "all"], "expected some of snap"),
        (["--tolerance", "0.5", "-o", "{town}"], "ending in .gpkg"),
        (["--undo", "{town}"], "is not a repair log"),
        (["--tolerance", "-1"], "greater than 0"),
    ],
)
def test_what_cannot_be_done_is_one_line(run: Run, town: Path, words: list[str], message: str) -> None:
    code, _, err = run(town, *[word.format(town=town) for word in words])
    assert code == 1
    assert message in err.splitlines()[-1]


def test_a_repair_without_a_log_says_what_that_means(run: Run, town: Path, tmp_path: Path) -> None:
    assert "cannot be undone" in run(town, "--tolerance", 0.5, "-o", tmp_path / "r.gpkg")[2]
    assert "already exists" in run(town, "--tolerance", 0.5, "-o", tmp_path / "r.gpkg")[2]
