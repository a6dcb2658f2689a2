"""Pipes that the source holds twice: same nodes, same line (either way round), same attributes. The later one goes."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd
import shapely

from drainage.arrays import Bools, Ints
from drainage.repairs.draft import Draft
from drainage.repairs.merge import id_rank
from drainage.repairs.turn import end_pairs
from drainage.said import joined
from drainage.schema.codes import fold
from drainage.schema.layers import LAYERS
from drainage.words import in_both

#: Columns that number rows and say nothing about the pipe, by the names under which ids are met.
_ROW_NUMBERS: Final = frozenset(fold(name) for name in LAYERS["pipes"].columns["pipe_id"].aliases)
#: Digits behind the point in which numbers are compared: a micrometre is what arithmetic leaves, no survey; own choice.
_DIGITS: Final = 6


def drop_duplicates(draft: Draft) -> None:
    """Drop exact duplicates, later ids first; pipes on one line whose attributes differ are proposed, not dropped."""
    rows, turned, line = _on_one_line(draft)
    if not len(rows):
        return
    table = _one_way_round(draft, rows, turned).assign(line=line)
    by_id = np.argsort(id_rank(draft.pipes.index, rows, len(draft.pipes))[rows], kind="stable")
    rows, turned, line, table = rows[by_id], turned[by_id], line[by_id], table.iloc[by_id]
    again = table.duplicated(keep="first").to_numpy()
    names = draft.pipes.index
    first = table.groupby(list(table.columns), sort=False, dropna=False).ngroup().to_numpy()
    original = rows[np.unique(first, return_index=True)[1]][first]
    _propose(draft, rows[~again], line[~again], table[~again])
    if again.any():
        draft.drop_rows(
            "pipe", rows[again], rule="duplicates",
            reasons=[in_both("once_more", name=names[o]) for o in original[again]],
        )  # fmt: skip


def _on_one_line(draft: Draft) -> tuple[Ints, Bools, Ints]:
    """Return the rows of pipes that share line and nodes with another, which run the other way, and a line number."""
    tail, head = draft.ends()
    lines = draft.pipes.geometry.to_numpy()
    ends = pd.DataFrame({"low": np.minimum(tail, head), "high": np.maximum(tail, head)})
    rows = np.flatnonzero(ends.duplicated(keep=False).to_numpy() & ~shapely.is_missing(lines))
    forth = shapely.to_wkb(lines[rows])
    back = shapely.to_wkb(shapely.reverse(lines[rows]))
    turned = np.array([b < f for f, b in zip(forth, back, strict=True)], np.bool_)
    shape = ends.iloc[rows].assign(line=np.where(turned, back, forth))
    shared = shape.duplicated(keep=False).to_numpy()
    number = shape[shared].groupby(["low", "high", "line"], sort=False).ngroup().to_numpy().astype(np.int64)
    return rows[shared], turned[shared], number


def _one_way_round(draft: Draft, rows: Ints, turned: Bools) -> pd.DataFrame:
    """Return the attributes of pipes as if all were drawn in one direction; row numbers of the source left out.

    A length that was measured before an end was moved may differ in its last digits from one that was measured after.
    """
    pipes = draft.pipes.iloc[rows]
    table = pd.DataFrame(pipes.drop(columns=pipes.geometry.name))
    numbers = table.select_dtypes("float").columns
    table[numbers] = table[numbers].round(_DIGITS)
    for a, b in end_pairs(table):
        table[a], table[b] = table[a].where(~turned, table[b]), table[b].where(~turned, table[a])
    return table.drop(columns=[c for c in table.columns if fold(str(c)) in _ROW_NUMBERS])


def _propose(draft: Draft, rows: Ints, line: Ints, table: pd.DataFrame) -> None:
    names = draft.pipes.index
    ids, reasons = [], []
    first: dict[int, int] = {}
    for k, number in enumerate(line.tolist()):
        if number not in first:
            first[number] = k
            continue
        one, other = table.iloc[first[number]], table.iloc[k]
        if _one_after_the_other(one, other):
            continue
        differs = [str(c) for c in table.columns if not (one[c] == other[c] or (pd.isna(one[c]) and pd.isna(other[c])))]
        ids.append(names[rows[k]])
        reasons.append(in_both("on_same_line", name=names[rows[first[number]]], columns=joined(differs, ", ")))
    draft.propose("duplicates", "pipe", ids, reasons, in_both("drop_one"))


def _one_after_the_other(one: pd.Series, other: pd.Series) -> bool:
    """Return whether one pipe replaced the other in its trench."""
    if "commissioned" not in one or "abandoned" not in one:
        return False
    return bool(one["abandoned"] <= other["commissioned"] or other["abandoned"] <= one["commissioned"])
