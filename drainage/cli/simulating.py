"""From a network and a storm to a state, by the engine that a command names, with its progress on standard error."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar, cast

from drainage.cli.inputs import EngineName, own_numbers
from drainage.cli.printing import say
from drainage.cli.progress import shown
from drainage.errors import FormatError, SimulationError
from drainage.said import joined
from drainage.words import in_both

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from drainage.hydraulics.rainfall import Storm
    from drainage.network import DrainageNetwork
    from drainage.simulation.setup import Setup
    from drainage.simulation.state import FlowState
    from drainage.simulation.swmm.engine_values import EngineOptions

#: Seconds that EPA SWMM may take where it is asked for, and where it is only asked if it is quick (own choice).
TIME_LIMIT_S = 600.0
TIME_LIMIT_OF_AUTO_S = 60.0


@dataclass(frozen=True, kw_only=True)
class Granted:
    """Assumptions of a simulation where the network records nothing, in the words of a command."""

    title: ClassVar = "granted"
    tailwater: float | None = None
    runoff_coefficient: float = 0.6
    uplift_within: str = "0"
    inlet_time_min: float = 10.0
    served_distance_m: float = 50.0

    def setup(self) -> Setup:
        """Return the same in the words of a simulation.

        Raises
        ------
        FormatError
            ``--uplift-within`` is neither a number nor none.
        SimulationError
            A number is impossible.
        """
        from drainage.simulation.setup import Setup

        said = self.uplift_within
        try:
            within = None if said == "none" else float(said)
        except ValueError as error:
            raise FormatError(in_both("uplift_unread", value=said)) from error
        return Setup(
            tailwater_m=self.tailwater, runoff_coefficient=self.runoff_coefficient, uplift_within=within,
            inlet_time_min=self.inlet_time_min, served_distance_m=self.served_distance_m,
        )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Engine:
    """What computes the flow, and how long it may take."""

    title: ClassVar = "engine"
    engine: EngineName = "screening"
    processes: int | None = None
    time_limit: float | None = None
    engine_option: list[str] | None = None

    def __post_init__(self) -> None:
        """Refuse what only EPA SWMM takes where the screening is to compute."""
        said = {
            "--processes": self.processes, "--time-limit": self.time_limit, "--engine-option": self.engine_option
        }  # fmt: skip
        unused = [option for option, given in said.items() if given is not None]
        if self.engine == "screening" and unused:
            raise FormatError(in_both("engine_unused", options=joined(unused, ", ")))

    def run(
        self, net: DrainageNetwork, storm: Storm | None, setup: Setup, progress: Callable[[float], None] | None = None
    ) -> FlowState:
        """Run a storm; without one only an .inp can be run, in its own rain.

        ``auto`` asks EPA SWMM where it should end within the time limit, else or if it does not end the screening; the
        assumptions say which it was. ``progress`` takes the share that EPA SWMM has done, 0-1; without it a bar of its
        own shows it.

        Raises
        ------
        FormatError
            No storm, or a tailwater that changes in a screening.
        """
        if self.engine == "auto":
            return self._run_either(net, storm, setup, progress)
        if self.engine == "swmm" and (storm is not None or net.origin.model is not None):
            return self._run_swmm(net, storm, setup, TIME_LIMIT_S, progress)
        if storm is None and net.origin.model is None:
            raise FormatError(in_both("storm_unsaid"))
        if setup.tailwater_m is not None and not isinstance(setup.tailwater_m, float):
            raise FormatError(in_both("tailwater_of_screening"))
        from drainage.simulation.screening.screen import screen

        return screen(net, storm, setup)

    def _run_either(
        self, net: DrainageNetwork, storm: Storm | None, setup: Setup, progress: Callable[[float], None] | None
    ) -> FlowState:
        """Run EPA SWMM if it should finish in time, else the screening; report which, and why."""
        limit_s = TIME_LIMIT_OF_AUTO_S if self.time_limit is None else self.time_limit
        engine, why = choose_engine(net, storm, limit_s)
        if engine == "swmm":
            try:
                return _chosen(self._run_swmm(net, storm, setup, limit_s, progress), engine, why)
            except SimulationError as error:
                engine, why = "screening", in_both("auto_failed", error=error)
        return _chosen(Engine().run(net, storm, setup), engine, why)

    def _run_swmm(
        self, net: DrainageNetwork, storm: Storm | None, setup: Setup, limit_s: float,
        progress: Callable[[float], None] | None,
    ) -> FlowState:  # fmt: skip
        from drainage.simulation.swmm.simulate import simulate_swmm

        limit_s = limit_s if self.time_limit is None else self.time_limit
        with nullcontext(progress) if progress is not None else shown("EPA SWMM") as told:
            return simulate_swmm(
                net, storm, setup, options=self.options(), processes=self.processes, time_limit_s=limit_s, progress=told
            )

    def options(self) -> EngineOptions:
        """Return how EPA SWMM is to compute."""
        from drainage.simulation.swmm.engine_values import EngineOptions

        (options,) = own_numbers("--engine-option", self.engine_option, EngineOptions)
        return cast("EngineOptions", options)


def with_series(setup: Setup, series: Path | None, storm: Storm | None) -> Setup:
    """Make the receiving water level follow a file, from the beginning of the storm on.

    Raises
    ------
    FormatError
        Both are given, or the file holds no levels.
    """
    if series is None:
        return setup
    if setup.tailwater_m is not None:
        raise FormatError(in_both("tailwater_twice"))
    from drainage.formats.rain.gauge import read_water_levels
    from drainage.hydraulics.rainfall import ObservedStorm

    levels = read_water_levels(series, begins=storm.begins if isinstance(storm, ObservedStorm) else None)
    return replace(setup, tailwater_m=levels)


def choose_engine(net: DrainageNetwork, storm: Storm | None, limit_s: float) -> tuple[str, str]:
    """Choose EPA SWMM where it should end within so many seconds, else the screening; and say why."""
    from drainage.simulation.swmm.time_needed import engine_seconds

    estimated = engine_seconds(net, storm)
    can = storm is not None or net.origin.model is not None
    engine = "swmm" if estimated <= limit_s and can else "screening"
    return engine, in_both("auto_time", estimated_s=estimated, limit_s=limit_s)


def _chosen(state: FlowState, engine: str, why: str) -> FlowState:
    words = in_both("engine_chosen", engine=engine, why=why)
    say("--engine auto", words)
    return replace(state, assumptions={**state.assumptions, "engine_chosen": words})
