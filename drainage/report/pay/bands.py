"""Bands of a scale: each from one value up to the next, without a gap and without an overlap."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from drainage.formats.tables.toml_keys import INFINITE, Keys
from drainage.words import in_both


@dataclass(frozen=True, slots=True)
class Band:
    """Values from ``from_value`` on, below ``to_value``; the highest band includes its end.

    Parameters
    ----------
    from_value, to_value
        Bounds in the unit of the scale; infinite: there is no upper one.
    band_points
        What a value in it is worth; None where it has a name instead.
    grade
        What a score in it is called; None where it has points instead.
    """

    from_value: float
    to_value: float
    band_points: float | None = None
    grade: str | None = None


def read_bands(rows: Sequence[Keys], holder: Keys, key: str, *, graded: bool, most: float) -> tuple[Band, ...]:
    """Return the bands of a scale from 0 to ``most`` in rising order.

    Parameters
    ----------
    rows
        One table each, with ``from``, ``to`` (may be left out by the highest) and ``grade`` or ``points``.
    holder, key
        Where they stand, for what is wrong with them.
    graded
        Whether bands have a name, not points.
    most
        Largest value of the scale.

    Raises
    ------
    SchemaError
        Two overlap, there is a gap between two or at an end, or one ends before it begins.
    """
    named = "grade" if graded else "points"
    bands = []
    for row in rows:
        row.only(("from", "to", named))
        low, high = row.number("from"), row.number_or("to", INFINITE)
        if not low < high:
            row.refuse(in_both("terms_band_turned", key=row.path, low=low, high=high))
        bands.append(
            Band(low, high, grade=row.text("grade")) if graded else Band(low, high, band_points=row.number("points"))
        )
    bands.sort(key=lambda one: one.from_value)
    _refuse_holes(bands, holder, holder.at(key), most)
    return tuple(bands)


def _refuse_holes(bands: Sequence[Band], holder: Keys, path: str, most: float) -> None:
    reached = 0.0
    for band in bands:
        if band.from_value > reached:
            holder.refuse(in_both("terms_band_gap", key=path, low=reached, high=band.from_value))
        if band.from_value < reached:
            holder.refuse(
                in_both("terms_band_overlap", key=path, low=band.from_value, high=min(reached, band.to_value))
            )
        reached = band.to_value
    if reached < most:
        holder.refuse(in_both("terms_band_gap", key=path, low=reached, high=most))


def band_of(bands: Sequence[Band], value: float) -> Band:
    """Return the band of a value: the last that begins at it or below."""
    return [band for band in bands if band.from_value <= value][-1]
