"""Compiled loops down the reach below a node: what belongs to it, and how pipes grow along it."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from drainage.arrays import Bools, Floats, Ints32
from drainage.compiling import compiled_for_many


@compiled_for_many()
def mark_reach(ptr: Ints32, head: Ints32, conveyance: Floats, surcharged: Bools, at_node: Bools) -> Bools:
    """Mark edges that leave the nodes, and surcharged ones below, down to one that carries less than one above."""
    n_nodes, n_edges = len(ptr) - 1, len(head)
    arriving = np.zeros(n_nodes)
    reached = np.zeros(n_nodes, dtype=np.bool_)
    ended = np.zeros(n_nodes, dtype=np.bool_)
    own = np.zeros(n_edges, dtype=np.bool_)
    for i in range(n_nodes):
        for e in range(ptr[i], ptr[i + 1]):
            arriving[head[e]] = max(arriving[head[e]], conveyance[e])
            if not (at_node[i] or reached[i] or ended[i]):
                continue
            throat = surcharged[e] and conveyance[e] < 0.99 * arriving[i]
            if ended[i] or throat:
                ended[head[e]] = True
            elif at_node[i] or surcharged[e]:
                own[e] = True
                reached[head[e]] = True
    return own


@compiled_for_many()
def grow_below(
    ptr: Ints32, head: Ints32, steps: NDArray[np.int64], diameter_mm: Floats, first: NDArray[np.int64],
    count: NDArray[np.int64], sizes_mm: Floats,
) -> NDArray[np.int64]:  # fmt: skip
    """Enlarge circles below an enlarged one to its diameter, as far as possible; steps and sizes as in `Remedies`."""
    n_nodes = len(ptr) - 1
    arriving = np.zeros(n_nodes)
    grown = steps.copy()
    for i in range(n_nodes):
        for e in range(ptr[i], ptr[i + 1]):
            if math.isnan(diameter_mm[e]):
                continue
            step = min(grown[e], count[e])
            size = diameter_mm[e] if step == 0 else sizes_mm[first[e] + step - 1]
            while size < arriving[i] and step < count[e]:
                step += 1
                size = sizes_mm[first[e] + step - 1]
            grown[e] = max(grown[e], step)
            if grown[e] > 0:
                arriving[head[e]] = max(arriving[head[e]], size)
    return grown
