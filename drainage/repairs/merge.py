"""Nodes within the tolerance become one: ends that carried different nodes meet, manholes recorded twice are merged.

Two places stay two where the data say so: a pipe leads from one to the other, their pipes are of different systems, or
both have a recorded kind and the kinds differ. The node that knows more stays: recorded kind, recorded values, pipes.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

import numpy as np
import pandas as pd
import shapely

from drainage.arrays import Bools, Floats, Ints
from drainage.repairs.draft import Draft
from drainage.said import Said, joined
from drainage.schema import KINDS, SYSTEMS
from drainage.words import in_both

_DERIVED = ("kind", "kind_source")  # what the network settles by itself from the pipes


class Pairs(NamedTuple):
    """Nodes that lie within the tolerance of each other, nearest pairs first, by row number."""

    a: Ints
    b: Ints
    distance: Floats


def merge_nodes(draft: Draft, tolerance_m: float, rules: Collection[str]) -> None:
    """Merge nodes; rule ``snap`` where one of them is but the place of an end, ``merge`` where both are recorded.

    Nodes are linked by pairs, so a chain of them becomes one; the place is that of the node that stays.
    """
    pairs = _pairs(draft, tolerance_m)
    if not len(pairs.a):
        return
    recorded, rank = _knowledge(draft)
    groups = _Groups(draft, pairs, recorded, rules)
    target = groups.join(pairs, rank)
    _propose(draft, pairs, groups)
    lost = np.flatnonzero(target != np.arange(len(target)))
    if not len(lost):
        return
    names = draft.nodes.index
    xy = shapely.get_coordinates(draft.nodes.geometry.to_numpy()[np.concatenate([lost, target[lost]])])
    apart = np.hypot(*(xy[: len(lost)] - xy[len(lost) :]).T)
    why = [
        in_both("node_merged" if known else "end_merged", distance_m=d, name=names[t])
        for known, d, t in zip(recorded[lost], apart, target[lost], strict=True)
    ]
    for rule in ("snap", "merge"):
        mine = recorded[lost] == (rule == "merge")
        _take_over(draft, lost[mine], target, rank, [w for w, m in zip(why, mine, strict=True) if m], rule)
    for rule in ("snap", "merge"):
        gone = names[lost[recorded[lost] == (rule == "merge")]]
        rows = draft.nodes.index.get_indexer(gone).astype(np.int64)
        if len(rows):
            by_name = dict(zip(names[lost], why, strict=True))
            draft.drop_rows("node", rows, rule=rule, reasons=[by_name[name] for name in gone])


def _pairs(draft: Draft, tolerance_m: float) -> Pairs:
    from scipy.spatial import cKDTree

    geometry = draft.nodes.geometry.to_numpy()
    placed = np.flatnonzero(~(shapely.is_missing(geometry) | shapely.is_empty(geometry)))
    xy = shapely.get_coordinates(geometry[placed])
    found = cKDTree(xy).query_pairs(tolerance_m, output_type="ndarray") if len(xy) else np.zeros((0, 2), np.int64)
    distance = np.hypot(*(xy[found[:, 0]] - xy[found[:, 1]]).T)
    a, b = placed[found].T
    name = id_rank(draft.nodes.index, np.unique(np.concatenate([a, b])), len(geometry))
    low, high = np.minimum(name[a], name[b]), np.maximum(name[a], name[b])
    order = np.lexsort((high, low, np.round(distance, 6)))
    return Pairs(a[order], b[order], distance[order])


def id_rank(index: pd.Index, rows: Ints, n: int) -> Ints:
    """Rank some rows by their ids, short ones first, so that no result depends on the order of rows; (n,)."""
    names = index[rows].astype(str)
    rank = np.zeros(n, np.int64)
    length = np.array([len(name) for name in names], np.int64)
    rank[rows[np.lexsort((np.asarray(names, dtype=object), length))]] = np.arange(len(rows))
    return rank


def system_bits(draft: Draft) -> tuple[Ints, Ints]:
    """Return the systems of each pipe and node as bits, 0 where nothing is known; (n_pipes,), (n_nodes,)."""
    bit = {name: 1 << i for i, name in enumerate(SYSTEMS) if name != "unknown"}
    tail, head = draft.ends()
    pipe = draft.pipes["system"].map(bit).fillna(0).to_numpy().astype(np.int64)
    node = np.zeros(len(draft.nodes), np.int64)
    np.bitwise_or.at(node, tail, pipe)
    np.bitwise_or.at(node, head, pipe)
    if "system" in draft.nodes:
        own = draft.nodes["system"].map(bit).fillna(0).to_numpy(np.int64)
        node = np.where(node == 0, own, node)
    return pipe, node


def _knowledge(draft: Draft) -> tuple[Bools, Ints]:
    """Separate recorded nodes from mere ends of pipes, and rank all: 0 is the one to keep."""
    nodes = draft.nodes
    tail, head = draft.ends()
    degree = np.bincount(np.concatenate([tail, head]), minlength=len(nodes))
    columns = [c for c in nodes.columns if c not in (*_DERIVED, nodes.geometry.name) and not str(c).endswith("_source")]
    known = nodes[columns].notna().sum(axis="columns").to_numpy()
    kind = draft.recorded_kind()
    own = nodes["invert_m"].notna().to_numpy() if "invert_m" in nodes else np.zeros(len(nodes), np.bool_)
    recorded = kind | own | (known > 1)
    everything = np.arange(len(nodes))
    by_id = id_rank(nodes.index, everything, len(nodes))
    rank = np.empty(len(nodes), np.int64)
    rank[np.lexsort((by_id, -degree, -known, ~kind, ~recorded))] = everything
    return recorded, rank


class _Groups:
    """Nodes joined so far: a forest over the nodes that lie in any pair."""

    def __init__(self, draft: Draft, pairs: Pairs, recorded: Bools, rules: Collection[str]) -> None:
        self.root: dict[int, int] = {int(i): int(i) for i in np.concatenate([pairs.a, pairs.b])}
        tail, head = draft.ends()
        here = np.zeros(len(draft.nodes), np.bool_)
        here[list(self.root)] = True
        self.piped: dict[int, set[int]] = {i: set() for i in self.root}
        for k in np.flatnonzero(here[tail] & here[head]):
            self.piped[int(tail[k])].add(int(head[k]))
            self.piped[int(head[k])].add(int(tail[k]))
        bits = system_bits(draft)[1]
        kind_bit = draft.nodes["kind"].map({name: 1 << i for i, name in enumerate(KINDS)}).fillna(0).to_numpy(np.int64)
        kinds = np.where(draft.recorded_kind(), kind_bit, 0)
        self.systems = {i: int(bits[i]) for i in self.root}
        self.kinds = {i: int(kinds[i]) for i in self.root}
        self.known = {i: int(recorded[i]) for i in self.root}
        self.most = 2 * len(self.root) if "merge" in rules else 1
        self.bare = "snap" in rules

    def find(self, i: int) -> int:
        while self.root[i] != i:
            self.root[i] = self.root[self.root[i]]
            i = self.root[i]
        return i

    def obstacle(self, a: int, b: int) -> str:
        """Return the key of the reason why two groups stay separate, empty if nothing speaks against joining."""
        if any(self.find(i) == b for i in self.piped[a]):
            return "pipe"
        if self.systems[a] and self.systems[b] and not self.systems[a] & self.systems[b]:
            return "systems_differ"
        if self.kinds[a] and self.kinds[b] and not self.kinds[a] & self.kinds[b]:
            return "kinds_differ"
        known = self.known[a], self.known[b]
        return "" if sum(known) <= self.most and (self.bare or all(known)) else "rule"

    def join(self, pairs: Pairs, rank: Ints) -> Ints:
        """Join pairs until none can be joined any more; return for each node the one that stands for it."""
        open_ = list(zip(pairs.a.tolist(), pairs.b.tolist(), strict=True))
        joined = True
        while joined:
            joined, left = False, []
            for pair in open_:
                a, b = (self.find(i) for i in pair)
                if a == b:
                    continue
                if self.obstacle(a, b):
                    left.append(pair)
                    continue
                winner, loser = (a, b) if rank[a] < rank[b] else (b, a)
                self.root[loser] = winner
                self.piped[winner] |= self.piped.pop(loser)
                self.systems[winner] |= self.systems[loser]
                self.kinds[winner] |= self.kinds[loser]
                self.known[winner] += self.known[loser]
                joined = True
            open_ = left
        target = np.arange(len(rank))
        for i in self.root:
            target[i] = self.find(i)
        return target


def _propose(draft: Draft, pairs: Pairs, groups: _Groups) -> None:
    names = draft.nodes.index
    seen: set[tuple[int, int]] = set()
    ids, reasons = [], []
    for a, b, distance in zip(pairs.a.tolist(), pairs.b.tolist(), pairs.distance.tolist(), strict=True):
        ends = groups.find(a), groups.find(b)
        obstacle = groups.obstacle(*ends) if ends[0] != ends[1] else ""
        if obstacle.endswith("_differ") and ends not in seen:
            seen.add(ends)
            first, second = sorted(str(names[i]) for i in ends)
            ids.append(first)
            reasons.append(in_both("lies_near", distance_m=distance, name=second, why=in_both(obstacle)))
    draft.propose("merge", "node", ids, reasons, in_both("see_whether_one"))


def _take_over(draft: Draft, lost: Ints, target: Ints, rank: Ints, why: list[Said], rule: str) -> None:
    """Lead the pipes and catchments of lost nodes to those that stay, and hand over values that those lack."""
    if not len(lost):
        return
    names = draft.nodes.index
    reason = dict(zip(names[lost], why, strict=True))
    stays = dict(zip(names[lost], names[target[lost]], strict=True))
    for kind, columns in (("pipe", ("from_node", "to_node")), ("catchment", ("node_id",))):
        for column in columns:
            if kind not in draft.tables or column not in draft.tables[kind]:
                continue
            old = draft.tables[kind][column]
            rows = np.flatnonzero(old.isin(names[lost]))
            if len(rows):
                ends = [str(name) for name in old.iloc[rows]]
                draft.set_cells(
                    kind, column, rows, [stays[end] for end in ends], rule=rule,
                    reasons=[joined([end, reason[end]], ": ") for end in ends],
                )  # fmt: skip
    ordered = lost[np.argsort(rank[lost])]
    for column in draft.nodes.columns.drop([draft.nodes.geometry.name, *_DERIVED]):
        values = draft.nodes[column]
        known = values.notna().to_numpy()
        givers = ordered[known[ordered] & ~known[target[ordered]]]
        takers, first = np.unique(target[givers], return_index=True)
        if len(takers):
            given = [values.iloc[i] for i in givers[first]]
            why_not = [in_both("taken_over", name=names[i]) for i in givers[first]]
            draft.set_cells("node", str(column), takers, given, rule=rule, reasons=why_not)
