"""The network as DXF: read by ezdxf, which audits it, and by GDAL, against the tables of the network."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any, TypeAlias

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from shapely.affinity import rotate

import drainage as dr
from drainage.errors import CrsError, FormatError, NotKnownError
from drainage.papers import write_dxf
from drainage.papers.cad.cad_texts import Taken, along_pipes, level_texts, middles, pipe_texts
from drainage.papers.pipe_sizes import size_texts
from tests.repairs.drawn import drawn
from tests.support import demo
from tests.support.networks import as_plan

if TYPE_CHECKING:
    from pathlib import Path

ezdxf = pytest.importorskip("ezdxf")
#: A document of ezdxf or a part of one, whose types do not tell what a query finds.
Drawing: TypeAlias = Any
CODES = {"storm": "YS", "sewage": "WS", "combined": "HS", "reclaimed": "ZS", "unknown": "PS"}


@pytest.fixture(scope="module")
def city() -> dr.DrainageNetwork:
    return demo.around("YS1403", 900.0)


@pytest.fixture(scope="module")
def drawing(city: dr.DrainageNetwork, tmp_path_factory: pytest.TempPathFactory) -> Drawing:
    path = tmp_path_factory.mktemp("cad") / "city.dxf"
    write_dxf(city, path, scale=1000, lang="zh")
    return ezdxf.readfile(path)


def told(entity: Drawing) -> dict[str, str]:
    return dict(text.split("=", 1) for _, text in entity.get_xdata("DRAINAGE"))


def town(**columns: list[float]) -> dr.DrainageNetwork:
    """Two pipes of 100 m: a > b > c, the second bent."""
    lines = {"p": ("a>b", [(0, 0), (100, 0)]), "q": ("b>c", [(100, 0), (150, 0), (150, 50)])}
    return drawn(lines, {"c": {"kind": "outfall"}}, **columns)


def test_nothing_is_wrong_with_the_file(drawing: Drawing) -> None:
    found = drawing.audit()
    assert not found.errors
    assert not found.fixes
    assert drawing.header["$INSUNITS"] == 6
    assert drawing.dxfversion == "AC1024"


def test_every_pipe_is_where_the_network_has_it_to_the_millimetre(city: dr.DrainageNetwork, drawing: Drawing) -> None:
    lines = [one for one in drawing.modelspace().query("LWPOLYLINE") if one.dxf.layer.endswith("LINE")]
    assert len(lines) == len(city)
    pipes = city.pipes
    for line in lines:
        said = told(line)
        pipe = pipes.loc[said["pipe_id"]].to_dict()
        assert line.dxf.layer == CODES[str(pipe["system"])] + "LINE"
        np.testing.assert_allclose(
            np.array(line.get_points("xy")), shapely.get_coordinates(pipe["geometry"]), atol=1e-3
        )
        for name in ("invert_from_m", "invert_to_m", "length_m"):
            assert float(said[name]) == pytest.approx(pipe[name], abs=6e-4)
    assert {told(line)["pipe_id"] for line in lines} == set(pipes.index)


def test_every_node_is_a_block_that_tells_id_ground_and_invert(city: dr.DrainageNetwork, drawing: Drawing) -> None:
    nodes, signs = city.nodes, drawing.modelspace().query("INSERT[layer ? '..POINT']")
    found = {one.get_attrib_text("NODE_ID"): one for one in signs}
    assert found.keys() == set(nodes.index)
    for name, sign in found.items():
        node = nodes.loc[name]
        np.testing.assert_allclose((sign.dxf.insert.x, sign.dxf.insert.y), node.geometry.coords[0], atol=1e-3)
        for tag, column in (("GROUND_M", "ground_m"), ("INVERT_M", "invert_m")):
            text = sign.get_attrib_text(tag)
            assert (text == "") if np.isnan(node[column]) else (float(text) == pytest.approx(node[column], abs=6e-4))
        assert all(one.is_invisible for one in sign.attribs)
    kinds = {"outfall": "OUTFALL", "works": "WORKS", "pump": "PUMP", "manhole": "MANHOLE"}
    for kind, block in kinds.items():
        assert {found[name].dxf.name for name in nodes.index[nodes["kind"] == kind]} <= {block}


def test_the_texts_are_those_of_the_tables_each_once(city: dr.DrainageNetwork, drawing: Drawing) -> None:
    """A text is on its layer or, where there was no room, on that which is off: never lost, never twice."""
    texts = drawing.modelspace().query("TEXT")
    by_layer = pd.DataFrame({"layer": [one.dxf.layer for one in texts], "text": [one.dxf.text for one in texts]})
    ids = by_layer[by_layer["layer"].str.fullmatch("..TEXT(MORE)?")]["text"]
    assert sorted(ids) == sorted(city.nodes.index)
    marks = by_layer[by_layer["layer"].str.fullmatch("..MARK(MORE)?")]["text"]
    pipes = city.pipes
    slope = 1000.0 * (pipes["invert_from_m"] - pipes["invert_to_m"]) / pipes["length_m"]
    rows = zip(size_texts(pipes), pipes["length_m"], slope, strict=True)
    assert sorted(marks) == sorted(f"{size}-{length:.1f}-{i:.1f}‰" for size, length, i in rows)
    levels = by_layer[by_layer["layer"].str.fullmatch("..LEVEL(MORE)?")]["text"]
    assert sorted(levels) == sorted(filter(None, level_texts(city.nodes)))
    crowded = by_layer["layer"].str.endswith("MORE")
    assert 0.0 < crowded.mean() < 0.35
    assert all(drawing.layers.get(name).is_off() for name in set(by_layer["layer"][crowded]))
    names = set(by_layer["text"][by_layer["layer"] == "ROADTEXT"])
    assert names == set(city.layers["roads"]["road"].dropna())


def count_apart(drawing: Drawing) -> int:
    """Check that no text that is shown lies over another, and count them.

    Boxes of the texts of pipes and nodes, a tenth smaller than the letters of ezdxf's measure would make them.
    """
    boxes = []
    for one in drawing.modelspace().query("TEXT[layer ? '..(MARK|TEXT|LEVEL)$']"):
        wide, tall = 0.5 * one.dxf.height * len(one.dxf.text), 0.9 * one.dxf.height
        at = shapely.box(one.dxf.insert.x, one.dxf.insert.y, one.dxf.insert.x + wide, one.dxf.insert.y + tall)
        boxes.append(rotate(at, one.dxf.rotation, origin=(one.dxf.insert.x, one.dxf.insert.y)))
    first, second = shapely.STRtree(boxes).query(boxes, predicate="intersects")
    assert not (first < second).any()
    return len(boxes)


def test_texts_that_are_shown_do_not_lie_over_each_other(drawing: Drawing) -> None:
    assert count_apart(drawing) > 1_000


@pytest.mark.long
def test_nor_do_those_of_the_whole_city(tmp_path: Path) -> None:
    write_dxf(demo.city("2018-12-31"), tmp_path / "city.dxf", scale=1000, lang="zh")
    assert count_apart(ezdxf.readfile(tmp_path / "city.dxf")) > 10_000


@pytest.mark.parametrize(("scale", "height_m"), [(500, 1.25), (1000, 2.5), (2000, 5.0)])
def test_heights_and_signs_are_as_large_on_paper_at_every_scale(tmp_path: Path, scale: int, height_m: float) -> None:
    write_dxf(town(), tmp_path / "net.dxf", scale=scale)
    space = ezdxf.readfile(tmp_path / "net.dxf").modelspace()
    assert {one.dxf.height for one in space.query("TEXT[layer ? '..TEXT.*']")} == {height_m}
    assert {one.dxf.xscale for one in space.query("INSERT")} == {scale / 1000.0}


def test_arrows_lie_at_the_middle_and_point_with_the_flow(tmp_path: Path) -> None:
    """The first runs west from 100 to 0, the second north from 0 to 80."""
    lines = {"p": ("a>b", [(100, 0), (0, 0)]), "q": ("b>c", [(0, 0), (0, 30), (0, 80)])}
    write_dxf(drawn(lines), tmp_path / "net.dxf")
    arrows = ezdxf.readfile(tmp_path / "net.dxf").modelspace().query("INSERT[name == 'FLOW']")
    found = [(one.dxf.insert.x, one.dxf.insert.y, one.dxf.rotation % 360.0) for one in arrows]
    np.testing.assert_allclose(found, [(50, 0, 180), (0, 40, 90)], atol=1e-6)


def test_texts_are_never_upside_down() -> None:
    lines = np.array([shapely.LineString([(0, 0), xy]) for xy in [(-90, 0), (0, -90), (-60, -60), (60, -60)]])
    turns = [one.turn for one in along_pipes(lines, ["DN400"] * 4, Taken(lines)) if one is not None]
    np.testing.assert_allclose(turns, [0.0, 90.0, 45.0, -45.0])
    _, _, directions, straight = middles(lines)
    np.testing.assert_allclose(np.abs(directions), [180.0, 90.0, 135.0, 45.0])
    np.testing.assert_allclose(straight, shapely.length(lines))


def test_a_text_longer_than_its_pipe_is_switched_off() -> None:
    lines = np.array([shapely.LineString([(0, 0), (5, 0)]), shapely.LineString([(0, 9), (90, 9)])])
    short, long = along_pipes(lines, ["DN400-5.0-1.0‰"] * 2, Taken(lines))
    assert short is not None
    assert long is not None
    assert (short.crowded, long.crowded) == (True, False)


def test_what_is_not_known_is_a_question_mark_or_nothing(tmp_path: Path) -> None:
    net = town(diameter_mm=[np.nan, 300.0], invert_from_m=[np.nan, 9.0], invert_to_m=[np.nan, 8.0])
    assert pipe_texts(net.pipes) == ["?-100.0-?", "DN300-100.0-10.0‰"]
    write_dxf(net, tmp_path / "net.dxf")
    drawing = ezdxf.readfile(tmp_path / "net.dxf")
    assert not drawing.audit().errors
    signs = drawing.modelspace().query("INSERT[layer ? '..POINT']")
    assert "nan" not in " ".join(one.get_attrib_text(tag) for one in signs for tag in ("GROUND_M", "INVERT_M"))


def test_odd_ids_come_through(tmp_path: Path) -> None:
    """Quotes, percent signs that DXF takes for commands, Chinese, a line break, an emoji."""
    plain = town()
    names = dict(zip(["a", "b", "c"], ['井"1"\'', "50%%d", "乙\n丙😀"], strict=True))
    pipes = plain.pipes.assign(**{end: plain.pipes[end].map(names) for end in ("from_node", "to_node")})
    net = dr.DrainageNetwork(pipes, plain.nodes.rename(index=names).rename_axis("node_id"))
    write_dxf(net, tmp_path / "net.dxf")
    drawing = ezdxf.readfile(tmp_path / "net.dxf")
    assert not drawing.audit().errors
    signs = drawing.modelspace().query("INSERT[layer ? '..POINT']")
    found = {one.get_attrib_text("NODE_ID") for one in signs}
    assert found == {'井"1"\'', "50%%%%%%d", "乙 丙😀"}  # %%% is the sign % in DXF


def test_provenance_and_notice_are_within(city: dr.DrainageNetwork, drawing: Drawing, tmp_path: Path) -> None:
    facts = json.loads(dict(drawing.header.custom_vars.properties)["provenance"])
    assert facts["crs"] == "EPSG:4548"
    notes = [one.dxf.text for one in drawing.modelspace().query("TEXT[layer == 'NOTES']")]
    assert notes[0] == "合成演示数据，并非真实管网"
    assert any("1:1000" in note for note in notes)
    low = min(one.dxf.insert.y for one in drawing.modelspace().query("TEXT[layer == 'NOTES']"))
    assert low < city.pipes.total_bounds[1]
    write_dxf(town(), tmp_path / "real.dxf", lang="en")
    notes = [one.dxf.text for one in ezdxf.readfile(tmp_path / "real.dxf").modelspace().query("TEXT[layer == 'NOTES']")]
    assert not any("Synthetic" in note for note in notes)
    assert any("levels in m" in note for note in notes)


def test_layers_say_what_they_hold_in_the_language_of_the_reader(drawing: Drawing, tmp_path: Path) -> None:
    assert drawing.layers.get("YSLINE").description == "雨水管线"
    write_dxf(town(), tmp_path / "net.dxf", lang="en")
    assert ezdxf.readfile(tmp_path / "net.dxf").layers.get("WSPOINT").description == "sewage: nodes"
    assert drawing.styles.get("DRAINAGE").dxf.font == "simhei.ttf"
    sewers = drawing.layers.get("WSLINE")
    assert sewers.dxf.linetype != "CONTINUOUS"
    assert sewers.dxf.lineweight == 35


def test_the_reader_of_deliveries_finds_the_same_pipes_and_takes_no_sign_for_one(
    city: dr.DrainageNetwork, tmp_path: Path
) -> None:
    part = city.upstream_of(str(city.nodes.index[city.nodes["kind"] == "outfall"][0]))
    write_dxf(part, tmp_path / "net.dxf")
    again = dr.read_network(tmp_path / "net.dxf", crs="EPSG:4548")
    assert len(again) == len(part)
    assert again.pipes["system"].value_counts().to_dict() == part.pipes["system"].value_counts().to_dict()
    assert again.pipes.length.sum() == pytest.approx(part.pipes.length.sum(), abs=0.01)


@pytest.mark.parametrize(
    ("crs", "ends", "length_m"),
    [(4326, [(117.5, 33.5), (117.501, 33.5)], 92.9), (2263, [(1e6, 2e5), (1e6 + 328.084, 2e5)], 100.0)],
    ids=["degrees", "feet of New York"],
)
def test_degrees_and_feet_become_metres_on_the_way_in(
    tmp_path: Path, crs: int, ends: list[tuple[float, float]], length_m: float
) -> None:
    """A thousandth of a degree of longitude is 111.4 km × cos 33.5° / 1000 = 92.9 m; 328.084 ft are 100 m."""
    line = gpd.GeoDataFrame({"pipe_id": ["p"], "system": ["storm"]}, geometry=[shapely.LineString(ends)], crs=crs)
    line.to_file(tmp_path / "line.gpkg", engine="pyogrio")
    write_dxf(dr.read_network(tmp_path / "line.gpkg"), tmp_path / "line.dxf")
    (drawn_line,) = ezdxf.readfile(tmp_path / "line.dxf").modelspace().query("LWPOLYLINE[layer == 'YSLINE']")
    (x0, y0), (x1, y1) = drawn_line.get_points("xy")
    assert np.hypot(x1 - x0, y1 - y0) == pytest.approx(length_m, abs=0.1)


def test_a_schematic_plan_has_no_ground_and_the_remedy_is_told(tmp_path: Path) -> None:
    with pytest.raises(CrsError, match="crs="):
        write_dxf(as_plan(town()), tmp_path / "plan.dxf")
    assert not list(tmp_path.iterdir())


def test_what_cannot_be_written_is_told_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "net.dxf"
    path.write_text("mine", encoding="utf-8")
    with pytest.raises(FormatError, match="force"):
        write_dxf(town(), path)
    for scale in (0, float("nan")):
        with pytest.raises(FormatError, match="positive"):
            write_dxf(town(), path, scale=scale, force=True)  # type: ignore[arg-type]  # as it was computed
    with pytest.raises(FormatError, match=r"\.dxf"):
        write_dxf(town(), tmp_path / "net.dwg")
    assert path.read_text(encoding="utf-8") == "mine"
    empty = town()
    pipes = empty.pipes.assign(geometry=gpd.GeoSeries([shapely.LineString()] * 2, empty.pipes.index, crs=empty.crs))
    with pytest.raises(NotKnownError, match="line"):
        write_dxf(empty.replace(pipes=pipes), path, force=True)
    monkeypatch.setitem(sys.modules, "ezdxf", None)
    with pytest.raises(FormatError, match=r"drainage\[papers\]"):
        write_dxf(town(), path, force=True)
    assert path.read_text(encoding="utf-8") == "mine"
