"""Which connected part of a network goes into which partition: neighbours together, about as many pipes in each."""

from __future__ import annotations

from typing import Final

import numpy as np

from drainage.arrays import Floats, Ints
from drainage.network import DrainageNetwork
from drainage.positions import coordinates

#: Places are told apart on a grid of so many rows and columns, as a power of two.
_BITS: Final = 16


def partitions_of(net: DrainageNetwork, count: int) -> Ints:
    """Pack the connected parts of a network into partitions, along a curve through the middles of the parts.

    A part is never cut, for what is asked flows or is dammed up within one: a partition has as many pipes as its
    largest part at least, and fewer partitions may come out than were asked for.

    Parameters
    ----------
    net
        Any network.
    count
        How many partitions are wanted, ≥ 1.

    Returns
    -------
    (n_nodes,) number of the partition of each node, all numbers from 0 on.

    References
    ----------
    Morton, A Computer Oriented Geodetic Data Base (IBM, 1966): the curve.
    """
    graph = net.graph
    part = graph.part.astype(np.int64)
    n_parts = int(part.max(initial=-1)) + 1
    pipes = np.bincount(part[graph.tail], minlength=n_parts)
    if not pipes.any():
        return np.zeros(len(part), np.int64)
    order = np.argsort(_along_curve(_middles(coordinates(net.nodes.geometry), part, n_parts)), kind="stable")
    middle = np.cumsum(pipes[order]) - pipes[order] / 2.0
    number = np.minimum(middle * count / pipes.sum(), count - 1).astype(np.int64)
    # nodes without a pipe go where the last part before them goes that has pipes
    laid = np.flatnonzero(pipes[order])
    before = np.maximum(np.searchsorted(laid, np.arange(n_parts), side="right") - 1, 0)
    of_part = np.empty(n_parts, np.int64)
    of_part[order] = number[laid[before]]
    return np.unique(of_part, return_inverse=True)[1][part]


def _middles(place: Floats, part: Ints, n_parts: int) -> Floats:
    """Return the mean place of the nodes of each part, (n_parts, 2) m; that of all where none has a place."""
    placed = np.isfinite(place).all(axis=1)
    count = np.bincount(part[placed], minlength=n_parts)
    of_all = place[placed].mean(axis=0) if placed.any() else np.zeros(2)
    sums = [np.bincount(part[placed], place[placed, axis], n_parts) for axis in (0, 1)]
    return np.where(count[:, None] > 0, np.column_stack(sums) / np.maximum(count, 1)[:, None], of_all)


def _along_curve(place: Floats) -> Ints:
    """Return where places, (n, 2), lie along a Morton curve: the bits of both coordinates in turn."""
    if not len(place):
        return np.zeros(0, np.int64)
    span = max(float(np.ptp(place, axis=0).max()), 1e-9)
    cell = ((place - place.min(axis=0)) / span * (2**_BITS - 1)).astype(np.int64)
    along = np.zeros(len(place), np.int64)
    for bit in range(_BITS):
        for axis in (0, 1):
            along |= ((cell[:, axis] >> bit) & 1) << (2 * bit + axis)
    return along
