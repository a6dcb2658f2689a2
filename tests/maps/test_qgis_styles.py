"""Styles and words in a GeoPackage: what QGIS and GDAL find beside the layers, read by sqlite3 and as XML."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely

import drainage as dr
from drainage.maps.layer import Layer
from drainage.maps.looks import GRADES, SYSTEMS, THEMES, WIDTHS
from drainage.maps.qgis.dressed import dress
from drainage.maps.qgis.label_style import labelling
from drainage.maps.qgis.symbols import rgb
from drainage.papers.pipe_sizes import size_texts
from drainage.writing import write_layer
from tests.repairs.drawn import drawn
from tests.test_measures import SIZES, sized

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def net() -> dr.DrainageNetwork:
    """Two pipes and a road; one pipe has a column whose name needs quoting."""
    plain = drawn({"p": ("a>b", [(0, 0), (10, 0)]), "q": ("b>c", [(10, 0), (20, 0)])}, diameter_mm=[400.0, 1200.0])
    pipes = plain.pipes.assign(**{'it\'s "so"': ["x", "y"]})
    roads = gpd.GeoDataFrame({"road": ["磬山路"]}, geometry=[shapely.LineString([(0, 5), (20, 5)])], crs=plain.crs)
    return plain.replace(pipes=pipes, layers={"roads": roads})


def rows(path: Path, query: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(path)) as database:
        return database.execute(query).fetchall()


def styles(path: Path) -> dict[str, ET.Element]:
    found = rows(path, "SELECT f_table_name, styleQML FROM layer_styles WHERE useAsDefault")
    return {name: ET.fromstring(text) for name, text in found}  # noqa: S314 - our own


def test_every_layer_of_a_network_has_the_look_of_the_sheet(net: dr.DrainageNetwork, tmp_path: Path) -> None:
    dr.write_network(net, tmp_path / "net.gpkg")
    found = styles(tmp_path / "net.gpkg")
    assert found.keys() == {"pipes", "nodes", "roads"}
    renderer = found["pipes"].find("renderer-v2")
    assert renderer is not None
    assert (renderer.get("type"), renderer.get("attr")) == ("categorizedSymbol", "system")
    symbols = {one.get("name"): one for one in renderer.findall("symbols/symbol")}
    drawn_as = {}
    for category in renderer.findall("categories/category"):
        line = symbols[category.get("symbol")].find("layer[@class='SimpleLine']/prop[@k='line_color']")
        assert line is not None
        drawn_as[category.get("value")] = line.get("v")
    assert drawn_as == {name: rgb(color) for name, color in SYSTEMS.items()} | {"": rgb(THEMES["pipes"].other.color)}


def test_lines_of_pipes_are_as_wide_as_the_classes_of_sizes_say(net: dr.DrainageNetwork, tmp_path: Path) -> None:
    dr.write_network(net, tmp_path / "net.gpkg")
    layer = styles(tmp_path / "net.gpkg")["pipes"].find("renderer-v2/symbols/symbol/layer[@class='SimpleLine']")
    assert layer is not None
    varying = layer.find("data_defined_properties//Option[@name='outlineWidth']/Option[@name='expression']")
    assert varying is not None
    case = varying.get("value", "").partition("(CASE")[2].partition(") *")[0]
    with closing(sqlite3.connect(":memory:")) as database:  # SQL that SQLite understands as QGIS does
        for size, wide in [(300.0, 0.22), (400.0, 0.22), (401.0, 0.35), (1200.0, 0.72), (9000.0, 1.0)]:
            query = f"SELECT CASE{case} FROM (SELECT ? AS diameter_mm, NULL AS width_mm)"  # noqa: S608 - our own
            assert database.execute(query, (size,)).fetchone() == (wide,)
    assert [wide for _, wide in WIDTHS] == [0.22, 0.35, 0.5, 0.72, 1.0]


def test_labels_and_arrows_are_of_large_scales_only(net: dr.DrainageNetwork, tmp_path: Path) -> None:
    dr.write_network(net, tmp_path / "net.gpkg")
    for name, most in (("pipes", 2500), ("nodes", 1500), ("roads", 15_000)):
        style = styles(tmp_path / "net.gpkg")[name]
        told = style.find("labeling/settings/rendering")
        assert told is not None
        assert (told.get("scaleVisibility"), told.get("scaleMin"), told.get("scaleMax")) == ("1", "0", str(most))
    arrows = styles(tmp_path / "net.gpkg")["pipes"].findall(".//layer[@class='MarkerLine']")
    assert len(arrows) == len(THEMES["pipes"].styles) + 1
    assert all("@map_scale" in ET.tostring(one, encoding="unicode") for one in arrows)


def test_columns_are_named_in_the_language_of_the_reader(
    net: dr.DrainageNetwork, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    query = "SELECT name, title FROM gpkg_data_columns WHERE table_name = 'pipes' AND column_name = 'diameter_mm'"
    for lang, name in (("zh", "管径（mm）"), ("en", "diameter (mm)")):
        monkeypatch.setenv("DRAINAGE_LANG", lang)
        dr.write_network(net, tmp_path / "net.gpkg", force=True)
        assert rows(tmp_path / "net.gpkg", query) == [(name, "管径（mm） / diameter (mm)")]
        alias = styles(tmp_path / "net.gpkg")["pipes"].find("aliases/alias[@field='diameter_mm']")
        assert alias is not None
        assert alias.get("name") == name


def test_the_tables_are_those_of_the_standard_and_of_qgis(net: dr.DrainageNetwork, tmp_path: Path) -> None:
    """OGC 12-128r18: R103–R110 for the schema extension; R13 for the contents; layer_styles as QGIS makes it."""
    path = tmp_path / "net.gpkg"
    dr.write_network(net, path)
    dr.write_network(net, path, force=True)  # and not twice
    extension = rows(
        path, "SELECT table_name, column_name, scope FROM gpkg_extensions WHERE extension_name='gpkg_schema'"
    )
    assert extension == [
        ("gpkg_data_columns", None, "read-write"),
        ("gpkg_data_column_constraints", None, "read-write"),
    ]
    assert rows(path, "SELECT data_type, identifier FROM gpkg_contents WHERE table_name='layer_styles'") == [
        ("attributes", "layer_styles")
    ]
    assert rows(path, "SELECT count(*), count(DISTINCT f_table_name) FROM layer_styles") == [(3, 3)]
    named = rows(path, "SELECT table_name, column_name FROM gpkg_data_columns")
    contents = {name for (name,) in rows(path, "SELECT table_name FROM gpkg_contents")}
    for table, column in named:
        assert table in contents
        assert (column,) in rows(path, f"SELECT name FROM pragma_table_info('{table}')")  # noqa: S608 - our own
    assert [row[0] for row in rows(path, "PRAGMA integrity_check")] == ["ok"]
    assert rows(path, "PRAGMA foreign_key_check") == []


def test_who_reads_the_file_finds_what_was_there_before(net: dr.DrainageNetwork, tmp_path: Path) -> None:
    path = tmp_path / "net.gpkg"
    dr.write_network(net, path)
    again = dr.read_network(path)
    assert again.pipes['it\'s "so"'].tolist() == ["x", "y"]
    assert again.origin.left_over == {}
    assert set(again.layers) == {"roads"}
    assert len(again.issues) == len(net.issues)
    assert pyogrio.read_dataframe(path, layer="pipes")["diameter_mm"].tolist() == [400.0, 1200.0]
    more = pyogrio.read_dataframe(path, layer="roads")
    pyogrio.write_dataframe(more, path, layer="more", append=True)  # a user's own layer beside ours
    assert len(dr.read_network(path)) == 2


def test_an_answer_is_drawn_as_on_its_map(tmp_path: Path) -> None:
    table = gpd.GeoDataFrame(
        {"grade": ["minor", "severe"], "rank": [1, 2]},
        index=pd.Index(["J1", "J2"], name="point_id"), geometry=gpd.points_from_xy([0, 1], [0, 1]), crs=4548,
    )  # fmt: skip
    runs = gpd.GeoDataFrame(
        {"chance": [0.1, np.nan]}, index=pd.Index(["p", "q"], name="pipe_id"),
        geometry=[shapely.LineString([(0, 0), (k, 9)]) for k in (1, 2)], crs=4548,
    )  # fmt: skip
    layers = (Layer("waterlogging", table, "grade"), Layer("sources", runs.iloc[:1], "chance"))
    plain = pd.DataFrame({"depth_m": [0.1]})
    answer = dr.Result("waterlogging", {"points": table, "runs": runs, "figures": plain}, pd.Series(), layers)
    answer.to_file(tmp_path / "answer.gpkg")
    found = styles(tmp_path / "answer.gpkg")
    assert found.keys() == {"points", "runs"}
    points, reaches = (found[name].find("renderer-v2") for name in ("points", "runs"))
    assert points is not None
    assert reaches is not None
    assert [one.get("value") for one in points.findall("categories/category")] == [*THEMES["waterlogging"].styles, ""]
    assert [kind.get("type") for kind in points.findall("symbols/symbol")] == ["marker"] * 5
    marks = points.findall("symbols/symbol/layer[@class='SimpleMarker']/prop[@k='color']")
    grades = [rgb(GRADES[grade]) for grade in THEMES["waterlogging"].styles]
    assert [mark.get("v") for mark in marks] == [*grades, rgb(THEMES["waterlogging"].other.color)]
    # the bin of a number: below 0.05 the first, then as the looks say; nothing where nothing is known
    with closing(sqlite3.connect(":memory:")) as database:
        for chance, number in [(0.01, "0"), (0.05, "1"), (0.3, "2"), (0.9, "3"), (None, None)]:
            query = f"SELECT {reaches.get('attr')} FROM (SELECT ? AS chance)"  # noqa: S608 - our own
            assert database.execute(query, (chance,)).fetchone() == (number,)


def test_flags_are_found_under_the_type_in_which_they_are_stored(tmp_path: Path) -> None:
    table = gpd.GeoDataFrame(
        {"freed": [True, False]}, index=pd.Index(["p", "q"], name="pipe_id"),
        geometry=[shapely.LineString([(0, 0), (k, 9)]) for k in (1, 2)], crs=4548,
    )  # fmt: skip
    write_layer(table, tmp_path / "flags.gpkg", layer="flags")
    dress(tmp_path / "flags.gpkg", {"flags": Layer("freed", table, "freed")})
    listed = styles(tmp_path / "flags.gpkg")["flags"].findall("renderer-v2/categories/category")
    assert [(one.get("value"), one.get("type")) for one in listed] == [
        ("true", "bool"),
        ("false", "bool"),
        ("", "bool"),
    ]


def test_a_table_of_two_kinds_is_styled_for_the_most_of_its_rows(tmp_path: Path) -> None:
    shapes = [shapely.Point(0, 0), shapely.Point(1, 1), shapely.LineString([(0, 0), (1, 1)])]
    table = gpd.GeoDataFrame({"severity": ["error", "info", "error"]}, geometry=shapes, crs=4548)
    write_layer(table, tmp_path / "both.gpkg", layer="both")
    dress(tmp_path / "both.gpkg", {"both": Layer("quality", table, "severity")})
    kind = styles(tmp_path / "both.gpkg")["both"].find("layerGeometryType")
    assert kind is not None
    assert kind.text == "0"


def test_a_table_without_what_its_look_is_chosen_by_is_left_to_qgis(tmp_path: Path) -> None:
    table = gpd.GeoDataFrame(
        {"sewage_m3d": [1.0]}, index=pd.Index(["F1"], name="ground"), geometry=[shapely.box(0, 0, 1, 1)], crs=4548
    )
    drawn_by = Layer("dry_flow", table.assign(by_area=[9.0]), "by_area")
    dr.Result("balance", {"ground": table}, pd.Series(), (drawn_by,)).to_file(tmp_path / "answer.gpkg")
    assert styles(tmp_path / "answer.gpkg") == {}
    assert rows(tmp_path / "answer.gpkg", "SELECT column_name FROM gpkg_data_columns WHERE table_name = 'ground'")


def test_a_layer_called_as_the_table_of_styles_is_refused_and_nothing_is_written(
    net: dr.DrainageNetwork, tmp_path: Path
) -> None:
    clashing = net.replace(layers={"Layer_Styles": net.layers["roads"]})
    with pytest.raises(dr.errors.FormatError, match="rename"):
        dr.write_network(clashing, tmp_path / "net.gpkg")
    assert not list(tmp_path.iterdir())


def test_an_answer_on_a_plan_without_coordinates_is_styled_too(tmp_path: Path) -> None:
    table = gpd.GeoDataFrame(
        {"grade": ["minor"]}, index=pd.Index(["J1"], name="point_id"), geometry=[shapely.Point(0, 0)]
    )
    answer = dr.Result("waterlogging", {"points": table}, pd.Series(), (Layer("waterlogging", table, "grade"),))
    answer.to_file(tmp_path / "plan.gpkg")
    assert styles(tmp_path / "plan.gpkg").keys() == {"points"}


def test_qgis_writes_the_size_of_a_pipe_as_papers_do(net: dr.DrainageNetwork) -> None:
    """The expression is read by SQLite, which knows all of it but `to_string`."""
    pipes = sized().assign(barrels=[2.0, *[np.nan] * (len(SIZES) - 1)])
    style = labelling(Layer("pipes", net.pipes, None, ()), "line", list(pipes.columns), "pipe_id")
    assert style is not None
    text = style.find("settings/text-style")
    assert text is not None
    with closing(sqlite3.connect(":memory:")) as database:
        database.create_function("to_string", 1, lambda number: None if number is None else f"{number:.17g}")
        pipes.to_sql("pipes", database, index=False)
        found = [row[0] for row in database.execute(f"SELECT {text.get('fieldName')} FROM pipes")]  # noqa: S608 - ours
    assert [one or "–" for one in found] == size_texts(pipes)
