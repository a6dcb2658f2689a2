"""Two registers that number their manholes alike: one node only where their places agree, or where the user says so.

    storm    1 ---> 2 ---> 3 ---> 4            40 m a pipe
    sewage   1 ---> 2 ---> 3 ---> 4            5 m to the south, or where a test says

Truth: eight nodes and no misconnection, for the pipes never touch.
"""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

import drainage as dr
from drainage.analyses.mixed_flow import find_mixed_flow

E, N = 551040.0, 3712000.0
COUNT = 4


def register(system: str, south_m: float = 0.0, **columns: object) -> gpd.GeoDataFrame:
    places = [(E + 40 * i, N - south_m) for i in range(COUNT)]
    table = pd.DataFrame(
        {
            "pipe_id": [f"{system}{i}" for i in range(1, COUNT)],
            "from_node": [str(i) for i in range(1, COUNT)],
            "to_node": [str(i + 1) for i in range(1, COUNT)],
            "system": system,
            **columns,
        }
    )
    return gpd.GeoDataFrame(table, geometry=[shapely.LineString(places[i : i + 2]) for i in range(COUNT - 1)], crs=4548)


def manholes(south_m: float = 0.0, **columns: object) -> gpd.GeoDataFrame:
    table = pd.DataFrame({"node_id": [str(i + 1) for i in range(COUNT)], **columns})
    return gpd.GeoDataFrame(table, geometry=[shapely.Point(E + 40 * i, N - south_m) for i in range(COUNT)], crs=4548)


def redrawn(table: gpd.GeoDataFrame, row: int, line: shapely.Geometry) -> gpd.GeoDataFrame:
    shapes = table.geometry.to_numpy().copy()
    shapes[row] = line
    return table.set_geometry(gpd.GeoSeries(shapes, crs=table.crs))


def write(folder: Path, **layers: gpd.GeoDataFrame) -> dict[str, Path]:
    for name, table in layers.items():
        table.to_file(folder / f"{name}.gpkg")
    return {name: folder / f"{name}.gpkg" for name in layers}


def misconnections(net: dr.DrainageNetwork) -> int:
    return int(find_mixed_flow(net).summary["misconnections"])


def codes(net: dr.DrainageNetwork) -> set[str]:
    return set(net.issues["code"])


class TestTwoFiles:
    @pytest.mark.parametrize("south_m", [0.2, 5.0, 30.0, 300.0])
    def test_registers_that_lie_apart_do_not_meet(self, tmp_path: Path, south_m: float) -> None:
        net = dr.read_network(write(tmp_path, storm=register("storm"), sewage=register("sewage", south_m)))
        assert len(net.nodes) == 2 * COUNT
        assert misconnections(net) == 0
        said = net.issues[net.issues["code"] == "shared_id"]
        assert said["feature_id"].tolist() == [f"{i + 1}~sewage" for i in range(COUNT)]
        assert said["action"].str.contains("one_register = true").all()

    def test_where_their_places_agree_they_meet(self, tmp_path: Path) -> None:
        net = dr.read_network(write(tmp_path, storm=register("storm"), sewage=register("sewage", 0.05)))
        assert len(net.nodes) == COUNT
        assert misconnections(net) > 0

    def test_one_shared_manhole_is_one_node_and_the_others_are_two(self, tmp_path: Path) -> None:
        sewage = register("sewage", 5.0)
        last = sewage.geometry.iloc[-1].coords[0]
        sewage = redrawn(sewage, COUNT - 2, shapely.LineString([last, (E + 40 * (COUNT - 1), N)]))
        net = dr.read_network(write(tmp_path, storm=register("storm"), sewage=sewage))
        assert len(net.nodes) == 2 * COUNT - 1
        assert set(net.pipes["to_node"].iloc[[COUNT - 2, 2 * COUNT - 3]]) == {str(COUNT)}

    def test_the_user_may_say_that_they_are_one_register(self, tmp_path: Path) -> None:
        mapping = tmp_path / "mapping.toml"
        mapping.write_text("one_register = true\n", encoding="utf-8")
        files = write(tmp_path, storm=register("storm"), sewage=register("sewage", 5.0))
        assert len(dr.read_network(files, mapping=mapping).nodes) == COUNT

    def test_one_register_is_yes_or_no(self, tmp_path: Path) -> None:
        mapping = tmp_path / "mapping.toml"
        mapping.write_text('one_register = "maybe"\n', encoding="utf-8")
        with pytest.raises(dr.errors.SchemaError, match="neither true nor false"):
            dr.read_network(write(tmp_path, storm=register("storm")), mapping=mapping)

    def test_three_registers_of_which_two_meet(self, tmp_path: Path) -> None:
        """Combined pipes lie upon the sewers: their ids are the sewers', not the drains'."""
        tables = {"storm": register("storm"), "sewage": register("sewage", 5.0), "combined": register("combined", 5.0)}
        net = dr.read_network(write(tmp_path, **tables))
        assert len(net.nodes) == 2 * COUNT
        ends = net.pipes.set_index("system")["from_node"]
        assert ends["combined"].tolist() == ends["sewage"].tolist() == ["1~sewage", "2~sewage", "3~sewage"]

    def test_three_registers_apart_are_three(self, tmp_path: Path) -> None:
        tables = {"storm": register("storm"), "sewage": register("sewage", 5.0), "combined": register("combined", 9.0)}
        assert len(dr.read_network(write(tmp_path, **tables)).nodes) == 3 * COUNT

    def test_a_line_drawn_backwards_does_not_join_them(self, tmp_path: Path) -> None:
        storm = register("storm")
        storm = redrawn(storm, 1, storm.geometry.iloc[1].reverse())
        net = dr.read_network(write(tmp_path, storm=storm, sewage=register("sewage", 5.0)))
        assert len(net.nodes) == 2 * COUNT
        assert misconnections(net) == 0
        assert "drawn_against_flow" in codes(net)


class TestLayersOfNodes:
    def test_each_register_has_its_own(self, tmp_path: Path) -> None:
        paths = write(
            tmp_path, storm=register("storm"), sewage=register("sewage", 5.0),
            storm_points=manholes(ground_m=23.0), sewage_points=manholes(5.0, ground_m=21.0),
        )  # fmt: skip
        net = dr.read_network(
            {
                "storm": paths["storm"],
                "sewage": paths["sewage"],
                "nodes": [paths["storm_points"], paths["sewage_points"]],
            }
        )
        assert len(net.nodes) == 2 * COUNT
        assert misconnections(net) == 0
        grounds = net.nodes["ground_m"].reindex(net.pipes["from_node"]).to_numpy()
        np.testing.assert_allclose(grounds, np.where(net.pipes["system"] == "storm", 23.0, 21.0))
        assert not codes(net) & {"unknown_node", "duplicate_id"}

    def test_both_lie_in_one_file_of_points(self, tmp_path: Path) -> None:
        both = pd.concat([manholes(system="雨水"), manholes(5.0, system="污水")], ignore_index=True)
        files = write(tmp_path, storm=register("storm"), sewage=register("sewage", 5.0), nodes=both)
        net = dr.read_network(files)
        assert len(net.nodes) == 2 * COUNT
        assert misconnections(net) == 0

    def test_the_layer_has_those_of_one_register_only(self, tmp_path: Path) -> None:
        net = dr.read_network(
            write(tmp_path, storm=register("storm"), sewage=register("sewage", 5.0), nodes=manholes(ground_m=23.0))
        )
        assert len(net.nodes) == 2 * COUNT
        assert net.nodes.loc["1", "ground_m"] == 23.0
        assert net.nodes["ground_m"].isna()["1~sewage"]

    def test_the_layer_decides_whose_they_are(self, tmp_path: Path) -> None:
        net = dr.read_network(
            write(tmp_path, storm=register("storm"), sewage=register("sewage", 5.0), nodes=manholes(5.0))
        )
        assert net.pipes.set_index("system")["from_node"].to_dict() == {"storm": "3~storm", "sewage": "3"}

    def test_one_table_of_manholes_that_both_use_joins_ends_drawn_to_its_wall(self, tmp_path: Path) -> None:
        """30 cm to either side of the middle of the one manhole that bears the id."""
        net = dr.read_network(
            write(tmp_path, storm=register("storm", -0.3), sewage=register("sewage", 0.3), nodes=manholes())
        )
        assert len(net.nodes) == COUNT

    def test_tables_without_places_go_by_the_system_of_their_points(self, tmp_path: Path) -> None:
        """Lines name 1 … 4 in both tables; points lie in a table of each system."""
        named: dict[str, object] = {}
        for name, system, south_m in (("YS", "storm", 0.0), ("WS", "sewage", 5.0)):
            table = register(system).drop(columns=["geometry", "system"])
            table.rename(columns={"from_node": "起点点号", "to_node": "终点点号"}).to_csv(
                tmp_path / f"{name}LINE.csv", index=False
            )
            points = [(str(i + 1), N - south_m, E + 40 * i) for i in range(COUNT)]
            pd.DataFrame(points, columns=["点号", "X", "Y"]).to_csv(tmp_path / f"{name}POINT.csv", index=False)
            named[system] = tmp_path / f"{name}LINE.csv"
        nodes = [tmp_path / "YSPOINT.csv", tmp_path / "WSPOINT.csv"]
        net = dr.read_network({**named, "nodes": nodes}, crs="EPSG:4548")  # type: ignore[dict-item]
        assert len(net.nodes) == 2 * COUNT
        assert misconnections(net) == 0
        assert net.pipes.geometry.length.tolist() == pytest.approx([40.0] * 2 * (COUNT - 1))


class TestOneSource:
    def test_two_tables_of_a_geopackage(self, tmp_path: Path) -> None:
        path = tmp_path / "city.gpkg"
        register("storm").to_file(path, layer="YSLINE")
        register("sewage", 5.0).to_file(path, layer="WSLINE")
        assert len(dr.read_network(path).nodes) == 2 * COUNT

    def test_two_systems_of_one_table(self) -> None:
        both = pd.concat([register("storm"), register("sewage", 5.0)], ignore_index=True)
        net = dr.as_network(both)
        assert len(net.nodes) == 2 * COUNT
        assert misconnections(net) == 0

    def test_one_table_that_shares_its_manholes_is_one_register(self) -> None:
        """Of three shared ids one is drawn 3 m off: a slip of the pen, as the others show."""
        sewage = register("sewage")
        slip = shapely.LineString([(E + 80, N), (E + 120, N - 3.0)])
        sewage = redrawn(sewage, COUNT - 2, slip)
        assert len(dr.as_network(pd.concat([register("storm"), sewage], ignore_index=True)).nodes) == COUNT

    def test_what_was_told_apart_stays_so_when_read_again(self, tmp_path: Path) -> None:
        net = dr.read_network(write(tmp_path, storm=register("storm"), sewage=register("sewage", 5.0)))
        again = dr.as_network(net.pipes, nodes=net.nodes)
        pd.testing.assert_frame_equal(again.pipes[["from_node", "to_node"]], net.pipes[["from_node", "to_node"]])
        assert "shared_id" not in codes(again)
