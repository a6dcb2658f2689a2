"""How the sizes of pipes are written on papers."""

from __future__ import annotations

import numpy as np
import pandas as pd

from drainage.measures import nominal_sizes
from drainage.schema.columns import column_of


def size_texts(pipes: pd.DataFrame) -> list[str]:
    """Return how sizes are written: DN400, 2400×1800, 2×DN800 where several pipes lie side by side; – if not known.

    Examples
    --------
    >>> size_texts(pd.DataFrame({"diameter_mm": [400.0, np.nan], "barrels": [2, 1]}))
    ['2×DN400', '–']
    """
    barrels = np.nan_to_num(column_of(pipes, "barrels", 1.0), nan=1.0)
    rows = zip(barrels, nominal_sizes(pipes), strict=True)
    return [f"{count:.0f}×{size}" if size and count > 1 else size or "–" for count, size in rows]
