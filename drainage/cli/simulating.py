"""From a network and a storm to a state, by the engine that a command names, with its progress on standard error."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal, cast

import drainage as dr
from drainage.cli.printing import say
from drainage.cli.progress import shown
from drainage.errors import FormatError
from drainage.said import joined
from drainage.spelt.named_numbers import own_numbers
from drainage.words import in_both

if TYPE_CHECKING:
    from collections.abc import Callable

    from drainage.hydraulics.rainfall import Storm

EngineName = Literal["screening", "swmm", "auto"]


@dataclass(frozen=True, kw_only=True)
class Granted:
    """Assumptions of a simulation where the network records nothing, in the words of a command."""

    title: ClassVar = "granted"
    tailwater: float | None = None
    runoff_coefficient: float = 0.6
    uplift_within: str = "0"
    inlet_time_min: float = 10.0
    served_distance_m: float = 50.0

    def setup(self) -> dr.Setup:
        """Return the same in the words of a simulation.

        Raises
        ------
        FormatError
            ``--uplift-within`` is neither a number nor none.
        SimulationError
            A number is impossible.
        """
        said = self.uplift_within
        try:
            within = None if said == "none" else float(said)
        except ValueError as error:
            raise FormatError(in_both("uplift_unread", value=said)) from error
        return dr.Setup(
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
        self, net: dr.DrainageNetwork, storm: Storm | None, setup: dr.Setup,
        progress: Callable[[float], None] | None = None,
    ) -> dr.simulation.FlowState:  # fmt: skip
        """Run a storm, as `ByEngine.run` does; a bar of its own shows how far EPA SWMM is where nothing else does."""
        from drainage.simulation.by_engine import ByEngine

        options = None if self.engine == "screening" else self.options()
        chosen = ByEngine(engine=self.engine, options=options, processes=self.processes, time_limit_s=self.time_limit)
        with nullcontext(progress) if progress is not None else shown("EPA SWMM", at_once=False) as told:
            state = chosen.run(net, storm, setup, progress=told)
        if self.engine == "auto":
            say("--engine auto", state.assumptions["engine_chosen"])
        return state

    def options(self) -> dr.simulation.EngineOptions:
        """Return how EPA SWMM is to compute."""
        (options,) = own_numbers("--engine-option", self.engine_option, dr.simulation.EngineOptions)
        return cast("dr.simulation.EngineOptions", options)
