"""Columns of a later period that say for most things what those of an earlier one say: told by what differs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
import pandas as pd

from drainage.arrays import Bools, Ints, Objects

#: Shorter columns stay as they are.
_FEW_ROWS: Final = 200
#: From this share of equal cells on it pays.
_LEAST_SHARE: Final = 0.5


class Like(NamedTuple):
    """A column by another.

    Parameters
    ----------
    column
        Number of the earlier column.
    at
        Row of it for each row of this one; -1: none, and the cell is empty.
    rows, values
        The rows that say something else, and what.
    """

    column: int
    at: Ints
    rows: Ints
    values: list[object]


def likenesses(periods: Sequence[Mapping[str, Any]], columns: Sequence[Mapping[str, Any]]) -> dict[int, Like]:
    """Return number of a column → how it is told by an earlier one, of those that belong to the same things."""
    earlier: dict[str, tuple[Mapping[str, Any], pd.Index]] = {}
    found: dict[int, Like] = {}
    for period in periods:
        here = dict(earlier)
        for layer in period["layers"]:
            if layer["ids"] < 0 or len(layer["shapes"]) < _FEW_ROWS:
                continue
            identity = columns[layer["columns"][layer["ids"]]]
            names = pd.Index(expanded(identity))
            if identity["key"] in earlier:
                for number, like in _by(layer, names, earlier[identity["key"]], columns):
                    found.setdefault(number, like)
            if names.is_unique and identity["key"] not in earlier:
                here[identity["key"]] = max(
                    here.get(identity["key"], (layer, names)), (layer, names), key=lambda one: _size(*one)
                )
        earlier = here
    return found


def _size(layer: Mapping[str, Any], names: pd.Index) -> int:
    return len(names) * len(layer["columns"])


def _by(
    layer: Mapping[str, Any], names: pd.Index, base: tuple[Mapping[str, Any], pd.Index],
    columns: Sequence[Mapping[str, Any]],
) -> list[tuple[int, Like]]:  # fmt: skip
    """Return the columns of a layer that are like those of an earlier layer of the same things."""
    at: Ints = base[1].get_indexer(names).astype(np.int64)
    theirs = {columns[number]["key"]: number for number in base[0]["columns"]}
    told = []
    for number in layer["columns"]:
        other = theirs.get(columns[number]["key"])
        if other is None or other >= number:
            continue
        ours = expanded(columns[number])
        before = np.concatenate([expanded(columns[other]), np.array([None], dtype=object)])[at]
        same = _same(ours, before)
        if same.mean() >= _LEAST_SHARE:
            rows = np.flatnonzero(~same)
            told.append((number, Like(other, at, rows, ours[rows].tolist())))
    return told


def expanded(column: Mapping[str, Any]) -> Objects:
    """Return the values of a column row by row."""
    values = np.empty(len(column["values"]) + 1, dtype=object)
    values[:-1] = column["values"]
    return values[column["codes"]] if "codes" in column else values[:-1]


def _same(left: Objects, right: Objects) -> Bools:
    return np.asarray(left == right, np.bool_)
