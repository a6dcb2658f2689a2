"""A small town for tests of the public page: four streets that cross, a river, and a storm drain that is too small.

::

    y 800  |---- 北环路 -----------------|      北环路 and 人民路 run east, 1200 m
           |       |        |        |
    y 0    o--o--o--o--o--o--o--o--o--o--> out  人民路, with the drain; 一巷 .. 三巷 at x = 300, 600, 900
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

import geopandas as gpd
import numpy as np
import shapely

from drainage.network import DrainageNetwork
from tests.support.drains import drain

X0, Y0 = 500_000.0, 3_700_000.0
CRS: Final = 4548
#: Where the manholes of 人民路 stand along it, m.
MANHOLES: Final = (60.0, 130.0, 200.0, 260.0, 350.0, 420.0, 500.0, 560.0, 650.0, 720.0, 800.0)


def roads(
    *lines: tuple[str | None, str | None, Sequence[tuple[float, float]]], crs: int | None = CRS
) -> gpd.GeoDataFrame:
    """Give roads: name, class, and corners in m from the corner of the town."""
    shapes = [shapely.LineString(np.array(at, dtype=float) + np.array([X0, Y0])) for _, _, at in lines]
    names, kinds = [name for name, _, _ in lines], [kind for _, kind, _ in lines]
    return gpd.GeoDataFrame({"road": names, "road_class": kinds}, geometry=shapes, crs=crs)


def town_roads() -> gpd.GeoDataFrame:
    """Give the streets of the town."""
    lanes = [
        (f"{number}巷", "支路", [(x, 0.0), (x, 800.0)])
        for number, x in zip("一二三", (300.0, 600.0, 900.0), strict=True)
    ]
    return roads(
        ("人民路", "主干路", [(0.0, 0.0), (1200.0, 0.0)]), ("北环路", "次干路", [(0.0, 800.0), (1200.0, 800.0)]), *lanes
    )


def with_layers(net: DrainageNetwork, **layers: gpd.GeoDataFrame) -> DrainageNetwork:
    """Put layers beside a network."""
    return net.replace(layers={**net.layers, **layers})


def flooded_town(
    *, along_m: tuple[float, ...] = MANHOLES, aside_m: float = 3.0, level_m: float = 0.0, prefix: str = "n",
    synthetic: bool = False, bare: bool = False,
) -> DrainageNetwork:  # fmt: skip
    """Give the town whose drain in 人民路 overflows at many manholes in every hard rain.

    Parameters
    ----------
    along_m, aside_m
        Where the manholes stand along the street, and how far north of its centre line.
    level_m
        What is added to every level.
    prefix
        Before the numbers of nodes and pipes.
    bare
        Columns that nothing here needs are left out.
    """
    names = [f"{prefix}{k}" for k in range(len(along_m))] + [f"{prefix}out"]
    count = len(along_m)
    beds = {name: 10.0 - 0.1 * k + level_m for k, name in enumerate(names)}
    places = {name: (X0 + x, Y0 + aside_m) for name, x in zip(names, (*along_m, 1190.0), strict=True)}
    net = drain(
        [f"{a}>{b} storm 300" for a, b in pairwise(names)], beds,
        ground={name: bed + 1.2 for name, bed in beds.items()}, nodes={"area_ha": dict.fromkeys(names[:-1], 0.5)},
        places=places, road=["人民路"] * count,
    )  # fmt: skip
    river = gpd.GeoDataFrame(
        {"name": ["凤河"]}, geometry=[shapely.LineString([(X0 + 1300, Y0 - 200), (X0 + 1250, Y0 + 900)])], crs=CRS
    )
    pipes, nodes = net.pipes, net.nodes
    pipes.index = pipes.index.map(lambda name: f"{prefix}-{name}").rename("pipe_id")
    if bare:
        pipes = pipes.drop(columns=["material", "area", "condition_grade", "silt_share"])
    else:
        pipes["material"] = "concrete"
    return DrainageNetwork(pipes, nodes, layers={"roads": town_roads(), "waterways": river}, synthetic=synthetic)
