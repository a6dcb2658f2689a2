"""Where things lie on the map of an .inp: points of nodes, lines of links."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from drainage.formats.inp.text.tokens import InpText, match_names
from drainage.schema import Issues
from drainage.words import in_both


def place_nodes(text: InpText, nodes: pd.DataFrame, issues: Issues) -> gpd.GeoDataFrame:
    """Add the points of nodes, None where the file has no coordinates of one."""
    known = points_of(text.table("COORDINATES", ("name", "x", "y")), nodes.index)
    known = known.drop_duplicates("row", keep="last")
    geometry = np.full(len(nodes), None, dtype=object)
    geometry[known["row"].to_numpy()] = shapely.points(known[["x", "y"]].to_numpy())
    nowhere = nodes.index[pd.isna(geometry)]
    issues.add("no_coordinates", "warning", "node", nowhere, in_both("has_no_coordinates"), in_both("kept_off_the_map"))
    return gpd.GeoDataFrame(nodes, geometry=gpd.GeoSeries(geometry, index=nodes.index))


def draw_pipes(text: InpText, pipes: pd.DataFrame, nodes: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Add the lines of links, from node over vertices to node, digitised with the flow; None where a node has no place.

    Parameters
    ----------
    pipes
        ``turned`` marks links whose vertices are listed against the flow.
    """
    points = np.asarray(nodes.geometry.array)
    ends = []
    for column, order in (("from_node", -np.inf), ("to_node", np.inf)):
        at = points[nodes.index.get_indexer(pd.Index(pipes[column]))]
        place = {"x": shapely.get_x(at), "y": shapely.get_y(at)}
        ends.append(pd.DataFrame({**place, "row": np.arange(len(pipes)), "order": order}))
    between = points_of(text.table("VERTICES", ("name", "x", "y")), pipes.index)
    number = np.arange(len(between), dtype=np.float64)
    between["order"] = np.where(pipes["turned"].to_numpy()[between["row"]], -number, number)
    corners = pd.concat([ends[0], between, ends[1]], ignore_index=True).sort_values(["row", "order"], kind="stable")
    placed = np.isfinite(ends[0]["x"].to_numpy()) & np.isfinite(ends[1]["x"].to_numpy())
    corners = corners[placed[corners["row"]]]
    geometry = np.full(len(pipes), None, dtype=object)
    if placed.any():
        index = np.unique(corners["row"], return_inverse=True)[1]
        geometry[placed] = shapely.linestrings(corners[["x", "y"]].to_numpy(), indices=index)
    return gpd.GeoDataFrame(
        pipes.drop(columns="turned"), geometry=gpd.GeoSeries(geometry, index=pipes.index, crs=nodes.crs)
    )


def points_of(table: pd.DataFrame, ids: pd.Index) -> pd.DataFrame:
    """Return the points of a section by ``row`` of their id, ``x`` and ``y``; what is not understood is left out.

    Those of an id stand together, in the order of the file; points that come again behind those of other ids, as where
    a model stands twice in its file, count once.
    """
    row = ids.get_indexer(pd.Index(match_names(table["name"], ids)))
    read = pd.DataFrame({"row": row, "x": _floats(table["x"]), "y": _floats(table["y"])})
    read = read[(row >= 0) & read["x"].notna() & read["y"].notna()].reset_index(drop=True)
    begins = read["row"].ne(read["row"].shift())
    if int(begins.sum()) == read["row"].nunique():
        return read
    run = begins.cumsum()
    again = run != run.groupby(read["row"]).transform("first")
    return read[~(again & read.duplicated())].sort_values("row", kind="stable").reset_index(drop=True)


def _floats(texts: pd.Series) -> pd.Series:
    return pd.to_numeric(texts, errors="coerce").astype("float64")
