"""Computed points compared with reported ones: hit, missed, false alarm."""

from __future__ import annotations

from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from drainage.arrays import Bools
from drainage.errors import CrsError
from drainage.network import DrainageNetwork
from drainage.positions import coordinates
from drainage.simulation.pipes import STORM_SYSTEMS
from drainage.words import codes, in_both

EXPLAINED, NOT_EXPLAINED, LAID_SINCE = codes("explanation")

#: A sighting within this distance of a node of a point is explained by it, m; own choice.
MATCH_DISTANCE_M: Final = 100.0


def match_reports(
    net: DrainageNetwork,
    points: gpd.GeoDataFrame,
    nodes: gpd.GeoDataFrame,
    reports: gpd.GeoDataFrame | None,
    match_distance_m: float,
) -> gpd.GeoDataFrame:
    """Match each report to the nearest point within reach, and mark points that nobody reported."""
    points["reported"] = None
    if reports is None:
        return gpd.GeoDataFrame(
            {"match": [], "point_id": [], "computed_depth_m": [], "distance_m": [], "explanation": []},
            index=pd.Index([], name="report_id", dtype="str"),
            geometry=[],
            crs=net.crs,
        )
    if net.crs is None or reports.crs is None:
        raise CrsError(in_both("reports_unplaced"))
    from scipy.spatial import KDTree

    observed = reports.to_crs(net.crs)
    observed.index = observed.index.rename("report_id")
    members = nodes[nodes["point_id"].notna() & nodes.geometry.notna()]
    distance = np.full(len(observed), np.inf)
    name = np.full(len(observed), None, dtype=object)
    if len(members) and len(observed):
        tree = KDTree(coordinates(members.geometry))
        at = coordinates(shapely.centroid(np.asarray(observed.geometry.array)))
        placed = np.isfinite(at[:, 0])
        distance[placed], near = tree.query(at[placed])
        name[placed] = members["point_id"].to_numpy(dtype=object)[near]
    hit = distance <= match_distance_m
    observed["match"] = np.where(hit, "hit", "missed").astype(object)
    name[~hit] = None
    observed["point_id"] = name
    observed["computed_depth_m"] = observed["point_id"].map(points["depth_m"]).astype(np.float64)
    observed["distance_m"] = np.where(np.isfinite(distance), distance, np.nan).round(1)
    superseded = ~hit & _laid_since(net, observed, match_distance_m)
    observed["match"] = np.where(superseded, "superseded", observed["match"]).astype(object)
    explanation = np.where(hit, EXPLAINED, NOT_EXPLAINED).astype(object)
    explanation[superseded] = LAID_SINCE
    observed["explanation"] = explanation
    reach = _points_near(observed, members, match_distance_m)
    points["reported"] = np.where(points.index.isin(reach), "hit", "false_alarm").astype(object)
    return observed


def _laid_since(net: DrainageNetwork, observed: gpd.GeoDataFrame, match_distance_m: float) -> Bools:
    """Return which reports are older than a storm pipe within reach: they describe a network that no longer exists."""
    since = np.zeros(len(observed), np.bool_)
    if "date" not in observed or not len(observed):
        return since
    pipes = net.pipes[net.pipes["system"].isin(STORM_SYSTEMS) & net.pipes["commissioned"].notna()]
    pipe, report = observed.sindex.query(pipes.geometry.to_numpy(), predicate="dwithin", distance=match_distance_m)
    laid = pd.Series(pipes["commissioned"].to_numpy()[pipe]).groupby(report).max()
    newest = laid.reindex(range(len(observed))).to_numpy()
    return np.asarray(newest > observed["date"].to_numpy())


def _points_near(observed: gpd.GeoDataFrame, members: gpd.GeoDataFrame, match_distance_m: float) -> NDArray[np.object_]:
    """Return the points that have a report within reach of one of their nodes."""
    at = coordinates(shapely.centroid(np.asarray(observed.geometry.array)))
    at = at[np.isfinite(at[:, 0])]
    if not len(at) or not len(members):
        return np.empty(0, dtype=object)
    from scipy.spatial import KDTree

    distance, _ = KDTree(at).query(coordinates(members.geometry))
    return members["point_id"].to_numpy(dtype=object)[distance <= match_distance_m]
