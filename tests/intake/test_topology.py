"""Joining pipes: recorded ids win, places fill the gaps, rounding never splits a node, nothing is lost."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from drainage.intake.joining import _ranked, join_pipes
from drainage.schema import Issues

Line = list[tuple[float, float]]


def pipes_of(*lines: Line | None, ends: list[tuple[str | None, str | None]] | None = None) -> gpd.GeoDataFrame:
    ends = ends or [(None, None)] * len(lines)
    frame = gpd.GeoDataFrame(
        {"from_node": pd.array([a for a, _ in ends], "str"), "to_node": pd.array([b for _, b in ends], "str")},
        geometry=np.array([None if line is None else shapely.LineString(line) for line in lines], dtype=object),
        crs=4548,
    )
    frame.index = pd.Index([f"p{i}" for i in range(len(lines))], name="pipe_id")
    return frame


def points_of(**places: tuple[float, float]) -> gpd.GeoDataFrame:
    frame = gpd.GeoDataFrame(
        {"kind": None}, index=list(places), geometry=[shapely.Point(p) for p in places.values()], crs=4548
    )
    return frame.rename_axis("node_id")


@given(st.lists(st.integers(0, 6)))
def test_codes_are_ranked_by_their_first_use(codes: list[int]) -> None:
    rank, used = _ranked(np.array(codes, np.intp))
    first = [*dict.fromkeys(codes)]
    assert used.tolist() == first
    assert rank.tolist() == [first.index(code) for code in codes]


def join(
    pipes: gpd.GeoDataFrame, nodes: gpd.GeoDataFrame | None = None, tolerance_m: float = 0.1
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame, pd.DataFrame]:
    issues = Issues()
    joined, table, *_ = join_pipes(pipes, nodes, tolerance_m=tolerance_m, issues=issues)
    return joined, table, issues.frame()


def test_an_id_at_places_far_apart_is_no_node_though_one_end_lies_nowhere() -> None:
    lines: list[Line | None] = [[(0, 0), (10, 0)], [(500, 0), (510, 0)], None]
    joined, _, issues = join(pipes_of(*lines, ends=[("0", "a"), ("0", "b"), ("0", "c")]))
    assert "placeholder_node" in issues["code"].tolist()
    assert "0" not in joined["from_node"].tolist()


def test_ends_within_the_tolerance_meet() -> None:
    joined, nodes, _ = join(pipes_of([(0, 0), (10, 0)], [(10.05, 0.05), (20, 0)]))
    assert joined["to_node"].iloc[0] == joined["from_node"].iloc[1]
    assert len(nodes) == 3


@pytest.mark.parametrize(("tolerance_m", "n_nodes"), [(0.1, 4), (0.5, 3)])
def test_the_tolerance_decides(tolerance_m: float, n_nodes: int) -> None:
    assert len(join(pipes_of([(0, 0), (10, 0)], [(10.3, 0), (20, 0)]), tolerance_m=tolerance_m)[1]) == n_nodes


def test_recorded_ids_win_over_places() -> None:
    joined, nodes, issues = join(pipes_of([(0, 0), (10, 0)], [(500, 0), (600, 0)], ends=[("a", "b"), ("b", "c")]))
    assert joined["from_node"].tolist() == ["a", "b"]
    assert len(nodes) == 3
    assert "far_from_node" in issues["code"].tolist()


def test_an_end_without_id_takes_the_recorded_end_or_the_node_of_the_layer_at_its_place() -> None:
    pipes = pipes_of([(0, 0), (10, 0)], [(10, 0), (20, 0)], ends=[("a", "b"), (None, None)])
    joined, nodes, _ = join(pipes, points_of(c=(20.0, 0.04)))
    assert list(joined.loc["p1", ["from_node", "to_node"]]) == ["b", "c"]
    assert set(nodes.index) == {"a", "b", "c"}


def test_new_names_do_not_collide_with_recorded_ones() -> None:
    pipes = pipes_of([(0, 0), (10, 0)], [(100, 0), (110, 0)], ends=[("N1", "N2"), (None, None)])
    joined, nodes, _ = join(pipes)
    assert nodes.index.is_unique
    assert len(nodes) == 4
    assert joined.loc["p1", "from_node"] not in {"N1", "N2"}


def test_a_line_drawn_against_its_ids_is_turned() -> None:
    joined, _, issues = join(pipes_of([(10, 0), (0, 0)], ends=[("a", "b")]), points_of(a=(0, 0), b=(10, 0)))
    assert joined.geometry.iloc[0].coords[0] == (0, 0)
    assert issues["code"].tolist() == ["drawn_against_flow"]


def test_a_pipe_without_geometry_keeps_its_place_in_the_graph() -> None:
    joined, nodes, _ = join(pipes_of([(0, 0), (10, 0)], None, ends=[("a", "b"), ("b", "c")]))
    assert joined.index.tolist() == ["p0", "p1"]
    assert nodes.geometry["c"] is None


def test_what_has_no_place_is_set_aside_by_name() -> None:
    joined, _, issues = join(
        pipes_of([(0, 0), (10, 0)], None, [(5, 5), (5, 5)], [(0, 0), (9, 9)], ends=[(None, None)] * 3 + [("x", "x")])
    )
    assert joined.index.tolist() == ["p0"]
    assert dict(zip(issues["feature_id"], issues["code"], strict=True)) == {
        "p1": "no_place",
        "p2": "zero_length",
        "p3": "self_loop",
    }


def test_a_node_that_the_layer_does_not_have_is_reported() -> None:
    _, nodes, issues = join(pipes_of([(0, 0), (10, 0)], ends=[("a", "zz")]), points_of(a=(0, 0)))
    assert issues["feature_id"].tolist() == ["zz"]
    assert issues["code"].tolist() == ["unknown_node"]
    assert nodes.geometry["zz"].coords[0] == (10, 0)


def test_placeholder_ids_far_apart_are_no_node() -> None:
    pipes = pipes_of([(0, 0), (10, 0)], [(500, 0), (600, 0)], ends=[("0", "b"), ("0", "c")])
    joined, _, issues = join(pipes)
    assert joined["from_node"].nunique() == 2
    assert "placeholder_node" in issues["code"].tolist()


@given(
    st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)).filter(lambda e: e[0] != e[1]), min_size=1, max_size=12),
    st.floats(-1e6, 1e6),
    st.integers(0, 2**31),
)
def test_jitter_and_translation_do_not_change_who_meets(edges: list[tuple[int, int]], shift: float, seed: int) -> None:
    """Six places 100 m apart; every end is drawn up to 3 cm off its place."""
    jitter = np.random.default_rng(seed).uniform(-0.03, 0.03, (len(edges), 2, 2))
    lines: list[Line | None] = []
    for k, (a, b) in enumerate(edges):
        here = [(100.0 * i + shift + jitter[k, j, 0], shift + jitter[k, j, 1]) for j, i in enumerate((a, b))]
        lines.append(here)
    joined, nodes, _ = join(pipes_of(*lines))
    assert len(nodes) == len({i for e in edges for i in e})
    place = dict(
        zip([*joined["from_node"], *joined["to_node"]], [e[0] for e in edges] + [e[1] for e in edges], strict=True)
    )
    assert len(place) == len(set(place.values()))
