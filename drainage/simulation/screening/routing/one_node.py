"""What one node does in a sweep: it sends on what comes, and takes the level that its pipes pass back.

Where ``ptr[i]:ptr[i + 1]`` are its pipes, ``head`` are the nodes that they lead to; ``pipes`` and ``nodes`` are the
tables of `grade_lines`, ``of_node`` and ``of_edge`` have the rows of `swept_nodes`, ``out_nodes`` and ``out_edges``
those of `free_flow`.
"""

from __future__ import annotations

from drainage.arrays import Floats, Ints32
from drainage.compiling import compiled_within
from drainage.measures import LIFT
from drainage.simulation.screening.routing.free_flow import leaving
from drainage.simulation.screening.routing.grade_lines import (
    BASIN,
    BED,
    DELAY,
    DRY,
    GROUND,
    PASSES,
    SHARE,
    TAILWATER,
    WEIR,
    Z_UP,
    flow_limit,
)
from drainage.simulation.screening.routing.storm_state import (
    ABOVE,
    DAMPED,
    EXCESS,
    INFLOW,
    LEAVES,
    LIMIT,
    POOL,
    SENT,
    STANDS_AT,
    STORED,
    SURFACE,
)


@compiled_within
def send_on(
    ptr: Ints32, head: Ints32, pipes: Floats, nodes: Floats, of_node: Floats, of_edge: Floats, i: int, step: float,
    final: bool,  # noqa: FBT001
) -> None:  # fmt: skip
    """Share what comes to a node among its pipes and its basin; what none of them takes is its excess."""
    sent, limit = of_edge[SENT], of_edge[LIMIT]
    begin, end = ptr[i], ptr[i + 1]
    basin, ground, total = nodes[BASIN, i], nodes[GROUND, i], of_node[INFLOW, i]
    of_node[EXCESS, i] = 0.0
    if begin == end and not basin > 0.0:
        return
    if basin > 0.0:  # by the level in the middle of the step, of all that is there or comes
        ground = _pool_level(nodes, i, of_node[POOL, i] + 0.5 * total * step)
        total += of_node[POOL, i] / step
    held = _held(ptr, head, pipes, i, ground, of_node[DAMPED])
    excess = 0.0
    for e in range(begin, end):
        limit[e] = flow_limit(pipes, e, held, of_node[DAMPED, head[e]])
        share = pipes[SHARE, e] * total
        sent[e] = min(share, limit[e])
        excess += share - sent[e]
    if excess > 0.0 and end - begin > 1:  # what one cannot take goes where room is left
        for e in range(begin, end):
            more = min(excess, max(limit[e] - sent[e], 0.0))
            if pipes[SHARE, e] > 0.0 or pipes[WEIR, e] > 0.0:
                sent[e] += more
                excess -= more
    if basin > 0.0:
        kept = min(excess * step, basin)
        excess -= kept / step
        of_node[SURFACE, i] = _pool_level(nodes, i, kept)
        if final:
            of_node[POOL, i] = kept
    of_node[EXCESS, i] = excess
    for e in range(begin, end):
        of_edge[LEAVES, e] = leaving(sent[e], of_edge[STORED, e], pipes[DELAY, e], step)


@compiled_within
def level_at(
    ptr: Ints32, head: Ints32, pipes: Floats, nodes: Floats, of_node: Floats, of_edge: Floats, i: int
) -> float:
    """Return the level at a node from those above its pipes, each by its share; at an end that of the tailwater."""
    begin, end, here = ptr[i], ptr[i + 1], nodes[TAILWATER, i]
    if begin < end:
        held = _held(ptr, head, pipes, i, nodes[GROUND, i], of_node[STANDS_AT])
        here, weight = 0.0, 0.0
        for e in range(begin, end):
            if pipes[PASSES, e] != LIFT:  # nothing is passed back through a pump
                here += pipes[SHARE, e] * of_edge[ABOVE, e]
                weight += pipes[SHARE, e]
        here = min(here / weight if weight > 0.0 else DRY, held)
    return float(max(here, of_node[SURFACE, i]) if nodes[BASIN, i] > 0.0 else here)


@compiled_within
def _held(ptr: Ints32, head: Ints32, pipes: Floats, i: int, ground: float, level: Floats) -> float:
    """Return the level that a node can rise to: the ground, the weir beside its pipes, or what drowns that weir."""
    held = ground
    for e in range(ptr[i], ptr[i + 1]):
        if pipes[WEIR, e] > 0.0:
            held = min(held, max(pipes[Z_UP, e], level[head[e]]))
    return held


@compiled_within
def _pool_level(nodes: Floats, i: int, held_m3: float) -> float:
    """Return the level of a basin that holds so much water as if its walls were vertical."""
    bed = nodes[BED, i]
    return float(bed + (nodes[GROUND, i] - bed) * min(held_m3 / nodes[BASIN, i], 1.0))
