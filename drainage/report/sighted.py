"""What people saw beside what was computed: which sightings a point explains, and which points were seen."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

import geopandas as gpd
import pandas as pd

from drainage.analyses.waterlogging.sightings import MATCH_DISTANCE_M, match_reports
from drainage.errors import NotKnownError
from drainage.report.directory import Report
from drainage.wants import wants
from drainage.words import in_both

_BETWEEN: Final = ", "  # names of nodes in a cell of ``nodes``


@dataclass(frozen=True, eq=False)
class Sighted:
    """Sightings and computed points, each with what it is to the other.

    Parameters
    ----------
    sightings
        Index ``report_id``: ``match`` (hit | missed | superseded), ``point_id``, ``computed_depth_m``, ``distance_m``
        to the nearest node of a point, and ``explanation``, beside the columns that were given.
    points
        Index ``point_id``: ``rank``, ``road``, ``grade``, ``depth_m``, ``reported`` (hit | false_alarm; None without
        sightings) and the number of ``sightings`` that the point explains.

    Examples
    --------
    >>> import drainage as dr
    >>> storm = dr.DesignStorm(dr.read_storm_formula("demo"), return_period_a=3, duration_min=120)
    >>> report = dr.analyze(dr.load_demo("2018-12-31"), storm=storm)
    >>> dr.report.compare_sightings(report, report.network.layers["reports"]).summary
    {'sightings': 22, 'hits': 19, 'misses': 3, 'superseded': 0, 'points': 19, 'points_seen': 19, 'false_alarms': 0}
    """

    sightings: gpd.GeoDataFrame
    points: gpd.GeoDataFrame

    @property
    def summary(self) -> dict[str, int]:
        """How many sightings were hits, misses, or of a network that has changed, and how many points nobody saw."""
        match, reported = self.sightings["match"], self.points["reported"]
        return {
            "sightings": len(match),
            "hits": int((match == "hit").sum()),
            "misses": int((match == "missed").sum()),
            "superseded": int((match == "superseded").sum()),
            "points": len(reported),
            "points_seen": int((reported == "hit").sum()),
            "false_alarms": int((reported == "false_alarm").sum()),
        }


@wants
def compare_sightings(
    report: Report, sightings: gpd.GeoDataFrame, *, match_distance_m: float = MATCH_DISTANCE_M
) -> Sighted:
    """Compare sightings with the waterlogging points of a report; nothing is computed anew.

    Parameters
    ----------
    report
        A report, with or without its answers.
    sightings
        Points with ``date`` and ``depth_m``, of any CRS.
    match_distance_m
        As in `find_waterlogging`.

    Raises
    ------
    NotKnownError
        Waterlogging was not computed.
    CrsError
        The network or the sightings have no CRS.

    Examples
    --------
    >>> import drainage as dr
    >>> storm = dr.DesignStorm(dr.read_storm_formula("demo"), return_period_a=3, duration_min=120)
    >>> report = dr.analyze(dr.load_demo("2018-12-31"), storm=storm)
    >>> compared = dr.report.compare_sightings(report, report.network.layers["reports"])
    >>> compared.sightings[["match", "point_id", "depth_m", "computed_depth_m"]].head(3)
              match point_id  depth_m  computed_depth_m
    report_id
    JS01        hit      L18     0.29             0.180
    JS02        hit       L1     0.39             0.384
    JS03        hit       L7     0.39             0.405
    """
    why, computed = report.why_not("waterlogging"), report.collections["waterlogging"]
    if why is not None or "nodes" not in computed:
        raise NotKnownError(in_both("sightings_beside_nothing", why=why or in_both("public_dry")))
    net = report.network
    points = computed[["rank", "road", "grade", "depth_m", "nodes", "geometry"]].copy()
    members = points["nodes"].fillna("").str.split(_BETWEEN).explode()
    members = members[members.isin(net.nodes.index)]
    at = net.nodes.geometry.loc[members.tolist()]
    nodes = gpd.GeoDataFrame({"point_id": members.index.to_numpy(dtype=object)}, geometry=at.array, crs=net.crs)
    seen = match_reports(net, points, nodes, sightings if len(sightings) else None, match_distance_m)
    explains = seen["point_id"].value_counts().reindex(points.index).fillna(0).astype(int)
    return Sighted(seen, gpd.GeoDataFrame(points.drop(columns="nodes").assign(sightings=explains)))


@wants
def with_sightings(report: Report, sightings: gpd.GeoDataFrame) -> Report:
    """Return a report whose network knows sightings beside those that it has: what is computed on it is compared.

    Parameters
    ----------
    report
        A report.
    sightings
        Points with ``date`` and ``depth_m``, index ``report_id``, of any CRS; one that the network knows is left out.

    Examples
    --------
    >>> import drainage as dr
    >>> storm = dr.DesignStorm(dr.read_storm_formula("demo"), return_period_a=3, duration_min=120)
    >>> report = dr.analyze(dr.load_demo("2018-12-31"), storm=storm)
    >>> again = report.network.layers["reports"].tail(1).rename(index=lambda _: "new")
    >>> [len(one.network.layers["reports"]) for one in (report, dr.report.with_sightings(report, again))]
    [22, 23]
    """
    net = report.network
    known = net.layers.get("reports")
    placed = sightings.to_crs(net.crs) if net.crs is not None else sightings
    if known is not None and len(known):
        new: Any = placed[~placed.index.isin(known.index)]
        placed = gpd.GeoDataFrame(pd.concat([known, new]), crs=net.crs).rename_axis("report_id")
    whole = net.replace(layers={**net.layers, "reports": placed})
    state = None if report.state is None else replace(report.state, network=whole)
    return replace(report, network=whole, state=state)
