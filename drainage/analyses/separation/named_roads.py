"""Roads of pipes by name against roads by place."""

from __future__ import annotations

from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd

from drainage.analyses.separation.along import Runs
from drainage.analyses.separation.centre_lines import CentreLines, without_lane
from drainage.network import DrainageNetwork
from drainage.schema.ids import fold_names

_MOST: Final = 0.5  # a pipe belongs to a road by place if more than so much of it runs along it: a choice of ours


def roads_by_name(net: DrainageNetwork, roads: CentreLines, runs: Runs) -> gpd.GeoDataFrame:
    """Tabulate the pipes whose recorded road is not the one along which they run, the longest first.

    A pipe that runs as long along the road that it names, at a junction say, agrees.
    """
    n = len(roads.names)
    key = runs.pipe.astype(np.int64) * n + runs.along.road
    pair, which = np.unique(key, return_inverse=True)
    along = np.bincount(which, weights=runs.along.to_m - runs.along.from_m, minlength=len(pair))
    pipe, road = pair // n, pair % n
    order = np.lexsort((-along, pipe))
    first = order[np.concatenate([[True], np.diff(pipe[order]) != 0])] if len(order) else order
    best = pd.DataFrame({"road_by_place": road[first], "along_m": along[first]}, index=pipe[first])
    number = pd.Series(np.arange(n), index=fold_names(pd.Series(roads.names)))
    written = net.pipes["road"].astype(object)
    folded = pd.Series(fold_names(written.where(written.isna(), written.map(without_lane, na_action="ignore"))))
    said = folded.map(number[~number.index.duplicated()]).fillna(-1).to_numpy().astype(np.int64)
    rows = best.index.to_numpy()
    named = pd.Series(along, index=pair).reindex(rows * n + said[rows]).fillna(0.0).to_numpy()
    named = np.where(said[rows] >= 0, named, 0.0)
    length = net.pipes.geometry.length.to_numpy()[rows]
    recorded = net.pipes["road"].notna().to_numpy()[rows]
    wrong = recorded & (said[rows] != best["road_by_place"]) & (best["along_m"] > np.maximum(_MOST * length, named))
    rows, best, named = rows[wrong], best[wrong.to_numpy()], named[wrong]
    table = gpd.GeoDataFrame(
        {
            "road": written.to_numpy()[rows],
            "road_by_place": roads.names.to_numpy(dtype=object)[best["road_by_place"].to_numpy()],
            "along_m": best["along_m"].to_numpy(),
            "along_named_m": named,
            "system": net.pipes["system"].to_numpy(dtype=object)[rows],
        },
        geometry=np.asarray(net.pipes.geometry.array)[rows],
        index=net.pipes.index[rows],
        crs=net.crs,
    )
    return table.sort_values("along_m", ascending=False, kind="stable")
