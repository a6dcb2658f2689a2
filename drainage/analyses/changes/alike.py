"""How alike two features are in what is recorded of them, by which the better of several pairs is told."""

from __future__ import annotations

from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd

from drainage.analyses.changes.courses import Candidates
from drainage.arrays import Bools, Floats

#: What tells pipes on one course apart, and how much it counts; own choice.
_WEIGHTS: Final = {
    "system": 4.0, "diameter_mm": 2.0, "width_mm": 2.0, "height_mm": 2.0, "invert_from_m": 2.0, "invert_to_m": 2.0,
    "material": 1.0, "commissioned": 1.0, "road": 1.0, "length_m": 1.0, "kind": 4.0, "invert_m": 2.0, "ground_m": 1.0,
}  # fmt: skip
#: What a pipe keeps wherever it is drawn.
_KEPT: Final = ("system", "diameter_mm", "material", "commissioned")
_ID_COUNTS: Final = 3.0


def likeness(before: gpd.GeoDataFrame, after: gpd.GeoDataFrame, found: Candidates) -> Floats:
    """(n,) weight of what is recorded of both and the same; 0 where neither of the two has another candidate."""
    alike = np.zeros(len(found.before))
    contested = (np.bincount(found.before)[found.before] > 1) | (np.bincount(found.after)[found.after] > 1)
    if not contested.any():
        return alike
    if not contested.all():
        alike[contested] = likeness(before, after, found.only(contested))
        return alike
    ids = before.index.to_numpy()[found.before], after.index.to_numpy()[found.after]
    alike += _ID_COUNTS * (ids[0] == ids[1])
    for name, weight in _WEIGHTS.items():
        if name in before and name in after:
            same, _ = compared(before[name], after[name], found)
            alike += weight * same
    return alike


def contradicts(before: gpd.GeoDataFrame, after: gpd.GeoDataFrame, found: Candidates) -> Bools:
    """(n,) the two cannot be one pipe: system, size, material or day are recorded of both and differ."""
    wrong = np.zeros(len(found.before), np.bool_)
    for name in _KEPT if len(wrong) else ():
        if name in before and name in after:
            same, known = compared(before[name], after[name], found)
            wrong |= known & ~same
    return wrong


def compared(old: pd.Series, new: pd.Series, found: Candidates) -> tuple[Bools, Bools]:
    """(n,) both are recorded and the same; both are recorded."""
    one, other = old.iloc[found.before], new.iloc[found.after]
    known = (one.notna().to_numpy() & other.notna().to_numpy()).astype(np.bool_)
    same = np.zeros(len(known), np.bool_)
    same[known] = one.to_numpy()[known] == other.to_numpy()[known]
    return same, known
