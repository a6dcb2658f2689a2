"""A connected part on all cores gives what it gives on one, to the last bit; and how it is cut."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from drainage.arrays import Bools
from drainage.graph import kernels
from drainage.simulation.screening.routing import free_flow, grade_lines, large_parts
from tests.simulation.screening.test_storm_sweeps import routed, town
from tests.support.examples import examples


@examples(40)
@given(st.integers(0, 10_000), st.integers(2, 300), st.sampled_from([0.01, 1.0]))
def test_a_part_on_two_cores_is_that_on_one_to_the_last_bit(seed: int, n_nodes: int, rain: float) -> None:
    ptr, head, table, nodes, groups = town(seed, n_nodes)
    nodes[grade_lines.OWN_HA] *= rain
    alone = routed(ptr, head, table, nodes, groups)
    for least in (1, n_nodes):  # all that is swept in pieces, or at once
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(large_parts, "LARGE", least)
            patch.setattr(large_parts, "cores_for", lambda _: 2)
            on_two = routed(ptr, head, table, nodes, groups)
        for mine, other in zip(on_two, alone, strict=True):
            np.testing.assert_array_equal(mine, other)


def test_large_parts_among_small_ones_are_all_run() -> None:
    towns = [town(seed, size) for seed, size in ((1, 30), (2, 90), (3, 20), (4, 80))]
    nodes_before = np.cumsum([0, *(len(one[0]) - 1 for one in towns)])
    edges_before = np.cumsum([0, *(len(one[1]) for one in towns)])
    starts = list(zip(towns, edges_before, strict=False))
    whole = (
        np.concatenate([*(one[0][:-1] + start for one, start in starts), edges_before[-1:]]).astype(np.int32),
        np.concatenate([one[1] + start for one, start in zip(towns, nodes_before, strict=False)]).astype(np.int32),
        np.concatenate([one[2] for one in towns], axis=1),
        np.concatenate([one[3] for one in towns], axis=1),
        nodes_before.astype(np.int32),
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(large_parts, "LARGE", 50)
        patch.setattr(large_parts, "cores_for", lambda _: 2)
        assert large_parts.large_parts(whole[4]) == [1, 3]
        together = routed(*whole)
    for mine, others in zip(together, zip(*(routed(*one) for one in towns), strict=True), strict=True):
        np.testing.assert_array_equal(mine, np.concatenate(others))


@given(st.integers(0, 10_000), st.integers(2, 300), st.integers(1, 12))
def test_pieces_lead_to_the_trunk_alone(seed: int, n_nodes: int, count: int) -> None:
    ptr, head, table, nodes, _ = town(seed, n_nodes)
    pipes = free_flow.Pipes(ptr, head, table, nodes, *kernels.group(head, n_nodes))
    pieces = large_parts.branches_and_trunk(pipes, np.arange(n_nodes, dtype=np.int32), count)
    assert len(pieces) <= count + 1
    assert np.sort(np.concatenate(pieces)).tolist() == list(range(n_nodes))
    piece = np.zeros(n_nodes, np.int64)
    for number, one in enumerate(pieces):
        assert (np.diff(one) > 0).all()
        piece[one] = number
    tail = np.repeat(np.arange(n_nodes), np.diff(ptr))
    within: Bools = piece[tail] == piece[head]
    assert (piece[head[~within]] == len(pieces) - 1).all()


def test_a_comb_is_cut_into_pieces_of_about_equal_size() -> None:
    """A hundred branches of 40 manholes each, along a trunk of a hundred."""
    n, teeth, length = 4100, 100, 40
    tooth = np.arange(teeth * length)
    head = np.where(tooth + teeth < teeth * length, tooth + teeth, teeth * length + tooth % teeth)
    head = np.concatenate([head, np.arange(teeth * length + 1, n)]).astype(np.int32)
    ptr = np.minimum(np.arange(n + 1), n - 1).astype(np.int32)
    none = np.zeros((9, n - 1)), np.zeros((6, n))
    pipes = free_flow.Pipes(ptr, head, *none, *kernels.group(head, n))
    *branches, trunk = large_parts.branches_and_trunk(pipes, np.arange(n, dtype=np.int32), 8)
    assert len(branches) == 8
    assert len(trunk) < 110
    assert max(map(len, branches)) - min(map(len, branches)) <= 2 * length
