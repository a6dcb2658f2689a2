"""What is read of an .inp by its signs, its encoding and the options of reading."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd
import pytest
from shapely import LineString

import drainage as dr
from drainage.errors import CrsError, DrainageError, FormatError, SchemaError
from drainage.formats.inp.text.tokens import split_line
from tests.support.said import said_codes
from tests.support.small_inp import BODY, inp, overflow_m3

if TYPE_CHECKING:
    from pathlib import Path

#: Each line is a fault, or what is read in another way than it is written.
FAULTS = """
[SUBCATCHMENTS]
S3 RG1 O1 1.0 50 100 0.5 0
S4 RG1 S5 1.0 50 100 0.5 0
S5 RG1 S4 1.0 50 100 0.5 0
S6 RG1 NOWHERE one 50 100 0.5 0
[JUNCTIONS]
J1 11.0
J4 9.0 deep
J5 9.0 0.1
J6 9.0 0
J7 1O.0 2
[OUTFALLS]
O2 8.0 TIDAL TIDE NO
O3 8.0 TIMESERIES NONE NO
[CONDUITS]
C4 J4 NOWHERE 100 0.013 0 0
C5 J4 J4 100 0.013 0 0
C6 O1 J4 100 0.013 0 0
C7 J5 J1 100 0.013 -0.5 0
C8 J5 J2 100 0.013 0 -0.5
C9 J4 J5 100 0.013 0 0
[ORIFICES]
OR1 J3 J1 SIDE 0 0.65 NO 0
[XSECTIONS]
C6 DUMMY 0 0 0 0 1
C7 CUSTOM 1 LOST 0 0 1
C8 RECT_OPEN 1 30 0 0 1
C9 CIRCULAR 0.5 0 0 0 1
[CURVES]
TIDE TIDAL 0 8.0
TIDE 12 9.0
[INFLOWS]
J1 FLOW TS1 FLOW 1 1 0
J2 FLOW LOST FLOW 1 1 0
J9 FLOW "" FLOW 1 1 5
[DWF]
J1 FLOW 1 "DAY"
[RDII]
J2 UH1 1
[TIMESERIES]
TS2 FILE gone.dat
TS3 FILE ../outside.dat
[FANCY]
a b
"""
SAID = {
    "changing_stage", "crest_below_node", "depth_below_crown", "drains_past_pipes", "drawn_against_flow",
    "dummy_section", "duplicate_id", "inflow_series", "missing_file", "negative_offset", "no_coordinates", "no_depth",
    "no_outlet", "no_stage", "not_a_number", "outlet_loop", "outside_file", "pattern", "rdii", "regulators",
    "row_against_flow", "runoff_by_imperviousness", "self_loop", "unknown_node", "unknown_section", "wide_section",
}  # fmt: skip
TAGS = "[TAGS]\nNode J1 storm\nLink C1 storm\nLink C2 WS\nSubcatch S1 roof\n"


@pytest.mark.parametrize(
    ("line", "tokens"),
    [
        ("MH\N{NO-BREAK SPACE}12 10.0", ["MH\N{NO-BREAK SPACE}12", "10.0"]),
        ("管\N{IDEOGRAPHIC SPACE}1\t9", ["管\N{IDEOGRAPHIC SPACE}1", "9"]),
        ("a\x85b c\x0bd\x1ce", ["a\x85b", "c\x0bd\x1ce"]),
        ("a\rb", ["a", "b"]),
        ('"two words" x"y ""', ["two words", 'x"y', ""]),
        (" ".join("a" * 45), ["a"] * 40),
    ],
)
def test_only_spaces_and_tabs_part_tokens(line: str, tokens: list[str]) -> None:
    assert split_line(line) == tokens


@pytest.mark.long
@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16"])
@pytest.mark.parametrize("name", ["埇桥1", "埇", "雨水井", "㙓路井1", "管𠮷1", "镕\N{IDEOGRAPHIC SPACE}1"])
def test_chinese_ids_of_either_encoding_are_read_whole(tmp_path: Path, encoding: str, name: str) -> None:
    path = inp(tmp_path / "model.inp", body=BODY.replace("J1", name))
    path.write_bytes(path.read_text(encoding="utf-8").encode(encoding))
    net = dr.read_network(path)
    assert name in net.nodes.index
    assert net.nodes.loc[name, "invert_m"] == 10.0
    written = dr.write_inp(net, None, tmp_path / "out.inp")
    assert name in written.path.read_bytes().decode("utf-8" if encoding == "utf-16" else encoding)


def test_a_model_in_gb_18030_runs_under_its_own_names(tmp_path: Path) -> None:
    path = inp(tmp_path / "model.inp", body=BODY.replace("J1", "埇1").replace("C1", "埇管\N{NO-BREAK SPACE}1"))
    path.write_bytes(path.read_text(encoding="utf-8").encode("gb18030"))
    assert overflow_m3(path) == pytest.approx(overflow_m3(inp(tmp_path / "plain.inp")), rel=1e-6)


@pytest.mark.parametrize("text", ["Straße", "Köln", "façade São"])
def test_latin_letters_with_accents_are_no_chinese(tmp_path: Path, text: str) -> None:
    path = inp(tmp_path / "model.inp", body=BODY.replace("J1", text.replace(" ", "_")))
    path.write_bytes(path.read_text(encoding="utf-8").encode("latin-1"))
    assert text.replace(" ", "_") in dr.read_network(path).nodes.index


def test_crs_of_a_model_counts_and_nonsense_is_refused(tmp_path: Path) -> None:
    path = inp(tmp_path / "model.inp")
    net = dr.read_network(path, crs="EPSG:32650")
    assert net.crs is not None
    assert net.crs.to_epsg() == 32650
    with pytest.raises(CrsError, match="nonsense"):
        dr.read_network(path, crs="nonsense")


def test_systems_come_from_tags_of_links_and_the_rest_from_the_name_of_the_source(tmp_path: Path) -> None:
    path = inp(tmp_path / "model.inp", TAGS)
    assert dr.read_network(path).pipes["system"].tolist() == ["storm", "sewage", "unknown"]
    net = dr.read_network({"storm": path})
    assert net.pipes["system"].tolist() == ["storm", "sewage", "storm"]
    assert net.issues.set_index("code").loc["system_by_file", "feature_id"] == "C2"
    assert dr.read_network({"storm": inp(tmp_path / "bare.inp")}).pipes["system"].unique().tolist() == ["storm"]


def test_tags_of_one_letter_that_are_not_all_systems_tell_none(tmp_path: Path) -> None:
    path = inp(tmp_path / "model.inp", "[TAGS]\nLink C1 c\nLink C2 p\nLink C3 s\n")
    net = dr.read_network(path)
    assert net.pipes["system"].unique().tolist() == ["unknown"]
    assert "unknown_tag" in set(net.issues["code"])


def test_the_letters_of_names_tell_the_system_only_where_the_user_says_so(tmp_path: Path) -> None:
    body = BODY.replace("C1", "YS1").replace("C2", "WS-2").replace("C3", "QQ3")
    path = inp(tmp_path / "model.inp", body=body)
    assert dr.read_network(path).pipes["system"].unique().tolist() == ["unknown"]
    assert dr.read_network(path, columns={"system": "pipe_id"}).pipes["system"].tolist() == [
        "storm", "sewage", "unknown"]  # fmt: skip
    mapping = tmp_path / "columns.toml"
    mapping.write_text('[pipes]\nsystem = "pipe_id"\n[codes.system]\nQQ = "combined"\n')
    assert dr.read_network(path, mapping=mapping).pipes["system"].tolist() == ["storm", "sewage", "combined"]


@pytest.mark.parametrize(
    ("given", "error", "words"),
    [
        ({"columns": {"diameter_mm": "GJ"}}, SchemaError, "diameter_mm cannot be mapped"),
        ({"columns": {"system": "LX"}}, SchemaError, "tag or pipe_id"),
        ({"nodes": "model.inp"}, FormatError, "holds its own nodes"),
        ({"catchments": "model.inp"}, FormatError, "holds its own nodes"),
        ({"roads": "roads.geojson"}, CrsError, "crs="),
    ],
)
def test_options_that_have_no_meaning_for_a_model_are_refused(
    tmp_path: Path, given: dict[str, object], error: type[DrainageError], words: str
) -> None:
    path = inp(tmp_path / "model.inp")
    placed = {name: tmp_path / str(value) if isinstance(value, str) else value for name, value in given.items()}
    with pytest.raises(error, match=words):
        dr.read_network(path, **placed)  # type: ignore[arg-type]  # keywords of several types


def test_roads_lie_beside_a_model_whose_crs_is_said(tmp_path: Path) -> None:
    roads = gpd.GeoDataFrame({"road": ["a"]}, geometry=[LineString([(5e5, 37e5), (5.01e5, 37e5)])], crs="EPSG:32650")
    roads.to_crs(4326).to_file(tmp_path / "roads.geojson")
    net = dr.read_network(inp(tmp_path / "model.inp"), crs="EPSG:32650", roads=tmp_path / "roads.geojson")
    assert net.layers["roads"].geometry.iloc[0].length == pytest.approx(1000, rel=1e-3)


def test_what_moved_is_written_in_the_coordinates_of_the_file(tmp_path: Path) -> None:
    # the file is in degrees, the network in metres
    body = BODY
    for name, x in (("J1", 117.0), ("J2", 117.001), ("J3", 117.002), ("O1", 117.003)):
        before = {"J1": 500000, "J2": 500100, "J3": 500200, "O1": 500300}[name]
        body = body.replace(f"{name} {before} 3700000", f"{name} {x} 33.4")
    net = dr.read_network(inp(tmp_path / "model.inp", body=body), crs="EPSG:4326")
    nodes = net.nodes
    moved = nodes.geometry.where(nodes.index != "J2", nodes.geometry.translate(xoff=100.0))
    written = dr.write_inp(net.replace(nodes=nodes.set_geometry(moved)), None, tmp_path / "out.inp")
    text = written.path.read_text(encoding="utf-8")
    row = next(line.split() for line in text.split("[COORDINATES]")[1].splitlines() if line.startswith("J2"))
    assert float(row[1]) == pytest.approx(117.00208, abs=2e-5)
    assert float(row[2]) == pytest.approx(33.4, abs=1e-4)
    assert "J1 117.0 33.4" in text


def test_a_model_that_stands_twice_in_its_file_is_read_once(tmp_path: Path) -> None:
    squares = "".join(f"{name} {x} 0\n{name} {x + 1} 0\n{name} {x + 1} 1\n" for name, x in (("S1", 0), ("S2", 2)))
    path = inp(tmp_path / "model.inp", f"[VERTICES]\nC1 500050 3700010\nC2 500150 3700010\n[POLYGONS]\n{squares}")
    once = dr.read_network(path)
    text = path.read_text(encoding="utf-8")
    path.write_text(text + text, encoding="utf-8")
    net = dr.read_network(path)
    assert net.pipes.geometry.geom_equals(once.pipes.geometry).all()
    assert net.catchments is not None
    assert net.catchments.geometry.area.tolist() == [0.5, 0.5]
    assert (net.issues["code"] == "duplicate_id").any()


def test_a_layer_without_a_crs_has_that_of_the_model(tmp_path: Path) -> None:
    roads = gpd.GeoDataFrame({"road": ["a"]}, geometry=[LineString([(5e5, 37e5), (5.01e5, 37e5)])], crs="EPSG:32650")
    roads.to_file(tmp_path / "roads.shp")
    (tmp_path / "roads.prj").unlink()
    net = dr.read_network(inp(tmp_path / "model.inp"), crs="EPSG:32650", roads=tmp_path / "roads.shp")
    assert net.layers["roads"].geometry.iloc[0].length == pytest.approx(1000)


def test_every_fault_of_a_model_is_said_in_both_languages(tmp_path: Path) -> None:
    (tmp_path / "outside.dat").write_text("0:00 1")
    (tmp_path / "model").mkdir()
    issues = dr.read_network(inp(tmp_path / "model" / "model.inp", FAULTS)).issues
    assert said_codes(issues) >= SAID
    chinese = {text.chinese for text in issues.loc[issues["code"] == "negative_offset", "reason"]}
    assert chinese == {"其上端比节点的管底高程低 0.500 m", "其下端比节点的管底高程低 0.500 m"}


def test_a_model_without_links_says_so_in_both_languages(tmp_path: Path) -> None:
    issues = dr.read_network(inp(tmp_path / "model.inp", body="[JUNCTIONS]\nJ1 10 2\n[OUTFALLS]\nO1 9 FREE\n")).issues
    assert "no_pipes" in said_codes(issues)


def test_what_a_model_cannot_say_when_it_is_written_is_said_in_both_languages(tmp_path: Path) -> None:
    net = dr.read_network(
        inp(tmp_path / "model.inp", "[ORIFICES]\nOR1 J1 J2 SIDE 0 0.65 NO 0\n[XSECTIONS]\nOR1 CIRCULAR 0.2 0 0 0\n")
    )
    pipes = net.pipes.assign(diameter_mm=900.0)
    new = net.pipes.loc[["C1"]].rename(index={"C1": "N1"}).assign(diameter_mm=None, shape=None, manning_n=None)
    changed = net.replace(pipes=pd.concat([pipes, new]))
    written = dr.write_inp(changed, None, tmp_path / "part" / "model.inp")
    assert {"no_section", "no_roughness", "not_written"} <= said_codes(written.issues)
