"""A plan written as a change set and applied is the plan carried out."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

import drainage as dr
from drainage.change_sets import ADDED_BY, Change, ChangeSet
from drainage.network import DrainageNetwork
from drainage.plans import changes_of_cleaning, changes_of_closures, changes_of_relief, with_works
from tests.support import demo
from tests.support.same import assert_same


def plain(table: gpd.GeoDataFrame) -> pd.DataFrame:
    """Leave out who added a row: only edits say that."""
    return pd.DataFrame(table.drop(columns=ADDED_BY, errors="ignore"))


@pytest.fixture(scope="module")
def net() -> DrainageNetwork:
    return demo.around("YS1195", 1000.0)


@pytest.fixture(scope="module")
def relief(net: DrainageNetwork) -> dr.Result:
    state = dr.screen(net, dr.DesignStorm(dr.read_storm_formula("demo"), return_period_a=3, duration_min=120))
    return dr.plan_relief(state, dr.find_waterlogging(state))


def test_relief_applied_is_the_network_with_its_works(net: DrainageNetwork, relief: dr.Result, tmp_path: Path) -> None:
    assert {"enlarge", "parallel", "clean", "relay"} <= set(relief.works["kind"])
    dr.formats.write_change_set(changes_of_relief(net, relief), tmp_path / "relief.geojson")
    done = dr.apply_changes(net, dr.read_change_set(tmp_path / "relief.geojson"))
    built = with_works(net, relief.works)
    assert_frame_equal(plain(done.network.pipes), plain(built.pipes), check_exact=True)
    assert_frame_equal(plain(done.network.nodes), plain(built.nodes), check_exact=True)
    assert_same(dr.apply_changes(done.network, done.inverse).network, net)


def test_relief_applies_to_the_network_of_all_days(net: DrainageNetwork, relief: dr.Result) -> None:
    whole = demo.whole_city()
    done = dr.apply_changes(whole, changes_of_relief(net, relief))
    built = with_works(net, relief.works)
    same = done.network.pipes.loc[built.pipes.index]
    for column in ("diameter_mm", "silt_share", "invert_from_m", "invert_to_m", "barrels"):
        assert same[column].to_numpy(float).tolist() == pytest.approx(
            built.pipes[column].to_numpy(float).tolist(), nan_ok=True
        )


def test_what_relief_does_is_told_as_works(net: DrainageNetwork, relief: dr.Result) -> None:
    """Pipes that get a second barrel beside them are enlarged, though no pipe said before how many it has."""
    net = net.replace(pipes=net.pipes.assign(abandoned=None))  # works of later years would do it another time
    answer = dr.plans.what_if(net, changes_of_relief(net, relief))
    enlarged = set(answer.changes.loc[answer.changes["change"] == "enlarged", "id_after"])
    wider = relief.works[relief.works["kind"].isin(["parallel", "enlarge"])]
    assert enlarged == set(wider["pipe_id"])
    assert answer.summary["pipes_enlarged"] == len(enlarged) > 0


def test_after_cleaning_the_silt_is_gone() -> None:
    net = demo.city("2018-12-31")
    plan = dr.plan_cleaning(demo.screened("2018-12-31"))
    edits = changes_of_cleaning(net, plan)
    silted = plan.tables["pipes"].index[plan.tables["pipes"]["run_id"].notna()]
    assert len(silted) == len(edits.changes) > 0
    after = dr.apply_changes(net, edits).network
    assert (after.pipes.loc[silted, "silt_share"] == 0.0).all()
    rest = net.pipes.index.difference(silted)
    assert after.pipes.loc[rest, "silt_share"].equals(net.pipes.loc[rest, "silt_share"])


@pytest.fixture(scope="module")
def plan() -> dr.Result:
    return dr.plan_closures(demo.city("2018-12-31"), demo.mixed_flow("2018-12-31"), budget=30)


@pytest.fixture(scope="module")
def after(plan: dr.Result) -> DrainageNetwork:
    net = demo.city("2018-12-31")
    return dr.apply_changes(net, changes_of_closures(net, plan), on="2018-12-31").network


def test_every_chosen_misconnection_is_gone(plan: dr.Result, after: DrainageNetwork) -> None:
    chosen = plan.works[plan.works["chosen"]]
    left = dr.find_mixed_flow(after.as_of("2018-12-31")).tables["points"]
    assert len(chosen) == 30
    assert not set(chosen.index) & set(left.index)
    assert set(plan.works.index[~plan.works["chosen"]]) <= set(left.index)


def test_sewage_is_led_to_the_sewer_that_the_plan_names(plan: dr.Result, after: DrainageNetwork) -> None:
    chosen = plan.works[plan.works["chosen"] & plan.works["connection"].eq("gravity")]
    row = chosen.iloc[0]
    new = after.pipes.loc[f"{row['node_id']}-C1"]
    assert (new["from_node"], new["to_node"]) == (f"{row['node_id']}-C", row["receiving_node"])
    assert new["length_m"] == pytest.approx(row["receiving_m"])
    assert new["invert_from_m"] - new["invert_to_m"] == pytest.approx(row["fall_m"])
    assert after.pipes.loc[row["pipes_in"].split(", "), "to_node"].tolist() == [f"{row['node_id']}-C"]


def test_what_no_edit_can_say_is_listed(plan: dr.Result) -> None:
    edits = changes_of_closures(demo.city("2018-12-31"), plan)
    storm = plan.works[plan.works["chosen"] & plan.works["kind"].eq("storm_into_sewage")]
    assert len(edits.not_expressed) == len(storm) > 0
    assert "their storm water needs another way" in edits.not_expressed[0]
    with pytest.raises(dr.errors.SchemaError, match="the day is missing"):
        dr.apply_changes(demo.city("2018-12-31"), edits)


def test_pipes_are_counted_on_the_day_that_is_compared() -> None:
    """Of the 5,670 pipes of the demo city, of which one is given up, 5,317 lay at the end of 2018."""
    net = dr.load_demo()
    gone = ChangeSet(name="gone", changes=[Change(action="abandon", layer="pipes", id="YSL0117")])
    told = dr.plans.what_if(net, gone, on="2021-05-08").summary
    assert (told["pipes_before"], told["pipes_after"]) == (5670, 5669)
    told = dr.plans.what_if(net, gone, on="2021-05-08", compare_on="2018-12-31").summary
    assert (told["pipes_before"], told["pipes_after"]) == (5317, 5317)
    assert told["effects"] == {"cut_off": 3, "hanging_end": 1}
