"""The same questions in rustworkx and igraph, whose graphs are compiled, written as their users would.

What a task measures begins after its graph is built, unless its name says *build*. Neither adds up along the flow by
itself, nor walks on by a condition: that is done here in Python over their adjacency, as with networkx.
"""

from __future__ import annotations

from collections import deque
from pathlib import Path
from typing import TYPE_CHECKING

import clock
from clock import Answer, Task, Work
from peers import Ends, once_built, read_ends, with_building

if TYPE_CHECKING:
    import igraph
    import rustworkx as rx


def rx_upstream(folder: Path) -> Work:
    """Find the ancestors of the end of the largest tree."""
    import rustworkx as rx

    graph = _rx_graph(read_ends(folder))
    end = _largest(_rx_totals(graph)[0])
    return lambda: {"nodes": len(rx.ancestors(graph, end)) + 1}


def ig_upstream(folder: Path) -> Work:
    """Find all nodes from which the end of the largest tree is reached."""
    graph = _ig_graph(read_ends(folder))
    end = _largest(_ig_totals(graph)[0])
    return lambda: {"nodes": len(graph.subcomponent(end, mode="in"))}


def _largest(total: list[float]) -> int:
    return max(range(len(total)), key=total.__getitem__)


def _rx_graph(ends: Ends) -> rx.PyDiGraph:
    import rustworkx as rx

    graph = rx.PyDiGraph()
    graph.add_nodes_from(range(ends["n_nodes"]))
    pipes = zip(range(len(ends["tail"])), ends["sewage"], strict=True)
    graph.add_edges_from(list(zip(ends["tail"], ends["head"], pipes, strict=True)))
    return graph


def _rx_totals(graph: rx.PyDiGraph) -> tuple[list[float], dict[int, float]]:
    import rustworkx as rx

    total, edge_total = [1.0] * graph.num_nodes(), {}
    for node in rx.topological_sort(graph):
        leaving = graph.out_edges(node)
        for _, head, (row, _) in leaving:
            edge_total[row] = total[node] / len(leaving)
            total[head] += edge_total[row]
    return total, edge_total


def _rx_accumulate(graph: rx.PyDiGraph) -> Answer:
    total, edge_total = _rx_totals(graph)
    return {"largest": max(total), "edge_sum": sum(edge_total.values())}


def _rx_mixed(graph: rx.PyDiGraph) -> Answer:
    found: dict[bool, list[int]] = {True: [], False: []}
    for node in graph.node_indices():
        arrives = {sewage for _, _, (_, sewage) in graph.in_edges(node)}
        leaves = {sewage for _, _, (_, sewage) in graph.out_edges(node)}
        for sewage in (True, False):
            if sewage in arrives and (not sewage) in leaves:
                found[sewage].append(node)
    mixed = set()
    for sewage, starts in found.items():
        seen, queue = set(starts), deque(starts)
        while queue:
            for _, head, (row, is_sewage) in graph.out_edges(queue.popleft()):
                if is_sewage == sewage:
                    continue
                mixed.add(row)
                if head not in seen:
                    seen.add(head)
                    queue.append(head)
    return {"misconnections": sum(map(len, found.values())), "sum_of_mixed_rows": sum(mixed)}


def _ig_graph(ends: Ends) -> igraph.Graph:
    import igraph

    graph = igraph.Graph(n=int(ends["n_nodes"]), edges=zip(ends["tail"], ends["head"], strict=True), directed=True)
    graph.es["sewage"] = ends["sewage"]
    return graph


def _ig_totals(graph: igraph.Graph) -> tuple[list[float], list[float]]:
    heads = [head for _, head in graph.get_edgelist()]
    leaving = graph.get_inclist(mode="out")
    total, edge_total = [1.0] * graph.vcount(), [0.0] * graph.ecount()
    for node in graph.topological_sorting(mode="out"):
        edges = leaving[node]
        for edge in edges:
            edge_total[edge] = total[node] / len(edges)
            total[heads[edge]] += edge_total[edge]
    return total, edge_total


def _ig_accumulate(graph: igraph.Graph) -> Answer:
    total, edge_total = _ig_totals(graph)
    return {"largest": max(total), "edge_sum": sum(edge_total)}


def _ig_mixed(graph: igraph.Graph) -> Answer:
    heads: list[int] = [head for _, head in graph.get_edgelist()]
    is_sewage: list[bool] = graph.es["sewage"]
    arriving, leaving = graph.get_inclist(mode="in"), graph.get_inclist(mode="out")
    found: dict[bool, list[int]] = {True: [], False: []}
    for node in range(graph.vcount()):
        arrives = {is_sewage[edge] for edge in arriving[node]}
        leaves = {is_sewage[edge] for edge in leaving[node]}
        for sewage in (True, False):
            if sewage in arrives and (not sewage) in leaves:
                found[sewage].append(node)
    mixed = set()
    for sewage, starts in found.items():
        seen, queue = set(starts), deque(starts)
        while queue:
            for edge in leaving[queue.popleft()]:
                if is_sewage[edge] == sewage:
                    continue
                mixed.add(edge)
                if heads[edge] not in seen:
                    seen.add(heads[edge])
                    queue.append(heads[edge])
    return {"misconnections": sum(map(len, found.values())), "sum_of_mixed_rows": sum(mixed)}


TASKS: dict[str, Task] = {
    "rustworkx accumulate": once_built(_rx_graph, _rx_accumulate),
    "rustworkx build and accumulate": with_building(_rx_graph, _rx_accumulate),
    "rustworkx mixed flow": once_built(_rx_graph, _rx_mixed),
    "rustworkx build and mixed flow": with_building(_rx_graph, _rx_mixed),
    "rustworkx upstream": rx_upstream,
    "igraph accumulate": once_built(_ig_graph, _ig_accumulate),
    "igraph build and accumulate": with_building(_ig_graph, _ig_accumulate),
    "igraph mixed flow": once_built(_ig_graph, _ig_mixed),
    "igraph build and mixed flow": with_building(_ig_graph, _ig_mixed),
    "igraph upstream": ig_upstream,
}

if __name__ == "__main__":
    clock.main(TASKS)
