"""What edits do to the connections: parts, ways to an outfall, systems that meet, loose ends, what is left alone.

Both networks are looked at as they lie when everything is done that either of them tells: without abandoned pipes.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from drainage.arrays import Bools, Floats, marked
from drainage.change_sets.new_rows import ENDS
from drainage.network import DrainageNetwork
from drainage.said import Said
from drainage.words import in_both

#: Kinds of nodes where water may end.
_ENDS_HERE: Final = ("outfall", "works", "user")


class _Lie(NamedTuple):
    """A network as it lies in the end; arrays by the rows of its nodes and pipes."""

    net: DrainageNetwork
    used: Bools
    reaches: Bools
    meets: Bools
    off_m: Floats

    @property
    def nodes(self) -> pd.Index:
        return self.net.nodes.index


def find_effects(
    before: DrainageNetwork, after: DrainageNetwork, join_within_m: float
) -> tuple[gpd.GeoDataFrame, dict[str, object]]:
    """Return what is otherwise connected after edits, one row each, and the counts of both.

    A way out is to an outfall, the works or a user, as it was before the edits or is recorded after them: an end that
    is left where a pipe was cut is none.
    """
    one, other, out_now = _lies(*as_they_end(before, after))
    rows = [*_of_ways(one, other), *_of_ends(one, other, out_now, join_within_m), *_alone(before, one, after, other)]
    table = pd.DataFrame(rows, columns=["effect", "feature_kind", "feature_id", "reason", "geometry"], dtype=object)
    table = table.astype({"effect": "str", "feature_kind": "str", "feature_id": "str", "reason": object})
    effects = gpd.GeoDataFrame(table, geometry="geometry", crs=after.crs).rename_axis("row")
    counts = effects["effect"].value_counts()
    return effects, _counted(one, other) | {"effects": {str(name): int(n) for name, n in counts.items()}}


def count_both(before: DrainageNetwork, after: DrainageNetwork) -> dict[str, object]:
    """Return how many pipes, nodes and parts there are before and after edits, and nodes with a way out."""
    return _counted(*_lies(before, after)[:2])


def _lies(before: DrainageNetwork, after: DrainageNetwork) -> tuple[_Lie, _Lie, Bools]:
    """Return how both networks are connected, and which nodes of the latter are a way out."""
    none = np.zeros(0, np.bool_)
    was, now = (_Lie(net, none, none, none, np.zeros(0)) for net in (before, after))
    out_then, kinds = was.net.kinds.among(*_ENDS_HERE), now.net.nodes
    still = kinds.index.isin(was.net.nodes.index[out_then]) | (kinds["kind_source"] != "inferred").to_numpy()
    out_now = now.net.kinds.among(*_ENDS_HERE) & still
    return _measured(was, out_then), _measured(now, out_now), out_now


def _counted(before: _Lie, after: _Lie) -> dict[str, object]:
    counts: dict[str, object] = {}
    for name, lie in (("before", before), ("after", after)):
        counts |= {
            f"pipes_{name}": len(lie.net.pipes),
            f"nodes_{name}": int(lie.used.sum()),
            f"parts_{name}": len(np.unique(lie.net.graph.part[lie.used])),
            f"nodes_to_outfall_{name}": int((lie.reaches & lie.used).sum()),
        }
    return counts


def as_they_end(before: DrainageNetwork, after: DrainageNetwork) -> tuple[DrainageNetwork, DrainageNetwork]:
    """Return both networks as they lie on the last day that either tells, with all that is laid and abandoned by then.

    Without any day they are returned as they are.
    """
    days = [
        pd.to_datetime(net.pipes[name]).max()
        for net in (before, after)
        for name in ("commissioned", "abandoned")
        if name in net.pipes
    ]
    known = [day for day in days if pd.notna(day)]
    return (before.as_of(max(known)), after.as_of(max(known))) if known else (before, after)


def _measured(lie: _Lie, outfall: Bools) -> _Lie:
    net = lie.net
    graph, pipes = net.graph, net.pipes
    n = len(net.nodes)
    system = pipes["system"].to_numpy(dtype=object)
    sewage, storm = np.equal(system, "sewage"), np.equal(system, "storm")
    comes = [marked(n, graph.head[mask]) for mask in (sewage, storm)]
    leaves = [marked(n, graph.tail[mask]) for mask in (sewage, storm)]
    meets = (comes[0] & leaves[1]) | (comes[1] & leaves[0])
    reaches = graph.upstream(np.flatnonzero(outfall).astype(np.int32)).nodes
    return _Lie(net, marked(n, graph.tail, graph.head), reaches, meets, _off_m(net))


def _off_m(net: DrainageNetwork) -> Floats:
    """Return how far the line of each pipe ends from its nodes, the farther end, m; (n_pipes,)."""
    lines, points = net.pipes.geometry.to_numpy(), net.nodes.geometry.to_numpy()
    far = np.zeros(len(lines))
    for (_, at), rows in zip(ENDS, (net.graph.tail, net.graph.head), strict=True):
        far = np.fmax(far, shapely.distance(shapely.get_point(lines, at), points[rows]))
    return far


def _at(lie: _Lie, values: Bools, names: pd.Index) -> Bools:
    """Return a fact about nodes for the nodes of another network, False where it is unknown there."""
    row = lie.nodes.get_indexer(names)
    return np.asarray(np.append(values, [False])[row], np.bool_)


def _of_ways(was: _Lie, now: _Lie) -> Iterator[tuple[object, ...]]:
    """Yield nodes that lost or found the way to an outfall, and those at which sewage and storm pipes newly meet."""
    names = now.nodes
    used, reached = _at(was, was.used, names), _at(was, was.reaches & was.used, names)
    lost = now.used & ~now.reaches & reached
    lead = now.used & now.reaches & used & ~reached
    blind = now.used & ~now.reaches & ~used
    meets = now.meets & ~_at(was, was.meets, names)
    for effect, rows, said in (
        ("cut_off", lost, in_both("effect_cut_off")),
        ("joined", lead, in_both("effect_joined")),
        ("no_way_out", blind, in_both("effect_no_way_out")),
        ("systems_meet", meets, in_both("effect_systems_meet")),
    ):
        yield from _rows(now.net.nodes, "node", effect, rows, said)


def _of_ends(was: _Lie, now: _Lie, outfall: Bools, join_within_m: float) -> Iterator[tuple[object, ...]]:
    """Yield nodes at which water arrives and cannot leave, and pipes whose line ends beside their node."""
    hang = []
    for lie in (was, now):
        n = len(lie.net.nodes)
        arrives, leaves = marked(n, lie.net.graph.head), marked(n, lie.net.graph.tail)
        hang.append(arrives & ~leaves)
    hung = hang[1] & ~outfall & ~_at(was, hang[0] & ~was.net.kinds.among(*_ENDS_HERE), now.nodes)
    yield from _rows(now.net.nodes, "node", "hanging_end", hung, in_both("effect_hanging_end"))
    pipes = now.net.pipes
    row = was.net.pipes.index.get_indexer(pipes.index)
    before = np.append(was.off_m, [0.0])[row]
    off = (now.off_m > join_within_m) & ~(before >= now.off_m - 1e-9)
    for k in np.flatnonzero(off).tolist():
        said = in_both("effect_end_off_node", distance_m=float(now.off_m[k]))
        yield "end_off_node", "pipe", str(pipes.index[k]), said, pipes.geometry.iloc[k]


def _alone(before: DrainageNetwork, was: _Lie, after: DrainageNetwork, now: _Lie) -> Iterator[tuple[object, ...]]:
    """Yield nodes that no pipe uses any more, and ground that drains to such a node or to one that is gone."""
    nodes = after.nodes
    used_now, used_then = _at(now, now.used, nodes.index), _at(was, was.used, nodes.index)
    alone = ~used_now & (used_then | ~nodes.index.isin(before.nodes.index))
    yield from _rows(nodes, "node", "node_alone", alone, in_both("effect_node_alone"))
    ground, old = after.catchments, before.catchments
    if ground is None:
        return
    names = pd.Index(ground["node_id"])
    lost = ~_at(now, now.used, names) & names.notna()
    known = old.index if old is not None else pd.Index([])
    stayed = np.zeros(len(ground), np.bool_)
    if old is not None:
        row = known.get_indexer(ground.index)
        then = ~_at(was, was.used, pd.Index(old["node_id"]))
        stayed = np.append(then, [False])[row]
    yield from _rows(ground, "catchment", "ground_without_node", lost & ~stayed, in_both("effect_ground_without_node"))


def _rows(
    table: gpd.GeoDataFrame, kind: str, effect: str, rows: Bools, said: Said
) -> Iterator[tuple[object, ...]]:  # fmt: skip
    for k in np.flatnonzero(rows).tolist():
        yield effect, kind, str(table.index[k]), said, table.geometry.iloc[k]
