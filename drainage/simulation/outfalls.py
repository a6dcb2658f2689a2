"""Where water leaves the pipes: outfalls, and the ends of which nothing else is recorded."""

from __future__ import annotations

from typing import Final

import numpy as np

from drainage.arrays import Bools
from drainage.errors import SimulationError
from drainage.network import DrainageNetwork
from drainage.words import in_both

#: Kinds of node at which a network does not end: a pipe that only leads there is a dead end.
_NO_END: Final = ("manhole", "inlet", "junction", "storage")


def outfall_nodes(net: DrainageNetwork) -> Bools:
    """(n_nodes,) what arrives leaves there: all nodes but the dead ends, sinks that are recorded as something else.

    Where the source does not state the kind of a node, a sink counts as an outfall.
    """
    nodes = net.nodes
    leaving = np.bincount(net.graph.tail, minlength=len(nodes)) > 0
    recorded = (nodes["kind_source"] == "recorded").to_numpy(dtype=np.bool_)
    return np.asarray(leaving | ~(recorded & nodes["kind"].isin(_NO_END).to_numpy(dtype=np.bool_)))


def check_outfalls(net: DrainageNetwork, carries: Bools) -> None:
    """Refuse pipes whose nodes have recorded kinds, and of which none ends where water leaves.

    Parameters
    ----------
    carries
        (n_pipes,) the pipes that are asked about.

    Raises
    ------
    SimulationError
        No outfall, works or other end: the water could only stay.
    """
    nodes, count = net.nodes, net.graph.n_nodes
    leaving = np.bincount(net.graph.tail[carries], minlength=count) > 0
    arriving = np.bincount(net.graph.head[carries], minlength=count) > 0
    told = (nodes["kind_source"] == "recorded").to_numpy(dtype=np.bool_) & (leaving | arriving)
    ends = nodes["kind"].isin(["outfall", "works"]).to_numpy(dtype=np.bool_) & (leaving | arriving)
    if told.any() and not ends.any() and not (arriving & ~leaving & outfall_nodes(net)).any():
        network, count = net.source or in_both("network"), int((leaving | arriving).sum())
        raise SimulationError(in_both("no_outfall", network=network, count=count))
