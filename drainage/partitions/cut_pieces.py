"""Pieces cut out of a network, each with what hangs on the whole: ground, levels and the roads nearby.

Rows are sorted by their partition once, so that a piece costs what it holds and not what the network does.
"""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import numpy as np

from drainage.analyses.mixed_flow.find import NODE_COLUMNS, PIPE_COLUMNS
from drainage.analyses.separation.along import Pieces
from drainage.analyses.separation.coverage import WITHIN_M
from drainage.arrays import AnyRows, Ints, Rows
from drainage.graph import kernels
from drainage.network import DrainageNetwork
from drainage.partitions.piece import Cutting
from drainage.simulation.screening.screen import Given


class _Sorted:
    """Rows by the number that each has, (n_rows,), of 0 … count - 1."""

    def __init__(self, number: Ints, count: int) -> None:
        self._first, self._row = kernels.group(number.astype(np.int32), count)

    def __getitem__(self, number: int) -> Rows:
        """Return the rows of a number, in ascending order."""
        return self._row[self._first[number] : self._first[number + 1]].astype(np.intp)


class Cut:
    """A network that is to be cut into pieces.

    Parameters
    ----------
    net
        The network.
    given
        What a screening is given of it, if a storm is asked about.
    of_node
        (n_nodes,) number of the piece of each node.
    count
        How many numbers there are; some may be of no node.
    """

    def __init__(self, net: DrainageNetwork, given: Given | None, of_node: Ints, count: int) -> None:
        self.net, self.given, graph = net, given, net.graph
        self._nodes = _Sorted(of_node, count)
        self._begin, self._end = (_Sorted(of_node[ends], count) for ends in (graph.tail, graph.head))
        self._ground = None if given is None else _Sorted(of_node[given.ground.row], count)

    def has(self, number: int) -> bool:
        """Return whether any node is of a piece."""
        return len(self._nodes[number]) > 0

    def piece(self, number: int, road_pieces: Pieces | None, *, local: bool) -> Cutting:
        """Cut out nodes with all pipes at them and the nodes at their other ends; rows stay in the order of the whole.

        By all its pipes the ground and the outlet of a node are told; what is another piece's has row -1. Roads and a
        storm are asked about where it is ``local``; any other has the columns alone that mixed flow is told by.
        """
        net, own, begin = self.net, self._nodes[number], self._begin[number]
        pipe_row = np.union1d(begin, self._end[number])
        tail, head = net.graph.tail[pipe_row], net.graph.head[pipe_row]
        node_row = np.unique(np.concatenate([own, tail, head]))
        pipes, nodes = net.pipes, net.nodes
        if not local:
            pipes, nodes = _only(pipes, PIPE_COLUMNS), _only(nodes, NODE_COLUMNS)
        return Cutting(
            pipes, nodes, pipe_row, node_row, np.searchsorted(node_row, tail), np.searchsorted(node_row, head),
            np.where(_among(pipe_row, begin), pipe_row, -1), np.where(_among(node_row, own), node_row, -1),
            _road_widths(net, pipe_row) if local else None,
            self._given_of(number, node_row) if local else None,
            _near_pieces(road_pieces, net, pipe_row) if local and road_pieces is not None else None,
        )  # fmt: skip

    def _given_of(self, number: int, node_row: Rows) -> Given | None:
        given = self.given
        if given is None or self._ground is None:
            return None
        ground, here = given.ground, self._ground[number]
        cut = ground._replace(
            row=np.searchsorted(node_row, ground.row[here]), piece_ha=ground.piece_ha[here], psi=ground.psi[here],
            takes=ground.takes[node_row],
        )  # fmt: skip
        return given._replace(
            ground=cut, constant_m3s=given.constant_m3s[node_row], tailwater_m=given.tailwater_m[node_row]
        )


def _only(frame: gpd.GeoDataFrame, columns: Sequence[str]) -> gpd.GeoDataFrame:
    return frame[[name for name in frame if name in columns or name == frame.geometry.name]]


def _among(rows: Rows, some: AnyRows) -> np.ndarray:
    return np.isin(rows, some, assume_unique=True)


def _road_widths(net: DrainageNetwork, pipe_row: Rows) -> gpd.GeoDataFrame | None:
    """Return the lines of the roads that pipes name, with their widths; None where there are none."""
    roads = net.layers.get("roads")
    if roads is None or "road" not in roads or "road" not in net.pipes:
        return None
    named = roads["road"].isin(net.pipes["road"].iloc[pipe_row].dropna().unique())
    return roads.loc[named, [name for name in ("road", "width_m", "geometry") if name in roads]]


def _near_pieces(pieces: Pieces, net: DrainageNetwork, pipe_row: Rows) -> Pieces:
    """Keep the pieces of road whose box lies within reach of that of the pipes."""
    west, south, east, north = net.pipes.geometry.values[pipe_row].total_bounds
    reach = WITHIN_M + 1.0
    ends = (pieces.x + pieces.ux * pieces.length_m, pieces.y + pieces.uy * pieces.length_m)
    near = (
        (np.minimum(pieces.x, ends[0]) <= east + reach) & (np.maximum(pieces.x, ends[0]) >= west - reach)
        & (np.minimum(pieces.y, ends[1]) <= north + reach) & (np.maximum(pieces.y, ends[1]) >= south - reach)
    )  # fmt: skip
    return Pieces(**{name: column[near] for name, column in pieces._asdict().items()})
