"""Pipes computed several at once: the same to the last bit as one by one, and close to the printed formulas."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from drainage.arrays import Floats, Ints32
from drainage.measures import LIFT
from drainage.simulation.screening.routing import grade_lines, storm_sweeps
from drainage.simulation.screening.routing.grade_lines import CONVEYANCE, FORKED, GROUND, HEIGHT, PASSES, Z_DOWN, Z_UP
from tests.support.examples import examples


def routed(ptr: Ints32, head: Ints32, table: Floats, nodes: Floats, groups: Ints32) -> tuple[Floats, Floats]:
    """Route 20 min of rain in steps of 5 min, two sweeps each."""
    steps = 4
    nothing = np.zeros((0, 0), np.float32)
    runoff = np.array([0.1, 0.4, 0.2, 0.0])
    return storm_sweeps.route_storm(
        groups, ptr, head, table, nodes, np.full(steps, 300.0), runoff, np.full(steps, 2, np.int32),
        np.full(len(ptr) - 1, -1, np.int32), np.zeros((0, steps)), nothing, nothing,
    )  # fmt: skip


def town(seed: int, n_nodes: int) -> tuple[Ints32, Ints32, Floats, Floats, Ints32]:
    """Draw a tree, some of its nodes with a second pipe, a pump, an unknown size, level or ground, in model order."""
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
    return ptr, head, table, nodes, np.array([0, n_nodes], np.int32)


@examples(40)
@given(st.integers(0, 10_000), st.integers(2, 120))
def test_blocks_give_what_one_pipe_after_the_other_gives_to_the_last_bit(seed: int, n_nodes: int) -> None:
    ptr, head, table, nodes, groups = town(seed, n_nodes)
    at_once = routed(ptr, head, table, nodes, groups)
    with pytest.MonkeyPatch.context() as patch:

        def all_by_forks(ptr: Ints32, table: Floats, nodes: Floats) -> tuple[Floats, NDArray[np.uint8]]:
            pipes, kind = grade_lines.settle(ptr, table, nodes)
            return pipes, np.full_like(kind, FORKED)

        patch.setattr(storm_sweeps, "settle", all_by_forks)
        one_by_one = routed(ptr, head, table, nodes, groups)
    for mine, other in zip(at_once, one_by_one, strict=True):
        np.testing.assert_array_equal(mine, other)


@given(st.integers(0, 10_000), st.integers(2, 120))
def test_no_node_of_a_block_leads_to_another_of_it(seed: int, n_nodes: int) -> None:
    ptr, head, table, nodes, groups = town(seed, n_nodes)
    _, kind = grade_lines.settle(ptr, table, nodes)
    block_ptr, of_group = storm_sweeps.blocks_of(groups, ptr, head, kind)
    assert (block_ptr[0], block_ptr[-1], of_group.tolist()) == (0, n_nodes, [0, len(block_ptr) - 1])
    for begin, end in pairwise(block_ptr):
        assert begin < end <= begin + storm_sweeps.LANES
        if end > begin + 1:
            assert (kind[begin:end] != FORKED).all()
            assert (head[ptr[begin] : ptr[end]] >= end).all()


@given(st.floats(0.0, 1.0))
def test_quick_functions_are_those_of_the_formulas(x: float) -> None:
    """The cosine, acos and the cube root, to 1e-11, on all that they are asked for."""
    assert grade_lines._cos_pi(x) == pytest.approx(math.cos(math.pi * x), abs=1e-15)
    assert grade_lines._acos_per_pi(2.0 * x - 1.0) == pytest.approx(math.acos(2.0 * x - 1.0) / math.pi, abs=1e-11)
    assert grade_lines._cube_root(x) == pytest.approx(x ** (1.0 / 3.0), abs=1e-6, rel=1e-12 if x > 1e-12 else None)
