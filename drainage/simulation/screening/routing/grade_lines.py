"""The grade line of one pipe: the level above it, the flow that the ground above drives, and what of both is constant.

Levels are metres above the datum of the network, flows m³/s. The tables of pipes and nodes hold a row for each measure.
What is asked of every pipe in every sweep has no branches and no calls, so that a compiled loop does several pipes at
once, and gives the same to the last bit for one alone.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from drainage.arrays import Floats, Ints32
from drainage.compiling import compiled_in_place, compiled_short, compiled_within
from drainage.measures import LIFT

#: Rows of the table of pipes. A weir takes only what the pipes beside it cannot: with a crest, and no share of its own.
SHARE, CONVEYANCE, Z_UP, Z_DOWN, HEIGHT, WIDTH, DELAY, PASSES, WEIR = range(9)
#: Rows that `with_inverses` adds: one over conveyance, over the flow of the full pipe by its own fall, over the flow
#: that is critical at its full height, s/m³, and over its height, 1/m; 0 where there is none.
PER_CONVEYANCE, PER_FULL_FLOW, PER_CRITICAL_FLOW, PER_HEIGHT = range(9, 13)
#: Rows that `settle` fills: where the water above stands at the ground, the least level that counts at the lower end,
#: m, and the share of the full flow that is carried; 0 where there is none.
LOWEST, OPEN = range(13, 15)
#: Rows of the table of nodes.
OWN_HA, CONSTANT, GROUND, TAILWATER, BASIN, BED = range(6)
#: A node with one pipe on, whose limit hangs on the level below alone, or which has none (size or ground unknown); all
#: others are looked at pipe by pipe.
FORKED, PLAIN, FREE = range(3)

GRAVITY: Final = 9.81
DRY: Final = -1e30


@compiled_within
def _cos_pi(x: float) -> float:
    """Return cos πx for 0 ≤ x ≤ 1, to 1e-16: sin π(½ - x) by its series."""
    t = math.pi * (0.5 - x)
    z = t * t
    low = 1.0 - z * (1.0 / 156.0) * (1.0 - z * (1.0 / 210.0) * (1.0 - z * (1.0 / 272.0) * (1.0 - z * (1.0 / 342.0))))
    low = 1.0 - z * (1.0 / 42.0) * (1.0 - z * (1.0 / 72.0) * (1.0 - z * (1.0 / 110.0) * low))
    return t * (1.0 - z * (1.0 / 6.0) * (1.0 - z * (1.0 / 20.0) * low))


@compiled_within
def _acos_per_pi(x: float) -> float:
    """Return acos x by π for -1 ≤ x ≤ 1, to 1e-12: by asin s of s² ≤ ¼, a polynomial fitted at Chebyshev's points."""
    size = abs(x)
    z = 0.5 * (1.0 - size) if size > 0.5 else x * x
    fit = 0.0218452659867 + z * (0.0207311151891 + z * (0.00179249773396 + z * 0.0330811963068))
    fit = 0.166666666105 + z * (0.0750000589446 + z * (0.0446404876235 + z * (0.0304293391428 + z * fit)))
    asin = math.sqrt(z) * (1.0 + z * fit)
    right = 2.0 * asin if size > 0.5 else 0.5 * math.pi - asin
    return (math.pi - right if x < 0.0 else right) * (1.0 / math.pi)


@compiled_short
def _cube_root(x: float) -> float:
    """Return the cube root of 0 ≤ x ≤ 1, to 1e-15 from 1e-12 on: three steps of Halley's from x^(5/16)."""
    x = max(x, 1e-30)
    root = math.sqrt(math.sqrt(x))
    root = math.sqrt(math.sqrt(x * root))
    cube = root * root * root
    root = root * (cube + 2.0 * x) / (2.0 * cube + x)
    cube = root * root * root
    root = root * (cube + 2.0 * x) / (2.0 * cube + x)
    cube = root * root * root
    return root * (cube + 2.0 * x) / (2.0 * cube + x)


@compiled_short
def flow_share(depth_share: float) -> float:
    """Return Q/Q_full of a circular pipe from h/D: 0.46 - 0.5 cos(πx) + 0.04 cos(2πx), rising to 1."""
    c = _cos_pi(min(max(depth_share, 0.0), 1.0))
    return max(0.42 - 0.5 * c + 0.08 * c * c, 1e-4)


@compiled_short
def depth_share(flow_share: float) -> float:
    """Invert `flow_share`, 1 from the full flow on: 0.08 c² - 0.5 c + 0.42 = q with c = cos(πx)."""
    c = (0.5 - math.sqrt(max(0.25 - 0.32 * (0.42 - min(flow_share, 1.0)), 0.0))) * (1.0 / 0.16)
    return _acos_per_pi(min(max(c, -1.0), 1.0))


@compiled_within
def grade_line(
    level_below: float, flow: float, z_up: float, z_down: float, height: float,
    per_conveyance: float, per_full_flow: float, per_critical_flow: float, per_height: float,
) -> float:  # fmt: skip
    """Return the hydraulic grade at the upper end of a pipe from its flow and the level at its lower end.

    Start at the lower end: the level there, or if that is lower the critical depth of a free
    fall (of the rectangle of equal height and area), half-way to the crown when the pipe runs
    full (HEC-22).  Add the friction of the full pipe; where the upper end is not drowned by
    that, take the normal depth or the backwater with the conveyance of the mean depth,
    whichever is higher.  A pipe without flow passes the level on.
    """
    crown = z_up + height
    head = flow * per_conveyance
    friction = head * head
    critical_share = flow * per_critical_flow
    critical = height * _cube_root(min(critical_share * critical_share, 1.0))
    full = max(level_below, z_down + 0.5 * (critical + height)) + friction
    start = max(level_below, z_down + critical)
    normal = height * depth_share(flow * per_full_flow)
    lowest = z_up + (normal if per_full_flow > 0.0 else 0.0)
    level = max(start, lowest)
    mean = 0.5 * ((start - z_down) + (level - z_up)) * per_height
    share = flow_share(max(mean, 0.1))
    level = min(max(start + friction / (share * share), lowest), crown)
    mean = 0.5 * ((start - z_down) + (level - z_up)) * per_height
    share = flow_share(max(mean, 0.1))
    level = min(max(start + friction / (share * share), lowest), crown)
    level = max(level, z_up + 0.5 * critical)
    level = full if full >= crown else level
    return max(level_below, z_up) if flow <= 0.0 else level


@compiled_within
def lowest_below(pipes: Floats, e: int, ground_above: float) -> float:
    """Return the least level that counts at the lower end of a pipe which runs from the ground above."""
    deepest = 0.9 * min(pipes[HEIGHT, e], max(ground_above - pipes[Z_UP, e], 0.0))
    return float(pipes[Z_DOWN, e] + min(deepest, max(ground_above - pipes[Z_DOWN, e], 0.0) * (1.0 / 1.5)))


@compiled_within
def open_share(pipes: Floats, e: int, ground_above: float) -> float:
    """Return what a pipe carries when the water above stands at the ground, by what it carries full."""
    return float(flow_share((ground_above - pipes[Z_UP, e]) * pipes[PER_HEIGHT, e]))


@compiled_within
def limit_of_head(conveyance: float, head: float, share: float) -> float:
    """Return the flow that a head drives, m³/s."""
    return conveyance * math.sqrt(max(head, 0.0)) * share


@compiled_within
def flow_limit(pipes: Floats, e: int, ground_above: float, level_below: float) -> float:
    """Return the flow that the head between the ground above and the level below can drive.

    At the lower end the water is no deeper than 0.9 of the pipe, nor, where the ground is lower than the crown, than it
    can be at the upper one; and of a head that stands little above that end, as where a pipe rises, no more than the
    critical depth, two thirds of it.

    References
    ----------
    Chow, Open-Channel Hydraulics (1959), 3-3: critical depth of a rectangle.
    """
    if not pipes[CONVEYANCE, e] > 0.0 or not ground_above < math.inf:
        return math.inf
    head = ground_above - max(level_below, lowest_below(pipes, e, ground_above))
    return float(limit_of_head(pipes[CONVEYANCE, e], head, open_share(pipes, e, ground_above)))


@compiled_in_place
def levels_above(pipes: Floats, first: int, flow: Floats, below: Floats, level: Floats) -> None:
    """Find the levels at the upper ends of pipes from the first on; one that is not measured passes the level on.

    Parameters
    ----------
    pipes
        (13, n_edges) or more rows.
    flow, below
        (n,) what enters each, m³/s, and the level at its lower end, m.
    level
        (n,) takes the levels.
    """
    for t in range(len(level)):
        e = first + t
        level[t] = grade_line(
            below[t], flow[t] if pipes[PER_CONVEYANCE, e] > 0.0 else 0.0, pipes[Z_UP, e], pipes[Z_DOWN, e],
            pipes[HEIGHT, e], pipes[PER_CONVEYANCE, e], pipes[PER_FULL_FLOW, e], pipes[PER_CRITICAL_FLOW, e],
            pipes[PER_HEIGHT, e],
        )  # fmt: skip


def with_inverses(pipes: Floats) -> Floats:
    """Return the table of pipes, (9, n_edges), with one over what each sweep divides by, (13, n_edges)."""
    conveyance, height, fall = pipes[CONVEYANCE], pipes[HEIGHT], pipes[Z_UP] - pipes[Z_DOWN]
    with np.errstate(divide="ignore", invalid="ignore"):
        per_full_flow = np.where(fall > 0.0, 1.0 / (conveyance * np.sqrt(fall)), 0.0)
        per_critical_flow = 1.0 / (pipes[WIDTH] * np.sqrt(GRAVITY * height * height * height))
        inverses = np.stack([1.0 / conveyance, per_full_flow, per_critical_flow, 1.0 / height])
    return np.concatenate([pipes, np.where(conveyance > 0.0, inverses, 0.0)])


@compiled_in_place
def settle(ptr: Ints32, nodes: Floats, pipes: Floats) -> None:
    """Fill the last rows of the tables of pipes, (15, n_edges), by those of nodes, (6, n_nodes)."""
    for i in range(len(ptr) - 1):
        ground = nodes[GROUND, i]
        for e in range(ptr[i], ptr[i + 1]):
            if pipes[CONVEYANCE, e] > 0.0 and ground < math.inf:
                pipes[LOWEST, e], pipes[OPEN, e] = lowest_below(pipes, e, ground), open_share(pipes, e, ground)


def kinds_of(ptr: Ints32, nodes: Floats, pipes: Floats) -> NDArray[np.uint8]:
    """Tell how much of its pipes each node needs, (n_nodes,): `FORKED`, `PLAIN` or `FREE`."""
    kind = np.full(len(ptr) - 1, FORKED, np.uint8)
    single = np.flatnonzero((np.diff(ptr) == 1) & ~(nodes[BASIN] > 0.0))
    edge = ptr[single]
    own = (pipes[PASSES, edge] != LIFT) & ~(pipes[WEIR, edge] > 0.0) & (pipes[SHARE, edge] == 1.0)
    limited = (pipes[CONVEYANCE, edge] > 0.0) & (nodes[GROUND, single] < math.inf)
    kind[single[own]] = np.where(limited, PLAIN, FREE)[own]
    return kind
