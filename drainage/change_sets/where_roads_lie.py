"""Whether a pipe or node lies where its road does: beside the pipes of that road, or its centre line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry import LineString, Point

from drainage.change_sets.change_set import Change
from drainage.network import DrainageNetwork
from drainage.schema.ids import fold_name, fold_names, names_among

#: How far from all of its road a node or the middle of a pipe may lie, m; own choice.
WITHIN_M: Final = 50.0


def pipes_and_ends(net: DrainageNetwork, roads: Sequence[str]) -> tuple[gpd.GeoDataFrame, pd.Index]:
    """Return the pipes on some roads, and the ids of the nodes at their ends."""
    pipes = net.pipes
    here = pipes[names_among(pipes["road"], roads)] if "road" in pipes else pipes.iloc[:0]
    return here, pd.Index(pd.unique(pd.concat([here["from_node"], here["to_node"]])))


class RoadPlaces:
    """Where the roads of a network lie, by its pipes and by the centre lines of its layer ``roads``.

    Parameters
    ----------
    edits
        Of which new nodes have places too.
    """

    def __init__(self, net: DrainageNetwork, edits: Sequence[Change]) -> None:
        """Gather the places."""
        self._told = net.crs is not None and net.crs.is_projected
        layer = net.layers.get("roads")
        self._tables = [_named(table) for table in (net.pipes, layer) if table is not None and "road" in table]
        self._points = dict(zip(net.nodes.index, net.nodes.geometry, strict=True))
        self._points |= {one.id: one.geometry for one in edits if one.layer == "nodes" and one.geometry is not None}
        self._lines_at: dict[str, list[LineString]] = {}
        for one in edits:
            if one.layer == "pipes" and one.action == "add" and isinstance(one.geometry, LineString):
                for column in ("from_node", "to_node"):
                    self._lines_at.setdefault(str(one.columns.get(column)), []).append(one.geometry)
        self._of_road: dict[str, shapely.STRtree] = {}

    def is_elsewhere(self, one: Change, road: str) -> bool:
        """Return whether a node or the middle of a pipe lies away from its road.

        Not where its place or that of the road is unknown. A node at which a new pipe ends may lie where that does,
        which is asked for itself.
        """
        spot, places = self._spot(one), self._places(fold_name(road))
        if not self._told or spot is None or not len(places):
            return False
        near = shapely.dwithin(self._lines_at.get(one.id, []), spot, WITHIN_M) if one.layer == "nodes" else np.False_
        return not np.any(near) and not len(places.query(spot, predicate="dwithin", distance=WITHIN_M))

    def _spot(self, one: Change) -> Point | None:
        """Return where a node lies, or the middle of a pipe; None where nothing is said of it."""
        if one.layer == "nodes":
            return one.geometry if isinstance(one.geometry, Point) and not one.geometry.is_empty else None
        line = self._line(one)
        return None if line is None else shapely.line_interpolate_point(line, 0.5, normalized=True)

    def _line(self, one: Change) -> LineString | None:
        """Return the line of a pipe: its own, else that between its nodes."""
        if isinstance(one.geometry, LineString):
            return one.geometry
        if one.action != "add":
            return None
        named = [one.columns.get(column) for column in ("from_node", "to_node")]
        ends = [None if name is None else self._points.get(str(name)) for name in named]
        known = [end for end in ends if end is not None and not end.is_empty]
        return LineString([end.coords[0] for end in known]) if len(known) == len(ends) else None

    def _places(self, folded: str) -> shapely.STRtree:
        if folded not in self._of_road:
            found = [geometry for names, shapes in self._tables for geometry in shapes[names == folded]]
            self._of_road[folded] = shapely.STRtree(found)
        return self._of_road[folded]


def _named(table: gpd.GeoDataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Return the folded names and the shapes of what has both."""
    here = table[(table["road"].notna() & table.geometry.notna()).to_numpy()]
    return np.asarray(fold_names(here["road"]), dtype=object), here.geometry.to_numpy()
