"""What comes first on a list and stays on the map where there is no room for all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd

from drainage.arrays import Floats
from drainage.maps.desk.question_looks import LISTS, Listed
from drainage.maps.layer import Layer
from drainage.said import Language
from drainage.words import phrase, word


def most_important_first(layer: Layer) -> Layer:
    """Return a layer with its rows in the order of `Listed.importance`; what its columns do not tell stays in order."""
    listed = LISTS.get(layer.theme)
    if listed is None or not len(layer.frame):
        return layer
    ranks = [_rank(layer.frame, one) for one in listed.importance]
    known = [rank for rank in reversed(ranks) if rank is not None]
    return replace(layer, frame=layer.frame.iloc[np.lexsort(known)]) if known else layer


def _rank(frame: gpd.GeoDataFrame, by: str) -> Floats | None:
    """Return by what the rows are sorted, the least first; None where there is no such column."""
    column, _, order = by.removeprefix("-").partition("=")
    if column not in frame and column != frame.index.name:
        return None
    values = frame[column] if column in frame else frame.index.to_series()
    if order:
        values = values.astype(str).map({code: place for place, code in enumerate(order.split(","))})
    elif not pd.api.types.is_numeric_dtype(values):
        values = pd.Series(pd.factorize(values, sort=True)[0])
    ranks = np.array(values.to_numpy(np.float64, na_value=np.nan), np.float64)
    ranks = -ranks if by.startswith("-") else ranks
    ranks[~np.isfinite(ranks)] = np.inf
    return ranks


def list_of(theme: str, columns: Sequence[str], lead: Sequence[str], lang: Language) -> dict[str, object]:
    """Return the orders of a list, what stands in its rows and the bars of a thing, by keys of its columns.

    Parameters
    ----------
    columns
        Those that the layer has.
    lead
        Of them those that say why, for a theme of which nothing is said.
    """
    listed = LISTS.get(theme) or Listed(cause=lead, head=columns[:1], tail=columns[1:4])
    row = {
        part: [name for name in names if name in columns]
        for part, names in (
            ("cause", listed.cause),
            ("head", listed.head),
            ("line", listed.line),
            ("tail", listed.tail),
        )
    }
    orders: list[dict[str, object]] = [{"label": phrase("by_importance", lang), "by": []}]
    for one in listed.orders:
        name = one.removeprefix("-")
        if name in columns:
            orders.append({"label": word(name, lang), "by": [[name, one.startswith("-")]]})
    return {"orders": orders, "row": row, "bars": _bars(listed, columns)}


def _bars(listed: Listed, columns: Sequence[str]) -> dict[str, object] | None:
    if listed.bars is None or listed.bars["of"] not in columns:
        return None
    parts = [name for name in listed.bars["parts"] if name in columns]
    return {"of": listed.bars["of"], "parts": parts} if parts else None
