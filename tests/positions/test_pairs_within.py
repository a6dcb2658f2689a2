"""Places around places, as a tree of points finds them."""

from __future__ import annotations

import numpy as np
import shapely
from hypothesis import given
from hypothesis import strategies as st

from drainage.positions import pairs_within

Places = list[tuple[float, float]]
_along = st.integers(-40, 40).map(lambda tenth: 2.5 * tenth) | st.floats(-100.0, 100.0)
_some = st.lists(st.tuples(_along, _along), min_size=1, max_size=20)


@given(_some, _some, st.sampled_from([0.5, 7.5, 30.0, 500.0]))
def test_pairs_are_those_of_a_tree_with_the_distances_of_geos(here: Places, there: Places, within_m: float) -> None:
    """On whole tenths of the distance too, where cells begin and many are as far away as it."""
    one, other, apart = pairs_within(np.array(here), np.array(there), within_m)
    places, around = (np.asarray(shapely.points(np.array(xy)), dtype=object) for xy in (here, there))
    found = shapely.STRtree(around).query(places, predicate="dwithin", distance=within_m).T.tolist()
    assert sorted(zip(one.tolist(), other.tolist(), strict=True)) == sorted(map(tuple, found))
    assert apart.tolist() == shapely.distance(places[one], around[other]).tolist()
