"""Real cities, skipped where they are absent: repaired once is repaired, parts grow together, all is explained."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import drainage as dr
from tests.repairs.test_properties import assert_same

if TYPE_CHECKING:
    from pathlib import Path

#: City → files by system, files of nodes. In it ends miss by centimetres and laterals end on mains.
CITIES = {
    "newwestminster": (
        {"storm": "storm_mains", "sewage": "sanitary_mains", "combined": "combined_mains"},
        ["storm_manholes", "combined_manholes", "sanitary_manholes"],
    ),
    "whiterock": ({"storm": "mains", "sewage": "sanitary_mains"}, ["manholes"]),
    "barrie": ({"storm": "mains", "sewage": "sanitary_mains"}, []),
    "toronto": ({"storm": "mains", "sewage": "sanitary_mains"}, ["manholes"]),
    "penticton": ({"storm": "mains", "sewage": "sanitary_mains"}, ["manholes", "sanitary_manholes"]),
}


def read(place: Path, city: str) -> dr.DrainageNetwork:
    files, nodes = CITIES[city]
    return dr.read_network(
        {system: place / "cities" / city / f"{name}.geojson" for system, name in files.items()},
        nodes=[place / "cities" / city / f"{name}.geojson" for name in nodes] or None,
    )


@pytest.mark.parametrize("city", CITIES)
def test_a_real_city(shared_networks: Path, tmp_path: Path, city: str) -> None:
    net = read(shared_networks, city)
    fixed = dr.repair(net, tolerance_m=0.5)
    assert fixed.summary["parts_after"] < fixed.summary["parts_before"]
    assert (fixed.log["reason"] != "").all()
    assert dr.repair(fixed.network, tolerance_m=0.5).log.empty
    assert_same(dr.undo_repair(fixed.network, fixed.log), net)

    dr.write_network(fixed.network, tmp_path / "repaired.gpkg")
    dr.write_repair_log(fixed.log, tmp_path / "log.jsonl")
    read_again = dr.read_network(tmp_path / "repaired.gpkg")
    assert_same(read_again, fixed.network)
    original = dr.undo_repair(read_again, dr.read_repair_log(tmp_path / "log.jsonl"))
    dr.write_network(original, tmp_path / "original.gpkg")
    assert_same(dr.read_network(tmp_path / "original.gpkg"), net)
