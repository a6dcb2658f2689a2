"""Numbers that stand for 'unknown', told from true values by what the rest of their column says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from drainage.schema import values

if TYPE_CHECKING:
    from drainage.schema.issues import Issues, RowNames

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

#: Columns of levels: what of them lies far from all others was not surveyed there.
LEVELS = ("invert_from_m", "invert_to_m", "ground_from_m", "ground_to_m", "ground_m", "invert_m")
# Thresholds of ours, no standard's: how often a value is repeated, and how far it lies from the rest of the column.
_REPEATS = 3
_FEWEST = 5
_LONELY_M, _LONELY_RANGES = 10.0, 3.0
_STRAY_M, _STRAY_RANGES, _STRAY_FEWEST = 300.0, 10.0, 20


def forget_placeholders(read: Floats, column: str, kind: str, ids: RowNames, issues: Issues) -> Floats:
    """Return the numbers of a column without those that cannot be measurements; an issue says which.

    Placeholders are the customary ones (-99, 9999 …); zeros where all others of a column in metres lie well above; and
    of levels a whole number that is repeated and lies far below or above all others, such as a 1.0 among 90 to 108. One
    level alone, hundreds of metres from a city that spans tens, is no placeholder but no level either.
    """
    read = read.copy()
    odd = np.isin(read, values.SENTINELS)
    if column.endswith("_m"):
        odd |= _odd_zeros(read)
    if column in LEVELS:
        lonely, stray = _far_from_all(np.where(odd, np.nan, read))
        odd |= lonely
        if stray.any():
            rest = read[np.isfinite(read) & ~odd & ~stray]
            issues.add(
                "value_out_of_range",
                "error",
                kind,
                ids[stray],
                [f"{column} = {v:g}, all others lie between {rest.min():g} and {rest.max():g}" for v in read[stray]],
                f"{column} taken as unknown; correct it in the source",
            )
            read[stray] = np.nan
    if odd.any():
        marks = ", ".join(f"{v:g}" for v in np.unique(read[odd]))
        found = f"{int(odd.sum())} values of {column} are placeholders ({marks})"
        issues.add("placeholder", "info", "column", [column], found, "taken as unknown")
        read[odd] = np.nan
    return read


def _odd_zeros(read: Floats) -> Bools:
    """Tell zeros that stand for 'unknown': where all other values of the column lie well above zero."""
    zero = np.asarray(read == 0)
    if not zero.any():
        return zero
    others: Floats = read[np.isfinite(read) & ~zero & ~np.isin(read, values.SENTINELS)]
    if len(others) < _FEWEST or np.quantile(others, 0.02) < 3.0:
        return np.zeros(len(read), np.bool_)
    return zero


def _far_from_all(read: Floats) -> tuple[Bools, Bools]:
    """Tell repeated whole numbers, and single values, that lie far below or above all others of the column."""
    lonely, stray = np.zeros(len(read), np.bool_), np.zeros(len(read), np.bool_)
    known = np.isfinite(read)
    while known.sum() > _FEWEST:
        for end in (float(read[known].min()), float(read[known].max())):
            here = known & (read == end)
            rest = read[known & ~here]
            if len(rest) < _FEWEST:
                return lonely, stray
            gap, span = float(np.abs(rest - end).min()), float(np.ptp(rest))
            if here.sum() >= _REPEATS and end.is_integer() and gap > max(_LONELY_M, _LONELY_RANGES * span):
                lonely |= here
            elif here.sum() < _REPEATS and len(rest) >= _STRAY_FEWEST and gap > max(_STRAY_M, _STRAY_RANGES * span):
                stray |= here
            else:
                continue
            known &= ~here
            break
        else:
            return lonely, stray
    return lonely, stray
