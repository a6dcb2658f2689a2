"""Storms written for others: the engine itself as witness of the rain, tables read back, figures by their texts."""

from __future__ import annotations

import json
import sys
from io import BytesIO
from typing import TYPE_CHECKING

import numpy as np
import pytest
from matplotlib.figure import Figure

import drainage as dr
from drainage.cli import main
from drainage.hydraulics.rainfall import DesignStorm, ObservedStorm
from tests.support.drains import drain, rain
from tests.support.engine import run_file

if TYPE_CHECKING:
    from pathlib import Path

    from drainage.hydraulics.rainfall import Storm

GAUGE = ObservedStorm(np.array([0.0, 10.0, 15.0, 40.0]), np.array([2.0, 6.0, 1.0]), "gauge 7")


@pytest.mark.parametrize(("storm", "step_min"), [(rain(), 5.0), (rain(20.0, 62.0), 4.0), (rain(5.0, 60.0), 0.5)])
def test_the_engine_rains_what_the_file_says(storm: Storm, step_min: float, tmp_path: Path) -> None:
    """1 hm² with Ψ = 1 that keeps nothing: 10 m³ a mm; the lines that the file names are put into the model."""
    net = drain(["a>o storm 1500"], {"a": 10.0, "o": 9.0}, ground=20.0, nodes={"area_ha": {"a": 1.0}})
    options = dr.simulation.EngineOptions(depression_mm=0.0, rain_step_min=step_min, drain_min=600.0)
    model = dr.write_inp(net, storm, tmp_path / "m.inp", options=options, setup=dr.Setup(uplift_within=None)).path
    file = dr.formats.write_storm(storm, tmp_path / "storm.dat", step_min=step_min)
    gage, series = (line[2:].split("]", 1)[1].strip() for line in file.read_text("utf-8").splitlines() if "]  " in line)
    text = model.read_text(encoding="utf-8")
    before, rest = text.split("[RAINGAGES]")
    _, after = rest.split("[SUBCATCHMENTS]")
    model.write_text(f"{before}[RAINGAGES]\n{gage}\n[TIMESERIES]\n{series}\n[SUBCATCHMENTS]{after}", encoding="utf-8")
    run = run_file(model, tmp_path)
    assert sum(run.outfall.values()) == pytest.approx(10.0 * storm.depth_mm, rel=0.005)


@pytest.mark.parametrize("storm", [rain(), rain(3.0, 62.0), GAUGE], ids=repr)
def test_a_table_is_read_back_as_the_same_rain(storm: Storm, tmp_path: Path) -> None:
    again = dr.read_observed_rain(dr.formats.write_storm(storm, tmp_path / "storm.csv"))
    assert again.depth_mm == pytest.approx(storm.depth_mm, abs=1e-4)
    at = np.append(np.arange(0.0, storm.duration_min, 5.0), storm.duration_min)
    assert again.cumulative_mm(at) == pytest.approx(storm.cumulative_mm(at), abs=1e-4)


def test_a_hyetograph_names_its_rain_and_holds_its_depth() -> None:
    """Steps of 5 min: the area below the stairs is the depth."""
    storm = DesignStorm(dr.read_storm_formula("demo"), 3, 120, climate_factor=1.1)
    ax = dr.maps.plot_storm(storm, Figure().add_subplot(), step_min=5.0)
    (stairs,) = ax.patches
    values, edges, _ = stairs.get_data()  # type: ignore[attr-defined]  # a StepPatch
    assert len(values) == 24
    assert float((values * np.diff(edges)).sum()) == pytest.approx(storm.depth_mm)
    assert ax.get_xlabel().endswith("time, min")
    assert ax.get_ylabel().endswith("intensity, mm/min")
    title = ax.get_title()
    for part in ("demo", "Shanghai", "not verified", "P = 3 a", "120 min", f"{storm.depth_mm:.1f} mm", "× 1.1"):
        assert part in title


def test_rain_of_a_gauge_is_drawn_in_its_own_intervals() -> None:
    """2 mm in 10 min, 6 in 5, 1 in 25; nothing is said of a return period."""
    ax = dr.maps.plot_storm(GAUGE, Figure().add_subplot())
    values, edges, _ = ax.patches[0].get_data()  # type: ignore[attr-defined]  # a StepPatch
    assert values.tolist() == pytest.approx([0.2, 1.2, 0.04])
    assert edges.tolist() == [0.0, 10.0, 15.0, 40.0]
    assert ax.get_title() == "40 min, 9.0 mm\ngauge 7"


def test_a_figure_speaks_chinese_by_the_letters_of_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("drainage.maps.charts.canvas.STAND_INS", ())
    storm = DesignStorm(dr.read_storm_formula("demo"), 3, 120)
    figure = Figure()
    ax = dr.maps.plot_storm(storm, figure.add_subplot(), lang="zh")
    assert ax.get_xlabel() == "时间, min"
    figure.savefig(BytesIO())  # a sign without a font would be a warning, and that an error


def test_a_figure_of_its_own_is_one_of_pyplot() -> None:
    import matplotlib as mpl
    from matplotlib import pyplot as plt

    mpl.use("agg")
    ax = dr.maps.plot_storm(rain())
    assert plt.fignum_exists(ax.figure.number)  # type: ignore[union-attr]  # a Figure
    plt.close("all")


def test_what_cannot_be_written_is_refused(tmp_path: Path) -> None:
    with pytest.raises(dr.errors.FormatError, match=r"ending in \.dat, \.csv, \.png"):
        dr.formats.write_storm(rain(), tmp_path / "storm.txt")
    with pytest.raises(dr.errors.SimulationError, match="expected more than 0"):
        dr.formats.write_storm(rain(), tmp_path / "storm.csv", step_min=0.0)
    path = dr.formats.write_storm(rain(), tmp_path / "storm.csv")
    with pytest.raises(dr.errors.FormatError, match="already exists"):
        dr.formats.write_storm(rain(), path)
    longer = dr.formats.write_storm(rain(3.0, 180.0), path, force=True)
    assert dr.read_observed_rain(longer).duration_min == 180.0


def test_the_command_tells_the_storm_and_writes_its_files(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def run(*words: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["drainage", "storm", *map(str, words)])
        with pytest.raises(SystemExit) as exit_:
            main()
        out, err = capsys.readouterr()
        return int(exit_.value.code or 0), out, err

    goals = [tmp_path / name for name in ("s.dat", "s.csv", "s.png", "s.svg")]
    named = [word for goal in goals for word in ("-o", goal)]
    code, out, err = run("--storm-formula", "demo", "--return-period", 5, "--step", 10, "--json", *named)
    assert code == 0, err
    said = json.loads(out)["storm"]
    assert (said["return_period_a"], said["verified"], said["formula"]) == (5.0, False, "demo")
    assert dr.read_observed_rain(goals[1]).depth_mm == pytest.approx(said["depth_mm"], rel=1e-4)
    assert goals[2].read_bytes().startswith(b"\x89PNG")
    assert len(dr.read_observed_rain(goals[1]).step_mm) == 12
    code, out, _ = run("--rain", goals[1])
    assert (code, "observed" in out) == (0, True)
    code, _, err = run("--rain", goals[1], "-o", goals[1], "--force")
    assert (code, "is read by this command" in err) == (1, True)
    assert "already exists" in run("--storm-formula", "demo", "-o", goals[0])[2]
    assert "--storm-formula FILE.toml" in run()[2]
