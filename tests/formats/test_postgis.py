"""A network in PostGIS: written to a real server and read back, nothing lost.

The server is started by the script of the CI, which says where in DRAINAGE_TEST_PG; elsewhere these tests are skipped.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from pydantic import ValidationError

import drainage as dr
from drainage.cli import main
from drainage.errors import masked
from drainage.formats.addresses import is_database
from drainage.formats.postgis import write_tables
from drainage.schema.layers import LAYERS
from drainage_api.main import create_app
from drainage_api.settings import Settings
from tests.conftest import DATABASE as URL
from tests.conftest import needs_server
from tests.support.asking import asking
from tests.support.networks import build, days


def row() -> dr.DrainageNetwork:
    net = build(
        ["a>b storm 300", "b>c storm 600", "d>b sewage 300"],
        places={name: (551000.0 + 50 * i, 3712000.0) for i, name in enumerate("abcd")},
        road=["磬山路", "磬山路", "杨河路"],
        commissioned=days("2001-05-04", "2010-01-01", ""),
        invert_from_m=[20.0, 19.8, float("nan")],
    )
    return net.replace(
        pipes=net.pipes.assign(巡查员=pd.Series(["王", "李", None], net.pipes.index), inspections=[1, 2, 3])
    )


@needs_server
def test_what_is_written_is_read_back(schema: str) -> None:
    net = row()
    dr.write_network(net, schema)
    again = dr.read_network(schema)
    kept = ["system", "from_node", "to_node", "diameter_mm", "road", "commissioned", "invert_from_m", "巡查员"]
    pd.testing.assert_frame_equal(
        pd.DataFrame(again.pipes[kept]).astype(object), pd.DataFrame(net.pipes[kept]).astype(object), check_dtype=False
    )
    assert again.pipes["inspections"].tolist() == [1, 2, 3]
    assert again.pipes.geometry.geom_equals_exact(net.pipes.geometry, 1e-9).all()
    assert again.crs == net.crs
    assert list(again.nodes.index) == list(net.nodes.index)
    assert dr.find_mixed_flow(again).summary["misconnections"] == 1


@needs_server
def test_tables_are_replaced_on_request_only(schema: str) -> None:
    write_tables(row(), schema)
    with pytest.raises(dr.errors.FormatError, match="already has tables nodes, pipes"):
        write_tables(row(), schema)
    write_tables(row().of_system("storm"), schema, force=True)
    assert len(dr.read_network(schema).pipes) == 2


@needs_server
def test_an_empty_schema_says_what_it_lacks(schema: str) -> None:
    with pytest.raises(dr.errors.FormatError, match="no table 'pipes'"):
        dr.read_network(schema)


def whole() -> dr.DrainageNetwork:
    """The row with every layer that can lie beside it, and a pipe out of use."""
    plain = row()
    net = dr.as_network(plain.pipes, nodes=plain.nodes)
    areas = [shapely.box(550990, 3711990, 551060, 3712010), shapely.box(551060, 3711990, 551160, 3712010)]
    blocks = gpd.GeoDataFrame(
        {"land_use": ["roof", None]}, index=pd.Index(["B1", "B2"], name="block_id"), geometry=areas, crs=net.crs
    )
    line = [shapely.LineString([(551000, 3712005), (551150, 3712005)])]
    spot = gpd.GeoDataFrame(
        {"depth_m": [0.2]},
        index=pd.Index(["R1"], name="report_id"),
        geometry=[shapely.Point(551050, 3712000)],
        crs=net.crs,
    )
    area = blocks[["geometry"]]
    catchments = blocks.rename_axis("catchment_id").assign(node_id=["a", "b"], area_ha=[0.14, 0.2])
    layers = {
        "inactive": net.pipes.iloc[[2]].rename(index=lambda name: f"{name}x").assign(status="abandoned"),
        "inactive_nodes": net.nodes.iloc[[0]].rename(index=lambda name: f"{name}x").assign(status="planned"),
        "roads": gpd.GeoDataFrame({"road": ["磬山路"]}, geometry=line, crs=net.crs),
        "waterways": gpd.GeoDataFrame({"name": ["河"]}, geometry=line, crs=net.crs),
        "blocks": blocks,
        "neighbourhoods": area.rename_axis("neighbourhood_id").assign(name="老城", people=[1200.0, 80.0]),
        "towns": area.rename_axis("town_id").assign(name="灵城镇"),
        "reports": spot,
    }
    return dr.DrainageNetwork(net.pipes, net.nodes, catchments=catchments, layers=layers, issues=net.issues)


def assert_same_layers(again: dr.DrainageNetwork, net: dr.DrainageNetwork) -> None:
    assert again.catchments is not None
    assert net.catchments is not None
    assert again.layers.keys() == net.layers.keys()
    pairs = [(again.layers[name], net.layers[name]) for name in net.layers]
    for one, other in [*pairs, (again.catchments, net.catchments), (again.pipes, net.pipes), (again.nodes, net.nodes)]:
        assert list(one.index.astype(str)) == list(other.index.astype(str))
        assert one.geometry.geom_equals_exact(
            gpd.GeoSeries(other.geometry.to_numpy(), one.index, other.crs), 1e-6
        ).all()
        ours, theirs = (
            pd.DataFrame(frame.drop(columns="geometry")).astype(object).fillna("") for frame in (one, other)
        )
        pd.testing.assert_frame_equal(ours, theirs, check_dtype=False, check_index_type=False)


def test_a_geopackage_gives_every_layer_back(tmp_path: Path) -> None:
    net = whole()
    dr.write_network(net, tmp_path / "net.gpkg")
    assert {*net.layers, "pipes", "nodes", "catchments"} == set(LAYERS)
    assert_same_layers(dr.read_network(tmp_path / "net.gpkg"), net)


@needs_server
def test_a_database_gives_every_layer_back_and_the_same_flows(schema: str) -> None:
    net = whole()
    dr.write_network(net, schema)
    again = dr.read_network(schema)
    assert_same_layers(again, net)
    storm = dr.DesignStorm(dr.read_storm_formula("demo"), 3, 60)
    told, truth = (dr.screen(one, storm).pipes["flow_m3s"] for one in (again, net))
    pd.testing.assert_series_equal(told, truth)


TYPES = {
    "u uuid": ("'00000000-0000-0000-0000-000000000001'", "00000000-0000-0000-0000-000000000001"),
    "b bytea": (r"'\xdead'", "dead"),
    "iv interval": ("'1 mon 2 days 03:00:00'", "P1M2DT3H"),
    "n numeric": ("123456.789", 123456.789),
    "n30 numeric(30,0)": ("12345678901234567890123", "12345678901234567890123"),
    "ten numeric(10,2)": ("12.50", 12.5),
    "nn numeric": ("'NaN'", None),
    "j json": ("""'{"a": 1}'""", '{"a": 1}'),
    "jb jsonb": ("'[1, null]'", "[1, null]"),
    "ia int[]": ("'{1,2}'", "{1,2}"),
    "ta text[]": ("'{a,b}'", "{a,b}"),
    "net inet": ("'10.0.0.1'", "10.0.0.1/32"),
    "mac macaddr": ("'08:00:2b:01:02:03'", "08:00:2b:01:02:03"),
    "r int4range": ("'[1,5)'", "[1,5)"),
    "mr int4multirange": ("'{[1,2),[5,6)}'", "{[1,2),[5,6)}"),
    "t time": ("'10:20:30'", "10:20:30"),
    "tz timetz": ("'10:20:30+08'", "10:20:30+08"),
    "ts timestamp": ("'2020-01-01 10:20:30'", "2020-01-01 10:20:30"),
    "tsz timestamptz": ("'2020-01-01 10:20:30+08'", "2020-01-01 02:20:30+00"),
    "d date": ("'2018-05-01'", "2018-05-01"),
    "never date": ("'infinity'", "infinity"),
    "early date": ("'0044-03-15 BC'", "0044-03-15 BC"),
    "mo money": ("12.5", "$12.50"),
    "x xml": ("'<a/>'", "<a/>"),
    "bits bit(3)": ("B'101'", "101"),
    "pt point": ("'(1,2)'", "(1,2)"),
    "ts_v tsvector": ("'a'", "'a'"),
    "o oid": ("5", "5"),
    "c char(3)": ("'abc'", "abc"),
    "si smallint": ("1", 1),
    "big bigint": ("9007199254740993", 9007199254740993),
    "re real": ("1.5", 1.5),
    "dp double precision": ("2.5", 2.5),
    "bo boolean": ("true", True),
    "mood mood": ("'ok'", "ok"),
    "pair pair": ("row(1,'x')", "(1,x)"),
    '"Geom" geometry(point, 4548)': ("st_setsrid(st_point(1, 2), 4548)", "POINT(1 2)"),
    "gg geography(point, 4326)": ("'POINT(117 33)'", "POINT(117 33)"),
    '"100%" int': ("7", 7),
    '"a""b" text': ("'q'", "q"),
    '"two\nlines" text': ("'l'", "l"),
    "fid int": ("7", 7),
    '"select" text': ("'s'", "s"),
    '"NOTE" text': ("'N'", "N"),
    "note text": ("'n'", "n"),
}


@needs_server
def test_every_type_of_a_database_of_others_is_read_and_served(schema: str, tmp_path: Path) -> None:
    from sqlalchemy import create_engine
    from sqlalchemy.pool import NullPool

    engine = create_engine(URL, poolclass=NullPool)
    with engine.begin() as connection:
        run = connection.exec_driver_sql
        run(
            f"SET search_path TO {schema.rpartition('=')[2]}, public; SET datestyle TO 'German'; SET lc_monetary TO 'C'"
        )
        run("CREATE TYPE mood AS ENUM ('sad', 'ok'); CREATE TYPE pair AS (a int, b text)")
        columns = ", ".join(name.replace("%", "%%") for name in TYPES)
        line = "st_geomfromtext('COMPOUNDCURVE((551000 3712000, 551050 3712000))', 4548)"
        table = f"CREATE TABLE base (pipe_id text, system text, geom geometry(geometry, 4548), {columns})"
        run(table)
        cells = ", ".join(cell for cell, _ in TYPES.values())
        run(f"INSERT INTO base VALUES ('a', 'storm', {line}, {cells})")  # noqa: S608 - our own table
        run("CREATE VIEW pipes AS SELECT * FROM base")
    engine.dispose()
    net = dr.read_network(schema)
    report = dr.analyze(net)
    report.write(tmp_path / "out")
    for one in (report, dr.read_report(tmp_path / "out")):
        shown = list(one.features("pipes")["features"][0]["properties"].values())
        missing = [name for name, (_, value) in TYPES.items() if value not in shown]
        assert not [name for name in missing if not name.startswith(("mo ", "tsz "))]  # as the server's own words are


SECRET = "S3cr%25t%3Ap%40ss%2Fw"  # noqa: S105 - of nobody
PLAIN = ("S3cr", "p@ss", "p%40ss", "ss/w")


class TestPasswords:
    ADDRESSES = (
        f"postgresql://me:{SECRET}@127.0.0.1:9/city?schema=a",
        f"postgres://me:{SECRET}@127.0.0.1:9/city",
        f"postgresql+psycopg2://me:{SECRET}@127.0.0.1:9/city?sslmode=require",
        f"postgresql://me:{SECRET}@127.0.0.1:9",
        f"postgresql://me:{SECRET}@127.0.0.1:9/",
        f"postgresql://me:{SECRET}@127.0.0.1:port/city",
        f"postgresql://me:{SECRET}/city",
        "postgresql://me:S3cr%t:p@ss/w@127.0.0.1:9/city",
        f"postgresql://127.0.0.1:9/city?user=me&password={SECRET}",
        f"postgresql://127.0.0.1:9/city?passfile={SECRET}",
        f"postgresql://me:{SECRET}@127.0.0.1:9/city?nonsense=1",
    )

    @pytest.mark.parametrize("address", ADDRESSES)
    def test_no_message_of_the_command_shows_one(
        self, address: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
    ) -> None:
        pytest.importorskip("psycopg")
        plain = tmp_path / "pipes.geojson"
        row().pipes.reset_index()[["pipe_id", "system", "geometry"]].to_crs(4326).to_file(plain)
        for words in (
            ["show", address],
            ["show", f"storm={address}"],
            *(
                [
                    ["show", str(plain), "--nodes", address],
                    ["show", str(plain), address],
                    ["trace", str(plain), "a", address],
                    ["ensemble", str(plain), "--scenario", f"b={address}", "--storm-formula", "demo"],
                    ["changes", str(plain), address],
                ]
                if address == self.ADDRESSES[0]
                else []
            ),
        ):
            monkeypatch.setattr(sys, "argv", ["drainage", *words])
            with pytest.raises(SystemExit) as caught:
                main()
            told = "".join(capsys.readouterr())
            assert caught.value.code == 1, told
            assert not [part for part in PLAIN if part in told], told

    @pytest.mark.long
    @pytest.mark.parametrize("address", ADDRESSES)
    def test_no_error_of_the_server_or_of_python_shows_one(self, address: str, monkeypatch: pytest.MonkeyPatch) -> None:
        pytest.importorskip("psycopg")
        with pytest.raises(dr.errors.FormatError) as caught:
            dr.read_network(Path(address))
        monkeypatch.setenv("DRAINAGE_SOURCE", address)
        with pytest.raises(SystemExit) as ended:
            create_app()
        assert not [part for part in PLAIN if part in f"{caught.value}{ended.value}{Settings()!r}{Settings()}"]
        with pytest.raises(ValidationError) as refused:
            Settings(results=Path("x"))
        assert "S3cr" not in str(refused.value)

    def test_a_path_is_an_address_still(self) -> None:
        assert is_database(Path("postgresql://me@host/city"))
        assert not is_database("postgres.geojson")
        assert not is_database("data/postgresql/x.gpkg")

    def test_a_message_keeps_what_is_no_secret(self) -> None:
        text = "postgresql://host:5432/city: has no table 'pipes'; storm=a.shp"
        assert masked(text) == text


@pytest.mark.long
@needs_server
def test_an_address_works_wherever_a_file_does(schema: str, tmp_path: Path) -> None:
    dr.write_network(row(), schema)
    address = schema.replace("postgresql+psycopg://", "postgres://") + "&connect_timeout=5"
    row().pipes.reset_index()[["pipe_id", "from_node", "to_node", "system", "geometry"]].to_file(
        tmp_path / "pipes.gpkg"
    )
    assert len(dr.read_network({"storm": address}).pipes) == 3
    assert list(dr.read_network(tmp_path / "pipes.gpkg", nodes=Path(address)).nodes.index) == list("abcd")
    assert "postgres://" not in dr.read_network(address).source
    api = asking(create_app(Settings(source=address)))
    assert api.get("/collections/pipes/items").json()["numberMatched"] == 3
    assert "postgres:" not in api.get("/").text
    command = [sys.executable, "-m", "drainage", "show", address, "--json"]
    shown = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    assert "3 pipes" in shown.stdout


@needs_server
def test_a_coordinate_system_that_postgis_cannot_name_is_refused(schema: str) -> None:
    """A transverse Mercator about 117.3° E, which PROJ takes for a neighbour with little confidence."""
    own = "+proj=tmerc +lon_0=117.3 +k=1 +x_0=500000 +ellps=GRS80 +units=m +type=crs"
    net = row()
    moved = net.replace(
        pipes=net.pipes.set_crs(own, allow_override=True), nodes=net.nodes.set_crs(own, allow_override=True)
    )
    with pytest.raises(dr.errors.CrsError, match="EPSG"):
        dr.write_network(moved, schema)


def test_a_server_that_does_not_answer_is_named_without_its_password() -> None:
    pytest.importorskip("psycopg")
    with pytest.raises(dr.errors.FormatError, match=r"127\.0\.0\.1:9/city: does not answer") as caught:
        dr.read_network("postgresql://me:secret@127.0.0.1:9/city")
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("scheme", ["mysql", "https", "oracle+thin", "ftp"])
def test_no_password_of_any_address_is_shown(scheme: str) -> None:
    said = masked(f"no such layer: {scheme}://reader:S3c:r@et@127.0.0.1:1/city, and {scheme}://you:other@h/x")
    assert said == f"no such layer: {scheme}://reader:***@127.0.0.1:1/city, and {scheme}://you:***@h/x"
