"""When each pipe was laid and given up: the combined old town, its interceptors, and the works that replace it."""

from dataclasses import replace
from datetime import date

import numpy as np

from city.layout import Junctions
from city.places import Place
from city.plan import Pipe, Plan
from city.sections import circular

BEFORE, AFTER = date(2018, 12, 31), date(2021, 5, 7)
PHASES = (date(2019, 6, 28), date(2019, 12, 20), date(2020, 6, 30), date(2020, 11, 27))
OLD_N = 0.014
RELAID_ROADS = ("迎宾大道", "奇石大道", "解放东路")


def date_pipes(plan: Plan, rng: np.random.Generator) -> None:
    """Give every pipe of the design its year, one a road; the sewers of the works come last."""
    _keep_older_sewers(plan)
    years: dict[str, int] = {}
    for chain in plan.chains:
        year = years.setdefault(chain.road, int(rng.integers(1996, 2016)))
        for name in chain.pipes:
            pipe = plan.pipes[name]
            pipe.commissioned = works_date(chain.number) if chain.built_by_works else date(year, 9, 30)
            pipe.condition_grade = int(rng.choice([1, 1, 2, 2, 3])) if pipe.commissioned < BEFORE else 1
            if pipe.system == "storm" and pipe.section.height_mm <= 600 and year > 2008:
                pipe.material = "HDPE"


def _keep_older_sewers(plan: Plan) -> None:
    """Leave out of the works every sewer of the old town to which sewage from outside already runs."""
    leaving = {pipe.tail: pipe for pipe in plan.pipes.values() if pipe.system == "sewage"}
    chain_of = {name: chain for chain in plan.chains for name in chain.pipes}
    for chain in plan.chains:
        if chain.system != "sewage" or chain.built_by_works:
            continue
        node = plan.pipes[chain.pipes[-1]].head
        while node in leaving:
            pipe = leaving[node]
            chain_of[pipe.pipe_id].built_by_works = False
            node = pipe.head


def works_date(number: int) -> date:
    """Day on which the works on a chain were finished."""
    return PHASES[number % len(PHASES)]


def build_interceptors(plan: Plan, junctions: Junctions) -> tuple[list[str], list[str]]:
    """Make an interceptor wherever a combined drain meets a storm drain beside an older sewer.

    Returns
    -------
    The interceptors, and the nodes without a sewer beside them, where the drain just runs on into the storm drain.
    """
    leaving = {pipe.tail: pipe for pipe in plan.pipes.values()}
    combined = {name for chain in plan.chains if chain.combined_before for name in chain.pipes}
    ends = {plan.pipes[name].head for name in combined}
    beside = {node: junctions.sewage.get(junction) for junction, node in junctions.storm.items()}
    interceptors, open_ends = [], []
    for node in sorted(ends):
        if leaving[node].pipe_id in combined:
            continue
        sewer = beside.get(node)
        if sewer is None or sewer not in leaving or leaving[sewer].commissioned > BEFORE:
            open_ends.append(node)
            continue
        plan.nodes[node].kind = "interceptor"
        throttle = plan.add_pipe("sewage", node, sewer, plan.nodes[node].road, -1, circular(300))
        into_m = leaving[sewer].invert_from_m
        throttle.invert_from_m = round(max(leaving[node].invert_from_m + 0.02, into_m + 0.05), 3)
        throttle.invert_to_m = round(max(into_m, throttle.invert_from_m - 0.05), 3)
        throttle.commissioned = date(2004, 9, 30)
        interceptors.append(node)
    return interceptors, open_ends


def smallest_combined(plan: Plan, interceptors: list[str], faulty: set[str]) -> tuple[str, set[str]]:
    """Find the interceptor with the fewest combined pipes and no fault above it: it and they outlast the works."""
    combined = [plan.pipes[name] for chain in plan.chains if chain.combined_before for name in chain.pipes]
    arriving: dict[str, list[Pipe]] = {}
    for pipe in combined:
        arriving.setdefault(pipe.head, []).append(pipe)

    def above(node: str) -> set[str]:
        found: set[str] = set()
        waiting = [node]
        while waiting:
            for pipe in arriving.get(waiting.pop(), []):
                found.add(pipe.pipe_id)
                waiting.append(pipe.tail)
        return found

    groups = {node: pipes for node in interceptors if not (pipes := above(node)) & faulty}
    node = min(groups, key=lambda name: (len(groups[name]), name))
    return node, groups[node]


def apply_works(plan: Plan, places: list[Place], kept: set[str], kept_at: str) -> None:
    """Put the old pipes beside the new ones: the old one ends on the day on which the new one begins."""
    faulty = {name: old for place in places for name, old in place.faulty.items()}
    for chain in plan.chains:
        day = works_date(chain.number)
        for name in chain.pipes:
            new = plan.pipes[name]
            if name in kept:
                _make_combined(new)
            elif chain.combined_before or name in faulty:
                _replace(plan, new, faulty.get(name, new), chain.combined_before, day)
    for pipe in plan.pipes.values():
        node = plan.nodes[pipe.tail]
        if node.kind == "interceptor" and pipe.system == "sewage" and pipe.chain == -1 and node.node_id != kept_at:
            pipe.abandoned = max(works_date(chain.number) for chain in plan.chains if chain.combined_before)
    _lay_sewers_again(plan)


def _lay_sewers_again(plan: Plan) -> None:
    """Lay the older street sewers of three roads again on their course; the pipe of today keeps its id.

    Level, size and roughness stay, so that no flow of either day changes; nothing is drawn at random.
    """
    for chain in plan.chains:
        if chain.system != "sewage" or chain.road not in RELAID_ROADS:
            continue
        day = works_date(chain.number)
        for name in chain.pipes:
            new = plan.pipes[name]
            if new.commissioned > BEFORE or new.abandoned is not None:
                continue
            old = plan.add_pipe("sewage", new.tail, new.head, new.road, new.chain, new.section)
            plan.pipes[old.pipe_id] = replace(new, pipe_id=old.pipe_id, abandoned=day)
            new.commissioned, new.material, new.condition_grade, new.silt_share = day, "HDPE", 1, 0.0


def _replace(plan: Plan, new: Pipe, model: Pipe, combined: bool, day: date) -> None:  # noqa: FBT001
    system = "combined" if combined else "storm"
    old = plan.add_pipe(system, new.tail, new.head, new.road, new.chain, model.section)
    old.invert_from_m, old.invert_to_m, old.silt_share = model.invert_from_m, model.invert_to_m, model.silt_share
    old.flow_m3s, old.commissioned, old.abandoned = new.flow_m3s, new.commissioned, day
    if combined:
        _make_combined(old)
    old.condition_grade = 4 if old.silt_share else 3
    new.commissioned, new.condition_grade = day, 1


def _make_combined(pipe: Pipe) -> None:
    pipe.system, pipe.material, pipe.manning_n = "combined", "混凝土", OLD_N
    pipe.commissioned = date(1978 + pipe.chain % 17, 9, 30)
    pipe.condition_grade = 3
