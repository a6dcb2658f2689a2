"""A screening asked again in storms of other return periods: what overflows, what pipes carry, what they want to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

import numpy as np
import pandas as pd

from drainage.arrays import Floats, marked, spread
from drainage.hydraulics.rainfall import Storm
from drainage.hydraulics.runoff import uplift_share
from drainage.measures import LIFT
from drainage.simulation.screening.answer import Screening, lay_out
from drainage.simulation.screening.model import LEAST_OVERFLOW_M3, ScreeningModel
from drainage.simulation.screening.run_model import design_flow, flow_of, ground_above, route


def in_storm(state: Screening, storm: Storm) -> Screening:
    """Screen the network of a screening in another storm: ground, pipes and levels stay, no answer is tried for doubt.

    Parameters
    ----------
    state
        A screening.
    storm
        Any storm.
    """
    if state.arrays.inflows is not None:  # what soils leave of a storm depends on it
        from drainage.simulation.screening.screen import screen

        return screen(state.network, storm, state.setup)
    model = _in_storm(state, state.arrays, storm.return_period_a)
    return lay_out(state.network, storm, state.setup, state.ground, model, state.assumptions)


def overflow_up_to(state: Screening, *, return_periods_a: Sequence[float]) -> pd.DataFrame:
    """Find when each node begins to overflow, and most of what does, among the storms of some return periods.

    A rarer storm may take from one node what it gives to its neighbour above; what is reached once in so many years is
    the most of all storms that come as often, so that it never falls as the return period grows.

    Parameters
    ----------
    state
        A screening; its storm gives formula, duration and shape.
    return_periods_a
        Return periods to try, a.

    Returns
    -------
    Index ``node_id``; ``begins_at_return_period_a`` (the smallest of those at which the node overflows, nan where none)
    and ``most_m3``, 0 where it is dry.
    """
    begins, most = np.full(len(state.nodes), np.nan), np.zeros(len(state.nodes))
    periods = sorted(return_periods_a, reverse=True)
    own, like = state.storm.return_period_a, state.storm.with_return_period
    storms = (state.storm if period == own else like(float(period)) for period in periods)
    for period, volume in zip(periods, _overflows(state, storms), strict=False):
        begins[volume > 0.0] = period
        most = np.maximum(most, volume)
    return pd.DataFrame({"begins_at_return_period_a": begins, "most_m3": most}, index=state.nodes.index)


def most_overflow(state: Screening, lesser: Sequence[Storm]) -> Floats:
    """Return the most of what overflows at each node in the storm of a screening and in lesser ones, (n_nodes,) m³.

    ``lesser`` come largest first.
    """
    return np.asarray(np.max(list(_overflows(state, [state.storm, *lesser])), axis=0))


def _overflows(state: Screening, storms: Iterable[Storm]) -> Iterator[Floats]:
    """Yield the overflow of each node in storms, the largest first; a part that one leaves dry is asked no more."""
    model = state.arrays
    for storm in storms:
        volume = state.nodes["overflow_m3"].to_numpy() if storm is state.storm else _overflow(state, model, storm)
        yield volume
        if not (volume > 0.0).any():
            return
        model = model.subset(marked(len(model.group_ptr) - 1, model.part[volume[model.node_row] > 0.0]))


def _overflow(state: Screening, model: ScreeningModel, storm: Storm) -> Floats:
    """Return the overflow of each node of the network in another storm, m³."""
    volume = np.zeros(len(state.nodes))
    raised, t1 = _in_storm(state, model, storm.return_period_a), state.setup.inlet_time_min
    volume[model.node_row] = route(raised, storm, inlet_time_min=t1, levels=False).nodes[:, 2]
    return np.where(volume >= LEAST_OVERFLOW_M3, volume, 0.0)


def carried_return_period(
    state: Screening, *, return_periods_a: Sequence[float] = (0.5, 1, 2, 3, 5, 10, 20, 30, 50)
) -> pd.Series:
    """Find the largest of some return periods whose design flow each pipe can carry, full and by its own slope.

    Parameters
    ----------
    state
        A screening; its storm gives formula, duration and shape.
    return_periods_a
        Return periods to try, a.

    Returns
    -------
    Index ``pipe_id``; 0 where even the smallest is too much (on an adverse slope any flow is), nan where a pipe is not
    judged or is fed by a pump, whose flow no slope drives.

    Raises
    ------
    SimulationError
        The storm has no return period or not these.

    References
    ----------
    GB 50014-2021, 4.1.3 (pipes run full, by gravity), 4.1.7 (design flow).
    """
    model = state.arrays
    capacity = model.pipes.capacity_m3s
    carried = np.where(np.isfinite(capacity) & (model.pipes.passes != LIFT), 0.0, np.nan)
    storms = {period: state.storm.with_return_period(period) for period in sorted(map(float, return_periods_a))}
    for _, alike in groupby(storms, lambda period: uplift_share(period, state.setup.uplift_within)):
        periods = list(alike)
        raised = _in_storm(state, model, periods[0])
        above = ground_above(raised, state.setup.inlet_time_min)
        for period in periods:
            wanted = flow_of(above, raised, storms[period])
            carried[(wanted <= capacity) & np.isfinite(carried)] = period
    return pd.Series(
        spread(len(state.pipes), model.pipe_row, carried), index=state.pipes.index, name="carries_return_period_a"
    )


def flow_in_return_period(state: Screening, return_period_a: float) -> Floats:
    """Return each pipe's flow by the rational method in the storm of a screening at another return period.

    Parameters
    ----------
    state
        A screening; its storm gives formula, duration and shape.
    return_period_a
        a.

    Returns
    -------
    (n_pipes,) m³/s, nan where the pipe carries no storm water.

    Raises
    ------
    SimulationError
        Its storm was observed.
    """
    model = state.arrays
    storm = state.storm.with_return_period(return_period_a)
    flow = design_flow(_in_storm(state, model, return_period_a), storm, inlet_time_min=state.setup.inlet_time_min)
    return spread(len(state.pipes), model.pipe_row, flow)


def _in_storm(state: Screening, model: ScreeningModel, return_period_a: float) -> ScreeningModel:
    """Return the model with Ψ raised as for a storm of another return period."""
    own_ha = state.ground.raised_ha(uplift_share(return_period_a, state.setup.uplift_within))
    return model.with_nodes(own_ha=own_ha[model.node_row])
