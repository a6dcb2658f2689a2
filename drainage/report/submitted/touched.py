"""Which pipes and nodes of a network a delivery touches: two that touch the same are at odds with each other."""

from __future__ import annotations

from typing import Final

from drainage.change_sets import ChangeSet
from drainage.network import DrainageNetwork

#: Of more features their names are not told; own choice.
_MOST: Final = 20_000
_ENDS: Final = ("from_node", "to_node")


def features_touched(net: DrainageNetwork, changes: ChangeSet) -> dict[str, list[str]] | None:
    """Return by layer what of a network is changed, abandoned or joined; None where that is too much to be told.

    Parameters
    ----------
    net
        The network without the works; what they add is no part of it.
    """
    by_layer = {layer: [one for one in changes.changes if one.layer == layer] for layer in ("pipes", "nodes")}
    pipes = net.pipes[net.pipes.index.isin({one.id for one in by_layer["pipes"]})]
    joined = {str(one.columns[end]) for one in by_layer["pipes"] for end in _ENDS if end in one.columns}
    at = joined.union({one.id for one in by_layer["nodes"]}, *(pipes[end] for end in _ENDS))
    found = {"pipes": pipes.index.tolist(), "nodes": net.nodes.index[net.nodes.index.isin(at)].tolist()}
    return found if sum(map(len, found.values())) <= _MOST else None
