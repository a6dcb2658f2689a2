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

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from drainage.arrays import Floats
from drainage.errors import SimulationError
from drainage.hydraulics.rainfall import Storm
from drainage.hydraulics.runoff import uplift_share
from drainage.measures import pipe_roughness
from drainage.network import DrainageNetwork
from drainage.said import joined
from drainage.schema.columns import column_of
from drainage.simulation.ground.catchments import Ground, coefficient_words, ground_of
from drainage.simulation.outfalls import check_outfalls, outfall_nodes
from drainage.simulation.pipes import STORM_SYSTEMS, known_ground, outfall_levels
from drainage.simulation.receiving import receiving_water
from drainage.simulation.screening.answer import Screening, lay_out, screening_of
from drainage.simulation.screening.basins import basins
from drainage.simulation.screening.inflows import Inflows, read_inflows
from drainage.simulation.screening.model import (
    FASTEST_M_S,
    SLOWEST_M_S,
    NodeArrays,
    Routed,
    ScreeningModel,
    build_model,
)
from drainage.simulation.screening.own_rain import own_rain
from drainage.simulation.setup import Setup, setup_keywords
from drainage.simulation.state import FlowState
from drainage.wants import wants
from drainage.words import in_both


@setup_keywords
@wants
def screen(net: DrainageNetwork, storm: Storm | None = None, setup: Setup = Setup()) -> Screening:
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
    setup
        Assumptions; of a tailwater that changes with time the highest level is used.

    Returns
    -------
    Screening with one row per pipe and a node of the network.

    Raises
    ------
    SimulationError
        No pipe carries storm water, or nothing drains to them.

    References
    ----------
    GB 50014-2021, 4.1.7-4.1.11 and 5.2; HEC-22 (grade line).

    Examples
    --------
    >>> import drainage as dr
    >>> net = dr.load_demo("2018-12-31")
    >>> storm = dr.DesignStorm(dr.read_storm_formula("demo"), return_period_a=3, duration_min=120)
    >>> state = dr.screen(net, storm)
    >>> state.pipes.loc[["YSL2985", "YSL2986"], ["flow_m3s", "capacity_m3s", "utilisation"]].round(2)
             flow_m3s  capacity_m3s  utilisation
    pipe_id
    YSL2985      0.39          0.03        12.79
    YSL2986      0.67          0.06        10.98
    >>> int(state.nodes["overflows"].sum()), round(state.balance["overflow_m3"])
    (97, 16878)
    """
    return screen_with(net, storm, setup)


def screen_with(
    net: DrainageNetwork,
    storm: Storm | None,
    setup: Setup,
    *,
    since: Screening | None = None,
    runs: Sequence[Routed] = (),
) -> Screening:
    """Screen a network of which something is known: as it was before it changed, or what the storm did to it.

    Parameters
    ----------
    net, storm, setup
        As of `screen`.
    since, runs
        As of `lay_out`.
    """
    storm = own_rain(net) if storm is None else storm
    return screen_given(net, storm, setup, read_given(net, storm, setup), since=since, runs=runs)


class Given(NamedTuple):
    """What a screening is given of each node, (n_nodes,) where it is an array, and what is said of where it is from."""

    ground: Ground
    inflows: Inflows | None
    constant_m3s: Floats
    tailwater_m: Floats
    assumptions: Mapping[str, str]


def read_given(net: DrainageNetwork, storm: Storm, setup: Setup) -> Given:
    """Read what a screening is given: who drains which ground, what comes besides, what stands at the outfalls.

    Raises
    ------
    SimulationError
        See `screen`.
    """
    uplift = uplift_share(storm.return_period_a, setup.uplift_within)
    carries = net.systems.among(*STORM_SYSTEMS)
    if not carries.any():
        raise SimulationError(in_both("nothing_to_screen", network=net.source or in_both("network")))
    check_outfalls(net, carries)
    ground = ground_of(net, setup, carries)
    inflows, constant = read_inflows(net, ground)
    if inflows is not None:
        ground, inflows = _with_own_runoff(ground, inflows, storm, setup.inlet_time_min)
    waters = inflows is not None and (inflows.hydrographs or inflows.patterned or inflows.sewersheds)
    if not ground.area_ha.any() and not constant.any() and not waters:
        network = net.source or in_both("network")
        raise SimulationError(in_both("no_ground_drains", network=network, origin=ground.origin))
    water = receiving_water(net, setup.tailwater_m)
    tailwater, tailwater_origin = outfall_levels(water.at_highest, water.level_m)
    assumptions = {
        "catchments": ground.origin,
        "runoff_coefficient": (
            in_both("runoff_of_model") if ground.of_model else coefficient_words(setup.runoff_coefficient, uplift)
        ),
        "inlet_time_min": in_both("inlet_time", minutes=setup.inlet_time_min),
        "tailwater": tailwater_origin,
        **water.words,
        "velocity": in_both("velocity", slowest=SLOWEST_M_S, fastest=FASTEST_M_S),
        "manning_n": pipe_roughness(net.pipes)[1],
    }
    if storm.remarks:
        assumptions["storm"] = joined(storm.remarks)
    return Given(ground, inflows, constant, tailwater, assumptions)


def screen_given(
    net: DrainageNetwork, storm: Storm, setup: Setup, given: Given, *, since: Screening | None = None,
    runs: Sequence[Routed] = (),
) -> Screening:  # fmt: skip
    """Screen a network, or a part of one that exchanges no water with the rest, upon what is given of it."""
    model = model_given(net, storm, setup, given)
    return lay_out(net, storm, setup, given.ground, model, given.assumptions, stress=True, since=since, runs=runs)


def model_given(net: DrainageNetwork, storm: Storm, setup: Setup, given: Given) -> ScreeningModel:
    """Return the arrays of such a screening."""
    # A sealed cover holds the water down until its head stands the surcharge depth above the ground.
    spill_m = known_ground(net) + column_of(net.nodes, "surcharge_depth_m", 0.0)
    uplift = uplift_share(storm.return_period_a, setup.uplift_within)
    nodes = NodeArrays(
        given.ground.raised_ha(uplift), given.constant_m3s, spill_m, given.tailwater_m, *basins(net),
        outfall_nodes(net).astype(np.float64),
    )  # fmt: skip
    carries = net.systems.among(*STORM_SYSTEMS)
    model = build_model(net.graph, carries, net.measures, nodes)
    return model if given.inflows is None else replace(model, inflows=given.inflows.in_model(model.node_row))


def screen_beside(state: FlowState) -> Screening | None:
    """Screen what another engine simulated, for causes and return periods; None where it cannot be screened."""
    try:
        return screening_of(state) or screen(state.network, state.storm, state.setup)
    except SimulationError:
        return None  # no ground drains to it: there is nothing to screen, and the engine has other inflows


def _with_own_runoff(ground: Ground, inflows: Inflows, storm: Storm, inlet_time_min: float) -> tuple[Ground, Inflows]:
    """Set Ψ of the ground to what the model's soils leave of the storm, and the base of the inflows."""
    if not len(inflows.ground) or not storm.depth_mm > 0.0:
        return ground, inflows
    bounds, _ = inflows.steps(storm, inlet_time_min)
    shed_m3 = inflows.runoff_m3(storm, bounds).sum(axis=1)
    area_ha, base_ha = ground.area_ha, shed_m3 / (10.0 * storm.depth_mm)
    psi_of_node = np.divide(
        np.bincount(inflows.row, base_ha, ground.n_nodes), area_ha, out=np.zeros(ground.n_nodes), where=area_ha > 0.0
    )
    return ground._replace(psi=psi_of_node[ground.row], of_model=True), replace(inflows, base_ha=base_ha)
