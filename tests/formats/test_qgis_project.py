"""A network as a project of QGIS: its XML against the GeoPackage beside it, and QGIS itself where it is installed."""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
import subprocess
import zipfile
from contextlib import closing
from functools import cache
from pathlib import Path
from xml.etree import ElementTree as ET

import geopandas as gpd
import pytest
import shapely
from click.testing import CliRunner

import drainage as dr
from drainage.cli.program import app
from drainage.errors import CrsError, FormatError
from drainage.formats import write_qgis_project
from drainage.words import on_the_terminal
from tests.repairs.drawn import drawn
from tests.support.networks import as_plan

#: The Python of the system, for which Debian packages QGIS.
PYTHON = Path("/usr/bin/python3")
#: What QGIS finds in a project, and in the default styles of its GeoPackage, as JSON.
LOOK = """
import json, sys
from qgis.core import QgsApplication, QgsProject, QgsVectorLayer
app = QgsApplication([], False)
app.initQgis()
project = QgsProject.instance()
read = project.read(sys.argv[1])
layers = {}
for layer in project.mapLayers().values():
    plain = QgsVectorLayer(layer.source(), "plain", "ogr")
    found, styled = plain.loadDefaultStyle()
    layers[layer.source().split("layername=")[1]] = {
        "valid": layer.isValid(), "rows": layer.featureCount(), "renderer": layer.renderer().type(),
        "categories": [one.label() for one in layer.renderer().categories()]
        if layer.renderer().type() == "categorizedSymbol" else [],
        "labels": layer.labelsEnabled(), "styled": styled, "same": plain.renderer().dump() == layer.renderer().dump(),
        "alias": [field.alias() for field in layer.fields()],
    }
groups = [group.name() for group in project.layerTreeRoot().children()]
print("FOUND" + json.dumps({"read": read, "title": project.title(), "crs": project.crs().authid(), "layers": layers,
    "groups": groups, "notice": project.readEntry("TitleLabel", "/Label")[0]}))
"""


@cache
def has_qgis() -> bool:
    if not PYTHON.exists():
        return False
    return subprocess.run([PYTHON, "-c", "import qgis.core"], capture_output=True, check=False).returncode == 0


@pytest.fixture
def net() -> dr.DrainageNetwork:
    """Two pipes, a road, an area; odd names within."""
    plain = drawn(
        {"p": ("a>b", [(0, 0), (10, 0)]), "q": ("b>c", [(10, 0), (20, 0)])}, diameter_mm=[400.0, 1200.0],
        invert_from_m=[9.0, 8.9], invert_to_m=[8.9, 8.8],
    )  # fmt: skip
    pipes = plain.pipes.assign(**{'it\'s "so" & <so>': ["x", "y"]})
    roads = gpd.GeoDataFrame({"road": ["磬山路"]}, geometry=[shapely.LineString([(0, 5), (20, 5)])], crs=plain.crs)
    towns = gpd.GeoDataFrame({"name": ["灵城镇"]}, geometry=[shapely.box(0, 0, 20, 9)], crs=plain.crs)
    return plain.replace(pipes=pipes, layers={"roads": roads, "towns": towns})


def text_of(project: Path) -> str:
    if project.suffix == ".qgs":
        return project.read_text(encoding="utf-8")
    with zipfile.ZipFile(project) as packed:
        (inside,) = packed.namelist()
        return packed.read(inside).decode()


@pytest.mark.parametrize("name", ["net.qgs", "管网 1.qgz"])
def test_a_project_names_the_layers_beside_it_by_relative_path(
    net: dr.DrainageNetwork, tmp_path: Path, name: str
) -> None:
    written = write_qgis_project(net, tmp_path / name, lang="zh")
    assert written.database == written.project.with_suffix(".gpkg")
    made = ET.fromstring(text_of(written.project))  # noqa: S314 - our own
    sources = [one.text for one in made.findall("projectlayers/maplayer/datasource")]
    assert sources == [f"./{written.database.name}|layername={layer}" for layer in ("nodes", "pipes", "roads", "towns")]
    with closing(sqlite3.connect(written.database)) as database:
        assert {row[0] for row in database.execute("SELECT table_name FROM gpkg_geometry_columns")} == {
            "nodes", "pipes", "roads", "towns"
        }  # fmt: skip
    assert str(tmp_path) not in text_of(written.project)
    assert made.findtext("title") == "排水管网"
    assert made.findtext("projectCrs/spatialrefsys/authid") == "EPSG:4548"
    groups = made.findall("layer-tree-group/layer-tree-group")
    assert [group.get("name") for group in groups] == ["管网", "道路与水系", "汇水区与片区"]
    ids = [layer.get("id") or "" for group in groups for layer in group]
    assert ids == [one.text for one in made.findall("projectlayers/maplayer/id")]
    assert all(len(one) > 10 for one in ids)  # QGIS gives shorter ones another, and then finds no layer
    extent = {side.tag: float(side.text or "nan") for side in made.findall("mapcanvas/extent/*")}
    assert extent["xmin"] < 0.0
    assert extent["xmax"] > 20.0
    assert len(dr.read_network(written.database)) == 2


def test_the_same_network_gives_the_same_style_in_project_and_database(net: dr.DrainageNetwork, tmp_path: Path) -> None:
    written = write_qgis_project(net, tmp_path / "net.qgs")
    with closing(sqlite3.connect(written.database)) as database:
        styles = dict(database.execute("SELECT f_table_name, styleQML FROM layer_styles"))
    for layer in ET.fromstring(text_of(written.project)).findall("projectlayers/maplayer"):  # noqa: S314 - our own
        style = ET.fromstring(styles[str(layer.findtext("datasource")).rpartition("=")[2]])  # noqa: S314 - our own
        for part in ("renderer-v2", "labeling", "aliases"):
            one, other = layer.find(part), style.find(part)
            assert (one is None) == (other is None)
            if one is not None and other is not None:
                assert ET.canonicalize(ET.tostring(one), strip_text=True) == ET.canonicalize(
                    ET.tostring(other), strip_text=True
                )


def test_synthetic_data_say_so_on_the_map(tmp_path: Path) -> None:
    made_up = drawn({"p": ("a>b", [(0, 0), (10, 0)])})
    made_up = dr.DrainageNetwork(made_up.pipes, made_up.nodes, synthetic=True)
    real = drawn({"p": ("a>b", [(0, 0), (10, 0)])})
    said, silent = (
        ET.fromstring(text_of(write_qgis_project(net, tmp_path / name, lang="en").project))  # noqa: S314 - our own
        for net, name in ((made_up, "made.qgs"), (real, "real.qgs"))
    )
    assert said.findtext("properties/TitleLabel/Label") == "Synthetic demo data, not a real network"
    assert "Synthetic" in str(said.findtext("projectMetadata/abstract"))
    assert silent.find("properties/TitleLabel") is None


def test_neither_file_is_written_over_and_both_or_none_are_written(net: dr.DrainageNetwork, tmp_path: Path) -> None:
    (tmp_path / "net.gpkg").write_text("mine", encoding="utf-8")
    with pytest.raises(FormatError, match=r"net\.gpkg"):
        write_qgis_project(net, tmp_path / "net.qgz")
    assert [path.name for path in tmp_path.iterdir()] == ["net.gpkg"]
    write_qgis_project(net, tmp_path / "net.qgz", force=True)
    first = text_of(tmp_path / "net.qgz")
    write_qgis_project(net, tmp_path / "net.qgz", force=True)
    made_at = re.compile(r'"made_at": "[^"]*"')  # the rest is the same whenever it is written
    assert made_at.sub("", text_of(tmp_path / "net.qgz")) == made_at.sub("", first)
    assert first.count("<maplayer ") == 4


def test_what_cannot_be_a_project_is_told(net: dr.DrainageNetwork, tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=r"\.qgz, \.qgs"):
        write_qgis_project(net, tmp_path / "net.qgis")
    with pytest.raises(FormatError, match="another name"):
        write_qgis_project(net, tmp_path / "a|b.qgz")
    database = write_qgis_project(net, tmp_path / "net.qgz").database
    with pytest.raises(FormatError, match="is read"):  # its layers would be those that are written over
        write_qgis_project(dr.read_network(database), tmp_path / "net.qgz", force=True)
    with pytest.raises(CrsError):
        write_qgis_project(as_plan(net), tmp_path / "plan.qgz")


def test_the_command_writes_what_the_ending_says(net: dr.DrainageNetwork, tmp_path: Path) -> None:
    dr.write_network(net, tmp_path / "city.gpkg")
    source = str(tmp_path / "city.gpkg")
    for name, beside in (("map.qgz", "map.gpkg"), ("map.dxf", None), ("map.inp", None)):
        rain = ["--storm-formula", "demo"] if name.endswith(".inp") else []
        answer = CliRunner().invoke(app, ["export", source, "-o", str(tmp_path / name), *rain])
        assert answer.exit_code == 0, answer.stderr
        assert name in answer.stderr
        assert beside is None or beside in answer.stderr
    with on_the_terminal():
        refused = {
            (str(tmp_path / "map.dxf"),): "--force",
            ("x.qgz", "--scale", "500"): "--scale",
            ("x.dxf", "--storm-formula", "demo"): "--storm-formula",
            ("x.dwg",): ".dxf",
            ("x.dxf", "-o", "y.dxf"): "export SOURCE FILE",
        }
        for words, remedy in refused.items():
            answer = CliRunner().invoke(app, ["export", source, *words])
            assert answer.exit_code == 1
            assert remedy in answer.stderr


@pytest.mark.skipif(not has_qgis(), reason="QGIS is not installed for the Python of the system")
@pytest.mark.long
def test_qgis_opens_the_project_as_it_is_drawn(net: dr.DrainageNetwork, tmp_path: Path) -> None:
    for path in (tmp_path / "there", tmp_path / "moved"):
        path.mkdir()
    written = write_qgis_project(net, tmp_path / "there" / "管网.qgz", lang="zh")
    for path in written:
        shutil.move(path, tmp_path / "moved" / path.name)
    answer = subprocess.run(
        [PYTHON, "-c", LOOK, tmp_path / "moved" / "管网.qgz"],
        capture_output=True, check=True, text=True, env={"QT_QPA_PLATFORM": "offscreen", "HOME": str(tmp_path)},
    )  # fmt: skip
    found = json.loads(answer.stdout.partition("FOUND")[2])
    assert (found["read"], found["title"], found["crs"]) == (True, "排水管网", "EPSG:4548")
    assert found["layers"].keys() == {"nodes", "pipes", "roads", "towns"}
    assert all(one["valid"] and one["rows"] and one["styled"] and one["same"] for one in found["layers"].values())
    pipes = found["layers"]["pipes"]
    assert pipes["renderer"] == "categorizedSymbol"
    assert pipes["categories"][:3] == ["雨水管", "污水管", "合流管"]
    assert pipes["labels"]
    assert "管径（mm）" in pipes["alias"]
