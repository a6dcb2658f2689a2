"""What has become of points, misconnections and outfalls; the street is that of `test_settled`."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import drainage as dr
from drainage.analyses.changes import find_changes, pair_networks
from drainage.analyses.outcome import measure_outcome
from drainage.analyses.outcome.both_sides import BothSides, Side
from drainage.analyses.outcome.taken_back import swapped
from drainage.analyses.outcome.works_done import group_works
from drainage.errors import SchemaError
from tests.analyses.outcome.test_settled import outcome, street, told
from tests.support import demo
from tests.support.drains import rain
from tests.support.examples import examples
from tests.support.networks import build

SMALL, LARGE = (600, 600, 300, 800), (600, 600, 800, 800)


class TestFates:
    def test_a_network_compared_with_itself_gives_nothing(self) -> None:
        net = street(*SMALL)
        result = outcome(net, net)
        assert (told(result)["fate"], told(result)["settled_by"]) == ("unchanged", None)
        assert result.summary["nothing_changed"]
        assert result.summary["works"] == result.summary["storm_runs"] == len(result.tables["changes"]) == 0

    def test_what_was_undone_is_new(self) -> None:
        point = told(outcome(street(*LARGE), street(*SMALL)))
        assert (point["fate"], point["id_before"], point["id_after"]) == ("new", None, "L1")
        assert np.isnan(point["volume_before_m3"])

    def test_a_point_that_loses_part_of_its_water_is_eased_and_one_that_gains_is_worse(self) -> None:
        less, more = (600, 600, 350, 800), (600, 600, 250, 800)
        assert told(outcome(street(*SMALL), street(*less)))["fate"] in {"eased", "solved"}
        assert told(outcome(street(*SMALL), street(*more)))["fate"] == "worse"

    def test_how_much_is_a_change_is_a_parameter(self) -> None:
        """By 30 % or more less: 300 to 320 mm is a fifth more capacity, which takes less than a third of the water."""
        before, after = street(*SMALL), street(600, 600, 310, 800)
        point = told(outcome(before, after, changed_share=0.001))
        assert point["fate"] == "eased"
        assert told(outcome(before, after, changed_share=0.9))["fate"] == "unchanged"

    def test_within_the_standard_where_it_was_not_is_solved_though_some_water_stays(self) -> None:
        """Of 250 mm and less water stands on the lanes; with 400 mm the gutters hold what is left."""
        before = street(600, 600, 150, 800)
        for size in range(200, 700, 25):
            point = told(outcome(before, street(600, 600, size, 800)))
            assert point["standard_before"] == "no"
            if point["standard_after"] == "yes":
                assert point["fate"] == "solved"
                assert point["volume_after_m3"] > 0.0
                return
        pytest.fail("no size brings it within the standard with some water left")

    def test_what_was_not_judged_is_unknown_and_not_counted_as_dry(self) -> None:
        after = street(*LARGE)
        after = after.replace(
            nodes=after.nodes.assign(ground_m=np.where(after.nodes.index.isin(["d", "e"]), 12.5, np.nan))
        )
        point = told(outcome(street(*SMALL), after))
        assert point["fate"] == "unknown"
        assert np.isnan(point["volume_after_m3"])

    def test_a_point_is_found_again_under_other_ids(self) -> None:
        renamed = street(*SMALL, mark="x")
        point = told(outcome(street(*SMALL), renamed))
        assert (point["fate"], point["id_before"], point["id_after"]) == ("unchanged", "L1", "L1")

    def test_a_later_point_nearby_on_the_same_road_is_the_same(self) -> None:
        """The upper pipes lie 20 m further, of another material and with other ids: no node of theirs was there.

        ::

            a --> b --> c --> d --> e      before; d to e stays
            A --> B --> C -/               after, 20 m beside
        """

        def of(net: dr.DrainageNetwork, material: str) -> dr.DrainageNetwork:
            pipes = net.pipes.assign(material=[material] * 3 + ["clay"])
            return net.replace(pipes=pipes, ends=(net.graph.tail, net.graph.head))

        before, after = of(street(*SMALL), "concrete"), of(street(*SMALL, aside_m=20.0), "PVC")
        assert list(outcome(before, after).tables["points"]["fate"]) == ["unchanged"]
        assert set(outcome(before, after, near_m=10.0).tables["points"]["fate"]) == {"unknown", "new"}

    @examples(10)
    @given(order=st.permutations(range(4)), nodes=st.permutations(range(8)))
    def test_the_order_of_rows_does_not_matter(self, order: list[int], nodes: list[int]) -> None:
        before, after = street(*SMALL), street(600, 600, 800, 1000, roads=["A", "A", "A", "B"])
        shuffled = dr.DrainageNetwork(
            after.pipes.iloc[order], after.nodes.iloc[[k for k in nodes if k < len(after.nodes)]]
        )
        assert told(outcome(before, shuffled)) == told(outcome(before, after))

    def test_answers_in_two_storms_are_refused(self) -> None:
        net = street(*SMALL)
        answers = [{"waterlogging": dr.find_waterlogging(dr.screen(net, rain(years)))} for years in (3, 5)]
        with pytest.raises(SchemaError, match="different storms or engines"):
            measure_outcome(net, net, answers=answers)


class TestOtherAnswers:
    def test_a_closed_misconnection_names_the_works_that_touched_it(self) -> None:
        before = build(["w>a sewage", "a>b storm", "x>b sewage", "b>out storm"])
        after = build(["w>a storm", "a>b storm", "x>b sewage", "b>out storm"])
        answers = [{"mixed_flow": dr.find_mixed_flow(net)} for net in (before, after)]
        result = measure_outcome(before, after, answers=answers)
        found = result.tables["misconnections"]
        assert list(found["fate"]) == ["closed", "remaining"]
        assert list(found["node_before"]) == ["a", "b"]
        assert found["touched_by"].tolist() == ["W1", ""]
        assert result.tables["works"]["misconnections_closed"].tolist() == [1]
        assert result.summary["misconnections_by_fate"] == {"closed": 1, "remaining": 1, "new": 0}
        outfalls = result.tables["outfalls"]
        assert outfalls[["fate", "misconnections_before", "misconnections_after"]].to_numpy().tolist() == [
            ["fouled", 2, 1]
        ]

    def test_an_outfall_that_no_sewage_reaches_any_more_is_no_longer_fouled(self) -> None:
        before, after = build(["w>a sewage", "a>out storm"]), build(["w>a storm", "a>out storm"])
        answers = [{"mixed_flow": dr.find_mixed_flow(net)} for net in (before, after)]
        result = measure_outcome(before, after, answers=answers)
        # a network of storm pipes alone tells nothing of sewage: not known is not clean
        assert result.summary["outfalls_by_fate"] is None
        assert "Mixed flow: not known after the works" in str(result.summary["not_measured"])

    def test_what_was_not_asked_is_said(self) -> None:
        net = street(*SMALL)
        said = str(measure_outcome(net, net).summary["not_measured"])
        for name in ("Waterlogging", "Mixed flow", "Separation of roads"):
            assert f"{name}: no answer before / after the works" in said
        assert "dry flow to the treatment works" in said

    def test_the_dry_flow_to_the_treatment_works_is_that_of_its_sewers(self) -> None:
        net = build(
            ["w>x sewage", "x>plant sewage", "s>plant storm"], kinds={"plant": "works"}, flow_m3d=[10.0, 25.0, 7.0]
        )
        figures = measure_outcome(net, net).tables["figures"].to_dict("index")
        told = figures["network.dry_flow_to_plant_m3d"]
        assert (told["before"], told["after"], told["change"]) == (25.0, 25.0, 0.0)


@pytest.fixture(scope="module")
def town() -> BothSides:
    before, after = demo.city("2018-12-31"), demo.city("2021-05-07")
    return BothSides(before, after, pair_networks(before, after))


class TestTakenBack:
    """All works of the demo city taken back make the city of before, and all of them done that of after."""

    @pytest.mark.parametrize("base", ["after", "before"])
    def test_all_works_swapped_make_the_other_side(self, town: BothSides, base: Side) -> None:
        works = group_works(town, find_changes(town.before, town.after).places("changes"))
        part = np.zeros(town.count, np.int32)
        net, numbers = swapped(town, base, works, [(k, 0) for k in range(len(works.table))], part)
        other = town.network("before" if base == "after" else "after")
        assert len(net) == len(other)
        assert net.pipes["length_m"].sum() == pytest.approx(other.pipes["length_m"].sum())
        storm = dr.DesignStorm(dr.read_storm_formula("demo"), return_period_a=3, duration_min=120)
        volume = dr.screen(net, storm).nodes["overflow_m3"].sum()
        wanted = dr.screen(other, storm).nodes["overflow_m3"].sum()
        assert volume == pytest.approx(wanted, rel=0.01, abs=1.0)
        assert len(np.unique(numbers)) == len(numbers) == len(net.nodes)

    def test_an_id_that_both_sides_gave_to_different_things_is_kept_apart(self) -> None:
        before = street(*SMALL)
        after = street(*LARGE)
        names = after.pipes.index.to_numpy(dtype=object)
        names[[0, 2]] = names[[2, 0]]
        pipes = after.pipes.set_axis(pd.Index(names, name="pipe_id", dtype="str"))
        after = after.replace(pipes=pipes, ends=(after.graph.tail, after.graph.head))
        both = BothSides(before, after, pair_networks(before, after))
        works = group_works(both, find_changes(before, after).places("changes"))
        net, _ = swapped(both, "after", works, [(0, 0)], np.zeros(both.count, np.int32))
        assert net.pipes.index.is_unique
        assert sorted(net.pipes["diameter_mm"]) == sorted(SMALL)


def test_works_are_groups_of_changed_pipes_that_touch_on_one_road() -> None:
    """The first and the third pipe of road A touch no changed pipe of their road; the fourth is on another road."""
    before = street(300, 600, 300, 300, 300, roads=["A", "A", "A", "B", "B"])
    after = street(400, 600, 400, 400, 400, roads=["A", "A", "A", "B", "B"])
    works = measure_outcome(before, after).tables["works"]
    assert works[["road", "length_m", "pipes_enlarged"]].to_numpy().tolist() == [
        ["B", 200, 2],
        ["A", 100, 1],
        ["A", 100, 1],
    ]
    assert isinstance(works, gpd.GeoDataFrame)


def test_parts_between_which_ground_changed_hands_are_one() -> None:
    """Half a hectare leaves a for the street 60 m beside it, and not for one that is a kilometre away."""
    streets = [street(*SMALL, mark=mark, y=y) for mark, y in (("", 0.0), ("x", 60.0), ("y", 1060.0))]
    pipes = pd.concat([net.pipes.set_axis(net.pipes.index + f"-{k}") for k, net in enumerate(streets)])
    nodes = pd.concat([net.nodes for net in streets])
    net = dr.DrainageNetwork(gpd.GeoDataFrame(pipes, crs=4548), gpd.GeoDataFrame(nodes, crs=4548), source="three")
    both = BothSides(net, net, pair_networks(net, net))
    before = nodes["area_ha"].to_numpy(dtype=np.float64)
    after = before.copy()
    at = nodes.index.get_indexer(pd.Index(["a", "bx", "ay"]))
    for rows, count in ((at[:2], 2), (at[[0, 2]], 3)):
        after[:] = before
        after[rows] += [-0.5, 0.5]
        assert len(np.unique(both.parts({"before": before, "after": after}))) == count
    assert len(np.unique(both.parts({}))) == 3
