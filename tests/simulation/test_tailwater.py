"""Water levels at outfalls that change: the engine follows them, the screening takes the highest; files, terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

import drainage as dr
from drainage.cli import main
from drainage.formats.inp import read_inp
from drainage.simulation.receiving import receiving_water
from drainage.simulation.swmm.compose import build_engine_models
from drainage.simulation.swmm.output import read_out
from tests.support.drains import drain, rain

if TYPE_CHECKING:
    from pathlib import Path

    from drainage.simulation.setup import Tailwater


def by_the_sea(**nodes: dict[str, object]) -> dr.DrainageNetwork:
    """Draw a>b>o with 1 hm² at a and room for it where the sea is low: crown 10.8 m at the outfall, ground 12 m."""
    return drain(
        ["a>b storm 800", "b>o storm 800"],
        {"a": 10.4, "b": 10.2, "o": 10.0},
        ground={"a": 12.0, "b": 12.0, "o": 13.0},
        nodes={"area_ha": {"a": 1.0}, **nodes},
    )


def tide(*points: tuple[float, float]) -> pd.Series:
    return pd.Series([level for _, level in points], index=[minute for minute, _ in points])


#: The storm of `rain` has its peak at 48 of 120 minutes.
PEAK = tide((0, 10.2), (20, 10.2), (45, 12.4), (60, 12.4), (90, 10.2))


def heads(folder: Path) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Run ``m.inp`` of a folder by the engine; give the minutes and the head at each node."""
    from swmm.toolkit import solver

    solver.swmm_run(*(str(folder / f"m.{ending}") for ending in ("inp", "rpt", "out")))
    found = read_out(folder / "m.out")
    minutes = (np.asarray(found.periods["date"]) - found.start) * 1440.0
    return minutes, {name: np.array(found.periods["nodes"][:, k, 1]) for k, name in enumerate(found.names["nodes"])}


def outfalls(path: Path) -> dict[str, list[str]]:
    return {row[0]: row[2:] for row in read_inp(path).text.rows("OUTFALLS")}


def test_the_level_at_the_outfall_follows_the_series(tmp_path: Path) -> None:
    """From before the storm, 11 m at -30 and 12 at 30 min, is 11.5 at its beginning; the last level holds, a day on."""
    changing = tide((-30, 11.0), (30, 12.0), (100, 11.2), (1500, 11.6))
    options = dr.simulation.EngineOptions(drain_min=1500.0, routing_step_s=30.0)
    dr.write_inp(by_the_sea(), rain(), tmp_path / "m.inp", dr.Setup(tailwater_m=changing), options=options)
    minutes, head = heads(tmp_path)
    assert minutes[-1] > 1600.0
    expected = np.interp(minutes, changing.index, changing.to_numpy())
    np.testing.assert_allclose(head["o"], expected, atol=0.01)
    standing = {row[0]: float(row[3]) for row in read_inp(tmp_path / "m.inp").text.rows("JUNCTIONS")}
    assert standing == pytest.approx({"a": 1.1, "b": 1.3})  # the sea stands in the drains at the start


def test_a_tide_in_the_rain_floods_what_a_low_sea_does_not() -> None:
    """Peak with the rain floods; the same peak after it does not; the highest level throughout floods the most."""
    late = tide((0, 10.2), (150, 10.2), (180, 11.9), (240, 10.2))
    levels: dict[str, Tailwater] = {"low": 10.2, "peak": PEAK, "late": late, "high": 12.4}
    flooded = {
        name: dr.simulate_swmm(by_the_sea(), rain(), dr.Setup(tailwater_m=level)).balance["overflow_m3"]
        for name, level in levels.items()
    }
    assert flooded["low"] == flooded["late"] == 0.0
    assert flooded["peak"] > 50.0
    assert flooded["high"] > 1.2 * flooded["peak"]


def test_the_screening_takes_the_highest_level() -> None:
    net = by_the_sea()
    state = dr.simulate_swmm(net, rain(), dr.Setup(tailwater_m=PEAK))
    beside = dr.screen(net, rain(), state.setup)
    pd.testing.assert_frame_equal(beside.nodes, dr.screen(net, rain(), dr.Setup(tailwater_m=12.4)).nodes)
    assert "between 10.2 and 12.4 m" in state.assumptions["tailwater_by_outfall"]
    assert "highest" in state.assumptions["tailwater_by_outfall"]
    assert state.network is net
    assert net.nodes["water_level_m"].isna().all()


def two_outfalls() -> dr.DrainageNetwork:
    """Draw a>o and b>p; p records a level of 10.3 m."""
    return drain(
        ["a>o storm 800", "b>p storm 800"],
        {"a": 10.4, "o": 10.0, "b": 10.4, "p": 10.0},
        ground=dict.fromkeys("aobp", 12.0),
        nodes={"area_ha": {"a": 1.0, "b": 1.0}, "water_level_m": {"p": 10.3}},
    )


def test_each_outfall_may_have_its_own(tmp_path: Path) -> None:
    """A series for all is for those without a level; one by name is for that outfall, whatever the source says."""
    net = two_outfalls()
    cases: dict[str, tuple[Tailwater, dict[str, list[str]]]] = {
        "all": (PEAK, {"o": ["TIMESERIES", "TAILWATER_1", "NO"], "p": ["FIXED", "10.3", "NO"]}),
        "p": ({"p": PEAK}, {"o": ["FREE", "NO"], "p": ["TIMESERIES", "TAILWATER_1", "NO"]}),
        "steady": ({"o": 11.0, "p": PEAK}, {"o": ["FIXED", "11", "NO"], "p": ["TIMESERIES", "TAILWATER_1", "NO"]}),
        "shared": ({"o": PEAK, "p": PEAK}, {name: ["TIMESERIES", "TAILWATER_1", "NO"] for name in "op"}),
    }
    for name, (level, expected) in cases.items():
        path = dr.write_inp(net, rain(), tmp_path / f"{name}.inp", dr.Setup(tailwater_m=level)).path
        assert outfalls(path) == expected
        rows = [row[1:] for row in read_inp(path).text.rows("TIMESERIES") if row[0] == "TAILWATER_1"]
        assert rows == [["0:00:00", "10.2"], ["0:20:00", "10.2"], ["0:45:00", "12.4"], ["1:00:00", "12.4"],
                        ["1:30:00", "10.2"]]  # fmt: skip
    given = receiving_water(net, {"o": 11.0, "p": tide((0, 10.0), (9, 11.5))})
    assert given.at_start.nodes["water_level_m"][["o", "p"]].tolist() == [11.0, 10.0]
    assert given.at_highest.nodes["water_level_m"][["o", "p"]].tolist() == [11.0, 11.5]
    assert given.words["tailwater_by_outfall"].startswith("a level of their own at 1 outfalls; changing")


def test_parts_have_the_water_of_their_outfalls(tmp_path: Path) -> None:
    levels = {"o": PEAK, "p": tide((0, 10.1), (60, 11.0))}
    models = build_engine_models(
        two_outfalls(), rain(), folder=tmp_path, setup=dr.Setup(tailwater_m=levels), processes=2
    )
    said = {one.part.split()[-1]: [f"TAILWATER_{k}" in one.text for k in (1, 2)] for one in models}
    assert said == {"o)": [True, False], "p)": [False, True]}
    whole, parts = (
        dr.simulate_swmm(two_outfalls(), rain(), dr.Setup(tailwater_m=levels), processes=n).nodes["overflow_m3"]
        for n in (1, 2)
    )
    assert whole["a"] > 50.0
    np.testing.assert_allclose(parts, whole, rtol=0.01, atol=0.1)


def test_an_inp_takes_a_series_and_keeps_its_gates(tmp_path: Path) -> None:
    """Its own series of that name stays another; what records a level keeps it, unless it is named."""
    first = dr.write_inp(two_outfalls(), rain(), tmp_path / "first.inp", dr.Setup(tailwater_m={"o": PEAK})).path
    first.write_text(first.read_text().replace("TAILWATER_1\tNO", "TAILWATER_1\tYES"))
    net = dr.read_network(first)
    assert net.nodes["water_level_m"]["o"] == 12.4  # the highest, as an .inp is read
    later = tide((0, 10.5), (30, 11.0))
    path = dr.write_inp(net, None, tmp_path / "m.inp", dr.Setup(tailwater_m={"o": later, "p": 10.8})).path
    assert outfalls(path) == {"o": ["TIMESERIES", "TAILWATER_2", "YES"], "p": ["FIXED", "10.8", "NO"]}
    minutes, head = heads(tmp_path)
    np.testing.assert_allclose(head["p"], 10.8, atol=0.01)
    assert head["o"].max() > np.interp(minutes, later.index, later.to_numpy()).max() - 0.01
    assert (
        outfalls(dr.write_inp(net, None, tmp_path / "all.inp", dr.Setup(tailwater_m=later)).path)["o"][1]
        == "TAILWATER_1"
    )


def test_levels_are_written_in_the_units_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "feet.inp"
    path.write_text("[OPTIONS]\nFLOW_UNITS CFS\nLINK_OFFSETS ELEVATION\n[JUNCTIONS]\nJ 10 9\n[OUTFALLS]\nO 9 FREE NO\n"
                    "[CONDUITS]\nC J O 300 0.013 10 9\n[XSECTIONS]\nC CIRCULAR 2 0 0 0\n"
                    '[INFLOWS]\nJ FLOW "" FLOW 1 1 1\n')  # fmt: skip
    changing = tide((0, 10 * 0.3048), (60, 12 * 0.3048))
    text = read_inp(
        dr.write_inp(dr.read_network(path), None, tmp_path / "m.inp", dr.Setup(tailwater_m=changing)).path
    ).text
    assert text.rows("OUTFALLS") == [["O", "9", "TIMESERIES", "TAILWATER_1", "NO"]]
    assert [row[1:] for row in text.rows("TIMESERIES")] == [["0:00:00", "10"], ["1:00:00", "12"]]


@pytest.mark.parametrize(
    ("level", "fault"),
    [
        ({"a": 10.0}, "a is not an outfall of test"),
        ({"q": PEAK}, "q is not an outfall"),
        ({"o": 10_000.0}, "tailwater_m = 10000.0"),
        (tide((0, 10.0), (5, np.nan)), "tailwater_m = nan"),
        (tide((5, 10.0), (0, 11.0)), "minutes from the beginning"),
        (tide((0, 10.0), (0.01, 11.0)), "at least a second"),
        (pd.Series([1.0, 2.0], index=["ebb", "flood"]), "minutes from the beginning"),
        (pd.Series([], dtype=float), "minutes from the beginning"),
    ],
)
def test_what_cannot_be_meant_is_refused(level: object, fault: str) -> None:
    with pytest.raises(dr.errors.SimulationError, match=fault):
        receiving_water(by_the_sea(), level)  # type: ignore[arg-type]  # that is the fault


def test_levels_are_read_by_minutes_from_the_storm(tmp_path: Path) -> None:
    """Dates count from the beginning of the rain where that has one: its first row fell since 14:00."""
    dated = tmp_path / "dated.csv"
    dated.write_text("时间,潮位(m)\n2024-07-15 13:30,1.2\n2024-07-15 15:00,2.4\n", encoding="utf-8")
    rainy = tmp_path / "rain.csv"
    rainy.write_text("time,mm\n2024-07-15 14:05,1\n2024-07-15 14:10,4\n")
    levels = dr.formats.read_water_levels(dated, begins=dr.read_observed_rain(rainy).begins)
    assert levels.to_dict() == {-30.0: 1.2, 60.0: 2.4}
    assert dr.formats.read_water_levels(dated).index.tolist() == [0.0, 90.0]
    plain = tmp_path / "plain.csv"
    plain.write_text("time_min,level_m\n0,1.0\n60,2.0\n")
    assert dr.formats.read_water_levels(plain, begins=np.datetime64("2024-07-15")).to_dict() == {0.0: 1.0, 60.0: 2.0}
    for text, fault in (
        ("time_min,level_m\n0,1\n0,2\n", "row 3: times must increase"),
        ("time_min,depth\n0,1\n", "no column of level_m"),
        ("time_min,level_m\n0,1\n5,high\n", "row 3: 'high' is not a level in m"),
    ):
        plain.write_text(text)
        with pytest.raises(dr.errors.FormatError, match=fault):
            dr.formats.read_water_levels(plain)


def test_the_terminal_takes_a_series(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It floods with --engine swmm; a screening, which knows no time, and two tailwaters are refused."""
    source, series, model = tmp_path / "net.gpkg", tmp_path / "tide.csv", tmp_path / "m.inp"
    dr.write_network(by_the_sea(), source)
    series.write_text("".join(["time_min,level_m\n", *(f"{minute},{level}\n" for minute, level in PEAK.items())]))
    ask = ["waterlogging", str(source), "--storm-formula", "demo", "--json"]
    for words, code in (
        ([*ask, "--engine", "swmm", "--tailwater-series", str(series), "--processes", "1"], 0),
        ([*ask, "--tailwater-series", str(series)], 1),
        ([*ask, "--engine", "swmm", "--tailwater-series", str(series), "--tailwater", "11"], 1),
        (["export", str(source), str(model), "--storm-formula", "demo", "--tailwater-series", str(series)], 0),
    ):
        monkeypatch.setattr("sys.argv", ["drainage", *words])
        with pytest.raises(SystemExit) as done:
            main()
        assert int(done.value.code or 0) == code
    out, err = capsys.readouterr()
    assert "between 10.2 and 12.4 m" in out
    assert "a screening has no time steps" in err
    assert "choose one" in err
    assert outfalls(model)["o"] == ["TIMESERIES", "TAILWATER_1", "NO"]
