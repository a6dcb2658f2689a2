"""The way from one node to another along pipes: the shortest, with the flow or, if allowed, against it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Final, NamedTuple

import numpy as np
import pandas as pd

from drainage.arrays import Bools, Floats, Ints32, Rows
from drainage.errors import TopologyError
from drainage.network import DrainageNetwork
from drainage.said import Said
from drainage.schema.ids import find_ids, ids_like
from drainage.words import in_both

_SHORTEST_M: Final = 1e-6  # a pump or weir has no length, but is a step all the same


class Way(NamedTuple):
    """A way as rows of the network.

    Parameters
    ----------
    pipe, node
        (n,) rows of its pipes, (n + 1,) of the nodes between them.
    turned
        (n,) pipes that flow against it.
    read
        Stops that were written otherwise than the ids that they are taken for: as written → id.
    """

    pipe: Rows
    node: Rows
    turned: Bools
    read: dict[str, str]


def find_way(net: DrainageNetwork, stops: Sequence[str], *, against_flow: bool = False) -> Way:
    """Return the shortest way that leads from each of the stops to the next.

    Parameters
    ----------
    net
        A network.
    stops
        Ids of at least two nodes, in the order of the way.
    against_flow
        Pipes may be walked against their flow too.

    Raises
    ------
    TopologyError
        An unknown node, twice the same one in a row, or no way: it says how far the flow gets and what would connect.
    """
    rows = _rows_of(net, stops)
    length = np.nan_to_num(net.pipes["length_m"].to_numpy(np.float64), nan=_SHORTEST_M)
    length = np.maximum(length, _SHORTEST_M)
    legs = [_leg(net, length, start, end, against_flow=against_flow) for start, end in pairwise(rows)]
    pipe, turned = (np.concatenate(parts) for parts in zip(*legs, strict=True))
    tail, head = net.graph.tail.astype(np.intp)[pipe], net.graph.head.astype(np.intp)[pipe]
    node = np.append(np.where(turned, head, tail), rows[-1])
    ids = net.nodes.index[rows]
    return Way(pipe, node, turned, {name: str(found) for name, found in zip(stops, ids, strict=True) if name != found})


def ids_near(name: str, known: Sequence[str]) -> Said:
    """Name the ids that are most like one that is not known, else how ids look here."""
    like = ids_like(name, known)
    return in_both("ids_similar", ids=", ".join(like)) if like else in_both("ids_such_as", ids=", ".join(known[:3]))


def _rows_of(net: DrainageNetwork, stops: Sequence[str]) -> list[int]:
    """Return the rows of the stops."""
    ids, network = net.nodes.index, net.source or in_both("the_network")
    rows = find_ids(pd.Index(list(stops), dtype="str"), ids)
    for name, row in zip(stops, rows, strict=True):
        if row < 0:
            near = ids_near(name, [*ids])
            raise TopologyError(in_both("way_without_node", name=name, network=network, near=near))
    for one, other in pairwise(rows):
        if one == other:
            raise TopologyError(in_both("way_to_itself", name=ids[one]))
    return [int(row) for row in rows]


def _leg(net: DrainageNetwork, length: Floats, start: int, end: int, *, against_flow: bool) -> tuple[Rows, Bools]:
    """Return the pipes from one stop to the next, and which of them are walked against their flow."""
    tail, head = net.graph.tail.astype(np.intp), net.graph.head.astype(np.intp)
    pipe, turned = np.arange(len(tail)), np.zeros(len(tail), np.bool_)
    if against_flow:
        tail, head = np.concatenate([tail, head]), np.concatenate([head, tail])
        pipe, turned = np.concatenate([pipe, pipe]), np.concatenate([turned, ~turned])
    # of several pipes between two nodes the shortest counts
    order = np.lexsort((pipe, length[pipe], head, tail))
    tail, head, pipe, turned = tail[order], head[order], pipe[order], turned[order]
    first = np.append(True, (np.diff(tail) != 0) | (np.diff(head) != 0)) if len(tail) else np.zeros(0, np.bool_)
    tail, head, pipe, turned = tail[first], head[first], pipe[first], turned[first]
    distance, before = _distances(tail, head, length[pipe], net.graph.n_nodes, start)
    if not np.isfinite(distance[end]):
        raise TopologyError(_why_not(net, length, distance, start, end, against_flow=against_flow))
    nodes = [end]
    while nodes[-1] != start:
        nodes.append(int(before[nodes[-1]]))
    key = tail * net.graph.n_nodes + head
    steps = np.array([a * net.graph.n_nodes + b for a, b in pairwise(reversed(nodes))], dtype=np.intp)
    found = np.searchsorted(key, steps)
    return pipe[found], turned[found]


def _distances(tail: Rows, head: Rows, length: Floats, n: int, start: int) -> tuple[Floats, Ints32]:
    """Return how far each node is from the start, and the node before it on the way."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import dijkstra

    matrix = csr_array((length, (tail, head)), shape=(n, n))
    distance, before = dijkstra(matrix, indices=[start], return_predecessors=True)
    return distance[0], np.asarray(before[0], dtype=np.int32)


def _why_not(
    net: DrainageNetwork, length: Floats, distance: Floats, start: int, end: int, *, against_flow: bool
) -> Said:
    """Say how far the flow gets from the start, and what would connect the two."""
    ids = net.nodes.index
    reached = np.where(np.isfinite(distance), distance, -1.0)
    last = int(reached.argmax())
    facts = {"start": ids[start], "end": ids[end], "last": ids[last], "far_m": float(reached[last])}
    if against_flow or net.graph.part[start] != net.graph.part[end]:
        return in_both("way_apart", **facts)
    tail, head = net.graph.tail.astype(np.intp), net.graph.head.astype(np.intp)
    if net.graph.downstream(np.array([end])).nodes[start]:
        return in_both("way_turned", **facts)
    both = np.concatenate([tail, head]), np.concatenate([head, tail])
    order = np.lexsort((np.tile(length, 2), both[1], both[0]))
    tail, head, step = both[0][order], both[1][order], np.tile(length, 2)[order]
    first = np.append(True, (np.diff(tail) != 0) | (np.diff(head) != 0))
    about, _ = _distances(tail[first], head[first], step[first], net.graph.n_nodes, start)
    return in_both("way_against", **facts, length_m=float(about[end]))
