"""Whole layers whose inverts stand at the wrong ends, or whose lines are drawn against the flow: said, never turned."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from drainage.schema import Issues
    from drainage.topology import Joined

Floats = NDArray[np.float64]

# Choices of ours, no standard's; the first two as in `drainage.repairs.turn`.
_RISE_M = 0.01
_LAYER_PIPES = 20
_JOINTS = 10
_CLEARLY = 0.5  # one reading fits the neighbours clearly better: its misfit is less than half of the other's


class _Fit(NamedTuple):
    """How well the levels of pipes that meet agree, as written and with both ends exchanged: medians in m."""

    joints: int
    written: float
    exchanged: float


def report_swapped_inverts(joined: Joined, issues: Issues) -> None:
    """Say which systems rise as drawn, and whether inverts or direction are the wrong way round.

    Most pipes of a layer rise. Where pipes that meet agree in level only with the inverts of both ends exchanged, or,
    too few meeting, where the drawing runs together downstream, the inverts are swapped; where they agree as written,
    the lines are drawn against the flow. Adverse slopes are real, so a rising pipe alone says nothing.
    """
    pipes, n_nodes = joined.pipes, len(joined.nodes)
    upper, lower = (pipes[f"invert_{end}_m"].to_numpy(dtype=np.float64) for end in ("from", "to"))
    rise = lower - upper
    graded = np.abs(rise) > _RISE_M
    systems = pipes["system"].to_numpy(dtype=object)
    for system in sorted({str(name) for name in systems[graded & (rise > 0)]}):
        mine = systems == system
        up, n = int((graded & mine & (rise > 0)).sum()), int((graded & mine).sum())
        if n < _LAYER_PIPES or 2 * up <= n:
            continue
        tail, head = joined.tail[mine], joined.head[mine]
        fit = _fit(tail, head, upper[mine], lower[mine], n_nodes)
        said = f"{up} of {n} pipes of {system} rise along their direction"
        if fit.joints >= _JOINTS:
            said += f"; at {fit.joints} joints their levels differ by {fit.written:.2f} m as written"
            said += f", by {fit.exchanged:.2f} m with both ends exchanged"
        if _inverts_are_wrong(fit, tail, head, n_nodes):
            remedy = "nothing changed; 'drainage repair --swap-inverts' exchanges them, or map invert_from_m to the"
            remedy += " column that is now invert_to_m and the other way round"
            issues.add("inverts_swapped", "warning", "layer", [system], said, remedy)
        else:
            remedy = "nothing changed; the lines seem drawn against the flow: reverse them in the source, or exchange"
            remedy += " from_node and to_node as well as both inverts in the mapping"
            issues.add("layer_against_flow", "warning", "layer", [system], said, remedy)


def _fit(tail: NDArray[np.intp], head: NDArray[np.intp], upper: Floats, lower: Floats, n_nodes: int) -> _Fit:
    entering, leaving = _means(head, lower, n_nodes), _means(tail, upper, n_nodes)
    entering_x, leaving_x = _means(head, upper, n_nodes), _means(tail, lower, n_nodes)
    both = np.isfinite(entering) & np.isfinite(leaving) & np.isfinite(entering_x) & np.isfinite(leaving_x)
    if not both.any():
        return _Fit(0, np.nan, np.nan)
    written, exchanged = np.abs(entering - leaving)[both], np.abs(entering_x - leaving_x)[both]
    return _Fit(int(both.sum()), float(np.median(written)), float(np.median(exchanged)))


def _means(node: NDArray[np.intp], level: Floats, n_nodes: int) -> Floats:
    known = np.isfinite(level) & (node >= 0)
    total = np.bincount(node[known], weights=level[known], minlength=n_nodes)
    count = np.bincount(node[known], minlength=n_nodes)
    return np.asarray(np.divide(total, count, out=np.full(n_nodes, np.nan), where=count > 0))


def _inverts_are_wrong(fit: _Fit, tail: NDArray[np.intp], head: NDArray[np.intp], n_nodes: int) -> bool:
    """Ask the levels of pipes that meet; else whether the drawing has more heads than ends, as a sewer has."""
    if fit.joints >= _JOINTS and fit.exchanged < _CLEARLY * fit.written:
        return True
    if fit.joints >= _JOINTS and fit.written < _CLEARLY * fit.exchanged:
        return False
    leaving, arriving = (np.bincount(ends[ends >= 0], minlength=n_nodes) for ends in (tail, head))
    return int(((leaving > 0) & (arriving == 0)).sum()) > int(((arriving > 0) & (leaving == 0)).sum())
