"""The storm pipes and sewers that took the place of a combined pipe, laid beside it in other lengths."""

from __future__ import annotations

from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from drainage.arrays import Bools, Floats, Objects, Rows, marked
from drainage.positions import line_ends

#: A new pipe beside a combined one is no further away than this, m; the width of a carriageway and its verge, own
#: choice.
BESIDE_M: Final = 8.0
#: The shorter of the two runs beside the other for so large a share of its length, within so many degrees; own choice.
_ALONG_SHARE: Final = 0.5
_MOST_BETWEEN: Final = np.cos(np.radians(30.0))
_NEW_SYSTEMS: Final = ("storm", "sewage")


def laid_beside(
    before: gpd.GeoDataFrame, after: gpd.GeoDataFrame, idle: tuple[Bools, Bools], same: tuple[Rows, Rows]
) -> tuple[Rows, Rows]:
    """Return rows of combined pipes that are combined no more, and of the new pipes that took over beside them.

    Parameters
    ----------
    before, after
        All pipes.
    idle
        (n_before,) and (n_after,) out of use.
    same
        Rows of those that are one pipe; a combined pipe among them that carries storm water now has sewers beside it.
    """
    old, new = (table["system"].to_numpy(dtype=object) for table in (before, after))
    is_now = np.full(len(before), "", dtype=object)
    is_now[same[0]] = new[same[1]]
    ended = np.flatnonzero((old == "combined") & np.isin(is_now, ["", *_NEW_SYSTEMS]) & ~idle[0])
    came = np.flatnonzero(~marked(len(after), same[1]) & np.isin(new, _NEW_SYSTEMS) & ~idle[1])
    if not len(ended) or not len(came):
        return ended[:0], came[:0]
    one, other = before.geometry.to_numpy()[ended], after.geometry.to_numpy()[came]
    at, row = shapely.STRtree(other).query(one, predicate="dwithin", distance=BESIDE_M)
    takes_over = is_now[ended[at]] != new[came[row]]
    at, row = at[takes_over], row[takes_over]
    along = in_one_direction(one[at], other[row])
    at, row = at[along], row[along]
    shared = shapely.intersection(shapely.buffer(one[at], BESIDE_M, cap_style="flat"), other[row])
    shared_m, length_m = shapely.length(shared), shapely.length(other[row])
    apart_m = shapely.distance(one[at], shapely.centroid(shared))
    beside = shared_m >= _ALONG_SHARE * np.minimum(shapely.length(one[at]), length_m)
    table = pd.DataFrame({"at": at, "row": row, "share": shared_m / length_m, "apart_m": apart_m})[beside]
    # of combined pipes side by side a new pipe takes over from the nearest only
    table = table.sort_values(["row", "apart_m", "at"])
    nearer = table.groupby("row")["share"].cumsum() - 0.5 * table["share"]
    table = table[nearer.to_numpy() <= 1.0].sort_values(["at", "row"])
    return ended[table["at"]], came[table["row"]]


def in_one_direction(one: Objects, other: Objects) -> Bools:
    """(n,) two lines run within 30 degrees of each other, either way round."""
    return np.asarray(np.abs((_directions(one) * _directions(other)).sum(axis=1)) >= _MOST_BETWEEN)


def _directions(lines: Objects) -> Floats:
    """(n, 2) unit vectors from the beginning of lines to their ends."""
    start, end = line_ends(lines)
    chord = end - start
    with np.errstate(invalid="ignore"):
        return np.asarray(chord / np.hypot(chord[:, 0], chord[:, 1])[:, None])
