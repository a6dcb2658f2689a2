"""The way back, by hand: what fits is undone, what does not is refused with the place."""

from __future__ import annotations

import pytest

import drainage as dr
from drainage.origin import Origin
from tests.repairs.drawn import drawn


def gap() -> dr.DrainageNetwork:
    return drawn({"p": ("a>b", [(0, 0), (10, 0)]), "q": ("c>d", [(10.3, 0), (20, 0)])})


def test_a_network_that_was_changed_since_is_refused_with_the_place() -> None:
    fixed = dr.repair(gap(), tolerance_m=0.5)
    edited = fixed.network.replace(pipes=fixed.network.pipes.assign(length_m=[10.0, 99.0]))
    with pytest.raises(dr.errors.TopologyError, match=r"pipe q: length_m is 99\.0, but the log left 10\.0"):
        dr.repairs.undo_repair(edited, fixed.log)


def test_the_log_of_another_network_is_refused() -> None:
    fixed = dr.repair(gap(), tolerance_m=0.5)
    other = drawn({"z": ("a>b", [(0, 0), (10, 0)])})
    with pytest.raises(dr.errors.TopologyError, match="undo with the log of this file"):
        dr.repairs.undo_repair(other, fixed.log)
    with pytest.raises(dr.errors.TopologyError, match="which this network does not have"):
        dr.repairs.undo_repair(drawn({"z": ("y>x", [(0, 0), (10, 0)])}), fixed.log)


def test_dropped_rows_come_back_at_their_places() -> None:
    line = [(0.0, 0.0), (10.0, 0.0)]
    net = drawn({"b": ("a>b", line), "a": ("a>b", line), "c": ("b>c", [(10, 0), (20, 0)])})
    fixed = dr.repair(net, tolerance_m=0.1)
    assert fixed.network.pipes.index.tolist() == ["a", "c"]
    assert dr.repairs.undo_repair(fixed.network, fixed.log).pipes.index.tolist() == ["b", "a", "c"]


def test_a_column_that_the_repair_added_goes_again() -> None:
    net = drawn({"p": ("a>b", [(0, 0), (10, 0)]), "q": ("b>c", [(10, 0), (20, 0)])}, invert_from_m=[9, None],
                invert_to_m=[None, 7])  # fmt: skip
    bare = net.replace(pipes=net.pipes.drop(columns=["invert_from_source", "invert_to_source"]))
    fixed = dr.repair(bare, tolerance_m=0.1)
    assert fixed.network.pipes["invert_from_source"].tolist() == ["recorded", "interpolated"]
    assert dr.repairs.undo_repair(fixed.network, fixed.log).pipes.columns.tolist() == bare.pipes.columns.tolist()


def test_what_was_filled_is_counted_anew_and_back() -> None:
    net = drawn({"p": ("a>b", [(0, 0), (10, 0)]), "q": ("b>c", [(10, 0), (20, 0)])}, invert_from_m=[9, None],
                invert_to_m=[None, 7])  # fmt: skip
    net = net.replace(origin=Origin(filled={"invert_from": 0, "invert_to": 0, "length": 2}))
    fixed = dr.repair(net, tolerance_m=0.1)
    assert fixed.network.origin.filled == {"length": 2, "invert_from": 1, "invert_to": 1}
    assert dr.repairs.undo_repair(fixed.network, fixed.log).origin.filled == net.origin.filled
