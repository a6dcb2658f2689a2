"""Columns of a delivery matched together, what is read in doubt, and the mapping that says how it was understood.

    A --storm--> B --storm--> C          1 --sewage--> 2 --sewage--> C

Truth: the network as drawn; read with the mapping that is written of it, a delivery gives the same network.
"""

from __future__ import annotations

import json
import tomllib
from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import drainage as dr
from drainage.errors import FormatError, SchemaError
from drainage.intake import read_layers
from drainage.intake.matching import Found, Matched, ToMatch, match_columns
from drainage.intake.matching.written import as_mapping, corrected, write_mapping
from drainage.schema.columns import as_toml
from drainage.words import in_both
from tests.cities.deliveries import SOURCES, source_of
from tests.intake.test_many_files import lines, points

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from drainage.intake.mapping import ColumnMapping
    from drainage.network import DrainageNetwork


@pytest.fixture
def delivery(tmp_path: Path) -> dict[str, str | Path]:
    """Two files of pipes; GID is the id of the sewers, and a number of the storm drains, whose id is MAIN."""
    paths: dict[str, str | Path] = {key: tmp_path / f"{key}.geojson" for key in ("storm", "sewage", "nodes")}
    storm = lines([("A", "B"), ("B", "C")], MAIN=["s1", "s2"], GID=["7", "8"], GJ=[600.0, 800.0])
    storm.to_file(paths["storm"])
    lines([("1", "2"), ("2", "C")], GID=["w1", "w2"], DIA=[300.0, 300.0]).to_file(paths["sewage"])
    points("ABC12", RIM_FT=[100.0, 100.0, 99.0, 98.0, 97.0]).to_file(paths["nodes"])
    return paths


def said(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "said.toml"
    path.write_text(text, encoding="utf-8")
    return path


def same(net: DrainageNetwork, other: DrainageNetwork) -> None:
    pd.testing.assert_frame_equal(pd.DataFrame(net.pipes), pd.DataFrame(other.pipes))
    pd.testing.assert_frame_equal(pd.DataFrame(net.nodes), pd.DataFrame(other.nodes))


MAPPING = """one_register = true
[pipes]
pipe_id = ["MAIN", "GID"]
diameter_mm = ["GJ", "DIA"]
road = []
[nodes]
ground_m = "RIM_FT"
[units]
diameter_mm = "in"
[codes.system]
"x" = "combined"
[reading]
date_order = "dmy"
"""


class TestWritten:
    @pytest.mark.long
    @pytest.mark.parametrize("city", [
        "barrie", "delta", "kingston", "london", "municipal_sample", "penticton", "teksi_aletsch", "whiterock",
    ])  # fmt: skip
    def test_a_city_is_read_alike_with_it(self, city: str, shared_networks: Path, tmp_path: Path) -> None:
        assert city in SOURCES
        source = source_of(shared_networks, city)
        net = dr.read_network(source)
        write_mapping(net, tmp_path / "city.toml")
        same(net, dr.read_network(source, mapping=tmp_path / "city.toml"))

    @pytest.mark.long
    def test_the_demo_city_too(self, demo_data: Path, tmp_path: Path) -> None:
        net = dr.read_network(demo_data / "pipes.geojson")
        write_mapping(net, tmp_path / "city.toml")
        same(net, dr.read_network(demo_data / "pipes.geojson", mapping=tmp_path / "city.toml"))

    def test_a_file_that_is_read_otherwise_has_a_table_of_its_own(
        self, delivery: dict[str, str | Path], tmp_path: Path
    ) -> None:
        """MAIN is the id where it stands, though GID stands beside it and is the id of the other file."""
        text = '[pipes]\npipe_id = "GID"\ndiameter_mm = ["GJ", "DIA"]\n[pipes."storm.geojson"]\npipe_id = "MAIN"\n'
        net = dr.read_network(delivery, mapping=said(tmp_path, text))
        assert sorted(net.pipes.index) == ["s1", "s2", "w1", "w2"]
        written = tomllib.loads(as_mapping(net))["pipes"]
        apart = {name: one for name, one in written.items() if isinstance(one, dict)}
        assert (written["pipe_id"], apart) == ("MAIN", {}) or {"pipe_id"} == {
            key for one in apart.values() for key in one
        }
        write_mapping(net, tmp_path / "again.toml")
        same(net, dr.read_network(delivery, mapping=tmp_path / "again.toml"))

    def test_what_the_user_said_is_kept(self, delivery: dict[str, str | Path], tmp_path: Path) -> None:
        text = MAPPING.replace('["MAIN", "GID"]', '"GID"')
        net = dr.read_network(delivery, mapping=said(tmp_path, text))
        assert net.pipes["diameter_mm"].max() == pytest.approx(300 * 25.4)
        written = tomllib.loads(as_mapping(net))
        assert written["one_register"] is True
        assert written["pipes"]["road"] == []
        assert written["units"] == {"diameter_mm": "in", "ground_m": "ft"}
        assert (written["codes"], written["reading"]) == ({"system": {"x": "combined"}}, {"date_order": "dmy"})
        write_mapping(net, tmp_path / "again.toml")
        same(net, dr.read_network(delivery, mapping=tmp_path / "again.toml"))

    def test_files_of_one_name_in_two_folders_are_told_apart(self, tmp_path: Path) -> None:
        for system, columns in (("storm", {"MAIN": ["s1"], "GID": ["7"]}), ("sewage", {"GID": ["w1"]})):
            (tmp_path / system).mkdir()
            ends = [("A", "B")] if system == "storm" else [("1", "2")]
            lines(ends, **columns).to_file(tmp_path / system / "mains.geojson")
        source: dict[str, str | Path] = {key: tmp_path / key / "mains.geojson" for key in ("storm", "sewage")}
        text = '[pipes."mains.geojson"]\npipe_id = "MAIN"\n[pipes."mains.geojson (2)"]\npipe_id = "GID"\n'
        net = dr.read_network(source, mapping=said(tmp_path, text))
        assert sorted(net.pipes.index) == ["s1", "w1"]
        assert {*net.origin.columns} == {"pipes: mains.geojson", "pipes: mains.geojson (2)"}

    def test_unknown_codes_stand_there_to_be_defined(self, delivery: dict[str, str | Path]) -> None:
        points("ABC12", kind=["manhole", "manhole", "Wundertopf", "manhole", "manhole"]).to_file(delivery["nodes"])
        text = as_mapping(dr.read_network(delivery))
        said = "# 1 values of kind are not in the code list: Wundertopf 1"
        assert f'# [codes.kind]\n{said}\n# "Wundertopf" = "manhole"' in text
        assert tomllib.loads(text)

    def test_nothing_is_written_over_or_of_a_model(self, delivery: dict[str, str | Path], tmp_path: Path) -> None:
        net = dr.read_network(delivery)
        write_mapping(net, tmp_path / "city.toml")
        with pytest.raises(FormatError, match="already exists"):
            write_mapping(net, tmp_path / "city.toml")
        write_mapping(net, tmp_path / "city.toml", force=True)
        with pytest.raises(FormatError, match=r"\.toml"):
            write_mapping(net, tmp_path / "city.txt")
        with pytest.raises(FormatError, match="needs none"):
            as_mapping(net.replace(origin=replace(net.origin, columns={})))

    @given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1), min_size=1, max_size=3))
    def test_any_name_of_a_column_can_be_written(self, names: list[str]) -> None:
        read = tomllib.loads(f"name = {as_toml(names)}")["name"]
        assert ([read] if isinstance(read, str) else read) == names

    def test_a_correction_is_what_the_next_reading_takes(self, delivery: dict[str, str | Path], tmp_path: Path) -> None:
        net = dr.read_network(delivery, columns={"diameter_mm": ["GJ", "DIA"]})
        place = "pipes: storm.geojson"
        origin = corrected(corrected(net.origin, place, "pipe_id", ["MAIN"]), place, "diameter_mm", [])
        assert "GJ" in origin.left_over[place]
        assert "MAIN" not in origin.left_over[place]
        write_mapping(net.replace(origin=origin), tmp_path / "city.toml")
        again = dr.read_network(delivery, mapping=tmp_path / "city.toml")
        assert {"s1", "s2"} <= {*again.pipes.index}
        assert again.pipes["diameter_mm"].notna().sum() == 2


class TestMappingOfAFile:
    def test_an_empty_list_means_that_no_column_holds_it(self, delivery: dict[str, str | Path], tmp_path: Path) -> None:
        text = '[pipes]\nfrom_node = []\n[pipes."sewage.geojson"]\nfrom_node = "from_node"\n[nodes]\nground_m = []'
        read = dr.read_network(delivery, mapping=said(tmp_path, text)).origin
        found = {place: {one.column for one in columns} for place, columns in read.columns.items()}
        assert "from_node" not in found["pipes: storm.geojson"]
        assert "from_node" in found["pipes: sewage.geojson"]
        assert "from_node" in read.left_over["pipes: storm.geojson"]
        assert "RIM_FT" in read.left_over["nodes: nodes.geojson"]

    def test_a_column_beats_it(self, delivery: dict[str, str | Path], tmp_path: Path) -> None:
        text = '[pipes."storm.geojson"]\npipe_id = "GID"\n'
        net = dr.read_network(delivery, mapping=said(tmp_path, text), columns={"pipe_id": ["MAIN", "GID"]})
        assert {"s1", "s2"} <= {*net.pipes.index}

    @pytest.mark.parametrize(("text", "what"), [
        ('[pipes."strom.geojson"]\npipe_id = "GID"', "no file 'strom.geojson'; it has: storm.geojson, sewage.geojson"),
        ('[pipes."sewage.geojson"]\npipe_id = "MAIN"', "pipe_id = MAIN; sewage.geojson has"),
        ('[pipes]\npipe_id = "NOWHERE"', "pipe_id = NOWHERE"),
        ('[pipes."storm.geojson"]\npipe_idd = "GID"', "pipe_idd"),
        ('[pipes."storm.geojson"]\npipe_id = ""', "names no column"),
        ('[pipes]\npipe_id = ["GID", ""]', "names no column"),
        ("[pipes]\npipe_id = 3", "said"),
    ])  # fmt: skip
    def test_what_is_not_there_is_refused(
        self, text: str, what: str, delivery: dict[str, str | Path], tmp_path: Path
    ) -> None:
        with pytest.raises(SchemaError) as refused:
            dr.read_network(delivery, mapping=said(tmp_path, text))
        assert what in str(refused.value)


class TestMatchedTogether:
    def test_all_tables_are_matched_at_once_and_points_of_a_survey_are_opened_first(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        asked: list[list[tuple[str, str, int]]] = []

        def spied(tables: Sequence[ToMatch], said: ColumnMapping) -> list[Matched]:
            asked.append([(one.layer, one.place, len(one.rows)) for one in tables])
            return match_columns(tables, said)

        monkeypatch.setattr(read_layers, "match_columns", spied)
        (tmp_path / "YSLINE.csv").write_text("起点点号,终点点号,管径\nA,B,600\nB,C,600\n", encoding="utf-8")
        (tmp_path / "YSPOINT.csv").write_text(
            "点号,X,Y\nA,3712774,551084\nB,3712774,551134\nC,3712774,551184\n", encoding="utf-8"
        )
        net = dr.read_network(tmp_path / "YSLINE.csv", crs="EPSG:4548")
        assert asked == [[("nodes", "YSPOINT.csv", 3), ("pipes", "YSLINE.csv", 2)]]
        assert net.pipes["diameter_mm"].tolist() == [600, 600]
        assert net.origin.looked_at == {"nodes: YSPOINT.csv": (3, 3), "pipes: YSLINE.csv": (2, 2)}
        asked.clear()
        dr.as_network(lines([("A", "B")]), nodes=points("AB"))
        assert [[layer for layer, *_ in one] for one in asked] == [["pipes", "nodes"]]

    def test_the_ids_of_a_table_without_places_are_known_by_their_values(
        self, delivery: dict[str, str | Path], tmp_path: Path
    ) -> None:
        rows = [{"OF": "w1", "invert_from": 20.5}, {"OF": "w2", "invert_from": 20.1}]
        table = {"features": [{"attributes": row} for row in rows]}
        (tmp_path / "levels.json").write_text(json.dumps(table), encoding="utf-8")
        net = dr.read_network({**delivery, "inverts": tmp_path / "levels.json"}, columns={"pipe_id": ["MAIN", "GID"]})
        assert net.pipes["invert_from_m"][["w1", "w2"]].tolist() == [20.5, 20.1]
        (found,) = [one for one in net.origin.columns["pipes: levels.json"] if one.column == "pipe_id"]
        assert (found.source, found.how, found.why[0]) == (
            "OF",
            "content",
            "its values are ids of a pipe in 100% of the rows",
        )

    def test_an_empty_table_that_may_be_passed_over_is_not_matched(
        self, delivery: dict[str, str | Path], tmp_path: Path
    ) -> None:
        (tmp_path / "more.geojson").write_text('{"type": "FeatureCollection", "features": []}', encoding="utf-8")
        net = dr.read_network({**delivery, "nodes": [delivery["nodes"], tmp_path / "more.geojson"]})
        assert "empty_layer" in set(net.issues["code"])
        assert {place for place in net.origin.columns if place.startswith("nodes")} == {"nodes: nodes.geojson"}


def doubtful(monkeypatch: pytest.MonkeyPatch, ours: str, *names: str) -> None:
    """Make the matching find one of our columns, and not be sure of it."""

    def match(tables: Sequence[ToMatch], said: ColumnMapping) -> list[Matched]:
        found = match_columns(tables, said)
        here = [all(name in table.rows for name in names) and ours not in said.listed(table.layer) for table in tables]
        one = Found(names, "content", sure=False, why=(in_both("values_are_ids", kind="pipe", share=0.5),))
        return [
            replace(matched, found={**matched.found, ours: one}) if doubt else matched
            for matched, doubt in zip(found, here, strict=True)
        ]

    monkeypatch.setattr(read_layers, "match_columns", match)


class TestInDoubt:
    def test_is_a_warning_with_the_evidence_and_the_line_to_write(
        self, delivery: dict[str, str | Path], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        doubtful(monkeypatch, "pipe_id", "MAIN")
        net = dr.read_network(delivery)
        doubts = net.issues[net.issues["code"] == "unsure_column"]
        (issue,) = doubts[doubts["feature_id"] == "MAIN"].to_dict("records")
        assert (issue["severity"], issue["feature_kind"], issue["feature_id"]) == ("warning", "column", "MAIN")
        reason, action = issue["reason"], issue["action"]
        assert reason == "read as pipe_id, but not beyond doubt: its values are ids of a pipe in 50% of the rows"
        line = '[pipes."storm.geojson"] pipe_id = "MAIN"'
        assert line in action
        assert line in action.chinese
        assert "# storm.geojson: content, unsure: its values" in as_mapping(net)

    def test_of_one_file_it_names_the_layer_and_the_option(
        self, delivery: dict[str, str | Path], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        doubtful(monkeypatch, "pipe_id", "MAIN")
        net = dr.read_network(delivery["storm"])
        (action,) = net.issues[net.issues["code"] == "unsure_column"]["action"]
        assert action.endswith("[pipes] pipe_id = \"MAIN\", or columns={'pipe_id': 'MAIN'}")
        assert (
            not dr.read_network(delivery["storm"], columns={"pipe_id": "MAIN"}).issues["code"].eq("unsure_column").any()
        )
