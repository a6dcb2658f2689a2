"""The works of the demo city (synthetic): what each did. What docs/flooding/works.md shows, its own blocks compute."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import drainage as dr
from drainage.analyses.outcome import measure_outcome
from tests.support import demo

pytestmark = pytest.mark.long

ROOT = Path(__file__).parents[3]
BEFORE, AFTER = "2018-12-31", "2021-05-07"
#: Roads whose misconnections the works reconnected, and roads whose sewers they laid again.
RECONNECTED = {"磬山路": (3, 1), "杨河路": (5, 0), "钟灵大道": (3, 1)}
SEWERS = {"迎宾大道": (3, 0), "奇石大道": (2, 33), "解放东路": (2, 0)}
#: Sewers laid again on their course, and their length, km.
RELAID = {"迎宾大道": (91, 4.19), "奇石大道": (64, 2.87), "解放东路": (76, 3.40)}
#: Effective coverage of these roads before and after, %.
COVERED = {"磬山路": (75, 78), "杨河路": (17, 90), "钟灵大道": (32, 54),
           "迎宾大道": (58, 95), "奇石大道": (42, 84), "解放东路": (0, 99)}  # fmt: skip
#: Totals before and after.
TOTALS = {"misconnections": (83, 9), "mixed_length_km": (92.3, 23.5), "fouled_outfalls": (8, 3)}


@pytest.fixture(scope="module")
def outcome() -> dr.Result:
    answers = []
    for day in (BEFORE, AFTER):
        net, mixed = demo.city(day), demo.mixed_flow(day)
        points = demo.waterlogging(day)
        separation = dr.measure_separation(net, mixed=mixed)
        answers.append({"waterlogging": points, "mixed_flow": mixed, "separation": separation})
    storm = demo.screened(BEFORE).storm
    return measure_outcome(
        demo.city(BEFORE), demo.city(AFTER), answers=answers, simulate=lambda net: dr.screen(net, storm)
    )


def test_of_22_reported_points_19_are_found_and_all_of_these_are_solved(outcome: dr.Result) -> None:
    """Three reports are of blocked inlets, which no pipe explains: nothing is said to have become of them."""
    truth = json.loads((ROOT / "data" / "truth.json").read_text(encoding="utf-8"))["reported_points"]
    blocked = {one["report_id"] for one in truth if one["cause"] == "blocked_inlet"}
    reports = outcome.tables["reports"]
    assert (len(reports), len(blocked)) == (22, 3)
    assert set(reports.index[reports["fate"].isna()]) == blocked
    assert set(reports["fate"].dropna()) == {"solved"}
    assert outcome.summary["by_fate"]["solved"] == outcome.summary["points_before"] == 19
    assert outcome.summary["points_after"] == 0


def test_each_point_is_settled_by_the_works_on_its_own_road(outcome: dr.Result) -> None:
    """One needs the pipes of another road below it, too; one has the only works in its part of the network."""
    points, works = outcome.tables["points"], outcome.tables["works"]
    for _, point in points.iterrows():
        roads = [works.loc[name, "road"] for name in str(point["settled_by"]).split(", ")]
        assert point["road"] in roads
        assert roads == [point["road"]] or (point["road"], point["settled_how"]) == ("迎宾大道", "together")
    how = {name: n for name, n in outcome.summary["points_settled"].items() if n}
    assert how == {"alone": 1, "needed_and_enough": 17, "together": 1}
    assert outcome.summary["storm_runs"] == 18


@pytest.mark.parametrize("road", RECONNECTED)
def test_misconnections_were_closed_on_the_roads_that_were_reconnected(outcome: dr.Result, road: str) -> None:
    fates = outcome.tables["misconnections"].groupby("road")["fate"].value_counts()
    assert (int(fates.get((road, "closed"), 0)), int(fates.get((road, "remaining"), 0))) == RECONNECTED[road]


@pytest.mark.parametrize("road", SEWERS)
def test_sewers_were_laid_on_the_roads_that_got_new_ones(outcome: dr.Result, road: str) -> None:
    """Sewers that are new by themselves, and those beside combined pipes that became storm pipes."""
    changes = outcome.tables["changes"]
    pipes = changes[(changes["feature_kind"] == "pipe") & (changes["road"] == road)]
    system = demo.city(AFTER).pipes["system"].reindex(pipes["id_after"]).to_numpy()
    counts = pipes.loc[system == "sewage", "change"].value_counts()
    assert (int(counts.get("added", 0)), int(counts.get("separated", 0))) == SEWERS[road]


def test_sewers_were_laid_again_on_their_course_on_three_roads_and_no_other(outcome: dr.Result) -> None:
    """Each under another id, with a later day, the same levels and the same size; so no flow has changed."""
    before, after = demo.city(BEFORE).pipes, demo.city(AFTER).pipes
    changes = outcome.tables["changes"]
    again = changes[(changes["feature_kind"] == "pipe") & (changes["change"] == "relaid")]
    again = again[(after["system"].reindex(again["id_after"]) == "sewage").to_numpy()]
    found = {str(road): (len(rows), round(rows["length_m"].sum() / 1000, 2)) for road, rows in again.groupby("road")}
    assert found == RELAID
    old, new = before.loc[again["id_before"]], after.loc[again["id_after"]]
    assert (new["commissioned"].to_numpy() > old["commissioned"].to_numpy()).all()
    assert set(new["material"]) == {"HDPE"}
    for column in ("invert_from_m", "invert_to_m", "diameter_mm", "manning_n", "from_node", "to_node"):
        assert (old[column].to_numpy() == new[column].to_numpy()).all()


def test_roads_of_the_works_are_separated_further(outcome: dr.Result) -> None:
    """Effective coverage of each, %; and the totals of the town."""
    roads, figures = outcome.tables["roads"], outcome.tables["figures"].to_dict("index")
    found = {road: tuple(roads.loc[road, ["effective_before_pct", "effective_after_pct"]].round()) for road in COVERED}
    assert found == COVERED
    totals = {name: tuple(figures[f"mixed_flow.{name}"][side] for side in ("before", "after")) for name in TOTALS}
    assert totals == {name: pytest.approx(pair, abs=0.05) for name, pair in TOTALS.items()}


def test_the_dry_flow_to_the_plant_is_that_of_the_water_balance(outcome: dr.Result) -> None:
    """No flow of a sewer is recorded in the demo city, but the water that its people use."""
    told = outcome.tables["figures"].to_dict("index")["network.dry_flow_to_plant_m3d"]
    balance = [dr.analyses.measure_balance(demo.city(day)).summary["plant_inflow_m3d"] for day in (BEFORE, AFTER)]
    assert [told["before"], told["after"]] == pytest.approx(balance)
    assert told["change"] > 0
    assert "dry flow" not in str(outcome.summary.get("not_measured"))


def test_by_epa_swmm_all_is_the_same_but_for_one_road() -> None:
    """Of 迎宾大道 the engine says that the works of the road itself are enough."""
    storm = demo.screened(BEFORE).storm

    def ask(net: dr.DrainageNetwork) -> dr.simulation.FlowState:
        return dr.simulate_swmm(net, storm)

    nets = demo.city(BEFORE), demo.city(AFTER)
    answers = [{"waterlogging": dr.find_waterlogging(ask(net))} for net in nets]
    outcome = measure_outcome(*nets, answers=answers, simulate=ask)
    assert outcome.summary["by_fate"]["solved"] == 19
    how = {name: n for name, n in outcome.summary["points_settled"].items() if n}
    assert how == {"alone": 1, "needed_and_enough": 18}
    points, works = outcome.tables["points"], outcome.tables["works"]
    assert [works["road"][name] for name in points["settled_by"]] == list(points["road"])
