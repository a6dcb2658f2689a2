"""From rows of evidence to meters in the sewers, and their flow by the hour."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from drainage.analyses.infiltration.limits import InfiltrationLimits
from drainage.arrays import Floats, Rows
from drainage.errors import NotKnownError
from drainage.hydraulics.infiltration import HOURS, RainEvents, rain_events
from drainage.hydraulics.rainfall import ObservedStorm
from drainage.inference.forest import StormForest
from drainage.network import DrainageNetwork
from drainage.said import joined
from drainage.schema import Issues
from drainage.words import in_both

_HOUR = np.timedelta64(1, "h")


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """Flows of the meters of a sewer network by the hour, the meters in the order of the flow.

    Parameters
    ----------
    meter_id
        Names: the manhole, or ``manhole/pipe`` where one arriving pipe is measured.
    cell
        (n_meters,) where each stands in the forest of sewers.
    node_row, pipe_row
        (n_meters,) rows in the network; of the pipe −1 where the manhole is measured.
    evidence_rows
        First and last row of evidence of each meter.
    begins
        Midnight of the first day.
    flow_m3h
        (n_meters, 24 n_days) mean of each hour, nan where nothing was read.
    """

    meter_id: pd.Index
    cell: Rows
    node_row: Rows
    pipe_row: Rows
    evidence_rows: list[str]
    begins: np.datetime64
    flow_m3h: Floats

    @property
    def n_days(self) -> int:
        """Length of the series."""
        return int(self.flow_m3h.shape[1]) // HOURS

    def time(self, hour: Floats) -> NDArray[np.datetime64]:
        """(n,) local time of hours of the series, to the minute."""
        minutes = np.rint(np.asarray(hour, np.float64) * 60.0).astype("timedelta64[m]")
        return np.asarray(self.begins + minutes, dtype="datetime64[ms]")


def read_series(
    net: DrainageNetwork, sewers: StormForest, placed: pd.DataFrame, rain_begins: np.datetime64, issues: Issues
) -> Series:
    """Average the readings of each meter by the hour; what cannot be used is an issue.

    Raises
    ------
    NotKnownError
        No row is a reading of flow, with its time, at a sewer.
    """
    rows = _usable(placed, issues)
    if not len(rows):
        found = in_both("no_reading", network=net.source or in_both("the_network"))
        why = (joined([row.feature_id, row.reason], ": ") for row in issues.frame().head(3).itertuples())
        raise NotKnownError(joined([found, *why]))
    cells, meter = np.unique(rows["cell"].to_numpy(), return_inverse=True)
    stamp = rows["date"].to_numpy().astype("datetime64[ms]")
    day = np.timedelta64(1, "D")
    begins = min(stamp.min(), rain_begins).astype("datetime64[D]").astype("datetime64[ms]")
    n_days = int((stamp.max() - begins) // day) + 1
    hour = ((stamp - begins) // _HOUR).astype(np.intp)
    shape = (len(cells), n_days * HOURS)
    at = meter * shape[1] + hour
    total = np.bincount(at, weights=rows["flow_m3_per_day"].to_numpy() / HOURS, minlength=shape[0] * shape[1])
    count = np.bincount(at, minlength=shape[0] * shape[1])
    flow = np.divide(total, count, out=np.full(len(total), np.nan), where=count > 0).reshape(shape)
    node, pipe = sewers.node[cells], sewers.pipe[cells]
    node_row = np.where(node >= 0, node, net.graph.head[pipe]).astype(np.intp)
    manhole, arriving = net.nodes.index.to_numpy(dtype=object)[node_row], net.pipes.index.to_numpy(dtype=object)[pipe]
    names = [f"{m}/{p}" if of_pipe else str(m) for m, p, of_pipe in zip(manhole, arriving, pipe >= 0, strict=True)]
    by_meter = pd.Series(rows.index.to_numpy(dtype=object)).groupby(meter)
    evidence = [f"{a} … {b}" for a, b in zip(by_meter.first(), by_meter.last(), strict=True)]
    index = pd.Index(names, name="meter_id", dtype="str")
    return Series(index, cells.astype(np.intp), node_row, pipe.astype(np.intp), evidence, begins, flow)


def _usable(placed: pd.DataFrame, issues: Issues) -> pd.DataFrame:
    """Keep readings of flow at sewers, each time once."""
    elsewhere = (placed["cell"] < 0).to_numpy()
    beside = placed[elsewhere]
    number = beside["node_id"].fillna(beside["pipe_id"]).fillna("no name").value_counts()
    reasons = [in_both("readings_elsewhere", count=n) for n in number]
    issues.add("not_a_sewer", "info", "meter", number.index, reasons, in_both("not_used_here"))
    rows = placed[~elsewhere]
    untimed = rows["date"].isna().to_numpy()
    issues.add("no_time", "error", "row", rows.index[untimed], in_both("no_time"), in_both("not_used"))
    blank = rows["flow_m3_per_day"].isna().to_numpy()
    issues.add("no_flow", "warning", "row", rows.index[blank & ~untimed], in_both("no_flow"), in_both("not_used"))
    rows = rows[~untimed & ~blank]
    repeated = rows.duplicated(["cell", "date"]).to_numpy()
    twice = rows.index[repeated]
    issues.add("repeated_reading", "warning", "row", twice, in_both("same_time"), in_both("first_used"))
    return rows[~repeated]


def events_of(
    rain: ObservedStorm, rain_begins: np.datetime64, begins: np.datetime64, limits: InfiltrationLimits
) -> tuple[RainEvents, Floats]:
    """Return the events of a record of rain, and from when to when it lasts, (2,), in hours of the series."""
    offset = float((rain_begins - begins) / _HOUR)
    edges_h = rain.edges_min / 60.0 + offset
    events = rain_events(edges_h, rain.step_mm, gap_h=limits.gap_h, least_mm=limits.least_rain_mm)
    return events, edges_h[[0, -1]]
