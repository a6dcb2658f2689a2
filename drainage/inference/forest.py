"""The storm network as a forest of places at which sewage may enter unseen: manholes and pipes, in the order of flow.

A place ("cell") is a storm manhole or a storm pipe; a manhole drains to the pipe that leaves it, a pipe to the manhole
at its lower end. A *reach* is a pipe with its upper manhole.

What is drawn is modelled, not reported. An interceptor from which a sewage pipe leaves takes all dry-weather flow: what
comes from above ends there, and its overflow pipe begins dry. Where a sewage or combined pipe ends in a storm manhole
(or at a storm outfall) the drawing itself explains flow below; such a manhole is ``drawn``.

Exact on trees. Where several storm pipes leave a manhole, dry-weather flow is taken to follow one: that of the lowest
invert, then of the largest size, then the first. Everything above and below such a fork, and every loop (opened at one
manhole), is marked ``approximate``.
"""

from __future__ import annotations

from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np

from drainage.arrays import Bools, Ints32
from drainage.errors import NotKnownError
from drainage.graph import FlowGraph
from drainage.network import DrainageNetwork
from drainage.words import coded, in_both

_PASSING = ("pump", "works")
_OPENED = ("manhole", "outfall", "interceptor", "storage")


@dataclass(frozen=True, slots=True, eq=False)
class StormForest:
    """Cells in the order of flow, the trees side by side.

    Parameters
    ----------
    parent
        (n_cells,) the cell that each drains to, −1 where none.
    node, pipe
        (n_cells,) row of the node or pipe of the network that the cell is, else −1.
    node_cell, pipe_cell
        (n_nodes,), (n_pipes,) the cell of each node and pipe, −1 where it is not part of the storm network.
    begin
        (n_trees + 1,) first cell of each tree.
    child_ptr, child
        The cells that drain to cell *c* are ``child[child_ptr[c]:child_ptr[c + 1]]``.
    drawn
        (n_cells,) True where the drawing itself shows sewage entering.
    approximate
        (n_cells,) True where a fork or a loop makes the forest less than the network.
    opened
        Cells of manholes, outfalls, interceptors and basins: what a crew can look into.
    """

    parent: Ints32
    node: Ints32
    pipe: Ints32
    node_cell: Ints32
    pipe_cell: Ints32
    begin: Ints32
    child_ptr: Ints32
    child: Ints32
    drawn: Bools
    approximate: Bools
    opened: Ints32

    @property
    def n_cells(self) -> int:
        """Number of cells."""
        return len(self.parent)

    def tree_of(self, cell: int) -> tuple[int, int]:
        """Return first and behind-the-last cell of the tree of a cell."""
        tree = int(np.searchsorted(self.begin, cell, side="right")) - 1
        return int(self.begin[tree]), int(self.begin[tree + 1])

    @classmethod
    def from_network(cls, net: DrainageNetwork, system: str = "storm") -> StormForest:
        """Build the forest of the pipes recorded as storm, or as another system, once for each network.

        Raises
        ------
        NotKnownError
            No pipe is recorded as that.
        """
        built = _BUILT.setdefault(net, {})
        if system not in built:
            built[system] = cls._build(net, system)
        return built[system]

    @classmethod
    def _build(cls, net: DrainageNetwork, system: str) -> StormForest:
        from drainage.inference import kernels

        graph, pipes = net.graph, net.pipes
        recorded, kind = net.systems, net.kinds
        storm = recorded.among(system)
        if not storm.any():
            network = net.source or in_both("the_network")
            raise NotKnownError(in_both("no_pipe_of_system", network=network, system=coded("system", system)))
        arrives, leaves = _touching(graph, storm)
        sewage = _touching(graph, recorded.among("sewage"))
        foul = _touching(graph, recorded.among("sewage", "combined"))
        interceptor = kind.among("interceptor") & sewage[1] & (system == "storm")
        drawn = foul[0] & (leaves | (kind.among("outfall") & arrives)) & ~kind.among(*_PASSING) & ~interceptor
        followed = _followed(net, storm & ~interceptor[graph.tail])
        fork, followed = _approximate(graph, storm, interceptor, followed)

        used = np.flatnonzero(arrives | leaves).astype(np.int32)
        pipe_rows = np.flatnonzero(storm).astype(np.int32)
        raw_node, raw_pipe = np.full(graph.n_nodes, -1, np.int32), np.full(len(pipes), -1, np.int32)
        raw_node[used] = np.arange(len(used))
        raw_pipe[pipe_rows] = len(used) + np.arange(len(pipe_rows))
        below = np.where(followed[used] >= 0, raw_pipe[followed[used]], -1)
        raw_parent = np.concatenate([below, raw_node[graph.head[pipe_rows]]]).astype(np.int32)
        order, root = kernels.flow_order(raw_parent)
        place = np.full(len(raw_parent) + 1, -1, np.int32)
        place[order] = np.arange(len(order))
        parent = place[raw_parent[order]]
        node = np.concatenate([used, np.full(len(pipe_rows), -1, np.int32)])[order]
        pipe = np.concatenate([np.full(len(used), -1, np.int32), pipe_rows])[order]
        has_parent = np.flatnonzero(parent >= 0).astype(np.int32)
        grouped = FlowGraph(has_parent, parent[has_parent], len(parent)).arriving
        starts = np.flatnonzero(np.diff(root[order], prepend=-1))
        is_node = node >= 0
        approximate = np.where(is_node, fork[0][node], fork[1][pipe])
        return cls(
            parent=parent,
            node=node,
            pipe=pipe,
            node_cell=_placed(raw_node, place),
            pipe_cell=_placed(raw_pipe, place),
            begin=np.append(starts, len(order)).astype(np.int32),
            child_ptr=grouped.ptr,
            child=has_parent[grouped.edge],
            drawn=is_node & drawn[node],
            approximate=approximate,
            opened=np.flatnonzero(is_node & kind.among(*_OPENED)[node]).astype(np.int32),
        )


#: Forests live as long as their network.
_BUILT: WeakKeyDictionary[DrainageNetwork, dict[str, StormForest]] = WeakKeyDictionary()


def _placed(raw: Ints32, place: Ints32) -> Ints32:
    return np.where(raw >= 0, place[raw], -1).astype(np.int32)


def _touching(graph: FlowGraph, mask: Bools) -> tuple[Bools, Bools]:
    """Return at which nodes one of the marked pipes arrives, and from which one leaves."""
    arrives, leaves = np.zeros((2, graph.n_nodes), np.bool_)
    arrives[graph.head[mask]] = True
    leaves[graph.tail[mask]] = True
    return arrives, leaves


def _followed(net: DrainageNetwork, allowed: Bools) -> Ints32:
    """(n_nodes,) the pipe that dry-weather flow takes from each node, −1 where none leaves."""
    pipes, graph = net.pipes, net.graph
    rows = np.flatnonzero(allowed)
    size = np.fmax(pipes["diameter_mm"].to_numpy()[rows], pipes["height_mm"].to_numpy()[rows])
    invert = pipes["invert_from_m"].to_numpy()[rows]
    worst_first = np.lexsort((-rows, np.nan_to_num(size), -np.nan_to_num(invert, nan=np.inf), graph.tail[rows]))
    followed = np.full(graph.n_nodes, -1, np.int32)
    followed[graph.tail[rows[worst_first]]] = rows[worst_first]
    return followed


def _approximate(
    graph: FlowGraph, storm: Bools, interceptor: Bools, followed: Ints32
) -> tuple[tuple[Bools, Bools], Ints32]:
    """Return which nodes and pipes a fork or loop touches, and the followed pipes with every loop opened."""
    node_mark, pipe_mark = np.zeros(graph.n_nodes, np.bool_), np.zeros(graph.n_edges, np.bool_)
    left = storm & ~interceptor[graph.tail] & (followed[graph.tail] != np.arange(graph.n_edges))
    chosen = graph.only(followed[followed >= 0])
    looped = np.flatnonzero(chosen.in_loop)
    if len(looped):
        _, first = np.unique(chosen.component[looped], return_index=True)
        followed = followed.copy()
        opened = looped[first]
        left = left.copy()
        left[followed[opened]] = True
        followed[opened] = -1
    if left.any():
        up = graph.upstream(graph.tail[left], storm)
        down = graph.downstream(graph.tail[left], storm)
        node_mark, pipe_mark = up.nodes | down.nodes, up.edges | down.edges | left
    return (node_mark, pipe_mark), followed
