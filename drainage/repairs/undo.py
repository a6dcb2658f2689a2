"""The way back: a repaired network and its log to the network that it was, cell by cell and row by row."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from drainage.errors import TopologyError
from drainage.network import DrainageNetwork
from drainage.repairs.draft import alike, cells, network_of, tables_of, with_cells
from drainage.said import joined
from drainage.wants import wants
from drainage.words import coded, in_both


@wants
def undo_repair(net: DrainageNetwork, log: pd.DataFrame) -> DrainageNetwork:
    """Return the network that was repaired: same rows in the same order, same cells, same geometry to the last bit.

    Parameters
    ----------
    net
        The repaired network, as `repair` returned it or read again from the file that it was written to.
    log
        The complete log of that repair.

    Raises
    ------
    TopologyError
        The log is of another network: a feature is missing, or a cell does not hold what the log left there.

    Examples
    --------
    >>> import drainage as dr
    >>> net = dr.load_demo()
    >>> repaired = dr.repair(net, tolerance_m=0.5)
    >>> dr.repairs.undo_repair(repaired.network, repaired.log).pipes.equals(net.pipes)
    True
    """
    tables = tables_of(net)
    for (_, kind), step in reversed(list(log.groupby(["step", "feature_kind"], sort=True))):
        name = str(kind)
        if name not in tables:
            raise TopologyError(in_both("log_of_other_layer", kind=coded("feature_kind", name)))
        tables[name] = _step_back(tables[name], step, name)
    return network_of(tables, net)


def _step_back(table: gpd.GeoDataFrame, step: pd.DataFrame, kind: str) -> gpd.GeoDataFrame:
    actions = set(step["action"])
    if actions == {"changed"}:
        for column, part in step.groupby("column", sort=False):
            table = _cells_back(table, part, str(column), kind)
        return table
    if actions == {"column"}:
        return table.drop(columns=step["column"].tolist())
    if actions == {"column_gone"}:
        return _column_back(table, str(step["column"].iloc[0]), step["before"].iloc[0])
    if actions == {"type"}:
        return table.assign(**{step["column"].iloc[0]: table[step["column"].iloc[0]].astype(step["before"].iloc[0])})
    added = step[step["action"] == "added"]
    gone = _rows(table, added["feature_id"], kind)
    return _rows_back(table.drop(index=table.index[gone]), step[step["action"] == "dropped"])


def _column_back(table: gpd.GeoDataFrame, column: str, was: dict[str, Any]) -> gpd.GeoDataFrame:
    whole = table.assign(**{column: pd.Series(was["cells"], index=table.index, dtype=was["type"])})
    names = [name for name in whole.columns if name != column]
    names.insert(was["place"], column)
    return whole[names]


def _cells_back(table: gpd.GeoDataFrame, part: pd.DataFrame, column: str, kind: str) -> gpd.GeoDataFrame:
    rows = _rows(table, part["feature_id"], kind)
    if column not in table:
        raise TopologyError(in_both("log_of_other_column", column=column, kind=coded("feature_kind", kind)))
    now, left = cells(table[column], rows), part["after"].tolist()
    if not (fits := alike(now, left)).all():
        odd = int(np.argmin(fits))
        feature = joined([coded("feature_kind", kind), part["feature_id"].iloc[odd]], " ")
        raise TopologyError(in_both("changed_since_log", feature=feature, column=column, now=now[odd], left=left[odd]))
    return with_cells(table, column, rows, part["before"].tolist())


def _rows(table: gpd.GeoDataFrame, names: pd.Series, kind: str) -> np.ndarray:
    rows = table.index.get_indexer(pd.Index(names, dtype=table.index.dtype))
    if (rows < 0).any():
        missing = ", ".join(names[rows < 0].head(5))
        raise TopologyError(in_both("log_of_other_feature", kind=coded("feature_kind", kind), names=missing))
    return rows


def _rows_back(table: gpd.GeoDataFrame, dropped: pd.DataFrame) -> gpd.GeoDataFrame:
    """Put rows in at their old places; a row of the table, if it has one, stands in until its cells are set."""
    if dropped.empty:
        return table
    back = dropped["row"].to_numpy()
    total = len(table) + len(back)
    stay = np.delete(np.arange(total), back)
    source = np.zeros(total, np.int64)
    source[stay] = np.arange(len(table))
    names = np.empty(total, dtype=object)
    names[stay], names[back] = table.index, dropped["feature_id"]
    filled = table.iloc[source] if len(table) else table.reindex(range(total))
    whole = filled.set_axis(pd.Index(names, dtype=table.index.dtype, name=table.index.name))
    rows = dropped["before"].tolist()
    for column in table.columns:
        whole = with_cells(whole, str(column), back, [row[column] for row in rows])
    return whole
