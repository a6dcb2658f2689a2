"""Who drains to whom, as integer arrays: edges, nodes and nothing else.

All functions work on edge numbers (row *k* of whatever table the caller keeps) and node numbers; names, geometry and
attributes stay outside. Parallel edges, self-loops and cycles are allowed: cycles are condensed into components.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, TypeVar

import numpy as np

from drainage.arrays import AnyRows, Bools, Floats, Ints32

T = TypeVar("T", Ints32, Bools)


class Reach(NamedTuple):
    """What a walk along the flow touches: masks over all nodes and all edges.

    Examples
    --------
    >>> import drainage as dr
    >>> import numpy as np
    >>> graph = dr.graph.FlowGraph(tail=np.array([0, 1]), head=np.array([1, 2]), n_nodes=3)
    >>> reach = graph.downstream(np.array([1]))
    >>> reach.nodes.tolist(), reach.edges.tolist()
    ([False, True, True], [False, True])
    """

    nodes: Bools
    edges: Bools


class Sources(NamedTuple):
    """How many sources reach each node (n_nodes,) and edge (n_edges,), and what each source reaches (n_sources,).

    Examples
    --------
    >>> import drainage as dr
    >>> import numpy as np
    >>> graph = dr.graph.FlowGraph(tail=np.array([0, 1]), head=np.array([1, 2]), n_nodes=3)
    >>> sources = graph.count_sources(np.array([0, 1]), edge_value=np.array([30.0, 50.0]))
    >>> sources.node_count.tolist(), sources.edge_count.tolist(), sources.total.tolist()
    ([1, 2, 2], [1, 2], [80.0, 50.0])
    """

    node_count: Ints32
    edge_count: Ints32
    total: Floats


class Adjacency(NamedTuple):
    """Edge numbers by node: those of node *i* are ``edge[ptr[i]:ptr[i + 1]]``.

    Examples
    --------
    >>> import drainage as dr
    >>> import numpy as np
    >>> ptr, edge = dr.graph.FlowGraph(tail=np.array([0, 1, 0]), head=np.array([1, 2, 2]), n_nodes=3).leaving
    >>> edge[ptr[0] : ptr[1]].tolist()
    [0, 2]
    """

    ptr: Ints32
    edge: Ints32


@dataclass(frozen=True, eq=False)
class FlowGraph:
    """A directed multigraph whose edge *k* flows from ``tail[k]`` to ``head[k]``.

    Parameters
    ----------
    tail, head
        (n_edges,) node numbers, 0 ≤ number < n_nodes.
    n_nodes
        Number of nodes; nodes without edges are allowed.

    Raises
    ------
    IndexError
        An end is not a node number.

    Examples
    --------
    >>> import drainage as dr
    >>> import numpy as np
    >>> graph = dr.graph.FlowGraph(tail=np.array([0, 1, 2]), head=np.array([2, 2, 3]), n_nodes=4)
    >>> at_nodes, in_edges = graph.accumulate(np.array([1.0, 2.0, 0.0, 0.5]))
    >>> at_nodes.tolist(), in_edges.tolist()
    ([1.0, 2.0, 3.0, 3.5], [1.0, 2.0, 3.0])
    >>> np.flatnonzero(graph.upstream(np.array([2])).nodes).tolist()
    [0, 1, 2]
    """

    tail: Ints32
    head: Ints32
    n_nodes: int

    def __post_init__(self) -> None:
        """Freeze the arrays and check the node numbers once."""
        for name in ("tail", "head"):
            array = np.array(getattr(self, name), dtype=np.int32)
            if array.size and (array.min() < 0 or array.max() >= self.n_nodes):
                raise IndexError(f"{name} holds node numbers outside 0..{self.n_nodes - 1}")
            object.__setattr__(self, name, _frozen(array))

    def __repr__(self) -> str:
        """Return one line with counts."""
        return f"<FlowGraph: {self.n_edges} edges, {self.n_nodes} nodes>"

    @property
    def n_edges(self) -> int:
        """Number of edges."""
        return len(self.tail)

    @cached_property
    def leaving(self) -> Adjacency:
        """Edges that leave each node."""
        return _adjacency(self.tail, self.n_nodes)

    @cached_property
    def arriving(self) -> Adjacency:
        """Edges that arrive at each node."""
        return _adjacency(self.head, self.n_nodes)

    @cached_property
    def component(self) -> Ints32:
        """(n_nodes,) strongly connected component of each node, numbered from upstream to downstream.

        For every edge ``component[tail] <= component[head]``; equal only on a cycle. Within a connected part the order
        hangs on that part alone.
        """
        from drainage.graph import kernels

        rank, complete = kernels.kahn(self.head, self.leaving.ptr, self.leaving.edge, self.n_nodes)
        if complete:
            return _frozen(rank)
        label = _by_first(connect((self.tail, self.head), self.n_nodes, strongly=True))
        tail, head = label[self.tail], label[self.head]
        condensed = FlowGraph(tail[tail != head], head[tail != head], int(label.max()) + 1)
        return _frozen(condensed.component[label])

    @cached_property
    def order(self) -> Ints32:
        """(n_nodes,) node numbers from upstream to downstream, nodes of one component together."""
        component = self.component
        if not self.n_nodes or component.max() < self.n_nodes - 1:
            return _frozen(np.argsort(component, kind="stable").astype(np.int32))
        order = np.empty(self.n_nodes, np.int32)  # each node is a component by itself, whose number is its place
        order[component] = np.arange(self.n_nodes, dtype=np.int32)
        return _frozen(order)

    @cached_property
    def in_loop(self) -> Bools:
        """(n_nodes,) True where the node lies on a cycle (self-loops included)."""
        on_cycle = self.component[self.tail] == self.component[self.head]
        mask = np.zeros(self.n_nodes, dtype=np.bool_)
        mask[self.tail[on_cycle]] = True
        mask[self.head[on_cycle]] = True
        return _frozen(mask)

    @cached_property
    def part(self) -> Ints32:
        """(n_nodes,) number of the connected part, directions ignored."""
        return _frozen(connect((self.tail, self.head), self.n_nodes))

    def only(self, edges: Bools | AnyRows) -> FlowGraph:
        """Return the graph of some edges, by mask or number and in that order, between the same nodes."""
        return FlowGraph(self.tail[edges], self.head[edges], self.n_nodes)

    def reversed(self) -> FlowGraph:
        """Return the graph whose edges flow the other way."""
        return FlowGraph(self.head, self.tail, self.n_nodes)

    def downstream(self, node_idx: AnyRows | Bools, edge_mask: Bools | None = None) -> Reach:
        """Walk downstream from nodes, by number or mask, along the edges that the mask allows (all by default)."""
        return self._walk(node_idx, edge_mask, self.leaving, self.head)

    def upstream(self, node_idx: AnyRows | Bools, edge_mask: Bools | None = None) -> Reach:
        """Walk upstream from nodes, by number or mask, along the edges that the mask allows."""
        return self._walk(node_idx, edge_mask, self.arriving, self.tail)

    def distance_downstream(
        self, node_idx: Ints32, edge_length: Floats, edge_mask: Bools | None = None
    ) -> tuple[Floats, Ints32]:
        """Return the shortest way downstream from the nearest of the given nodes.

        Returns
        -------
        distance
            (n_nodes,) in the unit of ``edge_length``; infinite where no given node lies upstream.
        nearest
            (n_nodes,) the nearest given node, −1 where there is none.
        """
        from drainage.graph import kernels

        distance = np.full(self.n_nodes, np.inf)
        nearest = np.full(self.n_nodes, -1, np.int32)
        distance[node_idx] = 0.0
        nearest[node_idx] = node_idx
        ptr, edge = self.leaving
        kernels.relax(self.order, ptr, edge, self.head, edge_length, self._mask(edge_mask), distance, nearest)
        return distance, nearest

    def count_sources(self, node_idx: Ints32, edge_value: Floats, edge_mask: Bools | None = None) -> Sources:
        """Count, for every node and edge, the given nodes upstream of it.

        Each source counts once, however many ways lead from it: exact at forks that rejoin.

        Parameters
        ----------
        edge_value
            (n_edges,) e.g. lengths, summed over the edges that each source reaches.
        """
        from drainage.graph import kernels

        ptr, edge = self.leaving
        start = np.asarray(node_idx, np.int32)
        return Sources(
            *kernels.count(start, self._mask(edge_mask), np.asarray(edge_value, np.float64), ptr, edge, self.head)
        )

    def group_by_sources(self, node_idx: Ints32) -> Ints32:
        """Group the nodes that lie downstream of the same given nodes.

        Returns
        -------
        (n_nodes,) number of the group, from upstream to downstream, −1 where no given node lies upstream. Nodes of one
        group are reached from the same given nodes; where ways divide and rejoin, this may be true of two groups.
        """
        from drainage.graph import kernels

        given = np.zeros(self.n_nodes, np.bool_)
        given[node_idx] = True
        ptr, edge = self.arriving
        return kernels.group_by_sources(given, self.order, self.component, ptr, edge, self.tail)

    def largest_upstream(self, node_values: Floats) -> Floats:
        """Return the largest value among all nodes that drain to each node, itself included, (n_nodes,)."""
        from drainage.graph import kernels

        largest = np.full(self.n_nodes, -np.inf)
        np.maximum.at(largest, self.component, np.asarray(node_values, np.float64))  # a cycle is one place
        largest = largest[self.component]
        return kernels.pass_largest(self.order, self.component, *self.arriving, self.tail, largest)

    def distances(
        self, node_idx: Ints32, stop_idx: Ints32, edge_length: Floats, edge_mask: Bools | None = None
    ) -> tuple[Ints32, Ints32, Floats]:
        """Return the shortest way downstream from each of the given nodes to each of the stops that it reaches.

        Returns
        -------
        source, stop
            Positions in ``node_idx`` and ``stop_idx``, one pair per stop reached.
        distance
            In the unit of ``edge_length``.
        """
        from drainage.graph import kernels

        stop = np.full(self.n_nodes, -1, np.int32)
        stop[stop_idx] = np.arange(len(stop_idx), dtype=np.int32)
        ptr, edge = self.leaving
        return kernels.distances(
            np.asarray(node_idx, np.int32), stop, self._mask(edge_mask), edge_length, ptr, edge, self.head
        )

    def accumulate(self, node_values: Floats, share: Floats | None = None) -> tuple[Floats, Floats]:
        """Accumulate values along the flow.

        The total of a node leaves by its edges in the given shares (equal by default), so that nothing is doubled or
        lost at a fork. A cycle acts as one node: its total leaves by the edges out of it, and every edge inside it has
        that total.

        Parameters
        ----------
        node_values
            (n_nodes,) own value of each node.
        share
            (n_edges,) share of its tail's total that the edge takes, summing to 1 over the edges that leave a node.

        Returns
        -------
        (n_nodes,) total through each node and (n_edges,) total through each edge.
        """
        from drainage.graph import kernels

        own = np.asarray(node_values, np.float64)
        component = self.component
        if not self.in_loop.any():
            return kernels.accumulate(
                self.order, self.leaving.ptr, self.leaving.edge, self.head, own, self._shares(share)
            )
        merged = np.bincount(component, weights=own, minlength=int(component.max()) + 1).astype(np.float64)
        tail, head = component[self.tail], component[self.head]
        between = np.flatnonzero(tail != head)
        condensed = FlowGraph(tail[between], head[between], len(merged))
        # a cycle has several exits: their shares are taken together and scaled to one
        weight = self._shares(share)[between]
        total_out = np.bincount(condensed.tail, weights=weight, minlength=len(merged))[condensed.tail]
        scaled = np.divide(weight, total_out, out=np.zeros_like(weight), where=total_out > 0)
        scaled = np.where(self.in_loop[self.tail[between]], scaled, weight)
        node_total, between_total = condensed.accumulate(merged, scaled)
        edge_total = node_total[tail]
        edge_total[between] = between_total
        return node_total[component], edge_total

    def _walk(self, node_idx: AnyRows | Bools, edge_mask: Bools | None, beside: Adjacency, onward: Ints32) -> Reach:
        from drainage.graph import kernels

        start = np.asarray(node_idx)
        start = np.flatnonzero(start) if start.dtype == np.bool_ else start
        return Reach(*kernels.walk(start.astype(np.int32), self._mask(edge_mask), *beside, onward))

    def _mask(self, edge_mask: Bools | None) -> Bools:
        return np.ones(self.n_edges, np.bool_) if edge_mask is None else np.asarray(edge_mask, np.bool_)

    def _shares(self, share: Floats | None) -> Floats:
        if share is not None:
            return np.asarray(share, np.float64)
        return 1.0 / np.diff(self.leaving.ptr)[self.tail]


def connect(pairs: tuple[AnyRows, AnyRows], n: int, *, strongly: bool = False) -> Ints32:
    """Number the parts in which things hang together by pairs of them.

    Parameters
    ----------
    pairs
        (n_pairs,) numbers of the one and the other of each pair, 0 ≤ number < n.
    n
        Number of things; those in no pair are parts by themselves.
    strongly
        Only what leads to each other, there and back, hangs together.

    Returns
    -------
    (n,) number of the part of each.

    Examples
    --------
    >>> import drainage as dr
    >>> import numpy as np
    >>> dr.graph.connect((np.array([0, 3]), np.array([1, 4])), 5).tolist()
    [0, 0, 1, 2, 2]
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    matrix = coo_array((np.ones(len(pairs[0]), np.int8), pairs), shape=(n, n))
    return np.asarray(connected_components(matrix, directed=strongly, connection="strong")[1], np.int32)


def _by_first(label: Ints32) -> Ints32:
    """Number labels anew, in the order in which each comes first."""
    _, first, rank = np.unique(label, return_index=True, return_inverse=True)
    number = np.empty(len(first), np.int32)
    number[np.argsort(first)] = np.arange(len(first), dtype=np.int32)
    return number[rank]


def _frozen(array: T) -> T:
    array.flags.writeable = False
    return array


def _adjacency(node: Ints32, n_nodes: int) -> Adjacency:
    from drainage.graph import kernels

    ptr, edge = kernels.group(node, n_nodes)
    return Adjacency(_frozen(ptr), _frozen(edge))
