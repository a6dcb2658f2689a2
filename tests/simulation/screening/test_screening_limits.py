"""What a screening could not do: rising pipes, basins, levels that are no ground; and what it says of itself."""

from __future__ import annotations

import json
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import geopandas as gpd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import drainage as dr
from drainage.analyses.waterlogging import find_waterlogging
from drainage.analyses.waterlogging.advice import advise
from drainage.cli import main
from drainage.simulation.swmm.time_needed import engine_seconds
from tests.support.drains import drain, rain
from tests.support.examples import examples

POND = """[OPTIONS]
FLOW_UNITS CMS
FLOW_ROUTING DYNWAVE
START_DATE 01/01/2020
START_TIME 00:00
END_DATE 01/01/2020
END_TIME 06:00
ROUTING_STEP 2
[RAINGAGES]
G1 INTENSITY 0:05 1.0 TIMESERIES R1
[TIMESERIES]
R1 0:00 60
R1 0:30 60
R1 0:35 0
[SUBCATCHMENTS]
S1 G1 A 2 60 100 1 0
[SUBAREAS]
S1 0.013 0.1 0 5 0 OUTLET
[INFILTRATION]
S1 76 12 4 7 0
[JUNCTIONS]
A 100 2 0 0 0
[OUTFALLS]
O 98.8 FREE NO
[STORAGE]
ST 99.4 2 0 {shape}
[CONDUITS]
P1 A ST 80 0.013 0 0 0 0
P3 ST O 80 0.013 0 0 0 0
[XSECTIONS]
P1 CIRCULAR 0.6 0 0 0 1
P3 CIRCULAR 0.2 0 0 0 1
[CURVES]
C1 STORAGE 0 3000 2 3000
[COORDINATES]
A 0 0
O 50 0
ST 100 0
"""


def rising(diameter_mm: float, rise_m: float, area_ha: float) -> float:
    """Overflow of a pipe that leads from a to an outfall that lies higher, m³."""
    net = drain(
        [f"a>o storm {diameter_mm:g}"],
        {"a": 10.0, "o": 10.0 + rise_m},
        ground={"a": 11.6, "o": 14.0},
        nodes={"area_ha": {"a": area_ha}},
    )
    return dr.screen(net, rain()).balance["overflow_m3"]


@examples(10)
@given(st.floats(0.0, 1.4), st.floats(0.2, 3.0))
def test_a_bigger_pipe_that_rises_never_overflows_more(rise_m: float, area_ha: float) -> None:
    """Sizes as they are made; a thousandth of the runoff (about 600 m³/hm²) is the rest of the damped sweeps."""
    volumes = [rising(size, rise_m, area_ha) for size in (300, 400, 500, 600, 800, 1000, 1200, 1500)]
    assert all(larger <= smaller + 0.6 * area_ha for smaller, larger in pairwise(volumes))


def test_a_large_pipe_that_rises_passes_what_its_head_drives() -> None:
    """1.1 m up to an outfall 0.5 m below the ground: a metre wide it takes 1 m³/s by critical depth, twice the peak."""
    assert rising(300, 1.1, 1.2) > 100.0
    assert rising(1000, 1.1, 1.2) == 0.0


@pytest.mark.parametrize(
    ("shape", "area_m2"),
    [
        ("FUNCTIONAL 3000 0 0", 3000.0),
        ("FUNCTIONAL 0 0 3000", 3000.0),
        ("TABULAR C1", 3000.0),
        ("CYLINDRICAL 60 63.6619772 0", 3000.0),
        ("PYRAMIDAL 50 60 0", 3000.0),
    ],
)
def test_a_basin_holds_the_water_that_its_pipe_cannot_take(tmp_path: Path, shape: str, area_m2: float) -> None:
    """2 hm² of 35 mm are 700 m³ at most: 0.23 m in 3,000 m²; the basin is 2 m deep."""
    (tmp_path / "pond.inp").write_text(POND.format(shape=shape))
    net = dr.read_network(tmp_path / "pond.inp")
    state = dr.screen(net, rain(1.0, 60.0))
    assert state.arrays.nodes.basin_m3.max() == pytest.approx(2.0 * area_m2, rel=1e-3)
    assert state.nodes["overflow_m3"].tolist() == [0.0] * len(state.nodes)
    assert 99.4 < state.nodes["level_m"]["ST"] < 99.4 + 0.3
    assert state.balance["stored_m3"] > 0.3 * state.balance["runoff_m3"]


def test_a_small_basin_overflows_when_it_is_full(tmp_path: Path) -> None:
    """30 m² × 2 m hold 60 m³; what came and neither flowed out nor is held overflows."""
    (tmp_path / "pond.inp").write_text(POND.format(shape="FUNCTIONAL 30 0 0"))
    state = dr.screen(dr.read_network(tmp_path / "pond.inp"), rain(1.0, 60.0))
    assert state.nodes["overflow_m3"]["ST"] > 50.0
    assert state.nodes["doubt"]["ST"].startswith("storage")
    assert state.balance["stored_m3"] <= 60.0 + 1.0


def test_ground_that_is_not_above_the_lowest_pipe_is_judged_by_no_engine() -> None:
    """The ground of b is written as 0, that of c lies on its lowest pipe; a and the outfall are as they should be."""
    net = drain(
        ["a>b storm 300", "b>c storm 300", "c>o storm 300"],
        {"a": 1.3, "b": 1.2, "c": 1.1, "o": 1.0},
        ground={"a": 2.5, "b": 0.0, "c": 1.1, "o": 2.5},
        nodes={"area_ha": {"a": 1.0, "b": 1.0, "c": 1.0}},
    )
    for state in (dr.screen(net, rain()), dr.simulate_swmm(net, rain())):
        assert state.nodes["judged"].tolist() == [True, False, False, True]
        assert state.nodes.loc[["b", "c"], "overflow_m3"].tolist() == [0.0, 0.0]
        assert state.nodes["ground_m"].isna().tolist() == [False, True, True, False]


def test_the_layer_of_nodes_has_a_row_for_every_node_with_every_engine(tmp_path: Path) -> None:
    net = drain(
        ["a>b storm 300", "b>c storm 300", "c>o storm 300"],
        {"a": 1.3, "b": 1.2, "c": 1.1, "o": 1.0},
        ground={"a": 2.5, "b": 0.0, "c": 2.5, "o": 2.5},
        nodes={"area_ha": {"a": 1.0, "b": 1.0, "c": 1.0}},
    )
    for state in (dr.screen(net, rain()), dr.simulate_swmm(net, rain())):
        find_waterlogging(state).to_file(tmp_path / "found.gpkg", force=True)
        nodes = gpd.read_file(tmp_path / "found.gpkg", layer="nodes").set_index("node_id")
        assert nodes.index.tolist() == ["a", "b", "c", "o"]
        assert nodes["judged"].tolist() == [True, False, True, True]
        assert nodes["overflow_m3"].isna().tolist() == [False, True, False, False]
        assert nodes["overflow_m3"]["o"] == 0.0
        assert nodes["doubt"].notna().all()
        assert (nodes["doubt"] != "").any() == (state.method == "screening")


def test_doubts_of_a_third_of_what_is_found_are_said_first_with_the_command_that_asks_the_engine() -> None:
    net = drain(
        ["a>b storm 300", "b>c storm 300", "c>o storm 300"],
        {"a": 1.3, "b": 1.2, "c": 1.1, "o": 1.0},
        ground=3.0,
        nodes={"area_ha": {"a": 4.0, "b": 4.0, "c": 4.0}},
        link_type=["conduit", "conduit", "pump"],
    )
    doubtful = find_waterlogging(dr.screen(net, rain())).summary
    assert next(iter(doubtful.index)) == "advice"
    assert "--engine swmm" in doubtful["advice"]
    assert "estimated" in doubtful["advice"]
    assert advise(dr.simulate_swmm(net, rain())) is None
    sure = net.replace(pipes=net.pipes.drop(columns="link_type"))
    assert advise(dr.screen(sure, rain(50.0))) is None


def test_the_engine_is_estimated_by_links_steps_and_time(tmp_path: Path) -> None:
    """2 links and 6 h in steps of 2 s; a storm runs on for two hours."""
    (tmp_path / "pond.inp").write_text(POND.format(shape="FUNCTIONAL 3000 0 0"))
    net = dr.read_network(tmp_path / "pond.inp")
    assert engine_seconds(net, None) == pytest.approx(2 * 10_800 * 3e-6)
    assert engine_seconds(net, rain(3.0, 120.0)) == pytest.approx(2 * 7_200 * 3e-6)


@pytest.mark.long
@pytest.mark.parametrize(("limit", "engine"), [("60", "swmm"), ("0.0001", "screening")])
def test_auto_asks_the_engine_where_it_should_end_in_time_and_says_which_it_was(
    tmp_path: Path, limit: str, engine: str
) -> None:
    (tmp_path / "pond.inp").write_text(POND.format(shape="FUNCTIONAL 3000 0 0"))
    asked = subprocess.run(
        [sys.executable, "-m", "drainage", "waterlogging", "pond.inp", "--storm-formula", "shanghai", "--json",
         "--engine", "auto", "--time-limit", limit],
        cwd=tmp_path, capture_output=True, encoding="utf-8", check=True,
    )  # fmt: skip
    assert f"--engine auto: {engine}, chosen by auto" in asked.stderr
    assert json.loads(asked.stdout)["assumptions"]["engine_chosen"].startswith(engine)


@pytest.mark.long
@pytest.mark.parametrize("limit", ["60", "0.0001"])
@pytest.mark.parametrize(
    "words",
    [("analyze", "pond.inp", "-o", "report"), ("relief", "pond.inp"), ("ensemble", "pond.inp", "--workers", "1"),
     ("compare", "pond.inp", "later.inp")],
)  # fmt: skip
def test_so_does_every_command_that_runs_a_storm(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], words: tuple[str, ...],
    limit: str,
) -> None:  # fmt: skip
    for name in ("pond.inp", "later.inp"):
        (tmp_path / name).write_text(POND.format(shape="FUNCTIONAL 3000 0 0"))
    monkeypatch.chdir(tmp_path)
    engine = "swmm" if limit == "60" else "screening"

    def run(*more: str) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["drainage", *words, "--json", "--engine", *more])
        with pytest.raises(SystemExit) as done:
            main()
        return int(done.value.code or 0), *capsys.readouterr()

    code, _, err = run("mouse")
    assert (code, "expected one of screening, swmm, auto" in err) == (1, True)
    code, out, err = run("auto", "--time-limit", limit)
    assert code == 0, err
    assert json.loads(out)["provenance"]["engine"] == engine
    if words[0] == "ensemble":
        assert f"--engine auto: {int(engine == 'swmm')} of 1 runs by swmm" in err
        assert json.loads(out)["runs"][0]["engine"] == engine
    else:
        assert f"--engine auto: {engine}, chosen by auto" in err
        assert json.loads(out)["provenance"]["assumptions"]["engine_chosen"].startswith(engine)


def test_a_node_without_any_pipe_is_doubted(tmp_path: Path) -> None:
    model = tmp_path / "hole.inp"
    text = POND.format(shape="FUNCTIONAL 3000 0 0").replace("[JUNCTIONS]", "[JUNCTIONS]\nHole 99 1 0 0 0")
    for section, row in (("SUBCATCHMENTS", "S2 G1 Hole 2 60 100 1 0"), ("SUBAREAS", "S2 0.013 0.1 0 5 0 OUTLET")):
        text = text.replace(f"[{section}]", f"[{section}]\n{row}")
    model.write_text(text.replace("[INFILTRATION]", "[INFILTRATION]\nS2 76 12 4 7 0"), encoding="utf-8")
    node = dr.screen(dr.read_network(model)).nodes.loc["Hole"]
    assert (node["judged"], node["doubt"]) == (False, "no_outlet")
