"""Real cities, skipped where they are absent: repaired once is repaired, parts grow together, all is explained."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import numpy as np
import pytest

import drainage as dr
from drainage.cli import main
from tests.cities.deliveries import source_of
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


@pytest.mark.long
@pytest.mark.parametrize("city", CITIES)
def test_a_real_city(shared_networks: Path, tmp_path: Path, city: str) -> None:
    net = read(shared_networks, city)
    fixed = dr.repair(net, tolerance_m=0.5)
    assert fixed.summary["parts_after"] < fixed.summary["parts_before"]
    assert (fixed.log["reason"] != "").all()
    assert dr.repair(fixed.network, tolerance_m=0.5).log.empty
    assert_same(dr.repairs.undo_repair(fixed.network, fixed.log), net)

    dr.write_network(fixed.network, tmp_path / "repaired.gpkg")
    dr.formats.write_repair_log(fixed.log, tmp_path / "log.jsonl")
    read_again = dr.read_network(tmp_path / "repaired.gpkg")
    assert_same(read_again, fixed.network)
    original = dr.repairs.undo_repair(read_again, dr.formats.read_repair_log(tmp_path / "log.jsonl"))
    dr.write_network(original, tmp_path / "original.gpkg")
    assert_same(dr.read_network(tmp_path / "original.gpkg"), net)


@pytest.mark.long
@pytest.mark.parametrize(
    ("city", "system", "upper", "lower"),
    [
        ("whiterock", "sewage", "Us_In_E", "Ds_In_E"),
        ("ottawa", "sewage", "INVERT_UPSTREAM", "INVERT_DOWNSTREAM"),
        ("peterborough", "storm", "UPELEV", "DOWNELEV"),
    ],
)
def test_inverts_exchanged_in_one_system_are_said_proposed_and_brought_back(
    shared_networks: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    city: str,
    system: str,
    upper: str,
    lower: str,
) -> None:
    """Exchanged are the two columns of the file, in pipes with both inverts and in those with one."""
    source = source_of(shared_networks, city)
    delivery = json.loads(source[system].read_text(encoding="utf-8"))
    for feature in delivery["features"]:
        row = feature["properties"]
        row[upper], row[lower] = row[lower], row[upper]
    exchanged = tmp_path / source[system].name
    exchanged.write_text(json.dumps(delivery), encoding="utf-8")
    truth, net = dr.read_network(source), dr.read_network({**source, system: exchanged})
    assert "inverts_swapped" not in set(truth.issues["code"])
    said = net.issues[net.issues["code"] == "inverts_swapped"]
    assert said["feature_id"].tolist() == [system]
    recorded = net.pipes["invert_from_source"] == "recorded"
    mine = recorded & (net.pipes["system"] == system)
    assert np.array_equal(net.pipes["invert_from_m"][mine], truth.pipes["invert_to_m"][mine]), (
        "nothing is exchanged yet"
    )

    proposed = dr.repair(net, tolerance_m=0.1, rules=["turn"])
    layers = proposed.proposals[proposed.proposals["feature_kind"] == "layer"]
    assert layers["feature_id"].tolist() == [system]
    assert not set(proposed.log["feature_id"]) & set(net.pipes.index[net.pipes["system"] == system])

    paths = {**source, system: exchanged}
    nodes = paths.pop("nodes")
    words = [f"{name}={path}" for name, path in paths.items()]
    words += [word for path in (nodes if isinstance(nodes, list) else [nodes]) for word in ("--nodes", str(path))]
    words += ["--tolerance", "0.1", "--rules", "turn", "--swap-inverts", "-o", str(tmp_path / "back.gpkg")]
    monkeypatch.setattr(sys, "argv", ["drainage", "repair", *words])
    with pytest.raises(SystemExit, match="0"):
        main()
    back = dr.read_network(tmp_path / "back.gpkg").pipes
    for column in ("invert_from_m", "invert_to_m"):
        assert np.array_equal(back[column], truth.pipes[column], equal_nan=True)
        assert back[column.replace("_m", "_source")].equals(truth.pipes[column.replace("_m", "_source")])
