"""Ids that users write into side tables, evidence and levels: one node or pipe however they are written, and said.

A-01 ---> A-02 ---> A-03 (outfall)         pipes S-1, S-2
"""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely

import drainage as dr
from drainage.inference.locate import place_rows
from drainage.schema import Issues
from drainage.simulation.receiving import receiving_water

E, N = 551084.0, 3712774.0


@pytest.fixture
def pipes(tmp_path: Path) -> Path:
    table = {"pipe_id": ["S-1", "S-2"], "from_node": ["A-01", "A-02"], "to_node": ["A-02", "A-03"], "system": "storm"}
    lines = [shapely.LineString([(E + 50 * i, N), (E + 50 * i + 50, N)]) for i in range(2)]
    gpd.GeoDataFrame(table, geometry=lines, crs=4548).to_file(tmp_path / "storm.gpkg")
    return tmp_path / "storm.gpkg"


def test_a_side_table_finds_its_pipes(pipes: Path) -> None:
    table = pipes.with_name("sizes.csv")
    table.write_text("key,diameter_mm\ns1,300\nＳ_2,400\nS-9,500\n", encoding="utf-8")
    net = dr.read_network({"storm": pipes, "inverts": table})
    assert net.pipes["diameter_mm"].tolist() == [300.0, 400.0]
    assert net.issues.loc[net.issues["code"] == "spelling", "feature_id"].tolist() == ["s1", "Ｓ_2"]
    assert net.issues.loc[net.issues["code"] == "unknown_in_table", "feature_id"].tolist() == ["S-9"]


def test_evidence_finds_its_manholes_and_pipes(pipes: Path) -> None:
    path = pipes.with_name("inspections.csv")
    path.write_text("node_id,pipe_id,flowing\na1,,yes\n,s 2,no\nA7,,no\n", encoding="utf-8")
    issues = Issues()
    node, pipe = place_rows(dr.read_network(pipes), dr.read_evidence(path).inspections, issues)
    assert node.tolist() == [0, -1, -1]
    assert pipe.tolist() == [-1, 1, -1]
    told = issues.frame().set_index("code")["reason"]
    assert told["spelling"].tolist() == [
        "manhole 'a1' is A-01, spelt differently",
        "pipe 's 2' is S-2, spelt differently",
    ]
    assert told["unknown_manhole"] == "no manhole 'A7' in the network"


def test_evidence_that_names_an_id_of_two_registers_is_doubted(pipes: Path) -> None:
    sewage = dr.read_network(pipes).pipes.geometry.translate(0, -5)
    table = {"pipe_id": ["W-1", "W-2"], "from_node": ["A-01", "A-02"], "to_node": ["A-02", "A-03"]}
    gpd.GeoDataFrame(table, geometry=sewage.to_numpy(), crs=4548).to_file(pipes.with_name("sewage.gpkg"))
    net = dr.read_network({"storm": pipes, "sewage": pipes.with_name("sewage.gpkg")})
    path = pipes.with_name("inspections.csv")
    path.write_text("node_id,flowing\nA-01,yes\nA-02~sewage,yes\n", encoding="utf-8")
    issues = Issues()
    node, _ = place_rows(net, dr.read_evidence(path).inspections, issues)
    assert net.nodes.index[node].tolist() == ["A-01", "A-02~sewage"]
    assert issues.frame()["feature_id"].tolist() == ["inspections.csv:2"]


def test_levels_find_their_outfall(pipes: Path) -> None:
    net = dr.read_network(pipes)
    assert receiving_water(net, {"a3": 21.5}).steady == {"A-03": 21.5}
    with pytest.raises(dr.errors.SimulationError, match="A9 is not an outfall"):
        receiving_water(net, {"A9": 21.5})


def test_catchments_find_their_node(pipes: Path) -> None:
    ground = gpd.GeoDataFrame({"node_id": ["a2"]}, geometry=[shapely.box(E, N, E + 10, N + 10)], crs=4548)
    table = dr.read_network(pipes)
    net = dr.as_network(table.pipes, catchments=ground)
    assert net.upstream_of("A-02").catchments is not None
    part = net.downstream_of("A-03").catchments
    assert part is not None
    assert part.empty
    assert pd.notna(net.catchments["node_id"]).all()  # type: ignore[index]  # it has catchments
