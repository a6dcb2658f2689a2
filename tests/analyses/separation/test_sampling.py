"""Coverage against another program: each road is sampled every metre, and every pipe is tried at every sample.

At a sample a line is laid square to the road. A pipe runs along there if one of its straight segments crosses that line
within 30 m and lies within 30° of the road. No intervals, strips, grids or chainages: only which segments cross a line.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from shapely.geometry.base import BaseGeometry

import drainage as dr
from drainage.arrays import Bools, Floats, Objects
from tests.cities.deliveries import mapping_of, source_of
from tests.support import demo

WITHIN_M, ANGLE_DEG, STEP_M = 30.0, 30.0, 1.0
SYSTEMS = ("storm", "sewage", "combined")
#: Real networks; those of kingston and whitby are of storm water alone.
CITIES = (
    "abbotsford", "barrie", "burnaby", "calgary", "chilliwack", "delta", "kingston", "kitchener", "london",
    "newwestminster", "ottawa", "penticton", "peterborough", "portcoquitlam", "regina", "reykjavik", "surrey",
    "toronto", "vancouver", "victoria", "whitby", "whiterock",
)  # fmt: skip
SHORT = ("newwestminster", "whitby")


def segments_of(lines: Objects) -> tuple[Floats, Floats, Floats]:
    """Return both ends of all straight segments, and the row of the line of each."""
    coords, row = shapely.get_coordinates(lines, return_index=True)
    same = row[1:] == row[:-1]
    return coords[:-1][same], coords[1:][same], row[:-1][same]


def samples_of(line: BaseGeometry) -> Iterator[tuple[Floats, Floats, float]]:
    """Give the places in the middle of every metre of each straight piece, its direction, and the metres of each."""
    coords = shapely.get_coordinates(line)
    for start, end in pairwise(coords):
        length = float(np.hypot(*(end - start)))
        if length > 0:
            count = int(np.ceil(length / STEP_M))
            shares = (np.arange(count) + 0.5) / count
            yield start + shares[:, None] * (end - start), (end - start) / length, length / count


def run_at(places: Floats, unit: Floats, a: Floats, b: Floats, kinds: dict[str, Bools]) -> dict[str, Bools]:
    """Try every segment at every place: which kinds run along there, (n_places,) each."""
    tilt = np.abs((b - a) @ unit) >= np.hypot(*(b - a).T) * np.cos(np.radians(ANGLE_DEG)) - 1e-9
    a, b = a[tilt], b[tilt]
    normal = np.array([-unit[1], unit[0]])
    ahead_a, ahead_b = (a @ unit)[None] - (places @ unit)[:, None], (b @ unit)[None] - (places @ unit)[:, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        share = ahead_a / (ahead_a - ahead_b)
    aside = (a @ normal)[None] + share * ((b - a) @ normal)[None] - (places @ normal)[:, None]
    crosses = (share >= 0) & (share <= 1) & (np.abs(aside) <= WITHIN_M)
    return {name: crosses[:, kind[tilt]].any(axis=1) for name, kind in kinds.items()}


def sampled(net: dr.DrainageNetwork, roads: gpd.GeoDataFrame, mixed: dr.Result | None = None) -> dict[str, Floats]:
    """Return metres that are separated, combined and so on of each line of road, (n_lines,), by samples alone."""
    a, b, row = segments_of(np.asarray(net.pipes.geometry.array))
    system = net.pipes["system"].to_numpy(dtype=object)[row]
    kinds = {name: system == name for name in SYSTEMS}
    if mixed is not None:
        kinds["mixed"] = mixed.tables["pipes"]["mixed"].to_numpy(bool)[row] & (kinds["storm"] | kinds["sewage"])
    metres = {
        name: np.zeros(len(roads)) for name in ("separated", "effective", "combined", "storm only", "sewage only")
    }
    low, high = np.minimum(a, b) - 2 * WITHIN_M, np.maximum(a, b) + 2 * WITHIN_M
    for k, line in enumerate(roads.geometry):
        for places, unit, each_m in samples_of(line):
            near = ((low <= places.max(axis=0)) & (high >= places.min(axis=0))).all(axis=1)
            on = run_at(places, unit, a[near], b[near], {name: kind[near] for name, kind in kinds.items()})
            both = on["storm"] & on["sewage"]
            rest = ~both & ~on["combined"]
            metres["separated"][k] += each_m * both.sum()
            metres["effective"][k] += each_m * (both & ~on["mixed"]).sum() if "mixed" in on else 0.0
            metres["combined"][k] += each_m * (~both & on["combined"]).sum()
            metres["storm only"][k] += each_m * (rest & on["storm"]).sum()
            metres["sewage only"][k] += each_m * (rest & on["sewage"]).sum()
    return metres


def test_the_demo_city_road_by_road() -> None:
    """35 roads of 132 km: each within 1 %, or within a few samples where it is short; and so is what is effective."""
    net = demo.whole_city()
    mixed = dr.find_mixed_flow(net)
    found = dr.measure_separation(net, mixed=mixed).tables["roads"]
    roads = net.layers["roads"].explode(ignore_index=True)
    by_hand = sampled(net, roads, mixed)
    for kind, column in (("separated", "coverage_share"), ("effective", "effective_share")):
        metres = roads.assign(metres=by_hand[kind]).groupby("road")["metres"].sum()
        length = found["length_m"]
        apart = (found[column] - metres.reindex(found.index) / length).abs()
        assert (apart <= np.maximum(0.01, 8 * STEP_M / length)).all(), apart.max()
        assert abs((found[column] * length).sum() - metres.sum()) <= 0.01 * length.sum()
    assert (found["effective_share"] < found["coverage_share"]).any()


@pytest.mark.parametrize(
    "city", [pytest.param(city, marks=() if city in SHORT else pytest.mark.long) for city in CITIES]
)
def test_a_real_city(shared_networks: Path, city: str) -> None:
    """Its pipes are the roads, each chain of them a road of its own: they bend, cross, run side by side and stop."""
    net = dr.read_network(source_of(shared_networks, city), mapping=mapping_of(city))
    lines = shapely.get_parts(shapely.line_merge(shapely.union_all(np.asarray(net.pipes.geometry.array))))
    lines = lines[shapely.length(lines) > 20.0]
    names = [f"chain {row} of {len(lines)}" for row in range(len(lines))]
    roads = gpd.GeoDataFrame({"road": names}, geometry=lines, crs=net.crs)
    found = dr.measure_separation(net, roads, within_m=WITHIN_M, angle_deg=ANGLE_DEG)
    table, by_hand = found.tables["roads"].loc[names], sampled(net, roads)
    assert found.summary["length_km"] == pytest.approx(shapely.length(lines).sum() / 1000)
    total_m = float(table["length_m"].sum())
    for kind in ("separated", "combined", "storm only", "sewage only"):
        column = f"{kind.replace(' ', '_')}_m"
        assert abs(table[column].sum() - by_hand[kind].sum()) <= 0.01 * total_m, kind
