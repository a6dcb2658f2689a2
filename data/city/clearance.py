"""Clear distances where pipes cross: sewers go down under the storm drains, reclaimed water above or below a drain.

Ids, places and sizes stay, and no storm drain moves: sewers and pipes of reclaimed water alone change their levels.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import shapely
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array

from city.plan import Pipe, Plan

CLEAR_M, RECLAIMED_CLEAR_M = 0.15, 0.40
WALL_SHARE = 0.1  # of the inner height
SPARE_M = 0.01  # what is asked for beyond, since levels are rounded to the millimetre
DEEPEST_M = 8.2
FASTEST_MS = 3.0  # a sewer that runs full
DROP_COST_M = 100.0  # metres of sewer whose lowering is worth as much as avoiding a drop of the same height
NEVER = 1e4  # the price of a crossing that keeps its conflict
ANYWHERE_M = 12.0  # no two pipes lie farther apart in height
ALWAYS = date(9999, 12, 31)
LEAST_COVER_M, USUAL_COVER_M, MOST_COVER_M = 0.7, 1.0, 6.0  # of reclaimed water
DIP_COST_M, BELOW_COST = 75.0, 100.0  # reclaimed water belongs above drains (5.15.4)


@dataclass(frozen=True)
class Crossing:
    """Two pipes that cross in plan while both are in the ground, and at which share of its length each is crossed."""

    pipes: tuple[Pipe, Pipe]
    shares: tuple[float, float]

    def inverts(self) -> tuple[float, float]:
        """Invert of each pipe at the crossing, m."""
        one, two = (pipe.invert_from_m - at * (pipe.invert_from_m - pipe.invert_to_m) for pipe, at in self.sides())
        return one, two

    def sides(self) -> tuple[tuple[Pipe, float], tuple[Pipe, float]]:
        """Each pipe with its share."""
        (one, two), (at_one, at_two) = self.pipes, self.shares
        return (one, at_one), (two, at_two)

    @property
    def asked_m(self) -> float:
        """Clear distance that is asked for."""
        return RECLAIMED_CLEAR_M if "reclaimed" in {pipe.system for pipe in self.pipes} else CLEAR_M

    def above_m(self, upper: int) -> float:
        """Least height of the invert of one pipe over that of the other, if it is to be the upper one."""
        lower = 1 - upper
        walls_m = WALL_SHARE * sum(pipe.section.height_m for pipe in self.pipes)
        return self.pipes[lower].section.height_m + walls_m + self.asked_m

    @property
    def clear_m(self) -> float:
        """Clear distance of the outer walls, negative where they overlap."""
        inverts = self.inverts()
        upper = int(inverts[1] >= inverts[0])
        return abs(inverts[1] - inverts[0]) - self.above_m(upper) + self.asked_m


def together(one: Pipe, two: Pipe) -> bool:
    """Tell whether two pipes were ever in the ground at one time."""
    return one.commissioned < (two.abandoned or ALWAYS) and two.commissioned < (one.abandoned or ALWAYS)


def find_crossings(plan: Plan) -> list[Crossing]:
    """Find all pairs of pipes that cross away from a common node."""
    pipes = sorted(plan.pipes.values(), key=lambda pipe: pipe.pipe_id)
    ends = [[(plan.nodes[name].x, plan.nodes[name].y) for name in (pipe.tail, pipe.head)] for pipe in pipes]
    lines = shapely.linestrings(ends)
    found = []
    for k, other in zip(*shapely.STRtree(lines).query(lines, predicate="crosses"), strict=True):
        one, two = pipes[k], pipes[other]
        if k < other and not {one.tail, one.head} & {two.tail, two.head} and together(one, two):
            point = shapely.intersection(lines[k], lines[other])
            at = [float(shapely.line_locate_point(lines[n], point, normalized=True)) for n in (k, other)]
            found.append(Crossing((one, two), (at[0], at[1])))
    return found


def conflicts(plan: Plan) -> list[Crossing]:
    """Find the crossings of two systems whose pipes keep less than the distance asked for, the closest first."""
    met = [one for one in find_crossings(plan) if one.pipes[0].system != one.pipes[1].system]
    return sorted((one for one in met if one.clear_m < one.asked_m), key=lambda one: one.clear_m)


@dataclass
class _Program:
    """A linear program: what each level costs, its limits, and rows of ``sum of terms <= most``."""

    cost: list[float] = field(default_factory=list)
    least: list[float] = field(default_factory=list)
    most: list[float] = field(default_factory=list)
    whole: list[int] = field(default_factory=list)
    rows: list[tuple[Mapping[int, float], float]] = field(default_factory=list)

    def value(self, cost: float, least: float, most: float, *, whole: bool = False) -> int:
        """Add a value and return its number."""
        self.cost.append(cost)
        self.least.append(least)
        self.most.append(most)
        self.whole.append(int(whole))
        return len(self.cost) - 1

    def limit(self, terms: Iterable[tuple[int, float]], most: float) -> None:
        """Ask that the sum of values times factors be at most a number."""
        total: dict[int, float] = defaultdict(float)
        for number, factor in terms:
            total[number] += factor
        self.rows.append((total, most))

    def solve(self) -> np.ndarray:
        """Return the cheapest values."""
        row = [k for k, (terms, _) in enumerate(self.rows) for _ in terms]
        column = [number for terms, _ in self.rows for number in terms]
        factor = [value for terms, _ in self.rows for value in terms.values()]
        matrix = coo_array((factor, (row, column)), shape=(len(self.rows), len(self.cost)))
        found = milp(
            self.cost,
            integrality=np.array(self.whole),
            bounds=Bounds(self.least, self.most),
            constraints=LinearConstraint(matrix.tocsc(), ub=np.array([most for _, most in self.rows])),
        )
        if found.x is None:
            raise AssertionError(found.message)
        return np.asarray(found.x)


@dataclass
class _Levels:
    """Numbers of the two levels of each pipe that may move, and what to add to have the invert."""

    ends: dict[str, tuple[int, int]] = field(default_factory=dict)
    add_m: dict[str, float] = field(default_factory=dict)

    def at_crossing(self, crossing: Crossing, side: int, sign: float) -> tuple[list[tuple[int, float]], float]:
        """Invert of one pipe as terms and a fixed part, both times a sign."""
        pipe, at = crossing.sides()[side]
        if pipe.pipe_id not in self.ends:
            return [], sign * crossing.inverts()[side]
        begin, end = self.ends[pipe.pipe_id]
        return [(begin, sign * (1.0 - at)), (end, sign * at)], sign * self.add_m[pipe.pipe_id]


def keep_clear(plan: Plan) -> None:
    """Lower the sewers as little as the crossings need, and lead reclaimed water above or below each drain.

    Sewers keep their least slopes and lie no deeper than `DEEPEST_M`; throttles of interceptors and ends at outfalls
    stay. Where that does not do, a crossing keeps its conflict: as few as possible do.
    """
    program, levels = _Program(), _Levels()
    _enter_sewers(plan, program, levels)
    _enter_reclaimed(plan, program, levels)
    for crossing in find_crossings(plan):
        if any(pipe.pipe_id in levels.ends for pipe in crossing.pipes):
            _ask(program, levels, crossing)
    found = program.solve()
    for name, (begin, end) in levels.ends.items():
        pipe, add_m = plan.pipes[name], levels.add_m[name]
        pipe.invert_from_m = round(float(found[begin]) + add_m, 3)
        pipe.invert_to_m = round(float(found[end]) + add_m, 3)


def _ask(program: _Program, levels: _Levels, crossing: Crossing) -> None:
    """Ask for the clear distance, or for a high price let it go; a pipe of reclaimed water may pass on either side."""
    one, two = (pipe.system == "reclaimed" for pipe in crossing.pipes)
    given_up = program.value(NEVER, 0.0, 1.0, whole=True)
    if one == two:
        upper = _upper_now(crossing)
        inverts = crossing.inverts()
        short_m = crossing.above_m(upper) + SPARE_M - inverts[upper] + inverts[1 - upper]
        sinks = crossing.pipes[upper].pipe_id in levels.ends
        if sinks or short_m > 0.0:  # a sewer below a drain that stays only comes clearer
            free = [(given_up, -ANYWHERE_M if sinks else -short_m)]
            _hold_above(program, levels, crossing, upper, free, 0.0)
        return
    free = [(given_up, -ANYWHERE_M)]
    ours, below = int(two), program.value(BELOW_COST, 0.0, 1.0, whole=True)
    _hold_above(program, levels, crossing, ours, [*free, (below, -ANYWHERE_M)], 0.0)
    _hold_above(program, levels, crossing, 1 - ours, [*free, (below, ANYWHERE_M)], ANYWHERE_M)


def _hold_above(
    program: _Program,
    levels: _Levels,
    crossing: Crossing,
    upper: int,
    unless: list[tuple[int, float]],
    more_m: float,
) -> None:
    high, high_m = levels.at_crossing(crossing, upper, -1.0)
    low, low_m = levels.at_crossing(crossing, 1 - upper, 1.0)
    program.limit([*high, *low, *unless], more_m - high_m - low_m - crossing.above_m(upper) - SPARE_M)


def _upper_now(crossing: Crossing) -> int:
    """Which pipe is to be the upper one: the storm drain, unless the sewer already passes well above it."""
    one, two = crossing.inverts()
    upper = int(two >= one)
    if crossing.clear_m >= crossing.asked_m or {pipe.system for pipe in crossing.pipes} == {"sewage"}:
        return upper
    return int(crossing.pipes[0].system == "sewage")


def _enter_sewers(plan: Plan, program: _Program, levels: _Levels) -> None:
    """Enter the levels of every sewer, its slope, and how it meets the next; a sewer laid again keeps its levels."""
    sewers = [pipe for pipe in plan.pipes.values() if pipe.system == "sewage"]
    onward: dict[str, list[float]] = defaultdict(list)
    for pipe in plan.pipes.values():
        if pipe.system != "sewage":
            onward[pipe.tail].append(pipe.invert_from_m)
    same: dict[tuple[object, ...], tuple[int, int]] = {}
    for pipe in sewers:
        key = (pipe.tail, pipe.head, pipe.section, pipe.invert_from_m, pipe.invert_to_m)
        if key not in same:
            (begin_m, end_m), price = _lowest(plan, pipe, onward), -pipe.length_m / 2.0
            same[key] = (
                program.value(price, begin_m, pipe.invert_from_m),
                program.value(price, end_m, pipe.invert_to_m),
            )
            _keep_slope(program, pipe, same[key])
        levels.ends[pipe.pipe_id], levels.add_m[pipe.pipe_id] = same[key], 0.0
    _join(plan, program, sewers, levels.ends)


def _lowest(plan: Plan, pipe: Pipe, onward: dict[str, list[float]]) -> tuple[float, float]:
    tail, head = plan.nodes[pipe.tail], plan.nodes[pipe.head]
    if tail.kind == "interceptor" or head.kind == "outfall":
        return pipe.invert_from_m, pipe.invert_to_m
    begin_m, end_m = tail.ground_m - DEEPEST_M, head.ground_m - DEEPEST_M
    if onward[pipe.head]:  # a misconnection still runs into the drain
        end_m = max(onward[pipe.head]) + 0.05
    return min(begin_m, pipe.invert_from_m), min(end_m, pipe.invert_to_m)


def _keep_slope(program: _Program, pipe: Pipe, ends: tuple[int, int]) -> None:
    begin, end = ends
    fall_m = pipe.invert_from_m - pipe.invert_to_m
    least_m = min(fall_m, pipe.least_slope * pipe.length_m + 0.001) if pipe.least_slope else fall_m
    steepest = pipe.section.friction_slope(FASTEST_MS * pipe.section.area_m2, pipe.manning_n)
    program.limit([(begin, -1.0), (end, 1.0)], -least_m)
    program.limit([(begin, 1.0), (end, -1.0)], max(fall_m, steepest * pipe.length_m))


def _join(plan: Plan, program: _Program, sewers: list[Pipe], level: dict[str, tuple[int, int]]) -> None:
    """Let no crown rise from a sewer to the next more than it did, and let a longer drop cost something."""
    arriving: dict[str, list[Pipe]] = defaultdict(list)
    for pipe in sewers:
        arriving[pipe.head].append(pipe)
    for pipe in sewers:
        for before in arriving[pipe.tail]:
            if plan.nodes[pipe.tail].kind == "pump" or not together(before, pipe):
                continue
            taller_m = max(pipe.section.height_m - before.section.height_m, 0.0)
            drop_m = before.invert_to_m - pipe.invert_from_m - taller_m
            begin, end = level[pipe.pipe_id][0], level[before.pipe_id][1]
            more = program.value(DROP_COST_M, 0.0, np.inf)
            program.limit([(begin, 1.0), (end, -1.0)], -taller_m - min(drop_m, 0.0))
            program.limit([(end, 1.0), (begin, -1.0), (more, -1.0)], taller_m + max(drop_m, 0.0))


def _enter_reclaimed(plan: Plan, program: _Program, levels: _Levels) -> None:
    """Enter the level at which the crowns of reclaimed water meet at each node: under pressure they may dip."""
    crown: dict[str, int] = {}
    for pipe in plan.pipes.values():
        if pipe.system != "reclaimed":
            continue
        for name in (pipe.tail, pipe.head):
            if name in crown:
                continue
            ground_m = plan.nodes[name].ground_m
            crown[name] = program.value(0.0, ground_m - MOST_COVER_M, ground_m - LEAST_COVER_M)
            off = program.value(DIP_COST_M, 0.0, np.inf)
            for sign in (1.0, -1.0):
                program.limit([(crown[name], sign), (off, -1.0)], sign * (ground_m - USUAL_COVER_M))
        levels.ends[pipe.pipe_id] = crown[pipe.tail], crown[pipe.head]
        levels.add_m[pipe.pipe_id] = -pipe.section.height_m
