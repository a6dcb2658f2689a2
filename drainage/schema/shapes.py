"""The shape of pipes and the sizes that it needs: what one column says completes the other, the rest is said."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from drainage.schema.codes import spell

if TYPE_CHECKING:
    from drainage.schema.issues import Issues, RowNames

#: Height by width of shapes that are made in one proportion, as in `drainage.hydraulics.manning`.
_PROPORTION: Final = {"egg": 1.5, "horseshoe": 1.0}
#: Shapes that are measured as another of the same sides.
_MEASURED_AS: Final = {"trapezoidal": "a box", "other": "an ellipse"}
# Choice of ours, no standard's: sizes that differ by less are the same, rounded.
_SAME = 0.02


def settle_shape(table: pd.DataFrame, ids: RowNames, issues: Issues) -> None:
    """Give a circle its diameter and every other shape a width and a height (in place).

    A shape of which one side is missing takes the diameter for it, which is no diameter then; an egg or a
    horseshoe of one side alone is the standard one. What has only a diameter though it is no circle, what is measured
    as another shape, and what is called a circle though its sides differ, is said.
    """
    diameter, width, height = (
        table[f"{name}_mm"].to_numpy(dtype=np.float64) for name in ("diameter", "width", "height")
    )
    boxed = np.isfinite(width) & np.isfinite(height) & (width != height)
    by_sides = pd.Series(spell(["circular", "rectangular"], boxed.astype(np.intp)), index=table.index)
    recorded = table["shape"] if "shape" in table else pd.Series(None, table.index, dtype=object)
    shape = recorded.where(recorded.notna(), by_sides)
    circle = (shape == "circular").to_numpy()
    as_side = ~circle & (np.isfinite(width) ^ np.isfinite(height)) & np.isfinite(diameter)
    width, height = (np.where(as_side & np.isnan(side), diameter, side) for side in (width, height))
    diameter = np.where(as_side, np.nan, diameter)
    tall = shape.map(_PROPORTION).to_numpy(dtype=np.float64)
    width, height = (
        np.where(np.isnan(width) & np.isfinite(tall), height / tall, width),
        np.where(np.isnan(height) & np.isfinite(tall), width * tall, height),
    )
    side = np.where(np.isfinite(width), width, height)
    table["diameter_mm"] = np.where(circle & np.isnan(diameter), side, diameter)
    table["width_mm"], table["height_mm"], table["shape"] = width, height, shape
    alone = ~circle & np.isfinite(diameter) & np.isnan(width) & np.isnan(height)
    _say_alone(shape, alone, issues)
    _say_measured_as(shape, np.isfinite(width) & np.isfinite(height), issues)
    _say_contradicted(circle, (table["diameter_mm"].to_numpy(), width, height), ids, issues)


def _say_alone(shape: pd.Series, alone: np.ndarray, issues: Issues) -> None:
    """Say which shapes have a diameter alone: what they carry cannot be told from it."""
    for word, rows in shape[alone].groupby(shape[alone]):
        issues.add(
            "shape_without_sides",
            "warning",
            "column",
            ["shape"],
            f"{len(rows)} pipes are {word} and have a diameter, but neither width nor height",
            "measured as a circle of that diameter; map width_mm and height_mm",
        )


def _say_measured_as(shape: pd.Series, sided: np.ndarray, issues: Issues) -> None:
    """Say which shapes are measured as another, for want of what tells them."""
    for word, other in _MEASURED_AS.items():
        here = sided & (shape == word).to_numpy()
        if here.any():
            found = f"{int(here.sum())} pipes are {word}, of which width and height do not tell the section"
            issues.add("shape_measured_as", "warning", "column", ["shape"], found,
                       f"measured as {other} of that width and height")  # fmt: skip


def _say_contradicted(circle: np.ndarray, sizes: tuple[np.ndarray, ...], ids: RowNames, issues: Issues) -> None:
    """Say which circles have sides that differ from each other or from their diameter."""
    with np.errstate(invalid="ignore"):
        odd = np.zeros(len(circle), np.bool_)
        for one in (0, 1):
            for other in sizes[one + 1 :]:
                odd |= circle & (np.abs(sizes[one] - other) > _SAME * np.fmax(sizes[one], other))
    named = ("diameter", "width", "height")
    issues.add(
        "shape_contradicts_sizes",
        "warning",
        "pipe",
        ids[odd],
        [
            "counts as a circle, and has "
            + ", ".join(f"{name} {size:g} mm" for name, size in zip(named, row, strict=True) if np.isfinite(size))
            for row in np.column_stack(sizes)[odd]
        ],
        "measured as a circle of its diameter; give its shape, or correct the sizes",
    )
