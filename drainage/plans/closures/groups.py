"""Mixed pipes and polluted outfalls in groups that the same misconnections pollute: what a plan can free at a time."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from drainage.arrays import Bools, Floats, Ints32
from drainage.graph import FlowGraph
from drainage.network import DrainageNetwork

#: Kind of a misconnection → system of the pipes that it fouls.
FOULS = {"sewage_into_storm": "storm", "storm_into_sewage": "sewage"}


class Groups(NamedTuple):
    """Groups of pipes, then one group for each polluted outfall.

    An edge of ``graph`` leads from a group to one that everything polluting the first pollutes too: a group is free
    when its own misconnections are closed and the groups before it are free.
    """

    graph: FlowGraph
    of_work: Ints32
    of_pipe: Ints32
    of_outfall: Ints32
    length_m: Floats
    outfalls: Floats

    @classmethod
    def build(cls, net: DrainageNetwork, node: Ints32, kind: NDArray[np.object_], outfalls: Ints32) -> Groups:
        """Contract the network.

        Parameters
        ----------
        net
            The network in which the misconnections were found.
        node, kind
            (n_works,) row of the node and kind of each misconnection.
        outfalls
            Rows of the outfalls.
        """
        graph, system = net.graph, net.pipes["system"].to_numpy(dtype=object)
        of_work, of_pipe = np.full(len(node), -1, np.int32), np.full(graph.n_edges, -1, np.int32)
        at_outfall, arcs, n_groups = [], [], 0
        for wanted, fouled in FOULS.items():
            mine, pipes = kind == wanted, system == fouled
            part = graph.only(pipes)
            own = part.group_by_sources(node[mine])
            group = np.where(own >= 0, own + n_groups, -1)
            of_work[mine], of_pipe[pipes] = group[node[mine]], group[part.tail]
            between = np.column_stack([group[part.tail], group[part.head]])
            arcs.append(between[(between[:, 0] >= 0) & (between[:, 0] != between[:, 1])])
            at_outfall.append(group[outfalls])
            n_groups += int(own.max(initial=-1)) + 1
        fouled_outfall = np.max(at_outfall, axis=0) >= 0
        of_outfall = np.where(fouled_outfall, n_groups + np.cumsum(fouled_outfall) - 1, -1)
        ends = [np.column_stack([group, of_outfall])[group >= 0] for group in at_outfall]
        edge = np.unique(np.concatenate(arcs + ends), axis=0)
        n_all = n_groups + int(fouled_outfall.sum())
        mixed = of_pipe >= 0
        own_m = net.pipes["length_m"].fillna(0.0).to_numpy()[mixed]
        length_m = np.bincount(of_pipe[mixed], own_m, n_all).astype(np.float64)
        counted = (np.arange(n_all) >= n_groups).astype(np.float64)
        return cls(FlowGraph(edge[:, 0], edge[:, 1], n_all), of_work, of_pipe, of_outfall, length_m, counted)

    def freed_by(self, closed: Bools) -> Bools:
        """(n_groups,) True where nothing pollutes the group any more when the marked misconnections are closed."""
        return ~self.graph.downstream(self.of_work[~closed]).nodes

    def freed_at(self, rank: Ints32) -> Floats:
        """(n_groups,) rank of the misconnection whose closing frees the group, when closed by rank, (n_works,)."""
        last = np.full(self.graph.n_nodes, -np.inf)
        np.maximum.at(last, self.of_work, rank)
        return self.graph.largest_upstream(last)
