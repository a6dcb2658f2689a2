"""Bills worked by hand on the street of `town`, and what holds for every bill."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

import drainage as dr
from drainage.change_sets import Change, apply_changes
from drainage.errors import CrsError, SchemaError
from drainage.plans.bill.item_kinds import KINDS, LAID, PARTS
from tests.plans.bill.town import PLACES, but_for, changed, edits, quantities, street
from tests.support import demo
from tests.support.examples import examples

take = dr.plans.take_quantities


def test_an_enlarged_pipe_is_laid_by_depth_and_the_old_one_taken_up() -> None:
    """p0 lies 1 m below the ground at a and 1.2 m at b; with 0.4 m of bedding 1.4 to 1.6 m: 1.5 m is half way."""
    bill = take(street(), edits(changed("p0", diameter_mm=500)), bedding_m=0.4)
    assert quantities(bill, "pipe_size", "depth_class") == {
        ("laid_larger", "DN500", "≤1.5"): 50.0,
        ("laid_larger", "DN500", "1.5–2"): 50.0,
        ("taken_up", "DN300"): 100.0,
    }
    assert bill.item_keys["mean_trench_m"].tolist()[:2] == pytest.approx([1.45, 1.55])
    assert bill.item_keys["sets"].tolist() == ["works.geojson"] * 3
    row = bill.pipes.to_dict("index")["p0"]
    assert (row["item_kind"], row["work_quantity"], row["work_unit"]) == ("laid_larger", 100.0, "m")
    assert (row["trench_least_m"], row["trench_most_m"]) == (1.4, 1.6)
    assert bill.pipes.loc["p0", "bill_items"] == "A-001, A-002, B-001"
    assert bill.item_keys["feature_ids"].tolist() == ["p0"] * 3
    assert str(bill.items["item_name"].iloc[0]) == "storm pipe enlarged to DN500 (concrete), trench ≤1.5 m deep"
    assert bill.items["item_name"].iloc[0].chinese == "雨水管道扩径翻建为 DN500（concrete），沟槽深度 ≤1.5 m"


def test_bedding_and_classes_are_what_is_asked() -> None:
    works = edits(changed("p0", diameter_mm=500))
    deep = quantities(take(street(), works, bedding_m=0.0, depths_m=(1.0, 1.1)), "depth_class")
    assert deep == {("laid_larger", "1–1.1"): 50.0, ("laid_larger", ">1.1"): 50.0, ("taken_up",): 100.0}


@pytest.mark.parametrize(
    ("columns", "kind"),
    [
        ({"diameter_mm": 250}, "laid_other"),
        ({"material": "HDPE"}, "laid_other"),
        ({"invert_to_m": 10.7}, "laid_again"),
        ({"shape": "rectangular", "width_mm": 500, "height_mm": 400}, "laid_larger"),
    ],
)
def test_what_a_pipe_is_laid_for(columns: dict[str, object], kind: str) -> None:
    found = take(street(), edits(changed("p0", **columns))).summary["length_m_by_item"]
    assert found == {kind: 100.0, "taken_up": 100.0}


def test_a_size_of_two_sides_is_written_width_by_height() -> None:
    works = edits(changed("p0", shape="rectangular", width_mm=2000, height_mm=1500))
    bill = take(street(), works)
    assert bill.item_keys["pipe_size"].tolist() == ["2000×1500", "DN300"]
    assert str(bill.items["item_name"].iloc[0]).startswith("storm box culvert enlarged to 2000×1500")
    assert bill.items["item_name"].iloc[0].chinese.startswith("雨水箱涵扩径翻建为 2000×1500")
    egg = take(street(), edits(changed("p0", shape="egg", width_mm=600, height_mm=900)))
    assert egg.items["item_name"].iloc[0].chinese.startswith("雨水管渠扩径翻建为 600×900")


def test_a_circle_that_is_measured_by_its_sides_has_a_diameter() -> None:
    round_ = but_for(street(), p0={"diameter_mm": np.nan, "width_mm": 800.0, "height_mm": 800.0})
    bill = take(round_, edits(changed("p0", invert_to_m=10.7)))
    assert bill.item_keys["pipe_size"].tolist() == ["DN800", "DN800"]
    assert bill.summary["size_unknown_m"] == 0.0


def test_a_pipe_moved_by_less_than_is_asked_for_stays() -> None:
    moved = edits(replace(changed("p0"), geometry=shapely.LineString([PLACES["a"], (500050, 3700000.4), PLACES["b"]])))
    assert "laid_again" in take(street(), moved, moved_m=0.3).summary["length_m_by_item"]
    assert not len(take(street(), moved).items)
    level = edits(changed("p0", invert_to_m=10.79))
    assert not len(take(street(), level, least_level_m=0.02).items)
    assert len(take(street(), level, least_level_m=0.005).items)


def test_one_more_pipe_beside_and_two_larger_ones() -> None:
    beside = take(street(), edits(changed("p0", barrels=3))).summary["length_m_by_item"]
    assert beside == {"laid_beside": 200.0}
    larger = take(street(), edits(changed("p0", barrels=2, diameter_mm=400))).summary["length_m_by_item"]
    assert larger == {"laid_larger": 200.0, "taken_up": 100.0}
    fewer = take(street(barrels=[3.0, *[1.0] * 5]), edits(changed("p0", barrels=1))).summary["length_m_by_item"]
    assert fewer == {"taken_up": 200.0}


def test_what_becomes_known_is_no_work_and_is_said() -> None:
    vague = street(material=[None] * 6, silt_share=[np.nan] * 6)
    vague = but_for(vague, p0={"diameter_mm": np.nan})
    known = edits(changed("p0", diameter_mm=400, material="HDPE", silt_share=0.0, road="磬山路"))
    bill = take(vague, known)
    assert not len(bill.items)
    assert bill.not_known is None
    assert bill.not_billed["feature_id"].tolist() == ["p0"]
    assert bill.not_billed["columns"].tolist() == ["diameter_mm, material, silt_share, road"]


def test_cleaning_is_counted_where_silt_goes() -> None:
    """p0 alone is silted."""
    clean = edits(changed("p0", silt_share=0.0), changed("p1", silt_share=0.0))
    assert quantities(take(street(), clean), "pipe_size") == {("cleaned", "DN300"): 100.0}
    laid = edits(changed("p0", silt_share=0.0, diameter_mm=400))
    assert "cleaned" not in take(street(), laid).summary["length_m_by_item"]


def test_a_pipe_put_to_another_system_is_not_laid() -> None:
    bill = take(street(), edits(changed("p0", system="sewage")))
    assert quantities(bill, "was_system", "system") == {("system_changed", "storm", "sewage"): 100.0}


class TestClosing:
    def test_an_abandoned_drain_is_left_in_the_ground_and_its_end_closed_where_others_go_on(self) -> None:
        """p3 runs from h, which nothing else uses, to b, through which storm water goes on flowing."""
        bill = take(street(), edits(Change(action="abandon", layer="pipes", id="p3")))
        assert quantities(bill, "pipe_size", "structure") == {
            ("given_up", "DN200"): 100.0,
            ("node_given_up", "DN200", "manhole"): 1.0,
            ("closed", "DN200"): 1.0,
        }

    def test_the_day_makes_no_difference(self) -> None:
        gone = edits(Change(action="abandon", layer="pipes", id="p3"))
        assert_alike(take(street(), gone, on="1999-01-01"), take(street(), gone, on="2031-01-01"))

    def test_a_misconnection_led_to_the_sewer_by_a_new_pipe(self) -> None:
        """House h drains into a new shaft x in place of b, and from there by 10 m of new pipe into t.

        The shaft is 12 - 10.8 = 1.2 m deep. The new pipe falls from 10.8 to 9.2 below 12 m: with 0.2 m of bedding from
        1.4 m to 3 m of depth; 1.6 m in 10 m: 0.1 m down to 1.5, 0.5 m to 2, 1 m to 3: 0.625, 3.125 and 6.25 m.
        """
        line = shapely.LineString([PLACES["b"], PLACES["t"]])
        bill = take(
            street(),
            edits(
                Change(
                    action="add", layer="nodes", id="x", geometry=line.interpolate(0),
                    columns={"kind": "manhole", "system": "sewage", "ground_m": 12.0, "invert_m": 10.8},
                ),
                Change(
                    action="add", layer="pipes", id="x1", geometry=line,
                    columns={"system": "sewage", "from_node": "x", "to_node": "t", "shape": "circular",
                             "diameter_mm": 200, "invert_from_m": 10.8, "invert_to_m": 9.2},
                ),
                changed("p3", to_node="x"),
            ),
        )  # fmt: skip
        assert quantities(bill, "pipe_size", "structure", "depth_class") == pytest.approx(
            {
                ("laid_new", "DN200", "≤1.5"): 0.63,
                ("laid_new", "DN200", "1.5–2"): 3.13,
                ("laid_new", "DN200", "2–3"): 6.25,
                ("node_new", "DN200", "manhole", "≤1.5"): 1.0,
                ("closed", "DN200"): 1.0,
                ("reconnected", "DN200"): 1.0,
                ("joined", "DN200"): 1.0,
            }
        )
        assert bill.pieces.loc[bill.pieces["item_kind"] == "laid_new", "work_quantity"].sum() == pytest.approx(10.0)
        assert str(bill.pipes.loc["p3", "works_there"]) == "ends closed, pipes led elsewhere"

    def test_an_inlet_without_a_pipe_is_told_and_not_torn_out(self) -> None:
        net = street()
        nodes = net.nodes
        nodes.loc["h", ["kind", "kind_source"]] = ["inlet", "recorded"]
        inlet = net.replace(nodes=nodes)
        bill = take(inlet, edits(Change(action="abandon", layer="pipes", id="p3")))
        assert "node_given_up" not in bill.summary["number_by_item"]
        assert bill.not_billed["feature_id"].tolist() == ["h"]


def test_what_is_dug_is_asked_for_and_of_the_depth_of_its_trench() -> None:
    """p0, DN500 with walls of a tenth: 0.6 + 2 × 0.5 = 1.6 m wide; 50 m at 1.45 m and 50 m at 1.55 m of mean depth."""
    works = edits(changed("p0", diameter_mm=500))
    bill = take(street(), works, bedding_m=0.4, trench=dr.plans.Trench(working_space_m=0.5))
    dug = {key: metres for key, metres in quantities(bill, "depth_class", "pipe_size").items() if key[0] == "dug"}
    assert dug == {("dug", "≤1.5"): 116.0, ("dug", "1.5–2"): 124.0}
    assert "0.5 m" in str(bill.summary["assumptions"]["dug_trench"])
    remembered = take(street(), works, trench=dr.plans.Trench())
    assert "not verified" in str(remembered.summary["assumptions"]["dug_trench"])
    assert "dug_trench" not in take(street(), works).summary["assumptions"]


def test_a_plan_is_no_change_set_and_the_way_to_one_is_told() -> None:
    with pytest.raises(TypeError, match="changes_of_relief"):
        take(street(), take(street(), street()))  # type: ignore[arg-type]  # what is tried


class TestStructures:
    def test_a_deepened_manhole_a_flap_gate_a_pump_and_a_tank(self) -> None:
        def node(name: str, **columns: object) -> Change:
            return Change(action="change", layer="nodes", id=name, columns=columns)

        gate_and_pump = node("out", flap_gate="yes", pump_m3s=0.35)
        bill = take(street(), edits(node("c", invert_m=9.5), gate_and_pump, node("b", tank_m3=120.5)))
        assert quantities(bill, "pipe_size", "depth_class") == {
            ("node_deepened", "DN600", "2–3"): 1.0,
            ("flap_gate", "DN600"): 1.0,
            ("outfall_pump", "0.35 m³/s"): 1.0,
            ("stored",): 120.5,
        }
        assert bill.items.loc[bill.item_keys["item_kind"] == "stored", "work_unit"].tolist() == ["m3"]

    def test_a_weir_is_a_device_and_no_pipe(self) -> None:
        weir = Change(
            action="add", layer="pipes", id="w1", geometry=shapely.LineString([PLACES["c"], PLACES["works"]]),
            columns={"system": "storm", "from_node": "c", "to_node": "works", "link_type": "weir"},
        )  # fmt: skip
        assert quantities(take(street(), edits(weir)), "structure") == {("device_new", "weir"): 1.0}


class TestUnknown:
    def test_an_unknown_depth_is_an_item_of_its_own(self) -> None:
        """p1 lies 1.2 m deep at b and nobody knows how deep at c; p0 is known: 1.2 to 1.4 m with the bedding."""
        bill = take(
            but_for(street(), p1={"invert_to_m": np.nan}), edits(*(changed(p, diameter_mm=400) for p in ("p0", "p1")))
        )
        assert quantities(bill, "pipe_size", "depth_class") == {
            ("laid_larger", "DN400", "≤1.5"): 100.0,
            ("laid_larger", "DN400", "unknown"): 100.0,
            ("taken_up", "DN300"): 200.0,
        }
        assert bill.summary["depth_unknown_m"] == 100.0
        assert "unknown depth" in str(bill.items["item_name"].iloc[1])

    def test_a_recorded_depth_counts_where_there_is_no_level(self) -> None:
        told = but_for(street(), p1={"invert_to_m": np.nan, "depth_to_m": 2.0})
        bill = take(told, edits(changed("p1", diameter_mm=400)), depths_m=(1.6,))
        assert quantities(bill, "depth_class") == {
            ("laid_larger", "≤1.6"): 25.0, ("laid_larger", ">1.6"): 75.0, ("taken_up",): 100.0,
        }  # fmt: skip

    def test_an_unknown_size_is_an_item_of_its_own(self) -> None:
        bill = take(but_for(street(), p0={"diameter_mm": np.nan}), edits(changed("p0", barrels=2)))
        assert quantities(bill, "pipe_size", "depth_class") == {("laid_beside", "unknown", "≤1.5"): 100.0}
        assert bill.summary["size_unknown_m"] == 100.0
        assert bill.items["item_name"].iloc[0].chinese == "雨水管道并排增设 规格不详（concrete），沟槽深度 ≤1.5 m"

    def test_a_pipe_above_the_ground_has_no_depth(self) -> None:
        high = take(street(), edits(changed("p0", invert_from_m=12.5, invert_to_m=12.4)))
        assert high.summary["depth_unknown_m"] == 100.0

    def test_a_pipe_without_a_length_is_counted_and_not_measured(self) -> None:
        bare = take(street(length_m=[np.nan, *[100.0] * 5]), edits(changed("p0", diameter_mm=400)))
        assert bare.items["work_quantity"].isna().all()
        assert bare.item_keys["without_quantity"].tolist() == [1, 1]
        assert bare.summary["without_quantity"] == 2
        assert bare.summary["laid_m"] == 0.0

    def test_levels_that_were_filled_in_are_said(self) -> None:
        net = street(invert_from_source=["node", *["recorded"] * 5])
        bill = take(net, edits(changed("p0", diameter_mm=400), changed("p1", diameter_mm=400)))
        assert bill.summary["depth_filled_m"] == 100.0
        assert bill.item_keys.loc[bill.item_keys["part"] == "A", "filled_features"].sum() == 1


class TestTwoNetworks:
    def test_the_network_after_gives_the_bill_of_its_change_set(self) -> None:
        works = edits(changed("p0", diameter_mm=500), changed("p1", system="sewage"), changed("p2", silt_share=0.0))
        by_set = take(street(), works)
        by_network = take(street(), apply_changes(street(), works).network)
        assert by_network.items.equals(by_set.items)
        assert "by_ids" in by_network.summary["assumptions"]

    def test_a_new_pipe_in_the_place_of_an_old_one_takes_it_up(self) -> None:
        """p0 is given up and n0 laid between the same nodes along the same line: nothing is closed, nothing joined."""
        net = street()
        pipes = net.pipes.rename(index={"p0": "n0"})
        pipes.loc["n0", "diameter_mm"] = 400.0
        assert take(net, net.replace(pipes=pipes)).summary["length_m_by_item"] == {
            "laid_larger": 100.0,
            "taken_up": 100.0,
        }
        pipes.loc["n0", "diameter_mm"] = 300.0
        assert take(net, net.replace(pipes=pipes)).summary["length_m_by_item"] == {
            "laid_other": 100.0,
            "taken_up": 100.0,
        }
        pipes.loc["n0", "system"] = "sewage"
        assert take(net, net.replace(pipes=pipes)).summary["length_m_by_item"] == {"system_changed": 100.0}

    def test_networks_of_two_systems_are_refused(self) -> None:
        with pytest.raises(CrsError, match="same CRS"):
            take(street(), street().to_crs(4549))

    def test_nothing_was_built_between_equal_networks(self) -> None:
        bill = take(street(), street())
        assert not len(bill.items)
        assert bill.not_known is None
        assert bill.totals["items"].tolist() == [0]


class TestRefused:
    def test_an_empty_change_set_has_nothing_to_take(self) -> None:
        bill = take(street(), edits(name="empty.geojson"))
        assert "empty.geojson" in str(bill.not_known)

    def test_a_change_set_that_does_not_fit_is_named(self) -> None:
        with pytest.raises(SchemaError, match="p99"):
            take(street(), edits(changed("p99", diameter_mm=500)))

    @pytest.mark.parametrize("name", ["bedding_m", "least_level_m", "moved_m"])
    def test_a_number_below_0(self, name: str) -> None:
        with pytest.raises(SchemaError, match=name):
            take(street(), edits(changed("p0", diameter_mm=500)), **{name: -0.1})  # type: ignore[arg-type]  # one of several

    def test_edits_of_pipes_that_are_out_of_use_are_warned_of(self) -> None:
        net = street(abandoned=[pd.Timestamp("2001-01-01"), *[pd.NaT] * 5])
        bill = take(net, edits(changed("p0", diameter_mm=500)))
        assert "out of use" in str(bill.summary["advice"])


def assert_alike(one: dr.Result, other: dr.Result) -> None:
    """Assert that two bills have the same items."""
    for name in ("items", "item_keys"):
        pd.testing.assert_frame_equal(one.tables[name], other.tables[name])


SIZES = st.sampled_from([200.0, 300.0, 500.0, 800.0])
LEVELS = st.sampled_from([11.0, 10.5, 9.0, 7.5, 5.0])


@examples(12)
@given(
    st.lists(
        st.tuples(st.sampled_from([f"p{k}" for k in range(6)]), SIZES, LEVELS, st.integers(1, 3)),
        max_size=6,
        unique_by=lambda one: one[0],
    )
)
def test_the_metres_of_all_pieces_are_those_of_the_pipes_and_no_order_matters(
    asked: list[tuple[str, float, float, int]],
) -> None:
    changes = [changed(name, diameter_mm=size, invert_to_m=level, barrels=count) for name, size, level, count in asked]
    net = street()
    bill = take(net, edits(*changes), trench=dr.plans.Trench())
    after = apply_changes(net, edits(*changes)).network.pipes
    pieces = bill.pieces[bill.pieces["item_kind"].isin(LAID)]
    lengths = after["length_m"].to_dict()
    barrels = after["barrels"].to_dict() if "barrels" in after else {}
    for pipe, metres in pieces.groupby("feature_id")["work_quantity"].sum().items():
        beside = (pieces.loc[pieces["feature_id"] == pipe, "item_kind"] == "laid_beside").all()
        count = barrels.get(pipe, 1.0) - (1.0 if beside else 0.0)
        assert metres == pytest.approx(count * lengths[pipe], abs=1e-3)
    items = bill.items.join(bill.item_keys)
    summed = bill.pieces.groupby("bill_item")["work_quantity"].sum()
    assert np.abs(items["work_quantity"] - summed).max() <= 0.005 + 1e-6 if len(items) else True
    assert set(items["item_kind"]) <= KINDS.keys()
    assert (items["part"].map(PARTS.index).diff().dropna() >= 0).all()
    assert_alike(bill, take(net, edits(*reversed(changes)), trench=dr.plans.Trench()))


class TestDemo:
    @pytest.mark.long
    def test_relief_works_of_the_demo_are_all_in_the_bill(self) -> None:
        net = demo.city("2018-12-31")
        state = demo.screened("2018-12-31")
        relief = dr.plan_relief(state, dr.find_waterlogging(state))
        bill = take(net, dr.plans.changes_of_relief(net, relief))
        works = relief.tables["works"]
        dug = works[works["kind"].isin(["relay", "enlarge", "parallel", "link"])]
        laid = bill.pieces[bill.pieces["item_kind"].isin(LAID)]
        assert set(laid["feature_id"]) == set(dug["pipe_id"])
        cleaned = bill.pieces[bill.pieces["item_kind"] == "cleaned"]
        assert set(cleaned["feature_id"]) == set(works.loc[works["kind"] == "clean", "pipe_id"])
        assert cleaned["work_quantity"].sum() == pytest.approx(
            works.loc[works["kind"] == "clean", "length_m"].sum(), abs=1
        )
        enlarged = works.loc[works["kind"] == "enlarge"].set_index("pipe_id")
        sizes = laid.groupby("feature_id")["pipe_size"].first().loc[enlarged.index]
        assert sizes.tolist() == [f"DN{size:g}" for size in enlarged["new_diameter_mm"]]
        assert bill.summary["laid_m"] == pytest.approx(relief.summary["new_pipe_m"], abs=0.5)
        metres = laid.groupby("feature_id")["work_quantity"].sum()
        planned = dug.set_index("pipe_id")["new_pipe_m"]
        assert metres[planned.index].to_numpy() == pytest.approx(planned.to_numpy(), abs=0.06)
        beside = set(bill.pieces.loc[bill.pieces["item_kind"] == "laid_beside", "feature_id"])
        parallel = works[works["kind"] == "parallel"].set_index("pipe_id")["text"]
        assert {name for name, text in parallel.items() if "beside the old pipe" in text} == beside
        assert len(bill.not_billed) == 0
        assert bill.notice is not None

    def test_closures_of_the_demo_close_each_entry_once(self) -> None:
        net = demo.city("2018-12-31")
        closures = dr.plan_closures(net, demo.mixed_flow("2018-12-31"), budget=10)
        works = dr.plans.changes_of_closures(net, closures)
        bill = take(net, works)
        moved = [one for one in works.changes if one.action == "change"]
        assert bill.summary["number_by_item"]["reconnected"] == len(moved)
        entering = {one.id for one in works.changes if one.action in {"change", "abandon"}}
        closed = bill.pieces[bill.pieces["item_kind"] == "closed"]
        assert set(closed["feature_id"]) == entering
        new = [one.id for one in works.changes if one.action == "add" and one.layer == "pipes"]
        assert bill.pieces.loc[bill.pieces["item_kind"] == "laid_new", "feature_id"].nunique() == len(new)

    def test_what_was_built_in_the_demo_is_what_is_new_in_it(self) -> None:
        before, after = demo.city("2018-12-31"), demo.city("2021-05-07")
        bill = take(before, after)
        new = after.pipes[~after.pipes.index.isin(before.pipes.index)]
        gone = before.pipes[~before.pipes.index.isin(after.pipes.index)]
        assert bill.summary["laid_m"] == pytest.approx(new["length_m"].sum(), abs=0.01)
        told = bill.summary["length_m_by_item"]
        assert told["taken_up"] + told["given_up"] == pytest.approx(gone["length_m"].sum(), abs=0.02)
        by_size = (
            bill.pieces[bill.pieces["item_kind"].isin(LAID)].groupby(["system", "pipe_size"])["work_quantity"].sum()
        )
        round_ = new[new["shape"] == "circular"]
        expected = round_.groupby(["system", "diameter_mm"])["length_m"].sum()
        found = by_size[[(system, f"DN{size:g}") for system, size in expected.index]]
        assert found.tolist() == pytest.approx(expected.tolist(), abs=1e-3)
        assert isinstance(bill.pipes, gpd.GeoDataFrame)
        assert bill.pipes.geometry.notna().all()


def test_several_sets_are_named_where_they_ask() -> None:
    """p0 lies above 1.5 m; p1, 1.4 to 1.6 m deep with its bedding, above and below."""
    first, second = edits(changed("p0", diameter_mm=500), name="one"), edits(changed("p1", diameter_mm=500), name="two")
    bill = take(street(), [first, second])
    assert bill.item_keys.loc[bill.item_keys["part"] == "A", "sets"].tolist() == ["one, two", "two"]
