"""Every node of the network as an answer: what overflows there, whether that was judged, and how far to trust it."""

from __future__ import annotations

from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from drainage.arrays import Rows

#: What is known of overflowing nodes only, in the order of its columns.
_OF_OVERFLOW: Final = ("road", "road_width_m", "begins_at_return_period_a", "point_id", "grade", "pond_id")


def every_node(nodes: gpd.GeoDataFrame, overflowing: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return a row for every node, whichever engine ran.

    Parameters
    ----------
    nodes
        What a state says of its nodes, at their places.
    overflowing
        The nodes that overflow, with the points that they belong to; others of a larger network may be among them.

    Returns
    -------
    Index ``node_id``: ``overflow_m3`` (0 where dry, missing where not judged), ``judged``, ``doubt`` (codes with
    commas, empty where nothing speaks against the answer), the other columns of the state, and those of the points.
    """
    judged = nodes["judged"].to_numpy(dtype=np.bool_)
    doubt = nodes["doubt"] if "doubt" in nodes else pd.Series(None, nodes.index, dtype=object)
    first = {
        "overflow_m3": nodes["overflow_m3"].where(judged),
        "judged": judged,
        "doubt": doubt.astype(object).where(doubt.notna(), ""),
    }
    rest = {name: nodes[name] for name in nodes.columns if name not in first and name != nodes.geometry.name}
    told = pd.DataFrame(overflowing[[name for name in _OF_OVERFLOW if name in overflowing]])
    told = told.set_axis(pd.RangeIndex(len(told))).reindex(_rows_of(nodes.index, told.index)).set_axis(nodes.index)
    frame = pd.concat([pd.DataFrame(first | rest, index=nodes.index, copy=False), told], axis=1)
    return gpd.GeoDataFrame(frame, geometry=nodes.geometry.array, crs=nodes.crs, copy=False)


def _rows_of(ids: pd.Index, among: pd.Index) -> Rows:
    """Return the row at which each id stands among others, -1 for none; without a table of hashes of Python's texts."""
    these, those = (pa.array(one.astype("str").array) for one in (ids, among))
    return np.asarray(pc.index_in(these, value_set=those).fill_null(-1), dtype=np.intp)
