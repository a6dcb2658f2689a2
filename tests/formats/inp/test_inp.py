"""Reading EPA SWMM models: values worked by hand in each unit and mode, and against the engine on real models."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import shapely

import drainage as dr
from drainage.errors import FormatError
from drainage.formats.inp import InpModel, read_inp
from drainage.formats.inp.node_inflows import mean_m3s
from drainage.formats.inp.text.series import Tables
from drainage.formats.inp.text.tokens import split_line
from drainage.measures import pipe_sections

if TYPE_CHECKING:
    from pathlib import Path

# J1 ──c1──> J2 ──c2──> O1, and a pump from J2 to the tank S1, whose weir leads to O2
MODEL = """
[TITLE]
[OPTIONS]
FLOW_UNITS {units}
LINK_OFFSETS {offsets}
FLOW_ROUTING DYNWAVE
[JUNCTIONS]
;;Name  Elev  MaxDepth  Init  Sur  Pond
J1   100  10   0  0  0
"J2"  95   0   0  5  20   ; depth 0
[OUTFALLS]
O1  90  FIXED  92  NO
O2  90  FREE  NO
[STORAGE]
S1  93  6  0  FUNCTIONAL  1000  0  0  2
[CONDUITS]
c1  J1  j2  200  0.013  {up}  {down}  0  0
c2  J2  O1  300  0.015  *  *
[PUMPS]
p1  J2  S1  *  ON  0  0
[WEIRS]
w1  S1  O2  TRANSVERSE  {crest}  1.8  NO  0  0
[XSECTIONS]
c1  circular  2  0  0  0  1
c2  RECT_CLOSED  3  4  0  0  2
w1  RECT_OPEN  1  2  0  0
[SUBCATCHMENTS]
A  *  J1  10  60  100  0.5  0
B  *  A   20  30  100  0.5  0
C  *  O1   5  30  100  0.5  0
[DWF]
J1  FLOW  2  "" ""
[INFLOWS]
J1  FLOW  ""  FLOW  1.0  1.0  3
J2  FLOW  T1  FLOW  1.0  2.0
[TIMESERIES]
T1  0:00  0  1:00  4  3:00  4
[COORDINATES]
J1  0  0
J2  200  0
O1  500  0
S1  200  50
[VERTICES]
c1  100  10
[Polygons]
A  0 0
A  10 0
A  10 10
"""


def read(folder: Path, units: str = "CMS", offsets: str = "DEPTH", text: str = MODEL, **levels: str) -> InpModel:
    depth = {"up": "0.5", "down": "1", "crest": "4"}
    elevation = {"up": "100.5", "down": "96", "crest": "97"}
    chosen = (elevation if offsets == "ELEVATION" else depth) | levels
    path = folder / "model.inp"
    path.write_text(text.format(units=units, offsets=offsets, **chosen), encoding="utf-8")
    return read_inp(path)


def row(model: InpModel, pipe: str, *columns: str) -> list[object]:
    found: list[object] = model.pipes.loc[[pipe], list(columns)].to_numpy().tolist()[0]
    return found


def codes(model: InpModel) -> set[str]:
    return set(model.issues["code"])


FOOT = 0.3048
PER_UNIT = {
    "CFS": (FOOT, 0.0283168), "GPM": (FOOT, 6.30902e-5), "MGD": (FOOT, 0.0438126),
    "CMS": (1.0, 1.0), "LPS": (1.0, 0.001), "MLD": (1.0, 0.0115741),
}  # fmt: skip


@pytest.mark.parametrize("units", PER_UNIT)
@pytest.mark.parametrize("offsets", ["DEPTH", "ELEVATION"])
def test_units_of_flow_decide_those_of_length(tmp_path: Path, units: str, offsets: str) -> None:
    """Pipe c1 leaves 0.5 above J1 (100) and ends 1 above J2 (95).

    J2 has depth 0; the crown of c2 is at 95 + 3, that of c1 at 96 + 2: its ground is 98. The inflow of J1 is 2 + 3,
    that of J2 twice the mean of 0 at 0 h, 4 at 1 h and 4 at 3 h, (2 + 8) / 3: 20/3.
    """
    model = read(tmp_path, units, offsets)
    m, m3s = PER_UNIT[units]
    c1, j2 = model.pipes.loc["c1"], model.nodes.loc["J2"]
    assert (c1["from_node"], c1["to_node"]) == ("J1", "J2")
    inverts = model.pipes.loc[["c1", "c2"], ["invert_from_m", "invert_to_m"]].to_numpy()
    assert inverts == pytest.approx(np.array([[100.5, 96.0], [95.0, 90.0]]) * m)
    assert c1["length_m"] == pytest.approx(200 * m)
    assert c1["diameter_mm"] == pytest.approx(2000 * m)
    assert model.nodes["ground_m"].to_numpy() == pytest.approx(
        np.array([110, 98, 93, 90.0 + np.nan, 99]) * m, nan_ok=True
    )
    assert j2["ground_source"] == "crown"
    assert j2["surcharge_depth_m"] == pytest.approx(5 * m)
    assert j2["ponded_area_m2"] == pytest.approx(20 * m * m)
    assert model.nodes.loc["O1", "water_level_m"] == pytest.approx(92 * m)
    assert model.pipes.loc["w1", "invert_from_m"] == pytest.approx(97 * m)
    assert model.nodes["inflow_m3s"].to_numpy() == pytest.approx(np.array([5, 20 / 3, 0, 0, 0]) * m3s, rel=1e-5)
    assert model.catchments is not None
    acres = 0.404686 if m < 1 else 1.0
    assert model.catchments["area_ha"].to_numpy() == pytest.approx(np.array([10, 20]) * acres, rel=1e-5)


def test_links_of_every_kind_connect_but_only_conduits_have_size_and_length(tmp_path: Path) -> None:
    pipes = read(tmp_path).pipes
    assert pipes["link_type"].tolist() == ["conduit", "conduit", "pump", "weir"]
    assert pipes["length_m"].tolist() == [200, 300, 0, 0]
    assert pipes.loc[["p1", "w1"], ["diameter_mm", "width_mm", "height_mm"]].isna().all(axis=None)
    net = dr.read_network(tmp_path / "model.inp")
    assert net.pipes["length_m"].sum() == 500
    assert net.nodes["kind"].tolist() == ["manhole", "manhole", "outfall", "outfall", "storage"]


def test_barrels_multiply_area_and_conveyance(tmp_path: Path) -> None:
    """c2 is two boxes of 4 x 3 m: 24 m² at the hydraulic radius of one, 12/14 m."""
    read(tmp_path)
    section = pipe_sections(dr.read_network(tmp_path / "model.inp").pipes)
    assert section.area_m2[1] == pytest.approx(24.0)
    assert section.hydraulic_radius_m[1] == pytest.approx(12 / 14)
    assert section.height_m[1] == pytest.approx(3.0)


def test_an_offset_below_its_node_is_raised_and_reported(tmp_path: Path) -> None:
    model = read(tmp_path, offsets="ELEVATION", up="99.2", down="*")
    assert row(model, "c1", "invert_from_m", "invert_to_m") == [100.0, 95.0]
    found = model.issues[model.issues["code"] == "negative_offset"]
    assert found["feature_id"].tolist() == ["c1"]
    assert "0.800 m below" in found["reason"].iloc[0]


def test_catchments_follow_each_other_to_a_node_and_those_past_the_pipes_are_named(tmp_path: Path) -> None:
    model = read(tmp_path)
    assert model.catchments is not None
    assert model.catchments["node_id"].tolist() == ["J1", "J1"]
    assert model.catchments["runoff_coefficient"].tolist() == [0.6, 0.3]
    assert model.catchments.geometry.geom_type.tolist() == ["Polygon", "Point"]
    past = model.issues[model.issues["code"] == "drains_past_pipes"]
    assert past["feature_id"].tolist() == ["C"]
    assert "runoff_by_imperviousness" in codes(model)


def test_catchments_that_drain_to_each_other_are_a_loop(tmp_path: Path) -> None:
    model = read(tmp_path, text=MODEL.replace("A  *  J1", "A  *  B"))
    assert model.catchments is not None
    assert model.catchments["node_id"].isna().tolist() == [True, True]
    looped = model.issues[model.issues["code"] == "outlet_loop"]
    assert looped["feature_id"].tolist() == ["A", "B"]


def test_lines_run_from_node_over_vertices_to_node_and_a_node_without_place_is_an_issue(tmp_path: Path) -> None:
    model = read(tmp_path)
    assert model.pipes.geometry["c1"].equals(shapely.LineString([(0, 0), (100, 10), (200, 0)]))
    assert model.pipes.geometry["w1"] is None
    assert model.issues.loc[model.issues["code"] == "no_coordinates", "feature_id"].tolist() == ["O2"]
    assert model.pipes.crs is None


def test_a_declared_crs_is_kept_in_metres(tmp_path: Path) -> None:
    read(tmp_path)
    model = read_inp(tmp_path / "model.inp", crs="EPSG:4548")
    assert model.pipes.crs == model.nodes.crs == "EPSG:4548"
    assert model.catchments is not None
    assert model.catchments.crs == "EPSG:4548"


def test_a_link_written_from_its_outfall_is_turned(tmp_path: Path) -> None:
    model = read(tmp_path, text=MODEL.replace("c2  J2  O1  300  0.015  *  *", "c2  O1  J2  300  0.015  0  0.2"))
    found = row(model, "c2", "from_node", "to_node", "invert_from_m", "invert_to_m")
    assert found == ["J2", "O1", 95.2, 90.0]
    assert model.issues.loc[model.issues["code"] == "drawn_against_flow", "feature_id"].tolist() == ["c2"]


def test_tides_count_with_their_highest_level(tmp_path: Path) -> None:
    text = MODEL.replace("O1  90  FIXED  92", "O1  90  TIDAL  tide") + "[CURVES]\nTIDE Tidal 0 91\nTIDE 6 93.5 12 91\n"
    model = read(tmp_path, text=text)
    assert model.nodes.loc["O1", "water_level_m"] == 93.5
    assert "changing_stage" in codes(model)


def test_a_missing_file_is_named_with_its_section(tmp_path: Path) -> None:
    text = MODEL.replace("T1  0:00  0  1:00  4  3:00  4", 'T1 FILE "rain\\inflow.dat"')
    model = read(tmp_path, text=text + "[RAINGAGES]\nR VOLUME 1:00 1.0 FILE C:\\rain\\gage.dat STA MM\n")
    missing = model.issues[model.issues["code"] == "missing_file"]
    assert missing["feature_id"].tolist() == ["C:\\rain\\gage.dat", "rain\\inflow.dat"]
    assert ["[RAINGAGES]" in missing["reason"].iloc[0], "[TIMESERIES]" in missing["reason"].iloc[1]] == [True, True]
    assert model.nodes.loc["J2", "inflow_m3s"] == 0.0
    (tmp_path / "rain").mkdir()
    (tmp_path / "rain" / "inflow.dat").write_text("; flow\n01/02/2020 0:00 1\n01/02/2020 1:00 3\n", encoding="utf-8")
    assert read(tmp_path, text=text).nodes.loc["J2", "inflow_m3s"] == pytest.approx(2 * 2)


def test_series_with_dates_are_averaged_over_time(tmp_path: Path) -> None:
    """0 at 23 h of one day, 4 at 1 h of the next, 4 at 2:30: (2 * 2 + 1.5 * 4) / 3.5."""
    text = MODEL.replace("T1  0:00  0  1:00  4  3:00  4", "T1 01/31/2020 23:00 0\nT1 FEB-01-2020 1 4 2:30:00 4")
    series = Tables(read(tmp_path, text=text).text).series("t1")
    assert series is not None
    assert mean_m3s(series[:, 0] * 1440.0, series[:, 1], 0.0) == pytest.approx(10 / 3.5)


SHAPES = """
[OPTIONS]
FLOW_UNITS CMS
[JUNCTIONS]
a 5 0
[OUTFALLS]
o 0 FREE
[CONDUITS]
x a o 100 0.02 0 0
[XSECTIONS]
x {section}
[CURVES]
half Shape 0 0.5 1 0.5
[TRANSECTS]
NC 0 0 0.03
X1 ditch 4 0 4 0 0 0 0 0
GR 2 0 0 1 0 3 2 4
[STREETS]
road 10 0.2 2 0.016 0 0 1
"""


@pytest.mark.parametrize(
    ("section", "shape", "width_mm", "height_mm", "area_m2", "perimeter_m"),
    [
        ("CIRCULAR 1 0 0 0", "circular", np.nan, np.nan, np.pi / 4, np.pi),
        ("FORCE_MAIN 1 120 0 0", "circular", np.nan, np.nan, np.pi / 4, np.pi),
        ("RECT_CLOSED 1 2 0 0", "rectangular", 2000, 1000, 2, 6),
        ("RECT_OPEN 1 2 0 0", "rectangular", 2000, 1000, 2, 4),
        ("RECT_OPEN 1 2 1 0", "rectangular", 2000, 1000, 2, 3),
        ("TRAPEZOIDAL 1 2 1 1", "trapezoidal", 4000, 1000, 3, 2 + 2 * np.sqrt(2)),
        ("TRIANGULAR 1 2 0 0", "other", 2000, 1000, 1, 2 * np.sqrt(2)),
        ("RECT_TRIANGULAR 2 2 1 0", "other", 2000, 2000, 3, 2 * np.sqrt(2) + 2 + 2),
        ("RECT_ROUND 2 2 1 0", "other", 2000, 2000, 2 + np.pi / 2, np.pi + 2 + 2),
        ("MODBASKETHANDLE 2 2 1 0", "other", 2000, 2000, 2 + np.pi / 2, np.pi + 2 + 2),
        ("egg 3 0 0 0", "egg", 2000, 3000, 0.5105 * 9, 0.5105 / 0.1931 * 3),
        ("HORSESHOE 1 0 0 0", "other", 1000, 1000, 0.8293, 0.8293 / 0.2538),
        ("ARCH 1 0 0 0", "other", 18 * 25.4, 11 * 25.4, 0.7879 * 18 * 11 * 0.0254**2, 0.7879 / 0.2991 * 18 * 0.0254),
        ("CUSTOM 2 half 0 0", "other", 1000, 2000, 2, 6),
        ("IRREGULAR ditch", "other", 4000, 2000, 6, 2 + 2 * np.sqrt(5)),
        ("STREET road", "other", 10000, 200, 1, 10.002 + 0.2),
    ],
)
def test_sections_are_measured(
    tmp_path: Path, section: str, shape: str, width_mm: float, height_mm: float, area_m2: float, perimeter_m: float
) -> None:
    """Full area and wetted perimeter by elementary geometry; open channels have no lid; egg and horseshoe by manual."""
    model = read(tmp_path, text=SHAPES, section=section)
    assert row(model, "x", "shape") == [shape]
    assert row(model, "x", "width_mm", "height_mm") == pytest.approx([width_mm, height_mm], nan_ok=True)
    measured = pipe_sections(dr.read_network(tmp_path / "model.inp").pipes)
    assert measured.area_m2[0] == pytest.approx(area_m2)
    assert measured.area_m2[0] / measured.hydraulic_radius_m[0] == pytest.approx(perimeter_m, rel=2e-3)


def test_a_filled_circle_has_silt(tmp_path: Path) -> None:
    model = read(tmp_path, text=SHAPES, section="FILLED_CIRCULAR 2 0.5 0 0")
    assert row(model, "x", "diameter_mm", "silt_share") == [2000, 0.25]


@pytest.mark.parametrize("section", ["DUMMY 0 0 0 0", "IRREGULAR nowhere", "BLOB 1 1 1 1"])
def test_a_section_that_cannot_be_measured_is_unknown(tmp_path: Path, section: str) -> None:
    model = read(tmp_path, text=SHAPES, section=section)
    assert model.pipes.loc["x", ["diameter_mm", "width_mm", "height_mm"]].isna().all()
    assert codes(model) & {"unknown_section", "dummy_section"}


def test_text_is_read_as_the_engine_reads_it(tmp_path: Path) -> None:
    assert split_line('a "b c" "" d;e f') == ["a", "b c", "", "d"]
    lower = MODEL.replace("[JUNCTIONS]", "[junc]").replace("[XSECTIONS]", "[Xsect]").replace("[OPTIONS]", "[OPTIONS]\n")
    again = lower + "[JUNCTIONS]\nJ9 80 1\n[NOISE]\nx y\n"
    model = read(tmp_path, text=again)
    assert model.nodes.index.tolist() == ["J1", "J2", "J9", "O1", "O2", "S1"]
    assert "unknown_section" in codes(model)
    assert model.text.sections["[NOISE]"] == ("x y",)


@pytest.mark.parametrize(("encoding", "name"), [("utf-8-sig", "井1"), ("gb2312", "井1"), ("latin-1", "Straße")])
def test_bytes_are_read_whatever_their_encoding(tmp_path: Path, encoding: str, name: str) -> None:
    path = tmp_path / "model.inp"
    text = MODEL.format(units="CMS", offsets="DEPTH", up="0", down="0", crest="4").replace("J1", name)
    path.write_bytes(text.encode(encoding))
    assert read_inp(path).nodes.index[0] == name


def test_a_name_may_hold_blanks_and_a_comment_any_byte(tmp_path: Path) -> None:
    """0x85 is the ellipsis of Windows-1252, and in Latin-1 an end of line for Python; for the engine it is none."""
    text = MODEL.format(units="CMS", offsets="DEPTH", up="0", down="0", crest="4").replace("J1", '"J 1"')
    text = text.replace("; depth 0", "; depth 0\x85 J9 0 0 \xe9gout").replace("\n", "\r\n")
    path = tmp_path / "model.inp"
    path.write_bytes((text + '[tags]\r\nnode "J 1" "rue \xe9troite"\r\n').encode("latin-1"))
    model = read_inp(path)
    assert model.nodes.index.tolist() == ["J 1", "J2", "O1", "O2", "S1"]
    assert model.nodes.loc["J 1", "tag"] == "rue étroite"
    assert list(model.pipes.loc["c1", ["from_node", "to_node"]]) == ["J 1", "J2"]
    assert model.text.sections["JUNCTIONS"][-1] == '"J2"  95   0   0  5  20   ; depth 0\x85 J9 0 0 \xe9gout'


def test_faulty_rows_are_issues_and_not_the_end(tmp_path: Path) -> None:
    text = MODEL.replace(
        "c1  J1  j2  200", "c0 J1 nowhere 1 1 0 0\ncc J1 J1 1 1 0 0\nc1 J1 J2 5 0.01 0 0\nc1  J1  j2  2o0"
    )
    model = read(tmp_path, text=text)
    assert model.pipes.index.tolist() == ["c1", "c2", "p1", "w1"]
    assert {"unknown_node", "self_loop", "duplicate_id"} <= codes(model)


def test_a_model_of_runoff_alone_is_nodes_without_pipes(tmp_path: Path) -> None:
    path = tmp_path / "runoff.inp"
    path.write_text("[SUBCATCHMENTS]\nA * o 5 0 140 0.5 0\n\n[OUTFALLS]\no 0 FREE\n", encoding="utf-8")
    net = dr.read_network(path)
    assert (len(net.pipes), net.nodes.index.tolist()) == (0, ["o"])
    said = net.issues.set_index("code")
    assert said.loc["no_pipes", "severity"] == "error"
    assert said.loc["drains_past_pipes", "feature_id"] == "A"
    assert dr.check_quality(net).findings["rule"].tolist() == ["orphan_node"]
    with pytest.raises(dr.errors.SimulationError, match="has no pipes"):
        dr.simulate_swmm(net, None)
    again = dr.write_inp(net, None, tmp_path / "again.inp").path
    assert read_inp(again).text.sections == read_inp(path).text.sections


EPANET = "[TITLE]\n[JUNCTIONS]\n1 10 5\n[RESERVOIRS]\n2 50\n[PIPES]\np 2 1 100 300 100 0 Open\n[OPTIONS]\nUNITS LPS\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (EPANET, "EPANET water supply model"),
        ("*HEADING\nsteel\n", "not an EPA SWMM model"),
        ("", "no section at all"),
        ("[OPTIONS]\nFLOW_UNITS PINTS\n[JUNCTIONS]\na 1\n", "FLOW_UNITS PINTS"),
        ("[JUNCTIONS]\n[OUTFALLS]\n[CONDUITS]\nc a b 10 0.01 0 0\n", "has no nodes"),
    ],
)
def test_what_is_no_drainage_model_is_refused_as_what_it_is(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "other.inp"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(FormatError, match=said):
        dr.read_network(path)


@pytest.mark.parametrize("name", ["nothing.inp", "."])
def test_a_file_that_is_not_there_is_named(tmp_path: Path, name: str) -> None:
    with pytest.raises(FormatError, match=r"no such file|directory"):
        read_inp(tmp_path / name)
