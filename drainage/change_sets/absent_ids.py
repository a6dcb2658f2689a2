"""Ids that a network lacks: what became of them, as far as it knows, and which are written alike.

Whoever has roads is told of features on these alone: an id of another road is none of his.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np
import pandas as pd

from drainage.network import DrainageNetwork
from drainage.said import Said, joined
from drainage.schema.ids import fold_names, ids_like
from drainage.schema.issues import MOST_TOLD
from drainage.words import in_both


class AbsentIds:
    """Tells of ids that a network lacks."""

    def __init__(self, net: DrainageNetwork, own: Sequence[str] = ()) -> None:
        """Keep the network, and the roads of the one who is told; empty: all roads are his."""
        self._net = net
        self._likened = 0
        self._wanted = set(fold_names(pd.Index(list(own), dtype="str")))

    def say(self, layer: str, name: str) -> Said:
        """Return that the network lacks an id: since which day, else what may have become of it, and the remedy."""
        day = self._left.get(name) if layer == "pipes" else None
        if day is not None:
            return in_both("id_abandoned", id=name, day=day.date())
        return joined([in_both("id_not_in_version", id=name), *self.alike(layer, name)])

    def alike(self, layer: str, name: str, more: Sequence[str] = ()) -> list[Said]:
        """Return the sentence that names ids like one, of the roads of the one who is told; none where none is.

        They are sought for as many as one message tells: each takes 0.15 s among 20,000.
        """
        self._likened += 1
        if self._likened > MOST_TOLD:
            return []
        like = ids_like(name, [*self._ids[layer], *more])
        return [in_both("ids_alike", like=joined(like, ", "))] if like else []

    @cached_property
    def _left(self) -> dict[str, pd.Timestamp]:
        """Pipes that were abandoned until the day of the network, with theirs."""
        gone, day = self._net.origin.not_there, self._net.origin.as_of
        if gone is None or day is None:
            return {}
        left = gone[self._own(gone) & (gone["abandoned"] <= pd.Timestamp(day)).to_numpy(np.bool_)]
        return dict(zip(map(str, left.index), left["abandoned"], strict=True))

    @cached_property
    def _ids(self) -> dict[str, list[str]]:
        pipes, nodes = self._net.pipes, self._net.nodes
        if not self._wanted:
            return {"pipes": pipes.index.tolist(), "nodes": nodes.index.tolist()}
        here = pipes[self._own(pipes)]
        ends = pd.unique(pd.concat([here["from_node"], here["to_node"]]))
        return {"pipes": here.index.tolist(), "nodes": list(map(str, ends))}

    def _own(self, pipes: pd.DataFrame) -> np.ndarray:
        """(n,) pipes on the roads of the one who is told."""
        if not self._wanted:
            return np.ones(len(pipes), np.bool_)
        return np.asarray(fold_names(pipes["road"]).isin(self._wanted), np.bool_)
