"""A network asked what another was: in the same storm, by the same engine, with the same assumptions and plans."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

from drainage.analyses.waterlogging.standard import DRAIN_DOWN_H
from drainage.errors import NotKnownError
from drainage.formats.raster import Dem
from drainage.network import DrainageNetwork
from drainage.report.analyze import ALSO, analyze
from drainage.report.directory import Report
from drainage.simulation.screening.answer import Screening
from drainage.simulation.screening.screen import screen, screen_with
from drainage.simulation.setup import Setup
from drainage.simulation.state import FlowState
from drainage.words import in_both

Simulate = Callable[[DrainageNetwork], FlowState]


def simulated_as(base: Report, dem: Dem | None) -> Simulate | None:
    """Return what runs the storm of a report by its engine; None where no rain was simulated for it."""
    state = base.state
    if state is None:
        return None
    if "ground" in _assumed(base) and dem is None:
        return _without_ground
    if state.method == "swmm":
        from drainage.simulation.swmm.simulate import simulate_swmm

        return lambda net: simulate_swmm(net, state.storm, state.setup)
    if isinstance(state, Screening):
        return state.after
    if not base.runs:
        return lambda net: screen(net, state.storm, state.setup)
    once = cache(lambda: screen_with(base.network, state.storm, state.setup, runs=base.runs))
    return lambda net: once().after(net)


def area_type_of(base: Report) -> str:
    """Return the kind of area by which a report judged water on its streets: it stands in its assumptions."""
    said = str(_assumed(base).get("standard", ""))
    return next((name for name in DRAIN_DOWN_H if f"({in_both(f'area_{name}')}," in said), "central")


def ask_alike(
    base: Report, net: DrainageNetwork, *, dem: Dem | None, plans: bool, step: Callable[[str], None]
) -> Report:
    """Ask a network what a report was asked.

    Parameters
    ----------
    base
        The report, with its answers.
    dem
        Raster of the ground, where it was asked with one: no report keeps it.
    plans
        Whether its plans are made too.
    """
    state = base.state
    also = [plan for plan, question in ALSO.items() if question in base.results] if plans else []
    return analyze(
        net,
        storm=None if state is None else state.storm,
        setup=Setup() if state is None else state.setup,
        simulate=simulated_as(base, dem),
        dem=dem,
        area_type=area_type_of(base),
        also=also,
        keep=bool(base.runs),
        step=step,
    )


def named_alike(base: Report, net: DrainageNetwork, more: Sequence[str] = ()) -> DrainageNetwork:
    """Return a network that names its source as a report does: the files of its town, and no folder of this machine."""
    inputs = base.summary.get("inputs")
    told = inputs.get("source") if isinstance(inputs, dict) else None
    name = Path(str(told or base.network.source)).name
    sources = [*(base.provenance.source or ()), *more]
    return net.replace(origin=replace(net.origin, name=name, sources=sources))


def _assumed(base: Report) -> dict[str, object]:
    answer = base.results.get("waterlogging")
    told = None if answer is None else answer.summary.get("assumptions")
    return dict(told) if isinstance(told, dict) else {}


def _without_ground(net: DrainageNetwork) -> FlowState:
    raise NotKnownError(in_both("delivery_no_ground", network=net.source))
