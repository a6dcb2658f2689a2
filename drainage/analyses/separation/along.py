"""Which pipes run along which straight pieces of road, from where to where, and on which side.

A pipe *runs along* a road where it lies within reach of the centre line, square to it, and within an angle of its
direction. Each straight piece of the centre line is a strip with flat ends; the parts of pipes inside the strip are
projected onto the piece, and the intervals of all pieces add up along the chainage of the road.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from drainage.analyses.separation.intervals import JOIN_M, Intervals
from drainage.analyses.separation.near import near_segments
from drainage.arrays import Floats, Ints
from drainage.positions import Drawn, segments


class Pieces(NamedTuple):
    """Straight pieces of road: road, chainage of the start, length, start point and unit direction.

    A piece of a carriageway that is not the centre line itself lies ``beside_m`` from it, to the right where that is
    negative, and a metre of it is ``scale`` metres of the chainage, less than 0 where it is drawn against it.
    """

    road: Ints
    chainage_m: Floats
    length_m: Floats
    x: Floats
    y: Floats
    ux: Floats
    uy: Floats
    scale: Floats
    beside_m: Floats


class Runs(NamedTuple):
    """Where pipes run along roads: number of the pipe, the interval, and how far to the left of the centre line, m."""

    pipe: Ints
    along: Intervals
    left_m: Floats

    def only(self, chosen: NDArray[np.bool_]) -> Runs:
        """Return some of them."""
        return Runs(self.pipe[chosen], self.along.only(chosen), self.left_m[chosen])


def pieces_of(lines: NDArray[np.object_], road: Ints, begins_m: Floats) -> Pieces:
    """Cut lines, (n,), into straight pieces; ``begins_m`` is the chainage of the beginning of each."""
    coords, line = shapely.get_coordinates(lines, return_index=True)
    step = np.diff(coords, axis=0)
    length = np.hypot(step[:, 0], step[:, 1])
    inside = (line[1:] == line[:-1]) & (length > 0)
    run = np.cumsum(np.where(line[1:] == line[:-1], length, 0.0)) - length
    first = np.searchsorted(line, np.arange(len(lines)))
    since = (run - run[np.minimum(first, len(run) - 1)][line[:-1]])[inside] if len(run) else run
    own, length, start = line[:-1][inside], length[inside], coords[:-1][inside]
    unit = step[inside] / length[:, None]
    chainage = begins_m[own] + since
    none = np.zeros(len(own))
    x, y, ux, uy = start[:, 0], start[:, 1], unit[:, 0], unit[:, 1]
    return Pieces(road[own], chainage, length, x, y, ux, uy, none + 1.0, none)


def joined_pieces(one: Pieces, other: Pieces) -> Pieces:
    """Return the pieces of both."""
    return Pieces(*(np.concatenate(pair) for pair in zip(one, other, strict=True)))


def runs_along(lines: Drawn, pieces: Pieces, within_m: float, angle_deg: float) -> Runs:
    """Return where lines, (n,), run along pieces of road."""
    a, b, pipe = segments(lines)
    start, unit = np.column_stack([pieces.x, pieces.y]), np.column_stack([pieces.ux, pieces.uy])
    blocks = [
        _alongside(pipe[segment], a[segment], b[segment], pieces, piece, within_m, angle_deg)
        for segment, piece in near_segments(a, b, start, start + pieces.length_m[:, None] * unit, within_m)
    ]
    pipe, road, from_m, to_m, left_m = (np.concatenate(column) for column in zip(*blocks, strict=True))
    return Runs(pipe, Intervals(road, from_m, to_m), left_m)


def _alongside(
    pipe: Ints, a: Floats, b: Floats, pieces: Pieces, piece: Ints, within_m: float, angle_deg: float
) -> tuple[Ints, Ints, Floats, Floats, Floats]:
    """Return the columns of the runs among pairs of a pipe's segment, from a to b, and the piece of road near it."""
    ux, uy = pieces.ux[piece], pieces.uy[piece]
    ax, ay = a[:, 0] - pieces.x[piece], a[:, 1] - pieces.y[piece]
    bx, by = b[:, 0] - pieces.x[piece], b[:, 1] - pieces.y[piece]
    along_a, across_a = ax * ux + ay * uy, ay * ux - ax * uy
    along_b, across_b = bx * ux + by * uy, by * ux - bx * uy
    d_along, d_across = along_b - along_a, across_b - across_a
    parallel = np.abs(d_along) >= np.hypot(d_along, d_across) * np.cos(np.radians(angle_deg)) - 1e-12
    enter, leave = _inside_strip(across_a, d_across, within_m)
    s1, s2 = along_a + enter * d_along, along_a + leave * d_along
    low = np.maximum(np.minimum(s1, s2), 0.0)
    high = np.minimum(np.maximum(s1, s2), pieces.length_m[piece])
    runs = parallel & (leave > enter) & (high > low)
    piece, low, high = piece[runs], low[runs], high[runs]
    one, other = (pieces.chainage_m[piece] + pieces.scale[piece] * side for side in (low, high))
    across = (across_a + (enter + leave) / 2.0 * d_across)[runs]
    left = pieces.beside_m[piece] + np.sign(pieces.scale[piece]) * across
    return pipe[runs], pieces.road[piece], np.minimum(one, other), np.maximum(one, other), left


def _inside_strip(across: Floats, change: Floats, within_m: float) -> tuple[Floats, Floats]:
    """Part [enter, leave] of a segment, 0–1, with |across + t·change| ≤ within_m; enter > leave where there is none."""
    flat = change == 0
    safe = np.where(flat, 1.0, change)
    t1, t2 = (-within_m - across) / safe, (within_m - across) / safe
    enter = np.clip(np.minimum(t1, t2), 0.0, 1.0)
    leave = np.clip(np.maximum(t1, t2), 0.0, 1.0)
    outside = np.abs(across) > within_m
    return np.where(flat, 0.0, enter), np.where(flat, np.where(outside, -1.0, 1.0), leave)


def substrings(lines: NDArray[np.object_], low: Floats, high: Floats) -> NDArray[np.object_]:
    """Cut each line from one distance along it to another: both places, and the vertices between them."""
    ends = shapely.line_interpolate_point(np.concatenate([lines, lines]), np.concatenate([low, high]))
    coords, line = shapely.get_coordinates(lines, return_index=True)
    step = np.hypot(*np.diff(coords, axis=0, prepend=coords[:1]).T)
    run = np.cumsum(step)
    along = run - run[np.searchsorted(line, np.arange(len(lines)))][line]
    between = (along > low[line] + JOIN_M) & (along < high[line] - JOIN_M)
    number = np.arange(len(lines))
    owner = np.concatenate([number, line[between], number])
    place = np.concatenate([low, along[between], high])
    order = np.lexsort((place, owner))
    start, end = np.split(shapely.get_coordinates(ends), 2)
    corners = np.concatenate([start, coords[between], end])[order]
    cut: NDArray[np.object_] = np.asarray(shapely.linestrings(corners, indices=owner[order]), dtype=object)
    return cut
