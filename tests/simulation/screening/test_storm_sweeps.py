"""Pipes computed several at once: the same to the last bit as one by one, and close to the printed formulas."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from drainage.arrays import Bools, Floats, Ints32
from drainage.compiling import SlowWay
from drainage.graph import kernels
from drainage.measures import LIFT
from drainage.simulation.screening.routing import free_flow, grade_lines, storm_sweeps, swept_nodes, turns
from drainage.simulation.screening.routing.grade_lines import CONVEYANCE, FORKED, GROUND, HEIGHT, PASSES, Z_DOWN, Z_UP
from tests.support.examples import examples


def routed(
    ptr: Ints32,
    head: Ints32,
    table: Floats,
    nodes: Floats,
    groups: Ints32,
    *,
    levels: bool = True,
    few: int = 0,
    beside: float = 1.0,
) -> tuple[Floats, Floats, NDArray[np.float32]]:
    """Route 20 min of rain in steps of 5 min, two sweeps each; give what comes out, and what leaves each pipe.

    Up to ``few`` nodes are taken one by one, more at once. By ``beside`` to some nodes comes more than their ground's.
    """
    steps = 4
    runoff = np.array([0.1, 0.4, 0.2, 0.0])
    record = np.zeros((len(head), steps), np.float32)
    series = np.array([[0.02, 0.0, 0.3, -0.01]]) * beside
    beside_m3s = np.where(some(nodes, 7, 3)[:, None], series, 0.0).astype(np.float32)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(storm_sweeps, "ONE_BY_ONE", SlowWay(most_rows=few, worth_s=math.inf))
        of_nodes, of_edges = storm_sweeps.route_storm(
            groups, ptr, head, table, nodes, np.full(steps, 300.0), runoff, np.full(steps, 2, np.int32),
            np.where(some(nodes, 9, 4), 0, -1).astype(np.int32), series, beside_m3s, record, levels=levels,
        )  # fmt: skip
    return of_nodes, of_edges, record


def some(nodes: Floats, share: int, rest: int) -> Bools:
    """Choose some nodes by their ground, wherever they stand."""
    chosen: Bools = (nodes[grade_lines.OWN_HA] * 1e9).astype(np.int64) % share == rest
    return chosen


def town(seed: int, n_nodes: int) -> tuple[Ints32, Ints32, Floats, Floats, Ints32]:
    """Draw a tree, some of its nodes with a second pipe, weir, pump, basin or unknown measure, in model order."""
    rng = np.random.default_rng(seed)
    below = np.array([rng.integers(max(k - 6, 0), k) for k in range(1, n_nodes)])  # of nodes 1.., the outfall is 0
    steps = np.zeros(n_nodes, np.int64)
    for k, end in enumerate(below, start=1):
        steps[k] = steps[end] + 1
    order = np.argsort(-steps, kind="stable")
    number = np.argsort(order)
    tail, head = number[1:n_nodes], number[below]
    second = [
        (number[k], number[below[below[k - 1] - 1]])
        for k in range(1, n_nodes)
        if below[k - 1] > 0 and rng.random() < 0.1
    ]
    tail = np.concatenate([tail, [one for one, _ in second]]).astype(np.int64)
    head = np.concatenate([head, [one for _, one in second]]).astype(np.int64)
    by_tail = np.argsort(tail, kind="stable")
    tail, head = tail[by_tail], head[by_tail].astype(np.int32)
    ptr = np.concatenate([[0], np.cumsum(np.bincount(tail, minlength=n_nodes))]).astype(np.int32)
    bed = 0.2 * steps[order]
    table = np.zeros((9, len(tail)))
    table[grade_lines.SHARE] = 1.0 / np.diff(ptr)[tail]
    table[CONVEYANCE], table[HEIGHT] = rng.uniform(0.1, 3.0, len(tail)), rng.choice([0.3, 0.5, 1.0], len(tail))
    table[Z_UP], table[Z_DOWN] = bed[tail] + rng.normal(0.0, 0.05, len(tail)), bed[head]
    table[grade_lines.WIDTH] = 0.8 * table[HEIGHT]
    table[grade_lines.DELAY] = rng.uniform(0.0, 200.0, len(tail))
    table[CONVEYANCE, rng.random(len(tail)) < 0.1] = 0.0
    table[Z_UP, rng.random(len(tail)) < 0.05] = -1e30
    table[Z_DOWN, rng.random(len(tail)) < 0.05] = -1e30
    table[PASSES, rng.random(len(tail)) < 0.05] = LIFT
    nodes = np.zeros((6, n_nodes))
    nodes[grade_lines.OWN_HA] = rng.uniform(0.0, 1.0, n_nodes)
    nodes[GROUND] = np.where(rng.random(n_nodes) < 0.1, np.inf, bed + rng.uniform(0.3, 2.0, n_nodes))
    nodes[grade_lines.TAILWATER] = rng.choice([-1e30, 0.5])
    nodes[grade_lines.CONSTANT] = np.where(rng.random(n_nodes) < 0.1, rng.uniform(-0.01, 0.05, n_nodes), 0.0)
    basin = (rng.random(n_nodes) < 0.05) & (nodes[GROUND] < np.inf)
    nodes[grade_lines.BASIN], nodes[grade_lines.BED] = np.where(basin, rng.uniform(1.0, 500.0, n_nodes), 0.0), bed
    weir = ptr[:-1][(np.diff(ptr) == 2) & (rng.random(n_nodes) < 0.5)]
    table[grade_lines.WEIR, weir], table[grade_lines.SHARE, weir], table[grade_lines.SHARE, weir + 1] = 1.0, 0.0, 1.0
    return ptr, head, table, nodes, np.array([0, n_nodes], np.int32)


def bare_bounds(ptr: Ints32, head: Ints32) -> free_flow.Bounds:
    """Return bounds by which all nodes are swept, with the pipes on the longest way to an end."""
    n_nodes = len(ptr) - 1
    to_end = np.zeros(n_nodes, np.int32)
    for i in range(n_nodes - 1, -1, -1):
        to_end[i] = max((to_end[k] + 1 for k in head[ptr[i] : ptr[i + 1]]), default=0)
    none, no = np.zeros(n_nodes), np.zeros(n_nodes, np.bool_)
    slots = np.zeros(n_nodes, np.int32), np.full(len(head), -1, np.int32)
    return free_flow.Bounds(none, none, no, no, ~no, to_end, np.zeros(len(head)), *slots)


@examples(40)
@given(st.integers(0, 10_000), st.integers(2, 120))
def test_blocks_give_what_one_node_after_the_other_gives_to_the_last_bit(seed: int, n_nodes: int) -> None:
    ptr, head, table, nodes, groups = town(seed, n_nodes)
    at_once = routed(ptr, head, table, nodes, groups)
    one_by_one = routed(ptr, head, table, nodes, groups, few=n_nodes)
    for mine, other in zip(at_once, one_by_one, strict=True):
        np.testing.assert_array_equal(mine, other)


@examples(60)
@given(st.integers(0, 10_000), st.integers(2, 120), st.sampled_from([0.003, 0.03, 0.3, 1.0]))
def test_what_no_level_limits_needs_no_second_sweep(seed: int, n_nodes: int, rain: float) -> None:
    """All nodes swept, as parts that are too large for their rows are, give the same to the last bit."""
    ptr, head, table, nodes, groups = town(seed, n_nodes)
    nodes[grade_lines.OWN_HA] *= rain
    few = routed(ptr, head, table, nodes, groups)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(free_flow, "MOST_VALUES", 0)
        every = routed(ptr, head, table, nodes, groups)
    for mine, other in zip(few, every, strict=True):
        np.testing.assert_array_equal(mine, other)
    bare = routed(ptr, head, table, nodes, groups, levels=False)[0]
    np.testing.assert_array_equal(bare[:, 1:], few[0][:, 1:])
    told = bare[:, 0] > grade_lines.DRY
    np.testing.assert_array_equal(bare[told, 0], few[0][told, 0])


def test_a_street_that_takes_its_rain_is_not_swept_at_all() -> None:
    ptr, head, table, nodes, groups = town(3, 80)
    nodes[grade_lines.OWN_HA] *= 1e-4
    nodes[GROUND] += 5.0
    nodes[grade_lines.BASIN] = nodes[grade_lines.CONSTANT] = 0.0
    table[grade_lines.WEIR] = 0.0
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(turns, "take_turns", pytest.fail)
        routed(ptr, head, table, nodes, groups, beside=0.0)


@given(st.integers(0, 10_000), st.integers(2, 120))
def test_no_node_of_a_block_leads_to_another_of_it(seed: int, n_nodes: int) -> None:
    ptr, head, table, nodes, _ = town(seed, n_nodes)
    pipes = free_flow.Pipes(ptr, head, table, nodes, *kernels.group(head, n_nodes))
    order = np.arange(n_nodes, dtype=np.int32)
    swept = swept_nodes.lay_out(pipes, [order], 0, np.zeros((len(head), 4)), bare_bounds(ptr, head))
    slots = [k for begin, end in zip(swept.block_ptr, swept.block_end, strict=True) for k in range(begin, end)]
    assert sorted(swept.node[slots]) == order.tolist()
    assert slots == np.flatnonzero(swept.node >= 0).tolist()
    for begin, end in zip(swept.block_ptr, swept.block_end, strict=True):
        assert begin < end <= begin + swept_nodes.LANES
        if end > begin + 1:
            assert (swept.kind[begin:end] != FORKED).all()
            assert (swept.head[swept.ptr[begin] : swept.ptr[end]] >= end).all()


@given(st.floats(0.0, 1.0))
def test_quick_functions_are_those_of_the_formulas(x: float) -> None:
    """The cosine, acos and the cube root, to 1e-11, on all that they are asked for."""
    assert grade_lines._cos_pi(x) == pytest.approx(math.cos(math.pi * x), abs=1e-15)
    assert grade_lines._acos_per_pi(2.0 * x - 1.0) == pytest.approx(math.acos(2.0 * x - 1.0) / math.pi, abs=1e-11)
    assert grade_lines._cube_root(x) == pytest.approx(x ** (1.0 / 3.0), abs=1e-6, rel=1e-12 if x > 1e-12 else None)
