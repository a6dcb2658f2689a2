"""A screened network with more pipes, screened again under the same ground, tailwater and storm."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from drainage.simulation.pipes import STORM_SYSTEMS, measure_pipes
from drainage.simulation.screening.flow_tables import lay_out
from drainage.simulation.screening.model import NodeArrays, build_model
from drainage.simulation.screening.screen import design_flow, model_of, route

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from drainage.network import DrainageNetwork
    from drainage.simulation.state import FlowState


def screen_again(state: FlowState, net: DrainageNetwork, *, only: NDArray[np.bool_] | None = None) -> FlowState:
    """Screen another set of pipes between the nodes of a state; what drains to each node stays.

    Parameters
    ----------
    state
        A screening.
    net
        A network with the same nodes.
    only
        (n_pipes,) pipes to screen, whole connected parts; None: all that carry storm water.
    """
    model = model_of(state)
    blanks = NodeArrays(0.0, 0.0, np.nan, np.nan, 0.0, np.nan, 1.0)  # type: ignore[arg-type]
    nodes = []
    for values, blank in zip(model.nodes, blanks, strict=True):
        column = np.full(len(state.nodes), blank)
        column[model.node_row] = values
        nodes.append(column)
    carries = net.pipes["system"].isin(STORM_SYSTEMS).to_numpy()
    carries = carries if only is None else carries & only
    rebuilt = build_model(net.graph, carries, measure_pipes(net)[0], NodeArrays(*nodes))
    if model.inflows is not None:
        again = replace(model.inflows, row=model.node_row[model.inflows.row].astype(np.intp))
        rebuilt = replace(rebuilt, inflows=again.in_model(rebuilt.node_row))
    bare = replace(
        state,
        network=net,
        model=rebuilt,
        pipes=pd.DataFrame(index=net.pipes.index),
        nodes=state.nodes[["area_ha"]],
    )
    inlet_time_min = state.inlet_time_min
    return lay_out(
        bare,
        rebuilt,
        route(rebuilt, state.storm, inlet_time_min=inlet_time_min),
        design_flow(rebuilt, state.storm, inlet_time_min=inlet_time_min),
    )
