"""What drains to a node, what it drains through, and what lies between two nodes."""

from __future__ import annotations

import pandas as pd

from drainage.errors import TopologyError
from drainage.maps.context import context_of
from drainage.maps.layer import Layer
from drainage.network import DrainageNetwork
from drainage.provenance import Provenance
from drainage.result import Result
from drainage.words import in_both


def trace_ways(net: DrainageNetwork, *, above: str | None = None, below: str | None = None) -> Result:
    """Trace the pipes that drain from a node, to a node, or from one to another.

    Parameters
    ----------
    net
        The network.
    above, below
        Ids of nodes: the node where the way begins, and the one where it ends; one of them at least.

    Returns
    -------
    Result
        ``pipes`` and ``nodes`` of the network that lie between them. The summary counts them, with their length in km
        and the outfalls among the nodes.

    Raises
    ------
    TopologyError
        There is no such node, or one does not drain to the other.

    Examples
    --------
    >>> import drainage as dr
    >>> trace_ways(dr.load_demo("2018-12-31"), below="YS1043").summary["pipes"]
    4
    """
    above, below = (
        one if one is None else str(net.nodes.index[net.node_positions([one])[0]]) for one in (above, below)
    )
    part = net if above is None else net.downstream_of(above)
    if below is not None:
        if below not in part.nodes.index:
            raise TopologyError(in_both("not_below", node=below, above=above))
        part = part.upstream_of(below)
    pipes, nodes = part.pipes, net.nodes.loc[part.nodes.index]  # of what kind a node is, the whole network says
    facts = {
        **({"from_node": above, "to_node": below} if above and below else {"node_id": above or below}),
        "direction": "upstream" if above is None else "downstream",
        "pipes": len(pipes),
        "nodes": len(nodes),
        "length_km": round(float(pipes["length_m"].sum()) / 1000, 3),
        "outfalls": nodes.index[nodes["kind"] == "outfall"].tolist(),
    }
    drawn = Layer("pipes", pipes, "system", ("pipe_id", "system", "road", "diameter_mm"))
    layers, said = (*context_of(net), drawn), Provenance.of(net)
    return Result("trace", {"pipes": pipes, "nodes": nodes}, pd.Series(facts), layers, provenance=said)
