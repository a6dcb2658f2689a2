"""A design storm on an .inp: what in the file would silence it, cut it off or let other water run instead."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import pytest

import drainage as dr
from drainage.errors import SimulationError
from drainage.simulation.swmm.compose import build_engine_models
from tests.support.said import said_codes
from tests.support.small_inp import BODY, inp, overflow_m3, storm

if TYPE_CHECKING:
    from pathlib import Path

    from drainage.simulation.swmm.engine_values import EngineModel

FREEZING = "[TEMPERATURE]\nTIMESERIES COLD\nSNOWMELT 0 0.5 0.6 0 50 0\n[TIMESERIES]\nCOLD 0:00 -20\nCOLD 24:00 -20\n"
ADJUSTMENT = "[ADJUSTMENTS]\nRAIN {}\n".format("2 " * 12)
#: Each alone changes what the storm does, or what is told of it.
SILENCERS = {
    "a report that begins late": ("", {"REPORT_START_DATE": "01/15/2023", "REPORT_START_TIME": "03:00:00"}),
    "events at other hours": ("[EVENTS]\n01/15/2023 03:30 01/15/2023 04:00\n", {}),
    "steady hours passed over": ("", {"SKIP_STEADY_STATE": "YES", "SYS_FLOW_TOL": "100", "LAT_FLOW_TOL": "100"}),
    "rain multiplied by month": (ADJUSTMENT, {}),
    "rain as snow": (FREEZING, {}),
    "one report a day": ("", {"REPORT_STEP": "24:00:00"}),
    "runoff of a file": ("[FILES]\nUSE RUNOFF run.rof\n", {}),
    "another rain": ("[FILES]\nUSE RAINFALL rain.rff\nUSE RDII rdii.txt\n", {}),
}


def model_of(path: Path) -> EngineModel:
    (model,) = build_engine_models(dr.read_network(path), storm())
    return model


def said_of(path: Path) -> pd.Series:
    issues = model_of(path).issues
    return issues.loc[issues["code"] == "set_for_storm", "reason"]


@pytest.fixture(scope="module")
def plain_m3(tmp_path_factory: pytest.TempPathFactory) -> float:
    return overflow_m3(inp(tmp_path_factory.mktemp("plain") / "plain.inp"))


def test_what_would_silence_a_storm_does_not(tmp_path: Path, plain_m3: float) -> None:
    more = "".join(text for text, _ in SILENCERS.values())
    options = {name: value for _, own in SILENCERS.values() for name, value in own.items()}
    for name in ("run.rof", "rain.rff", "rdii.txt"):
        (tmp_path / name).write_text("no file of the engine")
    path = inp(tmp_path / "silent.inp", more, **options | {"END_DATE": "01/15/2033"})
    assert overflow_m3(path) == pytest.approx(plain_m3, rel=1e-3)
    assert plain_m3 > 100


@pytest.mark.parametrize("name", SILENCERS)
def test_what_was_set_otherwise_is_said(tmp_path: Path, name: str) -> None:
    more, options = SILENCERS[name]
    path = inp(tmp_path / "one.inp", more, **options)
    assert len(said_of(path))
    assert {"set_for_storm", "rain_replaced"} <= said_codes(model_of(path).issues)
    assert "one.inp" in model_of(path).assumptions["set_otherwise"]


def test_in_its_own_rain_too_a_model_counts_from_its_beginning(tmp_path: Path) -> None:
    """TS1 is made to flood; a report from 3:00 on would begin when all is over."""
    big = BODY.replace("TS1 0:30 60", "TS1 0:30 160")
    late = {"REPORT_START_DATE": "01/15/2023", "REPORT_START_TIME": "03:00:00"}
    volumes = [
        dr.simulate_swmm(dr.read_network(inp(tmp_path / f"{name}.inp", body=big, **options)), None)
        .nodes["overflow_m3"]
        .sum()
        for name, options in {"plain": {}, "late": late}.items()
    ]
    assert volumes[0] > 1
    assert volumes[1] == pytest.approx(volumes[0], rel=1e-3)


def test_nothing_is_said_of_a_plain_model(tmp_path: Path) -> None:
    model = model_of(inp(tmp_path / "plain.inp"))
    assert "set_otherwise" not in model.assumptions


def test_freezing_temperatures_alone_let_no_storm_fall_as_snow(tmp_path: Path, plain_m3: float) -> None:
    assert overflow_m3(inp(tmp_path / "cold.inp", FREEZING)) == pytest.approx(plain_m3, rel=1e-3)


@pytest.mark.parametrize(
    ("option", "value", "remedy"),
    [("IGNORE_ROUTING", "YES", "set it to NO"), ("FLOW_ROUTING", "NONE", "DYNWAVE"), ("IGNORE_RAINFALL", "YES", "NO"),
     ("ignore_routing", "yes", "set it to NO")],
)  # fmt: skip
def test_a_model_without_routing_or_rain_is_refused_with_the_remedy(
    tmp_path: Path, option: str, value: str, remedy: str
) -> None:
    path = inp(tmp_path / "still.inp", **{option: value})
    with pytest.raises(SimulationError, match=rf"still\.inp.*{option.upper()}.*{remedy}"):
        model_of(path)


def test_a_model_without_routing_is_refused_in_its_own_rain_too(tmp_path: Path) -> None:
    path = inp(tmp_path / "still.inp", IGNORE_ROUTING="YES")
    with pytest.raises(SimulationError, match="IGNORE_ROUTING"):
        dr.simulate_swmm(dr.read_network(path), None)


@pytest.mark.parametrize(
    ("end", "expected"),
    [("01/15/2033", "01/18/2023"), ("01/15/2023", "01/15/2023"), ("01/14/2023", "01/15/2023")],
)
def test_a_simulation_ends_when_the_storm_has_drained_and_not_years_later(
    tmp_path: Path, end: str, expected: str
) -> None:
    text = model_of(inp(tmp_path / "long.inp", END_DATE=end)).text
    last = [line.split() for line in text.splitlines() if line.startswith("END_DATE")][-1]
    assert last == ["END_DATE", expected]


def test_dates_that_are_none_are_refused_with_their_form(tmp_path: Path) -> None:
    with pytest.raises(SimulationError, match="07/31/2024"):
        model_of(inp(tmp_path / "dates.inp", START_DATE="2023.06.01"))


def test_a_series_that_is_called_as_the_storm_stays_another(tmp_path: Path) -> None:
    path = inp(tmp_path / "named.inp", "[TIMESERIES]\nDESIGN_STORM 0:00 500\nDESIGN_STORM 9:00 500\n")
    text = model_of(path).text
    assert "TIMESERIES  DESIGN_STORM_2" in text
    assert "DESIGN_STORM 0:00 500" in text


def test_statistics_that_begin_late_are_said_in_a_run_of_the_models_own_rain(tmp_path: Path) -> None:
    path = inp(tmp_path / "late.inp", REPORT_START_DATE="01/15/2023", REPORT_START_TIME="03:00:00")
    (model,) = build_engine_models(dr.read_network(path), None)
    assert "set to begin with the simulation" in model.assumptions["set_otherwise"]


def test_the_time_limit_names_the_span_of_the_simulation(tmp_path: Path) -> None:
    path = inp(tmp_path / "endless.inp", END_DATE="01/15/2999")
    with pytest.raises(SimulationError, match=r"2023-01-15.*to 2999-01-15.*END_DATE"):
        dr.simulate_swmm(dr.read_network(path), None, time_limit_s=3)


def test_a_name_that_a_part_of_the_words_of_an_option_begins_is_that_option(tmp_path: Path) -> None:
    with pytest.raises(SimulationError, match="IGNORE_RAINFALL"):
        model_of(inp(tmp_path / "still.inp", IGNORE_RAINFALLS="YES", body=BODY))
