"""Ids of nodes that name none: borne by ends far apart, or names of pipes."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from drainage.positions import FAR_M
from drainage.schema import Issues
from drainage.words import in_both

_ENDS = 3  # fewer ends are one slip of the pen
_ON_M = 1.0  # an end this near to a line lies on it; a choice of ours


def forget_scattered(pipes: gpd.GeoDataFrame, nodes: gpd.GeoDataFrame, issues: Issues) -> gpd.GeoDataFrame:
    """Drop ids that lead nowhere: in no layer of nodes, and borne by three or more ends that lie far apart."""
    odd = np.concatenate([_in_no_layer(pipes[f"{end}_node"], nodes) for end in ("from", "to")])
    if not odd.any():
        return pipes
    ends = _named_ends(pipes)[odd]
    ends = ends[ends["node"].isin(ends["node"].value_counts().loc[lambda count: count >= _ENDS].index)]
    if not len(ends):
        return pipes
    ends = _placed(pipes, ends)
    middle = ends.groupby("node")[["x", "y"]].transform("median")
    away = pd.Series(np.hypot(ends["x"] - middle["x"], ends["y"] - middle["y"]), index=ends.index)
    typical = away.groupby(ends["node"]).median()
    scattered = typical.index[typical > FAR_M]
    ends = ends[ends["node"].isin(scattered)]
    counts = ends["node"].value_counts().reindex(scattered)
    reasons = [in_both("id_scattered", count=count) for count in counts]
    issues.add("scattered_id", "warning", "node", scattered, reasons, in_both("id_ignored"))
    return _renamed(pipes, ends.assign(new=None))


def forget_pipe_names(pipes: gpd.GeoDataFrame, nodes: gpd.GeoDataFrame, issues: Issues) -> gpd.GeoDataFrame:
    """Drop names of nodes that are names of pipes, where the pipe that bears them ends on that other pipe.

    Swiss data let a reach end on a reach. Such an end is joined by its place; only a split makes it a node.
    """
    changed = {}
    for end, at in (("from", 0), ("to", -1)):
        names = pipes[f"{end}_node"]
        odd = _in_no_layer(names, nodes)
        odd[odd] = pipes.index.get_indexer(pd.Index(names[odd])) >= 0
        if not odd.any():
            continue
        lines = np.asarray(pipes.geometry.array)
        points = shapely.get_point(lines[odd], at)
        others = np.asarray(pipes.geometry.reindex(names[odd]).array)
        on_it = shapely.distance(points, others) <= _ON_M
        rows = np.flatnonzero(odd)[on_it]
        reasons = [in_both("ends_on_pipe", column=f"{end}_node", name=name) for name in names.iloc[rows]]
        issues.add("ends_on_pipe", "warning", "pipe", pipes.index[rows], reasons, in_both("split_makes_node"))
        column = names.to_numpy(dtype=object, copy=True)
        column[rows] = None
        changed[f"{end}_node"] = pd.Series(column, index=pipes.index, dtype="str")
    return pipes.assign(**changed) if changed else pipes


def _in_no_layer(names: pd.Series, nodes: gpd.GeoDataFrame) -> NDArray[np.bool_]:
    """Return names that no node has; by hash, which at a million ends is fifty times as fast as ``isin``."""
    return np.asarray((nodes.index.get_indexer(pd.Index(names)) < 0) & names.notna().to_numpy())


def _named_ends(pipes: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return a row for each end: node, system, row of its pipe, and which end it is."""
    sides = [
        pd.DataFrame({"node": pipes[f"{end}_node"].array, "system": pipes["system"].array, "end": end, "at": at})
        for end, at in (("from", 0), ("to", -1))
    ]
    return pd.concat([side.rename_axis("row").reset_index() for side in sides], ignore_index=True)


def _placed(pipes: gpd.GeoDataFrame, ends: pd.DataFrame) -> pd.DataFrame:
    lines = np.asarray(pipes.geometry.array)[ends["row"].to_numpy()]
    points = shapely.get_point(lines, ends["at"].to_numpy())
    return ends.assign(x=shapely.get_x(points), y=shapely.get_y(points))


def _renamed(pipes: gpd.GeoDataFrame, ends: pd.DataFrame) -> gpd.GeoDataFrame:
    """Rename the ends to their ``new`` names."""
    changed = {}
    for end, rows in ends.groupby("end"):
        column = pipes[f"{end}_node"].to_numpy(dtype=object, copy=True)
        column[rows["row"].to_numpy()] = rows["new"].to_numpy()
        changed[f"{end}_node"] = pd.Series(column, index=pipes.index, dtype="str")
    return pipes.assign(**changed) if changed else pipes
