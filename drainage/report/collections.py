"""What a report gathers: for each question the features that answer it, and every issue."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd

from drainage.schema import Issues

if TYPE_CHECKING:
    from collections.abc import Mapping

    from drainage.network import DrainageNetwork
    from drainage.result import Result


def collections_of(net: DrainageNetwork, results: Mapping[str, Result]) -> dict[str, gpd.GeoDataFrame]:
    """Return name → features of each collection, with their id as index, in the CRS of the network."""
    pipes = net.pipes
    mixed, logged, separation = (results.get(name) for name in ("mixed_flow", "waterlogging", "separation"))
    for result in (mixed, logged):
        if result is not None and "pipes" in result.tables:
            pipes = _joined(pipes, result.tables["pipes"])

    def empty(index: str) -> gpd.GeoDataFrame:
        return gpd.GeoDataFrame(index=pd.Index([], name=index, dtype="str"), geometry=[], crs=net.crs)

    ponds = {"ponds": logged.places("ponds")} if logged is not None and "ponds" in logged.tables else {}
    return {
        "pipes": pipes,
        "mixed_flow": mixed.places("pipes").query("mixed") if mixed else empty("pipe_id"),
        "misconnections": mixed.places("points") if mixed else empty("finding_id"),
        "waterlogging": logged.places("points") if logged else empty("point_id"),
        "separation": separation.places("stretches") if separation else empty("stretch"),
        "issues": issue_layer(net),
        **ponds,
    }


def _joined(pipes: gpd.GeoDataFrame, found: pd.DataFrame) -> gpd.GeoDataFrame:
    """Add what an analysis found; a column of the source that has the name of an answer gets the ending _recorded."""

    def is_known(column: str) -> bool:
        recorded = pipes[column].reindex(found.index).astype(object)
        return bool(found[column].astype(object).equals(recorded))

    others = found.columns.drop([pipes.geometry.name], errors="ignore")
    new = [c for c in others if c not in pipes or not is_known(c)]
    return pipes.rename(columns={c: f"{c}_recorded" for c in new}).join(found[new])


def all_issues(net: DrainageNetwork, results: Mapping[str, Result]) -> pd.DataFrame:
    """Put what was found on reading and what the quality rules found into one table, errors first."""
    issues = Issues()
    issues.extend(net.issues)
    if "quality" in results:
        issues.extend(results["quality"].tables["findings"].rename(columns={"rule": "code", "remedy": "action"}))
    return issues.frame()


def issue_layer(net: DrainageNetwork) -> gpd.GeoDataFrame:
    """Return the issues with the geometry of the pipe or node that each is about (none for a fault of a file)."""
    issues = net.issues
    geometry = np.full(len(issues), None, dtype=object)
    for kind, frame in (("pipe", net.pipes), ("node", net.nodes)):
        at = frame.index.get_indexer(pd.Index(issues["feature_id"]))
        about = (issues["feature_kind"] == kind).to_numpy() & (at >= 0)
        geometry[about] = frame.geometry.to_numpy()[at[about]]
    return gpd.GeoDataFrame(issues, geometry=geometry, crs=net.crs).rename_axis("issue")
