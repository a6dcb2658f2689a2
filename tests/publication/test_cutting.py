"""Roads cut at crossings, worked by hand; no stretch is shorter than 110 m."""

from __future__ import annotations

import numpy as np
import shapely
from hypothesis import given
from hypothesis import strategies as st

from drainage.arrays import Objects
from drainage.publication.cutting import LEAST_M, cut_at_crossings, simple_lines


def lines(*corners: list[tuple[float, float]]) -> Objects:
    return np.array([shapely.LineString(one) for one in corners], dtype=object)


def lengths(roads: Objects) -> list[list[float]]:
    """Give the lengths of the stretches of each road, m."""
    cut = cut_at_crossings(roads)
    return [np.round(shapely.length(cut.shape[cut.line == k]), 1).tolist() for k in range(len(roads))]


EAST = [(0.0, 0.0), (1000.0, 0.0)]


def test_a_road_is_cut_where_another_crosses_it() -> None:
    assert lengths(lines(EAST, [(400.0, -300.0), (400.0, 500.0)])) == [[400.0, 600.0], [300.0, 500.0]]


def test_a_road_that_ends_20_m_beside_another_meets_it_and_one_that_ends_40_m_beside_does_not() -> None:
    assert lengths(lines(EAST, [(400.0, 20.0), (400.0, 500.0)]))[0] == [400.0, 600.0]
    assert lengths(lines(EAST, [(400.0, 40.0), (400.0, 500.0)]))[0] == [1000.0]


def test_crossings_that_follow_each_other_closely_do_not_cut_stretches_shorter_than_110_m() -> None:
    """Crossings at 200, 280 and 320 m: 280 is 80 m behind 200 and joins it, 320 is 120 m behind it."""
    side = [[(x, -300.0), (x, 300.0)] for x in (200.0, 280.0, 320.0)]
    assert lengths(lines(EAST, *side))[0] == [200.0, 120.0, 680.0]


def test_a_crossing_near_the_end_of_a_road_does_not_cut_it() -> None:
    assert lengths(lines(EAST, [(950.0, -300.0), (950.0, 300.0)]))[0] == [1000.0]


def test_a_road_that_is_shorter_as_a_whole_is_no_stretch() -> None:
    assert lengths(lines([(0.0, 0.0), (109.0, 0.0)])) == [[]]


def test_the_ends_at_one_crossing_have_one_number() -> None:
    """Four stretches meet at (400, 0), the four other ends are crossings of their own: five."""
    cut = cut_at_crossings(lines(EAST, [(400.0, -300.0), (400.0, 500.0)]))
    assert len(cut.crossings) == 5
    shared = np.bincount(cut.ends.ravel()).argmax()
    assert (cut.ends == shared).sum() == 4
    assert cut.crossings[shared].tolist() == [400.0, 0.0]


def test_a_ring_road_begins_at_a_crossing_and_not_where_its_drawing_begins() -> None:
    """A square of 500 m a side that is drawn from its corner at the origin, met in the middle of its right side."""
    ring = [(0.0, 0.0), (500.0, 0.0), (500.0, 500.0), (0.0, 500.0), (0.0, 0.0)]
    cut = cut_at_crossings(lines(ring, [(500.0, 250.0), (900.0, 250.0)]))
    (whole,) = cut.shape[cut.line == 0]
    assert whole.length == 2000.0
    assert whole.coords[0] == whole.coords[-1] == (500.0, 250.0)
    assert cut.ends[0, 0] == cut.ends[0, 1]


def test_a_lone_ring_is_one_stretch() -> None:
    ring = [(0.0, 0.0), (500.0, 0.0), (500.0, 500.0), (0.0, 500.0), (0.0, 0.0)]
    assert lengths(lines(ring)) == [[2000.0]]


def test_a_road_that_crosses_itself_is_parted_there() -> None:
    """A loop: from the left to the right, up, back and down through itself at (500, 0)."""
    loop = [(0.0, 0.0), (1000.0, 0.0), (1000.0, 400.0), (500.0, 400.0), (500.0, -400.0)]
    parts, of = simple_lines(lines(loop, [(0.0, 900.0), (300.0, 900.0)]))
    assert of.tolist() == [0, 0, 0, 1]
    assert sorted(np.round(shapely.length(parts[:3])).tolist()) == [400.0, 500.0, 1800.0]


def test_two_roads_that_share_a_piece_are_cut_where_it_begins_and_ends() -> None:
    second = [(300.0, 500.0), (300.0, 0.0), (700.0, 0.0), (700.0, 500.0)]
    assert lengths(lines(EAST, second)) == [[300.0, 400.0, 300.0], [500.0, 400.0, 500.0]]


def test_no_road_at_all_has_no_stretch() -> None:
    assert not len(cut_at_crossings(np.empty(0, dtype=object)).shape)


@given(st.lists(st.tuples(*[st.floats(0, 2000).map(lambda x: round(x, 1))] * 4), min_size=1, max_size=12))
def test_stretches_add_up_to_their_roads_and_none_is_short(ends: list[tuple[float, ...]]) -> None:
    roads = lines(*[[(a, b), (c, d)] for a, b, c, d in ends if (a, b) != (c, d)] or [EAST])
    cut = cut_at_crossings(roads)
    length = shapely.length(cut.shape)
    assert (length >= LEAST_M - 1e-6).all()
    whole = shapely.length(roads)
    by_road = np.bincount(cut.line, weights=length, minlength=len(roads))
    np.testing.assert_allclose(by_road, np.where(whole >= LEAST_M, whole, 0.0), atol=1e-6)
    assert cut.ends.max(initial=-1) < len(cut.crossings)
