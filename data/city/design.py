"""The drains designed by the rules of GB 50014-2021: flows, sections, levels, and the grade line checked.

Every system is a tree here: one pipe leaves a node. Levels are given by crowns, for pipes join crown to crown (5.3.1).
"""

from dataclasses import dataclass

import numpy as np

from city.plan import Pipe, Plan
from city.rain import intensity
from city.sections import SERIES, Section, circular, minimum_slope

STORM_N = 0.013
INLET_TIME_MIN = 8.0  # t1 of 5–15 min (4.1.10)
STORM_MARGIN = 1.3
STORM_VELOCITY_MS = 0.76  # at least 0.75 m/s full (5.2.7)
STORM_LEAST_SLOPE = 0.0005
COVER_M = {"storm": 0.9, "sewage": 1.2}  # at least 0.7 m under the carriageway (5.3.7)
FREEBOARD_M = 0.5
SEWAGE_FILL = 0.6
PUMP_DEPTH_M = 6.6
LIFTED_DEPTH_M = 2.2
SEWAGE_STEPS = (
    (20, 300, 0.003),
    (70, 400, 0.0015),
    (160, 500, 0.0012),
    (320, 600, 0.001),
    (700, 800, 0.0008),
    (10**9, 1000, 0.0006),
)
PEAK_MEAN_LS = (5.0, 15.0, 40.0, 70.0, 100.0, 200.0, 500.0, 1000.0)
PEAK_FACTOR = (2.7, 2.4, 2.1, 2.0, 1.9, 1.8, 1.6, 1.5)  # table 4.1.15


@dataclass
class Tree:
    """The pipes of one system in order from upstream to downstream, with who meets whom."""

    order: list[str]
    leaving: dict[str, Pipe]
    arriving: dict[str, list[Pipe]]


def order_tree(pipes: list[Pipe]) -> Tree:
    """Order the nodes of a tree of pipes from upstream to downstream."""
    leaving = {pipe.tail: pipe for pipe in pipes}
    arriving: dict[str, list[Pipe]] = {}
    for pipe in pipes:
        arriving.setdefault(pipe.head, []).append(pipe)
    waiting = {node: len(those) for node, those in arriving.items()}
    ready = [node for node in leaving if node not in waiting]
    order: list[str] = []
    while ready:
        node = ready.pop()
        order.append(node)
        if node in leaving:
            head = leaving[node].head
            waiting[head] -= 1
            if waiting[head] == 0:
                ready.append(head)
    if len(order) != len(set(leaving) | set(arriving)):
        message = "the design network has a loop"
        raise AssertionError(message)
    return Tree(order, leaving, arriving)


def design_storm(plan: Plan, tailwater_m: dict[str, float], freeboard_m: dict[str, float]) -> dict[str, float]:
    """Size the storm pipes for the 3-year storm, then widen where the grade line comes too near the ground."""
    pipes = [pipe for pipe in plan.pipes.values() if pipe.system == "storm"]
    tree = order_tree(pipes)
    extra = {pipe.pipe_id: 1.0 for pipe in pipes}
    level_m: dict[str, float] = {}
    for _ in range(40):
        _size_storm(plan, tree, extra)
        _join_crowns(plan, pipes, tree)
        level_m = grade_line(tree, tailwater_m)
        short = [
            n for n, level in level_m.items() if n in tree.leaving and level > plan.nodes[n].ground_m - freeboard_m[n]
        ]
        if not short:
            break
        for name in _pipes_below(tree, short):
            extra[name] *= 1.12
    return level_m


def _size_storm(plan: Plan, tree: Tree, extra: dict[str, float]) -> None:
    load: dict[str, float] = {}
    time_min: dict[str, float] = {}
    for name in tree.order:
        node = plan.nodes[name]
        before = tree.arriving.get(name, [])
        load[name] = node.area_ha * node.runoff_coefficient + sum(load[p.tail] for p in before)
        time_min[name] = max([INLET_TIME_MIN] + [time_min[p.tail] + _travel_min(p) for p in before])
        if name not in tree.leaving:
            continue
        pipe = tree.leaving[name]
        pipe.manning_n = STORM_N
        carried = max([p.flow_m3s for p in before], default=0.0)
        pipe.flow_m3s = max(intensity(time_min[name]) * load[name] / 1000.0 * STORM_MARGIN, carried)
        crown_m = min([node.ground_m - COVER_M["storm"]] + [p.invert_to_m + p.section.height_m for p in before])
        least = max([SERIES.index(p.section) for p in before], default=0)
        wanted_m3s = pipe.flow_m3s * extra[pipe.pipe_id]
        section = next((s for s in SERIES[least:] if s.capacity(_least_slope(s), STORM_N) >= wanted_m3s), SERIES[-1])
        fall_m = _least_slope(section) * pipe.length_m
        _set_crowns(pipe, section, crown_m, min(crown_m - fall_m, plan.nodes[pipe.head].ground_m - COVER_M["storm"]))


def _least_slope(section: Section) -> float:
    return max(minimum_slope(section, STORM_N, STORM_VELOCITY_MS), STORM_LEAST_SLOPE)


def _travel_min(pipe: Pipe) -> float:
    return pipe.length_m / (60.0 * max(pipe.section.velocity(pipe.slope, STORM_N), 0.6))


def _set_crowns(pipe: Pipe, section: Section, crown_from_m: float, crown_to_m: float) -> None:
    pipe.section = section
    pipe.invert_from_m = round(crown_from_m - section.height_m, 3)
    pipe.invert_to_m = round(crown_to_m - section.height_m, 3)


def _join_crowns(plan: Plan, pipes: list[Pipe], tree: Tree) -> None:
    """Lower the end of each chain to the crown of the pipe that it joins, evenly along the chain."""
    by_name = {pipe.pipe_id: pipe for pipe in pipes}
    for chain in plan.chains:
        members = [by_name[name] for name in chain.pipes if name in by_name]
        if not members or members[-1].head not in tree.leaving:
            continue
        onward = tree.leaving[members[-1].head]
        drop_m = members[-1].invert_to_m + members[-1].section.height_m - onward.invert_from_m - onward.section.height_m
        if drop_m < 0.02:
            continue
        total_m = sum(pipe.length_m for pipe in members)
        at_m = 0.0
        for pipe in members:
            pipe.invert_from_m = round(pipe.invert_from_m - drop_m * at_m / total_m, 3)
            at_m += pipe.length_m
            pipe.invert_to_m = round(pipe.invert_to_m - drop_m * at_m / total_m, 3)


def grade_line(tree: Tree, tailwater_m: dict[str, float]) -> dict[str, float]:
    """Full-pipe grade line from the tailwater upwards, not below the crowns (HEC-22 in spirit)."""
    level_m: dict[str, float] = {}
    for name in reversed(tree.order):
        if name not in tree.leaving:
            last = tree.arriving[name][0]
            level_m[name] = max(tailwater_m.get(name, -1e9), last.invert_to_m + last.section.height_m)
            continue
        pipe = tree.leaving[name]
        velocity = pipe.flow_m3s / pipe.section.area_m2
        loss_m = pipe.section.friction_slope(pipe.flow_m3s, pipe.manning_n) * pipe.length_m + 0.05 * velocity**2 / 19.62
        level_m[name] = max(level_m[pipe.head] + loss_m, pipe.invert_from_m + pipe.section.height_m)
    return level_m


def _pipes_below(tree: Tree, nodes: list[str]) -> list[str]:
    """Pipes on the way down from some nodes whose friction is worth lowering."""
    found: set[str] = set()
    for name in nodes:
        at = name
        while at in tree.leaving and tree.leaving[at].pipe_id not in found:
            found.add(tree.leaving[at].pipe_id)
            at = tree.leaving[at].head
    by_name = {pipe.pipe_id: pipe for pipe in tree.leaving.values()}
    return [n for n in found if by_name[n].section.friction_slope(by_name[n].flow_m3s, STORM_N) > 0.0003]


def design_sewage(plan: Plan, mean_m3s: float, extra_m3s: dict[str, float]) -> None:
    """Size the sewage pipes for the dry-weather peak and lay them by least slopes, lifting where they get too deep."""
    tree = order_tree([pipe for pipe in plan.pipes.values() if pipe.system == "sewage"])
    each_ls = mean_m3s * 1000.0 / len(tree.leaving)
    count: dict[str, int] = {}
    extra: dict[str, float] = {}
    for name in tree.order:
        node = plan.nodes[name]
        before = tree.arriving.get(name, [])
        count[name] = 1 + sum(count[p.tail] for p in before)
        extra[name] = extra_m3s.get(name, 0.0) + sum(extra[p.tail] for p in before)
        if name not in tree.leaving:
            continue
        pipe = tree.leaving[name]
        mean_ls = count[name] * each_ls
        pipe.flow_m3s = mean_ls * float(np.interp(mean_ls, PEAK_MEAN_LS, PEAK_FACTOR)) / 1000.0
        diameter_mm, slope = next((d, s) for most, d, s in SEWAGE_STEPS if count[name] <= most)
        section = circular(diameter_mm)
        while (
            section.capacity(slope, 0.013) * SEWAGE_FILL < pipe.flow_m3s
            or section.capacity(slope, 0.013) < pipe.flow_m3s + extra[name]
        ):
            section = circular(section.height_mm + 100 if section.height_mm < 1000 else section.height_mm + 200)
        crown_m = min([node.ground_m - COVER_M["sewage"]] + [p.invert_to_m + p.section.height_m for p in before])
        if node.ground_m - crown_m + section.height_m > PUMP_DEPTH_M and before:
            node.kind = "pump"
            crown_m = node.ground_m - LIFTED_DEPTH_M + section.height_m
        pipe.least_slope = slope
        pipe.material, pipe.manning_n = (
            "HDPE" if section.height_mm <= 500 else "钢筋混凝土",
            0.011 if section.height_mm <= 500 else 0.013,
        )
        end_m = min(crown_m - slope * pipe.length_m, plan.nodes[pipe.head].ground_m - COVER_M["sewage"])
        _set_crowns(pipe, section, crown_m, end_m)
