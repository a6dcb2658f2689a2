"""Edits are made as they are asked for, and undone to the last bit."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pytest
import shapely

import drainage as dr
from drainage.change_sets import ADDED_BY, Change, ChangeSet
from drainage.repairs import undo_repair
from tests.support import demo
from tests.support.networks import build
from tests.support.same import assert_same

if TYPE_CHECKING:
    from drainage.network import DrainageNetwork


@pytest.fixture
def street() -> DrainageNetwork:
    """``a > b > out`` of storm pipes, 100 m each, and a sewer ``s > t`` beside them.

    a(0,0) ── p0 ── b(100,0) ── p1 ── out(200,0)        s(0,50) ── p2 ── t(100,50)
    """
    places = {"a": (0.0, 0.0), "b": (100.0, 0.0), "out": (200.0, 0.0), "s": (0.0, 50.0), "t": (100.0, 50.0)}
    return build(["a>b storm 600", "b>out storm 600", "s>t sewage 300"], places=places)


def edits(net: DrainageNetwork, *changes: Change, **more: object) -> ChangeSet:
    return ChangeSet(name="edits.geojson", changes=changes, crs=net.crs, **more)  # type: ignore[arg-type]


def change(name: str, /, layer: str = "pipes", **columns: object) -> Change:
    return Change(action="change", layer=layer, id=name, columns=columns)


def drain(name: str, *points: tuple[float, float], **columns: object) -> Change:
    return Change(action="add", layer="pipes", id=name, columns=columns, geometry=shapely.LineString(points))


def test_a_key_that_is_absent_is_unchanged_and_null_is_unknown(street: DrainageNetwork) -> None:
    done = dr.apply_changes(street, edits(street, change("p0", diameter_mm=800, length_m=None)))
    row = done.network.pipes.loc["p0"]
    assert row["diameter_mm"] == 800
    assert pd.isna(row["length_m"])
    assert row["system"] == "storm"
    assert done.log[["feature_id", "column"]].to_numpy().tolist() == [["p0", "diameter_mm"], ["p0", "length_m"]]
    assert street.pipes.loc["p0", "diameter_mm"] == 600


def test_abandon_sets_the_day_and_keeps_the_record(street: DrainageNetwork) -> None:
    one = edits(street, Change(action="abandon", layer="pipes", id="p1"))
    done = dr.apply_changes(street, one, on="2027-05-01")
    assert done.network.pipes.loc["p1", "abandoned"] == pd.Timestamp("2027-05-01")
    assert len(done.network) == len(street)
    assert len(done.network.as_of("2027-05-01")) == len(street) - 1
    with pytest.raises(dr.errors.SchemaError, match=r"p1\): the day is missing; give abandoned: YYYY-MM-DD, or on="):
        dr.apply_changes(street, edits(street, Change(action="abandon", layer="pipes", id="p1", number=1)))


def test_a_pipe_is_abandoned_once_or_earlier_than_was_meant(street: DrainageNetwork) -> None:
    def on(day: str) -> ChangeSet:
        return edits(street, Change(action="abandon", layer="pipes", id="p1", columns={"abandoned": day}))

    once = dr.apply_changes(street, on("2027-05-01")).network
    with pytest.raises(dr.errors.SchemaError, match="was abandoned on 2027-05-01; if the day is wrong, change"):
        dr.apply_changes(once, on("2027-06-01"))
    earlier = dr.apply_changes(once, on("2027-04-01")).network
    assert earlier.pipes.loc["p1", "abandoned"] == pd.Timestamp("2027-04-01")


def test_a_new_pipe_is_joined_by_place_and_says_so(street: DrainageNetwork) -> None:
    """Its line ends 0.05 m from b, within 0.1 m, and begins at a new manhole; its length is that of its line."""
    shaft = Change(action="add", layer="nodes", id="n", columns={}, geometry=shapely.Point(150, 0.05))
    done = dr.apply_changes(street, edits(street, shaft, drain("d", (150, 0.05), (100, 0.05), system="storm")))
    row = done.network.pipes.loc["d"]
    assert (row["from_node"], row["to_node"]) == ("n", "b")
    assert row["length_m"] == pytest.approx(50.0)
    reason = str(done.log.set_index("feature_id")["reason"]["d"])
    assert "to_node joined to b by place (0.050 m)" in reason
    assert done.network.pipes[ADDED_BY].dropna().to_dict() == {"d": "edits.geojson"}


def test_a_tolerance_decides_what_is_joined(street: DrainageNetwork) -> None:
    one = edits(street, drain("d", (0, 0), (100, 0.5)))
    with pytest.raises(dr.errors.SchemaError, match=r"to_node is not said and no node lies within 0\.1 m"):
        dr.apply_changes(street, one)
    assert dr.apply_changes(street, one, join_within_m=0.6).network.pipes.loc["d", "to_node"] == "b"


def test_remove_takes_back_an_add_only(street: DrainageNetwork) -> None:
    added = dr.apply_changes(street, edits(street, drain("d", (0, 50), (100, 0))))
    gone = dr.apply_changes(added.network, edits(street, Change(action="remove", layer="pipes", id="d")))
    assert_same(gone.network, street)
    with pytest.raises(dr.errors.SchemaError, match="of the original survey; abandon it instead"):
        dr.apply_changes(street, edits(street, Change(action="remove", layer="pipes", id="p0")))


def test_what_edits_do_to_the_connections(street: DrainageNetwork) -> None:
    """With b > out abandoned: a and b lose their way, b hangs, out is alone; s > b lets sewage meet storm water."""
    cut = Change(action="abandon", layer="pipes", id="p1", columns={"abandoned": "2027-05-01"})
    led = drain("d", (100, 50), (0, 0), system="sewage", from_node="t", to_node="a")
    done = dr.apply_changes(street, edits(street, cut, led))
    found = {name: set(rows["feature_id"]) for name, rows in done.effects.groupby("effect")}
    assert found["cut_off"] >= {"a", "b"}
    assert found["hanging_end"] == {"b"}
    assert found["node_alone"] == {"out"}
    assert found["systems_meet"] == {"a"}
    assert (done.summary["parts_before"], done.summary["parts_after"]) == (2, 1)
    assert (done.summary["pipes_before"], done.summary["pipes_after"]) == (3, 3)


def test_a_pipe_that_finds_an_outfall_is_reported(street: DrainageNetwork) -> None:
    """Node t was an end of its own; recorded as a manhole it reaches nothing, and with a pipe to out it does."""
    blind = dr.apply_changes(street, edits(street, change("t", "nodes", kind="manhole"))).network
    led = drain("d", (100, 50), (200, 0), from_node="t", to_node="out")
    done = dr.apply_changes(blind, edits(street, led))
    assert set(done.effects.loc[done.effects["effect"] == "joined", "feature_id"]) == {"s", "t"}


def test_the_works_are_a_way_out_for_a_new_sewer(street: DrainageNetwork) -> None:
    works = dr.apply_changes(street, edits(street, change("t", "nodes", kind="works"))).network
    begins = Change(action="add", layer="nodes", id="new", columns={"kind": "manhole"}, geometry=shapely.Point(0, 150))
    led = drain("d", (0, 150), (0, 50), system="sewage", from_node="new", to_node="s")
    done = dr.apply_changes(works, edits(street, begins, led))
    assert done.effects.empty
    assert done.summary["nodes_to_outfall_after"] == done.summary["nodes_to_outfall_before"] + 1


def test_a_node_that_moves_leaves_the_ends_of_its_pipes(street: DrainageNetwork) -> None:
    moved = Change(action="change", layer="nodes", id="b", geometry=shapely.Point(100, 3))
    done = dr.apply_changes(street, edits(street, moved))
    off = done.effects[done.effects["effect"] == "end_off_node"]
    assert set(off["feature_id"]) == {"p0", "p1"}
    assert "3.00 m" in off["reason"].iloc[0]


def test_ground_whose_node_goes_out_of_use_is_reported() -> None:
    net = demo.city("2024-12-31")
    assert net.catchments is not None
    node = net.catchments["node_id"].iloc[0]
    around = net.pipes[(net.pipes["from_node"] == node) | (net.pipes["to_node"] == node)].index
    cut = [Change(action="abandon", layer="pipes", id=one, columns={"abandoned": "2027-01-01"}) for one in around]
    done = dr.apply_changes(net, edits(net, *cut))
    lost = done.effects[done.effects["effect"] == "ground_without_node"]
    assert net.catchments.index[0] in set(lost["feature_id"])


def test_several_sets_are_made_in_order_and_the_later_builds_on_the_earlier(street: DrainageNetwork) -> None:
    first = edits(street, drain("d", (0, 50), (100, 0)))
    second = ChangeSet(name="second", changes=[change("d", diameter_mm=400)], crs=street.crs)
    done = dr.apply_changes(street, [first, second])
    assert done.network.pipes.loc["d", "diameter_mm"] == 400
    assert_same(dr.apply_changes(done.network, done.inverse).network, street)
    with pytest.raises(dr.errors.SchemaError, match="there is no d in pipes"):
        dr.apply_changes(street, [second, first])


def test_the_log_is_that_of_a_repair_and_undone_like_it(street: DrainageNetwork, tmp_path: Path) -> None:
    done = dr.apply_changes(street, edits(street, change("p0", barrels=2), drain("d", (0, 50), (100, 0))))
    file = dr.formats.write_repair_log(done.log, tmp_path / "log.jsonl")
    assert_same(undo_repair(done.network, dr.formats.read_repair_log(file)), street)
    back = dr.apply_changes(done.network, done.inverse)
    assert_same(undo_repair(back.network, back.log), done.network)


def test_places_in_degrees_come_into_the_crs_of_the_network(street: DrainageNetwork) -> None:
    there = street.nodes.geometry.to_crs(4326)["b"]
    moved = Change(action="change", layer="nodes", id="a", geometry=there)
    done = dr.apply_changes(street, ChangeSet(name="x", changes=[moved], crs=street.nodes.to_crs(4326).crs))
    assert done.network.nodes.geometry["a"].distance(street.nodes.geometry["b"]) < 1e-6


def test_whole_numbers_stay_whole_after_the_inverse() -> None:
    """The demo counts grades as whole numbers; a pipe without one makes them numbers with a point for as long."""
    net = demo.whole_city()
    end = shapely.get_coordinates(net.nodes.geometry.iloc[:2])
    added = drain("d", tuple(end[0]), tuple(end[1]), from_node=net.nodes.index[0], to_node=net.nodes.index[1])
    done = dr.apply_changes(net, edits(net, added))
    assert (str(net.pipes["condition_grade"].dtype), str(done.network.pipes["condition_grade"].dtype)) == (
        "int32",
        "float64",
    )
    assert_same(dr.apply_changes(done.network, done.inverse).network, net)
