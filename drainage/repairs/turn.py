"""Pipes drawn against their fall: turned where the neighbours support it, proposed where they do not.

Adverse slopes are real by the dozen, so a rising invert alone turns nothing. Where most pipes of a system rise although
the drawing runs together downstream, it is the inverts that are swapped, not the pipes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

import numpy as np
import pandas as pd
import shapely

from drainage.arrays import Bools, Floats, Ints, marked
from drainage.repairs.draft import Draft
from drainage.said import Said
from drainage.schema.columns import column_of
from drainage.words import in_both

RISE_M: Final = 0.01  # less is the rounding of levels; this and the next are choices of ours, no standard
LEVEL_M: Final = 0.05  # pipes of one manhole whose inverts differ less than this may drain into each other
LAYER_PIPES: Final = 20  # fewer graded pipes are no majority of anything


def turn_pipes(draft: Draft, *, swap_inverts: bool) -> None:
    """Turn rising pipes whose neighbours support it.

    A pipe from *u* to *v* is turned when nothing else leaves *v*, so that it is a dead end as drawn; when something
    lower leaves *u*, or *u* is a recorded outfall, or the end of the network; and when the level of a neighbour says so
    at one end at least. Neighbours that rise themselves say nothing: a run of them is turned from its end.

    Parameters
    ----------
    swap_inverts
        Swap the inverts of systems that have them at the wrong ends; else that is proposed and nothing there turned.
    """
    rise = column_of(draft.pipes, "invert_to_m") - column_of(draft.pipes, "invert_from_m")
    rising = draft.conduits() & (rise > RISE_M)
    swapped = _swapped_layers(draft, rise, swap_inverts=swap_inverts)
    if swap_inverts and swapped.any():
        return
    rising &= ~swapped
    if not rising.any():
        return
    turned = _supported(draft, rising)
    _turn(draft, np.flatnonzero(turned), rise)
    left = np.flatnonzero(rising & ~turned)
    draft.propose(
        "turn", "pipe", draft.pipes.index[left], [in_both("rises_with_flow", rise_m=r) for r in rise[left]],
        in_both("check_direction"),
    )  # fmt: skip


def end_pairs(table: pd.DataFrame) -> list[tuple[str, str]]:
    """Return the columns that say the same of the two ends: ``invert_from_m`` and ``invert_to_m``, say."""
    pairs = [(str(c), str(c).replace("from", "to", 1)) for c in table.columns if "from" in str(c).split("_")]
    return [(a, b) for a, b in pairs if b in table.columns and table[a].dtype == table[b].dtype]


def _swapped_layers(draft: Draft, rise: Floats, *, swap_inverts: bool) -> Bools:
    """Find pipes of systems whose inverts are recorded at the wrong ends; swap those if asked to."""
    pipes = draft.pipes
    tail, head = draft.ends()
    recorded = {end: _recorded(draft, end) for end in ("from", "to")}
    graded = draft.conduits() & recorded["from"] & recorded["to"] & (np.abs(rise) > RISE_M)
    swapped = np.zeros(len(pipes), np.bool_)
    for system in sorted(pipes["system"].dropna().unique()):
        mine = (pipes["system"] == system).to_numpy()
        up, n = int((graded & mine & (rise > 0)).sum()), int((graded & mine).sum())
        if n < LAYER_PIPES or 2 * up <= n:
            continue
        leaving, arriving = (np.bincount(ends[mine], minlength=len(draft.nodes)) for ends in (tail, head))
        heads, sinks = int(((leaving > 0) & (arriving == 0)).sum()), int(((arriving > 0) & (leaving == 0)).sum())
        drawn = in_both("layer_rises", count=up, of=n, heads=heads, ends=sinks)
        if heads <= sinks:
            draft.propose("turn", "layer", [system], drawn, in_both("layer_not_turned"))
            continue
        swapped |= mine
        if swap_inverts:
            _swap_inverts(draft, mine, recorded, drawn)
        else:
            draft.propose("turn", "layer", [system], drawn, in_both("layer_not_swapped"))
    return swapped


def _recorded(draft: Draft, end: str) -> Bools:
    """Return the pipes for which the source itself states the invert of an end; (n_pipes,)."""
    known = np.isfinite(column_of(draft.pipes, f"invert_{end}_m"))
    source = f"invert_{end}_source"
    return known & (draft.pipes[source] == "recorded").to_numpy() if source in draft.pipes else known


def _swap_inverts(draft: Draft, layer: Bools, recorded: Mapping[str, Bools], reason: Said) -> None:
    """Set each end's invert to that recorded for the other end, else to that of its node, else to missing."""
    rows = np.flatnonzero(layer & (recorded["from"] | recorded["to"]))
    reason = in_both("inverts_swapped", why=reason)
    node_level = draft.nodes["invert_m"].to_numpy(dtype=np.float64, na_value=np.nan)
    written = {end: column_of(draft.pipes, f"invert_{end}_m") for end in ("from", "to")}
    for (end, other), node in zip((("from", "to"), ("to", "from")), draft.ends(), strict=True):
        level = np.where(recorded[other], written[other], node_level[node])[rows]
        source = np.full(len(rows), None, dtype=object)
        source[np.isfinite(level)] = "node"
        source[recorded[other][rows]] = "recorded"
        for column, values in ((f"invert_{end}_m", level.tolist()), (f"invert_{end}_source", source.tolist())):
            if column in draft.pipes:
                draft.set_cells("pipe", column, rows, values, rule="turn", reasons=reason)


class _Parts(NamedTuple):
    """The pipes around those that rise."""

    tail: Ints
    head: Ints
    upper: Floats
    lower: Floats


def _supported(draft: Draft, rising: Bools) -> Bools:
    """Return which rising pipes should be turned according to their neighbours; (n_pipes,)."""
    tail, head = draft.ends()
    n_nodes = len(draft.nodes)
    touched = marked(n_nodes, tail[rising], head[rising])
    near = np.flatnonzero(touched[tail] | touched[head])
    levels = (column_of(draft.pipes, f"invert_{end}_m")[near] for end in ("from", "to"))
    part = _Parts(tail[near], head[near], *levels)
    outfall = (draft.nodes["kind"] == "outfall").to_numpy() & draft.recorded_kind()
    open_ = rising[near].copy()
    turned = np.zeros(len(near), np.bool_)
    while (now := _supported_now(part, open_, outfall)).any():
        turned |= now
        open_ &= ~now
        part = _Parts(
            np.where(now, part.head, part.tail), np.where(now, part.tail, part.head),
            np.where(now, part.lower, part.upper), np.where(now, part.upper, part.lower),
        )  # fmt: skip
    return marked(len(rising), near[turned])


def _supported_now(part: _Parts, open_: Bools, outfall: Bools) -> Bools:
    n_nodes = len(outfall)
    known = ~open_
    leaving = np.bincount(part.tail[known], minlength=n_nodes)
    degree = np.bincount(np.concatenate([part.tail, part.head]), minlength=n_nodes)
    lowest_out, lowest_in = np.full(n_nodes, np.inf), np.full(n_nodes, np.inf)
    out, into = known & np.isfinite(part.upper), known & np.isfinite(part.lower)
    np.minimum.at(lowest_out, part.tail[out], part.upper[out])
    np.minimum.at(lowest_in, part.head[into], part.lower[into])
    u, v = part.tail, part.head
    u_says = (lowest_out[u] <= part.upper + LEVEL_M) | outfall[u]
    v_says = np.isfinite(lowest_in[v]) & (lowest_in[v] >= part.lower - LEVEL_M)
    v_open = (leaving[v] == 0) & ~outfall[v] & (lowest_in[v] >= part.lower - LEVEL_M)
    u_open = u_says | ((degree[u] == 1) & v_says)
    return np.asarray(open_ & v_open & u_open & (u_says | v_says))


def _turn(draft: Draft, rows: Ints, rise: Floats) -> None:
    if not len(rows):
        return
    reasons = [in_both("rose_with_flow", rise_m=r) for r in rise[rows]]
    pipes = draft.pipes
    for a, b in end_pairs(pipes):
        values = list(pipes[a].iloc[rows]), list(pipes[b].iloc[rows])
        draft.set_cells("pipe", a, rows, values[1], rule="turn", reasons=reasons)
        draft.set_cells("pipe", b, rows, values[0], rule="turn", reasons=reasons)
    name = str(pipes.geometry.name)
    lines = shapely.reverse(pipes.geometry.to_numpy()[rows])
    draft.set_cells("pipe", name, rows, list(lines), rule="turn", reasons=reasons)
