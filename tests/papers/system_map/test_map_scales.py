"""Sizes, scales and the cutting into sheets, by hand and by property."""

from __future__ import annotations

import math

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

import drainage as dr
from drainage.papers.system_map.map_scales import MOST_SHEETS, SCALES, SIZES, Cutting, cut_into_tiles

Bounds = tuple[float, float, float, float]


def cut(bounds: Bounds, size: str | None = None, scale: int | None = None, *, framed: bool = True) -> Cutting:
    lines = np.array([shapely.box(*bounds).exterior], dtype=object)
    return cut_into_tiles(bounds, lines, size=size, scale=scale, orientation=None, framed=framed)


def test_the_smallest_sheet_at_a_good_scale_is_chosen() -> None:
    """A3 has 296 - 8 mm for the map lying: 270 m at 1:1000; 1390 m at 1:5000; 5.6 km takes A1 at 1:10000."""
    chosen = {
        wide_m: (found.layout.size, found.scale)
        for wide_m in (270.0, 1390.0, 1480.0, 5600.0, 30000.0)
        if (found := cut((0.0, 0.0, wide_m, wide_m)))
    }
    assert chosen[270.0] == ("A3", 1000)
    assert chosen[1390.0][0] == "A3"
    assert chosen[1480.0][0] == "A2"
    assert chosen[5600.0] == ("A1", 10000)
    assert chosen[30000.0][0] == "A1"


def test_a_sheet_stands_where_the_network_is_taller_than_wide() -> None:
    assert cut((0.0, 0.0, 900.0, 4200.0), size="A2").layout.wide_mm == 420.0
    assert cut((0.0, 0.0, 4200.0, 900.0), size="A2").layout.wide_mm == 594.0


def test_a_figure_is_as_wide_as_the_text_of_its_page_and_as_low_as_the_network() -> None:
    """A4 with margins of 20 mm leaves 170 mm; 2000 m × 700 m at 1:15000 are 133 × 47 mm."""
    layout = cut((0.0, 0.0, 2000.0, 700.0), framed=False).layout
    assert layout.wide_mm == 170.0
    assert layout.tall_mm < 110.0


@given(
    wide_m=st.floats(1.0, 20000.0), tall_m=st.floats(1.0, 20000.0), size=st.sampled_from(list(SIZES)),
    framed=st.booleans(),
)  # fmt: skip
def test_one_sheet_holds_the_whole_at_the_scale_that_is_chosen(
    wide_m: float, tall_m: float, size: str, *, framed: bool
) -> None:
    found = cut((500.0, 300.0, 500.0 + wide_m, 300.0 + tall_m), size=size, framed=framed)
    (tile,) = found.tiles
    assert shapely.box(*tile.bounds).contains(shapely.box(500.0, 300.0, 500.0 + wide_m, 300.0 + tall_m))
    room = found.layout.map
    assert (tile.bounds[2] - tile.bounds[0]) * 1000.0 / found.scale == pytest.approx(room.right - room.left)
    assert (tile.bounds[3] - tile.bounds[1]) * 1000.0 / found.scale == pytest.approx(room.high - room.low)


@given(
    wide_m=st.floats(10.0, 4000.0), tall_m=st.floats(10.0, 4000.0), size=st.sampled_from(["A0", "A1"]),
    scale=st.sampled_from([1000, 2000]),
)  # fmt: skip
def test_sheets_cover_the_ground_side_by_side_without_lying_upon_each_other(
    wide_m: float, tall_m: float, size: str, scale: int
) -> None:
    ground = shapely.box(0.0, 0.0, wide_m, tall_m)
    found = cut_into_tiles((0.0, 0.0, wide_m, tall_m), np.array([ground], dtype=object), size=size, scale=scale,
                           orientation=None, framed=True)  # fmt: skip
    tiles = [shapely.box(*tile.bounds) for tile in found.tiles]
    assert shapely.area(shapely.difference(ground, shapely.union_all(tiles))) < 1e-6 * ground.area
    assert shapely.union_all(tiles).area == pytest.approx(sum(tile.area for tile in tiles))
    assert [tile.number for tile in found.tiles] == list(range(1, len(tiles) + 1))


def test_sheets_without_pipes_are_left_out() -> None:
    corner = shapely.LineString([(0.0, 0.0), (2000.0, 0.0), (2000.0, 1500.0)])
    found = cut_into_tiles((0.0, 0.0, 2000.0, 1500.0), np.array([corner], dtype=object), size="A3", scale=1000,
                           orientation="landscape", framed=True)  # fmt: skip
    places = {(tile.row, tile.column) for tile in found.tiles}
    assert (0, 0) not in places
    assert all(corner.intersects(shapely.box(*tile.bounds)) for tile in found.tiles)


@pytest.mark.parametrize(
    ("size", "scale", "said"),
    [
        ("A9", None, "size A9: expected one of A0, A1"),
        ("A1", 0, "scale = 0"),
        ("A1", -5, "scale = -5"),
        ("A1", math.nan, "scale = nan"),
        ("A1", math.inf, "scale = inf"),
        ("A3", 200, r"takes \d+ sheets of A3, more than 120; A3 holds it at 1:\d+ on fewer, and at 1:25000 on one"),
        ("A4", 1000, "sheets of A4, more than 120; sheets of A1 would be fewer"),
        ("A1", 10**9, "choose a larger scale such as 1:10000"),
    ],
)
def test_a_sheet_that_cannot_serve_is_refused_with_one_that_can(size: str, scale: float | None, said: str) -> None:
    with pytest.raises(dr.errors.SchemaError, match=said):
        cut((0.0, 0.0, 6000.0, 5600.0), size=size, scale=scale)  # type: ignore[arg-type]  # as it was computed


def test_a_figure_that_does_not_fit_at_its_scale_is_refused_with_one_at_which_it_does() -> None:
    with pytest.raises(dr.errors.SchemaError, match=r"at 1:1000 .* does not fit a figure .*1:15000"):
        cut((0.0, 0.0, 2000.0, 700.0), scale=1000, framed=False)
    assert len(cut((0.0, 0.0, 2000.0, 700.0), scale=15000, framed=False).tiles) == 1


def test_the_remedy_that_is_named_serves() -> None:
    bounds = (0.0, 0.0, 6000.0, 5600.0)
    with pytest.raises(dr.errors.SchemaError, match="1:1500 on fewer"):
        cut(bounds, size="A2", scale=500)
    assert 1 < len(cut(bounds, size="A2", scale=1500).tiles) <= MOST_SHEETS
    assert list(SCALES) == sorted(set(SCALES))
