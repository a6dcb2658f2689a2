"""Wrong connections: sewage and combined stubs into storm manholes, inlets into sewage manholes."""

from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise

import numpy as np
import shapely

from city.catchments import Catchment
from city.history import BEFORE, works_date
from city.plan import Node, Pipe, Plan
from city.sections import circular

SEWAGE_STUBS, COMBINED_STUBS, DIVERTED_SEWERS, STORM_STUBS = 28, 7, 6, 42
STAY = {"sewage": 4, "combined": 1, "storm": 4}
STUB_STEP_M = 17.0
NEIGHBOUR_M = 45.0
INLET_SQUARE_M = (18.0, 26.0)


@dataclass
class Planted:
    """Nodes with a wrong connection, in the order of planting, and those that the works left."""

    sewage_into_storm: list[str] = field(default_factory=list)
    storm_into_sewage: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    sewage_at_outfall: list[str] = field(default_factory=list)
    inlets: list[Catchment] = field(default_factory=list)


@dataclass
class _Sites:
    plan: Plan
    rng: np.random.Generator
    banned: set[str]
    leaving: dict[str, Pipe]
    used: list[Node] = field(default_factory=list)

    def draw(self, system: str) -> tuple[Node, Node] | None:
        """Draw a manhole of one system, with the manhole of the other system to which the stub ought to go."""
        other = "sewage" if system == "storm" else "storm"
        nodes = [n for n in self.plan.nodes.values() if self._is_site(n, system)]
        for k in self.rng.permutation(len(nodes)):
            node = nodes[k]
            if any(abs(node.x - u.x) + abs(node.y - u.y) < 150.0 for u in self.used):
                continue
            right = [n for n in self._near(node) if self._is_site(n, other)]
            if right:
                self.used.append(node)
                return node, min(right, key=lambda n: (abs(n.x - node.x) + abs(n.y - node.y), n.node_id))
        return None

    def _near(self, node: Node) -> list[Node]:
        around = self.plan.nodes.values()
        return [
            n
            for n in around
            if n.road == node.road and abs(n.x - node.x) < NEIGHBOUR_M and abs(n.y - node.y) < NEIGHBOUR_M
        ]

    def _is_site(self, node: Node, system: str) -> bool:
        pipe = self.leaving.get(node.node_id)
        if pipe is None or node.system != system or node.kind != "manhole" or node.node_id in self.banned:
            return False
        return pipe.system == system and pipe.chain >= 0 and pipe.commissioned <= BEFORE and pipe.abandoned is None


def plant_misconnections(plan: Plan, rng: np.random.Generator, banned: set[str]) -> Planted:
    """Plant every kind of wrong connection on drains that are older than the works and outside the flooded places."""
    planted = Planted()
    sites = _Sites(plan, rng, banned, {p.tail: p for p in plan.pipes.values() if p.abandoned is None})
    _divert_sewers(plan, sites, planted)
    for system, count in (("sewage", SEWAGE_STUBS), ("combined", COMBINED_STUBS), ("storm", STORM_STUBS)):
        done = 0
        while done < count:
            pair = sites.draw("sewage" if system == "storm" else "storm")
            if pair is None:
                break
            if not _lay_stub(plan, sites, planted, system, pair, stays=done < STAY[system]):
                continue
            done += 1
    return planted


def lead_sewage_to_outfalls(plan: Plan, planted: Planted, rng: np.random.Generator) -> None:
    """Let two small sewers end at storm outfalls; the works mend the first."""
    outfalls = sorted(node.node_id for node in plan.nodes.values() if node.kind == "outfall")
    for number, k in enumerate(rng.choice(len(outfalls), 2, replace=False)):
        outfall = plan.nodes[outfalls[int(k)]]
        last = next(p for p in plan.pipes.values() if p.head == outfall.node_id)
        upper = plan.nodes[last.tail]
        start = plan.add_node(upper.x + 9.0, upper.y + 14.0, "sewage", outfall.road)
        pipe = plan.add_pipe("sewage", start.node_id, outfall.node_id, outfall.road, -2, circular(300))
        pipe.invert_to_m = round(last.invert_to_m + 0.4, 3)
        pipe.invert_from_m = round(pipe.invert_to_m + 0.003 * pipe.length_m, 3)
        pipe.commissioned, pipe.material = date(2009, 9, 30), "混凝土"
        pipe.abandoned = works_date(0) if number == 0 else None
        planted.sewage_at_outfall.append(outfall.node_id)


def _divert_sewers(plan: Plan, sites: _Sites, planted: Planted) -> None:
    """Lead the last pipe of some street sewers to the storm manhole of the junction instead of the sewage manhole."""
    chains = [c for c in plan.chains if c.system == "sewage" and c.is_branch and not c.built_by_works]
    for k in sites.rng.permutation(len(chains)):
        if len(planted.sewage_into_storm) == DIVERTED_SEWERS:
            return
        right = plan.pipes[chains[k].pipes[-1]]
        junction = plan.nodes[right.head]
        near = [
            n for n in plan.nodes.values() if abs(n.x - junction.x - 8.0) < 0.1 and abs(n.y - junction.y - 8.0) < 0.1
        ]
        if not near or near[0].system != "storm" or near[0].node_id in planted.sewage_into_storm:
            continue
        onward = sites.leaving.get(near[0].node_id)
        if (
            onward is None
            or onward.system != "storm"
            or onward.commissioned > BEFORE
            or near[0].kind != "manhole"
            or onward.tail in sites.banned
        ):
            continue
        if right.invert_to_m < onward.invert_from_m + 0.05:
            continue
        wrong = plan.add_pipe("sewage", right.tail, near[0].node_id, right.road, -2, right.section)
        wrong.invert_from_m, wrong.invert_to_m = right.invert_from_m, right.invert_to_m
        wrong.commissioned, wrong.abandoned = right.commissioned, works_date(right.chain)
        right.commissioned = works_date(right.chain)
        sites.used.append(near[0])
        planted.sewage_into_storm.append(near[0].node_id)


def _lay_stub(
    plan: Plan, sites: _Sites, planted: Planted, system: str, pair: tuple[Node, Node], *, stays: bool
) -> bool:
    """Lay up to three short pipes from beside the road to the wrong manhole, and the right way for the works."""
    wrong, right = pair
    diameter_mm = int(sites.rng.choice([200, 300, 300, 400, 600] if system != "storm" else [300, 300, 400]))
    height_m = diameter_mm / 1000.0
    slope = 0.004
    count = int(sites.rng.integers(1, 4)) if system != "storm" else 1
    end_m = max(sites.leaving[wrong.node_id].invert_from_m, sites.leaving[right.node_id].invert_from_m + 0.1) + 0.1
    if end_m + slope * STUB_STEP_M * count + height_m > wrong.ground_m - 0.75:
        return False
    way = _away(plan, sites.leaving[wrong.node_id], wrong, right)
    nodes = [
        plan.add_node(wrong.x + way[0] * STUB_STEP_M * k, wrong.y + way[1] * STUB_STEP_M * k, system, wrong.road)
        for k in range(count, 0, -1)
    ]
    tails = [node.node_id for node in nodes]
    level_m = end_m + slope * STUB_STEP_M * count
    pipes = [
        plan.add_pipe(system, a, b, wrong.road, -2, circular(diameter_mm)) for a, b in pairwise([*tails, wrong.node_id])
    ]
    for pipe in pipes:
        pipe.invert_from_m = round(level_m, 3)
        level_m -= slope * pipe.length_m
        pipe.invert_to_m = round(level_m, 3)
        pipe.commissioned, pipe.material, pipe.condition_grade = date(2003 + len(planted.left) % 9, 9, 30), "混凝土", 3
    if system == "storm":
        nodes[0].kind = "inlet"
        planted.inlets.append(_inlet_square(nodes[0], sites.rng))
    (planted.storm_into_sewage if system == "storm" else planted.sewage_into_storm).append(wrong.node_id)
    if stays:
        planted.left.append(wrong.node_id)
        return True
    day = works_date(len(plan.pipes))
    last = pipes[-1]
    last.abandoned = day
    proper = "storm" if system == "storm" else "sewage"
    mended = plan.add_pipe(proper, last.tail, right.node_id, wrong.road, -2, circular(max(diameter_mm, 300)))
    mended.invert_from_m = last.invert_from_m
    mended.invert_to_m = round(
        max(sites.leaving[right.node_id].invert_from_m, last.invert_from_m - 0.05 * mended.length_m), 3
    )
    mended.commissioned, mended.material, mended.manning_n = day, "HDPE", 0.011
    return True


def _away(plan: Plan, pipe: Pipe, wrong: Node, right: Node) -> tuple[float, float]:
    """Give the unit vector across the pipe, away from the other system's manhole."""
    head = plan.nodes[pipe.head]
    dx, dy = head.x - wrong.x, head.y - wrong.y
    length = float(np.hypot(dx, dy))
    normal = (-dy / length, dx / length)
    sign = -1.0 if normal[0] * (right.x - wrong.x) + normal[1] * (right.y - wrong.y) > 0 else 1.0
    return sign * normal[0], sign * normal[1]


def _inlet_square(node: Node, rng: np.random.Generator) -> Catchment:
    x, y = round(node.x), round(node.y)
    half = round(float(rng.uniform(*INLET_SQUARE_M)) / 2.0)
    node.area_ha, node.runoff_coefficient = round((2.0 * half) ** 2 / 1e4, 4), 0.85
    return Catchment(node.node_id, shapely.box(x - half, y - half, x + half, y + half), 0.85)
