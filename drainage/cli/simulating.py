"""From a network and a storm to a state, by the engine that a command names, with its progress on standard error."""

from __future__ import annotations

from contextlib import contextmanager, nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING

from drainage.cli.inputs import NO_STORM
from drainage.cli.printing import say
from drainage.cli.wording import spoken
from drainage.errors import FormatError, SimulationError
from drainage.words import in_both

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from drainage.hydraulics.rainfall import Storm
    from drainage.network import DrainageNetwork
    from drainage.simulation.receiving import Tailwater
    from drainage.simulation.state import FlowState

ENGINES = ("screening", "swmm", "auto")
#: Seconds that EPA SWMM may take where it is asked for, and where it is only asked if it is quick (own choice).
TIME_LIMIT_S = 600.0
TIME_LIMIT_OF_AUTO_S = 60.0


def choose_tailwater(level_m: float | None, series: Path | None, storm: Storm | None) -> Tailwater | None:
    """Give the level of the receiving water, or read how it changes from the beginning of the storm on.

    Raises
    ------
    FormatError
        Both are given, or the file holds no levels.
    """
    if series is None:
        return level_m
    if level_m is not None:
        raise FormatError("--tailwater and --tailwater-series say the same; give one")
    from drainage.formats.rain.gauge import read_water_levels
    from drainage.hydraulics.rainfall import ObservedStorm

    return read_water_levels(series, begins=storm.begins if isinstance(storm, ObservedStorm) else None)


def run_storm(
    net: DrainageNetwork,
    storm: Storm | None,
    *,
    engine: str,
    tailwater_m: Tailwater | None,
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
        return _run_either(net, storm, tailwater_m, limit_s, processes, progress)
    limit_s = TIME_LIMIT_S if time_limit_s is None else time_limit_s
    if engine == "swmm" and (storm is not None or "model" in net.inputs):
        return _run_swmm(net, storm, tailwater_m, limit_s, processes, progress)
    if storm is None and "model" not in net.inputs:
        raise FormatError(NO_STORM)
    if tailwater_m is not None and not isinstance(tailwater_m, float):
        raise FormatError("a screening knows no time: give its highest level with --tailwater, or take --engine swmm")
    from drainage.simulation.screening.screen import screen

    return screen(net, storm, tailwater_m=tailwater_m)


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
    net: DrainageNetwork, storm: Storm | None, tailwater_m: Tailwater | None, limit_s: float, processes: int | None,
    progress: Callable[[float], None] | None,
) -> FlowState:  # fmt: skip
    """Ask EPA SWMM if it should end in time, else the screening; say which, and why."""
    engine, why = choose_engine(net, storm, limit_s)
    if engine == "swmm":
        try:
            return _chosen(_run_swmm(net, storm, tailwater_m, limit_s, processes, progress), engine, why)
        except SimulationError as error:
            engine, why = "screening", in_both("auto_failed", error=error)
    return _chosen(run_storm(net, storm, engine=engine, tailwater_m=tailwater_m), engine, why)


def _chosen(state: FlowState, engine: str, why: str) -> FlowState:
    words = in_both("engine_chosen", engine=engine, why=why)
    say(f"--engine auto: {spoken(words)}")
    return replace(state, assumptions={**state.assumptions, "engine_chosen": words})


def _run_swmm(
    net: DrainageNetwork, storm: Storm | None, tailwater_m: Tailwater | None, time_limit_s: float,
    processes: int | None, progress: Callable[[float], None] | None,
) -> FlowState:  # fmt: skip
    from drainage.simulation.swmm.simulate import simulate_swmm

    with nullcontext(progress) if progress is not None else _bar() as told:
        return simulate_swmm(
            net, storm, tailwater_m=tailwater_m, processes=processes, time_limit_s=time_limit_s, progress=told
        )


@contextmanager
def _bar() -> Iterator[Callable[[float], None]]:
    """Show the share that EPA SWMM has done on standard error."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("EPA SWMM"), BarColumn(), TextColumn("{task.percentage:.0f} %"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=1.0)
        yield lambda done: bar.update(task, completed=done)
