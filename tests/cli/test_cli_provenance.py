"""Every command that prints JSON says where its answer comes from, and writes the table that it is asked for."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd
import pytest

from drainage.cli import main
from tests.support.networks import save
from tests.test_provenance import TEN, beside, town

if TYPE_CHECKING:
    from pathlib import Path

STORM = ("--storm-formula", "demo")
COMMANDS = (
    ("show",), ("trace", "c"), ("mixed-flow",), ("separation",), ("quality",), ("score",), ("sources",), ("inspect",),
    ("mixing",), ("closures", "--budget", "1"), ("repair", "--tolerance", "0.1"), ("waterlogging", *STORM),
    ("cleaning", *STORM), ("relief", *STORM), ("analyze", "-o", "report", *STORM), ("export", "model.inp", *STORM),
    ("changes", "pipes.geojson"), ("compare", "--before", "2019-01-01", "--after", "2021-01-01", *STORM),
)  # fmt: skip


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the town's pipes, in which the command is called."""
    net = town()
    save(net, tmp_path / "pipes.geojson")
    nodes = net.nodes.drop(columns=["water_level_m"]).reset_index()
    nodes.to_file(tmp_path / "nodes.geojson", engine="pyogrio")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *words: str) -> tuple[int, str, str]:
    monkeypatch.setattr(sys, "argv", ["drainage", *words])
    with pytest.raises(SystemExit) as exit_:
        main()
    out, err = capsys.readouterr()
    return int(exit_.value.code or 0), out, err


@pytest.mark.long
@pytest.mark.parametrize("command", COMMANDS, ids=[words[0] for words in COMMANDS])
def test_the_json_of_every_command_says_where_it_comes_from(
    place: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    del place
    code, out, err = run(capsys, monkeypatch, command[0], "pipes.geojson", *command[1:], "--json")
    assert code in {0, 2}, err
    said = json.loads(out)["provenance"]
    assert set(said) == TEN
    assert "pipes.geojson" in said["source"]
    if STORM[0] in command:
        assert said["storm"]["formula"] == "demo"


def test_the_json_of_a_storm_by_itself_says_which(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    code, out, err = run(capsys, monkeypatch, "storm", *STORM, "--json")
    assert code == 0, err
    said = json.loads(out)["provenance"]
    assert (said["source"], said["storm"]["return_period_a"]) == (None, 3)


def test_the_table_that_is_named_is_written_and_what_is_lost_is_said(
    place: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ("mixed-flow", "pipes.geojson", "--table", "pipes")
    code, _, err = run(capsys, monkeypatch, *words, "-o", "x.shp")
    assert code == 0, err
    assert "a Shapefile cuts column names" in err
    assert len(gpd.read_file(place / "x.shp")) > 0
    assert run(capsys, monkeypatch, *words, "-o", "x.csv")[0] == 0
    assert "wkt" in pd.read_csv(place / "x.csv")
    assert set(beside(place / "x.csv")) == TEN


def test_a_file_of_one_table_says_which_it_holds_and_which_it_does_not(
    place: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    code, _, err = run(capsys, monkeypatch, "separation", "pipes.geojson", "-o", "x.geojson")
    assert code == 0, err
    assert "holds the table stretches; choose another with --table: roads" in err
    assert len(gpd.read_file(place / "x.geojson")) > 0


def test_a_wrong_ending_is_refused_by_all_that_can_be_written_before_anything_is_read(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    code, _, err = run(capsys, monkeypatch, "mixed-flow", "nowhere.geojson", "-o", "x.pdf")
    assert code == 1
    assert ".xlsx, .gpkg, .geojson, .csv, .parquet, .shp, .fgb" in err
