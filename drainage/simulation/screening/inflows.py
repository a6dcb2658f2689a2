"""What an .inp lets into its nodes in time: runoff of its catchments, hydrographs, patterns, rain that seeps in."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from drainage.arrays import Bools, Floats, Rows, spread
from drainage.formats.inp.edit.overrides import moment
from drainage.formats.inp.gages import simulated_min
from drainage.formats.inp.node_inflows import (
    Hydrograph,
    PatternedFlow,
    Sewershed,
    mean_m3s,
    pattern_factors,
    read_hydrographs,
    read_patterned,
    read_sewersheds,
    read_soils,
    volume_until,
)
from drainage.formats.inp.text.series import Tables
from drainage.formats.inp.text.tokens import InpText
from drainage.hydraulics import overland
from drainage.hydraulics.rainfall import Storm
from drainage.hydraulics.rdii import seepage_m3s_per_ha
from drainage.network import DrainageNetwork
from drainage.schema.columns import column_of
from drainage.simulation.ground.catchments import Ground
from drainage.simulation.screening.hydrograph import time_steps
from drainage.simulation.screening.own_rain import OwnRain

#: Longest step in which runoff is computed, min, as WET_STEP of most models (own choice).
RUNOFF_STEP_MIN: Final = 1.0
#: Most times at which hydrographs ask for a step of their own beside those of the storm (own choice).
MOST_CHANGES: Final = 400
_RDII_STEP_MIN: Final = 5.0


@dataclass(frozen=True, eq=False)
class Inflows:
    """Water that comes to nodes by time, and how it is told.

    Parameters
    ----------
    row
        (n_series,) row of the network, in model order after `in_model`, of each node that has a series.
    base_ha
        (n_series,) area times Ψ of these nodes when they were screened: what runs off grows with what is put there
        later.
    text
        The model.
    ground, receiver
        Catchments (`drainage.hydraulics.overland`) and the series that each drains to.
    gages
        Name of the gage of each catchment.
    hydrographs, patterned, sewersheds
        What else comes, with the series that each belongs to.
    """

    row: Rows
    base_ha: Floats
    text: InpText
    ground: Floats
    receiver: Rows
    gages: tuple[str, ...]
    hydrographs: tuple[tuple[int, Hydrograph], ...]
    patterned: tuple[tuple[int, PatternedFlow], ...]
    sewersheds: tuple[tuple[int, Sewershed], ...]
    # what ran off last: the same storm is asked for again and again, with other pipes
    _last: list[tuple[Storm, Floats, Floats]] = field(default_factory=list, init=False, repr=False)

    def steps(self, storm: Storm, inlet_time_min: float) -> tuple[Floats, NDArray[np.int32]]:
        """Cut time into steps as `time_steps` does, and on while hydrographs and seepage last."""
        bounds, sweeps = time_steps(storm, inlet_time_min)
        times = [one.minute for _, one in self.hydrographs]
        base = [
            float(np.max(t[:, 1] * (1.0 + t[:, 2]))) * 60.0 for _, one in self.sewersheds if len(t := one.triangles)
        ]
        if base and storm.depth_mm > 0.0:
            times.append(np.linspace(0.0, storm.duration_min + max(base), 60))
        if not times:
            return bounds, sweeps
        change = np.unique(np.round(np.concatenate(times), 3))
        last = simulated_min(self.text)
        change = change[(change > 0.0) & ((change <= last) if last > 0.0 else True)]
        if len(change):
            long = np.arange(0.0, change[-1], max(inlet_time_min, change[-1] / MOST_CHANGES))
            change = np.concatenate([change[:: max(len(change) // MOST_CHANGES, 1)], change[-1:], long])
        end = max(float(bounds[-1]), float(change.max(initial=0.0)) + inlet_time_min)
        whole = np.unique(np.round(np.concatenate([bounds, change, [end]]), 3))
        whole = whole[np.append(True, np.diff(whole) > 1e-2)]
        middle = 0.5 * (whole[1:] + whole[:-1])
        place = np.clip(np.searchsorted(bounds, middle) - 1, 0, len(sweeps) - 1)
        return whole, np.where(middle < bounds[-1], sweeps[place], 2).astype(np.int32)

    def m3s(self, storm: Storm, bounds_min: Floats, own_ha: Floats) -> Floats:
        """(n_series, n_steps) mean inflow in each step, m³/s; ``own_ha`` (n_series,) scales what runs off."""
        seconds = np.diff(bounds_min) * 60.0
        flow = self.runoff_m3(storm, bounds_min) / seconds
        scale = np.divide(own_ha, self.base_ha, out=np.ones(len(own_ha)), where=self.base_ha > 0.0)
        flow *= scale[:, None]
        for series, one in self.hydrographs:
            flow[series] += np.diff(volume_until(one.minute, one.m3s, bounds_min)) / seconds
        self._add_patterned(flow, bounds_min)
        self._add_seepage(flow, storm, bounds_min)
        return flow

    def runoff_m3(self, storm: Storm, bounds_min: Floats) -> Floats:
        """(n_series, n_steps) what runs off the catchments of each node, m³."""
        for known, bounds, shed in self._last:
            if known is storm and np.array_equal(bounds, bounds_min):
                return shed
        self._last[:] = [(storm, bounds_min, self._shed_m3(storm, bounds_min))]
        return self._last[0][2]

    def _shed_m3(self, storm: Storm, bounds_min: Floats) -> Floats:
        total = np.zeros((len(self.row), len(bounds_min) - 1))
        if not len(self.ground) or not storm.depth_mm > 0.0:
            return total
        parts = np.maximum(np.ceil(np.diff(bounds_min) / RUNOFF_STEP_MIN), 1.0).astype(np.int64)
        period = np.repeat(np.arange(len(parts)), parts)
        step = np.repeat(np.diff(bounds_min) / parts, parts)
        edges = bounds_min[0] + np.concatenate([[0.0], np.cumsum(step)])
        names, gage = np.unique(np.array(self.gages, dtype=object), return_inverse=True)
        rain = np.stack([np.diff(self._fallen_mm(storm, str(name), edges)) for name in names]) / 1000.0
        shed = overland.runoff_m3(self.ground, gage.astype(np.int64), rain, step * 60.0, period, len(parts))
        np.add.at(total, self.receiver, shed)
        return total

    def in_model(self, node_row: NDArray[np.int32]) -> Inflows:
        """Return the same inflows in the node order of a model."""
        return self._kept(pd.Index(node_row).get_indexer(pd.Index(self.row)))

    def subset(self, kept: Bools) -> Inflows:
        """Keep the marked nodes of a model, numbered again."""
        number = np.where(kept, np.cumsum(kept) - 1, -1)
        return self._kept(number[self.row])

    def of_nodes(self, count: int) -> NDArray[np.int32]:
        """(count,) series of each node, -1 for none."""
        return spread(count, self.row, np.arange(len(self.row), dtype=np.int32), -1)

    def _kept(self, row: Rows) -> Inflows:
        kept = row >= 0
        number = np.where(kept, np.cumsum(kept) - 1, -1)
        ground = kept[self.receiver]
        return replace(
            self,
            row=row[kept],
            base_ha=self.base_ha[kept],
            ground=self.ground[ground],
            receiver=number[self.receiver[ground]],
            gages=tuple(name for name, there in zip(self.gages, ground, strict=True) if there),
            hydrographs=tuple((int(number[at]), one) for at, one in self.hydrographs if kept[at]),
            patterned=tuple((int(number[at]), one) for at, one in self.patterned if kept[at]),
            sewersheds=tuple((int(number[at]), one) for at, one in self.sewersheds if kept[at]),
        )

    def _fallen_mm(self, storm: Storm, gage: str, time_min: Floats) -> Floats:
        return storm.of_gage(gage, time_min) if isinstance(storm, OwnRain) else storm.cumulative_mm(time_min)

    def _add_patterned(self, flow: Floats, bounds_min: Floats) -> None:
        if not self.patterned:
            return
        begin = moment(self.text, "START", None) or dt.datetime(2004, 1, 1)  # noqa: DTZ001 - the model's own clock
        parts = np.maximum(np.ceil(np.diff(bounds_min) / 60.0), 1.0).astype(np.int64)
        period = np.repeat(np.arange(len(parts)), parts)
        length = np.repeat(np.diff(bounds_min) / parts, parts)
        middle = bounds_min[0] + np.cumsum(length) - 0.5 * length
        moments = [begin + dt.timedelta(minutes=float(minute)) for minute in middle]
        factors = {names: np.bincount(period, pattern_factors(self.text, names, moments)) / parts
                   for names in {one.patterns for _, one in self.patterned}}  # fmt: skip
        for series, one in self.patterned:
            flow[series] += one.m3s * factors[one.patterns]

    def _add_seepage(self, flow: Floats, storm: Storm, bounds_min: Floats) -> None:
        edges = np.arange(0.0, bounds_min[-1] + _RDII_STEP_MIN, _RDII_STEP_MIN)
        for series, one in self.sewersheds:
            rain = np.diff(self._fallen_mm(storm, one.gage, edges))
            seeping = seepage_m3s_per_ha(rain, _RDII_STEP_MIN, one.triangles) * one.area_ha
            volume = np.concatenate([[0.0], np.cumsum(seeping)]) * _RDII_STEP_MIN * 60.0
            flow[series] += np.diff(np.interp(bounds_min, edges, volume)) / (np.diff(bounds_min) * 60.0)


def read_inflows(net: DrainageNetwork, ground: Ground) -> tuple[Inflows | None, Floats]:
    """Read what changes with time of an .inp, and the constant inflow of each node, m³/s, that is left beside it.

    Parameters
    ----------
    ground
        Its pieces are the catchments of the network where these are of the .inp.
    """
    nodes = net.nodes
    constant = column_of(nodes, "inflow_m3s", 0.0)
    model = net.origin.model
    if model is None:
        return None, constant
    text, tables = model.text, Tables(model.text)
    month = (moment(text, "START", None) or dt.datetime(2004, 1, 1)).month  # noqa: DTZ001 - the model's own clock
    hydrographs = read_hydrographs(text, tables, nodes.index)
    patterned = read_patterned(text, nodes.index)
    sewersheds = read_sewersheds(text, nodes.index, month)
    gages: list[str] = []
    soil, receives = np.zeros((0, 16)), np.zeros(0, dtype=np.intp)
    if ground.catchments is not None and model.catchments is not None:
        known = ground.catchments.isin(model.catchments.index)
        soil, gages = read_soils(text, ground.catchments[known])
        receives = ground.row[known]
        soil[:, overland.AREA] = ground.piece_ha[known] * 1e4
        soil[:, overland.IMPERVIOUS] = np.clip(ground.psi[known], 0.0, 1.0)
    coming: list[Hydrograph | PatternedFlow | Sewershed] = [*hydrographs, *patterned, *sewersheds]
    at = nodes.index.get_indexer(pd.Index([one.node for one in coming]))
    told = {id(one): int(row) for one, row in zip(coming, at, strict=True)}
    row = np.unique(np.concatenate([receives, np.array(list(told.values()), dtype=np.intp)])).astype(np.intp)
    if not len(row):
        return None, constant
    number = spread(len(nodes), row, np.arange(len(row)), -1)
    span = simulated_min(text) * 60.0
    for hydro in hydrographs:  # they are among the constant inflows by their volume over the simulation
        constant[told[id(hydro)]] -= mean_m3s(hydro.minute, hydro.m3s, span)
    for flow in patterned:
        constant[told[id(flow)]] -= flow.m3s
    constant[np.abs(constant) < 1e-9] = 0.0
    return Inflows(
        row,
        np.zeros(len(row)),
        text,
        soil,
        number[receives],
        tuple(gages),
        tuple((int(number[told[id(one)]]), one) for one in hydrographs),
        tuple((int(number[told[id(one)]]), one) for one in patterned),
        tuple((int(number[told[id(one)]]), one) for one in sewersheds),
    ), constant
