"""The smallest set of works that brings one point within the standard: found by running the storm again and again.

Order of preference, our choice: clean, lay adverse slopes again, enlarge or double pipes, free the outfall of high
water, and, where none of these is enough, hold the rest of the water back. Of the first stage that suffices every part
is taken away again that is not needed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

import numpy as np
import pandas as pd

from drainage.arrays import Bools, Floats, Ints, marked
from drainage.hydraulics.rainfall import Storm
from drainage.measures import PIPE
from drainage.plans.relief.remedies import Remedies, Works
from drainage.simulation.screening.model import LEAST_OVERFLOW_M3, ScreeningModel
from drainage.simulation.screening.run_model import design_flow, route
from drainage.simulation.screening.without import MENDED_SLOPE, own_reach, pipes_below

#: The search of one point sweeps at most so many pipes; after that what was found stands as it is.
MOST_PIPES_SWEPT: Final = 5_000_000


class Limits(NamedTuple):
    """What may overflow at each node, (n_nodes,) m³, and how long it may stand after the rain, h."""

    volume_m3: Floats
    drain_down_h: float

    def excess_m3(self, volume: Floats, late_h: Floats) -> Floats:
        """Return the overflow beyond the limits, (n_nodes,); all of it where it stands too long."""
        return np.where(late_h > self.drain_down_h, volume, np.maximum(volume - self.volume_m3, 0.0))


class Found(NamedTuple):
    """Works for one point: whether they suffice, and whether nothing of them can be left out."""

    works: Works
    enough: bool
    smallest: bool


class Trial:
    """Runs a storm through a model with works, counts the pipes swept, and tells whether the outcome will do."""

    def __init__(
        self, remedies: Remedies, storm: Storm, inlet_time_min: float, limits: Limits, margin: float = 0.0
    ) -> None:
        """Keep what every trial shares; by the margin more water than that of the storm runs off, as a share."""
        self.remedies, self.storm, self.limits = remedies, storm, limits
        self.inlet_time_min = inlet_time_min
        self.margin = margin
        self.swept = 0

    def model(self, works: Works) -> ScreeningModel:
        """Return the model with the works done and the margin on its runoff."""
        built = self.remedies.apply(works)
        return built.with_nodes(own_ha=built.nodes.own_ha * (1.0 + self.margin))

    @property
    def may_go_on(self) -> bool:
        """Whether the effort allowed to one point is not spent yet."""
        return self.swept < MOST_PIPES_SWEPT

    def outcome(self, works: Works) -> tuple[Floats, Floats]:
        """Return the overflow, m³, and the time until it is gone after the rain, h, of each node, (n_nodes,)."""
        self.swept += len(self.remedies.model.head)
        routed = route(self.model(works), self.storm, inlet_time_min=self.inlet_time_min, levels=False).nodes
        volume = np.where(routed[:, 2] >= LEAST_OVERFLOW_M3, routed[:, 2], 0.0)
        return volume, np.where(volume > 0.0, routed[:, 6] / 3600.0 - self.storm.duration_min / 60.0, 0.0)


def search_works(trial: Trial, at_node: Bools, done: Works) -> Found:
    """Find works, beyond those done already, that bring the marked nodes within their limits and make none worse.

    Parameters
    ----------
    trial
        The part of the network that the point lies in.
    at_node
        (n_nodes,) nodes of the point.
    done
        Works that are decided already; they stay.
    """
    before = trial.limits.excess_m3(*trial.outcome(done))
    if not before[at_node].any():
        return Found(done, enough=True, smallest=True)
    ceiling = np.where(at_node | (before == 0.0), 0.0, before + LEAST_OVERFLOW_M3)

    def suffices(works: Works) -> bool:
        return bool((trial.limits.excess_m3(*trial.outcome(works)) <= ceiling).all())

    remedies, model = trial.remedies, trial.model(done)
    wanted = design_flow(model, trial.storm, inlet_time_min=trial.inlet_time_min)
    way = own_reach(model, at_node, wanted > model.pipes.capacity_m3s) | pipes_below(model, at_node)
    cleaned = done._replace(clean=done.clean | (way & (remedies.silt_m > 1e-6)))
    relaid = cleaned._replace(relay=done.relay | _relaid(remedies, cleaned, way))
    for works in (cleaned, relaid):
        if suffices(works):
            return _lessen(works, done, suffices, trial)
    grown = _grow(trial, relaid, way, wanted, suffices)
    if grown is not None:
        return _lessen(grown, done, suffices, trial)
    ends = marked(len(at_node), model.head[pipes_below(model, at_node)])
    freed = relaid._replace(free=done.free | (ends & np.isfinite(model.nodes.tailwater_m)))
    if freed.free.any() and (grown := _grow(trial, freed, way, wanted, suffices)) is not None:
        return _lessen(grown, done, suffices, trial)
    return Found(done, enough=False, smallest=False)


def lessen_plan(trials: Mapping[float, Trial], works: Works, solved: Mapping[float, Bools]) -> Works:
    """Take away of the works of all points what only the others make needless, the largest pipes first.

    Parameters
    ----------
    trials
        A trial for each margin that points were planned by, and for none.
    works
        What was found for one point after another.
    solved
        Margin → (n_nodes,) nodes of the points that works solve by it.
    """
    bare = trials[0.0]
    remedies = bare.remedies
    before = bare.limits.excess_m3(*bare.outcome(Works.none(remedies.model)))
    ceiling = np.where(before == 0.0, 0.0, before + LEAST_OVERFLOW_M3)

    def suffices(candidate: Works) -> bool:
        for margin, trial in trials.items():
            excess = trial.limits.excess_m3(*trial.outcome(candidate))
            if (margin == 0.0 and (excess > ceiling).any()) or excess[solved[margin]].any():
                return False
        return True

    if not suffices(works):
        return works  # an earlier point was planned by less than a later one leaves to it
    volume = remedies.apply(works).pipes.area_m2 * remedies.model.pipes.length_m
    done = np.flatnonzero((works.clean | (works.steps > 0)) & ~works.relay)
    for edge in done[np.argsort(-volume[done], kind="stable")]:
        while bare.may_go_on and (works.clean[edge] or works.steps[edge] > 0):
            fewer = _one_less(remedies, works, edge)
            if fewer is None or not suffices(fewer):
                break
            works = fewer
    return works


def _one_less(remedies: Remedies, works: Works, edge: np.intp) -> Works | None:
    """Return the works with one pipe a step smaller, or not cleaned; None if the pipes above make it grow again."""
    steps, clean = works.steps.copy(), works.clean.copy()
    if steps[edge] > 0:
        steps[edge] -= 1
    else:
        clean[edge] = False
    fewer = remedies.carried_on(works._replace(steps=steps, clean=clean))
    return None if fewer.steps[edge] == works.steps[edge] > 0 else fewer


def _relaid(remedies: Remedies, works: Works, way: Bools) -> Bools:
    """Mark the pipes of a way that must be laid again so that none of them rises, and those below that must follow."""
    pipes = remedies.model.pipes
    laid = remedies.laid(works._replace(relay=way))
    silt = remedies.silt_m
    moved = np.maximum(np.abs(laid.z_up_m - pipes.z_up_m + silt), np.abs(laid.z_down_m - pipes.z_down_m + silt))
    return np.asarray(way & (moved > 1e-6) & (pipes.passes == PIPE))


def _grow(trial: Trial, works: Works, way: Bools, wanted: Floats, suffices: Callable[[Works], bool]) -> Works | None:
    """Enlarge what is smaller than its design flow, step by step until it suffices, then the whole way; else None."""
    remedies = trial.remedies
    laid = remedies.laid(works)
    slope = np.maximum((laid.z_up_m - laid.z_down_m) / remedies.model.pipes.length_m, MENDED_SLOPE)
    can, most = way & remedies.can_grow, remedies.most_steps
    steps = works.steps.copy()
    while True:
        short = can & (steps < most) & (remedies.conveyance_m3s(steps) * np.sqrt(slope) < wanted)
        if not short.any():
            break
        steps = np.where(short, steps + 1, steps)
    for group in (can & (steps > works.steps), can):
        grown_steps = steps.copy()
        while trial.may_go_on:
            grown = remedies.carried_on(works._replace(steps=grown_steps))
            if suffices(grown):
                return grown
            more = np.where(group & (grown_steps < most), grown_steps + 1, grown_steps)
            if (more == grown_steps).all():
                break
            grown_steps = more
    return None


def _lessen(works: Works, done: Works, suffices: Callable[[Works], bool], trial: Trial) -> Found:
    """Take away what is not needed: pipes in ever smaller stretches from the outfall up, then sizes, one at a time."""
    works = _without_needless(works, done, "steps", suffices, trial)
    works = _with_smaller_sizes(works, done, suffices, trial)
    works = _without_needless(works, done, "relay", suffices, trial)
    works = _without_needless(works, done, "clean", suffices, trial)
    return Found(works, enough=True, smallest=trial.may_go_on)


def _without_needless(works: Works, done: Works, kind: str, suffices: Callable[[Works], bool], trial: Trial) -> Works:
    own, kept = np.array(getattr(works, kind)), np.asarray(getattr(done, kind))
    rows = np.flatnonzero(own != kept)[::-1]
    units = _runs(trial.remedies.model, rows) if kind == "relay" else [rows[[k]] for k in range(len(rows))]
    stretch = len(units)
    while stretch >= 1:
        for begin in range(0, len(units), stretch):
            some = np.concatenate(units[begin : begin + stretch])
            if not (own[some] != kept[some]).any() or not trial.may_go_on:
                continue
            fewer = own.copy()
            fewer[some] = kept[some]
            candidate = trial.remedies.carried_on(works._replace(**{kind: fewer}))
            if np.array_equal(getattr(candidate, kind), own):
                continue  # what lies above makes it grow again
            if suffices(candidate):
                works, own = candidate, np.array(getattr(candidate, kind))
        stretch //= 2
    return works


def _runs(model: ScreeningModel, edges: Ints) -> list[Ints]:
    """Sort edges into runs that hang together: a hump is dug through completely or not at all."""
    way = model.graph.only(edges)
    run = way.part[way.tail]
    return [edges[run == number] for number in pd.unique(run)]


def _with_smaller_sizes(works: Works, done: Works, suffices: Callable[[Works], bool], trial: Trial) -> Works:
    rows = np.flatnonzero(works.steps > done.steps)[::-1]
    while len(rows) and trial.may_go_on:
        lessened = []
        for some in (rows, *(rows[[k]] for k in range(len(rows)))):
            if not trial.may_go_on:
                break
            steps = works.steps.copy()
            steps[some] = np.maximum(steps[some] - 1, done.steps[some])
            candidate = trial.remedies.carried_on(works._replace(steps=steps))
            if (candidate.steps < works.steps).any() and suffices(candidate):
                works = candidate
                lessened.extend(some.tolist())
        rows = np.array(sorted(set(lessened), reverse=True), dtype=np.intp)
        rows = rows[works.steps[rows] > done.steps[rows]]
    return works
