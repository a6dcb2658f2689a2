"""The question put together: points, beginning, cause, reports, summary."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial

import geopandas as gpd
import numpy as np
import pandas as pd

from drainage.analyses.waterlogging.advice import advise
from drainage.analyses.waterlogging.causes import UNEXPLAINED, add_causes
from drainage.analyses.waterlogging.nodes import every_node
from drainage.analyses.waterlogging.onset import pipe_table
from drainage.analyses.waterlogging.points import GRADES
from drainage.analyses.waterlogging.points_in import (
    DEFAULT_ROAD_WIDTH_M,
    LARGE_AREA_M2,
    LEAST_DEPTH_M,
    RETURN_PERIODS_A,
    is_judged,
    points_in,
)
from drainage.analyses.waterlogging.sightings import MATCH_DISTANCE_M, match_reports
from drainage.analyses.waterlogging.standard import MOST_ON_LANE_M, VERDICTS, drain_down_limit_h
from drainage.errors import NotKnownError, SimulationError
from drainage.formats.raster import Dem
from drainage.hydraulics.ponding import CROSSFALL, SIDE_SLOPE
from drainage.maps.context import context_of
from drainage.maps.layer import Layer, OverTime
from drainage.provenance import Provenance
from drainage.result import Result
from drainage.said import joined
from drainage.simulation.screening.answer import Screening, screening_of
from drainage.simulation.screening.flows_at import flows_at
from drainage.simulation.screening.without import CAUSES, MOST_RERUNS
from drainage.simulation.state import FlowState
from drainage.wants import wants
from drainage.words import in_both, keyword

PointsOverTime = Callable[[Sequence[str]], Mapping[str, OverTime]]


@wants
def find_waterlogging(  # noqa: PLR0913 - `reports` goes with the next version
    state: FlowState,
    *,
    screening: Screening | None = None,
    sightings: gpd.GeoDataFrame | None = None,
    match_distance_m: float = MATCH_DISTANCE_M,
    least_depth_m: float = LEAST_DEPTH_M,
    road_width_m: float = DEFAULT_ROAD_WIDTH_M,
    return_periods_a: Sequence[float] = RETURN_PERIODS_A,
    dem: Dem | None = None,
    area_type: str = "central",
    large_area_m2: float = LARGE_AREA_M2,
    most_reruns: float = MOST_RERUNS,
    progress: Callable[[float], None] | None = None,
    reports: gpd.GeoDataFrame | None = None,
) -> Result:
    """Find waterlogging points, rank and grade them, name their causes, and compare them with reports.

    Depth: the overflow of a point is assumed to stand in the gutters of its stretch of road (half the way to the next
    manholes), which falls from its crown to both sides and has rising ground beside it. No water runs off, along the
    street or back into the pipes. With a raster of the ground the water flows to the hollows of the raster instead and
    fills them (`ponding_on_dem`): nodes that feed the same pond form one point, with its depth and area; gutters are
    used only for nodes whose water leaves the raster.

    Parameters
    ----------
    state
        Flows and levels in a storm, from either engine.
    screening
        The screening used to find causes and return periods, of the same storm: ``screen(state.network, state.storm,
        state.setup)``; None: the state, if it is a screening, else these stay empty.
    sightings
        Observed waterlogging, points with index ``report_id``; None: nothing to compare with.
    match_distance_m
        A report within this distance of a node of a point is explained by it, m.
    least_depth_m
        Shallower groups are not points; their nodes stay in ``overflow_nodes``, and the summary states how much water
        they hold.
    road_width_m
        Width of roads for which the network's ``roads`` layer gives none, m.
    return_periods_a
        Return periods to try, a: those up to that of the storm for when a point begins, and all for the largest one
        that a pipe carries. Those that the formula does not cover are left out; that of the storm is always tried.
    dem
        Ground levels in the CRS of the network.
    area_type
        Kind of area, which decides how soon after the rain the water must have drained: central, outer, important or
        hub (GB 50014-2021, table 4.1.5, the upper bounds: 3, 4, 2 and 0.5 h).
    large_area_m2
        A pond on the raster larger than this is graded one higher, m².
    most_reruns
        What is tried for the causes of single points sweeps no more nodes than so many runs of the whole network; the
        points with least water, for which that is not enough, have ``causes_looked_for`` False (the default is a choice
        of ours).
    progress
        Called repeatedly with the share that is done, 0-1; an exception that it raises stops the search.
    reports
        The former name of ``sightings``.

    Returns
    -------
    Result
        Tables ``points`` (index ``point_id``, worst first; ``depth_m`` in the gutter or pond, where it is deepest, in
        the worst of the storms tried up to this one, so that it never falls as their rain grows, with
        ``lane_depth_m``; ``volume_m3`` in this storm; ``duration_min`` and ``drain_down_h``, nan where the engine does
        not tell; ``begins_min`` and ``ends_min`` from the start of the rain, between which the duration lies: of the
        node that is wet longest; in a run of the engine by its reporting steps; the end not earlier than that where
        ``ends_at_least``; ``within_standard``: yes, no, unknown; ``doubt``: those of all its nodes;
        ``causes_looked_for``: False where the search ended before it), ``causes`` (index ``cause_id``: ``point_id``,
        ``cause``, ``rank``, ``avoided_m3``, ``share_pct``, ``text_en``, ``text_zh``), ``overflow_nodes`` (index
        ``node_id``: ``most_m3``, most of what overflows in the storms tried up to this one, and ``depth_m`` of it on
        ``stretch_m`` of road), ``nodes`` (every node, index ``node_id``, see `every_node`), ``reports`` (index
        ``report_id``: ``match``, the ``point_id`` that explains it, ``explanation``) and ``pipes`` (index ``pipe_id``:
        flow, capacity, utilisation, and ``carries_return_period_a``: the largest of the tried return periods whose
        design flow is not above the capacity, 0 where the smallest is, nan where not judged, behind a pump, or in rain
        without a return period); with a raster ``ponds`` (index ``pond_id``).

    Raises
    ------
    CrsError
        The reports have no CRS, the network is a schematic plan, or the raster is in another CRS.
    SimulationError
        No such kind of area, or a limit below 0.
    NotKnownError
        No node can be judged, for lack of sizes, inverts or ground levels.

    References
    ----------
    GB 50014-2021, 4.1.4 and 4.1.5 (15 cm on one lane, drain-down time); grades: own choice.

    Examples
    --------
    >>> import drainage as dr
    >>> net = dr.load_demo("2018-12-31")
    >>> storm = dr.DesignStorm(dr.read_storm_formula("demo"), return_period_a=3, duration_min=120)
    >>> found = dr.find_waterlogging(dr.screen(net, storm))
    >>> found.points[["depth_m", "volume_m3", "grade", "cause"]].head(3)
              depth_m  volume_m3     grade                  cause
    point_id
    L1          0.384     1230.9     major  downstream_bottleneck
    L2          0.172     1200.5  moderate  downstream_bottleneck
    L3          0.184     1199.4  moderate           own_capacity
    """
    drain_down_limit_h(area_type)
    _check_limits(
        {"match_distance_m": match_distance_m, "least_depth_m": least_depth_m, "large_area_m2": large_area_m2},
        road_width_m,
    )
    if reports is not None:
        warnings.warn("reports= is now sightings=", DeprecationWarning, stacklevel=3)
        sightings = reports
    net, asked = state.network, screening_of(state, screening)
    if asked is not state:
        told = in_both("causes_screened" if asked is not None else "causes_untold")
        state = replace(state, assumptions={**state.assumptions, "causes": told})
    if not is_judged(state):
        raise NotKnownError(in_both("no_node_judged", network=net.source or in_both("network")))
    points, overflow_nodes, groups, ponds = points_in(
        state, asked, least_depth_m=least_depth_m, road_width_m=road_width_m, return_periods_a=return_periods_a,
        dem=dem, area_type=area_type, large_area_m2=large_area_m2,
    )  # fmt: skip
    causes = add_causes(state, asked, points, groups, progress, most_reruns=most_reruns)
    pipes = pipe_table(state, asked, return_periods_a)
    observed = match_reports(net, points, overflow_nodes, sightings, match_distance_m)
    assumptions = assumed(
        state.assumptions, road_width_m=road_width_m, dem=dem, area_type=area_type, large_area_m2=large_area_m2,
        screened=screening_of(state) is not None,
    )  # fmt: skip
    places = gpd.GeoDataFrame(state.nodes, geometry=net.nodes.geometry.array, crs=net.crs, copy=False)
    tables: dict[str, pd.DataFrame] = {
        "points": points,
        "causes": causes,
        "overflow_nodes": overflow_nodes,
        "nodes": every_node(places, overflow_nodes),
        "reports": observed,
        "pipes": pipes,
    }
    layers = (
        *context_of(state.network, state.nodes),
        *_layers(pipes, points.assign(**_told(points, causes)), overflow_nodes, observed, _over_time(points, state)),
    )
    if ponds is not None:
        tables["ponds"] = ponds
        layers = (*layers, Layer("ponds", ponds, "depth_m", ("pond_id", "depth_m", "volume_m3", "area_m2")))
    return Result(
        "waterlogging",
        tables,
        summary_of(state, tables, assumptions),
        layers,
        provenance=Provenance.of_state(state, beside=dem),
    )


def _check_limits(from_0: Mapping[str, float], road_width_m: float) -> None:
    """Refuse limits that no point could meet, or every one."""
    for name, value in from_0.items():
        if not value >= 0.0:
            raise SimulationError(in_both("not_from_0", name=keyword(name), value=value))
    if not road_width_m > 0.0:
        raise SimulationError(in_both("not_positive", name=keyword("road_width_m"), value=road_width_m))


def assumed(
    of_state: Mapping[str, str], *, screened: bool, road_width_m: float = DEFAULT_ROAD_WIDTH_M, dem: Dem | None = None,
    area_type: str = "central", large_area_m2: float = LARGE_AREA_M2,
) -> dict[str, str]:  # fmt: skip
    """Return what the network does not state and what was assumed instead, that of a state included."""
    assumptions = {
        **of_state,
        "ponding": in_both("ponding", width_m=road_width_m, crossfall=CROSSFALL, side_slope=SIDE_SLOPE),
        "duration": in_both("duration" if screened else "duration_of_engine"),
    }
    if dem is not None:
        assumptions["ground"] = joined((in_both("ground_ponds", dem=dem.words), *dem.remarks))
    limits = {"limit_h": drain_down_limit_h(area_type), "large_m2": large_area_m2}
    area = in_both(f"area_{area_type}")
    assumptions["standard"] = in_both("standard_lane", depth_cm=MOST_ON_LANE_M * 100, area=area, **limits)
    return assumptions


def summary_of(state: FlowState, tables: dict[str, pd.DataFrame], assumptions: dict[str, str]) -> pd.Series:
    """Sum up tables of `find_waterlogging`."""
    points, nodes, observed = tables["points"], tables["overflow_nodes"], tables["reports"]
    matched = observed["match"]
    outside = nodes["point_id"].isna() & (nodes["overflow_m3"] > 0.0)
    asked = points["reported"].notna().any() or len(observed) > 0
    return pd.Series(
        {
            "advice": advise(state),
            "points": len(points),
            "by_grade": {name: int((points["grade"] == name).sum()) for _, name in GRADES},
            "by_cause": {name: int((points["cause"] == name).sum()) for name in (*CAUSES, UNEXPLAINED)},
            "causes_not_looked_for": int((~tables["points"]["causes_looked_for"]).sum()),
            "within_standard": {name: int((points["within_standard"] == name).sum()) for name in VERDICTS},
            "overflow_nodes": int((nodes["overflow_m3"] > 0.0).sum()),
            "overflow_nodes_outside_points": int(outside.sum()),
            "judged_nodes": int(state.nodes["judged"].sum()),
            "volume_m3": round(float(nodes["overflow_m3"].sum()), 1),
            "overflow_outside_points_m3": round(float(nodes.loc[outside, "overflow_m3"].sum()), 1),
            "return_period_a": float(state.storm.return_period_a),
            "pipes_km_by_carried_return_period_a": _carried_km(state, tables["pipes"]),
            "reported": len(observed),
            "hits": int((matched == "hit").sum()),
            "misses": int((matched == "missed").sum()),
            "superseded": int((matched == "superseded").sum()),
            "false_alarms": int((points["reported"] == "false_alarm").sum()) if asked else None,
            "assumptions": assumptions,
        },
        dtype=object,
        name="waterlogging",
    )


def _carried_km(state: FlowState, pipes: pd.DataFrame) -> dict[str, float]:
    """Add up the length of the pipes that carry each return period and none larger, km."""
    length_km = state.network.pipes["length_m"].groupby(pipes["carries_return_period_a"]).sum() / 1000.0
    return {f"{period:g}": round(float(km), 3) for period, km in length_km.items()}


def _told(points: pd.DataFrame, causes: pd.DataFrame) -> dict[str, pd.Series]:
    """Return which share of the overflow of a point is avoided without its cause, %, and which is not within limits."""
    main = causes[causes["rank"] == 1]
    verdict = points["within_standard"]
    return {
        "cause_share_pct": pd.Series(main["share_pct"].to_numpy(np.float64), index=main["point_id"]),
        "beyond_standard": verdict.where(verdict != "yes", None),
    }


def _over_time(points: pd.DataFrame, state: FlowState) -> PointsOverTime | None:
    """Return what gives the flows at points; nothing of an engine's."""
    return partial(_flows_at_points, state, points["worst_node"]) if isinstance(state, Screening) else None


def _flows_at_points(state: Screening, worst_node: pd.Series, ids: Sequence[str]) -> dict[str, OverTime]:
    """Return what comes to the worst node of each point and what its pipes take on."""
    flows = flows_at(state, worst_node.loc[list(ids)].tolist())
    minutes = 0.5 * (flows.edges_min[1:] + flows.edges_min[:-1])
    rows = zip(ids, flows.inflow_m3s, flows.passed_m3s, flows.capacity_m3s, strict=True)
    return {
        str(name): OverTime(minutes, {"inflow_m3s": comes, "passed_m3s": goes}, {"capacity_m3s": float(full)})
        for name, comes, goes, full in rows
    }


def _layers(
    pipes: gpd.GeoDataFrame, points: gpd.GeoDataFrame, nodes: gpd.GeoDataFrame, observed: gpd.GeoDataFrame,
    over_time: PointsOverTime | None,
) -> tuple[Layer, ...]:  # fmt: skip
    shown = (
        "point_id", "rank", "road", "grade", "depth_m", "volume_m3", "begins_min", "ends_min", "duration_min",
        "drain_down_h", "ponding_area_m2", "within_standard", "beyond_standard", "begins_at_return_period_a", "cause",
        "cause_share_pct", "evidence", "evidence_zh", *(f"avoided_{name}_m3" for name in CAUSES), "worst_node",
        "nodes", "doubt", "reported",
    )  # fmt: skip
    node_shown = (
        "node_id", "road", "level_m", "ground_m", "overflow_m3", "begins_at_return_period_a",
        "point_id",
    )  # fmt: skip
    pipe_shown = ("pipe_id", "carries_return_period_a", "flow_m3s", "capacity_m3s", "utilisation")
    judged = pipes[pipes["carries_return_period_a"].notna()]
    full = pipes[pipes["flow_m3s"] > pipes["capacity_m3s"]]
    report_shown = (
        "report_id", "date", "depth_m", "computed_depth_m", "distance_m", "road", "note", "match", "point_id",
        "explanation",
    )  # fmt: skip
    return (
        Layer("capacity", judged, "carries_return_period_a", pipe_shown, shown=False),
        Layer("full_pipes", full, None, pipe_shown),
        Layer("overflow_nodes", nodes, "grade", node_shown, shown=False),
        Layer("waterlogging", points, "grade", shown, over_time=over_time),
        Layer("reports", observed, "match", report_shown),
    )
