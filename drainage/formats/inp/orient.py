"""Which way water runs in the links of an .inp, in whose rows the order of the ends is a convention of sign."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from drainage.arrays import Bools, Floats, Rows
from drainage.schema import Issues
from drainage.words import in_both

#: What a way costs beside the metres that it climbs (own choices): a little for each link, so that of two that climb
#: alike the shorter is taken, and for a link against its row; more than all hills where that row falls.
_PER_LINK: Final = 1e-6
_AGAINST_ROW: Final = 1e-5
_AGAINST_FALL: Final = 1e4


def turn_links(pipes: pd.DataFrame, nodes: pd.DataFrame, issues: Issues) -> pd.DataFrame:
    """Lead links the way that water takes, and mark those in ``turned`` whose row is written the other way round.

    Each node drains to an outfall by the way that climbs least; conduits on such a way lead along it, rising where
    there is no other, all others downhill. Flat ones stay as they are written; so do those that fall to a node whose
    water would spill before it came back over their sill, a dead end. Pumps, orifices, weirs and outlets, and
    what leaves a divider, lead as they are written, but never away from an outfall.
    """
    kind = nodes["kind"]
    tail, head = (nodes.index.get_indexer(pd.Index(pipes[f"{end}_node"])).astype(np.intp) for end in ("from", "to"))
    outfall = kind.eq("outfall").to_numpy()
    from_outfall = outfall[tail] & ~outfall[head]
    conduit = pipes["link_type"].eq("conduit").to_numpy()
    free = conduit & ~nodes["node_type"].eq("divider").to_numpy()[tail] & ~outfall[head] & ~outfall[tail]
    against = _against_row(pipes, nodes, (tail, head), free) & free
    reason, action = in_both("leads_from_outfall"), in_both("turned_to_outfall")
    issues.add("drawn_against_flow", "warning", "pipe", pipes.index[from_outfall], reason, action)
    reason, action = in_both("row_against_fall"), in_both("read_as_it_runs")
    issues.add("row_against_flow", "info", "pipe", pipes.index[against], reason, action)
    turned = from_outfall | against
    for stem in ("{}_node", "invert_{}_m", "offset_{}_m"):
        ends = [stem.format("from"), stem.format("to")]
        pipes[ends] = np.where(turned[:, None], pipes[ends[::-1]], pipes[ends])
    pipes["turned"] = turned
    return pipes


def _against_row(pipes: pd.DataFrame, nodes: pd.DataFrame, ends: tuple[Rows, Rows], free: Bools) -> Bools:
    """Mark links whose water runs from the end of their row to its beginning."""
    tail, head = ends
    z_tail, z_head = (pipes[f"invert_{end}_m"].to_numpy(dtype=np.float64) for end in ("from", "to"))
    bed = nodes["invert_m"].to_numpy(dtype=np.float64)
    sill = np.fmax(z_tail, z_head)
    climbs = [np.maximum(np.nan_to_num(sill - bed[end]), 0.0) + _PER_LINK for end in ends]
    climbs[0][pipes["link_type"].eq("pump").to_numpy()] = _PER_LINK
    climbs[1] += np.where(z_tail > z_head, _AGAINST_FALL, _AGAINST_ROW)
    outfall = nodes["kind"].eq("outfall").to_numpy()
    # a link that is written as leading from an outfall leads to it; one between two of them leads nowhere else
    blocked = outfall[tail]
    back_open = (free & ~_spills_first(pipes, nodes, head, sill)) | (blocked & ~outfall[head])
    onward = _ways_out(ends, climbs, (~blocked, back_open), np.flatnonzero(outfall), len(nodes))
    along, back = onward[tail] == head, (onward[head] == tail) & back_open
    return np.asarray(back | (~along & (z_tail < z_head)))


def _spills_first(pipes: pd.DataFrame, nodes: pd.DataFrame, head: Rows, sill: Floats) -> Bools:
    """Mark links over whose sill no water comes back from the node at the end of their row before it spills there."""
    crown = pipes["offset_to_m"].to_numpy(dtype=np.float64) + pipes["crown_depth_m"].to_numpy(dtype=np.float64)
    depth = np.fmax(nodes["max_depth_m"].to_numpy(dtype=np.float64)[head], crown)
    held = nodes["invert_m"].to_numpy()[head] + depth + nodes["surcharge_depth_m"].to_numpy(dtype=np.float64)[head]
    return np.asarray(sill >= held - 1e-9)


def _ways_out(
    ends: tuple[Rows, Rows], climbs: list[Floats], open_: tuple[Bools, Bools], outfalls: Rows, count: int
) -> Rows:
    """(count,) node to which each drains on its way of least climb to an outfall, -1 where there is no way."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import dijkstra

    above = np.concatenate([ends[0][open_[0]], ends[1][open_[1]]])
    below = np.concatenate([ends[1][open_[0]], ends[0][open_[1]]])
    climb = np.concatenate([climbs[0][open_[0]], climbs[1][open_[1]]])
    order = np.lexsort((climb, above, below))
    above, below, climb = above[order], below[order], climb[order]
    onward = np.full(count, -1, dtype=np.intp)
    if not len(above) or not len(outfalls):
        return onward
    best = np.append(True, (np.diff(above) != 0) | (np.diff(below) != 0))  # of links side by side the easiest
    backward = csr_array((climb[best], (below[best], above[best])), shape=(count, count))
    _, before, _ = dijkstra(backward, indices=outfalls, min_only=True, return_predecessors=True)
    onward[before >= 0] = before[before >= 0]
    return onward
