"""Which node or pipe each gauge measures, and what a model computes there at the moments of its readings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from drainage.arrays import Bools, Floats, Ints
from drainage.errors import SchemaError
from drainage.formats.rain.gauge_series import GaugeReadings
from drainage.formats.rain.rain_steps import intervals
from drainage.network import DrainageNetwork
from drainage.said import Said, joined
from drainage.schema.columns import column_of
from drainage.schema.ids import find_ids, ids_like
from drainage.simulation.swmm.watched_series import EngineSeries
from drainage.words import in_both


@dataclass(frozen=True, slots=True, eq=False)
class PlacedGauge:
    """A gauge at its place.

    Parameters
    ----------
    name
        Id of its node or pipe; followed by what it measures where several measure there.
    feature_id, kind
        The node or pipe.
    quantity
        ``level``, ``depth`` or ``flow``.
    node
        Row of the node whose level it measures; of a flow in a pipe that of the lower end.
    pipe
        Row of the pipe, -1 for none.
    bottom_m
        From where a depth counts: the invert of the pipe at its lower end, of a node the lowest pipe end.
    minute, value
        (n,) readings, min from minute 0 of the readings, once tied from the beginning of the simulation;
        nan: missing.
    gap
        (n - 1,) so much time from one reading to the next that none was made.
    """

    name: str
    feature_id: str
    kind: str
    quantity: str
    node: int
    pipe: int
    bottom_m: float
    minute: Floats
    value: Floats
    gap: Bools

    def computed(self, series: EngineSeries, watched: Watched) -> Floats:
        """(n,) what was computed at the moments of the readings, nan outside the simulated time and the model."""
        if self.quantity == "flow":
            table, at = (series.flow_m3s, watched.pipe(self)) if self.pipe >= 0 else (
                series.inflow_m3s, watched.node(self)
            )  # fmt: skip
        else:
            table, at = series.level_m, watched.node(self)
        found = np.interp(self.minute, series.minute, table[:, at])
        found = np.where((self.minute >= 0.0) & (self.minute <= series.minute[-1]), found, np.nan)
        return np.maximum(found - self.bottom_m, 0.0) if self.quantity == "depth" else found

    def above_zero(self, values: Floats) -> Floats:
        """Return values whose 0 means that there is no water: levels as depths."""
        return values - self.bottom_m if self.quantity == "level" else values


@dataclass(frozen=True, slots=True, eq=False)
class Watched:
    """The nodes and pipes of which series are asked for, by their rows and ids."""

    node_rows: Ints
    pipe_rows: Ints
    node_ids: Sequence[str]
    pipe_ids: Sequence[str]

    @classmethod
    def of(cls, net: DrainageNetwork, gauges: Sequence[PlacedGauge]) -> Watched:
        """Return what some gauges measure."""
        nodes = np.unique([one.node for one in gauges]).astype(np.int64)
        pipes = np.unique([one.pipe for one in gauges if one.pipe >= 0]).astype(np.int64)
        ids = [list(map(str, frame.index[rows])) for frame, rows in ((net.nodes, nodes), (net.pipes, pipes))]
        return cls(nodes, pipes, ids[0], ids[1])

    def node(self, gauge: PlacedGauge) -> int:
        """Return the column of the node of a gauge."""
        return int(np.searchsorted(self.node_rows, gauge.node))

    def pipe(self, gauge: PlacedGauge) -> int:
        """Return the column of the pipe of a gauge."""
        return int(np.searchsorted(self.pipe_rows, gauge.pipe))


def place_gauges(
    net: DrainageNetwork,
    readings: GaugeReadings,
    *,
    offsets_m: Mapping[str, float],
    written: Bools,
) -> tuple[list[PlacedGauge], list[Said]]:
    """Find the node or pipe of each gauge; an id may be spelt differently if only one can be meant.

    Parameters
    ----------
    offsets_m
        Gauge → what is added to its levels.
    written
        (n_pipes,) pipes that are simulated.

    Returns
    -------
    The gauges, and a sentence for each that is nowhere.

    Raises
    ------
    SchemaError
        None has a place, or an offset is of no gauge of levels.
    """
    groups = list(readings.table.groupby(["gauge", "at", "quantity"], sort=False))
    ids = pd.Index([str(key[0]) for key, _ in groups], dtype="str")
    in_nodes, in_pipes = find_ids(ids, net.nodes.index), find_ids(ids, net.pipes.index)
    bottoms, known = _bottoms(net, written), [*map(str, net.nodes.index), *map(str, net.pipes.index)]
    shifts = _offsets(offsets_m, [str(key[0]) for key, _ in groups if key[2] == "level"])
    placed, lost = [], []
    names = [
        net.nodes.index[n] if n >= 0 else net.pipes.index[p] if p >= 0 else ""
        for n, p in zip(in_nodes, in_pipes, strict=True)
    ]
    for (key, rows), *found in zip(groups, in_nodes.tolist(), in_pipes.tolist(), strict=True):
        gauge, at, quantity = map(str, key)
        node, pipe = _one_of(at or ("pipe" if quantity == "flow" else "node"), found[0], found[1], sure=bool(at))
        if node < 0 and pipe < 0:
            like = ids_like(gauge, known)
            near = in_both("gauge_near", ids=", ".join(like)) if like else ""
            lost.append(in_both("gauge_nowhere", gauge=gauge, near=near))
            continue
        feature = str(net.nodes.index[node] if pipe < 0 else net.pipes.index[pipe])
        several = names.count(feature) > 1
        minute = rows["minute"].to_numpy(dtype=np.float64)
        value = rows["value"].to_numpy(dtype=np.float64) + (shifts.get(gauge, 0.0) if quantity == "level" else 0.0)
        placed.append(
            PlacedGauge(
                name=f"{feature} {quantity}" if several else feature,
                feature_id=feature,
                kind="pipe" if pipe >= 0 else "node",
                quantity=quantity,
                node=int(net.graph.head[pipe]) if pipe >= 0 else node,
                pipe=pipe,
                bottom_m=float(column_of(net.pipes, "invert_to_m")[pipe] if pipe >= 0 else bottoms[node]),
                minute=minute,
                value=value,
                gap=_gaps(minute, value),
            )
        )
    if not placed:
        raise SchemaError(joined([in_both("gauges_nowhere", file=readings.source), *lost]))
    return placed, lost


def _one_of(at: str, node: int, pipe: int, *, sure: bool) -> tuple[int, int]:
    """Return the row of the node or of the pipe, the other -1, where an id could be of either."""
    if at == "node":
        return (node, -1) if node >= 0 or sure else (-1, pipe)
    return (-1, pipe) if pipe >= 0 or sure else (node, -1)


def _offsets(said: Mapping[str, float], gauges: Sequence[str]) -> Mapping[str, float]:
    """Return the offset of each gauge of levels, by its name in the file."""
    gauges = list(dict.fromkeys(gauges))
    row = find_ids(pd.Index(list(said), dtype="str"), pd.Index(gauges, dtype="str"))
    wrong = [name for name, at in zip(said, row, strict=True) if at < 0]
    if wrong:
        known = ", ".join(gauges[:5]) or in_both("none_there")
        raise SchemaError(in_both("gauge_offset_of_none", names=", ".join(wrong), known=known))
    return {gauges[at]: offset for at, offset in zip(row.tolist(), said.values(), strict=True)}


def _gaps(minute: Floats, value: Floats) -> Bools:
    """(n - 1,) steps that are longer than usual, or at whose ends nothing was measured."""
    steps = np.diff(minute)
    blank = np.isnan(value)
    longer = intervals(steps)[1] if len(steps) > 1 else np.zeros(len(steps), dtype=np.bool_)
    return np.asarray(longer | blank[1:] | blank[:-1])


def _bottoms(net: DrainageNetwork, written: Bools) -> Floats:
    """(n_nodes,) from where the depth of water counts: the lowest end of a simulated pipe; of an .inp the invert."""
    lowest = np.full(len(net.nodes), np.inf)
    for row, end in ((net.graph.tail, "from"), (net.graph.head, "to")):
        np.fmin.at(lowest, row[written], column_of(net.pipes, f"invert_{end}_m")[written])
    invert = column_of(net.nodes, "invert_m")
    lowest = np.where(np.isfinite(lowest), lowest, invert)
    return np.where(np.isfinite(invert), invert, lowest) if net.origin.model is not None else lowest
