"""Many files, one network: ids that two registers share or that lead nowhere, tables without places, columns by turns.

    A --storm--> B --storm--> C          1 --sewage--> 2 --sewage--> C

Truth: the network as drawn; what each test adds is said there.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

import drainage as dr

E, N = 551084.0, 3712774.0
PLACES = {"A": (0, 0), "B": (50, 0), "C": (100, 0), "1": (0, 200), "2": (50, 200)}


def lines(ends: list[tuple[str, str]], **columns: str | float | list[Any]) -> gpd.GeoDataFrame:
    geometry = [shapely.LineString([(E + x, N + y) for x, y in (PLACES[a], PLACES[b])]) for a, b in ends]
    table = pd.DataFrame({"from_node": [a for a, _ in ends], "to_node": [b for _, b in ends]}).assign(**columns)
    return gpd.GeoDataFrame(table, geometry=geometry, crs=4548)


def points(names: str, **columns: str | float | list[Any]) -> gpd.GeoDataFrame:
    geometry = [shapely.Point(E + PLACES[name][0], N + PLACES[name][1]) for name in names]
    return gpd.GeoDataFrame(pd.DataFrame({"node_id": list(names)}).assign(**columns), geometry=geometry, crs=4548)


@pytest.fixture
def delivery(tmp_path: Path) -> dict[str, Path]:
    paths = {key: tmp_path / f"{key}.gpkg" for key in ("storm", "sewage", "nodes")}
    lines([("A", "B"), ("B", "C")], pipe_id=["s1", "s2"]).to_file(paths["storm"])
    lines([("1", "2"), ("2", "C")], pipe_id=["w1", "w2"]).to_file(paths["sewage"])
    points("ABC12").to_file(paths["nodes"])
    return paths


def codes(net: dr.DrainageNetwork) -> set[str]:
    return set(net.issues["code"])


class TestSharedIds:
    def test_a_joint_of_two_systems_stays_one_node(self, delivery: dict[str, Path]) -> None:
        net = dr.read_network(delivery)
        assert len(net.nodes) == 5
        assert "shared_id" not in codes(net)

    def test_an_id_that_each_system_has_elsewhere_is_two_nodes(self, delivery: dict[str, Path]) -> None:
        """The sewers call their manholes A, B: 200 m away from A and B of the storm drains."""
        sewage = lines([("1", "2"), ("2", "C")]).assign(from_node=["A", "B"], to_node=["B", "C"])
        sewage.to_file(delivery["sewage"])
        net = dr.read_network(delivery)
        assert net.pipes["from_node"].tolist() == ["A", "B", "A~sewage", "B~sewage"]
        said = net.issues[net.issues["code"] == "shared_id"]
        assert said["feature_id"].tolist() == ["A~sewage", "B~sewage"]
        assert net.nodes.loc["A~sewage"].geometry.y - N == pytest.approx(200)

    def test_pipes_of_two_systems_may_bear_one_id(self, delivery: dict[str, Path]) -> None:
        lines([("1", "2"), ("2", "C")], pipe_id=["s1", "w2"]).to_file(delivery["sewage"])
        net = dr.read_network(delivery)
        assert net.pipes.index.tolist() == ["s1", "s2", "s1~2", "w2"]
        assert net.issues.loc[net.issues["code"] == "shared_id", "severity"].unique().tolist() == ["warning"]

    def test_an_inlet_numbered_as_a_manhole_elsewhere_is_kept(self, delivery: dict[str, Path], tmp_path: Path) -> None:
        points("1").assign(node_id="A").to_file(tmp_path / "inlets.gpkg")
        net = dr.read_network({**delivery, "nodes": [delivery["nodes"], tmp_path / "inlets.gpkg"]})
        assert net.nodes.loc["A~2", "kind"] == "inlet"
        assert net.pipes["from_node"].iloc[0] == "A"


class TestIdsThatLeadNowhere:
    def test_one_id_at_many_places_is_ignored(self, delivery: dict[str, Path]) -> None:
        """Four pipes end at '1111', each somewhere else: their ends are joined by place."""
        storm = lines([("A", "B"), ("B", "C"), ("1", "2"), ("2", "C")]).assign(to_node="1111")
        storm.to_file(delivery["storm"])
        net = dr.read_network({"storm": delivery["storm"], "nodes": delivery["nodes"]})
        assert net.pipes["to_node"].tolist() == ["B", "C", "2", "C"]
        assert net.issues.loc[net.issues["code"] == "scattered_id", "feature_id"].tolist() == ["1111"]

    def test_an_end_that_names_the_pipe_on_which_it_lies_is_said(self, delivery: dict[str, Path]) -> None:
        side = lines([("1", "2")], pipe_id=["s3"]).set_geometry(
            [shapely.LineString([(E, N + 200), (E + 25, N)])], crs=4548
        )
        storm = pd.concat([lines([("A", "B"), ("B", "C")], pipe_id=["s1", "s2"]), side.assign(to_node="s1")])
        storm.to_file(delivery["storm"])
        net = dr.read_network({"storm": delivery["storm"], "nodes": delivery["nodes"]})
        assert net.issues.loc[net.issues["code"] == "ends_on_pipe", "feature_id"].tolist() == ["s3"]
        assert net.pipes.loc["s3", "to_node"] not in {"s1", "A", "B"}

    def test_a_line_drawn_from_its_unnamed_end_is_turned(self, delivery: dict[str, Path]) -> None:
        storm = lines([("B", "A"), ("B", "C")]).assign(from_node=["A", "B"], to_node=["", "C"])
        storm.to_file(delivery["storm"])
        net = dr.read_network({"storm": delivery["storm"], "nodes": delivery["nodes"]})
        assert net.pipes["from_node"].tolist() == ["A", "B"]
        assert net.pipes["to_node"].tolist() == ["B", "C"]
        assert "drawn_against_flow" in codes(net)


class TestSideTables:
    ROWS = ({"key": "s1", "up_elev": 20.0, "down_elev": 19.9}, {"key": "w2", "up_elev": 18.0, "down_elev": 17.5})

    @pytest.mark.parametrize("form", ["csv", "geojson", "arcgis"])
    def test_inverts_of_a_table_find_their_pipes(self, form: str, delivery: dict[str, Path], tmp_path: Path) -> None:
        path = tmp_path / ("inverts.csv" if form == "csv" else "inverts.json")
        if form == "csv":
            pd.DataFrame(self.ROWS).to_csv(path, index=False)
        else:
            key = "properties" if form == "geojson" else "attributes"
            path.write_text(json.dumps({"features": [{key: row} for row in self.ROWS]}), encoding="utf-8")
        net = dr.read_network({**delivery, "inverts": path})
        np.testing.assert_allclose(net.pipes["invert_from_m"], [20.0, np.nan, np.nan, 18.0])
        assert net.issues.loc[net.issues["code"] == "side_table", "action"].str.contains("invert_to_m of 2").all()

    def test_a_value_of_the_layer_itself_is_kept(self, delivery: dict[str, Path], tmp_path: Path) -> None:
        lines([("A", "B"), ("B", "C")], pipe_id=["s1", "s2"], up_elev=[25.0, np.nan]).to_file(delivery["storm"])
        pd.DataFrame(self.ROWS).to_csv(tmp_path / "i.csv", index=False)
        net = dr.read_network({**delivery, "inverts": [tmp_path / "i.csv"]})
        assert net.pipes["invert_from_m"]["s1"] == 25.0

    def test_a_table_of_manholes_is_told_by_its_ids(self, delivery: dict[str, Path], tmp_path: Path) -> None:
        pd.DataFrame({"mh": ["A", "B"], "rim_elev": [22.0, 21.5]}).to_csv(tmp_path / "i.csv", index=False)
        net = dr.read_network({**delivery, "inverts": tmp_path / "i.csv"})
        assert net.nodes["ground_m"][["A", "B"]].tolist() == [22.0, 21.5]

    def test_rows_that_name_nothing_are_said(self, delivery: dict[str, Path], tmp_path: Path) -> None:
        pd.DataFrame([*self.ROWS, {"key": "s9", "up_elev": 1.5}]).to_csv(tmp_path / "i.csv", index=False)
        issues = dr.read_network({**delivery, "inverts": tmp_path / "i.csv"}).issues
        assert issues.loc[issues["code"] == "unknown_in_table", "feature_id"].tolist() == ["s9"]

    def test_a_table_without_our_ids_is_refused(self, delivery: dict[str, Path], tmp_path: Path) -> None:
        pd.DataFrame({"key": ["x", "y"], "up_elev": [1.0, 2.0]}).to_csv(tmp_path / "i.csv", index=False)
        with pytest.raises(dr.errors.FormatError, match=r"i\.csv: no column identifies"):
            dr.read_network({**delivery, "inverts": tmp_path / "i.csv"})


class TestColumnsByTurns:
    def test_the_first_of_several_that_says_something_counts(self, delivery: dict[str, Path], tmp_path: Path) -> None:
        storm = lines([("A", "B"), ("B", "C")]).drop(columns="from_node").assign(mh=["A", ""], cb=["x", "B"])
        storm.to_file(delivery["storm"])
        said = tmp_path / "m.toml"
        said.write_text('[pipes]\nfrom_node = ["mh", "cb"]\n', encoding="utf-8")
        net = dr.read_network({"storm": delivery["storm"], "nodes": delivery["nodes"]}, mapping=said)
        assert net.pipes["from_node"].tolist() == ["A", "B"]

    def test_an_empty_column_gives_way_to_the_next_name(self, delivery: dict[str, Path]) -> None:
        storm = lines([("A", "B"), ("B", "C")], pipe_id="", gid=[11, 12])
        storm.to_file(delivery["storm"])
        net = dr.read_network({"storm": delivery["storm"], "nodes": delivery["nodes"]})
        assert net.pipes.index.tolist() == ["11", "12"]

    @pytest.mark.parametrize(
        ("upstream", "downstream", "column"),
        [([20.5, 19.9], [19.9, 19.0], "invert_to_m"), (["A", "B"], ["B", "C"], "to_node"), ([7, 8], [8, 9], "to_node")],
    )
    def test_downstream_is_a_level_or_an_id_by_its_values(
        self, upstream: list[Any], downstream: list[Any], column: str, delivery: dict[str, Path]
    ) -> None:
        storm = lines([("A", "B"), ("B", "C")]).drop(columns=["from_node", "to_node"])
        storm.assign(UpStream=upstream, DownStream=downstream).to_file(delivery["storm"])
        pipes = dr.read_network(delivery["storm"]).pipes
        truth = downstream if column == "invert_to_m" else [str(value) for value in downstream]
        assert pipes[column].tolist() == truth

    def test_a_mapping_that_names_no_column_is_refused(self, delivery: dict[str, Path], tmp_path: Path) -> None:
        said = tmp_path / "m.toml"
        said.write_text("[pipes]\nfrom_node = 3\n", encoding="utf-8")
        with pytest.raises(dr.errors.SchemaError, match=r"m\.toml"):
            dr.read_network(delivery, mapping=said)


class TestDepthsAndLevels:
    def test_are_told_apart_by_the_ground(self, delivery: dict[str, Path]) -> None:
        """Ground 197 m everywhere: 1.5 is a depth, 195.2 an invert, in one column."""
        many = pd.concat([points("ABC12", ground=197.0), points("ABC12", ground=197.0)], ignore_index=True)
        many["node_id"] = [*"ABC12", *"vwxyz"]
        many["invert"] = [1.5, 1.4, 1.3, 2.0, 195.2, 1.1, 1.2, 1.0, 195.0, 194.0]
        many.to_file(delivery["nodes"])
        nodes = dr.read_network(delivery).nodes
        assert nodes["invert_m"][["A", "B", "2", "v"]].tolist() == pytest.approx([195.5, 195.6, 195.2, 195.9])
        assert nodes["depth_m"]["A"] == pytest.approx(1.5)
