"""From a network and a storm to a state, by the engine that a command names, with its progress on standard error."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drainage.cli.inputs import NO_STORM
from drainage.errors import FormatError

if TYPE_CHECKING:
    from drainage.hydraulics.rainfall import Storm
    from drainage.network import DrainageNetwork
    from drainage.simulation.state import FlowState

ENGINES = ("screening", "swmm")


def run_storm(
    net: DrainageNetwork,
    storm: Storm | None,
    *,
    engine: str,
    tailwater_m: float | None,
    time_limit_s: float,
    processes: int | None = None,
) -> FlowState:
    """Run a storm; without one only an .inp can be run, by EPA SWMM, in its own rain.

    Raises
    ------
    FormatError
        No such engine, or no storm.
    """
    if engine not in ENGINES:
        raise FormatError(f"--engine {engine}: expected {' or '.join(ENGINES)}")
    if engine == "swmm" and (storm is not None or "model" in net.inputs):
        return _run_swmm(net, storm, tailwater_m, time_limit_s, processes)
    if storm is None:
        raise FormatError(NO_STORM)
    from drainage.simulation.screening import screen

    return screen(net, storm, tailwater_m=tailwater_m)


def _run_swmm(
    net: DrainageNetwork, storm: Storm | None, tailwater_m: float | None, time_limit_s: float, processes: int | None
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
