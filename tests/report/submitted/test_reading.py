"""What was built on one road, sent as a file of any kind, becomes the same change set; all else is refused by name."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import shapely

import drainage as dr
from drainage.change_sets import Change, ChangeSet
from drainage.formats import write_change_set
from drainage.report import Delivery, Report, read_delivery, write_template
from drainage.report.submitted.intake_told import _without_others
from tests.support import deliveries
from tests.support.deliveries import LANE, NODES, PIPES, QUARTER

LONG = pytest.mark.long
Edit = Callable[[dict[str, Any]], object]


def read(file: Path, road: str = LANE, name: str | None = None) -> Delivery:
    return read_delivery(file, deliveries.part(road), roads=[road], name=name)


def edited(tmp_path: Path, edit: Edit) -> Path:
    """Give the survey of the lane with one thing otherwise."""
    file = deliveries.write_delivery(tmp_path, "geojson", LANE)
    doc = json.loads(file.read_text(encoding="utf-8"))
    edit(doc)
    file.write_text(json.dumps(doc), encoding="utf-8")
    return file


def first(doc: dict[str, Any], **told: object) -> None:
    doc["features"][0]["properties"] |= told


class TestOneWorkInSixFiles:
    @pytest.mark.parametrize(
        "kind", ["geojson", *(pytest.param(one, marks=LONG) for one in ("gpkg", "xlsx", "shp", "changes"))]
    )
    def test_adds_and_abandons_the_same(self, kind: str, tmp_path: Path) -> None:
        found = read(deliveries.write_delivery(tmp_path, kind, LANE))
        here = deliveries.built(LANE)
        told = {(one.action, one.id) for one in found.changes.changes}
        assert told == {("add", name) for name in here.laid.index} | {("abandon", name) for name in here.left.index}
        assert found.kind == kind
        after = found.applied.network.pipes.loc[here.laid.index]
        assert after["diameter_mm"].tolist() == here.laid["diameter_mm"].tolist()
        assert after[["from_node", "to_node"]].equals(here.laid[["from_node", "to_node"]])

    @LONG
    def test_a_drawing_says_where_and_of_which_system_and_no_more(self, tmp_path: Path) -> None:
        found = read(deliveries.write_delivery(tmp_path, "dxf", LANE))
        new = found.applied.network.pipes.loc[[one.id for one in found.changes.changes]]
        laid = deliveries.built(LANE).laid
        assert sorted(zip(new["from_node"], new["to_node"], new["system"], strict=True)) == sorted(
            zip(laid["from_node"], laid["to_node"], laid["system"], strict=True)
        )
        assert new["diameter_mm"].isna().all()
        assert set(new["road"]) == {LANE}  # placed by the pipes that they join

    @LONG
    def test_nodes_of_the_file_are_added_and_others_made(self, tmp_path: Path) -> None:
        with_nodes = read(deliveries.write_delivery(tmp_path, "gpkg", QUARTER), QUARTER)
        without = read(deliveries.write_delivery(tmp_path, "shp", QUARTER), QUARTER)
        new = deliveries.built(QUARTER).nodes
        for found in (with_nodes, without):
            assert {one.id for one in found.changes.changes if one.layer == "nodes"} == set(new.index)
        assert with_nodes.applied.network.nodes["ground_m"].reindex(new.index).tolist() == new["ground_m"].tolist()

    @LONG
    def test_the_kind_is_told_by_the_content(self, tmp_path: Path) -> None:
        for kind in ("gpkg", "dxf", "xlsx"):
            file = deliveries.write_delivery(tmp_path, kind, LANE)
            bare = Path(shutil.move(file, tmp_path / "3f2a"))
            assert read(bare, name="竣工.pdf").kind == kind

    def test_what_of_the_network_it_touches_is_told(self, tmp_path: Path) -> None:
        """By it an engineer is told which other submissions are at odds with one; what is new is of no other."""
        found = read(deliveries.write_delivery(tmp_path, "geojson", LANE))
        here, nodes = deliveries.built(LANE), found.before.nodes.index
        ends = {*pd.concat([table[end] for table in (here.laid, here.left) for end in ("from_node", "to_node")])}
        touched = found.intake["touched"]
        assert isinstance(touched, dict)
        assert touched == {"pipes": sorted(here.left.index), "nodes": [name for name in nodes if name in ends]}
        assert len(touched["nodes"]) > len(here.left)

    def test_what_is_absent_is_never_abandoned(self, tmp_path: Path) -> None:
        file = edited(tmp_path, lambda doc: doc.update(features=doc["features"][:1]))
        found = read(file)
        assert [one.action for one in found.changes.changes] == ["add"]
        assert len(found.applied.network.pipes) == len(found.before.pipes) + 1


class TestChanges:
    def test_only_what_the_file_records_and_says_otherwise_is_changed(self, tmp_path: Path) -> None:
        def edit(doc: dict[str, Any]) -> None:
            doc["features"] = doc["features"][-1:]
            last = doc["features"][0]["properties"]
            last |= {PIPES["diameter_mm"]: 777, PIPES["invert_from_m"]: last[PIPES["invert_from_m"]] + 0.004}
            last[PIPES["material"]] = None

        (change,) = read(edited(tmp_path, edit)).changes.changes
        assert (change.action, dict(change.columns), change.geometry) == ("change", {"diameter_mm": 777.0}, None)

    def test_a_line_drawn_elsewhere_is_moved(self, tmp_path: Path) -> None:
        def edit(doc: dict[str, Any]) -> None:
            doc["features"] = doc["features"][-1:]
            doc["features"][0]["geometry"]["coordinates"][0][0] += 5e-6  # half a metre

        (change,) = read(edited(tmp_path, edit)).changes.changes
        assert change.geometry is not None
        assert not change.columns

    def test_an_action_in_chinese_counts_before_what_follows_from_the_row(self, tmp_path: Path) -> None:
        def edit(doc: dict[str, Any]) -> None:
            for feature in doc["features"][3:6]:  # the abandoned ones
                feature["properties"]["操作"] = "不变"

        assert {one.action for one in read(edited(tmp_path, edit)).changes.changes} == {"add"}


class TestIntake:
    def test_is_plain_json_in_both_languages(self, tmp_path: Path) -> None:
        intake = read(deliveries.write_delivery(tmp_path, "gpkg", LANE)).intake
        told = json.loads(json.dumps(intake, allow_nan=False))
        assert told["counts"] == {"add": 3, "change": 0, "abandon": 3, "remove": 0, "unchanged": 3}
        (place,) = told["columns"]
        assert told["columns"][place]["diameter_mm"]["read_from"] == "管径mm"
        assert told["columns"][place]["diameter_mm"]["unit"] == "mm"
        assert all(set(one) == {"zh", "en"} and all(one.values()) for one in told["decided"])
        assert 0 < told["score"]["score"] <= 100
        assert {"rule", "severity", "reason", "remedy"} <= set(told["broken"]["rows"][0])
        assert all(one["clause"]["zh"] != one["clause"]["en"] for one in told["broken"]["rows"])

    def test_tells_no_id_of_what_lies_on_roads_of_others(self, tmp_path: Path) -> None:
        delivery = read(deliveries.write_delivery(tmp_path, "geojson", LANE))
        pipes = delivery.applied.network.pipes
        others = pipes.index[pipes["road"] != LANE]
        own = pipes[pipes["road"] == LANE]
        nodes = set(own["from_node"]) | set(own["to_node"]) | set(delivery.features.index)
        net = delivery.applied.network
        clash = pd.DataFrame({
            "rule": "overlap", "severity": "warning", "feature_kind": "pipe", "road": [LANE, "解放路"],
            "feature_id": [own.index[0], others[0]], "other_id": [others[0], own.index[0]],
            "reason": "x", "remedy": "y",
        })  # fmt: skip
        told = _without_others(clash, delivery.features, net, [LANE])
        assert told["feature_id"].tolist() == [own.index[0]] * 2
        assert told["other_id"].isna().all()
        assert told["other"].str.contains("another pipe").all()
        rows = delivery.intake["broken"]["rows"]  # type: ignore[index]  # plain JSON
        seen = {row[name] for row in rows for name in ("feature_id", "other_id") if row[name]}
        assert seen <= nodes | set(own.index)


class TestExchangedColumns:
    @pytest.mark.parametrize("one", ["invert_from_m", "invert_to_m"])
    def test_are_told_before_all_else(self, one: str, tmp_path: Path) -> None:
        def edit(doc: dict[str, Any]) -> None:
            for feature in doc["features"]:
                told, names = feature["properties"], (PIPES[one], PIPES["length_m"])
                told[names[0]], told[names[1]] = told[names[1]], told[names[0]]

        intake: dict[str, Any] = dict(read(edited(tmp_path, edit)).intake)
        (warning,) = intake["warnings"]
        assert intake["decided"][0] == warning
        assert warning["en"].startswith("columns may be exchanged")
        assert "on different bases" in warning["en"]
        assert "while invert at the" in warning["en"]
        assert warning["zh"].startswith("列可能对调")

    def test_levels_above_ground_are_one_of_them(self, tmp_path: Path) -> None:
        def edit(doc: dict[str, Any]) -> None:
            for feature in doc["features"]:
                for one in ("invert_from_m", "invert_to_m"):
                    feature["properties"][PIPES[one]] += 12.0

        intake: dict[str, Any] = dict(read(edited(tmp_path, edit)).intake)
        (warning,) = intake["warnings"]
        assert re.search(r"of \d+ ends of pipes \d+ lie above the ground", warning["en"])

    def test_a_good_delivery_has_none(self, tmp_path: Path) -> None:
        assert read(deliveries.write_delivery(tmp_path, "geojson", LANE)).intake["warnings"] == []


class TestRefusals:
    @pytest.mark.parametrize(
        ("edit", "zh", "en"),
        [
            (lambda doc: first(doc, **{PIPES["road"]: "解放路"}), "不是您的道路", "none of your roads"),
            (lambda doc: first(doc, **{PIPES["diameter_mm"]: "three"}), "不是", "is not a size"),
            (lambda doc: first(doc, **{PIPES["system"]: None}), "没有管线类型", "tells no system"),
            (lambda doc: doc["features"].append(doc["features"][0]), "都是", "keep one of them"),
            (lambda doc: doc.update(features=doc["features"][-3:]), "没有任何变化", "nothing that the network"),
            (lambda doc: first(doc, 操作="弄好"), "不是操作", "is no action"),
            (lambda doc: first(doc, 操作="修改"), "没有", "there is no"),
        ],
        ids=["road", "text", "system", "twice", "nothing", "action", "nowhere"],
    )  # fmt: skip
    def test_name_what_is_wrong_and_the_remedy(self, edit: Edit, zh: str, en: str, tmp_path: Path) -> None:
        with pytest.raises(dr.errors.DrainageError) as told:
            read(edited(tmp_path, edit))
        assert en in str(told.value)
        assert zh in told.value.said.chinese  # type: ignore[attr-defined]  # it is said in both

    def test_a_road_of_others_is_told_with_what_was_not_understood(self, tmp_path: Path) -> None:
        """One refusal for all three: a size that is none, a system that is missing, a road that is another's."""

        def edit(doc: dict[str, Any]) -> None:
            first(doc, **{PIPES["diameter_mm"]: "three"})
            doc["features"][1]["properties"][PIPES["system"]] = None
            doc["features"][2]["properties"][PIPES["road"]] = "解放路"

        with pytest.raises(dr.errors.SchemaError) as told:
            read(edited(tmp_path, edit))
        names = [
            one["properties"][PIPES["pipe_id"]]
            for one in json.loads((tmp_path / "works.geojson").read_text())["features"][:3]
        ]
        for name, said in zip(names, ("is not a size", "tells no system", "none of your roads"), strict=True):
            assert re.search(rf"\({name}\): .*{said}", str(told.value)), said
        assert str(told.value).count(names[2]) == 1

    def test_a_value_that_cannot_be_is_told_with_a_road_of_others(self, tmp_path: Path) -> None:
        wider = Change(action="change", layer="pipes", id=str(deliveries.built(LANE).left.index[0]),
                       columns={"diameter_mm": -5.0})  # fmt: skip
        pipes = deliveries.part(LANE).network.pipes
        others = pipes.index[(pipes["road"] != LANE) & pipes["road"].notna()]
        other = Change(action="change", layer="pipes", id=str(others[0]), columns={"diameter_mm": -7.0})
        changes = ChangeSet(name="two", changes=[wider, other], crs=deliveries.part(LANE).network.crs)
        with pytest.raises(dr.errors.SchemaError, match="is not one that you may change") as told:
            read(write_change_set(changes, tmp_path / "two.geojson"))
        assert "-5" in str(told.value)
        assert "-7" not in str(told.value)

    def test_a_new_pipe_that_joins_nothing_has_no_road(self, tmp_path: Path) -> None:
        def edit(doc: dict[str, Any]) -> None:
            doc["features"] = doc["features"][:1]
            names = {PIPES["road"]: None, PIPES["from_node"]: None, PIPES["to_node"]: None}
            first(doc, **names)
            doc["features"][0]["geometry"]["coordinates"] = [[117.60, 33.60], [117.601, 33.60]]

        with pytest.raises(dr.errors.SchemaError, match="names no road and joins no pipe"):
            read(edited(tmp_path, edit))

    def test_a_new_pipe_away_from_the_road_that_it_names_is_refused(self, tmp_path: Path) -> None:
        def edit(doc: dict[str, Any]) -> None:
            doc["features"] = doc["features"][:1]
            first(doc, **{PIPES["from_node"]: "N-1", PIPES["to_node"]: "N-2"})
            line = doc["features"][0]["geometry"]["coordinates"]
            doc["features"][0]["geometry"]["coordinates"] = [[x + 0.004, y + 0.004] for x, y, *_ in line]

        with pytest.raises(dr.errors.SchemaError, match=f"counts as of {LANE}.* within 50 m of its middle"):
            read(edited(tmp_path, edit))

    def test_the_road_of_a_pipe_of_others_is_not_told(self, tmp_path: Path) -> None:
        pipes = deliveries.part(LANE).network.pipes
        road = pipes["road"].dropna()
        other = road.index[road != LANE][0]

        def edit(doc: dict[str, Any]) -> None:
            one = doc["features"][3]  # which is abandoned
            one["properties"] |= {PIPES["pipe_id"]: other, PIPES["road"]: None}
            one["geometry"] = None

        with pytest.raises(dr.errors.SchemaError, match="is not one that you may change") as told:
            read(edited(tmp_path, edit))
        assert road[other] not in str(told.value)

    def test_a_file_of_another_town_is_told_how_far(self, tmp_path: Path) -> None:
        def edit(doc: dict[str, Any]) -> None:
            for feature in doc["features"]:
                for place in feature["geometry"]["coordinates"]:
                    place[0] += 3.0

        with pytest.raises(dr.errors.CrsError, match=r"lies 27\d km outside the network pipes.geojson"):
            read(edited(tmp_path, edit))

    def test_a_wrong_zone_is_one_sentence(self, tmp_path: Path) -> None:
        file = tmp_path / "works.gpkg"
        pipes, _ = deliveries.survey(LANE)
        pipes.set_crs(4526, allow_override=True).to_file(file, layer="pipes", driver="GPKG")
        with pytest.raises(dr.errors.CrsError, match=r"coordinate system|another town") as told:
            read(file)
        assert "inf" not in str(told.value)
        assert "\n" not in str(told.value)

    def test_no_folder_of_this_machine_is_named(self, tmp_path: Path) -> None:
        broken = tmp_path / "a b"
        broken.write_bytes(deliveries.write_delivery(tmp_path, "dxf", LANE).read_bytes()[:5000])
        with pytest.raises(dr.errors.FormatError) as told:
            read(broken)
        assert "/" not in str(told.value)


class TestWhatTheNetworkLacks:
    """Ids that were there when the contractor took his template, and are there no more."""

    @staticmethod
    def without(road: str, name: str) -> Report:
        """Give the part about a road without one of its pipes."""
        base = deliveries.part(road)
        pipes = base.network.pipes
        return replace(base, network=base.network.replace(pipes=pipes[pipes.index != name]))

    @pytest.mark.parametrize("kind", ["geojson", "changes"])
    def test_may_have_gone_with_works_since(self, kind: str, tmp_path: Path) -> None:
        name = str(deliveries.built(LANE).left.index[0])
        file = deliveries.write_delivery(tmp_path, kind, LANE)
        with pytest.raises(dr.errors.SchemaError) as told:
            read_delivery(file, self.without(LANE, name), roads=[LANE])
        assert f"there is no {name} in the present version of the network" in str(told.value)
        assert "take the present template" in str(told.value)
        assert f"现行版本中没有 {name}" in told.value.said.chinese  # type: ignore[attr-defined]
        assert "has no road" not in str(told.value)

    def test_are_told_with_their_day_where_it_is_known(self, tmp_path: Path) -> None:
        base = deliveries.part(LANE)
        name = str(deliveries.built(LANE).left.index[0])
        pipes = base.network.pipes
        pipes.loc[name, "abandoned"] = pd.Timestamp("2018-06-01")
        gone = replace(base, network=base.network.replace(pipes=pipes).as_of(deliveries.BEFORE))
        file = deliveries.write_delivery(tmp_path, "changes", LANE)
        with pytest.raises(dr.errors.SchemaError, match=f"{name} was abandoned on 2018-06-01"):
            read_delivery(file, gone, roads=[LANE])

    @pytest.mark.parametrize("kind", ["pipe", "node", "changes"])
    def test_are_likened_to_nothing_of_another_road(self, kind: str, tmp_path: Path) -> None:
        net = deliveries.part(LANE).network
        own = net.pipes[net.pipes["road"] == LANE]
        other = net.pipes[
            (net.pipes["road"] != LANE) & ~net.pipes["from_node"].isin([*own["from_node"], *own["to_node"]])
        ]
        pipe, node = f"{other.index[0]}9", f"{other['from_node'].iloc[0]}9"
        if kind == "changes":
            edit = Change(action="change", layer="pipes", id=pipe, columns={"diameter_mm": 300})
            file = write_change_set(ChangeSet(name="c", changes=[edit], crs=net.crs), tmp_path / "c.geojson")
        else:
            named = {PIPES["pipe_id"]: pipe, "操作": "修改"} if kind == "pipe" else {PIPES["from_node"]: node}
            file = edited(
                tmp_path,
                lambda doc: doc["features"][0].update(
                    geometry=None, properties=doc["features"][0]["properties"] | named
                ),
            )
        with pytest.raises(dr.errors.SchemaError) as told:
            read(file)
        assert (node if kind == "node" else pipe) in str(told.value)
        words = set(re.findall(r"[\w.-]+", f"{told.value} {told.value.said.chinese}"))  # type: ignore[attr-defined]
        assert not words & ({*other.index, *net.nodes.index} - {*own.index, *own["from_node"], *own["to_node"]})


class TestAllAtOnce:
    def test_unread_values_and_unknown_nodes_are_one_message(self, tmp_path: Path) -> None:
        def edit(doc: dict[str, Any]) -> None:
            first(doc, **{PIPES["diameter_mm"]: "three"})
            doc["features"][1]["geometry"] = None
            doc["features"][1]["properties"][PIPES["from_node"]] = "NOWHERE1"

        with pytest.raises(dr.errors.SchemaError) as told:
            read(edited(tmp_path, edit))
        assert "is not a size" in str(told.value)
        assert "from node is NOWHERE1" in str(told.value)
        assert str(told.value).endswith("Further checks follow once these are corrected.")
        assert told.value.said.chinese.endswith("再作进一步核查。")  # type: ignore[attr-defined]


class TestRowsOfSheets:
    def test_are_those_that_the_sender_sees(self, tmp_path: Path) -> None:
        from openpyxl import load_workbook

        path = write_template(tmp_path / "t.xlsx", deliveries.part(LANE), [LANE], lang="zh")
        book = load_workbook(path)
        pipes = book.worksheets[0]
        assert pipes.cell(5, 7).value == "管径(mm)"
        name = pipes.cell(9, 2).value
        pipes.cell(9, 7, "three")
        pipes.cell(11, 1, "弄好")
        book.save(path)
        with pytest.raises(dr.errors.SchemaError) as told:
            read(path)
        chinese = told.value.said.chinese  # type: ignore[attr-defined]
        assert f"管段 第 9 行（{name}）" in chinese
        assert "管段 第 11 行" in chinese
        assert "应为 新增、修改、废弃、不变" in chinese
        assert not re.search(r"\brow\b|pipes|diameter_mm", chinese)

    def test_are_those_of_edits_too(self, tmp_path: Path) -> None:
        from openpyxl import load_workbook

        path = write_template(tmp_path / "t.xlsx", deliveries.part(LANE), [LANE], lang="zh")
        book = load_workbook(path)
        pipes = book.worksheets[0]
        pipes.cell(8, 14, "解放路")
        pipes.cell(9, 1, "修改")
        pipes.cell(9, 2, "NOWHERE1")
        book.save(path)
        with pytest.raises(dr.errors.SchemaError, match=r"管段 row 9 \(NOWHERE1\)"):
            read(path)
        pipes.delete_rows(9)
        book.save(path)
        with pytest.raises(dr.errors.SchemaError, match=r"管段 row 8 \([^)]*\): lies on 解放路"):
            read(path)


class TestTemplate:
    def test_offers_words_of_one_language(self, tmp_path: Path) -> None:
        from openpyxl import load_workbook

        book = load_workbook(write_template(tmp_path / "t.xlsx", deliveries.part(LANE), [LANE], lang="zh"))
        offered = [
            str(one.formula1)
            for sheet in book
            for one in sheet.data_validations.dataValidation
            if str(one.formula1).startswith('"')
        ]
        assert len(offered) == 6
        assert not [words for words in offered if re.search("[A-Za-z]", words)]

    @pytest.mark.parametrize("lang", ["zh", pytest.param("en", marks=LONG)])
    def test_gives_back_what_is_filled_in(self, lang: str, tmp_path: Path) -> None:
        from openpyxl import load_workbook

        base = deliveries.part(LANE)
        path = write_template(tmp_path / "t.xlsx", base, [LANE], lang=lang)
        with pytest.raises(dr.errors.SchemaError, match="nothing that the network does not hold"):
            read(path)
        book = load_workbook(path)
        pipes, nodes = book.worksheets
        heads = {cell.value: cell.column for cell in pipes[5]}
        assert len(heads) == 16
        row = pipes.max_row + 1
        old = pipes.cell(6, 2).value
        pipes.cell(6, 7, 950)
        for column, value in enumerate(["新增", "NEW1", "雨水", "YS2545", "NEWJ", None, 600], 1):
            pipes.cell(row, column, value)
        last = nodes.max_row + 1
        nodes.cell(last, 2, "NEWJ")
        nodes.cell(last, 8, 3_714_440.5)
        nodes.cell(last, 9, 552_150.25)
        book.save(path)
        found = read(path)
        assert {(one.action, one.id) for one in found.changes.changes} == {
            ("change", old), ("add", "NEW1"), ("add", "NEWJ"),
        }  # fmt: skip
        place = found.applied.network.nodes.geometry["NEWJ"]
        assert shapely.get_coordinates(place).tolist() == [[552_150.25, 3_714_440.5]]

    def test_names_what_a_survey_names(self) -> None:
        assert set(NODES) < {"node_id", "kind", "system", "ground_m", "invert_m", "road"}
