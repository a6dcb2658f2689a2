"""Which node takes the rain of a catchment."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely

from drainage.arrays import AnyRows, Rows, marked
from drainage.schema.ids import find_ids


def receiving_rows(ground: gpd.GeoDataFrame, nodes: gpd.GeoDataFrame, pipes: gpd.GeoDataFrame, tail: AnyRows) -> Rows:
    """Return the row of the node that each catchment names, else of the nearest that takes rain; -1 for none.

    Row *k* of ``tail`` is that of the node at which pipe *k* begins.
    """
    row = np.full(len(ground), -1, np.intp)
    if "node_id" in ground:
        row = find_ids(ground["node_id"], nodes.index)
    lost = np.flatnonzero((row < 0) & ground.geometry.notna().to_numpy())
    takes = marked(len(nodes), tail[~pipes["system"].isin(["sewage", "reclaimed"]).to_numpy()])
    taking = np.flatnonzero(takes & nodes.geometry.notna().to_numpy())
    if len(lost) and len(taking):
        points = shapely.STRtree(np.asarray(nodes.geometry.array)[taking])
        row[lost] = taking[points.nearest(shapely.centroid(np.asarray(ground.geometry.array)[lost]))]
    return row
