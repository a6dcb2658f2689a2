"""From which return period on places waterlog, and up to which one pipes carry their design flow."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np

from drainage.errors import SimulationError
from drainage.simulation.return_periods import carried_return_period, overflow_return_period

if TYPE_CHECKING:
    from collections.abc import Sequence

    from drainage.hydraulics.rainfall import Storm
    from drainage.simulation.state import FlowState


def screening_of(state: FlowState) -> FlowState | None:
    """Give the screening that can be asked again: the state itself, or the one that came with another engine's."""
    return state if state.model is not None else state.screening


def add_beginning(
    state: FlowState, points: gpd.GeoDataFrame, nodes: gpd.GeoDataFrame, periods_a: Sequence[float]
) -> None:
    """Find the smallest return period at which each node and each point overflows, by the screening (in place)."""
    own = float(state.storm.return_period_a)
    screening = screening_of(state)
    if screening is None or not math.isfinite(own):
        nodes["begins_at_return_period_a"] = points["begins_at_return_period_a"] = np.nan
        return
    tried = [period for period in _known(state.storm, periods_a) if period <= own]
    begins = overflow_return_period(screening, return_periods_a=tried).reindex(nodes.index).fillna(own)
    nodes["begins_at_return_period_a"] = begins
    first = begins.groupby(nodes["point_id"].to_numpy(dtype=object)).min()
    points["begins_at_return_period_a"] = first.reindex(points.index).to_numpy(dtype=np.float64)


def pipe_table(state: FlowState, periods_a: Sequence[float]) -> gpd.GeoDataFrame:
    """Dress the pipes, each with the largest return period that it carries, by the screening."""
    pipes = state.pipes.assign(carries_return_period_a=np.nan)
    screening = screening_of(state)
    if screening is not None and math.isfinite(state.storm.return_period_a):
        tried = _known(state.storm, periods_a)
        pipes["carries_return_period_a"] = carried_return_period(screening, return_periods_a=tried)
    net = state.network
    return gpd.GeoDataFrame(pipes, geometry=net.pipes.geometry.array, crs=net.crs)


def _known(storm: Storm, periods_a: Sequence[float]) -> list[float]:
    """Give those of some return periods that the storm's formula is given for, and its own, rising."""

    def is_given(period: float) -> bool:
        try:
            storm.with_return_period(period)
        except SimulationError:
            return False
        return True

    return sorted({*filter(is_given, map(float, periods_a)), float(storm.return_period_a)})
