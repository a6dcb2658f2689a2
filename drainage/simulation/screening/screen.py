"""Where a storm overflows, in seconds: rational method, Manning, and the grade line from the outfall up.

How it works.  (1) Each storm node takes the rain of its ground, smoothed over the inlet time t1.
(2) The rational method of GB 50014-2021, 4.1.7 gives each pipe its design flow Q = q(t1 + t2)·ΣΨF.
(3) The storm then runs through the pipes in some thirty steps, close around its peak.  In each,
one sweep downstream passes on what each node receives, delayed by the time of the flood wave,
and one sweep upstream draws the grade line from the outfall's level by the friction of the pipes.
Where the line would rise above the ground it is held there: the pipe passes what that head drives
and the rest leaves the network.  Inertia and the storage of filling pipes are left out, so that
near the threshold a node may go either way; SWMM's own two surcharge methods differ there as well.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from drainage.errors import SimulationError
from drainage.hydraulics.runoff import uplift_share
from drainage.simulation.ground.catchments import coefficient_words, share_ground
from drainage.simulation.outfalls import check_outfalls, outfall_nodes
from drainage.simulation.pipes import STORM_SYSTEMS, column_of, known_ground, measure_pipes, outfall_levels
from drainage.simulation.screening.basins import basins
from drainage.simulation.screening.doubt import Stressed, places_of, with_less_and_more_inflow
from drainage.simulation.screening.flow_tables import lay_out
from drainage.simulation.screening.hydrograph import runoff_m3s_per_ha
from drainage.simulation.screening.inflows import model_steps, read_inflows, series_of
from drainage.simulation.screening.model import (
    FASTEST_M_S,
    SLOWEST_M_S,
    NodeArrays,
    Routed,
    ScreeningModel,
    build_model,
)
from drainage.simulation.screening.own_rain import own_rain
from drainage.simulation.state import FlowState
from drainage.wants import wants
from drainage.words import in_both, joined

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from drainage.hydraulics.rainfall import Storm
    from drainage.network import DrainageNetwork
    from drainage.simulation.ground.catchments import Runoff
    from drainage.simulation.screening.inflows import Inflows

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]

#: Delay of a flood wave by the travel time of the water: 3/5 where the pipe runs part full (the
#: kinematic celerity is 5/3 of the velocity), nothing where it runs under pressure; between both.
WAVE_DELAY_SHARE: Final = 0.4


@wants
def screen(
    net: DrainageNetwork,
    storm: Storm | None = None,
    *,
    catchments: gpd.GeoDataFrame | None = None,
    tailwater_m: float | None = None,
    runoff_coefficient: float = 0.6,
    uplift_within: float | None = 0.0,
    inlet_time_min: float = 10.0,
    served_distance_m: float = 50.0,
) -> FlowState:
    """Estimate flows, levels and overflow of the storm pipes in a storm, quickly.

    Storm, combined and unknown pipes carry storm water.  Each storm node's ground comes from
    the catchments, else from ``area_ha`` of the nodes, else from the street blocks (layer
    ``blocks``), else the ground near storm pipes goes to the nearest storm node.  Nodes and pipes
    whose size, levels or ground are missing let the water through and are marked ``judged = False``.

    Parameters
    ----------
    net
        The network.
    storm
        The design storm; None: the rain and the inflows of the .inp that the network was read from.
    catchments
        Polygons to use instead of those of the network.
    tailwater_m
        Level of the receiving water where the source gives none, m; without it the flood level
        of a waterway near the outfall, and without that the outfall is free.
    runoff_coefficient
        Ψ of ground whose catchment gives neither Ψ nor a land use; 0.6 bounds dense from fairly
        dense building (GB 50014-2021, table 4.1.8-2).
    uplift_within
        In storms of 20 a and more every Ψ is raised, to 1 at most, by the share that 4.1.8 gives
        between two bounds: 0 takes the lower (the default, our choice), 1 the upper; None: not raised.
    inlet_time_min
        t1, min; 5-15 by GB 50014-2021, 4.1.11.
    served_distance_m
        Ground this near to a storm pipe drains to it, where no catchments are given, m.

    Returns
    -------
    FlowState with one row a pipe and a node of the network.

    Raises
    ------
    SimulationError
        No pipe carries storm water, nothing drains to them, or a parameter cannot be meant.

    References
    ----------
    GB 50014-2021, 4.1.7-4.1.11 and 5.2; HEC-22 (grade line).
    """
    _check(runoff_coefficient, inlet_time_min, served_distance_m)
    storm = own_rain(net) if storm is None else storm
    uplift = uplift_share(storm.return_period_a, uplift_within)
    pipes, nodes = net.pipes, net.nodes
    carries = pipes["system"].isin(STORM_SYSTEMS).to_numpy()
    if not carries.any():
        msg = f"{net.source or 'network'}: no storm, combined or unknown pipe; nothing to screen"
        raise SimulationError(msg)
    check_outfalls(net, carries)
    ground = share_ground(
        net,
        carries,
        catchments=catchments,
        runoff_coefficient=runoff_coefficient,
        served_distance_m=served_distance_m,
    )
    inflows, constant = read_inflows(net, ground)
    if inflows is not None:
        ground, inflows = _with_own_runoff(ground, inflows, storm, inlet_time_min)
    waters = inflows is not None and (inflows.hydrographs or inflows.patterned or inflows.sewersheds)
    if not ground.area_ha.any() and not constant.any() and not waters:
        msg = (
            f"{net.source or 'network'}: no ground drains to the storm pipes ({ground.origin}); "
            "give catchments, or area_ha of the nodes"
        )
        raise SimulationError(msg)
    tailwater, tailwater_origin = outfall_levels(net, tailwater_m)
    measures, filled = measure_pipes(net)
    # A sealed cover holds the water down until its head stands the surcharge depth above the ground.
    spill_m = known_ground(net) + column_of(nodes, "surcharge_depth_m", 0.0)
    model = build_model(
        net.graph,
        carries,
        measures,
        NodeArrays(
            ground.raised_ha(uplift), constant, spill_m, tailwater, *basins(net), outfall_nodes(net).astype(np.float64)
        ),
    )
    if inflows is not None:
        model = replace(model, inflows=inflows.in_model(model.node_row))
    assumptions = {
        "catchments": ground.origin,
        "runoff_coefficient": (
            in_both("runoff_of_model") if ground.of_model else coefficient_words(runoff_coefficient, uplift)
        ),
        "inlet_time_min": in_both("inlet_time", minutes=inlet_time_min),
        "tailwater": tailwater_origin,
        "velocity": in_both("velocity", slowest=SLOWEST_M_S, fastest=FASTEST_M_S),
        **filled,
    }
    if storm.remarks:
        assumptions["storm"] = joined(storm.remarks)
    state = FlowState(
        network=net,
        storm=storm,
        method="screening",
        pipes=pd.DataFrame(index=pipes.index),
        nodes=pd.DataFrame({"area_ha": ground.area_ha}, index=nodes.index),
        assumptions=assumptions,
        model=model,
        inlet_time_min=inlet_time_min,
        ground=ground,
        uplift_within=uplift_within,
    )
    tried = with_less_and_more_inflow(model, places_of(net, model))
    return lay_out(
        state,
        model,
        route(model, storm, inlet_time_min=inlet_time_min),
        design_flow(model, storm, inlet_time_min=inlet_time_min),
        Stressed(*(route(one, storm, inlet_time_min=inlet_time_min) for one in tried)),
    )


def _with_own_runoff(ground: Runoff, inflows: Inflows, storm: Storm, inlet_time_min: float) -> tuple[Runoff, Inflows]:
    """Give the ground the Ψ by which it sheds what the model's soils leave of the storm, and the inflows their base."""
    if not len(inflows.ground) or not storm.depth_mm > 0.0:
        return ground, inflows
    bounds, _ = inflows.steps(storm, inlet_time_min)
    shed_m3 = inflows.runoff_m3(storm, bounds).sum(axis=1)
    area_ha, base_ha = ground.area_ha, shed_m3 / (10.0 * storm.depth_mm)
    psi_of_node = np.divide(
        np.bincount(inflows.row, base_ha, ground.n_nodes), area_ha, out=np.zeros(ground.n_nodes), where=area_ha > 0.0
    )
    return ground._replace(psi=psi_of_node[ground.row], of_model=True), replace(inflows, base_ha=base_ha)


def model_of(state: FlowState) -> ScreeningModel:
    """Give the arrays by which a state was screened.

    Raises
    ------
    SimulationError
        The state comes from another engine.
    """
    if state.model is None:
        msg = f"this needs a screening, not a state of {state.method!r}; call screen(net, storm)"
        raise SimulationError(msg)
    return state.model


def route(
    model: ScreeningModel,
    storm: Storm,
    *,
    inlet_time_min: float,
    steps: tuple[Floats, NDArray[np.int32]] | None = None,
    beside_m3s: NDArray[np.float32] | None = None,
    record_m3s: NDArray[np.float32] | None = None,
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
        As `model_steps` gives; of a part of a model those of the whole, so that both can be compared.
    beside_m3s
        (n_nodes, n_steps) what comes to each node beside its own ground.
    record_m3s
        (n_edges, n_steps) is filled with what leaves each pipe at its lower end.
    """
    from drainage.simulation.screening import routing

    none = np.zeros((0, 0), dtype=np.float32)
    edges_min, sweeps = steps or model_steps(model, storm, inlet_time_min)
    pipes, nodes = model.pipes, model.nodes
    series, series_m3s = series_of(model, storm, edges_min)
    usable = np.nan_to_num(pipes.conveyance_m3s, nan=0.0)
    height = np.nan_to_num(pipes.height_m, nan=1.0)
    table = np.stack(
        [
            model.share_below_weirs,
            usable / np.sqrt(np.maximum(np.nan_to_num(pipes.length_m), 1.0)),
            np.nan_to_num(pipes.z_up_m, nan=-1e30),
            np.nan_to_num(pipes.z_down_m, nan=-1e30),
            height,
            np.nan_to_num(pipes.area_m2, nan=1.0) / height,
            model.travel_s * WAVE_DELAY_SHARE,
            pipes.passes,
        ],
        axis=1,
    )
    points = np.stack(
        [
            nodes.own_ha,
            nodes.constant_m3s,
            np.nan_to_num(nodes.ground_m, nan=np.inf, posinf=np.inf),
            np.nan_to_num(nodes.tailwater_m, nan=-1e30),
            np.where(np.isfinite(nodes.ground_m) & (nodes.bed_m < nodes.ground_m), nodes.basin_m3, 0.0),
            np.nan_to_num(nodes.bed_m),
        ],
        axis=1,
    )
    return Routed(
        *routing.route_storm(
            model.group_ptr,
            model.ptr,
            model.head,
            table,
            points,
            np.diff(edges_min) * 60.0,
            runoff_m3s_per_ha(storm, inlet_time_min, edges_min),
            sweeps,
            series,
            series_m3s,
            none if beside_m3s is None else beside_m3s,
            none if record_m3s is None else record_m3s,
        )
    )


def design_flow(model: ScreeningModel, storm: Storm, *, inlet_time_min: float) -> Floats:
    """Give each pipe's flow by the rational method, (n_edges,) in model order, m³/s.

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
    from drainage.simulation.screening import routing

    area, constant, time_min = routing.gather_ground(
        model.ptr,
        model.head,
        model.share,
        model.travel_s / 60.0,
        model.nodes.own_ha,
        model.nodes.constant_m3s,
        inlet_time_min,
    )
    whole = storm.mean_intensity(time_min) * area / 1000.0
    return np.asarray(routing.partial_maximum(model.ptr, model.head, model.share, whole) + constant)


def _check(runoff_coefficient: float, inlet_time_min: float, served_distance_m: float) -> None:
    for name, value, low, high in (
        ("runoff_coefficient", runoff_coefficient, 0.0, 1.0),
        ("inlet_time_min", inlet_time_min, 0.1, 120.0),
        ("served_distance_m", served_distance_m, 1.0, 5000.0),
    ):
        if not low <= value <= high:
            msg = f"{name} = {value}; expected {low:g} to {high:g}"
            raise SimulationError(msg)
