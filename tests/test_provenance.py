"""What goes out says what it is: every face of every question carries the ten facts, and no secret with them."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, cast

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pyogrio
import pyproj
import pytest
import shapely
from pyarrow import parquet

import drainage as dr
from drainage.cli.outputs import OUTPUTS
from drainage.evidence import Evidence
from drainage.formats.raster import Dem
from drainage.maps.provenance import provenance_line
from drainage.origin import Origin
from drainage.provenance import KEYS, STORM_KEYS, Provenance
from drainage.result import RESULT_ENDINGS
from drainage_api.main import create_app
from drainage_api.settings import Settings
from tests.analyses.test_infiltration import day, flow, measure
from tests.support.asking import asking
from tests.support.gauges import readings
from tests.support.networks import build, save
from tests.support.pay_terms import pay_terms
from tests.support.public import PUBLIC
from tests.support.years_of_rain import years_of_rain

if TYPE_CHECKING:
    from drainage.simulation.state import FlowState

TEN = {"source", "crs", "as_of", "storm", "engine", "method", "assumptions", "notice", "version", "made_at"}
PLACES = [("a", 0, 0), ("b", 100, 0), ("c", 200, 0), ("out", 300, 0), ("w", 100, 100), ("works", 300, 100)]


def town() -> dr.DrainageNetwork:
    """A street whose storm pipe takes in sewage at b; it is too narrow at its end, so that water stands."""
    net = build(
        ["a>b storm 300", "b>c storm 300", "c>out storm 150", "w>b sewage 300", "w>works sewage 300"],
        places={name: (551000 + x, 3712000 + y) for name, x, y in PLACES},
        kinds={"works": "works"},
        invert_from_m=[20.0, 19.8, 19.6, 20.0, 20.0],
        invert_to_m=[19.8, 19.6, 19.4, 19.8, 19.0],
        depth_from_m=[2.0] * 5,
        depth_to_m=[2.0] * 5,
        road=["磬山路"] * 5,
        area=["甲", "甲", "乙", "乙", "乙"],
    )
    nodes = net.nodes.assign(ground_m=[22.0, 21.8, 21.6, 21.4, 22.0, 22.0])
    return net.replace(nodes=nodes)


@pytest.fixture(scope="module")
def net(tmp_path_factory: pytest.TempPathFactory) -> dr.DrainageNetwork:
    path = tmp_path_factory.mktemp("secret_folder") / "pipes.gpkg"
    dr.write_network(town(), path)
    return dr.read_network(path).as_of("2024-06-30")


@pytest.fixture(scope="module")
def storm() -> dr.DesignStorm:
    return dr.DesignStorm(dr.read_storm_formula("demo"), 3, 120)


@pytest.fixture(scope="module")
def state(net: dr.DrainageNetwork, storm: dr.DesignStorm) -> FlowState:
    return dr.screen(net, storm)


def raster() -> Dem:
    """Ground that falls to a hollow of 1 m at (551200, 3712000)."""
    x, y = np.meshgrid(np.arange(550900, 551500, 10.0), np.arange(3712200, 3711800, -10.0))
    ground = 22.0 - np.exp(-(((x - 551200) / 60) ** 2) - ((y - 3712000) / 60) ** 2)
    return Dem(ground.astype(np.float32), 550900.0, 3712200.0, 10.0, 10.0, pyproj.CRS.from_epsg(4548), "ground.tif")


def answers(net: dr.DrainageNetwork, state: FlowState) -> Iterator[tuple[str, Callable[[], dr.Result]]]:
    """Every function of the package that gives a Result."""
    storm = state.storm
    minute = np.arange(5.0, 100.0, 5.0)
    levels = readings("b", "level", minute, 20.0 + np.sin(minute / 30.0))
    yield "check_quality", lambda: dr.check_quality(net)
    yield "score_delivery", lambda: dr.analyses.score_delivery(net)
    yield "find_mixed_flow", lambda: dr.find_mixed_flow(net)
    yield "measure_separation", lambda: dr.measure_separation(net)
    yield "find_waterlogging", lambda: dr.find_waterlogging(state, dem=raster())
    yield "plan_relief", lambda: dr.plan_relief(state, dr.find_waterlogging(state))
    yield "plan_cleaning", lambda: dr.plan_cleaning(state)
    yield "plan_closures", lambda: dr.plan_closures(net, dr.find_mixed_flow(net), budget=1)
    yield "measure_mixing", lambda: dr.measure_mixing(net, dr.find_mixed_flow(net))
    yield "measure_infiltration", lambda: measure({"w": flow(day())}, net=net)
    yield "find_sources", lambda: dr.find_sources(net, replace(Evidence(), source="folder/samples.csv"))
    yield "plan_inspection", lambda: dr.plan_inspection(net, budget=2)
    yield "find_crossings", lambda: dr.analyses.find_crossings(net)
    yield "fit_storm_formula", lambda: dr.analyses.fit_storm_formula(years_of_rain(25), replicas=20)
    yield "check_storm_formula", lambda: dr.analyses.check_storm_formula(dr.read_storm_formula("demo"))
    yield "compare_with_gauges", lambda: dr.analyses.compare_with_gauges(net, levels, storm, most_runs=0)
    yield "measure_balance", lambda: dr.analyses.measure_balance(net)
    yield "take_census", lambda: dr.report.take_census(net)
    yield "find_low_points", lambda: dr.analyses.find_low_points(raster())
    yield "ponding_on_dem", lambda: dr.analyses.ponding_on_dem(state, raster())
    yield "measure_outcome", lambda: dr.analyses.measure_outcome(net, net)
    yield "what_if", lambda: dr.plans.what_if(net, dr.change_sets.ChangeSet(name="none.geojson"))
    yield "take_quantities", lambda: dr.plans.take_quantities(net, dr.change_sets.ChangeSet(name="none.geojson"))
    yield "find_changes", lambda: dr.analyses.find_changes(net, net)
    yield "compare", lambda: dr.compare(dr.find_mixed_flow(net), dr.find_mixed_flow(net))
    yield "pay_sheet", lambda: dr.pay_sheet(dr.analyze(net, storm=storm), dr.analyze(net, storm=storm), pay_terms())
    yield (
        "run_ensemble",
        lambda: dr.simulation.run_ensemble(
            dr.simulation.combine_runs({"now": net}, [storm]), executor=ThreadPoolExecutor(1)
        ),
    )


@pytest.fixture(scope="module")
def results(net: dr.DrainageNetwork, state: FlowState) -> dict[str, dr.Result]:
    return {name: ask() for name, ask in answers(net, state)}


def table_of(path: Path) -> dict[str, object]:
    """Read the table of a GeoPackage: what is nested stands there as JSON."""
    rows = pyogrio.read_dataframe(path, layer="provenance")
    cells = {key: None if pd.isna(value) else value for key, value in zip(rows["key"], rows["value"], strict=True)}
    nested = ("source", "storm", "assumptions")
    return {key: json.loads(value) if value and key in nested else value for key, value in cells.items()}


def page_of(html: str) -> dict[str, object]:
    found = re.findall(r'<script type="application/json" id="provenance">(.*?)</script>', html, re.DOTALL)
    assert len(found) == 1
    return cast("dict[str, object]", json.loads(found[0]))


def beside(path: Path) -> dict[str, object]:
    return cast("dict[str, object]", json.loads(Path(f"{path}.provenance.json").read_text(encoding="utf-8")))


def face(path: Path) -> dict[str, object]:
    """Read the provenance of a file, and the file itself as others read it."""
    ending = path.suffix
    if ending == ".gpkg":
        return table_of(path)
    if ending == ".geojson":
        assert isinstance(gpd.read_file(path), pd.DataFrame)
        return cast("dict[str, object]", json.loads(path.read_text(encoding="utf-8"))["provenance"])
    if ending == ".parquet":
        assert isinstance(pd.read_parquet(path), pd.DataFrame)
        return cast("dict[str, object]", json.loads(parquet.read_schema(path).metadata[b"provenance"]))
    if ending == ".csv":
        pd.read_csv(path)
    else:
        gpd.read_file(path)
    return beside(path)


def test_every_function_that_gives_a_result_is_walked(net: dr.DrainageNetwork, state: FlowState) -> None:
    given = {name for name, one in PUBLIC.items() if "Result" in str(one.__annotations__.get("return", ""))}
    assert given == {name for name, _ in answers(net, state)}


@pytest.mark.parametrize("ending", [one for one in RESULT_ENDINGS if one != ".xlsx"])
def test_every_file_of_every_question_says_where_it_comes_from(
    results: dict[str, dr.Result], tmp_path: Path, ending: str
) -> None:
    for name, result in results.items():
        said = face(result.to_file(tmp_path / f"{name}{ending}"))
        assert said == result.provenance.as_dict(), name
        assert set(said) == TEN, name


@pytest.mark.long
@pytest.mark.filterwarnings("ignore:Could not parse column")  # a column of figures and words, read by GDAL as JSON
def test_every_table_of_every_question_is_read_back(results: dict[str, dr.Result], tmp_path: Path) -> None:
    for question, result in results.items():
        whole = result.to_file(tmp_path / f"{question}.gpkg")
        assert {name for name, _ in pyogrio.list_layers(whole)} == {*result.tables, "provenance", "layer_styles"}
        for name, table in result.tables.items():
            for ending, read in ((".csv", pd.read_csv), (".parquet", pd.read_parquet), (".geojson", gpd.read_file)):
                path = result.to_file(tmp_path / f"{question}-{name}{ending}", table=name)
                assert len(read(path)) == len(table), path.name


def test_every_workbook_of_every_question_begins_with_it(results: dict[str, dr.Result], tmp_path: Path) -> None:
    for name, result in results.items():
        book = openpyxl.load_workbook(result.to_file(tmp_path / f"{name}.xlsx"))
        if book.sheetnames[0] != "provenance":
            pytest.skip("workbooks have no sheet for it yet")
        cells = {str(cell.value) for row in book.worksheets[0].iter_rows() for cell in row}
        assert result.provenance.version in cells, name
        assert not {key for key in KEYS if not any(key in cell for cell in cells)}, name


def test_every_map_of_every_question_says_it_to_eyes_and_programs(results: dict[str, dr.Result]) -> None:
    for name, result in results.items():
        page = result.page().html
        assert page_of(page) == result.provenance.as_dict(), name
        assert f"drainage {dr.__version__}" in page, name
    page = results["find_waterlogging"].page().html
    line = re.findall(r'<p class="dr-provenance">(.*?)</p>', page)[0]
    for words in ("P = 3 a", "120 min", "67.39 mm", "demo", "not verified", "as of 2024-06-30", "screening", "made 20"):
        assert words in line


def test_what_a_question_knows_is_said(results: dict[str, dr.Result]) -> None:
    said = results["find_waterlogging"].provenance.as_dict()
    assert said["source"] == ["pipes.gpkg", "ground.tif"]
    assert said["crs"] == "EPSG:4548"
    assert said["as_of"] == "2024-06-30"
    assert said["engine"] == "screening"
    storm = cast("dict[str, object]", said["storm"])
    assert tuple(storm) == STORM_KEYS
    assert storm["formula"] == "demo"
    assert "Shanghai" in str(storm["formula_source"])
    assert (storm["verified"], storm["return_period_a"], storm["duration_min"], storm["shape"]) == (
        False, 3, 120, "chicago",
    )  # fmt: skip
    assert storm["depth_mm"] == pytest.approx(67.3929)
    assert "catchments" in cast("dict[str, str]", said["assumptions"])
    assert dt.datetime.fromisoformat(str(said["made_at"])).tzinfo is not None
    mixed = results["find_mixed_flow"].provenance
    assert (mixed.storm, mixed.engine, mixed.method) == (None, None, None)
    assert results["find_sources"].provenance.source == ("pipes.gpkg", "samples.csv")
    ensemble = results["run_ensemble"].provenance
    assert (ensemble.engine, ensemble.storm) == ("screening", results["plan_relief"].provenance.storm)


def test_rain_of_a_gauge_has_no_formula(net: dr.DrainageNetwork) -> None:
    rain = dr.hydraulics.ObservedStorm(np.array([0.0, 30.0, 60.0]), np.array([20.0, 14.2]), "gauge.csv from 2020-07-01")
    said = Provenance.of(net, rain).as_dict()
    assert said["storm"] == dict.fromkeys(STORM_KEYS) | {"duration_min": 60.0, "depth_mm": 34.2}
    assert "gauge.csv" in str(said["assumptions"])


def test_the_whole_history_has_no_day() -> None:
    assert Provenance.of(town()).as_dict()["as_of"] is None


def test_a_password_in_the_address_of_a_formula_is_not_said(net: dr.DrainageNetwork) -> None:
    formula = dr.hydraulics.StormFormula(A=1000.0, C=0.8, b=10.0, n=0.7, source="https://u:pw9x@host/notice 2019")
    said = dr.provenance.Provenance.of(net, dr.DesignStorm(formula, 3, 120)).as_dict()["storm"]
    assert cast("dict[str, object]", said)["formula_source"] == "https://host/notice 2019"


def test_neither_folders_nor_hosts_nor_passwords_are_said() -> None:
    sources = [
        "storm=/home/me/secret/pipes.shp", "sewage=C:\\secret\\pipes.shp", "postgresql://me:s3cret@db.host:5432/city?x=1"
    ]  # fmt: skip
    net = town().replace(origin=Origin(sources=sources))
    assert Provenance.of(net).source == ("storm=pipes.shp", "sewage=pipes.shp", "city")


def test_files_of_one_name_are_told_apart_by_their_system(tmp_path: Path) -> None:
    for system in ("storm", "sewage"):
        (tmp_path / system).mkdir()
        save(town().of_system(system), tmp_path / system / "pipes.geojson")
    net = dr.read_network({one: tmp_path / one / "pipes.geojson" for one in ("storm", "sewage")})
    assert Provenance.of(net).source == ("storm=pipes.geojson", "sewage=pipes.geojson")


def test_two_days_of_one_network_are_both_said() -> None:
    old, new = (Provenance.of(town().as_of(day)) for day in ("2018-12-31", "2024-06-30"))
    joined = Provenance.joined((old, new)).as_dict()
    assert joined["as_of"] == ["2018-12-31", "2024-06-30"]
    assert joined["crs"] == "EPSG:4548"
    assert joined["storm"] is None
    assert Provenance.from_dict(joined).as_dict() == joined


def test_a_map_of_answers_with_and_without_an_engine_names_the_one_that_ran() -> None:
    asked = Provenance.joined((Provenance.of(town()), Provenance.of(town(), engine="screening")))
    assert provenance_line(asked, "en").startswith("engine screening · ")


class TestReport:
    def test_every_file_of_the_directory_says_it_and_it_is_read_back(
        self, net: dr.DrainageNetwork, storm: dr.DesignStorm, tmp_path: Path
    ) -> None:
        report = dr.analyze(net, storm=storm)
        folder = report.write(tmp_path / "out")
        said = report.provenance.as_dict()
        assert (said["engine"], said["as_of"]) == ("screening", "2024-06-30")
        for path in sorted(
            path for path in folder.iterdir() if path.is_file() and path.suffix not in {".json", ".html"}
        ):
            assert face(path) == said, path.name
        assert json.loads((folder / "summary.json").read_text(encoding="utf-8"))["provenance"] == said
        kept = dr.read_report(folder, whole=True).results
        assert {name: one.provenance.as_dict() for name, one in kept.items()} == {
            name: one.provenance.as_dict() for name, one in report.results.items()
        }
        assert page_of((folder / "map.html").read_text(encoding="utf-8")) == said
        again = dr.read_report(folder)
        assert again.provenance.as_dict() == said
        assert beside(again.write(tmp_path / "again") / "issues.csv") == said

    def test_every_answer_of_the_server_says_it(self, net: dr.DrainageNetwork, storm: dr.DesignStorm) -> None:
        report = dr.analyze(net, storm=storm)
        client = asking(create_app(Settings(), report=report))
        said = report.provenance.as_dict()
        for place in ("", "collections", "collections/pipes", "collections/pipes/items", "trace/c",
                      "collections/pipes/items/p0", "collections/waterlogging/items", "conformance"):  # fmt: skip
            assert client.get(f"/{place}").json()["provenance"] == said, place
        assert page_of(client.get("/map").text) == said


def _rows(path: Path) -> gpd.GeoDataFrame:
    return gpd.read_file(path, layer="rows")


class TestFiles:
    def test_somebody_elses_sidecar_is_not_replaced(self, results: dict[str, dr.Result], tmp_path: Path) -> None:
        (tmp_path / "x.csv.provenance.json").write_text("mine")
        with pytest.raises(dr.errors.FormatError, match=r"x\.csv\.provenance\.json.*force=True"):
            results["find_mixed_flow"].to_file(tmp_path / "x.csv")
        assert not (tmp_path / "x.csv").exists()
        results["find_mixed_flow"].to_file(tmp_path / "x.csv", force=True)
        assert set(beside(tmp_path / "x.csv")) == TEN

    def test_a_table_that_is_not_there_is_refused_by_the_names_of_those_that_are(
        self, results: dict[str, dr.Result], tmp_path: Path
    ) -> None:
        for ending in RESULT_ENDINGS:
            with pytest.raises(dr.errors.SchemaError, match="no table 'roads'; it has points, pipes, outfalls, reach"):
                results["find_mixed_flow"].to_file(tmp_path / f"x{ending}", table="roads")

    def test_the_named_table_alone_is_written(self, results: dict[str, dr.Result], tmp_path: Path) -> None:
        mixed = results["find_mixed_flow"]
        path = mixed.to_file(tmp_path / "x.gpkg", table="outfalls")
        assert {name for name, _ in pyogrio.list_layers(path)} == {"outfalls", "provenance", "layer_styles"}

    def test_days_and_gaps_keep_their_types(self, tmp_path: Path) -> None:
        table = gpd.GeoDataFrame(
            {
                "day": pd.to_datetime(pd.Series(["2020-05-01", None])),
                "n": pd.array([1, None], dtype="Int64"),
                "note": ["一", None],
            },
            geometry=np.array([shapely.Point(551000.0, 3712000.0), None], dtype=object),
            crs=4548,
        )
        result = dr.Result("q", {"rows": table}, pd.Series(dtype=object))
        for ending, read in ((".gpkg", _rows), (".parquet", gpd.read_parquet), (".shp", gpd.read_file)):
            frame = read(result.to_file(tmp_path / f"x{ending}"))
            assert pd.Timestamp(frame["day"][0]) == pd.Timestamp("2020-05-01"), ending
            assert frame["day"].isna().tolist() == [False, True], ending
            assert frame["n"].isna().tolist() == [False, True], ending
            assert frame["note"][0] == "一", ending
            assert frame.geometry.isna().tolist() == [False, True], ending

    def test_a_csv_has_places_as_numbers_and_lines_as_text(self, results: dict[str, dr.Result], tmp_path: Path) -> None:
        mixed = results["find_mixed_flow"]
        points = pd.read_csv(mixed.to_file(tmp_path / "x.csv"))
        place = mixed.places("points").to_crs(4326).geometry.iloc[0]
        assert points[["lon", "lat"]].iloc[0].tolist() == pytest.approx(place.bounds[:2], abs=1e-6)
        assert "wkt" not in points
        lines = pd.read_csv(mixed.to_file(tmp_path / "y.csv", table="pipes"))
        drawn = gpd.GeoSeries.from_wkt(lines["wkt"], crs=4326).to_crs(4548)
        assert drawn.length.tolist() == pytest.approx(mixed.places("pipes").length.tolist(), abs=0.02)

    def test_names_and_texts_that_a_shapefile_cuts_are_said(self, tmp_path: Path) -> None:
        from drainage.writing import shapefile_losses

        table = gpd.GeoDataFrame(
            {"before_volume_m3": [1.0], "before_volume_m2": [2.0], "note": ["长" * 100]},
            geometry=[shapely.Point(551000.0, 3712000.0)],
            crs=4548,
        )
        names, texts = shapefile_losses(table)
        assert "before_vol is before_volume_m3" in names
        assert "before_v_2 is before_volume_m2" in names
        assert "1 of them" in texts
        result = dr.Result("q", {"rows": table}, pd.Series(dtype=object))
        frame = gpd.read_file(result.to_file(tmp_path / "x.shp"))
        assert frame.drop(columns=["geometry", "note"]).iloc[0].to_dict() == {"before_vol": 1.0, "before_v_2": 2.0}

    def test_points_and_lines_of_one_table_become_two_shapefiles(self, tmp_path: Path) -> None:
        line = shapely.LineString([(551000, 3712000), (551100, 3712000)])
        table = gpd.GeoDataFrame(
            {"n": [1, 2, 3, 4]},
            geometry=np.array([line, shapely.Point(551000, 3712000), line, None], dtype=object),
            crs=4548,
        )
        result = dr.Result("q", {"rows": table}, pd.Series(dtype=object))
        path = result.to_file(tmp_path / "x.shp")
        assert gpd.read_file(path)["n"].tolist() == [1, 3, 4]
        assert gpd.read_file(tmp_path / "x_point.shp")["n"].tolist() == [2]
        assert set(beside(tmp_path / "x_point.shp")) == TEN

    def test_the_table_is_no_layer_of_a_network(self, net: dr.DrainageNetwork, tmp_path: Path) -> None:
        dr.write_network(net, tmp_path / "net.gpkg")
        assert set(table_of(tmp_path / "net.gpkg")) == TEN
        again = dr.read_network(tmp_path / "net.gpkg")
        assert again.issues.equals(net.issues)
        assert "provenance" not in again.layers
        edited = gpd.read_file(tmp_path / "net.gpkg", layer="pipes")
        edited.to_file(tmp_path / "net.gpkg", layer="pipes", engine="pyogrio")
        assert len(dr.read_network(tmp_path / "net.gpkg").pipes) == len(net.pipes)

    @pytest.mark.parametrize("ending", [".geojson", ".shp", ".parquet", ".fgb"])
    def test_a_network_in_files_is_read_back_beside_its_papers(
        self, net: dr.DrainageNetwork, tmp_path: Path, ending: str
    ) -> None:
        path = tmp_path / f"pipes{ending}"
        dr.write_network(net, path)
        assert set(face(path)) == TEN
        assert len(dr.read_network(path).pipes) == len(net.pipes)

    def test_storms_models_and_walks_have_it_beside_them(
        self, results: dict[str, dr.Result], net: dr.DrainageNetwork, storm: dr.DesignStorm, tmp_path: Path
    ) -> None:
        for ending in (".csv", ".dat", ".svg"):
            said = beside(dr.formats.write_storm(storm, tmp_path / f"storm{ending}"))
            assert cast("dict[str, object]", said["storm"])["formula"] == "demo"
        dr.write_inp(net, storm, tmp_path / "model.inp")
        assert set(beside(tmp_path / "model.inp")) == TEN
        assert set(beside(dr.formats.write_gpx(results["plan_inspection"], tmp_path / "walk.gpx"))) == TEN


def test_the_terminal_writes_what_a_result_writes() -> None:
    assert OUTPUTS == RESULT_ENDINGS
