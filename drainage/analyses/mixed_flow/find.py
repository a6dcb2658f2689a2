"""Where sewage and storm water mix: misconnections, every pipe that they pollute, and the outfalls that they reach.

Definitions. A *misconnection* is a node at which a sewage or combined pipe arrives and a storm pipe leaves
(``sewage_into_storm``), or a storm pipe arrives and a sewage pipe leaves (``storm_into_sewage``). Pumps and works are
never one; nor is an interceptor from which a sewage pipe leaves: the storm pipe that leaves it is its *overflow*.
*Mixed* is every storm pipe downstream of a ``sewage_into_storm`` node along storm pipes, and every sewage pipe
downstream of a ``storm_into_sewage`` node along sewage pipes. The recorded ``system`` is never changed.
"""

from __future__ import annotations

from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd

from drainage.analyses.mixed_flow.follow import SEWAGE_INTO_STORM, STORM_INTO_SEWAGE, Judged, Meeting, Ways, follow
from drainage.analyses.mixed_flow.tables import (
    density_grade,
    outfall_table,
    pipe_table,
    point_table,
    reach_table,
)
from drainage.hydraulics.sewage import SewageRates
from drainage.maps.context import context_of
from drainage.maps.layer import Layer
from drainage.network import DrainageNetwork
from drainage.provenance import Provenance
from drainage.result import Result
from drainage.schema.coded import Coded
from drainage.simulation.dry_weather import ORIGINS, branch_sewage
from drainage.wants import wants
from drainage.words import in_both

#: All that `mixed_tables` reads of pipes and of nodes, beside their geometry and who drains to whom.
PIPE_COLUMNS: Final = (
    "system", "from_node", "to_node", "diameter_mm", "width_mm", "height_mm", "length_m", "invert_from_m",
    "invert_to_m", "road", "area", "flow_m3d", "users",
)  # fmt: skip
NODE_COLUMNS: Final = ("kind", "system", "users")


@wants
def find_mixed_flow(net: DrainageNetwork, *, rates: SewageRates | None = None) -> Result:
    """Find misconnections, mixed pipes and polluted outfalls, and grade them by T/CECS 758-2020.

    Parameters
    ----------
    net
        Any network. Pipes of unknown system are ignored. A column ``flow_m3d`` of its pipes is read as the measured
        mean dry-weather flow, ``users`` of pipes or nodes as the number of drainage users connected there.
    rates
        Assumptions about sewage that was not measured; see `SewageRates` for their sources.

    Returns
    -------
    Result
        Tables:

        ``points`` (index ``finding_id``)
            One row per finding: ``node_id``, ``kind`` (``sewage_into_storm``, ``storm_into_sewage`` are misconnections;
            ``combined_below_separated``, ``sewage_at_storm_outfall`` are other findings), ``pipes_in`` and
            ``pipes_out`` (the pipes that meet), ``entering_diameter_mm``, ``grade`` 1–3 (3 = 重度; nan where the
            diameter is unknown), ``fouled_length_m``, ``sewage_m3d`` that enters and ``sewage_by`` (measured | users |
            assumed, by the diameter | unknown: the worst of its pipes; of ``sewage_into_storm`` only), ``outfalls``
            that it reaches, nearest first, ``outfall_m`` to the nearest, ``road``.
        ``pipes`` (index ``pipe_id``, all pipes)
            ``system`` as recorded, ``class`` (clean | combined | sewage_in_storm | storm_in_sewage | overflow |
            unknown), ``mixed``, ``carries_storm``, ``carries_sewage``, ``carries_storm_from``, ``carries_sewage_from``
            (recorded,
            or the node where it enters), ``misconnection_count``, ``nearest_misconnection``, ``nearest_m``,
            ``sewage_m3d`` of misconnections above that reaches it, shared equally at forks; of unknown amount: 0.
        ``outfalls`` (index ``node_id``)
            ``misconnections`` that reach it, ``fouled`` (polluted), ``fouled_by`` (their ``finding_id``, nearest
            first), ``nearest_m``, ``farthest_m`` along the pipes, ``sewage_m3d``, ``storm_length_km`` of its catchment,
            ``density_per_km``, ``grade``.
        ``reach``
            One row per misconnection and outfall that it reaches: ``finding_id``, ``outfall``, ``distance_m`` by the
            shortest way along the pipes.

        Summary: ``advice`` (what was not judged and why, else None), ``meeting_nodes`` (at which storm pipes and sewers
        meet) and ``judged_nodes`` (of these, where both have levels that tell which way they flow), ``findings`` (rows
        of ``points``), of these ``misconnections`` and ``other_findings``, each kind by its name, ``mixed_pipes``,
        ``mixed_length_km``, ``fouled_outfalls``, ``density_per_km`` (misconnections per km of storm and sewage pipe),
        by direction, ``density_grade`` of the worse, ``sewage_m3d`` that enters, at how many misconnections it is
        measured, by users, assumed or unknown (``sewage_measured`` …), and ``sewage_assumptions`` in words. Where
        nothing can be judged, which ``not_known`` explains, a count of nothing is None, as is all that reaches the
        outfalls. Grades by density are missing where fewer than half of the meeting nodes were judged (own choice).

    References
    ----------
    T/CECS 758-2020: 7.2.2 (grade of a point by the diameter that enters), 7.2.3 (density M = N/L), 7.2.4 (grades of M).
    DB4201/T 651-2021, 5.5.3 (definition by topology).

    Examples
    --------
    >>> import drainage as dr
    >>> mixed = dr.find_mixed_flow(dr.load_demo("2018-12-31"))
    >>> bool(mixed.summary["misconnections"] > 0)
    True
    """
    rates = rates or SewageRates()
    tables, judged = mixed_tables(net, rates)
    summary, not_known = judge_tables(net, tables, judged, rates)
    points, mixed, outfalls = (gpd.GeoDataFrame(tables[name]) for name in ("points", "pipes", "outfalls"))
    layers = (
        *context_of(net),
        Layer(
            "mixed_flow",
            mixed,
            "class",
            (
                "pipe_id",
                "system",
                "class",
                "road",
                "diameter_mm",
                "misconnection_count",
                "nearest_misconnection",
                "nearest_m",
                "sewage_m3d",
            ),
        ),
        Layer(
            "outfalls",
            outfalls,
            "fouled",
            ("node_id", "misconnections", "sewage_m3d", "fouled_by", "nearest_m", "density_per_km", "grade"),
        ),
        Layer(
            "misconnections",
            points,
            "kind",
            (
                "finding_id",
                "node_id",
                "kind",
                "pipes_in",
                "pipes_out",
                "grade",
                "fouled_length_m",
                "sewage_m3d",
                "sewage_by",
                "outfalls",
                "road",
            ),
        ),
    )
    return Result("mixed_flow", tables, summary, layers, provenance=Provenance.of(net), not_known=not_known)


def mixed_tables(net: DrainageNetwork, rates: SewageRates) -> tuple[dict[str, pd.DataFrame], Judged]:
    """Return the tables of `find_mixed_flow` before they are judged, and at how many nodes levels tell the way.

    What is said of a pipe or node hangs on its connected part alone.
    """
    graph, systems = net.graph, net.systems
    drains, sewers = Ways.of_system(net, "storm"), Ways.of_system(net, "sewage")
    length_m = net.pipes["length_m"].to_numpy()
    meets = Meeting.build(net)
    outfall_nodes = np.flatnonzero(net.kinds.among("outfall")).astype(np.int32)
    sewage = branch_sewage(net, rates)
    enters = systems.among("sewage", "combined") & meets.sewage_into_storm[graph.head]
    node_m3d = np.bincount(graph.head[enters], np.nan_to_num(sewage.m3d[enters]), graph.n_nodes).astype(np.float64)
    foul_storm = follow(graph, meets.sewage_into_storm, drains, length_m, outfall_nodes, node_m3d)
    foul_sewage = follow(graph, meets.storm_into_sewage, sewers, length_m, outfall_nodes, np.zeros(graph.n_nodes))
    overflow = drains.allowed & meets.interceptor[graph.tail]
    spill = graph.downstream(meets.interceptor, drains.allowed)
    reach = reach_table(net, foul_storm, foul_sewage)
    tables = {
        "points": point_table(net, meets, foul_storm, foul_sewage, sewage, reach),
        "pipes": pipe_table(net, foul_storm, foul_sewage, overflow, spill.edges),
        "outfalls": outfall_table(net, drains, foul_storm, foul_sewage, reach),
        "reach": reach,
    }
    return tables, Judged.of(net)


def judge_tables(
    net: DrainageNetwork, tables: dict[str, pd.DataFrame], judged: Judged, rates: SewageRates
) -> tuple[pd.Series, str | None]:
    """Return the summary of tables, and why nothing is known; what cannot be told leaves the outfalls (in place)."""
    outfalls, not_known = tables["outfalls"], _not_known(net)
    summary = _summary(tables["points"], tables["pipes"], outfalls, net.systems, rates)
    if not judged.mostly:
        summary["density_grade"] = outfalls["grade"] = None
    if not_known:
        outfalls[["misconnections", "fouled", "density_per_km"]] = None
        summary[~summary.astype(bool)] = None
    told = {"advice": None if not_known else _advice(net, judged), **judged._asdict()}
    return pd.concat([pd.Series(told, dtype=object), summary]), not_known


def _not_known(net: DrainageNetwork) -> str | None:
    """Return why nothing can be found if only one side's pipes are recorded; None if known, or if all are combined."""
    found = set(net.systems.words)
    remedy = in_both("system_remedy")
    if not found & {"storm", "sewage", "combined"}:
        return in_both("mixed_no_system", remedy=remedy)
    if not found & {"sewage", "combined"}:
        return in_both("mixed_no_sewage", remedy=remedy)
    if not found & {"storm", "combined"}:
        return in_both("mixed_no_storm", remedy=remedy)
    return None


def _advice(net: DrainageNetwork, judged: Judged) -> str | None:
    """Return what was not judged: that the systems nowhere meet, or at how many nodes no level tells which way."""
    if not judged.meeting_nodes:
        return in_both("mixed_nowhere_met") if net.systems.among("storm").any() else None
    if (count := judged.meeting_nodes - judged.judged_nodes) == 0:
        return None
    grade = "" if judged.mostly else in_both("mixed_no_grade")
    return in_both("mixed_not_judged", count=count, of=judged.meeting_nodes, grade=grade)


def _summary(
    points: pd.DataFrame, pipes: pd.DataFrame, outfalls: pd.DataFrame, systems: Coded, rates: SewageRates
) -> pd.Series:
    origin = points["sewage_by"].value_counts()
    number = points["kind"].value_counts()
    length_m, mixed = pipes["length_m"].to_numpy(), pipes["mixed"].to_numpy()
    into_storm, into_sewage = int(number.get(SEWAGE_INTO_STORM, 0)), int(number.get(STORM_INTO_SEWAGE, 0))
    storm_km, sewage_km = (float(np.nansum(length_m[systems.among(name)] / 1000)) for name in ("storm", "sewage"))
    densities = np.array([_ratio(into_storm, storm_km), _ratio(into_sewage, sewage_km)])
    grades = density_grade(densities)
    grades = grades[np.array([into_storm, into_sewage]) > 0]
    return pd.Series(
        {
            "findings": len(points),
            "misconnections": into_storm + into_sewage,
            "other_findings": len(points) - into_storm - into_sewage,
            SEWAGE_INTO_STORM: into_storm,
            STORM_INTO_SEWAGE: into_sewage,
            "combined_below_separated": int(number.get("combined_below_separated", 0)),
            "sewage_at_storm_outfall": int(number.get("sewage_at_storm_outfall", 0)),
            "mixed_pipes": int(mixed.sum()),
            "mixed_length_km": float(np.nansum(length_m[mixed]) / 1000),
            "overflow_pipes": int((pipes["class"] == "overflow").sum()),
            "fouled_outfalls": int(outfalls["fouled"].sum()),
            "density_per_km": _ratio(into_storm + into_sewage, storm_km + sewage_km),
            "density_storm_per_km": densities[0],
            "density_sewage_per_km": densities[1],
            "density_grade": int(np.nanmax(grades)) if len(grades) and np.isfinite(grades).any() else 0,
            "sewage_m3d": float(points["sewage_m3d"].sum()),
            **{f"sewage_{name}": int(origin.get(name, 0)) for name in ORIGINS},
            "sewage_assumptions": rates.of_branches(),
        },
        dtype=object,
    )


def _ratio(number: int, km: float) -> float:
    return number / km if km > 0 else float("nan")
