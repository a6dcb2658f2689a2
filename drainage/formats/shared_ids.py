"""Ids that two registers use for different things: told apart by where they lie."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from drainage.topology import FAR_M

if TYPE_CHECKING:
    import geopandas as gpd

    from drainage.schema import Issues

_APART_M = 2 * FAR_M  # as in `drainage.topology`: no pipe ends so far from its own manhole


def separate_shared_nodes(pipes: gpd.GeoDataFrame, nodes: gpd.GeoDataFrame | None, issues: Issues) -> gpd.GeoDataFrame:
    """Rename the nodes of a system whose ids another system uses at places far away, ``12`` to ``12~sewage``.

    Systems that meet at one place keep the id that they share: that is a joint, perhaps a misconnection. The system
    that ends where the layer of nodes has the id keeps it, else the one that comes first.
    """
    ends = pd.concat(
        [
            pd.DataFrame({"node": pipes[f"{end}_node"], "system": pipes["system"], "end": end, "at": at})
            for end, at in (("from", 0), ("to", -1))
        ],
        ignore_index=True,
    )
    systems = ends.groupby("node")["system"].nunique()
    ends = ends[ends["node"].isin(systems.index[systems > 1])]
    if not len(ends):
        return pipes
    n = len(pipes)
    lines = pipes.geometry.to_numpy()[ends.index % n]
    points = shapely.get_point(lines, ends["at"].to_numpy())
    ends = ends.assign(x=shapely.get_x(points), y=shapely.get_y(points))
    place = ends.groupby(["node", "system"], sort=False)[["x", "y"]].median().reset_index()
    home = place.drop_duplicates("node").set_index("node")[["x", "y"]]
    if nodes is not None:
        layer = nodes[nodes.index.isin(home.index) & nodes.geometry.notna()]
        home.loc[layer.index, ["x", "y"]] = np.column_stack([layer.geometry.x, layer.geometry.y])
    away = np.hypot(*(place[["x", "y"]].to_numpy() - home.loc[place["node"]].to_numpy()).T)
    moved = place[away > _APART_M].assign(away=away[away > _APART_M])
    if not len(moved):
        return pipes
    names = moved["node"] + "~" + moved["system"]
    reasons = [
        f"is the id of a {system} node and of another {distance:.0f} m away"
        for system, distance in zip(moved["system"], moved["away"], strict=True)
    ]
    issues.add("shared_id", "warning", "node", names, reasons, "two nodes; that of the other system keeps the plain id")
    renamed = pd.Series(names.to_numpy(), index=pd.MultiIndex.from_frame(moved[["node", "system"]]))
    new = renamed.reindex(pd.MultiIndex.from_frame(ends[["node", "system"]]))
    ends = ends.assign(new=new.to_numpy()).dropna(subset="new")
    pipes = pipes.copy(deep=False)
    for end, rows in ends.groupby("end"):
        column = pipes[f"{end}_node"].to_numpy(dtype=object, copy=True)
        column[rows.index.to_numpy() % n] = rows["new"].to_numpy()
        pipes[f"{end}_node"] = pd.Series(column, index=pipes.index, dtype="str")
    return pipes


def far_twins(table: gpd.GeoDataFrame, issues: Issues) -> pd.Series:
    """Tell which rows repeat the id of another node in another place, such as inlets numbered as manholes are.

    Returns
    -------
    A mask of ``table``; rows that repeat an id at its place are not in it.
    """
    ids = table["node_id"]
    repeated = table[ids.notna() & ids.duplicated(keep="first")]
    mask = pd.Series(data=False, index=table.index)
    if not len(repeated):
        return mask
    first = table[ids.isin(repeated["node_id"])].drop_duplicates("node_id").set_index("node_id").geometry
    twins = np.asarray(first.loc[repeated["node_id"]].array)
    away = shapely.distance(np.asarray(repeated.geometry.array), twins)
    far = repeated[away > FAR_M]
    reasons = [f"is the id of another node too, {distance:.0f} m away" for distance in away[away > FAR_M]]
    action = "kept with a suffix ~2; pipes that name it are joined to the first"
    issues.add("shared_id", "warning", "node", far["node_id"], reasons, action)
    mask[far.index] = True
    return mask
