"""Compiled loops over segments and points in a grid of cells; arrays only.

A segment is entered in every cell that it passes (within ``pad``); cells are hashed into ``mask + 1`` buckets, so that
a far outlier costs nothing. A pair can be met in several buckets: callers make pairs unique.
"""

from __future__ import annotations

import numpy as np

from drainage.arrays import Bools, Floats, Ints, Ints32
from drainage.compiling import compiled, compiled_for_many


@compiled
def _bucket(column: int, row: int, mask: int) -> int:
    return (column * 73856093 ^ row * 19349663) & mask


@compiled
def enter(ends: Floats, cell: float, pad: float, mask: int, ptr: Ints, item: Ints) -> None:
    """Count the entries of each bucket into ``ptr`` (``item`` empty), or fill ``item`` at the places in ``ptr``."""
    counting = len(item) == 0
    p = pad / cell
    for k in range(len(ends)):
        ax, ay, bx, by = ends[k, 0] / cell, ends[k, 1] / cell, ends[k, 2] / cell, ends[k, 3] / cell
        if ax > bx:
            ax, ay, bx, by = bx, by, ax, ay
        for column in range(int(np.floor(ax - p)), int(np.floor(bx + p)) + 1):
            low, high = min(max(ax, column - p), bx), max(min(bx, column + 1 + p), ax)
            ya = ay if bx - ax < 1e-9 else ay + (by - ay) * (low - ax) / (bx - ax)
            yb = by if bx - ax < 1e-9 else ay + (by - ay) * (high - ax) / (bx - ax)
            for row in range(int(np.floor(min(ya, yb) - p)), int(np.floor(max(ya, yb) + p)) + 1):
                b = _bucket(column, row, mask)
                if counting:
                    ptr[b + 1] += 1
                else:
                    item[ptr[b]] = k
                    ptr[b] += 1


@compiled
def _put(rows: Floats, n: int, first: int, second: int, at_first: float, at_second: float, beside: float) -> Floats:
    """Write a row, into an array of double length where the old one is full."""
    if n == len(rows):
        wider = np.empty((2 * n, rows.shape[1]))
        wider[:n] = rows
        rows = wider
    rows[n, 0], rows[n, 1], rows[n, 2], rows[n, 3], rows[n, 4] = first, second, at_first, at_second, beside
    return rows


@compiled
def _apart(a: Floats, b: Floats, near: float) -> bool:
    """Return whether the boxes of two segments are farther from each other than ``near``."""
    beside = max(b[0], b[2]) < min(a[0], a[2]) - near or min(b[0], b[2]) > max(a[0], a[2]) + near
    above = max(b[1], b[3]) < min(a[1], a[3]) - near or min(b[1], b[3]) > max(a[1], a[3]) + near
    return bool(beside or above)


@compiled
def _crossing(a: Floats, b: Floats) -> tuple[float, float]:
    """Return at which share of either the lines through two segments cross, −1 where they are parallel."""
    ux, uy, vx, vy = a[2] - a[0], a[3] - a[1], b[2] - b[0], b[3] - b[1]
    cross = ux * vy - uy * vx
    if cross * cross <= 1e-12 * (ux * ux + uy * uy) * (vx * vx + vy * vy):
        return -1.0, -1.0
    wx, wy = b[0] - a[0], b[1] - a[1]
    return (wx * vy - wy * vx) / cross, (wx * uy - wy * ux) / cross


@compiled
def _beside(a: Floats, b: Floats, near: float) -> float:
    """Return for which length the second segment runs within ``near`` of the first, square to it."""
    ux, uy, vx, vy = a[2] - a[0], a[3] - a[1], b[2] - b[0], b[3] - b[1]
    wx, wy = b[0] - a[0], b[1] - a[1]
    la, lb = np.sqrt(ux * ux + uy * uy), np.sqrt(vx * vx + vy * vy)
    begin, end = 0.0, 1.0
    off = (ux * wy - uy * wx) / la, (ux * vy - uy * vx) / la
    along = (ux * wx + uy * wy) / la, (ux * vx + uy * vy) / la
    for low, high, value, growth in ((-near, near, off[0], off[1]), (0.0, la, along[0], along[1])):
        if abs(growth) < 1e-12:
            if value < low or value > high:
                return 0.0
            continue
        enter_, leave = (low - value) / growth, (high - value) / growth
        begin, end = max(begin, min(enter_, leave)), min(end, max(enter_, leave))
    return float(max(end - begin, 0.0) * lb)


@compiled
def meet(
    ends: Floats, pipe: Ints, chainage: Floats, length: Floats, tail: Ints, head: Ints, ptr: Ints, item: Ints,
    near: float, along: float,
) -> Floats:  # fmt: skip
    """Find segments of two pipes that cross away from the ends of both, or lie on each other.

    Returns
    -------
    Rows of segment, segment, chainage of the crossing in both pipes and 0; or segment, segment, 0, 0 and the length
    along which they lie within ``near`` of each other, where that is at least ``along`` or half of the shorter one.
    Pipes between the same two nodes never lie on each other here.
    """
    found = np.empty((1024, 5))
    n = 0
    size = np.hypot(ends[:, 2] - ends[:, 0], ends[:, 3] - ends[:, 1])
    for b in range(len(ptr) - 1):
        for s in range(ptr[b], ptr[b + 1]):
            for t in range(s + 1, ptr[b + 1]):
                i, j = min(item[s], item[t]), max(item[s], item[t])
                p, q = pipe[i], pipe[j]
                if p == q or min(size[i], size[j]) < 1e-6 or _apart(ends[i], ends[j], near):
                    continue
                f, g = _crossing(ends[i], ends[j])
                at_p, at_q = chainage[i] + f * size[i], chainage[j] + g * size[j]
                inner = near < at_p < length[p] - near and near < at_q < length[q] - near
                if 0 <= f <= 1 and 0 <= g <= 1 and inner:
                    found = _put(found, n, i, j, at_p, at_q, 0.0)
                    n += 1
                if (tail[p] == tail[q] and head[p] == head[q]) or (tail[p] == head[q] and head[p] == tail[q]):
                    continue
                beside = _beside(ends[i], ends[j], near)
                if beside >= min(along, 0.5 * size[i], 0.5 * size[j]):
                    found = _put(found, n, i, j, 0.0, 0.0, beside)
                    n += 1
    return found[:n]


@compiled
def body_near(  # noqa: PLR0913 - a kernel takes its arrays one by one
    xy: Floats, wanted: Bools, node_system: Ints, ends: Floats, pipe: Ints, chainage: Floats, length: Floats,
    system: Ints, tail: Ints, head: Ints, ptr: Ints, item: Ints, cell: float, mask: int, reach: float, near: float,
) -> Floats:  # fmt: skip
    """Find for each wanted node the pipes that pass within ``reach`` without ending there.

    Pipes of another system than the node's count within ``near`` only.

    Returns
    -------
    Rows of node, pipe, distance and two zeros.
    """
    found = np.empty((1024, 5))
    n = 0
    for v in range(len(xy)):
        if not wanted[v] or not np.isfinite(xy[v, 0] + xy[v, 1]):
            continue
        b = _bucket(int(np.floor(xy[v, 0] / cell)), int(np.floor(xy[v, 1] / cell)), mask)
        for i in item[ptr[b] : ptr[b + 1]]:
            p = pipe[i]
            if tail[p] == v or head[p] == v:
                continue
            ux, uy = ends[i, 2] - ends[i, 0], ends[i, 3] - ends[i, 1]
            square = ux * ux + uy * uy
            if square < 1e-12:
                continue
            wx, wy = xy[v, 0] - ends[i, 0], xy[v, 1] - ends[i, 1]
            f = min(max((wx * ux + wy * uy) / square, 0.0), 1.0)
            at = chainage[i] + f * np.sqrt(square)
            away = np.hypot(wx - f * ux, wy - f * uy)
            limit = reach if node_system[v] == system[p] else near
            if away <= limit and reach <= at <= length[p] - reach:
                found = _put(found, n, v, p, away, 0.0, 0.0)
                n += 1
    return found[:n]


@compiled
def near_points(xy: Floats, ptr: Ints, item: Ints, cell: float, mask: int, reach: float) -> Ints:
    """Find pairs of points (lower number first) within ``reach``."""
    found = np.empty((1024, 2), np.int64)
    n = 0
    for v in range(len(xy)):
        if not np.isfinite(xy[v, 0] + xy[v, 1]):
            continue
        b = _bucket(int(np.floor(xy[v, 0] / cell)), int(np.floor(xy[v, 1] / cell)), mask)
        for j in item[ptr[b] : ptr[b + 1]]:
            if j > v and np.hypot(xy[v, 0] - xy[j, 0], xy[v, 1] - xy[j, 1]) <= reach:
                if n == len(found):
                    wider = np.empty((2 * n, 2), np.int64)
                    wider[:n] = found
                    found = wider
                found[n] = (v, j)
                n += 1
    return found[:n]


@compiled_for_many()
def lowest_end(order: Ints32, component: Ints32, ptr: Ints32, edge: Ints32, head: Ints32, level: Floats) -> None:
    """Carry levels of outfalls upstream (in place): each node gets the lowest that its water can reach.

    Components (cycles) are numbered from upstream to downstream and act as one node, so one sweep is enough.
    """
    lowest = np.full(len(level), np.inf)
    for i in range(len(level)):
        lowest[component[i]] = min(lowest[component[i]], level[i])
    for k in range(len(order) - 1, -1, -1):
        i = order[k]
        for e in edge[ptr[i] : ptr[i + 1]]:
            lowest[component[i]] = min(lowest[component[i]], lowest[component[head[e]]])
    for i in range(len(level)):
        level[i] = lowest[component[i]]
