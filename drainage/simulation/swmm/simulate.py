"""A storm on a network by the EPA SWMM engine: dynamic wave routing, backwater, surcharge, pumps, controls.

The engine is the judge where the screening only sorts: loops, pumps, tides, and more than 2 km² upstream
(GB 50014-2021, 4.1.7). What it finds comes as the same `FlowState`; causes and return periods are for a
screening beside it to tell: ``screen(state.network, state.storm, state.setup)``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from drainage.arrays import Floats, marked, spread
from drainage.errors import SimulationError
from drainage.hydraulics.no_rain import NoRain
from drainage.hydraulics.rainfall import ObservedStorm, Storm
from drainage.network import DrainageNetwork
from drainage.said import joined
from drainage.simulation.ground.catchments import ground_of
from drainage.simulation.pipes import STORM_SYSTEMS, known_ground
from drainage.simulation.setup import Setup, setup_keywords
from drainage.simulation.state import FlowState
from drainage.simulation.swmm.compose import build_engine_models
from drainage.simulation.swmm.engine_values import EngineModel, EngineOptions, EngineRun
from drainage.simulation.swmm.folder import engine_folder
from drainage.simulation.swmm.parts import run_models
from drainage.simulation.swmm.run_report import continuity_words, warning_issues, warning_words, water_balance
from drainage.wants import wants
from drainage.words import in_both


@setup_keywords
@wants
def simulate_swmm(
    net: DrainageNetwork,
    storm: Storm | None,
    setup: Setup = Setup(),
    *,
    systems: Sequence[str] = STORM_SYSTEMS,
    options: EngineOptions | None = None,
    processes: int | None = None,
    time_limit_s: float = 600.0,
    progress: Callable[[float], None] | None = None,
) -> FlowState:
    """Simulate a storm on a network with EPA SWMM.

    The model is the one that `write_inp` writes, in a temporary directory; the engine runs in a separate process. If
    the pipes consist of parts that share no water, such as the catchments of outfalls, several models of them run in
    parallel, with the ground and the rain of the whole.

    Parameters
    ----------
    net
        The network.
    storm
        The storm; None: the rain and the inflows of the .inp that the network was read from, or the constant inflow of
        its nodes.
    setup, systems, options
        As in `write_inp`; ``options.routing_step_s`` is the step.
    processes
        Maximum number of models run in parallel; 1: the whole as one. None: one per core, if the network has enough
        pipes (`drainage.simulation.swmm.parts.WORTH_PIPES`). A model has one time step and one number of trials in it,
        those that its most demanding pipes need. Parts have their own, so they differ from the whole as much as another
        step would: in the demo city by 0.2 % of the total overflow, and by at most 10 m³ in how neighbouring nodes
        divide a flood. A network that was read from an .inp is run as a whole, because its rules, catchments and files
        may link its parts.
    time_limit_s
        Seconds after which the engine is stopped.
    progress
        Called repeatedly with the share that is done, 0-1 (the mean of the parts); an exception that it raises stops
        the engine.

    Returns
    -------
    FlowState of method ``swmm``. In addition to the columns of a screening, nodes have ``overflow_h`` (hours of
    overflow), ``lost_m3`` (the part of ``overflow_m3`` that never returns) and ``ponded_peak_m3`` (the largest volume
    that ponds above the node and returns), ``overflow_peak_min``, ``overflow_begins_min`` (the last reporting step
    before it overflows: not earlier), ``overflow_ends_min`` (the last reporting step in which it does, and at least
    ``overflow_h`` after it begins), ``level_peak_min`` (all min after the beginning), ``inflow_m3s`` (peak); pipes have
    ``velocity_m_s`` (peak) and ``full_h`` (hours full at both ends), by which they are ``surcharged``. Flows are those
    that passed. Nodes and pipes that are not in the model are nan and not judged; nodes of unknown ground are not
    judged, and water that overflows there is only in the balance.

    Raises
    ------
    SimulationError
        No model can be made, or the engine refuses it, crashes or takes too long.

    References
    ----------
    EPA SWMM 5.2 (EPA/600/R-22/030); Reference Manual Volume II, Hydraulics (EPA/600/R-17/111).

    Examples
    --------
    >>> import drainage as dr
    >>> net = dr.load_demo("2018-12-31").upstream_of("YS1043")
    >>> storm = dr.DesignStorm(dr.read_storm_formula("demo"), return_period_a=3, duration_min=60)
    >>> state = dr.simulate_swmm(net, storm)
    >>> {name: round(state.balance[name]) for name in ("runoff_m3", "outflow_m3", "overflow_m3")}
    {'runoff_m3': 1761, 'outflow_m3': 1218, 'overflow_m3': 544}
    >>> state.nodes[["level_m", "overflow_m3"]].head(3).round(2)
             level_m  overflow_m3
    node_id
    YS1039     21.10        18.46
    YS1040     21.07       128.12
    YS1041     21.04       198.37
    """
    if not len(net.pipes):
        # the engine would crash
        raise SimulationError(in_both("nothing_to_simulate", network=net.source or in_both("network")))
    with engine_folder() as folder:
        models = build_engine_models(net, storm, setup, systems=tuple(systems), options=options, processes=processes)
        model = models[0]
        _check_files(model)
        run = run_models(models, folder, time_limit_s=time_limit_s, progress=progress)
    warned = warning_issues(run.warnings, model)
    fallen = storm or _own_rain(net, run, model)
    ground = model.ground
    if ground is None:
        ground = ground_of(net, setup, net.systems.among(*STORM_SYSTEMS))
    return FlowState(
        network=net,
        storm=fallen,
        setup=setup,
        method="swmm",
        pipes=_pipe_table(net, model, run),
        nodes=_node_table(net, model, run, ground.area_ha),
        assumptions=_assumptions(model, run, warned),
        balance=water_balance(model, run),
        issues=pd.concat([model.issues, warned], ignore_index=True),
    )


def _check_files(model: EngineModel) -> None:
    missing = model.issues[model.issues["code"] == "missing_file"]
    if len(missing):
        named = joined(joined([row.feature_id, row.reason], ": ") for row in missing.head(5).itertuples())
        raise SimulationError(in_both("engine_needs_files", files=named))


def _own_rain(net: DrainageNetwork, run: EngineRun, model: EngineModel) -> Storm:
    """Make a storm of the rain that the engine saw: mean over the catchments, scaled to the depth that fell."""
    source = net.source or "the network"
    metric = model.units.length_m == 1.0
    depth_mm = run.rain_depth * (1.0 if metric else 25.4)
    minute, intensity = run.rain
    if not depth_mm > 0.0:
        return NoRain(run.minutes, source)
    edges = np.concatenate([[0.0], minute])
    fallen = intensity * np.diff(edges)
    if not fallen.sum() > 0.0:
        return ObservedStorm(np.array([0.0, run.minutes]), np.array([depth_mm]), source)
    last = int(np.flatnonzero(fallen)[-1]) + 1
    return ObservedStorm(edges[: last + 1], fallen[:last] * depth_mm / fallen.sum(), f"rain of {Path(source).name}")


def _node_table(net: DrainageNetwork, model: EngineModel, run: EngineRun, area_ha: Floats) -> pd.DataFrame:
    nodes = net.nodes
    length, flow = model.units.length_m, model.units.flow_m3s
    at = pd.Index(run.node_names).get_indexer(pd.Index(model.node_names))
    row = nodes.index.get_indexer(pd.Index(model.node_names.index))
    found = at >= 0
    at, row = at[found], row[found]

    def of_nodes(values: Floats, empty: float = np.nan) -> Floats:
        return spread(len(nodes), row, values[at], empty)

    stats = run.nodes
    ground = known_ground(net)
    level = of_nodes((run.node_invert + stats["maxDepth"]) * length)
    volume, ponded, hours, rate = (
        of_nodes(stats[name] * unit, 0.0)
        for name, unit in (
            ("volFlooded", length**3), ("maxPondedVol", length**3), ("timeFlooded", 1.0), ("maxOverflow", flow)
        )
    )  # fmt: skip
    beside = pd.Index(run.node_names).get_indexer(pd.Index(list(model.added_nodes)))
    base = nodes.index.get_indexer(pd.Index(list(model.added_nodes.values())))
    np.add.at(volume, base, stats["volFlooded"][beside] * length**3)
    np.add.at(rate, base, stats["maxOverflow"][beside] * flow)
    np.maximum.at(hours, base, stats["timeFlooded"][beside])
    peak = of_nodes(_minutes(stats["maxOverflowDate"], run))
    first, last = np.fmin(of_nodes(stats["firstFlooded"]), peak), np.fmax(of_nodes(stats["lastFlooded"]), peak)
    np.fmin.at(first, base, stats["firstFlooded"][beside])
    np.fmax.at(last, base, stats["lastFlooded"][beside])
    reported = run.rain[0]
    first = np.append(0.0, reported)[np.searchsorted(reported, first)]  # when it was still dry
    last = np.fmax(last, first + hours * 60.0)
    blind = nodes.index.isin(model.issues.loc[model.issues["code"] == "no_ground", "feature_id"]) | np.isnan(ground)
    volume[blind] = 0.0  # what bursts out where the ground is unknown is no overflow; the balance has it
    overflows = volume > 0.0
    judged = marked(len(nodes), row)
    judged &= np.isfinite(ground) & ~blind
    return pd.DataFrame(
        {
            "area_ha": area_ha,
            "level_m": level,
            "ground_m": ground,
            "freeboard_m": ground - level,
            "overflow_m3s": np.where(overflows, rate, 0.0),
            "overflow_m3": volume,
            "lost_m3": np.where(ponded > 0.0, 0.0, volume),
            "ponded_peak_m3": np.where(overflows, ponded, 0.0),
            "overflows": overflows,
            "judged": judged,
            "overflow_h": np.where(overflows, hours, 0.0),
            "overflow_peak_min": np.where(overflows, peak, np.nan),
            "overflow_begins_min": np.where(overflows, first, np.nan),
            "overflow_ends_min": np.where(overflows, last, np.nan),
            "level_peak_min": of_nodes(_minutes(stats["maxDepthDate"], run)),
            "inflow_m3s": of_nodes(stats["maxInflow"] * flow),
        },
        index=nodes.index,
    )


def _pipe_table(net: DrainageNetwork, model: EngineModel, run: EngineRun) -> pd.DataFrame:
    pipes = net.pipes
    at = pd.Index(run.link_names).get_indexer(pd.Index(model.pipe_names))
    row = pipes.index.get_indexer(pd.Index(model.pipe_names.index))
    found = at >= 0
    at, row = at[found], row[found]

    def of_pipes(values: Floats) -> Floats:
        return spread(len(pipes), row, values[at])

    inside = np.isfinite(of_pipes(np.ones(len(run.link_names))))
    capacity = np.where(inside, net.measures.capacity_m3s, np.nan)
    flow = of_pipes(np.abs(run.links["maxFlow"]) * model.units.flow_m3s)
    full_h = of_pipes(run.links["timeSurcharged"])
    return pd.DataFrame(
        {
            "flow_m3s": flow,
            "capacity_m3s": capacity,
            "utilisation": np.divide(flow, capacity, out=np.full(len(pipes), np.nan), where=capacity > 0.0),
            "surcharged": full_h > 0.0,
            "passed_m3s": flow,
            "judged": inside & np.isfinite(net.measures.conveyance_m3s),
            "velocity_m_s": of_pipes(run.links["maxVeloc"] * model.units.length_m),
            "full_h": full_h,
        },
        index=pipes.index,
    )


def _minutes(dates: Floats, run: EngineRun) -> Floats:
    """Minutes from the beginning; nan for what never happened, whose date is 0."""
    return np.where(dates > 0.0, (dates - run.start) * 1440.0, np.nan)


def _assumptions(model: EngineModel, run: EngineRun, warned: pd.DataFrame) -> dict[str, str]:
    counts = model.issues[model.issues["severity"] != "info"].groupby("code", sort=False).size()
    return {
        "engine": in_both("engine"),
        **model.assumptions,
        "continuity": continuity_words(run),
        **({"seen_otherwise": ", ".join(f"{n} {code}" for code, n in counts.items())} if len(counts) else {}),
        **warning_words(warned),
    }
