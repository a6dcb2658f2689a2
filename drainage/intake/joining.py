"""From surveyed lines to pipes that meet at nodes: ids where the survey has them, places where it has none.

Every end of a pipe gets a node; lines drawn against their recorded direction are turned; each change is an issue.
"""

from __future__ import annotations

from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely
from numpy.typing import NDArray

from drainage.arrays import Floats, Rows
from drainage.errors import TopologyError
from drainage.positions import FAR_M, coordinates, line_ends
from drainage.positions.drawn_later import DrawnLater, Points
from drainage.positions.middles import median_places
from drainage.said import joined
from drainage.schema import Issues
from drainage.schema.layers import LAYERS
from drainage.schema.text.arrow_text import known_unique
from drainage.words import coded, in_both, keyword

FEW_LOOSE = 5  # so many outfalls or inlets without a pipe are faults of their own; a choice of ours, no standard


class _Places(NamedTuple):
    """Nodes by id and where they lie, (n_nodes, 2), NaN where nobody says."""

    ids: pd.Index
    xy: Floats


class Ends(NamedTuple):
    """All beginnings, then all ends, (2 n_pipes,): row of the name among ``names``, -1 for none; x and y."""

    code: Rows
    names: pd.Index
    xy: Floats

    @classmethod
    def of(cls, pipes: gpd.GeoDataFrame) -> Ends:
        """Read them off a table of pipes."""
        code, names = pd.factorize(pd.concat([pipes["from_node"], pipes["to_node"]], ignore_index=True))
        return cls(code, known_unique(pd.Index(names, dtype="str")), np.concatenate(line_ends(pipes.geometry.values)))

    @property
    def other(self) -> Rows:
        """Row of the other end of the same pipe, (2 n_pipes,)."""
        return np.roll(np.arange(len(self.code)), len(self.code) // 2)

    @property
    def nameless(self) -> NDArray[np.bool_]:
        """Pipes of which neither end is named, (n_pipes,)."""
        return np.asarray((self.code.reshape(2, -1) < 0).all(axis=0))

    def rename(self, pipes: gpd.GeoDataFrame, before: Ends) -> gpd.GeoDataFrame:
        """Write the names into the pipes where they are not those of ``before``."""
        if self.names is before.names and self.code is before.code:
            return pipes
        column = pd.Series(self.names.append(pd.Index([None], dtype="str")), dtype="str").array
        tail, head = np.split(self.code, 2)
        named = {
            name: pd.Series(column[code], index=pipes.index) for name, code in (("from_node", tail), ("to_node", head))
        }
        return pipes.assign(**named)


class Joined(NamedTuple):
    """Pipes that meet at nodes, and the row of the node at which each begins and ends, (n_pipes,)."""

    pipes: gpd.GeoDataFrame
    nodes: gpd.GeoDataFrame
    tail: Rows
    head: Rows

    @classmethod
    def of(cls, pipes: gpd.GeoDataFrame, nodes: gpd.GeoDataFrame) -> Joined:
        """Find the rows of the nodes that the pipes name; -1 where there is no such node."""
        tail, head = (nodes.index.get_indexer(pd.Index(pipes[column])) for column in ("from_node", "to_node"))
        return cls(pipes, nodes, tail, head)


def check_tolerance(tolerance_m: float) -> None:
    """Refuse a distance within which nothing can meet.

    Raises
    ------
    TopologyError
        It is below 0, or no number.
    """
    if not 0.0 <= tolerance_m < float("inf"):
        raise TopologyError(in_both("not_from_0", name=keyword("join_within_m"), value=tolerance_m))


def join_pipes(
    pipes: gpd.GeoDataFrame,
    nodes: gpd.GeoDataFrame | None,
    *,
    tolerance_m: float,
    issues: Issues,
    ends: Ends | None = None,
) -> Joined:
    """Assign every pipe end a node and every node a row.

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
    ends
        The ends of the pipes, where the caller has read them already.

    Returns
    -------
    Pipes with both nodes known and geometry digitised from → to, the nodes, and the rows of the ends.
    """
    code, names, xy = Ends.of(pipes) if ends is None else ends
    start, end = np.split(xy, 2)
    believed = _forget_placeholders(code, names, xy, issues)
    recorded, place = _node_places(believed, names, xy, nodes)
    against = _drawn_against(recorded, start, end, place)
    if against.any():
        pipes = reverse_lines(pipes, against, issues)
        start, end = np.where(against[:, None], end, start), np.where(against[:, None], start, end)
    at, ids = _meet(recorded, place, np.concatenate([start, end]), tolerance_m)
    kept = _report_no_pipes(pipes, at, tolerance_m, issues)
    if not kept.all():
        pipes, start, end, at = pipes[kept], start[kept], end[kept], at[np.tile(kept, 2)]
    if nodes is not None:
        _report_unknown(pipes, at, place, len(nodes), issues)
    as_recorded = believed is code and ids is place.ids  # the usual survey with ids, worth telling apart at a million
    if not (as_recorded and kept.all()):
        at, place = _node_places(at, ids, np.concatenate([start, end]), nodes)
    tail, head = np.split(at, 2)
    pipes = pipes.copy(deep=False)
    if not as_recorded:
        pipes["from_node"], pipes["to_node"] = place.ids.take(tail), place.ids.take(head)
    pipes = _draw_straight(pipes, place.xy[tail], place.xy[head], issues)
    pipes = _turn(pipes, (start, end), (place.xy[tail], place.xy[head]), issues)
    return Joined(pipes, _node_table(nodes, place, pipes.crs), tail, head)


def report_loose(joined: Joined, tolerance_m: float, issues: Issues) -> None:
    """Report outfalls and inlets that no pipe reaches, where they are more than a few, and how far the pipes are."""
    reached = np.zeros(len(joined.nodes), np.bool_)
    reached[np.concatenate([joined.tail, joined.head])] = True
    kind = joined.nodes["kind"].to_numpy(dtype=object)
    points = joined.nodes.geometry
    for name in ("outfall", "inlet"):
        loose = (kind == name) & ~reached & ~points.array.isna()
        if loose.sum() <= FEW_LOOSE:
            continue
        _, far_m = joined.pipes.sindex.nearest(points[loose], return_all=False, return_distance=True)
        reason = in_both(
            "loose_nodes", count=int(loose.sum()), of=int((kind == name).sum()), kind=coded("kind", name),
            tolerance_m=tolerance_m, far_m=float(np.median(far_m)),
        )  # fmt: skip
        issues.add("loose_nodes", "warning", "layer", [name], reason, in_both("join_loose"))


def reverse_lines(pipes: gpd.GeoDataFrame, turned: NDArray[np.bool_], issues: Issues) -> gpd.GeoDataFrame:
    """Turn lines that are drawn against their recorded direction, (n_pipes,), and say so."""
    geometry = np.array(pipes.geometry.values)
    geometry[turned] = shapely.reverse(geometry[turned])
    reason, action = in_both("drawn_from_end"), in_both("line_turned")
    issues.add("drawn_against_flow", "info", "pipe", pipes.index[turned], reason, action)
    return pipes.set_geometry(gpd.GeoSeries(geometry, index=pipes.index, crs=pipes.crs))


def _drawn_against(at: Rows, start: Floats, end: Floats, place: _Places) -> NDArray[np.bool_]:
    """Return lines with a name at one end only, and whose other end lies where that node is."""
    named = at.reshape(2, -1) >= 0
    against = named[0] != named[1]
    rows = np.flatnonzero(against)
    if not len(rows):
        return np.asarray(against)
    first = named[0][rows]
    node = place.xy[np.where(first, at[rows], at[rows + len(start)])]
    own = np.where(first[:, None], start[rows], end[rows])
    other = np.where(first[:, None], end[rows], start[rows])
    against[rows] = np.hypot(*(other - node).T) + 1.0 < np.hypot(*(own - node).T)
    return np.asarray(against)


def _forget_placeholders(code: Rows, names: pd.Index, xy: Floats, issues: Issues) -> Rows:
    """Drop ids such as 0 and -1 where they stand at places far apart: no manhole is everywhere."""
    for row in np.flatnonzero(names.isin(["0", "-1", "-99", "-9999", "9999", "99999"])).tolist():
        here = code == row
        located = xy[here & np.isfinite(xy[:, 0])]
        spread = float(np.ptp(located, axis=0).max()) if len(located) else 0.0
        if spread > FAR_M:
            reason = in_both("id_at_many_ends", count=int(here.sum()), spread_m=spread)
            issues.add("placeholder_node", "warning", "node", [names[row]], reason, in_both("id_ignored"))
            code = np.where(here, -1, code)
    return code


def _node_places(code: Rows, names: pd.Index, xy: Floats, nodes: gpd.GeoDataFrame | None) -> tuple[Rows, _Places]:
    """Place each node: where the layer has it, else at the median of the ends that carry its name.

    Takes the row of ``names`` of each end, -1 where it has none; returns its row among the places likewise. Nodes of
    the layer come first, others in the order of their first use.
    """
    known = code >= 0
    rank, used = _ranked(code[known])
    by_ends = median_places(rank, xy[known])
    at, ids = np.full(len(code), -1, np.intp), names if _is_range(used, len(names)) else names.take(used)
    if nodes is None or not len(nodes):
        at[known] = rank
        return at, _Places(ids, by_ends)
    points = coordinates(nodes.geometry)
    row = nodes.index.get_indexer(ids)
    extra = row < 0
    row[extra] = len(nodes) + np.arange(extra.sum())
    at[known] = row[rank]
    placed = np.vstack([points, by_ends[extra]])
    blank = np.isnan(placed[row, 0])
    placed[row[blank]] = by_ends[blank]
    return at, _Places(nodes.index.append(ids[extra]), placed)


def _ranked(code: Rows) -> tuple[Rows, Rows]:
    """Number codes, 0 or more, in the order of their first use; return the number of each, and the codes used."""
    most = np.maximum.accumulate(code)
    if len(code) and (np.diff(most, prepend=-1) <= 1).all():  # as they come from `Ends.of`
        return code, np.arange(most[-1] + 1)
    return pd.factorize(code)


def _is_range(rows: Rows, n: int) -> bool:
    """Return whether some rows are all, in their order."""
    return len(rows) == n and bool((rows == np.arange(n)).all())


def _meet(at: Rows, place: _Places, xy: Floats, tolerance_m: float) -> tuple[Rows, pd.Index]:
    """Assign ends without a node one within the tolerance, or a new one; new ids come last."""
    open_ = np.flatnonzero(at < 0)
    open_ = open_[np.isfinite(xy[open_]).all(axis=1)]
    if not len(open_):
        return at, place.ids
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components
    from scipy.spatial import cKDTree

    point, which = np.unique(xy[open_] @ np.array([1, 1j]), return_inverse=True)
    spots = np.column_stack([point.real, point.imag])
    located = np.flatnonzero(np.isfinite(place.xy[:, 0]))
    taken = np.full(len(spots), -1, np.intp)
    if len(located):
        distance, nearest = cKDTree(place.xy[located]).query(spots, distance_upper_bound=tolerance_m * (1 + 1e-9))
        found = np.isfinite(distance)
        taken[found] = located[np.asarray(nearest)[found]]
    pairs = cKDTree(spots).query_pairs(tolerance_m, output_type="ndarray")
    matrix = coo_array((np.ones(len(pairs), np.int8), (pairs[:, 0], pairs[:, 1])), shape=(len(spots), len(spots)))
    n_groups, group = connected_components(matrix, directed=False)
    of_group = np.full(n_groups, -1, np.intp)
    named = np.flatnonzero(taken >= 0)[::-1]
    of_group[group[named]] = taken[named]
    new = of_group < 0
    of_group[new] = len(place.ids) + np.arange(new.sum())
    number = pd.Series(_by_first_use(group[which], n_groups)[new] + 1).astype("str").str.zfill(len(str(n_groups)))
    at = at.copy()
    at[open_] = np.where(taken < 0, of_group[group], taken)[which]
    return at, place.ids.append(pd.Index(_free_prefix(place.ids, "N") + number))


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


def _report_no_pipes(pipes: gpd.GeoDataFrame, at: Rows, tolerance_m: float, issues: Issues) -> NDArray[np.bool_]:
    """Report rows that are not pipes, for lack of a location or a length, and return which are."""
    tail, head = np.split(at, 2)
    nowhere = (tail < 0) | (head < 0)
    issues.add("no_place", "error", "pipe", pipes.index[nowhere], in_both("pipe_nowhere"), in_both("aside_give_place"))
    loop = ~nowhere & (tail == head)
    if loop.any():
        zero = loop & ~(pipes.geometry.length.to_numpy() > 2 * tolerance_m)
        reason, action = in_both("pipe_of_no_length"), in_both("put_aside")
        issues.add("zero_length", "warning", "pipe", pipes.index[zero], reason, action)
        reason, action = in_both("ends_where_begins"), in_both("aside_correct_ends")
        issues.add("self_loop", "error", "pipe", pipes.index[loop & ~zero], reason, action)
    return np.asarray(~(nowhere | loop))


def _report_unknown(pipes: gpd.GeoDataFrame, at: Rows, place: _Places, n_layer: int, issues: Issues) -> None:
    """Report recorded ids that are missing from the node layer, the first ``n_layer`` ids."""
    ends = np.flatnonzero((at >= n_layer) & (at < len(place.ids)))
    row, used = pd.factorize(at[ends])
    users = pd.Series(pipes.index.to_numpy()[ends % max(len(pipes), 1)]).groupby(row)
    placed = np.isfinite(place.xy[used, 0])
    for node, names, somewhere in zip(place.ids.take(used), (names for _, names in users), placed, strict=True):
        reason = in_both("node_not_in_layer", pipes=joined(names[:4], ", "))
        found = in_both("node_placed_at_end" if somewhere else "node_kept_unplaced")
        issues.add("unknown_node", "warning", "node", [node], reason, found)


def _draw_straight(pipes: gpd.GeoDataFrame, at_from: Floats, at_to: Floats, issues: Issues) -> gpd.GeoDataFrame:
    """Draw pipes of a table without geometry as straight lines between their nodes."""
    missing = pipes.geometry.isna().to_numpy()
    if not missing.any():
        return pipes
    drawn = missing & np.isfinite(at_from).all(axis=1) & np.isfinite(at_to).all(axis=1)
    geometry = pipes.geometry.to_numpy().copy()
    geometry[drawn] = shapely.linestrings(np.stack([at_from[drawn], at_to[drawn]], axis=1))
    reason = in_both("pipes_without_line", count=int(drawn.sum()))
    told = ["geometry"] * bool(drawn.any())
    issues.add("drawn_straight", "info", "column", told, reason, in_both("drawn_straight"))
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
        pipes = reverse_lines(pipes, turned, issues)
    far = np.minimum(straight, crossed) > 2 * FAR_M
    reason = in_both("ends_far_from_nodes", far_m=FAR_M)
    issues.add("far_from_node", "warning", "pipe", pipes.index[far], reason, in_both("joined_by_ids"))
    return pipes


def _node_table(nodes: gpd.GeoDataFrame | None, place: _Places, crs: pyproj.CRS | None) -> gpd.GeoDataFrame:
    geometry = gpd.GeoSeries(DrawnLater(Points(place.xy)), index=place.ids, crs=crs)
    given = pd.DataFrame(index=geometry.index)
    if nodes is not None:
        given = nodes.drop(columns=nodes.geometry.name).reindex(place.ids)
    table = gpd.GeoDataFrame(given, geometry=geometry)
    model = LAYERS["nodes"]
    blank = {kind: pd.Series(np.full(len(table), none), table.index) for kind, none in ((True, np.nan), (False, None))}
    for column in model.attributes:
        if column not in table:
            table[column] = blank[model.columns[column].kind == "number"]  # columns of nothing share what they hold
    table.index = table.index.astype("str")
    table.index.name = "node_id"
    return table
