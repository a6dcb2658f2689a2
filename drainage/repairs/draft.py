"""The tables of a network while they are repaired, and the log that says of each cell what it was and became.

Every change goes through a `Draft`: a cell set, rows exchanged for others, a column added. One call is one step of the
log, and `drainage.repairs.undo` walks the steps back.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from drainage.arrays import Bools, Ints
from drainage.network import DrainageNetwork
from drainage.said import Said
from drainage.schema.codes import UNDER_PRESSURE
from drainage.schema.layers import LAYERS

#: ``action`` is changed (one cell), dropped or added (a row; its cells as a dict), column (a whole one was added),
#: column_gone (a whole one was taken out; its place, type and cells as a dict), type (a column took another type);
#: ``row`` is the place of a dropped row before and of an added row after the step, else missing.
LOG_COLUMNS: Final = (
    "step", "rule", "action", "feature_kind", "feature_id", "column", "before", "after", "reason", "row",
)  # fmt: skip
PROPOSAL_COLUMNS: Final = ("rule", "feature_kind", "feature_id", "reason", "remedy")


class Draft:
    """Tables under repair; the network that they come from is untouched."""

    def __init__(self, net: DrainageNetwork) -> None:
        self.tables = tables_of(net)
        self.step = 0
        self._ends: tuple[tuple[gpd.GeoDataFrame, gpd.GeoDataFrame], tuple[Ints, Ints]] | None = None
        self._parts: list[pd.DataFrame] = []
        self._proposals: list[pd.DataFrame] = []

    @property
    def pipes(self) -> gpd.GeoDataFrame:
        """Pipes as they are by now."""
        return self.tables["pipe"]

    @property
    def nodes(self) -> gpd.GeoDataFrame:
        """Nodes as they are by now."""
        return self.tables["node"]

    def ends(self) -> tuple[Ints, Ints]:
        """Return the rows of the nodes from and to which each pipe leads, (n_pipes,) each."""
        tables = self.pipes, self.nodes
        if self._ends is None or any(was is not now for was, now in zip(self._ends[0], tables, strict=True)):
            tail, head = (
                self.nodes.index.get_indexer(pd.Index(self.pipes[column])).astype(np.int64)
                for column in ("from_node", "to_node")
            )
            self._ends = tables, (tail, head)
        return self._ends[1]

    def conduits(self) -> Bools:
        """Return the pipes in which water flows by gravity: no pumps or weirs, none out of a pump or under pressure."""
        pipes, nodes = self.pipes, self.nodes
        plain = (pipes["link_type"] == "conduit").to_numpy() if "link_type" in pipes else np.ones(len(pipes), np.bool_)
        pump = (nodes["kind"] == "pump").to_numpy() & self.recorded_kind()
        pressed = pipes["system"].isin(UNDER_PRESSURE).to_numpy()
        return np.asarray(plain & ~pump[self.ends()[0]] & ~pressed)

    def recorded_kind(self) -> Bools:
        """Return the nodes whose kind the source states; (n_nodes,)."""
        return np.asarray((self.nodes["kind_source"] != "inferred").to_numpy())

    def set_cells(
        self, kind: str, column: str, rows: Ints, values: Sequence[object], *, rule: str, reasons: Said | Sequence[Said]
    ) -> None:
        """Set cells of one column; those that already hold the value are left and not logged."""
        table = self.tables[kind]
        before = cells(table[column], rows)
        after = list(values)
        differs = ~alike(before, after)
        if not differs.any():
            return
        rows, reasons = rows[differs], _each(reasons, len(after))
        kept = np.flatnonzero(differs)
        self.tables[kind] = with_cells(table, column, rows, [after[i] for i in kept])
        self._record(
            rule, "changed", kind, table.index[rows], column,
            [before[i] for i in kept], cells(self.tables[kind][column], rows), [reasons[i] for i in kept],
        )  # fmt: skip

    def add_column(self, kind: str, column: str, values: pd.Series, *, rule: str, reason: Said) -> None:
        """Add a column that the table lacks."""
        self.tables[kind] = self.tables[kind].assign(**{column: values})
        self._record(rule, "column", kind, [""], column, [None], [None], [reason])

    def drop_column(self, kind: str, column: str, *, rule: str, reason: Said) -> None:
        """Take a column out."""
        table = self.tables[kind]
        values = cells(table[column], np.arange(len(table)))
        was = {"place": table.columns.get_loc(column), "type": str(table[column].dtype), "cells": values}
        self.tables[kind] = table.drop(columns=column)
        self._record(rule, "column_gone", kind, [""], column, [was], [None], [reason])

    def retype(self, kind: str, column: str, dtype: str, *, rule: str, reason: Said) -> None:
        """Store a column as another type, which holds its values too."""
        table = self.tables[kind]
        if (was := str(table[column].dtype)) != dtype:
            self.tables[kind] = table.assign(**{column: table[column].astype(pd.api.types.pandas_dtype(dtype))})
            self._record(rule, "type", kind, [""], column, [was], [dtype], [reason])

    def drop_rows(self, kind: str, rows: Ints, *, rule: str, reasons: Sequence[Said]) -> None:
        """Take rows out."""
        none = self.tables[kind].iloc[:0]
        self.exchange_rows(kind, rows, none, np.zeros(0, np.int64), rule=rule, reasons=reasons, added=[])

    def exchange_rows(
        self, kind: str, rows: Ints, new: gpd.GeoDataFrame, place: Ints, *, rule: str,
        reasons: Sequence[Said], added: Sequence[Said],
    ) -> None:  # fmt: skip
        """Take rows out and put new ones in at the place of one of them.

        Parameters
        ----------
        rows
            Rows to take out.
        new
            Rows to put in, of the same columns and types.
        place
            For each new row the old row at whose place it goes, in rising order.
        reasons, added
            Why each old row went and each new row came.
        """
        table = self.tables[kind]
        order = np.argsort(rows, kind="stable")
        rows, reasons = rows[order], [reasons[i] for i in order]
        kept = np.delete(np.arange(len(table)), rows)
        where = np.argsort(np.concatenate([kept, place]), kind="stable")
        whole = pd.concat([table.iloc[kept], new]) if len(new) else table.iloc[kept]
        self.tables[kind] = whole.iloc[where] if len(new) else whole
        self._record(
            rule, "dropped", kind, table.index[rows], "", rows_of(table.iloc[rows]), [None] * len(rows), reasons, rows
        )
        if len(new):
            at = np.flatnonzero(where >= len(kept))
            self._record(rule, "added", kind, new.index, "", [None] * len(new), rows_of(new), added, at, same_step=True)

    def propose(
        self, rule: str, kind: str, ids: Iterable[object], reasons: Said | Iterable[Said], remedy: Said
    ) -> None:
        """Propose what might be wrong and is not changed here."""
        names = [str(i) for i in ids]
        if names:
            self._proposals.append(
                pd.DataFrame(
                    {
                        "rule": rule,
                        "feature_kind": kind,
                        "feature_id": names,
                        "reason": pd.Series(_each(reasons, len(names)), dtype=object),
                        "remedy": pd.Series([remedy] * len(names), dtype=object),
                    }
                )
            )

    def forget_proposals(self) -> None:
        """Start a round: what it finds is proposed anew."""
        self._proposals.clear()

    def proposals(self) -> pd.DataFrame:
        """Return the proposals of the last round."""
        if not self._proposals:
            return pd.DataFrame({name: pd.Series(dtype="str") for name in PROPOSAL_COLUMNS})
        return pd.concat(self._proposals, ignore_index=True)

    def log(self) -> pd.DataFrame:
        """Return one row for each change, in the order in which they were made."""
        if not self._parts:
            return empty_log()
        return pd.concat(self._parts, ignore_index=True)

    def network(self, net: DrainageNetwork) -> DrainageNetwork:
        """Return the network of these tables."""
        return network_of(self.tables, net)

    def _record(
        self, rule: str, action: str, kind: str, ids: Iterable[object], column: str,
        before: Sequence[object], after: Sequence[object], reasons: Sequence[Said], rows: Ints | None = None,
        *, same_step: bool = False,
    ) -> None:  # fmt: skip
        self.step += 0 if same_step else 1
        names = [str(i) for i in ids]
        self._parts.append(
            log_part(
                {
                    "step": [self.step] * len(names),
                    "rule": [rule] * len(names),
                    "action": [action] * len(names),
                    "feature_kind": [kind] * len(names),
                    "feature_id": names,
                    "column": [column] * len(names),
                    "before": before,
                    "after": after,
                    "reason": reasons,
                    "row": [-1] * len(names) if rows is None else rows.tolist(),
                }
            )
        )


def tables_of(net: DrainageNetwork) -> dict[str, gpd.GeoDataFrame]:
    """Return the tables that can be changed, by what their features are called: those whose rows have ids."""
    others = {LAYERS[name].feature: table for name, table in net.layers.items() if _has_ids(name)}
    ground = {} if net.catchments is None else {"catchment": net.catchments}
    return {"pipe": net.pipes, "node": net.nodes, **ground, **others}


def _has_ids(name: str) -> bool:
    return name in LAYERS and bool(LAYERS[name].id) and not name.startswith("inactive")


def network_of(tables: Mapping[str, gpd.GeoDataFrame], net: DrainageNetwork) -> DrainageNetwork:
    """Return a network of other tables; what it says of filled values is counted anew."""
    marks = [name for name in LAYERS["pipes"].marks if name in tables["pipe"]]
    counts = {name.removesuffix("_source"): int(tables["pipe"][name].dropna().ne("recorded").sum()) for name in marks}
    origin = net.origin if net.origin.filled is None else replace(net.origin, filled=counts)
    layers = {name: tables[LAYERS[name].feature] for name in net.layers if _has_ids(name)}
    return net.replace(
        pipes=tables["pipe"], nodes=tables["node"], catchments=tables.get("catchment"), layers=layers, origin=origin
    )


def empty_log() -> pd.DataFrame:
    """Return a log without rows."""
    return log_part({name: [] for name in LOG_COLUMNS})


def log_part(columns: Mapping[str, Sequence[object]]) -> pd.DataFrame:
    """Return a log: whole numbers, texts, cells of any type in ``before`` and ``after``, reasons in both languages."""
    types = dict.fromkeys(LOG_COLUMNS, "str") | {"step": "int64", "row": "int64"}
    types |= dict.fromkeys(("before", "after", "reason"), "object")
    return pd.DataFrame({name: pd.Series(list(columns[name]), dtype=types[name]) for name in LOG_COLUMNS})


def cells(column: pd.Series, rows: Ints) -> list[object]:
    """Return cells as they are, missing ones in the way in which the column writes them."""
    return list(column.iloc[rows].astype(object))


def rows_of(table: gpd.GeoDataFrame) -> list[object]:
    """Return each row as a dict of its cells."""
    everything = np.arange(len(table))
    columns = [cells(table[name], everything) for name in table.columns]
    names = [str(name) for name in table.columns]
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


def with_cells(table: gpd.GeoDataFrame, column: str, rows: Ints, values: Sequence[object]) -> gpd.GeoDataFrame:
    """Return a table with some cells of a column set; the type of the column stays."""
    array = table[column].array.copy()
    array[rows] = pd.Series(list(values), dtype=table[column].dtype).array
    return table.assign(**{column: pd.Series(array, index=table.index, dtype=table[column].dtype)})


def alike(before: Sequence[object], after: Sequence[object]) -> Bools:
    """Return which cells hold the same value, geometry to the last bit; missing values of all kinds are equal."""
    if any(isinstance(value, shapely.Geometry) for value in (*before[:1], *after[:1])):
        one, other = (pd.Series(shapely.to_wkb(np.array(cells, dtype=object))) for cells in (before, after))
        return np.asarray(((one == other) | (one.isna() & other.isna())).to_numpy(dtype=np.bool_))
    return np.array([_same(a, b) for a, b in zip(before, after, strict=True)], np.bool_)


def _same(a: object, b: object) -> bool:
    if isinstance(a, (list, dict)) or isinstance(b, (list, dict)):
        return bool(a == b)
    missing = bool(pd.isna(a)), bool(pd.isna(b))  # type: ignore[call-overload]  # a cell, not an array
    return all(missing) or (not any(missing) and bool(a == b))


def _each(reasons: Said | Iterable[Said], n: int) -> list[Said]:
    return [reasons] * n if isinstance(reasons, str) else list(reasons)
