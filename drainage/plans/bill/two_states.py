"""A network before and after works, pipe by pipe: sizes, depths, what is in use, and who asks for which change."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from drainage.analyses.changes.in_use import day_of, out_of_use
from drainage.arrays import Bools, Floats, Ints
from drainage.measures import inner_area_mm2, inner_sides_mm, nominal_sizes, systems_of_nodes
from drainage.network import DrainageNetwork
from drainage.plans.bill.item_kinds import UNKNOWN
from drainage.schema.columns import column_of

#: Columns of a piece of work: what it is, of which feature, and all that an item is told apart by.
PIECE: Final = (
    "item_kind", "feature_kind", "feature_id", "structure", "system", "was_system", "material", "pipe_size",
    "shape", "depth_class", "trench_from_m", "trench_to_m", "work_quantity", "filled", "sets", "road",
)  # fmt: skip


class Side:
    """A network on one side of the works.

    Parameters
    ----------
    net
        The network.
    bedding_m
        What lies of the trench below the invert, m.
    """

    def __init__(self, net: DrainageNetwork, bedding_m: float) -> None:
        """Take the network; everything else is computed when it is asked for."""
        self.net, self.bedding_m = net, bedding_m
        self.pipes, self.nodes = net.pipes, net.nodes
        self.in_use = ~out_of_use(self.pipes, day_of(net))

    @cached_property
    def conduit(self) -> Bools:
        """(n_pipes,) a pipe proper, and no pump, weir, orifice or outlet of a model."""
        if "link_type" not in self.pipes:
            return np.ones(len(self.pipes), np.bool_)
        return np.asarray((self.pipes["link_type"].isna() | (self.pipes["link_type"] == "conduit")).to_numpy())

    @cached_property
    def sizes_mm(self) -> tuple[Floats, Floats]:
        """(n_pipes,) inner width and height, mm: the diameter twice, or both sides of what has sides."""
        return inner_sides_mm(self.pipes)

    @cached_property
    def sizes(self) -> NDArray[np.object_]:
        """(n_pipes,) the size of one pipe as it is written: DN600, 2000×1500, or unknown."""
        texts = nominal_sizes(self.pipes)
        return np.where(texts == None, UNKNOWN, texts)  # noqa: E711 - one by one

    @cached_property
    def area_mm2(self) -> Floats:
        """(n_pipes,) inner section of one pipe, mm²."""
        return inner_area_mm2(self.pipes)

    @cached_property
    def barrels(self) -> Floats:
        """(n_pipes,) equal pipes side by side."""
        return column_of(self.pipes, "barrels", 1.0)

    @cached_property
    def length_m(self) -> Floats:
        """(n_pipes,) m, NaN where none is known."""
        length = column_of(self.pipes, "length_m")
        return np.where(length > 0.0, length, np.nan)

    @cached_property
    def depths_m(self) -> tuple[Floats, Floats]:
        """(n_pipes,) depth of the trench at both ends, m: ground less invert, and the bedding; NaN for both if one is.

        The ground is that of the node, else of the pipe; a recorded depth counts where an invert or the ground lacks. A
        pipe above the ground has no depth.
        """
        ends = []
        for end, row in (("from", self.net.graph.tail), ("to", self.net.graph.head)):
            ground = column_of(self.nodes, "ground_m")[row]
            ground = np.where(np.isnan(ground), column_of(self.pipes, f"ground_{end}_m"), ground)
            depth = ground - column_of(self.pipes, f"invert_{end}_m")
            depth = np.where(np.isnan(depth), column_of(self.pipes, f"depth_{end}_m"), depth)
            ends.append(
                np.round(np.where(depth >= 0.0, depth, np.nan) + self.bedding_m, 3)
            )  # levels are known to the mm
        known = np.isfinite(ends[0]) & np.isfinite(ends[1])
        return np.where(known, ends[0], np.nan), np.where(known, ends[1], np.nan)

    @cached_property
    def filled(self) -> Bools:
        """(n_pipes,) a level at an end of the pipe was filled in at reading and not recorded."""
        filled = np.zeros(len(self.pipes), np.bool_)
        for end, row in (("from", self.net.graph.tail), ("to", self.net.graph.head)):
            if f"invert_{end}_source" in self.pipes:
                filled |= _not_recorded(self.pipes[f"invert_{end}_source"])
            filled |= self.node_filled[row]
        return filled

    @cached_property
    def node_filled(self) -> Bools:
        """(n_nodes,) the ground of the node was filled in."""
        if "ground_source" not in self.nodes:
            return np.zeros(len(self.nodes), np.bool_)
        return _not_recorded(self.nodes["ground_source"])

    @cached_property
    def systems(self) -> NDArray[np.object_]:
        """(n_nodes,) the system of the node, else of its largest pipe in use; None where nothing tells."""
        return systems_of_nodes(self.nodes, self.pipes[self.in_use & self.conduit])

    def text(self, name: str, rows: Ints, *, of_nodes: bool = False) -> NDArray[np.object_]:
        """Return a column of text at some rows, None where nothing is recorded."""
        table = self.nodes if of_nodes else self.pipes
        if name not in table:
            return np.full(len(rows), None, dtype=object)
        values = table[name].iloc[rows]
        return values.astype(object).where(values.notna(), None).to_numpy(dtype=object)


class TwoStates:
    """A network before and after works.

    Parameters
    ----------
    before, after
        The network on both sides; what they share has one id.
    sets
        Layer and id → names of the change sets that ask for something there.
    bedding_m
        What lies of the trench below the invert, m.
    same_m
        A new pipe takes the place of one that is given up if it joins the same nodes within so much of its line, m.
    """

    def __init__(
        self, before: DrainageNetwork, after: DrainageNetwork, sets: Mapping[tuple[str, str], Sequence[str]], *,
        bedding_m: float, same_m: float,
    ) -> None:  # fmt: skip
        """Find what stayed, came and went."""
        self.before, self.after, self._sets = Side(before, bedding_m), Side(after, bedding_m), sets
        then, now = self.before.pipes, self.after.pipes
        at = then.index.get_indexer(now.index)
        here = np.flatnonzero(at >= 0)
        left = _given_up(then.iloc[at[here]], now.iloc[here])
        new = np.flatnonzero(at < 0)
        vanished = np.flatnonzero(now.index.get_indexer(then.index) < 0)
        gone = np.sort(np.concatenate([vanished, at[here[left]]]))
        old, young = _successors(then, now, gone, new, same_m)
        #: Rows of pipes after the works that are new, and of pipes before them that are used no more.
        self.new, self.gone = np.setdiff1d(new, young), np.setdiff1d(gone, old)
        #: Rows before and after of pipes that stay, or whose place another takes.
        self.stay = np.concatenate([at[here[~left]], old]), np.concatenate([here[~left], young])
        self.successor = np.arange(len(self.stay[0])) >= len(self.stay[0]) - len(old)
        used = self.after.in_use.copy()
        used[here[left]] = False
        self.used_after = _names_at(now, used)
        self.used_before = _names_at(then, self.before.in_use)

    def sets_of(self, layer: str, names: Iterable[object]) -> list[str]:
        """Return which change sets ask for something at each feature."""
        return [", ".join(self._sets.get((layer, str(name)), ())) for name in names]

    def pipe_pieces(
        self, kind: str, side: Side, rows: Ints, quantity: object = 1.0, **more: object
    ) -> pd.DataFrame:  # fmt: skip
        """Return a piece of work for each of some pipes, in the columns `PIECE`."""
        names = side.pipes.index.to_numpy(dtype=object)[rows]
        told = {
            "item_kind": kind, "feature_kind": "pipe", "feature_id": names, "system": side.text("system", rows),
            "pipe_size": side.sizes[rows], "shape": side.text("shape", rows), "work_quantity": quantity,
            "filled": False, "sets": self.sets_of("pipes", names), "road": side.text("road", rows), **more,
        }  # fmt: skip
        return pd.DataFrame(told, index=range(len(rows))).reindex(columns=PIECE)

    def node_pieces(
        self, kind: str, side: Side, rows: Ints, quantity: object = 1.0, **more: object
    ) -> pd.DataFrame:  # fmt: skip
        """Return a piece of work for each of some nodes, in the columns `PIECE`."""
        names = side.nodes.index.to_numpy(dtype=object)[rows]
        told = {
            "item_kind": kind, "feature_kind": "node", "feature_id": names, "work_quantity": quantity, "filled": False,
            "sets": self.sets_of("nodes", names), "road": side.text("road", rows, of_nodes=True), **more,
        }  # fmt: skip
        return pd.DataFrame(told, index=range(len(rows))).reindex(columns=PIECE)


def _not_recorded(marks: pd.Series) -> Bools:
    return np.asarray((marks.notna() & (marks != "recorded")).to_numpy(), np.bool_)


def _given_up(then: gpd.GeoDataFrame, now: gpd.GeoDataFrame) -> Bools:
    """Return which pipes have a day on which they are abandoned that they did not have."""
    before, after = (pd.to_datetime(table["abandoned"]).reset_index(drop=True) for table in (then, now))
    return np.asarray((after.notna() & ~(after == before)).to_numpy(), np.bool_)


def _successors(
    then: gpd.GeoDataFrame, now: gpd.GeoDataFrame, gone: Ints, new: Ints, same_m: float
) -> tuple[Ints, Ints]:
    """Return rows of pipes that are given up and of the new ones that take their place, pair by pair, the next first.

    Both join the same nodes in the same direction along the same line.
    """
    ends = ["from_node", "to_node"]
    left = pd.DataFrame(then[ends]).iloc[gone].assign(gone=gone)
    right = pd.DataFrame(now[ends]).iloc[new].assign(new=new)
    pairs = left.merge(right, on=ends)
    lines = (np.asarray(table.geometry.array)[pairs[name]] for table, name in ((then, "gone"), (now, "new")))
    pairs["away_m"] = np.nan_to_num(shapely.hausdorff_distance(*lines))
    pairs = pairs[pairs["away_m"] <= same_m].sort_values(["away_m", "gone", "new"], kind="stable")
    while len(again := pairs.index[pairs["gone"].duplicated() | pairs["new"].duplicated()]):
        pairs = pairs.drop(again[0])
    return pairs["gone"].to_numpy(np.int64), pairs["new"].to_numpy(np.int64)


def _names_at(pipes: gpd.GeoDataFrame, mask: Bools) -> frozenset[str]:
    """Return the nodes at which some of the pipes begin or end."""
    return frozenset([*pipes.loc[mask, "from_node"], *pipes.loc[mask, "to_node"]])
