"""Direction of whole layers: judged by inverts, outfalls, ends of the network and sizes; said, and never turned.

Only a single line against its neighbours is turned, and only where its levels prove it.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from drainage.arrays import Bools, Floats
from drainage.intake.direction.levels import Compared, compare_levels, report_doubtful, turn_to_levels
from drainage.intake.joining import Joined
from drainage.said import Said
from drainage.said import joined as listed
from drainage.schema import Issues
from drainage.schema.codes import UNDER_PRESSURE
from drainage.schema.columns import column_of
from drainage.words import coded, in_both

# Choices of ours, no standard's; the first two as in `drainage.repairs.turn`.
_RISE_M = 0.01
_LAYER_PIPES = 20
_JOINTS = 10
_OUTFALLS = 3
_CLEARLY = 0.5  # one reading is clearly better: its misfit, or what speaks against it, is less than half of the other's


def settle_direction(joined: Joined, unnamed: pd.Index, issues: Issues) -> Joined:
    """Turn lines that levels prove to be drawn against the flow, and say how the lines of each system are drawn.

    Parameters
    ----------
    unnamed
        Pipes whose source names neither end: nothing but the drawing records their direction.
    """
    systems = joined.pipes["system"].to_numpy(dtype=object)
    asked = joined.pipes.index.isin(unnamed) & ~np.isin(systems, UNDER_PRESSURE)
    if not asked.any():
        _report_layers(joined, systems, asked, None, issues)
        return joined
    compared = compare_levels(joined, asked)
    held = np.zeros(len(asked), np.bool_)
    for system in pd.unique(systems):
        mine = systems == system
        held |= mine & (np.sum(mine & (compared.opposed | compared.doubtful)) > np.sum(mine & compared.agree))
    rise = _rise(joined)
    turned = compared.opposed & ~held & (rise < 0)
    report_doubtful(joined, compared.doubtful & ~held & (rise < 0), compared.opposed & ~held & (rise > 0), issues)
    joined = turn_to_levels(joined, turned, issues)
    _report_layers(joined, systems, asked, compared, issues)
    return joined


def _rise(joined: Joined) -> Floats:
    return np.asarray(column_of(joined.pipes, "invert_to_m") - column_of(joined.pipes, "invert_from_m"))


def _report_layers(
    joined: Joined, systems: NDArray[np.object_], asked: Bools, compared: Compared | None, issues: Issues
) -> None:
    """Report systems that rise as drawn, and how those are drawn of which no ids say it.

    Where most pipes of a layer rise: if pipes that meet agree in level only with the inverts of both ends exchanged,
    or, too few meeting, if the drawing runs together downstream, the inverts are swapped; if they agree as written,
    the lines are drawn against the flow. Adverse slopes are real, so a rising pipe alone says nothing.
    """
    n_nodes = len(joined.nodes)
    upper, lower = (column_of(joined.pipes, f"invert_{end}_m") for end in ("from", "to"))
    rise = _rise(joined)
    graded = (np.abs(rise) > _RISE_M) & ~np.isin(systems, UNDER_PRESSURE)
    for system in sorted({str(name) for name in systems[asked | (graded & (rise > 0))]}):
        mine = systems == system
        up, n = int((graded & mine & (rise > 0)).sum()), int((graded & mine).sum())
        rises, judged = n >= _LAYER_PIPES and 2 * up > n, int((asked & mine).sum()) >= _LAYER_PIPES
        if not (rises or judged):
            continue
        tail, head = joined.tail[mine], joined.head[mine]
        fit = _fit(tail, head, upper[mine], lower[mine], n_nodes)
        name = coded("system", system)
        if rises:
            said = in_both("rise_as_drawn", count=up, of=n, system=name)
        else:
            said = in_both("fall_as_drawn", lines=int((asked & mine).sum()), count=n - up, of=n, system=name)
        if fit.joints >= _JOINTS:
            said = in_both("levels_at_joints", said=said, **fit._asdict())
        seen = _seen(joined, mine, asked, compared) if judged and compared is not None else None
        if seen is not None:
            said = listed([said, *seen.said], "; ")
        if rises:
            wrong = _inverts_are_wrong(fit, tail, head, n_nodes)
            code, action = ("inverts_swapped", "swap_inverts") if wrong else ("layer_against_flow", "reverse_layer")
            issues.add(code, "warning", "layer", [system], said, in_both(action))
        elif seen is not None:
            _report_drawn(system, [*seen.votes, _vote(n - up, up, _JOINTS)], said, issues)


def _report_drawn(system: str, votes: list[int], said: Said, issues: Issues) -> None:
    """Say how a layer is drawn; against the levels of its neighbours, which come first, nothing else counts."""
    if votes[0] < 0 or (min(votes) < 0 and max(votes) <= 0):
        issues.add("layer_against_flow", "warning", "layer", [system], said, in_both("reverse_lines"))
    elif min(votes) < 0 or max(votes) <= 0:
        issues.add("layer_direction_unsure", "warning", "layer", [system], said, in_both("check_layer"))
    else:
        issues.add("layer_direction", "info", "layer", [system], said, in_both("layer_as_drawn"))


class _Seen(NamedTuple):
    """What speaks for a layer as drawn or against it: 1, -1 or 0 of each kind, neighbours first; and in words."""

    votes: list[int]
    said: list[Said]


def _seen(joined: Joined, mine: Bools, asked: Bools, compared: Compared) -> _Seen:
    tail, head, n_nodes = joined.tail[mine], joined.head[mine], len(joined.nodes)
    agree, opposed, doubtful = (int((mask & mine).sum()) for mask in compared)
    open_ = int((mine & asked).sum()) - agree - opposed - doubtful
    leaving, arriving = (np.bincount(ends, minlength=n_nodes) for ends in (tail, head))
    out_of, into = (np.bincount(ends[ends >= 0], minlength=n_nodes) for ends in (joined.tail, joined.head))
    heads, ends = int(((leaving > 0) & (into == 0)).sum()), int(((arriving > 0) & (out_of == 0)).sum())
    outfall = (joined.nodes["kind"] == "outfall").to_numpy()
    reached, left = int(arriving[outfall].sum()), int(leaving[outfall].sum())
    size = np.nan_to_num(column_of(joined.pipes, "diameter_mm")[mine])
    widest_in, widest_out = np.zeros((2, n_nodes))
    np.maximum.at(widest_in, head, size)
    np.maximum.at(widest_out, tail, size)
    both = (widest_in > 0) & (widest_out > 0)
    grow, shrink = (int((both & (a < b)).sum()) for a, b in ((widest_in, widest_out), (widest_out, widest_in)))
    votes = [
        _vote(agree, opposed + doubtful, _JOINTS), _vote(reached, left, _OUTFALLS), _vote(heads, ends, _JOINTS),
        _vote(grow, shrink, _JOINTS),
    ]  # fmt: skip
    figures: dict[str, dict[str, int]] = {
        "lines_by_neighbours": {"agree": agree, "opposed": opposed, "doubtful": doubtful, "open": open_},
        "outfalls_reached": {"reached": reached, "left": left},
        "heads_and_ends": {"heads": heads, "ends": ends},
        "sizes_at_joints": {"grow": grow, "shrink": shrink},
    }
    said = [in_both(key, **counts) for key, counts in figures.items() if any(counts.values())]
    return _Seen(votes, said)


def _vote(for_it: int, against: int, least: int) -> int:
    if for_it + against < least:
        return 0
    return int(against < _CLEARLY * for_it) - int(for_it < _CLEARLY * against)


class _Fit(NamedTuple):
    """How well the levels of pipes that meet agree, as written and with both ends exchanged: medians in m."""

    joints: int
    written: float
    exchanged: float


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
