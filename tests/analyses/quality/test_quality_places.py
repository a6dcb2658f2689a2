"""Which pipes cross, lie on each other or pass by a node: the grid against shapely, pair by pair."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
import shapely

from drainage.analyses.quality.places import NEAR_M, Places
from drainage.analyses.quality.view import View
from drainage.network import DrainageNetwork
from tests.support.networks import build


def scattered(seed: int, n: int = 150) -> DrainageNetwork:
    """Lay pipes of very different lengths anywhere, half of them bent, one of them very far off."""
    rng = np.random.default_rng(seed)
    start = rng.uniform(0, 400, (n, 2)) + np.array([5e5, 3.7e6])
    start[0] += 3e5
    bend = start + rng.normal(0, 1, (n, 2)) * rng.choice([3, 30, 200], (n, 1))
    end = bend + rng.normal(0, 30, (n, 2))
    places = {f"a{k}": tuple(start[k]) for k in range(n)} | {f"b{k}": tuple(end[k]) for k in range(n)}
    net = build([f"a{k}>b{k} storm" for k in range(n)], places=places)
    lines = [shapely.LineString([start[k], bend[k], end[k]] if k % 2 else [start[k], end[k]]) for k in range(n)]
    return net.replace(pipes=net.pipes.set_geometry(lines, crs=net.crs))


@pytest.mark.parametrize("seed", range(6))
def test_crossings_are_those_of_shapely_away_from_the_ends(seed: int) -> None:
    net = scattered(seed)
    lines = net.pipes.geometry.to_numpy()
    expected = set()
    for one, two in combinations(range(len(lines)), 2):
        points = shapely.get_parts(shapely.intersection(lines[one], lines[two]))
        at = [(shapely.line_locate_point(line, points), line.length) for line in (lines[one], lines[two])]
        inner = [(where > NEAR_M) & (where < length - NEAR_M) for where, length in at]
        if (inner[0] & inner[1]).any():
            expected.add((one, two))
    found = Places(View(net), 0.5, 3.0).meetings.crossing
    assert {(int(one), int(two)) for one, two in found} == expected
    assert expected


@pytest.mark.parametrize("seed", range(6))
def test_pipes_beside_nodes_are_those_of_shapely(seed: int) -> None:
    net = scattered(seed)
    lines, reach = net.pipes.geometry.to_numpy(), 2.0
    points = net.nodes.geometry.to_numpy()
    view = View(net)
    pipe, distance = Places(view, reach, 3.0).body_near(np.ones(len(points), np.bool_), np.zeros(len(points), np.int64))
    for node, point in enumerate(points):
        away, at = shapely.distance(lines, point), shapely.line_locate_point(lines, point)
        own = (view.tail == node) | (view.head == node)
        near = ~own & (away <= reach) & (at >= reach) & (at <= shapely.length(lines) - reach)
        assert (pipe[node] >= 0) == near.any()
        if near.any():
            assert distance[node] == pytest.approx(away[near].min(), abs=1e-6)
    assert (pipe >= 0).sum() > 10


@pytest.mark.parametrize("seed", range(3))
def test_near_nodes_are_those_of_the_full_matrix(seed: int) -> None:
    net = scattered(seed)
    xy = shapely.get_coordinates(net.nodes.geometry.to_numpy())
    apart = np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1))
    expected = {(int(i), int(j)) for i, j in np.argwhere(apart <= 5.0) if i < j}
    pairs, distance = Places(View(net), 5.0, 3.0).near_nodes
    assert {(int(i), int(j)) for i, j in pairs} == expected
    assert distance == pytest.approx(apart[pairs[:, 0], pairs[:, 1]])


@pytest.mark.parametrize(("aside", "metres"), [(0.0, 40.0), (0.09, 40.0), (0.2, 0.0)])
def test_a_pipe_lies_on_another_for_the_length_that_they_share(aside: float, metres: float) -> None:
    spots = {"a": (0.0, 0.0), "b": (60.0, 0.0), "c": (20.0, aside), "d": (90.0, aside)}
    met = Places(View(build(["a>b storm", "c>d storm"], places=spots)), 0.5, 3.0).meetings
    assert met.overlap_m.sum() == pytest.approx(metres)
