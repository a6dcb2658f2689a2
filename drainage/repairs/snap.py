"""Ends of lines onto their nodes, where they miss them by no more than the tolerance."""

from __future__ import annotations

from typing import Final

import numpy as np
import shapely

from drainage.arrays import Floats
from drainage.repairs.draft import Draft
from drainage.said import joined
from drainage.words import in_both

AT_NODE_M: Final = 0.001  # an end nearer than this is at its node: no survey is finer


def snap_ends(draft: Draft, tolerance_m: float) -> None:
    """Move the first or last vertex of a line onto its node; a length that was measured on the line follows.

    An end farther off keeps its place: its node was recorded, and the line says something else.
    """
    pipes = draft.pipes
    lines = pipes.geometry.to_numpy()
    start, end = _line_ends(lines)
    at_tail, at_head = (_node_places(draft)[i] for i in draft.ends())
    gap = [np.hypot(*(here - there).T) for here, there in ((start, at_tail), (end, at_head))]
    apart = (at_tail != at_head).any(axis=1)
    first, last = ((d > AT_NODE_M) & (d <= tolerance_m) & apart for d in gap)
    rows = np.flatnonzero(first | last)
    if not len(rows):
        return
    coords, index = shapely.get_coordinates(lines[rows], return_index=True)
    begins = np.searchsorted(index, np.arange(len(rows)))
    ends = np.searchsorted(index, np.arange(len(rows)), side="right") - 1
    for moved, vertex, goal in ((first[rows], begins, at_tail[rows]), (last[rows], ends, at_head[rows])):
        coords[vertex[moved]] = goal[moved]
    snapped = np.asarray(shapely.linestrings(coords, indices=index))
    tail, head = pipes["from_node"].iloc[rows], pipes["to_node"].iloc[rows]
    reasons = [
        joined(
            (
                in_both(missed, node=node, gap_m=d)
                for missed, node, d, moved in (("beginning_missed", a, da, f), ("end_missed", b, db, t))
                if moved
            ),
            " and ",
        )
        for a, b, da, db, f, t in zip(tail, head, gap[0][rows], gap[1][rows], first[rows], last[rows], strict=True)
    ]
    draft.set_cells("pipe", str(pipes.geometry.name), rows, list(snapped), rule="snap", reasons=reasons)
    if "length_source" in pipes:
        measured = (pipes["length_source"].iloc[rows] == "geometry").to_numpy()
        draft.set_cells(
            "pipe", "length_m", rows[measured], shapely.length(snapped[measured]).tolist(), rule="snap",
            reasons=in_both("measured_anew"),
        )  # fmt: skip


def _node_places(draft: Draft) -> Floats:
    """Return x and y of each node, (n_nodes, 2), NaN where it has no place."""
    points = draft.nodes.geometry.to_numpy()
    return np.column_stack([shapely.get_x(points), shapely.get_y(points)])


def _line_ends(lines: np.ndarray) -> tuple[Floats, Floats]:
    """Return the first and last vertex of each line, (n, 2), NaN where there is no line."""
    places = [shapely.get_point(lines, at) for at in (0, -1)]
    start, end = (np.column_stack([shapely.get_x(p), shapely.get_y(p)]) for p in places)
    return start, end
