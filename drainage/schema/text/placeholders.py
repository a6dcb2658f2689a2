"""Numbers that stand for 'unknown', distinguished from true values by the rest of their column."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from drainage.arrays import Bools, Floats
from drainage.said import joined
from drainage.schema.issues import Issues, RowNames
from drainage.schema.text import values
from drainage.words import in_both

#: Columns of levels: what of them lies far from all others was not surveyed there.
LEVELS = ("invert_from_m", "invert_to_m", "ground_from_m", "ground_to_m", "ground_m", "invert_m")
#: Columns in which a zero is no value: a pipe has a length, a wall is rough.
_NEVER_ZERO = ("length_m", "width_m", "manning_n")
_NEVER_NEGATIVE = (*_NEVER_ZERO, "depth_from_m", "depth_to_m", "depth_m", "area_ha", "runoff_coefficient")
_DEPTHS = ("depth_from_m", "depth_to_m", "depth_m")
#: Numbers that fill a field for want of a value, where they lie outside all others: nines, and -1.
_NINES = tuple(float(f"{'9' * whole}.{'9' * part}") for whole in range(1, 7) for part in range(4))
CUSTOMARY: Final = np.array(sorted({*values.SENTINELS, *_NINES, *(-n for n in _NINES), -1.0, 888.0, 8888.0, -8888.0}))
# Thresholds of ours, no standard's: how often a value is repeated, how far it lies from the rest of the column, and
# up to what depth a depth is shallow: zeros among three times as many of those are true.
_REPEATS = 3
_FEWEST = 5
_LONELY_M, _LONELY_RANGES = 10.0, 3.0
_STRAY_M, _STRAY_RANGES, _STRAY_FEWEST = 300.0, 10.0, 20
_HIGH_M, _SHALLOW_M, _DEEPEST_M = 3.0, 0.3, 30.0
_NEAR_SPAN, _AMONG_SPAN = 0.05, 0.25
_TELLING_NINES = 3
_SIZES_STEP = 5.0


def forget_placeholders(
    read: Floats,
    column: str,
    kind: str,
    ids: RowNames,
    issues: Issues,
    *,
    metres: float = 1.0,
    groups: Sequence[Bools] = (),
) -> Floats:
    """Return the numbers of a column without those that cannot be measurements; an issue says which.

    Placeholders are the customary ones (-99, 9999, 9.99 …) where they lie apart from all others; zeros where all others
    of a column in metres lie well above, and zeros of a column that holds nothing else; depths of zero where few others
    are shallow; and of levels a whole number that is repeated and lies far below or above all others, such as a 1.0
    among 90 to 108. One level alone, hundreds of metres from a city that spans tens, is no placeholder but no level
    either.

    Parameters
    ----------
    metres
        Length of the unit of the column, by which thresholds are scaled.
    groups
        Masks (n,) of the rows that are judged by themselves where enough of them say something: a manhole of depth 0
        stands beside manholes, not beside inlets.
    """
    read = read.copy()
    usual = _customary(read, column, metres)
    inferred = _odd_zeros(np.where(usual, np.nan, read), column, metres, groups)
    if column in LEVELS:
        lonely, stray = _far_from_all(np.where(usual | inferred, np.nan, read), metres)
        usual |= lonely
        if stray.any():
            rest = read[np.isfinite(read) & ~usual & ~inferred & ~stray]
            issues.add(
                "value_out_of_range",
                "error",
                kind,
                ids[stray],
                [in_both("value_stray", column=column, value=v, low=rest.min(), high=rest.max()) for v in read[stray]],
                in_both("column_to_correct", column=column),
            )
            read[stray] = np.nan
    for odd, severity in ((usual, "info"), (inferred & ~usual, "warning" if column in _DEPTHS else "info")):
        if odd.any():
            marks = joined((f"{v:g}" for v in np.unique(read[odd])), ", ")
            found = in_both("placeholders", count=int(odd.sum()), column=column, marks=marks)
            issues.add("placeholder", severity, "column", [column], found, in_both("taken_unknown"))  # type: ignore[arg-type]
            read[odd] = np.nan
    return read


def odd_sizes(read: Floats) -> Bools:
    """Return pipe sizes that stand for 'unknown', in the unit of their column: 999, 99 and 9.99 among others.

    Sizes come in steps, so 999 next to 1000 is not a size; and a 99 among metres lies apart from all others.
    """
    odd = np.isin(read, values.SENTINELS)
    if not (here := np.isin(read, CUSTOMARY) & ~odd & (read > 0)).any():
        return odd
    others = read[np.isfinite(read) & ~here & ~odd & (read > 0)]
    if len(others) < _FEWEST:
        return odd
    stepped = np.mean(others % _SIZES_STEP == 0) > 1 - _NEAR_SPAN
    apart = read > others.max() + max(float(np.ptp(others)), float(others.max()))
    return np.asarray(odd | (here & (apart | stepped & (read % _SIZES_STEP != 0) & (read >= _SIZES_STEP))))


def _customary(read: Floats, column: str, metres: float) -> Bools:
    """Return the customary placeholders that stand apart from all other values."""
    here = np.isin(read, CUSTOMARY)
    if column in LEVELS:
        here &= read != -1
    if not here.any():
        return here
    others = read[np.isfinite(read) & ~here & (read != 0)]
    digits = _TELLING_NINES if column in (*LEVELS, *_DEPTHS) else _TELLING_NINES + 1
    for value in np.unique(read[here]).tolist():
        rows = read == value
        impossible = (value < 0 and column in _NEVER_NEGATIVE) or (column in _DEPTHS and value * metres > _DEEPEST_M)
        alone = str(value).count("9") >= digits or value in values.SENTINELS
        if not impossible and not _stands_apart(value, int(rows.sum()), others, alone=alone):
            here &= ~rows
    return here


def _stands_apart(value: float, n: int, others: Floats, *, alone: bool) -> bool:
    """Return whether a value cannot belong to the others; ``alone``: even if it occurs only once."""
    known = value in values.SENTINELS
    if not len(others):
        return known
    low, high = float(others.min()), float(others.max())
    span = high - low
    away = np.abs(others - value)
    often = n >= _REPEATS and n > _REPEATS * int((away <= _NEAR_SPAN * span).sum())
    if len(others) >= _REPEATS and not low <= value <= high:
        outside = max(value - high, low - value)
        return (alone or often) and (outside > span or (known and outside > _NEAR_SPAN * span) or often)
    return known and (often or not (away <= _AMONG_SPAN * span).any())


def _odd_zeros(read: Floats, column: str, metres: float, groups: Sequence[Bools]) -> Bools:
    """Return zeros that stand for 'unknown', judged by the other values of the column."""
    zero = np.asarray(read == 0)
    none = np.zeros(len(read), np.bool_)
    if not zero.any() or not column.endswith(("_m", "manning_n")):
        return none
    if column in _NEVER_ZERO:
        return zero
    others = read[np.isfinite(read) & ~zero]
    if column not in _DEPTHS:
        if not len(others):
            return zero if zero.sum() >= _REPEATS and column in LEVELS else none
        enough = len(others) >= _FEWEST or len(others) >= _REPEATS <= zero.sum()
        return zero if enough and np.quantile(others, 0.02) * metres >= _HIGH_M else none
    odd = none
    for group in groups or (np.ones(len(read), np.bool_),):
        here = zero & group
        beside = read[group & np.isfinite(read) & ~zero]
        shallow = (
            int((beside * metres <= _SHALLOW_M).sum())
            if len(beside) >= _REPEATS
            else int((others * metres <= _SHALLOW_M).sum())
        )
        if _REPEATS * shallow < here.sum():
            odd = odd | here
    return odd


def _far_from_all(read: Floats, metres: float) -> tuple[Bools, Bools]:
    """Return repeated whole numbers, and single values, that lie far below or above all others of the column."""
    lonely, stray = np.zeros(len(read), np.bool_), np.zeros(len(read), np.bool_)
    known = np.isfinite(read)
    while known.sum() > _FEWEST:
        for end in (float(read[known].min()), float(read[known].max())):
            here = known & (read == end)
            rest = read[known & ~here]
            if len(rest) < _FEWEST:
                return lonely, stray
            gap, span = float(np.abs(rest - end).min()), float(np.ptp(rest))
            if here.sum() >= _REPEATS and end.is_integer() and gap > max(_LONELY_M / metres, _LONELY_RANGES * span):
                lonely |= here
            elif (
                here.sum() < _REPEATS
                and len(rest) >= _STRAY_FEWEST
                and gap > max(_STRAY_M / metres, _STRAY_RANGES * span)
            ):
                stray |= here
            else:
                continue
            known &= ~here
            break
        else:
            return lonely, stray
    return lonely, stray
