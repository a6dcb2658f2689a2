"""The grid finds every pipe within reach of a road that measuring all distances finds, each once."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from drainage.analyses.separation import near
from drainage.arrays import Floats, Ints
from tests.support.examples import examples

PLACE = st.tuples(st.integers(-500, 500), st.integers(-500, 500))
SEGMENTS = st.lists(st.tuples(PLACE, PLACE), min_size=1, max_size=12)


def ends(segments: list[tuple[tuple[int, int], tuple[int, int]]]) -> tuple[Floats, Floats]:
    both = np.array(segments, np.float64).reshape(-1, 2, 2)
    return both[:, 0], both[:, 1]


def pairs(a: Floats, b: Floats, starts: Floats, stops: Floats, within_m: float) -> tuple[Ints, Ints]:
    segment, piece = (
        np.concatenate(side) for side in zip(*near.near_segments(a, b, starts, stops, within_m), strict=True)
    )
    return segment, piece


@examples(300)
@given(
    pipes=SEGMENTS, roads=SEGMENTS, within_m=st.sampled_from([0.0, 0.5, 3.0, 30.0, 250.0]), at_once=st.integers(1, 12)
)
def test_all_within_reach_are_found_once(
    pipes: list[tuple[tuple[int, int], tuple[int, int]]],
    roads: list[tuple[tuple[int, int], tuple[int, int]]],
    within_m: float,
    at_once: int,
) -> None:
    a, b = ends(pipes)
    starts, stops = ends(roads)
    found = [*zip(*(side.tolist() for side in pairs(a, b, starts, stops, within_m)), strict=True)]
    assert sorted(set(found)) == found
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(near, "_AT_ONCE", at_once)
        in_blocks = pairs(a, b, starts, stops, within_m)
    assert [*zip(*(side.tolist() for side in in_blocks), strict=True)] == found
    apart = shapely.distance(
        np.asarray(shapely.linestrings(np.stack([a, b], axis=1)))[:, None],
        np.asarray(shapely.linestrings(np.stack([starts, stops], axis=1))),
    )
    reached = {(int(pipe), int(road)) for pipe, road in np.argwhere(apart <= within_m)}
    assert reached <= set(found)


@pytest.mark.parametrize("place", [(0.0, 0.0), (500_000.0, 3_700_000.0), (-7.5, 1e6)])
def test_a_long_slanting_road_meets_the_pipes_beside_it_alone(place: tuple[float, float]) -> None:
    """A road from (0, 0) to (9,000, 9,000), a pipe every 90 m of its box: 100 lie in reach of it."""
    east, north = (side.ravel() for side in np.meshgrid(np.arange(0, 9000, 90.0), np.arange(0, 9000, 90.0)))
    a = np.column_stack([east, north]) + np.array(place)
    b = a + np.array([20.0, 20.0])
    starts = np.array([place])
    pipe, _ = pairs(a, b, starts, starts + np.array([9000.0, 9000.0]), 30.0)
    assert {*np.flatnonzero(east == north).tolist()} <= {*pipe.tolist()}
    assert len(pipe) < 500


def test_nothing_meets_nothing() -> None:
    none = np.empty((0, 2))
    one = np.array([[0.0, 0.0]])
    assert [len(side) for side in pairs(none, none, one, one + 1.0, 30.0)] == [0, 0]
    assert [len(side) for side in pairs(one, one + 1.0, none, none, 30.0)] == [0, 0]


def test_pipes_of_no_length_at_the_very_place_of_a_road_of_no_length() -> None:
    one = np.array([[3.0, 4.0]])
    assert [side.tolist() for side in pairs(one, one, one, one, 0.0)] == [[0], [0]]
