"""What the terminal says of partitions that cannot be."""

from __future__ import annotations

from pathlib import Path

import pytest

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
