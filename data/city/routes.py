"""Which way each road drains: trees over the junctions, to the river for storm water, to the works for sewage."""

from dataclasses import dataclass

import networkx as nx

from city.ground import Ground
from city.streets import Streets

RISE_COST_M = 500.0
OLD_TOWN_COST = {"storm": 1.6, "sewage": 5.0}
RIVERSIDE_COST = {"storm": 3.0, "sewage": 0.35}
LOAD_COST = 1.5  # metres of way per metre of road that already drains to the same outfall

SEA = -1  # number of the one node beyond all sinks


@dataclass(frozen=True)
class Routes:
    """For each junction the edge on which its water leaves, and the sinks where the ways end."""

    leaving: dict[int, int]
    sinks: tuple[int, ...]

    def next_junction(self, streets: Streets, junction: int) -> int:
        """Junction at the far end of the leaving edge."""
        edge = streets.edges[self.leaving[junction]]
        return edge.end if edge.start == junction else edge.start


def route_storm(streets: Streets, ground: Ground) -> Routes:
    """Route every junction to a river end, with catchments of about the same size."""
    sinks = tuple(streets.river_ends)
    graph = _cost_graph(streets, ground, "storm")
    load = _junction_lengths(streets)
    distance = dict.fromkeys(sinks, 0.0)
    owner = {sink: sink for sink in sinks}
    total = {sink: load[sink] for sink in sinks}
    leaving: dict[int, int] = {}
    while True:
        steps = (
            (distance[near] + cost["weight"] + LOAD_COST * total[owner[near]], far, near, cost)
            for near in distance
            for far, cost in graph[near].items()
            if far not in distance
        )
        step = min(steps, key=lambda row: row[:3], default=None)
        if step is None:
            return Routes(leaving, sinks)
        _, far, near, cost = step
        leaving[far] = int(cost["edge"])
        distance[far] = distance[near] + cost["weight"]
        owner[far] = owner[near]
        total[owner[far]] += load[far]


def route_sewage(streets: Streets, ground: Ground, works: int) -> Routes:
    """Route every junction to the sewage works, mostly by the interceptor under the riverside road."""
    leaving = _grow(_cost_graph(streets, ground, "sewage"), works)
    return Routes(leaving, (works,))


def _cost_graph(streets: Streets, ground: Ground, system: str) -> "nx.DiGraph[int]":
    """Cost of going against the flow: an arc from the lower to the upper end of each step."""
    graph: nx.DiGraph[int] = nx.DiGraph()
    for number, edge in enumerate(streets.edges):
        cost = float(edge.line.length) * (RIVERSIDE_COST[system] if edge.riverside else 1.0)
        if streets.in_old_town(edge.start) and streets.in_old_town(edge.end) and not edge.riverside:
            cost *= OLD_TOWN_COST[system]
        for source, target in ((edge.start, edge.end), (edge.end, edge.start)):
            rise_m = max(ground.at(*streets.xy[target]) - ground.at(*streets.xy[source]), 0.0)
            weight = cost + RISE_COST_M * rise_m
            if not graph.has_edge(target, source) or graph[target][source]["weight"] > weight:
                graph.add_edge(target, source, weight=weight, edge=number)
    return graph


def _grow(graph: "nx.DiGraph[int]", sink: int) -> dict[int, int]:
    """Grow the cheapest ways to a sink; return the leaving edge of each junction."""
    rooted = graph.copy()
    rooted.add_edge(SEA, sink, weight=0.0, edge=-1)
    previous, _ = nx.dijkstra_predecessor_and_distance(rooted, SEA)
    return {
        junction: int(rooted[before[0]][junction]["edge"])
        for junction, before in previous.items()
        if junction != SEA and before[0] != SEA
    }


def _junction_lengths(streets: Streets) -> dict[int, float]:
    load = dict.fromkeys(range(len(streets.xy)), 0.0)
    for edge in streets.edges:
        load[edge.start] += float(edge.line.length) / 2.0
        load[edge.end] += float(edge.line.length) / 2.0
    return load
