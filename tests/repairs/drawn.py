"""Networks drawn line by line, with coordinates that matter, unlike those of `tests.support.networks`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from drainage.network import DrainageNetwork
from drainage.schema import NODE_COLUMNS, PIPE_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Mapping

Line = Sequence[tuple[float, float]]


def drawn(
    pipes: Mapping[str, tuple[str, Line]],
    nodes: Mapping[str, Mapping[str, object]] | None = None,
    **columns: Sequence[object],
) -> DrainageNetwork:
    """Draw ``{"p": ("a>b", [(0, 0), (9, 0)])}``; nodes stand at the first end that names them, or where ``at`` says.

    ``nodes`` has what is recorded of some of them. Other columns of the pipes by keyword. Lengths are drawn ones.
    """
    ends = [text.split(">") for text, _ in pipes.values()]
    places: dict[str, tuple[float, float]] = {}
    for (a, b), (_, line) in zip(ends, pipes.values(), strict=True):
        places.setdefault(a, line[0])
        places.setdefault(b, line[-1])
    recorded = {name: dict(facts) for name, facts in (nodes or {}).items()}
    for name, facts in recorded.items():
        if "at" in facts:
            places[name] = facts.pop("at")  # type: ignore[assignment]  # a place
    lines = [shapely.LineString(line) for _, line in pipes.values()]
    n = len(pipes)
    table: dict[str, object] = {name: _empty(name, n) for name in PIPE_COLUMNS}
    table |= {
        "system": pd.Series(["storm"] * n, dtype=object),
        "from_node": pd.Series([a for a, _ in ends], dtype="str"),
        "to_node": pd.Series([b for _, b in ends], dtype="str"),
        "diameter_mm": 300.0,
        "length_m": shapely.length(lines),
        "length_source": pd.Series(["geometry"] * n, dtype="str"),
    }
    for name, values in columns.items():
        table[name] = pd.Series(list(values), dtype="float64") if name.endswith(("_m", "_mm")) else list(values)
    frame = gpd.GeoDataFrame(table, geometry=lines, crs=4548)
    frame.index = pd.Index(list(pipes), name="pipe_id", dtype="str")
    for end in ("from", "to"):
        known = frame[f"invert_{end}_m"].notna()
        frame[f"invert_{end}_source"] = pd.Series("recorded", frame.index, dtype="str").where(known)
    return DrainageNetwork(frame, _nodes(places, recorded), source="drawn")


def _nodes(places: Mapping[str, tuple[float, float]], recorded: Mapping[str, Mapping[str, object]]) -> gpd.GeoDataFrame:
    names = list(places)
    table: dict[str, object] = {}
    for column in NODE_COLUMNS:
        values = [recorded.get(name, {}).get(column) for name in names]
        number = column.endswith(("_m", "_ha", "_coefficient"))
        table[column] = pd.Series(values, dtype="float64" if number else object)
    frame = gpd.GeoDataFrame(table, geometry=[shapely.Point(place) for place in places.values()], crs=4548)
    frame["ground_source"] = pd.Series("recorded", frame.index, dtype="str").where(frame["ground_m"].notna())
    return frame.set_axis(pd.Index(names, name="node_id", dtype="str"))


def _empty(column: str, n: int) -> pd.Series:
    if column in ("commissioned", "abandoned"):
        return pd.Series(pd.NaT, range(n), dtype="datetime64[ms]")
    if column.endswith(("_m", "_mm", "_n", "_share")):
        return pd.Series(np.nan, range(n))
    return pd.Series([None] * n, dtype="str")
