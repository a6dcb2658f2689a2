"""Sizes of pipes in mm: unit of a column settled once, sections in text, the shape that they make."""

from __future__ import annotations

from collections.abc import Mapping

import geopandas as gpd
import numpy as np
import pandas as pd

from drainage.said import Said, joined
from drainage.schema.columns import METRES_PER_UNIT
from drainage.schema.issues import Issues, RowNames
from drainage.schema.shapes import settle_shape
from drainage.schema.text import values
from drainage.schema.text.placeholders import odd_sizes
from drainage.schema.text.size_text import Sizes, read_sizes
from drainage.words import in_both

_UNIT_OF = {25.4: "in", 304.8: "ft", 1000.0: "m", 10.0: "cm"}


def settle_sizes(
    table: gpd.GeoDataFrame,
    unit: Mapping[str, str | None],
    metres_per_unit: float,
    ids: RowNames,
    issues: Issues,
    place: str,
) -> dict[str, str]:
    """Read diameter, width and height of pipes into mm and settle their shape (in place); return the units found."""
    used = {}
    boxed = np.zeros(len(table), np.bool_)
    for column in ("width_mm", "height_mm", "diameter_mm"):
        if column not in table:
            table[column] = np.nan
            continue
        recorded = table[column]
        sizes = read_sizes(recorded)
        if column != "diameter_mm":  # a side alone is no box
            sizes = sizes._replace(unreadable=sizes.unreadable | np.isfinite(sizes.width))
        _report_text(recorded, sizes, column, ids, issues)
        odd = odd_sizes(sizes.diameter)
        plain = sizes.diameter[~sizes.in_mm & ~odd]
        factor = _mm_per_unit(plain, column, unit.get(column), metres_per_unit, issues, place)
        if not sizes.in_mm.all():
            used[column] = _UNIT_OF.get(factor, "mm")
        read = np.where(sizes.in_mm, sizes.diameter, sizes.diameter * factor)
        empty = ((read <= 0) & (read > -10)) | odd  # -1 and -2 are codes, -300 is a fault
        if empty.any():
            issues.add(
                "placeholder",
                "info",
                "column",
                [column],
                in_both("placeholders", count=int(empty.sum()), column=column, marks=_marks(sizes.diameter[empty])),
                in_both("taken_unknown"),
            )
        table[column] = np.where(empty, np.nan, read)
        if column == "diameter_mm":
            boxed = np.isfinite(sizes.width)
            for side, size in (("width_mm", sizes.width), ("height_mm", sizes.height)):
                table[side] = np.where(np.isnan(size), table[side], size)
            _settle_barrels(table, sizes.barrels, ids, issues)
    settle_shape(table, boxed, ids, issues)
    return used


def _report_text(recorded: pd.Series, sizes: Sizes, column: str, ids: RowNames, issues: Issues) -> None:
    """Report cells that are not a size, and cells that hold two."""
    issues.add(
        "not_a_size",
        "error",
        "pipe",
        ids[sizes.unreadable],
        [in_both("not_a_size", column=column, value=value) for value in recorded[sizes.unreadable]],
        in_both("column_to_correct", column=column),
    )
    issues.add(
        "size_range",
        "info",
        "pipe",
        ids[sizes.of_range],
        [in_both("two_sizes", column=column, value=value) for value in recorded[sizes.of_range]],
        in_both("smaller_read"),
    )


def _settle_barrels(table: gpd.GeoDataFrame, in_text: np.ndarray, ids: RowNames, issues: Issues) -> None:
    """Settle how many pipes lie side by side: a column of its own counts before what a size says (in place)."""
    said = in_text > 1
    if "barrels" not in table and not said.any():
        return
    barrels = in_text.copy()
    if "barrels" in table:
        own = values.read_numbers(table["barrels"])
        whole = np.isfinite(own.number) & (own.number >= 1) & (own.number % 1 == 0)
        odd = own.unreadable | (np.isfinite(own.number) & ~whole)
        reasons = [in_both("not_barrels", value=value) for value in table["barrels"][odd]]
        issues.add("not_a_number", "error", "pipe", ids[odd], reasons, in_both("one_barrel"))
        differ = said & whole & (own.number != in_text)
        reasons = [
            in_both("barrels_differ", own=n, named=m) for n, m in zip(own.number[differ], in_text[differ], strict=True)
        ]
        issues.add("barrels_differ", "warning", "pipe", ids[differ], reasons, in_both("barrels_count"))
        barrels = np.where(whole, own.number, in_text)
        said &= ~whole
    issues.add(
        "barrels_in_size",
        "info",
        "pipe",
        ids[said],
        [in_both("barrels_in_size", count=n) for n in in_text[said]],
        in_both("size_of_one"),
    )
    table["barrels"] = barrels


def _marks(numbers: np.ndarray) -> Said:
    return joined((f"{number:g}" for number in np.unique(numbers)), ", ")


def _mm_per_unit(
    sizes: np.ndarray, column: str, unit: str | None, metres_per_unit: float, issues: Issues, place: str
) -> float:
    """Settle the unit of a whole column: by its name, else by the foot of the CRS, else by the range of its numbers."""
    known = sizes[np.isfinite(sizes) & (sizes > 0)]
    wrong = len(known) and (known.max() < 15 if unit == "mm" else METRES_PER_UNIT.get(unit or "", 0) * known.max() > 20)
    if unit and not wrong:
        return METRES_PER_UNIT[unit] * 1000
    if not len(known):
        return 1.0
    if unit and unit != "mm":
        reason = in_both("unit_wrong", place=place, unit=unit, most=known.max())
        issues.add("unit_inferred", "warning", "column", [column], reason, in_both("read_as_mm"))
        return 1.0
    if metres_per_unit < 1 and known.max() <= 200 and not unit:
        reason = in_both("sizes_of_feet", place=place, low=known.min(), high=known.max())
        issues.add("unit_inferred", "info", "column", [column], reason, in_both("read_as_inches"))
        return 25.4
    if known.max() < 15:
        reason = in_both("sizes_from_to", place=place, low=known.min(), high=known.max())
        issues.add("unit_inferred", "warning", "column", [column], reason, in_both("read_as_metres"))
        return 1000.0
    if known.min() < 15 and np.median(known) >= 100:
        small = int((known < 15).sum())
        reason = in_both("sizes_mixed", place=place, column=column, count=small, low=known.min(), high=known.max())
        issues.add("mixed_units", "error", "column", [column], reason, in_both("mixed_as_mm"))
    return 1.0
