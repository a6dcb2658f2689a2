"""The compiled loop of the levels: the nearest known one on the way up or down, from node to node."""

from __future__ import annotations

import numpy as np

from drainage.arrays import Bools, Floats, Ints32
from drainage.compiling import compiled_for_many


@compiled_for_many()
def nearest_level(
    order: Ints32, ptr: Ints32, edge: Ints32, other: Ints32, near: Floats, far: Floats, length: Floats, passes: Bools
) -> tuple[Floats, Floats]:
    """Pass levels along the edges of each node in order; of two at one distance the lower.

    Parameters
    ----------
    order
        Nodes, those behind the edges first.
    ptr, edge
        Edges of each node; ``other`` is the node behind an edge.
    near, far
        Level at the end of an edge that lies at the node, and at its other end; NaN where unknown.
    passes
        Edges along which a level is carried on from the node behind.

    Returns
    -------
    Level and distance for each node, infinite where there is none.
    """
    n_nodes = len(ptr) - 1
    level = np.full(n_nodes, np.nan)
    distance = np.full(n_nodes, np.inf)
    for i in order:
        for k in edge[ptr[i] : ptr[i + 1]]:
            if np.isfinite(near[k]):
                reach, value = 0.0, near[k]
            elif np.isfinite(far[k]):
                reach, value = length[k], far[k]
            elif passes[k]:
                reach, value = distance[other[k]] + length[k], level[other[k]]
            else:
                continue
            if reach < distance[i] - 1e-6 or (reach < distance[i] + 1e-6 and value < level[i]):
                distance[i] = reach
                level[i] = value
    return level, distance
