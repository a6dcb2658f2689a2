"""Which manholes to open next: those that tell most about where the sources are.

An opening is worth the bits that its reading is expected to tell (mutual information of the reading and all sources).
The first of a batch is worth most by itself; each further one is worth most on average over what the ones before it may
turn out to show, drawn from the present beliefs with a fixed seed. Only the tree of the last one chosen changes.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from drainage.arrays import Floats, Ints32
from drainage.inference.posterior import Beliefs

_DRAWS = 16
_CELLS_PER_STEP = 400_000  # a larger tree is drawn less often, so that a plan of a day stays a matter of seconds
_TIE_BITS = 0.02  # nearer than this in expected bits, the shorter walk decides


class Plan(NamedTuple):
    """Cells to open in order of choice, and the bits that each is expected to add to those before it."""

    cell: Ints32
    gain_bits: Floats


def choose_openings(
    beliefs: Beliefs, budget: int, *, place: Floats | None = None, seed: int = 0, closed: Ints32 | None = None
) -> Plan:
    """Choose the openings of one batch.

    Parameters
    ----------
    beliefs
        What is believed now; left as it is.
    budget
        Most openings of the batch; fewer come back where nothing more is to be learnt.
    place
        (n_cells, 2) coordinates in metres: among openings that tell equally much, the nearest to the last one chosen.
    seed
        Of the readings that are drawn for the second opening and on.
    closed
        Cells that cannot be opened.
    """
    cells = beliefs.forest.opened
    if closed is not None and len(closed):
        shut = np.zeros(beliefs.forest.n_cells, np.bool_)
        shut[closed] = True
        cells = cells[~shut[cells]]
    gain = beliefs.information(cells)
    chosen: list[int] = []
    bits: list[float] = []
    drawn: dict[tuple[int, int], list[_Draw]] = {}
    rng = np.random.default_rng(seed)
    while len(chosen) < min(budget, len(cells)):
        best = _best(cells, gain, chosen, place)
        if gain[best] < 1e-6:
            break
        chosen.append(int(cells[best]))
        bits.append(float(gain[best]))
        if len(chosen) == budget:
            break
        begin, end = tree = beliefs.forest.tree_of(chosen[-1])
        if tree not in drawn:
            n = int(np.clip(_CELLS_PER_STEP // (end - begin), 2, _DRAWS))
            drawn[tree] = [_Draw(beliefs, begin, end) for _ in range(n)]
        here = np.arange(*np.searchsorted(cells, tree))
        for draw in drawn[tree]:
            draw.read(chosen[-1], rng)
        gain[here] = np.mean([draw.information(cells[here]) for draw in drawn[tree]], axis=0)
        gain[np.searchsorted(cells, [c for c in chosen if begin <= c < end])] = 0.0
    return Plan(np.array(chosen, np.int32), np.array(bits))


def _best(cells: Ints32, gain: Floats, chosen: list[int], place: Floats | None) -> int:
    best = int(np.argmax(gain))
    if place is None or not chosen:
        return best
    tied = np.flatnonzero(gain >= gain[best] - _TIE_BITS)
    away = np.hypot(*(place[cells[tied]] - place[chosen[-1]]).T)
    return int(tied[np.nan_to_num(away, nan=np.inf).argmin()])


class _Draw:
    """One possible course of readings in one tree: beliefs on a slice, so that a draw costs no more than its tree."""

    def __init__(self, beliefs: Beliefs, begin: int, end: int) -> None:
        forest = beliefs.forest
        self.begin, self.end, self.rates = begin, end, beliefs.rates
        self.parent = np.where(forest.parent[begin:end] >= 0, forest.parent[begin:end] - begin, -1).astype(np.int32)
        first, last = forest.child_ptr[begin], forest.child_ptr[end]
        self.ptr = (forest.child_ptr[begin : end + 1] - first).astype(np.int32)
        self.child = (forest.child[first:last] - begin).astype(np.int32)
        self.log_clean = beliefs.log_clean[begin:end].copy()
        self.likelihood, self.reset = beliefs.likelihood[begin:end].copy(), beliefs.reset[begin:end]
        self.above, self.sent = beliefs.above[begin:end].copy(), beliefs.sent[begin:end].copy()
        self.outside = beliefs.outside[begin:end].copy()
        self.source, self.wet = beliefs.source[begin:end].copy(), beliefs.wet[begin:end].copy()

    def read(self, cell: int, rng: np.random.Generator) -> None:
        """Draw what opening a manhole shows, one pipe after the other, and believe it."""
        c = cell - self.begin
        rates = self.rates
        for j in self.child[self.ptr[c] : self.ptr[c + 1]]:
            flows = rng.random() < self.wet[j]
            read = rng.random() < (1.0 - rates.missed_wet if flows else rates.false_wet)
            dry, wet = (rates.false_wet, 1 - rates.missed_wet) if read else (1 - rates.false_wet, rates.missed_wet)
            self.likelihood[j] += np.log([dry, wet, wet])
            self._update()
        enters = rng.random() < self.source[c]
        seen = rng.random() < (1.0 - rates.missed_entry if enters else rates.false_entry)
        without, with_ = (
            (rates.false_entry, 1 - rates.missed_entry) if seen else (1 - rates.false_entry, rates.missed_entry)
        )
        odds = np.log(-np.expm1(self.log_clean[c])) - self.log_clean[c] + np.log(with_ / without)
        self.log_clean[c] = -np.logaddexp(0.0, odds)
        self._update()

    def information(self, cells: Ints32) -> Floats:
        from drainage.inference import kernels

        gain = np.zeros(len(cells))
        state = (self.log_clean, self.above, self.sent, self.outside)
        here = (cells - self.begin).astype(np.int32)
        kernels.information(here, self.ptr, self.child, *state, self.rates.of_opening, gain)
        return gain

    def _update(self) -> None:
        from drainage.inference import kernels

        n = self.end - self.begin
        shape = (self.parent, self.likelihood, self.reset)
        kernels.with_flow(self.parent, self.log_clean, *shape[1:], 0, n, self.above, self.sent)
        kernels.against_flow(*shape, 0, n, self.above, self.sent, self.outside)
        kernels.probabilities(self.log_clean, 0, n, self.above, self.outside, self.source, self.wet)
