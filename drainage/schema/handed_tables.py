"""The tables that a network is given and gives away: ids that occur once, ends that are there, copies to edit."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd

from drainage.arrays import Ints32
from drainage.errors import TopologyError
from drainage.schema.text.arrow_text import is_unique
from drainage.words import in_both


def refuse_repeated(frame: pd.DataFrame, name: str) -> None:
    """Refuse a table whose index, called by its name, has an id twice.

    Raises
    ------
    TopologyError
        Names the first of them.
    """
    if not is_unique(frame.index):
        again = frame.index[frame.index.duplicated()][:5]
        raise TopologyError(in_both("not_unique", name=name, ids=", ".join(map(str, again))))


def rows_of_ends(nodes: pd.DataFrame, names: pd.Series) -> Ints32:
    """Return the row of the node that each pipe names at one of its ends, (n_pipes,).

    Raises
    ------
    TopologyError
        Some of them are not there.
    """
    position = nodes.index.get_indexer(pd.Index(names))
    if (position < 0).any():
        missing = ", ".join(map(str, names[position < 0].unique()[:5]))
        raise TopologyError(in_both("pipes_name_no_nodes", names=missing))
    return position.astype("int32")


def handed_out(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return a copy that may be edited: pandas copies a column when it is changed, but never the array of places."""
    copy = frame.copy(deep=False)
    copy[copy.geometry.name] = copy.geometry.array
    return copy
