"""The committed demo city: its files hold together, say that they are synthetic, and agree with the planted truth.

Truth: counted and searched here by a slow program on the raw JSON, independent of the generator and of the package.
"""

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
import pytest
import shapely

DATA = Path(__file__).parents[1] / "data"
BEFORE, AFTER = "2018-12-31", "2021-05-07"
LAYERS = ("pipes", "nodes", "roads", "catchments", "neighbourhoods", "towns", "waterways", "reports")
PIPE_COLUMNS = {
    "pipe_id",
    "system",
    "from_node",
    "to_node",
    "shape",
    "diameter_mm",
    "width_mm",
    "height_mm",
    "invert_from_m",
    "invert_to_m",
    "depth_from_m",
    "depth_to_m",
    "length_m",
    "material",
    "manning_n",
    "road",
    "area",
    "commissioned",
    "abandoned",
    "silt_share",
    "condition_grade",
}
Row = dict[str, Any]


def load(name: str) -> Row:
    """Read one JSON file of the data."""
    value: Row = json.loads((DATA / name).read_text(encoding="utf-8"))
    return value


@pytest.fixture(scope="module")
def layers() -> dict[str, Row]:
    """Give all layers as raw feature collections."""
    return {name: load(f"{name}.geojson") for name in LAYERS}


@pytest.fixture(scope="module")
def truth() -> Row:
    """Give the planted truth."""
    return load("truth.json")


def rows(layer: Row) -> list[Row]:
    """Properties of the features of a layer."""
    return [feature["properties"] for feature in layer["features"]]


def in_service(pipes: list[Row], day: str) -> list[Row]:
    """Pipes in service on a day."""
    return [p for p in pipes if p["commissioned"] <= day and (p["abandoned"] is None or p["abandoned"] > day)]


def search_misconnections(pipes: list[Row], nodes: list[Row]) -> set[tuple[str, str]]:
    """Search every node, one after the other, for a wrong connection as defined for the first question."""
    kind = {node["node_id"]: node["kind"] for node in nodes}
    arriving: dict[str, set[str]] = defaultdict(set)
    leaving: dict[str, set[str]] = defaultdict(set)
    for pipe in pipes:
        leaving[pipe["from_node"]].add(pipe["system"])
        arriving[pipe["to_node"]].add(pipe["system"])
    found = set()
    for node, what in kind.items():
        if what in {"pump", "works"} or (what == "interceptor" and "sewage" in leaving[node]):
            continue
        if arriving[node] & {"sewage", "combined"} and "storm" in leaving[node]:
            found.add((node, "sewage_into_storm"))
        if "storm" in arriving[node] and "sewage" in leaving[node]:
            found.add((node, "storm_into_sewage"))
    return found


@pytest.mark.parametrize("name", LAYERS)
def test_every_layer_says_that_it_is_synthetic(layers: dict[str, Row], name: str) -> None:
    """The notice is in the file and in every feature."""
    layer = layers[name]
    assert layer["type"] == "FeatureCollection"
    assert layer["synthetic"] is True
    assert "合成演示数据" in layer["notice"]
    assert "crs" not in layer
    assert all(row["synthetic"] is True for row in rows(layer))


@pytest.mark.parametrize("name", LAYERS)
def test_coordinates_are_longitude_and_latitude_of_the_town(layers: dict[str, Row], name: str) -> None:
    """RFC 7946: WGS 84, longitude first."""

    def flat(value: Any) -> list[list[float]]:  # noqa: ANN401
        return [value] if isinstance(value[0], float) else [point for part in value for point in flat(part)]

    for feature in layers[name]["features"]:
        for lon, lat in flat(feature["geometry"]["coordinates"]):
            assert 117.50 < lon < 117.60
            assert 33.50 < lat < 33.58


def test_pipes_have_the_columns_of_the_data_model_and_unique_ids(layers: dict[str, Row]) -> None:
    """One row a pipe, all columns, known codes."""
    pipes = rows(layers["pipes"])
    assert len({p["pipe_id"] for p in pipes}) == len(pipes)
    assert all(set(p) >= PIPE_COLUMNS for p in pipes)
    assert {p["system"] for p in pipes} == {"storm", "sewage", "combined", "reclaimed"}
    assert {p["shape"] for p in pipes} == {"circular", "rectangular"}
    assert all((p["diameter_mm"] is None) == (p["shape"] == "rectangular") for p in pipes)
    assert all(p["length_m"] > 3 for p in pipes)


def test_the_town_has_the_size_that_was_ordered(layers: dict[str, Row]) -> None:
    """250–400 km of pipe, about 30 km², 22 reports, 7 named roads."""
    pipes = rows(layers["pipes"])
    for day in (BEFORE, AFTER):
        assert 240 < sum(p["length_m"] for p in in_service(pipes, day)) / 1000 < 400
    assert 25 < sum(row["area_ha"] for row in rows(layers["catchments"])) / 100 < 36
    assert len(rows(layers["reports"])) == 22
    named = {"磬山路", "杨河路", "钟灵大道", "迎宾大道", "奇石大道", "解放东路", "凤山路"}
    assert named <= {row["road"] for row in rows(layers["roads"])}
    assert any(row["road"] not in {p["road"] for p in pipes} for row in rows(layers["roads"]))


def test_levels_of_pipes_and_nodes_agree(layers: dict[str, Row]) -> None:
    """Ground is invert plus depth, and pipes lie under it."""
    nodes = {n["node_id"]: n for n in rows(layers["nodes"])}
    for pipe in rows(layers["pipes"]):
        for end in ("from", "to"):
            node = nodes[pipe[f"{end}_node"]]
            assert pipe[f"invert_{end}_m"] + pipe[f"depth_{end}_m"] == pytest.approx(node["ground_m"], abs=0.002)
            assert pipe[f"invert_{end}_m"] >= node["invert_m"] - 0.001
    assert all((n["water_level_m"] is not None) == (n["kind"] == "outfall") for n in nodes.values())
    kinds = {"manhole", "inlet", "outfall", "interceptor", "pump", "works", "junction", "user"}
    assert {n["kind"] for n in nodes.values()} == kinds
    assert 18.0 < min(n["ground_m"] for n in nodes.values()) < max(n["ground_m"] for n in nodes.values()) < 24.5


def test_pipes_end_where_their_nodes_are(layers: dict[str, Row]) -> None:
    """The drawn ends are the coordinates of the named nodes."""
    place = {f["properties"]["node_id"]: f["geometry"]["coordinates"] for f in layers["nodes"]["features"]}
    for feature in layers["pipes"]["features"]:
        line, pipe = feature["geometry"]["coordinates"], feature["properties"]
        assert line[0] == place[pipe["from_node"]]
        assert line[-1] == place[pipe["to_node"]]


def test_everybody_lives_somewhere(layers: dict[str, Row]) -> None:
    """All people live on catchments, and in neighbourhoods, which fill the towns."""
    people = [row["people"] for row in rows(layers["catchments"])]
    assert (sum(people), min(people)) == (250_000, 0)
    assert sum(row["people"] for row in rows(layers["neighbourhoods"])) == 250_000
    areas = {
        name: shapely.union_all([shapely.geometry.shape(f["geometry"]) for f in layers[name]["features"]])
        for name in ("neighbourhoods", "towns")
    }
    assert shapely.symmetric_difference(areas["neighbourhoods"], areas["towns"]).area < 1e-6 * areas["towns"].area


def test_reclaimed_water_reaches_its_users_and_the_river_from_the_works(layers: dict[str, Row]) -> None:
    """Nothing but the new system lies after 2018 in its pipes; all its ends hang on the works."""
    pipes = [row for row in rows(layers["pipes"]) if row["system"] == "reclaimed"]
    kind = {node["node_id"]: node["kind"] for node in rows(layers["nodes"])}
    graph = nx.DiGraph([(pipe["from_node"], pipe["to_node"]) for pipe in pipes])
    starts = [node for node in graph if not graph.in_degree(node)]
    ends = sorted(kind[node] for node in graph if not graph.out_degree(node))
    assert [kind[node] for node in starts] == ["works"]
    assert ends == ["outfall", "outfall", "user", "user", "user"]
    assert {pipe["commissioned"] for pipe in pipes} == {"2020-11-27"}


@pytest.mark.parametrize("day", [BEFORE, AFTER])
def test_misconnections_of_the_truth_are_those_of_the_drawing(layers: dict[str, Row], truth: Row, day: str) -> None:
    """The planted list and the slow search give the same set, neither more nor less."""
    found = search_misconnections(in_service(rows(layers["pipes"]), day), rows(layers["nodes"]))
    assert found == {(row["node_id"], row["kind"]) for row in truth["misconnections"][day]}


def test_the_works_removed_most_misconnections(truth: Row) -> None:
    """35–60 of each kind before, a handful after."""
    for kind in ("sewage_into_storm", "storm_into_sewage"):
        before, after = (sum(row["kind"] == kind for row in truth["misconnections"][day]) for day in (BEFORE, AFTER))
        assert 35 <= before <= 60
        assert 1 <= after <= 8


def test_sewage_that_ends_at_a_storm_outfall_is_told(layers: dict[str, Row], truth: Row) -> None:
    """A sewer that arrives at an outfall of the storm drains is a finding of its own."""
    outfalls = {n["node_id"] for n in rows(layers["nodes"]) if n["kind"] == "outfall"}
    for day in (BEFORE, AFTER):
        ends = {p["to_node"] for p in in_service(rows(layers["pipes"]), day) if p["system"] == "sewage"} & outfalls
        assert sorted(ends) == truth["sewage_ends_at_storm_outfall"][day]


@pytest.mark.parametrize("day", [BEFORE, AFTER])
def test_every_pipe_in_service_leads_to_an_end_of_the_network(layers: dict[str, Row], day: str) -> None:
    """No loops, no dead ends: all water reaches an outfall or the works."""
    pipes = in_service(rows(layers["pipes"]), day)
    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph([(p["from_node"], p["to_node"]) for p in pipes])
    ends = {n["node_id"] for n in rows(layers["nodes"]) if n["kind"] in {"outfall", "works", "user"}}
    assert nx.is_directed_acyclic_graph(graph)
    assert {node for node, degree in graph.out_degree() if degree == 0} <= ends


def clear_distances(pipes: Row) -> dict[frozenset[str], tuple[float, float]]:
    """Clear and asked distance of every two pipes of two systems that cross while both are in the ground.

    Shares of a line are the same in degrees as in metres. Walls are a tenth of the inner height.
    """
    row = rows(pipes)
    line = np.array([shapely.LineString(feature["geometry"]["coordinates"]) for feature in pipes["features"]])
    found = {}
    for k, other in zip(*shapely.STRtree(line).query(line, predicate="crosses"), strict=True):
        pair = (row[k], row[other])
        nodes = {p[end] for p in pair for end in ("from_node", "to_node")}
        lives = max(p["commissioned"] for p in pair) < min(p["abandoned"] or "9999" for p in pair)
        if k > other or len(nodes) < 4 or pair[0]["system"] == pair[1]["system"] or not lives:
            continue
        point = shapely.intersection(line[k], line[other])
        share = [shapely.line_locate_point(line[n], point, normalized=True) for n in (k, other)]
        invert = [p["invert_from_m"] * (1 - at) + p["invert_to_m"] * at for p, at in zip(pair, share, strict=True)]
        height = [(p["diameter_mm"] or p["height_mm"]) / 1000 for p in pair]
        lower = int(invert[1] < invert[0])
        clear = abs(invert[0] - invert[1]) - height[lower] - 0.1 * sum(height)
        asked = 0.40 if "reclaimed" in {p["system"] for p in pair} else 0.15
        found[frozenset(p["pipe_id"] for p in pair)] = (clear, asked)
    return found


def test_pipes_keep_clear_where_they_cross_but_for_those_that_the_truth_names(
    layers: dict[str, Row], truth: Row
) -> None:
    """Above 700 crossings of all times, at most ten of them in conflict, none just too close."""
    found = clear_distances(layers["pipes"])
    planted = {frozenset(one["pipes"]): one["clear_m"] for one in truth["crossings_in_conflict"]}
    assert len(found) > 700
    assert {pair for pair, (clear, asked) in found.items() if clear < asked} == set(planted)
    assert {pair: pytest.approx(clear, abs=0.02) for pair, clear in planted.items()} == {
        pair: found[pair][0] for pair in planted
    }
    assert 5 <= len(planted) <= 10
    assert max(planted.values()) < 0


def test_sewers_that_pass_under_drains_stay_sewers(layers: dict[str, Row]) -> None:
    """Sewers fall and lie at most 8.2 m deep; reclaimed water lies 0.7 to 6 m under the ground."""
    for pipe in rows(layers["pipes"]):
        if pipe["system"] == "sewage":
            assert pipe["invert_from_m"] > pipe["invert_to_m"]
            assert max(pipe["depth_from_m"], pipe["depth_to_m"]) <= 8.201
        if pipe["system"] == "reclaimed":
            for end in ("from", "to"):
                assert 0.699 <= pipe[f"depth_{end}_m"] - pipe["diameter_mm"] / 1000 <= 6.001


def test_the_works_left_one_combined_corner(layers: dict[str, Row]) -> None:
    """The old town was combined; one small interceptor is left with its pipes."""
    pipes = rows(layers["pipes"])
    before, after = (sum(p["system"] == "combined" for p in in_service(pipes, day)) for day in (BEFORE, AFTER))
    assert before > 150
    assert 1 <= after <= 40


def test_catchments_drain_to_known_nodes_at_both_dates(layers: dict[str, Row]) -> None:
    """A piece of the town never loses its manhole."""
    for day in (BEFORE, AFTER):
        there = {p["from_node"] for p in in_service(rows(layers["pipes"]), day)}
        assert all(row["node_id"] in there for row in rows(layers["catchments"]))
    assert all(0.3 <= row["runoff_coefficient"] <= 0.95 for row in rows(layers["catchments"]))


def test_catchments_are_valid_polygons_that_do_not_overlap(layers: dict[str, Row]) -> None:
    """Rings close and do not cross, and the pieces together cover no more than their union."""
    shapes = [feature["geometry"]["coordinates"] for feature in layers["catchments"]["features"]]
    assert all(ring[0] == ring[-1] for rings in shapes for ring in rings)
    pieces = np.array([shapely.Polygon(rings[0], rings[1:]) for rings in shapes])
    assert shapely.is_valid(pieces).all()
    assert shapely.is_ccw(shapely.get_exterior_ring(pieces)).all()
    assert shapely.area(pieces).sum() < 1.005 * shapely.area(shapely.union_all(pieces))


def test_reported_points_are_those_of_the_truth(layers: dict[str, Row], truth: Row) -> None:
    """Of 22 reports the engine explains 19 clearly and 3 not at all."""
    points = {row["report_id"]: row for row in truth["reported_points"]}
    assert {(r["report_id"], r["road"], r["date"]) for r in rows(layers["reports"])} == {
        (k, p["road"], p["date"]) for k, p in points.items()
    }
    explained = [p for p in points.values() if p["explained_by_hydraulics"]]
    assert len(explained) == 19
    assert all(p["flood_m3"][BEFORE] >= 50 and p["flood_m3"][AFTER] < 2 for p in explained)
    assert all(
        p["flood_m3"][BEFORE] < 0.1 and p["cause"] == "blocked_inlet"
        for p in points.values()
        if not p["explained_by_hydraulics"]
    )
    assert all(row["date"] <= BEFORE for row in points.values())


def test_the_engine_floods_nowhere_else(truth: Row) -> None:
    """Outside the planted places EPA SWMM spills next to nothing, and its books balance."""
    for day in (BEFORE, AFTER):
        engine = truth["engine"][day]
        assert engine["flood_m3_elsewhere"] < 8
        assert engine["largest_flood_m3_elsewhere"] < 2
        assert all(abs(error) < 2 for error in engine["continuity_error_pct"].values())


def test_data_sheet_and_notice_stand_beside_the_files() -> None:
    """The sheet says in both languages what this is; the file stays small."""
    sheet = (DATA / "README.md").read_text(encoding="utf-8")
    assert "SYNTHETIC" in sheet
    assert "合成" in sheet
    assert (DATA / "pipes.geojson").stat().st_size < 15e6
