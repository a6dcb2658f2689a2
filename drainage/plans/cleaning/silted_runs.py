"""Runs: pipes to clean that join end to end, one job of a crew; how much they hold, how bad they are, in what order."""

from __future__ import annotations

from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from drainage.arrays import Bools, Ints, spread
from drainage.graph import connect
from drainage.network import DrainageNetwork
from drainage.plans.cleaning.one_at_a_time import Cleaned
from drainage.simulation.screening.model import LEAST_OVERFLOW_M3

#: Why a run stands where it does in the list, in this order.
PRIORITIES: Final = ("overflow", "with_others", "not_tried", "condition")


def group_runs(net: DrainageNetwork, chosen: Bools) -> tuple[Ints, int]:
    """Join chosen pipes of one road and one system that meet at a node.

    Returns
    -------
    (n_pipes,) number of the run of each pipe, -1 for none; and how many runs there are.
    """
    row = np.flatnonzero(chosen)
    pipes = net.pipes.iloc[row]
    road, system = (pd.factorize(pipes[name])[0].astype(np.int64) + 1 for name in ("road", "system"))
    street = road * (system.max(initial=0) + 1) + system
    ends = np.concatenate([net.graph.tail[row], net.graph.head[row]]).astype(np.int64)
    corner = np.unique(np.tile(street, 2) * net.graph.n_nodes + ends, return_inverse=True)[1]
    pairs = (np.tile(np.arange(len(row)), 2), len(row) + corner)
    part = connect(pairs, len(row) + int(corner.max(initial=-1)) + 1)
    run_of_row = np.unique(part[: len(row)], return_inverse=True)[1]
    return spread(len(chosen), row, run_of_row, -1), int(run_of_row.max(initial=-1)) + 1


def run_table(
    net: DrainageNetwork, pipes: pd.DataFrame, run: Ints, count: int, cleaned: Cleaned
) -> tuple[gpd.GeoDataFrame, Ints]:
    """Tabulate the runs and rank them; also return the rank number (from 0) of each run.

    Parameters
    ----------
    pipes
        What is known of every pipe, in the order of the network.
    run, count
        From `group_runs`.
    """
    members = pipes[run >= 0]
    number = run[run >= 0]
    by_run = members.groupby(number)
    volume = by_run["silt_volume_m3"].sum()
    mi = by_run["mi"].max()
    length = by_run["length_m"].sum()
    risk = members["length_m"].where(members["at_risk"] == "yes", 0.0).groupby(number).sum()
    freed = pd.Series(net.nodes.index[cleaned.freed[:, 1]], dtype=object).groupby(cleaned.freed[:, 0])
    lines = pd.Series(net.pipes.geometry.array[run >= 0], dtype=object).groupby(number)
    table = pd.DataFrame(
        {
            "road": by_run["road"].first(),
            "system": by_run["system"].first(),
            "priority": _priority(cleaned),
            "avoided_m3": cleaned.avoided_m3.round(1) + 0.0,
            "avoided_per_m3_silt": (cleaned.avoided_m3 / volume.where(volume > 0.0)).round(2),
            "left_out_m3": cleaned.left_out_m3.round(1),
            "nodes_freed": freed.size().reindex(range(count), fill_value=0),
            "freed_nodes": freed.agg(", ".join).reindex(range(count), fill_value=""),
            "pipe_count": by_run.size(),
            "length_m": length.round(1),
            "silt_volume_m3": volume.round(2),
            "silt_share": by_run["silt_share"].max().round(3),
            "silt_source": by_run["silt_source"].agg(lambda one: ", ".join(sorted(set(one) - {"none"}))),
            "mi": mi.round(2),
            "mi_class": by_run["mi_class"].max(),  # the signs of the classes stand in their order
            "at_risk_pct": (100.0 * risk / length.where(length > 0.0)).fillna(0.0).round(0),
            "pipes": pd.Series(members.index, members.index).groupby(number).agg(", ".join),
        },
        index=pd.RangeIndex(count),
    )
    order = _order(table, cleaned)
    rank = np.empty(count, dtype=np.int64)
    rank[order] = np.arange(count)
    table.insert(0, "rank", rank + 1)
    frame = gpd.GeoDataFrame(
        table, geometry=gpd.GeoSeries(lines.agg(_as_one).reindex(range(count)), crs=net.crs), crs=net.crs
    )
    frame.index = pd.Index([f"Q{k + 1}" for k in rank], name="run_id", dtype="str")
    return frame.iloc[order], rank


def _priority(cleaned: Cleaned) -> NDArray[np.object_]:
    """Return what each run is ranked by; nan where it was not tried."""
    alone, but_one = cleaned.avoided_m3, cleaned.left_out_m3
    found = np.select([alone >= LEAST_OVERFLOW_M3, but_one >= LEAST_OVERFLOW_M3, np.isnan(alone)], [0, 1, 2], 3)
    return np.asarray(np.array(PRIORITIES, dtype=object)[found])


def _order(table: pd.DataFrame, cleaned: Cleaned) -> Ints:
    """Sort by priority; then by what is avoided, by MI, by the length that cannot clean itself, and by the silt."""
    priority = table["priority"].map(PRIORITIES.index).to_numpy(dtype=np.int64)
    gain = np.select([priority == 0, priority == 1], [cleaned.avoided_m3, cleaned.left_out_m3], 0.0)
    keys = (table["silt_volume_m3"], table["at_risk_pct"], table["mi"].fillna(-1.0), gain)
    return np.lexsort((*(-np.asarray(key, dtype=np.float64) for key in keys), priority)).astype(np.int64)


def _as_one(lines: pd.Series) -> shapely.MultiLineString:
    return shapely.MultiLineString(list(shapely.get_parts(lines.to_numpy())))
