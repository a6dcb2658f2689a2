"""Rows parted into blocks that part no group."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from drainage.arrays import blocks_of


@given(sizes=st.lists(st.integers(1, 6), max_size=20), most=st.integers(1, 9))
def test_blocks_follow_each_other_part_no_group_and_are_hardly_larger_than_asked(sizes: list[int], most: int) -> None:
    group = np.repeat(np.arange(len(sizes)), sizes)
    blocks = blocks_of(group, most)
    assert [row for first, last in blocks for row in range(first, last)] == [*range(len(group))]
    inside = [set(group[first:last].tolist()) for first, last in blocks]
    assert sum(map(len, inside)) == len(sizes)
    assert all(last - first < most + max(sizes) for first, last in blocks)
