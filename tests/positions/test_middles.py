"""The median place of groups of points: compiled for many rows, by pandas for few, to the same last digit."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drainage.positions import middles


@pytest.fixture(scope="module", autouse=True)
def compiled_once() -> None:
    middles._medians(np.zeros(1, np.intp), np.zeros((1, 2)), 1)


@settings(max_examples=50)
@given(st.integers(1, 9), st.integers(0, 10**6), st.floats(0, 0.5))
def test_many_rows_have_the_medians_of_few(n_groups: int, seed: int, lost: float) -> None:
    rng = np.random.default_rng(seed)
    group = np.concatenate([np.arange(n_groups), rng.integers(0, n_groups, rng.integers(0, 40))]).astype(np.intp)
    rng.shuffle(group)
    xy = np.round(rng.normal(5e5, 10.0, (len(group), 2)), 1)
    xy[rng.random(len(group)) < lost] = np.nan
    np.testing.assert_array_equal(middles._medians(group, xy, n_groups), middles.median_places(group, xy))


def test_the_middle_of_four_is_half_way_between_two() -> None:
    xy = np.array([[0.0, 1.0], [10.0, 1.0], [2.0, 1.0], [4.0, 7.0]])
    for middle in (middles.median_places(np.zeros(4, np.intp), xy), middles._medians(np.zeros(4, np.intp), xy, 1)):
        assert middle.tolist() == [[3.0, 1.0]]
