"""Which river lies where water is let out."""

from __future__ import annotations

import numpy as np
import pandas as pd
import shapely

from drainage.arrays import Bools, Floats, Objects
from drainage.network import DrainageNetwork


def rivers_at(net: DrainageNetwork, nodes: pd.Index, at_river: Bools) -> dict[str, Objects | Floats]:
    """Return the nearest waterway by name and its distance, (n_nodes,) each, where water goes into a river.

    Blank elsewhere, and without a layer of waterways. No distance is too far: who reads the table sees it.
    """
    name, away = np.full(len(nodes), None, dtype=object), np.full(len(nodes), np.nan)
    found = {"waterway": name, "to_waterway_m": away}
    water = net.layers.get("waterways")
    if water is None or water.crs is None or net.crs is None or not len(nodes):
        return found
    drawn = water[water.geometry.notna() & ~water.geometry.is_empty].to_crs(net.crs)
    points = np.asarray(net.nodes.geometry.loc[nodes].array)
    placed = np.flatnonzero(at_river & ~shapely.is_missing(points))
    if not len(drawn) or not len(placed):
        return found
    (mine, nearest), distance = shapely.STRtree(np.asarray(drawn.geometry.array)).query_nearest(
        points[placed], return_distance=True, all_matches=False
    )
    names = drawn["name"] if "name" in drawn else drawn.index.to_series()
    name[placed[mine]] = names.to_numpy(dtype=object)[nearest]
    away[placed[mine]] = distance
    return found
