"""Lines drawn against the ids that they record: turned, so that all ends of a node agree, and said.

M0 ---> M1 ---> M2 ---> … ---> M6          40 m a pipe, L0 … L5
"""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

import drainage as dr

E, N = 551000.0, 3712000.0
COUNT = 6


def chain(backwards: Sequence[int], **columns: object) -> gpd.GeoDataFrame:
    places = [(E + 40 * i, N) for i in range(COUNT + 1)]
    shapes = [shapely.LineString(places[i : i + 2]) for i in range(COUNT)]
    shapes = [line.reverse() if i in backwards else line for i, line in enumerate(shapes)]
    table = {
        "pipe_id": [f"L{i}" for i in range(COUNT)],
        "from_node": [f"M{i}" for i in range(COUNT)],
        "to_node": [f"M{i + 1}" for i in range(COUNT)],
        "system": "storm",
        **columns,
    }
    return gpd.GeoDataFrame(table, geometry=shapes, crs=4548)


def assert_ends_agree(net: dr.DrainageNetwork) -> None:
    for end, at in (("from_node", 0), ("to_node", -1)):
        ends = shapely.get_point(net.pipes.geometry.to_numpy(), at)
        nodes = net.nodes.geometry.to_numpy()[net.node_positions(net.pipes[end])]
        assert shapely.distance(ends, nodes).max() == pytest.approx(0.0, abs=1e-6)


def turned(net: dr.DrainageNetwork) -> list[str]:
    return net.issues.loc[net.issues["code"] == "drawn_against_flow", "feature_id"].tolist()


@pytest.mark.parametrize(
    "backwards",
    [[2], [0], [5], [2, 3], [1, 2, 3], [0, 5], [0, 1], [1, 3, 5], [0, 2, 4], [0, 1, 2, 3, 4, 5]],
)
class TestChain:
    def test_each_is_turned_and_no_other(self, backwards: list[int]) -> None:
        net = dr.as_network(chain(backwards))
        assert turned(net) == [f"L{i}" for i in backwards]
        assert_ends_agree(net)
        assert net.nodes.geometry.x.tolist() == pytest.approx([E + 40 * i for i in range(COUNT + 1)])
        assert net.pipes["from_node"].tolist() == [f"M{i}" for i in range(COUNT)]

    def test_so_it_is_with_a_layer_of_some_nodes(self, backwards: list[int]) -> None:
        names = ["M1", "M3", "M4"]
        places = [shapely.Point(E + 40 * int(name[1]), N) for name in names]
        net = dr.as_network(chain(backwards), nodes=gpd.GeoDataFrame({"node_id": names}, geometry=places, crs=4548))
        assert turned(net) == [f"L{i}" for i in backwards]
        assert_ends_agree(net)

    def test_levels_stay_with_the_ids_that_they_were_written_for(self, backwards: list[int]) -> None:
        levels = np.linspace(22.0, 21.4, COUNT + 1)
        net = dr.as_network(chain(backwards, invert_from_m=levels[:-1], invert_to_m=levels[1:]))
        np.testing.assert_allclose(net.pipes["invert_from_m"], levels[:-1])
        assert (net.pipes["invert_from_m"] > net.pipes["invert_to_m"]).all()


def test_two_pipes_between_the_same_manholes() -> None:
    """Twin barrels, the second drawn backwards, below a pipe that says where A lies: and alone, where nothing does."""
    a, b, c = (E, N), (E + 40, N), (E + 80, N)
    shapes = [shapely.LineString(line) for line in ([a, b], [b, c], [c, b])]
    table = {"pipe_id": ["u", "v", "w"], "from_node": ["A", "B", "B"], "to_node": ["B", "C", "C"], "system": "storm"}
    pipes = gpd.GeoDataFrame(table, geometry=shapes, crs=4548)
    for part in (pipes, pipes.tail(2)):
        net = dr.as_network(part)
        assert turned(net) == ["w"]
        assert_ends_agree(net)


def test_a_ring_and_a_branch() -> None:
    """A → B → C → A … with a branch at C; one side of the ring is drawn backwards."""
    places = {"A": (0, 0), "B": (50, 0), "C": (50, 50), "D": (100, 50)}
    ends = [("A", "B"), ("B", "C"), ("A", "C"), ("C", "D")]
    shapes = [shapely.LineString([(E + x, N + y) for x, y in (places[a], places[b])]) for a, b in ends]
    shapes[2] = shapes[2].reverse()
    table = pd.DataFrame(ends, columns=["from_node", "to_node"]).assign(pipe_id=list("pqrs"), system="storm")
    net = dr.as_network(gpd.GeoDataFrame(table, geometry=shapes, crs=4548))
    assert turned(net) == ["r"]
    assert_ends_agree(net)


def test_lines_whose_ids_say_nothing_of_their_direction_stay() -> None:
    """One wrong id: no way round the line meets its neighbours there."""
    pipes = chain([])
    pipes.loc[3, "to_node"] = "M0"
    assert turned(dr.as_network(pipes)) == []
