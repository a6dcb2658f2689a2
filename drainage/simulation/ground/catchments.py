"""Which ground drains to which storm node: given catchments, street blocks, or the nearest node of the served area."""

from __future__ import annotations

from typing import Final, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from drainage.arrays import Bools, Floats, marked
from drainage.formats.polygons import share_once
from drainage.hydraulics.runoff import raised
from drainage.hydraulics.runoff import runoff_coefficient as land_use_coefficient
from drainage.network import DrainageNetwork
from drainage.positions import Drawn, coordinates, count_vertices, vertices
from drainage.said import joined
from drainage.schema.columns import column_of
from drainage.schema.ids import find_ids
from drainage.simulation.ground.blocks import share_blocks
from drainage.simulation.outfalls import outfall_nodes
from drainage.simulation.setup import Setup
from drainage.words import in_both

#: Cells of the raster by which served ground is shared out: at most this many, at least this wide.
MOST_CELLS: Final = 16_000_000
FINEST_CELL_M: Final = 5.0
#: Ground that names no storm node drains to the nearest one within this distance of it, m (own choice).
FARTHEST_M: Final = 500.0


class Ground(NamedTuple):
    """Pieces of ground, (n_pieces,): the row of the node that each drains to, its area, hm², and Ψ; their origin."""

    row: NDArray[np.intp]
    piece_ha: Floats
    psi: Floats
    origin: str
    #: (n_nodes,) nodes that take storm water in.
    takes: Bools
    #: Of pieces that are catchments their shapes, by name; of those of the network their names.
    shapes: gpd.GeoSeries | None = None
    catchments: pd.Index | None = None
    #: A model says what runs off them: Ψ is its and never raised.
    of_model: bool = False

    @property
    def n_nodes(self) -> int:
        """Number of nodes of the network."""
        return len(self.takes)

    @property
    def area_ha(self) -> Floats:
        """Ground of each node, (n_nodes,), hm²."""
        return self._by_node(self.piece_ha)

    @property
    def runoff_ha(self) -> Floats:
        """Area times Ψ of each node, (n_nodes,), hm²."""
        return self._by_node(self.piece_ha * self.psi)

    def raised_ha(self, share: float) -> Floats:
        """Area times Ψ of each node with Ψ raised by a share, to 1 at most, (n_nodes,), hm²."""
        return self._by_node(self.piece_ha * (self.psi if self.of_model else raised(self.psi, share)))

    def _by_node(self, weights: Floats) -> Floats:
        return np.bincount(self.row, weights=weights, minlength=self.n_nodes).astype(np.float64)


def ground_of(net: DrainageNetwork, setup: Setup, carries: Bools) -> Ground:
    """Assign each storm node its ground: from catchments, else the nodes, else street blocks, else the nearest.

    Parameters
    ----------
    net
        The network; its layer ``blocks``, where there is one, holds street blocks.
    setup
        Catchments to use instead of those of the network, Ψ where none is given, and how near a storm pipe ground (or
        a storm node a street block) is served.
    carries
        (n_pipes,) pipes that carry storm water; nodes that they leave take water in.
    """
    takes = _takers(net, carries)
    nodes, psi_else, near_m = net.nodes, setup.runoff_coefficient, setup.served_distance_m
    given, told = (net.catchments, "") if setup.catchments is None else _once(net, setup.catchments)
    if given is not None and len(given):
        by_catchments = _by_catchments(net, given, takes, psi_else)
        own = by_catchments.catchments if setup.catchments is None else None
        return by_catchments._replace(origin=joined([by_catchments.origin, told], ""), catchments=own)
    each = np.arange(len(nodes))
    recorded = column_of(nodes, "area_ha")
    if np.nansum(recorded) > 0.0:
        psi, words = coefficients(nodes, psi_else)
        return Ground(each, np.nan_to_num(recorded), psi, joined([in_both("areas_recorded"), words], ""), takes)
    if net.crs is None:
        nothing = np.zeros(len(nodes))
        return Ground(each, nothing, nothing, in_both("areas_none"), takes)
    blocks = net.layers.get("blocks")
    if blocks is not None and len(blocks):
        block, row, area, words = share_blocks(net, blocks, takes, near_m)
        psi, by = coefficients(blocks, psi_else)
        return Ground(row, area, psi[block], joined([words, by, _unplaced(net, takes)], ""), takes)
    area, cell_m = _by_nearest(net, carries, takes, near_m)
    nearest = in_both("areas_nearest", within_m=near_m, cell_m=cell_m)
    origin = joined([nearest, _unplaced(net, takes)], "")
    return Ground(each, area, np.full(len(nodes), psi_else), origin, takes)


def _takers(net: DrainageNetwork, carries: Bools) -> Bools:
    """(n_nodes,) nodes that take storm water in: those that such pipes leave, and their dead ends."""
    takes = marked(net.graph.n_nodes, net.graph.head[carries])
    takes &= ~outfall_nodes(net)
    takes[net.graph.tail[carries]] = True
    return takes


def coefficients(frame: gpd.GeoDataFrame, runoff_coefficient: float) -> tuple[Floats, str]:
    """Return Ψ of each row, as recorded, else by land use, else the default; and how many are by land use.

    References
    ----------
    GB 50014-2021, tables 4.1.8-1 and 4.1.8-2: the middle of the bounds of a land use.
    """
    psi = column_of(frame, "runoff_coefficient")
    words = ""
    if "land_use" in frame:
        codes, uses = pd.factorize(frame["land_use"])
        by_use = np.array([*(land_use_coefficient(use) for use in uses), np.nan])[codes]
        used = np.isnan(psi) & np.isfinite(by_use)
        psi = np.where(used, by_use, psi)
        words = in_both("by_land_use", count=int(used.sum()))
    return np.nan_to_num(psi, nan=runoff_coefficient), words


def coefficient_words(runoff_coefficient: float, uplift: float) -> str:
    """Return in words which Ψ was assumed where none is given, and by what share every Ψ was raised."""
    raised_by = [in_both("coefficient_raised", share=uplift)] if uplift > 0.0 else []
    return joined([in_both("coefficient", psi=runoff_coefficient), *raised_by], "")


def _by_catchments(
    net: DrainageNetwork, catchments: gpd.GeoDataFrame, takes: Bools, runoff_coefficient: float
) -> Ground:
    """Lead the catchments to the nodes."""
    if net.crs is not None and catchments.crs is not None and catchments.crs != net.crs:
        catchments = catchments.to_crs(net.crs)
    row, area, lost = place_catchments(net, catchments, takes)
    held = row >= 0
    psi, words = coefficients(catchments, runoff_coefficient)
    given = in_both("catchments_given", count=len(catchments), nearest=int((lost & held).sum()))
    out = in_both("catchments_left_out", count=int((~held).sum()), farthest_m=FARTHEST_M) if not held.all() else ""
    origin = joined([given, out, words], "")
    kept = catchments[held]
    return Ground(row[held], area[held], psi[held], origin, takes, kept.geometry, kept.index)


def ground_pieces(net: DrainageNetwork, ground: Ground, uplift: float = 0.0) -> gpd.GeoDataFrame:
    """Cut ground into catchments: those that were given, else one a storm node.

    Parameters
    ----------
    uplift
        Share by which Ψ is raised, to 1 at most (`drainage.hydraulics.runoff.uplift_share`).

    Returns
    -------
    Index ``catchment_id``: ``node_row`` in the network, ``area_ha``, ``runoff_coefficient`` and geometry, None where
    there is no polygon.
    """
    if ground.shapes is not None:
        row, area, psi, ids = ground.row, ground.piece_ha, raised(ground.psi, uplift), ground.shapes.index
        geometry = np.asarray(ground.shapes.array)
    else:
        row = np.flatnonzero((ground.area_ha > 0.0) & ground.takes)
        area, ids = ground.area_ha[row], net.nodes.index[row]
        psi, geometry = ground.raised_ha(uplift)[row] / area, np.full(len(row), None, dtype=object)
    kept = area > 0.0
    pieces = pd.DataFrame({"node_row": row, "area_ha": area, "runoff_coefficient": psi}, index=ids)
    pieces.index = pieces.index.rename("catchment_id")
    return gpd.GeoDataFrame(pieces[kept], geometry=geometry[kept], crs=net.crs)


def place_catchments(
    net: DrainageNetwork, catchments: gpd.GeoDataFrame, takes: Bools
) -> tuple[NDArray[np.intp], Floats, Bools]:
    """Lead each catchment to the node that it names, else to the storm node nearest to its middle.

    Parameters
    ----------
    takes
        (n_nodes,) nodes that take storm water in.

    Returns
    -------
    Row of the node, -1 for none; area, hm²; and whether the node that it names takes nothing.
    """
    nodes = net.nodes
    row = np.full(len(catchments), -1)
    if "node_id" in catchments:
        row = find_ids(catchments["node_id"], nodes.index)
    area = np.asarray(catchments.geometry.area, dtype=np.float64) / 1e4
    recorded = column_of(catchments, "area_ha")
    area = np.where(np.isfinite(recorded), recorded, area)
    lost = np.asarray((row < 0) | ~takes[row])
    if lost.any():
        row = np.where(lost, _nearest_taker(nodes, takes, catchments), row)
    return row, area, lost


def _nearest_taker(nodes: gpd.GeoDataFrame, takes: Bools, catchments: gpd.GeoDataFrame) -> NDArray[np.intp]:
    from scipy.spatial import KDTree

    place = coordinates(nodes.geometry)
    shapes = np.asarray(catchments.geometry.array)
    middle = coordinates(shapely.centroid(shapes))
    takers = np.flatnonzero(takes & np.isfinite(place).all(axis=1))
    located = np.isfinite(middle).all(axis=1)
    nearest = np.full(len(catchments), -1, dtype=np.intp)
    if len(takers) and located.any():
        nearest[located] = takers[KDTree(place[takers]).query(middle[located])[1]]
        away = shapely.distance(shapes[located], np.asarray(nodes.geometry.array)[nearest[located]])
        nearest[np.flatnonzero(located)[away > FARTHEST_M]] = -1
    return nearest


def _once(net: DrainageNetwork, catchments: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, str]:
    """Count the ground of catchments that no reader has looked through once; and say how many gave some up."""
    if net.crs is not None and catchments.crs is not None and catchments.crs != net.crs:
        catchments = catchments.to_crs(net.crs)
    once = share_once(np.asarray(catchments.geometry.array))
    again = once.given_to >= 0
    if not again.any() and not once.crossed.any():
        return catchments, ""
    left = np.nan_to_num(shapely.area(once.shapes))
    catchments = catchments.set_geometry(gpd.GeoSeries(once.shapes, catchments.index, crs=catchments.crs))
    if "area_ha" in catchments:
        catchments["area_ha"] = catchments["area_ha"].where(
            ~again, catchments["area_ha"] * left / (left + once.given_m2)
        )
    return catchments, in_both("catchments_overlap", count=int(again.sum()))


def _unplaced(net: DrainageNetwork, takes: Bools) -> str:
    count = int((takes & net.nodes.geometry.isna().to_numpy()).sum())
    return in_both("areas_unplaced", count=count) if count else ""


def _by_nearest(net: DrainageNetwork, carries: Bools, takes: Bools, served_distance_m: float) -> tuple[Floats, float]:
    """Share the served ground out on a raster by two Euclidean distance transforms.

    The border between two nodes is a staircase of cells, so that one area is off by about half a
    cell along its border (a few per cent of an inlet's ground at 5 m); the total is exact to the
    border of the served ground.  Nodes in one cell share it equally.
    """
    from scipy.ndimage import distance_transform_edt

    from drainage.simulation.ground import grid_kernels

    graph = net.graph
    place = coordinates(net.nodes.geometry)
    takers = np.flatnonzero(takes & np.isfinite(place[:, 0]))
    shapes = net.pipes.geometry.values  # noqa: PD011 - of its shapes
    lines = shapes[carries & ~shapes.isna()]
    area = np.zeros(graph.n_nodes)
    if not len(takers) or not len(lines):
        return area, FINEST_CELL_M
    place = place[takers]
    corners = vertices(lines)
    low = corners.min(axis=0) - served_distance_m
    span = corners.max(axis=0) + served_distance_m - low
    cell_m = max(FINEST_CELL_M, float(np.sqrt(span[0] * span[1] / MOST_CELLS)))
    rows, columns = (np.ceil(span / cell_m).astype(int) + 1).tolist()
    shape = (rows, columns)
    served = grid_kernels.near_cells(_dry_cells(lines, low, cell_m, shape), served_distance_m / cell_m)
    cell = _cell_of(place, low, cell_m, shape)
    empty = np.ones(shape, dtype=np.bool_)
    empty.reshape(-1)[cell] = False
    row, column = (at[served] for at in distance_transform_edt(empty, return_distances=False, return_indices=True))
    cell_count = np.bincount(row.astype(np.intp) * shape[1] + column, minlength=shape[0] * shape[1])[cell]
    sharers = np.bincount(cell, minlength=shape[0] * shape[1])[cell]
    area[takers] = cell_count / sharers * cell_m**2 / 1e4
    return area, cell_m


def _cell_of(points: Floats, low: Floats, cell_m: float, shape: tuple[int, ...]) -> NDArray[np.int64]:
    index = ((points - low) / cell_m).astype(np.int64)
    index = np.clip(index, 0, np.asarray(shape) - 1)
    return np.asarray(index[:, 0] * shape[1] + index[:, 1], dtype=np.int64)


def _dry_cells(lines: Drawn, low: Floats, cell_m: float, shape: tuple[int, int]) -> Bools:
    """Mark the cells that lines do not run through, sampled every half cell along each segment."""
    from drainage.simulation.ground import grid_kernels

    points, line = vertices(lines), np.repeat(np.arange(len(lines)), count_vertices(lines))
    same = line[1:] == line[:-1]
    start, way = points[:-1][same], np.diff(points, axis=0)[same]
    pieces = np.maximum(np.ceil(np.hypot(*way.T) / (cell_m / 2.0)), 1.0).astype(np.int64)
    return np.asarray(grid_kernels.dry_cells(start, way, pieces, low, cell_m, shape))
