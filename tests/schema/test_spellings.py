"""Ids written in several ways: one node at one place, two elsewhere.

N1 ---> N2 ---> N3 ---> N4            50 m a pipe; what each test writes otherwise is said there
"""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely

import drainage as dr
from drainage.schema.ids import find_ids, fold_ids

E, N = 551084.0, 3712774.0


def lines(*ends: tuple[str, str]) -> gpd.GeoDataFrame:
    geometry = [shapely.LineString([(E + 50 * i, N), (E + 50 * i + 50, N)]) for i in range(len(ends))]
    table = {"from_node": [a for a, _ in ends], "to_node": [b for _, b in ends], "system": "storm"}
    return gpd.GeoDataFrame(table, geometry=geometry, crs=4548)


def points(*names: str) -> gpd.GeoDataFrame:
    geometry = [shapely.Point(E + 50 * i, N) for i in range(len(names))]
    return gpd.GeoDataFrame({"node_id": list(names), "ground_m": 23.0}, geometry=geometry, crs=4548)


def said(net: dr.DrainageNetwork) -> list[str]:
    return net.issues.loc[net.issues["code"] == "spelling", "feature_id"].tolist()


@pytest.mark.parametrize("other", ["n3", "Ｎ3", "N-3", "N 3", "N_3", "N03", "Ｎ　００３", "n\u200b3", "N—3"])
class TestAtOnePlace:
    def test_they_are_one_node_of_the_layer(self, other: str) -> None:
        pipes = lines(("N1", "N2"), ("N2", other), ("N3", "N4"))
        net = dr.as_network(pipes, nodes=points("N1", "N2", "N3", "N4"))
        assert net.pipes["to_node"].tolist() == ["N2", "N3", "N4"]
        assert len(net.nodes) == 4
        assert "unknown_node" not in set(net.issues["code"])
        assert said(net) == [other]

    def test_they_are_one_node_without_a_layer(self, other: str) -> None:
        net = dr.as_network(lines(("N1", "N2"), ("N2", other), ("N3", "N4")))
        assert len(net.nodes) == 4
        assert len(net.upstream_of("N4").pipes) == 3
        assert len(said(net)) == 1

    def test_two_rows_of_the_layer_are_one_node(self, other: str) -> None:
        table = pd.concat([points("N1", "N2", "N3", "N4"), points("", "", other).tail(1)], ignore_index=True)
        net = dr.as_network(lines(("N1", "N2"), ("N2", "N3"), (other, "N4")), nodes=table)
        assert net.nodes.index.tolist() == ["N1", "N2", "N3", "N4"]
        assert net.pipes["from_node"].tolist() == ["N1", "N2", "N3"]
        assert other in said(net)

    def test_elsewhere_they_are_two(self, other: str) -> None:
        """The far end of the line is called as its third node, written otherwise."""
        net = dr.as_network(lines(("N1", "N2"), ("N2", "N3"), ("N3", other)))
        assert len(net.nodes) == 4
        assert said(net) == []
        table = points("N1", "N2", "N3", other)
        net = dr.as_network(lines(("N1", "N2"), ("N2", "N3"), ("N3", other)), nodes=table)
        assert net.nodes.index.tolist() == ["N1", "N2", "N3", other]


def test_leading_zeros_lost_in_the_table_of_lines_are_found_in_that_of_points(tmp_path: Path) -> None:
    (tmp_path / "lines.csv").write_text("管段编号,起点点号,终点点号,管道类型\n1,1,2,YS\n2,2,3,YS\n", encoding="utf-8")
    (tmp_path / "points.csv").write_text(
        "点号,X,Y\n001,3712700,39551000\n002,3712700,39551050\n003,3712700,39551100\n", encoding="utf-8"
    )
    net = dr.read_network(tmp_path / "lines.csv", nodes=tmp_path / "points.csv", crs="EPSG:4527")
    assert net.nodes.index.tolist() == ["001", "002", "003"]
    assert net.pipes.geometry.length.tolist() == pytest.approx([50.0, 50.0])
    assert said(net) == ["1", "2", "3"]
    assert "unknown_node" not in set(net.issues["code"])


def test_lost_zeros_are_not_guessed_where_two_nodes_could_be_meant(tmp_path: Path) -> None:
    (tmp_path / "lines.csv").write_text("起点点号,终点点号,管道类型\n1,2,YS\n2,003,YS\n", encoding="utf-8")
    (tmp_path / "points.csv").write_text(
        "点号,X,Y\n001,3712700,551000\n01,3712800,551000\n002,3712700,551050\n003,3712700,551100\n", encoding="utf-8"
    )
    net = dr.read_network(tmp_path / "lines.csv", nodes=tmp_path / "points.csv", crs="EPSG:4548")
    assert net.pipes["from_node"].tolist() == ["1", "002"]
    assert net.nodes.geometry.isna().tolist() == [False] * 4 + [True]
    told = net.issues[net.issues["code"] == "unknown_node"].iloc[0]
    assert (told["feature_id"], told["action"]) == ("1", "kept without a location; add it to the nodes layer")


def test_numbers_on_both_sides_of_a_hyphen_stay_two() -> None:
    assert fold_ids(pd.Index(["1-23", "12-3", "123", "1_23", "-1", "1.05", "1.5"])).is_unique is False
    assert fold_ids(pd.Index(["1-23", "12-3", "123", "-1", "1", "1.05", "1.5", "10", "100"])).is_unique


def test_a_written_id_means_itself_before_it_means_another() -> None:
    known = pd.Index(["01", "1", "A-7", "a8", "A8"])
    assert find_ids(pd.Index(["1", "001", "a7", "A 8", "A8", "B"]), known).tolist() == [1, -1, 2, -1, 4, -1]
