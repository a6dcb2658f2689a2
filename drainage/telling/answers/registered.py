"""The registered storm formulas on a screen."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from drainage.said import joined
from drainage.telling.text_tables import Told, first_rows

if TYPE_CHECKING:
    import pandas as pd


def formulas_told(known: pd.DataFrame) -> Iterator[Told]:
    """Tell the formulas of `registered_formulas`, then the source of each."""
    columns = ("formula", "A", "C", "b_min", "n", "year", "verified")
    yield from first_rows("formulas", known, columns, most=None)
    for name, row in known.iterrows():
        yield joined(filter(None, [f"{name}: {row['source']}", row["also"]]), "; ")
