"""What meets at each node and what lies downstream of it, as masks and numbers of pipes and nodes."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from drainage.arrays import Bools, Floats, Ints32
from drainage.graph import FlowGraph
from drainage.network import DrainageNetwork

SEWAGE_INTO_STORM = "sewage_into_storm"
STORM_INTO_SEWAGE = "storm_into_sewage"
MISCONNECTIONS = (SEWAGE_INTO_STORM, STORM_INTO_SEWAGE)
_EXEMPT = ("pump", "works")


class Ways(NamedTuple):
    """The pipes that lead on, (n_pipes,), and the graph of these alone."""

    allowed: Bools
    graph: FlowGraph

    @classmethod
    def of_system(cls, net: DrainageNetwork, system: str) -> Ways:
        """Let the water of a system flow on in its own pipes."""
        allowed = net.systems.among(system)
        return cls(allowed, net.graph.only(allowed))


class Meeting(NamedTuple):
    """What meets at each node, (n_nodes,) masks."""

    sewage_into_storm: Bools
    storm_into_sewage: Bools
    interceptor: Bools
    combined_below_separated: Bools
    sewage_at_storm_outfall: Bools

    @classmethod
    def build(cls, net: DrainageNetwork) -> Meeting:
        """Look at every node."""
        graph, systems, kinds = net.graph, net.systems, net.kinds

        def arrives(*names: str) -> Bools:
            return np.bincount(graph.head[systems.among(*names)], minlength=graph.n_nodes) > 0

        def leaves(name: str) -> Bools:
            return np.bincount(graph.tail[systems.among(name)], minlength=graph.n_nodes) > 0

        interceptor = kinds.among("interceptor") & leaves("sewage")
        counted = ~kinds.among(*_EXEMPT) & ~interceptor
        return cls(
            sewage_into_storm=counted & arrives("sewage", "combined") & leaves("storm"),
            storm_into_sewage=counted & arrives("storm") & leaves("sewage"),
            interceptor=interceptor,
            combined_below_separated=counted & arrives("storm", "sewage") & leaves("combined"),
            sewage_at_storm_outfall=kinds.among("outfall")
            & arrives("sewage")
            & (arrives("storm") | (net.nodes["system"] == "storm").to_numpy()),
        )


class Judged(NamedTuple):
    """Number of nodes at which storm pipes and sewers meet, and of those where the levels of both are known."""

    meeting_nodes: int
    judged_nodes: int

    @classmethod
    def of(cls, net: DrainageNetwork) -> Judged:
        """Count them."""
        systems = net.systems
        level = (net.pipes["invert_from_m"].notna() & net.pipes["invert_to_m"].notna()).to_numpy()

        def touched(pipe_mask: Bools) -> Bools:
            ends = np.concatenate([net.graph.tail[pipe_mask], net.graph.head[pipe_mask]])
            return np.bincount(ends, minlength=net.graph.n_nodes) > 0

        storm, sewers = systems.among("storm"), systems.among("sewage", "combined")
        meet = touched(storm) & touched(sewers)
        return cls(int(meet.sum()), int((touched(storm & level) & touched(sewers & level)).sum()))

    @property
    def mostly(self) -> bool:
        """Whether there are such nodes, and half of them or more have levels."""
        return 0 < self.meeting_nodes <= 2 * self.judged_nodes


class Fouling(NamedTuple):
    """One direction of mixing: its misconnections and what lies downstream of them."""

    at_node: Bools
    pipe_mask: Bools
    pipe_count: Ints32
    node_count: Ints32
    length_m: Floats
    nearest: Ints32
    distance_m: Floats
    pipe_m3d: Floats
    node_m3d: Floats
    pairs: Pairs


class Pairs(NamedTuple):
    """Which misconnection reaches which outfall, node numbers, by the shortest way: (n_pairs,) each."""

    source: Ints32
    outfall: Ints32
    distance_m: Floats


def follow(
    graph: FlowGraph, at_node: Bools, ways: Ways, length_m: Floats, outfalls: Ints32, node_m3d: Floats
) -> Fouling:
    """Follow the flow from misconnections along the pipes of a system.

    Parameters
    ----------
    at_node
        (n_nodes,) the misconnections.
    outfalls
        Node numbers at which to note who arrives and by what way.
    node_m3d
        (n_nodes,) what enters at each misconnection; forks split it in equal shares.
    """
    sources = np.flatnonzero(at_node).astype(np.int32)
    node_count, pipe_count, fouled_m = graph.count_sources(sources, length_m, ways.allowed)
    distance, nearest = graph.distance_downstream(sources, length_m, ways.allowed)
    source, stop, way_m = graph.distances(sources, outfalls, length_m, ways.allowed)
    pipe_m3d = np.zeros(graph.n_edges)
    node_total, pipe_m3d[ways.allowed] = ways.graph.accumulate(np.where(at_node, node_m3d, 0.0))
    return Fouling(
        at_node,
        pipe_count > 0,
        pipe_count,
        node_count,
        fouled_m,
        nearest,
        distance,
        pipe_m3d,
        node_total,
        Pairs(sources[source], outfalls[stop], way_m),
    )
