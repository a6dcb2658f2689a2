"""Issues about many features, told once."""

from __future__ import annotations

import pandas as pd

from drainage.said import joined

_FIRST = 5


def first_of(names: pd.Index) -> dict[str, object]:
    """Return how many features there are, and the names of the first, for a message."""
    more = ["…"] if len(names) > _FIRST else []
    return {"count": len(names), "first": joined([*map(str, names[:_FIRST]), *more], ", ")}
