"""Relief and its judge: EPA SWMM is given every work, confirms points or not, and says how large tanks must be."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

import drainage as dr
from drainage import words
from drainage.cli import app
from drainage.hydraulics.rainfall import ObservedStorm
from drainage.maps.looks import THEMES
from drainage.simulation.swmm.compose import build_engine_models
from tests.plans.test_relief import street
from tests.support.drains import rain
from tests.support.small_inp import inp, storm

if TYPE_CHECKING:
    from pathlib import Path

    from drainage.network import DrainageNetwork

#: J2 lies on a hump: C1 rises by 1.1 m, which a plan lays again lower than the manhole.
HUMP = """
[RAINGAGES]
RG1 INTENSITY 0:05 1.0 TIMESERIES TS1
[SUBCATCHMENTS]
S1 RG1 J1 1.2 80 100 1 0
[SUBAREAS]
S1 0.013 0.1 0 5 0 OUTLET
[INFILTRATION]
S1 75 5 4 7 0
[JUNCTIONS]
J1 100 1.6 0 0 0
J2 101.1 1.8 0 0 0
J3 99.4 2.2 0 0 0
[OUTFALLS]
O1 98.9 FIXED 98.95 NO
[CONDUITS]
C1 J1 J2 80 0.013 0 0 0 0
C2 J2 J3 80 0.013 0 0 0 0
C3 J3 O1 80 0.013 0 0 0 0
[XSECTIONS]
C1 CIRCULAR 0.6 0 0 0 1
C2 CIRCULAR 0.6 0 0 0 1
C3 CIRCULAR 0.6 0 0 0 1
[TIMESERIES]
TS1 0:00 10
TS1 0:30 120
TS1 1:00 0
[COORDINATES]
J1 0 0
J2 50 0
J3 100 0
O1 150 0
"""


def model_text(net: DrainageNetwork) -> str:
    return build_engine_models(net, storm())[0].text


def rows(text: str, section: str) -> dict[str, list[str]]:
    """Give the rows of a section by their first token."""
    found = re.search(rf"^\[{section}\]\n(.*?)(?=^\[|\Z)", text, re.MULTILINE | re.DOTALL)
    lines = [] if found is None else [line.split() for line in found[1].splitlines() if line and line[0] != ";"]
    return {line[0]: line[1:] for line in lines}


def one_work(kind: str, **columns: object) -> pd.DataFrame:
    """Give a table of works with one row."""
    empty = {"pipe_id": None, "node_id": None, "to_node": None, "held_at": None, "held_at_m3": None} | dict.fromkeys(
        ("new_diameter_mm", "new_barrels", "new_invert_from_m", "new_invert_to_m", "new_water_level_m", "volume_m3",
         "length_m"), np.nan,
    )  # fmt: skip
    return pd.DataFrame([{"kind": kind, **empty, **columns}], index=pd.Index(["W1"], name="work_id"))


@pytest.mark.parametrize("offsets", ["DEPTH", "ELEVATION"])
def test_manholes_are_lowered_with_the_pipes_that_are_laid_again(tmp_path: Path, offsets: str) -> None:
    body = HUMP
    if offsets == "ELEVATION":
        for name, levels in (("C1", "100 101.1"), ("C2", "101.1 99.4"), ("C3", "99.4 98.9")):
            body = re.sub(rf"({name} \w+ \w+ 80 0.013) 0 0", rf"\1 {levels}", body)
    net = dr.read_network(inp(tmp_path / "hump.inp", body=body, FLOW_UNITS="CMS", LINK_OFFSETS=offsets))
    state = dr.screen(net, storm())
    found = dr.find_waterlogging(state, least_depth_m=0.0)
    plan = dr.plan_relief(state, found, simulate=lambda built: dr.simulate_swmm(built, storm()))
    relaid = plan.works[plan.works["kind"] == "relay"]
    assert len(relaid) > 0
    built = dr.plans.with_works(net, plan.works)
    bed, lowest = float(rows(model_text(built), "JUNCTIONS")["J2"][0]), relaid.set_index("pipe_id")["new_invert_to_m"]
    assert bed == pytest.approx(lowest["C1"])
    assert built.nodes["ground_m"]["J2"] == net.nodes["ground_m"]["J2"]
    assert plan.points["second_run_before_m3"].iloc[0] > 10.0
    assert plan.points["second_run_within"].tolist() == ["yes"]
    engine = dr.simulate_swmm(built, storm())
    assert not engine.issues["code"].str.startswith("engine_").any()


def test_a_pipe_laid_below_its_manhole_is_said_by_the_engines_warning(tmp_path: Path) -> None:
    """Lowered by hand, without the manhole: the engine ignores the offset, which no answer may hide."""
    net = dr.read_network(inp(tmp_path / "hump.inp", body=HUMP, FLOW_UNITS="CMS"))
    pipes = net.pipes
    pipes.loc["C1", "invert_to_m"] = 99.9
    state = dr.simulate_swmm(net.replace(pipes=pipes), storm())
    said = state.issues[state.issues["code"] == "engine_ignored_offset"]
    assert said["feature_id"].tolist() == ["C1"]
    assert said["severity"].tolist() == ["warning"]
    assert "C1" in state.assumptions["engine_warnings"]


def test_works_that_the_engine_runs_otherwise_are_not_called_within(tmp_path: Path) -> None:
    """The judge is given the pipes without the lowered manholes: what it says is of another network."""
    net = dr.read_network(inp(tmp_path / "hump.inp", body=HUMP, FLOW_UNITS="CMS"))
    state = dr.screen(net, storm())

    def not_lowered(built: DrainageNetwork) -> dr.simulation.FlowState:
        return dr.simulate_swmm(built.replace(nodes=net.nodes), storm())

    plan = dr.plan_relief(state, dr.find_waterlogging(state, least_depth_m=0.0), simulate=not_lowered)
    assert plan.points["second_run_within"].tolist() == ["unknown"]
    assert any("C1" in words for words in plan.summary["second_run"]["otherwise_than_planned"])


KINDS = {
    "clean": (one_work("clean", pipe_id="C2"), "XSECTIONS", "C2", ["CIRCULAR", "0.6", "0", "0", "0", "1"]),
    "enlarge": (one_work("enlarge", pipe_id="C2", new_diameter_mm=900.0), "XSECTIONS", "C2",
                ["CIRCULAR", "0.9", "0", "0", "0", "1"]),
    "parallel": (one_work("parallel", pipe_id="C2", new_diameter_mm=600.0, new_barrels=3.0), "XSECTIONS", "C2",
                 ["CIRCULAR", "0.6", "0", "0", "0", "3"]),
    "relay": (one_work("relay", pipe_id="C2", new_invert_from_m=99.7, new_invert_to_m=99.4), "JUNCTIONS", "J2",
              ["99.7", "3.2", "0", "0", "0"]),
    "link": (one_work("link", pipe_id="relief-J1-J3", node_id="J1", to_node="J3", new_diameter_mm=500.0,
                      new_invert_from_m=100.0, new_invert_to_m=99.4, length_m=100.0), "CONDUITS", "relief-J1-J3",
             ["J1", "J3", "100", "0.013", "0", "0"]),
    "free_outfall": (one_work("free_outfall", node_id="O1", new_water_level_m=98.9), "OUTFALLS", "O1",
                     ["98.9", "FIXED", "98.9", "NO"]),
    "storage": (one_work("storage", node_id="J1", held_at="J1, J2", held_at_m3="30.0, 10.0", volume_m3=80.0),
                "STORAGE", "J1", ["100", "1.6", "0", "TABULAR", "J1~tank", "0", "0"]),
}  # fmt: skip


@pytest.mark.long
@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_work_stands_in_the_model_that_the_engine_runs(tmp_path: Path, kind: str) -> None:
    work, section, name, row = KINDS[kind]
    body = HUMP.replace("C2 CIRCULAR 0.6 0 0 0 1", "C2 FILLED_CIRCULAR 0.6 0.2 0 0 1") if kind == "clean" else HUMP
    net = dr.read_network(inp(tmp_path / "hump.inp", body=body, FLOW_UNITS="CMS"))
    if kind == "link":
        work = work.assign(geometry=gpd.GeoSeries.from_wkt(["LINESTRING (0 0, 100 0)"], index=work.index))
    built = dr.plans.with_works(net, work)
    before, after = rows(model_text(net), section), rows(model_text(built), section)
    assert before.get(name) != after[name]
    assert after[name][: len(row)] == row
    state = dr.simulate_swmm(built, storm())
    assert not state.issues["code"].str.startswith(("engine_", "not_written", "no_")).any()


def test_a_tank_in_an_inp_of_feet_holds_what_it_says(tmp_path: Path) -> None:
    """Lowered by so much as its nodes flood without it, and a little more, the flood is gone."""
    net = dr.read_network(inp(tmp_path / "feet.inp", FLOW_UNITS="CFS"))
    heavy = ObservedStorm(np.array([0.0, 60.0]), np.array([200.0]), "a gauge")
    flooded = dr.simulate_swmm(net, heavy).nodes["overflow_m3"]
    assert flooded.sum() > 1.0
    nodes = net.nodes
    nodes["tank_m3"] = 1.15 * flooded
    after = dr.simulate_swmm(net.replace(nodes=nodes), heavy).nodes["overflow_m3"]
    assert after.sum() < 0.05 * flooded.sum()
    nodes["tank_m3"] = 0.5 * flooded
    half = dr.simulate_swmm(net.replace(nodes=nodes), heavy).nodes["overflow_m3"]
    assert 0.3 * flooded.sum() < half.sum() < 0.65 * flooded.sum()


def test_tanks_are_built_into_a_composed_model_and_are_as_large_as_the_engine_wants() -> None:
    net = street([300, 300], area_ha=1.0)
    state = dr.screen(net, rain())
    found = dr.find_waterlogging(state, least_depth_m=0.0)
    told: list[float] = []
    plan = dr.plan_relief(
        state, found, simulate=lambda built: dr.simulate_swmm(built, rain(5.0)), sizes_mm=(300,), progress=told.append
    )
    (work,) = plan.works.itertuples()
    point = plan.points.iloc[0]
    assert work.kind == "storage"
    assert point["second_run_before_m3"] > point["before_m3"]  # the engine's storm is the rarer one
    assert work.volume_m3 >= point["second_run_before_m3"]
    assert point["storage_instead_m3"] == pytest.approx(point["second_run_before_m3"], rel=0.01)
    assert point["second_run_within"] == "yes"
    assert {"n0", "n1"} == set(rows(model_text(dr.plans.with_works(net, plan.works)), "STORAGE"))
    assert told == sorted(told)
    assert told[-1] == 1.0


def test_what_the_engine_calls_dry_is_not_confirmed_and_gets_no_works() -> None:
    net = street([800, 300, 800])
    state = dr.screen(net, rain())
    found = dr.find_waterlogging(state, least_depth_m=0.0)
    assert len(dr.plan_relief(state, found).works) > 0
    plan = dr.plan_relief(state, found, simulate=lambda built: dr.simulate_swmm(built, rain(0.25, 30.0)))
    assert plan.points["solved"].tolist() == ["not_confirmed"]
    assert len(plan.works) == 0
    assert plan.summary["solved"]["not_confirmed"] == 1
    assert plan.summary["second_run"]["of"] == 0


def test_a_pump_lifts_what_the_engine_sends_it() -> None:
    net = street([800, 800], water=12.9, ground={"n0": 12.2, "n1": 13.5, "n2": 14.0})
    state = dr.screen(net, rain())
    found = dr.find_waterlogging(state, least_depth_m=0.0)
    alone = dr.plan_relief(state, found).works.set_index("kind")["pump_m3s"]["free_outfall"]
    seen: list[dr.simulation.FlowState] = []

    def judge(built: DrainageNetwork) -> dr.simulation.FlowState:
        seen.append(dr.simulate_swmm(built, rain(10.0)))
        return seen[-1]

    plan = dr.plan_relief(state, found, simulate=judge)
    works = plan.works.set_index("kind")
    sent = float(seen[-2].pipes["flow_m3s"].iloc[-1])
    assert works["pump_m3s"]["free_outfall"] == pytest.approx(max(alone, sent), abs=0.001)
    assert f"{works['pump_m3s']['free_outfall']:.2f}" in works["text"]["free_outfall"]
    # the last run has the pump that is to be built
    text = build_engine_models(seen[-1].network, rain(10.0))[0].text
    assert rows(text, "PUMPS") == {"n2~lift": ["n2", "n2~river", "n2~lift", "ON", "0", "0"]}
    assert rows(text, "OUTFALLS")["n2~river"][1:3] == ["FIXED", "12.9"]
    assert float(rows(text, "CURVES")["n2~lift"][1]) == pytest.approx(works["pump_m3s"]["free_outfall"])
    assert plan.points["second_run_within"].tolist() == ["yes"]


@pytest.mark.parametrize("origin", ["survey", "metres", "feet"])
def test_a_pump_lifts_no_more_than_it_can(tmp_path: Path, origin: str) -> None:
    """Where high water stops the outfall a pump lets the rain out; where it is too small the streets flood."""
    if origin == "survey":
        net, outfall = street([800, 800], water=12.9, ground={"n0": 12.2, "n1": 13.5, "n2": 14.0}), "n2"
    else:
        body = HUMP.replace("O1 98.9 FIXED 98.95 NO", "O1 98.9 FIXED 101.3 NO").replace("J2 101.1", "J2 99.7")
        units = "CMS" if origin == "metres" else "CFS"
        net, outfall = dr.read_network(inp(tmp_path / "high.inp", body=body, FLOW_UNITS=units)), "O1"
    lowest = float(net.pipes["invert_to_m"].iloc[-1])
    work = one_work("free_outfall", node_id=outfall, new_water_level_m=lowest)
    free = dr.simulate_swmm(dr.plans.with_works(net, work), rain(10.0))
    sent = float(free.pipes["flow_m3s"].iloc[-1])
    whole, quarter = (
        dr.simulate_swmm(dr.plans.with_works(net, work.assign(pump_m3s=share * sent)), rain(10.0))
        for share in (1.0, 0.25)
    )
    for state in (whole, quarter):
        assert not state.issues["code"].str.startswith(("engine_", "pump_left_out")).any()
        assert state.nodes["overflow_m3"][outfall] == 0.0
    overflow = [float(state.nodes["overflow_m3"].sum()) for state in (free, whole, quarter)]
    assert overflow[1] == pytest.approx(overflow[0], abs=0.02 * free.balance["runoff_m3"])
    assert overflow[2] > overflow[1] + 50.0
    assert 0.0 < quarter.balance["outflow_m3"] < whole.balance["outflow_m3"] - 50.0


def test_a_pump_at_what_is_no_outfall_of_an_inp_is_said(tmp_path: Path) -> None:
    net = dr.read_network(inp(tmp_path / "hump.inp", body=HUMP, FLOW_UNITS="CMS"))
    work = one_work("free_outfall", node_id="J3", new_water_level_m=98.9, pump_m3s=0.1)
    issues = build_engine_models(dr.plans.with_works(net, work), storm())[0].issues
    assert issues.loc[issues["code"] == "pump_left_out", "feature_id"].tolist() == ["J3"]


def test_points_that_only_tanks_solve_raise_an_alarm_with_its_reason() -> None:
    net = street([300, 300], area_ha=5.0)
    state = dr.screen(net, rain())
    found = dr.find_waterlogging(state, least_depth_m=0.0)
    alarmed = dr.plan_relief(state, found, sizes_mm=(300,)).summary
    assert next(iter(alarmed.index)) == "alarm"
    assert alarmed["alarm"].startswith("1 of 1 points by storage only")
    assert "alarm" not in dr.plan_relief(state, found).summary
    shallow = street([300, 300], ground={"n0": 11.0, "n1": 10.7, "n2": 10.4}, area_ha=2.0)
    state = dr.screen(shallow, rain())
    found = dr.find_waterlogging(state, least_depth_m=0.0)
    assert "no room" in dr.plan_relief(state, found, least_cover_m=5.0, sizes_mm=(3000,)).summary["alarm"]


def test_works_name_the_rank_doubt_and_report_of_their_point() -> None:
    net = street([800, 300, 800])
    state = dr.screen(net, rain())
    reports = gpd.GeoDataFrame(
        {"road": ["x", "y"]},
        index=pd.Index(["R7", "R8"], name="report_id"),
        geometry=[net.nodes.geometry.iloc[1], net.nodes.geometry.iloc[1].buffer(1.0).centroid],
        crs=net.crs,
    )
    plan = dr.plan_relief(state, dr.find_waterlogging(state, sightings=reports, least_depth_m=0.0))
    assert plan.works["report_id"].tolist() == ["R7, R8"] * len(plan.works)
    assert plan.points["report_id"].tolist() == ["R7, R8"]
    assert plan.works["rank"].tolist() == [1] * len(plan.works)
    assert {"doubt"} <= set(plan.works) & set(plan.points)
    for layer in (layer for layer in plan.layers if not THEMES[layer.theme].context):
        assert "rank" in layer.popup  # the number that the map shows
        assert {layer.frame.index.name, *layer.popup} <= set(words.all_names())
    assert set(words.codes("solved")) == set(plan.summary["solved"])


def test_relief_takes_rain_without_a_return_period(tmp_path: Path) -> None:
    net = dr.read_network(inp(tmp_path / "hump.inp", body=HUMP, FLOW_UNITS="CMS"))
    gauge = ObservedStorm(np.array([0.0, 30.0, 60.0]), np.array([20.0, 40.0]), "a gauge")
    state = dr.screen(net, gauge)
    plan = dr.plan_relief(
        state,
        dr.find_waterlogging(state, least_depth_m=0.0),
        simulate=lambda built: dr.simulate_swmm(built, gauge),
        standard="sewer",
    )
    assert plan.points["second_run_within"].isin(["yes", "no"]).all()
    own = dr.simulate_swmm(net, None)
    beside = dr.screen(net, own.storm)
    found = dr.find_waterlogging(own, screening=beside, least_depth_m=0.0)
    plan = dr.plan_relief(own, found, screening=beside, standard="sewer")
    assert np.isnan(plan.summary["return_period_a"])
    assert len(plan.points) == int((found.points["volume_m3"] > 0).sum())


def test_relief_on_the_command_line_answers_in_the_own_rain_of_an_inp(tmp_path: Path) -> None:
    heavy = HUMP.replace("INTENSITY 0:05", "INTENSITY 0:30").replace("TS1 0:30 120", "TS1 0:30 200")
    path = inp(tmp_path / "hump.inp", body=heavy, FLOW_UNITS="CMS")
    answer = CliRunner().invoke(app, ["relief", str(path), "--second-run", "--standard", "sewer", "--json"])
    assert answer.exit_code == 0, answer.output
    said = json.loads(answer.stdout)
    said = said.get("summary", said)
    assert said["points"] == 1
    assert said["second_run"]["within"] == said["second_run"]["of"] == 1
    assert said["before_m3"] > 0.0
