"""How wide the columns of a table are on paper: as their cells need, the widest squeezed until all fit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from drainage.fonts.letters import width_mm

#: Letters of tables, points: the largest at which the columns fit as they are, else the smallest.
SIZES_PT: Final = (8.5, 8.0, 7.5, 7.0)
#: White on both sides of a cell together, mm.
_WHITE_MM: Final = 2.6
#: A heading may be broken into so many lines.
_HEAD_LINES: Final = 2.6


def fit_columns(head: Sequence[str], rows: Sequence[Sequence[str]], room_mm: float) -> tuple[tuple[float, ...], float]:
    """Return the width of each column, mm, and the size of the letters, points.

    Where even the smallest letters are too wide, columns are cut to a common width, which breaks their texts.

    Examples
    --------
    >>> widths, size = fit_columns(["L", "road"], [["L1", "Main street " * 40]], 100.0)
    >>> round(sum(widths), 6), size
    (100.0, 7.0)
    """
    needed, size = np.zeros(len(head)), SIZES_PT[-1]
    for size in SIZES_PT:
        needed = np.array([_needed(name, [row[k] for row in rows], size) for k, name in enumerate(head)])
        if needed.sum() <= room_mm:
            return tuple(needed.tolist()), size
    low, high = 0.0, float(needed.max())
    for _ in range(40):  # the largest common width at which all fit
        middle = (low + high) / 2.0
        low, high = (middle, high) if np.minimum(needed, middle).sum() <= room_mm else (low, middle)
    squeezed = np.minimum(needed, low)
    return tuple((squeezed * room_mm / squeezed.sum()).tolist()), size


def _needed(name: str, cells: Sequence[str], size_pt: float) -> float:
    longest = max((width_mm(cell, size_pt, bold=True) for cell in cells), default=0.0)
    words = max((width_mm(word, size_pt, bold=True) for word in name.split()), default=0.0)
    heading = width_mm(name, size_pt, bold=True)
    broken = heading / _HEAD_LINES + 2.0 if any(sign > "\u2e80" for sign in name) else words
    return max(longest, min(heading, max(broken, 9.0))) + _WHITE_MM
