"""From surveyed lines to pipes that meet at nodes: ids where the survey has them, places where it has none.

Every end of a pipe gets a node; lines drawn against their recorded direction are turned; each change is an issue.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from drainage.schema import NODE_COLUMNS, Issues

if TYPE_CHECKING:
    import pyproj

Floats = NDArray[np.float64]

FAR_M = 20.0  # ends of one node farther apart than this cannot be one manhole; a choice of ours, no standard


class Joined(NamedTuple):
    """Pipes that meet at nodes, and the row of the node at which each begins and ends, (n_pipes,)."""

    pipes: gpd.GeoDataFrame
    nodes: gpd.GeoDataFrame
    tail: NDArray[np.intp]
    head: NDArray[np.intp]

    @classmethod
    def of(cls, pipes: gpd.GeoDataFrame, nodes: gpd.GeoDataFrame) -> Joined:
        """Find the rows of the nodes that the pipes name; -1 where there is no such node."""
        tail, head = (nodes.index.get_indexer(pd.Index(pipes[column])) for column in ("from_node", "to_node"))
        return cls(pipes, nodes, tail, head)


def join_pipes(
    pipes: gpd.GeoDataFrame, nodes: gpd.GeoDataFrame | None, *, tolerance_m: float, issues: Issues
) -> Joined:
    """Give every pipe end a node and every node a row.

    A recorded ``from_node``/``to_node`` is believed. An end without one takes the node of the layer, or the recorded
    end of another pipe, within ``tolerance_m`` (the nearest); ends that lie within it of each other become a new node.

    Parameters
    ----------
    pipes
        Index ``pipe_id``; metric CRS; ``from_node`` and ``to_node`` text or missing.
    nodes
        Index ``node_id``, points in the same CRS, or None.
    tolerance_m
        Greatest distance between ends that meet.
    issues
        Takes what was found and done.

    Returns
    -------
    Pipes with both nodes known and geometry digitised from → to, the nodes, and the rows of the ends.
    """
    start, end = _ends(pipes)
    recorded = _recorded(pipes)
    names = _forget_placeholders(recorded, np.concatenate([start, end]), issues)
    place = _node_places(names, np.concatenate([start, end]), nodes)
    known_before = place.index
    against = _drawn_against(names, start, end, place)
    if against.any():
        pipes = _reverse(pipes, against, issues)
        start, end = np.where(against[:, None], end, start), np.where(against[:, None], start, end)
    names = _meet(names, np.concatenate([start, end]), place, tolerance_m, prefix=_free_prefix(place.index, "N"))
    pipes = pipes.copy(deep=False)
    as_recorded = names is recorded  # the usual case of a survey with ids, at a million pipes worth telling apart
    if not as_recorded:
        pipes["from_node"], pipes["to_node"] = np.split(names, 2)
    nowhere = pipes["from_node"].isna() | pipes["to_node"].isna()
    issues.add(
        "no_place",
        "error",
        "pipe",
        pipes.index[nowhere],
        "has neither geometry nor from_node and to_node",
        "set aside; give it one of them",
    )
    loop = ~nowhere & (pipes["from_node"] == pipes["to_node"])
    zero = loop & (pipes.geometry.length.fillna(0.0) <= 2 * tolerance_m)
    issues.add(
        "zero_length",
        "warning",
        "pipe",
        pipes.index[zero],
        "has no length: it begins and ends at one place",
        "set aside",
    )
    issues.add(
        "self_loop",
        "error",
        "pipe",
        pipes.index[loop & ~zero],
        "begins and ends at the same node",
        "set aside; correct from_node or to_node",
    )
    kept = ~(nowhere | loop).to_numpy()
    if not kept.all():
        pipes, start, end = pipes[kept], start[kept], end[kept]
    if nodes is not None:
        _report_unknown(pipes, nodes, known_before, issues)
    if not (as_recorded and kept.all()):
        names = np.concatenate([pipes["from_node"], pipes["to_node"]])
        place = _node_places(names, np.concatenate([start, end]), nodes)
    tail, head = np.split(place.index.get_indexer(pd.Index(names)), 2)
    xy = place[["x", "y"]].to_numpy()
    pipes = _draw_straight(pipes, xy[tail], xy[head], issues)
    pipes = _turn(pipes, (start, end), (xy[tail], xy[head]), issues)
    return Joined(pipes, _node_table(nodes, place, pipes.crs), tail, head)


def _ends(pipes: gpd.GeoDataFrame) -> tuple[Floats, Floats]:
    """Return first and last coordinates, (n, 2), NaN where a pipe has no line."""
    coords, index = shapely.get_coordinates(pipes.geometry.to_numpy(), return_index=True)
    start = np.full((len(pipes), 2), np.nan)
    end = np.full((len(pipes), 2), np.nan)
    end[index] = coords  # the last one written stays
    start[index[::-1]] = coords[::-1]
    return start, end


def _drawn_against(names: NDArray[np.object_], start: Floats, end: Floats, place: pd.DataFrame) -> NDArray[np.bool_]:
    """Tell lines of which only one end has a name, and whose other end lies where that node is."""
    named = ~pd.isna(names).reshape(2, -1)
    against = named[0] != named[1]
    rows = np.flatnonzero(against)
    if not len(rows):
        return np.asarray(against)
    first = named[0][rows]
    at = place[["x", "y"]].reindex(np.where(first, names[rows], names[rows + len(start)])).to_numpy()
    own = np.where(first[:, None], start[rows], end[rows])
    other = np.where(first[:, None], end[rows], start[rows])
    against[rows] = np.hypot(*(other - at).T) + 1.0 < np.hypot(*(own - at).T)
    return np.asarray(against)


def _recorded(pipes: gpd.GeoDataFrame) -> NDArray[np.object_]:
    both = pd.concat([pipes["from_node"], pipes["to_node"]], ignore_index=True)
    names = both.astype(object).to_numpy(copy=True)
    names[both.isna().to_numpy()] = None
    return np.asarray(names)


def _forget_placeholders(names: NDArray[np.object_], xy: Floats, issues: Issues) -> NDArray[np.object_]:
    """Drop ids such as 0 and -1 where they stand at places far apart: no manhole is everywhere."""
    for text in ("0", "-1", "-99", "-9999", "9999", "99999"):
        here = names == text
        spread = np.nanmax(np.ptp(xy[here], axis=0)) if here.sum() > 1 and np.isfinite(xy[here]).any() else 0.0
        if spread > FAR_M:
            issues.add(
                "placeholder_node",
                "warning",
                "node",
                [text],
                f"{int(here.sum())} pipe ends up to {spread:.0f} m apart carry this id",
                "id ignored; ends joined by place",
            )
            names = names.copy()
            names[here] = None
    return names


def _node_places(names: NDArray[np.object_], xy: Floats, nodes: gpd.GeoDataFrame | None) -> pd.DataFrame:
    """Return x, y of each node: of the layer, else the median of the ends that carry its name; index = node_id."""
    known = pd.DataFrame({"node": names, "x": xy[:, 0], "y": xy[:, 1]})
    known = known[known["node"].notna()]
    by_ends = known.groupby("node", sort=False)[["x", "y"]].median()
    if nodes is None or not len(nodes):
        return by_ends
    points = pd.DataFrame(
        {"x": shapely.get_x(nodes.geometry.to_numpy()), "y": shapely.get_y(nodes.geometry.to_numpy())},
        index=nodes.index.astype(object),
    )
    extra = by_ends[points.index.get_indexer(by_ends.index) < 0]
    placed = pd.concat([points, extra])
    blank = placed["x"].isna().to_numpy()
    if blank.any():
        blank[blank] = by_ends.index.get_indexer(placed.index[blank]) >= 0
        placed[blank] = by_ends.loc[placed.index[blank]]
    return placed


def _meet(
    names: NDArray[np.object_], xy: Floats, place: pd.DataFrame, tolerance_m: float, prefix: str
) -> NDArray[np.object_]:
    """Name the ends that have no name yet, by what lies within the tolerance."""
    open_ = np.flatnonzero(pd.isna(names) & np.isfinite(xy).all(axis=1))
    if not len(open_):
        return names
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components
    from scipy.spatial import cKDTree

    names = names.copy()
    point, which = np.unique(xy[open_] @ np.array([1, 1j]), return_inverse=True)
    spots = np.column_stack([point.real, point.imag])
    located = place[np.isfinite(place["x"])]
    taken = np.full(len(spots), None, dtype=object)
    if len(located):
        tree = cKDTree(located[["x", "y"]].to_numpy())
        distance, nearest = tree.query(spots, distance_upper_bound=tolerance_m * (1 + 1e-9))
        found = np.isfinite(distance)
        taken[found] = located.index.to_numpy(dtype=object)[np.asarray(nearest)[found]]
    pairs = cKDTree(spots).query_pairs(tolerance_m, output_type="ndarray")
    matrix = coo_array((np.ones(len(pairs), np.int8), (pairs[:, 0], pairs[:, 1])), shape=(len(spots), len(spots)))
    n_groups, group = connected_components(matrix, directed=False)
    group_name = np.full(n_groups, None, dtype=object)
    named = np.flatnonzero(~pd.isna(taken))
    group_name[group[named[::-1]]] = taken[named[::-1]]
    unnamed = pd.isna(group_name)
    order = _by_first_use(group[which], n_groups)
    width = len(str(n_groups))
    group_name[unnamed] = np.array([f"{prefix}{number + 1:0{width}d}" for number in order[unnamed]], dtype=object)
    names[open_] = np.where(pd.isna(taken), group_name[group], taken)[which]
    return names


def _by_first_use(group: NDArray[np.int32], n_groups: int) -> NDArray[np.int64]:
    first = np.full(n_groups, len(group), np.int64)
    first[group[::-1]] = np.arange(len(group))[::-1]
    rank = np.empty(n_groups, np.int64)
    rank[np.argsort(first, kind="stable")] = np.arange(n_groups)
    return rank


def _free_prefix(taken: pd.Index, prefix: str) -> str:
    while len(taken) and pd.Series(taken.astype(str)).str.fullmatch(prefix + r"\d+").any():
        prefix += "x"
    return prefix


def _report_unknown(pipes: gpd.GeoDataFrame, nodes: gpd.GeoDataFrame, known_before: pd.Index, issues: Issues) -> None:
    ends = pd.concat([pipes["from_node"], pipes["to_node"]])
    unknown = ends[nodes.index.get_indexer(pd.Index(ends)) < 0]
    unknown = unknown[known_before.get_indexer(pd.Index(unknown)) >= 0] if len(unknown) else unknown
    for node, pipe_ids in unknown.groupby(unknown, sort=False):
        users = ", ".join(map(str, pipe_ids.index[:4]))
        issues.add(
            "unknown_node",
            "warning",
            "node",
            [node],
            f"is named by {users} but is not in the nodes layer",
            "placed at the end of the pipe; add it to the nodes layer",
        )


def _draw_straight(pipes: gpd.GeoDataFrame, at_from: Floats, at_to: Floats, issues: Issues) -> gpd.GeoDataFrame:
    """Give pipes of a table without geometry the straight line between their nodes."""
    missing = pipes.geometry.isna().to_numpy()
    if not missing.any():
        return pipes
    drawn = missing & np.isfinite(at_from).all(axis=1) & np.isfinite(at_to).all(axis=1)
    geometry = pipes.geometry.to_numpy().copy()
    geometry[drawn] = shapely.linestrings(np.stack([at_from[drawn], at_to[drawn]], axis=1))
    reason = f"{int(drawn.sum())} pipes have no line of their own"
    told = ["geometry"] * bool(drawn.any())
    issues.add("drawn_straight", "info", "column", told, reason, "drawn straight, node to node")
    return pipes.set_geometry(gpd.GeoSeries(geometry, index=pipes.index, crs=pipes.crs))


def _turn(
    pipes: gpd.GeoDataFrame, drawn: tuple[Floats, Floats], nodes: tuple[Floats, Floats], issues: Issues
) -> gpd.GeoDataFrame:
    """Turn lines that are drawn from their to_node to their from_node; report ends far from their node."""
    (start, end), (at_from, at_to) = drawn, nodes
    straight = np.hypot(*(start - at_from).T) + np.hypot(*(end - at_to).T)
    crossed = np.hypot(*(end - at_from).T) + np.hypot(*(start - at_to).T)
    turned = crossed + 1.0 < straight
    if turned.any():
        pipes = _reverse(pipes, turned, issues)
    far = np.minimum(straight, crossed) > 2 * FAR_M
    issues.add(
        "far_from_node",
        "warning",
        "pipe",
        pipes.index[far],
        f"its line ends more than {FAR_M:g} m from its nodes",
        "joined by the recorded ids; check them",
    )
    return pipes


def _reverse(pipes: gpd.GeoDataFrame, turned: NDArray[np.bool_], issues: Issues) -> gpd.GeoDataFrame:
    geometry = np.array(pipes.geometry.array)
    geometry[turned] = shapely.reverse(geometry[turned])
    issues.add(
        "drawn_against_flow",
        "info",
        "pipe",
        pipes.index[turned],
        "is drawn from its to_node to its from_node",
        "line turned; from_node and to_node kept",
    )
    return pipes.set_geometry(gpd.GeoSeries(geometry, index=pipes.index, crs=pipes.crs))


def _node_table(nodes: gpd.GeoDataFrame | None, place: pd.DataFrame, crs: pyproj.CRS | None) -> gpd.GeoDataFrame:
    geometry = gpd.GeoSeries(gpd.points_from_xy(place["x"], place["y"]), index=place.index, crs=crs)
    geometry[place["x"].isna().to_numpy()] = None
    table = gpd.GeoDataFrame(index=place.index, geometry=geometry)
    if nodes is not None:
        given = nodes.drop(columns=nodes.geometry.name).reindex(place.index)
        table = gpd.GeoDataFrame(given, geometry=geometry)
    for column in NODE_COLUMNS:
        if column not in table:
            table[column] = np.nan if column.endswith(("_m", "_ha", "_coefficient")) else None
    table.index = table.index.astype("str")
    table.index.name = "node_id"
    return table
