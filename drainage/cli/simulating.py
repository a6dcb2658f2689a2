"""From a network and a storm to a state, by the engine that a command names, with its progress on standard error."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drainage.cli.inputs import NO_STORM
from drainage.errors import FormatError

if TYPE_CHECKING:
    from pathlib import Path

    from drainage.hydraulics.rainfall import Storm
    from drainage.network import DrainageNetwork
    from drainage.simulation.state import FlowState
    from drainage.simulation.tailwater import Tailwater

ENGINES = ("screening", "swmm")


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
    from drainage.formats.gauge import read_water_levels
    from drainage.hydraulics.rainfall import ObservedStorm

    return read_water_levels(series, begins=storm.begins if isinstance(storm, ObservedStorm) else None)


def run_storm(
    net: DrainageNetwork,
    storm: Storm | None,
    *,
    engine: str,
    tailwater_m: Tailwater | None,
    time_limit_s: float,
    processes: int | None = None,
) -> FlowState:
    """Run a storm; without one only an .inp can be run, in its own rain.

    Raises
    ------
    FormatError
        No such engine, no storm, or a tailwater that changes in a screening.
    """
    if engine not in ENGINES:
        raise FormatError(f"--engine {engine}: expected {' or '.join(ENGINES)}")
    if engine == "swmm" and (storm is not None or "model" in net.inputs):
        return _run_swmm(net, storm, tailwater_m, time_limit_s, processes)
    if storm is None and "model" not in net.inputs:
        raise FormatError(NO_STORM)
    if tailwater_m is not None and not isinstance(tailwater_m, float):
        raise FormatError("a screening knows no time: give its highest level with --tailwater, or take --engine swmm")
    from drainage.simulation.screening import screen

    return screen(net, storm, tailwater_m=tailwater_m)


def _run_swmm(
    net: DrainageNetwork, storm: Storm | None, tailwater_m: Tailwater | None, time_limit_s: float, processes: int | None
) -> FlowState:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    from drainage.simulation.swmm import simulate_swmm

    columns = (TextColumn("EPA SWMM"), BarColumn(), TextColumn("{task.percentage:.0f} %"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=1.0)
        return simulate_swmm(
            net,
            storm,
            tailwater_m=tailwater_m,
            processes=processes,
            time_limit_s=time_limit_s,
            progress=lambda done: bar.update(task, completed=done),
        )
