"""What a storm would do to a network without one of its defects: models changed in one respect.

Each function takes a model and gives another one, or None when there is nothing to change; what
it avoids is found by `overflow`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from drainage.graph import FlowGraph
from drainage.simulation.screening import LEAST_OVERFLOW_M3, model_of, pipe_sections, route

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from drainage.simulation.model import ScreeningModel
    from drainage.simulation.state import FlowState

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]

#: A relieved pipe carries as much as three of its kind (1.5 times its diameter).
RELIEF_FACTOR: Final = 3.0
#: Slope that a mended pipe gets, about the middle between its ends, m/m: the smallest in use for
#: large concrete pipes (GB 50014-2021, 5.2.10, explanation, table 11).
MENDED_SLOPE: Final = 0.0005


def flooded_parts(state: FlowState) -> ScreeningModel:
    """Give the connected parts of the network in which some node overflows."""
    model = model_of(state)
    overflows = state.nodes["overflows"].to_numpy()[model.node_row]
    parts = np.zeros(len(model.group_ptr) - 1, dtype=np.bool_)
    parts[model.part[overflows]] = True
    return model.subset(parts)


def overflow(state: FlowState, model: ScreeningModel) -> Floats:
    """Give the overflow of each node of a model in the storm of a state, m³, in model order."""
    volume = route(model, state.storm, inlet_time_min=state.inlet_time_min).nodes[:, 2]
    return np.where(volume >= LEAST_OVERFLOW_M3, volume, 0.0)


def without_silt(state: FlowState, model: ScreeningModel) -> ScreeningModel | None:
    """Clean all pipes."""
    open_now = pipe_sections(state.network)
    clean = pipe_sections(state.network, silted=False)
    row = model.pipe_row
    gain = np.divide(
        clean.area_m2[row],
        open_now.area_m2[row],
        out=np.ones(len(row)),
        where=open_now.area_m2[row] > 0.0,
    )
    if not (gain > 1.0 + 1e-9).any():
        return None
    radius = np.divide(
        clean.hydraulic_radius_m[row],
        open_now.hydraulic_radius_m[row],
        out=np.ones(len(row)),
        where=open_now.hydraulic_radius_m[row] > 0.0,
    )
    silt_m = clean.height_m[row] - open_now.height_m[row]
    return model.with_pipes(
        conveyance_m3s=model.pipes.conveyance_m3s * gain * radius ** (2.0 / 3.0),
        area_m2=model.pipes.area_m2 * gain,
        height_m=clean.height_m[row],
        z_up_m=model.pipes.z_up_m - silt_m,
        z_down_m=model.pipes.z_down_m - silt_m,
    )


def without_adverse_slopes(model: ScreeningModel) -> ScreeningModel | None:
    """Give pipes that rise with the flow a small fall about their middle."""
    pipes = model.pipes
    adverse = pipes.z_up_m < pipes.z_down_m
    if not adverse.any():
        return None
    middle = 0.5 * (pipes.z_up_m + pipes.z_down_m)
    half_fall = 0.5 * MENDED_SLOPE * pipes.length_m
    return model.with_pipes(
        z_up_m=np.where(adverse, middle + half_fall, pipes.z_up_m),
        z_down_m=np.where(adverse, middle - half_fall, pipes.z_down_m),
    )


def without_tailwater(model: ScreeningModel) -> ScreeningModel | None:
    """Let all outfalls fall free."""
    if not np.isfinite(model.nodes.tailwater_m).any():
        return None
    return model.with_nodes(tailwater_m=np.full(len(model.node_row), np.nan))


def with_relief(model: ScreeningModel, relieved: Bools) -> ScreeningModel:
    """Let the marked pipes carry `RELIEF_FACTOR` times as much, (n_edges,)."""
    factor = np.where(relieved, RELIEF_FACTOR, 1.0)
    return model.with_pipes(
        conveyance_m3s=model.pipes.conveyance_m3s * factor,
        area_m2=model.pipes.area_m2 * factor,
    )


def with_raised_ground(model: ScreeningModel, ground_m: Floats) -> ScreeningModel:
    """Raise the ground where the given one is higher, (n_nodes,) m."""
    return model.with_nodes(ground_m=np.fmax(model.nodes.ground_m, ground_m))


def pipes_leaving(model: ScreeningModel, at_node: Bools) -> Bools:
    """Mark the pipes that leave the marked nodes, (n_edges,)."""
    return np.asarray(at_node[model.tail])


def pipes_below(model: ScreeningModel, at_node: Bools) -> Bools:
    """Mark all pipes downstream of the marked nodes but those that leave them, (n_edges,)."""
    graph = FlowGraph(model.tail, model.head, len(model.node_row))
    reach = graph.downstream(np.flatnonzero(at_node).astype(np.int32))
    return np.asarray(reach.edges & ~pipes_leaving(model, at_node))
