"""Rules of geometry: lines that cannot be, lie on one another, or are not where their nodes are."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import shapely

from drainage.analyses.quality.places import Places
from drainage.analyses.quality.rules import Hits, hits
from drainage.analyses.quality.view import View
from drainage.arrays import Bools, Ints, marked
from drainage.schema.columns import column_of

Limits = dict[str, float]


def check_geometry(view: View, places: Places, limits: Mapping[str, Limits]) -> list[Hits]:
    """Check lines, lengths and places."""
    return [
        *_lengths(view, limits),
        _self_crossing(view),
        *_ends(view, limits),
        *_twins(view, limits["duplicate_pipe"]),
        _duplicate_nodes(view, places, limits["duplicate_node"]),
        *_meetings(view, places, limits["crossing_clash"]),
    ]


def _lengths(view: View, limits: Mapping[str, Limits]) -> list[Hits]:
    drawn = view.drawn_length
    length = drawn if view.metric else view.length
    no_line = np.isnan(drawn)
    zero = (length < limits["zero_length"]["length_m"]) & view.drain
    short = (length < limits["short_pipe"]["length_m"]) & view.drain & ~zero
    spacing = limits["long_pipe"]
    # GB 50014-2021, 5.4.4; a pipe without a size is held against the widest spacing
    largest = np.select(
        [view.size < 650, view.size < 1050, view.size < 1550],
        [spacing["dn300_m"], spacing["dn700_m"], spacing["dn1100_m"]],
        spacing["dn1600_m"],
    )
    recorded = column_of(view.pipes, "length_m")
    known = ~no_line & np.isfinite(recorded) & view.drain
    if "length_source" in view.pipes:
        known &= (view.pipes["length_source"] == "recorded").to_numpy()
    if not view.metric:
        known[:] = False
    off = np.abs(recorded - drawn)
    bound = limits["length_differs"]
    differs = known & (off > bound["difference_m"]) & (off > bound["share"] * drawn)
    return [
        hits("no_geometry", no_line),
        hits("zero_length", zero, length, checked=np.isfinite(length)),
        hits("short_pipe", short, length, checked=np.isfinite(length)),
        hits("long_pipe", view.gravity & (view.length > largest), view.length, checked=view.gravity),
        hits("length_differs", differs, recorded - drawn, checked=known),
    ]


def _self_crossing(view: View) -> Hits:
    count = np.diff(view.lines.ptr)
    bent = np.flatnonzero(count > 2)
    lines = view.pipes.geometry.to_numpy()[bent]
    crossed = marked(len(count), bent[~shapely.is_simple(lines)])
    return hits("self_crossing", crossed, view.drawn_length, checked=count > 1)


def _ends(view: View, limits: Mapping[str, Limits]) -> list[Hits]:
    xy, ptr = view.lines
    has = np.diff(ptr) > 1
    away = np.full(len(has), np.nan)
    if len(xy):
        start, end = xy[ptr[:-1][has]], xy[ptr[1:][has] - 1]
        from_, to = view.node_xy[view.tail[has]], view.node_xy[view.head[has]]
        away[has] = np.fmax(np.hypot(*(start - from_).T), np.hypot(*(end - to).T))
    if not view.metric:
        away[:] = np.nan
    nodes = view.node_xy
    known = np.asarray(np.isfinite(nodes).all(axis=1) & view.metric, np.bool_)
    middle = np.median(nodes[known], axis=0) if known.any() else np.zeros(2)
    far = np.hypot(*(nodes - middle).T)
    too_far = known & (far > limits["far_away"]["distance_m"])
    return [
        hits("end_off_node", away > limits["end_off_node"]["distance_m"], away, checked=np.isfinite(away)),
        hits("far_away", too_far, far, checked=known),
    ]


def _twins(view: View, limits: Limits) -> list[Hits]:
    """Find pipes between the same two nodes: repeated ones, and parallel ones."""
    key = between(view.tail, view.head, len(view.nodes))
    order = np.argsort(key, kind="stable")
    first = np.flatnonzero(np.concatenate([[True], key[order][1:] != key[order][:-1]]))
    size = np.empty(len(key), np.int64)
    size[order] = np.repeat(np.diff(np.append(first, len(key))), np.diff(np.append(first, len(key))))
    several = np.flatnonzero(size > 1)
    several = several[np.lexsort((view.pipes.index[several].to_numpy(), key[several]))]
    same = key[several][1:] == key[several][:-1]
    one, two = several[:-1][same], several[1:][same]  # each of a group, by id, against the one before it
    lives = view.together(one, two) & view.drain[one] & view.drain[two]
    one, two = one[lives], two[lives]
    repeated = _same_place(view, one, two, limits)
    twin = marked(len(key), one[~repeated], two[~repeated])
    length = view.drawn_length if view.metric else view.length
    return [
        Hits("duplicate_pipe", two[repeated], length[two[repeated]], len(key), one[repeated], mutual=True),
        hits("parallel_pipes", twin, size.astype(np.float64)),
    ]


def _same_place(view: View, one: Ints, two: Ints, limits: Limits) -> Bools:
    """Return which pairs agree in system, size, levels and line; a turned pipe has its ends turned too."""
    turned = view.tail[one] != view.tail[two]
    first = np.where(turned, view.invert_to[two], view.invert_from[two])
    last = np.where(turned, view.invert_from[two], view.invert_to[two])
    alike = (view.system[one] == view.system[two]) & ~(np.abs(view.size[one] - view.size[two]) > 1)
    alike &= ~(np.abs(view.invert_from[one] - first) > limits["level_m"])
    alike &= ~(np.abs(view.invert_to[one] - last) > limits["level_m"])
    alike &= np.isnan(view.size[one]) == np.isnan(view.size[two])
    if view.metric and alike.any():
        lines = view.pipes.geometry.to_numpy()
        apart = shapely.hausdorff_distance(lines[one[alike]], lines[two[alike]])
        alike[np.flatnonzero(alike)[apart > limits["distance_m"]]] = False
    return np.asarray(alike)


def _duplicate_nodes(view: View, places: Places, limits: Limits) -> Hits:
    pairs, distance = places.near_nodes
    close = (distance <= limits["distance_m"]) & ~joined(view, pairs)
    one, two = pairs[close].T if close.any() else (np.empty(0, np.int64), np.empty(0, np.int64))
    return Hits("duplicate_node", two, distance[close], len(view.nodes) if view.metric else 0, one, "node", mutual=True)


def joined(view: View, pairs: Ints) -> Bools:
    """Return which pairs of nodes have a pipe between them."""
    if not len(pairs):
        return np.zeros(0, np.bool_)
    n_nodes = len(view.nodes)
    return np.isin(between(pairs[:, 0], pairs[:, 1], n_nodes), between(view.tail, view.head, n_nodes))


def between(one: Ints, two: Ints, n_nodes: int) -> Ints:
    """Return a number for each pair of nodes, the same in either direction."""
    return np.asarray(np.minimum(one, two) * (n_nodes + 1) + np.maximum(one, two))


def _meetings(view: View, places: Places, clash: Limits) -> list[Hits]:
    met = places.meetings
    one, two = met.crossing.T if len(met.crossing) else (np.empty(0, np.int64), np.empty(0, np.int64))
    level = [view.level_at(pipe, met.chainage[:, k]) for k, pipe in enumerate((one, two))]
    height = [np.nan_to_num(view.size[pipe]) / 1000 for pipe in (one, two)]
    upper_first = level[0] >= level[1]
    clearance = np.where(upper_first, level[0] - level[1] - height[1], level[1] - level[0] - height[0])
    same = view.system[one] == view.system[two]
    real = view.drain[one] & view.drain[two]
    free = view.gravity[one] & view.gravity[two]
    unjoined = real & same & ~(clearance >= clash["clearance_m"]) & (free | np.isnan(clearance))
    crash = real & free & ~same & (clearance < clash["clearance_m"])
    n = len(view.pipes) if view.metric else 0
    return [
        Hits("overlap", met.overlap[:, 1], met.overlap_m, n, met.overlap[:, 0], mutual=True),
        Hits("crossing_without_node", two[unjoined], clearance[unjoined], n, one[unjoined], mutual=True),
        Hits("crossing_clash", two[crash], clearance[crash], n, one[crash], mutual=True),
    ]
