"""Whether the sewers carry what was measured: peak flow of dry and of wet weather against the full-bore capacity."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from drainage.arrays import Floats, Rows, marked
from drainage.graph import FlowGraph
from drainage.inference.forest import StormForest
from drainage.measures import PIPE, pipe_roughness
from drainage.network import DrainageNetwork

#: How a sewer stands to its capacity, the worst first; ``no_fall``: it has none by gravity.
LOADS = ("over_in_dry", "over_in_rain", "no_fall", "within", "unknown")


class Load(NamedTuple):
    """Peak flows and capacity, m³/s, nan where unknown, and the word of `LOADS`, (n_pipes,); how n was found."""

    dry_m3s: Floats
    wet_m3s: Floats
    capacity_m3s: Floats
    word: NDArray[np.object_]
    manning_n: str


def load_sewers(net: DrainageNetwork, sewers: StormForest, cell: Rows, dry_m3h: Floats, wet_m3h: Floats) -> Load:
    """Compare what the next meters upstream carried with the capacity of each sewer below them.

    Below a confluence the peaks of its branches add up, as if they came at one time; what enters beside the meters is
    not in it. Pumped sewers have no capacity by gravity, and are ``unknown``.

    Parameters
    ----------
    cell
        (n_meters,) where the meters stand in the forest.
    dry_m3h, wet_m3h
        (n_meters,) peak flow of an hour, nan where unknown.

    References
    ----------
    Manning's equation, full bore: GB 50014-2021, 5.2; a separate sewer may run full in wet weather.
    """
    capacity = np.where(net.measures.passes == PIPE, net.measures.capacity_m3s, np.nan)
    dry, wet = (_passed_on(sewers, cell, flow)[sewers.pipe_cell] / 3600.0 for flow in (dry_m3h, wet_m3h))
    outside = sewers.pipe_cell < 0
    dry[outside] = wet[outside] = np.nan
    told = [dry > capacity, wet > capacity, capacity == 0.0, wet <= capacity]
    told[0] &= capacity > 0.0
    told[1] &= capacity > 0.0
    word = np.select(told, LOADS[:-1], LOADS[-1]).astype(object)
    return Load(dry, wet, capacity, word, pipe_roughness(net.pipes)[1])


def _passed_on(sewers: StormForest, cell: Rows, flow: Floats) -> Floats:
    """(n_cells,) flow of the next meters upstream, or at the cell itself; nan where none is, or one is unknown."""
    metered = marked(sewers.n_cells, cell)
    rows = np.flatnonzero((sewers.parent >= 0) & ~metered[np.maximum(sewers.parent, 0)]).astype(np.int32)
    below = FlowGraph(rows, sewers.parent[rows], sewers.n_cells)
    own, count = np.zeros(sewers.n_cells), np.zeros(sewers.n_cells)
    own[cell], count[cell] = np.nan_to_num(flow), 1.0
    lost = np.zeros(sewers.n_cells)
    lost[cell] = np.isnan(flow)
    total, meters, unknown = (below.accumulate(values)[0] for values in (own, count, lost))
    return np.where((meters > 0) & (unknown == 0), total, np.nan)
