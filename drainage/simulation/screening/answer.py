"""What a screening says, in the order of the network, and how it is asked again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pandas as pd

from drainage.arrays import Bools, marked, spread
from drainage.errors import SimulationError
from drainage.hydraulics.rainfall import Storm
from drainage.network import DrainageNetwork
from drainage.said import joined
from drainage.simulation.ground.catchments import Ground
from drainage.simulation.pipes import STORM_SYSTEMS, known_ground
from drainage.simulation.screening.changed_parts import Was, run_since
from drainage.simulation.screening.doubt import Stressed, doubts, places_of, spell_doubts, with_less_and_more_inflow
from drainage.simulation.screening.hydrograph import runoff_m3s_per_ha
from drainage.simulation.screening.model import LEAST_OVERFLOW_M3, NodeArrays, Routed, ScreeningModel, build_model
from drainage.simulation.screening.run_model import design_flow, route, run_of
from drainage.simulation.screening.unmodelled import input_doubts
from drainage.simulation.setup import Setup
from drainage.simulation.state import FlowState
from drainage.words import coded, in_both

#: Water that stands longer than this after the rain stands for good; so long is written, h.
LONGEST_H: Final = 24.0
#: Place of the run with less inflow among the runs.
_LESS: Final = 1


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Screening(FlowState):
    """A state that can be run again: for another return period, without a defect, with other pipes.

    Parameters
    ----------
    ground
        The ground of the nodes.
    arrays
        The pipes, sorted.
    standing
        Index ``node_id``, ``standing_h`` (hours in which water stands, until the pipes that leave the node have taken
        it back, as if they had none but this to take), ``drain_down_h`` (hours of them after the rain; 24: a day or
        more), ``begins_h`` and ``ends_h`` (when the first water stands and the last is gone, from the start of the
        rain); nan where none overflows.
    runs
        What the storm did to each pipe and node; after it the same with less and with more inflow, where it was tried.

    Examples
    --------
    >>> import drainage as dr
    >>> net = dr.load_demo("2018-12-31").upstream_of("YS1043")
    >>> storm = dr.DesignStorm(dr.read_storm_formula("demo"), return_period_a=3, duration_min=60)
    >>> state = dr.screen(net, storm)
    >>> wider = net.replace(pipes=net.pipes.assign(diameter_mm=1000.0))
    >>> [round(one.balance["overflow_m3"]) for one in (state, state.with_pipes(wider))]
    [564, 0]
    """

    ground: Ground
    arrays: ScreeningModel
    standing: pd.DataFrame
    runs: tuple[Routed, ...]

    def after(self, net: DrainageNetwork) -> Screening:
        """Screen the network as it became, in the same storm with the same assumptions.

        Connected parts that are what they were are not run again. The answer is that of ``screen(net, state.storm,
        state.setup)``, to the last bit.

        Parameters
        ----------
        net
            The network now; nodes and pipes keep their ids.

        Raises
        ------
        SimulationError
            As of `drainage.screen`.

        Examples
        --------
        >>> import drainage as dr
        >>> net = dr.load_demo("2018-12-31")
        >>> storm = dr.DesignStorm(dr.read_storm_formula("demo"), return_period_a=3, duration_min=120)
        >>> state = dr.screen(net, storm)
        >>> wider = net.pipes["diameter_mm"].where(net.pipes.index != "YSL2985", 1000.0)
        >>> changed = state.after(net.replace(pipes=net.pipes.assign(diameter_mm=wider)))
        >>> [round(one.balance["overflow_m3"]) for one in (state, changed)]
        [16878, 16867]
        """
        from drainage.simulation.screening.screen import screen_with

        return screen_with(net, self.storm, self.setup, since=self)

    def run_before(self, number: int) -> Was:
        """Return what is known of one of the runs: the storm itself, or with less or more inflow."""
        model = self.arrays
        if number:
            model = with_less_and_more_inflow(model, places_of(self.network, model))[number - 1]
        run = run_of(model, self.storm, inlet_time_min=self.setup.inlet_time_min)
        return Was(self.nodes.index, self.pipes.index, model, run, self.runs[number])

    def with_pipes(self, net: DrainageNetwork, *, only: Bools | None = None) -> Screening:
        """Screen other pipes between the same nodes; what drains to each node stays, and no answer is tried for doubt.

        Parameters
        ----------
        net
            A network with the same nodes.
        only
            (n_pipes,) pipes to screen, whole connected parts; None: all that carry storm water.
        """
        model = self.arrays
        blanks = NodeArrays(0.0, 0.0, np.nan, np.nan, 0.0, np.nan, 1.0)  # type: ignore[arg-type]
        nodes = [
            spread(len(self.nodes), model.node_row, values, blank)
            for values, blank in zip(model.nodes, blanks, strict=True)
        ]
        carries = net.systems.among(*STORM_SYSTEMS)
        carries = carries if only is None else carries & only
        rebuilt = build_model(net.graph, carries, net.measures, NodeArrays(*nodes))
        if model.inflows is not None:
            again = replace(model.inflows, row=model.node_row[model.inflows.row].astype(np.intp))
            rebuilt = replace(rebuilt, inflows=again.in_model(rebuilt.node_row))
        return lay_out(net, self.storm, self.setup, self.ground, rebuilt, self.assumptions)


def screening_of(state: FlowState, given: Screening | None = None) -> Screening | None:
    """Return the screening that can be run again: the one passed with a state, else the state itself.

    Raises
    ------
    SimulationError
        What was given is of other nodes than the state.
    """
    if given is None:
        return state if isinstance(state, Screening) else None
    if not given.nodes.index.equals(state.nodes.index):
        raise SimulationError(in_both("screening_of_another"))
    return given


def lay_out(
    net: DrainageNetwork, storm: Storm, setup: Setup, ground: Ground, model: ScreeningModel,
    assumptions: Mapping[str, str], *, stress: bool = False, since: Screening | None = None,
    runs: Sequence[Routed] = (),
) -> Screening:  # fmt: skip
    """Run a storm through a model and lay out what it does, by pipes and nodes, with its balance.

    Parameters
    ----------
    net, storm, setup, ground
        What is screened.
    model
        Pipes in model order.
    assumptions
        What was taken for what is not known; what could not be judged is added.
    stress
        The storm is tried with less and with more inflow too; else no answer is told to be near its limit.
    since
        A screening in the same storm of the network as it was: what did not change is not run again.
    runs
        What the storm does, where that is known.
    """
    t1 = setup.inlet_time_min
    places = places_of(net, model)
    models = [model, *(with_less_and_more_inflow(model, places) if stress else ())]
    known = 0 if since is None else len(since.runs)

    def ran(number: int, one: ScreeningModel) -> Routed:
        levels = number != _LESS  # of the storm with less inflow only what overflows is asked
        if since is not None and number < known:
            return run_since(since.run_before(number), net, one, storm, inlet_time_min=t1, levels=levels)
        return route(one, storm, inlet_time_min=t1, levels=levels)

    runs = tuple(runs) or tuple(ran(number, one) for number, one in enumerate(models))
    routed, wanted = runs[0], design_flow(model, storm, inlet_time_min=t1)
    stressed = Stressed(*runs[1:]) if stress else None
    n_pipes, n_nodes = len(net.pipes), len(net.nodes)
    pipe_judged = np.isfinite(model.pipes.conveyance_m3s)
    flow = spread(n_pipes, model.pipe_row, wanted)
    capacity = spread(n_pipes, model.pipe_row, model.pipes.capacity_m3s)
    utilisation = np.divide(flow, capacity, out=np.full(n_pipes, np.nan), where=capacity > 0.0)
    pipes = pd.DataFrame(
        {
            "flow_m3s": flow,
            "capacity_m3s": capacity,
            "utilisation": utilisation,
            "surcharged": flow > capacity,
            "passed_m3s": spread(n_pipes, model.pipe_row, routed.edges[:, 0]),
            "judged": marked(n_pipes, model.pipe_row[pipe_judged]),
        },
        index=net.pipes.index,
        copy=False,
    )
    judged = _judge(model, pipe_judged)
    volume = np.where(routed.nodes[:, 2] >= LEAST_OVERFLOW_M3, routed.nodes[:, 2], 0.0)
    level = spread(n_nodes, model.node_row, np.where(routed.nodes[:, 0] > -1e29, routed.nodes[:, 0], np.nan))
    ground_m = known_ground(net)
    overflow = spread(n_nodes, model.node_row, volume, 0.0)
    flooded_h, stands_h, gone_h, begun_h = (
        np.where(overflow > 0.0, spread(n_nodes, model.node_row, routed.nodes[:, k] / 3600.0), np.nan)
        for k in (4, 5, 6, 7)
    )
    rain_h = storm.duration_min / 60.0
    standing = pd.DataFrame(
        {
            "standing_h": np.minimum(stands_h, rain_h + LONGEST_H),
            "drain_down_h": np.clip(gone_h - rain_h, 0.0, LONGEST_H),
            "begins_h": begun_h,
            "ends_h": np.minimum(gone_h, rain_h + LONGEST_H),
        },
        index=net.nodes.index,
        copy=False,
    )
    nodes = pd.DataFrame(
        {
            "area_ha": ground.area_ha,
            "level_m": level,
            "ground_m": ground_m,
            "freeboard_m": ground_m - level,
            "overflow_m3s": np.where(overflow > 0.0, spread(n_nodes, model.node_row, routed.nodes[:, 1], 0.0), 0.0),
            "overflow_m3": overflow,
            "overflows": overflow > 0.0,
            "judged": marked(n_nodes, model.node_row[judged]),
            "overflow_h": np.nan_to_num(flooded_h),
        },
        index=net.nodes.index,
        copy=False,
    )
    entering = {code: mask[model.node_row] for code, mask in input_doubts(net, storm).items()}
    found = doubts(model, ground.area_ha[model.node_row], judged, places, routed, stressed, entering)
    marks = {name: marked(n_nodes, model.node_row[mask]) for name, mask in found.items()}
    ends = np.concatenate([net.graph.tail, net.graph.head])
    marks["no_outlet"] |= np.bincount(ends, minlength=n_nodes) == 0  # no pipe at all
    nodes["doubt"] = spell_doubts(marks).array
    blind = blind_words(
        int((~pipe_judged).sum()), int((~judged).sum()), {name: int(mask.sum()) for name, mask in marks.items()}
    )
    return Screening(
        network=net,
        storm=storm,
        setup=setup,
        method="screening",
        pipes=pipes,
        nodes=nodes,
        assumptions={**assumptions, **blind},
        balance=_balance(model, routed, storm, t1),
        ground=ground,
        arrays=model,
        standing=standing,
        runs=tuple(runs),
    )


def blind_words(pipes: int, nodes: int, doubtful: Mapping[str, int]) -> dict[str, str]:
    """Say how many pipes and nodes were not judged, and at how many nodes is which of the doubts, in that order."""
    blind: dict[str, str] = {"not_judged": in_both("not_judged", pipes=pipes, nodes=nodes)}
    counts = [joined([coded("doubt", name), count], " ") for name, count in doubtful.items() if count]
    if counts:
        blind["doubtful"] = in_both("doubtful", counts=joined(counts, ", "))
    return blind


def _judge(model: ScreeningModel, pipe_judged: Bools) -> Bools:
    """Mark nodes that have a ground level and a measured pipe to leave by (outfalls: any)."""
    leaves = marked(len(model.node_row), model.tail[pipe_judged])
    ends = (np.diff(model.ptr) == 0) & ((model.nodes.outlet > 0.0) | (model.nodes.basin_m3 > 0.0))
    return np.asarray(np.isfinite(model.nodes.ground_m) & (leaves | ends) & ~model.in_loop)


def _balance(model: ScreeningModel, routed: Routed, storm: Storm, inlet_time_min: float) -> dict[str, float]:
    bounds, _ = model.steps(storm, inlet_time_min)
    series, series_m3s = model.series(storm, bounds)
    seconds = np.diff(bounds) * 60.0
    rain = float((runoff_m3s_per_ha(storm, inlet_time_min, bounds) * seconds).sum())
    runoff = rain * float(model.nodes.own_ha[series < 0].sum()) + float((series_m3s * seconds).sum())
    runoff += float(model.nodes.constant_m3s.sum() * seconds.sum())
    overflow = float(routed.nodes[:, 2].sum())
    leaves = (np.diff(model.ptr) == 0) & (model.nodes.outlet > 0.0)
    outflow = float(routed.nodes[leaves, 3].sum())
    left = runoff - overflow - outflow
    return {
        "runoff_m3": runoff,
        "overflow_m3": overflow,
        "lost_m3": overflow,
        "ponded_m3": 0.0,
        "outflow_m3": outflow,
        "dried_m3": 0.0,
        "stored_m3": max(left, 0.0),
        "error_m3": min(left, 0.0),
    }
