"""The flow graph: properties against networkx, forks that share, loops, depth, parallel edges."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from drainage.graph import FlowGraph, connect

N_NODES = 7
EDGES = st.lists(st.tuples(st.integers(0, N_NODES - 1), st.integers(0, N_NODES - 1)), max_size=14)


def graph_of(edges: list[tuple[int, int]], n_nodes: int = N_NODES) -> FlowGraph:
    ends = np.array(edges, np.int32).reshape(-1, 2)
    return FlowGraph(ends[:, 0], ends[:, 1], n_nodes)


def oracle_of(edges: list[tuple[int, int]]) -> nx.MultiDiGraph[int]:
    oracle: nx.MultiDiGraph[int] = nx.MultiDiGraph()
    oracle.add_nodes_from(range(N_NODES))
    for k, (a, b) in enumerate(edges):
        oracle.add_edge(a, b, key=k, weight=1.0 + k)
    return oracle


@given(EDGES)
def test_components_are_numbered_with_the_flow_and_equal_only_on_cycles(edges: list[tuple[int, int]]) -> None:
    graph = graph_of(edges)
    component = graph.component
    assert (component[graph.tail] <= component[graph.head]).all()
    groups = {frozenset(np.flatnonzero(component == c).tolist()) for c in component}
    assert groups == {frozenset(c) for c in nx.strongly_connected_components(oracle_of(edges))}


@given(EDGES)
def test_the_order_is_that_of_the_components(edges: list[tuple[int, int]]) -> None:
    graph = graph_of(edges)
    assert graph.order.tolist() == np.argsort(graph.component, kind="stable").tolist()


@given(EDGES, st.integers(0, N_NODES - 1))
def test_walks_reach_what_networkx_reaches(edges: list[tuple[int, int]], start: int) -> None:
    graph, oracle = graph_of(edges), oracle_of(edges)
    here = np.array([start], np.int32)
    assert set(np.flatnonzero(graph.downstream(here).nodes)) == nx.descendants(oracle, start) | {start}
    assert set(np.flatnonzero(graph.upstream(here).nodes)) == nx.ancestors(oracle, start) | {start}
    np.testing.assert_array_equal(graph.downstream(np.arange(N_NODES) == start).edges, graph.downstream(here).edges)


@given(EDGES, st.integers(0, N_NODES - 1))
def test_reversing_every_edge_swaps_upstream_and_downstream(edges: list[tuple[int, int]], start: int) -> None:
    graph = graph_of(edges)
    turned = graph.reversed()
    here = np.array([start], np.int32)
    np.testing.assert_array_equal(graph.downstream(here).edges, turned.upstream(here).edges)


@given(EDGES)
def test_a_graph_reversed_twice_is_itself(edges: list[tuple[int, int]]) -> None:
    graph = graph_of(edges)
    again = graph.reversed().reversed()
    np.testing.assert_array_equal([again.tail, again.head], [graph.tail, graph.head])
    np.testing.assert_array_equal(graph.reversed().part, graph.part)


@given(EDGES, st.data())
def test_a_walk_in_a_graph_of_some_edges_runs_along_them(edges: list[tuple[int, int]], data: st.DataObject) -> None:
    """By mask or by number: the nodes are the same, and so are the edges, which are numbered anew in their order."""
    graph = graph_of(edges)
    mask = np.array(data.draw(st.lists(st.booleans(), min_size=len(edges), max_size=len(edges))), np.bool_)
    start = np.array([data.draw(st.integers(0, N_NODES - 1))], np.int32)
    along = graph.downstream(start, mask)
    for some in (graph.only(mask), graph.only(np.flatnonzero(mask))):
        alone = some.downstream(start)
        np.testing.assert_array_equal(alone.nodes, along.nodes)
        np.testing.assert_array_equal(alone.edges, along.edges[mask])
    assert graph.only(mask).n_nodes == graph.n_nodes


@given(EDGES)
def test_what_hangs_together_by_pairs_is_what_networkx_says(edges: list[tuple[int, int]]) -> None:
    graph, oracle = graph_of(edges), oracle_of(edges)
    for strongly, parts in (
        (False, nx.weakly_connected_components(oracle)),
        (True, nx.strongly_connected_components(oracle)),
    ):
        label = connect((graph.tail, graph.head), N_NODES, strongly=strongly)
        assert {frozenset(np.flatnonzero(label == k).tolist()) for k in label} == {frozenset(part) for part in parts}
        assert set(label.tolist()) == set(range(int(label.max()) + 1))


@given(EDGES, st.sets(st.integers(0, N_NODES - 1), max_size=4))
def test_each_source_counts_once_however_many_ways_lead_from_it(
    edges: list[tuple[int, int]], sources: set[int]
) -> None:
    graph, oracle = graph_of(edges), oracle_of(edges)
    reached = graph.count_sources(np.array(sorted(sources), np.int32), np.ones(len(edges)))
    expected = [sum(node in nx.descendants(oracle, s) | {s} for s in sources) for node in range(N_NODES)]
    assert reached.node_count.tolist() == expected
    assert reached.edge_count.tolist() == [expected[a] for a, _ in edges]
    assert reached.total.sum() == reached.edge_count.sum()


@given(EDGES, st.sets(st.integers(0, N_NODES - 1), min_size=1, max_size=3))
def test_distances_are_those_of_dijkstra(edges: list[tuple[int, int]], sources: set[int]) -> None:
    graph, oracle = graph_of(edges), oracle_of(edges)
    length = np.arange(1.0, 1.0 + len(edges))
    distance, nearest = graph.distance_downstream(np.array(sorted(sources), np.int32), length)
    expected = nx.multi_source_dijkstra_path_length(oracle, sources)
    for node in range(N_NODES):
        assert distance[node] == expected.get(node, np.inf)
        assert (nearest[node] in sources) == (node in expected)


@given(EDGES, st.sets(st.integers(0, N_NODES - 1), max_size=4))
def test_nodes_of_a_group_have_the_same_sources_and_a_group_has_all_of_those_above(
    edges: list[tuple[int, int]], sources: set[int]
) -> None:
    graph, oracle = graph_of(edges), oracle_of(edges)
    group = graph.group_by_sources(np.array(sorted(sources), np.int32))
    above = [frozenset(s for s in sources if s == n or n in nx.descendants(oracle, s)) for n in range(N_NODES)]
    assert (group >= 0).tolist() == [bool(one) for one in above]
    for number in range(group.max() + 1):
        assert len({above[n] for n in np.flatnonzero(group == number)}) == 1
    before = group[graph.tail[group[graph.tail] >= 0]]
    assert (before <= group[graph.head[group[graph.tail] >= 0]]).all()


def test_groups_are_as_few_as_the_sources_and_the_places_where_they_meet() -> None:
    """0 → 1 → 2 ← 3, 2 → 4 → 5: 0 and 1 by source 0; 3 by source 3; 2, 4 and 5 by both."""
    graph = graph_of([(0, 1), (1, 2), (3, 2), (2, 4), (4, 5)], 6)
    group = graph.group_by_sources(np.array([0, 3], np.int32))
    assert len(set(group)) == 3
    assert group[0] == group[1]
    assert group[2] == group[4] == group[5]


@given(EDGES, st.lists(st.floats(-9, 9), min_size=N_NODES, max_size=N_NODES))
def test_the_largest_value_upstream_is_that_of_the_ancestors(edges: list[tuple[int, int]], values: list[float]) -> None:
    largest = graph_of(edges).largest_upstream(np.array(values))
    oracle = oracle_of(edges)
    assert largest.tolist() == [max(values[n] for n in nx.ancestors(oracle, i) | {i}) for i in range(N_NODES)]


@given(EDGES, st.sets(st.integers(0, N_NODES - 1), max_size=3), st.sets(st.integers(0, N_NODES - 1), max_size=3))
def test_distances_of_pairs_are_those_of_dijkstra(
    edges: list[tuple[int, int]], sources: set[int], stops: set[int]
) -> None:
    graph, oracle = graph_of(edges), oracle_of(edges)
    start, stop = (np.array(sorted(nodes), np.int32) for nodes in (sources, stops))
    found = graph.distances(start, stop, np.arange(1.0, 1.0 + len(edges)))
    pairs = {(int(start[a]), int(stop[b])): way for a, b, way in zip(*found, strict=True)}
    assert len(pairs) == len(found[0])
    ways = {s: nx.single_source_dijkstra_path_length(oracle, s) for s in sources}
    assert pairs == {(s, t): ways[s][t] for s in sources for t in stops if t in ways[s]}


@given(EDGES.map(lambda edges: [(min(e), max(e)) for e in edges if e[0] != e[1]]), st.randoms())
def test_what_enters_leaves_at_the_ends_whatever_the_order_of_rows(
    edges: list[tuple[int, int]], random: object
) -> None:
    graph = graph_of(edges)
    own = np.arange(1.0, 1.0 + N_NODES)
    node_total, edge_total = graph.accumulate(own)
    ends = np.diff(graph.leaving.ptr) == 0
    assert node_total[ends].sum() == pytest.approx(own.sum())
    shuffled = list(range(len(edges)))
    random.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis gives a random.Random
    again, edge_again = graph_of([edges[k] for k in shuffled]).accumulate(own)
    np.testing.assert_allclose(again, node_total)
    np.testing.assert_allclose(edge_again, edge_total[shuffled])


@given(EDGES)
def test_what_passes_a_node_leaves_it_whole_by_its_edges_unless_it_ends_there(edges: list[tuple[int, int]]) -> None:
    """On a cycle the edges show its total, so that only nodes off cycles are looked at."""
    graph = graph_of(edges)
    node_total, edge_total = graph.accumulate(np.arange(1.0, 1.0 + N_NODES))
    leaving = np.bincount(graph.tail, weights=edge_total, minlength=N_NODES)
    passes = (np.diff(graph.leaving.ptr) > 0) & ~graph.in_loop
    np.testing.assert_allclose(leaving[passes], node_total[passes])


@given(EDGES)
def test_nothing_is_doubled_or_lost_where_there_are_loops(edges: list[tuple[int, int]]) -> None:
    """What is put in stands in the components that nothing leaves, each counted once."""
    graph = graph_of(edges)
    own = np.arange(1.0, 1.0 + N_NODES)
    node_total, _ = graph.accumulate(own)
    component = graph.component
    left = component[graph.tail[component[graph.tail] != component[graph.head]]]
    names, first = np.unique(component, return_index=True)
    assert node_total[first[~np.isin(names, left)]].sum() == pytest.approx(own.sum())


@given(EDGES, st.sets(st.integers(0, N_NODES - 1), max_size=4), st.randoms())
def test_the_order_of_rows_changes_no_answer(edges: list[tuple[int, int]], sources: set[int], random: object) -> None:
    shuffled = list(range(len(edges)))
    random.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis gives a random.Random
    graph, again = graph_of(edges), graph_of([edges[k] for k in shuffled])
    here = np.array(sorted(sources), np.int32)
    length = np.ones(len(edges))
    np.testing.assert_array_equal(again.in_loop, graph.in_loop)
    np.testing.assert_array_equal(again.upstream(here).edges, graph.upstream(here).edges[shuffled])
    np.testing.assert_array_equal(
        again.count_sources(here, length).edge_count, graph.count_sources(here, length).edge_count[shuffled]
    )
    np.testing.assert_array_equal(
        again.distance_downstream(here, length)[0], graph.distance_downstream(here, length)[0]
    )
    np.testing.assert_allclose(again.accumulate(np.ones(N_NODES))[1], graph.accumulate(np.ones(N_NODES))[1][shuffled])


@given(EDGES)
def test_a_twin_of_every_edge_halves_what_each_carries_and_changes_no_node(edges: list[tuple[int, int]]) -> None:
    acyclic = [(min(e), max(e)) for e in edges if e[0] != e[1]]
    own = np.arange(1.0, 1.0 + N_NODES)
    node_total, edge_total = graph_of(acyclic).accumulate(own)
    twin_node_total, twin_edge_total = graph_of(acyclic * 2).accumulate(own)
    np.testing.assert_allclose(twin_node_total, node_total)
    np.testing.assert_allclose(twin_edge_total, np.tile(edge_total / 2, 2))


def test_a_fork_shares_and_twin_pipes_do_not_double() -> None:
    """0 → 1 twice (twins), 1 → 2 and 1 → 3, both → 4: 10 + 1 units arrive, never 21."""
    graph = graph_of([(0, 1), (0, 1), (1, 2), (1, 3), (2, 4), (3, 4)], 5)
    node_total, edge_total = graph.accumulate(np.array([10.0, 1, 0, 0, 0]))
    assert edge_total.tolist() == [5, 5, 5.5, 5.5, 5.5, 5.5]
    assert node_total[4] == pytest.approx(11)
    by_share, _ = graph.accumulate(np.array([10.0, 1, 0, 0, 0]), np.array([0.5, 0.5, 0.9, 0.1, 1, 1]))
    assert by_share[2] == pytest.approx(9.9)


def test_a_loop_passes_its_total_on_once() -> None:
    """0 → 1 → 2 → 1 is a loop; 2 → 3 is its only exit."""
    graph = graph_of([(0, 1), (1, 2), (2, 1), (2, 3)], 4)
    node_total, edge_total = graph.accumulate(np.array([1.0, 2, 4, 8]))
    assert graph.in_loop.tolist() == [False, True, True, False]
    assert node_total.tolist() == [1, 7, 7, 15]
    assert edge_total.tolist() == [1, 7, 7, 7]


def test_a_chain_of_100_000_pipes_is_walked_without_recursion() -> None:
    n = 100_001
    graph = FlowGraph(np.arange(n - 1, dtype=np.int32), np.arange(1, n, dtype=np.int32), n)
    assert graph.downstream(np.array([0], np.int32)).edges.all()
    assert graph.accumulate(np.ones(n))[0][-1] == n
    assert graph.distance_downstream(np.array([0], np.int32), np.ones(n - 1))[0][-1] == n - 1


def test_a_ring_of_100_000_pipes_is_one_component_found_without_recursion() -> None:
    n = 100_000
    ring = np.arange(n, dtype=np.int32)
    graph = FlowGraph(np.append(ring, 0), np.append(np.roll(ring, -1), n), n + 1)
    assert graph.in_loop.sum() == n
    assert graph.accumulate(np.ones(n + 1))[0][[0, n]].tolist() == [n, n + 1]
    assert graph.count_sources(np.array([0, n // 2], np.int32), np.ones(n + 1)).node_count[n] == 2


def test_parts_ignore_directions() -> None:
    assert graph_of([(0, 1), (2, 1), (3, 4)], 5).part.tolist() == [0, 0, 0, 1, 1]


def test_a_node_number_out_of_range_is_refused() -> None:
    with pytest.raises(IndexError, match="outside"):
        graph_of([(0, 9)], 3)


def test_arrays_cannot_be_changed() -> None:
    graph = graph_of([(0, 1)])
    with pytest.raises(ValueError, match="read-only"):
        graph.tail[0] = 3


@given(EDGES, EDGES, st.permutations(range(2 * N_NODES)))
def test_what_is_found_in_a_part_hangs_on_no_other_part(
    one: list[tuple[int, int]], other: list[tuple[int, int]], place: list[int]
) -> None:
    """Two graphs on the nodes of one, mixed up: the first is asked alone, its nodes and edges in the same order."""
    mine = np.sort(place[:N_NODES])
    beside = np.sort(place[N_NODES:])
    both = [(int(mine[a]), int(mine[b])) for a, b in one] + [(int(beside[a]), int(beside[b])) for a, b in other]
    alone, whole = graph_of(one), graph_of(both, 2 * N_NODES)
    own = 0.1 * np.arange(1.0, 1.0 + 2 * N_NODES)
    (at_nodes, at_edges), (nodes_alone, edges_alone) = whole.accumulate(own), alone.accumulate(own[mine])
    np.testing.assert_array_equal(at_nodes[mine], nodes_alone)
    np.testing.assert_array_equal(at_edges[: len(one)], edges_alone)
    assert np.argsort(whole.component[mine], kind="stable").tolist() == alone.order.tolist()
