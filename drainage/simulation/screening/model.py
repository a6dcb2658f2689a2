"""The storm pipes of a network as sorted arrays, ready for the rational method and for routing.

Everything here is in *model order*: nodes part by part, those with the longest way to an end first, edges by the node
that they leave.  So all of one distance stand together, and none of them leads to another.  ``node_row`` and
``pipe_row`` lead back to the rows of the network.
"""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from drainage.arrays import Bools, Floats, Ints32, Rows, marked, pointer, ranges, spread
from drainage.graph import FlowGraph
from drainage.hydraulics.rainfall import Storm
from drainage.measures import CREST, PipeMeasures
from drainage.simulation.screening.hydrograph import time_steps
from drainage.simulation.screening.inflows import Inflows

#: Velocities that travel times are computed with, m/s: full-bore velocity within these bounds.
#: The lower one stands for flat, adverse and unknown pipes; the upper one is the largest that
#: GB 50014-2021, 5.2.5 allows in non-metallic pipes.
SLOWEST_M_S: Final = 0.4
FASTEST_M_S: Final = 5.0
#: Slope that shares of a fork are computed with where the invert does not fall.
FLAT_SLOPE: Final = 1e-4
#: Less overflow than this is noise of the computation, m³.
LEAST_OVERFLOW_M3: Final = 0.5


class Kept(NamedTuple):
    """A part of a model: its nodes and edges by their number in the whole.

    Then how many edges leave each node, the node in the part that each leads to, and the nodes of each connected part.
    """

    node: Rows
    edge: Rows
    leaving: Ints32
    head: Ints32
    sizes: Rows


class NodeArrays(NamedTuple):
    """Measures of nodes, (n_nodes,) each, nan where unknown."""

    own_ha: Floats
    constant_m3s: Floats
    ground_m: Floats
    tailwater_m: Floats
    #: Water that a basin holds below its ground, m³, 0 for all other nodes; and the level of its bed, m.
    basin_m3: Floats
    bed_m: Floats
    #: 1 where what arrives leaves if no pipe takes it on, 0 at a dead end.
    outlet: Floats


class Routed(NamedTuple):
    """What a storm does to a model, in model order: (n_nodes, 8), (n_edges, 2) of `route_storm`."""

    nodes: Floats
    edges: Floats


@dataclass(frozen=True, eq=False)
class ScreeningModel:
    """Storm pipes in model order.

    Parameters
    ----------
    node_row, pipe_row
        Rows of the network's nodes and pipes in model order.
    ptr, head
        Leaving edges of each node and the node that each leads to.
    group_ptr
        Nodes of each connected part.
    share
        (n_edges,) share of a node's water that each leaving edge takes.
    pipes, nodes
        Measures in model order.
    in_loop
        (n_nodes,) the node lies on a cycle, whose closing edges carry nothing here.
    inflows
        What comes to some nodes by time, in model order; their own ground is in it.
    """

    node_row: Ints32
    pipe_row: Ints32
    ptr: Ints32
    head: Ints32
    group_ptr: Ints32
    share: Floats
    pipes: PipeMeasures
    nodes: NodeArrays
    in_loop: Bools
    inflows: Inflows | None = None

    def with_pipes(self, **columns: Floats) -> ScreeningModel:
        """Return the model with other measures of its pipes; shares of forks stay."""
        return replace(self, pipes=self.pipes._replace(**columns))

    def with_nodes(self, **columns: Floats) -> ScreeningModel:
        """Return the model with other measures of its nodes; what is known of its pipes stays known."""
        other = copy(self)
        vars(other).update(nodes=self.nodes._replace(**columns))
        return other

    @cached_property
    def tail(self) -> Ints32:
        """(n_edges,) node that each edge leaves."""
        return np.repeat(np.arange(len(self.node_row), dtype=np.int32), np.diff(self.ptr))

    @property
    def graph(self) -> FlowGraph:
        """Who drains to whom, in model order."""
        return FlowGraph(self.tail, self.head, len(self.node_row))

    @cached_property
    def travel_s(self) -> Floats:
        """(n_edges,) time of flow t2 by the full-bore velocity, s."""
        velocity = np.clip(np.nan_to_num(self.pipes.full_velocity_m_s), SLOWEST_M_S, FASTEST_M_S)
        return np.asarray(np.nan_to_num(self.pipes.length_m) / velocity)

    @cached_property
    def share_below_weirs(self) -> Floats:
        """(n_edges,) shares where a weir takes only what the pipes beside it cannot: none of its own."""
        tail, n_nodes, share = self.tail, len(self.node_row), self.share
        crest = self.pipes.passes == CREST
        if crest.any():
            is_pipe = np.isfinite(self.pipes.conveyance_m3s)
            bed = np.full(n_nodes, np.inf)
            np.minimum.at(bed, tail[is_pipe], self.pipes.z_up_m[is_pipe])
            share = np.where(crest & (self.pipes.z_up_m > bed[tail]), 0.0, share)
        return np.asarray(share / np.bincount(tail, weights=share, minlength=n_nodes)[tail])

    def steps(self, storm: Storm, inlet_time_min: float) -> tuple[Floats, Ints32]:
        """Cut a storm into steps, as `time_steps` does, and the inflows with it."""
        if self.inflows is None:
            return time_steps(storm, inlet_time_min)
        return self.inflows.steps(storm, inlet_time_min)

    def series(self, storm: Storm, bounds_min: Floats) -> tuple[Ints32, Floats]:
        """Return the series of each node, -1 for none, and what each brings in each step, m³/s."""
        count, inflows = len(self.node_row), self.inflows
        if inflows is None:
            return np.full(count, -1, dtype=np.int32), np.zeros((0, len(bounds_min) - 1))
        return inflows.of_nodes(count), inflows.m3s(storm, bounds_min, self.nodes.own_ha[inflows.row])

    def subset(self, parts: Bools) -> ScreeningModel:
        """Keep the connected parts that are marked, (n_parts,)."""
        if parts.all():
            return self
        nodes = np.repeat(parts, np.diff(self.group_ptr))
        kept = self.kept(nodes)
        return ScreeningModel(
            node_row=self.node_row[kept.node],
            pipe_row=self.pipe_row[kept.edge],
            ptr=pointer(kept.leaving),
            head=kept.head,
            group_ptr=pointer(kept.sizes),
            share=self.share[kept.edge],
            pipes=self.pipes.at(kept.edge),
            nodes=NodeArrays(*(column[kept.node] for column in self.nodes)),
            in_loop=self.in_loop[kept.node],
            inflows=None if self.inflows is None else self.inflows.subset(nodes),
        )

    def kept(self, nodes: Bools) -> Kept:
        """Return what is left where the marked nodes are kept, (n_nodes,): with one all to which its pipes lead."""
        node = np.flatnonzero(nodes)
        leaving = self.ptr[node + 1] - self.ptr[node]
        edge = ranges(self.ptr[node], leaving)
        number = np.empty(len(nodes), dtype=np.int32)  # of those that are kept: no others are asked
        number[node] = np.arange(len(node), dtype=np.int32)
        sizes = np.diff(np.searchsorted(node, self.group_ptr))
        return Kept(node, edge, leaving, number[self.head[edge]], sizes[sizes > 0])

    @cached_property
    def part(self) -> Ints32:
        """(n_nodes,) number of the connected part of each node."""
        return np.repeat(np.arange(len(self.group_ptr) - 1, dtype=np.int32), np.diff(self.group_ptr))


def build_model(graph: FlowGraph, carries: Bools, pipes: PipeMeasures, nodes: NodeArrays) -> ScreeningModel:
    """Sort the edges that carry storm water from upstream to downstream.

    On a cycle the edges that do not lead nearer to its exit carry nothing (share 0), so that the
    rest is a tree to sweep and no water is lost; such nodes are marked.

    Parameters
    ----------
    graph
        Edge k is pipe k, node i is node i.
    carries
        (n_pipes,) which pipes carry storm water; all others are left out.
    pipes, nodes
        Measures in the order of the graph.

    Returns
    -------
    The model; nodes without a storm pipe are left out.
    """
    pipe_row = np.flatnonzero(carries & (graph.tail != graph.head)).astype(np.int32)
    storm = graph.only(pipe_row)
    rank = _rank_downstream(storm)
    onward = rank[storm.head] > rank[storm.tail]
    rows = np.flatnonzero(marked(graph.n_nodes, storm.tail, storm.head))
    order = rows[np.lexsort((-_pipes_to_end(storm, rank, onward)[rows], storm.part[rows]))]
    number = spread(graph.n_nodes, order, np.arange(len(order)), -1)
    tail, head = number[storm.tail], number[storm.head]
    by_tail = np.lexsort((pipe_row, tail))
    by_tail = by_tail[onward[by_tail]]
    parts = storm.part[order]
    sizes = np.bincount(np.unique(parts, return_inverse=True)[1]) if len(order) else np.zeros(0, int)
    chosen = pipe_row[by_tail]
    measures = pipes.at(chosen)
    tail = tail[by_tail]
    return ScreeningModel(
        node_row=order.astype(np.int32),
        pipe_row=chosen,
        ptr=pointer(np.bincount(tail, minlength=len(order))),
        head=head[by_tail].astype(np.int32),
        group_ptr=pointer(sizes),
        share=_fork_shares(tail, measures),
        pipes=measures,
        nodes=NodeArrays(*(np.ascontiguousarray(column[order]) for column in nodes)),
        in_loop=storm.in_loop[order],
    )


def _rank_downstream(storm: FlowGraph) -> Ints32:
    """Order the nodes downstream; those of a cycle by their distance to its exit, the farthest first."""
    component = storm.component.astype(np.int64)
    if not storm.in_loop.any():
        return np.asarray(component, dtype=np.int32)
    inside = component[storm.tail] == component[storm.head]
    exits = storm.tail[~inside & storm.in_loop[storm.tail]]
    first = _one_per_closed_cycle(component, storm.in_loop, exits)
    inner = storm.only(inside).reversed()
    starts = np.unique(np.concatenate([exits, first])).astype(np.int32)
    steps, _ = inner.distance_downstream(starts, np.ones(inner.n_edges))
    steps = np.where(np.isfinite(steps) & storm.in_loop, steps, 0.0)
    rank = np.empty(storm.n_nodes, dtype=np.int32)
    rank[np.lexsort((-steps, component))] = np.arange(storm.n_nodes, dtype=np.int32)
    return rank


def _pipes_to_end(storm: FlowGraph, rank: Ints32, onward: Bools) -> Ints32:
    """Count the pipes on the longest way from each node to an end, by those that lead onward; no ranks are equal."""
    from drainage.simulation.screening.routing import along_flow

    leaving, last_first = storm.leaving, np.empty(len(rank), dtype=np.int64)
    last_first[len(rank) - 1 - rank] = np.arange(len(rank))
    return np.asarray(along_flow.pipes_to_end(last_first, leaving.ptr, leaving.edge, storm.head, onward))


def _one_per_closed_cycle(component: NDArray[np.int64], in_loop: Bools, exits: Ints32) -> Ints32:
    closed = np.flatnonzero(in_loop & ~np.isin(component, component[exits]))
    _, first = np.unique(component[closed], return_index=True)
    return closed[first].astype(np.int32)


def _fork_shares(tail: NDArray[np.int64], pipes: PipeMeasures) -> Floats:
    """Share a node's water by the capacity of its pipes; unknown ones count as their mean."""
    slope = np.nan_to_num(pipes.slope, nan=FLAT_SLOPE)
    weight = pipes.conveyance_m3s * np.sqrt(np.maximum(slope, FLAT_SLOPE))
    n_nodes = int(tail.max()) + 1 if len(tail) else 0
    known = np.isfinite(weight) & (weight > 0.0)
    total = np.bincount(tail[known], weights=weight[known], minlength=n_nodes)
    count = np.bincount(tail[known], minlength=n_nodes)
    mean = np.divide(total, count, out=np.ones(n_nodes), where=count > 0)
    weight = np.where(known, weight, mean[tail])
    whole = np.bincount(tail, weights=weight, minlength=n_nodes)
    return np.asarray(weight / whole[tail])
