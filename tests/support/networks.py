"""Small networks for tests, written as lists of pipes: ``"a>b storm"`` is a storm pipe from node a to node b."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from drainage.network import DrainageNetwork

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

TEXT = ("material", "road", "area", "condition_grade")
NUMBERS = (
    "width_mm",
    "height_mm",
    "invert_from_m",
    "invert_to_m",
    "depth_from_m",
    "depth_to_m",
    "manning_n",
    "silt_share",
)


def build(
    pipes: Sequence[str],
    *,
    kinds: Mapping[str, str] | None = None,
    places: Mapping[str, tuple[float, float]] | None = None,
    **columns: Sequence[object],
) -> DrainageNetwork:
    """Build a network from ``from>to system [diameter_mm]`` texts; pipe ids are p0, p1, …; each pipe is 100 m long.

    Nodes stand at ``places``, else anywhere; their kind is in ``kinds``, else inferred. Other columns by keyword.
    """
    parts = [text.replace(">", " ").split() for text in pipes]
    names = list(dict.fromkeys(name for part in parts for name in part[:2]))
    spot = {name: (100.0 * i, 37.0 * (i % 3)) for i, name in enumerate(names)} | dict(places or {})
    frame = gpd.GeoDataFrame(
        {
            "system": pd.Series([part[2] for part in parts], dtype=object),
            "from_node": [part[0] for part in parts],
            "to_node": [part[1] for part in parts],
            "diameter_mm": [float(part[3]) if len(part) > 3 else 300.0 for part in parts],
            "length_m": 100.0,
            "shape": pd.Series(["circular"] * len(parts), dtype=object),
            "commissioned": pd.Series(pd.NaT, range(len(parts)), dtype="datetime64[ms]"),
            "abandoned": pd.Series(pd.NaT, range(len(parts)), dtype="datetime64[ms]"),
            **dict.fromkeys(NUMBERS, np.nan),
            **{name: pd.Series([None] * len(parts), dtype=object) for name in TEXT},
            **columns,
        },
        geometry=[shapely.LineString([spot[part[0]], spot[part[1]]]) for part in parts],
        crs=4548,
    )
    frame.index = pd.Index([f"p{i}" for i in range(len(parts))], name="pipe_id", dtype="str")
    nodes = gpd.GeoDataFrame(
        {
            "kind": pd.Series([(kinds or {}).get(name) for name in names], dtype=object),
            "system": pd.Series([None] * len(names), dtype=object),
            "ground_m": np.nan,
            "invert_m": np.nan,
            "water_level_m": np.nan,
        },
        geometry=[shapely.Point(spot[name]) for name in names],
        crs=4548,
    )
    nodes.index = pd.Index(names, name="node_id", dtype="str")
    return DrainageNetwork(frame, nodes, source="test")


def save(net: DrainageNetwork, path: Path) -> Path:
    """Write the pipes as GeoJSON by geopandas, that is, not by our own writer; empty columns are left out."""
    table = net.pipes.dropna(axis="columns", how="all").reset_index()
    table.to_crs(4326).to_file(path, driver="GeoJSON", engine="pyogrio")
    return path


def days(*texts: str) -> Sequence[object]:
    """Make a column of days; an empty text is an unknown day."""
    return [pd.Timestamp(text) if text else pd.NaT for text in texts]


def as_plan(net: DrainageNetwork) -> DrainageNetwork:
    """Return a network as a schematic plan: the same coordinates, which lie nowhere."""
    bare = (
        gpd.GeoDataFrame(pd.DataFrame(table.drop(columns="geometry")), geometry=np.asarray(table.geometry))
        for table in (net.pipes, net.nodes)
    )
    return DrainageNetwork(*bare)
