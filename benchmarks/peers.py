"""The same questions in networkx and in other packages, written as their users would; needs nothing of ours.

Each peer reads ``edges.npz`` of the city, whose rows are those of its pipes. What a task measures begins after its
graph is built, unless its name says *built*.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import clock
import networkx as nx
import numpy as np
from clock import Answer, Task, Work

Ends = dict[str, Any]
Graph = TypeVar("Graph")


def once_built(build: Callable[[Ends], Graph], ask: Callable[[Graph], Answer]) -> Task:
    """Ask a graph that is built before the clock starts."""

    def task(folder: Path) -> Work:
        graph = build(read_ends(folder))
        return lambda: ask(graph)

    return task


def with_building(build: Callable[[Ends], Graph], ask: Callable[[Graph], Answer]) -> Task:
    """Likewise, with the building of the graph."""

    def task(folder: Path) -> Work:
        ends = read_ends(folder)
        return lambda: ask(build(ends))

    return task


def nx_upstream(folder: Path) -> Work:
    """Find the ancestors of the end of the largest tree."""
    graph = _graph(read_ends(folder))
    end = _largest(graph)
    return lambda: {"nodes": len(nx.ancestors(graph, end)) + 1}


def sewergraph_accumulate(folder: Path) -> Work:
    """Add up by `sewergraph.accumulate_downstream`; we set the shares at forks, which it does not know."""
    import sewergraph

    ends = read_ends(folder)
    graph = _graph(ends)
    for node in graph:
        graph.nodes[node]["own"] = 1.0
    for tail, _, data in graph.out_edges(data=True):
        data["flow_split_frac"] = 1.0 / graph.out_degree(tail)

    def work() -> Answer:
        done = sewergraph.accumulate_downstream(graph, "own", "total")
        through = [done.nodes[node]["total"] for node in done]
        # what an edge carries is taken from its node: the totals that sewergraph writes on edges are running sums
        edge_sum = sum(done.nodes[u]["total"] * d["flow_split_frac"] for u, _, d in done.edges(data=True))
        return {"largest": max(through), "edge_sum": edge_sum}

    return work


def swmm_api_upstream(folder: Path) -> Work:
    """Find the nodes above the end of the largest tree by `swmm_api`, recursively."""
    from swmm_api.input_file.macros.graph import get_upstream_nodes

    graph = _graph(read_ends(folder))
    end = _largest(graph)
    simple = nx.DiGraph(graph)
    return lambda: {"nodes": len(get_upstream_nodes(simple, end))}


def swmmio_upstream(folder: Path) -> Work:
    """Find the nodes above the end of the largest tree by `swmmio`, which scans all pipes at every step."""
    import pandas as pd
    from swmmio.utils.functions import trace_from_node

    ends = read_ends(folder)
    end = _largest(_graph(ends))
    pipes = pd.DataFrame({"InletNode": ends["tail"], "OutletNode": ends["head"]})
    return lambda: {"nodes": len(set(trace_from_node(pipes, end, mode="up")["nodes"]))}


def read_ends(folder: Path) -> Ends:
    """Read the ends of the pipes as lists of numbers, which is what all these packages take."""
    with np.load(folder / "edges.npz") as file:
        return {name: file[name].tolist() for name in file.files}


def _graph(ends: Ends) -> nx.MultiDiGraph:
    graph = nx.MultiDiGraph()
    graph.add_nodes_from(range(ends["n_nodes"]))
    rows = zip(ends["tail"], ends["head"], range(len(ends["tail"])), ends["sewage"], strict=True)
    graph.add_edges_from((tail, head, row, {"sewage": sewage}) for tail, head, row, sewage in rows)
    return graph


def _largest(graph: nx.MultiDiGraph) -> int:
    total = _totals(graph)
    return max(total, key=total.__getitem__)


def _totals(graph: nx.MultiDiGraph) -> dict[int, float]:
    total = dict.fromkeys(graph, 1.0)
    for node in nx.topological_sort(graph):
        heads = [head for _, head in graph.out_edges(node)]
        for head in heads:
            total[head] += total[node] / len(heads)
    return total


def _nx_accumulate(graph: nx.MultiDiGraph) -> Answer:
    """Add up in topological order."""
    total = dict.fromkeys(graph, 1.0)
    edge_total = {}
    for node in nx.topological_sort(graph):
        leaving = graph.out_edges(node, keys=True)
        for _, head, row in leaving:
            edge_total[row] = total[node] / len(leaving)
            total[head] += edge_total[row]
    return {"largest": max(total.values()), "edge_sum": sum(edge_total.values())}


def _nx_mixed(graph: nx.MultiDiGraph) -> Answer:
    """Find misconnections by the systems that meet, then walk once from all of them together."""
    found = {True: [], False: []}
    for node in graph:
        arrives = {sewage for _, _, sewage in graph.in_edges(node, data="sewage")}
        leaves = {sewage for _, _, sewage in graph.out_edges(node, data="sewage")}
        for sewage in (True, False):
            if sewage in arrives and (not sewage) in leaves:
                found[sewage].append(node)
    mixed = set()
    for sewage, starts in found.items():
        seen, queue = set(starts), deque(starts)
        while queue:
            for _, head, row, is_sewage in graph.out_edges(queue.popleft(), keys=True, data="sewage"):
                if is_sewage == sewage:
                    continue
                mixed.add(row)
                if head not in seen:
                    seen.add(head)
                    queue.append(head)
    return {"misconnections": sum(map(len, found.values())), "sum_of_mixed_rows": sum(mixed)}


TASKS: dict[str, Task] = {
    "networkx accumulate": once_built(_graph, _nx_accumulate),
    "networkx build and accumulate": with_building(_graph, _nx_accumulate),
    "networkx mixed flow": once_built(_graph, _nx_mixed),
    "networkx build and mixed flow": with_building(_graph, _nx_mixed),
    "networkx upstream": nx_upstream,
    "sewergraph accumulate": sewergraph_accumulate,
    "swmm-api upstream": swmm_api_upstream,
    "swmmio upstream": swmmio_upstream,
}

if __name__ == "__main__":
    clock.main(TASKS)
