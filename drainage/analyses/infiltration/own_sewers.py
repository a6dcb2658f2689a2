"""Which sewers are a meter's own, and which meter lies next below it."""

from __future__ import annotations

import numpy as np

from drainage.analyses.infiltration.flow_series import Series
from drainage.arrays import Floats, Rows
from drainage.inference.forest import StormForest
from drainage.network import DrainageNetwork


class Catchments:
    """Which sewers are a meter's own, and which meter is next below it.

    ``next`` (n_meters,) is −1 at the lowest; ``own_meter`` (n_pipes,) is −1 where no meter lies below.
    """

    def __init__(self, net: DrainageNetwork, sewers: StormForest, series: Series) -> None:
        from drainage.inference import kernels

        number = np.full(sewers.n_cells + 1, -1, np.intp)  # the last is for "no cell"
        number[series.cell] = np.arange(len(series.cell))
        marked = number[:-1] >= 0
        below = kernels.next_marked(sewers.parent, marked)
        self.next: Rows = number[below[series.cell]]
        owner = np.where(marked, np.arange(sewers.n_cells), below)
        self.own_meter: Rows = np.where(sewers.pipe_cell >= 0, number[owner[sewers.pipe_cell]], -1)
        own = self.own_meter >= 0
        length_km = net.pipes["length_m"].to_numpy(dtype=np.float64) / 1000.0
        n_meters = len(series.cell)
        own_km = np.bincount(self.own_meter[own], np.nan_to_num(length_km[own]), minlength=n_meters)
        self.own_km: Floats = own_km.astype(np.float64)
        self.length_km = self.own_km.copy()
        for meter in range(n_meters):  # in the order of the flow: a meter stands before the one next below
            if self.next[meter] >= 0:
                self.length_km[self.next[meter]] += self.length_km[meter]
        forked = sewers.approximate[series.cell]
        np.logical_or.at(forked, self.own_meter[own], sewers.approximate[sewers.pipe_cell[own]])
        self.approximate = forked

    def own(self, of_meter: Floats) -> Floats:
        """(…, n_meters) what a meter has beyond the meters next above it; nan where one of them is."""
        left = of_meter.T.copy()
        upper = np.flatnonzero(self.next >= 0)
        np.subtract.at(left, self.next[upper], of_meter.T[upper])
        return left.T
