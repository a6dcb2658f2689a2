"""Files that begin rightly and hold what nothing can be made of: each is refused in one clear sentence."""

from __future__ import annotations

import json
import sqlite3
import zipfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

import drainage as dr
from drainage.change_sets import Change, ChangeSet
from drainage.formats.geofile import open_layer
from drainage.formats.guard.drawing_guard import check_drawing
from drainage.formats.guard.geopackage_guard import check_plain, to_read
from drainage.formats.guard.packed_shapes import unpack_shapes
from drainage.formats.guard.workbook_guard import check_workbook
from drainage.formats.tables.workbook import cells_of_sheet
from drainage.network import DrainageNetwork
from drainage.report.submitted.taken_in import holds_changes
from drainage.schema import Issues
from tests.support.networks import build

BEYOND = "1" + "0" * 400  # a number that no float holds


@pytest.fixture
def street() -> DrainageNetwork:
    return build(["a>b storm 600", "b>out storm 600"])


def broken(path: Path, member: str) -> Path:
    """Break the stream of a member of an archive (in place)."""
    with zipfile.ZipFile(path) as archive:
        at = archive.getinfo(member).header_offset + 30 + len(member)
    raw = bytearray(path.read_bytes())
    raw[at : at + 8] = b"\xff" * 8
    path.write_bytes(bytes(raw))
    return path


def packed(path: Path, member: str) -> Path:
    """Write an archive with one member that can be packed."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(member, "<a/>" * 1000)
    return path


class TestDamagedArchives:
    @pytest.mark.parametrize("member", ["xl/worksheets/sheet1.xml", "xl/styles.xml"])
    def test_a_workbook(self, member: str, tmp_path: Path) -> None:
        with pytest.raises(dr.errors.FormatError, match=r"b\.xlsx: is not an Excel workbook that can be read"):
            check_workbook(broken(packed(tmp_path / "b.xlsx", member), member))

    def test_a_workbook_that_is_none_at_all(self, tmp_path: Path) -> None:
        (tmp_path / "b.xlsx").write_bytes(b"PK\x03\x04" + bytes(100))
        with pytest.raises(dr.errors.FormatError, match="is not an Excel workbook that can be read"):
            check_workbook(tmp_path / "b.xlsx")

    def test_a_sheet_that_is_not_asked_for(self, tmp_path: Path) -> None:
        from openpyxl import Workbook

        book = Workbook()
        book.create_sheet("more")
        book.save(tmp_path / "b.xlsx")
        with pytest.raises(dr.errors.FormatError, match="is not an Excel workbook that can be read"):
            cells_of_sheet(broken(tmp_path / "b.xlsx", "xl/worksheets/sheet2.xml"), None)

    def test_shapes(self, tmp_path: Path) -> None:
        with pytest.raises(dr.errors.FormatError, match=r"b\.zip: cannot be unpacked"):
            unpack_shapes(broken(packed(tmp_path / "b.zip", "works.shp"), "works.shp"), tmp_path)


class TestNumbersBeyondFloats:
    @pytest.mark.parametrize("word", [BEYOND, "1e999", "-1e999"])
    @pytest.mark.parametrize("number", ["3.0", "300"], ids=["place", "value"])
    @pytest.mark.parametrize("read", [holds_changes, dr.read_change_set])
    def test_are_none(self, read: Callable[[Path], object], number: str, word: str, tmp_path: Path) -> None:
        told = {"action": "change", "layer": "pipes", "pipe_id": "p0", "diameter_mm": 300}
        shape: dict[str, Any] = {"type": "LineString", "coordinates": [[1.0, 2.0], [3.0, 4.0]]}
        doc = {"type": "FeatureCollection", "features": [{"type": "Feature", "geometry": shape, "properties": told}]}
        file = tmp_path / "c.geojson"
        file.write_text(json.dumps(doc).replace(number, word), encoding="utf-8")
        with pytest.raises(dr.errors.FormatError, match=r"c\.geojson: is no JSON .*beyond all that is counted here"):
            read(file)

    def test_are_no_values_of_an_edit_either(self, street: DrainageNetwork) -> None:
        wide = Change(action="change", layer="pipes", id="p0", columns={"diameter_mm": int(BEYOND)})
        with pytest.raises(dr.errors.SchemaError, match=r"diameter_mm cannot be 1000.*; expected mm between"):
            dr.apply_changes(street, ChangeSet(name="wide", changes=[wide]))


class TestDatabases:
    """What is sent as a GeoPackage: nothing in it is run, nothing beside it is opened, nothing is written."""

    @staticmethod
    def written(path: Path, *statements: str) -> Path:
        with closing(sqlite3.connect(path)) as database:
            for one in statements:
                database.execute(one)
            database.commit()
        return path

    def test_a_list_of_tables_that_never_ends_is_not_begun(self, tmp_path: Path) -> None:
        endless = "WITH RECURSIVE n(table_name) AS (SELECT 1 UNION ALL SELECT table_name + 1 FROM n) SELECT * FROM n"
        file = self.written(tmp_path / "b.gpkg", f"CREATE VIEW gpkg_contents AS {endless}")
        with pytest.raises(dr.errors.FormatError, match="holds the view gpkg_contents"):
            check_plain(file)

    def test_no_other_file_is_attached(self, tmp_path: Path) -> None:
        file, other = (self.written(tmp_path / name, "CREATE TABLE t (a)") for name in ("b.gpkg", "c.gpkg"))
        with pytest.raises(dr.errors.FormatError, match="too many attached databases"), to_read(file) as database:
            database.execute("ATTACH ? AS other", (str(other),))

    def test_nothing_is_written_and_no_extension_is_loaded(self, tmp_path: Path) -> None:
        file = self.written(tmp_path / "b.gpkg", "CREATE TABLE t (a)")
        for wrong, said in (("INSERT INTO t VALUES (1)", "readonly"), ("SELECT load_extension('x')", "not authorized")):
            with pytest.raises(dr.errors.FormatError, match=said), to_read(file) as database:
                database.execute(wrong)
        assert [one.name for one in tmp_path.iterdir()] == ["b.gpkg"]


@pytest.mark.parametrize(("text", "told"), [("DN300", True), ("d400 i=0.003", True), ("Road 12", False)])
def test_sizes_written_beside_lines_are_told_and_not_read(text: str, tmp_path: Path, *, told: bool) -> None:
    from ezdxf.filemanagement import new

    drawing = new("R2010")
    drawing.modelspace().add_lwpolyline([(500000, 3700000), (500050, 3700000)], dxfattribs={"layer": "YSLINE"})
    drawing.modelspace().add_text(text, dxfattribs={"layer": "TEXT"})
    drawing.saveas(tmp_path / "d.dxf")
    issues = Issues()
    open_layer(tmp_path / "d.dxf", None, "EPSG:4548", issues)
    assert ("drawing_sizes" in set(issues.frame()["code"])) == told


@pytest.mark.parametrize("flags", ["--5", "-", "٣", "5-"])
def test_a_group_of_a_drawing_that_is_no_number_is_none(flags: str, tmp_path: Path) -> None:
    file = tmp_path / "d.dxf"
    groups = ["0", "SECTION", "2", "BLOCKS", "0", "BLOCK", "2", "B", "70", flags, "0", "ENDBLK", "0", "EOF"]
    file.write_text("\n".join(groups), encoding="utf-8")
    check_drawing(file)
