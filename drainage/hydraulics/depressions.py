"""Where water comes to rest on a raster of ground levels: depressions, how they nest, fill, spill and merge.

All functions work on a raster of levels and give arrays of *pools*.  Pool 0 is the outside of the raster, which takes
everything.  Each local minimum is a pool; two pools that meet at a saddle are the children of a third, so that the
pools are a forest.  Levels are m, quantities of water m of depth times cells: times the area of a cell they are m³.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from drainage.arrays import Bools, Floats, Ints32

#: The pool that takes everything: what lies around the raster.
OUTSIDE: Final = 0


class Depressions(NamedTuple):
    """The pools of a raster.

    ``pool`` is (n_rows, n_columns): the innermost pool that water from each cell runs to by steepest descent, -1 where
    there is no ground.  The others are (n_pools,): ``lowest_cell`` (row-major), ``lowest_m``, ``spill_m`` (level of
    the saddle), ``spills_to`` (the innermost pool beyond the saddle), ``parent`` (the pool that it becomes a part of
    when both sides of the saddle are full, -1 for none), ``sibling`` (the other part, -1 for none), ``cells`` and
    ``capacity`` (below the level of the saddle).
    """

    pool: Ints32
    lowest_cell: Ints32
    lowest_m: Floats
    spill_m: Floats
    spills_to: Ints32
    parent: Ints32
    sibling: Ints32
    cells: Ints32
    capacity: Floats


class Filled(NamedTuple):
    """Water at rest: (n_rows, n_columns) depth, m, and pond (0 where dry); (n_pools,) level m, nan where dry; lost.

    ``pond`` counts pools as they have merged; ``standing`` (n_pools,) leads from each pool to the one it is part of.
    """

    depth_m: Floats
    pond: Ints32
    level_m: Floats
    water: Floats
    standing: Ints32
    lost: float


def find_depressions(ground_m: Floats, *, cell_width_m: float = 1.0, cell_height_m: float = 1.0) -> Depressions:
    """Find the pools of a raster, from the lowest cell up.

    A cell joins the pool of the neighbour (of eight) to which it falls steepest; a cell without a lower or equal
    neighbour begins a pool; where pools meet, the lowest such cell is their saddle.  Cells at the border fall outside,
    and so do those beside missing cells that reach the border; missing cells inside are walls.

    Parameters
    ----------
    ground_m
        (n_rows, n_columns) levels, m, nan where there is no ground.
    cell_width_m, cell_height_m
        Size of a cell, m: a slope is a fall by a distance.

    References
    ----------
    Barnes, Callaghan, Wickert 2020, doi:10.5194/esurf-8-431-2020 (depression hierarchy).
    """
    from drainage.hydraulics import spilling

    ground = np.asarray(ground_m, dtype=np.float64)
    missing = ~np.isfinite(ground)
    outside = _touching_border(missing)
    order = np.argsort(np.where(missing, np.inf, ground), axis=None, kind="stable")[: int((~missing).sum())]
    distance_m = np.hypot(spilling.DOWN * cell_height_m, spilling.RIGHT * cell_width_m)
    datum = float(np.nanmin(ground)) if len(order) else 0.0
    found = spilling.nest_pools(np.where(missing, np.inf, ground - datum), outside, order, distance_m)
    pool, lowest_cell, lowest, spill, spills_to, parent, sibling, cells, capacity = found
    return Depressions(pool, lowest_cell, lowest + datum, spill + datum, spills_to, parent, sibling, cells, capacity)


def fill_depressions(ground_m: Floats, depressions: Depressions, water: Floats) -> Filled:
    """Pour water into pools and let it come to rest: full pools spill, and merge where both sides are full.

    Parameters
    ----------
    ground_m
        The raster of `find_depressions`.
    depressions
        Its pools.
    water
        (n_pools,) water that runs to each, m times cells; not negative.  That of pool 0 is lost at once.

    Returns
    -------
    Depths and ponds.  ``water.sum()`` of the result and ``lost`` are what was poured.

    References
    ----------
    Barnes, Callaghan, Wickert 2021, doi:10.5194/esurf-9-105-2021 (Fill-Spill-Merge).
    """
    from drainage.hydraulics import spilling

    d = depressions
    held, standing, lost = spilling.pour(water, d.capacity, d.spills_to, d.parent, d.sibling)
    of_cell = np.where(d.pool >= 0, standing[np.maximum(d.pool, 0)], OUTSIDE)
    wet = np.flatnonzero((held[of_cell] > 0.0) & (of_cell != OUTSIDE) & (ground_m < d.spill_m[of_cell]))
    by_pond = wet[np.lexsort((ground_m.reshape(-1)[wet], of_cell.reshape(-1)[wet]))]
    full = np.isfinite(d.capacity) & (held >= d.capacity)
    level = spilling.level_ponds(ground_m.reshape(-1)[by_pond], of_cell.reshape(-1)[by_pond], held)
    level = np.where(full & np.isfinite(level), d.spill_m, level)
    depth = np.zeros(ground_m.shape)
    depth.reshape(-1)[wet] = np.maximum(level[of_cell.reshape(-1)[wet]] - ground_m.reshape(-1)[wet], 0.0)
    return Filled(depth, np.where(depth > 0.0, of_cell, OUTSIDE), level, held, standing, lost)


def _touching_border(missing: Bools) -> Bools:
    """Return the missing cells that are connected to the border of the raster."""
    from scipy.ndimage import label

    part, _ = label(missing, structure=np.ones((3, 3)))
    border = np.concatenate([part[0], part[-1], part[:, 0], part[:, -1]])
    return np.asarray(np.isin(part, border[border > 0]))
