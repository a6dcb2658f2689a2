"""The grade line of one pipe: the level above it, the flow that the ground above drives, and what of both is constant.

Levels are metres above the datum of the network, flows m³/s.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from drainage.arrays import Floats, Ints32
from drainage.compiling import compiled, compiled_within
from drainage.measures import LIFT

#: Columns of the edge table. A weir takes only what the pipes beside it cannot: with a crest, and no share of its own.
SHARE, CONVEYANCE, Z_UP, Z_DOWN, HEIGHT, WIDTH, DELAY, PASSES, WEIR = range(9)
#: Columns that `settle` adds: flow of the full pipe by its own fall, m³/s (0: it does not fall); where the water above
#: stands at the ground, the least level that counts at the lower end, m, and the share of the full flow.
NORMAL, LOWEST, OPEN = range(9, 12)
#: Columns of the node table.
OWN_HA, CONSTANT, GROUND, TAILWATER, BASIN, BED = range(6)
#: A node with one pipe on, whose limit hangs on the level below alone, or which has none (size or ground unknown); all
#: others are looked at pipe by pipe.
FORKED, PLAIN, FREE = range(3)

GRAVITY: Final = 9.81
DRY: Final = -1e30


@compiled
def _flow_share(depth_share: float) -> float:
    """Return Q/Q_full of a circular pipe from h/D: 0.46 - 0.5 cos(πx) + 0.04 cos(2πx), rising to 1."""
    if depth_share >= 1.0:
        return 1.0
    c = math.cos(math.pi * max(depth_share, 0.0))
    return max(0.42 - 0.5 * c + 0.08 * c * c, 1e-4)


@compiled_within
def _depth_share(flow_share: float) -> float:
    """Invert `_flow_share`: 0.08 c² - 0.5 c + 0.42 = q with c = cos(πx)."""
    if flow_share >= 1.0:
        return 1.0
    c = (0.5 - math.sqrt(max(0.25 - 0.32 * (0.42 - flow_share), 0.0))) / 0.16
    return math.acos(min(max(c, -1.0), 1.0)) / math.pi


@compiled
def level_above(edge: Floats, flow: float, level_below: float) -> float:
    """Return the hydraulic grade at the upper end of a pipe from its flow and the level at its lower end.

    Start at the lower end: the level there, or if that is lower the critical depth of a free
    fall (of the rectangle of equal height and area), half-way to the crown when the pipe runs
    full (HEC-22).  Add the friction of the full pipe; where the upper end is not drowned by
    that, take the normal depth or the backwater with the conveyance of the mean depth,
    whichever is higher.
    """
    conveyance, z_up, z_down = edge[CONVEYANCE], edge[Z_UP], edge[Z_DOWN]
    height = edge[HEIGHT]
    if not conveyance > 0.0:
        return float(max(level_below, z_up) if z_up > DRY else level_below)
    if flow <= 0.0:
        return float(max(level_below, z_up))
    head = flow / conveyance
    friction = head * head
    crown = z_up + height
    drowned = level_below + friction
    if level_below >= z_down + height and drowned >= crown:  # no free fall comes higher: its depth need not be known
        return float(drowned)
    per_width = flow / edge[WIDTH]
    critical = min((per_width * per_width / GRAVITY) ** (1.0 / 3.0), height)
    full = max(level_below, z_down + 0.5 * (critical + height)) + friction
    if full >= crown:
        return float(full)
    start = max(level_below, z_down + critical)
    lowest = z_up
    if edge[NORMAL] > 0.0:
        lowest += height * _depth_share(flow / edge[NORMAL])
    level = max(start, lowest)
    for _ in range(2):
        mean = 0.5 * ((start - z_down) + (level - z_up)) / height
        open_share = _flow_share(min(max(mean, 0.1), 1.0))
        level = max(start + friction / (open_share * open_share), lowest)
        level = min(level, crown)
    return float(max(level, z_up + 0.5 * critical))


@compiled
def lowest_below(edge: Floats, ground_above: float) -> float:
    """Return the least level that counts at the lower end of a pipe which runs from the ground above."""
    deepest = 0.9 * min(edge[HEIGHT], max(ground_above - edge[Z_UP], 0.0))
    return edge[Z_DOWN] + min(deepest, max(ground_above - edge[Z_DOWN], 0.0) / 1.5)


@compiled
def open_share(edge: Floats, ground_above: float) -> float:
    """Return what a pipe carries when the water above stands at the ground, by what it carries full."""
    return _flow_share((ground_above - edge[Z_UP]) / edge[HEIGHT])


@compiled
def limit_of_head(conveyance: float, head: float, share: float) -> float:
    """Return the flow that a head drives, m³/s."""
    return conveyance * math.sqrt(head) * share if head > 0.0 else 0.0


@compiled
def flow_limit(edge: Floats, ground_above: float, level_below: float) -> float:
    """Return the flow that the head between the ground above and the level below can drive.

    At the lower end the water is no deeper than 0.9 of the pipe, nor, where the ground is lower than the crown, than it
    can be at the upper one; and of a head that stands little above that end, as where a pipe rises, no more than the
    critical depth, two thirds of it.

    References
    ----------
    Chow, Open-Channel Hydraulics (1959), 3-3: critical depth of a rectangle.
    """
    conveyance = edge[CONVEYANCE]
    if not conveyance > 0.0 or not ground_above < math.inf:
        return math.inf
    head = ground_above - max(level_below, lowest_below(edge, ground_above))
    return limit_of_head(conveyance, head, open_share(edge, ground_above))


@compiled
def settle(ptr: Ints32, table: Floats, nodes: Floats) -> tuple[Floats, NDArray[np.uint8]]:
    """Add to the table of edges what does not change in a storm, and tell how much of it each node needs.

    Returns
    -------
    edges
        (n_edges, 12) the table with `NORMAL`, `LOWEST`, `OPEN`.
    kind
        (n_nodes,) `FORKED`, `PLAIN` or `FREE`.
    """
    n_nodes = len(ptr) - 1
    edges = np.zeros((len(table), 12))
    kind = np.full(n_nodes, FORKED, np.uint8)
    for i in range(n_nodes):
        ground = nodes[i, GROUND]
        for e in range(ptr[i], ptr[i + 1]):
            edge = edges[e]
            for column in range(NORMAL):
                edge[column] = table[e, column]
            fall = edge[Z_UP] - edge[Z_DOWN]
            if not edge[CONVEYANCE] > 0.0:
                continue
            if fall > 0.0:
                edge[NORMAL] = edge[CONVEYANCE] * math.sqrt(fall)
            if ground < math.inf:
                edge[LOWEST], edge[OPEN] = lowest_below(edge, ground), open_share(edge, ground)
        if ptr[i + 1] - ptr[i] != 1 or nodes[i, BASIN] > 0.0:
            continue
        edge = edges[ptr[i]]
        if edge[PASSES] != LIFT and not edge[WEIR] > 0.0 and edge[SHARE] == 1.0:
            kind[i] = PLAIN if edge[CONVEYANCE] > 0.0 and ground < math.inf else FREE
    return edges, kind
