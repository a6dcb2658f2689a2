"""Manholes and pipes along the roads: one chain a road, system and side."""

from dataclasses import dataclass, field

import numpy as np
import shapely

from city.ground import Ground, river_line
from city.plan import Chain, Node, Plan
from city.routes import Routes
from city.sections import circular
from city.streets import WIDE_M, Edge, Streets

SPACING_M = {"storm": 48.0, "sewage": 45.0}
HEAD_START_M = 24.0
OUTFALL_SHORT_OF_AXIS_M = 22.0
SHARE_UNSERVED, SHARE_STORM_ONLY, SHARE_SEWAGE_ONLY = 0.05, 0.06, 0.04


@dataclass
class Junctions:
    """The manhole of each system at each junction."""

    storm: dict[int, str] = field(default_factory=dict)
    sewage: dict[int, str] = field(default_factory=dict)


def lay_pipes(
    streets: Streets, ground: Ground, storm: Routes, sewage: Routes, rng: np.random.Generator
) -> tuple[Plan, Junctions]:
    """Draw the drains as they are meant to be: storm chains lead to the river, sewage chains to the works."""
    plan = Plan(ground)
    junctions = Junctions()
    combined = _combined_edges(streets)
    _place_junctions(plan, junctions, streets, combined, (storm, sewage))
    for number in range(len(streets.edges)):
        draw = rng.random()
        trunk = {"storm": _is_tree(storm, number), "sewage": _is_tree(sewage, number)}
        without_storm = draw < SHARE_UNSERVED or SHARE_UNSERVED + SHARE_STORM_ONLY < draw < _threshold()
        without_sewage = draw < SHARE_UNSERVED + SHARE_STORM_ONLY
        if trunk["storm"] or not without_storm:
            _lay_edge(plan, junctions, streets, number, storm, "storm", number in combined, rng)
        if trunk["sewage"] or not without_sewage:
            _lay_edge(plan, junctions, streets, number, sewage, "sewage", number in combined, rng)
    _lay_outfalls(plan, junctions, storm)
    _lay_works(plan, junctions, sewage)
    return plan, junctions


def _threshold() -> float:
    return SHARE_UNSERVED + SHARE_STORM_ONLY + SHARE_SEWAGE_ONLY


def _combined_edges(streets: Streets) -> set[int]:
    """Edges of the old town, whose drains were combined before the works."""
    return {
        number
        for number, edge in enumerate(streets.edges)
        if streets.in_old_town(edge.start) and streets.in_old_town(edge.end) and not edge.riverside
    }


def _is_tree(routes: Routes, number: int) -> bool:
    return number in set(routes.leaving.values())


def _place_junctions(
    plan: Plan, junctions: Junctions, streets: Streets, combined: set[int], routes: tuple[Routes, Routes]
) -> None:
    """Place the manholes of each junction side by side; old combined manholes keep their HS number."""
    old = {j for number in combined for j in (streets.edges[number].start, streets.edges[number].end)}
    road = {j: edge.road for edge in streets.edges for j in (edge.start, edge.end)}
    for junction, (x, y) in enumerate(streets.xy):
        if junction in routes[0].leaving or junction in routes[0].sinks:
            name = "combined" if junction in old else "storm"
            junctions.storm[junction] = plan.add_node(x + 4.0, y + 4.0, name, road[junction]).node_id
        if junction in routes[1].leaving or junction in routes[1].sinks:
            junctions.sewage[junction] = plan.add_node(x - 4.0, y - 4.0, "sewage", road[junction]).node_id


def _lay_edge(
    plan: Plan,
    junctions: Junctions,
    streets: Streets,
    number: int,
    routes: Routes,
    system: str,
    combined: bool,  # noqa: FBT001
    rng: np.random.Generator,
) -> None:
    """Lay the chain of one system along one edge, and on wide roads a second storm chain on the other side."""
    edge = streets.edges[number]
    ids = junctions.storm if system == "storm" else junctions.sewage
    up, down = _direction(plan, ids, streets, number, routes)
    side = 1.0 if system == "storm" else -1.0
    offset = side * (edge.width_m / 2.0 - 7.0 if edge.width_m > WIDE_M else 4.5)
    is_tree = routes.leaving.get(up) == number
    _lay_chain(
        plan,
        _Way(edge, number, up == edge.start, offset, system, combined),
        ids[up] if is_tree else None,
        ids[down],
        rng,
    )
    if edge.width_m > WIDE_M and system == "storm":
        other = _Way(edge, number, up == edge.start, -offset - 3.0, system, combined)
        _lay_chain(plan, other, None, ids[down], rng)


def _direction(plan: Plan, ids: dict[int, str], streets: Streets, number: int, routes: Routes) -> tuple[int, int]:
    edge = streets.edges[number]
    for up, down in ((edge.start, edge.end), (edge.end, edge.start)):
        if routes.leaving.get(up) == number:
            return up, down
    falls = plan.nodes[ids[edge.start]].ground_m >= plan.nodes[ids[edge.end]].ground_m
    return (edge.start, edge.end) if falls else (edge.end, edge.start)


@dataclass(frozen=True)
class _Way:
    edge: Edge
    number: int
    forward: bool
    offset_m: float
    system: str
    combined: bool


def _lay_chain(plan: Plan, way: _Way, start: str | None, end: str, rng: np.random.Generator) -> None:
    """Lay manholes at even spacing; without a start manhole the chain begins with a head manhole of its own."""
    line = way.edge.line if way.forward else way.edge.line.reverse()
    length_m = float(line.length)
    first_m = 0.0 if start else HEAD_START_M + float(rng.uniform(-4, 6))
    count = max(round((length_m - first_m) / SPACING_M[way.system]), 1)
    stops = np.linspace(first_m, length_m, count + 1)
    spread = (length_m - first_m) / count * 0.14
    stops[1:-1] += rng.uniform(-spread, spread, count - 1)
    offset_m = way.offset_m if way.forward else -way.offset_m
    system = "combined" if way.combined and way.system == "storm" else way.system
    points = offset_points(line, stops, offset_m)
    chain = Chain(len(plan.chains), way.system, way.edge.road, way.number, start is None)
    chain.combined_before = way.combined and way.system == "storm"
    chain.built_by_works = way.combined and way.system == "sewage"
    plan.chains.append(chain)
    tail = start or plan.add_node(*points[0], system, way.edge.road).node_id
    for k in range(1, count + 1):
        head = end if k == count else plan.add_node(*points[k], system, way.edge.road).node_id
        chain.pipes.append(plan.add_pipe(way.system, tail, head, way.edge.road, chain.number, circular(300)).pipe_id)
        tail = head


def offset_points(line: shapely.LineString, stops: np.ndarray, offset_m: float) -> list[tuple[float, float]]:
    """Points beside a line, positive to the right of its direction."""
    at = shapely.get_coordinates(shapely.line_interpolate_point(line, stops))
    behind = shapely.get_coordinates(shapely.line_interpolate_point(line, np.clip(stops - 2.0, 0.0, None)))
    ahead = shapely.get_coordinates(shapely.line_interpolate_point(line, np.clip(stops + 2.0, None, line.length)))
    along = ahead - behind
    along /= np.hypot(along[:, 0], along[:, 1])[:, None]
    moved = at + offset_m * np.column_stack((along[:, 1], -along[:, 0]))
    return [(float(x), float(y)) for x, y in moved]


def _lay_outfalls(plan: Plan, junctions: Junctions, storm: Routes) -> None:
    """Lead every river end of the storm drains to the river by its own outfall."""
    river = river_line()
    for sink in storm.sinks:
        start = plan.nodes[junctions.storm[sink]]
        point = shapely.Point(start.x, start.y)
        bank = river.interpolate(river.project(point))
        length_m = point.distance(bank)
        share = (length_m - OUTFALL_SHORT_OF_AXIS_M) / length_m
        chain = Chain(len(plan.chains), "storm", start.road, -1, is_branch=False)
        plan.chains.append(chain)
        tail: Node = start
        for part, kind in ((0.5, "manhole"), (1.0, "outfall")):
            x, y = (
                float(a + share * part * (b - a)) for a, b in zip((start.x, start.y), (bank.x, bank.y), strict=True)
            )
            head = plan.add_node(x, y, "storm", start.road, kind)
            chain.pipes.append(
                plan.add_pipe("storm", tail.node_id, head.node_id, start.road, chain.number, circular(300)).pipe_id
            )
            tail = head


def _lay_works(plan: Plan, junctions: Junctions, sewage: Routes) -> None:
    """Lead the end of the sewage tree to the works."""
    start = plan.nodes[junctions.sewage[sewage.sinks[0]]]
    chain = Chain(len(plan.chains), "sewage", start.road, -1, is_branch=False)
    plan.chains.append(chain)
    tail = start
    for part, kind in ((1, "manhole"), (2, "manhole"), (3, "works")):
        head = plan.add_node(start.x - 55.0 * part, start.y - 28.0 * part, "sewage", start.road, kind)
        chain.pipes.append(
            plan.add_pipe("sewage", tail.node_id, head.node_id, start.road, chain.number, circular(300)).pipe_id
        )
        tail = head
