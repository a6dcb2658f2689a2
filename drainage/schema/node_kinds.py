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
    ends = (leaving == 0) & (arriving > 0)
    inferred = pd.Series(spell(["manhole", "outfall"], ends.astype(np.intp)), index=nodes.index)
    source = pd.Series(spell(["recorded", "inferred"], blank.to_numpy().astype(np.intp)), index=nodes.index)
    return nodes.assign(kind=nodes["kind"].mask(blank, inferred), kind_source=nodes.get("kind_source", source))
