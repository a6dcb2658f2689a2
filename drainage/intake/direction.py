"""Lines drawn against the direction that their ids record, which are turned, and whole layers that rise as drawn.

Layers whose inverts stand at the wrong ends, or whose lines are drawn against the flow, are said and never turned.
"""

from __future__ import annotations

from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from drainage.arrays import Floats
from drainage.intake.joining import Ends, Joined, reverse_lines
from drainage.intake.same_place import same_place
from drainage.positions import coordinates_at
from drainage.schema import Issues
from drainage.words import coded, in_both

# Choices of ours, no standard's; the first two as in `drainage.repairs.turn`.
_RISE_M = 0.01
_LAYER_PIPES = 20
_JOINTS = 10
_CLEARLY = 0.5  # one reading fits the neighbours clearly better: its misfit is less than half of the other's
_MEET_M = 1.0  # ends with one id so near to each other meet, as in `drainage.intake.joining`
_MOST_ENDS = 20  # an id that more ends bear names no manhole but a habit, such as 0


def turn_to_ids(
    pipes: gpd.GeoDataFrame, ends: Ends, register: NDArray[np.intp], nodes: gpd.GeoDataFrame | None, issues: Issues
) -> tuple[gpd.GeoDataFrame, Ends]:
    """Turn the lines that meet their neighbours, by the ids that both name, only with their ends exchanged.

    At each id a line is compared with every other line of its register there: the place at which it names the id and
    the place of its other end are each compared with both ends of the other line, which may be drawn backwards too, and
    with the layer of nodes. Most of its neighbours decide; in doubt it stays as it is drawn.

    Parameters
    ----------
    register
        (n_pipes,) numbers of the registers that ids belong to.
    """
    group = _joint(ends, register)
    doubtful = _scattered(group, ends.xy)
    rows = np.flatnonzero(doubtful | doubtful[ends.other])
    if not len(rows):
        return pipes, ends
    known = np.isin(group, group[rows])
    rows = np.flatnonzero(known & (group >= 0))
    at, there = ends.xy[rows], ends.xy[ends.other[rows]]
    n, half = len(rows), len(ends.code) // 2
    layer = _layer_places(ends, rows, nodes)
    place = same_place(np.tile(group[rows], 3), np.concatenate([at, there, layer]), _MEET_M)
    line = np.concatenate([rows % half, rows % half, np.full(n, -1)])
    seen = pd.DataFrame({"place": place, "line": line}).drop_duplicates()
    others = seen.groupby("place").size().reindex(place).to_numpy() - 1
    sure = np.isin(place, place[2 * n :][np.isfinite(layer[:, 0])])
    votes = others + len(rows) * sure
    votes[~np.isfinite(np.concatenate([at, there, layer])[:, 0])] = 0
    balance = np.bincount(rows % half, weights=votes[n : 2 * n] - votes[:n], minlength=half)
    turned = balance > 0
    turned |= (balance == 0) & _against_earlier(place[:n], place[n : 2 * n], rows % half, half)
    if not turned.any():
        return pipes, ends
    swap = np.tile(turned, 2)
    xy = np.where(swap[:, None], ends.xy[ends.other], ends.xy)
    return reverse_lines(pipes, turned, issues), ends._replace(xy=xy)


def _against_earlier(
    at: NDArray[np.intp], there: NDArray[np.intp], line: NDArray[np.intp], n_lines: int
) -> NDArray[np.bool_]:
    """Settle twins that share both ids: the later one is turned where it names them at the other's ends."""
    first = np.full(max(int(at.max()), int(there.max())) + 1, n_lines)
    np.minimum.at(first, at, line)
    against = np.bincount(line, weights=(first[there] < line).astype(float) - (first[at] < line), minlength=n_lines)
    return np.asarray(against > 0)


def _joint(ends: Ends, register: NDArray[np.intp]) -> NDArray[np.intp]:
    """Number the id of each end within its register; -1 for no id, no location, or an id with too many ends."""
    code = ends.code
    if np.ptp(register):
        joint = np.where(code >= 0, code * (int(register.max()) + 1) + np.tile(register, 2), -1)
        code = np.unique(joint, return_inverse=True)[1] - int((code < 0).any())
    often = np.bincount(code + 1) > _MOST_ENDS
    return np.where(often[code + 1] | ~np.isfinite(ends.xy[:, 0]), -1, code)


def _scattered(group: NDArray[np.intp], xy: Floats) -> NDArray[np.bool_]:
    """Return the ends of groups whose ends do not lie at one place."""
    order = np.argsort(group, kind="stable")
    first = np.flatnonzero(np.diff(group[order], prepend=-2))
    apart = np.zeros(len(first), np.bool_)
    for axis in (0, 1):
        along = xy[order, axis]
        apart |= np.maximum.reduceat(along, first) - np.minimum.reduceat(along, first) > _MEET_M
    scattered = np.zeros(len(group), np.bool_)
    scattered[order] = np.repeat(apart, np.diff(np.append(first, len(order))))
    return scattered & (group >= 0)


def _layer_places(ends: Ends, rows: NDArray[np.intp], nodes: gpd.GeoDataFrame | None) -> Floats:
    if nodes is None:
        return np.full((len(rows), 2), np.nan)
    at = nodes.index.get_indexer(ends.names)[ends.code[rows]]
    return coordinates_at(nodes.geometry, at)


class _Fit(NamedTuple):
    """How well the levels of pipes that meet agree, as written and with both ends exchanged: medians in m."""

    joints: int
    written: float
    exchanged: float


def report_swapped_inverts(joined: Joined, issues: Issues) -> None:
    """Report systems that rise as drawn, and whether inverts or directions are reversed.

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
        said = in_both("rise_as_drawn", count=up, of=n, system=coded("system", system))
        if fit.joints >= _JOINTS:
            said = in_both("levels_at_joints", said=said, **fit._asdict())
        if _inverts_are_wrong(fit, tail, head, n_nodes):
            issues.add("inverts_swapped", "warning", "layer", [system], said, in_both("swap_inverts"))
        else:
            issues.add("layer_against_flow", "warning", "layer", [system], said, in_both("reverse_layer"))


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
