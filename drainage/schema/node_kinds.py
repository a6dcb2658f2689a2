"""Kinds of nodes that nobody recorded."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd

from drainage.arrays import AnyRows
from drainage.schema.codes import spell


def settle_kinds(nodes: gpd.GeoDataFrame, tail: AnyRows, head: AnyRows) -> gpd.GeoDataFrame:
    """Infer the kind where none is recorded: a node that only receives is an outfall, any other a manhole."""
    leaving = np.bincount(tail, minlength=len(nodes))
    arriving = np.bincount(head, minlength=len(nodes))
    blank = nodes["kind_source"].eq("inferred") if "kind_source" in nodes else nodes["kind"].isna()
    words, number = ["manhole", "outfall"], ((leaving == 0) & (arriving > 0)).astype(np.intp)
    if blank.all() and nodes["kind"].dtype == object:  # of a million nodes two words, not a million
        kind = pd.Series(np.array(words, dtype=object)[number], index=nodes.index, dtype=object)
    else:
        kind = nodes["kind"].mask(blank, pd.Series(spell(words, number), index=nodes.index))
    source = pd.Series(spell(["recorded", "inferred"], blank.to_numpy().astype(np.intp)), index=nodes.index)
    return nodes.assign(kind=kind, kind_source=nodes.get("kind_source", source))
