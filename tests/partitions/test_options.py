"""What the terminal says of partitions that cannot be."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest

from drainage.cli.ending import EndedError
from drainage.partitions import from_network
from tests.conftest import ROOT
from tests.support.command import Run
from tests.support.small_inp import inp

PIPES = str(ROOT / "data" / "pipes.geojson")


@pytest.fixture
def analyze(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    return Run(capsys, monkeypatch, "--lang", "en", "analyze")


@pytest.mark.parametrize(
    "option",
    [("--also", "relief"), ("--dem", PIPES), ("--basemap", "osm"), ("--engine", "swmm"), ("--keep",)],
    ids=lambda words: words[0],
)
def test_what_asks_about_the_whole_network_does_not_go_with_partitions(
    analyze: Run, tmp_path: Path, option: tuple[str, ...]
) -> None:
    code, _, error = analyze(PIPES, "-o", tmp_path / "out", "--partitions", 4, *option)
    assert (code, [*tmp_path.iterdir()]) == (1, [])
    assert f"--partitions does not go with {option[0]}" in error


def test_a_number_of_partitions_is_one_at_least(analyze: Run, tmp_path: Path) -> None:
    code, _, error = analyze(PIPES, "-o", tmp_path / "out", "--partitions", 0)
    assert code == 1
    assert "--partitions is 0" in error


@pytest.mark.parametrize("count", [0, -1])
def test_a_number_of_workers_is_one_at_least(analyze: Run, tmp_path: Path, count: int) -> None:
    code, _, error = analyze(PIPES, "-o", tmp_path / "out", "--partitions", 2, f"--workers={count}")
    assert (code, [*tmp_path.iterdir()]) == (1, [])
    assert f"--workers is {count}; expected a whole number of 1 or more" in error


@pytest.mark.parametrize(
    "option", [("--workers", "2"), ("--scheduler", "tcp://127.0.0.1:9")], ids=lambda words: words[0]
)
def test_workers_without_partitions_are_refused(analyze: Run, tmp_path: Path, option: tuple[str, str]) -> None:
    code, _, error = analyze(PIPES, "-o", tmp_path / "out", *option)
    assert code == 1
    assert f"{option[0]} goes with --partitions only" in error


def test_a_model_of_epa_swmm_runs_as_one(analyze: Run, tmp_path: Path) -> None:
    (tmp_path / "m").mkdir()
    model = inp(tmp_path / "m" / "model.inp")
    code, _, error = analyze(model, "-o", tmp_path / "out", "--partitions", 2)
    assert code == 1
    assert "a model of EPA SWMM runs as one; leave out --partitions" in error
    assert [path.name for path in tmp_path.iterdir()] == ["m"]


def test_who_interrupts_it_learns_how_to_go_on(analyze: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        (tmp_path / "out.pieces").mkdir()
        raise EndedError(130)

    monkeypatch.setattr(from_network, "answer_in_partitions", interrupted)
    code, _, error = analyze(PIPES, "-o", tmp_path / "out", "--partitions", 2)
    assert code == 130
    assert f"what is done is kept in {tmp_path / 'out.pieces'}: run the same command again" in error


def test_what_reading_found_is_listed_as_a_single_run_lists_it(analyze: Run, tmp_path: Path) -> None:
    """An id that stands twice is an error of the data: a message sends its reader to `issues.csv`."""
    pipes = gpd.read_file(PIPES, rows=6)
    pipes["pipe_id"] = [pipes["pipe_id"].iloc[0], *pipes["pipe_id"].iloc[:-1]]
    pipes.to_file(tmp_path / "town.gpkg")
    code, _, error = analyze(tmp_path / "town.gpkg", "-o", tmp_path / "parted", "--partitions", 2, "--workers", 1)
    assert "see issues.csv" in error
    assert code == 2
    analyze(tmp_path / "town.gpkg", "-o", tmp_path / "whole")
    told, known = (pd.read_csv(tmp_path / name / "issues.csv") for name in ("parted", "whole"))
    assert len(told) > 0
    assert len(known.merge(told)) == len(told)
    assert (tmp_path / "parted" / "issues.csv.provenance.json").is_file()
