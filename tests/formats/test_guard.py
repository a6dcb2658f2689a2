"""Nothing that comes in has another file read or an address asked: every ending opens its own driver."""

from __future__ import annotations

import json
import shutil
import sqlite3
import struct
import subprocess
import sys
import threading
import warnings
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pyogrio
import pytest
import shapely

import drainage as dr
from drainage.errors import CrsError, FormatError
from tests.support.said import said_codes

EAST, NORTH, STEP = 117.55, 33.54, 0.0005
PIPES = gpd.GeoDataFrame(
    {"pipe_id": ["P1", "P2"], "system": ["storm", "sewage"], "diameter_mm": [300.0, 400.0]},
    geometry=[shapely.LineString([(EAST + k * STEP, NORTH), (EAST + (k + 1) * STEP, NORTH)]) for k in range(2)],
    crs=4326,
)
LINK = {"type": "link", "properties": {"href": "http://127.0.0.1:9/crs.wkt", "type": "ogcwkt"}}
LENGTH_M = 46.4  # 0.0005 degrees of longitude at 33.54 N


def collection(**more: object) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(PIPES.to_json())
    return content | more


def write(path: Path, frame: gpd.GeoDataFrame = PIPES, **options: object) -> Path:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pyogrio.write_dataframe(frame, path, **options)
    return path


def plant(file: Path, kind: str, name: str, statement: str) -> None:
    """Write a table into the schema of a database that SQLite itself would not make."""
    columns = "type, name, tbl_name, rootpage, sql"
    with sqlite3.connect(file) as database:
        database.execute("PRAGMA writable_schema = ON")
        database.execute(f"INSERT INTO sqlite_master ({columns}) VALUES (?, ?, ?, 0, ?)", (kind, name, name, statement))  # noqa: S608 - columns of ours
    database.close()


class TestLinksToCoordinateSystems:
    """GDAL asks the address of a crs member of type link and believes the answer."""

    @pytest.mark.parametrize("ending", [".geojson", ".json"])
    @pytest.mark.parametrize("kind", ["link", "url", "LINK", "ogc", "unknown"])
    def test_it_is_not_followed_but_said(self, tmp_path: Path, ending: str, kind: str) -> None:
        file = tmp_path / f"pipes{ending}"
        file.write_text(json.dumps(collection(crs=LINK | {"type": kind})))
        net = dr.read_network(file)
        assert net.pipes["length_m"].tolist() == pytest.approx([LENGTH_M] * 2, rel=0.01)
        assert "crs_link" in said_codes(net.issues)

    def test_the_system_that_the_user_gives_counts(self, tmp_path: Path) -> None:
        file = tmp_path / "pipes.geojson"
        metres = json.loads(PIPES.to_crs(4548).to_json())
        file.write_text(json.dumps(metres | {"crs": LINK}))
        net = dr.read_network(file, crs="EPSG:4548")
        assert net.pipes["length_m"].tolist() == pytest.approx([LENGTH_M] * 2, rel=0.01)

    def test_nor_in_a_geometry_behind_the_features_by_escapes_or_in_other_quotes(self, tmp_path: Path) -> None:
        nested = collection()
        nested["features"][1]["geometry"]["crs"] = LINK
        late = json.dumps(collection())[:-1] + "," + " " * 70_000 + f'"crs": {json.dumps(LINK)}}}'
        escaped = json.dumps(collection(crs=LINK)).replace('"crs"', '"\\u0063Rs"')
        lines = "\n".join(json.dumps(f | {"crs": LINK}) for f in collection()["features"])
        for name, text in (
            ("a.geojson", json.dumps(nested)),
            ("b.json", late),
            ("c.geojson", escaped),
            ("d.geojsonl", lines),
        ):
            (tmp_path / name).write_text(text)
            net = dr.read_network(tmp_path / name)
            assert net.pipes["length_m"].tolist() == pytest.approx([LENGTH_M] * 2, rel=0.01), name
            assert "crs_link" in said_codes(net.issues), name
        quoted = json.dumps(collection(crs=LINK)).replace('"crs"', "'crs'")  # no JSON, but GDAL takes it
        (tmp_path / "e.geojson").write_text(quoted)
        with pytest.raises(FormatError, match="cannot be read as JSON"):
            dr.read_network(tmp_path / "e.geojson")

    def test_a_property_may_be_called_crs_or_geom(self, tmp_path: Path) -> None:
        content = collection()
        for feature in content["features"]:
            feature["properties"] |= {"crs": {"name": "local grid"}, "geom": "LINESTRING EMPTY"}
        (tmp_path / "pipes.geojson").write_text(json.dumps(content))
        net = dr.read_network(tmp_path / "pipes.geojson")
        assert "local grid" in net.pipes["crs"].iloc[0]
        assert not set(net.issues["code"]) & {"crs_link", "legacy_crs"}

    def test_a_name_is_no_string_of_parameters(self, tmp_path: Path) -> None:
        member = {"type": "name", "properties": {"name": "+proj=longlat +nadgrids=/etc/hosts +type=crs"}}
        (tmp_path / "pipes.geojson").write_text(json.dumps(collection(crs=member)))
        assert "crs_link" in said_codes(dr.read_network(tmp_path / "pipes.geojson").issues)

    def test_a_system_of_a_file_opens_no_grid(self, tmp_path: Path) -> None:
        file = write(tmp_path / "pipes.gpkg", PIPES.to_crs(32650))
        wkt = wkt_of("+proj=utm +zone=50 +ellps=WGS84 +nadgrids=/etc/hosts +type=crs")
        with sqlite3.connect(file) as database:
            database.execute(
                "UPDATE gpkg_spatial_ref_sys SET definition = ?, organization = 'x' WHERE srs_id = 32650", (wkt,)
            )
        database.close()
        with pytest.raises(CrsError, match="a file of datum shifts"):
            dr.read_network(file)
        shifted = PIPES.to_crs(32650).set_crs(wkt, allow_override=True)
        for ending in (".fgb", ".shp"):
            with pytest.raises(CrsError, match="a file of datum shifts"):
                dr.read_network(write(tmp_path / f"pipes{ending}", shifted))
        shifted.to_parquet(tmp_path / "pipes.parquet")
        net = dr.read_network(tmp_path / "pipes.parquet")
        assert "grid_file" in said_codes(net.issues)
        assert net.pipes["length_m"].tolist() == pytest.approx([LENGTH_M] * 2, rel=0.01)


def wkt_of(text: str) -> str:
    import pyproj

    return pyproj.CRS(text).to_wkt("WKT1_GDAL")


class TestGeoPackages:
    @pytest.mark.parametrize(
        ("statement", "named"),
        [
            ("CREATE VIEW evil AS SELECT *, ogr_geocode(pipe_id) AS place FROM pipes", "evil"),
            ("CREATE VIEW evil AS SELECT *, load_text('/etc/hosts') AS text FROM pipes", "evil"),
            (
                "CREATE VIEW evil AS WITH RECURSIVE n(x) AS (SELECT 1 UNION SELECT x + 1 FROM n) SELECT x FROM n",
                "evil",
            ),
        ],
    )
    def test_a_view_that_calls_what_sqlite_does_not_know_is_refused(
        self, tmp_path: Path, statement: str, named: str
    ) -> None:
        file = write(tmp_path / "pipes.gpkg", layer="pipes")
        plant(file, "view", "evil", statement)
        with pytest.raises(FormatError, match=named):
            dr.read_network(file)

    @pytest.mark.parametrize(
        "module", ["VirtualText('/etc/hosts', 'UTF-8', 0)", "VirtualOGR('/etc/hosts')", "rtree2(a)"]
    )
    def test_a_table_that_is_another_file_is_refused(self, tmp_path: Path, module: str) -> None:
        file = write(tmp_path / "pipes.gpkg", layer="pipes")
        # the name in the list and the comment are to mislead
        plant(file, "table", "good", f"CREATE VIRTUAL TABLE evil USING/* using rtree */{module}")
        with pytest.raises(FormatError, match=r"evil|good"):
            dr.read_network(file)

    def test_views_on_its_own_tables_are_read(self, tmp_path: Path) -> None:
        file = write(tmp_path / "net.gpkg", layer="pipes")
        with sqlite3.connect(file) as database:
            database.execute("CREATE VIEW some AS SELECT fid, pipe_id FROM pipes WHERE diameter_mm > 100")
        database.close()
        assert len(dr.read_network(file).pipes) == 2


VRT = """<OGRVRTDataSource><OGRVRTLayer name="x"><SrcDataSource>{secret}.csv</SrcDataSource></OGRVRTLayer>
<OGRVRTLayer name="y"><SrcDataSource>{url}/y.geojson</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>"""
STREAM = '{{"type": "gdal_streamed_alg", "command_line": "gdal vector pipeline ! read {secret}.csv ! write x"}}'


def hostile_files(folder: Path, secret: str, url: str) -> None:
    """Write what has been tried: files of each ending that would have ``secret`` read or ``url`` asked."""
    vrt, stream = VRT.format(secret=secret, url=url), STREAM.format(secret=secret)
    heads: dict[str, list[bytes]] = {
        "fgb": [b"fgb", b"fgb\x03fgb\x01", b"fgb\x03fgb\x00"],
        "shp": [b"\x00\x00\x27\x0a"],
        "gpkg": [b"SQLite format 3\x00"],
        "parquet": [b"PAR1"],
        "dxf": [b"  0\nSECTION\n999\n"],
        "gml": [b"<gml/>"],
        "mif": [b"VERSION 300\n"],
        "tab": [b"!table\n"],
        "geojson": [b"", b"{}"],
        "json": [b""],
        "csv": [b""],
        "inp": [b"[TITLE]\n"],
        "xlsx": [b"PK\x03\x04"],
        "tif": [b"II*\x00"],
    }
    for ending, starts in heads.items():
        for number, start in enumerate(starts):
            apart = ending in {"gml", "mif", "tab"}  # one process each
            for kind, text in (("vrt", vrt),) if apart else (("vrt", vrt), ("stream", stream)):
                (folder / f"{kind}{number}.{ending}").write_bytes(start + text.encode())
    with zipfile.ZipFile(folder / "packed.zip", "w") as archive:
        archive.writestr("plan.dxf", "  0\nSECTION\n999\n" + vrt)
    link = {"type": "link", "properties": {"href": f"{url}/crs.wkt"}}
    (folder / "link.geojson").write_text(json.dumps(collection(crs=link)))
    (folder / "file.geojson").write_text(
        json.dumps(collection(crs={"type": "url", "properties": {"url": f"{secret}.prj"}}))
    )
    esri = {"geometryType": "esriGeometryPolyline", "crs": link, "spatialReference": {"wkid": 4326, "url": url}}
    lines = [{"attributes": {"pipe_id": "A"}, "geometry": {"paths": [[[EAST, NORTH], [EAST + STEP, NORTH]]]}}]
    (folder / "esri.json").write_text(json.dumps(esri | {"features": lines}))
    gml = write(folder / "good.gml", driver="GML").read_text(encoding="utf-8")
    schema = folder.joinpath("good.xsd").read_text(encoding="utf-8")
    include = f'<xs:include schemaLocation="{secret}.xsd"/><xs:import schemaLocation="{url}/z.xsd"/>'
    folder.joinpath("good.xsd").write_text(schema.replace("<xs:element", include + "<xs:element", 1))
    away = gml.replace("good.xsd", f"{secret}.xsd").replace(
        "<ogr:pipe_id>P1",
        f'<ogr:ref xmlns:xlink="http://www.w3.org/1999/xlink" xlink:href="{url}/a.gml#b"/><ogr:pipe_id>P1',
    )
    entity = away.replace("?>", f'?><!DOCTYPE x [<!ENTITY e SYSTEM "{secret}.csv">]>', 1).replace(">P1<", ">&e;<")
    (folder / "away.gml").write_text(entity)
    kml = write(folder / "linked.kml", driver="LIBKML").read_text(encoding="utf-8")
    links = "".join(
        f"<NetworkLink><Link><href>{place}</href></Link></NetworkLink>" for place in (f"{url}/n.kml", f"{secret}.kml")
    )
    style = f"<styleUrl>{url}/s.kml#a</styleUrl>"
    (folder / "linked.kml").write_text(
        kml.replace("<Placemark", f"{links}<Placemark", 1).replace("<LineString>", f"{style}<LineString>")
    )
    (folder / "view.tab").write_text(f'!table\n!version 300\ncreate view x\nopen table "{secret}.tab"\n')
    database = write(folder / "text.gpkg", layer="pipes")
    plant(database, "table", "pipes2", f"CREATE VIRTUAL TABLE pipes2 USING VirtualText('{secret}.csv', 'UTF-8', 0)")
    with sqlite3.connect(database) as connection:
        connection.execute("INSERT INTO gpkg_contents (table_name, data_type) VALUES ('pipes2', 'attributes')")
    connection.close()
    shape = write(folder / "grid.shp", PIPES.to_crs(32650))
    shape.with_suffix(".prj").write_text(wkt_of(f"+proj=utm +zone=50 +ellps=WGS84 +nadgrids={secret}.gsb +type=crs"))
    rasterio = pytest.importorskip("rasterio")
    tiff = folder / "ground.tif"
    affine = rasterio.transform.from_origin(500000.0, 3712000.0, 1.0, 1.0)
    with rasterio.open(
        tiff, "w", driver="GTiff", width=4, height=4, count=1, dtype="float32", crs="EPSG:4548", transform=affine
    ) as raster:
        raster.write(np.ones((1, 4, 4), np.float32))
    (folder / "ground.tif.aux.xml").write_text(
        f'<PAMDataset><Metadata domain="OVERVIEWS"><MDI key="OVERVIEW_FILE">{secret}.tif</MDI></Metadata></PAMDataset>'
    )


READ_ALL = """
import sys, warnings
from pathlib import Path
import drainage as dr
from drainage.errors import DrainageError
from drainage.formats.raster import read_dem
from drainage.intake.side_tables import read_rows
warnings.simplefilter("ignore")
APART = {".dxf", ".gml", ".kml", ".mif", ".tab"}  # slower, and by the same door
for path in sorted(Path(sys.argv[1]).iterdir()):
    readers = (dr.read_network,) if path.suffix in APART else (dr.read_network, read_rows)
    for read in (read_dem,) if path.suffix == ".tif" else readers:
        try:
            read(path)
            print("read", path.name)
        except (DrainageError, TypeError) as error:
            print("refused", path.name)
"""


@pytest.fixture
def listener() -> Iterator[tuple[str, list[str]]]:
    """An address that counts who asks it."""
    asked: list[str] = []

    class Counting(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(404)
            self.end_headers()

        do_HEAD = do_GET  # noqa: N815 - the name that the server calls

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Counting)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    server.server_close()
    thread.join()


def can_trace() -> bool:
    strace = shutil.which("strace")
    return (
        strace is not None
        and subprocess.run([strace, "-f", "--seccomp-bpf", "true"], capture_output=True, check=False).returncode == 0
    )


@pytest.mark.long
@pytest.mark.skipif(not can_trace(), reason="strace is not there, or may not trace")
def test_no_file_has_another_opened_or_an_address_asked(tmp_path: Path, listener: tuple[str, list[str]]) -> None:
    """The system calls of reading every hostile file: none opens what lies elsewhere, none connects."""
    url, asked = listener
    elsewhere, folder = tmp_path / "elsewhere", tmp_path / "in"
    for place in (elsewhere, folder):
        place.mkdir()
    for ending in ("csv", "xsd", "kml", "tab", "prj", "gsb", "tif", "geojson"):
        (elsewhere / f"secret.{ending}").write_text("root:x:0:0\n")
    hostile_files(folder, str(elsewhere / "secret"), url)
    trace = tmp_path / "trace"
    done = subprocess.run(
        [
            "strace",
            "-f",
            "-qq",
            "--seccomp-bpf",
            "-e",
            "trace=open,openat,connect",
            "-o",
            trace,
            sys.executable,
            "-c",
            READ_ALL,
            folder,
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert "read link.geojson" in done.stdout  # it is about reading, not about refusing all
    calls = trace.read_text(errors="replace").splitlines()
    assert any("link.geojson" in call for call in calls)
    assert not [call for call in calls if "elsewhere" in call]
    assert not [call for call in calls if "AF_INET" in call]
    assert not asked


@pytest.mark.parametrize(
    ("ending", "way"), [(".dwg", "dwg2dxf"), (".mdb", "mdb-export"), (".dgn", "dxf"), (".mid", ".mif")]
)
def test_formats_of_other_programs_are_refused_with_the_way_on(tmp_path: Path, ending: str, way: str) -> None:
    (tmp_path / f"net{ending}").write_bytes(b"AC1032")
    with pytest.raises(FormatError, match=way):
        dr.read_network(tmp_path / f"net{ending}")


def test_a_flatgeobuf_is_told_by_all_of_its_first_bytes(tmp_path: Path) -> None:
    """A patch version of 1 leaves no NUL in the magic, so that a virtual layer behind it would be found."""
    file = tmp_path / "x.fgb"
    for head in (b"fgb\x03fgb\x01<OGR", b"fgb", b"fgb\x03fgb\x00" + struct.pack("<I", 11 << 20)):
        file.write_bytes(head + b"VRTDataSource>")
        with pytest.raises(FormatError, match="is not a fgb file"):
            dr.read_network(file)
