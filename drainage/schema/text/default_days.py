"""Days that stand for 'no date': where a computer begins to count, in a column of days that are dates otherwise."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from drainage.said import joined
from drainage.schema.issues import Issues
from drainage.schema.text import values
from drainage.words import in_both

#: The first days of Unix, of Excel and of Access, and the first of a century.
DEFAULT_DAYS: Final = tuple(np.datetime64(day) for day in ("1970-01-01", "1899-12-30", "1899-12-31", "1900-01-01"))
# Choice of ours, no standard's: where so many of the other days are a first of January, the column holds years.
_YEARS_SHARE = 0.5


def forget_default_days(recorded: pd.Series, dates: pd.Series, column: str, issues: Issues) -> pd.Series:
    """Return the dates without those that stand for an empty field; an issue says how many.

    A year is a year: 1970 written as such stays. So does 1970-01-01 among other years written as their first day.

    Parameters
    ----------
    recorded
        The column of the file, from which the dates were read.
    dates
        (n,) dates, NaT where not known.
    """
    day = dates.to_numpy().astype("datetime64[D]")
    default = np.isin(day, DEFAULT_DAYS)
    if default.any():
        default[default] = ~_is_year(recorded[default])
    if default.any():
        others = day[~np.isnat(day) & ~default]
        first = others == others.astype("datetime64[Y]").astype("datetime64[D]")
        if len(others) and first.mean() >= _YEARS_SHARE:
            default[:] = False
    if default.any():
        marks = joined(np.unique(day[default]).astype(str), ", ")
        found = in_both("placeholders", count=int(default.sum()), column=column, marks=marks)
        issues.add("placeholder", "warning", "column", [column], found, in_both("taken_unknown"))
    return dates.mask(default)


def _is_year(recorded: pd.Series) -> NDArray[np.bool_]:
    """Return which cells hold a year only."""
    if pd.api.types.is_datetime64_any_dtype(recorded):
        return np.zeros(len(recorded), np.bool_)
    if pd.api.types.is_numeric_dtype(recorded):
        return values.read_numbers(recorded).number < 1e4
    return (
        recorded.astype("str")
        .str.strip()
        .str.fullmatch(r"\d{4}(\.0+|\s*年|[-/.年]\d{1,2}月?)?")
        .to_numpy(dtype=np.bool_)
    )
