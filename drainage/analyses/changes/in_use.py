"""What of a network is in use on its day, and which pipes and nodes its source still records as abandoned."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd

from drainage.arrays import Bools
from drainage.network import DrainageNetwork

_LAYERS: Final = {"pipe": "inactive", "node": "inactive_nodes"}


def day_of(net: DrainageNetwork) -> pd.Timestamp:
    """Return the day as of which a network is looked at: its own, or today."""
    day = net.origin.as_of
    return pd.Timestamp(dt.date.today() if day is None else day)  # noqa: DTZ011 - the user's own day


def out_of_use(pipes: pd.DataFrame, day: pd.Timestamp) -> Bools:
    """(n_pipes,) abandoned by a day, as the row itself says."""
    return np.asarray((pipes["abandoned"] <= day).to_numpy(), np.bool_)


def abandoned_records(net: DrainageNetwork) -> Mapping[str, gpd.GeoDataFrame]:
    """Return by kind the features that are out of use and still recorded: in the network or beside it."""
    pipes, nodes, day = net.pipes, net.nodes, day_of(net)
    apart = [pipes[out_of_use(pipes, day)]]
    if net.origin.not_there is not None:
        apart.append(net.origin.not_there[out_of_use(net.origin.not_there, day)])
    return {
        "pipe": _one_table([*apart, _marked(net, "pipe")], pipes),
        "node": _one_table([_marked(net, "node")], nodes),
    }


def _marked(net: DrainageNetwork, kind: str) -> gpd.GeoDataFrame | None:
    """Return the features that the source marks as abandoned and the reader therefore set aside."""
    apart = net.layers.get(_LAYERS[kind])
    if apart is None or "status" not in apart:
        return None
    if f"{kind}_id" in apart:
        apart = apart.set_index(f"{kind}_id")
    return apart[apart["status"].eq("abandoned").to_numpy()]


def _one_table(parts: list[gpd.GeoDataFrame | None], like: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    kept = [part.reindex(columns=like.columns) for part in parts if part is not None and len(part)]
    kept = [part for part in kept if part.crs == like.crs]
    if not kept:
        return like[:0]
    table = pd.concat(kept)
    first: gpd.GeoDataFrame = table[~table.index.duplicated()]
    first.index.name = like.index.name
    return first
