"""Edits that cannot be made are named with their place and the remedy, and nothing is made."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

import drainage as dr
from drainage.network import DrainageNetwork
from tests.support.networks import build

PLACES = {"a": (500000.0, 3700000.0), "b": (500100.0, 3700000.0), "out": (500200.0, 3700000.0)}
CRS = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4548"}}
LINE = {"type": "LineString", "coordinates": [[500000, 3700000], [500100, 3700000]]}


@pytest.fixture(scope="module")
def net() -> DrainageNetwork:
    return build(["a>b storm 600", "b>out storm 600"], places=PLACES)


def feature(geometry: object = None, **properties: object) -> dict[str, object]:
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def pipe(action: str, name: str, geometry: object = None, **columns: object) -> dict[str, object]:
    return feature(geometry, action=action, layer="pipes", pipe_id=name, **columns)


def written(folder: Path, *features: object, name: str = "edits.geojson", **more: object) -> Path:
    path = folder / name
    path.write_text(json.dumps({"type": "FeatureCollection", "crs": CRS, "features": features} | more), "utf-8")
    return path


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("no json at all", r"is no JSON .*a change set is a GeoJSON FeatureCollection"),
        ('{"type": "Feature"}', r"is a Feature; a change set is a GeoJSON FeatureCollection"),
        ("[1, 2]", "is a list"),
        ('{"type": "FeatureCollection", "features": []}', "holds no features; each edit is a feature with"),
        ('{"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {"a": NaN}}]}', "NaN"),
        ("[" * 100_000, "is no JSON"),
        ('{"type": "FeatureCollection", "crs": {"type": "name"}, "features": [1]}', "feature 1: is no Feature"),
        ('{"type": "FeatureCollection", "crs": 4326, "features": []}', "unknown crs 4326; expected"),
        ('{"type": "FeatureCollection", "features": [], "types": {"roofs": {}}}', r"types has to be said by layer"),
    ],
)
def test_a_file_that_is_no_change_set_is_refused(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "edits.geojson"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(dr.DrainageError, match=said) as told:
        dr.read_change_set(path)
    assert str(told.value).startswith("edits.geojson")


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(dr.errors.FormatError, match=r"gone\.geojson: no such file; expected a change set"):
        dr.read_change_set(tmp_path / "gone.geojson")


@pytest.mark.parametrize(
    ("said", "properties"),
    [
        (r"action is 'chang'; expected one of add, change, .*change", {"action": "chang", "layer": "pipes"}),
        (r"action is None; expected one of", {"layer": "pipes", "pipe_id": "p0"}),
        (r"layer is 'pipe'; expected one of .*pipes", {"action": "change", "layer": "pipe", "pipe_id": "p0"}),
        (r"layer is 'roads'; expected one of", {"action": "change", "layer": "roads", "road": "x"}),
        (
            r"a feature of pipes needs its id in pipe_id \(found None\)",
            {"action": "change", "layer": "pipes", "id": "p0"},
        ),
        (
            r"a feature of nodes needs its id in node_id \(found ''\)",
            {"action": "change", "layer": "nodes", "node_id": ""},
        ),
        (r"row is 1; expected the row of an add", {"action": "change", "layer": "nodes", "node_id": "a", "row": 1}),
    ],
)
def test_a_feature_that_says_no_edit_is_named(tmp_path: Path, said: str, properties: Mapping[str, object]) -> None:
    fine = pipe("change", "p0", diameter_mm=500)
    with pytest.raises(dr.errors.SchemaError, match=rf"^edits\.geojson, feature 2: {said}"):
        dr.read_change_set(written(tmp_path, fine, feature(**properties)))


def test_a_broken_geometry_is_named(tmp_path: Path) -> None:
    for wrong in ({"type": "LineString", "coordinates": [[1]]}, {"type": "Lines"}, 7, {"type": "Point"}):
        with pytest.raises(dr.errors.SchemaError, match="feature 1: the geometry cannot be read"):
            dr.read_change_set(written(tmp_path, pipe("change", "p0", wrong)))


@pytest.mark.parametrize(
    ("said", "edit"),
    [
        (r"no column 'diametr_mm'.*diameter_mm", pipe("change", "p0", diametr_mm=500)),
        (r"there is no p7 in pipes; most similar: none", pipe("change", "p7", diameter_mm=500)),
        (r"there is no ou in nodes; most similar: out",
         feature(action="change", layer="nodes", node_id="ou", ground_m=1)),
        (r"diameter_mm cannot be 5; expected mm between 20 and 20000", pipe("change", "p0", diameter_mm=5)),
        (r"diameter_mm cannot be wide; expected", pipe("change", "p0", diameter_mm="wide")),
        (r"diameter_mm cannot be True; expected", pipe("change", "p0", diameter_mm=True)),
        (r"system cannot be strom; expected one of .*storm", pipe("change", "p0", system="strom")),
        (r"abandoned cannot be 7 May; expected a day", pipe("abandon", "p0", abandoned="7 May")),
        (r"abandoned cannot be 2027-02-30; expected a day", pipe("abandon", "p0", abandoned="2027-02-30")),
        (r"the day is missing; give abandoned: YYYY-MM-DD, or on=", pipe("abandon", "p0")),
        (r"only pipes are abandoned", feature(action="abandon", layer="nodes", node_id="a", status="x")),
        (r"abandoned on 2020-01-01, before it was commissioned on 2021-01-01",
         pipe("change", "p0", commissioned="2021-01-01", abandoned="2020-01-01")),
        (r"p0 is there already; change it, or add under another id", pipe("add", "p0", LINE)),
        (r"from_node is x, which is not in the network; add that node too",
         pipe("add", "n", LINE, from_node="x", to_node="b")),
        (r"to_node is y, which is not in the network", pipe("change", "p0", to_node="y")),
        (r"from_node cannot be unknown", pipe("change", "p0", from_node=None)),
        (r"no node lies within 0\.1 m of the end of the line \(500050\.000, 3700000\.000\)",
         pipe("add", "n", {"type": "LineString", "coordinates": [[500050, 3700000], [500100, 3700000]]})),
        (r"the geometry is a Point; expected LineString",
         pipe("change", "p0", {"type": "Point", "coordinates": [5e5, 37e5]})),
        (r"the geometry is empty", pipe("change", "p0", {"type": "LineString", "coordinates": []})),
        (r"an added feature needs a geometry; expected Point", feature(action="add", layer="nodes", node_id="n")),
        (r"of the original survey; abandon it instead", pipe("remove", "p0")),
        (r"the network has no layer blocks; read it with the network",
         feature(action="change", layer="blocks", block_id="x", users=1)),
        (r"added_by is written by drainage", pipe("change", "p0", added_by="me")),
        (r"column of this network holds|cannot be \['a'\]", pipe("change", "p0", material=["a"])),
    ],
)  # fmt: skip
def test_an_edit_that_cannot_be_made_is_named(
    tmp_path: Path, net: DrainageNetwork, said: str, edit: dict[str, object]
) -> None:
    path = written(tmp_path, pipe("change", "p1", diameter_mm=700), edit)
    before = net.pipes
    with pytest.raises(dr.errors.SchemaError, match=said) as told:
        dr.apply_changes(net, dr.read_change_set(path))
    assert "nothing was changed" in str(told.value)
    assert "edits.geojson, feature 2 (" in str(told.value)
    assert net.pipes.equals(before)


def test_all_that_is_wrong_is_told_at_once(tmp_path: Path, net: DrainageNetwork) -> None:
    path = written(tmp_path, *(pipe("change", f"x{k}", diameter_mm=500) for k in range(30)))
    with pytest.raises(dr.errors.SchemaError) as told:
        dr.apply_changes(net, dr.read_change_set(path))
    assert str(told.value).count("there is no x") == 20
    assert str(told.value).endswith("and 10 more")


@pytest.mark.parametrize(
    ("said", "one", "other"),
    [
        (r"sets diameter_mm to 800, but .*first\.geojson, feature 1 \(pipe p0\) to 700; make them agree",
         pipe("change", "p0", diameter_mm=700), pipe("change", "p0", diameter_mm=800)),
        (r"sets diameter_mm to null, but .* to 700",
         pipe("change", "p0", diameter_mm=700), pipe("change", "p0", diameter_mm=None)),
        (r"first\.geojson, feature 1 \(pipe n\) adds this id too",
         pipe("add", "n", LINE, from_node="a", to_node="b"), pipe("add", "n", LINE, from_node="a", to_node="b")),
        (r"one of which abandons the feature",
         pipe("abandon", "p0", abandoned="2027-01-01"), pipe("change", "p0", diameter_mm=700)),
        (r"one of which abandons the feature",
         pipe("change", "p0", diameter_mm=700), pipe("abandon", "p0", abandoned="2027-01-01")),
        (r"one of which takes the feature out",
         pipe("add", "n", LINE, from_node="a", to_node="b"), pipe("remove", "n")),
    ],
)  # fmt: skip
@pytest.mark.parametrize("together", [True, False])
def test_edits_that_contradict_each_other_are_named_in_one_file_and_in_two(
    tmp_path: Path, net: DrainageNetwork, said: str, one: object, other: object, *, together: bool
) -> None:
    if together:
        sets = [dr.read_change_set(written(tmp_path, one, other, name="first.geojson"))]
    else:
        names = ("first.geojson", "second.geojson")
        sets = [
            dr.read_change_set(written(tmp_path, each, name=n)) for each, n in zip((one, other), names, strict=True)
        ]
    with pytest.raises(dr.errors.SchemaError, match=said) as told:
        dr.apply_changes(net, sets)
    assert ("first.geojson, feature 2" if together else "second.geojson, feature 1") in str(told.value)


def test_edits_that_agree_are_no_contradiction(tmp_path: Path, net: DrainageNetwork) -> None:
    edits = dr.read_change_set(written(tmp_path, *[pipe("change", "p0", diameter_mm=700)] * 2))
    assert dr.apply_changes(net, edits).network.pipes.loc["p0", "diameter_mm"] == 700


def test_a_change_set_of_another_town_is_refused(tmp_path: Path, net: DrainageNetwork) -> None:
    """Without a crs coordinates are degrees; these are metres, then those of a place 111 km further north."""
    moved = pipe("change", "p0", {"type": "LineString", "coordinates": [[500000, 3811000], [500100, 3811000]]})
    edits = dr.read_change_set(written(tmp_path, moved))
    with pytest.raises(dr.errors.CrsError, match=r"feature 1 .* lies 111 km outside the network .*raise far_m="):
        dr.apply_changes(net, edits)
    assert len(dr.apply_changes(net, edits, far_m=200_000.0).log) > 0


def test_a_plan_without_crs_takes_no_degrees(tmp_path: Path, net: DrainageNetwork) -> None:
    edits = dr.read_change_set(written(tmp_path, pipe("change", "p0", LINE), crs=None))
    with pytest.raises(dr.errors.CrsError, match=r'"crs": null, but the network has a CRS'):
        dr.apply_changes(net, edits)


def test_a_day_that_is_none_is_refused(net: DrainageNetwork) -> None:
    with pytest.raises(dr.errors.SchemaError, match="YYYY-MM-DD"):
        dr.apply_changes(net, dr.change_sets.ChangeSet(name="nothing"), on="7 May")
