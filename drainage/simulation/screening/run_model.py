"""A storm run through the arrays of a screening: by the rational method, and step by step with its grade lines."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from drainage.arrays import Floats, Ints32
from drainage.hydraulics.rainfall import Storm
from drainage.measures import CREST
from drainage.simulation.screening.hydrograph import runoff_m3s_per_ha
from drainage.simulation.screening.model import Routed, ScreeningModel

#: Delay of a flood wave by the travel time of the water: 3/5 where the pipe runs part full (the
#: kinematic celerity is 5/3 of the velocity), nothing where it runs under pressure; between both.
WAVE_DELAY_SHARE: Final = 0.4


class Run(NamedTuple):
    """A storm and the arrays of a model, as `storm_sweeps.route_storm` takes them."""

    group_ptr: Ints32
    ptr: Ints32
    head: Ints32
    table: Floats
    nodes: Floats
    step_s: Floats
    runoff_m3s_per_ha: Floats
    step_sweeps: Ints32
    series: Ints32
    series_m3s: Floats


def route(
    model: ScreeningModel,
    storm: Storm,
    *,
    inlet_time_min: float,
    steps: tuple[Floats, NDArray[np.int32]] | None = None,
    beside_m3s: NDArray[np.float32] | None = None,
    record_m3s: NDArray[np.float32] | None = None,
    levels: bool = True,
) -> Routed:
    """Run a storm through a model.

    Parameters
    ----------
    model
        Pipes in model order.
    storm
        The storm.
    inlet_time_min
        t1, min: the rain of each moment reaches the pipes evenly within it.
    steps
        As `ScreeningModel.steps` gives; of a part of a model those of the whole, so that both can be compared.
    beside_m3s
        (n_nodes, n_steps) what comes to each node beside its own ground.
    record_m3s
        (n_edges, n_steps) is filled with what leaves each pipe at its lower end.
    levels
        Whether the levels are asked for; without them those of nodes that cannot come to overflow are not computed.
    """
    run = run_of(model, storm, inlet_time_min=inlet_time_min, steps=steps)
    return route_run(run, beside_m3s, record_m3s, levels=levels)


def route_run(
    run: Run,
    beside_m3s: NDArray[np.float32] | None = None,
    record_m3s: NDArray[np.float32] | None = None,
    *,
    levels: bool = True,
) -> Routed:
    """Run a storm through arrays that are ready; see `route`."""
    from drainage.simulation.screening.routing import storm_sweeps

    none = np.zeros((0, 0), dtype=np.float32)
    beside = none if beside_m3s is None else beside_m3s
    record = none if record_m3s is None else record_m3s
    return Routed(*storm_sweeps.route_storm(*run, beside, record, levels=levels))


def run_of(
    model: ScreeningModel,
    storm: Storm,
    *,
    inlet_time_min: float,
    steps: tuple[Floats, NDArray[np.int32]] | None = None,
) -> Run:
    """Return a storm and a model as the compiled loops take them; see `route`."""
    edges_min, sweeps = steps or model.steps(storm, inlet_time_min)
    series, series_m3s = model.series(storm, edges_min)
    rain = runoff_m3s_per_ha(storm, inlet_time_min, edges_min)
    step_s = np.diff(edges_min) * 60.0
    return Run(
        model.group_ptr, model.ptr, model.head, pipe_table(model), node_table(model), step_s, rain, sweeps, series,
        series_m3s,
    )  # fmt: skip


def pipe_table(model: ScreeningModel) -> Floats:
    """Return the rows of `grade_lines` that tell of the pipes of a model, (9, n_edges)."""
    pipes, share_below_weirs = model.pipes, model.share_below_weirs
    usable = np.nan_to_num(pipes.conveyance_m3s, nan=0.0)
    height = np.nan_to_num(pipes.height_m, nan=1.0)
    return np.stack(
        [
            share_below_weirs,
            usable / np.sqrt(np.maximum(np.nan_to_num(pipes.length_m), 1.0)),
            np.nan_to_num(pipes.z_up_m, nan=-1e30),
            np.nan_to_num(pipes.z_down_m, nan=-1e30),
            height,
            np.nan_to_num(pipes.area_m2, nan=1.0) / height,
            model.travel_s * WAVE_DELAY_SHARE,
            pipes.passes,
            (pipes.passes == CREST) & (share_below_weirs == 0.0),
        ]
    )


def node_table(model: ScreeningModel) -> Floats:
    """Return the rows of `grade_lines` that tell of the nodes of a model, (6, n_nodes)."""
    nodes = model.nodes
    return np.stack(
        [
            nodes.own_ha,
            nodes.constant_m3s,
            np.nan_to_num(nodes.ground_m, nan=np.inf, posinf=np.inf),
            np.nan_to_num(nodes.tailwater_m, nan=-1e30),
            np.where(np.isfinite(nodes.ground_m) & (nodes.bed_m < nodes.ground_m), nodes.basin_m3, 0.0),
            np.nan_to_num(nodes.bed_m),
        ]
    )


def design_flow(model: ScreeningModel, storm: Storm, *, inlet_time_min: float) -> Floats:
    """Return each pipe's flow by the rational method, (n_edges,) in model order, m³/s.

    t is the longest of the ways to the pipe, each t1 + t2.  Where a small quick part of the
    ground alone gives more than the whole (partial-area maximum), its flow counts.  Constant
    inflows are added.  Worked by hand (q of Shanghai, P = 3 a; three pipes in a row, 1 hm² with
    Ψ = 1 at each node, each taking 5 min, t1 = 10 min)::

        pipe  ΣΨF   t min  q L/(s·hm²)  Q L/s
        A     1     10     350.1        350.1
        B     2     15     295.6        591.3
        C     3     20     258.5        775.4

    Parameters
    ----------
    model
        Pipes in model order.
    storm
        The storm; windows longer than it hold its whole depth.
    inlet_time_min
        t1, min.

    References
    ----------
    GB 50014-2021, 4.1.7, 4.1.11 (t = t1 + t2, without the former factor m).
    """
    return flow_of(ground_above(model, inlet_time_min), model, storm)


class GroundAbove(NamedTuple):
    """What drains to the upper end of each pipe: ground, hm², constant inflow, m³/s, and the longest way, min."""

    area_ha: Floats
    constant_m3s: Floats
    time_min: Floats


def ground_above(model: ScreeningModel, inlet_time_min: float) -> GroundAbove:
    """Return what drains to each pipe, which no storm changes."""
    from drainage.simulation.screening.routing import along_flow

    return GroundAbove(
        *along_flow.gather_ground(
            model.ptr,
            model.head,
            model.share,
            model.travel_s / 60.0,
            model.nodes.own_ha,
            model.nodes.constant_m3s,
            inlet_time_min,
        )
    )


def flow_of(above: GroundAbove, model: ScreeningModel, storm: Storm) -> Floats:
    """Return `design_flow` of pipes by what drains to them."""
    from drainage.simulation.screening.routing import along_flow

    whole = storm.mean_intensity(above.time_min) * above.area_ha / 1000.0
    return np.asarray(along_flow.partial_maximum(model.ptr, model.head, model.share, whole) + above.constant_m3s)
