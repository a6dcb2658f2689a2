"""What would make a model agree with its gauges: one parameter at a time, in the engine; nothing is kept changed."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextvars import copy_context
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
import pandas as pd

from drainage.analyses.gauges.gauge_limits import GaugeLimits
from drainage.analyses.gauges.placed import PlacedGauge, Watched
from drainage.arrays import Bools, Floats
from drainage.errors import SimulationError
from drainage.hydraulics.goodness import kling_gupta, nash_sutcliffe
from drainage.hydraulics.rainfall import Storm
from drainage.network import DrainageNetwork
from drainage.schema.columns import column_of
from drainage.simulation.setup import Setup
from drainage.simulation.swmm.engine_values import EngineModel, EngineOptions
from drainage.simulation.swmm.watched_series import (
    EngineSeries,
    build_model,
    run_series,
    runoff_now,
    with_inflow,
    with_roughness,
    with_runoff,
)

PARAMETERS: Final = ("runoff", "roughness", "silt", "infiltration")
WHERE: Final = ("upstream", "downstream", "both")
#: Factors of Ψ and n that are tried, and how deep the silt may lie, as a share of the height (own choices).
_RUNOFF: Final = (0.2, 5.0)
_ROUGHNESS: Final = (0.4, 4.0)
_MOST_SILT: Final = 0.9
#: Values that are tried before the search goes on from the best of them (own choice).
_FIRST: Final = 5
#: As near as this share of the range a search ends, and a value lies at its bound (own choice).
NEAR: Final = 0.005
#: For the search, that no score is worse.
_WORST: Final = -1e6
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
    failed: int
    series: EngineSeries | None


def concerned_by(net: DrainageNetwork, written: Bools, gauges: Sequence[PlacedGauge]) -> Concerned:
    """Find what lies upstream of gauges, from which all water comes, and downstream of them, from where it backs up."""
    ends = np.unique([one.node for one in gauges])
    reach_up = net.graph.upstream(ends, written)
    reach_down = net.graph.downstream(ends, written)
    return Concerned(np.asarray(reach_up.nodes), np.asarray(reach_up.edges), np.asarray(reach_down.edges))


def knobs_of(trial: Trial, limits: GaugeLimits) -> list[Knob]:
    """Return every parameter that could be turned; those that concern nothing are left out."""
    net, concerned = trial.net, trial.concerned
    length = np.nan_to_num(column_of(net.pipes, "length_m"))
    found = [*_runoff(trial, length)]
    for where in WHERE:
        pipes = concerned.pipes(where)
        if not pipes.any() or (
            where == "both" and not (concerned.pipes("downstream").any() and concerned.pipes_up.any())
        ):
            continue
        weights = np.maximum(length, 1.0)[pipes]
        found.append(_roughness(trial, where, pipes, weights))
        found.append(_silt(trial, where, pipes, weights, limits.most_silt_share))
    return [*found, *_infiltration(trial, length, limits.infiltration_m3_per_day_per_km)]


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


def mend(
    trial: Trial,
    knobs: Sequence[Knob],
    before: float,
    most_runs: int,
    *,
    processes: int | None,
    progress: Callable[[float], None] | None = None,
) -> list[Mended]:
    """Turn each knob alone, several at a time, each run in a process of its own.

    Every knob is tried at a few places across its range; of each parameter the best knob is then searched on.
    """
    search = [_Search(trial, knob, before, most_runs) for knob in knobs]

    def all_of(step: Callable[[_Search], None], some: Sequence[_Search]) -> None:
        futures = [pool.submit(copy_context().run, step, one) for one in some]
        for future in as_completed(futures):
            future.result()
            if progress is not None:
                done = sum(len(one.tried) - 1 for one in search)
                progress(min(done / (len(knobs) * _FIRST + len(PARAMETERS) * (most_runs - _FIRST) + 1e-9), 1.0))

    with ThreadPoolExecutor(processes or os.cpu_count() or 1) as pool:
        all_of(_Search.look_round, search)
        best = [max((one for one in search if one.knob.parameter == name), key=lambda one: one.best[0], default=None)
                for name in PARAMETERS]  # fmt: skip
        all_of(_Search.go_on, [one for one in best if one is not None])
    return [one.mended for one in search]


class _Search:
    """The places of a knob that were tried, and the score and series of each."""

    def __init__(self, trial: Trial, knob: Knob, before: float, most_runs: int) -> None:
        self.trial, self.knob, self.most_runs = trial, knob, most_runs
        self.tried: dict[float, tuple[float, EngineSeries | None]] = {0.0: (before, None)}
        low, high = knob.bounds
        count = max(min(_FIRST, most_runs // 2), 1)
        self.grid = np.unique(np.append(np.linspace(low, high, count + 2), 0.0))

    @property
    def best(self) -> tuple[float, float]:
        """The highest score, and its place: the nearest to how it is where several have it."""
        place = max(self.tried, key=lambda one: (self.tried[one][0], -abs(one)))
        return self.tried[place][0], place

    @property
    def mended(self) -> Mended:
        score, place = self.best
        failed = sum(series is None for place, (_, series) in self.tried.items() if place != 0.0)
        return Mended(self.knob, place, score, len(self.tried) - 1, failed, self.tried[place][1])

    def look_round(self) -> None:
        """Try places across the range, but for its bounds."""
        for place in self.grid[1:-1]:
            self.loss(float(place))

    def go_on(self) -> None:
        """Search between the neighbours of the best place by Brent's bounded method (`scipy.optimize`)."""
        from scipy.optimize import minimize_scalar

        at = int(np.searchsorted(self.grid, self.best[1]))
        left, right = self.grid[max(at - 1, 0)], self.grid[min(at + 1, len(self.grid) - 1)]
        left_over = self.most_runs - (len(self.tried) - 1)
        if left_over > 1:  # it takes no less
            minimize_scalar(
                self.loss, bounds=(float(left), float(right)), method="bounded",
                options={"maxiter": left_over, "xatol": NEAR * (self.grid[-1] - self.grid[0])},
            )  # fmt: skip

    def loss(self, place: float) -> float:
        """Return the score of a place, the less the better; where the engine breaks down it is no better than none."""
        place = float(place)
        if place not in self.tried:
            try:
                series = self.trial.run(self.knob.make(place))
                self.tried[place] = (self.trial.score_of(series), series)
            except SimulationError:
                self.tried[place] = (-np.inf, None)
        return -max(self.tried[place][0], _WORST)
