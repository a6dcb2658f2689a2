"""What an engine says of points and works: which points it confirms, what still overflows, how large tanks must be."""

from __future__ import annotations

from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd

from drainage.arrays import Bools, Floats, Ints
from drainage.plans.relief.search import Limits
from drainage.simulation.screening.answer import screening_of
from drainage.simulation.screening.model import LEAST_OVERFLOW_M3
from drainage.simulation.state import FlowState

#: Codes by which an engine says that it ran other pipes than those of the works.
_NOT_AS_BUILT = ("engine_", "not_written", "incomplete", "no_roughness", "no_section", "tank_left_out", "pump_left_out")


class Target(NamedTuple):
    """The limits of the network, and the standard in words."""

    limits: Limits
    words: str

    def excess_m3(self, state: FlowState) -> Floats:
        """Return the overflow beyond the limits, (n_nodes,)."""
        volume = state.nodes["overflow_m3"].to_numpy(dtype=np.float64)
        own = screening_of(state)
        late_h = np.zeros(len(volume)) if own is None else own.standing["drain_down_h"].to_numpy()
        return self.limits.excess_m3(np.where(volume >= LEAST_OVERFLOW_M3, volume, 0.0), late_h)


class Points(NamedTuple):
    """Points by number: (n_nodes,) the one that each node belongs to, -1 for none, and how many there are."""

    of_node: Ints
    number: int

    def total(self, volume: Floats) -> Floats:
        """Add up a volume of nodes by point, (number,)."""
        inside = self.of_node >= 0
        found = np.bincount(self.of_node[inside], weights=volume[inside], minlength=self.number)
        return np.asarray(found, dtype=np.float64)

    def judged(self, state: FlowState) -> Bools:
        """Mark points of which at least one node was judged, (number,)."""
        return self.total(state.nodes["judged"].to_numpy(dtype=np.float64)) > 0.0

    def only(self, wanted: Bools) -> Points:
        """Return the same points without the nodes of unwanted ones."""
        return self._replace(of_node=np.where(np.append(wanted, [False])[self.of_node], self.of_node, -1))


class SecondRun(NamedTuple):
    """States of the network as it is and with the works, by the engine that checks them."""

    before: FlowState
    after: FlowState

    def failed(self, points: Points, target: Target) -> Bools:
        """Mark points that are still beyond the target, (number,)."""
        return np.asarray(points.total(target.excess_m3(self.after)) > 0.0)

    def otherwise(self) -> pd.DataFrame:
        """Return the issues that state where the engine ran works other than those planned."""
        after, before = self.after.issues, self.before.issues
        said = after[after["code"].str.startswith(_NOT_AS_BUILT) & (after["severity"] != "info")]
        known = pd.MultiIndex.from_frame(before[["code", "feature_id"]])
        return said[~pd.MultiIndex.from_frame(said[["code", "feature_id"]]).isin(known)]

    def write(self, table: gpd.GeoDataFrame, works: pd.DataFrame, points: Points, target: Target) -> None:
        """Add what the second run finds at each point (in place)."""
        for name, state in (("before", self.before), ("after", self.after)):
            volume = np.nan_to_num(state.nodes["overflow_m3"].to_numpy(dtype=np.float64))
            table[f"second_run_{name}_m3"] = points.total(volume).round(1)
        otherwise = self.otherwise()["feature_id"]
        touched = works["pipe_id"].isin(otherwise) | works["node_id"].isin(otherwise)
        unsure = table.index.isin(works.loc[touched, "point_id"]) | ~points.judged(self.after)
        within = np.where(self.failed(points, target), "no", "yes")
        table["second_run_within"] = np.where(unsure, "unknown", within).astype(object)
        table["second_run"] = self.after.method


def size_pumps(works: gpd.GeoDataFrame, after: FlowState) -> bool:
    """Enlarge pumps at freed outfalls to what the engine sends there (in place); return whether any changed."""
    pumped = works.index[works["kind"] == "free_outfall"]
    if not len(pumped):
        return False
    sent = after.pipes["flow_m3s"].groupby(after.network.pipes["to_node"]).sum()
    more = sent.reindex(works.loc[pumped, "node_id"]).to_numpy(dtype=np.float64)
    works.loc[pumped, "pump_m3s"] = np.fmax(works.loc[pumped, "pump_m3s"], more).round(3)
    return True
