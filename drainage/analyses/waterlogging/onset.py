"""From which return period on places waterlog, and up to which one pipes carry their design flow."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd

from drainage.errors import SimulationError
from drainage.hydraulics.rainfall import Storm
from drainage.hydraulics.storm_of_depth import StormOfDepth
from drainage.simulation.screening.answer import Screening
from drainage.simulation.screening.return_periods import carried_return_period, most_overflow, overflow_up_to
from drainage.simulation.state import FlowState

#: Depths of rain that are tried beneath one that has no return period, mm (own choice: steps of a fifth to a half).
DEPTHS_MM: Final = (10.0, 15.0, 20.0, 25.0, 30.0, 40.0, 50.0, 60.0, 80.0, 100.0, 150.0, 200.0, 300.0)


def water_up_to(state: FlowState, screening: Screening | None, periods_a: Sequence[float]) -> pd.DataFrame:
    """Find the water that each node's stretch of road gets in the worst storm as frequent as the state's, or more so.

    By the screening, in storms of the return periods tried, none larger than that of the state's storm; of a storm that
    is asked by its depth, in those of `DEPTHS_MM` beneath it. What another engine floods is taken as it is: its storms
    are not run again.

    Returns
    -------
    Index ``node_id``: ``most_m3`` and ``begins_at_return_period_a``, nan where it is dry or no return period is known.
    """
    own = float(state.storm.return_period_a)
    volume = state.nodes["overflow_m3"].fillna(0.0).to_numpy()
    if screening is None or not math.isfinite(own):
        if screening is state and isinstance(state.storm, StormOfDepth):
            lesser = [depth for depth in reversed(DEPTHS_MM) if depth < state.storm.wanted_mm]
            volume = most_overflow(screening, [replace(state.storm, wanted_mm=depth) for depth in lesser])
        return pd.DataFrame({"most_m3": volume, "begins_at_return_period_a": np.nan}, index=state.nodes.index)
    tried = [period for period in _known(state.storm, periods_a) if period <= own]
    found = overflow_up_to(screening, return_periods_a=tried)
    if screening is not state:
        found["most_m3"] = volume
    found["begins_at_return_period_a"] = found["begins_at_return_period_a"].fillna(own).where(found["most_m3"] > 0.0)
    return found


def pipe_table(state: FlowState, screening: Screening | None, periods_a: Sequence[float]) -> gpd.GeoDataFrame:
    """Tabulate the pipes, each with the largest return period that it carries, by the screening."""
    pipes = state.pipes.assign(carries_return_period_a=np.nan)
    if screening is not None and math.isfinite(state.storm.return_period_a):
        tried = _known(state.storm, periods_a)
        pipes["carries_return_period_a"] = carried_return_period(screening, return_periods_a=tried)
    net = state.network
    return gpd.GeoDataFrame(pipes, geometry=net.pipes.geometry.array, crs=net.crs, copy=False)


def _known(storm: Storm, periods_a: Sequence[float]) -> list[float]:
    """Return the given return periods that the storm's formula covers, and the storm's own, in ascending order."""

    def is_given(period: float) -> bool:
        try:
            storm.with_return_period(period)
        except SimulationError:
            return False
        return True

    return sorted({*filter(is_given, map(float, periods_a)), float(storm.return_period_a)})
