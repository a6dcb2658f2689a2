"""Which features of a collection lie on some roads: those of a contractor, who sees nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np
import pandas as pd

from drainage.arrays import Bools
from drainage.change_sets.where_roads_lie import pipes_and_ends
from drainage.network import DrainageNetwork
from drainage.schema.ids import fold_names, names_among

#: Columns that name a pipe, or a node: the first that a collection has says where its rows lie.
_PIPES: Final = ("pipe_id", "near_pipe")
_NODES: Final = ("node_id", "near_node", "from_node")


def among_roads(names: Iterable[object], roads: Sequence[str]) -> Bools:
    """Return which of some names are those of some roads, (n,): width, case and blanks do not matter; no name is none.

    Examples
    --------
    >>> among_roads(["人民路", "人 民路 ", "解放路", None], ["人民路"])
    array([ True,  True, False, False])
    """
    folded = fold_names(pd.Index(list(names), dtype="str"))
    there = np.asarray(folded.notna() & (folded != ""), np.bool_)
    return np.asarray(folded.isin(fold_names(pd.Index(list(roads), dtype="str"))), np.bool_) & there


def rows_on_roads(frame: pd.DataFrame, roads: Sequence[str], net: DrainageNetwork) -> Bools:
    """Return which rows lie on some roads, (n,).

    A row does by the road that it names; where it names none, by its pipe on such a road, or by its node at an end of
    one. A row that names nothing of these lies nowhere.

    Parameters
    ----------
    frame
        Features with their ids as index.
    roads
        Names, compared without regard to width, case and blanks.
    net
        The network whose pipes and nodes are named.

    Examples
    --------
    >>> import drainage as dr
    >>> net = dr.load_demo("2018-12-31")
    >>> road = net.pipes.loc["YSL2986", "road"]
    >>> int(dr.report.rows_on_roads(net.pipes, [road], net).sum()), int((net.pipes["road"] == road).sum())
    (170, 170)
    """
    named = frame.reset_index() if frame.index.name and frame.index.name not in frame else frame
    theirs, nodes = pipes_and_ends(net, roads)
    if "feature_kind" in named and "feature_id" in named:  # issues
        about, what = named["feature_kind"], named["feature_id"]
        on_pipe, at_node = (about == "pipe") & what.isin(theirs.index), (about == "node") & what.isin(nodes)
        return (on_pipe | at_node).to_numpy(np.bool_)
    found, unnamed = np.zeros(len(named), np.bool_), np.ones(len(named), np.bool_)
    if "road" in named:
        folded = fold_names(named["road"])
        unnamed = np.asarray(folded.isna() | (folded == ""), np.bool_)
        found = names_among(named["road"], roads) & ~unnamed
    for columns, ids in ((_PIPES, theirs.index), (_NODES, nodes)):
        for column in columns:
            if column in named:
                return found | (named[column].isin(ids).to_numpy(np.bool_) & unnamed)
    return found
