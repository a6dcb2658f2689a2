"""One pipe cut at places along its line: the pieces, their lengths and the levels where they meet."""

from __future__ import annotations

from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from drainage.arrays import Bools, Floats, Ints
from drainage.repairs.draft import Draft, with_cells
from drainage.said import joined
from drainage.schema.columns import column_of
from drainage.words import in_both

_AT_ENDS = ("depth_{}_m", "ground_{}_m")  # known at the ends of a pipe and at no place between

_NO_LENGTH_M = 1e-6  # a vertex nearer to a joint than this is the joint


class Joints(NamedTuple):
    """Nodes on bodies of pipes: rows of both, place along the drawn line and distance from it, both in metres."""

    node: Ints
    pipe: Ints
    chain: Floats
    distance: Floats

    def take(self, which: Ints | Bools) -> Joints:
        """Return some of them."""
        return Joints(self.node[which], self.pipe[which], self.chain[which], self.distance[which])


class Cut(NamedTuple):
    """How pieces lie in their pipes: shares of the drawn length at both ends, and which ends are new."""

    begin: Floats
    end: Floats
    new_from: Bools
    new_to: Bools


def cut_pipes(draft: Draft, joints: Joints) -> None:
    """Exchange pipes for their pieces, which meet at the joints; ``joints`` are sorted along each pipe."""
    mark_sources(draft, "split")
    pipes = draft.pipes
    order = np.lexsort((joints.chain, joints.pipe))
    joints = joints.take(order)
    rows, count = np.unique(joints.pipe, return_counts=True)
    place = np.repeat(rows, count + 1)
    number = np.concatenate([np.arange(n + 1) for n in count])
    last = number == np.repeat(count, count + 1)
    whole = shapely.length(pipes.geometry.to_numpy()[place])
    cut = Cut(np.zeros(len(place)), np.ones(len(place)), number > 0, ~last)
    cut.begin[cut.new_from] = joints.chain / whole[cut.new_from]
    cut.end[cut.new_to] = joints.chain / whole[cut.new_to]
    names = _free_ids(pipes.index, place, number)
    pieces = pipes.iloc[place].set_axis(pd.Index(names, dtype=pipes.index.dtype, name=pipes.index.name))
    joint = draft.nodes.index[joints.node]
    pieces = with_cells(pieces, "from_node", np.flatnonzero(cut.new_from), list(joint))
    pieces = with_cells(pieces, "to_node", np.flatnonzero(cut.new_to), list(joint))
    at = shapely.get_coordinates(draft.nodes.geometry.to_numpy()[joints.node])
    pieces = _measure(_draw(pieces, cut, whole, at), cut)
    level = column_of(draft.nodes, "invert_m")
    pieces = _level(pieces, cut, np.asarray(level[joints.node], np.float64))
    near = [in_both("near_line", node=name, distance_m=d) for name, d in zip(joint, joints.distance, strict=True)]
    why = [joined(part, " and ") for part in np.split(np.asarray(near, dtype=object), np.cumsum(count)[:-1])]
    reasons = [in_both("split_into", why=text, count=n + 1) for text, n in zip(why, count, strict=True)]
    added = [in_both("piece_of", name=name) for name in pipes.index[place]]
    draft.exchange_rows("pipe", rows, pieces, place, rule="split", reasons=reasons, added=added)


def mark_sources(draft: Draft, rule: str) -> None:
    """Add the columns that distinguish recorded inverts from filled ones, where the pipes have none yet."""
    for column in ("invert_from_source", "invert_to_source"):
        if column not in draft.pipes:
            known = np.isfinite(column_of(draft.pipes, column.replace("source", "m")))
            values = pd.Series("recorded", draft.pipes.index, dtype="str").where(known)
            draft.add_column("pipe", column, values, rule=rule, reason=in_both("tells_filled"))


def _free_ids(index: pd.Index, place: Ints, number: Ints) -> list[str]:
    """Name pieces ``ID/1``, ``ID/2`` …, with ``~2`` where a pipe has that name already."""
    taken = set(index)
    names = []
    for row, k in zip(place, number, strict=True):
        name = f"{index[row]}/{k + 1}"
        free, more = name, 2
        while free in taken:
            free, more = f"{name}~{more}", more + 1
        taken.add(free)
        names.append(free)
    return names


def _draw(pieces: gpd.GeoDataFrame, cut: Cut, whole: Floats, joint_xy: Floats) -> gpd.GeoDataFrame:
    """Cut the lines; pieces end at the joints themselves, a little beside the old line."""
    first, last = cut.new_from.astype(np.int64).cumsum() - 1, cut.new_to.astype(np.int64).cumsum() - 1
    lines = []
    for k, line in enumerate(pieces.geometry.to_numpy()):  # only pipes that are cut
        xy = shapely.get_coordinates(line)
        along_m = np.hypot(*np.diff(xy, axis=0).T).cumsum()[:-1]
        inner = (along_m > cut.begin[k] * whole[k] + _NO_LENGTH_M) & (along_m < cut.end[k] * whole[k] - _NO_LENGTH_M)
        parts = [xy[1:-1][inner]]
        parts.insert(0, joint_xy[first[k]][None] if cut.new_from[k] else xy[:1])
        parts.append(joint_xy[last[k]][None] if cut.new_to[k] else xy[-1:])
        lines.append(shapely.LineString(np.concatenate(parts)))
    return with_cells(pieces, str(pieces.geometry.name), np.arange(len(pieces)), lines)


def _measure(pieces: gpd.GeoDataFrame, cut: Cut) -> gpd.GeoDataFrame:
    """Share a recorded length by the drawn one; measure again what was measured."""
    rows = np.arange(len(pieces))
    drawn = shapely.length(pieces.geometry.to_numpy())
    shared = pieces["length_m"].to_numpy(np.float64) * (cut.end - cut.begin)
    if "length_source" not in pieces:
        return with_cells(pieces, "length_m", rows, shared.tolist())
    measured = (pieces["length_source"] == "geometry").to_numpy()
    pieces = with_cells(pieces, "length_m", rows, np.where(measured, drawn, shared).tolist())
    return with_cells(pieces, "length_source", rows[~measured], ["interpolated"] * int((~measured).sum()))


def _level(pieces: gpd.GeoDataFrame, cut: Cut, node_invert: Floats) -> gpd.GeoDataFrame:
    """Set inverts at joints on the line between the old ends, else to that of the node; forget depths there."""
    if {"invert_from_m", "invert_to_m"} <= set(pieces.columns):
        upper, lower = (pieces[f"invert_{end}_m"].to_numpy(np.float64) for end in ("from", "to"))
        for end, new, share in (("from", cut.new_from, cut.begin), ("to", cut.new_to, cut.end)):
            between = (upper + (lower - upper) * share)[new]
            level = np.where(np.isfinite(between), between, node_invert)
            marks = np.array(["interpolated", "node", None], dtype=object)
            source = marks[np.where(np.isfinite(between), 0, np.where(np.isfinite(level), 1, 2))]
            rows = np.flatnonzero(new)
            pieces = with_cells(pieces, f"invert_{end}_m", rows, level.tolist())
            pieces = with_cells(pieces, f"invert_{end}_source", rows, source.tolist())
    for column, new in (
        (stem.format(end), new) for stem in _AT_ENDS for end, new in (("from", cut.new_from), ("to", cut.new_to))
    ):
        if column in pieces:
            pieces = with_cells(pieces, column, np.flatnonzero(new), [np.nan] * int(new.sum()))
    return pieces
