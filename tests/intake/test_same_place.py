"""Points near each other of several names: found for many rows by lists of their cells, for few by sorting them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from drainage.arrays import Bools, Floats, Rows
from drainage.intake import same_place


def found(name: Rows, xy: Floats, many_rows: int) -> Bools:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(same_place, "MANY_ROWS", many_rows)
        return same_place.crowded(name, xy, 0.5)


@given(st.integers(0, 10**6), st.integers(1, 200), st.sampled_from([3.0, 30.0, 3000.0]), st.booleans())
def test_many_rows_are_found_crowded_as_few_are(seed: int, n: int, extent_m: float, on_a_grid: bool) -> None:  # noqa: FBT001
    rng = np.random.default_rng(seed)
    name = rng.integers(0, max(n // 2, 1), n)
    xy = rng.random((n, 2)) * extent_m - extent_m / 2
    xy = np.round(xy) if on_a_grid else xy
    xy[rng.random(n) < 0.5] = xy[0]
    np.testing.assert_array_equal(found(name, xy, 0), found(name, xy, 10**9))


def test_a_name_alone_is_not_crowded_and_two_at_one_place_are() -> None:
    xy = np.array([[0.0, 0.0], [0.0, 0.0], [100.0, 0.0], [100.2, 0.0], [300.0, 0.0]])
    for many_rows in (0, 10**9):
        assert found(np.array([0, 0, 1, 2, 3]), xy, many_rows).tolist() == [False, False, True, True, False]
