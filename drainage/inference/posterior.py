"""What is believed of each place of a storm forest: the chance that a source enters there, given all readings.

The model. Each reach (a pipe with its upper manhole) holds an undrawn source with chance ``reach_prior``, independently
of all others; ``manhole_share`` of the log-chance lies on the manhole. Something flows at a place in dry weather if and
only if a source enters there or above. A reading errs independently with the stated rates; these also cover a source
that happens to rest while the crew looks. Several sources and false readings are therefore part of the model, and on a
forest the answer is exact (`drainage.inference.kernels`), as enumeration of all source sets confirms in the tests.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from drainage.arrays import Bools, Floats, Ints32
from drainage.errors import SchemaError
from drainage.inference.forest import StormForest
from drainage.words import in_both

_CLOSED = 1e-6  # chance that a closed source still runs


@dataclass(frozen=True, slots=True)
class SourceRates:
    """Probabilities of the model. All are our assumptions, none is from a standard; set your own if you know them.

    Parameters
    ----------
    reach_prior
        Probability that a reach has an undrawn source before any evidence.
    drawn_prior
        Probability that sewage really enters where the drawing shows it.
    manhole_share
        Share of the prior assigned to the manhole, the rest to its pipe (暗接). Most undrawn branches lead to manholes.
    false_wet, missed_wet
        Probability that a place without sewage is recorded as flowing, and that one with it is recorded as dry.
    false_entry, missed_entry
        The same for seeing an undrawn branch that discharges into the manhole.
    false_rise, missed_rise
        The same for a tracer that is found to rise between two samples.

    Raises
    ------
    SchemaError
        A rate is not between 0 and 1, both excluded: nothing is certain.

    Examples
    --------
    >>> import drainage as dr
    >>> net = dr.load_demo("2021-05-07")
    >>> rates = dr.inference.SourceRates(reach_prior=0.03)
    >>> [round(dr.find_sources(net, rates=one).summary["expected_sources"]) for one in (None, rates)]
    [43, 86]
    """

    reach_prior: float = 0.015
    drawn_prior: float = 0.95
    manhole_share: float = 0.9
    false_wet: float = 0.05
    missed_wet: float = 0.05
    false_entry: float = 0.02
    missed_entry: float = 0.10
    false_rise: float = 0.10
    missed_rise: float = 0.20

    def __post_init__(self) -> None:
        """Refuse probabilities of 0 and 1."""
        for name in self.__slots__:
            if not 0.0 < getattr(self, name) < 1.0:
                raise SchemaError(in_both("not_a_chance", name=name, value=getattr(self, name)))

    @property
    def of_opening(self) -> Floats:
        """Return the rates of false flow, missed flow, false entry and missed entry."""
        return np.array([self.false_wet, self.missed_wet, self.false_entry, self.missed_entry])


@dataclass(frozen=True, slots=True, eq=False)
class Readings:
    """What was read, by cell; a cell may occur any number of times.

    Parameters
    ----------
    wet_cell, wet
        Cells that were looked at, and whether sewage flowed.
    entry_cell, entry
        Manholes or pipes at which an undrawn entry was looked for, and whether it was seen.
    load_cell
        Cells at which a load or concentration was measured: each ends one stretch and begins the next.
    rise_cell, rise
        Of these, cells compared with those next above, and the log-likelihood ratio (natural) of an entry between.
    closed
        Cells whose source was found and closed before these readings.
    """

    wet_cell: Ints32 = field(default_factory=lambda: np.empty(0, np.int32))
    wet: Bools = field(default_factory=lambda: np.empty(0, np.bool_))
    entry_cell: Ints32 = field(default_factory=lambda: np.empty(0, np.int32))
    entry: Bools = field(default_factory=lambda: np.empty(0, np.bool_))
    load_cell: Ints32 = field(default_factory=lambda: np.empty(0, np.int32))
    rise_cell: Ints32 = field(default_factory=lambda: np.empty(0, np.int32))
    rise: Floats = field(default_factory=lambda: np.empty(0, np.float64))
    closed: Ints32 = field(default_factory=lambda: np.empty(0, np.int32))


class Beliefs:
    """Chances of all cells of a forest, kept up to date tree by tree.

    Parameters
    ----------
    forest
        Where sources may be.
    rates
        The numbers of the model.
    readings
        What was read so far.
    """

    def __init__(self, forest: StormForest, rates: SourceRates, readings: Readings | None = None) -> None:
        """Turn readings into likelihoods and pass the messages once over all trees."""
        self.forest, self.rates = forest, rates
        n = forest.n_cells
        share = np.where(forest.node >= 0, rates.manhole_share, 1.0 - rates.manhole_share)
        self.log_clean = np.where(forest.drawn, np.log1p(-rates.drawn_prior), np.log1p(-rates.reach_prior) * share)
        self.likelihood, self.reset = np.zeros((n, 3)), np.zeros(n, np.bool_)
        self._positive = np.zeros((n, 3))
        self.above, self.sent, self.outside = np.empty((n, 2)), np.empty((n, 2)), np.empty((n, 3))
        self.source, self.wet = np.empty(n), np.empty(n)
        self._take(readings or Readings())
        self.update(0, n)

    def add(self, readings: Readings) -> None:
        """Take further readings and update the trees that they lie in."""
        self._take(readings)
        touched = np.concatenate([readings.wet_cell, readings.entry_cell, readings.load_cell, readings.closed])
        for begin, end in {self.forest.tree_of(int(cell)) for cell in touched}:
            self.update(begin, end)

    def close(self, cell: int) -> None:
        """Take a found source as closed from now on.

        What was read as flowing or rising below it is explained by it and says no more; what was dry stays dry.
        """
        self.log_clean[cell] = np.log1p(-_CLOSED)
        below = cell
        while below >= 0:
            self.likelihood[below] -= self._positive[below]
            self._positive[below] = 0.0
            below = int(self.forest.parent[below])
        self.update(*self.forest.tree_of(cell))

    def update(self, begin: int, end: int) -> None:
        """Pass the messages over the trees in ``begin:end``."""
        from drainage.inference import kernels

        parent, lik, reset = self.forest.parent, self.likelihood, self.reset
        kernels.with_flow(parent, self.log_clean, lik, reset, begin, end, self.above, self.sent)
        kernels.against_flow(parent, lik, reset, begin, end, self.above, self.sent, self.outside)
        kernels.probabilities(self.log_clean, begin, end, self.above, self.outside, self.source, self.wet)

    def reaches(self, pipe_rows: Ints32) -> Floats:
        """P(a source enters on a pipe or at its upper manhole) for storm pipes, (n,); of overflows the pipe alone."""
        from drainage.inference import kernels

        cell = self.forest.pipe_cell[pipe_rows]
        ptr = self.forest.child_ptr
        alone = ptr[cell + 1] - ptr[cell] == 0
        found = self.source[cell].copy()
        second = cell[~alone]
        first = self.forest.child[ptr[second]]
        found[~alone] = kernels.pairs(
            first, second, self.log_clean, self.likelihood, self.reset, self.above, self.outside
        )
        return found

    def information(self, cells: Ints32) -> Floats:
        """Return the bits that opening each of the manholes is expected to tell, (n_cells,)."""
        from drainage.inference import kernels

        gain = np.zeros(len(cells))
        ptr, child = self.forest.child_ptr, self.forest.child
        state = (self.log_clean, self.above, self.sent, self.outside)
        kernels.information(cells, ptr, child, *state, self.rates.of_opening, gain)
        return gain

    def _take(self, readings: Readings) -> None:
        rates = self.rates
        miss, false = np.log(rates.missed_wet), np.log(rates.false_wet)
        hit, right = np.log1p(-rates.missed_wet), np.log1p(-rates.false_wet)
        dry_state = np.where(readings.wet, false, right)
        wet_state = np.where(readings.wet, hit, miss)
        told = np.column_stack([dry_state, wet_state, wet_state])
        positive = readings.rise > 0
        for total, chosen, rising in (
            (self.likelihood, slice(None), slice(None)),
            (self._positive, readings.wet, positive),
        ):
            np.add.at(total, readings.wet_cell[chosen], told[chosen])
            np.add.at(total[:, 2], readings.rise_cell[rising], readings.rise[rising])
        self.reset[readings.load_cell] = True
        self.log_clean[readings.closed] = np.log1p(-_CLOSED)
        if len(readings.entry_cell):
            seen = np.log((1.0 - rates.missed_entry) / rates.false_entry)
            not_seen = np.log(rates.missed_entry / (1.0 - rates.false_entry))
            self._tilt(readings.entry_cell, np.array([not_seen, seen])[readings.entry.astype(np.intp)])

    def _tilt(self, cell: Ints32, log_ratio: NDArray[np.floating]) -> None:
        """Multiply the odds of a source at some cells."""
        total = np.bincount(cell, weights=log_ratio, minlength=self.forest.n_cells)
        touched = np.unique(cell)
        clean = self.log_clean[touched]
        odds = np.log(-np.expm1(clean)) - clean + total[touched]
        self.log_clean[touched] = -np.logaddexp(0.0, odds)
