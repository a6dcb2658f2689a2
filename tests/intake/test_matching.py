"""Columns of a delivery matched together: figures on real cities and on made deliveries, and what input is bad.

Truth: of the cities truth.toml, by eye and by values; of the made deliveries made.toml, which they are made from.
"""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from functools import cache
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

import drainage as dr
from drainage.intake.mapping import ColumnMapping
from drainage.intake.matching import Matched, ToMatch, match_columns
from tests.cities import made, scoring
from tests.conftest import ROOT, SHARED

NETWORKS = SHARED / "networks"
needs_cities = pytest.mark.skipif(not NETWORKS.is_dir(), reason="needs the real networks beside the checkout")
CITIES = sorted(scoring.truths())
MADE = made.made()


@cache
def of_city(city: str) -> list[scoring.Judged]:
    return scoring.judge(scoring.delivery(NETWORKS, city))


@cache
def of_made(name: str) -> list[scoring.Judged]:
    return scoring.judge(MADE[name])


def surely_wrong(judged: list[scoring.Judged]) -> list[scoring.Judged]:
    return [one for one in judged if one.verdict == "wrong" and one.sure]


def share_right(judged: list[list[scoring.Judged]]) -> float:
    counts = sum((scoring.counts(one) for one in judged), Counter())
    return counts["right"] / counts["required"]


@pytest.mark.long
@needs_cities
class TestCities:
    @pytest.mark.parametrize("city", CITIES)
    def test_no_column_of_a_city_is_read_wrongly_without_a_warning(self, city: str) -> None:
        assert surely_wrong(of_city(city)) == []

    @pytest.mark.parametrize("city", CITIES)
    def test_nearly_all_columns_of_a_city_are_read_rightly(self, city: str) -> None:
        assert share_right([of_city(city)]) >= 0.9

    @pytest.mark.long
    def test_columns_of_all_cities_are_read_rightly(self) -> None:
        assert share_right([of_city(city) for city in CITIES]) >= 0.95

    @pytest.mark.long
    @pytest.mark.parametrize(("how", "least"), [("--masked", 0.85), ("--renamed", 0.93), ("--deprived", 0.9)])
    def test_the_figures_hold_under_names_that_are_not_known(self, how: str, least: float) -> None:
        command = [sys.executable, str(ROOT / "validation" / "column_matching.py"), how, "--quiet"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        _, required, right, wrong, *_ = done.stdout.splitlines()[-1].split()
        assert int(right) / int(required) >= least
        assert int(wrong) / int(required) < 0.02


class TestMadeDeliveries:
    @pytest.mark.parametrize("name", MADE)
    def test_no_column_is_read_wrongly_without_a_warning(self, name: str) -> None:
        assert surely_wrong(of_made(name)) == []

    @pytest.mark.parametrize("name", MADE)
    def test_nearly_all_columns_are_read_rightly(self, name: str) -> None:
        assert share_right([of_made(name)]) >= 0.85

    def test_columns_of_all_deliveries_are_read_rightly(self) -> None:
        assert share_right([of_made(name) for name in MADE]) >= 0.95

    @pytest.mark.parametrize("name", ["chinese_survey", "german", "french", "canadian_city", "australian_council"])
    def test_the_network_has_the_levels_that_the_delivery_was_made_of(self, name: str) -> None:
        lines, points = (one.table.rows for one in MADE[name])
        net = dr.as_network(lines, nodes=points)
        assert len(net.nodes) == len(points)
        read, truth = (by_length(rows)["invert_from_m"] for rows in (net.pipes, made.network()[0]))
        assert ((read - truth.reindex(read.index)).abs() < 0.02).mean() > 0.85

    def test_the_answer_is_the_same_in_whatever_order_columns_and_tables_stand(self) -> None:
        tables = [one.table for one in MADE["esri_utility"]]
        turned = [table._replace(rows=table.rows[[*table.rows.columns[::-1]]]) for table in tables[::-1]]
        straight, back = read(*tables), read(*turned)[::-1]
        assert [one.found.keys() for one in straight] == [one.found.keys() for one in back]
        assert [[f.sources for f in one.found.values()] for one in straight] == [
            [one.found[ours].sources for ours in other.found] for one, other in zip(back, straight, strict=True)
        ]


def by_length(rows: gpd.GeoDataFrame) -> pd.DataFrame:
    """Name pipes by the length of their lines, of which no two are alike."""
    return pd.DataFrame(rows).set_index(rows.geometry.length.round(6))


def read(*tables: ToMatch, said: ColumnMapping | None = None) -> list[Matched]:
    return match_columns(tables, said or ColumnMapping())


def pipes(**more: Any) -> gpd.GeoDataFrame:  # noqa: ANN401 - whatever a column may be
    """Give plain pipes of the made network under plain names, with other columns beside or instead."""
    rows, _ = made.network()
    plain = rows[["pipe_id", "from_node", "to_node", "invert_from_m", "invert_to_m", "material", "geometry"]]
    named = plain.rename(columns={
        "pipe_id": "PIPE_ID", "from_node": "FROM_NODE", "to_node": "TO_NODE", "invert_from_m": "UP_INVERT",
        "invert_to_m": "DN_INVERT", "material": "MATERIAL",
    })  # fmt: skip
    return named.assign(**more)


def of_pipes(rows: gpd.GeoDataFrame, said: ColumnMapping | None = None) -> Matched:
    return read(ToMatch("pipes", "pipes.gpkg", rows), said=said)[0]


def test_what_was_read_from_which_column_is_a_table() -> None:
    found = dr.as_network(pipes()).origin.columns_read.set_index("source")
    told = [found.loc["UP_INVERT", name] for name in ("layer", "file", "column", "sure")]
    assert told == ["pipes", "pipes", "invert_from_m", True]
    assert "numbers like levels" in str(found.loc["UP_INVERT", "why"])


class TestBadInput:
    def test_plain_pipes_are_read_surely(self) -> None:
        found = of_pipes(pipes()).found
        expected = {
            "pipe_id": "PIPE_ID",
            "from_node": "FROM_NODE",
            "invert_from_m": "UP_INVERT",
            "material": "MATERIAL",
        }
        assert {ours: found[ours].sources for ours in expected} == {ours: (name,) for ours, name in expected.items()}
        assert all(one.sure for one in found.values())

    def test_what_the_user_says_is_taken_as_it_stands(self) -> None:
        said = ColumnMapping.from_flat({"invert_from_m": "DN_INVERT", "invert_to_m": "UP_INVERT"})
        found = of_pipes(pipes(), said).found["invert_from_m"]
        assert (found.sources, found.how, found.sure) == (("DN_INVERT",), "mapping", True)

    def test_two_columns_that_fit_equally_are_no_sure_reading(self) -> None:
        """Two diameters, of two surveys, that differ in every row: neither name nor content tells which counts."""
        sizes = np.tile([300.0, 375.0, 450.0], 100)[: len(pipes())]
        matched = of_pipes(pipes(DIAMETER_A=sizes, DIAMETER_B=sizes + 150))
        found = matched.found.get("diameter_mm")
        assert found is None or not found.sure

    def test_two_columns_that_say_the_same_are_one(self) -> None:
        sizes = np.tile([300.0, 375.0, 450.0], 100)[: len(pipes())]
        found = of_pipes(pipes(DIAMETER=sizes, DIAM_MM=sizes)).found["diameter_mm"]
        assert found.sure
        assert set(found.sources) <= {"DIAMETER", "DIAM_MM"}

    @pytest.mark.parametrize("held", ["yes or no", "dates", "words"])
    def test_a_column_whose_values_contradict_its_name_is_not_read_surely(self, held: str) -> None:
        n = len(pipes())
        values = {
            "yes or no": np.tile(["Yes", "No"], n)[:n],
            "dates": pd.date_range("2001-01-01", periods=n, freq="17D"),
            "words": np.tile(["survey of the east", "no survey"], n)[:n],
        }[held]
        matched = of_pipes(pipes(UP_INVERT=values))
        found = matched.found.get("invert_from_m")
        assert found is None or not found.sure
        assert "UP_INVERT" in matched.left or found is not None

    def test_a_depth_that_is_called_invert_is_no_level(self) -> None:
        _, nodes = made.network()
        rows = nodes[["node_id", "ground_m", "depth_m", "geometry"]]
        rows = rows.rename(columns={"node_id": "NODE_ID", "ground_m": "RIM_ELEV", "depth_m": "INVERT"})
        _, found = read(ToMatch("pipes", "pipes.gpkg", pipes()), ToMatch("nodes", "nodes.gpkg", rows))
        assert found.found["depth_m"].sources == ("INVERT",)
        assert "invert_m" not in found.found

    def test_levels_in_feet_beside_levels_in_metres_are_not_both_sure(self) -> None:
        rows = pipes()
        matched = of_pipes(rows.assign(UP_INVERT=rows["UP_INVERT"] / 0.3048))
        ends = [matched.found.get(ours) for ours in ("invert_from_m", "invert_to_m")]
        assert not all(one is not None and one.sure for one in ends)

    def test_an_empty_layer_is_matched_by_its_names_and_nothing_fails(self) -> None:
        empty, full = read(ToMatch("pipes", "empty", pipes().iloc[:0]), ToMatch("pipes", "full", pipes()))
        assert (empty.rows, empty.sampled) == (0, 0)
        assert set(full.found) >= {"pipe_id", "from_node", "to_node", "invert_from_m", "invert_to_m", "material"}

    def test_a_delivery_of_empty_layers_alone_is_whole(self) -> None:
        _, nodes = made.network()
        both = read(
            ToMatch("pipes", "pipes", pipes().iloc[:0]),
            ToMatch("nodes", "nodes", nodes[["node_id", "geometry"]].iloc[:0]),
        )
        assert [one.rows for one in both] == [0, 0]

    def test_a_column_that_says_nothing_gives_way_to_one_that_does(self) -> None:
        sizes = np.tile([300.0, 375.0, 450.0], 100)[: len(pipes())]
        assert of_pipes(pipes(DIAMETER=None, PIPE_SIZE=sizes)).found["diameter_mm"].sources == ("PIPE_SIZE",)

    def test_one_row_is_read_by_its_names(self) -> None:
        found = of_pipes(pipes().iloc[:1]).found
        assert found["pipe_id"].sources == ("PIPE_ID",)

    def test_rows_without_a_place_are_read_too(self) -> None:
        rows = pipes()
        rows.loc[rows.index[::2], "geometry"] = None
        assert of_pipes(rows).found["from_node"].sources == ("FROM_NODE",)

    @pytest.mark.long
    def test_ten_thousand_columns_are_matched(self) -> None:
        rows = pipes()
        rng = np.random.default_rng(0)
        names = [f"X{number}" for number in range(10_000)]
        many = pd.DataFrame(rng.uniform(0, 1e6, (len(rows), len(names))), columns=names, index=rows.index)
        matched = of_pipes(gpd.GeoDataFrame(pd.concat([rows, many], axis=1), geometry="geometry", crs=rows.crs))
        assert matched.found["invert_from_m"].sources == ("UP_INVERT",)
        assert len(matched.left) >= 10_000

    def test_a_large_table_of_which_few_rows_have_a_place_is_read(self) -> None:
        rows = pd.concat([pipes()] * 60, ignore_index=True)
        rows.loc[50:, "geometry"] = None
        assert len(rows) > 6_000
        assert of_pipes(gpd.GeoDataFrame(rows, geometry="geometry")).found["to_node"].sources == ("TO_NODE",)

    def test_few_pipes_beside_a_large_table_of_nodes_are_joined_with_those_around_them(self) -> None:
        lines, (_, nodes) = pipes(), made.network()
        far = gpd.GeoSeries.from_xy(np.arange(7_000.0), np.full(7_000, 9e6), crs=nodes.crs)
        others = gpd.GeoDataFrame({"node_id": [f"far {n}" for n in range(7_000)]}, geometry=far)
        known = pd.concat([nodes[["node_id", "geometry"]], others], ignore_index=True)
        read_lines, _ = read(ToMatch("pipes", "few", lines), ToMatch("nodes", "many", known))
        assert "100% are ids of nodes, 100% of them at that place" in read_lines.found["from_node"].why

    def test_a_large_table_is_sampled_alike_each_time(self) -> None:
        rows = pd.concat([pipes()] * 200, ignore_index=True)
        one, other = (of_pipes(gpd.GeoDataFrame(rows, geometry="geometry")) for _ in range(2))
        assert one.rows == len(rows)
        assert one.sampled < one.rows
        assert {ours: found.sources for ours, found in one.found.items()} == {
            ours: found.sources for ours, found in other.found.items()
        }
