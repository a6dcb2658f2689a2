"""Two networks of one town whose nodes are counted once, and what hangs together in either of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final, Literal, NamedTuple

import numpy as np
from scipy.spatial import KDTree

from drainage.analyses.changes.pairs import Pairs
from drainage.arrays import Floats, Ints32, Rows, spread
from drainage.graph import connect
from drainage.network import DrainageNetwork
from drainage.positions import coordinates
from drainage.simulation.pipes import STORM_SYSTEMS

Side = Literal["before", "after"]
SIDES: Final[tuple[Side, Side]] = ("before", "after")
#: Ground that drains to one part before and to another after, from this area on, ha: what is rounded in tables differs
#: by less. It changed hands between nodes no further apart than this, m: twice as far as ground is served, and from one
#: manhole to the next; own choice.
_GROUND_HA: Final = 0.01
_GROUND_WITHIN_M: Final = 150.0
_HANDS: Final = 4


class Ends(NamedTuple):
    """Numbers of the nodes at which the pipes of one side begin and end, (n_pipes,) each."""

    tail: Rows
    head: Rows


@dataclass(frozen=True, eq=False)
class BothSides:
    """Two networks and which node is which: a node that is in both has one number.

    Parameters
    ----------
    before, after
        The networks.
    pairs
        Which pipe and node of the one is which of the other.
    """

    before: DrainageNetwork
    after: DrainageNetwork
    pairs: Pairs

    def network(self, side: Side) -> DrainageNetwork:
        """Return one of the networks."""
        return self.before if side == "before" else self.after

    @cached_property
    def number(self) -> dict[Side, Rows]:
        """Number of each node of either side, (n_nodes,): those after by their rows, then those that were before."""
        n_after, n_before = len(self.after.nodes), len(self.before.nodes)
        before = spread(n_before, self.pairs.nodes[0], self.pairs.nodes[1].astype(np.intp), -1)
        gone = np.flatnonzero(before < 0)
        before[gone] = n_after + np.arange(len(gone))
        return {"before": before, "after": np.arange(n_after)}

    @cached_property
    def count(self) -> int:
        """How many nodes there are."""
        return len(self.after.nodes) + len(self.before.nodes) - len(self.pairs.nodes[0])

    @cached_property
    def ends(self) -> dict[Side, Ends]:
        """Where the pipes of either side begin and end."""
        found = {}
        for side in SIDES:
            graph, number = self.network(side).graph, self.number[side]
            found[side] = Ends(number[graph.tail], number[graph.head])
        return found

    @cached_property
    def place(self) -> Floats:
        """X and y of each node, (count, 2), after the works where it is there."""
        place = np.full((self.count, 2), np.nan)
        for side in SIDES:
            place[self.number[side]] = coordinates(self.network(side).nodes.geometry.to_numpy())
        return place

    def on_nodes(self, side: Side, values: Floats) -> Floats:
        """Return values of the nodes of one side by number, (count,), NaN for those that it does not have."""
        return spread(self.count, self.number[side], values.astype(np.float64), np.nan)

    def parts(self, area_ha: dict[Side, Floats]) -> Ints32:
        """Return the part in which each node hangs together with others, by storm pipes of either side, (count,).

        Parameters
        ----------
        area_ha
            Own ground of each node, (count,): parts between which ground has changed hands are one, since works in
            either move the water of both.
        """
        ends = []
        for side in SIDES:
            carries = self.network(side).systems.among(*STORM_SYSTEMS)
            ends.append([one[carries] for one in self.ends[side]])
        tail, head = (np.concatenate([one[k] for one in ends]) for k in (0, 1))
        part = connect((tail, head), self.count)
        if len(area_ha) < len(SIDES):
            return part
        came = np.nan_to_num(area_ha["after"]) - np.nan_to_num(area_ha["before"])
        moved = np.abs(np.bincount(part, came)) > _GROUND_HA
        placed = moved[part] & np.isfinite(self.place).all(axis=1)
        gains, loses = (np.flatnonzero(placed & (sign * came > _GROUND_HA)) for sign in (1.0, -1.0))
        if not len(gains) or not len(loses):
            return part
        found = KDTree(self.place[gains]).query(self.place[loses], k=_HANDS, distance_upper_bound=_GROUND_WITHIN_M)
        near = np.asarray(found[1])
        row, _ = np.nonzero(near < len(gains))
        hands = part[loses[row]], part[gains[near[near < len(gains)]]]
        return connect(hands, int(part.max()) + 1)[part]
