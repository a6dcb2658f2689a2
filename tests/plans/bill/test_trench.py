"""Depth of trenches by hand, and what holds for every pipe."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from drainage.errors import SchemaError
from drainage.plans.bill.trench import DEPTHS_M, Trench, check_depths, class_names, classes_of, split_by_depth

if TYPE_CHECKING:
    from collections.abc import Sequence

DEPTH = st.one_of(st.floats(0.0, 12.0), st.sampled_from([*DEPTHS_M, 0.0, float("nan")]))


def test_a_pipe_that_falls_through_three_classes_is_parted_where_it_passes_the_bounds() -> None:
    """100 m from 1.2 m to 3.2 m: 2 m in 100 m, so 1.5 m lies at 15 m, 2 m at 40 m and 3 m at 90 m."""
    parts = split_by_depth(np.array([100.0]), np.array([1.2]), np.array([3.2]), (1.5, 2.0, 3.0))
    assert parts.length_m.tolist() == pytest.approx([15.0, 25.0, 50.0, 10.0])
    assert parts.begin_m.tolist() == pytest.approx([1.2, 1.5, 2.0, 3.0])
    assert parts.end_m.tolist() == pytest.approx([1.5, 2.0, 3.0, 3.2])
    assert [class_names((1.5, 2.0, 3.0))[one] for one in parts.depth_class] == ["≤1.5", "1.5–2", "2–3", ">3"]


def test_a_pipe_that_rises_has_the_same_metres_in_each_class_and_turned_ends() -> None:
    parts = split_by_depth(np.array([100.0]), np.array([3.2]), np.array([1.2]), (1.5, 2.0, 3.0))
    assert parts.length_m.tolist() == pytest.approx([15.0, 25.0, 50.0, 10.0])
    assert parts.begin_m.tolist() == pytest.approx([1.5, 2.0, 3.0, 3.2])


def test_a_depth_on_a_bound_is_of_the_shallower_class() -> None:
    assert classes_of(np.array([1.5, 1.501, 6.0, 6.5, np.nan]), DEPTHS_M).tolist() == [0, 1, 5, 6, 7]
    level = split_by_depth(np.array([30.0]), np.array([2.0]), np.array([2.0]), DEPTHS_M)
    assert (level.length_m.tolist(), level.depth_class.tolist()) == ([30.0], [1])


@pytest.mark.parametrize("ends", [(np.nan, 2.0), (2.0, np.nan), (np.nan, np.nan)])
def test_a_pipe_with_an_unknown_end_stays_whole_in_a_class_of_its_own(ends: tuple[float, float]) -> None:
    parts = split_by_depth(np.array([30.0]), np.array(ends[:1]), np.array(ends[1:]), DEPTHS_M)
    assert (parts.length_m.tolist(), parts.depth_class.tolist()) == ([30.0], [len(DEPTHS_M) + 1])
    assert class_names(DEPTHS_M)[-1] == "unknown"


@given(
    st.lists(st.tuples(st.floats(0.01, 3000.0), DEPTH, DEPTH), max_size=30),
    st.lists(st.floats(0.1, 12.0).map(lambda one: round(one, 1)), min_size=1, max_size=8, unique=True),
)
def test_the_parts_of_each_pipe_add_up_to_it_and_lie_within_their_class(
    pipes: list[tuple[float, float, float]], bounds: list[float]
) -> None:
    edges = sorted(bounds)
    length, begin, end = np.array(pipes).reshape(-1, 3).T
    parts = split_by_depth(length, begin, end, edges)
    summed = np.bincount(parts.pipe, parts.length_m, len(length))
    assert np.abs(summed - length).max(initial=0.0) < 1e-6
    assert (parts.length_m > 0.0).all()
    whole = np.array([-np.inf, *edges, np.inf])
    known = parts.depth_class <= len(edges)
    for column in (parts.begin_m, parts.end_m):
        assert (column[known] <= whole[parts.depth_class[known] + 1]).all()
        assert (column[known] >= whole[parts.depth_class[known]]).all()
    turned = split_by_depth(length, end, begin, edges)
    assert np.allclose(np.bincount(turned.depth_class, turned.length_m, len(edges) + 2),
                       np.bincount(parts.depth_class, parts.length_m, len(edges) + 2))  # fmt: skip


@pytest.mark.parametrize("depths", [(), (0.0, 1.0), (-1.0, 2.0), (2.0, 2.0), (3.0, 2.0), (1.0, np.nan), (1.0, np.inf)])
def test_classes_that_do_not_rise_are_refused(depths: Sequence[float]) -> None:
    with pytest.raises(SchemaError, match="each more than the one before"):
        check_depths(depths)


def test_what_is_dug_is_width_by_depth_and_what_the_sides_lean_outwards() -> None:
    """DN1000, wall a tenth: 1.2 m outside; 0.5 m to work in at each side: 2.2 m wide; depth 1 m to 3 m over 10 m.

    Upright: 10 × 2.2 × 2 = 44 m³. Leaning 0.5: 0.5 (1 + 3 + 9) / 3 × 10 = 21.67 m³ more.
    """
    upright, leaning = Trench(working_space_m=0.5), Trench(working_space_m=0.5, side_slope=0.5)
    width = upright.width_m(np.array([1000.0]))
    assert width.tolist() == pytest.approx([2.2])
    ends = (np.array([10.0]), np.array([1.0]), np.array([3.0]))
    assert upright.volume_m3(width, *ends).tolist() == pytest.approx([44.0])
    assert leaning.volume_m3(width, *ends).tolist() == pytest.approx([44.0 + 65.0 / 3.0])


def test_the_remembered_space_follows_the_outer_diameter() -> None:
    """300: 0.36 + 0.8; 500: 0.6 (of the next row) + 1.0; 1000: 1.2 + 1.2; 2000: 2.4 + 1.6; 4000: 4.8 + 1.6."""
    found = Trench().width_m(np.array([300.0, 500.0, 1000.0, 2000.0, 4000.0, np.nan]))
    assert found[:-1].tolist() == pytest.approx([1.16, 1.6, 2.4, 4.0, 6.4])
    assert np.isnan(found[-1])
    assert Trench(wall_share=0.0).width_m(np.array([500.0])).tolist() == pytest.approx([1.3])


@pytest.mark.parametrize("name", ["working_space_m", "side_slope", "wall_share"])
def test_a_trench_below_nothing_is_refused(name: str) -> None:
    with pytest.raises(SchemaError, match=name):
        Trench(**{name: -0.1})
