"""Roads of pipes by name against roads by place."""

from __future__ import annotations

from typing import Final, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd

from drainage.analyses.separation.along import Runs
from drainage.analyses.separation.centre_lines import without_lane
from drainage.arrays import Floats, Ints
from drainage.network import DrainageNetwork
from drainage.schema.ids import fold_names

_MOST: Final = 0.5  # a pipe belongs to a road by place if more than so much of it runs along it: a choice of ours


class _Shared(NamedTuple):
    """How far pipes run along roads, sorted by both: each pair once, and where the pairs of each pipe begin."""

    pipe: Ints
    road: Ints
    along_m: Floats
    first: Ints


def roads_by_name(net: DrainageNetwork, names: pd.Index, runs: Runs) -> gpd.GeoDataFrame:
    """Tabulate the pipes whose recorded road is not the one along which they run, the longest first.

    A pipe that runs as long along the road that it names, at a junction say, agrees. ``names`` are those of the roads.
    """
    shared = _shared(runs, len(names))
    rows, road, along = _longest(shared)
    code, written = pd.factorize(net.pipes["road"])
    said = np.append(_roads_of(written, names), -1)[code[rows]]
    named = _along_of(shared, rows, said, len(names))
    length = net.pipes.geometry.values.length[rows]  # noqa: PD011 - of its shapes
    wrong = (code[rows] >= 0) & (said != road) & (along > np.maximum(_MOST * length, named))
    rows = rows[wrong]
    table = gpd.GeoDataFrame(
        {
            "road": net.pipes["road"].iloc[rows].to_numpy(dtype=object),
            "road_by_place": names.to_numpy(dtype=object)[road[wrong]],
            "length_m": length[wrong],
            "along_m": along[wrong],
            "along_named_m": named[wrong],
            "system": net.pipes["system"].iloc[rows].to_numpy(dtype=object),
        },
        geometry=net.pipes.geometry.array[rows],
        index=net.pipes.index[rows],
        crs=net.crs,
    )
    return table.sort_values("along_m", ascending=False, kind="stable")


def _shared(runs: Runs, n_roads: int) -> _Shared:
    key = runs.pipe.astype(np.int64) * n_roads + runs.along.road
    order = np.argsort(key, kind="stable")
    key = key[order]
    first = np.flatnonzero(np.diff(key, prepend=-1))
    along = np.add.reduceat((runs.along.to_m - runs.along.from_m)[order], first) if len(key) else np.empty(0)
    pipe, road = np.divmod(key[first], n_roads) if len(key) else (key, key)
    return _Shared(pipe, road, along, np.flatnonzero(np.diff(pipe, prepend=-1)))


def _longest(shared: _Shared) -> tuple[Ints, Ints, Floats]:
    """Return the pipes that run along roads, and the road along which each runs longest, and how far, m."""
    if not len(shared.pipe):
        return shared.pipe, shared.road, shared.along_m
    count = np.diff(np.append(shared.first, len(shared.pipe)))
    most = np.maximum.reduceat(shared.along_m, shared.first)
    best = np.flatnonzero(shared.along_m == np.repeat(most, count))
    best = best[np.diff(shared.pipe[best], prepend=-1) > 0]
    return shared.pipe[best], shared.road[best], shared.along_m[best]


def _roads_of(written: pd.Index, names: pd.Index) -> Ints:
    """Return the number of the road that each text names, that of a service lane its road's; -1 for none."""
    number = pd.Series(np.arange(len(names)), index=fold_names(pd.Series(names)))
    folded = fold_names(pd.Series([without_lane(str(name)) for name in written], dtype="str"))
    return pd.Series(folded).map(number[~number.index.duplicated()]).fillna(-1).to_numpy(np.int64)


def _along_of(shared: _Shared, pipe: Ints, road: Ints, n_roads: int) -> Floats:
    """Return how far each pipe runs along a road, m; 0 where it does not, or there is no such road."""
    if not len(shared.pipe):
        return np.empty(0)
    known, wanted = shared.pipe * n_roads + shared.road, pipe * n_roads + road
    at = np.minimum(np.searchsorted(known, wanted), len(known) - 1)
    return np.where((road >= 0) & (known[at] == wanted), shared.along_m[at], 0.0)
