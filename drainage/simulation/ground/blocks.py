"""Street blocks shared out among the storm nodes at their streets: the nearest takes, and none of another block."""

from __future__ import annotations

from typing import Final

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from drainage.arrays import Bools, Floats, Rows, ranges
from drainage.network import DrainageNetwork
from drainage.words import in_both

#: Nodes within this distance of a block stand in its streets, m: half of a broad street (own choice).
FRONTAGE_M: Final = 15.0
#: A block is sampled by points this far apart, m, and all together by at most so many.
FINEST_STEP_M: Final = 5.0
MOST_POINTS: Final = 4_000_000


def share_blocks(
    net: DrainageNetwork, blocks: gpd.GeoDataFrame, takes: Bools, served_distance_m: float
) -> tuple[Rows, Rows, Floats, str]:
    """Share each block out: every point of it drains to the nearest storm node that stands in it or in its streets.

    A block without such a node drains to the nearest ones within the served distance, and beyond that to none.  Shares
    are counted by points, so that one is off by a few per cent of a small block; their sum is the area of the block.

    Parameters
    ----------
    net
        The network.
    blocks
        Polygons.
    takes
        (n_nodes,) nodes that take storm water in.
    served_distance_m
        How far a block without a node of its own may drain, m.

    Returns
    -------
    (n_pieces,) row of the block, row of the node and area, hm², of each piece; and a sentence on where they come from.
    """
    from scipy.spatial import KDTree

    areas = blocks.to_crs(net.crs) if blocks.crs is not None and net.crs is not None else blocks
    shapes = np.asarray(areas.geometry.array)
    takers = np.flatnonzero(takes & net.nodes.geometry.notna().to_numpy())
    places = np.asarray(net.nodes.geometry.array)[takers]
    pair_block, pair_node = _nodes_of_blocks(shapes, places, served_distance_m)
    served = np.unique(pair_block)
    words = in_both("blocks_shared", count=len(served), of=len(blocks))
    if not len(served):
        nothing = np.zeros(0, dtype=np.intp)
        return nothing, nothing, np.zeros(0), words
    block, points = _points_in(shapes, served)
    # A third coordinate keeps the blocks apart: the nearest node is one of the same block.
    apart = 2.0 * float(np.ptp(shapely.get_coordinates(np.concatenate([places, shapes])), axis=0).sum()) + 1.0
    xy = shapely.get_coordinates(places)[pair_node]
    tree = KDTree(np.column_stack([xy, pair_block * apart]))
    _, nearest = tree.query(np.column_stack([points, block * apart]))
    piece, count = np.unique(nearest, return_counts=True)
    whole = np.bincount(block, minlength=len(shapes))[pair_block[piece]]
    area = shapely.area(shapes)[pair_block[piece]] * count / whole / 1e4
    return pair_block[piece], takers[pair_node[piece]], area, words


def _nodes_of_blocks(shapes: NDArray[np.object_], places: NDArray[np.object_], served_m: float) -> tuple[Rows, Rows]:
    """Pair each block with the nodes in it and in its streets, else with all within the served distance."""
    tree = shapely.STRtree(places)
    block, node = tree.query(shapes, predicate="dwithin", distance=FRONTAGE_M)
    alone = np.setdiff1d(np.arange(len(shapes)), block)
    further, other = tree.query(shapes[alone], predicate="dwithin", distance=served_m)
    return np.concatenate([block, alone[further]]), np.concatenate([node, other])


def _points_in(shapes: NDArray[np.object_], rows: Rows) -> tuple[Rows, Floats]:
    """Lay points over blocks, at least one in each; give the block and the coordinates of each."""
    bounds = shapely.bounds(shapes[rows])
    extent = bounds[:, 2:] - bounds[:, :2]
    step = max(FINEST_STEP_M, float(np.sqrt((extent[:, 0] * extent[:, 1]).sum() / MOST_POINTS)))
    across, along = np.maximum(np.ceil(extent / step), 1.0).astype(np.int64).T
    total = across * along
    number = ranges(0, total)
    which = np.repeat(np.arange(len(rows)), total)
    column, row = number % across[which], number // across[which]
    size = extent / np.column_stack([across, along])
    points = bounds[which, :2] + (np.column_stack([column, row]) + 0.5) * size[which]
    shapely.prepare(shapes[rows])
    inside = shapely.contains_xy(shapes[rows][which], points)
    which, points = which[inside], points[inside]
    bare = np.setdiff1d(np.arange(len(rows)), which)
    extra = shapely.get_coordinates(shapely.point_on_surface(shapes[rows][bare]))
    return rows[np.concatenate([which, bare])], np.concatenate([points, extra])
