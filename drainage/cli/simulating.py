"""From a network and a storm to a state, by the engine that a command names, with its progress on standard error."""

from __future__ import annotations

import inspect
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING, Final, get_type_hints

from drainage.cli.inputs import NO_STORM
from drainage.cli.options import InletTimeMin, RunoffCoefficient, ServedDistanceM, Tailwater, UpliftWithin
from drainage.cli.printing import say
from drainage.cli.wording import spoken
from drainage.errors import FormatError, SimulationError
from drainage.words import in_both

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from drainage.hydraulics.rainfall import Storm
    from drainage.network import DrainageNetwork
    from drainage.simulation.setup import Setup
    from drainage.simulation.state import FlowState

#: Options of `Setup`, each with its default.
_SETUP: Final = {
    "tailwater": (Tailwater, None),
    "runoff_coefficient": (RunoffCoefficient, 0.6),
    "uplift_within": (UpliftWithin, "0"),
    "inlet_time_min": (InletTimeMin, 10.0),
    "served_distance_m": (ServedDistanceM, 50.0),
}
ENGINES = ("screening", "swmm", "auto")
#: Seconds that EPA SWMM may take where it is asked for, and where it is only asked if it is quick (own choice).
TIME_LIMIT_S = 600.0
TIME_LIMIT_OF_AUTO_S = 60.0


def takes_setup(command: Callable[..., None]) -> Callable[..., None]:
    """Let a command, which takes a ``setup``, have the options of all that a simulation takes for granted instead."""
    parameters = inspect.signature(command).parameters
    hints = get_type_hints(command, localns={"Setup": object}, include_extras=True)
    ours = {name: one for name, one in _SETUP.items() if name not in parameters}

    def run(**given: object) -> None:
        from drainage.simulation.setup import Setup

        said = {name: given.pop(name) for name in ours}
        within = str(said.pop("uplift_within"))
        try:
            said["uplift_within"] = None if within == "none" else float(within)
        except ValueError as error:
            raise FormatError(f"--uplift-within {within}: expected a number from 0 to 1, or none") from error
        command(**given, setup=Setup(tailwater_m=said.pop("tailwater", None), **said))  # type: ignore[arg-type]  # typer has them checked

    shown: list[inspect.Parameter] = []
    for name, one in parameters.items():
        if name != "setup":
            shown.append(one.replace(annotation=hints[name], kind=one.KEYWORD_ONLY))
            continue
        shown += [one.replace(name=each, annotation=kind, default=default) for each, (kind, default) in ours.items()]
    run.__name__, run.__doc__ = command.__name__, command.__doc__
    run.__signature__ = inspect.Signature(shown)  # type: ignore[attr-defined]  # typer reads it
    run.__annotations__ = {}
    return run


def with_series(setup: Setup, series: Path | None, storm: Storm | None) -> Setup:
    """Let the receiving water change as a file says, from the beginning of the storm on.

    Raises
    ------
    FormatError
        Both are given, or the file holds no levels.
    """
    if series is None:
        return setup
    if setup.tailwater_m is not None:
        raise FormatError("--tailwater and --tailwater-series say the same; give one")
    from drainage.formats.rain.gauge import read_water_levels
    from drainage.hydraulics.rainfall import ObservedStorm

    levels = read_water_levels(series, begins=storm.begins if isinstance(storm, ObservedStorm) else None)
    return replace(setup, tailwater_m=levels)


def run_storm(
    net: DrainageNetwork,
    storm: Storm | None,
    setup: Setup,
    *,
    engine: str,
    time_limit_s: float | None = None,
    processes: int | None = None,
    progress: Callable[[float], None] | None = None,
) -> FlowState:
    """Run a storm; without one only an .inp can be run, in its own rain.

    ``auto`` asks EPA SWMM where it should end within the time limit, else or if it does not end the screening; the
    assumptions say which it was. Without a time limit it is `TIME_LIMIT_S`, of ``auto`` `TIME_LIMIT_OF_AUTO_S`.
    ``progress`` takes the share that EPA SWMM has done, 0-1; without it a bar of its own shows it.

    Raises
    ------
    FormatError
        No such engine, no storm, or a tailwater that changes in a screening.
    """
    check_engine(engine)
    if engine == "auto":
        limit_s = TIME_LIMIT_OF_AUTO_S if time_limit_s is None else time_limit_s
        return _run_either(net, storm, setup, limit_s, processes, progress)
    limit_s = TIME_LIMIT_S if time_limit_s is None else time_limit_s
    if engine == "swmm" and (storm is not None or "model" in net.inputs):
        return _run_swmm(net, storm, setup, limit_s, processes, progress)
    if storm is None and "model" not in net.inputs:
        raise FormatError(NO_STORM)
    if setup.tailwater_m is not None and not isinstance(setup.tailwater_m, float):
        raise FormatError("a screening knows no time: give its highest level with --tailwater, or take --engine swmm")
    from drainage.simulation.screening.screen import screen

    return screen(net, storm, setup)


def check_engine(engine: str) -> None:
    """Refuse what is no engine, before any work is done for it.

    Raises
    ------
    FormatError
        No such engine.
    """
    if engine not in ENGINES:
        raise FormatError(f"--engine {engine}: expected {', '.join(ENGINES)}")


def choose_engine(net: DrainageNetwork, storm: Storm | None, limit_s: float) -> tuple[str, str]:
    """Choose EPA SWMM where it should end within so many seconds, else the screening; and say why."""
    from drainage.simulation.swmm.time_needed import engine_seconds

    estimated = engine_seconds(net, storm)
    can = storm is not None or "model" in net.inputs
    engine = "swmm" if estimated <= limit_s and can else "screening"
    return engine, in_both("auto_time", estimated_s=estimated, limit_s=limit_s)


def _run_either(
    net: DrainageNetwork, storm: Storm | None, setup: Setup, limit_s: float, processes: int | None,
    progress: Callable[[float], None] | None,
) -> FlowState:  # fmt: skip
    """Ask EPA SWMM if it should end in time, else the screening; say which, and why."""
    engine, why = choose_engine(net, storm, limit_s)
    if engine == "swmm":
        try:
            return _chosen(_run_swmm(net, storm, setup, limit_s, processes, progress), engine, why)
        except SimulationError as error:
            engine, why = "screening", in_both("auto_failed", error=error)
    return _chosen(run_storm(net, storm, setup, engine=engine), engine, why)


def _chosen(state: FlowState, engine: str, why: str) -> FlowState:
    words = in_both("engine_chosen", engine=engine, why=why)
    say(f"--engine auto: {spoken(words)}")
    return replace(state, assumptions={**state.assumptions, "engine_chosen": words})


def _run_swmm(
    net: DrainageNetwork, storm: Storm | None, setup: Setup, time_limit_s: float,
    processes: int | None, progress: Callable[[float], None] | None,
) -> FlowState:  # fmt: skip
    from drainage.simulation.swmm.simulate import simulate_swmm

    with nullcontext(progress) if progress is not None else _bar() as told:
        return simulate_swmm(net, storm, setup, processes=processes, time_limit_s=time_limit_s, progress=told)


@contextmanager
def _bar() -> Iterator[Callable[[float], None]]:
    """Show the share that EPA SWMM has done on standard error."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("EPA SWMM"), BarColumn(), TextColumn("{task.percentage:.0f} %"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=1.0)
        yield lambda done: bar.update(task, completed=done)
