"""A crew in a simulated town: sources that nobody drew, readings that may err, and three ways of looking for them.

The *walk* goes from each wet outfall upstream along what flows, trunks first (T/CECS 758-2020, 5.1.2). *Halving* opens
the manhole above which half of the places lie that are still possible, assumes one source, and begins again when it has
found and plugged one. *Information* is `drainage.inference.openings`. All three read the same at an opening: which
arriving pipes flow, and whether an undrawn branch discharges into the manhole; the outfalls are read before they begin.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from drainage.arrays import Bools, Ints32
from drainage.inference.forest import StormForest
from drainage.inference.openings import choose_openings
from drainage.inference.posterior import Beliefs, Readings, SourceRates

BELIEVED = 0.9  # a source counts as found by information where its manhole was opened and holds one with this chance


class Seen(NamedTuple):
    """One opening: the arriving pipes, which of them flow, and whether a branch discharges here."""

    pipes: Ints32
    flows: Bools
    entry: bool


class Crew:
    """Opens manholes of one town and counts them.

    Parameters
    ----------
    forest
        The storm network.
    sources
        Cells of the sources.
    error
        Chance that each single reading is wrong.
    """

    def __init__(self, forest: StormForest, sources: Ints32, rng: np.random.Generator, *, error: float = 0.0) -> None:
        self.forest, self.rng, self.error = forest, rng, error
        self.left = np.zeros(forest.n_cells, np.bool_)
        self.left[sources] = True
        self.openings = 0
        self._flow()

    def look(self, cell: int) -> Seen:
        """Read what a manhole shows, at no cost: for outfalls."""
        pipes = self.forest.child[self.forest.child_ptr[cell] : self.forest.child_ptr[cell + 1]]
        wrong = self.rng.random(len(pipes) + 1) < self.error
        return Seen(pipes, self.flowing[pipes] ^ wrong[:-1], bool(self.left[cell] ^ wrong[-1]))

    def open(self, cell: int) -> Seen:
        """Open a manhole."""
        self.openings += 1
        return self.look(cell)

    def plug(self, cell: int) -> None:
        """Close a source."""
        self.left[cell] = False
        self._flow()

    def _flow(self) -> None:
        self.flowing = self.left.copy()
        for c, p in enumerate(self.forest.parent):
            if p >= 0 and self.flowing[c]:
                self.flowing[p] = True


Log = list[tuple[int, int]]  # openings so far, cell found


def above_count(forest: StormForest) -> NDArray[np.int64]:
    """(n_cells,) how many cells drain through each."""
    count = np.ones(forest.n_cells, np.int64)
    for c, p in enumerate(forest.parent):
        if p >= 0:
            count[p] += count[c]
    return count


def upper(forest: StormForest, pipe: int) -> int:
    """Return the manhole at the upper end of a pipe, −1 where dry-weather flow does not enter it."""
    begin, end = forest.child_ptr[pipe : pipe + 2]
    return int(forest.child[begin]) if end > begin else -1


def walk(crew: Crew, outfalls: Ints32, size: NDArray[np.int64]) -> Log:
    """Go from the outfalls upstream along what flows, the larger catchment first."""
    forest, found = crew.forest, []
    stack: list[int] = []

    def follow(seen: Seen) -> None:
        wet = sorted((int(p) for p in seen.pipes[seen.flows]), key=lambda p: size[p])
        stack.extend(node for p in wet if (node := upper(forest, p)) >= 0)

    for outfall in outfalls[np.argsort(-size[outfalls])]:
        follow(crew.look(int(outfall)))
        while stack:
            cell = stack.pop()
            seen = crew.open(cell)
            if seen.entry:
                found.append((crew.openings, cell))
            follow(seen)
    return found


def halve(crew: Crew, outfalls: Ints32) -> Log:
    """Halve what is possible until one source is found; plug it, look at the outfall again, go on."""
    forest, found = crew.forest, []
    for outfall in outfalls:
        opened = np.zeros(forest.n_cells, np.bool_)
        seen = crew.look(int(outfall))
        while seen.flows.any():
            cell = _halve_once(crew, seen, opened)
            if cell < 0:
                break
            found.append((crew.openings, cell))
            crew.plug(cell)
            seen = crew.look(int(outfall))
    return found


def _halve_once(crew: Crew, seen: Seen, opened: Bools) -> int:
    forest = crew.forest
    is_node = forest.node >= 0
    possible = _above(forest, seen.pipes[seen.flows]) & is_node
    while possible.any():
        count = possible.astype(np.int64)
        for c, p in enumerate(forest.parent):
            if p >= 0:
                count[p] += count[c]
        choice = np.flatnonzero(possible)
        cell = int(choice[np.abs(count[choice] - count[choice].max() / 2).argmin()])
        seen = crew.open(cell)
        opened[cell] = True
        if seen.entry:
            return cell
        if seen.flows.any():
            possible &= _above(forest, seen.pipes[seen.flows])
        else:
            possible &= ~_above(forest, np.array([cell], np.int32))
    return -1


def _above(forest: StormForest, cells: Ints32) -> Bools:
    mask = np.zeros(forest.n_cells, np.bool_)
    mask[cells] = True
    for c in range(forest.n_cells - 1, -1, -1):
        p = forest.parent[c]
        if p >= 0 and mask[p]:
            mask[c] = True
    return mask


def inform(
    crew: Crew, outfalls: Ints32, rates: SourceRates, *, wanted: int, most: int, batch: int = 1, plug: bool = True
) -> Log:
    """Open what tells most until so many sources are found or so many manholes opened; plug what is found."""
    forest, found = crew.forest, []
    beliefs = Beliefs(forest, rates)
    for outfall in outfalls:
        seen = crew.look(int(outfall))
        beliefs.add(Readings(seen.pipes, seen.flows))
    known = np.zeros(forest.n_cells, np.bool_)
    visited = np.zeros(forest.n_cells, np.bool_)
    while len(found) < wanted and crew.openings < most:
        plan = choose_openings(beliefs, batch, seed=crew.openings)
        if not len(plan.cell):
            break
        for cell in plan.cell:
            beliefs.add(as_readings(int(cell), crew.open(int(cell))))
            visited[cell] = True
        sure = np.flatnonzero(visited & ~known & (beliefs.source >= BELIEVED))
        known[sure] = True
        found += [(crew.openings, int(cell)) for cell in sure]
        for cell in sure if plug else ():
            crew.plug(int(cell))
            beliefs.close(int(cell))
    return found


def as_readings(cell: int, seen: Seen) -> Readings:
    """Turn an opening into readings."""
    return Readings(seen.pipes, seen.flows, np.array([cell], np.int32), np.array([seen.entry]))
