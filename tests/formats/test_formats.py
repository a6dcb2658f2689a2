"""Every kind of file that a city hands over gives the same network: two storm pipes in a row and a sewer.

    A --storm 600--> B --storm 800--> C      D --sewage 1000x800--> C

Truth: the row as written here; each file is written by another library or by hand, never by our own reader's twin.
"""

from __future__ import annotations

import gzip
import zipfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely

import drainage as dr
from tests.support.said import said_codes

E, N = 551084.0, 3712774.0
POINTS = {"A": (E, N), "B": (E + 50, N), "C": (E + 100, N + 10), "D": (E + 100, N - 40)}
GROUND = {"A": 22.0, "B": 21.9, "C": 21.8, "D": 21.9}
LINES = pd.DataFrame(
    {
        "起点点号": ["A", "B", "D"],
        "终点点号": ["B", "C", "C"],
        "管线类型": ["YS", "YS", "WS"],
        "管径": ["600", "DN800", "1000×800"],
        "起点埋深": ["2.0", "2.1", "1.5"],
        "终点埋深": ["2.1", "2.2", "1.9"],
        "材质": ["混凝土", "混凝土", "砖"],
        "所在道路": ["磬山路", "磬山路", "杨河路"],
        "权属单位": ["城管局", "城管局", "城管局"],
    }
)
POINT_TABLE = pd.DataFrame(
    {
        "点号": list(POINTS),
        "X": [f"{y:.3f}" for _, y in POINTS.values()],
        "Y": [f"{x:.3f}" for x, _ in POINTS.values()],
        "地面高程": [str(GROUND[p]) for p in POINTS],
        "附属物": ["检查井", "检查井", "出水口", "检查井"],
    }
)


def frame() -> gpd.GeoDataFrame:
    """Give the row as lines with English names, as a GIS would hold it."""
    ends = LINES[["起点点号", "终点点号"]].to_numpy()
    geometry = [shapely.LineString([POINTS[a], POINTS[b]]) for a, b in ends]
    table = LINES.rename(columns={"起点点号": "from_node", "终点点号": "to_node", "管线类型": "system", "管径": "dn"})
    return gpd.GeoDataFrame(table[["from_node", "to_node", "system", "dn"]], geometry=geometry, crs=4548)


def assert_is_the_row(net: dr.DrainageNetwork) -> None:
    pipes = net.pipes.sort_values("from_node")  # a FlatGeobuf has an order of its own
    assert pipes["system"].tolist() == ["storm", "storm", "sewage"]
    assert pipes["from_node"].tolist() == ["A", "B", "D"]
    assert pipes["diameter_mm"].tolist()[:2] == [600.0, 800.0]
    assert (pipes["width_mm"].iloc[2], pipes["height_mm"].iloc[2]) == (1000.0, 800.0)
    assert pipes["shape"].tolist() == ["circular", "circular", "rectangular"]
    assert net.crs is not None
    assert net.crs.to_epsg() == 4548
    ends = shapely.get_coordinates(shapely.get_point(pipes.geometry.to_numpy(), -1))
    np.testing.assert_allclose(ends, [POINTS["B"], POINTS["C"], POINTS["C"]], atol=0.02)


class TestVectorFiles:
    @pytest.mark.parametrize("name", ["pipes.gpkg", "pipes.fgb", "pipes.shp", "pipes.parquet", "pipes.gdb"])
    def test_each_format_gives_the_row(self, name: str, tmp_path: Path) -> None:
        path = tmp_path / name
        if path.suffix == ".parquet":
            frame().to_parquet(path)
        elif path.suffix == ".gdb":
            pyogrio.write_dataframe(frame(), path, driver="OpenFileGDB", layer="pipes")
        else:
            frame().to_file(path)
        assert_is_the_row(dr.read_network(path))

    @pytest.mark.parametrize("name", ["pipes.geojson", "pipes.geojsonl", "pipes.geojson.gz", "pipes.zip"])
    def test_geojson_may_be_lines_packed_or_plain(self, name: str, tmp_path: Path) -> None:
        plain = tmp_path / "plain.geojson"
        driver = "GeoJSONSeq" if name.endswith("l") else "GeoJSON"
        frame().to_crs(4326).to_file(plain, driver=driver, engine="pyogrio")
        path = tmp_path / name
        if name.endswith(".gz"):
            path.write_bytes(gzip.compress(plain.read_bytes()))
        elif name.endswith(".zip"):
            with zipfile.ZipFile(path, "w") as archive:
                archive.write(plain, "delivery/pipes.geojson")
        else:
            path.write_bytes(plain.read_bytes())
        assert_is_the_row(dr.read_network(path))

    def test_a_zipped_shapefile_in_gbk_is_read_as_chinese(self, tmp_path: Path) -> None:
        frame().assign(road="磬山路").to_file(tmp_path / "pipes.shp", encoding="GBK")
        (tmp_path / "pipes.cpg").unlink()
        with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
            for part in tmp_path.glob("pipes.*"):
                archive.write(part, part.name)
        net = dr.read_network(tmp_path / "all.zip")
        assert_is_the_row(net)
        assert set(net.pipes["road"]) == {"磬山路"}

    def test_layers_named_by_system_are_one_network(self, tmp_path: Path) -> None:
        path = tmp_path / "city.gpkg"
        whole = frame()
        whole[whole["system"] == "YS"].drop(columns="system").to_file(path, layer="YSLINE")
        whole[whole["system"] == "WS"].drop(columns="system").to_file(path, layer="WSLINE", mode="a")
        assert_is_the_row(dr.read_network(path))

    def test_a_drawing_has_its_systems_as_layers(self, tmp_path: Path) -> None:
        path = tmp_path / "plan.dxf"
        lines = frame().assign(Layer=["YS-主管", "YS-主管", "WS-主管"])[["Layer", "geometry"]]
        notes = gpd.GeoDataFrame({"Layer": ["图框"]}, geometry=[shapely.LineString([(E, N), (E, N + 9)])], crs=4548)
        pyogrio.write_dataframe(pd.concat([lines, notes]), path, driver="DXF")
        net = dr.read_network(path, crs="EPSG:4548")
        assert sorted(net.pipes["system"]) == ["sewage", "storm", "storm"]
        assert len(net.nodes) == 4
        assert "drawing_layer" in said_codes(net.issues)


class TestSurveyTables:
    @pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
    def test_lines_get_their_places_from_the_points(self, encoding: str, tmp_path: Path) -> None:
        LINES.to_csv(tmp_path / "LINE.csv", index=False, encoding=encoding)
        POINT_TABLE.to_csv(tmp_path / "POINT.csv", index=False, encoding=encoding)
        net = dr.read_network(tmp_path / "LINE.csv", crs="EPSG:4548")
        assert_is_the_row(net)
        assert {"drawn_straight", "layer_beside"} <= set(net.issues["code"])
        assert net.nodes["kind"]["C"] == "outfall"

    def test_ground_less_depth_is_the_invert(self, tmp_path: Path) -> None:
        LINES.to_csv(tmp_path / "LINE.csv", index=False)
        POINT_TABLE.to_csv(tmp_path / "POINT.csv", index=False)
        pipes = dr.read_network(tmp_path / "LINE.csv", crs="EPSG:4548").pipes
        assert pipes["invert_from_m"].tolist() == pytest.approx([20.0, 19.8, 20.4])
        assert set(pipes["invert_from_source"]) == {"depth"}

    def test_a_workbook_has_a_sheet_per_system(self, tmp_path: Path) -> None:
        path = tmp_path / "survey.xlsx"
        with pd.ExcelWriter(path) as book:
            for code in ("YS", "WS"):
                lines = LINES[LINES["管线类型"] == code]
                points = POINT_TABLE[POINT_TABLE["点号"].isin(lines[["起点点号", "终点点号"]].to_numpy().ravel())]
                lines.drop(columns="管线类型").to_excel(book, sheet_name=f"{code}LINE", index=False)
                points.to_excel(book, sheet_name=f"{code}POINT", index=False)
            pd.DataFrame({"说明": ["合成数据"]}).to_excel(book, sheet_name="说明", index=False)
        assert_is_the_row(dr.read_network(path, crs="EPSG:4548"))

    def test_the_coded_tables_of_the_national_survey_are_spelled_out(self, tmp_path: Path) -> None:
        """ShapeType 1: circle of ShapeData1 m; 5: box, ShapeData1 m deep and ShapeData2 m wide; category 1, 2."""
        coded = pd.DataFrame(
            {
                "In_JunID": ["A", "B", "D"],
                "Out_JunID": ["B", "C", "C"],
                "Pipe_Category": ["1", "1", "2"],
                "ShapeType": ["1", "1", "5"],
                "ShapeData1": ["0.6", "0.8", "0.8"],
                "ShapeData2": ["", "", "1.0"],
                "Material": ["2", "2", "1"],
                "In_BottomEle": ["20.0", "19.8", "20.4"],
                "Out_BottomEle": ["19.8", "19.6", "19.9"],
            }
        )
        coded.to_csv(tmp_path / "LINE.csv", index=False)
        POINT_TABLE.to_csv(tmp_path / "POINT.csv", index=False)
        net = dr.read_network(tmp_path / "LINE.csv", crs="EPSG:4548")
        assert_is_the_row(net)
        assert net.pipes["material"].tolist() == ["钢筋混凝土", "钢筋混凝土", "混凝土"]

    def test_a_recorded_flow_against_the_line_turns_it(self, tmp_path: Path) -> None:
        turned = LINES.rename(columns={"起点点号": "终点点号", "终点点号": "起点点号"})
        turned = turned.rename(columns={"起点埋深": "终点埋深", "终点埋深": "起点埋深"}).assign(流向="1")
        turned.to_csv(tmp_path / "LINE.csv", index=False)
        POINT_TABLE.to_csv(tmp_path / "POINT.csv", index=False)
        net = dr.read_network(tmp_path / "LINE.csv", crs="EPSG:4548")
        assert_is_the_row(net)
        assert net.pipes["invert_from_m"].tolist() == pytest.approx([20.0, 19.8, 20.4])

    def test_lines_without_points_ask_for_them(self, tmp_path: Path) -> None:
        LINES.to_csv(tmp_path / "lines.csv", index=False)
        with pytest.raises(dr.errors.FormatError, match="nodes=FILE"):
            dr.read_network(tmp_path / "lines.csv", crs="EPSG:4548")

    def test_points_without_a_system_ask_for_it(self, tmp_path: Path) -> None:
        LINES.to_csv(tmp_path / "LINE.csv", index=False)
        POINT_TABLE.to_csv(tmp_path / "POINT.csv", index=False)
        with pytest.raises(dr.errors.CrsError, match="EPSG:4548"):
            dr.read_network(tmp_path / "LINE.csv")

    def test_a_row_of_another_width_is_named(self, tmp_path: Path) -> None:
        (tmp_path / "LINE.csv").write_text("起点点号,终点点号\nA,B\nB,C,D\n", encoding="utf-8")
        POINT_TABLE.to_csv(tmp_path / "POINT.csv", index=False)
        with pytest.raises(dr.errors.FormatError, match="row 3"):
            dr.read_network(tmp_path / "LINE.csv", crs="EPSG:4548")


class TestMapping:
    def test_columns_units_and_codes_are_said_in_a_file(self, tmp_path: Path) -> None:
        strange = frame().rename(columns={"dn": "Q1", "system": "Q2"})
        strange["Q1"], strange["Q2"] = [24.0, 32.0, 40.0], ["R", "R", "F"]
        strange.to_file(tmp_path / "x.gpkg")
        said = '[pipes]\ndiameter_mm = "Q1"\nsystem = "Q2"\n[units]\ndiameter_mm = "in"\n'
        said += '[codes.system]\nR = "storm"\nF = "sewage"\n'
        (tmp_path / "x.toml").write_text(said, encoding="utf-8")
        pipes = dr.read_network(tmp_path / "x.gpkg", mapping=tmp_path / "x.toml").pipes
        assert pipes["system"].tolist() == ["storm", "storm", "sewage"]
        assert pipes["diameter_mm"].tolist() == pytest.approx([609.6, 812.8, 1016.0])

    @pytest.mark.parametrize(
        ("said", "word"),
        [
            ('[pipes]\ndiameter = "Q1"', "no such column of pipes: diameter"),
            ('[pipe]\nsystem = "Q1"', "no such layer: pipe"),
            ('[units]\ndiameter_mm = "inches wide"', "no such unit"),
            ('[codes.system]\nR = "rain"', "no such word for system: rain"),
            ('[pipes]\nsystem = "NOWHERE"', "system = NOWHERE"),
            ("[pipes", "TOML"),
        ],
    )
    def test_what_a_mapping_gets_wrong_is_said(self, said: str, word: str, tmp_path: Path) -> None:
        frame().to_file(tmp_path / "x.gpkg")
        (tmp_path / "x.toml").write_text(said, encoding="utf-8")
        with pytest.raises(dr.DrainageError, match=word):
            dr.read_network(tmp_path / "x.gpkg", mapping=tmp_path / "x.toml")

    def test_layers_may_stand_in_the_source(self, tmp_path: Path) -> None:
        whole = frame()
        for code, name in (("YS", "a"), ("WS", "b")):
            whole[whole["system"] == code].drop(columns="system").to_file(tmp_path / f"{name}.gpkg")
        points = gpd.GeoDataFrame(
            {"node_id": list(POINTS)}, geometry=[shapely.Point(p) for p in POINTS.values()], crs=4548
        )
        points.assign(kind=["manhole", "manhole", "outfall", "manhole"]).to_file(tmp_path / "c.gpkg")
        net = dr.read_network(
            {"storm": tmp_path / "a.gpkg", "sewage": tmp_path / "b.gpkg", "nodes": tmp_path / "c.gpkg"}
        )
        assert_is_the_row(net)
        assert set(net.nodes["kind_source"]) == {"recorded"}


def test_pipes_out_of_use_are_kept_and_not_counted(tmp_path: Path) -> None:
    frame().assign(status=["active", "废弃", "Proposed"], owner=["City", "City", "City"]).to_file(tmp_path / "x.gpkg")
    net = dr.read_network(tmp_path / "x.gpkg")
    assert net.pipes["from_node"].tolist() == ["A"]
    assert net.layers["inactive"]["status"].tolist() == ["abandoned", "planned"]
    assert net.issues.loc[net.issues["code"] == "inactive", "feature_id"].tolist() == ["abandoned", "planned"]


def test_heights_of_lines_are_kept_for_the_user_to_name(tmp_path: Path) -> None:
    high = frame()
    high = high.set_geometry(shapely.force_3d(high.geometry.to_numpy(), 19.5))
    high.to_file(tmp_path / "x.gpkg")
    net = dr.read_network(tmp_path / "x.gpkg")
    assert "heights" in set(net.issues["code"])
    assert net.pipes["z_from_m"].tolist() == [19.5] * 3
    named = dr.read_network(tmp_path / "x.gpkg", columns={"invert_from_m": "z_from_m"})
    assert named.pipes["invert_from_m"].tolist() == [19.5] * 3


class TestArchives:
    def test_a_name_that_leads_out_is_refused(self, tmp_path: Path) -> None:
        with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
            archive.writestr("../../evil.geojson", "{}")
        with pytest.raises(dr.errors.FormatError, match="leads out"):
            dr.read_network(tmp_path / "x.zip")

    def test_a_bomb_is_refused(self, tmp_path: Path) -> None:
        with zipfile.ZipFile(tmp_path / "x.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("pipes.geojson", " " * (1 << 27))
        (tmp_path / "x.geojson.gz").write_bytes(gzip.compress(b" " * (1 << 27)))
        for name in ("x.zip", "x.geojson.gz"):
            with pytest.raises(dr.errors.FormatError, match="far more"):
                dr.read_network(tmp_path / name)

    def test_several_layers_in_one_archive_must_be_named(self, tmp_path: Path) -> None:
        with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
            archive.writestr("a.geojson", "{}")
            archive.writestr("b.geojson", "{}")
        with pytest.raises(dr.errors.FormatError, match=r"a\.geojson, b\.geojson"):
            dr.read_network(tmp_path / "x.zip")

    def test_what_is_no_archive_is_said(self, tmp_path: Path) -> None:
        for name in ("x.zip", "x.geojson.gz"):
            (tmp_path / name).write_bytes(b"not packed")
            with pytest.raises(dr.errors.FormatError, match="cannot be unpacked"):
                dr.read_network(tmp_path / name)


class TestWriting:
    @pytest.mark.parametrize("ending", [".geojson", ".fgb", ".parquet", ".shp", ".gpkg"])
    def test_what_is_written_is_read_back_with_columns_that_we_do_not_know(self, ending: str, tmp_path: Path) -> None:
        points = gpd.GeoDataFrame(
            {
                "node_id": list(POINTS),
                "ground_m": list(GROUND.values()),
                "kind": ["manhole", "manhole", "outfall", "manhole"],
            },
            geometry=[shapely.Point(p) for p in POINTS.values()],
            crs=4548,
        )
        points.to_file(tmp_path / "points.gpkg")
        strange = frame().assign(巡查员=["王", "", "李"], visits=[1, 2, 3], pipe_id=["L1", "L2", "L3"])
        strange.assign(commissioned="2020-05-01", invert_from_m=[20.0, 19.8, 20.4]).to_file(tmp_path / "lines.gpkg")
        net = dr.read_network(tmp_path / "lines.gpkg", nodes=tmp_path / "points.gpkg")
        (tmp_path / "out").mkdir()
        dr.write_network(net, tmp_path / "out" / f"pipes{ending}")
        again = dr.read_network(tmp_path / "out" / f"pipes{ending}")
        assert_is_the_row(again)
        pipes = again.pipes.loc[net.pipes.index]
        assert pipes["巡查员"].fillna("").tolist() == ["王", "", "李"]
        assert pipes["visits"].tolist() == [1, 2, 3]
        for column in ("system", "invert_from_m", "commissioned", "length_m", "diameter_mm"):
            assert pipes[column].equals(net.pipes[column]) or np.allclose(pipes[column], net.pipes[column]), column
        assert again.nodes["ground_m"].to_dict() == pytest.approx(GROUND)
        assert again.nodes["kind"]["C"] == "outfall"

    def test_nothing_is_overwritten_and_all_or_none_is_written(self, tmp_path: Path) -> None:
        frame().to_file(tmp_path / "lines.gpkg")
        net = dr.read_network(tmp_path / "lines.gpkg")
        (tmp_path / "nodes.geojson").write_text("mine")
        with pytest.raises(dr.errors.FormatError, match=r"nodes\.geojson: already exists"):
            dr.write_network(net, tmp_path / "pipes.geojson")
        assert not (tmp_path / "pipes.geojson").exists()
        assert (tmp_path / "nodes.geojson").read_text() == "mine"

    def test_names_that_a_shapefile_would_make_the_same_are_told_apart(self, tmp_path: Path) -> None:
        frame().assign(inspection_2020=1, inspection_2021=2, 管道巡查记录=3, 管道巡查=4).to_file(
            tmp_path / "lines.gpkg"
        )
        dr.write_network(dr.read_network(tmp_path / "lines.gpkg"), tmp_path / "pipes.shp")
        written = pyogrio.read_dataframe(tmp_path / "pipes.shp")
        assert written[["inspection", "inspecti_2", "管道巡", "管道_2"]].iloc[0].tolist() == [1, 2, 3, 4]
