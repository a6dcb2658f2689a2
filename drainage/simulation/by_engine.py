"""A storm by the engine that is named, or by EPA SWMM where that should be quick and by the screening else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Literal

from drainage.errors import FormatError, SimulationError
from drainage.formats.rain.gauge import read_water_levels
from drainage.hydraulics.rainfall import ObservedStorm, Storm
from drainage.network import DrainageNetwork
from drainage.simulation.screening.screen import screen
from drainage.simulation.setup import Setup
from drainage.simulation.state import FlowState
from drainage.simulation.swmm.engine_values import EngineOptions
from drainage.simulation.swmm.simulate import simulate_swmm
from drainage.simulation.swmm.time_needed import engine_seconds
from drainage.words import in_both

#: ``auto``: EPA SWMM where it should end in time, else the screening.
EngineName = Literal["screening", "swmm", "auto"]
#: Seconds that EPA SWMM may take where it is asked for, and where it is only asked if it is quick (own choice).
TIME_LIMIT_S: Final = 600.0
TIME_LIMIT_OF_AUTO_S: Final = 60.0


@dataclass(frozen=True, kw_only=True)
class ByEngine:
    """What computes the flow, and how long it may take.

    Parameters
    ----------
    engine
        ``screening``, ``swmm`` or ``auto``. The state says in its assumptions which one ``auto`` chose, and why.
    options, processes
        As in `simulate_swmm`.
    time_limit_s
        Seconds that EPA SWMM may take; None: 600, and 60 where it is only asked if it is quick.

    Examples
    --------
    >>> import drainage as dr
    >>> net = dr.load_demo("2018-12-31").upstream_of("YS1043")
    >>> storm = dr.DesignStorm(dr.read_storm_formula("demo"), return_period_a=3, duration_min=60)
    >>> ByEngine().run(net, storm).method
    'screening'
    """

    engine: EngineName = "screening"
    options: EngineOptions | None = None
    processes: int | None = None
    time_limit_s: float | None = None

    def run(
        self, net: DrainageNetwork, storm: Storm | None, setup: Setup = Setup(), *,
        progress: Callable[[float], None] | None = None,
    ) -> FlowState:  # fmt: skip
        """Run a storm; without one only an .inp can be run, in its own rain.

        Parameters
        ----------
        net, storm, setup
            As in `simulate_swmm`.
        progress
            Called with the share that EPA SWMM has done, 0-1.

        Raises
        ------
        FormatError
            No storm, or a tailwater that changes in a screening.
        SimulationError
            EPA SWMM failed or took too long.
        """
        if self.engine == "auto":
            return self._run_either(net, storm, setup, progress)
        if self.engine == "swmm" and (storm is not None or net.origin.model is not None):
            limit_s = TIME_LIMIT_S if self.time_limit_s is None else self.time_limit_s
            return simulate_swmm(
                net, storm, setup, options=self.options, processes=self.processes, time_limit_s=limit_s,
                progress=progress,
            )  # fmt: skip
        if storm is None and net.origin.model is None:
            raise FormatError(in_both("storm_unsaid"))
        if setup.tailwater_m is not None and not isinstance(setup.tailwater_m, float):
            raise FormatError(in_both("tailwater_of_screening"))
        return screen(net, storm, setup)

    def _run_either(
        self, net: DrainageNetwork, storm: Storm | None, setup: Setup, progress: Callable[[float], None] | None
    ) -> FlowState:
        """Run EPA SWMM if it should end in time, else or if it does not end the screening."""
        limit_s = TIME_LIMIT_OF_AUTO_S if self.time_limit_s is None else self.time_limit_s
        engine, why = choose_engine(net, storm, limit_s)
        if engine == "swmm":
            try:
                state = replace(self, engine="swmm", time_limit_s=limit_s).run(net, storm, setup, progress=progress)
            except SimulationError as error:
                why = in_both("auto_failed", error=error)
            else:
                return _chosen(state, engine, why)
        return _chosen(ByEngine().run(net, storm, setup), "screening", why)


def choose_engine(
    net: DrainageNetwork, storm: Storm | None, limit_s: float
) -> tuple[Literal["screening", "swmm"], str]:
    """Return EPA SWMM where it should end within so many seconds, else the screening; and why."""
    estimated = engine_seconds(net, storm)
    can = storm is not None or net.origin.model is not None
    why = in_both("auto_time", estimated_s=estimated, limit_s=limit_s)
    return ("swmm" if estimated <= limit_s and can else "screening"), why


def with_series(setup: Setup, series: Path | None, storm: Storm | None) -> Setup:
    """Return assumptions in which the receiving water level follows a file, from the beginning of the storm on.

    Raises
    ------
    FormatError
        A level is assumed too, or the file holds no levels.
    """
    if series is None:
        return setup
    if setup.tailwater_m is not None:
        raise FormatError(in_both("tailwater_twice"))
    levels = read_water_levels(series, begins=storm.begins if isinstance(storm, ObservedStorm) else None)
    return replace(setup, tailwater_m=levels)


def _chosen(state: FlowState, engine: str, why: str) -> FlowState:
    said = in_both("engine_chosen", engine=engine, why=why)
    return replace(state, assumptions={**state.assumptions, "engine_chosen": said})
