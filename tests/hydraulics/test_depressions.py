"""Depressions of a raster: volumes by hand, and random terrains against flooding cell by cell."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from drainage.arrays import Floats
from drainage.hydraulics.depressions import Filled, fill_depressions, find_depressions
from tests.support.examples import examples

Cell = tuple[int, int]
AROUND = ((-1, 0), (0, -1), (0, 1), (1, 0), (-1, -1), (-1, 1), (1, -1), (1, 1))


def pour(ground: Floats, water: dict[Cell, float]) -> Filled:
    """Pour water on cells, m times cells."""
    found = find_depressions(ground)
    into = np.zeros(len(found.capacity))
    for cell, volume in water.items():
        into[found.pool[cell]] += volume
    return fill_depressions(ground, found, into)


def cone(radius: int) -> Floats:
    """A funnel that falls 1 m a cell to its middle, measured by rows and columns."""
    side = np.abs(np.arange(-radius, radius + 1))
    return np.maximum(side[:, None], side[None, :]).astype(np.float64)


def two_basins() -> Floats:
    """Draw a valley of one row, walled by 9 m: basins of 1 and 2 m, 4 and 5 m saddles."""
    ground = np.full((3, 7), 9.0)
    ground[1, 1:6] = [1.0, 5.0, 2.0, 4.0, 3.0]
    return ground


def test_a_funnel_holds_its_rings() -> None:
    """Rings of 1, 8 and 16 cells at 0, 1 and 2 m below a border of 3 m: 1·3 + 8·2 + 16·1 = 35 m·cells."""
    found = find_depressions(cone(3))
    assert len(found.capacity) == 2
    assert (found.capacity[1], found.lowest_m[1], found.spill_m[1]) == (35.0, 0.0, 3.0)


@pytest.mark.parametrize(("volume", "level"), [(0.5, 0.5), (1.0, 1.0), (10.0, 2.0), (22.5, 2.5), (35.0, 3.0)])
def test_the_level_in_a_funnel_is_that_of_its_volume(volume: float, level: float) -> None:
    """To 1 m it holds 1, to 2 m 1·2 + 8·1 = 10, half a metre more over 25 cells."""
    filled = pour(cone(3), {(3, 3): volume})
    assert filled.depth_m[3, 3] == pytest.approx(level)
    assert filled.depth_m.sum() == pytest.approx(volume)
    assert filled.lost == 0.0


def test_what_a_full_funnel_cannot_hold_runs_over_the_border() -> None:
    filled = pour(cone(3), {(2, 3): 50.0})
    assert filled.lost == pytest.approx(15.0)
    assert filled.depth_m.sum() == pytest.approx(35.0)


def test_a_full_basin_spills_over_its_lowest_saddle_into_the_next() -> None:
    """The first basin holds 4 m below 5 m, the second 2 m below 4 m; of 6.5 m, 0.5 m come to the third."""
    filled = pour(two_basins(), {(1, 1): 6.5})
    assert filled.depth_m[1].tolist() == pytest.approx([0.0, 4.0, 0.0, 2.0, 0.0, 0.5, 0.0])
    assert len(set(filled.pond[1, [1, 3, 5]])) == 3


def test_basins_full_on_both_sides_of_a_saddle_become_one() -> None:
    """Second and third hold 2 + 1 to their saddle of 4 m; of 3 more, three cells rise by 1 m each, to the first saddle.

    1.5 more in the first, still apart.
    """
    filled = pour(two_basins(), {(1, 5): 6.0, (1, 1): 1.5})
    assert filled.depth_m[1].tolist() == pytest.approx([0.0, 1.5, 0.0, 3.0, 1.0, 2.0, 0.0])
    assert filled.pond[1, 3] == filled.pond[1, 4] == filled.pond[1, 5] != filled.pond[1, 1]


def test_all_full_they_are_one_lake_that_spills_outside() -> None:
    """Below 9 m: 8 + 4 + 7 + 5 + 6 = 30 m."""
    filled = pour(two_basins(), {(1, 1): 31.0})
    assert filled.depth_m[1, 1:6].tolist() == pytest.approx([8.0, 4.0, 7.0, 5.0, 6.0])
    assert filled.lost == pytest.approx(1.0)


def test_missing_ground_at_the_border_is_outside_and_inside_a_wall() -> None:
    """A hole of the raster in the floor of a funnel takes no water; one that reaches the border takes all."""
    ground = cone(3)
    ground[3, 3] = np.nan
    assert find_depressions(ground).capacity[1] == 8.0 * 2.0 + 16.0
    ground[3, 3:] = np.nan
    assert pour(ground, {(2, 2): 5.0}).lost == pytest.approx(5.0)


def test_steep_is_measured_in_metres() -> None:
    """A cell at 2 m falls 1 m to the left and 1.5 m to the lower right: 1 by 1 against 1.5 by √2, or by √10."""
    ground = np.full((5, 5), 9.0)
    ground[2, 1], ground[2, 2], ground[3, 3] = 1.0, 2.0, 0.5
    for size, toward in (({}, (3, 3)), ({"cell_height_m": 3.0}, (2, 1)), ({"cell_width_m": 3.0}, (3, 3))):
        pool = find_depressions(ground, **size).pool
        assert pool[2, 2] == pool[toward]
        assert pool[2, 1] != pool[3, 3]
    wide = find_depressions(ground - 0.45 * (ground == 0.5), cell_width_m=0.5).pool  # 1 by 0.5, 1.95 by √1.25
    assert wide[2, 2] == wide[2, 1]


def test_a_plain_holds_nothing() -> None:
    filled = pour(np.ones((4, 5)), {(2, 2): 1.0})
    assert filled.lost == 1.0
    assert not filled.depth_m.any()


def test_a_raster_without_ground_takes_nothing() -> None:
    found = find_depressions(np.full((3, 3), np.nan))
    assert len(found.capacity) == 1
    assert (found.pool == -1).all()


class Flood:
    """Water cell by cell, without any tree: a pond rises to its lowest rim, where it spills or takes the rim in."""

    def __init__(self, ground: Floats) -> None:
        self.ground = ground
        self.level = ground.copy()
        self.lost = 0.0

    def inside(self, cell: Cell) -> bool:
        return bool(0 <= cell[0] < self.ground.shape[0] and 0 <= cell[1] < self.ground.shape[1])

    def steepest(self, cell: Cell, pond: set[Cell]) -> Cell | None:
        """Give the neighbour outside a pond that a cell falls to; outside the raster first of all."""
        best, most = None, 0.0
        for down, right in AROUND:
            other = (cell[0] + down, cell[1] + right)
            if not self.inside(other):
                return other
            slope = (self.ground[cell] - self.ground[other]) / np.hypot(down, right)
            if other not in pond and slope > most:
                best, most = other, slope
        return best

    def rest(self, cell: Cell) -> Cell:
        """Go down to where a drop comes to rest."""
        while self.inside(cell) and (lower := self.steepest(cell, set())) is not None:
            cell = lower
        return cell

    def pond(self, lowest: Cell) -> set[Cell]:
        """Gather the cells that are connected with the water above a cell at its level."""
        held, todo = {lowest}, [lowest]
        while todo:
            cell = todo.pop()
            for down, right in AROUND:
                other = (cell[0] + down, cell[1] + right)
                if self.inside(other) and other not in held and self.level[other] == self.level[lowest]:
                    held.add(other)
                    todo.append(other)
        return held

    def pour(self, cell: Cell, volume: float) -> None:
        cell = self.rest(cell)
        while volume > 1e-12:
            if not self.inside(cell):
                self.lost += volume
                return
            pond = self.pond(cell)
            level = self.level[cell]
            over = [c for c in pond if self.ground[c] == level and self.steepest(c, pond) is not None]
            if over:
                beyond = self.steepest(over[0], pond)
                assert beyond is not None
                cell = self.rest(beyond)
                continue
            rim = {(c[0] + d, c[1] + r) for c in pond for d, r in AROUND} - pond
            top = min(self.ground[c] for c in rim)
            rise = min(top - level, volume / len(pond))
            volume -= rise * len(pond)
            for c in pond:
                self.level[c] = top if rise == top - level else level + rise


@st.composite
def terrains(draw: st.DrawFn) -> tuple[Floats, list[tuple[Cell, float]]]:
    """Levels all different, and water on a few cells."""
    rows, columns = draw(st.integers(2, 7)), draw(st.integers(2, 7))
    heights = draw(st.permutations(range(rows * columns)))
    cells = st.tuples(st.integers(0, rows - 1), st.integers(0, columns - 1))
    drops = draw(st.lists(st.tuples(cells, st.integers(1, 60).map(float)), min_size=1, max_size=5))
    return np.array(heights, dtype=np.float64).reshape(rows, columns), drops


@given(terrains())
@examples(200)
def test_filling_agrees_with_flooding_cell_by_cell(case: tuple[Floats, list[tuple[Cell, float]]]) -> None:
    ground, drops = case
    flood = Flood(ground)
    water: dict[Cell, float] = {}
    for cell, volume in drops:
        flood.pour(cell, volume)
        water[cell] = water.get(cell, 0.0) + volume
    filled = pour(ground, water)
    assert filled.depth_m == pytest.approx(flood.level - ground, abs=1e-6)
    assert filled.lost == pytest.approx(flood.lost, abs=1e-6)


@given(st.integers(0, 2**32 - 1), st.integers(3, 30), st.integers(1, 5), st.floats(0.0, 0.3), st.floats(0.0, 50.0))
@examples(100)
def test_no_water_is_lost_and_ponds_are_level(seed: int, side: int, steps: int, holes: float, volume: float) -> None:
    """Terrain with many equal levels and holes: what is poured stands or runs out, and each pond has one level."""
    rng = np.random.default_rng(seed)
    ground = rng.integers(0, steps, (side, side + 1)).astype(np.float64)
    ground[rng.random(ground.shape) < holes] = np.nan
    found = find_depressions(ground)
    water = np.zeros(len(found.capacity))
    np.add.at(water, found.pool[found.pool >= 0][: side * 2], volume)
    filled = fill_depressions(ground, found, water)
    assert filled.depth_m.sum() + filled.lost == pytest.approx(water.sum())
    for pond in np.unique(filled.pond[filled.pond > 0]):
        surface = (ground + filled.depth_m)[filled.pond == pond]
        assert surface == pytest.approx(np.full(len(surface), filled.level_m[pond]))
        assert filled.level_m[pond] <= found.spill_m[pond] + 1e-9


def test_a_lake_walled_in_on_all_sides_only_rises() -> None:
    """Ground of 3 x 3 cells inside missing ones inside a border that drains: 9 m on 9 cells."""
    ground = np.full((7, 7), 5.0)
    ground[1:6, 1:6] = np.nan
    ground[2:5, 2:5] = 1.0
    filled = pour(ground, {(3, 3): 9.0})
    assert filled.depth_m[2:5, 2:5] == pytest.approx(np.ones((3, 3)))
