"""Which nodes of a network go into which partition: neighbours together, about as many pipes in each."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from drainage.arrays import Bools, Floats, Ints, Ints32, marked, spread
from drainage.network import DrainageNetwork
from drainage.positions import coordinates
from drainage.simulation.pipes import STORM_SYSTEMS

#: A part is split where its largest storm part has no larger share of its pipes: else little is won (own choice).
LARGEST_SHARE: Final = 0.9
#: Places are told apart on a grid of so many rows and columns, as a power of two.
_BITS: Final = 16


class Partitions(NamedTuple):
    """Number of the partition, (n_nodes,), in which each node is asked about mixed flow, and about roads and the storm.

    Both are the same but in parts that are split, whose partitions are asked the one or the other.
    """

    flow: Ints
    local: Ints


def partitions_of(net: DrainageNetwork, count: int, *, storm: bool = True) -> Partitions:
    """Pack the connected parts of a network into partitions, along a curve through the middles of the parts.

    A part with more pipes than its share, which is held together by pipes that carry no storm water, is split: it is
    one partition for mixed flow, and for all else its storm parts are packed as parts are. A storm part is never cut,
    for water is dammed up within one: a partition has as many pipes as its largest storm part at least, and fewer may
    come out than were asked for.

    Parameters
    ----------
    net
        Any network.
    count
        How many partitions are wanted, ≥ 1; those of split parts for mixed flow come besides.
    storm
        Whether a storm is asked about; else no part is split.

    Returns
    -------
    Partitions, numbered from 0 on without gaps.

    References
    ----------
    Morton, A Computer Oriented Geodetic Data Base (IBM, 1966): the curve.
    """
    graph, place = net.graph, coordinates(net.nodes.geometry)
    every = np.ones(graph.n_nodes, dtype=np.bool_)
    storm_part, split = _to_be_split(net, count) if storm else (graph.part, ~every)
    if not split.any():
        whole = _packed(place, graph.part, graph.tail, every, count)
        return Partitions(whole, whole)
    inside = np.count_nonzero(split[graph.tail])
    many = max(round(count * inside / graph.n_edges), 2)  # by 1 nothing is won
    flow = _packed(place, graph.part, graph.tail, split, many)
    whole = _packed(place, graph.part, graph.tail, ~split, max(count - many, 1)) + _next(flow)
    in_storm = _packed(place, storm_part, graph.tail, split, many) + _next(whole)
    return Partitions(np.where(split, flow, whole), np.where(split, in_storm, whole))


def _to_be_split(net: DrainageNetwork, count: int) -> tuple[Ints32, Bools]:
    """Return the storm part of each node, and the nodes of the parts that are split."""
    graph = net.graph
    part = graph.part
    pipes = np.bincount(part[graph.tail], minlength=int(part.max(initial=-1)) + 1)
    large = pipes * count > graph.n_edges
    if not large.any():
        return part, np.zeros(len(part), dtype=np.bool_)
    storm_part = graph.only(net.systems.among(*STORM_SYSTEMS)).part
    of_storm_part = np.bincount(storm_part[graph.tail], minlength=int(storm_part.max()) + 1)
    largest = np.zeros(len(pipes), np.int64)
    np.maximum.at(largest, part, of_storm_part[storm_part])
    large &= largest <= LARGEST_SHARE * pipes
    if large.any() and not pipes[~large].any():
        large[:] = True  # nodes without a pipe, which would be partitions of nothing
    return storm_part, large[part]


def _packed(place: Floats, part: Ints32, tail: Ints32, here: Bools, count: int) -> Ints:
    """Return the partition of each marked node, (n_nodes,), numbered from 0 on without gaps; -1 for the others."""
    row = np.flatnonzero(here)
    number = np.cumsum(marked(len(part), part[row])) - 1
    of_node = number[part[row]]
    n_parts = int(number.max(initial=-1)) + 1
    pipes = np.bincount(number[part[tail[here[tail]]]], minlength=n_parts)
    if not pipes.any():
        return np.where(here, 0, -1)
    order = np.argsort(_along_curve(_middles(place[row], of_node, n_parts)), kind="stable")
    middle = np.cumsum(pipes[order]) - pipes[order] / 2.0
    along = np.minimum(middle * count / pipes.sum(), count - 1).astype(np.int64)
    # nodes without a pipe go where the last part before them goes that has pipes
    laid = np.flatnonzero(pipes[order])
    before = np.maximum(np.searchsorted(laid, np.arange(n_parts), side="right") - 1, 0)
    of_part = np.empty(n_parts, np.int64)
    of_part[order] = along[laid[before]]
    return spread(len(part), row, np.unique(of_part, return_inverse=True)[1][of_node], -1)


def _next(number: Ints) -> int:
    """Return the first number after all of some."""
    return int(number.max(initial=-1)) + 1


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
