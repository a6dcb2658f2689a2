"""Deliveries of which some layer or place is missing, since the network has it: numbers alone, nodes alone."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import geopandas as gpd
import openpyxl
import pytest

import drainage as dr
from drainage.report import Report, read_delivery, write_template


@cache
def base() -> Report:
    """Give a small part of the demo city as a report without answers: enough to read what is delivered."""
    net = dr.load_demo("2018-12-31").upstream_of("YS1043")
    return Report(net, {"inputs": {"source": "pipes.geojson"}}, {}, {}, "")


def delivered(folder: Path, *rows: dict[str, Any]) -> Path:
    """Write a survey that names features of the network and draws none."""
    features = [{"type": "Feature", "geometry": None, "properties": row} for row in rows]
    file = folder / "works.geojson"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    return file


def node() -> tuple[str, gpd.GeoDataFrame]:
    """Give the first node, and a table that says of it another level of the ground."""
    nodes = base().network.nodes.iloc[:1]
    raised = gpd.GeoDataFrame({"node_id": nodes.index, "ground_m": nodes["ground_m"].to_numpy() + 0.5},
                              geometry=nodes.geometry.to_numpy(), crs=nodes.crs)  # fmt: skip
    return str(nodes.index[0]), raised


def headed(sheet: Any) -> tuple[int, list[object]]:  # noqa: ANN401 - openpyxl has no types
    """Give the row of the headings of a sheet, and what they are."""
    rows = ([cell.value for cell in row] for row in sheet.iter_rows())
    return next((at, row) for at, row in enumerate(rows, 1) if "管道类别" in row)


class TestASurveyThatDrawsNothing:
    def test_abandons_by_number_alone(self, tmp_path: Path) -> None:
        name = base().network.pipes.index[0]
        found = read_delivery(delivered(tmp_path, {"管段编号": name, "废弃日期": "2019-12-20"}), base())
        assert [(one.action, one.id) for one in found.changes.changes] == [("abandon", name)]

    def test_is_not_told_that_systems_and_lines_are_missing_which_the_network_has(self, tmp_path: Path) -> None:
        name = base().network.pipes.index[0]
        found = read_delivery(delivered(tmp_path, {"管段编号": name, "管径mm": 1100}), base())
        assert found.intake["issues"] == {"count": 0, "rows": []}

    def test_must_draw_what_is_new(self, tmp_path: Path) -> None:
        with pytest.raises(dr.errors.SchemaError, match=r"N1\): has neither from node nor a line"):
            read_delivery(delivered(tmp_path, {"管段编号": "N1", "管线类型": "雨水"}), base())


class TestASurveyOfNodesAlone:
    @pytest.mark.parametrize("kind", ["gpkg", "geojson"])
    def test_changes_their_levels(self, kind: str, tmp_path: Path) -> None:
        name, raised = node()
        file = tmp_path / f"works.{kind}"
        raised.to_crs(4326).to_file(file)
        found = read_delivery(file, base())
        assert [(one.action, one.layer, one.id, list(one.columns)) for one in found.changes.changes] == [
            ("change", "nodes", name, ["ground_m"])
        ]
        assert [place.split(":")[0] for place in found.intake["columns"]] == ["nodes"]  # type: ignore[attr-defined]

    def test_may_be_a_template_whose_pipes_were_taken_out(self, tmp_path: Path) -> None:
        file = tmp_path / "works.xlsx"
        write_template(file, base(), sorted(base().network.pipes["road"].dropna().unique()), lang="zh")
        book = openpyxl.load_workbook(file)
        pipes, nodes = book.worksheets[:2]
        at, headings = headed(nodes)
        pipes.delete_rows(at + 1, pipes.max_row)
        nodes.cell(at + 1, 1 + headings.index("地面高程(m)")).value = 25.125
        book.save(file)
        (change,) = read_delivery(file, base()).changes.changes
        assert (change.action, change.layer, dict(change.columns)) == ("change", "nodes", {"ground_m": 25.125})

    def test_is_refused_where_it_holds_nothing(self, tmp_path: Path) -> None:
        _, raised = node()
        raised.iloc[:0].to_file(tmp_path / "works.gpkg", layer="nodes")
        with pytest.raises(dr.errors.EmptyLayerError, match="no features"):
            read_delivery(tmp_path / "works.gpkg", base())


class TestWhatIsSentBack:
    def test_a_place_far_away_is_told_by_its_sheet_and_row(self, tmp_path: Path) -> None:
        file = tmp_path / "works.xlsx"
        write_template(file, base(), sorted(base().network.pipes["road"].dropna().unique()), lang="zh")
        book = openpyxl.load_workbook(file)
        nodes = book.worksheets[1]
        at, _ = headed(nodes)
        north, east = nodes.max_column - 1, nodes.max_column
        exchanged = nodes.cell(at + 2, east).value, nodes.cell(at + 2, north).value
        nodes.cell(at + 2, north).value, nodes.cell(at + 2, east).value = exchanged
        book.save(file)
        with pytest.raises(dr.errors.SchemaError, match=f"管井 row {at + 2}.*: the geometry lies hundreds of kilom"):
            read_delivery(file, base())

    def test_one_pipe_in_two_sheets_is_told_by_both(self, tmp_path: Path) -> None:
        file = tmp_path / "works.xlsx"
        write_template(file, base(), sorted(base().network.pipes["road"].dropna().unique()), lang="zh")
        book = openpyxl.load_workbook(file)
        book.copy_worksheet(book.worksheets[0]).title = "管段2"
        book.save(file)
        at, _ = headed(book.worksheets[0])
        with pytest.raises(dr.errors.SchemaError, match=f"管段 row {at + 1}, 管段2 row {at + 1} are all YSL"):
            read_delivery(file, base())

    def test_a_pipe_abandoned_on_no_day_is_asked_for_it_in_words_of_the_file(self, tmp_path: Path) -> None:
        name = base().network.pipes.index[0]
        with pytest.raises(dr.errors.SchemaError, match=r"is abandoned and tells no day; fill in the day") as refused:
            read_delivery(delivered(tmp_path, {"管段编号": name, "操作": "废弃"}), base())
        assert "on=" not in str(refused.value)
