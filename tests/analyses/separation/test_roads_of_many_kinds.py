"""Dual carriageways, service lanes, roundabouts, wide roads, and roads by name and by place: each worked by hand."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from drainage.analyses.separation import measure_separation
from drainage.result import Result
from tests.analyses.separation.test_separation import Line, network_of, roads_of
from tests.support.examples import examples


def measured(pipes: list[tuple[str, Line]], roads: gpd.GeoDataFrame, names: list[str | None] | None = None) -> Result:
    return measure_separation(network_of(pipes, names), roads)


def test_two_carriageways_are_one_road_and_the_pipes_of_either_count() -> None:
    """Axes 40 m apart, the second drawn against the first; storm along the one, sewage along the other, 55 m apart.

    Neither axis has both in reach (30 m); the road has, over its first 600 m.
    """
    roads = roads_of(("大道", [(0, 0), (1000, 0)]), ("大道", [(1000, 40), (0, 40)]))
    found = measured([("storm", [(0, -5), (1000, -5)]), ("sewage", [(600, 50), (0, 50)])], roads)
    assert found.roads["length_m"].tolist() == pytest.approx([1000])
    assert list(found.roads.loc["大道", ["separated_m", "storm_only_m"]]) == pytest.approx([600, 400])
    assert found.summary["carriageways_km"] == pytest.approx(1.0)


def test_roads_of_another_name_and_farther_axes_are_roads_of_their_own() -> None:
    pipes = [("storm", [(0.0, 0.0), (1000.0, 0.0)])]
    other = roads_of(("大道", [(0, 0), (1000, 0)]), ("小巷", [(0, 40), (1000, 40)]))
    far = roads_of(("大道", [(0, 0), (1000, 0)]), ("大道", [(0, 61), (1000, 61)]))
    assert measured(pipes, other).roads["length_m"].tolist() == [1000, 1000]
    assert measured(pipes, far).roads["length_m"].tolist() == [2000]


def test_only_what_lies_beside_the_other_carriageway_is_not_counted_again() -> None:
    """The second axis goes on for 300 m where the first has ended."""
    roads = roads_of(("大道", [(0, 0), (1000, 0)]), ("大道", [(400, 20), (1300, 20)]))
    found = measured([("storm", [(0, 0), (1300, 0)])], roads)
    assert found.roads["length_m"].tolist() == pytest.approx([1300])
    assert found.roads["storm_only_m"].tolist() == pytest.approx([1300])


@pytest.mark.parametrize("lane", ["磬山路辅路", "磬山路（辅道）", "磬山路 service road"])
def test_a_service_lane_belongs_to_its_road(lane: str) -> None:
    roads = roads_of(("磬山路", [(0, 0), (500, 0)]), (lane, [(0, 25), (500, 25)]))
    found = measured([("storm", [(0, 0), (500, 0)]), ("sewage", [(0, 50), (500, 50)])], roads)
    assert found.roads.index.tolist() == ["磬山路"]
    assert found.roads["coverage_share"].tolist() == pytest.approx([1.0])


def test_a_service_lane_without_its_road_keeps_its_name() -> None:
    found = measured([("storm", [(0, 0), (500, 0)])], roads_of(("磬山路辅路", [(0, 0), (500, 0)])))
    assert found.roads.index.tolist() == ["磬山路辅路"]


@pytest.mark.parametrize("arcs", [1, 2, 4])
def test_a_roundabout_keeps_its_whole_length_however_it_is_cut(arcs: int) -> None:
    """A ring of 25 m radius: its other side is near and parallel, and is no second carriageway."""
    turn = np.linspace(0, 2 * np.pi, 64 + 1)
    ring = [(25 * float(np.cos(a)), 25 * float(np.sin(a))) for a in turn]
    step = 64 // arcs
    roads = roads_of(*(("环岛", ring[k * step : (k + 1) * step + 1]) for k in range(arcs)))
    found = measured([("storm", ring), ("sewage", ring)], roads)
    assert found.roads["length_m"].tolist() == pytest.approx([shapely.LineString(ring).length])
    assert found.roads["coverage_share"].tolist() == pytest.approx([1.0])


def test_a_road_that_turns_back_on_itself_is_one_line() -> None:
    """A hairpin, both legs 30 m apart: one line is never its own second carriageway."""
    hairpin = roads_of(("山路", [(0, 0), (500, 0), (500, 30), (0, 30)]))
    assert measured([("storm", [(0, 0), (500, 0)])], hairpin).roads["length_m"].tolist() == [1030]


def test_a_road_over_40_m_wants_pipes_on_both_sides() -> None:
    """50 m wide, 900 m: storm on the left all along, on the right for 300 m; the sewer in the axis for 200 m."""
    road = roads_of(("大道", [(0, 0), (900, 0)]), ("小路", [(0, 500), (900, 500)])).assign(width_m=[50.0, 40.0])
    pipes: list[tuple[str, Line]] = [
        ("storm", [(0, 15), (900, 15)]),
        ("storm", [(100, -15), (400, -15)]),
        ("sewage", [(200, 0.5), (400, 0.5)]),
        ("storm", [(0, 505), (900, 505)]),
    ]
    table = measured(pipes, road).tables["one_sided"]
    told = [tuple(row) for row in table[["road", "system", "missing_side", "from_m", "to_m"]].itertuples(index=False)]
    assert told == [
        ("大道", "storm", "right", 0, 100),
        ("大道", "storm", "right", 400, 900),
        ("大道", "sewage", "both", 200, 400),
    ]
    assert table["length_m"].tolist() == [100, 500, 200]
    assert measure_separation(network_of(pipes), road, wide_m=50.0).tables["one_sided"].empty
    assert table.geometry.length.tolist() == pytest.approx([100, 500, 200])


def test_the_side_is_told_in_the_direction_of_the_road_on_the_second_carriageway_too() -> None:
    """Axes at 0 and 30 m, the second drawn back; pipes beside the second only: the right side, y < 0, has none."""
    roads = roads_of(("大道", [(0, 0), (900, 0)]), ("大道", [(900, 30), (0, 30)])).assign(width_m=50.0)
    table = measured([("storm", [(0, 40), (900, 40)])], roads).tables["one_sided"]
    assert table[["system", "missing_side"]].to_numpy().tolist() == [["storm", "right"]]
    assert table["length_m"].tolist() == pytest.approx([900])


def test_roads_without_a_width_are_counted() -> None:
    assert (
        measured([("storm", [(0, 0), (9, 0)])], roads_of(("A", [(0, 0), (9, 0)]))).summary["roads_without_width"] == 1
    )


def test_roads_by_name_and_by_place() -> None:
    """Five pipes of 100 m: right, of another road, in another spelling, of a road that is not drawn, without a name."""
    roads = roads_of(("人民路", [(0, 0), (500, 0)]), ("建设路", [(0, 300), (500, 300)]))
    pipes: list[tuple[str, Line]] = [("storm", [(100.0 * k, 3.0), (100.0 * k + 100, 3.0)]) for k in range(5)]
    table = measured(pipes, roads, ["人民路", "建设路", "人 民 路", "和平路", None]).tables["names"]
    assert table[["road", "road_by_place"]].to_numpy().tolist() == [["建设路", "人民路"], ["和平路", "人民路"]]
    assert table["along_m"].tolist() == pytest.approx([100, 100])
    assert table["along_named_m"].tolist() == [0, 0]


def test_a_pipe_that_runs_along_both_roads_at_their_junction_agrees_with_its_name() -> None:
    roads = roads_of(("甲路", [(0, 0), (500, 0)]), ("乙路", [(0, 20), (500, 20)]))
    assert not len(measured([("storm", [(0, 12), (400, 12)])], roads, ["甲路"]).tables["names"])


@examples(40)
@given(
    order=st.permutations(range(5)),
    back=st.lists(st.booleans(), min_size=5, max_size=5),
    east=st.sampled_from([0.0, 500_000.0]),
    north=st.sampled_from([0.0, 3_700_000.0]),
)
def test_neither_order_nor_direction_nor_place_matter(
    order: list[int], back: list[bool], east: float, north: float
) -> None:
    """Two carriageways, a service lane, a side road in two parts: the rows shuffled, lines drawn back, all moved."""
    drawn: list[tuple[str, Line]] = [
        ("大道", [(0, 0), (1000, 0)]), ("大道", [(1000, 40), (200, 40)]), ("大道辅路", [(0, -25), (500, -25)]),
        ("小路", [(0, 300), (400, 300)]), ("小路", [(400, 300), (400, 700)]),
    ]  # fmt: skip
    lines = [(drawn[row][0], [*reversed(drawn[row][1])] if back[row] else drawn[row][1]) for row in order]
    pipes: list[tuple[str, Line]] = [
        ("storm", [(0, -5), (1000, -5)]), ("sewage", [(600, 55), (250, 55)]), ("storm", [(0, 310), (410, 310)]),
        ("sewage", [(0, 290), (390, 290)]), ("combined", [(405, 400), (405, 500)]),
    ]  # fmt: skip
    moved = [(name, [(x + east, y + north) for x, y in line]) for name, line in lines]
    there = [(name, [(x + east, y + north) for x, y in line]) for name, line in pipes]
    table = measured(there, roads_of(*moved)).roads
    assert {name: float(table.loc[name, "length_m"]) for name in table.index} == pytest.approx(
        {"大道": 1000, "小路": 800}
    )
    assert table.loc["大道", "separated_m"] == pytest.approx(350, abs=1e-3)
    assert table.loc["小路", "separated_m"] == pytest.approx(390, abs=1e-3)
    assert table.loc["小路", "combined_m"] == pytest.approx(100, abs=1e-3)
