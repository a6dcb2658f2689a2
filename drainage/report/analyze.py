"""All questions about one network in one run."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import geopandas as gpd

from drainage.analyses.mixed_flow import find_mixed_flow
from drainage.analyses.quality import check_quality
from drainage.analyses.separation import measure_separation
from drainage.analyses.waterlogging import drain_down_limit_h, find_waterlogging
from drainage.cells import to_plain
from drainage.errors import DrainageError, FormatError, SchemaError, SimulationError
from drainage.formats.raster import Dem
from drainage.hydraulics.rainfall import Storm
from drainage.maps.base_maps import BaseMap, check_base_map
from drainage.maps.page_of import page_of
from drainage.network import DrainageNetwork
from drainage.provenance import NOTICE, Provenance
from drainage.report.catalogue import REPORTED
from drainage.report.collections import all_issues, collections_of
from drainage.report.directory import Report
from drainage.report.page import network_figures, report_layers
from drainage.result import Result
from drainage.said import Said, joined, parted
from drainage.simulation.screening.answer import Screening
from drainage.simulation.screening.screen import screen, screen_beside
from drainage.simulation.setup import Setup, setup_keywords
from drainage.simulation.state import FlowState
from drainage.wants import wants
from drainage.words import in_both, nearest, question

Step = Callable[[str], None]
#: The plans that a report holds where they are asked for: the command of each → its question.
ALSO: Final = {"relief": "relief", "closures": "closures", "cleaning": "cleaning", "inspect": "inspection"}


@setup_keywords
@wants
def analyze(  # noqa: PLR0913 - a keyword for each input, and for how the map is drawn
    net: DrainageNetwork,
    *,
    roads: gpd.GeoDataFrame | None = None,
    reports: gpd.GeoDataFrame | None = None,
    storm: Storm | None = None,
    setup: Setup = Setup(),
    simulate: Callable[[DrainageNetwork], FlowState] | None = None,
    dem: Dem | None = None,
    area_type: str = "central",
    also: Sequence[str] = (),
    basemap: BaseMap = "none",
    keep: bool = False,
    step: Step = lambda _: None,
) -> Report:
    """Answer all questions; for one that the source cannot answer, ``summary`` says why.

    Parameters
    ----------
    net
        The network on one day (`DrainageNetwork.as_of`).
    roads, reports
        Layers in the CRS of the network; default: those beside its source.
    storm
        The design storm; without one waterlogging is not answered, because no formula is right for every city.
    setup
        Assumptions of a simulation.
    simulate
        Function that takes the network and returns the state in which to look for waterlogging, such as ``lambda net:
        drainage.simulate_swmm(net, storm)``. Default: a screening of the storm.
    dem, area_type
        As in `find_waterlogging`.
    also
        Plans to make besides, of `ALSO`, each with its usual assumptions: works against waterlogging, the order in
        which to close all misconnections, runs to clean, manholes to open.
    basemap
        Map of others under the map of the report, asked for pictures while somebody looks at it.
    keep
        Keep in the report, and in its directory, what the storm did to each pipe: after a few changes only the parts
        that changed are run again. For screenings; 250 B a storm pipe.
    step
        Called with the name of each question when it begins.

    Returns
    -------
    Report

    Raises
    ------
    SimulationError
        Unknown kind of area.
    SchemaError
        Unknown plan.
    FormatError
        Unknown base map, or one under a network without CRS.

    Examples
    --------
    >>> import drainage as dr
    >>> storm = dr.DesignStorm(dr.read_storm_formula("demo"), return_period_a=3, duration_min=120)
    >>> report = dr.analyze(dr.load_demo("2018-12-31"), storm=storm)
    >>> list(report.results)
    ['quality', 'mixed_flow', 'separation', 'waterlogging']
    >>> report.summary["waterlogging"]["points"]
    19
    """
    drain_down_limit_h(area_type)
    check_also(also)
    check_base_map(basemap, schematic=net.crs is None)
    reports = net.layers.get("reports") if reports is None else reports
    results: dict[str, Result] = {}
    unanswered: dict[str, str] = {}

    def ask(question: str, answer: Callable[[], Result]) -> None:
        step(question)
        try:
            results[question] = answer()
        except DrainageError as error:
            unanswered[question] = error.said

    ask("quality", lambda: check_quality(net))
    ask("mixed_flow", lambda: _with_systems(net))
    ask("separation", lambda: measure_separation(net, roads, mixed=results.get("mixed_flow")))

    states: list[FlowState] = []

    def waterlogging() -> Result:
        states.append(state := simulate(net) if simulate is not None else _screened(net, storm, setup))
        return find_waterlogging(state, screening=screen_beside(state), sightings=reports, dem=dem, area_type=area_type)

    ask("waterlogging", waterlogging)
    state = states[0] if states else None
    for plan in also:
        ask(ALSO[plan], lambda plan=plan: _plan(plan, net, state, results, area_type))  # type: ignore[misc]  # of a name
    step("map")
    judged = net.replace(issues=all_issues(net, results))
    said = results["waterlogging"].provenance if "waterlogging" in results else Provenance.of(net, storm)
    asked = (*REPORTED, *(ALSO[plan] for plan in also))
    summary = {**summary_of(judged, results, unanswered, storm, asked), "provenance": said.as_dict()}
    warned = [joined([_title(name), text], ": ") for name, result in results.items() for text in result.warnings]
    notice = joined(filter(None, (parted(said.notice or "") or said.notice, *warned))) or None
    layers = report_layers(net, results)
    drawn = page_of(layers, title="report", notice=notice, provenance=said, summaries={"": summary}, basemap=basemap)
    collections = collections_of(judged, results)
    runs = state.runs if keep and isinstance(state, Screening) else ()
    return Report(judged, summary, collections, results, drawn.html, said, state, unanswered, drawn.folder, runs)


def analyze_in_steps(
    net: DrainageNetwork,
    *,
    simulate: Callable[[DrainageNetwork, Callable[[float], None]], FlowState],
    progress: Callable[[float], None],
    also: Sequence[str] = (),
    **how: Any,  # noqa: ANN401 - keywords of `analyze`
) -> Report:
    """Answer all questions as `analyze` does, and tell how far it is.

    Parameters
    ----------
    net, also, how
        As `analyze` takes them.
    simulate
        Function that takes the network and what to call with the share of its own work that is done, and returns the
        state in which to look for waterlogging.
    progress
        Called with the share of all steps that are done, 0-1.
    """
    steps = steps_of(also)

    def simulated(net: DrainageNetwork) -> FlowState:
        begun = steps.index("waterlogging")
        return simulate(net, lambda done: progress((begun + done) / len(steps)))

    def step(name: str) -> None:
        progress(steps.index(name) / len(steps))

    return analyze(net, simulate=simulated, also=also, step=step, **how)


def steps_of(also: Sequence[str] = ()) -> tuple[str, ...]:
    """Return the steps of `analyze` in their order."""
    return (*REPORTED, *(ALSO[plan] for plan in also), "map")


def check_also(also: Sequence[str]) -> None:
    """Refuse plans that are not known.

    Raises
    ------
    SchemaError
        One is not of `ALSO`.
    """
    if unknown := [name for name in also if name not in ALSO]:
        near = nearest(unknown[0], ALSO)
        raise SchemaError(in_both("plan_unknown", name=unknown[0], near=near, known=", ".join(ALSO)))


def _plan(
    plan: str, net: DrainageNetwork, state: FlowState | None, results: Mapping[str, Result], area_type: str
) -> Result:
    """Make a plan upon the answers that it needs; raise where one is missing."""
    needed = {"relief": "waterlogging", "cleaning": "waterlogging", "closures": "mixed_flow"}.get(plan)
    if needed is not None and (needed not in results or results[needed].not_known is not None):
        raise FormatError(in_both("plan_without", needed=_title(needed)))
    if plan == "closures":
        from drainage.plans.closures import plan_closures

        mixed = results["mixed_flow"]
        return plan_closures(net, mixed, budget=float(mixed.summary["misconnections"]))
    if plan == "inspect":
        from drainage.plans.inspection import plan_inspection

        return plan_inspection(net)
    if state is None:
        raise FormatError(in_both("plan_without", needed=_title("waterlogging")))
    if plan == "cleaning":
        from drainage.plans.cleaning import plan_cleaning

        return plan_cleaning(state, screening=screen_beside(state))
    from drainage.plans.relief import plan_relief

    return plan_relief(state, results["waterlogging"], screening=screen_beside(state), area_type=area_type)


def _title(name: str) -> Said:
    return Said(question(name, "en"), question(name, "zh"))


def check_told_apart(net: DrainageNetwork) -> None:
    """Refuse a network none of whose pipes has a system that water could be mixed in.

    Raises
    ------
    FormatError
        None has.
    """
    if not net.systems.among("storm", "sewage", "combined").any():
        raise FormatError(in_both("nothing_told_apart", network=net.source))


def _with_systems(net: DrainageNetwork) -> Result:
    check_told_apart(net)
    return find_mixed_flow(net)


def _screened(net: DrainageNetwork, storm: Storm | None, setup: Setup) -> FlowState:
    if storm is None and net.origin.model is None:
        raise SimulationError(in_both("no_storm"))
    return screen(net, storm, setup)


def summary_of(
    net: DrainageNetwork, results: Mapping[str, Result], unanswered: Mapping[str, str], storm: Storm | None,
    asked: Sequence[str],
) -> dict[str, object]:  # fmt: skip
    """Return what answers sum up to, why there are none, and upon what they stand."""
    issues = net.issues
    counted = {s: int((issues["severity"] == s).sum()) for s in ("error", "warning", "info")}
    network = {**network_figures(net), "issues": counted}
    answers = {
        question: to_plain({**results[question].summary, "not_known": results[question].not_known})
        if question in results
        else to_plain({"not_answered": unanswered.get(question)})
        for question in asked
    }
    inputs = {
        "source": net.source,
        "synthetic": net.synthetic,
        "model": net.origin.model is not None,
        "notice": NOTICE if net.synthetic else None,
        "as_of": net.origin.as_of,
        "crs": net.origin.crs,
        "storm": storm.facts if storm is not None else None,
        "filled": net.origin.filled or {},
    }
    return to_plain({"network": network, **answers, "inputs": inputs})  # type: ignore[return-value]  # a dict stays a dict
