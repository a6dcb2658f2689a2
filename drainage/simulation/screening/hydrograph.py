"""How the rain of a storm comes to the inlets: time steps and runoff in each of them."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from drainage.arrays import Floats, Ints32
from drainage.hydraulics.rainfall import Storm

#: Rain of more steps than this is followed closely only while it is wet (own choice: a second for a thousand nodes).
MOST_STEPS: Final = 2000


def time_steps(storm: Storm, inlet_time_min: float) -> tuple[Floats, Ints32]:
    """Cut the storm into steps: fine where the flow of small areas peaks, coarse elsewhere.

    Returns
    -------
    Bounds of the steps, min, and how often each is swept so that flows and levels agree.
    """
    peak, end = storm.peak_min, storm.duration_min
    fine = inlet_time_min / 6.0
    if not storm.rises_once:  # rain that may come in several bursts is followed closely all the time
        steps = max(math.ceil(end / (inlet_time_min / 2.0)), 1)
        while_it_rains = np.linspace(0.0, end, steps + 1)
        if steps > MOST_STEPS:
            while_it_rains = _wet_steps(storm, while_it_rains, inlet_time_min)
        if not storm.depth_mm > 0.0:  # what runs without rain runs as long as it is asked about
            return while_it_rains, np.full(len(while_it_rains) - 1, 2, dtype=np.int32)
        bounds = np.concatenate([while_it_rains, end + inlet_time_min * np.array([0.5, 1, 2, 4, 7])])
        return bounds, np.where(bounds[1:] <= end + inlet_time_min, 2, 1).astype(np.int32)
    after = min(peak + 2.0 * inlet_time_min, end)
    before = max(peak - 0.4 * inlet_time_min, 0.0)
    bounds = np.concatenate(
        [
            np.linspace(0.0, before, 4, endpoint=False) if before > 0.0 else np.zeros(0),
            np.arange(before, after, fine),
            np.linspace(after, end, 8, endpoint=False) if end > after else np.zeros(0),
            end + inlet_time_min * np.array([0.0, 0.5, 1.0, 2.0, 4.0, 7.0]),
        ]
    )
    bounds = np.unique(np.round(bounds, 6))
    middle = 0.5 * (bounds[1:] + bounds[:-1])
    near_peak = (middle > before) & (middle < after)
    return bounds, np.where(near_peak, 2, 1).astype(np.int32)


def _wet_steps(storm: Storm, bounds_min: Floats, inlet_time_min: float) -> Floats:
    """Leave out bounds between steps that are dry, and make steps longer where so many are left."""
    fallen = storm.cumulative_mm(bounds_min)
    before = storm.cumulative_mm(np.maximum(bounds_min - 7.0 * inlet_time_min, 0.0))
    wet = fallen[1:] > before[:-1]
    kept = np.flatnonzero(np.append(wet, [False]) | np.append([False], wet))
    if not len(kept):
        kept = np.arange(len(bounds_min))
    chosen = np.unique(np.append(kept[:: max(len(kept) // MOST_STEPS, 1)], [0, len(bounds_min) - 1]))
    return np.asarray(bounds_min[chosen])


def runoff_m3s_per_ha(storm: Storm, inlet_time_min: float, bounds_min: Floats) -> Floats:
    """Mean runoff in each step from a hectare with Ψ = 1, each rain spread over the inlet time."""
    parts = (np.arange(20) + 0.5) / 20.0
    times = bounds_min[:-1, None] + np.diff(bounds_min)[:, None] * parts
    fallen = storm.cumulative_mm(times) - storm.cumulative_mm(times - inlet_time_min)
    return np.asarray(fallen.mean(axis=1) / inlet_time_min * 10.0 / 60.0)
