"""Small everyday files from outside: read rightly, or refused in one clear line."""

from __future__ import annotations

import importlib.util
import json
import shutil
import sqlite3
import struct
import warnings
import zipfile
from contextlib import suppress
from pathlib import Path
from types import ModuleType

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pyogrio
import pytest
import shapely

import drainage as dr
from drainage.errors import CrsError, DrainageError, FormatError
from drainage.formats.tables.workbook import sheet_rows
from tests.support.said import said_codes

EAST, NORTH = 500000.0, 3712000.0
PIPES = gpd.GeoDataFrame(
    {
        "管线编号": ["YS1-YS2", "YS2-YS3"],
        "管线类型": ["雨水", "雨水"],
        "起点点号": ["YS1", "YS2"],
        "终点点号": ["YS2", "YS3"],
        "管径": [600.0, 600.0],
        "起点高程": [20.0, 19.8],
    },
    geometry=[shapely.LineString([(EAST + 50 * k, NORTH), (EAST + 50 * k + 50, NORTH)]) for k in range(2)],
    crs=4548,
)
OURS = PIPES.set_axis(
    ["pipe_id", "system", "from_node", "to_node", "diameter_mm", "invert_from_m", "geometry"], axis=1
).assign(system=["storm", "sewage"])


def write(path: Path, frame: gpd.GeoDataFrame = OURS, **options: object) -> Path:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pyogrio.write_dataframe(frame, path, **options)
    return path


def dbf(columns: dict[bytes, list[bytes]], width: int = 20) -> bytes:
    """Return a table of texts as dBASE III writes it: names and cells cut where they are too long."""
    count = len(next(iter(columns.values())))
    fields = b"".join(name[:10].ljust(11, b"\0") + b"C" + bytes(4) + bytes([width]) + bytes(15) for name in columns)
    rows = b"".join(
        b" " + b"".join(cells[row][:width].ljust(width) for cells in columns.values()) for row in range(count)
    )
    head = struct.pack("<B3BIHH20x", 3, 126, 11, 28, count, 32 + len(fields) + 1, 1 + width * len(columns))
    return head + fields + b"\r" + rows + b"\x1a"


def shapefile(folder: Path, encoding: str, page: str | None, frame: gpd.GeoDataFrame = PIPES) -> Path:
    """Write a Shapefile whose table is of an encoding, and whose .cpg says another perhaps."""
    file = write(folder / "pipes.shp", frame[["geometry"]].assign(a="x"), encoding="UTF-8")
    texts = {str(name): [str(cell) for cell in frame[name]] for name in frame.columns.drop("geometry")}
    file.with_suffix(".dbf").write_bytes(
        dbf({name.encode(encoding): [cell.encode(encoding) for cell in cells] for name, cells in texts.items()})
    )
    file.with_suffix(".cpg").unlink(missing_ok=True)
    if page is not None:
        file.with_suffix(".cpg").write_text(page)
    return file


class TestShapefiles:
    @pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
    def test_a_name_cut_within_a_sign_is_completed(self, tmp_path: Path, encoding: str) -> None:
        """管线编号 takes 12 bytes of UTF-8: ten stay, 管线编 and a third of 号; 起点管底高程 takes 12 of GBK."""
        frame = PIPES.assign(起点管底高程=PIPES["起点高程"], 起点埋深=1.0).drop(columns="起点高程")
        net = dr.read_network(shapefile(tmp_path, encoding, None, frame))
        assert net.pipes.index.tolist() == ["YS1-YS2", "YS2-YS3"]
        assert net.pipes["invert_from_m"].tolist() == [20.0, 19.8]
        assert net.pipes["depth_from_m"].tolist() == [1.0, 1.0]
        assert net.pipes["system"].tolist() == ["storm", "storm"]
        assert "cut_names" in said_codes(net.issues)

    def test_a_cut_name_of_two_meanings_is_said(self, tmp_path: Path) -> None:
        """起点管底高程 and 起点管底埋深 both take 18 bytes of UTF-8, of which 起点管 is left."""
        frame = PIPES.rename(columns={"起点高程": "起点管底高程"})
        net = dr.read_network(shapefile(tmp_path, "utf-8", None, frame))
        said = net.issues[net.issues["severity"].eq("warning") & net.issues["code"].eq("cut_names")]
        assert said["reason"].str.contains("起点管.*invert_from_m or depth_from_m").any()

    def test_columns_of_one_name_are_told_apart(self, tmp_path: Path) -> None:
        file = shapefile(tmp_path, "utf-8", "UTF-8")
        named = file.with_suffix(".dbf").read_bytes().replace("起点点号".encode()[:10], "终点点号".encode()[:10])
        file.with_suffix(".dbf").write_bytes(named)
        issues = dr.read_network(file).issues
        assert issues.loc[issues["code"] == "repeated_column", "severity"].tolist() == ["warning"]

    @pytest.mark.parametrize("wkt", ['PROJCS["x"', "\x00\x01", 'GEOGCS["a",DATUM["b",SPHEROID["c",1,1]]'])
    def test_a_damaged_system_is_one_line_or_none(self, tmp_path: Path, wkt: str) -> None:
        file = shapefile(tmp_path, "utf-8", "UTF-8")
        file.with_suffix(".prj").write_text(wkt)
        with suppress(DrainageError):
            dr.read_network(file)

    @pytest.mark.parametrize(
        "page", ["936", "cp936", "GBK", "ANSI 936", "GB2312", "OEM 936", "GB18030", "54936", "windows-936", "gb_2312"]
    )
    def test_every_spelling_of_the_chinese_code_page_is_known(self, tmp_path: Path, page: str) -> None:
        net = dr.read_network(shapefile(tmp_path, "gbk", page))
        assert net.pipes["system"].tolist() == ["storm", "storm"]
        assert "encoding" not in set(net.issues["code"])

    @pytest.mark.parametrize(("page", "encoding"), [("UTF-8", "gbk"), ("936", "utf-8"), ("nonsense", "gbk")])
    def test_a_code_page_that_is_wrong_is_not_believed(self, tmp_path: Path, page: str, encoding: str) -> None:
        frame = PIPES.assign(road="人民路口")
        net = dr.read_network(shapefile(tmp_path, encoding, page, frame))
        if encoding == "gbk":
            assert net.pipes["road"].tolist() == ["人民路口"] * 2
        assert page == "nonsense" or "encoding" in said_codes(net.issues)

    def test_a_text_cut_within_a_sign_loses_no_more_than_that_sign(self, tmp_path: Path) -> None:
        frame = PIPES.assign(road="人民东路一二三四五")  # 27 bytes of UTF-8 in a field of 20
        net = dr.read_network(shapefile(tmp_path, "utf-8", "UTF-8", frame))
        assert net.pipes["road"].tolist() == ["人民东路一二"] * 2
        assert "encoding" in said_codes(net.issues)

    def test_an_empty_table_of_attributes_is_said(self, tmp_path: Path) -> None:
        file = write(tmp_path / "pipes.shp")
        file.with_suffix(".dbf").write_bytes(b"")
        with pytest.raises(FormatError, match=r"pipes\.dbf: ends after 0 of 32 bytes"):
            dr.read_network(file)

    @pytest.mark.parametrize("part", [".dbf", ".shx", ".shp"])
    def test_parts_of_two_exports_are_refused(self, tmp_path: Path, part: str) -> None:
        """One part is of three pipes, the others of two: every line would have the attributes of another."""
        file = write(tmp_path / "pipes.shp")
        other = write(tmp_path / "other.shp", pd.concat([OURS, OURS.head(1)], ignore_index=True))
        shutil.copy(other.with_suffix(part), file.with_suffix(part))
        with pytest.raises(FormatError, match="not from the same export"):
            dr.read_network(file)

    def test_an_index_of_other_shapes_is_refused(self, tmp_path: Path) -> None:
        file = write(tmp_path / "pipes.shp")
        bent = OURS.set_geometry([shapely.LineString([(0, 0), (1, 1), (2, 0)]), OURS.geometry.iloc[1]])
        shutil.copy(write(tmp_path / "other.shp", bent).with_suffix(".shx"), file.with_suffix(".shx"))
        with pytest.raises(FormatError, match="not from the same export"):
            dr.read_network(file)

    def test_a_local_system_counts_as_none(self, tmp_path: Path) -> None:
        file = write(tmp_path / "pipes.shp")
        local = 'LOCAL_CS["Local grid",LOCAL_DATUM["x",0],UNIT["Meter",1.0],AXIS["X",EAST],AXIS["Y",NORTH]]'
        file.with_suffix(".prj").write_text(local)
        with pytest.raises(CrsError, match="crs="):
            dr.read_network(file)
        assert dr.read_network(file, crs="EPSG:4548").pipes["length_m"].tolist() == [50.0, 50.0]


class TestGeoPackages:
    @pytest.mark.parametrize("srs", [0, -1])
    def test_an_undefined_system_counts_as_none(self, tmp_path: Path, srs: int) -> None:
        file = write(tmp_path / "pipes.gpkg", layer="pipes")
        with sqlite3.connect(file) as database:
            for table in ("gpkg_geometry_columns", "gpkg_contents"):
                database.execute(f"UPDATE {table} SET srs_id = {srs}")  # noqa: S608 - two names of ours
        database.close()
        with pytest.raises(CrsError, match="crs="):
            dr.read_network(file)
        assert dr.read_network(file, crs="EPSG:4548").pipes["length_m"].tolist() == [50.0, 50.0]

    def test_empty_layers_beside_full_ones_are_passed_over(self, tmp_path: Path) -> None:
        file = write(tmp_path / "net.gpkg", layer="pipes")
        nodes = gpd.GeoDataFrame({"node_id": ["A"]}, geometry=[shapely.Point(EAST, NORTH)], crs=4548).head(0)
        for layer, frame in (("nodes", nodes), ("roads", OURS.head(0)), ("catchments", nodes)):
            write(file, frame, layer=layer, append=True)
        net = dr.read_network(file)
        assert len(net.pipes) == 2
        assert (net.issues["code"] == "empty_layer").sum() == 3

    def test_of_several_layers_of_pipes_the_full_ones_are_read(self, tmp_path: Path) -> None:
        file = write(tmp_path / "net.gpkg", layer="YSLINE")
        write(file, OURS.head(0), layer="WSLINE", append=True)
        assert len(dr.read_network(file).pipes) == 2

    @pytest.mark.parametrize("kind", ["compound", "circular", "multi"])
    def test_arcs_become_chords(self, tmp_path: Path, kind: str) -> None:
        """A half circle of radius 50 m is 157.08 m long, and 100 m as a straight line."""
        arc = circular([(EAST, NORTH), (EAST + 50, NORTH + 50), (EAST + 100, NORTH)])
        wkb = {"circular": arc, "compound": nested(9, arc), "multi": nested(11, arc)}[kind]
        file = tmp_path / "pipes.gpkg"
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            pyogrio.raw.write(
                file, np.array([wkb], dtype=object), [np.array(["P1"], dtype=object)], ["pipe_id"],
                geometry_type="Unknown", crs="EPSG:4548", driver="GPKG", layer="pipes",
            )  # fmt: skip
        assert dr.read_network(file).pipes["length_m"].tolist() == pytest.approx([157.08], abs=0.2)


def circular(points: list[tuple[float, float]]) -> bytes:
    return struct.pack("<BII", 1, 8, len(points)) + b"".join(struct.pack("<dd", *point) for point in points)


def nested(kind: int, part: bytes) -> bytes:
    return struct.pack("<BII", 1, kind, 1) + part


class TestANetworkOfOursThatWasEdited:
    def written(self, folder: Path, statement: str) -> Path:
        file = folder / "net.gpkg"
        dr.write_network(dr.as_network(OURS), file)
        with sqlite3.connect(file) as database:
            for name in [n for (n,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")]:
                database.execute(f'DROP TRIGGER "{name}"')  # they call functions of GDAL
            database.execute(statement)
        database.close()
        return file

    def test_values_are_checked_again(self, tmp_path: Path) -> None:
        net = dr.read_network(self.written(tmp_path, "UPDATE pipes SET diameter_mm = -5e300, length_m = -1"))
        assert net.pipes["diameter_mm"].isna().all()
        assert net.pipes["length_m"].tolist() == [50.0, 50.0]
        assert net.pipes["length_source"].tolist() == ["geometry"] * 2
        assert "value_out_of_range" in set(net.issues["code"])

    def test_a_pipe_that_was_called_abandoned_in_a_gis_is_out_of_use(self, tmp_path: Path) -> None:
        net = dr.read_network(self.written(tmp_path, "UPDATE pipes SET status = 'abandoned' WHERE pipe_id = 'YS2-YS3'"))
        assert net.pipes.index.tolist() == ["YS1-YS2"]
        assert net.layers["inactive"].index.tolist() == ["YS2-YS3"]

    @pytest.mark.long
    @pytest.mark.parametrize(
        "edit",
        [
            "UPDATE drainage_network SET said = replace(said, 'float64', 'complex128')",
            "UPDATE drainage_network SET said = replace(said, 'float64', 'nonsense')",
            "UPDATE drainage_network SET said = replace(said, '\"pipe_id\"', '7')",
            "UPDATE drainage_network SET said = '[1, 2]'",
            "UPDATE drainage_network SET said = '{'",
            "UPDATE drainage_network SET said = NULL",
            "DELETE FROM drainage_network",
            "UPDATE pipes SET pipe_id = 'same'",
            "UPDATE pipes SET system = 'beer'",
            "UPDATE nodes SET node_id = NULL",
            "UPDATE nodes SET kind = 'pump' WHERE rowid = 1",
            "UPDATE pipes SET shape = 'rectangular' WHERE rowid = 1",
        ],
    )
    def test_one_that_does_not_fit_its_mark_is_read_like_any_other_delivery(self, tmp_path: Path, edit: str) -> None:
        net = dr.read_network(self.written(tmp_path, edit))
        assert len(net.pipes) == 2
        assert net.pipes.index.name == "pipe_id"
        assert "edited" in set(net.issues["code"])
        assert net.pipes["diameter_mm"].tolist() == [600.0, 600.0]


class TestWorkbooks:
    def book(self, path: Path) -> openpyxl.Workbook:
        book = openpyxl.Workbook()
        page = book.active
        assert page is not None
        for row in [list(PIPES.columns.drop("geometry")), *PIPES.drop(columns="geometry").to_numpy().tolist()]:
            page.append(row)
        book.save(path)
        return book

    def test_a_far_cell_is_refused(self, tmp_path: Path) -> None:
        book = self.book(tmp_path / "far.xlsx")
        page = book.active
        assert page is not None
        page["XFD1048576"] = "x"
        book.save(tmp_path / "far.xlsx")
        with pytest.raises(FormatError, match=r"row 1,048,576"):
            sheet_rows(tmp_path / "far.xlsx", "Sheet")

    def test_a_stray_blank_below_is_not_there(self, tmp_path: Path) -> None:
        book = self.book(tmp_path / "stray.xlsx")
        page = book.active
        assert page is not None
        page["A20000"] = " "
        book.save(tmp_path / "stray.xlsx")
        assert len(sheet_rows(tmp_path / "stray.xlsx", "Sheet")) == 3

    def test_one_that_unpacks_to_far_more_than_its_size_is_refused(self, tmp_path: Path) -> None:
        self.book(tmp_path / "bomb.xlsx")
        with zipfile.ZipFile(tmp_path / "bomb.xlsx", "a", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("xl/media/zeros", bytes(40 << 20))
        with pytest.raises(FormatError, match="far more than its size"):
            sheet_rows(tmp_path / "bomb.xlsx", "Sheet")

    @pytest.mark.parametrize("damage", ["entities", "cut", "deflate"])
    def test_a_damaged_one_is_one_line(self, tmp_path: Path, damage: str) -> None:
        file = tmp_path / "lines.xlsx"
        self.book(file)
        members = {}
        with zipfile.ZipFile(file) as archive:
            members = {name: archive.read(name) for name in archive.namelist()}
        name = "xl/worksheets/sheet1.xml"
        text = members[name]
        if damage == "entities":
            members[name] = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]>' + text.replace(
                b"<row", b"&c;<row", 1
            )
        if damage == "cut":
            members[name] = text[: len(text) // 2]
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            for member, content in members.items():
                archive.writestr(member, content)
            place = archive.getinfo(name).header_offset
        if damage == "deflate":
            raw = bytearray(file.read_bytes())
            raw[place + 30 + len(name) : place + 90 + len(name)] = b"\xff" * 60
            file.write_bytes(raw)
        with pytest.raises(FormatError, match=r"lines\.xlsx"):
            dr.read_network(file, nodes=file)

    def test_a_sheet_of_libreoffice_is_read(self, tmp_path: Path, fuzz: ModuleType) -> None:
        table = PIPES.drop(columns="geometry")
        fuzz._write_ods(table, tmp_path / "lines.ods")
        points = pd.DataFrame({"点号": ["YS1", "YS2", "YS3"], "X": NORTH, "Y": [EAST, EAST + 50, EAST + 100]})
        points.to_csv(tmp_path / "points.csv", index=False)
        net = dr.read_network(tmp_path / "lines.ods", nodes=tmp_path / "points.csv", crs="EPSG:4548")
        assert net.pipes["length_m"].tolist() == [50.0, 50.0]


class TestFormats:
    @pytest.mark.parametrize(
        ("name", "driver"),
        [("p.kml", "LIBKML"), ("p.gml", "GML"), ("p.mif", "MapInfo File"), ("p.tab", "MapInfo File")],
    )
    def test_a_layer_of_another_program_is_read(self, tmp_path: Path, name: str, driver: str) -> None:
        options = {"dataset_options": {"FORMAT": "MIF"}} if name == "p.mif" else {}
        frame = OURS.to_crs(4326) if driver == "LIBKML" else OURS
        net = dr.read_network(write(tmp_path / name, frame, driver=driver, **options))
        assert net.pipes.index.tolist() == ["YS1-YS2", "YS2-YS3"]
        assert net.pipes["length_m"].tolist() == pytest.approx([50.0, 50.0], abs=0.05)
        assert net.pipes["diameter_mm"].tolist() == [600.0, 600.0]

    def test_a_kmz_and_a_zipped_geodatabase_are_unpacked(self, tmp_path: Path) -> None:
        kml = write(tmp_path / "doc.kml", OURS.to_crs(4326), driver="LIBKML")
        with zipfile.ZipFile(tmp_path / "p.kmz", "w") as archive:
            archive.write(kml, "doc.kml")
        write(tmp_path / "p.gdb", driver="OpenFileGDB", layer="pipes")
        with zipfile.ZipFile(tmp_path / "gdb.zip", "w") as archive:
            for part in (tmp_path / "p.gdb").iterdir():
                archive.write(part, f"delivery/p.gdb/{part.name}")
        for name in ("p.kmz", "gdb.zip"):
            assert len(dr.read_network(tmp_path / name).pipes) == 2

    def test_a_mif_in_chinese_is_read(self, tmp_path: Path) -> None:
        file = write(tmp_path / "p.mif", OURS, driver="MapInfo File")
        head = file.read_bytes().replace(b'Charset "Neutral"', b'Charset "WindowsSimpChinese"')
        file.write_bytes(head)
        data = file.with_suffix(".mid")
        data.write_bytes(data.read_bytes().replace(b"YS1-YS2", "管1".encode("gbk")))
        assert dr.read_network(file).pipes.index.tolist() == ["管1", "YS2-YS3"]

    def test_a_table_with_its_lines_as_wkt_is_read(self, tmp_path: Path) -> None:
        table = pd.DataFrame(OURS.drop(columns="geometry")).assign(WKT=OURS.geometry.to_wkt())
        table.to_csv(tmp_path / "pipes.csv", index=False)
        net = dr.read_network(tmp_path / "pipes.csv", crs="EPSG:4548")
        assert net.pipes["length_m"].tolist() == [50.0, 50.0]
        table.assign(WKT="SRID=4548;" + table["WKT"]).to_csv(tmp_path / "ewkt.csv", index=False)
        assert dr.read_network(tmp_path / "ewkt.csv").pipes["length_m"].tolist() == [50.0, 50.0]
        table.assign(WKT="LINESTRING (1 2, x").to_csv(tmp_path / "bad.csv", index=False)
        with pytest.raises(FormatError, match="not well-known text"):
            dr.read_network(tmp_path / "bad.csv", crs="EPSG:4548")

    def test_a_layer_without_any_geometry_is_one_line(self, tmp_path: Path) -> None:
        content = json.loads(OURS.to_crs(4326).to_json())
        for feature in content["features"]:
            feature["geometry"] = None
        (tmp_path / "pipes.geojson").write_text(json.dumps(content))
        with pytest.raises(FormatError, match="none of its 2 features has a usable geometry"):
            dr.read_network(tmp_path / "pipes.geojson")

    def test_a_mapping_that_is_nested_without_end_is_one_line(self, tmp_path: Path) -> None:
        (tmp_path / "m.toml").write_text("a = " + "[" * 100_000)
        with pytest.raises(FormatError, match=r"m\.toml"):
            dr.read_network(write(tmp_path / "p.fgb"), mapping=tmp_path / "m.toml")


@pytest.fixture(scope="module")
def fuzz() -> ModuleType:
    """The script of the validation folder."""
    place = Path(__file__).parents[2] / "validation" / "fuzz_readers.py"
    spec = importlib.util.spec_from_file_location("fuzz_readers", place)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_damaged_file_ends_in_a_network_or_in_one_line(fuzz: ModuleType) -> None:
    """A few of the mutations of ``validation/fuzz_readers.py``, which makes 150 of each format."""
    endings = [
        ".gpkg",
        ".marked.gpkg",
        ".fgb",
        ".parquet",
        ".shp",
        ".dbf",
        ".shx",
        ".xlsx",
        ".inp",
        ".geojson",
        ".csv",
        ".toml",
    ]
    raw = {ending: dict(found) for ending, found in fuzz.fuzz(endings, 4, seed=7).items() if found}
    assert not raw
