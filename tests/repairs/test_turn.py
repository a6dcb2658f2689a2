"""Pipes drawn against their fall are turned where neighbours support it; layers of swapped inverts are told."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import shapely

import drainage as dr
from tests.repairs.drawn import Line, drawn
from tests.repairs.test_properties import assert_same

RULES = ["turn"]


def test_a_pipe_drawn_upstream_between_its_neighbours_is_turned() -> None:
    """Drawn a → b ← c → d, but levels fall from a to d: 10 9.9 | 9.8 9.7 | 9.6 9.5. So b → c is meant."""
    net = drawn(
        {"p": ("a>b", [(0, 0), (10, 0)]), "q": ("c>b", [(20, 0), (15, 1), (10, 0)]), "r": ("c>d", [(20, 0), (30, 0)])},
        invert_from_m=[10.0, 9.7, 9.6], invert_to_m=[9.9, 9.8, 9.5], depth_from_m=[1, 2, 3], depth_to_m=[1, 4, 3],
    )  # fmt: skip
    fixed = dr.repair(net, tolerance_m=0.1, rules=RULES)
    pipe = fixed.network.pipes.loc["q"]
    assert list(pipe[["from_node", "to_node"]]) == ["b", "c"]
    assert list(pipe[["invert_from_m", "invert_to_m", "depth_from_m", "depth_to_m"]]) == [9.8, 9.7, 4.0, 2.0]
    line = fixed.network.pipes.geometry.to_numpy()[1]
    assert shapely.get_coordinates(line).tolist() == [[10, 0], [15, 1], [20, 0]]
    assert set(fixed.log["feature_id"][fixed.log["rule"] == "turn"]) == {"q"}
    assert fixed.proposals.empty


def test_a_real_adverse_slope_is_proposed_not_turned() -> None:
    """A → b → c → d where b → c rises by 5 cm: turning it would leave b without a way out."""
    net = drawn(
        {"p": ("a>b", [(0, 0), (10, 0)]), "q": ("b>c", [(10, 0), (20, 0)]), "r": ("c>d", [(20, 0), (30, 0)])},
        invert_from_m=[10.0, 9.90, 9.95], invert_to_m=[9.9, 9.95, 9.5],
    )  # fmt: skip
    fixed = dr.repair(net, tolerance_m=0.1, rules=RULES)
    assert fixed.log.empty
    assert fixed.proposals[["rule", "feature_id"]].to_numpy().tolist() == [["turn", "q"]]


def test_a_run_of_turned_pipes_is_turned_from_its_end() -> None:
    """A → b, and three pipes b … e drawn upstream, then e → f."""
    pipes: dict[str, tuple[str, Line]] = {
        "p": ("a>b", [(0, 0), (10, 0)]),
        "q": ("c>b", [(20, 0), (10, 0)]),
        "r": ("d>c", [(30, 0), (20, 0)]),
        "s": ("e>d", [(40, 0), (30, 0)]),
        "t": ("e>f", [(40, 0), (50, 0)]),
    }
    net = drawn(pipes, invert_from_m=[10, 9.7, 9.6, 9.5, 9.5], invert_to_m=[9.8, 9.8, 9.7, 9.6, 9.4])
    fixed = dr.repair(net, tolerance_m=0.1, rules=RULES).network
    assert fixed.pipes["from_node"].tolist() == ["a", "b", "c", "d", "e"]
    assert fixed.nodes.index[fixed.nodes["kind"] == "outfall"].tolist() == ["f"]


@pytest.mark.parametrize("kind", ["outfall", "pump"])
def test_the_last_pipe_is_not_turned_away_from_an_outfall_nor_a_pressure_pipe_at_all(kind: str) -> None:
    """B → out rises, and c leaves b lower: only what `out` or `b` is recorded as speaks against turning."""
    place = {"outfall": "out", "pump": "b"}[kind]
    net = drawn(
        {"p": ("b>out", [(10, 0), (0, 0)]), "q": ("b>c", [(10, 0), (20, 0)])}, {place: {"kind": kind}},
        invert_from_m=[9.0, 8.9], invert_to_m=[9.5, 8.5],
    )  # fmt: skip
    assert dr.repair(net, tolerance_m=0.1, rules=RULES).log.empty
    free = drawn(
        {"p": ("b>out", [(10, 0), (0, 0)]), "q": ("b>c", [(10, 0), (20, 0)])},
        invert_from_m=[9.0, 8.9], invert_to_m=[9.5, 8.5],
    )  # fmt: skip
    assert dr.repair(free, tolerance_m=0.1, rules=RULES).network.pipes["from_node"].tolist() == ["out", "b"]


def test_a_rise_within_rounding_says_nothing() -> None:
    net = drawn(
        {"p": ("b>a", [(10, 0), (0, 0)]), "q": ("b>c", [(10, 0), (20, 0)])},
        invert_from_m=[9.0, 9.0], invert_to_m=[9.005, 8.5],
    )  # fmt: skip
    fixed = dr.repair(net, tolerance_m=0.1, rules=RULES)
    assert fixed.log.empty
    assert fixed.proposals.empty


def comb(*, swapped: bool) -> dr.DrainageNetwork:
    """A street of 20 pipes with a lateral at every manhole; with inverts at the wrong ends if swapped."""
    pipes: dict[str, tuple[str, Line]] = {}
    levels: list[tuple[float, float]] = []
    for k in range(20):
        pipes[f"m{k}"] = (f"n{k}>n{k + 1}", [(10 * k, 0), (10 * k + 10, 0)])
        pipes[f"l{k}"] = (f"h{k}>n{k}", [(10 * k, 5), (10 * k, 0)])
        levels += [(10 - k / 10, 9.9 - k / 10), (10.5 - k / 10, 10 - k / 10)]
    upper, lower = zip(*levels, strict=True)
    return drawn(pipes, invert_from_m=lower if swapped else upper, invert_to_m=upper if swapped else lower)


def test_inverts_at_the_wrong_ends_of_a_whole_layer_are_proposed_and_swapped_on_demand() -> None:
    net = comb(swapped=True)
    fixed = dr.repair(net, tolerance_m=0.1)
    assert fixed.log.empty
    assert fixed.proposals[["feature_kind", "feature_id"]].to_numpy().tolist() == [["layer", "storm"]]
    assert "40 of 40 pipes rise" in fixed.proposals["reason"].iloc[0]
    fixed = dr.repair(net, tolerance_m=0.1, swap_inverts=True)
    pd.testing.assert_frame_equal(
        pd.DataFrame(fixed.network.pipes[["from_node", "invert_from_m", "invert_to_m"]]),
        pd.DataFrame(comb(swapped=False).pipes[["from_node", "invert_from_m", "invert_to_m"]]),
    )
    assert dr.repair(fixed.network, tolerance_m=0.1, swap_inverts=True).log.empty
    back = dr.repairs.undo_repair(fixed.network, fixed.log).pipes
    assert np.array_equal(back["invert_from_m"], net.pipes["invert_from_m"])


def test_a_single_invert_of_a_swapped_layer_goes_to_its_end_too() -> None:
    """Known of m3 is the upper end only, of m5 the lower one, of m7 the upper one above a manhole of known invert."""
    net = comb(swapped=True)
    pipes, nodes = net.pipes, net.nodes
    for pipe, blank in (("m3", "from"), ("m5", "to"), ("m7", "from")):
        pipes.loc[pipe, [f"invert_{blank}_m", f"invert_{blank}_source"]] = np.nan
    nodes.loc["n8", "invert_m"] = 9.15
    fixed = dr.repair(net.replace(pipes=pipes, nodes=nodes), tolerance_m=0.1, rules=RULES, swap_inverts=True)
    swapped = fixed.network.pipes.loc[["m3", "m5", "m7"]]
    assert swapped["invert_from_m"].tolist() == pytest.approx([9.7, np.nan, 9.3], nan_ok=True)
    assert swapped["invert_to_m"].tolist() == pytest.approx([np.nan, 9.4, 9.15], nan_ok=True)
    assert swapped["invert_from_source"].fillna("").tolist() == ["recorded", "", "recorded"]
    assert swapped["invert_to_source"].fillna("").tolist() == ["", "recorded", "node"]
    assert_same(dr.repairs.undo_repair(fixed.network, fixed.log), net.replace(pipes=pipes, nodes=nodes))


def test_a_layer_drawn_upstream_as_a_whole_is_proposed_as_that() -> None:
    net = comb(swapped=False)
    pipes = net.pipes
    ends = {"from_node": pipes["to_node"], "to_node": pipes["from_node"], "geometry": pipes.geometry.reverse()}
    levels = {"invert_from_m": pipes["invert_to_m"], "invert_to_m": pipes["invert_from_m"]}
    fixed = dr.repair(net.replace(pipes=pipes.assign(**ends, **levels)), tolerance_m=0.1, swap_inverts=True)
    assert fixed.proposals["feature_kind"].iloc[0] == "layer"
    assert "drawn against the flow" in fixed.proposals["remedy"].iloc[0]
