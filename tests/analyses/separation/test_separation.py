"""Separation along roads: stretches by hand, and coverage against a program that samples the road every metre."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from drainage.analyses.mixed_flow import find_mixed_flow
from drainage.analyses.separation import centre_lines, measure_separation
from drainage.analyses.separation.intervals import Intervals, merge_intervals
from drainage.errors import CrsError, SchemaError
from drainage.intake.demo import load_demo
from drainage.network import DrainageNetwork
from tests.support.examples import examples
from tests.support.networks import build

if TYPE_CHECKING:
    from drainage.network import DrainageNetwork

Line = list[tuple[float, float]]


def network_of(lines: list[tuple[str, Line]], roads: list[str | None] | None = None) -> DrainageNetwork:
    net = build([f"a{i}>b{i} {system}" for i, (system, _) in enumerate(lines)])
    pipes = net.pipes
    pipes = pipes.set_geometry(
        gpd.GeoSeries([shapely.LineString(line) for _, line in lines], index=pipes.index, crs=pipes.crs)
    )
    return net.replace(pipes=pipes if roads is None else pipes.assign(road=np.array(roads, dtype=object)))


def roads_of(*lines: tuple[str, Line]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {"road": [name for name, _ in lines]}, geometry=[shapely.LineString(line) for _, line in lines], crs=4548
    )


ROAD = roads_of(("磬山路", [(0, 0), (1000, 0)]))


def test_stretches_by_chainage() -> None:
    """Storm 0–600, sewage 200–700, combined 800–900 along a road of 1000 m; a crossing storm pipe does not count."""
    net = network_of(
        [
            ("storm", [(0, 5), (600, 5)]),
            ("sewage", [(700, -5), (200, -5)]),
            ("combined", [(800, 0), (900, 0)]),
            ("storm", [(750, -100), (750, 100)]),
        ]
    )
    result = measure_separation(net, ROAD)
    table = [tuple(row) for row in result.stretches[["from_m", "to_m", "class"]].itertuples(index=False)]
    assert table == [
        (0, 200, "storm only"),
        (200, 600, "separated"),
        (600, 700, "sewage only"),
        (700, 800, "none"),
        (800, 900, "combined"),
        (900, 1000, "none"),
    ]
    assert result.roads.loc["磬山路", "coverage_share"] == pytest.approx(0.4)
    assert result.stretches.geometry.length.tolist() == pytest.approx([200, 400, 100, 100, 100, 100])
    assert result.summary["coverage_share"] == pytest.approx(0.4)


def test_a_stretch_with_a_mixed_pipe_is_covered_but_not_effective() -> None:
    """Sewage enters the storm pipe at 300: only 0–300 is truly separated."""
    net = build(
        ["a>b storm", "b>c storm", "w>b sewage", "x>y sewage"],
        places={"a": (0, 2), "b": (300, 2), "c": (1000, 2), "w": (300, 400), "x": (0, -2), "y": (1000, -2)},
    )
    result = measure_separation(net, ROAD, mixed=find_mixed_flow(net))
    assert result.roads.loc["磬山路", "coverage_share"] == pytest.approx(1.0)
    assert result.roads.loc["磬山路", "effective_share"] == pytest.approx(0.3)
    assert measure_separation(net, ROAD).roads.loc["磬山路", "effective_share"] == pytest.approx(1.0)


@pytest.mark.parametrize(("within_m", "covered"), [(30.0, 0.0), (31.0, 1.0)])
def test_distance_decides(within_m: float, covered: float) -> None:
    net = network_of([("storm", [(0, 30.5), (1000, 30.5)]), ("sewage", [(0, 1), (1000, 1)])])
    assert measure_separation(net, ROAD, within_m=within_m).roads["coverage_share"].tolist() == pytest.approx([covered])


@pytest.mark.parametrize(("angle_deg", "covered"), [(30.0, 0.0), (40.0, 0.03)])
def test_direction_decides(angle_deg: float, covered: float) -> None:
    """A storm pipe at atan(20/30) = 33.7° over 30 m of the road."""
    net = network_of([("storm", [(500, 0), (530, 20)]), ("sewage", [(0, 1), (1000, 1)])])
    assert measure_separation(net, ROAD, angle_deg=angle_deg).roads["coverage_share"].tolist() == pytest.approx(
        [covered]
    )


def test_a_road_without_pipes_is_in_the_table_with_zero() -> None:
    net = network_of([("storm", [(0, 5), (600, 5)])])
    result = measure_separation(net, roads_of(("磬山路", [(0, 0), (1000, 0)]), ("空路", [(0, 900), (400, 900)])))
    assert list(result.roads.loc["空路", ["length_m", "coverage_share", "none_m"]]) == [400, 0, 400]


def test_parts_of_one_name_follow_each_other() -> None:
    net = network_of([("storm", [(0, 0), (100, 0)]), ("sewage", [(0, 1), (100, 1)])])
    result = measure_separation(net, roads_of(("A", [(0, 500), (50, 500)]), ("A", [(0, 0), (100, 0)])))
    assert result.roads.loc["A", "coverage_share"] == pytest.approx(100 / 150)
    assert result.stretches[["from_m", "to_m"]].to_numpy().tolist() == [[0, 50], [50, 150]]


def test_roads_come_from_the_pipes_when_there_is_no_layer() -> None:
    net = network_of(
        [("storm", [(0, 0), (100, 0)]), ("storm", [(100, 0), (300, 0)]), ("sewage", [(0, 3), (200, 3)])],
        roads=["R", "R", "R"],
    )
    result = measure_separation(net)
    assert list(result.roads.loc["R", ["length_m", "coverage_share"]]) == pytest.approx([300, 2 / 3])


@pytest.mark.long
def test_roads_of_the_names_of_pipes_are_the_same_however_few_are_merged_and_compared_at_once() -> None:
    """The demo city has roads of several lines, some of them beside each other."""
    net = load_demo("2018-12-31")
    whole = centre_lines.centre_lines(_without_roads(net), None, 30.0)
    assert len(whole.lines) > len(whole.names)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(centre_lines, "_PIPES_AT_ONCE", 1)
        patch.setattr(centre_lines, "_PIECES_AT_ONCE", 1)
        parted = centre_lines.centre_lines(_without_roads(net), None, 30.0)
    assert_frame_equal(parted.lines, whole.lines, check_exact=True)
    for one, other in zip(parted.pieces, whole.pieces, strict=True):
        assert one.tobytes() == other.tobytes()


def _without_roads(net: DrainageNetwork) -> DrainageNetwork:
    ends = (net.graph.tail, net.graph.head)
    return DrainageNetwork(net.pipes, net.nodes, ends=ends)


def test_roads_in_another_crs_are_refused() -> None:
    with pytest.raises(CrsError, match="EPSG:4326"):
        measure_separation(network_of([("storm", [(0, 0), (1, 0)])]), ROAD.set_crs(4326, allow_override=True))


def test_without_roads_or_names_the_remedy_is_named() -> None:
    with pytest.raises(SchemaError, match="roads="):
        measure_separation(network_of([("storm", [(0, 0), (1, 0)])]))


COORDINATE = st.integers(-80, 380)
SEGMENT = st.tuples(st.tuples(COORDINATE, COORDINATE), st.tuples(COORDINATE, COORDINATE)).filter(lambda s: s[0] != s[1])


@examples(150)
@given(st.lists(st.tuples(st.sampled_from(["storm", "sewage"]), SEGMENT), min_size=1, max_size=6))
def test_agrees_with_sampling_the_road(lines: list[tuple[str, tuple[tuple[int, int], tuple[int, int]]]]) -> None:
    """Sample a bent road every half metre: which systems have a parallel piece of pipe square to it within 30 m."""
    road = [(0.0, 0.0), (200.0, 0.0), (300.0, 120.0)]
    net = network_of([(system, [start, end]) for system, (start, end) in lines])
    result = measure_separation(net, roads_of(("R", road)))
    seen = {"storm": 0, "sewage": 0, "both": 0}
    step, total = 0.5, 0
    for (x0, y0), (x1, y1) in itertools.pairwise(road):
        length = float(np.hypot(x1 - x0, y1 - y0))
        ux, uy = (x1 - x0) / length, (y1 - y0) / length
        for s in np.arange(step / 2, length, step):
            total += 1
            across = shapely.LineString(
                [(x0 + s * ux - 30 * -uy, y0 + s * uy - 30 * ux), (x0 + s * ux + 30 * -uy, y0 + s * uy + 30 * ux)]
            )
            runs = set()
            for system, ((ax, ay), (bx, by)) in lines:
                cos = abs((bx - ax) * ux + (by - ay) * uy) / np.hypot(bx - ax, by - ay)
                if cos >= np.cos(np.radians(30)) and across.intersects(shapely.LineString([(ax, ay), (bx, by)])):
                    runs.add(system)
            seen["both"] += runs == {"storm", "sewage"}
    assert result.roads.loc["R", "coverage_share"] == pytest.approx(seen["both"] / total, abs=8 * step / 300)


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 40), st.integers(1, 9)), max_size=12))
def test_merged_intervals_cover_the_same_metres_once(parts: list[tuple[int, int, int]]) -> None:
    rows = np.array([(r, a, a + n) for r, a, n in parts], np.int64).reshape(-1, 3)
    merged = merge_intervals(Intervals(rows[:, 0], rows[:, 1].astype(float), rows[:, 2].astype(float)))
    metres = {(r, m) for r, a, b in rows for m in range(a, b)}
    assert {(int(r), m) for r, a, b in zip(*merged, strict=True) for m in range(round(a), round(b))} == metres
    assert sum(merged.to_m - merged.from_m) == len(metres)
