"""Reclaimed water: a main from the sewage works up the riverside road, its users, and where it feeds the river."""

from datetime import date
from itertools import pairwise

import networkx as nx
import numpy as np
import shapely

from city.ground import flood_level, river_line
from city.layout import OUTFALL_SHORT_OF_AXIS_M, offset_points
from city.plan import Node, Plan
from city.sections import circular
from city.streets import Streets

OPENED = date(2020, 11, 27)
STEP_M = 150.0
OFFSET_M = -8.5
COVER_M = 1.0
WORKS_M3D, PUMP_M3D = 50_000.0, 30_000.0
#: Where water is taken: a corner of the town, local metres, who takes it and how much, m³/d.
USERS = (
    ((1300.0, 880.0), "工业冷却", 9_000.0),
    ((3200.0, 430.0), "道路浇洒", 1_200.0),
    ((5000.0, 3950.0), "公园绿化", 1_800.0),
)
#: At which ends of roads on the river water is let in, counted from upstream.
FEEDS = (1, 6)


def lay_reclaimed(plan: Plan, streets: Streets) -> None:
    """Lay the reclaimed system of the works: nothing else of the town changes, and nothing is drawn at random."""
    works = next(node for node in plan.nodes.values() if node.kind == "works")
    source = _node(plan, works.x + 12.0, works.y - 12.0, works.road, "works")
    source.capacity_m3_per_day = WORKS_M3D
    pump = _node(plan, source.x + 20.0, source.y + 10.0, works.road, "pump")
    pump.capacity_m3_per_day = PUMP_M3D
    _pipe(plan, source, pump, 800, works.road)
    start = streets.river_ends[-2]
    at = {start: _node(plan, *_beside(streets, start), works.road, "junction")}
    _pipe(plan, pump, at[start], 800, works.road)
    ends = {streets.river_ends[k]: 600 for k in FEEDS}
    taken = {_nearest(streets, place): (name, m3d) for place, name, m3d in USERS}
    ways = nx.single_source_dijkstra_path(_street_graph(streets), start)
    for junction, size_mm in {**ends, **dict.fromkeys(taken, 400)}.items():
        for near, far in pairwise(ways[junction]):
            if far not in at:
                at[far] = _along(plan, streets, at[near], near, far, size_mm)
    for junction in ends:
        _feed_river(plan, at[junction])
    for junction, (name, m3d) in taken.items():
        user = _node(plan, at[junction].x - 20.0, at[junction].y + 20.0, at[junction].road, "user")
        user.water_use_m3_per_day, user.note = m3d, name
        _pipe(plan, at[junction], user, 300, user.road)


def _along(plan: Plan, streets: Streets, tail: Node, near: int, far: int, size_mm: int) -> Node:
    """Lay pipes along the edge from one junction to the next."""
    edge = next(e for e in streets.edges if {e.start, e.end} == {near, far})
    line = edge.line if edge.start == near else edge.line.reverse()
    count = max(round(line.length / STEP_M), 1)
    stops = np.linspace(0.0, line.length, count + 1)[1:-1]
    offset_m = OFFSET_M if edge.start == near else -OFFSET_M
    places = [*(offset_points(line, stops, offset_m) if len(stops) else []), _beside(streets, far)]
    for place in places:
        head = _node(plan, *place, edge.road, "junction")
        _pipe(plan, tail, head, size_mm, edge.road)
        tail = head
    return tail


def _feed_river(plan: Plan, tail: Node) -> None:
    river, point = river_line(), shapely.Point(tail.x, tail.y)
    bank = river.interpolate(river.project(point))
    share = 1.0 - (OUTFALL_SHORT_OF_AXIS_M - 6.0) / point.distance(bank)
    x, y = (float(a + share * (b - a)) for a, b in zip((tail.x, tail.y), (bank.x, bank.y), strict=True))
    feed = _node(plan, x, y, tail.road, "outfall")
    feed.water_level_m = flood_level(x, y)
    _pipe(plan, tail, feed, 500, tail.road)


def _street_graph(streets: Streets) -> "nx.Graph[int]":
    graph: nx.Graph[int] = nx.Graph()
    for edge in streets.edges:
        graph.add_edge(edge.start, edge.end, weight=float(edge.line.length) * (0.5 if edge.riverside else 1.0))
    return graph


def _nearest(streets: Streets, place: tuple[float, float]) -> int:
    return int(np.hypot(*(np.array(streets.xy) - place).T).argmin())


def _beside(streets: Streets, junction: int) -> tuple[float, float]:
    x, y = streets.xy[junction]
    return x + 8.0, y - 8.0


def _node(plan: Plan, x: float, y: float, road: str, kind: str) -> Node:
    return plan.add_node(x, y, "reclaimed", road, kind)


def _pipe(plan: Plan, tail: Node, head: Node, size_mm: int, road: str) -> None:
    """Lay a pipe under pressure at an even depth below the ground."""
    pipe = plan.add_pipe("reclaimed", tail.node_id, head.node_id, road, -3, circular(size_mm))
    deep_m = COVER_M + size_mm / 1000.0
    pipe.invert_from_m, pipe.invert_to_m = round(tail.ground_m - deep_m, 3), round(head.ground_m - deep_m, 3)
    pipe.material, pipe.manning_n, pipe.commissioned = "球墨铸铁", 0.012, OPENED
