"""Rows of a survey: which feature of the network each is, and what becomes of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from drainage.arrays import Rows as RowNumbers
from drainage.change_sets.absent_ids import AbsentIds
from drainage.change_sets.change_set import ADDED_BY
from drainage.positions import FAR_M
from drainage.said import Said, joined
from drainage.schema.ids import KnownIds, fold_ids
from drainage.schema.layers import LAYERS
from drainage.words import all_of, in_both

#: How the ids begin that features without one get.
_NEW: Final = {"pipes": "NEW-P", "nodes": "NEW-J"}
#: Columns that are no news: marks of ours, and what follows from the action.
_NOT_TOLD: Final = ("synthetic", ADDED_BY)


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Rows of a layer of a survey.

    Parameters
    ----------
    layer
        ``pipes`` or ``nodes``.
    table
        The rows; index 0 … n-1.
    ids
        Id of each, that of the network where it is one of its features.
    row
        (n,) row in the network, -1 where it is new.
    actions
        add | change | abandon | same of each.
    numbers
        Number of each in the file, from 1: that of the row where it is a sheet.
    by_place, numbered, gone
        Ids of features without one: found by their place, and newly named; and of pipes that are gone already.
    hidden
        Ids that are told to nobody: those of ``by_place``.
    problems
        What is wrong with them.
    """

    layer: str
    table: gpd.GeoDataFrame
    ids: list[str]
    row: RowNumbers
    actions: list[str]
    numbers: list[int]
    by_place: list[str] = field(default_factory=list)
    numbered: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    hidden: frozenset[str] = frozenset()
    problems: list[Said] = field(default_factory=list)

    @property
    def new(self) -> np.ndarray:
        """Rows that are added."""
        return np.flatnonzero(np.array([one == "add" for one in self.actions], np.bool_))

    def place(self, k: int) -> Said:
        """Return what messages call a row; one that was found by its place has not told its id, and is told none."""
        sheet = self.table["sheet_in_file"].iloc[k] if "sheet_in_file" in self.table else None
        layer = sheet_word(self.layer) if sheet is None or pd.isna(sheet) else str(sheet)
        if self.ids[k] in self.hidden:
            return in_both("survey_row_only", layer=layer, number=self.numbers[k])
        return in_both("survey_row", layer=layer, number=self.numbers[k], id=self.ids[k])


def sheet_word(layer: str) -> Said:
    """Return what the sheet of a layer is called in the workbook that a contractor fills."""
    return all_of("template")[f"sheet_{layer}"]


def recorded_of(layer: str, table: pd.DataFrame) -> list[str]:
    """Return the columns of ours that a survey says anything in, without ids and marks."""
    model = LAYERS[layer]
    ours = [name for name in (*model.columns, *model.also) if name != model.id and name not in model.marks]
    return [name for name in ours if name in table and name not in _NOT_TOLD and table[name].notna().any()]


def identify(
    layer: str, known: gpd.GeoDataFrame, table: gpd.GeoDataFrame, within_m: float, absent: AbsentIds,
    day: str | None = None,
) -> Rows:  # fmt: skip
    """Find out which feature of the network each row is: by its id, where it has none by its place.

    A pipe that the network does not have and that was abandoned until ``day``, its own, is gone: nothing becomes of it.
    """
    table = table.reset_index(drop=True)
    if layer == "pipes":  # a blank cell of a pipe that is known says nothing of its system
        table = table.assign(system=table["system"].where(table["system"] != "unknown", None))
    written = table.get(LAYERS[layer].id, pd.Series(None, table.index, dtype="str"))
    row = KnownIds(known.index).find(written)
    blank = np.flatnonzero(written.isna().to_numpy())
    row[blank] = _by_place(known, table.geometry.to_numpy()[blank], within_m)
    ids = [str(known.index[at]) if at >= 0 else name for at, name in zip(row, written, strict=True)]
    by_place = [str(ids[k]) for k in blank if row[k] >= 0]
    numbered = _name_blank(layer, ids, [int(k) for k in blank if row[k] < 0], known.index)
    actions = _actions(layer, table, row)
    gone = _gone(layer, table, row, day)
    for k in gone:
        actions[k] = "same"
    numbers = [int(one) for one in table.get("row_in_file", range(1, len(table) + 1))]
    rows = Rows(
        layer,
        table,
        [str(name) for name in ids],
        row,
        actions,
        numbers,
        by_place,
        numbered,
        [str(ids[k]) for k in gone],
        frozenset(by_place),
    )
    problems = [
        *_twice(layer, rows),
        *_unfit(layer, rows, absent),
        *_elsewhere(known, rows),
        *_no_system(layer, rows),
        *_days_wrong(layer, rows),
    ]
    rows.problems.extend(problems)
    return rows


def _by_place(known: gpd.GeoDataFrame, shapes: np.ndarray, within_m: float) -> RowNumbers:
    """Return the feature of the network that lies where each shape does, (n,), -1 for none."""
    found = np.full(len(shapes), -1, np.intp)
    drawn = np.flatnonzero(~shapely.is_missing(shapes))
    if not len(drawn):
        return found
    there = known.geometry.to_numpy()
    mine, theirs = shapely.STRtree(there).query(shapes[drawn], predicate="dwithin", distance=within_m)
    same = shapely.hausdorff_distance(shapes[drawn][mine], there[theirs]) <= within_m
    found[drawn[mine[same][::-1]]] = theirs[same][::-1]
    return found


def _name_blank(layer: str, ids: list[str], blank: list[int], taken: pd.Index) -> list[str]:
    """Name features without an id by numbers that are free (in place)."""
    free = name_free(layer, {*map(str, taken), *map(str, ids)})
    for k in blank:
        ids[k] = next(free)
    return [ids[k] for k in blank]


def name_free(layer: str, taken: set[str]) -> Iterator[str]:
    """Yield names of new features that nothing bears yet."""
    return (name for number in count(1) if (name := f"{_NEW[layer]}{number:04d}") not in taken)


def _actions(layer: str, table: pd.DataFrame, row: RowNumbers) -> list[str]:
    """Return what becomes of each row: what the survey says, else what follows from its id and days."""
    said = table["action"].to_numpy(dtype=object) if "action" in table else np.full(len(table), None, dtype=object)
    gone = np.zeros(len(table), np.bool_)
    if layer == "pipes":
        gone |= table["abandoned"].notna().to_numpy() | (table["status"] == "abandoned").to_numpy(np.bool_)
    follows = np.where(gone, "abandon", np.where(row < 0, "add", "change"))
    told = [isinstance(one, str) and one != "?" for one in said]
    return [str(one) if is_told else str(other) for one, other, is_told in zip(said, follows, told, strict=True)]


def _gone(layer: str, table: pd.DataFrame, row: RowNumbers, day: str | None) -> list[int]:
    """Return the rows of pipes that are not in the network, and were abandoned until its day."""
    if layer != "pipes" or day is None:
        return []
    left = (table["abandoned"] <= pd.Timestamp(day)).to_numpy(np.bool_)
    return [int(k) for k in np.flatnonzero(left & (row < 0))]


def _twice(layer: str, rows: Rows) -> list[Said]:
    """Say which rows are one feature."""
    names = fold_ids(pd.Index(rows.ids, dtype="str"))
    one = [f"={at}" if at >= 0 else str(name) for at, name in zip(rows.row, names, strict=True)]
    folded = pd.Series(one, dtype="str")
    again = folded[folded.duplicated(keep=False)]
    return [_said_twice(layer, rows, at) for at in again.groupby(again, sort=False).groups.values()]


def _said_twice(layer: str, rows: Rows, at: pd.Index) -> Said:
    """Say where one feature stands, by the sheet of each row where they are several."""
    sheets = rows.table["sheet_in_file"] if "sheet_in_file" in rows.table else pd.Series(None, rows.table.index)
    if len(set(sheets[at].dropna())) > 1:
        places = joined((in_both("survey_row_only", layer=sheets[k], number=rows.numbers[k]) for k in at[:6]), ", ")
        return in_both("survey_twice_in_sheets", id=_told_id(rows, at), rows=places)
    numbers = joined((rows.numbers[k] for k in at[:6]), ", ")
    return in_both("survey_twice", layer=sheet_word(layer), id=_told_id(rows, at), rows=numbers)


def _told_id(rows: Rows, at: Iterable[int]) -> Said | str:
    """Return the id of rows that are one feature, where one of them tells it."""
    told = [rows.ids[k] for k in at if rows.ids[k] not in rows.hidden]
    return told[0] if told else in_both("survey_one_place")


def _unfit(layer: str, rows: Rows, absent: AbsentIds) -> list[Said]:
    """Say which actions do not fit: to add what is there, to change what is not."""
    found, gone = [], set(rows.gone)
    for k, (at, action) in enumerate(zip(rows.row.tolist(), rows.actions, strict=True)):
        if action == "add" and at >= 0:
            found.append(in_both("at_place", place=rows.place(k), what=in_both("id_there", id=rows.ids[k])))
        elif action != "add" and at < 0 and rows.ids[k] not in gone:
            found.append(in_both("at_place", place=rows.place(k), what=absent.say(layer, rows.ids[k])))
    return found


def _no_system(layer: str, rows: Rows) -> list[Said]:
    """Say which new pipes tell no system: no question could be asked of them."""
    if layer != "pipes":
        return []
    blank = rows.table["system"].isna().to_numpy()
    told = in_both("survey_no_system")
    return [in_both("at_place", place=rows.place(int(k)), what=told) for k in rows.new if blank[k]]


def _days_wrong(layer: str, rows: Rows) -> list[Said]:
    """Say which pipes are abandoned on no day, or before they were built, by what the survey itself says."""
    if layer != "pipes":
        return []
    laid, left = rows.table["commissioned"], rows.table["abandoned"]
    never = [k for k, action in enumerate(rows.actions) if action == "abandon" and pd.isna(left.iloc[k])]
    dayless = [in_both("at_place", place=rows.place(k), what=in_both("survey_no_day")) for k in never]
    wrong = np.flatnonzero((left < laid).to_numpy(np.bool_))
    told = [in_both("days_wrong_way", commissioned=laid.iloc[k].date(), abandoned=left.iloc[k].date()) for k in wrong]
    ways = [in_both("at_place", place=rows.place(int(k)), what=one) for k, one in zip(wrong, told, strict=True)]
    return dayless + ways


def _elsewhere(known: gpd.GeoDataFrame, rows: Rows) -> list[Said]:
    """Say which features of the network lie far from their own place."""
    shapes = rows.table.geometry.to_numpy()
    there = np.flatnonzero((rows.row >= 0) & ~shapely.is_missing(shapes))
    apart = shapely.distance(shapes[there], known.geometry.to_numpy()[rows.row[there]])
    return [
        in_both("at_place", place=rows.place(int(k)), what=in_both("survey_elsewhere", apart_m=float(apart_m)))
        for k, apart_m in zip(there, apart, strict=True)
        if apart_m > FAR_M
    ]
