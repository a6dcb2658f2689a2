"""Reclaimed water runs under pressure: it rises, forks, loops and ends where it is used, and none of that is a fault.

    works R1 ─── R2 ─── R3 user          storm S1 ─── S2 outfall
               │      │
               R4 ─── R5 ─── R6 outfall at the river

Every pipe from R2 on rises by 1 m; R2 - R3 - R5 - R4 is a ring.
"""

import geopandas as gpd
import pytest
from shapely import LineString, Point

import drainage as dr
from tests.support import demo

PLACE = {
    "R1": (0, 0), "R2": (100, 0), "R3": (200, 0), "R4": (100, 100), "R5": (200, 100), "R6": (300, 100),
    "S1": (0, 500), "S2": (100, 500),
}  # fmt: skip
KIND = {"R1": "works", "R3": "user", "R6": "outfall", "S2": "outfall"}
PIPES = (("R1", "R2"), ("R2", "R3"), ("R2", "R4"), ("R3", "R5"), ("R4", "R5"), ("R5", "R4"), ("R5", "R6"))


def net_of(system: str) -> dr.DrainageNetwork:
    """The drawing above, its ring of one system or another."""
    ends = [*PIPES, ("S1", "S2")]
    pipes = gpd.GeoDataFrame(
        {
            "pipe_id": [f"{a}-{b}" for a, b in ends],
            "system": [system] * len(PIPES) + ["storm"],
            "from_node": [a for a, _ in ends],
            "to_node": [b for _, b in ends],
            "diameter_mm": 400,
            "invert_from_m": [10.0] * len(ends),
            "invert_to_m": [11.0] * len(PIPES) + [9.7],
        },
        geometry=[LineString([PLACE[a], PLACE[b]]) for a, b in ends],
        crs="EPSG:4548",
    )
    nodes = gpd.GeoDataFrame(
        {"node_id": list(PLACE), "kind": [KIND.get(name, "junction") for name in PLACE], "ground_m": 14.0},
        geometry=[Point(xy) for xy in PLACE.values()],
        crs="EPSG:4548",
    )
    return dr.as_network(pipes, nodes=nodes)


GRAVITY = {"adverse_slope", "loop", "divergence", "dead_end", "no_outlet", "reversed_pipe", "several_outfalls"}


@pytest.mark.parametrize(("system", "faulty"), [("sewage", True), ("reclaimed", False)])
def test_rules_of_gravity_hold_for_drains_alone(system: str, faulty: bool) -> None:  # noqa: FBT001
    findings = dr.check_quality(net_of(system)).tables["findings"]
    found = set(findings["rule"][findings["feature_id"].str.startswith("R")]) & GRAVITY
    assert bool(found) == faulty, found


def test_nothing_is_turned_and_the_layer_is_not_called_drawn_against_its_flow() -> None:
    """53 of the 85 reclaimed pipes of the demo city rise, enough for a layer of drains to be called so."""
    net = demo.city("2021-05-07")
    mine = (net.pipes["system"] == "reclaimed").to_numpy()
    assert ((net.pipes["invert_to_m"] > net.pipes["invert_from_m"])[mine]).mean() > 0.6
    assert set(net.issues["code"]) == {"layer_beside"}
    mended = dr.repair(net, tolerance_m=0.05)
    assert not mended.log["feature_id"].isin(["reclaimed", *net.pipes.index[mine]]).any()


def test_where_reclaimed_water_feeds_the_river_is_no_outfall_of_a_drain() -> None:
    outfalls = dr.find_mixed_flow(net_of("reclaimed")).tables["outfalls"]
    assert outfalls.index.tolist() == ["S2"]
