"""What a report gathers: for each question the features that answer it, every issue, and pages of both."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd

from drainage.network import DrainageNetwork
from drainage.report.catalogue import COLLECTIONS
from drainage.report.ready_features import Box, Features
from drainage.result import Result
from drainage.said import Language
from drainage.schema import Issues
from drainage.words import one_language

ISSUE_TEXTS = ("reason", "action")


@dataclass(frozen=True, eq=False, slots=True)
class Page:
    """Some of the features that were asked for, and the number of all of them.

    Examples
    --------
    >>> import drainage as dr
    >>> page = dr.report.query(dr.load_demo("2018-12-31").pipes, where={"system": "combined"}, limit=2)
    >>> len(page.frame), page.matched
    (2, 332)
    """

    frame: gpd.GeoDataFrame
    matched: int


def query(
    frame: gpd.GeoDataFrame,
    *,
    bbox: Box | None = None,
    where: Mapping[str, str] | None = None,
    limit: int = 10,
    offset: int = 0,
) -> Page:
    """Return the features of a collection that lie in a box and have the values that are named, a page of them.

    Parameters
    ----------
    bbox
        West, south, east, north in degrees (in plan units where there is no CRS); features that intersect it, and
        those without geometry.
    where
        Column, or index, → value, as `Features.equal` reads it.

    Raises
    ------
    KeyError
        There is no such column.
    FilterError
        No cell of the column can have the value.

    Examples
    --------
    >>> import drainage as dr
    >>> page = dr.report.query(dr.load_demo("2018-12-31").pipes, where={"system": "combined"}, limit=2)
    >>> page.matched
    332
    >>> page.frame[["diameter_mm", "length_m"]]
             diameter_mm  length_m
    pipe_id
    HSL0001        400.0      17.0
    HSL0002        400.0      17.0
    """
    features = Features(frame)
    chosen = features.everything()
    for column, value in (where or {}).items():
        chosen &= features.equal(column, value)
    if bbox is not None:
        chosen &= features.in_box(bbox)
    rows = features.rows(chosen)
    return Page(features.some(rows[offset : offset + limit]), len(rows))


def collections_of(net: DrainageNetwork, results: Mapping[str, Result]) -> dict[str, gpd.GeoDataFrame]:
    """Return name → features of each collection, with their id as index, in the CRS of the network."""
    found = {"pipes": net.pipes, "issues": issue_features(net)}
    for result in (results[name] for name in ("mixed_flow", "waterlogging") if name in results):
        if "pipes" in result.tables:
            found["pipes"] = _joined(found["pipes"], result.tables["pipes"])
    for name, one in COLLECTIONS.items():
        if one.table is None:
            continue
        answer = results.get(one.answer[0])
        if answer is not None and one.table in answer.tables:
            table = roads_of(answer) if name == "roads" else answer.places(one.table)
            found[name] = table.query(one.only) if one.only else table
        elif not one.optional:
            nothing = pd.Index([], name=one.id, dtype="str")
            found[name] = gpd.GeoDataFrame(index=nothing, geometry=[], crs=net.crs)
    return {name: found[name] for name in COLLECTIONS if name in found}


def roads_of(separation: Result) -> gpd.GeoDataFrame:
    """Return each road as the lines of its stretches, with how far it is separated."""
    return roads_along(separation.places("stretches"), separation.tables["roads"])


def roads_along(stretches: gpd.GeoDataFrame, roads: pd.DataFrame) -> gpd.GeoDataFrame:
    """Return what is known of each road, with the lines of its stretches and what these say of the whole road."""
    kept = [name for name in ("road", "road_class", "width_m") if name in stretches]
    lines = stretches[[*kept, stretches.geometry.name]].dissolve("road", aggfunc="first", method="unary")
    return gpd.GeoDataFrame(roads.join(lines, how="left"), geometry=lines.geometry.name, crs=stretches.crs)


def _joined(pipes: gpd.GeoDataFrame, found: pd.DataFrame) -> gpd.GeoDataFrame:
    """Add what an analysis found; a column of the source that has the name of an answer gets the suffix _recorded."""

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
    return issues.frame().drop_duplicates(ignore_index=True)  # a network that was kept has its findings already


def issue_features(net: DrainageNetwork) -> gpd.GeoDataFrame:
    """Return `issue_layer` with a column for each language: English texts keep the name, Chinese ones end in _zh."""
    issues = issue_layer(net)
    english = {name: _in_language(issues[name], "en") for name in ISSUE_TEXTS}
    chinese = {f"{name}_zh": _in_language(issues[name], "zh") for name in ISSUE_TEXTS}
    return issues.assign(**english, **chinese)


def _in_language(texts: pd.Series, lang: Language) -> list[str]:
    """Return texts in one language; few of them stand in many rows."""
    held = list(texts)  # so that no two have one id
    said = {id(text): one_language(text, lang) for text in {id(text): text for text in held}.values()}
    return [said[id(text)] for text in held]


def issue_layer(net: DrainageNetwork) -> gpd.GeoDataFrame:
    """Return the issues with the geometry of the pipe or node that each is about (none for a fault of a file)."""
    issues = net.issues
    geometry = np.full(len(issues), None, dtype=object)
    for kind, frame in (("pipe", net.pipes), ("node", net.nodes)):
        at = frame.index.get_indexer(pd.Index(issues["feature_id"]))
        about = (issues["feature_kind"] == kind).to_numpy() & (at >= 0)
        geometry[about] = frame.geometry.to_numpy()[at[about]]
    return gpd.GeoDataFrame(issues, geometry=geometry, crs=net.crs).rename_axis("issue")
