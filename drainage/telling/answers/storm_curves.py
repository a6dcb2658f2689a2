"""The intensities of a storm formula on a screen: as a table, as bars, and how sure some of them are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from drainage.telling.text_tables import TextTable, Told, first_rows
from drainage.words import in_both

if TYPE_CHECKING:
    import pandas as pd

#: Signs of the longest bar.
_BAR: Final = 50
_BOUNDS: Final = ("duration_min", "return_period_a", "fitted_mm_per_min", "low_mm_per_min", "high_mm_per_min")
#: Durations and return periods whose bounds are told.
_BOUNDS_MIN: Final = (5.0, 30.0, 60.0, 120.0)
_BOUNDS_A: Final = (2.0, 10.0, 100.0)


def intensities_told(table: pd.DataFrame, drawn_a: float) -> Iterator[Told]:
    """Tell intensities, a row for each duration and a column for each return period, and the bars of one of these.

    Parameters
    ----------
    table
        ``duration_min``, ``return_period_a`` and ``fitted_mm_per_min``, as answers about a formula have them.
    drawn_a
        Return period whose bars are drawn, or the nearest to it, a.
    """
    square = table.pivot_table(index="duration_min", columns="return_period_a", values="fitted_mm_per_min")
    periods, minutes = square.columns.to_numpy(float), [f"{one:g}" for one in square.index.to_numpy(float)]
    values = square.to_numpy(float)
    heads = ["duration_min", *(f"{period:g} a" for period in periods)]
    rows = [[at, *(f"{one:.3f}" for one in row)] for at, row in zip(minutes, values, strict=True)]
    yield TextTable("intensities", heads, rows)
    drawn = int(abs(periods - drawn_a).argmin())
    yield in_both("bars_of", period_a=periods[drawn])
    for at, one in zip(minutes, values[:, drawn], strict=True):
        yield f"{at:>6} {'█' * round(_BAR * one / values[:, drawn].max())} {one:.3f}"


def bounds_told(table: pd.DataFrame) -> Iterator[Told]:
    """Tell the bounds of some intensities of a fitted formula."""
    rows = table[table["duration_min"].isin(_BOUNDS_MIN) & table["return_period_a"].isin(_BOUNDS_A)]
    yield from first_rows("bounds", rows, _BOUNDS, most=None)
