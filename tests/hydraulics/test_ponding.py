"""Depth of water on a road: worked by hand, and as the inverse of the volume."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drainage.hydraulics.ponding import CROSSFALL, SIDE_SLOPE, ponding_depth_m, ponding_width_m

DEPTHS = st.floats(0.001, 1.5)
WIDTHS = st.floats(3.0, 60.0)


def volume_per_metre(depth_m: float, width_m: float, slices: int = 20_000) -> float:
    """Add up slices across half the road and the ground beside it, and double."""
    reach = width_m / 2 + depth_m / SIDE_SLOPE
    step = reach / slices
    total = 0.0
    for k in range(slices):
        x = (k + 0.5) * step - width_m / 2  # 0 in the gutter, negative on the road
        bed = -CROSSFALL * x if x < 0 else SIDE_SLOPE * x
        total += max(depth_m - bed, 0.0) * step
    return 2.0 * total


def test_little_water_stands_in_two_gutters() -> None:
    """60 m³ on 100 m: 0.6 = d² (1/0.015 + 1/0.01) = 166.7 d², d = 0.06 m < 0.015 x 6 m; 2 x (4 + 6) m are wet."""
    assert float(ponding_depth_m(60.0, 100.0, 12.0)) == pytest.approx(0.06)
    assert float(ponding_width_m(0.06, 12.0)) == pytest.approx(20.0)


def test_much_water_drowns_the_crown() -> None:
    """Depth 0.15 m: 12 x 0.15 - 0.015 x 144/4 + 0.15²/0.01 = 1.80 - 0.54 + 2.25 = 3.51 m² a metre."""
    assert float(ponding_depth_m(351.0, 100.0, 12.0)) == pytest.approx(0.15)
    assert float(ponding_width_m(0.15, 12.0)) == pytest.approx(12.0 + 30.0)


def test_no_water_has_no_depth() -> None:
    assert float(ponding_depth_m(0.0, 100.0, 12.0)) == 0.0


@given(st.floats(0.01, 1.0), WIDTHS)
def test_depth_is_the_inverse_of_the_volume_of_the_cross_section(depth_m: float, width_m: float) -> None:
    volume = volume_per_metre(depth_m, width_m, slices=2000)
    assert float(ponding_depth_m(volume, 1.0, width_m)) == pytest.approx(depth_m, rel=1e-3)


@given(st.tuples(DEPTHS, DEPTHS).map(sorted), WIDTHS)
def test_more_water_is_deeper(volumes: list[float], width_m: float) -> None:
    less, more = ponding_depth_m(volumes, 1.0, width_m)
    assert less <= more
