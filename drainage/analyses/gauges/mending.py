"""What would make a model agree with its gauges: one parameter at a time, in the engine; nothing is kept changed."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
import pandas as pd

from drainage.analyses.gauges.placed import PlacedGauge, Watched
from drainage.arrays import Bools, Floats
from drainage.errors import SimulationError
from drainage.hydraulics.goodness import kling_gupta, nash_sutcliffe
from drainage.hydraulics.rainfall import Storm
from drainage.network import DrainageNetwork
from drainage.schema.columns import column_of
from drainage.simulation.setup import Setup
from drainage.simulation.swmm.engine_values import EngineModel, EngineOptions
from drainage.simulation.swmm.series import (
    EngineSeries,
    build_model,
    run_series,
    runoff_now,
    with_inflow,
    with_roughness,
    with_runoff,
)
from drainage.words import in_both

PARAMETERS: Final = ("runoff", "roughness", "silt", "infiltration")
WHERE: Final = ("upstream", "downstream", "both")
#: Factors of Ψ and n that are tried, and how deep the silt may lie, as a share of the height (own choices).
_RUNOFF: Final = (0.2, 5.0)
_ROUGHNESS: Final = (0.4, 4.0)
_MOST_SILT: Final = 0.9
#: Values that are tried before the search goes on from the best of them (own choice).
_FIRST: Final = 5
#: As near as this share of the range a search ends, and a value lies at its bound (own choice).
_NEAR: Final = 0.005
#: Ψ of table 4.1.8-1 (GB 50014-2021) from green to paved ground; n of table 5.2.3 from plastics to mortared stone.
PSI_RANGE: Final = (0.10, 0.95)
N_RANGE: Final = (0.009, 0.017)


class Concerned(NamedTuple):
    """What may be wrong: (n_nodes,) and (n_pipes,) upstream of the gauges, and (n_pipes,) downstream of them."""

    nodes_up: Bools
    pipes_up: Bools
    pipes_down: Bools

    def pipes(self, where: str) -> Bools:
        """(n_pipes,) the pipes of one of `WHERE`."""
        both = self.pipes_up | self.pipes_down
        return {"upstream": self.pipes_up, "downstream": self.pipes_down & ~self.pipes_up}.get(where, both)


@dataclass(frozen=True, slots=True, eq=False)
class Trial:
    """A model that can be run with one parameter changed.

    Parameters
    ----------
    net, storm, setup, options, systems
        As it is made.
    model
        As it is.
    gauges, watched
        What it is compared with, and where.
    concerned
        Where a parameter may be changed.
    score
        ``nse`` or ``kge``, the mean over the gauges.
    time_limit_s
        Of each run.
    """

    net: DrainageNetwork
    storm: Storm | None
    setup: Setup
    options: EngineOptions | None
    systems: tuple[str, ...]
    model: EngineModel
    gauges: Sequence[PlacedGauge]
    watched: Watched
    concerned: Concerned
    score: str
    time_limit_s: float

    def run(self, model: EngineModel) -> EngineSeries:
        """Run a model and return the series at the gauges."""
        return run_series(
            model, self.net, nodes=self.watched.node_ids, pipes=self.watched.pipe_ids, time_limit_s=self.time_limit_s
        )

    def score_of(self, series: EngineSeries) -> float:
        """Return the mean score over the gauges whose score is known; -inf where none is."""
        scores = [self._of_one(one, one.computed(series, self.watched)) for one in self.gauges]
        known = [one for one in scores if np.isfinite(one)]
        return float(np.mean(known)) if known else -np.inf

    def _of_one(self, gauge: PlacedGauge, computed: Floats) -> float:
        there, measured = gauge.above_zero(computed), gauge.above_zero(gauge.value)
        return nash_sutcliffe(there, measured) if self.score == "nse" else kling_gupta(there, measured)

    def silted(self, pipes: Bools, more: float) -> EngineModel:
        """Return the model with so much more silt in some pipes, as a share of the height."""
        frame = self.net.pipes
        silt = column_of(frame, "silt_share", 0.0)
        frame["silt_share"] = np.where(pipes, np.clip(silt + more, 0.0, _MOST_SILT), silt)
        return build_model(
            self.net.replace(pipes=frame), self.storm, self.setup, systems=self.systems, options=self.options,
            nodes=self.watched.node_ids,
        )  # fmt: skip


class Knob(NamedTuple):
    """A parameter that can be turned: 0 is as it is.

    ``now`` and ``value`` (of a place of the knob) are the mean over what is concerned; ``plausible`` its bounds.
    """

    parameter: str
    where: str
    bounds: tuple[float, float]
    make: Callable[[float], EngineModel]
    value: Callable[[float], float]
    plausible: tuple[float, float]
    pipes_km: float


class Mended(NamedTuple):
    """The best that one parameter alone can do."""

    knob: Knob
    place: float
    score: float
    runs: int
    series: EngineSeries | None


def concerned_by(net: DrainageNetwork, written: Bools, gauges: Sequence[PlacedGauge]) -> Concerned:
    """Find what lies upstream of gauges, from which all water comes, and downstream of them, from where it backs up."""
    ends = np.unique([one.node for one in gauges])
    reach_up = net.graph.upstream(ends, written)
    reach_down = net.graph.downstream(ends, written)
    return Concerned(np.asarray(reach_up.nodes), np.asarray(reach_up.edges), np.asarray(reach_down.edges))


def knobs_of(trial: Trial, *, infiltration_m3_per_day_per_km: float, most_silt_share: float) -> list[Knob]:
    """Return every parameter that could be turned; those that concern nothing are left out."""
    net, concerned = trial.net, trial.concerned
    length = np.nan_to_num(column_of(net.pipes, "length_m"))
    found = [*_runoff(trial, length)]
    for where in WHERE:
        pipes = concerned.pipes(where)
        if not pipes.any() or (where == "both" and not (concerned.pipes("downstream").any() and concerned.pipes_up.any())):
            continue
        weights = np.maximum(length, 1.0)[pipes]
        found.append(_roughness(trial, where, pipes, weights))
        found.append(_silt(trial, where, pipes, weights, most_silt_share))
    return [*found, *_infiltration(trial, length, infiltration_m3_per_day_per_km)]


def _runoff(trial: Trial, length: Floats) -> list[Knob]:
    nodes = list(map(str, trial.net.nodes.index[trial.concerned.nodes_up]))
    area, psi = runoff_now(trial.model, nodes)
    if not area > 0.0 or not psi > 0.0:
        return []
    most = max(min(_RUNOFF[1], 1.0 / psi), 1.0)

    def value(place: float) -> float:
        return runoff_now(with_runoff(trial.model, nodes, float(np.exp(place))), nodes)[1]

    return [
        Knob(
            "runoff", "upstream", (float(np.log(_RUNOFF[0])), float(np.log(most))),
            lambda place: with_runoff(trial.model, nodes, float(np.exp(place))), value, PSI_RANGE,
            float(length[trial.concerned.pipes_up].sum() / 1000.0),
        )
    ]  # fmt: skip


def _roughness(trial: Trial, where: str, pipes: Bools, weights: Floats) -> Knob:
    ids = list(map(str, trial.net.pipes.index[pipes]))
    now = float(np.average(trial.net.measures.manning_n[pipes], weights=weights))
    return Knob(
        "roughness", where, (float(np.log(_ROUGHNESS[0])), float(np.log(_ROUGHNESS[1]))),
        lambda place: with_roughness(trial.model, ids, float(np.exp(place))), lambda place: now * float(np.exp(place)),
        N_RANGE, float(weights.sum() / 1000.0),
    )  # fmt: skip


def _silt(trial: Trial, where: str, pipes: Bools, weights: Floats, most_share: float) -> Knob:
    silt = column_of(trial.net.pipes, "silt_share", 0.0)[pipes]
    return Knob(
        "silt", where, (-float(silt.max()), _MOST_SILT), lambda place: trial.silted(pipes, place),
        lambda place: float(np.average(np.clip(silt + place, 0.0, _MOST_SILT), weights=weights)), (0.0, most_share),
        float(weights.sum() / 1000.0),
    )  # fmt: skip


def _infiltration(trial: Trial, length: Floats, plausible: float) -> list[Knob]:
    """Let water enter at the upper ends of the pipes upstream, by their length."""
    net, pipes = trial.net, trial.concerned.pipes_up
    km = float(length[pipes].sum() / 1000.0)
    capacity = net.measures.capacity_m3s
    below = np.isin(net.graph.head, [one.node for one in trial.gauges]) & pipes
    most = float(np.nansum(capacity[below])) or float(np.nanmax(np.append(capacity[pipes], 0.0)))
    if not km > 0.0 or not most > 0.0:
        return []
    share = np.bincount(net.graph.tail[pipes], weights=length[pipes], minlength=len(net.nodes)) / (1000.0 * km)
    taking = pd.Series(share, index=net.nodes.index)[share > 0.0]
    now = np.nansum(column_of(net.nodes, "inflow_m3s", 0.0)[trial.concerned.nodes_up]) * 86400.0 / km
    return [
        Knob(
            "infiltration", "upstream", (0.0, most), lambda place: with_inflow(trial.model, taking * place),
            lambda place: float(now + place * 86400.0 / km), (0.0, plausible), km,
        )
    ]  # fmt: skip


def mend(trial: Trial, knobs: Sequence[Knob], before: float, *, most_runs: int, processes: int | None) -> list[Mended]:
    """Turn each knob alone, several at a time, each run in a process of its own."""
    with ThreadPoolExecutor(processes or os.cpu_count() or 1) as pool:
        futures = [pool.submit(copy_context().run, _turn, trial, knob, before, most_runs) for knob in knobs]
        return [future.result() for future in futures]


def _turn(trial: Trial, knob: Knob, before: float, most_runs: int) -> Mended:
    """Search the best place of a knob: a few across its range, then between the neighbours of the best of them.

    The later search is that of Brent, bounded (`scipy.optimize.minimize_scalar`); a place at which the engine breaks
    down is no better than none.
    """
    from scipy.optimize import minimize_scalar

    tried: dict[float, tuple[float, EngineSeries | None]] = {0.0: (before, None)}

    def loss(place: float) -> float:
        place = float(place)
        if place not in tried:
            try:
                series = trial.run(knob.make(place))
                tried[place] = (trial.score_of(series), series)
            except SimulationError:
                tried[place] = (-np.inf, None)
        return -max(tried[place][0], -1e6)

    low, high = knob.bounds
    count = max(min(_FIRST, most_runs // 2), 1)
    grid = np.unique(np.append(np.linspace(low, high, count + 2)[1:-1], [low, 0.0, high]))
    inner = [place for place in grid if place not in (low, high)]
    for place in inner:
        loss(place)
    best = max(inner, key=lambda place: tried[place][0])
    at = int(np.flatnonzero(grid == best)[0])
    left, right = grid[max(at - 1, 0)], grid[min(at + 1, len(grid) - 1)]
    left_over = most_runs - (len(tried) - 1)
    if left_over > 0 and right > left:
        minimize_scalar(
            loss, bounds=(float(left), float(right)), method="bounded",
            options={"maxiter": left_over, "xatol": _NEAR * (high - low)},
        )  # fmt: skip
    place = max(tried, key=lambda one: (tried[one][0], -abs(one)))
    return Mended(knob, place, tried[place][0], len(tried) - 1, tried[place][1])


def remedy_table(mended: Sequence[Mended], before: float, *, least_gain: float) -> pd.DataFrame:
    """Return one row a parameter, the best of the places where it may be changed, best first."""
    rows = []
    for parameter in PARAMETERS:
        of_it = [one for one in mended if one.knob.parameter == parameter]
        if not of_it:
            continue
        best = max(of_it, key=lambda one: (one.score, -WHERE.index(one.knob.where)))
        knob, now = best.knob, best.knob.value(0.0)
        needed, (low, high) = knob.value(best.place), knob.plausible
        span = knob.bounds[1] - knob.bounds[0]
        gain = best.score - before
        rows.append(
            {
                "parameter": parameter,
                "changed_where": knob.where,
                "value_now": now,
                "value_needed": needed,
                "value_unit": _UNIT[parameter],
                "score_before": before,
                "score_after": best.score,
                "gain": gain,
                "helps": bool(gain >= least_gain),
                "plausible": bool(low - 1e-9 <= needed <= high + 1e-9),
                "plausible_least": low,
                "plausible_most": high,
                "range_from": in_both(f"range_{parameter}"),
                "at_bound": bool(min(best.place - knob.bounds[0], knob.bounds[1] - best.place) <= _NEAR * span
                                 and best.place != 0.0),
                "pipes_km": knob.pipes_km,
                "engine_runs": sum(one.runs for one in of_it),
            }
        )  # fmt: skip
    table = pd.DataFrame(rows, columns=[*_COLUMNS])
    table = table.sort_values("score_after", ascending=False, kind="stable", ignore_index=True)
    return table.set_axis(pd.RangeIndex(1, len(table) + 1, name="rank"))


_UNIT: Final = {"runoff": "Ψ", "roughness": "n", "silt": "–", "infiltration": "m³/(d·km)"}
_COLUMNS: Final = (
    "parameter", "changed_where", "value_now", "value_needed", "value_unit", "score_before", "score_after", "gain",
    "helps", "plausible", "plausible_least", "plausible_most", "range_from", "at_bound", "pipes_km", "engine_runs",
)  # fmt: skip
