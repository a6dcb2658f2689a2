"""Placeholders told from true levels by evidence, and layers whose inverts stand at the wrong ends.

Truth: by hand; each network is a straight row of pipes of 50 m between manholes A0, A1, …, falling 0.1 m each.
"""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

import drainage as dr
from drainage.schema import Issues
from drainage.schema.issues import RowNames
from drainage.schema.text.placeholders import forget_placeholders

E, N = 551084.0, 3712774.0


def row_of_pipes(folder: Path, n: int = 30, *, invert: float = 20.0, ground: float | None = None) -> gpd.GeoDataFrame:
    """Write the nodes of a row and return its pipes.

    A0 --> A1 --> A2 --> … , every tenth manhole with a pipe that joins it from the side.
    """
    x = E + 50 * np.arange(n + 1)
    points = [shapely.Point(at, N) for at in x]
    level = invert - 0.1 * np.arange(n + 1)
    nodes = gpd.GeoDataFrame({"node_id": [f"A{i}" for i in range(n + 1)]}, geometry=points, crs=4548)
    nodes["ground"] = level + 2 if ground is None else ground
    nodes.to_file(folder / "nodes.gpkg")
    lines = [shapely.LineString([points[i], points[i + 1]]) for i in range(n)]
    table = {"from_node": nodes["node_id"][:-1].tolist(), "to_node": nodes["node_id"][1:].tolist(), "system": "storm"}
    pipes = gpd.GeoDataFrame(table, geometry=lines, crs=4548)
    sides = gpd.GeoDataFrame(
        {"from_node": [f"B{i}" for i in range(0, n, 10)], "to_node": [f"A{i}" for i in range(0, n, 10)]},
        geometry=[shapely.LineString([(at, N + 50), (at, N)]) for at in x[:n:10]],
        crs=4548,
    ).assign(system="storm")
    whole = pd.concat([pipes.assign(up=level[:-1], down=level[1:]), sides.assign(up=np.nan, down=np.nan)])
    return gpd.GeoDataFrame(whole.reset_index(drop=True), crs=4548)


def read(pipes: gpd.GeoDataFrame, folder: Path) -> dr.DrainageNetwork:
    pipes.to_file(folder / "p.gpkg")
    said = {"invert_from_m": "up", "invert_to_m": "down"}
    return dr.read_network(folder / "p.gpkg", nodes=folder / "nodes.gpkg", columns=said)


class TestZeros:
    def test_by_the_sea_are_kept(self, tmp_path: Path) -> None:
        pipes = row_of_pipes(tmp_path, invert=1.5, ground=3.0)
        pipes.loc[np.isclose(pipes["down"], 0.0), "down"] = 0.0
        pipes.loc[15:20, "up"] = 0.0
        net = read(pipes, tmp_path)
        assert (net.pipes["invert_to_m"] == 0).sum() == 1
        assert (net.pipes["invert_from_m"] == 0).sum() == 6

    def test_in_a_city_that_climbs_from_the_sea_are_told_by_their_surroundings(self, tmp_path: Path) -> None:
        """The row falls from 60 to -1.5 m; eight zeros on the hill are none, though the lowest levels are near zero."""
        pipes = row_of_pipes(tmp_path)
        level = np.linspace(60, -1.5, 31)
        pipes.loc[:29, "up"], pipes.loc[:29, "down"] = level[:-1], level[1:]
        pipes.loc[2:9, "up"] = 0.0
        points = gpd.read_file(tmp_path / "nodes.gpkg").assign(ground=level + 2)
        points.to_file(tmp_path / "nodes.gpkg")
        net = read(pipes, tmp_path)
        assert net.pipes["invert_from_m"].iloc[2:10].isna().all()
        assert net.pipes["invert_from_m"].iloc[10:30].tolist() == pytest.approx(level[10:-1].tolist())
        assert "contradict" in net.issues.loc[net.issues["code"] == "placeholder", "reason"].iloc[0]

    def test_alone_and_refuted_is_unknown_and_its_column_is_kept(self, tmp_path: Path) -> None:
        pipes = row_of_pipes(tmp_path, invert=234.0)
        pipes.loc[4, "up"] = 0.0
        assert np.isnan(read(pipes, tmp_path).pipes["invert_from_m"].iloc[4])


class TestColumn:
    @staticmethod
    def left(values: list[float], column: str = "invert_from_m") -> tuple[list[float], Issues]:
        issues = Issues()
        ids = RowNames(pd.Index([f"P{i}" for i in range(len(values))]), len(values))
        read_ = forget_placeholders(np.array(values), column, "pipe", ids, issues)
        return read_[np.isfinite(read_)].tolist(), issues

    def test_a_repeated_one_far_below_all_others_is_a_placeholder(self) -> None:
        true = np.linspace(90, 108, 40).round(2).tolist()
        left, issues = self.left([*true, *[1.0] * 9])
        assert left == true
        assert "9 values" in issues.frame()["reason"].iloc[0]

    def test_a_one_among_levels_near_it_is_true(self) -> None:
        values = [*np.linspace(0.5, 12, 40).tolist(), 1.0, 1.0, 1.0, 1.0]
        assert self.left(values)[0] == values

    def test_a_repeated_level_that_is_no_whole_number_is_true(self) -> None:
        values = [*np.linspace(90, 108, 40).tolist(), 1.25, 1.25, 1.25]
        assert self.left(values)[0] == values

    def test_a_slip_of_the_decimal_point_is_said_by_its_feature(self) -> None:
        values = np.linspace(2, 105, 40).tolist()
        left, issues = self.left([*values, 3573.0], "ground_from_m")
        assert left == values
        assert issues.frame()[["feature_id", "code"]].iloc[0].tolist() == ["P40", "value_out_of_range"]

    @pytest.mark.parametrize("mark", [-99.0, -9999.0, 9999.0, -999.0])
    def test_customary_marks_are_no_levels(self, mark: float) -> None:
        assert self.left([5.0, mark, 6.0])[0] == [5.0, 6.0]

    def test_two_hills_are_two_hills(self) -> None:
        values = [*np.linspace(10, 40, 30).tolist(), *np.linspace(200, 210, 5).tolist()]
        assert self.left(values)[0] == values


class TestSwappedInverts:
    def test_of_a_whole_layer_are_said_and_left(self, tmp_path: Path) -> None:
        pipes = row_of_pipes(tmp_path)
        pipes["up"], pipes["down"] = pipes["down"].copy(), pipes["up"].copy()
        net = read(pipes, tmp_path)
        said = net.issues[net.issues["code"] == "inverts_swapped"]
        assert said["feature_id"].tolist() == ["storm"]
        assert said["severity"].tolist() == ["warning"]
        assert "--swap-inverts" in said["action"].iloc[0]
        assert "30 of 30 pipes" in said["reason"].iloc[0]
        assert net.pipes["invert_from_m"].iloc[0] == pytest.approx(19.9)

    def test_mapped_the_other_way_round_say_nothing(self, tmp_path: Path) -> None:
        pipes = row_of_pipes(tmp_path)
        pipes["up"], pipes["down"] = pipes["down"].copy(), pipes["up"].copy()
        pipes.to_file(tmp_path / "p.gpkg")
        said = {"invert_from_m": "down", "invert_to_m": "up"}
        net = dr.read_network(tmp_path / "p.gpkg", nodes=tmp_path / "nodes.gpkg", columns=said)
        assert "inverts_swapped" not in set(net.issues["code"])

    def test_lines_drawn_against_the_flow_are_another_fault(self, tmp_path: Path) -> None:
        """Ids and lines reversed, inverts staying at their places: the levels of pipes that meet still agree."""
        pipes = row_of_pipes(tmp_path)
        ends = {"from_node": "to_node", "to_node": "from_node", "up": "down", "down": "up"}
        pipes = pipes.rename(columns=ends).set_geometry(shapely.reverse(pipes.geometry.to_numpy()), crs=4548)
        codes = set(read(pipes, tmp_path).issues["code"])
        assert "layer_against_flow" in codes
        assert "inverts_swapped" not in codes

    def test_a_few_adverse_slopes_are_not_a_layer(self, tmp_path: Path) -> None:
        pipes = row_of_pipes(tmp_path)
        few = pipes.index < 10
        up = pipes["up"].copy()
        pipes.loc[few, "up"], pipes.loc[few, "down"] = pipes["down"][few], up[few]
        assert "inverts_swapped" not in set(read(pipes, tmp_path).issues["code"])
