"""Ground that counts once: polygons made valid, and what two of them cover given to one."""

from __future__ import annotations

from typing import Final, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from drainage.arrays import Objects
from drainage.schema import Issues
from drainage.words import in_both

SLIVER_M2: Final = 1.0  # less than this is the width of a pen on a shared border; a choice of ours
_DIFFERS: Final = 0.1  # an area recorded a tenth off the polygon contradicts it; a choice of ours


class Once(NamedTuple):
    """Polygons that share no ground, (n,), None where nothing is left; which crossed themselves; what was given up."""

    shapes: Objects
    crossed: NDArray[np.bool_]
    given_m2: NDArray[np.float64]
    given_to: NDArray[np.intp]


def share_once(shapes: Objects) -> Once:
    """Assign ground that several polygons cover to the smallest of them; among equal ones, to the first.

    A polygon that crosses itself is taken as the parts that its line encloses. Overlaps below 1 m² stay.

    Parameters
    ----------
    shapes
        Polygons and multi-polygons, (n,), in metres; anything else holds no ground.
    """
    made = shapes.copy()
    made[~np.isin(shapely.get_type_id(shapes), (3, 6))] = None
    crossed = ~shapely.is_valid(made) & ~shapely.is_missing(made)
    made[crossed] = shapely.make_valid(made[crossed])
    made[crossed] = [_areas_of(shape) for shape in made[crossed]]
    area = shapely.area(made)
    rank = np.empty(len(made), np.intp)
    rank[np.lexsort((np.arange(len(made)), area))] = np.arange(len(made))
    one, other = shapely.STRtree(made).query(made, predicate="intersects")
    pair = rank[one] > rank[other]
    loser, winner = one[pair], other[pair]
    apart = shapely.touches(made[loser], made[winner])  # neighbours, as most are; told sooner than what they share
    loser, winner = loser[~apart], winner[~apart]
    shared = shapely.area(shapely.intersection(made[loser], made[winner]))
    told = shared > SLIVER_M2
    loser, winner, shared = loser[told], winner[told], shared[told]
    given, to = np.zeros(len(made)), np.full(len(made), -1, np.intp)
    kept = made.copy()
    for row in np.unique(loser):
        mine = loser == row
        kept[row] = shapely.difference(made[row], shapely.union_all(made[winner[mine]]))
        given[row] = area[row] - shapely.area(kept[row])
        to[row] = winner[mine][shared[mine].argmax()]
    kept[shapely.is_empty(kept)] = None
    return Once(kept, crossed, given, to)


def count_once(table: gpd.GeoDataFrame, kind: str, issues: Issues) -> gpd.GeoDataFrame:
    """Make the polygons of a layer share no ground, and say which did, which crossed themselves and which are none.

    The column ``area_ha`` holds what is left to each; a recorded area counts where there is no polygon, and is said
    where it differs from what is drawn.
    """
    shapes = np.asarray(table.geometry.array)
    polygon = np.isin(shapely.get_type_id(shapes), (3, 6))
    odd = ~polygon & ~shapely.is_missing(shapes)
    issues.add("not_a_polygon", "error", kind, table.index[odd], in_both("is_no_polygon"), in_both("draw_the_outline"))
    once = share_once(shapes)
    crossed = table.index[once.crossed]
    issues.add("crosses_itself", "warning", kind, crossed, in_both("outline_crosses"), in_both("taken_by_parts"))
    rows = np.flatnonzero(once.given_to >= 0)
    reasons = [
        in_both("ground_shared", area_ha=area / 1e4, name=name)
        for area, name in zip(once.given_m2[rows], table.index[once.given_to[rows]], strict=True)
    ]
    issues.add("overlaps", "warning", kind, table.index[rows], reasons, in_both("ground_counted_once"))
    if odd.any() or once.crossed.any() or len(rows):
        table = table.set_geometry(gpd.GeoSeries(once.shapes, index=table.index, crs=table.crs))
    return table.assign(area_ha=_area_ha(table, once, kind, issues))


def _area_ha(table: gpd.GeoDataFrame, once: Once, kind: str, issues: Issues) -> NDArray[np.float64]:
    left = np.nan_to_num(shapely.area(once.shapes)) / 1e4
    if "area_ha" not in table:
        return left
    recorded = pd.to_numeric(table["area_ha"], errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    whole = left + once.given_m2 / 1e4
    off = (whole > 0) & (np.abs(recorded - whole) > _DIFFERS * whole)
    reasons = [in_both("area_otherwise", recorded=r, drawn=a) for r, a in zip(recorded[off], whole[off], strict=True)]
    issues.add("area_differs", "warning", kind, table.index[off], reasons, in_both("polygon_counts"))
    return np.where(whole > 0, left, np.nan_to_num(recorded))


def _areas_of(shape: shapely.Geometry) -> shapely.Geometry:
    parts = shapely.get_parts(shape)
    nested = np.concatenate([shapely.get_parts(parts), np.empty(0, object)])
    areas: shapely.Geometry = shapely.multipolygons(nested[shapely.get_type_id(nested) == 3])
    return areas
