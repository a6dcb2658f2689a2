"""Where water leaves the pipes: outfalls, and the ends of which nothing else is recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from drainage.network import DrainageNetwork

    Bools = NDArray[np.bool_]

#: Kinds of node at which a network does not end: a pipe that only leads there is a dead end.
_NO_END: Final = ("manhole", "inlet", "junction", "storage")


def outfall_nodes(net: DrainageNetwork) -> Bools:
    """(n_nodes,) what arrives leaves there: all nodes but the dead ends, sinks that are recorded as something else.

    Where the source does not tell the kind of a node, a sink counts as an outfall.
    """
    nodes = net.nodes
    leaving = np.bincount(net.graph.tail, minlength=len(nodes)) > 0
    recorded = (nodes["kind_source"] == "recorded").to_numpy(dtype=np.bool_)
    return np.asarray(leaving | ~(recorded & nodes["kind"].isin(_NO_END).to_numpy(dtype=np.bool_)))
