"""Two tables of the same features, cell by cell: what of a row differs, and how it was and is written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from typing import Final, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd

from drainage.arrays import Bools, Objects, Rows
from drainage.schema.codes import fold
from drainage.schema.layers import LayerModel

#: Between the names of columns that changed together, and between their values.
SEPARATOR: Final = "; "
#: Numbers closer than this are one number written twice.
ROUNDING: Final = 1e-6
#: Columns that are computed where they are not recorded → the mark that says so.
_MARKS: Final = {"length_m": "length_source", "ground_m": "ground_source", "kind": "kind_source"}
#: Levels that are computed from depths say nothing new where the depth is the same.
_FROM_DEPTH: Final = {
    "invert_from_m": ("invert_from_source", "depth_from_m"),
    "invert_to_m": ("invert_to_source", "depth_to_m"),
}
#: Columns of which a missing value means another, as all measures of pipes take it.
_MEANT: Final = {"barrels": 1.0}
_OTHER_END: Final = {
    f"{part}_{one}_m": f"{part}_{other}_m"
    for part in ("invert", "depth", "ground")
    for one, other in (("from", "to"), ("to", "from"))
}
#: Columns of others that number rows, measure the drawing or track the editing, folded: they change with every export.
_OF_EXPORT: Final = frozenset(
    (
        "objectid", "fid", "gid", "globalid", "shape_length", "shape_leng", "shape_area", "shape_len", "st_length",
        "shape_stlength", "shape_starea", "created_user", "created_date", "last_edited_user", "last_edited_date",
        "lastupdate", "lasteditor",
    )
)  # fmt: skip
#: A column that is not ours, or that one side does not record at all, and differs in a larger share of all rows is told
#: once, not row by row; own choice.
_MOST_SHARE: Final = 0.5


class Change(NamedTuple):
    """One kind of change: the pairs that it applies to, and for each the columns that tell it, with their values."""

    kind: str
    rows: Rows
    attribute: Objects
    before: Objects
    after: Objects


class CellPairs:
    """Two tables of features that are one thing each.

    Parameters
    ----------
    old, new
        Tables of equal length.
    columns
        Those that are compared.
    turned
        (n,) the line runs the other way now: what is recorded of its ends has changed places, too.
    """

    def __init__(self, old: gpd.GeoDataFrame, new: gpd.GeoDataFrame, columns: Sequence[str], turned: Bools) -> None:
        self.old, self.new, self.turned = old, new, turned
        self.differs = {name: self._differs(name) for name in columns}

    def __len__(self) -> int:
        """Return the number of features."""
        return len(self.old)

    def tell_once(self, layer: LayerModel) -> dict[str, float]:
        """Take out the columns of others, or of one side only, that differ almost everywhere; return their share."""
        ours = {*layer.columns, *layer.also}
        shares = {name: float(differs.mean()) for name, differs in self.differs.items() if len(differs)}
        most = {name: share for name, share in shares.items() if share > _MOST_SHARE}
        found = {name: share for name, share in most.items() if name not in ours or self._on_one_side(name)}
        for name in found:
            del self.differs[name]
        return found

    def without(self, told: Mapping[str, Bools]) -> CellPairs:
        """Return the same tables without the differences that are told otherwise, by column and row."""
        rest = copy(self)
        rest.differs = {name: differs & ~told.get(name, np.False_) for name, differs in self.differs.items()}
        return rest

    def any_of(self, names: Iterable[str]) -> Bools:
        """(n,) one of some columns differs."""
        found = [self.differs[name] for name in names if name in self.differs]
        return np.logical_or.reduce(found) if found else np.zeros(len(self), np.bool_)

    def both_known(self, name: str) -> Bools:
        """(n,) a column is recorded on both sides."""
        if name not in self.differs:
            return np.zeros(len(self), np.bool_)
        return np.asarray(self.old[name].notna().to_numpy() & self.new[name].notna().to_numpy(), np.bool_)

    def change(self, kind: str, chosen: Bools, names: Iterable[str]) -> Change:
        """Return a kind of change that applies to some pairs, told by those of the columns that differ."""
        rows = np.flatnonzero(chosen)
        count = np.zeros(len(rows), np.intp)
        told = np.full((3, len(rows)), None, dtype=object)
        for name in names:
            here = np.flatnonzero(self.differs[name][rows]) if name in self.differs else rows[:0]
            if not len(here):
                continue
            cells = (
                np.full(len(here), name, dtype=object),
                as_text(self.old[name].iloc[rows[here]]),
                as_text(self.new[name].iloc[rows[here]]),
            )
            more = count[here] > 0
            for line, cell in zip(told, cells, strict=True):
                line[here] = np.where(more, _filled(line[here]) + SEPARATOR + _filled(cell), cell)
            count[here] += 1
        return Change(kind, rows, *told)

    def _on_one_side(self, name: str) -> bool:
        return bool(self.old[name].isna().all() or self.new[name].isna().all())

    def _differs(self, name: str) -> Bools:
        old, new = self.old[name], self.new[name]
        differs = ~same_cells(old, new)
        other = _OTHER_END.get(name)
        if other in self.new and self.turned.any():
            differs &= ~(self.turned & same_cells(old, self.new[other]))
        if name in _MARKS:
            differs &= self._marked(_MARKS[name], "recorded")
        if name in _FROM_DEPTH:
            mark, depth = _FROM_DEPTH[name]
            derived = self._marked(mark, "depth")
            if depth in self.old and depth in self.new and derived.any():
                differs &= ~(derived & same_cells(self.old[depth], self.new[depth]))
        return differs

    def _marked(self, mark: str, word: str) -> Bools:
        """(n,) a value comes from there on both sides; where nothing marks it, it is recorded."""
        sides = [
            frame[mark].eq(word).to_numpy(np.bool_) if mark in frame else np.full(len(self), word == "recorded")
            for frame in (self.old, self.new)
        ]
        return sides[0] & sides[1]


def with_columns_of_both(
    old: gpd.GeoDataFrame, new: gpd.GeoDataFrame, *apart: str
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame, list[str]]:
    """Return both tables with the columns of either, missing where there is none, and those that are compared."""
    names = list(dict.fromkeys([*map(str, new.columns), *map(str, old.columns)]))
    names = [name for name in names if not name.endswith("_source") and name not in apart]
    names = [name for name in names if fold(name) not in _OF_EXPORT]
    old, new = (frame.assign(**dict.fromkeys([name for name in names if name not in frame])) for frame in (old, new))
    for name in (name for name in _MEANT if name in names):
        old, new = (frame.assign(**{name: frame[name].astype(object).fillna(_MEANT[name])}) for frame in (old, new))
    return old, new, [name for name in names if old[name].notna().any() or new[name].notna().any()]


def same_cells(old: pd.Series, new: pd.Series) -> Bools:
    """(n,) the cells are the same; missing is the same as missing, numbers are compared without rounding."""
    missing = old.isna().to_numpy(), new.isna().to_numpy()
    if pd.api.types.is_numeric_dtype(old) and pd.api.types.is_numeric_dtype(new):
        one, two = (part.to_numpy(dtype=np.float64, na_value=np.nan) for part in (old, new))
        equal = np.isclose(one, two, rtol=1e-9, atol=ROUNDING)
    elif old.dtype == new.dtype and old.dtype != object:
        equal = (old.reset_index(drop=True) == new.reset_index(drop=True)).fillna(value=False).to_numpy(np.bool_)
    else:
        equal = as_text(old) == as_text(new)
    return np.asarray((missing[0] & missing[1]) | (equal & ~missing[0] & ~missing[1]), np.bool_)


def as_text(values: pd.Series) -> Objects:
    """Write values as text: days without hours, missing as None."""
    if pd.api.types.is_datetime64_any_dtype(values):
        values = values.dt.strftime("%Y-%m-%d")
    text = values.astype("str").astype(object).to_numpy(copy=True)
    text[values.isna().to_numpy()] = None
    return np.asarray(text)


def _filled(texts: Objects) -> Objects:
    return np.asarray(np.where(pd.isna(texts), "", texts), dtype=object)
