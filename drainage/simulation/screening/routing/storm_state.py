"""What a storm changes from sweep to sweep, and what comes out of it."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from drainage.arrays import Floats
from drainage.simulation.screening.routing.grade_lines import DRY

#: Rows of nodes. What comes out: the highest level, m, the largest overflow, m³/s, water that overflowed and that
#: arrived, m³, how long it overflows and water stands, when that is gone, and when it begins, s.
LEVEL, OVERFLOW, VOLUME, ARRIVED, FLOODED, STANDS, GONE, BEGUN = range(8)
#: What comes beside what their pipes bring, all that comes, and what they do not take, m³/s; water that left and
#: stands, m³, and what the pipes could have taken beside, m³/s; what the basin holds, m³, and its level, m; the level,
#: and the mean of that with those of the sweeps before, m.
OWN, INFLOW, EXCESS, STANDING, SPARE, POOL, SURFACE, STANDS_AT, DAMPED = range(8, 17)
#: Rows of pipes. What comes out: the largest flow that entered, m³/s, and the water that passed, m³.
MOST, PASSED = range(2)
#: What left in the step before, what enters, leaves and could enter, m³/s; the levels at the ends, m.
STORED, SENT, LEAVES, LIMIT, ABOVE, BELOW = range(2, 8)


class State(NamedTuple):
    """What a storm changes: of nodes, (17, n_nodes), and of pipes, (8, n_edges); the rows that come out stand first."""

    of_node: Floats
    of_edge: Floats


def dry_state(n_nodes: int, n_edges: int) -> State:
    """Return the state before a storm."""
    of_node, of_edge = np.zeros((DAMPED + 1, n_nodes)), np.zeros((BELOW + 1, n_edges))
    of_node[[LEVEL, SURFACE, STANDS_AT, DAMPED]], of_node[BEGUN], of_edge[LIMIT] = DRY, math.inf, math.inf
    return State(of_node, of_edge)


def end_storm(state: State) -> None:
    """Add how long what still stands will stand (in place)."""
    left = state.of_node[STANDING] > 0.0
    spare = state.of_node[SPARE, left]
    with np.errstate(divide="ignore"):
        rest = np.where(spare > 0.0, state.of_node[STANDING, left] / spare, math.inf)
    state.of_node[STANDS, left] += rest
    state.of_node[GONE, left] += rest
