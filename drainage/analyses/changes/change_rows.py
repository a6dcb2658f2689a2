"""The table of changes: a row for each pair of old and new, or for what has no other side."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd

from drainage.analyses.changes.cell_pairs import CellPairs, Change, as_text, with_columns_of_both
from drainage.analyses.changes.courses import apart_m
from drainage.analyses.changes.in_use import out_of_use
from drainage.analyses.changes.pairs import pair_tables
from drainage.arrays import Bools, Objects, Rows, marked

COLUMNS: Final = (
    "feature_kind", "id_before", "id_after", "change", "attribute", "before", "after", "road", "length_m", "distance_m",
)  # fmt: skip


class Both:
    """The pipes or the nodes of two networks, and which are one."""

    def __init__(
        self, kind: str, before: gpd.GeoDataFrame, after: gpd.GeoDataFrame, pairs: tuple[Rows, Rows],
        gone: gpd.GeoDataFrame, moved_m: float,
    ) -> None:  # fmt: skip
        self.kind, self.before, self.after, self.gone, self.moved_m = kind, before, after, gone, moved_m
        self.old, self.new = before.iloc[pairs[0]], after.iloc[pairs[1]]
        self.pairs = pairs
        self.distance_m = apart_m(self.old.geometry.to_numpy(), self.new.geometry.to_numpy())
        self.moved = self.distance_m >= moved_m

    def cells(self, turned: Bools, hidden: AbstractSet[str]) -> CellPairs:
        """Return the pairs cell by cell; hidden columns are not compared, and the ends of pipes by their nodes."""
        apart = {str(self.after.geometry.name), "from_node", "to_node", *hidden}
        return CellPairs(*with_columns_of_both(self.old, self.new, *apart), turned)

    def replaced(self, day: pd.Timestamp) -> Bools:
        """(n_pairs,) the old feature is recorded as abandoned, and another id stands for it."""
        recorded = (self.gone.index.get_indexer(self.old.index) >= 0) | out_of_use(self.old, day)
        return np.asarray(recorded & (self.old.index.to_numpy() != self.new.index.to_numpy()), np.bool_)

    def rows(self, change: Change) -> pd.DataFrame:
        """Return the rows of a kind of change of paired features."""
        return self._table(
            change.kind, self.old.iloc[change.rows], self.new.iloc[change.rows],
            attribute=change.attribute, before=change.before, after=change.after,
            distance_m=self.distance_m[change.rows],
        )  # fmt: skip

    def beside(self, pairs: tuple[Rows, Rows]) -> pd.DataFrame:
        """Return the rows of combined pipes beside which others took over."""
        old, new = self.before.iloc[pairs[0]], self.after.iloc[pairs[1]]
        systems = [side["system"].to_numpy(dtype=object) for side in (old, new)]
        return self._table(
            "separated", old, new, attribute="system", before=systems[0], after=systems[1],
            distance_m=apart_m(old.geometry.to_numpy(), new.geometry.to_numpy()),
        )  # fmt: skip

    def unpaired(
        self, beside: tuple[Rows, Rows] | None, idle: tuple[Bools, Bools] | None, day: pd.Timestamp,
        kept_ids: pd.Index | None = None,
    ) -> list[pd.DataFrame]:  # fmt: skip
        """Return the rows of what is on one side only: abandoned where its record is kept, removed, added."""
        left = []
        for side, table in enumerate((self.before, self.after)):
            rows = [self.pairs[side], *([beside[side]] if beside is not None else [])]
            taken = marked(len(table), *rows) | (idle[side] if idle is not None else False)
            left.append(table[~taken])
        old, new = left
        record = pd.Series(None, index=old.index, dtype=object)
        if len(self.gone):
            at, to = pair_tables(old, self.gone, self.moved_m) if self.kind == "pipe" else _namesakes(old, self.gone)
            record.iloc[at] = self.gone.index.to_numpy()[to]
        if self.kind == "pipe":
            itself = out_of_use(old, day)
            record[itself] = record[itself].fillna(old.index.to_series()[itself])
        if kept_ids is not None:
            named = kept_ids.get_indexer(old.index) >= 0
            record[named] = record[named].fillna(old.index.to_series()[named])
        kept = record.notna().to_numpy()
        days = self._days(old, record[kept])
        abandoned = self._table("abandoned", old[kept], None, attribute="abandoned", after=days)
        abandoned["id_after"] = record[kept].to_numpy(dtype=object)
        return [self._table("added", None, new), self._table("removed", old[~kept], None), abandoned]

    def _days(self, old: gpd.GeoDataFrame, record: pd.Series) -> Objects:
        """(n_kept,) days on which features were abandoned, as text, None where nothing tells."""
        if self.kind != "pipe":
            return np.full(len(record), None, dtype=object)
        days = self.gone["abandoned"].reindex(pd.Index(record)).set_axis(record.index)
        return as_text(days.fillna(old["abandoned"].reindex(record.index)))

    def _table(
        self, change: str, old: gpd.GeoDataFrame | None, new: gpd.GeoDataFrame | None, **told: object
    ) -> pd.DataFrame:
        there = [side for side in (new, old) if side is not None]
        first, n = there[0], len(there[0])
        facts: dict[str, object] = {
            "feature_kind": self.kind,
            "id_before": None if old is None else old.index.to_numpy(dtype=object),
            "id_after": None if new is None else new.index.to_numpy(dtype=object),
            "change": change,
            **dict.fromkeys(("attribute", "before", "after")),
            "road": _first_told(there, "road"),
            "length_m": first["length_m"].to_numpy() if "length_m" in first else np.nan,
            "distance_m": np.nan,
            **told,
            "geometry": first.geometry.to_numpy(),
        }
        texts = ("id_before", "id_after", "attribute", "before", "after", "road")
        return pd.DataFrame(facts, index=range(n)).astype(dict.fromkeys(texts, object))


def _first_told(sides: list[gpd.GeoDataFrame], name: str) -> object:
    """(n,) what the first side records, else the other."""
    found = [side[name].to_numpy(dtype=object) for side in sides if name in side]
    if not found:
        return None
    told = np.where(pd.isna(found[0]), found[-1], found[0]).astype(object)
    told[pd.isna(told)] = None
    return told


def _namesakes(old: gpd.GeoDataFrame, gone: gpd.GeoDataFrame) -> tuple[Rows, Rows]:
    row = gone.index.get_indexer(old.index)
    known = np.flatnonzero(row >= 0)
    return known, row[known]
