"""The change set between two networks with the same ids: applied to the one it gives the other, to the last bit."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely.geometry.base import BaseGeometry

from drainage.arrays import Bools, Ints
from drainage.change_sets.change_set import ADDED_BY, LAYER_OF, Change, ChangeSet, NewColumn
from drainage.network import DrainageNetwork
from drainage.repairs.draft import alike, cells, tables_of
from drainage.said import Said

#: Columns that are filled where nothing is said of them, so that an unknown value has to be said.
_FILLED: Final = ("length_m", "kind", "synthetic", "from_node", "to_node", ADDED_BY)


def changes_between(
    before: DrainageNetwork, after: DrainageNetwork, *, name: str, not_expressed: Sequence[Said | str] = ()
) -> ChangeSet:
    """Return what makes one network of the other.

    Features are known by their ids. What is inferred of a node (its ``kind``) is left to be inferred.

    Parameters
    ----------
    before, after
        Networks in the same CRS, whose common features stand in the same order.
    name
        Of the change set.
    not_expressed
        What is to be done and is not in it.

    Examples
    --------
    >>> import drainage as dr
    >>> net = dr.load_demo("2018-12-31").upstream_of("YS1043")
    >>> pipes = net.pipes
    >>> pipes.loc["YSL2986", "diameter_mm"] = 1000.0
    >>> (one,) = dr.change_sets.changes_between(net, net.replace(pipes=pipes), name="wider").changes
    >>> one.action, one.id, dict(one.columns)
    ('change', 'YSL2986', {'diameter_mm': 1000.0})
    """
    changes: list[Change] = []
    new: dict[str, dict[str, NewColumn]] = {}
    gone: dict[str, list[str]] = {}
    types: dict[str, dict[str, str]] = {}
    was, now = tables_of(before), tables_of(after)
    for feature, table in now.items():
        layer, old = LAYER_OF[feature], was[feature]
        new[layer] = {
            str(column): _new_column(old, table, column) for column in table.columns.difference(old.columns, sort=False)
        }
        gone[layer] = [str(column) for column in old.columns.difference(table.columns, sort=False)]
        common = table.columns.intersection(old.columns, sort=False)
        types[layer] = {str(c): str(table[c].dtype) for c in common if str(table[c].dtype) != str(old[c].dtype)}
        changes += _of_table(layer, old, table, new[layer])
    return ChangeSet(
        name=name, changes=tuple(changes), crs=after.crs, new_columns={k: v for k, v in new.items() if v},
        gone_columns={k: v for k, v in gone.items() if v}, types={k: v for k, v in types.items() if v},
        not_expressed=tuple(not_expressed),
    )  # fmt: skip


def _new_column(old: gpd.GeoDataFrame, table: gpd.GeoDataFrame, column: object) -> NewColumn:
    """Describe a column that the old table lacks; it is filled with the value that most of the old features have."""
    values = table[column][table.index.isin(old.index)]
    counts = values.value_counts(dropna=False)
    fill = counts.index[0] if len(counts) and pd.api.types.is_hashable(counts.index[0]) else None
    return NewColumn(fill=plain(fill), type=str(table[column].dtype))


def _of_table(
    layer: str, old: gpd.GeoDataFrame, table: gpd.GeoDataFrame, new: Mapping[str, NewColumn]
) -> Iterator[Change]:
    """Yield what changed in a table: rows gone, rows new, then cells."""
    for name in old.index[~old.index.isin(table.index)]:
        yield Change(action="remove", layer=layer, id=str(name))
    at = old.index.get_indexer(table.index)
    for row in np.flatnonzero(at < 0):
        yield _added(layer, table, int(row))
    here = np.flatnonzero(at >= 0)
    yield from _changed(layer, old.iloc[at[here]], table.iloc[here], new)


def _added(layer: str, table: gpd.GeoDataFrame, row: int) -> Change:
    values = {}
    for column in table.columns.drop([str(table.geometry.name)]):
        value = plain(table[column].iloc[row])
        if value is not None or column in _FILLED or str(column).endswith("_source"):
            values[str(column)] = value
    shape = table.geometry.iloc[row]
    return Change(action="add", layer=layer, id=str(table.index[row]), columns=values, geometry=shape, row=row)


def _changed(
    layer: str, old: gpd.GeoDataFrame, table: gpd.GeoDataFrame, new: Mapping[str, NewColumn]
) -> Iterator[Change]:
    """Yield the cells of features that are in both tables, feature by feature."""
    values: dict[int, dict[str, object]] = {}
    shapes: dict[int, BaseGeometry] = {}
    place = str(table.geometry.name)
    moved = _moved(old[place].to_numpy(), table[place].to_numpy())
    for row in np.flatnonzero(moved).tolist():
        shape = table[place].iloc[row]
        if shape is None:
            values.setdefault(row, {})["geometry"] = None
        else:
            shapes[row] = shape
    for column in table.columns.drop([place]):
        for row in _differing(layer, old, table, str(column), new.get(str(column))).tolist():
            values.setdefault(row, {})[str(column)] = plain(table[column].iloc[row])
    for row in sorted(values.keys() | shapes.keys()):
        told = values.get(row, {})
        for column in ["length_m"] if row in shapes and "length_m" in table else []:
            told.setdefault(column, plain(table[column].iloc[row]))
        for column in list(told):  # where a value comes from has to be said beside it
            mark = mark_of(column)
            if mark in table:
                told.setdefault(mark, plain(table[mark].iloc[row]))
        yield Change(
            action="change", layer=layer, id=str(table.index[row]), columns=told, geometry=shapes.get(row)
        )  # fmt: skip


def _differing(layer: str, old: gpd.GeoDataFrame, table: gpd.GeoDataFrame, column: str, new: NewColumn | None) -> Ints:
    now = table[column]
    if new is None and now.dtype == old[column].dtype and now.array is old[column].array:
        return np.zeros(0, np.int64)
    rows = np.arange(len(table))
    if new is not None:
        before = [new.fill] * len(table)
        return np.flatnonzero(~alike(before, [plain(cell) for cell in cells(now, rows)]))
    if now.dtype == old[column].dtype and now.reset_index(drop=True).equals(old[column].reset_index(drop=True)):
        return np.zeros(0, np.int64)
    differs = ~alike(cells(old[column], rows), cells(now, rows))
    if layer == "nodes" and column == "kind":
        inferred = (table["kind_source"] == "inferred") & (old["kind_source"] == "inferred").to_numpy()
        differs &= ~inferred.to_numpy()
    return np.flatnonzero(differs)


def _moved(old: np.ndarray, new: np.ndarray) -> Bools:
    """Return which shapes differ in any bit."""
    differs = np.array([one is not other for one, other in zip(old, new, strict=True)], np.bool_)
    rows = np.flatnonzero(differs)
    differs[rows] = ~alike(old[rows].tolist(), new[rows].tolist()) if len(rows) else False
    return differs


def mark_of(column: str) -> str:
    """Return the column that says where the values of another come from."""
    return f"{column.removesuffix('_m')}_source"


def plain(value: object) -> object:
    """Return a cell as JSON can say it; missing ones of all kinds as None."""
    if isinstance(value, (list, dict)):
        return value
    if isinstance(value, np.generic):
        value = value.item()
    if pd.isna(value):  # type: ignore[call-overload]  # a cell, not an array
        return None
    if isinstance(value, pd.Timestamp):
        return value.isoformat() if value != value.normalize() else value.date().isoformat()
    if isinstance(value, dt.date):
        return value.isoformat()
    return value
