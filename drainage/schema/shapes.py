"""The shape of pipes and the sizes that it needs: what one column says completes the other, the rest is said."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from drainage.said import Said, joined
from drainage.schema.codes import spell
from drainage.schema.issues import Issues, RowNames
from drainage.words import code, in_both

#: Height by width of shapes that are made in one proportion, as in `drainage.hydraulics.manning`.
_PROPORTION: Final = {"egg": 1.5, "horseshoe": 1.0}
#: Shapes that are measured as another of the same sides.
_MEASURED_AS: Final = {"trapezoidal": "measured_as_box", "other": "measured_as_ellipse"}
# Choice of ours, no standard's: sizes that differ by less are the same, rounded.
_SAME = 0.02


def settle_shape(table: pd.DataFrame, boxed: np.ndarray, ids: RowNames, issues: Issues) -> None:
    """Settle the diameter of circles and the width and height of every other shape (in place).

    A shape of which one side is missing takes the diameter for it, which is no diameter then; an egg or a
    horseshoe of one side alone is the standard one. What has only a diameter though it is no circle, what is measured
    as another shape, and what is called a circle though its sides differ, is said. ``boxed`` marks rows whose text
    gives both sides: ``600×600`` is a box.
    """
    diameter, width, height = (
        table[f"{name}_mm"].to_numpy(dtype=np.float64) for name in ("diameter", "width", "height")
    )
    boxed = boxed | (np.isfinite(width) & np.isfinite(height) & (width != height))
    shape = pd.Series(spell(["circular", "rectangular"], boxed.astype(np.intp)), index=table.index)
    words, word = pd.Index(["circular", "rectangular"], dtype=object), boxed.astype(np.intp)
    if "shape" in table:
        shape = table["shape"].where(table["shape"].notna(), shape)
        word, words = pd.factorize(shape)
    circle = np.asarray(words == "circular")[word]
    as_side = ~circle & (np.isfinite(width) ^ np.isfinite(height)) & np.isfinite(diameter)
    width, height = (np.where(as_side & np.isnan(side), diameter, side) for side in (width, height))
    diameter = np.where(as_side, np.nan, diameter)
    tall = np.array([_PROPORTION.get(name, np.nan) for name in words])[word]
    width, height = (
        np.where(np.isnan(width) & np.isfinite(tall), height / tall, width),
        np.where(np.isnan(height) & np.isfinite(tall), width * tall, height),
    )
    side = np.where(np.isfinite(width), width, height)
    table["diameter_mm"] = np.where(circle & np.isnan(diameter), side, diameter)
    table["width_mm"], table["height_mm"], table["shape"] = width, height, shape
    sided = np.isfinite(width) & np.isfinite(height)
    alone = ~circle & np.isfinite(diameter) & np.isnan(width) & np.isnan(height)
    for number, name in enumerate(words):
        _say_of_shape(str(name), int((alone & (word == number)).sum()), int((sided & (word == number)).sum()), issues)
    _say_contradicted(circle, (table["diameter_mm"].to_numpy(), width, height), ids, issues)


def _say_of_shape(word: str, alone: int, sided: int, issues: Issues) -> None:
    """Report how many pipes of a shape have only a diameter, and how many are measured as another shape."""
    shape = Said(word, code("shape", word, "zh") or word)
    if alone:
        found = in_both("diameter_alone", count=alone, shape=shape)
        issues.add("shape_without_sides", "warning", "column", ["shape"], found, in_both("measured_as_circle"))
    if sided and word in _MEASURED_AS:
        found = in_both("sides_not_enough", count=sided, shape=shape)
        issues.add("shape_measured_as", "warning", "column", ["shape"], found, in_both(_MEASURED_AS[word]))


def _say_contradicted(circle: np.ndarray, sizes: tuple[np.ndarray, ...], ids: RowNames, issues: Issues) -> None:
    """Report circles whose sides differ from each other or from their diameter."""
    with np.errstate(invalid="ignore"):
        odd = np.zeros(len(circle), np.bool_)
        for one in (0, 1):
            for other in sizes[one + 1 :]:
                odd |= circle & (np.abs(sizes[one] - other) > _SAME * np.fmax(sizes[one], other))
    if not odd.any():
        return
    named = ("size_diameter", "size_width", "size_height")
    issues.add(
        "shape_contradicts_sizes",
        "warning",
        "pipe",
        ids[odd],
        [
            in_both(
                "circle_of_sides",
                sizes=joined(
                    (in_both(name, size=size) for name, size in zip(named, row, strict=True) if np.isfinite(size)), ", "
                ),
            )
            for row in np.column_stack(sizes)[odd]
        ],
        in_both("circle_of_diameter"),
    )
