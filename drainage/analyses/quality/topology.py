"""Rules of topology: ends that should meet, nodes that lead nowhere, directions that cannot be."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import shapely

from drainage.analyses.quality.geometry import joined
from drainage.analyses.quality.places import Places
from drainage.analyses.quality.rules import Hits, hits
from drainage.analyses.quality.view import View
from drainage.arrays import Bools, Floats, Ints, marked

Limits = dict[str, float]

#: Columns of the nodes in which surveys keep the fitting, and how many pipes meet at each.
FITTING_COLUMNS = ("特征", "管点特征", "fitting", "kind_recorded")
FITTINGS = {"三通": 3, "四通": 4, "五通": 5, "tee": 3, "cross": 4}


def check_topology(view: View, places: Places, limits: Mapping[str, Limits]) -> list[Hits]:
    """Check how pipes and nodes hang together."""
    return [
        *_open_ends(view, places, limits),
        *_outfalls(view, limits["outfall_without_water"]),
        *_ways_out(view),
        *_nodes(view),
        _reversed(view),
        *_manholes(view, limits),
    ]


def _node_system(view: View) -> Ints:
    """(n_nodes,) the system of the pipes at each node, −1 where they are of several."""
    node = np.concatenate([view.tail, view.head])
    system = np.concatenate([view.system, view.system])
    seen = np.zeros((len(view.nodes), 4), np.bool_)
    seen[node, system] = True
    return np.where(seen.sum(axis=1) == 1, seen.argmax(axis=1), -1)


def _open_ends(view: View, places: Places, limits: Mapping[str, Limits]) -> list[Hits]:
    system, degree = _node_system(view), view.leaving + view.arriving
    open_ = (degree == 1) & ~view.of_kind("inlet", "works", "pump")
    gap, twin = limits["gap"]["distance_m"], limits["duplicate_node"]["distance_m"]
    pairs, distance = places.near_nodes
    one, two = pairs[:, 0], pairs[:, 1]
    outfall = view.of_kind("outfall") & view.recorded_kind
    apart = (distance > twin) & (distance <= gap) & (open_[one] | open_[two]) & ~(outfall[one] & outfall[two])
    apart &= (system[one] == system[two]) & (system[one] >= 0) & ~joined(view, pairs)
    one, two = one[apart], two[apart]
    names = view.nodes.index
    later = names[one].to_numpy(dtype=object) < names[two].to_numpy(dtype=object)
    second = open_[two] & (later | ~open_[one])  # of two open ends the one with the larger id
    first, other = np.where(second, two, one), np.where(second, one, two)
    in_gap = marked(len(degree), first)
    manhole = (degree > 1) | ((degree == 0) & view.of_kind("manhole", "junction"))
    pipe, away = places.body_near((open_ & ~in_gap) | manhole, system)
    on_body = pipe >= 0
    missed = on_body & open_ & (away <= limits["missed_junction"]["distance_m"])
    through = np.flatnonzero(on_body & manhole & (away <= limits["node_on_pipe"]["distance_m"]))
    through = through[(system[through] == view.system[pipe[through]]) | (degree[through] == 0)]
    n_open = int(open_.sum()) if view.metric else 0
    n_manholes = int(manhole.sum()) if view.metric else 0
    return [
        Hits("gap", first, distance[apart], n_open, other, "node"),
        Hits("missed_junction", np.flatnonzero(missed), away[missed], n_open, pipe[missed]),
        Hits("node_on_pipe", through, away[through], n_manholes, pipe[through]),
    ]


def _outfalls(view: View, water: Limits) -> list[Hits]:
    leaving, arriving = view.leaving, view.arriving
    outfall, works = view.of_kind("outfall"), view.of_kind("works")
    by_system = [np.bincount(view.head[view.system == k], minlength=len(leaving)) for k in range(3)]
    inferred = outfall & ~view.recorded_kind
    storm_outfall = outfall & (by_system[0] > 0) & (leaving == 0)
    away = _from_water(view, storm_outfall)
    many = outfall & (view.arriving_now > 1) & view.recorded_kind
    return [
        hits("dead_end", (leaving == 0) & (arriving > 0) & ~view.ends & ~view.supplied, arriving),
        hits("inferred_outfall", inferred, arriving),
        hits("outfall_with_exit", outfall & (leaving > 0), leaving, checked=outfall),
        hits("outfall_many_pipes", many, view.arriving_now, checked=outfall),
        hits("outfall_without_water", away > water["distance_m"], away, checked=np.isfinite(away)),
        hits("sewage_at_outfall", outfall & (by_system[1] > 0) & view.recorded_kind, by_system[1], checked=outfall),
        hits("storm_at_works", works & (by_system[0] > 0), by_system[0], checked=works),
    ]


def _from_water(view: View, wanted: Bools) -> Floats:
    """Return the distance of the wanted nodes from the nearest waterway, NaN without a layer of them."""
    away = np.full(len(wanted), np.nan)
    water = view.net.layers.get("waterways")
    if water is None or not view.metric or not len(water) or not wanted.any():
        return away
    tree = shapely.STRtree(water.geometry.to_numpy())
    points = view.nodes.geometry.to_numpy()[wanted]
    placed = np.flatnonzero(wanted)[~shapely.is_missing(points)]
    points = points[~shapely.is_missing(points)]
    (index, _), distance = tree.query_nearest(points, return_distance=True, all_matches=False)
    away[placed[index]] = distance
    return away


def _ways_out(view: View) -> list[Hits]:
    graph, degree = view.graph, view.leaving + view.arriving
    drained = graph.upstream(view.ends).nodes
    used = (degree > 0) & ~view.supplied
    sure = view.ends & view.recorded_kind
    part_ends = np.bincount(graph.part[sure], minlength=int(graph.part.max(initial=-1)) + 1) > 0
    lost = used & ~part_ends[graph.part] & bool(sure.any())
    pipes_of = np.bincount(graph.part[view.tail], minlength=len(part_ends))
    names = pd.Series(view.nodes.index[lost], index=np.flatnonzero(lost))
    first = names.groupby(graph.part[lost]).idxmin().to_numpy(np.int64) if lost.any() else np.empty(0, np.int64)
    return [
        hits("no_outlet", used & ~drained, checked=used),
        Hits("disconnected_part", first, pipes_of[graph.part[first]].astype(float), int(used.sum()) * bool(sure.any())),
        hits("several_outfalls", _forks(view), view.leaving_now, checked=view.leaving_now > 1),
    ]


def _forks(view: View) -> Bools:
    """Find forks whose ways lead to different ends; of forks below one another the last.

    Each node carries the lowest and the highest number of an end that its water reaches.
    """
    from drainage.analyses.quality import kernels

    graph = view.graph
    number = np.full(len(view.ends), np.inf)
    number[view.ends] = np.arange(int(view.ends.sum()))
    low, high = number.copy(), np.where(np.isinf(number), np.inf, -number)
    for level in (low, high):
        kernels.lowest_end(graph.order, graph.component, *graph.leaving, graph.head, level)
    parted = np.isfinite(low) & (low != -high)
    inner = parted[view.head]
    already = marked(len(low), view.tail[inner])
    return np.asarray(parted & ~already & (view.leaving_now > 1) & ~view.special & ~view.supplied)


def _nodes(view: View) -> list[Hits]:
    leaving, degree, parts = view.leaving_now, view.leaving + view.arriving, view.special | view.supplied
    return [
        hits("loop", view.graph.in_loop & ~view.supplied),
        hits("divergence", (leaving > 1) & ~parts, leaving, checked=~parts),
        hits("orphan_node", degree == 0),
        _fittings(view, degree),
    ]


def _fittings(view: View, degree: Ints) -> Hits:
    said = np.full(len(degree), np.nan)
    for column in FITTING_COLUMNS:
        if column in view.nodes:
            codes, words = pd.factorize(view.nodes[column])
            count = [float(FITTINGS.get(str(word).strip().lower(), np.nan)) for word in words]
            said = np.where(np.isnan(said), np.array([*count, np.nan])[codes], said)
    known = np.isfinite(said) & (degree > 0)
    meet = view.leaving_now + view.arriving_now
    return hits("fitting_degree", known & (said != meet), meet - said, checked=known)


def _reversed(view: View) -> Hits:
    """Find pipes that rise to a dead end from a node that another pipe leaves: turned round, both faults vanish."""
    rises = view.gravity & (view.fall < 0)
    blind = (view.leaving == 0) & (view.arriving == 1) & ~(view.ends & view.recorded_kind)
    found = rises & blind[view.head] & (view.leaving[view.tail] > 1)
    return hits("reversed_pipe", found, -view.fall, checked=view.gravity & np.isfinite(view.fall))


def _manholes(view: View, limits: Mapping[str, Limits]) -> list[Hits]:
    large = view.gravity & (view.size > 300) & view.present
    branches = np.bincount(view.head[large], minlength=len(view.nodes))
    # one of the pipes that arrive is the main, the others are its branches
    many = (branches - 1 > limits["many_branches"]["branches"]) & ~view.special & ~view.ends
    return [
        _turns(view, limits["sharp_turn"]),
        hits("many_branches", many, branches - 1, checked=~view.special & ~view.ends),
    ]


def _turns(view: View, limits: Limits) -> Hits:
    """Measure the angle between each pipe and the pipe that leaves most straight on; 180° is straight."""
    xy, ptr = view.lines
    n = len(ptr) - 1
    if not view.metric or not len(xy):
        return Hits("sharp_turn", np.empty(0, np.int64), np.empty(0), 0)
    has = np.diff(ptr) > 1
    begin, end = np.full((n, 2), np.nan), np.full((n, 2), np.nan)
    first, last = ptr[:-1][has], ptr[1:][has] - 1
    begin[has], end[has] = xy[first + 1] - xy[first], xy[last] - xy[last - 1]
    begin /= np.hypot(*begin.T)[:, None] + 1e-12
    end /= np.hypot(*end.T)[:, None] + 1e-12
    upper, lower = view.joints
    apply_ = view.gravity[upper] & view.gravity[lower] & ~view.special[view.tail[lower]]
    upper, lower = upper[apply_], lower[apply_]
    straight = np.full(n, -np.inf)
    np.fmax.at(straight, upper, np.einsum("ij,ij->i", end[upper], begin[lower]))
    judged = np.isfinite(straight)
    angle = 180.0 - np.degrees(np.arccos(np.clip(np.where(judged, straight, 1.0), -1, 1)))
    lowest = np.full(n, np.inf)
    np.fmin.at(lowest, upper, view.invert_from[lower])
    small_drop = (view.size <= 300) & (view.invert_to - lowest > 0.3)  # GB 50014-2021, 5.3.2
    sharp = judged & (angle < limits["angle_deg"] - limits["tolerance_deg"]) & ~small_drop
    return hits("sharp_turn", sharp, angle, checked=judged)
