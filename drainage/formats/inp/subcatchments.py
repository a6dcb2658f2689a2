"""Subcatchments of an .inp: their area, the node that they drain to and a runoff coefficient."""

from __future__ import annotations

from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from drainage.arrays import Objects
from drainage.formats.inp.coordinates import points_of
from drainage.formats.inp.text.tokens import InpText, match_names, numbers, one_row_per_id
from drainage.schema import Issues
from drainage.words import in_both

_COLUMNS: Final = ("catchment_id", "gage", "outlet", "area", "impervious", "width_", "slope")


def read_catchments(
    text: InpText, nodes: gpd.GeoDataFrame, pipes: pd.DataFrame, issues: Issues
) -> gpd.GeoDataFrame | None:
    """Read the subcatchments whose water runs through pipes; None where there are none.

    The runoff coefficient is the impervious share, which leaves out runoff of pervious ground and losses of paved
    ground; the engine computes both.

    Returns
    -------
    Index ``catchment_id``: ``node_id`` (a catchment that drains to another follows it), ``area_ha`` of the file,
    ``runoff_coefficient``, geometry (polygon, else a point at the node, else None).
    """
    rows = one_row_per_id(text.table("SUBCATCHMENTS", _COLUMNS), "catchment", issues)
    if not len(rows):
        return None
    outlet = _outlets(rows, pd.Index(rows["catchment_id"]), nodes.index, issues)
    dead_ends = pipes["to_node"][nodes["kind"].reindex(pipes["to_node"]).ne("outfall").to_numpy()]
    passes = pd.Series(outlet).isin([*pipes["from_node"], *dead_ends]).to_numpy()
    direct = pd.notna(outlet) & ~passes
    issues.add(
        "drains_past_pipes",
        "info",
        "catchment",
        rows["catchment_id"][direct],
        [in_both("drains_past_pipes", node=node) for node in outlet[direct]],
        in_both("past_pipes_left_out"),
    )
    rows = rows[~direct].assign(node_id=outlet[~direct]).reset_index(drop=True)
    if not len(rows):
        return None
    ids = pd.Index(rows["catchment_id"].astype("str"), name="catchment_id")
    impervious = numbers(rows, "impervious", issues, feature_kind="catchment") / 100
    frame = pd.DataFrame(
        {
            "node_id": rows["node_id"].to_numpy(dtype=object),
            "area_ha": numbers(rows, "area", issues, feature_kind="catchment", default=0.0) * text.units.area_ha,
            "runoff_coefficient": np.clip(impervious, 0.0, 1.0),
        },
        index=ids,
    )
    issues.add(
        "runoff_by_imperviousness",
        "info",
        "file",
        [text.path.name],
        in_both("runoff_parameters", count=len(frame)),
        in_both("impervious_taken"),
    )
    at = nodes.index.get_indexer(pd.Index(frame["node_id"]))
    place = np.where(at >= 0, np.asarray(nodes.geometry.array)[at], np.array(None))
    return gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries(_polygons(text, ids, place), index=ids, crs=nodes.crs))


def _outlets(rows: pd.DataFrame, ids: pd.Index, node_ids: pd.Index, issues: Issues) -> Objects:
    """Follow each catchment from catchment to catchment to a node; None where there is none.

    Pointers are doubled: after k rounds each looks 2^k catchments ahead, so that a chain of n takes log n rounds and a
    loop never ends anywhere.
    """
    node = match_names(rows["outlet"], node_ids).to_numpy(dtype=object)
    below = ids.get_indexer(pd.Index(match_names(rows["outlet"], ids)))
    here = np.arange(len(ids))
    has_node = pd.notna(node)
    ahead = np.where(has_node | (below < 0), here, below)
    for _ in range(int(np.ceil(np.log2(len(ids) + 1))) + 1):
        ahead = ahead[ahead]
    found = node[ahead]
    lost = pd.isna(found)
    looped = lost & (below[ahead] >= 0)
    taken = in_both("reaches_no_node")
    issues.add("outlet_loop", "error", "catchment", ids[looped], in_both("outlets_in_a_loop"), taken)
    issues.add(
        "no_outlet",
        "error",
        "catchment",
        ids[lost & ~looped],
        [in_both("outlet_unknown", outlet=outlet) for outlet in rows["outlet"][lost & ~looped]],
        taken,
    )
    return np.where(lost, np.array(None), found)


def _polygons(text: InpText, ids: pd.Index, place: Objects) -> Objects:
    corners = points_of(text.table("POLYGONS", ("name", "x", "y")), ids)
    row = corners["row"].to_numpy()
    count = np.bincount(row, minlength=len(ids))
    drawn = count[row] >= 3
    geometry = np.array(place, dtype=object)
    if drawn.any():
        rings = shapely.linearrings(corners[["x", "y"]].to_numpy()[drawn], indices=_renumbered(row[drawn]))
        geometry[np.unique(row[drawn])] = shapely.polygons(rings)
    return geometry


def _renumbered(row: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.asarray(np.unique(row, return_inverse=True)[1], dtype=np.int64)
