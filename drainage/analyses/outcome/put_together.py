"""What works did, put together: points, works, roads, misconnections, outfalls and figures, before and after."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import geopandas as gpd
import numpy as np
import pandas as pd

from drainage import words
from drainage.analyses.changes.find_changes import find_changes
from drainage.analyses.changes.pairs import MOVED_M, pair_networks
from drainage.analyses.outcome.both_sides import SIDES, BothSides, Side
from drainage.analyses.outcome.fates import FATES, Limits, Watched, Wet, newly_there
from drainage.analyses.outcome.outcome_tables import Found, outcome_layers, points_table, reports_table, works_table
from drainage.analyses.outcome.settled import HOWS, Runs, Settled, settle
from drainage.analyses.outcome.side_by_side import (
    Answers,
    answered,
    figures_beside,
    misconnections_beside,
    outfalls_beside,
    roads_beside,
)
from drainage.analyses.outcome.works_done import WorksDone, group_works
from drainage.analyses.waterlogging.points_in import is_judged, points_in
from drainage.errors import NotKnownError, SchemaError
from drainage.formats.raster import Dem
from drainage.hydraulics.sewage import SewageRates
from drainage.network import DrainageNetwork
from drainage.provenance import Provenance
from drainage.result import Result
from drainage.said import Said, joined
from drainage.simulation.screening.screen import screen_beside
from drainage.simulation.state import FlowState
from drainage.wants import wants
from drainage.words import in_both

#: A point whose volume changes by a smaller share is unchanged; own choice.
CHANGED_SHARE = 0.1
#: A later point this near, on the same road, is the same point, m: a manhole further; own choice.
NEAR_M = 50.0
#: Storms that are run to tell works apart; own choice.
MOST_RUNS = 60


@wants
def measure_outcome(  # noqa: PLR0913 - what was taken for granted in the answers, and our own thresholds
    before: DrainageNetwork,
    after: DrainageNetwork,
    *,
    answers: Sequence[Mapping[str, Result]] = ({}, {}),
    changes: Result | None = None,
    simulate: Callable[[DrainageNetwork], FlowState] | None = None,
    dem: Dem | None = None,
    area_type: str = "central",
    moved_m: float = MOVED_M,
    changed_share: float = CHANGED_SHARE,
    near_m: float = NEAR_M,
    most_runs: int = MOST_RUNS,
    rates: SewageRates | None = None,
    progress: Callable[[float], None] | None = None,
) -> Result:
    """Measure what works did: to each waterlogging point, misconnection, road and outfall, and which works did it.

    Changed pipes that touch each other on one road are one piece of work. A point is *solved* where it is not there any
    more, or within the standard where it was not, in the same storm by the same engine; else it is *eased*,
    *unchanged* or *worse*; *unknown* where none of its nodes was judged on the other side.

    If only one piece of work was done in the part of the network that hangs together with a point that is solved or
    eased, it settled it. Where there are several, the storm is run again with one of them taken back, and with only one
    of them done; works in different parts in one run. So each is needed, or enough, or both, or neither.

    Parameters
    ----------
    before, after
        The networks, in one CRS.
    answers
        Those before and after, by question: ``mixed_flow``, ``separation``, ``waterlogging`` (as in ``report.results``
        of `analyze`); what is missing is not compared, and the summary says so.
    changes
        Answer of `find_changes`; None: it is asked.
    simulate
        Function that takes a network and returns the state in the storm of the answers, by the engine that gave them;
        None: works that share a part of the network are not told apart.
    dem, area_type
        As the answers to waterlogging were asked for, see `find_waterlogging`.
    moved_m
        As in `find_changes`, where ``changes`` is None.
    changed_share
        A point whose volume changes by no more than this share is unchanged; our own choice.
    near_m
        A later point within this distance and on the same road is the same; so far around nodes that are gone a point
        is looked for, m; our own choice.
    most_runs
        Storms that are run to tell works apart, the works nearest to the points first; 0: none. Our own choice.
    rates
        For the dry flow to the treatment works where none is measured, see `SewageRates`.
    progress
        Called with the share of the runs that are done, 0-1.

    Returns
    -------
    Result
        ``points`` (index ``point``): each of either side, with ``id_before``, ``id_after``, ``fate``, volume, depth,
        duration and verdict before and after, ``settled_by`` (works), ``settled_how``, ``needed_works``,
        ``enough_works``, ``works_in_part``, ``works_tried``, and ``judged_after_share`` and ``doubt``, which say how
        sure it is. ``works`` (index ``works_id``): ``road``, ``kinds`` of change and pipes of each, ``length_m``,
        ``laid_from``, ``laid_to``, the points that it ``settled`` alone or with others, ``misconnections_closed``.
        ``changes``: those of `find_changes`, ``kinds`` of them. ``roads``, ``misconnections``, ``outfalls``: before and
        after. ``reports``: reported points, and what has become of the points that explain them. ``figures``: numbers
        of both summaries. The summary counts them; ``not_measured`` says what could not be compared and why.

    Raises
    ------
    CrsError, SchemaError
        As `find_changes`; the answers are of different storms or engines.

    Examples
    --------
    >>> import drainage as dr
    >>> before, after = dr.load_demo("2018-12-31"), dr.load_demo("2021-05-07")
    >>> answers = [{"mixed_flow": dr.find_mixed_flow(net)} for net in (before, after)]
    >>> outcome = dr.analyses.measure_outcome(before, after, answers=answers)
    >>> outcome.summary["misconnections_by_fate"]["closed"] > 0
    True
    """
    told: Answers = dict(zip(SIDES, answers, strict=True))
    found = find_changes(before, after, moved_m=moved_m) if changes is None else changes
    both = BothSides(before, after, pair_networks(before, after, moved_m=moved_m))
    done = group_works(both, found.places("changes"))
    limits = Limits(changed_share, near_m)
    _check_one_storm(told)
    runs = Runs(
        None if simulate is None else partial(_look, simulate, dem, area_type), most_runs, progress or (lambda _: None)
    )
    points, settled = _points(both, told, done, limits, runs)
    misconnections = misconnections_beside(both, told, done)
    tables: dict[str, pd.DataFrame] = {
        "points": points,
        "works": works_table(done, points, misconnections),
        "changes": found.tables["changes"],
        **({"kinds": found.tables["kinds"]} if "kinds" in found.tables else {}),
        "roads": roads_beside(told),
        "misconnections": misconnections,
        "outfalls": outfalls_beside(both, told),
        "reports": reports_table(told, points),
        "figures": figures_beside(both, told, rates or SewageRates()),
    }
    papers = [one.provenance for side in SIDES for one in told[side].values()]
    return Result(
        "comparison",
        tables,
        _summary(tables, told, settled, limits, most_runs),
        outcome_layers(after, tables, found.layers, told),
        provenance=Provenance.joined(papers or map(Provenance.of, (before, after))),
    )


def _look(
    simulate: Callable[[DrainageNetwork], FlowState], dem: Dem | None, area_type: str, net: DrainageNetwork
) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    """Return the points of a network in the storm, and all its nodes."""
    state = simulate(net)
    if not is_judged(state):
        raise NotKnownError(in_both("no_node_judged", network=net.source or in_both("network")))
    standing = points_in(state, screen_beside(state), dem=dem, area_type=area_type)
    nodes = state.nodes.assign(point_id=standing.overflow_nodes["point_id"].reindex(state.nodes.index))
    return standing.points, nodes


def _check_one_storm(answers: Answers) -> None:
    """Refuse answers in different storms or by different engines."""
    found = answered(answers, "waterlogging")
    if found is None:
        return
    storms = [one.provenance.storm for one in found.values()]
    engines = [one.provenance.engine for one in found.values()]
    if storms[0] != storms[1] or engines[0] != engines[1]:
        raise SchemaError(in_both("outcome_of_two_storms", engines=joined(map(str, engines), " / ")))


def _wet(both: BothSides, side: Side, answer: Result) -> Wet:
    return Wet.of(answer.places("points"), answer.tables["nodes"], both.number[side], both.count)


def _points(
    both: BothSides, answers: Answers, works: WorksDone, limits: Limits, runs: Runs
) -> tuple[gpd.GeoDataFrame, Settled | None]:
    found = answered(answers, "waterlogging")
    if found is None:
        return points_table(None, both.after.crs), None
    wet = {side: _wet(both, side, one) for side, one in found.items()}
    watched = Watched.of(wet["before"], both.number["after"], both.place, limits.near_m)
    fates = watched.fates(wet["after"], limits)
    area = {
        side: both.on_nodes(side, one.tables["nodes"]["area_ha"].to_numpy(dtype=np.float64))
        for side, one in found.items()
        if "area_ha" in one.tables["nodes"]
    }
    settled = settle(both, both.parts(area), works, watched, fates["fate"].to_numpy(dtype=object), limits, runs)
    once = np.isin(np.arange(both.count), both.number["before"])
    known = ~once | np.isfinite(wet["before"].overflow_m3)
    new = newly_there(watched, wet["after"], known, limits)
    told = Found(wet["before"], wet["after"], fates, new, settled.table)
    return points_table(told, both.after.crs), settled


def _summary(
    tables: Mapping[str, pd.DataFrame], answers: Answers, settled: Settled | None, limits: Limits, most_runs: int
) -> pd.Series:
    points, figures = tables["points"], tables["figures"]
    kinds = tables["changes"]
    pipes = kinds[kinds["feature_kind"] == "pipe"]
    km = (pipes.groupby("change", sort=False)["length_m"].sum() / 1000).round(3)
    missing = _not_measured(answers, figures)
    assumptions = _assumed(answers, settled, limits, most_runs)
    counted = settled is not None
    return pd.Series(
        {
            "advice": _advice(answers),
            "nothing_changed": in_both("nothing_changed") if not len(kinds) else None,
            "not_measured": joined(missing) or None,
            "points_before": int(points["id_before"].notna().sum()) if counted else None,
            "points_after": _count_of(answers, "after"),
            "by_fate": _counts(points["fate"], FATES) if counted else None,
            "points_settled": _counts(points["settled_how"], HOWS) if counted else None,
            "storm_runs": settled.runs if settled else 0,
            "pipes_by_change": {str(kind): int(n) for kind, n in pipes["change"].value_counts(sort=False).items()},
            "km_by_change": {str(kind): float(value) for kind, value in km.items()},
            "works": len(tables["works"]),
            "misconnections_by_fate": _counts(tables["misconnections"]["fate"], ("closed", "remaining", "new"))
            if answered(answers, "mixed_flow")
            else None,
            "outfalls_by_fate": _counts(
                tables["outfalls"]["fate"], ("cleaned", "fouled", "newly_fouled", "gone", "clean")
            )
            if answered(answers, "mixed_flow")
            else None,
            "assumptions": assumptions,
        },
        dtype=object,
        name="comparison",
    )


def _count_of(answers: Answers, side: Side) -> int | None:
    found = answers[side].get("waterlogging")
    return None if found is None or found.not_known is not None else len(found.tables["points"])


def _counts(column: pd.Series, names: Sequence[str]) -> dict[str, int]:
    return {name: int((column == name).sum()) for name in names}


def _assumed(answers: Answers, settled: Settled | None, limits: Limits, most_runs: int) -> dict[str, str]:
    """Return what the comparison takes for granted, and how works were told apart."""
    if settled is None:
        return {}
    engine = answers["after"]["waterlogging"].provenance.engine
    told: dict[str, str] = {
        "fate": in_both("outcome_solved", percent=100 * limits.changed_share, near_m=limits.near_m),
        "settled_how": in_both("outcome_settled", engine=engine, runs=settled.runs, most=most_runs)
        if settled.could_run
        else in_both("outcome_not_settled"),
    }
    if settled.failed:
        told["runs_failed"] = in_both("outcome_run_failed", why=joined(settled.failed))
    return told


def _advice(answers: Answers) -> str | None:
    """Return what the answers to waterlogging are not sure of, on either side."""
    said = []
    for side in SIDES:
        answer = answers[side].get("waterlogging")
        if answer is not None and answer.summary.get("advice") is not None:
            said.append(joined([in_both(f"{side}_works"), answer.summary["advice"]], ": "))
    return joined(said) or None


def _not_measured(answers: Answers, figures: pd.DataFrame) -> list[str]:
    """Say which question a side does not answer, and which flow is not known."""
    said: list[str] = []
    for question in ("waterlogging", "mixed_flow", "separation"):
        title = Said(words.question(question, "en"), words.question(question, "zh"))
        found = {in_both(f"{side}_works"): answers[side].get(question) for side in SIDES}
        if silent := [when for when, answer in found.items() if answer is None]:
            said.append(in_both("outcome_not_answered", side=joined(silent, " / "), question=title))
        for when, answer in found.items():
            if answer is not None and answer.not_known is not None:
                said.append(in_both("outcome_not_known", side=when, question=title, why=answer.not_known))
    if figures.loc["network.dry_flow_to_plant_m3d", list(SIDES)].isna().any():
        said.append(in_both("outcome_no_dry_flow"))
    return said
