"""Which pipes carry storm water, how high it stands where they end, and how high the ground lies above them."""

from __future__ import annotations

from typing import Final

import geopandas as gpd
import numpy as np

from drainage.arrays import Bools, Floats
from drainage.network import DrainageNetwork
from drainage.said import joined
from drainage.schema.columns import column_of
from drainage.words import in_both

#: Systems whose pipes carry storm water.
STORM_SYSTEMS: Final = ("storm", "combined", "unknown")
#: Outfalls take the flood level of a waterway within this distance, m.
WATERWAY_DISTANCE_M: Final = 200.0


def outfall_levels(net: DrainageNetwork, tailwater_m: float | None) -> tuple[Floats, str]:
    """Level at the outfalls: recorded, else as given, else of the waterway nearby, else free."""
    nodes = net.nodes
    level = column_of(nodes, "water_level_m").copy()
    recorded = int(np.isfinite(level).sum())
    words = [in_both("level_recorded", count=recorded)] if recorded else []
    if tailwater_m is not None:
        here = np.isnan(level) & (nodes["kind"] == "outfall").to_numpy()
        return np.where(here, tailwater_m, level), joined([*words, in_both("level_given", level_m=tailwater_m)])
    waterways = net.layers.get("waterways")
    ends = np.flatnonzero((nodes["kind"] == "outfall").to_numpy() & np.isnan(level))
    if (
        waterways is not None
        and len(ends)
        and "flood_level_m" in waterways
        and waterways["flood_level_m"].notna().any()
        and net.crs is not None
        and waterways.crs is not None
    ):
        rivers = waterways[waterways["flood_level_m"].notna()].to_crs(net.crs)
        from_end, to_river = rivers.sindex.nearest(
            nodes.geometry.array[ends],
            return_all=False,
            max_distance=WATERWAY_DISTANCE_M,
        )
        level[ends[from_end]] = rivers["flood_level_m"].to_numpy(dtype=np.float64)[to_river]
        words.append(in_both("level_waterway", count=len(from_end)))
    words.append(in_both("level_free"))
    return level, joined(words)


def has_flap(nodes: gpd.GeoDataFrame) -> Bools:
    """(n_nodes,) a flap gate is recorded, which lets water out and none in."""
    if "flap_gate" not in nodes:
        return np.zeros(len(nodes), dtype=np.bool_)
    return (nodes["flap_gate"] == "yes").to_numpy(dtype=np.bool_)


def known_ground(net: DrainageNetwork) -> Floats:
    """(n_nodes,) ground level, m; nan too where it is not above the lowest pipe of a node, else above its invert.

    Such a level is a gap that was written as a number, or the level of something else: by no engine is a node judged by
    it.
    """
    nodes, pipes = net.nodes, net.pipes
    lowest = np.full(len(nodes), np.inf)
    for row, end in ((net.graph.tail, "from"), (net.graph.head, "to")):
        np.fmin.at(lowest, row, column_of(pipes, f"invert_{end}_m"))
    lowest = np.where(np.isfinite(lowest), lowest, column_of(nodes, "invert_m"))
    ground = column_of(nodes, "ground_m")
    return np.where(ground <= lowest, np.nan, ground)
