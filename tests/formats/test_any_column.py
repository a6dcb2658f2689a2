"""Any column of a source goes through every writer and the server: every type, every name, every sign.

Truth: by hand. A date is ISO 8601, bytes are hexadecimal digits, a second geometry is WKT, what nobody knows is its
own text; a name that a format cannot have is changed, and no value is lost with it.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
import json
import uuid
import zipfile
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pyarrow as pa
import pyogrio
import pytest
import shapely
from starlette.testclient import TestClient

import drainage as dr
from drainage.cells import column_names
from drainage.cli.outputs import Output
from drainage.spreadsheets import guarded, plain_table, unguarded, write_csv
from drainage.workbooks import write_workbook
from drainage_api.main import create_app
from drainage_api.settings import Settings
from tests.support.asking import asking

E, N = 551000.0, 3712000.0
IDENTIFIER = uuid.UUID("3887d149-8a35-412f-baed-e90cec987acc")
CHINA = dt.timezone(dt.timedelta(hours=8))

#: Column → a cell of it and what JSON shows.
CELLS: dict[str, tuple[object, object]] = {
    "day": (dt.date(2018, 5, 1), "2018-05-01"),
    "old_day": (dt.date(1850, 5, 1), "1850-05-01"),
    "time": (dt.time(10, 20), "10:20:00"),
    "moment": (dt.datetime(2018, 5, 1, 10, 20), "2018-05-01T10:20:00"),  # noqa: DTZ001 - as files hold it
    "zoned": (dt.datetime(2018, 5, 1, tzinfo=CHINA), "2018-05-01T00:00:00+08:00"),
    "span": (dt.timedelta(days=3, hours=2), "P3DT2H0M0S"),
    "ages": (dt.timedelta.max, "P999999999DT86399S"),
    "uuid": (IDENTIFIER, str(IDENTIFIER)),
    "bytes": (b"\xde\xad", "dead"),
    "decimal": (Decimal("1.50"), 1.5),
    "digits": (Decimal("1234567890.12345678901234"), "1234567890.12345678901234"),
    "huge_decimal": (Decimal("1E+400"), "1E+400"),
    "address": (ipaddress.ip_address("10.0.0.1"), "10.0.0.1"),
    "list": ([1, dt.date(2020, 1, 1)], [1, "2020-01-01"]),
    "record": ({"a": b"\x01", "b": float("nan")}, {"a": "01", "b": None}),
    "set": ({2, 1}, [1, 2]),
    "second": (shapely.Point(1, 2), "POINT (1 2)"),
    "path": (Path("a/b"), "a/b"),
    "complex": (1 + 2j, "(1+2j)"),
    "flag": (True, True),
    "exact": (2**53 + 1, 2**53 + 1),
    "long": (2**80, 2**80),
    "infinite": (float("inf"), None),
    "datetime64": (np.datetime64("2020-01-01"), "2020-01-01"),
    "timedelta64": (np.timedelta64(90, "m"), "P0DT1H30M0S"),
    "formula": ("=1+1", "=1+1"),
    "control": ("人民\x0b路\x1f", "人民\x0b路\x1f"),
    "lines": ("a\r=b", "a\r=b"),
}
NAMES = [
    *("fid", "FID", "ogc_fid", "geom", "Geom", "rowid", "oid", "objectid_1", "select", "table", "index", "level_0"),
    *("", " ", "a\nb", 'a"b', "a'b", "100%", "%s", "a;b", "a,b", "[x]", "`", "=h", "properties", "type", "id_"),
    *("x" * 300, "x" * 301, "名" * 100, "note", "NOTE", "note_2", "inspection_2020", "inspection_2021"),
    *("xmin", "ctid", "tableoid", "管道巡查记录甲", "管道巡查记录乙"),
]


def lines() -> gpd.GeoDataFrame:
    """Three pipes in a row, at which every type stands once, with nulls around it."""
    shapes = [shapely.LineString([(E + 50 * i, N), (E + 50 * i + 50, N)]) for i in range(3)]
    own = {
        "pipe_id": ["a", "b", "c"],
        "system": "storm",
        "diameter_mm": 600.0,
        "invert_from_m": [20.0, 19.8, 19.6],
        "invert_to_m": [19.8, 19.6, 19.4],
    }
    frame = gpd.GeoDataFrame(own, geometry=shapes, crs=4548)
    objects = {name: pd.Series([None, cell, None], dtype=object) for name, (cell, _) in CELLS.items()}
    typed: dict[str, Any] = {
        "t_category": pd.Categorical([None, "x", "y"]),
        "t_zoned": pd.to_datetime(pd.Series([None, "2020-01-01 10:00", None])).dt.tz_localize("Asia/Shanghai"),
        "t_length": pd.to_timedelta([None, "2h", None]),
        "t_uint64": np.array([0, 2**64 - 1, 0], dtype=np.uint64),
        "t_half": np.array([0, 1.5, 0], dtype=np.float16),
        "t_boolean": pd.array([None, True, False], dtype="boolean"),
        "t_integer": pd.array([None, 3, 4], dtype="Int64"),
        "t_period": pd.period_range("2020-01", periods=3, freq="M"),
        "t_interval": pd.interval_range(0, 3),
        "t_mixed": pd.Series([1, "a", 2.5], dtype=object),
        "t_geometry": gpd.GeoSeries(np.array([None, shapely.Point(1, 2), None], dtype=object), crs=4548),
        "t_date32": pd.Series([None, dt.date(2020, 1, 1), None], dtype=pd.ArrowDtype(pa.date32())),
        "t_list": pd.Series([None, [1, 2], None], dtype=pd.ArrowDtype(pa.list_(pa.int64()))),
        "t_struct": pd.Series([None, {"a": 1}, None], dtype=pd.ArrowDtype(pa.struct([("a", pa.int64())]))),
        "t_nothing": pd.Series([None, None, None], dtype=object),
    }
    names = {name: [1, 2, 3] for name in NAMES}
    return frame.assign(**objects, **typed, **names)


@pytest.fixture(scope="module")
def net() -> dr.DrainageNetwork:
    return dr.as_network(lines())


@pytest.fixture(scope="module")
def report(net: dr.DrainageNetwork) -> dr.report.Report:
    return dr.analyze(net)


@pytest.mark.long
@pytest.mark.parametrize("ending", [".geojson", ".fgb", ".parquet", ".shp", ".gpkg"])
@pytest.mark.filterwarnings("ignore:.*(truncated|created as|has been).*:RuntimeWarning")
def test_every_format_takes_every_column(net: dr.DrainageNetwork, ending: str, tmp_path: Path) -> None:
    dr.write_network(net, tmp_path / f"pipes{ending}")
    again = dr.read_network(tmp_path / f"pipes{ending}").pipes.loc[net.pipes.index]
    assert again.geometry.geom_equals_exact(net.pipes.geometry, 0.01).all()
    numbered = [name for name in again.columns if again[name].astype(str).isin(["1", "1.0"]).iloc[0]
                and again[name].astype(str).isin(["3", "3.0"]).iloc[2]]  # fmt: skip
    assert len(numbered) == len(NAMES)
    if ending != ".gpkg":  # which gives back the days, bytes and lists themselves
        texts = {str(cell) for column in again.columns for cell in again[column]}
        assert {"dead", str(IDENTIFIER), "POINT (1 2)", "10:20:00"} <= texts
        assert any(text.startswith("2018-05-01") for text in texts)


def test_a_geopackage_gives_back_what_python_held(net: dr.DrainageNetwork, tmp_path: Path) -> None:
    dr.write_network(net, tmp_path / "net.gpkg")
    again = dr.read_network(tmp_path / "net.gpkg").pipes
    assert list(again.columns) == list(net.pipes.columns)
    for name in ("day", "flag", "exact", "formula", "control"):
        assert again[name].tolist() == net.pipes[name].tolist(), name


@pytest.fixture(scope="module")
def api(report: dr.report.Report) -> TestClient:
    return asking(create_app(Settings(), report=report))


class TestServer:
    def test_shows_every_cell(self, api: TestClient) -> None:
        shown = api.get("/collections/pipes/items/b").json()["properties"]
        # of nested values reading makes text
        nested = {"list": '[1, "2020-01-01"]', "record": '{"a": "01", "b": null}', "set": "[1, 2]"}
        assert {name: shown[name] for name in CELLS} == {n: s for n, (_, s) in CELLS.items()} | nested
        assert shown["t_uint64"] == 2**64 - 1
        assert (shown["t_geometry"], shown["t_date32"], shown["t_struct"]) == ("POINT (1 2)", "2020-01-01", '{"a": 1}')

    @pytest.mark.parametrize("name", ["day", "moment", "zoned", "uuid", "bytes", "second", "flag", "exact", "formula"])
    def test_finds_a_feature_by_the_value_that_it_shows(self, api: TestClient, name: str) -> None:
        value = CELLS[name][1]
        found = api.get("/collections/pipes/items", params=cast("dict[str, str]", {name: value})).json()
        assert [feature["id"] for feature in found["features"]] == ["b"]

    @pytest.mark.parametrize("path", ["/collections/{}/items", "/collections/{}"])
    def test_serves_all_collections(self, api: TestClient, report: dr.report.Report, path: str) -> None:
        names = [*report.collections.keys() - {"issues"}, "issue_points", "issue_lines"]
        assert {api.get(path.format(name)).status_code for name in names} == {200}

    @pytest.mark.parametrize("path", ["/trace/N4", "/api", "/map", "/"])
    def test_serves_all_else(self, api: TestClient, path: str) -> None:
        assert api.get(path).status_code == 200

    def test_serves_the_same_from_the_directory(self, report: dr.report.Report, tmp_path: Path) -> None:
        report.write(tmp_path / "out")
        api = asking(create_app(Settings(results=tmp_path / "out")))
        shown = api.get("/collections/pipes/items/b").json()["properties"]
        for name in ("day", "time", "uuid", "bytes", "second", "zoned"):
            assert str(shown[name])[:10] == str(CELLS[name][1])[:10], name
        assert len(api.get("/trace/N4").json()["features"]) == 3


class TestGdal:
    def test_every_type_of_field_is_read_and_written(self, tmp_path: Path) -> None:
        """OFTInteger, Integer64, Real, String, Date, Time, DateTime, Binary, their lists and subtypes."""
        table = pa.table(
            {
                "pipe_id": ["a"],
                "system": ["storm"],
                "i16": pa.array([1], pa.int16()),
                "i32": pa.array([1], pa.int32()),
                "i64": pa.array([2**53 + 1], pa.int64()),
                "f32": pa.array([0.5], pa.float32()),
                "f64": pa.array([0.5], pa.float64()),
                "text": ["x"],
                "flag": pa.array([True]),
                "day": pa.array([dt.date(2018, 5, 1)]),
                "time": pa.array([dt.time(10, 20)], pa.time32("ms")),
                "moment": pa.array([dt.datetime(2018, 5, 1, 10, 20)], pa.timestamp("ms")),  # noqa: DTZ001 - likewise
                "zoned": pa.array([dt.datetime(2018, 5, 1, 10, 20, tzinfo=dt.UTC)], pa.timestamp("ms", "UTC")),
                "bytes": pa.array([b"\xde\xad"], pa.binary()),
                "ints": pa.array([[1, 2]], pa.list_(pa.int32())),
                "longs": pa.array([[1, 2]], pa.list_(pa.int64())),
                "reals": pa.array([[1.5]], pa.list_(pa.float64())),
                "texts": pa.array([["x", "y"]], pa.list_(pa.string())),
                "wkb": pa.array([shapely.to_wkb(shapely.LineString([(E, N), (E + 50, N)]))], pa.binary()),
            }
        )
        source = tmp_path / "source.fgb"
        for name in ("source.fgb", "source.gpkg"):
            source = tmp_path / name
            pyogrio.write_arrow(table, source, geometry_name="wkb", geometry_type="LineString", crs="EPSG:4548")
            net = dr.read_network(source)
            for ending in (".geojson", ".gpkg", ".fgb", ".parquet", ".shp") if source.suffix == ".gpkg" else (".shp",):
                target = tmp_path / source.suffix[1:] / ending[1:]
                target.mkdir(parents=True)
                dr.write_network(net, target / f"pipes{ending}")
                assert len(dr.read_network(target / f"pipes{ending}").pipes) == 1
            shown = dr.analyze(net).features("pipes")["features"][0]["properties"]
            assert shown["i64"] == 2**53 + 1
            assert (shown["day"], shown["bytes"]) == ("2018-05-01", "dead")
            assert str(shown["time"]).startswith("10:20")
            assert shown["moment"].startswith("2018-05-01T10:20")

    def test_columns_of_the_key_of_a_geopackage_do_not_stop_an_analysis(self, tmp_path: Path) -> None:
        """Two registers have each a column fid from 1 on; another lacks it in one row."""
        for name, system, north in (("ys", "storm", N), ("ws", "sewage", N + 5)):
            shapes = [shapely.LineString([(E + 50 * i, north), (E + 50 * i + 50, north)]) for i in range(3)]
            rows = {"fid": [1, 2, 3] if name == "ys" else [1.0, None, 3.0], "id": [f"{name}{i}" for i in range(3)]}
            frame = gpd.GeoDataFrame({**rows, "system": system}, geometry=shapes, crs=4548).to_crs(4326)
            (tmp_path / f"{name}.geojson").write_text(frame.to_json(), encoding="utf-8")
        net = dr.read_network({"storm": tmp_path / "ys.geojson", "sewage": tmp_path / "ws.geojson"})
        dr.analyze(net).write(tmp_path / "out")
        kept = pyogrio.read_dataframe(tmp_path / "out" / "pipes.gpkg", layer="pipes")["fid_recorded"]
        assert sorted(kept.dropna()) == [1, 1, 2, 3, 3]


class TestSpreadsheets:
    @pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])
    def test_a_text_that_could_be_run_is_guarded_and_comes_back(self, sign: str, tmp_path: Path) -> None:
        text = f"{sign}cmd|' /C calc'!A0"
        table = pd.DataFrame({"井号": ["a", "b"], text: [text, f"'{text}"], "level": [-1.5, -2.0]}).set_index("井号")
        write_csv(table, tmp_path / "x.csv")
        raw = pd.read_csv(tmp_path / "x.csv")
        assert {str(raw.columns[1])[0], *(str(cell)[0] for cell in raw.iloc[:, 1])} == {"'"}
        assert raw["level"].tolist() == [-1.5, -2.0]
        assert unguarded(guarded(text)) == text
        assert unguarded(guarded(f"'{text}")) == f"'{text}"

    def test_a_table_of_ours_is_read_without_the_guard(self, tmp_path: Path) -> None:
        points = pd.DataFrame({"点号": ["=1", "-2"], "X": [N, N], "Y": [E, E + 50], "地面高程": [20.0, 20.0]})
        pipes = pd.DataFrame({"起点点号": ["=1"], "终点点号": ["-2"], "管线类型": ["YS"]})
        write_csv(points, tmp_path / "POINT.csv", index=False)
        write_csv(pipes, tmp_path / "LINE.csv", index=False)
        assert list(dr.read_network(tmp_path / "LINE.csv", crs="EPSG:4548").nodes.index) == ["=1", "-2"]

    def test_a_report_guards_its_tables_and_finds_its_pipes_again(self, tmp_path: Path) -> None:
        frame = lines()[["pipe_id", "system", "geometry"]].assign(
            pipe_id=["=1+1", "@SUM(1)", "'-x"],
            diameter_mm=["wide", "600", "600"],
            road=["=cmd|'/C calc'!A0", "-a", "+b"],
        )
        report = dr.analyze(dr.as_network(frame))
        report.write(tmp_path / "out")
        for name in ("issues.csv", "separation.csv"):
            cells = pd.read_csv(tmp_path / "out" / name, dtype=str, keep_default_na=False).to_numpy().ravel()
            assert not [cell for cell in cells if cell[:1] in set("=+@＝＋－＠") or cell[:2] in {"-a", "-x"}]
        again = dr.read_report(tmp_path / "out").collections["issues"]
        assert again[again["feature_id"] == "=1+1"].geometry.notna().all()
        assert "=1+1" in set(again["feature_id"])

    def test_a_bare_carriage_return_begins_no_row(self, tmp_path: Path) -> None:
        write_csv(pd.DataFrame({"a": ["P\r=1+1"], "b": [1]}), tmp_path / "x.csv", index=False)
        assert pd.read_csv(tmp_path / "x.csv").to_dict("records") == [{"a": "P\n=1+1", "b": 1}]

    def test_control_characters_are_replaced_and_said(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        frame = lines()[["pipe_id", "system", "geometry"]].assign(pipe_id=["P\x01", "Q", "R"], road=["a\x0b", "b", "c"])
        result = dr.find_mixed_flow(dr.as_network(frame))
        Output(output=tmp_path / "x.xlsx").write(result)
        assert "replaced" in capsys.readouterr().err
        book = openpyxl.load_workbook(tmp_path / "x.xlsx")
        assert "P\ufffd" in [row[0].value for row in book["pipes"].iter_rows()]
        assert "texts_with_signs_replaced" in [row[0].value for row in book["summary"].iter_rows()]

    def test_a_workbook_takes_every_column_as_it_can(self, net: dr.DrainageNetwork, tmp_path: Path) -> None:
        write_workbook({"pipes": net.pipes}, tmp_path / "x.xlsx")
        rows = list(openpyxl.load_workbook(tmp_path / "x.xlsx")["pipes"].iter_rows(values_only=True))
        shown = dict(zip(rows[1], rows[3], strict=True))
        assert shown["day"] == dt.datetime(2018, 5, 1)  # noqa: DTZ001 - as a workbook holds it
        assert (shown["old_day"], shown["bytes"], shown["exact"]) == ("1850-05-01", "dead", str(2**53 + 1))
        assert shown["formula"] == "=1+1"
        assert "<f>" not in zipfile.ZipFile(tmp_path / "x.xlsx").read("xl/worksheets/sheet1.xml").decode()
        assert "geometry" not in shown
        assert len(plain_table(net.pipes).columns) == len(net.pipes.columns) - 1


class TestNames:
    def test_are_all_different_whatever_their_case_and_length(self) -> None:
        chosen = column_names([*NAMES, *NAMES], reserved={"fid"}, most_bytes=10)
        assert len({name.lower() for name in chosen}) == 2 * len(NAMES)
        assert all(0 < len(name.encode()) <= 10 for name in chosen)


class TestOurOwnColumns:
    @pytest.mark.parametrize("column", ["barrels", "flow_m3d", "users", "section_area_m2"])
    def test_text_in_a_column_of_numbers_is_an_issue(self, column: str) -> None:
        frame = lines()[["pipe_id", "system", "diameter_mm", "invert_from_m", "invert_to_m", "geometry"]]
        frame = frame.assign(ground_from_m=23.0, ground_to_m=23.0)
        bare = dr.as_network(frame)
        net = dr.as_network(frame.assign(**{column: pd.Series(["两孔", "n/a", None], dtype=object, index=frame.index)}))
        assert net.issues.loc[net.issues["code"] == "not_a_number", "feature_id"].tolist() == ["a"]
        storm = dr.DesignStorm(dr.read_storm_formula("demo"), 3, 60)
        found, truth = (dr.find_waterlogging(dr.screen(one, storm)) for one in (net, bare))
        assert json.dumps(found.summary.to_dict(), default=str) == json.dumps(truth.summary.to_dict(), default=str)

    def test_another_column_of_the_name_of_ours_is_set_aside(self) -> None:
        frame = lines()[["pipe_id", "system", "geometry"]].assign(link_type="Gravity Main")
        nodes = gpd.GeoDataFrame(
            {"node_id": list("wxyz"), "kind_source": "GIS"}, crs=4548,
            geometry=[shapely.Point(E + 50 * i, N) for i in range(4)],
        )  # fmt: skip
        net = dr.as_network(frame, nodes=nodes)
        assert net.issues.loc[net.issues["code"] == "namesake", "feature_id"].tolist() == ["link_type", "kind_source"]
        assert set(net.pipes["link_type_recorded"]) == {"Gravity Main"}
        assert net.nodes["kind"]["z"] == "outfall"

    def test_an_answer_stands_before_a_column_of_its_name(self) -> None:
        frame = lines()[["pipe_id", "system", "geometry"]].assign(mixed="yes", carries_sewage=True, system_source="GIS")
        report = dr.analyze(dr.as_network(frame))
        pipes = report.collections["pipes"]
        assert (pipes["mixed"].tolist(), pipes["carries_sewage"].tolist()) == ([False] * 3, [False] * 3)
        assert pipes["mixed_recorded"].tolist() == ["yes"] * 3
        assert "system" not in report.network.origin.filled  # type: ignore[operator]  # a dict
