"""What a report gathers: for each question the features that answer it, every issue, and pages of both."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import Transformer

from drainage.cells import plain_cells
from drainage.network import DrainageNetwork
from drainage.report.catalogue import COLLECTIONS
from drainage.result import Result
from drainage.schema import Issues
from drainage.schema.ids import fold_names
from drainage.words import in_both, one_language

ISSUE_TEXTS = ("reason", "action")
Box = tuple[float, float, float, float]
_TRUTH = {"true": True, "True": True, "1": True, "false": False, "False": False, "0": False}
_NUMBER_SIGNS = frozenset("0123456789+-.eE")


class FilterError(ValueError):
    """A value that no cell of its column can have."""


@dataclass(frozen=True, eq=False, slots=True)
class Page:
    """Some of the features that were asked for, and the number of all of them."""

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
        West, south, east, north in degrees (in plan units where there is no CRS); features that intersect it.
    where
        Column, or index, → value: a number where the column holds numbers, true or false where it holds those, else
        the text as it is served; names of roads without regard to width, case and blanks. No value finds a cell
        that is empty.

    Raises
    ------
    KeyError
        There is no such column.
    FilterError
        The column holds numbers and the value is none.
    """
    chosen = np.ones(len(frame), np.bool_)
    for column, value in (where or {}).items():
        chosen &= _equal(frame.index.to_series() if column == frame.index.name else frame[column], column, value)
    if bbox is not None:
        chosen &= _touch(frame, bbox)
    matched = np.flatnonzero(chosen)
    return Page(frame.iloc[matched[offset : offset + limit]], len(matched))


def _equal(cells: pd.Series, column: str, value: str) -> NDArray[np.bool_]:
    if cells.dtype.kind in "iufb":
        wanted = _TRUTH.get(value) if cells.dtype.kind == "b" else _number(column, value)
        if wanted is None:
            return np.zeros(len(cells), np.bool_)
        return (cells == wanted).fillna(value=False).to_numpy(np.bool_)
    texts = pd.Index([cell if cell is None else str(cell) for cell in plain_cells(cells)], dtype="str")
    if column == "road":
        texts, value = fold_names(texts), fold_names(pd.Index([value]))[0]
    return np.asarray(texts == value, np.bool_)


def _number(column: str, text: str) -> float:
    try:
        if _NUMBER_SIGNS.issuperset(text):
            return int(text) if text.isdecimal() else float(text)
    except ValueError:
        pass
    raise FilterError(in_both("filter_no_number", column=column, text=text[:100]))


def _touch(frame: gpd.GeoDataFrame, box: Box) -> NDArray[np.bool_]:
    """Return which features meet the part of a box where features are: far away a projection is undefined."""
    bounds = frame.total_bounds
    if frame.crs is not None and np.isfinite(bounds).all():
        left, bottom, right, top = map(float, bounds)
        to_degrees = Transformer.from_crs(frame.crs, 4326, always_xy=True)
        bounds = np.array(to_degrees.transform_bounds(left, bottom, right, top))
    low, high = np.maximum(box[:2], bounds[:2] - 1e-6), np.minimum(box[2:], bounds[2:] + 1e-6)
    if not (low <= high).all():
        return np.zeros(len(frame), np.bool_)
    part = gpd.GeoSeries([shapely.box(*low, *high)], crs=None if frame.crs is None else 4326)
    return frame.geometry.intersects((part if frame.crs is None else part.to_crs(frame.crs)).iloc[0]).to_numpy()


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
            table = answer.places(one.table)
            found[name] = table.query(one.only) if one.only else table
        elif not one.optional:
            nothing = pd.Index([], name=one.id, dtype="str")
            found[name] = gpd.GeoDataFrame(index=nothing, geometry=[], crs=net.crs)
    return {name: found[name] for name in COLLECTIONS if name in found}


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
    return issues.frame()


def issue_features(net: DrainageNetwork) -> gpd.GeoDataFrame:
    """Return `issue_layer` with a column for each language: English texts keep the name, Chinese ones end in _zh."""
    issues = issue_layer(net)
    english = {name: [one_language(text, "en") for text in issues[name]] for name in ISSUE_TEXTS}
    chinese = {f"{name}_zh": [one_language(text, "zh") for text in issues[name]] for name in ISSUE_TEXTS}
    return issues.assign(**english, **chinese)


def issue_layer(net: DrainageNetwork) -> gpd.GeoDataFrame:
    """Return the issues with the geometry of the pipe or node that each is about (none for a fault of a file)."""
    issues = net.issues
    geometry = np.full(len(issues), None, dtype=object)
    for kind, frame in (("pipe", net.pipes), ("node", net.nodes)):
        at = frame.index.get_indexer(pd.Index(issues["feature_id"]))
        about = (issues["feature_kind"] == kind).to_numpy() & (at >= 0)
        geometry[about] = frame.geometry.to_numpy()[at[about]]
    return gpd.GeoDataFrame(issues, geometry=geometry, crs=net.crs).rename_axis("issue")
