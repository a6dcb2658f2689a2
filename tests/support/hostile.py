"""A hundred files that nobody should send, of every kind, and some odd ones that are to be read rightly.

Each is made by a function of a folder; ``REFUSED`` and ``READ`` say what is to become of it.
"""

# ruff: noqa: E501, ARG005, ANN401 - one case a line, and drawings and workbooks are of other libraries
from __future__ import annotations

import io
import json
import shutil
import sqlite3
import stat
import zipfile
from collections.abc import Callable, Mapping
from contextlib import closing
from copy import deepcopy
from pathlib import Path
from typing import Any, Final

import numpy as np
import shapely

from tests.support import deliveries

Doc = dict[str, Any]
Make = Callable[[Path], Path]


def survey(folder: Path) -> Doc:
    """Give a sound survey as JSON."""
    good = deliveries.write_delivery(folder, "geojson", deliveries.LANE)
    read: Doc = json.loads(good.read_text(encoding="utf-8"))
    return read


def change_set(folder: Path) -> Doc:
    """Give a sound change set as JSON."""
    good = deliveries.write_delivery(folder, "changes", deliveries.LANE)
    read: Doc = json.loads(good.read_text(encoding="utf-8"))
    return read


def _json(edit: Callable[[Doc], object], of: Callable[[Path], Doc] = survey) -> Make:
    """Make a sound file otherwise; what ``edit`` returns stands for it, unless that is None."""

    def make(folder: Path) -> Path:
        doc = of(folder)
        edited = edit(doc)
        path = folder / "upload"
        path.write_text(edited if isinstance(edited, str) else json.dumps(edited or doc), encoding="utf-8")
        return path

    return make


def _raw(content: bytes) -> Make:
    def make(folder: Path) -> Path:
        path = folder / "upload"
        path.write_bytes(content)
        return path

    return make


def _first(doc: Doc, **told: object) -> None:
    doc["features"][0]["properties"] |= told


def _moved(change: Callable[[np.ndarray], np.ndarray]) -> Callable[[Doc], None]:
    def edit(doc: Doc) -> None:
        for feature in doc["features"]:
            line = shapely.from_geojson(json.dumps(feature["geometry"]))
            feature["geometry"] = json.loads(shapely.to_geojson(shapely.transform(line, change)))

    return edit


def _shape(kind: str, coordinates: object) -> Callable[[Doc], None]:
    def edit(doc: Doc) -> None:
        doc["features"][0]["geometry"] = {"type": kind, "coordinates": coordinates}

    return edit


def _text(old: str, new: str) -> Callable[[Doc], str]:
    return lambda doc: json.dumps(doc).replace(old, new, 1)


def _coordinate(word: str) -> Callable[[Doc], str]:
    """Put a word where the first number of a place is."""

    def edit(doc: Doc) -> str:
        first = doc["features"][0]["geometry"]["coordinates"][0][0]
        return json.dumps(doc).replace(repr(first), word, 1)

    return edit


def _copies(count: int) -> Callable[[Doc], None]:
    def edit(doc: Doc) -> None:
        one = doc["features"][0]
        doc["features"] += [
            {**one, "properties": {**one["properties"], "管段编号": f"X{k}"}, "geometry": one["geometry"]}
            for k in range(count)
        ]

    return edit


def _long_line(count: int) -> Callable[[Doc], None]:
    def edit(doc: Doc) -> None:
        (x, y), *_ = doc["features"][0]["geometry"]["coordinates"]
        doc["features"][0]["geometry"]["coordinates"] = [[x + k * 1e-9, y] for k in range(count)]

    return edit


def _of_others(doc: Doc) -> None:
    """Change a pipe on the road of somebody else, at its own place."""
    pipes = deliveries.part(deliveries.LANE).network.pipes
    other = pipes.index[(pipes["road"] != deliveries.LANE) & pipes["road"].notna()][0]
    _first(doc, 管段编号=other, 管径mm=900, 道路=None)
    doc["features"][0]["geometry"] = None


def _to_nowhere(doc: Doc) -> None:
    _first(doc, 终点编号="NIRGENDS")
    doc["features"][0]["geometry"] = None


def _same(doc: Doc) -> None:
    """Keep what is in the network as it is."""
    doc["features"] = doc["features"][-3:]


def _shifted(back: Callable[[np.ndarray], np.ndarray]) -> Callable[[np.ndarray], np.ndarray]:
    """Give the shift of a public map, of which only the way back is known, by going there until it leads back."""

    def shift(xy: np.ndarray) -> np.ndarray:
        there = xy
        for _ in range(5):
            there = there + xy - back(there)
        return there

    return shift


def _to_gcj(xy: np.ndarray) -> np.ndarray:
    from drainage.formats.china_offset import gcj02_to_wgs84

    return _shifted(gcj02_to_wgs84)(xy)


def _to_bd(xy: np.ndarray) -> np.ndarray:
    from drainage.formats.china_offset import bd09_to_wgs84

    return _shifted(bd09_to_wgs84)(xy)


def _geojson() -> dict[str, Make]:
    crs: Callable[[object], Make] = lambda said: _json(lambda doc: doc.update(crs=said))  # noqa: E731
    named: Callable[[str], object] = lambda name: {"type": "name", "properties": {"name": name}}  # noqa: E731
    return {
        "empty": _raw(b""),
        "blank": _raw(b" \n\t" * 50),
        "nothing in braces": _raw(b"{}"),
        "a list": _raw(b"[]"),
        "cut off": _json(lambda doc: json.dumps(doc)[:-200]),
        "arrays in arrays": _raw(b'{"type":"FeatureCollection","features":' + b"[" * 200_000),
        "objects in objects": _raw(b'{"a":' * 100_000),
        "deep properties": _json(lambda doc: json.dumps(doc)[:-2] + ', {"x": ' + "[" * 500 + "]" * 500 + "}]}"),
        "NaN": _json(_coordinate("NaN")),
        "infinite": _json(_coordinate("Infinity")),
        "beyond a float": _json(_coordinate("1e400")),
        "a text as a coordinate": _json(_coordinate('"x"')),
        "empty line": _json(_shape("LineString", [])),
        "one vertex": _json(_shape("LineString", [[117.53, 33.55]])),
        "parts apart": _json(_shape("MultiLineString", [[[117.53, 33.55], [117.531, 33.55]], [[117.54, 33.5], [117.541, 33.5]]])),
        "a polygon": _json(_shape("Polygon", [[[117.53, 33.55], [117.531, 33.55], [117.53, 33.551], [117.53, 33.55]]])),
        "a collection of shapes": _json(lambda doc: doc["features"][0].update(geometry={"type": "GeometryCollection", "geometries": []})),
        "points alone": _json(lambda doc: [one.update(geometry={"type": "Point", "coordinates": [117.53, 33.55]}) for one in doc["features"]] and None),
        "exchanged": _json(_moved(lambda xy: xy[:, ::-1])),
        "GCJ-02": _json(_moved(_to_gcj)),
        "BD-09": _json(_moved(_to_bd)),
        "another town": _json(_moved(lambda xy: xy + np.array([3.0, 1.0]))),
        "on another continent": _json(_moved(lambda xy: xy * np.array([-1.0, 1.0]))),
        "metres as degrees": _json(_moved(lambda xy: xy * 10_000.0)),
        "crs of nowhere": crs(named("EPSG:999999")),
        "crs of another zone": crs(named("urn:ogc:def:crs:EPSG::4549")),
        "crs as a file": crs(named("/etc/passwd")),
        "two bytes a sign": lambda folder: _raw(json.dumps(survey(folder)).encode("utf-16"))(folder),
        "bytes of Latin-1": lambda folder: _raw(json.dumps(survey(folder)).encode().replace(b"storm", b"st\xf6rm") + b"\xff")(folder),
        "NUL in the text": lambda folder: _raw(json.dumps(survey(folder)).encode().replace(b"LANE", b"") .replace(b"circular", b"circ\x00lar"))(folder),
        "NUL in an id": _json(lambda doc: _first(doc, 管段编号="WSL\u0000X")),
        "two rows of one id": _json(lambda doc: doc["features"].append(deepcopy(doc["features"][0]))),
        "ids of others": _json(_of_others),
        "road of others": _json(lambda doc: _first(doc, 道路="解放路")),
        "text for a number": _json(lambda doc: _first(doc, 管径mm="three hundred")),
        "no number": _json(lambda doc: _first(doc, 起点底高程="?!")),
        "negative size": _json(lambda doc: _first(doc, 管径mm=-300)),
        "size beyond all": _json(lambda doc: _first(doc, 管径mm=1e300)),
        "level on the moon": _json(lambda doc: _first(doc, 起点底高程=384_400_000)),
        "days the wrong way": _json(lambda doc: _first(doc, 竣工日期="2021-05-01", 废弃日期="2020-05-01")),
        "no such day": _json(lambda doc: _first(doc, 竣工日期="2020-02-31")),
        "no system": _json(lambda doc: _first(doc, 管线类型=None)),
        "unknown system": _json(lambda doc: _first(doc, 管线类型="燃气")),
        "unknown action": _json(lambda doc: _first(doc, 操作="弄好")),
        "added although there": _json(lambda doc: doc["features"][-1]["properties"].update(操作="新增")),
        "changed although nowhere": _json(lambda doc: _first(doc, 操作="修改")),
        "abandoned without a day": _json(lambda doc: doc["features"][-1]["properties"].update(操作="废弃")),
        "nothing new": _json(_same),
        "a million vertices in a line": _json(_long_line(1_000_000)),
        "too many features": _json(_copies(50_100)),
        "from a node to itself": _json(lambda doc: _first(doc, 起点编号="WS0036", 终点编号="WS0036")),
        "to a node of nowhere": _json(_to_nowhere),
        "a text without end": _json(lambda doc: _first(doc, note="x" * 5_000_000)),
        "a topology": _raw(b'{"type":"Topology","objects":{},"arcs":[]}'),
        "of ArcGIS": _raw(b'{"displayFieldName":"","geometryType":"esriGeometryPolyline","features":[]}'),
        "one feature": _json(lambda doc: doc["features"][0]),
        "one geometry": _json(lambda doc: doc["features"][0]["geometry"]),
        "no features": _json(lambda doc: doc.update(features=[])),
        "features of text": _json(lambda doc: doc.update(features=["x", 3, None])),
    }  # fmt: skip


def _changes() -> dict[str, Make]:
    def of(edit: Callable[[Doc], object]) -> Make:
        return _json(edit, change_set)

    return {
        "taken out of the survey": of(lambda doc: _first(doc, action="remove")),
        "added twice": of(lambda doc: doc["features"].append(deepcopy(doc["features"][0]))),
        "ground by a contractor": of(lambda doc: doc["features"].append({
            "type": "Feature", "geometry": None,
            "properties": {"action": "change", "layer": "catchments", "catchment_id": "C0001", "people": 3}})),
        "a flag as an id": of(lambda doc: _first(doc, pipe_id=True)),
        "an object as a value": of(lambda doc: _first(doc, material={"a": 1})),
        "a column of nowhere": of(lambda doc: _first(doc, drop_table="pipes")),
        "a place as a value": of(lambda doc: _first(doc, geometry="POINT(0 0)")),
        "a point as a pipe": of(lambda doc: doc["features"][0].update(geometry={"type": "Point", "coordinates": [0, 0]})),
        "without its crs": of(lambda doc: doc.pop("crs") and None),
        "abandoned yesterday of tomorrow": of(lambda doc: doc["features"][-1]["properties"].update(abandoned="1066-10-14x")),
        "led to another road": of(lambda doc: _first(doc, road="解放路")),
    }  # fmt: skip


def _others() -> dict[str, Make]:
    texts = {
        "a path of GDAL": "/vsicurl/http://127.0.0.1:1/x.geojson",
        "a zip of GDAL": "/vsizip//etc/passwd",
        "an address": "https://example.invalid/pipes.geojson",
        "a database": "postgresql://me:secret@127.0.0.1/town",
        "a virtual layer": "<OGRVRTDataSource><OGRVRTLayer name='x'><SrcDataSource>/etc/passwd</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>",
        "KML with a link": "<?xml version='1.0'?><kml><NetworkLink><Link><href>http://127.0.0.1:1/</href></Link></NetworkLink></kml>",
        "entities in entities": "<?xml version='1.0'?><!DOCTYPE g [<!ENTITY a '" + "x" * 100 + "'><!ENTITY b '" + "&a;" * 100 + "'>]><gml>&b;</gml>",
        "a page": "<!doctype html><script>alert(1)</script>",
        "a table of text": "管段编号,管径\nA,300\n",
        "a script": "#!/bin/sh\nrm -rf /\n",
    }  # fmt: skip
    magics = {
        "PDF": b"%PDF-1.7", "a picture": b"\x89PNG\r\n\x1a\n", "a program": b"\x7fELF\x02\x01", "DWG": b"AC1032\x00",
        "an old workbook": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "FlatGeobuf": b"fgb\x03fgb\x01", "Parquet": b"PAR1",
        "rar": b"Rar!\x1a\x07", "gzip": b"\x1f\x8b\x08\x00", "a lone shp": b"\x00\x00\x27\x0a" + bytes(96),
        "a binary drawing": b"AutoCAD Binary DXF\r\n\x1a\x00", "zeros": bytes(1000),
    }  # fmt: skip
    noise = np.random.default_rng(20).integers(0, 256, 5000, np.uint8).tobytes()
    made = {name: _raw(text.encode()) for name, text in texts.items()}
    made |= {name: _raw(magic + bytes(64)) for name, magic in magics.items()}
    return made | {"noise": _raw(noise)}


def _database(*statements: str, cut: int | None = None) -> Make:
    def make(folder: Path) -> Path:
        path = deliveries.write_delivery(folder, "gpkg", deliveries.LANE)
        with closing(sqlite3.connect(path)) as database:
            for name in [row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")]:
                database.execute(f'DROP TRIGGER "{name}"')
            for one in statements:
                database.execute(one)
            database.commit()
        if cut is not None:
            path.write_bytes(path.read_bytes()[:cut])
        return path

    return make


def _geopackages() -> dict[str, Make]:
    def plain(folder: Path) -> Path:
        path = folder / "upload"
        with closing(sqlite3.connect(path)) as database:
            database.execute("CREATE TABLE pipes (id TEXT)")
            database.commit()
        return path

    column = "INSERT INTO gpkg_geometry_columns SELECT 'v', column_name, geometry_type_name, srs_id, z, m FROM gpkg_geometry_columns LIMIT 1"
    return {
        "database cut off": _database(cut=30_000),
        "first page alone": _database(cut=100),
        "database of others": plain,
        "a view": _database("CREATE VIEW v AS SELECT * FROM pipes", column),
        "a view without end": _database("CREATE VIEW v AS WITH RECURSIVE t(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM t) SELECT * FROM t"),
        "a trigger": _database("CREATE TRIGGER evil AFTER INSERT ON pipes BEGIN DELETE FROM pipes; END"),
        "no rows": _database("DELETE FROM pipes"),
        "no pipes": _database("DROP TABLE pipes"),
        "a table that is another file": _database("PRAGMA writable_schema = ON", (
            "INSERT INTO sqlite_master VALUES ('table', 'pipes2', 'pipes2', 0, "
            "'CREATE VIRTUAL TABLE pipes2 USING VirtualOGR(''/etc/passwd'')')")),
        "text for numbers in it": _database("UPDATE pipes SET \"管段编号\" = '', \"起点底高程\" = 'abc' WHERE rowid = 1"),
    }  # fmt: skip


def _book(*members: tuple[str, bytes], drop: str = "", edit: tuple[str, bytes, bytes] | None = None) -> Make:
    """Make a sound workbook with more in it, less, or otherwise."""

    def make(folder: Path) -> Path:
        good = deliveries.write_delivery(folder, "xlsx", deliveries.LANE)
        path = folder / "upload"
        with zipfile.ZipFile(good) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
            for name in old.namelist():
                if name == drop:
                    continue
                content = old.read(name)
                if edit is not None and name == edit[0]:
                    assert edit[1] in content
                    content = content.replace(edit[1], edit[2], 1)
                new.writestr(name, content)
            for name, content in members:
                new.writestr(name, content)
        return path

    return make


def _sheets(edit: Callable[[Any], object]) -> Make:
    def make(folder: Path) -> Path:
        from openpyxl import load_workbook

        path = deliveries.write_delivery(folder, "xlsx", deliveries.LANE)
        book = load_workbook(path)
        edit(book)
        book.save(path)
        return path

    return make


def _workbooks() -> dict[str, Make]:
    sheet = "xl/worksheets/sheet1.xml"
    bomb = (
        b"<!DOCTYPE x [<!ENTITY a0 'lol'>"
        + b"".join(b"<!ENTITY a%d '%s'>" % (k, b"&a%d;" % (k - 1) * 10) for k in range(1, 12))
        + b"]>"
    )
    return {
        "workbook cut off": lambda folder: _raw(deliveries.write_delivery(folder, "xlsx", deliveries.LANE).read_bytes()[:3000])(folder),
        "a formula": _sheets(lambda book: book["管段"].__setitem__("F2", "=1+1")),
        "a formula that asks the network": _sheets(lambda book: book["管段"].__setitem__("A2", '=WEBSERVICE("http://127.0.0.1:1/")')),
        "macros": _book(("xl/vbaProject.bin", b"\xd0\xcf\x11\xe0")),
        "a bomb": _book(("xl/worksheets/sheet9.xml", bytes(300 << 20))),
        "thousands of members": _book(*((f"x/{k}", b"") for k in range(2000))),
        "entities in a sheet": _book(edit=(sheet, b"<worksheet", bomb + b"<worksheet")),
        "without its book": _book(drop="xl/workbook.xml"),
        "without sheets": _book(drop=sheet),
        "a letter": _raw(_zip({"[Content_Types].xml": b"", "word/document.xml": b""})),
        "headings alone": _sheets(lambda book: book["管段"].delete_rows(2, 100)),
        "blank sheets": _sheets(lambda book: book["管段"].delete_rows(1, 100)),
        "a cell in the last corner": _sheets(lambda book: book["管段"].__setitem__("XFD1048576", "x")),
        "text for numbers in a sheet": _sheets(lambda book: book["管段"].__setitem__("F2", "三百")),
        "two rows of one id in a sheet": _sheets(lambda book: book["管段"].__setitem__("A3", book["管段"]["A2"].value)),
    }  # fmt: skip


def _zip(members: Mapping[str, bytes], **how: Any) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
        for name, info in how.items():
            archive.writestr(info, name)
    return stream.getvalue()


def _shape_zip(edit: Callable[[dict[str, bytes]], dict[str, bytes]]) -> Make:
    def make(folder: Path) -> Path:
        good = deliveries.write_delivery(folder, "shp", deliveries.LANE)
        with zipfile.ZipFile(good) as archive:
            members = {name: archive.read(name) for name in archive.namelist()}
        return _raw(_zip(edit(members)))(folder)

    return make


def _link(folder: Path) -> Path:
    info = zipfile.ZipInfo("works.shp")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return _raw(_zip({}, **{"/etc/passwd": info}))(folder)


def _encrypted(folder: Path) -> Path:
    path = _shape_zip(lambda members: members)(folder)
    content = bytearray(path.read_bytes())
    at = content.find(b"PK\x01\x02")
    while at >= 0:  # the flag in each entry of the directory
        content[at + 8] |= 1
        at = content.find(b"PK\x01\x02", at + 4)
    path.write_bytes(bytes(content))
    return path


def _renamed(old: str, new: str) -> Callable[[dict[str, bytes]], dict[str, bytes]]:
    return lambda members: {new if name == old else name: content for name, content in members.items()}


def _archives() -> dict[str, Make]:
    return {
        "a name that leads out": _shape_zip(_renamed("works.shp", "../../works.shp")),
        "a name from the root": _shape_zip(_renamed("works.dbf", "/etc/works.dbf")),
        "a name of Windows": _shape_zip(_renamed("works.shp", "C:\\works.shp")),
        "a link": _link,
        "an archive in it": _shape_zip(lambda members: {**members, "more.zip": _zip({"a": b""})}),
        "a bomb of zeros": _shape_zip(lambda members: {**members, "works.shp": bytes(600 << 20)}),
        "under lock": _encrypted,
        "one name twice": _shape_zip(lambda members: {**members, "a/WORKS.shp": members["works.shp"]}),
        "without its table": _shape_zip(lambda members: {name: one for name, one in members.items() if not name.endswith(".dbf")}),
        "without its index": _shape_zip(lambda members: {name: one for name, one in members.items() if not name.endswith(".shx")}),
        "parts of two": _shape_zip(lambda members: {**members, "works.dbf": members["works.dbf"][:-200]}),
        "shapes cut off": _shape_zip(lambda members: {**members, "works.shp": members["works.shp"][:150]}),
        "nothing inside": _raw(_zip({})),
        "nothing of ours inside": _raw(_zip({"readme.txt": b"x"})),
        "KML inside": _raw(_zip({"doc.kml": b"<kml/>"})),
        "an archive alone": _raw(_zip({"a.zip": _zip({"b.zip": b"x"})})),
        "too many inside": _shape_zip(lambda members: {**members, **{f"{k}.txt": b"" for k in range(500)}}),
        "a grid in its prj": _shape_zip(lambda members: {**members, "works.prj": members["works.prj"].replace(b"PROJCS[", b'PROJCS["+nadgrids=/etc/passwd",', 1)}),
        "a word for a crs": _shape_zip(lambda members: {**members, "works.prj": b"somewhere"}),
    }  # fmt: skip


def _drawing(edit: Callable[[Any, Any], object]) -> Make:
    def make(folder: Path) -> Path:
        from ezdxf.filemanagement import readfile

        path = deliveries.write_delivery(folder, "dxf", deliveries.LANE)
        drawing = readfile(path)
        edit(drawing, drawing.modelspace())
        drawing.saveas(path)
        return path

    return make


def _dxf_text(old: str, new: str) -> Make:
    def make(folder: Path) -> Path:
        path = deliveries.write_delivery(folder, "dxf", deliveries.LANE)
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")
        return path

    return make


def _long_polyline(count: int) -> Make:
    def make(folder: Path) -> Path:
        path = deliveries.write_delivery(folder, "dxf", deliveries.LANE)
        head, _, tail = path.read_text(encoding="utf-8").partition("ENTITIES\n")
        places = "\n".join(f" 10\n{549_400 + k * 1e-3:.3f}\n 20\n3714547.0" for k in range(count))
        line = f"  0\nLWPOLYLINE\n  5\nFFF1\n  8\nYSLINE\n100\nAcDbPolyline\n 90\n{count}\n 70\n0\n{places}\n"
        path.write_text(f"{head}ENTITIES\n{line}{tail}", encoding="utf-8")
        return path

    return make


def _nested(drawing: Any, space: Any) -> None:
    """Blocks of ten of the one before: 10¹² lines."""
    for k in range(12):
        block = drawing.blocks.new(f"B{k}")
        for _ in range(10):
            block.add_blockref(f"B{k - 1}", (0, 0)) if k else block.add_line(
                (0, 0), (1, 1), dxfattribs={"layer": "YSLINE"}
            )
    space.add_blockref("B11", (549_400, 3_714_500), dxfattribs={"layer": "YSLINE"})


def _drawings() -> dict[str, Make]:
    far = [(k * 10.0, 0.0) for k in range(3)]
    return {
        "an external reference": _drawing(lambda drawing, _: drawing.add_xref_def("/etc/passwd.dxf", "OTHER")),
        "a picture under it": _drawing(lambda drawing, space: space.add_image(
            drawing.add_image_def("\\\\host\\share\\map.png", (10, 10)), (0, 0), (1, 1))),
        "an underlay": _drawing(lambda drawing, space: space.add_underlay(drawing.add_underlay_def("http://x/a.pdf", "pdf"), (0, 0, 0))),
        "no layer of pipes": _drawing(lambda drawing, space: [one.dxf.set("layer", "GAS") for one in space]),
        "drawn nowhere": _drawing(lambda drawing, space: (
            [space.delete_entity(one) for one in list(space)], space.add_lwpolyline(far, dxfattribs={"layer": "YSLINE"}))),
        "nothing drawn": _drawing(lambda drawing, space: [space.delete_entity(one) for one in list(space)]),
        "drawing cut off": lambda folder: _raw(deliveries.write_delivery(folder, "dxf", deliveries.LANE).read_bytes()[:5000])(folder),
        "blocks in blocks": _drawing(_nested),
        "no numbers in it": _dxf_text("3714539", "NaN"),
        "a million vertices in it": _long_polyline(1_000_000),
    }  # fmt: skip


#: What is to be refused, by name.
REFUSED: Final[Mapping[str, Make]] = {
    **_geojson(), **_changes(), **_others(), **_geopackages(), **_workbooks(), **_archives(), **_drawings(),
}  # fmt: skip
#: What is odd and in order.
READ: Final[Mapping[str, Make]] = {
    "no places, but named ends": _json(lambda doc: [one.update(geometry=None) for one in doc["features"]] and None),
    "heights": _json(lambda doc: [one["geometry"].update(coordinates=[[*xy, 3.0] for xy in one["geometry"]["coordinates"]]) for one in doc["features"]] and None),
    "one part": _json(lambda doc: [one.update(geometry={"type": "MultiLineString", "coordinates": [one["geometry"]["coordinates"]]}) for one in doc["features"]] and None),
    "a link as a crs": _json(lambda doc: doc.update(crs={"type": "link", "properties": {"href": "http://127.0.0.1:1/"}})),
    "a formula as a text": _json(lambda doc: _first(doc, 材质="=cmd|' /C calc'!A0")),
    "a page as a text": _json(lambda doc: _first(doc, 材质="<script>alert(1)</script>")),
    "a path as an id": _json(lambda doc: _first(doc, 管段编号="../../etc/passwd")),
    "many columns": _json(lambda doc: _first(doc, **{f"c{k}": k for k in range(3000)})),
    "keys twice": _json(_text('"材质"', '"材质": "PE", "材质"')),
    "a mark before it": lambda folder: _raw(b"\xef\xbb\xbf" + json.dumps(survey(folder)).encode())(folder),
    "drawn the other way": _json(_moved(lambda xy: xy[::-1])),
    "folders in a zip": _shape_zip(lambda members: {f"工程/{name}": one for name, one in members.items()}),
}  # fmt: skip


def fresh(folder: Path) -> Path:
    """Give an empty folder."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder
