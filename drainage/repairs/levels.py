"""Missing inverts between known ones: on a straight line along the path, by length. Beyond the last known one: none."""

from __future__ import annotations

import numpy as np

from drainage.arrays import Bools, Floats
from drainage.graph import FlowGraph
from drainage.repairs.draft import Draft
from drainage.repairs.pieces import mark_sources
from drainage.repairs.turn import RISE_M
from drainage.schema.columns import column_of
from drainage.words import in_both


def interpolate_inverts(draft: Draft) -> None:
    """Fill missing inverts that have a known one upstream and one downstream; marked ``interpolated``.

    Where paths meet or part, the nearest known level counts, of two the lower, so that all ends that are filled at one
    node get one level; with known levels at a manhole, an end that arrives takes that of the pipe which leaves it.
    Pumps and the like carry no level on, nor do loops. Known levels that rise with the flow are proposed, not spread.
    """
    upper, lower = column_of(draft.pipes, "invert_from_m"), column_of(draft.pipes, "invert_to_m")
    length = column_of(draft.pipes, "length_m")
    usable = draft.conduits() & (length > 0)
    open_ = usable & (np.isnan(upper) | np.isnan(lower))
    if not open_.any() or "invert_from_m" not in draft.pipes or "invert_to_m" not in draft.pipes:
        return
    upper_known, lower_known = (np.where(draft.conduits(), level, np.nan) for level in (upper, lower))
    (above, up_m), (below, down_m) = _nearest(draft, upper_known, lower_known, length, usable)
    with np.errstate(invalid="ignore"):
        share = np.where(up_m + down_m > 0, up_m / (up_m + down_m), 0.0)
        node_level = above + (below - above) * share
    tail, head = (ends.astype(np.int64) for ends in draft.ends())
    has_above = np.isfinite(upper) | np.isfinite(up_m[tail])
    has_below = np.isfinite(lower) | np.isfinite(down_m[head])
    fill_to = open_ & np.isnan(lower) & has_above & np.isfinite(up_m[head]) & np.isfinite(down_m[head])
    fill_from = open_ & np.isnan(upper) & has_below & np.isfinite(up_m[tail]) & np.isfinite(down_m[tail])
    at_head = np.where(down_m == 0.0, below, node_level)[head]
    for end, filled, node, level in (("from", fill_from, tail, node_level[tail]), ("to", fill_to, head, at_head)):
        rises = filled & (below > above + RISE_M)[node]
        draft.propose(
            "levels", "pipe", draft.pipes.index[rises],
            [in_both("known_rise", end=end, above_m=a, below_m=b)
             for a, b in zip(above[node[rises]], below[node[rises]], strict=True)],
            in_both("check_levels"),
        )  # fmt: skip
        rows = np.flatnonzero(filled & ~rises)
        if not len(rows):
            continue
        mark_sources(draft, "levels")
        at = node[rows]
        reasons = [
            in_both("between_known", above_m=a, up_m=u, below_m=b, down_m=d)
            for a, u, b, d in zip(above[at], up_m[at], below[at], down_m[at], strict=True)
        ]
        draft.set_cells("pipe", f"invert_{end}_m", rows, level[rows].tolist(), rule="levels", reasons=reasons)
        marks = ["interpolated"] * len(rows)
        draft.set_cells("pipe", f"invert_{end}_source", rows, marks, rule="levels", reasons=reasons)


def _nearest(
    draft: Draft, upper: Floats, lower: Floats, length: Floats, usable: Bools
) -> tuple[tuple[Floats, Floats], tuple[Floats, Floats]]:
    """Return level and distance of the nearest known invert upstream of each node, and of the one downstream."""
    from drainage.repairs import kernels

    tail, head = (ends.astype(np.int32) for ends in draft.ends())
    graph = FlowGraph(tail, head, len(draft.nodes))
    forth = graph.component[graph.tail] != graph.component[graph.head]
    length = np.where(length > 0, length, np.inf)
    passes = usable & forth
    order = graph.order
    arriving, leaving = graph.arriving, graph.leaving
    up = kernels.nearest_level(order, arriving.ptr, arriving.edge, graph.tail, lower, upper, length, passes)
    down = kernels.nearest_level(
        order[::-1].copy(), leaving.ptr, leaving.edge, graph.head, upper, lower, length, passes
    )
    return up, down
