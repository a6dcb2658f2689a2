"""Towns of several connected parts for tests of partitions, by hand and at random."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import geopandas as gpd
import numpy as np
import shapely
from hypothesis import strategies as st

from tests.support.drains import drain

if TYPE_CHECKING:
    from collections.abc import Callable

    from drainage.network import DrainageNetwork

_SYSTEMS: Final = ("storm", "storm", "storm", "sewage", "combined", "unknown", "reclaimed")
_ROADS: Final = ("人民路", "解放路", "一巷", None)


def street() -> DrainageNetwork:
    """Give three drains beside each other, the first of which is fouled and too small; the sewer is a part of it.

    ::

        A0 > A1 > A2 > A3 (outfall)      S0 > A1 misconnected
        B0 > B1 > B2                     40 m to the north, on higher ground: A lies low
        C0 > C1                          300 m to the north
    """
    pipes = [
        "A0>A1 storm 300", "B0>B1 storm 300", "A1>A2 storm 300", "C0>C1 storm 200", "S0>A1 sewage 300",
        "A2>A3 storm 200", "B1>B2 storm 300",
    ]  # fmt: skip
    names = [f"{line}{k}" for line, count in (("A", 4), ("B", 3), ("C", 2)) for k in range(count)] + ["S0"]
    north = {"A": 0.0, "B": 40.0, "C": 300.0, "S": -30.0}
    places = {name: (100.0 * int(name[1]), north[name[0]]) for name in names}
    bed = {name: 10.0 - 0.2 * int(name[1]) for name in names}
    ground = {name: bed[name] + (1.0 if name[0] == "A" else 2.5) for name in names}
    area = {name: {"A": 0.5, "B": 0.4, "C": 0.3}.get(name[0], 0.0) for name in names}
    road = ["人民路", "人民路", "人民路", "解放路", "人民路", "人民路", "解放路"]
    return drain(pipes, bed, ground=ground, nodes={"area_ha": area}, places=places, road=road)


def drained(drains: int, manholes: int) -> DrainageNetwork:
    """Give storm drains beside each other, too small, whose first manholes are fouled by one sewer along all of them.

    ::

        D0_0 > D0_1 > D0_2 ...      I_0 > D0_0 misconnected
        D1_0 > D1_1 > D1_2 ...      I_1 > D1_0 misconnected, 60 m to the north of the former
    """
    storm = [f"D{drain_}_{k}>D{drain_}_{k + 1} storm 300" for drain_ in range(drains) for k in range(manholes - 1)]
    sewers = [f"I_{k}>I_{k + 1} sewage 300" for k in range(drains)]
    wrong = [f"I_{k}>D{k}_0 sewage 300" for k in range(drains)]
    places = {f"D{north}_{k}": (80.0 * k, 60.0 * north) for north in range(drains) for k in range(manholes)}
    places |= {f"I_{k}": (-30.0, 60.0 * k) for k in range(drains + 1)}
    bed = {name: 10.0 - 0.002 * (80.0 * int(name.split("_")[1])) for name in places}
    area = {name: 0.0 if name.startswith("I") else 0.3 for name in places}
    ground = {name: level + 1.2 for name, level in bed.items()}
    return drain([*sewers, *storm, *wrong], bed, ground=ground, nodes={"area_ha": area}, places=places)


@st.composite
def towns(draw: Callable[..., int], *, joined: bool = False) -> DrainageNetwork:
    """Draw parts with forks, rejoining ways and cycles, among each other on one small grid of places.

    ``joined``: pipes without storm water make one part of them, from one to the next or to an interceptor.
    """
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n_parts = int(rng.integers(1, 7))
    ends: list[tuple[str, str]] = []
    for part in range(n_parts):
        size = int(rng.integers(2, 8))
        name = [f"N{part}_{k}" for k in range(size)]
        ends += [(name[k], name[int(rng.integers(k + 1, size))]) for k in range(size - 1)]
        for _ in range(int(rng.integers(0, 4))):
            a, b = sorted(rng.choice(size, 2, replace=False).tolist())
            ends.append((name[b], name[a]) if rng.random() < 0.15 else (name[a], name[b]))
    first_joint = len(ends)
    if joined:
        ends += _joints(sorted({one for pair in ends for one in pair}), n_parts, rng)
    systems = [
        str(rng.choice(_SYSTEMS if k < first_joint else ("sewage", "sewage", "reclaimed"))) for k in range(len(ends))
    ]
    order = rng.permutation(len(ends))
    ends, systems = [ends[k] for k in order], [systems[k] for k in order]
    names = list(dict.fromkeys(one for pair in ends for one in pair))
    cells = rng.choice(400, len(names), replace=False)
    spacing = float(rng.choice([15.0, 60.0]))
    places = {name: (spacing * (cell % 20), spacing * (cell // 20)) for name, cell in zip(names, cells, strict=True)}
    bed = {name: 10.0 - 0.3 * int(name.split("_")[1]) + 0.5 * float(rng.random()) for name in names}
    ground = {name: bed[name] + float(rng.choice([0.4, 1.0, 2.5, np.nan])) for name in names}
    columns: dict[str, dict[str, object]] = {}
    if rng.random() < 0.7:
        columns["area_ha"] = {name: float(rng.choice([0.0, 0.2, 1.5])) for name in names}
    if rng.random() < 0.3:
        columns["water_level_m"] = {name: float(rng.choice([np.nan, 9.5])) for name in names}
    net = drain(
        [f"{a}>{b} {system} {rng.choice([150, 300, 600])}" for (a, b), system in zip(ends, systems, strict=True)],
        bed, ground=ground,
        nodes=columns, places=places, road=[_ROADS[k] for k in rng.integers(0, len(_ROADS), len(ends))],
        silt_share=rng.choice([np.nan, 0.3], len(ends)).tolist(),
    )  # fmt: skip
    return _with_layers(_told_by_others(net, rng) if joined else net, rng, spacing)


def _told_by_others(net: DrainageNetwork, rng: np.random.Generator) -> DrainageNetwork:
    """Let ground and outlets hang on pipes of other systems: the lowest ones of some nodes, all that leave others."""
    pipes, nodes = net.pipes, net.nodes
    for end in ("from", "to"):
        pipes[f"invert_{end}_m"] += rng.choice([0.0, 0.0, 0.0, 0.5, 3.0, np.nan], len(pipes))
    recorded = rng.random(len(nodes)) < 0.3
    nodes["kind"] = nodes["kind"].mask(recorded, "manhole")
    nodes["kind_source"] = nodes["kind_source"].mask(recorded, "recorded")
    return net.replace(pipes=pipes, nodes=nodes)


def _joints(names: list[str], n_parts: int, rng: np.random.Generator) -> list[tuple[str, str]]:
    """Lead a node of each part to any of the next one, or to an interceptor by way of which all hang together."""
    of_part = [[name for name in names if name.startswith(f"N{part}_")] for part in range(n_parts)]
    chosen = [str(rng.choice(nodes)) for nodes in of_part]
    if rng.random() < 0.5:
        return [(chosen[k], str(rng.choice(of_part[k + 1]))) for k in range(n_parts - 1)]
    along = [(f"I_{k}", f"I_{k + 1}") for k in range(n_parts)]
    return along + [(name, f"I_{k}") for k, name in enumerate(chosen)]


def _with_layers(net: DrainageNetwork, rng: np.random.Generator, spacing: float) -> DrainageNetwork:
    layers = {}
    if rng.random() < 0.5:
        lines = [shapely.LineString([(0.0, y), (20.0 * spacing, y)]) for y in (0.0, 5.0 * spacing, 11.0 * spacing)]
        named = {"road": ["人民路", "解放路", "三巷"], "width_m": [50.0, np.nan, 9.0]}
        layers["roads"] = gpd.GeoDataFrame(named, geometry=lines, crs=net.crs)
    if rng.random() < 0.3:
        at = [shapely.Point(*(20.0 * spacing * rng.random(2))) for _ in range(3)]
        index = ["R1", "R2", "R3"]
        layers["reports"] = gpd.GeoDataFrame({"depth_m": [0.1, 0.2, 0.3]}, geometry=at, index=index, crs=net.crs)
    return net.replace(layers=layers)
