"""Which ground drains to which storm node: given catchments, or the nearest node of the served area."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from drainage.network import DrainageNetwork

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]

#: Cells of the raster by which served ground is shared out: at most this many, at least this wide.
MOST_CELLS: Final = 16_000_000
FINEST_CELL_M: Final = 5.0


class Runoff(NamedTuple):
    """Ground that drains to each node, (n_nodes,): its area and its area times Ψ, hm²."""

    area_ha: Floats
    runoff_ha: Floats
    origin: str


def share_ground(
    net: DrainageNetwork,
    carries: Bools,
    *,
    catchments: gpd.GeoDataFrame | None,
    runoff_coefficient: float,
    served_distance_m: float,
) -> Runoff:
    """Give each storm node its catchment: as given, else as the nodes say, else the nearest ground.

    Parameters
    ----------
    net
        The network.
    carries
        (n_pipes,) pipes that carry storm water; nodes that they leave take water in.
    catchments
        Polygons with ``node_id`` and ``runoff_coefficient`` where known, or None.
    runoff_coefficient
        Ψ where the source gives none.
    served_distance_m
        Ground within this distance of a storm pipe is served, m.

    Returns
    -------
    Areas in the order of the nodes and a sentence on where they come from.
    """
    graph = net.graph
    takes = np.zeros(graph.n_nodes, dtype=np.bool_)
    takes[graph.tail[carries]] = True
    nodes = net.nodes
    given = net.catchments if catchments is None else catchments
    if given is not None and len(given):
        return _by_catchments(net, given, takes, runoff_coefficient)
    recorded = nodes["area_ha"].to_numpy(dtype=np.float64) if "area_ha" in nodes else np.empty(0)
    if np.nansum(recorded) > 0.0:
        area = np.nan_to_num(recorded)
        psi = _coefficients(nodes, runoff_coefficient)
        return Runoff(area, area * psi, "areas recorded with the nodes")
    if net.crs is None:
        nothing = np.zeros(graph.n_nodes)
        return Runoff(nothing, nothing, "none: a schematic plan without catchments has no areas")
    area, cell_m = _by_nearest(net, carries, takes, served_distance_m)
    origin = (
        f"ground within {served_distance_m:g} m of storm pipes, to the nearest storm node (raster of {cell_m:.3g} m)"
    )
    return Runoff(area, area * runoff_coefficient, origin)


def _coefficients(frame: gpd.GeoDataFrame, runoff_coefficient: float) -> Floats:
    if "runoff_coefficient" not in frame:
        return np.full(len(frame), runoff_coefficient)
    recorded = frame["runoff_coefficient"].to_numpy(dtype=np.float64)
    return np.asarray(np.nan_to_num(recorded, nan=runoff_coefficient))


def _by_catchments(
    net: DrainageNetwork, catchments: gpd.GeoDataFrame, takes: Bools, runoff_coefficient: float
) -> Runoff:
    """Add up the catchments of each node."""
    row, area, lost = place_catchments(net, catchments, takes)
    held = row >= 0
    psi = _coefficients(catchments, runoff_coefficient)
    count = net.graph.n_nodes
    return Runoff(
        np.bincount(row[held], weights=area[held], minlength=count).astype(np.float64),
        np.bincount(row[held], weights=(area * psi)[held], minlength=count).astype(np.float64),
        f"{len(catchments)} given catchments, {int((lost & held).sum())} of them to the nearest storm node"
        + (f", {int((~held).sum())} left out for want of a place" if not held.all() else ""),
    )


def ground_pieces(
    net: DrainageNetwork, carries: Bools, *, runoff_coefficient: float, served_distance_m: float
) -> tuple[gpd.GeoDataFrame, str]:
    """Cut the ground of `share_ground` into catchments: those of the network, else one a storm node.

    Returns
    -------
    Index ``catchment_id``: ``node_row`` in the network, ``area_ha``, ``runoff_coefficient`` and geometry, None where
    there is no polygon; and a sentence on where they come from.
    """
    shared = share_ground(
        net,
        carries,
        catchments=None,
        runoff_coefficient=runoff_coefficient,
        served_distance_m=served_distance_m,
    )
    takes = np.zeros(net.graph.n_nodes, dtype=np.bool_)
    takes[net.graph.tail[carries]] = True
    given = net.catchments
    if given is not None and len(given):
        row, area, _ = place_catchments(net, given, takes)
        psi, ids = _coefficients(given, runoff_coefficient), given.index
        shapes = given.to_crs(net.crs) if net.crs is not None and given.crs is not None else given
        geometry = np.asarray(shapes.geometry.array)
    else:
        row = np.flatnonzero((shared.area_ha > 0.0) & takes)
        area = shared.area_ha[row]
        psi, ids = shared.runoff_ha[row] / area, net.nodes.index[row]
        geometry = np.full(len(row), None, dtype=object)
    kept = (row >= 0) & (area > 0.0)
    pieces = pd.DataFrame({"node_row": row, "area_ha": area, "runoff_coefficient": psi}, index=ids)
    pieces.index = pieces.index.rename("catchment_id")
    return gpd.GeoDataFrame(pieces[kept], geometry=geometry[kept], crs=net.crs), shared.origin


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
    if net.crs is not None and catchments.crs is not None and catchments.crs != net.crs:
        catchments = catchments.to_crs(net.crs)
    nodes = net.nodes
    row = np.full(len(catchments), -1)
    if "node_id" in catchments:
        row = nodes.index.get_indexer(pd.Index(catchments["node_id"]))
    area = np.asarray(catchments.geometry.area, dtype=np.float64) / 1e4
    if "area_ha" in catchments:
        recorded = catchments["area_ha"].to_numpy(dtype=np.float64)
        area = np.where(np.isfinite(recorded), recorded, area)
    lost = np.asarray((row < 0) | ~takes[row])
    if lost.any():
        row = np.where(lost, _nearest_taker(nodes, takes, catchments), row)
    return row, area, lost


def _nearest_taker(nodes: gpd.GeoDataFrame, takes: Bools, catchments: gpd.GeoDataFrame) -> NDArray[np.intp]:
    from scipy.spatial import KDTree

    place = _xy(np.asarray(nodes.geometry.array))
    middle = _xy(shapely.centroid(np.asarray(catchments.geometry.array)))
    takers = np.flatnonzero(takes & np.isfinite(place).all(axis=1))
    located = np.isfinite(middle).all(axis=1)
    nearest = np.full(len(catchments), -1, dtype=np.intp)
    if len(takers) and located.any():
        nearest[located] = takers[KDTree(place[takers]).query(middle[located])[1]]
    return nearest


def _xy(points: NDArray[np.object_]) -> Floats:
    return np.column_stack([shapely.get_x(points), shapely.get_y(points)])


def _by_nearest(net: DrainageNetwork, carries: Bools, takes: Bools, served_distance_m: float) -> tuple[Floats, float]:
    """Share the served ground out on a raster by two Euclidean distance transforms.

    The border between two nodes is a staircase of cells, so that one area is off by about half a
    cell along its border (a few per cent of an inlet's ground at 5 m); the total is exact to the
    border of the served ground.  Nodes in one cell share it equally.
    """
    from scipy.ndimage import distance_transform_edt

    from drainage.simulation import routing

    graph = net.graph
    takers = np.flatnonzero(takes)
    area = np.zeros(graph.n_nodes)
    if not len(takers):
        return area, FINEST_CELL_M
    place = shapely.get_coordinates(np.asarray(net.nodes.geometry.array[takers]))
    lines = np.asarray(net.pipes.geometry.array[carries])
    corners = shapely.get_coordinates(lines)
    low = corners.min(axis=0) - served_distance_m
    span = corners.max(axis=0) + served_distance_m - low
    cell_m = max(FINEST_CELL_M, float(np.sqrt(span[0] * span[1] / MOST_CELLS)))
    shape = tuple(int(n) for n in np.ceil(span / cell_m).astype(int) + 1)
    cells = _cells_along(lines, cell_m / 2.0, low, cell_m, shape)
    dry = np.ones(shape, dtype=np.bool_)
    dry.reshape(-1)[cells] = False
    served = routing.near_cells(dry, served_distance_m / cell_m)
    cell = _cell_of(place, low, cell_m, shape)
    empty = np.ones(shape, dtype=np.bool_)
    empty.reshape(-1)[cell] = False
    nearest = distance_transform_edt(empty, return_distances=False, return_indices=True)
    cell_count = routing.count_owned(nearest, served).reshape(-1)[cell]
    sharers = np.bincount(cell, minlength=shape[0] * shape[1])[cell]
    area[takers] = cell_count / sharers * cell_m**2 / 1e4
    return area, cell_m


def _cell_of(points: Floats, low: Floats, cell_m: float, shape: tuple[int, ...]) -> NDArray[np.int64]:
    index = ((points - low) / cell_m).astype(np.int64)
    index = np.clip(index, 0, np.asarray(shape) - 1)
    return np.asarray(index[:, 0] * shape[1] + index[:, 1], dtype=np.int64)


def _cells_along(
    lines: NDArray[np.object_], step_m: float, low: Floats, cell_m: float, shape: tuple[int, ...]
) -> NDArray[np.int64]:
    """Give the cells that lines run through, by points at every `step_m` along each segment."""
    points, line = shapely.get_coordinates(lines, return_index=True)
    same = line[1:] == line[:-1]
    start, end = points[:-1][same], points[1:][same]
    pieces = np.maximum(np.ceil(np.hypot(*(end - start).T) / step_m), 1.0).astype(np.int64)
    first = np.repeat(np.cumsum(pieces) - pieces, pieces)
    along = (np.arange(pieces.sum()) - first + 0.5) / np.repeat(pieces, pieces)
    between = np.repeat(start, pieces, axis=0) + along[:, None] * np.repeat(end - start, pieces, axis=0)
    return _cell_of(between, low, cell_m, shape)
