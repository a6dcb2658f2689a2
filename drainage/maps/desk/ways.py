"""The ways of the water through the pipes of a map, for tracing and long sections on the page."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from drainage.maps.layer import Layer

_PIPES, _NODES = ("pipes", "context_pipes"), ("nodes", "context_nodes")


def ways_of(layers: Mapping[str, Layer]) -> dict[str, object] | None:
    """Return between which nodes each pipe lies and where water leaves them; None where no whole network is drawn.

    Parameters
    ----------
    layers
        Key → layer of one period.

    Returns
    -------
    ``pipes`` and ``nodes``, the keys of their layers; ``from`` and ``to``, (n_pipes,) rows of the nodes at their ends
    (-1: of no node that is drawn); ``outfall``, rows of the nodes where water leaves.
    """
    pipes = _first(layers, _PIPES, ("from_node", "to_node"))
    nodes = _first(layers, _NODES, ())
    if pipes is None or nodes is None:
        return None
    index = layers[nodes].frame.index
    if not index.is_unique:
        return None
    ends = {end: index.get_indexer(pd.Index(layers[pipes].frame[f"{end}_node"])) for end in ("from", "to")}
    goes_on = np.zeros(len(index) + 1, np.bool_)
    goes_on[ends["from"]] = True
    reached = np.zeros(len(index) + 1, np.bool_)
    reached[ends["to"]] = True
    leaves = (reached & ~goes_on)[:-1]
    return {
        "pipes": pipes,
        "nodes": nodes,
        **{end: rows.tolist() for end, rows in ends.items()},
        "outfall": np.flatnonzero(leaves).tolist(),
    }


def _first(layers: Mapping[str, Layer], themes: tuple[str, ...], columns: tuple[str, ...]) -> str | None:
    return next(
        (
            key
            for theme in themes
            for key, layer in layers.items()
            if layer.theme == theme and len(layer.frame) and set(columns) <= set(layer.frame)
        ),
        None,
    )
