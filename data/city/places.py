"""The nineteen places that flood and why: hollows before the design, faults after it; and three blocked inlets."""

from dataclasses import dataclass, field

import numpy as np

from city.design import FREEBOARD_M
from city.ground import flood_level
from city.plan import Chain, Pipe, Plan
from city.sections import SERIES, Section
from city.streets import Streets

APART_M = 430.0
LEAST_PIPES = 6
CAUSES = (
    ("tailwater", 3),
    ("low_ground", 2),
    ("adverse_slope", 2),
    ("silt", 3),
    ("downstream_bottleneck", 3),
    ("own_capacity", 6),
)
CAPACITY_SHARE = {
    "own_capacity": 0.08,
    "downstream_bottleneck": 0.05,
    "tailwater": 0.14,
    "adverse_slope": 0.17,
    "silt": 0.6,
    "low_ground": 0.16,
}
SILT_SHARE = 0.6
HUMP_COVER_M = 0.2
BLOCKED = 3
HOLLOW_FREEBOARD_M = 0.2


@dataclass
class Place:
    """A planted place: a chain of pipes on one road and the cause of its flood."""

    cause: str
    road: str
    chain: int
    x: float
    y: float
    faulty: dict[str, Pipe] = field(default_factory=dict)


def choose_places(plan: Plan, streets: Streets, rng: np.random.Generator) -> list[Place]:
    """Choose upper ends of the storm drains, well apart and each road once if it can be."""
    chains = [
        c
        for c in plan.chains
        if c.is_branch and c.system == "storm" and len(c.pipes) >= LEAST_PIPES and _load(plan, c) > 2.5
    ]
    order = rng.permutation(len(chains))
    places: list[Place] = []
    for cause, wanted in CAUSES:
        for per_road in (1, 2):
            for k in order:
                if sum(place.cause == cause for place in places) == wanted:
                    break
                chain = chains[k]
                riverside = streets.edges[chain.edge].riverside
                x, y = _middle(plan, chain)
                used = sum(place.road == chain.road for place in places)
                near = any(np.hypot(place.x - x, place.y - y) < APART_M for place in places)
                if riverside == (cause == "tailwater") and (used < per_road or riverside) and not near:
                    places.append(Place(cause, chain.road, chain.number, x, y))
    return places


def dig_hollows(plan: Plan, places: list[Place]) -> dict[str, float]:
    """Lower the ground at the low places; return the freeboard that the design can keep there, by node."""
    for place in places:
        if place.cause == "tailwater":
            depth_m = plan.ground.at(place.x, place.y) - flood_level(place.x, place.y) - 0.42
            plan.ground.hollows.append((place.x, place.y, depth_m, 240.0))
        if place.cause == "low_ground":
            plan.ground.hollows.append((place.x, place.y, 0.75, 150.0))
    freeboard: dict[str, float] = {}
    for node in plan.nodes.values():
        before = node.ground_m
        node.ground_m = plan.ground.at(node.x, node.y)
        freeboard[node.node_id] = FREEBOARD_M if before - node.ground_m < 0.05 else HOLLOW_FREEBOARD_M
    return freeboard


def plant_faults(plan: Plan, places: list[Place]) -> None:
    """Make the old pipe of every faulty reach: narrow, silted, humped."""
    for place in places:
        pipes = [plan.pipes[name] for name in plan.chains[place.chain].pipes]
        first = {"downstream_bottleneck": len(pipes) - 2, "silt": len(pipes) // 3}.get(place.cause, 0)
        for k, pipe in enumerate(pipes):
            old = Pipe(**vars(pipe))
            if k >= first:
                old.section = _narrow(pipe, CAPACITY_SHARE[place.cause])
            if place.cause == "silt" and k >= first:
                old.silt_share = SILT_SHARE
            place.faulty[pipe.pipe_id] = old
        if place.cause == "adverse_slope":
            _hump(plan, [place.faulty[pipe.pipe_id] for pipe in pipes])


def choose_blocked(plan: Plan, places: list[Place], rng: np.random.Generator) -> list[tuple[str, float, float, str]]:
    """Choose three manholes far from every place: their inlets are blocked, the pipes are sound."""
    chosen: list[tuple[str, float, float, str]] = []
    nodes = [n for n in plan.nodes.values() if n.system == "storm" and n.kind == "manhole" and n.area_ha > 1.0]
    for k in rng.permutation(len(nodes)):
        node = nodes[k]
        taken = [(p.x, p.y, p.road) for p in places] + [(x, y, road) for _, x, y, road in chosen]
        if len(chosen) < BLOCKED and all(
            np.hypot(x - node.x, y - node.y) > 1.1 * APART_M and road != node.road for x, y, road in taken
        ):
            chosen.append((node.node_id, node.x, node.y, node.road))
    return chosen


def _narrow(pipe: Pipe, share: float) -> Section:
    """Largest section that carries no more than a share of the design flow."""
    allowed = [
        s
        for s in SERIES
        if s.capacity(max(pipe.slope, 5e-4), pipe.manning_n) <= share * pipe.flow_m3s
        and s.height_mm <= pipe.section.height_mm
    ]
    return allowed[-1] if allowed else SERIES[0]


def _hump(plan: Plan, pipes: list[Pipe]) -> None:
    """Raise the inverts to a hump before the last pipe, so that the reach above it falls backwards."""
    top = len(pipes) - 1
    last = pipes[top]
    hump_m = plan.nodes[last.tail].ground_m - HUMP_COVER_M - last.section.height_m - last.invert_from_m
    for k, pipe in enumerate(pipes):
        pipe.invert_from_m = round(pipe.invert_from_m + hump_m * k / top, 3)
        pipe.invert_to_m = round(pipe.invert_to_m + (hump_m * (k + 1) / top if k < top else 0.0), 3)


def _load(plan: Plan, chain: Chain) -> float:
    tails = [plan.nodes[plan.pipes[name].tail] for name in chain.pipes]
    return sum(node.area_ha * node.runoff_coefficient for node in tails)


def _middle(plan: Plan, chain: Chain) -> tuple[float, float]:
    node = plan.nodes[plan.pipes[chain.pipes[len(chain.pipes) // 2]].tail]
    return node.x, node.y
