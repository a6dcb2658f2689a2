"""Centre lines of roads: each with a name, in one spelling, and drawn once."""

from __future__ import annotations

from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from drainage.schema.ids import Spellings

#: Lines of one road nearer than this, and beside each other for twice as long, are one line drawn twice: half of the
#: narrowest street of two lanes (own choice). Carriageways farther apart stay two lines: joined by who measures.
TWICE_M: Final = 3.0
UNNAMED: Final = "unnamed"


def name_roads(roads: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Name each road in one spelling; one without a name in row 3 becomes ``unnamed 3``."""
    names = Spellings().settle(roads["road"])
    blank = names.isna().to_numpy()
    numbers = pd.Series([f"{UNNAMED} {row + 1}" for row in range(len(roads))], index=roads.index, dtype="str")
    return roads.assign(road=names.mask(blank, numbers))


def draw_once(roads: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, float]:
    """Leave out what a line of the same road that stands above it draws already, such as the way back of a street.

    Parameters
    ----------
    roads
        Lines with the name in ``road``, in metres.

    Returns
    -------
    The lines, and the length that was left out, m.
    """
    lines = np.asarray(roads.geometry.array)
    code, _ = pd.factorize(roads["road"])
    late, early = shapely.STRtree(lines).query(lines, predicate="dwithin", distance=TWICE_M)
    pair = (code[late] == code[early]) & (early < late)
    late, early = late[pair], early[pair]
    strip = shapely.buffer(lines[early], TWICE_M, cap_style="flat")
    beside = shapely.length(shapely.intersection(lines[late], strip)) > 2 * TWICE_M
    late, strip = late[beside], strip[beside]
    if not len(late):
        return roads, 0.0
    left = lines.copy()
    for row in np.unique(late):
        left[row] = shapely.difference(lines[row], shapely.union_all(strip[late == row]))
    once = roads.set_geometry(gpd.GeoSeries(left, index=roads.index, crs=roads.crs)).explode(ignore_index=True)
    long = (once.geometry.length > 2 * TWICE_M).to_numpy() | np.isin(once.geometry.to_wkb(), shapely.to_wkb(lines))
    once = once[long]
    return once, float(shapely.length(lines).sum() - once.geometry.length.sum())
