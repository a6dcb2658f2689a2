"""Sizes of pipes in mm: unit of a column settled once, sections in text, the shape that they make."""

from __future__ import annotations

from collections.abc import Mapping

import geopandas as gpd
import numpy as np

from drainage.schema import values
from drainage.schema.columns import METRES_PER_UNIT
from drainage.schema.issues import Issues, RowNames
from drainage.schema.placeholders import odd_sizes
from drainage.schema.shapes import settle_shape

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
    for column in ("width_mm", "height_mm", "diameter_mm"):
        if column not in table:
            table[column] = np.nan
            continue
        recorded = table[column]
        sizes = values.read_sizes(recorded)
        if sizes.unreadable.any():
            reasons = [
                f"{column} '{value}' is not a size; expected 800, DN800, 15'' or 1000x800"
                for value in recorded[sizes.unreadable]
            ]
            issues.add(
                "not_a_size",
                "error",
                "pipe",
                ids[sizes.unreadable],
                reasons,
                f"{column} taken as unknown; correct it in the source",
            )
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
                f"{int(empty.sum())} values of {column} are placeholders ({_marks(sizes.diameter[empty])})",
                "taken as unknown",
            )
        table[column] = np.where(empty, np.nan, read)
        if column == "diameter_mm":
            for side, size in (("width_mm", sizes.width), ("height_mm", sizes.height)):
                table[side] = np.where(np.isnan(size), table[side], size)
    settle_shape(table, ids, issues)
    return used


def _marks(numbers: np.ndarray) -> str:
    return ", ".join(f"{number:g}" for number in np.unique(numbers))


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
        reason = f"{place}: its name or the mapping says {unit}, its sizes reach {known.max():g}"
        issues.add("unit_inferred", "warning", "column", [column], reason, "read as mm")
        return 1.0
    if metres_per_unit < 1 and known.max() <= 200 and not unit:
        issues.add(
            "unit_inferred",
            "info",
            "column",
            [column],
            f"{place}: sizes from {known.min():g} to {known.max():g} in a CRS of feet",
            "read as inches",
        )
        return 25.4
    if known.max() < 15:
        issues.add(
            "unit_inferred",
            "warning",
            "column",
            [column],
            f"{place}: sizes from {known.min():g} to {known.max():g}",
            "read as metres",
        )
        return 1000.0
    if known.min() < 15 and np.median(known) >= 100:
        small = int((known < 15).sum())
        low = f"{small} values below 15, such as {known.min():g}"
        msg = f"{column} mixes units: {low}, among values up to {known.max():g}"
        issues.add(
            "mixed_units",
            "error",
            "column",
            [column],
            f"{place}: {msg}; expected mm throughout",
            "read as mm, so that the small ones are out of range",
        )
    return 1.0
