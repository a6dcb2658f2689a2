"""What a simulation takes for granted is one value: every engine and the terminal take it, and it is used once."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from click.testing import CliRunner

import drainage as dr
from drainage.cli import app
from drainage.simulation.ground import catchments as ground
from tests.support.drains import drain, rain

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PLACES = {"a": (0.0, 0.0), "b": (100.0, 0.0), "c": (200.0, 0.0)}


def street() -> dr.DrainageNetwork:
    """``a──b──c``: DN400 of 100 m, whose ground is what lies near."""
    return drain(["a>b storm 400", "b>c storm 400"], {"a": 10.4, "b": 10.2, "c": 10.0}, ground=12.0, places=PLACES)


def one_catchment(side_m: float) -> gpd.GeoDataFrame:
    index = pd.Index(["k"], name="catchment_id")
    return gpd.GeoDataFrame({"node_id": ["a"]}, geometry=[shapely.box(0, 0, side_m, side_m)], index=index, crs=4548)


@pytest.mark.parametrize("run", [dr.screen, dr.simulate_swmm], ids=["screening", "swmm"])
def test_every_engine_takes_the_same_setup(run: Callable[..., dr.simulation.FlowState]) -> None:
    """300 x 300 m with Ψ = 0.5 raised by 20 % at 30 a: 9 hm² x 0.6 of the depth, but for what wets the ground."""
    setup = dr.Setup(catchments=one_catchment(300.0), runoff_coefficient=0.5, uplift_within=0.0)
    state = run(street(), rain(30.0), setup)
    assert state.setup is setup
    assert state.nodes["area_ha"].tolist() == pytest.approx([9.0, 0.0, 0.0])
    assert state.balance["runoff_m3"] == pytest.approx(9.0 * 0.6 * 10.0 * rain(30.0).depth_mm, rel=0.03)


@pytest.mark.parametrize("run", [dr.screen, dr.simulate_swmm], ids=["screening", "swmm"])
def test_the_ground_is_shared_out_once_a_run(
    run: Callable[..., dr.simulation.FlowState], monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[str] = []
    for name in ("_by_nearest", "place_catchments"):
        real = getattr(ground, name)

        def counted(*args: object, real: Callable[..., object] = real, name: str = name) -> object:
            calls.append(name)
            return real(*args)

        monkeypatch.setattr(ground, name, counted)
    run(street(), rain())
    run(street(), rain(), dr.Setup(catchments=one_catchment(100.0)))
    assert calls == ["_by_nearest", "place_catchments"]


def test_the_former_keywords_do_the_same_for_one_version(tmp_path: Path) -> None:
    setup = dr.Setup(runoff_coefficient=0.9, served_distance_m=30.0)
    with pytest.warns(DeprecationWarning, match=r"runoff_coefficient, served_distance_m of screen.*Setup"):
        found = dr.screen(street(), rain(), runoff_coefficient=0.9, served_distance_m=30.0)  # type: ignore[call-arg]
    pd.testing.assert_frame_equal(found.nodes, dr.screen(street(), rain(), setup).nodes)
    with pytest.warns(DeprecationWarning, match="write_inp"):
        path = dr.write_inp(street(), rain(), tmp_path / "old.inp", runoff_coefficient=0.9, served_distance_m=30.0).path  # type: ignore[call-arg]
    assert path.read_text() == dr.write_inp(street(), rain(), tmp_path / "new.inp", setup).path.read_text()
    with pytest.warns(DeprecationWarning, match="EnsembleRun"):
        run = dr.simulation.EnsembleRun(street(), rain(), tailwater_m=11.0)  # type: ignore[call-arg]
    assert run.setup.tailwater_m == 11.0
    with pytest.warns(DeprecationWarning, match="sightings"):
        dr.find_waterlogging(found, reports=one_catchment(1.0).set_geometry([shapely.Point(0, 0)], crs=4548))


def test_the_former_names_of_a_state_answer_for_one_version() -> None:
    state = dr.screen(street(), rain())
    with pytest.warns(DeprecationWarning, match=r"FlowState\.model"):
        assert state.model is state.arrays  # type: ignore[attr-defined]
    with pytest.warns(DeprecationWarning, match="inlet_time_min"):
        assert state.inlet_time_min == 10.0  # type: ignore[attr-defined]
    assert not hasattr(state, "no_such_name")


@pytest.mark.parametrize(
    ("wrong", "error", "said"),
    [
        ({"uplift_within": 2.0}, dr.errors.SimulationError, "uplift_within = 2"),
        ({"tailwater_m": 10_000.0}, dr.errors.SimulationError, "tailwater_m = 10000"),
        ({"inlet_time_min": np.nan}, dr.errors.SimulationError, "inlet_time_min = nan"),
        ({"catchments": street()}, TypeError, "Setup expects a GeoDataFrame for catchments, not a DrainageNetwork"),
        ({"runoff_coefficient": "0.6"}, TypeError, "Setup expects a number for runoff_coefficient, not a str"),
    ],
)
def test_what_cannot_be_meant_is_refused_when_it_is_said(
    wrong: dict[str, object], error: type[Exception], said: str
) -> None:
    with pytest.raises(error, match=said):
        dr.Setup(**wrong)  # type: ignore[arg-type]


def test_an_ensemble_varies_what_is_taken_for_granted() -> None:
    setups = [dr.Setup(runoff_coefficient=psi) for psi in (0.5, 0.7)]
    rows = dr.simulation.run_ensemble(
        dr.simulation.combine_runs({"": street()}, [rain()], setup=setups), workers=1
    ).runs
    assert rows["runoff_coefficient"].tolist() == [0.5, 0.7]
    assert rows["runoff_m3"][2] == pytest.approx(1.4 * rows["runoff_m3"][1])


@pytest.mark.parametrize(
    ("option", "value"),
    [("--runoff-coefficient", "0.9"), ("--inlet-time-min", "5"), ("--served-distance-m", "30"),
     ("--uplift-within", "none")],
)  # fmt: skip
def test_the_terminal_says_what_python_says(option: str, value: str, tmp_path: Path) -> None:
    dr.write_network(street(), tmp_path / "street.gpkg")
    words = [
        "waterlogging",
        str(tmp_path / "street.gpkg"),
        "--storm-formula",
        "demo",
        "--return-period",
        "30",
        "--json",
    ]
    usual, changed = (json.loads(CliRunner().invoke(app, [*words, *more]).stdout) for more in ([], [option, value]))
    assert usual["volume_m3"] != changed["volume_m3"]


def test_every_command_that_runs_a_storm_has_the_options_of_a_setup() -> None:
    for command in ("waterlogging", "relief", "cleaning", "analyze", "compare", "export", "ensemble"):
        said = CliRunner().invoke(app, [command, "--help"], env={"COLUMNS": "200"}).stdout
        for option in (
            "--tailwater",
            "--runoff-coefficient",
            "--uplift-within",
            "--inlet-time-min",
            "--served-distance-m",
        ):
            assert option in said, (command, option)
    wrong = CliRunner().invoke(app, ["export", "a.gpkg", "b.inp", "--uplift-within", "some"])
    assert "--uplift-within some" in wrong.stderr
