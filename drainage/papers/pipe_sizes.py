"""How the sizes of pipes are written on papers."""

from __future__ import annotations

import numpy as np
import pandas as pd

from drainage.schema.columns import column_of


def size_texts(pipes: pd.DataFrame) -> list[str]:
    """Return how sizes are written: DN400, 2400×1800, 2×DN800 where several pipes lie side by side; – if not known.

    Examples
    --------
    >>> size_texts(pd.DataFrame({"diameter_mm": [400.0, np.nan], "width_mm": np.nan, "height_mm": np.nan}))
    ['DN400', '–']
    """
    diameter, width, height = (column_of(pipes, name) for name in ("diameter_mm", "width_mm", "height_mm"))
    boxed = np.isfinite(width) & np.isfinite(height)
    circular = pipes["shape"].eq("circular").to_numpy(np.bool_) if "shape" in pipes else ~boxed
    round_ = (np.isfinite(diameter) & ~boxed) | (circular & ~boxed) | (circular & (width == height))
    sides = np.where(np.isfinite(diameter) & round_, diameter, width)
    texts = [
        "–" if not np.isfinite(side) else f"DN{side:.0f}" if circle else f"{side:.0f}×{tall:.0f}"
        for side, tall, circle in zip(sides, np.nan_to_num(height), round_, strict=True)
    ]
    barrels = np.nan_to_num(column_of(pipes, "barrels", 1.0), nan=1.0)
    return [f"{count:.0f}×{text}" if count > 1 else text for count, text in zip(barrels, texts, strict=True)]
