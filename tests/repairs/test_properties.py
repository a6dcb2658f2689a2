"""What holds of every repair: once is enough, order and place do not matter, and undone it never happened."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import Phase, given
from hypothesis import strategies as st

import drainage as dr
from drainage.repairs import RULES
from tests.repairs.drawn import Line, drawn
from tests.support.examples import examples

if TYPE_CHECKING:
    from pathlib import Path

TOLERANCE_M = 0.5
# A network is drawn from one number, which does not shrink: to try would take minutes.
drawn_networks = examples(30, phases=[Phase.explicit, Phase.reuse, Phase.generate])
PLACES = [(x * 40.0 + y * 3.0, y * 30.0) for x in range(4) for y in range(3)]


@st.composite
def networks(draw: st.DrawFn) -> dr.DrainageNetwork:
    """Draw a few pipes between twelve places, with everything that a survey gets wrong.

    Ends miss their places by up to 0.2 m; some carry a node of their own, some end on the body of another pipe; pipes
    are drawn upstream or twice; inverts are missing; nodes are recorded beside others.
    """
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    pairs = draw(st.lists(st.tuples(st.integers(0, 11), st.integers(0, 11)), min_size=1, max_size=12))
    pipes: dict[str, tuple[str, Line]] = {}
    levels: list[tuple[float, float]] = []
    for a, b in pairs:
        if a == b:
            continue
        low, high = max(a, b), min(a, b)
        names = [f"n{i}" if rng.random() < 0.7 else f"x{len(pipes)}_{i}" for i in (high, low)]
        ends = [np.array(PLACES[i]) + rng.uniform(-0.14, 0.14, 2) for i in (high, low)]
        if rng.random() < 0.2 and pipes:
            _, line = list(pipes.values())[int(rng.integers(len(pipes)))]
            ends[1] = np.array(line[0]) + (np.array(line[-1]) - np.array(line[0])) * rng.uniform(0.3, 0.7)
            names[1] = f"t{len(pipes)}"
        ground = [20.0 - high + rng.uniform(0, 0.5), 20.0 - low - rng.uniform(0, 0.5)]
        if rng.random() < 0.2:
            names, ends, ground = names[::-1], ends[::-1], ground[::-1] if rng.random() < 0.7 else ground
        known = [level if rng.random() < 0.7 else np.nan for level in ground]
        times = 2 if rng.random() < 0.15 else 1
        for _ in range(times):
            pipes[f"p{len(pipes)}"] = (">".join(names), [(float(x), float(y)) for x, y in ends])
            levels.append((known[0], known[1]))
    if not pipes:
        pipes["p0"], levels = ("n0>n1", [PLACES[0], PLACES[1]]), [(10.0, np.nan)]
    nodes: dict[str, dict[str, object]] = {
        f"n{i}": {
            "kind": (None, "manhole", "outfall")[int(rng.integers(3))],
            "ground_m": float(rng.choice([25.0, np.nan])),
        }
        for i in range(12)
        if rng.random() < 0.3
    }
    nodes |= {f"m{i}": {"kind": "manhole", "at": (PLACES[i][0] + 0.3, PLACES[i][1])} for i in rng.integers(0, 12, 2)}
    nodes = {name: facts for name, facts in nodes.items() if "at" in facts or _used(name, pipes)}
    systems = [("storm", "storm", "storm", "sewage", "unknown")[k] for k in rng.integers(0, 5, len(pipes))]
    upper, lower = zip(*levels, strict=True)
    net = drawn(pipes, nodes, system=systems, invert_from_m=upper, invert_to_m=lower)
    note = pd.Series([("y", None)[k] for k in rng.integers(0, 2, len(pipes))], net.pipes.index, dtype="object")
    return net.replace(pipes=net.pipes.assign(rank=np.arange(len(pipes), dtype="int32") % 1, note=note))


def _used(name: str, pipes: dict[str, tuple[str, Line]]) -> bool:
    return any(name in text.split(">") for text, _ in pipes.values())


def assert_same(one: dr.DrainageNetwork, other: dr.DrainageNetwork) -> None:
    """Compare to the last bit: rows in order, columns in order, types, values, missing ones, geometry."""
    for a, b in ((one.pipes, other.pipes), (one.nodes, other.nodes)):
        assert a.crs == b.crs
        assert a.columns.tolist() == b.columns.tolist()
        assert list(a.geometry.to_wkb()) == list(b.geometry.to_wkb())
        one_table, other_table = (pd.DataFrame(table.drop(columns="geometry")) for table in (a, b))
        pd.testing.assert_frame_equal(one_table, other_table, check_exact=True)


def copy_of(net: dr.DrainageNetwork) -> dr.DrainageNetwork:
    return net.replace(pipes=net.pipes.copy(deep=True), nodes=net.nodes.copy(deep=True))


@drawn_networks
@given(networks())
def test_a_repaired_network_needs_no_repair(net: dr.DrainageNetwork) -> None:
    once = dr.repair(net, tolerance_m=TOLERANCE_M)
    again = dr.repair(once.network, tolerance_m=TOLERANCE_M)
    assert again.log.empty
    assert_same(once.network, again.network)
    pd.testing.assert_frame_equal(once.proposals, again.proposals)


@drawn_networks
@given(networks(), st.sets(st.sampled_from(RULES), min_size=1))
def test_that_holds_of_any_choice_of_rules(net: dr.DrainageNetwork, rules: set[str]) -> None:
    once = dr.repair(net, tolerance_m=TOLERANCE_M, rules=rules)
    assert dr.repair(once.network, tolerance_m=TOLERANCE_M, rules=rules).log.empty
    assert set(once.log["rule"]) <= rules | {"kind"}


@drawn_networks
@given(networks())
def test_undo_gives_the_original_back_to_the_last_bit_and_nothing_is_changed_in_place(net: dr.DrainageNetwork) -> None:
    before = copy_of(net)
    once = dr.repair(net, tolerance_m=TOLERANCE_M)
    repaired = copy_of(once.network)
    assert_same(net, before)
    assert_same(dr.repairs.undo_repair(once.network, once.log), net)
    assert_same(once.network, repaired)


@drawn_networks
@given(net=networks())
def test_the_log_survives_its_file(net: dr.DrainageNetwork, tmp_path_factory: pytest.TempPathFactory) -> None:
    place: Path = tmp_path_factory.mktemp("log")
    once = dr.repair(net, tolerance_m=TOLERANCE_M)
    log = dr.formats.read_repair_log(dr.formats.write_repair_log(once.log, place / "log.jsonl"))
    assert log.dtypes.tolist() == once.log.dtypes.tolist()
    assert_same(dr.repairs.undo_repair(once.network, log), net)


@drawn_networks
@given(networks(), st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(net: dr.DrainageNetwork, random: object) -> None:
    rng = np.random.default_rng(random.getrandbits(32))  # type: ignore[attr-defined]  # a Random
    pipes, nodes = net.pipes, net.nodes
    mixed = net.replace(pipes=pipes.iloc[rng.permutation(len(pipes))], nodes=nodes.iloc[rng.permutation(len(nodes))])
    one, other = (dr.repair(each, tolerance_m=TOLERANCE_M).network for each in (net, mixed))
    assert_same(_sorted(one), _sorted(other))


@drawn_networks
@given(networks(), st.integers(-1000, 1000), st.integers(-1000, 1000))
def test_the_place_does_not_matter(net: dr.DrainageNetwork, x: int, y: int) -> None:
    def moved(table: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        return table.set_geometry(table.geometry.translate(x, y))

    there = dr.repair(net.replace(pipes=moved(net.pipes), nodes=moved(net.nodes)), tolerance_m=TOLERANCE_M).network
    here = dr.repair(net, tolerance_m=TOLERANCE_M).network
    for a, b in ((here.pipes, there.pipes), (here.nodes, there.nodes)):
        one, other = (pd.DataFrame(table.drop(columns="geometry")) for table in (a, b))
        pd.testing.assert_frame_equal(one, other, check_exact=False, rtol=1e-6, atol=1e-6)
        shift = shapely.get_coordinates(b.geometry.to_numpy()) - shapely.get_coordinates(a.geometry.to_numpy())
        np.testing.assert_allclose(shift, np.broadcast_to([x, y], shift.shape), atol=1e-6)


@drawn_networks
@given(networks())
def test_every_difference_stands_in_the_log(net: dr.DrainageNetwork) -> None:
    """Each cell that differs, each row that came or went has its row; and a row of the log changes something."""
    once = dr.repair(net, tolerance_m=TOLERANCE_M)
    log = once.log
    assert log["reason"].str.len().min() > 0 or log.empty
    for kind, before, after in (("pipe", net.pipes, once.network.pipes), ("node", net.nodes, once.network.nodes)):
        mine = log[log["feature_kind"] == kind]
        gone, came = set(before.index) - set(after.index), set(after.index) - set(before.index)
        assert gone <= set(mine["feature_id"][mine["action"] == "dropped"])
        assert came <= set(mine["feature_id"][mine["action"] == "added"])
        both = before.index.intersection(after.index)
        for column in before.columns:
            a, b = before.loc[both, column], after.loc[both, column]
            differs = a.to_wkb() != b.to_wkb() if column == "geometry" else (a != b) & ~(a.isna() & b.isna())
            told = set(mine["feature_id"][mine["column"] == column])
            assert set(both[differs.to_numpy()]) <= told, column


@drawn_networks
@given(networks())
def test_no_water_is_lost(net: dr.DrainageNetwork) -> None:
    """Ends that met still meet; pipes are as long as before, up to what ends moved; no pipe begins where it ends."""
    fixed = dr.repair(net, tolerance_m=TOLERANCE_M, rules=[rule for rule in RULES if rule != "duplicates"]).network
    assert (fixed.pipes["from_node"] != fixed.pipes["to_node"]).all()
    parts = [len(np.unique(each.graph.part[each.graph.tail])) for each in (net, fixed)]
    assert parts[1] <= parts[0]
    lengths = [each.pipes.geometry.length.sum() for each in (net, fixed)]
    assert abs(lengths[1] - lengths[0]) <= 4 * TOLERANCE_M * (len(fixed.pipes) + len(net.pipes))


def _sorted(net: dr.DrainageNetwork) -> dr.DrainageNetwork:
    return net.replace(pipes=net.pipes.sort_index(), nodes=net.nodes.sort_index())
