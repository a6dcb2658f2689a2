"""A pipe whose end lies on the body of another, without a node there: the body becomes two pipes that meet at it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import shapely

from drainage.arrays import Ints
from drainage.repairs.draft import Draft
from drainage.repairs.merge import id_rank, system_bits
from drainage.repairs.pieces import Joints, cut_pipes
from drainage.words import in_both

#: Where water enters or leaves the network, or is lifted: lying on a pipe does not make them a joint of it.
_NO_JOINTS = ("outfall", "inlet", "works", "pump")


def split_bodies(draft: Draft, tolerance_m: float) -> None:
    """Split pipes at loose ends on their bodies; the pieces are ``ID/1``, ``ID/2`` … downstream.

    Loose is a node at which pipes only end or only begin. A node that water already passes, one of another system and
    an inlet or outfall on a body are proposed, not joined. Levels at the joint lie on the line between the old ends.
    """
    joints = _find(draft, tolerance_m)
    if not len(joints.node):
        return
    obstacle = _obstacles(draft, joints)
    names, bodies = draft.nodes.index, draft.pipes.index
    kept = obstacle != ""
    draft.propose(
        "split", "pipe", bodies[joints.pipe[kept]],
        [in_both("node_near_line", node=names[n], distance_m=d, why=in_both(why))
         for n, d, why in zip(joints.node[kept], joints.distance[kept], obstacle[kept], strict=True)],
        in_both("see_whether_joined"),
    )  # fmt: skip
    joints = _cuts(draft, joints.take(~kept), tolerance_m)
    if len(joints.node):
        cut_pipes(draft, joints)


def _find(draft: Draft, tolerance_m: float) -> Joints:
    tail, head = draft.ends()
    lines, points = draft.pipes.geometry.to_numpy(), draft.nodes.geometry.to_numpy()
    used = np.unique(np.concatenate([tail, head]))
    which, pipe = shapely.STRtree(lines).query(points[used], predicate="dwithin", distance=tolerance_m)
    node = used[which]
    other = (tail[pipe] != node) & (head[pipe] != node) & draft.conduits()[pipe]
    node, pipe = node[other], pipe[other].astype(np.int64)
    chain = shapely.line_locate_point(lines[pipe], points[node])
    inside = (chain > tolerance_m) & (chain < shapely.length(lines[pipe]) - tolerance_m)
    node, pipe, chain = node[inside], pipe[inside], chain[inside]
    return Joints(node, pipe, chain, shapely.distance(lines[pipe], points[node]))


def _obstacles(draft: Draft, joints: Joints) -> np.ndarray:
    """Return the key of the reason why a joint is not made, empty where nothing speaks against it; (n_joints,)."""
    n_nodes = len(draft.nodes)
    tail, head = draft.ends()
    through = (np.bincount(tail, minlength=n_nodes) > 0) & (np.bincount(head, minlength=n_nodes) > 0)
    kind = draft.nodes["kind"].to_numpy()
    placed = draft.recorded_kind() & np.isin(kind.astype(str), _NO_JOINTS)
    pipe_bits, node_bits = system_bits(draft)
    here, there = node_bits[joints.node], pipe_bits[joints.pipe]
    foreign = (here != 0) & (there != 0) & (here & there == 0)
    first, last = _years(draft)
    apart = (first[joints.node] > _day(draft, "abandoned", "max")[joints.pipe]) | (
        last[joints.node] < _day(draft, "commissioned", "min")[joints.pipe]
    )
    return np.select(
        [foreign, placed[joints.node], through[joints.node], apart],
        ["other_system", "no_joint", "water_passes", "never_together"],
        "",
    )


def _day(draft: Draft, column: str, missing: str) -> Ints:
    """Return days as numbers, ever or never where they are unknown; (n_pipes,)."""
    limit = np.iinfo(np.int64)
    nothing = limit.max if missing == "max" else limit.min
    if column not in draft.pipes:
        return np.full(len(draft.pipes), nothing)
    days = pd.to_datetime(draft.pipes[column]).to_numpy("datetime64[s]")
    return np.where(np.isnat(days), nothing, days.astype(np.int64))


def _years(draft: Draft) -> tuple[Ints, Ints]:
    """Return from when and until when each node has a pipe; (n_nodes,) each."""
    limit = np.iinfo(np.int64)
    first, last = np.full(len(draft.nodes), limit.max), np.full(len(draft.nodes), limit.min)
    begin, end = _day(draft, "commissioned", "min"), _day(draft, "abandoned", "max")
    for ends in draft.ends():
        np.minimum.at(first, ends, begin)
        np.maximum.at(last, ends, end)
    return first, last


def _cuts(draft: Draft, joints: Joints, tolerance_m: float) -> Joints:
    """Keep the nearest body for each node, and along each body joints that are farther apart than the tolerance."""
    by_pipe = id_rank(draft.pipes.index, np.unique(joints.pipe), len(draft.pipes))[joints.pipe]
    by_node = id_rank(draft.nodes.index, np.unique(joints.node), len(draft.nodes))[joints.node]
    order = np.lexsort((by_pipe, np.round(joints.distance, 6), by_node))
    nearest = order[np.unique(by_node[order], return_index=True)[1]]
    joints, by_pipe, by_node = joints.take(nearest), by_pipe[nearest], by_node[nearest]
    order = np.lexsort((by_node, np.round(joints.chain, 6), by_pipe))
    joints = joints.take(order)
    kept = np.ones(len(joints.node), np.bool_)
    last = 0
    for k in range(1, len(kept)):
        kept[k] = joints.pipe[k] != joints.pipe[last] or joints.chain[k] - joints.chain[last] > tolerance_m
        last = k if kept[k] else last
    return joints.take(kept)
