"""Rules of levels: what is missing, what rises, what sticks out, and what does not agree."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from drainage.analyses.quality.rules import Hits, hits
from drainage.analyses.quality.view import View
from drainage.arrays import Floats, Ints
from drainage.schema.columns import column_of

Limits = dict[str, float]


def check_levels(view: View, limits: Mapping[str, Limits]) -> list[Hits]:
    """Check inverts, depths and ground."""
    return [
        *_missing(view),
        *_slopes(view, limits),
        *_joints(view, limits),
        *_depths(view, limits),
        _bottoms(view, limits["node_above_pipe"]),
        *_outfalls(view, limits["below_outfall"]),
    ]


def _missing(view: View) -> list[Hits]:
    unknown = np.isnan(view.invert_from).astype(float) + np.isnan(view.invert_to)
    used = (view.leaving + view.arriving) > 0
    blind = np.isnan(view.ground)
    some = used & ~blind
    return [
        hits("missing_invert", view.gravity & (unknown > 0), unknown, checked=view.gravity),
        hits("missing_ground", used & blind & some.any(), checked=used & some.any()),
    ]


def _slopes(view: View, limits: Mapping[str, Limits]) -> list[Hits]:
    known = view.gravity & np.isfinite(view.fall)
    rises = known & (view.fall < -limits["adverse_slope"]["rise_m"])
    steep = limits["steep"]
    sharp = known & (np.abs(view.slope) > steep["slope"]) & (np.abs(view.fall) > steep["fall_m"])
    least = limits["flat"]["slope"]
    flat = known & (view.slope >= 0) & (view.slope < least)
    return [
        hits("adverse_slope", rises, -view.fall, checked=known),
        hits("steep", sharp, np.abs(view.slope), checked=known),
        hits("flat", flat, view.slope, checked=known & (least > 0)),
    ]


def _joints(view: View, limits: Mapping[str, Limits]) -> list[Hits]:
    """Compare each pipe with those of its system that arrive where it begins."""
    n = len(view.pipes)
    upper, lower = view.joints
    plain = view.gravity[upper] & view.gravity[lower] & ~view.special[view.tail[lower]]
    upper, lower = upper[plain], lower[plain]
    same = view.system[upper] == view.system[lower]
    lowest = np.full(n, np.inf)
    np.fmin.at(lowest, lower[same], view.invert_to[upper[same]])
    step = view.invert_from - np.where(np.isinf(lowest), np.nan, lowest)
    leaves = np.full(n, np.inf)  # lowest pipe that leaves where this one arrives
    np.fmin.at(leaves, upper, view.invert_from[lower])
    drop = view.invert_to - np.where(np.isinf(leaves), np.nan, leaves)
    rise = _crown_rise(view, upper[same], lower[same])
    return [
        hits("invert_step_up", step > limits["invert_step_up"]["step_m"], step, checked=np.isfinite(step)),
        hits("crown_joint", rise > limits["crown_joint"]["tolerance_m"], rise, checked=np.isfinite(rise)),
        hits("drop", drop > limits["drop"]["drop_m"], drop, checked=np.isfinite(drop)),
    ]


def _crown_rise(view: View, upper: Ints, lower: Ints) -> Floats:
    """Return how far the crown of each pipe lies above a smaller one that arrives, beyond what joined water needs.

    Water levels are joined where both run at the filling of GB 50014-2021, 5.2.4 (at least 0.55): the crown of the
    larger pipe then lies higher by up to 0.45 of the difference of the diameters.
    """
    wider = (view.size[lower] - view.size[upper]) / 1000
    crown = [view.invert_from[lower] + view.size[lower] / 1000, view.invert_to[upper] + view.size[upper] / 1000]
    beyond = np.where(wider >= 0.1, crown[0] - crown[1] - 0.45 * wider, np.nan)
    worst = np.full(len(view.pipes), -np.inf)
    np.fmax.at(worst, lower, beyond)
    return np.where(np.isinf(worst), np.nan, worst)


def _depths(view: View, limits: Mapping[str, Limits]) -> list[Hits]:
    ground = np.column_stack([view.ground[view.tail], view.ground[view.head]])
    invert = np.column_stack([view.invert_from, view.invert_to])
    depth = np.column_stack([column_of(view.pipes, "depth_from_m"), column_of(view.pipes, "depth_to_m")])
    below = np.where(np.isnan(depth), ground - invert, depth)
    height = view.size / 1000
    above = invert - ground
    sticks_out = np.where(view.drain, _worst(above), np.nan)
    too_high = sticks_out > limits["invert_above_ground"]["height_m"]
    negative = np.where(depth < 0, -depth, np.nan)
    negative[above > limits["invert_above_ground"]["height_m"]] = np.nan
    cover = -_worst(-(below - height[:, None]))  # the least of both ends
    # under gravity only: the depth of a pressure pipe is measured to its crown (CJJ 61 practice)
    cover = np.where(view.gravity, cover, np.nan)
    bare = (cover < 0) & ~too_high
    thin = limits["thin_cover"]
    in_road = view.pipes["road"].notna().to_numpy() if "road" in view.pipes else np.zeros(len(cover), np.bool_)
    least = np.where(in_road, thin["carriageway_m"], thin["footway_m"])
    deepest = np.where(view.drain, _worst(below), np.nan)
    disagree = np.where(view.gravity, _worst(np.abs(ground - invert - depth)), np.nan)
    return [
        hits("invert_above_ground", too_high, sticks_out, checked=np.isfinite(sticks_out)),
        hits("crown_above_ground", bare, -cover, checked=np.isfinite(cover)),
        hits("thin_cover", (cover < least - 1e-9) & (cover >= 0), cover, checked=np.isfinite(cover)),
        hits("deep", deepest > limits["deep"]["depth_m"], deepest, checked=np.isfinite(deepest)),
        hits("depth_sign", np.isfinite(_worst(negative)), _worst(negative), checked=np.isfinite(_worst(depth))),
        hits(
            "levels_disagree",
            (disagree > limits["levels_disagree"]["difference_m"]) & ~too_high & ~np.isfinite(_worst(negative)),
            disagree,
            checked=np.isfinite(disagree),
        ),
    ]


def _worst(ends: Floats) -> Floats:
    """Return the larger of both ends, the known one where only one is known."""
    return np.asarray(np.fmax(ends[:, 0], ends[:, 1]))


def _bottoms(view: View, limits: Limits) -> Hits:
    bottom = column_of(view.nodes, "invert_m")
    lowest = np.full(len(bottom), np.inf)
    for end, node, invert in (("from", view.tail, view.invert_from), ("to", view.head, view.invert_to)):
        own = np.where(view.gravity, invert, np.nan)
        column = f"invert_{end}_source"
        if column in view.pipes:
            own = np.where((view.pipes[column] == "recorded").to_numpy(), own, np.nan)
        np.fmin.at(lowest, node, own)
    height = bottom - np.where(np.isinf(lowest), np.nan, lowest)
    return hits("node_above_pipe", height > limits["height_m"], height, checked=np.isfinite(height))


def _outfalls(view: View, limits: Limits) -> list[Hits]:
    from drainage.analyses.quality import kernels

    graph, n = view.graph, len(view.nodes)
    bottom, top = np.full(n, np.inf), np.full(n, -np.inf)
    np.fmin.at(bottom, view.head, view.invert_to)
    np.fmax.at(top, view.head, view.invert_to + np.nan_to_num(view.size) / 1000)
    outfall = view.of_kind("outfall")
    level = np.full(n, np.inf)
    level[outfall] = bottom[outfall]
    # what is lifted, or ends at an unknown level, is free of the rule, and so is all that drains to it
    level[outfall & np.isinf(bottom)] = -np.inf
    level[view.of_kind("pump", "works", "storage")] = -np.inf
    level[view.tail[~view.gravity]] = -np.inf
    kernels.lowest_end(graph.order, graph.component, *graph.leaving, graph.head, level)
    at_head = level[view.head]
    short = np.where(np.isfinite(at_head) & view.gravity, at_head - view.invert_from, np.nan)
    water = column_of(view.nodes, "water_level_m")
    over = np.where(outfall & np.isfinite(top), water - top, np.nan)
    return [
        hits("below_outfall", short > limits["height_m"], short, checked=np.isfinite(short)),
        hits("outfall_submerged", over > 0, over, checked=np.isfinite(over)),
    ]
