"""What comes to a node in a screening and what its pipes take on, step by step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from drainage.arrays import Floats
from drainage.simulation.screening.answer import Screening
from drainage.simulation.screening.hydrograph import runoff_m3s_per_ha
from drainage.simulation.screening.run_model import WAVE_DELAY_SHARE, route


@dataclass(frozen=True, eq=False)
class FlowsAt:
    """Flow at some nodes over time.

    Parameters
    ----------
    node_ids
        (n,) the nodes.
    edges_min
        (m + 1,) bounds of the steps, min from the beginning of the rain.
    inflow_m3s, passed_m3s
        (n, m) what comes to each node, and what the pipes that leave it take on; what is between both overflows. nan
        at nodes that were not simulated.
    capacity_m3s
        (n,) full flow by gravity of the pipes that leave each; nan where one of them is not known.
    """

    node_ids: Sequence[str]
    edges_min: Floats
    inflow_m3s: Floats
    passed_m3s: Floats
    capacity_m3s: Floats


def flows_at(screening: Screening, node_ids: Sequence[str]) -> FlowsAt:
    """Run the storm of a screening once more, and return what comes to some nodes and what goes on.

    Parameters
    ----------
    screening
        The state to tell of.
    node_ids
        Nodes of its network.
    """
    model, storm, t1 = screening.arrays, screening.storm, screening.setup.inlet_time_min
    edges_min, sweeps = model.steps(storm, t1)
    step_s = np.diff(edges_min) * 60.0
    leaves = np.zeros((len(model.head), len(step_s)), dtype=np.float32)
    route(model, storm, inlet_time_min=t1, steps=(edges_min, sweeps), record_m3s=leaves, levels=False)
    rows = screening.network.nodes.index.get_indexer(pd.Index(node_ids))
    place = np.full(len(screening.nodes), -1, np.int64)
    place[model.node_row] = np.arange(len(model.node_row))
    at = np.where(rows >= 0, place[rows], -1)
    series, series_m3s = model.series(storm, edges_min)
    runoff = runoff_m3s_per_ha(storm, t1, edges_min)
    inflow, passed = np.full((2, len(at), len(step_s)), np.nan)
    capacity = np.full(len(at), np.nan)
    for k, node in enumerate(at.tolist()):
        if node < 0:
            continue
        own = series_m3s[series[node]] if series[node] >= 0 else model.nodes.own_ha[node] * runoff
        inflow[k] = own + model.nodes.constant_m3s[node] + leaves[model.head == node].sum(axis=0, dtype=np.float64)
        edges = slice(int(model.ptr[node]), int(model.ptr[node + 1]))
        delay_s = model.travel_s[edges] * WAVE_DELAY_SHARE
        passed[k] = _entering(leaves[edges].astype(np.float64), delay_s, step_s).sum(axis=0)
        capacity[k] = model.pipes.capacity_m3s[edges].sum()
    return FlowsAt(node_ids, edges_min, inflow, passed, capacity)


def _entering(leaves_m3s: Floats, delay_s: Floats, step_s: Floats) -> Floats:
    """Return what enters pipes by what leaves them: leaves = (enters·Δt + delay·leaves before)/(Δt + delay)."""
    before = np.concatenate([np.zeros((len(leaves_m3s), 1)), leaves_m3s[:, :-1]], axis=1)
    late = delay_s[:, None]
    return np.asarray((leaves_m3s * (step_s + late) - late * before) / step_s)
